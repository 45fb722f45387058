// Places as rows about somebody carry them, by name or code, against those of the pack. Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/policy/pack.h"

namespace chanyan::policy {

// `zone` is the functional zone, street or town of somebody in the district `region_code` (GB/T
// 2260; may be empty), as it was written: it becomes what the pack calls the place, whatever the
// width and script of its characters, its blanks and signs, and which of the place's names it is
// (PlaceIndex::Named). "", or what is wrong as a Chinese sentence that names the nearest ones; then
// it stays.
//
// What the pack cannot know is not judged: places of another city, and streets and towns of a
// district of which it lists none.
std::string TakeZone(const Pack& pack, absl::string_view region_code, std::string* zone);

// "", or why the code is none of a district of the pack's city, as a Chinese sentence that names
// the nearest ones. Codes of other cities are not judged, nor are any where the pack has no
// districts; the city's own, with 00 or 01 at its end, is good.
std::string WrongRegion(const Pack& pack, absl::string_view region_code);

}  // namespace chanyan::policy
