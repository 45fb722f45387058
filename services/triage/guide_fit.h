// Project guides and the results that are to be applied with under them (TRI-4): 与项目指南结合
// (S1 三(二)1(1)). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/guide.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/status/status.h"
#include "services/triage/pack_rules.h"

namespace chanyan::triage {

// Most guides of one push, as the fields of Push have it.
inline constexpr int kMostGuides = 20;

// Everything wrong with a guide's content, fields as in the message.
std::vector<status::Violation> GuideViolations(const TriagePack& pack,
                                               const v1::ProjectGuide& guide);

// It is published and takes applications on that day.
bool IsAccepting(const v1::ProjectGuide& guide, absl::CivilDay today);
// Its last day has passed.
bool IsOver(const v1::ProjectGuide& guide, absl::CivilDay today);

// Whether a result of this class can be applied with under a guide: the guide takes up the class,
// and one of its fields or industries (an industry with all below it), or it is for every result.
bool Fits(const TriagePack& pack, const v1::ProjectGuide& guide,
          policy::v1::TriageClass triage_class, const v1::Result& result);

// Those of `open` that are the department's and fit, in their order, at most kMostGuides.
std::vector<v1::ProjectGuide> FittingGuides(const TriagePack& pack,
                                            absl::Span<const v1::ProjectGuide> open,
                                            const std::string& department,
                                            policy::v1::TriageClass triage_class,
                                            const v1::Result& result);

// Why a push cannot be tied to a guide, for people; empty if it can.
std::string WhyNotTied(const v1::ProjectGuide& guide, const v1::Push& push, absl::CivilDay today);

// The guides of a push, or of a planned one, by name and title.
template <class Record>
void NameGuides(absl::Span<const v1::ProjectGuide> guides, Record* record) {
  record->clear_guides();
  record->clear_guide_titles();
  for (const v1::ProjectGuide& guide : guides) {
    record->add_guides(guide.name());
    record->add_guide_titles(guide.title());
  }
}

// One guide more, unless the push has it or has as many as it may. Whether it was added.
bool AddGuide(const v1::ProjectGuide& guide, v1::Push* push);
// One less.
void DropGuide(const std::string& guide, v1::Push* push);

}  // namespace chanyan::triage
