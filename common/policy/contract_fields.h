// What the registration of a technology contract (合同认定登记) asks for besides what every
// contract has: the pack's contract_fields. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/policy/pack.h"
#include "common/status/status.h"

namespace chanyan::policy {

// One of them as it was filled in: its name or id, and the value. Names and choices are known
// whatever their width, blanks and signs, and in traditional characters too (api::TextKey).
struct FilledContractField {
  std::string field;
  std::string value;
};

// Everything wrong with them: at "<at>[i]" one that the pack does not have, which names all that it
// has, that is there twice, or whose value is not of the pack's type; at `at`, of a contract that
// is `registered`, all that the pack requires and that are not there.
std::vector<status::Violation> ContractFieldViolations(const Pack& pack,
                                                       absl::Span<const FilledContractField> filled,
                                                       bool registered, absl::string_view at);

// Field and choice become what the pack calls them; what it does not know stays.
void TakeContractField(const Pack& pack, std::string* field, std::string* value);

// All of them, of messages that have `field` and `value`.
template <class Values>
void TakeContractFields(const Pack& pack, Values* values) {
  for (auto& one : *values) TakeContractField(pack, one.mutable_field(), one.mutable_value());
}

// Of messages that have `field` and `value`.
template <class Values>
std::vector<FilledContractField> FilledContractFields(const Values& values) {
  std::vector<FilledContractField> filled;
  for (const auto& one : values) filled.push_back({one.field(), one.value()});
  return filled;
}

}  // namespace chanyan::policy
