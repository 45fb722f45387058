#include "services/registry/platform_freshness.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/api/well_known.h"
#include "common/journal/journal.h"
#include "common/time/civil.h"
#include "services/registry/held_back.h"
#include "services/registry/platform_rules.h"

namespace chanyan::registry {
namespace {

// All that the rule looks at.
constexpr char kPublished[] =
    "SELECT name, confirm_time, stale, DATE_FORMAT(freshness_override_until, '%Y-%m-%d'), "
    "freshness_verdicts IS NULL FROM platform WHERE state = 'PUBLISHED' AND name > ? "
    "ORDER BY name LIMIT 1000";

// Whether the mark is not as the rule says at `now`, or stands without its verdicts, as it did
// before they were kept.
bool Differs(const policy::Pack& pack, const v1::Platform& platform, absl::Time now) {
  const bool stale = IsStale(pack, platform, now);
  return platform.stale() != stale || (stale && !platform.has_freshness_verdicts());
}

// A row of kPublished.
v1::Platform MarkedPlatform(const db::Values& row) {
  v1::Platform platform;
  platform.set_state(v1::PLATFORM_STATE_PUBLISHED);
  if (const auto* confirmed = std::get_if<absl::Time>(&row[1])) {
    api::SetTime(*confirmed, platform.mutable_confirm_time());
  }
  platform.set_stale(std::get<int64_t>(row[2]) != 0);
  if (const auto* text = std::get_if<std::string>(&row[3])) {
    const auto until = time::ParseDate(*text);
    if (until.ok()) *platform.mutable_freshness_override_until() = time::ToProto(*until);
  }
  if (std::get<int64_t>(row[4]) == 0) platform.mutable_freshness_verdicts();
  return platform;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> PlatformFreshness::Candidates(absl::Time now) {
  std::vector<std::string> names;
  std::string after;
  db::Rows page;
  do {
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(page, session.Query(kPublished, {after}));
      return absl::OkStatus();
    }));
    for (const db::Values& row : page.rows) {
      after = std::get<std::string>(row[0]);
      if (Differs(deps_.pack, MarkedPlatform(row), now)) names.push_back(after);
    }
  } while (!page.rows.empty());
  return names;
}

absl::Status PlatformFreshness::MarkBatch(const db::Lease& lease,
                                          absl::Span<const std::string> names, Count* count) {
  const journal::Origin origin{.method = "chanyan.registry.MarkStalePlatforms",
                               .actor = "services/registry",
                               .organization = "",
                               .request_id = "",
                               .trace_id = ""};
  Count done;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    done = Count();
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    const absl::Time now = deps_.store.clock.Now();
    for (const std::string& name : names) {
      absl::StatusOr<v1::Platform> row = store_.platforms().GetForUpdate(session, name);
      if (absl::IsNotFound(row.status())) continue;
      CHANYAN_RETURN_IF_ERROR(row.status());
      // Confirmed, withdrawn or marked since the first look.
      if (row->state() != v1::PLATFORM_STATE_PUBLISHED || !Differs(deps_.pack, *row, now)) continue;
      const v1::Platform before = *row;
      JudgeFreshness(deps_.pack, now, &*row);
      const bool reminded = row->stale() && !before.stale();
      if (reminded) {
        row->set_reminder_count(before.reminder_count() + 1);
        api::SetTime(now, row->mutable_remind_time());
      }
      const char* kind = reminded ? "reminded" : row->stale() ? "judged" : "refreshed";
      CHANYAN_RETURN_IF_ERROR(store_.platforms().Update(session, now, &*row));
      CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, kind, &before, &*row));
      if (reminded) ++done.reminded;
      if (!row->stale()) ++done.refreshed;
    }
    return absl::OkStatus();
  }));
  count->reminded += done.reminded;
  count->refreshed += done.refreshed;
  if (done.reminded + done.refreshed > 0 && deps_.store.changed != nullptr) deps_.store.changed();
  return absl::OkStatus();
}

absl::StatusOr<PlatformFreshness::Count> PlatformFreshness::Mark(const db::Lease& lease) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           Candidates(deps_.store.clock.Now()));
  Count count;
  absl::Status outcome;
  absl::Span<const std::string> left = names;
  while (!left.empty() && lease.Held()) {
    const size_t size = std::min(left.size(), kFreshnessBatch);
    const absl::Status together = MarkBatch(lease, left.first(size), &count);
    if (IsAboutAll(together)) return together;
    // One that cannot be marked keeps no other from its mark.
    for (size_t i = 0; !together.ok() && i < size && lease.Held(); ++i) {
      outcome.Update(MarkBatch(lease, left.subspan(i, 1), &count));
    }
    left.remove_prefix(size);
  }
  if (!outcome.ok()) return outcome;
  return count;
}

}  // namespace chanyan::registry
