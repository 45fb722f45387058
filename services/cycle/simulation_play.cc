#include "services/cycle/simulation_play.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/ids.h"
#include "services/cycle/simulation_parts.h"

namespace chanyan::cycle {
namespace {

// What a platform does on the form of its university, and is reminded of by its own term.
bool IsPartTask(const v1::SimulatedTask& task) {
  return task.step() == kReportStep && IsPlatform(task.organization());
}

class Player {
 public:
  Player(const SimulationInputs& inputs, absl::Time as_of, v1::Simulation* out)
      : in_(inputs), as_of_(as_of), out_(*out) {}

  void Play() {
    parts_ = PlayParts(in_, as_of_, &tasks_);
    out_.set_part_count(static_cast<int32_t>(tasks_.size()));
    Universities();
    Units();
    Enterprises();
    Packages();
    Secretariat();
    PlayReturn(in_, as_of_, &tasks_);
    Moments();
    const auto key = [](const v1::SimulatedTask& task) {
      return std::tuple(task.step(), task.organization(), task.act());
    };
    std::sort(tasks_.begin(), tasks_.end(),
              [&](const auto& a, const auto& b) { return key(a) < key(b); });
    for (v1::SimulatedTask& task : tasks_) {
      if (task.late()) out_.set_late_count(out_.late_count() + 1);
      *out_.add_tasks() = std::move(task);
    }
  }

 private:
  // When `organization` gives what is due at the end of `step`, having got it at `received`.
  Guess GuessOf(const std::string& organization, int step, absl::Time received) const {
    const absl::Time end = EndOf(in_.cycle, step);
    return GuessBy(in_.habits, organization, {.end = end, .from = end, .received = received},
                   OnTheLastAfternoon(end));
  }

  void Add(int step, const std::string& organization, const std::string& title,
           absl::string_view act, absl::Time received, int32_t rows, const Guess& guess) {
    v1::SimulatedTask& task =
        tasks_.emplace_back(TaskOf(step, received, EndOf(in_.cycle, step), guess));
    task.set_organization(organization);
    task.set_title(title);
    task.set_act(std::string(act));
    task.set_row_count(rows);
  }

  void Universities() {
    const absl::Time begin = BeginOf(in_.cycle, kReportStep);
    for (const v1::Form& form : in_.forms) {
      Guess guess;
      if (form.has_submit_time()) {
        guess.time = time::ToTime(form.submit_time());
        guess.late = !form.on_time();
        guess.reason = "已报送";
      } else {
        guess = GuessOf(form.university(), kReportStep, begin);
        WaitForParts(form.name(), &guess);
        NotBefore(std::min(as_of_, EndOf(in_.cycle, kPublishStep)),
                  {.end = EndOf(in_.cycle, kReportStep), .from = begin, .received = begin}, &guess);
      }
      auto& given = reported_[form.university()];
      given = std::max(given, guess.time);
      Add(kReportStep, form.university(), form.university_title(), ActOf(form), begin,
          form.row_count(), guess);
    }
  }

  std::string ActOf(const v1::Form& form) const {
    const auto parts = parts_.find(form.name());
    return parts == parts_.end()
               ? "填报并报送季度报表"
               : absl::StrCat("组织", parts->second.count, "个科创平台填报，汇总并报送季度报表");
  }

  void WaitForParts(const std::string& form, Guess* guess) const {
    const auto found = parts_.find(form);
    if (found == parts_.end()) return;
    const GatheredParts& parts = found->second;
    if (parts.until > guess->time) {
      guess->time = parts.until;
      absl::StrAppend(&guess->reason, "；待科创平台报送后汇总");
    }
    if (parts.late > 0) {
      absl::StrAppend(&guess->reason, "；其中", parts.late, "个平台可能逾期，到期由学校收回自填");
    }
  }

  // Rows of a university that reports late reach nobody before it does.
  absl::Time DistributedAt(const v1::Row& row) const {
    const absl::Time begin = BeginOf(in_.cycle, kDistributeStep);
    const auto found = reported_.find(row.university());
    return found == reported_.end() ? begin : std::max(begin, found->second);
  }

