// Recommendation and its feedback as their callers see them (REG-6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "google/protobuf/util/json_util.h"
#include "tests/service/pairing/discovery_world.h"

namespace chanyan::pairing {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RecommendTest : public ::testing::Test, protected DiscoveryWorld {
 protected:
  static rpc::Call Own(int enterprise) {
    return Call(ROLE_ENTERPRISE, Enterprise(enterprise), "RecommendPlatforms");
  }
  static std::vector<std::string> Platforms(
      const absl::StatusOr<v1::RecommendPlatformsResponse>& response) {
    std::vector<std::string> names;
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return names;
    for (const v1::Suggestion& suggestion : response->suggestions()) {
      names.push_back(suggestion.platform());
    }
    return names;
  }
  static std::vector<std::string> Excluded(const v1::RecommendPlatformsResponse& response) {
    std::vector<std::string> lines;
    for (const v1::Suggestion& suggestion : response.excluded()) {
      for (const v1::Exclusion& exclusion : suggestion.exclusions()) {
        lines.push_back(absl::StrCat(suggestion.platform(), " ", exclusion.text()));
      }
    }
    return lines;
  }
  static std::vector<int> Kinds(const v1::Suggestion& suggestion) {
    std::vector<int> kinds;
    for (const v1::Exclusion& exclusion : suggestion.exclusions()) {
      kinds.push_back(exclusion.kind());
    }
    return kinds;
  }
  absl::Status Delete(const rpc::Call& call, const std::string& name) {
    v1::DeleteDismissalRequest request;
    request.set_name(name);
    request.set_request_id(api::NewUuid());
    return discovery->DeleteDismissal(call, request).status();
  }
};

TEST_F(RecommendTest, AnEnterpriseGetsWhatFitsItsRequestsWithReasonsThatAddUp) {
  EXPECT_THAT(Platforms(Recommend(Own(1), Enterprise(1))), IsEmpty())
      << "nothing is known of it but its name";
  PublishRequest(1, "海工腐蚀防护（演示）", "需要全浸区腐蚀试验");
  registry::v1::Organization enterprise = At(Enterprise(1));
  enterprise.set_zone("古镇口");
  enterprise.add_industries("海洋药物和生物制品");
  Write(enterprise);
  registry::v1::Organization owner = At(kOuc);
  owner.set_zone("泊里镇");
  Write(owner);
  registry::v1::Platform pilot = PlatformAt(kPilotLine);
  pilot.add_industries("生命健康");
  Write(pilot);
  Settle();
  const auto response = Recommend(Own(1), Enterprise(1));
  EXPECT_THAT(Platforms(response), ElementsAre(kPilotLine, kLab));
  EXPECT_EQ(response->pack_version(), absl::StrCat("qingdao ", pack->version()));
  for (const v1::Suggestion& suggestion : response->suggestions()) {
    int sum = 0;
    for (const v1::RecommendationReason& reason : suggestion.reasons()) sum += reason.points();
    EXPECT_EQ(sum, suggestion.score());
    EXPECT_GT(suggestion.score(), 0);
  }
  std::vector<std::string> texts;
  for (const auto& reason : response->suggestions(0).reasons()) texts.push_back(reason.text());
  EXPECT_THAT(texts, Contains("“海洋药物和生物制品”与“生命健康”产业相关"));
  EXPECT_THAT(texts, Contains("中试验证平台适合共建“中试验证平台”"));
  EXPECT_THAT(texts, Contains("同在黄岛区"));
  texts.clear();
  for (const auto& reason : response->suggestions(1).reasons()) texts.push_back(reason.text());
  EXPECT_THAT(texts, Contains("都提到“腐蚀”"));
  EXPECT_EQ(response->SerializeAsString(), Recommend(Own(1), Enterprise(1))->SerializeAsString())
      << "the same again, to the byte";
}

TEST_F(RecommendTest, OnlyForThoseWhomTheCallerMaySee) {
  PublishRequest(1, "腐蚀防护（演示）", "");
  const auto code = [&](const rpc::Call& call, const std::string& subject) {
    return Recommend(call, subject).status().code();
  };
  EXPECT_EQ(code(Own(1), Enterprise(1)), absl::StatusCode::kOk);
  EXPECT_EQ(code(Own(2), Enterprise(1)), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(Call(ROLE_UNIT, kZone), Enterprise(1)), absl::StatusCode::kOk);
  EXPECT_EQ(code(Call(ROLE_UNIT, kTown), Enterprise(1)), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(Call(ROLE_SECRETARIAT, ""), Enterprise(1)), absl::StatusCode::kOk);
  EXPECT_EQ(code(Call(ROLE_RESEARCH_OFFICE, kOuc), Enterprise(1)), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(Own(1), "organizations/none"), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(Own(1), kLab), absl::StatusCode::kNotFound) << "no organization";
  EXPECT_EQ(code(Own(1), kOuc), absl::StatusCode::kInvalidArgument) << "no enterprise";
  EXPECT_EQ(code(Own(1), "projects/x"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(Own(1), ""), absl::StatusCode::kInvalidArgument);
}

TEST_F(RecommendTest, AnIntentOrATextSuffices) {
  const v1::Intent intent = PublishRequest(1, "腐蚀防护（演示）", "");
  const rpc::Call office = Call(ROLE_RESEARCH_OFFICE, kUpc);
  EXPECT_THAT(Platforms(Recommend(office, intent.name())), ElementsAre(kPilotLine, kLab));
  EXPECT_THAT(Platforms(Recommend(office, "", "我们想做無人機低空裝備的檢測")),
              ElementsAre(kCenter));
  EXPECT_THAT(Platforms(Recommend(office, "", "！？2025 的")), IsEmpty());
  clock.now += absl::Hours(24);
  EXPECT_TRUE(absl::IsNotFound(Recommend(office, intent.name()).status())) << "expired";
  EXPECT_TRUE(Recommend(Own(1), intent.name()).ok()) << "its owner's it remains";
  v1::CreateIntentRequest offer;
  offer.mutable_intent()->set_side(v1::INTENT_SIDE_OFFER);
  offer.mutable_intent()->set_platform(kLab);
  offer.mutable_intent()->add_kinds("技术研发");
  offer.mutable_intent()->set_title("开放（演示）");
  offer.mutable_intent()->mutable_expire_time()->set_seconds(absl::ToUnixSeconds(clock.now) + 60);
  offer.set_request_id(api::NewUuid());
  const auto made = service.CreateIntent(As(ROLE_RESEARCH_OFFICE, kOuc, "CreateIntent"), offer);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(absl::IsInvalidArgument(Recommend(office, made->name()).status()));
}

TEST_F(RecommendTest, APairIsNotSuggestedAgainUnlessItBrokeOff) {
  PublishRequest(1, "腐蚀防护（演示）", "");
  const auto project = Create(NewProject(kLab, 1));
  ASSERT_TRUE(project.ok()) << project.status();
  auto response = Recommend(Own(1), Enterprise(1));
  EXPECT_THAT(Platforms(response), ElementsAre(kPilotLine));
  EXPECT_THAT(Excluded(*response),
              ElementsAre(absl::StrCat(kLab, " 已有项目“共建中试线（演示）”（意向）")));
  // A foreign project is not to be learnt of by what is missing.
  const v1::Intent intent = PublishRequest(1, "腐蚀监测（演示）", "");
  EXPECT_THAT(Platforms(Recommend(Call(ROLE_RESEARCH_OFFICE, kUpc), intent.name())),
              Contains(kLab));
  EXPECT_THAT(Platforms(Recommend(Call(ROLE_RESEARCH_OFFICE, kOuc), intent.name())),
              Not(Contains(kLab)));
  ASSERT_TRUE(Do("terminate", project->name()).ok());
  response = Recommend(Own(1), Enterprise(1));
  EXPECT_THAT(Platforms(response), Contains(kLab));
  EXPECT_THAT(Excluded(*response), IsEmpty());
}

TEST_F(RecommendTest, ADismissalIsKeptRespectedAndTakenBack) {
  PublishRequest(1, "腐蚀防护（演示）", "");
  const rpc::Call own = Call(ROLE_ENTERPRISE, Enterprise(1), "CreateDismissal");
  const auto made = Dismiss(own, 1, kLab, "试验舱太小");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->enterprise_title(), "企业1（演示）");
  EXPECT_EQ(made->platform_title(), "海洋腐蚀与防护实验室（演示）");
  EXPECT_EQ(made->unit(), kZone);
  EXPECT_TRUE(absl::IsAlreadyExists(Dismiss(own, 1, kLab, "再说一次").status()));
  auto response = Recommend(Own(1), Enterprise(1));
  EXPECT_THAT(Platforms(response), ElementsAre(kPilotLine));
  EXPECT_THAT(Excluded(*response), ElementsAre(absl::StrCat(kLab, " 企业反馈不合适：试验舱太小")));
  EXPECT_THAT(Excluded(*Recommend(Call(ROLE_UNIT, kZone), Enterprise(1))),
              ElementsAre(HasSubstr("试验舱太小")));
  const auto explained = Explain(Own(1), kLab, Enterprise(1));
  ASSERT_TRUE(explained.ok()) << explained.status();
  EXPECT_THAT(Kinds(*explained), ElementsAre(v1::EXCLUSION_KIND_DISMISSED));
  EXPECT_EQ(explained->exclusions(0).resource(), made->name());

  EXPECT_TRUE(absl::IsNotFound(Delete(Call(ROLE_ENTERPRISE, Enterprise(2)), made->name())));
  ASSERT_TRUE(Delete(own, made->name()).ok());
  EXPECT_TRUE(absl::IsNotFound(Delete(own, made->name())));
  EXPECT_THAT(Platforms(Recommend(Own(1), Enterprise(1))), Contains(kLab));
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE type LIKE '%Dismissal' ORDER BY id"),
              ElementsAre("created", "deleted"));
  EXPECT_TRUE(Dismiss(own, 1, kLab, "还是太小").ok());
}

