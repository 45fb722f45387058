#include "common/rpc/long_work.h"

namespace chanyan::rpc {
namespace {

class Unwatched final : public LongWork {
 public:
  absl::Status Enter(db::Session&) override { return absl::OkStatus(); }
  absl::Status Leave(db::Session&) override { return absl::OkStatus(); }
  void Count(int64_t) override {}
  void Expect(int64_t) override {}
  void Say(Stage, int64_t, int64_t) override {}
};

thread_local LongWork* present = nullptr;

}  // namespace

LongWork& LongWork::OfThisThread() {
  static Unwatched nobody;
  return present == nullptr ? nobody : *present;
}

bool LongWork::Watched() { return present != nullptr; }

LongWorkScope::LongWorkScope(LongWork* work) : before_(present) { present = work; }
LongWorkScope::~LongWorkScope() { present = before_; }

}  // namespace chanyan::rpc
