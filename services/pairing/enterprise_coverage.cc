// Whether an enterprise counts as paired, by the verdict of the pack's rule, and exceptions from
// the rule (PAIR-6, POL-2, POL-3). An exception moves no figure: it says that it is known why.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/policy/verdict.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/coverage_rules.h"
#include "services/pairing/coverage_service.h"
#include "services/pairing/outreach_rules.h"
#include "services/pairing/select_in.h"

namespace chanyan::pairing {
namespace {

constexpr char kOfEnterprise[] = "enterprise = ?";
constexpr char kExcepted[] = "coverage_override_time IS NOT NULL";

// As many as QueryCoverage counts: a platform once, however many projects it has.
int64_t PlatformsIn(const std::vector<v1::CountedProject>& projects) {
  std::set<std::string> platforms;
  for (const v1::CountedProject& project : projects) {
    if (project.counts()) platforms.insert(project.platform());
  }
  return static_cast<int64_t>(platforms.size());
}

bool IsMet(const policy::v1::Verdicts& verdicts) {
  return std::all_of(verdicts.verdicts().begin(), verdicts.verdicts().end(), [](const auto& one) {
    return one.outcome() == policy::v1::OUTCOME_SATISFIED;
  });
}

}  // namespace

absl::StatusOr<policy::v1::Verdicts> CoverageService::VerdictsOn(
    db::Session& session, const std::string& enterprise) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::CountedProject> projects,
                           counter_.ProjectsOf(session, enterprise));
  return CoverageVerdicts(deps_.pack, enterprise, PlatformsIn(projects));
}

absl::Status CoverageService::Judge(db::Session& session,
                                    std::vector<v1::UnpairedEnterprise>* rows) const {
  std::vector<std::string> enterprises;
  for (const v1::UnpairedEnterprise& row : *rows) enterprises.push_back(row.enterprise());
  CHANYAN_ASSIGN_OR_RETURN(const auto standings, counter_.StandingsOf(session, enterprises));
  for (v1::UnpairedEnterprise& row : *rows) {
    const auto standing = standings.find(row.enterprise());
    *row.mutable_coverage_verdicts() = CoverageVerdicts(
        deps_.pack, row.enterprise(), standing == standings.end() ? 0 : standing->second.platforms);
  }
  absl::flat_hash_map<std::string, policy::v1::Verdicts> exceptions;
  CHANYAN_RETURN_IF_ERROR(SelectIn(
      session, outreaches_, "enterprise", std::move(enterprises), {kExcepted, {}}, "name",
      [&](v1::Outreach head) { exceptions[head.enterprise()] = head.coverage_verdicts(); }));
  for (v1::UnpairedEnterprise& row : *rows) {
    const auto exception = exceptions.find(row.enterprise());
    if (exception == exceptions.end()) continue;
    ApplyException(deps_.pack, exception->second, row.mutable_coverage_verdicts());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::EnterpriseCoverage> CoverageService::CheckEnterpriseCoverage(
    const rpc::Call& call, const v1::CheckEnterpriseCoverageRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  v1::EnterpriseCoverage answer;
  const auto look = [&](db::Session& session) -> absl::Status {
    answer.Clear();
    CHANYAN_ASSIGN_OR_RETURN(const v1::Roster roster,
                             counter_.RosterOf(session, "", time::DayOf(now)));
    CHANYAN_ASSIGN_OR_RETURN(*answer.mutable_entry(),
                             EntryFor(session, call, roster, request.name()));
    const std::string& enterprise = answer.entry().enterprise();
    answer.set_roster(roster.name());
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::CountedProject> projects,
                             counter_.ProjectsOf(session, enterprise));
    answer.mutable_projects()->Assign(projects.begin(), projects.end());
    CHANYAN_ASSIGN_OR_RETURN(const auto standings, counter_.StandingsOf(session, {enterprise}));
    const auto standing = standings.find(enterprise);
    answer.set_standing(standing == standings.end() ? v1::ENTERPRISE_STANDING_NONE
                                                    : standing->second.standing);
    *answer.mutable_verdicts() = CoverageVerdicts(deps_.pack, enterprise, PlatformsIn(projects));
    // Whoever is responsible by the roster is told the same, though the follow-up be another's yet.
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Outreach> heads,
                             outreaches_.Select(session, {kOfEnterprise, {enterprise}}, "name"));
    for (const v1::Outreach& head : heads) {
      answer.set_etag(head.etag());
      if (!head.has_coverage_override_time()) continue;
      ApplyException(deps_.pack, head.coverage_verdicts(), answer.mutable_verdicts());
      *answer.mutable_override_time() = head.coverage_override_time();
    }
    *answer.mutable_as_of() = time::ToTimestamp(now);
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, look));
  return answer;
}