TEST_F(RecommendTest, WhoDismissesIsTheEnterpriseOrItsUnit) {
  const auto code = [&](const rpc::Call& call, int enterprise, const std::string& platform) {
    return Dismiss(call, enterprise, platform, "不合适").status().code();
  };
  EXPECT_EQ(code(Call(ROLE_ENTERPRISE, Enterprise(2)), 1, kLab), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(Call(ROLE_UNIT, kTown), 1, kLab), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(Call(ROLE_UNIT, kZone), 1, kLab), absl::StatusCode::kOk);
  EXPECT_EQ(code(Call(ROLE_ENTERPRISE, Enterprise(1)), 1, kDraft), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(Call(ROLE_ENTERPRISE, Enterprise(1)), 1, "organizations/ouc/platforms/none"),
            absl::StatusCode::kNotFound);
  const auto listed = [&](options::v1::Role role, const std::string& organization) {
    const auto page = discovery->ListDismissals(Call(role, organization, "ListDismissals"), {});
    return page.ok() ? page->dismissals_size() : -1;
  };
  EXPECT_EQ(listed(ROLE_ENTERPRISE, Enterprise(1)), 1) << "it sees what its unit said";
  EXPECT_EQ(listed(ROLE_ENTERPRISE, Enterprise(2)), 0);
  EXPECT_EQ(listed(ROLE_UNIT, kZone), 1);
  EXPECT_EQ(listed(ROLE_UNIT, kTown), 0);
  EXPECT_EQ(listed(ROLE_DEPARTMENT, ""), 1);
  EXPECT_EQ(listed(ROLE_RESEARCH_OFFICE, kOuc), 0) << "a candid word stays on its side";
  const auto exported = [&](const std::string& unit) -> std::vector<std::string> {
    const auto file = discovery->ExportDismissals(Call(ROLE_UNIT, unit, "ExportDismissals"), {});
    if (!file.ok()) return {file.status().ToString()};
    const auto workbook = sheet::ReadWorkbook(file->data(), "反馈.xlsx");
    if (!workbook.ok()) return {workbook.status().ToString()};
    std::vector<std::string> lines;
    for (const auto& [row, number] :
         sheet::ReadTable<v1::Dismissal>(*workbook, *workbook->FirstVisible()).rows) {
      lines.push_back(absl::StrCat(row.enterprise_title(), " ", row.platform_title()));
    }
    return lines;
  };
  EXPECT_THAT(exported(kZone), ElementsAre("企业1（演示） 海洋腐蚀与防护实验室（演示）"));
  EXPECT_THAT(exported(kTown), IsEmpty());
  v1::CreateDismissalRequest dry;
  dry.mutable_dismissal()->set_enterprise(Enterprise(1));
  dry.mutable_dismissal()->set_platform(kCenter);
  dry.mutable_dismissal()->set_reason("不合适");
  dry.set_validate_only(true);
  EXPECT_TRUE(discovery->CreateDismissal(Call(ROLE_ENTERPRISE, Enterprise(1)), dry).ok());
  EXPECT_EQ(Count("dismissal"), 1);
}

