// One connection of the HTTP server; see http_server.h. Everything runs on the loop of its stream.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/gateway/chunked.h"
#include "services/gateway/http_message.h"
#include "services/gateway/http_server.h"
#include "services/gateway/http_wire.h"

namespace chanyan::gateway {

// What all connections of a server share; outlives them.
struct ConnectionContext {
  HttpHandler& handler;
  HttpTimeouts timeouts;
  std::atomic<bool> draining = false;
  // A request was refused with this status before it was understood; 408 for one that was too slow.
  std::function<void(int http_status)> refused;
};

class ConnectionBase {
 public:
  virtual ~ConnectionBase() = default;
  virtual void Start() = 0;
  // On the loop: closes at once if `force`, else if no request is under way; a stream ends.
  virtual void Drain(bool force) = 0;
};

template <class Stream>
class Connection final : public ConnectionBase,
                         public std::enable_shared_from_this<Connection<Stream>> {
 public:
  using ErrorCode = boost::system::error_code;
  static constexpr bool kTls = !std::is_same_v<Stream, boost::asio::ip::tcp::socket>;

  // `closed` is called once, when nothing of the connection is left.
  Connection(Stream stream, std::string peer_address, std::shared_ptr<ConnectionContext> context,
             std::function<void()> closed)
      : closed_(std::move(closed)),
        stream_(std::move(stream)),
        timer_(stream_.get_executor()),
        peer_address_(std::move(peer_address)),
        context_(std::move(context)) {}
  ~Connection() override { closed_(); }

  void Start() override {
    if constexpr (kTls) {
      phase_ = Phase::kHead;
      SetLimit(context_->timeouts.handshake);
      stream_.async_handshake(boost::asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](ErrorCode error) {
                                if (error) return self->Close();
                                self->BeginHead();
                              });
    } else {
      BeginHead();
    }
  }

  void Drain(bool force) override {
    if (phase_ == Phase::kStream && !force) return EndStream();
    const bool silent = phase_ == Phase::kHead && input_.empty();
    if (force || phase_ == Phase::kIdle || silent) Close();
  }

 private:
  enum class Phase { kIdle, kHead, kBody, kAnswer, kWrite, kStream, kLinger, kClosed };
  using Clock = std::chrono::steady_clock;

  // One timer for all phases: it wakes at the earliest limit it was armed for and looks again.
  void SetLimit(absl::Duration limit, uint64_t bytes = 0) {
    limit += absl::Seconds(static_cast<double>(bytes) / kLeastBytesPerSecond);
    limit_ = Clock::now() + absl::ToChronoNanoseconds(limit);
    if (!armed_ || limit_ < timer_.expiry()) Arm();
  }
  void Arm() {
    armed_ = true;
    timer_.expires_at(limit_);
    timer_.async_wait([self = this->shared_from_this()](ErrorCode error) {
      if (error) return;
      self->armed_ = false;
      if (self->phase_ == Phase::kClosed) return;
      if (Clock::now() < self->limit_) return self->Arm();
      self->OnLimit();
    });
  }
  void OnLimit() {
    if (phase_ == Phase::kAnswer) {
      ++ticket_;
      return Refuse(
          Reject{504, "answer_timeout", "未能在规定时间内完成，请稍后用同一请求编号重试"});
    }
    if (phase_ == Phase::kStream && !writing_) return WriteChunk(body_stream_->Filler(), false);
    // Who has begun a request is told; who was silent is left without an answer, because a client
    // could take it for that of its next request. So is who does not even read "100 Continue".
    const bool begun = phase_ == Phase::kBody || (phase_ == Phase::kHead && !input_.empty());
    if (begun && !continuing_) {
      return Refuse(Reject{408, "request_timeout", "请求没有在规定时间内发送完，请检查网络后重试"});
    }
    if (phase_ == Phase::kHead || phase_ == Phase::kBody) context_->refused(408);
    Close();
  }

  void Close() {
    if (phase_ == Phase::kClosed) return;
    phase_ = Phase::kClosed;
    if (body_stream_ != nullptr) body_stream_->Cancel();
    timer_.cancel();
    ErrorCode ignored;
    Socket().close(ignored);
  }

  template <class Next>
  void Read(Next next) {
    stream_.async_read_some(
        boost::asio::buffer(chunk_),
        [self = this->shared_from_this(), next = std::move(next)](ErrorCode error, size_t bytes) {
          if (error || self->phase_ == Phase::kClosed) return self->Close();
          // Refused meanwhile for being slow: what comes now comes too late.
          if (self->phase_ > Phase::kBody) return;
          next(*self, absl::string_view(self->chunk_.data(), bytes));
        });
  }

