// INSERTs into the same columns as one.
#pragma once

#include <vector>

#include "common/db/connection.h"

namespace chanyan::db {

// "INSERT INTO t (a) VALUES (?)" twice is "INSERT INTO t (a) VALUES (?), (?)": rows of the same
// columns go together, in their order, where the first of them stood. If one of the statements is
// anything but such an INSERT, all stay as they are, because their order may matter.
std::vector<Statement> MergedInserts(std::vector<Statement> statements);

}  // namespace chanyan::db
