// Why single rows go back (CYC-5): checked, put on the rows and journalled with each.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"
#include "common/status/status.h"

namespace chanyan::cycle {

using RowReasons = google::protobuf::RepeatedPtrField<v1::RowReason>;

// What is wrong with `reasons` for `rows`, which go back: rows that are not among them, rows named
// twice; each at its place in "row_reasons". All of it at once.
std::vector<status::Violation> RowReasonViolations(const RowReasons& reasons,
                                                   const std::vector<v1::Row>& rows);

// INVALID_FIELDS with those, or: each named row says why it goes back. `rows` are locked and as
// stored; their versions are one higher afterwards. Journals each row as "returned".
absl::Status WriteRowReasons(rpc::Change& change, const db::Table<v1::Row>& table,
                             const RowReasons& reasons, const std::vector<v1::Row>& rows);

}  // namespace chanyan::cycle
