#include "services/cycle/duties.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "common/db/in_chunks.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/output_queries.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_PLATFORM_MANAGER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;

// Each answers (debtor, its name, whose leader, how many).
constexpr char kUnreportedForms[] =
    "SELECT university, university_title, university, row_count FROM form "
    "WHERE name LIKE CONCAT(?, '/forms/%') AND state IN ('DRAFT', 'RETURNED') ORDER BY name";
constexpr char kUndistributed[] =
    "SELECT holder, '', holder, COUNT(*) FROM form_row WHERE cycle = ? AND holder = ? "
    "AND in_transit = '' AND distributed = 0 AND unit <> '' GROUP BY holder";
constexpr char kUndelivered[] =
    "SELECT unit, '', unit, COUNT(*) FROM form_row WHERE cycle = ? AND distributed = 1 "
    "AND delivered = 0 GROUP BY unit ORDER BY unit";
constexpr char kUnreturned[] =
    "SELECT enterprise, MAX(enterprise_title), MAX(unit), COUNT(*) FROM form_row "
    "WHERE cycle = ? AND delivered = 1 AND enterprise <> '' "
    "AND (confirmed = 0 OR (holder = enterprise AND in_transit = '')) "
    "GROUP BY enterprise ORDER BY enterprise";
constexpr char kUnpacked[] =
    "SELECT unit, '', unit, COUNT(*) FROM form_row WHERE cycle = ? AND confirmed = 1 "
    "AND holder = unit AND in_transit = '' GROUP BY unit ORDER BY unit";
constexpr char kUnsentBack[] =
    "SELECT holder, '', holder, COUNT(*) FROM form_row WHERE cycle = ? AND holder = ? "
    "AND in_transit = '' AND confirmed = 1 GROUP BY holder";
constexpr char kUnreceived[] =
    "SELECT receiver, '', receiver, COUNT(*) FROM handover "
    "WHERE name LIKE CONCAT(?, '/handovers/%') AND state = 'SENT' AND step = ? "
    "AND receiver NOT LIKE '%/platforms/%' GROUP BY receiver ORDER BY receiver";
// What came back to a university and it has not sent on.
constexpr char kUnsentOn[] =
    "SELECT university, '', university, COUNT(*) FROM form_row WHERE cycle = ? "
    "AND holder = university AND in_transit = '' AND confirmed = 1 "
    "GROUP BY university ORDER BY university";
constexpr char kPlatformsUnreceived[] =
    "SELECT DISTINCT receiver FROM handover WHERE name LIKE CONCAT(?, '/handovers/%') "
    "AND state = 'SENT' AND step = ? AND receiver LIKE '%/platforms/%'";
constexpr char kHeldEvents[] =
    "SELECT COUNT(*) FROM event WHERE name LIKE CONCAT(?, '/events/%') AND state = 'HELD'";
constexpr char kPublishedBoards[] =
    "SELECT COUNT(*) FROM leaderboard WHERE name LIKE CONCAT(?, '/leaderboards/%') "
    "AND state = 'PUBLISHED'";

absl::Status Add(db::Session& session, const char* sql, const db::Values& params,
                 options::v1::Role role, absl::string_view act, absl::string_view counted,
                 std::vector<Duty>* duties) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(sql, params));
  for (const db::Values& row : found.rows) {
    const int64_t count = std::get<int64_t>(row[3]);
    duties->push_back(
        {std::get<std::string>(row[0]), std::get<std::string>(row[1]),
         std::get<std::string>(row[2]), role,
         counted.empty() ? std::string(act) : absl::StrCat(act, "（", count, counted, "）")});
  }
  return absl::OkStatus();
}

absl::Status AddIfNone(db::Session& session, const char* sql, const v1::Cycle& cycle,
                       absl::string_view act, std::vector<Duty>* duties) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(sql, {cycle.name()}));
  if (std::get<int64_t>(found.rows.at(0).at(0)) > 0) return absl::OkStatus();
  duties->push_back(
      {cycle.secretariat(), "", cycle.secretariat(), ROLE_SECRETARIAT, std::string(act)});
  return absl::OkStatus();
}

