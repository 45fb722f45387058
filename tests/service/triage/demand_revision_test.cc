// Versions of demands (TRI-1), on the real database: what changed, when and by whom, and who is
// told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chanyan/journal/v1/changes.pb.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/triage/parties.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DemandRevisionTest : public ::testing::Test, protected World {
 protected:
  std::string Make(const v1::Demand& demand, Role role = ROLE_ENTERPRISE,
                   const std::string& organization = kE1) {
    v1::CreateDemandRequest request;
    *request.mutable_demand() = demand;
    request.set_request_id(api::NewUuid());
    const auto made =
        demands.CreateDemand(As(role, organization, "DemandService.CreateDemand"), request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : "";
  }
  absl::StatusOr<v1::Demand> PublishDemand(const std::string& name, Role role = ROLE_ENTERPRISE,
                                           const std::string& organization = kE1) {
    return demands.PublishDemand(As(role, organization, "DemandService.PublishDemand"),
                                 Named<v1::PublishDemandRequest>(name));
  }
  absl::StatusOr<v1::Demand> Update(const v1::Demand& demand, const std::vector<std::string>& paths,
                                    Role role = ROLE_ENTERPRISE,
                                    const std::string& organization = kE1) {
    v1::UpdateDemandRequest request;
    *request.mutable_demand() = demand;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    return demands.UpdateDemand(As(role, organization, "DemandService.UpdateDemand"), request);
  }
  std::vector<v1::DemandRevision> Revisions(const std::string& demand, Role role = ROLE_ENTERPRISE,
                                            const std::string& organization = kE1) {
    v1::ListDemandRevisionsRequest list;
    list.set_parent(demand);
    list.set_order_by("revision");
    const auto page = demands.ListDemandRevisions(
        As(role, organization, "DemandService.ListDemandRevisions"), list);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    return {page->demand_revisions().begin(), page->demand_revisions().end()};
  }
};

TEST_F(DemandRevisionTest, EachVersionSaysWhatChangedWhenAndByWhom) {
  v1::Demand draft = DemandDraft("防腐涂层");
  draft.set_enterprise(kE1);
  const std::string name = Make(draft, ROLE_SERVICE_TEAM, kMarineAgency);
  v1::Demand update;
  update.set_name(name);
  // A draft has no versions.
  update.set_budget_yuan(1);
  ASSERT_TRUE(Update(update, {"budget_yuan"}).ok());
  EXPECT_THAT(Revisions(name), IsEmpty());
  ASSERT_TRUE(PublishDemand(name).ok());
  clock.now += absl::Hours(5);
  update.set_budget_yuan(2'000'000);
  update.set_indicators("耐盐雾三千小时");
  ASSERT_TRUE(Update(update, {"budget_yuan", "indicators"}, ROLE_SERVICE_TEAM, kMarineAgency).ok());
  // What changes nothing is no version.
  ASSERT_TRUE(Update(update, {"budget_yuan"}).ok());
  const auto revisions = Revisions(name);
  ASSERT_THAT(revisions, SizeIs(2));
  EXPECT_EQ(revisions[0].name(), absl::StrCat(name, "/revisions/1"));
  EXPECT_THAT(revisions[0].changed_fields(), IsEmpty());
  EXPECT_EQ(revisions[0].content().budget_yuan(), 1);
  EXPECT_EQ(revisions[0].organization(), kE1);
  EXPECT_EQ(revisions[0].author(), "accounts/e1");
  EXPECT_THAT(revisions[1].changed_fields(), ElementsAre("拟投入资金（元）", "技术指标"));
  EXPECT_EQ(revisions[1].content().budget_yuan(), 2'000'000);
  EXPECT_EQ(revisions[1].organization(), kMarineAgency);
  EXPECT_EQ(TimeIn(revisions[1].create_time()) - TimeIn(revisions[0].create_time()),
            absl::Hours(5));
  // Versions do not change.
  EXPECT_EQ(Count("journal WHERE type LIKE '%.DemandRevision' AND kind <> 'created'"), 0);
  // Published again after it expired it is a version too.
  Go(time::DayOf(clock.now) + 31);
  const auto lease = JobLease();
  ASSERT_EQ(*demands.Expire(*lease), 1);
  *update.mutable_valid_until() = time::ToProto(time::DayOf(clock.now) + 10);
  ASSERT_TRUE(Update(update, {"valid_until"}).ok());
  ASSERT_TRUE(PublishDemand(name).ok());
  ASSERT_THAT(Revisions(name), SizeIs(3));
  EXPECT_EQ(Revisions(name)[2].revision(), 3);
}

