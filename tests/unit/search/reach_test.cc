// What a caller finds, is counted to and is shown, against going through all rows by hand (IDN-2,
// REG-5). Rows and callers are drawn by chance; the seed is printed.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/auth/scope.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/search/world.h"

namespace chanyan::search {
namespace {

using google::protobuf::Message;

constexpr char kZones[][16] = {"古镇口", "董家口", "泊里镇", ""};
constexpr char kIndustries[][24] = {"海洋装备", "低空经济", "绿色能源", "人工智能"};
constexpr char kWords[][12] = {"海洋", "装备", "腐蚀", "检测", "低空", "卫星", "材料", "机器人"};
constexpr int kOrganizations = 12;

class ReachTest : public ::testing::Test, protected IndexWorld {
 protected:
  explicit ReachTest(uint32_t seed = std::random_device{}()) : random_(seed) {
    std::printf("seed %u\n", seed);
  }

  size_t Draw(size_t below) { return random_() % below; }
  std::string Text(size_t words) {
    std::string text;
    for (size_t i = 0; i < words; ++i) text += kWords[Draw(std::size(kWords))];
    return text;
  }
  std::string OrganizationName(size_t number) { return absl::StrCat("organizations/o", number); }

  void AddOrganizations() {
    for (int i = 0; i < kOrganizations; ++i) {
      Organization row = MakeOrganization(absl::StrCat("o", i), Text(2),
                                          static_cast<registry::v1::OrganizationKind>(1 + Draw(5)),
                                          kZones[Draw(4)]);
      row.set_unit(OrganizationName(Draw(kOrganizations)));
      if (Draw(2) == 0) row.add_industries(kIndustries[Draw(4)]);
      Add(registry, row);
    }
  }
  void AddPlatforms(int count) {
    for (int i = 0; i < count; ++i) {
      Platform row =
          MakePlatform(absl::StrCat("p", i), Text(3), OrganizationName(Draw(kOrganizations)));
      row.set_kind(static_cast<registry::v1::PlatformKind>(1 + Draw(7)));
      row.set_level(static_cast<registry::v1::PlatformLevel>(Draw(5)));
      row.set_state(static_cast<registry::v1::PlatformState>(1 + Draw(5)));
      row.clear_industries();
      for (size_t k = Draw(3); k > 0; --k) row.add_industries(kIndustries[Draw(4)]);
      row.set_introduction(Text(6));
      Add(registry, row);
    }
  }
  void AddIntents(int count) {
    for (int i = 0; i < count; ++i) {
      Intent row = MakeIntent(absl::StrCat("i", i), Text(3), OrganizationName(Draw(kOrganizations)),
                              Noon() + absl::Hours(static_cast<int>(Draw(5)) - 2));
      row.set_state(static_cast<pairing::v1::IntentState>(1 + Draw(3)));
      if (Draw(2) == 0) row.add_industries(kIndustries[Draw(4)]);
      Add(pairing, row);
    }
  }
  template <class T>
  void Add(MemoryJournal& journal, const T& row) {
    journal.Write(row);
    rows_[row.name()] = std::make_unique<T>(row);
  }

  std::vector<auth::Principal> Callers() {
    std::vector<auth::Principal> callers = {As(options::v1::ROLE_PUBLIC)};
    for (const auto role :
         {options::v1::ROLE_PLATFORM_MANAGER, options::v1::ROLE_RESEARCH_OFFICE,
          options::v1::ROLE_ENTERPRISE, options::v1::ROLE_UNIT, options::v1::ROLE_SECRETARIAT,
          options::v1::ROLE_DEPARTMENT, options::v1::ROLE_LEADER, options::v1::ROLE_BROKER,
          options::v1::ROLE_ADMINISTRATOR, options::v1::ROLE_AUDITOR, options::v1::ROLE_SERVICE}) {
      callers.push_back(As(role, OrganizationName(Draw(kOrganizations))));
      callers.push_back(As(role));
    }
    auth::Principal both = As(options::v1::ROLE_UNIT, OrganizationName(Draw(kOrganizations)));
    both.roles.push_back(options::v1::ROLE_ENTERPRISE);
    callers.push_back(both);
    return callers;
  }

  // --- By hand

