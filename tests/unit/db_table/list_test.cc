// Filters, order and pages against plain evaluations in memory.
#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"
#include "tests/unit/db_table/schema.h"

namespace chanyan::db {
namespace {

using registry::v1::Organization;
using registry::v1::Platform;

const absl::Time kListTime = absl::FromUnixSeconds(1750000000);
constexpr int kRows = 120;

class ListTest : public ::testing::Test {
 protected:
  ListTest() {
    database_.Apply(CreateTableSql(Organization::descriptor()));
    for (int i = 0; i < kRows; ++i) {
      Organization& row = rows_.emplace_back();
      row.set_name(absl::StrCat("organizations/", random_(), "-", i));
      row.set_display_name(Pick());
      row.set_zone(Pick());
      row.set_kind(static_cast<registry::v1::OrganizationKind>(random_() % 4));
      row.set_demonstration(random_() % 2 == 0);
      for (uint32_t n = random_() % 3; n > 0; --n) row.add_industries(Pick());
    }
    EXPECT_TRUE(database_.db()
                    .Transact([&](Session& session) {
                      return table_.InsertAll(session, kListTime, &rows_);
                    })
                    .ok());
  }

  std::string Pick() {
    static const char* const kTexts[] = {"海洋装备", "海洋", "a",  "A", "%",     "_",  "100%_",
                                         "'",        "\"",   "\\", "",  "[^/]+", "𠮷", "ab"};
    return kTexts[random_() % std::size(kTexts)];
  }
  absl::StatusOr<Page<Organization>> List(const ListQuery& query) {
    absl::StatusOr<Page<Organization>> page = Page<Organization>();
    database_.db()
        .Read([&](Session& session) {
          page = table_.List(session, query);
          return absl::OkStatus();
        })
        .IgnoreError();
    return page;
  }
  // All pages; checks that each is as long as asked.
  std::vector<std::string> AllPages(ListQuery query) {
    std::vector<std::string> names;
    do {
      const auto page = List(query);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      EXPECT_TRUE(page->next_page_token.empty() ||
                  static_cast<int>(page->rows.size()) == query.page_size);
      for (const Organization& row : page->rows) names.push_back(row.name());
      query.page_token = page->next_page_token;
    } while (!query.page_token.empty() && names.size() <= rows_.size());
    return names;
  }

