// What follows a filing: a report of progress, support, evaluation, supplement, removal of a lead,
// dissolution.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/bar.pb.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "chanyan/consortium/v1/evaluation.pb.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "tools/quarter_program/consortia.h"

namespace chanyan::quarter {
namespace {

namespace v1 = consortium::v1;

constexpr int kExcellent = 90;
constexpr int kUnqualified = 50;
// The first workday on which the second half of 2025 is reported of.
constexpr absl::CivilSecond kReportBegin(2026, 1, 5, 9);
constexpr absl::Duration kReportPatience = absl::Seconds(150);
constexpr absl::Duration kReportPause = absl::Seconds(2);
constexpr char kProgress[] =
    R"({"items":[{"part":"mechanism","content":"理事会召开两次会议，调整一项课题分工（演示）。"},
         {"part":"research","content":"完成总体方案和首台样机，通过台架试验（演示）。"},
         {"part":"output","content":"申请发明专利六件，一项团体标准立项（演示）。"}],
        "fundsYuan":"6000000","problem":"海上试验场排期紧张，请协调（演示）。"})";
constexpr char kSigned[] = R"("signer":"法定代表人（演示）")";

std::string DateOf(absl::Time time) {
  const absl::CivilDay day = time::DayOf(time);
  return absl::Substitute(R"({"year":$0,"month":$1,"day":$2})", day.year(), day.month(), day.day());
}

}  // namespace

absl::Status Consortia::GoOn(const ConsortiumPlan& one, const Row& row) {
  if (one.target == "filed") {
    CHANYAN_RETURN_IF_ERROR(Support(row));
    return Evaluate(row, kExcellent);
  }
  if (row.state() != v1::CONSORTIUM_STATE_FILED) return absl::OkStatus();
  if (one.target == "cancelled") return Evaluate(row, kUnqualified);
  if (one.target == "supplement") return Supplement(one, row);
  if (one.target == "vacant") return RemoveLead(one, row);
  if (one.target == "dissolved") return Dissolve(one, row);
  return absl::OkStatus();
}

absl::StatusOr<bool> Consortia::IsJustFiled() {
  for (const ConsortiumPlan& one : plan_.consortia) {
    CHANYAN_ASSIGN_OR_RETURN(const Row row, Find(one));
    const bool as_it_was =
        one.IsOfThePast() ? row.state() == v1::CONSORTIUM_STATE_FILED : row.name().empty();
    if (!as_it_was) return false;
  }
  return true;
}

absl::StatusOr<v1::ConstructionReport> Consortia::AwaitReport(const std::string& path,
                                                              absl::Duration patience) {
  const absl::Time give_up = absl::Now() + patience;
  while (true) {
    v1::ListConstructionReportsResponse asked;
    CHANYAN_RETURN_IF_ERROR(accounts_.As(kOffice).Get(path, {}, &asked));
    if (!asked.construction_reports().empty()) return asked.construction_reports(0);
    if (absl::Now() >= give_up) return v1::ConstructionReport();
    absl::SleepFor(kReportPause);
  }
}

absl::Status Consortia::ReportProgress() {
  const ConsortiumPlan* filed = nullptr;
  for (const ConsortiumPlan& one : plan_.consortia) {
    if (one.target == "filed") filed = &one;
  }
  if (filed == nullptr) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const Row row, Find(*filed));
  if (row.state() != v1::CONSORTIUM_STATE_FILED) return absl::OkStatus();
  const absl::Time begin = absl::FromCivil(kReportBegin, time::Shanghai());
  CHANYAN_ASSIGN_OR_RETURN(const absl::Time now, Now());
  // Jobs ask within a minute of the clock's move.
  absl::Duration patience = absl::ZeroDuration();
  if (now < begin) {
    CHANYAN_ASSIGN_OR_RETURN(const bool just_filed, IsJustFiled());
    // No clock is put back, or it would run beyond the machine's.
    const bool behind = absl::Now() - now > absl::Minutes(1) && begin < absl::Now();
    if (!just_filed || !behind) return absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(AdvanceTo(begin));
    patience = kReportPatience;
  }
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ConstructionReport report,
      AwaitReport(absl::StrCat("/v1/", row.name(), "/constructionReports"), patience));
  if (report.name().empty()) {
    return patience == absl::ZeroDuration()
               ? absl::OkStatus()
               : absl::DeadlineExceededError("报告期已满，仍没有要求报送建设进展");
  }
  const std::string path = absl::StrCat("/v1/", report.name());
  if (report.state() == v1::CONSTRUCTION_REPORT_STATE_DUE) {
    v1::ListConstructionVersionsResponse known;
    CHANYAN_RETURN_IF_ERROR(accounts_.As(filed->lead).Get(path + "/versions", {}, &known));
    v1::ConstructionVersion version;
    if (known.versions().empty()) {
      CHANYAN_RETURN_IF_ERROR(Post(filed->lead, path + "/versions", kProgress, &version));
    } else {
      version = known.versions(0);
    }
    CHANYAN_RETURN_IF_ERROR(
        Post(filed->lead, absl::StrCat("/v1/", version.name(), ":submit"), "{}"));
    CHANYAN_RETURN_IF_ERROR(accounts_.As(kOffice).Get(path, {}, &report));
  }
  if (report.state() != v1::CONSTRUCTION_REPORT_STATE_SUBMITTED) return absl::OkStatus();
  return Post(kOffice, path + ":accept", "{}");
}

