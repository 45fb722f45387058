// Parts handed out, assigned and read; filling them in is in part_filling.cc, putting them together
// in part_gathering.cc.
#include "services/cycle/part_service.h"

#include <map>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/auth/scope.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/rpc/stale.h"
#include "common/time/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/cycle/cycle_clock.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/directory.h"
#include "services/cycle/form_intake.h"
#include "services/cycle/ids.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/part_checks.h"
#include "services/cycle/part_life.h"
#include "services/cycle/part_notices.h"
#include "services/cycle/people.h"

namespace chanyan::cycle {
namespace {

// The platforms that are asked for, of those that the form is for; all of them if none are named.
absl::StatusOr<std::vector<registry::v1::Platform>> Wanted(
    const v1::IssuePartsRequest& request, const FormScope& scope,
    std::vector<registry::v1::Platform> published) {
  std::erase_if(published, [&](const registry::v1::Platform& platform) {
    return !BelongsElsewhere(scope, platform.name()).empty();
  });
  if (request.platforms().empty()) {
    if (!published.empty()) return published;
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                      "贵单位还没有已发布的科创平台，请先发布平台");
  }
  absl::flat_hash_map<std::string, const registry::v1::Platform*> by_name;
  for (const registry::v1::Platform& platform : published) by_name[platform.name()] = &platform;
  std::vector<status::Violation> violations;
  std::set<std::string> chosen;
  std::vector<registry::v1::Platform> wanted;
  for (int i = 0; i < request.platforms_size(); ++i) {
    const std::string& name = request.platforms(i);
    const std::string place = absl::StrCat("platforms[", i, "]");
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
      violations.push_back(
          {place, absl::StrCat("“", name, "”不是本报表所属单位已发布的科创平台，请核对编号")});
    } else if (!chosen.insert(name).second) {
      violations.push_back({place, absl::StrCat("平台 ", name, " 重复，请只填一次")});
    } else {
      wanted.push_back(*found->second);
    }
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  return wanted;
}

}  // namespace

std::vector<rpc::UnaryMethod> PartService::Methods() {
  using S = PartService;
  return {
      rpc::Unary("IssueParts", this, &S::IssueParts),
      rpc::Unary("AssignPart", this, &S::AssignPart),
      rpc::Unary("GetPart", this, &S::GetPart),
      rpc::Unary("ListParts", this, &S::ListParts),
      rpc::Unary("ExportPart", this, &S::ExportPart),
      rpc::Unary("ImportPart", this, &S::ImportPart),
      rpc::Unary("SubmitPart", this, &S::SubmitPart),
      rpc::Unary("AcceptPart", this, &S::AcceptPart),
      rpc::Unary("ReturnPart", this, &S::ReturnPart),
      rpc::Unary("ReclaimPart", this, &S::ReclaimPart),
      rpc::Unary("DeliverToPlatforms", this, &S::DeliverToPlatforms),
      rpc::Unary("ReceivePart", this, &S::ReceivePart),
      rpc::Unary("ListPartVersions", this, &S::ListPartVersions),
  };
}

absl::StatusOr<PartService::Desk> PartService::LockDesk(rpc::Change& change, const rpc::Call& call,
                                                        absl::string_view form_or_part) const {
  Desk desk;
  CHANYAN_ASSIGN_OR_RETURN(desk.form,
                           forms_.GetForUpdate(change.session(), FormOfName(form_or_part),
                                               auth::Readable<v1::Form>(call.principal)));
  CHANYAN_ASSIGN_OR_RETURN(desk.cycle,
                           cycles_.Get(change.session(), CycleOfName(desk.form.name())));
  desk.now = TimeInCycle(desk.cycle, change.now());
  return desk;
}

absl::StatusOr<v1::PlatformPart> PartService::Present(const rpc::Call& call,
                                                      v1::PlatformPart part) {
  v1::Form form;
  v1::Cycle cycle;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(form, forms_.Get(session, FormOfName(part.name())));
        CHANYAN_ASSIGN_OR_RETURN(cycle, cycles_.Get(session, CycleOfName(part.name())));
        return absl::OkStatus();
      }));
  const absl::Time now = TimeInCycle(cycle, deps_.store.clock.Now());
  return WithActions(call.principal, cycle, form, now, std::move(part));
}

