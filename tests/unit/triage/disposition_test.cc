// Dispositions (TRI-3) by Qingdao's pack: the table is the documentation. Each case is a result in
// short, what it comes to, and why.
//
//   modes=      转化方式: transfer license development consulting service spinout
//   stage=      early middle mature          granted=, pending=  件数
//   trl=, q13=  成熟度                       money=              融资需求（元）
//   grounds=    cross award project          is=                 bottleneck team disputed new
#include "services/triage/disposition_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/policy/verdict.h"
#include "tests/support/service_test.h"

namespace chanyan::triage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Case {
  const char* result;
  // Short names of classes, in the order of the enum.
  const char* classes;
  // Rules that hold, in the order of their ids.
  const char* rules;
  const char* why;
};

constexpr Case kCases[] = {
    // 五技合同: what the university wants decides.
    {"modes=transfer", "TRANSFER", "transfer.wanted", "转让归第一类"},
    {"modes=license", "TRANSFER", "transfer.wanted", "许可归第一类"},
    {"modes=transfer,license", "TRANSFER", "transfer.wanted", "转让和许可是同一类，只归一次"},
    {"modes=development", "HORIZONTAL", "horizontal.wanted", "开发归第二类"},
    {"modes=consulting", "HORIZONTAL", "horizontal.wanted", "咨询归第二类"},
    {"modes=service", "HORIZONTAL", "horizontal.wanted", "服务归第二类"},
    {"modes=development,consulting,service", "HORIZONTAL", "horizontal.wanted", "三种合同同归一类"},
    {"modes=spinout", "SPINOUT", "spinout.wanted", "成立企业归第三类，不是合同类别"},
    {"modes=transfer,development", "TRANSFER HORIZONTAL", "horizontal.wanted transfer.wanted",
     "可同时归多类"},
    {"modes=license,spinout", "TRANSFER SPINOUT", "spinout.wanted transfer.wanted",
     "作价入股时许可与成立企业并行"},
    {"modes=service,spinout", "HORIZONTAL SPINOUT", "horizontal.wanted spinout.wanted",
     "服务与成立企业并行"},
    {"modes=transfer,license,development,consulting,service,spinout", "TRANSFER HORIZONTAL SPINOUT",
     "horizontal.wanted spinout.wanted transfer.wanted", "各种方式都可以时三类都归"},
    // What is wanted is not second-guessed.
    {"modes=transfer stage=early", "TRANSFER", "transfer.wanted", "单位已定转让的，不因初期改归"},
    {"modes=development stage=mature granted=3", "HORIZONTAL", "horizontal.wanted",
     "单位已定开发的，不因成熟且授权而加归转让"},
    {"modes=spinout stage=mature granted=1", "SPINOUT", "spinout.wanted",
     "单位只要成立企业的，不加归转让"},
    {"modes=service stage=early pending=1", "HORIZONTAL", "horizontal.wanted", "已定服务的同理"},
    {"modes=transfer stage=mature granted=2 is=disputed", "TRANSFER", "transfer.wanted",
     "权属争议不改变单位写明的方式，争议在审核时处理"},
    // Nothing is said: stage and rights decide.
    {"stage=mature granted=1", "TRANSFER", "transfer.mature-granted", "成熟且已授权，先推转让"},
    {"stage=mature granted=12", "TRANSFER", "transfer.mature-granted", "件数多少不影响类别"},
    {"stage=mature granted=1 pending=4", "TRANSFER", "transfer.mature-granted",
     "一件授权即可，申请中的不妨碍"},
    {"stage=mature", "HORIZONTAL", "horizontal.mature-know-how", "无权利可转，以服务转化"},
    {"stage=mature pending=3", "HORIZONTAL", "horizontal.mature-know-how",
     "只有申请中的，尚无权利可转"},
    {"stage=mature granted=1 is=disputed", "", "", "权属有争议不推转让，又非无授权：须人工决定"},
    {"stage=mature is=disputed", "HORIZONTAL", "horizontal.mature-know-how",
     "没有授权时争议不影响服务"},
    {"stage=early", "HORIZONTAL", "horizontal.immature", "初期宜合作继续研发"},
    {"stage=middle", "HORIZONTAL", "horizontal.immature", "中期同"},
    {"stage=early granted=5", "HORIZONTAL", "horizontal.immature", "有授权但未成熟，仍宜合作"},
    {"stage=middle granted=1", "HORIZONTAL", "horizontal.immature", "中期有授权同"},
    {"stage=middle pending=1", "HORIZONTAL", "horizontal.immature", "中期申请中同"},
    {"", "", "", "方式和阶段都没有：规则不猜，须人工决定"},
    {"granted=2", "", "", "只有授权、未填阶段：须人工决定"},
    {"trl=9", "", "", "只有成熟度、未填阶段：须人工决定"},
    {"q13=13", "", "", "13级最高级也不替代所处阶段"},
    // The team founds a company although nobody said so.
    {"stage=mature granted=1 trl=8 is=team", "TRANSFER SPINOUT",
     "spinout.team-ready transfer.mature-granted", "有团队且到产品级，并按成立企业服务"},
    {"stage=mature granted=1 trl=7 is=team", "TRANSFER", "transfer.mature-granted",
     "差一级（7级）：不加归"},
    {"stage=mature granted=1 trl=9 is=team", "TRANSFER SPINOUT",
     "spinout.team-ready transfer.mature-granted", "9级同8级"},
    {"stage=mature granted=1 trl=8", "TRANSFER", "transfer.mature-granted", "到级但团队无意愿"},
    {"stage=middle is=team", "HORIZONTAL", "horizontal.immature", "有意愿但未填成熟度"},
    {"stage=mature q13=10 is=team", "HORIZONTAL", "horizontal.mature-know-how",
     "13级标准的等级不当作TRL"},
    {"modes=license trl=8 is=team", "TRANSFER SPINOUT", "spinout.team-ready transfer.wanted",
     "写明许可的团队也可一并服务创业"},
    {"modes=spinout trl=9 is=team", "SPINOUT", "spinout.wanted", "已写明成立企业，不重复归"},
    {"trl=8 is=team", "SPINOUT", "spinout.team-ready", "只凭团队和成熟度也成一类"},
    // FINANCING stands beside.
    {"modes=spinout money=1", "SPINOUT FINANCING", "financing.wanted spinout.wanted",
     "一元起即为融资需求"},
    {"modes=transfer money=3000000", "TRANSFER FINANCING", "financing.wanted transfer.wanted",
     "三百万元，不到重大"},
    {"modes=development money=49999999", "HORIZONTAL FINANCING",
     "financing.wanted horizontal.wanted", "差一元不到五千万"},
    {"modes=development money=50000000", "HORIZONTAL FINANCING MAJOR",
     "financing.wanted horizontal.wanted major.financing", "五千万元含本数，计为重大"},
    {"modes=spinout money=200000000", "SPINOUT FINANCING MAJOR",
     "financing.wanted major.financing spinout.wanted", "两亿元"},
    {"money=1000000", "FINANCING", "financing.wanted", "只有融资、未归三类：人工须补定一类"},
    {"modes=spinout money=0", "SPINOUT", "spinout.wanted", "零元即没有融资需求"},
    // MAJOR stands beside.
    {"modes=transfer grounds=cross", "TRANSFER MAJOR", "major.cross-department transfer.wanted",
     "需跨部门协调的报市领导"},
    {"modes=transfer grounds=award", "TRANSFER MAJOR", "major.national transfer.wanted",
     "国家级奖励"},
    {"modes=service grounds=project", "HORIZONTAL MAJOR", "horizontal.wanted major.national",
     "国家重大项目"},
    {"modes=service grounds=award,project", "HORIZONTAL MAJOR", "horizontal.wanted major.national",
     "两个理由仍是一条规则"},
    {"modes=transfer grounds=cross,award", "TRANSFER MAJOR",
     "major.cross-department major.national transfer.wanted", "两条规则同一标记"},
    {"modes=transfer trl=7 is=bottleneck", "TRANSFER MAJOR", "major.bottleneck transfer.wanted",
     "卡脖子且到环境级"},
    {"modes=transfer trl=6 is=bottleneck", "TRANSFER", "transfer.wanted", "卡脖子但只到正样级"},
    {"modes=transfer is=bottleneck", "TRANSFER", "transfer.wanted", "卡脖子但未填成熟度"},
    {"modes=transfer trl=9", "TRANSFER", "transfer.wanted", "到级但不是卡脖子"},
    {"modes=transfer q13=9 is=bottleneck", "TRANSFER", "transfer.wanted",
     "13级标准的等级不当作TRL"},
    {"modes=transfer q13=9 trl=7 is=bottleneck", "TRANSFER MAJOR",
     "major.bottleneck transfer.wanted", "两个标准都填时看TRL"},
    {"grounds=cross", "MAJOR", "major.cross-department", "只有重大、未归三类：人工须补定一类"},
    // Both beside, and everything at once.
    {"modes=development money=80000000 grounds=cross trl=7 is=bottleneck",
     "HORIZONTAL FINANCING MAJOR",
     "financing.wanted horizontal.wanted major.bottleneck major.cross-department major.financing",
     "四条规则，三个类别"},
    {"stage=mature granted=2 trl=8 money=60000000 grounds=award is=team,bottleneck",
     "TRANSFER SPINOUT FINANCING MAJOR",
     "financing.wanted major.bottleneck major.financing major.national spinout.team-ready "
     "transfer.mature-granted",
     "单位未定方式的重大成果"},
    {"modes=transfer,service,spinout money=60000000 grounds=project",
     "TRANSFER HORIZONTAL SPINOUT FINANCING MAJOR",
     "financing.wanted horizontal.wanted major.financing major.national spinout.wanted "
     "transfer.wanted",
     "五类俱全"},
    // What does not count.
    {"modes=transfer is=new", "TRANSFER", "transfer.wanted", "新技术新产品进清单，不改变分类"},
    {"stage=early is=new,disputed", "HORIZONTAL", "horizontal.immature", "争议不妨碍合作研发"},
    {"stage=middle money=500000 is=team", "HORIZONTAL FINANCING",
     "financing.wanted horizontal.immature", "中期团队融资，先合作再创业"},
};

