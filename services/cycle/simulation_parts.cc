#include "services/cycle/simulation_parts.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/form_rows.h"
#include "services/cycle/ids.h"
#include "services/cycle/part_checks.h"

namespace chanyan::cycle {
namespace {

// Which platforms each form is for, in the order of the forms.
std::vector<FormScope> ScopesOf(const SimulationInputs& inputs) {
  std::map<std::string, std::set<std::string>> platforms;
  for (const v1::Row& row : inputs.rows) {
    platforms[std::string(FormOfName(row.name()))].insert(row.platform());
  }
  std::vector<FormScope> scopes;
  for (const v1::Form& form : inputs.forms) {
    FormScope& scope = scopes.emplace_back();
    scope.form = form.name();
    scope.university = form.university();
    for (const v1::Form& other : inputs.forms) {
      if (other.university() != form.university() || other.name() == form.name()) continue;
      scope.siblings[other.name()] = other.university_title();
    }
    const auto found = platforms.find(form.name());
    if (found != platforms.end())
      scope.platforms.insert(found->second.begin(), found->second.end());
  }
  return scopes;
}

// Who never handed anything out here: to all, as S0 has it, by when it reported last.
HandingOut::Part AsAllAreAsked(const SimulationInputs& inputs, const std::string& university) {
  HandingOut::Part part = {kPassingOn, absl::ZeroDuration()};
  const auto habit = inputs.habits.find(university);
  if (habit != inputs.habits.end() && !habit->second.quarters.empty()) {
    part.due_before = std::max(habit->second.quarters.front().lead, absl::ZeroDuration());
  }
  return part;
}

// How its university hands this part out; nothing if it fills it in itself.
std::optional<HandingOut::Part> HowHandedOut(const SimulationInputs& inputs,
                                             const std::string& university,
                                             const std::string& platform) {
  const auto found = inputs.handing_out.find(university);
  if (found == inputs.handing_out.end()) return AsAllAreAsked(inputs, university);
  const std::map<std::string, HandingOut::Part>& parts = found->second.parts;
  const auto own = parts.find(platform);
  const HandingOut::Part* part = own == parts.end() ? nullptr : &own->second;
  if (part == nullptr) {
    // A new one gets its part as the first of the others did.
    for (const auto& [name, other] : parts) {
      if (!other.issued_after) continue;
      if (part == nullptr || *other.issued_after < *part->issued_after) part = &other;
    }
  }
  if (part == nullptr || !part->issued_after) return std::nullopt;
  return *part;
}

// The same within a window that begins at `begin` and ends at `end`, of which `now` has come;
// nothing if its term is over by now. {handed out, due}.
std::optional<std::pair<absl::Time, absl::Time>> HandingTimes(const HandingOut::Part& how,
                                                              absl::Time begin, absl::Time end,
                                                              absl::Time now) {
  absl::Time due = end - std::max(how.due_before, absl::ZeroDuration());
  if (time::IsPastDeadline(now, due)) return std::nullopt;
  absl::Time issued = std::max(begin + std::max(*how.issued_after, absl::ZeroDuration()), now);
  // The window is shorter than the last.
  if (issued >= due) issued = std::max(begin, now);
  if (issued >= due) due = end;
  return std::make_pair(issued, due);
}

v1::PlatformPart PartToBe(const v1::Form& form, const registry::v1::Platform& platform,
                          absl::Time issued, absl::Time due) {
  v1::PlatformPart part;
  part.set_name(PartName(form.name(), platform.name()));
  part.set_university(form.university());
  part.set_platform(platform.name());
  part.set_platform_title(platform.display_name());
  part.set_college(platform.college());
  *part.mutable_issue_time() = time::ToTimestamp(issued);
  *part.mutable_due_time() = time::ToTimestamp(due);
  return part;
}

// With its platform, or going to be.
bool IsToCome(const v1::PlatformPart& part) {
  return part.has_issue_time() &&
         (part.state() == v1::PART_STATE_UNSPECIFIED || part.state() == v1::PART_STATE_DRAFT ||
          part.state() == v1::PART_STATE_RETURNED);
}

bool IsDelivered(const v1::PlatformPart* part) {
  return part != nullptr && part->has_deliver_time();
}

v1::SimulatedTask PlatformTask(v1::SimulatedTask task, const std::string& platform,
                               const std::string& title, const v1::Form& form,
                               const std::string& college, absl::string_view act, int rows) {
  task.set_organization(platform);
  task.set_title(title);
  task.set_owner_title(absl::StrCat(form.university_title(), college));
  task.set_act(std::string(act));
  task.set_row_count(rows);
  return task;
}

Guess GuessOfPart(const SimulationInputs& inputs, const v1::PlatformPart& part, absl::Time term,
                  absl::Time now) {
  if (!IsToCome(part)) {
    return {time::ToTime(part.submit_time()), !part.on_time(), "已报送学校", /*done=*/true};
  }
  const Due due = {
      .end = term, .from = term, .received = time::ToTime(part.issue_time()), .act = "报送"};
  Guess guess = GuessBy(inputs.habits, part.platform(), due, OnTheLastAfternoon(term));
  NotBefore(now, due, &guess);
  if (part.revision() > 0) {
    // The first submission has decided it.
    guess.late = !part.on_time();
    guess.reason = "已退回平台，待再次报送";
  }
  return guess;
}

// What comes home to one university, by platform.
struct HomeRows {
  std::string title;
  std::string college;
  int32_t rows = 0;
};
using HomeOfUniversity = std::map<std::string, HomeRows>;

class Returning {
 public:
  Returning(const SimulationInputs& inputs, absl::Time as_of, const Legs& legs,
            std::vector<v1::SimulatedTask>* tasks)
      : in_(inputs),
        now_(std::min(as_of, EndOf(inputs.cycle, kPublishStep))),
        end_(EndOf(inputs.cycle, kReturnStep)),
        legs_(legs),
        tasks_(*tasks) {
    for (const v1::PlatformPart& part : in_.parts) parts_[part.platform()] = &part;
  }

