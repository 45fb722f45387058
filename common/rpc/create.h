// A change whose calls are made together where they meet: one transaction for as many as came while
// others were under way (db/company.h), each journalled and remembered as if it had been alone.
//
//   rpc::MadeTogether<v1::CreateOrganizationRequest, v1::Organization>(
//       rpc::Unary("CreateOrganization", this, &S::CreateOrganization), deps_.store,
//       [this](const rpc::Call& call, const v1::CreateOrganizationRequest& request,
//              rpc::Change& change) -> absl::StatusOr<v1::Organization> {…},
//       seen),
//
// For closures that mostly ask the database nothing; one that does goes alone.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"

namespace chanyan::rpc {

template <class Request, class Reply, class Work, class See>
void AnswerCreates(const StoreDeps& store, const Work& work, const See& see,
                   absl::Span<Asked> all) {
  std::vector<Reply> replies(all.size());
  std::vector<Mutation> mutations;
  mutations.reserve(all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    mutations.push_back({all[i].call, all[i].request,
                         [&, i](Change& change) -> absl::Status {
                           absl::StatusOr<Reply> made = work(
                               all[i].call, static_cast<const Request&>(all[i].request), change);
                           if (!made.ok()) return made.status();
                           replies[i] = *std::move(made);
                           return absl::OkStatus();
                         },
                         &replies[i], absl::OkStatus()});
  }
  MutateTogether(store, absl::MakeSpan(mutations));
  for (size_t i = 0; i < all.size(); ++i) {
    all[i].alone = mutations[i].alone;
    all[i].status =
        mutations[i].status.ok()
            ? SendReply<Reply>(all[i].call, see(all[i].call, std::move(replies[i])), all[i].reply)
            : std::move(mutations[i].status);
  }
}

// `alone` is the method as it answers one call, with Mutate. `work` is the closure of that Mutate;
// `see` makes what the caller sees of what it returned, and asks nobody.
template <class Request, class Reply, class Work, class See>
UnaryMethod MadeTogether(UnaryMethod alone, const StoreDeps& store, Work work, See see) {
  alone.answer_together = [&store, work, see](absl::Span<Asked> all) {
    AnswerCreates<Request, Reply>(store, work, see, all);
  };
  return alone;
}

}  // namespace chanyan::rpc
