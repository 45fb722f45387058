// The verdict on each enterprise of the roster, and exceptions from the rule (PAIR-6, POL-2,
// POL-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/policy/verdict.h"
#include "common/rpc/pack_archive.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/merger_world.h"
#include "tests/support/later_pack.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using policy::v1::OUTCOME_NOT_SATISFIED;
using policy::v1::OUTCOME_OVERRIDDEN;
using policy::v1::OUTCOME_SATISFIED;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kRosterSize = 8;

class EnterpriseCoverageTest : public PairingMergerTest {
 protected:
  void SetUp() override {
    for (int number = 4; number <= kRosterSize; ++number) AddEnterprise(number, kZone);
    std::vector<v1::RosterEntry> rows;
    for (int number = 1; number <= kRosterSize; ++number) rows.push_back(EntryOf(number));
    const auto roster = ImportRoster(rows);
    ASSERT_TRUE(roster.ok()) << roster.status();
  }
  static std::string Outreach(int enterprise) { return absl::StrCat("outreaches/e", enterprise); }
  static rpc::Call Call(Role role, const std::string& organization, absl::string_view method) {
    return As(role, organization, absl::StrCat("CoverageService.", method));
  }
  absl::StatusOr<v1::EnterpriseCoverage> Check(int enterprise, Role role = ROLE_SECRETARIAT,
                                               const std::string& organization = kSecretariat) {
    v1::CheckEnterpriseCoverageRequest request;
    request.set_name(Outreach(enterprise));
    return coverage_service.CheckEnterpriseCoverage(
        Call(role, organization, "CheckEnterpriseCoverage"), request);
  }
  // The one verdict that there is.
  policy::v1::Verdict Verdict(int enterprise) {
    const auto answer = Check(enterprise);
    EXPECT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->verdicts().verdicts_size(), 1);
    return answer.ok() ? answer->verdicts().verdicts(0) : policy::v1::Verdict();
  }
  absl::StatusOr<v1::Outreach> Except(int enterprise, const std::string& reason,
                                      Role role = ROLE_UNIT,
                                      const std::string& organization = kZone,
                                      const std::string& etag = "") {
    v1::OverrideEnterpriseCoverageRequest request;
    request.set_name(Outreach(enterprise));
    request.set_reason(reason);
    request.set_etag(etag);
    request.set_request_id(api::NewUuid());
    return coverage_service.OverrideEnterpriseCoverage(
        Call(role, organization, "OverrideEnterpriseCoverage"), request);
  }
  absl::StatusOr<v1::Outreach> Restore(int enterprise, const std::string& reason) {
    v1::RestoreEnterpriseCoverageRequest request;
    request.set_name(Outreach(enterprise));
    request.set_reason(reason);
    request.set_request_id(api::NewUuid());
    return coverage_service.RestoreEnterpriseCoverage(
        Call(ROLE_UNIT, kZone, "RestoreEnterpriseCoverage"), request);
  }
  v1::CoverageGroup Total() {
    const auto coverage = Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_UNSPECIFIED);
    EXPECT_TRUE(coverage.ok()) << coverage.status();
    return coverage.ok() ? coverage->total() : v1::CoverageGroup();
  }
  std::vector<v1::UnpairedEnterprise> Unpaired(const std::string& filter = "") {
    v1::ListUnpairedEnterprisesRequest request;
    request.set_filter(filter);
    const auto page = coverage_service.ListUnpairedEnterprises(
        Call(ROLE_SECRETARIAT, kSecretariat, "ListUnpairedEnterprises"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->enterprises().begin(), page->enterprises().end()};
  }
};

TEST_F(EnterpriseCoverageTest, TheVerdictNamesRuleClauseFactsAndProjects) {
  const std::string signed_one = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  const std::string wish = In(v1::PROJECT_STATE_INTENT, kCenter, 1).name();
  In(v1::PROJECT_STATE_TERMINATED, kCenter, 2);
  const auto paired = Check(1, ROLE_UNIT, kZone);
  ASSERT_TRUE(paired.ok()) << paired.status();
  EXPECT_EQ(paired->entry().enterprise(), Enterprise(1));
  EXPECT_EQ(paired->roster(), "rosters/2025-04-01");
  EXPECT_EQ(paired->standing(), v1::ENTERPRISE_STANDING_PAIRED);
  EXPECT_EQ(time::ToTime(paired->as_of()), clock.now);
  EXPECT_EQ(paired->verdicts().pack_id(), pack->id());
  std::vector<std::string> projects;
  for (const auto& one : paired->projects()) {
    projects.push_back(absl::StrCat(one.project(), one.counts() ? " counts" : ""));
  }
  EXPECT_THAT(projects, ::testing::UnorderedElementsAre(signed_one + " counts", wish));
  const policy::v1::Verdict& verdict = paired->verdicts().verdicts(0);
  EXPECT_EQ(verdict.rule_id(), "enterprise.coverage");
  EXPECT_EQ(verdict.outcome(), OUTCOME_SATISFIED);
  EXPECT_FALSE(verdict.clause().document().empty());
  ASSERT_EQ(verdict.facts_size(), 1);
  EXPECT_EQ(verdict.facts(0).name(), "paired_platforms");
  EXPECT_THAT(verdict.facts(0).values(), ElementsAre("1"));

  const auto none = Check(2);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->standing(), v1::ENTERPRISE_STANDING_NONE);
  EXPECT_THAT(none->projects(), IsEmpty()) << "a terminated one is none";
  EXPECT_EQ(none->verdicts().verdicts(0).outcome(), OUTCOME_NOT_SATISFIED);
  EXPECT_EQ(Check(1, ROLE_UNIT, kTown).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Check(99).status().code(), absl::StatusCode::kNotFound) << "not in the roster";
}

