// 《科创平台产学研结对共建项目季度报表》 as .xlsx: the one shape in which the form goes to a
// university, to an enterprise and into a package. The columns are those of v1.Row, so that what is
// filled in reads back with sheet::ReadTable<v1::Row>. Pure: the same input makes the same bytes.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "common/time/civil.h"

namespace chanyan::cycle {

// Rows of one form or one section, not owned.
using RowSpan = absl::Span<const v1::Row* const>;

struct FormSheet {
  time::Quarter quarter;
  // A rehearsal says so in its title.
  bool rehearsal = false;
  // Whose form it is.
  std::string university_title;
  // The enterprise that fills it in; empty = the university itself.
  std::string enterprise_title;
  // The platform that fills in its part of the university's form; empty = the form as a whole.
  std::string platform_title;
  // Names to choose co-building kinds from, for the instructions. They are no drop-down, because a
  // list refuses several joined by 、.
  std::vector<std::string> kinds;
  // A copy for the file: without instructions, nothing editable.
  bool filed = false;
  // Written into the file's properties.
  absl::Time created;
};

// "科创平台产学研结对共建项目季度报表", with （演练/补录） behind it in a rehearsal.
std::string FormTitle(bool rehearsal);

// Rows in the order of a sheet: platform, category, enterprise, name.
void SortForSheet(std::vector<const v1::Row*>* rows);

// The file, rows in the given order, lines below them free to be filled in unless it is `filed`.
absl::StatusOr<std::string> WriteFormSheet(const FormSheet& form, RowSpan rows);

}  // namespace chanyan::cycle
