#include "services/cycle/leaderboard_snapshot.h"

#include <utility>
#include <variant>

#include "common/status/status.h"
#include "services/cycle/gzip.h"

namespace chanyan::cycle {
namespace {

// One of before snapshots were kept gets it when it is found to be the same.
constexpr char kKeepSnapshot[] =
    "INSERT IGNORE INTO leaderboard_snapshot (leaderboard, data, problems) VALUES (?, ?, ?)";
constexpr char kLoadSnapshot[] =
    "SELECT data, problems FROM leaderboard_snapshot WHERE leaderboard = ?";

template <class T>
absl::Status Unpack(const db::Value& packed, T* message) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string plain, Gunzip(std::get<std::string>(packed)));
  if (message->ParseFromString(plain)) return absl::OkStatus();
  return status::Internal("leaderboard snapshot: cannot be read");
}

}  // namespace

BoardSnapshot SnapshotOf(const policy::v1::PolicyPack& pack, const LeaderboardInputs& inputs) {
  BoardSnapshot snapshot;
  v1::LeaderboardSnapshot& out = snapshot.facts;
  *out.mutable_formulas() = pack.leaderboards();
  for (const v1::Row& row : inputs.rows) {
    v1::Row* kept = out.add_rows();
    kept->set_name(row.name());
    kept->set_university(row.university());
    kept->set_platform(row.platform());
    kept->set_platform_title(row.platform_title());
    kept->set_enterprise(row.enterprise());
    kept->set_enterprise_title(row.enterprise_title());
    kept->set_unit(row.unit());
    kept->set_category(row.category());
    kept->set_no_change(row.no_change());
  }
  for (const DueReports& due : inputs.reports) {
    v1::SnapshotReports* kept = out.add_reports();
    kept->set_kind(due.kind);
    kept->set_subject(due.subject);
    kept->set_expected(due.expected);
    kept->set_on_time(due.on_time);
  }
  for (const pairing::v1::Project& project : inputs.completed) {
    pairing::v1::Project* kept = out.add_completed();
    kept->set_name(project.name());
    kept->set_university(project.university());
    kept->set_platform(project.platform());
    kept->set_platform_title(project.platform_title());
    kept->set_enterprise(project.enterprise());
    kept->set_enterprise_title(project.enterprise_title());
    kept->set_unit(project.unit());
  }
  for (const registry::v1::Platform& platform : inputs.published) {
    registry::v1::Platform* kept = out.add_published();
    kept->set_name(platform.name());
    kept->set_organization(platform.organization());
    kept->set_display_name(platform.display_name());
  }
  for (const auto& [name, title] : inputs.titles) {
    v1::SnapshotTitle* kept = out.add_titles();
    kept->set_name(name);
    kept->set_title(title);
  }
  if (inputs.resolved) {
    snapshot.problems.emplace();
    for (const pairing::v1::Problem& problem : *inputs.resolved) {
      pairing::v1::Problem* kept = snapshot.problems->add_problems();
      kept->set_name(problem.name());
      kept->set_university(problem.university());
      kept->set_enterprise(problem.enterprise());
      kept->set_enterprise_title(problem.enterprise_title());
      kept->set_unit(problem.unit());
    }
  }
  return snapshot;
}

FrozenInputs Thaw(BoardSnapshot given) {
  v1::LeaderboardSnapshot& snapshot = given.facts;
  FrozenInputs out;
  out.pack.mutable_leaderboards()->Swap(snapshot.mutable_formulas());
  out.inputs.rows.assign(snapshot.rows().begin(), snapshot.rows().end());
  for (const v1::SnapshotReports& due : snapshot.reports()) {
    out.inputs.reports.push_back({due.kind(), due.subject(), due.expected(), due.on_time()});
  }
  out.inputs.completed.assign(snapshot.completed().begin(), snapshot.completed().end());
  out.inputs.published.assign(snapshot.published().begin(), snapshot.published().end());
  for (const v1::SnapshotTitle& title : snapshot.titles()) {
    out.inputs.titles[title.name()] = title.title();
  }
  if (given.problems) {
    out.inputs.resolved.emplace(given.problems->problems().begin(),
                                given.problems->problems().end());
  }
  return out;
}

absl::Status KeepSnapshot(db::Session& session, const std::string& leaderboard,
                          const BoardSnapshot& snapshot) {
  CHANYAN_ASSIGN_OR_RETURN(std::string data, Gzip(snapshot.facts.SerializeAsString()));
  db::Value problems;
  if (snapshot.problems) {
    CHANYAN_ASSIGN_OR_RETURN(problems, Gzip(snapshot.problems->SerializeAsString()));
  }
  return session.Execute(kKeepSnapshot, {leaderboard, std::move(data), std::move(problems)})
      .status();
}

absl::StatusOr<BoardSnapshot> LoadSnapshot(db::Session& session, const std::string& leaderboard) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kLoadSnapshot, {leaderboard}));
  if (found.rows.empty()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        "该版本生成时尚未保存数据快照，不能复算；之后生成的版本都可以复算");
  }
  const db::Values& row = found.rows[0];
  BoardSnapshot snapshot;
  CHANYAN_RETURN_IF_ERROR(Unpack(row[0], &snapshot.facts));
  if (std::holds_alternative<std::string>(row[1])) {
    CHANYAN_RETURN_IF_ERROR(Unpack(row[1], &snapshot.problems.emplace()));
  }
  return snapshot;
}

}  // namespace chanyan::cycle
