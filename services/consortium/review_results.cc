// Handlers of what reviews came to: ranking, and what an applicant may know.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/auth/scope.h"
#include "common/rpc/resource.h"
#include "services/consortium/review_service.h"
#include "services/consortium/score_rules.h"

namespace chanyan::consortium {

absl::StatusOr<v1::RankConsortiaResponse> ReviewService::RankConsortia(
    const rpc::Call& call, const v1::RankConsortiaRequest& request) {
  if (book_.FindSheet(request.sheet()) == nullptr) {
    return status::InvalidField("sheet", absl::StrCat("政策包中没有评分表“", request.sheet(), "”"));
  }
  const db::Predicate scope = auth::Readable<v1::ReviewPanel>(call.principal);
  std::vector<v1::ReviewPanel> closed;
  int64_t open = 0;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            closed,
            book_.panels().Select(session,
                                  db::And(scope, {"sheet = ? AND round = ? AND state = 'CLOSED'",
                                                  {request.sheet(), request.round()}}),
                                  "create_time, name"));
        CHANYAN_ASSIGN_OR_RETURN(
            open, book_.panels().Count(session,
                                       db::And(scope, {"sheet = ? AND round = ? AND state = 'OPEN'",
                                                       {request.sheet(), request.round()}})));
        return absl::OkStatus();
      }));
  v1::RankConsortiaResponse response;
  for (v1::RankedConsortium& one : Ranking(closed)) *response.add_ranking() = std::move(one);
  response.set_open_panels(static_cast<int>(open));
  return response;
}

absl::StatusOr<v1::ReviewOutcome> ReviewService::GetReviewOutcome(
    const rpc::Call& call, const v1::GetReviewOutcomeRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium consortium,
                           rpc::Fetch(deps_.store.db, call, book_.consortia(), request.name()));
  std::vector<v1::ReviewPanel> panels;
  std::vector<std::string> titles;
  std::vector<v1::ScoreSheet> sheets;
  // One snapshot of panels and sheets.
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        panels,
        book_.panels().Select(session, {"consortium = ? AND state = 'CLOSED'", {consortium.name()}},
                              "close_time, name"));
    titles.clear();
    for (const v1::ReviewPanel& panel : panels) {
      CHANYAN_ASSIGN_OR_RETURN(const policy::v1::ReviewSheet sheet,
                               book_.SheetOfPanel(session, panel));
      titles.push_back(sheet.display_name());
    }
    CHANYAN_ASSIGN_OR_RETURN(
        sheets,
        book_.sheets().Select(session, {"consortium = ? AND state = 'SUBMITTED' AND revealed = 1",
                                        {consortium.name()}}));
    return absl::OkStatus();
  }));
  v1::ReviewOutcome outcome;
  outcome.set_name(consortium.name());
  for (size_t i = 0; i < panels.size(); ++i) {
    const v1::ReviewPanel& panel = panels[i];
    v1::PanelOutcome& one = *outcome.add_outcomes();
    one.set_sheet_title(titles[i]);
    one.set_round(panel.round());
    one.set_score_thousandths(panel.score_thousandths());
    one.set_passed(panel.passed());
    one.set_note(panel.result_note());
    for (const v1::ScoreSheet& sheet : sheets) {
      if (sheet.panel() == panel.name()) one.add_opinions(sheet.opinion());
    }
    std::sort(one.mutable_opinions()->begin(), one.mutable_opinions()->end());
  }
  return outcome;
}

}  // namespace chanyan::consortium
