// What an editor saves while somebody types, and what must be whole when it is handed in (CON-1,
// CON-2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HalfWrittenTest : public ::testing::Test, public World {
 protected:
  static std::vector<std::string> MissingIn(const v1::Consortium& row) {
    std::vector<std::string> rules;
    for (const v1::MissingItem& item : row.missing()) rules.push_back(item.rule_id());
    return rules;
  }
};

TEST_F(HalfWrittenTest, AChiefExpertWithANameOnlyIsSavedAndToldToLackTheRest) {
  const std::string name = Ready("联合体").name();
  v1::Consortium update;
  update.set_name(name);
  update.mutable_chief_expert()->set_person("赵六");
  const auto saved = Update(update, {"chief_expert"});
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(Stored(name).chief_expert().person(), "赵六");
  ASSERT_THAT(MissingIn(*saved), ElementsAre("", "consortium.chief-expert"));
  EXPECT_THAT(saved->missing(0).fields(), ElementsAre("chief_expert.unit_title"));
  const auto refused = Submit(name);
  EXPECT_EQ(status::ReasonOf(refused.status()), options::v1::ERROR_REASON_INVALID_FIELD);
  update.mutable_chief_expert()->set_unit_title("海洋大学（演示）");
  const auto whole = Update(update, {"chief_expert"});
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_THAT(MissingIn(*whole), IsEmpty());
  EXPECT_TRUE(Submit(name).ok());
}

TEST_F(HalfWrittenTest, NothingHalfWrittenIsHandedInAndEveryPlaceIsTold) {
  v1::Consortium dossier = Dossier("联合体");
  v1::ConsortiumMember* fresh = dossier.add_members();
  *fresh = Member(E(4), v1::MEMBER_KIND_UPSTREAM);
  fresh->clear_kind();
  fresh->clear_layer();
  v1::PlanTarget* target = dossier.mutable_plan()->add_targets();
  target->set_measure("国家标准");
  const v1::Consortium row = Ready(dossier);
  EXPECT_EQ(row.members_size(), 6);
  const auto refused = Submit(row.name());
  std::vector<std::string> fields;
  for (const auto& wrong : status::ViolationsOf(refused.status())) fields.push_back(wrong.field);
  EXPECT_THAT(fields, ElementsAre("consortium.members[5].kind", "consortium.members[5].layer",
                                  "consortium.plan.targets[1].value"));
  EXPECT_EQ(Stored(row.name()).state(), v1::CONSORTIUM_STATE_DRAFT);
}

}  // namespace
}  // namespace chanyan::consortium
