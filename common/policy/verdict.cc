#include "common/policy/verdict.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace chanyan::policy {
namespace {

using time::FormatDateZh;

// What one kind of rule found.
struct Finding {
  bool satisfied = false;
  std::string reason;
};

// Facts as a rule reads them; remembers which were read, since those go into the verdict.
class Reader {
 public:
  // Not `in_words`: nothing is remembered and no reason is written.
  Reader(const Facts& facts, bool in_words) : facts_(facts), in_words_(in_words) {}

  const std::vector<std::string>& Values(const std::string& name) {
    if (in_words_) read_.insert(name);
    return facts_.Values(name);
  }
  // The reason that `words` makes, if anybody asks for it.
  template <class Words>
  std::string Say(Words words) const {
    return in_words_ ? words() : std::string();
  }
  // The only value; empty when absent or more than one.
  std::string Single(const std::string& name) {
    const std::vector<std::string>& values = Values(name);
    return values.size() == 1 ? values.front() : "";
  }
  void WriteTo(v1::Verdict& verdict) const {
    for (const std::string& name : read_) {
      v1::Fact* fact = verdict.add_facts();
      fact->set_name(name);
      for (const std::string& value : facts_.Values(name)) {
        fact->add_values(value);
      }
    }
  }

 private:
  const Facts& facts_;
  const bool in_words_;
  std::set<std::string> read_;
};

// True and `day`, or false with why not in `finding`.
bool ReadDay(Reader& facts, const std::string& name, absl::CivilDay& day, Finding& finding) {
  const std::string value = facts.Single(name);
  if (value.empty()) {
    finding.reason = facts.Say([&] { return absl::StrCat("没有日期（", name, "）"); });
    return false;
  }
  const auto read = time::ParseDate(value);
  if (!read.ok()) {
    finding.reason =
        facts.Say([&] { return absl::StrCat(read.status().message(), "（", name, "）"); });
    return false;
  }
  day = *read;
  return true;
}

// The rule's figure, or the one that the resource brings, within the rule's bounds.
template <class CountRule>
int64_t FigureFrom(const CountRule& rule, uint32_t figure, Reader& facts) {
  int64_t own = 0;
  if (!rule.has_own() || !absl::SimpleAtoi(facts.Single(rule.own().fact()), &own)) return figure;
  return FigureOf(figure, rule.own(), own);
}

Finding Judge(const v1::MinimumCount& rule, Reader& facts) {
  const std::string value = facts.Single(rule.fact());
  const int64_t minimum = FigureFrom(rule, rule.minimum(), facts);
  int64_t count = 0;
  if (!absl::SimpleAtoi(value, &count)) {
    return {false, facts.Say([&] {
              return absl::StrCat("没有可读的数量（", rule.fact(), "），应不少于", minimum);
            })};
  }
  return {count >= minimum,
          facts.Say([&] { return absl::StrCat("现为", count, "，应不少于", minimum); })};
}

Finding Judge(const v1::MaximumCount& rule, Reader& facts) {
  const std::string value = facts.Single(rule.fact());
  const int64_t maximum = FigureFrom(rule, rule.maximum(), facts);
  int64_t count = 0;
  if (!absl::SimpleAtoi(value, &count)) {
    return {false, facts.Say([&] {
              return absl::StrCat("没有可读的数量（", rule.fact(), "），应不超过", maximum);
            })};
  }
  return {count <= maximum,
          facts.Say([&] { return absl::StrCat("现为", count, "，应不超过", maximum); })};
}

Finding Judge(const v1::MaximumAge& rule, Reader& facts) {
  Finding finding;
  absl::CivilDay day;
  absl::CivilDay as_of;
  // Both are read before either decides, so that the verdict always shows the same facts.
  const bool has_as_of = ReadDay(facts, rule.as_of_fact(), as_of, finding);
  const bool has_day = ReadDay(facts, rule.fact(), day, finding);
  if (!has_as_of || !has_day) {
    return finding;
  }
  const int64_t age = as_of - day;
  finding.satisfied = age <= int64_t{rule.max_days()};
  finding.reason = facts.Say([&] {
    return absl::StrCat(FormatDateZh(day), "至", FormatDateZh(as_of), "已", age, "天，应不超过",
                        rule.max_days(), "天");
  });
  return finding;
}

Finding Judge(const v1::RequiredFacts& rule, Reader& facts) {
  std::vector<std::string> missing;
  for (const v1::NamedFact& fact : rule.facts()) {
    if (facts.Values(fact.name()).empty()) {
      missing.push_back(fact.display_name());
    }
  }
  return {missing.empty(), facts.Say([&] {
            return missing.empty() ? std::string("应填内容齐全")
                                   : absl::StrCat("缺少", absl::StrJoin(missing, "、"));
          })};
}

Finding Judge(const v1::UniqueKey& rule, Reader& facts) {
  std::vector<std::string> key;
  std::vector<std::string> missing;
  for (const v1::NamedFact& fact : rule.key()) {
    const std::string value = facts.Single(fact.name());
    if (value.empty()) {
      missing.push_back(fact.display_name());
    }
    key.push_back(absl::StrCat(fact.display_name(), value));
  }
  const std::vector<std::string>& existing = facts.Values(rule.existing_fact());
  if (!missing.empty()) {
    return {false, facts.Say([&] {
              return absl::StrCat("缺少", absl::StrJoin(missing, "、"), "，无法判断是否重复");
            })};
  }
  if (!existing.empty()) {
    return {false, facts.Say([&] {
              return absl::StrCat(absl::StrJoin(key, "、"), "已有记录：",
                                  absl::StrJoin(existing, "、"), "，请在原记录上更新");
            })};
  }
  return {true, facts.Say([&] { return absl::StrCat(absl::StrJoin(key, "、"), "没有重复"); })};
}

Finding Judge(const Pack& pack, const v1::AllowedValues& rule, Reader& facts) {
  const std::vector<std::string>& values = facts.Values(rule.fact());
  std::vector<std::string> unknown;
  for (const std::string& value : values) {
    if (!pack.InList(rule.list(), value)) {
      unknown.push_back(absl::StrCat("“", value, "”"));
    }
  }
  if (!unknown.empty()) {
    return {false, facts.Say([&] {
              return absl::StrCat(absl::StrJoin(unknown, "、"), "不在规定范围内，请从清单中选择");
            })};
  }
  if (values.size() < rule.minimum()) {
    return {false, facts.Say([&] {
              return absl::StrCat("已选", values.size(), "项，至少应选", rule.minimum(), "项");
            })};
  }
  return {true,
          facts.Say([&] { return absl::StrCat("已选", values.size(), "项，均在规定范围内"); })};
}

Finding Judge(const v1::LatestDate& rule, Reader& facts) {
  Finding finding;
  absl::CivilDay day;
  if (!ReadDay(facts, rule.fact(), day, finding)) {
    return finding;
  }
  const absl::CivilDay last(rule.date().year(), rule.date().month(), rule.date().day());
  absl::CivilDay on_record;
  if (!rule.on_record_fact().empty() && !facts.Single(rule.on_record_fact()).empty()) {
    if (!ReadDay(facts, rule.on_record_fact(), on_record, finding)) return finding;
    if (on_record >= last) {
      return {true, facts.Say([&] {
                return absl::StrCat(FormatDateZh(on_record), "建档，", FormatDateZh(last),
                                    "的期限只适用于此前已建档的");
              })};
    }
  }
  finding.satisfied = day <= last;
  finding.reason = facts.Say(
      [&] { return absl::StrCat("日期为", FormatDateZh(day), "，应不晚于", FormatDateZh(last)); });
  return finding;
}

Finding Judge(const Pack& pack, const v1::Rule& rule, Reader& facts) {
  switch (rule.parameters_case()) {
    case v1::Rule::kMinimumCount:
      return Judge(rule.minimum_count(), facts);
    case v1::Rule::kMaximumAge:
      return Judge(rule.maximum_age(), facts);
    case v1::Rule::kRequiredFacts:
      return Judge(rule.required_facts(), facts);
    case v1::Rule::kUniqueKey:
      return Judge(rule.unique_key(), facts);
    case v1::Rule::kAllowedValues:
      return Judge(pack, rule.allowed_values(), facts);
    case v1::Rule::kLatestDate:
      return Judge(rule.latest_date(), facts);
    case v1::Rule::kMaximumCount:
      return Judge(rule.maximum_count(), facts);
    case v1::Rule::PARAMETERS_NOT_SET:
      break;
  }
  return {false, "规则没有参数，无法判断"};
}

v1::Verdict* FindVerdict(v1::Verdicts& verdicts, absl::string_view rule_id) {
  for (v1::Verdict& verdict : *verdicts.mutable_verdicts()) {
    if (verdict.rule_id() == rule_id) {
      return &verdict;
    }
  }
  return nullptr;
}

// Characters (code points) of UTF-8 text.
size_t Characters(absl::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; });
}

}  // namespace

