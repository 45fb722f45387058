#include "common/rpc/stale.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chanyan/journal/v1/changes.pb.h"
#include "common/api/field_text.h"
#include "common/api/fields.h"
#include "common/api/json.h"
#include "common/api/well_known.h"
#include "common/auth/scope.h"
#include "common/journal/journal.h"
#include "common/journal/reader.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "google/protobuf/util/message_differencer.h"

namespace chanyan::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using journal::v1::Changes;
using journal::v1::FieldChange;

// Fields that the error's sentence names; the detail has all.
constexpr int kNamedInMessage = 5;

// One entry of the journal with its states read.
struct Step {
  journal::v1::Entry entry;
  std::unique_ptr<const Message> before;
  std::unique_ptr<const Message> after;
};

// What happened, newest first.
struct History {
  std::vector<Step> steps;
  // The last step begins at the caller's version.
  bool complete = false;
};

std::string StringOf(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

// Null if there is nothing or it cannot be read.
std::unique_ptr<const Message> Read(const std::string& json, const Message& prototype) {
  if (json.empty()) return nullptr;
  std::unique_ptr<Message> message(prototype.New());
  if (!api::JsonToMessage(json, *message, api::JsonSource::kStored).ok()) return nullptr;
  return message;
}

absl::StatusOr<History> HistorySince(db::Session& session, absl::string_view etag,
                                     const Message& present) {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<journal::v1::Entry> entries,
      journal::NewestOf(session, StringOf(present, "name"), kMaxChangesLooked));
  History history;
  for (journal::v1::Entry& entry : entries) {
    if (entry.type() != present.GetDescriptor()->full_name()) continue;
    Step step;
    step.after = Read(entry.after_json(), present);
    step.before = Read(entry.before_json(), present);
    step.entry = std::move(entry);
    if (step.after != nullptr && StringOf(*step.after, "etag") == etag) {
      history.complete = true;
      return history;
    }
    history.complete = step.before != nullptr && StringOf(*step.before, "etag") == etag;
    history.steps.push_back(std::move(step));
    if (history.complete) return history;
  }
  return history;
}

bool Differ(const Message& a, const Message& b, const FieldDescriptor* field) {
  google::protobuf::util::MessageDifferencer differencer;
  return !differencer.CompareWithFields(a, b, {field}, {field});
}

// Handles and times change with every change; what is computed is no content.
bool IsContent(const FieldDescriptor* field) {
  return field->name() != "name" && field->name() != "etag" && field->name() != "create_time" &&
         field->name() != "update_time" && !api::FieldOptions(field).computed() &&
         !api::HasBehavior(field, google::api::INPUT_ONLY);
}

// Who made a change, as far as the caller is told.
void SetAuthor(const Call& call, const journal::v1::Entry& entry, FieldChange* change) {
  change->set_kind(entry.kind());
  change->set_organization(entry.organization());
  *change->mutable_time() = entry.time();
  const bool colleague =
      !entry.organization().empty() && entry.organization() == call.principal.organization;
  const bool service =
      entry.organization().empty() && !absl::StartsWith(entry.actor(), "accounts/");
  if (colleague || service || entry.actor() == call.principal.account) {
    change->set_actor(entry.actor());
  }
}

// The last change of a field.
void Attribute(const Call& call, const std::vector<Step>& steps, const FieldDescriptor* field,
               FieldChange* change) {
  for (const Step& step : steps) {
    if (step.before == nullptr || step.after == nullptr) continue;
    if (Differ(*step.before, *step.after, field)) return SetAuthor(call, step.entry, change);
  }
}

// One field as it was and as it is. Whoever is answered with the resource may see its values; of
// another answer nothing follows.
FieldChange ChangeOf(const Call& call, const FieldDescriptor* field, const Message& before,
                     const Message& after) {
  FieldChange change;
  change.set_field(field->name());
  change.set_label(api::LabelOf(field));
  change.set_label_en(api::FieldOptions(field).label_en());
  if (call.method != nullptr && call.method->output_type() == field->containing_type()) {
    change.set_before(api::FieldText(before, field, kMaxChangedValueChars));
    change.set_after(api::FieldText(after, field, kMaxChangedValueChars));
  }
  return change;
}

