// The public part of a result (TRI-4): what stands on the market, and nothing else.
#pragma once

#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/result.pb.h"

namespace chanyan::triage {

// Copies what is public onto the listing. Rights that are not granted, people, owners, financing
// and whom it was pushed to are not.
void FillListing(const v1::Result& result, v1::Listing* listing);

}  // namespace chanyan::triage