Facts& Facts::Set(absl::string_view name, absl::string_view value) {
  values_.erase(std::string(name));
  return Add(name, value);
}

Facts& Facts::SetNumber(absl::string_view name, int64_t value) {
  return Set(name, absl::StrCat(value));
}

Facts& Facts::SetDate(absl::string_view name, absl::CivilDay value) {
  return Set(name, time::FormatDate(value));
}

Facts& Facts::Add(absl::string_view name, absl::string_view value) {
  if (absl::StripAsciiWhitespace(value).empty()) {
    return *this;
  }
  std::vector<std::string>& values = values_[std::string(name)];
  const auto at = std::lower_bound(values.begin(), values.end(), value);
  if (at == values.end() || *at != value) {
    values.insert(at, std::string(value));
  }
  return *this;
}

const std::vector<std::string>& Facts::Values(absl::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto it = values_.find(std::string(name));
  return it == values_.end() ? kNone : it->second;
}

int64_t FigureOf(uint32_t figure, const v1::OwnFigure& bounds, std::optional<int64_t> own) {
  if (bounds.fact().empty() || !own.has_value()) return figure;
  return std::clamp(*own, int64_t{bounds.least()}, int64_t{bounds.most()});
}

v1::Verdict Evaluate(const Pack& pack, const v1::Rule& rule, const Facts& facts) {
  Reader reader(facts, /*in_words=*/true);
  const Finding finding = Judge(pack, rule, reader);
  v1::Verdict verdict;
  verdict.set_rule_id(rule.id());
  verdict.set_outcome(finding.satisfied ? v1::OUTCOME_SATISFIED : v1::OUTCOME_NOT_SATISFIED);
  verdict.set_strength(rule.strength());
  reader.WriteTo(verdict);
  *verdict.mutable_clause() = rule.clause();
  verdict.set_reason(absl::StrCat(rule.display_name(), "：", finding.reason));
  return verdict;
}

