// What must hold of an organization beyond its shape (REG-1). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/status/status.h"

namespace chanyan::registry {

// Whether organizations of this kind may be the responsible unit of an enterprise (S0 二:
// 大功能区、 镇街、产业链推进单位及招商责任单位).
bool MayBeResponsibleUnit(v1::OrganizationKind kind);
// Whether organizations of this kind may own platforms (S0 一(一): 高校、科研机构和大企业).
bool MayOwnPlatforms(v1::OrganizationKind kind);

// Violations that the organization itself shows: an enterprise without code, a unit on something
// that is no enterprise, qualifications of something that is no enterprise.
std::vector<status::Violation> OrganizationViolations(const v1::Organization& organization);

// Gives the organization a new display name from `day` on and keeps the old one. The same name
// changes nothing.
void Rename(absl::string_view display_name, absl::CivilDay day, v1::Organization* organization);

}  // namespace chanyan::registry
