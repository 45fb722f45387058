// Every import of the suite with files as strangers send them (REG-10). The list is made from the
// descriptors, so that a new import is in it by being served.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/auth/policy_check.h"
#include "common/db/database.h"
#include "common/sheet/table.h"
#include "common/sheet/writer.h"
#include "common/status/status.h"
#include "google/api/annotations.pb.h"
#include "tests/e2e/through_gateway/city.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::HttpReply;
using ::chanyan::testing::Json;

constexpr char kXlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr absl::Duration kPatience = absl::Seconds(20);

struct Import {
  std::string method;
  // With names of things that are there, or of the shape that they have.
  std::string path;
  std::string role;
  // It begins an operation, which says later what became of it.
  bool begins;
};

// The universities whose form of the quarter was accepted, and whose platform has its part of one.
constexpr char kReported[] = "demo-university";
constexpr char kInParts[] = "part-university";
constexpr char kPlatform[] = "demo-platform";

bool IsOfPart(const std::string& path) { return absl::StrContains(path, "/parts/"); }

// "/v1/{parent=projects/*}/contacts:import" with a name for each star. A collection that this does
// not know is one of a new import: what stands in it is to be said here.
std::string Filled(const std::string& path) {
  static const std::map<std::string, std::string>* const kIds =
      new std::map<std::string, std::string>{{"projects", "-"},
                                             {"rosters", "2025-04-01"},
                                             {"cycles", "2025q2"},
                                             {"forms", kReported},
                                             {"parts", kPlatform}};
  std::string filled;
  std::string collection;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '*') {
      const auto id = kIds->find(collection);
      if (id == kIds->end()) {
        ADD_FAILURE() << path << ": nothing is known of " << collection;
        return "";
      }
      filled += collection == "forms" && IsOfPart(path) ? kInParts : id->second;
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

// Of the services that the suite has: whatever is called an import.
std::vector<Import> Imports(const std::vector<std::string>& served) {
  std::vector<Import> imports;
  for (const auto* file : auth::LinkedFiles()) {
    const std::vector<std::string> package = absl::StrSplit(file->package(), '.');
    if (package.size() < 2 || std::find(served.begin(), served.end(), package[1]) == served.end()) {
      continue;
    }
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const auto* method = file->service(s)->method(m);
        const bool begins = absl::StartsWith(method->name(), "BeginImport");
        if (!begins && !absl::StartsWith(method->name(), "Import")) continue;
        const std::string& path = method->options().GetExtension(google::api::http).post();
        EXPECT_TRUE(absl::EndsWith(path, begins ? ":beginImport" : ":import"))
            << method->full_name() << " is no import of a file: " << path;
        const auto& policy = method->options().GetExtension(options::v1::method);
        imports.push_back(
            {method->full_name(), Filled(path), options::v1::Role_Name(policy.roles(0)), begins});
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

// What was written down, but for the operations themselves.
int64_t Entries(City& city) {
  int64_t entries = 0;
  for (const std::string& service : city.suite().services()) {
    if (service == "identity" || service == "gateway") continue;
    const auto db = db::Database::Open(city.suite().DatabaseOf(service));
    EXPECT_TRUE(db.ok()) << db.status();
    const absl::Status read = (*db)->Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(
          const db::Rows rows,
          session.Query("SELECT COUNT(*) FROM journal WHERE type NOT LIKE '%Operation'"));
      entries += std::get<int64_t>(rows.rows[0][0]);
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
  }
  return entries;
}

// The form of a platform that offers itself.
std::string FilledForm() {
  cycle::v1::Row row;
  row.set_platform_title("演示实验室");
  row.set_category(cycle::v1::ROW_CATEGORY_INTENT);
  row.set_title("结对意向（演示）");
  row.set_content("愿与企业共建");
  sheet::Writer writer({.created = absl::UnixEpoch(), .title = "季度报表"});
  sheet::TableWriter table(writer, "季度报表", cycle::v1::Row::descriptor());
  table.Add(row);
  table.Finish();
  return *std::move(writer).Finish();
}

// A quarter in which one university's form has been accepted, so that everybody may read it, and a
// platform of another fills in its part.
void OpenQuarter(City& city) {
  const auto must = [](const HttpReply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body << reply.failure;
    return reply.json().At("name");
  };
  const auto publish = [&](testing::Api& office, const std::string& university) {
    const std::string platform =
        "/v1/" + must(office.Post(absl::StrCat("/v1/organizations/", university,
                                               "/platforms?platformId=", kPlatform),
                                  PlatformBody("演示实验室")));
    must(office.Post(platform + ":submit", "{}"));
    must(city.secretariat().Post(platform + ":publish", "{}"));
  };
  testing::Api in_parts = city.suite().As(
      "ROLE_RESEARCH_OFFICE", city.Organization(kInParts, "UNIVERSITY", "演示分报大学"));
  publish(city.research_office(), kReported);
  publish(in_parts, kInParts);
  // In its first days.
  must(city.secretariat().Post("/v1/cycles/2025q2:open",
                               R"({"rehearsalClock":"2025-04-02T01:00:00Z"})"));
  const auto form = [](const char* university) {
    return absl::StrCat("/v1/cycles/2025q2/forms/", university);
  };
  const HttpReply parts = in_parts.Post(form(kInParts) + "/parts:issue", "{}");
  EXPECT_EQ(parts.json().At("partCount"), "1") << parts.body;
  const HttpReply rows = city.research_office().Post(form(kReported) + ":import?fileName=x.xlsx",
                                                     FilledForm(), {{"Content-Type", kXlsx}});
  EXPECT_EQ(rows.status, 200) << rows.body;
  must(city.research_office().Post(form(kReported) + ":submit", "{}"));
  must(city.secretariat().Post(form(kReported) + ":accept", "{}"));
}

// The reason of a refusal, whether at once or by the operation that was begun.
struct Answer {
  int status = 0;
  std::string reason;
  std::string text;
};

Answer Send(testing::Api& caller, const Import& import, const std::string& query,
            const std::string& bytes) {
  const HttpReply reply =
      caller.Post(absl::StrCat(import.path, query), bytes, {{"Content-Type", kXlsx}});
  if (!import.begins || reply.status != 200) {
    return {reply.status, reply.Reason(), reply.body + reply.failure};
  }
  const std::string operation = "/v1/" + reply.json().At("name");
  const absl::Time until = absl::Now() + kPatience;
  HttpReply now;
  do {
    now = caller.Get(operation);
    if (now.json().Has("endTime")) break;
    absl::SleepFor(absl::Milliseconds(5));
  } while (absl::Now() < until);
  const Json json = now.json();
  static const std::map<std::string, int>* const kCodes = new std::map<std::string, int>{
      {"INVALID_ARGUMENT", 400}, {"FAILED_PRECONDITION", 400}, {"NOT_FOUND", 404}};
  const auto code = kCodes->find(json.At("error.code"));
  return {json.At("state") == "OPERATION_STATE_DONE" ? 200
          : code == kCodes->end()                    ? 500
                                                     : code->second,
          json.At("error.reason"), now.body};
}

// What the city's pack or the state of its quarter keeps from being looked at: no file is read.
bool IsElsewhere(const Answer& answer) {
  return answer.status == 404 || answer.reason == "RULE_VIOLATED" || answer.reason == "WRONG_STATE";
}

// Sends everything to every import; returns those that looked at their files.
std::set<std::string> Refusing(City& city, const std::vector<Import>& imports) {
  std::set<std::string> looked;
  const auto files = HostileFiles();
  const int64_t before = Entries(city);
  for (const Import& one : imports) {
    testing::Api caller =
        city.suite().As(one.role, one.role == "ROLE_ENTERPRISE" ? city.enterprise()
                                  : IsOfPart(one.path) ? absl::StrCat("organizations/", kInParts)
                                                       : city.university());
    const std::string query =
        absl::StrCat("?fileName=x.xlsx", absl::StrContains(one.path, "/returns:")
                                             ? absl::StrCat("&enterprise=", city.enterprise())
                                             : "");
    for (const auto& [what, bytes] : files) {
      const Answer answer = Send(caller, one, query, bytes);
      if (IsElsewhere(answer)) continue;
      looked.insert(one.method);
      EXPECT_EQ(answer.status, 400)
          << one.method << " " << one.path << ", " << what << ": " << answer.text;
      if (bytes.empty()) continue;
      EXPECT_EQ(answer.reason, "INVALID_FILE") << one.method << ", " << what << ": " << answer.text;
    }
  }
  EXPECT_EQ(Entries(city), before);
  return looked;
}

TEST(HostileImportTest, EveryImportRefusesWhatIsNoSheetOfItsKind) {
  std::set<std::string> looked;
  std::vector<Import> imports;
  // Joint conferences are of Linyi's pack; quarters, results and consortia of Qingdao's.
  const std::map<std::string, std::vector<std::string>> cities = {
      {"qingdao", {}}, {"linyi", {"cycle", "triage", "consortium"}}};
  for (const auto& [name, without] : cities) {
    City city(
        {.city = name, .without = without, .flags = {{"cycle", {"--open_running_quarter=false"}}}});
    if (without.empty()) OpenQuarter(city);
    const std::vector<Import> served = Imports(city.suite().services());
    looked.merge(Refusing(city, served));
    if (without.empty()) imports = served;
  }
  ASSERT_GT(imports.size(), 40u);
  for (const Import& one : imports) {
    EXPECT_TRUE(looked.contains(one.method)) << one.method << " looked at no file in any city";
  }
}

}  // namespace
}  // namespace chanyan::e2e
