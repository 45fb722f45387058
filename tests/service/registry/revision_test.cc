// Revisions of published platforms on the real database: what the public sees changes by review and
// by nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/service/registry/platform_city.h"

namespace chanyan::registry {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using S = v1::PlatformRevisionState;
constexpr S kNo = v1::PLATFORM_REVISION_STATE_UNSPECIFIED;
constexpr S kDraft = v1::PLATFORM_REVISION_STATE_DRAFT;
constexpr S kInReview = v1::PLATFORM_REVISION_STATE_IN_REVIEW;
constexpr S kReturned = v1::PLATFORM_REVISION_STATE_RETURNED;
constexpr S kPublished = v1::PLATFORM_REVISION_STATE_PUBLISHED;
constexpr S kWithdrawn = v1::PLATFORM_REVISION_STATE_WITHDRAWN;

class RevisionTest : public PlatformCity {
 protected:
  // A revision of a new published platform in this state.
  v1::PlatformRevision In(S state, const std::string& id) {
    const auto edited = Introduce(Published(id).name(), "新的介绍");
    EXPECT_TRUE(edited.ok()) << edited.status();
    const std::string name = edited->open_revision();
    std::vector<std::string> verbs;
    if (state == kInReview) verbs = {"submit"};
    if (state == kReturned) verbs = {"submit", "return"};
    if (state == kPublished) verbs = {"submit", "publish"};
    if (state == kWithdrawn) verbs = {"withdraw"};
    for (const std::string& verb : verbs) {
      const auto done = Do(verb, name);
      EXPECT_TRUE(done.ok()) << verb << done.status();
    }
    const auto revision = Revision(Secretariat("GetPlatformRevision"), name);
    EXPECT_TRUE(revision.ok()) << revision.status();
    EXPECT_EQ(revision->state(), state) << id;
    return *revision;
  }
};

TEST_F(RevisionTest, ThePublishedPlatformStaysUntilTheRevisionPasses) {
  const v1::Platform before = Published("lab");
  const auto edited = Introduce(before.name(), "新的介绍");
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_EQ(edited->introduction(), "介绍") << "the answer is the platform as it stands";
  const std::string name = edited->open_revision();
  EXPECT_EQ(name, before.name() + "/revisions/1");
  const auto expect_old = [&] {
    const v1::Platform shown = Shown(before.name());
    EXPECT_EQ(shown.introduction(), "介绍");
    EXPECT_TRUE(shown.open_revision().empty()) << "the public knows of no revision";
  };
  expect_old();
  ASSERT_TRUE(Do("submit", name).ok());
  expect_old();
  ASSERT_TRUE(Do("return", name).ok());
  expect_old();
  v1::Platform again;
  again.set_name(before.name());
  again.set_college("海洋学院");
  ASSERT_TRUE(Edit(again, {"college"}).ok());
  ASSERT_TRUE(Do("submit", name).ok());
  expect_old();
  clock_.now += absl::Hours(30);
  const auto published = Do("publish", name);
  ASSERT_TRUE(published.ok()) << published.status();
  const v1::Platform after = Shown(before.name());
  EXPECT_EQ(after.introduction(), "新的介绍");
  EXPECT_EQ(after.college(), "海洋学院");
  EXPECT_EQ(after.state(), v1::PLATFORM_STATE_PUBLISHED);
  EXPECT_EQ(after.publish_time().seconds(), before.publish_time().seconds());
  EXPECT_EQ(after.confirm_time().seconds(), absl::ToUnixSeconds(clock_.now))
      << "whoever edits has looked";
  const auto inside = Get(Secretariat("GetPlatform"), before.name());
  EXPECT_TRUE(inside->open_revision().empty());
  EXPECT_EQ(Introduce(before.name(), "又改")->open_revision(), before.name() + "/revisions/2");
}

TEST_F(RevisionTest, EveryStateAndVerbOfARevision) {
  const std::string verbs[] = {"submit", "publish", "return", "withdraw"};
  struct Case {
    S from;
    S to[4];
  };
  const Case cases[] = {
      {kDraft, {kInReview, kNo, kNo, kWithdrawn}},
      {kInReview, {kNo, kPublished, kReturned, kWithdrawn}},
      {kReturned, {kInReview, kNo, kNo, kWithdrawn}},
      {kPublished, {kNo, kNo, kNo, kNo}},
      {kWithdrawn, {kNo, kNo, kNo, kNo}},
  };
  for (const Case& one : cases) {
    for (size_t i = 0; i < std::size(verbs); ++i) {
      const std::string id = absl::StrCat("p", one.from, "-", i);
      const v1::PlatformRevision revision = In(one.from, id);
      const v1::Platform shown = Shown(revision.platform());
      const auto done = Do(verbs[i], revision.name());
      const bool published = one.to[i] == kPublished;
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(done.status()), ERROR_REASON_WRONG_STATE) << id << verbs[i];
      } else {
        ASSERT_TRUE(done.ok()) << id << verbs[i] << done.status();
        EXPECT_EQ(done->state(), one.to[i]) << id << verbs[i];
        EXPECT_EQ(Get(Secretariat("GetPlatform"), revision.platform())->open_revision().empty(),
                  published || one.to[i] == kWithdrawn)
            << id << verbs[i];
      }
      EXPECT_EQ(Shown(revision.platform()).introduction(),
                published ? "新的介绍" : shown.introduction())
          << id << verbs[i];
    }
    // And an edit: into the open one unless somebody reviews it, into a new one when it is over.
    const v1::PlatformRevision revision = In(one.from, absl::StrCat("e", one.from));
    const auto edited = Introduce(revision.platform(), "再改");
    EXPECT_EQ(edited.ok(), one.from != kInReview) << one.from << edited.status();
    if (one.from == kInReview) {
      EXPECT_EQ(status::ReasonOf(edited.status()), ERROR_REASON_WRONG_STATE);
    } else {
      const bool over = one.from == kPublished || one.from == kWithdrawn;
      EXPECT_EQ(edited->open_revision() != revision.name(), over) << one.from;
    }
  }
}

