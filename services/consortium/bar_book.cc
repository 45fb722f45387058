#include "services/consortium/bar_book.h"

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/kept_day.h"
#include "services/consortium/bar_life.h"
#include "services/consortium/dossier_index.h"
#include "services/consortium/filing_rules.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {

bool HoldsOn(const v1::Bar& bar, absl::CivilDay day) {
  return bar.state() == v1::BAR_STATE_IN_FORCE && time::DayIn(bar.start_date()) <= day &&
         day <= time::DayIn(bar.end_date());
}

db::Predicate InForceOf(const std::string& organization) {
  return {"organization = ? AND state = 'IN_FORCE'", {organization}};
}

std::string BarMessage(const v1::Bar& bar, absl::Time now) {
  std::string text = absl::StrCat(
      "“", bar.organization_title(), "”自", time::FormatDateZh(time::DayIn(bar.start_date())), "至",
      time::FormatDateZh(time::DayIn(bar.end_date())),
      "不得牵头组建或作为核心层参与创新联合体建设（", bar.clause().document(),
      bar.clause().article(), "），原因：", bar.reason(), "。");
  const bool may_appeal = policy::Next(AppealLife(), bar.appeal_state(), "appeal").ok() &&
                          !time::IsPastDeadline(now, TimeIn(bar.appeal_due_time()));
  if (may_appeal) {
    absl::StrAppend(&text, "如有异议，可在",
                    time::FormatDateZh(time::DayOf(TimeIn(bar.appeal_due_time()))),
                    "前提出申诉；期满后限制自动解除");
  } else if (bar.appeal_state() == v1::APPEAL_STATE_PENDING) {
    absl::StrAppend(&text, "申诉正在办理，作出决定前限制继续有效");
  } else {
    absl::StrAppend(&text, "期满后限制自动解除");
  }
  return text;
}

absl::StatusOr<v1::Bar> BarBook::Lay(rpc::Change& change, const std::string& organization,
                                     const std::string& title, const std::string& consortium,
                                     const std::string& reason) const {
  const policy::v1::ConsortiumBars& rules = book_.pack().proto().bars();
  const absl::CivilDay today = time::DayOf(change.now());
  v1::Bar bar;
  bar.set_name(absl::StrCat("bars/", api::NewShortId()));
  bar.set_organization(organization);
  bar.set_organization_title(title);
  bar.set_consortium(consortium);
  bar.set_reason(reason);
  *bar.mutable_start_date() = time::ToProto(today);
  *bar.mutable_end_date() = time::ToProto(LastDayOf(today, static_cast<int>(12 * rules.years())));
  bar.set_state(v1::BAR_STATE_IN_FORCE);
  *bar.mutable_clause() = rules.clause();
  bar.set_appeal_state(v1::APPEAL_STATE_NONE);
  CHANYAN_ASSIGN_OR_RETURN(
      const policy::Term term,
      book_.pack().pack().calendar().TermAfter(today, static_cast<int>(rules.appeal_workdays())));
  api::SetTime(term.deadline, bar.mutable_appeal_due_time());
  bar.set_office(book_.pack().Office());
  CHANYAN_RETURN_IF_ERROR(bars_.Insert(change.session(), change.now(), &bar));
  CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &bar));
  CHANYAN_RETURN_IF_ERROR(JudgeThoseOf(change, organization, "barred"));
  return bar;
}

absl::Status BarBook::Save(rpc::Change& change, absl::string_view kind, const v1::Bar& before,
                           v1::Bar* bar) const {
  CHANYAN_RETURN_IF_ERROR(bars_.Update(change.session(), change.now(), bar));
  CHANYAN_RETURN_IF_ERROR(change.Record(kind, &before, bar));
  return JudgeThoseOf(change, bar->organization(), kind);
}

absl::Status BarBook::JudgeThoseOf(rpc::Change& change, const std::string& organization,
                                   absl::string_view cause) const {
  CHANYAN_RETURN_IF_ERROR(supplements_.JudgeThoseOf(change, organization));
  CHANYAN_RETURN_IF_ERROR(book_.JudgeThoseOf(change, organization, cause));
  return RequireAllJoinedSeen(change.session(), organization);
}

absl::StatusOr<std::string> BarBook::KeptOut(rpc::Change& change,
                                             const std::string& organization) const {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Bar> bars,
      bars_.Select(change.session(), InForceOf(organization), "end_date DESC, name FOR UPDATE"));
  for (const v1::Bar& bar : bars) {
    if (HoldsOn(bar, time::DayOf(change.now()))) return BarMessage(bar, change.now());
  }
  return std::string();
}

absl::Status BarBook::Refuse(rpc::Change& change, const std::string& organization) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::string message, KeptOut(change, organization));
  if (message.empty()) return absl::OkStatus();
  return status::FailedPrecondition(options::v1::ERROR_REASON_RULE_VIOLATED, message);
}

}  // namespace chanyan::consortium
