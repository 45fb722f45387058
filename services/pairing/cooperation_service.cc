#include "services/pairing/cooperation_service.h"

#include "absl/strings/str_cat.h"

namespace chanyan::pairing {

std::vector<rpc::UnaryMethod> CooperationService::Methods() {
  using S = CooperationService;
  return {
      rpc::Unary("GetFrameAgreement", this, &S::GetFrameAgreement),
      rpc::Unary("ListFrameAgreements", this, &S::ListFrameAgreements),
      rpc::Unary("CreateFrameAgreement", this, &S::CreateFrameAgreement),
      rpc::Unary("UpdateFrameAgreement", this, &S::UpdateFrameAgreement),
      rpc::Unary("SignFrameAgreement", this, &S::SignFrameAgreement),
      rpc::Unary("RenewFrameAgreement", this, &S::RenewFrameAgreement),
      rpc::Unary("TerminateFrameAgreement", this, &S::TerminateFrameAgreement),
      rpc::Unary("DiscardFrameAgreement", this, &S::DiscardFrameAgreement),
      rpc::Unary("ImportFrameAgreements", this, &S::ImportFrameAgreements),
      rpc::Unary("ExportFrameAgreements", this, &S::ExportFrameAgreements),
      rpc::Unary("GetConference", this, &S::GetConference),
      rpc::Unary("ListConferences", this, &S::ListConferences),
      rpc::Unary("CreateConference", this, &S::CreateConference),
      rpc::Unary("UpdateConference", this, &S::UpdateConference),
      rpc::Unary("ConveneConference", this, &S::ConveneConference),
      rpc::Unary("PostponeConference", this, &S::PostponeConference),
      rpc::Unary("HoldConference", this, &S::HoldConference),
      rpc::Unary("IssueConference", this, &S::IssueConference),
      rpc::Unary("CancelConference", this, &S::CancelConference),
      rpc::Unary("GetConferenceCadence", this, &S::GetConferenceCadence),
      rpc::Unary("ImportConferences", this, &S::ImportConferences),
      rpc::Unary("ExportConferences", this, &S::ExportConferences),
      rpc::Unary("GetFollowUp", this, &S::GetFollowUp),
      rpc::Unary("ListFollowUps", this, &S::ListFollowUps),
      rpc::Unary("ReportFollowUp", this, &S::ReportFollowUp),
      rpc::Unary("SubmitFollowUp", this, &S::SubmitFollowUp),
      rpc::Unary("ConfirmFollowUp", this, &S::ConfirmFollowUp),
      rpc::Unary("ReturnFollowUp", this, &S::ReturnFollowUp),
      rpc::Unary("ExtendFollowUp", this, &S::ExtendFollowUp),
      rpc::Unary("CancelFollowUp", this, &S::CancelFollowUp),
      rpc::Unary("ImportFollowUps", this, &S::ImportFollowUps),
      rpc::Unary("ExportFollowUps", this, &S::ExportFollowUps),
      rpc::Unary("GetCoBuiltBase", this, &S::GetCoBuiltBase),
      rpc::Unary("ListCoBuiltBases", this, &S::ListCoBuiltBases),
      rpc::Unary("CreateCoBuiltBase", this, &S::CreateCoBuiltBase),
      rpc::Unary("UpdateCoBuiltBase", this, &S::UpdateCoBuiltBase),
      rpc::Unary("StartCoBuiltBase", this, &S::StartCoBuiltBase),
      rpc::Unary("OpenCoBuiltBase", this, &S::OpenCoBuiltBase),
      rpc::Unary("CloseCoBuiltBase", this, &S::CloseCoBuiltBase),
      rpc::Unary("ImportCoBuiltBases", this, &S::ImportCoBuiltBases),
      rpc::Unary("ExportCoBuiltBases", this, &S::ExportCoBuiltBases),
  };
}

absl::Status CooperationService::RequireAgreement(db::Session& session, const rpc::Call& call,
                                                  const std::string& name,
                                                  absl::string_view field) const {
  if (name.empty()) return absl::OkStatus();
  const absl::Status found =
      agreements_.Get(session, name, auth::Readable<v1::FrameAgreement>(call.principal)).status();
  if (!absl::IsNotFound(found)) return found;
  return status::InvalidField(field, absl::StrCat("没有编号为“", name, "”的合作协议"));
}

std::vector<status::Violation> Inside(absl::string_view field,
                                      std::vector<status::Violation> violations) {
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat(field, ".", violation.field);
  }
  return violations;
}

}  // namespace chanyan::pairing
