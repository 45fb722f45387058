#include "common/api/filter.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/api/text.h"
#include "common/status/status.h"

namespace chanyan::api {
namespace {

absl::Status Wrong(absl::string_view text, size_t at, absl::string_view what) {
  const int64_t column = CodePoints(text.substr(0, at)) + 1;
  return status::InvalidField("filter", absl::StrFormat("第 %d 个字符处：%s", column, what),
                              options::v1::ERROR_REASON_INVALID_FILTER);
}

// Of a name or a literal without quotes.
bool IsWord(char c) {
  return absl::ascii_isalnum(c) || static_cast<unsigned char>(c) >= 0x80 || c == '_' || c == '-' ||
         c == '.' || c == '/' || c == '~' || c == '+' || c == '*' || c == '@' || c == '%';
}

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<Filter> Whole() {
    Skip();
    if (at_ == text_.size()) return Filter{};
    CHANYAN_ASSIGN_OR_RETURN(Filter filter, Conjunction(0));
    if (at_ == text_.size()) return filter;
    if (text_[at_] == ')') return Wrong(text_, at_, "多余的右括号");
    return Wrong(text_, at_, "条件之间请用 AND 或 OR 连接");
  }

 private:
  using Part = absl::StatusOr<Filter> (Parser::*)(int depth);

  absl::StatusOr<Filter> Conjunction(int depth) {
    return Joined("AND", Filter::Kind::kAnd, &Parser::Disjunction, depth);
  }
  absl::StatusOr<Filter> Disjunction(int depth) {
    return Joined("OR", Filter::Kind::kOr, &Parser::Term, depth);
  }

  absl::StatusOr<Filter> Joined(absl::string_view word, Filter::Kind kind, Part part, int depth) {
    CHANYAN_ASSIGN_OR_RETURN(Filter first, (this->*part)(depth));
    if (!Peek(word)) return first;
    Filter joined;
    joined.kind = kind;
    joined.children.push_back(std::move(first));
    while (Take(word)) {
      CHANYAN_ASSIGN_OR_RETURN(Filter next, (this->*part)(depth));
      joined.children.push_back(std::move(next));
    }
    return joined;
  }

  absl::StatusOr<Filter> Term(int depth) {
    Skip();
    if (depth > kMaxFilterDepth) {
      return Wrong(text_, at_, absl::StrFormat("括号和否定嵌套超过 %d 层", kMaxFilterDepth));
    }
    if (Take("NOT") || TakeSign('-')) {
      CHANYAN_ASSIGN_OR_RETURN(Filter inner, Term(depth + 1));
      Filter negation;
      negation.kind = Filter::Kind::kNot;
      negation.children.push_back(std::move(inner));
      return negation;
    }
    if (TakeSign('(')) {
      const size_t open = at_ - 1;
      CHANYAN_ASSIGN_OR_RETURN(Filter inner, Conjunction(depth + 1));
      Skip();
      if (!TakeSign(')')) return Wrong(text_, open, "左括号没有对应的右括号");
      return inner;
    }
    return Comparison();
  }

  absl::StatusOr<Filter> Comparison() {
    if (++terms_ > kMaxFilterTerms) {
      return Wrong(text_, at_, absl::StrFormat("条件最多 %d 个", kMaxFilterTerms));
    }
    Filter filter;
    filter.kind = Filter::Kind::kCompare;
    filter.field_column = Column();
    const size_t start = at_;
    while (at_ < text_.size() &&
           (absl::ascii_isalnum(text_[at_]) || text_[at_] == '_' || text_[at_] == '.')) {
      ++at_;
    }
    filter.field_name = std::string(text_.substr(start, at_ - start));
    if (filter.field_name.empty()) return Wrong(text_, start, "这里应为字段名");
    Skip();
    const size_t op_at = at_;
    if (!Operator(&filter.op)) {
      return Wrong(text_, op_at,
                   absl::StrCat("“", filter.field_name, "”之后应为 = != < <= > >= 或 :"));
    }
    Skip();
    filter.literal_column = Column();
    CHANYAN_RETURN_IF_ERROR(Literal(&filter));
    Skip();
    return filter;
  }

  bool Operator(FilterOp* op) {
    static constexpr struct {
      absl::string_view text;
      FilterOp op;
    } kOperators[] = {{"!=", FilterOp::kNe}, {"<=", FilterOp::kLe}, {">=", FilterOp::kGe},
                      {"=", FilterOp::kEq},  {"<", FilterOp::kLt},  {">", FilterOp::kGt},
                      {":", FilterOp::kHas}};
    for (const auto& candidate : kOperators) {
      if (text_.substr(at_, candidate.text.size()) == candidate.text) {
        at_ += candidate.text.size();
        *op = candidate.op;
        return true;
      }
    }
    return false;
  }

  absl::Status Literal(Filter* filter) {
    if (at_ == text_.size()) return Wrong(text_, at_, "缺少要比较的值");
    if (text_[at_] == '"' || text_[at_] == '\'') {
      filter->quoted = true;
      return QuotedText(&filter->literal);
    }
    const size_t start = at_;
    // A time has colons, though a colon is an operator elsewhere.
    while (at_ < text_.size() && (IsWord(text_[at_]) || (text_[at_] == ':' && at_ > start))) ++at_;
    filter->literal = std::string(text_.substr(start, at_ - start));
    if (filter->literal.empty()) {
      return Wrong(text_, start, "这里应为要比较的值；含空格或符号的文字请加引号");
    }
    return absl::OkStatus();
  }

  absl::Status QuotedText(std::string* out) {
    const size_t open = at_;
    const char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\') {
        ++at_;
        if (at_ == text_.size() ||
            (text_[at_] != '\\' && text_[at_] != '"' && text_[at_] != '\'')) {
          return Wrong(text_, at_ - 1, "反斜杠之后只能是引号或反斜杠");
        }
      }
      *out += text_[at_++];
    }
    if (at_ == text_.size()) return Wrong(text_, open, "引号没有结束");
    ++at_;
    return absl::OkStatus();
  }

  void Skip() {
    while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) ++at_;
  }
  // The keyword, as a whole word.
  bool Peek(absl::string_view word) {
    Skip();
    const size_t end = at_ + word.size();
    return text_.substr(at_, word.size()) == word &&
           (end == text_.size() || !IsWord(text_[end]) || text_[end] == '-');
  }
  bool Take(absl::string_view word) {
    if (!Peek(word)) return false;
    at_ += word.size();
    return true;
  }
  bool TakeSign(char sign) {
    if (at_ == text_.size() || text_[at_] != sign) return false;
    ++at_;
    return true;
  }
  int Column() const { return static_cast<int>(CodePoints(text_.substr(0, at_))) + 1; }

  const absl::string_view text_;
  size_t at_ = 0;
  int terms_ = 0;
};

}  // namespace

absl::StatusOr<Filter> ParseFilter(absl::string_view text) {
  if (text.size() > kMaxFilterLength) {
    return status::InvalidField("filter", absl::StrFormat("最长 %d 字节", kMaxFilterLength),
                                options::v1::ERROR_REASON_INVALID_FILTER);
  }
  if (CodePoints(text) < 0 || text.find('\0') != absl::string_view::npos) {
    return status::InvalidField("filter", "不是有效的 UTF-8 文本",
                                options::v1::ERROR_REASON_INVALID_FILTER);
  }
  return Parser(text).Whole();
}

}  // namespace chanyan::api
