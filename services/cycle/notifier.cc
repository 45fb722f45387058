#include "services/cycle/notifier.h"

#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_clock.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/duties.h"
#include "services/cycle/notice_texts.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/part_reminders.h"
#include "services/cycle/people.h"
#include "services/cycle/reminder_rules.h"
#include "services/cycle/telling.h"
#include "services/cycle/webhook_outbox.h"

namespace chanyan::cycle {
namespace {

// Deadlines of cycles that were opened longer ago are all past, and so is what follows them.
constexpr absl::Duration kCycleLife = absl::Hours(24 * 200);
// A registry that does not answer keeps nobody waiting.
constexpr absl::Duration kPatienceForTitles = absl::Seconds(3);
constexpr char kRecentLive[] = "rehearsal = 0 AND open_time > ?";
constexpr char kUnreadOf[] =
    "SELECT DISTINCT debtor FROM notification WHERE subject = ? AND state = 'UNREAD'";
// Who has something unread that no digest told of, and had none today. A digest goes to the
// organization's webhooks, too: what concerns one person alone is not in it.
constexpr char kWaiting[] =
    "SELECT DISTINCT account FROM notification WHERE digest = '' AND state = 'UNREAD' "
    "AND debtor <> account AND NOT EXISTS (SELECT 1 FROM digest WHERE digest.account = "
    "notification.account "
    "AND digest.day = ?) ORDER BY account LIMIT ?";
constexpr char kUndigested[] =
    "digest = '' AND state = 'UNREAD' AND debtor <> account AND account = ?";
constexpr char kDigested[] =
    "UPDATE notification SET digest = ?, update_time = ?, version = version + 1 "
    "WHERE digest = '' AND state = 'UNREAD' AND debtor <> account AND account = ?";

journal::Origin JobOrigin() {
  return {.method = "chanyan.cycle.Notifier",
          .actor = "services/cycle",
          .organization = "",
          .request_id = "",
          .trace_id = ""};
}

using Said = std::optional<std::vector<v1::Notification>>;

absl::StatusOr<Said> SayOfStep(db::Session& session, const v1::Cycle& cycle,
                               const std::map<std::string, std::string>& titles,
                               v1::Reminder& row) {
  if (time::ToTime(row.deadline()) != EndOf(cycle, row.step())) return Said();
  if (row.outcome() != v1::REMINDER_OUTCOME_SENT) return std::vector<v1::Notification>();
  CHANYAN_ASSIGN_OR_RETURN(std::vector<Duty> duties, DutiesOf(session, cycle, row.step()));
  std::set<std::string> debtors;
  for (Duty& duty : duties) {
    if (duty.title.empty()) duty.title = TitleOf(titles, duty.debtor);
    debtors.insert(duty.debtor);
  }
  CHANYAN_ASSIGN_OR_RETURN(const People people, LoadPeople(session));
  std::vector<std::string> unreachable;
  std::vector<v1::Notification> tellings = Tellings(cycle, row, duties, people, &unreachable);
  row.set_debtor_count(static_cast<int32_t>(debtors.size()));
  row.mutable_unreachable()->Assign(unreachable.begin(), unreachable.end());
  return tellings;
}

absl::StatusOr<Said> SayOfParts(db::Session& session, const v1::Cycle& cycle, absl::Time now,
                                v1::Reminder& row) {
  if (row.outcome() != v1::REMINDER_OUTCOME_SENT) return std::vector<v1::Notification>();
  CHANYAN_ASSIGN_OR_RETURN(std::vector<OpenPart> open,
                           LoadOpenParts(session, cycle, /*lock=*/true));
  const std::vector<OpenPart> owed = ConcernedBy(row, std::move(open));
  std::set<std::string> concerned = {cycle.secretariat()};
  for (const OpenPart& one : owed) concerned.insert(one.form.university());
  CHANYAN_ASSIGN_OR_RETURN(const People people, LoadPeople(session, concerned));
  std::vector<std::string> unreachable;
  std::vector<v1::Notification> tellings =
      PartTellings(cycle, row, owed, people, now, &unreachable);
  row.set_debtor_count(static_cast<int32_t>(owed.size()));
  row.mutable_unreachable()->Assign(unreachable.begin(), unreachable.end());
  return tellings;
}

}  // namespace

void Notifier::Changed() const {
  if (deps_.store.changed != nullptr) deps_.store.changed();
}

absl::Status Notifier::Run(const db::Lease& lease) {
  if (!deps_.pack.proto().has_notification_plan()) return absl::OkStatus();
  std::vector<v1::Cycle> cycles;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        cycles, cycles_.Select(session, {kRecentLive, {deps_.store.clock.Now() - kCycleLife}}));
    return absl::OkStatus();
  }));
  // A cycle that cannot be reckoned does not keep the others from being reminded of.
  absl::Status outcome;
  for (const v1::Cycle& cycle : cycles) {
    outcome.Update(SettleDone(lease, cycle));
    outcome.Update(Remind(lease, cycle));
  }
  outcome.Update(MakeDigests(lease));
  return outcome;
}

