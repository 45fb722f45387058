// A directory in small for tests of what happens to organizations: both services of the registry
// over one database, with a clock that the test moves.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "services/registry/directory_service.h"
#include "services/registry/registry_service.h"
#include "tests/support/ask.h"
#include "tests/support/named.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::registry {

inline constexpr char kOuc[] = "organizations/ouc";
inline constexpr char kUpc[] = "organizations/upc";

class RegistryWorld : public testing::NamedRequests {
 public:
  RegistryWorld()
      : database(testing::ComponentsOf("registry")),
        pack(testing::ShippedPack()),
        service({{database.db(), clock, nullptr}, *pack}),
        directory({{database.db(), clock, nullptr}, *pack}) {}

  static rpc::Call As(options::v1::Role role, absl::string_view organization,
                      absl::string_view method) {
    const auto* pool = google::protobuf::DescriptorPool::generated_pool();
    const std::string one = absl::StrCat("chanyan.registry.v1.RegistryService.", method);
    const std::string other = absl::StrCat("chanyan.registry.v1.DirectoryService.", method);
    return testing::CallAs(role, organization,
                           pool->FindMethodByName(one) != nullptr ? one : other);
  }
  static rpc::Call Secretariat(absl::string_view method) {
    return As(options::v1::ROLE_SECRETARIAT, "organizations/secretariat", method);
  }

  absl::StatusOr<v1::Organization> Create(const std::string& id, const std::string& title,
                                          v1::OrganizationKind kind, int code = 0,
                                          const std::string& unit = "") {
    v1::CreateOrganizationRequest request;
    request.set_organization_id(id);
    request.mutable_organization()->set_display_name(title);
    request.mutable_organization()->set_kind(kind);
    request.mutable_organization()->set_unit(unit);
    if (code > 0) {
      request.mutable_organization()->set_unified_social_credit_code(testing::CreditCode(code));
    }
    request.set_request_id(api::NewUuid());
    return service.CreateOrganization(Secretariat("CreateOrganization"), request);
  }
  // organizations/{id}.
  std::string Make(const std::string& id, const std::string& title, v1::OrganizationKind kind,
                   int code = 0, const std::string& unit = "") {
    const auto made = Create(id, title, kind, code, unit);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : "";
  }
  std::string Enterprise(int number, const std::string& title = "", const std::string& unit = "") {
    return Make(absl::StrCat("e", number),
                title.empty() ? absl::StrCat("企业", number, "（演示）") : title,
                v1::ORGANIZATION_KIND_ENTERPRISE, number, unit);
  }
  absl::StatusOr<v1::Organization> Get(const rpc::Call& call, const std::string& name) {
    v1::GetOrganizationRequest request;
    request.set_name(name);
    return testing::Ask<v1::Organization>(service, "GetOrganization", call, request);
  }
  v1::Organization At(const std::string& name) {
    const auto row = Get(Secretariat("GetOrganization"), name);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? *row : v1::Organization();
  }
  absl::StatusOr<v1::Organization> Rename(const std::string& name, const std::string& title) {
    v1::UpdateOrganizationRequest request;
    request.mutable_organization()->set_name(name);
    request.mutable_organization()->set_display_name(title);
    request.mutable_update_mask()->add_paths("display_name");
    request.set_reason("工商变更登记");
    request.set_document("准予变更登记通知书（演示）");
    request.set_request_id(api::NewUuid());
    return service.UpdateOrganization(Secretariat("UpdateOrganization"), request);
  }
  static v1::MergeOrganizationRequest Merger(const std::string& from, const std::string& into) {
    auto request = Named<v1::MergeOrganizationRequest>(from);
    request.set_into(into);
    request.set_reason("吸收合并");
    request.set_document("合并协议（演示）");
    return request;
  }
  absl::StatusOr<v1::MergeOrganizationResponse> Merge(const std::string& from,
                                                      const std::string& into) {
    return service.MergeOrganization(Secretariat("MergeOrganization"), Merger(from, into));
  }
  absl::StatusOr<v1::Platform> CreatePlatform(const std::string& owner, const std::string& id,
                                              const std::string& title) {
    v1::CreatePlatformRequest request;
    request.set_parent(owner);
    request.set_platform_id(id);
    request.mutable_platform()->set_display_name(title);
    request.mutable_platform()->set_kind(v1::PLATFORM_KIND_LABORATORY);
    request.mutable_platform()->set_introduction("介绍");
    request.mutable_platform()->add_capabilities("样机试验");
    v1::Contact* contact = request.mutable_platform()->add_contacts();
    contact->set_person("王老师");
    contact->set_phone("0532-82345678");
    request.set_request_id(api::NewUuid());
    return service.CreatePlatform(As(options::v1::ROLE_RESEARCH_OFFICE, owner, "CreatePlatform"),
                                  request);
  }
  std::string Platform(const std::string& owner, const std::string& id, const std::string& title) {
    const auto made = CreatePlatform(owner, id, title);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->name() : "";
  }
  v1::Platform PlatformAt(const std::string& name) {
    v1::GetPlatformRequest request;
    request.set_name(name);
    const auto row =
        testing::Ask<v1::Platform>(service, "GetPlatform", Secretariat("GetPlatform"), request);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? *row : v1::Platform();
  }
  // Names of the platforms of `parent`.
  std::vector<std::string> PlatformsOf(const std::string& parent) {
    v1::ListPlatformsRequest request;
    request.set_parent(parent);
    request.set_page_size(1);
    std::vector<std::string> names;
    do {
      const auto page = service.ListPlatforms(Secretariat("ListPlatforms"), request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      for (const auto& platform : page->platforms()) names.push_back(platform.name());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  }
  // "day kind sentence".
  std::vector<std::string> History(const std::string& name) {
    v1::ListOrganizationEventsRequest request;
    request.set_parent(name);
    const auto page =
        directory.ListOrganizationEvents(Secretariat("ListOrganizationEvents"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> lines;
    if (!page.ok()) return lines;
    for (const auto& event : page->events()) {
      lines.push_back(absl::StrCat(event.effective_date().month(), "-",
                                   event.effective_date().day(), " ", event.summary()));
    }
    return lines;
  }
  // "resource name found kind" of each match.
  std::vector<std::string> Lookup(const rpc::Call& call, const std::string& text) {
    v1::LookupOrganizationsRequest request;
    request.set_text(text);
    const auto reply = directory.LookupOrganizations(call, request);
    EXPECT_TRUE(reply.ok()) << reply.status();
    std::vector<std::string> lines;
    if (!reply.ok()) return lines;
    for (const auto& match : reply->matches()) {
      lines.push_back(absl::StrCat(api::IdOfName(match.organization().name()), " ",
                                   api::IdOfName(match.found()), " ",
                                   v1::OrganizationMatchKind_Name(match.kind()).substr(24)));
    }
    return lines;
  }
  std::vector<std::string> Lookup(const std::string& text) {
    return Lookup(Secretariat("LookupOrganizations"), text);
  }
  std::vector<std::string> Texts(absl::string_view sql) {
    return testing::Texts(database.db(), sql);
  }
  int64_t Count(const std::string& from) {
    return std::stoll(Texts(absl::StrCat("SELECT COUNT(*) FROM ", from)).at(0));
  }

  testing::FakeClock clock;
  testing::TestDatabase database;
  std::unique_ptr<const policy::Pack> pack;
  RegistryService service;
  DirectoryService directory;
};

}  // namespace chanyan::registry