v1::Verdicts Evaluate(const Pack& pack, v1::Decision decision, const Facts& facts) {
  v1::Verdicts verdicts;
  verdicts.set_pack_id(pack.id());
  verdicts.set_pack_version(pack.version());
  for (const v1::Rule* rule : pack.RulesFor(decision)) {
    *verdicts.add_verdicts() = Evaluate(pack, *rule, facts);
  }
  return verdicts;
}

bool IsSatisfied(const Pack& pack, v1::Decision decision, const Facts& facts) {
  const std::vector<const v1::Rule*>& rules = pack.RulesFor(decision);
  return std::all_of(rules.begin(), rules.end(), [&](const v1::Rule* rule) {
    Reader reader(facts, /*in_words=*/false);
    return Judge(pack, *rule, reader).satisfied;
  });
}

absl::Status ApplyOverride(const Pack& pack, absl::string_view rule_id, options::v1::Role role,
                           absl::string_view reason, v1::Verdicts& verdicts) {
  const v1::Rule* rule = pack.FindRule(rule_id);
  v1::Verdict* verdict = FindVerdict(verdicts, rule_id);
  if (rule == nullptr || verdict == nullptr) {
    return status::NotFound(absl::StrCat("规则 ", rule_id));
  }
  if (rule->strength() != v1::STRENGTH_SOFT) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_RULE_VIOLATED,
        absl::StrCat("“", rule->display_name(), "”是强制规定，任何人不得批准例外"));
  }
  if (verdict->outcome() != v1::OUTCOME_NOT_SATISFIED) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("“", rule->display_name(), "”已经符合或已批准例外，无需再批准"));
  }
  if (std::find(rule->override_roles().begin(), rule->override_roles().end(), role) ==
      rule->override_roles().end()) {
    return status::PermissionDenied(
        absl::StrCat("您的角色无权对“", rule->display_name(), "”批准例外"));
  }
  if (absl::StripAsciiWhitespace(reason).empty()) {
    return status::InvalidField("override.reason", "批准例外应写明理由");
  }
  if (Characters(reason) > kMaxOverrideReasonChars) {
    return status::InvalidField("override.reason",
                                absl::StrCat("理由不应超过", kMaxOverrideReasonChars, "字"));
  }
  verdict->set_outcome(v1::OUTCOME_OVERRIDDEN);
  verdict->mutable_override()->set_role(role);
  verdict->mutable_override()->set_reason(std::string(reason));
  return absl::OkStatus();
}

