// CreateOrganization (checks, row, journal, remembered answer, one COMMIT that is on disk) against
// an INSERT of such a row alone, each its own transaction.
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/api/names.h"
#include "tests/perf/clients.h"
#include "tests/perf/dataset.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/raw_database.h"
#include "tools/demo/uscc.h"

namespace chanyan::perf {
namespace {

constexpr char kRegion[] = "370211";
constexpr char kZone[] = "经济技术开发区";
constexpr char kInsert[] =
    "INSERT INTO organization (name, display_name, kind, unified_social_credit_code, region_code, "
    "zone, unit, parent, industries, qualifications, contacts, state, former_names, demonstration, "
    "create_time, update_time, version) VALUES (?, ?, 'ENTERPRISE', ?, ?, ?, '', '', "
    "'[\"海洋装备\"]', '[]', '[]', 'ACTIVE', '[]', 1, NOW(6), NOW(6), 1)";

std::string TitleOf(int64_t number) { return absl::StrCat("青岛演示企业", number, "号有限公司"); }

registry::v1::CreateOrganizationRequest RequestFor(int64_t number) {
  registry::v1::CreateOrganizationRequest request;
  registry::v1::Organization& organization = *request.mutable_organization();
  organization.set_display_name(TitleOf(number));
  organization.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  organization.set_unified_social_credit_code(
      demo::InventedUscc(kRegion, static_cast<uint64_t>(number)));
  organization.set_region_code(kRegion);
  organization.set_zone(kZone);
  organization.add_industries("海洋装备");
  organization.set_demonstration(true);
  request.set_request_id(api::NewUuid());
  return request;
}

void InsertRaw(RawStatement& statement, int64_t number) {
  const std::string code = demo::InventedUscc(kRegion, static_cast<uint64_t>(number));
  statement.Execute({absl::StrCat("organizations/", code), TitleOf(number), code, kRegion, kZone});
}

// Both sides start with an empty table.
void EmptyTables(const Options& options) {
  RawConnection connection(options, kRegistrySchema);
  for (const char* table : {"organization", "organization_key"}) {
    connection.Run(absl::StrCat("TRUNCATE TABLE ", table));
  }
  connection.Run(absl::StrCat("CREATE DATABASE IF NOT EXISTS ", kScratchSchema));
  connection.Run(absl::StrCat("DROP TABLE IF EXISTS ", kScratchSchema, ".organization"));
  connection.Run(absl::StrCat("CREATE TABLE ", kScratchSchema, ".organization LIKE organization"));
}

}  // namespace

Figures DurableCreate(const Options& options) {
  EmptyTables(options);
  std::vector<std::unique_ptr<RawConnection>> connections;
  std::vector<std::unique_ptr<RawStatement>> statements;
  std::atomic<int64_t> raw_next{0};
  std::atomic<int64_t> service_next{0};
  std::vector<Work> raw;
  for (int i = 0; i < options.clients; ++i) {
    connections.push_back(std::make_unique<RawConnection>(options, kScratchSchema));
    statements.push_back(std::make_unique<RawStatement>(*connections.back(), kInsert));
    raw.push_back(
        [&raw_next, statement = statements.back().get()] { InsertRaw(*statement, raw_next++); });
  }
  RegistryClient client(options);
  const absl::Duration round = options.time / kRounds;
  const Compared rates = Compare(
      [&] {
        const std::string token = SecretariatToken(options);
        return RunOutstanding(round, options.clients,
                              [&](std::function<void()> done) {
                                client.BeginCreateOrganization(token, RequestFor(service_next++),
                                                               std::move(done));
                              })
            .Rate();
      },
      [&] { return RunFor(round, raw).Rate(); });
  const bool followed = std::filesystem::exists(absl::StrCat(options.run_dir, "/pairing.sock"));
  return {
      {absl::StrFormat("%s, %d at once: CreateOrganization / INSERT of the row",
                       followed ? "… while pairing follows the journal and puts each into its index"
                                : "durable create",
                       options.clients),
       absl::StrFormat("%.0f/s", rates.ours), absl::StrFormat("%.0f/s", rates.floor), rates.ratio,
       followed ? "" : "≥ 0.3"}};
}

}  // namespace chanyan::perf
