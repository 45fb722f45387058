// Organizations and platforms of a registry of its own, with a clock that the test moves: what
// tests of its calls have in common.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "services/registry/registry_service.h"
#include "tests/service/registry/registry_world.h"
#include "tests/support/ask.h"
#include "tests/support/named.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::registry {

class RegistryTest : public ::testing::Test, protected testing::NamedRequests {
 protected:
  RegistryTest()
      : database_(testing::ComponentsOf("registry")),
        pack_(testing::ShippedPack()),
        service_({{database_.db(), clock_, nullptr}, *pack_}) {
    Make("ouc", "海洋大学（演示）", v1::ORGANIZATION_KIND_UNIVERSITY);
    Make("upc", "石油大学（演示）", v1::ORGANIZATION_KIND_UNIVERSITY);
    Make("zone", "古镇口（演示）", v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE);
    Make("town", "泊里镇（演示）", v1::ORGANIZATION_KIND_TOWN);
  }

  static constexpr char kZone[] = "organizations/zone";

  static std::string PlacesOf(const absl::Status& status) {
    std::string out;
    for (const status::Violation& violation : status::ViolationsOf(status)) {
      absl::StrAppend(&out, violation.field, "|", violation.description, "\n");
    }
    return out;
  }

  static rpc::Call As(options::v1::Role role, absl::string_view organization,
                      absl::string_view method) {
    return testing::CallAs(role, organization,
                           absl::StrCat("chanyan.registry.v1.RegistryService.", method));
  }
  static rpc::Call Secretariat(absl::string_view method) {
    return As(options::v1::ROLE_SECRETARIAT, "organizations/secretariat", method);
  }

