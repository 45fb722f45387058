// What tests of lists of contacts, problems and outcomes have in common: two projects, rows,
// imports and exports.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/time/civil.h"
#include "services/pairing/record_sheet_service.h"
#include "tests/service/pairing/city.h"
#include "tests/service/pairing/record_files.h"

namespace chanyan::pairing {

class RecordSheetTest : public ::testing::Test, protected City {
 protected:
  RecordSheetTest() {
    Add(kSecretariat, "秘书处（演示）", registry::v1::ORGANIZATION_KIND_SECRETARIAT);
    Add(kBureau, "区科技局（演示）", registry::v1::ORGANIZATION_KIND_DEPARTMENT);
    signed_ = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
    begun_ = In(v1::PROJECT_STATE_INTENT, kLab, 2).name();
  }

  v1::ContactRow Note(const std::string& project, int hours_ago,
                      const std::string& content = "讨论中试方案") {
    v1::ContactRow row;
    row.set_project_number(Number(project));
    api::SetTime(clock.now - absl::Hours(hours_ago), row.mutable_contact_time());
    row.set_people("李主任、王经理（演示）");
    row.set_channel(v1::CONTACT_CHANNEL_PHONE);
    row.set_kind(v1::CONTACT_KIND_NOTE);
    row.set_content(content);
    return row;
  }
  v1::ContactRow Approach(const std::string& project, int hours_ago) {
    v1::ContactRow row = Note(project, hours_ago, "请确认中试安排");
    row.set_kind(v1::CONTACT_KIND_APPROACH);
    return row;
  }
  static v1::ProblemRow Problem(const std::string& project, const std::string& content) {
    v1::ProblemRow row;
    row.set_project_number(Number(project));
    row.set_content(content);
    return row;
  }
  static v1::OutcomeRow Outcome(const std::string& project, const std::string& kind) {
    v1::OutcomeRow row;
    row.set_project_number(Number(project));
    row.set_kind(kind);
    *row.mutable_period_first() = time::ToProto(absl::CivilDay(2025, 1, 1));
    *row.mutable_period_last() = time::ToProto(absl::CivilDay(2025, 3, 31));
    row.set_description("首批样品销售（演示）");
    row.set_evidence(
        absl::StrCat("合同|甲乙.pdf | ", std::string(64, 'a'), " | 1024 | application/pdf"));
    return row;
  }
  static v1::OutcomeRow Income(const std::string& project, int64_t yuan) {
    v1::OutcomeRow row = Outcome(project, "技术合同收入");
    row.mutable_amount()->set_currency_code("CNY");
    row.mutable_amount()->set_units(yuan);
    return row;
  }
  static v1::OutcomeRow Patent(const std::string& project, const std::string& number) {
    v1::OutcomeRow row = Outcome(project, "发明专利");
    row.set_quantity(1);
    row.set_reference(number);
    return row;
  }

  absl::StatusOr<v1::ImportRecordsResponse> Contacts(
      const google::api::HttpBody& file, bool dry_run = false,
      options::v1::Role role = options::v1::ROLE_RESEARCH_OFFICE,
      const std::string& organization = kOuc, const std::string& parent = "projects/-") {
    return records_.ImportContacts(As(role, organization, "RecordSheetService.ImportContacts"),
                                   UploadRequest<v1::ImportContactsRequest>(file, dry_run, parent));
  }
  absl::StatusOr<v1::ImportRecordsResponse> Problems(
      const google::api::HttpBody& file, bool dry_run = false,
      options::v1::Role role = options::v1::ROLE_ENTERPRISE,
      const std::string& organization = Enterprise(1), const std::string& parent = "projects/-") {
    return records_.ImportProblems(As(role, organization, "RecordSheetService.ImportProblems"),
                                   UploadRequest<v1::ImportProblemsRequest>(file, dry_run, parent));
  }
  absl::StatusOr<v1::ImportRecordsResponse> Outcomes(
      const google::api::HttpBody& file, bool dry_run = false,
      options::v1::Role role = options::v1::ROLE_RESEARCH_OFFICE,
      const std::string& organization = kOuc, const std::string& parent = "projects/-") {
    return records_.ImportOutcomes(As(role, organization, "RecordSheetService.ImportOutcomes"),
                                   UploadRequest<v1::ImportOutcomesRequest>(file, dry_run, parent));
  }
  google::api::HttpBody ExportedContacts(options::v1::Role role, const std::string& organization) {
    v1::ExportContactsRequest request;
    request.set_parent("projects/-");
    return *contacts.ExportContacts(As(role, organization, "ContactService.ExportContacts"),
                                    request);
  }
  google::api::HttpBody ExportedProblems(options::v1::Role role, const std::string& organization) {
    v1::ExportProblemsRequest request;
    request.set_parent("projects/-");
    return *problems.ExportProblems(As(role, organization, "ProblemService.ExportProblems"),
                                    request);
  }
  google::api::HttpBody ExportedOutcomes(options::v1::Role role, const std::string& organization) {
    v1::ExportOutcomesRequest request;
    request.set_parent("projects/-");
    return *outcomes.ExportOutcomes(As(role, organization, "OutcomeService.ExportOutcomes"),
                                    request);
  }
  // All that an import may write.
  std::vector<std::string> Everything() {
    return Texts(
        "SELECT CONCAT_WS('|', name, state, version, update_time) FROM contact UNION ALL "
        "SELECT CONCAT_WS('|', name, state, version, update_time) FROM problem UNION ALL "
        "SELECT CONCAT_WS('|', name, state, version, update_time) FROM outcome UNION ALL "
        "SELECT CONCAT_WS('|', resource, kind, alarm_time) FROM alarm UNION ALL "
        "SELECT CONCAT(COUNT(*), '') FROM journal ORDER BY 1");
  }

  std::string signed_;
  std::string begun_;
  RecordSheetService records_{{{database.db(), clock, nullptr}, *pack, peer.peers()}};
};

}  // namespace chanyan::pairing
