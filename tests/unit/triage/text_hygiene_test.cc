// Free text on its way in (TRI-1).
#include "services/triage/text_hygiene.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/policy/pack.h"
#include "tests/support/service_test.h"

namespace chanyan::triage {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class TextHygieneTest : public ::testing::Test {
 protected:
  TextHygieneTest() : pack_(testing::ShippedPack()), hygiene_(pack_->proto().triage().hygiene()) {}
  const std::unique_ptr<const policy::Pack> pack_;
  const TextHygiene hygiene_;
};

TEST_F(TextHygieneTest, OrdinaryTextStaysAsItIs) {
  for (const char* text : {"一种海水淡化装置", "第一段。\n\n第二段：产率≥95%，成本＜3元/吨。",
                           "提供网上咨询服务的智能客服系统", "繁體字：海水淡化與綜合利用", "表\t格",
                           "emoji 🚢 船", "本成果可下载演示。咨询电话由平台统一提供，属于产品功能。",
                           "面向政务网站的网上咨询和咨询电话一体化平台，已在三市应用。"}) {
    const CleanText clean = hygiene_.Clean(text, false);
    EXPECT_EQ(clean.text, text);
    EXPECT_THAT(clean.aside, IsEmpty()) << text;
  }
}

TEST_F(TextHygieneTest, ControlsDirectionsAndWhatCannotBeSeenAreSetAside) {
  const CleanText clean = hygiene_.Clean(
      "海水\x01淡化\u202Egnp.exe\u202C装\u200B置\uFEFF\u2066x\u2069\u00AD\u0085", false);
  EXPECT_EQ(clean.text, "海水淡化gnp.exe装置x");
  ASSERT_THAT(clean.aside, SizeIs(3));
  for (const SetAside& aside : clean.aside) {
    const std::string escaped = Escaped(aside.text);
    EXPECT_THAT(escaped, HasSubstr("<U+")) << aside.what;
    EXPECT_THAT(escaped, Not(HasSubstr("\u202E")));
  }
  EXPECT_EQ(clean.aside[0].what, "不可见字符");
  EXPECT_EQ(clean.aside[1].what, "双向文字控制符");
  EXPECT_EQ(Escaped(clean.aside[1].text), "<U+202E><U+202C><U+2066><U+2069>");
  EXPECT_EQ(clean.aside[2].what, "控制字符");
}

TEST_F(TextHygieneTest, BrokenBytesAreNoContent) {
  const CleanText clean = hygiene_.Clean("装\xC3置\xE6\xB5", false);
  EXPECT_EQ(clean.text, "装置");
  ASSERT_THAT(clean.aside, SizeIs(1));
  EXPECT_EQ(clean.aside[0].what, "控制字符");
}

TEST_F(TextHygieneTest, LineBreaksOfAnyKindAreLineBreaksAndATitleHasNone) {
  EXPECT_EQ(hygiene_.Clean("甲\r\n乙\r丙\n丁", false).text, "甲\n乙\n丙\n丁");
  const CleanText title = hygiene_.Clean("　一种\n装置\t ", true);
  EXPECT_EQ(title.text, "一种 装置");
  EXPECT_THAT(title.aside, IsEmpty());
}

// As they stand at the end of the public notices that the suite is built from.
TEST_F(TextHygieneTest, TheTailsOfScrapedNoticesAreSetAside) {
  const std::string content = "本成果已完成中试，产率达95%。\n拟在本市转化。";
  for (const char* tail : {
           "\n\n    如果您对该文件有疑问，可以通过 网上咨询 方式咨询相关单位 ，或者拨打 咨询电话\n"
           "    咨询电话:\n    青岛市科学技术局成果转化与创新孵化处 : 85911343",
           "\n\n\n\n    如果您對該文件有疑問,可以通過 網上咨詢 方式咨詢相關單位 ,或者撥打 "
           "咨詢電話\n    咨詢電話:\n    青島市科學技術局高新技術與重大專項處 : 85911985\n",
           "\n【关闭窗口】 【字体: 大 中 小】 【打印本文】 |",
           "\n上一篇：某某通知\n下一篇：某某公示",
           "\n加微信 abc123 领取资料\n代开发票",
       }) {
    const CleanText clean = hygiene_.Clean(absl::StrCat(content, tail), false);
    EXPECT_EQ(clean.text, content) << tail;
    ASSERT_THAT(clean.aside, SizeIs(1)) << tail;
    EXPECT_EQ(clean.aside[0].what, "网页转贴的页脚或广告");
  }
}

TEST_F(TextHygieneTest, TheHeadOfAScrapedNoticeIsSetAsideAndWhatFollowsStays) {
  const CleanText clean =
      hygiene_.Clean("我要收藏\n取消收藏\n海水淡化新材料\n本成果已完成中试。", false);
  EXPECT_EQ(clean.text, "海水淡化新材料\n本成果已完成中试。");
  ASSERT_THAT(clean.aside, SizeIs(1));
  EXPECT_THAT(clean.aside[0].text, HasSubstr("取消收藏"));
}

TEST_F(TextHygieneTest, ATailOnTheSameLineIsCutBehindTheSentence) {
  const CleanText clean = hygiene_.Clean(
      "已完成中试。如果您对该文件有疑问,可以通过 网上咨询 方式咨询,或者拨打 咨询电话", false);
  EXPECT_EQ(clean.text, "已完成中试。");
  ASSERT_THAT(clean.aside, SizeIs(1));
  EXPECT_THAT(clean.aside[0].text, HasSubstr("网上咨询"));
}

TEST_F(TextHygieneTest, CleaningTwiceIsCleaningOnce) {
  const std::string hostile = "我要收藏\n甲\u202E乙\x07\n如果您对该文件有疑问\n扫一扫\r\n尾";
  const CleanText once = hygiene_.Clean(hostile, false);
  // A line of markers alone goes, what follows it does not.
  EXPECT_EQ(once.text, "甲乙\n尾");
  const CleanText twice = hygiene_.Clean(once.text, false);
  EXPECT_EQ(twice.text, once.text);
  EXPECT_THAT(twice.aside, IsEmpty());
}

}  // namespace
}  // namespace chanyan::triage
