#include "services/consortium/registry_follower.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/db/predicate.h"
#include "common/journal/entry_message.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/consortium/dossier_index.h"
#include "services/consortium/dossier_rules.h"

namespace chanyan::consortium {
namespace {

using registry::v1::Organization;

constexpr char kPackage[] = "chanyan.consortium.v1";

// The survivor in place of the other: one that is there already stays once, in the closer layer.
void Replace(const std::string& from, const Organization& survivor, v1::Consortium* row) {
  if (row->lead_unit() == from) {
    row->set_lead_unit(survivor.name());
    row->set_lead_unit_title(survivor.display_name());
  }
  if (row->former_lead_unit() == from) row->set_former_lead_unit(survivor.name());
  v1::MemberLayer layer = v1::MEMBER_LAYER_MEMBER;
  for (const v1::ConsortiumMember& member : row->members()) {
    const bool same = member.organization() == from || member.organization() == survivor.name();
    if (same && member.layer() == v1::MEMBER_LAYER_CORE) layer = v1::MEMBER_LAYER_CORE;
  }
  google::protobuf::RepeatedPtrField<v1::ConsortiumMember> members;
  bool there = row->lead_unit() == survivor.name();
  for (v1::ConsortiumMember member : row->members()) {
    if (member.organization() == from || member.organization() == survivor.name()) {
      if (there) continue;
      there = true;
      member.set_organization(survivor.name());
      member.set_title(survivor.display_name());
      member.set_layer(layer);
    }
    *members.Add() = std::move(member);
  }
  *row->mutable_members() = std::move(members);
  for (v1::ResearchTopic& topic : *row->mutable_plan()->mutable_topics()) {
    std::vector<std::string> undertakers;
    for (const std::string& name : topic.undertakers()) {
      const std::string& now = name == from ? survivor.name() : name;
      if (std::find(undertakers.begin(), undertakers.end(), now) == undertakers.end()) {
        undertakers.push_back(now);
      }
    }
    topic.clear_undertakers();
    for (std::string& name : undertakers) topic.add_undertakers(std::move(name));
  }
  row->clear_participants();
  for (const std::string& name : ParticipantsOf(*row)) row->add_participants(name);
}

}  // namespace

absl::Status RegistryFollower::TakeOverDossiers(rpc::Change& change, const std::string& from,
                                                const Organization& survivor) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           DossiersNaming(change.session(), from));
  for (const std::string& name : names) {
    CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, book_.LockAny(change, name));
    const v1::Consortium before = row;
    const bool planned = row.has_plan();
    Replace(from, survivor, &row);
    if (!planned) row.clear_plan();
    // The parties of the agreement are others now: it is signed anew while it can be.
    if (In(row.state(), kEditable)) {
      CHANYAN_RETURN_IF_ERROR(book_.Settle(change, "merged", &row));
    } else if (In(row.state(), kOpen)) {
      CHANYAN_RETURN_IF_ERROR(book_.JudgeAnew(change, "merged", false, &row));
    }
    CHANYAN_RETURN_IF_ERROR(book_.Save(change, JudgedKind(before, row, "followed"), before, &row));
    CHANYAN_RETURN_IF_ERROR(Unindex(change.session(), from, name));
    if (In(row.state(), kInForce)) {
      CHANYAN_RETURN_IF_ERROR(memberships_.Align(change, row, "merged"));
      CHANYAN_RETURN_IF_ERROR(book_.LapseSupplements(change, row));
    }
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> joined,
                           DossiersJoinedBy(change.session(), from));
  for (const std::string& name : joined) {
    CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium row, book_.LockAny(change, name));
    CHANYAN_RETURN_IF_ERROR(book_.LapseSupplements(change, row));
  }
  // Who wrote a reference before the merger was noted has committed it by now: the note waited.
  return RequireNoneNaming(change.session(), from);
}

absl::Status RegistryFollower::TakeOver(rpc::Change& change, const std::string& from,
                                        const Organization& survivor) const {
  if (book_.pack().proto().bars().follows_merger()) {
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::Bar> bars,
        bars_.table().Select(change.session(), InForceOf(from), db::kByNameLocked));
    for (v1::Bar& bar : bars) {
      const v1::Bar before = bar;
      bar.set_organization(survivor.name());
      bar.set_organization_title(survivor.display_name());
      CHANYAN_RETURN_IF_ERROR(bars_.Save(change, "followed", before, &bar));
    }
  }
  CHANYAN_RETURN_IF_ERROR(TakeOverDossiers(change, from, survivor));
  for (const rpc::OwnerField& owned : rpc::OwnerFields(kPackage)) {
    const bool done = owned.field->is_repeated() ||
                      owned.resource == v1::Consortium::descriptor() ||
                      owned.resource == v1::Bar::descriptor();
    if (done) continue;
    CHANYAN_RETURN_IF_ERROR(rpc::HandOver(change, "followed", owned, from, survivor.name(),
                                          db::Predicate::Everything(),
                                          rpc::Retitled(owned, survivor.display_name()))
                                .status());
  }
  return absl::OkStatus();
}

absl::Status RegistryFollower::Rename(rpc::Change& change, const Organization& organization) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           FiledDossiersOf(change.session(), organization.name()));
  for (const std::string& name : names) {
    CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, book_.LockAny(change, name));
    if (!In(row.state(), kInForce)) continue;
    const v1::Consortium before = row;
    CHANYAN_ASSIGN_OR_RETURN(const Parties parties,
                             book_.parties().Of(change.session(), {organization.name()}));
    SetTitles(parties, &row);
    CHANYAN_RETURN_IF_ERROR(book_.Save(change, "followed", before, &row));
  }
  return absl::OkStatus();
}

absl::Status RegistryFollower::Follow(db::Session& session, absl::Time now,
                                      const journal::v1::Entry& entry) const {
  if (entry.after_json().empty() || entry.type() != Organization::descriptor()->full_name()) {
    return absl::OkStatus();
  }
  CHANYAN_ASSIGN_OR_RETURN(const Organization organization,
                           journal::MessageAfter<Organization>(entry));
  const journal::Origin origin = {.method = "chanyan.consortium.FollowRegistry",
                                  .actor = "services/consortium",
                                  .request_id = entry.request_id(),
                                  .trace_id = entry.trace_id()};
  rpc::Change change(session, now, origin);
  // Successions first: whoever refers to an organization locks in the order succession, party,
  // dossier, what is below it.
  std::vector<std::string> merged;
  for (const registry::v1::AbsorbedOrganization& absorbed : organization.absorbed()) {
    CHANYAN_ASSIGN_OR_RETURN(const bool news,
                             rpc::NoteSuccession(session, now, absorbed.organization(),
                                                 {organization.name(), organization.display_name(),
                                                  organization.unit()}));
    if (news) merged.push_back(absorbed.organization());
  }
  CHANYAN_ASSIGN_OR_RETURN(const bool news, book_.parties().Know(change, organization));
  for (const std::string& from : merged) {
    CHANYAN_RETURN_IF_ERROR(TakeOver(change, from, organization));
  }
  if (!news) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(Rename(change, organization));
  return book_.JudgeThoseOf(change, organization.name(), "registry");
}

}  // namespace chanyan::consortium
