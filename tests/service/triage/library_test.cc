// The libraries (TRI-1) on the real database: results and demands from the draft to the library,
// who sees what, texts, duplicates, sheets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_BROKER;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_PUBLIC;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using options::v1::ROLE_UNIT;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ResultTest : public ::testing::Test, protected World {
 protected:
  std::vector<std::string> Titles(Role role, const std::string& organization,
                                  const std::string& filter = "") {
    v1::ListResultsRequest request;
    request.set_filter(filter);
    const auto page =
        results.ListResults(As(role, organization, "ResultService.ListResults"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> titles;
    if (!page.ok()) return titles;
    for (const v1::Result& row : page->results()) titles.push_back(row.title());
    return titles;
  }
  absl::StatusOr<v1::Result> Update(const v1::Result& result, const std::vector<std::string>& paths,
                                    Role role = ROLE_SERVICE_TEAM,
                                    const std::string& organization = kMarineAgency) {
    v1::UpdateResultRequest request;
    *request.mutable_result() = result;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    return results.UpdateResult(As(role, organization, "ResultService.UpdateResult"), request);
  }
  std::vector<std::string> Fields(const absl::Status& status) {
    std::vector<std::string> fields;
    for (const auto& violation : status::ViolationsOf(status)) fields.push_back(violation.field);
    return fields;
  }
};

TEST_F(ResultTest, OfAUniversityItIsItsOwnAndTheTeamThatServesItIsFirstContact) {
  const auto made = Create(Draft("海水淡化膜"));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->state(), v1::RESULT_STATE_DRAFT);
  EXPECT_EQ(made->university(), kOuc);
  EXPECT_EQ(made->university_title(), "中国海洋大学");
  EXPECT_EQ(made->team(), "teams/team-hy");
  EXPECT_EQ(made->department(), kMarineDepartment);
  EXPECT_EQ(made->agency(), kMarineAgency);
  EXPECT_EQ(made->investor(), kMarineInvestor);
  EXPECT_EQ(made->office(), kOffice);
  EXPECT_EQ(made->holder(), kMarineAgency);
  EXPECT_EQ(made->funnel_stage(), v1::FUNNEL_STAGE_COLLECTED);
  EXPECT_THAT(made->actions(), ElementsAre("submit", "withdraw"));

  v1::Result foreign = Draft("他校的成果");
  foreign.set_university(kUpc);
  EXPECT_THAT(Fields(Create(foreign).status()), ElementsAre("result.university"));

  const auto nobodys = Create(Draft("无专班的成果"), ROLE_RESEARCH_OFFICE, kCollege);
  ASSERT_TRUE(nobodys.ok()) << nobodys.status();
  EXPECT_EQ(nobodys->team(), "");
  EXPECT_EQ(nobodys->holder(), kOffice);
}

// 谁对接、谁跟踪.
TEST_F(ResultTest, WhoBringsItInIsFirstContactAlsoOfAUniversityThatAnotherTeamServes) {
  v1::Result draft = Draft("跨专班的成果");
  draft.set_university(kUpc);
  const auto made = Create(draft, ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->team(), "teams/team-gx");
  EXPECT_EQ(made->holder(), kMarineAgency);
  EXPECT_TRUE(See(made->name(), ROLE_SERVICE_TEAM, kMarineAgency).ok());
  EXPECT_TRUE(See(made->name(), ROLE_SERVICE_TEAM, kHighTechAgency).ok());
}

TEST_F(ResultTest, ABadResultIsRefusedWithAllThatIsWrong) {
  v1::Result draft = Draft("坏成果");
  draft.add_industries("星际航行");
  draft.add_fields("巫术");
  draft.set_settle_place("浦东新区");
  draft.add_maturity()->set_scale("trl");
  draft.mutable_maturity(1)->set_level(6);
  draft.add_maturity()->set_scale("qingdao13");
  draft.mutable_maturity(2)->set_level(14);
  draft.add_owners()->set_title("甲");
  draft.mutable_owners(0)->set_share_percent(60);
  v1::Right* right = draft.add_rights();
  right->set_kind(v1::RIGHT_KIND_INVENTION);
  right->set_status(v1::RIGHT_STATUS_GRANTED);
  right->set_title("甲；乙");
  EXPECT_THAT(Fields(Create(draft).status()),
              ElementsAre("result.industries[1]", "result.fields[1]", "result.rights[0].title",
                          "result.owners", "result.maturity[1]", "result.maturity[2].level",
                          "result.rights[0].number", "result.settle_place"));
}

