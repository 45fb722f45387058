#include "common/operation/work.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/operation/operations.h"
#include "common/status/status.h"

namespace chanyan::operation {
namespace {

// For words beside the work's own transaction.
constexpr absl::Duration kWordPatience = absl::Seconds(2);

db::TransactOptions Briefly() {
  db::TransactOptions options;
  options.deadline = absl::Now() + kWordPatience;
  return options;
}

}  // namespace

absl::Status Work::Enter(db::Session& session) {
  counted_ = 0;
  const absl::Status fence = deps_.lease.Fence(session);
  if (absl::IsFailedPrecondition(fence)) lost_ = true;
  CHANYAN_RETURN_IF_ERROR(fence);
  CHANYAN_ASSIGN_OR_RETURN(const bool cancel, CancelRequested(session, name_));
  if (!cancel) return absl::OkStatus();
  cancelled_ = true;
  return absl::CancelledError("任务已取消");
}

absl::Status Work::Leave(db::Session& session) {
  if (counted_ == 0) return absl::OkStatus();
  return AddDone(session, deps_.clock.Now(), name_, std::exchange(counted_, 0));
}

void Work::Expect(int64_t units) {
  // A percentage that is missing harms nobody.
  (void)deps_.db.Transact(Briefly(), [&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(deps_.lease.Fence(session));
    return SetLeft(session, deps_.clock.Now(), name_, units);
  });
}

void Work::Say(rpc::Stage stage, int64_t done, int64_t total) {
  const absl::Time now = absl::Now();
  const bool another = said_.stage != static_cast<int>(stage);
  if (!another && now < next_word_) return;
  next_word_ = now + kPacePeriod;
  said_.stage = static_cast<int>(stage);
  said_.done = done;
  said_.total = total;
  (void)deps_.db.Transact(Briefly(),
                          [&](db::Session& session) { return WritePace(session, name_, said_); });
}

}  // namespace chanyan::operation
