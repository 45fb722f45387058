#include "common/policy/consortium_check.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/policy/item_checks.h"

namespace chanyan::policy {
namespace {

// A filing holds three years at most.
constexpr uint32_t kMostFilingMonths = 36;

class ConsortiumChecker : private ItemChecks {
 public:
  explicit ConsortiumChecker(const PackSource& source)
      : ItemChecks(source), pack_(source.pack()), consortium_(pack_.consortium()) {}

  std::vector<PackError> Run() {
    if (!pack_.has_consortium()) return TakeErrors();
    Organizations();
    Lead();
    Items(consortium_.agreement_clauses(), "协议必备条款");
    Items(consortium_.mechanisms(), "运行机制");
    Items(consortium_.support_measures(), "支持措施");
    Items(consortium_.credit_events(), "失信行为");
    Clocks();
    Filing();
    Evaluation();
    Progress();
    Bars();
    Target();
    Filled(consortium_, v1::ConsortiumPolicy::kPledgeFieldNumber, consortium_.pledge(),
           "创新联合体", "诚信承诺书内容（pledge）");
    Rules();
    return TakeErrors();
  }

 private:
  void Organization(const Message& holder, int field, const std::string& name,
                    absl::string_view of) {
    if (!absl::StartsWith(name, "organizations/")) {
      Add(holder, field, absl::StrCat(of, "：名录编号应为 organizations/…"));
    }
  }

  void Organizations() {
    Organization(consortium_, v1::ConsortiumPolicy::kOfficeFieldNumber, consortium_.office(),
                 "备案单位（office）");
    Filled(consortium_, v1::ConsortiumPolicy::kIssuerFieldNumber, consortium_.issuer(),
           "创新联合体", "落款单位（issuer）");
    absl::flat_hash_set<std::string> places;
    for (const v1::Place& place : pack_.places()) places.insert(place.id());
    absl::flat_hash_set<std::string> seen;
    for (const v1::ConsortiumDistrict& district : consortium_.districts()) {
      const std::string of = absl::StrCat("推荐单位“", district.display_name(), "”");
      Filled(district, v1::ConsortiumDistrict::kDisplayNameFieldNumber, district.display_name(), of,
             "名称");
      Organization(district, v1::ConsortiumDistrict::kOrganizationFieldNumber,
                   district.organization(), of);
      if (!places.contains(district.place())) {
        Add(district, v1::ConsortiumDistrict::kPlaceFieldNumber,
            absl::StrCat(of, "：地点“", district.place(), "”不在本政策包的地点中"));
      } else if (!seen.insert(district.place()).second) {
        Add(district, v1::ConsortiumDistrict::kPlaceFieldNumber,
            absl::StrCat(of, "：地点“", district.place(), "”已有推荐单位"));
      }
    }
    if (seen.empty()) Add(consortium_, 0, "创新联合体：没有推荐单位（districts）");
  }

  void Lead() {
    if (consortium_.region_prefixes().empty()) {
      Add(consortium_, 0, "创新联合体：没有行政区划范围（region_prefixes）");
    }
    if (consortium_.leading_qualifications().empty()) {
      Add(consortium_, 0, "创新联合体：没有领军企业资质（leading_qualifications）");
    }
    absl::flat_hash_set<std::string> taxonomies;
    for (const v1::Taxonomy& taxonomy : pack_.taxonomies()) taxonomies.insert(taxonomy.id());
    for (int i = 0; i < consortium_.taxonomies_size(); ++i) {
      if (!taxonomies.contains(consortium_.taxonomies(i))) {
        Add(consortium_, v1::ConsortiumPolicy::kTaxonomiesFieldNumber,
            absl::StrCat("创新联合体：产业分类“", consortium_.taxonomies(i), "”不在本政策包中"), i);
      }
    }
    if (consortium_.taxonomies().empty()) {
      Add(consortium_, 0, "创新联合体：没有产业体系（taxonomies）");
    }
  }