  static v1::CreateOrganizationRequest NewOrganization(const std::string& id,
                                                       const std::string& title,
                                                       v1::OrganizationKind kind, int code = 0) {
    v1::CreateOrganizationRequest request;
    request.set_organization_id(id);
    request.mutable_organization()->set_display_name(title);
    request.mutable_organization()->set_kind(kind);
    if (code > 0) {
      request.mutable_organization()->set_unified_social_credit_code(testing::CreditCode(code));
    }
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::Organization> Create(const v1::CreateOrganizationRequest& request) {
    return service_.CreateOrganization(Secretariat("CreateOrganization"), request);
  }
  void Make(const std::string& id, const std::string& title, v1::OrganizationKind kind) {
    const auto made = Create(NewOrganization(id, title, kind));
    ASSERT_TRUE(made.ok()) << made.status();
  }
  v1::Organization Enterprise(int number, const std::string& unit = "") {
    auto request =
        NewOrganization(absl::StrCat("e", number), absl::StrCat("企业", number, "（演示）"),
                        v1::ORGANIZATION_KIND_ENTERPRISE, number);
    request.mutable_organization()->set_unit(unit);
    const auto made = Create(request);
    EXPECT_TRUE(made.ok()) << made.status() << PlacesOf(made.status());
    return made.ok() ? *made : v1::Organization();
  }
  absl::StatusOr<v1::Organization> Get(const rpc::Call& call, const std::string& name) {
    v1::GetOrganizationRequest request;
    request.set_name(name);
    return testing::Ask<v1::Organization>(service_, "GetOrganization", call, request);
  }
  v1::Organization Stored(const std::string& name) {
    const auto row = Get(Secretariat("GetOrganization"), name);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? *row : v1::Organization();
  }
  absl::StatusOr<v1::Organization> Update(const rpc::Call& call, const v1::Organization& update,
                                          std::vector<std::string> mask) {
    v1::UpdateOrganizationRequest request;
    *request.mutable_organization() = update;
    for (std::string& path : mask) request.mutable_update_mask()->add_paths(std::move(path));
    request.set_request_id(api::NewUuid());
    return service_.UpdateOrganization(call, request);
  }
  std::vector<std::string> Visible(const rpc::Call& call) {
    std::vector<std::string> names;
    const auto page = service_.ListOrganizations(call, {});
    EXPECT_TRUE(page.ok()) << page.status();
    if (page.ok()) {
      for (const auto& row : page->organizations()) names.push_back(row.name());
    }
    return names;
  }

  // Complete enough to be published.
  v1::Platform Platform(const std::string& id, const std::string& owner = kOuc) {
    v1::CreatePlatformRequest request;
    request.set_parent(owner);
    request.set_platform_id(id);
    request.mutable_platform()->set_display_name(absl::StrCat("实验室", id, "（演示）"));
    request.mutable_platform()->set_kind(v1::PLATFORM_KIND_LABORATORY);
    request.mutable_platform()->set_introduction("介绍");
    request.mutable_platform()->add_capabilities("样机试验");
    auto* contact = request.mutable_platform()->add_contacts();
    contact->set_person("王老师");
    contact->set_phone("0532-82345678");
    request.set_request_id(api::NewUuid());
    const auto made = service_.CreatePlatform(
        As(options::v1::ROLE_RESEARCH_OFFICE, owner, "CreatePlatform"), request);
    EXPECT_TRUE(made.ok()) << made.status() << PlacesOf(made.status());
    return made.ok() ? *made : v1::Platform();
  }
  absl::StatusOr<v1::Platform> GetPlatform(const rpc::Call& call, const std::string& name) {
    v1::GetPlatformRequest request;
    request.set_name(name);
    return testing::Ask<v1::Platform>(service_, "GetPlatform", call, request);
  }
  // One verb by the role that commonly calls it.
  absl::StatusOr<v1::Platform> Do(const std::string& verb, const std::string& name) {
    return DoAs(verb == "publish" || verb == "return" ? options::v1::ROLE_SECRETARIAT
                                                      : options::v1::ROLE_RESEARCH_OFFICE,
                kOuc, verb, name);
  }
  absl::StatusOr<v1::Platform> DoAs(options::v1::Role role, const std::string& organization,
                                    const std::string& verb, const std::string& name) {
    if (verb == "submit") {
      return service_.SubmitPlatform(As(role, organization, "SubmitPlatform"),
                                     Named<v1::SubmitPlatformRequest>(name));
    }
    if (verb == "publish") {
      return service_.PublishPlatform(As(role, organization, "PublishPlatform"),
                                      Named<v1::PublishPlatformRequest>(name));
    }
    if (verb == "return") {
      auto request = Named<v1::ReturnPlatformRequest>(name);
      request.add_reasons("介绍过于简略");
      return service_.ReturnPlatform(As(role, organization, "ReturnPlatform"), request);
    }
    if (verb == "confirm") {
      return service_.ConfirmPlatform(As(role, organization, "ConfirmPlatform"),
                                      Named<v1::ConfirmPlatformRequest>(name));
    }
    auto request = Named<v1::WithdrawPlatformRequest>(name);
    request.set_reason("搬迁");
    return service_.WithdrawPlatform(As(role, organization, "WithdrawPlatform"), request);
  }
  v1::Platform In(v1::PlatformState state, const std::string& id) {
    const std::string name = Platform(id).name();
    const auto walk = [&](std::vector<std::string> verbs) {
      for (const std::string& verb : verbs) {
        const auto done = Do(verb, name);
        EXPECT_TRUE(done.ok()) << verb << ": " << done.status();
      }
    };
    if (state == v1::PLATFORM_STATE_IN_REVIEW) walk({"submit"});
    if (state == v1::PLATFORM_STATE_PUBLISHED) walk({"submit", "publish"});
    if (state == v1::PLATFORM_STATE_RETURNED) walk({"submit", "return"});
    if (state == v1::PLATFORM_STATE_WITHDRAWN) walk({"submit", "publish", "withdraw"});
    const auto row = GetPlatform(Secretariat("GetPlatform"), name);
    EXPECT_EQ(row->state(), state) << id;
    return *row;
  }
  int64_t Count(const std::string& table) {
    return std::stoll(
        testing::Texts(database_.db(), absl::StrCat("SELECT COUNT(*) FROM ", table)).at(0));
  }

  testing::FakeClock clock_;
  testing::TestDatabase database_;
  std::unique_ptr<const policy::Pack> pack_;
  RegistryService service_;
};

}  // namespace chanyan::registry
