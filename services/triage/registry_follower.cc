#include "services/triage/registry_follower.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "chanyan/triage/v1/confidential.pb.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/meeting.pb.h"
#include "common/api/json.h"
#include "common/api/normalize.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/journal/entry_message.h"
#include "common/rpc/succession.h"
#include "common/status/status.h"
#include "services/triage/demand_life.h"
#include "services/triage/dispatch_rules.h"
#include "services/triage/library_keys.h"
#include "services/triage/meeting_rules.h"
#include "services/triage/parties.h"
#include "services/triage/push_end.h"
#include "services/triage/result_life.h"
#include "services/triage/serving.h"
#include "services/triage/write_all.h"

namespace chanyan::triage {
namespace {

using registry::v1::Organization;

constexpr char kPackage[] = "chanyan.triage.v1";
constexpr size_t kMaxTitleCharacters = 120;
// Of the organization that an entry came from.
constexpr size_t kMaxMarkCharacters = 60;

// The `number`-th title that is tried for another entry of one organization:
// 一种装置（原某某大学）, 一种装置（原某某大学，第2项）. In front of a title that is so long that
// nothing behind it tells.
std::string Distinguished(const std::string& title, const std::string& from_title, int number) {
  std::u32string from = api::FromUtf8(from_title);
  if (from.size() > kMaxMarkCharacters) from.resize(kMaxMarkCharacters);
  const std::string mark = absl::StrCat("（原", api::ToUtf8(from),
                                        number > 1 ? absl::StrCat("，第", number, "项") : "", "）");
  const std::u32string behind = api::FromUtf8(absl::StrCat(title, mark));
  if (behind.size() <= kMaxTitleCharacters) {
    const std::string all = api::ToUtf8(behind);
    if (absl::EndsWith(api::TextKey(all), api::TextKey(mark))) return all;
  }
  const std::u32string before = api::FromUtf8(absl::StrCat(mark, title));
  return api::ToUtf8(std::u32string_view(before).substr(0, kMaxTitleCharacters));
}

// Titles that are free at the organization that the rows have now; each of them has its own.
template <class T>
absl::Status MakeSole(db::Session& session, const std::string& from_title, std::vector<T*> rows) {
  absl::flat_hash_map<std::string, std::string> called;
  for (const T* row : rows) called[row->name()] = row->title();
  absl::flat_hash_set<std::string> given;
  for (int number = 1; !rows.empty(); ++number) {
    std::erase_if(rows, [](const T* row) { return SoleKeyOf(*row).empty(); });
    std::vector<std::string> soles;
    for (const T* row : rows) soles.push_back(SoleKeyOf(*row));
    CHANYAN_ASSIGN_OR_RETURN(const auto holders, SoleHolders(session, std::move(soles)));
    std::erase_if(rows, [&](const T* row) {
      const std::string sole = SoleKeyOf(*row);
      const auto holder = holders.find(sole);
      const bool is_free = holder == holders.end() || holder->second == row->name();
      return is_free && given.insert(sole).second;
    });
    for (T* row : rows) {
      row->set_title(Distinguished(called.at(row->name()), from_title, number));
    }
  }
  return absl::OkStatus();
}

// What the organization was called before the entry; empty if that is not known.
std::string FormerTitle(const journal::v1::Entry& entry) {
  Organization before;
  if (entry.before_json().empty() ||
      !api::JsonToMessage(entry.before_json(), before, api::JsonSource::kStored).ok()) {
    return "";
  }
  return before.display_name();
}

// Which of a result's pushes it is to one recipient.
std::string ResultAndClass(const v1::Push& push) {
  return absl::StrCat(ResultOfName(push.name()), " ", ClassName(push.triage_class()));
}

}  // namespace

absl::Status RegistryFollower::Rename(rpc::Change& change, const Organization& organization) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Result> results,
      book_.LockAll(change, {"(university = ? OR holder = ?) AND state NOT IN ('WITHDRAWN', "
                             "'MERGED')",
                             {organization.name(), organization.name()}}));
  const std::vector<v1::Result> called = results;
  for (v1::Result& row : results) {
    if (row.university() == organization.name()) {
      row.set_university_title(organization.display_name());
    }
    if (row.holder() == organization.name()) row.set_holder_title(organization.display_name());
  }
  CHANYAN_RETURN_IF_ERROR(book_.SaveAll(change, "followed", called, &results));
  const db::Table<v1::Demand> demands;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Demand> rows,
      demands.Select(change.session(), {"enterprise = ?", {organization.name()}},
                     db::kByNameLocked));
  std::erase_if(rows, [&](const v1::Demand& row) {
    return !IsOpen(row.state()) || row.enterprise_title() == organization.display_name();
  });
  const std::vector<v1::Demand> before = rows;
  for (v1::Demand& row : rows) row.set_enterprise_title(organization.display_name());
  return WriteAll(change, demands, "followed", before, &rows);
}

