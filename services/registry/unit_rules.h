// Units that hours, prices and rates of instruments are reckoned in; pure.
#pragma once

namespace chanyan::registry {

inline constexpr int kMinutesOfHour = 60;
inline constexpr int kFenOfYuan = 100;
inline constexpr int kPercent = 100;

}  // namespace chanyan::registry
