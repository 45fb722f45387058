// 牵头单位应联合成员单位共同编制创新联合体建设方案 (S2 五(五)): who signs the agreement confirms
// the plan as it stands (CON-1, CON-2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kJoint[] = "consortium.plan-joint";

class JointPlanTest : public ::testing::Test, public World {
 protected:
  absl::StatusOr<v1::Signature> SignPlan(const std::string& name, const std::string& by,
                                         const std::string& plan) {
    v1::SignAgreementRequest request;
    request.set_name(name);
    request.set_digest(Stored(name).agreement().digest());
    request.set_plan_digest(plan);
    request.set_signer("法定代表人");
    request.set_request_id(api::NewUuid());
    return signatures.SignAgreement(By(by, "SignatureService.SignAgreement"), request);
  }
  void Reword(const std::string& name, const std::string& schedule,
              const std::string& by = kAlpha) {
    v1::Consortium update;
    update.set_name(name);
    update.mutable_plan()->set_schedule(schedule);
    const auto updated = Update(update, {"plan.schedule"}, by);
    ASSERT_TRUE(updated.ok()) << updated.status();
  }
  std::vector<std::string> MissingIn(const std::string& name) {
    std::vector<std::string> rules;
    const auto row = See(name, options::v1::ROLE_ENTERPRISE, kAlpha);
    EXPECT_TRUE(row.ok()) << row.status();
    for (const auto& item : row->missing()) {
      rules.push_back(item.rule_id());
    }
    return rules;
  }
};

TEST_F(JointPlanTest, WhoReadAnotherPlanSignsNothing) {
  const std::string name = Ready("方案").name();
  const std::string read = Stored(name).plan_digest();
  Reword(name, "分四步实施。");
  EXPECT_EQ(SignPlan(name, E(1), read).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(SignPlan(name, E(1), std::string(64, '0')).status().code(), absl::StatusCode::kAborted);
  EXPECT_THAT(Stored(name).plan_confirmed_by(), IsEmpty());
}

TEST_F(JointPlanTest, APlanThatIsChangedIsConfirmedAnewAndTheAgreementStaysSigned) {
  const v1::Consortium ready = Ready("方案");
  EXPECT_EQ(ready.plan_confirmed_by_size(), 6);
  EXPECT_THAT(MissingIn(ready.name()), Not(Contains(kJoint)));
  // A member works on it, as it may.
  Reword(ready.name(), "分四步实施。", kOuc);
  EXPECT_EQ(Stored(ready.name()).signed_by_size(), 6);
  EXPECT_THAT(Stored(ready.name()).plan_confirmed_by(), IsEmpty());
  EXPECT_THAT(MissingIn(ready.name()), Contains(kJoint));
  EXPECT_EQ(status::ReasonOf(Submit(ready.name()).status()), ERROR_REASON_RULE_VIOLATED);
  const auto row = Stored(ready.name());
  std::string last;
  for (const std::string& party : ParticipantsOf(row)) {
    if (!last.empty()) {
      ASSERT_TRUE(SignPlan(row.name(), last, row.plan_digest()).ok());
    }
    last = party;
  }
  EXPECT_EQ(status::ReasonOf(Submit(row.name()).status()), ERROR_REASON_RULE_VIOLATED)
      << "all but one";
  const auto signature = SignPlan(row.name(), last, "");
  ASSERT_TRUE(signature.ok()) << signature.status();
  EXPECT_EQ(signature->plan_digest(), row.plan_digest());
  EXPECT_EQ(SignPlan(row.name(), last, "")->name(), signature->name()) << "once";
  EXPECT_TRUE(Submit(row.name()).ok());
}

TEST_F(JointPlanTest, BackAsItWasWhatWasConfirmedCounts) {
  const v1::Consortium ready = Ready("方案");
  Reword(ready.name(), "分四步实施。");
  Reword(ready.name(), ready.plan().schedule());
  EXPECT_EQ(Stored(ready.name()).plan_confirmed_by_size(), 6);
  EXPECT_TRUE(Submit(ready.name()).ok());
}

TEST_F(JointPlanTest, SignaturesFromBeforeThePlanWasKeptWereForThePlanOfTheirTime) {
  const v1::Consortium ready = Ready("方案");
  const absl::Status before = database.db().Transact([&](db::Session& session) {
    return session.Execute("UPDATE signature SET plan_digest = ''", {}).status();
  });
  ASSERT_TRUE(before.ok()) << before;
  Reword(ready.name(), "分四步实施。");
  EXPECT_EQ(Stored(ready.name()).plan_confirmed_by_size(), 6);
}

TEST_F(JointPlanTest, CapabilitiesAndLayoutAreAskedForLive) {
  v1::Consortium dossier = Dossier("条件");
  dossier.mutable_members(0)->clear_capability();
  dossier.mutable_members(4)->clear_capability();
  dossier.mutable_plan()->clear_talent_layout();
  const auto made = Create(dossier);
  ASSERT_TRUE(made.ok()) << made.status();
  for (const char* rule :
       {"consortium.member-enterprises", "consortium.member-research", "consortium.plan-layout"}) {
    EXPECT_THAT(MissingIn(made->name()), Contains(rule)) << rule;
  }
}

}  // namespace
}  // namespace chanyan::consortium
