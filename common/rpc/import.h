// The common course of an import: read the sheet with every error placed, decide per row whether it
// is new, changed or already so, then write and journal all of it or nothing. And an export's
// answer.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/db/table.h"
#include "common/rpc/long_work.h"
#include "common/rpc/mutate.h"
#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/util/message_differencer.h"

namespace chanyan::rpc {

// Violations of a file that are spelled out: few to a caller who waits, because they travel in the
// answer's headers; all that a person can use to whoever watches the import.
inline constexpr size_t kMaxWatchedViolations = 10'000;
inline size_t MostViolations() {
  return LongWork::Watched() ? kMaxWatchedViolations : sheet::kMaxViolations;
}

// The options, so that whoever watches the import sees row after row being read.
sheet::ReadOptions Watched(sheet::ReadOptions options, size_t rows);

// The first visible sheet of an uploaded .xlsx as messages. INVALID_ARGUMENT with every violation
// of the file and of the rows' shape.
template <class T>
absl::StatusOr<sheet::TableData<T>> ReadUpload(const google::api::HttpBody& file,
                                               absl::string_view file_name,
                                               const sheet::ReadOptions& options) {
  const absl::string_view shown = file_name.empty() ? absl::string_view("上传的文件") : file_name;
  CHANYAN_ASSIGN_OR_RETURN(const sheet::Workbook workbook, sheet::ReadWorkbook(file.data(), shown));
  const sheet::Sheet* first = workbook.FirstVisible();
  if (first == nullptr) {
    return status::InvalidField(shown, "文件中没有可见的工作表",
                                options::v1::ERROR_REASON_INVALID_FILE);
  }
  sheet::TableData<T> data =
      sheet::ReadTable<T>(workbook, *first, Watched(options, first->rows.size()));
  CHANYAN_RETURN_IF_ERROR(data.Check());
  LongWork::OfThisThread().Say(Stage::kChecking, 0, static_cast<int64_t>(data.rows.size()));
  return data;
}

// The columns that the sheet has and that are copied as they are: all but `others`. What the sheet
// has no column for stays as it is stored.
google::protobuf::FieldMask CopiedColumns(const sheet::TablePlaces& places,
                                          const google::protobuf::Descriptor* descriptor,
                                          const absl::flat_hash_set<std::string>& others);
void CopyColumns(const google::protobuf::FieldMask& mask, const google::protobuf::Message& from,
                 google::protobuf::Message* to);

// Violations of a row's fields as violations of its cells.
void AddPlaced(std::vector<status::Violation>&& violations, uint32_t row_number,
               const sheet::TablePlaces& places, std::vector<status::Violation>* to);

// What an import is going to do.
template <class T>
struct ImportPlan {
  std::vector<T> creates;
  // Before and after.
  std::vector<std::pair<T, T>> updates;
  int unchanged = 0;

  // Decides about one row: `stored` is what is there, or null.
  void Add(const T* stored, T row) {
    if (stored == nullptr) {
      creates.push_back(std::move(row));
    } else if (google::protobuf::util::MessageDifferencer::Equals(*stored, row)) {
      ++unchanged;
    } else {
      updates.emplace_back(*stored, std::move(row));
    }
  }
};

// The plan in figures: a message with created, updated, unchanged and dry_run.
template <class Result, class T>
Result ResultOf(const ImportPlan<T>& plan, bool dry_run) {
  Result result;
  result.set_created(static_cast<int32_t>(plan.creates.size()));
  result.set_updated(static_cast<int32_t>(plan.updates.size()));
  result.set_unchanged(plan.unchanged);
  result.set_dry_run(dry_run);
  return result;
}

// Rows that are inserted before one who watches is told of them; a multiple of a statement's.
inline constexpr size_t kRowsBetweenSigns = 1024;

// Writes and journals the plan in the change's transaction.
template <class T>
absl::Status Apply(Change& change, const db::Table<T>& table, ImportPlan<T>* plan) {
  std::vector<journal::Alteration> alterations;
  const auto total = static_cast<int64_t>(plan->creates.size() + plan->updates.size());
  int64_t written = 0;
  std::vector<google::protobuf::Message*> creates;
  for (T& row : plan->creates) creates.push_back(&row);
  for (absl::Span<google::protobuf::Message* const> left = creates; !left.empty();) {
    LongWork::OfThisThread().Say(Stage::kWriting, written, total);
    const auto some = left.subspan(0, kRowsBetweenSigns);
    CHANYAN_RETURN_IF_ERROR(table.core().Insert(change.session(), change.now(), some));
    left.remove_prefix(some.size());
    written += static_cast<int64_t>(some.size());
  }
  for (const T& row : plan->creates) alterations.push_back({nullptr, &row});
  for (auto& [before, after] : plan->updates) {
    LongWork::OfThisThread().Say(Stage::kWriting, written++, total);
    CHANYAN_RETURN_IF_ERROR(table.Update(change.session(), change.now(), &after));
    alterations.push_back({&before, &after});
  }
  return change.RecordAll("imported", alterations);
}

// Writes the plan unless something is wrong or nothing is to be written, and says what was done.
template <class Result, class T>
absl::StatusOr<Result> Settle(Change& change, const db::Table<T>& table,
                              std::vector<status::Violation> violations, bool dry_run,
                              ImportPlan<T>* plan) {
  if (!violations.empty()) {
    return status::InvalidFields(std::move(violations), options::v1::ERROR_REASON_INVALID_FILE);
  }
  const auto result = ResultOf<Result>(*plan, dry_run);
  if (!dry_run) CHANYAN_RETURN_IF_ERROR(Apply(change, table, plan));
  return result;
}

}  // namespace chanyan::rpc
