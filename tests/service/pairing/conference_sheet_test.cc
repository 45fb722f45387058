// Joint conferences from a sheet and as a sheet, on the real database (PAIR-8, REG-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/service/pairing/conference_world.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_INVALID_FILE;
using options::v1::ROLE_RESEARCH_OFFICE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Upload;

class ConferenceSheetTest : public ConferenceWorld {
 protected:
  using Rows = std::vector<v1::ConferenceRow>;

  // A sheet with these columns only.
  static google::api::HttpBody Columns(const std::vector<std::vector<std::string>>& rows) {
    sheet::Writer writer({.created = absl::UnixEpoch(), .title = "表"});
    sheet::SheetWriter& sheet = writer.AddSheet("表", {});
    for (const std::vector<std::string>& row : rows) {
      sheet.NewRow();
      for (const std::string& cell : row) sheet.Text(cell);
    }
    google::api::HttpBody body;
    body.set_data(*std::move(writer).Finish());
    return body;
  }
  v1::ConferenceRow RowNamed(const std::string& title) {
    for (const v1::ConferenceRow& row :
         RowsIn<v1::ConferenceRow>(Exported(Bureau("ExportConferences")))) {
      if (row.title() == title) return row;
    }
    ADD_FAILURE() << title << " is not exported";
    return {};
  }
};

TEST_F(ConferenceSheetTest, WhatIsNoSheetOfConferencesIsRefused) {
  for (const std::string& bytes : HostileFiles()) {
    google::api::HttpBody file;
    file.set_data(bytes);
    const auto refused = Import(file);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument) << bytes.substr(0, 40);
    if (!bytes.empty()) {
      EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_INVALID_FILE)
          << bytes.substr(0, 40) << refused.status();
    }
  }
  EXPECT_EQ(Count("conference"), 0);
  EXPECT_EQ(Count("journal"), 0);
}

TEST_F(ConferenceSheetTest, EveryBadCellOfARowsShapeIsNamed) {
  Rows rows(4, Past());
  rows[0].clear_kind();
  rows[0].clear_meet_time();
  rows[1].set_agenda("议题一\n | 汇报单位");
  rows[1].set_attendees(
      "海洋大学（演示）\n海洋大学（演示） | 李某 | 校长 | 来了\n海洋大学（演示） |  | 校长");
  rows[2].set_decisions("共建研究院\n0 | 零\n1 | ");
  rows[3].set_title(std::string(400, 'x'));
  EXPECT_THAT(
      Places(Import(Upload(rows)).status()),
      ElementsAre(HasSubstr("表.xlsx / 表 / B2|"), HasSubstr("表.xlsx / 表 / E2|"),
                  HasSubstr("H3|第 2 项：议题："), HasSubstr("I3|第 1 人：应写为“单位 | 姓名"),
                  HasSubstr("I3|第 2 人：到会情况“来了”应为"), HasSubstr("I3|第 3 人：姓名："),
                  HasSubstr("K4|第 1 项：应写为“序号 | 议定内容”"), HasSubstr("K4|第 2 项：序号"),
                  HasSubstr("K4|第 3 项：议定内容"), HasSubstr("表.xlsx / 表 / C5|")));
  EXPECT_EQ(Count("conference"), 0);
}

TEST_F(ConferenceSheetTest, EveryBadRowIsNamedAtItsCellAndNothingIsWritten) {
  Rows rows(9, Past());
  rows[0].set_convener_title("没有的局");
  rows[0].set_agreement_number("没有的协议");
  rows[0].set_attendees("海洋大学 | 李某\n来宾：海洋大学 | 李某");
  rows[1].set_title("会议二");
  rows[1].set_conference_number("none");
  rows[2].set_title("会议三");
  *rows[2].mutable_issue_date() = Date(2024, 5, 19);
  rows[2].set_decisions("1 | 甲\n1 | 乙");
  rows[3] = PastIssued("会议四");
  *rows[3].mutable_issue_date() = Date(2025, 4, 2);
  rows[4].set_title("会议五");
  *rows[4].mutable_meet_time() = Nine(2025, 5, 1);
  rows[4].set_minutes("纪要");
  rows[4].set_decisions("1 | 甲");
  *rows[4].mutable_issue_date() = Date(2025, 5, 2);
  rows[5].set_title("会议六");
  rows[5].set_state(v1::CONFERENCE_STATE_CANCELLED);
  rows[6].set_title("会议七");
  rows[7] = rows[6];
  rows[8].set_title("会议八");
  rows[8].set_attendees("古镇口（演示） | 周某");
  rows[8].set_minutes("纪要");
  *rows[8].mutable_issue_date() = Date(2024, 6, 1);
  const auto refused = Import(Upload(rows));
  EXPECT_THAT(Places(refused.status()),
              ElementsAre(HasSubstr("D2|“没有的局”不在单位名录中"),
                          HasSubstr("G2|没有编号为“没有的协议”的合作协议"),
                          HasSubstr("I2|第 1 人：“海洋大学”不在单位名录中"),
                          HasSubstr("A3|没有编号为“none”的会议；新增的会议请留空"),
                          HasSubstr("J4|印发前应填写会议纪要"), HasSubstr("K4|序号 1 重复"),
                          HasSubstr("M4|纪要印发日期不能早于会议日期"),
                          HasSubstr("M5|纪要印发日期不能晚于今天"),
                          HasSubstr("J6|会议召开后再填写"), HasSubstr("K6|会议召开后再填写"),
                          HasSubstr("M6|会议尚未召开，不能填写纪要印发日期"), HasSubstr("L7|"),
                          HasSubstr("C9|与第 8 行重复"), HasSubstr("I10|“周某”是否到会尚未登记")));
  EXPECT_THAT(Places(refused.status())[11], HasSubstr("为“已召开”，请照此填写或留空"));
  EXPECT_EQ(Count("conference"), 0);
  EXPECT_EQ(Count("journal"), 0);
}

