// New technologies and products of enterprises (TRI-1, TRI-7, S3 二(一)(三)): what an enterprise
// may enter itself by the pack, and that it reaches its own rows and no others; on the real
// database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tests/service/triage/world.h"
#include "tests/support/small_triage_city.h"
#include "tests/support/violations.h"

namespace chanyan::triage {
namespace {

using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_PLATFORM_MANAGER;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class EnterpriseResultTest : public ::testing::Test, protected World {
 protected:
  explicit EnterpriseResultTest(std::unique_ptr<const policy::Pack> pack = testing::ShippedPack())
      : World(std::move(pack)) {}

  static v1::Result Product(const std::string& title) {
    v1::Result draft = Draft(title);
    draft.set_form(v1::RESULT_FORM_PRODUCT);
    draft.set_novelty(true);
    return draft;
  }
  absl::StatusOr<v1::Result> Enter(const v1::Result& draft, const std::string& by = kE1) {
    return Create(draft, ROLE_ENTERPRISE, by);
  }
  absl::StatusOr<v1::Result> Update(v1::Result result, const std::vector<std::string>& paths,
                                    const std::string& by = kE1) {
    v1::UpdateResultRequest request;
    *request.mutable_result() = std::move(result);
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    return results.UpdateResult(As(ROLE_ENTERPRISE, by, "ResultService.UpdateResult"), request);
  }
  absl::StatusOr<v1::Result> Submit(const std::string& name, const std::string& by = kE1) {
    return results.SubmitResult(As(ROLE_ENTERPRISE, by, "ResultService.SubmitResult"),
                                Named<v1::SubmitResultRequest>(name));
  }
  absl::StatusOr<v1::Result> TakeBack(const std::string& name, const std::string& by = kE1) {
    auto request = Named<v1::WithdrawResultRequest>(name);
    request.set_reason("停产");
    return results.WithdrawResult(As(ROLE_ENTERPRISE, by, "ResultService.WithdrawResult"), request);
  }
  std::vector<std::string> Titles(const std::string& by) {
    const auto page = results.ListResults(As(ROLE_ENTERPRISE, by, "ResultService.ListResults"), {});
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> titles;
    if (!page.ok()) return titles;
    for (const v1::Result& row : page->results()) titles.push_back(row.title());
    return titles;
  }
  absl::StatusOr<v1::ImportResultsResponse> Import(const std::vector<v1::Result>& rows,
                                                   const std::string& by = kE1) {
    v1::ImportResultsRequest request;
    *request.mutable_file() = testing::Upload<v1::Result>(rows);
    request.set_file_name("新产品.xlsx");
    request.set_request_id(api::NewUuid());
    return results.ImportResults(As(ROLE_ENTERPRISE, by, "ResultService.ImportResults"), request);
  }
};

TEST_F(EnterpriseResultTest, WhatThePackDoesNotLetItEnterIsRefusedWithTheReason) {
  v1::Result standard = Product("企业标准");
  standard.set_form(v1::RESULT_FORM_STANDARD);
  const absl::Status form = Enter(standard).status();
  EXPECT_THAT(testing::FieldsOf(form), ElementsAre("result.form"));
  EXPECT_THAT(status::ViolationsOf(form).at(0).description,
              AllOf(HasSubstr("新产品"), HasSubstr("服务专班")));
  EXPECT_THAT(testing::FieldsOf(Enter(Draft("老技术")).status()),
              ElementsAre("result.form", "result.novelty"));
  v1::Result old = Product("老产品");
  old.set_novelty(false);
  EXPECT_THAT(testing::FieldsOf(Enter(old).status()), ElementsAre("result.novelty"));
  v1::Result foreign = Product("别人的产品");
  foreign.set_university(kE2);
  EXPECT_THAT(testing::FieldsOf(Enter(foreign).status()), ElementsAre("result.university"));
  // Otherwise wrong is wrong for it as for everybody.
  v1::Result nowhere = Product("膜组件");
  nowhere.set_settle_place("浦东新区");
  EXPECT_THAT(testing::FieldsOf(Enter(nowhere).status()), ElementsAre("result.settle_place"));
  EXPECT_EQ(Count("result"), 0);
}

TEST_F(EnterpriseResultTest, ItsNewProductIsLookedAtByTheOfficeAndIsItsOwnToWithdraw) {
  const auto made = Enter(Product("膜组件"));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->university(), kE1);
  EXPECT_EQ(made->university_title(), "企业一（演示）");
  EXPECT_EQ(made->holder(), kOffice) << "no team serves it";
  EXPECT_THAT(made->actions(), ElementsAre("submit", "withdraw"));
  // Of no kind that it enters it does not become by an edit either.
  v1::Result edit;
  edit.set_name(made->name());
  edit.set_form(v1::RESULT_FORM_STANDARD);
  EXPECT_THAT(testing::FieldsOf(Update(edit, {"form"}).status()), ElementsAre("result.form"));
  edit.set_benefits("节水");
  EXPECT_TRUE(Update(edit, {"benefits"}).ok());
  ASSERT_TRUE(Submit(made->name()).ok());
  EXPECT_FALSE(Update(edit, {"benefits"}).ok()) << "it is being looked at";
  auto publish = Named<v1::PublishResultRequest>(made->name());
  const auto published =
      results.PublishResult(As(ROLE_DEPARTMENT, kOffice, "ResultService.PublishResult"), publish);
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_TRUE(published->novelty());
  const auto gone = TakeBack(made->name());
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_EQ(gone->state(), v1::RESULT_STATE_WITHDRAWN);
  EXPECT_EQ(gone->return_reason(), "停产");
}

TEST_F(EnterpriseResultTest, OfOthersItSeesAndChangesNothing) {
  const auto own = Enter(Product("膜组件"));
  ASSERT_TRUE(own.ok()) << own.status();
  const auto universitys = Create(Draft("海水淡化膜"));
  ASSERT_TRUE(universitys.ok()) << universitys.status();
  ASSERT_TRUE(Publish(universitys->name()).ok());
  EXPECT_THAT(Titles(kE1), ElementsAre("膜组件"));
  EXPECT_THAT(Titles(kE2), IsEmpty());
  for (const std::string& name : {own->name(), universitys->name()}) {
    EXPECT_TRUE(absl::IsNotFound(See(name, ROLE_ENTERPRISE, kE2).status())) << name;
    EXPECT_TRUE(absl::IsNotFound(Submit(name, kE2).status())) << name;
    EXPECT_TRUE(absl::IsNotFound(TakeBack(name, kE2).status())) << name;
    v1::Result edit = Product("改名");
    edit.set_name(name);
    EXPECT_TRUE(absl::IsNotFound(Update(edit, {"title"}, kE2).status())) << name;
  }
  EXPECT_TRUE(See(own->name(), ROLE_ENTERPRISE, kE1).ok());
  // Its versions are its own too.
  v1::ListResultRevisionsRequest revisions;
  revisions.set_parent("results/-");
  const auto call = As(ROLE_ENTERPRISE, kE2, "ResultService.ListResultRevisions");
  const auto none = results.ListResultRevisions(call, revisions);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->result_revisions_size(), 0);
  const auto sheet =
      results.ExportResults(As(ROLE_ENTERPRISE, kE2, "ResultService.ExportResults"), {});
  ASSERT_TRUE(sheet.ok()) << sheet.status();
}

