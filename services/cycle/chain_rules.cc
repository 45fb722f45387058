#include "services/cycle/chain_rules.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/kept_day.h"
#include "common/time/timestamp.h"

namespace chanyan::cycle {
namespace {

// Dates that have passed the pack's checks, or ours.
std::string DueBasis(const policy::v1::ActionPlan& plan) {
  return plan.note().empty()
             ? absl::StrCat(plan.clause().document(), plan.clause().article())
             : absl::StrCat(plan.clause().document(), plan.clause().article(), "：", plan.note());
}

}  // namespace

std::vector<v1::ChainCampaign> CampaignsOf(const policy::Pack& pack) {
  std::vector<v1::ChainCampaign> campaigns;
  for (const policy::v1::ChainCampaign& said : pack.proto().chain_campaigns()) {
    v1::ChainCampaign& campaign = campaigns.emplace_back();
    campaign.set_name(absl::StrCat("chainCampaigns/", said.id()));
    campaign.set_sequence(static_cast<int32_t>(said.sequence()));
    campaign.set_chain(pack.FindIndustry(said.industry())->display_name());
    const size_t slash = said.industry().find('/');
    const std::string id = said.industry().substr(slash + 1);
    const auto* taxonomy = pack.FindTaxonomy(said.industry().substr(0, slash));
    for (const policy::v1::Industry& industry : taxonomy->industries()) {
      if (industry.parent_id() == id) campaign.add_sub_sectors(industry.display_name());
    }
    campaign.set_offices(said.offices());
    *campaign.mutable_lead_offices() = said.lead_offices();
    *campaign.mutable_supporting_offices() = said.supporting_offices();
    *campaign.mutable_planned_first_date() = said.first_date();
    *campaign.mutable_planned_last_date() = said.last_date();
    *campaign.mutable_first_date() = said.first_date();
    *campaign.mutable_last_date() = said.last_date();
    campaign.set_state(v1::CAMPAIGN_STATE_PLANNED);
    *campaign.mutable_clause() = said.clause();
    campaign.set_in_pack(true);
  }
  return campaigns;
}

std::vector<v1::ActionTask> TasksOf(const policy::Pack& pack) {
  std::vector<v1::ActionTask> tasks;
  for (const policy::v1::ActionTask& said : pack.proto().action_tasks()) {
    v1::ActionTask& task = tasks.emplace_back();
    task.set_name(absl::StrCat("actionTasks/", said.id()));
    task.set_sequence(static_cast<int32_t>(said.sequence()));
    task.set_content(said.text());
    *task.mutable_units() = said.units();
    task.set_offices(said.offices());
    *task.mutable_due_date() = pack.proto().action_plan().due_date();
    task.set_due_basis(DueBasis(pack.proto().action_plan()));
    task.set_state(v1::ACTION_TASK_STATE_NOT_STARTED);
    *task.mutable_clause() = said.clause();
    task.set_in_pack(true);
  }
  return tasks;
}

v1::ChainCampaign Aligned(v1::ChainCampaign stored, const v1::ChainCampaign& said) {
  stored.set_sequence(said.sequence());
  stored.set_chain(said.chain());
  *stored.mutable_sub_sectors() = said.sub_sectors();
  stored.set_offices(said.offices());
  *stored.mutable_lead_offices() = said.lead_offices();
  *stored.mutable_supporting_offices() = said.supporting_offices();
  *stored.mutable_planned_first_date() = said.planned_first_date();
  *stored.mutable_planned_last_date() = said.planned_last_date();
  *stored.mutable_clause() = said.clause();
  stored.set_in_pack(true);
  if (stored.postponements().empty() && stored.state() == v1::CAMPAIGN_STATE_PLANNED) {
    *stored.mutable_first_date() = said.first_date();
    *stored.mutable_last_date() = said.last_date();
  }
  return stored;
}

v1::ActionTask Aligned(v1::ActionTask stored, const v1::ActionTask& said) {
  stored.set_sequence(said.sequence());
  stored.set_content(said.content());
  *stored.mutable_units() = said.units();
  stored.set_offices(said.offices());
  *stored.mutable_clause() = said.clause();
  stored.set_in_pack(true);
  if (!stored.own_due_date()) {
    *stored.mutable_due_date() = said.due_date();
    stored.set_due_basis(said.due_basis());
  }
  return stored;
}

bool IsOverdue(const v1::ChainCampaign& campaign, absl::CivilDay today) {
  return campaign.in_pack() && campaign.state() == v1::CAMPAIGN_STATE_PLANNED &&
         today > time::DayIn(campaign.last_date());
}

bool IsOverdue(const v1::ActionTask& task, absl::CivilDay today) {
  return task.in_pack() && task.state() != v1::ACTION_TASK_STATE_DONE &&
         today > time::DayIn(task.due_date());
}

absl::Status PostponeCampaign(absl::CivilDay first, absl::CivilDay last, absl::string_view reason,
                              absl::Time now, absl::string_view account,
                              v1::ChainCampaign* campaign) {
  if (first <= time::DayIn(campaign->first_date())) {
    return status::InvalidField(
        "first_date", absl::StrCat("延期后的开始日须晚于现定的",
                                   time::FormatDateZh(time::DayIn(campaign->first_date()))));
  }
  if (last < first) return status::InvalidField("last_date", "结束日不得早于开始日");
  v1::Postponement* record = campaign->add_postponements();
  *record->mutable_first_date() = campaign->first_date();
  *record->mutable_last_date() = campaign->last_date();
  record->set_reason(std::string(reason));
  *record->mutable_time() = time::ToTimestamp(now);
  record->set_account(std::string(account));
  *campaign->mutable_first_date() = time::ToProto(first);
  *campaign->mutable_last_date() = time::ToProto(last);
  return absl::OkStatus();
}

absl::Status SetCases(const google::protobuf::RepeatedPtrField<std::string>& cases,
                      v1::ChainCampaign* campaign) {
  if (campaign->state() != v1::CAMPAIGN_STATE_HELD) {
    return status::WrongState(
        absl::StrCat("“", campaign->chain(), "”活动尚未登记举办，不能登记典型案例"));
  }
  for (int i = 0; i < cases.size(); ++i) {
    if (cases[i].empty()) {
      return status::InvalidField(absl::StrCat("cases[", i, "]"), "典型案例不能为空行");
    }
    for (int j = 0; j < i; ++j) {
      if (cases[j] == cases[i]) {
        return status::InvalidField(absl::StrCat("cases[", i, "]"), "与前面的典型案例重复");
      }
    }
  }
  *campaign->mutable_cases() = cases;
  return absl::OkStatus();
}

absl::Status AddReport(v1::ActionReport report, v1::ActionTask* task) {
  if (report.state() != v1::ACTION_TASK_STATE_IN_PROGRESS &&
      report.state() != v1::ACTION_TASK_STATE_DONE) {
    return status::InvalidField("state", "填报进展时，状态只能是“推进中”或“已完成”");
  }
  if (report.state() == v1::ACTION_TASK_STATE_DONE && report.evidence().empty()) {
    return status::InvalidField("evidence", "报告完成的，须列出佐证材料（文号或名称）");
  }
  task->set_state(report.state());
  if (report.state() == v1::ACTION_TASK_STATE_DONE) {
    *task->mutable_done_time() = report.time();
  } else {
    task->clear_done_time();
  }
  *task->add_reports() = std::move(report);
  return absl::OkStatus();
}

}  // namespace chanyan::cycle
