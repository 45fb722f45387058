// Cells of a conference's row that hold a list (PAIR-8): agenda, participants, decisions. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/pairing/v1/conference_sheet.pb.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "common/status/status.h"
#include "google/protobuf/repeated_field.h"

namespace chanyan::pairing {

// "item | presented by" for each.
std::string LinesOf(const google::protobuf::RepeatedPtrField<v1::AgendaItem>& agenda);
// "organization | person | position | attendance" for each; the organization of a guest, which is
// not in the directory, stands behind "来宾：".
std::string LinesOf(const google::protobuf::RepeatedPtrField<v1::ConferenceAttendee>& attendees);
// "number | what was decided" for each; a text of several lines goes on in the next one.
std::string LinesOf(const google::protobuf::RepeatedPtrField<v1::ConferenceDecision>& decisions);

// What is wrong with the lists of a row, besides the names of organizations.
std::vector<status::Violation> ListViolations(const v1::ConferenceRow& row);

// The lines in place of what was there; they must be good. Participants from the directory have its
// title and kAnyOrganization for a name.
void TakeLines(absl::string_view text, google::protobuf::RepeatedPtrField<v1::AgendaItem>* agenda);
void TakeLines(absl::string_view text,
               google::protobuf::RepeatedPtrField<v1::ConferenceAttendee>* attendees);
// A decision keeps the assignments that its number had.
void TakeLines(absl::string_view text,
               google::protobuf::RepeatedPtrField<v1::ConferenceDecision>* decisions);

}  // namespace chanyan::pairing
