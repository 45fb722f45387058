#include "common/rpc/admin.h"

#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/local/stream_protocol.hpp"
#include "boost/asio/strand.hpp"
#include "boost/beast/core.hpp"
#include "boost/beast/http.hpp"
#include "common/status/status.h"

namespace chanyan::rpc {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;
using Unix = asio::local::stream_protocol;

// Room for the request line and headers of a probe.
constexpr uint32_t kMaxHeaderBytes = 8 << 10;

using HttpRequest = http::request<http::empty_body>;
using HttpResponse = http::response<http::string_body>;

HttpResponse Respond(const HttpRequest& request, const Admin::Handler& handler) {
  AdminAnswer answer;
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    answer = {405, "text/plain; charset=utf-8", "GET only\n"};
  } else {
    absl::string_view path(request.target().data(), request.target().size());
    answer = handler(path.substr(0, path.find('?')));
  }
  HttpResponse response(static_cast<http::status>(answer.status), 11);
  response.set(http::field::content_type, answer.content_type);
  response.set(http::field::cache_control, "no-store");
  // One request a connection: nobody here asks often, and nothing can be left half open.
  response.keep_alive(false);
  response.body() = std::move(answer.body);
  response.prepare_payload();
  if (request.method() == http::verb::head) response.body().clear();
  return response;
}

// One connection; keeps itself alive while something is under way.
template <class Protocol>
class Connection : public std::enable_shared_from_this<Connection<Protocol>> {
 public:
  Connection(typename Protocol::socket socket, const Admin::Handler& handler,
             std::shared_ptr<int> open)
      : stream_(std::move(socket)), handler_(handler), open_(std::move(open)) {
    ++*open_;
  }
  ~Connection() { --*open_; }

  void Read() {
    parser_.header_limit(kMaxHeaderBytes);
    parser_.body_limit(0);
    stream_.expires_after(absl::ToChronoMilliseconds(kAdminTimeout));
    http::async_read(stream_, buffer_, parser_,
                     [self = this->shared_from_this()](beast::error_code error, size_t) {
                       if (!error) self->Write();
                     });
  }

 private:
  void Write() {
    response_ = Respond(parser_.get(), handler_);
    stream_.expires_after(absl::ToChronoMilliseconds(kAdminTimeout));
    http::async_write(stream_, response_,
                      [self = this->shared_from_this()](beast::error_code, size_t) {
                        beast::error_code ignored;
                        self->stream_.socket().shutdown(asio::socket_base::shutdown_both, ignored);
                      });
  }

  beast::basic_stream<Protocol> stream_;
  const Admin::Handler& handler_;
  std::shared_ptr<int> open_;
  beast::flat_buffer buffer_;
  http::request_parser<http::empty_body> parser_;
  HttpResponse response_;
};

}  // namespace

class Admin::Impl {
 public:
  explicit Impl(Handler handler) : handler_(std::move(handler)) {}

  ~Impl() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
    if (!socket_path_.empty()) ::unlink(socket_path_.c_str());
  }

  absl::Status Listen(const std::string& address) {
    beast::error_code error;
    absl::string_view path = address;
    if (absl::ConsumePrefix(&path, "unix:")) {
      socket_path_ = std::string(path);
      ::unlink(socket_path_.c_str());
      ListenOn(unix_, Unix::endpoint(socket_path_), &error);
    } else {
      const size_t colon = address.rfind(':');
      int port = 0;
      if (colon == std::string::npos || !absl::SimpleAtoi(address.substr(colon + 1), &port) ||
          port < 0 || port > 65'535) {
        return status::InvalidField("admin", absl::StrCat("“", address, "”应为 主机:端口"));
      }
      Tcp::resolver resolver(context_);
      const auto found = resolver.resolve(address.substr(0, colon), std::to_string(port), error);
      if (!error) ListenOn(tcp_, found.begin()->endpoint(), &error);
      if (!error) port_ = tcp_.local_endpoint().port();
    }
    if (error) {
      return status::Unavailable(absl::StrCat("无法监听 ", address, "：", error.message()));
    }
    thread_ = std::thread([this] { context_.run(); });
    return absl::OkStatus();
  }

  int port() const { return port_; }

 private:
  template <class Acceptor>
  void ListenOn(Acceptor& acceptor, const typename Acceptor::endpoint_type& endpoint,
                beast::error_code* error) {
    acceptor.open(endpoint.protocol(), *error);
    if (!*error) acceptor.set_option(asio::socket_base::reuse_address(true), *error);
    if (!*error) acceptor.bind(endpoint, *error);
    if (!*error) acceptor.listen(asio::socket_base::max_listen_connections, *error);
    if (!*error) Accept(acceptor);
  }

  template <class Acceptor>
  void Accept(Acceptor& acceptor) {
    using Protocol = typename Acceptor::protocol_type;
    acceptor.async_accept(
        [this, &acceptor](beast::error_code error, typename Protocol::socket socket) {
          if (error == asio::error::operation_aborted) return;
          // Beyond the limit the connection is closed unread.
          if (!error && *open_ < kMaxAdminConnections) {
            std::make_shared<Connection<Protocol>>(std::move(socket), handler_, open_)->Read();
          }
          Accept(acceptor);
        });
  }

  const Handler handler_;
  // Connections alive; the thread of the context alone touches it.
  std::shared_ptr<int> open_ = std::make_shared<int>(0);
  asio::io_context context_{1};
  Tcp::acceptor tcp_{context_};
  Unix::acceptor unix_{context_};
  std::string socket_path_;
  int port_ = 0;
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<Admin>> Admin::Start(const std::string& address, Handler handler) {
  auto impl = std::make_unique<Impl>(std::move(handler));
  CHANYAN_RETURN_IF_ERROR(impl->Listen(address));
  return std::unique_ptr<Admin>(new Admin(std::move(impl)));
}

Admin::Admin(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Admin::~Admin() = default;
int Admin::port() const { return impl_->port(); }

}  // namespace chanyan::rpc
