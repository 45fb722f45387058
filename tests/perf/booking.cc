// CreateBooking (opening hours, rules of the pack, price, the search for overlaps, row, journal,
// remembered answer, one COMMIT that is on disk) against the least that keeps bookings apart: the
// same diary touched, the same overlaps looked for and such a row written, each in a transaction.
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "chanyan/registry/v1/instrument.grpc.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "tests/perf/ask.h"
#include "tests/perf/dataset.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/raw_database.h"

namespace chanyan::perf {
namespace {

using registry::v1::InstrumentService;

constexpr char kOwner[] = "organizations/perf-booking-u";
constexpr char kRequester[] = "organizations/perf-booking-e";
constexpr int kInstruments = 200;
constexpr absl::Duration kSlot = absl::Minutes(15);
// Far enough to be asked for.
constexpr int kDaysAhead = 3;
constexpr char kTouch[] =
    "INSERT INTO diary (subject, changes) VALUES (?, 1) ON DUPLICATE KEY UPDATE changes = changes "
    "+ 1";
constexpr char kOverlaps[] =
    "SELECT 1 FROM booking WHERE instrument = ? AND end_time > ? AND start_time < ? AND state NOT "
    "IN ('DECLINED', 'CANCELLED') LIMIT 1";
constexpr char kInsert[] =
    "INSERT INTO booking (name, instrument, instrument_title, organization, requester, "
    "requester_title, user_type, start_time, end_time, purpose, subject, expected_samples, contact,"
    " state, quote, verdicts, reason, used_minutes, samples, earlier_times, demonstration, "
    "create_time, update_time, version) VALUES (?, ?, '演示电镜', 'o', 'e', '演示企业', "
    "'enterprise', ?, ?, 'SERVICE', '断口形貌', 0, '{\"person\": \"演示\"}', 'APPROVED', '{}', "
    "'{}', '', 0, 0, '[]', 1, NOW(6), NOW(6), 1)";

std::string InstrumentName(int64_t number) {
  return absl::StrFormat("%s/instruments/i%03d", kOwner, number);
}

registry::v1::Organization OrganizationOf(const char* name, registry::v1::OrganizationKind kind) {
  registry::v1::Organization row;
  row.set_name(name);
  row.set_display_name(absl::StrCat("预约测量", api::IdOfName(name), "（演示）"));
  row.set_kind(kind);
  row.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  return row;
}

// Open day and night to whoever comes.
registry::v1::Instrument MakeInstrument(int number) {
  registry::v1::Instrument row;
  row.set_name(InstrumentName(number));
  row.set_organization(kOwner);
  row.set_organization_title("预约测量大学（演示）");
  row.set_platform(absl::StrCat(kOwner, "/platforms/lab"));
  row.set_platform_title("预约测量实验室（演示）");
  row.set_asset_number(absl::StrCat("YC", number));
  row.set_display_name(absl::StrCat("演示电镜", number));
  row.set_access_conditions("来样测试");
  row.set_booking_mode(registry::v1::BOOKING_MODE_AUTOMATIC);
  for (int day = registry::v1::OPENING_DAY_MONDAY; day <= registry::v1::OPENING_DAY_SUNDAY; ++day) {
    registry::v1::OpeningHours& hours = *row.add_hours();
    hours.set_day(static_cast<registry::v1::OpeningDay>(day));
    hours.set_end_minute(24 * 60);
  }
  registry::v1::Charge& charge = *row.add_charges();
  charge.set_user_type("enterprise");
  charge.set_basis(registry::v1::CHARGE_BASIS_HOUR);
  charge.mutable_price()->set_currency_code("CNY");
  charge.mutable_price()->set_units(200);
  row.set_contact_person("演示联系人");
  row.set_contact_phone("0532-85880000");
  row.set_state(registry::v1::INSTRUMENT_STATE_OPEN);
  *row.mutable_open_time() = time::ToTimestamp(absl::Now() - absl::Hours(24));
  row.set_platform_published(true);
  row.set_demonstration(true);
  return row;
}

void Prepare(const Options& options) {
  RawConnection connection(options, kRegistrySchema);
  connection.Run("TRUNCATE TABLE booking");
  connection.Run("TRUNCATE TABLE diary");
  connection.Run(absl::StrCat("DELETE FROM instrument WHERE organization = '", kOwner, "'"));
  for (const char* name : {kOwner, kRequester}) {
    connection.Run(absl::StrCat("DELETE FROM organization WHERE name = '", name, "'"));
  }
  connection.Run(absl::StrCat("CREATE DATABASE IF NOT EXISTS ", kScratchSchema));
  for (const char* table : {"booking", "diary"}) {
    connection.Run(absl::StrCat("DROP TABLE IF EXISTS ", kScratchSchema, ".", table));
    connection.Run(absl::StrCat("CREATE TABLE ", kScratchSchema, ".", table, " LIKE ", table));
  }
  const auto tables = OpenTables(options, kRegistrySchema);
  Require(tables->Transact([](db::Session& session) -> absl::Status {
    std::vector<registry::v1::Organization> sides = {
        OrganizationOf(kOwner, registry::v1::ORGANIZATION_KIND_UNIVERSITY),
        OrganizationOf(kRequester, registry::v1::ORGANIZATION_KIND_ENTERPRISE)};
    CHANYAN_RETURN_IF_ERROR(
        db::Table<registry::v1::Organization>().InsertAll(session, absl::Now(), &sides));
    std::vector<registry::v1::Instrument> instruments;
    for (int i = 0; i < kInstruments; ++i) instruments.push_back(MakeInstrument(i));
    return db::Table<registry::v1::Instrument>().InsertAll(session, absl::Now(), &instruments);
  }),
          "writing instruments");
}

// The time of the `number`-th booking: neighbours are of different instruments.
absl::Time StartOf(absl::Time first, int64_t number) {
  return first + kSlot * (number / kInstruments);
}

registry::v1::CreateBookingRequest RequestFor(absl::Time first, int64_t number) {
  registry::v1::CreateBookingRequest request;
  request.set_parent(InstrumentName(number % kInstruments));
  const absl::Time start = StartOf(first, number);
  *request.mutable_booking()->mutable_start_time() = time::ToTimestamp(start);
  *request.mutable_booking()->mutable_end_time() = time::ToTimestamp(start + kSlot);
  request.mutable_booking()->set_subject("断口形貌");
  request.mutable_booking()->mutable_contact()->set_person("演示联系人");
  request.mutable_booking()->set_demonstration(true);
  request.set_request_id(api::NewUuid());
  return request;
}

// One client of the floor.
struct Raw {
  explicit Raw(const Options& options)
      : connection(options, kScratchSchema),
        touch(connection, kTouch),
        overlaps(connection, kOverlaps),
        insert(connection, kInsert) {}

