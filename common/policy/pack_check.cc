#include "common/policy/pack_check.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/policy/calendar.h"
#include "common/policy/consortium_check.h"
#include "common/policy/consortium_review_check.h"
#include "common/policy/instrument_check.h"
#include "common/policy/item_checks.h"
#include "common/policy/match_check.h"
#include "common/policy/notice_check.h"
#include "common/policy/pairing_check.h"
#include "common/policy/pairing_policy_check.h"
#include "common/policy/recommendation_check.h"
#include "common/policy/triage_check.h"
#include "common/policy/triage_report_check.h"
#include "common/time/civil.h"

namespace chanyan::policy {
namespace {

using google::protobuf::Message;

// A cycle's weeks must fit into the shortest quarter under every reading.
constexpr uint32_t kMaxWeek = 12;
constexpr uint32_t kMaxLateWorkdays = 30;

class PackChecker : private ItemChecks {
 public:
  explicit PackChecker(const PackSource& source) : ItemChecks(source), pack_(source.pack()) {}

  std::vector<PackError> Run() {
    Head();
    Rules();
    Calendars();
    Taxonomies();
    Mappings();
    CoBuildKinds();
    Cycle();
    Leaderboards();
    Places();
    DutyUnits();
    ContractKinds();
    Campaigns();
    ActionTasks();
    NameElements();
    return TakeErrors();
  }

 private:
  void Head() {
    Filled(pack_, v1::PolicyPack::kIdFieldNumber, pack_.id(), "政策包", "编号（id）");
    Filled(pack_, v1::PolicyPack::kDisplayNameFieldNumber, pack_.display_name(), "政策包", "名称");
    Filled(pack_, v1::PolicyPack::kVersionFieldNumber, pack_.version(), "政策包",
           "版本（version）");
    if (!pack_.id().empty() && !IsId(pack_.id(), false)) {
      Add(pack_, v1::PolicyPack::kIdFieldNumber, "政策包：编号应由小写字母、数字和 _ . - 组成");
    }
    const int from = v1::PolicyPack::kEffectiveFromFieldNumber;
    if (!pack_.has_effective_until()) {
      ValidDate(pack_, from, pack_.effective_from(), "政策包施行日期");
    } else {
      ValidSpan(pack_, from, pack_.effective_from(), v1::PolicyPack::kEffectiveUntilFieldNumber,
                pack_.effective_until(), "政策包施行期");
    }
  }

  void Rules() {
    absl::flat_hash_set<std::string> ids;
    for (const v1::Rule& rule : pack_.rules()) {
      const std::string of = NamedIdentity(rule, "规则", ids);
      HasClause(rule, of);
      HasOrigin(rule, of);
      Chosen(rule, v1::Rule::kStrengthFieldNumber, rule.strength(), of, "强制或原则上（strength）");
      Chosen(rule, v1::Rule::kDecisionFieldNumber, rule.decision(), of, "适用环节（decision）");
      const bool soft = rule.strength() == v1::STRENGTH_SOFT;
      if (soft && rule.override_roles().empty()) {
        Add(rule, 0, absl::StrCat(of, "：原则性规则应指明可以批准例外的角色（override_roles）"));
      }
      if (!soft && !rule.override_roles().empty()) {
        Add(rule, v1::Rule::kOverrideRolesFieldNumber,
            absl::StrCat(of, "：强制规则不得设置例外角色（override_roles）"));
      }
      Parameters(rule, of);
    }
  }

  void FactName(const Message& holder, int field, absl::string_view name, absl::string_view of) {
    if (!IsId(name, false)) {
      Add(holder, field, absl::StrCat(of, "：事实名称“", name, "”有误，应为小写字母和下划线"));
    }
  }

