// Files of frame cooperation on the real database: minutes, agreements and what shows that a
// decision was carried out (PAIR-8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/attachment/store.h"
#include "common/status/status.h"
#include "services/pairing/cooperation_file_service.h"
#include "tests/service/pairing/cooperation_world.h"
#include "tests/support/sample_files.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_FILE_TOO_LARGE;
using options::v1::ERROR_REASON_INVALID_FILE;
using options::v1::ERROR_REASON_REFERENCED;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CooperationFileTest : public CooperationTest {
 protected:
  CooperationFileTest() : files_(CooperationFileService::Deps{{database.db(), clock, nullptr}}) {}

  static rpc::Call Call(Role role, const std::string& organization, absl::string_view method) {
    return As(role, organization, absl::StrCat("CooperationFileService.", method));
  }
  absl::StatusOr<v1::CooperationFile> Upload(const std::string& subject,
                                             const std::string& file_name, const std::string& bytes,
                                             Role role = ROLE_DEPARTMENT,
                                             const std::string& organization = kBureau) {
    v1::CreateCooperationFileRequest request;
    request.set_subject(subject);
    request.set_file_name(file_name);
    request.mutable_file()->set_data(bytes);
    request.set_request_id(api::NewUuid());
    return files_.CreateCooperationFile(Call(role, organization, "CreateCooperationFile"), request);
  }
  absl::StatusOr<google::api::HttpBody> Download(const std::string& name, Role role,
                                                 const std::string& organization) {
    v1::DownloadCooperationFileRequest request;
    request.set_name(name);
    return files_.DownloadCooperationFile(Call(role, organization, "DownloadCooperationFile"),
                                          request);
  }
  absl::Status Delete(const std::string& name, Role role = ROLE_DEPARTMENT,
                      const std::string& organization = kBureau) {
    return files_
        .DeleteCooperationFile(Call(role, organization, "DeleteCooperationFile"),
                               Named<v1::DeleteCooperationFileRequest>(name))
        .status();
  }
  // Names of the subject's files, or the code of the refusal.
  std::vector<std::string> Listed(const std::string& subject, Role role,
                                  const std::string& organization) {
    v1::ListCooperationFilesRequest request;
    request.set_subject(subject);
    const auto page =
        files_.ListCooperationFiles(Call(role, organization, "ListCooperationFiles"), request);
    if (!page.ok()) return {absl::StatusCodeToString(page.status().code())};
    std::vector<std::string> names;
    for (const auto& file : page->files()) names.push_back(file.file_name());
    return names;
  }
  static v1::CooperationDocument Of(const std::string& title, const std::string& bytes) {
    v1::CooperationDocument document = Document(title);
    document.set_sha256(api::Sha256Hex(bytes));
    document.set_size_bytes(static_cast<int64_t>(bytes.size()));
    return document;
  }

  CooperationFileService files_;
};

TEST_F(CooperationFileTest, AnAgreementsTextIsKeptAndShownToItsPartiesOnceItIsSigned) {
  const std::string text = testing::SamplePdf("协议正本");
  const auto draft = Make(NewAgreement());
  ASSERT_TRUE(draft.ok()) << draft.status();
  const auto kept = Upload(draft->name(), "协议正本.pdf", text);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_THAT(Listed(draft->name(), ROLE_RESEARCH_OFFICE, kOuc), ElementsAre("NOT_FOUND"))
      << "a draft is the bureau's";
  auto sign = Named<v1::SignFrameAgreementRequest>(draft->name());
  *sign.mutable_sign_date() = Date(2025, 3, 31);
  *sign.add_documents() = Of("协议正本.pdf", text);
  sign.mutable_documents(0)->set_file("cooperationFiles/invented");
  *sign.add_documents() = Of("附件.pdf", "kept elsewhere");
  const auto signed_one =
      cooperation_service.SignFrameAgreement(Bureau("SignFrameAgreement"), sign);
  ASSERT_TRUE(signed_one.ok()) << signed_one.status();
  EXPECT_EQ(signed_one->documents(0).file(), kept->name());
  EXPECT_THAT(signed_one->documents(1).file(), IsEmpty()) << "a digest without a file is allowed";
  EXPECT_EQ(Count("frame_agreement WHERE documents LIKE '%cooperationFiles%'"), 0);
  const auto seen =
      GetAgreement(By(ROLE_RESEARCH_OFFICE, kOuc, "GetFrameAgreement"), draft->name());
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->documents(0).file(), kept->name());
  for (const auto& [role, organization] : std::vector<std::pair<Role, std::string>>{
           {ROLE_RESEARCH_OFFICE, kOuc}, {ROLE_UNIT, kZone}, {ROLE_LEADER, kBureau}}) {
    EXPECT_THAT(Listed(draft->name(), role, organization), ElementsAre("协议正本.pdf"));
    const auto file = Download(kept->name(), role, organization);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE(file->data() == text);
  }
  for (const auto& [role, organization] : std::vector<std::pair<Role, std::string>>{
           {ROLE_RESEARCH_OFFICE, kUpc}, {ROLE_UNIT, kTown}}) {
    EXPECT_THAT(Listed(draft->name(), role, organization), ElementsAre("NOT_FOUND"));
    EXPECT_EQ(Download(kept->name(), role, organization).status().code(),
              absl::StatusCode::kNotFound);
  }
  EXPECT_EQ(status::ReasonOf(Delete(kept->name())), ERROR_REASON_REFERENCED);
  EXPECT_EQ(Delete(kept->name(), ROLE_RESEARCH_OFFICE, kOuc).code(), absl::StatusCode::kNotFound)
      << "it only reads";
}

