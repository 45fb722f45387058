// What every change of a dossier has in common: it is locked, judged, moved by the table, recorded,
// written, and its records follow (CON-1 to CON-3).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/bar.pb.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/eligibility.pb.h"
#include "chanyan/consortium/v1/signature.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/mutate.h"
#include "services/consortium/consortium_life.h"
#include "services/consortium/eligibility_rules.h"
#include "services/consortium/filing_book.h"
#include "services/consortium/membership_book.h"
#include "services/consortium/pack_rules.h"
#include "services/consortium/party_book.h"

namespace chanyan::consortium {

// Who does a step.
struct Actor {
  Part part = Part::kSystem;
  // organizations/{organization}; empty = the service itself.
  std::string organization;
};

// The caller's part in a dossier; ROLE_NOT_PERMITTED if it is a member that steps are none of.
absl::StatusOr<Actor> ActorOf(const rpc::Call& call, const v1::Consortium& row);

// Thread-safe once the gates are set.
class ConsortiumBook {
 public:
  // Refuses a step for a reason that the table does not know, such as a review that is open.
  using Gate = std::function<absl::Status(rpc::Change&, const v1::Consortium&)>;

  // Refuses a change whose time is not the clock's any more.
  using Timekeeper = std::function<absl::Status(rpc::Change&)>;

  explicit ConsortiumBook(const ConsortiumPack& pack) : pack_(pack), filings_(pack) {}

  // Before the first call.
  void SetGate(absl::string_view verb, Gate gate) { gates_[std::string(verb)] = std::move(gate); }
  // Before the first call. Asked where a dossier begins and at each of its steps.
  void SetTimekeeper(Timekeeper keeper) { timekeeper_ = std::move(keeper); }

  const db::Table<v1::Consortium>& table() const { return consortia_; }
  const PartyBook& parties() const { return parties_; }
  const FilingBook& filings() const { return filings_; }
  const ConsortiumPack& pack() const { return pack_; }

  // Within the caller's write scope.
  absl::StatusOr<v1::Consortium> Lock(rpc::Change& change, const rpc::Call& call,
                                      absl::string_view name) const;
  absl::StatusOr<v1::Consortium> LockAny(rpc::Change& change, absl::string_view name) const;
  // As lead or member, in whatever state; NOT_FOUND for everybody else.
  absl::StatusOr<v1::Consortium> LockAsParticipant(rpc::Change& change, const rpc::Call& call,
                                                   absl::string_view name) const;

  // ABORTED if the change's time is not the clock's any more; for changes that are no step.
  absl::Status RequireStill(rpc::Change& change) const {
    return timekeeper_ ? timekeeper_(change) : absl::OkStatus();
  }
  // A new DRAFT.
  absl::Status Begin(rpc::Change& change, v1::Consortium* row) const;
  // One step of the table with a dossier that is locked: gate, rules, state, clock, record, what
  // follows from it, journal.
  absl::Status Step(rpc::Change& change, const Actor& actor, absl::string_view verb,
                    const std::string& words, v1::Consortium* row) const;
  // Derives what is derived of an editable dossier: participants, names, district, digest,
  // signatures; and judges it.
  absl::Status Settle(rpc::Change& change, absl::string_view cause, v1::Consortium* row) const;
  // The same without keeping anything.
  absl::Status Preview(rpc::Change& change, v1::Consortium* row) const;
  // Judges an open dossier anew; once handed in, verdicts that differ are kept as a check. `always`
  // keeps them even if they do not.
  absl::Status JudgeAnew(rpc::Change& change, absl::string_view cause, bool always,
                         v1::Consortium* row) const;
  // A supplement that is open lapses: the parties that were to sign it are others now.
  absl::Status LapseSupplements(rpc::Change& change, const v1::Consortium& row) const;
  // Writes and journals what changed; records and register follow. What is in force goes to the
  // district of another lead with it.
  absl::Status Save(rpc::Change& change, absl::string_view kind, const v1::Consortium& before,
                    v1::Consortium* row) const;
  // Locks, judges and saves every open dossier of an organization, in the order of their names:
  // "barred" where it comes to be kept out by that, "unbarred" where it is no longer, "judged"
  // otherwise. CONFLICT if one came that the transaction's snapshot does not show: to be done again
  // (again.h).
  absl::Status JudgeThoseOf(rpc::Change& change, const std::string& organization,
                            absl::string_view cause) const;

  absl::StatusOr<Grounds> GroundsOf(rpc::Change& change, const v1::Consortium& row) const;

  // What verdicts came from.
  struct Judged {
    std::vector<policy::v1::Fact> facts;
    std::vector<policy::v1::Rule> rules;
  };
  // Keeps verdicts on a dossier in force that are not of its eligibility, such as those by which it
  // ends, as a check with `cause`: to be judged again by the rules of this day. The dossier is
  // locked.
  absl::Status KeepDecision(rpc::Change& change, absl::string_view cause, const Judged& judged,
                            const policy::v1::Verdicts& verdicts, const Overrides& overrides,
                            v1::Consortium row) const;

 private:
  absl::Status Derive(rpc::Change& change, v1::Consortium* row) const;
  // The check with which the city accepted a dossier that is under review since; none before.
  absl::StatusOr<std::optional<v1::EligibilityCheck>> AcceptedBy(rpc::Change& change,
                                                                 const v1::Consortium& row) const;
  // By the pack's rules; one that was accepted by the rules of that day.
  absl::StatusOr<Judged> JudgeOnly(rpc::Change& change, v1::Consortium* row) const;
  absl::Status AskRules(rpc::Change& change, const ::chanyan::consortium::Step& step,
                        v1::Consortium* row) const;
  absl::Status SetClock(rpc::Change& change, v1::Consortium* row) const;
  absl::Status Follow(rpc::Change& change, const Actor& actor,
                      const ::chanyan::consortium::Step& step, v1::Consortium* row) const;
  // What the former dossier holds goes on below the one that renews its filing (S2 七(三)).
  absl::Status TransferProjects(rpc::Change& change, v1::Consortium* former,
                                v1::Consortium* row) const;
  absl::Status KeepCheck(rpc::Change& change, absl::string_view cause, bool always,
                         const Judged& judged, const v1::Consortium& row) const;

  const ConsortiumPack& pack_;
  const FilingBook filings_;
  const MembershipBook memberships_;
  const PartyBook parties_;
  std::map<std::string, Gate, std::less<>> gates_;
  Timekeeper timekeeper_;
  const db::Table<v1::Consortium> consortia_;
  const db::Table<v1::Transition> transitions_;
  const db::Table<v1::Signature> signatures_;
  const db::Table<v1::EligibilityCheck> checks_;
  const db::Table<v1::Bar> bars_;
};

}  // namespace chanyan::consortium