  void NamedFacts(const Message& holder,
                  const google::protobuf::RepeatedPtrField<v1::NamedFact>& all,
                  absl::string_view of) {
    if (all.empty()) {
      Add(holder, 0, absl::StrCat(of, "：未列出任何事实"));
    }
    for (const v1::NamedFact& fact : all) {
      FactName(fact, v1::NamedFact::kNameFieldNumber, fact.name(), of);
      Filled(fact, v1::NamedFact::kDisplayNameFieldNumber, fact.display_name(), of, "事实的名称");
    }
  }

  template <class CountRule>
  void Own(const CountRule& rule, absl::string_view of) {
    if (!rule.has_own()) return;
    FactName(rule.own(), v1::OwnFigure::kFactFieldNumber, rule.own().fact(), of);
    if (rule.own().most() < rule.own().least()) {
      Add(rule.own(), v1::OwnFigure::kMostFieldNumber,
          absl::StrCat(of, "：自定数值的上限（most）小于下限（least）"));
    }
  }

  void Parameters(const v1::Rule& rule, absl::string_view of) {
    switch (rule.parameters_case()) {
      case v1::Rule::kMinimumCount:
        FactName(rule.minimum_count(), v1::MinimumCount::kFactFieldNumber,
                 rule.minimum_count().fact(), of);
        if (rule.minimum_count().minimum() == 0) {
          Add(rule.minimum_count(), 0, absl::StrCat(of, "：最小数量（minimum）应大于0"));
        }
        Own(rule.minimum_count(), of);
        return;
      case v1::Rule::kMaximumAge:
        FactName(rule.maximum_age(), v1::MaximumAge::kFactFieldNumber, rule.maximum_age().fact(),
                 of);
        FactName(rule.maximum_age(), v1::MaximumAge::kAsOfFactFieldNumber,
                 rule.maximum_age().as_of_fact(), of);
        if (rule.maximum_age().max_exception_days() > 0 && rule.strength() != v1::STRENGTH_SOFT) {
          Add(rule.maximum_age(), v1::MaximumAge::kMaxExceptionDaysFieldNumber,
              absl::StrCat(of, "：强制规则没有例外，不得设置例外的最长天数（max_exception_days）"));
        }
        return;
      case v1::Rule::kRequiredFacts:
        NamedFacts(rule.required_facts(), rule.required_facts().facts(), of);
        return;
      case v1::Rule::kUniqueKey:
        NamedFacts(rule.unique_key(), rule.unique_key().key(), of);
        FactName(rule.unique_key(), v1::UniqueKey::kExistingFactFieldNumber,
                 rule.unique_key().existing_fact(), of);
        return;
      case v1::Rule::kAllowedValues:
        FactName(rule.allowed_values(), v1::AllowedValues::kFactFieldNumber,
                 rule.allowed_values().fact(), of);
        Chosen(rule.allowed_values(), v1::AllowedValues::kListFieldNumber,
               rule.allowed_values().list(), of, "取值清单（list）");
        return;
      case v1::Rule::kLatestDate:
        FactName(rule.latest_date(), v1::LatestDate::kFactFieldNumber, rule.latest_date().fact(),
                 of);
        ValidDate(rule.latest_date(), v1::LatestDate::kDateFieldNumber, rule.latest_date().date(),
                  of);
        if (!rule.latest_date().on_record_fact().empty()) {
          FactName(rule.latest_date(), v1::LatestDate::kOnRecordFactFieldNumber,
                   rule.latest_date().on_record_fact(), of);
        }
        return;
      case v1::Rule::kMaximumCount:
        FactName(rule.maximum_count(), v1::MaximumCount::kFactFieldNumber,
                 rule.maximum_count().fact(), of);
        Own(rule.maximum_count(), of);
        return;
      case v1::Rule::PARAMETERS_NOT_SET:
        Add(rule, 0, absl::StrCat(of, "：未填写规则参数，如 minimum_count、required_facts"));
        return;
    }
  }

  void Calendars() {
    const std::vector<v1::CalendarYear> years(pack_.calendars().begin(), pack_.calendars().end());
    for (const CalendarViolation& violation : CheckCalendar(years)) {
      Add(pack_.calendars(violation.index), 0, violation.description);
    }
    if (years.empty()) {
      Add(pack_, 0, "政策包没有工作日历");
    }
  }

