// Versions of demands in the library (TRI-1): who changed what, and when.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/resource.h"
#include "services/triage/changed_content.h"
#include "services/triage/demand_service.h"

namespace chanyan::triage {
namespace {

v1::DemandRevision RevisionOf(const v1::Demand& row) {
  v1::DemandRevision revision;
  revision.set_name(absl::StrCat(row.name(), "/revisions/", row.revision()));
  revision.set_revision(row.revision());
  *revision.mutable_content() = row;
  revision.set_demand_title(row.title());
  revision.set_enterprise(row.enterprise());
  revision.set_collector(row.collector());
  revision.set_office(row.office());
  return revision;
}

}  // namespace

absl::Status DemandService::WriteRevision(rpc::Change& change, const v1::Demand& before,
                                          const v1::Demand& row) const {
  std::vector<v1::DemandRevision> written;
  if (before.revision() > 0) {
    v1::DemandRevision known = RevisionOf(before);
    const absl::Status found = revisions_.Get(change.session(), known.name()).status();
    if (!found.ok() && !absl::IsNotFound(found)) return found;
    if (!found.ok()) written.push_back(std::move(known));
  }
  v1::DemandRevision revision = RevisionOf(row);
  if (before.revision() > 0) {
    for (const std::string& label : ChangedContent(before, row)) {
      revision.add_changed_fields(label);
    }
  }
  revision.set_author(change.origin().actor);
  revision.set_organization(change.origin().organization);
  written.push_back(std::move(revision));
  CHANYAN_RETURN_IF_ERROR(revisions_.InsertAll(change.session(), change.now(), &written));
  std::vector<journal::Alteration> created;
  for (const v1::DemandRevision& one : written) created.push_back({nullptr, &one});
  return change.RecordAll("created", created);
}

absl::StatusOr<v1::ListDemandRevisionsResponse> DemandService::ListDemandRevisions(
    const rpc::Call& call, const v1::ListDemandRevisionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, revisions_, request,
                                                     absl::StrCat(request.parent(), "/revisions"),
                                                     request.filter(), request.order_by()));
  v1::ListDemandRevisionsResponse response;
  for (v1::DemandRevision& row : page.rows) *response.add_demand_revisions() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::triage
