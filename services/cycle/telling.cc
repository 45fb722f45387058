#include "services/cycle/telling.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/names.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "services/cycle/webhook_outbox.h"

namespace chanyan::cycle {
namespace {

// News asks for nothing: it stays until it is read.
constexpr char kSettle[] =
    "UPDATE notification SET state = 'SETTLED', update_time = ?, version = version + 1 "
    "WHERE subject = ? AND state = 'UNREAD' AND kind <> 'NEWS'";
constexpr char kSettleOf[] =
    "UPDATE notification SET state = 'SETTLED', update_time = ?, version = version + 1 "
    "WHERE subject = ? AND debtor = ? AND state = 'UNREAD'";

bool IsContact(const Notice& notice, const Person& person) {
  return std::find(notice.contacts.begin(), notice.contacts.end(), person.display_name) !=
         notice.contacts.end();
}

bool IsMeant(const Notice& notice, const Person& person) {
  return notice.accounts.empty() || std::find(notice.accounts.begin(), notice.accounts.end(),
                                              person.account) != notice.accounts.end();
}

// Names alone: how they are reached, their own organization knows.
std::string PassOn(const Notice& notice) {
  return absl::StrCat("联系人", absl::StrJoin(notice.contacts, "、"),
                      "在系统中没有可办理的账号，请转告。");
}

}  // namespace

std::set<std::string> Concerned(const Notice& notice) {
  std::set<std::string> concerned(notice.also.begin(), notice.also.end());
  concerned.insert(notice.organization);
  // A part that is vacant is nobody.
  if (!notice.also.empty()) concerned.erase("");
  return concerned;
}

void AddTellings(const journal::v1::Entry& entry, const Notice& notice, const People& people,
                 std::vector<v1::Notification>* tellings) {
  for (const std::string& one : Concerned(notice)) {
    Notice here = notice;
    here.organization = one;
    const auto tell = [&](const std::string& organization) {
      const std::vector<Person> members = WithRoles(people, organization, notice.roles);
      const bool reached = std::any_of(members.begin(), members.end(), [&](const Person& person) {
        return IsContact(notice, person);
      });
      Notice said = here;
      if (!reached && !notice.contacts.empty()) absl::StrAppend(&said.content, PassOn(notice));
      for (const Person& person : members) {
        if (!notice.account.empty() && person.account != notice.account) continue;
        if (!IsMeant(notice, person)) continue;
        if (reached && !IsContact(notice, person)) continue;
        tellings->push_back(NotificationOf(entry, said, person));
      }
    };
    if (!one.empty()) {
      tell(one);
    } else {
      for (const auto& [organization, members] : people) tell(organization);
    }
  }
}

void AddTellings(const journal::v1::Entry& entry, const std::vector<Notice>& notices,
                 const People& people, std::vector<v1::Notification>* tellings) {
  std::vector<v1::Notification> of_entry;
  for (const Notice& notice : notices) AddTellings(entry, notice, people, &of_entry);
  std::set<std::string> told;
  for (v1::Notification& one : of_entry) {
    if (told.insert(one.account()).second) tellings->push_back(std::move(one));
  }
}

absl::Status Tell(db::Session& session, absl::Time now, std::vector<v1::Notification>* tellings) {
  if (tellings->empty()) return absl::OkStatus();
  const db::Table<v1::Notification> notifications;
  CHANYAN_RETURN_IF_ERROR(notifications.InsertAll(session, now, tellings));
  std::vector<OutboxItem> items;
  for (const v1::Notification& one : *tellings) {
    // One person's alone: the organization does not learn of it.
    if (one.debtor() == one.account()) continue;
    items.push_back({one.organization(), v1::WEBHOOK_EVENT_NOTIFICATION, &one});
  }
  return PutInOutbox(session, now, items);
}

absl::Status TellNow(db::Session& session, absl::Time now, const std::string& subject,
                     const Notice& notice) {
  return TellAllNow(session, now, subject, {notice});
}

absl::Status TellAllNow(db::Session& session, absl::Time now, const std::string& subject,
                        const std::vector<Notice>& notices) {
  std::set<std::string> concerned;
  for (const Notice& notice : notices) concerned.merge(Concerned(notice));
  CHANYAN_ASSIGN_OR_RETURN(const People people, LoadPeople(session, concerned));
  // As if a journal had said so.
  journal::v1::Entry entry;
  entry.set_event_id(api::NewUuid());
  entry.set_resource(subject);
  std::vector<v1::Notification> tellings;
  AddTellings(entry, notices, people, &tellings);
  return Tell(session, now, &tellings);
}

absl::Status Settle(db::Session& session, absl::Time now, const std::string& subject) {
  return session.Execute(kSettle, {now, subject}).status();
}

absl::Status SettleOf(db::Session& session, absl::Time now, const std::string& subject,
                      const std::string& debtor) {
  return session.Execute(kSettleOf, {now, subject, debtor}).status();
}

}  // namespace chanyan::cycle
