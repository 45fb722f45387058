// Outcomes (PAIR-7) on the real database: declared by one side, confirmed by the other, summed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/pairing/outcome_life.h"
#include "tests/service/pairing/city.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using S = v1::OutcomeState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OutcomeTest : public ::testing::Test, protected City {
 protected:
  OutcomeTest() : project_(In(v1::PROJECT_STATE_BUILDING, kLab, 1).name()) {}

  static v1::Outcome Patents(int64_t number, const std::string& reference) {
    v1::Outcome outcome;
    outcome.set_kind("发明专利");
    outcome.set_quantity(number);
    outcome.set_reference(reference);
    outcome.set_description("密封结构（演示）");
    *outcome.mutable_period_first() = time::ToProto(absl::CivilDay(2025, 1, 1));
    *outcome.mutable_period_last() = time::ToProto(absl::CivilDay(2025, 3, 31));
    *outcome.add_evidence() = Document(absl::StrCat(reference, ".pdf"));
    return outcome;
  }
  static v1::Outcome Income(int64_t yuan, int fen) {
    v1::Outcome outcome = Patents(0, "");
    outcome.set_kind("技术合同收入");
    outcome.mutable_amount()->set_currency_code("CNY");
    outcome.mutable_amount()->set_units(yuan);
    outcome.mutable_amount()->set_nanos(fen * 10'000'000);
    return outcome;
  }
  absl::StatusOr<v1::Outcome> Declare(const v1::Outcome& outcome, const std::string& project = "",
                                      Role role = ROLE_RESEARCH_OFFICE,
                                      const std::string& organization = kOuc) {
    v1::CreateOutcomeRequest request;
    request.set_parent(project.empty() ? project_ : project);
    *request.mutable_outcome() = outcome;
    request.set_request_id(api::NewUuid());
    return outcomes.CreateOutcome(As(role, organization, "OutcomeService.CreateOutcome"), request);
  }
  absl::StatusOr<v1::Outcome> Do(const std::string& verb, const std::string& name, Role role,
                                 const std::string& organization) {
    const auto call = [&](const char* method) {
      return As(role, organization, absl::StrCat("OutcomeService.", method));
    };
    const auto named = [&](auto request) {
      request.set_name(name);
      request.set_request_id(api::NewUuid());
      return request;
    };
    if (verb == "confirm") {
      return outcomes.ConfirmOutcome(call("ConfirmOutcome"), named(v1::ConfirmOutcomeRequest()));
    }
    if (verb == "withdraw") {
      return outcomes.WithdrawOutcome(call("WithdrawOutcome"), named(v1::WithdrawOutcomeRequest()));
    }
    if (verb == "dispute") {
      v1::DisputeOutcomeRequest request;
      request.set_reason("数量不符");
      return outcomes.DisputeOutcome(call("DisputeOutcome"), named(request));
    }
    v1::UpdateOutcomeRequest request;
    request.mutable_outcome()->set_name(name);
    request.mutable_outcome()->set_description("补充说明");
    request.mutable_update_mask()->add_paths("description");
    request.set_request_id(api::NewUuid());
    return outcomes.UpdateOutcome(call("UpdateOutcome"), request);
  }
  // By whoever may: the university declares, the enterprise confirms.
  absl::StatusOr<v1::Outcome> Do(const std::string& verb, const std::string& name) {
    return verb == "confirm" || verb == "dispute" ? Do(verb, name, ROLE_ENTERPRISE, Enterprise(1))
                                                  : Do(verb, name, ROLE_RESEARCH_OFFICE, kOuc);
  }
  v1::OutcomeReport Query(v1::OutcomeGrouping grouping, Role role = ROLE_SECRETARIAT,
                          const std::string& organization = "x") {
    v1::QueryOutcomesRequest request;
    request.set_group_by(grouping);
    const auto report =
        outcomes.QueryOutcomes(As(role, organization, "OutcomeService.QueryOutcomes"), request);
    EXPECT_TRUE(report.ok()) << report.status();
    return *report;
  }
  static std::string Line(const v1::OutcomeSum& sum) {
    return absl::StrCat(sum.kind(), " ", sum.confirmed_count(), " ",
                        sum.has_confirmed_amount()
                            ? absl::StrCat(sum.confirmed_amount().units(), ".",
                                           sum.confirmed_amount().nanos() / 10'000'000)
                            : absl::StrCat(sum.confirmed_quantity()),
                        sum.measure_unit(), " + ", sum.pending_count());
  }

  const std::string project_;
};

