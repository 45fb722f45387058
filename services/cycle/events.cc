// Handlers of exchange events (step 5).
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "services/cycle/cycle_service.h"

namespace chanyan::cycle {
namespace {

absl::Status CheckInvited(const v1::Event& event) {
  std::vector<status::Violation> violations;
  for (int i = 0; i < event.organizations_size(); ++i) {
    if (!api::ParseName("organizations/{organization}", event.organizations(i))) {
      violations.push_back({absl::StrCat("event.organizations[", i, "]"),
                            absl::StrCat("邀请单位“", event.organizations(i),
                                         "”不是单位编号，应形如 organizations/abc")});
    }
  }
  if (violations.empty()) return absl::OkStatus();
  return status::InvalidFields(std::move(violations));
}

}  // namespace

absl::StatusOr<v1::Event> CycleService::CreateEvent(const rpc::Call& call,
                                                    const v1::CreateEventRequest& request) {
  CHANYAN_RETURN_IF_ERROR(CheckInvited(request.event()));
  return rpc::Mutate<v1::Event>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Event> {
        CHANYAN_RETURN_IF_ERROR(LoadCycle(change.session(), call, request.parent()).status());
        v1::Event row = request.event();
        row.set_name(
            absl::StrCat(request.parent(), "/events/",
                         request.event_id().empty() ? api::NewShortId() : request.event_id()));
        CHANYAN_RETURN_IF_ERROR(events_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return row;
      });
}

absl::StatusOr<v1::ListEventsResponse> CycleService::ListEvents(
    const rpc::Call& call, const v1::ListEventsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, events_, request,
                                                     absl::StrCat(request.parent(), "/events"),
                                                     /*filter=*/"", "start_time"));
  v1::ListEventsResponse response;
  for (v1::Event& event : page.rows) *response.add_events() = std::move(event);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::cycle
