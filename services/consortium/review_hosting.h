// Review, notice and filing package in the program (CON-4, CON-5, CON-10): their services, what
// they ask of the steps of a dossier, the end of notices.
#pragma once

#include "common/crypto/keyring.h"
#include "common/rpc/runtime.h"
#include "services/consortium/consortium_book.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

// Before the server starts; `book` is that of `deps`.
void HostReview(rpc::Runtime& runtime, const Deps& deps, const crypto::Keyring& keys,
                ConsortiumBook& book);

}  // namespace chanyan::consortium
