// A team is dissolved (TRI-2, TRI-5): what is open goes to another team or to the office in the
// same transaction, each result with its history, or the team stays.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/well_known.h"
#include "common/rpc/resource.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/serving.h"
#include "services/triage/team_service.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

constexpr size_t kMostNamed = 3;
constexpr char kWorkingWith[] =
    "state = 'ACTIVE' AND name <> ? AND (department = ? OR agency = ? OR investor = ?)";
constexpr char kOfferedTo[] =
    "open_handover IN (SELECT name FROM handover WHERE to_holder = ? AND state = 'OFFERED')";

bool IsOf(const v1::ServiceTeam& team, const std::string& organization) {
  return organization == team.agency() || organization == team.department() ||
         organization == team.investor();
}

// What a team that nobody takes over from leaves undone.
std::string OpenWork(const v1::ServiceTeam& team, const std::vector<v1::Result>& open) {
  std::vector<std::string> named;
  int held = 0;
  int offered = 0;
  for (const v1::Result& result : open) {
    if (named.size() < kMostNamed) named.push_back(absl::StrCat("“", result.title(), "”"));
    held += IsOf(team, result.holder()) ? 1 : 0;
    offered += result.open_handover().empty() ? 0 : 1;
  }
  return absl::StrCat("“", team.display_name(), "”还有未办结的成果", open.size(), "项（",
                      absl::StrJoin(named, "、"), open.size() > kMostNamed ? "等" : "",
                      "），其中首问责任在本专班的", held, "项，移交待接收的", offered,
                      "项；请指定承接专班，或由领导小组办公室承接");
}

}  // namespace

absl::Status TeamService::CheckDissolution(const v1::DissolveServiceTeamRequest& request,
                                           const v1::ServiceTeam& row,
                                           const v1::ServiceTeam& successor,
                                           const std::vector<v1::Result>& open) const {
  std::vector<status::Violation> wrong;
  if (request.to_office() && !request.successor().empty()) {
    wrong.push_back({"to_office", "已指定承接专班，不能同时由领导小组办公室承接"});
  }
  if (request.successor() == row.name()) {
    wrong.push_back({"successor", "不能由本专班承接"});
  } else if (!request.successor().empty() && successor.state() != v1::TEAM_STATE_ACTIVE) {
    wrong.push_back({"successor", "没有这一服务专班，或已撤销"});
  }
  if (wrong.empty() && !successor.name().empty()) {
    v1::ServiceTeam both = successor;
    JoinMembers(row, &both);
    if (both.members_size() > kMostMembers) {
      wrong.push_back({"successor", absl::StrCat("承接后成员有", both.members_size(), "人，最多",
                                                 kMostMembers, "人，请先调整成员")});
    }
    const int served = successor.serves_size() + row.serves_size();
    if (served > kMostServed) {
      wrong.push_back({"successor", absl::StrCat("承接后对接单位有", served, "个，最多",
                                                 kMostServed, "个，请先调整对接单位")});
    }
  }
  if (!wrong.empty()) return status::InvalidFields(std::move(wrong));
  if (open.empty() || request.to_office() || !request.successor().empty()) {
    return absl::OkStatus();
  }
  return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, OpenWork(row, open));
}

absl::Status TeamService::PassOn(rpc::Change& change, const v1::ServiceTeam& row,
                                 const v1::ServiceTeam& successor, const Holder& office,
                                 std::vector<v1::Result>* open) const {
  const bool taken_over = !successor.name().empty();
  const Holder to = taken_over ? Holder{successor.agency(), successor.agency_title(), ""} : office;
  const std::vector<v1::Result> before = *open;
  std::vector<v1::Result*> held;
  for (v1::Result& result : *open) {
    // What others hold stays theirs and only changes the team; so does what the successor's own
    // agency, department or investor holds.
    if (IsOf(row, result.holder()) && !(taken_over && IsOf(successor, result.holder()))) {
      held.push_back(&result);
    }
    book_.SetTeam(taken_over ? &successor : nullptr, &result);
  }
  CHANYAN_RETURN_IF_ERROR(book_.PassAll(change, to, v1::TENURE_CAUSE_TEAM_DISSOLVED, held));
  return book_.SaveAll(change, "assigned", before, open);
}

