#include "services/pairing/project_sheet_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/project_life.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::util::MessageDifferencer;
using Violations = std::vector<status::Violation>;

// The verdicts of one decision, soft rules set aside where the reason and the role do; empty if
// they hold.
std::string Judge(const policy::Pack& pack, const Importing& importing,
                  policy::v1::Verdicts& verdicts) {
  absl::Status judged =
      policy::SetAside(pack, importing.roles, importing.override_reason, verdicts);
  if (judged.ok()) judged = policy::RequireSatisfied(verdicts);
  return judged.ok() ? "" : std::string(judged.message());
}

// Forward along the life cycle to the row's state.
Violations Walk(const policy::Pack& pack, const v1::ProjectRow& row, const Importing& importing,
                v1::Project* project) {
  const v1::ProjectState from = project->state();
  const auto verbs = VerbsTowards(from, row.state());
  if (!verbs.ok()) return {{"state", std::string(verbs.status().message())}};
  if (verbs->empty() && from != row.state()) {
    return {{"state", absl::StrCat("项目当前状态为“", policy::LabelOf(from), "”，不能退回“",
                                   policy::LabelOf(row.state()), "”")}};
  }
  for (absl::string_view verb : *verbs) {
    if (verb == "sign") {
      policy::v1::Verdicts verdicts = SignVerdicts(pack, *project);
      std::string why = Judge(pack, importing, verdicts);
      if (!why.empty()) return {{"state", std::move(why)}};
      *project->mutable_sign_verdicts() = std::move(verdicts);
    }
    const auto next = policy::Next(ProjectLife(), project->state(), verb);
    if (!next.ok()) return {{"state", std::string(next.status().message())}};
    project->set_state(*next);
  }
  return {};
}

}  // namespace

bool SaysTheSame(const v1::ProjectRow& row, const v1::Project& project) {
  return row.title() == project.title() && row.content() == project.content() &&
         row.state() == project.state() &&
         std::equal(row.kinds().begin(), row.kinds().end(), project.kinds().begin(),
                    project.kinds().end()) &&
         row.has_sign_date() == project.has_sign_date() &&
         MessageDifferencer::Equals(row.sign_date(), project.sign_date());
}

Violations RowViolations(const v1::ProjectRow& row, absl::CivilDay today) {
  Violations violations;
  const auto day = time::ToCivilDay(row.sign_date());
  if (IsSigned(row.state()) && !row.has_sign_date()) {
    violations.push_back({"sign_date", absl::StrCat("状态为“", policy::LabelOf(row.state()),
                                                    "”的项目须填写签约日期")});
  } else if (row.has_sign_date() && day.ok() && *day > today) {
    violations.push_back({"sign_date", "签约日期不能晚于今天"});
  } else if (row.has_sign_date() && (row.state() == v1::PROJECT_STATE_INTENT ||
                                     row.state() == v1::PROJECT_STATE_NEGOTIATING)) {
    violations.push_back({"sign_date", absl::StrCat("状态为“", policy::LabelOf(row.state()),
                                                    "”的项目尚未签约，不填签约日期")});
  }
  return violations;
}

Violations TakeRow(const policy::Pack& pack, const v1::ProjectRow& row, const Importing& importing,
                   bool is_new, v1::Project* project) {
  if (!is_new && SaysTheSame(row, *project)) return {};
  if (HasEnded(project->state())) {
    return {{"title", absl::StrCat("项目已", policy::LabelOf(project->state()),
                                   "，不能修改；请从表中删去该行或恢复原内容")}};
  }
  if (row.state() == v1::PROJECT_STATE_TERMINATED) {
    return {{"state", "项目终止须逐个办理并写明原因，不能导入"}};
  }
  if (!project->agreement().empty() &&
      !MessageDifferencer::Equals(row.sign_date(), project->sign_date())) {
    return {{"sign_date", "签约日期与已登记的共建协议不一致，请先核对协议"}};
  }
  const v1::Project stored = *project;
  project->set_title(row.title());
  *project->mutable_kinds() = row.kinds();
  project->set_content(row.content());
  project->clear_sign_date();
  if (row.has_sign_date()) *project->mutable_sign_date() = row.sign_date();
  const absl::Status judged = JudgeKinds(pack, is_new ? nullptr : &stored, importing.roles,
                                         importing.override_reason, project);
  if (!judged.ok()) return {{"kinds", std::string(judged.message())}};
  return Walk(pack, row, importing, project);
}

}  // namespace chanyan::pairing
