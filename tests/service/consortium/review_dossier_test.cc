// What an expert is shown of what is reviewed (CON-4): nothing of others' first, then as far as the
// assignment has come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/api/digest.h"
#include "common/attachment/store.h"
#include "common/status/status.h"
#include "tests/service/consortium/review_world.h"
#include "tests/support/sample_files.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kOther[] = "consortia/c2";

class ReviewDossierTest : public ::testing::Test, protected ReviewWorld {
 protected:
  ReviewDossierTest() {
    AddPool();
    SetState(v1::CONSORTIUM_STATE_EXPERT_REVIEW, kOther);
    for (const char* name : {kReviewed, kOther}) {
      Edit(name, [](v1::Consortium& row) {
        row.mutable_members(0)->set_principal("负责某");
        row.mutable_members(0)->set_tasks("任务分工内容");
        row.mutable_chief_expert()->set_unit_title("首席单位");
        row.mutable_chief_expert()->set_standing("学术造诣内容");
        row.mutable_director()->set_person("主任某");
        row.mutable_agreement()->add_clauses()->set_place("第三条");
        row.mutable_plan()->set_significance("建设意义内容");
        row.set_lead_standing("牵头条件内容");
        row.set_soft_reason("未达原则性要求的秘密说明");
        row.set_state_reason("处室的秘密意见");
        row.mutable_pledge()->set_account("accounts/secret-signer");
        row.add_overrides()->set_reason("例外的秘密理由");
        row.mutable_verdicts()->add_verdicts()->set_rule_id("secret-rule");
        row.set_district_title("推荐单位秘密");
      });
    }
    file_ = Attach(kReviewed, "own");
    foreign_file_ = Attach(kOther, "foreign");
    const auto panel = Draw();
    EXPECT_TRUE(panel.ok()) << panel.status();
    if (!panel.ok()) return;
    panel_ = panel->name();
    rows_ = AssignmentsOf(panel_);
  }

  void Edit(const std::string& name, const std::function<void(v1::Consortium&)>& edit) {
    const absl::Status written = database.db().Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, book.consortia().GetForUpdate(session, name));
      edit(row);
      return book.consortia().Update(session, clock.now, &row);
    });
    ASSERT_TRUE(written.ok()) << written;
  }
  std::string Attach(const std::string& consortium, const std::string& id) {
    const std::string bytes = testing::SamplePdf(id);
    v1::ConsortiumAttachment row;
    row.set_name(absl::StrCat(consortium, "/attachments/", id));
    row.set_consortium(consortium);
    row.set_kind(v1::ATTACHMENT_KIND_PLAN);
    row.set_file_name(absl::StrCat("建设方案-", id, ".pdf"));
    row.set_content_type("application/pdf");
    row.set_byte_count(static_cast<int64_t>(bytes.size()));
    row.set_sha256(api::Sha256Hex(bytes));
    row.set_uploader("organizations/secret-uploader");
    const db::Table<v1::ConsortiumAttachment> table;
    const absl::Status written = database.db().Transact([&](db::Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(attachment::Hold(session, row.sha256(), bytes));
      return table.Insert(session, clock.now, &row);
    });
    EXPECT_TRUE(written.ok()) << written;
    return row.name();
  }

  absl::StatusOr<v1::ReviewDossier> Read(const std::string& name, const v1::ReviewAssignment& by) {
    v1::GetReviewDossierRequest request;
    request.set_name(name);
    return reviews.GetReviewDossier(Expert(by, "ReviewService.GetReviewDossier"), request);
  }
  absl::StatusOr<google::api::HttpBody> Load(const std::string& name, const std::string& attachment,
                                             const v1::ReviewAssignment& by) {
    v1::DownloadReviewAttachmentRequest request;
    request.set_name(name);
    request.set_attachment(attachment);
    return reviews.DownloadReviewAttachment(Expert(by, "ReviewService.DownloadReviewAttachment"),
                                            request);
  }
  // Both refuse the own assignment in the same words, which have this in them.
  void ExpectOver(const v1::ReviewAssignment& row, const std::string& words) {
    const absl::Status read = Read(row.name(), row).status();
    EXPECT_EQ(status::ReasonOf(read), ERROR_REASON_WRONG_STATE) << read;
    EXPECT_THAT(TextOf(read), HasSubstr(words));
    EXPECT_EQ(Load(row.name(), file_, row).status(), read);
  }
  void ExpectOpen(const v1::ReviewAssignment& row) {
    EXPECT_TRUE(Read(row.name(), row).ok()) << Read(row.name(), row).status();
    EXPECT_TRUE(Load(row.name(), file_, row).ok()) << Load(row.name(), file_, row).status();
  }

  std::string panel_;
  std::vector<v1::ReviewAssignment> rows_;
  std::string file_;
  std::string foreign_file_;
};

