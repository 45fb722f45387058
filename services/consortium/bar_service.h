// RPC handlers of chanyan.consortium.v1.BarService: bars and appeals (CON-8), credit file and
// support ledger (CON-9). Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/bar.pb.h"
#include "chanyan/consortium/v1/evaluation.pb.h"
#include "common/db/lease.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "services/consortium/bar_book.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

class BarService {
 public:
  explicit BarService(Deps deps) : deps_(std::move(deps)), bars_(deps_.book) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ListBarsResponse> ListBars(const rpc::Call&, const v1::ListBarsRequest&);
  absl::StatusOr<v1::Bar> AppealBar(const rpc::Call&, const v1::AppealBarRequest&);
  absl::StatusOr<v1::Bar> DecideAppeal(const rpc::Call&, const v1::DecideAppealRequest&);
  absl::StatusOr<v1::CreditEntry> CreateCreditEntry(const rpc::Call&,
                                                    const v1::CreateCreditEntryRequest&);
  absl::StatusOr<v1::CreditEntry> RevokeCreditEntry(const rpc::Call&,
                                                    const v1::RevokeCreditEntryRequest&);
  absl::StatusOr<v1::ListCreditEntriesResponse> ListCreditEntries(
      const rpc::Call&, const v1::ListCreditEntriesRequest&);
  absl::StatusOr<v1::SupportMeasure> CreateSupportMeasure(const rpc::Call&,
                                                          const v1::CreateSupportMeasureRequest&);
  absl::StatusOr<v1::ListSupportMeasuresResponse> ListSupportMeasures(
      const rpc::Call&, const v1::ListSupportMeasuresRequest&);

  // Bars whose last day is over become EXPIRED, and dossiers are judged anew; how many.
  absl::StatusOr<int> Expire(const db::Lease& lease);

 private:
  // RULE_VIOLATED unless its last concluded evaluation is an excellent one.
  absl::Status RequireExcellent(rpc::Change& change, const v1::Consortium& row,
                                const policy::v1::ConsortiumItem& measure) const;

  const Deps deps_;
  const BarBook bars_;
  const db::Table<v1::CreditEntry> credit_;
  const db::Table<v1::SupportMeasure> support_;
  const db::Table<v1::Evaluation> evaluations_;
};

}  // namespace chanyan::consortium
