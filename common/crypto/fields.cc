#include "common/crypto/fields.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace chanyan::crypto {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Null if there is no such string field.
const FieldDescriptor* StringField(const Message& row, absl::string_view name) {
  const FieldDescriptor* field = row.GetDescriptor()->FindFieldByName(std::string(name));
  const bool usable = field != nullptr && !field->is_repeated() &&
                      field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  return usable ? field : nullptr;
}

std::string NameOf(const Message& row) {
  const FieldDescriptor* field = StringField(row, "name");
  return field == nullptr ? "" : row.GetReflection()->GetString(row, field);
}

std::string PlaceOf(absl::string_view row, absl::string_view field) {
  return absl::StrCat(row, "\n", field);
}

}  // namespace

absl::Status SealFields(const Keyring& keys, FieldNames fields, Message* row) {
  const std::string name = NameOf(*row);
  if (name.empty()) return status::Internal("crypto: a row without a name cannot be sealed");
  for (const absl::string_view each : fields) {
    const FieldDescriptor* field = StringField(*row, each);
    if (field == nullptr) {
      return status::Internal(absl::StrCat("crypto: no string field ", each));
    }
    CHANYAN_ASSIGN_OR_RETURN(
        const std::string sealed,
        keys.Seal(PlaceOf(name, each), row->GetReflection()->GetString(*row, field)));
    row->GetReflection()->SetString(row, field, sealed);
  }
  return absl::OkStatus();
}

void OpenFields(const Keyring& keys, FieldNames fields, Message* row) {
  const std::string name = NameOf(*row);
  for (const absl::string_view each : fields) {
    const FieldDescriptor* field = StringField(*row, each);
    if (field == nullptr) continue;
    const auto text = keys.Open(PlaceOf(name, each), row->GetReflection()->GetString(*row, field));
    row->GetReflection()->SetString(
        row, field, text.ok() ? *text : absl::StrCat("（", text.status().message(), "）"));
  }
}

void DigestFields(const Keyring& keys, FieldNames fields, Message* message) {
  for (const absl::string_view each : fields) {
    const FieldDescriptor* field = StringField(*message, each);
    if (field == nullptr) continue;
    const std::string text = message->GetReflection()->GetString(*message, field);
    if (text.empty()) continue;
    message->GetReflection()->SetString(message, field, keys.Digest("request", text));
  }
}

void ClearFields(FieldNames fields, Message* row) {
  for (const absl::string_view each : fields) {
    const FieldDescriptor* field = StringField(*row, each);
    if (field != nullptr) row->GetReflection()->ClearField(row, field);
  }
}

}  // namespace chanyan::crypto
