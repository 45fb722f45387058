// First-contact responsibility (TRI-5) under whatever comes at once, on the real database.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status/status.h"
#include "tests/service/triage/team_world.h"
#include "tests/support/seed.h"

namespace chanyan::triage {
namespace {

using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;

// Whatever comes at once – offers, acceptances, leavers, dissolved teams, withdrawals, lost COMMITs
// – every open result has exactly one holder, at every moment there ever was.
class FirstContactPropertyTest : public TeamTest {
 protected:
  static constexpr int kThreads = 8;
  static constexpr int kActs = 45;

  std::string Pick(const std::vector<std::string>& from, std::mt19937& random) {
    return from[random() % from.size()];
  }
  void Act(std::mt19937& random) {
    const std::string result = Pick(results_, random);
    const std::string one = Pick(agencies_, random);
    absl::Status status = absl::OkStatus();
    switch (random() % 15) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const std::string holder =
            Texts(absl::StrCat("SELECT holder FROM result WHERE name = '", result, "'"))[0];
        const bool with_broker = random() % 2 == 0;
        const std::string broker = with_broker ? Pick(brokers_, random) : "";
        const std::string to = with_broker ? broker_of_.at(broker) : one;
        const auto offer = Offer(result, holder, to, broker);
        status = offer.status();
        if (offer.ok()) {
          absl::MutexLock lock(&mutex_);
          offers_.push_back({offer->name(), to});
        }
        break;
      }
      case 4:
      case 5:
      case 6:
      case 7: {
        std::pair<std::string, std::string> offer;
        {
          absl::MutexLock lock(&mutex_);
          if (offers_.empty()) return;
          offer = offers_[offers_.size() - 1 - random() % std::min<size_t>(offers_.size(), 4)];
        }
        status = Accept(offer.first, offer.second).status();
        break;
      }
      case 8: {
        const std::string broker = Pick(brokers_, random);
        if (random() % 3 == 0) status = Leave(broker, broker_of_.at(broker)).status();
        break;
      }
      case 9:
        if (random() % 4 == 0) {
          status = Dissolve(Pick(teams_, random), random() % 2 == 0 ? "" : Pick(teams_, random))
                       .status();
        }
        break;
      case 10: {
        v1::Result draft = Draft(absl::StrCat("新成果", random()));
        draft.set_university(random() % 2 == 0 ? kOuc : kUpc);
        const auto made = Create(draft, ROLE_SERVICE_TEAM, one);
        status = made.status();
        break;
      }
      case 11: {
        // Several at once, of whoever holds them.
        v1::OfferHandoversRequest request;
        request.add_results(result);
        for (const std::string& other : results_) {
          if (other != result && random() % 3 == 0) request.add_results(other);
        }
        request.set_to_holder(one);
        request.set_reason("专班分工调整");
        request.set_request_id(api::NewUuid());
        const auto batch = first.OfferHandovers(
            As(ROLE_SERVICE_TEAM, kOffice, "FirstContactService.OfferHandovers"), request);
        status = batch.status();
        if (batch.ok()) {
          absl::MutexLock lock(&mutex_);
          batches_.push_back({batch->batch(), one});
        }
        break;
      }
      case 12: {
        v1::AcceptHandoversRequest request;
        std::string by;
        {
          absl::MutexLock lock(&mutex_);
          if (batches_.empty()) return;
          request.set_batch(batches_.back().first);
          by = batches_.back().second;
        }
        request.set_request_id(api::NewUuid());
        status = first
                     .AcceptHandovers(
                         As(ROLE_SERVICE_TEAM, by, "FirstContactService.AcceptHandovers"), request)
                     .status();
        break;
      }
      case 13: {
        if (random() % 4 != 0) return;
        auto request = Named<v1::MergeResultRequest>(result);
        request.set_into(Pick(results_, random));
        status =
            results
                .MergeResult(As(ROLE_SERVICE_TEAM, kOffice, "ResultService.MergeResult"), request)
                .status();
        break;
      }
      default:
        if (random() % 5 == 0) status = Withdraw(result, kOffice).status();
        break;
    }
    EXPECT_TRUE(status.ok() || absl::IsFailedPrecondition(status) || absl::IsNotFound(status) ||
                absl::IsPermissionDenied(status) || absl::IsInvalidArgument(status) ||
                absl::IsUnavailable(status) || absl::IsAborted(status) ||
                absl::IsAlreadyExists(status))
        << status;
  }

