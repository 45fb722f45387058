// What both sides of a project are told of the end of its agreement, from pairing's journal
// (PAIR-3). Pure.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/pairing/v1/agreement.pb.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

// Of "expiring" to the platform's side and to the enterprise, each asked to agree with the other.
// Nothing of other entries.
std::vector<Notice> AgreementNoticesOf(const pairing::v1::Agreement& agreement,
                                       absl::string_view kind);

// Whether nobody need do anything any more about an end that was told: the term is another by now.
bool IsAgreementSettled(const pairing::v1::Agreement& agreement, absl::string_view kind);

}  // namespace chanyan::cycle
