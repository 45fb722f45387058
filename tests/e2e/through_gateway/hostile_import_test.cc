// Every import of the suite with files as strangers send them (REG-10). The list is made from the
// descriptors, so that a new import is in it by being served.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/digest.h"
#include "common/auth/policy_check.h"
#include "common/db/database.h"
#include "common/sheet/table.h"
#include "common/sheet/writer.h"
#include "common/status/status.h"
#include "google/api/annotations.pb.h"
#include "tests/e2e/through_gateway/city.h"
#include "tests/e2e/through_gateway/hostile_files.h"

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

// As the cycle calls the part of that platform.
std::string PartId() {
  return api::DigestId("p", absl::StrCat("organizations/", kInParts, "/platforms/", kPlatform));
}

bool IsOfPart(const std::string& path) { return absl::StrContains(path, "/parts/"); }

// "/v1/{parent=projects/*}/contacts:import" with a name for each star. A collection that this does
// not know is one of a new import: what stands in it is to be said here.
std::string Filled(const std::string& path) {
  static const std::map<std::string, std::string>* const kIds =
      new std::map<std::string, std::string>{{"projects", "-"},
                                             {"rosters", "2025-04-01"},
                                             {"cycles", "2025q2"},
                                             {"forms", kReported},
                                             {"parts", PartId()}};
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

// What its rows are, by the name of the method behind Import. An import that this does not know is
// a new one: what it reads is to be said here.
const google::protobuf::Descriptor* RowOf(const std::string& method) {
  static const auto& rows =
      *new std::map<std::string, std::string>{{"Organizations", "registry.v1.Organization"},
                                              {"Platforms", "registry.v1.Platform"},
                                              {"Instruments", "registry.v1.Instrument"},
                                              {"UseRecords", "registry.v1.UseRecord"},
                                              {"IndustryDuties", "registry.v1.IndustryDuty"},
                                              {"TaskForceMembers", "registry.v1.TaskForceMember"},
                                              {"PolicyDividends", "registry.v1.PolicyDividend"},
                                              {"Intents", "pairing.v1.Intent"},
                                              {"Projects", "pairing.v1.ProjectRow"},
                                              {"Roster", "pairing.v1.RosterEntry"},
                                              {"Contacts", "pairing.v1.ContactRow"},
                                              {"Problems", "pairing.v1.ProblemRow"},
                                              {"Outcomes", "pairing.v1.OutcomeRow"},
                                              {"Agreements", "pairing.v1.AgreementRow"},
                                              {"Progress", "pairing.v1.ProgressRow"},
                                              {"ContactAttempts", "pairing.v1.ContactAttempt"},
                                              {"Outreach", "pairing.v1.UnpairedEnterprise"},
                                              {"FrameAgreements", "pairing.v1.FrameAgreement"},
                                              {"Conferences", "pairing.v1.ConferenceRow"},
                                              {"FollowUps", "pairing.v1.FollowUpRow"},
                                              {"CoBuiltBases", "pairing.v1.CoBuiltBase"},
                                              {"Form", "cycle.v1.Row"},
                                              {"Return", "cycle.v1.Row"},
                                              {"Part", "cycle.v1.Row"},
                                              {"Results", "triage.v1.Result"},
                                              {"Demands", "triage.v1.Demand"}};
  const auto row = rows.find(method.substr(method.rfind("Import") + std::strlen("Import")));
  const auto* found =
      row == rows.end() ? nullptr
                        : google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
                              absl::StrCat("chanyan.", row->second));
  if (found == nullptr) ADD_FAILURE() << method << ": nothing is known of its rows";
  return found;
}

// Filled by imports, entry by entry in the journal or not.
constexpr const char* kImported[] = {
    "organization",    "platform",       "platform_revision", "instrument",
    "use_record",      "intent",         "project",           "roster",
    "roster_entry",    "contact",        "problem",           "outcome",
    "agreement",       "report_version", "contact_attempt",   "conference",
    "follow_up",       "co_built_base",  "frame_agreement",   "form_row",
    "result",          "demand",         "industry_duty",     "task_force_member",
    "policy_dividend", "outreach"};

// What was written down, but for the operations themselves: entries of journals and rows.
int64_t Written(City& city) {
  int64_t written = 0;
  for (const std::string& service : city.suite().services()) {
    if (service == "identity" || service == "gateway") continue;
    const auto db = db::Database::Open(city.suite().DatabaseOf(service));
    EXPECT_TRUE(db.ok()) << db.status();
    const absl::Status read = (*db)->Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(
          const db::Rows entries,
          session.Query("SELECT COUNT(*) FROM journal WHERE type NOT LIKE '%Operation'"));
      written += std::get<int64_t>(entries.rows[0][0]);
      CHANYAN_ASSIGN_OR_RETURN(
          const db::Rows tables,
          session.Query(
              "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"));
      for (const db::Values& table : tables.rows) {
        const auto& name = std::get<std::string>(table[0]);
        if (std::find(std::begin(kImported), std::end(kImported), name) == std::end(kImported)) {
          continue;
        }
        CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows,
                                 session.Query(absl::StrCat("SELECT COUNT(*) FROM ", name)));
        written += std::get<int64_t>(rows.rows[0][0]);
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
  }
  return written;
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
  // Who gives a form back has a unit that it goes to.
  const std::string unit = city.Organization("demo-unit", "FUNCTIONAL_ZONE", "演示功能区");
  must(city.secretariat().Patch(absl::StrCat("/v1/", city.enterprise(), "?updateMask=unit"),
                                absl::StrCat("{\"unit\":\"", unit, "\"}")));
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
  // Place → what is wrong there.
  std::vector<std::pair<std::string, std::string>> violations;
};

