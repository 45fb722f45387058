#include "tests/fault/under_load/course_lists.h"

namespace chanyan::fault {
namespace {

constexpr Actor kSecretariat = Actor::kSecretariat;
constexpr Actor kEnterprise = Actor::kEnterprise;
constexpr Actor kResearchOffice = Actor::kResearchOffice;
constexpr Actor kUnit = Actor::kUnit;
constexpr Actor kOffice = Actor::kOffice;
constexpr Actor kDepartment = Actor::kDepartment;
constexpr Actor kAgency = Actor::kAgency;

constexpr char kReason[] = R"({"reason": "演示原因"})";

Act NewDemand() {
  return Post(kEnterprise, "demands",
              R"({"title": "{text}", "disclosure": "DISCLOSURE_OPEN",
                  "kind": "DEMAND_KIND_DEVELOPMENT", "keywords": ["演示"], "fields": ["海洋"],
                  "industries": ["海水淡化与综合利用"], "validUntil": {lastDay},
                  "description": "演示需求，寻求共同开发。"})");
}

// Of the office, to the agency; whatever the result is by then.
Act Offer() {
  return Beside(
      Anyhow(Of("handover", Post(kOffice, "{it}:handOver",
                                 R"({"toHolder": "{agency}", "reason": "领域更合适"})"))));
}

}  // namespace

std::vector<Course> TriageCourses() {
  return {
      // Sent back on its way into the library, offered to who does not take it, and withdrawn.
      {"result",
       "triage",
       {},
       {Post(kResearchOffice, "results", "{newResult}"),
        Patch(kResearchOffice, "{it}?updateMask=abstract", R"({"abstract": "{text}"})"),
        Post(kResearchOffice, "{it}:submit"), Post(kOffice, "{it}:return", kReason),
        Post(kResearchOffice, "{it}:submit"), Post(kOffice, "{it}:publish"), Offer(),
        Beside(Of("handover", Post(kAgency, "{made}:decline", kReason))), Offer(),
        Beside(Of("handover", Post(kOffice, "{made}:cancel", kReason))),
        Anyhow(Post(kOffice, "{it}:withdraw", kReason))}},
      // Taken on, put off and given longer before it is answered.
      {"push",
       "triage",
       {},
       {Of("result", Post(kResearchOffice, "results", "{newResult}")),
        Of("result", Post(kOffice, "{it}:publish")),
        Of("disposition", Names("{it}", Post(kOffice, "{it}:dispose"))),
        Of("dispatch", GoesOnIn("pushes", Anyhow(Names("{it}", Post(kOffice, "{it}:dispatch"))))),
        Post(kDepartment, "{it}:receive"), Post(kDepartment, "{it}:accept"),
        Post(kDepartment, "{it}:pause", R"({"pauseReason": "waiting-expert"})"),
        Post(kDepartment, "{it}:resume"),
        Post(kOffice, "{it}:extend", R"({"workdays": 1, "reason": "演示原因"})"),
        Post(kDepartment, "{it}:answer", R"({"answer": "{text}"})")}},
      {"broker",
       "triage",
       {"broker"},
       {Post(kAgency, "brokers", R"({"person": "{text}", "organization": "{agency}"})"),
        Post(kOffice, "{it}:recordTraining",
             R"({"training": {"course": "pre-job", "completeDate": {today}}})"),
        Post(kAgency, "{it}:leave", kReason)}},
      {"demand",
       "triage",
       {},
       {NewDemand(),
        Patch(kEnterprise, "{it}?updateMask=description", R"({"description": "{text}"})"),
        Post(kEnterprise, "{it}:publish"), Post(kEnterprise, "{it}:meet", kReason)}},
      {"demand", "triage", {}, {NewDemand(), Post(kEnterprise, "{it}:withdraw", kReason)}},
      {"demand",
       "triage",
       {},
       {NewDemand(), Beside(NewDemand()), Post(kOffice, "{it}:merge", R"({"into": "{made}"})")}},
      {"escalation",
       "triage",
       {"escalation"},
       {Post(kDepartment, "escalations", R"({"matter": "{text}", "reason": "演示原因"})"),
        Post(kDepartment, "{it}:withdraw", kReason)}},
      {"work meeting",
       "triage",
       {"work_meeting"},
       {Post(kOffice, "workMeetings",
             R"({"kind": "WORK_MEETING_KIND_DISPATCH", "title": "{text}", "meetDate": {today},
                 "participants": ["{office}"], "decisions": "由功能区承接中试",
                 "items": [{"task": "落实场地", "owner": "{unit}", "dueDate": {lastDay}}]})"),
        Patch(kOffice, "{it}?updateMask=place", R"({"place": "{text}"})"),
        Post(kUnit, "{it}:completeItem", R"({"item": 1, "outcome": "{text}"})")}},
      // Of the office, to which nothing is pushed: nobody's push moves with it.
      {"project guide",
       "triage",
       {"project_guide"},
       {Post(kOffice, "guides",
             R"({"title": "{text}", "triageClasses": ["TRIAGE_CLASS_HORIZONTAL"],
                 "applyStartDate": {today}, "applyEndDate": {lastDay}})"),
        Patch(kOffice, "{it}?updateMask=title", R"({"title": "{text}"})"),
        Post(kOffice, "{it}:publish"), Post(kOffice, "{it}:withdraw", kReason)}},
      {"university team",
       "triage",
       {"university_team"},
       {Of("organization", At("registry", Post(kSecretariat, "organizations",
                                               R"({"displayName": "{text}", "demonstration": true,
                                   "kind": "ORGANIZATION_KIND_UNIVERSITY"})"))),
        Post(kOffice, "universityTeams",
             R"({"university": "{it}", "displayName": "产研对接专班", "leader": "演示负责人"})"),
        Patch(kOffice, "{it}?updateMask=duties", R"({"duties": "{text}"})"),
        Post(kOffice, "{it}:guide",
             R"({"guidance": {"guideDate": {today}, "guides": "演示联络员", "subject": "专班组建",
                 "agreement": "{text}", "step": "报送名单", "dueDate": {lastDay}}})"),
        Post(kOffice, "{it}:completeStep", R"({"guidance": 1, "outcome": "{text}"})"),
        Post(kOffice, "{it}:establish",
             R"({"establishDate": {today}, "documentNumber": "演示〔2025〕8号"})"),
        Post(kOffice, "{it}:dissolve", kReason)}},
  };
}

}  // namespace chanyan::fault