v1::Result ResultOf(const std::string& text) {
  static const auto& modes = *new std::map<std::string, v1::ConversionMode>{
      {"transfer", v1::CONVERSION_MODE_TRANSFER},
      {"license", v1::CONVERSION_MODE_LICENSE},
      {"development", v1::CONVERSION_MODE_DEVELOPMENT},
      {"consulting", v1::CONVERSION_MODE_CONSULTING},
      {"service", v1::CONVERSION_MODE_SERVICE},
      {"spinout", v1::CONVERSION_MODE_SPINOUT}};
  v1::Result result;
  for (const absl::string_view part : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::vector<std::string> pair = absl::StrSplit(part, '=');
    const std::string& key = pair[0];
    const std::vector<std::string> values = absl::StrSplit(pair[1], ',');
    int64_t number = 0;
    const bool is_number = absl::SimpleAtoi(pair[1], &number);
    if (key == "modes") {
      for (const std::string& value : values) result.add_conversion_modes(modes.at(value));
    } else if (key == "stage") {
      result.set_stage(pair[1] == "early"    ? v1::STAGE_EARLY
                       : pair[1] == "middle" ? v1::STAGE_MIDDLE
                                             : v1::STAGE_MATURE);
    } else if (key == "granted" || key == "pending") {
      for (int64_t i = 0; i < number; ++i) {
        v1::Right* right = result.add_rights();
        right->set_kind(v1::RIGHT_KIND_INVENTION);
        right->set_number(absl::StrCat("ZL", key, i));
        right->set_status(key == "granted" ? v1::RIGHT_STATUS_GRANTED : v1::RIGHT_STATUS_PENDING);
      }
    } else if (key == "trl" || key == "q13") {
      v1::Maturity* maturity = result.add_maturity();
      maturity->set_scale(key == "trl" ? "trl" : "qingdao13");
      maturity->set_level(static_cast<int32_t>(number));
    } else if (key == "money") {
      result.set_financing_yuan(number);
    } else if (key == "grounds") {
      for (const std::string& value : values) {
        result.add_major_grounds(value == "cross"   ? v1::MAJOR_GROUND_CROSS_DEPARTMENT
                                 : value == "award" ? v1::MAJOR_GROUND_NATIONAL_AWARD
                                                    : v1::MAJOR_GROUND_NATIONAL_PROJECT);
      }
    } else if (key == "is") {
      const auto is = [&](const char* what) {
        return std::find(values.begin(), values.end(), what) != values.end();
      };
      result.set_bottleneck(is("bottleneck"));
      result.set_founding_team(is("team"));
      result.set_ownership_disputed(is("disputed"));
      result.set_novelty(is("new"));
    } else {
      ADD_FAILURE() << text;
    }
    EXPECT_TRUE(is_number || !(key == "trl" || key == "q13" || key == "money")) << text;
  }
  return result;
}