  void BeginHead() {
    if (context_->draining && input_.empty()) return Close();
    // The first head is awaited for less long than later ones, and so is one that has begun.
    phase_ = answered_ && input_.empty() ? Phase::kIdle : Phase::kHead;
    SetLimit(phase_ == Phase::kIdle ? context_->timeouts.idle : context_->timeouts.head);
    ReadHead();
  }
  void ReadHead() {
    const size_t end = FindHeadEnd(input_);
    if (end != absl::string_view::npos) return OnHead(end);
    if (input_.size() > kMaxHeadBytes) {
      return Refuse(HeadTooLarge());
    }
    Read([](Connection& self, absl::string_view bytes) {
      self.input_.append(bytes.data(), bytes.size());
      if (self.phase_ == Phase::kIdle) {
        self.phase_ = Phase::kHead;
        self.SetLimit(self.context_->timeouts.head);
      }
      self.ReadHead();
    });
  }

  void OnHead(size_t end) {
    request_ = std::make_shared<HttpRequest>();
    request_->head_bytes = input_.substr(0, end);
    input_.erase(0, end);
    if (auto bad = ParseHead(request_->head_bytes, request_->head)) return Refuse(*bad);
    request_->peer_address = peer_address_;
    request_->tls = kTls;
    if (!request_->head.HasBody()) return Dispatch();
    const size_t most = context_->handler.MaxBodyBytes(request_->head);
    if (request_->head.content_length > most) {
      return Refuse(BodyTooLarge(most));
    }
    if (request_->head.chunked) decoder_.emplace(most);
    phase_ = Phase::kBody;
    SetLimit(context_->timeouts.body,
             request_->head.chunked ? most : request_->head.content_length);
    if (!request_->head.expect_continue || !input_.empty()) return TakeBody();
    static constexpr absl::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    continuing_ = true;
    boost::asio::async_write(stream_, boost::asio::buffer(kContinue.data(), kContinue.size()),
                             [self = this->shared_from_this()](ErrorCode error, size_t) {
                               self->continuing_ = false;
                               if (error || self->phase_ == Phase::kClosed) return self->Close();
                               self->TakeBody();
                             });
  }
  void TakeBody() {
    absl::string_view left = input_;
    bool complete = false;
    if (decoder_) {
      if (auto bad = decoder_->Feed(left, request_->body)) return Refuse(*bad);
      complete = decoder_->done();
    } else {
      const size_t missing = request_->head.content_length - request_->body.size();
      const size_t take = std::min(missing, left.size());
      request_->body.append(left.data(), take);
      left.remove_prefix(take);
      complete = take == missing;
    }
    input_.erase(0, input_.size() - left.size());
    if (complete) return Dispatch();
    Read([](Connection& self, absl::string_view bytes) {
      self.input_.append(bytes.data(), bytes.size());
      self.TakeBody();
    });
  }

  void Dispatch() {
    decoder_.reset();
    phase_ = Phase::kAnswer;
    SetLimit(context_->timeouts.answer);
    request_->deadline = absl::Now() + context_->timeouts.answer;
    keep_alive_ = request_->head.keep_alive;
    const uint64_t ticket = ++ticket_;
    context_->handler.Handle(
        request_, [self = this->shared_from_this(), ticket](HttpReply reply) mutable {
          auto executor = self->stream_.get_executor();
          boost::asio::dispatch(
              executor, [self = std::move(self), ticket, reply = std::move(reply)]() mutable {
                // Too late: the client was told so.
                if (ticket == self->ticket_ && self->phase_ == Phase::kAnswer) {
                  self->Write(std::move(reply));
                } else if (reply.stream != nullptr) {
                  reply.stream->Cancel();
                }
              });
        });
  }

  void Refuse(const Reject& reject) {
    context_->refused(reject.http_status);
    Write(context_->handler.Refuse(reject));
  }

  void Write(HttpReply reply) {
    phase_ = Phase::kWrite;
    if (reply.stream != nullptr) return WriteStream(std::move(reply));
    const bool keep_alive = keep_alive_ && !reply.close && !context_->draining;
    const bool head_only = request_ != nullptr && request_->head.method == HttpMethod::kHead;
    head_ = FormatHead(reply, keep_alive);
    body_ = head_only || !StatusHasBody(reply.status) ? std::string() : std::move(reply.body);
    SetLimit(context_->timeouts.write, body_.size());
    const std::array<boost::asio::const_buffer, 2> buffers = {boost::asio::buffer(head_),
                                                              boost::asio::buffer(body_)};
    boost::asio::async_write(
        stream_, buffers, [self = this->shared_from_this(), keep_alive](ErrorCode error, size_t) {
          if (error || self->phase_ == Phase::kClosed) return self->Close();
          self->answered_ = true;
          self->request_.reset();
          if (keep_alive) return self->BeginHead();
          self->Linger();
        });
  }

