// The services beside CycleService in the program, and their jobs.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/rpc/runtime.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/database_clock.h"
#include "services/cycle/notice_clearing.h"
#include "services/cycle/objection_service.h"

namespace chanyan::cycle {

struct FollowThroughOptions {
  // File of the key that secrets of office systems follow from; empty = nothing is sent to any.
  std::string webhook_key_file;
  // ParseAllowedOrigins.
  std::string webhook_origins;
  // crypto::Keyring; needed.
  std::string data_key_file;
  ObjectionService::Limits objections;
  NoticeRetention retention;
};

// All go by `clock`; `cycles` says what a cycle would begin with.
absl::Status HostFollowThrough(rpc::Runtime& runtime, DatabaseClock& clock, CycleService& cycles,
                               const FollowThroughOptions& options);

}  // namespace chanyan::cycle