TEST_F(RecommendTest, ADismissalFollowsTheEnterpriseToItsNewUnit) {
  ASSERT_TRUE(Dismiss(Call(ROLE_ENTERPRISE, Enterprise(1)), 1, kLab, "太远").ok());
  registry::v1::Organization moved = At(Enterprise(1));
  moved.set_unit(kTown);
  moved.set_display_name("新名（演示）");
  registry::v1::Platform renamed = PlatformAt(kLab);
  renamed.set_display_name("新实验室（演示）");
  const auto follow = [&](const google::protobuf::Message& after) {
    journal::v1::Entry entry;
    entry.set_type(after.GetDescriptor()->full_name());
    entry.set_after_json(journal::CanonicalJson(after));
    entry.set_before_json(entry.after_json());
    return database.db().Transact(
        [&](db::Session& session) { return discovery->FollowRegistry(session, clock.now, entry); });
  };
  ASSERT_TRUE(follow(moved).ok());
  ASSERT_TRUE(follow(renamed).ok());
  ASSERT_TRUE(follow(renamed).ok());
  EXPECT_THAT(Texts("SELECT CONCAT(unit, enterprise_title, platform_title) FROM dismissal"),
              ElementsAre(absl::StrCat(kTown, "新名（演示）新实验室（演示）")));
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE type LIKE '%Dismissal' ORDER BY id"),
              ElementsAre("created", "followed", "followed"));
}

