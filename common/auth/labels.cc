#include "common/auth/labels.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/api/digest.h"
#include "common/auth/grants.h"

namespace chanyan::auth {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string LabelOf(const Descriptor* type, const Grant& grant, absl::string_view owner) {
  return api::DigestId(
      "g", absl::StrCat(type->full_name(), "\n", grant.owner, "\n", owner, "\n", grant.where_text));
}

// Organizations that a row belongs to under the grant; an empty value is nobody's.
std::vector<std::string> OwnersOf(const Message& row, const std::string& field_name) {
  std::vector<std::string> owners;
  const FieldDescriptor* field = row.GetDescriptor()->FindFieldByName(field_name);
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return owners;
  const auto* reflection = row.GetReflection();
  if (!field->is_repeated()) {
    owners.push_back(reflection->GetString(row, field));
  } else {
    for (int i = 0; i < reflection->FieldSize(row, field); ++i) {
      owners.push_back(reflection->GetRepeatedString(row, field, i));
    }
  }
  owners.erase(std::remove(owners.begin(), owners.end(), ""), owners.end());
  return owners;
}

std::vector<std::string> EachOnce(std::vector<std::string> labels) {
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

}  // namespace

std::vector<std::string> RowLabels(const Message& row) {
  std::vector<std::string> labels;
  for (const Grant& grant : GrantsOf(row.GetDescriptor())) {
    if (grant.access == options::v1::ACCESS_UNSPECIFIED) continue;
    if (grant.where && !grant.where->Holds(row)) continue;
    if (grant.owner.empty()) {
      labels.push_back(LabelOf(row.GetDescriptor(), grant, ""));
      continue;
    }
    for (const std::string& owner : OwnersOf(row, grant.owner)) {
      labels.push_back(LabelOf(row.GetDescriptor(), grant, owner));
    }
  }
  return EachOnce(std::move(labels));
}

std::vector<std::string> CallerLabels(const Principal& principal, const Descriptor* resource) {
  std::vector<std::string> labels;
  for (const Grant& grant : GrantsOf(resource)) {
    if (!Covers(grant, principal, options::v1::ACCESS_READ)) continue;
    if (grant.owner.empty()) {
      labels.push_back(LabelOf(resource, grant, ""));
      continue;
    }
    for (const std::string& owner : OwnersFor(principal, options::v1::ACCESS_READ)) {
      labels.push_back(LabelOf(resource, grant, owner));
    }
  }
  return EachOnce(std::move(labels));
}

}  // namespace chanyan::auth
