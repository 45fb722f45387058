// A service catalogue as lines of a cell, both ways (REG-2, REG-10).
#include "services/registry/service_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/charge_rules.h"
#include "tests/support/seed.h"
#include "tests/support/service_test.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ServiceLinesTest : public ::testing::Test {
 protected:
  std::vector<std::string> Wrong(absl::string_view text) {
    Services services;
    std::vector<std::string> out;
    for (const status::Violation& violation : ReadServices(*pack_, text, &services)) {
      EXPECT_EQ(violation.field, "services_text");
      out.push_back(violation.description);
    }
    return out;
  }
  static void AddPrice(v1::Service* service, const char* type, int64_t fen, const char* unit) {
    v1::ServicePrice* price = service->add_prices();
    price->set_user_type(type);
    price->set_unit(unit);
    *price->mutable_price() = MoneyOf(fen);
  }

  const std::unique_ptr<const policy::Pack> pack_ = testing::ShippedPack();
};

TEST_F(ServiceLinesTest, WhatIsWrittenIsReadBackTheSame) {
  std::mt19937_64 random(testing::Seed());
  const char* const kTypes[] = {"own", "academic", "enterprise", "other"};
  const char* const kUnits[] = {"件", "样品", "小时", "次", "m2", "批"};
  const char* const kWords[] = {"", "面议", "批量另议；含税", "企业用户优惠", "按 A/B 类"};
  for (int round = 0; round < 200; ++round) {
    Services services;
    for (size_t i = 0; i < random() % 5; ++i) {
      v1::Service* service = services.Add();
      service->set_title(absl::StrCat("服务", random() % 100, "（演示）"));
      std::set<std::pair<std::string, std::string>> seen;
      for (size_t p = 0; p < random() % 6; ++p) {
        const char* type = kTypes[random() % 4];
        const char* unit = kUnits[random() % 6];
        if (!seen.emplace(type, unit).second) continue;
        AddPrice(service, type, static_cast<int64_t>(random() % 100'000), unit);
      }
      service->set_price(kWords[random() % 5]);
      if (random() % 2 == 0) service->set_booking("电话 | 网上；提前 3 天");
    }
    ASSERT_THAT(ServiceViolations(*pack_, services), IsEmpty());
    Services again;
    ASSERT_THAT(ReadServices(*pack_, ServicesText(*pack_, services), &again), IsEmpty())
        << ServicesText(*pack_, services);
    ASSERT_EQ(again.size(), services.size());
    for (int i = 0; i < again.size(); ++i) {
      EXPECT_EQ(again[i].SerializeAsString(), services[i].SerializeAsString())
          << ServicesText(*pack_, services);
    }
  }
}

TEST_F(ServiceLinesTest, EveryWrongLineIsNamedAndNothingIsTaken) {
  EXPECT_THAT(Wrong("盐雾 | 企业用户 200.123元/件\n失效分析\n | 面议\n咨询 | 企业用户 "
                    "5元/件；企业用户 6元/件"),
              ElementsAre(AllOf(HasSubstr("第 1 项"), HasSubstr("“200.123元/件”不是单价")),
                          AllOf(HasSubstr("第 3 项"), HasSubstr("没有写服务名称")),
                          AllOf(HasSubstr("第 4 项"), HasSubstr("单价重复"))));
  Services services;
  services.Add()->set_title("在");
  ReadServices(*pack_, "盐雾 | 企业用户 贵/件", &services);
  EXPECT_EQ(services.size(), 1);
  EXPECT_EQ(services[0].title(), "在") << "nothing is taken of a wrong cell";
  EXPECT_THAT(Wrong(std::string(300, 'x')), ElementsAre(HasSubstr("第 1 项")));
}

TEST_F(ServiceLinesTest, WordsThatASheetWouldReadOtherwiseAreRefused) {
  Services services;
  v1::Service* service = services.Add();
  service->set_title("盐雾 | 试验");
  service = services.Add();
  service->set_title("咨询");
  service->set_price("企业用户 5元/件");
  service = services.Add();
  service->set_title("分析");
  AddPrice(service, "nobody", 100, "件");
  AddPrice(service, "enterprise", -100, "件");
  AddPrice(service, "other", 100, "件");
  AddPrice(service, "other", 200, "件");
  std::vector<std::string> places;
  for (const status::Violation& violation : ServiceViolations(*pack_, services)) {
    places.push_back(absl::StrCat(violation.field, " ", violation.description));
  }
  EXPECT_THAT(places, ElementsAre(HasSubstr("services[0] "), HasSubstr("services[1] "),
                                  AllOf(HasSubstr("services[2].prices[0].user_type"),
                                        HasSubstr("企业用户")),
                                  HasSubstr("services[2].prices[1].price 单价不能为负数"),
                                  HasSubstr("services[2].prices[3] 同一用户类型按“件”的单价重复")));
}

}  // namespace
}  // namespace chanyan::registry
