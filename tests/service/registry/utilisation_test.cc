// Declared use and yearly figures against sums done by hand (REG-4).
#include <gmock/gmock.h>

#include "common/api/names.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/registry/charge_rules.h"
#include "tests/service/registry/instrument_world.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class UtilisationTest : public InstrumentWorld {
 protected:
  UtilisationTest() {
    MakePlatform(kOuc, "other");
    first_ = Opened("A1").name();
    second_ = Opened("A2", [](v1::Instrument* row) {
                row->set_platform("organizations/ouc/platforms/other");
              }).name();
    Draft("draft");
  }
  // Booked, approved, checked in and completed with an hour of use and three samples.
  void Use(const char* by, const std::string& instrument, absl::Time begin) {
    clock_.now = begin - absl::Hours(48);
    const std::string name = ApprovedBooking(by, instrument, begin, begin + absl::Hours(2)).name();
    clock_.now = begin + absl::Hours(1);
    ASSERT_TRUE(DoAs(kOuc, "checkin", name).ok());
    ASSERT_TRUE(DoAs(kOuc, "complete", name).ok());
  }
  absl::StatusOr<v1::UseRecord> Declare(const rpc::Call& call, const std::string& instrument,
                                        const std::string& year, v1::UseRecord record,
                                        std::vector<std::string> mask = {}) {
    v1::UpdateUseRecordRequest request;
    record.set_name(absl::StrCat(instrument, "/useRecords/", year));
    *request.mutable_use_record() = std::move(record);
    for (std::string& path : mask) request.mutable_update_mask()->add_paths(std::move(path));
    request.set_request_id(api::NewUuid());
    return service_.UpdateUseRecord(call, request);
  }
  absl::StatusOr<v1::ListUtilisationResponse> List(const rpc::Call& call,
                                                   const std::string& parent = "organizations/-") {
    v1::ListUtilisationRequest request;
    request.set_parent(parent);
    request.set_year(2025);
    return service_.ListUtilisation(call, request);
  }
  absl::StatusOr<v1::UtilisationSummary> Sum(const rpc::Call& call,
                                             v1::UtilisationGrouping group_by) {
    v1::SummarizeUtilisationRequest request;
    request.set_parent("organizations/-");
    request.set_year(2025);
    request.set_group_by(group_by);
    return service_.SummarizeUtilisation(call, request);
  }

  std::string first_;
  std::string second_;
};

TEST_F(UtilisationTest, BookingsAndDeclarationsAreAddedUpOverOpeningHours) {
  Use(kOuc, first_, InChina(4, 8, 9));   // research, own
  Use(kE1, first_, InChina(4, 9, 9));    // service, open
  Use(kUpc, first_, InChina(4, 10, 9));  // service, open
  // A no-show and a late cancellation use nothing and bring something in.
  clock_.now = InChina(4, 9, 9);
  ApprovedBooking(kE1, first_, InChina(4, 11, 9), InChina(4, 11, 10));
  const std::string late =
      ApprovedBooking(kE1, first_, InChina(4, 11, 11), InChina(4, 11, 12)).name();
  clock_.now = InChina(4, 11, 9);
  ASSERT_TRUE(DoAs(kE1, "cancel", late).ok());
  clock_.now = InChina(4, 12);
  ASSERT_TRUE(service_.RunClock().ok());
  v1::UseRecord declared;
  declared.set_teaching_hours(9);
  declared.set_open_hours(2);
  declared.set_trainees(5);
  declared.mutable_income()->set_currency_code("CNY");
  declared.mutable_income()->set_units(7);
  ASSERT_TRUE(Declare(Owner("UpdateUseRecord"), first_, "2025", declared).ok());

  const auto listed = List(Owner("ListUtilisation"), kOuc);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->utilisations_size(), 2) << "a draft has no use";
  EXPECT_EQ(time::ToTime(listed->as_of()), clock_.now);
  const v1::Utilisation& figure =
      listed->utilisations(0).key() == first_ ? listed->utilisations(0) : listed->utilisations(1);
  EXPECT_EQ(figure.organization_title(), "ouc（演示）");
  EXPECT_EQ(figure.platform_title(), "平台lab（演示）");
  EXPECT_EQ(figure.asset_number(), "A1");
  EXPECT_DOUBLE_EQ(figure.teaching_hours(), 9);
  EXPECT_DOUBLE_EQ(figure.research_hours(), 1);
  EXPECT_DOUBLE_EQ(figure.service_hours(), 2);
  EXPECT_DOUBLE_EQ(figure.used_hours(), 12);
  EXPECT_DOUBLE_EQ(figure.open_hours(), 4);
  EXPECT_EQ(figure.samples(), 9);
  EXPECT_EQ(figure.trainees(), 5);
  // Three hours of 100 yuan, a no-show of 100, half of 100, and 7 declared.
  EXPECT_EQ(FenOf(figure.income()), 30'000 + 10'000 + 5'000 + 700);
  // Opened at 9:00 of 1 April: eleven hours that day and twelve on ten more days.
  EXPECT_DOUBLE_EQ(figure.available_hours(), 131);
  EXPECT_DOUBLE_EQ(figure.rate_percent(), 9.2);
  EXPECT_EQ(figure.derivation(),
            "总机时12.0小时（预约完成3.0小时＋申报9.0小时）÷应开放机时131.0小时＝9.2%");

  const auto sum = Sum(Owner("SummarizeUtilisation"), v1::UTILISATION_GROUPING_PLATFORM);
  ASSERT_TRUE(sum.ok()) << sum.status();
  EXPECT_EQ(sum->total().instrument_count(), 2);
  EXPECT_DOUBLE_EQ(sum->total().used_hours(), 12);
  EXPECT_DOUBLE_EQ(sum->total().available_hours(), 262);
  EXPECT_DOUBLE_EQ(sum->total().rate_percent(), 4.6);
  ASSERT_EQ(sum->groups_size(), 2);
  EXPECT_EQ(sum->groups(0).key(), kLab);
  EXPECT_DOUBLE_EQ(sum->groups(0).rate_percent(), 9.2);
  EXPECT_EQ(sum->groups(1).platform_title(), "平台other（演示）");
  EXPECT_DOUBLE_EQ(sum->groups(1).used_hours(), 0);
  const auto by_owner = Sum(Owner("SummarizeUtilisation"), v1::UTILISATION_GROUPING_ORGANIZATION);
  ASSERT_EQ(by_owner->groups_size(), 1);
  EXPECT_EQ(by_owner->groups(0).key(), kOuc);
  EXPECT_EQ(by_owner->groups(0).instrument_count(), 2);
}

