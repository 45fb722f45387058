#include "services/cycle/row_reasons.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/journal/journal.h"

namespace chanyan::cycle {

std::vector<status::Violation> RowReasonViolations(const RowReasons& reasons,
                                                   const std::vector<v1::Row>& rows) {
  absl::flat_hash_set<absl::string_view> known;
  for (const v1::Row& row : rows) known.insert(row.name());
  absl::flat_hash_map<absl::string_view, int> first;
  std::vector<status::Violation> violations;
  for (int i = 0; i < reasons.size(); ++i) {
    const std::string& name = reasons[i].row();
    const std::string place = absl::StrCat("row_reasons[", i, "].row");
    if (!known.contains(name)) {
      violations.push_back(
          {place, absl::StrCat("行 ", name, " 不在本次退回的报表中，请只对退回的行填写原因")});
      continue;
    }
    const auto [before, fresh] = first.try_emplace(name, i);
    if (fresh) continue;
    violations.push_back({place, absl::StrCat("行 ", name, " 已在第 ", before->second + 1,
                                              " 项写明原因，请合为一项")});
  }
  return violations;
}

absl::Status WriteRowReasons(rpc::Change& change, const db::Table<v1::Row>& table,
                             const RowReasons& reasons, const std::vector<v1::Row>& rows) {
  std::vector<status::Violation> violations = RowReasonViolations(reasons, rows);
  if (!violations.empty()) {
    return status::InvalidFields(std::move(violations), options::v1::ERROR_REASON_INVALID_FIELD);
  }
  absl::flat_hash_map<absl::string_view, const std::string*> by_row;
  for (const v1::RowReason& one : reasons) by_row[one.row()] = &one.reason();
  std::vector<const v1::Row*> before;
  std::vector<v1::Row> after;
  for (const v1::Row& row : rows) {
    const auto reason = by_row.find(row.name());
    if (reason == by_row.end() || row.return_reason() == *reason->second) continue;
    before.push_back(&row);
    after.push_back(row);
    after.back().set_return_reason(*reason->second);
  }
  if (after.empty()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(table.UpdateAll(change.session(), change.now(), &after));
  std::vector<journal::Alteration> alterations;
  for (size_t i = 0; i < after.size(); ++i) alterations.push_back({before[i], &after[i]});
  return change.RecordAll("returned", alterations);
}

}  // namespace chanyan::cycle
