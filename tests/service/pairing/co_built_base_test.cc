// Bases of the frame cooperation on the real database, also from a sheet (PAIR-8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "tests/service/pairing/cooperation_world.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_ENTERPRISE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(CooperationTest, ABaseIsPlannedBuiltOpenedAndClosed) {
  v1::CreateCoBuiltBaseRequest request;
  v1::CoBuiltBase& row = *request.mutable_co_built_base();
  row.set_title("科技成果转化基地（演示）");
  row.set_kind("科技成果转化基地");
  row.add_universities(kOuc);
  row.add_partners(Enterprise(1));
  row.set_place("经济开发区");
  row.set_agreement("frameAgreements/none");
  const auto make = [&] {
    request.set_request_id(api::NewUuid());
    return cooperation_service.CreateCoBuiltBase(Bureau("CreateCoBuiltBase"), request);
  };
  EXPECT_THAT(testing::FieldsOf(make().status()), ElementsAre("co_built_base.agreement"));
  row.set_agreement(Make(NewAgreement())->name());
  row.set_kind("人才挂职");
  EXPECT_THAT(testing::FieldsOf(make().status()), ElementsAre("co_built_base.kind"));
  row.set_kind("科技成果转化基地");
  const auto planned = make();
  ASSERT_TRUE(planned.ok()) << planned.status();
  EXPECT_EQ(make().status().code(), absl::StatusCode::kAlreadyExists);
  auto open = Named<v1::OpenCoBuiltBaseRequest>(planned->name());
  *open.mutable_open_date() = Date(2025, 4, 2);
  EXPECT_THAT(testing::FieldsOf(
                  cooperation_service.OpenCoBuiltBase(Bureau("OpenCoBuiltBase"), open).status()),
              ElementsAre("open_date"))
      << "to come";
  auto start = Named<v1::StartCoBuiltBaseRequest>(planned->name());
  *start.mutable_start_date() = Date(2025, 4, 1);
  ASSERT_TRUE(cooperation_service.StartCoBuiltBase(Bureau("StartCoBuiltBase"), start).ok());
  *open.mutable_open_date() = Date(2025, 3, 1);
  EXPECT_FALSE(cooperation_service.OpenCoBuiltBase(Bureau("OpenCoBuiltBase"), open).ok())
      << "before it was begun";
  *open.mutable_open_date() = Date(2025, 4, 1);
  ASSERT_TRUE(cooperation_service.OpenCoBuiltBase(Bureau("OpenCoBuiltBase"), open).ok());
  v1::GetCoBuiltBaseRequest get;
  get.set_name(planned->name());
  EXPECT_TRUE(
      cooperation_service.GetCoBuiltBase(By(ROLE_ENTERPRISE, Enterprise(1), "GetCoBuiltBase"), get)
          .ok())
      << "a partner";
  EXPECT_EQ(
      cooperation_service.GetCoBuiltBase(By(ROLE_ENTERPRISE, Enterprise(2), "GetCoBuiltBase"), get)
          .status()
          .code(),
      absl::StatusCode::kNotFound);
  auto close = Named<v1::CloseCoBuiltBaseRequest>(planned->name());
  *close.mutable_close_date() = Date(2025, 4, 1);
  close.set_reason("整合");
  const auto closed = cooperation_service.CloseCoBuiltBase(Bureau("CloseCoBuiltBase"), close);
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(closed->close_reason(), "整合");
  v1::UpdateCoBuiltBaseRequest update;
  update.mutable_co_built_base()->set_name(planned->name());
  update.mutable_co_built_base()->set_place("别处");
  update.mutable_update_mask()->add_paths("place");
  EXPECT_EQ(
      status::ReasonOf(
          cooperation_service.UpdateCoBuiltBase(Bureau("UpdateCoBuiltBase"), update).status()),
      ERROR_REASON_WRONG_STATE);
}

TEST_F(CooperationTest, BasesComeFromASheetWithTheStateOfTheirDays) {
  std::vector<v1::CoBuiltBase> rows(3);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].set_title(absl::StrCat("基地", i, "（演示）"));
    rows[i].set_kind("大学科技园");
    rows[i].add_university_titles("海洋大学（演示）");
    rows[i].set_place("高新区");
  }
  *rows[1].mutable_start_date() = Date(2024, 5, 1);
  *rows[2].mutable_start_date() = Date(2023, 5, 1);
  *rows[2].mutable_open_date() = Date(2024, 5, 1);
  const auto import = [&](const google::api::HttpBody& file) {
    v1::ImportCoBuiltBasesRequest request;
    *request.mutable_file() = file;
    request.set_file_name("基地.xlsx");
    request.set_request_id(api::NewUuid());
    const auto result =
        cooperation_service.ImportCoBuiltBases(Bureau("ImportCoBuiltBases"), request);
    if (!result.ok()) return std::string(result.status().message());
    return absl::StrCat(result->created(), " ", result->updated(), " ", result->unchanged());
  };
  EXPECT_EQ(import(testing::Upload(rows)), "3 0 0");
  EXPECT_THAT(Texts("SELECT state FROM co_built_base ORDER BY title"),
              ElementsAre("PLANNED", "BUILDING", "OPERATING"));
  const auto file = cooperation_service.ExportCoBuiltBases(Bureau("ExportCoBuiltBases"), {});
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(import(*file), "0 0 3");
  *rows[0].mutable_open_date() = Date(2025, 4, 1);
  EXPECT_EQ(import(testing::Upload(rows)), "0 1 2");
  *rows[1].mutable_start_date() = Date(2024, 6, 1);
  EXPECT_NE(import(testing::Upload(rows)), "0 1 2") << "a day that is known does not change";
  EXPECT_THAT(Texts("SELECT COALESCE(start_date, '') FROM co_built_base ORDER BY title"),
              ElementsAre("", "2024-05-01", "2023-05-01"));
}

