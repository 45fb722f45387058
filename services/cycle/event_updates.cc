// Correcting what an event that is still to come says of itself (CYC-7).
#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/timestamp.h"
#include "services/cycle/event_life.h"
#include "services/cycle/event_notices.h"
#include "services/cycle/event_rules.h"
#include "services/cycle/event_service.h"
#include "services/cycle/ids.h"
#include "services/cycle/telling.h"

namespace chanyan::cycle {
namespace {

// Whether a mask reaches `path`; an empty one reaches what is set.
bool MaskReaches(const google::protobuf::FieldMask& mask, absl::string_view path, bool set) {
  if (mask.paths().empty()) return set;
  return std::any_of(mask.paths().begin(), mask.paths().end(),
                     [path](const std::string& one) { return one == path || one == "*"; });
}

}  // namespace

absl::StatusOr<v1::Event> EventService::UpdateEvent(const rpc::Call& call,
                                                    const v1::UpdateEventRequest& request) {
  const v1::Event& update = request.event();
  const bool other_hosts =
      MaskReaches(request.update_mask(), "co_hosts", !update.co_hosts().empty());
  Invited co_hosts;
  if (other_hosts) {
    CHANYAN_ASSIGN_OR_RETURN(co_hosts, FetchCoHosts(deps_.peers, rpc::AsService(call),
                                                    "event.co_hosts", update.co_hosts()));
  }
  const auto edit = [&](rpc::Change& change, v1::Event& row) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(policy::Next(EventLife(), row.state(), "update").status());
    v1::Event wanted = row;
    CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::EventParticipant> all,
                             ParticipantsOf(change.session(), row.name(), /*for_update=*/true));
    int64_t taken = 0;
    for (const v1::EventParticipant& one : all) {
      if (one.state() == v1::PARTICIPANT_STATE_SIGNED_UP) taken += one.people_count();
    }
    std::vector<status::Violation> violations = UpdateViolations(row, wanted, taken);
    for (status::Violation& violation : violations) {
      violation.field = absl::StrCat("event.", violation.field);
    }
    if (!violations.empty()) return status::InvalidFields(std::move(violations));
    const absl::Time start = time::ToTime(wanted.start_time());
    CHANYAN_RETURN_IF_ERROR(
        RefuseHolidays(deps_.pack.calendar(), start,
                       wanted.has_end_time() ? time::ToTime(wanted.end_time()) : start, "event."));
    if (other_hosts) {
      wanted.clear_co_host_titles();
      for (const std::string& name : wanted.co_hosts()) {
        wanted.add_co_host_titles(co_hosts.at(name).display_name());
      }
      CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(
          change.session(), {wanted.co_hosts().begin(), wanted.co_hosts().end()}));
    }
    if (request.validate_only()) return absl::OkStatus();
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                             cycles_.Get(change.session(), CycleOfName(row.name())));
    CHANYAN_RETURN_IF_ERROR(TellOfUpdate(change, cycle, row, wanted));
    row = std::move(wanted);
    return absl::OkStatus();
  };
  CHANYAN_ASSIGN_OR_RETURN(v1::Event event,
                           rpc::Edit<v1::Event>(deps_.store, call, request, events_, update.name(),
                                                update.etag(), "update", edit));
  return Present(call, std::move(event));
}

absl::Status EventService::TellOfUpdate(rpc::Change& change, const v1::Cycle& cycle,
                                        const v1::Event& before, const v1::Event& after) const {
  std::optional<Notice> news = UpdateNews(before, after);
  if (cycle.rehearsal() || !news.has_value()) return absl::OkStatus();
  db::Session& session = change.session();
  // Who has not answered is asked about what it is now, with what has changed.
  CHANYAN_RETURN_IF_ERROR(Settle(session, change.now(), after.name()));
  Notice again = InvitationTo(after);
  again.content = absl::StrCat(news->content, again.content);
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::EventParticipant> all,
                           ParticipantsOf(session, after.name(), /*for_update=*/false));
  std::set<std::string> listed;
  for (const v1::EventParticipant& one : all) {
    if (one.state() == v1::PARTICIPANT_STATE_DECLINED) continue;
    const bool waits = one.state() == v1::PARTICIPANT_STATE_INVITED;
    (waits ? again : *news).also.push_back(one.organization());
    listed.insert(one.organization());
  }
  const std::set<std::string> held(before.co_hosts().begin(), before.co_hosts().end());
  const std::set<std::string> holds(after.co_hosts().begin(), after.co_hosts().end());
  Notice joins = CoHosting(after);
  Notice leaves = NoLongerCoHosting(after);
  // Of one that has become part of another by now, that one.
  std::vector<std::string> hosts(held.begin(), held.end());
  hosts.insert(hosts.end(), holds.begin(), holds.end());
  CHANYAN_ASSIGN_OR_RETURN(const auto successors, rpc::SuccessorsOf(session, hosts));
  const auto living = [&successors](const std::string& name) {
    const auto found = successors.find(name);
    return found == successors.end() ? name : found->second.organization;
  };
  for (const std::string& one : holds) {
    if (!held.contains(one)) {
      joins.also.push_back(living(one));
    } else if (listed.insert(living(one)).second) {
      news->also.push_back(living(one));
    }
  }
  for (const std::string& one : held) {
    if (!holds.contains(one)) leaves.also.push_back(living(one));
  }
  for (const Notice* notice : {&again, &*news, &joins, &leaves}) {
    if (notice->also.empty()) continue;
    CHANYAN_RETURN_IF_ERROR(TellNow(session, change.now(), after.name(), *notice));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::cycle
