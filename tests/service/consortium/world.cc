#include "tests/service/consortium/world.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "tests/support/sample_files.h"

namespace chanyan::consortium {

using options::v1::Role;
using registry::v1::Organization;

std::string E(int number) { return absl::StrCat("organizations/e", number); }

std::unique_ptr<const policy::Pack> PackWith(
    const std::vector<std::pair<std::string, std::string>>& replacements) {
  std::vector<policy::PackFile> files;
  for (const std::string path :
       {"deploy/policies/qingdao/pack.textproto", "deploy/policies/qingdao/places.textproto",
        "deploy/policies/qingdao/industries.textproto",
        "deploy/policies/national/gbt4754.textproto",
        "deploy/policies/national/shandong_chains.textproto",
        "deploy/policies/calendar/2025.textproto", "deploy/policies/calendar/2026.textproto"}) {
    files.push_back({path, testing::SourceText(path)});
  }
  const std::string own = "deploy/policies/qingdao/consortium.textproto";
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
    : database(testing::ComponentsOf("consortium")),
      pack(std::move(given)),
      rules(*pack),
      book(rules),
      peer("chanyan.registry.v1.RegistryService", Registry()),
      consortia(deps()),
      signatures(deps()),
      attachments(deps()),
      eligibility(deps()),
      filings(deps()),
      supervision(deps()),
      evaluations(deps()),
      bars(deps()),
      clocks(deps()),
      follower(book) {
  using registry::v1::ORGANIZATION_KIND_ENTERPRISE;
  using registry::v1::ORGANIZATION_KIND_UNIVERSITY;
  for (const auto& [name, title, region] :
       {std::tuple{kAlpha, "甲集团（演示）", "370211"}, {kBeta, "乙集团（演示）", "370212"}}) {
    Add(name, title, ORGANIZATION_KIND_ENTERPRISE, region)
        .add_qualifications(registry::v1::QUALIFICATION_CHAIN_MASTER);
  }
  for (int i = 1; i <= 6; ++i) {
    Add(E(i), absl::StrCat("企业", i, "（演示）"), ORGANIZATION_KIND_ENTERPRISE);
  }
  // May lead one that has lost its lead.
  Add(E(1), "企业1（演示）", ORGANIZATION_KIND_ENTERPRISE)
      .add_qualifications(registry::v1::QUALIFICATION_LEADING);
  Add(kOuc, "海洋大学（演示）", ORGANIZATION_KIND_UNIVERSITY);
  Add(kUpc, "石油大学（演示）", ORGANIZATION_KIND_UNIVERSITY);
  Add(kInstitute, "海洋所（演示）", registry::v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE);
}

rpc::Call World::As(Role role, absl::string_view organization, absl::string_view method) {
  rpc::Call call =
      testing::CallAs(role, organization, absl::StrCat("chanyan.consortium.v1.", method));
  if (!organization.empty()) {
    call.principal.account = absl::StrCat("accounts/", api::IdOfName(organization));
  }
  return call;
}

rpc::Call World::By(absl::string_view organization, absl::string_view method) {
  Role role = options::v1::ROLE_ENTERPRISE;
  if (organization == kBureau) {
    role = options::v1::ROLE_DEPARTMENT;
  } else if (absl::StartsWith(organization, "organizations/qd-st-")) {
    role = options::v1::ROLE_UNIT;
  } else if (Registered(std::string(organization)).kind() !=
             registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
    role = options::v1::ROLE_RESEARCH_OFFICE;
  }
  return As(role, organization, method);
}

Organization& World::Add(const std::string& name, const std::string& title,
                         registry::v1::OrganizationKind kind, const std::string& region) {
  absl::MutexLock lock(&mutex_);
  Organization& organization = organizations_[name];
  organization.set_name(name);
  organization.set_display_name(title);
  organization.set_kind(kind);
  organization.set_region_code(region);
  organization.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  organization.mutable_update_time()->set_seconds(1'700'000'000);
  return organization;
}

Organization World::Registered(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  return organizations_[name];
}

journal::v1::Entry World::Changed(const Organization& organization) {
  Organization changed = organization;
  changed.mutable_update_time()->set_seconds(1'700'000'000 + ++changes_);
  {
    absl::MutexLock lock(&mutex_);
    organizations_[changed.name()] = changed;
  }
  journal::v1::Entry entry;
  entry.set_type(Organization::descriptor()->full_name());
  entry.set_after_json(journal::CanonicalJson(changed));
  return entry;
}

absl::Status World::Change(const Organization& organization) {
  const journal::v1::Entry entry = Changed(organization);
  return database.db().Transact(
      [&](db::Session& session) { return follower.Follow(session, clock.now, entry); });
}

std::vector<rpc::UnaryMethod> World::Registry() {
  using registry::v1::GetOrganizationRequest;
  return {rpc::Unary<GetOrganizationRequest, Organization>(
      "GetOrganization",
      [this](const rpc::Call&,
             const GetOrganizationRequest& request) -> absl::StatusOr<Organization> {
        absl::MutexLock lock(&mutex_);
        const auto found = organizations_.find(request.name());
        if (found == organizations_.end()) return status::NotFound(request.name());
        return found->second;
      })};
}

v1::ConsortiumMember World::Member(const std::string& organization, v1::MemberKind kind,
                                   v1::MemberLayer layer) {
  v1::ConsortiumMember member;
  member.set_organization(organization);
  member.set_kind(kind);
  member.set_layer(layer);
  member.set_basis("已共同完成两项研发任务。");
  member.set_tasks("承担配套部件攻关。");
  member.set_capability("有稳定的团队和试验条件。");
  member.set_resources("投入研发人员和试验设备。");
  return member;
}

v1::Consortium World::Dossier(const std::string& title) {
  v1::Consortium dossier;
  dossier.set_display_name(title);
  dossier.set_lead_standing("技术国内领先，研发人员三百人。");
  dossier.add_industries("海洋电子信息");
  dossier.set_track("水下传感");
  *dossier.add_members() = Member(E(1), v1::MEMBER_KIND_UPSTREAM, v1::MEMBER_LAYER_CORE);
  *dossier.add_members() = Member(E(2), v1::MEMBER_KIND_UPSTREAM);
  *dossier.add_members() = Member(E(3), v1::MEMBER_KIND_DOWNSTREAM);
  *dossier.add_members() = Member(kOuc, v1::MEMBER_KIND_UNIVERSITY, v1::MEMBER_LAYER_CORE);
  *dossier.add_members() = Member(kInstitute, v1::MEMBER_KIND_INSTITUTE);
  int article = 0;
  for (const auto& clause : rules.proto().agreement_clauses()) {
    v1::ClausePlace* place = dossier.mutable_agreement()->add_clauses();
    place->set_clause(clause.id());
    place->set_place(absl::StrCat("第", ++article, "条"));
  }
  dossier.mutable_chief_expert()->set_person("张三");
  dossier.mutable_chief_expert()->set_unit_title("海洋大学（演示）");
  dossier.mutable_director()->set_person("李四");
  dossier.mutable_director()->set_appointed_by_lead(true);
  v1::ConstructionPlan* plan = dossier.mutable_plan();
  plan->set_significance("突破水下传感关键技术。");
  plan->set_organisation("理事会、首席专家负责制。");
  plan->set_schedule("三年三步。");
  plan->set_funds("总投入三千万元。");
  plan->set_total_funds_yuan(30'000'000);
  plan->set_acceptance("按年度考核。");
  plan->set_property_layout("联合申请发明专利。");
  plan->set_talent_layout("联合培养研究生。");
  plan->set_promotion_layout("在港口先行应用。");
  for (const auto& mechanism : rules.proto().mechanisms()) {
    v1::Mechanism* kept = plan->add_mechanisms();
    kept->set_mechanism(mechanism.id());
    kept->set_description("每季度一次。");
  }
  v1::PlanTarget* target = plan->add_targets();
  target->set_measure("发明专利");
  target->set_value("20件");
  v1::ResearchTopic* topic = plan->add_topics();
  topic->set_title("水下传感器");
  topic->add_undertakers(E(1));
  dossier.mutable_pledge()->set_accepted(true);
  dossier.mutable_pledge()->set_signer("王五");
  return dossier;
}

absl::StatusOr<v1::Consortium> World::Create(const v1::Consortium& dossier,
                                             const std::string& lead) {
  v1::CreateConsortiumRequest request;
  *request.mutable_consortium() = dossier;
  request.set_request_id(api::NewUuid());
  return consortia.CreateConsortium(By(lead, "ConsortiumService.CreateConsortium"), request);
}

absl::StatusOr<v1::Consortium> World::Update(v1::Consortium dossier,
                                             const std::vector<std::string>& mask,
                                             const std::string& by) {
  v1::UpdateConsortiumRequest request;
  *request.mutable_consortium() = std::move(dossier);
  for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
  request.set_request_id(api::NewUuid());
  return consortia.UpdateConsortium(By(by, "ConsortiumService.UpdateConsortium"), request);
}

absl::StatusOr<v1::ConsortiumAttachment> World::Attach(const std::string& consortium,
                                                       v1::AttachmentKind kind,
                                                       const std::string& by,
                                                       const std::string& text) {
  v1::CreateConsortiumAttachmentRequest request;
  request.set_parent(consortium);
  request.mutable_file()->set_data(testing::SamplePdf(text));
  request.set_file_name("协议.pdf");
  request.set_kind(kind);
  request.set_request_id(api::NewUuid());
  return attachments.CreateConsortiumAttachment(
      By(by, "ConsortiumAttachmentService.CreateConsortiumAttachment"), request);
}

absl::StatusOr<v1::Signature> World::Sign(const std::string& consortium, const std::string& by) {
  v1::SignAgreementRequest request;
  request.set_name(consortium);
  request.set_digest(Stored(consortium).agreement().digest());
  request.set_signer("法定代表人");
  request.set_request_id(api::NewUuid());
  return signatures.SignAgreement(By(by, "SignatureService.SignAgreement"), request);
}

v1::Consortium World::Ready(const std::string& title, const std::string& lead) {
  return Ready(Dossier(title), lead);
}

v1::Consortium World::Ready(const v1::Consortium& dossier, const std::string& lead) {
  const auto made = Create(dossier, lead);
  EXPECT_TRUE(made.ok()) << made.status();
  if (!made.ok()) return {};
  const auto file = Attach(made->name(), v1::ATTACHMENT_KIND_AGREEMENT, lead);
  EXPECT_TRUE(file.ok()) << file.status();
  v1::Consortium update;
  update.set_name(made->name());
  update.mutable_agreement()->set_document(file->name());
  const auto updated = Update(update, {"agreement.document"}, lead);
  EXPECT_TRUE(updated.ok()) << updated.status();
  for (const std::string& party : ParticipantsOf(*made)) {
    const auto signature = Sign(made->name(), party);
    EXPECT_TRUE(signature.ok()) << signature.status();
  }
  return Stored(made->name());
}

absl::StatusOr<v1::Consortium> World::Submit(const std::string& name, const std::string& lead) {
  return consortia.SubmitConsortium(By(lead, "ConsortiumService.SubmitConsortium"),
                                    Named<v1::SubmitConsortiumRequest>(name));
}

absl::StatusOr<v1::Consortium> World::Recommend(const std::string& name, const std::string& by) {
  auto request = Named<v1::RecommendConsortiumRequest>(name);
  request.set_opinion("材料齐全，同意推荐。");
  return consortia.RecommendConsortium(By(by, "ConsortiumService.RecommendConsortium"), request);
}

absl::StatusOr<v1::Consortium> World::Return(const std::string& name, const std::string& by) {
  auto request = Named<v1::ReturnConsortiumRequest>(name);
  request.set_reason("请补充经费测算。");
  return consortia.ReturnConsortium(By(by, "ConsortiumService.ReturnConsortium"), request);
}

absl::StatusOr<v1::Consortium> World::Accept(const std::string& name) {
  auto request = Named<v1::AcceptConsortiumRequest>(name);
  request.set_opinion("予以受理。");
  return consortia.AcceptConsortium(By(kBureau, "ConsortiumService.AcceptConsortium"), request);
}

absl::StatusOr<v1::Consortium> World::Withdraw(const std::string& name, const std::string& by) {
  auto request = Named<v1::WithdrawConsortiumRequest>(name);
  request.set_reason("调整方向。");
  return consortia.WithdrawConsortium(By(by, "ConsortiumService.WithdrawConsortium"), request);
}

absl::StatusOr<v1::Consortium> World::Cancel(const std::string& name) {
  auto request = Named<v1::CancelConsortiumRequest>(name);
  request.set_reason("材料不实。");
  return consortia.CancelConsortium(By(kBureau, "ConsortiumService.CancelConsortium"), request);
}

absl::StatusOr<v1::Consortium> World::RemoveLead(const std::string& name) {
  auto request = Named<v1::RemoveLeadRequest>(name);
  request.set_reason("组织不力，未按共建协议履约。");
  return consortia.RemoveLead(By(kBureau, "ConsortiumService.RemoveLead"), request);
}

absl::Status World::Step(const std::string& name, absl::string_view verb, Part part) {
  const journal::Origin origin{.method = "test", .actor = "test"};
  return database.db().Transact([&](db::Session& session) -> absl::Status {
    rpc::Change change(session, clock.now, origin);
    CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, book.LockAny(change, name));
    const std::string who = part == Part::kOffice ? kBureau : "";
    return book.Step(change, {part, who}, verb, "同意。", &row);
  });
}

void World::ToNotice(const std::string& name) {
  for (const char* verb : {"inspect", "defend", "select", "announce"}) {
    const absl::Status done = Step(name, verb, Part::kOffice);
    EXPECT_TRUE(done.ok()) << verb << ": " << done;
  }
}

v1::Consortium World::Filed(const std::string& title, const std::string& lead) {
  const std::string name = Ready(title, lead).name();
  const auto submitted = Submit(name, lead);
  EXPECT_TRUE(submitted.ok()) << submitted.status();
  const auto recommended = Recommend(name, lead == kBeta ? kLaoshan : kHuangdao);
  EXPECT_TRUE(recommended.ok()) << recommended.status();
  const auto accepted = Accept(name);
  EXPECT_TRUE(accepted.ok()) << accepted.status();
  ToNotice(name);
  const absl::Status filed = Step(name, "file", Part::kSystem);
  EXPECT_TRUE(filed.ok()) << filed;
  return Stored(name);
}

absl::StatusOr<v1::HeldProject> World::Hold(const std::string& name) {
  v1::CreateHeldProjectRequest request;
  request.set_parent(name);
  request.mutable_held_project()->set_project_number("25-1-1");
  request.mutable_held_project()->set_title("关键技术攻关");
  request.mutable_held_project()->set_funder("市科技局");
  request.set_request_id(api::NewUuid());
  return supervision.CreateHeldProject(By(kBureau, "SupervisionService.CreateHeldProject"),
                                       request);
}

absl::StatusOr<v1::HeldProject> World::Close(const std::string& project) {
  auto request = Named<v1::CloseHeldProjectRequest>(project);
  request.set_conclusion("通过验收。");
  return supervision.CloseHeldProject(By(kBureau, "SupervisionService.CloseHeldProject"), request);
}

absl::StatusOr<v1::Supplement> World::Propose(const std::string& name, v1::Supplement supplement,
                                              const std::string& by) {
  const auto file = Attach(name, v1::ATTACHMENT_KIND_SUPPLEMENT, by, api::NewUuid());
  if (!file.ok()) return file.status();
  supplement.set_document(file->name());
  supplement.set_reason("立项项目需要。");
  if (!supplement.new_lead().empty() && supplement.lead_standing().empty()) {
    supplement.set_lead_standing("细分领域国内领先，研发人员八十人。");
  }
  v1::CreateSupplementRequest request;
  request.set_parent(name);
  *request.mutable_supplement() = std::move(supplement);
  request.set_request_id(api::NewUuid());
  return supervision.CreateSupplement(By(by, "SupervisionService.CreateSupplement"), request);
}

absl::StatusOr<v1::Supplement> World::SignSupplement(const v1::Supplement& supplement,
                                                     const std::string& by) {
  auto request = Named<v1::SignSupplementRequest>(supplement.name());
  request.set_digest(supplement.digest());
  request.set_signer("法定代表人");
  return supervision.SignSupplement(By(by, "SupervisionService.SignSupplement"), request);
}

absl::Status World::Lift(const std::string& bar, const std::string& by) {
  auto appeal = Named<v1::AppealBarRequest>(bar);
  appeal.set_grounds("已按协议履约，附验收意见。");
  CHANYAN_RETURN_IF_ERROR(bars.AppealBar(By(by, "BarService.AppealBar"), appeal).status());
  auto decide = Named<v1::DecideAppealRequest>(bar);
  decide.set_grant(true);
  decide.set_finding("经核查，申诉成立。");
  return bars.DecideAppeal(By(kBureau, "BarService.DecideAppeal"), decide).status();
}

absl::StatusOr<v1::Supplement> World::SetAside(const v1::Supplement& supplement,
                                               const std::string& rule, const std::string& by) {
  auto request = Named<v1::OverrideSupplementRuleRequest>(supplement.name());
  request.set_rule_id(rule);
  request.set_reason("项目期内另有两家企业以委托研发方式参与。");
  return supervision.OverrideSupplementRule(By(by, "SupervisionService.OverrideSupplementRule"),
                                            request);
}

absl::StatusOr<v1::Evaluation> World::Evaluate(const std::string& name,
                                               const std::vector<int>& points) {
  v1::CreateEvaluationRequest request;
  request.set_parent(name);
  request.mutable_evaluation()->set_period("2025年度");
  request.mutable_evaluation()->set_evaluator("第三方评估机构（演示）");
  for (size_t i = 0; i < points.size(); ++i) {
    v1::PartScore* score = request.mutable_evaluation()->add_scores();
    score->set_part(rules.proto().evaluation().parts(static_cast<int>(i)).id());
    score->set_points(points[i]);
    score->set_finding("依据材料。");
  }
  request.set_request_id(api::NewUuid());
  return evaluations.CreateEvaluation(By(kBureau, "EvaluationService.CreateEvaluation"), request);
}

}  // namespace chanyan::consortium