TEST_F(ResultTest, TheLibraryTakesWhatThePackAsksForAndKeepsTheVerdicts) {
  v1::Result draft = Draft("缺项的成果");
  draft.clear_abstract();
  draft.clear_maturity();
  const auto made = Create(draft);
  ASSERT_TRUE(made.ok()) << made.status();
  const absl::Status refused = Publish(made->name()).status();
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("成果简介"));
  // A hard rule is not set aside.
  EXPECT_FALSE(Publish(made->name(), kMarineAgency, "急用").ok());
  v1::Result update;
  update.set_name(made->name());
  update.set_abstract("已完成中试。");
  ASSERT_TRUE(Update(update, {"abstract"}).ok());
  // A soft one needs a reason.
  EXPECT_FALSE(Publish(made->name()).ok());
  const auto published = Publish(made->name(), kMarineAgency, "评价机构下月进场");
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->state(), v1::RESULT_STATE_PUBLISHED);
  EXPECT_EQ(published->revision(), 1);
  EXPECT_EQ(published->publish_verdicts().verdicts_size(), 2);
  EXPECT_EQ(published->publish_verdicts().verdicts(0).outcome(), policy::v1::OUTCOME_OVERRIDDEN);
  EXPECT_EQ(published->publish_verdicts().verdicts(0).override().reason(), "评价机构下月进场");
}

