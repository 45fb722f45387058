// gRPC stays up for the life of the process.
//
// When its last channel or server goes, gRPC takes itself down, where it must on a thread of its
// own that nobody waits for; a process that ends just then destroys its statics under that thread
// (AddressSanitizer: a double free at the end of a test that had passed). Whoever makes
// channels or a server keeps it while it still has them.
#pragma once

#include "grpc/grpc.h"

namespace chanyan::rpc {

inline void KeepGrpc() {
  static const bool kept = [] {
    grpc_init();
    return true;
  }();
  static_cast<void>(kept);
}

}  // namespace chanyan::rpc