std::string Names(const DispositionProposal& proposal) {
  return absl::StrJoin(proposal.classes, " ", [](std::string* out, policy::v1::TriageClass one) {
    absl::StrAppend(out, policy::v1::TriageClass_Name(one).substr(13));
  });
}

std::string Holding(const DispositionProposal& proposal) {
  std::vector<std::string> rules;
  for (const auto& verdict : proposal.verdicts.verdicts()) {
    if (verdict.outcome() == policy::v1::OUTCOME_SATISFIED) rules.push_back(verdict.rule_id());
  }
  return absl::StrJoin(rules, " ");
}

class DispositionTest : public ::testing::Test {
 protected:
  DispositionTest() : pack_(testing::ShippedPack()), triage_(*pack_) {}
  DispositionProposal Propose(const v1::Result& result) const {
    return ProposeDisposition(triage_, DispositionFacts(triage_, result));
  }
  const std::unique_ptr<const policy::Pack> pack_;
  const TriagePack triage_;
};

TEST_F(DispositionTest, TheTableOfWorkedCases) {
  ASSERT_GE(std::size(kCases), 60u);
  std::set<std::string> rules;
  std::set<std::string> seen;
  for (const Case& one : kCases) {
    const DispositionProposal proposal = Propose(ResultOf(one.result));
    EXPECT_EQ(Names(proposal), one.classes) << one.result << " – " << one.why;
    EXPECT_EQ(Holding(proposal), one.rules) << one.result << " – " << one.why;
    EXPECT_TRUE(seen.insert(one.result).second) << one.result;
    for (const absl::string_view rule : absl::StrSplit(one.rules, ' ', absl::SkipEmpty())) {
      rules.insert(std::string(rule));
    }
  }
  // Every rule of the pack decides one of them.
  EXPECT_EQ(static_cast<int>(rules.size()), triage_.proto().disposition_rules_size());
}

