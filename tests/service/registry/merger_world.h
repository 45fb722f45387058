// What tests of mergers and splits have in common.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/service/registry/registry_world.h"

namespace chanyan::registry {

class MergerTest : public ::testing::Test, protected RegistryWorld {
 protected:
  static constexpr auto kCompany = v1::ORGANIZATION_KIND_ENTERPRISE;
  static constexpr auto kUniversity = v1::ORGANIZATION_KIND_UNIVERSITY;
  static constexpr auto kTown = v1::ORGANIZATION_KIND_TOWN;

  // Everything that a refusal must leave as it was.
  std::vector<std::string> Everything() {
    return Texts(
        "SELECT CONCAT_WS('|', name, version) FROM organization UNION ALL "
        "SELECT CONCAT_WS('|', name, version) FROM platform UNION ALL "
        "SELECT name FROM organization_event UNION ALL SELECT COUNT(*) FROM journal");
  }
};

}  // namespace chanyan::registry
