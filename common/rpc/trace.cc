#include "common/rpc/trace.h"

#include <cstdint>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace chanyan::rpc {
namespace {

// version "-" trace "-" span "-" flags.
constexpr size_t kTraceparentBytes = 55;
constexpr size_t kTraceAt = 3;
constexpr size_t kTraceBytes = 32;
constexpr size_t kSpanAt = 36;
constexpr size_t kSpanBytes = 16;

// An id is no secret, so a fast generator of each thread's own is enough.
uint64_t Random() {
  thread_local absl::InsecureBitGen generator;
  return absl::Uniform<uint64_t>(generator);
}

std::string Hex(uint64_t value) { return absl::StrCat(absl::Hex(value, absl::kZeroPad16)); }

bool IsLowerHex(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(c) && !(c >= 'a' && c <= 'f')) return false;
  }
  return true;
}

bool AllZero(absl::string_view text) {
  return text.find_first_not_of('0') == absl::string_view::npos;
}

// Of a version to come the beginning is read as one of ours, as W3C's Trace Context asks.
bool IsTraceparent(absl::string_view text) {
  if (text.size() < kTraceparentBytes) return false;
  const absl::string_view version = text.substr(0, 2);
  if (!IsLowerHex(version) || version == "ff") return false;
  if (text.size() > kTraceparentBytes && (version == "00" || text[kTraceparentBytes] != '-')) {
    return false;
  }
  if (text[kTraceAt - 1] != '-' || text[kSpanAt - 1] != '-' || text[kSpanAt + kSpanBytes] != '-') {
    return false;
  }
  const absl::string_view trace = text.substr(kTraceAt, kTraceBytes);
  const absl::string_view span = text.substr(kSpanAt, kSpanBytes);
  return IsLowerHex(trace) && IsLowerHex(span) &&
         IsLowerHex(text.substr(kTraceparentBytes - 2, 2)) && !AllZero(trace) && !AllZero(span);
}

}  // namespace

std::string ContinueTrace(absl::string_view incoming) {
  // A zero id is no id; one in 2^64 is not worth a loop.
  const std::string span = Hex(Random() | 1);
  if (IsTraceparent(incoming)) {
    return absl::StrCat("00-", incoming.substr(kTraceAt, kTraceBytes), "-", span, "-",
                        incoming.substr(kTraceparentBytes - 2, 2));
  }
  return absl::StrCat("00-", Hex(Random()), Hex(Random() | 1), "-", span, "-00");
}

absl::string_view TraceId(absl::string_view traceparent) {
  return traceparent.size() == kTraceparentBytes ? traceparent.substr(kTraceAt, kTraceBytes) : "";
}

}  // namespace chanyan::rpc
