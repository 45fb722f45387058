// Entries that the office leaves out of a draft list (TRI-7), on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/validate.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_INVALID_FIELD;
using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Of a request that names lines and gives reasons.
template <class Request>
std::vector<std::string> WrongIn(const Request& request) {
  std::vector<std::string> wrong;
  for (const status::Violation& one : status::ViolationsOf(api::Validate(request))) {
    wrong.push_back(absl::StrCat(one.field, "：", one.description));
  }
  return wrong;
}

class OmissionTest : public ::testing::Test, protected World {
 protected:
  void SetUp() override {
    for (const char* title : {"丙", "乙", "甲"}) Library(title);
    v1::CreateIndustryListRequest request;
    request.mutable_industry_list()->set_kind("supply");
    request.mutable_industry_list()->set_industry("qingdao-marine");
    request.set_request_id(api::NewUuid());
    const auto made = lists.CreateIndustryList(
        As(ROLE_DEPARTMENT, kOffice, "ListService.CreateIndustryList"), request);
    ASSERT_TRUE(made.ok()) << made.status();
    list_ = *made;
    for (const v1::ListLine& line : Lines(list_.name())) line_of_[line.title()] = line.name();
    ASSERT_THAT(line_of_, SizeIs(3));
  }
  std::string Library(const std::string& title) {
    const auto made = World::Create(Draft(title));
    EXPECT_TRUE(made.ok()) << made.status();
    EXPECT_TRUE(Publish(made->name()).ok());
    return made->name();
  }
  // As the list stands.
  std::string Etag() {
    v1::GetIndustryListRequest request;
    request.set_name(list_.name());
    const auto seen =
        lists.GetIndustryList(As(ROLE_DEPARTMENT, kOffice, "ListService.GetIndustryList"), request);
    EXPECT_TRUE(seen.ok()) << seen.status();
    return seen.ok() ? seen->etag() : "";
  }
  absl::StatusOr<v1::IndustryList> Trim(const std::vector<std::string>& lines,
                                        const std::string& etag = "",
                                        const std::string& by = kOffice,
                                        const std::string& reason = "企业要求暂缓") {
    auto request = Named<v1::TrimIndustryListRequest>(list_.name());
    for (const std::string& line : lines) request.add_lines(line);
    request.set_reason(reason);
    request.set_etag(etag.empty() ? Etag() : etag);
    EXPECT_THAT(WrongIn(request), IsEmpty());
    return lists.TrimIndustryList(As(ROLE_DEPARTMENT, by, "ListService.TrimIndustryList"), request);
  }
  absl::StatusOr<v1::IndustryList> Restore(const std::vector<std::string>& lines,
                                           const std::string& etag = "") {
    auto request = Named<v1::RestoreIndustryListRequest>(list_.name());
    for (const std::string& line : lines) request.add_lines(line);
    request.set_etag(etag.empty() ? Etag() : etag);
    EXPECT_THAT(WrongIn(request), IsEmpty());
    return lists.RestoreIndustryList(
        As(ROLE_DEPARTMENT, kOffice, "ListService.RestoreIndustryList"), request);
  }
  absl::StatusOr<v1::IndustryList> Refresh() {
    return lists.RefreshIndustryList(
        As(ROLE_DEPARTMENT, kOffice, "ListService.RefreshIndustryList"),
        Named<v1::RefreshIndustryListRequest>(list_.name()));
  }
  absl::StatusOr<v1::IndustryList> Issue(const std::string& name) {
    return lists.IssueIndustryList(As(ROLE_DEPARTMENT, kOffice, "ListService.IssueIndustryList"),
                                   Named<v1::IssueIndustryListRequest>(name));
  }
  std::vector<v1::ListLine> Lines(const std::string& list, const std::string& filter = "",
                                  Role role = ROLE_DEPARTMENT,
                                  const std::string& organization = kOffice) {
    v1::ListListLinesRequest request;
    request.set_parent(list);
    request.set_filter(filter);
    const auto page =
        lists.ListListLines(As(role, organization, "ListService.ListListLines"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->list_lines().begin(), page->list_lines().end()};
  }
  // "1 乙" of each.
  std::vector<std::string> Shown(const std::string& list, const std::string& filter = "",
                                 Role role = ROLE_DEPARTMENT,
                                 const std::string& organization = kOffice) {
    std::vector<std::string> shown;
    for (const v1::ListLine& line : Lines(list, filter, role, organization)) {
      shown.push_back(absl::StrCat(line.number(), " ", line.title()));
    }
    return shown;
  }
  std::vector<std::string> Omitted(const std::string& list, const std::string& by = kOffice) {
    v1::ListListOmissionsRequest request;
    request.set_parent(list);
    const auto page =
        lists.ListListOmissions(As(ROLE_DEPARTMENT, by, "ListService.ListListOmissions"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> titles;
    if (!page.ok()) return titles;
    for (const auto& one : page->list_omissions()) {
      titles.push_back(absl::StrCat(one.title(), "：", one.reason()));
    }
    return titles;
  }

  v1::IndustryList list_;
  std::map<std::string, std::string> line_of_;
};

TEST_F(OmissionTest, NobodyNamesLinesOfAListWithoutSayingWhichVersionWasRead) {
  auto trim = Named<v1::TrimIndustryListRequest>(list_.name());
  trim.add_lines(line_of_["甲"]);
  trim.set_reason("企业要求暂缓");
  EXPECT_THAT(WrongIn(trim), ElementsAre(::testing::HasSubstr("etag：“版本”")));
  auto restore = Named<v1::RestoreIndustryListRequest>(list_.name());
  restore.add_lines(line_of_["甲"]);
  EXPECT_THAT(WrongIn(restore), ElementsAre(::testing::HasSubstr("etag：“版本”")));
  // Lines are numbered anew by a refresh: what was the second line may be another.
  const std::string read = list_.etag();
  Library("丁");
  ASSERT_TRUE(Refresh().ok());
  EXPECT_TRUE(absl::IsAborted(Trim({line_of_["乙"]}, read).status()));
  EXPECT_EQ(Count("list_omission"), 0);
}

TEST_F(OmissionTest, AllThatIsWrongIsSaidAtOnceAndNothingIsLeftOut) {
  ASSERT_TRUE(Trim({line_of_["丙"]}).ok());
  const auto refused = Trim(
      {"lists/x/lines/1", line_of_["甲"], line_of_["甲"], line_of_["丙"], "lists/y/lines/none"});
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_INVALID_FIELD);
  std::vector<std::string> fields;
  for (const auto& one : status::ViolationsOf(refused.status())) fields.push_back(one.field);
  EXPECT_THAT(fields, ElementsAre("lines[0]", "lines[2]", "lines[3]", "lines[4]"));
  EXPECT_THAT(Omitted(list_.name()), ElementsAre("丙：企业要求暂缓"));
  EXPECT_EQ(status::ReasonOf(Restore({line_of_["甲"]}).status()), ERROR_REASON_INVALID_FIELD);
}

TEST_F(OmissionTest, ItIsMarkedNotCountedAndKeptThroughARefresh) {
  const auto trimmed = Trim({line_of_["乙"]}, list_.etag());
  ASSERT_TRUE(trimmed.ok()) << trimmed.status();
  EXPECT_EQ(trimmed->line_count(), 2);
  EXPECT_THAT(Shown(list_.name(), "left_out = true"), SizeIs(1));
  EXPECT_THAT(Omitted(list_.name()), ElementsAre("乙：企业要求暂缓"));
  Library("丁");
  const auto refreshed = Refresh();
  ASSERT_TRUE(refreshed.ok()) << refreshed.status();
  EXPECT_EQ(refreshed->line_count(), 3);
  EXPECT_THAT(Shown(list_.name()), SizeIs(4));
  const auto out = Lines(list_.name(), "left_out = true");
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_EQ(out[0].title(), "乙");
  const auto restored = Restore({out[0].name()}, refreshed->etag());
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->line_count(), 4);
  EXPECT_THAT(Omitted(list_.name()), IsEmpty());
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE type LIKE '%ListOmission' ORDER BY id"),
              ElementsAre("left out", "taken in"));
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE type LIKE '%IndustryList' ORDER BY id"),
              ElementsAre("created", "trim", "refresh", "restore"));
}

