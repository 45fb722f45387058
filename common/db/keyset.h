// Order of a list, and the rows after a given one in that order. A page costs the same wherever it
// lies, and rows that come or go meanwhile shift nothing.
#pragma once

#include <string>
#include <vector>

#include "common/db/columns.h"
#include "common/db/predicate.h"

namespace chanyan::db {

struct SortKey {
  const Column* column;
  bool descending;
};

// "`a` DESC, `name`". The last key is unique and not nullable.
std::string OrderSql(const std::vector<SortKey>& keys);
// Rows after the one with these values. As in MariaDB, NULL comes before every value.
Predicate AfterSql(const std::vector<SortKey>& keys, const Values& last);
// Whether the values can be of these columns.
bool ValuesFit(const std::vector<SortKey>& keys, const Values& values);

}  // namespace chanyan::db
