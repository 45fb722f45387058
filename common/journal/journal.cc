#include "common/journal/journal.h"

#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/json.h"
#include "common/api/names.h"
#include "common/api/personal.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::journal {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Entries of one statement: many need few round trips, and both texts are prepared once.
constexpr size_t kAppendBatch = 64;
// Longer batches go one by one: a statement must stay below the server's 16 MiB packet.
constexpr size_t kMaxBatchBytes = 4 << 20;

#define CHANYAN_APPEND_HEAD                                                                       \
  "INSERT INTO journal (event_id, resource, type, kind, method, actor, organization, request_id," \
  " trace_id, time, before_json, after_json) VALUES "
#define CHANYAN_APPEND_ROW "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

constexpr char kAppendOne[] = CHANYAN_APPEND_HEAD CHANYAN_APPEND_ROW;

const std::string& AppendBatchSql() {
  static const std::string* const sql = [] {
    auto* text = new std::string(CHANYAN_APPEND_HEAD);
    for (size_t i = 0; i < kAppendBatch; ++i) {
      absl::StrAppend(text, i == 0 ? "" : ", ", CHANYAN_APPEND_ROW);
    }
    return text;
  }();
  return *sql;
}

std::string NameOf(const Message& message) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName("name");
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return "";
  return message.GetReflection()->GetString(message, field);
}

}  // namespace

std::string CanonicalJson(const Message& message) {
  std::string json;
  if (api::MayHoldPersonal(message.GetDescriptor())) {
    std::unique_ptr<Message> copy(message.New());
    copy->CopyFrom(message);
    api::MaskPersonal(api::Masking::kWhole, copy.get());
    api::MessageToJson(*copy, json, api::JsonNames::kProto);
  } else {
    api::MessageToJson(message, json, api::JsonNames::kProto);
  }
  return json;
}

namespace {

absl::Status AddValues(absl::Time now, const Origin& origin, absl::string_view kind,
                       const Alteration& alteration, db::Values* values) {
  const Message* one = alteration.after != nullptr ? alteration.after : alteration.before;
  if (one == nullptr) return status::Internal("journal: neither before nor after");
  std::string name = NameOf(*one);
  if (name.empty()) {
    return status::Internal(
        absl::StrCat("journal: a message without a name: ", one->GetDescriptor()->full_name()));
  }
  values->insert(values->end(),
                 {api::NewUuid(), std::move(name), std::string(one->GetDescriptor()->full_name()),
                  std::string(kind), origin.method, origin.actor, origin.organization,
                  origin.request_id, origin.trace_id, now,
                  alteration.before == nullptr ? std::string() : CanonicalJson(*alteration.before),
                  alteration.after == nullptr ? std::string() : CanonicalJson(*alteration.after)});
  return absl::OkStatus();
}

}  // namespace

absl::Status Append(db::Session& session, absl::Time now, const Origin& origin,
                    absl::string_view kind, const Message* before, const Message* after) {
  db::Values values;
  CHANYAN_RETURN_IF_ERROR(AddValues(now, origin, kind, {before, after}, &values));
  return session.Later(kAppendOne, std::move(values));
}

namespace {

size_t TextBytes(const db::Values& values) {
  size_t bytes = 0;
  for (const db::Value& value : values) {
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
  }
  return bytes;
}

// The values of a batch, or of its entries one by one.
absl::Status Insert(db::Session& session, const db::Values& values) {
  if (TextBytes(values) <= kMaxBatchBytes) {
    return session.Later(AppendBatchSql(), values);
  }
  const size_t columns = values.size() / kAppendBatch;
  for (auto row = values.begin(); row != values.end(); row += columns) {
    CHANYAN_RETURN_IF_ERROR(session.Later(kAppendOne, {row, row + columns}));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AppendAll(db::Session& session, absl::Time now, const Origin& origin,
                       absl::string_view kind, absl::Span<const Alteration> alterations) {
  while (alterations.size() >= kAppendBatch) {
    db::Values values;
    for (const Alteration& alteration : alterations.first(kAppendBatch)) {
      CHANYAN_RETURN_IF_ERROR(AddValues(now, origin, kind, alteration, &values));
    }
    CHANYAN_RETURN_IF_ERROR(Insert(session, values));
    alterations.remove_prefix(kAppendBatch);
  }
  for (const Alteration& alteration : alterations) {
    CHANYAN_RETURN_IF_ERROR(
        Append(session, now, origin, kind, alteration.before, alteration.after));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::journal
