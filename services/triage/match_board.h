// What is matched, arranged so that the best for one are found without weighing them all (TRI-9).
// Pure: the same items, subject and day give the same list, which is what WeighMatch() says of each
// pair, in a time that depends on what they share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/policy/recommendation.h"
#include "google/protobuf/message.h"
#include "services/triage/match_rules.h"

namespace chanyan::triage {

// Texts as numbers from 0, for good. Thread-safe.
class TermBook {
 public:
  // In ascending order; unknown ones get the next numbers.
  std::vector<uint32_t> NumbersOf(const std::vector<std::string>& texts);
  // Those that are known.
  std::vector<uint32_t> FindAll(const std::vector<std::string>& texts) const;
  // size() if it is not known.
  uint32_t Find(absl::string_view text) const;
  size_t size() const;

 private:
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, uint32_t> numbers_ ABSL_GUARDED_BY(mutex_);
};

// One that can be suggested. Immutable once it stands on a board.
struct BoardItem {
  std::string name;
  std::string title;
  // Ascending.
  std::vector<uint32_t> terms;
  std::vector<uint32_t> industries;
  std::vector<uint32_t> fields;
  uint32_t modes = 0;
  uint32_t platform_kinds = 0;
  absl::CivilDay confirmed;
  // As of Matchable.
  std::string organization;
  // Of a demand that ends: its last day.
  absl::CivilDay last_day = absl::CivilDay::max();
  // The row, with what grants ask of it and no more; null = open to everybody.
  std::shared_ptr<const google::protobuf::Message> row;
};

BoardItem ItemOf(TermBook& book, const Matchable& one);

// An item and whether everybody may see it.
struct Shown {
  std::shared_ptr<const BoardItem> item;
  bool open = false;
  // Where its organization is; null = not known, or of no account.
  std::shared_ptr<const policy::Whereabouts> where = nullptr;
};

struct RankedItem {
  const Shown* shown = nullptr;
  int score = 0;
};

// Immutable, thread-safe.
class MatchBoard {
 public:
  struct Items {
    std::vector<Shown> results;
    std::vector<Shown> demands;
    std::vector<Shown> platforms;
  };
  // `weights` and `book` must outlive it; all items are of this book.
  MatchBoard(const MatchWeights& weights, const TermBook& book, Items items);

  // At most `limit` items of a kind that `admits` admits, best first; of equals the one whose
  // title, then name, comes first in bytes. Those without the plan's least content are not among
  // them.
  using Admits = absl::FunctionRef<bool(const Shown&)>;
  std::vector<RankedItem> Top(v1::MatchKind kind, const Matchable& subject, size_t limit,
                              absl::CivilDay today, Admits admits) const;

  // Among what is open: of platforms if one of the pair is one, else of results and demands.
  uint32_t Rarity(bool of_platforms, absl::string_view term) const;

 private:
  // Which items have a number.
  struct Postings {
    std::vector<uint32_t> begins;
    std::vector<uint32_t> items;
  };
  struct Shelf {
    // Ascending by title and name.
    std::vector<Shown> shown;
    Postings terms;
    Postings industries;
    Postings fields;
  };
  using Numbers = std::vector<uint32_t> BoardItem::*;

  static Shelf ShelfOf(std::vector<Shown> shown, size_t numbers);
  static Postings PostingsOf(const std::vector<Shown>& shown, Numbers of, size_t numbers);
  static std::vector<uint32_t> RaritiesOf(const std::vector<const std::vector<Shown>*>& texts,
                                          size_t numbers, uint32_t* of_unknown);
  const Shelf& ShelfFor(v1::MatchKind kind) const;

  const MatchWeights& weights_;
  const TermBook& book_;
  const size_t numbers_;
  const Shelf results_;
  const Shelf demands_;
  const Shelf platforms_;
  uint32_t unknown_rarity_ = 0;
  uint32_t unknown_platform_rarity_ = 0;
  // By number.
  const std::vector<uint32_t> rarities_;
  const std::vector<uint32_t> platform_rarities_;
};

}  // namespace chanyan::triage
