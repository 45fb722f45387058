// Taking in filled sheets: what imports of a form, of a part of it and of an enterprise's return
// have in common (CYC-3, CYC-6).
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"
#include "common/rpc/peers.h"
#include "common/sheet/table.h"
#include "google/api/httpbody.pb.h"
#include "services/cycle/custody.h"
#include "services/cycle/form_rows.h"

namespace chanyan::cycle {

// The rows of an uploaded file; every cell that cannot be read is named.
absl::StatusOr<sheet::TableData<v1::Row>> ReadFormSheet(const google::api::HttpBody& file,
                                                        const std::string& file_name);

// What a form may be filled in with, where mergers and splits moved platforms.
absl::StatusOr<FormScope> ScopeOf(db::Session& session, const db::Table<v1::Form>& table,
                                  const v1::Form& form);

// Facts about the names that a file holds; before a transaction.
absl::StatusOr<SheetFacts> AskAboutSheet(rpc::Peers& peers, const rpc::Caller& caller,
                                         const FormScope& scope,
                                         const sheet::TableData<v1::Row>& data);

// INVALID_ARGUMENT with the plan's violations, at most as many as an answer names, and what the
// pack's rules say of a row that is there twice.
absl::Status CheckPlan(RowPlan& plan);
v1::ImportFormResponse ResponseOf(const RowPlan& plan, bool dry_run);

// Applies a plan of new, changed and struck-out rows; `holder` is who has the struck-out ones.
absl::Status WriteRows(rpc::Change& change, const Custody& custody, const db::Table<v1::Row>& table,
                       absl::Time cycle_now, absl::string_view holder, RowPlan* plan);

// Platforms of a form whose parts are with them, or wait for the university to take receipt;
// locked, before the rows.
absl::StatusOr<absl::flat_hash_set<std::string>> PartsOut(db::Session& session,
                                                          absl::string_view form);

// Rows of one platform in a form, locked, by name.
absl::StatusOr<std::vector<v1::Row>> LockRowsOf(db::Session& session,
                                                const db::Table<v1::Row>& table,
                                                absl::string_view form, absl::string_view platform);

}  // namespace chanyan::cycle