  // Without the index, its documents or its sets: the resource's own fields.
  static std::multimap<std::string, std::string> ValuesOf(
      const Message& row, const std::map<std::string, std::unique_ptr<Message>>& rows) {
    std::multimap<std::string, std::string> values;
    const auto zone_of_owner = [&](const std::string& owner) {
      const auto found = rows.find(owner);
      if (found == rows.end()) return;
      const auto& organization = static_cast<const Organization&>(*found->second);
      if (organization.kind() != registry::v1::ORGANIZATION_KIND_ENTERPRISE &&
          !organization.zone().empty()) {
        values.emplace("zone", organization.zone());
      }
    };
    values.emplace("type", row.GetDescriptor()->name());
    if (const auto* platform = dynamic_cast<const Platform*>(&row)) {
      values.emplace("kind",
                     auth::ShortName(registry::v1::PlatformKind_descriptor()->FindValueByNumber(
                         platform->kind())));
      if (platform->level() != registry::v1::PLATFORM_LEVEL_UNSPECIFIED) {
        values.emplace("level",
                       auth::ShortName(registry::v1::PlatformLevel_descriptor()->FindValueByNumber(
                           platform->level())));
      }
      std::set<std::string> each(platform->industries().begin(), platform->industries().end());
      for (const std::string& industry : each) values.emplace("industry", industry);
      zone_of_owner(platform->organization());
    } else if (const auto* organization = dynamic_cast<const Organization*>(&row)) {
      values.emplace("kind",
                     auth::ShortName(registry::v1::OrganizationKind_descriptor()->FindValueByNumber(
                         organization->kind())));
      for (const std::string& industry : organization->industries()) {
        values.emplace("industry", industry);
      }
      if (!organization->zone().empty()) values.emplace("zone", organization->zone());
    } else if (const auto* intent = dynamic_cast<const Intent*>(&row)) {
      for (const std::string& kind : intent->kinds()) values.emplace("kind", kind);
      for (const std::string& industry : intent->industries()) values.emplace("industry", industry);
      zone_of_owner(intent->organization());
    }
    return values;
  }
  static bool IsFindable(const Message& row, absl::Time now) {
    if (const auto* platform = dynamic_cast<const Platform*>(&row)) {
      return platform->state() != registry::v1::PLATFORM_STATE_WITHDRAWN;
    }
    if (const auto* intent = dynamic_cast<const Intent*>(&row)) {
      return intent->state() == pairing::v1::INTENT_STATE_OPEN &&
             time::ToTime(intent->expire_time()) > now;
    }
    return true;
  }
  static std::vector<std::string> TextsOf(const Message& row) {
    if (const auto* platform = dynamic_cast<const Platform*>(&row)) {
      return {platform->display_name(), platform->introduction()};
    }
    if (const auto* organization = dynamic_cast<const Organization*>(&row)) {
      return {organization->display_name()};
    }
    const auto& intent = static_cast<const Intent&>(row);
    return {intent.title(), intent.content()};
  }
  // Every word of the query (each of two characters) stands somewhere in one of the texts.
  static bool HasWords(const Message& row, const std::vector<std::string>& words, bool any) {
    int found = 0;
    for (const std::string& word : words) {
      for (const std::string& text : TextsOf(row)) {
        if (absl::StrContains(text, word)) {
          ++found;
          break;
        }
      }
    }
    return words.empty() || (any ? found > 0 : found == static_cast<int>(words.size()));
  }
  static bool Passes(const std::multimap<std::string, std::string>& values, const Filter& filter) {
    const auto [first, last] = values.equal_range(filter.facet);
    return std::any_of(first, last, [&](const auto& value) {
      return std::find(filter.values.begin(), filter.values.end(), value.second) !=
             filter.values.end();
    });
  }

  struct Expected {
    std::set<std::string> names;
    std::map<std::pair<std::string, std::string>, int64_t> counts;
    bool any = false;
  };
  Expected ByHand(const auth::Principal& caller, const std::vector<std::string>& words,
                  const std::vector<Filter>& filters, absl::Time now) const {
    Expected expected;
    std::vector<const Message*> reach;
    for (const auto& [name, row] : rows_) {
      if (IsFindable(*row, now) && auth::Reaches(caller, *row, options::v1::ACCESS_READ)) {
        reach.push_back(row.get());
      }
    }
    const auto matches = [&](bool any) {
      std::vector<const Message*> out;
      for (const Message* row : reach) {
        if (HasWords(*row, words, any)) out.push_back(row);
      }
      return out;
    };
    std::vector<const Message*> base = matches(false);
    if (base.empty() && words.size() > 1) {
      base = matches(true);
      expected.any = !base.empty();
    }
    for (const Message* row : base) {
      const auto values = ValuesOf(*row, rows_);
      const auto but = [&](const std::string& facet) {
        return std::all_of(filters.begin(), filters.end(), [&](const Filter& filter) {
          return filter.facet == facet || Passes(values, filter);
        });
      };
      if (but("")) {
        expected.names.insert(
            row->GetReflection()->GetString(*row, row->GetDescriptor()->FindFieldByName("name")));
      }
      std::set<std::pair<std::string, std::string>> each(values.begin(), values.end());
      for (const auto& [facet, value] : each) {
        if (but(facet)) ++expected.counts[{facet, value}];
      }
    }
    return expected;
  }

