// Files of projects on the real database: what is kept, what its documents say of it, who sees it
// and what goes (PAIR-3, PAIR-7).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/attachment/store.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/wrappers.pb.h"
#include "services/pairing/project_file_service.h"
#include "services/pairing/stored_files.h"
#include "tests/service/pairing/merger_world.h"
#include "tests/support/sample_files.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_FILE_TOO_LARGE;
using options::v1::ERROR_REASON_INVALID_FILE;
using options::v1::ERROR_REASON_REFERENCED;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ProjectFileTest : public PairingMergerTest {
 protected:
  ProjectFileTest()
      : files_({{database.db(), clock, nullptr}, *pack, peer.peers()}),
        project_(In(v1::PROJECT_STATE_BUILDING, kLab, 1).name()) {}

  static rpc::Call Call(Role role, const std::string& organization, absl::string_view method) {
    return As(role, organization, absl::StrCat("ProjectFileService.", method));
  }
  v1::CreateProjectFileRequest NewFile(const std::string& file_name, const std::string& bytes,
                                       const std::string& project = "") const {
    v1::CreateProjectFileRequest request;
    request.set_parent(project.empty() ? project_ : project);
    request.set_file_name(file_name);
    request.mutable_file()->set_data(bytes);
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::ProjectFile> Upload(const v1::CreateProjectFileRequest& request,
                                         Role role = ROLE_RESEARCH_OFFICE,
                                         const std::string& organization = kOuc) {
    return files_.CreateProjectFile(Call(role, organization, "CreateProjectFile"), request);
  }
  std::string Uploaded(const std::string& file_name, const std::string& bytes) {
    const auto made = Upload(NewFile(file_name, bytes));
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : "";
  }
  absl::StatusOr<google::api::HttpBody> Download(const std::string& name, Role role,
                                                 const std::string& organization) {
    v1::DownloadProjectFileRequest request;
    request.set_name(name);
    return files_.DownloadProjectFile(Call(role, organization, "DownloadProjectFile"), request);
  }
  absl::Status Delete(const std::string& name, Role role = ROLE_RESEARCH_OFFICE,
                      const std::string& organization = kOuc, const std::string& etag = "") {
    v1::DeleteProjectFileRequest request;
    request.set_name(name);
    request.set_etag(etag);
    request.set_request_id(api::NewUuid());
    return files_.DeleteProjectFile(Call(role, organization, "DeleteProjectFile"), request)
        .status();
  }
  std::vector<std::string> Listed(Role role, const std::string& organization,
                                  const std::string& parent = "") {
    v1::ListProjectFilesRequest request;
    request.set_parent(parent.empty() ? project_ : parent);
    const auto page =
        files_.ListProjectFiles(Call(role, organization, "ListProjectFiles"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> names;
    if (page.ok()) {
      for (const auto& file : page->files()) names.push_back(file.file_name());
    }
    return names;
  }
  static v1::DocumentReference Of(const std::string& file_name, const std::string& bytes) {
    v1::DocumentReference document = Document(file_name);
    document.set_sha256(api::Sha256Hex(bytes));
    document.set_size_bytes(static_cast<int64_t>(bytes.size()));
    return document;
  }
  absl::StatusOr<v1::Agreement> File(const std::vector<v1::DocumentReference>& documents) {
    v1::CreateAgreementRequest request;
    request.set_parent(project_);
    v1::Agreement& agreement = *request.mutable_agreement();
    agreement.set_number("海大合字〔2025〕1号");
    for (const auto& [organization, name] :
         {std::pair(std::string(kOuc), "海洋大学（演示）"), {Enterprise(1), "企业1（演示）"}}) {
      v1::AgreementParty& party = *agreement.add_parties();
      party.set_organization(organization);
      party.set_display_name(name);
    }
    *agreement.mutable_sign_date() = Date(2025, 3, 31);
    agreement.mutable_documents()->Assign(documents.begin(), documents.end());
    request.set_request_id(api::NewUuid());
    return agreements.CreateAgreement(
        As(ROLE_RESEARCH_OFFICE, kOuc, "AgreementService.CreateAgreement"), request);
  }
  absl::StatusOr<v1::Agreement> Agreement(const std::string& name) {
    v1::GetAgreementRequest request;
    request.set_name(name);
    return agreements.GetAgreement(As(ROLE_UNIT, kZone, "AgreementService.GetAgreement"), request);
  }
  absl::StatusOr<v1::Outcome> Declare(const v1::DocumentReference& evidence) {
    v1::CreateOutcomeRequest request;
    request.set_parent(project_);
    v1::Outcome& outcome = *request.mutable_outcome();
    outcome.set_kind("发明专利");
    outcome.set_quantity(1);
    outcome.set_reference("ZL202510000001.1");
    outcome.set_description("密封结构（演示）");
    *outcome.mutable_period_first() = Date(2025, 1, 1);
    *outcome.mutable_period_last() = Date(2025, 3, 31);
    *outcome.add_evidence() = evidence;
    request.set_request_id(api::NewUuid());
    return outcomes.CreateOutcome(As(ROLE_RESEARCH_OFFICE, kOuc, "OutcomeService.CreateOutcome"),
                                  request);
  }

  ProjectFileService files_;
  const std::string project_;
};

TEST_F(ProjectFileTest, HostileFilesAreRefusedAndNothingIsKept) {
  struct Case {
    const char* name;
    std::string bytes;
    const char* declared;
    options::v1::ErrorReason reason;
  };
  const std::string pdf = testing::SamplePdf();
  const Case cases[] = {
      {"a.pdf", "MZ\x90program", "", ERROR_REASON_INVALID_FILE},
      {"a.html", pdf, "", ERROR_REASON_INVALID_FILE},
      {"a.pdf", pdf, "text/html", ERROR_REASON_INVALID_FILE},
      {"a.docx", pdf, "", ERROR_REASON_INVALID_FILE},
      {"a.pdf", "", "", ERROR_REASON_INVALID_FILE},
      {"a.docx", testing::SampleOffice(testing::kDocxMain, {{"word/vbaProject.bin", "x"}}), "",
       ERROR_REASON_INVALID_FILE},
      {"a.png", testing::SamplePng() + "<script>", "", ERROR_REASON_INVALID_FILE},
      {"a.pdf", std::string(attachment::kMaxFileBytes + 1, '%'), "", ERROR_REASON_FILE_TOO_LARGE},
  };
  for (const Case& one : cases) {
    auto request = NewFile(one.name, one.bytes);
    request.mutable_file()->set_content_type(one.declared);
    EXPECT_EQ(status::ReasonOf(Upload(request).status()), one.reason) << one.name;
  }
  EXPECT_EQ(Count("project_file") + Count("attachment_content") + Count("attachment_chunk"), 0);
}

TEST_F(ProjectFileTest, AFileComesBackByteForByteUnderItsName) {
  // Over several chunks.
  const std::string bytes =
      testing::SamplePdf(std::string(2 * attachment::kChunkBytes + 7, '\xA5'));
  auto request = NewFile("..\\协议\\共建 协议.pdf", bytes);
  request.set_description("签字盖章扫描件");
  const auto made = Upload(request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->file_name(), "共建 协议.pdf");
  EXPECT_EQ(made->content_type(), "application/pdf");
  EXPECT_EQ(made->byte_count(), static_cast<int64_t>(bytes.size()));
  EXPECT_EQ(made->sha256(), api::Sha256Hex(bytes));
  EXPECT_EQ(made->uploader(), kOuc);
  EXPECT_EQ(made->enterprise(), Enterprise(1));
  EXPECT_EQ(made->unit(), kZone);
  const auto again = Upload(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->name(), made->name()) << "the same request is one upload";

  const auto file = Download(made->name(), ROLE_ENTERPRISE, Enterprise(1));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->data() == bytes);
  EXPECT_EQ(file->content_type(), "application/pdf");
  google::protobuf::StringValue name;
  ASSERT_TRUE(file->extensions(0).UnpackTo(&name));
  EXPECT_EQ(name.value(), "共建 协议.pdf");
  const auto journal = Texts("SELECT after_json FROM journal WHERE type LIKE '%ProjectFile'");
  ASSERT_EQ(journal.size(), 1u);
  EXPECT_THAT(journal[0], HasSubstr(made->sha256()));
  EXPECT_LT(journal[0].size(), 2000u) << "the journal has the digest, and not the file";
}

TEST_F(ProjectFileTest, WhoSeesTheProjectSeesItsFilesAndNobodyElse) {
  const std::string name = Uploaded("a.pdf", testing::SamplePdf());
  ASSERT_TRUE(Upload(NewFile("b.png", testing::SamplePng()), ROLE_ENTERPRISE, Enterprise(1)).ok());
  for (const auto& [role, organization] :
       std::vector<std::pair<Role, std::string>>{{ROLE_RESEARCH_OFFICE, kOuc},
                                                 {ROLE_ENTERPRISE, Enterprise(1)},
                                                 {ROLE_UNIT, kZone},
                                                 {ROLE_SECRETARIAT, kSecretariat},
                                                 {ROLE_DEPARTMENT, kBureau},
                                                 {ROLE_LEADER, kBureau}}) {
    EXPECT_THAT(Listed(role, organization), UnorderedElementsAre("a.pdf", "b.png")) << organization;
    EXPECT_TRUE(Download(name, role, organization).ok()) << organization;
  }
  for (const auto& [role, organization] : std::vector<std::pair<Role, std::string>>{
           {ROLE_RESEARCH_OFFICE, kUpc}, {ROLE_ENTERPRISE, Enterprise(2)}, {ROLE_UNIT, kTown}}) {
    EXPECT_THAT(Listed(role, organization), IsEmpty()) << organization;
    EXPECT_THAT(Listed(role, organization, "projects/-"), IsEmpty()) << organization;
    EXPECT_EQ(Download(name, role, organization).status().code(), absl::StatusCode::kNotFound)
        << organization;
  }
  for (const auto& [role, organization] : std::vector<std::pair<Role, std::string>>{
           {ROLE_RESEARCH_OFFICE, kUpc}, {ROLE_ENTERPRISE, Enterprise(2)}}) {
    EXPECT_EQ(Upload(NewFile("c.pdf", testing::SamplePdf("c")), role, organization).status().code(),
              absl::StatusCode::kNotFound)
        << "of a project of others";
    EXPECT_EQ(Delete(name, role, organization).code(), absl::StatusCode::kNotFound);
  }
}

TEST_F(ProjectFileTest, DocumentsSayWhichFileHasTheirBytes) {
  const std::string text = testing::SamplePdf("协议");
  v1::DocumentReference elsewhere = Of("附件.pdf", "kept elsewhere");
  elsewhere.set_file("projects/x/files/invented");
  const auto filed = File({Of("协议.pdf", text), elsewhere});
  ASSERT_TRUE(filed.ok()) << filed.status();
  EXPECT_THAT(filed->documents(0).file(), IsEmpty()) << "not uploaded yet, and filed all the same";
  EXPECT_THAT(filed->documents(1).file(), IsEmpty()) << "what a request says of it is not taken";
  EXPECT_EQ(Count("agreement WHERE documents LIKE '%invented%'"), 0);
  // Somebody else's copy is no file of this project.
  const std::string other = In(v1::PROJECT_STATE_BUILDING, kCenter, 2).name();
  ASSERT_TRUE(Upload(NewFile("x.pdf", text, other), ROLE_RESEARCH_OFFICE, kUpc).ok());
  EXPECT_THAT(Agreement(filed->name())->documents(0).file(), IsEmpty());

  const std::string file = Uploaded("协议.pdf", text);
  const auto shown = Agreement(filed->name());
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_EQ(shown->documents(0).file(), file);
  EXPECT_EQ(shown->etag(), filed->etag()) << "the agreement itself has not changed";
  EXPECT_THAT(shown->documents(1).file(), IsEmpty());
  v1::ListAgreementsRequest list;
  list.set_parent("projects/-");
  const auto page = agreements.ListAgreements(
      As(ROLE_SECRETARIAT, kSecretariat, "AgreementService.ListAgreements"), list);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->agreements(0).documents(0).file(), file);
  const auto outcome = Declare(Of("证书.pdf", text));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->evidence(0).file(), file);

  // An edit that sends back what was shown stores none of it.
  v1::UpdateAgreementRequest update;
  *update.mutable_agreement() = *shown;
  update.mutable_agreement()->set_title("共建协议（演示）");
  update.mutable_update_mask()->add_paths("title");
  update.mutable_update_mask()->add_paths("documents");
  update.set_request_id(api::NewUuid());
  const auto updated = agreements.UpdateAgreement(
      As(ROLE_RESEARCH_OFFICE, kOuc, "AgreementService.UpdateAgreement"), update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->documents(0).file(), file);
  EXPECT_EQ(Count("agreement WHERE documents LIKE '%/files/%'"), 0);
}

