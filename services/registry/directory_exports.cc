// The keeping of the directory as sheets: histories, pairs that look alike, and those that were
// found to be different (REG-1, REG-10).
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

// Pairs that are read at a time.
constexpr int kPairsAtATime = 200;

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

absl::StatusOr<google::api::HttpBody> DirectoryService::ExportDuplicates(
    const rpc::Call& call, const v1::ExportDuplicatesRequest& request) {
  const std::string& of = request.organization();
  std::vector<v1::DuplicatePair> rows;
  const auto read = [&](db::Session& session) -> absl::Status {
    rows.clear();
    std::string first;
    std::string second;
    std::vector<Likeness> found;
    do {
      if (of.empty()) {
        CHANYAN_ASSIGN_OR_RETURN(found,
                                 names_.LikenessesAfter(session, first, second, kPairsAtATime));
      } else {
        CHANYAN_ASSIGN_OR_RETURN(found, names_.LikenessesOf(session, of, second, kPairsAtATime));
      }
      for (const Likeness& likeness : found) {
        first = likeness.first;
        // Of one organization the partner is what they are ordered by.
        second = likeness.second == of ? likeness.first : likeness.second;
        absl::StatusOr<v1::DuplicatePair> pair = PairOf(session, call, likeness);
        if (absl::IsNotFound(pair.status())) continue;
        CHANYAN_RETURN_IF_ERROR(pair.status());
        pair->set_first_title(pair->first().display_name());
        pair->set_first_code(pair->first().unified_social_credit_code());
        pair->set_second_title(pair->second().display_name());
        pair->set_second_code(pair->second().unified_social_credit_code());
        pair->clear_first();
        pair->clear_second();
        rows.push_back(*std::move(pair));
      }
    } while (found.size() == static_cast<size_t>(kPairsAtATime));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return rpc::ExportSheet<v1::DuplicatePair>("疑似重复单位", deps_.store.clock.Now(), rows);
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
