// What must hold of a platform beyond its shape (REG-2). Pure.
#pragma once

#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"

namespace chanyan::registry {

// What review asks of a platform before it is published, by the pack's rules (S0 一(一):
// 发布科创平台 介绍、与企业结对共建意向和对外提供服务方式等内容) on `day`.
policy::v1::Verdicts PublishVerdicts(const policy::Pack& pack, const v1::Platform& platform,
                                     absl::CivilDay day);

// Whether a published platform's data are older than the pack allows ("及时更新") at `now`. False
// where the pack has no such rule.
bool IsStale(const policy::Pack& pack, const v1::Platform& platform, absl::Time now);

// Industries that the pack's taxonomies do not know.
std::vector<status::Violation> IndustryViolations(
    const policy::Pack& pack, const google::protobuf::RepeatedPtrField<std::string>& industries);

}  // namespace chanyan::registry
