// What is written in a drill, as JSON.
#pragma once

#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace chanyan::fault {

// `kind` without ORGANIZATION_KIND_; `more` is JSON members with a comma in front.
std::string OrganizationBody(const std::string& title, const std::string& kind,
                             const std::string& more = "");
// Of the pack's.
inline constexpr char kIndustry[] = "人工智能";
// Invented.
std::string CodeOf(int number);
// `number` makes its code; organizations/{…} of its responsible unit, if it has one.
std::string EnterpriseBody(const std::string& title, int number, const std::string& unit = "");
// One that may be published.
std::string PlatformBody(const std::string& title);
// Of the instrument that was made as `number`.
std::string AssetNumberOf(const std::string& number);
// One that may be opened, day and night. Its owner is asked for a time, however soon, or it is
// confirmed at once.
std::string InstrumentBody(const std::string& platform, const std::string& number, bool asked);
std::string ProjectBody(const std::string& platform, const std::string& enterprise);
std::string BookingBody(absl::Time start, absl::Time end);
std::string RescheduleBody(absl::Time start, absl::Time end);
// Of the project's two sides, signed on kSignDay.
std::string AgreementBody(const std::string& university, const std::string& partner);
// Of a result that is pushed to the marine department alone.
std::string ResultBody(const std::string& title);
// Of a talk on `day`.
std::string FollowUpBody(absl::CivilDay day, const std::string& content);

}  // namespace chanyan::fault
