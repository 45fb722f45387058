// Intents on the real database: publishing, change, expiry, reminders, sheets (REG-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/journal/journal.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/due_rows.h"
#include "tests/service/pairing/city.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_INVALID_FILE;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class IntentTest : public ::testing::Test, protected City {
 protected:
  v1::CreateIntentRequest Offer(absl::Duration life = kDay) {
    v1::CreateIntentRequest request;
    request.mutable_intent()->set_side(v1::INTENT_SIDE_OFFER);
    request.mutable_intent()->set_platform(kLab);
    request.mutable_intent()->add_kinds("技术研发");
    request.mutable_intent()->set_title("开放中试线（演示）");
    *request.mutable_intent()->mutable_expire_time() = time::ToTimestamp(clock.now + life);
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::Intent> Publish(const v1::CreateIntentRequest& request,
                                     options::v1::Role role = ROLE_RESEARCH_OFFICE,
                                     const std::string& organization = kOuc) {
    return service.CreateIntent(As(role, organization, "CreateIntent"), request);
  }
  absl::StatusOr<v1::Intent> GetIntent(options::v1::Role role, const std::string& organization,
                                       const std::string& name) {
    v1::GetIntentRequest request;
    request.set_name(name);
    return service.GetIntent(As(role, organization, "GetIntent"), request);
  }
  v1::Intent Mine(const std::string& name) {
    const auto intent = GetIntent(ROLE_RESEARCH_OFFICE, kOuc, name);
    EXPECT_TRUE(intent.ok()) << intent.status();
    return intent.ok() ? *intent : v1::Intent();
  }
  absl::StatusOr<v1::Intent> Update(const v1::Intent& intent, const std::string& path,
                                    const std::string& organization = kOuc) {
    v1::UpdateIntentRequest request;
    *request.mutable_intent() = intent;
    request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    return service.UpdateIntent(As(ROLE_RESEARCH_OFFICE, organization, "UpdateIntent"), request);
  }
  absl::StatusOr<v1::Intent> Renew(const std::string& name, absl::Duration life,
                                   const std::string& organization = kOuc) {
    v1::RenewIntentRequest request;
    request.set_name(name);
    *request.mutable_expire_time() = time::ToTimestamp(clock.now + life);
    request.set_request_id(api::NewUuid());
    return service.RenewIntent(As(ROLE_RESEARCH_OFFICE, organization, "RenewIntent"), request);
  }
  absl::StatusOr<v1::Intent> Withdraw(const std::string& name) {
    v1::WithdrawIntentRequest request;
    request.set_name(name);
    request.set_reason("设备搬迁");
    request.set_request_id(api::NewUuid());
    return service.WithdrawIntent(As(ROLE_RESEARCH_OFFICE, kOuc, "WithdrawIntent"), request);
  }
  int Listed(options::v1::Role role, const std::string& organization) {
    const auto page = service.ListIntents(As(role, organization, "ListIntents"), {});
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->intents_size() : -1;
  }
  static std::string FieldOf(const absl::Status& status) {
    const auto violations = status::ViolationsOf(status);
    return violations.empty() ? std::string(status.message()) : violations[0].field;
  }

  // --- Sheets

  v1::Intent RowOf(const std::string& title, absl::Duration life = 30 * kDay) {
    v1::Intent row;
    row.set_side(v1::INTENT_SIDE_OFFER);
    row.set_platform_title("lab平台（演示）");
    row.set_title(title);
    row.add_kinds("技术研发");
    row.set_content("开放");
    *row.mutable_expire_time() = time::ToTimestamp(clock.now + life);
    return row;
  }
  absl::StatusOr<v1::ImportIntentsResponse> Import(const std::vector<v1::Intent>& rows,
                                                   bool dry_run = false,
                                                   options::v1::Role role = ROLE_RESEARCH_OFFICE,
                                                   const std::string& organization = kOuc) {
    v1::ImportIntentsRequest request;
    *request.mutable_file() = testing::Upload(rows);
    request.set_file_name("意向.xlsx");
    request.set_validate_only(dry_run);
    request.set_request_id(api::NewUuid());
    return service.ImportIntents(As(role, organization, "ImportIntents"), request);
  }
  std::string Export(options::v1::Role role, const std::string& organization,
                     const std::string& filter = "") {
    v1::ExportIntentsRequest request;
    request.set_filter(filter);
    const auto file = service.ExportIntents(As(role, organization, "ExportIntents"), request);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? file->data() : "";
  }
  // Rows of an export.
  size_t Exported(options::v1::Role role, const std::string& organization) {
    const auto workbook = sheet::ReadWorkbook(Export(role, organization), "导出.xlsx");
    EXPECT_TRUE(workbook.ok()) << workbook.status();
    if (!workbook.ok()) return 0;
    return sheet::ReadTable<v1::Intent>(*workbook, *workbook->FirstVisible()).rows.size();
  }
  static std::string InWords(const absl::StatusOr<v1::ImportIntentsResponse>& result) {
    if (!result.ok()) return std::string(result.status().message());
    return absl::StrCat(result->created(), " ", result->updated(), " ", result->unchanged());
  }
};