absl::Status SetAside(const Pack& pack, const std::vector<options::v1::Role>& roles,
                      absl::string_view reason, v1::Verdicts& verdicts) {
  if (reason.empty()) return absl::OkStatus();
  std::vector<std::string> failed;
  for (const v1::Verdict& verdict : verdicts.verdicts()) {
    if (verdict.strength() == v1::STRENGTH_SOFT && verdict.outcome() == v1::OUTCOME_NOT_SATISFIED) {
      failed.push_back(verdict.rule_id());
    }
  }
  for (const std::string& rule_id : failed) {
    const v1::Rule* rule = pack.FindRule(rule_id);
    auto role = options::v1::ROLE_UNSPECIFIED;
    for (const auto one : roles) {
      if (rule == nullptr) break;
      const auto& may = rule->override_roles();
      if (role == options::v1::ROLE_UNSPECIFIED &&
          std::find(may.begin(), may.end(), one) != may.end()) {
        role = one;
      }
    }
    CHANYAN_RETURN_IF_ERROR(ApplyOverride(pack, rule_id, role, reason, verdicts));
  }
  return absl::OkStatus();
}

namespace {

// The verdicts that failed, `hard` ones alone or all, as one refusal.
absl::Status Refuse(const v1::Verdicts& verdicts, bool hard_only) {
  std::vector<std::string> failures;
  for (const v1::Verdict& verdict : verdicts.verdicts()) {
    if (verdict.outcome() == v1::OUTCOME_SATISFIED || verdict.outcome() == v1::OUTCOME_OVERRIDDEN) {
      continue;
    }
    if (hard_only && verdict.strength() == v1::STRENGTH_SOFT) continue;
    failures.push_back(absl::StrCat(
        verdict.reason(), "（", verdict.clause().document(), verdict.clause().article(), "，",
        verdict.strength() == v1::STRENGTH_SOFT ? "原则性规定，可由有权角色说明理由后批准例外"
                                                : "强制规定",
        "）"));
  }
  if (failures.empty()) {
    return absl::OkStatus();
  }
  absl::Status status =
      status::FailedPrecondition(options::v1::ERROR_REASON_RULE_VIOLATED,
                                 absl::StrCat("不符合规定：", absl::StrJoin(failures, "；")));
  status::SetDetail(status, verdicts);
  return status;
}

}  // namespace

absl::Status RequireSatisfied(const v1::Verdicts& verdicts) {
  return Refuse(verdicts, /*hard_only=*/false);
}

absl::Status RequireHard(const v1::Verdicts& verdicts) {
  return Refuse(verdicts, /*hard_only=*/true);
}

bool HasHardFailure(const v1::Verdicts& verdicts) {
  return std::any_of(verdicts.verdicts().begin(), verdicts.verdicts().end(),
                     [](const v1::Verdict& verdict) {
                       return verdict.strength() != v1::STRENGTH_SOFT &&
                              verdict.outcome() == v1::OUTCOME_NOT_SATISFIED;
                     });
}

std::string Encode(const v1::Verdicts& verdicts) {
  std::string out;
  {
    google::protobuf::io::StringOutputStream stream(&out);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    verdicts.SerializeToCodedStream(&coded);
  }
  return out;
}

}  // namespace chanyan::policy
