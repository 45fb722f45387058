// Attachments of platforms on the real database: what is kept, who sees it when, and what goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/wrappers.pb.h"
#include "tests/service/registry/platform_city.h"
#include "tests/support/sample_files.h"

namespace chanyan::registry {
namespace {

using options::v1::ERROR_REASON_FILE_TOO_LARGE;
using options::v1::ERROR_REASON_INVALID_FILE;
using options::v1::ERROR_REASON_REFERENCED;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class AttachmentTest : public PlatformCity {
 protected:
  static v1::CreatePlatformAttachmentRequest Upload(const std::string& platform,
                                                    const std::string& file_name,
                                                    const std::string& bytes) {
    v1::CreatePlatformAttachmentRequest request;
    request.set_parent(platform);
    request.set_file_name(file_name);
    request.mutable_file()->set_data(bytes);
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::PlatformAttachment> Attach(const v1::CreatePlatformAttachmentRequest& request,
                                                const std::string& organization = kOuc) {
    return attachments_.CreatePlatformAttachment(
        As(options::v1::ROLE_RESEARCH_OFFICE, organization, "CreatePlatformAttachment"), request);
  }
  std::string Attached(const std::string& platform, const std::string& file_name,
                       const std::string& bytes, bool confidential = false) {
    auto request = Upload(platform, file_name, bytes);
    request.set_confidential(confidential);
    const auto made = Attach(request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : "";
  }
  absl::StatusOr<v1::Platform> Name(const std::string& platform,
                                    const std::vector<std::string>& attachments) {
    v1::Platform edit;
    edit.set_name(platform);
    for (const std::string& one : attachments) edit.add_attachments(one);
    return Edit(edit, {"attachments"});
  }
  absl::StatusOr<google::api::HttpBody> Download(const rpc::Call& call, const std::string& name) {
    v1::DownloadPlatformAttachmentRequest request;
    request.set_name(name);
    return attachments_.DownloadPlatformAttachment(call, request);
  }
  absl::Status Delete(const std::string& name) {
    return attachments_
        .DeletePlatformAttachment(Office("DeletePlatformAttachment"),
                                  Named<v1::DeletePlatformAttachmentRequest>(name))
        .status();
  }
  // Files that the caller finds at the platform.
  std::vector<std::string> Files(const rpc::Call& call, const std::string& platform) {
    v1::ListPlatformAttachmentsRequest request;
    request.set_parent(platform);
    const auto page = attachments_.ListPlatformAttachments(call, request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> names;
    if (page.ok()) {
      for (const auto& one : page->attachments()) names.push_back(one.file_name());
    }
    return names;
  }
  static rpc::Call List(Role role, absl::string_view organization) {
    return As(role, organization, "ListPlatformAttachments");
  }
};

TEST_F(AttachmentTest, HostileFilesAreRefusedAndNothingIsKept) {
  const std::string platform = Draft("lab").name();
  struct Case {
    const char* name;
    std::string bytes;
    const char* declared;
    options::v1::ErrorReason reason;
  };
  const std::string pdf = testing::SamplePdf();
  const Case cases[] = {
      {"a.pdf", "MZ\x90program", "", ERROR_REASON_INVALID_FILE},
      {"a.pdf", "<html><script>alert(1)</script>", "", ERROR_REASON_INVALID_FILE},
      {"a.svg", "<svg onload='alert(1)'/>", "", ERROR_REASON_INVALID_FILE},
      {"a.html", pdf, "", ERROR_REASON_INVALID_FILE},
      {"a.pdf.exe", pdf, "", ERROR_REASON_INVALID_FILE},
      {"report\xE2\x80\xAE"
       "fdp.exe",
       pdf, "", ERROR_REASON_INVALID_FILE},
      {"a.pdf", pdf, "text/html", ERROR_REASON_INVALID_FILE},
      {"a.docx", pdf, "", ERROR_REASON_INVALID_FILE},
      {"a.pdf", "", "", ERROR_REASON_INVALID_FILE},
      {"a.docx", testing::SampleOffice(testing::kDocxMain, {{"word/vbaProject.bin", "x"}}), "",
       ERROR_REASON_INVALID_FILE},
      {"a.png", testing::SamplePng() + "<script>", "", ERROR_REASON_INVALID_FILE},
      {"a.pdf", std::string(attachment::kMaxFileBytes + 1, '%'), "", ERROR_REASON_FILE_TOO_LARGE},
  };
  for (const Case& one : cases) {
    auto request = Upload(platform, one.name, one.bytes);
    request.mutable_file()->set_content_type(one.declared);
    EXPECT_EQ(status::ReasonOf(Attach(request).status()), one.reason) << one.name;
  }
  EXPECT_THAT(Texts("SELECT (SELECT COUNT(*) FROM platform_attachment) + (SELECT COUNT(*) FROM "
                    "attachment_content) + (SELECT COUNT(*) FROM attachment_chunk)"),
              ElementsAre("0"));
}

TEST_F(AttachmentTest, AFileComesBackWithItsNameTypeAndDigest) {
  const std::string platform = Draft("lab").name();
  // As large as may be.
  const std::string bytes =
      testing::SamplePdf(std::string(attachment::kMaxFileBytes - 100, '\xA5'));
  ASSERT_LE(bytes.size(), attachment::kMaxFileBytes);
  auto request = Upload(platform, "..\\资料\\检测 报告.pdf", bytes);
  request.set_description("第三方检测");
  const auto made = Attach(request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->file_name(), "检测 报告.pdf");
  EXPECT_EQ(made->content_type(), "application/pdf");
  EXPECT_EQ(made->byte_count(), static_cast<int64_t>(bytes.size()));
  EXPECT_EQ(made->uploader(), "accounts/test");
  EXPECT_FALSE(made->listed());
  const auto again = Attach(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->name(), made->name()) << "the same request is one upload";

  const auto file = Download(Office("DownloadPlatformAttachment"), made->name());
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->data() == bytes);
  EXPECT_EQ(file->content_type(), "application/pdf");
  google::protobuf::StringValue name;
  ASSERT_TRUE(file->extensions(0).UnpackTo(&name));
  EXPECT_EQ(name.value(), "检测 报告.pdf");
  // The journal has the digest, and not a byte of the file.
  const auto journal =
      Texts("SELECT after_json FROM journal WHERE type LIKE '%PlatformAttachment'");
  ASSERT_EQ(journal.size(), 1u);
  EXPECT_THAT(journal[0], HasSubstr(made->sha256()));
  EXPECT_LT(journal[0].size(), 2000u);
}

TEST_F(AttachmentTest, OnlyWhatAPublishedPlatformNamesIsPublic) {
  const std::string platform = Published("lab").name();
  const std::string open = Attached(platform, "公开.pdf", testing::SamplePdf());
  const std::string secret = Attached(platform, "内部.png", testing::SamplePng(), true);
  const std::string spare = Attached(platform, "备用.jpg", testing::SampleJpeg());
  const auto everybody = [&](absl::string_view method) { return Public(method); };
  EXPECT_THAT(Files(everybody("ListPlatformAttachments"), platform), IsEmpty());
  EXPECT_THAT(Files(List(options::v1::ROLE_RESEARCH_OFFICE, kUpc), platform), IsEmpty());
  EXPECT_THAT(Files(List(options::v1::ROLE_RESEARCH_OFFICE, kOuc), platform),
              UnorderedElementsAre("公开.pdf", "内部.png", "备用.jpg"));
  EXPECT_THAT(Files(List(options::v1::ROLE_SECRETARIAT, ""), platform),
              UnorderedElementsAre("公开.pdf", "内部.png", "备用.jpg"));
  EXPECT_THAT(Files(List(options::v1::ROLE_DEPARTMENT, ""), platform),
              UnorderedElementsAre("公开.pdf", "备用.jpg"));
  EXPECT_THAT(Files(List(options::v1::ROLE_ENTERPRISE, "organizations/e1"), platform), IsEmpty());

  // Naming it is a revision: it is reviewed like everything else.
  const auto edited = Name(platform, {open, secret});
  ASSERT_TRUE(edited.ok()) << edited.status();
  ASSERT_TRUE(Do("submit", edited->open_revision()).ok());
  EXPECT_THAT(Files(everybody("ListPlatformAttachments"), platform), IsEmpty());
  const auto reviewed = Revision(Secretariat("GetPlatformRevision"), edited->open_revision());
  EXPECT_EQ(reviewed->differences(0).after(), "公开.pdf、内部.png") << "files by their names";
  ASSERT_TRUE(Do("publish", edited->open_revision()).ok());
  EXPECT_THAT(Files(everybody("ListPlatformAttachments"), platform), ElementsAre("公开.pdf"));
  const auto code = [&](const rpc::Call& call, const std::string& name) {
    return Download(call, name).status().code();
  };
  const rpc::Call anybody = Public("DownloadPlatformAttachment");
  EXPECT_EQ(code(anybody, open), absl::StatusCode::kOk);
  EXPECT_EQ(code(anybody, secret), absl::StatusCode::kNotFound) << "confidential";
  EXPECT_EQ(code(anybody, spare), absl::StatusCode::kNotFound) << "not named";
  EXPECT_EQ(code(As(options::v1::ROLE_LEADER, "", "DownloadPlatformAttachment"), secret),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(code(Secretariat("DownloadPlatformAttachment"), secret), absl::StatusCode::kOk);
  v1::GetPlatformAttachmentRequest get;
  get.set_name(open);
  const auto row = attachments_.GetPlatformAttachment(Public("GetPlatformAttachment"), get);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_TRUE(row->uploader().empty()) << "the public need not know who";

  ASSERT_TRUE(Withdraw(platform).ok());
  EXPECT_EQ(code(anybody, open), absl::StatusCode::kNotFound);
  EXPECT_EQ(status::ReasonOf(Attach(Upload(platform, "b.pdf", testing::SamplePdf())).status()),
            ERROR_REASON_WRONG_STATE);
}

TEST_F(AttachmentTest, AttachmentsOfADraftBecomePublicWithIt) {
  const std::string platform = Draft("lab").name();
  const std::string file = Attached(platform, "a.pdf", testing::SamplePdf());
  ASSERT_TRUE(Name(platform, {file}).ok());
  ASSERT_TRUE(
      registry_.SubmitPlatform(Office("SubmitPlatform"), Named<v1::SubmitPlatformRequest>(platform))
          .ok());
  EXPECT_THAT(Files(Public("ListPlatformAttachments"), platform), IsEmpty());
  ASSERT_TRUE(registry_
                  .PublishPlatform(Secretariat("PublishPlatform"),
                                   Named<v1::PublishPlatformRequest>(platform))
                  .ok());
  EXPECT_THAT(Files(Public("ListPlatformAttachments"), platform), ElementsAre("a.pdf"));
}

TEST_F(AttachmentTest, APlatformNamesItsOwnAttachmentsEachOnce) {
  const std::string mine = Draft("lab").name();
  const std::string other = Draft("other").name();
  const std::string file = Attached(mine, "a.pdf", testing::SamplePdf());
  const std::string foreign = Attached(other, "b.pdf", testing::SamplePdf());
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{foreign}, {file, file}, {mine + "/attachments/none"}}) {
    const auto named = Name(mine, names);
    EXPECT_EQ(named.status().code(), absl::StatusCode::kInvalidArgument) << names[0];
    EXPECT_THAT(status::ViolationsOf(named.status()).back().field,
                HasSubstr("platform.attachments["));
  }
  EXPECT_TRUE(Name(mine, {file}).ok());
  EXPECT_EQ(Attach(Upload(mine, "c.pdf", testing::SamplePdf()), kUpc).status().code(),
            absl::StatusCode::kNotFound)
      << "of another university";
}

TEST_F(AttachmentTest, WhatIsNamedIsNotDeletedAndTheSameFileIsStoredOnce) {
  const std::string mine = Draft("lab").name();
  const std::string other = Draft("other").name();
  const std::string file = Attached(mine, "a.pdf", testing::SamplePdf());
  const std::string twin = Attached(other, "b.pdf", testing::SamplePdf());
  EXPECT_THAT(Texts("SELECT holders FROM attachment_content"), ElementsAre("2"));
  EXPECT_THAT(Texts("SELECT COUNT(*) FROM attachment_chunk"), ElementsAre("1"));
  ASSERT_TRUE(Name(mine, {file}).ok());
  EXPECT_EQ(status::ReasonOf(Delete(file)), ERROR_REASON_REFERENCED);
  ASSERT_TRUE(Name(mine, {}).ok());
  ASSERT_TRUE(Delete(file).ok());
  EXPECT_EQ(Delete(file).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Download(Office("DownloadPlatformAttachment"), twin).ok());
  ASSERT_TRUE(Delete(twin).ok());
  EXPECT_THAT(Texts("SELECT COUNT(*) FROM attachment_chunk"), ElementsAre("0"));

  // Of a published platform: named by the public version, or by the revision that is under way.
  const std::string platform = Published("published").name();
  const std::string listed = Attached(platform, "c.pdf", testing::SamplePdf("c"));
  const std::string revision = Name(platform, {listed})->open_revision();
  EXPECT_EQ(status::ReasonOf(Delete(listed)), ERROR_REASON_REFERENCED);
  ASSERT_TRUE(Do("submit", revision).ok());
  ASSERT_TRUE(Do("publish", revision).ok());
  const std::string removal = Name(platform, {})->open_revision();
  EXPECT_EQ(status::ReasonOf(Delete(listed)), ERROR_REASON_REFERENCED)
      << "the public version still names it";
  ASSERT_TRUE(Do("submit", removal).ok());
  ASSERT_TRUE(Do("publish", removal).ok());
  EXPECT_THAT(Files(Public("ListPlatformAttachments"), platform), IsEmpty());
  EXPECT_TRUE(Delete(listed).ok());
  EXPECT_EQ(Revision(Office("GetPlatformRevision"), removal)->differences(0).before(),
            "（已删除的附件）");
}

TEST_F(AttachmentTest, APlatformHasItsQuotaAlsoWhenManyUploadAtOnce) {
  const std::string platform = Draft("lab").name();
  const int64_t most = kPlatformQuota.files;
  for (int64_t i = 0; i < most - 2; ++i) {
    Attached(platform, "a.pdf", testing::SamplePdf(absl::StrCat(i)));
  }
  std::vector<absl::Status> results(6);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&, i] {
      results[i] =
          Attach(Upload(platform, "b.pdf", testing::SamplePdf(absl::StrCat("b", i)))).status();
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
  EXPECT_THAT(Texts("SELECT COUNT(*) FROM platform_attachment"), ElementsAre(absl::StrCat(most)));
}

}  // namespace
}  // namespace chanyan::registry
