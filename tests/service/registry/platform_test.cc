// Platforms on the real database, with a clock that the test moves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/api/names.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/registry/registry_fixture.h"
#include "tests/support/service_test.h"

namespace chanyan::registry {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(RegistryTest, EveryStateAndVerbOfAPlatform) {
  constexpr auto kNo = v1::PLATFORM_STATE_UNSPECIFIED;
  const std::string verbs[] = {"submit", "publish", "return", "confirm", "withdraw"};
  struct Case {
    v1::PlatformState from;
    v1::PlatformState to[5];
  };
  const Case cases[] = {
      {v1::PLATFORM_STATE_DRAFT, {v1::PLATFORM_STATE_IN_REVIEW, kNo, kNo, kNo, kNo}},
      {v1::PLATFORM_STATE_IN_REVIEW,
       {kNo, v1::PLATFORM_STATE_PUBLISHED, v1::PLATFORM_STATE_RETURNED, kNo, kNo}},
      {v1::PLATFORM_STATE_PUBLISHED,
       {kNo, kNo, kNo, v1::PLATFORM_STATE_PUBLISHED, v1::PLATFORM_STATE_WITHDRAWN}},
      {v1::PLATFORM_STATE_RETURNED, {v1::PLATFORM_STATE_IN_REVIEW, kNo, kNo, kNo, kNo}},
      {v1::PLATFORM_STATE_WITHDRAWN, {kNo, kNo, kNo, kNo, kNo}},
  };
  for (const Case& one : cases) {
    for (int i = 0; i < 5; ++i) {
      const std::string id = absl::StrCat("p", one.from, "-", i);
      const std::string name = In(one.from, id).name();
      const auto done = Do(verbs[i], name);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(done.status()), ERROR_REASON_WRONG_STATE) << id << verbs[i];
      } else {
        ASSERT_TRUE(done.ok()) << id << verbs[i] << done.status();
        EXPECT_EQ(done->state(), one.to[i]) << id << verbs[i];
      }
    }
  }
}

TEST_F(RegistryTest, VerbsAreOfferedToThoseWhoMayCallThem) {
  const std::string name = In(v1::PLATFORM_STATE_PUBLISHED, "lab").name();
  const auto actions = [&](Role role, const std::string& organization) {
    const auto row = GetPlatform(As(role, organization, "GetPlatform"), name);
    EXPECT_TRUE(row.ok()) << row.status();
    return std::vector<std::string>(row->actions().begin(), row->actions().end());
  };
  EXPECT_THAT(actions(options::v1::ROLE_RESEARCH_OFFICE, kOuc), ElementsAre("confirm", "withdraw"));
  EXPECT_THAT(actions(options::v1::ROLE_SECRETARIAT, ""), ElementsAre("withdraw"));
  EXPECT_THAT(actions(options::v1::ROLE_RESEARCH_OFFICE, "organizations/upc"), IsEmpty());
  EXPECT_THAT(actions(options::v1::ROLE_PUBLIC, ""), IsEmpty());
  EXPECT_EQ(DoAs(options::v1::ROLE_RESEARCH_OFFICE, "organizations/upc", "withdraw", name)
                .status()
                .code(),
            absl::StatusCode::kNotFound)
      << "of another university";
}

TEST_F(RegistryTest, TheVerdictsOfPublicationAreStored) {
  const v1::Platform row = In(v1::PLATFORM_STATE_PUBLISHED, "lab");
  ASSERT_EQ(row.publish_verdicts().verdicts_size(), 2);
  const auto& first = row.publish_verdicts().verdicts(1);
  EXPECT_EQ(first.rule_id(), "platform.first-publication");
  EXPECT_EQ(first.outcome(), policy::v1::OUTCOME_SATISFIED) << "put on record after 18 March";
  EXPECT_FALSE(first.clause().text().empty());
  const auto& content = row.publish_verdicts().verdicts(0);
  EXPECT_EQ(content.rule_id(), "platform.content");
  EXPECT_EQ(content.outcome(), policy::v1::OUTCOME_SATISFIED);
  EXPECT_FALSE(absl::StrContains(content.DebugString(), "82345678")) << "nobody's telephone";
}