absl::Status RegistryFollower::TakeOverResults(rpc::Change& change, const std::string& from,
                                               const std::string& from_title,
                                               const Organization& survivor) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Result> rows,
      book_.LockAll(change, {"university = ? OR department = ? OR agency = ? OR investor = ? OR "
                             "holder = ?",
                             {from, from, from, from, from}}));
  const std::vector<v1::Result> before = rows;
  std::vector<v1::Result*> brought;
  // By the broker, who stays with them.
  std::map<std::string, std::vector<v1::Result*>> held;
  for (v1::Result& row : rows) {
    if (row.university() == from) {
      row.set_university(survivor.name());
      row.set_university_title(survivor.display_name());
      brought.push_back(&row);
    }
    if (row.department() == from) row.set_department(survivor.name());
    if (row.agency() == from) row.set_agency(survivor.name());
    if (row.investor() == from) row.set_investor(survivor.name());
    if (row.holder() != from) continue;
    if (IsOpen(row.state())) {
      held[row.broker()].push_back(&row);
    } else {
      row.set_holder(survivor.name());
      row.set_holder_title(survivor.display_name());
    }
  }
  CHANYAN_RETURN_IF_ERROR(MakeSole(change.session(), from_title, std::move(brought)));
  for (const auto& [broker, some] : held) {
    CHANYAN_RETURN_IF_ERROR(book_.PassAll(change,
                                          {survivor.name(), survivor.display_name(), broker},
                                          v1::TENURE_CAUSE_SUCCESSION, some));
  }
  return book_.SaveAll(change, "followed", before, &rows);
}

absl::Status RegistryFollower::TakeOverDemands(rpc::Change& change, const std::string& from,
                                               const std::string& from_title,
                                               const Organization& survivor) const {
  const db::Table<v1::Demand> demands;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Demand> rows,
      demands.Select(change.session(), {"enterprise = ? OR collector = ?", {from, from}},
                     db::kByNameLocked));
  const std::vector<v1::Demand> before = rows;
  std::vector<v1::Demand*> brought;
  for (v1::Demand& row : rows) {
    if (row.collector() == from) row.set_collector(survivor.name());
    if (row.enterprise() != from) continue;
    row.set_enterprise(survivor.name());
    row.set_enterprise_title(survivor.display_name());
    brought.push_back(&row);
  }
  CHANYAN_RETURN_IF_ERROR(MakeSole(change.session(), from_title, std::move(brought)));
  CHANYAN_RETURN_IF_ERROR(WriteAll(change, demands, "followed", before, &rows));
  std::vector<EntryKeys> keys;
  for (const v1::Demand& row : rows) {
    keys.push_back({row.name(), KeysOf(row), SoleKeyOf(row)});
  }
  return WriteAllLibraryKeys(change.session(), keys);
}