  void Play(const v1::Form& form, const HomeOfUniversity& home) {
    const Sends& returned = legs_.Between(kReturnStep, in_.cycle.secretariat(), form.university());
    // On the secretariat's last afternoon, unless that is over.
    const absl::Time to_come = std::max(end_ - kBeforeMidnight, now_);
    const Guess guess = SendingOn(form.university(), home, returned, to_come);
    v1::SimulatedTask task =
        TaskOf(kReturnStep, returned.any() ? returned.first() : to_come, end_, guess);
    task.set_organization(form.university());
    task.set_title(form.university_title());
    task.set_act("签收返回的报表并发至科创平台");
    int32_t rows = 0;
    for (const auto& [platform, one] : home) rows += one.rows;
    task.set_row_count(rows);
    tasks_.push_back(std::move(task));
    for (const auto& [platform, one] : home) {
      if (platform.empty()) continue;
      const v1::PlatformPart* part = PartOf(platform);
      const absl::Time received =
          IsDelivered(part) ? time::ToTime(part->deliver_time()) : guess.time;
      tasks_.push_back(
          PlatformTask(TaskOf(kReturnStep, received, end_, Signing(platform, part, received)),
                       platform, one.title, form, one.college,
                       "签收返回的报表，提出新的结对共建意向、筹备路演推介活动", one.rows));
    }
  }

 private:
  const v1::PlatformPart* PartOf(const std::string& platform) const {
    const auto found = parts_.find(platform);
    return found == parts_.end() ? nullptr : found->second;
  }

  Guess SendingOn(const std::string& university, const HomeOfUniversity& home,
                  const Sends& returned, absl::Time to_come) const {
    absl::Time last = absl::InfinitePast();
    bool all = true;
    for (const auto& [platform, one] : home) {
      const v1::PlatformPart* part = PartOf(platform);
      all = all && IsDelivered(part);
      if (all) last = std::max(last, time::ToTime(part->deliver_time()));
    }
    // What came after it is to be sent on as well.
    all = all && !(returned.any() && returned.last() > last);
    if (all) return {last, time::IsPastDeadline(last, end_), "已发至科创平台", /*done=*/true};
    return WhenGot(university, returned.any() ? returned.last() : to_come, "转发");
  }

  Guess Signing(const std::string& platform, const v1::PlatformPart* part,
                absl::Time received) const {
    if (IsDelivered(part) && part->has_receive_time() &&
        time::ToTime(part->receive_time()) >= received) {
      const absl::Time signed_at = time::ToTime(part->receive_time());
      return {signed_at, time::IsPastDeadline(signed_at, end_), "已签收", /*done=*/true};
    }
    return WhenGot(platform, received, "签收");
  }

  // On the same day, by who has no past.
  Guess WhenGot(const std::string& who, absl::Time received, absl::string_view act) const {
    const Due due = {.end = end_, .from = received, .received = received, .act = act};
    Guess guess = GuessBy(in_.return_habits, who, due,
                          {.time = received, .late = false, .reason = "按收到当日签收计"});
    NotBefore(now_, due, &guess);
    return guess;
  }

