#include "services/registry/charge_rules.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/registry/unit_rules.h"

namespace chanyan::registry {
namespace {

constexpr int64_t kNanosOfFen = 10'000'000;
constexpr char kCny[] = "CNY";

// a / b, half up; neither is negative.
int64_t Rounded(int64_t a, int64_t b) { return (a + b / 2) / b; }

// 90 minutes are "1.5".
std::string HoursText(int64_t minutes) {
  return absl::StrFormat("%g", static_cast<double>(Rounded(minutes * 100, kMinutesOfHour)) / 100);
}

std::string MomentWithYear(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M", time, time::Shanghai());
}

int64_t AmountOf(v1::ChargeBasis basis, int64_t price_fen, int64_t quantity) {
  return basis == v1::CHARGE_BASIS_HOUR ? Rounded(price_fen * quantity, kMinutesOfHour)
                                        : price_fen * quantity;
}

std::string LineText(const v1::ChargeLine& line) {
  const std::string price = YuanText(FenOf(line.unit_price()));
  switch (line.basis()) {
    case v1::CHARGE_BASIS_HOUR:
      return absl::StrCat(HoursText(line.quantity()), "小时×", price, "/小时");
    case v1::CHARGE_BASIS_SAMPLE:
      return absl::StrCat(line.quantity(), "个样品×", price, "/样品");
    default:
      return absl::StrCat(line.quantity(), "次×", price, "/次");
  }
}

v1::ChargeLine LineOf(v1::ChargeBasis basis, const google::type::Money& price, int64_t minutes,
                      int64_t samples, int64_t step_minutes) {
  v1::ChargeLine line;
  line.set_basis(basis);
  *line.mutable_unit_price() = price;
  line.set_quantity(basis == v1::CHARGE_BASIS_HOUR     ? ChargedMinutes(minutes, step_minutes)
                    : basis == v1::CHARGE_BASIS_SAMPLE ? samples
                                                       : 1);
  *line.mutable_amount() = MoneyOf(AmountOf(basis, FenOf(price), line.quantity()));
  return line;
}

int64_t SumOf(const google::protobuf::RepeatedPtrField<v1::ChargeLine>& lines) {
  int64_t sum = 0;
  for (const v1::ChargeLine& line : lines) sum += FenOf(line.amount());
  return sum;
}

std::string SumText(const google::protobuf::RepeatedPtrField<v1::ChargeLine>& lines) {
  std::vector<std::string> parts;
  for (const v1::ChargeLine& line : lines) parts.push_back(LineText(line));
  return absl::StrCat(absl::StrJoin(parts, "＋"), "＝", YuanText(SumOf(lines)));
}

absl::StatusOr<absl::Time> FreeCancellation(const policy::Pack& pack,
                                            const v1::Instrument& instrument, absl::Time start) {
  const policy::v1::CancellationRule& rule = pack.proto().instrument_policy().cancellation();
  if (rule.free_until_case() == policy::v1::CancellationRule::kWorkdays) {
    CHANYAN_ASSIGN_OR_RETURN(
        const absl::CivilDay last,
        pack.calendar().AddWorkdays(time::DayOf(start), -static_cast<int>(rule.workdays())));
    return time::EndOfDay(last);
  }
  int64_t hours = rule.hours();
  if (rule.has_own_hours() && instrument.terms().has_free_cancellation_hours()) {
    hours = std::clamp<int64_t>(instrument.terms().free_cancellation_hours(),
                                rule.own_hours().least(), rule.own_hours().most());
  }
  return start - absl::Hours(hours);
}

int32_t LatePercent(const policy::Pack& pack, const v1::Instrument& instrument) {
  const policy::v1::CancellationRule& rule = pack.proto().instrument_policy().cancellation();
  if (!rule.has_own_percent() || !instrument.terms().has_late_cancellation_percent()) {
    return static_cast<int32_t>(rule.late_percent());
  }
  return std::clamp<int32_t>(instrument.terms().late_cancellation_percent(),
                             static_cast<int32_t>(rule.own_percent().least()),
                             static_cast<int32_t>(rule.own_percent().most()));
}

v1::Settlement ShareOf(const v1::Quote& quote, v1::SettlementKind kind, int64_t percent,
                       absl::string_view why, absl::Time now) {
  const int64_t total = FenOf(quote.total());
  const int64_t share = Rounded(total * percent, kPercent);
  v1::Settlement settlement;
  settlement.set_kind(kind);
  *settlement.mutable_total() = MoneyOf(share);
  settlement.set_derivation(
      absl::StrCat(why, "：报价", YuanText(total), "×", percent, "%＝", YuanText(share)));
  *settlement.mutable_settle_time() = time::ToTimestamp(now);
  return settlement;
}

}  // namespace

int64_t FenOf(const google::type::Money& money) {
  return money.units() * kFenOfYuan + money.nanos() / kNanosOfFen;
}

google::type::Money MoneyOf(int64_t fen) {
  google::type::Money money;
  money.set_currency_code(kCny);
  money.set_units(fen / kFenOfYuan);
  money.set_nanos(static_cast<int32_t>(fen % kFenOfYuan * kNanosOfFen));
  return money;
}

std::string YuanText(int64_t fen) {
  return absl::StrFormat("%d.%02d元", fen / kFenOfYuan, fen % kFenOfYuan);
}

std::string MoneyProblem(const google::type::Money& money) {
  if (money.currency_code() != kCny) return "应以人民币（CNY）计";
  if (money.units() < 0 || money.nanos() < 0) return "不能为负数";
  if (money.nanos() % kNanosOfFen != 0) return "最多精确到分";
  if (money.units() > kMaxYuan) return absl::StrCat("不能大于", kMaxYuan, "元");
  return "";
}

policy::v1::RequesterClass ClassOf(const v1::Instrument& instrument,
                                   const v1::Organization& requester) {
  if (requester.name() == instrument.organization()) return policy::v1::REQUESTER_CLASS_OWN;
  switch (requester.kind()) {
    case v1::ORGANIZATION_KIND_UNIVERSITY:
    case v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE:
      return policy::v1::REQUESTER_CLASS_ACADEMIC;
    case v1::ORGANIZATION_KIND_ENTERPRISE:
      return policy::v1::REQUESTER_CLASS_ENTERPRISE;
    default:
      return policy::v1::REQUESTER_CLASS_OTHER;
  }
}

const policy::v1::UserType* UserTypeOf(const policy::Pack& pack,
                                       policy::v1::RequesterClass requester_class) {
  for (const auto& type : pack.proto().instrument_policy().user_types()) {
    if (std::count(type.classes().begin(), type.classes().end(), requester_class) > 0) return &type;
  }
  return nullptr;
}

const policy::v1::UserType* FindUserType(const policy::Pack& pack, absl::string_view id) {
  for (const auto& type : pack.proto().instrument_policy().user_types()) {
    if (type.id() == id) return &type;
  }
  return nullptr;
}

std::vector<status::Violation> ChargeViolations(const policy::Pack& pack,
                                                const v1::Instrument& instrument) {
  std::vector<status::Violation> violations;
  std::set<std::pair<std::string, int>> seen;
  for (int i = 0; i < instrument.charges_size(); ++i) {
    const v1::Charge& charge = instrument.charges(i);
    const std::string place = absl::StrCat("charges[", i, "]");
    if (FindUserType(pack, charge.user_type()) == nullptr) {
      violations.push_back({absl::StrCat(place, ".user_type"),
                            absl::StrCat("“", charge.user_type(), "”不是本市的用户类型")});
    }
    if (const std::string wrong = MoneyProblem(charge.price()); !wrong.empty()) {
      violations.push_back({absl::StrCat(place, ".price"), absl::StrCat("单价", wrong)});
    }
    if (!seen.emplace(charge.user_type(), charge.basis()).second) {
      violations.push_back(
          {place, absl::StrCat("同一用户类型按", policy::LabelOf(charge.basis()), "的单价重复")});
    }
  }
  return violations;
}

int64_t ChargedMinutes(int64_t minutes, int64_t step_minutes) {
  return (minutes + step_minutes - 1) / step_minutes * step_minutes;
}

absl::StatusOr<v1::Quote> QuoteFor(const policy::Pack& pack, const v1::Instrument& instrument,
                                   const policy::v1::UserType& user_type, absl::Time start,
                                   int64_t minutes, int64_t samples) {
  const policy::v1::InstrumentPolicy& policy = pack.proto().instrument_policy();
  v1::Quote quote;
  quote.set_user_type_title(user_type.display_name());
  quote.set_step_minutes(static_cast<int32_t>(policy.charging().step_minutes()));
  for (const v1::Charge& charge : instrument.charges()) {
    if (charge.user_type() != user_type.id()) continue;
    *quote.add_lines() =
        LineOf(charge.basis(), charge.price(), minutes, samples, quote.step_minutes());
  }
  if (quote.lines().empty()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_RULE_VIOLATED,
        absl::StrCat("“", instrument.display_name(), "”没有面向“", user_type.display_name(),
                     "”的收费标准，请与联系人商定"));
  }
  CHANYAN_ASSIGN_OR_RETURN(const absl::Time free_until, FreeCancellation(pack, instrument, start));
  *quote.mutable_free_cancellation_time() = time::ToTimestamp(free_until);
  quote.set_late_cancellation_percent(LatePercent(pack, instrument));
  quote.set_no_show_percent(static_cast<int32_t>(policy.attendance().no_show_percent()));
  *quote.mutable_total() = MoneyOf(SumOf(quote.lines()));
  quote.set_pack_id(pack.id());
  quote.set_pack_version(pack.version());
  quote.set_derivation(absl::StrCat(
      user_type.display_name(), "：", SumText(quote.lines()), "（时间以", quote.step_minutes(),
      "分钟为单位计）；", MomentWithYear(free_until), "以前取消不收费，此后收取",
      quote.late_cancellation_percent(), "%，未到收取", quote.no_show_percent(), "%"));
  return quote;
}

