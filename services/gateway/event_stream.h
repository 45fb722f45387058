// Messages of a streaming RPC as server-sent events (text/event-stream of the HTML standard).
//
//   id: {event_id}
//   event: watchOperation
//   data: {"operation":{…}}
//
// The event is named after the RPC; `event_id` is the reply's field of that name and stands nowhere
// else. A stream that breaks off says why in an event "failure" with an error as other answers have
// it; one that ends well just ends.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gateway/backends.h"
#include "services/gateway/http_message.h"
#include "services/gateway/routes.h"

namespace chanyan::gateway {

inline constexpr char kEventStreamType[] = "text/event-stream; charset=utf-8";

// A message as an event. The message loses its event_id.
std::string FormatEvent(const Method& method, google::protobuf::Message& message);

class EventStream final : public BodyStream {
 public:
  // Events sent, and how it ended; called once.
  using Ended = std::function<void(int events, const absl::Status& status)>;
  EventStream(std::shared_ptr<BackendStream> messages, const Method& method, std::string request_id,
              std::shared_ptr<void> slot, Ended ended);
  ~EventStream() override;

  void Next(std::function<void(std::string piece)> more) override;
  void Cancel() override;
  absl::string_view Filler() const override { return ":\n\n"; }

 private:
  std::string PieceOf(std::optional<grpc::ByteBuffer> bytes, const grpc::Status& status);
  void Note(const absl::Status& status);

  const std::shared_ptr<BackendStream> messages_;
  const Method& method_;
  const std::string request_id_;
  const std::shared_ptr<void> slot_;
  Ended ended_;
  std::atomic<bool> noted_ = false;
  // Used by one piece at a time.
  int events_ = 0;
  bool began_ = false;
  bool failed_ = false;
};

}  // namespace chanyan::gateway