  absl::Mutex mutex_;
  std::vector<std::pair<std::string, std::string>> offers_;
  std::vector<std::pair<std::string, std::string>> batches_;
  std::vector<std::string> results_;
  std::vector<std::string> brokers_;
  std::map<std::string, std::string> broker_of_;
  const std::vector<std::string> agencies_ = {
      kMarineAgency, kHighTechAgency, "organizations/qd-agency-1", "organizations/qd-agency-4"};
  const std::vector<std::string> teams_ = {"teams/team-hy", "teams/team-gx"};
};

TEST_F(FirstContactPropertyTest, AtEveryMomentEveryOpenResultHasExactlyOneHolder) {
  const uint32_t seed = testing::Seed();
  for (int i = 0; i < 4; ++i) {
    results_.push_back(Create(Draft(absl::StrCat("成果", i)))->name());
    results_.push_back(
        Create(Draft(absl::StrCat("油气成果", i)), ROLE_RESEARCH_OFFICE, kUpc)->name());
  }
  for (const std::string& agency : agencies_) {
    for (int i = 0; i < 2; ++i) {
      const auto broker = AddBroker(agency, absl::StrCat("经纪", i, "（演示）"), true);
      ASSERT_TRUE(broker.ok()) << broker.status();
      brokers_.push_back(broker->name());
      broker_of_[broker->name()] = agency;
    }
  }
  database.db().InjectFaults({.inject_retry_every = 17,
                              .inject_ambiguous_commit_every = 23,
                              .inject_ambiguous_nocommit_every = 29});
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(seed + static_cast<unsigned>(i));
      for (int act = 0; act < kActs; ++act) Act(random);
    });
  }
  for (std::thread& thread : threads) thread.join();
  database.db().InjectFaults({});

  // The row and its open tenure say the same; what is closed has none.
  EXPECT_EQ(Count("result r LEFT JOIN tenure t ON t.open_result = r.name "
                  "WHERE r.state NOT IN ('WITHDRAWN', 'MERGED') AND "
                  "(t.name IS NULL OR t.tenant <> r.holder OR t.tenant_broker <> r.broker)"),
            0);
  EXPECT_EQ(Count("result WHERE holder = ''"), 0);
  EXPECT_EQ(Count("tenure t JOIN result r ON t.open_result = r.name "
                  "WHERE r.state IN ('WITHDRAWN', 'MERGED')"),
            0);
  // Tenures follow one another without gap or overlap from the first moment on.
  EXPECT_EQ(Count("tenure a LEFT JOIN tenure b ON a.result = b.result AND b.number = a.number + 1 "
                  "WHERE b.name IS NOT NULL AND a.end_time <> b.start_time"),
            0);
  EXPECT_EQ(Count("tenure a WHERE a.number > 1 AND NOT EXISTS (SELECT 1 FROM tenure b "
                  "WHERE b.result = a.result AND b.number = a.number - 1)"),
            0);
  EXPECT_EQ(Count("tenure a JOIN result r ON r.name = a.result "
                  "WHERE a.number = 1 AND a.start_time <> r.create_time"),
            0);
  // Nobody who has left, and no dissolved team, holds anything.
  EXPECT_EQ(Count("result r JOIN broker b ON r.broker = b.name WHERE b.state = 'LEFT' "
                  "AND r.state NOT IN ('WITHDRAWN', 'MERGED')"),
            0);
  EXPECT_EQ(Count("result r JOIN service_team t ON r.team = t.name WHERE t.state = 'DISSOLVED' "
                  "AND r.state NOT IN ('WITHDRAWN', 'MERGED')"),
            0);
  // An offer that waits is the one its result knows of.
  EXPECT_EQ(Count("handover h JOIN result r ON h.result = r.name "
                  "WHERE h.state = 'OFFERED' AND r.open_handover <> h.name"),
            0);
  EXPECT_EQ(Count("result r LEFT JOIN handover h ON h.name = r.open_handover "
                  "WHERE r.open_handover <> '' AND (h.name IS NULL OR h.state <> 'OFFERED')"),
            0);
  // What is merged went into another that knows of it, and holds nothing of its own any more.
  EXPECT_EQ(Count("result r LEFT JOIN result i ON i.name = r.merged_into AND i.name <> r.name "
                  "WHERE r.state = 'MERGED' AND i.name IS NULL"),
            0);
  EXPECT_EQ(Count("result WHERE state = 'MERGED' AND open_handover <> ''"), 0);
  // Something did happen.
  EXPECT_GT(Count("tenure WHERE cause = 'HANDED_OVER'"), 0);
}

}  // namespace
}  // namespace chanyan::triage