absl::Status Notifier::SettleDone(const db::Lease& lease, const v1::Cycle& cycle) {
  for (int step = 1; step <= kSteps; ++step) {
    const std::string subject = StepSubject(cycle.name(), step);
    const auto settle = [&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows told, session.Query(kUnreadOf, {subject}));
      if (told.rows.empty()) return absl::OkStatus();
      CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
      CHANYAN_ASSIGN_OR_RETURN(const std::vector<Duty> duties, DutiesOf(session, cycle, step));
      std::set<std::string> owing;
      for (const Duty& duty : duties) owing.insert(duty.debtor);
      for (const db::Values& row : told.rows) {
        const std::string& debtor = std::get<std::string>(row[0]);
        // What several owe together is settled with the last of them.
        if (debtor.empty() ? !owing.empty() : owing.contains(debtor)) continue;
        CHANYAN_RETURN_IF_ERROR(SettleOf(session, deps_.store.clock.Now(), subject, debtor));
      }
      return absl::OkStatus();
    };
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(settle));
  }
  return absl::OkStatus();
}

absl::Status Notifier::Remind(const db::Lease& lease, const v1::Cycle& cycle) {
  std::vector<UnplannedStep> unplanned;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Reminder> planned,
                           PlanReminders(deps_.pack, cycle, &unplanned));
  std::set<std::string> fired;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
    fired.clear();
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::Reminder> known,
        reminders_.Select(session, Below(absl::StrCat(cycle.name(), "/reminders"))));
    for (const v1::Reminder& one : known) fired.insert(one.name());
    return absl::OkStatus();
  }));
  const std::vector<v1::Reminder> due =
      DueReminders(deps_.pack.proto().notification_plan(), planned, fired, deps_.store.clock.Now());
  if (!due.empty()) {
    // Names of units are the registry's. Without it people are told by their numbers, but told.
    const UnitTitles titles =
        FetchUnitTitles(deps_.peers, rpc::AsService(absl::Now() + kPatienceForTitles))
            .value_or(UnitTitles());
    for (const v1::Reminder& one : due) {
      if (!lease.Held()) return absl::OkStatus();
      const auto say = [&](db::Session& session, const v1::Cycle& current, absl::Time,
                           v1::Reminder& row) { return SayOfStep(session, current, titles, row); };
      CHANYAN_RETURN_IF_ERROR(Fire(lease, cycle.name(), one, say));
    }
  }
  CHANYAN_RETURN_IF_ERROR(RemindOfParts(lease, cycle, fired, &unplanned));
  if (unplanned.empty()) return absl::OkStatus();
  // Whoever runs the service must know; everybody else was told.
  return status::FailedPrecondition(options::v1::ERROR_REASON_CALENDAR_MISSING,
                                    absl::StrCat(cycle.name(), "第", unplanned.front().step,
                                                 "步有提醒无法排定：", unplanned.front().why));
}

absl::Status Notifier::RemindOfParts(const db::Lease& lease, const v1::Cycle& cycle,
                                     const std::set<std::string>& fired,
                                     std::vector<UnplannedStep>* unplanned) {
  std::vector<OpenPart> open;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(open, LoadOpenParts(session, cycle, /*lock=*/false));
    return absl::OkStatus();
  }));
  const auto say = [](db::Session& session, const v1::Cycle& current, absl::Time now,
                      v1::Reminder& row) { return SayOfParts(session, current, now, row); };
  for (const PartTerm& term : TermsOf(open)) {
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Reminder> planned,
                             PlanPartReminders(deps_.pack, cycle, term, unplanned));
    for (const v1::Reminder& one : DueReminders(deps_.pack.proto().notification_plan(), planned,
                                                fired, deps_.store.clock.Now())) {
      if (!lease.Held()) return absl::OkStatus();
      CHANYAN_RETURN_IF_ERROR(Fire(lease, cycle.name(), one, say));
    }
  }
  return absl::OkStatus();
}

