// Handlers of objections to notices.
#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/auth/secret.h"
#include "common/crypto/fields.h"
#include "common/objection/receipt.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/consortium/notice_life.h"
#include "services/consortium/notice_rules.h"
#include "services/consortium/notice_service.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

// What objectors say of themselves: sealed in table and journal, and shown to the office alone.
constexpr absl::string_view kContacts[] = {"contact_person", "contact_phone"};

}  // namespace

v1::NoticeObjection NoticeService::Present(const rpc::Call& call, v1::NoticeObjection row) const {
  if (call.principal.Has(options::v1::ROLE_DEPARTMENT) &&
      call.principal.organization == row.office()) {
    crypto::OpenFields(keys_, kContacts, &row);
  } else {
    crypto::ClearFields(kContacts, &row);
  }
  if (row.state() != v1::NOTICE_OBJECTION_STATE_OPEN) return row;
  if (call.principal.Has(options::v1::ROLE_DEPARTMENT)) row.add_actions("decide");
  if (!row.organization().empty() && row.organization() == call.principal.organization) {
    row.add_actions("withdraw");
    row.add_actions("addEvidence");
  }
  return row;
}

absl::StatusOr<v1::ObjectionReceipt> NoticeService::Object(
    const rpc::Call& call, const google::protobuf::Message& compared, const std::string& notice,
    const v1::NoticeObjection& wanted, v1::ObjectionSource kind,
    const std::vector<objection::Source>& sources) const {
  const std::string id = api::NewShortId();
  const std::string receipt_id = api::NewShortId();
  const std::string nonce = auth::NewSecret();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ObjectionReceipt answer,
      rpc::Mutate<v1::ObjectionReceipt>(
          deps_.store, call, compared,
          [&](rpc::Change& change) -> absl::StatusOr<v1::ObjectionReceipt> {
            // Successions before anything of a dossier, as everywhere.
            const bool own = kind == v1::OBJECTION_SOURCE_ORGANIZATION;
            if (own) {
              CHANYAN_RETURN_IF_ERROR(
                  rpc::RefuseSucceeded(change.session(), {call.principal.organization}));
            }
            // The lock keeps the end of the notice and an objection apart.
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::PublicNotice open,
                notices_.GetForUpdate(change.session(), notice,
                                      auth::Readable<v1::PublicNotice>(call.principal)));
            CHANYAN_RETURN_IF_ERROR(deps_.book.RequireStill(change));
            CHANYAN_RETURN_IF_ERROR(RequireOpen(open, change.now()));
            const absl::CivilDay last = time::DayOf(time::ToTime(open.deadline()));
            CHANYAN_RETURN_IF_ERROR(objection::CountObjection(
                change.session(), change.now(), keys_, sources, time::DayOf(change.now()) < last));
            v1::NoticeObjection row;
            row.set_name(absl::StrCat(notice, "/objections/", id));
            row.set_content(wanted.content());
            row.set_contact_person(wanted.contact_person());
            row.set_contact_phone(wanted.contact_phone());
            row.set_notice(notice);
            row.set_consortium(open.consortium());
            row.set_source(kind);
            if (own) {
              row.set_organization(call.principal.organization);
              row.set_account(call.principal.account);
            }
            row.set_office(open.office());
            row.set_state(v1::NOTICE_OBJECTION_STATE_OPEN);
            row.set_receipt_number(objection::ReceiptNumber(change.now(), receipt_id));
            api::SetTime(change.now(), row.mutable_submit_time());
            CHANYAN_RETURN_IF_ERROR(SetAnswerTerm(deps_.pack.pack(), change.now(), &row));
            auto receipt = objection::IssueReceipt<v1::ObjectionReceipt>(change.now(), nonce, &row);
            *receipt.mutable_answer_due_time() = row.answer_due_time();
            CHANYAN_RETURN_IF_ERROR(objection::SealReceipt(keys_, &receipt));
            CHANYAN_RETURN_IF_ERROR(crypto::SealFields(keys_, kContacts, &row));
            CHANYAN_RETURN_IF_ERROR(objections_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return receipt;
          }));
  CHANYAN_RETURN_IF_ERROR(objection::OpenReceipt(keys_, &answer));
  return answer;
}

absl::StatusOr<v1::ObjectionReceipt> NoticeService::CreateNoticeObjection(
    const rpc::Call& call, const v1::CreateNoticeObjectionRequest& request) {
  const std::string& own = call.principal.organization;
  if (own.empty()) return status::PermissionDenied("账号没有所属单位，不能代表单位提出异议");
  v1::CreateNoticeObjectionRequest compared = request;
  crypto::DigestFields(keys_, kContacts, compared.mutable_objection());
  return Object(
      call, compared, request.parent(), request.objection(), v1::OBJECTION_SOURCE_ORGANIZATION,
      {{"organization", own, deps_.pack.proto().notice().per_source_per_day(), "贵单位"}});
}

absl::StatusOr<v1::ObjectionReceipt> NoticeService::SubmitPublicObjection(
    const rpc::Call& call, const v1::SubmitPublicObjectionRequest& request) {
  const policy::v1::ConsortiumNotice& limits = deps_.pack.proto().notice();
  v1::SubmitPublicObjectionRequest compared = request;
  crypto::DigestFields(keys_, kContacts, compared.mutable_objection());
  return Object(call, compared, request.parent(), request.objection(), v1::OBJECTION_SOURCE_PUBLIC,
                objection::SourcesOfPublic(call.client_address,
                                           {.name = request.parent(),
                                            .label = "本公示",
                                            .per_address = limits.per_source_per_day(),
                                            .limit = limits.public_per_notice_per_day()}));
}

