#include "tests/fault/under_load/bodies.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tools/demo/uscc.h"

namespace chanyan::fault {
namespace {

constexpr char kPlatform[] = R"({
  "displayName": "TITLE", "kind": "PLATFORM_KIND_LABORATORY",
  "introduction": "演示用的实验室。", "services": [{"title": "检测"}],
  "contacts": [{"person": "演示联系人", "phone": "0532-85880000"}]})";
constexpr char kInstrument[] = R"({
  "platform": "PLATFORM", "assetNumber": "ASSET", "displayName": "演示电镜NUMBER",
  "bookingMode": "HOW", "accessConditions": "来样测试", "hours": [HOURS],
  "terms": TERMS,
  "charges": [{"userType": "enterprise", "basis": "CHARGE_BASIS_HOUR",
               "price": {"currencyCode": "CNY", "units": "200"}}],
  "contactPerson": "演示联系人", "contactPhone": "0532-85880000", "demonstration": true})";
constexpr char kBooking[] = R"({
  "startTime": "START", "endTime": "END", "subject": "断口形貌",
  "contact": {"person": "演示联系人"}, "demonstration": true})";
constexpr char kResult[] = R"({
  "title": "TITLE", "disclosure": "DISCLOSURE_OPEN", "keywords": ["演示"], "stage": "STAGE_MIDDLE",
  "industries": ["海洋装备"], "fields": ["海洋"], "abstract": "演示成果，寻求共同开发。",
  "conversionModes": ["CONVERSION_MODE_DEVELOPMENT"], "maturity": [{"scale": "trl", "level": 5}]})";
constexpr char kFollowUp[] = R"({
  "kind": "FOLLOW_UP_KIND_CONTACT", "partnerTitle": "演示企业", "content": "CONTENT",
  "happenDate": {"year": YEAR, "month": MONTH, "day": DAY}})";
constexpr char kAgreement[] = R"({
  "number": "演示协议", "title": "共建协议（演示）",
  "signDate": {"year": 2025, "month": 4, "day": 8},
  "parties": [{"organization": "UNIVERSITY", "displayName": "演示大学"},
              {"organization": "PARTNER", "displayName": "演示伙伴企业"}],
  "documents": [{"fileName": "演示协议.pdf", "sizeBytes": "1024", "mediaType": "application/pdf",
                 "sha256": "SHA256"}]})";

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace

std::string OrganizationBody(const std::string& title, const std::string& kind,
                             const std::string& more) {
  return absl::StrCat("{\"displayName\":\"", title, "\",\"kind\":\"ORGANIZATION_KIND_", kind,
                      "\",\"demonstration\":true", more, "}");
}

std::string CodeOf(int number) {
  return demo::InventedUscc("370211", static_cast<uint64_t>(number));
}

std::string EnterpriseBody(const std::string& title, int number, const std::string& unit) {
  return OrganizationBody(
      title, "ENTERPRISE",
      absl::StrCat(",\"unifiedSocialCreditCode\":\"", CodeOf(number), "\"",
                   unit.empty() ? "" : absl::StrCat(",\"unit\":\"", unit, "\"")));
}

std::string PlatformBody(const std::string& title) {
  return absl::StrReplaceAll(kPlatform, {{"TITLE", title}});
}

std::string AssetNumberOf(const std::string& number) { return absl::StrCat("YQ-", number); }

std::string InstrumentBody(const std::string& platform, const std::string& number, bool asked) {
  std::string hours;
  for (const char* day :
       {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"}) {
    absl::StrAppend(&hours, hours.empty() ? "" : ",", R"({"day":"OPENING_DAY_)", day,
                    R"(","startMinute":0,"endMinute":1440})");
  }
  return absl::StrReplaceAll(kInstrument,
                             {{"PLATFORM", platform},
                              {"ASSET", AssetNumberOf(number)},
                              {"NUMBER", number},
                              {"HOURS", hours},
                              {"HOW", asked ? "BOOKING_MODE_APPROVAL" : "BOOKING_MODE_AUTOMATIC"},
                              {"TERMS", asked ? R"({"noticeHours": 0})" : "{}"}});
}

std::string ProjectBody(const std::string& platform, const std::string& enterprise) {
  return absl::StrCat(
      "{\"platform\":\"", platform, "\",\"enterprise\":\"", enterprise,
      "\",\"title\":\"演示项目\",\"content\":\"共建中试线\",\"kinds\":[\"技术研发平台\"]}");
}

std::string BookingBody(absl::Time start, absl::Time end) {
  return absl::StrReplaceAll(kBooking, {{"START", Rfc3339(start)}, {"END", Rfc3339(end)}});
}

std::string RescheduleBody(absl::Time start, absl::Time end) {
  return absl::StrCat("{\"startTime\":\"", Rfc3339(start), "\",\"endTime\":\"", Rfc3339(end),
                      "\",\"reason\":\"样品未到\"}");
}

std::string AgreementBody(const std::string& university, const std::string& partner) {
  return absl::StrReplaceAll(
      kAgreement,
      {{"UNIVERSITY", university}, {"PARTNER", partner}, {"SHA256", std::string(64, 'a')}});
}

std::string ResultBody(const std::string& title) {
  return absl::StrReplaceAll(kResult, {{"TITLE", title}});
}

std::string FollowUpBody(absl::CivilDay day, const std::string& content) {
  return absl::StrReplaceAll(kFollowUp, {{"CONTENT", content},
                                         {"YEAR", absl::StrCat(day.year())},
                                         {"MONTH", absl::StrCat(day.month())},
                                         {"DAY", absl::StrCat(day.day())}});
}

}  // namespace chanyan::fault