TEST_F(ResultTest, WhatIsPublishedChangesByRevisionsThatStay) {
  const auto made = Create(Draft("海水淡化膜"));
  ASSERT_TRUE(Publish(made->name()).ok());
  v1::Result update;
  update.set_name(made->name());
  update.set_title("海水淡化反渗透膜");
  update.set_price_yuan(500'000);
  const auto changed = Update(update, {"title", "price_yuan"}, ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->revision(), 2);
  // What would not be let in is not let in as a revision either.
  update.clear_abstract();
  EXPECT_EQ(status::ReasonOf(Update(update, {"abstract"}).status()), ERROR_REASON_RULE_VIOLATED);

  v1::ListResultRevisionsRequest list;
  list.set_parent(made->name());
  const auto revisions = results.ListResultRevisions(
      As(ROLE_RESEARCH_OFFICE, kOuc, "ResultService.ListResultRevisions"), list);
  ASSERT_TRUE(revisions.ok()) << revisions.status();
  ASSERT_THAT(revisions->result_revisions(), SizeIs(2));
  EXPECT_EQ(revisions->result_revisions(0).content().title(), "海水淡化膜");
  EXPECT_EQ(revisions->result_revisions(1).content().title(), "海水淡化反渗透膜");
  EXPECT_THAT(revisions->result_revisions(1).changed_fields(),
              ElementsAre("成果名称", "意向价格（元）"));
  EXPECT_EQ(revisions->result_revisions(1).organization(), kOuc);
}

TEST_F(ResultTest, WhatIsUnderReviewIsTheReviewersToChange) {
  const auto made = Create(Draft("海水淡化膜"));
  ASSERT_TRUE(results
                  .SubmitResult(As(ROLE_RESEARCH_OFFICE, kOuc, "ResultService.SubmitResult"),
                                Named<v1::SubmitResultRequest>(made->name()))
                  .ok());
  v1::Result update;
  update.set_name(made->name());
  update.set_benefits("年节水百万吨");
  EXPECT_EQ(status::ReasonOf(Update(update, {"benefits"}, ROLE_RESEARCH_OFFICE, kOuc).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(Update(update, {"benefits"}).ok());
  auto back = Named<v1::ReturnResultRequest>(made->name());
  back.set_reason("请补充检测报告");
  const auto returned = results.ReturnResult(
      As(ROLE_SERVICE_TEAM, kMarineAgency, "ResultService.ReturnResult"), back);
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(returned->state(), v1::RESULT_STATE_RETURNED);
  EXPECT_EQ(returned->return_reason(), "请补充检测报告");
  EXPECT_TRUE(Update(update, {"benefits"}, ROLE_RESEARCH_OFFICE, kOuc).ok());
}

TEST_F(ResultTest, EveryoneSeesHisOwnAndNobodyElses) {
  const std::string marine = Create(Draft("海水淡化膜"))->name();
  v1::Result other = Draft("采油机器人");
  const std::string oil = Create(other, ROLE_RESEARCH_OFFICE, kUpc)->name();
  EXPECT_THAT(Titles(ROLE_RESEARCH_OFFICE, kOuc), ElementsAre("海水淡化膜"));
  EXPECT_THAT(Titles(ROLE_DEPARTMENT, kMarineDepartment), ElementsAre("海水淡化膜"));
  EXPECT_THAT(Titles(ROLE_SERVICE_TEAM, kMarineAgency), ElementsAre("海水淡化膜"));
  EXPECT_THAT(Titles(ROLE_SERVICE_TEAM, kMarineInvestor), ElementsAre("海水淡化膜"));
  EXPECT_THAT(Titles(ROLE_SERVICE_TEAM, kHighTechAgency), ElementsAre("采油机器人"));
  EXPECT_THAT(Titles(ROLE_DEPARTMENT, kOffice), SizeIs(2));
  EXPECT_THAT(Titles(ROLE_LEADER, "organizations/qd-city-leaders"), SizeIs(2));
  EXPECT_THAT(Titles(ROLE_DEPARTMENT, kFinanceDepartment), IsEmpty());
  EXPECT_THAT(Titles(ROLE_UNIT, kLaoshan), IsEmpty());
  // Another team's result is as if it were not there, for reading and for every change.
  EXPECT_TRUE(absl::IsNotFound(See(oil, ROLE_SERVICE_TEAM, kMarineAgency).status()));
  EXPECT_TRUE(absl::IsNotFound(Publish(oil, kMarineAgency).status()));
  EXPECT_TRUE(absl::IsNotFound(Withdraw(oil, kMarineAgency).status()));
  EXPECT_TRUE(absl::IsNotFound(Dispose(oil, {}, "", kMarineAgency).status()));
  // The investor reads and does not change.
  EXPECT_TRUE(absl::IsNotFound(Publish(marine, kMarineInvestor).status()));
}

TEST_F(ResultTest, AnUntrainedBrokerDoesNotTakeAResult) {
  v1::Result draft = Draft("经纪人带来的成果");
  draft.set_university(kOuc);
  EXPECT_EQ(status::ReasonOf(Create(draft, ROLE_BROKER, kMarineAgency).status()),
            ERROR_REASON_RULE_VIOLATED);
  const auto broker = AddBroker(kMarineAgency, "王经纪（演示）", /*trained=*/false);
  ASSERT_TRUE(broker.ok()) << broker.status();
  const absl::Status untrained = Create(draft, ROLE_BROKER, kMarineAgency).status();
  EXPECT_EQ(status::ReasonOf(untrained), ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(untrained.message()),
              AllOf(HasSubstr("产研对接岗前培训"), HasSubstr("技术经纪业务培训"),
                    HasSubstr("青科办字〔2025〕2号")));
  const absl::CivilDay today = time::DayOf(clock.now);
  ASSERT_TRUE(Train(broker->name(), "pre-job", today, kMarket).ok());
  EXPECT_FALSE(Create(draft, ROLE_BROKER, kMarineAgency).ok());
  ASSERT_TRUE(Train(broker->name(), "brokerage", today, kTrainingCentre).ok());
  const auto made = Create(draft, ROLE_BROKER, kMarineAgency);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->broker(), broker->name());
}

TEST_F(ResultTest, WhatIsNoContentIsQuarantinedWithANote) {
  v1::Result draft = Draft("海水\u202E淡化膜\u200B");
  draft.set_abstract(
      "已完成中试。\n\n如果您对该文件有疑问，可以通过 网上咨询 方式咨询\n咨询电话: 85911343");
  const auto made = Create(draft);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->title(), "海水淡化膜");
  EXPECT_EQ(made->abstract(), "已完成中试。");
  ASSERT_THAT(made->text_notes(), SizeIs(3));
  EXPECT_EQ(made->text_notes(0).place(), "成果名称");
  EXPECT_EQ(made->text_notes(2).what(), "网页转贴的页脚或广告");
  EXPECT_EQ(Count("result WHERE abstract LIKE '%咨询%' OR title <> '海水淡化膜'"), 0);
  const auto list = [&](Role role, const char* organization) {
    return results
        .ListQuarantinedTexts(As(role, organization, "ResultService.ListQuarantinedTexts"), {})
        ->quarantined_texts_size();
  };
  EXPECT_EQ(list(ROLE_RESEARCH_OFFICE, kOuc), 3);
  EXPECT_EQ(list(ROLE_DEPARTMENT, kOffice), 3);
  EXPECT_EQ(list(ROLE_RESEARCH_OFFICE, kUpc), 0);
  EXPECT_EQ(list(ROLE_SERVICE_TEAM, kHighTechAgency), 0);
  EXPECT_THAT(Texts("SELECT shown FROM quarantined_text ORDER BY shown"), Contains("<U+202E>"));
}

TEST_F(ResultTest, ADuplicateIsOfferedToThoseWhoMaySeeItAndMergedOnce) {
  v1::Result draft = Draft("海水淡化裝置（一期）");
  draft.set_registration_number("37020250001");
  const std::string one = Create(draft)->name();
  // The same again at the same university is refused and told where it is.
  const absl::Status twin = Create(Draft("海水淡化装置 一期")).status();
  EXPECT_TRUE(absl::IsAlreadyExists(twin)) << twin;
  v1::Result second = Draft("一种海水处理装置");
  second.set_registration_number("37020250001");
  const std::string two = Create(second)->name();
  const std::string foreign =
      Create(Draft("海水淡化装置（一期）"), ROLE_RESEARCH_OFFICE, kUpc)->name();

  const auto likenesses = [&](Role role, const std::string& organization) {
    v1::ListResultDuplicatesRequest request;
    request.set_name(one);
    const auto found = results.ListResultDuplicates(
        As(role, organization, "ResultService.ListResultDuplicates"), request);
    EXPECT_TRUE(found.ok()) << found.status();
    std::vector<std::string> names;
    for (const v1::Likeness& likeness : found->likenesses()) {
      names.push_back(absl::StrCat(likeness.name(), likeness.reasons(0)));
    }
    std::sort(names.begin(), names.end());
    return names;
  };
  std::vector<std::string> all = {absl::StrCat(two, v1::LIKENESS_REASON_REGISTRATION),
                                  absl::StrCat(foreign, v1::LIKENESS_REASON_TITLE)};
  std::sort(all.begin(), all.end());
  EXPECT_EQ(likenesses(ROLE_DEPARTMENT, kOffice), all);
  EXPECT_THAT(likenesses(ROLE_SERVICE_TEAM, kMarineAgency),
              ElementsAre(absl::StrCat(two, v1::LIKENESS_REASON_REGISTRATION)));

  auto merge = Named<v1::MergeResultRequest>(two);
  merge.set_into(one);
  const auto merged =
      results.MergeResult(As(ROLE_SERVICE_TEAM, kMarineAgency, "ResultService.MergeResult"), merge);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(merged->state(), v1::RESULT_STATE_MERGED);
  EXPECT_EQ(merged->merged_into(), one);
  EXPECT_THAT(likenesses(ROLE_SERVICE_TEAM, kMarineAgency), IsEmpty());
  merge = Named<v1::MergeResultRequest>(one);
  merge.set_into(two);
  EXPECT_EQ(
      status::ReasonOf(
          results
              .MergeResult(As(ROLE_SERVICE_TEAM, kMarineAgency, "ResultService.MergeResult"), merge)
              .status()),
      ERROR_REASON_WRONG_STATE);
  // Its title is free again.
  EXPECT_TRUE(Create(Draft("一种海水处理装置")).ok());
}

TEST_F(ResultTest, AStaleEtagIsTold) {
  const auto made = Create(Draft("海水淡化膜"));
  v1::Result update;
  update.set_name(made->name());
  update.set_etag(made->etag());
  update.set_benefits("一");
  ASSERT_TRUE(Update(update, {"benefits"}).ok());
  update.set_benefits("二");
  const absl::Status stale = Update(update, {"benefits"}).status();
  EXPECT_TRUE(absl::IsAborted(stale)) << stale;
}

TEST_F(ResultTest, AnotherTeamIsGivenItByTheOfficeAloneAndTheHolderStays) {
  const std::string name = Create(Draft("海水淡化膜"))->name();
  auto request = Named<v1::AssignTeamRequest>(name);
  request.set_team("teams/team-gx");
  EXPECT_TRUE(absl::IsPermissionDenied(
      results
          .AssignTeam(As(ROLE_DEPARTMENT, kMarineDepartment, "ResultService.AssignTeam"), request)
          .status()));
  const auto assigned =
      results.AssignTeam(As(ROLE_DEPARTMENT, kOffice, "ResultService.AssignTeam"), request);
  ASSERT_TRUE(assigned.ok()) << assigned.status();
  EXPECT_EQ(assigned->department(), kHighTechDepartment);
  EXPECT_EQ(assigned->holder(), kMarineAgency);
  EXPECT_TRUE(absl::IsNotFound(See(name, ROLE_DEPARTMENT, kMarineDepartment).status()));
  EXPECT_TRUE(See(name, ROLE_DEPARTMENT, kHighTechDepartment).ok());
  // Its records followed.
  EXPECT_THAT(Texts("SELECT DISTINCT department FROM tenure"), ElementsAre(kHighTechDepartment));
}

class ResultSheetTest : public ResultTest {
 protected:
  absl::StatusOr<v1::ImportResultsResponse> Import(const google::api::HttpBody& file,
                                                   bool dry_run = false,
                                                   Role role = ROLE_SERVICE_TEAM,
                                                   const std::string& by = kMarineAgency) {
    v1::ImportResultsRequest request;
    *request.mutable_file() = file;
    request.set_file_name("成果.xlsx");
    request.set_validate_only(dry_run);
    request.set_request_id(api::NewUuid());
    return results.ImportResults(As(role, by, "ResultService.ImportResults"), request);
  }
  static v1::Result Row(const std::string& title, const std::string& university = "中国海洋大学") {
    v1::Result row = Draft(title);
    row.clear_maturity();
    row.set_university_title(university);
    row.set_owners_text("中国海洋大学｜｜60；某公司｜｜40");
    row.set_rights_text("发明专利｜ZL1｜一种膜｜已授权");
    row.set_maturity_text("技术就绪度（TRL）｜6｜中试报告");
    return row;
  }
};

// A name is not kept for a title, nor a file called wrong, because somebody was away.
TEST_F(ResultSheetTest, WhileTheRegistryIsAwayNothingIsRefusedForGoodOrKeptWithoutItsTitle) {
  const auto file = testing::Upload<v1::Result>({Row("膜一")});
  registry_away = true;
  EXPECT_TRUE(absl::IsUnavailable(Import(file, false, ROLE_RESEARCH_OFFICE, kOuc).status()));
  EXPECT_TRUE(absl::IsUnavailable(Import(file).status()));
  EXPECT_TRUE(absl::IsUnavailable(Create(Draft("膜二"), ROLE_RESEARCH_OFFICE, kOuc).status()));
  EXPECT_EQ(Count("result"), 0);
  registry_away = false;
  const auto imported = Import(file, false, ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->created(), 1);
}

TEST_F(ResultSheetTest, TheSameSheetTwiceChangesNothing) {
  const auto file =
      testing::Upload<v1::Result>({Row("膜一"), Row("膜二"), Row("采油", "中国石油大学（华东）")});
  const auto dry = Import(file, true);
  ASSERT_TRUE(dry.ok()) << dry.status();
  EXPECT_EQ(dry->created(), 3);
  EXPECT_EQ(Count("result"), 0);
  const auto first = Import(file);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->created(), 3);
  EXPECT_EQ(Count("result WHERE holder = 'organizations/qd-agency-3'"), 3);
  const auto again = Import(file);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->unchanged(), 3);
  EXPECT_EQ(again->created() + again->updated(), 0);
  EXPECT_EQ(Count("result"), 3);
  EXPECT_EQ(Count("journal WHERE kind = 'imported'"), 0);
  const v1::Result row = Stored(Texts("SELECT name FROM result WHERE title = '膜一'").at(0));
  ASSERT_EQ(row.owners_size(), 2);
  EXPECT_EQ(row.owners(0).share_percent(), 60);
  EXPECT_EQ(row.rights(0).status(), v1::RIGHT_STATUS_GRANTED);
  EXPECT_EQ(row.maturity(0).scale(), "trl");
}

