// The work list of enterprises that are not paired, and their follow-up (PAIR-6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/city.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_INVALID_FILE;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OutreachTest : public ::testing::Test, protected City {
 protected:
  void SetUp() override {
    for (int number = 4; number <= 6; ++number) AddEnterprise(number, kZone);
    std::vector<v1::RosterEntry> rows;
    for (int number = 1; number <= 6; ++number) rows.push_back(EntryOf(number));
    const auto roster = ImportRoster(rows);
    ASSERT_TRUE(roster.ok()) << roster.status();
  }
  static std::string Outreach(int enterprise) { return absl::StrCat("outreaches/e", enterprise); }
  static rpc::Call Unit(absl::string_view method, const std::string& unit = kZone) {
    return As(ROLE_UNIT, unit, absl::StrCat("CoverageService.", method));
  }
  v1::ContactAttempt Contact(const std::string& result, absl::Duration ago = absl::Hours(1)) {
    v1::ContactAttempt attempt;
    *attempt.mutable_contact_time() = time::ToTimestamp(clock.now - ago);
    attempt.set_contact_person("王某");
    attempt.set_counterpart("刘某");
    attempt.set_method("phone");
    attempt.set_result(result);
    attempt.set_content("电话沟通");
    return attempt;
  }
  absl::StatusOr<v1::ContactAttempt> Record(int enterprise, const v1::ContactAttempt& attempt,
                                            const std::string& unit = kZone) {
    v1::CreateContactAttemptRequest request;
    request.set_parent(Outreach(enterprise));
    *request.mutable_contact_attempt() = attempt;
    request.set_request_id(api::NewUuid());
    return coverage_service.CreateContactAttempt(Unit("CreateContactAttempt", unit), request);
  }
  absl::StatusOr<v1::Outreach> Get(int enterprise, const std::string& unit = kZone) {
    v1::GetOutreachRequest request;
    request.set_name(Outreach(enterprise));
    return coverage_service.GetOutreach(Unit("GetOutreach", unit), request);
  }
  absl::StatusOr<v1::Outreach> Arrange(int enterprise, const std::string& assignee,
                                       absl::CivilDay next, const std::string& unit = kZone) {
    v1::UpdateOutreachRequest request;
    request.mutable_outreach()->set_name(Outreach(enterprise));
    request.mutable_outreach()->set_assignee(assignee);
    *request.mutable_outreach()->mutable_next_action_date() = time::ToProto(next);
    request.mutable_update_mask()->add_paths("assignee");
    request.mutable_update_mask()->add_paths("next_action_date");
    request.set_request_id(api::NewUuid());
    return coverage_service.UpdateOutreach(Unit("UpdateOutreach", unit), request);
  }
  absl::StatusOr<v1::ContactAttempt> Void(const std::string& name) {
    v1::VoidContactAttemptRequest request;
    request.set_name(name);
    request.set_reason("登记错企业");
    request.set_request_id(api::NewUuid());
    return coverage_service.VoidContactAttempt(Unit("VoidContactAttempt"), request);
  }
  std::vector<std::string> Listed(const v1::ListUnpairedEnterprisesRequest& request,
                                  const rpc::Call& call = Unit("ListUnpairedEnterprises")) {
    std::vector<std::string> names;
    const auto page = coverage_service.ListUnpairedEnterprises(call, request);
    if (!page.ok()) return {page.status().ToString()};
    for (const auto& row : page->enterprises()) {
      names.push_back(std::string(api::IdOfName(row.enterprise())));
    }
    return names;
  }
  static v1::ListUnpairedEnterprisesRequest Query(const std::string& filter,
                                                  const std::string& order_by = "") {
    v1::ListUnpairedEnterprisesRequest request;
    request.set_filter(filter);
    request.set_order_by(order_by);
    return request;
  }

  // --- Sheets

  v1::ContactAttempt RowOf(int enterprise, const std::string& result_title,
                           absl::Duration ago = absl::Hours(2)) {
    v1::ContactAttempt row = Contact("", ago);
    row.set_enterprise_title(absl::StrCat("企业", enterprise, "（演示）"));
    row.set_unified_social_credit_code(testing::CreditCode(enterprise));
    row.set_method_title("上门走访");
    row.set_result_title(result_title);
    return row;
  }
  absl::StatusOr<v1::ImportContactAttemptsResponse> Import(
      const std::vector<v1::ContactAttempt>& rows, bool dry_run = false,
      const std::string& unit = kZone) {
    v1::ImportContactAttemptsRequest request;
    *request.mutable_file() = testing::Upload(rows);
    request.set_file_name("联系.xlsx");
    request.set_validate_only(dry_run);
    request.set_request_id(api::NewUuid());
    return coverage_service.ImportContactAttempts(Unit("ImportContactAttempts", unit), request);
  }
  static std::string InWords(const absl::StatusOr<v1::ImportContactAttemptsResponse>& result) {
    if (!result.ok()) return std::string(result.status().message());
    return absl::StrCat(result->created(), " ", result->unchanged());
  }
};

