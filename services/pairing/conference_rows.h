// Rows of conferences and their follow-ups (PAIR-8, REG-10): what they look like, what a row may
// bring in, and what of a stored one it changes. Pure; `field` of a violation is a path in the
// resource or a column of the row.
#pragma once

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/conference_sheet.pb.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "services/pairing/cooperation_rules.h"

namespace chanyan::pairing {

// --- Conferences

// `agreement_number` is that of its agreement, "" for none.
v1::ConferenceRow RowOf(const v1::Conference& conference, absl::string_view agreement_number);

// What a row without a number means: kind, day and title.
std::string KeyOf(const v1::ConferenceRow& row);
std::string KeyOf(const v1::Conference& conference);
// The name of a new one: the same key has the same.
std::string NameOfConference(absl::string_view key);

// Whether the sheet has a column.
using HasColumn = std::function<bool(absl::string_view column)>;

// What `said`, a row with its names resolved and its lists read, makes of `before`, or of nothing
// if that is null. Without a name; `out` gets what may not be said.
v1::Conference MergeConference(const v1::Conference* before, const v1::Conference& said,
                               const HasColumn& has, absl::Time now, Violations* out);

// --- Follow-ups

// `conference` may be null where the caller does not see it.
v1::FollowUpRow RowOf(const v1::FollowUp& follow_up, const v1::Conference* conference);

// Who brings a row in.
struct Writer {
  std::string account;
  std::string organization;
};

// The follow-up of `conference` that the row brings in, without name and units.
v1::FollowUp NewFollowUp(const v1::FollowUpRow& row, const v1::Conference& conference,
                         const Writer& writer, absl::Time now, Violations* out);
// What the row does to a stored one: reports what is new of its progress, submits what is new of
// its evidence. `unit` is what the registry knows by the row's title, "" for nothing.
void ActOn(const v1::FollowUpRow& row, const v1::Conference& conference, absl::string_view unit,
           const Writer& writer, absl::Time now, v1::FollowUp* follow_up, Violations* out);

// Whether two texts differ in nothing but the ends of their lines, which sheets do not keep.
bool SameText(absl::string_view a, absl::string_view b);

}  // namespace chanyan::pairing
