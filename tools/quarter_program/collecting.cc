// Steps 2 to 4 and 6: out to units and companies, back as packages, to the universities, and the
// leaderboard. Step 5 is in events.cc.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chanyan/options/v1/error_reason.pb.h"
#include "common/status/status.h"
#include "tools/quarter_program/parallel.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

constexpr int kDistributeStep = 2;
constexpr int kReturnStep = 4;

}  // namespace

absl::Status Walk::Distribute() {
  for (const FormPlan& form : forms_) {
    if (form.reporting == Reporting::kLate) CHANYAN_RETURN_IF_ERROR(ReportLate(form));
  }
  cycle::v1::DistributeFormsRequest request;
  request.set_name(name_);
  cycle::v1::DistributeFormsResponse sent;
  CHANYAN_RETURN_IF_ERROR(
      DoAsOperation(Secretariat(), "beginDistributeForms", request, "distribute", &sent));
  Say(absl::StrCat("发至责任单位 ", sent.unit_count(), " 个，", sent.row_count(), " 行；公开意向 ",
                   sent.released_count(), " 条"));
  CHANYAN_RETURN_IF_ERROR(ReceiveAll("ROLE_UNIT", "forms"));
  const std::vector<std::string> units = Logins("ROLE_UNIT");
  CHANYAN_RETURN_IF_ERROR(ParallelFor(units.size(), [&](size_t i) -> absl::Status {
    cycle::v1::DistributeToEnterprisesRequest onward;
    onward.set_name(name_);
    return DoAsOperation(accounts_.As(units[i]), "beginDistributeToEnterprises", onward, "onward",
                         nullptr);
  }));
  CHANYAN_RETURN_IF_ERROR(DisputeARow());
  CHANYAN_RETURN_IF_ERROR(ReceiveAll("ROLE_ENTERPRISE", "forms"));
  return CloseEarly(kDistributeStep, "报表已全部发至企业");
}

Caller Walk::Sender(const ReturnPlan& plan) {
  return plan.by_itself ? accounts_.As(plan_.LoginOf(plan.enterprise, "ROLE_ENTERPRISE"))
                        : Unit(plan.unit);
}

std::string Walk::ReturnFile(const ReturnPlan& plan, const std::string& university) {
  return absl::StrCat("returns/", plan.unit, "/", plan.enterprise, "/", university, ".xlsx");
}

bool Walk::IsAwaited(const std::string& university) const {
  return !refusals_.HasOf(university) && !after_.contains(university);
}

absl::Status Walk::ImportReturn(const ReturnPlan& plan, const std::string& university,
                                absl::string_view once) {
  const std::string file = ReturnFile(plan, university);
  if (plan_.FormOf(university) == nullptr) {
    return status::InvalidField(file, "文件名应为一所填报高校院所的编号加 .xlsx",
                                options::v1::ERROR_REASON_INVALID_FILE);
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, ReadInput(file));
  cycle::v1::ImportFormResponse reply;
  return Sender(plan).Upload(
      absl::StrCat("/v1/", name_, "/forms/", university, "/returns:import"),
      {{"enterprise", absl::StrCat("organizations/", plan.enterprise)}, {"file_name", file}}, bytes,
      kXlsxType, once, &reply);
}

absl::StatusOr<std::vector<Refusal>> Walk::ImportReturns(const ReturnPlan& plan,
                                                         absl::string_view once) {
  const std::string folder = absl::StrCat("returns/", plan.unit, "/", plan.enterprise, "/");
  std::vector<Refusal> refused;
  const auto refuse = [&](const std::string& file, std::vector<Fault> faults) {
    refused.push_back({file, std::move(faults), plan.enterprise, ""});
    Say(absl::StrCat("文件被拒绝，其余照常办理：", file, "（", FaultsInWords(refused.back()),
                     "）"));
  };
  if (!IsRegistered(plan.enterprise)) return RefusedOfStranger(plan);
  for (const std::string& stray : plan.strays) {
    refuse(folder + stray, {{"", "", "不是 .xlsx 工作簿，请在 Excel 或 WPS 中打开后另存为 .xlsx"}});
  }
  for (const std::string& university : plan.universities) {
    // What it answers has not come, or was never sent out.
    if (!IsAwaited(university)) continue;
    const std::string file = ReturnFile(plan, university);
    const absl::Status imported = ImportReturn(plan, university, once);
    if (imported.ok()) continue;
    if (!IsAboutFile(imported)) return imported;
    refuse(file, FaultsOf(imported, file));
  }
  return refused;
}

