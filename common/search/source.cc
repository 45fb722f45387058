#include "common/search/source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/digest.h"
#include "common/api/fields.h"
#include "common/api/personal.h"
#include "common/api/well_known.h"
#include "common/auth/labels.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "google/protobuf/timestamp.pb.h"

namespace chanyan::search {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Between the items of a list, where it is shown as one text.
constexpr char kBetweenItems[] = "；";
constexpr char kNameField[] = "name";
constexpr char kUpdateTimeField[] = "update_time";

enum class Form {
  // As people read it.
  kText,
  // As filters spell it.
  kValue,
};

std::string EnumText(const EnumValueDescriptor* value, Form form) {
  const std::string short_name(api::ShortName(value));
  if (form == Form::kValue || short_name.empty()) return short_name;
  const std::string& zh = value->options().GetExtension(options::v1::value).zh();
  return zh.empty() ? short_name : zh;
}

void Collect(const Message& message, const Path& path, size_t at, Form form,
             std::vector<std::string>* out) {
  const FieldDescriptor* field = path[at];
  const auto* reflection = message.GetReflection();
  const bool repeated = field->is_repeated();
  const int count = repeated ? reflection->FieldSize(message, field) : 1;
  for (int i = 0; i < count; ++i) {
    std::string text;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Collect(repeated ? reflection->GetRepeatedMessage(message, field, i)
                         : reflection->GetMessage(message, field),
                path, at + 1, form, out);
        continue;
      case FieldDescriptor::CPPTYPE_ENUM:
        text = EnumText(repeated ? reflection->GetRepeatedEnum(message, field, i)
                                 : reflection->GetEnum(message, field),
                        form);
        break;
      default:
        text = repeated ? reflection->GetRepeatedString(message, field, i)
                        : reflection->GetString(message, field);
    }
    if (!text.empty()) out->push_back(std::move(text));
  }
}

std::vector<std::string> Values(const Message& message, const Path& path, Form form) {
  std::vector<std::string> values;
  Collect(message, path, 0, form, &values);
  return values;
}

std::string OneText(const Message& message, absl::string_view field_name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(field_name));
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

// InfiniteFuture if there is none.
absl::Time TimeOf(const Message& message, absl::string_view field_name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(field_name));
  if (field == nullptr || !message.GetReflection()->HasField(message, field)) {
    return absl::InfiniteFuture();
  }
  const Message& value = message.GetReflection()->GetMessage(message, field);
  if (api::IsTimestamp(field)) {
    return time::ToTime(static_cast<const google::protobuf::Timestamp&>(value));
  }
  const auto day = api::DayOf(value);
  return day.has_value() ? time::StartOfDay(*day + 1) : absl::InfiniteFuture();
}

bool IsTime(const FieldDescriptor* field) {
  return field != nullptr && !field->is_repeated() && api::IsTimestamp(field);
}

bool IsTimeOrDay(const FieldDescriptor* field) {
  return IsTime(field) || (field != nullptr && !field->is_repeated() && api::IsDate(field));
}

bool IsText(const FieldDescriptor* field) {
  return field != nullptr && !field->is_repeated() &&
         field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
}

std::string LabelKey(absl::string_view facet, absl::string_view value) {
  return absl::StrCat(facet, "\n", value);
}

void AppendRow(const Source& row, std::string* out) {
  absl::StrAppend(out, row.type->full_name(), "|", row.journal, "|", row.findable, "|", row.title,
                  "|", row.expires, "|", row.only_owner);
  for (const SourceText& text : row.texts) absl::StrAppend(out, "|", text.path, "*", text.weight);
  for (const SourceFacet& facet : row.facets) {
    absl::StrAppend(out, "|", facet.facet, "=", facet.path);
  }
  for (const SourceOwner& owner : row.owners) {
    absl::StrAppend(out, "|@", owner.field);
    for (const InheritedFacet& facet : owner.inherited) {
      absl::StrAppend(out, "|", facet.facet, "<", facet.path, "?", facet.where);
    }
  }
  out->push_back('\n');
}

}  // namespace

