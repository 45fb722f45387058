// Files of what pairing keeps.
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "chanyan/pairing/v1/conference_sheet.pb.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "chanyan/pairing/v1/coverage.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/project_sheet.pb.h"
#include "chanyan/pairing/v1/record_sheet.pb.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/fault/under_load/bodies.h"
#include "tests/fault/under_load/course_sheets.h"
#include "tests/fault/under_load/sheets.h"

namespace chanyan::fault {
namespace {

constexpr absl::CivilDay kFirstCalls(2025, 4, 10);
constexpr absl::Duration kExpiresAfter = absl::Hours(24 * 60);
constexpr absl::Duration kMeetsAfter = absl::Hours(24 * 90);
constexpr absl::CivilDay kFarOff(2099, 12, 31);

// Invented; see Scene.
int UnpairedNumber(const Words& words) { return kPartnerNumber + 1 + words.client % kUnpaired; }

// As in a sheet.
std::string ProjectNumber(const Words& words) {
  return std::string(absl::StripPrefix(words.scene.project, "projects/"));
}

// A line for a file.
std::string File(const std::string& name) {
  return absl::StrCat(name, ".pdf | ", std::string(64, 'a'), " | 1024 | application/pdf");
}

}  // namespace

std::string Offers(const Words& words) {
  std::vector<pairing::v1::Intent> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_side(pairing::v1::INTENT_SIDE_OFFER);
    rows[i].set_platform_title(kPlatformTitle);
    rows[i].set_title(TextOf(words, i));
    rows[i].add_kinds("技术研发平台");
    rows[i].set_content("开放中试线");
    *rows[i].mutable_expire_time() = time::ToTimestamp(absl::Now() + kExpiresAfter);
  }
  return SheetOf(rows);
}

std::string Calls(const Words& words) {
  std::vector<pairing::v1::ContactAttempt> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_unified_social_credit_code(CodeOf(UnpairedNumber(words)));
    // Each walk has a day of its own: two contacts at one time and by one means are one.
    *rows[i].mutable_contact_time() =
        time::ToTimestamp(time::StartOfDay(kFirstCalls + words.walk) + absl::Hours(i));
    rows[i].set_contact_person("王某");
    rows[i].set_method_title("上门走访");
    rows[i].set_result_title("需再次联系");
    rows[i].set_content(TextOf(words, i));
  }
  return SheetOf(rows);
}

std::string Arrangement(const Words& words) {
  std::vector<pairing::v1::UnpairedEnterprise> rows(1);
  rows[0].set_unified_social_credit_code(CodeOf(UnpairedNumber(words)));
  rows[0].set_assignee(words.text);
  return SheetOf(rows);
}

std::string Roster(const Words& words) {
  std::vector<pairing::v1::RosterEntry> rows(kUnpaired);
  for (int i = 0; i < kUnpaired; ++i) {
    rows[i].set_enterprise_title(UnpairedTitle(i));
    rows[i].set_unified_social_credit_code(CodeOf(kPartnerNumber + 1 + i));
    rows[i].set_industry(TextOf(words, i));
  }
  return SheetOf(rows);
}

std::string Pairs(const Words& words) {
  std::vector<pairing::v1::ProjectRow> rows(1);
  rows[0].set_university_title(kOtherUniversityTitle);
  rows[0].set_platform_title(kOtherPlatformTitle);
  rows[0].set_enterprise_title(words.first_text);
  rows[0].set_unified_social_credit_code(CodeOf(words.first_number));
  rows[0].set_title(TextOf(words, 0));
  rows[0].add_kinds("技术研发平台");
  rows[0].set_content("共建中试线");
  rows[0].set_state(pairing::v1::PROJECT_STATE_INTENT);
  return SheetOf(rows);
}

