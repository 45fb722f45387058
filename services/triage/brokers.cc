// Handlers of brokers and their training (TRI-2).
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/broker_rules.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/team_service.h"

namespace chanyan::triage {

using google::protobuf::util::MessageDifferencer;
using options::v1::ERROR_REASON_WRONG_STATE;

v1::Broker TeamService::Present(const rpc::Call& call, v1::Broker row) const {
  for (std::string& course :
       MissingCourses(deps_.pack, row, time::DayOf(deps_.store.clock.Now()))) {
    row.add_missing_courses(std::move(course));
  }
  if (row.state() == v1::BROKER_STATE_ACTIVE &&
      (call.principal.organization == row.organization() || IsOffice(call, row.office()))) {
    row.add_actions("leave");
  }
  return row;
}

absl::StatusOr<v1::Broker> TeamService::GetBroker(const rpc::Call& call,
                                                  const v1::GetBrokerRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Broker row,
                           rpc::Fetch(deps_.store.db, call, brokers_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListBrokersResponse> TeamService::ListBrokers(
    const rpc::Call& call, const v1::ListBrokersRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, brokers_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListBrokersResponse response;
  for (v1::Broker& row : page.rows) *response.add_brokers() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Broker> TeamService::CreateBroker(const rpc::Call& call,
                                                     const v1::CreateBrokerRequest& request) {
  v1::Broker wanted = request.broker();
  wanted.set_office(deps_.pack.Office());
  wanted.set_state(v1::BROKER_STATE_ACTIVE);
  for (const auto& course : deps_.pack.proto().broker_training().courses()) {
    const std::string& trainer = deps_.pack.OrganizationOf(course.provider());
    const auto& trainers = wanted.trainers();
    if (std::find(trainers.begin(), trainers.end(), trainer) == trainers.end()) {
      wanted.add_trainers(trainer);
    }
  }
  if (wanted.organization() != call.principal.organization && !IsOffice(call, wanted.office())) {
    return status::InvalidField("broker.organization", "只能登记本机构的技术经纪人");
  }
  CHANYAN_ASSIGN_OR_RETURN(*wanted.mutable_organization_title(),
                           TitleOf(deps_, call, wanted.organization()));
  if (deps_.pack.FindOrganization(wanted.organization()) == nullptr) {
    CHANYAN_RETURN_IF_ERROR(
        OrganizationOf(deps_, call, wanted.organization(), "broker.organization").status());
  }
  return rpc::Mutate<v1::Broker>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Broker> {
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {wanted.organization()}));
        v1::Broker row = wanted;
        row.set_name(absl::StrCat("brokers/", api::NewShortId()));
        CHANYAN_RETURN_IF_ERROR(brokers_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return Present(call, row);
      });
}

absl::StatusOr<v1::Broker> TeamService::RecordTraining(const rpc::Call& call,
                                                       const v1::RecordTrainingRequest& request) {
  const policy::v1::TrainingCourse* course = deps_.pack.FindCourse(request.training().course());
  if (course == nullptr) {
    return status::InvalidField("training.course", "政策包中没有这一培训");
  }
  const bool gives = deps_.pack.OrganizationOf(course->provider()) == call.principal.organization;
  if (!gives && !IsOffice(call, deps_.pack.Office())) {
    return status::PermissionDenied(
        absl::StrCat("“", course->display_name(), "”由",
                     deps_.pack.FindUnit(course->provider())->display_name(), "或成果处登记"));
  }
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Broker broker,
      rpc::Edit<v1::Broker>(
          deps_.store, call, request, brokers_, request.name(), request.etag(), "trained",
          [&](rpc::Change& change, v1::Broker& row) -> absl::Status {
            v1::Training training = request.training();
            CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay completed,
                                     time::ToCivilDay(training.complete_date()));
            if (completed > time::DayOf(change.now())) {
              return status::InvalidField("training.complete_date", "完成日期不能晚于今天");
            }
            for (const v1::Training& known : row.trainings()) {
              if (known.course() == training.course() &&
                  MessageDifferencer::Equals(known.complete_date(), training.complete_date())) {
                return absl::OkStatus();
              }
            }
            training.set_course_title(course->display_name());
            training.set_recorded_by(call.principal.organization);
            api::SetTime(change.now(), training.mutable_record_time());
            *row.add_trainings() = std::move(training);
            return absl::OkStatus();
          }));
  return Present(call, std::move(broker));
}

absl::Status TeamService::PassHeld(rpc::Change& change, const v1::Broker& broker) const {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Result> held,
                           book_.LockOpen(change, {"broker = ?", {broker.name()}}));
  const std::vector<v1::Result> before = held;
  std::vector<v1::Result*> rows;
  for (v1::Result& result : held) rows.push_back(&result);
  CHANYAN_RETURN_IF_ERROR(book_.PassAll(change,
                                        {broker.organization(), broker.organization_title(), ""},
                                        v1::TENURE_CAUSE_BROKER_LEFT, rows));
  return book_.SaveAll(change, "passed", before, &held);
}

absl::StatusOr<v1::Broker> TeamService::LeaveBroker(const rpc::Call& call,
                                                    const v1::LeaveBrokerRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Broker broker,
      rpc::Edit<v1::Broker>(
          deps_.store, call, request, brokers_, request.name(), request.etag(), "leave",
          [&](rpc::Change&, v1::Broker& row) -> absl::Status {
            if (call.principal.organization != row.organization() &&
                !IsOffice(call, row.office())) {
              return status::PermissionDenied("离岗由所在机构或成果处登记");
            }
            if (row.state() != v1::BROKER_STATE_ACTIVE) {
              return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "已经离岗");
            }
            row.set_state(v1::BROKER_STATE_LEFT);
            row.set_leave_reason(request.reason());
            return absl::OkStatus();
          },
          [&](rpc::Change& change, const v1::Broker& row) -> absl::Status {
            return PassHeld(change, row);
          }));
  return Present(call, std::move(broker));
}

}  // namespace chanyan::triage
