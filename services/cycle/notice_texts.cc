#include "services/cycle/notice_texts.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chanyan/pairing/v1/agreement.pb.h"
#include "chanyan/pairing/v1/contact.pb.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/digest.h"
#include "common/api/json.h"
#include "common/api/names.h"
#include "common/journal/entry_message.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/agreement_notices.h"
#include "services/cycle/booking_notices.h"
#include "services/cycle/consortium_notices.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/ids.h"
#include "services/cycle/meeting_notices.h"
#include "services/cycle/problem_notices.h"
#include "services/cycle/reminder_rules.h"
#include "services/cycle/triage_notices.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_PLATFORM_MANAGER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;

std::string NotificationName(absl::string_view of, absl::string_view account,
                             absl::string_view part = "") {
  return absl::StrCat("notifications/",
                      api::DigestId("n", absl::StrCat(of, "\n", account, "\n", part)));
}

// "2025年第二季度第1步“高校填报”".
std::string QuarterAndStep(const v1::Cycle& cycle, int step) {
  const auto quarter = time::Quarter::Parse(api::IdOfName(cycle.name()));
  return absl::StrCat(quarter.ok() ? quarter->LabelZh() : std::string(api::IdOfName(cycle.name())),
                      "第", step, "步“", StepOf(cycle, step).label(), "”");
}

// "甲、乙等25家单位".
std::string Listed(const std::vector<std::string>& names) {
  const size_t shown = std::min<size_t>(names.size(), kNamesInNotice);
  const std::vector<std::string> some(names.begin(), names.begin() + static_cast<long>(shown));
  return shown == names.size()
             ? absl::StrJoin(some, "、")
             : absl::StrCat(absl::StrJoin(some, "、"), "等", names.size(), "家单位");
}

std::string TitleOfDuty(const Duty& duty) { return duty.title.empty() ? duty.debtor : duty.title; }

class Teller {
 public:
  Teller(const v1::Cycle& cycle, const v1::Reminder& reminder, const People& people)
      : cycle_(cycle), reminder_(reminder), people_(people) {}

  // The people of one debtor who have something to do, each all of it. False if there is nobody.
  bool TellDebtor(const std::string& debtor, const std::vector<const Duty*>& duties) {
    bool all = true;
    std::map<std::string, std::pair<const Person*, std::vector<std::string>>> told;
    for (const Duty* duty : duties) {
      const std::vector<const Person*> doers = DoersOf(*duty);
      if (doers.empty()) all = false;
      for (const Person* person : doers) {
        auto& [who, acts] = told[person->account];
        who = person;
        acts.push_back(duty->what);
      }
    }
    for (const auto& [account, one] : told) {
      // One person may answer for several platforms, and each is settled by itself.
      Add(*one.first, debtor, IsPlatform(debtor) ? debtor : "",
          Spoken(absl::StrJoin(one.second, "；")));
    }
    return all;
  }

  // The leaders of one unit, of all debtors that are theirs. False if there is none.
  bool TellLeaders(const std::string& unit, const std::vector<const Duty*>& duties) {
    const std::vector<Person> leaders = WithRoles(people_, unit, {ROLE_LEADER});
    std::vector<std::string> names;
    for (const Duty* duty : duties) {
      names.push_back(duty->debtor == unit ? "本单位" : TitleOfDuty(*duty));
    }
    names.erase(std::unique(names.begin(), names.end()), names.end());
    // What one debtor owes is settled with it; what several owe is not settled by one of them.
    const std::string debtor = names.size() == 1 ? duties.front()->debtor : "";
    for (const Person& leader : leaders) {
      Add(leader, debtor, "",
          absl::StrCat(Listed(names), "未按期完成：", duties.front()->what, "。请督促办理。",
                       Basis()));
    }
    return !leaders.empty();
  }

  void TellSecretariat(const std::vector<std::string>& titles) {
    for (const Person& person : WithRoles(people_, cycle_.secretariat(), {ROLE_SECRETARIAT})) {
      // Settled once nobody owes anything.
      Add(person, "", "unreachable",
          absl::StrCat(Listed(titles), "有未办事项，但系统中没有可提醒的人员，请另行联系。",
                       Basis()));
    }
  }

  std::vector<v1::Notification> Take() { return std::move(tellings_); }