struct Sources::Compiled {
  struct Text {
    std::string field;
    Path path;
    int weight;
  };
  struct Facet {
    std::string facet;
    Path path;
  };

  const Source* row = nullptr;
  std::optional<auth::Condition> findable;
  std::vector<Text> texts;
  std::vector<Facet> facets;
  // One for each owner of the row, in its order.
  std::vector<std::vector<Inherited>> inherited;
};

absl::StatusOr<std::unique_ptr<Sources>> Sources::Make(std::vector<Source> rows) {
  std::unique_ptr<Sources> sources(new Sources(std::move(rows)));
  std::vector<std::string> problems;
  for (const Source& row : sources->rows_) sources->Compile(row, &problems);
  for (const Source& row : sources->rows_) {
    for (const SourceOwner& owner : row.owners) {
      if (owner.type != nullptr && sources->by_type_.contains(owner.type)) continue;
      problems.push_back(
          absl::StrCat(row.type->full_name(), ": ", owner.field, ": its type is no source"));
    }
  }
  if (!problems.empty()) return status::Internal(absl::StrJoin(problems, "; "));
  return sources;
}

Sources::Sources(std::vector<Source> rows) : rows_(std::move(rows)), facets_({kTypeFacet}) {
  std::string text;
  for (const Source& row : rows_) AppendRow(row, &text);
  fingerprint_ = api::Sha256Hex(text);
}

Sources::~Sources() = default;

std::optional<Path> Sources::Resolve(const Source& row, const Descriptor* type,
                                     absl::string_view path,
                                     std::vector<std::string>* problems) const {
  const auto refuse = [&](absl::string_view why) {
    problems->push_back(absl::StrCat(row.type->full_name(), ": ", path, ": ", why));
    return std::nullopt;
  };
  Path fields;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    if (type == nullptr) return refuse("goes on behind a text");
    const FieldDescriptor* field = type->FindFieldByName(std::string(name));
    if (field == nullptr) return refuse("no such field");
    if (api::FieldOptions(field).personal() != options::v1::PERSONAL_DATA_UNSPECIFIED) {
      return refuse("personal data are not to be found");
    }
    fields.push_back(field);
    type = field->message_type();
  }
  const auto kind = fields.back()->cpp_type();
  if (kind != FieldDescriptor::CPPTYPE_STRING && kind != FieldDescriptor::CPPTYPE_ENUM) {
    return refuse("neither text nor enum");
  }
  return fields;
}

