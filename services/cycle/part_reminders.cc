#include "services/cycle/part_reminders.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/ids.h"
#include "services/cycle/notice_texts.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/part_checks.h"
#include "services/cycle/part_notices.h"
#include "services/cycle/spoken_rules.h"

namespace chanyan::cycle {
namespace {

using Owed = std::vector<const OpenPart*>;

// "甲、乙等 25 个平台".
std::string PlatformsInWords(const Owed& parts) {
  std::vector<std::string> titles;
  for (const OpenPart* one : parts) {
    if (titles.size() == kNamesInNotice) break;
    titles.push_back(one->part.platform_title());
  }
  return absl::StrCat(absl::StrJoin(titles, "、"), parts.size() > titles.size() ? "等 " : "共 ",
                      parts.size(), " 个平台");
}

// What one reminder says of the parts of one form.
class FormTeller {
 public:
  FormTeller(const v1::Cycle& cycle, const v1::Reminder& reminder, const v1::Form& form,
             const People& people, absl::Time now)
      : reminder_(reminder),
        form_(form),
        people_(people),
        secretariat_(cycle.secretariat()),
        term_(time::ToTime(reminder.deadline())),
        over_(time::IsPastDeadline(now, FormEnd(cycle, form))) {}

  // Each manager of all the parts that concern him. Those that concern nobody.
  Owed TellManagers(const Owed& parts) {
    Owed nobodys;
    const std::vector<Person> managers =
        WithRoles(people_, form_.university(), {options::v1::ROLE_PLATFORM_MANAGER});
    for (const OpenPart* one : parts) {
      if (std::none_of(managers.begin(), managers.end(), [&](const Person& person) {
            return IsManagedBy(one->part, person.account);
          })) {
        nobodys.push_back(one);
      }
    }
    for (const Person& person : managers) {
      Owed his;
      for (const OpenPart* one : parts) {
        if (IsManagedBy(one->part, person.account)) his.push_back(one);
      }
      if (his.empty()) continue;
      Add(person, PartsSubject(form_.name()),
          absl::StrCat(PlatformsInWords(his), "尚未报送，",
                       IsAhead() ? absl::StrCat("请于", SpokenToTheSecond(term_), "前")
                                 : std::string("请抓紧"),
                       "填报并报送学校。", HowIfOver()));
    }
    return nobodys;
  }

  // Those of the university who answer for all of its platforms. False if there is nobody.
  bool TellUniversity(options::v1::Role role, const Owed& parts, absl::string_view ask) {
    const std::vector<Person> those = WithRoles(people_, form_.university(), {role});
    for (const Person& person : those) Oversee(person, parts, ask);
    return !those.empty();
  }
  void TellSecretariat(const Owed& parts) {
    for (const Person& person : WithRoles(people_, secretariat_, {options::v1::ROLE_SECRETARIAT})) {
      Oversee(
          person, parts,
          absl::StrCat("“", form_.university_title(), "”在系统中没有可提醒的人员，请另行联系。"));
    }
  }

  std::vector<v1::Notification> Take() { return std::move(tellings_); }

 private:
  bool IsAhead() const { return reminder_.kind() == v1::NOTIFICATION_KIND_REMINDER; }
  std::string Until() const {
    const std::string day = time::FormatMonthDayZh(time::DayOf(term_));
    return IsAhead() ? absl::StrCat("将于", day, "截止") : absl::StrCat("已于", day, "截止");
  }
  std::string HowIfOver() const {
    return over_ ? "学校报送期已过，须先由秘书处准予延期后才能报送。" : "";
  }
  void Oversee(const Person& person, const Owed& parts, absl::string_view ask) {
    Add(person, form_.name(),
        absl::StrCat(PlatformsInWords(parts), IsAhead() ? "尚未报送" : "逾期未报送", "学校，期限",
                     SpokenToTheSecond(term_), "。", ask, HowIfOver()));
  }
  void Add(const Person& person, const std::string& subject, std::string content) {
    // As if a journal had said so: the notification's name follows from reminder, form and person.
    journal::v1::Entry entry;
    entry.set_event_id(absl::StrCat(reminder_.name(), "\n", form_.name()));
    entry.set_resource(subject);
    Notice notice;
    notice.organization = form_.university();
    notice.kind = reminder_.kind();
    notice.title = absl::StrCat("科创平台季度报表", Until());
    notice.content = std::move(content);
    notice.due = term_;
    tellings_.push_back(NotificationOf(entry, notice, person));
  }

