#include "tests/service/consortium/review_world.h"

#include <gtest/gtest.h>
#include <algorithm>

#include "absl/strings/match.h"
#include "chanyan/pairing/v1/agreement.pb.h"
#include "common/api/well_known.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"

namespace chanyan::consortium {

using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_EXPERT;
using registry::v1::Organization;

ReviewWorld::ReviewWorld()
    : database(testing::ComponentsOf("consortium")),
      pack(testing::ShippedPack()),
      peer(PeerServices()),
      book(*pack),
      experts(deps()),
      reviews(deps(), book),
      meetings(deps(), book) {
  Add(kLead, registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  Add(kMember, registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  SetState(v1::CONSORTIUM_STATE_EXPERT_REVIEW);
}

rpc::Call ReviewWorld::Office(absl::string_view method) const {
  rpc::Call call = As(ROLE_DEPARTMENT, OfficeOf(*pack), method);
  // Agreements of pairing are asked for in the caller's name.
  call.bearer = "ROLE_DEPARTMENT";
  return call;
}

rpc::Call ReviewWorld::As(options::v1::Role role, absl::string_view organization,
                          absl::string_view method) {
  rpc::Call call =
      testing::CallAs(role, organization, absl::StrCat("chanyan.consortium.v1.", method));
  if (!organization.empty()) {
    call.principal.account = absl::StrCat("accounts/", api::IdOfName(organization));
  }
  return call;
}

rpc::Call ReviewWorld::Expert(const v1::ReviewAssignment& assignment,
                              absl::string_view method) const {
  rpc::Call call = As(ROLE_EXPERT, assignment.employer(), method);
  call.principal.account = assignment.account();
  return call;
}

void ReviewWorld::Add(const std::string& name, registry::v1::OrganizationKind kind,
                      const std::string& parent) {
  absl::MutexLock lock(&mutex_);
  Organization& organization = organizations_[name];
  organization.set_name(name);
  organization.set_display_name(absl::StrCat("单位", api::IdOfName(name)));
  organization.set_kind(kind);
  organization.set_parent(parent);
  organization.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
}

void ReviewWorld::AddProject(const std::string& university, const std::string& enterprise) {
  absl::MutexLock lock(&mutex_);
  pairing::v1::Project& project = projects_.emplace_back();
  project.set_name(absl::StrCat("projects/p", projects_.size()));
  project.set_university(university);
  project.set_enterprise(enterprise);
  project.set_state(pairing::v1::PROJECT_STATE_BUILDING);
}

void ReviewWorld::WithholdProjects(const absl::Status& answer) {
  absl::MutexLock lock(&mutex_);
  projects_answer_ = answer;
}

void ReviewWorld::WithholdAgreements(const absl::Status& answer) {
  absl::MutexLock lock(&mutex_);
  agreements_answer_ = answer;
}

std::vector<testing::FakePeer::Service> ReviewWorld::PeerServices() {
  using pairing::v1::ListAgreementsRequest;
  using pairing::v1::ListAgreementsResponse;
  using pairing::v1::ListProjectsRequest;
  using pairing::v1::ListProjectsResponse;
  using registry::v1::ListOrganizationsRequest;
  using registry::v1::ListOrganizationsResponse;
  return {{"chanyan.registry.v1.RegistryService",
           {rpc::Unary<ListOrganizationsRequest, ListOrganizationsResponse>(
               "ListOrganizations",
               [this](const rpc::Call&, const ListOrganizationsRequest& request)
                   -> absl::StatusOr<ListOrganizationsResponse> {
                 absl::MutexLock lock(&mutex_);
                 ListOrganizationsResponse reply;
                 for (const auto& [name, organization] : organizations_) {
                   if (absl::StrContains(request.filter(), absl::StrCat("\"", name, "\""))) {
                     *reply.add_organizations() = organization;
                   }
                 }
                 return reply;
               })}},
          {"chanyan.pairing.v1.PairingService",
           {rpc::Unary<ListProjectsRequest, ListProjectsResponse>(
               "ListProjects",
               [this](const rpc::Call&,
                      const ListProjectsRequest& request) -> absl::StatusOr<ListProjectsResponse> {
                 absl::MutexLock lock(&mutex_);
                 CHANYAN_RETURN_IF_ERROR(projects_answer_);
                 ListProjectsResponse reply;
                 for (const pairing::v1::Project& project : projects_) {
                   const auto named = [&](const std::string& one) {
                     return absl::StrContains(request.filter(), absl::StrCat("\"", one, "\""));
                   };
                   if (named(project.university()) || named(project.enterprise())) {
                     *reply.add_projects() = project;
                   }
                 }
                 return reply;
               })}},
          {"chanyan.pairing.v1.AgreementService",
           {rpc::Unary<ListAgreementsRequest, ListAgreementsResponse>(
               "ListAgreements",
               [this](const rpc::Call&,
                      const ListAgreementsRequest&) -> absl::StatusOr<ListAgreementsResponse> {
                 absl::MutexLock lock(&mutex_);
                 CHANYAN_RETURN_IF_ERROR(agreements_answer_);
                 return ListAgreementsResponse();
               })}}};
}

v1::Expert ReviewWorld::AddExpert(const std::string& id, const std::string& category,
                                  const std::string& employer) {
  Add(employer, registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  v1::CreateExpertRequest request;
  v1::Expert& expert = *request.mutable_expert();
  expert.set_person(absl::StrCat("专家", id));
  expert.set_account(absl::StrCat("accounts/", id));
  expert.set_employer(employer);
  expert.set_category(category);
  expert.add_fields("智能装备");
  v1::ExpertTerm* term = expert.add_terms();
  *term->mutable_start_date() = time::ToProto(absl::CivilDay(2025, 1, 1));
  *term->mutable_end_date() = time::ToProto(absl::CivilDay(2026, 12, 31));
  request.set_request_id(api::NewUuid());
  const auto made = experts.CreateExpert(Office("ExpertService.CreateExpert"), request);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? *made : v1::Expert();
}

void ReviewWorld::AddPool() {
  int n = 0;
  for (const auto& [category, count] :
       {std::pair{"technology", 7}, std::pair{"industry", 3}, std::pair{"management", 3}}) {
    for (int i = 0; i < count; ++i, ++n) {
      AddExpert(absl::StrCat("e", n), category, absl::StrCat("organizations/u", n));
    }
  }
}

void ReviewWorld::SetState(v1::ConsortiumState state, const std::string& name) {
  const db::Table<v1::Consortium> table;
  const absl::Status written = database.db().Transact([&](db::Session& session) -> absl::Status {
    absl::StatusOr<v1::Consortium> found = table.Get(session, name);
    v1::Consortium row = found.ok() ? *found : v1::Consortium();
    row.set_state(state);
    api::SetTime(clock.now, row.mutable_state_time());
    if (found.ok()) return table.Update(session, clock.now, &row);
    row.set_name(name);
    row.set_display_name(absl::StrCat("联合体", api::IdOfName(name)));
    row.set_lead_unit(kLead);
    row.set_lead_unit_title("牵头企业");
    row.add_industries("智能装备");
    v1::ConsortiumMember* member = row.add_members();
    member->set_organization(kMember);
    member->set_title("成员大学");
    row.add_participants(kLead);
    row.add_participants(kMember);
    row.mutable_chief_expert()->set_person("首席某");
    row.set_district(kDistrict);
    row.set_office(OfficeOf(*pack));
    row.set_submitted(true);
    return table.Insert(session, clock.now, &row);
  });
  EXPECT_TRUE(written.ok()) << written;
}

absl::StatusOr<v1::ReviewPanel> ReviewWorld::Draw(const std::string& sheet, const std::string& seed,
                                                  const std::string& consortium) {
  v1::CreateReviewPanelRequest request;
  request.set_parent(consortium);
  request.mutable_review_panel()->set_sheet(sheet);
  request.mutable_review_panel()->set_round("2025-1");
  request.mutable_review_panel()->set_seed(seed);
  request.set_request_id(api::NewUuid());
  return reviews.CreateReviewPanel(Office("ReviewService.CreateReviewPanel"), request);
}

std::vector<v1::ReviewAssignment> ReviewWorld::AssignmentsOf(const std::string& panel) {
  v1::ListReviewAssignmentsRequest request;
  request.set_parent(panel);
  const auto page =
      reviews.ListReviewAssignments(Office("ReviewService.ListReviewAssignments"), request);
  EXPECT_TRUE(page.ok()) << page.status();
  if (!page.ok()) return {};
  return {page->review_assignments().begin(), page->review_assignments().end()};
}

v1::ScoreSheet ReviewWorld::SheetOf(const v1::ReviewAssignment& assignment) {
  return Stored<v1::ScoreSheet>(absl::StrCat(assignment.name(), "/sheets/main"));
}

absl::StatusOr<v1::ReviewAssignment> ReviewWorld::Accept(const v1::ReviewAssignment& assignment) {
  auto request = Named<v1::AcceptReviewAssignmentRequest>(assignment.name());
  request.set_no_conflict(true);
  return reviews.AcceptReviewAssignment(Expert(assignment, "ReviewService.AcceptReviewAssignment"),
                                        request);
}

absl::StatusOr<v1::ScoreSheet> ReviewWorld::Fill(const v1::ReviewAssignment& assignment, int off) {
  v1::SaveScoreSheetRequest request;
  v1::ScoreSheet& sheet = *request.mutable_score_sheet();
  sheet.set_name(absl::StrCat(assignment.name(), "/sheets/main"));
  for (const auto& criterion : book.FindSheet(assignment.sheet())->criteria()) {
    v1::CriterionScore* score = sheet.add_scores();
    score->set_criterion(criterion.id());
    score->set_points_tenths(static_cast<int>(criterion.max_tenths()) -
                             (sheet.scores_size() == 1 ? off : 0));
  }
  sheet.set_opinion(absl::StrCat("意见", assignment.account()));
  request.set_request_id(api::NewUuid());
  return reviews.SaveScoreSheet(Expert(assignment, "ReviewService.SaveScoreSheet"), request);
}

absl::StatusOr<v1::ScoreSheet> ReviewWorld::Submit(const v1::ReviewAssignment& assignment) {
  return reviews.SubmitScoreSheet(
      Expert(assignment, "ReviewService.SubmitScoreSheet"),
      Named<v1::SubmitScoreSheetRequest>(absl::StrCat(assignment.name(), "/sheets/main")));
}

absl::StatusOr<v1::ScoreSheet> ReviewWorld::Score(const v1::ReviewAssignment& assignment, int off) {
  CHANYAN_RETURN_IF_ERROR(Accept(assignment).status());
  CHANYAN_RETURN_IF_ERROR(Fill(assignment, off).status());
  return Submit(assignment);
}

v1::ReviewPanel ReviewWorld::Scored(const std::vector<int>& off) {
  const auto panel = Draw();
  EXPECT_TRUE(panel.ok()) << panel.status();
  if (!panel.ok()) return {};
  const auto assignments = AssignmentsOf(panel->name());
  EXPECT_EQ(assignments.size(), off.size());
  for (size_t i = 0; i < std::min(assignments.size(), off.size()); ++i) {
    const auto scored = Score(assignments[i], off[i]);
    EXPECT_TRUE(scored.ok()) << scored.status();
  }
  return Stored<v1::ReviewPanel>(panel->name());
}

std::set<std::string> ReviewWorld::ExpertsOf(const std::string& panel) {
  std::set<std::string> names;
  for (const auto& row : AssignmentsOf(panel)) names.insert(row.expert());
  return names;
}

absl::StatusOr<v1::ReviewPanel> ReviewWorld::Close(const std::string& panel) {
  return reviews.CloseReviewPanel(Office("ReviewService.CloseReviewPanel"),
                                  Named<v1::CloseReviewPanelRequest>(panel));
}

absl::StatusOr<v1::ReviewPanel> ReviewWorld::Recheck(const std::string& panel) {
  return reviews.RecheckReviewPanel(Office("ReviewService.RecheckReviewPanel"),
                                    Named<v1::RecheckReviewPanelRequest>(panel));
}

absl::StatusOr<v1::Expert> ReviewWorld::Declare(const v1::Expert& expert,
                                                const std::string& organization,
                                                v1::InterestKind kind) {
  auto request = Named<v1::DeclareInterestsRequest>(expert.name());
  v1::DeclaredInterest* interest = request.add_interests();
  interest->set_organization(organization);
  interest->set_kind(kind);
  rpc::Call call = As(ROLE_EXPERT, expert.employer(), "ExpertService.DeclareInterests");
  call.principal.account = expert.account();
  return experts.DeclareInterests(call, request);
}

absl::Status ReviewWorld::Gate(absl::Status (ReviewBook::*gate)(rpc::Change&, const v1::Consortium&)
                                   const) {
  return database.db().Transact([&](db::Session& session) -> absl::Status {
    const journal::Origin origin;
    rpc::Change change(session, clock.now, origin);
    CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium row, book.consortia().Get(session, kReviewed));
    return (book.*gate)(change, row);
  });
}

}  // namespace chanyan::consortium
