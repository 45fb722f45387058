// Handlers of demands, but for sheets.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/policy/verdict.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/challenge_columns.h"
#include "services/triage/demand_life.h"
#include "services/triage/demand_scope.h"
#include "services/triage/demand_service.h"
#include "services/triage/library_keys.h"
#include "services/triage/library_rules.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;
using options::v1::ERROR_REASON_WRONG_STATE;

constexpr int kExpirePerRound = 200;

bool IsEnterprise(const rpc::Call& call) {
  return call.principal.Has(options::v1::ROLE_ENTERPRISE);
}

absl::Status CheckCurrent(const v1::Demand& row, absl::CivilDay today) {
  if (!IsExpired(row, today)) return absl::OkStatus();
  return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                    "有效期已过，请先修改“有效期至”再发布");
}

}  // namespace

std::vector<rpc::UnaryMethod> DemandService::Methods() {
  using S = DemandService;
  return {
      rpc::Unary("GetDemand", this, &S::GetDemand),
      rpc::Unary("ListDemands", this, &S::ListDemands),
      rpc::Unary("CreateDemand", this, &S::CreateDemand),
      rpc::Unary("UpdateDemand", this, &S::UpdateDemand),
      rpc::Unary("PublishDemand", this, &S::PublishDemand),
      rpc::Unary("MeetDemand", this, &S::MeetDemand),
      rpc::Unary("WithdrawDemand", this, &S::WithdrawDemand),
      rpc::Unary("MergeDemand", this, &S::MergeDemand),
      rpc::Unary("ListDemandRevisions", this, &S::ListDemandRevisions),
      rpc::Unary("ListDemandDuplicates", this, &S::ListDemandDuplicates),
      rpc::Unary("ImportDemands", this, &S::ImportDemands),
      rpc::Unary("ExportDemands", this, &S::ExportDemands),
  };
}

v1::Demand DemandService::Present(const rpc::Call& call, v1::Demand row) const {
  const bool writes = auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE);
  if (!writes) row.clear_text_notes();
  if (writes) {
    for (std::string& verb : rpc::ActionsOf(call, DemandLife(), row.state(), "Demand")) {
      row.add_actions(std::move(verb));
    }
  }
  return row;
}

absl::StatusOr<v1::Demand> DemandService::GetDemand(const rpc::Call& call,
                                                    const v1::GetDemandRequest& request) {
  v1::Demand row;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            row, demands_.Get(session, request.name(),
                              VisibleDemands(call.principal, deps_.store.clock.Now())));
        return absl::OkStatus();
      }));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListDemandsResponse> DemandService::ListDemands(
    const rpc::Call& call, const v1::ListDemandsRequest& request) {
  db::ListQuery query;
  query.filter = request.filter();
  query.order_by = request.order_by();
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  query.scope = VisibleDemands(call.principal, deps_.store.clock.Now());
  db::Page<v1::Demand> page;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(page, demands_.List(session, query));
        return absl::OkStatus();
      }));
  v1::ListDemandsResponse response;
  for (v1::Demand& row : page.rows) *response.add_demands() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Demand> DemandService::CreateDemand(const rpc::Call& call,
                                                       const v1::CreateDemandRequest& request) {
  v1::Demand wanted = request.demand();
  ClearChallengeColumns(&wanted);
  if (IsEnterprise(call)) {
    if (!wanted.enterprise().empty() && wanted.enterprise() != call.principal.organization) {
      return status::InvalidField("demand.enterprise", "只能录入本企业的需求");
    }
    wanted.set_enterprise(call.principal.organization);
  } else {
    CHANYAN_RETURN_IF_ERROR(CheckCollector(deps_.pack, call));
    wanted.set_collector(call.principal.organization);
  }
  CHANYAN_ASSIGN_OR_RETURN(const registry::v1::Organization owner,
                           OrganizationOf(deps_, call, wanted.enterprise(), "demand.enterprise"));
  wanted.set_enterprise_title(owner.display_name());
  wanted.set_office(deps_.pack.Office());
  wanted.set_state(v1::DEMAND_STATE_DRAFT);
  const std::vector<Finding> findings = quarantine_.Clean(kDemandTexts, &wanted);
  UsePackNames(deps_.pack, &wanted);
  CHANYAN_RETURN_IF_ERROR(Refuse(DemandViolations(deps_.pack, wanted), "demand"));
  return rpc::Mutate<v1::Demand>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Demand> {
        CHANYAN_RETURN_IF_ERROR(
            rpc::RefuseSucceeded(change.session(), {owner.name(), call.principal.organization}));
        v1::Demand row = wanted;
        row.set_name(absl::StrCat("demands/", api::NewShortId()));
        CHANYAN_RETURN_IF_ERROR(RefuseTwin(change.session(), demands_, row, row.enterprise_title(),
                                           VisibleDemands(call.principal, change.now())));
        if (request.validate_only()) return Present(call, row);
        CHANYAN_ASSIGN_OR_RETURN(const auto notes,
                                 quarantine_.Keep(change, row.name(), row.enterprise(), findings));
        AddNotes(notes, row.mutable_text_notes());
        CHANYAN_RETURN_IF_ERROR(
            WriteLibraryKeys(change.session(), row.name(), KeysOf(row), SoleKeyOf(row)));
        CHANYAN_RETURN_IF_ERROR(demands_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return Present(call, row);
      });
}