absl::StatusOr<v1::PlatformPart> PartService::Transit(const rpc::Call& call,
                                                      const google::protobuf::Message& request,
                                                      const std::string& name,
                                                      absl::string_view etag,
                                                      absl::string_view verb, PartEdit edit) {
  const auto change_part = [&](rpc::Change& change) -> absl::StatusOr<v1::PlatformPart> {
    // Who may not write the part learns nothing of its form.
    const db::Predicate scope = auth::Writable<v1::PlatformPart>(call.principal);
    CHANYAN_RETURN_IF_ERROR(parts_.Get(change.session(), name, scope).status());
    CHANYAN_ASSIGN_OR_RETURN(const Desk desk, LockDesk(change, call, name));
    CHANYAN_ASSIGN_OR_RETURN(v1::PlatformPart part,
                             parts_.GetForUpdate(change.session(), name, scope));
    if (!etag.empty() && etag != part.etag()) {
      return rpc::StaleEdit(change.session(), call, etag, part);
    }
    const v1::PlatformPart before = part;
    if (verb != "assign" && verb != "receive") {
      CHANYAN_ASSIGN_OR_RETURN(const v1::PartState next,
                               policy::Next(PartLife(), part.state(), verb));
      part.set_state(next);
    }
    CHANYAN_RETURN_IF_ERROR(edit(change, desk, part));
    if (google::protobuf::util::MessageDifferencer::Equals(before, part)) return part;
    CHANYAN_RETURN_IF_ERROR(parts_.Update(change.session(), change.now(), &part));
    CHANYAN_RETURN_IF_ERROR(change.Record(verb, &before, &part));
    CHANYAN_RETURN_IF_ERROR(SettleManagers(change.session(), change.now(), desk.form.name()));
    return part;
  };
  CHANYAN_ASSIGN_OR_RETURN(v1::PlatformPart part,
                           rpc::Mutate<v1::PlatformPart>(deps_.store, call, request, change_part));
  return Present(call, std::move(part));
}

absl::StatusOr<std::vector<v1::PlatformPart>> PartService::NewParts(
    db::Session& session, const v1::Form& form,
    const std::vector<registry::v1::Platform>& platforms) const {
  std::vector<v1::PlatformPart> parts;
  std::vector<std::string> names;
  for (const registry::v1::Platform& platform : platforms) {
    v1::PlatformPart& part = parts.emplace_back();
    part.set_name(PartName(form.name(), platform.name()));
    part.set_university(form.university());
    part.set_platform(platform.name());
    part.set_platform_title(platform.display_name());
    part.set_college(platform.college());
    part.set_state(v1::PART_STATE_KEPT);
    names.push_back(platform.name());
  }
  // Names of quarters are in the order of time.
  std::map<std::string, v1::PlatformPart> newest;
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
        db::Values params = {form.university(), std::string(CycleOfName(form.name()))};
        params.insert(params.end(), chunk.begin(), chunk.end());
        CHANYAN_ASSIGN_OR_RETURN(
            std::vector<v1::PlatformPart> earlier,
            parts_.Select(session, {absl::StrCat("university = ? AND name < ? AND platform IN ",
                                                 db::Marks(chunk.size())),
                                    params}));
        for (v1::PlatformPart& one : earlier) {
          std::string platform = one.platform();
          newest[std::move(platform)] = std::move(one);
        }
        return absl::OkStatus();
      }));
  for (v1::PlatformPart& part : parts) {
    const auto found = newest.find(part.platform());
    if (found != newest.end()) *part.mutable_managers() = found->second.managers();
  }
  return parts;
}

absl::StatusOr<v1::IssuePartsResponse> PartService::IssueParts(
    const rpc::Call& call, const v1::IssuePartsRequest& request) {
  v1::Form seen;
  FormScope scope;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            seen, forms_.Get(session, request.parent(), auth::Writable<v1::Form>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(scope, ScopeOf(session, forms_, seen));
        return absl::OkStatus();
      }));
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<registry::v1::Platform> published,
      ListPublishedPlatforms(deps_.peers, rpc::AsService(call), seen.university()));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<registry::v1::Platform> platforms,
                           Wanted(request, scope, std::move(published)));
  const absl::Time wanted =
      request.has_due_time() ? time::ToTime(request.due_time()) : absl::InfinitePast();
  const auto issue = [&](rpc::Change& change) -> absl::StatusOr<v1::IssuePartsResponse> {
    db::Session& session = change.session();
    CHANYAN_ASSIGN_OR_RETURN(const Desk desk, LockDesk(change, call, request.parent()));
    CHANYAN_RETURN_IF_ERROR(RequireWithUniversity(desk.form, "发至平台填报"));
    CHANYAN_RETURN_IF_ERROR(RequireFormWindow(desk.cycle, desk.form, desk.now, "发至科创平台填报"));
    CHANYAN_ASSIGN_OR_RETURN(const absl::Time due,
                             PartDue(desk.cycle, desk.form, desk.now, wanted));
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::PlatformPart> stored,
        parts_.Select(session, Below(absl::StrCat(desk.form.name(), "/parts")), db::kByNameLocked));
    std::map<std::string, const v1::PlatformPart*> present;
    for (const v1::PlatformPart& part : stored) present[part.name()] = &part;
    CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::PlatformPart> parts,
                             NewParts(session, desk.form, platforms));
    CHANYAN_ASSIGN_OR_RETURN(
        Custody::Groups held,
        custody_.HeldBy(session, desk.cycle.name(), desk.form.university(), "platform",
                        Below(absl::StrCat(desk.form.name(), "/rows"))));
    v1::IssuePartsResponse response;
    std::vector<v1::PlatformPart> fresh, again;
    std::vector<journal::Alteration> alterations;
    std::vector<const v1::PlatformPart*> before;
    Custody::Groups sent;
    for (v1::PlatformPart& part : parts) {
      const auto found = present.find(part.name());
      if (found != present.end()) part = *found->second;
      const auto next = policy::Next(PartLife(), part.state(), "issue");
      if (!next.ok()) {
        response.set_unchanged_count(response.unchanged_count() + 1);
        continue;
      }
      part.set_state(*next);
      *part.mutable_due_time() = time::ToTimestamp(due);
      *part.mutable_issue_time() = time::ToTimestamp(desk.now);
      part.clear_reclaim_reason();
      const auto rows = held.find(part.platform());
      part.set_row_count(rows == held.end() ? 0 : static_cast<int32_t>(rows->second.size()));
      response.set_row_count(response.row_count() + part.row_count());
      if (rows != held.end()) sent.insert(*rows);
      if (found == present.end()) {
        fresh.push_back(std::move(part));
      } else {
        before.push_back(found->second);
        again.push_back(std::move(part));
      }
    }
    response.set_part_count(static_cast<int32_t>(fresh.size() + again.size()));
    if (response.part_count() == 0) return response;
    CHANYAN_RETURN_IF_ERROR(parts_.InsertAll(session, change.now(), &fresh));
    CHANYAN_RETURN_IF_ERROR(parts_.UpdateAll(session, change.now(), &again));
    for (const v1::PlatformPart& part : fresh) alterations.push_back({nullptr, &part});
    for (size_t i = 0; i < again.size(); ++i) alterations.push_back({before[i], &again[i]});
    CHANYAN_RETURN_IF_ERROR(change.RecordAll("issue", alterations));
    CHANYAN_RETURN_IF_ERROR(custody_.SendAll(change, desk.now, desk.cycle.name(), kReportStep,
                                             desk.form.university(), sent));
    if (!desk.cycle.rehearsal()) {
      std::vector<v1::PlatformPart> issued = fresh;
      issued.insert(issued.end(), again.begin(), again.end());
      CHANYAN_RETURN_IF_ERROR(
          TellManagers(session, change.now(), desk.form, issued, PartNews::kIssued));
    }
    return response;
  };
  return rpc::Mutate<v1::IssuePartsResponse>(deps_.store, call, request, issue);
}

