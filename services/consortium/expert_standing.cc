#include "services/consortium/expert_standing.h"

#include <map>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/consortium_life.h"
#include "services/consortium/panel_draw.h"
#include "services/consortium/states_sql.h"

namespace chanyan::consortium {
namespace {

constexpr char kSuccessions[] =
    "SELECT organization, successor FROM organization_succession WHERE organization IN ";
// By the key of experts.
const std::string& ScoredUndecidedSql() {
  static const auto& sql = *new std::string(absl::StrCat(
      "SELECT DISTINCT review_panel.name FROM review_assignment "
      "JOIN review_panel ON review_panel.name = SUBSTRING_INDEX(review_assignment.name, '/', 4) "
      "JOIN consortium ON consortium.name = review_assignment.consortium "
      "WHERE review_assignment.expert = ? AND review_assignment.state = 'SUBMITTED' "
      "AND review_panel.state <> 'CANCELLED' AND consortium.state IN ",
      StatesSql<v1::ConsortiumState>(kAccepted), " ORDER BY review_panel.name"));
  return sql;
}

constexpr char kLookAgain[] =
    "UPDATE panel_check SET again_time = LEAST(COALESCE(again_time, ?), ?) WHERE panel IN ";

absl::StatusOr<std::vector<v1::Expert>> LockExperts(rpc::Change& change,
                                                    const std::set<std::string>& names) {
  const db::Table<v1::Expert> table;
  std::vector<v1::Expert> experts;
  const std::vector<std::string> all(names.begin(), names.end());
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(all, [&](absl::Span<const std::string> some) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Expert> found,
                                 table.Select(change.session(),
                                              {absl::StrCat("name IN ", db::Marks(some.size())),
                                               db::Values(some.begin(), some.end())},
                                              db::kByNameLocked));
        for (v1::Expert& expert : found) experts.push_back(std::move(expert));
        return absl::OkStatus();
      }));
  return experts;
}

}  // namespace

absl::StatusOr<Successions> SuccessionsOf(db::Session& session,
                                          const std::vector<v1::Expert>& experts) {
  std::set<std::string> named;
  for (const v1::Expert& expert : experts) {
    for (std::string& name : NamedBy(expert)) named.insert(std::move(name));
  }
  const std::vector<std::string> names(named.begin(), named.end());
  Successions successions;
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(names, [&](absl::Span<const std::string> some) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                                 session.Query(absl::StrCat(kSuccessions, db::Marks(some.size())),
                                               db::Values(some.begin(), some.end())));
        for (const db::Values& row : found.rows) {
          successions[std::get<std::string>(row[0])] = std::get<std::string>(row[1]);
        }
        return absl::OkStatus();
      }));
  return successions;
}

absl::StatusOr<std::set<std::string>> NotAsProven(rpc::Change& change,
                                                  const std::vector<v1::ReviewAssignment>& rows) {
  std::set<std::string> names;
  for (const v1::ReviewAssignment& row : rows) names.insert(row.expert());
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Expert> experts, LockExperts(change, names));
  CHANYAN_ASSIGN_OR_RETURN(const Successions successions, SuccessionsOf(change.session(), experts));
  std::map<std::string, std::string> known;
  for (const v1::Expert& expert : experts) {
    // The day is no part of it.
    known[expert.name()] = OwnDigest(CandidateOf(expert, time::DayOf(change.now()), successions));
  }
  std::set<std::string> changed;
  for (const v1::ReviewAssignment& row : rows) {
    const auto now = known.find(row.expert());
    if (now == known.end() || now->second != row.latest_proof().expert_sha256()) {
      changed.insert(row.name());
    }
  }
  return changed;
}

absl::StatusOr<std::vector<std::string>> ScoredUndecided(db::Session& session,
                                                         const std::string& expert) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(ScoredUndecidedSql(), {expert}));
  std::vector<std::string> panels;
  for (const db::Values& row : found.rows) panels.push_back(std::get<std::string>(row.at(0)));
  return panels;
}

absl::Status LookAgain(rpc::Change& change, const std::vector<std::string>& panels,
                       absl::Time time) {
  return db::InChunks(panels, [&](absl::Span<const std::string> some) -> absl::Status {
    db::Values values = {time, time};
    values.insert(values.end(), some.begin(), some.end());
    return change.session()
        .Execute(absl::StrCat(kLookAgain, db::Marks(some.size())), values)
        .status();
  });
}

}  // namespace chanyan::consortium
