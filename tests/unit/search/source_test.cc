// From a resource to a document, by rows and descriptors.
#include "common/search/source.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/auth/labels.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/search/rows.h"

namespace chanyan::search {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const google::protobuf::Message* Nobody(const std::string&) { return nullptr; }

std::string RefusalOf(std::vector<Source> rows) {
  const auto made = Sources::Make(std::move(rows));
  return made.ok() ? "" : std::string(made.status().message());
}

TEST(SourcesTest, ARowThatCannotBeIsRefusedWithAllThatIsWrong) {
  std::vector<Source> rows = Rows();
  rows[0].texts.push_back({"colour", 1});
  rows[0].texts.push_back({"display_name.length", 1});
  rows[0].texts.push_back({"confirm_time", 1});
  rows[1].facets.push_back({"phone", "contacts.phone"});
  rows[2].findable = "state = LOST";
  rows[2].expires = "title";
  const std::string refusal = RefusalOf(rows);
  for (const char* part :
       {"colour: no such field", "display_name.length: goes on behind a text",
        "confirm_time: neither text nor enum", "contacts.phone: personal data are not to be found",
        "Intent: state = LOST", "Intent: title: no time field"}) {
    EXPECT_THAT(refusal, HasSubstr(part));
  }
  rows = Rows();
  rows.erase(rows.begin() + 1);
  EXPECT_THAT(RefusalOf(rows), HasSubstr("Platform: organization: its type is no source"));
  rows = Rows();
  rows.push_back(rows[0]);
  EXPECT_THAT(RefusalOf(rows), HasSubstr("more than one row"));
  rows = Rows();
  // WITHDRAWN is 已撤回 of both, but an open cycle is 进行中 and an open intent 有效.
  rows[0].facets.push_back({"state", "state"});
  rows[2].facets.push_back({"state", "state"});
  EXPECT_EQ(RefusalOf(rows), "");
  rows.push_back({.type = cycle::v1::Cycle::descriptor(),
                  .journal = "cycle",
                  .title = "name",
                  .facets = {{"state", "state"}}});
  EXPECT_THAT(RefusalOf(rows), HasSubstr("state OPEN means something else"));
}

TEST(SourcesTest, ADocumentIsWhatTheRowSays) {
  const auto sources = MakeSources();
  Platform platform = MakePlatform("lab", "海洋装备实验室");
  platform.add_services()->set_title("疲劳试验");
  registry::v1::Contact& contact = *platform.add_contacts();
  contact.set_person("王");
  contact.set_phone("13812345678");
  const Organization owner =
      MakeOrganization("ouc", "海洋大学", registry::v1::ORGANIZATION_KIND_UNIVERSITY, "古镇口");
  const auto document = sources->Extract(platform, [&](const std::string& name) {
    EXPECT_EQ(name, "organizations/ouc");
    return &owner;
  });
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->name, "organizations/ouc/platforms/lab");
  EXPECT_THAT(document->owners, ElementsAre("organizations/ouc"));
  EXPECT_EQ(document->update_time, Noon());
  EXPECT_EQ(document->expire_time, absl::InfiniteFuture());
  std::set<std::string> texts;
  for (const WeightedText& text : document->texts) texts.insert(text.text);
  EXPECT_EQ(texts, (std::set<std::string>{"海洋装备实验室", "疲劳试验"}));
  EXPECT_THAT(document->facets,
              ElementsAre(FacetValue{"type", "Platform"}, FacetValue{"kind", "LABORATORY"},
                          FacetValue{"industry", "海洋装备"}, FacetValue{"level", "NATIONAL"},
                          FacetValue{"zone", "古镇口"}));
  EXPECT_EQ(document->labels, auth::RowLabels(platform));
  EXPECT_FALSE(absl::StrContains(document->data, "13812345678")) << "no personal data are kept";
  const auto restored = sources->Restore(document->type, document->data);
  EXPECT_EQ(sources->TitleOf(*restored), "海洋装备实验室");
}

TEST(SourcesTest, WhatIsClosedInTheOwnerIsNotInherited) {
  const auto sources = MakeSources();
  const Organization enterprise =
      MakeOrganization("e1", "企业", registry::v1::ORGANIZATION_KIND_ENTERPRISE, "泊里镇");
  const Intent intent = MakeIntent("i1", "需要中试", "organizations/e1", Noon() + absl::Hours(1));
  const auto document = sources->Extract(intent, [&](const std::string&) { return &enterprise; });
  ASSERT_TRUE(document.has_value());
  EXPECT_THAT(document->facets, Not(Contains(FacetValue{"zone", "泊里镇"})));
  EXPECT_EQ(document->expire_time, Noon() + absl::Hours(1));
}

TEST(SourcesTest, RowsThatAreNotFoundAreNoDocuments) {
  const auto sources = MakeSources();
  Platform platform = MakePlatform("lab", "实验室");
  platform.set_state(registry::v1::PLATFORM_STATE_WITHDRAWN);
  EXPECT_FALSE(sources->Extract(platform, Nobody).has_value());
  Intent intent = MakeIntent("i1", "需要", "organizations/e1", Noon());
  intent.set_state(pairing::v1::INTENT_STATE_EXPIRED);
  EXPECT_FALSE(sources->Extract(intent, Nobody).has_value());
  EXPECT_FALSE(sources->Extract(pairing::v1::Project(), Nobody).has_value()) << "no source";
}

TEST(SourcesTest, ExcerptsAreTheFieldsWithTheWords) {
  const auto sources = MakeSources();
  Platform platform = MakePlatform("lab", "装备实验室");
  platform.add_services()->set_title("盐雾试验");
  platform.add_services()->set_title("海水腐蚀试验");
  platform.set_introduction("面向深海装备。");
  const std::vector<Excerpt> excerpts = sources->Excerpts(platform, {"腐蚀"}, 2, 40);
  ASSERT_EQ(excerpts.size(), 2u);
  EXPECT_EQ(excerpts[0].field, "display_name");
  EXPECT_EQ(excerpts[0].label, "科创平台名称");
  EXPECT_THAT(excerpts[0].snippet.marks, IsEmpty());
  EXPECT_EQ(excerpts[1].field, "services.title");
  EXPECT_EQ(excerpts[1].label, "服务");
  EXPECT_EQ(excerpts[1].snippet.text, "盐雾试验；海水腐蚀试验");
  EXPECT_THAT(excerpts[1].snippet.marks, ElementsAre(Mark{7, 9}));
}

TEST(SourcesTest, ValuesAreCalledAsPeopleCallThem) {
  const auto sources = MakeSources();
  EXPECT_EQ(sources->LabelOf({"kind", "LABORATORY"}).zh, "实验室");
  EXPECT_EQ(sources->LabelOf({"kind", "LABORATORY"}).en, "Laboratory");
  EXPECT_EQ(sources->LabelOf({"type", "Intent"}).zh, "结对共建意向");
  EXPECT_EQ(sources->LabelOf({"zone", "古镇口"}).zh, "古镇口");
}

TEST(SourcesTest, AnotherRowIsAnotherFingerprint) {
  std::vector<Source> rows = Rows();
  const std::string before = MakeSources()->fingerprint();
  EXPECT_EQ(MakeSources()->fingerprint(), before);
  rows[0].texts[0].weight = 7;
  EXPECT_NE(MakeSources(rows)->fingerprint(), before);
}

}  // namespace
}  // namespace chanyan::search