// --- Publishing and change

TEST_F(IntentTest, ABadIntentIsRefusedWithItsReason) {
  auto request = Offer();
  request.mutable_intent()->set_kinds(0, "联谊");
  EXPECT_EQ(FieldOf(Publish(request).status()), "intent.kinds[0]");
  request = Offer();
  request.mutable_intent()->add_industries("炼金");
  EXPECT_EQ(FieldOf(Publish(request).status()), "intent.industries[0]");
  request = Offer();
  request.mutable_intent()->clear_platform();
  EXPECT_EQ(FieldOf(Publish(request).status()), "intent.platform");
  for (const char* platform : {kCenter, kDraft, "organizations/ouc/platforms/none"}) {
    request.mutable_intent()->set_platform(platform);
    EXPECT_EQ(FieldOf(Publish(request).status()), "intent.platform") << platform;
  }
  request = Offer();
  request.mutable_intent()->set_side(v1::INTENT_SIDE_REQUEST);
  request.mutable_intent()->clear_platform();
  EXPECT_EQ(FieldOf(Publish(request).status()), "intent.side") << "a university requests nothing";
  EXPECT_TRUE(Publish(request, ROLE_ENTERPRISE, Enterprise(1)).ok());
  EXPECT_EQ(FieldOf(Publish(Offer(absl::ZeroDuration())).status()), "intent.expire_time");
  const auto& rules = pack->RulesFor(policy::v1::DECISION_INTENT_EXPIRY);
  ASSERT_EQ(rules.size(), 1u);
  const absl::Duration longest = rules[0]->maximum_count().maximum() * kDay;
  EXPECT_EQ(status::ReasonOf(Publish(Offer(longest + absl::Seconds(1))).status()),
            options::v1::ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(Count("intent"), 1);
  const auto ahead = Publish(Offer(longest));
  ASSERT_TRUE(ahead.ok()) << ahead.status();
  ASSERT_EQ(ahead->expiry_verdicts().verdicts_size(), 1);
  EXPECT_EQ(ahead->expiry_verdicts().verdicts(0).rule_id(), "intent.life");
}

TEST_F(IntentTest, AnIntentKnowsTheNamesOfItsOrganizationAndPlatform) {
  const auto offer = Publish(Offer());
  ASSERT_TRUE(offer.ok()) << offer.status();
  EXPECT_EQ(offer->organization_title(), "海洋大学（演示）");
  EXPECT_EQ(offer->platform_title(), "lab平台（演示）");
  auto request = Offer();
  request.mutable_intent()->set_side(v1::INTENT_SIDE_REQUEST);
  request.mutable_intent()->clear_platform();
  EXPECT_EQ(Publish(request, ROLE_ENTERPRISE, Enterprise(1))->organization_title(),
            "企业1（演示）");
}

TEST_F(IntentTest, AnExpiredIntentIsNotFoundFromTheVeryInstant) {
  const auto intent = Publish(Offer());
  ASSERT_TRUE(intent.ok()) << intent.status();
  const auto found = [&] { return GetIntent(ROLE_ENTERPRISE, Enterprise(1), intent->name()).ok(); };
  const auto lease = JobLease();
  EXPECT_TRUE(found());
  EXPECT_EQ(Listed(ROLE_ENTERPRISE, Enterprise(1)), 1);
  EXPECT_EQ(Exported(ROLE_ENTERPRISE, Enterprise(1)), 1u);
  clock.now += kDay;
  EXPECT_FALSE(found()) << "the job has not run yet";
  EXPECT_EQ(Listed(ROLE_ENTERPRISE, Enterprise(1)), 0);
  EXPECT_EQ(Exported(ROLE_ENTERPRISE, Enterprise(1)), 0u) << "nor is it in the sheet";
  EXPECT_EQ(Listed(ROLE_RESEARCH_OFFICE, kOuc), 1) << "its owner's it remains";
  EXPECT_EQ(Mine(intent->name()).state(), v1::INTENT_STATE_EXPIRED) << "and it is shown as it is";
  EXPECT_EQ(*service.ExpireIntents(*lease), 1);
  EXPECT_EQ(*service.ExpireIntents(*lease), 0);
  EXPECT_FALSE(found());
  EXPECT_EQ(Mine(intent->name()).state(), v1::INTENT_STATE_EXPIRED);
  EXPECT_THAT(Texts("SELECT kind FROM journal ORDER BY id"), ElementsAre("created", "expired"));

  EXPECT_EQ(Renew(intent->name(), 2 * kDay, kUpc).status().code(), absl::StatusCode::kNotFound);
  const auto renewed = Renew(intent->name(), 2 * kDay);
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_TRUE(found());
}

TEST_F(IntentTest, TheExpiryJobWorksThroughMoreThanOneRun) {
  for (int i = 0; i < kDueRows + 1; ++i) ASSERT_TRUE(Publish(Offer()).ok());
  clock.now += absl::Hours(25);
  const auto lease = JobLease();
  EXPECT_EQ(*service.ExpireIntents(*lease), kDueRows);
  EXPECT_EQ(*service.ExpireIntents(*lease), 1);
  EXPECT_EQ(Count("intent WHERE state = 'EXPIRED'"), kDueRows + 1);
}

TEST_F(IntentTest, AnOpenIntentChangesAndNoOther) {
  const v1::Intent intent = *Publish(Offer());
  v1::Intent change = intent;
  change.set_content("新增检测线");
  EXPECT_EQ(Update(change, "content", kUpc).status().code(), absl::StatusCode::kNotFound);
  const auto changed = Update(change, "content");
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->content(), "新增检测线");
  EXPECT_EQ(Update(change, "content").status().code(), absl::StatusCode::kAborted)
      << "the etag is old";
  change.clear_etag();
  change.set_kinds(0, "联谊");
  EXPECT_EQ(FieldOf(Update(change, "kinds").status()), "intent.kinds[0]");
  change.set_platform(kCenter);
  EXPECT_EQ(Update(change, "platform").status().code(), absl::StatusCode::kInvalidArgument)
      << "immutable";
  *change.mutable_expire_time() = time::ToTimestamp(clock.now);
  EXPECT_EQ(FieldOf(Update(change, "expire_time").status()), "intent.expire_time");
  clock.now += kDay;
  EXPECT_EQ(status::ReasonOf(Update(change, "content").status()), ERROR_REASON_WRONG_STATE)
      << "it has expired, whatever the job has marked";
}

