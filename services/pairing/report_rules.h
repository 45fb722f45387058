// Rules of quarterly reports (PAIR-4): in which part of the quarter a project belongs, which
// version counts, and where another contradicts it. Pure, and independent of the order in which
// versions come.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/report_version.pb.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::pairing {

// 意向, 新增 or 在建 of a quarter, by the day of signing alone: signed later than the quarter or
// not at all, in it, or before it. A project that is signed on a day nobody told counts as 在建.
v1::ReportCategory CategoryOf(const v1::Project& project, time::Quarter quarter);

// The quarter of that id, which has begun by `today`; otherwise a violation of `field`.
absl::StatusOr<time::Quarter> QuarterToReport(absl::string_view id, absl::CivilDay today,
                                              absl::string_view field);
// FAILED_PRECONDITION if the project has ended: nothing more is reported of it.
absl::Status RequireReporting(const v1::Project& project);

// What is wrong with a version that is to be submitted: it says what happened, or that nothing
// changed, and not both. Fields of ReportVersion.
std::vector<status::Violation> VersionViolations(const v1::ReportVersion& version);

// Of the submitted versions of one report the one that counts: the form's row that came last, for
// it went through the custody of both sides and the secretariat; without one, what people submitted
// last. Null if nothing is submitted.
const v1::ReportVersion* CountedOf(const std::vector<v1::ReportVersion>& versions);
// The one submitted last, whatever it came from; null if nothing is submitted.
const v1::ReportVersion* NewestOf(const std::vector<v1::ReportVersion>& versions);

// Progress as it is read: the explicit answer stands in its place.
std::string ProgressText(const v1::ReportVersion& version);
// Whether two versions say the same.
bool SaySame(const v1::ReportVersion& a, const v1::ReportVersion& b);

// A base is a submitted version of the same report, or empty; else a violation of "base".
std::vector<status::Violation> BaseViolations(const std::vector<v1::ReportVersion>& versions,
                                              absl::string_view base);
// The version that was submitted since the writer had `base` in sight; null if none was.
const v1::ReportVersion* SubmittedSince(const std::vector<v1::ReportVersion>& versions,
                                        absl::string_view base);

// Where a form's row counts: what the version that people submitted last says otherwise, field by
// field.
std::vector<v1::ReportConflict> ConflictsOf(const std::vector<v1::ReportVersion>& versions);

}  // namespace chanyan::pairing
