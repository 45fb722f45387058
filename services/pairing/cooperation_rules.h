// Rules of frame cooperation (PAIR-8). Pure; `field` of a violation is a path in the resource.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "common/policy/pack.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"

namespace chanyan::pairing {

using Violations = std::vector<status::Violation>;

// FAILED_PRECONDITION if the city's pack says nothing of frame cooperation.
absl::Status RequireCooperation(const policy::Pack& pack);

// Fields that differ and are not in `free`, each with `why`; name, etag and output-only fields are
// not looked at.
Violations FrozenViolations(const google::protobuf::Message& before,
                            const google::protobuf::Message& after,
                            absl::Span<const absl::string_view> free, absl::string_view why);

// --- Agreements

// IN_FORCE becomes EXPIRED on the day after the last one, whether or not the job has marked it yet.
v1::FrameAgreementState StateOn(const v1::FrameAgreement& agreement, absl::CivilDay day);
// What is wrong with its areas and its term.
Violations AgreementViolations(const policy::Pack& pack, const v1::FrameAgreement& agreement);
// What of it may still be changed in its state.
Violations AgreementChangeViolations(const v1::FrameAgreement& before,
                                     const v1::FrameAgreement& after);
// Sets the instant at which the last day is over.
void SetExpireTime(v1::FrameAgreement* agreement);

// --- Conferences

// What may be changed in its state.
Violations ConferenceChangeViolations(const v1::Conference& before, const v1::Conference& after);
// What is missing to call it at `now`.
Violations ConveneViolations(const v1::Conference& conference, absl::Time now);
// What is missing of its minutes and decisions.
Violations IssueViolations(const v1::Conference& conference);
// Organizations of convener and participants, each once, in order.
std::vector<std::string> OrganizationsOf(const v1::Conference& conference);
// The follow-ups that issuing the minutes makes, one for each assignment; names and titles apart.
std::vector<v1::FollowUp> FollowUpsOf(const v1::Conference& conference);
// The day by which the next conference is due: the same day of the month, or its last.
//   NextDue(2025-08-31, 6) = 2026-02-28
absl::CivilDay NextDue(absl::CivilDay last, int interval_months);

// --- Follow-ups

// Whether somebody still has to do it.
bool IsOpen(v1::FollowUpState state);
// The last due date that is at most `workdays` workdays after `today`. What lies in a year without
// calendar is not near before its calendar is known; a day before `today` if this year has none.
//   LastDueSoon(Friday, 2) = Tuesday, if no holiday lies between
absl::CivilDay LastDueSoon(const policy::WorkCalendar& calendar, absl::CivilDay today,
                           int workdays);
// Nothing was submitted by the due date, or what was came later.
bool IsOverdue(const v1::FollowUp& follow_up, absl::CivilDay today);

// What the verbs `report` and `submit` write, besides the state.
void AddReport(absl::string_view text, absl::string_view organization, absl::Time now,
               v1::FollowUp* follow_up);
void SetEvidence(absl::string_view evidence, absl::string_view account, absl::Time submitted,
                 v1::FollowUp* follow_up);

// --- Bases

Violations BaseViolations(const policy::Pack& pack, const v1::CoBuiltBase& base);
// Days in order, none of them to come.
Violations BaseDayViolations(const v1::CoBuiltBase& base, absl::CivilDay today);

// What is wrong with a third party's evaluation of a base and with the platform of the province or
// above that it is recommended as: each is told as a whole, neither is still to come, and without
// the one there is not the other.
std::vector<status::Violation> EvaluationViolations(const v1::CoBuiltBase& base,
                                                    absl::CivilDay today);
// What the pack says of recommending a base with the evaluation that it has.
policy::v1::Verdicts RecommendVerdicts(const policy::Pack& pack, const v1::CoBuiltBase& base);
// Judges a base that is new (`stored` null) or whose evaluation or recommendation is to be another
// than that of `stored`, and keeps the verdicts with it; one that is not recommended has none
// (POL-2). Soft rules that are not met are set aside by who may, with the reason (POL-3). Errors as
// SetAside and RequireSatisfied; the base is then as it was.
absl::Status JudgeRecommendation(const policy::Pack& pack, const v1::CoBuiltBase* stored,
                                 const std::vector<options::v1::Role>& roles,
                                 absl::string_view reason, v1::CoBuiltBase* wanted);

}  // namespace chanyan::pairing
