// A small city for tests of platforms: two universities, their platforms in any state, the services
// that look after them, and a clock that the test moves.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "services/registry/platform_attachment_service.h"
#include "services/registry/platform_revision_service.h"
#include "services/registry/registry_service.h"
#include "tests/service/registry/registry_world.h"
#include "tests/support/ask.h"
#include "tests/support/named.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::registry {

using options::v1::Role;

class PlatformCity : public ::testing::Test, protected testing::NamedRequests {
 protected:
  PlatformCity()
      : database_(testing::ComponentsOf("registry")),
        pack_(testing::ShippedPack()),
        registry_({{database_.db(), clock_, nullptr}, *pack_}),
        revisions_({{database_.db(), clock_, nullptr}, *pack_}),
        attachments_({{database_.db(), clock_, nullptr}, *pack_}) {
    Make("ouc", "海洋大学（演示）");
    Make("upc", "石油大学（演示）");
  }

  // The method of any service of the package.
  static rpc::Call As(Role role, absl::string_view organization, absl::string_view method) {
    const char* service = absl::StrContains(method, "PlatformRevision")     ? "PlatformRevision"
                          : absl::StrContains(method, "PlatformAttachment") ? "PlatformAttachment"
                                                                            : "Registry";
    return testing::CallAs(role, organization,
                           absl::StrCat("chanyan.registry.v1.", service, "Service.", method));
  }
  static rpc::Call Office(absl::string_view method) {
    return As(options::v1::ROLE_RESEARCH_OFFICE, kOuc, method);
  }
  static rpc::Call Secretariat(absl::string_view method) {
    rpc::Call call = As(options::v1::ROLE_SECRETARIAT, "organizations/secretariat", method);
    call.principal.account = "accounts/reviewer";
    return call;
  }
  static rpc::Call Public(absl::string_view method) {
    return As(options::v1::ROLE_PUBLIC, "", method);
  }

  void Make(const std::string& id, const std::string& title) {
    v1::CreateOrganizationRequest request;
    request.set_organization_id(id);
    request.mutable_organization()->set_display_name(title);
    request.mutable_organization()->set_kind(v1::ORGANIZATION_KIND_UNIVERSITY);
    request.set_request_id(api::NewUuid());
    const auto made = registry_.CreateOrganization(Secretariat("CreateOrganization"), request);
    ASSERT_TRUE(made.ok()) << made.status();
  }
  // Complete enough to be published.
  v1::Platform Draft(const std::string& id, const std::string& owner = kOuc) {
    v1::CreatePlatformRequest request;
    request.set_parent(owner);
    request.set_platform_id(id);
    request.mutable_platform()->set_display_name(absl::StrCat("实验室", id, "（演示）"));
    request.mutable_platform()->set_kind(v1::PLATFORM_KIND_LABORATORY);
    request.mutable_platform()->set_college("工程学院");
    request.mutable_platform()->set_introduction("介绍");
    request.mutable_platform()->add_capabilities("样机试验");
    v1::Contact* contact = request.mutable_platform()->add_contacts();
    contact->set_person("李老师");
    contact->set_phone("0532-87654321");
    request.set_request_id(api::NewUuid());
    const auto made = registry_.CreatePlatform(
        As(options::v1::ROLE_RESEARCH_OFFICE, owner, "CreatePlatform"), request);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : v1::Platform();
  }
  v1::Platform Published(const std::string& id, const std::string& owner = kOuc) {
    const std::string name = Draft(id, owner).name();
    const auto submitted =
        registry_.SubmitPlatform(As(options::v1::ROLE_RESEARCH_OFFICE, owner, "SubmitPlatform"),
                                 Named<v1::SubmitPlatformRequest>(name));
    EXPECT_TRUE(submitted.ok()) << submitted.status();
    const auto published = registry_.PublishPlatform(Secretariat("PublishPlatform"),
                                                     Named<v1::PublishPlatformRequest>(name));
    EXPECT_TRUE(published.ok()) << published.status();
    return published.ok() ? *published : v1::Platform();
  }
  absl::Status Withdraw(const std::string& name) {
    auto request = Named<v1::WithdrawPlatformRequest>(name);
    request.set_reason("搬迁");
    return registry_.WithdrawPlatform(Secretariat("WithdrawPlatform"), request).status();
  }
  absl::StatusOr<v1::Platform> Get(const rpc::Call& call, const std::string& name) {
    v1::GetPlatformRequest request;
    request.set_name(name);
    return testing::Ask<v1::Platform>(registry_, "GetPlatform", call, request);
  }
  // What anybody sees now.
  v1::Platform Shown(const std::string& name) {
    const auto row = Get(Public("GetPlatform"), name);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? *row : v1::Platform();
  }
  // By the owner; `edit` changes what was read, mask names what counts.
  absl::StatusOr<v1::Platform> Edit(v1::Platform platform, const std::vector<std::string>& mask,
                                    const std::string& owner = kOuc) {
    v1::UpdatePlatformRequest request;
    request.mutable_platform()->Swap(&platform);
    for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(api::NewUuid());
    return registry_.UpdatePlatform(As(options::v1::ROLE_RESEARCH_OFFICE, owner, "UpdatePlatform"),
                                    request);
  }
  absl::StatusOr<v1::Platform> Introduce(const std::string& name, const std::string& text) {
    v1::Platform platform;
    platform.set_name(name);
    platform.set_introduction(text);
    return Edit(platform, {"introduction"});
  }

  absl::StatusOr<v1::PlatformRevision> Revision(const rpc::Call& call, const std::string& name) {
    v1::GetPlatformRevisionRequest request;
    request.set_name(name);
    return revisions_.GetPlatformRevision(call, request);
  }
  absl::StatusOr<v1::PlatformRevision> Do(const std::string& verb, const std::string& name,
                                          const std::string& etag = "") {
    if (verb == "submit") {
      auto request = Named<v1::SubmitPlatformRevisionRequest>(name);
      request.set_etag(etag);
      return revisions_.SubmitPlatformRevision(Office("SubmitPlatformRevision"), request);
    }
    if (verb == "publish") {
      auto request = Named<v1::PublishPlatformRevisionRequest>(name);
      request.set_etag(etag);
      return revisions_.PublishPlatformRevision(Secretariat("PublishPlatformRevision"), request);
    }
    if (verb == "return") {
      auto request = Named<v1::ReturnPlatformRevisionRequest>(name);
      request.set_etag(etag);
      request.add_reasons("介绍过于简略");
      return revisions_.ReturnPlatformRevision(Secretariat("ReturnPlatformRevision"), request);
    }
    auto request = Named<v1::WithdrawPlatformRevisionRequest>(name);
    request.set_etag(etag);
    request.set_reason("改日再报");
    return revisions_.WithdrawPlatformRevision(Office("WithdrawPlatformRevision"), request);
  }
  std::vector<std::string> Texts(absl::string_view sql) {
    return testing::Texts(database_.db(), sql);
  }

  testing::FakeClock clock_;
  testing::TestDatabase database_;
  std::unique_ptr<const policy::Pack> pack_;
  RegistryService registry_;
  PlatformRevisionService revisions_;
  PlatformAttachmentService attachments_;
};

}  // namespace chanyan::registry