  std::string UnitTitle(const std::string& unit) const {
    const auto found = in_.unit_titles.find(unit);
    return found == in_.unit_titles.end() ? unit : found->second;
  }

  void Units() {
    struct Got {
      absl::Time first = absl::InfiniteFuture();
      absl::Time last = absl::InfinitePast();
      int32_t rows = 0;
    };
    std::map<std::string, Got> units;
    for (const v1::Row& row : in_.rows) {
      if (row.unit().empty() || row.enterprise().empty()) continue;
      Got& got = units[row.unit()];
      got.first = std::min(got.first, DistributedAt(row));
      got.last = std::max(got.last, DistributedAt(row));
      ++got.rows;
    }
    for (const auto& [unit, got] : units) {
      Guess guess;
      guess.time = got.last + kPassingOn;
      guess.late = time::IsPastDeadline(guess.time, EndOf(in_.cycle, kDistributeStep));
      guess.reason = guess.late ? "有高校院所逾期报送，其报表晚到" : "收到后一日内发至企业";
      Add(kDistributeStep, unit, UnitTitle(unit), "发至企业", got.first, got.rows, guess);
    }
  }

  void Enterprises() {
    struct Got {
      std::string title;
      std::string unit;
      absl::Time received = absl::InfinitePast();
      std::set<std::string> universities;
      int32_t rows = 0;
    };
    std::map<std::string, Got> enterprises;
    for (const v1::Row& row : in_.rows) {
      if (row.enterprise().empty() || row.unit().empty()) continue;
      Got& got = enterprises[row.enterprise()];
      got.title = row.enterprise_title();
      got.unit = row.unit();
      got.received = std::max(got.received, DistributedAt(row) + kPassingOn);
      got.universities.insert(row.university());
      ++got.rows;
    }
    for (const auto& [enterprise, got] : enterprises) {
      Guess guess = GuessOf(enterprise, kCollectStep, got.received);
      auto& packed = packed_[got.unit];
      packed.first = std::max(packed.first, std::min(guess.time, EndOf(in_.cycle, kCollectStep)));
      ++packed.second;
      Add(kCollectStep, enterprise, got.title,
          absl::StrCat("填报并提交季度报表", got.universities.size(), "张"), got.received, got.rows,
          guess);
    }
  }

  void Packages() {
    for (const auto& [unit, packed] : packed_) {
      Guess guess;
      guess.time = packed.first;
      guess.reason = "按时的企业报送后打包，逾期的补报";
      Add(kCollectStep, unit, UnitTitle(unit), absl::StrCat("打包报送", packed.second, "家企业"),
          BeginOf(in_.cycle, kCollectStep), packed.second, guess);
    }
  }

  void Secretariat() {
    const struct {
      int step;
      absl::string_view act;
    } kActs[] = {{kDistributeStep, "将报表分发至责任单位"},
                 {kReturnStep, "将企业报表返回高校院所"},
                 {kExchangeStep, "组织交流活动、协调解决痛点难点问题"},
                 {kPublishStep, "发布新成果和贡献度榜单"}};
    for (const auto& one : kActs) {
      Guess guess;
      guess.time = EndOf(in_.cycle, one.step) - kBeforeMidnight;
      guess.reason = "按截止当日下午计";
      Add(one.step, in_.cycle.secretariat(), in_.secretariat_title, one.act,
          BeginOf(in_.cycle, one.step), static_cast<int32_t>(in_.rows.size()), guess);
    }
  }

