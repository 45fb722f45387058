// What must hold of a platform beyond its shape (REG-2). Pure.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "google/type/date.pb.h"

namespace chanyan::registry {

// What review asks of a platform before it is published, by the pack's rules (S0 一(一):
// 发布科创平台介绍、与企业结对共建意向和对外提供服务方式等内容). It was put on record on the day
// of its create_time and published for the first time on that of its publish_time, each of them at
// `now` where it has none. Of what people fill in the facts are numbers, so that a verdict says
// enough to be replayed and repeats no text and nobody's telephone.
policy::v1::Verdicts PublishVerdicts(const policy::Pack& pack, const v1::Platform& platform,
                                     absl::Time now);

// What the pack asks of the age of a platform's data ("及时更新") at `now`, with the days that it
// compares. No verdicts where the pack has no such rule.
policy::v1::Verdicts FreshnessVerdicts(const policy::Pack& pack, const v1::Platform& platform,
                                       absl::Time now);
// Whether that rule is set aside for the platform at `now`.
bool IsFreshnessSetAside(const v1::Platform& platform, absl::Time now);
// Whether a published platform's data are older than the pack allows at `now` and nobody has set
// the rule aside. False where the pack has no such rule.
bool IsStale(const policy::Pack& pack, const v1::Platform& platform, absl::Time now);
// Puts mark and verdicts of `now` on the platform. An exception that still holds keeps its
// verdicts; one that is over goes.
void JudgeFreshness(const policy::Pack& pack, absl::Time now, v1::Platform* platform);
// The last day of an exception from the rule of freshness as asked for: after `today`, and no
// further ahead than the pack lets it last. INVALID_FIELD (until).
absl::StatusOr<absl::CivilDay> ExceptionEnd(const policy::Pack& pack,
                                            const google::type::Date& until, absl::CivilDay today);

// Industries that the pack's taxonomies do not know.
std::vector<status::Violation> IndustryViolations(
    const policy::Pack& pack, const google::protobuf::RepeatedPtrField<std::string>& industries);

}  // namespace chanyan::registry