  void Taxonomies() {
    absl::flat_hash_set<std::string> ids;
    for (const v1::Taxonomy& taxonomy : pack_.taxonomies()) {
      const std::string of = NamedIdentity(taxonomy, "产业分类", ids);
      Filled(taxonomy, v1::Taxonomy::kVersionFieldNumber, taxonomy.version(), of, "版本");
      if (taxonomy.note().empty() || taxonomy.has_clause()) {
        HasClause(taxonomy, of);
      }
      absl::flat_hash_set<std::string> industries;
      for (const v1::Industry& industry : taxonomy.industries()) {
        const std::string name =
            NamedIdentity(industry, absl::StrCat(of, "的产业"), industries, true);
        if (!industry.parent_id().empty() &&
            (industry.parent_id() == industry.id() || !industries.contains(industry.parent_id()))) {
          Add(industry, v1::Industry::kParentIdFieldNumber,
              absl::StrCat(name, "：上级“", industry.parent_id(), "”不存在，或列在其后"));
        }
        industries_[absl::StrCat(taxonomy.id(), "/", industry.id())] = industry.is_group();
      }
    }
    taxonomies_ = std::move(ids);
  }

  // `holder`'s field names an industry that must exist and not be a mere heading.
  void IndustryExists(const Message& holder, int field, int index, const std::string& id,
                      absl::string_view of) {
    const auto it = industries_.find(id);
    if (it == industries_.end()) {
      Add(holder, field, absl::StrCat(of, "：引用的产业“", id, "”不存在"), index);
    } else if (it->second) {
      Add(holder, field, absl::StrCat(of, "：“", id, "”是分组，不是产业"), index);
    }
  }

  void Mappings() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> pairs;
    for (const v1::TaxonomyMapping& mapping : pack_.mappings()) {
      const std::string of = NamedIdentity(mapping, "产业对照", ids);
      Filled(mapping, v1::TaxonomyMapping::kVersionFieldNumber, mapping.version(), of, "版本");
      HasOrigin(mapping, of);
      if (!pairs.insert(absl::StrCat(mapping.from_taxonomy(), " ", mapping.to_taxonomy())).second) {
        Add(mapping, v1::TaxonomyMapping::kToTaxonomyFieldNumber,
            absl::StrCat(of, "：这两个产业分类已有对照表，应合并为一张"));
      }
      for (const auto& [field, taxonomy] :
           {std::pair(int{v1::TaxonomyMapping::kFromTaxonomyFieldNumber}, mapping.from_taxonomy()),
            std::pair(int{v1::TaxonomyMapping::kToTaxonomyFieldNumber}, mapping.to_taxonomy())}) {
        if (!taxonomies_.contains(taxonomy)) {
          Add(mapping, field, absl::StrCat(of, "：引用的产业分类“", taxonomy, "”不存在"));
        }
      }
      Entries(mapping, of);
    }
  }

  void Entries(const v1::TaxonomyMapping& mapping, absl::string_view of) {
    absl::flat_hash_set<std::string> seen;
    for (const v1::MappingEntry& entry : mapping.entries()) {
      const int from = v1::MappingEntry::kFromIdFieldNumber;
      IndustryExists(entry, from, -1, absl::StrCat(mapping.from_taxonomy(), "/", entry.from_id()),
                     of);
      if (!seen.insert(entry.from_id()).second) {
        Add(entry, from, absl::StrCat(of, "：“", entry.from_id(), "”重复，应合并为一项"));
      }
      if (entry.to_ids().empty()) {
        Add(entry, 0, absl::StrCat(of, "：“", entry.from_id(), "”没有对应产业"));
      }
      for (int i = 0; i < entry.to_ids_size(); ++i) {
        IndustryExists(entry, v1::MappingEntry::kToIdsFieldNumber, i,
                       absl::StrCat(mapping.to_taxonomy(), "/", entry.to_ids(i)), of);
      }
    }
  }

