// Registry and pairing together, with the journal between them: mergers, splits, renames and new
// projects at once. What was acknowledged is there once, and with those that go on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/journal/follower.h"
#include "common/journal/reader.h"
#include "common/journal/sealer.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/project_rules.h"
#include "services/pairing/project_sheet_service.h"
#include "tests/service/registry/registry_world.h"
#include "tests/support/ask.h"
#include "tests/support/fake_peer.h"

namespace chanyan {
namespace {

using pairing::v1::Project;
using registry::v1::GetOrganizationRequest;
using registry::v1::GetPlatformRequest;
using registry::v1::ListOrganizationsRequest;
using registry::v1::ListOrganizationsResponse;
using registry::v1::ListPlatformsRequest;
using registry::v1::ListPlatformsResponse;
using registry::v1::Organization;

class FollowedTest : public ::testing::Test, protected registry::RegistryWorld {
 protected:
  FollowedTest()
      : pairing_database(testing::ComponentsOf("pairing")),
        peer("chanyan.registry.v1.RegistryService",
             {rpc::Unary<GetPlatformRequest, registry::v1::Platform>(
                  "GetPlatform",
                  [this](const rpc::Call& call, const GetPlatformRequest& request) {
                    return testing::Ask<registry::v1::Platform>(service, "GetPlatform", call,
                                                                request);
                  }),
              rpc::Unary<GetOrganizationRequest, Organization>(
                  "GetOrganization",
                  [this](const rpc::Call& call, const GetOrganizationRequest& request) {
                    return testing::Ask<Organization>(service, "GetOrganization", call, request);
                  }),
              rpc::Unary<ListOrganizationsRequest, ListOrganizationsResponse>(
                  "ListOrganizations",
                  [this](const rpc::Call& call, const ListOrganizationsRequest& request) {
                    return testing::Ask<ListOrganizationsResponse>(service, "ListOrganizations",
                                                                   call, request);
                  }),
              rpc::Unary<ListPlatformsRequest, ListPlatformsResponse>(
                  "ListPlatforms",
                  [this](const rpc::Call& call, const ListPlatformsRequest& request) {
                    return testing::Ask<ListPlatformsResponse>(service, "ListPlatforms", call,
                                                               request);
                  })}),
        projects({{pairing_database.db(), clock, nullptr}, *pack, peer.peers()}),
        sheets({{pairing_database.db(), clock, nullptr}, *pack, peer.peers()}),
        lease(database.db(), "sealer", db::NewLeaseOwner(), absl::Minutes(10)),
        follower({pairing_database.db(), clock, log::Logger("test", log::Level::kError),
                  [this](int64_t after, int limit) { return Read(after, limit); },
                  [this](db::Session& session, absl::Time now, const journal::v1::Entry& entry) {
                    return projects.FollowRegistry(session, now, entry);
                  }},
                 {.name = "pairing<registry"}) {
    EXPECT_TRUE(lease.Acquire().ok());
  }

