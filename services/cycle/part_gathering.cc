// A university puts its platforms' parts together: takes receipt, sends back, takes back; and sends
// on to them in step 4 what the secretariat returned.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/form_intake.h"
#include "services/cycle/form_life.h"
#include "services/cycle/ids.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/part_checks.h"
#include "services/cycle/part_notices.h"
#include "services/cycle/part_service.h"
#include "services/cycle/row_reasons.h"

namespace chanyan::cycle {
namespace {

std::vector<std::string> HeldBy(const std::vector<v1::Row>& rows, absl::string_view holder) {
  std::vector<std::string> names;
  for (const v1::Row& row : rows) {
    if (row.holder() == holder && row.in_transit().empty()) names.push_back(row.name());
  }
  return names;
}

}  // namespace

absl::StatusOr<std::vector<v1::Handover>> PartService::UnderWay(db::Session& session,
                                                                const Desk& desk,
                                                                const std::string& sender,
                                                                const std::string& receiver) const {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Handover> waiting,
                           custody_.Waiting(session, desk.cycle.name(), receiver));
  std::erase_if(waiting, [&](const v1::Handover& one) { return one.sender() != sender; });
  return waiting;
}

absl::StatusOr<v1::PlatformPart> PartService::AcceptPart(const rpc::Call& call,
                                                         const v1::AcceptPartRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "accept",
      [&](rpc::Change& change, const Desk& desk, v1::PlatformPart& part) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(RequireWithUniversity(desk.form, "接收平台填报部分"));
        CHANYAN_ASSIGN_OR_RETURN(
            std::vector<v1::Handover> waiting,
            UnderWay(change.session(), desk, part.platform(), part.university()));
        return custody_.ReceiveAll(change, desk.now, call.principal.account, std::move(waiting));
      });
}

absl::StatusOr<v1::PlatformPart> PartService::ReturnPart(const rpc::Call& call,
                                                         const v1::ReturnPartRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "return",
      [&](rpc::Change& change, const Desk& desk, v1::PlatformPart& part) -> absl::Status {
        db::Session& session = change.session();
        CHANYAN_RETURN_IF_ERROR(RequireWithUniversity(desk.form, "退回平台"));
        // What goes back can be filled in again.
        CHANYAN_RETURN_IF_ERROR(RequireFormWindow(desk.cycle, desk.form, desk.now, "退回平台"));
        const std::vector<std::string> reasons(request.reasons().begin(), request.reasons().end());
        CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Handover> waiting,
                                 UnderWay(session, desk, part.platform(), part.university()));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Row> rows,
                                 LockRowsOf(session, rows_, desk.form.name(), part.platform()));
        CHANYAN_RETURN_IF_ERROR(WriteRowReasons(change, rows_, request.row_reasons(), rows));
        for (v1::Handover& handover : waiting) {
          CHANYAN_RETURN_IF_ERROR(custody_.Refuse(change, desk.now, reasons, std::move(handover)));
        }
        // What was accepted before, and what the university has put in since.
        const std::vector<std::string> held = HeldBy(rows, part.university());
        if (!held.empty()) {
          CHANYAN_RETURN_IF_ERROR(custody_
                                      .SendBack(change, desk.now, desk.cycle.name(), kReportStep,
                                                part.university(), part.platform(), held, reasons,
                                                "")
                                      .status());
        }
        *part.mutable_return_reasons() = request.reasons();
        if (desk.cycle.rehearsal()) return absl::OkStatus();
        return TellManagers(session, change.now(), desk.form, {part}, PartNews::kReturned);
      });
}

