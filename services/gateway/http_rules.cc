#include "services/gateway/http_rules.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/text.h"

namespace chanyan::gateway {
namespace {

constexpr absl::string_view kMethodNames[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
constexpr size_t kMaxContentLengthDigits = 10;
constexpr int kMaxPort = 65535;

// Said once or not at all: a second one would let two readers choose differently.
constexpr absl::string_view kSingletons[] = {
    "authorization", "content-encoding", "content-length", "content-type",
    "cookie",        "expect",           "host",           "if-match",
    "if-none-match", "idempotency-key",  "origin",         "sec-fetch-site",
    "traceparent",   "transfer-encoding"};

// ParseHead corrects the place of what is wrong with the request line.
Reject Bad(absl::string_view code, absl::string_view message, int http_status = 400) {
  return Reject{http_status, code, std::string(message), "headers"};
}

bool IsTokenChar(char c) {
  return absl::ascii_isalnum(c) ||
         absl::string_view("!#$%&'*+-.^_`|~").find(c) != absl::string_view::npos;
}

bool IsToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Escapes of a path or query; `is_path` refuses what would hide a segment border.
std::optional<Reject> CheckEscapes(absl::string_view text, bool is_path) {
  bool escaped = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    if (i + 2 >= text.size() || HexValue(text[i + 1]) < 0 || HexValue(text[i + 2]) < 0) {
      return Bad("bad_escape", "网址中的百分号转义不完整，应为 % 加两位十六进制数字");
    }
    const int byte = HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]);
    if (byte < 0x20 || byte == 0x7f)
      return Bad("escaped_control", "网址中含有转义的控制字符，请去掉");
    if (is_path && (byte == '/' || byte == '\\')) {
      return Bad("escaped_slash", "网址路径中不允许转义的斜杠或反斜杠，请去掉");
    }
    escaped = true;
    i += 2;
  }
  if (escaped && !api::IsValidUtf8(PercentDecode(text, false))) {
    return Bad("bad_utf8", "网址转义后不是合法的 UTF-8，请按 UTF-8 编码后再转义");
  }
  return std::nullopt;
}

std::optional<Reject> CheckTarget(absl::string_view target, RequestHead& head) {
  if (target.size() > kMaxTargetBytes) {
    return Bad("target_too_long", "网址过长，最多 4096 字节，请减少查询条件", 414);
  }
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x21 || byte > 0x7e)
      return Bad("target_byte", "网址含有未转义的空格或非 ASCII 字符，请用百分号转义");
    if (c == '#') return Bad("fragment", "网址不应带有 # 片段，请去掉");
  }
  if (target.empty() || target[0] != '/') {
    return Bad("target_form", "请求目标必须是以 / 开头的路径，不接受完整网址或主机形式");
  }
  const size_t mark = target.find('?');
  head.path = target.substr(0, mark);
  head.query = mark == absl::string_view::npos ? absl::string_view() : target.substr(mark + 1);
  if (absl::StrContains(head.path, '\\'))
    return Bad("backslash", "网址路径中不允许反斜杠，请改用斜杠");
  if (auto bad = CheckEscapes(head.path, true)) return bad;
  if (auto bad = CheckEscapes(head.query, false)) return bad;
  for (const absl::string_view segment : absl::StrSplit(head.path, '/')) {
    // "%2e" is the only escape that can make one of these.
    const bool maybe =
        segment.size() <= 6 && !segment.empty() && (segment[0] == '.' || segment[0] == '%');
    if (!maybe) continue;
    const std::string decoded = PercentDecode(segment, false);
    if (decoded == "." || decoded == "..")
      return Bad("dot_segment", "网址路径中不允许 . 或 .. 段，请写出完整路径");
  }
  return std::nullopt;
}

