// Changes of several callers that came at the same time, in as few transactions as they fit: what
// each would wait for alone, the disk above all, they wait for once.
#pragma once

#include <cstddef>
#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/db/database.h"

namespace chanyan::db {

// Changes of one transaction. They are alike, and a power of two, so that there are few texts to
// prepare.
inline constexpr size_t kMostInCompany = 32;

// What one caller would have done in a transaction of its own. For hopeful closures that ask the
// database nothing and take microseconds, such as creates: they run without a connection.
struct Companion {
  std::function<absl::Status(Session&)> work;
  // OK: it is committed. UNAVAILABLE: it may be, or nothing can be reached. Anything else says
  // nothing about it but that nothing of it happened; it should be done alone.
  absl::Status status;
};

// Runs each once and sets how it ended. What is refused, whosesoever fault it was, takes along
// those who shared its transaction. No statement starts after `deadline`.
void TransactTogether(Database& database, absl::Time deadline, absl::Span<Companion> all);

}  // namespace chanyan::db
