#include "services/triage/quarantine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/api/normalize.h"
#include "common/api/text.h"
#include "common/status/status.h"

namespace chanyan::triage {
namespace {

constexpr absl::string_view kTitle = "title";
constexpr int kMaxNotes = 100;
constexpr int kMaxEscapedCharacters = 20'000;

std::string Cut(const std::string& text) {
  const std::u32string all = api::FromUtf8(text);
  if (all.size() <= kMaxEscapedCharacters) return text;
  return api::ToUtf8(std::u32string_view(all).substr(0, kMaxEscapedCharacters));
}

// The message that a path's last field is of, and the field; none if a message on the way is
// absent.
std::pair<google::protobuf::Message*, const google::protobuf::FieldDescriptor*> Reach(
    absl::string_view path, google::protobuf::Message* message) {
  const std::vector<std::string> steps = absl::StrSplit(path, '.');
  for (size_t i = 0;; ++i) {
    const auto* field = message->GetDescriptor()->FindFieldByName(steps[i]);
    if (i + 1 == steps.size()) return {message, field};
    const auto* at = message->GetReflection();
    if (!at->HasField(*message, field)) return {nullptr, nullptr};
    message = at->MutableMessage(message, field);
  }
}

int CharactersOf(const std::string& text) { return static_cast<int>(api::FromUtf8(text).size()); }

}  // namespace

std::vector<Finding> Quarantine::Clean(absl::Span<const absl::string_view> fields,
                                       google::protobuf::Message* message) const {
  std::vector<Finding> findings;
  for (const absl::string_view path : fields) {
    const auto [holder, field] = Reach(path, message);
    if (holder == nullptr) continue;
    const auto* at = holder->GetReflection();
    const std::string text = at->GetString(*holder, field);
    CleanText clean = hygiene_.Clean(text, /*one_line=*/field->name() == kTitle);
    if (clean.text != text) at->SetString(holder, field, clean.text);
    for (SetAside& aside : clean.aside) {
      findings.push_back({std::string(path),
                          field->options().GetExtension(options::v1::field).label(),
                          std::move(aside)});
    }
  }
  return findings;
}

std::string Quarantine::Describe(const Finding& finding) {
  return absl::StrCat("“", finding.place, "”中的", finding.aside.what, "（",
                      CharactersOf(finding.aside.text), "个字符）已隔离，未作为内容保存");
}

absl::StatusOr<std::vector<v1::TextNote>> Quarantine::Keep(
    rpc::Change& change, absl::string_view subject, absl::string_view proprietor,
    const std::vector<Finding>& findings) const {
  std::vector<v1::TextNote> notes;
  for (const Finding& finding : findings) {
    v1::QuarantinedText row;
    row.set_name(absl::StrCat("quarantinedTexts/", api::NewShortId()));
    row.set_subject(std::string(subject));
    row.set_place(finding.place);
    row.set_what(finding.aside.what);
    row.set_shown(Cut(Escaped(finding.aside.text)));
    row.set_sha256(api::Sha256Hex(finding.aside.text));
    row.set_proprietor(std::string(proprietor));
    row.set_office(pack_.Office());
    CHANYAN_RETURN_IF_ERROR(texts_.Insert(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
    v1::TextNote note;
    note.set_place(finding.place);
    note.set_what(finding.aside.what);
    note.set_characters(CharactersOf(finding.aside.text));
    note.set_quarantined(row.name());
    notes.push_back(std::move(note));
  }
  return notes;
}

void AddNotes(const std::vector<v1::TextNote>& notes,
              google::protobuf::RepeatedPtrField<v1::TextNote>* to) {
  for (const v1::TextNote& note : notes) *to->Add() = note;
  if (to->size() > kMaxNotes) to->DeleteSubrange(0, to->size() - kMaxNotes);
}

}  // namespace chanyan::triage
