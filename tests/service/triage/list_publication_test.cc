// Issued lists are opened to everybody and taken back (TRI-7, S3 二(三)(五)), on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/scope.h"
#include "common/status/status.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_PUBLIC;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ListPublicationTest : public ::testing::Test, protected World {
 protected:
  std::string InLibrary(const v1::Result& draft) {
    const auto made = World::Create(draft);
    EXPECT_TRUE(made.ok()) << made.status();
    EXPECT_TRUE(World::Publish(made->name()).ok());
    return made->name();
  }
  std::string Drafted() {
    v1::CreateIndustryListRequest request;
    request.mutable_industry_list()->set_kind("supply");
    request.mutable_industry_list()->set_industry("qingdao-marine");
    request.set_request_id(api::NewUuid());
    const auto draft = lists.CreateIndustryList(
        As(ROLE_DEPARTMENT, kOffice, "ListService.CreateIndustryList"), request);
    EXPECT_TRUE(draft.ok()) << draft.status();
    return draft.ok() ? draft->name() : "";
  }
  std::string Issued(const std::string& draft) {
    const auto issued =
        lists.IssueIndustryList(As(ROLE_DEPARTMENT, kOffice, "ListService.IssueIndustryList"),
                                Named<v1::IssueIndustryListRequest>(draft));
    EXPECT_TRUE(issued.ok()) << issued.status();
    return draft;
  }
  absl::StatusOr<v1::IndustryList> Publish(const std::string& name,
                                           const std::string& by = kOffice) {
    return lists.PublishIndustryList(As(ROLE_DEPARTMENT, by, "ListService.PublishIndustryList"),
                                     Named<v1::PublishIndustryListRequest>(name));
  }
  absl::StatusOr<v1::IndustryList> TakeBack(const std::string& name,
                                            const std::string& by = kOffice) {
    auto request = Named<v1::WithdrawIndustryListRequest>(name);
    request.set_reason("核对后再公布");
    return lists.WithdrawIndustryList(As(ROLE_DEPARTMENT, by, "ListService.WithdrawIndustryList"),
                                      request);
  }
  absl::StatusOr<v1::IndustryList> See(const std::string& name, Role role,
                                       const std::string& organization) {
    v1::GetIndustryListRequest request;
    request.set_name(name);
    return lists.GetIndustryList(As(role, organization, "ListService.GetIndustryList"), request);
  }
  std::vector<v1::ListLine> Lines(const std::string& list, Role role,
                                  const std::string& organization) {
    v1::ListListLinesRequest request;
    request.set_parent(list);
    const auto page =
        lists.ListListLines(As(role, organization, "ListService.ListListLines"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->list_lines().begin(), page->list_lines().end()};
  }
  std::vector<std::string> Titles(const std::string& list, Role role,
                                  const std::string& organization) {
    std::vector<std::string> titles;
    for (const v1::ListLine& line : Lines(list, role, organization)) {
      titles.push_back(line.title());
    }
    return titles;
  }
  std::string Exported(const std::string& list, Role role, const std::string& organization) {
    v1::ExportIndustryListRequest request;
    request.set_name(list);
    const auto file =
        lists.ExportIndustryList(As(role, organization, "ListService.ExportIndustryList"), request);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? file->data() : "";
  }
  void Close(const std::string& result) {
    v1::UpdateResultRequest update;
    update.mutable_result()->set_name(result);
    update.mutable_result()->set_disclosure(v1::DISCLOSURE_LIMITED);
    update.mutable_update_mask()->add_paths("disclosure");
    update.set_request_id(api::NewUuid());
    const auto closed =
        results.UpdateResult(As(ROLE_RESEARCH_OFFICE, kOuc, "ResultService.UpdateResult"), update);
    ASSERT_TRUE(closed.ok()) << closed.status();
  }
  static constexpr std::pair<Role, const char*> kStrangers[] = {
      {ROLE_PUBLIC, ""},         {ROLE_RESEARCH_OFFICE, kUpc},
      {ROLE_ENTERPRISE, kE2},    {options::v1::ROLE_PLATFORM_MANAGER, kCollege},
      {ROLE_UNIT, kFutureForce}, {options::v1::ROLE_EXPERT, kE1},
  };
};

