// Life cycle of a dossier (CON-3): the one table of who may do what, and what is recorded. Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "common/policy/life.h"
#include "common/status/status.h"

namespace chanyan::consortium {

// Whose step it is.
enum class Part { kLead, kDistrict, kOffice, kSystem };

// What is recorded with it.
enum class Words { kNone, kReason, kOpinion };

// What is asked of the pack's rules before it.
enum class Rules {
  kNone,
  // Every hard rule holds: the bureau has not looked at the soft ones yet.
  kHard,
  // Every rule holds or is set aside.
  kAll,
};

struct Step {
  absl::string_view verb;
  absl::string_view label;
  uint32_t from;
  v1::ConsortiumState to;
  Part part;
  Words words;
  Rules rules;
};

inline constexpr uint32_t kUnderReview =
    policy::Bits(v1::CONSORTIUM_STATE_DISTRICT_REVIEW, v1::CONSORTIUM_STATE_CITY_REVIEW,
                 v1::CONSORTIUM_STATE_EXPERT_REVIEW, v1::CONSORTIUM_STATE_SITE_VISIT,
                 v1::CONSORTIUM_STATE_DEFENCE, v1::CONSORTIUM_STATE_SELECTED,
                 v1::CONSORTIUM_STATE_PUBLIC_NOTICE);
inline constexpr uint32_t kEditable =
    policy::Bits(v1::CONSORTIUM_STATE_DRAFT, v1::CONSORTIUM_STATE_RETURNED);
// The city has accepted it by the rules of that day, and it cannot be corrected any more.
inline constexpr uint32_t kAccepted =
    policy::Bits(v1::CONSORTIUM_STATE_EXPERT_REVIEW, v1::CONSORTIUM_STATE_SITE_VISIT,
                 v1::CONSORTIUM_STATE_DEFENCE, v1::CONSORTIUM_STATE_SELECTED,
                 v1::CONSORTIUM_STATE_PUBLIC_NOTICE);
// Not decided yet: rules are judged anew whenever what they rest on changes.
inline constexpr uint32_t kOpen = kUnderReview | kEditable;
inline constexpr uint32_t kInForce =
    policy::Bits(v1::CONSORTIUM_STATE_FILED, v1::CONSORTIUM_STATE_LEAD_VACANT);

inline bool In(v1::ConsortiumState state, uint32_t states) {
  return (policy::Bits(state) & states) != 0;
}

inline absl::Span<const Step> ConsortiumSteps() {
  using policy::Bits;
  static constexpr uint32_t kCityDecides = Bits(
      v1::CONSORTIUM_STATE_CITY_REVIEW, v1::CONSORTIUM_STATE_EXPERT_REVIEW,
      v1::CONSORTIUM_STATE_SITE_VISIT, v1::CONSORTIUM_STATE_DEFENCE, v1::CONSORTIUM_STATE_SELECTED);
  static constexpr Step kSteps[] = {
      {"submit", "提交申报", kEditable, v1::CONSORTIUM_STATE_DISTRICT_REVIEW, Part::kLead,
       Words::kNone, Rules::kHard},
      {"recommend", "审核推荐", Bits(v1::CONSORTIUM_STATE_DISTRICT_REVIEW),
       v1::CONSORTIUM_STATE_CITY_REVIEW, Part::kDistrict, Words::kOpinion, Rules::kHard},
      {"return", "退回补正", Bits(v1::CONSORTIUM_STATE_DISTRICT_REVIEW),
       v1::CONSORTIUM_STATE_RETURNED, Part::kDistrict, Words::kReason, Rules::kNone},
      {"return", "退回补正", Bits(v1::CONSORTIUM_STATE_CITY_REVIEW), v1::CONSORTIUM_STATE_RETURNED,
       Part::kOffice, Words::kReason, Rules::kNone},
      {"reject", "不予通过", Bits(v1::CONSORTIUM_STATE_DISTRICT_REVIEW),
       v1::CONSORTIUM_STATE_REJECTED, Part::kDistrict, Words::kReason, Rules::kNone},
      {"reject", "不予通过", kCityDecides, v1::CONSORTIUM_STATE_REJECTED, Part::kOffice,
       Words::kReason, Rules::kNone},
      {"accept", "受理送审", Bits(v1::CONSORTIUM_STATE_CITY_REVIEW),
       v1::CONSORTIUM_STATE_EXPERT_REVIEW, Part::kOffice, Words::kOpinion, Rules::kAll},
      {"inspect", "转入现场考察", Bits(v1::CONSORTIUM_STATE_EXPERT_REVIEW),
       v1::CONSORTIUM_STATE_SITE_VISIT, Part::kOffice, Words::kOpinion, Rules::kAll},
      {"defend", "转入答辩评审", Bits(v1::CONSORTIUM_STATE_SITE_VISIT),
       v1::CONSORTIUM_STATE_DEFENCE, Part::kOffice, Words::kOpinion, Rules::kAll},
      {"select", "列入拟备案名单", Bits(v1::CONSORTIUM_STATE_DEFENCE),
       v1::CONSORTIUM_STATE_SELECTED, Part::kOffice, Words::kOpinion, Rules::kAll},
      {"announce", "公示", Bits(v1::CONSORTIUM_STATE_SELECTED), v1::CONSORTIUM_STATE_PUBLIC_NOTICE,
       Part::kOffice, Words::kNone, Rules::kAll},
      {"file", "备案", Bits(v1::CONSORTIUM_STATE_PUBLIC_NOTICE), v1::CONSORTIUM_STATE_FILED,
       Part::kSystem, Words::kNone, Rules::kAll},
      {"sustain", "异议成立", Bits(v1::CONSORTIUM_STATE_PUBLIC_NOTICE),
       v1::CONSORTIUM_STATE_REJECTED, Part::kOffice, Words::kReason, Rules::kNone},
      {"reopen", "公示后退回补正", Bits(v1::CONSORTIUM_STATE_PUBLIC_NOTICE),
       v1::CONSORTIUM_STATE_RETURNED, Part::kOffice, Words::kReason, Rules::kNone},
      {"reexamine", "退回重新评审",
       Bits(v1::CONSORTIUM_STATE_SITE_VISIT, v1::CONSORTIUM_STATE_DEFENCE,
            v1::CONSORTIUM_STATE_SELECTED, v1::CONSORTIUM_STATE_PUBLIC_NOTICE),
       v1::CONSORTIUM_STATE_EXPERT_REVIEW, Part::kOffice, Words::kReason, Rules::kNone},
      {"withdraw", "撤回申报", kOpen, v1::CONSORTIUM_STATE_WITHDRAWN, Part::kLead, Words::kReason,
       Rules::kNone},
      {"lapse", "逾期失效", Bits(v1::CONSORTIUM_STATE_RETURNED), v1::CONSORTIUM_STATE_LAPSED,
       Part::kSystem, Words::kNone, Rules::kNone},
      {"cancel", "取消备案资格", kInForce, v1::CONSORTIUM_STATE_CANCELLED, Part::kOffice,
       Words::kReason, Rules::kNone},
      {"removeLead", "取消牵头单位资格", Bits(v1::CONSORTIUM_STATE_FILED),
       v1::CONSORTIUM_STATE_LEAD_VACANT, Part::kOffice, Words::kReason, Rules::kNone},
      {"installLead", "更换牵头单位", Bits(v1::CONSORTIUM_STATE_LEAD_VACANT),
       v1::CONSORTIUM_STATE_FILED, Part::kSystem, Words::kNone, Rules::kNone},
      {"abandon", "逾期未更换牵头单位", Bits(v1::CONSORTIUM_STATE_LEAD_VACANT),
       v1::CONSORTIUM_STATE_CANCELLED, Part::kSystem, Words::kNone, Rules::kNone},
      {"dissolve", "解散", Bits(v1::CONSORTIUM_STATE_FILED), v1::CONSORTIUM_STATE_DISSOLVED,
       Part::kLead, Words::kReason, Rules::kNone},
      {"expire", "备案期满", kInForce, v1::CONSORTIUM_STATE_EXPIRED, Part::kSystem, Words::kNone,
       Rules::kNone},
      {"renew", "续期", kInForce, v1::CONSORTIUM_STATE_RENEWED, Part::kSystem, Words::kNone,
       Rules::kNone},
  };
  return kSteps;
}

inline absl::string_view PartTitle(Part part) {
  switch (part) {
    case Part::kLead:
      return "牵头单位";
    case Part::kDistrict:
      return "推荐单位";
    case Part::kOffice:
      return "备案单位";
    case Part::kSystem:
      return "系统";
  }
  return "";
}

// The row of the table; WRONG_STATE that names the present state and those from which the verb is
// possible; ROLE_NOT_PERMITTED if the state is somebody else's; INTERNAL if no row has the verb.
inline absl::StatusOr<const Step*> FindStep(v1::ConsortiumState present, absl::string_view verb,
                                            Part part) {
  uint32_t from = 0;
  absl::string_view label;
  const Step* others = nullptr;
  for (const Step& step : ConsortiumSteps()) {
    if (step.verb != verb) continue;
    label = step.label;
    from |= step.from;
    if (!In(present, step.from)) continue;
    if (step.part == part) return &step;
    others = &step;
  }
  if (others != nullptr) {
    return status::PermissionDenied(absl::StrCat("当前状态为“", policy::LabelOf(present), "”，",
                                                 label, "由", PartTitle(others->part), "办理"));
  }
  const policy::Transition<v1::ConsortiumState> all[] = {{verb, label, from, present}};
  CHANYAN_RETURN_IF_ERROR(policy::Next<v1::ConsortiumState>(
                              label.empty()
                                  ? absl::Span<const policy::Transition<v1::ConsortiumState>>()
                                  : absl::MakeConstSpan(all),
                              present, verb)
                              .status());
  return status::Internal(absl::StrCat("no step ", verb));
}

// The README's diagram.
inline std::string LifeDiagram() {
  std::string text = "```mermaid\nstateDiagram-v2\n  [*] --> DRAFT\n";
  const auto* states = v1::ConsortiumState_descriptor();
  for (const Step& step : ConsortiumSteps()) {
    for (int i = 0; i < states->value_count(); ++i) {
      const auto state = static_cast<v1::ConsortiumState>(states->value(i)->number());
      if (!In(state, step.from)) continue;
      constexpr size_t kPrefix = sizeof("CONSORTIUM_STATE_") - 1;
      absl::StrAppend(&text, "  ", v1::ConsortiumState_Name(state).substr(kPrefix), " --> ",
                      v1::ConsortiumState_Name(step.to).substr(kPrefix), ": ", step.verb, "（",
                      PartTitle(step.part), "）\n");
    }
  }
  return absl::StrCat(text, "```\n");
}

}  // namespace chanyan::consortium
