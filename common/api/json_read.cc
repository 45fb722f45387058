#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/json.h"
#include "common/api/json_scan.h"
#include "common/api/json_values.h"
#include "common/status/status.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsRefused(const Descriptor& type) {
  return type.well_known_type() == Descriptor::WELLKNOWNTYPE_ANY ||
         type.file()->name() == "google/protobuf/struct.proto";
}

// Walks JSON whose types and names are to be checked; that it is strict besides is ScanJson's work,
// but nothing here reads past the end of what is not.
class Reader {
 public:
  Reader(absl::string_view json, JsonSource source) : json_(json), source_(source) {}

  absl::Status ReadMessage(Message& message) {
    SkipSpace();
    return Result(Object(message));
  }
  absl::Status ReadField(Message& message, const FieldDescriptor& field) {
    SkipSpace();
    return Result(Field(message, field));
  }

 private:
  absl::Status Result(bool ok) const {
    if (ok) return absl::OkStatus();
    return status::InvalidField(path_.empty() ? "body" : path_, error_);
  }

  void SkipSpace() {
    while (at_ < json_.size() && static_cast<unsigned char>(json_[at_]) <= ' ') ++at_;
  }
  char Peek() const { return at_ < json_.size() ? json_[at_] : '\0'; }
  // Skips white space, and `c` when it is there.
  bool Take(char c) {
    SkipSpace();
    if (Peek() != c) return false;
    ++at_;
    SkipSpace();
    return true;
  }
  bool Fail(absl::string_view message) {
    error_ = std::string(message);
    return false;
  }
  bool Broken() { return Fail("JSON 不完整或格式不正确"); }
  // What is between the quotes.
  bool RawString(absl::string_view* raw) {
    if (Peek() != '"') return Broken();
    const size_t start = ++at_;
    while (true) {
      at_ = json_.find_first_of("\"\\", at_);
      if (at_ == absl::string_view::npos) return at_ = json_.size(), Broken();
      if (json_[at_] == '"') break;
      at_ += 2;
    }
    *raw = json_.substr(start, at_++ - start);
    return true;
  }
  bool String(std::string* text) {
    absl::string_view raw;
    if (!RawString(&raw)) return false;
    *text = UnescapeJson(raw);
    return true;
  }
  absl::string_view Word() {
    const size_t start = at_;
    while (at_ < json_.size() &&
           absl::string_view(",]} \t\r\n").find(json_[at_]) == absl::string_view::npos) {
      ++at_;
    }
    return json_.substr(start, at_ - start);
  }

  // Passes over a value of whatever kind.
  bool Skip() {
    int open = 0;
    do {
      absl::string_view raw;
      const char c = Peek();
      if (c == '{' || c == '[') {
        if (++open > kMaxJsonDepth) return Fail("JSON 嵌套过深");
        ++at_;
      } else if (c == '}' || c == ']') {
        if (--open < 0) return Broken();
        ++at_;
      } else if (c == '"') {
        if (!RawString(&raw)) return false;
      } else if (c == ',' || c == ':') {
        ++at_;
      } else if (Word().empty()) {
        return Broken();
      }
      if (open > 0) SkipSpace();
    } while (open > 0);
    return true;
  }

  // `item` reads what stands between `open` and `close`, separated by commas.
  template <typename Item>
  bool Sequence(char open, char close, Item item) {
    if (!Take(open)) return Fail(open == '{' ? "应为 JSON 对象" : "应为 JSON 数组");
    if (Take(close)) return true;
    do {
      if (!item()) return false;
    } while (Take(','));
    return Take(close) || Broken();
  }

  bool Object(Message& message) {
    const Descriptor& type = *message.GetDescriptor();
    if (IsRefused(type)) return Fail("此字段不接受任意结构的 JSON");
    if (++depth_ > kMaxJsonDepth) return Fail("JSON 嵌套过深");
    std::vector<const FieldDescriptor*> seen;
    const bool read = Sequence('{', '}', [&] { return Member(message, type, seen); });
    --depth_;
    return read;
  }

  bool Member(Message& message, const Descriptor& type, std::vector<const FieldDescriptor*>& seen) {
    std::string name;
    if (!String(&name)) return false;
    if (!Take(':')) return Broken();
    const size_t length = path_.size();
    absl::StrAppend(&path_, length == 0 ? "" : ".", name);
    const FieldDescriptor* field = FindJsonField(type, name);
    if (field == nullptr && source_ == JsonSource::kClient) return Fail("没有这个字段");
    if (field == nullptr) {
      if (!Skip()) return false;
    } else if (Peek() == 'n') {
      Word();
    } else {
      if (!Unseen(*field, seen) || !Field(message, *field)) return false;
    }
    path_.resize(length);
    return true;
  }

