// What did not go straight on in a quarter: objections, leave for who was late, what was sent back;
// and the province's campaigns and tasks (CYC-4, CYC-5, CYC-7, CYC-8).
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/names.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/kept_day.h"
#include "common/time/timestamp.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/outputs.h"

namespace chanyan::quarter {
namespace {

std::string MomentOf(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time::ToTime(time), time::Shanghai());
}

std::string VersionOf(const cycle::v1::Objection& objection) {
  // cycles/{c}/leaderboards/{l}/objections/{o}.
  const std::string& name = objection.name();
  return std::string(api::IdOfName(name.substr(0, name.find("/objections/"))));
}

std::string DayOrNone(bool there, const google::type::Date& date) {
  return there ? time::FormatDate(time::DayIn(date)) : "";
}

// Null if it has none.
const cycle::v1::Package* PackageOf(const Outcome& outcome, absl::string_view enterprise) {
  for (const cycle::v1::Package& package : outcome.packages) {
    if (package.enterprise() == enterprise) return &package;
  }
  return nullptr;
}

// Each published version is computed again from what it was computed from.
absl::Status ReplayBoards(Caller& secretariat, const std::string& cycle, Outcome* outcome,
                          std::vector<std::string>* published) {
  std::vector<cycle::v1::Leaderboard> versions;
  CHANYAN_RETURN_IF_ERROR(secretariat.List<cycle::v1::ListLeaderboardsResponse>(
      absl::StrCat("/v1/", cycle, "/leaderboards"), {},
      [&](const cycle::v1::ListLeaderboardsResponse& page) {
        for (const cycle::v1::Leaderboard& one : page.leaderboards()) {
          if (one.state() == cycle::v1::LEADERBOARD_STATE_PUBLISHED) versions.push_back(one);
        }
      }));
  for (const cycle::v1::Leaderboard& one : versions) {
    cycle::v1::ReplayLeaderboardResponse again;
    CHANYAN_RETURN_IF_ERROR(
        secretariat.Get(absl::StrCat("/v1/", one.name(), ":replay"), {}, &again));
    bool same = again.same() && again.boards_size() == one.boards_size();
    for (int i = 0; same && i < one.boards_size(); ++i) {
      same = again.boards(i).SerializeAsString() == one.boards(i).SerializeAsString();
    }
    if (!same) {
      return absl::DataLossError(absl::StrCat("榜单 ", one.name(), " 复算与发布的不一致：",
                                              absl::StrJoin(again.differences(), "；")));
    }
    ++outcome->replayed;
    published->push_back(one.name());
  }
  return absl::OkStatus();
}

absl::Status FetchObjections(Caller& secretariat, const std::vector<std::string>& published,
                             Outcome* outcome) {
  for (const std::string& version : published) {
    std::vector<cycle::v1::Objection> found;
    CHANYAN_RETURN_IF_ERROR(secretariat.List<cycle::v1::ListObjectionsResponse>(
        absl::StrCat("/v1/", version, "/objections"), {},
        [&](const cycle::v1::ListObjectionsResponse& page) {
          found.insert(found.end(), page.objections().begin(), page.objections().end());
        }));
    // Their ids are of chance.
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
      return std::tie(a.board(), a.subject_title(), a.content()) <
             std::tie(b.board(), b.subject_title(), b.content());
    });
    outcome->objections.insert(outcome->objections.end(), found.begin(), found.end());
  }
  return absl::OkStatus();
}

absl::Status FetchWindows(Caller& secretariat, const std::vector<std::string>& published,
                          Outcome* outcome) {
  for (const std::string& version : published) {
    CHANYAN_RETURN_IF_ERROR(secretariat.Get(absl::StrCat("/v1/", version, ":objectionWindow"), {},
                                            &outcome->windows.emplace_back()));
  }
  return absl::OkStatus();
}

absl::Status FetchExceptions(Caller& secretariat, const std::string& path, Outcome* outcome) {
  CHANYAN_RETURN_IF_ERROR(secretariat.List<cycle::v1::ListFormsResponse>(
      path + "/forms", {}, [&](const cycle::v1::ListFormsResponse& page) {
        for (const cycle::v1::Form& form : page.forms()) {
          // A leave by which nothing came has changed nothing.
          if (form.has_exception_until() && form.has_submit_time()) {
            outcome->excepted_forms.push_back(form);
          }
        }
      }));
  std::sort(
      outcome->excepted_forms.begin(), outcome->excepted_forms.end(),
      [](const auto& a, const auto& b) { return a.university_title() < b.university_title(); });
  CHANYAN_RETURN_IF_ERROR(secretariat.List<cycle::v1::ListReturnExceptionsResponse>(
      path + "/returnExceptions", {}, [&](const cycle::v1::ListReturnExceptionsResponse& page) {
        for (const cycle::v1::ReturnException& one : page.return_exceptions()) {
          if (PackageOf(*outcome, one.enterprise()) != nullptr) outcome->exceptions.push_back(one);
        }
      }));
  std::sort(
      outcome->exceptions.begin(), outcome->exceptions.end(),
      [](const auto& a, const auto& b) { return a.enterprise_title() < b.enterprise_title(); });
  return absl::OkStatus();
}

