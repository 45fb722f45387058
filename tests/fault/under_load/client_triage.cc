// The way of a result: collected, published, disposed, dispatched; its push received and answered;
// followed up, handed over and taken on; told as a case.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/fault/under_load/bodies.h"
#include "tests/fault/under_load/client.h"

namespace chanyan::fault {
namespace {

using testing::HttpReply;
using testing::Json;

enum Step : size_t {
  kPublish,
  kDispose,
  kDispatch,
  kReceive,
  kAnswer,
  kFollowUp,
  kOffer,
  kAccept,
  kTell,
  kShow,
  kHide,
  kEnd
};

constexpr int kStepsAtOnce = 4;

absl::CivilDay Today() { return absl::ToCivilDay(absl::Now(), absl::FixedTimeZone(8 * 60 * 60)); }

}  // namespace

Change Client::NextOf(const Journey& journey) {
  const auto post = [&](const char* what, Actor actor, const std::string& target, std::string body,
                        const std::string& base) {
    return Change{.what = what,
                  .service = "triage",
                  .actor = actor,
                  .method = "POST",
                  .target = absl::StrCat("/v1/", target),
                  .body = std::move(body),
                  .base = base};
  };
  const std::string& name = journey.next.name;
  const std::string& etag = journey.next.etag;
  switch (journey.steps) {
    case kPublish:
      return post("result", Actor::kOffice, name + ":publish", "{}", etag);
    case kDispose:
      return post("disposition", Actor::kOffice, name + ":dispose", "{}", etag);
    case kDispatch:
      return post("dispatch", Actor::kOffice, name + ":dispatch", "{}", etag);
    case kReceive:
      return post("push", Actor::kDepartment, name + ":receive", "{}", etag);
    case kAnswer:
      return post("push", Actor::kDepartment, name + ":answer",
                  absl::StrCat("{\"answer\":\"", Text(), "\"}"), etag);
    case kFollowUp:
      return post("follow-up", Actor::kOffice, journey.result + "/followUps",
                  FollowUpBody(Today(), Text()), "");
    case kOffer:
      return post("handover", Actor::kOffice, journey.result + ":handOver",
                  absl::StrCat("{\"toHolder\":\"", scene_.agency, "\",\"reason\":\"领域更合适\"}"),
                  "");
    case kAccept:
      return post("handover", Actor::kAgency, name + ":accept", "{}", etag);
    case kTell:
      return post(
          "typical case", Actor::kAgency, "cases",
          absl::StrCat("{\"title\":\"", Text(), "\",\"result\":\"", journey.result,
                       "\",\"practice\":\"专班组织看样\",\"audience\":\"CASE_AUDIENCE_PUBLIC\"}"),
          "");
    case kShow:
      return post("typical case", Actor::kOffice, name + ":publish", "{}", etag);
    default:
      return post("typical case", Actor::kOffice, name + ":withdraw", R"({"reason":"合同已解除"})",
                  etag);
  }
}

bool Client::GoOn(const Json& reply, Journey* journey) {
  const auto read = [&](const std::string& name) {
    const HttpReply row = Get(Actor::kOffice, absl::StrCat("/v1/", name));
    journey->next = {name, row.status == 200 ? row.json().At("etag") : ""};
    return row.status == 200;
  };
  switch (journey->steps++) {
    case kDispose:
      // The answer is the disposition; the result has moved with it.
      return read(journey->result);
    case kDispatch: {
      const HttpReply pushes =
          Get(Actor::kOffice, absl::StrCat("/v1/", journey->result, "/pushes"));
      if (pushes.status != 200) return false;
      if (pushes.json().Size("pushes") != 1) {
        ledger_.Complain(absl::StrCat(journey->result, ": dispatched to one and in ", pushes.body));
        return false;
      }
      journey->next = {pushes.json().At("pushes.0.name"), pushes.json().At("pushes.0.etag")};
      return true;
    }
    default:
      journey->next = {reply.At("name"), reply.At("etag")};
      return true;
  }
}

void Client::Triage() {
  // One result at a time and several steps at once, so that some come to their end however short
  // the drill.
  if (journeys_.empty()) {
    const Json reply = Send({.what = "result",
                             .service = "triage",
                             .actor = Actor::kResearchOffice,
                             .method = "POST",
                             .target = "/v1/results",
                             .body = ResultBody(Text())});
    if (last_ != Outcome::kOk) return;
    journeys_.push_back({reply.At("name"), {reply.At("name"), reply.At("etag")}});
  }
  Journey journey = std::move(journeys_.front());
  journeys_.pop_front();
  for (int i = 0; i < kStepsAtOnce; ++i) {
    const Json reply = Send(NextOf(journey));
    // One that is in doubt is left alone.
    if (last_ != Outcome::kOk || !GoOn(reply, &journey) || journey.steps == kEnd) return;
  }
  journeys_.push_back(std::move(journey));
}

}  // namespace chanyan::fault
