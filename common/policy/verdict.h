// Rules at work: facts in, verdicts out. Everything is pure: the same pack and facts give verdicts
// that serialise to the same bytes.
//
//   v1::Verdicts verdicts = Evaluate(pack, v1::DECISION_PROJECT_CREATE, facts);
//   CHANYAN_RETURN_IF_ERROR(ApplyOverride(pack, "pairing.x", role, reason, verdicts));  // if asked
//   CHANYAN_RETURN_IF_ERROR(RequireSatisfied(verdicts));
//   project.set_verdicts(Encode(verdicts));
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/options/v1/options.pb.h"
#include "chanyan/policy/v1/policy.pb.h"
#include "chanyan/policy/v1/verdict.pb.h"
#include "common/policy/pack.h"

namespace chanyan::policy {

// Facts of one decision, by name in lower_snake_case. A fact without values is absent.
class Facts {
 public:
  // Replaces the values; an empty text makes the fact absent.
  Facts& Set(absl::string_view name, absl::string_view value);
  Facts& SetNumber(absl::string_view name, int64_t value);
  Facts& SetDate(absl::string_view name, absl::CivilDay value);
  // Adds one value beside the others; a value that is there already changes nothing.
  Facts& Add(absl::string_view name, absl::string_view value);

  // In ascending byte order; empty = absent.
  const std::vector<std::string>& Values(absl::string_view name) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// The figure that a rule of counts holds a resource to: its own within the bounds, where it brings
// one and the rule lets it; else the rule's.
int64_t FigureOf(uint32_t figure, const v1::OwnFigure& bounds, std::optional<int64_t> own);

// Verdict of one rule. A fact of the wrong form (a count that is no number) is NOT_SATISFIED with
// that as the reason: a decision is never taken on what could not be read.
v1::Verdict Evaluate(const Pack& pack, const v1::Rule& rule, const Facts& facts);
// Verdicts of every rule that the pack asks at a decision, in ascending order of rule id.
v1::Verdicts Evaluate(const Pack& pack, v1::Decision decision, const Facts& facts);

// Whether every rule that the pack asks at a decision is satisfied: what the verdicts would come
// to, without their words. For reads, which ask it for each row.
bool IsSatisfied(const Pack& pack, v1::Decision decision, const Facts& facts);

// Sets a soft rule aside. INVALID_FIELD without a reason; ROLE_NOT_PERMITTED when the rule does not
// name the role; RULE_VIOLATED for a hard rule; WRONG_STATE when there is nothing to override;
// NOT_FOUND for a rule that was not asked.
absl::Status ApplyOverride(const Pack& pack, absl::string_view rule_id, options::v1::Role role,
                           absl::string_view reason, v1::Verdicts& verdicts);

// Sets every soft rule aside that is not satisfied, in the name of the first of `roles` that the
// rule lets; errors as ApplyOverride. An empty reason sets nothing aside.
absl::Status SetAside(const Pack& pack, const std::vector<options::v1::Role>& roles,
                      absl::string_view reason, v1::Verdicts& verdicts);

// Greatest number of characters of an override's reason.
inline constexpr size_t kMaxOverrideReasonChars = 500;

// OK when every rule is satisfied or overridden. Otherwise FAILED_PRECONDITION, RULE_VIOLATED, with
// `verdicts` as a detail and a message that names each rule, its clause and whether it can be
// overridden.
absl::Status RequireSatisfied(const v1::Verdicts& verdicts);
// As RequireSatisfied for hard rules alone: where nobody is there to say why (a form's row), a soft
// rule that is not met is on the record and stops nothing.
absl::Status RequireHard(const v1::Verdicts& verdicts);
// Whether a hard rule is not satisfied: nobody can go on.
bool HasHardFailure(const v1::Verdicts& verdicts);

// Bytes to store with a decision and to compare on re-evaluation: the same verdicts, the same
// bytes.
std::string Encode(const v1::Verdicts& verdicts);

}  // namespace chanyan::policy