std::optional<Reject> ParseRequestLine(absl::string_view line, RequestHead& head) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == absl::string_view::npos || first == last) {
    return Bad("request_line", "请求行格式不正确，应为“方法 路径 HTTP/1.1”");
  }
  const absl::string_view method = line.substr(0, first);
  const absl::string_view target = line.substr(first + 1, last - first - 1);
  const absl::string_view version = line.substr(last + 1);
  if (!IsToken(method)) return Bad("request_line", "请求行格式不正确，应为“方法 路径 HTTP/1.1”");
  if (version == "HTTP/1.1") {
    head.minor_version = 1;
  } else if (version == "HTTP/1.0") {
    head.minor_version = 0;
  } else {
    return Bad("version", "只支持 HTTP/1.1 和 HTTP/1.0，请换用其中之一",
               absl::StartsWith(version, "HTTP/") ? 505 : 400);
  }
  const auto* found = std::find(std::begin(kMethodNames), std::end(kMethodNames), method);
  if (found == std::end(kMethodNames)) {
    return Bad("method", "不支持的 HTTP 方法，请用 GET、HEAD、POST、PUT、PATCH 或 DELETE", 405);
  }
  head.method = static_cast<HttpMethod>(found - std::begin(kMethodNames));
  return CheckTarget(target, head);
}

std::optional<Reject> ParseHeaderLine(absl::string_view line, RequestHead& head) {
  if (line[0] == ' ' || line[0] == '\t')
    return Bad("folded_header", "不接受折行的请求头，请写在一行内");
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos || !IsToken(line.substr(0, colon))) {
    return Bad("header_name", "请求头名称不合法，应为“名称: 值”，名称后紧跟冒号");
  }
  absl::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) {
      return Bad("header_value", "请求头的值含有控制字符，请去掉");
    }
  }
  if (head.headers.size() == kMaxHeaders)
    return Bad("too_many_headers", "请求头过多，最多 64 个，请减少后重试", 431);
  head.headers.push_back({line.substr(0, colon), value});
  return std::nullopt;
}

bool IsValidHost(absl::string_view host) {
  absl::string_view port;
  if (!host.empty() && host[0] == '[') {
    const size_t end = host.find(']');
    if (end == absl::string_view::npos || end == 1) return false;
    for (const char c : host.substr(1, end - 1)) {
      if (HexValue(c) < 0 && c != ':' && c != '.') return false;
    }
    port = host.substr(end + 1);
  } else {
    const size_t colon = host.find(':');
    const absl::string_view name = host.substr(0, colon);
    if (name.empty()) return false;
    for (const char c : name) {
      if (!absl::ascii_isalnum(c) && c != '.' && c != '-' && c != '_') return false;
    }
    port = colon == absl::string_view::npos ? absl::string_view() : host.substr(colon);
  }
  if (port.empty()) return true;
  int number = 0;
  return port[0] == ':' && port.size() >= 2 && port.size() <= 6 &&
         std::all_of(port.begin() + 1, port.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(port.substr(1), &number) && number >= 1 && number <= kMaxPort;
}

std::optional<Reject> CheckFraming(RequestHead& head) {
  std::optional<absl::string_view> length, coding;
  for (const HttpHeader& header : head.headers) {
    if (absl::EqualsIgnoreCase(header.name, "content-length")) length = header.value;
    if (absl::EqualsIgnoreCase(header.name, "transfer-encoding")) coding = header.value;
    if (absl::EqualsIgnoreCase(header.name, "trailer"))
      return Bad("trailer", "不接受尾部请求头，请放在请求体之前");
    if (absl::EqualsIgnoreCase(header.name, "upgrade"))
      return Bad("upgrade", "不支持协议升级，请去掉 Upgrade 请求头");
  }
  if (coding) {
    if (head.minor_version == 0)
      return Bad("coding_http10", "HTTP/1.0 请求不能使用 Transfer-Encoding，请改用 Content-Length");
    if (length)
      return Bad("coding_and_length",
                 "Transfer-Encoding 与 Content-Length 不能同时出现，请只留一个");
    if (*coding != "chunked") return Bad("coding", "Transfer-Encoding 只接受 chunked");
    head.chunked = true;
  }
  if (length) {
    const bool digits = !length->empty() && length->size() <= kMaxContentLengthDigits &&
                        std::all_of(length->begin(), length->end(), absl::ascii_isdigit);
    if (!digits || !absl::SimpleAtoi(*length, &head.content_length)) {
      return Bad("length", "Content-Length 必须是不超过 10 位的数字");
    }
  }
  if ((head.method == HttpMethod::kGet || head.method == HttpMethod::kHead) && head.HasBody()) {
    return Bad("body_of_get", "GET 与 HEAD 请求不能带有请求体，请写成查询参数");
  }
  return std::nullopt;
}

std::optional<Reject> CheckHeaders(RequestHead& head) {
  std::array<bool, std::size(kSingletons)> seen{};
  for (const HttpHeader& header : head.headers) {
    for (size_t i = 0; i < std::size(kSingletons); ++i) {
      if (!absl::EqualsIgnoreCase(header.name, kSingletons[i])) continue;
      if (seen[i])
        return Bad("repeated_header",
                   absl::StrCat("请求头 ", kSingletons[i], " 重复出现，请只留一个"));
      seen[i] = true;
    }
  }
  head.host = head.Header("host");
  if (!IsValidHost(head.host))
    return Bad("host", "请求头 Host 缺失或不合法，应为所访问的主机名，可带端口");
  if (auto bad = CheckFraming(head)) return bad;
  if (const absl::string_view expect = head.Header("expect"); !expect.empty()) {
    if (!absl::EqualsIgnoreCase(expect, "100-continue")) {
      return Bad("expect", "Expect 只接受 100-continue", 417);
    }
    head.expect_continue = head.minor_version == 1 && head.HasBody();
  }
  if (const absl::string_view coding = head.Header("content-encoding");
      !coding.empty() && !absl::EqualsIgnoreCase(coding, "identity")) {
    return Bad("content_encoding", "不接受压缩的请求体，请不压缩发送", 415);
  }
  bool close = head.minor_version == 0;
  for (const HttpHeader& header : head.headers) {
    if (!absl::EqualsIgnoreCase(header.name, "connection")) continue;
    for (const absl::string_view token : absl::StrSplit(header.value, ',')) {
      if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(token), "close")) close = true;
    }
  }
  head.keep_alive = !close;
  return std::nullopt;
}

}  // namespace

