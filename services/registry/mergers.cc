// Handlers that make one organization of two, and several of one (REG-1).
#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "services/registry/ids.h"
#include "services/registry/instrument_following.h"
#include "services/registry/organization_life.h"
#include "services/registry/organization_rules.h"
#include "services/registry/registry_service.h"

namespace chanyan::registry {
namespace {

constexpr char kRegistryPackage[] = "chanyan.registry.v1";

absl::Status Refuse(std::vector<status::Violation> violations) {
  if (violations.empty()) return absl::OkStatus();
  return status::InvalidFields(std::move(violations));
}

template <class T>
std::vector<std::string> TitlesOf(const std::vector<T>& rows) {
  std::vector<std::string> titles;
  for (const T& row : rows) titles.push_back(row.display_name());
  return titles;
}

// `platform` as one of `receiver`, under a name that is not in `taken`, which it joins.
void Receive(const v1::Organization& receiver, absl::string_view former,
             std::vector<std::string>* taken, v1::Platform* platform) {
  if (std::find(taken->begin(), taken->end(), platform->display_name()) != taken->end()) {
    platform->set_display_name(NameBeside(platform->display_name(), former, *taken));
  }
  taken->push_back(platform->display_name());
  platform->set_organization(receiver.name());
  platform->set_organization_title(receiver.display_name());
}

// A split in the histories of the whole and of its parts; `facts` is the whole's.
std::vector<v1::OrganizationEvent> SplitEvents(const v1::Organization& whole,
                                               const std::vector<v1::Organization>& parts,
                                               const Basis& basis, const std::string& account,
                                               EventFacts facts) {
  std::vector<const v1::Organization*> parties;
  std::vector<v1::OrganizationEvent> events;
  for (const v1::Organization& part : parts) {
    parties.push_back(&part);
    events.push_back(
        EventOf(part, basis, account, {.kind = v1::ORGANIZATION_EVENT_KIND_SPLIT_OFF}, {&whole}));
  }
  events.push_back(EventOf(whole, basis, account, std::move(facts), parties));
  return events;
}

// Writes and journals changes of one table.
template <class T>
absl::Status WriteAll(rpc::Change& change, const db::Table<T>& table, absl::string_view kind,
                      std::vector<std::pair<T, T>>* changes) {
  std::vector<journal::Alteration> alterations;
  for (auto& [before, after] : *changes) {
    CHANYAN_RETURN_IF_ERROR(table.Update(change.session(), change.now(), &after));
    alterations.push_back({&before, &after});
  }
  return change.RecordAll(kind, alterations);
}

}  // namespace

// Before and after of what goes along.
struct RegistryService::Takeover {
  std::vector<std::pair<v1::Platform, v1::Platform>> platforms;
  std::vector<std::string> renamed_platforms;
  // Enterprises that it served.
  std::vector<std::pair<v1::Organization, v1::Organization>> served;
  std::vector<std::pair<v1::Organization, v1::Organization>> children;
  // What is part of it already.
  std::vector<std::pair<v1::Organization, v1::Organization>> earlier;
  // The survivor stood below it in the tree, and takes its place.
  bool rises = false;

  std::string InWords() const {
    std::string words;
    const auto count = [&words](size_t number, absl::string_view of) {
      if (number > 0) absl::StrAppend(&words, words.empty() ? "" : "、", of, " ", number, " 个");
    };
    count(platforms.size(), "科创平台");
    count(served.size(), "服务的企业");
    count(children.size(), "下级单位");
    for (const std::string& name : renamed_platforms) {
      absl::StrAppend(&words, "；重名的科创平台改称“", name, "”");
    }
    return words;
  }
};

absl::StatusOr<RegistryService::Takeover> RegistryService::PlanTakeover(
    db::Session& session, const v1::Organization& from, const v1::Organization& into) {
  Takeover plan;
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Platform> own,
      platforms_.Select(session, {"organization = ?", {into.name()}}, db::kByNameLocked));
  std::vector<std::string> taken = TitlesOf(own);
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Platform> moving,
      platforms_.Select(session, {"organization = ?", {from.name()}}, db::kByNameLocked));
  for (const v1::Platform& platform : moving) {
    v1::Platform moved = platform;
    Receive(into, from.display_name(), &taken, &moved);
    if (moved.display_name() != platform.display_name()) {
      plan.renamed_platforms.push_back(moved.display_name());
    }
    plan.platforms.emplace_back(platform, std::move(moved));
  }
  const auto refer =
      [&](const char* where, auto set,
          std::vector<std::pair<v1::Organization, v1::Organization>>* changes) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::Organization> rows,
        organizations_.Select(session, {where, {from.name()}}, db::kByNameLocked));
    for (const v1::Organization& row : rows) {
      // The survivor is written by itself.
      if (row.name() == into.name()) continue;
      v1::Organization after = row;
      set(&after);
      changes->emplace_back(row, std::move(after));
    }
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(refer(
      "unit = ?", [&](v1::Organization* row) { row->set_unit(into.name()); }, &plan.served));
  CHANYAN_RETURN_IF_ERROR(refer(
      "parent = ?", [&](v1::Organization* row) { row->set_parent(into.name()); }, &plan.children));
  CHANYAN_RETURN_IF_ERROR(refer(
      "merged_into = ?", [&](v1::Organization* row) { row->set_merged_into(into.name()); },
      &plan.earlier));
  // A row that refers to it twice is written once.
  for (auto& [before, after] : plan.children) {
    const auto twin = std::find_if(
        plan.served.begin(), plan.served.end(),
        [&before = before](const auto& served) { return served.first.name() == before.name(); });
    if (twin == plan.served.end()) continue;
    twin->second.set_parent(into.name());
    before.clear_name();
  }
  plan.children.erase(std::remove_if(plan.children.begin(), plan.children.end(),
                                     [](const auto& child) { return child.first.name().empty(); }),
                      plan.children.end());
  CHANYAN_ASSIGN_OR_RETURN(plan.rises, StandsBelow(session, into.parent(), from.name()));
  return plan;
}

