// Steps 2 to 4 and 6: out to units and companies, back as packages, to the universities, and the
// leaderboard. Step 5 is in events.cc.
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/parallel.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

constexpr int kDistributeStep = 2;
constexpr int kReturnStep = 4;

}  // namespace

absl::Status Walk::Distribute() {
  for (const FormPlan& form : plan_.forms) {
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
  std::vector<std::string> units;
  for (const WantedAccount& account : plan_.accounts) {
    if (account.role == "ROLE_UNIT") units.push_back(account.login);
  }
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

absl::Status Walk::ImportReturns(const ReturnPlan& plan) {
  Caller filler = Sender(plan);
  for (const std::string& university : plan.universities) {
    const std::string file =
        absl::StrCat("returns/", plan.unit, "/", plan.enterprise, "/", university, ".xlsx");
    CHANYAN_ASSIGN_OR_RETURN(const std::string bytes,
                             demo::ReadFile(absl::StrCat(plan_.directory, "/", file)));
    cycle::v1::ImportFormResponse reply;
    CHANYAN_RETURN_IF_ERROR(filler.Upload(
        absl::StrCat("/v1/", name_, "/forms/", university, "/returns:import"),
        {{"enterprise", absl::StrCat("organizations/", plan.enterprise)}, {"file_name", file}},
        bytes, kXlsxType, "return", &reply));
  }
  return absl::OkStatus();
}

absl::Status Walk::SubmitReturns(bool late) {
  return ParallelFor(plan_.returns.size(), [&](size_t i) -> absl::Status {
    const ReturnPlan& plan = plan_.returns[i];
    if (!late) CHANYAN_RETURN_IF_ERROR(ImportReturns(plan));
    if (plan.late != late) return absl::OkStatus();
    cycle::v1::SubmitReturnsRequest request;
    request.set_name(name_);
    request.set_enterprise(absl::StrCat("organizations/", plan.enterprise));
    return Sender(plan).Post(absl::StrCat("/v1/", name_, ":submitReturns"), {}, request,
                             plan.enterprise, nullptr);
  });
}

absl::Status Walk::PackAll(const char* once) {
  CHANYAN_RETURN_IF_ERROR(ReceiveAll("ROLE_UNIT", once));
  std::vector<std::string> units;
  for (const WantedAccount& account : plan_.accounts) {
    if (account.role == "ROLE_UNIT") units.push_back(account.login);
  }
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
  return PackAll("packages");
}

absl::Status Walk::ReturnBack() {
  CHANYAN_RETURN_IF_ERROR(SubmitReturns(/*late=*/true));
  CHANYAN_RETURN_IF_ERROR(PackAll("late packages"));
  cycle::v1::ReturnToUniversitiesRequest request;
  request.set_name(name_);
  cycle::v1::ReturnToUniversitiesResponse sent;
  CHANYAN_RETURN_IF_ERROR(
      DoAsOperation(Secretariat(), "beginReturnToUniversities", request, "return", &sent));
  Say(absl::StrCat("返回高校院所 ", sent.university_count(), " 个，", sent.row_count(),
                   " 行；登记项目 ", sent.recorded_count(), " 行，未登记 ", sent.refusals_size(),
                   " 行"));
  for (const std::string& refusal : sent.refusals()) Say(absl::StrCat("  未登记：", refusal));
  CHANYAN_RETURN_IF_ERROR(ReceiveAll("ROLE_RESEARCH_OFFICE", "returned"));
  CHANYAN_RETURN_IF_ERROR(DeliverAPart());
  return Extend(kReturnStep, "高校院所组织科创平台研究新的结对共建意向");
}

absl::Status Walk::Publish() {
  cycle::v1::ComputeLeaderboardRequest compute;
  compute.set_parent(name_);
  cycle::v1::Leaderboard board;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Post(absl::StrCat("/v1/", name_, "/leaderboards:compute"),
                                             {}, compute, "compute", &board));
  cycle::v1::PublishLeaderboardRequest publish;
  publish.set_name(board.name());
  return Secretariat().Post(absl::StrCat("/v1/", board.name(), ":publish"), {}, publish, "publish",
                            nullptr);
}

}  // namespace chanyan::quarter
