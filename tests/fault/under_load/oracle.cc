#include "tests/fault/under_load/oracle.h"

#include <gtest/gtest.h>

#include <iterator>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/database.h"
#include "common/journal/chain.h"
#include "common/journal/reader.h"
#include "common/status/status.h"
#include "tests/fault/under_load/courses.h"
#include "tests/fault/under_load/rules.h"

namespace chanyan::fault {
namespace {

using testing::Api;
using testing::HttpReply;
using testing::Suite;

// A killed sealer's lease ends after ten seconds; the machine is shared.
constexpr absl::Duration kSettleLimit = absl::Seconds(40);
constexpr absl::Duration kResendLimit = absl::Seconds(20);
constexpr absl::Duration kPoll = absl::Milliseconds(50);

// A merger tells both organizations of itself in one request.
constexpr char kEntries[] =
    "SELECT request_id, resource, type, kind FROM journal "
    "WHERE type NOT LIKE '%OrganizationEvent' ORDER BY id";
constexpr char kCursor[] = "SELECT seq FROM `cursor` WHERE follower = '";
constexpr char kDeadLetters[] = "SELECT COUNT(*) FROM dead_letter";
constexpr char kMerged[] =
    "SELECT CONCAT(name, ' ', merged_into) FROM organization WHERE state = 'MERGED' ORDER BY name";
constexpr char kSuccessions[] =
    "SELECT CONCAT(organization, ' ', successor) FROM organization_succession "
    "ORDER BY organization";
constexpr char kUnderWay[] = "SELECT COUNT(*) FROM operation WHERE under_way IS NOT NULL";
constexpr char kOutcomeReport[] = "/v1/outcomeReport";

// Besides those of the courses.
constexpr Table kTables[] = {
    {"registry", "organization"},
    {"registry", "platform", false},
    {"registry", "platform_revision"},
    {"registry", "instrument"},
    {"registry", "booking"},
    {"pairing", "project"},
    {"triage", "result"},
    {"triage", "disposition"},
    {"triage", "push"},
    {"triage", "handover"},
    {"triage", "tenure"},
    {"triage", "follow_up"},
    {"triage", "typical_case"},
};

// What leaves the record as it is, so that no etag goes stale of it. A booking keeps when it was
// reminded of.
bool LeavesTheRecord(absl::string_view kind, absl::string_view type) {
  return kind == "unanswered" || (kind == "reminded" && !absl::EndsWith(type, ".Booking"));
}

struct Books {
  // Request id → what it did. One request makes one row of a type, and does one thing to a row.
  std::map<std::string, std::map<std::string, int>> by_request;
  std::map<std::string, int64_t> by_resource;
  std::map<std::string, int64_t> versions;
  // Of `versions`, those with an entry for each.
  std::set<std::string> told;
};

using Databases = std::map<std::string, std::unique_ptr<db::Database>>;

db::Rows Query(db::Database& database, absl::string_view sql) {
  db::Rows rows;
  const absl::Status read = database.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(rows, session.Query(sql, {}));
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << sql << ": " << read;
  return rows;
}

int64_t Number(const db::Rows& rows) {
  return rows.rows.empty() ? 0 : std::get<int64_t>(rows.rows[0][0]);
}

std::vector<std::string> Texts(db::Database& database, absl::string_view sql) {
  std::vector<std::string> texts;
  for (const db::Values& row : Query(database, sql).rows) {
    texts.push_back(std::get<std::string>(row[0]));
  }
  return texts;
}

Books ReadBooks(db::Database& database, absl::string_view service) {
  Books books;
  for (const db::Values& row : Query(database, kEntries).rows) {
    const auto& resource = std::get<std::string>(row[1]);
    const auto& kind = std::get<std::string>(row[3]);
    const auto& type = std::get<std::string>(row[2]);
    // An opening makes a form for each university.
    const bool one_of_type = kind == "created" && !absl::EndsWith(type, ".Form");
    const std::string& subject = one_of_type ? type : resource;
    ++books.by_request[std::get<std::string>(row[0])][absl::StrCat(kind, " ", subject)];
    books.by_resource[resource] += !LeavesTheRecord(kind, type);
  }
  std::vector<Table> tables = TablesOfCourses();
  tables.insert(tables.end(), std::begin(kTables), std::end(kTables));
  for (const Table& table : tables) {
    if (service != table.service) continue;
    const db::Rows versions =
        Query(database, absl::StrCat("SELECT name, version FROM ", table.name));
    for (const db::Values& row : versions.rows) {
      const auto& name = std::get<std::string>(row[0]);
      books.versions[name] = std::get<int64_t>(row[1]);
      if (table.every_version_is_told) books.told.insert(name);
    }
  }
  return books;
}

// Until it is known. One that others were in the way of may have been overtaken, which is a
// definite no.
void Resolve(Api& api, const std::string& gateway, Change* change, Verdict* verdict) {
  const absl::Time until = absl::Now() + kResendLimit;
  HttpReply reply;
  do {
    reply = SendChange(api, gateway, *change);
    change->outcome = OutcomeOf(reply);
    if (change->outcome == Outcome::kUnknown) absl::SleepFor(kPoll);
  } while (change->outcome == Outcome::kUnknown && absl::Now() < until);
  if (change->outcome == Outcome::kOk) {
    NoteAnswer(reply.json(), change);
  } else if (!MayBeRefused(*change, reply)) {
    verdict->unresolved.push_back(absl::StrCat(change->method, " ", change->target, ": ",
                                               reply.status, " ", reply.failure, reply.body));
  }
}

// Whether what was acknowledged is there, or is gone if it was to go.
bool IsAsAcknowledged(const Change& change, const Books& book, const Books& pairing,
                      const std::set<std::string>& removed) {
  if (!change.in_pieces && !book.by_request.contains(change.request_id)) return false;
  if (!change.brings.empty() && !pairing.versions.contains(change.brings)) return false;
  return book.versions.contains(change.resource) != removed.contains(change.resource);
}

void CheckEffects(const std::vector<Change>& changes, const std::map<std::string, Books>& books,
                  Verdict* verdict) {
  std::set<std::pair<std::string, std::string>> bases;
  std::set<std::string> removed;
  for (const Change& change : changes) {
    if (change.removes && change.outcome == Outcome::kOk) removed.insert(change.resource);
  }
  for (const Change& change : changes) {
    const Books& book = books.at(change.service);
    const auto found = book.by_request.find(change.request_id);
    const bool has_effect = found != book.by_request.end();
    const std::string line =
        absl::StrCat(change.request_id, " ", change.method, " ", change.target);
    if (has_effect) {
      for (const auto& [effect, times] : found->second) {
        if (times == 1) continue;
        verdict->duplicates.push_back(absl::StrCat(line, ": ", times, " times ", effect));
      }
    }
    if (change.outcome == Outcome::kFail && has_effect) verdict->failed_present.push_back(line);
    if (change.outcome != Outcome::kOk) continue;
    if (!IsAsAcknowledged(change, book, books.at("pairing"), removed)) {
      verdict->acknowledged_missing.push_back(line);
    }
    if (!change.base.empty() && !bases.emplace(change.resource, change.base).second) {
      verdict->versions.push_back(absl::StrCat(change.resource, ": two changes of ", change.base));
    }
  }
  for (const auto& [service, book] : books) {
    for (const std::string& name : book.told) {
      const auto entries = book.by_resource.find(name);
      const int64_t changes_of = entries == book.by_resource.end() ? 0 : entries->second;
      if (changes_of != book.versions.at(name)) {
        verdict->versions.push_back(absl::StrCat(name, ": version ", book.versions.at(name),
                                                 " after ", changes_of, " entries"));
      }
    }
  }
}

// What was declared and acknowledged is what is summed up, to the yuan.
void CheckSum(Api& api, const std::vector<Change>& changes, Verdict* verdict) {
  int64_t acknowledged = 0;
  for (const Change& change : changes) {
    if (change.outcome == Outcome::kOk) acknowledged += change.yuan;
  }
  const HttpReply reply = api.Get(kOutcomeReport);
  EXPECT_EQ(reply.status, 200) << reply.body << reply.failure;
  int64_t summed = 0;
  for (const char* amount : {"confirmedAmount", "pendingAmount"}) {
    int64_t units = 0;
    const std::string path = absl::StrCat("totals.0.", amount, ".units");
    if (absl::SimpleAtoi(reply.json().At(path), &units)) summed += units;
  }
  if (summed != acknowledged) {
    verdict->rules.push_back(
        absl::StrCat("outcomes: ", acknowledged, " acknowledged, ", summed, " summed"));
  }
}

// All rows of a file or none: as many as were sent once it was begun, none if it was refused.
void CheckSheets(const std::vector<Change>& changes, Databases& databases, Verdict* verdict) {
  for (const Change& change : changes) {
    const SheetRows& rows = change.rows;
    if (rows.table == nullptr) continue;
    const int64_t there = Number(Query(*databases.at(change.service),
                                       absl::StrCat("SELECT COUNT(*) FROM ", rows.table, " WHERE ",
                                                    rows.column, " LIKE '", rows.text, "-%'")));
    const int64_t sent = change.outcome == Outcome::kOk ? rows.count : 0;
    if (there == sent) continue;
    auto& wrong = there > sent ? (sent == 0 ? verdict->failed_present : verdict->duplicates)
                               : verdict->acknowledged_missing;
    wrong.push_back(absl::StrCat(change.what, " ", rows.text, ": ", there, " of ", sent, " rows"));
  }
}

bool AllSealed(db::Database& database) {
  int64_t waiting = -1;
  const absl::Status read = database.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(waiting, journal::UnsealedCount(session));
    return absl::OkStatus();
  });
  return read.ok() && waiting == 0;
}