TEST_F(RevisionTest, OwnerAndSecretariatSeeWhatDiffersAndNobodyElseSeesAnything) {
  v1::Platform edit;
  edit.set_name(Published("lab").name());
  edit.set_kind(v1::PLATFORM_KIND_PILOT_TEST);
  edit.add_industries("海洋装备");
  const std::string name = Edit(edit, {"kind", "industries"})->open_revision();
  for (const rpc::Call& call :
       {Office("GetPlatformRevision"), Secretariat("GetPlatformRevision")}) {
    const auto revision = Revision(call, name);
    ASSERT_TRUE(revision.ok()) << revision.status();
    std::vector<std::string> lines;
    for (const auto& one : revision->differences()) {
      lines.push_back(absl::StrCat(one.label(), "：", one.before(), " → ", one.after()));
    }
    EXPECT_THAT(lines, ElementsAre("平台类型：实验室 → 中试验证平台", "面向产业： → 海洋装备"));
    EXPECT_EQ(revision->replaced().kind(), v1::PLATFORM_KIND_LABORATORY);
    EXPECT_EQ(revision->proposed().introduction(), "介绍") << "the whole of it, not the changes";
  }
  const auto refused = [&](const rpc::Call& call) {
    EXPECT_EQ(Revision(call, name).status().code(), absl::StatusCode::kNotFound);
    v1::ListPlatformRevisionsRequest list;
    list.set_parent("organizations/-/platforms/-");
    const auto page = revisions_.ListPlatformRevisions(call, list);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->revisions_size(), 0);
  };
  refused(As(options::v1::ROLE_RESEARCH_OFFICE, kUpc, "GetPlatformRevision"));
  refused(As(options::v1::ROLE_DEPARTMENT, "", "GetPlatformRevision"));
  refused(Public("GetPlatformRevision"));
  const rpc::Call other = As(options::v1::ROLE_RESEARCH_OFFICE, kUpc, "SubmitPlatformRevision");
  EXPECT_EQ(revisions_.SubmitPlatformRevision(other, Named<v1::SubmitPlatformRevisionRequest>(name))
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

TEST_F(RevisionTest, VerbsAreOfferedToThoseWhoMayCallThem) {
  const auto actions = [&](const rpc::Call& call, const std::string& name) {
    const auto revision = Revision(call, name);
    EXPECT_TRUE(revision.ok()) << revision.status();
    return std::vector<std::string>(revision->actions().begin(), revision->actions().end());
  };
  const std::string draft = In(kDraft, "draft").name();
  EXPECT_THAT(actions(Office("GetPlatformRevision"), draft), ElementsAre("submit", "withdraw"));
  EXPECT_THAT(actions(Secretariat("GetPlatformRevision"), draft), IsEmpty());
  const std::string review = In(kInReview, "review").name();
  EXPECT_THAT(actions(Office("GetPlatformRevision"), review), ElementsAre("withdraw"));
  EXPECT_THAT(actions(Secretariat("GetPlatformRevision"), review),
              ElementsAre("publish", "return"));
  v1::ListPlatformRevisionsRequest queue;
  queue.set_parent("organizations/-/platforms/-");
  queue.set_filter("state = IN_REVIEW");
  queue.set_order_by("submit_time");
  const auto page = revisions_.ListPlatformRevisions(Secretariat("ListPlatformRevisions"), queue);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->revisions_size(), 1) << "what waits for the secretariat";
  EXPECT_EQ(page->revisions(0).name(), review);
  EXPECT_EQ(page->revisions(0).differences_size(), 1);
}