TEST_F(ResultSheetTest, EveryBadRowIsNamedAtItsCellAndNothingIsWritten) {
  v1::Result one = Row("甲");
  one.set_maturity_text("技术就绪度（TRL）｜十");
  v1::Result two = Row("乙", "没有的大学");
  v1::Result three = Row("丙");
  three.set_rights_text("火星专利｜1");
  three.mutable_industries()->Add("星际航行");
  const auto unknown = Import(testing::Upload<v1::Result>({one, two}));
  EXPECT_THAT(Fields(unknown.status()), ElementsAre("成果.xlsx / 表 / B3"));
  const auto refused = Import(testing::Upload<v1::Result>({one, three, Row("甲")}));
  EXPECT_EQ(status::ReasonOf(refused.status()), options::v1::ERROR_REASON_INVALID_FILE);
  std::string all;
  for (const auto& violation : status::ViolationsOf(refused.status())) {
    absl::StrAppend(&all, violation.field, "：", violation.description, "\n");
  }
  EXPECT_THAT(all, AllOf(HasSubstr("等级“十”无法识别"), HasSubstr("火星专利"),
                         HasSubstr("星际航行"), HasSubstr("与第 2 行是同一成果")));
  EXPECT_EQ(Count("result"), 0);
}

TEST_F(ResultSheetTest, HostileTextComesInCleanAndIsToldOf) {
  v1::Result row = Row("膜一");
  row.set_abstract("已完成中试。\n\n【关闭窗口】 【打印本文】");
  row.set_benefits("节水\u202E百万吨");
  const auto done = Import(testing::Upload<v1::Result>({row}));
  ASSERT_TRUE(done.ok()) << done.status();
  ASSERT_THAT(done->notes(), SizeIs(2));
  EXPECT_THAT(done->notes(0), HasSubstr("第 2 行“成果简介”中的网页转贴的页脚或广告"));
  EXPECT_EQ(Count("quarantined_text"), 2);
  EXPECT_THAT(Texts("SELECT benefits FROM result"), ElementsAre("节水百万吨"));
}

