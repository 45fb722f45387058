#include "services/gateway/event_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/api/json.h"
#include "common/rpc/wire.h"
#include "common/status/status.h"
#include "services/gateway/errors.h"
#include "services/gateway/stream_slots.h"

namespace chanyan::gateway {
namespace {

constexpr char kFailure[] = "failure";

std::string LowerCamel(std::string name) {
  if (!name.empty()) name[0] = absl::ascii_tolower(name[0]);
  return name;
}

// What stands behind an id or in a line of data must not end it.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
  return text;
}

}  // namespace

std::string FormatEvent(const Method& method, google::protobuf::Message& message) {
  const auto* reflection = message.GetReflection();
  std::string event;
  if (const std::string id = reflection->GetString(message, method.reply_event_id); !id.empty()) {
    absl::StrAppend(&event, "id: ", OneLine(id), "\n");
  }
  reflection->ClearField(&message, method.reply_event_id);
  absl::StrAppend(&event, "event: ", LowerCamel(method.descriptor->name()), "\ndata: ");
  std::string json;
  api::MessageToJson(message, json);
  absl::StrAppend(&event, OneLine(std::move(json)), "\n\n");
  return event;
}

EventStream::EventStream(std::shared_ptr<BackendStream> messages, const Method& method,
                         std::string request_id, std::shared_ptr<void> slot, Ended ended)
    : messages_(std::move(messages)),
      method_(method),
      request_id_(std::move(request_id)),
      slot_(std::move(slot)),
      ended_(std::move(ended)) {}

EventStream::~EventStream() { Cancel(); }

void EventStream::Cancel() {
  Note(absl::CancelledError("请求已取消"));
  messages_->Cancel();
}

void EventStream::Note(const absl::Status& status) {
  if (!noted_.exchange(true)) ended_(events_, status);
}

void EventStream::Next(std::function<void(std::string piece)> more) {
  messages_->Next([this, more = std::move(more)](std::optional<grpc::ByteBuffer> bytes,
                                                 const grpc::Status& status) {
    // `more` keeps the connection, and that keeps this.
    more(PieceOf(std::move(bytes), status));
  });
}

std::string EventStream::PieceOf(std::optional<grpc::ByteBuffer> bytes,
                                 const grpc::Status& status) {
  std::string piece;
  if (!std::exchange(began_, true)) absl::StrAppend(&piece, "retry: ", kRetryMilliseconds, "\n\n");
  if (bytes.has_value()) {
    std::unique_ptr<google::protobuf::Message> message(method_.reply->New());
    if (rpc::Parse(&*bytes, message.get()).ok()) {
      ++events_;
      return absl::StrCat(piece, FormatEvent(method_, *message));
    }
    Note(status::Internal("bad event"));
    return "";
  }
  // Backends leave CANCELLED to what was cancelled here.
  const absl::Status end = rpc::FromGrpc(status, rpc::Ended::kHere);
  Note(end);
  // Said once; the piece after it is the end.
  if (end.ok() || std::exchange(failed_, true)) return "";
  return absl::StrCat(piece, "event: ", kFailure,
                      "\ndata: ", OneLine(ErrorReply(end, request_id_).body), "\n\n");
}

}  // namespace chanyan::gateway
