// The twenty best demands for each of 100,000 results, and the twenty best results for each of
// 20,000 demands, in one batch over the board that suggestions are made of; against walking through
// the sorted terms of every pair, which knows neither rarity nor industries.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/policy/pack.h"
#include "services/triage/match_board.h"
#include "services/triage/match_rules.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/texts.h"

namespace chanyan::perf {
namespace {

using triage::BoardItem;
using triage::Matchable;
using triage::MatchBoard;
using triage::TermBook;

constexpr size_t kBest = 20;
// Demands that every result is walked through for: all of them would take an hour.
constexpr size_t kWalked = 10;
constexpr absl::CivilDay kToday(2025, 4, 21);
constexpr int kTitleWords = 4;
constexpr int kTextWords = 60;

struct City {
  std::unique_ptr<const policy::Pack> pack;
  std::unique_ptr<const triage::MatchWeights> weights;
  std::vector<Matchable> results;
  std::vector<Matchable> demands;
  TermBook book;
  std::vector<std::shared_ptr<const BoardItem>> items;
  std::unique_ptr<const MatchBoard> board;
  double made_seconds = 0;
};

Matchable MakeOne(TextMaker& maker, const std::vector<std::string>& industries,
                  triage::v1::MatchKind kind, int number) {
  Matchable one;
  one.kind = kind;
  one.name = absl::StrCat("k", kind, "/", number);
  one.title = maker.Words(kTitleWords);
  one.text = absl::StrCat(one.title, "\n", maker.Words(kTextWords));
  one.industries = {industries[maker.Draw(industries.size())]};
  one.fields = {absl::StrCat("field", maker.Draw(12))};
  one.modes = 2U << maker.Draw(6);
  return one;
}

void MakeCity(const Options& options, City* city) {
  city->pack = Require(policy::Pack::LoadCity(CHANYAN_POLICIES, "qingdao"), "loading the pack");
  city->weights = Require(triage::MatchWeights::Make(*city->pack), "reading the plan");
  std::vector<std::string> industries;
  for (const auto& taxonomy : city->pack->proto().taxonomies()) {
    for (const auto& industry : taxonomy.industries()) {
      if (!industry.is_group()) industries.push_back(industry.display_name());
      if (industries.size() == 24) break;
    }
  }
  TextMaker maker(13);
  for (int i = 0; i < options.rows; ++i) {
    city->results.push_back(MakeOne(maker, industries, triage::v1::MATCH_KIND_RESULT, i));
  }
  for (int i = 0; i < options.enterprises; ++i) {
    city->demands.push_back(MakeOne(maker, industries, triage::v1::MATCH_KIND_DEMAND, i));
  }
  const Stopwatch watch;
  MatchBoard::Items items;
  for (const Matchable& one : city->results) {
    city->items.push_back(std::make_shared<const BoardItem>(ItemOf(city->book, one)));
    items.results.push_back({city->items.back(), true});
  }
  for (const Matchable& one : city->demands) {
    items.demands.push_back({std::make_shared<const BoardItem>(ItemOf(city->book, one)), true});
  }
  city->board = std::make_unique<const MatchBoard>(*city->weights, city->book, std::move(items));
  city->made_seconds = watch.Seconds();
}

// Suggestions of all of `subjects`.
size_t Suggest(const City& city, const std::vector<Matchable>& subjects,
               triage::v1::MatchKind kind) {
  size_t suggested = 0;
  for (const Matchable& subject : subjects) {
    suggested +=
        city.board->Top(kind, subject, kBest, kToday, [](const triage::Shown&) { return true; })
            .size();
  }
  return suggested;
}

// Pairs a second.
double WalkEveryPair(const City& city) {
  const Stopwatch watch;
  size_t best = 0;
  for (size_t i = 0; i < kWalked; ++i) {
    const std::vector<uint32_t> terms = [&] {
      std::vector<uint32_t> numbers = city.book.FindAll(search::TellingTerms(city.demands[i].text));
      std::sort(numbers.begin(), numbers.end());
      return numbers;
    }();
    for (const auto& item : city.items) {
      size_t shared = 0;
      for (auto a = terms.begin(), b = item->terms.begin();
           a != terms.end() && b != item->terms.end();) {
        shared += *a == *b;
        const bool next_a = *a <= *b, next_b = *b <= *a;
        a += next_a;
        b += next_b;
      }
      best = std::max(best, shared);
    }
  }
  if (best == 0) Die("nothing is shared");
  return static_cast<double>(kWalked * city.items.size()) / watch.Seconds();
}

}  // namespace

Figures Matching(const Options& options) {
  City city;
  MakeCity(options, &city);
  const double floor_before = WalkEveryPair(city);
  const Stopwatch watch;
  const size_t to_results = Suggest(city, city.results, triage::v1::MATCH_KIND_DEMAND);
  const double results_seconds = watch.Seconds();
  const size_t to_demands = Suggest(city, city.demands, triage::v1::MATCH_KIND_RESULT);
  const double seconds = watch.Seconds();
  const double floor = (floor_before + WalkEveryPair(city)) / 2;
  if (to_results < city.results.size() || to_demands < city.demands.size()) {
    Die("hardly anybody is suggested anything");
  }
  const double pairs =
      2.0 * static_cast<double>(city.results.size()) * static_cast<double>(city.demands.size());
  const double ours = pairs / seconds;
  return {
      {absl::StrFormat("best %d of %d demands for each of %d results and the other way round: "
                       "pairs a second / walking through the terms of every pair",
                       kBest, options.enterprises, options.rows),
       absl::StrFormat("%.0f M/s", ours / 1e6), absl::StrFormat("%.1f M/s", floor / 1e6),
       ours / floor, "≥ 10"},
      {"… the whole batch, of it for results", absl::StrFormat("%.1f s", seconds),
       absl::StrFormat("%.1f s", results_seconds), seconds / results_seconds, ""},
      {"… one demand among all results / one result among all demands",
       absl::StrFormat("%.2f ms", (seconds - results_seconds) * 1e3 / options.enterprises),
       absl::StrFormat("%.2f ms", results_seconds * 1e3 / options.rows),
       (seconds - results_seconds) / options.enterprises / (results_seconds / options.rows), ""},
      {"… making the board / the batch", absl::StrFormat("%.1f s", city.made_seconds),
       absl::StrFormat("%.1f s", seconds), city.made_seconds / seconds, ""},
      {"… most memory of the process, texts included", absl::StrFormat("%.0f MiB", PeakMib()),
       "2048 MiB", PeakMib() / 2048, "< 1"}};
}

}  // namespace chanyan::perf
