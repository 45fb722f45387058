// The words by which a need and a platform are compared.
#pragma once

#include <string>
#include <vector>

#include "chanyan/registry/v1/registry.pb.h"
#include "common/search/rarity.h"
#include "services/pairing/recommend_rules.h"

namespace chanyan::pairing {

using search::kBetweenTexts;

// Sets characters and terms of the need: pairs of Chinese characters and names such as abs or 5g;
// single characters and bare numbers say too little.
void SetWords(const std::string& text, Need* need);

// Offer::terms of a platform's name, introduction, capabilities and services.
std::vector<std::string> WordsOf(const registry::v1::Platform& platform);

}  // namespace chanyan::pairing
