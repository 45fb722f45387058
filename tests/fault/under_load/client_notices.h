// A client whose acts people are told of: it raises problems of the common project and takes them
// up the ladder. Like a person at a page that does not answer it insists, under one request id,
// until it knows.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/fault/under_load/ledger.h"
#include "tests/fault/under_load/scene.h"

namespace chanyan::fault {

// Used by one thread.
class NoticeClient {
 public:
  NoticeClient(const Scene& scene, int number);

  // One problem, from raised to escalated once or twice; some are resolved then.
  void Step();

  // Problem → how often it was escalated.
  const std::map<std::string, int>& escalated() const { return escalated_; }
  // What was refused for good, or never answered.
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  // The answer; empty if there was none, which is complained of.
  testing::Json Insist(testing::Api& api, const std::string& target, const std::string& body);

  const std::string project_;
  const int number_;
  testing::Api raiser_;
  testing::Api secretariat_;
  int serial_ = 0;
  std::map<std::string, int> escalated_;
  std::vector<std::string> complaints_;
};

}  // namespace chanyan::fault