TEST_F(ReviewDossierTest, AnothersIsAsIfItWereNotThere) {
  for (const auto& row : rows_) ASSERT_TRUE(Accept(row).ok());
  const std::string absent = absl::StrCat(panel_, "/assignments/zzzzzzzzzzzz");
  const auto same = [&](const absl::Status& foreign, const absl::Status& nothing) {
    EXPECT_EQ(foreign.code(), absl::StatusCode::kNotFound) << foreign;
    EXPECT_EQ(absl::StrReplaceAll(TextOf(foreign), {{rows_[1].name(), "X"}}),
              absl::StrReplaceAll(TextOf(nothing), {{absent, "X"}}));
  };
  same(Read(rows_[1].name(), rows_[0]).status(), Read(absent, rows_[0]).status());
  same(Load(rows_[1].name(), file_, rows_[0]).status(), Load(absent, file_, rows_[0]).status());
  // Of the same employer, not the same person.
  v1::ReviewAssignment colleague = rows_[1];
  colleague.set_account("accounts/somebody-else");
  same(Read(rows_[1].name(), colleague).status(), Read(absent, rows_[0]).status());
  // Nor by a name that is none, nor through another panel's name.
  EXPECT_EQ(Read("consortia/-/panels/-/assignments/-", rows_[0]).status().code(),
            absl::StatusCode::kNotFound);
  const std::string elsewhere = absl::StrReplaceAll(rows_[0].name(), {{kReviewed, kOther}});
  EXPECT_EQ(Read(elsewhere, rows_[0]).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ReviewDossierTest, AFileOfAnotherDossierIsAsIfItWereNotThere) {
  ASSERT_TRUE(Accept(rows_[0]).ok());
  const std::string absent = "consortia/c2/attachments/zzzzzzzzzzzz";
  const absl::Status foreign = Load(rows_[0].name(), foreign_file_, rows_[0]).status();
  const absl::Status nothing = Load(rows_[0].name(), absent, rows_[0]).status();
  EXPECT_EQ(foreign.code(), absl::StatusCode::kNotFound) << foreign;
  EXPECT_EQ(absl::StrReplaceAll(TextOf(foreign), {{foreign_file_, "X"}}),
            absl::StrReplaceAll(TextOf(nothing), {{absent, "X"}}));
  EXPECT_EQ(Load(rows_[0].name(), "%", rows_[0]).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ReviewDossierTest, WhoIsInvitedSeesWhomItIsAboutAndNothingOfWhatTheySay) {
  const auto seen = Read(rows_[0].name(), rows_[0]);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->state(), v1::REVIEW_ASSIGNMENT_STATE_INVITED);
  EXPECT_EQ(seen->consortium(), kReviewed);
  EXPECT_EQ(seen->lead_unit(), kLead);
  EXPECT_EQ(seen->lead_unit_title(), "牵头企业");
  ASSERT_THAT(seen->members(), SizeIs(1));
  EXPECT_EQ(seen->members(0).organization(), kMember);
  EXPECT_EQ(seen->members(0).title(), "成员大学");
  EXPECT_EQ(seen->members(0).principal(), "负责某");
  EXPECT_EQ(seen->chief_expert().person(), "首席某");
  EXPECT_EQ(seen->chief_expert().unit_title(), "首席单位");
  EXPECT_EQ(seen->director().person(), "主任某");
  EXPECT_FALSE(seen->whole());
  EXPECT_FALSE(seen->has_agreement());
  EXPECT_FALSE(seen->has_plan());
  EXPECT_THAT(seen->files(), IsEmpty());
  EXPECT_THAT(seen->ShortDebugString(), Not(HasSubstr("内容")));
  const auto file = Load(rows_[0].name(), file_, rows_[0]);
  EXPECT_EQ(status::ReasonOf(file.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(TextOf(file.status()), HasSubstr("请先接受评审任务"));
}

TEST_F(ReviewDossierTest, WhoAcceptedReadsTheDossierAndNothingOfWhatOthersFound) {
  ASSERT_TRUE(Score(rows_[1], 0).ok());
  ASSERT_TRUE(Accept(rows_[0]).ok());
  const auto read = [&] {
    const auto seen = Read(rows_[0].name(), rows_[0]);
    EXPECT_TRUE(seen.ok()) << seen.status();
    if (!seen.ok()) return;
    EXPECT_TRUE(seen->whole());
    EXPECT_EQ(seen->members(0).tasks(), "任务分工内容");
    EXPECT_EQ(seen->chief_expert().standing(), "学术造诣内容");
    EXPECT_EQ(seen->lead_standing(), "牵头条件内容");
    EXPECT_EQ(seen->agreement().clauses(0).place(), "第三条");
    EXPECT_EQ(seen->plan().significance(), "建设意义内容");
    ASSERT_THAT(seen->files(), SizeIs(1));
    EXPECT_EQ(seen->files(0).attachment(), file_);
    EXPECT_EQ(seen->files(0).file_name(), "建设方案-own.pdf");
    const std::string all = seen->ShortDebugString();
    EXPECT_THAT(all, AllOf(Not(HasSubstr("秘密")), Not(HasSubstr("secret"))));
    for (size_t i = 1; i < rows_.size(); ++i) {
      EXPECT_THAT(all, AllOf(Not(HasSubstr(rows_[i].expert())), Not(HasSubstr(rows_[i].account())),
                             Not(HasSubstr(rows_[i].person())), Not(HasSubstr(rows_[i].name()))));
    }
    const auto file = Load(rows_[0].name(), file_, rows_[0]);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_THAT(file->data(), HasSubstr(testing::SamplePdf("own")));
  };
  read();
  // What the others do changes nothing of it.
  const std::string before = Read(rows_[0].name(), rows_[0])->SerializeAsString();
  for (size_t i = 2; i < rows_.size(); ++i) ASSERT_TRUE(Score(rows_[i], 100).ok());
  EXPECT_EQ(Read(rows_[0].name(), rows_[0])->SerializeAsString(), before);
  ASSERT_TRUE(Fill(rows_[0], 0).ok());
  ASSERT_TRUE(Submit(rows_[0]).ok());
  EXPECT_EQ(Read(rows_[0].name(), rows_[0])->state(), v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED);
  read();
}

TEST_F(ReviewDossierTest, WhoDeclinedOrWasRemovedReadsNoMore) {
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Accept(rows_[i]).ok());
  auto decline = Named<v1::DeclineReviewAssignmentRequest>(rows_[0].name());
  decline.set_reason("与该单位有合作");
  ASSERT_TRUE(reviews
                  .DeclineReviewAssignment(
                      Expert(rows_[0], "ReviewService.DeclineReviewAssignment"), decline)
                  .ok());
  ExpectOver(rows_[0], "已推辞");
  ExpectOpen(rows_[1]);
  auto remove = Named<v1::RemoveReviewAssignmentRequest>(rows_[1].name());
  remove.set_reason("查实近亲属任职");
  ASSERT_TRUE(
      reviews.RemoveReviewAssignment(Office("ReviewService.RemoveReviewAssignment"), remove).ok());
  ExpectOver(rows_[1], "已回避");
}

TEST_F(ReviewDossierTest, NobodyReadsOnWhenThePanelIsOver) {
  for (const auto& row : rows_) ASSERT_TRUE(Score(row, 0).ok());
  ExpectOpen(rows_[0]);
  ASSERT_TRUE(Close(panel_).ok());
  ExpectOver(rows_[0], "已结束");
}

TEST_F(ReviewDossierTest, NobodyReadsOnWhenThePanelIsCancelled) {
  ASSERT_TRUE(Score(rows_[0], 0).ok());
  auto cancel = Named<v1::CancelReviewPanelRequest>(panel_);
  cancel.set_reason("重新组织");
  ASSERT_TRUE(reviews.CancelReviewPanel(Office("ReviewService.CancelReviewPanel"), cancel).ok());
  ExpectOver(rows_[0], "已取消");
  ExpectOver(rows_[1], "已终止");
}

TEST_F(ReviewDossierTest, NobodyReadsOnWhenTheDossierIsWithdrawn) {
  ASSERT_TRUE(Accept(rows_[0]).ok());
  SetState(v1::CONSORTIUM_STATE_WITHDRAWN);
  ExpectOver(rows_[0], "已撤回");
}

}  // namespace
}  // namespace chanyan::consortium