TEST_F(UtilisationTest, ABookingCountsInTheYearInWhichItBegins) {
  clock_.now = absl::FromCivil(absl::CivilMinute(2025, 12, 29, 12, 0), time::Shanghai());
  v1::Instrument row = *Get(Owner("GetInstrument"), first_);
  row.mutable_hours(0)->set_end_minute(24 * 60);
  for (auto& hours : *row.mutable_hours()) {
    hours.set_start_minute(0);
    hours.set_end_minute(24 * 60);
  }
  ASSERT_TRUE(Update(row, {"hours"}).ok());
  const absl::Time begin = InChina(12, 31, 23, 30);
  const std::string name = ApprovedBooking(kE1, first_, begin, begin + absl::Hours(2)).name();
  clock_.now = begin + absl::Hours(2);
  ASSERT_TRUE(DoAs(kOuc, "checkin", name).ok());
  ASSERT_TRUE(DoAs(kOuc, "complete", name).ok());
  const auto hours = [&](int year) {
    v1::SummarizeUtilisationRequest request;
    request.set_parent(kOuc);
    request.set_year(year);
    return service_.SummarizeUtilisation(Owner("SummarizeUtilisation"), request)
        ->total()
        .used_hours();
  };
  EXPECT_DOUBLE_EQ(hours(2025), 1);
  EXPECT_DOUBLE_EQ(hours(2026), 0);
  EXPECT_DOUBLE_EQ(hours(0), 0) << "the running year is 2026";
  v1::SummarizeUtilisationRequest request;
  request.set_parent(kOuc);
  request.set_year(2027);
  EXPECT_FALSE(service_.SummarizeUtilisation(Owner("SummarizeUtilisation"), request).ok());
  request.set_year(2025);
  request.set_parent("universities/ouc");
  EXPECT_FALSE(service_.SummarizeUtilisation(Owner("SummarizeUtilisation"), request).ok());
}

TEST_F(UtilisationTest, WhatWasOpenThenIsNotChangedByTheHoursOfToday) {
  clock_.now = InChina(12, 31);
  const auto before = List(Owner("ListUtilisation"), kOuc);
  ASSERT_TRUE(before.ok()) << before.status();
  v1::UpdateInstrumentRequest request;
  request.mutable_instrument()->set_name(first_);
  v1::OpeningHours& hours = *request.mutable_instrument()->add_hours();
  hours.set_day(v1::OPENING_DAY_MONDAY);
  hours.set_start_minute(600);
  hours.set_end_minute(660);
  request.mutable_update_mask()->add_paths("hours");
  request.set_request_id(api::NewUuid());
  const auto updated = service_.UpdateInstrument(Owner("UpdateInstrument"), request);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->past_openings_size(), 1);
  EXPECT_EQ(Texts("SELECT JSON_LENGTH(past_openings) FROM instrument ORDER BY 1"),
            (std::vector<std::string>{"0", "0", "1"}));
  const auto after = List(Owner("ListUtilisation"), kOuc);
  ASSERT_TRUE(after.ok()) << after.status();
  ASSERT_EQ(after->utilisations_size(), before->utilisations_size());
  for (int i = 0; i < after->utilisations_size(); ++i) {
    EXPECT_EQ(after->utilisations(i).available_hours(), before->utilisations(i).available_hours());
  }
}

