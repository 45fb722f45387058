// Versions of results in the library (TRI-1): what a change of content brings with it.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "common/policy/verdict.h"
#include "common/rpc/resource.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/changed_content.h"
#include "services/triage/disposition_rules.h"
#include "services/triage/library_rules.h"
#include "services/triage/listing_content.h"
#include "services/triage/parties.h"
#include "services/triage/result_service.h"

namespace chanyan::triage {

absl::Status ResultService::WriteRevision(rpc::Change& change, const rpc::Call& call,
                                          const v1::Result& before, const v1::Result& row) const {
  v1::ResultRevision revision;
  revision.set_name(absl::StrCat(row.name(), "/revisions/", row.revision()));
  revision.set_revision(row.revision());
  *revision.mutable_content() = row;
  for (const std::string& label : ChangedContent(before, row)) revision.add_changed_fields(label);
  revision.set_author(call.principal.account);
  revision.set_organization(call.principal.organization);
  CopyParties(row, &revision);
  CHANYAN_RETURN_IF_ERROR(revisions_.Insert(change.session(), change.now(), &revision));
  return change.Record("created", nullptr, &revision);
}

absl::Status ResultService::RefreshListing(rpc::Change& change, const v1::Result& row) const {
  if (row.listing().empty()) return absl::OkStatus();
  const db::Table<v1::Listing> listings;
  CHANYAN_ASSIGN_OR_RETURN(v1::Listing listing,
                           listings.GetForUpdate(change.session(), row.listing()));
  const v1::Listing before = listing;
  FillListing(row, &listing);
  // What is not open to everybody any more is taken off at once.
  if (row.disclosure() != v1::DISCLOSURE_OPEN) listing.set_listed(false);
  if (google::protobuf::util::MessageDifferencer::Equals(before, listing)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(listings.Update(change.session(), change.now(), &listing));
  return change.Record("updated", &before, &listing);
}

absl::Status ResultService::WriteContent(rpc::Change& change, const rpc::Call& call,
                                         absl::string_view override_reason,
                                         const v1::Result& before, v1::Result* row,
                                         absl::string_view kind) const {
  if (ChangedContent(before, *row).empty()) return absl::OkStatus();
  if (!row->disposition().empty()) {
    const auto then = ProposeDisposition(deps_.pack, DispositionFacts(deps_.pack, before));
    const auto now = ProposeDisposition(deps_.pack, DispositionFacts(deps_.pack, *row));
    if (policy::Encode(then.verdicts) != policy::Encode(now.verdicts)) {
      row->set_disposition_stale(true);
    }
  }
  NoteAct(call, change.now(), row);
  if (row->state() != v1::RESULT_STATE_PUBLISHED) return book_.Save(change, kind, before, row);
  policy::v1::Verdicts verdicts =
      policy::Evaluate(deps_.pack.pack(), policy::v1::DECISION_RESULT_PUBLISH, PublishFacts(*row));
  CHANYAN_RETURN_IF_ERROR(
      policy::SetAside(deps_.pack.pack(), call.principal.roles, override_reason, verdicts));
  // What was let in with a reason stays in with it.
  CHANYAN_RETURN_IF_ERROR(policy::RequireHard(verdicts));
  *row->mutable_publish_verdicts() = std::move(verdicts);
  row->set_revision(row->revision() + 1);
  CHANYAN_RETURN_IF_ERROR(book_.Save(change, kind, before, row));
  CHANYAN_RETURN_IF_ERROR(WriteRevision(change, call, before, *row));
  return RefreshListing(change, *row);
}

absl::StatusOr<v1::ListResultRevisionsResponse> ResultService::ListResultRevisions(
    const rpc::Call& call, const v1::ListResultRevisionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, revisions_, request,
                                                     absl::StrCat(request.parent(), "/revisions"),
                                                     request.filter(), request.order_by()));
  v1::ListResultRevisionsResponse response;
  for (v1::ResultRevision& row : page.rows) *response.add_result_revisions() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::triage