// A form that the secretariat returned is a hand-over that was refused.
absl::Status FetchSentBack(Caller& secretariat, const std::string& path, Outcome* outcome) {
  CHANYAN_RETURN_IF_ERROR(secretariat.List<cycle::v1::ListHandoversResponse>(
      path + "/handovers", {}, [&](const cycle::v1::ListHandoversResponse& page) {
        for (const cycle::v1::Handover& one : page.handovers()) {
          if (one.sent_back() || one.state() == cycle::v1::HANDOVER_STATE_REFUSED) {
            outcome->sent_back.push_back(one);
          }
        }
      }));
  const auto place = [](const cycle::v1::Handover& one) {
    return std::tuple(one.step(), one.send_time().seconds(), one.sender_title(),
                      one.receiver_title(), one.row_set_sha256());
  };
  std::sort(outcome->sent_back.begin(), outcome->sent_back.end(),
            [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return absl::OkStatus();
}

std::string ObjectionsTsv(const Outcome& outcome) {
  std::string text = demo::TsvLine(
      {"version", "board", "source", "subject", "time", "content", "state", "finding", "decided"});
  for (const cycle::v1::Objection& one : outcome.objections) {
    text += demo::TsvLine({VersionOf(one), one.board(), policy::LabelOf(one.source()),
                           one.subject_title(), MomentOf(one.object_time()), one.content(),
                           policy::LabelOf(one.state()), one.finding(),
                           one.has_decide_time() ? MomentOf(one.decide_time()) : ""});
  }
  return text;
}

std::string WindowsTsv(const Outcome& outcome) {
  std::string text =
      demo::TsvLine({"version", "state", "deadline", "derivation", "objections", "open", "upheld"});
  for (const cycle::v1::ObjectionWindow& one : outcome.windows) {
    text += demo::TsvLine({std::string(api::IdOfName(one.name())), policy::LabelOf(one.state()),
                           MomentOf(one.deadline()), one.derivation(),
                           absl::StrCat(one.objection_count()), absl::StrCat(one.open_count()),
                           absl::StrCat(one.upheld_count())});
  }
  return text;
}

std::string ExceptionsTsv(const Outcome& outcome) {
  std::string text = demo::TsvLine({"who", "title", "until", "reason", "reported"});
  for (const cycle::v1::Form& form : outcome.excepted_forms) {
    text += demo::TsvLine({"高校院所", form.university_title(), MomentOf(form.exception_until()),
                           form.exception_reason(), MomentOf(form.submit_time())});
  }
  for (const cycle::v1::ReturnException& one : outcome.exceptions) {
    text += demo::TsvLine({"企业", one.enterprise_title(), MomentOf(one.until()), one.reason(),
                           MomentOf(PackageOf(outcome, one.enterprise())->pack_time())});
  }
  return text;
}

std::string SentBackTsv(const Outcome& outcome) {
  std::string text = demo::TsvLine({"step", "from", "to", "time", "rows", "reasons"});
  for (const cycle::v1::Handover& one : outcome.sent_back) {
    // What was refused went back the way that it had come.
    const bool refused = one.state() == cycle::v1::HANDOVER_STATE_REFUSED;
    text += demo::TsvLine(
        {absl::StrCat(one.step()), refused ? one.receiver_title() : one.sender_title(),
         refused ? one.sender_title() : one.receiver_title(), MomentOf(one.send_time()),
         absl::StrCat(one.row_count()), absl::StrJoin(one.reasons(), demo::kListSeparator)});
  }
  return text;
}

std::string CampaignsTsv(const Outcome& outcome) {
  std::string text = demo::TsvLine(
      {"number", "chain", "first_day", "last_day", "state", "postponed", "place", "summary"});
  for (const cycle::v1::ChainCampaign& one : outcome.campaigns) {
    std::vector<std::string> moves;
    for (const cycle::v1::Postponement& move : one.postponements()) {
      moves.push_back(absl::StrCat("原定", DayOrNone(true, move.first_date()), "至",
                                   DayOrNone(true, move.last_date()), "，", move.reason()));
    }
    text +=
        demo::TsvLine({absl::StrCat(one.sequence()), one.chain(), DayOrNone(true, one.first_date()),
                       DayOrNone(true, one.last_date()), policy::LabelOf(one.state()),
                       absl::StrJoin(moves, demo::kListSeparator), one.place(), one.summary()});
  }
  return text;
}

std::string TasksTsv(const Outcome& outcome) {
  std::string text = demo::TsvLine(
      {"number", "task", "units", "offices", "due", "basis", "state", "progress", "evidence"});
  for (const cycle::v1::ActionTask& one : outcome.tasks) {
    std::vector<std::string> evidence;
    for (const cycle::v1::ActionReport& report : one.reports()) {
      evidence.insert(evidence.end(), report.evidence().begin(), report.evidence().end());
    }
    text += demo::TsvLine({absl::StrCat(one.sequence()), one.content(),
                           absl::StrJoin(one.units(), demo::kListSeparator), one.offices(),
                           DayOrNone(one.has_due_date(), one.due_date()), one.due_basis(),
                           policy::LabelOf(one.state()), one.latest(),
                           absl::StrJoin(evidence, demo::kListSeparator)});
  }
  return text;
}

template <class T, class State>
auto CountOf(const std::vector<T>& rows, State state) {
  return std::count_if(rows.begin(), rows.end(),
                       [&](const T& one) { return one.state() == state; });
}

}  // namespace

absl::Status FetchProceedings(Caller secretariat, const Walk& walk, Outcome* outcome) {
  const std::string path = absl::StrCat("/v1/", walk.cycle_name());
  std::vector<std::string> published;
  CHANYAN_RETURN_IF_ERROR(ReplayBoards(secretariat, walk.cycle_name(), outcome, &published));
  CHANYAN_RETURN_IF_ERROR(FetchObjections(secretariat, published, outcome));
  CHANYAN_RETURN_IF_ERROR(FetchWindows(secretariat, published, outcome));
  CHANYAN_RETURN_IF_ERROR(FetchExceptions(secretariat, path, outcome));
  CHANYAN_RETURN_IF_ERROR(FetchSentBack(secretariat, path, outcome));
  CHANYAN_RETURN_IF_ERROR(secretariat.List<cycle::v1::ListChainCampaignsResponse>(
      "/v1/chainCampaigns", {}, [&](const cycle::v1::ListChainCampaignsResponse& page) {
        outcome->campaigns.insert(outcome->campaigns.end(), page.chain_campaigns().begin(),
                                  page.chain_campaigns().end());
      }));
  return secretariat.List<cycle::v1::ListActionTasksResponse>(
      "/v1/actionTasks", {}, [&](const cycle::v1::ListActionTasksResponse& page) {
        outcome->tasks.insert(outcome->tasks.end(), page.action_tasks().begin(),
                              page.action_tasks().end());
      });
}

absl::Status WriteProceedings(const Outcome& outcome, const std::string& out) {
  CHANYAN_RETURN_IF_ERROR(demo::WriteFile(out + "/objections.tsv", ObjectionsTsv(outcome)));
  CHANYAN_RETURN_IF_ERROR(demo::WriteFile(out + "/windows.tsv", WindowsTsv(outcome)));
  CHANYAN_RETURN_IF_ERROR(demo::WriteFile(out + "/exceptions.tsv", ExceptionsTsv(outcome)));
  CHANYAN_RETURN_IF_ERROR(demo::WriteFile(out + "/sent_back.tsv", SentBackTsv(outcome)));
  CHANYAN_RETURN_IF_ERROR(demo::WriteFile(out + "/campaigns.tsv", CampaignsTsv(outcome)));
  return demo::WriteFile(out + "/tasks.tsv", TasksTsv(outcome));
}

std::string ProceedingsInWords(const Outcome& outcome) {
  const auto postponed =
      std::count_if(outcome.campaigns.begin(), outcome.campaigns.end(),
                    [](const auto& one) { return !one.postponements().empty(); });
  return absl::StrCat(
      "榜单复算：已发布 ", outcome.replayed, " 版，逐字节一致；异议 ", outcome.objections.size(),
      " 件（成立 ", CountOf(outcome.objections, cycle::v1::OBJECTION_STATE_UPHELD), "，不成立 ",
      CountOf(outcome.objections, cycle::v1::OBJECTION_STATE_REJECTED), "，撤回 ",
      CountOf(outcome.objections, cycle::v1::OBJECTION_STATE_WITHDRAWN), "；公众提出 ",
      std::count_if(outcome.objections.begin(), outcome.objections.end(),
                    [](const cycle::v1::Objection& one) {
                      return one.source() == cycle::v1::OBJECTION_SOURCE_PUBLIC;
                    }),
      "），逐件列在 objections.tsv，各版异议期列在 windows.tsv\n许可逾期补报 ",
      outcome.excepted_forms.size() + outcome.exceptions.size(), " 家，列在 exceptions.tsv；退回 ",
      outcome.sent_back.size(), " 次，列在 sent_back.tsv\n产业链活动 ", outcome.campaigns.size(),
      " 场（已举办 ", CountOf(outcome.campaigns, cycle::v1::CAMPAIGN_STATE_HELD), "，延期 ",
      postponed, "），列在 campaigns.tsv；工作任务 ", outcome.tasks.size(), " 项（已完成 ",
      CountOf(outcome.tasks, cycle::v1::ACTION_TASK_STATE_DONE), "，推进中 ",
      CountOf(outcome.tasks, cycle::v1::ACTION_TASK_STATE_IN_PROGRESS), "，未启动 ",
      CountOf(outcome.tasks, cycle::v1::ACTION_TASK_STATE_NOT_STARTED), "），列在 tasks.tsv\n");
}

}  // namespace chanyan::quarter
