#include "services/cycle/duties.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/cycle/cycle_rules.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_ENTERPRISE;
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
    "GROUP BY receiver ORDER BY receiver";
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
