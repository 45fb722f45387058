// Which RPCs the drills write by (GW-3, OPS-5): reckoned from the courses' rows and from what
// clients sent, and why some are written by no drill of this folder.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/fault/under_load/ledger.h"

namespace chanyan::fault {

// Full names, "chanyan.cycle.v1.CycleService.OpenCycle", of all that change something.
std::set<std::string> MutatingRpcs();

// What a call calls; "" if nothing has that path.
std::string RpcOf(absl::string_view http_method, absl::string_view target);

// Of every act of every course, as its row says, without sending any. Acts that reach nothing, or
// are not for who does them, are named in `astray`.
std::set<std::string> RpcsOfCourses(std::vector<std::string>* astray);
// Of what was sent, whatever came of it.
std::set<std::string> RpcsOf(const std::vector<Change>& changes);

// What clients write besides their courses: each drill is held to it, and so is the one of
// consortia to its own.
const std::set<std::string>& RpcsOfClients();
const std::set<std::string>& RpcsOfConsortia();

// Why no drill of this folder writes by it; null if one does.
const char* UnwrittenReason(const std::string& rpc);
// All that a reason is given for.
std::vector<std::string> AllUnwritten();

}  // namespace chanyan::fault
