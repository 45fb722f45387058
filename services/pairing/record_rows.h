// Rows of contacts, problems, outcomes, agreements and quarterly progress (PAIR-2 to PAIR-5,
// PAIR-7, REG-10): what a record looks like as a row, and what a row says else than a record. Pure.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/pairing/v1/agreement.pb.h"
#include "chanyan/pairing/v1/contact.pb.h"
#include "chanyan/pairing/v1/outcome.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "chanyan/pairing/v1/record_sheet.pb.h"
#include "chanyan/pairing/v1/report_version.pb.h"
#include "common/status/status.h"
#include "google/protobuf/message.h"

namespace chanyan::pairing {

// A record as a row.
v1::ContactRow RowOf(const v1::Contact& contact);
v1::ProblemRow RowOf(const v1::Problem& problem);
v1::OutcomeRow RowOf(const v1::Outcome& outcome);
v1::AgreementRow RowOf(const v1::Agreement& agreement);
v1::ReportVersionRow RowOf(const v1::ReportVersion& version);
v1::ProgressRow RowOf(const v1::ProgressReport& report, const v1::Project& project);

// A row as a new record, without a name and what its service derives. `project` has the parties.
v1::Contact ContactOf(const v1::ContactRow& row, const v1::Project& project);
v1::Problem ProblemOf(const v1::ProblemRow& row);
// What the row says, onto an outcome. The evidence must be good (EvidenceViolations).
void TakeRow(const v1::OutcomeRow& row, v1::Outcome* outcome);

// What the row says in the fields that it `takes`, onto an agreement; the number stays. A party
// that the agreement had by that name is kept as it was. The lines must be good (LineViolations).
void TakeRow(const v1::AgreementRow& row, const std::function<bool(absl::string_view)>& takes,
             v1::Agreement* agreement);
// What the row says, as a version without a name.
v1::ReportVersion VersionOf(const v1::ProgressRow& row);

// What is wrong with the lines of an agreement's row: its documents and contract fields.
std::vector<status::Violation> LineViolations(const v1::AgreementRow& row);

// Whether two rows of one type say the same in each of `fields`; instants to the second.
bool SameIn(const google::protobuf::Message& a, const google::protobuf::Message& b,
            std::initializer_list<absl::string_view> fields);

// For each of `fields` that `row` fills in with something else than `stored` has: that it cannot be
// imported, and what it is.
std::vector<status::Violation> NotImported(const google::protobuf::Message& row,
                                           const google::protobuf::Message& stored,
                                           std::initializer_list<absl::string_view> fields);

// Violations of titles that are not the project's: project_title, enterprise_title and, where the
// row has it, platform_title.
std::vector<status::Violation> TitleViolations(const google::protobuf::Message& row,
                                               const google::protobuf::Message& stored);

}  // namespace chanyan::pairing
