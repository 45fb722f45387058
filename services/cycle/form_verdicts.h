// What the pack's rules say of a university's form, and of the rows that are put on it: one form a
// university and quarter, one row a platform and enterprise, nothing merged (POL-2, CYC-3). Pure.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/policy/v1/verdict.pb.h"
#include "common/policy/pack.h"
#include "services/cycle/form_rows.h"
#include "services/cycle/opening.h"

namespace chanyan::cycle {

// DECISION_FORM_CREATE; `existing` is the form that the university has in the cycle, or empty.
policy::v1::Verdicts FormVerdicts(const policy::Pack& pack, const v1::Form& form,
                                  absl::string_view existing);

// DECISION_FORM_ROW_CREATE of one row; `existing` is what its platform and enterprise have on the
// form, a row or a place in the same file, or empty.
policy::v1::Verdicts RowVerdicts(const policy::Pack& pack, absl::string_view form,
                                 const v1::Row& row, absl::string_view existing);

// Rows that are put on a form at once, beside those that are on it. Each is judged by itself, by
// its platform and enterprise and not by its name. Of one the verdicts are its own; of several one
// set, whose facts say of how many. RULE_VIOLATED with the verdicts of the first that a hard rule
// keeps off; what a soft rule says is on the record and stops nothing, for nobody is there to say
// why. Empty of no rows.
absl::StatusOr<policy::v1::Verdicts> JudgeRows(const policy::Pack& pack, absl::string_view form,
                                               const std::vector<const v1::Row*>& present,
                                               const std::vector<const v1::Row*>& born);

// Judges every form of a new cycle and its rows, and keeps the verdicts with the forms.
absl::Status JudgeOpening(const policy::Pack& pack, Opening* opening);
// Judges what a plan puts on a form beside the rows `stored`, and keeps the verdicts with the form.
absl::Status JudgePlan(const policy::Pack& pack, const std::vector<v1::Row>& stored,
                       const RowPlan& plan, v1::Form* form);

// `refused`, with the verdicts on the first of `planned` that `existing` has already.
absl::Status WithFormVerdicts(const policy::Pack& pack, const std::vector<v1::Form>& planned,
                              const std::vector<v1::Form>& existing, absl::Status refused);

}  // namespace chanyan::cycle
