// 不要合并表格 as a property of what was written (S0 二; CYC-3, CYC-6): every package and ledger
// there is, opened and compared with the rows. Fails the test where it does not hold.
#pragma once

#include <map>
#include <string>

#include "tests/service/cycle/world.h"

namespace chanyan::cycle {

// Platforms by display name → their university.
using PlatformOwners = std::map<std::string, std::string>;

// In each package a file is of one university and no university has two, no row stands twice in
// one, and no row that was handed in is in none.
void ExpectUnmergedPackages(World& world, const PlatformOwners& platforms);

// The ledger of a unit, or of all if that is empty, has each row whose last hop in step 3 led
// forward, once, and under its own university.
void ExpectUnmergedLedger(World& world, const PlatformOwners& platforms, const std::string& unit);

}  // namespace chanyan::cycle