TEST_F(ListPublicationTest, ADraftAndOthersThanTheOfficeAreRefusedAndNothingIsDoneTwice) {
  InLibrary(Draft("海水淡化膜"));
  const std::string list = Drafted();
  EXPECT_EQ(status::ReasonOf(Publish("lists/none").status()), ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(status::ReasonOf(Publish(list).status()), ERROR_REASON_WRONG_STATE);
  Issued(list);
  EXPECT_FALSE(Publish(list, kMarineDepartment).ok());
  EXPECT_EQ(status::ReasonOf(TakeBack(list).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Count("industry_list WHERE published = 1"), 0);
  ASSERT_TRUE(Publish(list).ok());
  EXPECT_EQ(status::ReasonOf(Publish(list).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_FALSE(TakeBack(list, kMarineDepartment).ok());
  EXPECT_EQ(Count("list_line WHERE published = 1"), 1);
  auto stale = Named<v1::WithdrawIndustryListRequest>(list);
  stale.set_reason("旧的");
  stale.set_etag("999");
  EXPECT_FALSE(lists
                   .WithdrawIndustryList(
                       As(ROLE_DEPARTMENT, kOffice, "ListService.WithdrawIndustryList"), stale)
                   .ok());
}

TEST_F(ListPublicationTest, PublishedItIsReadByEverybodyAndTakenBackByThoseItWentToAlone) {
  InLibrary(Draft("海水淡化膜"));
  InLibrary(Draft("深海传感器"));
  const std::string list = Issued(Drafted());
  for (const auto& [role, organization] : kStrangers) {
    SCOPED_TRACE(role);
    EXPECT_EQ(status::ReasonOf(See(list, role, organization).status()), ERROR_REASON_NOT_FOUND);
    EXPECT_THAT(Titles(list, role, organization), IsEmpty());
  }
  const std::string office_file = Exported(list, ROLE_DEPARTMENT, kOffice);
  const std::string force_file = Exported(list, ROLE_UNIT, kMarineForce);
  const auto published = Publish(list);
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_TRUE(published->published());
  EXPECT_EQ(published->state(), v1::INDUSTRY_LIST_STATE_ISSUED);
  EXPECT_THAT(published->actions(), Contains("withdraw"));
  EXPECT_THAT(published->actions(), Not(Contains("publish")));
  EXPECT_NE(published->issuer(), "");
  for (const auto& [role, organization] : kStrangers) {
    SCOPED_TRACE(role);
    const auto seen = See(list, role, organization);
    ASSERT_TRUE(seen.ok()) << seen.status();
    EXPECT_THAT(seen->actions(), IsEmpty());
    // Not who in the office did it.
    EXPECT_EQ(seen->author(), "");
    EXPECT_EQ(seen->issuer(), "");
    EXPECT_THAT(Titles(list, role, organization),
                ::testing::UnorderedElementsAre("海水淡化膜", "深海传感器"));
    EXPECT_THAT(Titles("lists/-", role, organization), ::testing::SizeIs(2));
    const auto page =
        lists.ListIndustryLists(As(role, organization, "ListService.ListIndustryLists"), {});
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->industry_lists_size(), 1);
  }
  // Files stay what they were.
  EXPECT_EQ(Exported(list, ROLE_DEPARTMENT, kOffice), office_file);
  EXPECT_EQ(Exported(list, ROLE_UNIT, kMarineForce), force_file);

  const auto back = TakeBack(list);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->withdraw_reason(), "核对后再公布");
  for (const auto& [role, organization] : kStrangers) {
    EXPECT_EQ(status::ReasonOf(See(list, role, organization).status()), ERROR_REASON_NOT_FOUND);
    EXPECT_THAT(Titles(list, role, organization), IsEmpty());
  }
  EXPECT_TRUE(See(list, ROLE_UNIT, kMarineForce).ok());
  EXPECT_EQ(Exported(list, ROLE_UNIT, kMarineForce), force_file);
  const auto again = Publish(list);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->withdraw_reason(), "");
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE type LIKE '%.IndustryList' AND kind IN "
                    "('publish', 'withdraw') ORDER BY id"),
              ElementsAre("publish", "withdraw", "publish"));
}

