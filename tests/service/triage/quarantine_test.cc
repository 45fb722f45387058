// Page tails and hidden characters in texts besides those of the libraries (TRI-1): challenges and
// confidential parts, on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kTail[] = "\n\n如果您对该文件有疑问，可以通过 网上咨询 方式咨询\n咨询电话: 85911343";

class QuarantineTest : public ::testing::Test, protected World {
 protected:
  int Quarantined(Role role, const std::string& organization) {
    const auto found = results.ListQuarantinedTexts(
        As(role, organization, "ResultService.ListQuarantinedTexts"), {});
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? found->quarantined_texts_size() : -1;
  }
  absl::StatusOr<v1::ConfidentialPart> Set(const std::string& subject, const std::string& details,
                                           const std::string& terms) {
    v1::SetConfidentialPartRequest request;
    request.mutable_confidential_part()->set_subject(subject);
    request.mutable_confidential_part()->set_technical_details(details);
    request.mutable_confidential_part()->set_indicators("脱盐率99.8%");
    request.mutable_confidential_part()->set_terms(terms);
    request.set_request_id(api::NewUuid());
    return confidential.SetConfidentialPart(
        As(ROLE_RESEARCH_OFFICE, kOuc, "ConfidentialService.SetConfidentialPart"), request);
  }
};

TEST_F(QuarantineTest, AChallengesTextsAreCleanedAsAllOthers) {
  v1::Demand draft = DemandDraft("揭榜：深海密封");
  draft.set_kind(v1::DEMAND_KIND_CHALLENGE);
  draft.mutable_challenge()->set_term_months(24);
  draft.mutable_challenge()->set_existing_conditions(absl::StrCat("已有试验台。", kTail));
  draft.mutable_challenge()->set_bidder_conditions("须有\u202E业绩。");
  v1::CreateDemandRequest request;
  *request.mutable_demand() = draft;
  request.set_request_id(api::NewUuid());
  const auto made =
      demands.CreateDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.CreateDemand"), request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->challenge().existing_conditions(), "已有试验台。");
  EXPECT_EQ(made->challenge().bidder_conditions(), "须有业绩。");
  ASSERT_THAT(made->text_notes(), SizeIs(2));
  EXPECT_EQ(made->text_notes(0).place(), "现有基础条件");
  EXPECT_EQ(made->text_notes(1).place(), "揭榜条件");
  EXPECT_EQ(Count("demand WHERE challenge LIKE '%咨询%'"), 0);
  EXPECT_EQ(Quarantined(ROLE_ENTERPRISE, kE1), 2);
  EXPECT_EQ(Quarantined(ROLE_ENTERPRISE, kE2), 0);
  // Another demand has no challenge for being looked at.
  *request.mutable_demand() = DemandDraft("普通需求");
  request.set_request_id(api::NewUuid());
  const auto plain =
      demands.CreateDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.CreateDemand"), request);
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_FALSE(plain->has_challenge());
}

TEST_F(QuarantineTest, WhatIsSetAsideOfAConfidentialPartIsForTheEntitledAlone) {
  const v1::Result result = Pushed(Draft("海水淡化膜"));
  const auto part = Set(result.name(), absl::StrCat("膜配方：哌嗪与均苯三甲酰氯。", kTail), "面议");
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_EQ(part->technical_details(), "膜配方：哌嗪与均苯三甲酰氯。");
  ASSERT_THAT(part->text_notes(), Not(IsEmpty()));
  EXPECT_EQ(part->text_notes(0).place(), "技术细节");
  EXPECT_EQ(part->text_notes(0).what(), "网页转贴的页脚或广告");
  EXPECT_EQ(Count("confidential_part WHERE technical_details LIKE '%咨询%'"), 0);
  EXPECT_THAT(Texts("SELECT DISTINCT subject FROM quarantined_text"), ElementsAre(part->name()));
  const int64_t kept = Count("quarantined_text");
  EXPECT_EQ(Quarantined(ROLE_RESEARCH_OFFICE, kOuc), kept);
  EXPECT_EQ(Quarantined(ROLE_DEPARTMENT, kOffice), kept);
  // Those to whom the result was pushed, its investor, leaders, others.
  EXPECT_EQ(Quarantined(ROLE_SERVICE_TEAM, kHighTechAgency), 0);
  EXPECT_EQ(Quarantined(ROLE_SERVICE_TEAM, kMarineInvestor), 0);
  EXPECT_EQ(Quarantined(ROLE_LEADER, kCityLeaders), 0);
  EXPECT_EQ(Quarantined(ROLE_RESEARCH_OFFICE, kUpc), 0);
  // The result itself, which they see, does not tell that there is such a part.
  EXPECT_THAT(See(result.name(), ROLE_SERVICE_TEAM, kHighTechAgency)->text_notes(), IsEmpty());
  EXPECT_THAT(Stored(result.name()).text_notes(), IsEmpty());

  // Written again, what was noted stays, and what is set aside now is noted besides.
  const auto again =
      Set(result.name(), "膜配方：哌嗪与均苯三甲酰氯。", absl::StrCat("面议。", kTail));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->terms(), "面议。");
  EXPECT_EQ(again->text_notes_size(), 2 * part->text_notes_size());
  EXPECT_EQ(again->text_notes(part->text_notes_size()).place(), "合作条件");
  const std::string etag = again->etag();
  EXPECT_EQ(Set(result.name(), "膜配方：哌嗪与均苯三甲酰氯。", "面议。")->etag(), etag);
}

TEST_F(QuarantineTest, NotesAreNotTheCallersToWrite) {
  const std::string result = Create(Draft("海水淡化膜"))->name();
  v1::SetConfidentialPartRequest request;
  request.mutable_confidential_part()->set_subject(result);
  request.mutable_confidential_part()->add_text_notes()->set_place("伪造");
  request.mutable_confidential_part()->add_entitled(kE2);
  request.set_request_id(api::NewUuid());
  const auto part = confidential.SetConfidentialPart(
      As(ROLE_RESEARCH_OFFICE, kOuc, "ConfidentialService.SetConfidentialPart"), request);
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_THAT(part->text_notes(), IsEmpty());
  EXPECT_THAT(part->entitled(), IsEmpty());
}

}  // namespace
}  // namespace chanyan::triage
