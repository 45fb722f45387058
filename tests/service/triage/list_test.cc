// Lists (TRI-7): drafts, numbered versions that do not change, what task forces say, on the real
// database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/triage/export_rows.h"
#include "services/triage/list_lines.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_INVALID_FIELD;
using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ListTest : public ::testing::Test, protected World {
 protected:
  absl::StatusOr<v1::IndustryList> Create(const std::string& kind, const std::string& industry,
                                          const std::string& by = kOffice) {
    v1::CreateIndustryListRequest request;
    request.mutable_industry_list()->set_kind(kind);
    request.mutable_industry_list()->set_industry(industry);
    request.set_request_id(api::NewUuid());
    return lists.CreateIndustryList(As(ROLE_DEPARTMENT, by, "ListService.CreateIndustryList"),
                                    request);
  }
  absl::StatusOr<v1::IndustryList> Refresh(const std::string& name) {
    return lists.RefreshIndustryList(
        As(ROLE_DEPARTMENT, kOffice, "ListService.RefreshIndustryList"),
        Named<v1::RefreshIndustryListRequest>(name));
  }
  absl::StatusOr<v1::IndustryList> Issue(const std::string& name, const std::string& by = kOffice) {
    return lists.IssueIndustryList(As(ROLE_DEPARTMENT, by, "ListService.IssueIndustryList"),
                                   Named<v1::IssueIndustryListRequest>(name));
  }
  absl::StatusOr<v1::IndustryList> Correct(const std::string& name) {
    auto request = Named<v1::CorrectIndustryListRequest>(name);
    request.set_reason("漏列一项");
    return lists.CorrectIndustryList(
        As(ROLE_DEPARTMENT, kOffice, "ListService.CorrectIndustryList"), request);
  }
  absl::StatusOr<v1::IndustryList> Discard(const std::string& name) {
    auto request = Named<v1::DiscardIndustryListRequest>(name);
    request.set_reason("暂不印发");
    return lists.DiscardIndustryList(
        As(ROLE_DEPARTMENT, kOffice, "ListService.DiscardIndustryList"), request);
  }
  absl::StatusOr<v1::IndustryList> See(const std::string& name, Role role,
                                       const std::string& organization) {
    v1::GetIndustryListRequest request;
    request.set_name(name);
    return lists.GetIndustryList(As(role, organization, "ListService.GetIndustryList"), request);
  }
  std::vector<v1::ListLine> Lines(const std::string& list, Role role = ROLE_DEPARTMENT,
                                  const std::string& organization = kOffice) {
    v1::ListListLinesRequest request;
    request.set_parent(list);
    const auto page =
        lists.ListListLines(As(role, organization, "ListService.ListListLines"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->list_lines().begin(), page->list_lines().end()};
  }
  std::vector<std::string> TitlesOn(const std::string& list, Role role = ROLE_DEPARTMENT,
                                    const std::string& organization = kOffice) {
    std::vector<std::string> titles;
    for (const v1::ListLine& line : Lines(list, role, organization)) titles.push_back(line.title());
    return titles;
  }
  absl::StatusOr<v1::ListFeedback> Say(const std::string& line, v1::ListFeedbackKind kind,
                                       const std::string& text = "",
                                       const std::string& force = kMarineForce) {
    auto request = Named<v1::GiveListFeedbackRequest>(line);
    request.set_kind(kind);
    request.set_text(text);
    return lists.GiveListFeedback(As(ROLE_UNIT, force, "ListService.GiveListFeedback"), request);
  }
  std::vector<v1::ListDelivery> Deliveries(const std::string& list, Role role = ROLE_DEPARTMENT,
                                           const std::string& organization = kOffice) {
    v1::ListListDeliveriesRequest request;
    request.set_parent(list);
    const auto page =
        lists.ListListDeliveries(As(role, organization, "ListService.ListListDeliveries"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->list_deliveries().begin(), page->list_deliveries().end()};
  }
  std::string Exported(const std::string& list, Role role = ROLE_DEPARTMENT,
                       const std::string& organization = kOffice) {
    v1::ExportIndustryListRequest request;
    request.set_name(list);
    const auto file =
        lists.ExportIndustryList(As(role, organization, "ListService.ExportIndustryList"), request);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? file->data() : "";
  }
  // In the library.
  std::string InLibrary(const v1::Result& draft) {
    const auto made = World::Create(draft);
    EXPECT_TRUE(made.ok()) << made.status();
    EXPECT_TRUE(Publish(made->name()).ok());
    return made->name();
  }
  std::string DemandInLibrary(v1::Demand demand) {
    v1::CreateDemandRequest request;
    *request.mutable_demand() = std::move(demand);
    request.set_request_id(api::NewUuid());
    const auto made = demands.CreateDemand(
        As(options::v1::ROLE_ENTERPRISE, kE1, "DemandService.CreateDemand"), request);
    EXPECT_TRUE(made.ok()) << made.status();
    const auto published =
        demands.PublishDemand(As(options::v1::ROLE_ENTERPRISE, kE1, "DemandService.PublishDemand"),
                              Named<v1::PublishDemandRequest>(made->name()));
    EXPECT_TRUE(published.ok()) << published.status();
    return made->name();
  }
};

TEST_F(ListTest, UnknownKindsIndustriesAndOthersThanTheOfficeAreRefused) {
  EXPECT_EQ(status::ReasonOf(Create("x", "qingdao-marine").status()), ERROR_REASON_INVALID_FIELD);
  for (const char* industry : {"", "x", "qingdao-marine/x", "gbt4754"}) {
    EXPECT_EQ(status::ReasonOf(Create("supply", industry).status()), ERROR_REASON_INVALID_FIELD)
        << industry;
  }
  EXPECT_EQ(status::ReasonOf(Create("supply", "qingdao-marine", kMarineDepartment).status()),
            ERROR_REASON_ROLE_NOT_PERMITTED);
  EXPECT_EQ(Count("industry_list"), 0);
}

TEST_F(ListTest, AnEmptyListIsNotIssued) {
  const auto draft = Create("supply", "qingdao-marine");
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(draft->line_count(), 0);
  EXPECT_EQ(status::ReasonOf(Issue(draft->name()).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Count("issue_number"), 0);
}

TEST_F(ListTest, OnlyWhatIsOpenAndInTheLibraryOfThatIndustryIsListed) {
  InLibrary(Draft("甲"));
  ASSERT_TRUE(World::Create(Draft("草稿")).ok());
  v1::Result limited = Draft("限定");
  limited.set_disclosure(v1::DISCLOSURE_LIMITED);
  InLibrary(limited);
  v1::Result other = Draft("别的产业");
  other.clear_industries();
  other.add_industries("人工智能");
  InLibrary(other);
  const std::string gone = InLibrary(Draft("撤回"));
  ASSERT_TRUE(Withdraw(gone).ok());
  const auto draft = Create("supply", "qingdao-marine");
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_THAT(TitlesOn(draft->name()), ElementsAre("甲"));
  EXPECT_EQ(draft->title(), "现代海洋产业体系科技创新供给清单（2025年第二季度）");
  EXPECT_THAT(TitlesOn(Create("supply", "qingdao10p1/ai")->name()), ElementsAre("别的产业"));
}

TEST_F(ListTest, EachKindHasItsOwnEntries) {
  v1::Result bottleneck = Draft("突破");
  bottleneck.set_bottleneck(true);
  InLibrary(bottleneck);
  v1::Result fresh = Draft("新产品");
  fresh.set_novelty(true);
  InLibrary(fresh);
  DemandInLibrary(DemandDraft("需求"));
  v1::Demand stuck = DemandDraft("卡住的");
  stuck.set_bottleneck(true);
  DemandInLibrary(stuck);
  EXPECT_THAT(TitlesOn(Create("supply", "qingdao-marine")->name()), SizeIs(2));
  EXPECT_THAT(TitlesOn(Create("bottleneck-supply", "qingdao-marine")->name()), ElementsAre("突破"));
  EXPECT_THAT(TitlesOn(Create("novelty", "qingdao-marine")->name()), ElementsAre("新产品"));
  EXPECT_THAT(TitlesOn(Create("demand", "qingdao-marine")->name()), SizeIs(2));
  EXPECT_THAT(TitlesOn(Create("bottleneck-demand", "qingdao-marine/marine-equipment")->name()),
              ElementsAre("卡住的"));
  // One whose time is over is looked for no more.
  Go(absl::CivilDay(2025, 5, 20));
  EXPECT_THAT(TitlesOn(Create("demand", "qingdao-marine/marine-equipment")->name()), IsEmpty());
}

TEST_F(ListTest, IssuedItIsNumberedGoesToItsTaskForceAndChangesNoMore) {
  const std::string result = InLibrary(Draft("海水淡化膜"));
  const auto draft = Create("supply", "qingdao-marine");
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_THAT(draft->actions(), ElementsAre("refresh", "trim", "restore", "issue", "discard"));
  EXPECT_EQ(status::ReasonOf(See(draft->name(), ROLE_UNIT, kMarineForce).status()),
            ERROR_REASON_NOT_FOUND);
  const auto issued = Issue(draft->name());
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(issued->number(), 1);
  EXPECT_EQ(issued->title(), "现代海洋产业体系科技创新供给清单（2025年第二季度）〔2025〕第1期");
  EXPECT_THAT(issued->recipients(), ElementsAre(kMarineForce));
  EXPECT_TRUE(See(draft->name(), ROLE_UNIT, kMarineForce).ok());
  const std::string file = Exported(draft->name());
  // The entry goes on; the list does not.
  v1::UpdateResultRequest update;
  update.mutable_result()->set_name(result);
  update.mutable_result()->set_title("改名的膜");
  update.mutable_update_mask()->add_paths("title");
  update.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      results.UpdateResult(As(ROLE_RESEARCH_OFFICE, kOuc, "ResultService.UpdateResult"), update)
          .ok());
  EXPECT_THAT(TitlesOn(draft->name()), ElementsAre("海水淡化膜"));
  Go(absl::CivilDay(2025, 4, 20));
  EXPECT_EQ(Exported(draft->name()), file);
  EXPECT_EQ(Exported(draft->name(), ROLE_UNIT, kMarineForce), file);
  EXPECT_EQ(status::ReasonOf(Issue(draft->name()).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Refresh(draft->name()).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Discard(draft->name()).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Create("supply", "qingdao-marine").status()),
            ERROR_REASON_WRONG_STATE);
  const auto book = sheet::ReadWorkbook(file, "a.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  EXPECT_THAT(book->sheets[0].rows, SizeIs(4));
}

TEST_F(ListTest, ADraftWhoseEntriesChangedIsRefreshedBeforeItIsIssued) {
  const std::string result = InLibrary(Draft("海水淡化膜"));
  InLibrary(Draft("另一项"));
  const auto draft = Create("supply", "qingdao-marine");
  ASSERT_TRUE(draft.ok());
  v1::UpdateResultRequest update;
  update.mutable_result()->set_name(result);
  update.mutable_result()->set_disclosure(v1::DISCLOSURE_LIMITED);
  update.mutable_update_mask()->add_paths("disclosure");
  update.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      results.UpdateResult(As(ROLE_RESEARCH_OFFICE, kOuc, "ResultService.UpdateResult"), update)
          .ok());
  const auto refused = Issue(draft->name());
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(refused.status().message(), HasSubstr("海水淡化膜"));
  ASSERT_TRUE(Refresh(draft->name()).ok());
  EXPECT_THAT(TitlesOn(draft->name()), ElementsAre("另一项"));
  EXPECT_TRUE(Issue(draft->name()).ok());
}

TEST_F(ListTest, NumbersHaveNoGapsWhoeverIssuesAtOnce) {
  v1::Result every = Draft("通用");
  every.clear_industries();
  const std::vector<std::string> industries = {"ai",           "quantum",         "terahertz",
                                               "low-altitude", "smart-appliance", "modern-light"};
  for (const std::string& one : industries) {
    every.add_industries(ScopeOf(*pack, absl::StrCat("qingdao10p1/", one)).title);
  }
  InLibrary(every);
  std::vector<std::string> drafts;
  for (const std::string& one : industries) {
    const auto draft = Create("supply", absl::StrCat("qingdao10p1/", one));
    ASSERT_TRUE(draft.ok()) << draft.status();
    drafts.push_back(draft->name());
  }
  // One is thrown away, one that cannot be issued asks twice: neither takes a number.
  ASSERT_TRUE(Discard(drafts[0]).ok());
  EXPECT_FALSE(Issue(drafts[0]).ok());
  std::vector<std::thread> threads;
  std::atomic<int> issued{0};
  for (size_t i = 1; i < drafts.size(); ++i) {
    threads.emplace_back([&, i] { issued += Issue(drafts[i]).ok() ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  // Whoever was undone by the others asks again.
  for (size_t i = 1; i < drafts.size(); ++i) issued += Issue(drafts[i]).ok() ? 1 : 0;
  EXPECT_EQ(issued, 5);
  EXPECT_THAT(Texts("SELECT CAST(number AS CHAR) FROM industry_list WHERE state = 'ISSUED' "
                    "ORDER BY number"),
              ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(ListTest, ACorrectionIsTheNextVersionAndRefersToTheOneBefore) {
  InLibrary(Draft("海水淡化膜"));
  const auto first = Create("supply", "qingdao-marine");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(status::ReasonOf(Correct(first->name()).status()), ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(Issue(first->name()).ok());
  InLibrary(Draft("漏列的"));
  const auto second = Correct(first->name());
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->corrects(), first->name());
  EXPECT_EQ(second->edition(), 2);
  EXPECT_EQ(status::ReasonOf(Correct(first->name()).status()), ERROR_REASON_WRONG_STATE);
  // Until it is issued, the one before holds.
  EXPECT_EQ(See(first->name(), ROLE_UNIT, kMarineForce)->state(), v1::INDUSTRY_LIST_STATE_ISSUED);
  const std::string was = Exported(first->name());
  const auto issued = Issue(second->name());
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(issued->number(), 1);
  EXPECT_THAT(issued->title(), HasSubstr("〔2025〕第1期（第2版）"));
  const auto old = See(first->name(), ROLE_UNIT, kMarineForce);
  EXPECT_EQ(old->state(), v1::INDUSTRY_LIST_STATE_CORRECTED);
  EXPECT_EQ(old->corrected_by(), second->name());
  EXPECT_EQ(Exported(first->name()), was);
  // Feedback is owed to the one that holds, and to no other.
  const auto said = Say(absl::StrCat(first->name(), "/lines/1"), v1::LIST_FEEDBACK_KIND_INTERESTED);
  EXPECT_EQ(status::ReasonOf(said.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(said.status().message(), HasSubstr(second->name()));
  EXPECT_TRUE(Deliveries(first->name()).front().done());
  EXPECT_FALSE(Deliveries(second->name()).front().done());
  EXPECT_THAT(TitlesOn(second->name()), SizeIs(2));
}

TEST_F(ListTest, OfManyCorrectionsAtOnceOneIsMadeAndTheOthersAreToldWhy) {
  InLibrary(Draft("海水淡化膜"));
  const auto first = Create("supply", "qingdao-marine");
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(Issue(first->name()).ok());
  std::vector<std::thread> threads;
  std::atomic<int> made{0}, told{0};
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const auto row = Correct(first->name());
      made += row.ok() ? 1 : 0;
      told += status::ReasonOf(row.status()) == ERROR_REASON_WRONG_STATE ? 1 : 0;
      if (!row.ok()) {
        EXPECT_THAT(row.status().message(), HasSubstr("已有一份草稿")) << row.status();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(told, 5);
  EXPECT_EQ(Count("industry_list WHERE state = 'DRAFT'"), 1);
}

TEST_F(ListTest, ADemandWhoseTimeIsOverIsNotIssuedThoughNobodyHasSweptIt) {
  DemandInLibrary(DemandDraft("过期的需求"));
  const auto draft = Create("demand", "qingdao-marine");
  ASSERT_TRUE(draft.ok()) << draft.status();
  ASSERT_THAT(TitlesOn(draft->name()), ElementsAre("过期的需求"));
  const auto last_day = Texts("SELECT CAST(MAX(valid_until) AS CHAR) FROM demand").at(0);
  absl::CivilDay day;
  ASSERT_TRUE(absl::ParseCivilTime(last_day, &day)) << last_day;
  Go(day + 1);
  const auto refused = Issue(draft->name());
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE) << refused.status();
  EXPECT_THAT(refused.status().message(), HasSubstr("过期的需求"));
  EXPECT_EQ(Count("demand WHERE state = 'EXPIRED'"), 0);
  // On its last day it is issued.
  Go(day);
  EXPECT_TRUE(Issue(draft->name()).ok());
}

TEST_F(ListTest, EachTaskForceSaysSomethingToItsLinesAndIsSeenWhenItIsLate) {
  InLibrary(Draft("海水淡化膜"));
  v1::Result both = Draft("两个产业的");
  both.add_industries("海洋电子信息");
  InLibrary(both);
  const auto list = Create("supply", "qingdao-marine");
  ASSERT_TRUE(Issue(list->name()).ok());
  ASSERT_THAT(Deliveries(list->name()), SizeIs(2));
  std::string shared, own;
  for (const v1::ListLine& line : Lines(list->name())) {
    (line.title() == "两个产业的" ? shared : own) = line.name();
  }
  EXPECT_THAT(TitlesOn(list->name(), ROLE_UNIT, kFutureForce), ElementsAre("两个产业的"));
  EXPECT_THAT(Deliveries(list->name(), ROLE_UNIT, kFutureForce), SizeIs(1));
  // A line of another's industry does not exist for it; a department sees it and says nothing.
  EXPECT_EQ(
      status::ReasonOf(Say(own, v1::LIST_FEEDBACK_KIND_INTERESTED, "", kFutureForce).status()),
      ERROR_REASON_NOT_FOUND);
  auto by_department = Named<v1::GiveListFeedbackRequest>(own);
  by_department.set_kind(v1::LIST_FEEDBACK_KIND_INTERESTED);
  EXPECT_EQ(status::ReasonOf(lists
                                 .GiveListFeedback(As(ROLE_DEPARTMENT, kMarineDepartment,
                                                      "ListService.GiveListFeedback"),
                                                   by_department)
                                 .status()),
            ERROR_REASON_ROLE_NOT_PERMITTED);
  EXPECT_EQ(status::ReasonOf(Say(own, v1::LIST_FEEDBACK_KIND_NOT_SUITABLE).status()),
            ERROR_REASON_INVALID_FIELD);
  ASSERT_TRUE(Say(shared, v1::LIST_FEEDBACK_KIND_INTERESTED, "", kFutureForce).ok());
  const auto marine = Say(own, v1::LIST_FEEDBACK_KIND_NEED_MORE, "请补充检测报告");
  ASSERT_TRUE(marine.ok()) << marine.status();
  EXPECT_FALSE(marine->late());
  // Said again it replaces what was said and counts once.
  ASSERT_TRUE(Say(own, v1::LIST_FEEDBACK_KIND_CONTACTED).ok());
  EXPECT_EQ(Count("list_feedback"), 2);
  for (const v1::ListDelivery& one : Deliveries(list->name())) {
    EXPECT_EQ(one.answered_count(), 1);
    EXPECT_EQ(one.done(), one.recipient() == kFutureForce);
    EXPECT_FALSE(one.overdue());
  }
  // Fifteen workdays from the first of April, over 清明 and the holiday shift of 27 April.
  Go(absl::CivilDay(2025, 4, 30));
  for (const v1::ListDelivery& one : Deliveries(list->name())) {
    EXPECT_EQ(one.overdue(), one.recipient() == kMarineForce);
  }
  EXPECT_TRUE(Say(shared, v1::LIST_FEEDBACK_KIND_INTERESTED)->late());
  for (const v1::ListDelivery& one : Deliveries(list->name())) EXPECT_FALSE(one.overdue());
  // The university reads what was said to its entry; another one nothing.
  const auto seen_by = [&](const std::string& university) {
    v1::ListListFeedbacksRequest request;
    request.set_parent(absl::StrCat(list->name(), "/lines/-"));
    return lists
        .ListListFeedbacks(As(ROLE_RESEARCH_OFFICE, university, "ListService.ListListFeedbacks"),
                           request)
        ->list_feedbacks_size();
  };
  EXPECT_EQ(seen_by(kOuc), 3);
  EXPECT_EQ(seen_by(kUpc), 0);
  EXPECT_THAT(TitlesOn(list->name(), ROLE_RESEARCH_OFFICE, kUpc), IsEmpty());
  EXPECT_THAT(TitlesOn(list->name(), ROLE_RESEARCH_OFFICE, kOuc), SizeIs(2));
  EXPECT_TRUE(See(list->name(), ROLE_LEADER, kCityLeaders).ok());
  EXPECT_TRUE(See(list->name(), ROLE_SERVICE_TEAM, kMarineAgency).ok());
}

TEST_F(ListTest, AnExportOfMoreThanOneAnswerMayCostIsRefused) {
  for (const char* title : {"甲", "乙", "丙"}) InLibrary(Draft(title));
  const auto rows_within = [&](int most) {
    absl::Status exported;
    const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
      const auto rows =
          ExportRows(session, db::Table<v1::Result>(), db::Predicate::Everything(), "name", most);
      exported = rows.status();
      if (rows.ok()) {
        EXPECT_THAT(*rows, SizeIs(3));
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return status::ReasonOf(exported);
  };
  EXPECT_EQ(rows_within(2), options::v1::ERROR_REASON_FILE_TOO_LARGE);
  EXPECT_EQ(rows_within(3), options::v1::ERROR_REASON_UNSPECIFIED);
}

TEST_F(ListTest, NothingConfidentialEverEntersAList) {
  const std::string result = InLibrary(Draft("海水淡化膜"));
  v1::SetConfidentialPartRequest secret;
  secret.mutable_confidential_part()->set_subject(result);
  secret.mutable_confidential_part()->set_technical_details("配方七号");
  secret.mutable_confidential_part()->set_floor_price_yuan(7'654'321);
  secret.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      confidential
          .SetConfidentialPart(
              As(ROLE_RESEARCH_OFFICE, kOuc, "ConfidentialService.SetConfidentialPart"), secret)
          .ok());
  const auto list = Create("supply", "qingdao-marine");
  ASSERT_TRUE(Issue(list->name()).ok());
  for (const std::string& row : Texts(
           "SELECT CONCAT_WS('|', title, owner_title, summary, maturity, amount_yuan, industries, "
           "keywords) FROM list_line")) {
    EXPECT_THAT(row, Not(HasSubstr("配方七号")));
    EXPECT_THAT(row, Not(HasSubstr("7654321")));
  }
  EXPECT_THAT(Texts("SELECT COALESCE(after_json, '') FROM journal WHERE kind = 'issued'"),
              Not(::testing::Contains(HasSubstr("配方七号"))));
}

TEST_F(ListTest, ATaskForceCollectsDemandsOfItsIndustriesAndATownDoesNot) {
  v1::CreateDemandRequest request;
  *request.mutable_demand() = DemandDraft("防腐涂层");
  request.mutable_demand()->set_enterprise(kE1);
  request.set_request_id(api::NewUuid());
  const auto create = [&](const std::string& by) {
    request.set_request_id(api::NewUuid());
    return demands.CreateDemand(As(ROLE_UNIT, by, "DemandService.CreateDemand"), request);
  };
  EXPECT_EQ(status::ReasonOf(create("organizations/town").status()),
            ERROR_REASON_ROLE_NOT_PERMITTED);
  const auto made = create(kMarineForce);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->collector(), kMarineForce);
  ASSERT_TRUE(demands
                  .PublishDemand(As(ROLE_UNIT, kMarineForce, "DemandService.PublishDemand"),
                                 Named<v1::PublishDemandRequest>(made->name()))
                  .ok());
  EXPECT_THAT(TitlesOn(Create("demand", "qingdao-marine")->name()), ElementsAre("防腐涂层"));
}

}  // namespace
}  // namespace chanyan::triage
