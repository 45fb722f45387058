// What mergers and splits of organizations do here (REG-1): projects with their records, intents,
// rosters, follow-ups and dismissals of one that has become part of another are the other's from
// then on, once, whatever crashes.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "chanyan/pairing/v1/coverage.pb.h"
#include "chanyan/pairing/v1/discovery.pb.h"
#include "chanyan/pairing/v1/outcome.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "chanyan/pairing/v1/project_file.pb.h"
#include "common/api/names.h"
#include "common/db/predicate.h"
#include "common/rpc/succession.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/outreach_rules.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/project_rules.h"
#include "services/pairing/report_life.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr char kPackage[] = "chanyan.pairing.v1";
// Those that hold the key of their pair first: what they doubled follows them.
constexpr char kHoldersFirst[] = "doubled_by, name FOR UPDATE";
constexpr char kNoteOwner[] =
    "INSERT INTO platform_owner (platform, organization) VALUES (?, ?) "
    "ON DUPLICATE KEY UPDATE organization = VALUES(organization)";
constexpr char kOwner[] = "SELECT organization FROM platform_owner WHERE platform = ?";

// A field that says whose word it was, and so who may go on with it, though no grant names it.
template <class T>
rpc::OwnerField FieldOf(const char* name) {
  return {T::descriptor(), T::descriptor()->FindFieldByName(name)};
}

}  // namespace

absl::Status PairingService::FollowMergers(rpc::Change& change,
                                           const registry::v1::Organization& survivor) {
  for (const registry::v1::AbsorbedOrganization& absorbed : survivor.absorbed()) {
    const std::string& from = absorbed.organization();
    CHANYAN_ASSIGN_OR_RETURN(
        const bool news,
        rpc::NoteSuccession(change.session(), change.now(), from,
                            {survivor.name(), survivor.display_name(), survivor.unit()}));
    if (news) CHANYAN_RETURN_IF_ERROR(TakeOver(change, from, survivor));
  }
  return absl::OkStatus();
}

absl::Status PairingService::TakeOver(rpc::Change& change, const std::string& from,
                                      const registry::v1::Organization& survivor) {
  CHANYAN_RETURN_IF_ERROR(TakeOverProjects(change, from, survivor));
  CHANYAN_RETURN_IF_ERROR(TakeOverRosterEntries(change, from, survivor.name()));
  CHANYAN_RETURN_IF_ERROR(TakeOverOutreach(change, from, survivor));
  CHANYAN_RETURN_IF_ERROR(TakeOverDismissals(change, from, survivor));
  CHANYAN_RETURN_IF_ERROR(DiscardTwinDrafts(change, from, survivor.name()));
  for (const rpc::OwnerField& owned : rpc::OwnerFields(kPackage)) {
    // Those are taken over above, or with their records.
    if (owned.resource == v1::Project::descriptor()) continue;
    CHANYAN_RETURN_IF_ERROR(rpc::HandOver(change, "followed", owned, from, survivor.name(),
                                          db::Predicate::Everything(),
                                          rpc::Retitled(owned, survivor.display_name()))
                                .status());
  }
  for (const rpc::OwnerField& word :
       {FieldOf<v1::Problem>("raised_by"), FieldOf<v1::Outcome>("declared_by"),
        FieldOf<v1::ProjectFile>("uploader")}) {
    CHANYAN_RETURN_IF_ERROR(
        rpc::HandOver(change, "followed", word, from, survivor.name()).status());
  }
  return absl::OkStatus();
}

absl::Status PairingService::WriteFollowed(rpc::Change& change, const v1::Project& before,
                                           v1::Project* after) {
  CHANYAN_RETURN_IF_ERROR(projects_.Update(change.session(), change.now(), after));
  CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, after));
  return records_.Follow(change.session(), change.now(), change.origin(), before, *after);
}