TEST_F(RevisionTest, TheHistorySaysWhoDidWhatWhenAndWhy) {
  const std::string name = Introduce(Published("lab").name(), "一")->open_revision();
  const std::string platform(api::ParentOfName(name));
  clock_.now += absl::Minutes(1);
  ASSERT_TRUE(Introduce(platform, "二").ok());
  ASSERT_TRUE(Introduce(platform, "三").ok());
  auto submit = Named<v1::SubmitPlatformRevisionRequest>(name);
  submit.set_note("更新了介绍");
  ASSERT_TRUE(revisions_.SubmitPlatformRevision(Office("SubmitPlatformRevision"), submit).ok());
  ASSERT_TRUE(Do("return", name).ok());
  ASSERT_TRUE(Do("submit", name).ok());
  ASSERT_TRUE(Do("publish", name).ok());
  const auto revision = Revision(Office("GetPlatformRevision"), name);
  ASSERT_TRUE(revision.ok()) << revision.status();
  std::vector<std::string> steps;
  for (const auto& step : revision->steps()) {
    steps.push_back(absl::StrCat(step.verb(), " ", step.actor(), " ",
                                 step.reasons_size() > 0 ? step.reasons(0) : ""));
    EXPECT_GT(step.time().seconds(), 0);
    EXPECT_FALSE(step.label().empty());
  }
  EXPECT_THAT(
      steps, ElementsAre("create accounts/test ", "edit accounts/test ",
                         "submit accounts/test 更新了介绍", "return accounts/reviewer 介绍过于简略",
                         "submit accounts/test ", "publish accounts/reviewer "));
  EXPECT_EQ(revision->publish_verdicts().verdicts_size(), 2);
  // Later changes leave the record as it was.
  const std::string next = Introduce(platform, "四")->open_revision();
  ASSERT_TRUE(Do("submit", next).ok());
  ASSERT_TRUE(Do("publish", next).ok());
  const auto record = Revision(Office("GetPlatformRevision"), name);
  EXPECT_EQ(record->replaced().introduction(), "介绍");
  EXPECT_EQ(record->proposed().introduction(), "三");
  EXPECT_EQ(Revision(Office("GetPlatformRevision"), next)->replaced().introduction(), "三");
  EXPECT_THAT(
      Texts("SELECT kind FROM journal WHERE type LIKE '%.Platform' ORDER BY id"),
      ElementsAre("created", "submit", "publish", "revising", "revised", "revising", "revised"));
}

