#include "services/pairing/contact_service.h"

#include "absl/strings/str_cat.h"
#include "common/journal/journal.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/pairing/contact_life.h"
#include "services/pairing/contact_rules.h"
#include "services/pairing/record_acts.h"

namespace chanyan::pairing {
namespace {

std::string NewName(absl::string_view project) {
  return absl::StrCat(project, "/contacts/", api::NewShortId());
}

// Approaches whose answer is overdue.
db::Predicate Unanswered(absl::Time now) {
  return {"state = 'AWAITING' AND respond_by <= ?", {LatestPastDeadline(now)}};
}

// Who may do it, where the caller's row scope reaches further.
absl::Status RequireMayAct(const rpc::Call& call, const v1::Contact& contact,
                           absl::string_view verb) {
  if (MayAct(contact, verb, call.principal.organization)) return absl::OkStatus();
  return status::PermissionDenied(verb == "answer" ? "这条接洽请由答复单位答复"
                                                   : "这条接洽只能由登记单位撤回");
}

}  // namespace

std::vector<rpc::UnaryMethod> ContactService::Methods() {
  using S = ContactService;
  return {
      rpc::Unary("GetContact", this, &S::GetContact),
      rpc::Unary("ListContacts", this, &S::ListContacts),
      rpc::Unary("CreateContact", this, &S::CreateContact),
      rpc::Unary("AnswerContact", this, &S::AnswerContact),
      rpc::Unary("WithdrawContact", this, &S::WithdrawContact),
      rpc::Unary("ListUnansweredContacts", this, &S::ListUnansweredContacts),
      rpc::Unary("ExportUnansweredContacts", this, &S::ExportUnansweredContacts),
      rpc::Unary("ExportContacts", this, &S::ExportContacts),
  };
}

v1::Contact ContactService::Present(const rpc::Call& call, v1::Contact contact) const {
  contact.set_overdue(contact.state() == v1::CONTACT_STATE_AWAITING &&
                      time::IsPastDeadline(deps_.store.clock.Now(), TimeIn(contact.respond_by())));
  for (std::string& verb : rpc::ActionsOf(call, ContactLife(), contact.state(), "Contact")) {
    if (MayAct(contact, verb, call.principal.organization)) contact.add_actions(std::move(verb));
  }
  return contact;
}

absl::StatusOr<v1::Contact> ContactService::GetContact(const rpc::Call& call,
                                                       const v1::GetContactRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Contact contact,
                           rpc::Fetch(deps_.store.db, call, contacts_, request.name()));
  return Present(call, std::move(contact));
}

