// Ranked search with totals and facet counts over 200,000 platforms, against the two ways that
// MariaDB has of it over the same texts: LIKE, and FULLTEXT over the same pairs of characters.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/api/normalize.h"
#include "common/auth/labels.h"
#include "common/journal/chain.h"
#include "common/journal/journal.h"
#include "common/search/highlight.h"
#include "common/search/index.h"
#include "common/search/terms.h"
#include "services/pairing/discovery_sources.h"
#include "tests/perf/dataset.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/raw_database.h"
#include "tests/perf/texts.h"

namespace chanyan::perf {
namespace {

using registry::v1::Platform;

constexpr uint32_t kSeed = 7;
constexpr size_t kQueries = 500;
constexpr int kRowsPerInsert = 200;
constexpr char kBufferPool[] = "4294967296";
// Threads that search: one a core.
constexpr int kThreads = 2;

std::string TableOf(const Options& options) { return absl::StrCat("text", options.documents); }

std::string TextOf(const Platform& platform) {
  return absl::StrCat(platform.display_name(), "，", platform.introduction(), "，",
                      absl::StrJoin(platform.capabilities(), "，"));
}

// Pairs as words of Latin letters, digits and underscores, which every server takes for words:
// three for a character, none so short that FULLTEXT leaves it out.
std::string Grams(absl::string_view text) {
  constexpr absl::string_view kSigns =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  std::string grams;
  for (const search::Term& term :
       search::CutTerms(api::Normalize(text).text, search::Cut::kLongest)) {
    for (const char32_t sign : api::FromUtf8(term.text)) {
      for (size_t rest = sign, i = 0; i < 3; ++i, rest /= kSigns.size()) {
        grams.push_back(kSigns[rest % kSigns.size()]);
      }
    }
    grams.push_back(' ');
  }
  return grams;
}

// Words of two to six characters as they stand in some text.
std::vector<std::string> MakeQueries(const std::vector<std::string>& texts) {
  TextMaker draw(kSeed + 1);
  std::vector<std::string> queries;
  while (queries.size() < kQueries) {
    const std::u32string text = api::FromUtf8(texts[draw.Draw(texts.size())]);
    const size_t length = 2 + draw.Draw(5);
    const std::u32string part = text.substr(draw.Draw(text.size() - length), length);
    if (part.find(U'，') == std::u32string::npos) queries.push_back(api::ToUtf8(part));
  }
  return queries;
}

class Ours {
 public:
  explicit Ours(const std::string& dir) {
    sources_ = Require(search::Sources::Make(pairing::DiscoverySources()), "sources");
    search::Index::Options options;
    options.dir = dir;
    options.journals = {
        {"registry", [this](int64_t after, int limit) { return Read(after, limit); }},
        {"pairing", [](int64_t, int) { return std::vector<journal::v1::Entry>(); }}};
    index_ = Require(
        search::Index::Open({*sources_, clock_, log::Logger("perf", log::Level::kError)}, options),
        "opening the index");
    for (const std::string& label : auth::CallerLabels(auth::Principal(), Platform::descriptor())) {
      query_.labels.push_back(label);
    }
    query_.facets = sources_->facets();
  }

  // Documents a second.
  double Build(int documents) {
    documents_ = documents;
    const Stopwatch watch;
    Require(index_->Rebuild(), "building the index");
    return documents / watch.Seconds();
  }

  // Seconds.
  double Search(const std::string& text) const {
    search::Query query = query_;
    query.text = text;
    const Stopwatch watch;
    const auto matches = Require(index_->Search(query, absl::Now()), "searching");
    if (matches.total == 0) Die(absl::StrCat("nothing has ", text));
    return watch.Seconds();
  }

 private:
  std::vector<journal::v1::Entry> Read(int64_t after, int limit) {
    std::vector<journal::v1::Entry> entries;
    for (int64_t seq = after + 1; seq <= std::min<int64_t>(after + limit, documents_); ++seq) {
      const Platform row = maker_.MakePlatform(static_cast<int>(seq));
      journal::v1::Entry& entry = entries.emplace_back();
      entry.set_seq(seq);
      entry.set_resource(row.name());
      entry.set_type(row.GetDescriptor()->full_name());
      entry.set_after_json(journal::CanonicalJson(row));
      entry.set_hash(journal::ChainHash(head_, entry));
      head_ = entry.hash();
    }
    return entries;
  }

