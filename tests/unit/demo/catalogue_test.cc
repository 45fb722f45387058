// The demonstration's text against the city's policy pack.
#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/policy/pack.h"
#include "common/policy/place_names.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/demo/tsv.h"

namespace chanyan::demo {
namespace {

// The source tree, above the build folder that ctest works in.
std::string Root() {
  for (auto at = std::filesystem::current_path(); at != at.root_path(); at = at.parent_path()) {
    if (std::filesystem::exists(at / "deploy/demo/qingdao")) return at.string();
  }
  ADD_FAILURE() << "deploy/demo not found above " << std::filesystem::current_path();
  return ".";
}

std::string Data(absl::string_view file, absl::string_view city = "qingdao") {
  return absl::StrCat(Root(), "/deploy/demo/", city, "/", file);
}

// Words of a record that are looked up when it is done: a day, or a name of a directory.
bool IsLookedUp(const std::string& word) {
  static const std::regex kLookedUp(
      "(day|time)\\+[0-9]+|outreach:[0-9]+|(organization|platform):.+");
  return std::regex_match(word, kLookedUp);
}

TEST(QingdaoDemonstrationTest, IndustriesKindsAndZonesAreThoseOfThePolicyPack) {
  const auto pack = policy::Pack::LoadCity(Root() + "/deploy/policies", "qingdao");
  ASSERT_TRUE(pack.ok()) << pack.status();
  for (const char* file : {"fields.tsv", "trades.tsv"}) {
    const auto table = Tsv::Load(Data(file), {"industry"});
    ASSERT_TRUE(table.ok()) << table.status();
    for (size_t i = 0; i < table->size(); ++i) {
      EXPECT_FALSE((*pack)->FindIndustriesByName(table->Get(i, "industry")).empty())
          << table->Place(i);
    }
  }
  const auto projects = Tsv::Load(Data("projects.tsv"), {"kind"});
  ASSERT_TRUE(projects.ok()) << projects.status();
  for (size_t i = 0; i < projects->size(); ++i) {
    EXPECT_NE((*pack)->FindCoBuildKindByName(projects->Get(i, "kind")), nullptr)
        << projects->Place(i);
  }
  const auto units = Tsv::Load(Data("units.tsv"), {"zone", "region"});
  ASSERT_TRUE(units.ok()) << units.status();
  for (size_t i = 0; i < units->size(); ++i) {
    const std::string& zone = units->Get(i, "zone");
    EXPECT_TRUE(zone.empty() || (*pack)->FindPlaceByName(zone) != nullptr) << units->Place(i);
    const std::string& region = units->Get(i, "region");
    EXPECT_TRUE(region.empty() || (*pack)->FindPlace(region) != nullptr) << units->Place(i);
  }
}

TEST(LinyiDemonstrationTest, PlacesAreThoseOfThePolicyPack) {
  const auto pack = policy::Pack::LoadCity(Root() + "/deploy/policies", "linyi");
  ASSERT_TRUE(pack.ok()) << pack.status();
  int zones = 0;
  for (const char* file : {"单位名录（演示）.tsv", "企业名册（演示）.tsv"}) {
    const auto table = Tsv::Load(Data(absl::StrCat("files/", file), "linyi"), {"所在功能区或镇街"});
    ASSERT_TRUE(table.ok()) << table.status();
    for (size_t i = 0; i < table->size(); ++i) {
      std::string zone = table->Get(i, "所在功能区或镇街");
      zones += !zone.empty();
      EXPECT_EQ(policy::TakeZone(**pack, "", &zone), "") << table->Place(i);
    }
  }
  EXPECT_GT(zones, 0);
  const auto table = Tsv::Load(Data("files/单位名录（演示）.tsv", "linyi"), {"行政区划代码"});
  ASSERT_TRUE(table.ok()) << table.status();
  for (size_t i = 0; i < table->size(); ++i) {
    EXPECT_EQ(policy::WrongRegion(**pack, table->Get(i, "行政区划代码")), "") << table->Place(i);
  }
}

TEST(QingdaoDemonstrationTest, InstrumentsHavePricesForEveryKindOfUserOfThePolicyPack) {
  const auto pack = policy::Pack::LoadCity(Root() + "/deploy/policies", "qingdao");
  ASSERT_TRUE(pack.ok()) << pack.status();
  const auto table = Tsv::Load(Data("instruments.tsv"), {"name", "charges"});
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_GT(table->size(), 0u);
  for (size_t i = 0; i < table->size(); ++i) {
    for (const auto& type : (*pack)->proto().instrument_policy().user_types()) {
      EXPECT_THAT(table->Get(i, "charges"), testing::HasSubstr(type.display_name() + " "))
          << table->Place(i);
    }
  }
}

class DemonstrationRecordsTest : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Cities, DemonstrationRecordsTest, ::testing::Values("qingdao", "linyi"));

TEST_P(DemonstrationRecordsTest, NameWhatStandsAboveThemAndFilesThatAreThere) {
  const auto pack = policy::Pack::LoadCity(Root() + "/deploy/policies", GetParam());
  ASSERT_TRUE(pack.ok()) << pack.status();
  const auto table =
      Tsv::Load(Data("records.tsv", GetParam()), {"key", "who", "method", "path", "body"});
  ASSERT_TRUE(table.ok()) << table.status();
  std::set<std::string> known = {"project",        "platform",         "university", "enterprise",
                                 "unit",           "instrument",       "free",       "soon",
                                 "platform-title", "enterprise-title", "sign-date"};
  static const std::regex kPlaceholder("\\{([a-z][^}\"]*)\\}");
  static const std::regex kOutcome("\"kind\":\"([^A-Z\"][^\"]*)\"");
  for (size_t i = 0; i < table->size(); ++i) {
    const std::string text = table->Get(i, "path") + " " + table->Get(i, "body");
    for (std::sregex_iterator at(text.begin(), text.end(), kPlaceholder), end; at != end; ++at) {
      const std::string word = (*at)[1];
      if (word.rfind("file:", 0) == 0) {
        const std::string file = word.substr(5, word.size() - 5 - std::string(".xlsx").size());
        EXPECT_TRUE(std::filesystem::exists(Data("files/" + file + ".tsv", GetParam())))
            << table->Place(i);
      } else if (!IsLookedUp(word)) {
        EXPECT_TRUE(known.count(word) > 0) << table->Place(i) << ": " << word;
      }
    }
    std::smatch kind;
    if (std::regex_search(text, kind, kOutcome)) {
      const auto& kinds = (*pack)->proto().outcome_kinds();
      EXPECT_TRUE(std::any_of(kinds.begin(), kinds.end(),
                              [&](const auto& one) { return one.display_name() == kind[1]; }))
          << table->Place(i) << ": " << kind[1];
    }
    EXPECT_TRUE(known.insert(table->Get(i, "key")).second) << table->Place(i);
  }
}

TEST(QingdaoDemonstrationTest, ChainActsAreOfThePacksCampaignsAndTasks) {
  const auto pack = policy::Pack::LoadCity(Root() + "/deploy/policies", "qingdao");
  ASSERT_TRUE(pack.ok()) << pack.status();
  std::set<std::string> known, logins, keys;
  for (const auto& one : (*pack)->proto().chain_campaigns()) {
    known.insert("chainCampaigns/" + one.id());
  }
  for (const auto& one : (*pack)->proto().action_tasks()) known.insert("actionTasks/" + one.id());
  const auto accounts = Tsv::Load(Data("accounts.tsv"), {"login"});
  ASSERT_TRUE(accounts.ok()) << accounts.status();
  for (size_t i = 0; i < accounts->size(); ++i) logins.insert(accounts->Get(i, "login"));
  const auto table = Tsv::Load(Data("chain.tsv"), {"key", "project", "who", "path", "body"});
  ASSERT_TRUE(table.ok()) << table.status();
  static const std::regex kPath("/v1/([^:]+):(hold|postpone|report|setDueDate)");
  static const std::regex kOfChain("\"chainCampaign\":\"([^\"]*)\"");
  for (size_t i = 0; i < table->size(); ++i) {
    EXPECT_EQ(table->Get(i, "project"), "0") << table->Place(i);
    EXPECT_EQ(logins.count(table->Get(i, "who")), 1u) << table->Place(i);
    EXPECT_TRUE(keys.insert(table->Get(i, "key")).second) << table->Place(i);
    std::smatch named;
    const std::string path = table->Get(i, "path"), body = table->Get(i, "body");
    ASSERT_TRUE(std::regex_match(path, named, kPath)) << table->Place(i);
    EXPECT_EQ(known.count(named[1]), 1u) << table->Place(i);
    if (std::regex_search(body, named, kOfChain)) {
      EXPECT_EQ(known.count(named[1]), 1u) << table->Place(i);
    }
    EXPECT_THAT(body, testing::HasSubstr("演示")) << table->Place(i);
  }
}

TEST(QingdaoDemonstrationTest, ObjectionsAreToBoardsOfThePack) {
  const auto pack = policy::Pack::LoadCity(Root() + "/deploy/policies", "qingdao");
  ASSERT_TRUE(pack.ok()) << pack.status();
  std::set<std::string> boards, decisions;
  for (const auto& one : (*pack)->proto().leaderboards()) boards.insert(one.id());
  const auto table =
      Tsv::Load(Data("objections.tsv"), {"by", "board", "content", "decision", "finding"});
  ASSERT_TRUE(table.ok()) << table.status();
  for (size_t i = 0; i < table->size(); ++i) {
    EXPECT_EQ(boards.count(table->Get(i, "board")), 1u) << table->Place(i);
    EXPECT_THAT(table->Get(i, "content"), testing::HasSubstr("演示")) << table->Place(i);
    decisions.insert(table->Get(i, "decision"));
  }
  EXPECT_EQ(decisions, (std::set<std::string>{"uphold", "reject", "withdraw"}));
}

TEST(QingdaoDemonstrationTest, TheMonthOfTriageIsDoneByUnitsOfThePackWithTheirAccounts) {
  const auto pack = policy::Pack::LoadCity(Root() + "/deploy/policies", "qingdao");
  ASSERT_TRUE(pack.ok()) << pack.status();
  std::set<std::string> logins = {"secretariat"}, known = {"enterprise"}, organizations;
  for (const char* file : {"institutions.tsv", "accounts.tsv"}) {
    const auto table = Tsv::Load(Data(file), {"login"});
    ASSERT_TRUE(table.ok()) << table.status();
    for (size_t i = 0; i < table->size(); ++i) logins.insert(table->Get(i, "login"));
  }
  const auto table =
      Tsv::Load(Data("triage.tsv"), {"key", "project", "who", "method", "path", "body"});
  ASSERT_TRUE(table.ok()) << table.status();
  static const std::regex kPlaceholder("\\{([a-z][^}\"]*)\\}");
  static const std::regex kCreated("/v1/organizations\\?organization_id=(.*)");
  static const std::regex kNamed("\"(industries|fields)\":\\[([^\\]]*)\\]");
  std::set<std::string> fields;
  for (const auto& field : (*pack)->proto().triage().fields()) fields.insert(field.display_name());
  for (size_t i = 0; i < table->size(); ++i) {
    const bool of_project = table->Get(i, "project") != "0";
    EXPECT_TRUE(of_project ? table->Get(i, "who") == "enterprise"
                           : logins.count(table->Get(i, "who")) > 0)
        << table->Place(i);
    const std::string text = table->Get(i, "path") + " " + table->Get(i, "body");
    for (std::sregex_iterator at(text.begin(), text.end(), kPlaceholder), end; at != end; ++at) {
      std::string word = (*at)[1];
      if (word.rfind("push:", 0) == 0) word = word.substr(5);
      if (word.rfind("day+", 0) == 0 || word.rfind("workday-", 0) == 0) continue;
      EXPECT_TRUE(known.count(word) > 0) << table->Place(i) << ": " << word;
    }
    std::smatch created;
    const std::string path = table->Get(i, "path");
    if (std::regex_match(path, created, kCreated)) organizations.insert(created[1]);
    for (std::sregex_iterator at(text.begin(), text.end(), kNamed), end; at != end; ++at) {
      const std::string names = (*at)[2];
      static const std::regex kName("\"([^\"]*)\"");
      for (std::sregex_iterator name(names.begin(), names.end(), kName); name != end; ++name) {
        EXPECT_TRUE((*at)[1] == "fields" ? fields.count((*name)[1]) > 0
                                         : (*pack)->HasIndustryNamed(std::string((*name)[1])))
            << table->Place(i) << ": " << (*name)[1];
      }
    }
    EXPECT_TRUE(known.insert(table->Get(i, "key")).second) << table->Place(i);
  }
  // Every unit that the pack names is there and can sign in.
  for (const auto& unit : (*pack)->proto().triage().units()) {
    const std::string id = unit.organization().substr(std::string("organizations/").size());
    EXPECT_TRUE(organizations.count(id) > 0) << unit.id();
    EXPECT_TRUE(logins.count(id) > 0) << unit.id();
  }
}

TEST(QingdaoDemonstrationTest, ConsortiaAreOfTheSystemAndTheirUnitsInvented) {
  const auto pack = policy::Pack::LoadCity(Root() + "/deploy/policies", "qingdao");
  ASSERT_TRUE(pack.ok()) << pack.status();
  const auto units = Tsv::Load(Data("consortium_units.tsv"), {"id", "name", "kind", "part"});
  ASSERT_TRUE(units.ok()) << units.status();
  std::map<std::string, int> parts;
  std::set<std::string> leads, ids;
  for (size_t i = 0; i < units->size(); ++i) {
    EXPECT_THAT(units->Get(i, "name"), testing::EndsWith("（演示）")) << units->Place(i);
    EXPECT_THAT(units->Get(i, "id"), testing::MatchesRegex("[a-z0-9][a-z0-9._-]+"));
    EXPECT_TRUE(ids.insert(units->Get(i, "id")).second) << units->Place(i);
    ++parts[units->Get(i, "part")];
    if (units->Get(i, "part") == "lead") leads.insert(units->Get(i, "id"));
  }
  // As many as the guidelines ask for and as the sheets have seats for.
  EXPECT_GE(parts["upstream"] + parts["downstream"], 3);
  EXPECT_GE(parts["university"] + parts["institute"], 2);
  for (const auto& sheet : (*pack)->proto().consortium().review().sheets()) {
    for (const auto& seat : sheet.seats()) {
      EXPECT_GE(parts[seat.category()], static_cast<int>(seat.count())) << sheet.id();
    }
  }
  const std::set<std::string> targets = {
      "draft",   "district",   "returned", "city",      "review",   "visit",
      "defence", "selected",   "notice",   "objected",  "rejected", "withdrawn",
      "filed",   "supplement", "vacant",   "dissolved", "cancelled"};
  const auto table =
      Tsv::Load(Data("consortia.tsv"), {"key", "lead", "industry", "track", "target"});
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_GE(table->size(), 12u);
  // 围绕“10+1”创新型产业体系.
  std::set<std::string> system;
  for (const auto& taxonomy : (*pack)->proto().taxonomies()) {
    if (taxonomy.id() != "qingdao10p1") continue;
    for (const auto& industry : taxonomy.industries()) {
      if (!industry.is_group()) system.insert(industry.display_name());
    }
  }
  std::set<std::string> tracks;
  for (size_t i = 0; i < table->size(); ++i) {
    EXPECT_EQ(system.count(table->Get(i, "industry")), 1u) << table->Place(i);
    EXPECT_EQ(leads.erase(table->Get(i, "lead")), 1u) << table->Place(i) << ": 一家只牵头一个";
    EXPECT_TRUE(tracks.insert(table->Get(i, "track")).second) << table->Place(i);
    EXPECT_EQ(targets.count(table->Get(i, "target")), 1u) << table->Place(i);
  }
}

TEST(QingdaoDemonstrationTest, LoginsAreThoseThatAccountsMayHaveAndUnique) {
  std::set<std::string> seen;
  for (const char* file : {"institutions.tsv", "units.tsv", "accounts.tsv"}) {
    const auto table = Tsv::Load(Data(file), {"login"});
    ASSERT_TRUE(table.ok()) << table.status();
    for (size_t i = 0; i < table->size(); ++i) {
      const std::string& login = table->Get(i, "login");
      EXPECT_THAT(login, testing::MatchesRegex("[a-z0-9][a-z0-9._-]+")) << table->Place(i);
      EXPECT_GE(login.size(), 3u) << table->Place(i);
      EXPECT_TRUE(seen.insert(login).second) << table->Place(i);
    }
  }
}

TEST(QingdaoDemonstrationTest, WordsOfTradesAreUnique) {
  const auto trades = Tsv::Load(Data("trades.tsv"), {"words"});
  ASSERT_TRUE(trades.ok()) << trades.status();
  std::set<std::string> seen;
  for (size_t i = 0; i < trades->size(); ++i) {
    for (const std::string& word : trades->List(i, "words")) {
      EXPECT_TRUE(seen.insert(word).second) << trades->Place(i) << " " << word;
    }
  }
}

}  // namespace
}  // namespace chanyan::demo
