#include "services/pairing/outcome_rules.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/time/civil.h"
#include "services/pairing/document_rules.h"

namespace chanyan::pairing {
namespace {

using Violations = std::vector<status::Violation>;

constexpr size_t kNanoDigits = 9;

void CheckMeasure(const policy::v1::OutcomeKind& kind, const v1::Outcome& outcome,
                  Violations* out) {
  const std::string& name = kind.display_name();
  if (kind.measure() == policy::v1::OUTCOME_MEASURE_MONEY) {
    if (outcome.quantity() != 0) {
      out->push_back({"quantity", absl::StrCat("“", name, "”按金额填写，不填数量")});
    }
    if (!outcome.has_amount()) {
      out->push_back({"amount", absl::StrCat("“", name, "”须填写金额")});
      return;
    }
    std::string problem = MoneyProblem(outcome.amount());
    if (problem.empty() && outcome.amount().units() == 0 && outcome.amount().nanos() == 0) {
      problem = "金额应大于0";
    }
    if (!problem.empty()) out->push_back({"amount", problem});
    return;
  }
  if (outcome.has_amount()) {
    out->push_back({"amount", absl::StrCat("“", name, "”按数量填写，不填金额")});
  }
  if (outcome.quantity() <= 0) {
    out->push_back(
        {"quantity", absl::StrCat("“", name, "”须填写数量（", kind.unit(), "），应大于0")});
  }
}

void CheckPeriod(const v1::Outcome& outcome, absl::CivilDay today, Violations* out) {
  const auto first = time::ToCivilDay(outcome.period_first());
  const auto last = time::ToCivilDay(outcome.period_last());
  if (!first.ok() || !last.ok()) return;
  if (*last < *first) out->push_back({"period_last", "截止日期早于起始日期"});
  if (*last > today) out->push_back({"period_last", "截止日期不能晚于今天"});
}

}  // namespace

const policy::v1::OutcomeKind* FindOutcomeKindByName(const policy::Pack& pack,
                                                     absl::string_view name) {
  for (const policy::v1::OutcomeKind& kind : pack.proto().outcome_kinds()) {
    if (kind.display_name() == name) return &kind;
  }
  return nullptr;
}

std::vector<status::Violation> OutcomeViolations(const policy::Pack& pack,
                                                 const v1::Outcome& outcome, absl::CivilDay today) {
  Violations violations;
  const policy::v1::OutcomeKind* kind = FindOutcomeKindByName(pack, outcome.kind());
  if (kind == nullptr) {
    std::vector<std::string> names;
    for (const auto& one : pack.proto().outcome_kinds()) names.push_back(one.display_name());
    violations.push_back({"kind", absl::StrCat("“", outcome.kind(), "”不在成效类别中，应为",
                                               absl::StrJoin(names, "、"), "之一")});
  } else {
    CheckMeasure(*kind, outcome, &violations);
    if (kind->reference_required() && outcome.reference().empty()) {
      violations.push_back(
          {"reference", absl::StrCat("“", kind->display_name(), "”须填写证书或文件编号")});
    }
  }
  CheckPeriod(outcome, today, &violations);
  if (outcome.evidence().empty()) {
    violations.push_back({"evidence", "请至少附一份佐证材料"});
  }
  for (status::Violation& violation : DocumentViolations(outcome.evidence(), "evidence")) {
    violations.push_back(std::move(violation));
  }
  return violations;
}

bool MayAct(const v1::Outcome& outcome, absl::string_view verb, absl::string_view organization) {
  if (organization.empty()) return false;
  const bool side = organization == outcome.university() || organization == outcome.enterprise();
  if (!side) return false;
  const bool own = organization == outcome.declared_by();
  return verb == "confirm" || verb == "dispute" ? !own : own;
}

google::type::Money MoneyOf(absl::string_view decimal) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(decimal, absl::MaxSplits('.', 1));
  google::type::Money money;
  money.set_currency_code("CNY");
  int64_t units = 0;
  int32_t nanos = 0;
  std::string fraction = parts.second.substr(0, kNanoDigits);
  fraction.resize(kNanoDigits, '0');
  if (absl::SimpleAtoi(parts.first, &units)) money.set_units(units);
  if (absl::SimpleAtoi(fraction, &nanos)) money.set_nanos(nanos);
  return money;
}

}  // namespace chanyan::pairing