TEST_F(RecommendTest, ItsOwnPlatformIsNotSuggestedToACompanyAndItSaysWhy) {
  registry::v1::Platform own = PlatformAt(kLab);
  own.set_organization(Enterprise(1));
  PlatformAt(kLab) = own;
  Write(own);
  Settle();
  PublishRequest(1, "腐蚀防护（演示）", "");
  const v1::Intent need = PublishRequest(1, "海工腐蚀防护（演示）", "");
  const v1::Intent other = PublishRequest(2, "腐蚀监测（演示）", "");
  const auto response = Recommend(Own(1), Enterprise(1));
  EXPECT_THAT(Platforms(response), ElementsAre(kPilotLine));
  EXPECT_THAT(Excluded(*response),
              ElementsAre(absl::StrCat(kLab, " 是该企业自己的科创平台，不算结对")));
  const auto explained = Explain(Own(1), kLab, Enterprise(1));
  ASSERT_TRUE(explained.ok()) << explained.status();
  EXPECT_THAT(Kinds(*explained), ElementsAre(v1::EXCLUSION_KIND_OWN));
  EXPECT_THAT(Platforms(Recommend(Own(2), Enterprise(2))), Contains(kLab))
      << "to another company it is";
  const rpc::Call office = Call(ROLE_RESEARCH_OFFICE, kUpc);
  EXPECT_THAT(Platforms(Recommend(office, need.name())), Not(Contains(kLab)))
      << "nor to its intents";
  EXPECT_THAT(Platforms(Recommend(office, other.name())), Contains(kLab));
  EXPECT_THAT(Kinds(*Explain(Own(1), kLab, "", "腐蚀防护")), Not(Contains(v1::EXCLUSION_KIND_OWN)))
      << "a text is nobody's";
  // Nor once it is published no more.
  own.set_state(registry::v1::PLATFORM_STATE_WITHDRAWN);
  PlatformAt(kLab) = own;
  Write(own);
  Settle();
  EXPECT_THAT(Kinds(*Explain(Own(1), kLab, Enterprise(1))),
              ElementsAre(v1::EXCLUSION_KIND_NOT_PUBLISHED, v1::EXCLUSION_KIND_OWN));
}

