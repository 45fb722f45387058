// Agreements (PAIR-3) on the real database: with the signing, afterwards, and in order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/pairing/project_rules.h"
#include "tests/service/pairing/city.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_RULE_VIOLATED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_PLATFORM_MANAGER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AgreementTest : public ::testing::Test, protected City {
 protected:
  static google::type::Date Day(int month, int day) {
    return time::ToProto(absl::CivilDay(2025, month, day));
  }
  static v1::Agreement NewAgreement(const std::string& number) {
    v1::Agreement agreement;
    agreement.set_number(number);
    agreement.set_title("共建中试线协议（演示）");
    v1::AgreementParty& university = *agreement.add_parties();
    university.set_organization(kOuc);
    university.set_display_name("海洋大学（演示）");
    university.set_role("甲方");
    v1::AgreementParty& company = *agreement.add_parties();
    company.set_organization(Enterprise(1));
    company.set_display_name("企业1（演示）");
    company.set_role("乙方");
    *agreement.mutable_effective_date() = Day(4, 1);
    *agreement.mutable_expire_date() = time::ToProto(absl::CivilDay(2028, 3, 31));
    *agreement.add_documents() = Document(absl::StrCat(number, ".pdf"));
    return agreement;
  }
  v1::SignProjectRequest Signing(const std::string& name) {
    v1::SignProjectRequest request;
    request.set_name(name);
    *request.mutable_sign_date() = Day(3, 31);
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::Project> Sign(const v1::SignProjectRequest& request,
                                   Role role = ROLE_RESEARCH_OFFICE) {
    return service.SignProject(
        As(role, role == ROLE_ENTERPRISE ? Enterprise(1) : kOuc, "SignProject"), request);
  }
  absl::StatusOr<v1::Agreement> File(const std::string& project, const v1::Agreement& agreement,
                                     Role role = ROLE_RESEARCH_OFFICE,
                                     const std::string& organization = kOuc) {
    v1::CreateAgreementRequest request;
    request.set_parent(project);
    *request.mutable_agreement() = agreement;
    request.set_request_id(api::NewUuid());
    return agreements.CreateAgreement(As(role, organization, "AgreementService.CreateAgreement"),
                                      request);
  }
  static v1::Agreement Supplement(const std::string& number, int month, int day) {
    v1::Agreement agreement = NewAgreement(number);
    *agreement.mutable_sign_date() = Day(month, day);
    return agreement;
  }
};

TEST_F(AgreementTest, SigningWithoutAgreementNeedsAReasonAndARoleThatMay) {
  const std::string name = Create(NewProject(kLab, 1))->name();
  const auto refused = Sign(Signing(name));
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_RULE_VIOLATED);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("缺少协议编号、协议文本"));
  auto request = Signing(name);
  request.set_override_reason("文本用印中");
  EXPECT_EQ(Sign(request, ROLE_PLATFORM_MANAGER).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Stored(name).state(), v1::PROJECT_STATE_INTENT);
  request.set_request_id(api::NewUuid());
  const auto signed_project = Sign(request);
  ASSERT_TRUE(signed_project.ok()) << signed_project.status();
  EXPECT_EQ(signed_project->agreement(), "");
  ASSERT_EQ(signed_project->sign_verdicts().verdicts_size(), 2);
  const auto& verdict = signed_project->sign_verdicts().verdicts(0);
  EXPECT_EQ(verdict.rule_id(), "project.agreement");
  EXPECT_EQ(verdict.outcome(), policy::v1::OUTCOME_OVERRIDDEN);
  EXPECT_EQ(verdict.override().role(), ROLE_RESEARCH_OFFICE);
  EXPECT_EQ(verdict.override().reason(), "文本用印中");
}

TEST_F(AgreementTest, TheVerdictsOfCreationAndSigningAreStoredAndReplayToTheSameBytes) {
  const auto created = Create(NewProject(kLab, 1));
  auto request = Signing(created->name());
  *request.mutable_agreement() = NewAgreement("海大合字2025-1号");
  const auto project = Sign(request);
  ASSERT_TRUE(project.ok()) << project.status();
  const v1::Project stored = Stored(created->name());
  EXPECT_EQ(stored.create_verdicts().pack_id(), "qingdao");
  EXPECT_EQ(stored.create_verdicts().verdicts_size(), 2);
  EXPECT_FALSE(stored.create_verdicts().verdicts(0).clause().text().empty());
  v1::GetAgreementRequest get;
  get.set_name(stored.agreement());
  const auto agreement = agreements.GetAgreement(
      As(ROLE_LEADER, "organizations/city", "AgreementService.GetAgreement"), get);
  ASSERT_TRUE(agreement.ok()) << agreement.status();
  for (const policy::v1::Verdict& verdict : stored.sign_verdicts().verdicts()) {
    EXPECT_EQ(verdict.outcome(), policy::v1::OUTCOME_SATISFIED) << verdict.ShortDebugString();
  }
  // From what is stored, by the pack of its version.
  EXPECT_EQ(stored.sign_verdicts().pack_version(), pack->version());
  EXPECT_EQ(policy::Encode(SignVerdicts(*pack, stored, &*agreement)),
            policy::Encode(stored.sign_verdicts()));
  EXPECT_EQ(policy::Encode(CreateVerdicts(*pack, stored, "")),
            policy::Encode(stored.create_verdicts()));
}

