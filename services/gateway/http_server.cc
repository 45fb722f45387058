#include "services/gateway/http_server.h"

#include <sys/socket.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status/status.h"
#include "services/gateway/http_connection.h"

namespace chanyan::gateway {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

// Pause after accept() failed, which it does when descriptors run out.
constexpr std::chrono::milliseconds kAcceptPause(100);
// Patience between forcing connections shut and giving up on them.
constexpr absl::Duration kForcedCloseTime = absl::Seconds(2);

const std::vector<std::string> kRefusals = {"400", "405", "408",   "413",
                                            "414", "415", "417",   "431",
                                            "504", "505", "other", "connection_limit"};

size_t RefusalIndex(int http_status) {
  const std::string text = absl::StrCat(http_status);
  for (size_t i = 0; i < kRefusals.size(); ++i) {
    if (kRefusals[i] == text) return i;
  }
  return kRefusals.size() - 2;
}

absl::StatusOr<tcp::endpoint> ParseEndpoint(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string::npos) {
    return status::InvalidField("--http", "应为 主机:端口，例如 127.0.0.1:8080");
  }
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  asio::io_context context;
  tcp::resolver resolver(context);
  ErrorCode error;
  const auto found =
      resolver.resolve(host, listen.substr(colon + 1),
                       tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error || found.empty()) {
    return status::InvalidField("--http", absl::StrCat("无法解析地址 ", listen));
  }
  return found.begin()->endpoint();
}

absl::StatusOr<std::shared_ptr<ssl::context>> MakeTls(const HttpServer::Options& options) {
  if (options.tls_certificate.empty() && options.tls_key.empty()) {
    return std::shared_ptr<ssl::context>();
  }
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                                    SSL_OP_CIPHER_SERVER_PREFERENCE);
  ErrorCode error;
  context->use_certificate_chain_file(options.tls_certificate, error);
  if (error) return status::InvalidField("--tls_cert", "证书文件无法读取或不是 PEM 格式");
  context->use_private_key_file(options.tls_key, ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return status::InvalidField("--tls_key", "私钥文件无法读取，或与证书不符");
  }
  return context;
}

struct Loop {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::thread thread;
};

}  // namespace

class HttpServer::Impl : public std::enable_shared_from_this<HttpServer::Impl> {
 public:
  Impl(const Options& options, Deps deps, std::shared_ptr<ssl::context> tls)
      : options_(options),
        tls_(std::move(tls)),
        open_gauge_(deps.metrics.Gauges("chanyan_http_connections", "Open HTTP connections.")),
        refused_(
            deps.metrics.Counters("chanyan_http_refused_total",
                                  "Requests and connections refused before they were understood.",
                                  {{"reason", kRefusals}})),
        shared_(new ConnectionContext{
            deps.handler, options.timeouts, false,
            [this](int http_status) { refused_.At({RefusalIndex(http_status)}).Increment(); }}) {
    for (int i = 0; i < std::max(1, options.threads); ++i) {
      loops_.push_back(std::make_unique<Loop>());
    }
    acceptor_.emplace(loops_[0]->context);
    pause_.emplace(loops_[0]->context);
  }