TEST_F(ResultSheetTest, WhatIsExportedIsImportedUnchanged) {
  ASSERT_TRUE(Import(testing::Upload<v1::Result>({Row("膜一"), Row("膜二")})).ok());
  v1::ExportResultsRequest request;
  const auto file = results.ExportResults(
      As(ROLE_SERVICE_TEAM, kMarineAgency, "ResultService.ExportResults"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto back = Import(*file);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->unchanged(), 2);
}

TEST_F(ResultSheetTest, AUniversityImportsItsOwnAlone) {
  EXPECT_TRUE(
      Import(testing::Upload<v1::Result>({Row("膜一")}), false, ROLE_RESEARCH_OFFICE, kOuc).ok());
  const auto foreign = Import(testing::Upload<v1::Result>({Row("膜二", "中国石油大学（华东）")}),
                              false, ROLE_RESEARCH_OFFICE, kOuc);
  EXPECT_THAT(std::string(foreign.status().message()), Not(IsEmpty()));
  EXPECT_THAT(Fields(foreign.status()), ElementsAre("成果.xlsx / 表 / B2"));
}

class DemandTest : public ::testing::Test, protected World {
 protected:
  absl::StatusOr<v1::Demand> Make(const v1::Demand& demand, Role role = ROLE_ENTERPRISE,
                                  const std::string& organization = kE1) {
    v1::CreateDemandRequest request;
    *request.mutable_demand() = demand;
    request.set_request_id(api::NewUuid());
    return demands.CreateDemand(As(role, organization, "DemandService.CreateDemand"), request);
  }
  absl::StatusOr<v1::Demand> PublishDemand(const std::string& name,
                                           const std::string& organization = kE1) {
    return demands.PublishDemand(As(ROLE_ENTERPRISE, organization, "DemandService.PublishDemand"),
                                 Named<v1::PublishDemandRequest>(name));
  }
  std::vector<std::string> Titles(Role role, const std::string& organization,
                                  const std::string& filter = "") {
    v1::ListDemandsRequest request;
    request.set_filter(filter);
    const auto page =
        demands.ListDemands(As(role, organization, "DemandService.ListDemands"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> titles;
    if (!page.ok()) return titles;
    for (const v1::Demand& row : page->demands()) titles.push_back(row.title());
    return titles;
  }
};

TEST_F(DemandTest, FromTheDraftToTheLibraryAndWhoSeesIt) {
  const auto made = Make(DemandDraft("防腐涂层"));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), IsEmpty());
  EXPECT_THAT(Titles(ROLE_ENTERPRISE, kE2), IsEmpty());
  v1::Demand limited = DemandDraft("不公开的需求");
  limited.set_disclosure(v1::DISCLOSURE_LIMITED);
  const auto hidden = Make(limited);
  ASSERT_TRUE(PublishDemand(made->name()).ok());
  ASSERT_TRUE(PublishDemand(hidden->name()).ok());
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), ElementsAre("防腐涂层"));
  EXPECT_THAT(Titles(ROLE_RESEARCH_OFFICE, kOuc), SizeIs(2));
  EXPECT_THAT(Titles(ROLE_ENTERPRISE, kE2), ElementsAre("防腐涂层"));
  EXPECT_THAT(Titles(ROLE_ENTERPRISE, kE1), SizeIs(2));
}

