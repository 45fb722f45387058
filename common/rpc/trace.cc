#include "common/rpc/trace.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

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

// Of a key and of a value.
constexpr size_t kMemberPartBytes = 256;

// After Level 2, of which Level 1 is a part.
bool IsKey(absl::string_view key) {
  if (key.empty() || key.size() > kMemberPartBytes) return false;
  if (!absl::ascii_islower(key[0]) && !absl::ascii_isdigit(key[0])) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
           absl::string_view("_-*/@").find(c) != absl::string_view::npos;
  });
}

// "vendor=value" with white space around it, or nothing.
bool IsMember(absl::string_view member) {
  constexpr char kWhite[] = " \t";
  const size_t begin = member.find_first_not_of(kWhite);
  if (begin == absl::string_view::npos) return true;
  member = member.substr(begin, member.find_last_not_of(kWhite) - begin + 1);
  const size_t sign = member.find('=');
  if (sign == absl::string_view::npos || !IsKey(member.substr(0, sign))) return false;
  const absl::string_view value = member.substr(sign + 1);
  return !value.empty() && value.size() <= kMemberPartBytes &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return absl::ascii_isprint(c) && c != '='; });
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

std::string ContinueTracestate(absl::string_view traceparent, absl::string_view tracestate) {
  if (tracestate.empty() || tracestate.size() > kMaxTracestateBytes ||
      !IsTraceparent(traceparent)) {
    return "";
  }
  const std::vector<absl::string_view> members = absl::StrSplit(tracestate, ',');
  if (members.size() > kMaxTracestateMembers ||
      !std::all_of(members.begin(), members.end(), IsMember)) {
    return "";
  }
  return absl::StrReplaceAll(tracestate, {{"\t", " "}});
}

void JoinTracestate(absl::string_view line, std::string* tracestate) {
  absl::StrAppend(tracestate, tracestate->empty() ? "" : ",", line);
}

absl::string_view TraceId(absl::string_view traceparent) {
  return traceparent.size() == kTraceparentBytes ? traceparent.substr(kTraceAt, kTraceBytes) : "";
}

}  // namespace chanyan::rpc
