// Handlers of follow-ups and their contacts (PAIR-6).
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/coverage_service.h"
#include "services/pairing/outreach_align.h"
#include "services/pairing/outreach_rules.h"

namespace chanyan::pairing {
namespace {

constexpr char kContacts[] = "enterprise = ?";

std::string EntryOf(const v1::Roster& roster, absl::string_view outreach) {
  return absl::StrCat(roster.name(), "/entries/", api::IdOfName(outreach));
}

// Fields of the request's message are those of a resource inside it.
std::vector<status::Violation> Under(absl::string_view field,
                                     std::vector<status::Violation> violations) {
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat(field, ".", violation.field);
  }
  return violations;
}

}  // namespace

absl::StatusOr<v1::RosterEntry> CoverageService::EntryFor(db::Session& session,
                                                          const rpc::Call& call,
                                                          const v1::Roster& roster,
                                                          const std::string& outreach) {
  const db::Predicate scope = auth::Readable<v1::RosterEntry>(call.principal);
  const absl::StatusOr<v1::RosterEntry> named =
      entries_.Get(session, EntryOf(roster, outreach), scope);
  if (named.ok()) return named;
  if (!absl::IsNotFound(named.status())) return named.status();
  // One that came with a merger has the name of its time.
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::RosterEntry> entries,
      entries_.Select(session,
                      db::And(scope, {"roster = ? AND enterprise = ?",
                                      {roster.name(),
                                       absl::StrCat("organizations/", api::IdOfName(outreach))}}),
                      "name"));
  if (entries.empty()) return status::NotFound(outreach);
  return std::move(entries.front());
}

absl::StatusOr<CoverageService::Head> CoverageService::HeadForUpdate(const rpc::Call& call,
                                                                     rpc::Change& change,
                                                                     const std::string& name) {
  absl::StatusOr<v1::Outreach> stored = outreaches_.GetForUpdate(
      change.session(), name, auth::Writable<v1::Outreach>(call.principal));
  if (stored.ok()) return Head{*std::move(stored), false};
  if (!absl::IsNotFound(stored.status())) return stored.status();
  CHANYAN_ASSIGN_OR_RETURN(const v1::Roster roster,
                           counter_.RosterOf(change.session(), "", time::DayOf(change.now())));
  CHANYAN_ASSIGN_OR_RETURN(const v1::RosterEntry entry,
                           EntryFor(change.session(), call, roster, name));
  // A follow-up that came with a merger has the name of its time: an enterprise has one.
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Outreach> others,
      outreaches_.Select(change.session(), {kContacts, {entry.enterprise()}}, "name"));
  if (!others.empty()) {
    CHANYAN_ASSIGN_OR_RETURN(
        v1::Outreach other, outreaches_.GetForUpdate(change.session(), others.front().name(),
                                                     auth::Writable<v1::Outreach>(call.principal)));
    return Head{std::move(other), false};
  }
  CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {entry.enterprise()}));
  // The roster has the unit of its time.
  CHANYAN_ASSIGN_OR_RETURN(const rpc::Successor unit,
                           rpc::SuccessorOf(change.session(), entry.unit()));
  Head head;
  head.created = true;
  head.row.set_name(name);
  head.row.set_enterprise(entry.enterprise());
  head.row.set_enterprise_title(entry.enterprise_title());
  head.row.set_unified_social_credit_code(entry.unified_social_credit_code());
  head.row.set_unit(unit.organization.empty() ? entry.unit() : unit.organization);
  if (!auth::Reaches(call.principal, head.row, options::v1::ACCESS_WRITE)) {
    return status::NotFound(name);
  }
  return head;
}

absl::StatusOr<v1::Outreach> CoverageService::FetchHead(const rpc::Call& call,
                                                        const std::string& name) {
  absl::StatusOr<v1::Outreach> row = rpc::Fetch(deps_.store.db, call, outreaches_, name);
  if (!absl::IsNotFound(row.status())) return row;
  // One that came with a merger has the name of its time.
  const db::Predicate of = {kContacts, {absl::StrCat("organizations/", api::IdOfName(name))}};
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Outreach> found,
            outreaches_.Select(session, db::And(auth::Readable<v1::Outreach>(call.principal), of),
                               "name"));
        if (found.empty()) return status::NotFound(name);
        row = found.front();
        return absl::OkStatus();
      }));
  return row;
}

