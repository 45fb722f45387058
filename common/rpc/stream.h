// A method that streams from the server, as its handler sees it: asked again and again for what is
// newer than the last event, so that between events no thread, no connection and no state is held,
// and every event is as fresh and as permitted as a call of its own.
//
//   rpc::Stream("WatchOperation", this, &OperationService::WatchOperation)
//
// with a handler
//   absl::StatusOr<rpc::News<WatchOperationResponse>> WatchOperation(
//       const rpc::Call&, const WatchOperationRequest&) const;
//
// The request has a field `string last_event_id` and the reply a field `string event_id`: the
// server fills in the former from the latter.
#pragma once

#include <optional>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/method.h"

namespace chanyan::rpc {

// How often a stream is asked; so it has at most two events a second, the last of which is never
// left out.
inline constexpr absl::Duration kStreamPeriod = absl::Milliseconds(500);
// Streams of one server at once; more are refused.
inline constexpr int kMaxStreams = 256;

template <class Reply>
struct News {
  // What is newer than request.last_event_id(); nothing if nothing is.
  std::optional<Reply> event;
  // There will be nothing newer than request.last_event_id(): the stream ends well.
  bool ended = false;
};

// How a handler of a stream answers the server: no bytes for no news, this error for a good end.
inline absl::Status EndOfStream() { return absl::OutOfRangeError("end of stream"); }
inline bool IsEndOfStream(const absl::Status& status) {
  return absl::IsOutOfRange(status) && status.message() == "end of stream";
}

// Any callable; the types must be named.
template <class Request, class Reply, class Handler>
UnaryMethod Stream(absl::string_view name, Handler handler) {
  UnaryMethod method;
  method.name = std::string(name);
  method.request_prototype = &Request::default_instance();
  method.reply_type = Reply::descriptor();
  method.answer = [handler = std::move(handler)](const Call& call,
                                                 const google::protobuf::Message& request,
                                                 grpc::ByteBuffer* out) -> absl::Status {
    absl::StatusOr<News<Reply>> news = handler(call, static_cast<const Request&>(request));
    if (!news.ok()) return news.status();
    if (news->ended) return EndOfStream();
    if (!news->event.has_value()) return absl::OkStatus();
    return SendReply(call, *std::move(news->event), out);
  };
  return method;
}

template <class Service, class Request, class Reply>
UnaryMethod Stream(absl::string_view name, const Service* service,
                   absl::StatusOr<News<Reply>> (Service::*handler)(const Call&, const Request&)
                       const) {
  return Stream<Request, Reply>(name, [service, handler](const Call& call, const Request& request) {
    return (service->*handler)(call, request);
  });
}

}  // namespace chanyan::rpc