  void Book(absl::Time first, int64_t number) {
    const std::string instrument = InstrumentName(number % kInstruments);
    const auto text = [](absl::Time time) {
      return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::UTCTimeZone());
    };
    const std::string start = text(StartOf(first, number));
    const std::string end = text(StartOf(first, number) + kSlot);
    connection.Run("BEGIN");
    touch.Execute({instrument});
    if (overlaps.Query({instrument, start, end}).rows > 0) Die("the floor's bookings overlap");
    insert.Execute({absl::StrCat(instrument, "/bookings/b", number), instrument, start, end});
    connection.Run("COMMIT");
  }

  RawConnection connection;
  RawStatement touch;
  RawStatement overlaps;
  RawStatement insert;
};

}  // namespace

Figures Booking(const Options& options) {
  Prepare(options);
  const absl::Time first = absl::FromCivil(
      absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) + kDaysAhead, absl::UTCTimeZone());
  std::atomic<int64_t> raw_next{0};
  std::atomic<int64_t> service_next{0};
  std::vector<std::unique_ptr<Raw>> raws;
  std::vector<Work> raw, ours;
  std::string token;
  const auto stub = InstrumentService::NewStub(OwnChannel(options, "registry"));
  for (int i = 0; i < options.clients; ++i) {
    raws.push_back(std::make_unique<Raw>(options));
    raw.push_back([&, one = raws.back().get()] { one->Book(first, raw_next++); });
    ours.push_back([&] {
      Ask<registry::v1::Booking>(*stub, &InstrumentService::Stub::CreateBooking, token,
                                 RequestFor(first, service_next++), "booking");
    });
  }
  const absl::Duration round = options.time / kRounds;
  const Compared rates = Compare(
      [&] {
        token = TokenOf(options, options::v1::ROLE_ENTERPRISE, kRequester);
        return RunFor(round, ours).Rate();
      },
      [&] { return RunFor(round, raw).Rate(); });
  return {{absl::StrFormat("booking, %d at once on %d instruments: CreateBooking / the diary "
                           "touched, overlaps looked for and the row inserted in a transaction",
                           options.clients, kInstruments),
           absl::StrFormat("%.0f/s", rates.ours), absl::StrFormat("%.0f/s", rates.floor),
           rates.ratio, ""}};
}

}  // namespace chanyan::perf
