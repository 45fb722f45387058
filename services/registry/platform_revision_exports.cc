// Revisions of platforms as a sheet: what waits for review, and what was made of the rest (REG-2,
// REG-10).
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/auth/scope.h"
#include "common/db/in_chunks.h"
#include "common/rpc/export.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/registry/difference_text.h"
#include "services/registry/platform_revision_service.h"

namespace chanyan::registry {
namespace {

constexpr char kOwnerTitles[] = "SELECT name, display_name FROM organization WHERE name IN ";

// 2025-04-01 09:00 退回修订（accounts/reviewer）：介绍过于简略
std::string StepsText(const v1::PlatformRevision& revision) {
  std::string cell;
  for (const v1::RevisionStep& step : revision.steps()) {
    const std::string why =
        step.reasons().empty() ? "" : absl::StrCat("：", absl::StrJoin(step.reasons(), "；"));
    const std::string when =
        absl::FormatTime("%Y-%m-%d %H:%M", time::ToTime(step.time()), time::Shanghai());
    if (!AddCellLine(absl::StrCat(when, " ", step.label(), "（", step.actor(), "）", why), &cell)) {
      break;
    }
  }
  return cell;
}

// As the queue of review stands: who was submitted first comes first, what never was at the end.
bool ComesBefore(const v1::PlatformRevision& a, const v1::PlatformRevision& b) {
  if (a.has_submit_time() != b.has_submit_time()) return a.has_submit_time();
  return time::ToTime(a.submit_time()) < time::ToTime(b.submit_time());
}

}  // namespace

absl::Status PlatformRevisionService::SetOwnerTitles(
    db::Session& session, std::vector<v1::PlatformRevision>* revisions) const {
  absl::flat_hash_map<std::string, std::vector<v1::PlatformRevision*>> of;
  std::vector<std::string> names;
  for (v1::PlatformRevision& revision : *revisions) {
    std::vector<v1::PlatformRevision*>& own = of[revision.organization()];
    if (own.empty()) names.push_back(revision.organization());
    own.push_back(&revision);
  }
  return db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                             session.Query(absl::StrCat(kOwnerTitles, db::Marks(chunk.size())),
                                           db::Values(chunk.begin(), chunk.end())));
    for (const db::Values& row : found.rows) {
      for (v1::PlatformRevision* revision : of[std::get<std::string>(row[0])]) {
        revision->set_organization_title(std::get<std::string>(row[1]));
      }
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<google::api::HttpBody> PlatformRevisionService::ExportPlatformRevisions(
    const rpc::Call& call, const v1::ExportPlatformRevisionsRequest& request) {
  db::ListQuery query;
  query.parent = absl::StrCat(request.parent(), "/revisions");
  query.filter = request.filter();
  query.page_size = db::kMaxPageSize;
  query.scope = auth::Readable<v1::PlatformRevision>(call.principal);
  std::vector<v1::PlatformRevision> rows;
  const auto read = [&](db::Session& session) -> absl::Status {
    rows.clear();
    query.page_token.clear();
    do {
      CHANYAN_ASSIGN_OR_RETURN(db::Page<v1::PlatformRevision> page,
                               store_.revisions().List(session, query));
      query.page_token = page.next_page_token;
      for (v1::PlatformRevision& row : page.rows) {
        CHANYAN_RETURN_IF_ERROR(Present(session, call, &row));
        row.set_platform_title(row.replaced().display_name());
        row.set_differences_text(DifferencesText(row.differences()));
        row.set_steps_text(StepsText(row));
        // The sheet shows neither, and each is a whole platform.
        row.clear_proposed();
        row.clear_replaced();
        rows.push_back(std::move(row));
      }
    } while (!query.page_token.empty());
    return SetOwnerTitles(session, &rows);
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  std::stable_sort(rows.begin(), rows.end(), ComesBefore);
  return rpc::ExportSheet<v1::PlatformRevision>("科创平台修订记录", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::registry
