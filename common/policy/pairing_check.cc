#include "common/policy/pairing_check.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/policy/item_checks.h"

namespace chanyan::policy {
namespace {

// A term longer than a quarter is a slip of the pen.
constexpr uint32_t kMostWorkdaysOfRule = 60;

class PairingRulesChecker : private ItemChecks {
 public:
  explicit PairingRulesChecker(const PackSource& source)
      : ItemChecks(source), pack_(source.pack()) {}

  std::vector<PackError> Run() {
    if (pack_.has_pairing_plan()) {
      const v1::PairingPlan& plan = pack_.pairing_plan();
      if (plan.has_answer_term()) Answers(plan.answer_term());
      if (plan.has_problem_term()) Problems(plan.problem_term());
    }
    ContractFields();
    OutcomeKinds();
    return TakeErrors();
  }

 private:
  void Workdays(const Message& holder, int field, uint32_t workdays, absl::string_view of,
                int index = -1) {
    if (workdays == 0 || workdays > kMostWorkdaysOfRule) {
      Add(holder, field, absl::StrCat(of, "：工作日数应在1至", kMostWorkdaysOfRule, "之间"), index);
    }
  }

  void Answers(const v1::AnswerTerm& term) {
    constexpr absl::string_view kOf = "答复期限";
    Workdays(term, v1::AnswerTerm::kWorkdaysFieldNumber, term.workdays(), kOf);
    HasClause(term, kOf);
    HasOrigin(term, kOf);
  }

  void Problems(const v1::ProblemTerm& term) {
    constexpr absl::string_view kOf = "痛点难点解决期限";
    HasClause(term, kOf);
    HasOrigin(term, kOf);
    if (term.step().empty()) {
      Workdays(term, v1::ProblemTerm::kWorkdaysFieldNumber, term.workdays(), kOf);
    } else if (term.workdays() != 0) {
      Add(term, v1::ProblemTerm::kWorkdaysFieldNumber,
          absl::StrCat(kOf, "：步骤（step）和工作日数（workdays）只填一项"));
    } else if (const auto& steps = pack_.cycle_plan().steps();
               std::none_of(steps.begin(), steps.end(),
                            [&](const v1::CycleStep& step) { return step.id() == term.step(); })) {
      Add(term, v1::ProblemTerm::kStepFieldNumber,
          absl::StrCat(kOf, "：引用的步骤“", term.step(), "”不存在"));
    }
    absl::flat_hash_set<uint32_t> reminders;
    for (int i = 0; i < term.reminder_workdays_size(); ++i) {
      const int field = v1::ProblemTerm::kReminderWorkdaysFieldNumber;
      Workdays(term, field, term.reminder_workdays(i), absl::StrCat(kOf, "的提醒"), i);
      if (!reminders.insert(term.reminder_workdays(i)).second) {
        Add(term, field, absl::StrCat(kOf, "：提醒重复"), i);
      }
    }
    Levels(term, absl::StrCat(kOf, "的提级"));
  }

  void Levels(const v1::ProblemTerm& term, absl::string_view of) {
    if (term.levels().empty()) {
      Add(term, 0, absl::StrCat(of, "：未填写逾期后提请的角色（levels）"));
    }
    absl::flat_hash_set<int> roles;
    for (int i = 0; i < term.levels_size(); ++i) {
      const v1::EscalationLevel& level = term.levels(i);
      const int days = v1::EscalationLevel::kAfterWorkdaysFieldNumber;
      Chosen(level, v1::EscalationLevel::kRoleFieldNumber, level.role(), of, "角色");
      if (!roles.insert(level.role()).second) {
        Add(level, v1::EscalationLevel::kRoleFieldNumber, absl::StrCat(of, "：角色重复"));
      }
      if (i > 0) {
        Workdays(level, days, level.after_workdays(), of);
      } else if (level.after_workdays() != 0) {
        Add(level, days, absl::StrCat(of, "：第一级与解决期限同时，工作日数应为0"));
      }
    }
  }

  void ContractFields() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> names;
    for (const v1::ContractField& field : pack_.contract_fields()) {
      const std::string of = NamedIdentity(field, "技术合同登记项", ids);
      UniqueName(field, v1::ContractField::kDisplayNameFieldNumber, field.display_name(), of,
                 names);
      Chosen(field, v1::ContractField::kTypeFieldNumber, field.type(), of, "填写方式（type）");
      HasOrigin(field, of);
      if ((field.type() == v1::CONTRACT_FIELD_TYPE_CHOICE) == field.choices().empty()) {
        Add(field, 0, absl::StrCat(of, "：填写方式为选择的应列出选项（choices），其他的不应列"));
      }
    }
  }

  void OutcomeKinds() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> names;
    for (const v1::OutcomeKind& kind : pack_.outcome_kinds()) {
      const std::string of = NamedIdentity(kind, "成效类别", ids);
      UniqueName(kind, v1::OutcomeKind::kDisplayNameFieldNumber, kind.display_name(), of, names);
      Chosen(kind, v1::OutcomeKind::kMeasureFieldNumber, kind.measure(), of, "计量方式（measure）");
      Filled(kind, v1::OutcomeKind::kUnitFieldNumber, kind.unit(), of, "计量单位");
      HasClause(kind, of);
      HasOrigin(kind, of);
    }
  }

  const v1::PolicyPack& pack_;
};

}  // namespace

std::vector<PackError> CheckPairing(const PackSource& source) {
  return PairingRulesChecker(source).Run();
}

}  // namespace chanyan::policy
