#include "common/api/filter.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/order_by.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chanyan::api {
namespace {

using registry::v1::Organization;
using ::testing::HasSubstr;

absl::StatusOr<Filter> Read(absl::string_view text) {
  absl::StatusOr<Filter> filter = ParseFilter(text);
  if (!filter.ok()) return filter;
  absl::Status bound = BindFilter(Organization::descriptor(), &*filter);
  if (!bound.ok()) return bound;
  return filter;
}

// The tree in prefix form.
std::string Shown(const Filter& filter) {
  static const char* const kOps[] = {"=", "!=", "<", "<=", ">", ">=", ":"};
  std::vector<std::string> parts;
  for (const Filter& child : filter.children) parts.push_back(Shown(child));
  switch (filter.kind) {
    case Filter::Kind::kAll:
      return "all";
    case Filter::Kind::kAnd:
      return absl::StrCat("and(", absl::StrJoin(parts, " "), ")");
    case Filter::Kind::kOr:
      return absl::StrCat("or(", absl::StrJoin(parts, " "), ")");
    case Filter::Kind::kNot:
      return absl::StrCat("not(", parts[0], ")");
    case Filter::Kind::kCompare:
      return absl::StrCat(filter.field_name, kOps[static_cast<int>(filter.op)], filter.literal);
  }
  return "";
}

TEST(FilterTest, FaultsAreRefusedWithTheirPlace) {
  const struct {
    const char* text;
    const char* message;
  } kCases[] = {
      {"nope = 1", "第 1 个字符处：“nope”不是可筛选的字段；可用：name、display_name、kind"},
      {"zone = 海 AND create_time > 2025-01-01", "第 14 个字符处：“create_time”不是可筛选"},
      {"contacts.phone = 1", "“contacts.phone”不是可筛选的字段"},
      {"zone", "第 5 个字符处：“zone”之后应为"},
      {"zone =", "缺少要比较的值"},
      {"zone = \"x", "第 8 个字符处：引号没有结束"},
      {"zone = \"\\n\"", "反斜杠之后只能是"},
      {"(zone = x", "第 1 个字符处：左括号没有对应"},
      {"zone = x)", "多余的右括号"},
      {"zone = x kind = ENTERPRISE", "请用 AND 或 OR 连接"},
      {"AND zone = x", "“AND”之后应为"},
      {"zone = x AND", "这里应为字段名"},
      {"NOT", "这里应为字段名"},
      {"kind = NOPE", "ENTERPRISE"},
      {"kind > ENTERPRISE", "不能这样比较"},
      {"demonstration = 1", "true 或 false"},
      {"industries = 海洋", "只能用 :"},
      {"zone = (x)", "这里应为要比较的值"},
      {"zone = x; DROP TABLE organization", "请用 AND 或 OR 连接"},
      {"`zone` = x", "这里应为字段名"},
  };
  for (const auto& c : kCases) {
    const auto filter = Read(c.text);
    ASSERT_FALSE(filter.ok()) << c.text;
    EXPECT_THAT(std::string(filter.status().message()), HasSubstr(c.message)) << c.text;
    EXPECT_EQ(status::ReasonOf(filter.status()), options::v1::ERROR_REASON_INVALID_FILTER);
    EXPECT_EQ(status::ViolationsOf(filter.status())[0].field, "filter");
  }
}

TEST(FilterTest, LimitsHold) {
  EXPECT_FALSE(Read(std::string(kMaxFilterLength + 1, ' ')).ok());
  EXPECT_FALSE(Read(std::string(500, '(')).ok());
  EXPECT_FALSE(Read(std::string(500, '-')).ok());
  std::string many = "zone=x";
  for (int i = 1; i < kMaxFilterTerms; ++i) many += " AND zone=x";
  EXPECT_TRUE(Read(many).ok());
  EXPECT_FALSE(Read(many + " AND zone=x").ok());
  EXPECT_FALSE(Read("zone = \xff").ok());
  EXPECT_FALSE(Read(absl::string_view("zone = a\0b", 10)).ok());
}

TEST(FilterTest, TreesAreReadAsWritten) {
  const struct {
    const char* text;
    const char* tree;
  } kCases[] = {
      {"", "all"},
      {"  ", "all"},
      {"zone=海", "zone=海"},
      {"zone = \"a \\\"b\\\" \\\\\"", "zone=a \"b\" \\"},
      {"zone = 'AND'", "zone=AND"},
      {"zone:\"%_\"", "zone:%_"},
      {"industries:海洋装备", "industries:海洋装备"},
      {"industries:*", "industries:*"},
      {"NOT zone = a AND -kind = ENTERPRISE", "and(not(zone=a) not(kind=ENTERPRISE))"},
      // AIP-160: OR binds tighter than AND.
      {"zone=a AND zone=b OR zone=c AND zone=d", "and(zone=a or(zone=b zone=c) zone=d)"},
      {"(zone=a AND zone=b) OR zone=c", "or(and(zone=a zone=b) zone=c)"},
      {"demonstration=true", "demonstration=true"},
      {"zone=ANDY", "zone=ANDY"},
  };
  for (const auto& c : kCases) {
    const auto filter = Read(c.text);
    ASSERT_TRUE(filter.ok()) << c.text << ": " << filter.status();
    EXPECT_EQ(Shown(*filter), c.tree) << c.text;
  }
}

TEST(OrderByTest, OnlySortableFieldsOnceEach) {
  const auto* type = Organization::descriptor();
  for (const char* bad : {"zone", "name,name", "name down", "name desc desc", ",", "name,",
                          "contacts", "name; --", "`name`"}) {
    const auto order = ParseOrderBy(type, bad);
    ASSERT_FALSE(order.ok()) << bad;
    EXPECT_EQ(status::ReasonOf(order.status()), options::v1::ERROR_REASON_INVALID_FILTER);
  }
  const auto order = ParseOrderBy(type, " update_time desc , display_name ");
  ASSERT_TRUE(order.ok());
  ASSERT_EQ(order->size(), 2u);
  EXPECT_TRUE((*order)[0].descending);
  EXPECT_FALSE((*order)[1].descending);
}

}  // namespace
}  // namespace chanyan::api
