// Dossiers over a real database: bad input first, autosave, two editors, signatures, files (CON-1,
// CON-2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chanyan/journal/v1/changes.pb.h"
#include "common/status/status.h"
#include "tests/service/consortium/world.h"
#include "tests/support/sample_files.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_INVALID_FIELD;
using options::v1::ERROR_REASON_NOT_FOUND;
using options::v1::ERROR_REASON_REFERENCED;
using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_STALE_ETAG;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class DossierTest : public ::testing::Test, public World {};

std::vector<std::string> MissingIn(const v1::Consortium& row) {
  std::vector<std::string> rules;
  for (const v1::MissingItem& item : row.missing()) rules.push_back(item.rule_id());
  return rules;
}

TEST_F(DossierTest, AMemberThatTheRegistryDoesNotHaveIsRefusedWithAllOthers) {
  v1::Consortium dossier = Dossier("联合体");
  dossier.mutable_members(0)->set_organization("organizations/nobody");
  dossier.mutable_members(1)->set_organization("organizations/phantom");
  const auto made = Create(dossier);
  EXPECT_EQ(ReasonOf(made), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(status::ViolationsOf(made.status()).size(), 2u);
  EXPECT_EQ(Count("consortium"), 0);
}

TEST_F(DossierTest, ContradictionsAreToldAllAtOnceAndNothingIsKept) {
  v1::Consortium dossier = Dossier("联合体");
  *dossier.add_members() = dossier.members(0);
  dossier.mutable_agreement()->add_clauses()->set_clause("poetry");
  const auto made = Create(dossier);
  EXPECT_EQ(ReasonOf(made), ERROR_REASON_INVALID_FIELD);
  EXPECT_EQ(status::ViolationsOf(made.status()).size(), 2u);
  EXPECT_EQ(Count("consortium"), 0);
  EXPECT_EQ(Count("journal"), 0);
}

TEST_F(DossierTest, ADocumentOfSomebodyElsesDossierIsNone) {
  const auto one = Create(Dossier("一"));
  const auto two = Create(Dossier("二"));
  ASSERT_TRUE(one.ok() && two.ok()) << one.status() << two.status();
  const auto file = Attach(one->name(), v1::ATTACHMENT_KIND_AGREEMENT);
  ASSERT_TRUE(file.ok()) << file.status();
  v1::Consortium update;
  update.set_name(two->name());
  update.mutable_agreement()->set_document(file->name());
  EXPECT_EQ(ReasonOf(Update(update, {"agreement.document"})), ERROR_REASON_INVALID_FIELD);
}

TEST_F(DossierTest, TheAgreementIsAnAgreementAndNoOtherFile) {
  const auto row = Create(Dossier("一"));
  ASSERT_TRUE(row.ok()) << row.status();
  const auto plan = Attach(row->name(), v1::ATTACHMENT_KIND_PLAN);
  ASSERT_TRUE(plan.ok()) << plan.status();
  v1::Consortium update;
  update.set_name(row->name());
  update.mutable_agreement()->set_document(plan->name());
  const absl::Status refused = Update(update, {"agreement.document"}).status();
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_INVALID_FIELD);
  const auto violations = status::ViolationsOf(refused);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "consortium.agreement.document");
  EXPECT_THAT(violations[0].description, ::testing::HasSubstr("建设方案"));
}

TEST_F(DossierTest, AnEmptyDraftIsKeptAndSaysWhatItLacksWithTheClause) {
  v1::Consortium dossier;
  dossier.set_display_name("刚起了名字");
  const auto made = Create(dossier);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->state(), v1::CONSORTIUM_STATE_DRAFT);
  EXPECT_EQ(made->district(), kHuangdao);
  EXPECT_EQ(made->lead_unit_title(), "甲集团（演示）");
  EXPECT_THAT(MissingIn(*made), Contains("consortium.chief-expert"));
  EXPECT_THAT(MissingIn(*made), Not(Contains("consortium.lead-registered")));
  for (const v1::MissingItem& item : made->missing()) {
    EXPECT_FALSE(item.clause().article().empty()) << item.rule_id();
    EXPECT_FALSE(item.reason().empty()) << item.rule_id();
  }
  EXPECT_THAT(made->actions(), UnorderedElementsAre("update", "submit", "withdraw"));
}

