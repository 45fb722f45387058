// Filings: numbers without a gap under concurrency, term, certificate, reminders, end, renewal,
// coverage (CON-3, CON-6, CON-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/consortium/world.h"
#include "tests/support/ask.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_INVALID_FIELD;
using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ConsortiumFilingTest : public ::testing::Test, public World {
 protected:
  // At the notice, to be filed; without the steps before, which other tests take.
  std::string AtNotice(const std::string& title) {
    const std::string name = Ready(title).name();
    EXPECT_TRUE(Submit(name).ok());
    EXPECT_TRUE(Recommend(name).ok());
    EXPECT_TRUE(Accept(name).ok());
    ToNotice(name);
    return name;
  }
  v1::VerifyCertificateResponse Verify(const std::string& number, const std::string& code) {
    v1::VerifyCertificateRequest request;
    request.set_filing_number(number);
    request.set_verification_code(code);
    return *filings.VerifyCertificate(
        As(options::v1::ROLE_PUBLIC, "", "FilingService.VerifyCertificate"), request);
  }
};

TEST_F(ConsortiumFilingTest, NumbersHaveNoGapWhenManyFileAndSomeFail) {
  constexpr int kDossiers = 8;
  std::vector<std::string> names;
  for (int i = 0; i < kDossiers; ++i) names.push_back(AtNotice(absl::StrCat("联合体", i)));
  // Every second one fails after it has taken its number.
  std::atomic<int> calls = 0;
  const journal::Origin origin{.method = "test", .actor = "test"};
  std::vector<std::thread> threads;
  for (const std::string& name : names) {
    threads.emplace_back([&, name] {
      const auto file = [&](bool fails) {
        absl::Status done;
        // Who loses against another is told to repeat, and does.
        do {
          done = database.db().Transact([&](db::Session& session) -> absl::Status {
            rpc::Change change(session, clock.now, origin);
            CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, book.LockAny(change, name));
            CHANYAN_RETURN_IF_ERROR(book.Step(change, {}, "file", "", &row));
            return fails ? absl::InternalError("crash") : absl::OkStatus();
          });
        } while (absl::IsAborted(done));
        EXPECT_EQ(done.ok(), !fails) << done;
      };
      if (calls++ % 2 == 0) file(true);
      file(false);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<int> numbers;
  for (const std::string& name : names) {
    const v1::Filing filing = StoredFiling(Stored(name).filing());
    EXPECT_EQ(filing.year(), 2025);
    numbers.insert(filing.number());
  }
  EXPECT_EQ(numbers.size(), size_t{kDossiers});
  EXPECT_EQ(*numbers.begin(), 1);
  EXPECT_EQ(*numbers.rbegin(), kDossiers);
}

TEST_F(ConsortiumFilingTest, OfEightWhoFileTheSameOneDoes) {
  const std::string name = AtNotice("联合体");
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { done += Step(name, "file", Part::kSystem).ok(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(Count("filing"), 1);
}

TEST_F(ConsortiumFilingTest, AFilingHoldsThreeYearsLessADay) {
  const v1::Consortium row = Filed("联合体");
  const v1::Filing filing = StoredFiling(row.filing());
  EXPECT_EQ(filing.filing_number(), "青创联备〔2025〕001号");
  EXPECT_EQ(*time::ToCivilDay(filing.file_date()), absl::CivilDay(2025, 4, 1));
  EXPECT_EQ(*time::ToCivilDay(filing.valid_until()), absl::CivilDay(2028, 3, 31));
  EXPECT_EQ(filing.member_titles_size(), 5);
  EXPECT_EQ(Count("membership WHERE end_time IS NULL"), 6);
}

TEST_F(ConsortiumFilingTest, TheCodeIsOnThePaperAlone) {
  const v1::Consortium row = Filed("联合体");
  const v1::Filing filing = StoredFiling(row.filing());
  v1::ListFilingsRequest list;
  const auto seen =
      filings.ListFilings(As(options::v1::ROLE_PUBLIC, "", "FilingService.ListFilings"), list);
  ASSERT_EQ(seen->filings_size(), 1);
  EXPECT_THAT(seen->filings(0).verification_code(), IsEmpty());
  v1::GetFilingRequest get;
  get.set_name(filing.name());
  const auto one = testing::Ask<v1::Filing>(
      filings, "GetFiling", As(options::v1::ROLE_PUBLIC, "", "FilingService.GetFiling"), get);
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_THAT(one->verification_code(), IsEmpty());

  v1::GetCertificateRequest request;
  request.set_name(filing.name());
  const auto paper = filings.GetCertificate(By(kAlpha, "FilingService.GetCertificate"), request);
  ASSERT_TRUE(paper.ok()) << paper.status();
  EXPECT_EQ(paper->verification_code(), filing.verification_code());
  EXPECT_EQ(paper->certificate_sha256(), filing.certificate_sha256());
  EXPECT_EQ(paper->issuer_title(), "青岛市科学技术局");
  EXPECT_EQ(
      status::ReasonOf(
          filings.GetCertificate(By(kBeta, "FilingService.GetCertificate"), request).status()),
      ERROR_REASON_ROLE_NOT_PERMITTED);
}

TEST_F(ConsortiumFilingTest, APaperIsGenuineOrNothingIsSaidOfIt) {
  const v1::Consortium row = Filed("联合体");
  const v1::Filing filing = StoredFiling(row.filing());
  EXPECT_TRUE(Verify(filing.filing_number(), filing.verification_code()).genuine());
  const auto wrong_code = Verify(filing.filing_number(), "000000000000");
  const auto wrong_number = Verify("青创联备〔2025〕999号", filing.verification_code());
  EXPECT_FALSE(wrong_code.genuine());
  EXPECT_EQ(wrong_code.SerializeAsString(), wrong_number.SerializeAsString());
  ASSERT_TRUE(Cancel(row.name()).ok());
  const auto cancelled = Verify(filing.filing_number(), filing.verification_code());
  EXPECT_TRUE(cancelled.genuine());
  EXPECT_EQ(cancelled.filing().state(), v1::FILING_STATE_CANCELLED);
}

TEST_F(ConsortiumFilingTest, RemindersComeOnceAStepAndTheEndByItself) {
  const v1::Consortium row = Filed("联合体");
  const absl::CivilDay last = *time::ToCivilDay(row.valid_until());
  Go(last - 181);
  RunJobs();
  EXPECT_EQ(Count("expiry_reminder"), 0);
  Go(last - 180);
  RunJobs();
  RunJobs();
  EXPECT_EQ(Count("expiry_reminder"), 1);
  // Nobody ran the job for months: what is due is made up for.
  Go(last - 20);
  RunJobs();
  EXPECT_EQ(Count("expiry_reminder"), 3);
  Go(last);
  RunJobs();
  EXPECT_EQ(Stored(row.name()).state(), v1::CONSORTIUM_STATE_FILED);
  Go(last + 1);
  RunJobs();
  EXPECT_EQ(Stored(row.name()).state(), v1::CONSORTIUM_STATE_EXPIRED);
  EXPECT_EQ(StoredFiling(row.filing()).state(), v1::FILING_STATE_EXPIRED);
  EXPECT_EQ(Count("membership WHERE end_time IS NULL"), 0);
  EXPECT_EQ(Count("transition_record WHERE verb = 'expire'"), 1);
}

class RenewalTest : public ::testing::Test, public World {
 protected:
  // Calendars reach to 2026: a filing of six months shows the same.
  RenewalTest()
      : World(PackWith(
            {{"max_months: 36", "max_months: 6"}, {"renewal_days: 180", "renewal_days: 30"}})) {}

  absl::StatusOr<v1::Consortium> Renew(const std::string& filing,
                                       const std::string& lead = kAlpha) {
    v1::Consortium dossier = Dossier("续期联合体");
    dossier.set_renews(filing);
    return Create(dossier, lead);
  }
  absl::Status Complete(const std::string& name) {
    CHANYAN_ASSIGN_OR_RETURN(const auto file, Attach(name, v1::ATTACHMENT_KIND_AGREEMENT));
    v1::Consortium update;
    update.set_name(name);
    update.mutable_agreement()->set_document(file.name());
    CHANYAN_RETURN_IF_ERROR(Update(update, {"agreement.document"}).status());
    for (const std::string& party : ParticipantsOf(Stored(name))) {
      CHANYAN_RETURN_IF_ERROR(Sign(name, party).status());
    }
    return absl::OkStatus();
  }
  absl::Status File(const std::string& name) {
    CHANYAN_RETURN_IF_ERROR(Submit(name).status());
    CHANYAN_RETURN_IF_ERROR(Recommend(name).status());
    CHANYAN_RETURN_IF_ERROR(Accept(name).status());
    ToNotice(name);
    return Step(name, "file", Part::kSystem);
  }
};

TEST_F(RenewalTest, OnlyTheLeadsOwnFilingIsRenewed) {
  const v1::Consortium old = Filed("联合体");
  EXPECT_EQ(status::ReasonOf(Renew("filings/2020-1").status()), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(status::ReasonOf(Renew(old.filing(), kBeta).status()), ERROR_REASON_INVALID_FIELD);
  ASSERT_TRUE(Cancel(old.name()).ok());
  EXPECT_EQ(status::ReasonOf(Renew(old.filing()).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(RenewalTest, ARenewalBeginsWithWhatWasFiledAndEndsTheOldOne) {
  const v1::Consortium old = Filed("联合体");
  v1::Consortium bare;
  bare.set_renews(old.filing());
  const auto copy = Create(bare);
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(copy->display_name(), "联合体");
  EXPECT_EQ(copy->members_size(), 5);
  EXPECT_FALSE(copy->pledge().accepted());
  EXPECT_THAT(copy->signed_by(), IsEmpty());

  const auto renewal = Renew(old.filing());
  ASSERT_TRUE(renewal.ok()) << renewal.status();
  ASSERT_TRUE(Complete(renewal->name()).ok());
  // Six months from 1 April end on 30 September; thirty days before, and not earlier.
  EXPECT_EQ(status::ReasonOf(Submit(renewal->name()).status()), ERROR_REASON_RULE_VIOLATED);
  Go(absl::CivilDay(2025, 9, 10));
  const absl::Status filed = File(renewal->name());
  ASSERT_TRUE(filed.ok()) << filed;
  const v1::Filing before = StoredFiling(old.filing());
  const v1::Filing after = StoredFiling(Stored(renewal->name()).filing());
  EXPECT_EQ(before.state(), v1::FILING_STATE_RENEWED);
  EXPECT_EQ(before.renewed_by(), after.name());
  EXPECT_EQ(after.renews(), before.name());
  EXPECT_EQ(after.number(), 2);
  EXPECT_EQ(Stored(old.name()).state(), v1::CONSORTIUM_STATE_RENEWED);
  // Never twice.
  EXPECT_EQ(status::ReasonOf(Renew(old.filing()).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(RenewalTest, OneThatHasLostItsLeadIsRenewedWithItsFiling) {
  const v1::Consortium old = Filed("联合体");
  const auto renewal = Renew(old.filing());
  ASSERT_TRUE(renewal.ok()) << renewal.status();
  ASSERT_TRUE(Complete(renewal->name()).ok());
  Go(absl::CivilDay(2025, 9, 10));
  ASSERT_TRUE(RemoveLead(old.name()).ok());
  // The bar is lifted by an appeal, the lead's place stays vacant.
  ASSERT_TRUE(Lift(BarsOf(kAlpha)[0].name(), kAlpha).ok());
  const absl::Status filed = File(renewal->name());
  ASSERT_TRUE(filed.ok()) << filed;
  EXPECT_EQ(StoredFiling(old.filing()).state(), v1::FILING_STATE_RENEWED);
  EXPECT_EQ(Stored(old.name()).state(), v1::CONSORTIUM_STATE_RENEWED);
  EXPECT_EQ(
      Count(absl::StrCat("membership WHERE end_time IS NULL AND name LIKE '", old.name(), "/%'")),
      0);
}

TEST_F(RenewalTest, OneThatHasExpiredCanBeRenewedToo) {
  const v1::Consortium old = Filed("联合体");
  const auto renewal = Renew(old.filing());
  ASSERT_TRUE(renewal.ok()) << renewal.status();
  ASSERT_TRUE(Complete(renewal->name()).ok());
  Go(absl::CivilDay(2025, 10, 20));
  RunJobs();
  ASSERT_EQ(Stored(old.name()).state(), v1::CONSORTIUM_STATE_EXPIRED);
  const absl::Status filed = File(renewal->name());
  ASSERT_TRUE(filed.ok()) << filed;
  EXPECT_EQ(StoredFiling(old.filing()).state(), v1::FILING_STATE_EXPIRED);
}

// 创新联合体在承担项目期间，不得自行解散：a filing that is renewed frees nobody from what it holds.
TEST_F(RenewalTest, WhatItHoldsGoesOnBelowTheNewDossier) {
  const v1::Consortium old = Filed("联合体");
  const auto held = Hold(old.name());
  ASSERT_TRUE(held.ok()) << held.status();
  const auto over = Hold(old.name());
  ASSERT_TRUE(Close(over->name()).ok());
  const auto renewal = Renew(old.filing());
  ASSERT_TRUE(renewal.ok()) << renewal.status();
  ASSERT_TRUE(Complete(renewal->name()).ok());
  Go(absl::CivilDay(2025, 9, 10));
  const absl::Status filed = File(renewal->name());
  ASSERT_TRUE(filed.ok()) << filed;
  EXPECT_EQ(Stored(old.name()).held_projects(), 0);
  EXPECT_EQ(Stored(renewal->name()).held_projects(), 1);
  v1::ListHeldProjectsRequest list;
  list.set_parent(renewal->name());
  const auto listed =
      supervision.ListHeldProjects(By(kBureau, "SupervisionService.ListHeldProjects"), list);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->held_projects_size(), 1);
  const v1::HeldProject& next = listed->held_projects(0);
  EXPECT_EQ(next.continues(), held->name());
  EXPECT_EQ(next.state(), v1::HELD_PROJECT_STATE_OPEN);
  EXPECT_EQ(next.project_number(), held->project_number());
  EXPECT_EQ(Count("held_project WHERE state = 'TRANSFERRED'"), 1);
  EXPECT_EQ(Count("held_project WHERE state = 'CLOSED'"), 1);
  EXPECT_EQ(status::ReasonOf(Close(held->name()).status()), ERROR_REASON_WRONG_STATE);
  // It stands in the way of an end, and carries a change of members.
  for (const std::string& party : ParticipantsOf(Stored(renewal->name()))) {
    auto consent = Named<v1::SignDissolutionRequest>(renewal->name());
    consent.set_signer("法定代表人");
    ASSERT_TRUE(
        signatures.SignDissolution(By(party, "SignatureService.SignDissolution"), consent).ok());
  }
  const auto dissolve = [&] {
    auto request = Named<v1::DissolveConsortiumRequest>(renewal->name());
    request.set_reason("任务完成。");
    return consortia.DissolveConsortium(By(kAlpha, "ConsortiumService.DissolveConsortium"), request)
        .status();
  };
  EXPECT_EQ(status::ReasonOf(dissolve()), ERROR_REASON_RULE_VIOLATED);
  v1::Supplement change;
  change.set_held_project(next.name());
  change.add_leaving(E(2));
  const auto proposed = Propose(renewal->name(), change);
  EXPECT_TRUE(proposed.ok()) << proposed.status();
  ASSERT_TRUE(Close(next.name()).ok());
  EXPECT_EQ(Stored(renewal->name()).held_projects(), 0);
  const absl::Status dissolved = dissolve();
  EXPECT_TRUE(dissolved.ok()) << dissolved;
}

TEST_F(RenewalTest, WhatAnExpiredOneHeldGoesOnToo) {
  const v1::Consortium old = Filed("联合体");
  ASSERT_TRUE(Hold(old.name()).ok());
  const auto renewal = Renew(old.filing());
  ASSERT_TRUE(renewal.ok()) << renewal.status();
  ASSERT_TRUE(Complete(renewal->name()).ok());
  Go(absl::CivilDay(2025, 10, 20));
  RunJobs();
  ASSERT_EQ(Stored(old.name()).state(), v1::CONSORTIUM_STATE_EXPIRED);
  const absl::Status filed = File(renewal->name());
  ASSERT_TRUE(filed.ok()) << filed;
  EXPECT_EQ(Stored(renewal->name()).held_projects(), 1);
  EXPECT_EQ(Count("held_project WHERE state = 'OPEN'"), 1);
}

TEST_F(RenewalTest, AFormerLeadDoesNotEndTheFilingOfAnother) {
  const v1::Consortium old = Filed("联合体");
  const auto renewal = Renew(old.filing());
  ASSERT_TRUE(renewal.ok()) << renewal.status();
  ASSERT_TRUE(Complete(renewal->name()).ok());
  Go(absl::CivilDay(2025, 9, 10));
  ASSERT_TRUE(RemoveLead(old.name()).ok());
  ASSERT_TRUE(Lift(BarsOf(kAlpha)[0].name(), kAlpha).ok());
  v1::Supplement change;
  change.set_new_lead(E(1));
  const auto proposed = Propose(old.name(), change, E(1));
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  for (const std::string& party : proposed->required_units()) {
    ASSERT_TRUE(SignSupplement(*proposed, party).ok()) << party;
  }
  // One enterprise fewer is a member.
  ASSERT_TRUE(SetAside(*proposed, "consortium.change-enterprises").ok());
  ASSERT_EQ(Stored(old.name()).lead_unit(), E(1));
  EXPECT_EQ(status::ReasonOf(File(renewal->name())), ERROR_REASON_RULE_VIOLATED);
  EXPECT_EQ(StoredFiling(old.filing()).state(), v1::FILING_STATE_VALID);
  EXPECT_EQ(Stored(old.name()).state(), v1::CONSORTIUM_STATE_FILED);
}

TEST_F(ConsortiumFilingTest, CoverageIsACountByHand) {
  Filed("一");
  ASSERT_TRUE(Cancel(Filed("二").name()).ok());
  AtNotice("三");
  Ready("四");
  v1::GetConsortiumCoverageRequest request;
  const auto seen =
      filings.GetConsortiumCoverage(By(kBureau, "FilingService.GetConsortiumCoverage"), request);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->target(), 20);
  EXPECT_EQ(seen->target_year(), 2028);
  EXPECT_EQ(seen->filed(), 1);
  EXPECT_EQ(seen->filed_ever(), 2);
  EXPECT_EQ(seen->under_review(), 1);
  EXPECT_EQ(static_cast<size_t>(seen->industries_size()), rules.Industries().size());
  for (const v1::CoverageEntry& entry : seen->industries()) {
    EXPECT_EQ(entry.filed(), entry.title() == "海洋电子信息" ? 1 : 0) << entry.title();
  }
  ASSERT_EQ(seen->tracks_size(), 1);
  EXPECT_EQ(seen->tracks(0).title(), "水下传感");
  EXPECT_EQ(seen->tracks(0).under_review(), 1);
  // Another district counts none of them.
  const auto other =
      filings.GetConsortiumCoverage(By(kLaoshan, "FilingService.GetConsortiumCoverage"), request);
  EXPECT_EQ(other->filed() + other->under_review() + other->tracks_size(), 0);
}

}  // namespace
}  // namespace chanyan::consortium
