// The figures of a quarter in words and as JSON.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/names.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/kept_day.h"
#include "common/time/timestamp.h"
#include "google/protobuf/struct.pb.h"
#include "tools/quarter_program/outputs.h"

namespace chanyan::quarter {
namespace {

// Lines of each list that are printed; the rest is in the files.
constexpr size_t kShown = 10;

std::string Quoted(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(text);
  return ToJson(value).value_or("\"\"");
}

std::string Percent(int64_t part, int64_t whole) {
  return whole == 0 ? "—"
                    : absl::StrFormat(
                          "%.1f%%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

// "2025-05-16 23:59:59".
std::string QuarterClock(const Outcome& outcome) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time::ToTime(outcome.cycle.clock()),
                          time::Shanghai());
}

std::string PunctualityInWords(const char* who, const cycle::v1::PunctualityLine& line) {
  return absl::StrCat("  ", who, "：应报 ", line.expected(), "，实报 ", line.actual(), "，按时 ",
                      line.on_time(), "，按时率 ", Percent(line.on_time(), line.expected()), "\n");
}

std::string CoverageInWords(const pairing::v1::CoverageGroup& group, const std::string& title) {
  return absl::StrCat("  ", title, "：企业 ", group.enterprise_count(), "，已结对 ",
                      group.paired_count(), "（",
                      Percent(group.paired_count(), group.enterprise_count()), "），在谈 ",
                      group.intent_count(), "\n");
}

// "名册基准日2025年4月1日，演练时钟2025年5月16日 …，政策包 qingdao 2025.1". The register counts by
// the day's clock, which no two runs have in common: what is said is where the quarter's stands.
std::string CoverageBasisInWords(const Outcome& outcome) {
  return absl::StrCat("名册基准日", time::FormatDateZh(time::DayIn(outcome.coverage.roster_date())),
                      "，统计时点（演练时钟）", QuarterClock(outcome), "，政策包 ",
                      outcome.coverage.pack_version());
}

void AddCoverage(const Outcome& outcome, std::string* out) {
  if (!outcome.coverage.has_roster_date()) {
    absl::StrAppend(out, "结对覆盖率：企业名册没有导入，未统计\n");
    return;
  }
  absl::StrAppend(out, "结对覆盖率（", CoverageBasisInWords(outcome), "）\n",
                  CoverageInWords(outcome.coverage.total(), "全部"));
  for (const auto& group : outcome.coverage.groups()) {
    *out += CoverageInWords(group, group.title().empty() ? group.key() : group.title());
  }
}

// As JSON; null without a roster.
std::string CoverageAsJson(const Outcome& outcome) {
  const pairing::v1::Coverage& coverage = outcome.coverage;
  if (!coverage.has_roster_date()) return "null";
  const auto group = [](const pairing::v1::CoverageGroup& one) {
    return absl::StrCat(
        "{\"key\": ", Quoted(one.key()), ", \"enterprises\": ", one.enterprise_count(),
        ", \"paired\": ", one.paired_count(), ", \"intent\": ", one.intent_count(), "}");
  };
  std::string out = absl::StrCat(
      "{\"roster_date\": ", Quoted(time::FormatDate(time::DayIn(coverage.roster_date()))),
      ", \"as_of\": ", Quoted(QuarterClock(outcome)),
      ", \"pack_version\": ", Quoted(coverage.pack_version()),
      ",\n    \"total\": ", group(coverage.total()), ", \"zones\": [");
  const char* separator = "\n    ";
  for (const auto& one : coverage.groups()) {
    absl::StrAppend(&out, separator, group(one));
    separator = ",\n    ";
  }
  return absl::StrCat(out, "\n  ]}");
}

// Problems by text, the most frequent first.
std::vector<std::pair<int, std::string>> CountProblems(const std::vector<cycle::v1::Row>& rows) {
  std::map<std::string, int> counts;
  for (const cycle::v1::Row& row : rows) ++counts[row.problem()];
  std::vector<std::pair<int, std::string>> sorted;
  for (const auto& [text, count] : counts) sorted.emplace_back(count, text);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  return sorted;
}

void AddBoards(const cycle::v1::Leaderboard& leaderboard, std::string* out) {
  for (const cycle::v1::Board& board : leaderboard.boards()) {
    absl::StrAppend(out, board.title(), "（", board.formula(), "）\n");
    for (int i = 0; i < std::min<int>(board.entries_size(), kShown / 2); ++i) {
      const cycle::v1::LeaderboardEntry& entry = board.entries(i);
      absl::StrAppend(out, "  第 ", entry.rank(), " 名 ", entry.title(), "：", entry.score(),
                      " 分\n");
    }
  }
}

void AddConservation(const cycle::v1::Conservation& proof, std::string* out) {
  absl::StrAppend(out, "报表守恒核验：", proof.conserved() ? "通过" : "不通过",
                  "\n  高校院所填报和结转 ", proof.from_universities(), " 行 ＋ 企业填报 ",
                  proof.from_enterprises(), " 行 ＝ 现有 ", proof.rows(), " 行；核对交接 ",
                  proof.handovers(), " 次\n  填报时行集 SHA-256 ", proof.origin_sha256(),
                  "\n  现在行集   SHA-256 ", proof.present_sha256(), "\n");
  for (const std::string& violation : proof.violations()) {
    absl::StrAppend(out, "  ", violation, "\n");
  }
}

// "达成意向 5，签订协议 4".
std::string OutcomesInWords(const cycle::v1::EventResults& results) {
  std::vector<std::string> words;
  for (const cycle::v1::EventOutcomeCount& one : results.outcomes()) {
    if (one.count() == 0) continue;
    const auto* value = cycle::v1::EventOutcomeKind_descriptor()->FindValueByNumber(one.kind());
    words.push_back(
        absl::StrCat(value == nullptr ? "" : value->options().GetExtension(options::v1::value).zh(),
                     " ", one.count()));
  }
  return absl::StrJoin(words, "，");
}

std::string EventsAsJson(const cycle::v1::EventResults& results) {
  int outcomes = 0;
  for (const cycle::v1::EventOutcomeCount& one : results.outcomes()) outcomes += one.count();
  return absl::StrCat(
      "{\"held\": ", results.held_count(), ", \"invited\": ", results.invited_count(),
      ", \"attended\": ", results.attended_count(), ", \"absent\": ", results.absent_count(),
      ", \"outcomes\": ", outcomes, ", \"projects\": ", results.project_count(), "}");
}

void AddEvents(const Outcome& outcome, std::string* out) {
  const cycle::v1::EventResults& results = outcome.event_results;
  absl::StrAppend(out, "交流活动 ", outcome.events.size(), " 场，已举办 ", results.held_count(),
                  " 场\n  邀请 ", results.invited_count(), " 家次，到会 ", results.attended_count(),
                  " 家次，未到会 ", results.absent_count(), " 家次\n  成效：",
                  OutcomesInWords(results), "；涉及项目 ", results.project_count(),
                  " 个\n  逐场列在 events.tsv\n");
}

void AddRefused(const Outcome& outcome, std::string* out) {
  if (outcome.refused.empty()) return;
  absl::StrAppend(out, "被拒绝的文件 ", outcome.refused.size(),
                  " 个，所在单位计为未报送，其余照常办理；逐条列在 ", outcome.refused_path, "\n");
  for (size_t i = 0; i < std::min(outcome.refused.size(), kShown); ++i) {
    absl::StrAppend(out, "  ", outcome.refused[i].file, " → ", FaultsInWords(outcome.refused[i]),
                    "\n");
  }
}

}  // namespace

std::string ReportOf(const Outcome& outcome, const std::vector<Refusal>& tried) {
  const absl::StatusOr<time::Quarter> quarter =
      time::Quarter::Parse(api::IdOfName(outcome.cycle.name()));
  int64_t forms = 0;
  int64_t rows = 0;
  for (const cycle::v1::Package& package : outcome.packages) {
    forms += package.form_count();
    rows += package.row_count();
  }
  std::string out = absl::StrCat(
      quarter.ok() ? quarter->LabelZh() : "", "科创平台产学研结对共建",
      outcome.cycle.rehearsal() ? "（演练/补录）" : "", "\n高校院所 ", outcome.universities,
      " 个，科创平台 ", outcome.platforms, " 个，名册企业 ",
      outcome.coverage.total().enterprise_count(), " 家，报表 ", outcome.conservation.rows(),
      " 行\n企业包 ", outcome.packages.size(), " 个（报表 ", forms, " 张、", rows,
      " 行，清单 SHA-256 全部核对一致），管理台账 ", outcome.ledgers, " 本\n");
  out += TakenAwayInWords(outcome);
  AddEvents(outcome, &out);
  out += "按时报送\n";
  out += PunctualityInWords("高校院所", outcome.punctuality.universities());
  out += PunctualityInWords("企业", outcome.punctuality.enterprises());
  AddCoverage(outcome, &out);
  absl::StrAppend(&out, "痛点难点问题 ", outcome.problems.size(), " 条，逐条列在 problems.tsv\n");
  for (const auto& [count, text] : CountProblems(outcome.problems)) {
    absl::StrAppend(&out, "  ", count, " 条：", text, "\n");
  }
  AddBoards(outcome.leaderboard, &out);
  out += ProceedingsInWords(outcome);
  AddConservation(outcome.conservation, &out);
  if (!tried.empty()) {
    absl::StrAppend(&out, "坏文件 ", tried.size(), " 个，全部拒绝，报表和名录未受影响\n");
  }
  for (const Refusal& refusal : tried) {
    absl::StrAppend(&out, "  ", refusal.file, "（", refusal.wrong, "）→ ", FaultsInWords(refusal),
                    "\n");
  }
  AddRefused(outcome, &out);
  return out;
}

std::string SummaryOf(const Outcome& outcome) {
  const auto line = [](const cycle::v1::PunctualityLine& one) {
    return absl::StrCat("{\"expected\": ", one.expected(), ", \"actual\": ", one.actual(),
                        ", \"on_time\": ", one.on_time(), "}");
  };
  std::string out = absl::StrCat(
      "{\n  \"cycle\": ", Quoted(outcome.cycle.name()),
      ",\n  \"rehearsal\": ", outcome.cycle.rehearsal() ? "true" : "false",
      ",\n  \"universities\": ", outcome.universities, ",\n  \"platforms\": ", outcome.platforms,
      ",\n  \"events\": ", outcome.events.size(),
      ",\n  \"event_results\": ", EventsAsJson(outcome.event_results),
      ",\n  \"problems\": ", outcome.problems.size(),
      ",\n  \"objections\": ", outcome.objections.size(),
      ",\n  \"exceptions\": ", outcome.excepted_forms.size() + outcome.exceptions.size(),
      ",\n  \"sent_back\": ", outcome.sent_back.size(),
      ",\n  \"boards_replayed\": ", outcome.replayed, ",\n  \"bundles\": ", outcome.bundles.size(),
      ",\n  \"forms\": ", outcome.forms, ",\n  \"sheets\": ", outcome.sheets.size(),
      ",\n  \"campaigns\": ", outcome.campaigns.size(), ",\n  \"tasks\": ", outcome.tasks.size(),
      ",\n  \"punctuality\": {\"universities\": ", line(outcome.punctuality.universities()),
      ", \"enterprises\": ", line(outcome.punctuality.enterprises()),
      "},\n  \"refused_files\": ", outcome.refused.size(),
      ",\n  \"coverage\": ", CoverageAsJson(outcome));
  const cycle::v1::Conservation& proof = outcome.conservation;
  absl::StrAppend(
      &out, ",\n  \"conservation\": {\"conserved\": ", proof.conserved() ? "true" : "false",
      ", \"rows\": ", proof.rows(), ", \"from_universities\": ", proof.from_universities(),
      ", \"from_enterprises\": ", proof.from_enterprises(), ", \"handovers\": ", proof.handovers(),
      ",\n    \"origin_sha256\": ", Quoted(proof.origin_sha256()),
      ",\n    \"present_sha256\": ", Quoted(proof.present_sha256()), "},\n  \"packages\": [");
  const char* separator = "\n    ";
  for (const cycle::v1::Package& one : outcome.packages) {
    absl::StrAppend(&out, separator, "{\"enterprise\": ", Quoted(one.enterprise()),
                    ", \"rows\": ", one.row_count(), ", \"sha256\": ", Quoted(one.sha256()), "}");
    separator = ",\n    ";
  }
  return absl::StrCat(out, "\n  ]\n}\n");
}

}  // namespace chanyan::quarter
