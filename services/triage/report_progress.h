// What teams came to, as tables of a report (TRI-8): from the beginning, and in the period. Pure.
#pragma once

#include <string>
#include <vector>

#include "chanyan/triage/v1/report.pb.h"

namespace chanyan::triage {

// The table that goes with REPORT_PART_PROGRESS.
inline constexpr char kProgressOfPeriod[] = "PROGRESS_OF_PERIOD";

void AddColumns(v1::ReportTable* table, const std::vector<std::string>& names);
// Counts the row, and shows it if there is room.
void AddReportRow(v1::ReportTable* table, const std::string& subject,
                  std::vector<std::string> cells);

// What is done to come to a stage, without 已 and 中: 对接, 洽谈, 签约.
std::string StageDeed(v1::FunnelStage stage);

// Team by team and in all: results that came to each stage or farther, whenever.
void FillProgress(const v1::ReportContent& content, v1::ReportTable* table);
// The same of the content's period: results that entered each stage in it. `title` is that of the
// other table. The steps of the content carry the filters that list the rows.
void FillProgressOfPeriod(const v1::ReportContent& content, const std::string& title,
                          v1::ReportTable* table);

}  // namespace chanyan::triage
