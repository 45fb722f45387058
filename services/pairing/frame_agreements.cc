// Handlers of frame agreements (PAIR-8).
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/validate.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/cooperation_life.h"
#include "services/pairing/cooperation_rules.h"
#include "services/pairing/cooperation_service.h"
#include "services/pairing/due_rows.h"
#include "services/pairing/reminder_rules.h"
#include "services/pairing/stored_files.h"

namespace chanyan::pairing {
namespace {

constexpr char kInForce[] = "state = 'IN_FORCE'";
constexpr char kOver[] = "state = 'IN_FORCE' AND expire_time <= ?";
constexpr char kByExpiry[] = "expire_time, name";

// With what is wrong with the organizations it names.
absl::Status CheckAsked(const KnownOrganizations& known, const v1::FrameAgreement& row,
                        Violations* out) {
  RequireUniversities(known, row.universities(), "universities", out);
  for (int i = 0; i < row.city_parties_size(); ++i) {
    RequireKnown(known, row.city_parties(i), absl::StrCat("city_parties[", i, "]"), out);
  }
  RequireKnown(known, row.lead(), "lead", out);
  if (out->empty()) return absl::OkStatus();
  return status::InvalidFields(Inside("frame_agreement", std::move(*out)));
}

void Complete(const KnownOrganizations& known, v1::FrameAgreement* row) {
  SetTitles(known, row->universities(), row->mutable_university_titles());
  SetTitles(known, row->city_parties(), row->mutable_city_party_titles());
  row->set_lead_title(row->lead().empty() ? "" : TitleIn(known, row->lead()));
  SetExpireTime(row);
}

absl::Status CheckSignDate(const google::type::Date& date, absl::Time now) {
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay day, time::ToCivilDay(date));
  if (day <= time::DayOf(now)) return absl::OkStatus();
  return status::InvalidField("sign_date", "签署日期不能晚于今天");
}

}  // namespace

std::vector<std::string> NamesIn(const v1::FrameAgreement& row) {
  std::vector<std::string> names(row.universities().begin(), row.universities().end());
  names.insert(names.end(), row.city_parties().begin(), row.city_parties().end());
  names.push_back(row.lead());
  return names;
}

std::string NameOfAgreement(const v1::FrameAgreement& row) {
  return absl::StrCat("frameAgreements/", api::DigestId("a", row.number()));
}

v1::FrameAgreement CooperationService::Present(const rpc::Call& call,
                                               v1::FrameAgreement row) const {
  row.set_state(StateOn(row, time::DayOf(deps_.store.clock.Now())));
  if (auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
    for (std::string& verb :
         rpc::ActionsOf(call, FrameAgreementLife(), row.state(), "FrameAgreement")) {
      row.add_actions(std::move(verb));
    }
  }
  return row;
}