 private:
  // Who does it; of a platform without such people the research office sees to it.
  std::vector<const Person*> DoersOf(const Duty& duty) const {
    const std::string organization(IsPlatform(duty.debtor) ? OwnerOfPlatform(duty.debtor)
                                                           : absl::string_view(duty.debtor));
    std::vector<const Person*> doers;
    for (const Person& person : People(organization)) {
      const bool his = duty.accounts.empty() ||
                       std::find(duty.accounts.begin(), duty.accounts.end(), person.account) !=
                           duty.accounts.end();
      if (his && person.Has(duty.role)) doers.push_back(&person);
    }
    if (!doers.empty() || duty.role != ROLE_PLATFORM_MANAGER) return doers;
    for (const Person& person : People(organization)) {
      if (person.Has(ROLE_RESEARCH_OFFICE)) doers.push_back(&person);
    }
    return doers;
  }
  const std::vector<Person>& People(const std::string& organization) const {
    static const auto& nobody = *new std::vector<Person>;
    const auto found = people_.find(organization);
    return found == people_.end() ? nobody : found->second;
  }

  std::string Basis() const {
    return absl::StrCat("期限依据：", StepOf(cycle_, reminder_.step()).derivation(), "。");
  }

  std::string Spoken(absl::string_view act) const {
    const std::string end = SpokenTime(time::ToTime(reminder_.deadline()));
    return reminder_.kind() == v1::NOTIFICATION_KIND_REMINDER
               ? absl::StrCat("请于", end, "前", act, "。", Basis())
               : absl::StrCat("已于", end, "截止，尚未", act, "，请尽快办理。", Basis());
  }

  void Add(const Person& person, const std::string& debtor, absl::string_view part,
           std::string content) {
    v1::Notification& one = tellings_.emplace_back();
    one.set_name(NotificationName(reminder_.name(), person.account, part));
    one.set_account(person.account);
    one.set_organization(person.organization);
    one.set_kind(reminder_.kind());
    const absl::Time end = time::ToTime(reminder_.deadline());
    const std::string day = time::FormatMonthDayZh(time::DayOf(end));
    one.set_title(absl::StrCat(QuarterAndStep(cycle_, reminder_.step()),
                               reminder_.kind() == v1::NOTIFICATION_KIND_REMINDER
                                   ? absl::StrCat("将于", day, "截止")
                                   : absl::StrCat("已于", day, "截止，有单位未完成")));
    one.set_content(std::move(content));
    one.set_subject(StepSubject(cycle_.name(), reminder_.step()));
    one.set_debtor(debtor);
    *one.mutable_due_time() = reminder_.deadline();
    one.set_state(v1::NOTIFICATION_STATE_UNREAD);
  }

  const v1::Cycle& cycle_;
  const v1::Reminder& reminder_;
  const cycle::People& people_;
  std::vector<v1::Notification> tellings_;
};

std::string DayInWords(absl::Time time) { return time::FormatDateZh(time::DayOf(time)); }

std::optional<Notice> OfContact(const pairing::v1::Contact& contact) {
  return Notice{contact.respondent(),
                {ROLE_RESEARCH_OFFICE, ROLE_PLATFORM_MANAGER, ROLE_ENTERPRISE},
                v1::NOTIFICATION_KIND_OVERDUE,
                absl::StrCat("“", contact.project_title(), "”有一条接洽逾期未答复"),
                absl::StrCat("对方的接洽应于", SpokenTime(time::ToTime(contact.respond_by())),
                             "前答复，尚未答复。期限依据：", contact.respond_by_derivation(), "。"),
                time::ToTime(contact.respond_by())};
}

Notice OfIntent(const pairing::v1::Intent& intent) {
  const absl::Time end = time::ToTime(intent.expire_time());
  Notice notice{intent.organization(),
                {ROLE_RESEARCH_OFFICE, ROLE_PLATFORM_MANAGER, ROLE_ENTERPRISE},
                v1::NOTIFICATION_KIND_REMINDER,
                absl::StrCat("结对共建意向“", intent.title(), "”将于", DayInWords(end), "到期"),
                absl::StrCat(intent.platform_title().empty()
                                 ? ""
                                 : absl::StrCat("所属科创平台：", intent.platform_title(), "。"),
                             "到期后不再展示；仍然有效的请续期，不再需要的请撤回。"),
                end};
  notice.contacts.assign(intent.contacts().begin(), intent.contacts().end());
  return notice;
}

Notice OfAgreement(const pairing::v1::FrameAgreement& agreement) {
  const absl::Time end = time::ToTime(agreement.expire_time());
  return {agreement.lead(),
          {ROLE_SECRETARIAT, options::v1::ROLE_DEPARTMENT, ROLE_UNIT, ROLE_RESEARCH_OFFICE},
          v1::NOTIFICATION_KIND_REMINDER,
          absl::StrCat("合作框架协议“", agreement.title(), "”将于", DayInWords(end), "到期"),
          "请与合作方商定续签或者到期终止。",
          end};
}