  void CoBuildKinds() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> names;
    for (const v1::CoBuildKind& kind : pack_.co_build_kinds()) {
      const std::string of = NamedIdentity(kind, "共建类型", ids);
      UniqueName(kind, v1::CoBuildKind::kDisplayNameFieldNumber, kind.display_name(), of, names);
      HasClause(kind, of);
    }
  }

  void Reporting(const v1::Reporters& reporters) {
    constexpr absl::string_view kOf = "填报单位的范围";
    constexpr absl::string_view kMayHavePlatforms[] = {"UNIVERSITY", "RESEARCH_INSTITUTE",
                                                       "ENTERPRISE"};
    const int kinds = v1::Reporters::kOrganizationKindsFieldNumber;
    if (reporters.organization_kinds().empty()) {
      Add(reporters, 0, absl::StrCat(kOf, "：未指定单位类型（organization_kinds）"));
    }
    absl::flat_hash_set<std::string> seen;
    for (const std::string& kind : reporters.organization_kinds()) {
      if (std::find(std::begin(kMayHavePlatforms), std::end(kMayHavePlatforms), kind) ==
          std::end(kMayHavePlatforms)) {
        Add(reporters, kinds,
            absl::StrCat(kOf, "：单位类型“", kind,
                         "”有误，应为 UNIVERSITY、RESEARCH_INSTITUTE 或 ENTERPRISE"));
      }
      if (!seen.insert(kind).second) {
        Add(reporters, kinds, absl::StrCat(kOf, "：单位类型“", kind, "”重复"));
      }
    }
    HasClause(reporters, kOf);
    HasOrigin(reporters, kOf);
  }

  void LateOpenings(const v1::LateOpening& late) {
    constexpr absl::string_view kOf = "周期开启较晚时的处理";
    Chosen(late, v1::LateOpening::kReliefFieldNumber, late.relief(), kOf, "处理方式（relief）");
    const bool tells = late.relief() == v1::LATE_OPENING_RELIEF_TELL;
    if (tells && late.workdays() != 0) {
      Add(late, v1::LateOpening::kWorkdaysFieldNumber,
          absl::StrCat(kOf, "：只告知秘书处的，不填工作日数（workdays）"));
    }
    if (!tells && (late.workdays() < 1 || late.workdays() > kMaxLateWorkdays)) {
      Add(late, v1::LateOpening::kWorkdaysFieldNumber,
          absl::StrCat(kOf, "：工作日数（workdays）应为1至", kMaxLateWorkdays));
    }
    HasClause(late, kOf);
    HasOrigin(late, kOf);
  }

  void Cycle() {
    if (!pack_.has_cycle_plan()) {
      return;
    }
    const v1::CyclePlan& plan = pack_.cycle_plan();
    Chosen(plan, v1::CyclePlan::kWeekReadingFieldNumber, plan.week_reading(), "季度填报周期",
           "“第N周”的读法（week_reading）");
    if (plan.steps().empty()) {
      Add(plan, 0, "季度填报周期：没有任何步骤");
    }
    if (plan.has_extension_limit()) {
      const v1::ExtensionLimit& limit = plan.extension_limit();
      constexpr absl::string_view kOf = "步骤延期的限度";
      Chosen(limit, v1::ExtensionLimit::kEndFieldNumber, limit.end(), kOf, "最晚至何日（end）");
      HasClause(limit, kOf);
      HasOrigin(limit, kOf);
    }
    if (plan.has_late_opening()) LateOpenings(plan.late_opening());
    if (plan.has_reporters()) Reporting(plan.reporters());
    absl::flat_hash_set<std::string> ids;
    uint32_t before = 0;
    for (const v1::CycleStep& step : plan.steps()) {
      const std::string of = NamedIdentity(step, "步骤", ids);
      if (step.week() <= before) {
        Add(step, v1::CycleStep::kWeekFieldNumber,
            absl::StrCat(of, "：第", step.week(), "周应晚于上一步骤（第", before,
                         "周），步骤按先后排列"));
      }
      if (step.week() > kMaxWeek) {
        Add(step, v1::CycleStep::kWeekFieldNumber,
            absl::StrCat(of, "：第", step.week(), "周超出一个季度，最多为第", kMaxWeek, "周"));
      }
      before = step.week();
      Chosen(step, v1::CycleStep::kOwnerRoleFieldNumber, step.owner_role(), of, "责任角色");
      Filled(step, v1::CycleStep::kActionFieldNumber, step.action(), of, "工作内容");
      HasClause(step, of);
    }
  }

