#include "tests/service/cycle/fake_peers.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/fields.h"
#include "common/api/filter.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::cycle {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// `field = value` over texts and enums, >= and < over times, AND and OR: what directory.cc asks.
bool Holds(const api::Filter& filter, const Message& row) {
  const auto child = [&](const api::Filter& one) { return Holds(one, row); };
  switch (filter.kind) {
    case api::Filter::Kind::kAll:
      return true;
    case api::Filter::Kind::kAnd:
      return std::all_of(filter.children.begin(), filter.children.end(), child);
    case api::Filter::Kind::kOr:
      return std::any_of(filter.children.begin(), filter.children.end(), child);
    case api::Filter::Kind::kNot:
      return !child(filter.children[0]);
    case api::Filter::Kind::kCompare:
      break;
  }
  const FieldDescriptor* field = row.GetDescriptor()->FindFieldByName(filter.field_name);
  EXPECT_NE(field, nullptr) << filter.field_name;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const auto& time = static_cast<const google::protobuf::Timestamp&>(
        row.GetReflection()->GetMessage(row, field));
    absl::Time literal;
    std::string error;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, filter.literal, &literal, &error)) << error;
    if (filter.op == api::FilterOp::kGe) return time::ToTime(time) >= literal;
    EXPECT_EQ(filter.op, api::FilterOp::kLt);
    return time::ToTime(time) < literal;
  }
  EXPECT_EQ(filter.op, api::FilterOp::kEq);
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    return api::ShortName(row.GetReflection()->GetEnum(row, field)) == filter.literal;
  }
  return row.GetReflection()->GetString(row, field) == filter.literal;
}

// A page of two, so that paging is used.
constexpr size_t kPage = 2;

template <class Request, class Rows, class Add>
std::string Page(const Request& request, const Rows& rows, absl::string_view prefix, Add add) {
  const auto filter = api::ParseFilter(request.filter());
  EXPECT_TRUE(filter.ok()) << filter.status();
  size_t given = 0;
  for (const auto& [name, row] : rows) {
    if (name <= request.page_token() || !absl::StartsWith(name, prefix)) continue;
    if (!Holds(*filter, row)) continue;
    *add() = row;
    if (++given == kPage) return name;
  }
  return "";
}

// Every other method of the service, refused.
std::vector<rpc::UnaryMethod> WithTheRest(const char* service,
                                          std::vector<rpc::UnaryMethod> methods) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
  for (int i = 0; i < descriptor->method_count(); ++i) {
    const auto* method = descriptor->method(i);
    if (std::any_of(methods.begin(), methods.end(),
                    [&](const auto& known) { return known.name == method->name(); })) {
      continue;
    }
    rpc::UnaryMethod& rest = methods.emplace_back();
    rest.name = method->name();
    rest.request_prototype =
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->input_type());
    rest.reply_type = method->output_type();
    rest.answer = [](const rpc::Call&, const Message&, grpc::ByteBuffer*) {
      return status::Internal("the fake has no such method");
    };
  }
  return methods;
}

}  // namespace

absl::StatusOr<auth::Principal> FakePeers::AnyAuthenticator::Authenticate(
    absl::string_view bearer) {
  options::v1::Role role = options::v1::ROLE_SERVICE;
  (void)options::v1::Role_Parse(std::string(bearer), &role);
  auth::Principal principal;
  principal.account = "apiClients/cycle";
  principal.roles = {role};
  return principal;
}

void FakePeers::Add(registry::v1::Organization organization) {
  organizations_[organization.name()] = std::move(organization);
}
void FakePeers::Add(registry::v1::Platform platform) {
  platforms_[platform.name()] = std::move(platform);
}
void FakePeers::Add(pairing::v1::Project project) {
  projects_[project.name()] = std::move(project);
}

void FakePeers::Add(pairing::v1::Problem problem) {
  problems_[problem.name()] = std::move(problem);
}

void FakePeers::Add(pairing::v1::Intent intent) { intents_[intent.name()] = std::move(intent); }

void FakePeers::Merge(const std::string& from, const std::string& into) {
  registry::v1::Organization& gone = organizations_[from];
  registry::v1::Organization& survivor = organizations_[into];
  for (const auto& earlier : gone.absorbed()) {
    *survivor.add_absorbed() = earlier;
    organizations_[earlier.organization()].set_merged_into(into);
  }
  auto* absorbed = survivor.add_absorbed();
  absorbed->set_organization(from);
  absorbed->set_display_name(gone.display_name());
  absorbed->set_unified_social_credit_code(gone.unified_social_credit_code());
  gone.clear_absorbed();
  gone.set_state(registry::v1::ORGANIZATION_STATE_MERGED);
  gone.set_merged_into(into);
  for (auto& [name, platform] : platforms_) {
    if (platform.organization() != from) continue;
    platform.set_organization(into);
    platform.set_organization_title(survivor.display_name());
  }
  for (auto& [name, organization] : organizations_) {
    if (organization.unit() == from) organization.set_unit(into);
  }
}

