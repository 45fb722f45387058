// Reports (TRI-8): figures equal to the funnel's, numbers without gaps, frozen when issued, on the
// real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/service/triage/world.h"
#include "tests/support/office.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;
using options::v1::ERROR_REASON_INVALID_FIELD;
using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class ReportTest : public ::testing::Test, protected World {
 protected:
  explicit ReportTest(std::unique_ptr<const policy::Pack> pack = testing::ShippedPack())
      : World(std::move(pack)) {}

  absl::StatusOr<v1::Report> Draft(const std::string& kind, const std::string& by = kOffice,
                                   const std::string& supplement = "") {
    v1::CreateReportRequest request;
    request.mutable_report()->set_kind(kind);
    request.set_supplement_reason(supplement);
    request.set_request_id(api::NewUuid());
    return reports.CreateReport(As(ROLE_DEPARTMENT, by, "ReportService.CreateReport"), request);
  }
  absl::StatusOr<v1::Report> Refresh(const std::string& name) {
    return reports.RefreshReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.RefreshReport"),
                                 Named<v1::RefreshReportRequest>(name));
  }
  absl::StatusOr<v1::Report> Issue(const std::string& name) {
    return reports.IssueReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.IssueReport"),
                               Named<v1::IssueReportRequest>(name));
  }
  absl::StatusOr<v1::Report> Write(const std::string& name, const std::string& heading,
                                   const std::string& text, const std::string& etag = "") {
    v1::UpdateReportRequest request;
    request.mutable_report()->set_name(name);
    request.mutable_report()->set_etag(etag);
    v1::ReportNarrative* part = request.mutable_report()->add_narratives();
    part->set_heading(heading);
    part->set_text(text);
    request.mutable_update_mask()->add_paths("narratives");
    request.set_request_id(api::NewUuid());
    return reports.UpdateReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.UpdateReport"),
                                request);
  }
  absl::StatusOr<v1::Report> Discard(const std::string& name) {
    auto request = Named<v1::DiscardReportRequest>(name);
    request.set_reason("重编");
    return reports.DiscardReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.DiscardReport"),
                                 request);
  }
  absl::StatusOr<v1::Report> See(const std::string& name, Role role,
                                 const std::string& organization) {
    v1::GetReportRequest request;
    request.set_name(name);
    return reports.GetReport(As(role, organization, "ReportService.GetReport"), request);
  }
  std::string Document(const std::string& name, Role role = ROLE_DEPARTMENT,
                       const std::string& organization = kOffice) {
    v1::ExportReportDocumentRequest request;
    request.set_name(name);
    const auto file = reports.ExportReportDocument(
        As(role, organization, "ReportService.ExportReportDocument"), request);
    EXPECT_TRUE(file.ok()) << file.status();
    if (!file.ok()) return "";
    EXPECT_EQ(file->content_type(),
              "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
    return file->data();
  }
  std::string Sheet(const std::string& name) {
    v1::ExportReportRequest request;
    request.set_name(name);
    const auto file =
        reports.ExportReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.ExportReport"), request);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? file->data() : "";
  }
  static const v1::ReportTable& Part(const v1::Report& report, const std::string& part) {
    for (const v1::ReportTable& table : report.content().tables()) {
      if (table.part() == part) return table;
    }
    ADD_FAILURE() << "no part " << part;
    return v1::ReportTable::default_instance();
  }
  // First cells of a part.
  static std::vector<std::string> Firsts(const v1::Report& report, const std::string& part) {
    std::vector<std::string> cells;
    for (const v1::ReportRow& row : Part(report, part).rows()) cells.push_back(row.cells(0));
    return cells;
  }
  // With the entries of a report's period, if one is given.
  v1::QueryFunnelResponse Funnel(v1::FunnelGrouping grouping, const v1::Report* of = nullptr) {
    v1::QueryFunnelRequest request;
    request.set_group_by(grouping);
    if (of != nullptr) {
      *request.mutable_period_start_date() = of->period_start_date();
      *request.mutable_period_end_date() = of->period_end_date();
    }
    const auto funnel = follow_ups.QueryFunnel(
        As(ROLE_DEPARTMENT, kOffice, "FollowUpService.QueryFunnel"), request);
    EXPECT_TRUE(funnel.ok()) << funnel.status();
    return funnel.ok() ? *funnel : v1::QueryFunnelResponse();
  }
  void Log(const std::string& result, v1::FollowUp row) {
    row.set_content("对接");
    *row.mutable_happen_date() = time::ToProto(time::DayOf(clock.now));
    v1::CreateFollowUpRequest request;
    request.set_parent(result);
    *request.mutable_follow_up() = row;
    request.set_request_id(api::NewUuid());
    const auto made = follow_ups.CreateFollowUp(
        As(ROLE_SERVICE_TEAM, kMarineAgency, "FollowUpService.CreateFollowUp"), request);
    EXPECT_TRUE(made.ok()) << made.status();
  }
  void Sign(const std::string& result, int64_t yuan) {
    v1::FollowUp row;
    row.set_kind(v1::FOLLOW_UP_KIND_CONTRACT);
    row.mutable_contract()->set_kind(v1::CONVERSION_MODE_LICENSE);
    *row.mutable_contract()->mutable_sign_date() = time::ToProto(time::DayOf(clock.now));
    row.mutable_contract()->set_buyer_title("企业一（演示）");
    row.mutable_contract()->set_amount_yuan(yuan);
    Log(result, row);
  }
  // A matter of a result, decided, with a task for a department.
  void Escalate(const std::string& result) {
    v1::RaiseEscalationRequest request;
    request.mutable_escalation()->set_result(result);
    request.mutable_escalation()->set_matter("用海手续");
    request.mutable_escalation()->set_reason("涉及多个部门");
    request.set_request_id(api::NewUuid());
    const auto raised = escalations.RaiseEscalation(
        As(ROLE_SERVICE_TEAM, kMarineAgency, "EscalationService.RaiseEscalation"), request);
    ASSERT_TRUE(raised.ok()) << raised.status();
    auto decide = Named<v1::DecideEscalationRequest>(raised->name());
    decide.set_decision("抓紧办理");
    v1::EscalationTask* task = decide.add_tasks();
    task->set_task(absl::StrCat("办理", Stored(result).title()));
    task->set_owner(kMarineDepartment);
    *task->mutable_due_date() = time::ToProto(time::DayOf(clock.now) + 60);
    const auto decided = escalations.DecideEscalation(
        As(ROLE_DEPARTMENT, kMarineDepartment, "EscalationService.DecideEscalation"), decide);
    ASSERT_TRUE(decided.ok()) << decided.status();
  }
  // Three results of two teams and of none, at different stages, one of them signed.
  void Busy() {
    const v1::Result signed_one = Pushed(World::Draft("海水淡化膜"));
    Sign(signed_one.name(), 805'000);
    v1::Result financing = World::Draft("深海传感器");
    financing.set_financing_yuan(60'000'000);
    financing.set_financing_purpose("建中试线");
    Pushed(financing);
    ASSERT_TRUE(Create(World::Draft("别队的"), options::v1::ROLE_RESEARCH_OFFICE, kUpc).ok());
    ASSERT_TRUE(Create(World::Draft("无队的"), options::v1::ROLE_RESEARCH_OFFICE, kCollege).ok());
  }
};

TEST_F(ReportTest, UnknownKindsTheFutureAndOthersThanTheOfficeAreRefused) {
  EXPECT_EQ(status::ReasonOf(Draft("x").status()), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(status::ReasonOf(Draft("").status()), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(status::ReasonOf(Draft("weekly", kMarineDepartment).status()),
            ERROR_REASON_ROLE_NOT_PERMITTED);
  v1::CreateReportRequest request;
  request.mutable_report()->set_kind("weekly");
  *request.mutable_period_day() = time::ToProto(time::DayOf(clock.now) + 1);
  request.set_request_id(api::NewUuid());
  EXPECT_EQ(
      status::ReasonOf(
          reports.CreateReport(As(ROLE_DEPARTMENT, kOffice, "ReportService.CreateReport"), request)
              .status()),
      ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(Count("report"), 0);
}

TEST_F(ReportTest, EveryKindOfThePackHasItsPeriodItsRecipientsAndItsParts) {
  struct Case {
    const char* kind;
    const char* title;
    const char* recipient;
    const char* part;
  };
  for (const Case& one :
       {Case{"weekly", "科技成果产研对接进展周报（2025年3月31日至4月6日）", kBureauLeaders,
             "FOCUS"},
        Case{"monthly-dispatch", "科技成果产研对接月度调度（2025年4月）", kMarineDepartment,
             "PROBLEMS"},
        Case{"monthly-special", "科技成果转化专报（2025年4月）", kCityLeaders, "HIGHLIGHTS"},
        Case{"quarterly", "科技创新清单推进情况季度报告（2025年第二季度）", kCityLeaders,
             "LISTS"}}) {
    const auto draft = Draft(one.kind);
    ASSERT_TRUE(draft.ok()) << draft.status();
    EXPECT_EQ(draft->title(), one.title);
    EXPECT_THAT(draft->recipients(), Contains(one.recipient));
    Part(*draft, one.part);
    Part(*draft, "ESCALATIONS");
    EXPECT_THAT(Document(draft->name()), StartsWith("PK"));
    EXPECT_THAT(Sheet(draft->name()), StartsWith("PK"));
  }
}

TEST_F(ReportTest, FiguresAreTheFunnels) {
  Busy();
  const auto draft = Draft("weekly");
  ASSERT_TRUE(draft.ok()) << draft.status();
  const v1::QueryFunnelResponse all = Funnel(v1::FUNNEL_GROUPING_UNSPECIFIED, &*draft);
  const v1::QueryFunnelResponse teams = Funnel(v1::FUNNEL_GROUPING_TEAM, &*draft);
  EXPECT_EQ(draft->content().results(), all.total());
  EXPECT_TRUE(MessageDifferencer::Equals(draft->content().total(), all.groups(0)));
  ASSERT_EQ(draft->content().teams_size(), teams.groups_size());
  // Each stage of all teams together is that of the whole, in the figures and in the table.
  std::vector<int64_t> sums(v1::FunnelStage_MAX, 0);
  int64_t yuan = 0;
  for (int i = 0; i < teams.groups_size(); ++i) {
    EXPECT_TRUE(MessageDifferencer::Equals(draft->content().teams(i), teams.groups(i)));
    for (int s = 0; s < v1::FunnelStage_MAX; ++s) sums[s] += teams.groups(i).steps(s).reached();
    yuan += teams.groups(i).contract_yuan();
  }
  EXPECT_EQ(yuan, 805'000);
  EXPECT_EQ(sums[0], 4);
  const v1::ReportTable& progress = Part(*draft, "PROGRESS");
  const v1::ReportRow& total = *progress.rows().rbegin();
  for (int s = 0; s < v1::FunnelStage_MAX; ++s) {
    EXPECT_EQ(sums[s], all.groups(0).steps(s).reached());
    int64_t column = 0;
    for (int r = 0; r + 1 < progress.rows_size(); ++r) {
      column += std::stoll(progress.rows(r).cells(s + 1));
    }
    EXPECT_EQ(column, sums[s]);
    EXPECT_EQ(total.cells(s + 1), absl::StrCat(sums[s]));
  }
  EXPECT_EQ(*total.cells().rbegin(), "80.5");
  // What needs money: asked for and not obtained.
  EXPECT_THAT(Firsts(*draft, "FINANCING"), ElementsAre("深海传感器"));
  EXPECT_EQ(Part(*draft, "FINANCING").rows(0).cells(3), "6000");
  // Fifty millions make it major.
  EXPECT_THAT(Firsts(*draft, "FOCUS"), ElementsAre("深海传感器"));
}

TEST_F(ReportTest, HighlightsAreOfThePeriodAndProblemsOfNow) {
  Busy();
  const auto special = Draft("monthly-special");
  ASSERT_TRUE(special.ok()) << special.status();
  ASSERT_THAT(Part(*special, "HIGHLIGHTS").rows(), SizeIs(1));
  EXPECT_THAT(Part(*special, "HIGHLIGHTS").rows(0).cells(),
              ElementsAre("2025-04-01", "海水淡化膜", "中国海洋大学", "签订技术合同",
                          "企业一（演示）", "80.5"));
  // Nobody received a push in two workdays.
  Go(absl::CivilDay(2025, 5, 6));
  const auto dispatch_report = Draft("monthly-dispatch");
  ASSERT_TRUE(dispatch_report.ok()) << dispatch_report.status();
  EXPECT_EQ(Part(*dispatch_report, "PROBLEMS").total(), Count("push"));
  EXPECT_THAT(Part(*dispatch_report, "PROBLEMS").rows(0).cells(3), HasSubstr("逾期未签收"));
  // May has no contract.
  EXPECT_THAT(Part(*Draft("monthly-special"), "HIGHLIGHTS").rows(), IsEmpty());
}

TEST_F(ReportTest, WhatIsForFewIsNotListedForDepartmentsThatMayNotReadIt) {
  v1::Result open = World::Draft("公开的膜");
  open.set_financing_yuan(60'000'000);
  open.set_financing_purpose("建中试线");
  const std::string shown = Pushed(open).name();
  v1::Result limited = open;
  limited.set_title("限定范围的膜");
  limited.set_disclosure(v1::DISCLOSURE_LIMITED);
  const std::string hidden = Pushed(limited).name();
  v1::Result withdrawn = open;
  withdrawn.set_title("撤回的膜");
  const std::string gone = Pushed(withdrawn).name();
  for (const std::string& result : {shown, hidden, gone}) Escalate(result);
  ASSERT_TRUE(Withdraw(gone).ok());
  Go(absl::CivilDay(2025, 5, 6));
  const auto dispatch_report = Draft("monthly-dispatch");
  ASSERT_TRUE(dispatch_report.ok()) << dispatch_report.status();
  ASSERT_THAT(dispatch_report->recipients(), Contains(kHighTechDepartment));
  const std::string said = dispatch_report->content().Utf8DebugString();
  EXPECT_THAT(said, ::testing::Not(HasSubstr("限定范围的膜")));
  EXPECT_THAT(said, ::testing::Not(HasSubstr(hidden)));
  EXPECT_THAT(said, ::testing::Not(HasSubstr("撤回的膜")));
  EXPECT_THAT(Firsts(*dispatch_report, "PROBLEMS"), Contains("公开的膜"));
  EXPECT_THAT(Firsts(*dispatch_report, "FOCUS"), ElementsAre("公开的膜"));
  EXPECT_THAT(Part(*dispatch_report, "ESCALATIONS").rows(), SizeIs(2));
  EXPECT_EQ(Part(*dispatch_report, "FOCUS").total(), 1);
  // Figures are the funnel's.
  EXPECT_EQ(dispatch_report->content().results(), Funnel(v1::FUNNEL_GROUPING_UNSPECIFIED).total());
  // Leaders read everything.
  const auto weekly = Draft("weekly");
  ASSERT_TRUE(weekly.ok()) << weekly.status();
  EXPECT_THAT(Firsts(*weekly, "FOCUS"),
              ::testing::UnorderedElementsAre("公开的膜", "限定范围的膜"));
  EXPECT_THAT(Part(*weekly, "ESCALATIONS").rows(), SizeIs(6));
}

TEST_F(ReportTest, WhatIsNotOpenAnyMoreIsNotIssuedToDepartments) {
  v1::Result open = World::Draft("公开的膜");
  open.set_financing_yuan(60'000'000);
  open.set_financing_purpose("建中试线");
  const std::string name = Pushed(open).name();
  Escalate(name);
  const auto draft = Draft("monthly-dispatch");
  const auto leaders = Draft("weekly");
  ASSERT_TRUE(draft.ok() && leaders.ok()) << draft.status() << leaders.status();
  ASSERT_THAT(Firsts(*draft, "FOCUS"), ElementsAre("公开的膜"));
  v1::UpdateResultRequest close;
  *close.mutable_result() = Stored(name);
  close.mutable_result()->set_disclosure(v1::DISCLOSURE_LIMITED);
  close.mutable_update_mask()->add_paths("disclosure");
  close.set_request_id(api::NewUuid());
  const auto closed = results.UpdateResult(
      As(options::v1::ROLE_RESEARCH_OFFICE, kOuc, "ResultService.UpdateResult"), close);
  ASSERT_TRUE(closed.ok()) << closed.status();
  const auto refused = Issue(draft->name());
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(refused.status().message(), HasSubstr("公开的膜"));
  EXPECT_THAT(refused.status().message(), HasSubstr("先刷新"));
  EXPECT_EQ(Count("issued_file"), 0);
  // Leaders read everything.
  EXPECT_TRUE(Issue(leaders->name()).ok());
  ASSERT_TRUE(Refresh(draft->name()).ok());
  const auto issued = Issue(draft->name());
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_THAT(issued->content().Utf8DebugString(), ::testing::Not(HasSubstr("公开的膜")));
}

TEST_F(ReportTest, AMatterAloneThatIsNotOpenAnyMoreKeepsAReportFromIssue) {
  const std::string name = Pushed(World::Draft("小膜")).name();
  Escalate(name);
  const auto draft = Draft("monthly-dispatch");
  ASSERT_TRUE(draft.ok()) << draft.status();
  ASSERT_THAT(Part(*draft, "FOCUS").rows(), IsEmpty());
  ASSERT_THAT(Part(*draft, "ESCALATIONS").rows(), SizeIs(2));
  ASSERT_TRUE(Withdraw(name).ok());
  const auto refused = Issue(draft->name());
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(refused.status().message(), HasSubstr("先刷新"));
}

TEST_F(ReportTest, ARefreshThatReadEarlierDoesNotReplaceALaterOne) {
  const absl::Time earlier = clock.now;
  clock.now += absl::Hours(1);
  const auto draft = Draft("weekly");
  ASSERT_TRUE(draft.ok()) << draft.status();
  clock.now = earlier;
  ASSERT_TRUE(Create(World::Draft("新来的")).ok());
  const auto kept = Refresh(draft->name());
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_TRUE(MessageDifferencer::Equals(kept->content(), draft->content()));
  clock.now += absl::Hours(2);
  EXPECT_EQ(Refresh(draft->name())->content().results(), 1);
}

TEST_F(ReportTest, WhoMayNotRefreshDoesNotHaveTheLibraryRead) {
  const auto draft = Draft("weekly");
  ASSERT_TRUE(draft.ok()) << draft.status();
  const auto issued = Draft("monthly-special");
  ASSERT_TRUE(issued.ok()) << issued.status();
  ASSERT_TRUE(Issue(issued->name()).ok());
  // Whoever reads the library now fails.
  database.Apply("RENAME TABLE escalation TO escalation_away");
  const auto by_leader =
      reports.RefreshReport(As(ROLE_LEADER, kBureauLeaders, "ReportService.RefreshReport"),
                            Named<v1::RefreshReportRequest>(issued->name()));
  EXPECT_TRUE(absl::IsNotFound(by_leader.status()) || absl::IsPermissionDenied(by_leader.status()))
      << by_leader.status();
  EXPECT_EQ(status::ReasonOf(Refresh(issued->name()).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Refresh(draft->name()).status().code(), absl::StatusCode::kInternal);
  database.Apply("RENAME TABLE escalation_away TO escalation");
  EXPECT_TRUE(Refresh(draft->name()).ok());
}

// The weekly goes to a task force instead of to leaders.
class TaskForceReportTest : public ReportTest {
 protected:
  TaskForceReportTest()
      : ReportTest(PackWith({{"recipients { unit: \"leading-group\" display_name: "
                              "\"局主要领导、局分管领导\" }",
                              "recipients { unit: \"leading-group\" display_name: "
                              "\"局主要领导、局分管领导\" } recipients { kind: "
                              "TRIAGE_UNIT_KIND_TASK_FORCE display_name: \"产业专班\" }"}})) {}
};

TEST_F(TaskForceReportTest, WhoeverIsNoLeaderIsShownWhatIsOpen) {
  v1::Result limited = World::Draft("限定范围的膜");
  limited.set_financing_yuan(60'000'000);
  limited.set_financing_purpose("建中试线");
  limited.set_disclosure(v1::DISCLOSURE_LIMITED);
  Pushed(limited);
  const auto draft = Draft("weekly");
  ASSERT_TRUE(draft.ok()) << draft.status();
  ASSERT_THAT(draft->recipients(), Contains(kMarineForce));
  EXPECT_THAT(draft->content().Utf8DebugString(), ::testing::Not(HasSubstr("限定范围的膜")));
}

TEST_F(ReportTest, ADraftIsWrittenAndAnIssuedOneIsFrozen) {
  Busy();
  const auto draft = Draft("weekly");
  ASSERT_TRUE(draft.ok());
  EXPECT_THAT(draft->actions(), ElementsAre("update", "refresh", "issue", "discard"));
  ASSERT_TRUE(Write(draft->name(), "本周工作小结", "对接顺利。\n下周签约。", draft->etag()).ok());
  EXPECT_EQ(status::ReasonOf(Write(draft->name(), "旧", "旧", draft->etag()).status()),
            options::v1::ERROR_REASON_STALE_ETAG);
  // The funnel goes on; the draft follows when it is asked to, the narrative stays.
  ASSERT_TRUE(Create(World::Draft("新来的")).ok());
  EXPECT_EQ(See(draft->name(), ROLE_DEPARTMENT, kOffice)->content().results(), 4);
  const auto refreshed = Refresh(draft->name());
  EXPECT_EQ(refreshed->content().results(), 5);
  EXPECT_EQ(refreshed->narratives(0).text(), "对接顺利。\n下周签约。");
  EXPECT_EQ(status::ReasonOf(See(draft->name(), ROLE_LEADER, kBureauLeaders).status()),
            ERROR_REASON_NOT_FOUND);
  const auto issued = Issue(draft->name());
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(issued->number(), 1);
  EXPECT_THAT(issued->actions(), IsEmpty());
  const std::string document = Document(draft->name());
  const std::string sheet = Sheet(draft->name());
  EXPECT_EQ(api::Sha256Hex(document), issued->document_sha256());
  EXPECT_EQ(api::Sha256Hex(sheet), issued->sheet_sha256());
  // Later, with other data, and read by whom it was sent to: the same bytes.
  ASSERT_TRUE(Create(World::Draft("再来的")).ok());
  Go(absl::CivilDay(2025, 4, 9));
  EXPECT_EQ(Document(draft->name(), ROLE_LEADER, kBureauLeaders), document);
  EXPECT_EQ(Sheet(draft->name()), sheet);
  EXPECT_EQ(See(draft->name(), ROLE_LEADER, kBureauLeaders)->content().results(), 5);
  EXPECT_EQ(status::ReasonOf(See(draft->name(), ROLE_LEADER, kCityLeaders).status()),
            ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(status::ReasonOf(Issue(draft->name()).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Refresh(draft->name()).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Write(draft->name(), "改", "改").status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Discard(draft->name()).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Count("issued_file"), 2);
}

TEST_F(ReportTest, AnIssuedReportOpensInAWordProcessor) {
  const auto draft = Draft("weekly");
  ASSERT_TRUE(draft.ok()) << draft.status();
  ASSERT_TRUE(Issue(draft->name()).ok());
  const auto text = testing::TextInOffice(Document(draft->name()), "docx");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(*text, HasSubstr(draft->title()));
  // Every table with its title, and every row's first cell.
  for (const v1::ReportTable& table : draft->content().tables()) {
    if (table.rows().empty()) continue;
    EXPECT_THAT(*text, HasSubstr(table.title()));
    for (const v1::ReportRow& row : table.rows()) EXPECT_THAT(*text, HasSubstr(row.cells(0)));
  }
}

TEST_F(ReportTest, TheSameRequestIssuesOnce) {
  const auto draft = Draft("weekly");
  const auto request = Named<v1::IssueReportRequest>(draft->name());
  const rpc::Call call = As(ROLE_DEPARTMENT, kOffice, "ReportService.IssueReport");
  const auto once = reports.IssueReport(call, request);
  const auto again = reports.IssueReport(call, request);
  ASSERT_TRUE(once.ok()) << once.status();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(once->document_sha256(), again->document_sha256());
  EXPECT_EQ(Texts("SELECT CAST(last_number AS CHAR) FROM issue_number").at(0), "1");
}

TEST_F(ReportTest, FiguresOfYesterdayAreNotIssued) {
  const auto draft = Draft("weekly");
  Go(absl::CivilDay(2025, 4, 2));
  const auto refused = Issue(draft->name());
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(refused.status().message(), HasSubstr("2025年4月1日"));
  ASSERT_TRUE(Refresh(draft->name()).ok());
  EXPECT_TRUE(Issue(draft->name()).ok());
}

TEST_F(ReportTest, NumbersFollowOneAnotherByKindAndYear) {
  const auto number = [&](const std::string& kind, absl::CivilDay day) -> int {
    Go(day);
    const auto draft = Draft(kind);
    EXPECT_TRUE(draft.ok()) << draft.status();
    const auto issued = Issue(draft->name());
    EXPECT_TRUE(issued.ok()) << issued.status();
    return issued.ok() ? issued->number() : -1;
  };
  EXPECT_EQ(number("weekly", absl::CivilDay(2025, 4, 1)), 1);
  // What is thrown away takes no number.
  Go(absl::CivilDay(2025, 4, 8));
  ASSERT_TRUE(Discard(Draft("weekly")->name()).ok());
  EXPECT_EQ(number("weekly", absl::CivilDay(2025, 4, 8)), 2);
  EXPECT_EQ(number("monthly-special", absl::CivilDay(2025, 4, 9)), 1);
  EXPECT_EQ(number("weekly", absl::CivilDay(2025, 4, 15)), 3);
  EXPECT_EQ(number("weekly", absl::CivilDay(2026, 1, 6)), 1);
}

TEST_F(ReportTest, APeriodHasOneReportUnlessItIsSaidWhyThereIsAnother) {
  const auto draft = Draft("weekly");
  EXPECT_EQ(status::ReasonOf(Draft("weekly").status()), ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(Issue(draft->name()).ok());
  const auto refused = Draft("weekly");
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(refused.status().message(), HasSubstr("〔2025〕第1期"));
  const auto second = Draft("weekly", kOffice, "补充融资事项");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(Issue(second->name())->number(), 2);
}

TEST_F(ReportTest, TheQuarterlyShowsWhatTaskForcesSaid) {
  ASSERT_TRUE(Publish(Create(World::Draft("海水淡化膜"))->name()).ok());
  v1::CreateIndustryListRequest create;
  create.mutable_industry_list()->set_kind("supply");
  create.mutable_industry_list()->set_industry("qingdao-marine");
  create.set_request_id(api::NewUuid());
  const auto list = lists.CreateIndustryList(
      As(ROLE_DEPARTMENT, kOffice, "ListService.CreateIndustryList"), create);
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_TRUE(lists
                  .IssueIndustryList(As(ROLE_DEPARTMENT, kOffice, "ListService.IssueIndustryList"),
                                     Named<v1::IssueIndustryListRequest>(list->name()))
                  .ok());
  Go(absl::CivilDay(2025, 4, 30));
  const auto late = Draft("quarterly");
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_THAT(Part(*late, "LISTS").rows(0).cells(),
              ElementsAre(HasSubstr("第1期"), "现代海洋产业专班", "1", "0", "0", "0", "0", "0",
                          "2025-04-23", "逾期未反馈"));
  auto say = Named<v1::GiveListFeedbackRequest>(absl::StrCat(list->name(), "/lines/1"));
  say.set_kind(v1::LIST_FEEDBACK_KIND_CONTACTED);
  ASSERT_TRUE(lists
                  .GiveListFeedback(
                      As(options::v1::ROLE_UNIT, kMarineForce, "ListService.GiveListFeedback"), say)
                  .ok());
  const auto done = Refresh(late->name());
  EXPECT_THAT(Part(*done, "LISTS").rows(0).cells(),
              ElementsAre(HasSubstr("第1期"), "现代海洋产业专班", "1", "1", "1", "0", "0", "0",
                          "2025-04-23", "已办结"));
}

}  // namespace
}  // namespace chanyan::triage
