// Dossiers: made, saved, read.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chanyan/consortium/v1/attachment.pb.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/policy/life.h"
#include "common/rpc/get.h"
#include "common/rpc/resource.h"
#include "common/rpc/stream.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "services/consortium/consortium_service.h"
#include "services/consortium/dossier_index.h"
#include "services/consortium/dossier_rules.h"
#include "services/consortium/filing_life.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

// Chinese labels of fields, for people.
std::string LabelsOf(const std::vector<std::string>& fields) {
  std::vector<std::string> labels;
  for (const std::string& field : fields) {
    const auto* descriptor = v1::Consortium::descriptor()->FindFieldByName(field);
    const std::string& label = descriptor->options().GetExtension(options::v1::field).label();
    labels.push_back(label.empty() ? field : label);
  }
  return absl::StrJoin(labels, "、");
}

std::vector<std::string> MembersNamed(const v1::Consortium& dossier) {
  std::vector<std::string> names;
  for (const v1::ConsortiumMember& member : dossier.members()) {
    if (!member.organization().empty()) names.push_back(member.organization());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

v1::Consortium Present(const ConsortiumPack& pack, const rpc::Call& call, v1::Consortium row) {
  row.clear_missing();
  row.clear_actions();
  if (In(row.state(), kOpen)) {
    for (v1::MissingItem& item : HalfWrittenOf(row)) *row.add_missing() = std::move(item);
    for (v1::MissingItem& item : MissingOf(pack, row.verdicts())) {
      *row.add_missing() = std::move(item);
    }
  }
  const auto* service =
      v1::Consortium::descriptor()->file()->FindServiceByName("ConsortiumService");
  const auto may = [&](absl::string_view method) {
    const auto* found = service->FindMethodByName(std::string(method));
    return found != nullptr && auth::CheckMethod(call.principal, found).ok();
  };
  if (In(row.state(), kEditable) && may("UpdateConsortium") &&
      auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
    row.add_actions("update");
  }
  const absl::StatusOr<Actor> actor = ActorOf(call, row);
  if (!actor.ok()) return row;
  for (const Step& step : ConsortiumSteps()) {
    if (!In(row.state(), step.from) || step.part != actor->part) continue;
    std::string method(step.verb);
    method[0] = absl::ascii_toupper(method[0]);
    if (may(absl::StrCat(method, "Consortium")) || may(method)) {
      row.add_actions(std::string(step.verb));
    }
  }
  return row;
}

std::vector<rpc::UnaryMethod> ConsortiumService::Methods() {
  using S = ConsortiumService;
  return {
      rpc::Get<v1::GetConsortiumRequest>("GetConsortium", deps_.store.db, deps_.book.table(),
                                         [this](const rpc::Call& call, v1::Consortium row) {
                                           return Present(deps_.pack, call, std::move(row));
                                         }),
      rpc::Stream("WatchConsortium", this, &S::WatchConsortium),
      rpc::Unary("ListConsortia", this, &S::ListConsortia),
      rpc::Unary("CreateConsortium", this, &S::CreateConsortium),
      rpc::Unary("UpdateConsortium", this, &S::UpdateConsortium),
      rpc::Unary("SubmitConsortium", this, &S::SubmitConsortium),
      rpc::Unary("RecommendConsortium", this, &S::RecommendConsortium),
      rpc::Unary("ReturnConsortium", this, &S::ReturnConsortium),
      rpc::Unary("ReopenConsortium", this, &S::ReopenConsortium),
      rpc::Unary("ReexamineConsortium", this, &S::ReexamineConsortium),
      rpc::Unary("RejectConsortium", this, &S::RejectConsortium),
      rpc::Unary("AcceptConsortium", this, &S::AcceptConsortium),
      rpc::Unary("InspectConsortium", this, &S::InspectConsortium),
      rpc::Unary("DefendConsortium", this, &S::DefendConsortium),
      rpc::Unary("SelectConsortium", this, &S::SelectConsortium),
      rpc::Unary("WithdrawConsortium", this, &S::WithdrawConsortium),
      rpc::Unary("CancelConsortium", this, &S::CancelConsortium),
      rpc::Unary("RemoveLead", this, &S::RemoveLead),
      rpc::Unary("DissolveConsortium", this, &S::DissolveConsortium),
      rpc::Unary("ListTransitions", this, &S::ListTransitions),
  };
}

absl::StatusOr<v1::ListConsortiaResponse> ConsortiumService::ListConsortia(
    const rpc::Call& call, const v1::ListConsortiaRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, deps_.book.table(), request, "",
                                request.filter(), request.order_by(), IndexedOf(call.principal)));
  v1::ListConsortiaResponse response;
  for (v1::Consortium& row : page.rows) {
    *response.add_consortia() = Present(deps_.pack, call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::Status ConsortiumService::TakeOver(rpc::Change& change, const rpc::Call& call,
                                         v1::Consortium* row) const {
  const absl::StatusOr<v1::Filing> filing =
      deps_.book.filings().Get(change.session(), row->renews());
  if (absl::IsNotFound(filing.status()) ||
      (filing.ok() && filing->lead_unit() != call.principal.organization)) {
    return status::InvalidField("consortium.renews", "没有这一备案，或本单位不是其牵头单位");
  }
  CHANYAN_RETURN_IF_ERROR(filing.status());
  if (!filing->renewed_by().empty() || !IsRenewable(filing->state())) {
    return status::FailedPrecondition(
        ERROR_REASON_WRONG_STATE,
        absl::StrCat("备案“", filing->filing_number(), "”", policy::LabelOf(filing->state()),
                     "，不能续期，请重新申报"));
  }
  CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium former,
                           deps_.book.LockAny(change, filing->consortium()));
  if (row->display_name().empty()) row->set_display_name(former.display_name());
  if (row->lead_standing().empty()) row->set_lead_standing(former.lead_standing());
  if (row->industries().empty()) *row->mutable_industries() = former.industries();
  if (row->track().empty()) row->set_track(former.track());
  if (row->members().empty()) *row->mutable_members() = former.members();
  if (!row->has_chief_expert()) *row->mutable_chief_expert() = former.chief_expert();
  if (!row->has_director()) *row->mutable_director() = former.director();
  if (!row->has_plan()) *row->mutable_plan() = former.plan();
  // Agreement and pledge are of that time: both are made anew.
  return absl::OkStatus();
}

absl::StatusOr<v1::Consortium> ConsortiumService::CreateConsortium(
    const rpc::Call& call, const v1::CreateConsortiumRequest& request) {
  const std::string& own = call.principal.organization;
  if (own.empty()) return status::PermissionDenied("账号没有所属单位，不能申报");
  std::vector<std::string> names = MembersNamed(request.consortium());
  names.push_back(own);
  CHANYAN_ASSIGN_OR_RETURN(
      const auto news,
      deps_.book.parties().Ask(deps_.store.db, deps_.peers, call, names, "consortium.members"));
  return rpc::Mutate<v1::Consortium>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Consortium> {
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), names));
        for (const auto& one : news) {
          CHANYAN_RETURN_IF_ERROR(deps_.book.parties().Know(change, one).status());
        }
        CHANYAN_RETURN_IF_ERROR(bars_.Refuse(change, own));
        v1::Consortium row = request.consortium();
        row.set_name(absl::StrCat("consortia/", api::NewShortId()));
        row.set_lead_unit(own);
        if (!row.renews().empty()) CHANYAN_RETURN_IF_ERROR(TakeOver(change, call, &row));
        CHANYAN_RETURN_IF_ERROR(WriteContent(change, call, v1::Consortium(), &row));
        CHANYAN_RETURN_IF_ERROR(deps_.book.Begin(change, &row));
        return Present(deps_.pack, call, std::move(row));
      });
}

