#include "tests/fault/under_load/course_lists.h"
#include "tests/fault/under_load/course_sheets.h"

namespace chanyan::fault {
namespace {

constexpr Actor kSecretariat = Actor::kSecretariat;
constexpr Actor kResearchOffice = Actor::kResearchOffice;
constexpr Actor kOtherOffice = Actor::kOtherOffice;
constexpr Actor kUnit = Actor::kUnit;

}  // namespace

std::vector<Course> PairingImportCourses() {
  return {
      {"import of intents",
       "pairing",
       {"operation"},
       {Import(kResearchOffice, "intents:beginImport?fileName=x.xlsx", &Offers)},
       {"intent", "title"}},
      {"import of contacts",
       "pairing",
       {},
       {Import(kUnit, "outreaches/attempts:beginImport?fileName=x.xlsx", &Calls)},
       {"contact_attempt", "content"}},
      {"import of outreaches",
       "pairing",
       {},
       {Import(kUnit, "outreaches:beginImport?fileName=x.xlsx", &Arrangement)}},
      {"import of rosters",
       "pairing",
       {"roster"},
       {Import(kSecretariat, "rosters/{rosterDay}:beginImport?fileName=x.xlsx", &Roster)},
       {"roster_entry", "industry", kUnpaired}},
      {"import of projects",
       "pairing",
       {},
       {Of("organization", At("registry", Post(kSecretariat, "organizations", "{newEnterprise}"))),
        Import(kOtherOffice, "projects:beginImport?fileName=x.xlsx", &Pairs)},
       {"project", "title", 1}},
      {"import of notes",
       "pairing",
       {},
       {Import(kResearchOffice, "{project}/contacts:beginImport?fileName=x.xlsx", &Notes)},
       {"contact", "content"}},
      {"import of problems",
       "pairing",
       {},
       {Import(kResearchOffice, "{project}/problems:beginImport?fileName=x.xlsx", &Problems)},
       {"problem", "content"}},
      {"import of outcomes",
       "pairing",
       {},
       {Import(kResearchOffice, "{project}/outcomes:beginImport?fileName=x.xlsx", &Outcomes)},
       {"outcome", "description"},
       /*counts=*/true},
      {"import of agreements",
       "pairing",
       {},
       {Import(kResearchOffice, "{project}/agreements:beginImport?fileName=x.xlsx", &Supplements)},
       {"agreement", "number"}},
      {"import of progress",
       "pairing",
       {},
       {Import(kResearchOffice, "{project}/reports:beginImport?fileName=x.xlsx", &Progress)},
       {"report_version", "progress", kProgressRows}},
      {"import of frame agreements",
       "pairing",
       {},
       {Import(kSecretariat, "frameAgreements:beginImport?fileName=x.xlsx", &FrameAgreements)},
       {"frame_agreement", "title"}},
      {"import of conferences",
       "pairing",
       {},
       {Import(kSecretariat, "conferences:beginImport?fileName=x.xlsx", &Conferences)},
       {"conference", "title"}},
      {"import of follow-ups",
       "pairing",
       {},
       {Import(kSecretariat, "conferences/followUps:beginImport?fileName=x.xlsx", &Tasks)},
       {"follow_up", "task"}},
      {"import of bases",
       "pairing",
       {},
       {Import(kSecretariat, "coBuiltBases:beginImport?fileName=x.xlsx", &Bases)},
       {"co_built_base", "title"}},
  };
}

}  // namespace chanyan::fault
