// Tells people, in the transaction of what they are told of (CYC-9): their notifications, and the
// office systems that asked for them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "common/db/database.h"
#include "services/cycle/notice_texts.h"
#include "services/cycle/people.h"

namespace chanyan::cycle {

// Organizations; "" = nobody in particular, which is everybody with the role.
std::set<std::string> Concerned(const Notice& notice);

// One for each of the people whom `notice` concerns; `people` are those of Concerned.
void AddTellings(const journal::v1::Entry& entry, const Notice& notice, const People& people,
                 std::vector<v1::Notification>* tellings);
// The same of all that an entry says; whom several of them reach is told the first of these.
void AddTellings(const journal::v1::Entry& entry, const std::vector<Notice>& notices,
                 const People& people, std::vector<v1::Notification>* tellings);

absl::Status Tell(db::Session& session, absl::Time now, std::vector<v1::Notification>* tellings);

// All of it for something of our own: `subject` is what the notifications are about.
absl::Status TellNow(db::Session& session, absl::Time now, const std::string& subject,
                     const Notice& notice);

// The same of several; whom more than one of them reaches is told the first.
absl::Status TellAllNow(db::Session& session, absl::Time now, const std::string& subject,
                        const std::vector<Notice>& notices);

// What was asked for about `subject` is done, or need not be done any more; news stays until it is
// read.
absl::Status Settle(db::Session& session, absl::Time now, const std::string& subject);
// The same of one who owed it, news too.
absl::Status SettleOf(db::Session& session, absl::Time now, const std::string& subject,
                      const std::string& debtor);

}  // namespace chanyan::cycle
