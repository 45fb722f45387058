// Filings as they begin and end, in the transaction of the step that makes them (CON-3, CON-6).
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/filing.pb.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"
#include "services/consortium/pack_rules.h"

namespace chanyan::consortium {

// Thread-safe.
class FilingBook {
 public:
  explicit FilingBook(const ConsortiumPack& pack) : pack_(pack) {}

  // Gives the dossier the next number of the year, term and code: the months of its open notice, at
  // most the pack's, which hold where the notice names none. A filing that it renews ends with
  // it; it must be VALID or EXPIRED, and nobody else's.
  absl::Status File(rpc::Change& change, v1::Consortium* row) const;
  // The dossier's filing ends by a verb of FilingLife; one that has ended stays as it is.
  absl::Status End(rpc::Change& change, const v1::Consortium& row, absl::string_view verb) const;
  // Lead and members of the register follow the dossier.
  absl::Status Follow(rpc::Change& change, const v1::Consortium& row) const;

  absl::StatusOr<v1::Filing> Get(db::Session& session, absl::string_view name) const {
    return filings_.Get(session, name);
  }

 private:
  absl::StatusOr<int> NextNumber(db::Session& session, int year) const;
  absl::Status Renew(rpc::Change& change, const v1::Consortium& row, const v1::Filing& by) const;
  absl::StatusOr<int> MonthsOf(db::Session& session, const v1::Consortium& row) const;
  void Fill(const v1::Consortium& row, v1::Filing* filing) const;

  const ConsortiumPack& pack_;
  const db::Table<v1::Filing> filings_;
  const db::Table<v1::PublicNotice> notices_;
};

}  // namespace chanyan::consortium