  std::mt19937 random_{7};
  testing::TestDatabase database_;
  const Table<Organization> table_;
  std::vector<Organization> rows_;
};

std::string QuotedLiteral(absl::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// A random filter as text, with its meaning beside it.
struct Case {
  std::string text;
  std::function<bool(const Organization&)> holds;
};

Case RandomTerm(std::mt19937& random, const std::string& value) {
  const std::string literal = QuotedLiteral(value);
  switch (random() % 8) {
    case 0:
      return {"display_name = " + literal,
              [=](const auto& o) { return o.display_name() == value; }};
    case 1:
      return {"zone != " + literal, [=](const auto& o) { return o.zone() != value; }};
    case 2:
      return {"zone < " + literal, [=](const auto& o) { return o.zone() < value; }};
    case 3:
      return {"display_name >= " + literal,
              [=](const auto& o) { return o.display_name() >= value; }};
    case 4:
      return {"display_name:" + literal,
              [=](const auto& o) { return absl::StrContains(o.display_name(), value); }};
    case 5:
      return {"industries:" + literal, [=](const auto& o) {
                return std::count(o.industries().begin(), o.industries().end(), value) > 0;
              }};
    case 6:
      return {"demonstration = true", [](const auto& o) { return o.demonstration(); }};
    default:
      return {"kind:*", [](const auto& o) { return o.kind() != 0; }};
  }
}

Case RandomFilter(std::mt19937& random, const std::function<std::string()>& pick, int depth) {
  if (depth == 0 || random() % 4 == 0) return RandomTerm(random, pick());
  const Case a = RandomFilter(random, pick, depth - 1);
  if (random() % 4 == 0) {
    return {absl::StrCat(random() % 2 ? "NOT (" : "-(", a.text, ")"),
            [=](const auto& o) { return !a.holds(o); }};
  }
  const Case b = RandomFilter(random, pick, depth - 1);
  if (random() % 2 == 0) {
    return {absl::StrCat("(", a.text, ") AND (", b.text, ")"),
            [=](const auto& o) { return a.holds(o) && b.holds(o); }};
  }
  return {absl::StrCat("(", a.text, ") OR (", b.text, ")"),
          [=](const auto& o) { return a.holds(o) || b.holds(o); }};
}

TEST_F(ListTest, RandomFiltersFindWhatTheyMean) {
  for (int i = 0; i < 300; ++i) {
    const Case c = RandomFilter(
        random_, [this] { return Pick(); }, 4);
    std::set<std::string> expected;
    for (const Organization& row : rows_) {
      if (c.holds(row)) expected.insert(row.name());
    }
    ListQuery query;
    query.filter = c.text;
    query.page_size = 200;
    const auto page = List(query);
    ASSERT_TRUE(page.ok()) << c.text << " " << page.status();
    std::set<std::string> found;
    for (const Organization& row : page->rows) found.insert(row.name());
    ASSERT_EQ(found, expected) << c.text;
  }
}

TEST_F(ListTest, PagesTogetherAreTheWholeListInOrder) {
  for (const char* order :
       {"", "name desc", "display_name", "display_name desc", "kind, display_name desc",
        "kind desc, display_name", "update_time desc, kind desc",
        "create_time, kind, display_name desc"}) {
    ListQuery query;
    query.order_by = order;
    query.page_size = 200;
    const std::vector<std::string> whole = AllPages(query);
    ASSERT_EQ(whole.size(), rows_.size()) << order;
    for (int size : {1, 7, 50, 119, 120}) {
      query.page_size = size;
      EXPECT_EQ(AllPages(query), whole) << order << " by " << size;
    }
  }
}

TEST_F(ListTest, ATokenOfOtherArgumentsIsRefused) {
  ListQuery query;
  query.page_size = 10;
  const std::string token = List(query)->next_page_token;
  ASSERT_FALSE(token.empty());
  const auto refused = [&](ListQuery other) {
    const absl::Status status = List(other).status();
    return status::ReasonOf(status) == options::v1::ERROR_REASON_INVALID_PAGE_TOKEN;
  };
  query.page_token = token;
  EXPECT_TRUE(List(query).ok());
  ListQuery other = query;
  other.page_size = 20;
  EXPECT_TRUE(List(other).ok()) << "the size of pages may change";
  other.filter = "zone = a";
  EXPECT_TRUE(refused(other));
  other = query;
  other.order_by = "display_name";
  EXPECT_TRUE(refused(other));
  other = query;
  other.parent = "organizations";
  EXPECT_TRUE(refused(other));
  for (const std::string& bad : {token + "A", token.substr(1), std::string("x"), std::string("%%%"),
                                 std::string(100000, 'A')}) {
    other = query;
    other.page_token = bad;
    EXPECT_TRUE(refused(other)) << bad.substr(0, 80);
  }
}

TEST_F(ListTest, PageSizesAreCappedAndNegativeOnesRefused) {
  ListQuery query;
  EXPECT_EQ(List(query)->rows.size(), static_cast<size_t>(kDefaultPageSize));
  query.page_size = 100000;
  EXPECT_EQ(List(query)->rows.size(), static_cast<size_t>(kRows));
  query.page_size = -1;
  EXPECT_EQ(List(query).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ListTest, ScopeHoldsWhateverTheFilterSays) {
  ListQuery query;
  query.filter = "demonstration = true OR demonstration = false";
  query.scope = Predicate::Nothing();
  EXPECT_TRUE(List(query)->rows.empty());
  query.scope = {"`kind` = ? OR `kind` = ?", {"", ""}};
  query.page_size = 7;
  size_t expected = 0;
  for (const Organization& row : rows_) expected += row.kind() == 0;
  EXPECT_EQ(AllPages(query).size(), expected);
}

TEST_F(ListTest, TheLastPageReadsNoMoreRowsThanTheFirst) {
  std::vector<Organization> more(2000);
  for (int i = 0; i < 2000; ++i) more[i].set_name(absl::StrCat("organizations/m", i));
  ASSERT_TRUE(database_.db()
                  .Transact([&](Session& s) { return table_.InsertAll(s, kListTime, &more); })
                  .ok());
  ListQuery query;
  query.page_size = 100;
  int64_t first = -1;
  do {
    ASSERT_TRUE(database_.db()
                    .Transact([&](Session& session) -> absl::Status {
                      const auto reads = [&session] {
                        const auto rows = session.Query(
                            "SELECT CAST(SUM(VARIABLE_VALUE) AS SIGNED) FROM "
                            "information_schema.SESSION_STATUS WHERE "
                            "VARIABLE_NAME IN ('HANDLER_READ_NEXT', 'HANDLER_READ_RND_NEXT')");
                        return std::get<int64_t>(rows->rows[0][0]);
                      };
                      // Reading the counters costs reads itself: the same number each time.
                      const int64_t before = reads();
                      const int64_t overhead = reads() - before;
                      const int64_t start = reads();
                      auto page = table_.List(session, query);
                      CHANYAN_RETURN_IF_ERROR(page.status());
                      const int64_t cost = reads() - start - overhead;
                      if (first < 0) first = cost;
                      EXPECT_LE(cost, first + 8);
                      query.page_token = page->next_page_token;
                      return absl::OkStatus();
                    })
                    .ok());
  } while (!query.page_token.empty());
}

TEST(ListParentTest, CollectionsAndWildcards) {
  testing::TestDatabase database;
  database.Apply(CreateTableSql(Platform::descriptor()));
  const Table<Platform> table;
  std::vector<Platform> rows(4);
  rows[0].set_name("organizations/a/platforms/1");
  rows[1].set_name("organizations/a/platforms/2");
  rows[2].set_name("organizations/ab/platforms/1");
  rows[3].set_name("organizations/a.b/platforms/1");
  const auto count = [&](const std::string& parent) -> int {
    int found = -1;
    database.db()
        .Transact([&](Session& session) {
          ListQuery query;
          query.parent = parent;
          const auto page = table.List(session, query);
          if (page.ok()) found = static_cast<int>(page->rows.size());
          return absl::OkStatus();
        })
        .IgnoreError();
    return found;
  };
  ASSERT_TRUE(database.db()
                  .Transact([&](Session& s) { return table.InsertAll(s, kListTime, &rows); })
                  .ok());
  EXPECT_EQ(count(""), 4);
  EXPECT_EQ(count("organizations/a"), 2);
  EXPECT_EQ(count("organizations/a.b"), 1);
  EXPECT_EQ(count("organizations/-"), 4);
  EXPECT_EQ(count("organizations/-/platforms"), 4);
  EXPECT_EQ(count("organizations/none"), 0);
  EXPECT_EQ(count("organizations/%"), -1);
  EXPECT_EQ(count("organizations/a/"), -1);
}

}  // namespace
}  // namespace chanyan::db
