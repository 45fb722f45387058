#include "tools/demo/http_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"

namespace chanyan::demo {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;

namespace {

constexpr unsigned kOk = 200;

}  // namespace

absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view url) {
  absl::string_view rest = url;
  if (absl::ConsumePrefix(&rest, "http://")) {
    absl::ConsumeSuffix(&rest, "/");
    const size_t colon = rest.rfind(':');
    Endpoint endpoint{std::string(rest.substr(0, colon)), "80"};
    if (colon != absl::string_view::npos) endpoint.port = std::string(rest.substr(colon + 1));
    uint32_t port = 0;
    if (!endpoint.host.empty() && rest.find_first_of("/?#@ ") == absl::string_view::npos &&
        absl::SimpleAtoi(endpoint.port, &port) && port > 0 && port < 65536) {
      return endpoint;
    }
  }
  return status::InvalidField("--gateway", absl::StrCat("“", url, "”应形如 http://主机:端口"));
}

std::string PercentEncode(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
        absl::string_view("-._~").find(c) != absl::string_view::npos) {
      out.push_back(c);
    } else {
      absl::StrAppendFormat(&out, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return out;
}

struct HttpClient::Impl {
  explicit Impl(Endpoint to) : endpoint(std::move(to)) {}

  // Runs what was started until it is done; the stream's own time limit ends it at the latest.
  beast::error_code Run(beast::error_code& done) {
    loop.restart();
    loop.run();
    return done;
  }

  beast::error_code Connect(absl::Duration timeout) {
    beast::error_code error;
    tcp::resolver resolver(loop);
    const auto addresses = resolver.resolve(endpoint.host, endpoint.port, error);
    if (error) return error;
    stream.emplace(loop);
    stream->expires_after(absl::ToChronoNanoseconds(timeout));
    stream->async_connect(addresses, [&](beast::error_code e, const tcp::endpoint&) { error = e; });
    Run(error);
    if (error) {
      stream.reset();
      return error;
    }
    buffer.clear();
    stream->socket().set_option(tcp::no_delay(true), error);
    return {};
  }

  beast::error_code ReadPieces(http::response_parser<http::string_body>& parser,
                               absl::Duration timeout, HttpClient::Piece piece) {
    beast::error_code error;
    const auto note = [&](beast::error_code e, size_t) { error = e; };
    http::async_read_header(*stream, buffer, parser, note);
    if (Run(error)) return error;
    while (!parser.is_done()) {
      stream->expires_after(absl::ToChronoNanoseconds(timeout));
      http::async_read_some(*stream, buffer, parser, note);
      if (Run(error)) return error;
      std::string& body = parser.get().body();
      if (parser.get().result_int() != kOk || body.empty()) continue;
      if (!piece(body)) return boost::asio::error::operation_aborted;
      body.clear();
    }
    return error;
  }

  beast::error_code Exchange(const http::request<http::string_body>& request,
                             http::response_parser<http::string_body>& parser,
                             absl::Duration timeout, const HttpClient::Piece* piece) {
    beast::error_code error;
    stream->expires_after(absl::ToChronoNanoseconds(timeout));
    http::async_write(*stream, request, [&](beast::error_code e, size_t) { error = e; });
    if (Run(error)) return error;
    if (piece != nullptr) return ReadPieces(parser, timeout, *piece);
    http::async_read(*stream, buffer, parser, [&](beast::error_code e, size_t) { error = e; });
    return Run(error);
  }

  const Endpoint endpoint;
  boost::asio::io_context loop{1};
  std::optional<beast::tcp_stream> stream;
  beast::flat_buffer buffer;
};

namespace {

http::request<http::string_body> ToRequest(const HttpQuestion& question, const Endpoint& endpoint) {
  http::request<http::string_body> request;
  request.version(11);
  request.method_string(question.method);
  request.target(question.target);
  request.set(http::field::host, absl::StrCat(endpoint.host, ":", endpoint.port));
  for (const auto& [name, value] : question.headers) request.set(name, value);
  if (!question.content_type.empty()) {
    request.set(http::field::content_type, question.content_type);
    request.body() = question.body;
  }
  if (question.method != "GET") request.content_length(request.body().size());
  return request;
}

HttpAnswer ToAnswer(http::response<http::string_body>&& response) {
  HttpAnswer answer;
  answer.status = static_cast<int>(response.result_int());
  answer.content_type = std::string(response[http::field::content_type]);
  const auto cookie = response[http::field::set_cookie];
  answer.cookie = std::string(cookie.substr(0, cookie.find(';')));
  int seconds = 0;
  if (absl::SimpleAtoi(std::string(response[http::field::retry_after]), &seconds)) {
    answer.retry_after = absl::Seconds(seconds);
  }
  answer.body = std::move(response.body());
  return answer;
}

}  // namespace

HttpClient::HttpClient(Endpoint endpoint) : impl_(std::make_unique<Impl>(std::move(endpoint))) {}
HttpClient::~HttpClient() = default;

absl::StatusOr<HttpAnswer> HttpClient::Ask(const HttpQuestion& question, absl::Duration timeout) {
  return Talk(question, timeout, nullptr);
}

absl::StatusOr<HttpAnswer> HttpClient::Follow(const HttpQuestion& question, absl::Duration timeout,
                                              Piece piece) {
  return Talk(question, timeout, &piece);
}

absl::StatusOr<HttpAnswer> HttpClient::Talk(const HttpQuestion& question, absl::Duration timeout,
                                            const Piece* piece) {
  const http::request<http::string_body> request = ToRequest(question, impl_->endpoint);
  // A kept connection may have been closed at the other end just now; a new one was not.
  for (bool kept = impl_->stream.has_value();; kept = false) {
    beast::error_code error;
    if (!impl_->stream) error = impl_->Connect(timeout);
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaxAnswerBytes);
    if (!error) error = impl_->Exchange(request, parser, timeout, piece);
    if (!error) {
      if (!parser.keep_alive()) impl_->stream.reset();
      return ToAnswer(parser.release());
    }
    impl_->stream.reset();
    if (error == boost::asio::error::operation_aborted) return absl::CancelledError("不再等待");
    if (kept && !parser.got_some() && error != beast::error::timeout) continue;
    const std::string where =
        absl::StrCat("http://", impl_->endpoint.host, ":", impl_->endpoint.port);
    if (error == beast::error::timeout) {
      return absl::DeadlineExceededError(absl::StrCat("网关 ", where, " 没有按时答复"));
    }
    return absl::UnavailableError(
        absl::StrCat("连不上网关 ", where, "（", error.message(), "），请确认服务已启动"));
  }
}

}  // namespace chanyan::demo
