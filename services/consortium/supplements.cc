// Supplementary agreements: 经创新联合体全体成员同意，可通过签署补充协议方式增减成员单位 (S2
// 七(三)). Proposed, signed, cancelled; what comes of it: supplement_effect.cc.
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/consortium/v1/attachment.pb.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/policy/life.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "services/consortium/digests.h"
#include "services/consortium/parties.h"
#include "services/consortium/signature_service.h"
#include "services/consortium/supervision_life.h"
#include "services/consortium/supervision_service.h"
#include "services/consortium/supplement_effect.h"
#include "services/consortium/supplement_rules.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

constexpr char kSignersOfSupplement[] =
    "SELECT DISTINCT organization FROM signature WHERE consortium = ? AND digest = ? "
    "AND subject = 'SUPPLEMENT' ORDER BY organization";

// What its journal says of a signature.
const char* SignedKind(const v1::Supplement& supplement) {
  if (supplement.state() == v1::SUPPLEMENT_STATE_EFFECTIVE) return "effective";
  return supplement.awaiting_override() ? "waits" : "signed";
}

}  // namespace

absl::StatusOr<v1::Supplement> SupervisionService::CreateSupplement(
    const rpc::Call& call, const v1::CreateSupplementRequest& request) {
  std::vector<std::string> joiners;
  for (const v1::ConsortiumMember& member : request.supplement().joining()) {
    joiners.push_back(member.organization());
  }
  CHANYAN_ASSIGN_OR_RETURN(
      const auto news,
      deps_.book.parties().Ask(deps_.store.db, deps_.peers, call, joiners, "supplement.joining"));
  return rpc::Mutate<v1::Supplement>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Supplement> {
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), joiners));
        for (const auto& one : news) {
          CHANYAN_RETURN_IF_ERROR(deps_.book.parties().Know(change, one).status());
        }
        CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium row,
                                 deps_.book.LockAsParticipant(change, call, request.parent()));
        if (!In(row.state(), kInForce)) {
          return status::FailedPrecondition(
              ERROR_REASON_WRONG_STATE, absl::StrCat("当前状态为“", policy::LabelOf(row.state()),
                                                     "”，备案后才以补充协议增减成员"));
        }
        v1::Supplement supplement = request.supplement();
        std::vector<status::Violation> wrong;
        const db::Table<v1::ConsortiumAttachment> attachments;
        const auto file = attachments.Get(change.session(), supplement.document());
        if (absl::IsNotFound(file.status()) || (file.ok() && file->consortium() != row.name())) {
          wrong.push_back({"document", "请先上传补充协议文本"});
        } else {
          CHANYAN_RETURN_IF_ERROR(file.status());
          if (file->kind() != v1::ATTACHMENT_KIND_SUPPLEMENT) {
            wrong.push_back({"document", absl::StrCat("附件类别为“", policy::LabelOf(file->kind()),
                                                      "”，请以“补充协议”类别上传补充协议文本")});
          }
        }
        if (!supplement.held_project().empty()) {
          const auto project = projects_.Get(change.session(), supplement.held_project());
          if (absl::IsNotFound(project.status()) ||
              (project.ok() && (ConsortiumOfName(project->name()) != row.name() ||
                                project->state() != v1::HELD_PROJECT_STATE_OPEN))) {
            wrong.push_back({"held_project", "没有这一承担中的项目"});
          } else {
            CHANYAN_RETURN_IF_ERROR(project.status());
          }
        }
        CHANYAN_RETURN_IF_ERROR(RequireAllowed(change, row, supplement, std::move(wrong)));
        CHANYAN_ASSIGN_OR_RETURN(
            const int64_t open,
            supplements_.Count(change.session(), {"open_consortium = ?", {row.name()}}));
        if (open > 0) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                            "已有一份补充协议待签署，请先签署完毕或撤销");
        }
        CHANYAN_ASSIGN_OR_RETURN(const Parties parties,
                                 deps_.book.parties().Of(change.session(), joiners));
        for (v1::ConsortiumMember& member : *supplement.mutable_joining()) {
          const auto party = parties.find(member.organization());
          if (party != parties.end()) member.set_title(party->second.title());
        }
        supplement.set_name(absl::StrCat(row.name(), "/supplements/", api::NewShortId()));
        supplement.set_state(v1::SUPPLEMENT_STATE_PROPOSED);
        supplement.set_proposer(call.principal.organization);
        supplement.set_digest(SupplementDigest(row.name(), supplement, file->sha256()));
        for (const std::string& name : joiners) supplement.add_joiners(name);
        for (const std::string& name : RequiredOf(row, supplement)) {
          supplement.add_required_units(name);
        }
        CopyParties(row, &supplement);
        CHANYAN_ASSIGN_OR_RETURN(const SupplementBook::Opinion opinion,
                                 supplement_book_.Judge(change, row, &supplement));
        CHANYAN_RETURN_IF_ERROR(opinion.possible);
        CHANYAN_RETURN_IF_ERROR(supplements_.Insert(change.session(), change.now(), &supplement));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &supplement));
        return ShownSupplement(call, std::move(supplement));
      });
}

