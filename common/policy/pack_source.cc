#include "common/policy/pack_source.h"

#include <array>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "google/protobuf/io/tokenizer.h"

namespace chanyan::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

// What protobuf's parser says, by its beginning, and how we say it; $0, $1 are the quoted names.
struct Saying {
  const char* begins;
  const char* zh;
};
constexpr std::array<Saying, 8> kSayings = {{
    {"Message type ", "“$0”中没有名为“$1”的字段"},
    {"Unknown enumeration value of ", "字段“$1”不能取值“$0”"},
    {"Non-repeated field ", "字段“$0”只能填写一次"},
    {"Field ", "字段“$0”与“$1”只能填写其中一个"},
    {"Integer out of range", "数值超出范围"},
    {"Expected integer", "此处应为整数"},
    {"Expected string", "此处应为加引号的文字"},
    {"String literals cannot cross line boundaries", "文字缺少右引号，或跨行未分段"},
}};

std::string Translate(const std::string& message) {
  const std::vector<std::string> parts = absl::StrSplit(message, '"');
  const std::string first = parts.size() > 1 ? parts[1] : "";
  const std::string second = parts.size() > 3 ? parts[3] : "";
  for (const Saying& saying : kSayings) {
    if (absl::StartsWith(message, saying.begins)) {
      return absl::Substitute(saying.zh, first, second);
    }
  }
  if (absl::StartsWith(message, "Expected ") && parts.size() > 3) {
    return absl::StrCat("此处应为“", first, "”，却是“", second, "”");
  }
  return absl::StrCat("文本格式有误（", message, "）");
}

class Collector final : public google::protobuf::io::ErrorCollector {
 public:
  Collector(const std::string& file, std::vector<PackError>& errors)
      : file_(file), errors_(errors) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    // The parser counts from 0 and gives -1 when it knows no place.
    errors_.push_back({{file_, line < 0 ? 1 : line + 1, column < 0 ? 1 : column + 1},
                       Translate(message)});
  }

 private:
  const std::string& file_;
  std::vector<PackError>& errors_;
};

// Length of the well-formed UTF-8 character that `text` begins with, 0 if it does not.
size_t Utf8Length(absl::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  if (byte(0) < 0x80) {
    return 1;
  }
  const size_t length = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < length) {
    return 0;
  }
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) {
      return 0;
    }
  }
  // Overlong forms, surrogates and what lies beyond U+10FFFF.
  const bool bad = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xED && byte(1) > 0x9F) ||
                   (byte(0) == 0xF0 && byte(1) < 0x90) || (byte(0) == 0xF4 && byte(1) > 0x8F);
  return bad ? 0 : length;
}

// Line (from 1) of the first byte that is not UTF-8, 0 if there is none.
int FirstBadLine(absl::string_view text) {
  int line = 1;
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 0) {
      return line;
    }
    line += text[0] == '\n' ? 1 : 0;
    text.remove_prefix(length);
  }
  return 0;
}

}  // namespace

std::string Location::ToString() const { return absl::StrCat(file, ":", line, ":", column); }

PackSource::PackSource(const std::vector<PackFile>& files) {
  if (files.empty()) {
    errors_.push_back({start_, "政策包中没有任何 .textproto 文件"});
    return;
  }
  start_.file = files.front().path;
  for (const PackFile& file : files) {
    Read(file);
  }
}

void PackSource::Read(const PackFile& file) {
  if (file.text.size() > kMaxPackFileBytes) {
    errors_.push_back({{file.path, 1, 1},
                       absl::StrCat("文件超过", kMaxPackFileBytes >> 20, "MB，请拆分")});
    return;
  }
  if (const int line = FirstBadLine(file.text); line != 0) {
    errors_.push_back({{file.path, line, 1}, "不是UTF-8编码，请另存为UTF-8后重试"});
    return;
  }
  v1::PolicyPack part;
  Tree tree;
  Collector collector(file.path, errors_);
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&tree);
  if (parser.ParseFromString(file.text, &part)) {
    Join(file.path, part, tree);
  }
}

void PackSource::Join(const std::string& file, const v1::PolicyPack& part, const Tree& tree) {
  const Reflection* reflection = part.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(part, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(part, field); ++i) {
        reflection->AddMessage(&pack_, field)
            ->CopyFrom(reflection->GetRepeatedMessage(part, field, i));
        RememberField(file, pack_, *field, reflection->FieldSize(pack_, field) - 1, i, tree);
      }
      continue;
    }
    if (reflection->HasField(pack_, field)) {
      const auto at = tree.GetLocation(field, -1);
      errors_.push_back({{file, at.line + 1, at.column + 1},
                         absl::StrCat("“", field->name(), "”已在 ",
                                      Where(pack_, field->number()).ToString(), " 填写")});
      continue;
    }
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      reflection->MutableMessage(&pack_, field)
          ->CopyFrom(reflection->GetMessage(part, field));
    } else {
      reflection->SetString(&pack_, field, reflection->GetString(part, field));
    }
    RememberField(file, pack_, *field, -1, -1, tree);
  }
}

void PackSource::RememberField(const std::string& file, const Message& message,
                               const FieldDescriptor& field, int index, int tree_index,
                               const Tree& tree) {
  const auto at = tree.GetLocation(&field, tree_index);
  const Location location{file, at.line + 1, at.column + 1};
  places_[Key{&message, field.number(), index}] = location;
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return;
  }
  const Reflection* reflection = message.GetReflection();
  const Message& sub = field.is_repeated() ? reflection->GetRepeatedMessage(message, &field, index)
                                           : reflection->GetMessage(message, &field);
  places_[Key{&sub, 0, -1}] = location;
  if (const Tree* nested = tree.GetTreeForNested(&field, tree_index); nested != nullptr) {
    Remember(file, sub, *nested);
  }
}

void PackSource::Remember(const std::string& file, const Message& message, const Tree& tree) {
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!field->is_repeated()) {
      RememberField(file, message, *field, -1, -1, tree);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      RememberField(file, message, *field, i, i, tree);
    }
  }
}

Location PackSource::Where(const Message& message, int field_number, int index) const {
  auto it = places_.find(Key{&message, field_number, index});
  if (it == places_.end()) {
    it = places_.find(Key{&message, 0, -1});
  }
  return it == places_.end() ? start_ : it->second;
}

}  // namespace chanyan::policy
