// Handlers of what an expert reviews: the dossier as far as the assignment has come, and its files.
#include "absl/strings/str_cat.h"
#include "common/attachment/store.h"
#include "common/attachment/upload.h"
#include "common/auth/scope.h"
#include "common/policy/life.h"
#include "services/consortium/parties.h"
#include "services/consortium/review_service.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

bool IsTaken(v1::ReviewAssignmentState state) {
  return state == v1::REVIEW_ASSIGNMENT_STATE_ACCEPTED ||
         state == v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED;
}

// Who they are: what a conflict of interest shows by.
v1::ReviewDossier PeopleOf(const v1::ReviewAssignment& assignment,
                           const v1::Consortium& consortium) {
  v1::ReviewDossier dossier;
  dossier.set_name(assignment.name());
  dossier.set_state(assignment.state());
  dossier.set_consortium(consortium.name());
  dossier.set_consortium_title(consortium.display_name());
  *dossier.mutable_industries() = consortium.industries();
  dossier.set_track(consortium.track());
  dossier.set_lead_unit(consortium.lead_unit());
  dossier.set_lead_unit_title(consortium.lead_unit_title());
  for (const v1::ConsortiumMember& member : consortium.members()) {
    v1::ConsortiumMember* party = dossier.add_members();
    party->set_organization(member.organization());
    party->set_title(member.title());
    party->set_kind(member.kind());
    party->set_layer(member.layer());
    party->set_principal(member.principal());
  }
  v1::ChiefExpert* chief = dossier.mutable_chief_expert();
  chief->set_person(consortium.chief_expert().person());
  chief->set_unit_title(consortium.chief_expert().unit_title());
  chief->set_post(consortium.chief_expert().post());
  *dossier.mutable_director() = consortium.director();
  return dossier;
}

// What they say, too.
void AddWhole(const v1::Consortium& consortium, v1::ReviewDossier* dossier) {
  dossier->set_whole(true);
  *dossier->mutable_members() = consortium.members();
  *dossier->mutable_chief_expert() = consortium.chief_expert();
  dossier->set_lead_standing(consortium.lead_standing());
  *dossier->mutable_agreement() = consortium.agreement();
  *dossier->mutable_plan() = consortium.plan();
}

v1::ReviewDossierFile FileOf(const v1::ConsortiumAttachment& attachment) {
  v1::ReviewDossierFile file;
  file.set_attachment(attachment.name());
  file.set_kind(attachment.kind());
  file.set_file_name(attachment.file_name());
  file.set_description(attachment.description());
  file.set_content_type(attachment.content_type());
  file.set_byte_count(attachment.byte_count());
  file.set_sha256(attachment.sha256());
  return file;
}

}  // namespace

absl::StatusOr<ReviewService::Reading> ReviewService::OwnReading(db::Session& session,
                                                                 const rpc::Call& call,
                                                                 const std::string& name) const {
  Reading reading;
  // Whether it is one's own comes first: whatever else is wrong is nobody else's to know.
  CHANYAN_ASSIGN_OR_RETURN(
      reading.assignment,
      book_.assignments().Get(session, name,
                              db::And(auth::Readable<v1::ReviewAssignment>(call.principal),
                                      {"account = ?", {call.principal.account}})));
  if (IsGone(reading.assignment.state())) {
    return status::FailedPrecondition(
        ERROR_REASON_WRONG_STATE,
        absl::StrCat("该评审任务", policy::LabelOf(reading.assignment.state()),
                     "，评审材料不再提供"));
  }
  CHANYAN_ASSIGN_OR_RETURN(const v1::ReviewPanel panel,
                           book_.panels().Get(session, PanelOfName(name)));
  CHANYAN_RETURN_IF_ERROR(book_.RequireOpen(panel));
  CHANYAN_ASSIGN_OR_RETURN(reading.consortium,
                           book_.consortia().Get(session, reading.assignment.consortium()));
  CHANYAN_ASSIGN_OR_RETURN(const policy::v1::ReviewSheet plan, book_.SheetOfPanel(session, panel));
  // A dossier that was withdrawn or rejected is nobody's to review, whatever its panel says.
  CHANYAN_RETURN_IF_ERROR(book_.RequireStage(reading.consortium, plan));
  return reading;
}

absl::StatusOr<v1::ReviewDossier> ReviewService::GetReviewDossier(
    const rpc::Call& call, const v1::GetReviewDossierRequest& request) {
  v1::ReviewDossier dossier;
  // One snapshot: nobody reads on who is removed meanwhile.
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const Reading own, OwnReading(session, call, request.name()));
    dossier = PeopleOf(own.assignment, own.consortium);
    if (!IsTaken(own.assignment.state())) return absl::OkStatus();
    AddWhole(own.consortium, &dossier);
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::ConsortiumAttachment> files,
        attachments_.Select(session, {"consortium = ?", {own.consortium.name()}}));
    for (const v1::ConsortiumAttachment& file : files) *dossier.add_files() = FileOf(file);
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact({.deadline = call.deadline}, read));
  return dossier;
}

absl::StatusOr<google::api::HttpBody> ReviewService::DownloadReviewAttachment(
    const rpc::Call& call, const v1::DownloadReviewAttachmentRequest& request) {
  google::api::HttpBody file;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const Reading own, OwnReading(session, call, request.name()));
    if (!IsTaken(own.assignment.state())) {
      return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "请先接受评审任务，再下载附件");
    }
    CHANYAN_ASSIGN_OR_RETURN(const v1::ConsortiumAttachment row,
                             attachments_.Get(session, request.attachment(),
                                              {"consortium = ?", {own.consortium.name()}}));
    CHANYAN_ASSIGN_OR_RETURN(std::string bytes, attachment::Load(session, row.sha256()));
    file = attachment::AsDownload(row.content_type(), row.file_name(), std::move(bytes));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact({.deadline = call.deadline}, read));
  return file;
}

}  // namespace chanyan::consortium
