#include "tests/fault/under_load/course_sheets.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/pairing/v1/coverage.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/reference.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/fault/under_load/bodies.h"
#include "tests/fault/under_load/sheets.h"

namespace chanyan::fault {
namespace {

constexpr absl::CivilDay kFirstCalls(2025, 4, 10);
constexpr absl::Duration kExpiresAfter = absl::Hours(24 * 60);

// "演示3-17-e": the walk's text and which of its rows. A letter, because what differs in
// hyphens alone is one to some.
std::string TextOf(const Words& words, int row) {
  return absl::StrCat(words.text, "-", std::string(1, static_cast<char>('a' + row)));
}

// Invented; see Scene.
int UnpairedNumber(const Words& words) {
  return kPartnerNumber + 1 + words.client % static_cast<int>(words.scene.outreaches.size());
}

}  // namespace

std::string Streets(const Words& words) {
  std::vector<registry::v1::Organization> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_display_name(TextOf(words, i));
    rows[i].set_kind(registry::v1::ORGANIZATION_KIND_TOWN);
    rows[i].set_demonstration(true);
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
