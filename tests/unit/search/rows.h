// Platforms, organizations and intents as an index finds them, made by hand or by chance.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/auth/principal.h"
#include "common/search/source.h"
#include "common/time/timestamp.h"
#include "gtest/gtest.h"

namespace chanyan::search {

using pairing::v1::Intent;
using registry::v1::Organization;
using registry::v1::Platform;

// 2025-04-01 09:00 in China.
inline absl::Time Noon() { return absl::FromUnixSeconds(1'743'469'200); }
inline google::protobuf::Timestamp Stamp(absl::Time at) { return time::ToTimestamp(at); }

inline std::vector<Source> Rows() {
  return {{.type = Platform::descriptor(),
           .journal = "registry",
           .findable = "state != WITHDRAWN",
           .title = "display_name",
           .texts = {{"display_name", 6}, {"services.title", 3}, {"introduction", 1}},
           .facets = {{"kind", "kind"}, {"industry", "industries"}, {"level", "level"}},
           .owners = {{.field = "organization",
                       .type = Organization::descriptor(),
                       .inherited = {{"zone", "zone", "kind != ENTERPRISE"}}}}},
          {.type = Organization::descriptor(),
           .journal = "registry",
           .title = "display_name",
           .texts = {{"display_name", 6}, {"kind", 1}},
           .facets = {{"kind", "kind"}, {"industry", "industries"}, {"zone", "zone"}}},
          {.type = Intent::descriptor(),
           .journal = "pairing",
           .findable = "state = OPEN",
           .title = "title",
           .texts = {{"title", 6}, {"content", 1}},
           .facets = {{"kind", "kinds"}, {"industry", "industries"}},
           .owners = {{.field = "organization",
                       .type = Organization::descriptor(),
                       .inherited = {{"zone", "zone", "kind != ENTERPRISE"}}}},
           .expires = "expire_time"}};
}

inline std::unique_ptr<Sources> MakeSources(std::vector<Source> rows = Rows()) {
  auto sources = Sources::Make(std::move(rows));
  EXPECT_TRUE(sources.ok()) << sources.status();
  return *std::move(sources);
}

inline Platform MakePlatform(const std::string& id, const std::string& title,
                             const std::string& organization = "organizations/ouc") {
  Platform platform;
  platform.set_name(absl::StrCat(organization, "/platforms/", id));
  platform.set_organization(organization);
  platform.set_display_name(title);
  platform.set_kind(registry::v1::PLATFORM_KIND_LABORATORY);
  platform.set_level(registry::v1::PLATFORM_LEVEL_NATIONAL);
  platform.add_industries("海洋装备");
  platform.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
  *platform.mutable_update_time() = Stamp(Noon());
  return platform;
}

inline Organization MakeOrganization(const std::string& id, const std::string& title,
                                     registry::v1::OrganizationKind kind, const std::string& zone) {
  Organization organization;
  organization.set_name(absl::StrCat("organizations/", id));
  organization.set_display_name(title);
  organization.set_kind(kind);
  organization.set_zone(zone);
  organization.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  *organization.mutable_update_time() = Stamp(Noon());
  return organization;
}

inline Intent MakeIntent(const std::string& id, const std::string& title,
                         const std::string& organization, absl::Time expires) {
  Intent intent;
  intent.set_name(absl::StrCat("intents/", id));
  intent.set_organization(organization);
  intent.set_side(pairing::v1::INTENT_SIDE_REQUEST);
  intent.set_title(title);
  intent.add_kinds("技术研发");
  intent.set_state(pairing::v1::INTENT_STATE_OPEN);
  *intent.mutable_expire_time() = Stamp(expires);
  *intent.mutable_update_time() = Stamp(Noon());
  return intent;
}

inline auth::Principal As(options::v1::Role role, const std::string& organization = "") {
  auth::Principal principal;
  if (role == options::v1::ROLE_PUBLIC) return principal;
  principal.account = "accounts/test";
  principal.organization = organization;
  principal.roles = {role};
  return principal;
}

}  // namespace chanyan::search
