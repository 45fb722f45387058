// Clients that apply as consortia while services are killed: signatures of all parties, the way to
// the public notice, objections to it. Each request is sent with its id until its answer is known.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/db/database.h"
#include "tests/support/suite/suite.h"

namespace chanyan::fault {

// Who takes part, made through the gateway under a clock that is behind: notices end when it is
// moved on.
struct ConsortiumScene {
  explicit ConsortiumScene(testing::Suite& suite);

  testing::Api ApiOf(const testing::Headers& credentials) const {
    return testing::Api(address, credentials);
  }

  std::string address;
  db::Config database;
  testing::Headers office;
  testing::Headers district;
  // The lead first.
  std::vector<std::string> parties;
  std::vector<testing::Headers> signers;
  std::vector<testing::Headers> objectors;
};

// Used by one thread.
class ConsortiumClient {
 public:
  struct Receipt {
    std::string number;
    std::string hash;
  };

  ConsortiumClient(const ConsortiumScene& scene, int number);

  // One dossier after the other until `stop`; one that was begun is brought to its notice.
  void Run(const std::atomic<bool>& stop);
  // Brings a report of progress to its acceptance; it is sent back once on the way. What is noted
  // of somebody else's credit meanwhile is taken back.
  bool ReportProgress(const std::string& report);

  // What was acknowledged.
  std::vector<std::string> requests;
  std::vector<std::string> signatures;
  // Notices, and those of them that were objected to.
  std::vector<std::string> notices;
  std::vector<std::string> objected;
  std::vector<Receipt> receipts;
  // Sent again because nobody knew what came of it.
  int resent = 0;
  std::vector<std::string> complaints;
  // What it sent, whatever came of it.
  std::set<std::string> rpcs;

 private:
  // The answer, or one without a status when it stayed unknown or was refused.
  testing::HttpReply Send(testing::Api& api, const std::string& method, const std::string& target,
                          const std::string& body, const std::string& type = "");
  bool MakeOne();
  bool Object(const std::string& notice);

  const ConsortiumScene& scene_;
  const int number_;
  testing::Api office_;
  testing::Api district_;
  std::vector<testing::Api> signers_;
  std::unique_ptr<db::Database> database_;
  int serial_ = 0;
};

}  // namespace chanyan::fault
