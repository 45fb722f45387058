// Review, notice and filing package in the program (CON-4, CON-5, CON-10): their services, what
// they ask of the steps of a dossier, the end of notices.
#pragma once

#include "common/crypto/keyring.h"
#include "common/rpc/runtime.h"
#include "services/consortium/consortium_book.h"
#include "services/consortium/deps.h"
#include "services/consortium/notice_service.h"
#include "services/consortium/review_book.h"

namespace chanyan::consortium {

// What review and notice ask of the steps of a dossier; before the first call. All three outlive
// the calls.
void SetReviewGates(const ReviewBook& review, const NoticeService& notices, ConsortiumBook& book);

// Before the server starts; `book` is that of `deps`.
void HostReview(rpc::Runtime& runtime, const Deps& deps, const crypto::Keyring& keys,
                ConsortiumBook& book);

}  // namespace chanyan::consortium