absl::StatusOr<v1::PlatformPart> PartService::AssignPart(const rpc::Call& call,
                                                         const v1::AssignPartRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "assign",
      [&](rpc::Change& change, const Desk& desk, v1::PlatformPart& part) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const People people,
                                 LoadPeople(change.session(), {part.university()}));
        const auto own = people.find(part.university());
        const std::vector<Person> members =
            own == people.end() ? std::vector<Person>() : own->second;
        std::vector<status::Violation> violations = ManagerViolations(request.managers(), members);
        if (!violations.empty()) return status::InvalidFields(std::move(violations));
        std::set<std::string> told;
        for (const Person& person : members) {
          if (IsManagedBy(part, person.account)) told.insert(person.account);
        }
        *part.mutable_managers() = request.managers();
        const bool open =
            part.state() == v1::PART_STATE_DRAFT || part.state() == v1::PART_STATE_RETURNED;
        if (!open || desk.cycle.rehearsal()) return absl::OkStatus();
        return TellManagers(change.session(), change.now(), desk.form, {part}, PartNews::kIssued,
                            told);
      });
}

absl::StatusOr<v1::PlatformPart> PartService::GetPart(const rpc::Call& call,
                                                      const v1::GetPartRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::PlatformPart part,
                           rpc::Fetch(deps_.store.db, call, parts_, request.name()));
  return Present(call, std::move(part));
}

absl::StatusOr<v1::ListPartsResponse> PartService::ListParts(const rpc::Call& call,
                                                             const v1::ListPartsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, parts_, request,
                                                     absl::StrCat(request.parent(), "/parts"),
                                                     request.filter(), request.order_by()));
  std::map<std::string, Desk> desks;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        for (const v1::PlatformPart& part : page.rows) {
          const std::string form(FormOfName(part.name()));
          if (desks.contains(form)) continue;
          Desk& desk = desks[form];
          CHANYAN_ASSIGN_OR_RETURN(desk.form, forms_.Get(session, form));
          CHANYAN_ASSIGN_OR_RETURN(desk.cycle, cycles_.Get(session, CycleOfName(form)));
          desk.now = TimeInCycle(desk.cycle, deps_.store.clock.Now());
        }
        return absl::OkStatus();
      }));
  v1::ListPartsResponse response;
  for (v1::PlatformPart& part : page.rows) {
    const Desk& desk = desks.at(std::string(FormOfName(part.name())));
    *response.add_parts() =
        WithActions(call.principal, desk.cycle, desk.form, desk.now, std::move(part));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListPartVersionsResponse> PartService::ListPartVersions(
    const rpc::Call& call, const v1::ListPartVersionsRequest& request) {
  // Version 10 follows 9 in number, not in name.
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, versions_, request,
                                absl::StrCat(request.parent(), "/versions"), "", "revision"));
  v1::ListPartVersionsResponse response;
  for (v1::PartVersion& version : page.rows) *response.add_part_versions() = std::move(version);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::cycle