TEST_F(RevisionTest, AStaleEtagOfPlatformOrRevisionIsRefused) {
  v1::Platform first = Published("lab");
  v1::Platform second = first;
  first.set_introduction("甲的修改");
  const auto made = Edit(first, {"introduction"});
  ASSERT_TRUE(made.ok()) << made.status();
  second.set_introduction("乙的修改");
  EXPECT_EQ(Edit(second, {"introduction"}).status().code(), absl::StatusCode::kAborted);
  // The proposal carries the handles to go on with, and they are used up by an edit.
  v1::Platform proposal =
      Revision(Office("GetPlatformRevision"), made->open_revision())->proposed();
  EXPECT_EQ(proposal.name(), first.name());
  v1::Platform twin = proposal;
  proposal.set_college("甲学院");
  ASSERT_TRUE(Edit(proposal, {"college"}).ok());
  twin.set_college("乙学院");
  EXPECT_EQ(Edit(twin, {"college"}).status().code(), absl::StatusCode::kAborted);

  const auto submitted = Do("submit", made->open_revision());
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  ASSERT_TRUE(Do("return", made->open_revision(), submitted->etag()).ok());
  EXPECT_EQ(Do("submit", made->open_revision(), submitted->etag()).status().code(),
            absl::StatusCode::kAborted);
}

TEST_F(RevisionTest, AnEditWithoutChangeMakesNoRevisionAndAnEmptyOneIsNotSubmitted) {
  const std::string platform = Published("lab").name();
  const auto same = Introduce(platform, "介绍");
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_TRUE(same->open_revision().empty());
  EXPECT_EQ(Texts("SELECT COUNT(*) FROM platform_revision").at(0), "0");
  const std::string name = Introduce(platform, "新")->open_revision();
  ASSERT_TRUE(Introduce(platform, "介绍").ok()) << "taken back by hand";
  EXPECT_EQ(status::ReasonOf(Do("submit", name).status()), ERROR_REASON_WRONG_STATE);
  v1::UpdatePlatformRequest bad;
  bad.mutable_platform()->set_name(platform);
  bad.mutable_platform()->add_industries("炼金");
  bad.mutable_update_mask()->add_paths("industries");
  EXPECT_EQ(registry_.UpdatePlatform(Office("UpdatePlatform"), bad).status().code(),
            absl::StatusCode::kInvalidArgument);
  bad.mutable_platform()->set_industries(0, "海洋装备");
  bad.set_validate_only(true);
  const auto checked = registry_.UpdatePlatform(Office("UpdatePlatform"), bad);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_THAT(Revision(Office("GetPlatformRevision"), name)->differences(), IsEmpty());
}

TEST_F(RevisionTest, AWithdrawnPlatformTakesItsRevisionAlongAndSaysWhy) {
  const v1::PlatformRevision revision = In(kInReview, "lab");
  ASSERT_TRUE(Withdraw(revision.platform()).ok());
  const auto after = Revision(Secretariat("GetPlatformRevision"), revision.name());
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->state(), kWithdrawn);
  EXPECT_THAT(after->steps(after->steps_size() - 1).reasons(0), HasSubstr("搬迁"));
  EXPECT_EQ(status::ReasonOf(Do("publish", revision.name()).status()), ERROR_REASON_WRONG_STATE);
  const auto platform = Get(Office("GetPlatform"), revision.platform());
  EXPECT_EQ(platform->withdraw_reason(), "搬迁");
  EXPECT_TRUE(platform->open_revision().empty());
  EXPECT_EQ(Get(Public("GetPlatform"), revision.platform()).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(RevisionTest, ASuspendedOwnersRevisionIsNotPublished) {
  const v1::PlatformRevision revision = In(kInReview, "lab");
  auto suspend = Named<v1::SuspendOrganizationRequest>(kOuc);
  suspend.set_reason("合并");
  ASSERT_TRUE(registry_.SuspendOrganization(Secretariat("SuspendOrganization"), suspend).ok());
  EXPECT_FALSE(Do("publish", revision.name()).ok());
  EXPECT_EQ(Shown(revision.platform()).introduction(), "介绍");
}

TEST_F(RevisionTest, AnExceptionThatWasGrantedStays) {
  const std::string name = Draft("lab").name();
  v1::Platform nobody;
  nobody.set_name(name);
  ASSERT_TRUE(Edit(nobody, {"contacts"}).ok());
  ASSERT_TRUE(
      registry_.SubmitPlatform(Office("SubmitPlatform"), Named<v1::SubmitPlatformRequest>(name))
          .ok());
  auto publish = Named<v1::PublishPlatformRequest>(name);
  EXPECT_EQ(
      status::ReasonOf(registry_.PublishPlatform(Secretariat("PublishPlatform"), publish).status()),
      options::v1::ERROR_REASON_RULE_VIOLATED);
  publish.set_override_reason("联系人正在交接");
  ASSERT_TRUE(registry_.PublishPlatform(Secretariat("PublishPlatform"), publish).ok());
  const std::string revision = Introduce(name, "新")->open_revision();
  ASSERT_TRUE(Do("submit", revision).ok());
  const auto done = Do("publish", revision);
  ASSERT_TRUE(done.ok()) << done.status();
  const auto& verdict = done->publish_verdicts().verdicts(0);
  EXPECT_EQ(verdict.rule_id(), "platform.content");
  EXPECT_EQ(verdict.outcome(), policy::v1::OUTCOME_OVERRIDDEN);
  EXPECT_EQ(verdict.override().reason(), "联系人正在交接");
}

TEST_F(RevisionTest, ARevisionDoesNotEmptyAPublishedPlatform) {
  const std::string platform = Published("lab").name();
  v1::Platform bare;
  bare.set_name(platform);
  const auto edited = Edit(bare, {"introduction", "capabilities"});
  ASSERT_TRUE(edited.ok()) << edited.status();
  const std::string revision = edited->open_revision();
  ASSERT_TRUE(Do("submit", revision).ok());
  const absl::Status refused = Do("publish", revision).status();
  EXPECT_EQ(status::ReasonOf(refused), options::v1::ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("缺少平台介绍、服务目录或服务能力（《关于组织开展"));
  EXPECT_EQ(Shown(platform).introduction(), "介绍");
  EXPECT_EQ(Revision(Office("GetPlatformRevision"), revision)->state(), kInReview);
  auto publish = Named<v1::PublishPlatformRevisionRequest>(revision);
  publish.set_override_reason("内容改版，月底补齐");
  const auto done =
      revisions_.PublishPlatformRevision(Secretariat("PublishPlatformRevision"), publish);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->publish_verdicts().verdicts(0).override().reason(), "内容改版，月底补齐");
}

