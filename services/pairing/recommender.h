// The platforms of a day, arranged so that the best for one need are found without weighing them
// all (REG-6). Pure: the same offers, day and need give the same list.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"
#include "services/pairing/recommend_rules.h"

namespace chanyan::pairing {

struct Ranked {
  // Place among offers().
  size_t offer = 0;
  int score = 0;
  friend bool operator==(const Ranked&, const Ranked&) = default;
};

// Immutable, thread-safe.
class Recommender {
 public:
  // `weighing` must outlive it.
  Recommender(const Weighing& weighing, std::vector<Offer> offers, absl::CivilDay today);

  // At most `limit`, best first; of equals the one whose title, then name, comes first in bytes.
  // Those without the plan's least content are not among them. What Weigh() says of each pair, in a
  // time that depends on what they share.
  std::vector<Ranked> Top(const Need& need, size_t limit) const;

  // Ascending by title and name.
  const std::vector<Offer>& offers() const { return offers_; }
  const Rarity& rarity() const { return rarity_; }
  absl::CivilDay today() const { return today_; }

 private:
  using Offers = std::vector<uint32_t>;
  struct Word {
    uint32_t rarity = 0;
    Offers offers;
  };
  // Whereabouts as numbers; 0 = not known.
  struct Spot {
    uint32_t place = 0;
    uint32_t district = 0;
    uint32_t city = 0;
  };

  uint32_t NumberOf(const std::string& place);
  uint32_t FindNumber(const std::string& place) const;
  void AddWords(const Need& need, std::vector<uint32_t>* milli_bits) const;
  // Thousandths of each offer.
  void AddIndustries(const Need& need, std::vector<uint32_t>* permille) const;

  const Weighing& weighing_;
  const std::vector<Offer> offers_;
  const Rarity rarity_;
  const absl::CivilDay today_;
  absl::flat_hash_map<std::string, Word> words_;
  absl::flat_hash_map<std::string, Offers> industries_;
  absl::flat_hash_map<std::string, uint32_t> place_numbers_;
  std::vector<Spot> spots_;
  std::vector<int> freshness_;
};

}  // namespace chanyan::pairing