TEST_F(DossierTest, WhatIsMissingShrinksWithEverySave) {
  v1::Consortium dossier;
  dossier.set_display_name("联合体");
  const auto made = Create(dossier);
  ASSERT_TRUE(made.ok()) << made.status();
  v1::Consortium update;
  update.set_name(made->name());
  update.mutable_chief_expert()->set_person("张三");
  update.mutable_chief_expert()->set_unit_title("海洋大学");
  const auto saved = Update(update, {"chief_expert"});
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_THAT(MissingIn(*saved), Not(Contains("consortium.chief-expert")));
  EXPECT_EQ(saved->missing_size(), made->missing_size() - 1);
}

TEST_F(DossierTest, TypingIsJudgedWithoutBeingSaved) {
  const auto made = Create(Dossier("联合体"));
  ASSERT_TRUE(made.ok()) << made.status();
  v1::UpdateConsortiumRequest request;
  request.mutable_consortium()->set_name(made->name());
  request.mutable_update_mask()->add_paths("chief_expert");
  request.set_validate_only(true);
  request.set_request_id(api::NewUuid());
  const auto seen =
      consortia.UpdateConsortium(By(kAlpha, "ConsortiumService.UpdateConsortium"), request);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_THAT(MissingIn(*seen), Contains("consortium.chief-expert"));
  EXPECT_EQ(Stored(made->name()).etag(), made->etag());
}

TEST_F(DossierTest, TheSecondEditorIsToldWhatTheFirstChanged) {
  const auto made = Create(Dossier("联合体"));
  ASSERT_TRUE(made.ok()) << made.status();
  v1::Consortium first;
  first.set_name(made->name());
  first.set_etag(made->etag());
  first.mutable_plan()->set_significance("成员改写的意义。");
  ASSERT_TRUE(Update(first, {"plan.significance"}, kOuc).ok());
  v1::Consortium second;
  second.set_name(made->name());
  second.set_etag(made->etag());
  second.set_track("新赛道");
  const auto late = Update(second, {"track"});
  EXPECT_EQ(ReasonOf(late), ERROR_REASON_STALE_ETAG);
  journal::v1::Changes changes;
  ASSERT_TRUE(status::GetDetail(late.status(), changes)) << late.status();
  EXPECT_GT(changes.fields_size(), 0);
}

TEST_F(DossierTest, MembersWriteThePlanAndNothingElse) {
  const auto made = Create(Dossier("联合体"));
  ASSERT_TRUE(made.ok()) << made.status();
  v1::Consortium update;
  update.set_name(made->name());
  update.mutable_plan()->set_schedule("海洋大学补充的进度。");
  EXPECT_TRUE(Update(update, {"plan.schedule"}, kOuc).ok());
  update.set_track("别的");
  const auto refused = Update(update, {"plan.schedule", "track"}, kOuc);
  EXPECT_EQ(ReasonOf(refused), ERROR_REASON_ROLE_NOT_PERMITTED);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("细分赛道"));
  // Who is no party does not even learn that there is one.
  EXPECT_EQ(ReasonOf(Update(update, {"track"}, kBeta)), ERROR_REASON_NOT_FOUND);
}