TEST_F(ProjectFileTest, WhatIsNamedIsNotDeletedAndWhoNamesItIsSaid) {
  const std::string text = testing::SamplePdf("协议");
  const std::string file = Uploaded("协议.pdf", text);
  const std::string spare = Uploaded("草稿.pdf", testing::SamplePdf("草稿"));
  ASSERT_TRUE(File({Of("协议.pdf", text)}).ok());
  ASSERT_TRUE(Declare(Of("证书.pdf", text)).ok());
  const absl::Status refused = Delete(file);
  EXPECT_EQ(status::ReasonOf(refused), ERROR_REASON_REFERENCED);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("海大合字〔2025〕1号"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("发明专利"));
  EXPECT_TRUE(Download(file, ROLE_UNIT, kZone).ok());

  EXPECT_EQ(Delete(spare, ROLE_ENTERPRISE, Enterprise(1)).code(),
            absl::StatusCode::kPermissionDenied)
      << "the other side's upload";
  EXPECT_EQ(Delete(spare, ROLE_RESEARCH_OFFICE, kOuc, "99").code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(Delete(spare).ok());
  EXPECT_EQ(Delete(spare).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Download(spare, ROLE_RESEARCH_OFFICE, kOuc).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Count("journal WHERE type LIKE '%ProjectFile' AND kind = 'deleted'"), 1);
  EXPECT_EQ(Count("attachment_content"), 1) << "its content went with it";
}

TEST_F(ProjectFileTest, TheSameContentIsKeptOnceAndAProjectHasItsQuota) {
  const std::string first = Uploaded("a.pdf", testing::SamplePdf());
  const auto twin = Upload(NewFile("b.pdf", testing::SamplePdf()), ROLE_ENTERPRISE, Enterprise(1));
  EXPECT_EQ(twin.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(twin.status().message()), HasSubstr("a.pdf"));
  // The rest of the quota but two, as rows: what counts is what is held.
  for (int64_t i = 1; i < kFileQuota.files - 2; ++i) {
    Uploaded("a.pdf", testing::SamplePdf(absl::StrCat(i)));
  }
  std::vector<absl::Status> results(5);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&, i] {
      results[i] = Upload(NewFile("b.pdf", testing::SamplePdf(absl::StrCat("b", i)))).status();
    });
  }
  for (std::thread& thread : threads) thread.join();
  int made = 0;
  for (const absl::Status& result : results) {
    made += result.ok();
    if (!result.ok()) {
      EXPECT_EQ(status::ReasonOf(result), ERROR_REASON_FILE_TOO_LARGE) << result;
    }
  }
  EXPECT_EQ(made, 2);
  EXPECT_EQ(Count("project_file"), kFileQuota.files);
}

TEST_F(ProjectFileTest, FilesGoWithTheirProjectWhenAPartyBecomesPartOfAnother) {
  const auto made = Upload(NewFile("a.pdf", testing::SamplePdf()), ROLE_ENTERPRISE, Enterprise(1));
  ASSERT_TRUE(made.ok()) << made.status();
  Merge(Enterprise(1), Enterprise(3));
  EXPECT_THAT(Listed(ROLE_ENTERPRISE, Enterprise(3)), ElementsAre("a.pdf"));
  EXPECT_THAT(Listed(ROLE_UNIT, kTown), ElementsAre("a.pdf")) << "the survivor's unit";
  EXPECT_TRUE(Delete(made->name(), ROLE_ENTERPRISE, Enterprise(3)).ok()) << "its own by now";
}

}  // namespace
}  // namespace chanyan::pairing