  void Compare(const Index& index, const auth::Principal& caller,
               const std::vector<std::string>& words, const std::vector<Filter>& filters,
               absl::Time now) {
    std::string text;
    for (const std::string& word : words) absl::StrAppend(&text, word, " ");
    const Expected expected = ByHand(caller, words, filters, now);
    Query query = QueryOf(text, caller);
    query.filters = filters;
    query.limit = 7;
    const std::string what =
        absl::StrCat(caller.roles.empty() ? "public" : options::v1::Role_Name(caller.roles[0]), " ",
                     caller.organization, " '", text, "' ", filters.size());
    std::vector<std::string> names;
    for (size_t pages = 0;; ++pages) {
      const auto matches = index.Search(query, now);
      ASSERT_TRUE(matches.ok()) << matches.status();
      ASSERT_EQ(matches->total, static_cast<int64_t>(expected.names.size())) << what;
      ASSERT_EQ(matches->any_word, expected.any) << what;
      std::map<std::pair<std::string, std::string>, int64_t> counts;
      for (const FacetCount& count : matches->counts) {
        counts[{count.value.facet, count.value.value}] = count.count;
      }
      ASSERT_EQ(counts, expected.counts) << what;
      for (const Found& found : matches->found) names.push_back(NameOf(found));
      if (matches->found.empty()) break;
      query.offset += query.limit;
      query.any_word = matches->any_word;
    }
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), expected.names) << what;
    EXPECT_EQ(names.size(), expected.names.size()) << what << ": none twice";
  }

  void CompareMany(const Index& index, int rounds) {
    const std::vector<auth::Principal> callers = Callers();
    for (int round = 0; round < rounds; ++round) {
      const auth::Principal& caller = callers[static_cast<size_t>(round) % callers.size()];
      std::set<std::string> words;
      for (size_t i = Draw(4); i > 0; --i) words.insert(kWords[Draw(7)]);
      std::vector<Filter> filters;
      if (Draw(3) == 0) filters.push_back({"type", {"Platform", "Intent"}});
      if (Draw(3) == 0) filters.push_back({"zone", {kZones[Draw(3)], kZones[Draw(3)]}});
      if (Draw(3) == 0) filters.push_back({"industry", {kIndustries[Draw(4)]}});
      if (Draw(4) == 0) filters.push_back({"kind", {"LABORATORY", "技术研发", "ENTERPRISE"}});
      Compare(index, caller, {words.begin(), words.end()}, filters,
              Noon() + absl::Minutes(30) * static_cast<int>(Draw(4)));
      if (HasFatalFailure()) return;
    }
  }

  std::mt19937 random_;
  std::map<std::string, std::unique_ptr<Message>> rows_;
};

TEST_F(ReachTest, TotalsCountsAndHitsAreThoseOfTheRowsWithinReach) {
  AddOrganizations();
  AddPlatforms(150);
  AddIntents(80);
  const auto index = Built();
  CompareMany(*index, 150);
}

TEST_F(ReachTest, ChangesMoveThemAsTheyMoveTheRows) {
  AddOrganizations();
  AddPlatforms(100);
  AddIntents(50);
  const auto index = Built();
  for (int round = 0; round < 6 && !HasFatalFailure(); ++round) {
    // Everything drawn anew under the same names: sets that are kept in memory must follow.
    AddOrganizations();
    AddPlatforms(60);
    AddIntents(30);
    ASSERT_TRUE(index->Follow().ok());
    CompareMany(*index, 25);
  }
}

TEST_F(ReachTest, SetsInMemoryAreThoseOfTheFiles) {
  // So many that words, labels and values are all kept as sets.
  AddOrganizations();
  AddPlatforms(1500);
  const auto index = Built();
  CompareMany(*index, 20);
  AddPlatforms(700);
  ASSERT_TRUE(index->Follow().ok());
  CompareMany(*index, 20);
}

}  // namespace
}  // namespace chanyan::search
