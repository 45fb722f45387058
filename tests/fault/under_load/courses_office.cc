#include "tests/fault/under_load/course_lists.h"
#include "tests/fault/under_load/course_sheets.h"

namespace chanyan::fault {
namespace {

constexpr Actor kResearchOffice = Actor::kResearchOffice;
constexpr Actor kEnterprise = Actor::kEnterprise;
constexpr Actor kAdministrator = Actor::kAdministrator;

}  // namespace

std::vector<Course> OfficeCourses() {
  return {
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
