#include "tests/fault/under_load/course_lists.h"

namespace chanyan::fault {
namespace {

constexpr Actor kSecretariat = Actor::kSecretariat;
constexpr Actor kUnit = Actor::kUnit;

constexpr char kFollowUp[] = "follow-up of a conference";
constexpr char kReason[] = R"({"reason": "演示原因"})";

Act NewConference(const char* body) {
  return Of("conference", Post(kSecretariat, "conferences", body));
}
constexpr char kSoonHeld[] =
    R"({"kind": "CONFERENCE_KIND_JOINT", "title": "{text}", "convener": "{office}",
        "meetTime": "{soon}", "place": "会议室", "agenda": [{"title": "通报进展"}],
        "attendees": [{"organization": "{unit}", "person": "周某"}]})";
constexpr char kHeldLater[] =
    R"({"kind": "CONFERENCE_KIND_JOINT", "title": "{text}", "convener": "{office}",
        "meetTime": "{later}", "place": "会议室", "agenda": [{"title": "通报进展"}]})";

Act NewFrameAgreement() {
  return Post(kSecretariat, "frameAgreements",
              R"({"number": "{text}", "title": "框架协议（演示）", "universities": ["{university}"],
                  "cityParties": ["{unit}"], "lead": "{office}", "areas": ["平台建设"],
                  "startDate": {today}, "endDate": {lastDay}})");
}

}  // namespace

std::vector<Course> CooperationCourses() {
  return {
      {"frame agreement",
       "pairing",
       {"frame_agreement"},
       {NewFrameAgreement(), Patch(kSecretariat, "{it}?updateMask=title", R"({"title": "{text}"})"),
        Post(kSecretariat, "{it}:sign", R"({"signDate": {today}})"),
        Post(kSecretariat, "{it}:renew", R"({"signDate": {today}, "endDate": {otherDay}})"),
        Post(kSecretariat, "{it}:terminate", R"({"reason": "合作终止"})")}},
      {"frame agreement",
       "pairing",
       {},
       {NewFrameAgreement(), Post(kSecretariat, "{it}:discard", kReason)}},
      {"conference",
       "pairing",
       {"conference", "follow_up"},
       {NewConference(kSoonHeld), Lapses(Post(kSecretariat, "{it}:convene")),
        After(kSoon, Post(kSecretariat, "{it}:hold",
                          R"({"attendees": [{"organization": "{unit}", "person": "周某",
                                             "attendance": "ATTENDANCE_PRESENT"}]})")),
        Patch(kSecretariat, "{it}?updateMask=minutes,decisions",
              R"({"minutes": "通报了进展", "decisions": [{"number": 1, "text": "共建研究院",
                  "assignments": [{"unit": "{unit}", "task": "完成选址", "dueDate": {lastDay}}]}]})"),
        GoesOnIn("followUps", Post(kSecretariat, "{it}:issue")),
        Of(kFollowUp, Post(kUnit, "{it}:report", R"({"text": "{text}"})")),
        Of(kFollowUp, Post(kUnit, "{it}:submit", R"({"evidence": "{text}"})")),
        Of(kFollowUp, Post(kSecretariat, "{it}:return", kReason)),
        Of(kFollowUp,
           Post(kSecretariat, "{it}:extend", R"({"dueDate": {otherDay}, "reason": "选址调整"})")),
        Of(kFollowUp, Post(kUnit, "{it}:submit", R"({"evidence": "{text}"})")),
        Of(kFollowUp, Post(kSecretariat, "{it}:confirm"))}},
      {"conference put off",
       "pairing",
       {},
       {NewConference(kHeldLater),
        Patch(kSecretariat, "{it}?updateMask=place", R"({"place": "{text}"})"),
        Post(kSecretariat, "{it}:postpone", R"({"meetTime": "{latest}", "reason": "主持人外出"})"),
        Post(kSecretariat, "{it}:cancel", kReason)}},
      // Of a conference of the past; each client has one of its own, which is reported on and on.
      {kFollowUp, "pairing", {}, {Post(kUnit, "{task}:report", R"({"text": "{text}"})")}},
      {"base",
       "pairing",
       {"co_built_base"},
       {Post(kSecretariat, "coBuiltBases",
             R"({"title": "{text}", "kind": "成果转化产业园区", "universities": ["{university}"],
                 "place": "演示园区"})"),
        Patch(kSecretariat, "{it}?updateMask=place", R"({"place": "{text}"})"),
        Post(kSecretariat, "{it}:start", R"({"startDate": {today}})"),
        Post(kSecretariat, "{it}:open", R"({"openDate": {today}})"),
        Post(kSecretariat, "{it}:close", R"({"closeDate": {today}, "reason": "迁址"})")}},
  };
}

}  // namespace chanyan::fault
