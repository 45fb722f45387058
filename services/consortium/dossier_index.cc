#include "services/consortium/dossier_index.h"

#include <set>
#include <variant>

#include "common/status/status.h"
#include "services/consortium/due_queries.h"

namespace chanyan::consortium {
namespace {

constexpr char kAdd[] =
    "INSERT IGNORE INTO consortium_party (organization, consortium) VALUES (?, ?)";
constexpr char kRemove[] = "DELETE FROM consortium_party WHERE organization = ? AND consortium = ?";

std::set<std::string> Named(const v1::Consortium& row) {
  std::set<std::string> named(row.participants().begin(), row.participants().end());
  if (!row.former_lead_unit().empty()) named.insert(row.former_lead_unit());
  return named;
}

absl::StatusOr<std::vector<std::string>> Names(db::Session& session, absl::string_view sql,
                                               const std::string& organization) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, {organization}));
  std::vector<std::string> names;
  for (const db::Values& row : rows.rows) names.push_back(std::get<std::string>(row.at(0)));
  return names;
}

}  // namespace

absl::Status IndexParties(db::Session& session, const v1::Consortium& before,
                          const v1::Consortium& after) {
  const std::set<std::string> was = Named(before);
  const std::set<std::string> is = Named(after);
  for (const std::string& one : is) {
    if (was.count(one) > 0) continue;
    CHANYAN_RETURN_IF_ERROR(session.Execute(kAdd, {one, after.name()}).status());
  }
  for (const std::string& one : was) {
    if (is.count(one) > 0) continue;
    CHANYAN_RETURN_IF_ERROR(session.Execute(kRemove, {one, after.name()}).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> DossiersNaming(db::Session& session,
                                                        const std::string& organization) {
  return Names(session, kNaming, organization);
}

absl::StatusOr<std::vector<std::string>> OpenDossiersOf(db::Session& session,
                                                        const std::string& organization) {
  return Names(session, kOpenOf, organization);
}

absl::StatusOr<std::vector<std::string>> FiledDossiersOf(db::Session& session,
                                                         const std::string& organization) {
  return Names(session, kFiledOf, organization);
}

}  // namespace chanyan::consortium
