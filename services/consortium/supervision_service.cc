#include "services/consortium/supervision_service.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "services/consortium/parties.h"
#include "services/consortium/supervision_life.h"

namespace chanyan::consortium {

std::vector<rpc::UnaryMethod> SupervisionService::Methods() {
  using S = SupervisionService;
  return {
      rpc::Unary("CreateHeldProject", this, &S::CreateHeldProject),
      rpc::Unary("CloseHeldProject", this, &S::CloseHeldProject),
      rpc::Unary("ListHeldProjects", this, &S::ListHeldProjects),
      rpc::Unary("CreateSupplement", this, &S::CreateSupplement),
      rpc::Unary("SignSupplement", this, &S::SignSupplement),
      rpc::Unary("OverrideSupplementRule", this, &S::OverrideSupplementRule),
      rpc::Unary("CancelSupplement", this, &S::CancelSupplement),
      rpc::Unary("ListSupplements", this, &S::ListSupplements),
      rpc::Unary("ListMemberships", this, &S::ListMemberships),
  };
}

absl::StatusOr<v1::HeldProject> SupervisionService::CreateHeldProject(
    const rpc::Call& call, const v1::CreateHeldProjectRequest& request) {
  return rpc::Mutate<v1::HeldProject>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::HeldProject> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row,
                                 deps_.book.Lock(change, call, request.parent()));
        if (!In(row.state(), kInForce)) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("当前状态为“", policy::LabelOf(row.state()),
                           "”，只有已备案的创新联合体登记承担项目"));
        }
        const v1::Consortium before = row;
        v1::HeldProject project = request.held_project();
        project.set_name(absl::StrCat(row.name(), "/heldProjects/", api::NewShortId()));
        project.set_state(v1::HELD_PROJECT_STATE_OPEN);
        CopyParties(row, &project);
        CHANYAN_RETURN_IF_ERROR(projects_.Insert(change.session(), change.now(), &project));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &project));
        row.set_held_projects(row.held_projects() + 1);
        CHANYAN_RETURN_IF_ERROR(deps_.book.Save(change, "project held", before, &row));
        project.add_actions("close");
        return project;
      });
}

absl::StatusOr<v1::HeldProject> SupervisionService::CloseHeldProject(
    const rpc::Call& call, const v1::CloseHeldProjectRequest& request) {
  return rpc::Mutate<v1::HeldProject>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::HeldProject> {
        const auto dossier = deps_.book.Lock(change, call, ConsortiumOfName(request.name()));
        if (absl::IsNotFound(dossier.status())) return status::NotFound(request.name());
        CHANYAN_RETURN_IF_ERROR(dossier.status());
        CHANYAN_ASSIGN_OR_RETURN(
            v1::HeldProject project,
            projects_.GetForUpdate(change.session(), request.name(),
                                   auth::Writable<v1::HeldProject>(call.principal)));
        CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), project.etag(), project.name()));
        CHANYAN_ASSIGN_OR_RETURN(const v1::HeldProjectState next,
                                 policy::Next(HeldProjectLife(), project.state(), "close"));
        const v1::HeldProject was = project;
        project.set_state(next);
        project.set_conclusion(request.conclusion());
        CHANYAN_RETURN_IF_ERROR(projects_.Update(change.session(), change.now(), &project));
        CHANYAN_RETURN_IF_ERROR(change.Record("close", &was, &project));
        v1::Consortium row = *dossier;
        row.set_held_projects(row.held_projects() - 1);
        CHANYAN_RETURN_IF_ERROR(deps_.book.Save(change, "project closed", *dossier, &row));
        return project;
      });
}

absl::StatusOr<v1::ListHeldProjectsResponse> SupervisionService::ListHeldProjects(
    const rpc::Call& call, const v1::ListHeldProjectsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, projects_, request,
                                absl::StrCat(request.parent(), "/heldProjects"), request.filter(),
                                request.order_by()));
  v1::ListHeldProjectsResponse response;
  for (v1::HeldProject& row : page.rows) *response.add_held_projects() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListSupplementsResponse> SupervisionService::ListSupplements(
    const rpc::Call& call, const v1::ListSupplementsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, supplements_, request,
                                                     absl::StrCat(request.parent(), "/supplements"),
                                                     request.filter(), request.order_by()));
  v1::ListSupplementsResponse response;
  for (v1::Supplement& row : page.rows) *response.add_supplements() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListMembershipsResponse> SupervisionService::ListMemberships(
    const rpc::Call& call, const v1::ListMembershipsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, memberships_, request,
                                                     absl::StrCat(request.parent(), "/memberships"),
                                                     request.filter(), request.order_by()));
  v1::ListMembershipsResponse response;
  for (v1::Membership& row : page.rows) *response.add_memberships() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::consortium