  // A stream has the connection to itself, and ends it.
  void WriteStream(HttpReply reply) {
    chunked_ = request_->head.minor_version > 0;
    head_ = FormatHead(reply, /*keep_alive=*/false, chunked_);
    body_stream_ = std::move(reply.stream);
    SetLimit(context_->timeouts.write);
    boost::asio::async_write(stream_, boost::asio::buffer(head_),
                             [self = this->shared_from_this()](ErrorCode error, size_t) {
                               if (error || self->phase_ == Phase::kClosed) return self->Close();
                               self->phase_ = Phase::kStream;
                               self->WatchClient();
                               // What began while the head was written.
                               if (self->context_->draining) return self->EndStream();
                               self->Pull();
                             });
  }
  void Pull() {
    SetLimit(context_->timeouts.beat);
    const uint64_t ticket = ++ticket_;
    body_stream_->Next([self = this->shared_from_this(), ticket](std::string piece) {
      auto executor = self->stream_.get_executor();
      boost::asio::dispatch(executor, [self, ticket, piece = std::move(piece)]() mutable {
        if (ticket != self->ticket_ || self->phase_ != Phase::kStream) return;
        self->piece_ = std::move(piece);
        // It may be giving a sign of life.
        if (!self->writing_) self->SendPiece();
      });
    });
  }
  void SendPiece() {
    const std::string piece = *std::exchange(piece_, std::nullopt);
    if (!piece.empty()) return WriteChunk(piece, /*pull=*/true);
    phase_ = Phase::kWrite;
    body_ = chunked_ ? "0\r\n\r\n" : "";
    SetLimit(context_->timeouts.write);
    boost::asio::async_write(stream_, boost::asio::buffer(body_),
                             [self = this->shared_from_this()](ErrorCode error, size_t) {
                               if (error || self->phase_ == Phase::kClosed) return self->Close();
                               // Who is watched is being read from already.
                               self->phase_ = Phase::kLinger;
                               self->SetLimit(self->context_->timeouts.linger);
                               ErrorCode ignored;
                               self->Socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send,
                                                       ignored);
                             });
  }
  void WriteChunk(absl::string_view bytes, bool pull) {
    writing_ = true;
    body_ = chunked_ ? absl::StrCat(absl::Hex(bytes.size()), "\r\n", bytes, "\r\n")
                     : std::string(bytes);
    SetLimit(context_->timeouts.write, body_.size());
    boost::asio::async_write(stream_, boost::asio::buffer(body_),
                             [self = this->shared_from_this(), pull](ErrorCode error, size_t) {
                               if (error || self->phase_ == Phase::kClosed) return self->Close();
                               self->writing_ = false;
                               if (self->piece_.has_value()) return self->SendPiece();
                               if (pull) return self->Pull();
                               self->SetLimit(self->context_->timeouts.beat);
                             });
  }
  void EndStream() {
    body_stream_->Cancel();
    ++ticket_;
    piece_ = "";
    if (!writing_) SendPiece();
  }
  // Who listens says nothing more: the next that is read is his going.
  void WatchClient() {
    stream_.async_read_some(boost::asio::buffer(chunk_),
                            [self = this->shared_from_this()](ErrorCode error, size_t bytes) {
                              if (error || self->phase_ == Phase::kClosed) return self->Close();
                              self->discarded_ += bytes;
                              if (self->discarded_ > kMaxLingerBytes) return self->Close();
                              self->WatchClient();
                            });
  }

  boost::asio::ip::tcp::socket& Socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  // Closing with unread bytes would reset the connection and could take the answer with it.
  void Linger() {
    phase_ = Phase::kLinger;
    SetLimit(context_->timeouts.linger);
    ErrorCode ignored;
    Socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    Discard();
  }
  void Discard() {
    if (discarded_ > kMaxLingerBytes) return Close();
    Socket().async_read_some(boost::asio::buffer(chunk_),
                             [self = this->shared_from_this()](ErrorCode error, size_t bytes) {
                               if (error || self->phase_ == Phase::kClosed) return self->Close();
                               self->discarded_ += bytes;
                               self->Discard();
                             });
  }

  // First, so that it goes last: it may hold the last of the server, and with it the loop that
  // stream and timer belong to, when a peer's answer lets go of the connection after a drain.
  const std::function<void()> closed_;
  Stream stream_;
  boost::asio::steady_timer timer_;
  const std::string peer_address_;
  const std::shared_ptr<ConnectionContext> context_;
  Phase phase_ = Phase::kHead;
  Clock::time_point limit_;
  bool armed_ = false;
  bool answered_ = false;
  bool keep_alive_ = false;
  // "100 Continue" is being written.
  bool continuing_ = false;
  // Of the request under way; a later one makes earlier answers void.
  uint64_t ticket_ = 0;
  size_t discarded_ = 0;
  // Received and not taken yet.
  std::string input_;
  std::array<char, 16 * 1024> chunk_;
  std::shared_ptr<HttpRequest> request_;
  std::optional<ChunkedDecoder> decoder_;
  // Being written.
  std::string head_;
  std::string body_;
  // Null unless a stream is being sent.
  std::shared_ptr<BodyStream> body_stream_;
  bool chunked_ = false;
  bool writing_ = false;
  // Of the stream, come while something else was being written; empty = its end.
  std::optional<std::string> piece_;
};

}  // namespace chanyan::gateway