TEST_F(AgreementTest, TheMainAgreementIsFiledWithTheSigningOrNothingIs) {
  const std::string name = Create(NewProject(kLab, 1))->name();
  auto request = Signing(name);
  *request.mutable_agreement() = NewAgreement("2025-1");
  request.mutable_agreement()->mutable_parties()->RemoveLast();
  *request.mutable_agreement()->mutable_sign_date() = Day(3, 30);
  *request.mutable_agreement()->add_documents() = request.agreement().documents(0);
  EXPECT_THAT(testing::FieldsOf(Sign(request).status()),
              ElementsAre("agreement.parties", "agreement.parties", "agreement.documents[1]",
                          "agreement.sign_date"));
  EXPECT_EQ(Stored(name).state(), v1::PROJECT_STATE_INTENT);
  EXPECT_EQ(Count("agreement"), 0);

  request = Signing(name);
  *request.mutable_agreement() = NewAgreement("2025-1");
  const auto project = Sign(request, ROLE_ENTERPRISE);
  ASSERT_TRUE(project.ok()) << project.status();
  EXPECT_EQ(project->agreement(), absl::StrCat(name, "/agreements/main"));
  EXPECT_THAT(Texts("SELECT CONCAT(kind, sequence, sign_date) FROM agreement"),
              ElementsAre("MAIN02025-03-31"));
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE type LIKE '%Agreement'"),
              ElementsAre("created"));
}

TEST_F(AgreementTest, ALateMainAgreementBearsTheDayOfTheSigning) {
  const std::string name = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  EXPECT_THAT(testing::FieldsOf(File(name, Supplement("2025-1", 4, 1)).status()),
              ElementsAre("agreement.sign_date"));
  const auto agreement = File(name, Supplement("2025-1", 3, 31));
  ASSERT_TRUE(agreement.ok()) << agreement.status();
  EXPECT_EQ(agreement->kind(), v1::AGREEMENT_KIND_MAIN);
  EXPECT_EQ(Stored(name).agreement(), agreement->name());
  EXPECT_EQ(
      status::ReasonOf(
          File(In(v1::PROJECT_STATE_NEGOTIATING, kLab, 2).name(), Supplement("x", 3, 31)).status()),
      ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(
      status::ReasonOf(
          File(In(v1::PROJECT_STATE_TERMINATED, kLab, 3).name(), Supplement("x", 3, 31)).status()),
      ERROR_REASON_WRONG_STATE);
}

TEST_F(AgreementTest, SupplementsAreNumberedInTheOrderOfTheirSigning) {
  clock.now = time::StartOfDay(absl::CivilDay(2025, 6, 30));
  const std::string name = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  ASSERT_TRUE(File(name, Supplement("2025-1", 3, 31)).ok());
  const auto first = File(name, Supplement("2025-1补1", 5, 1), ROLE_ENTERPRISE, Enterprise(1));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->name(), absl::StrCat(name, "/agreements/supplement-1"));
  EXPECT_THAT(testing::FieldsOf(File(name, Supplement("2025-1补2", 4, 30)).status()),
              ElementsAre("agreement.sign_date"))
      << "it would be signed before the one it follows";
  EXPECT_THAT(testing::FieldsOf(File(name, Supplement("2025-1补1", 5, 2)).status()),
              ElementsAre("agreement.number"));
  EXPECT_EQ(File(name, Supplement("2025-1补2", 5, 2))->sequence(), 2);
  EXPECT_EQ(File(name, Supplement("x", 5, 3), ROLE_RESEARCH_OFFICE, kUpc).status().code(),
            absl::StatusCode::kNotFound);
  ASSERT_TRUE(Do("start", name).ok());
  ASSERT_TRUE(Do("complete", name).ok());
  EXPECT_EQ(status::ReasonOf(File(name, Supplement("2025-1补3", 5, 3)).status()),
            ERROR_REASON_WRONG_STATE);

  v1::ListAgreementsRequest list;
  list.set_parent(name);
  list.set_order_by("sequence");
  const auto page =
      agreements.ListAgreements(As(ROLE_UNIT, kZone, "AgreementService.ListAgreements"), list);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->agreements_size(), 3);
  EXPECT_EQ(page->agreements(1).number(), "2025-1补1");
  EXPECT_EQ(
      agreements.ListAgreements(As(ROLE_UNIT, kTown, "AgreementService.ListAgreements"), list)
          ->agreements_size(),
      0);
}