  bool Unseen(const FieldDescriptor& field, std::vector<const FieldDescriptor*>& seen) {
    for (const FieldDescriptor* other : seen) {
      if (other == &field) return Fail("字段以两种写法重复出现");
      if (field.real_containing_oneof() != nullptr &&
          other->real_containing_oneof() == field.real_containing_oneof()) {
        return Fail(absl::StrCat("与字段 ", other->json_name(), " 只能填写一个"));
      }
    }
    seen.push_back(&field);
    return true;
  }

  bool Field(Message& message, const FieldDescriptor& field) {
    if (field.is_map()) {
      return Sequence('{', '}', [&] { return MapEntry(message, field); });
    }
    if (!field.is_repeated()) return Value(message, field);
    int index = 0;
    return Sequence('[', ']', [&] {
      const size_t length = path_.size();
      absl::StrAppend(&path_, "[", index++, "]");
      if (Peek() == 'n') return Fail("数组中不允许 null");
      if (!Value(message, field)) return false;
      path_.resize(length);
      return true;
    });
  }

  bool MapEntry(Message& message, const FieldDescriptor& field) {
    std::string key;
    if (!String(&key)) return false;
    if (!Take(':')) return Broken();
    const size_t length = path_.size();
    absl::StrAppend(&path_, "[", key, "]");
    Message& entry = *message.GetReflection()->AddMessage(&message, &field);
    if (!SetFieldFromText(entry, *entry.GetDescriptor()->map_key(), key, error_)) return false;
    if (Peek() == 'n') return Fail("映射中不允许 null");
    if (!Value(entry, *entry.GetDescriptor()->map_value())) return false;
    path_.resize(length);
    return true;
  }

  bool MessageValue(Message& message, const FieldDescriptor& field) {
    const Descriptor& type = *field.message_type();
    if (IsTextMessage(type)) {
      if (Peek() != '"') return Fail("应为字符串");
      std::string text;
      return String(&text) && ReadTextMessage(text, Child(message, field), error_);
    }
    if (IsWrapper(type)) return Value(Child(message, field), *type.FindFieldByNumber(1));
    return Object(Child(message, field));
  }

  bool EnumValue(Message& message, const FieldDescriptor& field) {
    std::string name;
    if (Peek() != '"') {
      // MessageToJson writes the number of a value that it does not know.
      if (source_ == JsonSource::kStored) return Skip();
      return Fail("应为枚举值的名称");
    }
    if (!String(&name)) return false;
    return StoreEnum(message, field, name, error_) || source_ == JsonSource::kStored;
  }

  bool Value(Message& message, const FieldDescriptor& field) {
    const char c = Peek();
    std::string text;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return MessageValue(message, field);
      case FieldDescriptor::CPPTYPE_STRING:
        if (c != '"') return Fail("应为字符串");
        return String(&text) && StoreString(message, field, std::move(text), error_);
      case FieldDescriptor::CPPTYPE_ENUM:
        return EnumValue(message, field);
      case FieldDescriptor::CPPTYPE_BOOL: {
        const absl::string_view word = Word();
        if (word != "true" && word != "false") return Fail("应为 true 或 false");
        return StoreBool(message, field, word == "true");
      }
      case FieldDescriptor::CPPTYPE_INT64:
      case FieldDescriptor::CPPTYPE_UINT64:
        if (c == '"') return String(&text) && StoreNumber(message, field, text, error_);
        [[fallthrough]];
      default:
        if (c == '"' || c == '{' || c == '[' || c == 't' || c == 'f') return Fail("应为数值");
        return StoreNumber(message, field, Word(), error_);
    }
  }

  const absl::string_view json_;
  const JsonSource source_;
  size_t at_ = 0;
  int depth_ = 0;
  std::string path_;
  std::string error_;
};

}  // namespace

absl::Status JsonToMessage(absl::string_view json, Message& message, JsonSource source) {
  return Reader(json, source).ReadMessage(message);
}

absl::Status JsonToField(absl::string_view json, const FieldDescriptor& field, Message& message,
                         JsonSource source) {
  return Reader(json, source).ReadField(message, field);
}

}  // namespace chanyan::api
