#include "services/cycle/simulation_play.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/ids.h"
#include "services/cycle/part_checks.h"
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
      : in_(inputs),
        as_of_(as_of),
        now_(std::min(as_of, EndOf(inputs.cycle, kPublishStep))),
        legs_(inputs.so_far.handovers),
        out_(*out) {}

  void Play() {
    parts_ = PlayParts(in_, as_of_, &tasks_);
    out_.set_part_count(static_cast<int32_t>(tasks_.size()));
    Universities();
    Units();
    Enterprises();
    Packages();
    Secretariat();
    PlayReturn(in_, as_of_, legs_, &tasks_);
    Moments();
    const auto key = [](const v1::SimulatedTask& task) {
      return std::tuple(task.step(), task.organization(), task.act());
    };
    std::sort(tasks_.begin(), tasks_.end(),
              [&](const auto& a, const auto& b) { return key(a) < key(b); });
    for (v1::SimulatedTask& task : tasks_) {
      if (task.late()) out_.set_late_count(out_.late_count() + 1);
      if (task.done()) out_.set_done_count(out_.done_count() + 1);
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
      if (form.has_submit_time() && form.state() != v1::FORM_STATE_RETURNED) {
        guess = {time::ToTime(form.submit_time()), !form.on_time(), "已报送", /*done=*/true};
      } else {
        guess = GuessOf(form.university(), kReportStep, begin);
        WaitForParts(form.name(), &guess);
        NotBefore(now_, {.end = EndOf(in_.cycle, kReportStep), .from = begin, .received = begin},
                  &guess);
        if (form.has_submit_time()) {
          // The first submission has decided it.
          guess.late = !form.on_time();
          guess.reason = "已退回高校院所，待再次报送";
        }
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

  // When its unit has it. Rows of a university that reports late reach nobody before it does.
  absl::Time AtUnit(const v1::Row& row) const {
    if (row.distributed()) {
      const Sends& sent = legs_.Between(kDistributeStep, in_.cycle.secretariat(), row.unit());
      if (sent.any()) return sent.last();
    }
    const auto found = reported_.find(row.university());
    absl::Time at = BeginOf(in_.cycle, kDistributeStep);
    if (found != reported_.end()) at = std::max(at, found->second);
    return row.distributed() ? at : std::max(at, now_);
  }

  // When its enterprise has it.
  absl::Time AtEnterprise(const v1::Row& row) const {
    if (!row.delivered()) return std::max(AtUnit(row) + kPassingOn, now_);
    const Sends& sent = legs_.Between(kDistributeStep, row.unit(), row.enterprise());
    return sent.any() ? sent.last() : AtUnit(row);
  }

  std::string UnitTitle(const std::string& unit) const {
    const auto found = in_.unit_titles.find(unit);
    return found == in_.unit_titles.end() ? unit : found->second;
  }

  void Units() {
    struct Got {
      absl::Time first = absl::InfiniteFuture();
      // Of what it has not sent on.
      absl::Time last = absl::InfinitePast();
      int32_t rows = 0;
      int32_t open = 0;
    };
    std::map<std::string, Got> units;
    for (const v1::Row& row : in_.rows) {
      // What an enterprise put in was never sent to it.
      if (row.unit().empty() || row.enterprise().empty() ||
          row.origin() == v1::ROW_ORIGIN_ENTERPRISE) {
        continue;
      }
      Got& got = units[row.unit()];
      const absl::Time at = AtUnit(row);
      got.first = std::min(got.first, at);
      ++got.rows;
      if (row.delivered()) continue;
      got.last = std::max(got.last, at);
      ++got.open;
    }
    for (const auto& [unit, got] : units) {
      const Sends& came = legs_.Between(kDistributeStep, in_.cycle.secretariat(), unit);
      Add(kDistributeStep, unit, UnitTitle(unit), "发至企业", came.any() ? came.first() : got.first,
          got.rows, PassingOn(unit, got.first, got.last, got.rows, got.open));
    }
  }

  Guess PassingOn(const std::string& unit, absl::Time first, absl::Time last, int32_t rows,
                  int32_t open) const {
    const absl::Time end = EndOf(in_.cycle, kDistributeStep);
    if (open == 0) {
      const Sends& sent = legs_.From(kDistributeStep, unit);
      const absl::Time at = sent.any() ? sent.last() : first;
      return {at, time::IsPastDeadline(at, end), "已发至企业", /*done=*/true};
    }
    Guess guess;
    guess.time = std::max(last + kPassingOn, now_);
    guess.late = time::IsPastDeadline(guess.time, end);
    guess.reason = !guess.late                                    ? "收到后一日内发至企业"
                   : time::IsPastDeadline(last + kPassingOn, end) ? "有高校院所逾期报送，其报表晚到"
                                                                  : "已收到，尚未发至企业";
    if (open < rows) absl::StrAppend(&guess.reason, "；其中", rows - open, "行已发");
    return guess;
  }

  // What an enterprise has to give back.
  struct Desk {
    std::string title;
    std::string unit;
    absl::Time received = absl::InfinitePast();
    std::set<std::string> universities;
    int32_t rows = 0;
    // Not given yet, or sent back.
    int32_t open = 0;
    bool sent_back = false;
    // Given and still with its unit.
    bool unpacked = false;
  };

  void Enterprises() {
    std::map<std::string, Desk> enterprises;
    for (const v1::Row& row : in_.rows) {
      if (row.enterprise().empty() || row.unit().empty()) continue;
      Desk& desk = enterprises[row.enterprise()];
      desk.title = row.enterprise_title();
      desk.unit = row.unit();
      if (row.origin() != v1::ROW_ORIGIN_ENTERPRISE) {
        desk.received = std::max(desk.received, AtEnterprise(row));
      }
      desk.universities.insert(row.university());
      ++desk.rows;
      const bool given = IsGiven(row);
      desk.open += given ? 0 : 1;
      desk.sent_back = desk.sent_back || (!given && row.sent_back());
      desk.unpacked = desk.unpacked || (given && !IsPacked(row));
    }
    const absl::Time end = EndOf(in_.cycle, kCollectStep);
    for (auto& [enterprise, desk] : enterprises) {
      desk.received = std::max(desk.received, BeginOf(in_.cycle, kDistributeStep));
      const Guess guess = Giving(enterprise, desk);
      PackingOfUnit& packing = packing_[desk.unit];
      ++packing.enterprises;
      packing.missing += guess.done ? 0 : 1;
      packing.waiting += guess.done && desk.unpacked ? 1 : 0;
      if (!guess.done || desk.unpacked) {
        packing.last = std::max(packing.last, std::min(guess.time, end));
      }
      Add(kCollectStep, enterprise, desk.title,
          absl::StrCat("填报并提交季度报表", desk.universities.size(), "张"), desk.received,
          desk.rows, guess);
    }
  }

  Guess Giving(const std::string& enterprise, const Desk& desk) const {
    const auto gave = in_.so_far.returns.find(enterprise);
    if (gave != in_.so_far.returns.end() && desk.open == 0) {
      return {gave->second.first_time, !gave->second.on_time, "已报送", /*done=*/true};
    }
    Guess guess = GuessOf(enterprise, kCollectStep, desk.received);
    const absl::Time end = EndOf(in_.cycle, kCollectStep);
    NotBefore(now_, {.end = end, .from = end, .received = desk.received}, &guess);
    if (gave != in_.so_far.returns.end()) {
      guess.late = !gave->second.on_time;
      guess.reason = desk.sent_back ? "责任单位已退回，待再次报送"
                                    : absl::StrCat("已报送，另有", desk.open, "行待报");
    }
    return guess;
  }

  void Packages() {
    const absl::Time end = EndOf(in_.cycle, kCollectStep);
    for (const auto& [unit, packing] : packing_) {
      const Sends& sent = legs_.Between(kCollectStep, unit, in_.cycle.secretariat());
      Guess guess;
      if (sent.any() && packing.waiting == 0 &&
          (packing.missing == 0 || time::IsPastDeadline(now_, end))) {
        guess.time = sent.DoneAt(end);
        guess.late = time::IsPastDeadline(guess.time, end);
        guess.done = true;
        guess.reason = packing.missing == 0 ? std::string("已打包报送")
                                            : absl::StrCat("已报企业均已打包报送，另有",
                                                           packing.missing, "家待补报");
      } else {
        guess.time = packing.last;
        guess.reason = "按时的企业报送后打包，逾期的补报";
        const int32_t packed = packing.enterprises - packing.missing - packing.waiting;
        if (packed > 0) absl::StrAppend(&guess.reason, "；已打包", packed, "家");
        NotBefore(now_, {.end = end, .from = end, .received = packing.last}, &guess);
      }
      Add(kCollectStep, unit, UnitTitle(unit),
          absl::StrCat("打包报送", packing.enterprises, "家企业"), BeginOf(in_.cycle, kCollectStep),
          packing.enterprises, guess);
    }
  }

  void Secretariat() {
    const struct {
      int step;
      absl::string_view act;
      std::optional<absl::Time> done;
    } kActs[] = {{kDistributeStep, "将报表分发至责任单位", Distributed()},
                 {kReturnStep, "将企业报表返回高校院所", Returned()},
                 {kExchangeStep, "组织交流活动、协调解决痛点难点问题", in_.so_far.exchanged},
                 {kPublishStep, "发布新成果和贡献度榜单", in_.so_far.published}};
    for (const auto& one : kActs) {
      const absl::Time end = EndOf(in_.cycle, one.step);
      Guess guess;
      if (one.done) {
        guess = {*one.done, time::IsPastDeadline(*one.done, end), "已办结", /*done=*/true};
      } else {
        guess = {end - kBeforeMidnight, false, "按截止当日下午计"};
        NotBefore(now_, {.end = end, .from = end, .received = BeginOf(in_.cycle, one.step)},
                  &guess);
      }
      Add(one.step, in_.cycle.secretariat(), in_.secretariat_title, one.act,
          BeginOf(in_.cycle, one.step), static_cast<int32_t>(in_.rows.size()), guess);
    }
  }

  // Nothing is left that could be sent to the units.
  std::optional<absl::Time> Distributed() const {
    const Sends& sent = legs_.From(kDistributeStep, in_.cycle.secretariat());
    if (!sent.any()) return std::nullopt;
    // What was not reported in time comes by leave alone.
    std::set<std::string> closed;
    for (const v1::Form& form : in_.forms) {
      if (!form.has_submit_time() && time::IsPastDeadline(now_, FormEnd(in_.cycle, form))) {
        closed.insert(form.name());
      }
    }
    for (const v1::Row& row : in_.rows) {
      if (row.distributed() || row.unit().empty() || row.enterprise().empty()) continue;
      if (!closed.contains(std::string(FormOfName(row.name())))) return std::nullopt;
    }
    return sent.DoneAt(EndOf(in_.cycle, kDistributeStep));
  }

  // All that was given is at the universities again.
  std::optional<absl::Time> Returned() const {
    const Sends& sent = legs_.From(kReturnStep, in_.cycle.secretariat());
    const bool open = std::any_of(in_.rows.begin(), in_.rows.end(), [](const v1::Row& row) {
      return IsGiven(row) && !IsReturned(row);
    });
    if (!sent.any() || open) return std::nullopt;
    return sent.DoneAt(EndOf(in_.cycle, kReturnStep));
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
      int32_t done = 0;
      int32_t late = 0;
      for (const v1::SimulatedTask& task : tasks_) {
        if (task.step() != step) continue;
        ++due;
        done += task.done() ? 1 : 0;
        late += task.late() ? 1 : 0;
      }
      const std::string so_far = done == 0 ? "" : absl::StrCat("已完成", done, "件，");
      add(EndOf(in_.cycle, step), step,
          absl::StrCat(name, "截止：应完成", due, "件，", so_far, "预计逾期", late, "件"));
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
  // Of the quarter, as_of.
  const absl::Time now_;
  const Legs legs_;
  v1::Simulation& out_;
  std::vector<v1::SimulatedTask> tasks_;
  // What becomes of the parts of each form.
  std::map<std::string, GatheredParts> parts_;
  // When each university reports.
  std::map<std::string, absl::Time> reported_;
  // What each unit has to pack.
  struct PackingOfUnit {
    int32_t enterprises = 0;
    // That have not given all.
    int32_t missing = 0;
    // That have given, and wait to be packed.
    int32_t waiting = 0;
    // When it has what comes in time.
    absl::Time last = absl::InfinitePast();
  };
  std::map<std::string, PackingOfUnit> packing_;
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