TEST_F(AgreementTest, EightSupplementsAtOnceHaveEightNumbers) {
  clock.now = time::StartOfDay(absl::CivilDay(2025, 6, 30));
  const std::string name = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  ASSERT_TRUE(File(name, Supplement("主", 3, 31)).ok());
  std::vector<absl::Status> outcomes(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back(
        [&, i] { outcomes[i] = File(name, Supplement(absl::StrCat("补", i), 5, 1)).status(); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& outcome : outcomes) EXPECT_TRUE(outcome.ok()) << outcome;
  const auto sequences = Texts("SELECT sequence FROM agreement");
  EXPECT_EQ(std::set<std::string>(sequences.begin(), sequences.end()).size(), 9u);
}

TEST_F(AgreementTest, AContractIsRegisteredLaterWithWhatThePackAsks) {
  const std::string name = In(v1::PROJECT_STATE_SIGNED, kLab, 1).name();
  const auto main = File(name, Supplement("2025-1", 3, 31));
  ASSERT_TRUE(main.ok()) << main.status();
  v1::UpdateAgreementRequest request;
  *request.mutable_agreement() = *main;
  v1::Agreement& agreement = *request.mutable_agreement();
  const auto update = [&](const std::vector<std::string>& paths) {
    request.clear_update_mask();
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    return agreements.UpdateAgreement(
        As(ROLE_ENTERPRISE, Enterprise(1), "AgreementService.UpdateAgreement"), request);
  };
  agreement.set_contract_kind("技术开发合同");
  agreement.set_contract_variant("委托开发");
  agreement.set_contract_registration_number("2025370211000001");
  agreement.mutable_contract_amount()->set_currency_code("CNY");
  agreement.mutable_contract_amount()->set_units(1'000'000);
  const std::vector<std::string> contract = {"contract_kind", "contract_variant",
                                             "contract_registration_number", "contract_amount",
                                             "contract_fields"};
  EXPECT_THAT(testing::FieldsOf(update(contract).status()),
              ElementsAre("agreement.contract_fields"));
  for (const auto& field : pack->proto().contract_fields()) {
    if (!field.required()) continue;
    v1::ContractFieldValue& value = *agreement.add_contract_fields();
    value.set_field(field.display_name());
    value.set_value(field.type() == policy::v1::CONTRACT_FIELD_TYPE_DATE     ? "2025-03-31"
                    : field.type() == policy::v1::CONTRACT_FIELD_TYPE_REGION ? "370211"
                                                                             : "演示");
  }
  const auto registered = update(contract);
  ASSERT_TRUE(registered.ok()) << registered.status();
  EXPECT_EQ(registered->contract_amount().units(), 1'000'000);
  EXPECT_EQ(update({"number"}).status().code(), absl::StatusCode::kAborted) << "the etag is old";
  agreement.clear_etag();
  *agreement.mutable_sign_date() = Day(3, 30);
  EXPECT_THAT(testing::FieldsOf(update({"sign_date"}).status()),
              ElementsAre("agreement.sign_date"));
  // Filters reach it: what is registered, of which kind.
  v1::ListAgreementsRequest list;
  list.set_parent("projects/-");
  list.set_filter("contract_kind = \"技术开发合同\" AND contract_registration_number:*");
  EXPECT_EQ(
      agreements.ListAgreements(As(ROLE_SECRETARIAT, "x", "AgreementService.ListAgreements"), list)
          ->agreements_size(),
      1);
  ASSERT_TRUE(Do("terminate", name).ok());
  agreement = *registered;
  EXPECT_EQ(status::ReasonOf(update({"title"}).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(AgreementTest, AFormsRowIsSignedWithoutAgreementAndTheRecordSaysSo) {
  const auto outcome = Record("2025q2", {ReportOf(kLab, 1, v1::PROJECT_STATE_SIGNED)});
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  const v1::Project project = Stored(outcome->outcomes(0).project());
  EXPECT_EQ(project.state(), v1::PROJECT_STATE_SIGNED);
  EXPECT_EQ(project.sign_verdicts().verdicts(0).outcome(), policy::v1::OUTCOME_NOT_SATISFIED);
  EXPECT_EQ(project.create_verdicts().verdicts_size(), 2);
  v1::ListProjectsRequest list;
  list.set_filter("state = SIGNED AND NOT agreement:*");
  EXPECT_EQ(service.ListProjects(Secretariat("ListProjects"), list)->projects_size(), 1);
  ASSERT_TRUE(File(project.name(), Supplement("2025-1", 3, 1)).ok());
  EXPECT_EQ(service.ListProjects(Secretariat("ListProjects"), list)->projects_size(), 0);
  // From then on the agreement says when it was signed.
  v1::Report next = ReportOf(kLab, 1, v1::PROJECT_STATE_BUILDING);
  next.set_row("cycles/2025q3/forms/f/rows/1");
  *next.mutable_sign_date() = Day(3, 9);
  ASSERT_TRUE(Record("2025q3", {next}).ok());
  EXPECT_EQ(Stored(project.name()).sign_date().day(), 1);
}

}  // namespace
}  // namespace chanyan::pairing
