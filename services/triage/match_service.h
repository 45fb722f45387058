// RPC handlers of chanyan.triage.v1.MatchingService (TRI-9). The score itself is match_rules.
// Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/matching.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/protobuf/empty.pb.h"
#include "services/triage/deps.h"
#include "services/triage/match_catalogue.h"

namespace chanyan::triage {

class MatchingService {
 public:
  // FAILED_PRECONDITION if the pack's plan names what does not exist. Without a plan nothing is
  // matched. `at_once` as of MatchCatalogue.
  static absl::StatusOr<std::unique_ptr<MatchingService>> Make(
      Deps deps, PlatformSource platforms, absl::Duration at_once = MatchCatalogue::kAtOnce);

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ListMatchesOfResultResponse> ListMatchesOfResult(
      const rpc::Call&, const v1::ListMatchesOfResultRequest&);
  absl::StatusOr<v1::ListMatchesOfDemandResponse> ListMatchesOfDemand(
      const rpc::Call&, const v1::ListMatchesOfDemandRequest&);

  absl::StatusOr<v1::ListMatchesOfPlatformResponse> ListMatchesOfPlatform(
      const rpc::Call&, const v1::ListMatchesOfPlatformRequest&);

  // match_dismissals.cc
  absl::StatusOr<v1::MatchDismissal> DismissMatch(const rpc::Call&, const v1::DismissMatchRequest&);
  absl::StatusOr<google::protobuf::Empty> RestoreMatch(const rpc::Call&,
                                                       const v1::RestoreMatchRequest&);
  absl::StatusOr<v1::ListMatchDismissalsResponse> ListMatchDismissals(
      const rpc::Call&, const v1::ListMatchDismissalsRequest&);

  // For the job: the board follows what has changed.
  absl::Status Refresh();

 private:
  // By the counterpart's name.
  using Dismissals = absl::flat_hash_map<std::string, v1::MatchDismissal>;
  // One of the two that somebody says do not suit each other.
  struct Party {
    std::string name;
    std::string title;
    // The caller may change it.
    bool writable = false;
    // The other side may know of it: a result on the market, a demand that is no draft, a platform.
    bool shown = true;
  };

  MatchingService(Deps deps, std::unique_ptr<const MatchWeights> weights,
                  std::unique_ptr<MatchCatalogue> catalogue);

  // For whom suggestions are asked, and what they are made of: the same for every kind.
  struct Question {
    Matchable subject;
    std::shared_ptr<const MatchBoard> board;
    Dismissals dismissals;
  };
  absl::StatusOr<Question> Ask(const rpc::Call& call, Matchable subject);
  // Suggestions of one kind, and what was dismissed of them and the caller may know of.
  template <class Response>
  absl::Status Suggest(const rpc::Call& call, v1::MatchKind kind, const Question& question,
                       int32_t wanted, google::protobuf::RepeatedPtrField<v1::Match>* matches,
                       Response* response);
  // What they are now, those that the caller still sees; the market's by the name of their listing
  // in `*listings`.
  absl::StatusOr<std::vector<Matchable>> Present(
      const rpc::Call& call, v1::MatchKind kind, const std::vector<std::string>& names,
      absl::flat_hash_map<std::string, std::string>* listings);
  v1::Match MatchOf(const MatchBoard& board, const Matchable& subject, const Matchable& other,
                    absl::CivilDay today) const;
  template <class Response>
  absl::Status Sign(Response* response) const;

  // The result, or the demand, of a dismissal; NOT_FOUND if the caller does not see it,
  // FAILED_PRECONDITION if it is a demand that is a draft.
  absl::StatusOr<Party> ResultParty(rpc::Change& change, const rpc::Call& call,
                                    const std::string& name, v1::MatchDismissal* row) const;
  absl::StatusOr<Party> DemandParty(rpc::Change& change, const rpc::Call& call,
                                    const std::string& name, v1::MatchDismissal* row) const;
  absl::StatusOr<Party> PartyOf(rpc::Change& change, const rpc::Call& call, const std::string& name,
                                v1::MatchDismissal* row) const;

  const Deps deps_;
  // Null if the pack has no plan.
  const std::unique_ptr<const MatchWeights> weights_;
  const db::Table<v1::Result> results_;
  const db::Table<v1::Demand> demands_;
  const db::Table<v1::Listing> listings_;
  const db::Table<v1::MatchDismissal> dismissals_;
  const std::unique_ptr<MatchCatalogue> catalogue_;
};

}  // namespace chanyan::triage
