#include "tests/service/triage/world.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "chanyan/registry/v1/directory.pb.h"
#include "common/api/normalize.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::triage {

using options::v1::Role;
using registry::v1::Organization;

std::unique_ptr<const policy::Pack> PackWith(
    const std::vector<std::pair<std::string, std::string>>& replacements) {
  std::vector<policy::PackFile> files;
  for (const char* name : {"qingdao/co_build_kinds",
                           "qingdao/company_names",
                           "qingdao/consortium",
                           "qingdao/cycle",
                           "qingdao/duty_units",
                           "qingdao/industries",
                           "qingdao/instruments",
                           "qingdao/notices",
                           "qingdao/pack",
                           "qingdao/pairing",
                           "qingdao/pairing_policy",
                           "qingdao/places",
                           "qingdao/recommendation",
                           "qingdao/rules",
                           "national/company_names",
                           "national/contracts",
                           "national/enterprise_sizes",
                           "national/gbt4754",
                           "national/shandong_action_plan",
                           "national/shandong_campaigns",
                           "national/shandong_chains",
                           "national/shandong_tasks",
                           "calendar/2025",
                           "calendar/2026"}) {
    const std::string path = absl::StrCat("deploy/policies/", name, ".textproto");
    files.push_back({path, testing::SourceText(path)});
  }
  const std::string own = "deploy/policies/qingdao/triage.textproto";
  std::string text = testing::SourceText(own);
  for (const auto& [from, to] : replacements) {
    EXPECT_TRUE(absl::StrContains(text, from)) << from;
    text = absl::StrReplaceAll(text, {{from, to}});
  }
  files.push_back({own, text});
  auto pack = policy::Pack::Parse(files);
  EXPECT_TRUE(pack.ok()) << pack.status();
  return pack.ok() ? *std::move(pack) : nullptr;
}

