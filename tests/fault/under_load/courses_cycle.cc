// Quarters: from the opening until what came of one stands in the projects and with the platforms;
// what is met, held and disputed in one; its boards; and the plans that run beside them.
#include "tests/fault/under_load/course_lists.h"
#include "tests/fault/under_load/course_sheets.h"

namespace chanyan::fault {
namespace {

constexpr Actor kSecretariat = Actor::kSecretariat;
constexpr Actor kResearchOffice = Actor::kResearchOffice;
constexpr Actor kEnterprise = Actor::kEnterprise;
constexpr Actor kPlatformManager = Actor::kPlatformManager;
constexpr Actor kUnit = Actor::kUnit;

constexpr char kReasons[] = R"({"reasons": ["请写明进展"]})";
constexpr char kReason[] = R"({"reason": "演示原因"})";

// What is done to the quarter as a whole.
Act Quarter(const char* what, Act act) { return Of(what, Names("{cycle}", act)); }
Act Receipt(Actor actor) { return Quarter("receipt", Post(actor, "{cycle}/handovers:receive")); }
Act FormSheet(Actor actor, const char* path) {
  Act act = Post(actor, path, "");
  act.sheet = &Form;
  return act;
}
// What is done to the platform's part; whoever goes on goes on with the form.
Act Part(Act act) { return Of("part", Names("{cycle}/forms/university", act)); }
// The form is filled in again by a file, and so is what an enterprise gives back, in the
// background. Whoever goes on waits for the end of it, whatever it is.
Act FormImport() {
  return Of(
      "import of a form",
      Until("endTime", Names("{cycle}/forms/university",
                             FormSheet(kResearchOffice,
                                       "{cycle}/forms/university:beginImport?fileName=x.xlsx"))));
}
Act ReturnImport() {
  return Quarter(
      "import of a return",
      Until("endTime", FormSheet(kEnterprise,
                                 "{cycle}/forms/university/"
                                 "returns:beginImport?enterprise={partner}&fileName=x.xlsx")));
}

Act Open(const char* body) { return Of("cycle", Post(kSecretariat, "cycles/{fresh}:open", body)); }
// What the enterprise holds goes to its unit, as it is.
Act GiveBack() {
  return Quarter("form", Post(kEnterprise, "{cycle}:submitReturns",
                              R"({"enterprise": "{partner}", "noChange": true})"));
}
Act Pack() { return InPieces(Quarter("package", Post(kUnit, "{cycle}:submitPackages"))); }

Course WholeQuarter() {
  return {
      "cycle",
      "cycle",
      {"cycle", "form", "form_version", "handover", "package", "return_exception", "operation"},
      {Open(R"({"rehearsalClock": "{morning}"})"),
       Of("form",
          Names("{cycle}/forms/university",
                FormSheet(kResearchOffice, "{cycle}/forms/university:import?fileName=x.xlsx"))),
       Of("form", Post(kResearchOffice, "{it}:submit")),
       Of("form", Post(kSecretariat, "{it}:return", kReasons)),
       Part(Post(kResearchOffice, "{cycle}/forms/university/parts:issue",
                 R"({"platforms": ["{platform}"]})")),
       Part(FormSheet(kPlatformManager, "{part}:import?fileName=x.xlsx")),
       Part(Post(kPlatformManager, "{part}:submit")), Part(Post(kResearchOffice, "{part}:accept")),
       FormImport(), Of("form", Post(kResearchOffice, "{it}:submit")),
       Of("form", Post(kSecretariat, "{it}:accept")),
       Post(kSecretariat, "{cycle}:closeStep", R"({"step": 1, "reason": "已报齐"})"),
       Quarter("distribution", Post(kSecretariat, "{cycle}:distributeForms")), Receipt(kUnit),
       Quarter("distribution", Post(kUnit, "{cycle}:distributeToEnterprises")),
       Receipt(kEnterprise), ReturnImport(), GiveBack(),
       Post(kSecretariat, "{cycle}:advanceClock", R"({"clock": "{evening}"})"), Receipt(kUnit),
       Pack(), Receipt(kSecretariat),
       // All the way back to the enterprise, which may be late with it, and once more from there.
       Beside(Of("package", Post(kSecretariat, "{cycle}/packages/partner:return", kReasons))),
       Beside(Of("form", Post(kSecretariat, "{cycle}:grantReturnException",
                              R"({"enterprise": "{partner}", "until": "{night}",
                                  "reason": "核对后补报"})"))),
       Receipt(kUnit),
       Quarter("form", Post(kUnit, "{cycle}/forms/university/returns:sendBack",
                            R"({"enterprise": "{partner}", "reasons": ["请写明进展"]})")),
       Receipt(kEnterprise), GiveBack(), Receipt(kUnit), Pack(), Receipt(kSecretariat),
       Brings("{project}/reports/{its}",
              InPieces(Quarter("package", Post(kSecretariat, "{cycle}:returnToUniversities")))),
       Receipt(kResearchOffice),
       Part(Post(kResearchOffice, "{cycle}/forms/university/parts:deliver")),
       Part(Post(kPlatformManager, "{part}:receive"))}};
}

// A row that is disputed, and a part that the university sends back and fills in itself in the end.
Course PartTakenBack() {
  return {"part taken back",
          "cycle",
          {"row_dispute"},
          {Open(R"({"rehearsalClock": "{morning}"})"),
           GoesOnIn("rows", Names("{cycle}/forms/university",
                                  FormSheet(kResearchOffice,
                                            "{cycle}/forms/university:import?fileName=x.xlsx"))),
           Anyhow(Of("dispute", Post(kResearchOffice, "{it}:dispute", R"({"reason": "{text}"})"))),
           Of("dispute", Post(kSecretariat, "{it}:settle", R"({"finding": "已核对"})")),
           Part(Post(kResearchOffice, "{cycle}/forms/university/parts:issue",
                     R"({"platforms": ["{platform}"]})")),
           Part(FormSheet(kPlatformManager, "{part}:import?fileName=x.xlsx")),
           Part(Post(kPlatformManager, "{part}:submit")),
           Part(Post(kResearchOffice, "{part}:return", kReasons)),
           Part(Post(kResearchOffice, "{part}:reclaim", kReason)),
           Quarter("form", Post(kSecretariat, "{cycle}/forms/university:grantLockException",
                                R"({"until": "{night}", "reason": "系统升级"})")),
           Of("cycle", Post(kSecretariat, "{cycle}:extendStep",
                            R"({"step": 6, "lastDay": {extended}, "reason": "榜单待核"})"))},
          {},
          /*counts=*/false,
          /*lane=*/1};
}

Course Exchange() {
  return {
      "event",
      "cycle",
      {"event", "event_participant", "event_outcome"},
      {Open(R"({"rehearsalClock": "{morning}"})"),
       Post(kSecretariat, "{cycle}/events",
            R"({"kind": "EVENT_KIND_ROADSHOW", "title": "{text}", "startTime": "{noon}",
                    "place": "会议室", "organizations": ["{university}"]})"),
       Patch(kSecretariat, "{it}?updateMask=place", R"({"place": "{text}"})"),
       Names("{it}",
             Post(kSecretariat, "{it}/participants:invite", R"({"organizations": ["{partner}"]})")),
       Beside(Of("answer to an invitation", Post(kEnterprise, "{it}/participants:signUp",
                                                 R"({"peopleCount": 2, "note": "{text}"})"))),
       Beside(Of("answer to an invitation",
                 Post(kResearchOffice, "{it}/participants:decline", kReason))),
       Post(kSecretariat, "{it}:postpone", R"({"startTime": "{afternoon}", "reason": "场地冲突"})"),
       Beside(Of("cycle", Post(kSecretariat, "{cycle}:advanceClock", R"({"clock": "{evening}"})"))),
       Post(kSecretariat, "{it}:hold", R"({"summary": "{text}"})"),
       Names("{it}", Post(kSecretariat, "{it}/participants:recordAttendance",
                          R"({"organizations": ["{partner}"]})")),
       Beside(Post(kSecretariat, "{it}/outcomes",
                   R"({"kind": "EVENT_OUTCOME_KIND_CASE", "title": "{text}"})")),
       Beside(Patch(kSecretariat, "{made}?updateMask=title&reason=more", R"({"title": "{text}"})")),
       Beside(Post(kSecretariat, "{made}:withdraw", kReason)),
       Post(kSecretariat, "{cycle}/events",
            R"({"kind": "EVENT_KIND_POLICY", "title": "{text}", "startTime": "{afternoon}",
                    "place": "会议室"})"),
       Post(kSecretariat, "{it}:cancel", kReason)},
      {},
      /*counts=*/false,
      /*lane=*/2};
}

// A board is reckoned of whatever there is, and objected to.
Course Boards() {
  Act file = Post(kEnterprise, "{it}/evidence?fileName=x.pdf", "{pdf}");
  file.media = "application/pdf";
  return {"board",
          "cycle",
          {"leaderboard", "objection", "objection_evidence"},
          {Open(R"({"rehearsalClock": "{evening}"})"),
           Post(kSecretariat, "{cycle}/leaderboards:compute"), Post(kSecretariat, "{it}:publish"),
           Of("objection", Post(kEnterprise, "{it}/objections",
                                R"({"board": "universities", "content": "{text}"})")),
           Beside(Of("objection", file)),
           Anyhow(Of("objection", Post(kSecretariat, "{it}:decide", R"({"finding": "核对无误"})"))),
           Of("objection", Post(kUnit, "{cycle}/leaderboards/v1/objections",
                                R"({"board": "universities", "content": "{text}"})")),
           Of("objection", Post(kUnit, "{it}:withdraw"))},
          {},
          /*counts=*/false,
          /*lane=*/3};
}

}  // namespace

