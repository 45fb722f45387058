#include "common/auth/condition.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/api/json.h"
#include "common/status/status.h"

namespace chanyan::auth {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

constexpr int kMaxDepth = 16;

bool IsInteger(const FieldDescriptor* field) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
      return true;
    default:
      return false;
  }
}

int64_t IntegerOf(const Message& row, const FieldDescriptor* field) {
  const Reflection* reflection = row.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(row, field) ? 1 : 0;
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(row, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->GetUInt32(row, field);
    default:
      return reflection->GetInt64(row, field);
  }
}

std::string TextOf(const Message& row, const FieldDescriptor* field) {
  const Reflection* reflection = row.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    return ShortName(reflection->GetEnum(row, field));
  }
  return reflection->GetString(row, field);
}

std::string TextOf(const Message& row, const FieldDescriptor* field, int index) {
  const Reflection* reflection = row.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    return std::string(reflection->GetRepeatedEnum(row, field, index)->name());
  }
  return reflection->GetRepeatedString(row, field, index);
}

const EnumValueDescriptor* FindShort(const google::protobuf::EnumDescriptor* type,
                                     absl::string_view name) {
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() != 0 && ShortName(type->value(i)) == name) return type->value(i);
  }
  return nullptr;
}

template <class T>
bool Compare(Condition::Operator op, const T& left, const T& right) {
  switch (op) {
    case Condition::Operator::kEqual:
      return left == right;
    case Condition::Operator::kNotEqual:
      return left != right;
    case Condition::Operator::kLess:
      return left < right;
    case Condition::Operator::kLessOrEqual:
      return left <= right;
    case Condition::Operator::kGreater:
      return left > right;
    case Condition::Operator::kGreaterOrEqual:
      return left >= right;
    case Condition::Operator::kHas:
      return false;
  }
  return false;
}

const char* SqlOperator(Condition::Operator op) {
  switch (op) {
    case Condition::Operator::kNotEqual:
      return "<>";
    case Condition::Operator::kLess:
      return "<";
    case Condition::Operator::kLessOrEqual:
      return "<=";
    case Condition::Operator::kGreater:
      return ">";
    case Condition::Operator::kGreaterOrEqual:
      return ">=";
    default:
      return "=";
  }
}

}  // namespace

std::string ShortName(const EnumValueDescriptor* value) {
  if (value->number() == 0) return "";
  // ROLE of ROLE_UNSPECIFIED is the prefix of all.
  constexpr absl::string_view kUnspecified = "UNSPECIFIED";
  const std::string& zero = value->type()->value(0)->name();
  const std::string& name = value->name();
  if (!absl::EndsWith(zero, kUnspecified)) return name;
  const absl::string_view prefix(zero.data(), zero.size() - kUnspecified.size());
  return absl::StartsWith(name, prefix) ? name.substr(prefix.size()) : name;
}

// Recursive descent; each method reads one level of the grammar.
class ConditionParser {
 public:
  ConditionParser(const Descriptor* resource, absl::string_view text)
      : resource_(resource), all_(text), rest_(text) {}

  absl::StatusOr<Condition> Whole() {
    CHANYAN_ASSIGN_OR_RETURN(Condition condition, Conjunction(0));
    SkipSpace();
    if (!rest_.empty()) return Error("此处多余");
    return condition;
  }