  absl::StatusOr<std::vector<journal::v1::Entry>> Read(int64_t after, int limit) {
    std::vector<journal::v1::Entry> entries;
    const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(entries, journal::SealedAfter(session, after, limit));
      return absl::OkStatus();
    });
    if (!read.ok()) return read;
    return entries;
  }
  // Seals and follows what there is; how many entries.
  int Catch() {
    const auto sealed = journal::SealOnce(database.db(), lease);
    const auto followed = follower.FollowOnce();
    return (sealed.ok() ? *sealed : 1) + (followed.ok() ? *followed : 1);
  }
  static rpc::Call Pairing(options::v1::Role role, const std::string& organization,
                           const char* method) {
    return testing::CallAs(role, organization,
                           absl::StrCat("chanyan.pairing.v1.PairingService.", method));
  }
  absl::StatusOr<Project> Begin(const std::string& platform, const std::string& enterprise) {
    pairing::v1::CreateProjectRequest request;
    request.mutable_project()->set_platform(platform);
    request.mutable_project()->set_enterprise(enterprise);
    request.mutable_project()->set_title("共建（演示）");
    request.mutable_project()->add_kinds("技术研发");
    request.set_request_id(api::NewUuid());
    return projects.CreateProject(Pairing(options::v1::ROLE_SERVICE, "", "CreateProject"), request);
  }
  // One row of a list; how many projects it made.
  absl::StatusOr<int> BringIn(const std::string& platform_name, const std::string& firm) {
    const registry::v1::Platform platform = PlatformAt(platform_name);
    Organization enterprise = At(firm);
    if (!enterprise.merged_into().empty()) enterprise = At(enterprise.merged_into());
    pairing::v1::ProjectRow row;
    row.set_university_title(At(platform.organization()).display_name());
    row.set_platform_title(platform.display_name());
    row.set_enterprise_title(enterprise.display_name());
    row.set_unified_social_credit_code(enterprise.unified_social_credit_code());
    row.set_title("共建（演示）");
    row.add_kinds("技术研发");
    row.set_content("共建中试线");
    row.set_state(pairing::v1::PROJECT_STATE_INTENT);
    pairing::v1::ImportProjectsRequest request;
    *request.mutable_file() = testing::Upload(std::vector<pairing::v1::ProjectRow>{row});
    request.set_file_name("项目.xlsx");
    request.set_request_id(api::NewUuid());
    CHANYAN_ASSIGN_OR_RETURN(
        const auto done,
        sheets.ImportProjects(
            testing::CallAs(options::v1::ROLE_SECRETARIAT, "organizations/secretariat",
                            "chanyan.pairing.v1.ProjectSheetService.ImportProjects"),
            request));
    return done.created();
  }
  Project ProjectAt(const std::string& name) {
    pairing::v1::GetProjectRequest request;
    request.set_name(name);
    const auto row = testing::Ask<Project>(
        projects, "GetProject", Pairing(options::v1::ROLE_SECRETARIAT, "", "GetProject"), request);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? *row : Project();
  }
  void Publish(const std::string& owner, const std::string& name) {
    ASSERT_TRUE(service
                    .SubmitPlatform(As(options::v1::ROLE_RESEARCH_OFFICE, owner, "SubmitPlatform"),
                                    Named<registry::v1::SubmitPlatformRequest>(name))
                    .ok());
    ASSERT_TRUE(service
                    .PublishPlatform(Secretariat("PublishPlatform"),
                                     Named<registry::v1::PublishPlatformRequest>(name))
                    .ok());
  }
  absl::Status SplitOff(const std::string& university, const std::string& platform, int number) {
    auto request = Named<registry::v1::SplitOrganizationRequest>(university);
    request.set_reason("独立设置");
    auto* part = request.add_parts();
    part->set_organization_id(absl::StrCat("part", number));
    part->mutable_created()->set_display_name(absl::StrCat("研究院", number, "（演示）"));
    part->mutable_created()->set_kind(registry::v1::ORGANIZATION_KIND_UNIVERSITY);
    part->add_platforms(platform);
    return service.SplitOrganization(Secretariat("SplitOrganization"), request).status();
  }

  testing::TestDatabase pairing_database;
  testing::FakePeer peer;
  pairing::PairingService projects;
  pairing::ProjectSheetService sheets;
  db::Lease lease;
  journal::Follower follower;
};

