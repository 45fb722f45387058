// Contacts, closures and own terms as lines of a cell, both ways (REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/contact_lines.h"
#include "services/registry/instrument_lines.h"
#include "tests/unit/registry/instrument_samples.h"

namespace chanyan::registry {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Said(const std::vector<status::Violation>& violations, const char* field) {
  std::vector<std::string> out;
  for (const status::Violation& violation : violations) {
    EXPECT_EQ(violation.field, field);
    out.push_back(violation.description);
  }
  return out;
}

void AddContact(const char* person, const char* title, const char* phone, const char* email,
                Contacts* contacts) {
  v1::Contact* contact = contacts->Add();
  contact->set_person(person);
  contact->set_title(title);
  contact->set_phone(phone);
  contact->set_email(email);
}

std::vector<std::string> WrongContacts(absl::string_view text) {
  Contacts contacts;
  AddContact("王五", "", "", "", &contacts);
  std::vector<std::string> said = Said(ReadContacts(text, &contacts), "contacts_text");
  EXPECT_TRUE(said.empty() || ContactsText(contacts) == "王五") << "nothing is taken";
  return said;
}

TEST(ContactLinesTest, WhatIsWrittenIsReadBack) {
  Contacts contacts;
  AddContact("张三", "主任", "0532-85911343", "zhang@example.cn", &contacts);
  AddContact("李四", "", "13812345678", "", &contacts);
  AddContact("王五", "", "", "", &contacts);
  const std::string text = ContactsText(contacts);
  EXPECT_EQ(text, "张三 | 主任 | 0532-85911343 | zhang@example.cn\n李四 |  | 13812345678\n王五");
  Contacts read;
  EXPECT_THAT(ReadContacts(text, &read), IsEmpty());
  EXPECT_EQ(ContactsText(read), text);
  EXPECT_EQ(read.at(1).phone(), "13812345678");
  EXPECT_EQ(ContactsText({}), "");
}

TEST(ContactLinesTest, PeopleWriteItWithWideBarsBlanksAndEmptyLines) {
  Contacts read;
  EXPECT_THAT(ReadContacts("  张三｜主任｜ 0532-85911343 \r\n\n李四", &read), IsEmpty());
  EXPECT_EQ(ContactsText(read), "张三 | 主任 | 0532-85911343\n李四");
}

TEST(ContactLinesTest, WhatIsNotToldOrNotFilledInIsLeftAndIsTakenAwayByAWordOnly) {
  Contacts contacts;
  AddContact("张三", "", "0532-85911343", "", &contacts);
  EXPECT_THAT(ReadContacts(kContactsUntold, &contacts), IsEmpty());
  EXPECT_EQ(contacts.size(), 1);
  Contacts none;
  EXPECT_THAT(ReadContacts(absl::StrCat(" ", kContactsUntold, " "), &none), IsEmpty());
  EXPECT_TRUE(none.empty()) << "of somebody new it says nothing";
  for (const char* empty : {"", "  ", "\n\r\n"}) {
    EXPECT_THAT(ReadContacts(empty, &contacts), IsEmpty());
    EXPECT_EQ(ContactsText(contacts), "张三 |  | 0532-85911343");
  }
  EXPECT_THAT(ReadContacts(absl::StrCat(" ", kContactsCleared, "\n"), &contacts), IsEmpty());
  EXPECT_TRUE(contacts.empty());
  EXPECT_THAT(ReadContacts(kContactsCleared, &contacts), IsEmpty()) << "there are none";
  EXPECT_TRUE(contacts.empty());
}

TEST(ContactLinesTest, ACellAsItWasWrittenLeavesWhatNoCellCanHold) {
  Contacts contacts;
  AddContact("甲|乙", "", "", "", &contacts);
  AddContact("值班室85911343", "", "", "", &contacts);
  const std::string text = ContactsText(contacts);
  EXPECT_THAT(ReadContacts(text, &contacts), IsEmpty());
  EXPECT_EQ(contacts.at(0).person(), "甲|乙");
  EXPECT_EQ(ContactsText(contacts), text);
}

TEST(ContactLinesTest, EveryWrongLineIsNamed) {
  EXPECT_THAT(WrongContacts("张三 | 主任 | 1381234567\n李四 |  |  | li@\n | 主任"),
              ElementsAre(AllOf(HasSubstr("第 1 人：联系电话"), HasSubstr("手机号码")),
                          HasSubstr("第 2 人：电子邮箱"), HasSubstr("第 3 人：没有写姓名")));
  EXPECT_THAT(WrongContacts("张三 13812345678"), ElementsAre(HasSubstr("像是电话或邮箱")));
  EXPECT_THAT(WrongContacts("张三 | zhang@example.cn"), ElementsAre(HasSubstr("像是电话或邮箱")));
  EXPECT_THAT(WrongContacts("张三 | 主任 | 13812345678 | z@example.cn | 备注"),
              ElementsAre(HasSubstr("“|”太多")));
  EXPECT_THAT(WrongContacts("甲\n乙\n丙\n丁\n戊\n己"),
              ElementsAre("联系人最多填写 5 人，现有 6 人"));
  std::string longest;
  for (int i = 0; i < 41; ++i) longest += "长";
  EXPECT_THAT(WrongContacts(longest), ElementsAre(HasSubstr("第 1 人：联系人")));
}

TEST(InstrumentLinesTest, ClosuresAreReadBackByDayAndByMinute) {
  v1::Instrument instrument;
  Close(InChina(2025, 5, 1), InChina(2025, 5, 6), &instrument);
  Close(InChina(2025, 4, 4), InChina(2025, 4, 5), &instrument);
  Close(InChina(2025, 4, 10, 8, 30), InChina(2025, 4, 10, 12), &instrument);
  Close(InChina(2025, 4, 10), InChina(2025, 4, 11, 8), &instrument);
  for (v1::Closure& closure : *instrument.mutable_closures()) closure.set_reason("检修 | 大修");
  const std::string text = ClosuresText(instrument);
  EXPECT_EQ(text,
            "2025-05-01 至 2025-05-05 | 检修 | 大修\n2025-04-04 | 检修 | 大修\n"
            "2025-04-10 08:30 至 2025-04-10 12:00 | 检修 | 大修\n"
            "2025-04-10 00:00 至 2025-04-11 08:00 | 检修 | 大修");
  v1::Instrument read;
  EXPECT_THAT(ReadClosures(text, &read), IsEmpty());
  EXPECT_TRUE(MessageDifferencer::Equals(read, instrument)) << ClosuresText(read);
  EXPECT_THAT(ReadClosures("", &read), IsEmpty());
  EXPECT_TRUE(read.closures().empty());
}

TEST(InstrumentLinesTest, ClosuresAsPeopleWriteThem) {
  v1::Instrument read;
  EXPECT_THAT(ReadClosures("2025/5/1 到 2025年5月5日｜放假\n2025-04-10 8:30～12:00 | 检修\n"
                           "2025-06-01 至 2025-06-02 12:00 | 搬迁",
                           &read),
              IsEmpty());
  EXPECT_EQ(ClosuresText(read),
            "2025-05-01 至 2025-05-05 | 放假\n2025-04-10 08:30 至 2025-04-10 12:00 | 检修\n"
            "2025-06-01 00:00 至 2025-06-02 12:00 | 搬迁");
}

TEST(InstrumentLinesTest, EveryWrongClosureIsNamedAndNoneIsTaken) {
  v1::Instrument kept;
  Close(InChina(2025, 4, 4), InChina(2025, 4, 5), &kept);
  const v1::Instrument before = kept;
  const auto wrong = [&](absl::string_view text) {
    const auto said = Said(ReadClosures(text, &kept), "closures_text");
    EXPECT_TRUE(MessageDifferencer::Equals(kept, before));
    return said;
  };
  EXPECT_THAT(wrong("2025-05-05 至 2025-05-01 | 放假\n2025-05-01 12:00 至 08:00 | 检修\n"
                    "2025-02-30 | 检修\n5月1日 | 放假\n随时\n2025-05-01 至 | 放假\n2025-05-01"),
              ElementsAre(AllOf(HasSubstr("第 1 项"), HasSubstr("结束时间（2025-05-01）应晚于")),
                          AllOf(HasSubstr("第 2 项"), HasSubstr("应晚于开始时间")),
                          HasSubstr("第 3 项"), HasSubstr("第 4 项"), HasSubstr("第 5 项"),
                          HasSubstr("第 6 项：应写为"), HasSubstr("第 7 项：原因")));
  EXPECT_THAT(wrong("2025-05-01 08:30:15 至 2025-05-01 12:00 | 检修"),
              ElementsAre(HasSubstr("整分钟")));
  std::string many;
  for (int i = 0; i < 401; ++i) absl::StrAppend(&many, "2025-05-01 | 第", i, "次\n");
  EXPECT_THAT(wrong(many), ElementsAre("停机时段最多 400 项，现有 401 项；请删去较早的"));
}

TEST(InstrumentLinesTest, OwnTermsAreReadBackAndAnEmptyCellGivesThemUp) {
  v1::Instrument instrument;
  instrument.mutable_terms()->set_notice_hours(0);
  instrument.mutable_terms()->set_longest_minutes(480);
  EXPECT_EQ(OwnTermsText(instrument), "最短提前小时数 0\n单次最长分钟数 480");
  v1::Instrument read;
  EXPECT_THAT(ReadOwnTerms(OwnTermsText(instrument), &read), IsEmpty());
  EXPECT_TRUE(MessageDifferencer::Equals(read, instrument));
  EXPECT_THAT(ReadOwnTerms("最早提前天数：60；逾期取消收费比例 50", &read), IsEmpty());
  EXPECT_EQ(OwnTermsText(read), "最早提前天数 60\n逾期取消收费比例 50");
  EXPECT_THAT(ReadOwnTerms("", &read), IsEmpty());
  EXPECT_FALSE(read.has_terms());
  // A message without figures says as little as none.
  read.mutable_terms();
  EXPECT_THAT(ReadOwnTerms("", &read), IsEmpty());
  EXPECT_TRUE(read.has_terms()) << "nothing changes";
}

TEST(InstrumentLinesTest, EveryWrongTermIsNamedAndNoneIsTaken) {
  v1::Instrument read;
  EXPECT_THAT(
      Said(ReadOwnTerms("提前一天\n最短提前小时数 两\n单次最长分钟数 0\n最早提前天数 9999999999\n"
                        "逾期取消收费比例 50\n逾期取消收费比例 60\n最短提前工作日数 -1",
                        &read),
           "own_terms_text"),
      ElementsAre(AllOf(HasSubstr("第 1 项：“提前一天”不是预约规则"), HasSubstr("最早提前天数")),
                  HasSubstr("第 2 项：“最短提前小时数”"), HasSubstr("第 3 项："),
                  HasSubstr("第 4 项：“最早提前天数”超出范围"),
                  HasSubstr("第 6 项：“逾期取消收费比例”填了两次"),
                  HasSubstr("第 7 项：“最短提前工作日数”超出范围")));
  EXPECT_FALSE(read.has_terms());
}

}  // namespace
}  // namespace chanyan::registry