absl::StatusOr<v1::Outreach> CoverageService::HeadOf(db::Session& session, const rpc::Call& call,
                                                     const std::string& enterprise) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Outreach> heads,
                           outreaches_.Select(session, {kContacts, {enterprise}}, "name"));
  if (heads.empty()) return status::NotFound(enterprise);
  return outreaches_.GetForUpdate(session, heads.front().name(),
                                  auth::Writable<v1::Outreach>(call.principal));
}

absl::Status CoverageService::WriteHead(rpc::Change& change, absl::string_view kind,
                                        const v1::Outreach& before, Head* head) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::ContactAttempt> attempts,
      attempts_.Select(change.session(), {kContacts, {head->row.enterprise()}}));
  Derive(attempts, &head->row);
  if (head->created) {
    CHANYAN_RETURN_IF_ERROR(outreaches_.Insert(change.session(), change.now(), &head->row));
    return change.Record("created", nullptr, &head->row);
  }
  if (google::protobuf::util::MessageDifferencer::Equals(before, head->row)) {
    return absl::OkStatus();
  }
  CHANYAN_RETURN_IF_ERROR(outreaches_.Update(change.session(), change.now(), &head->row));
  return change.Record(kind, &before, &head->row);
}

absl::StatusOr<v1::Outreach> CoverageService::GetOutreach(const rpc::Call& call,
                                                          const v1::GetOutreachRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Outreach row, FetchHead(call, request.name()));
  row.set_reason_title(ReasonTitle(deps_.pack, row.reason()));
  return row;
}

absl::StatusOr<v1::Outreach> CoverageService::UpdateOutreach(
    const rpc::Call& call, const v1::UpdateOutreachRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Outreach row,
      rpc::Mutate<v1::Outreach>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Outreach> {
            CHANYAN_ASSIGN_OR_RETURN(Head head,
                                     HeadForUpdate(call, change, request.outreach().name()));
            const v1::Outreach before = head.row;
            CHANYAN_RETURN_IF_ERROR(
                api::ApplyMask(request.update_mask(), request.outreach(), &head.row));
            if (request.validate_only()) return head.row;
            CHANYAN_RETURN_IF_ERROR(WriteHead(change, "arranged", before, &head));
            return head.row;
          }));
  row.set_reason_title(ReasonTitle(deps_.pack, row.reason()));
  return row;
}