TEST_F(DemandTest, ItIsNotFoundFromTheDayAfterItsLastWhetherOrNotTheJobHasCome) {
  const std::string name = Make(DemandDraft("防腐涂层"))->name();
  ASSERT_TRUE(PublishDemand(name).ok());
  const absl::CivilDay last = time::DayOf(clock.now) + 30;
  Go(last);
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), SizeIs(1));
  Go(last + 1);
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), IsEmpty());
  EXPECT_THAT(Titles(ROLE_ENTERPRISE, kE1), SizeIs(1));
  const auto lease = JobLease();
  EXPECT_EQ(*demands.Expire(*lease), 1);
  EXPECT_EQ(*demands.Expire(*lease), 0);
  EXPECT_THAT(Texts("SELECT state FROM demand"), ElementsAre("EXPIRED"));
  EXPECT_EQ(status::ReasonOf(PublishDemand(name).status()), ERROR_REASON_WRONG_STATE);
  v1::UpdateDemandRequest update;
  update.mutable_demand()->set_name(name);
  *update.mutable_demand()->mutable_valid_until() = time::ToProto(last + 60);
  update.mutable_update_mask()->add_paths("valid_until");
  update.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      demands.UpdateDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.UpdateDemand"), update).ok());
  EXPECT_TRUE(PublishDemand(name).ok());
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), SizeIs(1));
}

