#include "services/registry/taxonomy_history.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/api/json.h"
#include "common/journal/journal.h"
#include "common/journal/reader.h"
#include "common/status/status.h"
#include "common/taxonomy/differences.h"
#include "common/taxonomy/tree.h"

namespace chanyan::registry {
namespace {

// Names that have none but entries of taxonomies.
constexpr char kKnown[] =
    "SELECT DISTINCT resource FROM journal WHERE resource LIKE 'taxonomies/%' ORDER BY resource";

journal::Origin OfThePack() {
  return {.method = "chanyan.registry.PublishTaxonomies",
          .actor = "services/registry",
          .organization = "",
          .request_id = "",
          .trace_id = ""};
}

// As it was written last; nothing if it never was, or is withdrawn.
absl::StatusOr<std::optional<v1::Taxonomy>> Last(db::Session& session, const std::string& name) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<journal::v1::Entry> newest,
                           journal::NewestOf(session, name, 1));
  if (newest.empty() || newest[0].after_json().empty()) return std::nullopt;
  v1::Taxonomy last;
  if (!api::JsonToMessage(newest[0].after_json(), last, api::JsonSource::kStored).ok()) {
    return status::Internal("registry journal: an entry that cannot be read");
  }
  return last;
}

}  // namespace

absl::StatusOr<int> TaxonomyHistory::Write(db::Session& session) const {
  const absl::Time now = deps_.store.clock.Now();
  int written = 0;
  absl::flat_hash_set<std::string> present;
  for (const policy::v1::Taxonomy& one : deps_.pack.proto().taxonomies()) {
    const v1::Taxonomy after = taxonomy::WholeTaxonomy(deps_.pack, one);
    present.insert(after.name());
    CHANYAN_ASSIGN_OR_RETURN(const std::optional<v1::Taxonomy> before, Last(session, after.name()));
    // What only follows from another one's change is no version of its own.
    if (before && taxonomy::TaxonomyDifferences(*before, after).empty()) continue;
    CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, OfThePack(), "published",
                                            before ? &*before : nullptr, &after));
    ++written;
  }
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows known, session.Query(kKnown, {}));
  for (const db::Values& row : known.rows) {
    const std::string& name = std::get<std::string>(row[0]);
    if (present.contains(name)) continue;
    CHANYAN_ASSIGN_OR_RETURN(const std::optional<v1::Taxonomy> before, Last(session, name));
    if (!before) continue;
    CHANYAN_RETURN_IF_ERROR(
        journal::Append(session, now, OfThePack(), "withdrawn", &*before, nullptr));
    ++written;
  }
  return written;
}

absl::StatusOr<int> TaxonomyHistory::Record(const db::Lease& lease) {
  if (done_) return 0;
  int written = 0;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    CHANYAN_ASSIGN_OR_RETURN(written, Write(session));
    return absl::OkStatus();
  }));
  done_ = true;
  if (written > 0 && deps_.store.changed) deps_.store.changed();
  return written;
}

}  // namespace chanyan::registry
