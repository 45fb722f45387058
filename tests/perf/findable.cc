// How long after its commit a platform is found (REG-5): published in the registry, read from its
// journal by pairing's index, and asked for by the public until it comes. No floor: what is
// promised is a time.
#include <grpcpp/client_context.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "chanyan/pairing/v1/discovery.grpc.pb.h"
#include "chanyan/registry/v1/registry.grpc.pb.h"
#include "common/api/names.h"
#include "tests/perf/clients.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"

namespace chanyan::perf {
namespace {

using registry::v1::RegistryService;

constexpr char kOwner[] = "organizations/perf-findable";
constexpr int kPlatforms = 100;
constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(2);

template <class Reply, class Stub, class Method, class Request>
Reply Ask(Stub& stub, Method method, const std::string& token, const Request& request,
          absl::string_view doing, bool may_be_there = false) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  if (!token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  Reply reply;
  const grpc::Status status = (stub.*method)(&context, request, &reply);
  if (may_be_there && status.error_code() == grpc::StatusCode::ALREADY_EXISTS) return reply;
  if (!status.ok()) Die(absl::StrCat(doing, ": ", status.error_message()));
  return reply;
}

template <class Request>
Request Named(const std::string& name) {
  Request request;
  request.set_name(name);
  request.set_request_id(api::NewUuid());
  return request;
}

void EnsureOwner(RegistryService::Stub& registry, const std::string& secretariat) {
  registry::v1::CreateOrganizationRequest request;
  request.set_organization_id(std::string(api::IdOfName(kOwner)));
  request.mutable_organization()->set_display_name("检索时效测量大学（演示）");
  request.mutable_organization()->set_kind(registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  request.mutable_organization()->set_demonstration(true);
  request.set_request_id(api::NewUuid());
  Ask<registry::v1::Organization>(registry, &RegistryService::Stub::CreateOrganization, secretariat,
                                  request, "creating the owner", /*may_be_there=*/true);
}

// A submitted platform whose name nobody else has.
std::string Submitted(RegistryService::Stub& registry, const std::string& office,
                      const std::string& title) {
  registry::v1::CreatePlatformRequest request;
  request.set_parent(kOwner);
  registry::v1::Platform& platform = *request.mutable_platform();
  platform.set_display_name(title);
  platform.set_kind(registry::v1::PLATFORM_KIND_LABORATORY);
  platform.set_level(registry::v1::PLATFORM_LEVEL_PROVINCIAL);
  platform.set_introduction("演示用的实验室，提供检测与中试服务。");
  platform.add_capabilities("检测认证");
  platform.add_industries("人工智能");
  registry::v1::Service& service = *platform.add_services();
  service.set_title("材料检测");
  service.set_price("面议");
  service.set_booking("电话预约");
  platform.add_contacts()->set_person("演示联系人");
  platform.mutable_contacts(0)->set_phone("0532-85880000");
  platform.set_demonstration(true);
  request.set_request_id(api::NewUuid());
  const auto made = Ask<registry::v1::Platform>(registry, &RegistryService::Stub::CreatePlatform,
                                                office, request, "creating a platform");
  Ask<registry::v1::Platform>(registry, &RegistryService::Stub::SubmitPlatform, office,
                              Named<registry::v1::SubmitPlatformRequest>(made.name()),
                              "submitting it");
  return made.name();
}

}  // namespace

Figures Findable(const Options& options) {
  const auto registry = RegistryService::NewStub(OwnChannel(options, "registry"));
  const auto discovery = pairing::v1::DiscoveryService::NewStub(OwnChannel(options, "pairing"));
  EnsureOwner(*registry, SecretariatToken(options));
  std::vector<double> seconds;
  for (int i = 0; i < kPlatforms; ++i) {
    const std::string word = absl::StrCat("F", absl::AsciiStrToUpper(api::NewShortId()));
    const std::string name =
        Submitted(*registry, TokenOf(options, options::v1::ROLE_RESEARCH_OFFICE, kOwner),
                  absl::StrCat(word, "实验室（演示）"));
    auto publish = Named<registry::v1::PublishPlatformRequest>(name);
    publish.set_override_reason("测量");
    const std::string secretariat = SecretariatToken(options);
    Ask<registry::v1::Platform>(*registry, &RegistryService::Stub::PublishPlatform, secretariat,
                                publish, "publishing it");
    // From the answer on: it is sent after the commit.
    const Stopwatch watch;
    pairing::v1::SearchRequest request;
    request.set_query(word);
    while (true) {
      const auto found = Ask<pairing::v1::SearchResponse>(
          *discovery, &pairing::v1::DiscoveryService::Stub::Search, "", request, "searching");
      if (found.hits_size() > 0 && found.hits(0).resource() == name) break;
      if (watch.Seconds() > absl::ToDoubleSeconds(kPatience)) Die(word + " is not found");
      absl::SleepFor(kBetweenLooks);
    }
    seconds.push_back(watch.Seconds());
  }
  std::sort(seconds.begin(), seconds.end());
  const auto of = [&](size_t percent) {
    return absl::StrFormat("%.0f ms", 1000 * seconds[(seconds.size() - 1) * percent / 100]);
  };
  return {{absl::StrFormat("a platform is found after its publication, %d of them: half of them "
                           "within",
                           kPlatforms),
           of(50), "–", 0, ""},
          {"… 99 of 100 within", of(99), "–", 0, "< 2 s"},
          {"… the last within", of(100), "–", 0, "< 2 s"}};
}

}  // namespace chanyan::perf
