// The keeping of the directory as sheets: histories, and pairs that were found to be different
// (REG-1, REG-10).
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/auth/scope.h"
#include "common/db/in_chunks.h"
#include "common/rpc/export.h"
#include "services/registry/directory_service.h"

namespace chanyan::registry {
namespace {

constexpr char kTitles[] = "SELECT name, display_name FROM organization WHERE name IN ";

}  // namespace

absl::Status DirectoryService::SetTitles(db::Session& session,
                                         absl::Span<v1::OrganizationEvent> events) const {
  absl::flat_hash_map<std::string, std::vector<v1::OrganizationEvent*>> of;
  std::vector<std::string> names;
  for (v1::OrganizationEvent& event : events) {
    std::vector<v1::OrganizationEvent*>& own = of[event.organization()];
    if (own.empty()) names.push_back(event.organization());
    own.push_back(&event);
  }
  return db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                             session.Query(absl::StrCat(kTitles, db::Marks(chunk.size())),
                                           db::Values(chunk.begin(), chunk.end())));
    for (const db::Values& row : found.rows) {
      for (v1::OrganizationEvent* event : of[std::get<std::string>(row[0])]) {
        event->set_organization_title(std::get<std::string>(row[1]));
      }
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<google::api::HttpBody> DirectoryService::ExportOrganizationEvents(
    const rpc::Call& call, const v1::ExportOrganizationEventsRequest& request) {
  std::vector<v1::OrganizationEvent> rows;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted, events_.core().Where(request.filter()));
    CHANYAN_ASSIGN_OR_RETURN(
        rows, events_.Select(session,
                             db::And(auth::Readable<v1::OrganizationEvent>(call.principal), wanted),
                             "organization, effective_date, create_time, name"));
    return SetTitles(session, absl::MakeSpan(rows));
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return rpc::ExportSheet<v1::OrganizationEvent>("单位沿革", deps_.store.clock.Now(), rows);
}

absl::StatusOr<google::api::HttpBody> DirectoryService::ExportDistinctPairs(
    const rpc::Call& call, const v1::ExportDistinctPairsRequest& request) {
  std::vector<v1::DistinctPair> rows;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                             distinct_pairs_.core().Where(request.filter()));
    CHANYAN_ASSIGN_OR_RETURN(
        rows, distinct_pairs_.Select(
                  session, db::And(auth::Readable<v1::DistinctPair>(call.principal), wanted),
                  "first_title, second_title, name"));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return rpc::ExportSheet<v1::DistinctPair>("不是同一单位的认定", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::registry
