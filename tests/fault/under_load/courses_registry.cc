#include <utility>

#include "tests/fault/under_load/course_lists.h"
#include "tests/fault/under_load/course_sheets.h"

namespace chanyan::fault {
namespace {

constexpr Actor kSecretariat = Actor::kSecretariat;
constexpr Actor kResearchOffice = Actor::kResearchOffice;
constexpr Actor kEnterprise = Actor::kEnterprise;

constexpr char kReason[] = R"({"reason": "演示原因"})";
constexpr char kNextHour[] =
    R"({"startTime": "{nextFrom}", "endTime": "{nextTo}", "subject": "断口形貌",
        "contact": {"person": "演示联系人"}, "demonstration": true})";
constexpr char kDaysAhead[] =
    R"({"startTime": "{thenFrom}", "endTime": "{thenTo}", "subject": "断口形貌",
        "contact": {"person": "演示联系人"}, "demonstration": true})";

Act NewPlatform() {
  return Of("platform", Post(kResearchOffice, "{university}/platforms", "{newPlatform}"));
}
Act NewInstrument() {
  return Of("instrument", Post(kResearchOffice, "{university}/instruments", "{newInstrument}"));
}
Act Upload() {
  Act act = Post(kResearchOffice, "{it}/attachments?fileName=x.pdf", "{pdf}");
  act.media = "application/pdf";
  return Of("attachment", act);
}

// What is done to a booking of an instrument that nobody else wants and that asks its owner.
Course Decided(const char* booking, std::vector<Act> decisions) {
  std::vector<Act> acts = {NewInstrument(), Of("instrument", Post(kResearchOffice, "{it}:open")),
                           Post(kEnterprise, "{it}/bookings", booking)};
  acts.insert(acts.end(), decisions.begin(), decisions.end());
  return {"booking decision", "registry", {}, std::move(acts)};
}

}  // namespace

