// Bars as they are laid and asked for (CON-8):
// 三年内不得牵头组建或作为核心层参与其他创新联合体建设.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/consortium/v1/bar.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"
#include "services/consortium/consortium_book.h"
#include "services/consortium/supplement_book.h"

namespace chanyan::consortium {

// Pure: whether a bar keeps its organization out on a day.
bool HoldsOn(const v1::Bar& bar, absl::CivilDay day);
// Rows of bars that were laid on an organization and neither lifted nor expired, whatever the day.
db::Predicate InForceOf(const std::string& organization);
// What the barred one is told: from when until when, why, by which clause, and what can be done.
std::string BarMessage(const v1::Bar& bar, absl::Time now);

// Thread-safe.
class BarBook {
 public:
  explicit BarBook(const ConsortiumBook& book) : book_(book), supplements_(book) {}

  const db::Table<v1::Bar>& table() const { return bars_; }

  // Lays a bar from today on and judges every open dossier and open supplement of the organization
  // in the same transaction.
  absl::StatusOr<v1::Bar> Lay(rpc::Change& change, const std::string& organization,
                              const std::string& title, const std::string& consortium,
                              const std::string& reason) const;
  // Writes a bar that changed and judges every open dossier and open supplement of its
  // organization.
  absl::Status Save(rpc::Change& change, absl::string_view kind, const v1::Bar& before,
                    v1::Bar* bar) const;
  // BarMessage if the organization is kept out now, else empty. Nobody lays or lifts one before the
  // transaction ends.
  absl::StatusOr<std::string> KeptOut(rpc::Change& change, const std::string& organization) const;
  // RULE_VIOLATED with that.
  absl::Status Refuse(rpc::Change& change, const std::string& organization) const;

 private:
  absl::Status JudgeThoseOf(rpc::Change& change, const std::string& organization,
                            absl::string_view cause) const;

  const ConsortiumBook& book_;
  const SupplementBook supplements_;
  const db::Table<v1::Bar> bars_;
};

}  // namespace chanyan::consortium