TEST_F(OutcomeTest, WhatThePackDoesNotKnowIsRefusedWithItsField) {
  const auto fields = [&](const v1::Outcome& outcome) {
    return testing::FieldsOf(Declare(outcome).status());
  };
  v1::Outcome outcome = Patents(1, "ZL1");
  outcome.set_kind("掌声");
  EXPECT_THAT(fields(outcome), ElementsAre("outcome.kind"));
  outcome = Patents(0, "");
  outcome.clear_evidence();
  *outcome.mutable_period_last() = time::ToProto(absl::CivilDay(2025, 4, 2));
  EXPECT_THAT(fields(outcome), ElementsAre("outcome.quantity", "outcome.reference",
                                           "outcome.period_last", "outcome.evidence"));
  EXPECT_EQ(
      status::ReasonOf(
          Declare(Patents(1, "ZL1"), In(v1::PROJECT_STATE_NEGOTIATING, kLab, 2).name()).status()),
      ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Declare(Patents(1, "ZL1"), "", ROLE_ENTERPRISE, Enterprise(2)).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Count("outcome"), 0);
}

TEST_F(OutcomeTest, EveryStateAndVerb) {
  constexpr S kNo = v1::OUTCOME_STATE_UNSPECIFIED;
  constexpr S kDeclared = v1::OUTCOME_STATE_DECLARED;
  constexpr S kConfirmed = v1::OUTCOME_STATE_CONFIRMED;
  constexpr S kDisputed = v1::OUTCOME_STATE_DISPUTED;
  constexpr S kWithdrawn = v1::OUTCOME_STATE_WITHDRAWN;
  const std::string verbs[] = {"update", "confirm", "dispute", "withdraw"};
  struct Case {
    S from;
    const char* way;
    S to[4];
  };
  const Case cases[] = {
      {kDeclared, "", {kDeclared, kConfirmed, kDisputed, kWithdrawn}},
      {kConfirmed, "confirm", {kNo, kNo, kDisputed, kNo}},
      {kDisputed, "dispute", {kDeclared, kConfirmed, kNo, kWithdrawn}},
      {kWithdrawn, "withdraw", {kNo, kNo, kNo, kNo}},
  };
  ASSERT_EQ(std::size(verbs), OutcomeLife().size());
  int number = 0;
  for (const Case& one : cases) {
    for (size_t i = 0; i < std::size(verbs); ++i) {
      const std::string name = Declare(Patents(1, absl::StrCat("ZL", ++number)))->name();
      if (*one.way != '\0') {
        ASSERT_TRUE(Do(one.way, name).ok());
      }
      const auto done = Do(verbs[i], name);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(done.status()), ERROR_REASON_WRONG_STATE)
            << verbs[i] << " from " << one.from;
      } else {
        ASSERT_TRUE(done.ok()) << verbs[i] << " from " << one.from << ": " << done.status();
        EXPECT_EQ(done->state(), one.to[i]) << verbs[i] << " from " << one.from;
      }
    }
  }
}

TEST_F(OutcomeTest, NobodyConfirmsTheirOwn) {
  const auto outcome = Declare(Patents(2, "ZL1"));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->measure_unit(), "件");
  EXPECT_THAT(std::vector<std::string>(outcome->actions().begin(), outcome->actions().end()),
              ElementsAre("update", "withdraw"));
  EXPECT_EQ(Do("confirm", outcome->name(), ROLE_RESEARCH_OFFICE, kOuc).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Do("withdraw", outcome->name(), ROLE_ENTERPRISE, Enterprise(1)).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Do("confirm", outcome->name(), ROLE_ENTERPRISE, Enterprise(2)).status().code(),
            absl::StatusCode::kNotFound);
  const auto disputed = Do("dispute", outcome->name());
  EXPECT_EQ(disputed->dispute_reason(), "数量不符");
  EXPECT_EQ(Do("update", outcome->name())->dispute_reason(), "");
  const auto confirmed = Do("confirm", outcome->name());
  EXPECT_TRUE(confirmed->has_confirm_time());
  // The other way round.
  const auto theirs = Declare(Income(100, 0), "", ROLE_ENTERPRISE, Enterprise(1));
  EXPECT_EQ(Do("confirm", theirs->name(), ROLE_ENTERPRISE, Enterprise(1)).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(Do("confirm", theirs->name(), ROLE_RESEARCH_OFFICE, kOuc).ok());
}

TEST_F(OutcomeTest, ADryRunOfAChangeChangesNothing) {
  const std::string name = Declare(Patents(2, "ZL1"))->name();
  ASSERT_TRUE(Do("dispute", name).ok());
  const int64_t journal = Count("journal");
  v1::UpdateOutcomeRequest request;
  request.mutable_outcome()->set_name(name);
  request.mutable_outcome()->set_description("补充说明");
  request.mutable_update_mask()->add_paths("description");
  request.set_validate_only(true);
  ASSERT_TRUE(
      outcomes
          .UpdateOutcome(As(ROLE_RESEARCH_OFFICE, kOuc, "OutcomeService.UpdateOutcome"), request)
          .ok());
  EXPECT_EQ(Count("journal"), journal);
  EXPECT_EQ(Count("outcome WHERE state = 'DISPUTED'"), 1);
}