void Sources::AddFacet(const std::string& facet, const Path& path,
                       std::vector<std::string>* problems) {
  if (std::find(facets_.begin(), facets_.end(), facet) == facets_.end()) facets_.push_back(facet);
  if (path.back()->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return;
  const auto* type = path.back()->enum_type();
  for (int i = 0; i < type->value_count(); ++i) {
    const std::string name = EnumText(type->value(i), Form::kValue);
    if (name.empty()) continue;
    const auto& option = type->value(i)->options().GetExtension(options::v1::value);
    const auto [known, fresh] = labels_.emplace(
        LabelKey(facet, name), ValueLabel{EnumText(type->value(i), Form::kText), option.en()});
    if (!fresh && known->second.zh != EnumText(type->value(i), Form::kText)) {
      problems->push_back(absl::StrCat(type->full_name(), ": ", facet, " ", name,
                                       " means something else in another type"));
    }
  }
}

void Sources::Compile(const Source& row, std::vector<std::string>* problems) {
  auto compiled = std::make_unique<Compiled>();
  compiled->row = &row;
  const auto condition = [&](const Descriptor* type, const std::string& text) {
    std::optional<auth::Condition> read;
    if (text.empty()) return read;
    auto parsed = auth::Condition::Parse(type, text);
    if (parsed.ok()) {
      read = *std::move(parsed);
    } else {
      problems->push_back(absl::StrCat(row.type->full_name(), ": ", text));
    }
    return read;
  };
  compiled->findable = condition(row.type, row.findable);
  std::vector<std::string> names = {kNameField, row.title};
  for (const SourceOwner& owner : row.owners) names.push_back(owner.field);
  for (const std::string& field : names) {
    if (!field.empty() && !IsText(row.type->FindFieldByName(field))) {
      problems->push_back(absl::StrCat(row.type->full_name(), ": ", field, ": no text field"));
    }
  }
  if (!IsTime(row.type->FindFieldByName(kUpdateTimeField))) {
    problems->push_back(
        absl::StrCat(row.type->full_name(), ": ", kUpdateTimeField, ": no time field"));
  }
  if (!row.expires.empty() && !IsTimeOrDay(row.type->FindFieldByName(row.expires))) {
    problems->push_back(absl::StrCat(row.type->full_name(), ": ", row.expires, ": no time field"));
  }
  for (const SourceText& text : row.texts) {
    if (auto path = Resolve(row, row.type, text.path, problems)) {
      compiled->texts.push_back({text.path, *std::move(path), text.weight});
    }
  }
  for (const SourceFacet& facet : row.facets) {
    if (auto path = Resolve(row, row.type, facet.path, problems)) {
      AddFacet(facet.facet, *path, problems);
      compiled->facets.push_back({facet.facet, *std::move(path)});
    }
  }
  for (const SourceOwner& owner : row.owners) {
    std::vector<Inherited>& inherited = compiled->inherited.emplace_back();
    // Make says that it is no source.
    if (owner.type == nullptr) continue;
    for (const InheritedFacet& facet : owner.inherited) {
      auto path = Resolve(row, owner.type, facet.path, problems);
      if (!path) continue;
      AddFacet(facet.facet, *path, problems);
      inherited.push_back({facet.facet, *std::move(path), condition(owner.type, facet.where)});
    }
  }
  const auto& resource = row.type->options().GetExtension(options::v1::resource);
  labels_[LabelKey(kTypeFacet, row.type->name())] = {resource.label(), resource.label_en()};
  if (!by_type_.emplace(row.type, compiled.get()).second) {
    problems->push_back(absl::StrCat(row.type->full_name(), ": more than one row"));
  }
  compiled_.push_back(std::move(compiled));
}

const Sources::Compiled* Sources::CompiledOf(const Descriptor* type) const {
  const auto found = by_type_.find(type);
  return found == by_type_.end() ? nullptr : found->second;
}

const Source* Sources::Find(absl::string_view type) const {
  for (const Source& row : rows_) {
    if (row.type->full_name() == type) return &row;
  }
  return nullptr;
}

const Source* Sources::FindShort(absl::string_view name) const {
  for (const Source& row : rows_) {
    if (row.type->name() == name) return &row;
  }
  return nullptr;
}

void Sources::Inherit(const std::vector<Inherited>& inherited, const Message& owner,
                      std::vector<FacetValue>* out) {
  for (const Inherited& facet : inherited) {
    if (facet.where && !facet.where->Holds(owner)) continue;
    for (std::string& value : Values(owner, facet.path, Form::kValue)) {
      out->push_back({facet.facet, std::move(value)});
    }
  }
}

std::optional<Document> Sources::Extract(const Message& row, const Owners& owners) const {
  const Compiled* compiled = CompiledOf(row.GetDescriptor());
  if (compiled == nullptr || (compiled->findable && !compiled->findable->Holds(row))) {
    return std::nullopt;
  }
  Document document;
  document.name = OneText(row, kNameField);
  document.type = row.GetDescriptor()->full_name();
  for (const Compiled::Text& text : compiled->texts) {
    for (std::string& value : Values(row, text.path, Form::kText)) {
      document.texts.push_back({std::move(value), text.weight});
    }
  }
  document.facets.push_back({kTypeFacet, row.GetDescriptor()->name()});
  for (const Compiled::Facet& facet : compiled->facets) {
    for (std::string& value : Values(row, facet.path, Form::kValue)) {
      document.facets.push_back({facet.facet, std::move(value)});
    }
  }
  for (size_t i = 0; i < compiled->row->owners.size(); ++i) {
    const SourceOwner& belongs = compiled->row->owners[i];
    std::string name = OneText(row, belongs.field);
    if (name.empty()) continue;
    if (!compiled->inherited[i].empty()) {
      const Message* owner = owners(name);
      if (owner != nullptr && owner->GetDescriptor() == belongs.type) {
        Inherit(compiled->inherited[i], *owner, &document.facets);
      }
    }
    document.owners.push_back(std::move(name));
  }
  if (!compiled->row->only_owner) document.labels = auth::RowLabels(row);
  document.update_time = TimeOf(row, kUpdateTimeField);
  if (!compiled->row->expires.empty()) document.expire_time = TimeOf(row, compiled->row->expires);
  const std::unique_ptr<Message> kept(row.New());
  kept->CopyFrom(row);
  api::MaskPersonal(api::Masking::kWhole, kept.get());
  document.data = kept->SerializeAsString();
  return document;
}

bool Sources::IsOwner(const Descriptor* type) const {
  for (const Source& row : rows_) {
    for (const SourceOwner& owner : row.owners) {
      if (owner.type == type && !owner.inherited.empty()) return true;
    }
  }
  return false;
}

bool Sources::BequeathsAlike(const Message& before, const Message& after) const {
  std::vector<FacetValue> then, now;
  for (const auto& compiled : compiled_) {
    for (size_t i = 0; i < compiled->row->owners.size(); ++i) {
      if (compiled->row->owners[i].type != after.GetDescriptor()) continue;
      Inherit(compiled->inherited[i], before, &then);
      Inherit(compiled->inherited[i], after, &now);
    }
  }
  return then == now;
}

std::unique_ptr<Message> Sources::Restore(absl::string_view type, absl::string_view data) const {
  const Source* row = Find(type);
  if (row == nullptr) return nullptr;
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(row->type)->New());
  if (!message->ParseFromArray(data.data(), static_cast<int>(data.size()))) return nullptr;
  return message;
}

