#include "services/triage/result_texts.h"

#include <algorithm>

#include "absl/strings/strip.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/fields.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/message_differencer.h"
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

bool IsContent(const FieldDescriptor* field) {
  const auto& options = field->options().GetExtension(options::v1::field);
  if (options.computed() || field->name() == "name" || field->name() == "etag") return false;
  const auto behaviors = field->options().GetRepeatedExtension(google::api::field_behavior);
  return std::none_of(behaviors.begin(), behaviors.end(), [](int behavior) {
    return behavior == google::api::OUTPUT_ONLY || behavior == google::api::IDENTIFIER;
  });
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

std::vector<std::string> ChangedContent(const v1::Result& before, const v1::Result& after) {
  using google::protobuf::util::MessageDifferencer;
  std::vector<std::string> changed;
  for (int i = 0; i < v1::Result::descriptor()->field_count(); ++i) {
    const FieldDescriptor* field = v1::Result::descriptor()->field(i);
    if (!IsContent(field)) continue;
    MessageDifferencer differencer;
    const std::vector<const FieldDescriptor*> one = {field};
    if (!differencer.CompareWithFields(before, after, one, one)) {
      changed.push_back(field->options().GetExtension(options::v1::field).label());
    }
  }
  return changed;
}

}  // namespace chanyan::triage
