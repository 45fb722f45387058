// What came of exchange events: recorded, corrected, taken back, and in figures (CYC-7).
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_clock.h"
#include "services/cycle/directory.h"
#include "services/cycle/event_rules.h"
#include "services/cycle/event_service.h"
#include "services/cycle/ids.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/spoken_rules.h"

namespace chanyan::cycle {
namespace {

// The project of an outcome, if the caller's organization is in it or it is the secretariat's.
absl::StatusOr<pairing::v1::Project> ProjectOf(rpc::Peers& peers, const rpc::Call& call,
                                               const std::string& name) {
  if (!api::ParseName("projects/{project}", name)) {
    return status::InvalidField("outcome.project", "项目编号应形如 projects/abc");
  }
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<pairing::v1::Project> found,
      ListProjects(peers, rpc::AsService(call), absl::StrCat("name = \"", name, "\"")));
  const std::string& own = call.principal.organization;
  for (const pairing::v1::Project& project : found) {
    if (call.principal.Has(options::v1::ROLE_SECRETARIAT) || project.university() == own ||
        project.enterprise() == own || project.unit() == own) {
      return project;
    }
  }
  return status::InvalidField("outcome.project",
                              absl::StrCat("没有项目“", name, "”，或本单位不是其参与方"));
}

absl::Status RequireProject(const v1::EventOutcome& outcome) {
  if (outcome.kind() != v1::EVENT_OUTCOME_KIND_SIGNING || !outcome.project().empty()) {
    return absl::OkStatus();
  }
  return status::InvalidField("outcome.project", "签订协议的成效须注明结对共建项目");
}

// What an outcome says of its project; nothing of none.
void SetProject(const pairing::v1::Project& project, v1::EventOutcome* outcome) {
  outcome->set_project_title(project.title());
  outcome->set_university(project.university());
  outcome->set_enterprise(project.enterprise());
}

// A mask can clear what must be there.
std::vector<status::Violation> OutcomeViolations(const v1::EventOutcome& outcome) {
  std::vector<status::Violation> violations;
  if (outcome.kind() == v1::EVENT_OUTCOME_KIND_UNSPECIFIED) {
    violations.push_back({"outcome.kind", "成效类型不能为空"});
  }
  if (outcome.title().empty()) violations.push_back({"outcome.title", "成效名称不能为空"});
  return violations;
}

}  // namespace

absl::StatusOr<v1::EventOutcome> EventService::CreateEventOutcome(
    const rpc::Call& call, const v1::CreateEventOutcomeRequest& request) {
  v1::EventOutcome wanted = request.outcome();
  CHANYAN_RETURN_IF_ERROR(RequireProject(wanted));
  pairing::v1::Project project;
  if (!wanted.project().empty()) {
    CHANYAN_ASSIGN_OR_RETURN(project, ProjectOf(deps_.peers, call, wanted.project()));
  }
  SetProject(project, &wanted);
  wanted.clear_withdraw_time();
  wanted.clear_reason();
  wanted.clear_actions();
  wanted.set_organization(call.principal.organization);
  return rpc::Mutate<v1::EventOutcome>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::EventOutcome> {
        CHANYAN_ASSIGN_OR_RETURN(const Opened opened, LockEvent(change, call, request.parent()));
        CHANYAN_RETURN_IF_ERROR(RequireBegun(opened.event, opened.now, "登记成效"));
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(
            change.session(), {wanted.organization(), wanted.university(), wanted.enterprise()}));
        v1::EventOutcome row = wanted;
        row.set_name(absl::StrCat(opened.event.name(), "/outcomes/", api::NewShortId()));
        CHANYAN_RETURN_IF_ERROR(outcomes_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return WithActions(call.principal, std::move(row));
      });
}

