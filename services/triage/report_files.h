// A report as files: pure functions of what the row says, so that an issued one is always the same.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "chanyan/triage/v1/report.pb.h"
#include "services/triage/pack_rules.h"

namespace chanyan::triage {

// As .docx by GB/T 9704, with title block, addressees, narrative, tables and signature; of a draft
// with 草稿 in place of the number and without signature.
absl::StatusOr<std::string> ReportDocument(const policy::v1::ReportKind& kind,
                                           const v1::Report& report);

// As .xlsx: one sheet a table.
absl::StatusOr<std::string> ReportSheet(const v1::Report& report);

// "截至2025年4月1日，共收集科技成果12项……": the figures in one sentence.
std::string FiguresText(const v1::ReportContent& content);

// "本期（2025年3月31日至2025年4月6日）新增：收集3项、……": those of the period.
std::string PeriodFiguresText(const v1::Report& report);

}  // namespace chanyan::triage