  void Moments() {
    std::vector<v1::SimulatedMoment> moments;
    const auto add = [&](absl::Time time, int step, std::string text) {
      v1::SimulatedMoment& moment = moments.emplace_back();
      *moment.mutable_time() = time::ToTimestamp(time);
      moment.set_step(step);
      moment.set_text(std::move(text));
    };
    for (int step = 1; step <= kSteps; ++step) {
      const std::string name =
          absl::StrCat("第", step, "步“", StepOf(in_.cycle, step).label(), "”");
      add(BeginOf(in_.cycle, step), step, absl::StrCat(name, "开始"));
      int32_t due = 0;
      int32_t late = 0;
      for (const v1::SimulatedTask& task : tasks_) {
        due += task.step() == step ? 1 : 0;
        late += task.step() == step && task.late() ? 1 : 0;
      }
      add(EndOf(in_.cycle, step), step,
          absl::StrCat(name, "截止：应完成", due, "件，预计逾期", late, "件"));
    }
    for (const UnplannedStep& one : in_.unplanned) {
      add(EndOf(in_.cycle, one.step), one.step,
          absl::StrCat("第", one.step, "步有提醒无法排定：", one.why));
    }
    for (const v1::Reminder& reminder : in_.reminders) {
      const absl::Time time = time::ToTime(reminder.schedule_time());
      int32_t open = 0;
      for (const v1::SimulatedTask& task : tasks_) {
        const bool left = task.step() == reminder.step() && !IsPartTask(task) &&
                          time::ToTime(task.expected_time()) > time;
        open += left ? 1 : 0;
      }
      if (open == 0) continue;
      add(time, reminder.step(),
          absl::StrCat(reminder.kind() == v1::NOTIFICATION_KIND_REMINDER  ? "到期前提醒"
                       : reminder.kind() == v1::NOTIFICATION_KIND_OVERDUE ? "逾期提醒"
                                                                          : "提请单位负责人",
                       "：预计", open, "件未完成"));
    }
    for (const v1::Reminder& reminder : in_.part_reminders) {
      const absl::Time time = time::ToTime(reminder.schedule_time());
      const auto open =
          std::count_if(tasks_.begin(), tasks_.end(), [&](const v1::SimulatedTask& task) {
            return IsPartTask(task) &&
                   time::ToTime(task.deadline()) == time::ToTime(reminder.deadline()) &&
                   time::ToTime(task.receive_time()) <= time &&
                   time::ToTime(task.expected_time()) > time;
          });
      if (open == 0) continue;
      add(time, reminder.step(),
          absl::StrCat(reminder.kind() == v1::NOTIFICATION_KIND_REMINDER ? "到期前提醒科创平台"
                       : reminder.kind() == v1::NOTIFICATION_KIND_OVERDUE
                           ? "逾期提醒科创平台"
                           : "提请高校院所负责人督促科创平台",
                       "：预计", open, "个未报送学校"));
    }
    std::stable_sort(moments.begin(), moments.end(), [](const auto& a, const auto& b) {
      return time::ToTime(a.time()) < time::ToTime(b.time());
    });
    for (v1::SimulatedMoment& moment : moments) *out_.add_moments() = std::move(moment);
  }

  const SimulationInputs& in_;
  const absl::Time as_of_;
  v1::Simulation& out_;
  std::vector<v1::SimulatedTask> tasks_;
  // What becomes of the parts of each form.
  std::map<std::string, GatheredParts> parts_;
  // When each university reports.
  std::map<std::string, absl::Time> reported_;
  // When each unit has what comes in time, and of how many enterprises.
  std::map<std::string, std::pair<absl::Time, int32_t>> packed_;
};

}  // namespace

v1::Simulation Simulate(const SimulationInputs& inputs, absl::Time as_of) {
  v1::Simulation simulation;
  simulation.set_name(inputs.cycle.name());
  *simulation.mutable_as_of() = time::ToTimestamp(as_of);
  simulation.set_pack(inputs.cycle.pack());
  *simulation.mutable_steps() = inputs.cycle.steps();
  simulation.set_form_count(static_cast<int32_t>(inputs.forms.size()));
  simulation.set_row_count(static_cast<int32_t>(inputs.rows.size()));
  Player(inputs, as_of, &simulation).Play();
  return simulation;
}

}  // namespace chanyan::cycle
