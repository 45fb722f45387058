// The twenty best of 2,000 platforms for each of 20,000 companies: from the arrangement that
// recommendations are made of, against weighing every pair by the same rules.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/policy/pack.h"
#include "services/pairing/recommend_rules.h"
#include "services/pairing/recommend_words.h"
#include "services/pairing/recommender.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tests/perf/texts.h"

namespace chanyan::perf {
namespace {

using pairing::Need;
using pairing::Offer;
using pairing::Recommender;

constexpr int kPlatforms = 2000;
constexpr size_t kBest = 20;
// Companies that every pair is weighed for: all of them would take minutes.
constexpr int kWeighed = 10;
constexpr absl::CivilDay kToday(2025, 4, 1);
constexpr const char* kZones[] = {
    "古镇口", "董家口经济区", "经济技术开发区", "青岛高新区", "泊里镇", "王台街道", ""};

struct City {
  std::unique_ptr<const policy::Pack> pack;
  std::unique_ptr<const pairing::Weighing> weighing;
  std::unique_ptr<const Recommender> platforms;
  std::vector<Offer> offers;
  std::vector<std::string> texts;
};

City MakeCity(const Options& options) {
  City city;
  city.pack = Require(policy::Pack::LoadCity(CHANYAN_POLICIES, "qingdao"), "loading the pack");
  city.weighing = Require(pairing::Weighing::Make(*city.pack), "reading the plan");
  TextMaker maker(11);
  for (int i = 0; i < kPlatforms; ++i) {
    const registry::v1::Platform platform = maker.MakePlatform(i);
    Offer offer;
    offer.name = platform.name();
    offer.title = platform.display_name();
    offer.terms = pairing::WordsOf(platform);
    offer.industries.assign(platform.industries().begin(), platform.industries().end());
    offer.zone = kZones[maker.Draw(std::size(kZones))];
    offer.region_code = "370211";
    offer.kind = platform.kind();
    offer.confirmed = kToday - static_cast<int>(maker.Draw(400));
    city.offers.push_back(std::move(offer));
  }
  city.platforms = std::make_unique<const Recommender>(*city.weighing, city.offers, kToday);
  for (int i = 0; i < options.enterprises; ++i) city.texts.push_back(maker.Words(40));
  return city;
}

Need NeedOf(const City& city, size_t company) {
  Need need;
  pairing::SetWords(city.texts[company], &need);
  need.industries = city.offers[company % city.offers.size()].industries;
  need.zone = kZones[company % std::size(kZones)];
  need.region_code = "370211";
  if (company % 3 == 0) need.kinds = {"中试验证平台"};
  return need;
}

// Companies a second.
double Arranged(const City& city) {
  const Stopwatch watch;
  size_t suggested = 0;
  for (size_t i = 0; i < city.texts.size(); ++i) {
    suggested += city.platforms->Top(NeedOf(city, i), kBest).size();
  }
  if (suggested < city.texts.size()) Die("hardly anybody is suggested anything");
  return static_cast<double>(city.texts.size()) / watch.Seconds();
}

double EveryPair(const City& city) {
  const Stopwatch watch;
  int best = 0;
  for (int i = 0; i < kWeighed; ++i) {
    const Need need = NeedOf(city, static_cast<size_t>(i));
    for (const Offer& offer : city.offers) {
      best = std::max(
          best,
          pairing::Weigh(*city.weighing, city.platforms->rarity(), need, offer, kToday).Score());
    }
  }
  if (best == 0) Die("nothing fits");
  return kWeighed / watch.Seconds();
}

}  // namespace

Figures Recommend(const Options& options) {
  const City city = MakeCity(options);
  const Compared rates = Compare([&] { return Arranged(city); }, [&] { return EveryPair(city); });
  return {{absl::StrFormat("best %d of %d platforms for each of %d companies: companies a second / "
                           "weighing every pair",
                           kBest, kPlatforms, options.enterprises),
           absl::StrFormat("%.0f/s", rates.ours), absl::StrFormat("%.1f/s", rates.floor),
           rates.ratio, "≥ 20"},
          {"… most memory of the process, texts included", absl::StrFormat("%.0f MiB", PeakMib()),
           "1024 MiB", PeakMib() / 1024, "< 1"}};
}

}  // namespace chanyan::perf
