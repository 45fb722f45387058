#include "tests/service/cycle/world.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "common/api/names.h"
#include "common/journal/journal.h"
#include "common/sheet/table.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/ids.h"
#include "services/cycle/people.h"
#include "tests/support/pack_reading.h"

namespace chanyan::cycle {
namespace {

using registry::v1::Organization;
using registry::v1::Platform;

std::string PoliciesRoot() {
  // Tests run somewhere in the build tree, which lies in the source tree.
  for (auto at = std::filesystem::current_path(); at != at.root_path(); at = at.parent_path()) {
    if (std::filesystem::exists(at / "deploy/policies/qingdao")) {
      return (at / "deploy/policies").string();
    }
  }
  ADD_FAILURE() << "deploy/policies not found above " << std::filesystem::current_path();
  return "";
}

Organization OrganizationOf(const std::string& name, const std::string& title,
                            registry::v1::OrganizationKind kind) {
  Organization organization;
  organization.set_name(name);
  organization.set_display_name(title);
  organization.set_kind(kind);
  organization.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  organization.set_demonstration(true);
  return organization;
}

Platform PlatformOf(const std::string& owner, const std::string& owner_title, const std::string& id,
                    const std::string& title) {
  Platform platform;
  platform.set_name(absl::StrCat(owner, "/platforms/", id));
  platform.set_organization(owner);
  platform.set_organization_title(owner_title);
  platform.set_display_name(title);
  platform.set_college("工程学院");
  platform.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
  return platform;
}

pairing::v1::Project ProjectOf(const std::string& name, const std::string& platform,
                               const std::string& title, int enterprise,
                               pairing::v1::ProjectState state) {
  pairing::v1::Project project;
  project.set_name(name);
  project.set_platform(platform);
  project.set_platform_title(title);
  project.set_university(std::string(OwnerOfPlatform(platform)));
  project.set_enterprise(World::Enterprise(enterprise));
  project.set_title("在建项目（演示）");
  project.add_kinds("技术研发");
  project.set_content("共建技术研发平台");
  project.set_state(state);
  project.mutable_sign_date()->set_year(2025);
  project.mutable_sign_date()->set_month(1);
  project.mutable_sign_date()->set_day(15);
  project.set_progress("上季度进展");
  return project;
}

std::string PlatformName(const std::string& title) {
  if (title == kOucLab) return "organizations/ouc/platforms/lab";
  if (title == kOucCenter) return "organizations/ouc/platforms/center";
  if (title == kPlantLab) return absl::StrCat(World::Enterprise(0), "/platforms/plant");
  return "organizations/upc/platforms/lab";
}

}  // namespace

std::string Code(const std::string& digits) {
  std::string body = std::string(8 - digits.size(), '0') + digits;
  constexpr int kBodyWeights[] = {3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (int i = 0; i < 8; ++i) sum += (body[i] - '0') * kBodyWeights[i];
  const int check = 11 - sum % 11;
  body += check == 10 ? 'X' : check == 11 ? '0' : static_cast<char>('0' + check);
  std::string code = absl::StrCat("91370211", body);
  constexpr absl::string_view kDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  int weight = 1;
  int total = 0;
  for (const char c : code) {
    total += static_cast<int>(kDigits.find(c)) * weight;
    weight = weight * 3 % 31;
  }
  code += kDigits[(31 - total % 31) % 31];
  return code;
}

absl::Time InChina(int month, int day, int hour, int minute, int second) {
  return absl::FromCivil(absl::CivilSecond(2025, month, day, hour, minute, second),
                         time::Shanghai());
}

std::string World::Enterprise(int index) {
  // One is named after its code, as most are; the others were registered before they had one.
  if (index == 2) return absl::StrCat("organizations/", absl::AsciiStrToLower(CodeOf(index)));
  return absl::StrCat("organizations/e", index);
}
std::string World::CodeOf(int index) { return Code(absl::StrCat(1000 + index)); }
std::string World::TitleOf(int index) { return absl::StrCat("演示企业", index); }
std::string World::Uuid() { return api::NewUuid(); }

World::World()
    : database({"common:common/db/migrations", "journal:common/journal/migrations",
                "cycle:services/cycle/migrations"}) {
  using namespace registry::v1;  // NOLINT: the kinds alone
  fakes.Add(
      OrganizationOf(kSecretariat, "高校理事会秘书处（演示）", ORGANIZATION_KIND_SECRETARIAT));
  fakes.Add(OrganizationOf(kOuc, "海洋大学（演示）", ORGANIZATION_KIND_UNIVERSITY));
  fakes.Add(OrganizationOf(kUpc, "石油大学（演示）", ORGANIZATION_KIND_UNIVERSITY));
  fakes.Add(OrganizationOf(kZone, "海洋高新区（演示）", ORGANIZATION_KIND_FUNCTIONAL_ZONE));
  fakes.Add(OrganizationOf(kTown, "古镇口街道（演示）", ORGANIZATION_KIND_TOWN));
  for (int i = 0; i < 3; ++i) {
    Organization enterprise =
        OrganizationOf(Enterprise(i), TitleOf(i), ORGANIZATION_KIND_ENTERPRISE);
    enterprise.set_unified_social_credit_code(CodeOf(i));
    enterprise.set_unit(i < 2 ? kZone : kTown);
    enterprise.add_former_names()->set_display_name(absl::StrCat("演示企业曾用名", i));
    fakes.Add(enterprise);
  }
  fakes.Add(PlatformOf(kOuc, "海洋大学（演示）", "lab", kOucLab));
  fakes.Add(PlatformOf(kOuc, "海洋大学（演示）", "center", kOucCenter));
  fakes.Add(PlatformOf(kUpc, "石油大学（演示）", "lab", kUpcLab));
  fakes.Add(ProjectOf("projects/p0", PlatformName(kOucLab), kOucLab, 0,
                      pairing::v1::PROJECT_STATE_SIGNED));
  fakes.Add(ProjectOf("projects/p2", PlatformName(kUpcLab), kUpcLab, 2,
                      pairing::v1::PROJECT_STATE_BUILDING));
  fakes.Add(ProjectOf("projects/p9", PlatformName(kUpcLab), kUpcLab, 1,
                      pairing::v1::PROJECT_STATE_COMPLETED));
  auto loaded = policy::Pack::LoadCity(PoliciesRoot(), "qingdao");
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  pack = *std::move(loaded);
  service = std::make_unique<CycleService>(
      CycleService::Deps{{database.db(), clock, nullptr}, *pack, fakes.peers()});
}

void World::AddSilent() {
  fakes.Add(OrganizationOf(kSilent, "无平台研究所（演示）",
                           registry::v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE));
}

std::string World::AddOwnPlatform(int index) {
  const Platform platform = PlatformOf(Enterprise(index), TitleOf(index), "plant", kPlantLab);
  fakes.Add(platform);
  return platform.name();
}

void World::Use(const policy::v1::PolicyPack& proto) {
  auto parsed = testing::PackOf(proto);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  service.reset();
  pack = *std::move(parsed);
  service = std::make_unique<CycleService>(
      CycleService::Deps{{database.db(), clock, nullptr}, *pack, fakes.peers()});
}

rpc::Call World::CallOf(const char* method, options::v1::Role role,
                        const std::string& organization) {
  rpc::Call call;
  call.principal.account = absl::StrCat("accounts/", api::IdOfName(organization));
  call.principal.organization = organization;
  call.principal.roles = {role};
  call.bearer = options::v1::Role_Name(role);
  call.method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrCat("chanyan.cycle.v1.CycleService.", method));
  EXPECT_NE(call.method, nullptr) << method;
  call.request_id = Uuid();
  return call;
}

void World::SignUp(const std::string& id, const std::string& organization,
                   const std::vector<options::v1::Role>& roles, bool disabled) {
  identity::v1::Account account;
  account.set_name(absl::StrCat("accounts/", id));
  account.set_organization(organization);
  for (const options::v1::Role role : roles) account.add_roles(role);
  account.set_disabled(disabled);
  journal::v1::Entry entry;
  entry.set_type(identity::v1::Account::descriptor()->full_name());
  entry.set_resource(account.name());
  entry.set_after_json(journal::CanonicalJson(account));
  const absl::Status followed =
      database.db().Transact([&](db::Session& session) { return FollowIdentity(session, entry); });
  EXPECT_TRUE(followed.ok()) << followed;
}

absl::StatusOr<v1::Cycle> World::OpenLive(const std::string& name) {
  v1::OpenCycleRequest request;
  request.set_name(name);
  request.set_request_id(Uuid());
  return service->OpenCycle(CallOf("OpenCycle", options::v1::ROLE_SECRETARIAT, kSecretariat),
                            request);
}

absl::StatusOr<v1::Cycle> World::Open() {
  v1::OpenCycleRequest request;
  request.set_name(cycle);
  *request.mutable_rehearsal_clock() = time::ToTimestamp(InChina(4, 1, 8));
  request.set_request_id(Uuid());
  return service->OpenCycle(CallOf("OpenCycle", options::v1::ROLE_SECRETARIAT, kSecretariat),
                            request);
}

absl::StatusOr<v1::Cycle> World::MoveTo(absl::Time time) {
  v1::AdvanceClockRequest request;
  request.set_name(cycle);
  *request.mutable_clock() = time::ToTimestamp(time);
  return service->AdvanceClock(CallOf("AdvanceClock", options::v1::ROLE_SECRETARIAT, kSecretariat),
                               request);
}

v1::Row World::Intent(const std::string& platform, int enterprise) {
  v1::Row row;
  row.set_platform_title(platform);
  row.set_category(v1::ROW_CATEGORY_INTENT);
  row.set_title("结对意向（演示）");
  row.set_content("愿与企业共建");
  if (enterprise >= 0) {
    row.set_enterprise_title(TitleOf(enterprise));
    row.set_unified_social_credit_code(CodeOf(enterprise));
  }
  return row;
}

v1::Row World::NewProject(const std::string& platform, int enterprise) {
  v1::Row row = Intent(platform, enterprise);
  row.set_category(v1::ROW_CATEGORY_NEW);
  row.set_title("新签项目（演示）");
  row.add_kinds("技术研发");
  row.mutable_sign_date()->set_year(2025);
  row.mutable_sign_date()->set_month(3);
  row.mutable_sign_date()->set_day(20);
  return row;
}

v1::Row World::Ongoing(const std::string& platform, int enterprise) {
  v1::Row row = NewProject(platform, enterprise);
  row.set_category(v1::ROW_CATEGORY_ONGOING);
  row.set_title("在建项目（演示）");
  row.set_progress("已完成设备安装");
  return row;
}

std::string World::Sheet(const std::vector<v1::Row>& rows) {
  sheet::Writer writer({.created = InChina(4, 1), .title = "季度报表"});
  sheet::TableLayout layout;
  layout.title_rows = {"科创平台产学研结对共建项目季度报表"};
  sheet::WriteTable(writer, "季度报表", v1::Row::descriptor(), rows, layout);
  auto bytes = std::move(writer).Finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return *std::move(bytes);
}

absl::StatusOr<v1::ImportFormResponse> World::Import(const std::string& university,
                                                     const std::string& file, bool dry_run) {
  v1::ImportFormRequest request;
  request.set_name(FormName(cycle, university));
  request.mutable_file()->set_data(file);
  request.set_file_name("报表.xlsx");
  request.set_validate_only(dry_run);
  request.set_request_id(Uuid());
  return service->ImportForm(CallOf("ImportForm", options::v1::ROLE_RESEARCH_OFFICE, university),
                             request);
}

absl::StatusOr<v1::Form> World::Submit(const std::string& university) {
  v1::SubmitFormRequest request;
  request.set_name(FormName(cycle, university));
  request.set_request_id(Uuid());
  return service->SubmitForm(CallOf("SubmitForm", options::v1::ROLE_RESEARCH_OFFICE, university),
                             request);
}

absl::StatusOr<v1::Form> World::Accept(const std::string& university) {
  v1::AcceptFormRequest request;
  request.set_name(FormName(cycle, university));
  return service->AcceptForm(CallOf("AcceptForm", options::v1::ROLE_SECRETARIAT, kSecretariat),
                             request);
}

absl::StatusOr<v1::Form> World::Return(const std::string& university, const std::string& reason) {
  v1::ReturnFormRequest request;
  request.set_name(FormName(cycle, university));
  request.add_reasons(reason);
  return service->ReturnForm(CallOf("ReturnForm", options::v1::ROLE_SECRETARIAT, kSecretariat),
                             request);
}

absl::StatusOr<v1::DistributeFormsResponse> World::Distribute() {
  v1::DistributeFormsRequest request;
  request.set_name(cycle);
  request.set_request_id(Uuid());
  return service->DistributeForms(
      CallOf("DistributeForms", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
}

absl::StatusOr<v1::DistributeToEnterprisesResponse> World::ToEnterprises(const std::string& unit) {
  v1::DistributeToEnterprisesRequest request;
  request.set_name(cycle);
  request.set_request_id(Uuid());
  return service->DistributeToEnterprises(
      CallOf("DistributeToEnterprises", options::v1::ROLE_UNIT, unit), request);
}

absl::StatusOr<v1::ReceiveHandoversResponse> World::Receive(const std::string& organization,
                                                            options::v1::Role role) {
  v1::ReceiveHandoversRequest request;
  request.set_parent(cycle);
  request.set_request_id(Uuid());
  return service->ReceiveHandovers(CallOf("ReceiveHandovers", role, organization), request);
}

absl::StatusOr<v1::ImportFormResponse> World::GiveBack(const std::string& form, int enterprise,
                                                       const std::string& file, bool dry_run) {
  v1::ImportReturnRequest request;
  request.set_parent(form);
  request.set_enterprise(Enterprise(enterprise));
  request.mutable_file()->set_data(file);
  request.set_file_name("企业报表.xlsx");
  request.set_validate_only(dry_run);
  request.set_request_id(Uuid());
  return service->ImportReturn(
      CallOf("ImportReturn", options::v1::ROLE_ENTERPRISE, Enterprise(enterprise)), request);
}

absl::StatusOr<v1::SubmitReturnsResponse> World::SubmitReturns(int enterprise,
                                                               const std::string& unit,
                                                               bool no_change) {
  v1::SubmitReturnsRequest request;
  request.set_name(cycle);
  request.set_enterprise(Enterprise(enterprise));
  request.set_no_change(no_change);
  request.set_request_id(Uuid());
  return service->SubmitReturns(
      unit.empty() ? CallOf("SubmitReturns", options::v1::ROLE_ENTERPRISE, Enterprise(enterprise))
                   : CallOf("SubmitReturns", options::v1::ROLE_UNIT, unit),
      request);
}

absl::StatusOr<v1::SubmitPackagesResponse> World::SubmitPackages(const std::string& unit) {
  v1::SubmitPackagesRequest request;
  request.set_name(cycle);
  request.set_request_id(Uuid());
  return service->SubmitPackages(CallOf("SubmitPackages", options::v1::ROLE_UNIT, unit), request);
}

absl::StatusOr<v1::ReturnToEnterpriseResponse> World::SendBack(const std::string& unit,
                                                               const std::string& form,
                                                               int enterprise) {
  v1::ReturnToEnterpriseRequest request;
  request.set_parent(form);
  request.set_enterprise(Enterprise(enterprise));
  request.add_reasons("缺少佐证材料");
  request.set_request_id(Uuid());
  return service->ReturnToEnterprise(CallOf("ReturnToEnterprise", options::v1::ROLE_UNIT, unit),
                                     request);
}

absl::StatusOr<v1::Package> World::ReturnPackage(int enterprise) {
  v1::ReturnPackageRequest request;
  request.set_name(absl::StrCat(cycle, "/packages/", api::IdOfName(Enterprise(enterprise))));
  request.add_reasons("与合同不符");
  request.set_request_id(Uuid());
  return service->ReturnPackage(
      CallOf("ReturnPackage", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
}

absl::StatusOr<v1::ReturnToUniversitiesResponse> World::ReturnToUniversities() {
  v1::ReturnToUniversitiesRequest request;
  request.set_name(cycle);
  request.set_request_id(Uuid());
  return service->ReturnToUniversities(
      CallOf("ReturnToUniversities", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
}

v1::Conservation World::Check() {
  v1::CheckConservationRequest request;
  request.set_name(cycle);
  auto proof = service->CheckConservation(
      CallOf("CheckConservation", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  EXPECT_TRUE(proof.ok()) << proof.status();
  return proof.ok() ? *proof : v1::Conservation();
}

absl::Status World::Merge(const std::string& from, const std::string& into) {
  fakes.Merge(from, into);
  journal::v1::Entry entry;
  entry.set_type(Organization::descriptor()->full_name());
  entry.set_resource(into);
  entry.set_after_json(journal::CanonicalJson(fakes.At(into)));
  return database.db().Transact(
      [&](db::Session& session) { return service->FollowRegistry(session, clock.Now(), entry); });
}

std::vector<v1::Row> World::Rows(const std::string& filter) {
  v1::ListRowsRequest request;
  request.set_parent(absl::StrCat(cycle, "/forms/-"));
  request.set_filter(filter);
  request.set_page_size(200);
  auto page =
      service->ListRows(CallOf("ListRows", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  EXPECT_TRUE(page.ok()) << page.status();
  if (!page.ok()) return {};
  return {page->rows().begin(), page->rows().end()};
}

v1::Form World::Form(const std::string& name) {
  v1::GetFormRequest request;
  request.set_name(name);
  auto form =
      service->GetForm(CallOf("GetForm", options::v1::ROLE_SECRETARIAT, kSecretariat), request);
  EXPECT_TRUE(form.ok()) << form.status();
  return form.ok() ? *form : v1::Form();
}

v1::Row World::RowOf(const std::string& platform, int enterprise) {
  for (v1::Row& row : Rows()) {
    if (row.platform_title() == platform &&
        row.enterprise() == (enterprise < 0 ? "" : Enterprise(enterprise))) {
      return row;
    }
  }
  ADD_FAILURE() << "no row of " << platform << " and enterprise " << enterprise;
  return {};
}

int64_t World::Count(const std::string& table) {
  int64_t count = -1;
  const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                             session.Query(absl::StrCat("SELECT COUNT(*) FROM ", table)));
    count = std::get<int64_t>(found.rows[0][0]);
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  return count;
}

}  // namespace chanyan::cycle
