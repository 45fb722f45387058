#include "tests/service/pairing/city.h"
#include "tests/support/ask.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/journal/follower.h"
#include "common/journal/reader.h"
#include "common/journal/sealer.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/pairing/project_history.h"

namespace chanyan::pairing {
namespace {

// Organizations of one answer of the fake: paging is used.
constexpr size_t kPage = 200;

template <class Request>
Request Named(const std::string& name) {
  Request request;
  request.set_name(name);
  request.set_request_id(api::NewUuid());
  return request;
}

}  // namespace

City::City(const std::string& city)
    : database(testing::ComponentsOf("pairing")),
      pack(testing::ShippedPack(city)),
      peer("chanyan.registry.v1.RegistryService", Registry()),
      service({{database.db(), clock, nullptr}, *pack, peer.peers()}),
      coverage_service({{database.db(), clock, nullptr}, *pack}),
      cooperation_service({{database.db(), clock, nullptr}, *pack, peer.peers()}),
      contacts({{database.db(), clock, nullptr}, *pack, peer.peers()}),
      agreements({{database.db(), clock, nullptr}, *pack, peer.peers()}),
      reports({{database.db(), clock, nullptr}, *pack, peer.peers()}),
      problems({{database.db(), clock, nullptr}, *pack, peer.peers()}),
      outcomes({{database.db(), clock, nullptr}, *pack, peer.peers()}),
      sheets({{database.db(), clock, nullptr}, *pack, peer.peers()}) {
  Add(kOuc, "海洋大学（演示）", registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  Add(kUpc, "石油大学（演示）", registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  Add(kZone, "古镇口（演示）", registry::v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE);
  Add(kTown, "泊里镇（演示）", registry::v1::ORGANIZATION_KIND_TOWN);
  AddEnterprise(1, kZone);
  AddEnterprise(2, kZone);
  AddEnterprise(3, kTown);
  for (const char* name : {kLab, kCenter, kDraft}) {
    registry::v1::Platform platform;
    platform.set_name(name);
    platform.set_organization(std::string(api::ParentOfName(name)));
    platform.set_display_name(absl::StrCat(api::IdOfName(name), "平台（演示）"));
    platform.set_organization_title(organizations_[platform.organization()].display_name());
    platform.set_state(std::string(name) == kDraft ? registry::v1::PLATFORM_STATE_DRAFT
                                                   : registry::v1::PLATFORM_STATE_PUBLISHED);
    platforms_[name] = platform;
  }
}

std::string City::Enterprise(int number) { return absl::StrCat("organizations/e", number); }

rpc::Call City::As(options::v1::Role role, absl::string_view organization,
                   absl::string_view method) {
  rpc::Call call = testing::CallAs(
      role, organization,
      absl::StrCat("chanyan.pairing.v1.", absl::StrContains(method, '.') ? "" : "PairingService.",
                   method));
  if (!organization.empty()) {
    call.principal.account = absl::StrCat("accounts/", api::IdOfName(organization));
  }
  return call;
}

absl::StatusOr<int> City::RingAlarms() {
  const Ring problem = [this](db::Session& session, absl::Time now, const Alarm& alarm) {
    return problems.book().Ring(session, now, alarm);
  };
  return RingDue(
      database.db(), clock,
      {{kUnanswered, [this](db::Session& session, absl::Time now,
                            const Alarm& alarm) { return contacts.Ring(session, now, alarm); }},
       {kReminder, problem},
       {kEscalation, problem}});
}

v1::DocumentReference Document(const std::string& file_name) {
  v1::DocumentReference document;
  document.set_file_name(file_name);
  document.set_sha256(api::Sha256Hex(file_name));
  document.set_size_bytes(1024);
  document.set_media_type("application/pdf");
  return document;
}

void City::Add(const std::string& name, const std::string& title,
               registry::v1::OrganizationKind kind, const std::string& unit,
               const std::string& code) {
  absl::MutexLock lock(&mutex_);
  registry::v1::Organization& organization = organizations_[name];
  organization.set_name(name);
  organization.set_display_name(title);
  organization.set_kind(kind);
  organization.set_unit(unit);
  organization.set_unified_social_credit_code(code);
  organization.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
}

void City::AddEnterprise(int number, const std::string& unit) {
  Add(Enterprise(number), absl::StrCat("企业", number, "（演示）"),
      registry::v1::ORGANIZATION_KIND_ENTERPRISE, unit, testing::CreditCode(number));
}

std::vector<rpc::UnaryMethod> City::Registry() {
  using registry::v1::GetOrganizationRequest;
  using registry::v1::GetPlatformRequest;
  using registry::v1::ListOrganizationsRequest;
  using registry::v1::ListOrganizationsResponse;
  using registry::v1::ListPlatformsRequest;
  using registry::v1::ListPlatformsResponse;
  using registry::v1::Organization;
  using registry::v1::Platform;
  return {
      rpc::Unary<GetPlatformRequest, Platform>(
          "GetPlatform",
          [this](const rpc::Call&, const GetPlatformRequest& request) -> absl::StatusOr<Platform> {
            absl::MutexLock lock(&mutex_);
            const auto found = platforms_.find(request.name());
            if (found == platforms_.end()) return status::NotFound(request.name());
            return found->second;
          }),
      rpc::Unary<GetOrganizationRequest, Organization>(
          "GetOrganization",
          [this](const rpc::Call&,
                 const GetOrganizationRequest& request) -> absl::StatusOr<Organization> {
            Organization reply;
            {
              absl::MutexLock lock(&mutex_);
              const auto found = organizations_.find(request.name());
              if (found == organizations_.end()) return status::NotFound(request.name());
              reply = found->second;
            }
            Asked();
            return reply;
          }),
      rpc::Unary<ListOrganizationsRequest, ListOrganizationsResponse>(
          "ListOrganizations",
          [this](const rpc::Call&, const ListOrganizationsRequest& request)
              -> absl::StatusOr<ListOrganizationsResponse> {
            ListOrganizationsResponse reply;
            {
              absl::MutexLock lock(&mutex_);
              auto at = organizations_.upper_bound(request.page_token());
              for (; at != organizations_.end(); ++at) {
                *reply.add_organizations() = at->second;
                if (static_cast<size_t>(reply.organizations_size()) == kPage) {
                  reply.set_next_page_token(at->first);
                  break;
                }
              }
            }
            if (reply.next_page_token().empty()) Asked();
            return reply;
          }),
      rpc::Unary<ListPlatformsRequest, ListPlatformsResponse>(
          "ListPlatforms",
          [this](const rpc::Call&,
                 const ListPlatformsRequest& request) -> absl::StatusOr<ListPlatformsResponse> {
            absl::MutexLock lock(&mutex_);
            ListPlatformsResponse reply;
            for (const auto& [name, platform] : platforms_) {
              if (request.parent() == "organizations/-" ||
                  platform.organization() == request.parent()) {
                *reply.add_platforms() = platform;
              }
            }
            return reply;
          })};
}

void City::Asked() {
  std::function<void()> asked;
  {
    absl::MutexLock lock(&mutex_);
    asked.swap(asked_);
  }
  if (asked) asked();
}

v1::CreateProjectRequest City::NewProject(const std::string& platform, int enterprise) {
  v1::CreateProjectRequest request;
  request.mutable_project()->set_platform(platform);
  request.mutable_project()->set_enterprise(Enterprise(enterprise));
  request.mutable_project()->set_title("共建中试线（演示）");
  request.mutable_project()->add_kinds("技术研发");
  request.mutable_project()->set_content("共建中试线");
  request.set_request_id(api::NewUuid());
  return request;
}

absl::StatusOr<v1::Project> City::Create(const v1::CreateProjectRequest& request,
                                         const std::string& university) {
  return service.CreateProject(As(options::v1::ROLE_RESEARCH_OFFICE, university, "CreateProject"),
                               request);
}

absl::StatusOr<v1::Project> City::Do(const std::string& verb, const std::string& name,
                                     const std::string& university) {
  const auto call = [&](absl::string_view method) {
    return As(options::v1::ROLE_RESEARCH_OFFICE, university, method);
  };
  if (verb == "negotiate") {
    return service.NegotiateProject(call("NegotiateProject"),
                                    Named<v1::NegotiateProjectRequest>(name));
  }
  if (verb == "sign") {
    auto request = Named<v1::SignProjectRequest>(name);
    *request.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 3, 31));
    request.set_override_reason("协议文本后补（演示）");
    return service.SignProject(call("SignProject"), request);
  }
  if (verb == "start") {
    return service.StartProject(call("StartProject"), Named<v1::StartProjectRequest>(name));
  }
  if (verb == "complete") {
    return service.CompleteProject(call("CompleteProject"),
                                   Named<v1::CompleteProjectRequest>(name));
  }
  auto request = Named<v1::TerminateProjectRequest>(name);
  request.set_reason("企业转产");
  return service.TerminateProject(call("TerminateProject"), request);
}

v1::Project City::In(v1::ProjectState state, const std::string& platform, int enterprise) {
  const std::string university(api::ParentOfName(platform));
  const auto made = Create(NewProject(platform, enterprise), university);
  EXPECT_TRUE(made.ok()) << made.status();
  if (!made.ok()) return {};
  std::vector<std::string> verbs;
  if (state == v1::PROJECT_STATE_NEGOTIATING) verbs = {"negotiate"};
  if (state == v1::PROJECT_STATE_SIGNED) verbs = {"sign"};
  if (state == v1::PROJECT_STATE_BUILDING) verbs = {"sign", "start"};
  if (state == v1::PROJECT_STATE_COMPLETED) verbs = {"sign", "start", "complete"};
  if (state == v1::PROJECT_STATE_TERMINATED) verbs = {"terminate"};
  for (const std::string& verb : verbs) {
    const auto done = Do(verb, made->name(), university);
    EXPECT_TRUE(done.ok()) << verb << ": " << done.status();
  }
  const v1::Project row = Stored(made->name());
  EXPECT_EQ(row.state(), state);
  return row;
}

v1::Project City::Stored(const std::string& name) {
  v1::GetProjectRequest request;
  request.set_name(name);
  const auto row =
      testing::Ask<v1::Project>(service, "GetProject", Secretariat("GetProject"), request);
  EXPECT_TRUE(row.ok()) << row.status();
  return row.ok() ? *row : v1::Project();
}

absl::StatusOr<v1::RecordReportsResponse> City::Record(const std::string& quarter,
                                                       const std::vector<v1::Report>& reports,
                                                       const std::string& request_id) {
  v1::RecordReportsRequest request;
  request.set_quarter(quarter);
  request.mutable_reports()->Assign(reports.begin(), reports.end());
  request.set_request_id(request_id.empty() ? api::NewUuid() : request_id);
  return service.RecordReports(As(options::v1::ROLE_SERVICE, "", "RecordReports"), request);
}

v1::Report City::ReportOf(const std::string& platform, int enterprise, v1::ProjectState state) {
  v1::Report report;
  report.set_row(absl::StrCat("cycles/2025q2/forms/f/rows/", api::IdOfName(platform), enterprise));
  report.set_platform(platform);
  report.set_platform_title("实验室（演示）");
  report.set_enterprise(Enterprise(enterprise));
  report.set_enterprise_title(absl::StrCat("企业", enterprise, "（演示）"));
  report.set_unit(kZone);
  report.set_title("共建中试线（演示）");
  report.add_kinds("技术研发");
  report.set_content("共建中试线");
  report.set_state(state);
  if (state != v1::PROJECT_STATE_INTENT) {
    *report.mutable_sign_date() = time::ToProto(absl::CivilDay(2025, 3, 1));
  }
  report.set_progress("设备到位");
  return report;
}

v1::RosterEntry City::EntryOf(int enterprise, const std::string& zone,
                              const std::string& industry) {
  v1::RosterEntry entry;
  entry.set_enterprise_title(absl::StrCat("企业", enterprise, "（演示）"));
  entry.set_unified_social_credit_code(testing::CreditCode(enterprise));
  entry.set_zone(zone);
  entry.set_industry(industry);
  return entry;
}

absl::StatusOr<v1::Roster> City::ImportRoster(const std::vector<v1::RosterEntry>& rows,
                                              const std::string& name, bool dry_run) {
  v1::ImportRosterRequest request;
  request.set_name(name);
  *request.mutable_file() = testing::Upload(rows);
  request.set_file_name("名册.xlsx");
  request.set_validate_only(dry_run);
  request.set_request_id(api::NewUuid());
  return service.ImportRoster(Secretariat("ImportRoster"), request);
}

absl::StatusOr<v1::Coverage> City::Coverage(const rpc::Call& call, v1::CoverageGrouping grouping) {
  v1::QueryCoverageRequest request;
  request.set_group_by(grouping);
  return service.QueryCoverage(call, request);
}

std::unique_ptr<db::Lease> City::JobLease(const std::string& owner) {
  auto lease = std::make_unique<db::Lease>(database.db(), "pairing-jobs", owner, absl::Minutes(3));
  const absl::Status taken = lease->Acquire();
  EXPECT_TRUE(taken.ok()) << taken;
  return lease;
}

void City::FollowOwnJournal() {
  db::Lease sealer(database.db(), "sealer", "test", absl::Minutes(1));
  ASSERT_TRUE(sealer.Acquire().ok());
  while (true) {
    const absl::StatusOr<int> sealed = journal::SealOnce(database.db(), sealer);
    ASSERT_TRUE(sealed.ok()) << sealed.status();
    if (*sealed == 0) break;
  }
  const auto read = [this](int64_t after_seq, int limit) {
    std::vector<journal::v1::Entry> entries;
    const absl::Status status = database.db().Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(entries, journal::SealedAfter(session, after_seq, limit));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return absl::StatusOr<std::vector<journal::v1::Entry>>(std::move(entries));
  };
  journal::Follower follower(
      {database.db(), clock, log::Logger("test", log::Level::kError), read,
       [](db::Session& session, absl::Time, const journal::v1::Entry& entry) {
         return FollowProjects(session, entry);
       }},
      {.name = "pairing<pairing"});
  while (true) {
    const absl::StatusOr<int> done = follower.FollowOnce();
    ASSERT_TRUE(done.ok()) << done.status();
    if (*done == 0) return;
  }
}

}  // namespace chanyan::pairing