TEST_F(EnterpriseCoverageTest, VerdictsAddUpToTheFigureEverywhere) {
  const v1::ProjectState states[] = {v1::PROJECT_STATE_INTENT,    v1::PROJECT_STATE_NEGOTIATING,
                                     v1::PROJECT_STATE_SIGNED,    v1::PROJECT_STATE_BUILDING,
                                     v1::PROJECT_STATE_COMPLETED, v1::PROJECT_STATE_TERMINATED};
  for (int number = 1; number <= 6; ++number) In(states[number - 1], kLab, number);
  // Two projects of one platform count once, two platforms twice.
  In(v1::PROJECT_STATE_SIGNED, kCenter, 4);
  ASSERT_TRUE(Except(7, "企业拒绝结对（演示）").ok());
  int counted = 0;
  for (int number = 1; number <= kRosterSize; ++number) {
    const auto answer = Check(number);
    ASSERT_TRUE(answer.ok()) << answer.status();
    const bool met = answer->verdicts().verdicts(0).outcome() == OUTCOME_SATISFIED;
    EXPECT_EQ(met, answer->standing() == v1::ENTERPRISE_STANDING_PAIRED) << number;
    counted += met;
  }
  EXPECT_EQ(Total().paired_count(), counted);
  EXPECT_EQ(counted, 3);
  const auto unpaired = Unpaired();
  EXPECT_EQ(static_cast<int>(unpaired.size()), kRosterSize - counted);
  for (const v1::UnpairedEnterprise& row : unpaired) {
    ASSERT_EQ(row.coverage_verdicts().verdicts_size(), 1);
    const policy::v1::Verdict& verdict = row.coverage_verdicts().verdicts(0);
    EXPECT_EQ(verdict.outcome(),
              row.enterprise() == Enterprise(7) ? OUTCOME_OVERRIDDEN : OUTCOME_NOT_SATISFIED)
        << row.enterprise();
  }
}

TEST_F(EnterpriseCoverageTest, AnExceptionIsReasonedDatedJournalledAndMovesNoFigure) {
  const v1::CoverageGroup before = Total();
  const auto made = Except(2, "企业已书面说明暂不结对（演示）");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(time::ToTime(made->coverage_override_time()), clock.now);
  const policy::v1::Verdict verdict = Verdict(2);
  EXPECT_EQ(verdict.outcome(), OUTCOME_OVERRIDDEN);
  EXPECT_EQ(verdict.override().role(), ROLE_UNIT);
  EXPECT_EQ(verdict.override().reason(), "企业已书面说明暂不结对（演示）");
  EXPECT_EQ(Total().SerializeAsString(), before.SerializeAsString());
  EXPECT_EQ(Check(2)->standing(), v1::ENTERPRISE_STANDING_NONE);
  EXPECT_EQ(Unpaired("coverage_override_time > 2000-01-01").size(), 1u);
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE type LIKE '%Outreach' ORDER BY id"),
              ElementsAre("created"));

  EXPECT_EQ(status::ReasonOf(Except(2, "再说一次").status()), ERROR_REASON_WRONG_STATE);
  const auto ended = Restore(2, "企业改变主意（演示）");
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->coverage_restore_reason(), "企业改变主意（演示）");
  EXPECT_FALSE(ended->has_coverage_override_time());
  EXPECT_EQ(Verdict(2).outcome(), OUTCOME_NOT_SATISFIED);
  EXPECT_EQ(status::ReasonOf(Restore(2, "再取消").status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Except(2, "x", ROLE_UNIT, kZone, made->etag()).status().code(),
            absl::StatusCode::kAborted)
      << "as it was read before";
  ASSERT_TRUE(Except(2, "仍暂不结对", ROLE_SECRETARIAT, kSecretariat, ended->etag()).ok());
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE type LIKE '%Outreach' ORDER BY id"),
              ElementsAre("created", "restored", "excepted"));
}