TEST_F(DemandRevisionTest, ThoseWhoseDemandItIsReadThemAndNobodyElse) {
  v1::Demand draft = DemandDraft("防腐涂层");
  draft.set_contact_person("张工（演示）");
  draft.set_contact_phone("13800000000");
  const std::string name = Make(draft);
  ASSERT_TRUE(PublishDemand(name).ok());
  EXPECT_THAT(Revisions(name), SizeIs(1));
  EXPECT_THAT(Revisions(name, ROLE_DEPARTMENT, kOffice), SizeIs(1));
  EXPECT_THAT(Revisions(name, ROLE_LEADER, kCityLeaders), SizeIs(1));
  // Published, it is everybody's to see; what it was before is not.
  EXPECT_THAT(Revisions(name, ROLE_ENTERPRISE, kE2), IsEmpty());
  EXPECT_THAT(Revisions(name, ROLE_SERVICE_TEAM, kMarineAgency), IsEmpty());
  EXPECT_THAT(Revisions(name, ROLE_RESEARCH_OFFICE, kOuc), IsEmpty());
  EXPECT_THAT(Revisions("demands/-"), SizeIs(1));
  EXPECT_THAT(Revisions("demands/-", ROLE_ENTERPRISE, kE2), IsEmpty());
}

TEST_F(DemandRevisionTest, TheSecondOfTwoEditorsIsToldWhatTheFirstChanged) {
  const std::string name = Make(DemandDraft("防腐涂层"));
  const auto read = PublishDemand(name);
  ASSERT_TRUE(read.ok()) << read.status();
  v1::Demand one;
  one.set_name(name);
  one.set_etag(read->etag());
  one.set_budget_yuan(300'000);
  ASSERT_TRUE(Update(one, {"budget_yuan"}).ok());
  v1::Demand other;
  other.set_name(name);
  other.set_etag(read->etag());
  other.set_description("需要耐海水、耐磨的涂层。");
  const absl::Status stale = Update(other, {"description"}).status();
  EXPECT_TRUE(absl::IsAborted(stale)) << stale;
  journal::v1::Changes changes;
  ASSERT_TRUE(status::GetDetail(stale, changes)) << stale;
  std::vector<std::string> fields;
  for (const auto& change : changes.fields()) fields.push_back(change.field());
  EXPECT_THAT(fields, Contains("budget_yuan")) << absl::StrJoin(fields, ",");
  EXPECT_THAT(Revisions(name), SizeIs(2));
}

TEST_F(DemandRevisionTest, OfManyEditorsAtOnceEachVersionIsOneNumber) {
  const std::string name = Make(DemandDraft("防腐涂层"));
  ASSERT_TRUE(PublishDemand(name).ok());
  std::vector<std::thread> threads;
  std::atomic<int> changed{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      v1::Demand update;
      update.set_name(name);
      update.set_budget_yuan(1000 + i);
      changed += Update(update, {"budget_yuan"}).ok() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Count("demand_revision"), 1 + changed);
  EXPECT_EQ(Texts("SELECT MAX(revision) FROM demand_revision")[0], absl::StrCat(1 + changed));
  EXPECT_EQ(Count("demand d JOIN demand_revision r ON r.revision = d.revision AND "
                  "JSON_VALUE(r.content, '$.budget_yuan') = d.budget_yuan"),
            1);
}

TEST_F(DemandRevisionTest, AVersionOfATimeWhenNoneWasWrittenIsWrittenWithTheNext) {
  const std::string name = Make(DemandDraft("防腐涂层"));
  ASSERT_TRUE(PublishDemand(name).ok());
  ASSERT_TRUE(database.db()
                  .Transact([&](db::Session& session) {
                    return session.Execute("DELETE FROM demand_revision").status();
                  })
                  .ok());
  v1::Demand update;
  update.set_name(name);
  update.set_budget_yuan(5);
  ASSERT_TRUE(Update(update, {"budget_yuan"}).ok());
  const auto revisions = Revisions(name);
  ASSERT_THAT(revisions, SizeIs(2));
  // Who made it is not known.
  EXPECT_EQ(revisions[0].author(), "");
  EXPECT_EQ(revisions[0].content().budget_yuan(), 0);
  EXPECT_THAT(revisions[1].changed_fields(), ElementsAre("拟投入资金（元）"));
}

TEST_F(DemandRevisionTest, AMergedCompanysVersionsGoOnWithItsSuccessor) {
  const std::string name = Make(DemandDraft("防腐涂层"));
  ASSERT_TRUE(PublishDemand(name).ok());
  registry::v1::Organization survivor;
  survivor.set_name(kE2);
  survivor.set_display_name("企业二（演示）");
  survivor.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  survivor.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  auto* absorbed = survivor.add_absorbed();
  absorbed->set_organization(kE1);
  absorbed->set_display_name("企业一（演示）");
  journal::v1::Entry entry;
  entry.set_type(registry::v1::Organization::descriptor()->full_name());
  entry.set_after_json(journal::CanonicalJson(survivor));
  ASSERT_TRUE(database.db()
                  .Transact([&](db::Session& session) {
                    return follower.Follow(session, clock.now, entry);
                  })
                  .ok());
  EXPECT_THAT(Revisions(name, ROLE_ENTERPRISE, kE2), SizeIs(1));
  EXPECT_THAT(Revisions(name, ROLE_ENTERPRISE, kE1), IsEmpty());
}

}  // namespace
}  // namespace chanyan::triage