std::vector<rpc::UnaryMethod> FakePeers::Registry() {
  using registry::v1::GetOrganizationRequest;
  using registry::v1::ListOrganizationsRequest;
  using registry::v1::ListOrganizationsResponse;
  using registry::v1::ListPlatformsRequest;
  using registry::v1::ListPlatformsResponse;
  using registry::v1::Organization;
  return WithTheRest(
      "chanyan.registry.v1.RegistryService",
      {rpc::Unary<GetOrganizationRequest, Organization>(
           "GetOrganization",
           [this](const rpc::Call&,
                  const GetOrganizationRequest& request) -> absl::StatusOr<Organization> {
             absl::MutexLock lock(&mutex_);
             const auto found = organizations_.find(request.name());
             if (found == organizations_.end()) return status::NotFound(request.name());
             return found->second;
           }),
       rpc::Unary<ListOrganizationsRequest, ListOrganizationsResponse>(
           "ListOrganizations",
           [this](const rpc::Call&, const ListOrganizationsRequest& request)
               -> absl::StatusOr<ListOrganizationsResponse> {
             absl::MutexLock lock(&mutex_);
             ListOrganizationsResponse reply;
             reply.set_next_page_token(
                 Page(request, organizations_, "", [&] { return reply.add_organizations(); }));
             return reply;
           }),
       rpc::Unary<ListPlatformsRequest, ListPlatformsResponse>(
           "ListPlatforms",
           [this](const rpc::Call&,
                  const ListPlatformsRequest& request) -> absl::StatusOr<ListPlatformsResponse> {
             absl::MutexLock lock(&mutex_);
             ListPlatformsResponse reply;
             // By owner, as the registry does.
             std::map<std::string, registry::v1::Platform> asked = platforms_;
             if (request.parent() != "organizations/-") {
               std::erase_if(asked, [&](const auto& one) {
                 return one.second.organization() != request.parent();
               });
             }
             reply.set_next_page_token(
                 Page(request, asked, "", [&] { return reply.add_platforms(); }));
             return reply;
           })});
}

std::vector<rpc::UnaryMethod> FakePeers::Pairing() {
  using pairing::v1::ListIntentsRequest;
  using pairing::v1::ListIntentsResponse;
  using pairing::v1::ListProjectsRequest;
  using pairing::v1::ListProjectsResponse;
  using pairing::v1::RecordReportsRequest;
  using pairing::v1::RecordReportsResponse;
  return WithTheRest(
      "chanyan.pairing.v1.PairingService",
      {rpc::Unary<ListProjectsRequest, ListProjectsResponse>(
           "ListProjects",
           [this](const rpc::Call&,
                  const ListProjectsRequest& request) -> absl::StatusOr<ListProjectsResponse> {
             absl::MutexLock lock(&mutex_);
             ListProjectsResponse reply;
             reply.set_next_page_token(
                 Page(request, projects_, "", [&] { return reply.add_projects(); }));
             return reply;
           }),
       rpc::Unary<ListIntentsRequest, ListIntentsResponse>(
           "ListIntents",
           [this](const rpc::Call&,
                  const ListIntentsRequest& request) -> absl::StatusOr<ListIntentsResponse> {
             absl::MutexLock lock(&mutex_);
             ListIntentsResponse reply;
             reply.set_next_page_token(
                 Page(request, intents_, "", [&] { return reply.add_intents(); }));
             return reply;
           }),
       rpc::Unary<RecordReportsRequest, RecordReportsResponse>(
           "RecordReports",
           [this](const rpc::Call&,
                  const RecordReportsRequest& request) -> absl::StatusOr<RecordReportsResponse> {
             absl::MutexLock lock(&mutex_);
             const auto [reply, fresh] = replies_.try_emplace(request.request_id());
             if (!fresh) return reply->second;
             recorded.push_back(request);
             for (const auto& report : request.reports()) {
               auto* outcome = reply->second.add_outcomes();
               outcome->set_row(report.row());
               if (report.enterprise() == refused_enterprise) {
                 outcome->set_refusal("项目已终止");
               } else {
                 outcome->set_project("projects/p1");
               }
             }
             return reply->second;
           })});
}

std::vector<rpc::UnaryMethod> FakePeers::Problems() {
  using pairing::v1::ListProblemsRequest;
  using pairing::v1::ListProblemsResponse;
  return WithTheRest(
      "chanyan.pairing.v1.ProblemService",
      {rpc::Unary<ListProblemsRequest, ListProblemsResponse>(
          "ListProblems",
          [this](const rpc::Call& call,
                 const ListProblemsRequest& request) -> absl::StatusOr<ListProblemsResponse> {
            EXPECT_EQ(request.parent(), "projects/-");
            EXPECT_TRUE(call.principal.Has(options::v1::ROLE_SERVICE)) << "asked by the service";
            absl::MutexLock lock(&mutex_);
            ListProblemsResponse reply;
            reply.set_next_page_token(
                Page(request, problems_, "", [&] { return reply.add_problems(); }));
            return reply;
          })});
}

FakePeers::FakePeers() {
  socket_ = absl::StrCat(std::filesystem::temp_directory_path().string(), "/cy-", api::NewShortId(),
                         ".sock");
  server_ =
      std::make_unique<rpc::Server>(rpc::Server::Options{absl::StrCat("unix:", socket_), 2, 1},
                                    rpc::Server::Deps{log_, server_metrics_, authenticator_});
  server_->Register("chanyan.registry.v1.RegistryService", Registry());
  server_->Register("chanyan.pairing.v1.PairingService", Pairing());
  server_->Register("chanyan.pairing.v1.ProblemService", Problems());
  const absl::Status started = server_->Start();
  EXPECT_TRUE(started.ok()) << started;
  server_->SetServing(true);
  const std::string target = absl::StrCat("unix:", socket_);
  peers_ = std::make_unique<rpc::Peers>(
      absl::flat_hash_map<std::string, std::string>{{"registry", target}, {"pairing", target}},
      rpc::Peers::Deps{clock_, client_metrics_});
  peers_->SetTokenSource(&token_);
}

FakePeers::~FakePeers() {
  peers_.reset();
  server_->Shutdown(absl::InfinitePast());
  unlink(socket_.c_str());
}

}  // namespace chanyan::cycle
