// What is offered to whom, and who answers it (TRI-5): the same for one result and for many.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "chanyan/triage/v1/first_contact.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/rpc/call.h"
#include "services/triage/result_book.h"

namespace chanyan::triage {

// OK if the caller may offer a result to `to` now; else why not, for people.
absl::Status CheckOffer(const rpc::Call& call, const v1::Result& row, const Holder& to);

// The offer, with a name of its own and no deadline yet.
v1::Handover OfferOf(const v1::Result& row, const Holder& to, const std::string& reason);

// Whoever may act on one side of a hand-over.
bool MayAct(const rpc::Call& call, const v1::Handover& row, absl::string_view verb);
absl::Status RefuseOthers(absl::string_view verb);

}  // namespace chanyan::triage
