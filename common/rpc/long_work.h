// Long work that a thread does for somebody who watches it (common/operation): the same handlers as
// for a caller who waits. Code that takes long says how far it is; where nobody watches, it says it
// to nobody.
//
// What the work changes, it changes through Mutate, which asks the work's leave first and moves its
// progress last, in the transaction of the change: so a unit is done once and counted once, whoever
// was killed in between.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "common/db/database.h"

namespace chanyan::rpc {

enum class Stage {
  // What was sent is read.
  kReading = 1,
  // Others are asked, rules are applied.
  kChecking = 2,
  // Rows are written.
  kWriting = 3,
};

// Used by the thread that does the work.
class LongWork {
 public:
  virtual ~LongWork() = default;

  // First in a transaction, and again in each of its attempts: an error if the work was cancelled
  // or is done by somebody else now. Then nothing is committed.
  virtual absl::Status Enter(db::Session& session) = 0;
  // Last in the transaction: what was counted since Enter is committed with it.
  virtual absl::Status Leave(db::Session& session) = 0;

  // In a transaction: so many units are done by it.
  virtual void Count(int64_t units) = 0;
  // Units that are left to do, besides those that were counted. Outside of transactions.
  virtual void Expect(int64_t units) = 0;
  // Where it is. Any number of times; few of them are written down.
  virtual void Say(Stage stage, int64_t done, int64_t total) = 0;

  // The work of this thread; never null: nobody's work does nothing.
  static LongWork& OfThisThread();
  // Whether somebody watches, for what is worth counting only then.
  static bool Watched();
};

// Makes `work` that of the present thread while it lives.
class LongWorkScope {
 public:
  explicit LongWorkScope(LongWork* work);
  ~LongWorkScope();
  LongWorkScope(const LongWorkScope&) = delete;
  LongWorkScope& operator=(const LongWorkScope&) = delete;

 private:
  LongWork* const before_;
};

}  // namespace chanyan::rpc
