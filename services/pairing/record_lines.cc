#include "services/pairing/record_lines.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/sheet/cell_lines.h"

namespace chanyan::pairing {
namespace {

using Violations = std::vector<status::Violation>;

// Name, digest, size, media type.
constexpr size_t kDocumentParts = 4;
// Name, value.
constexpr size_t kFieldParts = 2;
constexpr char kNoDocument[] = "应写为“文件名 | SHA-256 | 字节数 | 文件类型”";
constexpr char kNoField[] = "应写为“登记项 | 登记内容”";

// A file's name may hold anything, so that parts count from behind.
std::string ReadDocument(absl::string_view line, v1::DocumentReference* document) {
  std::vector<absl::string_view> parts = absl::StrSplit(line, '|');
  if (parts.size() < kDocumentParts) return kNoDocument;
  int64_t size = 0;
  if (!absl::SimpleAtoi(parts[parts.size() - 2], &size)) return kNoDocument;
  document->set_media_type(std::string(absl::StripAsciiWhitespace(parts.back())));
  document->set_size_bytes(size);
  document->set_sha256(std::string(absl::StripAsciiWhitespace(parts[parts.size() - 3])));
  parts.resize(parts.size() - (kDocumentParts - 1));
  document->set_file_name(std::string(absl::StripAsciiWhitespace(absl::StrJoin(parts, "|"))));
  return "";
}

// A value may hold anything.
std::string ReadField(absl::string_view line, v1::ContractFieldValue* field) {
  const std::vector<absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits('|', 1));
  if (parts.size() < kFieldParts) return kNoField;
  field->set_field(std::string(absl::StripAsciiWhitespace(parts[0])));
  field->set_value(std::string(absl::StripAsciiWhitespace(parts[1])));
  return "";
}

}  // namespace

std::string LinesOf(const google::protobuf::RepeatedPtrField<v1::DocumentReference>& documents) {
  return absl::StrJoin(documents, "\n", [](std::string* out, const v1::DocumentReference& one) {
    absl::StrAppend(out, one.file_name(), sheet::kBetweenParts, one.sha256(), sheet::kBetweenParts,
                    one.size_bytes(), sheet::kBetweenParts, one.media_type());
  });
}

std::string LinesOf(const google::protobuf::RepeatedPtrField<v1::ContractFieldValue>& fields) {
  return absl::StrJoin(fields, "\n", [](std::string* out, const v1::ContractFieldValue& one) {
    absl::StrAppend(out, one.field(), sheet::kBetweenParts, one.value());
  });
}

void TakeLines(absl::string_view text,
               google::protobuf::RepeatedPtrField<v1::DocumentReference>* documents) {
  sheet::ReadItems(sheet::LinesIn(text), ReadDocument, documents);
}

void TakeLines(absl::string_view text,
               google::protobuf::RepeatedPtrField<v1::ContractFieldValue>* fields) {
  sheet::ReadItems(sheet::LinesIn(text), ReadField, fields);
}

Violations EvidenceViolations(absl::string_view text, absl::string_view field) {
  return sheet::LineViolations(sheet::LinesIn(text), field, "份", ReadDocument);
}

Violations ContractFieldViolations(absl::string_view text) {
  return sheet::LineViolations(sheet::LinesIn(text), "contract_fields", "项", ReadField);
}

}  // namespace chanyan::pairing
