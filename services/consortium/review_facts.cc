#include "services/consortium/review_facts.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chanyan/pairing/v1/agreement.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"

namespace chanyan::consortium {
namespace {

using registry::v1::Organization;

constexpr char kListOrganizations[] = "chanyan.registry.v1.RegistryService.ListOrganizations";
constexpr char kListProjects[] = "chanyan.pairing.v1.PairingService.ListProjects";
constexpr char kListAgreements[] = "chanyan.pairing.v1.AgreementService.ListAgreements";
constexpr int kPage = 200;
// Names of one filter.
constexpr size_t kNamesOfCall = 20;
// Each is named twice.
constexpr int kPartiesOfCall = 10;
// Levels above an organization that are looked at.
constexpr int kLevels = 6;

bool IsAuthority(const Organization& organization) {
  switch (organization.kind()) {
    case registry::v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE:
    case registry::v1::ORGANIZATION_KIND_TOWN:
    case registry::v1::ORGANIZATION_KIND_DISTRICT:
    case registry::v1::ORGANIZATION_KIND_DEPARTMENT:
    case registry::v1::ORGANIZATION_KIND_SECRETARIAT:
      return true;
    default:
      return false;
  }
}

// All organizations of `names` with those above them.
absl::StatusOr<Organizations> WithAncestors(rpc::Peers& peers, const rpc::Caller& caller,
                                            std::vector<std::string> names) {
  Organizations known;
  for (int level = 0; level <= kLevels && !names.empty(); ++level) {
    CHANYAN_ASSIGN_OR_RETURN(const Organizations found, LookUp(peers, caller, names));
    names.clear();
    for (const auto& [name, organization] : found) known.emplace(name, organization);
    for (const auto& [name, organization] : found) {
      const std::string& parent = organization.parent();
      if (!parent.empty() && !known.contains(parent)) names.push_back(parent);
    }
  }
  return known;
}

template <class Add>
void AncestorsOf(const Organizations& known, const std::string& name, Add add) {
  absl::flat_hash_set<std::string> seen = {name};
  std::string at = name;
  for (int level = 0; level < kLevels; ++level) {
    const auto here = known.find(at);
    if (here == known.end() || here->second.parent().empty()) return;
    at = here->second.parent();
    const auto above = known.find(at);
    if (!seen.insert(at).second || above == known.end() || IsAuthority(above->second)) return;
    add(at);
  }
}

// The day until which a project counts; nothing for one that never came to be.
std::optional<absl::CivilDay> LastDayOf(const pairing::v1::Project& project, absl::CivilDay day) {
  switch (project.state()) {
    case pairing::v1::PROJECT_STATE_SIGNED:
    case pairing::v1::PROJECT_STATE_BUILDING:
      return day;
    case pairing::v1::PROJECT_STATE_COMPLETED:
      return time::DayOf(time::ToTime(project.update_time()));
    case pairing::v1::PROJECT_STATE_TERMINATED:
      if (!project.has_sign_date()) return std::nullopt;
      return time::DayOf(time::ToTime(project.update_time()));
    default:
      return std::nullopt;
  }
}

// Whether a peer that is there does not give what was asked for, until it is of another version or
// lets us: asking once more is of no use now.
bool IsWithheld(const absl::Status& answer) {
  return absl::IsPermissionDenied(answer) || absl::IsUnimplemented(answer) ||
         absl::IsInvalidArgument(answer);
}

void AddMissing(absl::string_view what, const absl::Status& answer,
                std::initializer_list<policy::v1::ConflictKind> kinds, v1::ReviewFacts* facts) {
  v1::MissingFacts* missing = facts->add_missing();
  missing->set_description(absl::StrCat(what, absl::IsPermissionDenied(answer)
                                                  ? "（产学研结对服务未准予查询）"
                                                  : "（产学研结对服务的版本尚不能提供）"));
  for (const policy::v1::ConflictKind kind : kinds) missing->add_kinds(kind);
}

// Projects of the parties that have a registered technology contract.
absl::StatusOr<absl::flat_hash_set<std::string>> ProjectsWithContract(
    rpc::Peers& peers, const rpc::Caller& caller, const v1::ReviewFacts& facts) {
  absl::flat_hash_set<std::string> projects;
  for (int first = 0; first < facts.parties_size(); first += kPartiesOfCall) {
    std::string parties;
    for (int i = first; i < std::min(facts.parties_size(), first + kPartiesOfCall); ++i) {
      const std::string& one = facts.parties(i).organization();
      absl::StrAppend(&parties, parties.empty() ? "" : " OR ", "university = \"", one,
                      "\" OR enterprise = \"", one, "\"");
    }
    pairing::v1::ListAgreementsRequest request;
    request.set_parent("projects/-");
    request.set_page_size(kPage);
    request.set_filter(absl::StrCat("contract_registration_number != \"\" AND (", parties, ")"));
    do {
      CHANYAN_ASSIGN_OR_RETURN(const auto page,
                               rpc::CallPeer<pairing::v1::ListAgreementsResponse>(
                                   peers, "pairing", kListAgreements, request, caller));
      for (const pairing::v1::Agreement& one : page.agreements()) {
        projects.insert(std::string(api::ParentOfName(one.name())));
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
  }
  return projects;
}

// Projects between a party and an employer of the pool, by name, without their contracts.
using CoBuilds = std::map<std::string, v1::CoBuildFact>;
absl::Status FindCoBuilds(rpc::Peers& peers, const Asker& asker,
                          const absl::flat_hash_set<std::string>& employers, absl::CivilDay day,
                          const v1::ReviewFacts& facts, CoBuilds* found) {
  for (const v1::ReviewParty& party : facts.parties()) {
    pairing::v1::ListProjectsRequest request;
    request.set_page_size(kPage);
    request.set_filter(absl::StrCat("(university = \"", party.organization(),
                                    "\" OR enterprise = \"", party.organization(),
                                    "\") AND state != INTENT AND state != NEGOTIATING"));
    while (true) {
      CHANYAN_ASSIGN_OR_RETURN(const auto page,
                               rpc::CallPeer<pairing::v1::ListProjectsResponse>(
                                   peers, "pairing", kListProjects, request, asker.own));
      for (const pairing::v1::Project& project : page.projects()) {
        const std::string& other = project.university() == party.organization()
                                       ? project.enterprise()
                                       : project.university();
        const auto last = LastDayOf(project, day);
        if (!last || !employers.contains(other)) continue;
        v1::CoBuildFact& fact = (*found)[project.name()];
        fact.set_project(project.name());
        fact.set_university(project.university());
        fact.set_enterprise(project.enterprise());
        *fact.mutable_last_date() = time::ToProto(*last);
      }
      if (page.next_page_token().empty()) break;
      request.set_page_token(page.next_page_token());
    }
  }
  return absl::OkStatus();
}

absl::Status AddCoBuilds(rpc::Peers& peers, const Asker& asker,
                         const absl::flat_hash_set<std::string>& employers, absl::CivilDay day,
                         v1::ReviewFacts* facts) {
  CoBuilds found;
  const absl::Status projects = FindCoBuilds(peers, asker, employers, day, *facts, &found);
  if (!projects.ok() && !IsWithheld(projects)) return projects;
  absl::flat_hash_set<std::string> contracted;
  if (!projects.ok()) {
    // What was found before is a conflict all the same.
    AddMissing("结对共建项目及其技术合同情况", projects,
               {policy::v1::CONFLICT_KIND_CO_BUILD, policy::v1::CONFLICT_KIND_PAST_FUNDING}, facts);
  } else if (!found.empty()) {
    absl::StatusOr<absl::flat_hash_set<std::string>> contracts =
        ProjectsWithContract(peers, asker.agreements, *facts);
    if (!contracts.ok() && !IsWithheld(contracts.status())) return contracts.status();
    if (contracts.ok()) {
      contracted = *std::move(contracts);
    } else {
      AddMissing("结对共建项目的技术合同登记情况", contracts.status(),
                 {policy::v1::CONFLICT_KIND_PAST_FUNDING}, facts);
    }
  }
  for (auto& [name, fact] : found) {
    fact.set_contract(contracted.contains(name));
    *facts->add_co_builds() = std::move(fact);
  }
  return absl::OkStatus();
}

v1::ReviewParty PartyOf(const std::string& organization, const std::string& title, bool lead,
                        const Organizations& known) {
  v1::ReviewParty party;
  party.set_organization(organization);
  party.set_title(title);
  party.set_lead(lead);
  AncestorsOf(known, organization, [&](const std::string& one) { party.add_ancestors(one); });
  return party;
}

void AddPeople(const v1::Consortium& consortium, v1::ReviewFacts* facts) {
  std::set<std::string> people = {consortium.chief_expert().person(),
                                  consortium.director().person()};
  for (const v1::ConsortiumMember& member : consortium.members()) people.insert(member.principal());
  for (const std::string& person : people) {
    if (!person.empty()) facts->add_people(person);
  }
}

}  // namespace

absl::StatusOr<Organizations> LookUp(rpc::Peers& peers, const rpc::Caller& caller,
                                     std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  // What is no name would not be a filter either.
  names.erase(std::remove_if(names.begin(), names.end(),
                             [](const std::string& name) {
                               return !absl::StartsWith(name, "organizations/") ||
                                      !api::IsName(name);
                             }),
              names.end());
  Organizations found;
  for (size_t first = 0; first < names.size(); first += kNamesOfCall) {
    registry::v1::ListOrganizationsRequest request;
    request.set_page_size(kPage);
    std::string filter;
    for (size_t i = first; i < std::min(names.size(), first + kNamesOfCall); ++i) {
      absl::StrAppend(&filter, filter.empty() ? "" : " OR ", "name = \"", names[i], "\"");
    }
    request.set_filter(filter);
    CHANYAN_ASSIGN_OR_RETURN(auto page,
                             rpc::CallPeer<registry::v1::ListOrganizationsResponse>(
                                 peers, "registry", kListOrganizations, request, caller));
    for (Organization& one : *page.mutable_organizations()) {
      std::string name = one.name();
      found.emplace(std::move(name), std::move(one));
    }
  }
  return found;
}

absl::Status RequireKnown(const Organizations& known, const std::string& name,
                          absl::string_view field, bool may_be_ended) {
  const auto found = known.find(name);
  if (found == known.end()) {
    return status::InvalidField(field, absl::StrCat("“", name, "”不在单位名录中"));
  }
  if (!may_be_ended && found->second.state() != registry::v1::ORGANIZATION_STATE_ACTIVE) {
    return status::InvalidField(field, absl::StrCat("“", found->second.display_name(), "”已停用"));
  }
  return absl::OkStatus();
}

Asker AskerOf(const rpc::Call& call) { return {rpc::AsService(call), rpc::As(call)}; }

Asker AskerOfJob(absl::Time deadline) {
  const rpc::Caller own = rpc::AsService(deadline);
  return {own, own};
}

absl::StatusOr<Reviewed> Ask(rpc::Peers& peers, const Asker& asker,
                             const v1::Consortium& consortium,
                             const std::vector<v1::Expert>& experts, const Successions& successions,
                             absl::CivilDay day, bool pairs) {
  std::vector<std::string> names = {consortium.lead_unit()};
  for (const v1::ConsortiumMember& member : consortium.members()) {
    names.push_back(member.organization());
  }
  absl::flat_hash_set<std::string> employers;
  for (const v1::Expert& expert : experts) {
    employers.insert(expert.employer());
    names.push_back(expert.employer());
  }
  CHANYAN_ASSIGN_OR_RETURN(const Organizations known, WithAncestors(peers, asker.own, names));

  Reviewed reviewed;
  v1::ReviewFacts& facts = reviewed.facts;
  *facts.mutable_as_of_date() = time::ToProto(day);
  *facts.add_parties() =
      PartyOf(consortium.lead_unit(), consortium.lead_unit_title(), /*lead=*/true, known);
  for (const v1::ConsortiumMember& member : consortium.members()) {
    *facts.add_parties() = PartyOf(member.organization(), member.title(), /*lead=*/false, known);
  }
  AddPeople(consortium, &facts);
  *facts.mutable_fields() = consortium.industries();
  if (pairs) CHANYAN_RETURN_IF_ERROR(AddCoBuilds(peers, asker, employers, day, &facts));
  for (const v1::Expert& expert : experts) {
    v1::DrawCandidate& candidate =
        reviewed.candidates.emplace_back(CandidateOf(expert, day, successions));
    AncestorsOf(known, expert.employer(),
                [&](const std::string& one) { candidate.add_employer_ancestors(one); });
  }
  return reviewed;
}

}  // namespace chanyan::consortium
