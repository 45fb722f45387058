// Suggestions: who is asked for, what is on the board, what speaks against it.
#include "services/triage/match_service.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/db/in_chunks.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/triage/demand_life.h"
#include "services/triage/demand_scope.h"
#include "services/triage/result_life.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

constexpr char kDismissalsOf[] = "subject = ? OR counterpart = ?";
constexpr size_t kDefaultMatches = 20;
// Besides those that are asked for: some may have gone since the board was made.
constexpr size_t kSpare = 10;

// Who runs a platform may ask what fits it, and so may those who serve results and demands.
absl::Status CheckAsks(const rpc::Call& call, const registry::v1::Platform& platform) {
  const auth::Principal& caller = call.principal;
  if (caller.Has(options::v1::ROLE_DEPARTMENT) || caller.Has(options::v1::ROLE_SERVICE_TEAM) ||
      caller.Has(options::v1::ROLE_BROKER) || caller.Has(options::v1::ROLE_LEADER) ||
      caller.Has(options::v1::ROLE_SERVICE) ||
      auth::Reaches(caller, platform, options::v1::ACCESS_WRITE)) {
    return absl::OkStatus();
  }
  return status::PermissionDenied("平台匹配由平台所在单位和服务专班查看");
}

// Rows of `table` with one of these names that hold `scope`.
template <class T>
absl::StatusOr<std::vector<T>> Named(db::Session& session, const db::Table<T>& table,
                                     const std::vector<std::string>& names,
                                     const db::Predicate& scope) {
  std::vector<T> found;
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
        const db::Predicate among{absl::StrCat("name IN ", db::Marks(chunk.size())),
                                  db::Values(chunk.begin(), chunk.end())};
        CHANYAN_ASSIGN_OR_RETURN(std::vector<T> rows, table.Select(session, db::And(among, scope)));
        for (T& row : rows) found.push_back(std::move(row));
        return absl::OkStatus();
      }));
  return found;
}

}  // namespace

absl::StatusOr<std::unique_ptr<MatchingService>> MatchingService::Make(Deps deps,
                                                                       PlatformSource platforms,
                                                                       absl::Duration at_once) {
  std::unique_ptr<const MatchWeights> weights;
  std::unique_ptr<MatchCatalogue> catalogue;
  if (deps.pack.proto().has_matching()) {
    CHANYAN_ASSIGN_OR_RETURN(weights, MatchWeights::Make(deps.pack.pack()));
    catalogue =
        std::make_unique<MatchCatalogue>(*weights, deps.store.db, std::move(platforms), at_once);
  }
  return std::unique_ptr<MatchingService>(
      new MatchingService(std::move(deps), std::move(weights), std::move(catalogue)));
}

MatchingService::MatchingService(Deps deps, std::unique_ptr<const MatchWeights> weights,
                                 std::unique_ptr<MatchCatalogue> catalogue)
    : deps_(std::move(deps)), weights_(std::move(weights)), catalogue_(std::move(catalogue)) {}

std::vector<rpc::UnaryMethod> MatchingService::Methods() {
  using S = MatchingService;
  return {
      rpc::Unary("ListMatchesOfResult", this, &S::ListMatchesOfResult),
      rpc::Unary("ListMatchesOfDemand", this, &S::ListMatchesOfDemand),
      rpc::Unary("ListMatchesOfPlatform", this, &S::ListMatchesOfPlatform),
      rpc::Unary("DismissMatch", this, &S::DismissMatch),
      rpc::Unary("RestoreMatch", this, &S::RestoreMatch),
      rpc::Unary("ListMatchDismissals", this, &S::ListMatchDismissals),
  };
}

absl::Status MatchingService::Refresh() {
  return catalogue_ == nullptr ? absl::OkStatus() : catalogue_->Refresh();
}

absl::StatusOr<MatchingService::Question> MatchingService::Ask(const rpc::Call& call,
                                                               Matchable subject) {
  CHANYAN_ASSIGN_OR_RETURN(std::shared_ptr<const MatchBoard> board, catalogue_->Board());
  Question question{catalogue_->Placed(std::move(subject)), std::move(board), {}};
  const std::string& name = question.subject.name;
  std::vector<v1::MatchDismissal> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(rows, dismissals_.Select(session, {kDismissalsOf, {name, name}}));
        return absl::OkStatus();
      }));
  for (v1::MatchDismissal& row : rows) {
    const std::string& other = row.subject() == name ? row.counterpart() : row.subject();
    question.dismissals.emplace(other, std::move(row));
  }
  return question;
}

