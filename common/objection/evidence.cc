#include "common/objection/evidence.h"

#include "common/attachment/rows.h"
#include "common/attachment/store.h"
#include "common/objection/receipt.h"
#include "common/status/status.h"

namespace chanyan::objection {
namespace {

constexpr attachment::Rows kEvidenceRows = {"objection_evidence", "objection"};

}  // namespace

bool MayAddEvidence(absl::string_view stored, absl::string_view verification_hash,
                    absl::string_view organization, absl::string_view own) {
  if (!verification_hash.empty()) return HoldsReceipt(stored, verification_hash);
  return !organization.empty() && organization == own;
}

absl::Status HoldEvidence(db::Session& session, absl::string_view objection, int64_t most_files,
                          const attachment::Upload& upload, absl::string_view bytes) {
  const attachment::Quota quota = {.files = most_files, .bytes = kMaxEvidenceBytes};
  CHANYAN_RETURN_IF_ERROR(attachment::CheckRoom(session, kEvidenceRows, objection, quota,
                                                static_cast<int64_t>(bytes.size())));
  return attachment::Hold(session, upload.sha256, bytes);
}

}  // namespace chanyan::objection