// A platform with managers of its own owes it itself; for all others of a university any of its
// platform managers may sign.
absl::Status AddPlatforms(db::Session& session, const v1::Cycle& cycle, int step,
                          std::vector<Duty>* duties) {
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      session.Query(kPlatformsUnreceived, {cycle.name(), static_cast<int64_t>(step)}));
  std::vector<std::string> platforms;
  for (const db::Values& row : found.rows) platforms.push_back(std::get<std::string>(row[0]));
  const db::Table<v1::PlatformPart> table;
  std::map<std::string, Duty> named;
  std::map<std::string, int> nameless;
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(platforms, [&](absl::Span<const std::string> chunk) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::PlatformPart> parts,
            table.Select(session, db::And({absl::StrCat("platform IN ", db::Marks(chunk.size())),
                                           db::Values(chunk.begin(), chunk.end())},
                                          Below(absl::StrCat(cycle.name(), "/forms")))));
        for (const v1::PlatformPart& part : parts) {
          if (part.managers().empty()) {
            ++nameless[part.university()];
            continue;
          }
          named[part.platform()] = {part.platform(),
                                    part.platform_title(),
                                    part.university(),
                                    ROLE_PLATFORM_MANAGER,
                                    absl::StrCat("签收返回“", part.platform_title(), "”的报表"),
                                    {part.managers().begin(), part.managers().end()}};
        }
        return absl::OkStatus();
      }));
  for (auto& [platform, duty] : named) duties->push_back(std::move(duty));
  for (const auto& [university, count] : nameless) {
    duties->push_back({university, "", university, ROLE_PLATFORM_MANAGER,
                       absl::StrCat("签收返回科创平台的报表（", count, "个平台待签收）")});
  }
  return absl::OkStatus();
}

}  // namespace

std::string StepSubject(absl::string_view cycle, int step) {
  return absl::StrCat(cycle, "/steps/", step);
}

absl::StatusOr<std::vector<Duty>> DutiesOf(db::Session& session, const v1::Cycle& cycle, int step) {
  std::vector<Duty> duties;
  const db::Values of_cycle = {cycle.name()};
  const db::Values of_secretariat = {cycle.name(), cycle.secretariat()};
  switch (step) {
    case kReportStep:
      CHANYAN_RETURN_IF_ERROR(Add(session, kUnreportedForms, of_cycle, ROLE_RESEARCH_OFFICE,
                                  "填报并报送本季度报表", "", &duties));
      break;
    case kDistributeStep:
      CHANYAN_RETURN_IF_ERROR(Add(session, kUndistributed, of_secretariat, ROLE_SECRETARIAT,
                                  "将报表分发至责任单位", "行待分发", &duties));
      CHANYAN_RETURN_IF_ERROR(
          Add(session, kUndelivered, of_cycle, ROLE_UNIT, "签收报表并发至企业", "行待发", &duties));
      break;
    case kCollectStep:
      CHANYAN_RETURN_IF_ERROR(Add(session, kUnreturned, of_cycle, ROLE_ENTERPRISE,
                                  "填报季度报表并报送责任单位", "行待填报", &duties));
      CHANYAN_RETURN_IF_ERROR(Add(session, kUnpacked, of_cycle, ROLE_UNIT,
                                  "将企业报表打包报送秘书处", "行待打包", &duties));
      break;
    case kReturnStep:
      CHANYAN_RETURN_IF_ERROR(Add(session, kUnsentBack, of_secretariat, ROLE_SECRETARIAT,
                                  "将企业报表返回高校院所", "行待返回", &duties));
      CHANYAN_RETURN_IF_ERROR(Add(session, kUnreceived, {cycle.name(), int64_t{kReturnStep}},
                                  ROLE_RESEARCH_OFFICE, "签收返回的报表", "批待签收", &duties));
      CHANYAN_RETURN_IF_ERROR(Add(session, kUnsentOn, of_cycle, ROLE_RESEARCH_OFFICE,
                                  "将返回的报表发至科创平台", "行待发", &duties));
      CHANYAN_RETURN_IF_ERROR(AddPlatforms(session, cycle, kReturnStep, &duties));
      break;
    case kExchangeStep:
      CHANYAN_RETURN_IF_ERROR(AddIfNone(session, kHeldEvents, cycle,
                                        "组织路演、成果推介、洽谈签约、政策宣讲等交流活动并办结",
                                        &duties));
      break;
    case kPublishStep:
      CHANYAN_RETURN_IF_ERROR(
          AddIfNone(session, kPublishedBoards, cycle, "发布新成果和贡献度榜单", &duties));
      break;
    default:
      break;
  }
  return duties;
}

}  // namespace chanyan::cycle
