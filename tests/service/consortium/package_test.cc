// The filing package (CON-10), from the service to the program that checks it without one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/auth/secret.h"
#include "common/journal/entry_message.h"
#include "common/journal/record_package.h"
#include "common/journal/sealer.h"
#include "common/policy/verdict.h"
#include "common/sheet/zip_writer.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/consortium/eligibility_rules.h"
#include "services/consortium/notice_service.h"
#include "services/consortium/package_service.h"
#include "tests/service/consortium/world.h"
#include "tests/support/sample_files.h"

namespace chanyan::consortium {
namespace {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using ::testing::HasSubstr;
using ::testing::Not;

struct Answer {
  int code = 0;
  std::string text;
};

class PackageTest : public ::testing::Test, protected World {
 protected:
  PackageTest()
      : packages(deps()),
        keys(crypto::Keyring::Parse(absl::StrCat("k1 ", auth::NewSecret())).value()),
        notices(deps(), keys) {}
  ~PackageTest() override { std::filesystem::remove_all(dir_); }

  void Seal() {
    db::Lease lease(database.db(), "sealer", "test", absl::Minutes(1));
    ASSERT_TRUE(lease.Acquire().ok());
    while (true) {
      const auto sealed = journal::SealOnce(database.db(), lease);
      ASSERT_TRUE(sealed.ok()) << sealed.status();
      if (*sealed == 0) break;
    }
  }
  absl::StatusOr<std::string> Export(const std::string& name, options::v1::Role role,
                                     const std::string& organization,
                                     v1::PackageEdition edition = v1::PACKAGE_EDITION_UNSPECIFIED) {
    v1::ExportFilingPackageRequest request;
    request.set_name(name);
    request.set_edition(edition);
    CHANYAN_ASSIGN_OR_RETURN(
        const google::api::HttpBody body,
        packages.ExportFilingPackage(
            As(role, organization, "FilingPackageService.ExportFilingPackage"), request));
    return body.data();
  }
  static std::map<std::string, std::string> Unzip(const std::string& bytes) {
    std::map<std::string, std::string> files;
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    zip_t* archive = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (archive == nullptr) return files;
    for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
      zip_stat_t stat;
      zip_stat_index(archive, static_cast<zip_uint64_t>(i), 0, &stat);
      std::string content(stat.size, '\0');
      zip_file_t* file = zip_fopen_index(archive, static_cast<zip_uint64_t>(i), 0);
      EXPECT_EQ(zip_fread(file, content.data(), stat.size), static_cast<zip_int64_t>(stat.size));
      zip_fclose(file);
      files[stat.name] = content;
    }
    zip_discard(archive);
    return files;
  }
  static std::string Zip(const std::map<std::string, std::string>& files) {
    sheet::ZipWriter zip;
    for (const auto& [path, bytes] : files) zip.Add(path, bytes);
    return *std::move(zip).Finish();
  }
  Answer Verify(const std::string& bytes, const std::string& arguments = "") {
    std::filesystem::create_directories(dir_);
    const std::string path = absl::StrCat(dir_, "/package.zip");
    std::ofstream(path, std::ios::binary) << bytes;
    const std::string command =
        absl::StrCat("'", CHANYAN_VERIFY_FILING, "' '", path, "' ", arguments, " 2>&1");
    FILE* pipe = popen(command.c_str(), "r");
    Answer answer;
    std::array<char, 4096> buffer;
    for (size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      answer.text.append(buffer.data(), n);
    }
    answer.code = WEXITSTATUS(pclose(pipe));
    return answer;
  }