absl::StatusOr<SupervisionService::Locked> SupervisionService::LockSupplement(
    rpc::Change& change, const rpc::Call& call, const std::string& name) const {
  Locked locked;
  absl::StatusOr<v1::Consortium> dossier = deps_.book.LockAny(change, ConsortiumOfName(name));
  if (absl::IsNotFound(dossier.status())) return status::NotFound(name);
  CHANYAN_RETURN_IF_ERROR(dossier.status());
  locked.dossier = *std::move(dossier);
  CHANYAN_ASSIGN_OR_RETURN(
      locked.supplement, supplements_.GetForUpdate(change.session(), name,
                                                   auth::Writable<v1::Supplement>(call.principal)));
  return locked;
}

absl::StatusOr<v1::Supplement> SupervisionService::SignSupplement(
    const rpc::Call& call, const v1::SignSupplementRequest& request) {
  const std::string& own = call.principal.organization;
  return rpc::Mutate<v1::Supplement>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Supplement> {
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {own}));
        CHANYAN_ASSIGN_OR_RETURN(Locked locked, LockSupplement(change, call, request.name()));
        v1::Supplement& supplement = locked.supplement;
        v1::Consortium& row = locked.dossier;
        CHANYAN_RETURN_IF_ERROR(deps_.book.RequireStill(change));
        CHANYAN_RETURN_IF_ERROR(
            policy::Next(SupplementLife(), supplement.state(), "sign").status());
        CHANYAN_RETURN_IF_ERROR(
            CheckSigned(supplement.name(), request.digest(), supplement.digest()));
        const v1::Supplement before = supplement;
        // Of this day: who has left since it was proposed need not sign, who has come must.
        const std::vector<std::string> required = RequiredOf(row, supplement);
        if (!std::binary_search(required.begin(), required.end(), own)) {
          return status::PermissionDenied("本单位不是这份补充协议的签署方");
        }
        // Since it was proposed, members, lead and bars may have changed: nobody signs in vain.
        CHANYAN_RETURN_IF_ERROR(RequireAllowed(change, row, supplement));
        Pen pen = {request.signer(), request.post(), ""};
        for (const v1::ConsortiumMember& member : supplement.joining()) {
          if (member.organization() == own) pen.organization_title = member.title();
        }
        CHANYAN_RETURN_IF_ERROR(Sign(change, call, row, v1::SIGNATURE_SUBJECT_SUPPLEMENT,
                                     supplement.name(), supplement.digest(), pen)
                                    .status());
        CHANYAN_ASSIGN_OR_RETURN(
            const db::Rows signers,
            change.session().Query(kSignersOfSupplement, {row.name(), supplement.digest()}));
        supplement.clear_signed_by();
        std::set<std::string> signed_by;
        for (const db::Values& signer : signers.rows) {
          signed_by.insert(std::get<std::string>(signer.at(0)));
        }
        for (const std::string& name : signed_by) supplement.add_signed_by(name);
        supplement.clear_required_units();
        for (const std::string& name : required) supplement.add_required_units(name);
        CHANYAN_RETURN_IF_ERROR(Advance(change, &row, &supplement));
        CHANYAN_RETURN_IF_ERROR(supplements_.Update(change.session(), change.now(), &supplement));
        CHANYAN_RETURN_IF_ERROR(change.Record(SignedKind(supplement), &before, &supplement));
        return ShownSupplement(call, std::move(supplement));
      });
}

absl::StatusOr<v1::Supplement> SupervisionService::CancelSupplement(
    const rpc::Call& call, const v1::CancelSupplementRequest& request) {
  return rpc::Mutate<v1::Supplement>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Supplement> {
        CHANYAN_ASSIGN_OR_RETURN(Locked locked, LockSupplement(change, call, request.name()));
        v1::Supplement& supplement = locked.supplement;
        CHANYAN_RETURN_IF_ERROR(
            api::CheckEtag(request.etag(), supplement.etag(), supplement.name()));
        CHANYAN_ASSIGN_OR_RETURN(const v1::SupplementState next,
                                 policy::Next(SupplementLife(), supplement.state(), "cancel"));
        if (supplement.proposer() != call.principal.organization) {
          return status::PermissionDenied("补充协议由提出单位撤销");
        }
        const v1::Supplement before = supplement;
        supplement.set_state(next);
        supplement.set_cancel_reason(request.reason());
        supplement.set_awaiting_override(false);
        CHANYAN_RETURN_IF_ERROR(supplements_.Update(change.session(), change.now(), &supplement));
        CHANYAN_RETURN_IF_ERROR(change.Record("cancel", &before, &supplement));
        return ShownSupplement(call, std::move(supplement));
      });
}

}  // namespace chanyan::consortium