  const SimulationInputs& in_;
  const absl::Time now_;
  const absl::Time end_;
  const Legs& legs_;
  std::map<std::string, const v1::PlatformPart*> parts_;
  std::vector<v1::SimulatedTask>& tasks_;
};

}  // namespace

v1::SimulatedTask TaskOf(int step, absl::Time received, absl::Time end, const Guess& guess) {
  v1::SimulatedTask task;
  task.set_step(step);
  *task.mutable_receive_time() = time::ToTimestamp(received);
  *task.mutable_deadline() = time::ToTimestamp(end);
  *task.mutable_expected_time() = time::ToTimestamp(guess.time);
  task.set_late(guess.late);
  task.set_reason(guess.reason);
  task.set_done(guess.done);
  return task;
}

void AddHandingOut(const v1::Cycle& cycle, const std::vector<v1::PlatformPart>& parts,
                   std::map<std::string, HandingOut>* known) {
  std::map<std::string, HandingOut> here;
  for (const v1::PlatformPart& part : parts) {
    HandingOut::Part& one = here[part.university()].parts[part.platform()];
    if (!part.has_issue_time()) continue;
    one.issued_after = time::ToTime(part.issue_time()) - BeginOf(cycle, kReportStep);
    one.due_before = EndOf(cycle, kReportStep) - time::ToTime(part.due_time());
  }
  // What is known stays.
  known->merge(here);
}

std::vector<v1::PlatformPart> PlanParts(const SimulationInputs& inputs,
                                        const std::vector<registry::v1::Platform>& platforms,
                                        absl::Time as_of) {
  std::vector<v1::PlatformPart> parts = inputs.parts;
  std::set<std::string> present;
  for (const v1::PlatformPart& part : parts) present.insert(part.platform());
  const std::vector<FormScope> scopes = ScopesOf(inputs);
  const absl::Time begin = BeginOf(inputs.cycle, kReportStep);
  for (const registry::v1::Platform& platform : platforms) {
    if (present.contains(platform.name())) continue;
    const auto scope = std::find_if(scopes.begin(), scopes.end(), [&](const FormScope& one) {
      return one.university == platform.organization() &&
             BelongsElsewhere(one, platform.name()).empty();
    });
    if (scope == scopes.end()) continue;
    const v1::Form& form = inputs.forms[static_cast<size_t>(scope - scopes.begin())];
    // What was handed in once is not begun again.
    if (!RequireWithUniversity(form, "").ok() || form.has_submit_time()) continue;
    const auto how = HowHandedOut(inputs, form.university(), platform.name());
    if (!how) continue;
    const auto times = HandingTimes(*how, begin, FormEnd(inputs.cycle, form), as_of);
    if (times) parts.push_back(PartToBe(form, platform, times->first, times->second));
  }
  std::sort(parts.begin(), parts.end(), [](const v1::PlatformPart& a, const v1::PlatformPart& b) {
    return a.name() < b.name();
  });
  return parts;
}

std::vector<OpenPart> PartsToCome(const SimulationInputs& inputs) {
  std::map<std::string, const v1::Form*> forms;
  for (const v1::Form& form : inputs.forms) forms[form.name()] = &form;
  std::vector<OpenPart> open;
  for (const v1::PlatformPart& part : inputs.parts) {
    const auto form = forms.find(std::string(FormOfName(part.name())));
    if (form == forms.end() || !IsToCome(part)) continue;
    open.push_back({part, *form->second,
                    std::min(time::ToTime(part.due_time()), FormEnd(inputs.cycle, *form->second))});
  }
  return open;
}

std::map<std::string, GatheredParts> PlayParts(const SimulationInputs& inputs, absl::Time as_of,
                                               std::vector<v1::SimulatedTask>* tasks) {
  const absl::Time now = std::min(as_of, EndOf(inputs.cycle, kPublishStep));
  std::map<std::string, const v1::Form*> forms;
  for (const v1::Form& form : inputs.forms) forms[form.name()] = &form;
  std::map<std::string, int32_t> rows;
  for (const v1::Row& row : inputs.rows) ++rows[row.platform()];
  std::map<std::string, GatheredParts> gathered;
  for (const v1::PlatformPart& part : inputs.parts) {
    const auto form = forms.find(std::string(FormOfName(part.name())));
    if (form == forms.end() || !part.has_issue_time() || part.state() == v1::PART_STATE_KEPT) {
      continue;
    }
    const absl::Time term =
        std::min(time::ToTime(part.due_time()), FormEnd(inputs.cycle, *form->second));
    const Guess guess = GuessOfPart(inputs, part, term, now);
    tasks->push_back(PlatformTask(TaskOf(kReportStep, time::ToTime(part.issue_time()), term, guess),
                                  part.platform(), part.platform_title(), *form->second,
                                  part.college(), "填报本平台部分并报送学校",
                                  rows[part.platform()]));
    GatheredParts& of_form = gathered[form->first];
    ++of_form.count;
    // What came late came, and is not taken back.
    of_form.late += guess.late && IsToCome(part) ? 1 : 0;
    of_form.until =
        std::max(of_form.until, IsToCome(part) ? std::min(guess.time, term) : guess.time);
  }
  return gathered;
}

void PlayReturn(const SimulationInputs& inputs, absl::Time as_of, const Legs& legs,
                std::vector<v1::SimulatedTask>* tasks) {
  std::map<std::string, HomeOfUniversity> homes;
  for (const v1::Row& row : inputs.rows) {
    if (row.unit().empty() || row.enterprise().empty()) continue;
    HomeRows& home = homes[row.university()][row.platform()];
    home.title = row.platform_title();
    home.college = row.college();
    ++home.rows;
  }
  Returning returning(inputs, as_of, legs, tasks);
  for (const v1::Form& form : inputs.forms) {
    const auto home = homes.find(form.university());
    if (home == homes.end()) continue;
    returning.Play(form, home->second);
    // Of two forms that a merger gave one university, all of it once.
    homes.erase(home);
  }
}

}  // namespace chanyan::cycle