TEST_F(DemandTest, AChallengeHasItsTermAndOthersHaveNone) {
  v1::Demand challenge = DemandDraft("揭榜：深海密封");
  challenge.set_kind(v1::DEMAND_KIND_CHALLENGE);
  EXPECT_FALSE(Make(challenge).ok());
  challenge.mutable_challenge()->set_term_months(36);
  challenge.mutable_challenge()->set_bounty_yuan(2'000'000);
  EXPECT_TRUE(Make(challenge).ok());
  v1::Demand plain = DemandDraft("普通需求");
  plain.mutable_challenge()->set_term_months(12);
  EXPECT_FALSE(Make(plain).ok());
}

TEST_F(DemandTest, OneThatATeamCollectedIsTheCompanysAndTheTeams) {
  v1::Demand draft = DemandDraft("防腐涂层");
  draft.set_enterprise(kE1);
  const auto made = Make(draft, ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->collector(), kMarineAgency);
  EXPECT_THAT(Titles(ROLE_ENTERPRISE, kE1), SizeIs(1));
  EXPECT_THAT(Titles(ROLE_SERVICE_TEAM, kMarineAgency), SizeIs(1));
  EXPECT_THAT(Titles(ROLE_SERVICE_TEAM, kHighTechAgency), IsEmpty());
  EXPECT_TRUE(absl::IsAlreadyExists(Make(DemandDraft("防腐塗層")).status()));
}

TEST_F(DemandTest, SheetsComeInOnceAndGoOutAsTheyCame) {
  v1::Demand row = DemandDraft("防腐涂层");
  row.set_enterprise_title("企业一（演示）");
  const auto import = [&](const google::api::HttpBody& file) {
    v1::ImportDemandsRequest request;
    *request.mutable_file() = file;
    request.set_request_id(api::NewUuid());
    return demands.ImportDemands(
        As(ROLE_SERVICE_TEAM, kMarineAgency, "DemandService.ImportDemands"), request);
  };
  const auto file = testing::Upload<v1::Demand>({row});
  const auto first = import(file);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->created(), 1);
  EXPECT_EQ(import(file)->unchanged(), 1);
  const auto out = demands.ExportDemands(
      As(ROLE_SERVICE_TEAM, kMarineAgency, "DemandService.ExportDemands"), {});
  ASSERT_TRUE(out.ok()) << out.status();
  EXPECT_EQ(import(*out)->unchanged(), 1);
}