Changes ChangesOf(const Call& call, const History& history, const Message& present) {
  Changes changes;
  changes.set_resource(StringOf(present, "name"));
  changes.set_complete(history.complete);
  const Message& base = *history.steps.back().before;
  // As the journal has it: personal data hidden in the same way on both sides.
  const std::unique_ptr<const Message> now = Read(journal::CanonicalJson(present), present);
  if (now == nullptr) return changes;
  for (int i = 0; i < present.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = present.GetDescriptor()->field(i);
    if (!IsContent(field) || !Differ(base, *now, field)) continue;
    if (changes.fields_size() == static_cast<int>(kMaxChangedFields)) break;
    FieldChange& change = *changes.add_fields();
    change = ChangeOf(call, field, base, *now);
    Attribute(call, history.steps, field, &change);
  }
  return changes;
}

std::string WhoAndWhen(const Call& call, const FieldChange& change) {
  std::string text;
  if (!change.actor().empty() && change.actor() == call.principal.account) {
    text = "您本人";
  } else if (!change.actor().empty()) {
    text = change.organization().empty() ? "系统" : absl::StrCat("本单位 ", change.actor());
  } else {
    text = change.organization();
  }
  const auto time = api::TimeOf(change.time());
  if (change.has_time() && time) {
    absl::StrAppend(&text, text.empty() ? "" : "，",
                    absl::FormatTime("%m月%d日%H:%M", *time, time::Shanghai()));
  }
  return text;
}

// “项目内容”（organizations/upc，04月01日09:30）、“共建类型”（…）
std::string InWords(const Call& call, const Changes& changes) {
  std::string text;
  for (int i = 0; i < std::min(changes.fields_size(), kNamedInMessage); ++i) {
    const FieldChange& change = changes.fields(i);
    const std::string who = WhoAndWhen(call, change);
    absl::StrAppend(&text, i == 0 ? "" : "、", "“", change.label(), "”",
                    who.empty() ? "" : absl::StrCat("（", who, "）"));
  }
  if (changes.fields_size() > kNamedInMessage) {
    absl::StrAppend(&text, "等", changes.fields_size(), "项");
  }
  return text;
}

absl::Status Tell(const Call& call, const Changes& changes) {
  if (changes.fields().empty()) return status::StaleEtag(changes.resource());
  absl::Status stale = status::StaleEtag(changes.resource(), InWords(call, changes));
  status::SetDetail(stale, changes);
  return stale;
}

}  // namespace

std::optional<Changes> ChangesSince(db::Session& session, const Call& call, absl::string_view etag,
                                    const Message& present) {
  const absl::StatusOr<History> history = HistorySince(session, etag, present);
  // A journal that cannot be read keeps nobody from the resource.
  if (!history.ok() || history->steps.empty() || history->steps.back().before == nullptr) {
    return std::nullopt;
  }
  if (!auth::Reaches(call.principal, *history->steps.back().before, options::v1::ACCESS_READ)) {
    return std::nullopt;
  }
  return ChangesOf(call, *history, present);
}

absl::Status StaleEdit(db::Session& session, const Call& call, absl::string_view etag,
                       const Message& present) {
  const std::optional<Changes> changes = ChangesSince(session, call, etag, present);
  // The error is the same without its detail.
  return changes ? Tell(call, *changes) : status::StaleEtag(StringOf(present, "name"));
}

absl::Status StaleAgainst(const Call& call, const Message& before, const Message& after,
                          absl::Span<const absl::string_view> fields,
                          const journal::v1::Entry& by) {
  Changes changes;
  changes.set_resource(StringOf(after, "name"));
  changes.set_complete(true);
  for (const absl::string_view name : fields) {
    const FieldDescriptor* field = after.GetDescriptor()->FindFieldByName(std::string(name));
    if (field == nullptr || !Differ(before, after, field)) continue;
    FieldChange& change = *changes.add_fields();
    change = ChangeOf(call, field, before, after);
    SetAuthor(call, by, &change);
  }
  return Tell(call, changes);
}

}  // namespace chanyan::rpc
