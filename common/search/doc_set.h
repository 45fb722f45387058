// A set of document numbers as bits: what a word, a value or a caller's label stands for. Numbers
// begin at 1. A value.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace chanyan::search {

class DocSet {
 public:
  DocSet() = default;
  // Room for numbers up to `last`.
  explicit DocSet(uint32_t last) : words_(last / kBits + 1) {}

  void Add(uint32_t doc) {
    if (doc / kBits >= words_.size()) words_.resize(doc / kBits + 1);
    words_[doc / kBits] |= uint64_t{1} << doc % kBits;
  }
  void Remove(uint32_t doc) {
    if (doc / kBits < words_.size()) words_[doc / kBits] &= ~(uint64_t{1} << doc % kBits);
  }
  bool Has(uint32_t doc) const {
    return doc / kBits < words_.size() && (words_[doc / kBits] >> doc % kBits & 1) != 0;
  }

  DocSet& operator&=(const DocSet& other) {
    if (words_.size() > other.words_.size()) words_.resize(other.words_.size());
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  DocSet& operator|=(const DocSet& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
    for (size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }

  size_t Count() const {
    size_t count = 0;
    for (const uint64_t word : words_) count += static_cast<size_t>(std::popcount(word));
    return count;
  }
  bool Empty() const {
    for (const uint64_t word : words_) {
      if (word != 0) return false;
    }
    return true;
  }
  // Number of documents in both.
  static size_t CountBoth(const DocSet& a, const DocSet& b) {
    const size_t words = a.words_.size() < b.words_.size() ? a.words_.size() : b.words_.size();
    size_t count = 0;
    for (size_t i = 0; i < words; ++i) {
      count += static_cast<size_t>(std::popcount(a.words_[i] & b.words_[i]));
    }
    return count;
  }
  // The first number that is not less than `from`; 0 if there is none.
  uint32_t NextFrom(uint32_t from) const {
    size_t at = from / kBits;
    if (at >= words_.size()) return 0;
    uint64_t word = words_[at] & ~uint64_t{0} << from % kBits;
    while (word == 0) {
      if (++at >= words_.size()) return 0;
      word = words_[at];
    }
    return static_cast<uint32_t>(at * kBits + static_cast<size_t>(std::countr_zero(word)));
  }

 private:
  static constexpr uint32_t kBits = 64;

  std::vector<uint64_t> words_;
};

}  // namespace chanyan::search
