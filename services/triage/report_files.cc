#include "services/triage/report_files.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/api/well_known.h"
#include "common/document/writer.h"
#include "common/policy/life.h"
#include "common/sheet/writer.h"
#include "common/time/civil.h"
#include "services/triage/issue_rules.h"
#include "services/triage/parties.h"
#include "services/triage/report_content.h"
#include "services/triage/report_progress.h"

namespace chanyan::triage {
namespace {

// Rows by which the width of a column is judged.
constexpr int kJudgedRows = 50;
// In characters.
constexpr int kNarrowest = 3;
constexpr int kWidest = 14;

// When the report says what it says: issued, or as its figures are.
absl::Time TimeOf(const v1::Report& report) {
  return TimeIn(report.has_issue_time() ? report.issue_time() : report.content().as_of_time());
}

// People type tabs and copy line ends of other systems; a document has neither.
std::string Plain(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\t", " "}, {"\r\n", "\n"}, {"\r", "\n"}});
}

int WidthOf(absl::string_view text) {
  int half = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    half += byte < 0x80 ? 1 : byte >= 0xC0 ? 2 : 0;
  }
  return (half + 1) / 2;
}

bool IsFigure(absl::string_view header, absl::string_view cell) {
  return absl::EndsWith(header, "（万元）") ||
         (!cell.empty() && cell.find_first_not_of("0123456789.-") == absl::string_view::npos);
}

document::Column ColumnOf(const v1::ReportTable& table, int column) {
  document::Column made{.header = table.columns(column), .width = WidthOf(table.columns(column))};
  const int rows = std::min(table.rows_size(), kJudgedRows);
  bool figures = rows > 0;
  for (int row = 0; row < rows; ++row) {
    const std::string& cell = table.rows(row).cells(column);
    made.width = std::max(made.width, WidthOf(cell));
    figures = figures && IsFigure(made.header, cell);
  }
  made.width = std::clamp(made.width, kNarrowest, kWidest);
  if (figures) made.align = document::Align::kCentre;
  return made;
}

document::Table TableOf(const v1::ReportTable& table) {
  document::Table made;
  made.columns.push_back({.header = "序号", .width = 2, .align = document::Align::kCentre});
  for (int column = 0; column < table.columns_size(); ++column) {
    made.columns.push_back(ColumnOf(table, column));
  }
  int number = 0;
  for (const v1::ReportRow& row : table.rows()) {
    std::vector<std::string> cells = {absl::StrCat(++number)};
    for (const std::string& cell : row.cells()) cells.push_back(Plain(cell));
    made.rows.push_back(std::move(cells));
  }
  return made;
}

void WritePart(const v1::ReportTable& table, const v1::Report& report, document::Writer* writer) {
  writer->Heading(1, table.title());
  if (table.part() == "PROGRESS") writer->Paragraph(FiguresText(report.content()));
  if (table.part() == kProgressOfPeriod) writer->Paragraph(PeriodFiguresText(report));
  if (table.rows().empty()) {
    writer->Paragraph("本期无。");
    return;
  }
  if (table.total() > table.rows_size()) {
    writer->Paragraph(absl::StrCat("共", table.total(), "项，列出前", table.rows_size(), "项。"));
  }
  writer->Table(TableOf(table));
}

}  // namespace

std::string FiguresText(const v1::ReportContent& content) {
  std::vector<std::string> parts;
  for (const v1::FunnelStep& step : content.total().steps()) {
    if (step.stage() == v1::FUNNEL_STAGE_COLLECTED) continue;
    parts.push_back(absl::StrCat(policy::LabelOf(step.stage()), step.reached(), "项"));
  }
  const v1::FunnelGroup& total = content.total();
  return absl::StrCat("截至", time::FormatDateZh(time::DayOf(TimeIn(content.as_of_time()))),
                      "，共收集科技成果", content.results(), "项", parts.empty() ? "" : "，其中",
                      absl::StrJoin(parts, "、"), "；签订技术合同", total.contracts(),
                      "份、合同金额", TenThousands(total.contract_yuan()), "万元，成立企业",
                      total.companies(), "家，获得融资", TenThousands(total.financing_yuan()),
                      "万元。");
}

std::string PeriodFiguresText(const v1::Report& report) {
  std::vector<std::string> parts;
  for (const v1::FunnelStep& step : report.content().total().steps()) {
    parts.push_back(absl::StrCat(StageDeed(step.stage()), step.entered(), "项"));
  }
  const auto first = api::DayOf(report.period_start_date());
  const auto last = api::DayOf(report.period_end_date());
  const std::string period =
      first.has_value() && last.has_value()
          ? absl::StrCat("（", time::FormatDateZh(*first), "至", time::FormatDateZh(*last), "）")
          : "";
  return absl::StrCat("本期", period, "新增：", parts.empty() ? "无" : absl::StrJoin(parts, "、"),
                      "。");
}

absl::StatusOr<std::string> ReportDocument(const policy::v1::ReportKind& kind,
                                           const v1::Report& report) {
  const absl::CivilDay day = time::DayOf(TimeOf(report));
  const bool issued = report.number() > 0;
  document::Writer writer(
      {.created = TimeOf(report), .title = report.title(), .creator = report.issuer_title()});
  writer.Masthead({.mark = kind.mark(),
                   .number = issued ? IssueLabel(report.year(), report.number()) : "（草稿）",
                   .issuer = report.issuer_title(),
                   .day = day});
  writer.Title(report.title());
  if (!report.recipient_titles().empty()) {
    writer.Addressee(absl::StrJoin(report.recipient_titles(), "、"));
  }
  if (!report.supplement_reason().empty()) {
    writer.Paragraph(absl::StrCat("补发说明：", Plain(report.supplement_reason())));
  }
  for (const v1::ReportNarrative& part : report.narratives()) {
    if (part.text().empty()) continue;
    writer.Heading(1, part.heading());
    writer.Paragraph(Plain(part.text()));
  }
  for (const v1::ReportTable& table : report.content().tables()) {
    WritePart(table, report, &writer);
  }
  if (issued) writer.Signature(report.issuer_title(), day);
  return std::move(writer).Finish();
}

absl::StatusOr<std::string> ReportSheet(const v1::Report& report) {
  sheet::Writer writer(
      {.created = TimeOf(report), .title = report.title(), .creator = report.issuer_title()});
  const std::string number =
      report.number() > 0 ? IssueLabel(report.year(), report.number()) : std::string("（草稿）");
  for (const v1::ReportTable& table : report.content().tables()) {
    sheet::SheetLayout layout{.columns = {{.width = 6}}, .freeze_rows = 3, .repeat_rows = 3};
    const document::Table shaped = TableOf(table);
    for (size_t i = 1; i < shaped.columns.size(); ++i) {
      layout.columns.push_back({.width = shaped.columns[i].width * 2.0 + 2});
    }
    sheet::SheetWriter& sheet = writer.AddSheet(table.title(), layout);
    sheet.TitleRow(absl::StrCat(report.title(), "：", table.title()));
    sheet.TitleRow(
        absl::StrCat(number, "　数据截至",
                     time::FormatDateZh(time::DayOf(TimeIn(report.content().as_of_time())))),
        sheet::Look::kPlain);
    sheet.NewRow();
    for (const document::Column& column : shaped.columns) {
      sheet.Text(column.header, sheet::Look::kHeader);
    }
    for (const std::vector<std::string>& row : shaped.rows) {
      sheet.NewRow();
      for (const std::string& cell : row) sheet.Text(cell, sheet::Look::kWrapped);
    }
  }
  return std::move(writer).Finish();
}

}  // namespace chanyan::triage
