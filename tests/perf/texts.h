// Chinese text by chance, whose words are as unequally frequent as those of a city's catalogue: a
// few in every second text, most in a handful. The same seed writes the same.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "chanyan/registry/v1/registry.pb.h"

namespace chanyan::perf {

class TextMaker {
 public:
  explicit TextMaker(uint32_t seed);

  // So many words, with a comma now and then.
  std::string Words(int count);
  // A published platform with a name, a list of capabilities and an introduction of some 300
  // characters.
  registry::v1::Platform MakePlatform(int number);
  size_t Draw(size_t below) { return random_() % below; }

 private:
  const std::string& Word();

  std::mt19937_64 random_;
  std::vector<std::string> words_;
  // Sums of the words' weights, to draw by.
  std::vector<double> sums_;
};

}  // namespace chanyan::perf