  void Leaderboards() {
    absl::flat_hash_set<std::string> ids;
    for (const v1::Leaderboard& board : pack_.leaderboards()) {
      const std::string of = NamedIdentity(board, "榜单", ids);
      Chosen(board, v1::Leaderboard::kSubjectFieldNumber, board.subject(), of, "排名对象");
      HasClause(board, of);
      HasOrigin(board, of);
      if (board.terms().empty()) {
        Add(board, 0, absl::StrCat(of, "：没有计分项"));
      }
      absl::flat_hash_set<int> items;
      for (const v1::LeaderboardTerm& term : board.terms()) {
        Chosen(term, v1::LeaderboardTerm::kItemFieldNumber, term.item(), of, "计分项");
        if (!items.insert(term.item()).second) {
          Add(term, v1::LeaderboardTerm::kItemFieldNumber, absl::StrCat(of, "：计分项重复"));
        }
        if (term.points() == 0) {
          Add(term, v1::LeaderboardTerm::kPointsFieldNumber,
              absl::StrCat(of, "：计分项分值应大于0"));
        }
      }
      items.clear();
      for (const int item : board.tie_breakers()) {
        if (item == 0 || !items.insert(item).second) {
          Add(board, v1::Leaderboard::kTieBreakersFieldNumber,
              absl::StrCat(of, "：同分比较项未指定或重复"));
        }
      }
    }
  }