absl::Status PairingService::TakeOverProjects(rpc::Change& change, const std::string& from,
                                              const registry::v1::Organization& survivor) {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Project> projects,
      projects_.Select(change.session(), {"enterprise = ?", {from}}, kHoldersFirst));
  for (v1::Project& project : projects) {
    const v1::Project before = project;
    project.set_enterprise(survivor.name());
    project.add_former_enterprises(from);
    // One that has ended keeps the names of its time.
    if (!HasEnded(project.state())) {
      project.set_enterprise_title(survivor.display_name());
      project.set_unit(survivor.unit());
      const absl::StatusOr<v1::Project> holder =
          OpenProjectOf(change.session(), project.platform(), survivor.name());
      if (!holder.ok() && !absl::IsNotFound(holder.status())) return holder.status();
      project.set_doubled_by(holder.ok() ? holder->name() : "");
    }
    CHANYAN_RETURN_IF_ERROR(WriteFollowed(change, before, &project));
  }
  CHANYAN_ASSIGN_OR_RETURN(
      projects, projects_.Select(change.session(), {"university = ? OR unit = ?", {from, from}},
                                 db::kByNameLocked));
  for (v1::Project& project : projects) {
    const v1::Project before = project;
    if (project.university() == from) project.set_university(survivor.name());
    if (project.unit() == from) project.set_unit(survivor.name());
    CHANYAN_RETURN_IF_ERROR(WriteFollowed(change, before, &project));
  }
  return absl::OkStatus();
}

absl::Status PairingService::TakeOverOutreach(rpc::Change& change, const std::string& from,
                                              const registry::v1::Organization& survivor) {
  db::Session& session = change.session();
  const db::Table<v1::Outreach> outreaches;
  const db::Table<v1::ContactAttempt> attempts;
  // The heads first, as whoever writes a contact does.
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Outreach> heads,
      outreaches.Select(session, {"enterprise IN (?, ?)", {from, survivor.name()}},
                        db::kByNameLocked));
  const auto of = [&heads](const std::string& enterprise) {
    return std::find_if(heads.begin(), heads.end(),
                        [&](const auto& head) { return head.enterprise() == enterprise; });
  };
  const auto theirs = of(from);
  if (theirs == heads.end()) return absl::OkStatus();
  const auto own = of(survivor.name());
  const v1::Outreach theirs_before = *theirs;
  v1::Outreach kept = own == heads.end() ? *theirs : *own;
  // Its title stays that of the roster, and an exception was one enterprise's.
  kept.set_enterprise(survivor.name());
  if (own == heads.end()) {
    kept.clear_coverage_verdicts();
    kept.clear_coverage_override_time();
  }
  const rpc::OwnerField enterprise{v1::ContactAttempt::descriptor(),
                                   v1::ContactAttempt::descriptor()->FindFieldByName("enterprise")};
  CHANYAN_RETURN_IF_ERROR(rpc::HandOver(change, "followed", enterprise, from, survivor.name(),
                                        db::Predicate::Everything(),
                                        [&kept](google::protobuf::Message& message) {
                                          auto& attempt = static_cast<v1::ContactAttempt&>(message);
                                          attempt.set_unit(kept.unit());
                                          attempt.set_enterprise_title(kept.enterprise_title());
                                        })
                              .status());
  if (own == heads.end()) {
    CHANYAN_RETURN_IF_ERROR(outreaches.Update(session, change.now(), &kept));
    return change.Record("followed", &theirs_before, &kept);
  }
  // One company is followed up once; what was said to either counts.
  CHANYAN_RETURN_IF_ERROR(outreaches.Delete(session, theirs_before));
  CHANYAN_RETURN_IF_ERROR(change.Record("followed", &theirs_before, nullptr));
  const v1::Outreach own_before = *own;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ContactAttempt> all,
                           attempts.Select(session, {"enterprise = ?", {survivor.name()}}));
  Derive(all, &kept);
  if (!kept.has_next_action_date() && theirs_before.has_next_action_date()) {
    *kept.mutable_next_action_date() = theirs_before.next_action_date();
  }
  if (kept.assignee().empty() && kept.unit() == theirs_before.unit()) {
    kept.set_assignee(theirs_before.assignee());
  }
  if (MessageDifferencer::Equals(own_before, kept)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(outreaches.Update(session, change.now(), &kept));
  return change.Record("followed", &own_before, &kept);
}