TEST_F(ConferenceSheetTest, MeetingsOfTheBooksComeInHeldOrIssuedAndThoseToComePlanned) {
  Rows rows = {Past("会议一（演示）"), PastIssued("会议二（演示）"), Past("会议三（演示）")};
  *rows[2].mutable_meet_time() = Nine(2025, 5, 1);
  rows[2].set_attendees("海洋大学（演示） | 李某");
  EXPECT_EQ(Words(Import(Upload(rows), /*dry_run=*/true)), "3 0 0");
  EXPECT_EQ(Count("conference"), 0) << "a dry run";
  EXPECT_EQ(Count("journal"), 0);
  EXPECT_EQ(Words(Import(Upload(rows))), "3 0 0");
  EXPECT_THAT(Texts("SELECT state FROM conference ORDER BY title"),
              ElementsAre("HELD", "PLANNED", "ISSUED"));
  EXPECT_EQ(Count("journal WHERE kind = 'imported'"), 3);
  EXPECT_EQ(Words(Import(Upload(rows))), "0 0 3") << "the same file twice";
  EXPECT_EQ(Count("conference"), 3);
  EXPECT_EQ(Count("journal"), 3);

  const v1::Conference issued =
      Meeting(Texts("SELECT name FROM conference WHERE state = 'ISSUED'").at(0));
  EXPECT_EQ(issued.convener(), kBureau);
  EXPECT_THAT(
      std::vector<std::string>(issued.organizations().begin(), issued.organizations().end()),
      ElementsAre(kBureau, kOuc, kZone));
  EXPECT_EQ(issued.agenda(0).presenter(), "市科技局");
  EXPECT_EQ(issued.attendees(1).attendance(), v1::ATTENDANCE_ABSENT);
  EXPECT_EQ(issued.attendees(2).organization(), "") << "a guest";
  EXPECT_EQ(issued.attendees(2).organization_title(), "省科技厅");
  EXPECT_EQ(issued.decisions(1).text(), "开放仪器设备");
  EXPECT_EQ(issued.issue_date().month(), 6);
  // Those who took part read what was issued, and count on the next one.
  const auto seen =
      cooperation_service.GetConference(By(ROLE_RESEARCH_OFFICE, kOuc, "GetConference"),
                                        Named<v1::GetConferenceRequest>(issued.name()));
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_NE(seen->minutes(), "");
  const auto cadence = cooperation_service.GetConferenceCadence(Bureau("GetConferenceCadence"), {});
  ASSERT_TRUE(cadence.ok()) << cadence.status();
  EXPECT_EQ(time::FormatDate(*time::ToCivilDay(cadence->last_date())), "2024-05-20");
  EXPECT_TRUE(cadence->overdue());
  EXPECT_NE(cadence->planned_conference(), "");
}

TEST_F(ConferenceSheetTest, WhatIsExportedIsImportedUnchangedInWhateverState) {
  ASSERT_EQ(Words(Import(Upload(Rows{PastIssued(), Past("会议二（演示）")}))), "2 0 0");
  IssuedByHand("已印发（演示）");
  const std::string held = Make("已召开（演示）").name();
  Convene(held);
  clock.now += absl::Hours(24 * 8);
  Hold(held);
  Write(held);
  Convene(Make("已通知（演示）").name());
  Make("筹备（演示）");
  Cancel(Make("已取消（演示）").name());
  Cancel(Make("已取消（演示）").name());
  // What the registry calls it now is not what it was called.
  At(kOuc).set_display_name("更名大学（演示）");
  const google::api::HttpBody file = Exported(Bureau("ExportConferences"));
  EXPECT_EQ(Words(Import(file)), "0 0 8");
  EXPECT_EQ(Count("journal WHERE kind = 'imported'"), 2) << "those of the first file";
}