absl::StatusOr<v1::Outreach> CoverageService::OverrideEnterpriseCoverage(
    const rpc::Call& call, const v1::OverrideEnterpriseCoverageRequest& request) {
  const auto set_aside = [&](rpc::Change& change) -> absl::StatusOr<v1::Outreach> {
    db::Session& session = change.session();
    CHANYAN_ASSIGN_OR_RETURN(Head head, HeadForUpdate(call, change, request.name()));
    const v1::Outreach before = head.row;
    CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), before.etag(), before.name()));
    CHANYAN_ASSIGN_OR_RETURN(const v1::Roster roster,
                             counter_.RosterOf(session, "", time::DayOf(change.now())));
    CHANYAN_RETURN_IF_ERROR(
        EntryFor(session, call, roster,
                 absl::StrCat("outreaches/", api::IdOfName(before.enterprise())))
            .status());
    if (before.has_coverage_override_time()) {
      return status::WrongState("该企业已有结对覆盖例外；如需更改理由，请先取消再重新批准");
    }
    CHANYAN_ASSIGN_OR_RETURN(policy::v1::Verdicts verdicts,
                             VerdictsOn(session, before.enterprise()));
    if (IsMet(verdicts)) return status::WrongState("该企业已结对，无需例外");
    CHANYAN_RETURN_IF_ERROR(
        policy::SetAside(deps_.pack, call.principal.roles, request.reason(), verdicts));
    CHANYAN_RETURN_IF_ERROR(policy::RequireSatisfied(verdicts));
    *head.row.mutable_coverage_verdicts() = std::move(verdicts);
    *head.row.mutable_coverage_override_time() = time::ToTimestamp(change.now());
    head.row.clear_coverage_restore_reason();
    CHANYAN_RETURN_IF_ERROR(WriteHead(change, "excepted", before, &head));
    return head.row;
  };
  CHANYAN_ASSIGN_OR_RETURN(v1::Outreach row,
                           rpc::Mutate<v1::Outreach>(deps_.store, call, request, set_aside));
  row.set_reason_title(ReasonTitle(deps_.pack, row.reason()));
  return row;
}

absl::StatusOr<v1::Outreach> CoverageService::RestoreEnterpriseCoverage(
    const rpc::Call& call, const v1::RestoreEnterpriseCoverageRequest& request) {
  const auto restore = [&](rpc::Change& change) -> absl::StatusOr<v1::Outreach> {
    CHANYAN_ASSIGN_OR_RETURN(Head head, HeadForUpdate(call, change, request.name()));
    const v1::Outreach before = head.row;
    CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), before.etag(), before.name()));
    if (!before.has_coverage_override_time()) {
      return status::WrongState("该企业没有结对覆盖例外，无需取消");
    }
    head.row.clear_coverage_verdicts();
    head.row.clear_coverage_override_time();
    head.row.set_coverage_restore_reason(request.reason());
    CHANYAN_RETURN_IF_ERROR(WriteHead(change, "restored", before, &head));
    return head.row;
  };
  CHANYAN_ASSIGN_OR_RETURN(v1::Outreach row,
                           rpc::Mutate<v1::Outreach>(deps_.store, call, request, restore));
  row.set_reason_title(ReasonTitle(deps_.pack, row.reason()));
  return row;
}

}  // namespace chanyan::pairing