TEST_F(DossierTest, ADraftIsNobodysBusiness) {
  const auto made = Create(Dossier("联合体"));
  ASSERT_TRUE(made.ok()) << made.status();
  using options::v1::ROLE_DEPARTMENT;
  using options::v1::ROLE_ENTERPRISE;
  using options::v1::ROLE_EXPERT;
  using options::v1::ROLE_LEADER;
  using options::v1::ROLE_RESEARCH_OFFICE;
  using options::v1::ROLE_UNIT;
  EXPECT_TRUE(See(made->name(), ROLE_ENTERPRISE, kAlpha).ok());
  EXPECT_TRUE(See(made->name(), ROLE_RESEARCH_OFFICE, kOuc).ok());
  for (const auto& [role, who] : {std::pair{ROLE_UNIT, kHuangdao},
                                  {ROLE_DEPARTMENT, kBureau},
                                  {ROLE_LEADER, kBureau},
                                  {ROLE_ENTERPRISE, kBeta},
                                  {ROLE_RESEARCH_OFFICE, kUpc},
                                  {ROLE_EXPERT, kOuc}}) {
    EXPECT_EQ(ReasonOf(See(made->name(), role, who)), ERROR_REASON_NOT_FOUND) << who;
  }
}

TEST_F(DossierTest, AListHasWhatTheGrantsReachAndNothingElse) {
  const std::string draft = Create(Dossier("草稿"))->name();
  const std::string handed_in = Ready("已申报").name();
  ASSERT_TRUE(Submit(handed_in).ok());
  const std::string of_beta = Create(Dossier("乙的"), kBeta)->name();
  const auto listed = [&](const rpc::Call& call) {
    std::vector<std::string> names;
    const auto page = consortia.ListConsortia(call, v1::ListConsortiaRequest());
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return names;
    for (const v1::Consortium& row : page->consortia()) names.push_back(row.name());
    return names;
  };
  constexpr char kList[] = "ConsortiumService.ListConsortia";
  EXPECT_THAT(listed(By(kAlpha, kList)), UnorderedElementsAre(draft, handed_in));
  EXPECT_THAT(listed(By(kBeta, kList)), UnorderedElementsAre(of_beta));
  EXPECT_THAT(listed(By(kOuc, kList)), UnorderedElementsAre(draft, handed_in, of_beta));
  EXPECT_THAT(listed(By(E(6), kList)), UnorderedElementsAre());
  EXPECT_THAT(listed(By(kBureau, kList)), UnorderedElementsAre(handed_in));
  EXPECT_THAT(listed(By(kHuangdao, kList)), UnorderedElementsAre(handed_in));
  // What one role does not reach another does; and what was of an organization that is its part.
  rpc::Call both = As(options::v1::ROLE_ENTERPRISE, E(6), kList);
  both.principal.roles.push_back(options::v1::ROLE_LEADER);
  EXPECT_THAT(listed(both), UnorderedElementsAre(handed_in));
  rpc::Call successor = By(E(6), kList);
  successor.principal.predecessors = {kBeta};
  EXPECT_THAT(listed(successor), UnorderedElementsAre(of_beta));
  EXPECT_THAT(listed(As(options::v1::ROLE_ENTERPRISE, "", kList)), UnorderedElementsAre());
}

TEST_F(DossierTest, AllSignWhatStandsAndAChangeMakesThemSignAnew) {
  v1::Consortium ready = Ready("联合体");
  EXPECT_EQ(ready.signed_by_size(), 6);
  // The same again is the same signature.
  const auto again = Sign(ready.name(), kOuc);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(Count("signature"), 6);
  EXPECT_EQ(again->organization_title(), "海洋大学（演示）");
  // A sign of what is no more is refused.
  v1::Consortium update = ready;
  update.mutable_members(0)->set_tasks("改了的任务");
  ASSERT_TRUE(Update(update, {"members"}).ok());
  EXPECT_THAT(Stored(ready.name()).signed_by(), IsEmpty());
  auto stale = Named<v1::SignAgreementRequest>(ready.name());
  stale.set_digest(ready.agreement().digest());
  stale.set_signer("某人");
  EXPECT_EQ(ReasonOf(signatures.SignAgreement(By(kOuc, "SignatureService.SignAgreement"), stale)),
            ERROR_REASON_STALE_ETAG);
  // Back as it was: what was signed then counts again.
  update = ready;
  update.clear_etag();
  ASSERT_TRUE(Update(update, {"members"}).ok());
  EXPECT_EQ(Stored(ready.name()).signed_by_size(), 6);
}

