#include "common/objection/evidence.h"

#include <variant>

#include "common/attachment/store.h"
#include "common/objection/receipt.h"
#include "common/status/status.h"

namespace chanyan::objection {
namespace {

constexpr char kHeld[] =
    "SELECT COUNT(*), CAST(COALESCE(SUM(byte_count), 0) AS SIGNED) FROM objection_evidence "
    "WHERE objection = ?";

}  // namespace

bool MayAddEvidence(absl::string_view stored, absl::string_view verification_hash,
                    absl::string_view organization, absl::string_view own) {
  if (!verification_hash.empty()) return HoldsReceipt(stored, verification_hash);
  return !organization.empty() && organization == own;
}

absl::Status HoldEvidence(db::Session& session, absl::string_view objection, int64_t most_files,
                          const attachment::Upload& upload, absl::string_view bytes) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows held, session.Query(kHeld, {std::string(objection)}));
  const attachment::Quota quota = {.files = most_files, .bytes = kMaxEvidenceBytes};
  CHANYAN_RETURN_IF_ERROR(attachment::CheckQuota(quota, std::get<int64_t>(held.rows.at(0).at(0)),
                                                 std::get<int64_t>(held.rows.at(0).at(1)),
                                                 static_cast<int64_t>(bytes.size())));
  return attachment::Hold(session, upload.sha256, bytes);
}

}  // namespace chanyan::objection
