// Who is trained to take a result (TRI-2): 未经培训的技术经纪人不能承接成果. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "chanyan/triage/v1/team.pb.h"
#include "services/triage/pack_rules.h"

namespace chanyan::triage {

// Names of the pack's courses that the broker has not completed by `today`, or that do not count
// any more, in the order of the pack.
std::vector<std::string> MissingCourses(const TriagePack& pack, const v1::Broker& broker,
                                        absl::CivilDay today);

// FAILED_PRECONDITION (RULE_VIOLATED) that names what is missing and the clause, or (WRONG_STATE)
// of one who has left.
absl::Status RequireQualified(const TriagePack& pack, const v1::Broker& broker,
                              absl::CivilDay today);

}  // namespace chanyan::triage
