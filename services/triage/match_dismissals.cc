// Feedback on suggestions: "not suitable because …", kept and respected whoever asks.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/api/digest.h"
#include "common/api/mask.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "services/triage/demand_scope.h"
#include "services/triage/match_service.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;

constexpr char kResults[] = "results/";
constexpr char kListings[] = "listings/";
constexpr char kDemands[] = "demands/";
constexpr char kListed[] = "listed = 1";

// Results come before demands, demands before platforms.
int RankOf(absl::string_view name) {
  if (absl::StartsWith(name, kResults)) return 0;
  return absl::StartsWith(name, kDemands) ? 1 : 2;
}

// What is on the market is the result that it shows.
std::string ResultFor(absl::string_view name) {
  if (absl::ConsumePrefix(&name, kListings)) return absl::StrCat(kResults, name);
  return std::string(name);
}

}  // namespace

absl::StatusOr<MatchingService::Party> MatchingService::ResultParty(rpc::Change& change,
                                                                    const rpc::Call& call,
                                                                    const std::string& name,
                                                                    v1::MatchDismissal* row) const {
  // Its records follow it in the transaction that changes it.
  CHANYAN_ASSIGN_OR_RETURN(const v1::Result result, results_.GetForUpdate(change.session(), name));
  const absl::Status listed =
      result.listing().empty()
          ? status::NotFound(name)
          : listings_.GetForUpdate(change.session(), result.listing(), {kListed, {}}).status();
  if (!listed.ok() && !absl::IsNotFound(listed)) return listed;
  if (!listed.ok() && !auth::Reaches(call.principal, result, options::v1::ACCESS_READ)) {
    return status::NotFound(name);
  }
  row->set_university(result.university());
  CopyServing(result, row);
  return Party{name, result.title(),
               auth::Reaches(call.principal, result, options::v1::ACCESS_WRITE), listed.ok()};
}

absl::StatusOr<MatchingService::Party> MatchingService::DemandParty(rpc::Change& change,
                                                                    const rpc::Call& call,
                                                                    const std::string& name,
                                                                    v1::MatchDismissal* row) const {
  CHANYAN_ASSIGN_OR_RETURN(
      const v1::Demand demand,
      demands_.GetForUpdate(change.session(), name, VisibleDemands(call.principal, change.now())));
  // One that was withdrawn or merged may never have been in the library.
  if (demand.state() != v1::DEMAND_STATE_PUBLISHED && demand.state() != v1::DEMAND_STATE_MET &&
      demand.state() != v1::DEMAND_STATE_EXPIRED) {
    return status::FailedPrecondition(
        ERROR_REASON_WRONG_STATE,
        demand.state() == v1::DEMAND_STATE_DRAFT
            ? "需求尚未发布，发布后才能反馈不合适"
            : absl::StrCat("需求状态为“", policy::LabelOf(demand.state()), "”，不能反馈不合适"));
  }
  row->set_enterprise(demand.enterprise());
  row->set_collector(demand.collector());
  row->set_office(demand.office());
  return Party{name, demand.title(),
               auth::Reaches(call.principal, demand, options::v1::ACCESS_WRITE)};
}

absl::StatusOr<MatchingService::Party> MatchingService::PartyOf(rpc::Change& change,
                                                                const rpc::Call& call,
                                                                const std::string& name,
                                                                v1::MatchDismissal* row) const {
  if (absl::StartsWith(name, kResults)) return ResultParty(change, call, name, row);
  if (absl::StartsWith(name, kDemands)) return DemandParty(change, call, name, row);
  CHANYAN_ASSIGN_OR_RETURN(const registry::v1::Platform platform,
                           catalogue_->platforms().get(name));
  return Party{name, platform.display_name(), false};
}

absl::StatusOr<v1::MatchDismissal> MatchingService::DismissMatch(
    const rpc::Call& call, const v1::DismissMatchRequest& request) {
  if (weights_ == nullptr) return MatchWeights::Make(deps_.pack.pack()).status();
  std::string subject = request.subject();
  std::string counterpart = ResultFor(request.counterpart());
  if (RankOf(subject) == RankOf(counterpart)) {
    return status::InvalidField(
        "counterpart", RankOf(subject) == 0 ? "成果只与需求或平台匹配" : "需求只与成果或平台匹配");
  }
  if (RankOf(counterpart) < RankOf(subject)) std::swap(subject, counterpart);
  return rpc::Mutate<v1::MatchDismissal>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::MatchDismissal> {
        v1::MatchDismissal row;
        CHANYAN_ASSIGN_OR_RETURN(const Party one, PartyOf(change, call, subject, &row));
        CHANYAN_ASSIGN_OR_RETURN(const Party other, PartyOf(change, call, counterpart, &row));
        // Not told apart from one that is not there.
        if (!one.writable && !other.writable) return status::NotFound(request.subject());
        row.set_name(absl::StrCat("matchDismissals/",
                                  api::DigestId("m", absl::StrCat(subject, "\n", counterpart))));
        row.set_subject(subject);
        row.set_counterpart(counterpart);
        row.set_subject_title(one.title);
        row.set_counterpart_title(other.title);
        row.set_reason(request.reason());
        row.set_organization(call.principal.organization);
        row.set_author(call.principal.account);
        if (!one.shown) {
          // The demand's side does not learn of a result that is not on the market.
          row.clear_enterprise();
          row.clear_collector();
        }
        const auto existing = dismissals_.GetForUpdate(change.session(), row.name());
        if (existing.ok()) {
          const bool readable = auth::Reaches(call.principal, *existing, options::v1::ACCESS_READ);
          return status::AlreadyExists(
              existing->name(),
              absl::StrCat("这一对已反馈为不合适",
                           readable ? absl::StrCat("（", existing->reason(), "）") : "",
                           "，如需修改请先撤销原反馈"));
        }
        if (!absl::IsNotFound(existing.status())) return existing.status();
        CHANYAN_RETURN_IF_ERROR(dismissals_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return row;
      });
}

absl::StatusOr<google::protobuf::Empty> MatchingService::RestoreMatch(
    const rpc::Call& call, const v1::RestoreMatchRequest& request) {
  return rpc::Mutate<google::protobuf::Empty>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<google::protobuf::Empty> {
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::MatchDismissal row,
            dismissals_.GetForUpdate(change.session(), request.name(),
                                     auth::Writable<v1::MatchDismissal>(call.principal)));
        CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), row.etag(), row.name()));
        CHANYAN_RETURN_IF_ERROR(dismissals_.Delete(change.session(), row));
        CHANYAN_RETURN_IF_ERROR(change.Record("restored", &row, nullptr));
        return google::protobuf::Empty();
      });
}

absl::StatusOr<v1::ListMatchDismissalsResponse> MatchingService::ListMatchDismissals(
    const rpc::Call& call, const v1::ListMatchDismissalsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, dismissals_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListMatchDismissalsResponse response;
  for (v1::MatchDismissal& row : page.rows) *response.add_match_dismissals() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::triage
