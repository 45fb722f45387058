// A condition over one table's columns: SQL with `?` and its values. Built from a filter of a
// caller (filter.h) or from the grants of a role (auth/scope.h), never from text of a caller.
#pragma once

#include <string>
#include <utility>

#include "common/db/value.h"

namespace chanyan::db {

struct Predicate {
  std::string sql;
  Values params;

  static Predicate Everything() { return {"1", {}}; }
  static Predicate Nothing() { return {"0", {}}; }
};

// Both hold.
inline Predicate And(Predicate a, const Predicate& b) {
  if (a.sql == "1") return b;
  if (b.sql == "1") return a;
  a.sql = "(" + a.sql + ") AND (" + b.sql + ")";
  a.params.insert(a.params.end(), b.params.begin(), b.params.end());
  return a;
}

// One holds.
inline Predicate Or(Predicate a, const Predicate& b) {
  if (a.sql == "0") return b;
  if (b.sql == "0") return a;
  a.sql = "(" + a.sql + ") OR (" + b.sql + ")";
  a.params.insert(a.params.end(), b.params.begin(), b.params.end());
  return a;
}

// An order_by that locks what is read, in one order for all.
inline constexpr char kByNameLocked[] = "name FOR UPDATE";

}  // namespace chanyan::db
