#include "services/triage/registry_follower.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "chanyan/triage/v1/confidential.pb.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "common/db/predicate.h"
#include "common/journal/entry_message.h"
#include "common/rpc/succession.h"
#include "common/search/normalize.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/demand_life.h"
#include "services/triage/dispatch_rules.h"
#include "services/triage/library_keys.h"
#include "services/triage/parties.h"
#include "services/triage/push_end.h"
#include "services/triage/result_life.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;
using registry::v1::Organization;

constexpr char kPackage[] = "chanyan.triage.v1";
constexpr size_t kMaxTitleCharacters = 120;

// The title of a second entry of one organization: 一种装置（原某某大学）.
std::string Distinguished(const std::string& title, const std::string& from_title) {
  const std::u32string mark = search::FromUtf8(absl::StrCat("（原", from_title, "）"));
  std::u32string all = search::FromUtf8(title);
  if (all.size() + mark.size() > kMaxTitleCharacters) {
    all.resize(kMaxTitleCharacters - std::min(mark.size(), kMaxTitleCharacters));
  }
  all += mark;
  return search::ToUtf8(std::u32string_view(all).substr(0, kMaxTitleCharacters));
}

// A title that is free at the organization that the row has now.
template <class T>
absl::Status MakeSole(db::Session& session, const std::string& from_title, T* row) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string holder, SoleHolder(session, SoleKeyOf(*row)));
  if (!holder.empty() && holder != row->name()) {
    row->set_title(Distinguished(row->title(), from_title));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RegistryFollower::Rename(rpc::Change& change, const Organization& organization) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Result> results,
      book_.table().Select(change.session(),
                           {"(university = ? OR holder = ?) AND state NOT IN ('WITHDRAWN', "
                            "'MERGED')",
                            {organization.name(), organization.name()}},
                           db::kByNameLocked));
  for (v1::Result& row : results) {
    const v1::Result before = row;
    if (row.university() == organization.name()) {
      row.set_university_title(organization.display_name());
    }
    if (row.holder() == organization.name()) row.set_holder_title(organization.display_name());
    CHANYAN_RETURN_IF_ERROR(book_.Save(change, "followed", before, &row));
  }
  const db::Table<v1::Demand> demands;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Demand> rows,
      demands.Select(change.session(), {"enterprise = ?", {organization.name()}},
                     db::kByNameLocked));
  for (v1::Demand& row : rows) {
    const v1::Demand before = row;
    row.set_enterprise_title(organization.display_name());
    if (!IsOpen(row.state()) || MessageDifferencer::Equals(before, row)) continue;
    CHANYAN_RETURN_IF_ERROR(demands.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, &row));
  }
  return absl::OkStatus();
}

absl::Status RegistryFollower::TakeOverResults(rpc::Change& change, const std::string& from,
                                               const std::string& from_title,
                                               const Organization& survivor) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Result> rows,
      book_.table().Select(
          change.session(),
          {"university = ? OR department = ? OR agency = ? OR investor = ? OR holder = ?",
           {from, from, from, from, from}},
          db::kByNameLocked));
  for (v1::Result& row : rows) {
    const v1::Result before = row;
    if (row.university() == from) {
      row.set_university(survivor.name());
      row.set_university_title(survivor.display_name());
      CHANYAN_RETURN_IF_ERROR(MakeSole(change.session(), from_title, &row));
    }
    if (row.department() == from) row.set_department(survivor.name());
    if (row.agency() == from) row.set_agency(survivor.name());
    if (row.investor() == from) row.set_investor(survivor.name());
    if (row.holder() == from) {
      if (IsOpen(row.state())) {
        CHANYAN_RETURN_IF_ERROR(book_.Pass(change,
                                           {survivor.name(), survivor.display_name(), row.broker()},
                                           v1::TENURE_CAUSE_SUCCESSION, &row));
      } else {
        row.set_holder(survivor.name());
        row.set_holder_title(survivor.display_name());
      }
    }
    CHANYAN_RETURN_IF_ERROR(book_.Save(change, "followed", before, &row));
  }
  return absl::OkStatus();
}