ProblemBefore ProblemBeforeOf(const journal::v1::Entry& entry) {
  pairing::v1::Problem before;
  if (entry.before_json().empty() ||
      !api::JsonToMessage(entry.before_json(), before, api::JsonSource::kStored).ok()) {
    return std::nullopt;
  }
  return before;
}

Notice OfPlatform(const registry::v1::Platform& platform) {
  Notice notice{platform.organization(),
                {ROLE_PLATFORM_MANAGER, ROLE_RESEARCH_OFFICE},
                v1::NOTIFICATION_KIND_OVERDUE,
                absl::StrCat("科创平台“", platform.display_name(), "”的信息需要更新"),
                "平台信息超过期限未确认，已标注为待更新；请核对后更新或者确认无变化。",
                absl::InfinitePast()};
  for (const registry::v1::Contact& contact : platform.contacts()) {
    notice.contacts.push_back(contact.person());
  }
  return notice;
}

}  // namespace

std::vector<v1::Notification> Tellings(const v1::Cycle& cycle, const v1::Reminder& reminder,
                                       const std::vector<Duty>& duties, const People& people,
                                       std::vector<std::string>* unreachable) {
  const bool escalation = reminder.kind() == v1::NOTIFICATION_KIND_ESCALATION;
  std::map<std::string, std::vector<const Duty*>> groups;
  for (const Duty& duty : duties) {
    groups[escalation ? duty.leader_of : duty.debtor].push_back(&duty);
  }
  Teller teller(cycle, reminder, people);
  std::vector<std::string> titles;
  for (const auto& [group, owed] : groups) {
    if (escalation ? teller.TellLeaders(group, owed) : teller.TellDebtor(group, owed)) continue;
    unreachable->push_back(group);
    for (const Duty* duty : owed) {
      if (titles.empty() || titles.back() != TitleOfDuty(*duty)) {
        titles.push_back(TitleOfDuty(*duty));
      }
    }
  }
  if (!titles.empty()) teller.TellSecretariat(titles);
  return teller.Take();
}

std::vector<Notice> NoticesOf(const journal::v1::Entry& entry) {
  if (ConcernsTriageNotices(entry)) return TriageNoticesOf(entry);
  if (IsConsortiumType(entry.type())) return ConsortiumNoticesOf(entry);
  if (const auto problem = journal::AfterIf<pairing::v1::Problem>(entry)) {
    return ProblemNoticesOf(*problem, entry.kind(), ProblemBeforeOf(entry));
  }
  if (const auto follow_up = journal::AfterIf<pairing::v1::FollowUp>(entry)) {
    return FollowUpNoticesOf(*follow_up, entry.kind(), entry.before_json().empty());
  }
  if (const auto agreement = journal::AfterIf<pairing::v1::Agreement>(entry)) {
    return AgreementNoticesOf(*agreement, entry.kind());
  }
  if (const auto booking = journal::AfterIf<registry::v1::Booking>(entry)) {
    return BookingNoticesOf(*booking, entry.kind());
  }
  std::vector<Notice> notices;
  if (std::optional<Notice> notice = NoticeOf(entry)) notices.push_back(*std::move(notice));
  return notices;
}

std::optional<Notice> NoticeOf(const journal::v1::Entry& entry) {
  if (IsConsortiumType(entry.type())) return ConsortiumNoticeOf(entry);
  const std::string& kind = entry.kind();
  if (const auto booking = journal::AfterIf<registry::v1::Booking>(entry)) {
    return BookingNoticeOf(*booking, kind);
  }
  if (kind == "unanswered") {
    if (const auto contact = journal::AfterIf<pairing::v1::Contact>(entry))
      return OfContact(*contact);
  } else if (kind == "reminded") {
    if (const auto platform = journal::AfterIf<registry::v1::Platform>(entry))
      return OfPlatform(*platform);
  } else if (kind == "expiring") {
    if (const auto intent = journal::AfterIf<pairing::v1::Intent>(entry)) return OfIntent(*intent);
    if (const auto frame = journal::AfterIf<pairing::v1::FrameAgreement>(entry))
      return OfAgreement(*frame);
  }
  return std::nullopt;
}

bool ConcernsNotices(const journal::v1::Entry& entry) {
  for (const auto* type :
       {pairing::v1::Contact::descriptor(), pairing::v1::Problem::descriptor(),
        pairing::v1::Agreement::descriptor(), pairing::v1::Intent::descriptor(),
        pairing::v1::FrameAgreement::descriptor(), pairing::v1::FollowUp::descriptor(),
        registry::v1::Platform::descriptor(), registry::v1::Booking::descriptor()}) {
    if (entry.type() == type->full_name()) return true;
  }
  return IsConsortiumType(entry.type()) || ConcernsTriageNotices(entry);
}