TEST_F(EnterpriseResultTest, ItsSheetBringsInItsOwnAloneOfTheKindsThatItEnters) {
  const auto row = [](const std::string& title, const std::string& owner = "") {
    v1::Result one = Product(title);
    one.clear_maturity();
    one.set_university_title(owner);
    return one;
  };
  v1::Result old = row("老产品");
  old.set_novelty(false);
  const auto refused = Import({row("膜组件"), old});
  EXPECT_EQ(status::ReasonOf(refused.status()), options::v1::ERROR_REASON_INVALID_FILE);
  ASSERT_EQ(status::ViolationsOf(refused.status()).size(), 1U);
  EXPECT_THAT(status::ViolationsOf(refused.status()).at(0).description, HasSubstr("新产品"));
  const auto foreign = Import({row("膜组件", "企业二（演示）")});
  ASSERT_EQ(status::ViolationsOf(foreign.status()).size(), 1U);
  EXPECT_THAT(status::ViolationsOf(foreign.status()).at(0).description,
              HasSubstr("只能导入本单位（企业一（演示））的成果"));
  EXPECT_EQ(Count("result"), 0);
  const auto done = Import({row("膜组件"), row("膜元件", "企业一（演示）")});
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->created(), 2);
  EXPECT_EQ(Import({row("膜组件"), row("膜元件")})->unchanged(), 2);
  EXPECT_THAT(Titles(kE1), UnorderedElementsAre("膜组件", "膜元件"));
}