TEST_F(RevisionTest, ARevisionFollowsAPlatformThatIsTakenOver) {
  const v1::PlatformRevision revision = In(kDraft, "lab");
  const PlatformStore store(*pack_);
  const auto taken = database_.db().Transact([&](db::Session& session) -> absl::Status {
    const journal::Origin origin{.method = "test", .actor = "accounts/test"};
    rpc::Change change(session, clock_.now, origin);
    CHANYAN_ASSIGN_OR_RETURN(v1::Platform platform,
                             store.platforms().GetForUpdate(session, revision.platform()));
    platform.set_organization(kUpc);
    CHANYAN_RETURN_IF_ERROR(store.platforms().Update(session, change.now(), &platform));
    return store.FollowOwner(change, platform);
  });
  ASSERT_TRUE(taken.ok()) << taken;
  EXPECT_EQ(Revision(Office("GetPlatformRevision"), revision.name()).status().code(),
            absl::StatusCode::kNotFound);
  const auto seen =
      Revision(As(options::v1::ROLE_RESEARCH_OFFICE, kUpc, "GetPlatformRevision"), revision.name());
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->organization(), kUpc);
}

TEST_F(RevisionTest, PersonalDataOfARevisionIsNotInTheJournal) {
  v1::Platform edit;
  edit.set_name(Published("lab").name());
  edit.add_contacts()->set_person("王老师");
  edit.mutable_contacts(0)->set_phone("0532-82345678");
  ASSERT_TRUE(Edit(edit, {"contacts"}).ok());
  for (const std::string& json : Texts("SELECT CONCAT(before_json, after_json) FROM journal")) {
    EXPECT_FALSE(absl::StrContains(json, "2345678")) << json;
  }
}

