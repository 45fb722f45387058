#include "services/registry/instrument_lines.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/api/fields.h"
#include "common/api/validate.h"
#include "common/sheet/cell_lines.h"
#include "common/sheet/cell_parse.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"

namespace chanyan::registry {
namespace {

using google::protobuf::FieldDescriptor;

constexpr char kClosuresField[] = "closures_text";
constexpr char kOwnTermsField[] = "own_terms_text";
constexpr absl::string_view kUntil = " 至 ";
constexpr absl::string_view kWideBar = "｜";
constexpr absl::string_view kClosureShape =
    "应写为“2025-05-01 至 2025-05-05 | 原因”，不足一天的写“2025-05-01 08:30 至 12:00 | 原因”";

std::string CounterOf(int number) { return absl::StrCat("第 ", number, " 项："); }

// --- Closures

bool IsMidnight(absl::Time time) { return time::StartOfDay(time::DayOf(time)) == time; }

std::string MinuteText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M", time, time::Shanghai());
}

std::string ClosureLine(const v1::Closure& closure) {
  const absl::Time begin = time::ToTime(closure.start_time());
  const absl::Time end = time::ToTime(closure.end_time());
  std::string span;
  if (IsMidnight(begin) && IsMidnight(end) && begin < end) {
    const absl::CivilDay first = time::DayOf(begin);
    const absl::CivilDay last = time::DayOf(end) - 1;
    span = time::FormatDate(first);
    if (first < last) absl::StrAppend(&span, kUntil, time::FormatDate(last));
  } else {
    span = absl::StrCat(MinuteText(begin), kUntil, MinuteText(end));
  }
  return absl::StrCat(span, sheet::kBetweenParts, closure.reason());
}

// Beginning and end as people write them, apart; a day alone is both.
std::pair<std::string, std::string> EndsOf(absl::string_view span) {
  const std::string one = absl::StrReplaceAll(
      span, {{"到", "至"}, {"～", "至"}, {"~", "至"}, {"—", "至"}, {"–", "至"}, {"：", ":"}});
  const std::pair<std::string, std::string> ends = absl::StrSplit(one, absl::MaxSplits("至", 1));
  std::string begin(absl::StripAsciiWhitespace(ends.first));
  std::string end(absl::StripAsciiWhitespace(ends.second));
  if (!absl::StrContains(one, "至")) return {begin, begin};
  const bool clock_alone = absl::StrContains(end, ":") && !absl::StrContains(end, " ") &&
                           end.find_first_not_of("0123456789:") == std::string::npos;
  // "2025-05-01 08:30 至 12:00".
  if (clock_alone) end = absl::StrCat(begin.substr(0, begin.find(' ')), " ", end);
  return {std::move(begin), std::move(end)};
}

// An end of a span as an instant; of a day alone its beginning, or its end if `whole`.
std::string ReadInstant(absl::string_view text, bool whole, google::protobuf::Timestamp* to) {
  absl::Time time;
  if (absl::StrContains(text, ":")) {
    absl::CivilSecond second;
    if (std::string problem = sheet::ParseDateTime(text, second); !problem.empty()) return problem;
    if (second.second() != 0) return "应精确到整分钟";
    time = absl::FromCivil(second, time::Shanghai());
  } else {
    absl::CivilDay day;
    if (std::string problem = sheet::ParseDate(text, day); !problem.empty()) return problem;
    time = time::StartOfDay(whole ? day + 1 : day);
  }
  *to = time::ToTimestamp(time);
  return "";
}

std::string ReadClosure(absl::string_view line, v1::Closure* closure) {
  // The first of either sign; a reason may have more of them.
  const size_t narrow = line.find('|');
  const size_t wide = line.find(kWideBar);
  const size_t bar = std::min(narrow, wide);
  absl::string_view reason;
  if (bar != absl::string_view::npos) {
    reason = line.substr(bar + (bar == narrow ? 1 : kWideBar.size()));
  }
  const auto [begin, end] = EndsOf(line.substr(0, bar));
  if (begin.empty() || end.empty()) return std::string(kClosureShape);
  std::string problem = ReadInstant(begin, /*whole=*/false, closure->mutable_start_time());
  if (problem.empty()) problem = ReadInstant(end, /*whole=*/true, closure->mutable_end_time());
  if (!problem.empty()) return absl::StrCat(problem, "；", kClosureShape);
  if (time::ToTime(closure->end_time()) <= time::ToTime(closure->start_time())) {
    return absl::StrCat("结束时间（", end, "）应晚于开始时间（", begin, "）");
  }
  closure->set_reason(std::string(absl::StripAsciiWhitespace(reason)));
  return "";
}

// --- Terms

const FieldDescriptor* LeadingTerm(absl::string_view* line) {
  const auto* type = v1::BookingTerms::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (absl::ConsumePrefix(line, api::LabelOf(type->field(i)))) return type->field(i);
  }
  return nullptr;
}