bool IsSettled(const journal::v1::Entry& entry) {
  if (IsConsortiumType(entry.type())) return IsConsortiumSettled(entry);
  if (ConcernsTriageNotices(entry)) return IsTriageSettled(entry);
  if (const auto contact = journal::AfterIf<pairing::v1::Contact>(entry)) {
    return contact->state() != pairing::v1::CONTACT_STATE_AWAITING;
  }
  if (const auto problem = journal::AfterIf<pairing::v1::Problem>(entry)) {
    return IsProblemSettled(*problem, entry.kind(), ProblemBeforeOf(entry));
  }
  if (const auto intent = journal::AfterIf<pairing::v1::Intent>(entry)) {
    // Renewed, it is reminded of anew; one that has become a project is done with.
    return entry.kind() != "expiring" &&
           (intent->state() != pairing::v1::INTENT_STATE_OPEN || intent->reminded_days() == 0 ||
            !intent->project().empty());
  }
  if (const auto agreement = journal::AfterIf<pairing::v1::Agreement>(entry)) {
    return IsAgreementSettled(*agreement, entry.kind());
  }
  if (const auto frame = journal::AfterIf<pairing::v1::FrameAgreement>(entry)) {
    return entry.kind() != "expiring" &&
           (frame->state() != pairing::v1::FRAME_AGREEMENT_STATE_IN_FORCE ||
            frame->reminded_days() == 0);
  }
  if (const auto follow_up = journal::AfterIf<pairing::v1::FollowUp>(entry)) {
    // That it is due soon gives way to that it is overdue, and both to another due date.
    return entry.kind() == "overdue" || entry.kind() == "extend" ||
           (follow_up->state() != pairing::v1::FOLLOW_UP_STATE_ASSIGNED &&
            follow_up->state() != pairing::v1::FOLLOW_UP_STATE_IN_PROGRESS);
  }
  if (const auto platform = journal::AfterIf<registry::v1::Platform>(entry))
    return !platform->stale();
  if (const auto booking = journal::AfterIf<registry::v1::Booking>(entry)) {
    return IsBookingSettled(*booking, entry.kind());
  }
  return false;
}

std::vector<std::string> SettledDebtors(const journal::v1::Entry& entry) {
  return IsOfMeeting(entry) ? SettledOwnersOf(entry) : std::vector<std::string>();
}

v1::Notification NotificationOf(const journal::v1::Entry& entry, const Notice& notice,
                                const Person& person) {
  v1::Notification one;
  one.set_name(NotificationName(entry.event_id(), person.account));
  one.set_account(person.account);
  one.set_organization(person.organization);
  one.set_kind(notice.kind);
  one.set_title(notice.title);
  one.set_content(notice.content);
  one.set_subject(notice.subject.empty() ? entry.resource() : notice.subject);
  one.set_debtor(notice.account.empty() ? notice.organization : notice.account);
  if (notice.due != absl::InfinitePast()) *one.mutable_due_time() = time::ToTimestamp(notice.due);
  one.set_state(v1::NOTIFICATION_STATE_UNREAD);
  return one;
}

v1::Digest DigestOf(absl::CivilDay day, const std::vector<v1::Notification>& unread) {
  v1::Digest digest;
  const v1::Notification& first = unread.front();
  digest.set_name(absl::StrCat(
      "digests/", api::DigestId("d", absl::StrCat(first.account(), "\n", time::FormatDate(day)))));
  digest.set_account(first.account());
  digest.set_organization(first.organization());
  *digest.mutable_day() = time::ToProto(day);
  std::vector<const v1::Notification*> sorted;
  for (const v1::Notification& one : unread) sorted.push_back(&one);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    const absl::Time left =
        a->has_due_time() ? time::ToTime(a->due_time()) : absl::InfiniteFuture();
    const absl::Time right =
        b->has_due_time() ? time::ToTime(b->due_time()) : absl::InfiniteFuture();
    return std::make_pair(left, a->name()) < std::make_pair(right, b->name());
  });
  for (const v1::Notification* one : sorted) {
    v1::DigestItem* item = digest.add_items();
    item->set_notification(one->name());
    item->set_kind(one->kind());
    item->set_title(one->title());
    if (one->has_due_time()) *item->mutable_due_time() = one->due_time();
  }
  digest.set_title(absl::StrCat(time::FormatDateZh(day), "待办事项", unread.size(), "件"));
  return digest;
}

}  // namespace chanyan::cycle
