// RPC handlers of chanyan.consortium.v1.ConsortiumService (CON-1, CON-3). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/stream.h"
#include "services/consortium/bar_book.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

// What the caller sees of a dossier: what is missing, and what he may do now.
v1::Consortium Present(const ConsortiumPack& pack, const rpc::Call& call, v1::Consortium row);

class ConsortiumService {
 public:
  explicit ConsortiumService(Deps deps) : deps_(std::move(deps)), bars_(deps_.book) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::ListConsortiaResponse> ListConsortia(const rpc::Call&,
                                                          const v1::ListConsortiaRequest&);
  absl::StatusOr<v1::Consortium> CreateConsortium(const rpc::Call&,
                                                  const v1::CreateConsortiumRequest&);
  absl::StatusOr<v1::Consortium> UpdateConsortium(const rpc::Call&,
                                                  const v1::UpdateConsortiumRequest&);
  absl::StatusOr<v1::Consortium> SubmitConsortium(const rpc::Call&,
                                                  const v1::SubmitConsortiumRequest&);
  absl::StatusOr<v1::Consortium> RecommendConsortium(const rpc::Call&,
                                                     const v1::RecommendConsortiumRequest&);
  absl::StatusOr<v1::Consortium> ReturnConsortium(const rpc::Call&,
                                                  const v1::ReturnConsortiumRequest&);
  absl::StatusOr<v1::Consortium> ReopenConsortium(const rpc::Call&,
                                                  const v1::ReopenConsortiumRequest&);
  absl::StatusOr<v1::Consortium> ReexamineConsortium(const rpc::Call&,
                                                     const v1::ReexamineConsortiumRequest&);
  absl::StatusOr<v1::Consortium> RejectConsortium(const rpc::Call&,
                                                  const v1::RejectConsortiumRequest&);
  absl::StatusOr<v1::Consortium> AcceptConsortium(const rpc::Call&,
                                                  const v1::AcceptConsortiumRequest&);
  absl::StatusOr<v1::Consortium> InspectConsortium(const rpc::Call&,
                                                   const v1::InspectConsortiumRequest&);
  absl::StatusOr<v1::Consortium> DefendConsortium(const rpc::Call&,
                                                  const v1::DefendConsortiumRequest&);
  absl::StatusOr<v1::Consortium> SelectConsortium(const rpc::Call&,
                                                  const v1::SelectConsortiumRequest&);
  absl::StatusOr<v1::Consortium> WithdrawConsortium(const rpc::Call&,
                                                    const v1::WithdrawConsortiumRequest&);
  absl::StatusOr<v1::Consortium> CancelConsortium(const rpc::Call&,
                                                  const v1::CancelConsortiumRequest&);
  absl::StatusOr<v1::Consortium> RemoveLead(const rpc::Call&, const v1::RemoveLeadRequest&);
  absl::StatusOr<v1::Consortium> DissolveConsortium(const rpc::Call&,
                                                    const v1::DissolveConsortiumRequest&);
  // dossier_watch.cc
  absl::StatusOr<rpc::News<v1::WatchConsortiumResponse>> WatchConsortium(
      const rpc::Call&, const v1::WatchConsortiumRequest&) const;
  absl::StatusOr<v1::ListTransitionsResponse> ListTransitions(const rpc::Call&,
                                                              const v1::ListTransitionsRequest&);

 private:
  // The filing that a new dossier renews, and what was filed under it, taken over.
  absl::Status TakeOver(rpc::Change& change, const rpc::Call& call, v1::Consortium* row) const;
  absl::Status WriteContent(rpc::Change& change, const rpc::Call& call,
                            const v1::Consortium& before, v1::Consortium* row) const;
  // One step by the caller. `first` is asked before it, `then` does what comes with it.
  using RowWork = absl::FunctionRef<absl::Status(rpc::Change&, const v1::Consortium&)>;
  absl::StatusOr<v1::Consortium> Do(const rpc::Call& call, const google::protobuf::Message& request,
                                    const std::string& name, const std::string& etag,
                                    absl::string_view verb, const std::string& words, RowWork first,
                                    RowWork then) const;

  const Deps deps_;
  const BarBook bars_;
  const db::Table<v1::Transition> transitions_;
};

}  // namespace chanyan::consortium