TEST_F(OmissionTest, TheSecondOfTwoEditorsIsToldAndARepeatDoesNothingTwice) {
  ASSERT_TRUE(Trim({line_of_["乙"]}, list_.etag()).ok());
  EXPECT_TRUE(absl::IsAborted(Trim({line_of_["甲"]}, list_.etag()).status()));
  EXPECT_TRUE(absl::IsAborted(Restore({line_of_["乙"]}, list_.etag()).status()));
  auto request = Named<v1::TrimIndustryListRequest>(list_.name());
  request.add_lines(line_of_["丙"]);
  request.set_reason("重复");
  request.set_etag(Etag());
  for (int i = 0; i < 2; ++i) {
    const auto again = lists.TrimIndustryList(
        As(ROLE_DEPARTMENT, kOffice, "ListService.TrimIndustryList"), request);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->line_count(), 1);
  }
  EXPECT_EQ(Count("list_omission"), 2);
}

TEST_F(OmissionTest, IssuedItIsNumberedWithoutGapTellsNobodyAndIsFrozen) {
  const std::string first = Lines(list_.name())[0].name();
  ASSERT_TRUE(Trim({first}).ok());
  // What is left out may change as it likes.
  ASSERT_TRUE(Withdraw(Lines(list_.name())[0].subject()).ok());
  const auto issued = Issue(list_.name());
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(issued->line_count(), 2);
  const auto shown = Lines(list_.name(), "", ROLE_UNIT, kMarineForce);
  ASSERT_THAT(shown, SizeIs(2));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(shown[i].number(), i + 1);
    EXPECT_EQ(shown[i].name(), absl::StrCat(list_.name(), "/lines/", i + 1));
    EXPECT_FALSE(shown[i].left_out());
  }
  EXPECT_THAT(Lines(list_.name(), "left_out = true"), IsEmpty());
  // The office still knows; a department that gets the list does not.
  EXPECT_THAT(Omitted(list_.name()), SizeIs(1));
  EXPECT_THAT(Omitted(list_.name(), kMarineDepartment), IsEmpty());
  EXPECT_EQ(status::ReasonOf(Trim({shown[0].name()}).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Restore({shown[0].name()}).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(OmissionTest, AListOfWhichAllIsLeftOutIsNotIssued) {
  const auto empty = Trim({line_of_["甲"], line_of_["乙"], line_of_["丙"]});
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_EQ(empty->line_count(), 0);
  EXPECT_EQ(status::ReasonOf(Issue(list_.name()).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(OmissionTest, ACorrectionBeginsWithoutWhatTheVersionBeforeLeftOut) {
  ASSERT_TRUE(Trim({line_of_["乙"]}).ok());
  ASSERT_TRUE(Issue(list_.name()).ok());
  auto request = Named<v1::CorrectIndustryListRequest>(list_.name());
  request.set_reason("漏列一项");
  const auto next = lists.CorrectIndustryList(
      As(ROLE_DEPARTMENT, kOffice, "ListService.CorrectIndustryList"), request);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->line_count(), 2);
  EXPECT_THAT(Omitted(next->name()), ElementsAre("乙：企业要求暂缓"));
  const auto out = Lines(next->name(), "left_out = true");
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_EQ(out[0].title(), "乙");
}

TEST_F(OmissionTest, OthersThanTheOfficeFindNoSuchDraft) {
  EXPECT_EQ(status::ReasonOf(Trim({line_of_["甲"]}, "", kMarineDepartment).status()),
            ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(Count("list_omission"), 0);
}

TEST_F(OmissionTest, TheDraftsSheetIsNumberedAsItWillBe) {
  ASSERT_TRUE(Trim({Lines(list_.name())[0].name()}).ok());
  v1::ExportIndustryListRequest request;
  request.set_name(list_.name());
  const auto file = lists.ExportIndustryList(
      As(ROLE_DEPARTMENT, kOffice, "ListService.ExportIndustryList"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto book = sheet::ReadWorkbook(file->data(), "草稿.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  std::vector<double> numbers;
  for (const sheet::Row& row : book->sheets[0].rows) {
    const sheet::Cell* cell = row.Find(0);
    if (cell != nullptr && cell->kind == sheet::CellKind::kNumber) numbers.push_back(cell->number);
  }
  EXPECT_THAT(numbers, ElementsAre(1, 2));
}

}  // namespace
}  // namespace chanyan::triage
