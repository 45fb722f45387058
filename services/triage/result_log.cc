#include "services/triage/result_log.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/names.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/triage/follow_up_rules.h"
#include "services/triage/parties.h"
#include "services/triage/write_all.h"

namespace chanyan::triage {
namespace {

constexpr char kOfResult[] = "result = ?";
constexpr char kCountedOfResult[] = "result = ? AND state = 'RECORDED'";
constexpr char kOldestFirst[] = "create_time, name FOR UPDATE";
// The name is the key and otherwise nobody's to change.
constexpr char kRename[] = "UPDATE follow_up SET name = ? WHERE name = ?";
constexpr size_t kNamedDeals = 5;

// What people see of a deal: "2025-04-01签订技术合同（企业一）".
std::string Describe(const v1::FollowUp& row) {
  const std::string& with = row.has_contract()    ? row.contract().buyer_title()
                            : row.has_company()   ? row.company().title()
                            : row.has_financing() ? row.financing().investor_title()
                                                  : row.registration_number();
  const auto day = time::ToCivilDay(row.happen_date());
  return absl::StrCat(day.ok() ? time::FormatDate(*day) : "", policy::LabelOf(row.kind()), "（",
                      with, "）");
}

std::vector<const v1::FollowUp*> Deals(const std::vector<v1::FollowUp>& rows) {
  std::vector<const v1::FollowUp*> deals;
  for (const v1::FollowUp& row : rows) {
    if (row.state() == v1::FOLLOW_UP_STATE_RECORDED && IsDeal(row.kind())) deals.push_back(&row);
  }
  return deals;
}

absl::Status RefuseLosing(const v1::Result& from, const v1::Result& into,
                          const std::vector<const v1::FollowUp*>& deals) {
  std::vector<std::string> named;
  for (size_t i = 0; i < std::min(deals.size(), kNamedDeals); ++i) {
    named.push_back(Describe(*deals[i]));
  }
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("“", from.title(), "”已有", deals.size(), "项转化记录：",
                   absl::StrJoin(named, "、"), deals.size() > named.size() ? "等" : "",
                   "，不能并入没有转化记录的“", into.title(), "”，请反过来合并：把“", into.title(),
                   "”并入“", from.title(), "”"));
}

}  // namespace

absl::StatusOr<std::vector<v1::FollowUp>> CountedLog(db::Session& session,
                                                     absl::string_view result) {
  const db::Table<v1::FollowUp> follow_ups;
  return follow_ups.Select(session, {kCountedOfResult, {std::string(result)}}, kOldestFirst);
}

absl::Status ResultLog::MoveCases(rpc::Change& change, const v1::Result& from,
                                  const v1::Result& into) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::TypicalCase> rows,
      cases_.Select(change.session(), {kOfResult, {from.name()}}, db::kByNameLocked));
  const std::vector<v1::TypicalCase> before = rows;
  for (v1::TypicalCase& row : rows) {
    row.set_result(into.name());
    CopyParties(into, &row);
  }
  return WriteAll(change, cases_, "moved", before, &rows);
}

absl::Status ResultLog::Move(rpc::Change& change, const v1::Result& from, v1::Result* into) const {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::FollowUp> rows,
      follow_ups_.Select(change.session(), {kOfResult, {from.name()}}, kOldestFirst));
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::FollowUp> there,
      follow_ups_.Select(change.session(), {kOfResult, {into->name()}}, kOldestFirst));
  const std::vector<const v1::FollowUp*> deals = Deals(rows);
  if (!deals.empty() && Deals(there).empty()) return RefuseLosing(from, *into, deals);
  const auto moved = [&](const std::string& name) {
    return absl::StrCat(into->name(), "/followUps/", api::IdOfName(name));
  };
  v1::FunnelStage stage = into->funnel_stage();
  for (const v1::FollowUp& before : rows) {
    const std::string name = moved(before.name());
    CHANYAN_RETURN_IF_ERROR(change.session().Execute(kRename, {name, before.name()}).status());
    // Its version is told by its name as well.
    CHANYAN_ASSIGN_OR_RETURN(v1::FollowUp row, follow_ups_.Get(change.session(), name));
    // A contract is one of the same log.
    if (!row.contract_follow_up().empty()) {
      row.set_contract_follow_up(moved(row.contract_follow_up()));
    }
    CopyParties(*into, &row);
    CHANYAN_RETURN_IF_ERROR(follow_ups_.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("moved away", &before, nullptr));
    CHANYAN_RETURN_IF_ERROR(change.Record("moved", nullptr, &row));
    if (row.state() == v1::FOLLOW_UP_STATE_RECORDED) stage = std::max(stage, StageOf(row.kind()));
  }
  CHANYAN_RETURN_IF_ERROR(MoveCases(change, from, *into));
  CHANYAN_RETURN_IF_ERROR(book_.Reach(change, stage, into));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::FollowUp> log,
                           CountedLog(change.session(), into->name()));
  return book_.Conclude(change, IsConcluded(log), into);
}

}  // namespace chanyan::triage