TEST_F(CooperationTest, AnEvaluationIsToldAsAWholeAndNotBeforeItsDay) {
  v1::CreateCoBuiltBaseRequest request;
  v1::CoBuiltBase& row = *request.mutable_co_built_base();
  row.set_title("科技成果转化基地（演示）");
  row.set_kind("科技成果转化基地");
  row.add_universities(kOuc);
  row.set_place("经济开发区");
  row.set_evaluation(v1::BASE_EVALUATION_EXCELLENT);
  *row.mutable_recommend_date() = Date(2025, 4, 2);
  const auto make = [&] {
    request.set_request_id(api::NewUuid());
    return cooperation_service.CreateCoBuiltBase(Bureau("CreateCoBuiltBase"), request);
  };
  EXPECT_THAT(testing::FieldsOf(make().status()),
              ElementsAre("co_built_base.evaluator", "co_built_base.evaluation_date",
                          "co_built_base.recommended_as", "co_built_base.recommend_date"));
  row.set_park("临沂高新技术产业开发区");
  row.set_evaluator("某科技评估中心（演示）");
  *row.mutable_evaluation_date() = Date(2025, 3, 1);
  row.set_recommended_as("省级技术创新中心");
  *row.mutable_recommend_date() = Date(2025, 2, 1);
  EXPECT_THAT(testing::FieldsOf(make().status()), ElementsAre("co_built_base.recommend_date"))
      << "before it was evaluated";
  *row.mutable_recommend_date() = Date(2025, 3, 20);
  row.set_talent_sharing("政府出政策、学校出编制、企业出绩效");
  row.set_shared_talents(12);
  const auto made = make();
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->park(), "临沂高新技术产业开发区");
  EXPECT_EQ(made->shared_talents(), 12);
  EXPECT_EQ(made->recommend_verdicts().verdicts_size(), 2);
  v1::UpdateCoBuiltBaseRequest update;
  update.mutable_co_built_base()->set_name(made->name());
  update.mutable_update_mask()->add_paths("evaluator");
  EXPECT_THAT(
      testing::FieldsOf(
          cooperation_service.UpdateCoBuiltBase(Bureau("UpdateCoBuiltBase"), update).status()),
      ElementsAre("co_built_base.evaluator"));
}

