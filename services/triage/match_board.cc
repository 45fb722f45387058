#include "services/triage/match_board.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace chanyan::triage {

std::vector<uint32_t> TermBook::NumbersOf(const std::vector<std::string>& texts) {
  std::vector<uint32_t> numbers;
  numbers.reserve(texts.size());
  absl::MutexLock lock(&mutex_);
  for (const std::string& text : texts) {
    numbers.push_back(
        numbers_.try_emplace(text, static_cast<uint32_t>(numbers_.size())).first->second);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<uint32_t> TermBook::FindAll(const std::vector<std::string>& texts) const {
  std::vector<uint32_t> numbers;
  absl::ReaderMutexLock lock(&mutex_);
  for (const std::string& text : texts) {
    const auto found = numbers_.find(text);
    if (found != numbers_.end()) numbers.push_back(found->second);
  }
  return numbers;
}

uint32_t TermBook::Find(absl::string_view text) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = numbers_.find(text);
  return found == numbers_.end() ? static_cast<uint32_t>(numbers_.size()) : found->second;
}

size_t TermBook::size() const {
  absl::ReaderMutexLock lock(&mutex_);
  return numbers_.size();
}

BoardItem ItemOf(TermBook& book, const Matchable& one) {
  BoardItem item;
  item.name = one.name;
  item.title = one.title;
  item.terms = book.NumbersOf(search::TellingTerms(one.text));
  item.industries = book.NumbersOf(one.industries);
  item.fields = book.NumbersOf(one.fields);
  item.modes = one.modes;
  item.platform_kinds = one.platform_kinds;
  item.confirmed = one.confirmed;
  item.organization = one.organization;
  return item;
}

MatchBoard::Postings MatchBoard::PostingsOf(const std::vector<Shown>& shown, Numbers of,
                                            size_t numbers) {
  Postings postings;
  postings.begins.assign(numbers + 1, 0);
  for (const Shown& one : shown) {
    for (const uint32_t number : (*one.item).*of) ++postings.begins[number + 1];
  }
  for (size_t i = 0; i < numbers; ++i) postings.begins[i + 1] += postings.begins[i];
  postings.items.resize(postings.begins[numbers]);
  std::vector<uint32_t> next(postings.begins.begin(), postings.begins.end() - 1);
  for (uint32_t i = 0; i < shown.size(); ++i) {
    for (const uint32_t number : (*shown[i].item).*of) postings.items[next[number]++] = i;
  }
  return postings;
}

MatchBoard::Shelf MatchBoard::ShelfOf(std::vector<Shown> shown, size_t numbers) {
  std::sort(shown.begin(), shown.end(), [](const Shown& a, const Shown& b) {
    return std::tie(a.item->title, a.item->name) < std::tie(b.item->title, b.item->name);
  });
  Shelf shelf;
  shelf.shown = std::move(shown);
  shelf.terms = PostingsOf(shelf.shown, &BoardItem::terms, numbers);
  shelf.industries = PostingsOf(shelf.shown, &BoardItem::industries, numbers);
  shelf.fields = PostingsOf(shelf.shown, &BoardItem::fields, numbers);
  return shelf;
}

std::vector<uint32_t> MatchBoard::RaritiesOf(const std::vector<const std::vector<Shown>*>& texts,
                                             size_t numbers, uint32_t* of_unknown) {
  uint64_t open = 0;
  std::vector<uint32_t> rarities(numbers);
  for (const std::vector<Shown>* shown : texts) {
    for (const Shown& one : *shown) {
      if (!one.open) continue;
      ++open;
      for (const uint32_t term : one.item->terms) ++rarities[term];
    }
  }
  *of_unknown = search::MilliLog2(open + 1, 1);
  for (uint32_t& count : rarities) {
    count = count <= 1 ? *of_unknown : search::MilliLog2(open + 1, count);
  }
  return rarities;
}

MatchBoard::MatchBoard(const MatchWeights& weights, const TermBook& book, Items items)
    : weights_(weights),
      book_(book),
      numbers_(book.size()),
      results_(ShelfOf(std::move(items.results), numbers_)),
      demands_(ShelfOf(std::move(items.demands), numbers_)),
      platforms_(ShelfOf(std::move(items.platforms), numbers_)),
      rarities_(RaritiesOf({&results_.shown, &demands_.shown}, numbers_, &unknown_rarity_)),
      platform_rarities_(RaritiesOf({&platforms_.shown}, numbers_, &unknown_platform_rarity_)) {}

const MatchBoard::Shelf& MatchBoard::ShelfFor(v1::MatchKind kind) const {
  if (kind == v1::MATCH_KIND_RESULT) return results_;
  return kind == v1::MATCH_KIND_DEMAND ? demands_ : platforms_;
}

uint32_t MatchBoard::Rarity(bool of_platforms, absl::string_view term) const {
  // The book may have grown since.
  const uint32_t number = book_.Find(term);
  if (of_platforms) {
    return number < numbers_ ? platform_rarities_[number] : unknown_platform_rarity_;
  }
  return number < numbers_ ? rarities_[number] : unknown_rarity_;
}

std::vector<RankedItem> MatchBoard::Top(v1::MatchKind kind, const Matchable& subject, size_t limit,
                                        absl::CivilDay today, Admits admits) const {
  const Shelf& shelf = ShelfFor(kind);
  const bool of_platforms =
      kind == v1::MATCH_KIND_PLATFORM || subject.kind == v1::MATCH_KIND_PLATFORM;
  const std::vector<uint32_t>& rarities = of_platforms ? platform_rarities_ : rarities_;
  const size_t count = shelf.shown.size();
  std::vector<uint32_t> milli_bits(count), permille(count);
  std::vector<bool> fields(count);
  const auto each = [this](const Postings& postings, uint32_t number, auto visit) {
    if (number >= numbers_) return;
    for (uint32_t i = postings.begins[number]; i < postings.begins[number + 1]; ++i) {
      visit(postings.items[i]);
    }
  };
  for (const uint32_t term : book_.FindAll(search::TellingTerms(subject.text))) {
    if (term >= numbers_) continue;
    const uint32_t rarity = rarities[term];
    each(shelf.terms, term, [&](uint32_t i) { milli_bits[i] += rarity; });
  }
  for (const std::string& industry : subject.industries) {
    const auto* related = weights_.points().RelatedTo(industry);
    if (related == nullptr) continue;
    for (const auto& [name, share] : *related) {
      const uint32_t permitted = share;
      each(shelf.industries, book_.Find(name),
           [&](uint32_t i) { permille[i] = std::max(permille[i], permitted); });
    }
  }
  for (const uint32_t field : book_.FindAll(subject.fields)) {
    each(shelf.fields, field, [&](uint32_t i) { fields[i] = true; });
  }

  const auto least = static_cast<int>(weights_.plan().least_content_points());
  const auto better = [](const RankedItem& a, const RankedItem& b) {
    // Addresses go with title and name: shown is sorted and does not move.
    return a.score != b.score ? a.score > b.score : a.shown < b.shown;
  };
  // The best so far with the worst of them on top.
  std::vector<RankedItem> best;
  for (size_t i = 0; i < count && limit > 0; ++i) {
    const BoardItem& item = *shelf.shown[i].item;
    int score = weights_.Field(fields[i]);
    if (milli_bits[i] > 0) score += weights_.Words(milli_bits[i]);
    if (permille[i] > 0) score += weights_.Industry(permille[i]);
    if (score < least) continue;
    const uint32_t ways =
        of_platforms ? subject.platform_kinds & item.platform_kinds : subject.modes & item.modes;
    score += weights_.Way(ways != 0);
    if (of_platforms) {
      score += weights_.Freshness(
          kind == v1::MATCH_KIND_PLATFORM ? item.confirmed : subject.confirmed, today);
      const auto& where = shelf.shown[i].where;
      if (where != nullptr) score += weights_.Place(subject.where, *where);
    }
    if (best.size() == limit && score <= best.front().score) continue;
    if (item.name == subject.name || item.last_day < today || !admits(shelf.shown[i])) continue;
    if (best.size() == limit) {
      std::pop_heap(best.begin(), best.end(), better);
      best.pop_back();
    }
    best.push_back({&shelf.shown[i], score});
    std::push_heap(best.begin(), best.end(), better);
  }
  std::sort_heap(best.begin(), best.end(), better);
  return best;
}

}  // namespace chanyan::triage
