// What a job that runs every minute says of its failures: the same ones once a day.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

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

// Of one job; not for several threads.
class RepeatedFailures {
 public:
  // What is to be said of a run: OK for one that was good, which forgets all, and for a message
  // that was said that day (Beijing) already.
  absl::Status Filter(const absl::Status& run, absl::Time now);

 private:
  absl::flat_hash_map<std::string, absl::CivilDay> said_;
};

}  // namespace chanyan::triage