TEST_F(CooperationTest, ARecommendationIsJudgedByThePackAndKeepsWhatItSaid) {
  v1::CreateCoBuiltBaseRequest request;
  v1::CoBuiltBase& row = *request.mutable_co_built_base();
  row.set_title("科技成果转化基地（演示）");
  row.set_kind("科技成果转化基地");
  row.add_universities(kOuc);
  row.set_place("经济开发区");
  row.set_recommended_as("省级技术创新中心");
  *row.mutable_recommend_date() = Date(2025, 3, 20);
  const auto make = [&] {
    request.set_request_id(api::NewUuid());
    return cooperation_service.CreateCoBuiltBase(Bureau("CreateCoBuiltBase"), request);
  };
  EXPECT_THAT(testing::FieldsOf(make().status()), ElementsAre("co_built_base.recommended_as"))
      << "nobody has evaluated it";
  row.set_evaluator("某科技评估中心（演示）");
  *row.mutable_evaluation_date() = Date(2025, 3, 1);
  row.set_evaluation(v1::BASE_EVALUATION_FAILED);
  request.set_override_reason("省里点名");
  EXPECT_EQ(status::ReasonOf(make().status()), options::v1::ERROR_REASON_RULE_VIOLATED);
  row.set_evaluation(v1::BASE_EVALUATION_GOOD);
  request.clear_override_reason();
  const auto refused = make();
  EXPECT_EQ(status::ReasonOf(refused.status()), options::v1::ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("四、（三）"));
  EXPECT_EQ(Count("co_built_base"), 0);
  request.set_override_reason("省里点名");
  const auto made = make();
  ASSERT_TRUE(made.ok()) << made.status();
  v1::GetCoBuiltBaseRequest get;
  get.set_name(made->name());
  const auto stored = [&] {
    const auto base = cooperation_service.GetCoBuiltBase(Bureau("GetCoBuiltBase"), get);
    EXPECT_TRUE(base.ok()) << base.status();
    return base.ok() ? *base : v1::CoBuiltBase();
  };
  ASSERT_EQ(stored().recommend_verdicts().verdicts_size(), 2);
  const policy::v1::Verdict first = stored().recommend_verdicts().verdicts(0);
  EXPECT_EQ(first.rule_id(), "base.recommend-excellent");
  EXPECT_EQ(first.outcome(), policy::v1::OUTCOME_OVERRIDDEN);
  EXPECT_EQ(first.override().reason(), "省里点名");
  EXPECT_EQ(first.override().role(), options::v1::ROLE_DEPARTMENT);

  v1::UpdateCoBuiltBaseRequest update;
  update.mutable_co_built_base()->set_name(made->name());
  const auto change = [&](const char* path) {
    update.mutable_update_mask()->clear_paths();
    update.mutable_update_mask()->add_paths(path);
    update.set_request_id(api::NewUuid());
    return cooperation_service.UpdateCoBuiltBase(Bureau("UpdateCoBuiltBase"), update);
  };
  update.mutable_co_built_base()->set_place("高新区");
  EXPECT_TRUE(change("place").ok()) << "it has nothing to do with that";
  update.mutable_co_built_base()->set_evaluation(v1::BASE_EVALUATION_PASSED);
  EXPECT_EQ(status::ReasonOf(change("evaluation").status()),
            options::v1::ERROR_REASON_RULE_VIOLATED)
      << "the reason was given for a good one";
  EXPECT_EQ(stored().evaluation(), v1::BASE_EVALUATION_GOOD);
  update.mutable_co_built_base()->set_evaluation(v1::BASE_EVALUATION_EXCELLENT);
  ASSERT_TRUE(change("evaluation").ok());
  EXPECT_EQ(stored().recommend_verdicts().verdicts(0).outcome(), policy::v1::OUTCOME_SATISFIED);
}

TEST_F(CooperationTest, WhatABaseIsEvaluatedAsComesAndGoesByItsSheet) {
  v1::CoBuiltBase row;
  row.set_title("基地（演示）");
  row.set_kind("大学科技园");
  row.add_university_titles("海洋大学（演示）");
  row.set_place("高新区");
  *row.mutable_evaluation_date() = Date(2025, 4, 2);
  std::string reason;
  const auto import = [&](const google::api::HttpBody& file) {
    v1::ImportCoBuiltBasesRequest request;
    *request.mutable_file() = file;
    request.set_file_name("基地.xlsx");
    request.set_override_reason(reason);
    request.set_request_id(api::NewUuid());
    return cooperation_service.ImportCoBuiltBases(Bureau("ImportCoBuiltBases"), request);
  };
  EXPECT_EQ(testing::FieldsOf(import(testing::Upload<v1::CoBuiltBase>({row})).status()).size(), 3u)
      << "evaluator, result, and a day to come";
  EXPECT_EQ(Count("co_built_base"), 0);
  row.set_park("临沂高新技术产业开发区");
  row.set_evaluator("某科技评估中心（演示）");
  *row.mutable_evaluation_date() = Date(2025, 3, 1);
  row.set_evaluation(v1::BASE_EVALUATION_GOOD);
  row.set_recommended_as("省级大学科技园");
  *row.mutable_recommend_date() = Date(2025, 3, 20);
  row.set_talent_sharing("政府出政策、学校出编制、企业出绩效");
  row.set_shared_talents(3);
  EXPECT_THAT(testing::FieldsOf(import(testing::Upload<v1::CoBuiltBase>({row})).status()),
              ElementsAre(HasSubstr("2")))
      << "a good one is recommended for a reason";
  EXPECT_EQ(Count("co_built_base"), 0);
  reason = "省里点名";
  const auto taken = import(testing::Upload<v1::CoBuiltBase>({row}));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_THAT(Texts("SELECT CONCAT_WS('|', park, evaluator, evaluation_date, evaluation, "
                    "recommended_as, recommend_date, talent_sharing, shared_talents) "
                    "FROM co_built_base"),
              ElementsAre("临沂高新技术产业开发区|某科技评估中心（演示）|2025-03-01|GOOD|"
                          "省级大学科技园|2025-03-20|政府出政策、学校出编制、企业出绩效|3"));
  const auto file = cooperation_service.ExportCoBuiltBases(Bureau("ExportCoBuiltBases"), {});
  ASSERT_TRUE(file.ok()) << file.status();
  // What was set aside is not asked for again.
  reason.clear();
  const auto again = import(*file);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->unchanged(), 1);
}

}  // namespace
}  // namespace chanyan::pairing