absl::StatusOr<v1::ListContactsResponse> ContactService::ListContacts(
    const rpc::Call& call, const v1::ListContactsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, contacts_, request,
                                                     absl::StrCat(request.parent(), "/contacts"),
                                                     request.filter(), request.order_by()));
  v1::ListContactsResponse response;
  for (v1::Contact& contact : page.rows) {
    *response.add_contacts() = Present(call, std::move(contact));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListUnansweredContactsResponse> ContactService::ListUnansweredContacts(
    const rpc::Call& call, const v1::ListUnansweredContactsRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  CHANYAN_ASSIGN_OR_RETURN(auto page, PageWhere(deps_.store.db, call, contacts_, request,
                                                Unanswered(now), "respond_by"));
  v1::ListUnansweredContactsResponse response;
  for (v1::Contact& contact : page.rows) {
    *response.add_contacts() = Present(call, std::move(contact));
  }
  response.set_next_page_token(page.next_page_token);
  api::SetTime(now, response.mutable_as_of());
  return response;
}

absl::StatusOr<v1::Contact> ContactService::CreateContact(const rpc::Call& call,
                                                          const v1::CreateContactRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Contact contact,
      rpc::Mutate<v1::Contact>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Contact> {
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::Project project,
                LockProject(change.session(), call, projects_, request.parent()));
            v1::Contact row = request.contact();
            const std::string& own = call.principal.organization;
            CHANYAN_RETURN_IF_ERROR(Refuse(
                ContactViolations(project, row, own, TimeIn(row.contact_time()), change.now()),
                "contact"));
            row.set_name(NewName(project.name()));
            CHANYAN_RETURN_IF_ERROR(
                OpenContact(deps_.pack, project, call.principal, change.now(), &row));
            if (request.validate_only()) return row;
            if (row.state() == v1::CONTACT_STATE_AWAITING) {
              CHANYAN_RETURN_IF_ERROR(SetAlarms(change.session(), row.name(), kUnanswered,
                                                {PastDeadline(TimeIn(row.respond_by()))}));
            }
            CHANYAN_RETURN_IF_ERROR(contacts_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return Present(call, std::move(contact));
}

absl::StatusOr<v1::Contact> ContactService::AnswerContact(const rpc::Call& call,
                                                          const v1::AnswerContactRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Contact answer,
      rpc::Mutate<v1::Contact>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Contact> {
            CHANYAN_ASSIGN_OR_RETURN(
                v1::Contact approach,
                contacts_.GetForUpdate(change.session(), request.name(),
                                       auth::Writable<v1::Contact>(call.principal)));
            if (!request.etag().empty() && request.etag() != approach.etag()) {
              return rpc::StaleEdit(change.session(), call, request.etag(), approach);
            }
            CHANYAN_RETURN_IF_ERROR(RequireMayAct(call, approach, "answer"));
            CHANYAN_ASSIGN_OR_RETURN(const v1::ContactState next,
                                     policy::Next(ContactLife(), approach.state(), "answer"));
            // Parties and title are the approach's.
            v1::Contact row = approach;
            row.set_name(NewName(ProjectOfName(approach.name())));
            row.set_kind(v1::CONTACT_KIND_ANSWER);
            row.set_organization(call.principal.organization);
            row.set_author(call.principal.account);
            row.set_people(request.people());
            api::SetTime(change.now(), row.mutable_contact_time());
            row.set_channel(request.channel());
            row.set_content(request.content());
            row.set_next_step(request.next_step());
            row.clear_next_date();
            if (request.has_next_date()) *row.mutable_next_date() = request.next_date();
            row.clear_respondent();
            row.set_state(v1::CONTACT_STATE_RECORDED);
            row.clear_respond_by();
            row.clear_respond_by_derivation();
            row.set_in_reply_to(approach.name());
            row.clear_etag();
            CHANYAN_RETURN_IF_ERROR(contacts_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));

            const v1::Contact before = approach;
            approach.set_state(next);
            approach.set_answer(row.name());
            api::SetTime(change.now(), approach.mutable_answer_time());
            approach.set_late(time::IsPastDeadline(change.now(), TimeIn(approach.respond_by())));
            CHANYAN_RETURN_IF_ERROR(contacts_.Update(change.session(), change.now(), &approach));
            CHANYAN_RETURN_IF_ERROR(change.Record("answer", &before, &approach));
            CHANYAN_RETURN_IF_ERROR(ClearAlarms(change.session(), approach.name()));
            return row;
          }));
  return Present(call, std::move(answer));
}

absl::StatusOr<v1::Contact> ContactService::WithdrawContact(
    const rpc::Call& call, const v1::WithdrawContactRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Contact contact,
      rpc::Edit<v1::Contact>(
          deps_.store, call, request, contacts_, request.name(), request.etag(), "withdraw",
          [&](rpc::Change& change, v1::Contact& row) -> absl::Status {
            CHANYAN_RETURN_IF_ERROR(RequireMayAct(call, row, "withdraw"));
            CHANYAN_ASSIGN_OR_RETURN(const v1::ContactState next,
                                     policy::Next(ContactLife(), row.state(), "withdraw"));
            row.set_state(next);
            return ClearAlarms(change.session(), row.name());
          }));
  return Present(call, std::move(contact));
}

absl::StatusOr<google::api::HttpBody> ContactService::ExportUnansweredContacts(
    const rpc::Call& call, const v1::ExportUnansweredContactsRequest& request) {
  return ExportWhere<v1::ContactRow>(deps_.store, call, contacts_,
                                     Unanswered(deps_.store.clock.Now()), request.filter(),
                                     "respond_by, name", "逾期未答复的接洽");
}

absl::StatusOr<google::api::HttpBody> ContactService::ExportContacts(
    const rpc::Call& call, const v1::ExportContactsRequest& request) {
  return ExportRecords<v1::ContactRow>(deps_.store, call, contacts_, request.parent(),
                                       request.filter(), "沟通记录");
}

absl::Status ContactService::Ring(db::Session& session, absl::Time now, const Alarm& alarm) {
  const absl::StatusOr<v1::Contact> contact = contacts_.GetForUpdate(session, alarm.resource);
  if (!contact.ok() && !absl::IsNotFound(contact.status())) return contact.status();
  CHANYAN_ASSIGN_OR_RETURN(const bool rings, TakeAlarm(session, alarm));
  if (!rings || !contact.ok() || contact->state() != v1::CONTACT_STATE_AWAITING) {
    return absl::OkStatus();
  }
  const journal::Origin origin{.method = "chanyan.pairing.RingAlarms", .actor = "services/pairing"};
  return journal::Append(session, now, origin, kUnanswered, &*contact, &*contact);
}

}  // namespace chanyan::pairing
