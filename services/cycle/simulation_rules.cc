#include "services/cycle/simulation_rules.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"

namespace chanyan::cycle {
namespace {

constexpr absl::Duration kPassingOn = absl::Hours(24);
// 17:00 of the last day.
constexpr absl::Duration kBeforeMidnight = absl::Hours(7);

class Player {
 public:
  Player(const SimulationInputs& inputs, absl::Time as_of, v1::Simulation* out)
      : in_(inputs), as_of_(as_of), out_(*out) {}

  void Play() {
    Universities();
    Units();
    Enterprises();
    Packages();
    Secretariat();
    Home();
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
  struct Guess {
    absl::Time time;
    bool late = false;
    std::string reason;
  };

  // When `organization` gives what is due at the end of `step`, having got it at `received`.
  Guess GuessOf(const std::string& organization, int step, absl::Time received) const {
    const absl::Time end = EndOf(in_.cycle, step);
    Guess guess;
    const auto found = in_.habits.find(organization);
    if (found == in_.habits.end() || found->second.quarters.empty()) {
      guess.time = end - kBeforeMidnight;
      guess.reason = "没有往季记录，按截止当日下午计";
    } else {
      const auto& quarters = found->second.quarters;
      const auto late = std::count_if(quarters.begin(), quarters.end(),
                                      [](const Habit::Quarter& one) { return one.late; });
      const Habit::Quarter& last = quarters.front();
      guess.time = last.absent ? end + absl::Seconds(1) : end - last.lead;
      guess.late = static_cast<size_t>(late) * 2 >= quarters.size();
      guess.reason = absl::StrCat("近", quarters.size(), "季逾期", late, "次；", last.label,
                                  last.absent ? "未报送"
                                  : last.late ? "逾期报送"
                                              : "按时报送");
    }
    if (guess.time < received) {
      guess.time = received + kPassingOn;
      absl::StrAppend(&guess.reason, "；上一环节收到较晚");
    }
    guess.late = guess.late || time::IsPastDeadline(guess.time, end);
    return guess;
  }

  void Add(int step, const std::string& organization, const std::string& title,
           absl::string_view act, absl::Time received, int32_t rows, Guess guess) {
    v1::SimulatedTask& task = tasks_.emplace_back();
    task.set_step(step);
    task.set_organization(organization);
    task.set_title(title);
    task.set_act(std::string(act));
    *task.mutable_receive_time() = time::ToTimestamp(received);
    *task.mutable_deadline() = time::ToTimestamp(EndOf(in_.cycle, step));
    *task.mutable_expected_time() = time::ToTimestamp(guess.time);
    task.set_row_count(rows);
    task.set_late(guess.late);
    task.set_reason(std::move(guess.reason));
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
        // What has not come by now comes no sooner than now.
        guess.time = std::max(guess.time, std::min(as_of_, EndOf(in_.cycle, kPublishStep)));
        guess.late = guess.late || time::IsPastDeadline(guess.time, EndOf(in_.cycle, kReportStep));
      }
      auto& given = reported_[form.university()];
      given = std::max(given, guess.time);
      Add(kReportStep, form.university(), form.university_title(), "填报并报送季度报表", begin,
          form.row_count(), std::move(guess));
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
          std::move(guess));
    }
  }

  void Packages() {
    for (const auto& [unit, packed] : packed_) {
      Guess guess;
      guess.time = packed.first;
      guess.reason = "按时的企业报送后打包，逾期的补报";
      Add(kCollectStep, unit, UnitTitle(unit), absl::StrCat("打包报送", packed.second, "家企业"),
          BeginOf(in_.cycle, kCollectStep), packed.second, std::move(guess));
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
          BeginOf(in_.cycle, one.step), static_cast<int32_t>(in_.rows.size()), std::move(guess));
    }
  }

  // What comes back to each university (S0 二, fourth week): from the secretariat on its last
  // afternoon, signed for on that day.
  void Home() {
    std::map<std::string, int32_t> rows;
    for (const v1::Row& row : in_.rows) {
      if (!row.unit().empty() && !row.enterprise().empty()) ++rows[row.university()];
    }
    for (const v1::Form& form : in_.forms) {
      const auto home = rows.find(form.university());
      if (home == rows.end()) continue;
      Guess guess;
      guess.time = EndOf(in_.cycle, kReturnStep) - kBeforeMidnight;
      guess.reason = "按收到当日签收计";
      Add(kReturnStep, form.university(), form.university_title(), "签收返回的报表并发至科创平台",
          guess.time, home->second, guess);
      // Of two forms that a merger gave one university, all of it once.
      rows.erase(home);
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
        const bool left =
            task.step() == reminder.step() && time::ToTime(task.expected_time()) > time;
        open += left ? 1 : 0;
      }
      if (open == 0) continue;
      add(time, reminder.step(),
          absl::StrCat(reminder.kind() == v1::NOTIFICATION_KIND_REMINDER  ? "到期前提醒"
                       : reminder.kind() == v1::NOTIFICATION_KIND_OVERDUE ? "逾期提醒"
                                                                          : "提请单位负责人",
                       "：预计", open, "件未完成"));
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
