// Announcing and listing exchange events (step 5); the rest is in event_service.cc.
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/event_rules.h"
#include "services/cycle/event_service.h"
#include "services/cycle/ids.h"

namespace chanyan::cycle {

absl::StatusOr<v1::Event> CycleService::CreateEvent(const rpc::Call& call,
                                                    const v1::CreateEventRequest& request) {
  std::vector<status::Violation> violations = EventViolations(request.event());
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat("event.", violation.field);
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  CHANYAN_ASSIGN_OR_RETURN(const Invited invited,
                           FetchInvited(deps_.peers, rpc::AsService(call), "event.organizations",
                                        request.event().organizations()));
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
        CHANYAN_RETURN_IF_ERROR(events_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        const db::Table<v1::EventParticipant> participants;
        CHANYAN_RETURN_IF_ERROR(InviteAll(change, participants, cycle, row, invited).status());
        return WithActions(call.principal, NowIn(cycle, change.now()), std::move(row));
      });
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