std::vector<Course> CycleCourses() {
  return {
      WholeQuarter(),
      PartTakenBack(),
      Exchange(),
      Boards(),
      // Each client has a campaign that it puts off, later each time; of those that are held there
      // are few, and others may have been there first.
      {"chain campaign",
       "cycle",
       {"chain_campaign"},
       {Lapses(Post(kSecretariat, "{campaign}:postpone",
                    R"({"firstDate": {walkDay}, "lastDate": {walkDay}, "reason": "{text}"})"))}},
      {"chain campaign",
       "cycle",
       {},
       {Contended(Post(kSecretariat, "{otherCampaign}:hold",
                       R"({"place": "会议室", "summary": "{text}"})"))}},
      {"chain campaign",
       "cycle",
       {},
       {Post(kSecretariat, "{heldCampaign}:recordCases", R"({"cases": ["{text}"]})")}},
      {"action task",
       "cycle",
       {"action_task"},
       {Post(kSecretariat, "{actionTask}:report",
             R"({"state": "ACTION_TASK_STATE_IN_PROGRESS", "content": "{text}"})"),
        Anyhow(Post(kSecretariat, "{it}:setDueDate",
                    R"({"dueDate": {lastDay}, "reason": "{text}"})"))}},
  };
}

}  // namespace chanyan::fault
