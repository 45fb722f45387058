// The floor of what writes .xlsx: libxlsxwriter with the same cells, without looks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/sheet/workbook.h"

namespace chanyan::perf {

// Its own temporary files stay in memory, as ours are never written at all.
inline constexpr char kMemoryFolder[] = "/dev/shm";

int64_t CellsOf(const sheet::Sheet& sheet);

// One workbook with constant_memory. Ends the program if it cannot.
void WriteRawWorkbook(const std::string& path, const std::vector<const sheet::Sheet*>& sheets);

}  // namespace chanyan::perf