World::World(std::unique_ptr<const policy::Pack> given)
    : database(testing::ComponentsOf("triage")),
      pack(std::move(given)),
      triage(*pack),
      hygiene(triage.proto().hygiene()),
      peer({{"chanyan.registry.v1.RegistryService", Registry()},
            {"chanyan.registry.v1.DirectoryService", Directory()}}),
      results(deps()),
      demands(deps()),
      confidential(deps()),
      teams(deps()),
      dispositions(deps()),
      dispatch(deps()),
      guides(deps()),
      first(deps()),
      follow_ups(deps()),
      lists(deps()),
      meetings(deps()),
      reports(deps()),
      escalations(deps()),
      cases(deps()),
      university_teams(deps()),
      follower(triage) {
  Add(kOuc, "中国海洋大学", registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  Add(kUpc, "中国石油大学（华东）", registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  Add(kCollege, "某学院（演示）", registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  Add(kE1, "企业一（演示）", registry::v1::ORGANIZATION_KIND_ENTERPRISE, testing::CreditCode(1));
  Add(kE2, "企业二（演示）", registry::v1::ORGANIZATION_KIND_ENTERPRISE, testing::CreditCode(2));
  Add(kMarineAgency, "第三专班服务机构", registry::v1::ORGANIZATION_KIND_SERVICE_AGENCY);
  const absl::Status seeded = teams.Seed();
  EXPECT_TRUE(seeded.ok()) << seeded;
}

rpc::Call World::As(Role role, absl::string_view organization, absl::string_view method) {
  rpc::Call call = testing::CallAs(role, organization, absl::StrCat("chanyan.triage.v1.", method));
  if (!organization.empty()) {
    call.principal.account = absl::StrCat("accounts/", api::IdOfName(organization));
  }
  return call;
}

void World::Add(const std::string& name, const std::string& title,
                registry::v1::OrganizationKind kind, const std::string& code) {
  absl::MutexLock lock(&mutex_);
  Organization& organization = organizations_[name];
  organization.set_name(name);
  organization.set_display_name(title);
  organization.set_kind(kind);
  organization.set_unified_social_credit_code(code);
  organization.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
}

void World::HadName(const std::string& name, const std::string& title) {
  absl::MutexLock lock(&mutex_);
  organizations_.at(name).add_former_names()->set_display_name(title);
}

std::vector<rpc::UnaryMethod> World::Registry() {
  using registry::v1::GetOrganizationRequest;
  return {rpc::Unary<GetOrganizationRequest, Organization>(
      "GetOrganization",
      [this](const rpc::Call&,
             const GetOrganizationRequest& request) -> absl::StatusOr<Organization> {
        if (registry_away) return status::Unavailable("单位名录暂时不可用");
        absl::MutexLock lock(&mutex_);
        const auto found = organizations_.find(request.name());
        if (found == organizations_.end()) return status::NotFound(request.name());
        return found->second;
      })};
}

std::vector<rpc::UnaryMethod> World::Directory() {
  using registry::v1::LookupOrganizationsRequest;
  using registry::v1::LookupOrganizationsResponse;
  return {rpc::Unary<LookupOrganizationsRequest, LookupOrganizationsResponse>(
      "LookupOrganizations",
      [this](const rpc::Call&, const LookupOrganizationsRequest& request)
          -> absl::StatusOr<LookupOrganizationsResponse> {
        if (registry_away) return status::Unavailable("单位名录暂时不可用");
        absl::MutexLock lock(&mutex_);
        LookupOrganizationsResponse reply;
        const auto add = [&](const Organization& one, const std::string& called,
                             registry::v1::OrganizationMatchKind kind) {
          if (api::TextKey(request.text()) != api::TextKey(called)) return;
          auto* match = reply.add_matches();
          *match->mutable_organization() = one;
          match->set_kind(kind);
        };
        for (const auto& [name, one] : organizations_) {
          add(one, one.display_name(), registry::v1::ORGANIZATION_MATCH_KIND_NAME);
        }
        for (const auto& [name, one] : organizations_) {
          for (const auto& former : one.former_names()) {
            add(one, former.display_name(), registry::v1::ORGANIZATION_MATCH_KIND_FORMER_NAME);
          }
        }
        return reply;
      })};
}

v1::Result World::Draft(const std::string& title) {
  v1::Result result;
  result.set_title(title);
  result.set_disclosure(v1::DISCLOSURE_OPEN);
  result.add_keywords("海水淡化");
  result.set_stage(v1::STAGE_MIDDLE);
  result.add_industries("海水淡化与综合利用");
  result.add_fields("海洋");
  result.set_abstract("已完成中试。");
  result.add_conversion_modes(v1::CONVERSION_MODE_LICENSE);
  v1::Maturity* maturity = result.add_maturity();
  maturity->set_scale("trl");
  maturity->set_level(6);
  return result;
}

absl::StatusOr<v1::Result> World::Create(const v1::Result& result, Role role,
                                         const std::string& organization) {
  v1::CreateResultRequest request;
  *request.mutable_result() = result;
  request.set_request_id(api::NewUuid());
  return results.CreateResult(As(role, organization, "ResultService.CreateResult"), request);
}

absl::StatusOr<v1::Result> World::Publish(const std::string& name, const std::string& organization,
                                          const std::string& reason) {
  auto request = Named<v1::PublishResultRequest>(name);
  request.set_override_reason(reason);
  return results.PublishResult(
      As(options::v1::ROLE_SERVICE_TEAM, organization, "ResultService.PublishResult"), request);
}

absl::StatusOr<v1::Result> World::Withdraw(const std::string& name,
                                           const std::string& organization) {
  auto request = Named<v1::WithdrawResultRequest>(name);
  request.set_reason("已自行转化");
  return results.WithdrawResult(
      As(options::v1::ROLE_SERVICE_TEAM, organization, "ResultService.WithdrawResult"), request);
}

absl::StatusOr<v1::Disposition> World::Dispose(const std::string& name,
                                               const std::vector<policy::v1::TriageClass>& classes,
                                               const std::string& reason,
                                               const std::string& organization) {
  auto request = Named<v1::DisposeResultRequest>(name);
  for (const auto one : classes) request.add_classes(one);
  request.set_reason(reason);
  return dispositions.DisposeResult(
      As(options::v1::ROLE_SERVICE_TEAM, organization, "DispositionService.DisposeResult"),
      request);
}

absl::StatusOr<v1::DispatchPlan> World::Dispatch(const std::string& name,
                                                 const std::string& organization) {
  return dispatch.DispatchResult(
      As(options::v1::ROLE_SERVICE_TEAM, organization, "DispatchService.DispatchResult"),
      Named<v1::DispatchResultRequest>(name));
}

v1::Result World::Pushed(const v1::Result& draft) {
  const auto made = Create(draft);
  EXPECT_TRUE(made.ok()) << made.status();
  if (!made.ok()) return {};
  const auto published = Publish(made->name());
  EXPECT_TRUE(published.ok()) << published.status();
  const auto disposed = Dispose(made->name());
  EXPECT_TRUE(disposed.ok()) << disposed.status();
  const auto dispatched = Dispatch(made->name());
  EXPECT_TRUE(dispatched.ok()) << dispatched.status();
  return Stored(made->name());
}

absl::StatusOr<v1::Result> World::See(const std::string& name, Role role,
                                      const std::string& organization) {
  v1::GetResultRequest request;
  request.set_name(name);
  return results.GetResult(As(role, organization, "ResultService.GetResult"), request);
}

v1::Result World::Stored(const std::string& name) {
  const db::Table<v1::Result> table;
  v1::Result row;
  const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(row, table.Get(session, name));
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  return row;
}

std::vector<v1::Push> World::PushesOf(const std::string& result) {
  const db::Table<v1::Push> table;
  std::vector<v1::Push> rows;
  const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(rows, table.Select(session, {"result = ?", {result}}));
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  return rows;
}

v1::Push World::PushTo(const std::string& result, const std::string& recipient,
                       policy::v1::TriageClass triage_class) {
  for (const v1::Push& push : PushesOf(result)) {
    if (push.recipient() == recipient && push.triage_class() == triage_class) return push;
  }
  ADD_FAILURE() << result << " was not pushed to " << recipient;
  return {};
}

absl::StatusOr<v1::Broker> World::Train(const std::string& broker, const std::string& course,
                                        absl::CivilDay completed, const std::string& organization) {
  auto request = Named<v1::RecordTrainingRequest>(broker);
  request.mutable_training()->set_course(course);
  *request.mutable_training()->mutable_complete_date() = time::ToProto(completed);
  return teams.RecordTraining(
      As(options::v1::ROLE_UNIT, organization, "TeamService.RecordTraining"), request);
}

absl::StatusOr<v1::Broker> World::AddBroker(const std::string& organization,
                                            const std::string& person, bool trained) {
  v1::CreateBrokerRequest request;
  request.mutable_broker()->set_person(person);
  request.mutable_broker()->set_organization(organization);
  request.mutable_broker()->set_account(absl::StrCat("accounts/", api::IdOfName(organization)));
  request.set_request_id(api::NewUuid());
  absl::StatusOr<v1::Broker> broker = teams.CreateBroker(
      As(options::v1::ROLE_SERVICE_TEAM, organization, "TeamService.CreateBroker"), request);
  if (!broker.ok() || !trained) return broker;
  const absl::CivilDay today = time::DayOf(clock.now);
  EXPECT_TRUE(Train(broker->name(), "pre-job", today, kMarket).ok());
  return Train(broker->name(), "brokerage", today, kTrainingCentre);
}

absl::StatusOr<v1::Handover> World::Offer(const std::string& result, const std::string& from,
                                          const std::string& to, const std::string& broker) {
  auto request = Named<v1::OfferHandoverRequest>(result);
  request.set_to_holder(to);
  request.set_to_broker(broker);
  request.set_reason("领域更合适");
  return first.OfferHandover(
      As(options::v1::ROLE_SERVICE_TEAM, from, "FirstContactService.OfferHandover"), request);
}

absl::StatusOr<v1::Handover> World::Accept(const std::string& handover, const std::string& by) {
  return first.AcceptHandover(
      As(options::v1::ROLE_SERVICE_TEAM, by, "FirstContactService.AcceptHandover"),
      Named<v1::AcceptHandoverRequest>(handover));
}

v1::FollowUp World::Entry(v1::FollowUpKind kind) const {
  v1::FollowUp row;
  row.set_kind(kind);
  row.set_content("与企业对接");
  row.set_partner_title("企业一（演示）");
  *row.mutable_happen_date() = time::ToProto(time::DayOf(clock.now));
  if (kind == v1::FOLLOW_UP_KIND_REGISTRATION) FillRegistration(&row);
  return row;
}

void World::FillRegistration(v1::FollowUp* row) const {
  for (const policy::v1::ContractField& field : pack->proto().contract_fields()) {
    v1::ContractFieldValue* value = row->add_contract_fields();
    value->set_field(field.display_name());
    switch (field.type()) {
      case policy::v1::CONTRACT_FIELD_TYPE_DATE:
        value->set_value("2025-04-01");
        break;
      case policy::v1::CONTRACT_FIELD_TYPE_REGION:
        value->set_value("370211");
        break;
      case policy::v1::CONTRACT_FIELD_TYPE_CHOICE:
        value->set_value(field.choices(0));
        break;
      default:
        value->set_value("演示");
    }
  }
}

v1::FollowUp World::ContractOf(int64_t yuan) const {
  v1::FollowUp row = Entry(v1::FOLLOW_UP_KIND_CONTRACT);
  row.mutable_contract()->set_kind(v1::CONVERSION_MODE_LICENSE);
  *row.mutable_contract()->mutable_sign_date() = row.happen_date();
  row.mutable_contract()->set_buyer_title("企业一（演示）");
  row.mutable_contract()->set_amount_yuan(yuan);
  return row;
}

absl::StatusOr<v1::FollowUp> World::LogEntry(const std::string& result, const v1::FollowUp& row,
                                             const std::string& by) {
  v1::CreateFollowUpRequest request;
  request.set_parent(result);
  *request.mutable_follow_up() = row;
  request.set_request_id(api::NewUuid());
  return follow_ups.CreateFollowUp(
      As(options::v1::ROLE_SERVICE_TEAM, by, "FollowUpService.CreateFollowUp"), request);
}

absl::StatusOr<v1::FollowUp> World::VoidEntry(const std::string& name) {
  auto request = Named<v1::VoidFollowUpRequest>(name);
  request.set_reason("误登");
  return follow_ups.VoidFollowUp(
      As(options::v1::ROLE_SERVICE_TEAM, kMarineAgency, "FollowUpService.VoidFollowUp"), request);
}

v1::Demand World::DemandDraft(const std::string& title) {
  v1::Demand demand;
  demand.set_title(title);
  demand.add_keywords("防腐");
  *demand.mutable_valid_until() = time::ToProto(time::DayOf(clock.now) + 30);
  demand.add_fields("新材料及其应用");
  demand.add_industries("海洋装备");
  demand.set_kind(v1::DEMAND_KIND_DEVELOPMENT);
  demand.set_description("需要耐海水腐蚀的涂层。");
  demand.set_disclosure(v1::DISCLOSURE_OPEN);
  return demand;
}

std::unique_ptr<db::Lease> World::JobLease(const std::string& owner) {
  auto lease = std::make_unique<db::Lease>(database.db(), "triage-jobs", owner, absl::Minutes(3));
  const absl::Status taken = lease->Acquire();
  EXPECT_TRUE(taken.ok()) << taken;
  return lease;
}

void World::Go(absl::CivilDay day) { clock.now = time::StartOfDay(day) + absl::Hours(12); }

}  // namespace chanyan::triage