absl::StatusOr<v1::FrameAgreement> CooperationService::GetFrameAgreement(
    const rpc::Call& call, const v1::GetFrameAgreementRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::FrameAgreement row,
                           rpc::Fetch(deps_.store.db, call, agreements_, request.name()));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::ListFrameAgreementsResponse> CooperationService::ListFrameAgreements(
    const rpc::Call& call, const v1::ListFrameAgreementsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, agreements_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListFrameAgreementsResponse response;
  for (v1::FrameAgreement& row : page.rows) {
    *response.add_frame_agreements() = Present(call, std::move(row));
  }
  CHANYAN_RETURN_IF_ERROR(
      ShowCooperationFiles(deps_.store.db, call, RowsOf(response.mutable_frame_agreements())));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::FrameAgreement> CooperationService::CreateFrameAgreement(
    const rpc::Call& call, const v1::CreateFrameAgreementRequest& request) {
  CHANYAN_RETURN_IF_ERROR(RequireCooperation(deps_.pack));
  v1::FrameAgreement wanted = request.frame_agreement();
  ForgetFiles(wanted.mutable_documents());
  CHANYAN_ASSIGN_OR_RETURN(const KnownOrganizations known,
                           FetchOrganizations(deps_.peers, call, NamesIn(wanted)));
  Violations violations = AgreementViolations(deps_.pack, wanted);
  CHANYAN_RETURN_IF_ERROR(CheckAsked(known, wanted, &violations));
  Complete(known, &wanted);
  wanted.set_name(NameOfAgreement(wanted));
  wanted.set_state(v1::FRAME_AGREEMENT_STATE_DRAFT);
  CHANYAN_ASSIGN_OR_RETURN(
      v1::FrameAgreement made,
      rpc::Mutate<v1::FrameAgreement>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::FrameAgreement> {
            v1::FrameAgreement row = wanted;
            if (agreements_.GetForUpdate(change.session(), row.name()).ok()) {
              return status::AlreadyExists(
                  row.name(), absl::StrCat("编号为“", row.number(), "”的协议已登记（", row.name(),
                                           "），请在其上修改"));
            }
            if (request.validate_only()) return row;
            CHANYAN_RETURN_IF_ERROR(agreements_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return Shown(call, std::move(made));
}

absl::StatusOr<v1::FrameAgreement> CooperationService::UpdateFrameAgreement(
    const rpc::Call& call, const v1::UpdateFrameAgreementRequest& request) {
  const v1::FrameAgreement& update = request.frame_agreement();
  CHANYAN_ASSIGN_OR_RETURN(const KnownOrganizations known,
                           KnownFor(call, agreements_, update.name(), update));
  CHANYAN_ASSIGN_OR_RETURN(
      v1::FrameAgreement row,
      rpc::Edit<v1::FrameAgreement>(
          deps_.store, call, request, agreements_, update.name(), update.etag(), "updated",
          [&](rpc::Change& change, v1::FrameAgreement& stored) -> absl::Status {
            const v1::FrameAgreementState state = StateOn(stored, time::DayOf(change.now()));
            if (state == v1::FRAME_AGREEMENT_STATE_TERMINATED ||
                state == v1::FRAME_AGREEMENT_STATE_DISCARDED) {
              return status::FailedPrecondition(
                  options::v1::ERROR_REASON_WRONG_STATE,
                  absl::StrCat("协议当前状态为“", policy::LabelOf(state), "”，不能修改"));
            }
            v1::FrameAgreement wanted = stored;
            CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
            ForgetFiles(wanted.mutable_documents());
            Violations violations = AgreementViolations(deps_.pack, wanted);
            for (status::Violation& frozen : AgreementChangeViolations(stored, wanted)) {
              violations.push_back(std::move(frozen));
            }
            CHANYAN_RETURN_IF_ERROR(CheckAsked(known, wanted, &violations));
            Complete(known, &wanted);
            if (!request.validate_only()) stored = std::move(wanted);
            return absl::OkStatus();
          }));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::FrameAgreement> CooperationService::TransitAgreement(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, Edit<v1::FrameAgreement> edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::FrameAgreement row,
      rpc::Edit<v1::FrameAgreement>(
          deps_.store, call, request, agreements_, name, etag, verb,
          [&](rpc::Change& change, v1::FrameAgreement& stored) -> absl::Status {
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::FrameAgreementState next,
                policy::Next(FrameAgreementLife(), StateOn(stored, time::DayOf(change.now())),
                             verb));
            stored.set_state(next);
            CHANYAN_RETURN_IF_ERROR(edit(change, stored));
            return api::Validate(stored, api::Direction::kStored);
          }));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::FrameAgreement> CooperationService::SignFrameAgreement(
    const rpc::Call& call, const v1::SignFrameAgreementRequest& request) {
  return TransitAgreement(
      call, request, request.name(), request.etag(), "sign",
      [&](rpc::Change& change, v1::FrameAgreement& row) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(CheckSignDate(request.sign_date(), change.now()));
        *row.mutable_sign_date() = request.sign_date();
        row.mutable_documents()->MergeFrom(request.documents());
        ForgetFiles(row.mutable_documents());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::FrameAgreement> CooperationService::RenewFrameAgreement(
    const rpc::Call& call, const v1::RenewFrameAgreementRequest& request) {
  return TransitAgreement(
      call, request, request.name(), request.etag(), "renew",
      [&](rpc::Change& change, v1::FrameAgreement& row) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(CheckSignDate(request.sign_date(), change.now()));
        CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last, time::ToCivilDay(request.end_date()));
        CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay before, time::ToCivilDay(row.end_date()));
        if (last <= before || last < time::DayOf(change.now())) {
          return status::InvalidField(
              "end_date",
              absl::StrCat("新截止日期应晚于", time::FormatDateZh(before), "，且不早于今天"));
        }
        v1::AgreementRenewal& renewal = *row.add_renewals();
        *renewal.mutable_sign_date() = request.sign_date();
        *renewal.mutable_from_end_date() = row.end_date();
        *renewal.mutable_to_end_date() = request.end_date();
        renewal.set_note(request.note());
        *row.mutable_end_date() = request.end_date();
        row.mutable_documents()->MergeFrom(request.documents());
        ForgetFiles(row.mutable_documents());
        // The new end is reminded of anew.
        row.set_reminded_days(0);
        SetExpireTime(&row);
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::FrameAgreement> CooperationService::TerminateFrameAgreement(
    const rpc::Call& call, const v1::TerminateFrameAgreementRequest& request) {
  return TransitAgreement(call, request, request.name(), request.etag(), "terminate",
                          [&](rpc::Change&, v1::FrameAgreement& row) -> absl::Status {
                            row.set_end_reason(request.reason());
                            return absl::OkStatus();
                          });
}

absl::StatusOr<v1::FrameAgreement> CooperationService::DiscardFrameAgreement(
    const rpc::Call& call, const v1::DiscardFrameAgreementRequest& request) {
  return TransitAgreement(call, request, request.name(), request.etag(), "discard",
                          [&](rpc::Change&, v1::FrameAgreement& row) -> absl::Status {
                            row.set_end_reason(request.reason());
                            return absl::OkStatus();
                          });
}

absl::StatusOr<int> CooperationService::ExpireAgreements(const db::Lease& lease) {
  return MarkDue<v1::FrameAgreement>(deps_.store, lease, agreements_,
                                     {kOver, {deps_.store.clock.Now()}}, kByExpiry, "expired",
                                     [](absl::Time, v1::FrameAgreement& row) {
                                       row.set_state(v1::FRAME_AGREEMENT_STATE_EXPIRED);
                                     });
}

absl::StatusOr<int> CooperationService::RemindAgreements(const db::Lease& lease) {
  const auto& days = deps_.pack.proto().pairing().cooperation().agreement_reminder_days();
  const absl::Time now = deps_.store.clock.Now();
  return MarkDue<v1::FrameAgreement>(
      deps_.store, lease, agreements_,
      db::And({kInForce, {}}, ReminderDue("expire_time", days, now)), kByExpiry, "expiring",
      [&](absl::Time at, v1::FrameAgreement& row) {
        const int due = DueReminder(days, time::ToTime(row.expire_time()), row.reminded_days(), at);
        if (due > 0) row.set_reminded_days(due);
      });
}

}  // namespace chanyan::pairing