TEST_F(UtilisationTest, FiguresAreForTheOwnerAndForThoseWhoOversee) {
  const auto count = [&](options::v1::Role role, const char* organization) {
    const auto listed = List(As(role, organization, "ListUtilisation"));
    EXPECT_TRUE(listed.ok()) << listed.status();
    return listed.ok() ? listed->utilisations_size() : -1;
  };
  EXPECT_EQ(count(options::v1::ROLE_RESEARCH_OFFICE, kOuc), 2);
  EXPECT_EQ(count(options::v1::ROLE_PLATFORM_MANAGER, kOuc), 2);
  EXPECT_EQ(count(options::v1::ROLE_RESEARCH_OFFICE, kUpc), 0)
      << "that others may book it does not open its books";
  EXPECT_EQ(count(options::v1::ROLE_SECRETARIAT, ""), 2);
  EXPECT_EQ(count(options::v1::ROLE_DEPARTMENT, ""), 2);
  EXPECT_EQ(count(options::v1::ROLE_LEADER, ""), 2);
  const auto export_as = [&](options::v1::Role role, const char* organization) {
    v1::ExportUtilisationRequest request;
    request.set_parent("organizations/-");
    request.set_year(2025);
    return service_.ExportUtilisation(As(role, organization, "ExportUtilisation"), request);
  };
  const auto file = export_as(options::v1::ROLE_DEPARTMENT, "");
  ASSERT_TRUE(file.ok()) << file.status();
  const auto book = sheet::ReadWorkbook(file->data(), "利用.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  std::vector<std::string> sheets;
  std::vector<size_t> rows;
  for (const auto& sheet : book->sheets) {
    sheets.push_back(sheet.name);
    rows.push_back(sheet.rows.size());
  }
  EXPECT_THAT(sheets, ElementsAre("按仪器", "按科创平台", "按单位"));
  EXPECT_THAT(rows, ElementsAre(3u, 3u, 2u)) << "with a header each";
  EXPECT_TRUE(export_as(options::v1::ROLE_RESEARCH_OFFICE, kUpc).ok()) << "empty tables";
}

TEST_F(UtilisationTest, ADeclaredRecordIsMadeByItsFirstUpdateAndChangedByTheNext) {
  v1::UseRecord record;
  record.set_teaching_hours(10);
  const auto first = Declare(Owner("UpdateUseRecord"), first_, "2024", record);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->year(), 2024);
  EXPECT_EQ(first->asset_number(), "A1");
  v1::UseRecord more;
  more.set_papers(2);
  const auto second = Declare(Owner("UpdateUseRecord"), first_, "2024", more, {"papers"});
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_DOUBLE_EQ(second->teaching_hours(), 10);
  EXPECT_EQ(second->papers(), 2);
  v1::UseRecord stale = *first;
  stale.set_papers(9);
  EXPECT_EQ(Declare(Owner("UpdateUseRecord"), first_, "2024", stale, {"papers"}).status().code(),
            absl::StatusCode::kAborted);
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE type = 'chanyan.registry.v1.UseRecord'"
                    " ORDER BY id"),
              ElementsAre("created", "updated"));
  more.set_open_hours(11);
  EXPECT_THAT(
      Places(Declare(Owner("UpdateUseRecord"), first_, "2024", more, {"open_hours"}).status()),
      HasSubstr("use_record.open_hours|"));
  for (const char* year : {"2026", "1999", "24", "abcd"}) {
    EXPECT_EQ(Declare(Owner("UpdateUseRecord"), first_, year, record).status().code(),
              absl::StatusCode::kInvalidArgument)
        << year;
  }
  const auto foreign = As(options::v1::ROLE_RESEARCH_OFFICE, kUpc, "UpdateUseRecord");
  EXPECT_EQ(Declare(foreign, first_, "2024", record).status().code(), absl::StatusCode::kNotFound);
  const auto read = [&](options::v1::Role role, const char* organization) {
    return service_
        .GetUseRecord(As(role, organization, "GetUseRecord"),
                      Named<v1::GetUseRecordRequest>(absl::StrCat(first_, "/useRecords/2024")))
        .ok();
  };
  EXPECT_TRUE(read(options::v1::ROLE_DEPARTMENT, ""));
  EXPECT_FALSE(read(options::v1::ROLE_RESEARCH_OFFICE, kUpc));
  EXPECT_FALSE(read(options::v1::ROLE_ENTERPRISE, kE1));
}

}  // namespace
}  // namespace chanyan::registry
