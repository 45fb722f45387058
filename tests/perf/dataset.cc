#include "tests/perf/dataset.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/database.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"

namespace chanyan::perf {
namespace {

using registry::v1::Platform;

constexpr int kPlatformsPerOrganization = 1000;
constexpr int kRowsPerTransaction = 500;

std::string OrganizationOf(int number) {
  return absl::StrFormat("organizations/perf-u%03d", number / kPlatformsPerOrganization);
}

Platform MakePlatform(int number, absl::Time now) {
  Platform row;
  row.set_name(PlatformName(number));
  row.set_organization(OrganizationOf(number));
  row.set_organization_title("演示大学");
  row.set_display_name(absl::StrFormat("演示海洋装备重点实验室第%06d号", number));
  row.set_kind(registry::v1::PLATFORM_KIND_LABORATORY);
  row.set_level(number % 2 == 0 ? registry::v1::PLATFORM_LEVEL_PROVINCIAL
                                : registry::v1::PLATFORM_LEVEL_MUNICIPAL);
  row.set_college("工程学院");
  row.set_introduction(
      "演示数据：面向海洋装备的材料、结构与控制研究，开放大型仪器三十台，为企业提供检测、中试和"
      "成果转化服务。");
  row.add_capabilities("材料检测");
  row.add_capabilities("结构试验");
  row.add_industries("海洋装备");
  registry::v1::Service& service = *row.add_services();
  service.set_title("疲劳试验");
  service.set_price("每样 800 元");
  registry::v1::Contact& contact = *row.add_contacts();
  contact.set_person("演示");
  contact.set_phone("053200000000");
  row.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
  *row.mutable_confirm_time() = time::ToTimestamp(now);
  row.set_demonstration(true);
  return row;
}

}  // namespace

std::string PlatformName(int number) {
  return absl::StrFormat("%s/platforms/p%06d", OrganizationOf(number), number);
}

void EnsurePlatforms(const Options& options) {
  const std::string url =
      absl::StrCat("mysql://root@localhost/", kRegistrySchema,
                   "?read-timeout=60s&socket=", options.run_dir, "/mariadb.sock");
  const auto db =
      Require(db::Database::Open(Require(db::Config::FromUrl(url), "url")), "connecting");
  const db::Table<Platform> table;
  int64_t there = 0;
  Require(db->Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(there, table.Count(session, db::Predicate::Everything()));
    return absl::OkStatus();
  }),
          "counting");
  for (int first = static_cast<int>(there); first < options.rows; first += kRowsPerTransaction) {
    const int last = std::min(first + kRowsPerTransaction, options.rows);
    Require(db->Transact([&](db::Session& session) {
      std::vector<Platform> rows;
      for (int i = first; i < last; ++i) rows.push_back(MakePlatform(i, absl::Now()));
      return table.InsertAll(session, absl::Now(), &rows);
    }),
            "writing platforms");
  }
}

}  // namespace chanyan::perf
