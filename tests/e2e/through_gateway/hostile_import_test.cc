// Every import of the suite with files as strangers send them (REG-10). The list is made from the
// descriptors, so that a new import is in it by being served.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/auth/policy_check.h"
#include "common/db/database.h"
#include "common/sheet/writer.h"
#include "common/status/status.h"
#include "google/api/annotations.pb.h"
#include "tests/e2e/through_gateway/city.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::HttpReply;

constexpr char kXlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

struct Import {
  std::string method;
  // With names of things that are there, or of the shape that they have.
  std::string path;
  std::string role;
};

// "/v1/{parent=projects/*}/contacts:import" with a name for each star.
std::string Filled(const std::string& path, const std::string& university) {
  static const std::map<std::string, std::string>* const kIds =
      new std::map<std::string, std::string>{
          {"projects", "-"}, {"rosters", "2025-04-01"}, {"cycles", "2025q2"}};
  std::string filled;
  std::string collection;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '*') {
      const auto id = kIds->find(collection);
      filled += id != kIds->end() ? id->second : university.substr(university.find('/') + 1);
    } else if (path[i] == '{') {
      i = path.find('=', i);
    } else if (path[i] != '}') {
      filled.push_back(path[i]);
    }
    if (path[i] == '/') continue;
    const size_t slash = filled.rfind('/');
    collection = filled.substr(slash == std::string::npos ? 0 : slash + 1);
  }
  return filled;
}

// Of the services that the suite has.
std::vector<Import> Imports(City& city) {
  std::vector<Import> imports;
  const std::vector<std::string>& served = city.suite().services();
  for (const auto* file : auth::LinkedFiles()) {
    const std::vector<std::string> package = absl::StrSplit(file->package(), '.');
    if (package.size() < 2 || std::find(served.begin(), served.end(), package[1]) == served.end()) {
      continue;
    }
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const auto* method = file->service(s)->method(m);
        const std::string& path = method->options().GetExtension(google::api::http).post();
        if (!absl::EndsWith(path, ":import")) continue;
        const auto& policy = method->options().GetExtension(options::v1::method);
        imports.push_back({method->full_name(), Filled(path, city.university()),
                           options::v1::Role_Name(policy.roles(0))});
      }
    }
  }
  return imports;
}

// A workbook whose columns no list has.
std::string ForeignSheet() {
  sheet::Writer writer({.created = absl::UnixEpoch(), .title = "表"});
  sheet::SheetWriter& page = writer.AddSheet("表", {});
  for (const char* cell : {"口令", "=HYPERLINK(\"http://x\")"}) {
    page.NewRow();
    page.Text(cell);
  }
  return *std::move(writer).Finish();
}

std::map<std::string, std::string> HostileFiles() {
  const std::string foreign = ForeignSheet();
  return {{"nothing", ""},
          {"no archive", "PK not really"},
          {"a page", "<html><script>alert(1)</script></html>"},
          {"an old workbook",
           std::string("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) + std::string(600, '\0')},
          {"zeros", std::string(100'000, '\0')},
          {"half of a workbook", foreign.substr(0, foreign.size() / 2)},
          {"another sheet", foreign}};
}

int64_t Entries(City& city) {
  int64_t entries = 0;
  for (const char* service : {"registry", "pairing", "cycle", "triage"}) {
    const auto db = db::Database::Open(city.suite().DatabaseOf(service));
    EXPECT_TRUE(db.ok()) << db.status();
    const absl::Status read = (*db)->Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query("SELECT COUNT(*) FROM journal"));
      entries += std::get<int64_t>(rows.rows[0][0]);
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
  }
  return entries;
}

// What keeps an import from looking at its file at all, and is answered first.
bool IsElsewhere(const Import& one, const HttpReply& reply) {
  // A form's cycle must be there.
  if (absl::StrContains(one.path, "/forms/")) return reply.status == 404;
  // This city's pack has no frame cooperation.
  if (absl::StrContains(one.method, "CooperationService")) return reply.Reason() == "RULE_VIOLATED";
  return false;
}

TEST(HostileImportTest, EveryImportRefusesWhatIsNoSheetOfItsKind) {
  City city;
  const std::vector<Import> imports = Imports(city);
  ASSERT_GT(imports.size(), 12u);
  const auto files = HostileFiles();
  const int64_t before = Entries(city);
  for (const Import& one : imports) {
    testing::Api caller = city.suite().As(
        one.role, one.role == "ROLE_ENTERPRISE" ? city.enterprise() : city.university());
    const std::string enterprise = absl::EndsWith(one.path, "/returns:import")
                                       ? absl::StrCat("&enterprise=", city.enterprise())
                                       : "";
    for (const auto& [what, bytes] : files) {
      const HttpReply reply = caller.Post(absl::StrCat(one.path, "?fileName=x.xlsx", enterprise),
                                          bytes, {{"Content-Type", kXlsx}});
      if (IsElsewhere(one, reply)) continue;
      EXPECT_EQ(reply.status, 400)
          << one.method << " " << one.path << ", " << what << ": " << reply.body << reply.failure;
      if (bytes.empty()) continue;
      EXPECT_EQ(reply.Reason(), "INVALID_FILE") << one.method << ", " << what << ": " << reply.body;
    }
  }
  EXPECT_EQ(Entries(city), before);
}

}  // namespace
}  // namespace chanyan::e2e
