// What the ladder asks for every minute (TRI-5).
#pragma once

#include <cstdint>

namespace chanyan::triage {

// How many results one question finds at most.
inline constexpr int64_t kLadderPage = 200;

// Open results that have taken so many rungs and whose holder did nothing since before a time, the
// longest idle first, without the first few: from the index result_ladder alone, in which what is
// concluded does not stand.
inline constexpr char kLadderSql[] =
    "SELECT name FROM result WHERE rung_count = ? AND act_time < ? ORDER BY act_time, name "
    "LIMIT ? OFFSET ?";

}  // namespace chanyan::triage