absl::Status DemandService::Save(rpc::Change& change, absl::string_view kind,
                                 const v1::Demand& before, v1::Demand* row) const {
  if (MessageDifferencer::Equals(before, *row)) return absl::OkStatus();
  if (row->state() == v1::DEMAND_STATE_PUBLISHED) {
    policy::v1::Verdicts verdicts =
        policy::Evaluate(deps_.pack.pack(), policy::v1::DECISION_DEMAND_PUBLISH,
                         PublishFacts(*row, time::DayOf(change.now())));
    CHANYAN_RETURN_IF_ERROR(policy::RequireSatisfied(verdicts));
    *row->mutable_publish_verdicts() = std::move(verdicts);
    row->set_revision(row->revision() + 1);
    if (!row->has_publish_time()) api::SetTime(change.now(), row->mutable_publish_time());
  }
  CHANYAN_RETURN_IF_ERROR(demands_.Update(change.session(), change.now(), row));
  CHANYAN_RETURN_IF_ERROR(change.Record(kind, &before, row));
  if (before.revision() != row->revision()) {
    CHANYAN_RETURN_IF_ERROR(WriteRevision(change, before, *row));
  }
  return WriteLibraryKeys(change.session(), row->name(), KeysOf(*row), SoleKeyOf(*row));
}

absl::StatusOr<v1::Demand> DemandService::UpdateDemand(const rpc::Call& call,
                                                       const v1::UpdateDemandRequest& request) {
  const v1::Demand& update = request.demand();
  return rpc::Mutate<v1::Demand>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Demand> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Demand row,
                                 demands_.GetForUpdate(change.session(), update.name(),
                                                       auth::Writable<v1::Demand>(call.principal)));
        if (!update.etag().empty() && update.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, update.etag(), row);
        }
        if (!IsOpen(row.state())) {
          return status::FailedPrecondition(
              ERROR_REASON_WRONG_STATE,
              absl::StrCat("当前状态为“", policy::LabelOf(row.state()), "”，不能修改"));
        }
        const v1::Demand before = row;
        CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &row));
        const std::vector<Finding> findings = quarantine_.Clean(kDemandTexts, &row);
        UsePackNames(deps_.pack, &row);
        CHANYAN_RETURN_IF_ERROR(Refuse(DemandViolations(deps_.pack, row), "demand"));
        if (row.state() == v1::DEMAND_STATE_PUBLISHED) {
          CHANYAN_RETURN_IF_ERROR(CheckCurrent(row, time::DayOf(change.now())));
        }
        CHANYAN_RETURN_IF_ERROR(RefuseTwin(change.session(), demands_, row, row.enterprise_title(),
                                           VisibleDemands(call.principal, change.now())));
        if (request.validate_only()) return Present(call, row);
        CHANYAN_ASSIGN_OR_RETURN(const auto notes,
                                 quarantine_.Keep(change, row.name(), row.enterprise(), findings));
        AddNotes(notes, row.mutable_text_notes());
        CHANYAN_RETURN_IF_ERROR(Save(change, "updated", before, &row));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::Demand> DemandService::Transit(const rpc::Call& call,
                                                  const google::protobuf::Message& request,
                                                  const std::string& name, const std::string& etag,
                                                  absl::string_view verb, RowEdit edit) {
  return rpc::Mutate<v1::Demand>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Demand> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Demand row,
                                 demands_.GetForUpdate(change.session(), name,
                                                       auth::Writable<v1::Demand>(call.principal)));
        if (!etag.empty() && etag != row.etag()) {
          return rpc::StaleEdit(change.session(), call, etag, row);
        }
        const v1::Demand before = row;
        CHANYAN_ASSIGN_OR_RETURN(const v1::DemandState next,
                                 policy::Next(DemandLife(), row.state(), verb));
        row.set_state(next);
        CHANYAN_RETURN_IF_ERROR(edit(change, row));
        CHANYAN_RETURN_IF_ERROR(Save(change, verb, before, &row));
        return Present(call, std::move(row));
      });
}

