#include "services/triage/serving.h"

#include <string>
#include <utility>

#include "common/api/normalize.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/write_all.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr char kServiceTeamsAtWork[] = "state = 'ACTIVE'";

bool IsServedBy(const v1::ServiceTeam& team, absl::string_view title) {
  for (const std::string& served : team.serves()) {
    if (api::TextKey(served) == api::TextKey(title)) return true;
  }
  return false;
}

std::optional<v1::ServiceTeam> ServingAmong(const std::vector<v1::ServiceTeam>& teams,
                                            absl::string_view title) {
  for (const v1::ServiceTeam& team : teams) {
    if (IsServedBy(team, title)) return team;
  }
  return std::nullopt;
}

// Those of `rows` that are not as they were, written.
absl::Status WriteChanged(rpc::Change& change, const std::vector<v1::UniversityTeam>& were,
                          const std::vector<v1::UniversityTeam>& rows) {
  std::vector<v1::UniversityTeam> before;
  std::vector<v1::UniversityTeam> after;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (MessageDifferencer::Equals(were[i], rows[i])) continue;
    before.push_back(were[i]);
    after.push_back(rows[i]);
  }
  const db::Table<v1::UniversityTeam> university_teams;
  return WriteAll(change, university_teams, "followed", before, &after);
}

}  // namespace

absl::StatusOr<std::optional<v1::ServiceTeam>> ServingTeam(db::Session& session,
                                                           absl::string_view title) {
  const db::Table<v1::ServiceTeam> teams;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ServiceTeam> at_work,
                           teams.Select(session, {kServiceTeamsAtWork, {}}));
  return ServingAmong(at_work, title);
}

void SetServing(const std::optional<v1::ServiceTeam>& team, v1::UniversityTeam* row) {
  row->clear_service_team();
  row->clear_service_team_title();
  row->clear_agency();
  if (!team.has_value()) return;
  row->set_service_team(team->name());
  row->set_service_team_title(team->display_name());
  row->set_agency(team->agency());
  row->set_department(team->department());
  row->set_department_title(team->department_title());
}

bool ServesOtherwise(const v1::ServiceTeam& before, const v1::ServiceTeam& after) {
  v1::ServiceTeam compared = before;
  *compared.mutable_serves() = after.serves();
  return !MessageDifferencer::Equals(before, compared) || before.state() != after.state() ||
         before.display_name() != after.display_name() || before.agency() != after.agency() ||
         before.department() != after.department() ||
         before.department_title() != after.department_title();
}

absl::Status FollowServiceTeam(rpc::Change& change, const v1::ServiceTeam& team) {
  const db::Table<v1::ServiceTeam> teams;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ServiceTeam> at_work,
                           teams.Select(change.session(), {kServiceTeamsAtWork, {}}));
  const db::Table<v1::UniversityTeam> university_teams;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::UniversityTeam> rows,
      university_teams.Select(change.session(), db::Predicate::Everything(), db::kByNameLocked));
  const std::vector<v1::UniversityTeam> were = rows;
  for (v1::UniversityTeam& row : rows) {
    if (row.service_team() != team.name() && !IsServedBy(team, row.university_title())) continue;
    SetServing(ServingAmong(at_work, row.university_title()), &row);
  }
  return WriteChanged(change, were, rows);
}

absl::Status FollowUniversityTitle(rpc::Change& change, absl::string_view university,
                                   absl::string_view title, absl::string_view former) {
  if (!former.empty() && api::TextKey(former) != api::TextKey(title)) {
    const db::Table<v1::ServiceTeam> teams;
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::ServiceTeam> at_work,
        teams.Select(change.session(), {kServiceTeamsAtWork, {}}, db::kByNameLocked));
    const bool is_served = ServingAmong(at_work, title).has_value();
    for (const v1::ServiceTeam& team : at_work) {
      if (is_served || !IsServedBy(team, former)) continue;
      v1::ServiceTeam next = team;
      for (std::string& served : *next.mutable_serves()) {
        if (api::TextKey(served) == api::TextKey(former)) served = std::string(title);
      }
      CHANYAN_RETURN_IF_ERROR(teams.Update(change.session(), change.now(), &next));
      CHANYAN_RETURN_IF_ERROR(change.Record("followed", &team, &next));
    }
  }
  const db::Table<v1::UniversityTeam> university_teams;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::UniversityTeam> rows,
      university_teams.Select(change.session(), {"university = ?", {std::string(university)}},
                              db::kByNameLocked));
  const std::vector<v1::UniversityTeam> were = rows;
  for (v1::UniversityTeam& row : rows) row.set_university_title(std::string(title));
  return WriteChanged(change, were, rows);
}

}  // namespace chanyan::triage
