// What the records of a result have in common: they carry whose result it is and who serves it, for
// row scope and lists, and follow it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/auth/scope.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/status/status.h"
#include "google/protobuf/timestamp.pb.h"

namespace chanyan::triage {

// Those who serve a result.
template <class Record>
void CopyServing(const v1::Result& result, Record* record) {
  record->set_department(result.department());
  record->set_agency(result.agency());
  record->set_office(result.office());
  record->set_holder(result.holder());
}

template <class Record>
void CopyParties(const v1::Result& result, Record* record) {
  record->set_result_title(result.title());
  record->set_university(result.university());
  record->set_university_title(result.university_title());
  CopyServing(result, record);
}

// Whether a result changed in what its records carry of it.
inline bool SameParties(const v1::Result& a, const v1::Result& b) {
  return a.title() == b.title() && a.university() == b.university() &&
         a.university_title() == b.university_title() && a.department() == b.department() &&
         a.agency() == b.agency() && a.office() == b.office() && a.holder() == b.holder();
}

// results/{result} of results/{result}/pushes/{push}.
inline std::string ResultOfName(absl::string_view name) {
  while (!api::ParentOfName(name).empty()) name = api::ParentOfName(name);
  return std::string(name);
}

// InfinitePast where there is none.
inline absl::Time TimeIn(const google::protobuf::Timestamp& time) {
  return api::TimeOf(time).value_or(absl::InfinitePast());
}

// Rows below `parent`; "results/-" is all of them.
inline db::Predicate Below(absl::string_view parent) {
  if (parent == "results/-") return db::Predicate::Everything();
  return {"name LIKE ?", {absl::StrCat(parent, "/%")}};
}

// Violations of a message's own fields, as those of the request's field that holds it.
inline absl::Status Refuse(std::vector<status::Violation> violations, absl::string_view within) {
  if (violations.empty()) return absl::OkStatus();
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat(within, ".", violation.field);
  }
  return status::InvalidFields(std::move(violations));
}

// Whether the caller serves results, of whomever; else only those of its own organization are its.
inline bool IsInside(const rpc::Call& call) {
  return call.principal.Has(options::v1::ROLE_DEPARTMENT) ||
         call.principal.Has(options::v1::ROLE_SERVICE_TEAM) ||
         call.principal.Has(options::v1::ROLE_BROKER);
}

// Whether the caller is an enterprise with its own results, and nobody who keeps all of an
// organization's.
inline bool IsEnterpriseOnly(const rpc::Call& call) {
  return call.principal.Has(options::v1::ROLE_ENTERPRISE) && !IsInside(call) &&
         !call.principal.Has(options::v1::ROLE_RESEARCH_OFFICE) &&
         !call.principal.Has(options::v1::ROLE_PLATFORM_MANAGER);
}

// Whether the caller acts for the office, which keeps everything.
inline bool IsOffice(const rpc::Call& call, absl::string_view office) {
  return !office.empty() && call.principal.organization == office;
}

}  // namespace chanyan::triage
