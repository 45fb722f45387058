#include "common/policy/contract_fields.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/normalize.h"
#include "common/time/civil.h"

namespace chanyan::policy {
namespace {

constexpr size_t kRegionDigits = 6;

bool IsCalled(absl::string_view known, absl::string_view key) {
  return !key.empty() && api::TextKey(known) == key;
}

const v1::ContractField* FindContractField(const Pack& pack, absl::string_view name) {
  const std::string key = api::TextKey(name);
  for (const v1::ContractField& field : pack.proto().contract_fields()) {
    if (field.display_name() == name || field.id() == name || IsCalled(field.display_name(), key)) {
      return &field;
    }
  }
  return nullptr;
}

// The choice that is called so; null if there is none.
const std::string* FindChoice(const v1::ContractField& field, absl::string_view value) {
  const std::string key = api::TextKey(value);
  for (const std::string& choice : field.choices()) {
    if (choice == value || IsCalled(choice, key)) return &choice;
  }
  return nullptr;
}

std::string NamesOfFields(const Pack& pack) {
  std::vector<std::string> names;
  for (const v1::ContractField& field : pack.proto().contract_fields()) {
    names.push_back(field.display_name());
  }
  return absl::StrJoin(names, "、");
}

// What is wrong with the value of a field; empty if nothing is.
std::string ValueProblem(const v1::ContractField& field, const std::string& value) {
  switch (field.type()) {
    case v1::CONTRACT_FIELD_TYPE_DATE:
      return time::ParseDate(value).ok() ? "" : "应为日期，如 2025-03-18";
    case v1::CONTRACT_FIELD_TYPE_REGION:
      return value.size() == kRegionDigits &&
                     std::all_of(value.begin(), value.end(), absl::ascii_isdigit)
                 ? ""
                 : "应为六位行政区划代码";
    case v1::CONTRACT_FIELD_TYPE_CHOICE:
      return FindChoice(field, value) != nullptr
                 ? ""
                 : absl::StrCat("应为“", absl::StrJoin(field.choices(), "”“"), "”之一");
    default:
      return "";
  }
}

}  // namespace

std::vector<status::Violation> ContractFieldViolations(const Pack& pack,
                                                       absl::Span<const FilledContractField> filled,
                                                       bool registered, absl::string_view at) {
  std::vector<status::Violation> violations;
  std::set<std::string> given;
  for (size_t i = 0; i < filled.size(); ++i) {
    const auto& [name, value] = filled[i];
    const std::string place = absl::StrCat(at, "[", i, "]");
    const v1::ContractField* field = FindContractField(pack, name);
    if (field == nullptr) {
      violations.push_back(
          {place, absl::StrCat("“", name, "”不是技术合同的登记项，可填写的登记项：",
                               NamesOfFields(pack))});
      continue;
    }
    if (!given.insert(field->display_name()).second) {
      violations.push_back({place, absl::StrCat("登记项“", name, "”重复")});
    }
    const std::string problem = ValueProblem(*field, value);
    if (!problem.empty()) violations.push_back({place, absl::StrCat("“", name, "”", problem)});
  }
  if (!registered) return violations;
  std::vector<std::string> missing;
  for (const v1::ContractField& field : pack.proto().contract_fields()) {
    if (field.required() && given.count(field.display_name()) == 0) {
      missing.push_back(field.display_name());
    }
  }
  if (!missing.empty()) {
    violations.push_back({std::string(at), absl::StrCat("已有登记编号的技术合同还须填写：",
                                                        absl::StrJoin(missing, "、"))});
  }
  return violations;
}

void TakeContractField(const Pack& pack, std::string* field, std::string* value) {
  const v1::ContractField* known = FindContractField(pack, *field);
  if (known == nullptr) return;
  *field = known->display_name();
  if (const std::string* choice = FindChoice(*known, *value); choice != nullptr) *value = *choice;
}

}  // namespace chanyan::policy
