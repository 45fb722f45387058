#include "services/registry/instrument_rules.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/charge_rules.h"
#include "services/registry/instrument_text_rules.h"
#include "services/registry/opening_rules.h"
#include "services/registry/unit_rules.h"

namespace chanyan::registry {
namespace {

// A figure of BookingTerms, the fact that a rule measures with it, and the fact that carries it.
struct OwnTerm {
  absl::string_view fact;
  absl::string_view own_fact;
  absl::string_view field;
  absl::string_view label;
  bool (v1::BookingTerms::*has)() const;
  int32_t (v1::BookingTerms::*get)() const;
};
constexpr OwnTerm kTerms[] = {
    {kNoticeHours, "own_notice_hours", "terms.notice_hours", "最短提前小时数",
     &v1::BookingTerms::has_notice_hours, &v1::BookingTerms::notice_hours},
    {kNoticeWorkdays, "own_notice_workdays", "terms.notice_workdays", "最短提前工作日数",
     &v1::BookingTerms::has_notice_workdays, &v1::BookingTerms::notice_workdays},
    {kBookedMinutes, "own_longest_minutes", "terms.longest_minutes", "单次最长分钟数",
     &v1::BookingTerms::has_longest_minutes, &v1::BookingTerms::longest_minutes},
    {kAdvanceDays, "own_advance_days", "terms.advance_days", "最早提前天数",
     &v1::BookingTerms::has_advance_days, &v1::BookingTerms::advance_days},
};

// The rule's bounds for figures of one's own; null where it is no rule of this fact.
const policy::v1::OwnFigure* BoundsOf(const policy::v1::Rule& rule, absl::string_view fact) {
  if (rule.has_minimum_count() && rule.minimum_count().fact() == fact) {
    return &rule.minimum_count().own();
  }
  if (rule.has_maximum_count() && rule.maximum_count().fact() == fact) {
    return &rule.maximum_count().own();
  }
  return nullptr;
}

void OutOfBounds(absl::string_view field, absl::string_view label, int64_t value, int64_t least,
                 int64_t most, std::vector<status::Violation>* out) {
  if (least <= value && value <= most) return;
  out->push_back({std::string(field), absl::StrCat("“", label, "”应在", least, "到", most,
                                                   "之间（本市政策包的范围）")});
}

void NotOwn(absl::string_view field, absl::string_view label, std::vector<status::Violation>* out) {
  out->push_back({std::string(field), absl::StrCat("本市统一规定“", label, "”，不能自定，请留空")});
}

void TermsViolations(const policy::Pack& pack, const v1::BookingTerms& terms,
                     std::vector<status::Violation>* out) {
  for (const OwnTerm& term : kTerms) {
    if (!(terms.*term.has)()) continue;
    const policy::v1::OwnFigure* bounds = nullptr;
    for (const policy::v1::Rule* rule : pack.RulesFor(policy::v1::DECISION_BOOKING_CREATE)) {
      const policy::v1::OwnFigure* found = BoundsOf(*rule, term.fact);
      if (found != nullptr && found->fact() == term.own_fact) bounds = found;
    }
    if (bounds == nullptr) {
      NotOwn(term.field, term.label, out);
    } else {
      OutOfBounds(term.field, term.label, (terms.*term.get)(), bounds->least(), bounds->most(),
                  out);
    }
  }
  const policy::v1::CancellationRule& rule = pack.proto().instrument_policy().cancellation();
  const auto check = [&](bool is_set, bool allowed, const policy::v1::Bounds& bounds, int64_t value,
                         absl::string_view field, absl::string_view label) {
    if (!is_set) return;
    if (!allowed) return NotOwn(field, label, out);
    OutOfBounds(field, label, value, bounds.least(), bounds.most(), out);
  };
  check(terms.has_free_cancellation_hours(), rule.has_own_hours(), rule.own_hours(),
        terms.free_cancellation_hours(), "terms.free_cancellation_hours", "免费取消提前小时数");
  check(terms.has_late_cancellation_percent(), rule.has_own_percent(), rule.own_percent(),
        terms.late_cancellation_percent(), "terms.late_cancellation_percent", "逾期取消收费比例");
}

std::optional<int64_t> OwnFigureOf(const v1::BookingTerms& terms, absl::string_view fact) {
  for (const OwnTerm& term : kTerms) {
    if (term.fact == fact && (terms.*term.has)()) return (terms.*term.get)();
  }
  return std::nullopt;
}

// "8小时", "90分钟".
std::string LengthText(int64_t minutes) {
  return minutes % kMinutesOfHour == 0 ? absl::StrCat(minutes / kMinutesOfHour, "小时")
                                       : absl::StrCat(minutes, "分钟");
}

std::string CancellationText(const policy::Pack& pack, const v1::BookingTerms& terms) {
  const policy::v1::CancellationRule& rule = pack.proto().instrument_policy().cancellation();
  const int64_t percent = rule.has_own_percent() && terms.has_late_cancellation_percent()
                              ? terms.late_cancellation_percent()
                              : rule.late_percent();
  if (rule.free_until_case() == policy::v1::CancellationRule::kWorkdays) {
    return absl::StrCat("开始前第", rule.workdays(), "个工作日结束前取消不收费，此后收取", percent,
                        "%");
  }
  const int64_t hours = rule.has_own_hours() && terms.has_free_cancellation_hours()
                            ? terms.free_cancellation_hours()
                            : rule.hours();
  return absl::StrCat("开始前", hours, "小时以前取消不收费，此后收取", percent, "%");
}

}  // namespace

void Normalize(const policy::Pack& pack, v1::Instrument* instrument) {
  auto* hours = instrument->mutable_hours();
  std::stable_sort(
      hours->begin(), hours->end(), [](const v1::OpeningHours& a, const v1::OpeningHours& b) {
        return std::pair(a.day(), a.start_minute()) < std::pair(b.day(), b.start_minute());
      });
  const auto& types = pack.proto().instrument_policy().user_types();
  const auto rank = [&](const v1::Charge& charge) {
    const auto at = std::find_if(types.begin(), types.end(),
                                 [&](const auto& type) { return type.id() == charge.user_type(); });
    return std::pair(std::distance(types.begin(), at), static_cast<int>(charge.basis()));
  };
  auto* charges = instrument->mutable_charges();
  std::stable_sort(charges->begin(), charges->end(),
                   [&](const v1::Charge& a, const v1::Charge& b) { return rank(a) < rank(b); });
}

void KeepOpening(const v1::Instrument& before, absl::Time now, v1::Instrument* after) {
  if (!before.has_open_time()) return;
  v1::OpeningPeriod past;
  *past.mutable_hours() = before.hours();
  past.set_closed_on_holidays(before.closed_on_holidays());
  v1::OpeningPeriod present;
  *present.mutable_hours() = after->hours();
  present.set_closed_on_holidays(after->closed_on_holidays());
  if (google::protobuf::util::MessageDifferencer::Equals(past, present)) return;
  *past.mutable_end_time() = time::ToTimestamp(now);
  *after->add_past_openings() = std::move(past);
}

std::vector<status::Violation> InstrumentViolations(const policy::Pack& pack,
                                                    const v1::Instrument& instrument,
                                                    absl::CivilDay today) {
  std::vector<status::Violation> violations = OpeningViolations(instrument);
  for (status::Violation& violation : ChargeViolations(pack, instrument)) {
    violations.push_back(std::move(violation));
  }
  if (instrument.has_terms()) TermsViolations(pack, instrument.terms(), &violations);
  if (instrument.has_purchase_date()) {
    const auto day = time::ToCivilDay(instrument.purchase_date());
    if (day.ok() && *day > today) violations.push_back({"purchase_date", "购置日期不能晚于今天"});
  }
  if (instrument.has_original_price()) {
    const std::string wrong = MoneyProblem(instrument.original_price());
    if (!wrong.empty()) violations.push_back({"original_price", absl::StrCat("原值", wrong)});
  }
  return violations;
}

policy::v1::Verdicts OpenVerdicts(const policy::Pack& pack, const v1::Instrument& instrument) {
  policy::Facts facts;
  facts.Set("instrument", instrument.name());
  facts.Set("platform", instrument.platform());
  facts.Set("maker", instrument.maker());
  facts.Set("model", instrument.model());
  facts.Set("department", instrument.department());
  facts.Set("room", instrument.room());
  facts.Set("access_conditions", instrument.access_conditions());
  facts.Set("booking_mode", policy::LabelOf(instrument.booking_mode()));
  facts.Set("opening_hours", HoursText(instrument));
  facts.Set("charges", ChargesText(pack, instrument));
  // Who can be reached; the telephone number itself is no fact to keep.
  if (!instrument.contact_phone().empty() || !instrument.contact_email().empty()) {
    facts.Set("contact", instrument.contact_person());
  }
  return policy::Evaluate(pack, policy::v1::DECISION_INSTRUMENT_OPEN, facts);
}

absl::Status RejudgeOpening(const policy::Pack& pack, const v1::Instrument& stored,
                            v1::Instrument* wanted) {
  if (stored.state() == v1::INSTRUMENT_STATE_DRAFT ||
      google::protobuf::util::MessageDifferencer::Equals(stored, *wanted)) {
    return absl::OkStatus();
  }
  policy::v1::Verdicts verdicts = OpenVerdicts(pack, *wanted);
  if (policy::HasHardFailure(verdicts)) return policy::RequireSatisfied(verdicts);
  for (const policy::v1::Verdict& earlier : stored.open_verdicts().verdicts()) {
    if (earlier.outcome() != policy::v1::OUTCOME_OVERRIDDEN) continue;
    // Refused where there is nothing to set aside any more.
    policy::ApplyOverride(pack, earlier.rule_id(), earlier.override().role(),
                          earlier.override().reason(), verdicts)
        .IgnoreError();
  }
  *wanted->mutable_open_verdicts() = std::move(verdicts);
  return absl::OkStatus();
}

void AddOwnFigures(const v1::BookingTerms& terms, policy::Facts* facts) {
  for (const OwnTerm& term : kTerms) {
    if ((terms.*term.has)()) facts->SetNumber(term.own_fact, (terms.*term.get)());
  }
}

std::optional<int64_t> FigureFor(const policy::Pack& pack, const v1::Instrument& instrument,
                                 absl::string_view fact) {
  const std::optional<int64_t> own = OwnFigureOf(instrument.terms(), fact);
  std::optional<int64_t> figure;
  for (const policy::v1::Rule* rule : pack.RulesFor(policy::v1::DECISION_BOOKING_CREATE)) {
    const policy::v1::OwnFigure* bounds = BoundsOf(*rule, fact);
    if (bounds == nullptr) continue;
    if (rule->has_minimum_count()) {
      const int64_t one = policy::FigureOf(rule->minimum_count().minimum(), *bounds, own);
      figure = std::max(figure.value_or(one), one);
    } else {
      const int64_t one = policy::FigureOf(rule->maximum_count().maximum(), *bounds, own);
      figure = std::min(figure.value_or(one), one);
    }
  }
  return figure;
}

std::string TermsText(const policy::Pack& pack, const v1::Instrument& instrument) {
  if (!pack.proto().has_instrument_policy()) return "";
  if (instrument.booking_mode() == v1::BOOKING_MODE_CONTACT) return "请电话联系";
  std::vector<std::string> parts;
  if (const auto hours = FigureFor(pack, instrument, kNoticeHours); hours.value_or(0) > 0) {
    parts.push_back(absl::StrCat("提前", *hours, "小时预约"));
  }
  if (const auto days = FigureFor(pack, instrument, kNoticeWorkdays); days.value_or(0) > 0) {
    parts.push_back(absl::StrCat("提前", *days, "个工作日预约"));
  }
  if (const auto minutes = FigureFor(pack, instrument, kBookedMinutes)) {
    parts.push_back(absl::StrCat("单次最长", LengthText(*minutes)));
  }
  if (const auto days = FigureFor(pack, instrument, kAdvanceDays)) {
    parts.push_back(absl::StrCat("最早提前", *days, "天"));
  }
  parts.push_back(CancellationText(pack, instrument.terms()));
  parts.push_back(absl::StrCat(
      "未到收取", pack.proto().instrument_policy().attendance().no_show_percent(), "%"));
  return absl::StrJoin(parts, "；");
}

}  // namespace chanyan::registry