absl::Status ConsortiumService::WriteContent(rpc::Change& change, const rpc::Call& call,
                                             const v1::Consortium& before,
                                             v1::Consortium* row) const {
  const std::string& document = row->agreement().document();
  if (document.empty()) {
    if (row->has_agreement()) row->mutable_agreement()->clear_document_sha256();
  } else if (document != before.agreement().document() ||
             row->agreement().document_sha256().empty()) {
    const db::Table<v1::ConsortiumAttachment> attachments;
    const auto file = attachments.Get(change.session(), document);
    if (absl::IsNotFound(file.status()) || (file.ok() && file->consortium() != row->name())) {
      return status::InvalidField("consortium.agreement.document",
                                  "本申报材料没有这一附件，请先上传协议文本");
    }
    CHANYAN_RETURN_IF_ERROR(file.status());
    if (file->kind() != v1::ATTACHMENT_KIND_AGREEMENT) {
      return status::InvalidField("consortium.agreement.document",
                                  absl::StrCat("附件类别为“", policy::LabelOf(file->kind()),
                                               "”，请以“组建协议”类别上传协议文本"));
    }
    row->mutable_agreement()->set_document_sha256(file->sha256());
  }
  if (row->pledge().accepted() != before.pledge().accepted()) {
    if (row->pledge().accepted()) {
      row->mutable_pledge()->set_text(deps_.pack.proto().pledge());
      row->mutable_pledge()->set_account(call.principal.account);
      api::SetTime(change.now(), row->mutable_pledge()->mutable_accept_time());
    } else if (row->has_pledge()) {
      row->mutable_pledge()->clear_text();
      row->mutable_pledge()->clear_account();
      row->mutable_pledge()->clear_accept_time();
    }
  }
  CHANYAN_ASSIGN_OR_RETURN(const Parties parties,
                           deps_.book.parties().Of(change.session(), ParticipantsOf(*row)));
  return Refuse(DossierViolations(deps_.pack, *row, parties), "consortium");
}

