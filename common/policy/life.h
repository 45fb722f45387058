// Life cycles as tables: a transition is a row, and everything asks the table.
//
//   constexpr Transition<ProjectState> kProjectLife[] = {
//       {"sign", "签约", Bits(INTENT, NEGOTIATING), SIGNED},
//       …
//   };
//
// Who may call a verb is the method's policy in the proto; which rows, the resource's grants. The
// table says what the state allows. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/status/status.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace chanyan::policy {

// A set of states as bits.
template <class... States>
constexpr uint32_t Bits(States... states) {
  return ((uint32_t{1} << static_cast<int>(states)) | ...);
}

template <class State>
struct Transition {
  // The verb of the RPC: name:verb.
  absl::string_view verb;
  // What people call it.
  absl::string_view label;
  uint32_t from;
  State to;
};

// Chinese label of an enum value, from its option; its short name where it has none.
template <class State>
std::string LabelOf(State state) {
  const auto* descriptor = google::protobuf::GetEnumDescriptor<State>();
  const auto* value = descriptor->FindValueByNumber(static_cast<int>(state));
  if (value == nullptr) return absl::StrCat(static_cast<int>(state));
  const std::string& label = value->options().GetExtension(options::v1::value).zh();
  return label.empty() ? value->name() : label;
}

// The state after `verb`; FAILED_PRECONDITION (WRONG_STATE) that names the present state and those
// from which the verb is possible; INTERNAL if the table does not know the verb.
template <class State>
absl::StatusOr<State> Next(absl::Span<const Transition<State>> life, State present,
                           absl::string_view verb) {
  uint32_t from = 0;
  absl::string_view label;
  for (const Transition<State>& transition : life) {
    if (transition.verb != verb) continue;
    if ((transition.from & Bits(present)) != 0) return transition.to;
    from |= transition.from;
    label = transition.label;
  }
  if (label.empty()) return status::Internal(absl::StrCat("no such transition: ", verb));
  std::string allowed;
  for (int state = 0; state < 32; ++state) {
    if ((from & (uint32_t{1} << state)) == 0) continue;
    absl::StrAppend(&allowed, allowed.empty() ? "" : "、", "“", LabelOf(static_cast<State>(state)),
                    "”");
  }
  return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                    absl::StrCat("当前状态为“", LabelOf(present), "”，不能", label,
                                                 "；只有状态为", allowed, "时可以"));
}

// The verbs that the present state allows, in the table's order.
template <class State>
std::vector<absl::string_view> VerbsFrom(absl::Span<const Transition<State>> life, State present) {
  std::vector<absl::string_view> verbs;
  for (const Transition<State>& transition : life) {
    if ((transition.from & Bits(present)) != 0) verbs.push_back(transition.verb);
  }
  return verbs;
}

}  // namespace chanyan::policy
