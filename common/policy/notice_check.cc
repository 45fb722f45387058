#include "common/policy/notice_check.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/policy/item_checks.h"

namespace chanyan::policy {
namespace {

// A term longer than a quarter is a slip of the pen.
constexpr uint32_t kMaxWorkdays = 60;
constexpr uint32_t kHoursOfDay = 24;
// Two weeks: what is older helps nobody.
constexpr uint32_t kMaxCatchUpHours = 14 * kHoursOfDay;

class NoticeChecker : private ItemChecks {
 public:
  explicit NoticeChecker(const PackSource& source) : ItemChecks(source), pack_(source.pack()) {}

  std::vector<PackError> Run() {
    if (pack_.has_notification_plan()) Reminders(pack_.notification_plan());
    if (pack_.has_objection_term()) Objections(pack_.objection_term());
    if (pack_.has_action_plan()) {
      Tasks(pack_.action_plan());
    } else if (!pack_.action_tasks().empty()) {
      Add(pack_, v1::PolicyPack::kActionTasksFieldNumber,
          "工作任务清单：未规定任务的完成时限（action_plan）");
    }
    return TakeErrors();
  }

 private:
  template <class Days>
  void Offsets(const v1::NotificationPlan& plan, int field, const Days& days, uint32_t least,
               absl::string_view of) {
    absl::flat_hash_set<uint32_t> seen;
    for (int i = 0; i < days.size(); ++i) {
      if (days[i] < least || days[i] > kMaxWorkdays) {
        Add(plan, field, absl::StrCat(of, "：工作日数应在", least, "至", kMaxWorkdays, "之间"), i);
      }
      if (!seen.insert(days[i]).second) Add(plan, field, absl::StrCat(of, "：重复"), i);
    }
  }

  void Reminders(const v1::NotificationPlan& plan) {
    using Plan = v1::NotificationPlan;
    constexpr absl::string_view kOf = "提醒安排";
    Offsets(plan, Plan::kBeforeWorkdaysFieldNumber, plan.before_workdays(), 0, "到期前的提醒");
    Offsets(plan, Plan::kAfterWorkdaysFieldNumber, plan.after_workdays(), 1, "逾期后的提醒");
    if (plan.escalate_after_workdays() > kMaxWorkdays) {
      Add(plan, Plan::kEscalateAfterWorkdaysFieldNumber,
          absl::StrCat(kOf, "：提请负责人的工作日数应不超过", kMaxWorkdays));
    }
    if (plan.hour() >= kHoursOfDay) {
      Add(plan, Plan::kHourFieldNumber, absl::StrCat(kOf, "：时点应在0至23之间"));
    }
    Chosen(plan, Plan::kCatchUpFieldNumber, plan.catch_up(), kOf, "错过的提醒如何补发（catch_up）");
    if (plan.catch_up_hours() > kMaxCatchUpHours) {
      Add(plan, Plan::kCatchUpHoursFieldNumber,
          absl::StrCat(kOf, "：补发的时限应不超过", kMaxCatchUpHours, "小时"));
    }
    HasClause(plan, kOf);
    HasOrigin(plan, kOf);
  }

  void Objections(const v1::ObjectionTerm& term) {
    constexpr absl::string_view kOf = "榜单异议期";
    if (term.workdays() == 0 || term.workdays() > kMaxWorkdays) {
      Add(term, v1::ObjectionTerm::kWorkdaysFieldNumber,
          absl::StrCat(kOf, "：工作日数应在1至", kMaxWorkdays, "之间"));
    }
    HasClause(term, kOf);
    HasOrigin(term, kOf);
  }

  void Tasks(const v1::ActionPlan& plan) {
    constexpr absl::string_view kOf = "任务完成时限";
    ValidDate(plan, v1::ActionPlan::kDueDateFieldNumber, plan.due_date(), kOf);
    HasClause(plan, kOf);
    HasOrigin(plan, kOf);
  }

  const v1::PolicyPack& pack_;
};

}  // namespace

std::vector<PackError> CheckNotices(const PackSource& source) {
  return NoticeChecker(source).Run();
}

}  // namespace chanyan::policy
