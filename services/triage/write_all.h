// Rows that were changed, written and journalled in few statements.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/db/table.h"
#include "common/journal/journal.h"
#include "common/rpc/mutate.h"
#include "common/status/status.h"

namespace chanyan::triage {

// `before` and `after` are the same rows in the same order, each once; `kind` is the journal's.
template <class T>
absl::Status WriteAll(rpc::Change& change, const db::Table<T>& table, absl::string_view kind,
                      const std::vector<T>& before, std::vector<T>* after) {
  if (after->empty()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(table.UpdateAll(change.session(), change.now(), after));
  std::vector<journal::Alteration> changed;
  for (size_t i = 0; i < after->size(); ++i) changed.push_back({&before[i], &(*after)[i]});
  return change.RecordAll(kind, changed);
}

}  // namespace chanyan::triage