absl::StatusOr<v1::ListContactAttemptsResponse> CoverageService::ListContactAttempts(
    const rpc::Call& call, const v1::ListContactAttemptsRequest& request) {
  std::string parent = absl::StrCat(request.parent(), "/attempts");
  std::string filter = request.filter();
  const absl::StatusOr<v1::Outreach> head = FetchHead(call, request.parent());
  if (!head.ok() && !absl::IsNotFound(head.status())) return head.status();
  if (head.ok()) {
    // By enterprise: contacts that came with a merger have the names of their time.
    parent.clear();
    absl::StrAppend(&filter, filter.empty() ? "" : " AND ", "enterprise = \"", head->enterprise(),
                    "\"");
  }
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, attempts_, request,
                                                     parent, filter, request.order_by()));
  v1::ListContactAttemptsResponse response;
  for (v1::ContactAttempt& attempt : page.rows) {
    SetTitles(deps_.pack, &attempt);
    *response.add_contact_attempts() = std::move(attempt);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ContactAttempt> CoverageService::CreateContactAttempt(
    const rpc::Call& call, const v1::CreateContactAttemptRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ContactAttempt attempt,
      rpc::Mutate<v1::ContactAttempt>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::ContactAttempt> {
            v1::ContactAttempt row = request.contact_attempt();
            std::vector<status::Violation> violations =
                Under("contact_attempt", ContactViolations(deps_.pack, row, change.now()));
            if (!violations.empty()) return status::InvalidFields(std::move(violations));
            CHANYAN_ASSIGN_OR_RETURN(Head head, HeadForUpdate(call, change, request.parent()));
            SettleReason(deps_.pack, &row);
            CHANYAN_ASSIGN_OR_RETURN(
                const std::vector<v1::ContactAttempt> others,
                attempts_.Select(change.session(), {kContacts, {head.row.enterprise()}}));
            for (const v1::ContactAttempt& other : others) {
              if (other.state() == v1::CONTACT_ATTEMPT_STATE_VALID && SameContact(other, row)) {
                return status::AlreadyExists(
                    other.name(), absl::StrCat("该联系已登记（", other.name(), "），请勿重复登记"));
              }
            }
            row.set_name(absl::StrCat(head.row.name(), "/attempts/", api::NewShortId()));
            row.set_enterprise(head.row.enterprise());
            row.set_enterprise_title(head.row.enterprise_title());
            row.set_unified_social_credit_code(head.row.unified_social_credit_code());
            row.set_unit(head.row.unit());
            row.set_state(v1::CONTACT_ATTEMPT_STATE_VALID);
            if (request.validate_only()) return row;
            CHANYAN_RETURN_IF_ERROR(attempts_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            const v1::Outreach before = head.row;
            if (row.has_next_action_date()) {
              *head.row.mutable_next_action_date() = row.next_action_date();
            }
            CHANYAN_RETURN_IF_ERROR(WriteHead(change, "contacted", before, &head));
            return row;
          }));
  SetTitles(deps_.pack, &attempt);
  return attempt;
}

absl::StatusOr<v1::ContactAttempt> CoverageService::VoidContactAttempt(
    const rpc::Call& call, const v1::VoidContactAttemptRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ContactAttempt attempt,
      rpc::Mutate<v1::ContactAttempt>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::ContactAttempt> {
            // The head first, as whoever writes a contact does.
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::ContactAttempt found,
                attempts_.Get(change.session(), request.name(),
                              auth::Writable<v1::ContactAttempt>(call.principal)));
            const absl::StatusOr<v1::Outreach> stored =
                HeadOf(change.session(), call, found.enterprise());
            if (absl::IsNotFound(stored.status())) return status::NotFound(request.name());
            CHANYAN_RETURN_IF_ERROR(stored.status());
            CHANYAN_ASSIGN_OR_RETURN(
                v1::ContactAttempt row,
                attempts_.GetForUpdate(change.session(), request.name(),
                                       auth::Writable<v1::ContactAttempt>(call.principal)));
            CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), row.etag(), row.name()));
            if (row.state() != v1::CONTACT_ATTEMPT_STATE_VALID) {
              return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                                "该联系记录已作废");
            }
            const v1::ContactAttempt before = row;
            row.set_state(v1::CONTACT_ATTEMPT_STATE_VOIDED);
            row.set_void_reason(request.reason());
            CHANYAN_RETURN_IF_ERROR(attempts_.Update(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("voided", &before, &row));
            Head head{*stored, false};
            CHANYAN_RETURN_IF_ERROR(WriteHead(change, "contacted", *stored, &head));
            return row;
          }));
  SetTitles(deps_.pack, &attempt);
  return attempt;
}

absl::Status CoverageService::AlignOutreaches(const db::Lease& lease) {
  const journal::Origin origin{.method = "chanyan.pairing.Jobs/moved", .actor = "services/pairing"};
  return deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    const absl::Time now = deps_.store.clock.Now();
    const absl::StatusOr<v1::Roster> roster = counter_.RosterOf(session, "", time::DayOf(now));
    // Nothing to align with yet.
    if (absl::IsFailedPrecondition(roster.status())) return absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(roster.status());
    return AlignWith(session, now, roster->name(), [&](const auto& moved) {
      return journal::AppendAll(session, now, origin, "moved", moved);
    });
  });
}

}  // namespace chanyan::pairing
