#include "services/triage/team_members.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/normalize.h"
#include "common/api/well_known.h"
#include "common/db/predicate.h"

namespace chanyan::triage {
namespace {

constexpr char kBelow[] = "name >= ? AND name < ?";

std::string KeyOf(const v1::TeamMembership& one) {
  v1::TeamMember member;
  member.set_person(one.person());
  member.set_unit_title(one.unit_title());
  return MemberKey(member);
}

// Who is a member, by key.
absl::flat_hash_map<std::string, const v1::TeamMember*> MembersOf(const v1::ServiceTeam& team) {
  absl::flat_hash_map<std::string, const v1::TeamMember*> members;
  if (team.state() != v1::TEAM_STATE_ACTIVE) return members;
  for (const v1::TeamMember& member : team.members()) members[MemberKey(member)] = &member;
  return members;
}

}  // namespace

std::string MemberKey(const v1::TeamMember& member) {
  return absl::StrCat(api::TextKey(member.person()), "\n", api::TextKey(member.unit_title()));
}

std::vector<status::Violation> MemberViolations(const v1::ServiceTeam& team) {
  std::vector<status::Violation> wrong;
  absl::flat_hash_map<std::string, int> seen;
  for (int i = 0; i < team.members_size(); ++i) {
    const auto [first, fresh] = seen.try_emplace(MemberKey(team.members(i)), i);
    if (fresh) continue;
    wrong.push_back({absl::StrCat("members[", i, "]"),
                     absl::StrCat("与第", first->second + 1, "位成员“", team.members(i).person(),
                                  "”重复，请只保留一位")});
  }
  return wrong;
}

std::vector<status::Violation> OfficerViolations(const v1::ServiceTeam& team) {
  if (team.officer().empty()) return {};
  const std::string person = api::TextKey(team.officer());
  const std::string department = api::TextKey(team.department_title());
  bool member_elsewhere = false;
  for (const v1::TeamMember& member : team.members()) {
    if (person.empty() || api::TextKey(member.person()) != person) continue;
    // The department may stand behind its bureau.
    if (absl::EndsWith(api::TextKey(member.unit_title()), department)) return {};
    member_elsewhere = true;
  }
  return {{"officer",
           member_elsewhere
               ? absl::StrCat("“", team.officer(), "”不是“", team.department_title(),
                              "”的人员，处内专人应为该处人员")
               : absl::StrCat("“", team.officer(), "”不在专班成员中，请先填写其成员信息，单位写“",
                              team.department_title(), "”")}};
}

std::vector<std::string> GapsOf(const v1::ServiceTeam& team) {
  if (team.state() != v1::TEAM_STATE_ACTIVE || !team.officer().empty()) return {};
  return {absl::StrCat("“", team.department_title(), "”尚未明确处内专人")};
}

void JoinMembers(const v1::ServiceTeam& from, v1::ServiceTeam* to) {
  absl::flat_hash_set<std::string> present;
  for (const v1::TeamMember& member : to->members()) present.insert(MemberKey(member));
  for (const v1::TeamMember& member : from.members()) {
    if (present.insert(MemberKey(member)).second) *to->add_members() = member;
  }
}

absl::Status MembershipBook::Follow(rpc::Change& change, const v1::ServiceTeam& before,
                                    const v1::ServiceTeam& after) const {
  const auto were = MembersOf(before);
  const auto are = MembersOf(after);
  if (were.empty() && are.empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::TeamMembership> known,
                           memberships_.Select(change.session(),
                                               {kBelow,
                                                {absl::StrCat(after.name(), "/memberships/"),
                                                 absl::StrCat(after.name(), "/memberships0")}},
                                               db::kByNameLocked));
  int32_t number = 0;
  absl::flat_hash_set<std::string> going_on;
  std::vector<v1::TeamMembership> open;
  std::vector<v1::TeamMembership> ended;
  for (const v1::TeamMembership& one : known) {
    number = std::max(number, one.number());
    if (!one.current()) continue;
    const auto member = are.find(KeyOf(one));
    if (member != are.end() && member->second->post() == one.post()) {
      going_on.insert(member->first);
      continue;
    }
    open.push_back(one);
    v1::TeamMembership& over = ended.emplace_back(one);
    over.set_current(false);
    api::SetTime(change.now(), over.mutable_end_time());
  }
  std::vector<v1::TeamMembership> begun;
  for (const v1::TeamMember& member : after.members()) {
    const std::string key = MemberKey(member);
    if (!are.contains(key) || !going_on.insert(key).second) continue;
    v1::TeamMembership& one = begun.emplace_back();
    one.set_number(++number);
    one.set_name(absl::StrCat(after.name(), "/memberships/", number));
    one.set_person(member.person());
    one.set_unit_title(member.unit_title());
    one.set_post(member.post());
    api::SetTime(change.now(), one.mutable_start_time());
    one.set_current(true);
    one.set_team_title(after.display_name());
    one.set_office(after.office());
  }
  if (!ended.empty()) {
    CHANYAN_RETURN_IF_ERROR(memberships_.UpdateAll(change.session(), change.now(), &ended));
    std::vector<journal::Alteration> left;
    for (size_t i = 0; i < ended.size(); ++i) left.push_back({&open[i], &ended[i]});
    CHANYAN_RETURN_IF_ERROR(change.RecordAll("left", left));
  }
  if (begun.empty()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(memberships_.InsertAll(change.session(), change.now(), &begun));
  std::vector<journal::Alteration> joined;
  for (const v1::TeamMembership& one : begun) joined.push_back({nullptr, &one});
  return change.RecordAll("joined", joined);
}

}  // namespace chanyan::triage
