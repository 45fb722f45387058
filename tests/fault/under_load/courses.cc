#include "tests/fault/under_load/courses.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/fault/under_load/bodies.h"
#include "tests/fault/under_load/load.h"
#include "tests/fault/under_load/sheets.h"

namespace chanyan::fault {
namespace {

// What was said lies in the past, whatever the clocks.
constexpr absl::Duration kSaidBefore = absl::Minutes(5);
// A meeting that is called in time and held soon.
constexpr absl::Duration kSoon = absl::Milliseconds(1500);
constexpr absl::Duration kLater = absl::Hours(24 * 60);
// Within the first five workdays of any quarter.
constexpr absl::Duration kMorning = absl::Hours(3 * 24 + 9);

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

std::string DateJson(absl::CivilDay day) {
  return absl::StrCat("{\"year\":", day.year(), ",\"month\":", day.month(), ",\"day\":", day.day(),
                      "}");
}

std::string Streets(const Words& words) {
  std::vector<registry::v1::Organization> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_display_name(absl::StrCat(words.text, "-", i));
    rows[i].set_kind(registry::v1::ORGANIZATION_KIND_TOWN);
    rows[i].set_demonstration(true);
  }
  return SheetOf(rows);
}

// The form that a quarter opens with: what is carried over, with what came of it since.
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

std::string Offers(const Words& words) {
  std::vector<pairing::v1::Intent> rows(kSheetRows);
  for (int i = 0; i < kSheetRows; ++i) {
    rows[i].set_side(pairing::v1::INTENT_SIDE_OFFER);
    rows[i].set_platform_title(kPlatformTitle);
    rows[i].set_title(absl::StrCat(words.text, "-", i));
    rows[i].add_kinds("技术研发平台");
    rows[i].set_content("开放中试线");
    *rows[i].mutable_expire_time() = time::ToTimestamp(absl::Now() + kLater);
  }
  return SheetOf(rows);
}

// "cycles/2027q1" of whatever is in it.
std::string CycleOf(absl::string_view name) {
  return std::string(name.substr(0, name.find('/', name.find('/') + 1)));
}

constexpr char kFile[] =
    R"({"fileName": "演示.pdf", "sizeBytes": "1024", "mediaType": "application/pdf",
        "sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})";

std::vector<Course> CoursesOfAll() {
  constexpr Actor kSecretariat = Actor::kSecretariat;
  constexpr Actor kResearchOffice = Actor::kResearchOffice;
  constexpr Actor kEnterprise = Actor::kEnterprise;
  constexpr Actor kUnit = Actor::kUnit;
  return {
      {"contact",
       "pairing",
       {"contact"},
       {{kResearchOffice, "POST", "{project}/contacts",
         R"({"kind": "CONTACT_KIND_APPROACH", "people": "演示双方联系人", "contactTime": "{before}",
             "channel": "CONTACT_CHANNEL_PHONE", "content": "{text}"})"},
        {kEnterprise, "POST", "{it}:answer",
         R"({"people": "演示联系人", "channel": "CONTACT_CHANNEL_MAIL", "content": "{text}"})"}}},
      {"problem",
       "pairing",
       {"problem"},
       {{kResearchOffice, "POST", "{project}/problems", R"({"content": "{text}"})"},
        {kSecretariat, "POST", "{it}:escalate", R"({"reason": "需市级协调"})"},
        {kSecretariat, "POST", "{it}:resolve", R"({"resolution": "已协调解决"})"},
        {kResearchOffice, "POST", "{it}:confirm", "{}"}}},
      {"outcome",
       "pairing",
       {"outcome"},
       {{kResearchOffice, "POST", "{project}/outcomes",
         R"({"kind": "技术合同收入", "amount": {"currencyCode": "CNY", "units": "{yuan}"},
             "periodFirst": {"year": 2025, "month": 4, "day": 1},
             "periodLast": {"year": 2025, "month": 6, "day": 30}, "description": "演示成效",
             "evidence": [{file}]})"},
        {kEnterprise, "POST", "{it}:dispute", R"({"reason": "金额待核"})"},
        {kEnterprise, "POST", "{it}:confirm", "{}"}},
       {},
       /*counts=*/true},
      {"agreement",
       "pairing",
       {"agreement"},
       {{kResearchOffice, "POST", "{project}/agreements",
         R"({"number": "{text}", "title": "补充协议（演示）", "signDate": {signDate},
             "parties": [{"organization": "{university}", "displayName": "演示大学"},
                         {"organization": "{partner}", "displayName": "演示伙伴企业"}],
             "documents": [{file}]})"},
        {kResearchOffice, "PATCH", "{it}?updateMask=content", R"({"content": "{text}"})"}}},
      // Versions of one report stand in each other's way; each client has a quarter of its own.
      {"report version",
       "pairing",
       {"report_version"},
       {{kResearchOffice, "POST", "{project}/reports/{quarter}/versions",
         R"({"progress": "{text}"})", nullptr, /*contended=*/true},
        {kResearchOffice, "POST", "{it}:submit", "{}", nullptr, /*contended=*/true}}},
      {"outreach",
       "pairing",
       {"contact_attempt"},
       {{kUnit, "POST", "{outreach}/attempts",
         R"({"contactTime": "{before}", "contactPerson": "王某", "counterpart": "刘某",
             "method": "phone", "result": "call-again", "content": "{text}"})"},
        {kUnit, "POST", "{it}:void", R"({"reason": "登记错企业"})"}}},
      {"intent",
       "pairing",
       {"intent"},
       {{kResearchOffice, "POST", "intents",
         R"({"side": "INTENT_SIDE_OFFER", "platform": "{platform}", "title": "{text}",
             "kinds": ["技术研发平台"], "content": "开放", "expireTime": "{later}"})"},
        {kResearchOffice, "POST", "{it}:renew", R"({"expireTime": "{latest}"})"},
        {kResearchOffice, "PATCH", "{it}?updateMask=content", R"({"content": "{text}"})"},
        {kResearchOffice, "POST", "{it}:withdraw", R"({"reason": "已满"})"}}},
      {"dividend",
       "registry",
       {"policy_dividend"},
       {{kSecretariat, "POST", "policyDividends",
         R"({"displayName": "{text}", "kind": "DIVIDEND_KIND_PROJECT", "document": "《演示文件》",
             "clause": "一", "clauseText": "予以支持", "benefit": "项目支持", "applicants": "企业",
             "applicantKinds": ["ORGANIZATION_KIND_ENTERPRISE"], "effectiveFrom": {today}})"},
        {kSecretariat, "PATCH", "{it}?updateMask=benefit", R"({"benefit": "{text}"})"}}},
      {"frame agreement",
       "pairing",
       {"frame_agreement"},
       {{kSecretariat, "POST", "frameAgreements",
         R"({"number": "{text}", "title": "框架协议（演示）", "universities": ["{university}"],
             "cityParties": ["{unit}"], "lead": "{office}", "areas": ["平台建设"],
             "startDate": {today}, "endDate": {lastDay}})"},
        {kSecretariat, "POST", "{it}:sign", R"({"signDate": {today}})"},
        {kSecretariat, "POST", "{it}:terminate", R"({"reason": "合作终止"})"}}},
      {"conference",
       "pairing",
       {"conference", "follow_up"},
       {{kSecretariat, "POST", "conferences",
         R"({"kind": "CONFERENCE_KIND_JOINT", "title": "{text}", "convener": "{office}",
             "meetTime": "{soon}", "place": "会议室", "agenda": [{"title": "通报进展"}],
             "attendees": [{"organization": "{unit}", "person": "周某"}]})"},
        {kSecretariat, "POST", "{it}:convene", "{}", nullptr, false, /*lapses=*/true},
        {kSecretariat, "POST", "{it}:hold",
         R"({"attendees": [{"organization": "{unit}", "person": "周某",
                            "attendance": "ATTENDANCE_PRESENT"}]})",
         nullptr, false, false, /*after=*/kSoon},
        {kSecretariat, "PATCH", "{it}?updateMask=minutes,decisions",
         R"({"minutes": "通报了进展", "decisions": [{"number": 1, "text": "共建研究院",
             "assignments": [{"unit": "{unit}", "task": "完成选址", "dueDate": {lastDay}}]}]})"},
        {kSecretariat, "POST", "{it}:issue", "{}", nullptr, false, false, absl::ZeroDuration(),
         /*goes_on_in=*/"followUps"},
        {kUnit, "POST", "{it}:report", R"({"text": "{text}"})", "follow-up of a conference"},
        {kUnit, "POST", "{it}:submit", R"({"evidence": "{text}"})", "follow-up of a conference"},
        {kSecretariat, "POST", "{it}:confirm", "{}", "follow-up of a conference"}}},
      // Of a conference of the past; each client has one of its own, which is reported on and on.
      {"follow-up of a conference",
       "pairing",
       {},
       {{kUnit, "POST", "{task}:report", R"({"text": "{text}"})"}}},
      {"base",
       "pairing",
       {"co_built_base"},
       {{kSecretariat, "POST", "coBuiltBases",
         R"({"title": "{text}", "kind": "成果转化产业园区", "universities": ["{university}"],
             "place": "演示园区"})"},
        {kSecretariat, "POST", "{it}:start", R"({"startDate": {today}})"},
        {kSecretariat, "POST", "{it}:open", R"({"openDate": {today}})"}}},
      // A quarter of its own, from the opening until the company hands its form in.
      {"cycle",
       "cycle",
       {"cycle", "form", "form_version", "handover"},
       {{kSecretariat, "POST", "cycles/{fresh}:open", R"({"rehearsalClock": "{morning}"})"},
        {.actor = kResearchOffice,
         .method = "POST",
         .path = "{cycle}/forms/university:import?fileName=x.xlsx",
         .what = "form",
         .names = "{cycle}/forms/university",
         .sheet = &Form},
        {kResearchOffice, "POST", "{it}:submit", "{}", "form"},
        {kSecretariat, "POST", "{it}:return", R"({"reasons": ["请写明进展"]})", "form"},
        {kResearchOffice, "POST", "{it}:submit", "{}", "form"},
        {kSecretariat, "POST", "{it}:accept", "{}", "form"},
        {kSecretariat, "POST", "{cycle}:closeStep", R"({"step": 1, "reason": "已报齐"})"},
        {.actor = kSecretariat,
         .method = "POST",
         .path = "{cycle}:distributeForms",
         .body = "{}",
         .what = "distribution",
         .names = "{cycle}"},
        {.actor = kUnit,
         .method = "POST",
         .path = "{cycle}/handovers:receive",
         .body = "{}",
         .what = "receipt",
         .names = "{cycle}"},
        {.actor = kUnit,
         .method = "POST",
         .path = "{cycle}:distributeToEnterprises",
         .body = "{}",
         .what = "distribution",
         .names = "{cycle}"},
        {.actor = kEnterprise,
         .method = "POST",
         .path = "{cycle}/handovers:receive",
         .body = "{}",
         .what = "receipt",
         .names = "{cycle}"},
        {.actor = kEnterprise,
         .method = "POST",
         .path = "{cycle}:submitReturns",
         .body = R"({"enterprise": "{partner}"})",
         .what = "form",
         .names = "{cycle}"}}},
      // Each client has accounts of its own, which come to do this and that.
      {"account",
       "identity",
       {"account"},
       {{Actor::kAdministrator, "PATCH", "{account}?updateMask=displayName,roles",
         R"({"displayName": "{text}", "roles": ["ROLE_DEPARTMENT"]})"},
        {Actor::kAdministrator, "PATCH", "{it}?updateMask=displayName,roles",
         R"({"displayName": "{text}", "roles": ["ROLE_UNIT"]})", nullptr, /*contended=*/true}}},
      // The same import of one organization is done once at a time.
      {"import of organizations",
       "registry",
       {"operation"},
       {{.actor = kSecretariat,
         .method = "POST",
         .path = "organizations:beginImport?fileName=x.xlsx",
         .contended = true,
         .sheet = &Streets}},
       {"organization", "display_name"}},
      {"import of intents",
       "pairing",
       {"operation"},
       {{.actor = kResearchOffice,
         .method = "POST",
         .path = "intents:beginImport?fileName=x.xlsx",
         .contended = true,
         .sheet = &Offers}},
       {"intent", "title"}},
  };
}

}  // namespace

