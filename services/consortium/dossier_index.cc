#include "services/consortium/dossier_index.h"

#include <algorithm>
#include <map>
#include <set>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/db/in_chunks.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "services/consortium/due_queries.h"

namespace chanyan::consortium {
namespace {

constexpr char kAdd[] = "INSERT IGNORE INTO consortium_party (organization, consortium) VALUES ";
constexpr char kRemove[] = "DELETE FROM consortium_party WHERE organization = ? AND consortium = ?";

// Dossiers of which the index lacks somebody.
constexpr char kLacking[] =
    "SELECT c.name FROM consortium c, JSON_TABLE(c.participants, '$[*]' COLUMNS (organization "
    "VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin PATH '$')) part WHERE NOT EXISTS (SELECT 1 "
    "FROM consortium_party p WHERE p.organization = part.organization AND p.consortium = c.name) "
    "UNION SELECT c.name FROM consortium c WHERE c.former_lead_unit <> '' AND NOT EXISTS (SELECT 1 "
    "FROM consortium_party p WHERE p.organization = c.former_lead_unit AND p.consortium = c.name)";
// Rows of the index that no dossier bears out.
constexpr char kStray[] =
    "SELECT p.consortium, p.organization FROM consortium_party p "
    "LEFT JOIN consortium c ON c.name = p.consortium WHERE c.name IS NULL OR "
    "(c.former_lead_unit <> p.organization AND "
    "NOT JSON_CONTAINS(c.participants, JSON_QUOTE(p.organization)))";

std::set<std::string> Named(const v1::Consortium& row) {
  std::set<std::string> named(row.participants().begin(), row.participants().end());
  if (!row.former_lead_unit().empty()) named.insert(row.former_lead_unit());
  return named;
}

absl::Status Add(db::Session& session, const std::set<std::string>& organizations,
                 const std::string& consortium) {
  if (organizations.empty()) return absl::OkStatus();
  const std::vector<std::string> rows(organizations.size(), "(?, ?)");
  db::Values values;
  for (const std::string& one : organizations) {
    values.emplace_back(one);
    values.emplace_back(consortium);
  }
  return session.Execute(absl::StrCat(kAdd, absl::StrJoin(rows, ", ")), values).status();
}

// One dossier, which may not be there.
absl::Status Mend(db::Session& session, const std::string& consortium,
                  const std::vector<std::string>& strays) {
  const db::Table<v1::Consortium> consortia;
  const absl::StatusOr<v1::Consortium> row = consortia.GetForUpdate(session, consortium);
  if (!row.ok() && !absl::IsNotFound(row.status())) return row.status();
  const std::set<std::string> is = row.ok() ? Named(*row) : std::set<std::string>();
  for (const std::string& one : strays) {
    if (is.count(one) == 0) CHANYAN_RETURN_IF_ERROR(Unindex(session, one, consortium));
  }
  return Add(session, is, consortium);
}

absl::StatusOr<std::vector<std::string>> Names(db::Session& session, absl::string_view sql,
                                               const std::string& organization) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, {organization}));
  std::vector<std::string> names;
  for (const db::Values& row : rows.rows) names.push_back(std::get<std::string>(row.at(0)));
  return names;
}

// CONFLICT if the answer as of now has what that of the snapshot has not.
absl::Status RequireSeen(db::Session& session, absl::string_view seen_sql,
                         absl::string_view now_sql, const std::string& organization) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> seen,
                           Names(session, seen_sql, organization));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> now,
                           Names(session, now_sql, organization));
  for (const std::string& name : now) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
    return status::Conflict(absl::StrCat(name, " 刚刚列入单位 ", organization, "，请重试"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status IndexParties(db::Session& session, const v1::Consortium& before,
                          const v1::Consortium& after) {
  const std::set<std::string> is = Named(after);
  CHANYAN_RETURN_IF_ERROR(Add(session, is, after.name()));
  for (const std::string& one : Named(before)) {
    if (is.count(one) == 0) CHANYAN_RETURN_IF_ERROR(Unindex(session, one, after.name()));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> MendIndex(db::Database& db) {
  // Who is listed for each dossier and may not belong to it.
  std::map<std::string, std::vector<std::string>> wrong;
  CHANYAN_RETURN_IF_ERROR(db.Read([&](db::Session& session) -> absl::Status {
    wrong.clear();
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows lacking, session.Query(kLacking));
    for (const db::Values& row : lacking.rows) wrong[std::get<std::string>(row.at(0))];
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows stray, session.Query(kStray));
    for (const db::Values& row : stray.rows) {
      wrong[std::get<std::string>(row.at(0))].push_back(std::get<std::string>(row.at(1)));
    }
    return absl::OkStatus();
  }));
  int mended = 0;
  absl::Status failed = absl::OkStatus();
  for (const auto& one : wrong) {
    const absl::Status done =
        db.Transact([&](db::Session& session) { return Mend(session, one.first, one.second); });
    mended += done.ok() ? 1 : 0;
    failed.Update(done);
  }
  if (!failed.ok()) return failed;
  return mended;
}

db::Predicate IndexedOf(const auth::Principal& principal) {
  const auto& resource =
      v1::Consortium::descriptor()->options().GetExtension(options::v1::resource);
  for (const auto& grant : resource.grants()) {
    if (grant.owner() == "lead_unit" || grant.owner() == "participants") continue;
    for (const int role : grant.roles()) {
      if (principal.Has(static_cast<options::v1::Role>(role))) return db::Predicate::Everything();
    }
  }
  std::vector<std::string> own = principal.predecessors;
  own.push_back(principal.organization);
  return {absl::StrCat("name IN (SELECT consortium FROM consortium_party WHERE organization IN ",
                       db::Marks(own.size()), ")"),
          db::Values(own.begin(), own.end())};
}

absl::StatusOr<std::vector<std::string>> DossiersNaming(db::Session& session,
                                                        const std::string& organization) {
  return Names(session, kNaming, organization);
}

absl::StatusOr<std::vector<std::string>> DossiersJoinedBy(db::Session& session,
                                                          const std::string& organization) {
  return Names(session, kJoining, organization);
}

absl::Status RequireNoneNaming(db::Session& session, const std::string& organization) {
  for (const char* sql : {kNamingNow, kJoiningNow}) {
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> left,
                             Names(session, sql, organization));
    if (left.empty()) continue;
    return status::Conflict(absl::StrCat(left.front(), " 刚刚列入单位 ", organization, "，请重试"));
  }
  return absl::OkStatus();
}

absl::Status RequireAllSeen(db::Session& session, const std::string& organization) {
  return RequireSeen(session, kNaming, kNamingNow, organization);
}

absl::Status RequireAllJoinedSeen(db::Session& session, const std::string& organization) {
  return RequireSeen(session, kJoining, kJoiningNow, organization);
}

absl::Status Unindex(db::Session& session, const std::string& organization,
                     const std::string& consortium) {
  return session.Execute(kRemove, {organization, consortium}).status();
}

absl::StatusOr<std::vector<std::string>> OpenDossiersOf(db::Session& session,
                                                        const std::string& organization) {
  return Names(session, NamingIn(kOpen), organization);
}

absl::StatusOr<std::vector<std::string>> FiledDossiersOf(db::Session& session,
                                                         const std::string& organization) {
  return Names(session, NamingIn(kInForce), organization);
}

}  // namespace chanyan::consortium
