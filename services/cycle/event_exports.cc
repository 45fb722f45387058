// Exchange events as .xlsx: who comes to one, and what all of a cycle came to (CYC-7).
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_clock.h"
#include "services/cycle/event_rules.h"
#include "services/cycle/event_service.h"
#include "services/cycle/ids.h"
#include "services/cycle/output_queries.h"

namespace chanyan::cycle {

absl::StatusOr<google::api::HttpBody> EventService::ExportEventParticipants(
    const rpc::Call& call, const v1::ExportEventParticipantsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Event event,
                           rpc::Fetch(deps_.store.db, call, events_, request.parent()));
  absl::Time now;
  std::vector<v1::EventParticipant> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                 cycles_.Get(session, CycleOfName(event.name())));
        now = TimeInCycle(cycle, deps_.store.clock.Now());
        CHANYAN_ASSIGN_OR_RETURN(rows, ParticipantsOf(session, event.name(), false));
        return absl::OkStatus();
      }));
  sheet::TableLayout layout;
  layout.title_rows = {
      absl::StrCat(event.title(), "参会名单"),
      absl::StrCat("时间：",
                   absl::FormatTime("%Y年%-m月%-d日%H:%M", time::ToTime(event.start_time()),
                                    time::Shanghai()),
                   "　地点：", event.place())};
  if (!event.co_host_titles().empty()) {
    layout.title_rows.push_back(
        absl::StrCat("会同单位：", absl::StrJoin(event.co_host_titles(), "、")));
  }
  return rpc::ExportSheet<v1::EventParticipant>("参会名单", now, rows, layout);
}

absl::StatusOr<google::api::HttpBody> EventService::ExportEvents(
    const rpc::Call& call, const v1::ExportEventsRequest& request) {
  v1::Cycle cycle;
  std::vector<v1::Event> events;
  std::map<std::string, v1::EventLine> lines;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        cycle, cycles_.Get(session, request.parent(), auth::Readable<v1::Cycle>(call.principal)));
    const db::Predicate below = Below(absl::StrCat(request.parent(), "/events"));
    CHANYAN_ASSIGN_OR_RETURN(
        events, events_.Select(session, db::And(auth::Readable<v1::Event>(call.principal), below),
                               "start_time, name"));
    for (const v1::Event& event : events) lines[event.name()] = LineOf(event);
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::EventParticipant> participants,
        participants_.Select(session,
                             db::And(auth::Readable<v1::EventParticipant>(call.principal), below)));
    for (const v1::EventParticipant& one : participants) {
      AddToLine(one, &lines[std::string(api::ParentOfName(one.name()))]);
    }
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::EventOutcome> outcomes,
        outcomes_.Select(session,
                         db::And(db::And(auth::Readable<v1::EventOutcome>(call.principal), below),
                                 {std::string(kStandingOutcomes), {}}),
                         "create_time, name"));
    for (const v1::EventOutcome& one : outcomes) {
      AddToLine(one, &lines[std::string(api::ParentOfName(one.name()))]);
    }
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, QuarterOf(cycle.name()));
  std::vector<v1::EventLine> rows;
  for (const v1::Event& event : events) rows.push_back(lines[event.name()]);
  sheet::TableLayout layout;
  layout.title_rows = {
      absl::StrCat(quarter.LabelZh(), "交流活动情况表", cycle.rehearsal() ? "（演练或补录）" : "")};
  return rpc::ExportSheet<v1::EventLine>("交流活动情况",
                                         TimeInCycle(cycle, deps_.store.clock.Now()), rows, layout);
}

}  // namespace chanyan::cycle
