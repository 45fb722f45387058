#include "services/pairing/record_lines.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/validate.h"

namespace chanyan::pairing {
namespace {

using Violations = std::vector<status::Violation>;

constexpr absl::string_view kBetween = " | ";
// Name, digest, size, media type.
constexpr size_t kDocumentParts = 4;
// Name, value.
constexpr size_t kFieldParts = 2;

// One line; false if it is none. A file's name may hold anything, so that parts count from behind.
bool Read(absl::string_view line, v1::DocumentReference* document) {
  std::vector<absl::string_view> parts = absl::StrSplit(line, '|');
  if (parts.size() < kDocumentParts) return false;
  int64_t size = 0;
  if (!absl::SimpleAtoi(parts[parts.size() - 2], &size)) return false;
  document->set_media_type(std::string(absl::StripAsciiWhitespace(parts.back())));
  document->set_size_bytes(size);
  document->set_sha256(std::string(absl::StripAsciiWhitespace(parts[parts.size() - 3])));
  parts.resize(parts.size() - (kDocumentParts - 1));
  document->set_file_name(std::string(absl::StripAsciiWhitespace(absl::StrJoin(parts, "|"))));
  return true;
}

// A value may hold anything.
bool Read(absl::string_view line, v1::ContractFieldValue* field) {
  const std::vector<absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits('|', 1));
  if (parts.size() < kFieldParts) return false;
  field->set_field(std::string(absl::StripAsciiWhitespace(parts[0])));
  field->set_value(std::string(absl::StripAsciiWhitespace(parts[1])));
  return true;
}

std::vector<absl::string_view> SplitLines(absl::string_view text) {
  return absl::StrSplit(text, absl::ByAnyChar("\r\n"), absl::SkipWhitespace());
}

template <class T>
void Take(absl::string_view text, google::protobuf::RepeatedPtrField<T>* items) {
  items->Clear();
  for (const absl::string_view line : SplitLines(text)) Read(line, items->Add());
}

// What is wrong with lines of T's, of which each should have `shape`.
template <class T>
Violations LineViolations(absl::string_view text, absl::string_view field,
                          absl::string_view counter, absl::string_view shape) {
  Violations violations;
  int number = 0;
  for (const absl::string_view line : SplitLines(text)) {
    const std::string where = absl::StrCat("第 ", ++number, " ", counter, "：");
    T item;
    if (!Read(line, &item)) {
      violations.push_back({std::string(field), absl::StrCat(where, "应写为“", shape, "”")});
      continue;
    }
    for (const status::Violation& violation : api::Violations(item)) {
      const auto* part = T::descriptor()->FindFieldByName(violation.field);
      violations.push_back(
          {std::string(field),
           absl::StrCat(where, part->options().GetExtension(options::v1::field).label(), "：",
                        violation.description)});
    }
  }
  return violations;
}

}  // namespace

std::string LinesOf(const google::protobuf::RepeatedPtrField<v1::DocumentReference>& documents) {
  return absl::StrJoin(documents, "\n", [](std::string* out, const v1::DocumentReference& one) {
    absl::StrAppend(out, one.file_name(), kBetween, one.sha256(), kBetween, one.size_bytes(),
                    kBetween, one.media_type());
  });
}

std::string LinesOf(const google::protobuf::RepeatedPtrField<v1::ContractFieldValue>& fields) {
  return absl::StrJoin(fields, "\n", [](std::string* out, const v1::ContractFieldValue& one) {
    absl::StrAppend(out, one.field(), kBetween, one.value());
  });
}

void TakeLines(absl::string_view text,
               google::protobuf::RepeatedPtrField<v1::DocumentReference>* documents) {
  Take(text, documents);
}

void TakeLines(absl::string_view text,
               google::protobuf::RepeatedPtrField<v1::ContractFieldValue>* fields) {
  Take(text, fields);
}

Violations EvidenceViolations(absl::string_view text, absl::string_view field) {
  return LineViolations<v1::DocumentReference>(text, field, "份",
                                               "文件名 | SHA-256 | 字节数 | 文件类型");
}

Violations ContractFieldViolations(absl::string_view text) {
  return LineViolations<v1::ContractFieldValue>(text, "contract_fields", "项", "登记项 | 登记内容");
}

}  // namespace chanyan::pairing
