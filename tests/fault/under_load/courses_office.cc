#include "tests/fault/under_load/course_lists.h"
#include "tests/fault/under_load/course_sheets.h"

namespace chanyan::fault {
namespace {

constexpr Actor kSecretariat = Actor::kSecretariat;
constexpr Actor kResearchOffice = Actor::kResearchOffice;
constexpr Actor kEnterprise = Actor::kEnterprise;
constexpr Actor kPlatformManager = Actor::kPlatformManager;
constexpr Actor kUnit = Actor::kUnit;
constexpr Actor kAdministrator = Actor::kAdministrator;

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

}  // namespace

std::vector<Course> OfficeCourses() {
  return {
      // A quarter of its own, from the opening until what came of it stands in the projects.
      {"cycle",
       "cycle",
       {"cycle", "form", "form_version", "handover", "package", "operation"},
       {Post(kSecretariat, "cycles/{fresh}:open", R"({"rehearsalClock": "{morning}"})"),
        Of("form",
           Names("{cycle}/forms/university",
                 FormSheet(kResearchOffice, "{cycle}/forms/university:import?fileName=x.xlsx"))),
        Of("form", Post(kResearchOffice, "{it}:submit")),
        Of("form", Post(kSecretariat, "{it}:return", R"({"reasons": ["请写明进展"]})")),
        Part(Post(kResearchOffice, "{cycle}/forms/university/parts:issue",
                  R"({"platforms": ["{platform}"]})")),
        Part(FormSheet(kPlatformManager, "{part}:import?fileName=x.xlsx")),
        Part(Post(kPlatformManager, "{part}:submit")),
        Part(Post(kResearchOffice, "{part}:accept")),
        FormImport(),
        Of("form", Post(kResearchOffice, "{it}:submit")),
        Of("form", Post(kSecretariat, "{it}:accept")),
        Post(kSecretariat, "{cycle}:closeStep", R"({"step": 1, "reason": "已报齐"})"),
        Quarter("distribution", Post(kSecretariat, "{cycle}:distributeForms")),
        Receipt(kUnit),
        Quarter("distribution", Post(kUnit, "{cycle}:distributeToEnterprises")),
        Receipt(kEnterprise),
        ReturnImport(),
        Quarter("form", Post(kEnterprise, "{cycle}:submitReturns",
                             R"({"enterprise": "{partner}", "noChange": true})")),
        Post(kSecretariat, "{cycle}:advanceClock", R"({"clock": "{evening}"})"),
        Receipt(kUnit),
        InPieces(Quarter("package", Post(kUnit, "{cycle}:submitPackages"))),
        Receipt(kSecretariat),
        Brings("{project}/reports/{its}",
               InPieces(Quarter("package", Post(kSecretariat, "{cycle}:returnToUniversities")))),
        Receipt(kResearchOffice)}},
      {"import of results",
       "triage",
       {"operation"},
       {Import(kResearchOffice, "results:beginImport?fileName=x.xlsx", &Results)},
       {"result", "title"}},
      {"import of demands",
       "triage",
       {"demand"},
       {Import(kEnterprise, "demands:beginImport?fileName=x.xlsx", &Demands)},
       {"demand", "title"}},
      // Each client has accounts of its own, which come to do this and that.
      {"account",
       "identity",
       {"account"},
       {Patch(kAdministrator, "{account}?updateMask=displayName,roles",
              R"({"displayName": "{text}", "roles": ["ROLE_DEPARTMENT"]})"),
        Contended(Patch(kAdministrator, "{it}?updateMask=displayName,roles",
                        R"({"displayName": "{text}", "roles": ["ROLE_UNIT"]})"))}},
  };
}

}  // namespace chanyan::fault