absl::Status RegistryService::MovePlatforms(
    rpc::Change& change, const v1::Organization& from,
    std::vector<std::pair<v1::Platform, v1::Platform>>* platforms) {
  CHANYAN_RETURN_IF_ERROR(WriteAll(change, platforms_, "moved", platforms));
  for (const auto& [before, after] : *platforms) {
    CHANYAN_RETURN_IF_ERROR(store_.FollowOwner(change, after));
    CHANYAN_RETURN_IF_ERROR(TakeInstruments(change, after, from.display_name()));
  }
  return absl::OkStatus();
}

absl::Status RegistryService::TakeOver(rpc::Change& change, const Basis& basis, Takeover* plan,
                                       v1::Organization* from, v1::Organization* into) {
  const v1::Organization from_before = *from;
  const v1::Organization into_before = *into;
  Absorb(basis.day, basis.reason, from, into);
  if (plan->rises) into->set_parent(from->parent());
  CHANYAN_RETURN_IF_ERROR(organizations_.Update(change.session(), change.now(), from));
  CHANYAN_RETURN_IF_ERROR(change.Record("merged", &from_before, from));
  CHANYAN_RETURN_IF_ERROR(organizations_.Update(change.session(), change.now(), into));
  CHANYAN_RETURN_IF_ERROR(change.Record("absorbed", &into_before, into));
  CHANYAN_RETURN_IF_ERROR(WriteAll(change, organizations_, "redirected", &plan->earlier));
  CHANYAN_RETURN_IF_ERROR(WriteAll(change, organizations_, "moved", &plan->served));
  CHANYAN_RETURN_IF_ERROR(WriteAll(change, organizations_, "moved", &plan->children));
  CHANYAN_RETURN_IF_ERROR(MovePlatforms(change, from_before, &plan->platforms));
  // Whatever else in this schema belongs to an organization.
  for (const rpc::OwnerField& owned : rpc::OwnerFields(kRegistryPackage)) {
    if (owned.resource == v1::Organization::descriptor() ||
        owned.resource == v1::Platform::descriptor()) {
      continue;
    }
    CHANYAN_RETURN_IF_ERROR(rpc::HandOver(change, "moved", owned, from->name(), into->name(),
                                          db::Predicate::Everything(),
                                          rpc::Retitled(owned, into->display_name()))
                                .status());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::MergeOrganizationResponse> RegistryService::MergeOrganization(
    const rpc::Call& call, const v1::MergeOrganizationRequest& request) {
  using Response = v1::MergeOrganizationResponse;
  const auto merge = [&](rpc::Change& change) -> absl::StatusOr<Response> {
    db::Session& session = change.session();
    const db::Predicate scope = auth::Writable<v1::Organization>(call.principal);
    CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay day,
                             EffectiveDay(request.effective_date(), time::DayOf(change.now())));
    const Basis basis{day, request.reason(), request.document()};
    // By name, so that two mergers of the same two wait for each other.
    v1::Organization from;
    v1::Organization into;
    const auto lock = [&](const std::string& name, v1::Organization* row) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(*row, organizations_.GetForUpdate(session, name, scope));
      return absl::OkStatus();
    };
    const bool in_order = request.name() <= request.into();
    CHANYAN_RETURN_IF_ERROR(in_order ? lock(request.name(), &from) : lock(request.into(), &into));
    CHANYAN_RETURN_IF_ERROR(in_order ? lock(request.into(), &into) : lock(request.name(), &from));
    CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), from.etag(), request.name()));
    CHANYAN_RETURN_IF_ERROR(RefuseMerged(from));
    CHANYAN_RETURN_IF_ERROR(policy::Next(OrganizationLife(), from.state(), "merge").status());
    CHANYAN_RETURN_IF_ERROR(Refuse(MergeViolations(from, into)));

    CHANYAN_ASSIGN_OR_RETURN(Takeover plan, PlanTakeover(session, from, into));
    Response response;
    response.set_platform_count(static_cast<int32_t>(plan.platforms.size()));
    response.set_enterprise_count(static_cast<int32_t>(plan.served.size()));
    response.set_child_count(static_cast<int32_t>(plan.children.size()));
    response.mutable_renamed_platforms()->Assign(plan.renamed_platforms.begin(),
                                                 plan.renamed_platforms.end());
    if (!request.validate_only()) {
      CHANYAN_RETURN_IF_ERROR(TakeOver(change, basis, &plan, &from, &into));
      const std::string& account = call.principal.account;
      CHANYAN_RETURN_IF_ERROR(RecordEvents(
          change, events_,
          {EventOf(from, basis, account,
                   {.kind = v1::ORGANIZATION_EVENT_KIND_MERGED, .handed_over = plan.InWords()},
                   {&into}),
           EventOf(into, basis, account,
                   {.kind = v1::ORGANIZATION_EVENT_KIND_ABSORBED, .handed_over = plan.InWords()},
                   {&from})}));
    }
    *response.mutable_organization() = std::move(from);
    *response.mutable_survivor() = std::move(into);
    return response;
  };
  CHANYAN_ASSIGN_OR_RETURN(Response response,
                           rpc::Mutate<Response>(deps_.store, call, request, merge));
  *response.mutable_organization() = Present(call, std::move(*response.mutable_organization()));
  *response.mutable_survivor() = Present(call, std::move(*response.mutable_survivor()));
  return response;
}