TEST_F(RecommendTest, EveryPlatformCanBeExplainedToThoseWhoMaySeeIt) {
  PublishRequest(1, "腐蚀防护（演示）", "");
  auto explained = Explain(Own(1), kLab, Enterprise(1));
  ASSERT_TRUE(explained.ok()) << explained.status();
  EXPECT_THAT(Kinds(*explained), IsEmpty());
  const auto listed = Recommend(Own(1), Enterprise(1));
  for (const v1::Suggestion& suggestion : listed->suggestions()) {
    if (suggestion.platform() != kLab) continue;
    EXPECT_EQ(suggestion.SerializeAsString(), explained->SerializeAsString());
  }
  explained = Explain(Own(1), kCenter, Enterprise(1));
  EXPECT_THAT(Kinds(*explained), ElementsAre(v1::EXCLUSION_KIND_NO_MATCH));
  registry::v1::Platform withdrawn = PlatformAt(kLab);
  withdrawn.set_state(registry::v1::PLATFORM_STATE_WITHDRAWN);
  Write(withdrawn);
  Settle();
  explained = Explain(Call(ROLE_SECRETARIAT, ""), kLab, Enterprise(1));
  ASSERT_TRUE(explained.ok()) << explained.status();
  EXPECT_THAT(Kinds(*explained), ElementsAre(v1::EXCLUSION_KIND_NOT_PUBLISHED));
  EXPECT_THAT(explained->exclusions(0).text(), HasSubstr("已撤回"));
  EXPECT_TRUE(absl::IsNotFound(
      Explain(Own(1), "organizations/ouc/platforms/none", Enterprise(1)).status()));
}

TEST_F(RecommendTest, TheListFollowsThePlatformsAndTheDay) {
  const std::string need = "量子精密测量与惯性导航";
  const rpc::Call call = Call(ROLE_SECRETARIAT, "");
  EXPECT_THAT(Platforms(Recommend(call, "", need)), IsEmpty());
  registry::v1::Platform fresh =
      MakePlatform("organizations/upc/platforms/fresh", "量子精密测量实验室（演示）");
  Write(fresh);
  Settle();
  const auto first = Recommend(call, "", need);
  EXPECT_THAT(Platforms(first), ElementsAre(fresh.name()));
  clock.now += absl::Hours(24 * 400);
  const auto later = Recommend(call, "", need);
  EXPECT_EQ(first->suggestions(0).score() - later->suggestions(0).score(),
            static_cast<int>(pack->proto().recommendation().freshness_weight()))
      << "nobody has confirmed it since";
  fresh.set_state(registry::v1::PLATFORM_STATE_WITHDRAWN);
  Write(fresh);
  Settle();
  EXPECT_THAT(Platforms(Recommend(call, "", need)), IsEmpty());
}

TEST_F(RecommendTest, ACityWithoutAPlanSaysSo) {
  const auto shandong = testing::ShippedPack("shandong");
  const rpc::StoreDeps store{database.db(), clock, nullptr};
  const auto made = PlatformAdvice::Make({store, *shandong, *index});
  ASSERT_TRUE(made.ok()) << made.status();
  DiscoveryService without(
      DiscoveryService::Deps{store, *shandong, peer.peers(), *sources, *index, **made});
  v1::RecommendPlatformsRequest request;
  request.set_text("腐蚀");
  EXPECT_TRUE(absl::IsFailedPrecondition(
      without.RecommendPlatforms(Call(ROLE_SECRETARIAT, ""), request).status()));
}

}  // namespace
}  // namespace chanyan::pairing
