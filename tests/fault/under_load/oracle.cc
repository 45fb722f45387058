#include "tests/fault/under_load/oracle.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/database.h"
#include "common/journal/chain.h"
#include "common/journal/reader.h"
#include "common/status/status.h"

namespace chanyan::fault {
namespace {

using testing::Api;
using testing::HttpReply;
using testing::Suite;

// A killed sealer's lease ends after ten seconds; the machine is shared.
constexpr absl::Duration kSettleLimit = absl::Seconds(40);
constexpr absl::Duration kResendLimit = absl::Seconds(20);
constexpr absl::Duration kPoll = absl::Milliseconds(50);

constexpr char kEntries[] = "SELECT request_id, resource FROM journal ORDER BY id";
constexpr char kCursor[] = "SELECT seq FROM `cursor` WHERE follower = 'pairing<registry'";
constexpr char kDeadLetters[] = "SELECT COUNT(*) FROM dead_letter";

struct Books {
  // Entries under a request id, and of a resource.
  std::map<std::string, int> by_request;
  std::map<std::string, int> by_resource;
  std::map<std::string, int64_t> versions;
};

using Databases = std::map<std::string, std::unique_ptr<db::Database>>;

const std::map<std::string, std::string>& Tables() {
  static const auto& tables =
      *new std::map<std::string, std::string>{{"registry", "organization"}, {"pairing", "project"}};
  return tables;
}

db::Rows Query(db::Database& database, absl::string_view sql) {
  db::Rows rows;
  const absl::Status read = database.Read([&](db::Session& session) -> absl::Status {
    auto found = session.Query(sql, {});
    if (found.ok()) rows = *std::move(found);
    return found.status();
  });
  EXPECT_TRUE(read.ok()) << sql << ": " << read;
  return rows;
}

Books ReadBooks(db::Database& database, const std::string& table) {
  Books books;
  for (const db::Values& row : Query(database, kEntries).rows) {
    ++books.by_request[std::get<std::string>(row[0])];
    ++books.by_resource[std::get<std::string>(row[1])];
  }
  const db::Rows versions = Query(database, absl::StrCat("SELECT name, version FROM ", table));
  for (const db::Values& row : versions.rows) {
    books.versions[std::get<std::string>(row[0])] = std::get<int64_t>(row[1]);
  }
  return books;
}

HttpReply SendAgain(Api& api, const Change& change) {
  testing::Headers headers = {{"Idempotency-Key", change.request_id}};
  if (!change.base.empty()) headers.emplace_back("If-Match", absl::StrCat("\"", change.base, "\""));
  return change.method == "POST" ? api.Post(change.target, change.body, headers)
                                 : api.Patch(change.target, change.body, headers);
}

// Until it is known. A contended one may have been overtaken, which is a definite no.
void Resolve(Api& api, Change* change, Verdict* verdict) {
  const absl::Time until = absl::Now() + kResendLimit;
  HttpReply reply;
  do {
    reply = SendAgain(api, *change);
    change->outcome = OutcomeOf(reply);
    if (change->outcome == Outcome::kUnknown) absl::SleepFor(kPoll);
  } while (change->outcome == Outcome::kUnknown && absl::Now() < until);
  if (change->outcome == Outcome::kOk) {
    change->resource = reply.json().At("name");
    change->etag = reply.json().At("etag");
  } else if (!(change->contended && reply.Reason() == "STALE_ETAG")) {
    verdict->unresolved.push_back(absl::StrCat(change->method, " ", change->target, ": ",
                                               reply.status, " ", reply.failure, reply.body));
  }
}

void CheckEffects(const std::vector<Change>& changes, const std::map<std::string, Books>& books,
                  Verdict* verdict) {
  std::set<std::pair<std::string, std::string>> bases;
  for (const Change& change : changes) {
    const Books& book = books.at(change.service);
    const auto found = book.by_request.find(change.request_id);
    const int effects = found == book.by_request.end() ? 0 : found->second;
    const std::string line = absl::StrCat(change.request_id, " ", change.method, " ", change.target,
                                          " ", effects, " times");
    if (effects > 1) verdict->duplicates.push_back(line);
    if (change.outcome == Outcome::kFail && effects > 0) verdict->failed_present.push_back(line);
    if (change.outcome != Outcome::kOk) continue;
    if (effects == 0 || !book.versions.contains(change.resource)) {
      verdict->acknowledged_missing.push_back(line);
    }
    if (!change.base.empty() && !bases.emplace(change.resource, change.base).second) {
      verdict->versions.push_back(absl::StrCat(change.resource, ": two changes of ", change.base));
    }
  }
  for (const auto& [service, book] : books) {
    for (const auto& [name, version] : book.versions) {
      const auto entries = book.by_resource.find(name);
      const int64_t changes_of = entries == book.by_resource.end() ? 0 : entries->second;
      if (changes_of != version) {
        verdict->versions.push_back(
            absl::StrCat(name, ": version ", version, " after ", changes_of, " entries"));
      }
    }
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

int64_t Number(const db::Rows& rows) {
  return rows.rows.empty() ? 0 : std::get<int64_t>(rows.rows[0][0]);
}

}  // namespace

Verdict Judge(Suite& suite, const Load& load, Ledger& ledger) {
  Verdict verdict;
  Databases databases;
  for (const auto& [service, table] : Tables()) {
    databases[service] = db::Database::Open(suite.DatabaseOf(service)).value();
  }
  std::map<std::string, Books> books;
  const auto read_books = [&] {
    for (const auto& [service, table] : Tables()) {
      books[service] = ReadBooks(*databases[service], table);
    }
  };
  read_books();
  Api secretariat = load.ApiOf(Actor::kSecretariat);
  Api research_office = load.ApiOf(Actor::kResearchOffice);
  for (Change& change : ledger.changes()) {
    verdict.ok += change.outcome == Outcome::kOk;
    verdict.fail += change.outcome == Outcome::kFail;
    if (change.outcome != Outcome::kUnknown) continue;
    ++verdict.unknown;
    verdict.unknown_present += books[change.service].by_request.contains(change.request_id);
    Resolve(change.actor == Actor::kSecretariat ? secretariat : research_office, &change, &verdict);
  }
  read_books();
  CheckEffects(ledger.changes(), books, &verdict);
  int64_t registry_end = 0;
  for (const auto& [service, database] : databases) {
    const int64_t end = CheckChain(service, *database, &verdict);
    if (service == "registry") registry_end = end;
  }
  db::Database& pairing = *databases["pairing"];
  if (!Eventually([&] { return Number(Query(pairing, kCursor)) == registry_end; })) {
    verdict.followers.push_back(absl::StrCat(
        "pairing read the registry up to ", Number(Query(pairing, kCursor)), " of ", registry_end));
  }
  if (const int64_t parked = Number(Query(pairing, kDeadLetters)); parked > 0) {
    verdict.followers.push_back(absl::StrCat(parked, " dead letters"));
  }
  return verdict;
}

}  // namespace chanyan::fault