absl::StatusOr<v1::ReceiptStatus> NoticeService::CheckObjectionReceipt(
    const rpc::Call& call, const v1::CheckObjectionReceiptRequest& request) {
  v1::NoticeObjection found;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::NoticeObjection> rows,
            objections_.Select(session, {"receipt_number = ?", {request.receipt_number()}}));
        if (!rows.empty()) found = rows.front();
        return absl::OkStatus();
      }));
  // Compared also when there is nothing: the two take the same time.
  if (!objection::HoldsReceipt(found.receipt_sha256(), request.verification_hash())) {
    return status::NotFound(absl::StrCat("noticeReceipts/", request.receipt_number()));
  }
  v1::ReceiptStatus answer;
  answer.set_receipt_number(found.receipt_number());
  answer.set_notice(found.notice());
  answer.set_state(found.state());
  *answer.mutable_submit_time() = found.submit_time();
  *answer.mutable_answer_due_time() = found.answer_due_time();
  answer.set_finding(found.finding());
  if (found.has_decide_time()) *answer.mutable_decide_time() = found.decide_time();
  answer.set_evidence_count(found.evidence_count());
  return answer;
}

absl::StatusOr<v1::NoticeObjection> NoticeService::GetNoticeObjection(
    const rpc::Call& call, const v1::GetNoticeObjectionRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::NoticeObjection row,
                           rpc::Fetch(deps_.store.db, call, objections_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListNoticeObjectionsResponse> NoticeService::ListNoticeObjections(
    const rpc::Call& call, const v1::ListNoticeObjectionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, objections_, request,
                                                     absl::StrCat(request.parent(), "/objections"),
                                                     request.filter(), request.order_by()));
  v1::ListNoticeObjectionsResponse response;
  for (v1::NoticeObjection& row : page.rows)
    *response.add_objections() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::NoticeObjection> NoticeService::WithdrawNoticeObjection(
    const rpc::Call& call, const v1::WithdrawNoticeObjectionRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::NoticeObjection row,
      rpc::Transit<v1::NoticeObjection>(
          deps_.store, call, request, objections_, NoticeObjectionLife(), request.name(),
          request.etag(), "withdraw", [&](rpc::Change&, v1::NoticeObjection& changed) {
            // The office reaches the row too, and it is not the office's to take back.
            return changed.organization() == call.principal.organization
                       ? absl::OkStatus()
                       : status::PermissionDenied("异议由提出单位撤回");
          }));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::NoticeObjection> NoticeService::DecideNoticeObjection(
    const rpc::Call& call, const v1::DecideNoticeObjectionRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::NoticeObjection decided,
      rpc::Mutate<v1::NoticeObjection>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::NoticeObjection> {
            db::Session& session = change.session();
            const db::Predicate scope = auth::Writable<v1::NoticeObjection>(call.principal);
            CHANYAN_ASSIGN_OR_RETURN(const v1::NoticeObjection seen,
                                     objections_.Get(session, request.name(), scope));
            CHANYAN_ASSIGN_OR_RETURN(v1::Consortium consortium,
                                     deps_.book.LockAny(change, seen.consortium()));
            CHANYAN_ASSIGN_OR_RETURN(v1::PublicNotice notice,
                                     notices_.GetForUpdate(session, seen.notice()));
            CHANYAN_ASSIGN_OR_RETURN(v1::NoticeObjection row,
                                     objections_.GetForUpdate(session, request.name(), scope));
            if (!request.etag().empty() && request.etag() != row.etag()) {
              return rpc::StaleEdit(session, call, request.etag(), row);
            }
            CHANYAN_RETURN_IF_ERROR(deps_.book.RequireStill(change));
            const v1::NoticeObjection before = row;
            CHANYAN_ASSIGN_OR_RETURN(const v1::NoticeObjectionState next,
                                     policy::Next(NoticeObjectionLife(), row.state(),
                                                  request.upheld() ? "uphold" : "reject"));
            row.set_state(next);
            row.set_finding(request.finding());
            row.set_decided_by(call.principal.account);
            api::SetTime(change.now(), row.mutable_decide_time());
            CHANYAN_RETURN_IF_ERROR(objections_.Update(session, change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(
                change.Record(request.upheld() ? "uphold" : "reject", &before, &row));
            if (!request.upheld() || notice.state() != v1::PUBLIC_NOTICE_STATE_OPEN) return row;
            const v1::PublicNotice was = notice;
            CHANYAN_ASSIGN_OR_RETURN(const v1::PublicNoticeState ends,
                                     policy::Next(PublicNoticeLife(), notice.state(), "uphold"));
            notice.set_state(ends);
            notice.set_result("公示期间收到的异议经核查成立，不予备案");
            api::SetTime(change.now(), notice.mutable_end_time());
            CHANYAN_RETURN_IF_ERROR(notices_.Update(session, change.now(), &notice));
            CHANYAN_RETURN_IF_ERROR(change.Record("uphold", &was, &notice));
            CHANYAN_ASSIGN_OR_RETURN(const Actor actor, ActorOf(call, consortium));
            CHANYAN_RETURN_IF_ERROR(deps_.book.Step(
                change, actor, "sustain",
                absl::StrCat("公示期间收到的异议经核查成立（回执", row.receipt_number(), "）"),
                &consortium));
            return row;
          }));
  return Present(call, std::move(decided));
}

}  // namespace chanyan::consortium
