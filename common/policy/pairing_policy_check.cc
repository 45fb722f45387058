#include "common/policy/pairing_policy_check.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/policy/item_checks.h"

namespace chanyan::policy {
namespace {

// Longer ahead nobody is reminded of a day.
constexpr uint32_t kMostReminderWorkdays = 60;

class PairingChecker : private ItemChecks {
 public:
  explicit PairingChecker(const PackSource& source)
      : ItemChecks(source), pack_(source.pack()), pairing_(pack_.pairing()) {}

  std::vector<PackError> Run() {
    Sizes();
    if (!pack_.has_pairing()) return TakeErrors();
    Coverage();
    Outreach();
    Intents();
    if (pairing_.has_agreements()) Agreements();
    if (pairing_.has_cooperation()) Cooperation();
    return TakeErrors();
  }

 private:
  void Sizes() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> names;
    for (const v1::EnterpriseSize& size : pack_.enterprise_sizes()) {
      const std::string of = NamedIdentity(size, "企业规模", ids);
      UniqueName(size, v1::EnterpriseSize::kDisplayNameFieldNumber, size.display_name(), of, names);
      HasClause(size, of);
    }
  }

  void Coverage() {
    const v1::CoveragePolicy& coverage = pairing_.coverage();
    const std::string of = "结对覆盖";
    if (!pairing_.has_coverage()) {
      Add(pairing_, 0, absl::StrCat(of, "：未填写（coverage）"));
      return;
    }
    HasClause(coverage, of);
    HasOrigin(coverage, of);
    Chosen(coverage, v1::CoveragePolicy::kPastReadingFieldNumber, coverage.past_reading(), of,
           "历史覆盖率的读法（past_reading）");
    if (coverage.paired_stages().empty()) {
      Add(coverage, 0, absl::StrCat(of, "：未列出计为已结对的项目阶段（paired_stages）"));
    }
    absl::flat_hash_set<int> seen;
    const auto stages = [&](int field, const auto& values) {
      for (int i = 0; i < values.size(); ++i) {
        if (values.Get(i) == v1::PROJECT_STAGE_UNSPECIFIED) {
          Add(coverage, field, absl::StrCat(of, "：项目阶段未指定"), i);
        } else if (!seen.insert(values.Get(i)).second) {
          Add(coverage, field, absl::StrCat(of, "：项目阶段重复，或既计为已结对又计为在谈"), i);
        }
      }
    };
    stages(v1::CoveragePolicy::kPairedStagesFieldNumber, coverage.paired_stages());
    stages(v1::CoveragePolicy::kUnderWayStagesFieldNumber, coverage.under_way_stages());
    CoverageRule();
  }

  // How many platforms an enterprise needs is one rule, and one that counts.
  void CoverageRule() {
    int rules = 0;
    for (const v1::Rule& rule : pack_.rules()) {
      if (rule.decision() != v1::DECISION_ENTERPRISE_COVERAGE) continue;
      ++rules;
      if (!rule.has_minimum_count()) {
        Add(rule, 0,
            absl::StrCat("规则“", rule.id(), "”：企业覆盖的规则应为最小数量（minimum_count）"));
      }
    }
    if (rules != 1) {
      Add(pairing_, v1::PairingPolicy::kCoverageFieldNumber,
          absl::StrCat(
              "结对覆盖：应有且只有一条企业覆盖规则（DECISION_ENTERPRISE_COVERAGE），现有 ", rules,
              " 条"));
    }
  }

  template <typename Items>
  absl::flat_hash_set<std::string> Named(const Items& items, absl::string_view kind) {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> names;
    for (const auto& item : items) {
      const std::string of = NamedIdentity(item, kind, ids);
      UniqueName(item, item.kDisplayNameFieldNumber, item.display_name(), of, names);
    }
    return ids;
  }

  void Outreach() {
    const v1::OutreachPolicy& outreach = pairing_.outreach();
    const std::string of = "未结对企业跟进";
    if (!pairing_.has_outreach()) {
      Add(pairing_, 0, absl::StrCat(of, "：未填写（outreach）"));
      return;
    }
    HasClause(outreach, of);
    HasOrigin(outreach, of);
    const auto reasons = Named(outreach.reasons(), "未结对原因");
    if (Named(outreach.methods(), "联系方式").empty()) {
      Add(outreach, 0, absl::StrCat(of, "：没有联系方式（methods）"));
    }
    if (Named(outreach.results(), "联系结果").empty()) {
      Add(outreach, 0, absl::StrCat(of, "：没有联系结果（results）"));
    }
    for (const v1::ContactResult& result : outreach.results()) {
      const std::string which = absl::StrCat("联系结果“", result.id(), "”");
      if (!result.reason_id().empty() && !reasons.contains(result.reason_id())) {
        Add(result, v1::ContactResult::kReasonIdFieldNumber,
            absl::StrCat(which, "：原因“", result.reason_id(), "”不在未结对原因（reasons）中"));
      }
      if (!result.reason_id().empty() && result.clears_reason()) {
        Add(result, v1::ContactResult::kClearsReasonFieldNumber,
            absl::StrCat(which, "：不能既给出原因又清除原因"));
      }
    }
  }