std::string Notes(const Words& words) {
  std::vector<pairing::v1::ContactRow> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_project_number(ProjectNumber(words));
    // A minute of its own, as the university's notes at one time and by one means are one.
    *rows[i].mutable_contact_time() = time::ToTimestamp(
        time::StartOfDay(kFirstCalls) + absl::Minutes(kSheetRows * words.WalkOfAll() + i));
    rows[i].set_people("演示双方联系人");
    rows[i].set_channel(pairing::v1::CONTACT_CHANNEL_PHONE);
    rows[i].set_kind(pairing::v1::CONTACT_KIND_NOTE);
    rows[i].set_content(TextOf(words, i));
  }
  return SheetOf(rows);
}

std::string Problems(const Words& words) {
  std::vector<pairing::v1::ProblemRow> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_project_number(ProjectNumber(words));
    rows[i].set_content(TextOf(words, i));
  }
  return SheetOf(rows);
}

std::string Outcomes(const Words& words) {
  std::vector<pairing::v1::OutcomeRow> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_project_number(ProjectNumber(words));
    rows[i].set_kind("技术合同收入");
    rows[i].mutable_amount()->set_currency_code("CNY");
    rows[i].mutable_amount()->set_units(words.yuan);
    *rows[i].mutable_period_first() = time::ToProto(absl::CivilDay(2025, 4, 1));
    *rows[i].mutable_period_last() = time::ToProto(absl::CivilDay(2025, 6, 30));
    rows[i].set_description(TextOf(words, i));
    rows[i].set_evidence(File(words.text));
  }
  return SheetOf(rows);
}

std::string Supplements(const Words& words) {
  std::vector<pairing::v1::AgreementRow> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_project_number(ProjectNumber(words));
    rows[i].set_number(TextOf(words, i));
    rows[i].set_title("补充协议（演示）");
    rows[i].add_parties(kUniversityTitle);
    rows[i].add_parties(kPartnerTitle);
    *rows[i].mutable_sign_date() = time::ToProto(kSignDay);
    rows[i].set_documents(File(words.text));
  }
  return SheetOf(rows);
}

std::string Progress(const Words& words) {
  std::vector<pairing::v1::ProgressRow> rows(kProgressRows);
  for (int i = 0; i < kProgressRows; ++i) {
    rows[i].set_project_number(ProjectNumber(words));
    rows[i].set_quarter(OwnQuarter(words, 1 + i));
    rows[i].set_progress(TextOf(words, i));
  }
  return SheetOf(rows);
}

std::string FrameAgreements(const Words& words) {
  std::vector<pairing::v1::FrameAgreement> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_number(TextOf(words, i));
    rows[i].set_title(TextOf(words, i));
    rows[i].add_university_titles(kUniversityTitle);
    rows[i].add_city_party_titles(kUnitTitle);
    rows[i].set_lead_title(kOfficeTitle);
    rows[i].add_areas("平台建设");
    *rows[i].mutable_start_date() = time::ToProto(kFirstCalls);
    *rows[i].mutable_end_date() = time::ToProto(kFarOff);
  }
  return SheetOf(rows);
}

std::string Conferences(const Words& words) {
  std::vector<pairing::v1::ConferenceRow> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_kind(pairing::v1::CONFERENCE_KIND_JOINT);
    rows[i].set_title(TextOf(words, i));
    rows[i].set_convener_title(kOfficeTitle);
    *rows[i].mutable_meet_time() = time::ToTimestamp(absl::Now() + kMeetsAfter);
    rows[i].set_place("会议室");
    rows[i].set_agenda("通报进展");
  }
  return SheetOf(rows);
}

std::string Tasks(const Words& words) {
  std::vector<pairing::v1::FollowUpRow> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_conference_title(kConferenceTitle);
    rows[i].set_decision_number(1);
    rows[i].set_task(TextOf(words, i));
    rows[i].set_unit_title(kUnitTitle);
    *rows[i].mutable_due_date() = time::ToProto(kFarOff);
  }
  return SheetOf(rows);
}

std::string Bases(const Words& words) {
  std::vector<pairing::v1::CoBuiltBase> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_title(TextOf(words, i));
    rows[i].set_kind("成果转化产业园区");
    rows[i].add_university_titles(kUniversityTitle);
    rows[i].set_place("演示园区");
  }
  return SheetOf(rows);
}

}  // namespace chanyan::fault