TEST_F(EnterpriseCoverageTest, OnlyWhoMayAndOnlyWhereThereIsSomethingToExcept) {
  In(v1::PROJECT_STATE_SIGNED, kLab, 1);
  EXPECT_EQ(status::ReasonOf(Except(1, "x").status()), ERROR_REASON_WRONG_STATE) << "paired";
  EXPECT_EQ(Except(2, "x", ROLE_UNIT, kTown).status().code(), absl::StatusCode::kNotFound)
      << "another unit's";
  EXPECT_EQ(Except(99, "x").status().code(), absl::StatusCode::kNotFound) << "not in the roster";
  EXPECT_FALSE(Except(2, std::string(600, 'x')).ok()) << "longer than a reason may be";
  EXPECT_FALSE(Except(2, "").ok());
  // Once it is paired the exception has nothing to say any more.
  ASSERT_TRUE(Except(2, "暂不结对").ok());
  In(v1::PROJECT_STATE_SIGNED, kLab, 2);
  EXPECT_EQ(Verdict(2).outcome(), OUTCOME_SATISFIED);
  EXPECT_EQ(Total().paired_count(), 2);
}

TEST_F(EnterpriseCoverageTest, AHardRuleIsNotSetAside) {
  policy::v1::PolicyPack hard = pack->proto();
  for (policy::v1::Rule& rule : *hard.mutable_rules()) {
    if (rule.decision() != policy::v1::DECISION_ENTERPRISE_COVERAGE) continue;
    rule.set_strength(policy::v1::STRENGTH_HARD);
    rule.clear_override_roles();
  }
  const auto strict = policy::Pack::Parse({{"strict.textproto", hard.DebugString()}});
  ASSERT_TRUE(strict.ok()) << strict.status();
  CoverageService service({{database.db(), clock, nullptr}, **strict});
  v1::OverrideEnterpriseCoverageRequest request;
  request.set_name(Outreach(2));
  request.set_reason("暂不结对");
  request.set_request_id(api::NewUuid());
  const auto refused = service.OverrideEnterpriseCoverage(
      Call(ROLE_UNIT, kZone, "OverrideEnterpriseCoverage"), request);
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_RULE_VIOLATED) << refused.status();
  EXPECT_EQ(Count("outreach"), 0);
  // What was set aside while the rule was soft does not hold under the hard one.
  ASSERT_TRUE(Except(2, "暂不结对").ok());
  v1::CheckEnterpriseCoverageRequest check;
  check.set_name(Outreach(2));
  const auto now = service.CheckEnterpriseCoverage(
      Call(ROLE_SECRETARIAT, kSecretariat, "CheckEnterpriseCoverage"), check);
  ASSERT_TRUE(now.ok()) << now.status();
  EXPECT_EQ(now->verdicts().verdicts(0).outcome(), OUTCOME_NOT_SATISFIED);
}

TEST_F(EnterpriseCoverageTest, AnExceptionComesToTheSameBytesUnderLaterPacks) {
  const auto keep = [&](const policy::Pack& kept) {
    const absl::Status status = database.db().Transact(
        [&](db::Session& session) { return rpc::KeepPack(session, clock.now, kept).status(); });
    ASSERT_TRUE(status.ok()) << status;
  };
  keep(*pack);
  const absl::Time then = clock.now;
  const auto made = Except(2, "暂不结对");
  ASSERT_TRUE(made.ok()) << made.status();
  clock.now += kDay;
  keep(*testing::LaterPack(*pack, "9999.1"));
  std::string again;
  const absl::Status replayed = database.db().Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const policy::v1::Verdicts verdicts,
                             rpc::ReplayVerdicts(session, made->coverage_verdicts(), then));
    again = policy::Encode(verdicts);
    return absl::OkStatus();
  });
  ASSERT_TRUE(replayed.ok()) << replayed;
  EXPECT_EQ(again, policy::Encode(made->coverage_verdicts()));
}

TEST_F(EnterpriseCoverageTest, AnExceptionIsOneEnterprisesAndEndsWithIt) {
  ASSERT_TRUE(Except(2, "暂不结对").ok());
  Merge(Enterprise(2), Enterprise(4));
  EXPECT_EQ(Verdict(4).outcome(), OUTCOME_NOT_SATISFIED);
  EXPECT_EQ(Count("outreach WHERE coverage_override_time IS NOT NULL"), 0);
}

}  // namespace
}  // namespace chanyan::pairing
