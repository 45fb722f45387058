// Opening and distribution of a city-size quarter by the cycle service itself, over registry and
// pairing with a city in their tables; and how long a read of a form takes meanwhile.
//
// The floor is the least that MariaDB must do for the same rows: copy them into tables of the same
// shape, and move them there, without a client, a check or a journal.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "chanyan/cycle/v1/cycle.grpc.pb.h"
#include "chanyan/cycle/v1/work.grpc.pb.h"
#include "chanyan/operation/v1/operation.grpc.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/names.h"
#include "common/db/database.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "tests/perf/clients.h"
#include "tests/perf/dataset.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/raw_database.h"
#include "tools/demo/uscc.h"

namespace chanyan::perf {
namespace {

constexpr char kCycleSchema[] = "chanyan_cycle";
constexpr char kSecretariat[] = "organizations/secretariat";
constexpr int kUniversities = 60;
constexpr int kPlatforms = 2'000;
constexpr int kUnits = 40;
// Of 20,000 enterprises 50,000 projects: every second has three, the others two.
constexpr int kLeastProjects = 2;
constexpr int kRowsPerTransaction = 1'000;
// Who reads meanwhile.
constexpr int kReaders = 4;
constexpr absl::Duration kPoll = absl::Milliseconds(50);
// Quarters whose work calendar the packs have.
constexpr const char* kQuarters[] = {"2025q1", "2025q2", "2025q3", "2025q4",
                                     "2026q1", "2026q2", "2026q3", "2026q4"};

std::string University(int number) {
  return absl::StrFormat("organizations/quarter-u%02d", number % kUniversities);
}
std::string Unit(int number) {
  return absl::StrFormat("organizations/quarter-w%02d", number % kUnits);
}
std::string Enterprise(int number) {
  return absl::StrFormat("organizations/quarter-e%05d", number);
}
std::string Platform(int number) {
  return absl::StrFormat("%s/platforms/p%04d", University(number), number % kPlatforms);
}

registry::v1::Organization OrganizationOf(const std::string& name, const std::string& title,
                                          registry::v1::OrganizationKind kind) {
  registry::v1::Organization row;
  row.set_name(name);
  row.set_display_name(title);
  row.set_kind(kind);
  row.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  row.set_demonstration(true);
  return row;
}

std::vector<registry::v1::Organization> Organizations(int enterprises) {
  using namespace registry::v1;  // NOLINT: the kinds alone
  std::vector<registry::v1::Organization> rows;
  rows.push_back(OrganizationOf(kSecretariat, "秘书处（性能）", ORGANIZATION_KIND_SECRETARIAT));
  for (int i = 0; i < kUniversities; ++i) {
    rows.push_back(OrganizationOf(University(i), absl::StrFormat("性能大学%02d", i),
                                  ORGANIZATION_KIND_UNIVERSITY));
  }
  for (int i = 0; i < kUnits; ++i) {
    rows.push_back(
        OrganizationOf(Unit(i), absl::StrFormat("性能街道%02d", i), ORGANIZATION_KIND_TOWN));
  }
  for (int i = 0; i < enterprises; ++i) {
    rows.push_back(OrganizationOf(Enterprise(i), absl::StrFormat("青岛性能企业%05d有限公司", i),
                                  ORGANIZATION_KIND_ENTERPRISE));
    rows.back().set_unified_social_credit_code(
        demo::InventedUscc("370212", static_cast<uint64_t>(i)));
    rows.back().set_unit(Unit(i * 7));
  }
  return rows;
}

std::vector<registry::v1::Platform> Platforms() {
  std::vector<registry::v1::Platform> rows;
  for (int i = 0; i < kPlatforms; ++i) {
    registry::v1::Platform row;
    row.set_name(Platform(i));
    row.set_organization(University(i));
    row.set_organization_title(absl::StrFormat("性能大学%02d", i % kUniversities));
    row.set_display_name(absl::StrFormat("性能海洋装备实验室%04d", i));
    row.set_kind(registry::v1::PLATFORM_KIND_LABORATORY);
    row.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<pairing::v1::Project> Projects(int enterprises) {
  std::vector<pairing::v1::Project> rows;
  for (int e = 0; e < enterprises; ++e) {
    for (int k = 0; k < kLeastProjects + e % 2; ++k) {
      // Neighbouring platforms: an enterprise has each once.
      const int platform = e + k * 331;
      pairing::v1::Project row;
      row.set_name(absl::StrFormat("projects/quarter%05d-%d", e, k));
      row.set_platform(Platform(platform));
      row.set_platform_title(absl::StrFormat("性能海洋装备实验室%04d", platform % kPlatforms));
      row.set_university(University(platform));
      row.set_enterprise(Enterprise(e));
      row.set_enterprise_title(absl::StrFormat("青岛性能企业%05d有限公司", e));
      row.set_unit(Unit(e * 7));
      row.set_title("海洋装备轻量化联合实验室（演示）");
      row.add_kinds("技术研发");
      row.set_content("共建中试线，联合开展材料与结构的研究和检测。");
      row.set_state(pairing::v1::PROJECT_STATE_BUILDING);
      row.mutable_sign_date()->set_year(2024);
      row.mutable_sign_date()->set_month(9);
      row.mutable_sign_date()->set_day(1 + e % 28);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::unique_ptr<db::Database> Open(const Options& options, absl::string_view schema) {
  const std::string url =
      absl::StrCat("mysql://root@localhost/", schema, "?read-timeout=60s&socket=", options.run_dir,
                   "/mariadb.sock");
  return Require(db::Database::Open(Require(db::Config::FromUrl(url), "url")), "connecting");
}

// Writes those that are not there.
template <class T>
void Ensure(db::Database& db, std::vector<T> rows) {
  const db::Table<T> table;
  for (size_t first = 0; first < rows.size(); first += kRowsPerTransaction) {
    const size_t last = std::min(rows.size(), first + kRowsPerTransaction);
    Require(db.Transact([&](db::Session& session) -> absl::Status {
      std::vector<std::string> names;
      for (size_t i = first; i < last; ++i) names.push_back(rows[i].name());
      CHANYAN_ASSIGN_OR_RETURN(const std::vector<T> there, table.GetAll(session, names));
      std::vector<T> missing;
      for (size_t i = first; i < last; ++i) {
        if (std::none_of(there.begin(), there.end(),
                         [&](const T& row) { return row.name() == rows[i].name(); })) {
          missing.push_back(rows[i]);
        }
      }
      if (missing.empty()) return absl::OkStatus();
      return table.InsertAll(session, absl::Now(), &missing);
    }),
            "writing a city");
  }
}

void EnsureCity(const Options& options) {
  const auto registry = Open(options, kRegistrySchema);
  Ensure(*registry, Organizations(options.enterprises));
  Ensure(*registry, Platforms());
  Ensure(*Open(options, "chanyan_pairing"), Projects(options.enterprises));
}

// Times of reads in milliseconds, taken by several readers until told to stop.
class Readers {
 public:
  Readers(const Options& options, std::string token, std::string form)
      : token_(std::move(token)), form_(std::move(form)) {
    for (int i = 0; i < kReaders; ++i) {
      threads_.emplace_back([this, channel = OwnChannel(options, "cycle")] {
        const auto stub = cycle::v1::CycleService::NewStub(channel);
        std::vector<double> mine;
        while (!stop_) {
          const Stopwatch watch;
          grpc::ClientContext context;
          context.AddMetadata("authorization", "Bearer " + token_);
          context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
          cycle::v1::GetFormRequest request;
          request.set_name(form_);
          cycle::v1::Form reply;
          const grpc::Status status = stub->GetForm(&context, request, &reply);
          if (!status.ok()) Die(absl::StrCat("GetForm: ", status.error_message()));
          mine.push_back(watch.Seconds() * 1000);
        }
        absl::MutexLock lock(&mutex_);
        times_.insert(times_.end(), mine.begin(), mine.end());
      });
    }
  }
  // The 99th of 100.
  double Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    absl::MutexLock lock(&mutex_);
    std::sort(times_.begin(), times_.end());
    if (times_.empty()) Die("nobody read anything");
    return times_[static_cast<size_t>(std::floor(0.99 * static_cast<double>(times_.size() - 1)))];
  }

 private:
  const std::string token_;
  const std::string form_;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
  absl::Mutex mutex_;
  std::vector<double> times_ ABSL_GUARDED_BY(mutex_);
};

// The cycle as its users call it.
class Cycle {
 public:
  explicit Cycle(const Options& options)
      : options_(options),
        channel_(OwnChannel(options, "cycle")),
        cycles_(cycle::v1::CycleService::NewStub(channel_)),
        works_(cycle::v1::CycleWorkService::NewStub(channel_)),
        operations_(operation::v1::OperationService::NewStub(channel_)) {}

  std::string TokenFor(options::v1::Role role, const std::string& organization) const {
    return TokenOf(options_, role, organization);
  }
  std::string Secretariat() const { return TokenFor(options::v1::ROLE_SECRETARIAT, kSecretariat); }

  template <class Stub, class Method, class Request, class Reply>
  void Call(const std::unique_ptr<Stub>& stub, Method method, const std::string& token,
            const Request& request, Reply* reply) const {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + token);
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    const grpc::Status status = ((*stub).*method)(&context, request, reply);
    if (!status.ok()) Die(absl::StrCat("cycle: ", status.error_message()));
  }
  // Waits until the operation is done.
  template <class Method, class Request>
  void Do(Method begin, options::v1::Role role, const std::string& organization,
          Request request) const {
    request.set_request_id(api::NewUuid());
    operation::v1::Operation operation;
    Call(works_, begin, TokenFor(role, organization), request, &operation);
    operation::v1::GetOperationRequest get;
    get.set_name(operation.name());
    const absl::Time give_up = absl::Now() + absl::Minutes(20);
    const std::string token = TokenFor(role, organization);
    while (operation.end_time().seconds() == 0) {
      if (absl::Now() > give_up) Die("an operation does not end");
      absl::SleepFor(kPoll);
      Call(operations_, &operation::v1::OperationService::Stub::GetOperation, token, get,
           &operation);
    }
    if (operation.state() != operation::v1::OPERATION_STATE_DONE) {
      Die(absl::StrCat(operation.method(), ": ", operation.error().message()));
    }
  }

  const Options& options_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<cycle::v1::CycleService::Stub> cycles_;
  const std::unique_ptr<cycle::v1::CycleWorkService::Stub> works_;
  const std::unique_ptr<operation::v1::OperationService::Stub> operations_;
};

// Of the rehearsal: its quarter's first morning, and its n-th day.
google::protobuf::Timestamp DayOf(const std::string& quarter, int day) {
  const int year = std::stoi(quarter.substr(0, 4));
  const int month = (quarter[5] - '1') * 3 + 1;
  google::protobuf::Timestamp time;
  time.set_seconds(absl::ToUnixSeconds(absl::FromCivil(
      absl::CivilSecond(year, month, 1, 1, 0, 0) + 86'400 * day, absl::UTCTimeZone())));
  return time;
}

int64_t Count(db::Database& db, const std::string& sql, const std::string& value) {
  int64_t count = 0;
  Require(db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, {value}));
    count = std::get<int64_t>(rows.rows.at(0).at(0));
    return absl::OkStatus();
  }),
          "counting");
  return count;
}

// The first quarter that no run has opened; opens it.
std::string OpenNext(const Cycle& cycle, db::Database& db) {
  for (const char* quarter : kQuarters) {
    const std::string name = absl::StrCat("cycles/", quarter);
    if (Count(db, "SELECT COUNT(*) FROM cycle WHERE name = ?", name) > 0) continue;
    cycle::v1::OpenCycleRequest request;
    request.set_name(name);
    *request.mutable_rehearsal_clock() = DayOf(quarter, 0);
    cycle.Do(&cycle::v1::CycleWorkService::Stub::BeginOpenCycle, options::v1::ROLE_SECRETARIAT,
             kSecretariat, request);
    return name;
  }
  Die("all quarters are open: run with --fresh");
}

std::string LastOpened(db::Database& db) {
  std::string name;
  for (const char* quarter : kQuarters) {
    const std::string one = absl::StrCat("cycles/", quarter);
    if (Count(db, "SELECT COUNT(*) FROM form_row WHERE cycle = ?", one) > 0) name = one;
  }
  return name;
}

std::string FormOf(const std::string& cycle_name) {
  return absl::StrCat(cycle_name, "/forms/", api::IdOfName(University(0)));
}

// Empty tables of the same shape.
void MakeCopies(RawConnection& scratch) {
  scratch.Run(absl::StrCat("CREATE DATABASE IF NOT EXISTS ", kScratchSchema));
  scratch.Run(absl::StrCat("USE ", kScratchSchema));
  // The cycle of a form_row is generated from its name: a value for it is passed over, not refused.
  scratch.Run("SET SESSION sql_mode = ''");
  for (const char* table : {"form_row", "row_birth", "handover_row"}) {
    scratch.Run(absl::StrCat("DROP TABLE IF EXISTS ", table));
    scratch.Run(absl::StrCat("CREATE TABLE ", table, " LIKE ", kCycleSchema, ".", table));
  }
}

double CopyRows(RawConnection& scratch, const std::string& cycle_name) {
  const Stopwatch watch;
  scratch.Run("BEGIN");
  for (const char* table : {"form_row", "row_birth"}) {
    scratch.Run(absl::StrCat("INSERT INTO ", table, " SELECT * FROM ", kCycleSchema, ".", table,
                             " WHERE cycle = '", cycle_name, "'"));
  }
  scratch.Run("COMMIT");
  return watch.Seconds();
}

Figures WithReads(Figures figures, double before, double meanwhile) {
  figures.push_back({"… GetForm by four readers: 99th of 100 times meanwhile / before",
                     absl::StrFormat("%.1f ms", meanwhile), absl::StrFormat("%.1f ms", before),
                     meanwhile / before, "< 2"});
  return figures;
}

}  // namespace

Figures Opening(const Options& options) {
  EnsureCity(options);
  const Cycle cycle(options);
  const auto db = Open(options, kCycleSchema);
  // Something to read before the first one is there.
  std::string read = LastOpened(*db);
  if (read.empty()) read = OpenNext(cycle, *db);
  Readers before(options, cycle.Secretariat(), FormOf(read));
  absl::SleepFor(options.time);
  const double quiet = before.Stop();

  Readers meanwhile(options, cycle.Secretariat(), FormOf(read));
  const Stopwatch watch;
  const std::string name = OpenNext(cycle, *db);
  const double seconds = watch.Seconds();
  const double busy = meanwhile.Stop();
  const auto rows =
      static_cast<double>(Count(*db, "SELECT COUNT(*) FROM form_row WHERE cycle = ?", name));
  if (rows == 0) Die("the quarter that was opened has no rows");

  RawConnection scratch(options, kCycleSchema);
  MakeCopies(scratch);
  const double floor = CopyRows(scratch, name);
  return WithReads(
      {{absl::StrFormat("opening with %.0f carried rows, %.1f s: rows a second of BeginOpenCycle / "
                        "of copying them within MariaDB",
                        rows, seconds),
        absl::StrFormat("%.0f/s", rows / seconds), absl::StrFormat("%.0f/s", rows / floor),
        floor / seconds, ""}},
      quiet, busy);
}

Figures Distribution(const Options& options) {
  EnsureCity(options);
  const Cycle cycle(options);
  const auto db = Open(options, kCycleSchema);
  std::string name = LastOpened(*db);
  if (name.empty()) name = OpenNext(cycle, *db);
  const std::string quarter(api::IdOfName(name));
  // As if all forms had been accepted: the secretariat holds everything, nothing is on its way.
  RawConnection raw(options, kCycleSchema);
  raw.Run(absl::StrCat("UPDATE form SET state = 'ACCEPTED' WHERE name LIKE '", name, "/%'"));
  raw.Run(absl::StrCat("DELETE FROM handover_row WHERE handover LIKE '", name, "/%'"));
  raw.Run(absl::StrCat("DELETE FROM handover WHERE name LIKE '", name, "/%'"));
  raw.Run(absl::StrCat("UPDATE form_row SET holder = '", kSecretariat,
                       "', in_transit = '', distributed = 0, delivered = 0 WHERE cycle = '", name,
                       "'"));
  cycle::v1::AdvanceClockRequest advance;
  advance.set_name(name);
  // A day of the second week, under whichever reading.
  *advance.mutable_clock() = DayOf(quarter, 9);
  cycle::v1::Cycle moved;
  cycle.Call(cycle.cycles_, &cycle::v1::CycleService::Stub::AdvanceClock, cycle.Secretariat(),
             advance, &moved);
  const auto rows =
      static_cast<double>(Count(*db, "SELECT COUNT(*) FROM form_row WHERE cycle = ?", name));

  Readers before(options, cycle.Secretariat(), FormOf(name));
  absl::SleepFor(options.time);
  const double quiet = before.Stop();

  Readers meanwhile(options, cycle.Secretariat(), FormOf(name));
  const Stopwatch watch;
  cycle::v1::DistributeFormsRequest to_units;
  to_units.set_name(name);
  cycle.Do(&cycle::v1::CycleWorkService::Stub::BeginDistributeForms, options::v1::ROLE_SECRETARIAT,
           kSecretariat, to_units);
  for (int i = 0; i < kUnits; ++i) {
    cycle::v1::ReceiveHandoversRequest receive;
    receive.set_parent(name);
    cycle::v1::ReceiveHandoversResponse received;
    cycle.Call(cycle.cycles_, &cycle::v1::CycleService::Stub::ReceiveHandovers,
               cycle.TokenFor(options::v1::ROLE_UNIT, Unit(i)), receive, &received);
    cycle::v1::DistributeToEnterprisesRequest to_enterprises;
    to_enterprises.set_name(name);
    cycle.Do(&cycle::v1::CycleWorkService::Stub::BeginDistributeToEnterprises,
             options::v1::ROLE_UNIT, Unit(i), to_enterprises);
  }
  const double seconds = watch.Seconds();
  const double busy = meanwhile.Stop();
  const int64_t delivered =
      Count(*db, "SELECT COUNT(*) FROM form_row WHERE delivered = 1 AND cycle = ?", name);
  if (static_cast<double>(delivered) != rows) {
    Die(absl::StrCat(delivered, " rows of ", rows, " were delivered"));
  }

  // Three times each row moves: to its unit, received there, on to its enterprise.
  RawConnection scratch(options, kCycleSchema);
  MakeCopies(scratch);
  CopyRows(scratch, name);
  const Stopwatch least;
  for (const char* move : {"in_transit = 'x', distributed = 1", "holder = unit, in_transit = ''",
                           "in_transit = 'y', delivered = 1"}) {
    scratch.Run(absl::StrCat("UPDATE form_row SET ", move, ", version = version + 1"));
  }
  scratch.Run(absl::StrCat("INSERT INTO handover_row SELECT * FROM ", kCycleSchema,
                           ".handover_row WHERE handover LIKE '", name, "/%'"));
  const double floor = least.Seconds();
  return WithReads(
      {{absl::StrFormat(
            "distribution of %.0f rows to %d units and their enterprises, %.1f s: rows a "
            "second of the calls / of moving them within MariaDB",
            rows, kUnits, seconds),
        absl::StrFormat("%.0f/s", rows / seconds), absl::StrFormat("%.0f/s", rows / floor),
        floor / seconds, ""}},
      quiet, busy);
}

}  // namespace chanyan::perf