TEST_F(FollowedTest, NothingIsLostOrDoubledWhateverHappensAtOnce) {
  const unsigned seed = std::random_device()();
  std::cerr << "seed " << seed << "\n";
  constexpr int kFirms = 10;
  constexpr int kUniversities = 4;
  const std::string zone =
      Make("zone", "古镇口（演示）", registry::v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE);
  const std::string town = Make("town", "泊里镇（演示）", registry::v1::ORGANIZATION_KIND_TOWN);
  std::vector<std::string> firms;
  std::vector<std::string> universities;
  std::vector<std::string> platforms;
  for (int i = 1; i <= kFirms; ++i) firms.push_back(Enterprise(i, "", i % 2 == 0 ? zone : town));
  for (int i = 0; i < kUniversities; ++i) {
    universities.push_back(Make(absl::StrCat("u", i), absl::StrCat("大学", i, "（演示）"),
                                registry::v1::ORGANIZATION_KIND_UNIVERSITY));
    // All have the same, so that mergers meet.
    platforms.push_back(Platform(universities[i], "lab", "材料实验室（演示）"));
    Publish(universities[i], platforms[i]);
  }
  constexpr int kThreads = 4;
  std::vector<std::set<std::string>> begun(kThreads);
  std::vector<std::string> faults(kThreads);
  std::atomic<int> brought_in = 0;
  std::atomic<int> running = kThreads;
  const auto run = [&](int thread) {
    std::mt19937 random(seed + thread);
    const auto one_of = [&](const std::vector<std::string>& all) {
      return all[random() % all.size()];
    };
    for (int act = 0; act < 25; ++act) {
      const int number = thread * 100 + act;
      absl::Status status;
      switch (random() % 10) {
        case 0:
          status = Merge(one_of(firms), one_of(firms)).status();
          break;
        case 1:
          status = random() % 2 == 0 ? Merge(one_of(universities), one_of(universities)).status()
                                     : Rename(one_of(firms), absl::StrCat("新名", number)).status();
          break;
        case 2: {
          const size_t at = random() % universities.size();
          status = random() % 4 == 0 ? Merge(town, zone).status()
                                     : SplitOff(universities[at], platforms[at], number);
          break;
        }
        case 3:
        case 4: {
          const auto made = BringIn(one_of(platforms), one_of(firms));
          if (made.ok()) brought_in += *made;
          status = made.status();
          break;
        }
        default: {
          const auto made = Begin(one_of(platforms), one_of(firms));
          if (made.ok()) begun[thread].insert(made->name());
          status = made.status();
        }
      }
      if (absl::IsInternal(status)) faults[thread] = std::string(status.message());
    }
    --running;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(run, i);
  while (running > 0) Catch();
  for (std::thread& thread : threads) thread.join();
  while (Catch() > 0) {
  }
  EXPECT_THAT(faults, ::testing::Each(std::string())) << "seed " << seed;
  EXPECT_THAT(testing::Texts(pairing_database.db(), "SELECT error FROM dead_letter"),
              ::testing::IsEmpty())
      << "seed " << seed;

  std::set<std::string> wanted;
  for (const auto& some : begun) wanted.insert(some.begin(), some.end());
  EXPECT_GT(wanted.size(), 5u) << "seed " << seed;
  const auto names =
      testing::Texts(pairing_database.db(), "SELECT name FROM project ORDER BY name");
  // A list does not say how it called what it made.
  EXPECT_TRUE(std::includes(names.begin(), names.end(), wanted.begin(), wanted.end()))
      << "seed " << seed;
  EXPECT_EQ(names.size(), wanted.size() + brought_in) << "seed " << seed;
  std::cerr << wanted.size() << " begun, " << brought_in << " brought in\n";
  std::map<std::string, int> holders;
  for (const std::string& name : names) {
    const Project project = ProjectAt(name);
    const Organization enterprise = At(project.enterprise());
    EXPECT_NE(enterprise.state(), registry::v1::ORGANIZATION_STATE_MERGED)
        << name << " seed " << seed;
    EXPECT_EQ(project.enterprise_title(), enterprise.display_name()) << name << " seed " << seed;
    EXPECT_EQ(project.unit(), enterprise.unit()) << name << " seed " << seed;
    const registry::v1::Platform platform = PlatformAt(project.platform());
    EXPECT_EQ(project.university(), platform.organization()) << name << " seed " << seed;
    EXPECT_EQ(project.platform_title(), platform.display_name()) << name << " seed " << seed;
    const std::string pair = absl::StrCat(project.platform(), " ", project.enterprise());
    holders[pair] += project.doubled_by().empty();
  }
  for (const auto& [pair, count] : holders) EXPECT_EQ(count, 1) << pair << " seed " << seed;
}

}  // namespace
}  // namespace chanyan
