// What mergers and splits of organizations do here (REG-1): projects, intents and rosters of one that
// has become part of another are the other's from then on, once, whatever crashes.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/succession.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {
namespace {

constexpr char kPackage[] = "chanyan.pairing.v1";
// Those that hold the key of their pair first: what they doubled follows them.
constexpr char kHoldersFirst[] = "doubled_by, name FOR UPDATE";
constexpr char kLocked[] = "name FOR UPDATE";
constexpr char kNoteOwner[] =
    "INSERT INTO platform_owner (platform, organization) VALUES (?, ?) "
    "ON DUPLICATE KEY UPDATE organization = VALUES(organization)";
constexpr char kOwner[] = "SELECT organization FROM platform_owner WHERE platform = ?";

// The enterprise that a project was begun for, if that is another than it is of now.
std::string OriginOf(const v1::Project& project) {
  return project.former_enterprises().empty() ? std::string() : project.former_enterprises(0);
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
    if (!news) continue;
    CHANYAN_RETURN_IF_ERROR(TakeOverProjects(change, from, survivor));
    CHANYAN_RETURN_IF_ERROR(TakeOverRosterEntries(change, from, survivor.name()));
    for (const rpc::OwnerField& owned : rpc::OwnerFields(kPackage)) {
      if (owned.resource == v1::Project::descriptor() && owned.field->name() == "enterprise") {
        continue;
      }
      CHANYAN_RETURN_IF_ERROR(
          rpc::HandOver(change, "followed", owned, from, survivor.name()).status());
    }
  }
  return absl::OkStatus();
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
    CHANYAN_RETURN_IF_ERROR(projects_.Update(change.session(), change.now(), &project));
    CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, &project));
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
                        kLocked));
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

absl::Status PairingService::Promote(rpc::Change& change, const v1::Project& ended) {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Project> doubled,
      projects_.Select(change.session(), {"doubled_by = ?", {ended.name()}}, kLocked));
  for (size_t i = 0; i < doubled.size(); ++i) {
    const v1::Project before = doubled[i];
    doubled[i].set_doubled_by(i == 0 ? "" : doubled[0].name());
    CHANYAN_RETURN_IF_ERROR(projects_.Update(change.session(), change.now(), &doubled[i]));
    CHANYAN_RETURN_IF_ERROR(change.Record("settled", &before, &doubled[i]));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Project> PairingService::ProjectFor(db::Session& session,
                                                       const v1::Report& report) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Project holder,
                           OpenProjectOf(session, report.platform(), report.enterprise()));
  if (OriginOf(holder) == report.former_enterprise()) return holder;
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Project> doubled,
                           projects_.Select(session, {"doubled_by = ?", {holder.name()}}, kLocked));
  for (v1::Project& project : doubled) {
    if (OriginOf(project) == report.former_enterprise()) return std::move(project);
  }
  return holder;
}

absl::StatusOr<v1::Report> PairingService::Succeeded(db::Session& session,
                                                     const v1::Report& report) {
  v1::Report now = report;
  CHANYAN_ASSIGN_OR_RETURN(const rpc::Successor enterprise,
                           rpc::SuccessorOf(session, report.enterprise()));
  if (!enterprise.organization.empty()) {
    if (now.former_enterprise().empty()) now.set_former_enterprise(report.enterprise());
    now.set_enterprise(enterprise.organization);
    now.set_enterprise_title(enterprise.title);
    now.set_unit(enterprise.unit);
  }
  if (!now.unit().empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const rpc::Successor unit, rpc::SuccessorOf(session, now.unit()));
    if (!unit.organization.empty()) now.set_unit(unit.organization);
  }
  return now;
}

}  // namespace chanyan::pairing
