#include "tests/fault/under_load/course_lists.h"

namespace chanyan::fault {
namespace {

constexpr Actor kSecretariat = Actor::kSecretariat;
constexpr Actor kResearchOffice = Actor::kResearchOffice;
constexpr Actor kOtherOffice = Actor::kOtherOffice;
constexpr Actor kEnterprise = Actor::kEnterprise;
constexpr Actor kUnit = Actor::kUnit;

constexpr char kSigned[] = R"({"signDate": {signDate}, "overrideReason": "文本用印中"})";

Act NewEnterprise(const char* path = "organizations") {
  return Of("organization", At("registry", Post(kSecretariat, path, "{newEnterprise}")));
}
Act NewFile() {
  Act act = Post(kResearchOffice, "{project}/files?fileName=x.pdf", "{pdf}");
  act.media = "application/pdf";
  return act;
}
Act NewProject() { return Post(kOtherOffice, "projects", "{newProject}"); }

}  // namespace

std::vector<Course> PairingCourses() {
  return {
      {"contact",
       "pairing",
       {"contact"},
       {Post(kResearchOffice, "{project}/contacts",
             R"({"kind": "CONTACT_KIND_APPROACH", "people": "演示双方联系人",
                 "contactTime": "{before}", "channel": "CONTACT_CHANNEL_PHONE",
                 "content": "{text}"})"),
        Post(kEnterprise, "{it}:answer",
             R"({"people": "演示联系人", "channel": "CONTACT_CHANNEL_MAIL",
                 "content": "{text}"})")}},
      {"contact",
       "pairing",
       {},
       {Post(kEnterprise, "{project}/contacts",
             R"({"kind": "CONTACT_KIND_APPROACH", "people": "演示双方联系人",
                 "contactTime": "{before}", "channel": "CONTACT_CHANNEL_PHONE",
                 "content": "{text}"})"),
        Post(kEnterprise, "{it}:withdraw")}},
      {"problem",
       "pairing",
       {"problem"},
       {Post(kResearchOffice, "{project}/problems", R"({"content": "{text}"})"),
        Post(kSecretariat, "{it}:escalate", R"({"reason": "需市级协调"})"),
        Post(kSecretariat, "{it}:resolve", R"({"resolution": "已协调解决"})"),
        Post(kResearchOffice, "{it}:confirm")}},
      // Assigned, given back, assigned again, and not solved by what was done.
      {"assignment of a problem",
       "pairing",
       {},
       {Of("problem", Post(kResearchOffice, "{project}/problems", R"({"content": "{text}"})")),
        Post(kSecretariat, "{it}:assign", R"({"assignee": "{unit}", "owner": "周某"})"),
        Post(kUnit, "{it}:decline", R"({"reason": "不属本单位职责"})"),
        Post(kSecretariat, "{it}:assign", R"({"assignee": "{unit}", "owner": "郑某"})"),
        Post(kUnit, "{it}:resolve", R"({"resolution": "已协调解决"})"),
        Post(kResearchOffice, "{it}:reopen", R"({"reason": "场地仍未落实"})"),
        Post(kResearchOffice, "{it}:withdraw", R"({"reason": "另行解决"})")}},
      {"outcome",
       "pairing",
       {"outcome"},
       {Post(kResearchOffice, "{project}/outcomes",
             R"({"kind": "技术合同收入", "amount": {"currencyCode": "CNY", "units": "{yuan}"},
                 "periodFirst": {"year": 2025, "month": 4, "day": 1},
                 "periodLast": {"year": 2025, "month": 6, "day": 30}, "description": "演示成效",
                 "evidence": [{file}]})"),
        Post(kEnterprise, "{it}:dispute", R"({"reason": "金额待核"})"),
        Post(kEnterprise, "{it}:confirm")},
       {},
       /*counts=*/true},
      {"agreement",
       "pairing",
       {"agreement"},
       {Post(kResearchOffice, "{project}/agreements",
             R"({"number": "{text}", "title": "补充协议（演示）", "signDate": {signDate},
                 "parties": [{"organization": "{university}", "displayName": "演示大学"},
                             {"organization": "{partner}", "displayName": "演示伙伴企业"}],
                 "documents": [{file}]})"),
        Patch(kResearchOffice, "{it}?updateMask=content", R"({"content": "{text}"})")}},
      // What an agreement or an outcome will name, and what none does.
      {"project file", "pairing", {"project_file"}, {NewFile(), Remove(kResearchOffice)}},
      // Versions of one report stand in each other's way; each client has a quarter of its own.
      {"report version",
       "pairing",
       {"report_version", "progress_report"},
       {Contended(Post(kResearchOffice, "{project}/reports/{quarter}/versions",
                       R"({"progress": "{text}"})")),
        Contended(Post(kResearchOffice, "{it}:submit"))}},
      {"discarded version",
       "pairing",
       {},
       {Of("report version", Post(kResearchOffice, "{project}/reports/{ownQuarter}/versions",
                                  R"({"progress": "{text}"})")),
        Of("report version",
           Patch(kResearchOffice, "{it}?updateMask=progress", R"({"progress": "{text}"})")),
        Post(kResearchOffice, "{it}:discard")}},
      // From the intent to what was built, and one that came to nothing.
      {"project's course",
       "pairing",
       {},
       {NewEnterprise(), NewProject(), Post(kOtherOffice, "{it}:negotiate"),
        Post(kOtherOffice, "{it}:sign", kSigned), Post(kOtherOffice, "{it}:start"),
        Post(kOtherOffice, "{it}:complete")}},
      {"project's course",
       "pairing",
       {},
       {NewEnterprise(), NewProject(),
        Post(kOtherOffice, "{it}:terminate", R"({"reason": "合作终止"})")}},
      // Both sides of a merger had a project on one platform: the follower keeps both, and somebody
      // says which goes on.
      {"settlement of projects",
       "pairing",
       {},
       {NewEnterprise("organizations?organizationId={mark}-a"), Beside(NewProject()),
        Beside(NewEnterprise("organizations?organizationId={mark}-b")),
        Of("project", Post(kOtherOffice, "projects", "{projectOfMade}")),
        Until("doubledBy",
              Beside(Of("merger",
                        At("registry",
                           Post(kSecretariat, "organizations/{mark}-b:merge",
                                R"({"into": "organizations/{mark}-a", "reason": "演示合并"})"))))),
        Post(kOtherOffice, "{it}:settle", R"({"reason": "以此项目为准"})")}},
      {"outreach",
       "pairing",
       {"outreach", "contact_attempt"},
       {Post(kUnit, "{outreach}/attempts",
             R"({"contactTime": "{before}", "contactPerson": "王某", "counterpart": "刘某",
                 "method": "phone", "result": "call-again", "content": "{text}"})"),
        Post(kUnit, "{it}:void", R"({"reason": "登记错企业"})")}},
      // Files of the unit that are imported meanwhile are in its way.
      {"plan of an outreach",
       "pairing",
       {},
       {Patch(kUnit, "{outreach}?updateMask=assignee,nextActionDate",
              R"({"assignee": "{text}", "nextActionDate": {lastDay}})"),
        Contended(
            Patch(kUnit, "{it}?updateMask=nextActionDate", R"({"nextActionDate": {today}})"))}},
      // Others of the unit's are in its way, and an exception of a walk that came to nothing is.
      {"exception from coverage",
       "pairing",
       {},
       {Contended(Post(kUnit, "{outreach}:overrideCoverage", R"({"reason": "企业婉拒"})")),
        Contended(Post(kUnit, "{it}:restoreCoverage", R"({"reason": "企业改变主意"})"))}},
      {"intent",
       "pairing",
       {"intent"},
       {Post(kResearchOffice, "intents",
             R"({"side": "INTENT_SIDE_OFFER", "platform": "{platform}", "title": "{text}",
                 "kinds": ["技术研发平台"], "content": "开放", "expireTime": "{later}"})"),
        Post(kResearchOffice, "{it}:renew", R"({"expireTime": "{latest}"})"),
        Patch(kResearchOffice, "{it}?updateMask=content", R"({"content": "{text}"})"),
        Post(kResearchOffice, "{it}:withdraw", R"({"reason": "已满"})")}},
      {"dismissal",
       "pairing",
       {"dismissal"},
       {NewEnterprise(),
        Post(kUnit, "dismissals",
             R"({"enterprise": "{it}", "platform": "{platform}", "reason": "方向不符"})"),
        Remove(kUnit)}},
  };
}

}  // namespace chanyan::fault