absl::Status PairingService::TakeOverDismissals(rpc::Change& change, const std::string& from,
                                                const registry::v1::Organization& survivor) {
  db::Session& session = change.session();
  const db::Table<v1::Dismissal> dismissals;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Dismissal> rows,
      dismissals.Select(session, {"enterprise IN (?, ?)", {from, survivor.name()}},
                        db::kByNameLocked));
  for (v1::Dismissal& row : rows) {
    if (row.enterprise() != from) continue;
    const bool has_both = std::any_of(rows.begin(), rows.end(), [&](const auto& other) {
      return other.enterprise() == survivor.name() && other.platform() == row.platform();
    });
    const v1::Dismissal before = row;
    if (has_both) {
      CHANYAN_RETURN_IF_ERROR(dismissals.Delete(session, row));
      CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, nullptr));
      continue;
    }
    row.set_enterprise(survivor.name());
    row.set_enterprise_title(survivor.display_name());
    row.set_unit(survivor.unit());
    CHANYAN_RETURN_IF_ERROR(dismissals.Update(session, change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, &row));
  }
  return absl::OkStatus();
}

absl::Status PairingService::DiscardTwinDrafts(rpc::Change& change, const std::string& from,
                                               const std::string& to) {
  const db::Table<v1::ReportVersion>& versions = reports_.versions();
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::ReportVersion> drafts,
      versions.Select(change.session(), {"organization = ? AND state = 'DRAFT'", {from}},
                      db::kByNameLocked));
  for (v1::ReportVersion& draft : drafts) {
    const absl::string_view report = api::ParentOfName(api::ParentOfName(draft.name()));
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::ReportVersion> twins,
        versions.Select(change.session(), {"draft_of = ?", {absl::StrCat(report, "+", to)}}));
    if (twins.empty()) continue;
    const v1::ReportVersion before = draft;
    CHANYAN_ASSIGN_OR_RETURN(const v1::ReportState next,
                             policy::Next(ReportLife(), draft.state(), "discard"));
    draft.set_state(next);
    CHANYAN_RETURN_IF_ERROR(versions.Update(change.session(), change.now(), &draft));
    CHANYAN_RETURN_IF_ERROR(change.Record("discard", &before, &draft));
  }
  return absl::OkStatus();
}

absl::Status PairingService::TakeOverRosterEntries(rpc::Change& change, const std::string& from,
                                                   const std::string& to) {
  db::Session& session = change.session();
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Roster> rosters,
                           rosters_.Select(session, db::Predicate::Everything()));
  for (v1::Roster& roster : rosters) {
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::RosterEntry> entries,
        entries_.Select(session, {"roster = ? AND enterprise IN (?, ?)", {roster.name(), from, to}},
                        db::kByNameLocked));
    const bool has_both = std::any_of(entries.begin(), entries.end(),
                                      [&](const auto& entry) { return entry.enterprise() == to; });
    for (v1::RosterEntry& entry : entries) {
      if (entry.enterprise() != from) continue;
      const v1::RosterEntry before = entry;
      if (!has_both) {
        entry.set_enterprise(to);
        CHANYAN_RETURN_IF_ERROR(entries_.Update(session, change.now(), &entry));
        CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, &entry));
        continue;
      }
      // The company stands there already and counts once; what it was is in the journal.
      CHANYAN_RETURN_IF_ERROR(entries_.Delete(session, entry));
      CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, nullptr));
      CHANYAN_ASSIGN_OR_RETURN(v1::Roster head, rosters_.GetForUpdate(session, roster.name()));
      const v1::Roster head_before = head;
      head.set_entry_count(head.entry_count() - 1);
      CHANYAN_RETURN_IF_ERROR(rosters_.Update(session, change.now(), &head));
      CHANYAN_RETURN_IF_ERROR(change.Record("followed", &head_before, &head));
    }
  }
  return absl::OkStatus();
}

absl::Status PairingService::NotePlatformOwner(db::Session& session,
                                               const registry::v1::Platform& platform) {
  if (platform.organization().empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const std::string known, OwnerOf(session, platform.name()));
  if (known == platform.organization()) return absl::OkStatus();
  return session.Execute(kNoteOwner, {platform.name(), platform.organization()}).status();
}

absl::StatusOr<std::string> PairingService::OwnerOf(db::Session& session,
                                                    const std::string& platform) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kOwner, {platform}));
  if (!found.rows.empty()) return std::get<std::string>(found.rows[0][0]);
  const std::string named(api::ParentOfName(platform));
  CHANYAN_ASSIGN_OR_RETURN(const rpc::Successor successor, rpc::SuccessorOf(session, named));
  return successor.organization.empty() ? named : successor.organization;
}

}  // namespace chanyan::pairing