  time::SystemClock clock_;
  std::unique_ptr<search::Sources> sources_;
  int documents_ = 0;
  TextMaker maker_{kSeed};
  std::string head_ = journal::GenesisHash();
  std::unique_ptr<search::Index> index_;
  search::Query query_;
};

std::vector<Platform> MakePlatforms(int documents) {
  TextMaker maker(kSeed);
  std::vector<Platform> rows;
  for (int number = 1; number <= documents; ++number) rows.push_back(maker.MakePlatform(number));
  return rows;
}

// The same texts in a table of their number, found again by later runs. The server keeps all of it
// in memory, and the index is made of the full table: both are what FULLTEXT is best with.
void EnsureTable(const Options& options, const std::vector<Platform>& rows) {
  RawConnection connection(options, "");
  connection.Run(absl::StrCat("SET GLOBAL innodb_buffer_pool_size = ", kBufferPool));
  const std::string table = TableOf(options);
  RawStatement there(connection,
                     "SELECT 1 FROM information_schema.statistics WHERE table_schema = ? "
                     "AND table_name = ? AND index_type = 'FULLTEXT'");
  if (there.Query({kScratchSchema, table}).rows > 0) return;
  connection.Run(absl::StrCat("CREATE DATABASE IF NOT EXISTS ", kScratchSchema));
  connection.Run(absl::StrCat("USE ", kScratchSchema));
  connection.Run(absl::StrCat("DROP TABLE IF EXISTS ", table));
  // A number that FULLTEXT would add itself, by writing the table anew.
  connection.Run(
      absl::StrCat("CREATE TABLE ", table,
                   " (name VARCHAR(255) NOT NULL, content TEXT NOT NULL, grams MEDIUMTEXT NOT NULL,"
                   " FTS_DOC_ID BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                   " UNIQUE KEY FTS_DOC_ID_INDEX (FTS_DOC_ID))"
                   " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"));
  std::string sql = absl::StrCat("INSERT INTO ", table, " (name, content, grams) VALUES (?, ?, ?)");
  RawStatement one(connection, sql);
  for (int i = 1; i < kRowsPerInsert; ++i) sql += ", (?, ?, ?)";
  RawStatement many(connection, sql);
  std::vector<std::string> parameters;
  const size_t in_many = rows.size() / kRowsPerInsert * kRowsPerInsert;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string text = TextOf(rows[i]);
    const std::vector<std::string> values = {rows[i].name(), text, Grams(text)};
    if (i >= in_many) {
      one.Execute(values);
      continue;
    }
    parameters.insert(parameters.end(), values.begin(), values.end());
    if ((i + 1) % kRowsPerInsert != 0) continue;
    many.Execute(parameters);
    parameters.clear();
  }
  connection.Run(absl::StrCat("ALTER TABLE ", table, " ADD FULLTEXT text_grams (grams)"));
}

struct Times {
  double mean_ms = 0;
  double p99_ms = 0;
};

// Seconds of the processor that this thread has had.
double ProcessorSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

Times TimesOf(std::vector<double> seconds) {
  if (seconds.empty()) Die("no query came to its end: give more --seconds");
  std::sort(seconds.begin(), seconds.end());
  double sum = 0;
  for (const double each : seconds) sum += each;
  return {1000 * sum / static_cast<double>(seconds.size()),
          1000 * seconds[seconds.size() * 99 / 100]};
}

// Every thread asks for one query after the other.
template <class Ask>
Times Measure(absl::Duration time, const std::vector<std::string>& queries, Ask ask) {
  std::vector<std::vector<double>> seconds(kThreads);
  std::vector<Work> workers;
  for (int i = 0; i < kThreads; ++i) {
    workers.push_back([&, i, next = static_cast<size_t>(i) * 97]() mutable {
      seconds[i].push_back(ask(i, queries[next++ % queries.size()]));
    });
  }
  RunFor(time, workers);
  std::vector<double> all;
  for (const auto& each : seconds) all.insert(all.end(), each.begin(), each.end());
  return TimesOf(std::move(all));
}

