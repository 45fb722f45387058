#include "common/policy/pack_source.h"

#include <algorithm>
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

constexpr int kTabWidth = 8;

// What protobuf's parser says, by its beginning, and how we say it; $0, $1 are the quoted names.
struct Saying {
  const char* begins;
  const char* zh;
  // Which quoted name is the culprit, which stands before the place the parser gives; -1 = the
  // place is right as it is.
  int culprit = -1;
};
constexpr std::array<Saying, 8> kSayings = {{
    {"Message type ", "“$0”中没有名为“$1”的字段", 1},
    {"Unknown enumeration value of ", "字段“$1”不能取值“$0”", 0},
    {"Non-repeated field ", "字段“$0”只能填写一次", 0},
    {"Field ", "字段“$0”与“$1”只能填写其中一个", 0},
    {"Integer out of range", "数值超出范围"},
    {"Expected integer", "此处应为整数"},
    {"Expected string", "此处应为加引号的文字"},
    {"String literals cannot cross line boundaries", "文字缺少右引号，或跨行未分段"},
}};

class Collector final : public google::protobuf::io::ErrorCollector {
 public:
  Collector(const PackText& text, std::vector<PackError>& errors) : text_(text), errors_(errors) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    const std::vector<std::string> parts = absl::StrSplit(message, '"');
    const std::string names[] = {parts.size() > 1 ? parts[1] : "",
                                 parts.size() > 3 ? parts[3] : ""};
    for (const Saying& saying : kSayings) {
      if (absl::StartsWith(message, saying.begins)) {
        errors_.push_back({saying.culprit < 0
                               ? text_.At(line, column)
                               : text_.LastBefore(line, column, names[saying.culprit]),
                           absl::Substitute(saying.zh, names[0], names[1])});
        return;
      }
    }
    const bool expected = absl::StartsWith(message, "Expected ") && parts.size() > 3;
    errors_.push_back({text_.At(line, column),
                       expected ? absl::StrCat("此处应为“", names[0], "”，却是“", names[1], "”")
                                : absl::StrCat("文本格式有误（", message, "）")});
  }

 private:
  const PackText& text_;
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

PackText::PackText(const PackFile& file)
    : path_(file.path), lines_(absl::StrSplit(absl::string_view(file.text), '\n')) {}

size_t PackText::ByteOffset(int line, int column) const {
  const absl::string_view text = lines_[line];
  size_t byte = 0;
  for (int at = 0; byte < text.size() && at < column; ++byte) {
    at += text[byte] == '\t' ? kTabWidth - at % kTabWidth : 1;
  }
  return byte;
}

Location PackText::Place(int line, size_t byte) const {
  const absl::string_view before = lines_[line].substr(0, byte);
  const auto characters = std::count_if(before.begin(), before.end(), [](char c) {
    return (static_cast<uint8_t>(c) & 0xC0) != 0x80;
  });
  return {path_, line + 1, static_cast<int>(characters) + 1};
}

Location PackText::At(int line, int column) const {
  if (line < 0 || column < 0 || line >= static_cast<int>(lines_.size())) {
    return {path_, 1, 1};
  }
  return Place(line, ByteOffset(line, column));
}

Location PackText::LastBefore(int line, int column, absl::string_view word) const {
  if (line < 0 || column < 0 || line >= static_cast<int>(lines_.size())) {
    return {path_, 1, 1};
  }
  absl::string_view text = lines_[line].substr(0, ByteOffset(line, column));
  for (int l = line; l >= 0; --l) {
    if (const size_t at = text.rfind(word); at != absl::string_view::npos) {
      return Place(l, at);
    }
    text = l > 0 ? lines_[l - 1] : "";
  }
  return At(line, column);
}

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
    const Location start{file.path, 1, 1};
    const std::string what = absl::StrCat("文件超过", kMaxPackFileBytes >> 20, "MB，请拆分");
    errors_.push_back(PackError{start, what});
    return;
  }
  if (const int line = FirstBadLine(file.text); line != 0) {
    const Location place{file.path, line, 1};
    errors_.push_back(PackError{place, "不是UTF-8编码，请另存为UTF-8后重试"});
    return;
  }
  v1::PolicyPack part;
  Tree tree;
  const PackText text(file);
  Collector collector(text, errors_);
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&tree);
  if (parser.ParseFromString(file.text, &part)) {
    Join(text, part, tree);
  }
}

void PackSource::Join(const PackText& text, const v1::PolicyPack& part, const Tree& tree) {
  const Reflection* reflection = part.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(part, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(part, field); ++i) {
        reflection->AddMessage(&pack_, field)
            ->CopyFrom(reflection->GetRepeatedMessage(part, field, i));
        RememberField(text, pack_, *field, reflection->FieldSize(pack_, field) - 1, i, tree);
      }
      continue;
    }
    if (reflection->HasField(pack_, field)) {
      const auto at = tree.GetLocation(field, -1);
      errors_.push_back({text.At(at.line, at.column),
                         absl::StrCat("“", field->name(), "”已在 ",
                                      Where(pack_, field->number()).ToString(), " 填写")});
      continue;
    }
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      reflection->MutableMessage(&pack_, field)->CopyFrom(reflection->GetMessage(part, field));
    } else {
      reflection->SetString(&pack_, field, reflection->GetString(part, field));
    }
    RememberField(text, pack_, *field, -1, -1, tree);
  }
}

void PackSource::RememberField(const PackText& text, const Message& message,
                               const FieldDescriptor& field, int index, int tree_index,
                               const Tree& tree) {
  const auto at = tree.GetLocation(&field, tree_index);
  const Location location = text.At(at.line, at.column);
  places_[Key{&message, field.number(), index}] = location;
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return;
  }
  const Reflection* reflection = message.GetReflection();
  const Message& sub = field.is_repeated() ? reflection->GetRepeatedMessage(message, &field, index)
                                           : reflection->GetMessage(message, &field);
  places_[Key{&sub, 0, -1}] = location;
  if (const Tree* nested = tree.GetTreeForNested(&field, tree_index); nested != nullptr) {
    Remember(text, sub, *nested);
  }
}

void PackSource::Remember(const PackText& text, const Message& message, const Tree& tree) {
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!field->is_repeated()) {
      RememberField(text, message, *field, -1, -1, tree);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      RememberField(text, message, *field, i, i, tree);
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