v1::Settlement SettleUse(const v1::Quote& quote, int64_t used_minutes, int64_t samples,
                         absl::Time now) {
  v1::Settlement settlement;
  settlement.set_kind(v1::SETTLEMENT_KIND_USE);
  for (const v1::ChargeLine& line : quote.lines()) {
    *settlement.add_lines() =
        LineOf(line.basis(), line.unit_price(), used_minutes, samples, quote.step_minutes());
  }
  *settlement.mutable_total() = MoneyOf(SumOf(settlement.lines()));
  settlement.set_derivation(absl::StrCat("实际使用", used_minutes, "分钟、样品", samples, "个：",
                                         SumText(settlement.lines())));
  *settlement.mutable_settle_time() = time::ToTimestamp(now);
  return settlement;
}

v1::Settlement SettleCancellation(const v1::Quote& quote, absl::Time now) {
  const absl::Time free_until = time::ToTime(quote.free_cancellation_time());
  const bool late = time::IsPastDeadline(now, free_until);
  return ShareOf(quote, v1::SETTLEMENT_KIND_CANCELLATION,
                 late ? quote.late_cancellation_percent() : 0,
                 absl::StrCat(MomentWithYear(now), "取消，", late ? "晚于" : "不晚于",
                              MomentWithYear(free_until)),
                 now);
}

v1::Settlement SettleFree(absl::string_view why, absl::Time now) {
  v1::Settlement settlement;
  settlement.set_kind(v1::SETTLEMENT_KIND_CANCELLATION);
  *settlement.mutable_total() = MoneyOf(0);
  settlement.set_derivation(absl::StrCat(why, "，不收费"));
  *settlement.mutable_settle_time() = time::ToTimestamp(now);
  return settlement;
}

v1::Settlement SettleNoShow(const v1::Quote& quote, absl::Time now) {
  return ShareOf(quote, v1::SETTLEMENT_KIND_NO_SHOW, quote.no_show_percent(), "预约未到", now);
}

}  // namespace chanyan::registry
