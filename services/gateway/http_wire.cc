#include "services/gateway/http_wire.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace chanyan::gateway {
namespace {

absl::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

constexpr absl::string_view kFixedHeaders =
    "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "X-Frame-Options: DENY\r\n";

// Header values are ours, but a file name or trace may have come from outside.
void AppendHeader(absl::string_view name, absl::string_view value, std::string& out) {
  absl::StrAppend(&out, name, ": ");
  for (const char c : value) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out.push_back(c);
  }
  out.append("\r\n");
}

}  // namespace

bool StatusHasBody(int status) { return status >= 200 && status != 204 && status != 304; }

std::string FormatHead(const HttpReply& reply, bool keep_alive, bool chunked) {
  std::string out;
  out.reserve(1024);
  absl::StrAppend(&out, "HTTP/1.1 ", reply.status, " ", ReasonPhrase(reply.status), "\r\n");
  bool policy = false, caching = false;
  for (const auto& [name, value] : reply.headers) {
    policy = policy || absl::EqualsIgnoreCase(name, "content-security-policy");
    caching = caching || absl::EqualsIgnoreCase(name, "cache-control");
    AppendHeader(name, value, out);
  }
  if (!reply.content_type.empty()) AppendHeader("Content-Type", reply.content_type, out);
  if (!reply.coding.empty()) AppendHeader("Content-Encoding", reply.coding, out);
  if (!caching) out.append("Cache-Control: no-store\r\n");
  if (!policy) AppendHeader("Content-Security-Policy", kContentSecurityPolicy, out);
  absl::StrAppend(&out, kFixedHeaders);
  if (reply.stream != nullptr) {
    if (chunked) out.append("Transfer-Encoding: chunked\r\n");
  } else if (StatusHasBody(reply.status)) {
    absl::StrAppend(&out, "Content-Length: ", reply.body.size(), "\r\n");
  }
  absl::StrAppend(&out, "Connection: ", keep_alive ? "keep-alive" : "close", "\r\n\r\n");
  return out;
}

}  // namespace chanyan::gateway
