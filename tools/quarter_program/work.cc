// What stands beside the six steps: long work as operations whose progress is shown, a step closed
// early and one extended, a dispute with its trace, a quarter played through, and who was told
// (CYC-2, CYC-4, CYC-9, CYC-10).
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chanyan/cycle/v1/deadline.pb.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "chanyan/cycle/v1/trace.pb.h"
#include "chanyan/operation/v1/operation.pb.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(200);
// Of one operation of a city: what takes longer hangs.
constexpr absl::Duration kLongest = absl::Minutes(60);
// Days behind the last one that are tried for a workday: the longest holiday and its weekends.
constexpr int kDaysTried = 14;

bool HasEnded(const operation::v1::Operation& operation) {
  return operation.state() != operation::v1::OPERATION_STATE_PENDING &&
         operation.state() != operation::v1::OPERATION_STATE_RUNNING;
}

absl::Status ErrorOf(const operation::v1::Operation& operation) {
  const operation::v1::OperationError& error = operation.error();
  options::v1::ErrorReason reason;
  const bool known =
      options::v1::ErrorReason_Parse(absl::StrCat("ERROR_REASON_", error.reason()), &reason);
  const std::string message = absl::StrCat(operation.title(), "未完成：", error.message());
  if (error.violations().empty()) {
    return known ? status::FailedPrecondition(reason, message)
                 : absl::FailedPreconditionError(message);
  }
  std::vector<status::Violation> violations;
  for (const operation::v1::OperationViolation& one : error.violations()) {
    violations.push_back({one.field(), one.description()});
  }
  return status::InvalidFields(std::move(violations),
                               known ? reason : options::v1::ERROR_REASON_INVALID_FIELD);
}

}  // namespace

absl::Status Walk::DoAsOperation(Caller caller, absl::string_view verb,
                                 const google::protobuf::Message& request, absl::string_view once,
                                 google::protobuf::Message* reply) {
  operation::v1::Operation operation;
  CHANYAN_RETURN_IF_ERROR(
      caller.Post(absl::StrCat("/v1/", name_, ":", verb), {}, request, once, &operation));
  return WaitFor(std::move(caller), std::move(operation), reply);
}

absl::Status Walk::UploadAsOperation(Caller caller, absl::string_view path, const Query& query,
                                     absl::string_view file, absl::string_view once,
                                     google::protobuf::Message* reply) {
  operation::v1::Operation operation;
  CHANYAN_RETURN_IF_ERROR(caller.Upload(path, query, file, kXlsxType, once, &operation));
  return WaitFor(std::move(caller), std::move(operation), reply);
}

absl::Status Walk::WaitFor(Caller caller, operation::v1::Operation operation,
                           google::protobuf::Message* reply) {
  const std::string path = absl::StrCat("/v1/", operation.name());
  Say(absl::StrCat("  ", operation.title(), "，已开始"));
  const absl::Time give_up = absl::Now() + kLongest;
  int shown = -1;
  const auto show = [&] {
    if (operation.percent() == shown) return;
    shown = operation.percent();
    Say(absl::StrCat("  ", operation.title(), " ", shown, "%"));
  };
  // Watched as it goes on; a stream that breaks off is taken up again.
  while (!HasEnded(operation)) {
    if (absl::Now() > give_up) {
      return absl::DeadlineExceededError(absl::StrCat(operation.title(), "迟迟没有完成"));
    }
    const absl::Status watched =
        caller.Watch(absl::StrCat(path, ":watch"), [&](absl::string_view json) {
          operation::v1::WatchOperationResponse event;
          if (FromJson(json, &event).ok() && event.has_operation()) {
            operation = event.operation();
            show();
          }
          return absl::Now() < give_up;
        });
    if (HasEnded(operation)) break;
    if (!watched.ok()) Say(absl::StrCat("  ", operation.title(), "：", watched.message()));
    absl::SleepFor(kPause);
    CHANYAN_RETURN_IF_ERROR(caller.Get(path, {}, &operation));
  }
  show();
  if (operation.state() != operation::v1::OPERATION_STATE_DONE) return ErrorOf(operation);
  ++operations_;
  return reply == nullptr ? absl::OkStatus() : FromJson(operation.result(), reply);
}

absl::Status Walk::CloseEarly(int step, absl::string_view reason) {
  if (cycle_.steps(step - 1).has_closed_early()) return absl::OkStatus();
  cycle::v1::CloseStepRequest request;
  request.set_name(name_);
  request.set_step(step);
  request.set_reason(std::string(reason));
  CHANYAN_RETURN_IF_ERROR(Secretariat().Post(absl::StrCat("/v1/", name_, ":closeStep"), {}, request,
                                             absl::StrCat("close ", step), &cycle_));
  Say(absl::StrCat("第", step, "步提前结束：", reason));
  return absl::OkStatus();
}

