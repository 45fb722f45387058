#include "services/consortium/coordination_rules.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::consortium {
namespace {

// As the registry has them.
constexpr absl::string_view kKindsThatCoordinate[] = {"FUNCTIONAL_ZONE", "TOWN", "DISTRICT",
                                                      "DEPARTMENT"};

}  // namespace

std::string AssigneeProblem(const v1::Party& party) {
  if (!absl::c_linear_search(kKindsThatCoordinate, party.kind())) {
    return absl::StrCat("“", party.title(), "”不是大功能区、镇街、区（市）或部门，不能承办");
  }
  if (!party.active()) return absl::StrCat("“", party.title(), "”已停用，不能承办");
  return "";
}

absl::StatusOr<absl::Time> CoordinationTerm(const google::type::Date& wanted,
                                            absl::CivilDay today) {
  const absl::StatusOr<absl::CivilDay> day = time::ToCivilDay(wanted);
  if (!day.ok()) return status::InvalidField("due_date", std::string(day.status().message()));
  if (*day < today) return status::InvalidField("due_date", "办理期限不能早于今天");
  return time::EndOfDay(*day);
}

bool MayCoordinate(const v1::CoordinationItem& item, absl::string_view verb,
                   absl::string_view organization) {
  if (organization.empty()) return false;
  return organization == (verb == "answer" ? item.assignee() : item.office());
}

Raised WhatIsRaised(const std::vector<v1::CoordinationItem>& known, absl::string_view problem) {
  if (problem.empty()) return {};
  for (const v1::CoordinationItem& item : known) {
    if (item.content() == problem) return {};
  }
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i].state() == v1::COORDINATION_STATE_OPEN) return {Raising::kReword, i};
  }
  return {Raising::kRaise, 0};
}

}  // namespace chanyan::consortium
