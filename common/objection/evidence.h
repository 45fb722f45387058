// Files that show what an objection says. The service's migration makes the table of its resource
// (objection, byte_count among its columns) as `objection_evidence`, and those of
// common/attachment/store.h.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/api/names.h"
#include "common/attachment/upload.h"
#include "common/db/database.h"

namespace chanyan::objection {

// Bytes of one objection's files together.
inline constexpr int64_t kMaxEvidenceBytes = int64_t{50} << 20;

// Whether who calls may add to an objection: with its receipt, or as the organization that
// objected. `stored` is what was kept of the receipt, `own` the caller's organization.
bool MayAddEvidence(absl::string_view stored, absl::string_view verification_hash,
                    absl::string_view organization, absl::string_view own);

// Holds one more file of `objection`, in the transaction that writes its row. INVALID_ARGUMENT
// (FILE_TOO_LARGE) beyond `most_files` or kMaxEvidenceBytes.
absl::Status HoldEvidence(db::Session& session, absl::string_view objection, int64_t most_files,
                          const attachment::Upload& upload, absl::string_view bytes);

// The row of a file, of whichever service.
template <class Evidence, class Objection>
Evidence EvidenceOf(const Objection& objection, const attachment::Upload& upload, int64_t bytes) {
  Evidence row;
  row.set_name(absl::StrCat(objection.name(), "/evidence/", api::NewShortId()));
  row.set_objection(objection.name());
  row.set_organization(objection.organization());
  row.set_file_name(upload.file_name);
  row.set_content_type(upload.content_type);
  row.set_byte_count(bytes);
  row.set_sha256(upload.sha256);
  return row;
}

}  // namespace chanyan::objection
