// Messages and errors in gRPC's form, both ways.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace chanyan::rpc {

// Bytes of one message, either way: an .xlsx of 10 MB fits with what is around it.
inline constexpr int kMaxMessageBytes = 16 << 20;
// Metadata of a reply that a client must be ready to take (GRPC_ARG_MAX_METADATA_SIZE; gRPC's own
// default is 8 KiB): errors list all violations.
inline constexpr int kMaxReplyMetadataBytes = 64 << 10;

// INVALID_ARGUMENT if the bytes are not such a message; the buffer is used up.
absl::Status Parse(grpc::ByteBuffer* buffer, google::protobuf::Message* message);
// INTERNAL if the message is larger than kMaxMessageBytes.
absl::Status Serialize(const google::protobuf::Message& message, grpc::ByteBuffer* buffer);

// With google.rpc.Status in grpc-status-details-bin, which names the request; the text of an
// INTERNAL error stays behind.
grpc::Status ToGrpc(const absl::Status& status, absl::string_view request_id);
// Who ended a call that comes back as CANCELLED.
enum class Ended {
  // Not this side: whoever was asked stopped, or lost the connection, before it answered.
  kByPeer,
  // This side, because nobody waits for the answer any more.
  kHere,
};

// A status of gRPC itself (no details) keeps its code and gets a reason of ours. A peer's CANCELLED
// is UNAVAILABLE, with details or without: who cancelled nothing may ask again.
absl::Status FromGrpc(const grpc::Status& status, Ended ended = Ended::kByPeer);

}  // namespace chanyan::rpc