std::vector<Course> RegistryCourses() {
  return {
      {"suspension",
       "registry",
       {},
       {Of("organization", Post(kSecretariat, "organizations",
                                R"({"displayName": "{text}", "kind": "ORGANIZATION_KIND_TOWN",
                                    "demonstration": true})")),
        Post(kSecretariat, "{it}:suspend", kReason), Post(kSecretariat, "{it}:resume"),
        Of("split", Post(kSecretariat, "{it}:split",
                         R"({"reason": "区划调整", "parts": [{"created": {
                             "displayName": "{text}", "kind": "ORGANIZATION_KIND_TOWN",
                             "demonstration": true}}]})"))}},
      // Two that are written differently and called the same.
      {"finding of difference",
       "registry",
       {"distinct_pair"},
       {Of("organization", Post(kSecretariat, "organizations",
                                R"({"displayName": "{text}（甲）", "kind":
                                    "ORGANIZATION_KIND_TOWN", "demonstration": true})")),
        Beside(Of("organization", Post(kSecretariat, "organizations",
                                       R"({"displayName": "{first}甲", "kind":
                                           "ORGANIZATION_KIND_TOWN", "demonstration": true})"))),
        Post(kSecretariat, "duplicates:dismiss",
             R"({"first": "{it}", "second": "{made}", "reason": "辖区不同"})"),
        Post(kSecretariat, "{it}:withdraw", kReason)}},
      {"platform",
       "registry",
       {"platform_attachment"},
       {NewPlatform(), Beside(Upload()),
        Patch(kResearchOffice, "{it}?updateMask=attachments", R"({"attachments": ["{made}"]})"),
        Post(kResearchOffice, "{it}:submit"),
        Post(kSecretariat, "{it}:return", R"({"reasons": ["请补充"]})"),
        Post(kResearchOffice, "{it}:submit"), Post(kSecretariat, "{it}:publish"),
        Post(kResearchOffice, "{it}:confirm"), Post(kResearchOffice, "{it}:withdraw", kReason)}},
      {"attachment", "registry", {}, {NewPlatform(), Upload(), Remove(kResearchOffice)}},
      {"instrument",
       "registry",
       {"use_record"},
       {NewInstrument(),
        Patch(kResearchOffice, "{it}?updateMask=accessConditions",
              R"({"accessConditions": "{text}"})"),
        Post(kResearchOffice, "{it}:open"), Post(kResearchOffice, "{it}:suspend", kReason),
        Post(kResearchOffice, "{it}:resume"),
        Beside(Of("use record",
                  Patch(kResearchOffice, "{it}/useRecords/2025?updateMask=researchHours,note",
                        R"({"researchHours": {yuan}, "note": "{text}"})"))),
        Post(kResearchOffice, "{it}:retire", kReason)}},
      // Whoever comes within the hour is reminded of it, by the clock.
      Decided(kNextHour, {Post(kResearchOffice, "{it}:approve"),
                          Contended(Post(kResearchOffice, "{it}:checkin")),
                          Of("completed use", Post(kResearchOffice, "{it}:complete",
                                                   R"({"usedMinutes": 1, "samples": 1})"))}),
      Decided(kDaysAhead, {Post(kResearchOffice, "{it}:decline", kReason)}),
      Decided(kDaysAhead, {Post(kResearchOffice, "{it}:approve"),
                           Post(kResearchOffice, "{it}:cancel", kReason)}),
      {"dividend",
       "registry",
       {"policy_dividend"},
       {Post(kSecretariat, "policyDividends",
             R"({"displayName": "{text}", "kind": "DIVIDEND_KIND_PROJECT",
                 "document": "《演示文件》", "clause": "一", "clauseText": "予以支持",
                 "benefit": "项目支持", "applicants": "企业",
                 "applicantKinds": ["ORGANIZATION_KIND_ENTERPRISE"], "effectiveFrom": {today}})"),
        Patch(kSecretariat, "{it}?updateMask=benefit", R"({"benefit": "{text}"})"),
        Remove(kSecretariat)}},
      {"duty",
       "registry",
       {"industry_duty"},
       {Post(kSecretariat, "industryDuties",
             R"({"industry": "{industry}", "leadUnit": "{text}", "source": "《演示文件》一"})"),
        Patch(kSecretariat, "{it}?updateMask=scope", R"({"scope": "{text}"})"),
        Remove(kSecretariat)}},
      {"task-force member",
       "registry",
       {"task_force_member"},
       {Post(kSecretariat, "taskForceMembers",
             R"({"taskForce": "演示专班", "industries": ["{industry}"], "unit": "{text}",
                 "person": "周某", "part": "TASK_FORCE_PART_MEMBER", "phone": "0532-85880000"})"),
        Patch(kSecretariat, "{it}?updateMask=title", R"({"title": "处长"})"),
        Remove(kSecretariat)}},
      {"import of organizations",
       "registry",
       {"operation"},
       {Import(kSecretariat, "organizations:beginImport?fileName=x.xlsx", &Streets)},
       {"organization", "display_name"}},
      {"import of platforms",
       "registry",
       {},
       {Import(kResearchOffice, "platforms:beginImport?fileName=x.xlsx", &Platforms)},
       {"platform", "display_name"}},
      {"import of instruments",
       "registry",
       {},
       {Import(kResearchOffice, "instruments:beginImport?fileName=x.xlsx", &Instruments)},
       {"instrument", "display_name"}},
      {"import of use records",
       "registry",
       {},
       {NewInstrument(), Import(kResearchOffice, "useRecords:beginImport?fileName=x.xlsx", &Uses)},
       {"use_record", "note"}},
      {"import of task-force members",
       "registry",
       {},
       {Import(kSecretariat, "taskForceMembers:beginImport?fileName=x.xlsx", &Members)},
       {"task_force_member", "unit"}},
      {"import of dividends",
       "registry",
       {},
       {Import(kSecretariat, "policyDividends:beginImport?fileName=x.xlsx", &Dividends)},
       {"policy_dividend", "display_name"}},
      {"import of duties",
       "registry",
       {},
       {Import(kSecretariat, "industryDuties:beginImport?fileName=x.xlsx", &Duties)},
       {"industry_duty", "lead_unit"}},
  };
}

}  // namespace chanyan::fault
