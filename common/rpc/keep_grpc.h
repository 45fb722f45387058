// gRPC stays up for the life of the process.
//
// When its last channel or server goes on one of its own threads, gRPC takes itself down on another
// that nobody waits for; a process that ends just then destroys its statics under that thread.
// Whoever makes channels or a server keeps it while it still has them.
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