TEST_F(RegistryTest, AnEmptyPlatformIsPublishedWithAReasonOnly) {
  const std::string name = Platform("lab").name();
  v1::UpdatePlatformRequest empty;
  empty.mutable_platform()->set_name(name);
  empty.mutable_platform()->set_introduction("　\n ");
  for (const char* path : {"introduction", "capabilities", "contacts"}) {
    empty.mutable_update_mask()->add_paths(path);
  }
  empty.set_request_id(api::NewUuid());
  const auto emptied =
      service_.UpdatePlatform(As(options::v1::ROLE_RESEARCH_OFFICE, kOuc, "UpdatePlatform"), empty);
  ASSERT_TRUE(emptied.ok()) << emptied.status();
  ASSERT_TRUE(Do("submit", name).ok());
  const absl::Status refused = Do("publish", name).status();
  EXPECT_EQ(status::ReasonOf(refused), options::v1::ERROR_REASON_RULE_VIOLATED);
  EXPECT_TRUE(absl::StrContains(refused.message(),
                                "缺少平台介绍、服务目录或服务能力、有联系电话或电子邮箱的联系人（"))
      << refused;
  policy::v1::Verdicts told;
  ASSERT_TRUE(status::GetDetail(refused, told));
  EXPECT_EQ(told.verdicts_size(), 2);
  EXPECT_EQ(GetPlatform(Secretariat("GetPlatform"), name)->state(), v1::PLATFORM_STATE_IN_REVIEW);

  auto publish = Named<v1::PublishPlatformRequest>(name);
  publish.set_override_reason("平台正在组建，内容月底补齐");
  const auto published = service_.PublishPlatform(Secretariat("PublishPlatform"), publish);
  ASSERT_TRUE(published.ok()) << published.status();
  const auto& verdict = published->publish_verdicts().verdicts(0);
  EXPECT_EQ(verdict.outcome(), policy::v1::OUTCOME_OVERRIDDEN);
  EXPECT_EQ(verdict.override().role(), options::v1::ROLE_SECRETARIAT);
  EXPECT_EQ(verdict.override().reason(), "平台正在组建，内容月底补齐");
}

TEST_F(RegistryTest, TheFirstRoundsDayIsForWhatWasOnRecordBeforeIt) {
  // On record, published; whether it takes a reason.
  const struct {
    int recorded;
    int published;
    bool late;
  } cases[] = {{17, 18, false}, {17, 19, true}, {18, 19, false}, {19, 20, false}};
  for (const auto& one : cases) {
    clock_.now = time::StartOfDay(absl::CivilDay(2025, 3, one.recorded)) + absl::Hours(9);
    const std::string name = Platform(absl::StrCat("p", one.recorded, "-", one.published)).name();
    ASSERT_TRUE(Do("submit", name).ok());
    clock_.now = time::StartOfDay(absl::CivilDay(2025, 3, one.published)) + absl::Hours(9);
    const auto done = Do("publish", name);
    EXPECT_EQ(done.ok(), !one.late) << name << done.status();
    if (!one.late) continue;
    EXPECT_EQ(status::ReasonOf(done.status()), options::v1::ERROR_REASON_RULE_VIOLATED);
    auto publish = Named<v1::PublishPlatformRequest>(name);
    publish.set_override_reason("首轮发布后补报");
    const auto excused = service_.PublishPlatform(Secretariat("PublishPlatform"), publish);
    ASSERT_TRUE(excused.ok()) << excused.status();
    EXPECT_EQ(excused->publish_verdicts().verdicts(1).outcome(), policy::v1::OUTCOME_OVERRIDDEN);
  }
}

TEST_F(RegistryTest, ThePublicSeesPublishedPlatformsOnly) {
  for (const auto state :
       {v1::PLATFORM_STATE_DRAFT, v1::PLATFORM_STATE_IN_REVIEW, v1::PLATFORM_STATE_PUBLISHED,
        v1::PLATFORM_STATE_RETURNED, v1::PLATFORM_STATE_WITHDRAWN}) {
    const std::string name = In(state, absl::StrCat("s", state)).name();
    EXPECT_EQ(GetPlatform(As(options::v1::ROLE_PUBLIC, "", "GetPlatform"), name).ok(),
              state == v1::PLATFORM_STATE_PUBLISHED)
        << state;
  }
  v1::ListPlatformsRequest list;
  list.set_parent("organizations/-");
  const auto page = service_.ListPlatforms(As(options::v1::ROLE_PUBLIC, "", "ListPlatforms"), list);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->platforms_size(), 1);
}

TEST_F(RegistryTest, WhatIsUnderReviewIsNotChanged) {
  for (const auto state :
       {v1::PLATFORM_STATE_DRAFT, v1::PLATFORM_STATE_IN_REVIEW, v1::PLATFORM_STATE_PUBLISHED,
        v1::PLATFORM_STATE_RETURNED, v1::PLATFORM_STATE_WITHDRAWN}) {
    v1::UpdatePlatformRequest request;
    *request.mutable_platform() = In(state, absl::StrCat("s", state));
    request.mutable_platform()->set_college("材料学院");
    request.mutable_update_mask()->add_paths("college");
    request.set_request_id(api::NewUuid());
    const auto done = service_.UpdatePlatform(
        As(options::v1::ROLE_RESEARCH_OFFICE, kOuc, "UpdatePlatform"), request);
    const bool may = state != v1::PLATFORM_STATE_IN_REVIEW && state != v1::PLATFORM_STATE_WITHDRAWN;
    EXPECT_EQ(done.ok(), may) << state << done.status();
    if (!may) {
      EXPECT_EQ(status::ReasonOf(done.status()), ERROR_REASON_WRONG_STATE) << state;
    }
  }
}

TEST_F(RegistryTest, PersonalDataIsNotInTheJournal) {
  Platform("lab");
  for (const std::string& json :
       testing::Texts(database_.db(), "SELECT COALESCE(after_json, '') FROM journal")) {
    EXPECT_FALSE(absl::StrContains(json, "2345678")) << json;
  }
}

}  // namespace
}  // namespace chanyan::registry