  void Items(const google::protobuf::RepeatedPtrField<v1::ConsortiumItem>& items,
             absl::string_view kind) {
    absl::flat_hash_set<std::string> ids;
    for (const v1::ConsortiumItem& item : items) {
      const std::string of = NamedIdentity(item, kind, ids);
      HasClause(item, of);
      HasOrigin(item, of);
    }
  }

  void Clocks() {
    absl::flat_hash_set<std::string> states;
    for (const v1::ConsortiumClock& clock : consortium_.clocks()) {
      const std::string of = absl::StrCat("办理期限“", clock.state(), "”");
      static const auto& known = *new std::set<std::string>{
          "DRAFT",   "DISTRICT_REVIEW", "CITY_REVIEW", "EXPERT_REVIEW", "SITE_VISIT",
          "DEFENCE", "SELECTED",        "RETURNED",    "LEAD_VACANT"};
      if (!known.contains(clock.state())) {
        Add(clock, v1::ConsortiumClock::kStateFieldNumber, absl::StrCat(of, "：没有这一状态"));
      } else if (!states.insert(clock.state()).second) {
        Add(clock, v1::ConsortiumClock::kStateFieldNumber, absl::StrCat(of, "：重复"));
      }
      if (clock.workdays() == 0) {
        Add(clock, v1::ConsortiumClock::kWorkdaysFieldNumber, absl::StrCat(of, "：至少1个工作日"));
      }
      Chosen(clock, v1::ConsortiumClock::kEndFieldNumber, clock.end(), of, "届满后的处理（end）");
      if (clock.end() == v1::CLOCK_END_LAPSE && clock.state() != "RETURNED") {
        Add(clock, v1::ConsortiumClock::kEndFieldNumber,
            absl::StrCat(of, "：只有退回补正逾期才失效"));
      }
      if (clock.end() == v1::CLOCK_END_CANCEL && clock.state() != "LEAD_VACANT") {
        Add(clock, v1::ConsortiumClock::kEndFieldNumber,
            absl::StrCat(of, "：只有逾期未更换牵头单位才取消备案"));
      }
      HasClause(clock, of);
      HasOrigin(clock, of);
    }
  }

  void Filing() {
    const v1::ConsortiumFilingTerm& term = consortium_.filing();
    const std::string of = "备案（filing）";
    if (!consortium_.has_filing()) {
      Add(consortium_, 0, absl::StrCat(of, "：未填写"));
      return;
    }
    if (term.max_months() == 0) Add(term, 0, absl::StrCat(of, "：没有有效期（max_months）"));
    if (term.max_months() > kMostFilingMonths) {
      Add(term, v1::ConsortiumFilingTerm::kMaxMonthsFieldNumber,
          absl::StrCat(of, "：有效期不超过3年（", kMostFilingMonths, "个月）"));
    }
    if (!absl::StrContains(term.number_format(), "{year}") ||
        !absl::StrContains(term.number_format(), "{number}")) {
      Add(term, v1::ConsortiumFilingTerm::kNumberFormatFieldNumber,
          absl::StrCat(of, "：编号格式应含 {year} 和 {number}，否则编号会重复"));
    }
    for (int i = 1; i < term.reminder_days_size(); ++i) {
      if (term.reminder_days(i) >= term.reminder_days(i - 1)) {
        Add(term, v1::ConsortiumFilingTerm::kReminderDaysFieldNumber,
            absl::StrCat(of, "：提醒天数应从大到小"), i);
      }
    }
    HasClause(term, of);
    HasOrigin(term, of);
  }

