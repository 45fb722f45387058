// What a challenge (揭榜挂帅) brings besides, as columns of the demands' sheet (TRI-1).
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "common/sheet/table.h"
#include "google/protobuf/field_mask.pb.h"

namespace chanyan::triage {

struct ChallengeColumn {
  // Computed field of Demand and what it shows: a field of Challenge.
  absl::string_view column;
  absl::string_view field;
};
inline constexpr ChallengeColumn kChallengeColumns[] = {
    {"challenge_conditions", "existing_conditions"},      {"challenge_term_months", "term_months"},
    {"challenge_ip_ownership", "ip_ownership"},           {"challenge_bounty_yuan", "bounty_yuan"},
    {"challenge_bidder_conditions", "bidder_conditions"},
};

// Sheets have them, and nothing else does.
void ClearChallengeColumns(v1::Demand* demand);
// Fills in the columns.
void WriteChallengeColumns(v1::Demand* demand);
// The columns become the challenge of `demand`, which has none yet, and are empty then.
void ReadChallengeColumns(v1::Demand* demand);
// The challenge's fields that the sheet has columns for, as paths of Demand.
google::protobuf::FieldMask ChallengePaths(const sheet::TablePlaces& places);
// The column that shows a field: "challenge_term_months" for "challenge.term_months".
std::string ChallengeColumnOf(const std::string& field);

}  // namespace chanyan::triage
