// What handlers of supplements share: what the caller may do with one.
#pragma once

#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/rpc/call.h"

namespace chanyan::consortium {

// With the verbs that the caller may call now.
v1::Supplement ShownSupplement(const rpc::Call& call, v1::Supplement row);

}  // namespace chanyan::consortium