std::string TermNames() {
  std::vector<std::string> names;
  const auto* type = v1::BookingTerms::descriptor();
  for (int i = 0; i < type->field_count(); ++i) names.push_back(api::LabelOf(type->field(i)));
  return absl::StrJoin(names, "、");
}

// Reads "最短提前小时数 24" into the terms and answers what is wrong with it, or nothing.
std::string ReadTerm(absl::string_view line, v1::BookingTerms* terms) {
  absl::string_view rest = line;
  const FieldDescriptor* field = LeadingTerm(&rest);
  if (field == nullptr) {
    return absl::StrCat("“", line, "”不是预约规则；可填", TermNames(),
                        "，每行一项，如“最短提前小时数 24”");
  }
  const auto* reflection = terms->GetReflection();
  const std::string label = api::LabelOf(field);
  if (reflection->HasField(*terms, field)) return absl::StrCat("“", label, "”填了两次");
  rest = absl::StripAsciiWhitespace(rest);
  for (const absl::string_view sign : {"：", ":", "="}) absl::ConsumePrefix(&rest, sign);
  int64_t value = 0;
  if (std::string problem = sheet::ParseInteger(rest, value); !problem.empty()) {
    return absl::StrCat("“", label, "”：", problem);
  }
  if (value < 0 || value > std::numeric_limits<int32_t>::max()) {
    return absl::StrCat("“", label, "”超出范围");
  }
  reflection->SetInt32(terms, field, static_cast<int32_t>(value));
  for (const status::Violation& violation : api::Violations(*terms)) {
    if (violation.field == field->name()) return violation.description;
  }
  return "";
}

}  // namespace

std::string ClosuresText(const v1::Instrument& instrument) {
  return absl::StrJoin(instrument.closures(), "\n",
                       [](std::string* out, const v1::Closure& closure) {
                         absl::StrAppend(out, ClosureLine(closure));
                       });
}

std::string OwnTermsText(const v1::Instrument& instrument) {
  std::vector<std::string> lines;
  const v1::BookingTerms& terms = instrument.terms();
  const auto* type = v1::BookingTerms::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!terms.GetReflection()->HasField(terms, field)) continue;
    lines.push_back(
        absl::StrCat(api::LabelOf(field), " ", terms.GetReflection()->GetInt32(terms, field)));
  }
  return absl::StrJoin(lines, "\n");
}

std::vector<status::Violation> ReadClosures(absl::string_view text, v1::Instrument* instrument) {
  const std::vector<std::string> lines = sheet::LinesIn(text);
  if (lines == sheet::LinesIn(ClosuresText(*instrument))) return {};
  std::vector<status::Violation> violations =
      sheet::LineViolations<v1::Closure>(lines, kClosuresField, "项", ReadClosure);
  const auto* field = v1::Instrument::descriptor()->FindFieldByName("closures");
  const size_t most = api::FieldOptions(field).max_items();
  if (lines.size() > most) {
    violations.push_back({kClosuresField, absl::StrCat("停机时段最多 ", most, " 项，现有 ",
                                                       lines.size(), " 项；请删去较早的")});
  }
  if (violations.empty()) {
    sheet::ReadItems<v1::Closure>(lines, ReadClosure, instrument->mutable_closures());
  }
  return violations;
}

std::vector<status::Violation> ReadOwnTerms(absl::string_view text, v1::Instrument* instrument) {
  const std::string folded = absl::StrReplaceAll(text, {{"；", "\n"}, {";", "\n"}});
  const std::vector<std::string> lines = sheet::LinesIn(folded);
  if (lines == sheet::LinesIn(OwnTermsText(*instrument))) return {};
  std::vector<status::Violation> violations;
  v1::BookingTerms terms;
  int number = 0;
  for (const std::string& line : lines) {
    ++number;
    if (std::string problem = ReadTerm(absl::StripAsciiWhitespace(line), &terms);
        !problem.empty()) {
      violations.push_back({kOwnTermsField, absl::StrCat(CounterOf(number), problem)});
    }
  }
  if (!violations.empty()) return violations;
  if (lines.empty()) {
    instrument->clear_terms();
  } else {
    *instrument->mutable_terms() = std::move(terms);
  }
  return {};
}

}  // namespace chanyan::registry