absl::Status Walk::Extend(int step, absl::string_view reason) {
  const cycle::v1::Step& present = cycle_.steps(step - 1);
  // Extended before, by a walk that was cut short.
  if (!present.reason().empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last, time::ToCivilDay(present.last_day()));
  absl::Status refused;
  for (int days = 1; days <= kDaysTried; ++days) {
    cycle::v1::ExtendStepRequest request;
    request.set_name(name_);
    request.set_step(step);
    *request.mutable_last_day() = time::ToProto(last + days);
    request.set_reason(std::string(reason));
    refused = Secretariat().Post(absl::StrCat("/v1/", name_, ":extendStep"), {}, request,
                                 absl::StrCat("extend ", step, " by ", days), &cycle_);
    if (refused.ok()) {
      Say(absl::StrCat("第", step, "步延期至", time::FormatDateZh(last + days), "：", reason));
      return absl::OkStatus();
    }
    // A day off names the next workday, and nothing has changed.
    if (!absl::IsInvalidArgument(refused)) return refused;
  }
  return refused;
}

absl::Status Walk::DisputeARow() {
  // The first row by name of the first unit that has one.
  std::string unit;
  cycle::v1::ListRowsResponse page;
  for (const std::string& login : Logins("ROLE_UNIT")) {
    CHANYAN_RETURN_IF_ERROR(
        accounts_.As(login).Get(absl::StrCat("/v1/", name_, "/forms/-/rows"),
                                {{"page_size", "1"}, {"filter", "distributed = true"}}, &page));
    if (page.rows().empty()) continue;
    unit = login;
    break;
  }
  if (unit.empty()) return absl::OkStatus();
  const std::string& row = page.rows(0).name();
  cycle::v1::DisputeRowRequest dispute;
  dispute.set_name(row);
  dispute.set_reason("该企业已迁出本辖区，请核实责任单位（演示）");
  cycle::v1::RowDispute raised;
  CHANYAN_RETURN_IF_ERROR(accounts_.As(unit).Post(absl::StrCat("/v1/", row, ":dispute"), {},
                                                  dispute, "dispute", &raised));
  cycle::v1::RowTrace trace;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Get(absl::StrCat("/v1/", row, ":trace"), {}, &trace));
  for (const cycle::v1::TraceStep& step : trace.steps()) {
    if (!step.account().empty() && !step.has_time()) {
      return absl::DataLossError(absl::StrCat(row, " 的溯源记录缺少时间"));
    }
  }
  Say(absl::StrCat("争议：", raised.row_title(), "；溯源 ", trace.steps_size(), " 步，现由",
                   trace.holder_title(), "保管"));
  if (raised.state() != cycle::v1::DISPUTE_STATE_OPEN) return absl::OkStatus();
  cycle::v1::SettleDisputeRequest settle;
  settle.set_name(raised.name());
  settle.set_finding("经核实，企业注册地未变，责任单位不变（演示）");
  const absl::Status settled = Secretariat().Post(absl::StrCat("/v1/", raised.name(), ":settle"),
                                                  {}, settle, "settle", nullptr);
  // By a walk that was cut short behind it.
  return status::ReasonOf(settled) == options::v1::ERROR_REASON_WRONG_STATE ? absl::OkStatus()
                                                                            : settled;
}

absl::Status Walk::Simulate() {
  cycle::v1::Simulation simulation;
  CHANYAN_RETURN_IF_ERROR(
      Secretariat().Get(absl::StrCat("/v1/", name_, ":simulate"), {}, &simulation));
  if (simulation.steps_size() != cycle_.steps_size() || simulation.tasks().empty()) {
    return absl::DataLossError("推演没有给出各单位的工作，请检查政策包和名录");
  }
  Say(absl::StrCat("推演：", simulation.tasks_size(), " 项工作，可能逾期 ", simulation.late_count(),
                   " 项，时间点 ", simulation.moments_size(), " 个"));
  return absl::OkStatus();
}

absl::Status Walk::LookAtNotices() {
  // A rehearsal reminds nobody: whoever is told of something is told of what is real.
  cycle::v1::ListRemindersResponse reminders;
  CHANYAN_RETURN_IF_ERROR(
      Secretariat().Get(absl::StrCat("/v1/", name_, "/reminders"), {}, &reminders));
  if (!reminders.reminders().empty()) {
    return absl::DataLossError("演练或补录的周期发出了催报，应不发");
  }
  cycle::v1::ListNotificationsResponse inbox;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Get("/v1/notifications", {}, &inbox));
  cycle::v1::ListDigestsResponse digests;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Get("/v1/digests", {}, &digests));
  Say(absl::StrCat("秘书处消息：未读 ", inbox.unread_count(), " 条，每日汇总 ",
                   digests.digests_size(), " 份；演练不催报"));
  if (inbox.unread_count() == 0) return absl::OkStatus();
  cycle::v1::MarkNotificationsReadRequest read;
  return Secretariat().Post("/v1/notifications:markRead", {}, read,
                            absl::StrCat("read ", absl::ToUnixNanos(absl::Now())), nullptr);
}

}  // namespace chanyan::quarter