absl::StatusOr<v1::Consortium> ConsortiumService::UpdateConsortium(
    const rpc::Call& call, const v1::UpdateConsortiumRequest& request) {
  const v1::Consortium& update = request.consortium();
  const std::vector<std::string> names = MembersNamed(update);
  CHANYAN_ASSIGN_OR_RETURN(
      const auto news,
      deps_.book.parties().Ask(deps_.store.db, deps_.peers, call, names, "consortium.members"));
  return rpc::Mutate<v1::Consortium>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Consortium> {
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), names));
        for (const auto& one : news) {
          CHANYAN_RETURN_IF_ERROR(deps_.book.parties().Know(change, one).status());
        }
        CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, deps_.book.Lock(change, call, update.name()));
        if (!update.etag().empty() && update.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, update.etag(), row);
        }
        if (!In(row.state(), kEditable)) {
          return status::FailedPrecondition(
              ERROR_REASON_WRONG_STATE, absl::StrCat("当前状态为“", policy::LabelOf(row.state()),
                                                     "”，申报材料不能修改；退回补正后可以修改"));
        }
        const v1::Consortium before = row;
        CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &row));
        if (call.principal.organization != row.lead_unit()) {
          const std::vector<std::string> changed = FieldsOfLead(before, row);
          if (!changed.empty()) {
            return status::PermissionDenied(absl::StrCat("成员单位可以共同编制建设方案；",
                                                         LabelsOf(changed), "由牵头单位填写"));
          }
        }
        CHANYAN_RETURN_IF_ERROR(WriteContent(change, call, before, &row));
        if (request.validate_only()) {
          CHANYAN_RETURN_IF_ERROR(deps_.book.Preview(change, &row));
          return Present(deps_.pack, call, std::move(row));
        }
        CHANYAN_RETURN_IF_ERROR(deps_.book.Settle(change, "updated", &row));
        CHANYAN_RETURN_IF_ERROR(deps_.book.Save(change, "updated", before, &row));
        return Present(deps_.pack, call, std::move(row));
      });
}

}  // namespace chanyan::consortium
