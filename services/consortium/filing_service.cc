#include "services/consortium/filing_service.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/attachment/upload.h"
#include "common/auth/scope.h"
#include "common/policy/life.h"
#include "common/rpc/get.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/certificate_document.h"
#include "services/consortium/digests.h"
#include "services/consortium/due_queries.h"
#include "services/consortium/filing_rules.h"

namespace chanyan::consortium {
namespace {

// The code is on the paper and nowhere else, so that who has the list cannot make a paper of it.
v1::Filing Shown(v1::Filing row) {
  row.clear_verification_code();
  return row;
}

constexpr char kDocx[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

}  // namespace

std::vector<rpc::UnaryMethod> FilingService::Methods() {
  using S = FilingService;
  return {
      rpc::Get<v1::GetFilingRequest>(
          "GetFiling", deps_.store.db, filings_,
          [](const rpc::Call&, v1::Filing row) { return Shown(std::move(row)); }),
      rpc::Unary("ListFilings", this, &S::ListFilings),
      rpc::Unary("GetCertificate", this, &S::GetCertificate),
      rpc::Unary("DownloadCertificate", this, &S::DownloadCertificate),
      rpc::Unary("VerifyCertificate", this, &S::VerifyCertificate),
      rpc::Unary("ListExpiryReminders", this, &S::ListExpiryReminders),
      rpc::Unary("GetConsortiumCoverage", this, &S::GetConsortiumCoverage),
  };
}

absl::StatusOr<v1::ListFilingsResponse> FilingService::ListFilings(
    const rpc::Call& call, const v1::ListFilingsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, filings_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListFilingsResponse response;
  for (v1::Filing& row : page.rows) *response.add_filings() = Shown(std::move(row));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<FilingService::Paper> FilingService::ReadPaper(const rpc::Call& call,
                                                              const std::string& name,
                                                              const db::Predicate& scope,
                                                              absl::string_view refusal) const {
  Paper paper;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(paper.filing, filings_.Get(session, name));
    const absl::StatusOr<v1::Consortium> row =
        deps_.book.table().Get(session, paper.filing.consortium(), scope);
    if (absl::IsNotFound(row.status())) return status::PermissionDenied(refusal);
    CHANYAN_RETURN_IF_ERROR(row.status());
    paper.certificate =
        CertificateOf(paper.filing, row->chief_expert().person(), deps_.pack.proto().issuer());
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return paper;
}

absl::StatusOr<v1::Certificate> FilingService::GetCertificate(
    const rpc::Call& call, const v1::GetCertificateRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      Paper paper, ReadPaper(call, request.name(), auth::Writable<v1::Consortium>(call.principal),
                             "备案证书由牵头单位和备案单位查看；公众可凭编号和核验码核验"));
  return std::move(paper.certificate);
}

absl::StatusOr<google::api::HttpBody> FilingService::DownloadCertificate(
    const rpc::Call& call, const v1::DownloadCertificateRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const Paper paper,
      ReadPaper(call, request.name(), auth::Readable<v1::Consortium>(call.principal),
                "备案证书由牵头单位、成员单位和备案单位下载；公众可凭编号和核验码核验"));
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, CertificateDocument(paper.certificate, paper.filing));
  return attachment::AsDownload(
      kDocx, absl::StrCat("备案证书", paper.filing.filing_number(), ".docx"), std::move(bytes));
}

absl::StatusOr<v1::VerifyCertificateResponse> FilingService::VerifyCertificate(
    const rpc::Call& call, const v1::VerifyCertificateRequest& request) {
  v1::VerifyCertificateResponse response;
  const auto read = [&](db::Session& session) -> absl::Status {
    response.Clear();
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::Filing> found,
        filings_.Select(session, {"filing_number = ?", {request.filing_number()}}));
    // Number and code fail alike: nobody learns which of the two is wrong.
    if (found.empty() || found.front().verification_code() != request.verification_code()) {
      response.set_message("备案编号与核验码不符，未查到这一证书");
      return absl::OkStatus();
    }
    response.set_genuine(true);
    response.set_message(
        absl::StrCat("证书真实，当前状态：", policy::LabelOf(found.front().state())));
    *response.mutable_filing() = Shown(std::move(found.front()));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return response;
}

absl::StatusOr<v1::ListExpiryRemindersResponse> FilingService::ListExpiryReminders(
    const rpc::Call& call, const v1::ListExpiryRemindersRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page,
                           rpc::FetchPage(deps_.store.db, call, reminders_, request,
                                          absl::StrCat(request.parent(), "/expiryReminders"),
                                          request.filter(), request.order_by()));
  v1::ListExpiryRemindersResponse response;
  for (v1::ExpiryReminder& row : page.rows) *response.add_expiry_reminders() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<bool> FilingService::RemindOf(rpc::Change& change, const std::string& name,
                                             absl::CivilDay today) const {
  db::Session& session = change.session();
  CHANYAN_ASSIGN_OR_RETURN(const v1::Filing filing, filings_.GetForUpdate(session, name));
  if (filing.state() != v1::FILING_STATE_VALID) return false;
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last, time::ToCivilDay(filing.valid_until()));
  CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium row,
                           deps_.book.table().Get(session, filing.consortium()));
  bool made = false;
  for (const int days : RemindersDue(deps_.pack.proto().filing(), last, today)) {
    v1::ExpiryReminder reminder;
    reminder.set_name(absl::StrCat(filing.name(), "/expiryReminders/", days));
    const auto known = reminders_.Get(session, reminder.name());
    if (known.ok()) continue;
    if (!absl::IsNotFound(known.status())) return known.status();
    reminder.set_days_before(days);
    *reminder.mutable_valid_until() = filing.valid_until();
    reminder.set_filing_number(filing.filing_number());
    reminder.set_consortium(row.name());
    reminder.set_consortium_title(row.display_name());
    reminder.set_lead_unit(row.lead_unit());
    reminder.set_office(row.office());
    CHANYAN_RETURN_IF_ERROR(reminders_.Insert(session, change.now(), &reminder));
    CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &reminder));
    made = true;
  }
  return made;
}

absl::StatusOr<int> FilingService::Remind(const db::Lease& lease) {
  const absl::CivilDay today = time::DayOf(deps_.store.clock.Now());
  int made = 0;
  for (const uint32_t days : deps_.pack.proto().filing().reminder_days()) {
    CHANYAN_ASSIGN_OR_RETURN(
        const int here,
        ForEachDue(deps_.due(), lease, DueJob::kRemind, kEndingSoon,
                   {time::FormatDate(today), time::FormatDate(today + static_cast<int>(days)),
                    absl::StrCat("/expiryReminders/", days)},
                   [&](rpc::Change& change, const std::string& name) {
                     return RemindOf(change, name, today);
                   }));
    made += here;
  }
  return made;
}

}  // namespace chanyan::consortium
