#include "tools/quarter_program/month.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/matching.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/status/status.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

// Who draws up reports, and therefore sees everything.
std::string LoginOfOffice(const std::vector<RecordPlan>& acts) {
  for (const RecordPlan& act : acts) {
    if (act.path == "/v1/reports") return act.who;
  }
  return "";
}

}  // namespace

absl::Status Month::Run(bool played) {
  if (plan_.triage.empty()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(records_.Run(played));
  return Count();
}

absl::Status Month::Count() {
  using triage::v1::Push;
  const std::string office_login = LoginOfOffice(plan_.triage);
  if (office_login.empty()) {
    return status::InvalidField("plan/triage.tsv", "没有编制报告（/v1/reports）的一行");
  }
  Caller office = accounts_.As(office_login);
  int results = 0, classified = 0, contracted = 0, demands = 0, listings = 0, pushes = 0;
  std::map<triage::v1::PushState, int> by_state;
  std::string best;
  int score = 0;
  CHANYAN_RETURN_IF_ERROR(office.List<triage::v1::ListResultsResponse>(
      "/v1/results", {}, [&](const triage::v1::ListResultsResponse& page) {
        for (const triage::v1::Result& row : page.results()) {
          ++results;
          if (!row.disposition().empty()) ++classified;
          if (row.funnel_stage() >= triage::v1::FUNNEL_STAGE_CONTRACTED) ++contracted;
        }
      }));
  std::vector<std::pair<std::string, std::string>> open;
  CHANYAN_RETURN_IF_ERROR(office.List<triage::v1::ListDemandsResponse>(
      "/v1/demands", {}, [&](const triage::v1::ListDemandsResponse& page) {
        demands += page.demands_size();
        for (const auto& row : page.demands()) {
          if (row.state() == triage::v1::DEMAND_STATE_PUBLISHED)
            open.emplace_back(row.name(), row.title());
        }
      }));
  CHANYAN_RETURN_IF_ERROR(office.List<triage::v1::ListPushesResponse>(
      "/v1/results/-/pushes", {}, [&](const triage::v1::ListPushesResponse& page) {
        pushes += page.pushes_size();
        for (const Push& push : page.pushes()) ++by_state[push.state()];
      }));
  CHANYAN_RETURN_IF_ERROR(office.List<triage::v1::ListListingsResponse>(
      "/v1/listings", {},
      [&](const triage::v1::ListListingsResponse& page) { listings += page.listings_size(); }));
  for (const auto& [name, title] : open) {
    triage::v1::ListMatchesOfDemandResponse matches;
    CHANYAN_RETURN_IF_ERROR(office.Get(absl::StrCat("/v1/", name, ":matches"), {}, &matches));
    if (matches.results().empty() || matches.results(0).score() <= score) continue;
    score = matches.results(0).score();
    best = absl::StrCat("需求“", title, "”与成果“", matches.results(0).title(), "” ", score, " 分");
  }
  words_ = absl::StrCat("成果转化产研对接一个月：收集成果 ", results, " 项、需求 ", demands,
                        " 项，分类 ", classified, " 项，推送 ", pushes, " 件（已答复 ",
                        by_state[triage::v1::PUSH_STATE_ANSWERED], "，退回 ",
                        by_state[triage::v1::PUSH_STATE_DECLINED], "），公布 ", listings,
                        " 项，签约 ", contracted, " 项\n  办理记录：", records_.InWords(), "\n");
  if (!best.empty()) absl::StrAppend(&words_, "  匹配最高：", best, "\n");
  absl::StrAppend(&words_, "  查看：以 ", office_login,
                  "（成果处）登录，/v1/results、/v1/results/-/pushes、/v1/demands；"
                  "不登录也可看 /v1/listings\n");
  return absl::OkStatus();
}

}  // namespace chanyan::quarter
