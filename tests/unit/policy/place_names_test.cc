// Places as people write them against those of a pack (REG-1, PAIR-6).
#include "common/policy/place_names.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/policy/pack_files.h"

namespace chanyan::policy {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::unique_ptr<const Pack> PackWith(const std::string& places) {
  auto pack = Pack::Parse({{"t/a.textproto", absl::StrCat(kMinimalPack, places)}});
  EXPECT_TRUE(pack.ok()) << pack.status();
  return *std::move(pack);
}

// Two districts, towns of the first one alone, a zone with another name.
std::unique_ptr<const Pack> SmallCity() {
  return PackWith(R"x(
      places { id: "9901" display_name: "甲市" kind: PLACE_KIND_CITY }
      places { id: "990111" display_name: "东区" kind: PLACE_KIND_DISTRICT parent_id: "9901"
               aliases: "东部新区" }
      places { id: "990112" display_name: "西区" kind: PLACE_KIND_DISTRICT parent_id: "9901" }
      places { id: "z1" display_name: "临港开发区" kind: PLACE_KIND_ZONE parent_id: "9901"
               aliases: "临港区(A)" }
      places { id: "z2" display_name: "古港口" kind: PLACE_KIND_ZONE parent_id: "990111" }
      places { id: "t1" display_name: "泊水镇" kind: PLACE_KIND_TOWN parent_id: "990111" }
      places { id: "t2" display_name: "灵山街道" kind: PLACE_KIND_STREET parent_id: "990111" })x");
}

// What becomes of the zone, or what is wrong with it behind a "!".
std::string Taken(const Pack& pack, const std::string& region, std::string zone) {
  const std::string before = zone;
  const std::string wrong = TakeZone(pack, region, &zone);
  if (wrong.empty()) return zone;
  EXPECT_EQ(zone, before) << "what is wrong stays as it was written";
  return absl::StrCat("!", wrong);
}

TEST(PlaceNamesTest, WhatIsMisspeltIsRefusedWithTheNearestOnes) {
  const auto pack = SmallCity();
  EXPECT_EQ(Taken(*pack, "990111", "古港囗"),
            "!“古港囗”不是本市的功能区、街道或镇，最接近的是“古港口”，请核对");
  EXPECT_THAT(Taken(*pack, "", "临港经济开发区"), HasSubstr("最接近的是“临港开发区”"));
  EXPECT_THAT(Taken(*pack, "990111", "泊水乡"), HasSubstr("“泊水镇”"));
  EXPECT_THAT(Taken(*pack, "", "xyz"),
              AllOf(HasSubstr("请按政策包中的名称填写"), Not(HasSubstr("最接近"))));
  EXPECT_THAT(Taken(*pack, "990100", "甲市"), HasSubstr("不是本市的功能区"))
      << "the city itself is no zone";
  EXPECT_THAT(Taken(*pack, "", "\xFF\xEF"), HasSubstr("不是本市的功能区"));
  EXPECT_THAT(Taken(*pack, "", "　"), HasSubstr("不是本市的功能区")) << "nothing but a blank";
}

TEST(PlaceNamesTest, WidthBlanksAndOtherNamesMakeNoDifference) {
  const auto pack = SmallCity();
  for (const char* zone : {"临港开发区", " 临港开发区　", "临港 开发区", "临港区（A）",
                           "临港区(Ａ)", "\xEF\xBB\xBF临港\xC2\xA0开发区\xE2\x80\x8B"}) {
    EXPECT_EQ(Taken(*pack, "990111", zone), "临港开发区") << zone;
  }
  EXPECT_EQ(Taken(*pack, "", "臨港區（a）"), "临港开发区") << "traditional characters";
  EXPECT_EQ(Taken(*pack, "990111", "东部新区"), "东区") << "a new area is a district";
  EXPECT_EQ(Taken(*pack, "990111", ""), "");
}

// One index: what people say of a settlement is the same place that a zone is the name of; as a
// zone stands the name alone.
TEST(PlaceNamesTest, WhatPeopleSayIsThePlaceThatTheNameIs) {
  const auto pack = SmallCity();
  const PlaceIndex& places = pack->places();
  for (const char* said :
       {"泊水镇", "泊水鎮", "泊水", "东区泊水镇", "甲市东区泊水", "甲 市 泊水镇"}) {
    ASSERT_NE(places.Called(said), nullptr) << said;
    EXPECT_EQ(places.Called(said)->id(), "t1") << said;
    EXPECT_EQ(places.DistrictOf(places.Called(said))->id(), "990111") << said;
  }
  EXPECT_EQ(places.Named("泊水鎮"), places.Find("t1"));
  EXPECT_EQ(places.Named("泊水"), nullptr) << "short for it, and no name of it";
  EXPECT_THAT(Taken(*pack, "990111", "泊水"), HasSubstr("“泊水镇”"));
  EXPECT_EQ(places.DistrictOf(places.Called("甲市")), nullptr);
  EXPECT_EQ(places.DistrictOf(nullptr), nullptr);
  for (const char* nothing : {"", "　", "——", "\xFF", "泊水乡"}) {
    EXPECT_EQ(places.Called(nothing), nullptr) << nothing;
    EXPECT_EQ(places.Named(nothing), nullptr) << nothing;
  }
}

// From the place itself outwards, each that it lies in asked once, until one is wanted.
TEST(PlaceNamesTest, OutwardsIsThePlaceItselfAndThenWhatItLiesIn) {
  const auto pack = SmallCity();
  const PlaceIndex& places = pack->places();
  const v1::Place* town = places.Find("t1");
  std::vector<std::string> asked;
  EXPECT_EQ(places.Outwards(town,
                            [&](const v1::Place& place) {
                              asked.push_back(place.display_name());
                              return false;
                            }),
            nullptr);
  EXPECT_THAT(asked, testing::ElementsAre("泊水镇", "东区", "甲市"));
  EXPECT_EQ(places.Outwards(town, [](const v1::Place&) { return true; }), town);
  EXPECT_EQ(places.Outwards(nullptr, [](const v1::Place&) { return true; }), nullptr);
}

TEST(PlaceNamesTest, OfTwoThatAreCalledAlikeTheWiderOneIsMeantOrNeither) {
  const auto pack = PackWith(R"(
      places { id: "9901" display_name: "甲市" kind: PLACE_KIND_CITY }
      places { id: "990111" display_name: "泊水区" kind: PLACE_KIND_DISTRICT parent_id: "9901" }
      places { id: "990112" display_name: "西川区" kind: PLACE_KIND_DISTRICT parent_id: "9901" }
      places { id: "t1" display_name: "泊水街道" kind: PLACE_KIND_STREET parent_id: "990111" }
      places { id: "t2" display_name: "灵山镇" kind: PLACE_KIND_TOWN parent_id: "990111" }
      places { id: "t3" display_name: "灵山乡" kind: PLACE_KIND_TOWN parent_id: "990112" })");
  const PlaceIndex& places = pack->places();
  EXPECT_EQ(places.Called("泊水"), places.Find("990111"));
  EXPECT_EQ(places.Called("泊水街道"), places.Find("t1"));
  EXPECT_EQ(places.Called("灵山"), nullptr) << "in two districts";
  EXPECT_EQ(places.Called("西川灵山"), places.Find("t3"));
}

TEST(PlaceNamesTest, WhatThePackCannotKnowStaysAsItIsWritten) {
  const auto pack = SmallCity();
  EXPECT_EQ(Taken(*pack, "880102", "高新区"), "高新区") << "another city";
  EXPECT_EQ(Taken(*pack, "990112", "无名镇"), "无名镇") << "a district without towns in the pack";
  EXPECT_THAT(Taken(*pack, "990111", "无名镇"), HasSubstr("!"));
  EXPECT_THAT(Taken(*pack, "", "无名镇"), HasSubstr("!")) << "nobody says where";
  EXPECT_THAT(Taken(*pack, "990112", "无名园"), HasSubstr("!")) << "zones are of the whole city";
  const auto zones = PackWith(R"(places { id: "9901" display_name: "甲市" kind: PLACE_KIND_CITY }
      places { id: "z1" display_name: "高新区" kind: PLACE_KIND_ZONE parent_id: "9901" })");
  EXPECT_EQ(Taken(*zones, "", "无名街道"), "无名街道");
  EXPECT_THAT(Taken(*zones, "", "高薪区"), HasSubstr("“高新区”"));
  const auto none = PackWith("");
  EXPECT_EQ(Taken(*none, "990111", "高薪区"), "高薪区");
}

TEST(PlaceNamesTest, ACodeOfTheCityIsThatOfADistrict) {
  const auto pack = SmallCity();
  for (const char* good : {"", "990111", "990112", "990100", "990101", "880102", "110101"}) {
    EXPECT_EQ(WrongRegion(*pack, good), "") << good;
  }
  EXPECT_EQ(WrongRegion(*pack, "990113"),
            "行政区划代码 990113 "
            "不是甲市的区（市、县），最接近的是990111（东区）、990112（西区），请核对");
  EXPECT_NE(WrongRegion(*pack, "9901"), "");
  EXPECT_EQ(WrongRegion(*PackWith(""), "990113"), "");
  EXPECT_EQ(WrongRegion(*PackWith(R"(places { id: "9901" display_name: "甲市"
                                              kind: PLACE_KIND_CITY })"),
                        "990113"),
            "")
      << "a pack without districts knows none";
}

// Each name that a pack as shipped has is taken, and becomes the one it is called by.
TEST(PlaceNamesTest, EveryPlaceOfEveryCityIsTaken) {
  for (const char* city : {"qingdao", "linyi", "shandong"}) {
    const auto pack = LoadShipped(city);
    for (const v1::Place& place : pack->proto().places()) {
      if (place.kind() == v1::PLACE_KIND_CITY || place.kind() == v1::PLACE_KIND_PROVINCE) continue;
      EXPECT_EQ(Taken(*pack, "", place.display_name()), place.display_name());
      for (const std::string& alias : place.aliases()) {
        EXPECT_EQ(Taken(*pack, "", alias), place.display_name());
      }
      if (place.kind() == v1::PLACE_KIND_DISTRICT) {
        EXPECT_EQ(WrongRegion(*pack, place.id()), "");
      }
    }
  }
}

}  // namespace
}  // namespace chanyan::policy