absl::Status Notifier::Fire(const db::Lease& lease, const std::string& cycle_name,
                            const v1::Reminder& due, Say say) {
  db::TransactOptions options;
  // The name is the key: a reminder that is there after a loss at COMMIT is this one.
  options.committed = [&](db::Session& session) {
    return reminders_.Get(session, due.name()).status();
  };
  const auto fire = [&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    if (reminders_.Get(session, due.name()).ok()) return absl::OkStatus();
    const absl::Time now = deps_.store.clock.Now();
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, cycles_.Get(session, cycle_name));
    v1::Reminder row = due;
    *row.mutable_fire_time() = time::ToTimestamp(now);
    CHANYAN_ASSIGN_OR_RETURN(auto tellings, say(session, cycle, now, row));
    if (!tellings) return absl::OkStatus();
    if (row.outcome() == v1::REMINDER_OUTCOME_SENT) {
      row.set_notification_count(static_cast<int32_t>(tellings->size()));
      if (row.debtor_count() == 0) row.set_outcome(v1::REMINDER_OUTCOME_NOTHING_DUE);
      CHANYAN_RETURN_IF_ERROR(Tell(session, now, &*tellings));
    }
    CHANYAN_RETURN_IF_ERROR(reminders_.Insert(session, now, &row));
    return journal::Append(session, now, JobOrigin(), "fired", nullptr, &row);
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(options, fire));
  Changed();
  return absl::OkStatus();
}

absl::Status Notifier::MakeDigests(const db::Lease& lease) {
  const absl::Time now = deps_.store.clock.Now();
  const absl::CivilDay day = time::DayOf(now);
  const absl::Time from =
      time::StartOfDay(day) + absl::Hours(deps_.pack.proto().notification_plan().hour());
  // What a day without us left over goes into the next one's digest.
  if (now < from) return absl::OkStatus();
  while (lease.Held()) {
    CHANYAN_ASSIGN_OR_RETURN(const int made, DigestBatch(lease, day));
    if (made < kDigestBatch) return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::StatusOr<int> Notifier::DigestBatch(const db::Lease& lease, absl::CivilDay day) {
  int made = 0;
  const auto make = [&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    const absl::Time now = deps_.store.clock.Now();
    CHANYAN_ASSIGN_OR_RETURN(
        const db::Rows waiting,
        session.Query(kWaiting, {time::FormatDate(day), int64_t{kDigestBatch}}));
    std::vector<v1::Digest> digests;
    for (const db::Values& row : waiting.rows) {
      const std::string& account = std::get<std::string>(row[0]);
      CHANYAN_ASSIGN_OR_RETURN(
          const std::vector<v1::Notification> unread,
          notifications_.Select(session, {kUndigested, {account}}, db::kByNameLocked));
      // Read or settled between the two looks.
      if (unread.empty()) continue;
      digests.push_back(DigestOf(day, unread));
      CHANYAN_RETURN_IF_ERROR(
          session.Execute(kDigested, {digests.back().name(), now, account}).status());
    }
    made = static_cast<int>(waiting.rows.size());
    if (digests.empty()) return absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(digests_.InsertAll(session, now, &digests));
    std::vector<OutboxItem> items;
    for (const v1::Digest& digest : digests) {
      items.push_back({digest.organization(), v1::WEBHOOK_EVENT_DIGEST, &digest});
    }
    return PutInOutbox(session, now, items);
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(make));
  return made;
}

absl::Status Notifier::FollowPeer(db::Session& session, absl::Time now,
                                  absl::Span<const journal::v1::Entry* const> entries) {
  std::vector<std::vector<Notice>> news;
  std::set<std::string> concerned;
  std::set<std::string> once;
  for (const journal::v1::Entry* entry : entries) {
    const bool old = now - time::ToTime(entry->time()) > kOldNews;
    std::vector<Notice>& notices = news.emplace_back();
    if (!old) notices = NoticesOf(*entry);
    std::erase_if(notices, [&](const Notice& notice) {
      return !notice.once.empty() && !once.insert(notice.once).second;
    });
    for (const Notice& notice : notices) concerned.merge(Concerned(notice));
  }
  CHANYAN_ASSIGN_OR_RETURN(const People people, LoadPeople(session, concerned));
  std::vector<v1::Notification> tellings;
  for (size_t i = 0; i < entries.size(); ++i) {
    // What ends one matter may be news of its own: what was told before is settled first.
    const std::string& subject = entries[i]->resource();
    const bool settled = IsSettled(*entries[i]);
    const std::vector<std::string> debtors = SettledDebtors(*entries[i]);
    if (settled || !debtors.empty()) {
      CHANYAN_RETURN_IF_ERROR(Tell(session, now, &tellings));
      tellings.clear();
    }
    if (settled) CHANYAN_RETURN_IF_ERROR(Settle(session, now, subject));
    for (const std::string& debtor : debtors) {
      CHANYAN_RETURN_IF_ERROR(SettleOf(session, now, subject, debtor));
    }
    AddTellings(*entries[i], news[i], people, &tellings);
  }
  return Tell(session, now, &tellings);
}

}  // namespace chanyan::cycle