std::string Filled(absl::string_view text, const Words& words) {
  const absl::Time now = absl::Now();
  const absl::CivilDay today = time::DayOf(now);
  const Scene& scene = words.scene;
  const time::Quarter fresh = time::Quarter::Of(absl::CivilDay(today.year() + 1, 1, 1))
                                  .Plus(words.client + kClients * words.walk);
  return absl::StrReplaceAll(
      text, {{"{it}", words.it},
             {"{text}", words.text},
             {"{yuan}", absl::StrCat(words.yuan)},
             {"{file}", kFile},
             {"{project}", scene.project},
             {"{platform}", scene.platform},
             {"{university}", scene.university},
             {"{partner}", scene.partner},
             {"{office}", scene.office},
             {"{unit}", scene.unit},
             {"{outreach}", scene.outreaches[words.client % scene.outreaches.size()]},
             {"{task}", scene.tasks[words.client % scene.tasks.size()]},
             {"{account}", scene.accounts[words.client % scene.accounts.size()]},
             {"{fresh}", fresh.Id()},
             {"{morning}", Rfc3339(time::StartOfDay(fresh.FirstDay()) + kMorning)},
             {"{cycle}", CycleOf(words.it)},
             {"{quarter}", time::Quarter(2025, 1).Plus(-words.client).Id()},
             {"{before}", Rfc3339(now - kSaidBefore)},
             {"{soon}", Rfc3339(now + kSoon)},
             {"{later}", Rfc3339(now + kLater)},
             {"{latest}", Rfc3339(now + 2 * kLater)},
             {"{today}", DateJson(today)},
             {"{lastDay}", DateJson(today + 365)},
             {"{signDate}", DateJson(kSignDay)}});
}

const std::vector<Course>& Courses() {
  static const auto& courses = *new std::vector<Course>(CoursesOfAll());
  return courses;
}

size_t ActsOfCourses() {
  size_t acts = 0;
  for (const Course& course : Courses()) acts += course.acts.size();
  return acts;
}

std::vector<Table> TablesOfCourses() {
  std::vector<Table> tables;
  for (const Course& course : Courses()) {
    // Operations go on by themselves, and of a password that is changed an account has no version.
    for (const absl::string_view table : course.tables) {
      tables.push_back({course.service, table.data(), table != "operation" && table != "account"});
    }
  }
  return tables;
}

std::vector<std::string> KindsOfCourses() {
  std::set<std::string> kinds;
  for (const Course& course : Courses()) {
    for (const Act& act : course.acts) kinds.insert(act.what == nullptr ? course.what : act.what);
  }
  return {kinds.begin(), kinds.end()};
}

}  // namespace chanyan::fault
