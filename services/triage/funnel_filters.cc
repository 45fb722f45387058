#include "services/triage/funnel_filters.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/api/fields.h"
#include "common/time/civil.h"

namespace chanyan::triage {
namespace {

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

absl::string_view ShortName(v1::FunnelStage stage) {
  return api::ShortName(v1::FunnelStage_descriptor()->FindValueByNumber(stage));
}

}  // namespace

std::string GroupFilter(const v1::QueryFunnelRequest& request, const std::string& key) {
  std::vector<std::string> parts = {"state != MERGED"};
  if (!request.filter().empty()) parts.push_back(absl::StrCat("(", request.filter(), ")"));
  switch (request.group_by()) {
    case v1::FUNNEL_GROUPING_TEAM:
      parts.push_back(absl::StrCat("team = ", Quoted(key)));
      break;
    case v1::FUNNEL_GROUPING_UNIVERSITY:
      parts.push_back(absl::StrCat("university = ", Quoted(key)));
      break;
    case v1::FUNNEL_GROUPING_INDUSTRY:
      parts.push_back(key.empty() ? "NOT industries:*" : absl::StrCat("industries:", Quoted(key)));
      break;
    case v1::FUNNEL_GROUPING_CLASS:
      parts.push_back(key.empty() ? "NOT classes:*" : absl::StrCat("classes:", key));
      break;
    default:
      break;
  }
  return absl::StrJoin(parts, " AND ");
}

std::string ReachedFilter(const std::string& group, v1::FunnelStage stage) {
  std::vector<std::string> stages;
  for (int one = stage; one <= v1::FunnelStage_MAX; ++one) {
    stages.push_back(absl::StrCat("funnel_stage = ", ShortName(static_cast<v1::FunnelStage>(one))));
  }
  return absl::StrCat(group, " AND (", absl::StrJoin(stages, " OR "), ")");
}

std::string PresentFilter(const std::string& group, v1::FunnelStage stage) {
  return absl::StrCat(group, " AND funnel_stage = ", ShortName(stage));
}

std::string StaysFilter(v1::FunnelStage stage) {
  return absl::StrCat("stage = ", ShortName(stage), " AND leave_time:*");
}

std::string EnteredFilter(v1::FunnelStage stage, absl::CivilDay first, absl::CivilDay last) {
  // A day is its first moment in Shanghai.
  return absl::StrCat("stage = ", ShortName(stage),
                      " AND enter_time >= ", Quoted(time::FormatDate(first)), " AND enter_time < ",
                      Quoted(time::FormatDate(last + 1)));
}

std::string DealsFilter(absl::string_view kind) {
  return absl::StrCat("state = RECORDED AND kind = ", kind);
}

}  // namespace chanyan::triage
