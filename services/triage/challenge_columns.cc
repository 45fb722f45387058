#include "services/triage/challenge_columns.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::triage {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor* FieldOf(const Message& message, absl::string_view name) {
  return message.GetDescriptor()->FindFieldByName(std::string(name));
}

// A field with the value of another of the same type.
void Copy(const Message& from, const FieldDescriptor* source, Message* to,
          const FieldDescriptor* target) {
  const auto* reads = from.GetReflection();
  const auto* writes = to->GetReflection();
  switch (source->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return writes->SetInt32(to, target, reads->GetInt32(from, source));
    case FieldDescriptor::CPPTYPE_INT64:
      return writes->SetInt64(to, target, reads->GetInt64(from, source));
    default:
      return writes->SetString(to, target, reads->GetString(from, source));
  }
}

}  // namespace

void ClearChallengeColumns(v1::Demand* demand) {
  for (const ChallengeColumn& one : kChallengeColumns) {
    demand->GetReflection()->ClearField(demand, FieldOf(*demand, one.column));
  }
}

void WriteChallengeColumns(v1::Demand* demand) {
  const v1::Challenge& challenge = demand->challenge();
  for (const auto& [column, field] : kChallengeColumns) {
    Copy(challenge, FieldOf(challenge, field), demand, FieldOf(*demand, column));
  }
}

void ReadChallengeColumns(v1::Demand* demand) {
  v1::Challenge challenge;
  for (const auto& [column, field] : kChallengeColumns) {
    Copy(*demand, FieldOf(*demand, column), &challenge, FieldOf(challenge, field));
  }
  ClearChallengeColumns(demand);
  if (challenge.ByteSizeLong() > 0) *demand->mutable_challenge() = std::move(challenge);
}

google::protobuf::FieldMask ChallengePaths(const sheet::TablePlaces& places) {
  google::protobuf::FieldMask paths;
  for (const auto& [column, field] : kChallengeColumns) {
    if (places.HasColumn(column)) paths.add_paths(absl::StrCat("challenge.", field));
  }
  return paths;
}

std::string ChallengeColumnOf(const std::string& field) {
  for (const auto& [column, shown] : kChallengeColumns) {
    if (field == absl::StrCat("challenge.", shown)) return std::string(column);
  }
  // That it is of another kind.
  return field == "challenge" ? "kind" : field;
}

}  // namespace chanyan::triage
