#include "tests/fault/under_load/client_notices.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace chanyan::fault {
namespace {

using testing::HttpReply;
using testing::Json;

constexpr absl::Duration kPatience = absl::Seconds(40);
constexpr absl::Duration kPause = absl::Milliseconds(100);

}  // namespace

NoticeClient::NoticeClient(const Scene& scene, int number)
    : project_(scene.project),
      number_(number),
      raiser_(scene.ApiOf(Actor::kResearchOffice)),
      secretariat_(scene.ApiOf(Actor::kSecretariat)) {}

Json NoticeClient::Insist(testing::Api& api, const std::string& target, const std::string& body) {
  const testing::Headers once = {{"Idempotency-Key", testing::NewRequestId()}};
  const absl::Time until = absl::Now() + kPatience;
  HttpReply reply;
  Outcome outcome = Outcome::kUnknown;
  while (absl::Now() < until) {
    reply = api.Post(target, body, once);
    outcome = OutcomeOf(reply);
    if (outcome == Outcome::kOk) return reply.json();
    if (outcome == Outcome::kFail && !reply.unsent) break;
    absl::SleepFor(kPause);
  }
  complaints_.push_back(
      absl::StrCat("POST ", target, ": ", reply.status, " ", reply.body, reply.failure));
  return Json();
}

void NoticeClient::Step() {
  const int serial = ++serial_;
  const Json raised = Insist(raiser_, absl::StrCat("/v1/", project_, "/problems"),
                             absl::StrCat("{\"content\":\"演示问题", number_, "-", serial, "\"}"));
  const std::string name = raised.At("name");
  if (name.empty()) return;
  for (int rung = 0; rung < 1 + serial % 2; ++rung) {
    const Json escalated = Insist(secretariat_, absl::StrCat("/v1/", name, ":escalate"),
                                  R"({"reason":"需上一级协调"})");
    if (escalated.At("name") != name) return;
    ++escalated_[name];
  }
  if (serial % 3 != 0) return;
  Insist(secretariat_, absl::StrCat("/v1/", name, ":resolve"), R"({"resolution":"已协调解决"})");
}

}  // namespace chanyan::fault