  absl::Status Listen(const tcp::endpoint& endpoint) {
    ErrorCode error;
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return status::Unavailable(absl::StrCat("无法监听 ", options_.listen, "：", error.message(),
                                              "，请检查端口是否被占用"));
    }
    port_ = acceptor_->local_endpoint().port();
    Accept();
    for (auto& loop : loops_) {
      loop->thread = std::thread([&context = loop->context] { context.run(); });
    }
    return absl::OkStatus();
  }

  int port() const { return port_; }

  void Drain(absl::Time deadline) {
    if (loops_[0]->thread.joinable()) {
      shared_->draining = true;
      asio::post(loops_[0]->context, [this] {
        ErrorCode ignored;
        acceptor_->close(ignored);
        pause_->cancel();
      });
      CloseAll(false);
      if (!WaitUntilClosed(deadline)) {
        CloseAll(true);
        WaitUntilClosed(absl::Now() + kForcedCloseTime);
      }
      for (auto& loop : loops_) {
        loop->work.reset();
        loop->context.stop();
        loop->thread.join();
      }
    }
  }

 private:
  void Accept() {
    Loop& loop = *loops_[next_++ % loops_.size()];
    acceptor_->async_accept(loop.context, [this, &loop](ErrorCode error, tcp::socket socket) {
      if (shared_->draining || error == asio::error::operation_aborted) return;
      if (!error) {
        Open(loop, std::move(socket));
        return Accept();
      }
      pause_->expires_after(kAcceptPause);
      pause_->async_wait([this](ErrorCode cancelled) {
        if (!cancelled) Accept();
      });
    });
  }

  void Open(Loop& loop, tcp::socket socket) {
    ErrorCode error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) return;
    std::string address = peer.address().to_string();
    if (!Admit(address)) {
      refused_.At({kRefusals.size() - 1}).Increment();
      return;
    }
    socket.set_option(tcp::no_delay(true), error);
    open_gauge_.One().Increment();
    std::shared_ptr<ConnectionBase> connection;
    // The connection is told to us by its address only after it is gone.
    auto key = std::make_shared<const ConnectionBase*>(nullptr);
    // Keeps this alive: an answer may come for a connection after the server has given up on it.
    auto closed = [self = shared_from_this(), key, address] { self->Forget(*key, address); };
    if (tls_ != nullptr) {
      using Tls = ssl::stream<tcp::socket>;
      connection = std::make_shared<Connection<Tls>>(Tls(std::move(socket), *tls_), address,
                                                     shared_, std::move(closed));
    } else {
      connection = std::make_shared<Connection<tcp::socket>>(std::move(socket), address, shared_,
                                                             std::move(closed));
    }
    *key = connection.get();
    {
      absl::MutexLock lock(&mutex_);
      open_[connection.get()] = {connection, &loop};
    }
    asio::post(loop.context, [connection] { connection->Start(); });
  }

  bool Admit(const std::string& address) {
    absl::MutexLock lock(&mutex_);
    if (total_ >= options_.max_connections) return false;
    int& of_address = by_address_[address];
    if (of_address >= options_.max_connections_per_address) return false;
    ++of_address;
    ++total_;
    return true;
  }

  void Forget(const ConnectionBase* key, const std::string& address) {
    open_gauge_.One().Decrement();
    absl::MutexLock lock(&mutex_);
    open_.erase(key);
    --total_;
    const auto it = by_address_.find(address);
    if (it != by_address_.end() && --it->second == 0) by_address_.erase(it);
  }

  void CloseAll(bool force) {
    absl::MutexLock lock(&mutex_);
    for (auto& [key, entry] : open_) {
      asio::post(entry.loop->context, [weak = entry.connection, force] {
        if (auto connection = weak.lock()) connection->Drain(force);
      });
    }
  }

  bool WaitUntilClosed(absl::Time deadline) {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithDeadline(absl::Condition(
                                        +[](int* total) { return *total == 0; }, &total_),
                                    deadline);
  }

  struct Entry {
    std::weak_ptr<ConnectionBase> connection;
    Loop* loop;
  };

  const Options options_;
  const std::shared_ptr<ssl::context> tls_;
  const metrics::Set<metrics::Gauge> open_gauge_;
  const metrics::Set<metrics::Counter> refused_;
  const std::shared_ptr<ConnectionContext> shared_;
  int port_ = 0;
  size_t next_ = 0;
  absl::Mutex mutex_;
  absl::flat_hash_map<const ConnectionBase*, Entry> open_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, int> by_address_ ABSL_GUARDED_BY(mutex_);
  int total_ ABSL_GUARDED_BY(mutex_) = 0;
  // Last, so that what they hold is gone while the rest is still there.
  std::vector<std::unique_ptr<Loop>> loops_;
  std::optional<asio::steady_timer> pause_;
  std::optional<tcp::acceptor> acceptor_;
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const Options& options, Deps deps) {
  CHANYAN_ASSIGN_OR_RETURN(const tcp::endpoint endpoint, ParseEndpoint(options.listen));
  CHANYAN_ASSIGN_OR_RETURN(std::shared_ptr<ssl::context> tls, MakeTls(options));
  auto impl = std::make_shared<Impl>(options, deps, std::move(tls));
  CHANYAN_RETURN_IF_ERROR(impl->Listen(endpoint));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() { Drain(absl::Now()); }
int HttpServer::port() const { return impl_->port(); }
void HttpServer::Drain(absl::Time deadline) { impl_->Drain(deadline); }

}  // namespace chanyan::gateway