TEST_F(OutcomeTest, TheSamePatentCountsOnceInAProjectAlsoOfEightAtOnce) {
  std::vector<absl::Status> results(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] { results[i] = Declare(Patents(1, "ZL1")).status(); });
  }
  for (std::thread& thread : threads) thread.join();
  int declared = 0;
  for (const absl::Status& result : results) {
    declared += result.ok();
    EXPECT_TRUE(result.ok() || absl::IsAlreadyExists(result)) << result;
  }
  EXPECT_EQ(declared, 1);
  const std::string name = Texts("SELECT name FROM outcome").at(0);
  ASSERT_TRUE(Do("withdraw", name).ok());
  EXPECT_TRUE(Declare(Patents(1, "ZL1")).ok()) << "what is withdrawn does not stand in its way";
}

TEST_F(OutcomeTest, SumsAreExactAndOfConfirmedOnesAlone) {
  const std::string second = In(v1::PROJECT_STATE_SIGNED, kCenter, 3).name();
  const auto confirm = [&](const absl::StatusOr<v1::Outcome>& outcome, int enterprise) {
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    ASSERT_TRUE(Do("confirm", outcome->name(), ROLE_ENTERPRISE, Enterprise(enterprise)).ok());
  };
  // 0.10 a hundred times is ten yuan, to the fen.
  for (int i = 0; i < 10; ++i) confirm(Declare(Income(0, 10)), 1);
  confirm(Declare(Income(90'071'992'547'409LL % 100'000'000'000LL, 93)), 1);
  confirm(Declare(Patents(3, "ZL1")), 1);
  confirm(Declare(Patents(2, "ZL2"), second, ROLE_RESEARCH_OFFICE, kUpc), 3);
  ASSERT_TRUE(Declare(Patents(4, "ZL3")).ok());
  ASSERT_TRUE(Do("withdraw", Declare(Patents(5, "ZL4"))->name()).ok());

  const v1::OutcomeReport all = Query(v1::OUTCOME_GROUPING_UNSPECIFIED);
  ASSERT_EQ(all.totals_size(), 2);
  EXPECT_EQ(Line(all.totals(0)), "技术合同收入 11 71992547410.93元 + 0") << "in the pack's order";
  EXPECT_EQ(Line(all.totals(1)), "发明专利 2 5件 + 1");
  EXPECT_EQ(all.totals(1).pending_quantity(), 4);
  EXPECT_EQ(all.groups_size(), 0);

  const v1::OutcomeReport by_platform = Query(v1::OUTCOME_GROUPING_PLATFORM);
  ASSERT_EQ(by_platform.groups_size(), 2);
  EXPECT_EQ(by_platform.groups(0).key(), kLab);
  EXPECT_EQ(by_platform.groups(0).title(), "lab平台（演示）");
  EXPECT_EQ(Line(by_platform.groups(1).sums(0)), "发明专利 1 2件 + 0");
  EXPECT_EQ(Query(v1::OUTCOME_GROUPING_UNIVERSITY).groups(1).key(), kUpc);
  const v1::OutcomeReport by_unit = Query(v1::OUTCOME_GROUPING_UNIT);
  ASSERT_EQ(by_unit.groups_size(), 2);
  EXPECT_EQ(by_unit.groups(0).key(), kTown);
  // Each sees the sums of its own rows.
  EXPECT_EQ(Line(Query(v1::OUTCOME_GROUPING_UNSPECIFIED, ROLE_UNIT, kTown).totals(0)),
            "发明专利 1 2件 + 0");
  EXPECT_EQ(Query(v1::OUTCOME_GROUPING_UNSPECIFIED, ROLE_LEADER, "x").totals_size(), 2);
  EXPECT_EQ(Query(v1::OUTCOME_GROUPING_UNSPECIFIED, ROLE_ENTERPRISE, Enterprise(2)).totals_size(),
            0);

  v1::QueryOutcomesRequest request;
  *request.mutable_first_date() = time::ToProto(absl::CivilDay(2025, 4, 1));
  EXPECT_EQ(
      outcomes.QueryOutcomes(As(ROLE_SECRETARIAT, "x", "OutcomeService.QueryOutcomes"), request)
          ->totals_size(),
      0)
      << "their time ended in March";
}

TEST_F(OutcomeTest, AListIsExportedAsTheCallerSeesIt) {
  ASSERT_TRUE(Declare(Income(12, 34)).ok());
  v1::ExportOutcomesRequest request;
  request.set_parent(project_);
  const auto file =
      outcomes.ExportOutcomes(As(ROLE_UNIT, kZone, "OutcomeService.ExportOutcomes"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto workbook = sheet::ReadWorkbook(file->data(), "x.xlsx");
  ASSERT_EQ(workbook->FirstVisible()->rows.size(), 2u);
  EXPECT_DOUBLE_EQ(workbook->FirstVisible()->rows[1].Find(6)->number, 12.34);
  const auto none =
      outcomes.ExportOutcomes(As(ROLE_UNIT, kTown, "OutcomeService.ExportOutcomes"), request);
  EXPECT_EQ(sheet::ReadWorkbook(none->data(), "x.xlsx")->FirstVisible()->rows.size(), 1u);
}

}  // namespace
}  // namespace chanyan::pairing