TEST_F(ConferenceSheetTest, WhatTheLifeOfAConferenceForbidsIsRefused) {
  IssuedByHand("已印发（演示）");
  const std::string held = Make("已召开（演示）").name();
  Convene(held);
  clock.now += absl::Hours(24 * 8);
  Hold(held);
  Write(held);
  Convene(Make("已通知（演示）").name());
  Make("筹备（演示）");
  Cancel(Make("已取消（演示）").name());
  Rows rows = RowsIn<v1::ConferenceRow>(Exported(Bureau("ExportConferences")));
  ASSERT_EQ(rows.size(), 5u);
  std::vector<std::string> expected;
  for (v1::ConferenceRow& row : rows) {
    row.set_place("别处");
    row.set_minutes("另一份纪要");
    row.mutable_meet_time()->set_seconds(row.meet_time().seconds() + 60);
    row.set_decisions("2 | 另一项");
  }
  const auto words = Words(Import(Upload(rows)));
  // In the order of the sheet: the latest first, those of one time by name.
  const auto row_of = [&](const std::string& title) {
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].title() == title) return static_cast<int>(i) + 2;
    }
    return 0;
  };
  const auto said = [&](char column, const std::string& title, const std::string& why) {
    EXPECT_THAT(words, HasSubstr(absl::StrCat(std::string(1, column), row_of(title), "|", why)));
  };
  said('F', "已印发（演示）", "该会议纪要已印发，不能用导入更改；请改回原值，或从表中删除该行");
  said('J', "已印发（演示）", "该会议纪要已印发");
  said('F', "已取消（演示）", "该会议已取消，不能用导入更改");
  said('E', "已通知（演示）", "会议已通知，不能修改；改期请用“延期召开”");
  said('J', "已通知（演示）", "会议已通知，不能修改");
  said('E', "已召开（演示）", "会议已召开，不能再修改");
  said('F', "已召开（演示）", "会议已召开，不能再修改");
  said('K', "已召开（演示）", "第 1 项已有交办，不能用导入删去");
  said('J', "筹备（演示）", "会议召开后再填写");
  EXPECT_EQ(Count("journal WHERE kind = 'imported'"), 0);

  // A state is what came of the conference, and no cell changes it.
  v1::ConferenceRow row = RowNamed("筹备（演示）");
  row.set_state(v1::CONFERENCE_STATE_HELD);
  EXPECT_THAT(Words(Import(Upload(Rows{row}))),
              HasSubstr("L2|状态不能通过导入更改，按本表和已登记的情况为“筹备”"));
  row = RowNamed("已召开（演示）");
  *row.mutable_issue_date() = Date(2025, 4, 20);
  EXPECT_THAT(Words(Import(Upload(Rows{row}))), HasSubstr("M2|“纪要印发日期”不能通过导入填写"));
  row = RowNamed("已召开（演示）");
  row.set_state(v1::CONFERENCE_STATE_PLANNED);
  EXPECT_EQ(Words(Import(Upload(Rows{row}))), "0 0 1") << "as it was when the file was written";
}

TEST_F(ConferenceSheetTest, WhatMayBeChangedIsChangedAndOnlyThat) {
  const std::string planned = Make("筹备（演示）").name();
  v1::ConferenceRow row = RowNamed("筹备（演示）");
  row.set_title("改名（演示）");
  *row.mutable_meet_time() = Nine(2025, 4, 12);
  row.set_attendees("海洋大学（演示） | 李某\n石油大学（演示） | 赵某 | 处长");
  EXPECT_EQ(Words(Import(Upload(Rows{row}))), "0 1 0");
  v1::Conference now = Meeting(planned);
  EXPECT_EQ(now.title(), "改名（演示）");
  EXPECT_EQ(now.attendees(1).organization(), kUpc);
  EXPECT_EQ(now.attendees(1).attendance(), v1::ATTENDANCE_INVITED);
  EXPECT_THAT(std::vector<std::string>(now.organizations().begin(), now.organizations().end()),
              ElementsAre(kBureau, kOuc, kUpc));

  Convene(planned);
  clock.now += absl::Hours(24 * 12);
  Hold(planned);
  Write(planned);
  row = RowNamed("改名（演示）");
  row.set_minutes("改写的纪要");
  row.set_decisions("1 | 改写的第一项\n第二行\n2 | 新增的第二项");
  EXPECT_EQ(Words(Import(Upload(Rows{row}))), "0 1 0");
  now = Meeting(planned);
  EXPECT_EQ(now.minutes(), "改写的纪要");
  EXPECT_EQ(now.decisions(0).text(), "改写的第一项\n第二行");
  EXPECT_EQ(now.decisions(0).assignments(0).unit(), kZone) << "assignments stay";
  EXPECT_EQ(now.decisions(1).number(), 2);
  // What has no column stays as it is.
  EXPECT_EQ(Words(Import(Columns({{"类别", "会议名称", "会议时间"},
                                  {"联席会议", "改名（演示）", "2025-04-12 09:00"}}))),
            "0 0 1");
  EXPECT_EQ(Meeting(planned).minutes(), "改写的纪要");
}

