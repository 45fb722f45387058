// What people are told, in words, and what other services' journals say is due (CYC-9). Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "services/cycle/duties.h"
#include "services/cycle/people.h"

namespace chanyan::cycle {

// Names of organizations that are spelled out in one notification.
inline constexpr int kNamesInNotice = 20;

// Everybody who is told when `reminder` of `cycle` fires and `duties` are still to be done: one
// notification a person, whose name follows from reminder and person.
//   before and after: the people of the debtor who do it;
//   escalation: the leaders of the debtor, or of the unit that serves it, all debtors together.
// Of an organization without such people the secretariat is told instead, once, and its name goes
// to `unreachable`: nothing falls to nobody.
std::vector<v1::Notification> Tellings(const v1::Cycle& cycle, const v1::Reminder& reminder,
                                       const std::vector<Duty>& duties, const People& people,
                                       std::vector<std::string>* unreachable);

// What an entry of a journal says is due now, and to whom. `organization` empty: to everybody who
// has one of the roles.
struct Notice {
  std::string organization;
  std::vector<options::v1::Role> roles;
  v1::NotificationKind kind = v1::NOTIFICATION_KIND_UNSPECIFIED;
  std::string title;
  std::string content;
  absl::Time due = absl::InfinitePast();
  // More whom it concerns; of all, each person is told once.
  std::vector<std::string> also = {};
  // What it is about, if not the entry's resource.
  std::string subject = {};
  // Of entries that are read together, those with the same are told as the first of them.
  std::string once = {};
  // accounts/{a} of the organization that alone is told; nobody else there may learn of it.
  std::string account = {};
  // accounts/{a} of the organization whom it concerns; empty = all who have one of the roles.
  std::vector<std::string> accounts = {};
  // Names of those of the organization whom it is for. The ones with an account and one of the
  // roles are told alone; where there is none, all who have a role are, and whom to pass it on to.
  std::vector<std::string> contacts = {};
};
// A person whom several of them reach is told the first of these.
std::vector<Notice> NoticesOf(const journal::v1::Entry& entry);
// Of entries that concern one only: not triage's, problems', follow-ups' and agreements', nor
// scores of experts.
std::optional<Notice> NoticeOf(const journal::v1::Entry& entry);

// Whether an entry of another service's journal may say that something is due, or done.
bool ConcernsNotices(const journal::v1::Entry& entry);

// Whether the resource of an entry owes nothing any more, or owes something else: what people were
// told to do about it is settled. The same entry may be news, too.
bool IsSettled(const journal::v1::Entry& entry);

// Organizations that owe nothing any more of what they were told about the entry's resource, while
// others may.
std::vector<std::string> SettledDebtors(const journal::v1::Entry& entry);

// The notification of `notice` to one person; its name follows from the entry and the person.
v1::Notification NotificationOf(const journal::v1::Entry& entry, const Notice& notice,
                                const Person& person);

// One digest of what a person has not read, the earliest due first.
v1::Digest DigestOf(absl::CivilDay day, const std::vector<v1::Notification>& unread);

}  // namespace chanyan::cycle
