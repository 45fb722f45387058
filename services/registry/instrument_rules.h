// What must hold of an instrument beyond its shape, and what holds of booking it (REG-4). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "common/policy/pack.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"

namespace chanyan::registry {

// Brings hours and prices into one order, so that the same content is the same message.
void Normalize(const policy::Pack& pack, v1::Instrument* instrument);

// Keeps what held of the opening of an instrument until `now`, if it was open and `after` changes
// it.
void KeepOpening(const v1::Instrument& before, absl::Time now, v1::Instrument* after);

// What the instrument itself shows to be wrong: hours, closures, prices, figures of its own that
// the pack does not let it set, a purchase that lies ahead of `today`.
std::vector<status::Violation> InstrumentViolations(const policy::Pack& pack,
                                                    const v1::Instrument& instrument,
                                                    absl::CivilDay today);

// What the pack asks of an instrument before it is opened (S0 一(一): 对外提供服务方式).
policy::v1::Verdicts OpenVerdicts(const policy::Pack& pack, const v1::Instrument& instrument);

// For one that was opened and is to be `wanted` from now on: stores what the rules say of that
// (POL-2). What was set aside at its opening stays so; RULE_VIOLATED if a hard rule forbids it.
// Nothing for a draft, or where nothing changes.
absl::Status RejudgeOpening(const policy::Pack& pack, const v1::Instrument& stored,
                            v1::Instrument* wanted);

// Facts that the pack's rules of a booking may ask, and the figure an instrument may set in place
// of theirs.
inline constexpr absl::string_view kNoticeHours = "notice_hours";
inline constexpr absl::string_view kNoticeWorkdays = "notice_workdays";
inline constexpr absl::string_view kBookedMinutes = "booked_minutes";
inline constexpr absl::string_view kAdvanceDays = "advance_days";

// The rule's figure for the fact as it holds for the instrument, its own where it has one; nothing
// where the pack has no such rule. Of several rules the strictest: minima rise, maxima fall.
std::optional<int64_t> FigureFor(const policy::Pack& pack, const v1::Instrument& instrument,
                                 absl::string_view fact);
// Adds what the instrument sets of its own to the facts of a booking.
void AddOwnFigures(const v1::BookingTerms& terms, policy::Facts* facts);

// "提前24小时预约；单次最长8小时；最早提前60天；开始前24小时以前取消不收费，此后收取50%；未到收取100%".
// Empty where the pack has no booking.
std::string TermsText(const policy::Pack& pack, const v1::Instrument& instrument);

}  // namespace chanyan::registry