absl::Status RegistryFollower::TakeOverPushes(rpc::Change& change, const std::string& from,
                                              const Organization& survivor) const {
  const db::Table<v1::Push> pushes;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Push> rows,
      pushes.Select(change.session(), {"recipient = ?", {from}}, db::kByNameLocked));
  std::vector<std::string> results;
  for (const v1::Push& row : rows) {
    const std::string result = ResultOfName(row.name());
    if (results.empty() || results.back() != result) results.push_back(result);
  }
  // What the survivor was pushed itself.
  absl::flat_hash_map<std::string, std::string> twins;
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(results, [&](absl::Span<const std::string> chunk) -> absl::Status {
        db::Predicate of{absl::StrCat("recipient = ? AND result IN ", db::Marks(chunk.size())),
                         {survivor.name()}};
        of.params.insert(of.params.end(), chunk.begin(), chunk.end());
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Push> some,
                                 pushes.Select(change.session(), of, db::kByNameLocked));
        for (const v1::Push& push : some) twins[ResultAndClass(push)] = push.name();
        return absl::OkStatus();
      }));
  std::vector<v1::Push> ended_before, ended, before, followed;
  for (v1::Push& row : rows) {
    v1::Push next = row;
    const auto twin = twins.find(ResultAndClass(row));
    if (twin == twins.end()) {
      next.set_recipient(survivor.name());
      next.set_recipient_title(survivor.display_name());
      before.push_back(std::move(row));
      followed.push_back(std::move(next));
      continue;
    }
    // It has the result already: what was pushed to the other stays readable, is not doubled, and
    // does not wait for somebody who is no more.
    CHANYAN_ASSIGN_OR_RETURN(
        const bool news,
        SetEnded(pack_.pack().calendar(), change.now(),
                 absl::StrCat(row.recipient_title(), "已并入", survivor.display_name(),
                              "，由其按同一成果的推送（", twin->second, "）办理"),
                 &next));
    if (!news) continue;
    ended_before.push_back(std::move(row));
    ended.push_back(std::move(next));
  }
  CHANYAN_RETURN_IF_ERROR(WriteAll(change, pushes, "end", ended_before, &ended));
  return WriteAll(change, pushes, "followed", before, &followed);
}

absl::Status RegistryFollower::TakeOverMeetings(rpc::Change& change, const std::string& from,
                                                const Organization& survivor) const {
  const db::Table<v1::WorkMeeting> meetings;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::WorkMeeting> rows,
      meetings.Select(change.session(),
                      {"open_items > 0 AND JSON_CONTAINS(item_owners, JSON_QUOTE(?))", {from}},
                      db::kByNameLocked));
  std::vector<v1::WorkMeeting> before, followed;
  for (v1::WorkMeeting& row : rows) {
    v1::WorkMeeting next = row;
    bool open = false;
    for (v1::WorkMeetingItem& item : *next.mutable_items()) {
      if (IsDone(item) || item.owner() != from) continue;
      item.set_owner(survivor.name());
      item.set_owner_title(survivor.display_name());
      open = true;
    }
    if (!open) continue;
    CountItems(&next);
    before.push_back(std::move(row));
    followed.push_back(std::move(next));
  }
  return WriteAll(change, meetings, "followed", before, &followed);
}

absl::Status RegistryFollower::TakeOver(rpc::Change& change, const std::string& from,
                                        const std::string& from_title,
                                        const Organization& survivor) const {
  CHANYAN_RETURN_IF_ERROR(TakeOverResults(change, from, from_title, survivor));
  CHANYAN_RETURN_IF_ERROR(TakeOverDemands(change, from, from_title, survivor));
  CHANYAN_RETURN_IF_ERROR(TakeOverPushes(change, from, survivor));
  CHANYAN_RETURN_IF_ERROR(TakeOverMeetings(change, from, survivor));
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
  CHANYAN_RETURN_IF_ERROR(FollowUniversityTitle(change, organization.name(),
                                                organization.display_name(), FormerTitle(entry)));
  return Rename(change, organization);
}

}  // namespace chanyan::triage