absl::Status TeamService::CancelOffers(rpc::Change& change, const v1::ServiceTeam& row) const {
  for (const std::string& organization : {row.agency(), row.department(), row.investor()}) {
    // Units of the pack take part with or without a team.
    if (deps_.pack.FindOrganization(organization) != nullptr) continue;
    CHANYAN_ASSIGN_OR_RETURN(
        const int64_t others,
        teams_.Count(change.session(),
                     {kWorkingWith, {row.name(), organization, organization, organization}}));
    if (others > 0) continue;
    CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Result> offered,
                             book_.LockOpen(change, {kOfferedTo, {organization}}));
    const std::vector<v1::Result> before = offered;
    std::vector<v1::Result*> rows;
    for (v1::Result& result : offered) rows.push_back(&result);
    CHANYAN_RETURN_IF_ERROR(
        book_.CancelHandovers(change, "接收单位所在专班已撤销，移交取消", rows));
    CHANYAN_RETURN_IF_ERROR(book_.SaveAll(change, "handover cancel", before, &offered));
  }
  return absl::OkStatus();
}

absl::Status TeamService::TakeOver(rpc::Change& change, const v1::ServiceTeam& row,
                                   v1::ServiceTeam* successor) const {
  const v1::ServiceTeam before = *successor;
  JoinMembers(row, successor);
  for (const std::string& served : row.serves()) successor->add_serves(served);
  CHANYAN_RETURN_IF_ERROR(teams_.Update(change.session(), change.now(), successor));
  CHANYAN_RETURN_IF_ERROR(change.Record("took over", &before, successor));
  return members_.Follow(change, before, *successor);
}

absl::StatusOr<v1::ServiceTeam> TeamService::DissolveServiceTeam(
    const rpc::Call& call, const v1::DissolveServiceTeamRequest& request) {
  CHANYAN_RETURN_IF_ERROR(OfficeOnly(call));
  CHANYAN_ASSIGN_OR_RETURN(const std::string office_title,
                           TitleOf(deps_, call, deps_.pack.Office()));
  const Holder office = {deps_.pack.Office(), office_title, ""};
  return rpc::Mutate<v1::ServiceTeam>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ServiceTeam> {
        // Two at once lock in one order.
        const auto [first, second] = std::minmax(request.name(), request.successor());
        for (const std::string& name : {first, second}) {
          if (name.empty()) continue;
          const absl::Status locked = teams_.GetForUpdate(change.session(), name).status();
          if (!locked.ok() && !absl::IsNotFound(locked)) return locked;
        }
        CHANYAN_ASSIGN_OR_RETURN(
            v1::ServiceTeam row,
            teams_.GetForUpdate(change.session(), request.name(),
                                auth::Writable<v1::ServiceTeam>(call.principal)));
        if (!request.etag().empty() && request.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, request.etag(), row);
        }
        if (row.state() != v1::TEAM_STATE_ACTIVE) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "专班已经撤销");
        }
        v1::ServiceTeam successor;
        if (!request.successor().empty() && request.successor() != row.name()) {
          absl::StatusOr<v1::ServiceTeam> found =
              teams_.GetForUpdate(change.session(), request.successor());
          if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
          if (found.ok()) successor = *std::move(found);
        }
        CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Result> open,
                                 book_.LockOpen(change, {"team = ?", {row.name()}}));
        CHANYAN_RETURN_IF_ERROR(CheckDissolution(request, row, successor, open));
        const v1::ServiceTeam before = row;
        row.set_state(v1::TEAM_STATE_DISSOLVED);
        row.set_dissolve_reason(request.reason());
        row.set_successor(successor.name());
        api::SetTime(change.now(), row.mutable_dissolve_time());
        CHANYAN_RETURN_IF_ERROR(teams_.Update(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("dissolve", &before, &row));
        CHANYAN_RETURN_IF_ERROR(members_.Follow(change, before, row));
        if (!successor.name().empty()) {
          CHANYAN_RETURN_IF_ERROR(TakeOver(change, row, &successor));
        }
        CHANYAN_RETURN_IF_ERROR(FollowServiceTeam(change, row));
        CHANYAN_RETURN_IF_ERROR(PassOn(change, row, successor, office, &open));
        CHANYAN_RETURN_IF_ERROR(CancelOffers(change, row));
        return Present(call, std::move(row));
      });
}

}  // namespace chanyan::triage
