// Results (TRI-1) on the real database: from the draft to the library, who sees what, texts,
// duplicates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"
#include "tests/support/violations.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_BROKER;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using options::v1::ROLE_UNIT;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
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
  EXPECT_THAT(testing::FieldsOf(Create(foreign).status()), ElementsAre("result.university"));

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
  EXPECT_THAT(testing::FieldsOf(Create(draft).status()),
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

}  // namespace
}  // namespace chanyan::triage