absl::StatusOr<std::vector<v1::Organization>> RegistryService::PartsOf(
    rpc::Change& change, const rpc::Call& call, const v1::Organization& whole,
    const v1::SplitOrganizationRequest& request) {
  db::Session& session = change.session();
  const db::Predicate scope = auth::Writable<v1::Organization>(call.principal);
  std::vector<v1::Organization> parts(request.parts_size());
  std::vector<status::Violation> violations;
  for (int i = 0; i < request.parts_size(); ++i) {
    const v1::OrganizationPart& wanted = request.parts(i);
    if (!wanted.organization().empty()) {
      const auto found = organizations_.GetForUpdate(session, wanted.organization(), scope);
      if (absl::IsNotFound(found.status())) {
        violations.push_back({absl::StrCat("parts[", i, "].organization"),
                              absl::StrCat("“", wanted.organization(), "”不在单位名录中")});
        continue;
      }
      CHANYAN_RETURN_IF_ERROR(found.status());
      parts[i] = *found;
      for (status::Violation& violation : ExistingPartViolations(whole, parts[i], i)) {
        violations.push_back(std::move(violation));
      }
      continue;
    }
    v1::Organization& part = parts[i];
    part = wanted.created();
    part.set_name(absl::StrCat("organizations/", wanted.organization_id().empty()
                                                     ? OrganizationId(part)
                                                     : wanted.organization_id()));
    part.set_state(v1::ORGANIZATION_STATE_ACTIVE);
    if (part.unit().empty()) part.set_unit(whole.unit());
    CHANYAN_RETURN_IF_ERROR(FollowReferences(session, nullptr, &part));
    const absl::Status good = CheckOrganization(session, nullptr, &part);
    if (good.ok()) continue;
    std::vector<status::Violation> wrong = status::ViolationsOf(good);
    if (wrong.empty()) return good;
    for (status::Violation& violation : wrong) {
      const absl::string_view field =
          absl::StripPrefix(violation.field, absl::string_view("organization."));
      violations.push_back(
          {absl::StrCat("parts[", i, "].created.", field), std::move(violation.description)});
    }
  }
  CHANYAN_RETURN_IF_ERROR(Refuse(std::move(violations)));
  return parts;
}

