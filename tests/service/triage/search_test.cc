// Results, demands and listings are found by words within what each caller may see (TRI-1), on the
// real database and its journal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/journal/reader.h"
#include "common/journal/sealer.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/triage/library_search.h"
#include "tests/service/triage/world.h"
#include "tests/unit/search/memory_journal.h"

namespace chanyan::triage {
namespace {

using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_PUBLIC;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class LibrarySearchTest : public ::testing::Test, protected World {
 protected:
  LibrarySearchTest() {
    auto made = search::Sources::Make(LibrarySources());
    EXPECT_TRUE(made.ok()) << made.status();
    sources_ = *std::move(made);
    sealer_ = std::make_unique<db::Lease>(database.db(), "sealer", "test", absl::Minutes(5));
    search::Index::Options options;
    options.journals = {
        {"triage",
         [this](int64_t after, int limit) -> absl::StatusOr<std::vector<journal::v1::Entry>> {
           std::vector<journal::v1::Entry> entries;
           CHANYAN_RETURN_IF_ERROR(database.db().Read([&](db::Session& session) -> absl::Status {
             CHANYAN_ASSIGN_OR_RETURN(entries, journal::SealedAfter(session, after, limit));
             return absl::OkStatus();
           }));
           return entries;
         }},
        {"registry", registry_journal_.Source()}};
    auto opened = search::Index::Open({*sources_, clock, log::Logger("test", log::Level::kError)},
                                      std::move(options));
    EXPECT_TRUE(opened.ok()) << opened.status();
    index_ = *std::move(opened);
    const absl::Status built = index_->Rebuild();
    EXPECT_TRUE(built.ok()) << built;
    search_ = std::make_unique<LibrarySearchService>(clock, *sources_, *index_);
  }
  // Everything that was done is found from now on.
  void Settle() {
    ASSERT_TRUE(sealer_->Acquire().ok());
    while (true) {
      const auto sealed = journal::SealOnce(database.db(), *sealer_);
      ASSERT_TRUE(sealed.ok()) << sealed.status();
      if (*sealed == 0) break;
    }
    const absl::Status followed = index_->Follow();
    ASSERT_TRUE(followed.ok()) << followed;
  }
  pairing::v1::SearchResponse Search(Role role, const std::string& organization,
                                     const std::string& words) {
    v1::SearchLibrariesRequest request;
    request.set_query(words);
    const auto found = search_->SearchLibraries(
        As(role, organization, "LibrarySearchService.SearchLibraries"), request);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : pairing::v1::SearchResponse();
  }
  // "Result 海水淡化膜" of each hit; totals and counts are those of the hits alone.
  std::vector<std::string> Found(Role role, const std::string& organization,
                                 const std::string& words) {
    const pairing::v1::SearchResponse response = Search(role, organization, words);
    std::vector<std::string> found;
    for (const auto& hit : response.hits()) {
      found.push_back(absl::StrCat(hit.type(), " ", hit.title()));
    }
    EXPECT_EQ(response.total_size(), response.hits_size());
    for (const auto& facet : response.facets()) {
      if (facet.facet() != search::kTypeFacet) continue;
      int counted = 0;
      for (const auto& value : facet.values()) counted += value.count();
      EXPECT_EQ(counted, response.hits_size());
    }
    return found;
  }
  std::string InLibrary(const v1::Result& draft) {
    const auto made = World::Create(draft);
    EXPECT_TRUE(made.ok()) << made.status();
    EXPECT_TRUE(Publish(made->name()).ok());
    return made->name();
  }

  search::MemoryJournal registry_journal_;
  std::unique_ptr<search::Sources> sources_;
  std::unique_ptr<db::Lease> sealer_;
  std::unique_ptr<search::Index> index_;
  std::unique_ptr<LibrarySearchService> search_;
};

TEST_F(LibrarySearchTest, AResultIsNarrowedByWhereItsUniversityStandsWhichIsNotFoundItself) {
  registry::v1::Organization university;
  university.set_name(kOuc);
  university.set_display_name("海水大学（演示）");
  university.set_kind(registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  university.set_zone("古镇口");
  *university.mutable_update_time() = time::ToTimestamp(clock.now);
  registry_journal_.Write(university);
  InLibrary(Draft("海水淡化膜"));
  Settle();
  const auto narrowed = [&](const char* zone) {
    v1::SearchLibrariesRequest request;
    request.set_query("海水");
    request.add_zones(zone);
    const auto found = search_->SearchLibraries(
        As(ROLE_RESEARCH_OFFICE, kOuc, "LibrarySearchService.SearchLibraries"), request);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? found->total_size() : -1;
  };
  EXPECT_EQ(narrowed("古镇口"), 1);
  EXPECT_EQ(narrowed("泊里镇"), 0);
  EXPECT_THAT(Found(ROLE_RESEARCH_OFFICE, kOuc, "海水"), ElementsAre("Result 海水淡化膜"));
  university.set_zone("泊里镇");
  registry_journal_.Write(university);
  Settle();
  EXPECT_EQ(narrowed("泊里镇"), 1);
  v1::SearchLibrariesRequest request;
  request.add_types("Organization");
  EXPECT_TRUE(absl::IsInvalidArgument(
      search_
          ->SearchLibraries(As(ROLE_RESEARCH_OFFICE, kOuc, "LibrarySearchService.SearchLibraries"),
                            request)
          .status()));
}

TEST_F(LibrarySearchTest, BadTypesAndPagesAreRefused) {
  const auto refused = [&](const v1::SearchLibrariesRequest& request) {
    return status::ReasonOf(
        search_
            ->SearchLibraries(As(ROLE_PUBLIC, "", "LibrarySearchService.SearchLibraries"), request)
            .status());
  };
  v1::SearchLibrariesRequest request;
  request.add_types("Push");
  EXPECT_EQ(refused(request), options::v1::ERROR_REASON_INVALID_FIELD);
  request.clear_types();
  request.set_page_size(-1);
  EXPECT_EQ(refused(request), options::v1::ERROR_REASON_INVALID_FIELD);
  request.clear_page_size();
  request.set_page_token("x");
  EXPECT_NE(refused(request), options::v1::ERROR_REASON_UNSPECIFIED);
}

TEST_F(LibrarySearchTest, OnlyWhatIsInTheLibraryIsFoundAndGoneOnceItIsWithdrawn) {
  ASSERT_TRUE(World::Create(Draft("海水淡化草稿")).ok());
  const std::string result = InLibrary(Draft("海水淡化膜"));
  Settle();
  EXPECT_THAT(Found(ROLE_DEPARTMENT, kOffice, "海水淡化"), ElementsAre("Result 海水淡化膜"));
  EXPECT_THAT(Found(ROLE_LEADER, kCityLeaders, "海水淡化"), ElementsAre("Result 海水淡化膜"));
  ASSERT_TRUE(Withdraw(result).ok());
  Settle();
  EXPECT_THAT(Found(ROLE_DEPARTMENT, kOffice, "海水淡化"), IsEmpty());
}

TEST_F(LibrarySearchTest, AResultForJointDevelopmentAloneIsFoundByThePublicOnceItIsPushed) {
  v1::Result draft = Draft("海水淡化膜");
  draft.clear_conversion_modes();
  draft.add_conversion_modes(v1::CONVERSION_MODE_DEVELOPMENT);
  const v1::Result row = Pushed(draft);
  ASSERT_THAT(row.classes(), ElementsAre(policy::v1::TRIAGE_CLASS_HORIZONTAL));
  draft.set_title("海水淡化泵");
  draft.set_disclosure(v1::DISCLOSURE_LIMITED);
  Pushed(draft);
  Settle();
  EXPECT_THAT(Found(ROLE_PUBLIC, "", "海水淡化"), ElementsAre("Listing 海水淡化膜"));
}

TEST_F(LibrarySearchTest, ALimitedOneIsNeitherFoundNorCountedByOthers) {
  v1::Result limited = Draft("海水淡化秘方");
  limited.set_disclosure(v1::DISCLOSURE_LIMITED);
  InLibrary(limited);
  Settle();
  EXPECT_THAT(Found(ROLE_RESEARCH_OFFICE, kOuc, "秘方"), ElementsAre("Result 海水淡化秘方"));
  EXPECT_THAT(Found(ROLE_SERVICE_TEAM, kMarineAgency, "秘方"), ElementsAre("Result 海水淡化秘方"));
  for (const auto& [role, organization] :
       std::vector<std::pair<Role, std::string>>{{ROLE_PUBLIC, ""},
                                                 {ROLE_ENTERPRISE, kE1},
                                                 {ROLE_RESEARCH_OFFICE, kUpc},
                                                 {ROLE_SERVICE_TEAM, kHighTechAgency},
                                                 {ROLE_DEPARTMENT, kFinanceDepartment}}) {
    EXPECT_THAT(Found(role, organization, "秘方"), IsEmpty()) << role;
    // Without words either: nothing of it shows in totals or counts.
    EXPECT_THAT(Found(role, organization, ""), IsEmpty()) << role;
  }
}

TEST_F(LibrarySearchTest, ThePublicFindsWhatIsOnTheMarketAndOpenDemandsUntilTheyExpire) {
  Pushed(Draft("海水淡化膜"));
  v1::CreateDemandRequest request;
  for (const char* title : {"海水防腐涂层", "海水防腐内部"}) {
    *request.mutable_demand() = DemandDraft(title);
    if (absl::string_view(title) == "海水防腐内部") {
      request.mutable_demand()->set_disclosure(v1::DISCLOSURE_LIMITED);
    }
    request.set_request_id(api::NewUuid());
    const auto made =
        demands.CreateDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.CreateDemand"), request);
    ASSERT_TRUE(made.ok()) << made.status();
    ASSERT_TRUE(demands
                    .PublishDemand(As(ROLE_ENTERPRISE, kE1, "DemandService.PublishDemand"),
                                   Named<v1::PublishDemandRequest>(made->name()))
                    .ok());
  }
  Settle();
  EXPECT_THAT(Found(ROLE_PUBLIC, "", "防腐"), ElementsAre("Demand 海水防腐涂层"));
  EXPECT_THAT(Found(ROLE_ENTERPRISE, kE1, "防腐"),
              UnorderedElementsAre("Demand 海水防腐涂层", "Demand 海水防腐内部"));
  // To the end of its last day, and no longer, before the job has come to it.
  Go(absl::CivilDay(2025, 5, 1));
  EXPECT_THAT(Found(ROLE_PUBLIC, "", "防腐"), ElementsAre("Demand 海水防腐涂层"));
  Go(absl::CivilDay(2025, 5, 2));
  EXPECT_THAT(Found(ROLE_PUBLIC, "", "防腐"), IsEmpty());
}

TEST_F(LibrarySearchTest, NothingButWhatAListingShowsIsLookedThrough) {
  v1::Result draft = Draft("海水淡化膜");
  draft.set_indicators("通量三倍于国外同类");
  draft.set_financing_yuan(60'000'000);
  draft.set_financing_purpose("建设万吨产线");
  const std::string result = InLibrary(draft);
  v1::SetConfidentialPartRequest secret;
  secret.mutable_confidential_part()->set_subject(result);
  secret.mutable_confidential_part()->set_technical_details("配方七号");
  secret.set_request_id(api::NewUuid());
  ASSERT_TRUE(
      confidential
          .SetConfidentialPart(
              As(ROLE_RESEARCH_OFFICE, kOuc, "ConfidentialService.SetConfidentialPart"), secret)
          .ok());
  Settle();
  for (const char* inside : {"通量", "万吨产线", "配方七号"}) {
    EXPECT_THAT(Found(ROLE_DEPARTMENT, kOffice, inside), IsEmpty()) << inside;
  }
  EXPECT_THAT(Found(ROLE_DEPARTMENT, kOffice, "中试"), ElementsAre("Result 海水淡化膜"));
}

}  // namespace
}  // namespace chanyan::triage