  void Places() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> names;
    for (const v1::Place& place : pack_.places()) {
      const std::string of = NamedIdentity(place, "地点", ids, true);
      Chosen(place, v1::Place::kKindFieldNumber, place.kind(), of, "类别");
      if (!place.parent_id().empty() &&
          (place.parent_id() == place.id() || !ids.contains(place.parent_id()))) {
        Add(place, v1::Place::kParentIdFieldNumber,
            absl::StrCat(of, "：上级“", place.parent_id(), "”不存在，或列在其后"));
      }
      UniqueName(place, v1::Place::kDisplayNameFieldNumber, place.display_name(), of, names);
      for (const std::string& alias : place.aliases()) {
        UniqueName(place, v1::Place::kAliasesFieldNumber, alias, of, names);
      }
    }
  }

  void DutyUnits() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> names;
    for (const v1::DutyUnit& unit : pack_.duty_units()) {
      const std::string of = NamedIdentity(unit, "责任单位", ids);
      UniqueName(unit, v1::DutyUnit::kDisplayNameFieldNumber, unit.display_name(), of, names);
      Chosen(unit, v1::DutyUnit::kKindFieldNumber, unit.kind(), of, "职责类别");
      HasClause(unit, of);
    }
  }

  void ContractKinds() {
    absl::flat_hash_set<std::string> ids;
    for (const v1::ContractKind& kind : pack_.contract_kinds()) {
      HasClause(kind, NamedIdentity(kind, "技术合同类型", ids));
    }
  }

  // Offices that are named one by one are those that are printed.
  void Printed(const v1::ChainCampaign& campaign, int field,
               const google::protobuf::RepeatedPtrField<std::string>& offices,
               absl::string_view of) {
    for (const std::string& office : offices) {
      if (!office.empty() && absl::StrContains(campaign.offices(), office)) continue;
      Add(campaign, field, absl::StrCat(of, "：“", office, "”不在“", campaign.offices(), "”之中"));
    }
  }

  void Campaigns() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<uint32_t> sequences;
    for (const v1::ChainCampaign& campaign : pack_.chain_campaigns()) {
      const std::string of = Identity(campaign, "产业链活动", ids);
      Sequence(campaign, of, sequences);
      IndustryExists(campaign, v1::ChainCampaign::kIndustryFieldNumber, -1, campaign.industry(),
                     of);
      Filled(campaign, v1::ChainCampaign::kOfficesFieldNumber, campaign.offices(), of, "牵头处室");
      Printed(campaign, v1::ChainCampaign::kLeadOfficesFieldNumber, campaign.lead_offices(), of);
      Printed(campaign, v1::ChainCampaign::kSupportingOfficesFieldNumber,
              campaign.supporting_offices(), of);
      ValidSpan(campaign, v1::ChainCampaign::kFirstDateFieldNumber, campaign.first_date(),
                v1::ChainCampaign::kLastDateFieldNumber, campaign.last_date(), of);
      HasClause(campaign, of);
    }
  }

  void ActionTasks() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<uint32_t> sequences;
    for (const v1::ActionTask& task : pack_.action_tasks()) {
      const std::string of = Identity(task, "工作任务", ids);
      Sequence(task, of, sequences);
      Filled(task, v1::ActionTask::kTextFieldNumber, task.text(), of, "任务内容");
      if (task.units().empty()) {
        Add(task, 0, absl::StrCat(of, "：未填写责任单位"));
      }
      HasClause(task, of);
    }
  }

  void NameElements() {
    absl::flat_hash_set<std::string> ids;
    for (const v1::NameElements& elements : pack_.name_elements()) {
      const std::string of = NamedIdentity(elements, "企业名称要素", ids);
      Chosen(elements, v1::NameElements::kKindFieldNumber, elements.kind(), of, "要素类别");
      HasClause(elements, of);
      HasOrigin(elements, of);
      if (elements.texts().empty()) {
        Add(elements, 0, absl::StrCat(of, "：没有列出任何文字"));
      }
      absl::flat_hash_set<std::string> texts;
      for (int i = 0; i < elements.texts_size(); ++i) {
        Filled(elements, v1::NameElements::kTextsFieldNumber, elements.texts(i), of, "文字");
        if (!texts.insert(elements.texts(i)).second) {
          Add(elements, v1::NameElements::kTextsFieldNumber,
              absl::StrCat(of, "：“", elements.texts(i), "”重复"), i);
        }
      }
    }
  }

  const v1::PolicyPack& pack_;
  absl::flat_hash_set<std::string> taxonomies_;
  // "taxonomy/industry" to whether it is a group.
  absl::flat_hash_map<std::string, bool> industries_;
};

}  // namespace

std::vector<PackError> CheckPack(const PackSource& source) {
  std::vector<PackError> errors = PackChecker(source).Run();
  for (PackError& error : CheckRecommendation(source)) errors.push_back(std::move(error));
  for (PackError& error : CheckInstrumentPolicy(source)) errors.push_back(std::move(error));
  for (PackError& error : CheckPairingPolicy(source)) errors.push_back(std::move(error));
  for (PackError& error : CheckPairing(source)) errors.push_back(std::move(error));
  for (PackError& error : CheckTriage(source)) errors.push_back(std::move(error));
  for (PackError& error : CheckTriageReports(source)) errors.push_back(std::move(error));
  for (PackError& error : CheckMatching(source)) errors.push_back(std::move(error));
  for (PackError& error : CheckConsortium(source)) errors.push_back(std::move(error));
  for (PackError& error : CheckConsortiumReview(source)) errors.push_back(std::move(error));
  for (PackError& error : CheckNotices(source)) errors.push_back(std::move(error));
  return errors;
}

}  // namespace chanyan::policy