absl::StatusOr<std::vector<Matchable>> MatchingService::Present(
    const rpc::Call& call, v1::MatchKind kind, const std::vector<std::string>& names,
    absl::flat_hash_map<std::string, std::string>* listings) {
  std::vector<Matchable> present;
  if (kind == v1::MATCH_KIND_PLATFORM) {
    for (const std::string& name : names) {
      const auto platform = catalogue_->platforms().get(name);
      if (platform.ok()) present.push_back(catalogue_->Placed(weights_->Of(*platform)));
    }
    return present;
  }
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        present.clear();
        const db::Predicate published = {"state = 'PUBLISHED'", {}};
        if (kind == v1::MATCH_KIND_DEMAND) {
          CHANYAN_ASSIGN_OR_RETURN(
              const std::vector<v1::Demand> rows,
              Named(session, demands_, names,
                    db::And(published, VisibleDemands(call.principal, deps_.store.clock.Now()))));
          for (const v1::Demand& row : rows) {
            present.push_back(catalogue_->Placed(weights_->Of(row)));
          }
          return absl::OkStatus();
        }
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Result> rows,
            Named(session, results_, names,
                  db::And(published, auth::Readable<v1::Result>(call.principal))));
        absl::flat_hash_map<std::string, bool> readable;
        for (const v1::Result& row : rows) {
          readable[row.name()] = true;
          present.push_back(weights_->Of(row));
        }
        std::vector<std::string> others;
        for (const std::string& name : names) {
          if (!readable.contains(name)) {
            others.push_back(absl::StrCat("listings/", api::IdOfName(name)));
          }
        }
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Listing> listed,
                                 Named(session, listings_, others, {"listed = 1", {}}));
        for (const v1::Listing& row : listed) {
          (*listings)[row.result()] = row.name();
          present.push_back(weights_->Of(row));
        }
        return absl::OkStatus();
      }));
  return present;
}

v1::Match MatchingService::MatchOf(const MatchBoard& board, const Matchable& subject,
                                   const Matchable& other, absl::CivilDay today) const {
  const bool of_platforms = IsPlatformPair(subject, other);
  v1::Match match;
  match.set_counterpart(other.name);
  match.set_kind(other.kind);
  match.set_title(other.title);
  match.set_organization_title(other.organization_title);
  for (v1::MatchReason& reason : MatchReasons(
           *weights_, [&](const std::string& term) { return board.Rarity(of_platforms, term); },
           subject, other, today)) {
    match.set_score(match.score() + reason.points());
    *match.add_reasons() = std::move(reason);
  }
  return match;
}

template <class Response>
absl::Status MatchingService::Suggest(const rpc::Call& call, v1::MatchKind kind,
                                      const Question& question, int32_t wanted,
                                      google::protobuf::RepeatedPtrField<v1::Match>* matches,
                                      Response* response) {
  const Matchable& subject = question.subject;
  const MatchBoard& board = *question.board;
  const Dismissals& dismissals = question.dismissals;
  const absl::CivilDay today = time::DayOf(deps_.store.clock.Now());
  const size_t limit = wanted == 0 ? kDefaultMatches : static_cast<size_t>(wanted);
  std::vector<std::string> names;
  for (const RankedItem& ranked :
       board.Top(kind, subject, limit + dismissals.size() + kSpare, today, [&](const Shown& shown) {
         return shown.open || shown.item->row == nullptr ||
                auth::Reaches(call.principal, *shown.item->row, options::v1::ACCESS_READ);
       })) {
    names.push_back(ranked.shown->item->name);
  }
  absl::flat_hash_map<std::string, std::string> listings;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<Matchable> present,
                           Present(call, kind, names, &listings));
  std::vector<v1::Match> found;
  const auto least = static_cast<int>(weights_->plan().least_content_points());
  for (const Matchable& other : present) {
    const bool of_platforms = IsPlatformPair(subject, other);
    const MatchPoints points = WeighMatch(
        *weights_, [&](const std::string& term) { return board.Rarity(of_platforms, term); },
        subject, other, today);
    if (points.Content() >= least) found.push_back(MatchOf(board, subject, other, today));
  }
  std::sort(found.begin(), found.end(), [](const v1::Match& a, const v1::Match& b) {
    if (a.score() != b.score()) return a.score() > b.score();
    return std::tie(a.title(), a.counterpart()) < std::tie(b.title(), b.counterpart());
  });
  for (v1::Match& match : found) {
    if (static_cast<size_t>(matches->size()) == limit) break;
    const auto dismissed = dismissals.find(match.counterpart());
    const auto listing = listings.find(match.counterpart());
    if (listing != listings.end()) match.set_counterpart(listing->second);
    if (dismissed == dismissals.end()) {
      *matches->Add() = std::move(match);
    } else if (auth::Reaches(call.principal, dismissed->second, options::v1::ACCESS_READ)) {
      match.set_dismissal(dismissed->second.name());
      match.set_dismissal_reason(dismissed->second.reason());
      *response->add_dismissed() = std::move(match);
    }
  }
  return absl::OkStatus();
}

