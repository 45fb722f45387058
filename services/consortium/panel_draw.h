// The draw of a panel (CON-4). Pure: everything it goes by is its input, so that anybody can draw
// again and must come to the same experts.
//
// Algorithm "hash-order-1":
//   1. Left out is who is not in office, has none of the consortium's fields, was on the panel
//      before, or has a conflict of interest by any check of the pack.
//   2. The others stand in ascending order of SHA-256(seed LF subject LF expert), in hex.
//   3. One after another in that order: an expert is drawn if the category has a free seat, the
//      employer has fewer than max_per_employer experts on the panel, and the seats that then
//      remain can still be filled from the others under the same limits (maximum flow from
//      categories to employers); otherwise passed over.
// So if the seats can be filled at all they are, and nobody chooses but the seed.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/review.pb.h"

namespace chanyan::consortium {

inline constexpr char kDrawAlgorithm[] = "hash-order-1";

struct Draw {
  // In the order in which they were drawn.
  std::vector<v1::DrawnSeat> drawn;
  // In the order of the candidates.
  std::vector<v1::LeftOut> left_out;
};

// FAILED_PRECONDITION if the seats cannot be filled: how many each category needs and has.
// INVALID_ARGUMENT for another algorithm or a seed that is none.
absl::StatusOr<Draw> DrawSeats(const v1::DrawInput& input);

// 64 hexadecimal digits nobody can foresee.
std::string NewSeed();

// SHA-256, in hex, of a message in canonical JSON.
std::string DigestOf(const google::protobuf::Message& message);

// SHA-256 of what pool and successions say of an expert alone and conflicts are looked for in: who
// it is, employer, past posts, interests. Neither the day nor what others say is part of it.
std::string OwnDigest(v1::DrawCandidate expert);

// What was looked at for an expert who has no conflict.
v1::NonConflictProof ProofFor(const v1::DrawInput& input, const v1::DrawCandidate& expert);

// Whether a proof says of who the expert is, of the parties and of the rules what another said:
// digests of the expert, pack, and what was compared with what. The day, and what others build with
// the parties, is no part of it.
bool SameGrounds(const v1::NonConflictProof& a, const v1::NonConflictProof& b);

// Empty if the stored draw is what its input gives; else what differs.
std::string DifferenceFromRedraw(const v1::PanelDraw& stored);

}  // namespace chanyan::consortium
