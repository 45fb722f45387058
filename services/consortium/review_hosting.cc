#include "services/consortium/review_hosting.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/objection/quota.h"
#include "common/rpc/leased_job.h"
#include "services/consortium/expert_service.h"
#include "services/consortium/meeting_service.h"
#include "services/consortium/notice_service.h"
#include "services/consortium/package_service.h"
#include "services/consortium/review_book.h"
#include "services/consortium/review_service.h"

namespace chanyan::consortium {
namespace {

constexpr absl::Duration kNoticePeriod = absl::Seconds(15);
// As the log calls it; it runs within consortium-notices.
constexpr char kRecheckJob[] = "panel-recheck";
// Of a run: peers may be slow, and the others wait behind it.
constexpr absl::Duration kRecheckTime = absl::Seconds(20);

}  // namespace

void SetReviewGates(const ReviewBook& review, const NoticeService& notices, ConsortiumBook& book) {
  using Gate = absl::Status (ReviewBook::*)(rpc::Change&, const v1::Consortium&) const;
  static constexpr std::pair<const char*, Gate> kGates[] = {
      {"inspect", &ReviewBook::MayInspect},   {"defend", &ReviewBook::MayDefend},
      {"select", &ReviewBook::MaySelect},     {"announce", &ReviewBook::RequireStanding},
      {"file", &ReviewBook::RequireStanding},
  };
  for (const auto& one : kGates) {
    book.SetGate(one.first,
                 [&review, gate = one.second](rpc::Change& change, const v1::Consortium& row) {
                   return (review.*gate)(change, row);
                 });
  }
  notices.SetGates(book);
  book.SetGate("reexamine",
               [&review, &notices](rpc::Change& change, const v1::Consortium& row) -> absl::Status {
                 CHANYAN_RETURN_IF_ERROR(review.MayReexamine(change, row));
                 CHANYAN_RETURN_IF_ERROR(notices.RequireDecided(change, row));
                 return notices.EndWith(change, row);
               });
}

void RecheckPanels(const ReviewService& reviews, const db::Lease& lease, absl::Time until,
                   const log::Logger& log) {
  const absl::Status done = reviews.RecheckDue(lease, until).status();
  if (!done.ok()) log.Warning("job failed", {{"job", kRecheckJob}, {"error", done.message()}});
}

void HostReview(rpc::Runtime& runtime, const Deps& deps, const crypto::Keyring& keys,
                ConsortiumBook& book) {
  const ReviewDeps review_deps = {deps.store, runtime.pack(), deps.peers, deps.due_failed};
  auto& review = runtime.Own(std::make_unique<ReviewBook>(runtime.pack()));
  review.SetTimekeeper([&book](rpc::Change& change) { return book.RequireStill(change); });
  auto& experts = runtime.Own(std::make_unique<ExpertService>(review_deps));
  auto& reviews = runtime.Own(std::make_unique<ReviewService>(review_deps, review));
  experts.SetRecheck([&reviews](const rpc::Call& call, const std::string& expert) {
    reviews.RecheckDeclared(call, expert);
  });
  auto& meetings = runtime.Own(std::make_unique<MeetingService>(review_deps, review));
  auto& notices = runtime.Own(std::make_unique<NoticeService>(deps, keys));
  auto& packages = runtime.Own(std::make_unique<PackageService>(deps));
  runtime.server().Register("chanyan.consortium.v1.ExpertService", experts.Methods());
  runtime.server().Register("chanyan.consortium.v1.ReviewService", reviews.Methods());
  runtime.server().Register("chanyan.consortium.v1.ReviewMeetingService", meetings.Methods());
  runtime.server().Register("chanyan.consortium.v1.NoticeService", notices.Methods());
  runtime.server().Register("chanyan.consortium.v1.FilingPackageService", packages.Methods());
  SetReviewGates(review, notices, book);

  auto& job = runtime.Own(std::make_unique<rpc::LeasedJob>(
      rpc::LeasedJob::Options{.name = "consortium-notices", .period = kNoticePeriod}, runtime.db(),
      runtime.log(),
      [&runtime, &notices, &reviews, &clock = deps.store.clock,
       log = runtime.log()](const db::Lease& lease) -> absl::Status {
        // One that fails does not keep the others from their work.
        absl::Status done = notices.EndDue(lease).status();
        done.Update(notices.RemindOfObjections(lease).status());
        done.Update(notices.MarkLateObjections(lease).status());
        done.Update(objection::ForgetCounts(runtime.db(), clock.Now(), lease).status());
        // Last and after them, not beside them: it takes the rows that a filing takes.
        RecheckPanels(reviews, lease, absl::Now() + kRecheckTime, log);
        return done;
      }));
  runtime.AddJob([&job] { job.Start(); }, [&job] { job.Stop(); });
}

}  // namespace chanyan::consortium
