// Which service team serves a university (TRI-2): its plan calls the university by its title. The
// university's own team bears that team, its department and agency, who may read and guide it, and
// follows them.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/triage/v1/team.pb.h"
#include "chanyan/triage/v1/university_team.pb.h"
#include "common/db/database.h"
#include "common/rpc/mutate.h"

namespace chanyan::triage {

// The service team at work that serves whom its plan calls so.
absl::StatusOr<std::optional<v1::ServiceTeam>> ServingTeam(db::Session& session,
                                                           absl::string_view title);

// Gives it that team, its department and agency; without one it keeps the department it has.
void SetServing(const std::optional<v1::ServiceTeam>& team, v1::UniversityTeam* row);

// Whether the university teams that a service team serves bear something else of it after a change.
bool ServesOtherwise(const v1::ServiceTeam& before, const v1::ServiceTeam& after);

// The universities' own teams that `team`, which is locked and written, served or serves now, as
// they are served now.
absl::Status FollowServiceTeam(rpc::Change& change, const v1::ServiceTeam& team);

// A university is called `title` now: plans of service teams that call it as it was called before
// (`former`, empty: not known) call it so, unless one does already, and its own team bears the
// name.
absl::Status FollowUniversityTitle(rpc::Change& change, absl::string_view university,
                                   absl::string_view title, absl::string_view former);

}  // namespace chanyan::triage