absl::StatusOr<bool> Walk::SubmitReturn(const ReturnPlan& plan, absl::string_view once) {
  cycle::v1::SubmitReturnsRequest request;
  request.set_name(name_);
  request.set_enterprise(absl::StrCat("organizations/", plan.enterprise));
  const absl::Status sent =
      Sender(plan).Post(absl::StrCat("/v1/", name_, ":submitReturns"), {}, request, once, nullptr);
  // It has nothing to give back if all it was to answer is in forms that have not come.
  const bool nothing = status::ReasonOf(sent) == options::v1::ERROR_REASON_WRONG_STATE &&
                       std::any_of(plan.universities.begin(), plan.universities.end(),
                                   [&](const std::string& one) { return !IsAwaited(one); });
  if (sent.ok() || nothing) return true;
  // A form of which there is no file is not given back.
  CHANYAN_RETURN_IF_ERROR(
      Refuse(plan.enterprise, absl::StrCat("returns/", plan.unit, "/", plan.enterprise), sent));
  return false;
}

absl::Status Walk::SubmitReturns(bool late) {
  return ParallelFor(plan_.returns.size(), [&](size_t i) -> absl::Status {
    const ReturnPlan& plan = plan_.returns[i];
    if (plan.by_exception) return absl::OkStatus();
    if (!late) {
      CHANYAN_ASSIGN_OR_RETURN(std::vector<Refusal> refused, ImportReturns(plan, "return"));
      CHANYAN_RETURN_IF_ERROR(refusals_.Replace(plan.enterprise, std::move(refused)));
    }
    if (plan.late != late || refusals_.HasOf(plan.enterprise)) return absl::OkStatus();
    return SubmitReturn(plan, plan.enterprise).status();
  });
}

absl::Status Walk::PackAll(absl::string_view once) {
  CHANYAN_RETURN_IF_ERROR(ReceiveAll("ROLE_UNIT", once));
  const std::vector<std::string> units = Logins("ROLE_UNIT");
  CHANYAN_RETURN_IF_ERROR(ParallelFor(units.size(), [&](size_t i) -> absl::Status {
    cycle::v1::SubmitPackagesRequest request;
    request.set_name(name_);
    return DoAsOperation(accounts_.As(units[i]), "beginSubmitPackages", request, once, nullptr);
  }));
  return Receive(plan_.LoginOfRole("ROLE_SECRETARIAT"), once);
}

absl::Status Walk::Collect() {
  CHANYAN_RETURN_IF_ERROR(TryBrokenReturns());
  CHANYAN_RETURN_IF_ERROR(SubmitReturns(/*late=*/false));
  CHANYAN_RETURN_IF_ERROR(PackAll("packages"));
  return SendBackPackages();
}

absl::Status Walk::ReturnBack() {
  CHANYAN_RETURN_IF_ERROR(SubmitReturns(/*late=*/true));
  CHANYAN_RETURN_IF_ERROR(ReportByException());
  CHANYAN_RETURN_IF_ERROR(PackAll("late packages"));
  CHANYAN_RETURN_IF_ERROR(ReturnAll("return"));
  CHANYAN_RETURN_IF_ERROR(ReceiveAll("ROLE_RESEARCH_OFFICE", "returned"));
  CHANYAN_RETURN_IF_ERROR(DeliverAPart());
  return Extend(kReturnStep, "高校院所组织科创平台研究新的结对共建意向");
}

absl::Status Walk::ReturnAll(absl::string_view once) {
  cycle::v1::ReturnToUniversitiesRequest request;
  request.set_name(name_);
  cycle::v1::ReturnToUniversitiesResponse sent;
  CHANYAN_RETURN_IF_ERROR(
      DoAsOperation(Secretariat(), "beginReturnToUniversities", request, once, &sent));
  Say(absl::StrCat("返回高校院所 ", sent.university_count(), " 个，", sent.row_count(),
                   " 行；登记项目 ", sent.recorded_count(), " 行，未登记 ", sent.refusals_size(),
                   " 行"));
  for (const std::string& refusal : sent.refusals()) Say(absl::StrCat("  未登记：", refusal));
  return absl::OkStatus();
}

absl::Status Walk::Publish() {
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Leaderboard board, PublishBoard("compute"));
  return HearObjections(board);
}

absl::StatusOr<cycle::v1::Leaderboard> Walk::PublishBoard(absl::string_view once) {
  cycle::v1::ComputeLeaderboardRequest compute;
  compute.set_parent(name_);
  cycle::v1::Leaderboard board;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Post(absl::StrCat("/v1/", name_, "/leaderboards:compute"),
                                             {}, compute, once, &board));
  // The same rows make no second version.
  if (board.state() == cycle::v1::LEADERBOARD_STATE_PUBLISHED) return board;
  cycle::v1::PublishLeaderboardRequest publish;
  publish.set_name(board.name());
  CHANYAN_RETURN_IF_ERROR(Secretariat().Post(absl::StrCat("/v1/", board.name(), ":publish"), {},
                                             publish, "publish", &board));
  return board;
}

}  // namespace chanyan::quarter