TEST_F(ListPublicationTest, NothingConfidentialIsPublishedNeitherThenNorLater) {
  const std::string open = InLibrary(Draft("海水淡化膜"));
  const std::string later_closed = InLibrary(Draft("将要收回的"));
  v1::Result limited = Draft("限定范围的成果");
  limited.set_disclosure(v1::DISCLOSURE_LIMITED);
  InLibrary(limited);
  v1::SetConfidentialPartRequest secret;
  secret.mutable_confidential_part()->set_subject(open);
  secret.mutable_confidential_part()->set_technical_details("配方七号");
  secret.mutable_confidential_part()->set_floor_price_yuan(7'654'321);
  secret.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      confidential
          .SetConfidentialPart(
              As(ROLE_RESEARCH_OFFICE, kOuc, "ConfidentialService.SetConfidentialPart"), secret)
          .ok());
  const std::string list = Issued(Drafted());
  ASSERT_TRUE(Publish(list).ok());
  std::string seen;
  for (const v1::ListLine& line : Lines(list, ROLE_PUBLIC, "")) {
    absl::StrAppend(&seen, line.Utf8DebugString());
  }
  EXPECT_THAT(seen, HasSubstr("海水淡化膜"));
  EXPECT_THAT(seen, HasSubstr("将要收回的"));
  for (const char* hidden : {"限定范围的成果", "配方七号", "7654321"}) {
    EXPECT_THAT(seen, Not(HasSubstr(hidden)));
  }
  // What its owner takes back is gone from the public view from that moment, and nobody else's.
  Close(later_closed);
  for (const auto& [role, organization] : kStrangers) {
    EXPECT_THAT(Titles(list, role, organization), ElementsAre("海水淡化膜")) << role;
  }
  EXPECT_THAT(Titles(list, ROLE_RESEARCH_OFFICE, kOuc), ::testing::SizeIs(2));
  EXPECT_THAT(Titles(list, ROLE_UNIT, kMarineForce), ::testing::SizeIs(2));
  EXPECT_THAT(Titles(list, ROLE_DEPARTMENT, kOffice), ::testing::SizeIs(2));
  // And such a list is not published anew.
  ASSERT_TRUE(TakeBack(list).ok());
  const auto refused = Publish(list);
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(refused.status().message(), HasSubstr("将要收回的"));
  EXPECT_THAT(refused.status().message(), HasSubstr("更正"));
}

TEST_F(ListPublicationTest, ACorrectionTakesTheVersionBeforeFromThePublicView) {
  InLibrary(Draft("海水淡化膜"));
  const std::string first = Issued(Drafted());
  ASSERT_TRUE(Publish(first).ok());
  auto request = Named<v1::CorrectIndustryListRequest>(first);
  request.set_reason("漏列一项");
  const auto second = lists.CorrectIndustryList(
      As(ROLE_DEPARTMENT, kOffice, "ListService.CorrectIndustryList"), request);
  ASSERT_TRUE(second.ok()) << second.status();
  // Until the next one is issued it stays.
  EXPECT_TRUE(See(first, ROLE_PUBLIC, "").ok());
  Issued(second->name());
  EXPECT_EQ(status::ReasonOf(See(first, ROLE_PUBLIC, "").status()), ERROR_REASON_NOT_FOUND);
  EXPECT_THAT(Titles(first, ROLE_PUBLIC, ""), IsEmpty());
  EXPECT_THAT(See(first, ROLE_DEPARTMENT, kOffice)->withdraw_reason(), HasSubstr("更正"));
  EXPECT_EQ(status::ReasonOf(Publish(first).status()), ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(Publish(second->name()).ok());
  const auto seen = See(second->name(), ROLE_PUBLIC, "");
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->reason(), "");
}

TEST_F(ListPublicationTest, WhatTaskForcesSayStaysOutOfThePublicView) {
  InLibrary(Draft("海水淡化膜"));
  const std::string list = Issued(Drafted());
  ASSERT_TRUE(Publish(list).ok());
  auto say = Named<v1::GiveListFeedbackRequest>(absl::StrCat(list, "/lines/1"));
  say.set_kind(v1::LIST_FEEDBACK_KIND_NEED_MORE);
  say.set_text("请补充检测报告");
  ASSERT_TRUE(
      lists.GiveListFeedback(As(ROLE_UNIT, kMarineForce, "ListService.GiveListFeedback"), say)
          .ok());
  for (const char* method : {"ListListFeedbacks", "ListListDeliveries", "GiveListFeedback",
                             "ListListOmissions", "PublishIndustryList", "ExportListFeedbacks"}) {
    const rpc::Call call = As(ROLE_PUBLIC, "", absl::StrCat("ListService.", method));
    EXPECT_FALSE(auth::CheckMethod(call.principal, call.method).ok()) << method;
  }
  for (const char* method : {"GetIndustryList", "ListIndustryLists", "ListListLines"}) {
    const rpc::Call call = As(ROLE_PUBLIC, "", absl::StrCat("ListService.", method));
    EXPECT_TRUE(auth::CheckMethod(call.principal, call.method).ok()) << method;
  }
  for (const auto& [role, organization] : kStrangers) {
    v1::ListListFeedbacksRequest request;
    request.set_parent(absl::StrCat(list, "/lines/-"));
    const auto said =
        lists.ListListFeedbacks(As(role, organization, "ListService.ListListFeedbacks"), request);
    ASSERT_TRUE(said.ok()) << said.status();
    EXPECT_EQ(said->list_feedbacks_size(), 0) << role;
  }
}

}  // namespace
}  // namespace chanyan::triage
