// Checks and conversions of google.type.Date, google.protobuf.Timestamp and their like. They go by
// descriptor, so that messages made at run time are read too.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/api/shape.h"
#include "google/protobuf/message.h"

namespace chanyan::api {

// Of a Timestamp: the years 1 to 9999.
inline constexpr int64_t kFirstSecond = -62'135'596'800;
inline constexpr int64_t kLastSecond = 253'402'300'799;
// Of a Duration, either way.
inline constexpr int64_t kMaxDurationSeconds = 315'576'000'000;

// "" if well-formed, else what is wrong as the end of a Chinese sentence.
std::string CheckKnown(Known known, const google::protobuf::Message& value);

// A google.type.Date as a day; nothing unless it is a full date that exists.
std::optional<absl::CivilDay> DayOf(const google::protobuf::Message& date);
void SetDay(absl::CivilDay day, google::protobuf::Message* date);
// 2025-04-01.
std::string DayText(absl::CivilDay day);
std::optional<absl::CivilDay> ParseDay(absl::string_view text);

// A google.protobuf.Timestamp as an instant; nothing outside the years 1 to 9999.
std::optional<absl::Time> TimeOf(const google::protobuf::Message& timestamp);
void SetTime(absl::Time time, google::protobuf::Message* timestamp);

}  // namespace chanyan::api