TEST_F(IntentTest, AWithdrawnIntentKeepsItsReasonAndTakesNoVerb) {
  const std::string name = Publish(Offer())->name();
  const auto withdrawn = Withdraw(name);
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_EQ(withdrawn->state(), v1::INTENT_STATE_WITHDRAWN);
  EXPECT_EQ(withdrawn->withdraw_reason(), "设备搬迁");
  EXPECT_EQ(time::ToTime(withdrawn->withdraw_time()), clock.now);
  EXPECT_EQ(Listed(ROLE_ENTERPRISE, Enterprise(1)), 0);
  v1::Intent change = Mine(name);
  EXPECT_THAT(std::vector<std::string>(change.actions().begin(), change.actions().end()),
              IsEmpty());
  change.clear_etag();
  change.set_content("再来");
  EXPECT_EQ(status::ReasonOf(Update(change, "content").status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Renew(name, kDay).status()), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(status::ReasonOf(Withdraw(name).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(IntentTest, VerbsAreOfferedToTheOwnerAsTheStateAllows) {
  const std::string name = Publish(Offer())->name();
  const auto actions = [&](options::v1::Role role, const std::string& organization) {
    const auto row = GetIntent(role, organization, name);
    EXPECT_TRUE(row.ok()) << row.status();
    return std::vector<std::string>(row->actions().begin(), row->actions().end());
  };
  EXPECT_THAT(actions(ROLE_RESEARCH_OFFICE, kOuc), ElementsAre("update", "renew", "withdraw"));
  EXPECT_THAT(actions(ROLE_ENTERPRISE, Enterprise(1)), IsEmpty());
  EXPECT_THAT(actions(options::v1::ROLE_SECRETARIAT, ""), IsEmpty());
  clock.now += kDay;
  EXPECT_THAT(actions(ROLE_RESEARCH_OFFICE, kOuc), ElementsAre("renew", "withdraw"));
  ASSERT_TRUE(Renew(name, kDay).ok());
  auto request = NewProject(kLab, 1);
  request.set_intent(name);
  ASSERT_TRUE(Create(request).ok());
  EXPECT_THAT(actions(ROLE_RESEARCH_OFFICE, kOuc), IsEmpty()) << "it has become a project";
  EXPECT_EQ(status::ReasonOf(Renew(name, 2 * kDay).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(IntentTest, AProjectAndItsIntentAreLinkedTogetherOrNotAtAll) {
  const auto intent = Publish(Offer());
  auto request = NewProject(kCenter, 1);
  request.set_intent(intent->name());
  // The platform is another one: neither is written.
  EXPECT_EQ(Create(request, kUpc).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Count("project"), 0);
  request = NewProject(kLab, 1);
  request.set_intent(intent->name());
  const auto project = Create(request);
  ASSERT_TRUE(project.ok()) << project.status();
  EXPECT_EQ(GetIntent(ROLE_RESEARCH_OFFICE, kOuc, intent->name())->project(), project->name());
  EXPECT_THAT(Texts("SELECT kind FROM journal ORDER BY id"),
              ElementsAre("created", "paired", "created"));
  request = NewProject(kLab, 2);
  request.set_intent(intent->name());
  EXPECT_EQ(status::ReasonOf(Create(request).status()), ERROR_REASON_WRONG_STATE)
      << "an intent becomes one project";
  request.clear_intent();
  request.set_intent("intents/none");
  EXPECT_EQ(Create(request).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Count("project"), 1);
}

// --- Reminders

TEST_F(IntentTest, AReminderOfEachOfThePacksDaysIsJournalledOnce) {
  ASSERT_THAT(std::vector<uint32_t>(pack->proto().pairing().intents().reminder_days().begin(),
                                    pack->proto().pairing().intents().reminder_days().end()),
              ElementsAre(14, 3));
  const std::string name = Publish(Offer(20 * kDay))->name();
  const auto lease = JobLease();
  const auto reminders = [this] { return Count("journal WHERE kind = 'expiring'"); };
  EXPECT_EQ(*service.RemindIntents(*lease), 0);
  clock.now += 6 * kDay;
  EXPECT_EQ(*service.RemindIntents(*lease), 1);
  EXPECT_EQ(*service.RemindIntents(*lease), 0);
  EXPECT_EQ(Mine(name).reminded_days(), 14);
  clock.now += 11 * kDay;
  EXPECT_EQ(*service.RemindIntents(*lease), 1);
  EXPECT_EQ(*service.RemindIntents(*lease), 0);
  EXPECT_EQ(reminders(), 2);
  // A renewed one is reminded of anew; one that ends soon, of the last reminder alone.
  ASSERT_TRUE(Renew(name, 2 * kDay).ok());
  EXPECT_EQ(*service.RemindIntents(*lease), 1);
  EXPECT_EQ(*service.RemindIntents(*lease), 0);
  EXPECT_EQ(Mine(name).reminded_days(), 3);
  clock.now += 2 * kDay;
  EXPECT_EQ(*service.RemindIntents(*lease), 0) << "it has expired";
  EXPECT_EQ(reminders(), 3);
}

TEST_F(IntentTest, WhatIsWithdrawnOrHasBecomeAProjectIsNotRemindedOf) {
  ASSERT_TRUE(Withdraw(Publish(Offer(kDay))->name()).ok());
  auto request = NewProject(kLab, 1);
  request.set_intent(Publish(Offer(kDay))->name());
  ASSERT_TRUE(Create(request).ok());
  EXPECT_EQ(*service.RemindIntents(*JobLease()), 0);
}

TEST_F(IntentTest, ManyReplicasRemindOnceOfEach) {
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(Publish(Offer(kDay)).ok());
  std::vector<std::unique_ptr<db::Lease>> leases;
  for (int i = 0; i < 6; ++i) {
    leases.push_back(std::make_unique<db::Lease>(database.db(), "pairing-jobs",
                                                 absl::StrCat("replica", i), absl::Minutes(3)));
  }
  // Whoever gets the lease works; all others are refused, now or by the fence.
  const auto look = [this](db::Lease& lease) {
    (void)lease.Acquire();
    return service.RemindIntents(lease);
  };
  std::vector<std::thread> replicas;
  for (auto& lease : leases) {
    replicas.emplace_back([&look, &lease] {
      for (int i = 0; i < 3; ++i) (void)look(*lease);
    });
  }
  for (std::thread& replica : replicas) replica.join();
  int working = 0;
  for (auto& lease : leases) working += look(*lease).ok();
  EXPECT_EQ(working, 1);
  EXPECT_EQ(Count("journal WHERE kind = 'expiring'"), 40);
  EXPECT_EQ(Count("(SELECT resource FROM journal WHERE kind = 'expiring' GROUP BY resource) AS r"),
            40);
}

TEST_F(IntentTest, AReplicaThatLostItsLeaseWritesNothing) {
  ASSERT_TRUE(Publish(Offer(kDay)).ok());
  db::Lease old(database.db(), "pairing-jobs", "old", absl::Microseconds(1));
  ASSERT_TRUE(old.Acquire().ok());
  const auto taken_over = JobLease("new");
  EXPECT_EQ(service.RemindIntents(old).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Count("journal WHERE kind = 'expiring'"), 0);
  EXPECT_EQ(*service.RemindIntents(*taken_over), 1);
}

// --- Sheets

TEST_F(IntentTest, EveryBadRowOfASheetIsNamedAtItsCellAndNothingIsWritten) {
  std::vector<v1::Intent> rows(8, RowOf("意向一（演示）"));
  for (int i = 0; i < 8; ++i) rows[i].set_title(absl::StrCat("意向", i, "（演示）"));
  rows[0].set_platform_title("center平台（演示）");
  rows[1].set_platform_title("draft平台（演示）");
  rows[2].set_kinds(0, "联谊");
  *rows[3].mutable_expire_time() = time::ToTimestamp(clock.now - kDay);
  rows[4].set_side(v1::INTENT_SIDE_REQUEST);
  rows[5].set_title(rows[6].title());
  rows[7].set_organization_title("石油大学（演示）");
  const auto result = Import(rows);
  EXPECT_EQ(status::ReasonOf(result.status()), ERROR_REASON_INVALID_FILE);
  EXPECT_THAT(testing::FieldsOf(result.status()),
              ElementsAre("意向.xlsx / 表 / B2", "意向.xlsx / 表 / B3", "意向.xlsx / 表 / D4",
                          "意向.xlsx / 表 / G5", "意向.xlsx / 表 / A6", "意向.xlsx / 表 / B6",
                          "意向.xlsx / 表 / C8", "意向.xlsx / 表 / H9"));
  EXPECT_EQ(Count("intent"), 0);
  EXPECT_EQ(Count("journal"), 0);
}

TEST_F(IntentTest, AFileThatIsNoSheetIsRefused) {
  v1::ImportIntentsRequest request;
  request.mutable_file()->set_data("PK\x03\x04 not really");
  request.set_file_name("坏.xlsx");
  const auto result =
      service.ImportIntents(As(ROLE_RESEARCH_OFFICE, kOuc, "ImportIntents"), request);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument) << result.status();
}

TEST_F(IntentTest, TheSameFileTwiceChangesNothingAndARowRenewsAndChanges) {
  std::vector<v1::Intent> rows = {RowOf("意向一（演示）"), RowOf("意向二（演示）")};
  EXPECT_EQ(InWords(Import(rows, /*dry_run=*/true)), "2 0 0");
  EXPECT_EQ(Count("intent"), 0) << "a dry run";
  EXPECT_EQ(InWords(Import(rows)), "2 0 0");
  const int64_t journal = Count("journal");
  EXPECT_EQ(InWords(Import(rows)), "0 0 2");
  EXPECT_EQ(Count("journal"), journal);
  rows[0].set_content("开放，新增检测");
  EXPECT_EQ(InWords(Import(rows)), "0 1 1");
  // A row of an expired one renews it with a new expiry, and says nothing with the old one.
  clock.now += 31 * kDay;
  EXPECT_EQ(*service.ExpireIntents(*JobLease()), 2);
  EXPECT_EQ(InWords(Import(rows)), "0 0 2");
  rows[1] = RowOf("意向二（演示）", 30 * kDay);
  EXPECT_EQ(InWords(Import(rows)), "0 1 1");
  EXPECT_EQ(Count("intent WHERE state = 'OPEN'"), 1);
  rows[0].set_content("再改");
  EXPECT_FALSE(Import(rows).ok()) << "an expired one does not change without a new expiry";
  EXPECT_EQ(Count("intent"), 2);
}

TEST_F(IntentTest, WhatIsExportedIsImportedUnchanged) {
  // An instant with a fraction, which a sheet does not hold.
  clock.now += absl::Microseconds(123'456);
  ASSERT_TRUE(Publish(Offer(5 * kDay)).ok());
  ASSERT_EQ(InWords(Import({RowOf("意向一（演示）"), RowOf("意向二（演示）")})), "2 0 0");
  const int64_t journal = Count("journal");
  v1::ImportIntentsRequest request;
  request.mutable_file()->set_data(Export(ROLE_RESEARCH_OFFICE, kOuc));
  request.set_request_id(api::NewUuid());
  const auto again =
      service.ImportIntents(As(ROLE_RESEARCH_OFFICE, kOuc, "ImportIntents"), request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(InWords(again), "0 0 3");
  EXPECT_EQ(Count("journal"), journal);
}

TEST_F(IntentTest, AWithdrawnIntentDoesNotStandInTheWayOfANewOne) {
  ASSERT_EQ(InWords(Import({RowOf("意向一（演示）")})), "1 0 0");
  ASSERT_TRUE(Withdraw(Texts("SELECT name FROM intent").at(0)).ok());
  EXPECT_EQ(InWords(Import({RowOf("意向一（演示）")})), "1 0 0");
  EXPECT_EQ(InWords(Import({RowOf("意向一（演示）")})), "0 0 1");
  EXPECT_EQ(Count("intent"), 2);
}

TEST_F(IntentTest, TwoImportsOfOneFileAtOnceMakeEachIntentOnce) {
  std::vector<v1::Intent> rows;
  for (int i = 0; i < 20; ++i) rows.push_back(RowOf(absl::StrCat("意向", i, "（演示）")));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { (void)Import(rows); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Count("intent"), 20);
  EXPECT_EQ(InWords(Import(rows)), "0 0 20");
}

TEST_F(IntentTest, ARenameInTheRegistryReachesIntents) {
  const std::string name = Publish(Offer())->name();
  registry::v1::Organization renamed = At(kOuc);
  renamed.set_display_name("海大（演示）");
  journal::v1::Entry entry;
  entry.set_type(registry::v1::Organization::descriptor()->full_name());
  entry.set_after_json(journal::CanonicalJson(renamed));
  entry.set_before_json(entry.after_json());
  const absl::Status followed = database.db().Transact(
      [&](db::Session& session) { return service.FollowRegistry(session, clock.now, entry); });
  ASSERT_TRUE(followed.ok()) << followed;
  EXPECT_EQ(Mine(name).organization_title(), "海大（演示）");
}

}  // namespace
}  // namespace chanyan::pairing