// Two reviewers, an editor and a withdrawal at once, again and again: whatever order the database
// gives them, the public sees either the first version or one that a reviewer published, whole.
TEST_F(RevisionTest, ThePublicNeverSeesAHalfReviewedState) {
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  const std::string platform = Published("lab").name();
  constexpr int kEdits = 25;
  std::atomic<bool> over{false};
  const auto current = [&] { return Get(Secretariat("GetPlatform"), platform)->open_revision(); };
  const auto loop = [&](unsigned salt, const std::vector<std::string>& verbs) {
    std::mt19937 random(seed + salt);
    while (!over) {
      const std::string revision = current();
      if (!revision.empty()) (void)Do(verbs[random() % verbs.size()], revision);
    }
  };
  std::vector<std::thread> threads;
  threads.emplace_back(loop, 1, std::vector<std::string>{"publish", "return"});
  threads.emplace_back(loop, 2, std::vector<std::string>{"publish", "return"});
  threads.emplace_back(loop, 3, std::vector<std::string>{"submit", "submit", "withdraw"});
  std::set<std::string> seen;
  int torn = 0;
  std::thread reader([&] {
    while (!over) {
      const v1::Platform shown = Shown(platform);
      seen.insert(shown.introduction());
      // Both fields change together in every edit.
      const bool whole = shown.introduction() == "介绍" ? shown.college() == "工程学院"
                                                        : shown.college() == shown.introduction();
      torn += !whole || !shown.open_revision().empty();
    }
  });
  int edits = 0;
  for (int attempt = 0; edits < kEdits && attempt < 4000; ++attempt) {
    v1::Platform edit;
    edit.set_name(platform);
    edit.set_introduction(absl::StrCat("第", attempt, "版"));
    edit.set_college(edit.introduction());
    const bool done = Edit(edit, {"introduction", "college"}).ok();
    edits += done;
    // Now and then the editor hands in at once, so that reviewers meet every version.
    if (done && attempt % 2 == 0) (void)Do("submit", current());
  }
  over = true;
  for (std::thread& thread : threads) thread.join();
  reader.join();
  EXPECT_EQ(edits, kEdits);
  EXPECT_EQ(torn, 0);
  // Every version that anybody saw was published by a reviewer, and the last one is there now.
  v1::ListPlatformRevisionsRequest list;
  list.set_parent(platform);
  list.set_page_size(200);
  const auto page = revisions_.ListPlatformRevisions(Secretariat("ListPlatformRevisions"), list);
  ASSERT_TRUE(page.ok()) << page.status();
  std::set<std::string> published = {"介绍"};
  std::set<int> numbers;
  int open = 0;
  v1::PlatformRevision last;
  for (const auto& revision : page->revisions()) {
    numbers.insert(revision.number());
    open += revision.state() == kDraft || revision.state() == kInReview ||
            revision.state() == kReturned;
    if (revision.state() != kPublished) continue;
    published.insert(revision.proposed().introduction());
    EXPECT_TRUE(last.publish_time().seconds() <= revision.publish_time().seconds());
    if (revision.number() > last.number()) last = revision;
    const auto& steps = revision.steps();
    EXPECT_EQ(steps.rbegin()->verb(), "publish");
    EXPECT_EQ((steps.rbegin() + 1)->verb(), "submit") << "nothing between submission and review";
  }
  for (const std::string& text : seen) EXPECT_THAT(published, Contains(text));
  EXPECT_LE(open, 1);
  EXPECT_EQ(numbers.size(), static_cast<size_t>(page->revisions_size()));
  EXPECT_EQ(numbers.empty() ? 0 : *numbers.rbegin(), page->revisions_size()) << "without gaps";
  EXPECT_EQ(Shown(platform).introduction(),
            last.number() == 0 ? "介绍" : last.proposed().introduction());
}

// As above, with the platform itself withdrawn by one and its revision published by another.
TEST_F(RevisionTest, OfAWithdrawalAndAPublicationAtOnceTheSecondIsRefused) {
  for (int round = 0; round < 10; ++round) {
    const v1::PlatformRevision revision = In(kInReview, absl::StrCat("w", round));
    absl::Status withdrawn;
    absl::Status published;
    std::thread one([&] { withdrawn = Withdraw(revision.platform()); });
    std::thread two([&] { published = Do("publish", revision.name()).status(); });
    one.join();
    two.join();
    EXPECT_TRUE(withdrawn.ok()) << "a published platform may be withdrawn either way" << withdrawn;
    const auto after = Revision(Secretariat("GetPlatformRevision"), revision.name());
    EXPECT_EQ(after->state(), published.ok() ? kPublished : kWithdrawn) << published;
    EXPECT_EQ(Get(Public("GetPlatform"), revision.platform()).status().code(),
              absl::StatusCode::kNotFound);
  }
}

}  // namespace
}  // namespace chanyan::registry
