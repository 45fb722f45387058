#include "services/cycle/leaderboard_sheet.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/sheet/writer.h"
#include "common/time/timestamp.h"
#include "services/cycle/spoken_rules.h"

namespace chanyan::cycle {
namespace {

constexpr char kLeaderboardTitle[] = "科创平台产学研结对共建新成果和贡献度榜单";
constexpr double kNumberWidth = 14;
constexpr double kSubjectWidth = 36;
constexpr int kColumnsOfTerm = 3;
// Title, version, formula and the header line.
constexpr uint32_t kLinesOnTop = 4;

std::string TitleOfVersion(const v1::Leaderboard& version, time::Quarter quarter, bool rehearsal) {
  return absl::StrCat(kLeaderboardTitle, "（", quarter.LabelZh(), "）",
                      version.has_publish_time() ? "" : "（未发布）",
                      rehearsal ? "（演练或补录）" : "");
}

std::string AboutVersion(const v1::Leaderboard& version) {
  std::string line = absl::StrCat("版本：", api::IdOfName(version.name()), "　　生成时间：",
                                  SpokenToTheSecond(time::ToTime(version.compute_time())));
  if (version.has_publish_time()) {
    absl::StrAppend(&line, "　　发布时间：",
                    SpokenToTheSecond(time::ToTime(version.publish_time())));
  }
  absl::StrAppend(&line, "　　计分依据：政策包", version.pack(), "　　数据摘要：",
                  version.input_sha256());
  return line;
}

// What is said of each entry's terms, which are the same for all of a board.
void WriteBoard(const v1::Board& board, const std::string& title, const std::string& about,
                sheet::Writer& writer) {
  const v1::LeaderboardEntry first =
      board.entries().empty() ? v1::LeaderboardEntry() : board.entries(0);
  sheet::SheetLayout layout;
  layout.columns = {{.width = kNumberWidth}, {.width = kSubjectWidth}, {.width = kNumberWidth}};
  for (int i = 0; i < first.terms_size(); ++i) {
    for (int column = 0; column < kColumnsOfTerm; ++column) {
      layout.columns.push_back({.width = kNumberWidth});
    }
  }
  layout.freeze_rows = kLinesOnTop;
  layout.repeat_rows = kLinesOnTop;
  sheet::SheetWriter& sheet = writer.AddSheet(board.title(), std::move(layout));
  sheet.TitleRow(absl::StrCat(title, "：", board.title()));
  sheet.TitleRow(about, sheet::Look::kWrapped);
  sheet.TitleRow(absl::StrCat("计分办法：", board.formula()), sheet::Look::kWrapped);
  sheet.NewRow();
  for (const char* header : {"名次", "名称", "得分"}) sheet.Text(header, sheet::Look::kHeader);
  for (const v1::LeaderboardTerm& term : first.terms()) {
    sheet.Text(absl::StrCat(term.label(), "（数量）"), sheet::Look::kHeader);
    sheet.Text(absl::StrCat(term.label(), "（计分数量）"), sheet::Look::kHeader);
    sheet.Text(absl::StrCat(term.label(), "（得分，每项", term.points(), "分）"),
               sheet::Look::kHeader);
  }
  for (const v1::LeaderboardEntry& entry : board.entries()) {
    sheet.NewRow();
    sheet.Integer(entry.rank());
    sheet.Text(entry.title());
    sheet.Integer(entry.score());
    for (const v1::LeaderboardTerm& term : entry.terms()) {
      sheet.Integer(term.count());
      sheet.Integer(term.counted());
      sheet.Integer(term.score());
    }
  }
}

}  // namespace

absl::StatusOr<std::string> WriteLeaderboard(const v1::Leaderboard& version, time::Quarter quarter,
                                             bool rehearsal) {
  const std::string title = TitleOfVersion(version, quarter, rehearsal);
  const std::string about = AboutVersion(version);
  sheet::Writer writer(
      {.created = time::ToTime(version.has_publish_time() ? version.publish_time()
                                                          : version.compute_time()),
       .title = title});
  for (const v1::Board& board : version.boards()) WriteBoard(board, title, about, writer);
  // A pack without boards has versions without any; a file without a sheet does not open.
  if (version.boards().empty()) writer.AddSheet("榜单", {}).TitleRow(title);
  return std::move(writer).Finish();
}

}  // namespace chanyan::cycle