  v1::PublicNotice OnNotice(const std::string& title, const std::string& lead = kAlpha) {
    const std::string name = Ready(title, lead).name();
    EXPECT_TRUE(Submit(name, lead).ok());
    EXPECT_TRUE(Recommend(name, lead == kBeta ? kLaoshan : kHuangdao).ok());
    EXPECT_TRUE(Accept(name).ok());
    for (const char* verb : {"inspect", "defend", "select"}) {
      EXPECT_TRUE(Step(name, verb, Part::kOffice).ok());
    }
    const auto notice =
        notices.PublishNotice(As(ROLE_DEPARTMENT, kBureau, "NoticeService.PublishNotice"),
                              Named<v1::PublishNoticeRequest>(name));
    EXPECT_TRUE(notice.ok()) << notice.status();
    return notice.ok() ? *notice : v1::PublicNotice();
  }
  // By an enterprise, with a telephone number and a file; its name.
  std::string ObjectWithEvidence(const std::string& notice) {
    v1::CreateNoticeObjectionRequest request;
    request.set_parent(notice);
    request.mutable_objection()->set_content("与我单位在研项目重复，请核查。");
    request.mutable_objection()->set_contact_phone("13812345678");
    request.set_request_id(api::NewUuid());
    const auto receipt = notices.CreateNoticeObjection(
        As(ROLE_ENTERPRISE, E(5), "NoticeService.CreateNoticeObjection"), request);
    EXPECT_TRUE(receipt.ok()) << receipt.status();
    v1::AddObjectionEvidenceRequest file;
    file.set_parent(receipt->objection());
    file.mutable_file()->set_data(testing::SamplePdf("证据"));
    file.set_file_name("证据.pdf");
    file.set_request_id(api::NewUuid());
    const auto evidence = notices.AddObjectionEvidence(
        As(ROLE_ENTERPRISE, E(5), "NoticeService.AddObjectionEvidence"), file);
    EXPECT_TRUE(evidence.ok()) << evidence.status();
    return receipt->objection();
  }