void AddViolations(const Json& json, const std::string& list, Answer* answer) {
  for (int i = 0; i < json.Size(list); ++i) {
    const std::string one = absl::StrCat(list, ".", i);
    answer->violations.emplace_back(json.At(one + ".field"), json.At(one + ".description"));
  }
}

Answer Send(testing::Api& caller, const Import& import, const std::string& query,
            const std::string& bytes) {
  const HttpReply reply =
      caller.Post(absl::StrCat(import.path, query), bytes, {{"Content-Type", kXlsx}});
  if (!import.begins || reply.status != 200) {
    Answer answer = {reply.status, reply.Reason(), reply.body + reply.failure};
    for (int i = 0; i < reply.json().Size("error.details"); ++i) {
      AddViolations(reply.json(), absl::StrCat("error.details.", i, ".fieldViolations"), &answer);
    }
    return answer;
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
  Answer answer = {json.At("state") == "OPERATION_STATE_DONE" ? 200
                   : code == kCodes->end()                    ? 500
                                                              : code->second,
                   json.At("error.reason"), now.body};
  AddViolations(json, "error.violations", &answer);
  return answer;
}

// What the city's pack or the state of its quarter keeps from being looked at: no file is read.
bool IsElsewhere(const Answer& answer) {
  return answer.status == 404 || answer.reason == "RULE_VIOLATED" || answer.reason == "WRONG_STATE";
}

// Whether it says in Chinese what is wrong, where the file is.
bool NamesThePlace(const Answer& answer, const std::string& place) {
  for (const auto& [field, description] : answer.violations) {
    if (field == place && !description.empty() && (description[0] & 0x80) != 0) return true;
  }
  return false;
}

// Import → what kept it from looking at a file; empty if it has looked at all of them.
using Unseen = std::map<std::string, std::string>;

// Sends everything to every import that has not looked at all of its files yet.
void Refuse(City& city, const std::vector<Import>& imports, Unseen* unseen) {
  const int64_t before = Written(city);
  for (const Import& one : imports) {
    const auto* row = RowOf(one.method);
    const auto known = unseen->find(one.method);
    if (row == nullptr || (known != unseen->end() && known->second.empty())) continue;
    testing::Api caller =
        city.suite().As(one.role, one.role == "ROLE_ENTERPRISE" ? city.enterprise()
                                  : IsOfPart(one.path) ? absl::StrCat("organizations/", kInParts)
                                                       : city.university());
    const std::string query = absl::StrCat("?fileName=", kHostileName,
                                           absl::StrContains(one.path, "/returns:")
                                               ? absl::StrCat("&enterprise=", city.enterprise())
                                               : "");
    std::string& kept = (*unseen)[one.method];
    kept.clear();
    for (const HostileFile& file : HostileFiles(row)) {
      const Answer answer = Send(caller, one, query, file.bytes);
      if (IsElsewhere(answer)) {
        kept = absl::StrCat(file.what, ": ", answer.text);
        continue;
      }
      const std::string what = absl::StrCat(one.method, ", ", file.what, ": ", answer.text);
      EXPECT_EQ(answer.status, 400) << what;
      if (file.bytes.empty()) continue;
      EXPECT_EQ(answer.reason, file.reason) << what;
      EXPECT_TRUE(NamesThePlace(answer, file.place)) << "not at " << file.place << ": " << what;
    }
  }
  EXPECT_EQ(Written(city), before) << "half imported";
}

TEST(HostileImportTest, EveryImportRefusesWhatIsNoSheetOfItsKind) {
  Unseen unseen;
  std::vector<Import> imports;
  // Joint conferences are of Linyi's pack; quarters, results and consortia of Qingdao's.
  const std::map<std::string, std::vector<std::string>> cities = {
      {"qingdao", {}}, {"linyi", {"cycle", "triage", "consortium"}}};
  for (const auto& [name, without] : cities) {
    City city(
        {.city = name, .without = without, .flags = {{"cycle", {"--open_running_quarter=false"}}}});
    if (without.empty()) OpenQuarter(city);
    const std::vector<Import> served = Imports(city.suite().services());
    Refuse(city, served, &unseen);
    if (without.empty()) imports = served;
  }
  ASSERT_GT(imports.size(), 40u);
  for (const Import& one : imports) {
    EXPECT_EQ(unseen[one.method], "") << one.method << " looked at all of its files in no city";
  }
}

}  // namespace
}  // namespace chanyan::e2e