TEST_F(DossierTest, AStrangerSignsNothing) {
  const auto made = Create(Dossier("联合体"));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(ReasonOf(Sign(made->name(), kBeta)), ERROR_REASON_NOT_FOUND);
  EXPECT_EQ(Count("signature"), 0);
}

TEST_F(DossierTest, FilesAreWhatTheySayAndTheAgreementStays) {
  const v1::Consortium ready = Ready("联合体");
  v1::CreateConsortiumAttachmentRequest request;
  request.set_parent(ready.name());
  request.mutable_file()->set_data("MZ\x90 a program");
  request.set_file_name("协议.pdf");
  request.set_kind(v1::ATTACHMENT_KIND_OTHER);
  request.set_request_id(api::NewUuid());
  const rpc::Call call = By(kAlpha, "ConsortiumAttachmentService.CreateConsortiumAttachment");
  EXPECT_FALSE(attachments.CreateConsortiumAttachment(call, request).ok());
  EXPECT_EQ(ReasonOf(attachments.DeleteConsortiumAttachment(
                By(kAlpha, "ConsortiumAttachmentService.DeleteConsortiumAttachment"),
                Named<v1::DeleteConsortiumAttachmentRequest>(ready.agreement().document()))),
            ERROR_REASON_REFERENCED);
  v1::DownloadConsortiumAttachmentRequest download;
  download.set_name(ready.agreement().document());
  const auto file = attachments.DownloadConsortiumAttachment(
      By(kOuc, "ConsortiumAttachmentService.DownloadConsortiumAttachment"), download);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->data(), testing::SamplePdf("协议"));
  EXPECT_EQ(ReasonOf(attachments.DownloadConsortiumAttachment(
                By(kBeta, "ConsortiumAttachmentService.DownloadConsortiumAttachment"), download)),
            ERROR_REASON_NOT_FOUND);
}

TEST_F(DossierTest, WhatWasHandedInIsClosed) {
  const v1::Consortium ready = Ready("联合体");
  ASSERT_TRUE(Submit(ready.name()).ok());
  v1::Consortium update;
  update.set_name(ready.name());
  update.set_track("新赛道");
  EXPECT_EQ(ReasonOf(Update(update, {"track"})), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(Attach(ready.name(), v1::ATTACHMENT_KIND_EVIDENCE)), ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(ReasonOf(Sign(ready.name(), kOuc)), ERROR_REASON_WRONG_STATE);
}

TEST_F(DossierTest, AHardRuleStopsTheSubmissionAndASoftOneDoesNot) {
  v1::Consortium dossier = Dossier("联合体");
  dossier.clear_chief_expert();
  auto made = Create(dossier);
  ASSERT_TRUE(made.ok()) << made.status();
  const auto refused = Submit(made->name());
  EXPECT_EQ(ReasonOf(refused), ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("首席专家"));
  EXPECT_EQ(Stored(made->name()).state(), v1::CONSORTIUM_STATE_DRAFT);

  const v1::Consortium ready = Ready("另一联合体");
  v1::Consortium fewer = ready;
  fewer.mutable_members()->DeleteSubrange(1, 1);
  ASSERT_TRUE(Update(fewer, {"members"}).ok());
  for (const std::string& party : ParticipantsOf(Stored(ready.name()))) {
    ASSERT_TRUE(Sign(ready.name(), party).ok());
  }
  EXPECT_TRUE(Submit(ready.name()).ok());
}

}  // namespace
}  // namespace chanyan::consortium