  const std::string dir_ = absl::StrCat(::testing::TempDir(), "/filing-", getpid());
  PackageService packages;
  const crypto::Keyring keys;
  NoticeService notices;
};

TEST_F(PackageTest, NothingIsPackedThatIsNotFiledOrNotSealedOrNotTheCallers) {
  const std::string draft = Ready("未备案").name();
  EXPECT_EQ(status::ReasonOf(Export(draft, ROLE_ENTERPRISE, kAlpha).status()),
            options::v1::ERROR_REASON_WRONG_STATE);
  const v1::Consortium filed = Filed("已备案");
  EXPECT_EQ(Export(filed.name(), ROLE_ENTERPRISE, kAlpha).status().code(),
            absl::StatusCode::kUnavailable);
  Seal();
  EXPECT_TRUE(Export(filed.name(), ROLE_ENTERPRISE, kAlpha).ok());
  EXPECT_TRUE(Export(filed.name(), ROLE_DEPARTMENT, kBureau).ok());
  EXPECT_TRUE(Export(filed.name(), ROLE_LEADER, "organizations/leaders").ok());
  EXPECT_EQ(Export(filed.name(), ROLE_ENTERPRISE, kBeta).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Export(filed.name(), ROLE_ENTERPRISE, E(1)).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Export(filed.name(), ROLE_DEPARTMENT, "organizations/qdst-hy").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(PackageTest, AWholePackagePassesWithoutAnyServer) {
  const v1::Consortium filed = Filed("完整");
  Seal();
  const auto bytes = Export(filed.name(), ROLE_ENTERPRISE, kAlpha);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_EQ(*Export(filed.name(), ROLE_DEPARTMENT, kBureau), *bytes);
  const v1::Filing filing = StoredFiling(filed.filing());
  const Answer whole = Verify(*bytes);
  EXPECT_EQ(whole.code, 0) << whole.text;
  EXPECT_THAT(whole.text, HasSubstr("结论：完整"));
  EXPECT_THAT(whole.text, HasSubstr(filing.filing_number()));
  EXPECT_EQ(Verify(*bytes, absl::StrCat("'--code=", filing.verification_code(), "'")).code, 0);
  EXPECT_EQ(Verify(*bytes, "--code=0000").code, 1);
  EXPECT_EQ(Verify(*bytes, "--nonsense").code, 2);
  const auto files = Unzip(*bytes);
  // Verdicts, decisions, signatures, the agreement itself.
  int checks = 0;
  int transitions = 0;
  int signatures_found = 0;
  int contents = 0;
  for (const auto& [path, content] : files) {
    checks += absl::StrContains(path, "/checks/") || absl::StrContains(path, "ligibilityChecks/");
    transitions += absl::StrContains(path, "/transitions/");
    signatures_found += absl::StrContains(path, "/signatures/");
    contents += absl::StrContains(path, "contents/");
  }
  EXPECT_GT(checks, 0);
  EXPECT_GE(transitions, 7);
  EXPECT_GE(signatures_found, 6);
  EXPECT_GE(contents, 1);
}

TEST_F(PackageTest, EachPartThatIsTamperedWithIsNamed) {
  const v1::Consortium filed = Filed("篡改");
  Seal();
  const auto bytes = Export(filed.name(), ROLE_ENTERPRISE, kAlpha);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto files = Unzip(*bytes);
  ASSERT_GT(files.size(), 10u);
  for (const auto& [path, content] : files) {
    auto changed = files;
    changed[path] += "x";
    const auto fault = journal::FirstFault(changed);
    ASSERT_TRUE(fault.has_value()) << path;
    EXPECT_EQ(fault->path, path) << fault->text;
    auto missing = files;
    missing.erase(path);
    const auto gone = journal::FirstFault(missing);
    ASSERT_TRUE(gone.has_value()) << path;
    EXPECT_EQ(gone->path, path) << gone->text;
  }
  auto changed = files;
  const std::string record = absl::StrCat("records/", filed.name(), ".json");
  changed[record] = absl::StrReplaceAll(changed[record], {{"篡改", "改篡"}});
  const Answer named = Verify(Zip(changed));
  EXPECT_EQ(named.code, 1);
  EXPECT_THAT(named.text, HasSubstr(record));
  EXPECT_THAT(Verify(bytes->substr(0, bytes->size() / 2)).text, HasSubstr("已损坏"));
  EXPECT_EQ(Verify("").code, 1);
}

TEST_F(PackageTest, NoEvaluationThatIsNotDecidedGoesAlong) {
  const v1::Consortium filed = Filed("评价中");
  const auto evaluation = Evaluate(filed.name(), {63});
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  Seal();
  const auto bytes = Export(filed.name(), ROLE_ENTERPRISE, kAlpha);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  for (const auto& [path, content] : Unzip(*bytes)) {
    EXPECT_THAT(path, Not(HasSubstr("/evaluations/")));
    EXPECT_THAT(content, Not(HasSubstr("第三方评估机构"))) << path;
  }
  EXPECT_EQ(Verify(*bytes).code, 0);
}

TEST_F(PackageTest, WhatAnEvaluationCameToGoesAlongAndNoDraftOfIt) {
  const v1::Consortium filed = Filed("已评价");
  auto evaluation = Evaluate(filed.name(), {61, 62, 63});
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  v1::UpdateEvaluationRequest update;
  *update.mutable_evaluation() = *evaluation;
  update.mutable_evaluation()->mutable_scores(0)->set_finding("初评意见，尚待复核。");
  update.mutable_update_mask()->add_paths("scores");
  update.set_request_id(api::NewUuid());
  const rpc::Call writes = By(kBureau, "EvaluationService.UpdateEvaluation");
  evaluation = evaluations.UpdateEvaluation(writes, update);
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  *update.mutable_evaluation() = *evaluation;
  for (v1::PartScore& score : *update.mutable_evaluation()->mutable_scores()) {
    score.set_points(87);
    score.set_finding("最终评价意见。");
  }
  update.set_request_id(api::NewUuid());
  ASSERT_TRUE(evaluations.UpdateEvaluation(writes, update).ok());
  ASSERT_TRUE(evaluations
                  .ConcludeEvaluation(By(kBureau, "EvaluationService.ConcludeEvaluation"),
                                      Named<v1::ConcludeEvaluationRequest>(evaluation->name()))
                  .ok());
  Seal();
  const auto bytes = Export(filed.name(), ROLE_ENTERPRISE, kAlpha);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  auto files = Unzip(*bytes);
  const std::string record = absl::StrCat("records/", filed.name(), ".json");
  for (const char* words : {"最终评价意见。", "第三方评估机构", "87"}) {
    EXPECT_THAT(files[record], HasSubstr(words));
  }
  EXPECT_THAT(files[record], HasSubstr(evaluation->name()));
  for (const auto& [path, content] : files) {
    EXPECT_THAT(path, Not(HasSubstr("/evaluations/")));
    EXPECT_THAT(content, Not(HasSubstr("初评意见"))) << path;
  }
  EXPECT_EQ(Verify(*bytes).code, 0);
  // A better result is found out.
  files[record] = absl::StrReplaceAll(files[record], {{"87", "97"}});
  const Answer touched = Verify(Zip(files));
  EXPECT_EQ(touched.code, 1);
  EXPECT_THAT(touched.text, HasSubstr(record));
}

TEST_F(PackageTest, OnlyWhatIsListedGoesAlong) {
  const v1::Consortium filed = Filed("清单");
  v1::Supplement change;
  change.set_held_project(Hold(filed.name())->name());
  change.add_leaving(kInstitute);
  ASSERT_TRUE(Propose(filed.name(), change).ok());
  Seal();
  const auto bytes = Export(filed.name(), ROLE_ENTERPRISE, kAlpha);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto files = Unzip(*bytes);
  for (const char* kind : {"/transitions/", "/signatures/", "/eligibilityChecks/", "/memberships/",
                           "/attachments/", "/heldProjects/", "/supplements/"}) {
    EXPECT_TRUE(std::any_of(files.begin(), files.end(), [&](const auto& file) {
      return absl::StrContains(file.first, kind);
    })) << kind;
  }
}

TEST_F(PackageTest, HowAConsortiumEndedGoesAlongAndIsJudgedAgainUnderAnotherPack) {
  const v1::Consortium filed = Filed("解散");
  for (const std::string& party : filed.participants()) {
    auto consent = Named<v1::SignDissolutionRequest>(filed.name());
    consent.set_signer("法定代表人");
    ASSERT_TRUE(
        signatures.SignDissolution(By(party, "SignatureService.SignDissolution"), consent).ok());
  }
  auto end = Named<v1::DissolveConsortiumRequest>(filed.name());
  end.set_reason("任务完成。");
  ASSERT_TRUE(
      consortia.DissolveConsortium(By(kAlpha, "ConsortiumService.DissolveConsortium"), end).ok());
  Seal();
  const auto bytes = Export(filed.name(), ROLE_ENTERPRISE, kAlpha);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_EQ(Verify(*bytes).code, 0);
  const auto other = testing::ShippedPack("shandong");
  int ends = 0;
  for (const auto& [path, content] : Unzip(*bytes)) {
    if (!absl::StartsWith(path, "records/") || !absl::StrContains(path, "/eligibilityChecks/")) {
      continue;
    }
    journal::v1::Entry entry;
    entry.set_after_json(content);
    const auto check = journal::MessageAfter<v1::EligibilityCheck>(entry);
    ASSERT_TRUE(check.ok()) << path << check.status();
    ends += check->cause() == "dissolve";
    EXPECT_EQ(policy::Encode(Replay(ConsortiumPack(*other), *check)),
              policy::Encode(check->verdicts()))
        << check->cause();
  }
  EXPECT_EQ(ends, 1);
}

TEST_F(PackageTest, TheBureausEditionIsTheOfficesThatFilesAlone) {
  const v1::Consortium filed = Filed("存档");
  Seal();
  const auto edition = v1::PACKAGE_EDITION_BUREAU;
  EXPECT_EQ(Export(filed.name(), ROLE_ENTERPRISE, kAlpha, edition).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Export(filed.name(), ROLE_LEADER, kBureau, edition).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Export(filed.name(), ROLE_DEPARTMENT, "organizations/qdst-hy", edition).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_TRUE(Export(filed.name(), ROLE_DEPARTMENT, kBureau, edition).ok());
}

// Supplements, evaluations, findings, sanctions: all that the bureau files, and nothing of
// another's.
TEST_F(PackageTest, TheBureausEditionHoldsAllThatItFilesOfAConsortium) {
  const v1::PublicNotice notice = OnNotice("存档");
  const std::string objection = ObjectWithEvidence(notice.name());
  auto finding = Named<v1::DecideNoticeObjectionRequest>(objection);
  finding.set_finding("经现场核查，不属实。");
  ASSERT_TRUE(notices
                  .DecideNoticeObjection(
                      As(ROLE_DEPARTMENT, kBureau, "NoticeService.DecideNoticeObjection"), finding)
                  .ok());
  clock.now = time::ToTime(notice.deadline()) + absl::Seconds(1);
  db::Lease lease(database.db(), "consortium-notices", "test", absl::Minutes(3));
  ASSERT_TRUE(lease.Acquire().ok());
  ASSERT_EQ(*notices.EndDue(lease), 1);
  const std::string name = notice.consortium();
  const auto evaluation = Evaluate(name, {63});
  ASSERT_TRUE(evaluation.ok()) << evaluation.status();
  ASSERT_TRUE(RemoveLead(name).ok());
  v1::CreateCreditEntryRequest entry;
  entry.mutable_credit_entry()->set_organization(kAlpha);
  entry.mutable_credit_entry()->set_event(rules.proto().credit_events(0).id());
  entry.mutable_credit_entry()->set_description("未按协议履约。");
  entry.mutable_credit_entry()->set_consortium(name);
  entry.set_request_id(api::NewUuid());
  const auto credit = bars.CreateCreditEntry(By(kBureau, "BarService.CreateCreditEntry"), entry);
  ASSERT_TRUE(credit.ok()) << credit.status();
  // A sheet that nobody but its expert ever saw.
  const absl::Status drafted = database.db().Transact([&](db::Session& session) -> absl::Status {
    return session
        .Execute(
            "INSERT INTO journal (event_id, resource, type, kind, method, actor, organization, "
            "request_id, trace_id, time, before_json, after_json) VALUES (?, ?, "
            "'chanyan.consortium.v1.ScoreSheet', 'created', '', '', '', '', '', ?, '', "
            "'{\"opinion\":\"尚未提交\"}')",
            {api::NewUuid(), absl::StrCat(name, "/panels/p/assignments/a/sheets/main"), clock.now})
        .status();
  });
  ASSERT_TRUE(drafted.ok()) << drafted;
  // Of another consortium.
  ASSERT_TRUE(RemoveLead(Filed("另一家", kBeta).name()).ok());
  Seal();
  const auto bytes = Export(name, ROLE_DEPARTMENT, kBureau, v1::PACKAGE_EDITION_BUREAU);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_EQ(*Export(name, ROLE_DEPARTMENT, kBureau, v1::PACKAGE_EDITION_BUREAU), *bytes);
  const auto files = Unzip(*bytes);
  for (const std::string& record :
       {evaluation->name(), objection, notice.name(), credit->name(), BarsOf(kAlpha)[0].name()}) {
    EXPECT_TRUE(files.contains(absl::StrCat("records/", record, ".json"))) << record;
  }
  EXPECT_FALSE(files.contains(absl::StrCat("records/", BarsOf(kBeta)[0].name(), ".json")));
  const auto contents = std::count_if(files.begin(), files.end(), [](const auto& file) {
    return absl::StrContains(file.first, "contents/");
  });
  EXPECT_EQ(contents, 2) << "the agreement and the evidence";
  const Answer whole = Verify(*bytes);
  EXPECT_EQ(whole.code, 0) << whole.text;
  for (const auto& [path, content] : files) {
    EXPECT_THAT(content, Not(HasSubstr("13812345678"))) << path;
    EXPECT_THAT(content, Not(HasSubstr("尚未提交"))) << path;
    auto changed = files;
    changed[path] += "x";
    EXPECT_TRUE(journal::FirstFault(changed).has_value()) << path;
  }
  // The parties' edition has nothing of it.
  const auto theirs = Export(name, ROLE_LEADER, "organizations/leaders");
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  for (const auto& [path, content] : Unzip(*theirs)) {
    for (const char* secret : {"/evaluations/", "/objections/", "bars/", "creditEntries/"}) {
      EXPECT_THAT(path, Not(HasSubstr(secret)));
    }
  }
}

TEST_F(PackageTest, WhyANoticeWasHeldDoesNotGoAlong) {
  const v1::PublicNotice held = OnNotice("公示被搁置", kBeta);
  const v1::PublicNotice clear = OnNotice("公示期满");
  const registry::v1::Organization lead = Registered(kBeta);
  registry::v1::Organization suspended = lead;
  suspended.set_state(registry::v1::ORGANIZATION_STATE_SUSPENDED);
  ASSERT_TRUE(Change(suspended).ok());
  clock.now = time::ToTime(held.deadline()) + absl::Seconds(1);
  db::Lease lease(database.db(), "consortium-notices", "test", absl::Minutes(3));
  ASSERT_TRUE(lease.Acquire().ok());
  ASSERT_TRUE(notices.EndDue(lease).ok());
  const std::string reason =
      testing::Texts(database.db(), absl::StrCat("SELECT hold_reason FROM public_notice WHERE name "
                                                 "= '",
                                                 held.name(), "'"))
          .at(0);
  ASSERT_NE(reason, "");
  ASSERT_TRUE(Change(lead).ok());
  ASSERT_TRUE(notices.EndDue(lease).ok());
  ASSERT_EQ(Stored(held.consortium()).state(), v1::CONSORTIUM_STATE_FILED);
  Seal();
  const auto bytes = Export(held.consortium(), ROLE_ENTERPRISE, kBeta);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  for (const auto& [path, content] : Unzip(*bytes)) {
    EXPECT_THAT(content, Not(HasSubstr(reason))) << path;
    EXPECT_THAT(content, Not(HasSubstr("hold_reason"))) << path;
  }
  EXPECT_EQ(Verify(*bytes).code, 0);
  // One that was never held is part of it.
  const auto other = Export(clear.consortium(), ROLE_ENTERPRISE, kAlpha);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_TRUE(Unzip(*other).contains(absl::StrCat("records/", clear.name(), ".json")));
}

TEST_F(PackageTest, NoReviewersNameGoesAlong) {
  const v1::Consortium filed = Filed("专家");
  const absl::Status written = database.db().Transact([&](db::Session& session) -> absl::Status {
    return session
        .Execute(
            "INSERT INTO journal (event_id, resource, type, kind, method, actor, organization, "
            "request_id, trace_id, time, before_json, after_json) VALUES (?, ?, "
            "'chanyan.consortium.v1.ReviewAssignment', 'drawn', '', '', '', '', '', ?, '', "
            "'{\"person\":\"评审某\"}')",
            {api::NewUuid(), absl::StrCat(filed.name(), "/panels/p/assignments/a"), clock.now})
        .status();
  });
  ASSERT_TRUE(written.ok()) << written;
  Seal();
  const auto bytes = Export(filed.name(), ROLE_ENTERPRISE, kAlpha);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  for (const auto& [path, content] : Unzip(*bytes)) {
    EXPECT_THAT(path, Not(HasSubstr("/panels/")));
    EXPECT_THAT(content, Not(HasSubstr("评审某"))) << path;
  }
}

}  // namespace
}  // namespace chanyan::consortium
