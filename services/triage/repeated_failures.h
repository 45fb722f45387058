// What a job that runs every minute says of its failures: one line when they come, when they change
// and when they are over, and nothing between.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace chanyan::triage {

// Everything that went wrong in one run, each message once: the first error with the messages of
// all, "；" between them.
class Failures {
 public:
  void Add(const absl::Status& status);
  // OK if nothing was added.
  absl::Status All() const;

 private:
  absl::Status first_;
  std::vector<std::string> messages_;
};

// The state of one job, as its runs show it; not for several threads.
class RepeatedFailures {
 public:
  enum class News { kNone, kFails, kWorksAgain };

  // What a run has to tell: that it fails, if the run before did not fail or failed for something
  // else; that it works again after a failure.
  News Note(const absl::Status& run);

 private:
  // What the last run that failed said; empty = the last run was good.
  std::string said_;
};

}  // namespace chanyan::triage