absl::StatusOr<v1::PlatformPart> PartService::ReclaimPart(const rpc::Call& call,
                                                          const v1::ReclaimPartRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "reclaim",
      [&](rpc::Change& change, const Desk& desk, v1::PlatformPart& part) -> absl::Status {
        db::Session& session = change.session();
        CHANYAN_RETURN_IF_ERROR(RequireWithUniversity(desk.form, "收回自填"));
        const std::vector<std::string> reasons = {request.reason()};
        // What the platform has not received stays here; what it handed in is received.
        CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Handover> sent,
                                 UnderWay(session, desk, part.university(), part.platform()));
        for (v1::Handover& handover : sent) {
          CHANYAN_RETURN_IF_ERROR(custody_.Refuse(change, desk.now, reasons, std::move(handover)));
        }
        CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Handover> given,
                                 UnderWay(session, desk, part.platform(), part.university()));
        CHANYAN_RETURN_IF_ERROR(
            custody_.ReceiveAll(change, desk.now, call.principal.account, std::move(given)));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Row> rows,
                                 LockRowsOf(session, rows_, desk.form.name(), part.platform()));
        const std::vector<std::string> held = HeldBy(rows, part.platform());
        if (!held.empty()) {
          CHANYAN_ASSIGN_OR_RETURN(
              v1::Handover back,
              custody_.SendBack(change, desk.now, desk.cycle.name(), kReportStep, part.platform(),
                                part.university(), held, reasons, ""));
          CHANYAN_RETURN_IF_ERROR(
              custody_.Receive(change, desk.now, call.principal.account, std::move(back)));
        }
        part.set_reclaim_reason(request.reason());
        part.clear_return_reasons();
        part.set_row_count(static_cast<int32_t>(rows.size()));
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::DeliverToPlatformsResponse> PartService::DeliverToPlatforms(
    const rpc::Call& call, const v1::DeliverToPlatformsRequest& request) {
  const auto deliver = [&](rpc::Change& change) -> absl::StatusOr<v1::DeliverToPlatformsResponse> {
    db::Session& session = change.session();
    CHANYAN_RETURN_IF_ERROR(
        forms_.Get(session, request.parent(), auth::Writable<v1::Form>(call.principal)).status());
    CHANYAN_ASSIGN_OR_RETURN(const Desk desk, LockDesk(change, call, request.parent()));
    CHANYAN_RETURN_IF_ERROR(
        policy::Next(FormLife(), desk.form.state(), "deliverToPlatforms").status());
    CHANYAN_RETURN_IF_ERROR(RequireWindow(desk.cycle, kReturnStep, 0, desk.now, "发至科创平台"));
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::PlatformPart> stored,
        parts_.Select(session, Below(absl::StrCat(desk.form.name(), "/parts")), db::kByNameLocked));
    // The university has in hand what it sends on.
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::Handover> waiting,
        UnderWay(session, desk, desk.cycle.secretariat(), desk.form.university()));
    CHANYAN_RETURN_IF_ERROR(
        custody_.ReceiveAll(change, desk.now, call.principal.account, std::move(waiting)));
    CHANYAN_ASSIGN_OR_RETURN(
        const Custody::Groups groups,
        custody_.HeldBy(session, desk.cycle.name(), desk.form.university(), "platform",
                        Below(absl::StrCat(desk.form.name(), "/rows"))));
    std::map<std::string, const v1::PlatformPart*> present;
    for (const v1::PlatformPart& part : stored) present[part.platform()] = &part;
    std::vector<v1::PlatformPart> fresh, again;
    std::vector<journal::Alteration> alterations;
    std::vector<const v1::PlatformPart*> before;
    v1::DeliverToPlatformsResponse response;
    for (const auto& [platform, names] : groups) {
      response.set_platform_count(response.platform_count() + 1);
      response.set_row_count(response.row_count() + static_cast<int32_t>(names.size()));
      const auto found = present.find(platform);
      if (found != present.end()) {
        before.push_back(found->second);
        again.push_back(*found->second);
        *again.back().mutable_deliver_time() = time::ToTimestamp(desk.now);
        continue;
      }
      // One that the university filled in itself: its name is that of its rows.
      CHANYAN_ASSIGN_OR_RETURN(const v1::Row row, rows_.Get(session, names.front()));
      v1::PlatformPart& part = fresh.emplace_back();
      part.set_name(PartName(desk.form.name(), platform));
      part.set_university(desk.form.university());
      part.set_platform(platform);
      part.set_platform_title(row.platform_title());
      part.set_college(row.college());
      part.set_state(v1::PART_STATE_KEPT);
      part.set_row_count(static_cast<int32_t>(names.size()));
      *part.mutable_deliver_time() = time::ToTimestamp(desk.now);
    }
    CHANYAN_RETURN_IF_ERROR(parts_.InsertAll(session, change.now(), &fresh));
    CHANYAN_RETURN_IF_ERROR(parts_.UpdateAll(session, change.now(), &again));
    for (const v1::PlatformPart& part : fresh) alterations.push_back({nullptr, &part});
    for (size_t i = 0; i < again.size(); ++i) alterations.push_back({before[i], &again[i]});
    CHANYAN_RETURN_IF_ERROR(change.RecordAll("deliver", alterations));
    CHANYAN_RETURN_IF_ERROR(custody_.SendAll(change, desk.now, desk.cycle.name(), kReturnStep,
                                             desk.form.university(), groups));
    return response;
  };
  return rpc::Mutate<v1::DeliverToPlatformsResponse>(deps_.store, call, request, deliver);
}

}  // namespace chanyan::cycle