absl::StatusOr<v1::EventOutcome> EventService::EditOutcome(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view kind, OutcomeEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::EventOutcome outcome,
      rpc::Edit<v1::EventOutcome>(deps_.store, call, request, outcomes_, name, etag, kind,
                                  [&](rpc::Change& change, v1::EventOutcome& row) -> absl::Status {
                                    if (row.has_withdraw_time()) {
                                      return status::WrongState(absl::StrCat(
                                          "该成效已于",
                                          SpokenToTheMinute(time::ToTime(row.withdraw_time())),
                                          "撤回，不能再更正或撤回；需要的，请另行登记"));
                                    }
                                    return edit(change, row);
                                  }));
  return WithActions(call.principal, std::move(outcome));
}

absl::StatusOr<v1::EventOutcome> EventService::UpdateEventOutcome(
    const rpc::Call& call, const v1::UpdateEventOutcomeRequest& request) {
  const v1::EventOutcome& update = request.outcome();
  // Refused only where it is another one than the row has, which is known in the transaction.
  pairing::v1::Project project;
  absl::Status found;
  if (!update.project().empty()) {
    absl::StatusOr<pairing::v1::Project> asked = ProjectOf(deps_.peers, call, update.project());
    if (asked.ok()) {
      project = *std::move(asked);
    } else {
      found = asked.status();
    }
  }
  return EditOutcome(
      call, request, update.name(), update.etag(), "updated",
      [&](rpc::Change& change, v1::EventOutcome& row) -> absl::Status {
        v1::EventOutcome wanted = row;
        CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
        std::vector<status::Violation> violations = OutcomeViolations(wanted);
        if (!violations.empty()) return status::InvalidFields(std::move(violations));
        CHANYAN_RETURN_IF_ERROR(RequireProject(wanted));
        if (wanted.project() != row.project()) {
          CHANYAN_RETURN_IF_ERROR(found);
          SetProject(wanted.project().empty() ? pairing::v1::Project() : project, &wanted);
          CHANYAN_RETURN_IF_ERROR(
              rpc::RefuseSucceeded(change.session(), {wanted.university(), wanted.enterprise()}));
        }
        if (google::protobuf::util::MessageDifferencer::Equals(wanted, row)) {
          return absl::OkStatus();
        }
        wanted.set_reason(request.reason());
        row = std::move(wanted);
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::EventOutcome> EventService::WithdrawEventOutcome(
    const rpc::Call& call, const v1::WithdrawEventOutcomeRequest& request) {
  return EditOutcome(
      call, request, request.name(), request.etag(), "withdrawn",
      [&](rpc::Change& change, v1::EventOutcome& row) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                 cycles_.Get(change.session(), CycleOfName(row.name())));
        *row.mutable_withdraw_time() = time::ToTimestamp(TimeInCycle(cycle, change.now()));
        row.set_reason(request.reason());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::ListEventOutcomesResponse> EventService::ListEventOutcomes(
    const rpc::Call& call, const v1::ListEventOutcomesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, outcomes_, request,
                                                     absl::StrCat(request.parent(), "/outcomes"),
                                                     request.filter(), request.order_by()));
  v1::ListEventOutcomesResponse response;
  for (v1::EventOutcome& row : page.rows) {
    *response.add_outcomes() = WithActions(call.principal, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::EventResults> EventService::QueryEventResults(
    const rpc::Call& call, const v1::QueryEventResultsRequest& request) {
  v1::EventResults results;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(
        cycles_.Get(session, request.name(), auth::Readable<v1::Cycle>(call.principal)).status());
    const db::Predicate below = Below(absl::StrCat(request.name(), "/events"));
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::Event> events,
        events_.Select(session, db::And(auth::Readable<v1::Event>(call.principal), below)));
    for (const v1::Event& event : events) CountEvent(event.state(), &results);
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::EventParticipant> participants,
        participants_.Select(session,
                             db::And(auth::Readable<v1::EventParticipant>(call.principal), below)));
    for (const v1::EventParticipant& one : participants) CountParticipant(one, &results);
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::EventOutcome> outcomes,
        outcomes_.Select(session,
                         db::And(db::And(auth::Readable<v1::EventOutcome>(call.principal), below),
                                 {std::string(kStandingOutcomes), {}})));
    CountOutcomes(outcomes, &results);
    return absl::OkStatus();
  };
  // One moment: a read runs once, and errors throw it away.
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return results;
}

}  // namespace chanyan::cycle
