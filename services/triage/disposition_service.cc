#include "services/triage/disposition_service.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "services/triage/disposition_rules.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using Classes = std::vector<policy::v1::TriageClass>;
using options::v1::ERROR_REASON_WRONG_STATE;

Classes ClassesIn(const google::protobuf::RepeatedField<int>& numbers) {
  std::set<policy::v1::TriageClass> classes;
  for (const int number : numbers) classes.insert(static_cast<policy::v1::TriageClass>(number));
  return {classes.begin(), classes.end()};
}

std::string LabelsOf(const Classes& classes) {
  return classes.empty()
             ? "无"
             : absl::StrJoin(classes, "、", [](std::string* out, policy::v1::TriageClass one) {
                 absl::StrAppend(out, policy::LabelOf(one));
               });
}

absl::Status CheckDecision(const Classes& proposed, const Classes& decided,
                           absl::string_view reason) {
  if (!HasMainClass(decided)) {
    return status::InvalidField(
        "classes", decided.empty() ? "规则未能归类，请人工选定类别并说明理由"
                                   : "至少应归入转让和实施许可、横向合作、成立企业之一");
  }
  if (decided != proposed && reason.empty()) {
    return status::InvalidField(
        "reason", absl::StrCat("与规则建议（", LabelsOf(proposed), "）不同，请说明理由"));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<rpc::UnaryMethod> DispositionService::Methods() {
  using S = DispositionService;
  return {
      rpc::Unary("PreviewDisposition", this, &S::PreviewDisposition),
      rpc::Unary("DisposeResult", this, &S::DisposeResult),
      rpc::Unary("ListDispositions", this, &S::ListDispositions),
  };
}

absl::StatusOr<v1::DispositionPreview> DispositionService::PreviewDisposition(
    const rpc::Call& call, const v1::PreviewDispositionRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Result row,
                           rpc::Fetch(deps_.store.db, call, book_.table(), request.name()));
  DispositionProposal proposal = ProposeDisposition(deps_.pack, DispositionFacts(deps_.pack, row));
  v1::DispositionPreview preview;
  for (const policy::v1::TriageClass one : proposal.classes) preview.add_classes(one);
  *preview.mutable_verdicts() = std::move(proposal.verdicts);
  preview.set_changed(!row.disposition().empty() && ClassesIn(row.classes()) != proposal.classes);
  return preview;
}

absl::StatusOr<v1::Disposition> DispositionService::DisposeResult(
    const rpc::Call& call, const v1::DisposeResultRequest& request) {
  return rpc::Mutate<v1::Disposition>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Disposition> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Result row, book_.Lock(change, call, request.name()));
        if (!request.etag().empty() && request.etag() != row.etag()) {
          return rpc::StaleEdit(change.session(), call, request.etag(), row);
        }
        if (row.state() != v1::RESULT_STATE_PUBLISHED) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "成果入库后才能分类");
        }
        const v1::Result before = row;
        DispositionProposal proposal =
            ProposeDisposition(deps_.pack, DispositionFacts(deps_.pack, row));
        const Classes decided =
            request.classes().empty() ? proposal.classes : ClassesIn(request.classes());
        CHANYAN_RETURN_IF_ERROR(CheckDecision(proposal.classes, decided, request.reason()));

        v1::Disposition disposition;
        int number = 1;
        if (!row.disposition().empty()) {
          CHANYAN_ASSIGN_OR_RETURN(v1::Disposition last,
                                   dispositions_.GetForUpdate(change.session(), row.disposition()));
          const v1::Disposition was = last;
          number = last.number() + 1;
          last.set_superseded(true);
          CHANYAN_RETURN_IF_ERROR(dispositions_.Update(change.session(), change.now(), &last));
          CHANYAN_RETURN_IF_ERROR(change.Record("superseded", &was, &last));
        }
        disposition.set_name(absl::StrCat(row.name(), "/dispositions/", number));
        disposition.set_number(number);
        for (const policy::v1::TriageClass one : proposal.classes) disposition.add_proposed(one);
        for (const policy::v1::TriageClass one : decided) disposition.add_classes(one);
        disposition.set_overridden(decided != proposal.classes);
        disposition.set_reason(request.reason());
        *disposition.mutable_verdicts() = std::move(proposal.verdicts);
        disposition.set_author(call.principal.account);
        disposition.set_organization(call.principal.organization);

        *row.mutable_classes() = disposition.classes();
        row.set_disposition(disposition.name());
        row.set_disposition_stale(false);
        if (call.principal.organization == row.holder()) ResultBook::Act(change.now(), &row);
        CHANYAN_RETURN_IF_ERROR(book_.Reach(change, v1::FUNNEL_STAGE_CLASSIFIED, &row));
        CopyParties(row, &disposition);
        CHANYAN_RETURN_IF_ERROR(dispositions_.Insert(change.session(), change.now(), &disposition));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &disposition));
        CHANYAN_RETURN_IF_ERROR(book_.Save(change, "disposed", before, &row));
        return disposition;
      });
}

absl::StatusOr<v1::ListDispositionsResponse> DispositionService::ListDispositions(
    const rpc::Call& call, const v1::ListDispositionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, dispositions_, request,
                                absl::StrCat(request.parent(), "/dispositions"), request.filter(),
                                request.order_by()));
  v1::ListDispositionsResponse response;
  for (v1::Disposition& row : page.rows) *response.add_dispositions() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::triage