// --- Contacts

TEST_F(OutreachTest, AContactThatCannotBeIsRefusedWithAllThatIsWrong) {
  v1::ContactAttempt bad = Contact("sang", -absl::Hours(1));
  bad.set_method("telepathy");
  EXPECT_THAT(testing::FieldsOf(Record(1, bad).status()),
              ElementsAre("contact_attempt.contact_time", "contact_attempt.method",
                          "contact_attempt.result"));
  EXPECT_EQ(Record(99, Contact("refused")).status().code(), absl::StatusCode::kNotFound)
      << "not in the roster";
  EXPECT_EQ(Record(3, Contact("refused")).status().code(), absl::StatusCode::kNotFound)
      << "of another unit: as if it were not there";
  EXPECT_EQ(
      Count("outreach") + Count("contact_attempt") + Count("journal WHERE type NOT LIKE '%Roster'"),
      0);
}

TEST_F(OutreachTest, TheFirstContactBeginsTheFollowUpAndEachSaysWhereItStands) {
  EXPECT_EQ(Get(1).status().code(), absl::StatusCode::kNotFound) << "nothing is known yet";
  v1::ContactAttempt first = Contact("refused", 2 * kDay);
  *first.mutable_next_action_date() = time::ToProto(absl::CivilDay(2025, 4, 20));
  const auto recorded = Record(1, first);
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->reason(), "refused") << "what the result says";
  EXPECT_EQ(recorded->result_title(), "企业谢绝");
  EXPECT_EQ(recorded->enterprise(), Enterprise(1));
  EXPECT_EQ(recorded->unified_social_credit_code(), testing::CreditCode(1));
  auto outreach = Get(1);
  ASSERT_TRUE(outreach.ok()) << outreach.status();
  EXPECT_EQ(outreach->unit(), kZone);
  EXPECT_EQ(outreach->reason(), "refused");
  EXPECT_EQ(outreach->reason_title(), "企业无合作意愿");
  EXPECT_EQ(outreach->next_action_date().day(), 20);
  ASSERT_TRUE(Record(1, Contact("interested", kDay)).ok());
  // One that was earlier and is told later changes nothing of the last.
  ASSERT_TRUE(Record(1, Contact("no-answer", 3 * kDay)).ok());
  outreach = Get(1);
  EXPECT_EQ(outreach->contact_count(), 3);
  EXPECT_EQ(outreach->last_result(), "interested");
  EXPECT_EQ(time::ToTime(outreach->last_contact_time()), clock.now - kDay);
  EXPECT_EQ(outreach->reason(), "") << "it does not hold any more";
  v1::ListContactAttemptsRequest history;
  history.set_parent(Outreach(1));
  history.set_order_by("contact_time");
  const auto attempts = coverage_service.ListContactAttempts(Unit("ListContactAttempts"), history);
  ASSERT_TRUE(attempts.ok()) << attempts.status();
  std::vector<std::string> reasons;
  for (const auto& attempt : attempts->contact_attempts()) {
    reasons.push_back(absl::StrCat(attempt.result(), " ", attempt.reason()));
  }
  EXPECT_THAT(reasons, ElementsAre("no-answer unreachable", "refused refused", "interested "))
      << "the dated history of reasons";
}