template <class Response>
absl::Status MatchingService::Sign(Response* response) const {
  response->set_pack_version(
      absl::StrCat(deps_.pack.pack().id(), " ", deps_.pack.pack().version()));
  const absl::Time as_of = catalogue_->platforms().as_of();
  if (as_of != absl::InfinitePast()) {
    *response->mutable_platforms_as_of() = time::ToTimestamp(as_of);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ListMatchesOfResultResponse> MatchingService::ListMatchesOfResult(
    const rpc::Call& call, const v1::ListMatchesOfResultRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Result row,
                           rpc::Fetch(deps_.store.db, call, results_, request.name()));
  if (weights_ == nullptr) return MatchWeights::Make(deps_.pack.pack()).status();
  if (!IsOpen(row.state())) {
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "成果已撤回或合并，不再匹配");
  }
  CHANYAN_ASSIGN_OR_RETURN(const Question question, Ask(call, weights_->Of(row)));
  v1::ListMatchesOfResultResponse response;
  CHANYAN_RETURN_IF_ERROR(Suggest(call, v1::MATCH_KIND_DEMAND, question, request.max_results(),
                                  response.mutable_demands(), &response));
  CHANYAN_RETURN_IF_ERROR(Suggest(call, v1::MATCH_KIND_PLATFORM, question, request.max_results(),
                                  response.mutable_platforms(), &response));
  CHANYAN_RETURN_IF_ERROR(Sign(&response));
  return response;
}

absl::StatusOr<v1::ListMatchesOfDemandResponse> MatchingService::ListMatchesOfDemand(
    const rpc::Call& call, const v1::ListMatchesOfDemandRequest& request) {
  v1::Demand row;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            row, demands_.Get(session, request.name(),
                              VisibleDemands(call.principal, deps_.store.clock.Now())));
        return absl::OkStatus();
      }));
  if (weights_ == nullptr) return MatchWeights::Make(deps_.pack.pack()).status();
  if (!IsOpen(row.state())) {
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE, "需求已办结、撤回或合并，不再匹配");
  }
  CHANYAN_ASSIGN_OR_RETURN(const Question question, Ask(call, weights_->Of(row)));
  v1::ListMatchesOfDemandResponse response;
  CHANYAN_RETURN_IF_ERROR(Suggest(call, v1::MATCH_KIND_RESULT, question, request.max_results(),
                                  response.mutable_results(), &response));
  CHANYAN_RETURN_IF_ERROR(Suggest(call, v1::MATCH_KIND_PLATFORM, question, request.max_results(),
                                  response.mutable_platforms(), &response));
  CHANYAN_RETURN_IF_ERROR(Sign(&response));
  return response;
}

absl::StatusOr<v1::ListMatchesOfPlatformResponse> MatchingService::ListMatchesOfPlatform(
    const rpc::Call& call, const v1::ListMatchesOfPlatformRequest& request) {
  if (weights_ == nullptr) return MatchWeights::Make(deps_.pack.pack()).status();
  CHANYAN_ASSIGN_OR_RETURN(const registry::v1::Platform platform,
                           catalogue_->platforms().get(request.name()));
  CHANYAN_RETURN_IF_ERROR(CheckAsks(call, platform));
  CHANYAN_ASSIGN_OR_RETURN(const Question question, Ask(call, weights_->Of(platform)));
  v1::ListMatchesOfPlatformResponse response;
  CHANYAN_RETURN_IF_ERROR(Suggest(call, v1::MATCH_KIND_RESULT, question, request.max_results(),
                                  response.mutable_results(), &response));
  CHANYAN_RETURN_IF_ERROR(Suggest(call, v1::MATCH_KIND_DEMAND, question, request.max_results(),
                                  response.mutable_demands(), &response));
  CHANYAN_RETURN_IF_ERROR(Sign(&response));
  return response;
}

}  // namespace chanyan::triage