TEST_F(CooperationFileTest, MinutesAreForThoseWhoAttendedOnceTheyAreIssued) {
  const std::string name = Plan(NewConference())->name();
  ASSERT_TRUE(Convene(name).ok());
  clock.now += 8 * kDay;
  ASSERT_TRUE(Hold(name).ok());
  const auto minutes = Upload(name, "会议纪要.pdf", testing::SamplePdf("纪要"));
  ASSERT_TRUE(minutes.ok()) << minutes.status();
  EXPECT_THAT(Listed(name, ROLE_RESEARCH_OFFICE, kOuc), ElementsAre("NOT_FOUND"));
  EXPECT_EQ(Download(minutes->name(), ROLE_UNIT, kZone).status().code(),
            absl::StatusCode::kNotFound)
      << "a draft";
  ASSERT_TRUE(Write(name).ok());
  ASSERT_TRUE(Issue(name).ok());
  EXPECT_THAT(Listed(name, ROLE_RESEARCH_OFFICE, kOuc), ElementsAre("会议纪要.pdf"));
  EXPECT_TRUE(Download(minutes->name(), ROLE_UNIT, kZone).ok());
  EXPECT_EQ(Download(minutes->name(), ROLE_UNIT, kTown).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_TRUE(Delete(minutes->name()).ok()) << "no document of the conference names it";
  EXPECT_EQ(Count("attachment_content"), 0);
}

TEST_F(CooperationFileTest, AUnitKeepsWhatShowsThatItsTaskIsDone) {
  const std::string task = Issued() + "/followUps/1-1";
  const std::string text = testing::SamplePdf("共建协议");
  const auto kept = Upload(task, "共建协议.pdf", text, ROLE_UNIT, kZone);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->uploader(), kZone);
  EXPECT_EQ(Upload(task, "x.pdf", testing::SamplePdf("x"), ROLE_UNIT, kTown).status().code(),
            absl::StatusCode::kNotFound)
      << "who takes part does not hand in";
  EXPECT_EQ(Upload(task, "别名.pdf", text).status().code(), absl::StatusCode::kAlreadyExists);
  auto submit = Named<v1::SubmitFollowUpRequest>(task);
  submit.set_evidence("已签订共建协议");
  *submit.add_documents() = Of("共建协议.pdf", text);
  const auto done =
      cooperation_service.SubmitFollowUp(By(ROLE_UNIT, kZone, "SubmitFollowUp"), submit);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->evidence_documents(0).file(), kept->name());
  EXPECT_THAT(Listed(task, ROLE_UNIT, kTown), ElementsAre("共建协议.pdf")) << "a unit that helps";
  EXPECT_EQ(status::ReasonOf(Delete(kept->name(), ROLE_UNIT, kZone)), ERROR_REASON_REFERENCED);
}

TEST_F(CooperationFileTest, HostileFilesAndSubjectsThatAreNotThereAreRefused) {
  const std::string name = Make(NewAgreement())->name();
  EXPECT_EQ(status::ReasonOf(Upload(name, "a.pdf", "MZ\x90program").status()),
            ERROR_REASON_INVALID_FILE);
  EXPECT_EQ(status::ReasonOf(
                Upload(name, "a.docx",
                       testing::SampleOffice(testing::kDocxMain, {{"word/vbaProject.bin", "x"}}))
                    .status()),
            ERROR_REASON_INVALID_FILE);
  EXPECT_EQ(status::ReasonOf(
                Upload(name, "a.pdf", std::string(attachment::kMaxFileBytes + 1, '%')).status()),
            ERROR_REASON_FILE_TOO_LARGE);
  for (const char* subject : {"frameAgreements/none", "conferences/none", "coBuiltBases/none",
                              "conferences/none/followUps/1-1", "frameAgreements/a/followUps/1"}) {
    EXPECT_EQ(Upload(subject, "a.pdf", testing::SamplePdf()).status().code(),
              absl::StatusCode::kNotFound)
        << subject;
    EXPECT_THAT(Listed(subject, ROLE_DEPARTMENT, kBureau), ElementsAre("NOT_FOUND")) << subject;
  }
  EXPECT_EQ(Count("cooperation_file") + Count("attachment_chunk"), 0);
}

}  // namespace
}  // namespace chanyan::pairing
