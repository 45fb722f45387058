// Two who edit a dossier see each other's changes as they are committed (CON-1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_NOT_FOUND;
using ::testing::Contains;
using ::testing::Not;

class DossierWatchTest : public ::testing::Test, public World {
 protected:
  absl::StatusOr<rpc::News<v1::WatchConsortiumResponse>> Ask(const std::string& name,
                                                             const std::string& by,
                                                             const std::string& last = "") {
    v1::WatchConsortiumRequest request;
    request.set_name(name);
    request.set_last_event_id(last);
    return consortia.WatchConsortium(By(by, "ConsortiumService.WatchConsortium"), request);
  }
  // The event that there is.
  v1::WatchConsortiumResponse Event(const std::string& name, const std::string& by,
                                    const std::string& last = "") {
    const auto news = Ask(name, by, last);
    EXPECT_TRUE(news.ok()) << news.status();
    if (!news.ok()) return {};
    EXPECT_FALSE(news->ended);
    EXPECT_TRUE(news->event.has_value());
    return news->event.value_or(v1::WatchConsortiumResponse());
  }
  bool IsQuiet(const std::string& name, const std::string& by, const std::string& last) {
    const auto news = Ask(name, by, last);
    EXPECT_TRUE(news.ok()) << news.status();
    return news.ok() && !news->event.has_value() && !news->ended;
  }
  void Change(const std::string& name, const std::string& by, const std::string& schedule) {
    v1::Consortium update;
    update.set_name(name);
    update.mutable_plan()->set_schedule(schedule);
    const auto done = Update(update, {"plan.schedule"}, by);
    EXPECT_TRUE(done.ok()) << done.status();
  }
  static std::vector<std::string> Fields(const v1::WatchConsortiumResponse& event) {
    std::vector<std::string> fields;
    for (const auto& change : event.changes().fields()) fields.push_back(change.field());
    return fields;
  }
  static std::optional<journal::v1::FieldChange> Of(const v1::WatchConsortiumResponse& event,
                                                    const std::string& field) {
    for (const auto& change : event.changes().fields()) {
      if (change.field() == field) return change;
    }
    return std::nullopt;
  }
};

TEST_F(DossierWatchTest, EachSeesWhatTheOtherChangedAndWho) {
  const std::string name = Ready("联合体").name();
  const v1::WatchConsortiumResponse first = Event(name, kAlpha);
  EXPECT_EQ(first.event_id(), Stored(name).etag());
  EXPECT_EQ(first.consortium().plan().schedule(), "三年三步。");
  EXPECT_THAT(first.consortium().actions(), Contains("submit")) << "as it is read";
  EXPECT_FALSE(first.has_changes());
  EXPECT_TRUE(IsQuiet(name, kAlpha, first.event_id()));
  clock.now += absl::Minutes(1);
  Change(name, kOuc, "两年两步。");
  const v1::WatchConsortiumResponse second = Event(name, kAlpha, first.event_id());
  EXPECT_NE(second.event_id(), first.event_id());
  EXPECT_EQ(second.consortium().plan().schedule(), "两年两步。");
  EXPECT_TRUE(second.changes().complete());
  const auto plan = Of(second, "plan");
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->organization(), kOuc);
  EXPECT_EQ(plan->actor(), "") << "of another organization only itself is told";
  EXPECT_EQ(plan->kind(), "updated");
  EXPECT_EQ(plan->label(), "建设方案");
  EXPECT_GT(plan->time().seconds(), 0);
  // The event has the dossier; a change does not say it again.
  EXPECT_EQ(plan->before(), "");
  EXPECT_EQ(plan->after(), "");
  EXPECT_TRUE(IsQuiet(name, kAlpha, second.event_id()));
  // To its colleagues the member's account is no secret.
  EXPECT_EQ(Of(Event(name, kOuc, first.event_id()), "plan")->actor(), "accounts/ouc");
}

TEST_F(DossierWatchTest, WhoComesBackIsToldAllThatHappenedMeanwhile) {
  const std::string name = Ready("联合体").name();
  const std::string last = Event(name, kOuc).event_id();
  Change(name, kAlpha, "一年一步。");
  v1::Consortium update;
  update.set_name(name);
  update.set_track("水下导航");
  ASSERT_TRUE(Update(update, {"track"}).ok());
  Change(name, kOuc, "四年四步。");
  const v1::WatchConsortiumResponse event = Event(name, kOuc, last);
  EXPECT_EQ(event.event_id(), Stored(name).etag()) << "one event, the latest";
  EXPECT_THAT(Fields(event), Contains("track"));
  EXPECT_EQ(Of(event, "track")->organization(), kAlpha);
  EXPECT_EQ(Of(event, "plan")->organization(), kOuc) << "whoever changed it last";
  EXPECT_THAT(Fields(event), Not(Contains("etag")));
  // An id that was never one is as if there were none.
  const v1::WatchConsortiumResponse strange = Event(name, kOuc, "x");
  EXPECT_EQ(strange.event_id(), event.event_id());
}

TEST_F(DossierWatchTest, WhoMayNotReadItSeesNothingAndNoneOfItsDrafts) {
  const std::string name = Ready("联合体").name();
  const std::string draft = Event(name, kAlpha).event_id();
  for (const std::string by : {kBeta, kUpc, kHuangdao, kBureau}) {
    EXPECT_EQ(ReasonOf(Ask(name, by)), ERROR_REASON_NOT_FOUND) << by;
  }
  Change(name, kOuc, "三年四步。");
  for (const std::string& by : ParticipantsOf(Stored(name))) {
    const auto signature = Sign(name, by);
    EXPECT_TRUE(signature.ok()) << by << signature.status();
  }
  ASSERT_TRUE(Submit(name).ok());
  const v1::WatchConsortiumResponse seen = Event(name, kHuangdao, draft);
  EXPECT_EQ(seen.consortium().state(), v1::CONSORTIUM_STATE_DISTRICT_REVIEW);
  EXPECT_FALSE(seen.has_changes()) << "what was done to the draft is not the district's";
  EXPECT_EQ(ReasonOf(Ask(name, kLaoshan)), ERROR_REASON_NOT_FOUND);
  // A step is told as one.
  ASSERT_TRUE(Recommend(name).ok());
  const v1::WatchConsortiumResponse step = Event(name, kAlpha, seen.event_id());
  EXPECT_EQ(Of(step, "state")->kind(), "recommend");
  EXPECT_EQ(Of(step, "state")->organization(), kHuangdao);
  EXPECT_EQ(Of(step, "state")->actor(), "");
}

TEST_F(DossierWatchTest, ItEndsWithTheDossier) {
  const std::string name = Ready("联合体").name();
  const std::string last = Event(name, kAlpha).event_id();
  ASSERT_TRUE(Withdraw(name).ok());
  const auto event = Ask(name, kAlpha, last);
  ASSERT_TRUE(event.ok()) << event.status();
  ASSERT_TRUE(event->event.has_value());
  EXPECT_EQ(event->event->consortium().state(), v1::CONSORTIUM_STATE_WITHDRAWN);
  const auto after = Ask(name, kAlpha, event->event->event_id());
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_FALSE(after->event.has_value());
  EXPECT_TRUE(after->ended);
  EXPECT_EQ(ReasonOf(Ask("consortia/none", kAlpha)), ERROR_REASON_NOT_FOUND);
}

}  // namespace
}  // namespace chanyan::consortium
