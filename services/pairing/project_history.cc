#include "services/pairing/project_history.h"

#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "common/api/fields.h"
#include "common/journal/entry_message.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/coverage_rules.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {
namespace {

constexpr char kRead[] =
    "SELECT state, recorded_from, recorded_until, effective_from, effective_until, enterprise"
    " FROM project_span WHERE project = ? ORDER BY position FOR UPDATE";
constexpr char kDrop[] = "DELETE FROM project_span WHERE project = ?";
constexpr char kWrite[] =
    "INSERT INTO project_span (project, position, enterprise, platform, state, recorded_from,"
    " recorded_until, effective_from, effective_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

std::string StateName(v1::ProjectState state) {
  const auto* type = v1::ProjectState_descriptor();
  return std::string(api::ShortName(type->FindValueByNumber(state)));
}

// What is known of a project.
struct Known {
  std::vector<StageSpan> spans;
  std::string enterprise;
};

absl::StatusOr<Known> ReadKnown(db::Session& session, const std::string& project) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kRead, {project}));
  Known known;
  for (const db::Values& row : rows.rows) {
    const auto* state =
        api::EnumByName(v1::ProjectState_descriptor(), std::get<std::string>(row[0]));
    if (state == nullptr) return status::Internal("project_span: a state that does not exist");
    StageSpan span;
    span.state = static_cast<v1::ProjectState>(state->number());
    absl::CivilDay* const days[] = {&span.recorded_from, &span.recorded_until, &span.effective_from,
                                    &span.effective_until};
    for (size_t i = 0; i < std::size(days); ++i) {
      CHANYAN_ASSIGN_OR_RETURN(*days[i], time::ParseDate(std::get<std::string>(row[i + 1])));
    }
    known.spans.push_back(span);
    known.enterprise = std::get<std::string>(row[5]);
  }
  return known;
}

}  // namespace

absl::Status FollowProjects(db::Session& session, const journal::v1::Entry& entry) {
  if (entry.type() != v1::Project::descriptor()->full_name() || entry.after_json().empty()) {
    return absl::OkStatus();
  }
  CHANYAN_ASSIGN_OR_RETURN(const auto project, journal::MessageAfter<v1::Project>(entry));
  CHANYAN_ASSIGN_OR_RETURN(const Known known, ReadKnown(session, project.name()));
  std::vector<StageEvent> events = EventsOf(known.spans);
  // While the platform is the enterprise's own it counts as if it had ended.
  AddStage(IsOwnPlatform(project) ? v1::PROJECT_STATE_TERMINATED : project.state(),
           time::DayOf(time::ToTime(entry.time())), &events);
  std::optional<absl::CivilDay> signed_on;
  if (project.has_sign_date()) {
    CHANYAN_ASSIGN_OR_RETURN(signed_on, time::ToCivilDay(project.sign_date()));
  }
  const std::vector<StageSpan> spans = SpansOf(events, signed_on);
  if (spans == known.spans && project.enterprise() == known.enterprise) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(session.Execute(kDrop, {project.name()}).status());
  int64_t position = 0;
  for (const StageSpan& span : spans) {
    CHANYAN_RETURN_IF_ERROR(
        session
            .Execute(kWrite,
                     {project.name(), position++, project.enterprise(), project.platform(),
                      StateName(span.state), time::FormatDate(span.recorded_from),
                      time::FormatDate(span.recorded_until), time::FormatDate(span.effective_from),
                      time::FormatDate(span.effective_until)})
            .status());
  }
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
