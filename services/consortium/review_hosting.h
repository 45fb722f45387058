// Review, notice and filing package in the program (CON-4, CON-5, CON-10): their services, what
// they ask of the steps of a dossier, the end of notices.
#pragma once

#include "absl/time/time.h"
#include "common/crypto/keyring.h"
#include "common/db/lease.h"
#include "common/log/log.h"
#include "common/rpc/runtime.h"
#include "services/consortium/consortium_book.h"
#include "services/consortium/deps.h"
#include "services/consortium/notice_service.h"
#include "services/consortium/review_book.h"
#include "services/consortium/review_service.h"

namespace chanyan::consortium {

// What review and notice ask of the steps of a dossier; before the first call. All three outlive
// the calls.
void SetReviewGates(const ReviewBook& review, const NoticeService& notices, ConsortiumBook& book);

// Panels that are due until a time (RecheckDue). That it failed, as where those who are asked do
// not answer, is told in the log as `panel-recheck`, and is no failure of what else its job does.
void RecheckPanels(const ReviewService& reviews, const db::Lease& lease, absl::Time until,
                   const log::Logger& log);

// Before the server starts; `book` is that of `deps`.
void HostReview(rpc::Runtime& runtime, const Deps& deps, const crypto::Keyring& keys,
                ConsortiumBook& book);

}  // namespace chanyan::consortium
