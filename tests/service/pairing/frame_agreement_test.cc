// Agreements of the frame cooperation on the real database, also from a sheet (PAIR-8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/pairing/cooperation_world.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_INVALID_FILE;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;

TEST_F(CooperationTest, EveryFaultOfAnAgreementIsNamedAtOnce) {
  auto request = NewAgreement();
  v1::FrameAgreement& row = *request.mutable_frame_agreement();
  row.add_universities(kZone);
  row.add_universities("organizations/none");
  row.add_city_parties("organizations/nobody");
  row.set_areas(0, "联谊");
  *row.mutable_end_date() = Date(2025, 3, 1);
  EXPECT_THAT(testing::FieldsOf(Make(request).status()),
              ElementsAre("frame_agreement.areas[0]", "frame_agreement.end_date",
                          "frame_agreement.universities[1]", "frame_agreement.universities[2]",
                          "frame_agreement.city_parties[1]"));
  At(kOuc).set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  EXPECT_THAT(testing::FieldsOf(Make(NewAgreement()).status()),
              ElementsAre("frame_agreement.universities[0]"));
  EXPECT_EQ(Count("frame_agreement"), 0);
}

TEST_F(CooperationTest, AnAgreementIsSignedRenewedAndEndsWithItsDay) {
  const auto draft = Make(NewAgreement());
  ASSERT_TRUE(draft.ok()) << draft.status();
  const std::string name = draft->name();
  EXPECT_THAT(std::vector<std::string>(draft->university_titles().begin(),
                                       draft->university_titles().end()),
              ElementsAre("海洋大学（演示）"));
  EXPECT_EQ(draft->lead_title(), "市科技局（演示）");
  EXPECT_THAT(std::vector<std::string>(draft->actions().begin(), draft->actions().end()),
              ElementsAre("sign", "discard"));
  EXPECT_EQ(Make(NewAgreement()).status().code(), absl::StatusCode::kAlreadyExists)
      << "the number is its key";
  const auto in_force = Sign(name);
  ASSERT_TRUE(in_force.ok()) << in_force.status();
  EXPECT_EQ(in_force->documents(0).sha256(), api::Sha256Hex("协议正本.pdf"));
  EXPECT_EQ(status::ReasonOf(Sign(name).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(RenewUntil(name, Date(2025, 12, 31)).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "not later";
  clock.now = time::EndOfDay(absl::CivilDay(2025, 12, 31));
  EXPECT_EQ(Agreement(name).state(), v1::FRAME_AGREEMENT_STATE_IN_FORCE);
  clock.now += absl::Seconds(1);
  EXPECT_EQ(Agreement(name).state(), v1::FRAME_AGREEMENT_STATE_EXPIRED)
      << "whether or not the job has marked it";
  const auto lease = JobLease();
  EXPECT_EQ(*cooperation_service.ExpireAgreements(*lease), 1);
  EXPECT_EQ(*cooperation_service.ExpireAgreements(*lease), 0);
  auto end = Named<v1::TerminateFrameAgreementRequest>(name);
  end.set_reason("合作终止");
  EXPECT_EQ(status::ReasonOf(
                cooperation_service.TerminateFrameAgreement(Bureau("TerminateFrameAgreement"), end)
                    .status()),
            ERROR_REASON_WRONG_STATE);
  const auto renewed = RenewUntil(name, Date(2027, 12, 31));
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_EQ(renewed->state(), v1::FRAME_AGREEMENT_STATE_IN_FORCE);
  ASSERT_EQ(renewed->renewals_size(), 1);
  EXPECT_EQ(renewed->renewals(0).from_end_date().year(), 2025);
  end.set_request_id(api::NewUuid());
  const auto ended =
      cooperation_service.TerminateFrameAgreement(Bureau("TerminateFrameAgreement"), end);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->end_reason(), "合作终止");
}

TEST_F(CooperationTest, AnAgreementInForceKeepsWhatWasSigned) {
  const std::string name = Make(NewAgreement())->name();
  v1::UpdateFrameAgreementRequest request;
  request.mutable_frame_agreement()->set_name(name);
  request.mutable_frame_agreement()->set_title("改名（演示）");
  request.mutable_update_mask()->add_paths("title");
  const auto update = [&] {
    request.set_request_id(api::NewUuid());
    return cooperation_service.UpdateFrameAgreement(Bureau("UpdateFrameAgreement"), request);
  };
  EXPECT_TRUE(update().ok()) << "a draft";
  ASSERT_TRUE(Sign(name).ok());
  request.mutable_frame_agreement()->set_title("又改名（演示）");
  EXPECT_THAT(testing::FieldsOf(update().status()), ElementsAre("frame_agreement.title"));
  request.mutable_update_mask()->set_paths(0, "content");
  request.mutable_frame_agreement()->set_content("共建平台");
  EXPECT_TRUE(update().ok());
  request.mutable_update_mask()->set_paths(0, "number");
  request.mutable_frame_agreement()->set_number("另一号");
  EXPECT_EQ(update().status().code(), absl::StatusCode::kInvalidArgument) << "immutable";
}

TEST_F(CooperationTest, AnEndThatComesNearIsRemindedOfOnceEach) {
  ASSERT_TRUE(Sign(Make(NewAgreement())->name()).ok());
  const auto lease = JobLease();
  EXPECT_EQ(*cooperation_service.RemindAgreements(*lease), 0);
  // 90 and 30 days before 1 January.
  clock.now = time::StartOfDay(absl::CivilDay(2026, 1, 1)) - 90 * kDay;
  EXPECT_EQ(*cooperation_service.RemindAgreements(*lease), 1);
  EXPECT_EQ(*cooperation_service.RemindAgreements(*lease), 0);
  clock.now += 60 * kDay;
  EXPECT_EQ(*cooperation_service.RemindAgreements(*lease), 1);
  EXPECT_EQ(*cooperation_service.RemindAgreements(*lease), 0);
  EXPECT_EQ(Count("journal WHERE kind = 'expiring'"), 2);
}

TEST_F(CooperationTest, PartiesSeeTheirAgreementsOnceTheyAreSigned) {
  const std::string name = Make(NewAgreement())->name();
  const auto code = [&](options::v1::Role role, const std::string& organization) {
    return GetAgreement(By(role, organization, "GetFrameAgreement"), name).status().code();
  };
  EXPECT_EQ(code(ROLE_RESEARCH_OFFICE, kOuc), absl::StatusCode::kNotFound) << "a draft";
  ASSERT_TRUE(Sign(name).ok());
  EXPECT_EQ(code(ROLE_RESEARCH_OFFICE, kOuc), absl::StatusCode::kOk);
  EXPECT_EQ(code(ROLE_UNIT, kZone), absl::StatusCode::kOk);
  EXPECT_EQ(code(ROLE_RESEARCH_OFFICE, kUpc), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(ROLE_UNIT, kTown), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(options::v1::ROLE_ADMINISTRATOR, kBureau), absl::StatusCode::kNotFound);
  const auto seen =
      cooperation_service.ListFrameAgreements(By(ROLE_UNIT, kTown, "ListFrameAgreements"), {});
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->frame_agreements_size(), 0);
}

TEST_F(CooperationTest, AgreementsComeFromASheetOnceAndGoBackUnchanged) {
  v1::FrameAgreement row;
  row.set_number("临科协9号");
  row.set_title("历史协议（演示）");
  row.add_university_titles("海洋大学（演示）");
  row.add_university_titles("石油大学（演示）");
  row.add_city_party_titles("泊里镇（演示）");
  row.set_lead_title("市科技局（演示）");
  row.add_areas("平台建设");
  row.add_areas("决策咨询服务合作");
  *row.mutable_start_date() = Date(2024, 1, 1);
  *row.mutable_end_date() = Date(2026, 12, 31);
  *row.mutable_sign_date() = Date(2023, 12, 20);
  const auto import = [&](const google::api::HttpBody& file, bool dry_run) {
    v1::ImportFrameAgreementsRequest request;
    *request.mutable_file() = file;
    request.set_file_name("协议.xlsx");
    request.set_validate_only(dry_run);
    request.set_request_id(api::NewUuid());
    return cooperation_service.ImportFrameAgreements(Bureau("ImportFrameAgreements"), request);
  };
  const auto words = [](const absl::StatusOr<v1::ImportFrameAgreementsResponse>& result) {
    if (!result.ok()) return std::string(result.status().message());
    return absl::StrCat(result->created(), " ", result->updated(), " ", result->unchanged());
  };
  std::vector<v1::FrameAgreement> bad(4, row);
  bad[0].set_university_titles(0, "没有的大学");
  bad[1].set_number("临科协10号");
  bad[1].set_areas(0, "联谊");
  bad[2].set_number("临科协11号");
  bad[2].set_university_titles(0, "古镇口（演示）");
  *bad[2].mutable_sign_date() = Date(2025, 4, 2);
  const auto refused = import(testing::Upload(bad), false);
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_INVALID_FILE);
  EXPECT_THAT(testing::FieldsOf(refused.status()),
              ElementsAre("协议.xlsx / 表 / C2", "协议.xlsx / 表 / F3", "协议.xlsx / 表 / C4",
                          "协议.xlsx / 表 / J4", "协议.xlsx / 表 / A5"));
  EXPECT_EQ(Count("frame_agreement"), 0);
  EXPECT_EQ(words(import(testing::Upload(std::vector<v1::FrameAgreement>{row}), true)), "1 0 0");
  EXPECT_EQ(Count("frame_agreement"), 0) << "a dry run";
  EXPECT_EQ(words(import(testing::Upload(std::vector<v1::FrameAgreement>{row}), false)), "1 0 0");
  EXPECT_EQ(Texts("SELECT state FROM frame_agreement").at(0), "IN_FORCE") << "it was signed";
  ASSERT_TRUE(Make(NewAgreement()).ok());
  const auto file = cooperation_service.ExportFrameAgreements(Bureau("ExportFrameAgreements"), {});
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(words(import(*file, false)), "0 0 2");
  row.set_title("换个名字（演示）");
  EXPECT_THAT(testing::FieldsOf(
                  import(testing::Upload(std::vector<v1::FrameAgreement>{row}), false).status()),
              ElementsAre("协议.xlsx / 表 / B2"))
      << "what was signed stays";
}

}  // namespace
}  // namespace chanyan::pairing
