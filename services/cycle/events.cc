// Announcing and listing exchange events (step 5); the rest is in event_service.cc.
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/timestamp.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/event_notices.h"
#include "services/cycle/event_rules.h"
#include "services/cycle/event_service.h"
#include "services/cycle/ids.h"
#include "services/cycle/telling.h"

namespace chanyan::cycle {
namespace {

// S0 二: the secretariat and the units hold it, the others are invited.
bool IsAskedToCome(registry::v1::OrganizationKind kind) {
  return kind == registry::v1::ORGANIZATION_KIND_UNIVERSITY ||
         kind == registry::v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE ||
         kind == registry::v1::ORGANIZATION_KIND_ENTERPRISE;
}

}  // namespace

absl::StatusOr<v1::Event> CycleService::CreateEvent(const rpc::Call& call,
                                                    const v1::CreateEventRequest& request) {
  std::vector<status::Violation> violations = EventViolations(request.event());
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat("event.", violation.field);
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  CHANYAN_RETURN_IF_ERROR(
      RefuseHolidays(deps_.pack.calendar(), time::ToTime(request.event().start_time()),
                     time::ToTime(request.event().has_end_time() ? request.event().end_time()
                                                                 : request.event().start_time()),
                     "event."));
  CHANYAN_ASSIGN_OR_RETURN(const Invited invited,
                           FetchInvited(deps_.peers, rpc::AsService(call), "event.organizations",
                                        request.event().organizations()));
  CHANYAN_ASSIGN_OR_RETURN(const Invited co_hosts,
                           FetchCoHosts(deps_.peers, rpc::AsService(call), "event.co_hosts",
                                        request.event().co_hosts()));
  return rpc::Mutate<v1::Event>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Event> {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                 LoadCycle(change.session(), call, request.parent()));
        v1::Event row = request.event();
        row.set_name(
            absl::StrCat(request.parent(), "/events/",
                         request.event_id().empty() ? api::NewShortId() : request.event_id()));
        row.set_state(v1::EVENT_STATE_PLANNED);
        row.clear_reason();
        row.clear_summary();
        row.clear_actions();
        row.clear_co_host_titles();
        for (const std::string& name : row.co_hosts()) {
          row.add_co_host_titles(co_hosts.at(name).display_name());
        }
        CHANYAN_RETURN_IF_ERROR(
            rpc::RefuseSucceeded(change.session(), {row.co_hosts().begin(), row.co_hosts().end()}));
        CHANYAN_RETURN_IF_ERROR(events_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        const db::Table<v1::EventParticipant> participants;
        CHANYAN_RETURN_IF_ERROR(InviteAll(change, participants, cycle, row, invited).status());
        CHANYAN_RETURN_IF_ERROR(TellCoHosts(change, cycle, row));
        return WithActions(call.principal, NowIn(cycle, change.now()), std::move(row));
      });
}

absl::StatusOr<Invited> FetchCoHosts(rpc::Peers& peers, const rpc::Caller& caller,
                                     absl::string_view field,
                                     const google::protobuf::RepeatedPtrField<std::string>& names) {
  CHANYAN_ASSIGN_OR_RETURN(const Invited found, FetchInvited(peers, caller, field, names));
  std::vector<status::Violation> violations;
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < names.size(); ++i) {
    const std::string place = absl::StrCat(field, "[", i, "]");
    const registry::v1::Organization& one = found.at(names[i]);
    if (!seen.insert(names[i]).second) {
      violations.push_back({place, absl::StrCat("“", one.display_name(), "”重复")});
    } else if (IsAskedToCome(one.kind())) {
      violations.push_back({place, absl::StrCat("“", one.display_name(),
                                                "”是受邀的一方，不作会同单位；会同单位为大功能区、"
                                                "镇街、产业链推进单位、招商责任单位等")});
    }
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  return found;
}

absl::Status TellCoHosts(rpc::Change& change, const v1::Cycle& cycle, const v1::Event& event) {
  if (cycle.rehearsal() || event.co_hosts().empty()) return absl::OkStatus();
  Notice notice = CoHosting(event);
  notice.also.assign(event.co_hosts().begin(), event.co_hosts().end());
  return TellNow(change.session(), change.now(), event.name(), notice);
}

absl::StatusOr<v1::ListEventsResponse> CycleService::ListEvents(
    const rpc::Call& call, const v1::ListEventsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, events_, request,
                                                     absl::StrCat(request.parent(), "/events"),
                                                     /*filter=*/"", "start_time"));
  absl::flat_hash_map<std::string, absl::Time> clocks;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        for (const v1::Event& event : page.rows) {
          const std::string name(CycleOfName(event.name()));
          if (clocks.contains(name)) continue;
          CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, cycles_.Get(session, name));
          clocks[name] = NowIn(cycle, deps_.store.clock.Now());
        }
        return absl::OkStatus();
      }));
  v1::ListEventsResponse response;
  for (v1::Event& event : page.rows) {
    const absl::Time now = clocks.at(CycleOfName(event.name()));
    *response.add_events() = WithActions(call.principal, now, std::move(event));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::cycle
