// What must hold of an organization beyond its shape (REG-1). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "chanyan/registry/v1/directory.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"

namespace chanyan::registry {

// Whether organizations of this kind may be the responsible unit of an enterprise (S0 二:
// 大功能区、 镇街、产业链推进单位及招商责任单位).
bool MayBeResponsibleUnit(v1::OrganizationKind kind);
// Whether organizations of this kind may own platforms (S0 一(一): 高校、科研机构和大企业).
bool MayOwnPlatforms(v1::OrganizationKind kind);
// Whether one of kind `into` can take the place of one of kind `from` in everything that refers to
// it: the same kind, a university and an institute, or two that may be responsible units.
bool MayTakeThePlaceOf(v1::OrganizationKind into, v1::OrganizationKind from);

// Violations that the organization itself shows: an enterprise without code, a unit on something
// that is no enterprise, qualifications of something that is no enterprise.
std::vector<status::Violation> OrganizationViolations(const v1::Organization& organization);

// Where it is, by the pack: the zone becomes what the pack calls the place, and what the pack does
// not know of zone and district is a violation. What stays as it is `stored` (null for a new one)
// is left alone, so that a name that the pack has given up stops no other change.
std::vector<status::Violation> TakePlace(const policy::Pack& pack, const v1::Organization* stored,
                                         v1::Organization* organization);

// Gives the organization a new display name from `day` on and keeps the old one. The same name
// changes nothing.
void Rename(absl::string_view display_name, absl::CivilDay day, v1::Organization* organization);
// Whether the organization had this name.
bool WasCalled(const v1::Organization& organization, absl::string_view display_name);

// The day from which an act holds: `date`, or `today` if it is unset. INVALID_FIELD
// (effective_date) for a day to come, or one that does not exist.
absl::StatusOr<absl::CivilDay> EffectiveDay(const google::type::Date& date, absl::CivilDay today);
// A name is not given before the last one was. INVALID_FIELD (effective_date).
absl::Status CheckRenameDay(const v1::Organization& organization, absl::CivilDay day);

// WRONG_STATE with where to go on, for one that is part of another.
absl::Status RefuseMerged(const v1::Organization& organization);

// Why `from` cannot become part of `into`, in the fields of MergeOrganizationRequest.
std::vector<status::Violation> MergeViolations(const v1::Organization& from,
                                               const v1::Organization& into);
// What is wrong with the parts of a split in themselves, in the fields of SplitOrganizationRequest.
std::vector<status::Violation> PartViolations(const v1::Organization& whole,
                                              const v1::SplitOrganizationRequest& request);
// Why an organization that is there cannot be part `index`.
std::vector<status::Violation> ExistingPartViolations(const v1::Organization& whole,
                                                      const v1::Organization& part, int index);

// Characters of a platform's name.
inline constexpr int kMaxPlatformTitle = 120;
// Name of a platform that comes from `former`, where `taken` has its own already: with the name it
// came from behind it, cut so that it fits into `most` characters, and numbered if need be.
std::string NameBeside(absl::string_view display_name, absl::string_view former,
                       const std::vector<std::string>& taken, int most = kMaxPlatformTitle);

// Takes `from` over into `into`: state, redirect and list of what was absorbed; both as they are
// written. `reason` may be empty.
void Absorb(absl::CivilDay day, absl::string_view reason, v1::Organization* from,
            v1::Organization* into);

// One sentence of a history. `others` are the titles of the other side; `successor` is the part
// that takes over the rest of a split, or empty; `handed_over` is what went along, in words, or
// empty.
struct EventFacts {
  v1::OrganizationEventKind kind = v1::ORGANIZATION_EVENT_KIND_UNSPECIFIED;
  std::string title;
  std::vector<std::string> others;
  std::string successor;
  std::string handed_over;
};
std::string EventSentence(const EventFacts& facts);

}  // namespace chanyan::registry
