// How long after its commit something is found (REG-5): published in the registry, in pairing or in
// triage, read from the journal there by the index, pairing's or that of triage's libraries (0012),
// and asked for until it comes. No floor: what is promised is a time.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "chanyan/pairing/v1/discovery.grpc.pb.h"
#include "chanyan/pairing/v1/pairing.grpc.pb.h"
#include "chanyan/registry/v1/instrument.grpc.pb.h"
#include "chanyan/registry/v1/registry.grpc.pb.h"
#include "chanyan/triage/v1/demand.grpc.pb.h"
#include "chanyan/triage/v1/result.grpc.pb.h"
#include "chanyan/triage/v1/search.grpc.pb.h"
#include "common/api/names.h"
#include "common/time/timestamp.h"
#include "tests/perf/ask.h"
#include "tests/perf/clients.h"
#include "tests/perf/load.h"
#include "tests/perf/perf.h"
#include "tools/demo/uscc.h"

namespace chanyan::perf {
namespace {

using registry::v1::RegistryService;

constexpr char kOwner[] = "organizations/perf-findable";
constexpr char kCompany[] = "organizations/perf-findable-company";
constexpr int kCompanyNumber = 988'001;
// Reviews results; the pack's.
constexpr char kOffice[] = "organizations/qdst-cg";
constexpr int kPlatforms = 100;
// Of each other kind.
constexpr int kOthers = 30;
constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(2);

void Ensure(RegistryService::Stub& registry, const std::string& secretariat, const char* name,
            registry::v1::OrganizationKind kind) {
  registry::v1::CreateOrganizationRequest request;
  request.set_organization_id(std::string(api::IdOfName(name)));
  request.mutable_organization()->set_display_name(
      absl::StrCat("检索时效测量单位", api::IdOfName(name), "（演示）"));
  request.mutable_organization()->set_kind(kind);
  request.mutable_organization()->set_demonstration(true);
  if (kind == registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
    request.mutable_organization()->set_unified_social_credit_code(
        demo::InventedUscc("370211", kCompanyNumber));
  }
  request.set_request_id(api::NewUuid());
  Ask<registry::v1::Organization>(registry, &RegistryService::Stub::CreateOrganization, secretariat,
                                  request, "creating an organization", /*may_be_there=*/true);
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

// What becomes findable: makes one whose title is `word` and more, and returns its name.
using Publish = std::function<std::string(const std::string& word)>;
// What is found by a word, best first.
using Find =
    std::function<pairing::v1::SearchResponse(const std::string& token, const std::string& word)>;

// Seconds from the answer on, which is sent after the commit, until it is found, in order.
std::vector<double> TimesOf(const Find& find, int count, const std::function<std::string()>& token,
                            const Publish& publish) {
  std::vector<double> seconds;
  for (int i = 0; i < count; ++i) {
    const std::string word = absl::StrCat("F", absl::AsciiStrToUpper(api::NewShortId()));
    const std::string name = publish(word);
    const std::string searcher = token();
    const Stopwatch watch;
    while (true) {
      const pairing::v1::SearchResponse found = find(searcher, word);
      if (found.hits_size() > 0 && found.hits(0).resource() == name) break;
      if (watch.Seconds() > absl::ToDoubleSeconds(kPatience)) Die(word + " is not found");
      absl::SleepFor(kBetweenLooks);
    }
    seconds.push_back(watch.Seconds());
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

std::string Percentile(const std::vector<double>& seconds, size_t percent) {
  return absl::StrFormat("%.0f ms", 1000 * seconds[(seconds.size() - 1) * percent / 100]);
}

// An instrument that may be opened, without its platform's attachments.
registry::v1::Instrument InstrumentOf(const std::string& platform, const std::string& word) {
  registry::v1::Instrument row;
  row.set_platform(platform);
  row.set_asset_number(word);
  row.set_display_name(word + "电镜（演示）");
  row.set_access_conditions("来样测试");
  row.set_booking_mode(registry::v1::BOOKING_MODE_AUTOMATIC);
  registry::v1::OpeningHours& hours = *row.add_hours();
  hours.set_day(registry::v1::OPENING_DAY_MONDAY);
  hours.set_end_minute(24 * 60);
  registry::v1::Charge& charge = *row.add_charges();
  charge.set_user_type("enterprise");
  charge.set_basis(registry::v1::CHARGE_BASIS_HOUR);
  charge.mutable_price()->set_currency_code("CNY");
  charge.mutable_price()->set_units(200);
  row.set_contact_person("演示联系人");
  row.set_contact_phone("0532-85880000");
  row.set_demonstration(true);
  return row;
}

// One that the office may publish.
triage::v1::Result ResultOf(const std::string& word) {
  triage::v1::Result row;
  row.set_title(word + "成果（演示）");
  row.set_disclosure(triage::v1::DISCLOSURE_OPEN);
  row.set_stage(triage::v1::STAGE_MIDDLE);
  row.add_keywords("演示");
  row.add_industries("海洋装备");
  row.add_fields("海洋");
  row.set_abstract("演示成果，寻求共同开发。");
  row.add_conversion_modes(triage::v1::CONVERSION_MODE_DEVELOPMENT);
  triage::v1::Maturity& maturity = *row.add_maturity();
  maturity.set_scale("trl");
  maturity.set_level(5);
  return row;
}

triage::v1::Demand DemandOf(const std::string& word) {
  triage::v1::Demand row;
  row.set_title(word + "需求（演示）");
  row.set_disclosure(triage::v1::DISCLOSURE_OPEN);
  row.set_kind(triage::v1::DEMAND_KIND_DEVELOPMENT);
  row.add_keywords("演示");
  row.add_fields("海洋");
  row.set_description("演示需求，寻求共同开发。");
  return row;
}

}  // namespace

Figures Findable(const Options& options) {
  const auto registry = RegistryService::NewStub(OwnChannel(options, "registry"));
  const auto instruments =
      registry::v1::InstrumentService::NewStub(OwnChannel(options, "registry"));
  const auto pairing = pairing::v1::PairingService::NewStub(OwnChannel(options, "pairing"));
  const auto discovery = pairing::v1::DiscoveryService::NewStub(OwnChannel(options, "pairing"));
  const auto results = triage::v1::ResultService::NewStub(OwnChannel(options, "triage"));
  const auto demands = triage::v1::DemandService::NewStub(OwnChannel(options, "triage"));
  const auto libraries = triage::v1::LibrarySearchService::NewStub(OwnChannel(options, "triage"));
  const auto secretariat = [&] { return SecretariatToken(options); };
  const auto office = [&] { return TokenOf(options, options::v1::ROLE_RESEARCH_OFFICE, kOwner); };
  const auto company = [&] { return TokenOf(options, options::v1::ROLE_ENTERPRISE, kCompany); };
  const auto bureau = [&] { return TokenOf(options, options::v1::ROLE_DEPARTMENT, kOffice); };
  Ensure(*registry, secretariat(), kOwner, registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  Ensure(*registry, secretariat(), kCompany, registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  std::string platform;
  const auto publish_platform = [&](const std::string& word) {
    platform = Submitted(*registry, office(), absl::StrCat(word, "实验室（演示）"));
    auto publish = Named<registry::v1::PublishPlatformRequest>(platform);
    publish.set_override_reason("测量");
    Ask<registry::v1::Platform>(*registry, &RegistryService::Stub::PublishPlatform, secretariat(),
                                publish, "publishing it");
    return platform;
  };
  const Find by_platforms = [&](const std::string& token, const std::string& word) {
    pairing::v1::SearchRequest request;
    request.set_query(word);
    return Ask<pairing::v1::SearchResponse>(
        *discovery, &pairing::v1::DiscoveryService::Stub::Search, token, request, "searching");
  };
  const Find by_libraries = [&](const std::string& token, const std::string& word) {
    triage::v1::SearchLibrariesRequest request;
    request.set_query(word);
    return Ask<pairing::v1::SearchResponse>(
        *libraries, &triage::v1::LibrarySearchService::Stub::SearchLibraries, token, request,
        "searching the libraries");
  };
  const auto nobody = [] { return std::string(); };
  const std::vector<double> seconds = TimesOf(by_platforms, kPlatforms, nobody, publish_platform);
  Figures figures = {
      {absl::StrFormat("a platform is found after its publication, %d of them: half of them within",
                       kPlatforms),
       Percentile(seconds, 50), "–", 0, ""},
      {"… 99 of 100 within", Percentile(seconds, 99), "–", 0, "< 2 s"},
      {"… the last within", Percentile(seconds, 100), "–", 0, "< 2 s"}};

  struct Kind {
    const char* what;
    const Find& find;
    std::function<std::string()> searcher;
    Publish publish;
  };
  const std::vector<Kind> others = {
      {"an instrument after it was opened", by_platforms, secretariat,
       [&](const std::string& word) {
         registry::v1::CreateInstrumentRequest request;
         request.set_parent(kOwner);
         *request.mutable_instrument() = InstrumentOf(platform, word);
         request.set_request_id(api::NewUuid());
         const std::string name =
             Ask<registry::v1::Instrument>(*instruments,
                                           &registry::v1::InstrumentService::Stub::CreateInstrument,
                                           office(), request, "creating an instrument")
                 .name();
         Ask<registry::v1::Instrument>(
             *instruments, &registry::v1::InstrumentService::Stub::OpenInstrument, office(),
             Named<registry::v1::OpenInstrumentRequest>(name), "opening it");
         return name;
       }},
      {"an intent after its publication, by pairing's own journal", by_platforms, secretariat,
       [&](const std::string& word) {
         pairing::v1::CreateIntentRequest request;
         request.mutable_intent()->set_side(pairing::v1::INTENT_SIDE_OFFER);
         request.mutable_intent()->set_platform(platform);
         request.mutable_intent()->set_title(word + "意向（演示）");
         request.mutable_intent()->add_kinds("技术研发平台");
         request.mutable_intent()->set_content("开放中试线");
         *request.mutable_intent()->mutable_expire_time() =
             time::ToTimestamp(absl::Now() + absl::Hours(24 * 30));
         request.set_request_id(api::NewUuid());
         return Ask<pairing::v1::Intent>(*pairing, &pairing::v1::PairingService::Stub::CreateIntent,
                                         office(), request, "publishing an intent")
             .name();
       }},
      {"a result after its publication, by triage's own journal", by_libraries, nobody,
       [&](const std::string& word) {
         triage::v1::CreateResultRequest request;
         *request.mutable_result() = ResultOf(word);
         request.set_request_id(api::NewUuid());
         const std::string name =
             Ask<triage::v1::Result>(*results, &triage::v1::ResultService::Stub::CreateResult,
                                     office(), request, "entering a result")
                 .name();
         Ask<triage::v1::Result>(*results, &triage::v1::ResultService::Stub::PublishResult,
                                 bureau(), Named<triage::v1::PublishResultRequest>(name),
                                 "publishing it");
         return name;
       }},
      {"a demand after its publication, by triage's own journal", by_libraries, nobody,
       [&](const std::string& word) {
         triage::v1::CreateDemandRequest request;
         *request.mutable_demand() = DemandOf(word);
         request.set_request_id(api::NewUuid());
         const std::string name =
             Ask<triage::v1::Demand>(*demands, &triage::v1::DemandService::Stub::CreateDemand,
                                     company(), request, "entering a demand")
                 .name();
         Ask<triage::v1::Demand>(*demands, &triage::v1::DemandService::Stub::PublishDemand,
                                 company(), Named<triage::v1::PublishDemandRequest>(name),
                                 "publishing it");
         return name;
       }},
      {"a unit after it was entered", by_platforms, secretariat, [&](const std::string& word) {
         registry::v1::CreateOrganizationRequest request;
         request.mutable_organization()->set_display_name(word + "街道（演示）");
         request.mutable_organization()->set_kind(registry::v1::ORGANIZATION_KIND_TOWN);
         request.mutable_organization()->set_demonstration(true);
         request.set_request_id(api::NewUuid());
         return Ask<registry::v1::Organization>(*registry,
                                                &RegistryService::Stub::CreateOrganization,
                                                secretariat(), request, "creating a unit")
             .name();
       }}};
  for (const Kind& one : others) {
    const std::vector<double> times = TimesOf(one.find, kOthers, one.searcher, one.publish);
    figures.push_back(
        {absl::StrFormat("… %s, %d of them: half / the last within", one.what, kOthers),
         absl::StrCat(Percentile(times, 50), " / ", Percentile(times, 100)), "–", 0, "< 2 s"});
  }
  return figures;
}

}  // namespace chanyan::perf