template <class Condition>
bool Eventually(Condition condition) {
  const absl::Time until = absl::Now() + kSettleLimit;
  while (!condition()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(kPoll);
  }
  return true;
}

// Returns the last seq.
int64_t CheckChain(const std::string& service, db::Database& database, Verdict* verdict) {
  if (!Eventually([&] { return AllSealed(database); })) {
    verdict->chain.push_back(service + ": entries are not sealed");
  }
  int64_t last = 0;
  std::string hash = journal::GenesisHash();
  for (bool more = true; more;) {
    std::vector<journal::v1::Entry> entries;
    const absl::Status read = database.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(entries, journal::SealedAfter(session, last, journal::kMaxEntries));
      return absl::OkStatus();
    });
    if (!read.ok()) verdict->chain.push_back(absl::StrCat(service, ": ", read.ToString()));
    for (const journal::v1::Entry& entry : entries) {
      hash = journal::ChainHash(hash, entry);
      if (entry.seq() != ++last || entry.hash() != hash) {
        verdict->chain.push_back(absl::StrCat(service, ": broken at ", entry.seq()));
        return last;
      }
    }
    more = !entries.empty();
  }
  return last;
}

}  // namespace

Verdict Judge(Suite& suite, const Load& load, Ledger& ledger) {
  Verdict verdict;
  Databases databases;
  for (const char* service : {"identity", "registry", "pairing", "cycle", "triage"}) {
    databases[service] = db::Database::Open(suite.DatabaseOf(service)).value();
  }
  std::map<std::string, Books> books;
  const auto read_books = [&] {
    for (const auto& [service, database] : databases) {
      books[service] = ReadBooks(*database, service);
    }
  };
  read_books();
  std::vector<Api> apis;
  for (size_t actor = 0; actor < kActors; ++actor) {
    apis.push_back(load.scene().ApiOf(static_cast<Actor>(actor)));
  }
  for (Change& change : ledger.changes()) {
    verdict.ok += change.outcome == Outcome::kOk;
    verdict.fail += change.outcome == Outcome::kFail;
    if (change.outcome != Outcome::kUnknown) continue;
    ++verdict.unknown;
    verdict.unknown_present += books[change.service].by_request.contains(change.request_id);
    Resolve(apis[static_cast<size_t>(change.actor)], load.scene().address, &change, &verdict);
  }
  for (const auto& [service, database] : databases) {
    // It has no long work.
    if (service == "identity") continue;
    if (!Eventually([&own = *database] { return Number(Query(own, kUnderWay)) == 0; })) {
      verdict.rules.push_back(service + ": operations do not end");
    }
  }
  int64_t registry_end = 0;
  for (const auto& [service, database] : databases) {
    const int64_t end = CheckChain(service, *database, &verdict);
    if (service == "registry") registry_end = end;
  }
  for (const char* service : {"pairing", "cycle", "triage"}) {
    db::Database& follower = *databases[service];
    const std::string cursor = absl::StrCat(kCursor, service, "<registry'");
    if (!Eventually([&] { return Number(Query(follower, cursor)) == registry_end; })) {
      verdict.followers.push_back(absl::StrCat(service, " read the registry up to ",
                                               Number(Query(follower, cursor)), " of ",
                                               registry_end));
    }
    if (const int64_t parked = Number(Query(follower, kDeadLetters)); parked > 0) {
      verdict.followers.push_back(absl::StrCat(service, ": ", parked, " dead letters"));
    }
    if (Texts(*databases["registry"], kMerged) != Texts(follower, kSuccessions)) {
      verdict.followers.push_back(absl::StrCat(service, " knows other mergers than the registry"));
    }
  }
  // Once nothing moves any more.
  read_books();
  CheckEffects(ledger.changes(), books, &verdict);
  CheckSheets(ledger.changes(), databases, &verdict);
  for (const Rule& rule : kRules) {
    for (const std::string& row : Texts(*databases[rule.service], rule.query)) {
      verdict.rules.push_back(absl::StrCat(rule.what, ": ", row));
    }
  }
  CheckSum(apis[static_cast<size_t>(Actor::kResearchOffice)], ledger.changes(), &verdict);
  for (const auto& [service, book] : books) verdict.records += static_cast<int>(book.told.size());
  return verdict;
}

}  // namespace chanyan::fault
