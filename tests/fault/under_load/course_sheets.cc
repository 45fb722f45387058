#include "tests/fault/under_load/course_sheets.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/reference.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/time/civil.h"
#include "tests/fault/under_load/bodies.h"
#include "tests/fault/under_load/sheets.h"

namespace chanyan::fault {
namespace {

constexpr int kFirstYearOfUse = 2001;
constexpr absl::CivilDay kInForce(2025, 1, 1);

}  // namespace

std::string TextOf(const Words& words, int row) {
  return absl::StrCat(words.text, "-", std::string(1, static_cast<char>('a' + row)));
}

std::string Streets(const Words& words) {
  std::vector<registry::v1::Organization> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_display_name(TextOf(words, i));
    rows[i].set_kind(registry::v1::ORGANIZATION_KIND_TOWN);
    rows[i].set_demonstration(true);
  }
  return SheetOf(rows);
}

std::string Platforms(const Words& words) {
  std::vector<registry::v1::Platform> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_organization_title(kUniversityTitle);
    rows[i].set_display_name(TextOf(words, i));
    rows[i].set_kind(registry::v1::PLATFORM_KIND_LABORATORY);
    rows[i].set_introduction("演示用的实验室。");
    rows[i].add_industries(kIndustry);
    rows[i].set_demonstration(true);
  }
  return SheetOf(rows);
}

std::string Instruments(const Words& words) {
  std::vector<registry::v1::Instrument> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_organization_title(kUniversityTitle);
    rows[i].set_platform_title(kPlatformTitle);
    rows[i].set_asset_number(AssetNumberOf(TextOf(words, i)));
    rows[i].set_display_name(TextOf(words, i));
    rows[i].set_access_conditions("来样测试");
    rows[i].set_booking_mode(registry::v1::BOOKING_MODE_APPROVAL);
    rows[i].set_hours_text("每天 08:00-20:00");
    rows[i].set_charges_text("企业用户 200元/小时");
    rows[i].set_contact_person("演示联系人");
    rows[i].set_contact_phone("0532-85880000");
    rows[i].set_demonstration(true);
  }
  return SheetOf(rows);
}

std::string Uses(const Words& words) {
  std::vector<registry::v1::UseRecord> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_organization_title(kUniversityTitle);
    rows[i].set_asset_number(AssetNumberOf(words.first_text));
    rows[i].set_year(kFirstYearOfUse + i);
    rows[i].set_research_hours(words.yuan);
    rows[i].set_note(TextOf(words, i));
  }
  return SheetOf(rows);
}

std::string Duties(const Words& words) {
  std::vector<registry::v1::IndustryDuty> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_industry(kIndustry);
    rows[i].set_lead_unit(TextOf(words, i));
    rows[i].set_source("《演示文件》一");
    rows[i].set_demonstration(true);
  }
  return SheetOf(rows);
}

std::string Members(const Words& words) {
  std::vector<registry::v1::TaskForceMember> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_task_force("演示专班");
    rows[i].add_industries(kIndustry);
    rows[i].set_unit(TextOf(words, i));
    rows[i].set_person("周某");
    rows[i].set_part(registry::v1::TASK_FORCE_PART_MEMBER);
    rows[i].set_phone("0532-85880000");
    rows[i].set_demonstration(true);
  }
  return SheetOf(rows);
}

std::string Dividends(const Words& words) {
  std::vector<registry::v1::PolicyDividend> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_display_name(TextOf(words, i));
    rows[i].set_kind(registry::v1::DIVIDEND_KIND_PROJECT);
    rows[i].set_document("《演示文件》");
    rows[i].set_clause("一");
    rows[i].set_clause_text("予以支持");
    rows[i].set_benefit("项目支持");
    rows[i].set_applicants("企业");
    rows[i].add_applicant_kinds(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
    *rows[i].mutable_effective_from() = time::ToProto(kInForce);
    rows[i].set_demonstration(true);
  }
  return SheetOf(rows);
}

std::string Results(const Words& words) {
  std::vector<triage::v1::Result> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    // Titles of one university are compared by letters and digits alone.
    rows[i].set_title(TextOf(words, i));
    rows[i].set_disclosure(triage::v1::DISCLOSURE_OPEN);
    rows[i].set_stage(triage::v1::STAGE_MIDDLE);
    rows[i].add_keywords("演示");
    rows[i].add_fields("海洋");
    rows[i].set_abstract("演示成果，寻求共同开发。");
  }
  return SheetOf(rows);
}

std::string Demands(const Words& words) {
  std::vector<triage::v1::Demand> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_title(TextOf(words, i));
    rows[i].set_disclosure(triage::v1::DISCLOSURE_OPEN);
    rows[i].set_kind(triage::v1::DEMAND_KIND_DEVELOPMENT);
    rows[i].add_keywords("演示");
    rows[i].add_fields("海洋");
    rows[i].set_description("演示需求，寻求共同开发。");
  }
  return SheetOf(rows);
}

std::string Form(const Words& words) {
  std::vector<cycle::v1::Row> rows(1);
  cycle::v1::Row& row = rows[0];
  row.set_platform_title(kPlatformTitle);
  row.set_category(cycle::v1::ROW_CATEGORY_ONGOING);
  row.set_enterprise_title(kPartnerTitle);
  row.set_unified_social_credit_code(CodeOf(kPartnerNumber));
  row.add_kinds("技术研发平台");
  row.set_title("演示项目");
  row.set_content("共建中试线");
  *row.mutable_sign_date() = time::ToProto(kSignDay);
  row.set_progress(words.text);
  return SheetOf(rows);
}

}  // namespace chanyan::fault