absl::Status Consortia::Support(const Row& row) {
  const std::string path = absl::StrCat("/v1/", row.name(), "/supportMeasures");
  v1::ListSupportMeasuresResponse known;
  CHANYAN_RETURN_IF_ERROR(accounts_.As(kOffice).Get(path, {}, &known));
  if (!known.support_measures().empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const absl::Time now, Now());
  CHANYAN_RETURN_IF_ERROR(
      Post(kOffice, path,
           absl::Substitute(
               R"({"measure":"demonstration","description":"列入关键技术攻关示范类项目（演示）",
                                "amountYuan":"3000000","grantDate":$0,"reference":"青科演示25-1"})",
               DateOf(now))));
  return Post(kOffice, path,
              absl::Substitute(R"({"measure":"finance","description":"引荐产业基金路演（演示）",
                                   "grantDate":$0})",
                               DateOf(now)));
}

absl::Status Consortia::Evaluate(const Row& row, int points) {
  const std::string path = absl::StrCat("/v1/", row.name(), "/evaluations");
  v1::ListEvaluationsResponse known;
  CHANYAN_RETURN_IF_ERROR(accounts_.As(kOffice).Get(path, {}, &known));
  v1::Evaluation evaluation;
  if (known.evaluations().empty()) {
    CHANYAN_RETURN_IF_ERROR(Post(
        kOffice, path,
        absl::Substitute(R"({"period":"2025年度","evaluator":"第三方评估机构（演示）","scores":[
                 {"part":"mechanism","points":$0,"finding":"机制运行记录（演示）"},
                 {"part":"research","points":$0,"finding":"课题进展材料（演示）"},
                 {"part":"output","points":$0,"finding":"成果和应用材料（演示）"}]})",
                         points),
        &evaluation));
  } else {
    evaluation = known.evaluations(0);
  }
  if (evaluation.state() != v1::EVALUATION_STATE_OPEN) return absl::OkStatus();
  return Post(kOffice, absl::StrCat("/v1/", evaluation.name(), ":conclude"), "{}");
}

absl::Status Consortia::Supplement(const ConsortiumPlan& one, const Row& row) {
  const std::string path = absl::StrCat("/v1/", row.name());
  const std::vector<std::string> joining = plan_.Of("joining");
  if (joining.empty()) return absl::OkStatus();
  v1::ListHeldProjectsResponse held;
  CHANYAN_RETURN_IF_ERROR(accounts_.As(kOffice).Get(path + "/heldProjects", {}, &held));
  v1::HeldProject project;
  if (held.held_projects().empty()) {
    CHANYAN_RETURN_IF_ERROR(
        Post(kOffice, path + "/heldProjects",
             R"({"projectNumber":"青科演示25-2","title":"港口智能调度关键技术攻关（演示）",
                 "funder":"市科技局","fundsYuan":"5000000"})",
             &project));
  } else {
    project = held.held_projects(0);
  }
  v1::ListSupplementsResponse proposed;
  CHANYAN_RETURN_IF_ERROR(accounts_.As(one.lead).Get(path + "/supplements", {}, &proposed));
  v1::Supplement supplement;
  if (proposed.supplements().empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const std::string file,
                             Attach(one.lead, row, "SUPPLEMENT", "补充协议"));
    CHANYAN_RETURN_IF_ERROR(Post(
        one.lead, path + "/supplements",
        absl::Substitute(
            R"({"heldProject":"$0","document":"$1","reason":"立项项目需要测试设备单位参加（演示）",
                "joining":[{"organization":"organizations/$2","kind":"MEMBER_KIND_UPSTREAM",
                            "layer":"MEMBER_LAYER_MEMBER","basis":"已有供货合作（演示）。",
                            "tasks":"承担测试设备研制（演示）。",
                            "capability":"有测试设备研发团队和配套能力（演示）。",
                            "resources":"研发人员六名、测试设备两台（演示）。"}]})",
            project.name(), file, joining.front()),
        &supplement));
  } else {
    supplement = proposed.supplements(0);
  }
  if (supplement.state() != v1::SUPPLEMENT_STATE_PROPOSED) return absl::OkStatus();
  std::vector<std::string> signers = Parties(one);
  signers.push_back(joining.front());
  for (const std::string& login : signers) {
    CHANYAN_RETURN_IF_ERROR(
        Post(login, absl::StrCat("/v1/", supplement.name(), ":sign"),
             absl::Substitute(R"({"digest":"$0",$1})", supplement.digest(), kSigned)));
  }
  return absl::OkStatus();
}

absl::Status Consortia::RemoveLead(const ConsortiumPlan& one, const Row& row) {
  CHANYAN_RETURN_IF_ERROR(Post(kOffice, absl::StrCat("/v1/", row.name(), ":removeLead"),
                               R"({"reason":"组织不力，未按共建协议履约（演示）"})"));
  v1::ListBarsResponse bars;
  CHANYAN_RETURN_IF_ERROR(accounts_.As(one.lead).Get("/v1/bars", {}, &bars));
  for (const v1::Bar& bar : bars.bars()) {
    if (bar.appeal_state() != v1::APPEAL_STATE_NONE) continue;
    CHANYAN_RETURN_IF_ERROR(Post(one.lead, absl::StrCat("/v1/", bar.name(), ":appeal"),
                                 R"({"grounds":"延期系不可抗力所致，附说明（演示）"})"));
  }
  return absl::OkStatus();
}

absl::Status Consortia::Dissolve(const ConsortiumPlan& one, const Row& row) {
  for (const std::string& login : Parties(one)) {
    CHANYAN_RETURN_IF_ERROR(Post(login, absl::StrCat("/v1/", row.name(), ":signDissolution"),
                                 absl::StrCat("{", kSigned, "}")));
  }
  return Post(one.lead, absl::StrCat("/v1/", row.name(), ":dissolve"),
              R"({"reason":"建设目标已经完成（演示）"})");
}

}  // namespace chanyan::quarter
