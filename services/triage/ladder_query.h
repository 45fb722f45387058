// What the ladder asks for every minute (TRI-5).
#pragma once

namespace chanyan::triage {

// Open results that have taken so many rungs and whose holder did nothing since before a time, the
// longest idle first: from the index result_ladder alone.
inline constexpr char kLadderSql[] =
    "SELECT name FROM result WHERE rung_count = ? AND act_time < ? ORDER BY act_time LIMIT 200";

}  // namespace chanyan::triage