// A statement and a connection a thread; how long one execution takes.
class Raw {
 public:
  Raw(const Options& options, absl::string_view sql) {
    for (int i = 0; i < kThreads; ++i) {
      connections_.push_back(std::make_unique<RawConnection>(options, kScratchSchema));
      statements_.push_back(std::make_unique<RawStatement>(*connections_.back(), sql));
    }
  }
  double Run(int thread, const std::vector<std::string>& parameters) {
    const Stopwatch watch;
    statements_[static_cast<size_t>(thread)]->Query(parameters);
    return watch.Seconds();
  }

 private:
  std::vector<std::unique_ptr<RawConnection>> connections_;
  std::vector<std::unique_ptr<RawStatement>> statements_;
};

Figure Against(const std::string& what, double ours, double floor, const std::string& bound) {
  return {what, absl::StrFormat("%.2f ms", ours), absl::StrFormat("%.2f ms", floor), ours / floor,
          bound};
}

}  // namespace

Figures Search(const Options& options) {
  const Stopwatch filling;
  std::vector<std::string> texts;
  {
    const std::vector<Platform> rows = MakePlatforms(options.documents);
    EnsureTable(options, rows);
    for (const Platform& row : rows) texts.push_back(TextOf(row));
  }
  std::fprintf(stderr, "%d texts in MariaDB with their index after %.0f s\n", options.documents,
               filling.Seconds());
  const std::vector<std::string> queries = MakeQueries(texts);
  const std::string dir = absl::StrCat(options.run_dir, "/perf-index");
  std::filesystem::remove_all(dir);
  Ours ours(dir);
  const double rate = ours.Build(options.documents);
  // Both give what an answer needs of them: the number of rows and the first twenty.
  const std::string table = TableOf(options);
  Raw like(options,
           absl::StrCat("SELECT COUNT(*), MIN(name) FROM ", table, " WHERE content LIKE ?"));
  Raw full(options, absl::StrCat("SELECT name, MATCH (grams) AGAINST (?) AS score FROM ", table,
                                 " WHERE MATCH (grams) AGAINST (?) ORDER BY score DESC, name "
                                 "LIMIT 20"));
  std::vector<Compared> means, to_like, to_full;
  std::vector<double> processor;
  const absl::Duration round = options.time / (kRounds + 1);
  for (int i = 0; i <= kRounds; ++i) {
    const Times by_like = Measure(round, queries, [&](int thread, const std::string& query) {
      return like.Run(thread, {absl::StrCat("%", query, "%")});
    });
    const Times by_full = Measure(round, queries, [&](int thread, const std::string& query) {
      const std::string grams = Grams(query);
      return full.Run(thread, {grams, grams});
    });
    const Times by_us =
        Measure(round, queries, [&](int, const std::string& query) { return ours.Search(query); });
    const Times of_processor = Measure(round / 2, queries, [&](int, const std::string& query) {
      const double before = ProcessorSeconds();
      ours.Search(query);
      return ProcessorSeconds() - before;
    });
    if (i == 0) continue;
    processor.push_back(of_processor.p99_ms);
    means.push_back({by_us.mean_ms, by_like.mean_ms, 0});
    to_like.push_back({by_us.p99_ms, by_like.p99_ms, 0});
    to_full.push_back({by_us.p99_ms, by_full.p99_ms, 0});
  }
  std::filesystem::remove_all(dir);
  std::sort(processor.begin(), processor.end());
  const Compared mean = MedianOf(means), p99 = MedianOf(to_like), ranked = MedianOf(to_full);
  return {Against(absl::StrFormat("search over %d documents, 2 threads, ranked with total and "
                                  "facets: 99th of 100 times / LIKE's",
                                  options.documents),
                  p99.ours, p99.floor, "ours ≤ 30 ms"),
          Against("… 99th of 100 times / ranked FULLTEXT's over the same pairs", ranked.ours,
                  ranked.floor, ""),
          Against("… mean time / LIKE's", mean.ours, mean.floor, ""),
          {"… 99th of 100 processor times of one, whatever else runs",
           absl::StrFormat("%.2f ms", processor[processor.size() / 2]), "–", 0, "≤ 30 ms"},
          {"… documents a second into a new index, from journal entries",
           absl::StrFormat("%.0f/s", rate), "–", 0, ""}};
}

}  // namespace chanyan::perf
