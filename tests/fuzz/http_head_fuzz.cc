// Request heads and chunked bodies: no input crashes, what is accepted keeps its promises, and a
// body decodes to the same bytes however it is cut.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/chunked.h"
#include "services/gateway/http_rules.h"

namespace {

using chanyan::gateway::ChunkedDecoder;
using chanyan::gateway::FindHeadEnd;
using chanyan::gateway::ParseHead;
using chanyan::gateway::PercentDecode;
using chanyan::gateway::RequestHead;

constexpr size_t kMaxBody = 1 << 16;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string Decode(absl::string_view bytes, size_t step, bool* refused) {
  ChunkedDecoder decoder(kMaxBody);
  std::string body;
  while (!bytes.empty() && !decoder.done()) {
    absl::string_view part = bytes.substr(0, step);
    bytes.remove_prefix(part.size());
    *refused = decoder.Feed(part, body).has_value();
    if (*refused) return "";
  }
  Require(body.size() <= kMaxBody);
  return decoder.done() ? body : "";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t end = FindHeadEnd(bytes);
  if (end != absl::string_view::npos) {
    RequestHead head;
    const auto reject = ParseHead(bytes.substr(0, end), head);
    if (reject) {
      Require(reject->http_status >= 400 && !reject->message.empty() && !reject->code.empty());
    } else {
      Require(!head.host.empty() && head.path[0] == '/');
      Require(!head.chunked || head.content_length == 0);
      Require(PercentDecode(head.path, false).find('\0') == std::string::npos);
    }
  }
  bool whole_refused = false, cut_refused = false;
  const std::string whole = Decode(bytes, size + 1, &whole_refused);
  const std::string cut = Decode(bytes, 1, &cut_refused);
  Require(whole_refused == cut_refused && whole == cut);
  return 0;
}
