// Who belonged to a filed consortium from when until when (CON-8): kept in step with the dossier.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"

namespace chanyan::consortium {

// Thread-safe.
class MembershipBook {
 public:
  // Open memberships become those of the dossier: who is no more ends now, who is new begins now,
  // and who is something else begins anew. With `ended` nobody goes on.
  absl::Status Align(rpc::Change& change, const v1::Consortium& row, absl::string_view cause,
                     bool ended = false) const;

 private:
  const db::Table<v1::Membership> memberships_;
};

}  // namespace chanyan::consortium