TEST_F(OutreachTest, AVoidedContactStaysAndCountsNoLonger) {
  const std::string kept = Record(1, Contact("no-fit", 2 * kDay))->name();
  const v1::ContactAttempt wrong = Contact("refused", kDay);
  const std::string name = Record(1, wrong)->name();
  EXPECT_EQ(Record(1, wrong).status().code(), absl::StatusCode::kAlreadyExists)
      << "the same contact twice";
  const auto voided = Void(name);
  ASSERT_TRUE(voided.ok()) << voided.status();
  EXPECT_EQ(voided->void_reason(), "登记错企业");
  EXPECT_EQ(Get(1)->reason(), "no-fit");
  EXPECT_EQ(Get(1)->contact_count(), 1);
  EXPECT_EQ(Count("contact_attempt"), 2);
  EXPECT_EQ(status::ReasonOf(Void(name).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_TRUE(Record(1, wrong).ok()) << "made anew";
  EXPECT_EQ(Void("outreaches/e3/attempts/none").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(OutreachTest, ManyContactsAtOnceAreAllCounted) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      const auto recorded = Record(1, Contact("call-again", absl::Minutes(i + 1)));
      EXPECT_TRUE(recorded.ok()) << recorded.status();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Get(1)->contact_count(), 8);
  EXPECT_EQ(time::ToTime(Get(1)->last_contact_time()), clock.now - absl::Minutes(1));
  EXPECT_EQ(Count("outreach"), 1);
}

TEST_F(OutreachTest, WhoIsInChargeAndWhenTheNextStepIsDue) {
  const auto arranged = Arrange(2, "赵某", absl::CivilDay(2025, 4, 9));
  ASSERT_TRUE(arranged.ok()) << arranged.status();
  EXPECT_EQ(arranged->assignee(), "赵某");
  EXPECT_EQ(Arrange(2, "钱某", absl::CivilDay(2025, 4, 9), kTown).status().code(),
            absl::StatusCode::kNotFound);
  v1::UpdateOutreachRequest request;
  *request.mutable_outreach() = *arranged;
  request.mutable_outreach()->set_contact_count(7);
  request.mutable_update_mask()->add_paths("contact_count");
  EXPECT_EQ(coverage_service.UpdateOutreach(Unit("UpdateOutreach"), request).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "what follows from the contacts is not written by hand";
}

// --- Who sees what

TEST_F(OutreachTest, AUnitSeesItsOwnEnterprisesOnly) {
  ASSERT_TRUE(Record(1, Contact("refused")).ok());
  ASSERT_TRUE(Record(3, Contact("no-need"), kTown).ok());
  EXPECT_TRUE(Get(3, kTown).ok());
  EXPECT_EQ(Get(3).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Get(1, kTown).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Listed({}, Unit("ListUnpairedEnterprises", kTown)), ElementsAre("e3"));
  EXPECT_THAT(Listed({}), ElementsAre("e1", "e2", "e4", "e5", "e6"));
  EXPECT_THAT(Listed({}, As(ROLE_UNIT, "", "CoverageService.ListUnpairedEnterprises")), IsEmpty());
  v1::ListContactAttemptsRequest all;
  all.set_parent("outreaches/-");
  const auto own = coverage_service.ListContactAttempts(Unit("ListContactAttempts"), all);
  ASSERT_TRUE(own.ok()) << own.status();
  EXPECT_EQ(own->contact_attempts_size(), 1);
  EXPECT_EQ(
      coverage_service.ListContactAttempts(Secretariat("CoverageService.ListContactAttempts"), all)
          ->contact_attempts_size(),
      2);
}

TEST_F(OutreachTest, AnEnterpriseThatComesUnderAnotherUnitTakesItsHistoryAlong) {
  ASSERT_TRUE(Record(1, Contact("refused")).ok());
  ASSERT_TRUE(Arrange(1, "赵某", absl::CivilDay(2025, 4, 9)).ok());
  At(Enterprise(1)).set_unit(kTown);
  // A roster of a past day changes nothing of who is responsible now.
  ASSERT_TRUE(ImportRoster({EntryOf(1)}, "rosters/2025-03-01").ok());
  EXPECT_TRUE(Get(1).ok());
  // One of a day to come does when it comes into force.
  ASSERT_TRUE(ImportRoster({EntryOf(1), EntryOf(2)}, "rosters/2025-05-01").ok());
  EXPECT_TRUE(Get(1).ok());
  const auto lease = JobLease();
  EXPECT_TRUE(coverage_service.AlignOutreaches(*lease).ok());
  EXPECT_TRUE(Get(1).ok());
  clock.now = time::StartOfDay(absl::CivilDay(2025, 5, 1));
  EXPECT_TRUE(coverage_service.AlignOutreaches(*lease).ok());
  EXPECT_EQ(Get(1).status().code(), absl::StatusCode::kNotFound);
  const auto moved = Get(1, kTown);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->reason(), "refused");
  EXPECT_EQ(moved->assignee(), "") << "who was in charge was one of the other unit";
  v1::ListContactAttemptsRequest history;
  history.set_parent(Outreach(1));
  EXPECT_EQ(coverage_service.ListContactAttempts(Unit("ListContactAttempts", kTown), history)
                ->contact_attempts_size(),
            1);
  const int64_t journal = Count("journal");
  EXPECT_TRUE(coverage_service.AlignOutreaches(*lease).ok());
  EXPECT_EQ(Count("journal"), journal) << "once";
  // A roster that holds already is aligned with as it is imported.
  At(Enterprise(1)).set_unit(kZone);
  ASSERT_TRUE(ImportRoster({EntryOf(1)}, "rosters/2025-05-01").ok());
  EXPECT_TRUE(Get(1).ok());
}

// --- The work list

TEST_F(OutreachTest, TheWorkListIsFilteredSortedAndPaged) {
  ASSERT_TRUE(Record(1, Contact("refused", kDay)).ok());
  ASSERT_TRUE(Record(2, Contact("call-again", 2 * kDay)).ok());
  ASSERT_TRUE(Arrange(1, "赵某", absl::CivilDay(2025, 4, 20)).ok());
  ASSERT_TRUE(Arrange(4, "赵某", absl::CivilDay(2025, 4, 10)).ok());
  In(v1::PROJECT_STATE_SIGNED, kLab, 5);
  In(v1::PROJECT_STATE_NEGOTIATING, kLab, 6);
  EXPECT_THAT(Listed({}), ElementsAre("e1", "e2", "e4", "e6")) << "5 is paired";
  EXPECT_THAT(Listed(Query("reason = \"refused\"")), ElementsAre("e1"));
  EXPECT_THAT(Listed(Query("contact_count = 0")), ElementsAre("e4", "e6"));
  EXPECT_THAT(Listed(Query("assignee = \"赵某\" AND next_action_date < 2025-04-15")),
              ElementsAre("e4"));
  EXPECT_THAT(Listed(Query("", "next_action_date desc, name")),
              ElementsAre("e1", "e4", "e2", "e6"));
  EXPECT_THAT(Listed(Query("assignee = \"赵某\"", "next_action_date")), ElementsAre("e4", "e1"));
  v1::ListUnpairedEnterprisesRequest request;
  request.set_standing(v1::ENTERPRISE_STANDING_UNDER_WAY);
  EXPECT_THAT(Listed(request), ElementsAre("e6"));
  request.set_standing(v1::ENTERPRISE_STANDING_NONE);
  EXPECT_THAT(Listed(request), ElementsAre("e1", "e2", "e4"));
  request.set_standing(v1::ENTERPRISE_STANDING_PAIRED);
  EXPECT_THAT(Listed(request), ElementsAre(HasSubstr("INVALID_ARGUMENT")));
  std::vector<std::string> paged;
  v1::ListUnpairedEnterprisesRequest pages = Query("", "last_contact_time desc, name");
  pages.set_page_size(1);
  do {
    const auto page =
        coverage_service.ListUnpairedEnterprises(Unit("ListUnpairedEnterprises"), pages);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->roster(), "rosters/2025-04-01");
    EXPECT_EQ(page->pack_version(), absl::StrCat("qingdao ", pack->version()));
    EXPECT_EQ(time::ToTime(page->as_of()), clock.now);
    for (const auto& row : page->enterprises()) {
      paged.push_back(absl::StrCat(api::IdOfName(row.enterprise()), " ", row.standing(), " ",
                                   row.reason_title()));
    }
    pages.set_page_token(page->next_page_token());
  } while (!pages.page_token().empty());
  EXPECT_THAT(paged, ElementsAre("e1 3 企业无合作意愿", "e2 3 ", "e4 3 ", "e6 2 "));
  // A page of one standing does not go on under another.
  request.set_standing(v1::ENTERPRISE_STANDING_NONE);
  request.set_page_size(1);
  const auto first =
      coverage_service.ListUnpairedEnterprises(Unit("ListUnpairedEnterprises"), request);
  ASSERT_TRUE(first.ok()) << first.status();
  request.set_page_token(first->next_page_token());
  EXPECT_THAT(Listed(request), ElementsAre("e2"));
  request.clear_standing();
  EXPECT_EQ(status::ReasonOf(
                coverage_service.ListUnpairedEnterprises(Unit("ListUnpairedEnterprises"), request)
                    .status()),
            options::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

TEST_F(OutreachTest, TheSheetOfTheWorkListIsTheList) {
  ASSERT_TRUE(Record(1, Contact("refused", kDay)).ok());
  In(v1::PROJECT_STATE_SIGNED, kLab, 5);
  v1::ExportUnpairedEnterprisesRequest request;
  const auto file =
      coverage_service.ExportUnpairedEnterprises(Unit("ExportUnpairedEnterprises"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto workbook = sheet::ReadWorkbook(file->data(), "清单.xlsx");
  ASSERT_TRUE(workbook.ok()) << workbook.status();
  const auto table = sheet::ReadTable<v1::UnpairedEnterprise>(*workbook, *workbook->FirstVisible());
  ASSERT_TRUE(table.violations.empty()) << table.violations[0].description;
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[0].message.enterprise_title(), "企业1（演示）");
  EXPECT_EQ(table.rows[0].message.reason_title(), "企业无合作意愿");
  EXPECT_EQ(table.rows[0].message.standing(), v1::ENTERPRISE_STANDING_NONE);
}

TEST_F(OutreachTest, TheSheetOfCoverageHasTheFiguresOfTheAnswer) {
  In(v1::PROJECT_STATE_SIGNED, kLab, 5);
  v1::ExportCoverageRequest request;
  request.set_group_by(v1::COVERAGE_GROUPING_UNIT);
  const auto file =
      coverage_service.ExportCoverage(Secretariat("CoverageService.ExportCoverage"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto workbook = sheet::ReadWorkbook(file->data(), "覆盖率.xlsx");
  ASSERT_TRUE(workbook.ok()) << workbook.status();
  const auto table = sheet::ReadTable<v1::CoverageGroup>(*workbook, *workbook->FirstVisible());
  const auto coverage = Coverage(Secretariat("QueryCoverage"), v1::COVERAGE_GROUPING_UNIT);
  ASSERT_TRUE(coverage.ok()) << coverage.status();
  ASSERT_EQ(table.rows.size(), static_cast<size_t>(coverage->groups_size()) + 1);
  const auto figures = [](const v1::CoverageGroup& group) {
    return absl::StrCat(group.title(), " ", group.enterprise_count(), " ", group.paired_count(),
                        " ", group.intent_count(), " ", group.paired_permille());
  };
  for (int i = 0; i < coverage->groups_size(); ++i) {
    EXPECT_EQ(figures(table.rows[i].message), figures(coverage->groups(i)));
  }
  EXPECT_EQ(figures(table.rows.back().message), figures(coverage->total()));
}

TEST_F(OutreachTest, AnExportedRosterIsImportedUnchanged) {
  v1::ExportRosterRequest request;
  request.set_name("rosters/2025-04-01");
  const auto file =
      coverage_service.ExportRoster(Secretariat("CoverageService.ExportRoster"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const std::vector<std::string> before =
      Texts("SELECT CONCAT_WS('|', name, unit, zone, town, industry, size) FROM roster_entry");
  v1::ImportRosterRequest import;
  import.set_name("rosters/2025-04-01");
  *import.mutable_file() = *file;
  import.set_request_id(api::NewUuid());
  const auto roster = service.ImportRoster(Secretariat("ImportRoster"), import);
  ASSERT_TRUE(roster.ok()) << roster.status();
  EXPECT_EQ(Texts("SELECT CONCAT_WS('|', name, unit, zone, town, industry, size) FROM"
                  " roster_entry"),
            before);
}

// --- Contacts from a sheet

TEST_F(OutreachTest, EveryBadRowOfASheetIsNamedAtItsCellAndNothingIsWritten) {
  std::vector<v1::ContactAttempt> rows(7, RowOf(1, "企业谢绝"));
  rows[0] = RowOf(3, "企业谢绝");
  rows[1].set_method_title("托梦");
  rows[2].set_result_title("");
  *rows[3].mutable_contact_time() = time::ToTimestamp(clock.now + kDay);
  rows[4].set_enterprise_title("别的企业（演示）");
  rows[6] = rows[5];
  const auto result = Import(rows);
  EXPECT_EQ(status::ReasonOf(result.status()), ERROR_REASON_INVALID_FILE);
  EXPECT_THAT(testing::FieldsOf(result.status()),
              ElementsAre("联系.xlsx / 表 / B2", "联系.xlsx / 表 / F3", "联系.xlsx / 表 / G4",
                          "联系.xlsx / 表 / C5", "联系.xlsx / 表 / A6", "联系.xlsx / 表 / C8"));
  EXPECT_EQ(Count("outreach") + Count("contact_attempt"), 0);
}

TEST_F(OutreachTest, TheSameSheetOfContactsTwiceChangesNothing) {
  std::vector<v1::ContactAttempt> rows = {RowOf(1, "企业谢绝"), RowOf(1, "有合作意向", kDay),
                                          RowOf(2, "需再次联系")};
  *rows[2].mutable_next_action_date() = time::ToProto(absl::CivilDay(2025, 4, 8));
  EXPECT_EQ(InWords(Import(rows, /*dry_run=*/true)), "3 0");
  EXPECT_EQ(Count("outreach"), 0) << "a dry run";
  EXPECT_EQ(InWords(Import(rows)), "3 0");
  EXPECT_EQ(Get(1)->reason(), "refused");
  EXPECT_EQ(Get(2)->next_action_date().day(), 8);
  const int64_t journal = Count("journal");
  EXPECT_EQ(InWords(Import(rows)), "0 3");
  EXPECT_EQ(Count("journal"), journal);
  rows[0].set_content("改了说法");
  const auto changed = Import(rows);
  EXPECT_EQ(status::ReasonOf(changed.status()), ERROR_REASON_INVALID_FILE)
      << "a record is not rewritten";
  v1::ExportContactAttemptsRequest request;
  const auto file = coverage_service.ExportContactAttempts(Unit("ExportContactAttempts"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  v1::ImportContactAttemptsRequest again;
  *again.mutable_file() = *file;
  again.set_request_id(api::NewUuid());
  EXPECT_EQ(InWords(coverage_service.ImportContactAttempts(Unit("ImportContactAttempts"), again)),
            "0 3");
}

TEST_F(OutreachTest, TwoImportsOfOneSheetAtOnceRecordEachContactOnce) {
  std::vector<v1::ContactAttempt> rows;
  for (int enterprise : {1, 2, 4, 5, 6}) {
    for (int i = 0; i < 4; ++i) rows.push_back(RowOf(enterprise, "需再次联系", absl::Hours(i + 1)));
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { (void)Import(rows); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(InWords(Import(rows)), "0 20");
  EXPECT_EQ(Count("contact_attempt"), 20);
  EXPECT_EQ(Get(1)->contact_count(), 4);
}

}  // namespace
}  // namespace chanyan::pairing
