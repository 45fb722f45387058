// What the tests of the whole suite start from: a secretariat, a university with its research
// office, a unit and an enterprise.
#pragma once

#include <string>

#include "tests/support/suite/suite.h"

namespace chanyan::e2e {

class City {
 public:
  explicit City(testing::SuiteOptions options = {});

  testing::Suite& suite() { return suite_; }
  testing::Api& secretariat() { return secretariat_; }
  testing::Api& research_office() { return research_office_; }
  // organizations/{…}
  const std::string& university() const { return university_; }
  const std::string& enterprise() const { return enterprise_; }

  // Creates an organization; `more` is JSON members with a comma in front. Returns its name.
  std::string Organization(const std::string& id, const std::string& kind, const std::string& title,
                           const std::string& more = "");
  std::string Enterprise(int number, const std::string& industry = "");

 private:
  testing::Suite suite_;
  testing::Api secretariat_;
  std::string university_;
  std::string enterprise_;
  testing::Api research_office_;
};

// A body for CreatePlatform that the publication rules are satisfied with.
std::string PlatformBody(const std::string& title);

}  // namespace chanyan::e2e
