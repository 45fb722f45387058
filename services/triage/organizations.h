// Organizations that a result or demand names, as the registry has them: asked before a
// transaction.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/rpc/call.h"
#include "services/triage/deps.h"

namespace chanyan::triage {

// INVALID_FIELD of `field` if the registry does not have it or it does not work any more.
absl::StatusOr<registry::v1::Organization> OrganizationOf(const Deps& deps, const rpc::Call& call,
                                                          const std::string& name,
                                                          absl::string_view field);

// By its name as people write it, present or past, as the registry looks it up; who was merged is
// who goes on. A NOT_FOUND message is for people, also where it might be several.
absl::StatusOr<registry::v1::Organization> OrganizationTitled(const Deps& deps,
                                                              const rpc::Call& call,
                                                              const std::string& title);

// Whether it may have results: universities, institutes, enterprises.
bool MayHaveResults(registry::v1::OrganizationKind kind);

// PERMISSION_DENIED to units (ROLE_UNIT) that are no task force: those collect demands of their
// industries (S1 三(二)2(2)), towns and zones do not.
absl::Status CheckCollector(const TriagePack& pack, const rpc::Call& call);

// What people call it: a unit of the pack by the pack's name, else by the registry's; the resource
// name if neither knows it. An error if the registry cannot say so now: a name is not kept for a
// title because somebody was away.
absl::StatusOr<std::string> TitleOf(const Deps& deps, const rpc::Call& call,
                                    const std::string& name);

}  // namespace chanyan::triage