  const v1::Reminder& reminder_;
  const v1::Form& form_;
  const People& people_;
  const std::string secretariat_;
  const absl::Time term_;
  const bool over_;
  std::vector<v1::Notification> tellings_;
};

}  // namespace

absl::StatusOr<std::vector<OpenPart>> LoadOpenParts(db::Session& session, const v1::Cycle& cycle,
                                                    bool lock) {
  const db::Table<v1::PlatformPart> parts;
  const db::Table<v1::Form> forms;
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::PlatformPart> stored,
                           parts.Select(session,
                                        db::And(Below(absl::StrCat(cycle.name(), "/forms")),
                                                {std::string(kStillToSubmit), {}}),
                                        lock ? db::kByNameLocked : "name"));
  std::map<std::string, v1::Form> by_name;
  for (const v1::PlatformPart& part : stored) by_name[std::string(FormOfName(part.name()))];
  std::vector<std::string> names;
  for (const auto& [name, form] : by_name) names.push_back(name);
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            std::vector<v1::Form> found,
            forms.Select(session, {absl::StrCat("name IN ", db::Marks(chunk.size())),
                                   db::Values(chunk.begin(), chunk.end())}));
        for (v1::Form& form : found) {
          const std::string name = form.name();
          by_name[name] = std::move(form);
        }
        return absl::OkStatus();
      }));
  std::vector<OpenPart> open;
  for (v1::PlatformPart& part : stored) {
    const v1::Form& form = by_name.at(std::string(FormOfName(part.name())));
    const absl::Time term = std::min(time::ToTime(part.due_time()), FormEnd(cycle, form));
    open.push_back({std::move(part), form, term});
  }
  return open;
}

std::vector<PartTerm> TermsOf(const std::vector<OpenPart>& parts) {
  std::map<absl::Time, absl::Time> since;
  for (const OpenPart& one : parts) {
    const absl::Time issued = time::ToTime(one.part.issue_time());
    const auto [known, first] = since.try_emplace(one.term, issued);
    if (!first) known->second = std::min(known->second, issued);
  }
  std::vector<PartTerm> terms;
  for (const auto& [end, issued] : since) terms.push_back({end, issued});
  return terms;
}

std::vector<OpenPart> ConcernedBy(const v1::Reminder& reminder, std::vector<OpenPart> parts) {
  std::erase_if(parts, [&](const OpenPart& one) {
    return one.term != time::ToTime(reminder.deadline()) ||
           time::ToTime(one.part.issue_time()) > time::ToTime(reminder.schedule_time());
  });
  return parts;
}

std::vector<v1::Notification> PartTellings(const v1::Cycle& cycle, const v1::Reminder& reminder,
                                           const std::vector<OpenPart>& parts, const People& people,
                                           absl::Time now, std::vector<std::string>* unreachable) {
  std::map<std::string, Owed> by_form;
  for (const OpenPart& one : parts) by_form[one.form.name()].push_back(&one);
  std::vector<v1::Notification> tellings;
  for (const auto& [name, owed] : by_form) {
    FormTeller teller(cycle, reminder, owed.front()->form, people, now);
    Owed left = owed;
    if (reminder.kind() != v1::NOTIFICATION_KIND_ESCALATION) {
      left = teller.TellManagers(owed);
    } else if (teller.TellUniversity(options::v1::ROLE_LEADER, owed, "请督促办理。")) {
      left.clear();
    }
    if (!left.empty() &&
        !teller.TellUniversity(options::v1::ROLE_RESEARCH_OFFICE, left,
                               reminder.kind() == v1::NOTIFICATION_KIND_ESCALATION
                                   ? "本单位没有可提请督办的负责人账号，请直接督促办理。"
                                   : "没有可提醒的平台管理人员，请指定填报人，或收回自填。")) {
      teller.TellSecretariat(left);
      unreachable->push_back(owed.front()->form.university());
    }
    for (v1::Notification& one : teller.Take()) tellings.push_back(std::move(one));
  }
  return tellings;
}

}  // namespace chanyan::cycle
