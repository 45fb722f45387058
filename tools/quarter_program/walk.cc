// The course of a quarter; what each step does is in reporting.cc and collecting.cc.
#include "tools/quarter_program/walk.h"

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/time/kept_day.h"
#include "common/time/timestamp.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/parallel.h"

namespace chanyan::quarter {
namespace {

constexpr int kLastStep = 6;

std::string InShanghai(absl::Time instant) {
  return absl::FormatTime("%Y-%m-%d %H:%M", instant, time::Shanghai());
}

}  // namespace

void Say(absl::string_view progress) {
  std::fprintf(stderr, "%s\n", std::string(progress).c_str());
}

std::string InWords(const absl::Status& error) {
  std::string text(error.message());
  for (const status::Violation& violation : status::ViolationsOf(error)) {
    absl::StrAppend(&text, "\n  ", violation.field, "：", violation.description);
  }
  return text;
}

std::string FormFile(const char* folder, const std::string& university) {
  return absl::StrCat(folder, "/", university, ".xlsx");
}

Walk::Walk(Deps deps, time::Quarter quarter)
    : plan_(deps.plan),
      accounts_(deps.accounts),
      quarter_(quarter),
      name_(absl::StrCat("cycles/", quarter.Id())),
      roster_(absl::StrCat("rosters/", time::FormatDate(quarter.FirstDay()))),
      refusals_(std::move(deps.refused_path)) {}

Caller Walk::Secretariat() { return accounts_.As(plan_.LoginOfRole("ROLE_SECRETARIAT")); }
Caller Walk::University(const std::string& id) {
  return accounts_.As(plan_.LoginOf(id, "ROLE_RESEARCH_OFFICE"));
}
Caller Walk::Unit(const std::string& id) { return accounts_.As(plan_.LoginOf(id, "ROLE_UNIT")); }

bool Walk::IsRegistered(absl::string_view organization) const {
  return registered_.contains(organization);
}

std::vector<std::string> Walk::Logins(absl::string_view role) const {
  std::vector<std::string> logins;
  for (const WantedAccount& account : plan_.accounts) {
    if (account.role == role && IsRegistered(account.organization)) {
      logins.push_back(account.login);
    }
  }
  return logins;
}

absl::StatusOr<std::string> Walk::ReadInput(const std::string& file) const {
  absl::StatusOr<std::string> bytes = demo::ReadFile(absl::StrCat(plan_.directory, "/", file));
  if (!bytes.ok()) {
    return status::InvalidField(file, "没有这个文件或读不了，请放好填写完的 .xlsx 报表",
                                options::v1::ERROR_REASON_INVALID_FILE);
  }
  if (bytes->size() > sheet::kMaxPackedBytes) {
    return status::InvalidField(
        file, absl::StrCat("文件超过 ", sheet::kMaxPackedBytes >> 20, " MB，请删除图片和多余内容"),
        options::v1::ERROR_REASON_FILE_TOO_LARGE);
  }
  return bytes;
}

absl::Status Walk::Refuse(const std::string& organization, const std::string& file,
                          const absl::Status& error) {
  if (!IsAboutFile(error)) return error;
  const Refusal refusal{file, FaultsOf(error, file), organization, ""};
  Say(absl::StrCat("文件被拒绝，其余照常办理：", file, "（", FaultsInWords(refusal), "）"));
  return refusals_.Replace(organization, {refusal});
}

absl::Status Walk::LoadCycle() {
  return Secretariat().Get(absl::StrCat("/v1/", name_), {}, &cycle_);
}

absl::Status Walk::Open() {
  cycle::v1::OpenCycleRequest request;
  request.set_name(name_);
  *request.mutable_rehearsal_clock() =
      time::ToTimestamp(time::StartOfDay(quarter_.FirstDay()) + kMorning);
  const absl::Status opened =
      Secretariat().Post(absl::StrCat("/v1/", name_, ":open"), {}, request, "open", nullptr);
  if (!opened.ok() && !absl::IsAlreadyExists(opened)) return opened;
  return LoadCycle();
}

absl::Time Walk::MorningOf(int step) const {
  return time::StartOfDay(time::DayIn(cycle_.steps(step - 1).first_day())) + kMorning;
}

absl::Time Walk::Now() const { return time::ToTime(cycle_.clock()); }

absl::Status Walk::AdvanceTo(absl::Time time) {
  if (Now() >= time) return absl::OkStatus();
  cycle::v1::AdvanceClockRequest request;
  request.set_name(name_);
  *request.mutable_clock() = time::ToTimestamp(time);
  Say(absl::StrCat("演练时钟：", InShanghai(time)));
  return Secretariat().Post(absl::StrCat("/v1/", name_, ":advanceClock"), {}, request,
                            absl::FormatTime(time, absl::UTCTimeZone()), &cycle_);
}

absl::Status Walk::CheckConservation(absl::string_view after) {
  cycle::v1::Conservation proof;
  CHANYAN_RETURN_IF_ERROR(
      Secretariat().Get(absl::StrCat("/v1/", name_, ":checkConservation"), {}, &proof));
  if (proof.conserved()) {
    Say(absl::StrCat(after, "：报表 ", proof.rows(), " 行，守恒"));
    return absl::OkStatus();
  }
  std::string message = absl::StrCat(after, "之后报表行不守恒：");
  for (const std::string& violation : proof.violations()) {
    absl::StrAppend(&message, "\n  ", violation);
  }
  return absl::DataLossError(message);
}

absl::Status Walk::Receive(const std::string& login, absl::string_view once) {
  cycle::v1::ReceiveHandoversRequest request;
  request.set_parent(name_);
  return accounts_.As(login).Post(absl::StrCat("/v1/", name_, "/handovers:receive"), {}, request,
                                  once, nullptr);
}

absl::Status Walk::ReceiveAll(absl::string_view role, absl::string_view once) {
  const std::vector<std::string> logins = Logins(role);
  return ParallelFor(logins.size(), [&](size_t i) { return Receive(logins[i], once); });
}

absl::Status Walk::Run() {
  refusals_.Recall();
  const bool owed = !refusals_.Unreported().empty();
  const absl::Status known = LoadCycle();
  if (!known.ok() && !absl::IsNotFound(known)) return known;
  if (known.ok()) {
    CHANYAN_RETURN_IF_ERROR(ImportLists(/*only_refused=*/true));
  } else {
    Say("导入单位名录、科创平台和企业名册");
    CHANYAN_RETURN_IF_ERROR(ImportLists(/*only_refused=*/false));
    CHANYAN_RETURN_IF_ERROR(RequireABeginning());
    CHANYAN_RETURN_IF_ERROR(Open());
  }
  CHANYAN_RETURN_IF_ERROR(SeeWhoIsThere());
  if (cycle_.state() == cycle::v1::CYCLE_STATE_CLOSED) {
    was_over_ = true;
    Say(absl::StrCat(quarter_.LabelZh(), "已经走完，直接取回结果"));
    CHANYAN_RETURN_IF_ERROR(TryBrokenLists());
    return owed ? BringInMended() : absl::OkStatus();
  }
  if (!cycle_.rehearsal() || cycle_.steps_size() != kLastStep) {
    return absl::FailedPreconditionError(absl::StrCat(
        quarter_.LabelZh(), "不是演练周期，本程序不推进正在运行的季度；请换一个季度或另建数据库"));
  }
  using Step = absl::Status (Walk::*)();
  constexpr Step kSteps[kLastStep] = {&Walk::Report,     &Walk::Distribute, &Walk::Collect,
                                      &Walk::ReturnBack, &Walk::Exchange,   &Walk::Publish};
  for (int step = 1; step <= kLastStep; ++step) {
    // The clock moves on only after all of a step is done.
    if (step < kLastStep && Now() >= MorningOf(step + 1)) continue;
    CHANYAN_RETURN_IF_ERROR(AdvanceTo(MorningOf(step)));
    Say(absl::StrCat("第", step, "步 ", cycle_.steps(step - 1).label()));
    CHANYAN_RETURN_IF_ERROR((this->*kSteps[step - 1])());
    CHANYAN_RETURN_IF_ERROR(
        CheckConservation(absl::StrCat("第", step, "步 ", cycle_.steps(step - 1).label())));
  }
  CHANYAN_RETURN_IF_ERROR(TryBrokenLists());
  CHANYAN_RETURN_IF_ERROR(LookAtNotices());
  CHANYAN_RETURN_IF_ERROR(
      AdvanceTo(time::ToTime(cycle_.steps(kLastStep - 1).deadline()) + absl::Seconds(1)));
  return owed ? BringInMended() : absl::OkStatus();
}

}  // namespace chanyan::quarter
