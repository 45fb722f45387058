// What people are told of exchange events (CYC-7, CYC-9). Pure; whom it concerns is for the caller
// to fill in.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

// Asks for an answer until sign-up ends.
Notice InvitationTo(const v1::Event& event);

// To those with whom it is held.
Notice CoHosting(const v1::Event& event);

// That it is "postpone"d or "cancel"led; nothing of what needs no telling.
std::optional<Notice> NewsOf(const v1::Event& event, absl::string_view verb);

// What of an event that is still to come was corrected, to those who come or are asked to; nothing
// of what needs no telling.
std::optional<Notice> UpdateNews(const v1::Event& before, const v1::Event& after);

// To those with whom it is not held any more.
Notice NoLongerCoHosting(const v1::Event& event);

}  // namespace chanyan::cycle
