// REG-10, generated from the linked protos: every list of registry and pairing goes in and out as
// .xlsx, or it stands in the table below with the reason why it does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/auth/policy_check.h"

namespace chanyan::auth {
namespace {

using ::testing::IsEmpty;

// Which way a list does not go.
enum Missing { kImport, kBoth };

struct OneWay {
  const char* list;
  Missing missing;
  const char* why;
};

constexpr OneWay kOneWay[] = {
    {"ListBookings", kImport, "a time is granted against the instrument's diary, one by one"},
    {"ListPlatformAttachments", kBoth, "files"},
    {"ListProjectFiles", kBoth, "files"},
    {"ListCooperationFiles", kBoth, "files"},
    // Figures and histories of other lists.
    {"ListUtilisation", kImport, "reckoned of bookings and use records"},
    {"ListUnpaired", kBoth, "ListUnpairedEnterprises without its follow-up"},
    {"ListOrganizationEvents", kImport, "history of organizations"},
    {"ListPlatformRevisions", kImport, "what platforms' own sheet has made of published ones"},
    {"ListReferenceVersions", kImport, "history of the duty lists and dividends"},
    {"ListReportVersions", kImport, "history of progress reports"},
    {"ListUnansweredContacts", kImport, "contacts that are due, read in by the contacts' sheet"},
    {"ListOverdueProblems", kImport, "problems that are due, read in by the problems' sheet"},
    // Single decisions, each with its person.
    {"ListDuplicates", kImport, "offered for decision, never decided by file"},
    {"ListDistinctPairs", kImport, "decided one by one, never by file"},
    {"ListDismissals", kImport, "feedback on one suggestion, given where it is shown"},
    // Data of the policy pack: imported by tools/taxonomies (decision 0015).
    {"ListTaxonomies", kImport, "imported into the pack's files"},
};

// Lists whose sheets have another name.
const std::map<std::string, std::string>& SheetsOf() {
  static const auto& sheets = *new std::map<std::string, std::string>{
      {"ProgressReports", "Progress"},
      {"Rosters", "Roster"},
      {"UnpairedEnterprises", "Outreach"},
  };
  return sheets;
}

struct Methods {
  std::vector<std::string> lists;
  std::set<std::string> all;
};

Methods MethodsOfRegistryAndPairing() {
  Methods methods;
  for (const auto* file : LinkedFiles()) {
    if (file->package() != "chanyan.registry.v1" && file->package() != "chanyan.pairing.v1") {
      continue;
    }
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const std::string& name = file->service(s)->method(m)->name();
        methods.all.insert(name);
        if (absl::StartsWith(name, "List")) methods.lists.push_back(name);
      }
    }
  }
  return methods;
}

TEST(ListExchangeTest, EveryListGoesInAndOutOrItIsSaidWhyNot) {
  const Methods methods = MethodsOfRegistryAndPairing();
  ASSERT_GT(methods.lists.size(), 30u) << "are the protos linked?";
  std::map<std::string, Missing> known;
  for (const OneWay& row : kOneWay) {
    EXPECT_TRUE(methods.all.contains(row.list)) << row.list << ": no such list";
    EXPECT_TRUE(known.emplace(row.list, row.missing).second) << row.list << " stands twice";
  }
  std::vector<std::string> wrong;
  for (const std::string& list : methods.lists) {
    const std::string what(absl::StripPrefix(list, "List"));
    const auto other = SheetsOf().find(what);
    const auto goes = [&](const char* way) {
      return methods.all.contains(way + what) ||
             (other != SheetsOf().end() && methods.all.contains(way + other->second));
    };
    const bool exports = goes("Export");
    const bool imports = goes("Import");
    const auto row = known.find(list);
    const bool may_lack_import = row != known.end();
    const bool may_lack_export = may_lack_import && row->second == kBoth;
    if (!exports && !may_lack_export) wrong.push_back(list + " has no export");
    if (!imports && !may_lack_import) wrong.push_back(list + " has no import");
    if ((exports && may_lack_export) || (imports && may_lack_import)) {
      wrong.push_back(list + " goes the way that the table denies");
    }
  }
  EXPECT_THAT(wrong, IsEmpty());
}

}  // namespace
}  // namespace chanyan::auth
