// 管理台账 as .xlsx (S0 二, third week: 以企业为单位建立管理台账): one section an enterprise, its
// line first, then its rows by university, unmerged. Pure: the same input makes the same bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/cycle/form_sheet.h"
#include "services/cycle/package_archive.h"

namespace chanyan::cycle {

struct LedgerSection {
  std::string enterprise_title;
  std::string unified_social_credit_code;
  std::string unit_title;
  // When the enterprise gave back first; nothing = not yet.
  std::optional<absl::Time> return_time;
  bool on_time = false;
  // What it gave back, by university and in a sheet's order.
  std::vector<const v1::Row*> rows;
};

struct Ledger {
  time::Quarter quarter;
  bool rehearsal = false;
  // The unit whose ledger it is, or the secretariat's words for all.
  std::string scope_title;
  // By the cycle's clock.
  absl::Time as_of;
  // In the order to be written.
  std::vector<LedgerSection> sections;
};

absl::StatusOr<std::string> WriteLedger(const Ledger& ledger, const UniversityTitles& titles);

}  // namespace chanyan::cycle