Reject HeadTooLarge() {
  return Bad("head_too_large", "请求头过大，最多 8 KB，请减少请求头或清除 Cookie 后重试", 431);
}

Reject BodyTooLarge(size_t max_bytes) {
  constexpr size_t kKiB = 1024;
  return Reject{413, "body_too_large",
                max_bytes == 0 ? std::string("此方法不接受请求体，请去掉")
                               : absl::StrCat("请求体过大，此方法最多 ", max_bytes / kKiB,
                                              " KB，请拆分后分次提交"),
                "body"};
}

absl::string_view HttpMethodName(HttpMethod method) {
  return kMethodNames[static_cast<int>(method)];
}

absl::string_view RequestHead::Header(absl::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (absl::EqualsIgnoreCase(header.name, name)) return header.value;
  }
  return {};
}

size_t FindHeadEnd(absl::string_view bytes) {
  for (size_t at = bytes.find('\n'); at != absl::string_view::npos; at = bytes.find('\n', at + 1)) {
    if (bytes.substr(at + 1, 1) == "\n") return at + 2;
    if (bytes.substr(at + 1, 2) == "\r\n") return at + 3;
  }
  return absl::string_view::npos;
}

std::optional<Reject> ParseHead(absl::string_view block, RequestHead& head) {
  head = RequestHead();
  if (block.size() > kMaxHeadBytes) return HeadTooLarge();
  if (!absl::EndsWith(block, "\r\n\r\n")) return Bad("line_end", "请求头必须以 CRLF 换行");
  block.remove_suffix(2);
  bool first = true;
  while (!block.empty()) {
    const size_t end = block.find('\n');
    if (end == 0 || block[end - 1] != '\r') return Bad("line_end", "请求头必须以 CRLF 换行");
    const absl::string_view line = block.substr(0, end - 1);
    block.remove_prefix(end + 1);
    if (line.empty() || absl::StrContains(line, '\r') || absl::StrContains(line, '\0')) {
      return Bad("line_end", "请求头含有空行、回车或空字符，请去掉");
    }
    auto bad = first ? ParseRequestLine(line, head) : ParseHeaderLine(line, head);
    if (bad && first) bad->place = "url";
    if (bad) return bad;
    first = false;
  }
  if (first) return Bad("request_line", "请求行格式不正确，应为“方法 路径 HTTP/1.1”");
  return CheckHeaders(head);
}

std::string PercentDecode(absl::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out.push_back(static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2])));
      i += 2;
    } else if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

}  // namespace chanyan::gateway
