// The market (TRI-4): listings are copies of the public part of results.
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/dispatch_service.h"
#include "services/triage/listing_content.h"
#include "services/triage/parties.h"

namespace chanyan::triage {

absl::Status DispatchService::List(rpc::Change& change, v1::Result* result) const {
  const std::string name = absl::StrCat("listings/", api::IdOfName(result->name()));
  absl::StatusOr<v1::Listing> stored = listings_.GetForUpdate(change.session(), name);
  if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
  v1::Listing listing = stored.ok() ? *stored : v1::Listing();
  listing.set_name(name);
  FillListing(*result, &listing);
  listing.set_listed(true);
  if (!listing.has_list_time()) api::SetTime(change.now(), listing.mutable_list_time());
  result->set_listing(name);
  if (!stored.ok()) {
    CHANYAN_RETURN_IF_ERROR(listings_.Insert(change.session(), change.now(), &listing));
    return change.Record("listed", nullptr, &listing);
  }
  if (google::protobuf::util::MessageDifferencer::Equals(*stored, listing)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(listings_.Update(change.session(), change.now(), &listing));
  return change.Record("listed", &*stored, &listing);
}

absl::StatusOr<v1::Listing> DispatchService::GetListing(const rpc::Call& call,
                                                        const v1::GetListingRequest& request) {
  return rpc::Fetch(deps_.store.db, call, listings_, request.name());
}

absl::StatusOr<v1::ListListingsResponse> DispatchService::ListListings(
    const rpc::Call& call, const v1::ListListingsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, listings_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListListingsResponse response;
  for (v1::Listing& row : page.rows) *response.add_listings() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Listing> DispatchService::WithdrawListing(
    const rpc::Call& call, const v1::WithdrawListingRequest& request) {
  return rpc::Edit<v1::Listing>(deps_.store, call, request, listings_, request.name(),
                                request.etag(), "withdrawn",
                                [&](rpc::Change&, v1::Listing& row) -> absl::Status {
                                  row.set_listed(false);
                                  return absl::OkStatus();
                                });
}

}  // namespace chanyan::triage