absl::StatusOr<v1::Demand> DemandService::PublishDemand(const rpc::Call& call,
                                                        const v1::PublishDemandRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "publish",
      [](rpc::Change& change, v1::Demand& row) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {row.enterprise()}));
        return CheckCurrent(row, time::DayOf(change.now()));
      });
}

absl::StatusOr<v1::Demand> DemandService::MeetDemand(const rpc::Call& call,
                                                     const v1::MeetDemandRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "meet",
                 [&](rpc::Change&, v1::Demand& row) -> absl::Status {
                   row.set_close_reason(request.reason());
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Demand> DemandService::WithdrawDemand(const rpc::Call& call,
                                                         const v1::WithdrawDemandRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "withdraw",
                 [&](rpc::Change&, v1::Demand& row) -> absl::Status {
                   row.set_close_reason(request.reason());
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Demand> DemandService::MergeDemand(const rpc::Call& call,
                                                      const v1::MergeDemandRequest& request) {
  if (request.into() == request.name()) {
    return status::InvalidField("into", "不能并入需求自身");
  }
  return Transit(
      call, request, request.name(), request.etag(), "merge",
      [&](rpc::Change& change, v1::Demand& row) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Demand into,
                                 demands_.GetForUpdate(change.session(), request.into(),
                                                       auth::Writable<v1::Demand>(call.principal)));
        if (!IsOpen(into.state())) {
          return status::FailedPrecondition(
              ERROR_REASON_WRONG_STATE,
              absl::StrCat("“", into.title(), "”", policy::LabelOf(into.state()), "，不能并入"));
        }
        row.set_merged_into(into.name());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::ListDemandDuplicatesResponse> DemandService::ListDemandDuplicates(
    const rpc::Call& call, const v1::ListDemandDuplicatesRequest& request) {
  v1::ListDemandDuplicatesResponse response;
  const db::Predicate scope = VisibleDemands(call.principal, deps_.store.clock.Now());
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        response.Clear();
        CHANYAN_ASSIGN_OR_RETURN(const v1::Demand row,
                                 demands_.Get(session, request.name(), scope));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<KeyHolder> holders,
                                 HoldersOf(session, "demands/", row.name(), KeysOf(row)));
        for (const KeyHolder& holder : holders) {
          const absl::StatusOr<v1::Demand> other = demands_.Get(session, holder.subject, scope);
          if (absl::IsNotFound(other.status())) continue;
          CHANYAN_RETURN_IF_ERROR(other.status());
          if (!IsOpen(other->state())) continue;
          v1::Likeness* likeness = response.add_likenesses();
          likeness->set_name(other->name());
          likeness->set_title(other->title());
          likeness->set_owner_title(other->enterprise_title());
          likeness->add_reasons(holder.reason);
        }
        return absl::OkStatus();
      }));
  return response;
}

absl::StatusOr<int> DemandService::Expire(const db::Lease& lease) {
  const journal::Origin origin{.method = "chanyan.triage.Jobs/expire", .actor = "services/triage"};
  int expired = 0;
  const absl::Status done = deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    expired = 0;
    const absl::Time now = deps_.store.clock.Now();
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::Demand> rows,
        demands_.Select(
            session,
            {"state = 'PUBLISHED' AND valid_until < ?", {time::FormatDate(time::DayOf(now))}},
            absl::StrCat("valid_until, name LIMIT ", kExpirePerRound, " FOR UPDATE")));
    for (v1::Demand& row : rows) {
      const v1::Demand before = row;
      row.set_state(v1::DEMAND_STATE_EXPIRED);
      CHANYAN_RETURN_IF_ERROR(demands_.Update(session, now, &row));
      CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, "expired", &before, &row));
      ++expired;
    }
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  if (expired > 0 && deps_.store.changed) deps_.store.changed();
  return expired;
}

}  // namespace chanyan::triage