// Who runs a platform of an enterprise keeps all of its results, as before, and a team any.
TEST_F(EnterpriseResultTest, WhoServesItOrRunsItsPlatformEntersOtherKinds) {
  EXPECT_TRUE(Create(Draft("老技术"), ROLE_PLATFORM_MANAGER, kE1).ok());
  v1::Result draft = Draft("专班梳理的技术");
  draft.set_university(kE1);
  const auto teams_own = Create(draft, ROLE_SERVICE_TEAM, kMarineAgency);
  ASSERT_TRUE(teams_own.ok()) << teams_own.status();
  EXPECT_TRUE(See(teams_own->name(), ROLE_ENTERPRISE, kE1).ok()) << "it is the enterprise's";
}

class NoEnterpriseEntryTest : public EnterpriseResultTest {
 protected:
  NoEnterpriseEntryTest() : EnterpriseResultTest(testing::PackOf(testing::kSmallTriageCity)) {}
};

TEST_F(NoEnterpriseEntryTest, WhereThePackLetsEnterprisesEnterNothingTheyEnterNothing) {
  v1::Result draft;
  draft.set_title("盐穴储气");
  draft.set_form(v1::RESULT_FORM_PRODUCT);
  draft.set_novelty(true);
  draft.add_fields("盐化工");
  const absl::Status refused = Enter(draft).status();
  EXPECT_THAT(testing::FieldsOf(refused), ElementsAre("result.university"));
  EXPECT_THAT(status::ViolationsOf(refused).at(0).description, HasSubstr("不自行填报"));
  EXPECT_EQ(Count("result"), 0);
}

// A whole story of another city: its own department takes what settles in its own zone.
TEST_F(NoEnterpriseEntryTest, AnotherCitysPackRunsAResultFromItsDraftToItsZone) {
  Add("organizations/small-university", "甲大学", registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  Add("organizations/small-agency", "甲市技术转移公司",
      registry::v1::ORGANIZATION_KIND_SERVICE_AGENCY);
  v1::Result draft;
  draft.set_title("盐穴储气");
  draft.set_disclosure(v1::DISCLOSURE_OPEN);
  draft.add_fields("盐化工");
  draft.add_conversion_modes(v1::CONVERSION_MODE_SPINOUT);
  draft.set_settle_place("湖新区");
  const std::string university = "organizations/small-university";
  const std::string agency = "organizations/small-agency";
  EXPECT_THAT(
      testing::FieldsOf(Create(draft, options::v1::ROLE_RESEARCH_OFFICE, university).status()),
      ElementsAre("result.settle_place"));
  draft.set_settle_place("甲市港新区");
  const auto made = Create(draft, options::v1::ROLE_RESEARCH_OFFICE, university);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->settle_place(), "港新区");
  EXPECT_EQ(made->team(), "teams/only");
  EXPECT_EQ(made->holder(), agency);
  EXPECT_EQ(made->office(), "organizations/small-office");
  EXPECT_EQ(status::ReasonOf(Publish(made->name(), agency).status()),
            options::v1::ERROR_REASON_RULE_VIOLATED)
      << "the city asks for an abstract";
  v1::UpdateResultRequest update;
  update.mutable_result()->set_name(made->name());
  update.mutable_result()->set_abstract("已完成井下试验。");
  update.mutable_update_mask()->add_paths("abstract");
  update.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      results.UpdateResult(As(ROLE_SERVICE_TEAM, agency, "ResultService.UpdateResult"), update)
          .ok());
  ASSERT_TRUE(Publish(made->name(), agency).ok());
  ASSERT_TRUE(Dispose(made->name(), {}, "", agency).ok());
  ASSERT_TRUE(Dispatch(made->name(), agency).ok());
  const auto pushes = PushesOf(made->name());
  ASSERT_EQ(pushes.size(), 1U);
  EXPECT_EQ(pushes[0].recipient(), "organizations/small-port");
  EXPECT_EQ(pushes[0].recipient_title(), "港新区发展局");
}

}  // namespace
}  // namespace chanyan::triage
