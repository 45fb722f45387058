#include "services/consortium/review_hosting.h"

#include <memory>

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

void SetGates(const ReviewBook& review, const NoticeService& notices, ConsortiumBook& book) {
  book.SetGate("inspect", [&review](rpc::Change& change, const v1::Consortium& row) {
    return review.MayInspect(change, row);
  });
  book.SetGate("defend", [&review](rpc::Change& change, const v1::Consortium& row) {
    return review.MayDefend(change, row);
  });
  book.SetGate("select", [&review](rpc::Change& change, const v1::Consortium& row) {
    return review.MaySelect(change, row);
  });
  // Nothing stays on notice that nobody applies for any more or that is corrected first.
  for (const char* verb : {"withdraw", "reopen"}) {
    book.SetGate(verb, [&notices](rpc::Change& change, const v1::Consortium& row) {
      return notices.EndWith(change, row);
    });
  }
}

}  // namespace

void HostReview(rpc::Runtime& runtime, const Deps& deps, const crypto::Keyring& keys,
                ConsortiumBook& book) {
  const ReviewDeps review_deps = {deps.store, runtime.pack(), deps.peers};
  auto& review = runtime.Own(std::make_unique<ReviewBook>(runtime.pack()));
  auto& experts = runtime.Own(std::make_unique<ExpertService>(review_deps));
  auto& reviews = runtime.Own(std::make_unique<ReviewService>(review_deps, review));
  auto& meetings = runtime.Own(std::make_unique<MeetingService>(review_deps, review));
  auto& notices = runtime.Own(std::make_unique<NoticeService>(deps, keys));
  auto& packages = runtime.Own(std::make_unique<PackageService>(deps));
  runtime.server().Register("chanyan.consortium.v1.ExpertService", experts.Methods());
  runtime.server().Register("chanyan.consortium.v1.ReviewService", reviews.Methods());
  runtime.server().Register("chanyan.consortium.v1.ReviewMeetingService", meetings.Methods());
  runtime.server().Register("chanyan.consortium.v1.NoticeService", notices.Methods());
  runtime.server().Register("chanyan.consortium.v1.FilingPackageService", packages.Methods());
  SetGates(review, notices, book);

  auto& job = runtime.Own(std::make_unique<rpc::LeasedJob>(
      rpc::LeasedJob::Options{.name = "consortium-notices", .period = kNoticePeriod}, runtime.db(),
      runtime.log(),
      [&runtime, &notices, &clock = deps.store.clock](const db::Lease& lease) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(notices.EndDue(lease).status());
        return objection::ForgetCounts(runtime.db(), clock.Now(), lease).status();
      }));
  runtime.AddJob([&job] { job.Start(); }, [&job] { job.Stop(); });
}

}  // namespace chanyan::consortium
