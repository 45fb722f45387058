// Two companies become one: MergeOrganization in the registry, until pairing, which reads its
// journal, has handed over the projects. Held against UPDATEs of the same rows, one a row, in one
// transaction, which move them and say nothing of it to anybody.
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.grpc.pb.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "tests/perf/ask.h"
#include "tests/perf/dataset.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/raw_database.h"
#include "tools/demo/uscc.h"

namespace chanyan::perf {
namespace {

using registry::v1::RegistryService;

constexpr char kPairingSchema[] = "chanyan_pairing";
// Far more than any company has.
constexpr int kProjects = 500;
constexpr absl::Duration kPatience = absl::Minutes(5);
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(5);
constexpr char kMove[] =
    "UPDATE project SET enterprise = ?, enterprise_title = ?, version = version + 1, "
    "update_time = NOW(6) WHERE name = ?";

std::string Company(RegistryService::Stub& registry, const std::string& token,
                    const std::string& id, uint64_t number) {
  registry::v1::CreateOrganizationRequest request;
  request.set_organization_id(id);
  request.mutable_organization()->set_display_name(absl::StrCat("合并测量企业", id, "（演示）"));
  request.mutable_organization()->set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  request.mutable_organization()->set_unified_social_credit_code(
      demo::InventedUscc("370213", number));
  request.mutable_organization()->set_demonstration(true);
  request.set_request_id(api::NewUuid());
  return Ask<registry::v1::Organization>(registry, &RegistryService::Stub::CreateOrganization,
                                         token, request, "creating a company")
      .name();
}

std::string ProjectName(const std::string& id, int number) {
  return absl::StrFormat("projects/%s-%04d", id, number);
}

void MakeProjects(db::Database& pairing, const std::string& id, const std::string& enterprise) {
  Require(pairing.Transact([&](db::Session& session) {
    std::vector<pairing::v1::Project> rows;
    for (int i = 0; i < kProjects; ++i) {
      pairing::v1::Project row;
      row.set_name(ProjectName(id, i));
      row.set_platform(absl::StrFormat("organizations/perf-merger/platforms/p%04d", i));
      row.set_university("organizations/perf-merger");
      row.set_enterprise(enterprise);
      row.set_enterprise_title("合并测量企业（演示）");
      row.set_title("演示共建项目");
      row.add_kinds("技术研发");
      row.set_content("演示数据：共建中试线，联合开展材料与结构的研究和检测。");
      row.set_state(i % 2 == 0 ? pairing::v1::PROJECT_STATE_BUILDING
                               : pairing::v1::PROJECT_STATE_SIGNED);
      rows.push_back(std::move(row));
    }
    return db::Table<pairing::v1::Project>().InsertAll(session, absl::Now(), &rows);
  }),
          "writing projects");
}

double SecondsOfUpdates(RawConnection& scratch, RawStatement& move, const std::string& id,
                        const std::string& into) {
  const Stopwatch watch;
  scratch.Run("BEGIN");
  for (int i = 0; i < kProjects; ++i) move.Execute({into, "合并测量企业", ProjectName(id, i)});
  scratch.Run("COMMIT");
  return watch.Seconds();
}

}  // namespace

Figures Merger(const Options& options) {
  const auto registry = RegistryService::NewStub(OwnChannel(options, "registry"));
  const auto pairing = OpenTables(options, kPairingSchema);
  RawConnection tables(options, kPairingSchema);
  RawStatement left(tables, "SELECT name FROM project WHERE enterprise = ? LIMIT 1");
  RawConnection scratch(options, "");
  scratch.Run(absl::StrCat("CREATE DATABASE IF NOT EXISTS ", kScratchSchema));
  scratch.Run(absl::StrCat("USE ", kScratchSchema));
  scratch.Run("DROP TABLE IF EXISTS project");
  scratch.Run(absl::StrCat("CREATE TABLE project LIKE ", kPairingSchema, ".project"));
  RawStatement move(scratch, kMove);
  // What the statement's mode would refuse: values of generated columns are made anew.
  scratch.Run("SET SESSION sql_mode = ''");

  std::vector<Compared> all, act;
  for (int round = 0; round <= kRounds; ++round) {
    const std::string id = absl::AsciiStrToLower(absl::StrCat("m", api::NewShortId()));
    const std::string token = SecretariatToken(options);
    const auto number = static_cast<uint64_t>(absl::ToUnixMicros(absl::Now()) % 90'000'000);
    const std::string from = Company(*registry, token, id + "-a", number);
    const std::string into = Company(*registry, token, id + "-b", number + 1);
    MakeProjects(*pairing, id, from);
    scratch.Run(absl::StrCat("INSERT INTO project SELECT * FROM ", kPairingSchema,
                             ".project WHERE enterprise = '", from, "'"));
    const double floor = SecondsOfUpdates(scratch, move, id, into);
    auto merge = Named<registry::v1::MergeOrganizationRequest>(from);
    merge.set_into(into);
    merge.set_reason("测量");
    const Stopwatch watch;
    Ask<registry::v1::MergeOrganizationResponse>(
        *registry, &RegistryService::Stub::MergeOrganization, token, merge, "merging");
    const double answered = watch.Seconds();
    while (left.Query({from}).rows > 0) {
      if (watch.Seconds() > absl::ToDoubleSeconds(kPatience)) Die("projects stay behind");
      absl::SleepFor(kBetweenLooks);
    }
    const double ours = watch.Seconds();
    if (round == 0) continue;
    all.push_back({ours, floor, ours / floor});
    act.push_back({answered, floor, answered / floor});
  }
  const Compared whole = MedianOf(all), answer = MedianOf(act);
  const auto seconds = [](double value) { return absl::StrFormat("%.2f s", value); };
  return {{absl::StrFormat("merger of two companies, until pairing has handed over %d projects "
                           "with their journal / UPDATEs of these rows",
                           kProjects),
           seconds(whole.ours), seconds(whole.floor), whole.ratio, ""},
          {"… of it until the registry answers", absl::StrFormat("%.3f s", answer.ours),
           seconds(answer.floor), answer.ratio, ""}};
}

}  // namespace chanyan::perf
