// What is still to be done in a step of a cycle, and by whom: whoever has done it is not in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/db/database.h"

namespace chanyan::cycle {

struct Duty {
  // organizations/{o} that has to do it, or organizations/{o}/platforms/{p} whose managers have.
  std::string debtor;
  // Its name, where it is known here; empty otherwise.
  std::string title;
  // Whose leader is asked when it is late: the debtor's own, or of the unit that serves it.
  std::string leader_of;
  // Who does it there.
  options::v1::Role role = options::v1::ROLE_UNSPECIFIED;
  // In words, such as "报送季度报表".
  std::string what;
  // accounts/{a} that alone do it; empty = everybody there who has the role.
  std::vector<std::string> accounts = {};
};

// By debtor and act. In a transaction, all of it is of one moment.
absl::StatusOr<std::vector<Duty>> DutiesOf(db::Session& session, const v1::Cycle& cycle, int step);

// What a step of a cycle is called as the subject of a notification: cycles/{c}/steps/{n}.
std::string StepSubject(absl::string_view cycle, int step);

}  // namespace chanyan::cycle