  void Reminders(const google::protobuf::Message& holder, int field,
                 const google::protobuf::RepeatedField<uint32_t>& days, absl::string_view of) {
    for (int i = 0; i < days.size(); ++i) {
      if (days[i] == 0 || (i > 0 && days[i] >= days[i - 1])) {
        Add(holder, field, absl::StrCat(of, "：提醒天数应大于0，由多到少排列"), i);
      }
    }
  }

  void Intents() {
    const v1::IntentPolicy& intents = pairing_.intents();
    const std::string of = "结对共建意向";
    if (!pairing_.has_intents()) {
      Add(pairing_, 0, absl::StrCat(of, "：未填写（intents）"));
      return;
    }
    HasClause(intents, of);
    HasOrigin(intents, of);
    const auto& rules = pack_.rules();
    const bool limited = std::any_of(rules.begin(), rules.end(), [](const v1::Rule& rule) {
      return rule.decision() == v1::DECISION_INTENT_EXPIRY;
    });
    // Packs of before have the figure here.
    if (!limited && intents.max_life_days() == 0) {
      Add(intents, 0,
          absl::StrCat(of, "：没有规定最长有效天数的规则（decision: DECISION_INTENT_EXPIRY）"));
    }
    Reminders(intents, v1::IntentPolicy::kReminderDaysFieldNumber, intents.reminder_days(), of);
  }

  void Agreements() {
    const v1::AgreementPolicy& agreements = pairing_.agreements();
    const std::string of = "共建协议";
    HasClause(agreements, of);
    HasOrigin(agreements, of);
    if (agreements.reminder_days().empty()) {
      Add(agreements, 0, absl::StrCat(of, "：没有提醒天数（reminder_days）"));
    }
    Reminders(agreements, v1::AgreementPolicy::kReminderDaysFieldNumber, agreements.reminder_days(),
              of);
  }

  void Cooperation() {
    const v1::CooperationPolicy& cooperation = pairing_.cooperation();
    for (const v1::CooperationArea& area : cooperation.areas()) {
      HasClause(area, absl::StrCat("合作领域“", area.id(), "”"));
    }
    if (Named(cooperation.areas(), "合作领域").empty()) {
      Add(cooperation, 0, "市校合作：没有合作领域（areas）");
    }
    for (int i = 0; i < cooperation.base_kinds_size(); ++i) {
      const auto& kinds = pack_.co_build_kinds();
      if (std::none_of(kinds.begin(), kinds.end(), [&](const v1::CoBuildKind& kind) {
            return kind.id() == cooperation.base_kinds(i);
          })) {
        Add(cooperation, v1::CooperationPolicy::kBaseKindsFieldNumber,
            absl::StrCat("市校合作：基地类型“", cooperation.base_kinds(i), "”不在共建类型中"), i);
      }
    }
    Reminders(cooperation, v1::CooperationPolicy::kAgreementReminderDaysFieldNumber,
              cooperation.agreement_reminder_days(), "市校合作");
    const std::string of = "联席会议";
    if (cooperation.follow_up_reminder_workdays() > kMostReminderWorkdays) {
      Add(cooperation, v1::CooperationPolicy::kFollowUpReminderWorkdaysFieldNumber,
          absl::StrCat(of, "：议定事项到期前提醒（follow_up_reminder_workdays）不应超过",
                       kMostReminderWorkdays, "个工作日"));
    }
    const v1::ConferenceCadence& conference = cooperation.conference();
    if (!cooperation.has_conference()) {
      Add(cooperation, 0, absl::StrCat("市校合作：未填写", of, "（conference）"));
      return;
    }
    HasClause(conference, of);
    HasOrigin(conference, of);
    if (conference.interval_months() == 0) {
      Add(conference, 0, absl::StrCat(of, "：召开间隔（interval_months）应大于0个月"));
    }
  }

  const v1::PolicyPack& pack_;
  const v1::PairingPolicy& pairing_;
};

}  // namespace

std::vector<PackError> CheckPairingPolicy(const PackSource& source) {
  return PairingChecker(source).Run();
}

}  // namespace chanyan::policy