std::string Sources::TitleOf(const Message& row) const {
  const Compiled* compiled = CompiledOf(row.GetDescriptor());
  return compiled == nullptr ? "" : OneText(row, compiled->row->title);
}

std::vector<Excerpt> Sources::Excerpts(const Message& row, const TermSet& terms, size_t count,
                                       size_t length) const {
  std::vector<Excerpt> excerpts;
  const Compiled* compiled = CompiledOf(row.GetDescriptor());
  if (compiled == nullptr) return excerpts;
  const std::string title = TitleOf(row);
  excerpts.push_back({compiled->row->title,
                      api::LabelOf(row.GetDescriptor()->FindFieldByName(compiled->row->title)),
                      MakeSnippet(title, terms, title.size())});
  for (const Compiled::Text& text : compiled->texts) {
    if (excerpts.size() > count) break;
    if (text.field == compiled->row->title) continue;
    const std::string whole = absl::StrJoin(Values(row, text.path, Form::kText), kBetweenItems);
    Snippet snippet = MakeSnippet(whole, terms, length);
    if (snippet.marks.empty()) continue;
    excerpts.push_back({text.field, api::LabelOf(text.path.back()), std::move(snippet)});
  }
  return excerpts;
}

ValueLabel Sources::LabelOf(const FacetValue& value) const {
  const auto found = labels_.find(LabelKey(value.facet, value.value));
  return found == labels_.end() ? ValueLabel{value.value, value.value} : found->second;
}

}  // namespace chanyan::search
