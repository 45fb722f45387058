// Objections to the published board: each is heard within its window, and what is upheld is
// corrected by a new version (CYC-8).
#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "chanyan/cycle/v1/objection.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

constexpr char kUphold[] = "uphold";
constexpr char kWithdraw[] = "withdraw";

// The `number`-th entry of a board whose organization has an account of that role, from 0, and
// again from the first where there are fewer; for the public any entry. Empty if there is none.
std::string EntryOf(const Plan& plan, const cycle::v1::Leaderboard& version,
                    const ObjectionPlan& one, size_t number) {
  std::vector<std::string> subjects;
  for (const cycle::v1::Board& board : version.boards()) {
    if (board.id() != one.board) continue;
    for (const cycle::v1::LeaderboardEntry& entry : board.entries()) {
      if (one.role != kPublicRole &&
          plan.LoginOf(api::IdOfName(entry.subject()), one.role).empty()) {
        continue;
      }
      subjects.push_back(entry.subject());
    }
  }
  return subjects.empty() ? "" : subjects[number % subjects.size()];
}

}  // namespace

absl::StatusOr<pairing::v1::Project> Walk::FindMissingProject() {
  std::vector<pairing::v1::Project> projects;
  CHANYAN_RETURN_IF_ERROR(Secretariat().List<pairing::v1::ListProjectsResponse>(
      "/v1/projects", {{"filter", "state = BUILDING OR state = COMPLETED"}},
      [&](const pairing::v1::ListProjectsResponse& page) {
        for (const pairing::v1::Project& project : page.projects()) {
          // What was complete before the quarter is not of it.
          if (project.progress_quarter() != quarter_.Id()) continue;
          if (HasForm(api::IdOfName(project.university()))) projects.push_back(project);
        }
      }));
  // The same in every run, whether it is marked complete by now or not; rather one that has no
  // account of its own: what such companies do with their projects is in records.tsv.
  const auto place = [&](const pairing::v1::Project& one) {
    const bool account = !plan_.LoginOf(api::IdOfName(one.enterprise()), "ROLE_ENTERPRISE").empty();
    return std::tuple(account, one.platform_title(), one.enterprise_title(), one.title());
  };
  const auto first =
      std::min_element(projects.begin(), projects.end(),
                       [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return first == projects.end() ? pairing::v1::Project() : *first;
}

absl::Status Walk::Hear(const ObjectionPlan& plan, size_t number,
                        const cycle::v1::Leaderboard& board, const pairing::v1::Project& missing) {
  const std::string subject =
      plan.decision == kUphold ? missing.university() : EntryOf(plan_, board, plan, number);
  if (subject.empty()) return absl::OkStatus();
  const std::string login = plan_.LoginOf(api::IdOfName(subject), plan.role);
  const auto filled = [&](const std::string& text) {
    return absl::StrReplaceAll(
        text, {{"{project}", missing.title()}, {"{enterprise}", missing.enterprise_title()}});
  };
  cycle::v1::Objection objection;
  objection.set_board(plan.board);
  objection.set_subject(subject);
  objection.set_content(filled(plan.content));
  const std::string once = absl::StrCat("objection ", number);
  CHANYAN_RETURN_IF_ERROR(accounts_.As(login).Post(
      absl::StrCat("/v1/", board.name(), "/objections"), {}, objection, once, &objection));
  const std::string path = absl::StrCat("/v1/", objection.name());
  if (plan.decision == kWithdraw) {
    cycle::v1::WithdrawObjectionRequest withdraw;
    withdraw.set_name(objection.name());
    CHANYAN_RETURN_IF_ERROR(
        accounts_.As(login).Post(path + ":withdraw", {}, withdraw, once, &objection));
  } else {
    cycle::v1::DecideObjectionRequest decide;
    decide.set_name(objection.name());
    decide.set_upheld(plan.decision == kUphold);
    decide.set_finding(filled(plan.finding));
    CHANYAN_RETURN_IF_ERROR(Secretariat().Post(path + ":decide", {}, decide, once, &objection));
  }
  Say(absl::StrCat("榜单异议（", objection.subject_title(), "）",
                   plan.decision == kWithdraw ? "已撤回"
                   : plan.decision == kUphold ? "成立"
                                              : "不成立",
                   objection.finding().empty() ? "" : "：", objection.finding()));
  return absl::OkStatus();
}

absl::Status Walk::HearPublic(const ObjectionPlan& plan, size_t number,
                              const cycle::v1::Leaderboard& board) {
  cycle::v1::Objection objection;
  objection.set_board(plan.board);
  objection.set_subject(EntryOf(plan_, board, plan, number));
  objection.set_content(plan.content);
  if (objection.subject().empty()) return absl::OkStatus();
  Caller nobody = accounts_.Nobody();
  const std::string once = absl::StrCat("objection ", number);
  cycle::v1::ObjectionReceipt receipt;
  CHANYAN_RETURN_IF_ERROR(nobody.Post(absl::StrCat("/v1/", board.name(), "/objections:submit"), {},
                                      objection, once, &receipt));
  cycle::v1::DecideObjectionRequest decide;
  decide.set_name(receipt.objection());
  decide.set_upheld(plan.decision == kUphold);
  decide.set_finding(plan.finding);
  CHANYAN_RETURN_IF_ERROR(Secretariat().Post(absl::StrCat("/v1/", receipt.objection(), ":decide"),
                                             {}, decide, once, &objection));
  // Whoever objected learns of the answer by the receipt alone.
  cycle::v1::ObjectionReceiptStatus answer;
  CHANYAN_RETURN_IF_ERROR(
      nobody.Get(absl::StrCat("/v1/leaderboardReceipts/", receipt.receipt_number()),
                 {{"verification_hash", receipt.verification_hash()}}, &answer));
  if (answer.state() != objection.state() || answer.finding() != plan.finding) {
    return absl::DataLossError(
        absl::StrCat("凭回执 ", receipt.receipt_number(), " 查到的不是所答复的结论"));
  }
  Say(absl::StrCat("公众异议（", objection.subject_title(), "）凭回执查询：", answer.finding()));
  return absl::OkStatus();
}

absl::Status Walk::LookAtWindow(const cycle::v1::Leaderboard& board) {
  cycle::v1::ObjectionWindow window;
  CHANYAN_RETURN_IF_ERROR(
      accounts_.Nobody().Get(absl::StrCat("/v1/", board.name(), ":objectionWindow"), {}, &window));
  if (window.open_count() > 0) {
    return absl::DataLossError(
        absl::StrCat("榜单 ", board.name(), " 还有 ", window.open_count(), " 件异议没有答复"));
  }
  Say(absl::StrCat("异议期（", window.derivation(), "）：异议 ", window.objection_count(),
                   " 件，已全部答复"));
  return absl::OkStatus();
}

absl::Status Walk::HearObjections(const cycle::v1::Leaderboard& board) {
  if (plan_.objections.empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const pairing::v1::Project missing, FindMissingProject());
  bool upheld = false;
  for (size_t i = 0; i < plan_.objections.size(); ++i) {
    const ObjectionPlan& one = plan_.objections[i];
    CHANYAN_RETURN_IF_ERROR(one.role == kPublicRole ? HearPublic(one, i, board)
                                                    : Hear(one, i, board, missing));
    upheld = upheld || (one.decision == kUphold && !missing.name().empty());
  }
  CHANYAN_RETURN_IF_ERROR(LookAtWindow(board));
  if (!upheld) return absl::OkStatus();
  if (missing.state() == pairing::v1::PROJECT_STATE_BUILDING) {
    pairing::v1::CompleteProjectRequest complete;
    complete.set_name(missing.name());
    CHANYAN_RETURN_IF_ERROR(University(std::string(api::IdOfName(missing.university())))
                                .Post(absl::StrCat("/v1/", missing.name(), ":complete"), {},
                                      complete, "complete", nullptr));
  }
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Leaderboard corrected, PublishBoard("corrected"));
  if (corrected.name() == board.name()) {
    return absl::DataLossError("异议成立，但更正后的榜单与原榜单相同");
  }
  Say(absl::StrCat("榜单更正为 ", api::IdOfName(corrected.name()), "：计入建成项目“",
                   missing.title(), "”"));
  return absl::OkStatus();
}

}  // namespace chanyan::quarter