TEST_F(DispositionTest, EveryVerdictNamesRuleClauseAndFacts) {
  const DispositionProposal proposal = Propose(ResultOf("modes=license trl=7 is=bottleneck"));
  EXPECT_EQ(proposal.verdicts.pack_id(), "qingdao");
  EXPECT_EQ(proposal.verdicts.pack_version(), pack_->version());
  ASSERT_EQ(proposal.verdicts.verdicts_size(), triage_.proto().disposition_rules_size());
  std::string before;
  for (const auto& verdict : proposal.verdicts.verdicts()) {
    EXPECT_LT(before, verdict.rule_id());
    before = verdict.rule_id();
    EXPECT_EQ(verdict.clause().document(), "青科办字〔2025〕2号") << verdict.rule_id();
    EXPECT_NE(verdict.clause().article(), "") << verdict.rule_id();
    EXPECT_NE(verdict.reason(), "") << verdict.rule_id();
    EXPECT_GT(verdict.facts_size(), 0) << verdict.rule_id();
    if (verdict.rule_id() == "transfer.wanted") {
      EXPECT_THAT(verdict.reason(), HasSubstr("归入“转让和实施许可”"));
      ASSERT_THAT(verdict.facts(), SizeIs(1));
      EXPECT_EQ(verdict.facts(0).name(), "conversion_modes");
      EXPECT_THAT(verdict.facts(0).values(), ElementsAre("license"));
    }
    if (verdict.rule_id() == "financing.wanted") {
      EXPECT_THAT(verdict.reason(), HasSubstr("未填写"));
      EXPECT_THAT(verdict.facts(0).values(), IsEmpty());
    }
  }
}

TEST_F(DispositionTest, TheSameFactsInAnyOrderGiveTheSameBytes) {
  const std::string one =
      policy::Encode(Propose(ResultOf("modes=transfer,service granted=2 trl=7 q13=9")).verdicts);
  const std::string other =
      policy::Encode(Propose(ResultOf("q13=9 trl=7 granted=2 modes=service,transfer")).verdicts);
  EXPECT_EQ(one, other);
}

TEST_F(DispositionTest, AFactThatIsNoNumberHoldsNothing) {
  policy::Facts facts;
  facts.Set("financing_yuan", "很多");
  EXPECT_THAT(ProposeDisposition(triage_, facts).classes, IsEmpty());
  facts.Set("financing_yuan", "1");
  facts.Add("financing_yuan", "2");
  EXPECT_THAT(ProposeDisposition(triage_, facts).classes, IsEmpty());
}

}  // namespace
}  // namespace chanyan::triage