absl::StatusOr<int> RegistryService::GivePlatforms(rpc::Change& change,
                                                   const v1::Organization& whole,
                                                   const v1::OrganizationPart& part, int index,
                                                   const v1::Organization& receiver,
                                                   bool validate_only) {
  std::vector<status::Violation> violations;
  std::vector<std::pair<v1::Platform, v1::Platform>> changes;
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Platform> own,
      platforms_.Select(change.session(), {"organization = ?", {receiver.name()}},
                        db::kByNameLocked));
  std::vector<std::string> taken = TitlesOf(own);
  for (int j = 0; j < part.platforms_size(); ++j) {
    const auto found = platforms_.GetForUpdate(change.session(), part.platforms(j));
    if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
    if (!found.ok() || found->organization() != whole.name()) {
      violations.push_back(
          {absl::StrCat("parts[", index, "].platforms[", j, "]"),
           absl::StrCat("“", part.platforms(j), "”不是“", whole.display_name(), "”的科创平台")});
      continue;
    }
    v1::Platform given = *found;
    Receive(receiver, whole.display_name(), &taken, &given);
    changes.emplace_back(*found, std::move(given));
  }
  CHANYAN_RETURN_IF_ERROR(Refuse(std::move(violations)));
  if (!validate_only) {
    CHANYAN_RETURN_IF_ERROR(MovePlatforms(change, whole, &changes));
  }
  return static_cast<int>(changes.size());
}

absl::StatusOr<v1::SplitOrganizationResponse> RegistryService::SplitOrganization(
    const rpc::Call& call, const v1::SplitOrganizationRequest& request) {
  using Response = v1::SplitOrganizationResponse;
  const auto split = [&](rpc::Change& change) -> absl::StatusOr<Response> {
    db::Session& session = change.session();
    CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay day,
                             EffectiveDay(request.effective_date(), time::DayOf(change.now())));
    const Basis basis{day, request.reason(), request.document()};
    CHANYAN_ASSIGN_OR_RETURN(
        v1::Organization whole,
        organizations_.GetForUpdate(session, request.name(),
                                    auth::Writable<v1::Organization>(call.principal)));
    CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), whole.etag(), request.name()));
    CHANYAN_RETURN_IF_ERROR(RefuseMerged(whole));
    CHANYAN_RETURN_IF_ERROR(policy::Next(OrganizationLife(), whole.state(), "split").status());
    CHANYAN_RETURN_IF_ERROR(Refuse(PartViolations(whole, request)));
    CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Organization> parts,
                             PartsOf(change, call, whole, request));

    Response response;
    v1::Organization* successor = nullptr;
    for (int i = 0; i < request.parts_size(); ++i) {
      v1::Organization& part = parts[i];
      if (request.parts(i).successor()) successor = &part;
      const v1::Organization before = part;
      part.set_split_from(whole.name());
      if (!request.validate_only()) {
        if (request.parts(i).has_created()) {
          CHANYAN_RETURN_IF_ERROR(InsertOrganization(change, "splitOff", &part));
        } else if (before.split_from() != part.split_from()) {
          CHANYAN_RETURN_IF_ERROR(organizations_.Update(session, change.now(), &part));
          CHANYAN_RETURN_IF_ERROR(change.Record("splitOff", &before, &part));
        }
      }
      CHANYAN_ASSIGN_OR_RETURN(const int given, GivePlatforms(change, whole, request.parts(i), i,
                                                              part, request.validate_only()));
      response.set_platform_count(response.platform_count() + given);
    }
    std::string handed_over;
    if (successor != nullptr) {
      CHANYAN_ASSIGN_OR_RETURN(Takeover plan, PlanTakeover(session, whole, *successor));
      handed_over = plan.InWords();
      const auto rest = static_cast<int32_t>(plan.platforms.size());
      // Where nothing is written, the rest is still all of them.
      response.set_platform_count(request.validate_only() ? rest
                                                          : response.platform_count() + rest);
      if (!request.validate_only()) {
        CHANYAN_RETURN_IF_ERROR(TakeOver(change, basis, &plan, &whole, successor));
      }
    }
    if (!request.validate_only()) {
      CHANYAN_RETURN_IF_ERROR(RecordEvents(
          change, events_,
          SplitEvents(whole, parts, basis, call.principal.account,
                      {.kind = v1::ORGANIZATION_EVENT_KIND_SPLIT,
                       .successor = successor == nullptr ? "" : successor->display_name(),
                       .handed_over = handed_over})));
    }
    *response.mutable_organization() = std::move(whole);
    for (v1::Organization& part : parts) *response.add_parts() = std::move(part);
    return response;
  };
  CHANYAN_ASSIGN_OR_RETURN(Response response,
                           rpc::Mutate<Response>(deps_.store, call, request, split));
  *response.mutable_organization() = Present(call, std::move(*response.mutable_organization()));
  for (v1::Organization& part : *response.mutable_parts()) part = Present(call, std::move(part));
  return response;
}

}  // namespace chanyan::registry