  void Evaluation() {
    const v1::ConsortiumEvaluation& evaluation = consortium_.evaluation();
    const std::string of = "绩效评价（evaluation）";
    if (!consortium_.has_evaluation()) {
      Add(consortium_, 0, absl::StrCat(of, "：未填写"));
      return;
    }
    absl::flat_hash_set<std::string> ids;
    uint32_t weight = 0;
    for (const v1::EvaluationPart& part : evaluation.parts()) {
      NamedIdentity(part, "评价内容", ids);
      weight += part.weight();
    }
    if (weight != 100) Add(evaluation, 0, absl::StrCat(of, "：权重合计为", weight, "，应为100"));
    if (evaluation.excellent_points() > 100 ||
        evaluation.qualified_points() >= evaluation.excellent_points()) {
      Add(evaluation, 0, absl::StrCat(of, "：合格线应低于优秀线，优秀线不超过100"));
    }
    for (int i = 0; i < evaluation.excellent_measures_size(); ++i) {
      const auto& measures = consortium_.support_measures();
      const std::string& id = evaluation.excellent_measures(i);
      if (std::none_of(measures.begin(), measures.end(),
                       [&](const v1::ConsortiumItem& measure) { return measure.id() == id; })) {
        Add(evaluation, v1::ConsortiumEvaluation::kExcellentMeasuresFieldNumber,
            absl::StrCat(of, "：优秀的支持措施“", id, "”不在支持措施（support_measures）中"), i);
      }
    }
    HasClause(evaluation, of);
    HasOrigin(evaluation, of);
  }

  void Progress() {
    if (!consortium_.has_progress()) return;
    const v1::ConsortiumProgress& progress = consortium_.progress();
    const std::string of = "建设进展报告（progress）";
    const uint32_t months = progress.period_months();
    if (months != 3 && months != 6 && months != 12) {
      Add(progress, v1::ConsortiumProgress::kPeriodMonthsFieldNumber,
          absl::StrCat(of, "：报告期为3、6或12个月"));
    }
    if (progress.due_workdays() == 0 || progress.return_workdays() == 0) {
      Add(progress, 0, absl::StrCat(of, "：报送和退回修改的期限至少1个工作日"));
    }
    if (progress.remind_workdays() >=
        std::min(progress.due_workdays(), progress.return_workdays())) {
      Add(progress, v1::ConsortiumProgress::kRemindWorkdaysFieldNumber,
          absl::StrCat(of, "：提醒的工作日数应小于报送期限，也应小于退回修改的期限"));
    }
    HasClause(progress, of);
    HasOrigin(progress, of);
  }

  void Bars() {
    const v1::ConsortiumBars& bars = consortium_.bars();
    const std::string of = "限制（bars）";
    if (!consortium_.has_bars()) {
      Add(consortium_, 0, absl::StrCat(of, "：未填写"));
      return;
    }
    if (bars.years() == 0 || bars.appeal_workdays() == 0) {
      Add(bars, 0, absl::StrCat(of, "：年限和申诉期限至少为1"));
    }
    HasClause(bars, of);
    HasOrigin(bars, of);
  }

  void Target() {
    const std::string of = "建设目标（target）";
    if (!consortium_.has_target()) {
      Add(consortium_, 0, absl::StrCat(of, "：未填写"));
      return;
    }
    HasClause(consortium_.target(), of);
    HasOrigin(consortium_.target(), of);
  }

  // A past check is judged again by what it holds: its rules may lean on nothing else.
  void Rules() {
    bool eligibility = false;
    bool dissolution = false;
    for (const v1::Rule& rule : pack_.rules()) {
      eligibility |= rule.decision() == v1::DECISION_CONSORTIUM_ELIGIBILITY;
      dissolution |= rule.decision() == v1::DECISION_CONSORTIUM_DISSOLVE;
      const bool ours = rule.decision() == v1::DECISION_CONSORTIUM_ELIGIBILITY ||
                        rule.decision() == v1::DECISION_CONSORTIUM_DISSOLVE ||
                        rule.decision() == v1::DECISION_CONSORTIUM_MEMBER_CHANGE;
      if (ours && rule.has_allowed_values()) {
        Add(rule, v1::Rule::kAllowedValuesFieldNumber,
            absl::StrCat("规则“", rule.id(),
                         "”：创新联合体的规则不取政策包的清单，产业领域用事实 in_system"));
      }
    }
    if (!eligibility) Add(consortium_, 0, "创新联合体：没有备案条件的规则");
    if (!dissolution) Add(consortium_, 0, "创新联合体：没有解散条件的规则");
  }

  const v1::PolicyPack& pack_;
  const v1::ConsortiumPolicy& consortium_;
};

}  // namespace

std::vector<PackError> CheckConsortium(const PackSource& source) {
  return ConsortiumChecker(source).Run();
}

}  // namespace chanyan::policy