class ConfidentialTest : public ::testing::Test, protected World {
 protected:
  absl::StatusOr<v1::ConfidentialPart> Set(const std::string& subject, Role role,
                                           const std::string& organization,
                                           int64_t floor_price = 300'000) {
    v1::SetConfidentialPartRequest request;
    request.mutable_confidential_part()->set_subject(subject);
    request.mutable_confidential_part()->set_technical_details("膜配方：哌嗪与均苯三甲酰氯");
    request.mutable_confidential_part()->set_floor_price_yuan(floor_price);
    request.set_request_id(api::NewUuid());
    return confidential.SetConfidentialPart(
        As(role, organization, "ConfidentialService.SetConfidentialPart"), request);
  }
  // How many parts a caller finds with a filter on what they hold.
  int Found(Role role, const std::string& organization, const std::string& filter) {
    v1::ListConfidentialPartsRequest request;
    request.set_filter(filter);
    const auto page = confidential.ListConfidentialParts(
        As(role, organization, "ConfidentialService.ListConfidentialParts"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->confidential_parts_size() : -1;
  }
};

TEST_F(ConfidentialTest, WhoIsNotEntitledNeitherSeesNorCountsIt) {
  const v1::Result result = Pushed(Draft("海水淡化膜"));
  const auto part = Set(result.name(), ROLE_RESEARCH_OFFICE, kOuc);
  ASSERT_TRUE(part.ok()) << part.status();
  const std::string by_price = "floor_price_yuan <= 300000";
  EXPECT_EQ(Found(ROLE_RESEARCH_OFFICE, kOuc, by_price), 1);
  EXPECT_EQ(Found(ROLE_SERVICE_TEAM, kMarineAgency, by_price), 1);
  EXPECT_EQ(Found(ROLE_DEPARTMENT, kOffice, by_price), 1);
  // Those to whom the result was pushed, leaders, other universities and enterprises.
  const v1::Push push = PushTo(result.name(), kHighTechAgency, policy::v1::TRIAGE_CLASS_TRANSFER);
  EXPECT_TRUE(See(result.name(), ROLE_SERVICE_TEAM, push.recipient()).ok());
  for (const auto& [role, organization] :
       std::vector<std::pair<Role, std::string>>{{ROLE_SERVICE_TEAM, kHighTechAgency},
                                                 {ROLE_SERVICE_TEAM, kMarineInvestor},
                                                 {ROLE_LEADER, "organizations/qd-city-leaders"},
                                                 {ROLE_RESEARCH_OFFICE, kUpc},
                                                 {ROLE_ENTERPRISE, kE1},
                                                 {ROLE_UNIT, kHuangdao}}) {
    for (const std::string& filter : {std::string(), by_price}) {
      EXPECT_EQ(Found(role, organization, filter), 0) << organization << " " << filter;
    }
    v1::GetConfidentialPartRequest get;
    get.set_name(part->name());
    const absl::Status absent =
        confidential
            .GetConfidentialPart(As(role, organization, "ConfidentialService.GetConfidentialPart"),
                                 get)
            .status();
    get.set_name("confidentialParts/results-nothing");
    const absl::Status nothing =
        confidential
            .GetConfidentialPart(As(role, organization, "ConfidentialService.GetConfidentialPart"),
                                 get)
            .status();
    EXPECT_TRUE(absl::IsNotFound(absent)) << organization;
    EXPECT_EQ(absent.code(), nothing.code());
  }
  // No filter on a result can reach into it: there is no such field.
  v1::ListResultsRequest list;
  list.set_filter("floor_price_yuan <= 300000");
  EXPECT_TRUE(absl::IsInvalidArgument(
      results.ListResults(As(ROLE_SERVICE_TEAM, kHighTechAgency, "ResultService.ListResults"), list)
          .status()));
}

TEST_F(ConfidentialTest, WhoIsEntitledReadsAndDoesNotChangeUntilItIsTakenBack) {
  const std::string result = Create(Draft("海水淡化膜"))->name();
  const std::string part = Set(result, ROLE_RESEARCH_OFFICE, kOuc)->name();
  auto entitle = Named<v1::EntitleOrganizationRequest>(part);
  entitle.set_organization(kE1);
  entitle.set_reason("签署保密协议");
  EXPECT_TRUE(absl::IsNotFound(
      confidential
          .EntitleOrganization(As(ROLE_ENTERPRISE, kE1, "ConfidentialService.EntitleOrganization"),
                               entitle)
          .status()));
  ASSERT_TRUE(
      confidential
          .EntitleOrganization(
              As(ROLE_RESEARCH_OFFICE, kOuc, "ConfidentialService.EntitleOrganization"), entitle)
          .ok());
  EXPECT_EQ(Found(ROLE_ENTERPRISE, kE1, ""), 1);
  EXPECT_EQ(Found(ROLE_ENTERPRISE, kE2, ""), 0);
  EXPECT_TRUE(absl::IsNotFound(Set(result, ROLE_ENTERPRISE, kE1).status()));
  auto revoke = Named<v1::RevokeEntitlementRequest>(part);
  revoke.set_organization(kE1);
  ASSERT_TRUE(
      confidential
          .RevokeEntitlement(
              As(ROLE_RESEARCH_OFFICE, kOuc, "ConfidentialService.RevokeEntitlement"), revoke)
          .ok());
  EXPECT_EQ(Found(ROLE_ENTERPRISE, kE1, ""), 0);
}

TEST_F(ConfidentialTest, ItIsWrittenByThoseWhoMayChangeTheSubjectAndIsOneOfEach) {
  const std::string result = Create(Draft("海水淡化膜"))->name();
  EXPECT_TRUE(absl::IsNotFound(Set(result, ROLE_RESEARCH_OFFICE, kUpc).status()));
  EXPECT_TRUE(absl::IsNotFound(Set(result, ROLE_SERVICE_TEAM, kHighTechAgency).status()));
  ASSERT_TRUE(Set(result, ROLE_RESEARCH_OFFICE, kOuc, 1).ok());
  const auto second = Set(result, ROLE_SERVICE_TEAM, kMarineAgency, 2);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->floor_price_yuan(), 2);
  EXPECT_EQ(Count("confidential_part"), 1);
}

}  // namespace
}  // namespace chanyan::triage
