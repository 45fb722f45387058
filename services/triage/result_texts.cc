#include "services/triage/result_texts.h"

#include <algorithm>

#include "absl/strings/strip.h"
#include "services/triage/list_text.h"

namespace chanyan::triage {
namespace {

using google::protobuf::FieldDescriptor;

constexpr absl::string_view kSuffix = "_text";

const FieldDescriptor* FieldOf(const std::string& name) {
  return v1::Result::descriptor()->FindFieldByName(name);
}

// The list that a text stands for.
const FieldDescriptor* ListOf(const std::string& text_field) {
  return FieldOf(std::string(absl::StripSuffix(text_field, kSuffix)));
}

}  // namespace

const std::vector<std::string>& TextFields() {
  static const auto& fields = *new std::vector<std::string>{
      "owners_text", "people_text", "evaluations_text", "rights_text", "maturity_text"};
  return fields;
}

void WriteTexts(const TriagePack& pack, v1::Result* result) {
  // People read the name of a scale, rows hold its id.
  v1::Result shown;
  *shown.mutable_maturity() = result->maturity();
  for (v1::Maturity& maturity : *shown.mutable_maturity()) {
    const policy::v1::MaturityScale* scale = pack.FindScale(maturity.scale());
    if (scale != nullptr) maturity.set_scale(scale->display_name());
  }
  for (const std::string& name : TextFields()) {
    const FieldDescriptor* list = ListOf(name);
    const v1::Result& from = list->name() == "maturity" ? shown : *result;
    result->GetReflection()->SetString(result, FieldOf(name), ListText(from, list));
  }
}

std::vector<status::Violation> ReadTexts(const TriagePack& pack, const v1::Result& texts,
                                         const std::vector<std::string>& names,
                                         v1::Result* result) {
  std::vector<status::Violation> wrong;
  for (const std::string& name : names) {
    const std::string text = texts.GetReflection()->GetString(texts, FieldOf(name));
    const absl::Status read = ParseListText(text, ListOf(name), result);
    if (!read.ok()) wrong.push_back({name, status::ViolationsOf(read).front().description});
  }
  for (v1::Maturity& maturity : *result->mutable_maturity()) {
    const policy::v1::MaturityScale* scale = pack.FindScale(maturity.scale());
    if (scale != nullptr) maturity.set_scale(scale->id());
  }
  return wrong;
}

}  // namespace chanyan::triage
