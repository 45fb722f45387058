// What the records of a dossier have in common: they carry whose it is, for row scope and lists,
// and follow it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/db/predicate.h"
#include "common/status/status.h"
#include "google/protobuf/timestamp.pb.h"

namespace chanyan::consortium {

template <class Record>
void CopyParties(const v1::Consortium& consortium, Record* record) {
  record->set_consortium_title(consortium.display_name());
  record->set_lead_unit(consortium.lead_unit());
  *record->mutable_participants() = consortium.participants();
  record->set_district(consortium.district());
  record->set_office(consortium.office());
  record->set_submitted(consortium.submitted());
}

// The same from another record of it.
template <class From, class Record>
void CopySameParties(const From& from, Record* record) {
  record->set_consortium_title(from.consortium_title());
  record->set_lead_unit(from.lead_unit());
  *record->mutable_participants() = from.participants();
  record->set_district(from.district());
  record->set_office(from.office());
  record->set_submitted(from.submitted());
}

// Whether a dossier changed in what its records carry of it.
inline bool SameParties(const v1::Consortium& a, const v1::Consortium& b) {
  return a.display_name() == b.display_name() && a.lead_unit() == b.lead_unit() &&
         a.district() == b.district() && a.office() == b.office() &&
         a.submitted() == b.submitted() &&
         std::equal(a.participants().begin(), a.participants().end(), b.participants().begin(),
                    b.participants().end());
}

// consortia/{consortium} of a record below it.
inline std::string ConsortiumOfName(absl::string_view name) {
  while (!api::ParentOfName(name).empty()) name = api::ParentOfName(name);
  return std::string(name);
}

// Rows below a dossier, whose id was made here and holds no sign that LIKE reads otherwise.
inline db::Predicate Below(absl::string_view consortium) {
  return {"name LIKE ?", {absl::StrCat(consortium, "/%")}};
}

inline absl::Time TimeIn(const google::protobuf::Timestamp& time) {
  return api::TimeOf(time).value_or(absl::InfinitePast());
}

// Violations of a message's own fields, as those of the request's field that holds it.
inline absl::Status Refuse(std::vector<status::Violation> violations, absl::string_view within,
                           status::Reason reason = options::v1::ERROR_REASON_INVALID_FIELD) {
  if (violations.empty()) return absl::OkStatus();
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat(within, ".", violation.field);
  }
  return status::InvalidFields(std::move(violations), reason);
}

}  // namespace chanyan::consortium