  absl::StatusOr<Condition> Comparison(const FieldDescriptor* field, Condition::Operator op,
                                       absl::string_view constant) {
    Condition out;
    out.field_ = field;
    out.operator_ = op;
    out.text_ = std::string(constant);
    const bool has = op == Condition::Operator::kHas;
    const bool ordered = op != Condition::Operator::kEqual && op != Condition::Operator::kNotEqual;
    if (field->is_repeated() != has || field->is_map()) return Error("列表用 : ，其他字段用 = 等");
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      if (ordered && !has) return Error("文本只能用 = 和 !=");
      return out;
    }
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      if (ordered && !has) return Error("枚举只能用 = 和 !=");
      const EnumValueDescriptor* value = FindShort(field->enum_type(), constant);
      if (value == nullptr) return Error("没有这个枚举值");
      // Lists are JSON with the full names, columns hold the short ones.
      if (has) out.text_ = value->name();
      return out;
    }
    if (has) return Error("列表须为文本或枚举");
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
      if (ordered || (constant != "true" && constant != "false"))
        return Error("须为 true 或 false");
      out.number_ = constant == "true" ? 1 : 0;
      return out;
    }
    if (!IsInteger(field)) return Error("该类型的字段不能用于授权条件");
    if (!absl::SimpleAtoi(constant, &out.number_)) return Error("须为整数");
    return out;
  }

 private:
  absl::StatusOr<Condition> Conjunction(int depth) {
    return Chain(Condition::Kind::kAnd, "AND", depth);
  }
  absl::StatusOr<Condition> Disjunction(int depth) {
    return Chain(Condition::Kind::kOr, "OR", depth);
  }

  absl::StatusOr<Condition> Chain(Condition::Kind kind, absl::string_view word, int depth) {
    Condition out;
    out.kind_ = kind;
    do {
      CHANYAN_ASSIGN_OR_RETURN(Condition child,
                               kind == Condition::Kind::kAnd ? Disjunction(depth) : Term(depth));
      out.children_.push_back(std::move(child));
    } while (TakeWord(word));
    if (out.children_.size() == 1) {
      Condition only = std::move(out.children_.front());
      return only;
    }
    return out;
  }

  absl::StatusOr<Condition> Term(int depth) {
    if (depth > kMaxDepth) return Error("嵌套过深");
    if (TakeWord("NOT")) {
      CHANYAN_ASSIGN_OR_RETURN(Condition child, Term(depth + 1));
      Condition out;
      out.kind_ = Condition::Kind::kNot;
      out.children_.push_back(std::move(child));
      return out;
    }
    if (Take("(")) {
      CHANYAN_ASSIGN_OR_RETURN(Condition inner, Conjunction(depth + 1));
      if (!Take(")")) return Error("缺少右括号");
      return inner;
    }
    return Simple();
  }

  absl::StatusOr<Condition> Simple() {
    const std::string name = Word();
    const FieldDescriptor* field = resource_->FindFieldByName(name);
    if (field == nullptr) return Error(absl::StrCat("没有字段“", name, "”"));
    static const std::pair<absl::string_view, Condition::Operator> kOperators[] = {
        {"!=", Condition::Operator::kNotEqual},
        {"<=", Condition::Operator::kLessOrEqual},
        {">=", Condition::Operator::kGreaterOrEqual},
        {"=", Condition::Operator::kEqual},
        {"<", Condition::Operator::kLess},
        {">", Condition::Operator::kGreater},
        {":", Condition::Operator::kHas}};
    for (const auto& [sign, op] : kOperators) {
      if (!Take(sign)) continue;
      std::string constant;
      if (!Constant(&constant)) return Error("缺少比较的值");
      return Comparison(field, op, constant);
    }
    return Error("缺少比较符");
  }

  bool Constant(std::string* out) {
    SkipSpace();
    if (rest_.empty() || rest_[0] != '"') {
      *out = Word();
      return !out->empty();
    }
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_[0] != '"') {
      if (rest_[0] == '\\') rest_.remove_prefix(1);
      if (rest_.empty()) return false;
      out->push_back(rest_[0]);
      rest_.remove_prefix(1);
    }
    return Take("\"");
  }

  static bool InWord(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '/'; }
  absl::string_view PeekWord() {
    SkipSpace();
    size_t length = 0;
    while (length < rest_.size() && InWord(rest_[length])) ++length;
    return rest_.substr(0, length);
  }
  std::string Word() {
    const absl::string_view word = PeekWord();
    rest_.remove_prefix(word.size());
    return std::string(word);
  }
  bool TakeWord(absl::string_view word) {
    if (PeekWord() != word) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool Take(absl::string_view sign) {
    SkipSpace();
    if (!absl::StartsWith(rest_, sign)) return false;
    rest_.remove_prefix(sign.size());
    return true;
  }
  void SkipSpace() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }

  absl::Status Error(absl::string_view what) {
    return status::InvalidField(
        "where",
        absl::StrCat(what, "（", all_, "，第", all_.size() - rest_.size() + 1, "个字节处）"),
        options::v1::ERROR_REASON_INVALID_FILTER);
  }

  const Descriptor* resource_;
  const absl::string_view all_;
  absl::string_view rest_;
};

absl::StatusOr<Condition> Condition::Parse(const Descriptor* resource, absl::string_view text) {
  return ConditionParser(resource, text).Whole();
}

absl::StatusOr<Condition> Condition::Owned(const Descriptor* resource, absl::string_view field,
                                           absl::string_view value) {
  const FieldDescriptor* found = resource->FindFieldByName(std::string(field));
  if (found == nullptr || found->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return status::InvalidField("owner",
                                absl::StrCat(resource->full_name(), " 没有文本字段“", field, "”"),
                                options::v1::ERROR_REASON_INVALID_FILTER);
  }
  return ConditionParser(resource, "")
      .Comparison(found, found->is_repeated() ? Operator::kHas : Operator::kEqual, value);
}

db::Predicate Condition::Sql() const {
  if (kind_ == Kind::kNot) {
    db::Predicate inner = children_.front().Sql();
    return {absl::StrCat("NOT (", inner.sql, ")"), std::move(inner.params)};
  }
  if (kind_ != Kind::kCompare) {
    db::Predicate all = children_.front().Sql();
    for (size_t i = 1; i < children_.size(); ++i) {
      all = kind_ == Kind::kAnd ? db::And(std::move(all), children_[i].Sql())
                                : db::Or(std::move(all), children_[i].Sql());
    }
    return all;
  }
  const std::string column = absl::StrCat("`", field_->name(), "`");
  if (operator_ == Operator::kHas) {
    // COALESCE, so that NOT of an empty (NULL) list is true, as it is in memory.
    return {absl::StrCat("COALESCE(JSON_CONTAINS(", column, ", ?), 0) = 1"),
            {api::JsonString(text_)}};
  }
  const bool is_text = field_->cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
                       field_->cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
  return {absl::StrCat(column, " ", SqlOperator(operator_), " ?"),
          {is_text ? db::Value(text_) : db::Value(number_)}};
}

bool Condition::Holds(const Message& row) const {
  switch (kind_) {
    case Kind::kNot:
      return !children_.front().Holds(row);
    case Kind::kAnd:
      for (const Condition& child : children_) {
        if (!child.Holds(row)) return false;
      }
      return true;
    case Kind::kOr:
      for (const Condition& child : children_) {
        if (child.Holds(row)) return true;
      }
      return false;
    case Kind::kCompare:
      break;
  }
  if (operator_ == Operator::kHas) {
    const int size = row.GetReflection()->FieldSize(row, field_);
    for (int i = 0; i < size; ++i) {
      if (TextOf(row, field_, i) == text_) return true;
    }
    return false;
  }
  const bool is_text = field_->cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
                       field_->cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
  return is_text ? Compare(operator_, TextOf(row, field_), text_)
                 : Compare(operator_, IntegerOf(row, field_), number_);
}

}  // namespace chanyan::auth