absl::Status RegistryFollower::TakeOverDemands(rpc::Change& change, const std::string& from,
                                               const std::string& from_title,
                                               const Organization& survivor) const {
  const db::Table<v1::Demand> demands;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Demand> rows,
      demands.Select(change.session(), {"enterprise = ? OR collector = ?", {from, from}},
                     db::kByNameLocked));
  for (v1::Demand& row : rows) {
    const v1::Demand before = row;
    if (row.collector() == from) row.set_collector(survivor.name());
    if (row.enterprise() == from) {
      row.set_enterprise(survivor.name());
      row.set_enterprise_title(survivor.display_name());
      CHANYAN_RETURN_IF_ERROR(MakeSole(change.session(), from_title, &row));
    }
    CHANYAN_RETURN_IF_ERROR(demands.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, &row));
    CHANYAN_RETURN_IF_ERROR(
        WriteLibraryKeys(change.session(), row.name(), KeysOf(row), SoleKeyOf(row)));
  }
  return absl::OkStatus();
}

absl::Status RegistryFollower::TakeOverPushes(rpc::Change& change, const std::string& from,
                                              const Organization& survivor) const {
  const db::Table<v1::Push> pushes;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Push> rows,
      pushes.Select(change.session(), {"recipient = ?", {from}}, db::kByNameLocked));
  for (v1::Push& row : rows) {
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::Push> twins,
        pushes.Select(change.session(), {"result = ? AND recipient = ? AND triage_class = ?",
                                         {ResultOfName(row.name()), survivor.name(),
                                          ClassName(row.triage_class())}}));
    // It has the result already: what was pushed to the other stays readable, is not doubled, and
    // does not wait for somebody who is no more.
    if (!twins.empty()) {
      CHANYAN_RETURN_IF_ERROR(
          EndPush(change, pack_.pack().calendar(),
                  absl::StrCat(row.recipient_title(), "已并入", survivor.display_name(),
                               "，由其按同一成果的推送（", twins.front().name(), "）办理"),
                  &row));
      continue;
    }
    const v1::Push before = row;
    row.set_recipient(survivor.name());
    row.set_recipient_title(survivor.display_name());
    CHANYAN_RETURN_IF_ERROR(pushes.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("followed", &before, &row));
  }
  return absl::OkStatus();
}

absl::Status RegistryFollower::TakeOver(rpc::Change& change, const std::string& from,
                                        const std::string& from_title,
                                        const Organization& survivor) const {
  CHANYAN_RETURN_IF_ERROR(TakeOverResults(change, from, from_title, survivor));
  CHANYAN_RETURN_IF_ERROR(TakeOverDemands(change, from, from_title, survivor));
  CHANYAN_RETURN_IF_ERROR(TakeOverPushes(change, from, survivor));
  for (const rpc::OwnerField& owned : rpc::OwnerFields(kPackage)) {
    const bool done =
        owned.resource == v1::Result::descriptor() || owned.resource == v1::Demand::descriptor() ||
        (owned.resource == v1::Push::descriptor() && owned.field->name() == "recipient");
    if (done || owned.field->is_repeated()) continue;
    CHANYAN_RETURN_IF_ERROR(rpc::HandOver(change, "followed", owned, from, survivor.name(),
                                          db::Predicate::Everything(),
                                          rpc::Retitled(owned, survivor.display_name()))
                                .status());
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
  const journal::Origin origin = {.method = "chanyan.triage.FollowRegistry",
                                  .actor = "services/triage",
                                  .request_id = entry.request_id(),
                                  .trace_id = entry.trace_id()};
  rpc::Change change(session, now, origin);
  for (const registry::v1::AbsorbedOrganization& absorbed : organization.absorbed()) {
    CHANYAN_ASSIGN_OR_RETURN(const bool news,
                             rpc::NoteSuccession(session, now, absorbed.organization(),
                                                 {organization.name(), organization.display_name(),
                                                  organization.unit()}));
    if (news) {
      CHANYAN_RETURN_IF_ERROR(
          TakeOver(change, absorbed.organization(), absorbed.display_name(), organization));
    }
  }
  return Rename(change, organization);
}

}  // namespace chanyan::triage
