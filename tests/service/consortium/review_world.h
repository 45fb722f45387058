// What tests of expert review need: a dossier under review, a pool of experts, the registry and
// pairing as they answer, and the services of review over a real database.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "services/consortium/expert_service.h"
#include "services/consortium/meeting_service.h"
#include "services/consortium/review_service.h"
#include "tests/support/fake_peer.h"
#include "tests/support/named.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::consortium {

inline constexpr char kReviewed[] = "consortia/c1";
inline constexpr char kLead[] = "organizations/lead";
inline constexpr char kMember[] = "organizations/member";
inline constexpr char kDistrict[] = "organizations/qd-st-370211";

inline std::string TextOf(const absl::Status& status) { return std::string(status.message()); }

class ReviewWorld : public testing::NamedRequests {
 public:
  ReviewWorld();

  // `method` has its service before it: "ReviewService.GetReviewPanel".
  rpc::Call Office(absl::string_view method) const;
  static rpc::Call As(options::v1::Role role, absl::string_view organization,
                      absl::string_view method);
  // The expert of that account.
  rpc::Call Expert(const v1::ReviewAssignment& assignment, absl::string_view method) const;

  void Add(const std::string& name, registry::v1::OrganizationKind kind,
           const std::string& parent = "");
  // A project of pairing that is being built.
  void AddProject(const std::string& university, const std::string& enterprise);
  // Pairing answers so from now on when it is asked for projects, or for agreements; OK = with what
  // it has.
  void WithholdProjects(const absl::Status& answer);
  void WithholdAgreements(const absl::Status& answer);
  // An expert of the pool, in office, of an employer of that name.
  v1::Expert AddExpert(const std::string& id, const std::string& category,
                       const std::string& employer);
  // Seven of technology, three of industry, three of management, each of an employer of his own.
  void AddPool();
  // A dossier in `state` since now.
  void SetState(v1::ConsortiumState state, const std::string& name = kReviewed);

  absl::StatusOr<v1::ReviewPanel> Draw(const std::string& sheet = "document",
                                       const std::string& seed = "0123456789abcdef",
                                       const std::string& consortium = kReviewed);
  std::vector<v1::ReviewAssignment> AssignmentsOf(const std::string& panel);
  v1::ScoreSheet SheetOf(const v1::ReviewAssignment& assignment);
  absl::StatusOr<v1::ReviewAssignment> Accept(const v1::ReviewAssignment& assignment);
  // Full points less `off` tenths on the first criterion.
  absl::StatusOr<v1::ScoreSheet> Fill(const v1::ReviewAssignment& assignment, int off);
  absl::StatusOr<v1::ScoreSheet> Submit(const v1::ReviewAssignment& assignment);
  // Accepts, fills in and submits.
  absl::StatusOr<v1::ScoreSheet> Score(const v1::ReviewAssignment& assignment, int off);
  // A panel with all its sheets handed in, each expert off by so many tenths.
  v1::ReviewPanel Scored(const std::vector<int>& off);
  std::set<std::string> ExpertsOf(const std::string& panel);
  absl::StatusOr<v1::ReviewPanel> Close(const std::string& panel);
  absl::StatusOr<v1::ReviewPanel> Recheck(const std::string& panel);
  absl::StatusOr<v1::Expert> Declare(const v1::Expert& expert, const std::string& organization,
                                     v1::InterestKind kind);
  // One gate of the dossier's steps, in a transaction of its own.
  absl::Status Gate(absl::Status (ReviewBook::*gate)(rpc::Change&, const v1::Consortium&) const);

  template <class T>
  T Stored(const std::string& name) {
    const db::Table<T> table;
    T row;
    const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(row, table.Get(session, name));
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return row;
  }
  int64_t Count(const std::string& from) {
    return std::stoll(
        testing::Texts(database.db(), absl::StrCat("SELECT COUNT(*) FROM ", from)).at(0));
  }

  testing::FakeClock clock;
  testing::TestDatabase database;
  const std::unique_ptr<const policy::Pack> pack;
  // Rows that a job could not do.
  std::vector<std::string> failed;

 private:
  std::vector<testing::FakePeer::Service> PeerServices();
  ReviewDeps deps() {
    return {
        {database.db(), clock, nullptr},
        *pack,
        peer.peers(),
        [this](DueJob, const std::string& name, const absl::Status&) { failed.push_back(name); }};
  }

  absl::Mutex mutex_;
  std::map<std::string, registry::v1::Organization> organizations_;
  std::vector<pairing::v1::Project> projects_;
  absl::Status projects_answer_;
  absl::Status agreements_answer_;

 public:
  testing::FakePeer peer;
  ReviewBook book;
  ExpertService experts;
  ReviewService reviews;
  MeetingService meetings;
};

}  // namespace chanyan::consortium
