// What the records of a project have in common: they carry whose project it is, for row scope and
// lists, and `project` is a column made of their names.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/auth/scope.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "google/protobuf/timestamp.pb.h"

namespace chanyan::pairing {

// The project's title and parties, onto a record of it.
template <class Record>
void CopyParties(const v1::Project& project, Record* record) {
  record->set_project_title(project.title());
  record->set_platform(project.platform());
  record->set_university(project.university());
  record->set_enterprise(project.enterprise());
  record->set_enterprise_title(project.enterprise_title());
  record->set_unit(project.unit());
}

// Whether a project changed in what its records carry of it.
inline bool SameParties(const v1::Project& a, const v1::Project& b) {
  return a.title() == b.title() && a.university() == b.university() &&
         a.enterprise() == b.enterprise() && a.enterprise_title() == b.enterprise_title() &&
         a.unit() == b.unit();
}

// projects/{project} of projects/{project}/contacts/{contact}.
inline std::string ProjectOfName(absl::string_view name) {
  while (!api::ParentOfName(name).empty()) name = api::ParentOfName(name);
  return std::string(name);
}

inline db::Predicate OfProject(absl::string_view project) {
  return {"project = ?", {std::string(project)}};
}

// Records below `parent`; "projects/-" is all of them.
inline db::Predicate Below(absl::string_view parent) {
  if (parent == "projects/-") return db::Predicate::Everything();
  return OfProject(parent);
}

// InfinitePast where there is none.
inline absl::Time TimeIn(const google::protobuf::Timestamp& time) {
  return api::TimeOf(time).value_or(absl::InfinitePast());
}

// The last deadline of whole seconds that `now` is past (time::IsPastDeadline), for SQL.
inline absl::Time LatestPastDeadline(absl::Time now) { return now - absl::Seconds(1); }
// The first instant at which a deadline is past.
inline absl::Time PastDeadline(absl::Time deadline) { return deadline + absl::Seconds(1); }

// The project of a record about to be written, locked, within the rows that the caller may change:
// records of one project are written one after the other.
inline absl::StatusOr<v1::Project> LockProject(db::Session& session, const rpc::Call& call,
                                               const db::Table<v1::Project>& projects,
                                               absl::string_view name) {
  return projects.GetForUpdate(session, name, auth::Writable<v1::Project>(call.principal));
}

}  // namespace chanyan::pairing