TEST_F(ConferenceSheetTest, ARowFindsItsConferenceOrSaysWhichItMayBe) {
  ASSERT_EQ(Words(Import(Upload(Rows{Past()}))), "1 0 0");
  // Another day or kind is another conference.
  Rows others = {Past(), Past()};
  *others[0].mutable_meet_time() = Nine(2024, 11, 20);
  others[1].set_kind(v1::CONFERENCE_KIND_ON_SITE);
  EXPECT_EQ(Words(Import(Upload(others))), "2 0 0");
  // Of two on one day the number tells.
  const std::string first = Make("同名（演示）").name();
  Make("同名（演示）", absl::Hours(24 * 7 + 2));
  v1::ConferenceRow row = RowNamed("同名（演示）");
  row.clear_conference_number();
  EXPECT_THAT(Words(Import(Upload(Rows{row}))),
              HasSubstr("C2|当日有 2 次同类同名的会议，请填写会议编号"));
  Cancel(first);
  EXPECT_EQ(Words(Import(Upload(Rows{row}))), "0 0 1") << "the one that is not cancelled";

  // A file from before a postponement does not bring the conference back to its old day.
  row = Past("将来（演示）");
  *row.mutable_meet_time() = Nine(2025, 5, 1);
  ASSERT_EQ(Words(Import(Upload(Rows{row}))), "1 0 0");
  auto later = Named<v1::PostponeConferenceRequest>(
      Texts("SELECT name FROM conference WHERE title = '将来（演示）'").at(0));
  *later.mutable_meet_time() = Nine(2025, 6, 1);
  later.set_reason("场地冲突");
  Good(cooperation_service.PostponeConference(Bureau("PostponeConference"), later));
  EXPECT_THAT(Words(Import(Upload(Rows{row}))),
              HasSubstr("E2|按此日期导入的会议现为“将来（演示）”，改在2025年6月1日召开"));
  EXPECT_EQ(Meeting(later.name()).postponements_size(), 1);
}

TEST_F(ConferenceSheetTest, TheAgreementIsFoundByItsNumber) {
  v1::CreateFrameAgreementRequest request;
  v1::FrameAgreement& agreement = *request.mutable_frame_agreement();
  agreement.set_number("临科协1号");
  agreement.set_title("市校合作框架协议（演示）");
  agreement.add_universities(kOuc);
  agreement.add_areas("平台建设");
  *agreement.mutable_start_date() = Date(2025, 4, 1);
  *agreement.mutable_end_date() = Date(2025, 12, 31);
  request.set_request_id(api::NewUuid());
  const v1::FrameAgreement made =
      Good(cooperation_service.CreateFrameAgreement(Bureau("CreateFrameAgreement"), request));
  v1::ConferenceRow row = Past();
  row.set_agreement_number("临科协1号");
  ASSERT_EQ(Words(Import(Upload(Rows{row}))), "1 0 0");
  EXPECT_THAT(Texts("SELECT agreement FROM conference"), ElementsAre(made.name()));
  EXPECT_EQ(RowNamed(row.title()).agreement_number(), "临科协1号");
  EXPECT_EQ(Words(Import(Exported(Bureau("ExportConferences")))), "0 0 1");
}

TEST_F(ConferenceSheetTest, DraftsOfMinutesAreExportedToNoneButTheirWriters) {
  const std::string name = Make("已召开（演示）").name();
  Convene(name);
  clock.now += absl::Hours(24 * 8);
  Hold(name);
  Write(name);
  const auto seen = [&](const rpc::Call& call) {
    return RowsIn<v1::ConferenceRow>(Exported(call));
  };
  const rpc::Call guest = By(ROLE_RESEARCH_OFFICE, kOuc, "ExportConferences");
  ASSERT_EQ(seen(guest).size(), 1u);
  EXPECT_EQ(seen(guest)[0].minutes(), "");
  EXPECT_EQ(seen(guest)[0].decisions(), "");
  EXPECT_NE(seen(Bureau("ExportConferences"))[0].minutes(), "");
  EXPECT_THAT(seen(By(ROLE_RESEARCH_OFFICE, kUpc, "ExportConferences")), IsEmpty());
  Issue(name);
  EXPECT_NE(seen(guest)[0].minutes(), "");
}

}  // namespace
}  // namespace chanyan::pairing
