#include "services/cycle/ledger_sheet.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/sheet/field_codec.h"
#include "common/sheet/writer.h"
#include "common/time/clock.h"
#include "services/cycle/spoken_rules.h"

namespace chanyan::cycle {
namespace {

constexpr char kLedgerSheetName[] = "管理台账";
// Columns of an enterprise's line; the detail lines below it have kDetails behind the university.
constexpr const char* kSectionHeaders[] = {"企业名称", "统一社会信用代码", "责任单位", "报表数",
                                           "行数",     "报送时间",         "是否按时"};
constexpr const char* kDetails[] = {"platform_title", "college", "category",  "kinds",
                                    "title",          "content", "sign_date", "progress",
                                    "no_change",      "problem"};
constexpr double kUniversityWidth = 24;
// The code of an enterprise stands above the platform, the time of its return above the title.
constexpr double kLeastWidth = 14;
constexpr size_t kTimeColumn = 5;
constexpr double kTimeWidth = 22;

struct Totals {
  int64_t returned = 0;
  int64_t on_time = 0;
  int64_t forms = 0;
  int64_t rows = 0;
};

class LedgerWriter {
 public:
  LedgerWriter(const Ledger& ledger, const UniversityTitles& titles)
      : ledger_(ledger), titles_(titles), writer_({.created = ledger.as_of, .title = Title()}) {
    sheet::SheetLayout layout;
    layout.columns.push_back({.width = kUniversityWidth});
    const auto* descriptor = v1::Row::descriptor();
    for (const char* name : kDetails) {
      codecs_.emplace_back(descriptor->FindFieldByName(name));
      layout.columns.push_back({.width = std::max(codecs_.back().width(), kLeastWidth)});
    }
    double& time_width = layout.columns[kTimeColumn].width;
    time_width = std::max(time_width, kTimeWidth);
    // Title, scope and the two header lines.
    layout.freeze_rows = 4;
    layout.repeat_rows = 4;
    sheet_ = &writer_.AddSheet(kLedgerSheetName, std::move(layout));
  }

  absl::StatusOr<std::string> Write() && {
    Head();
    for (const LedgerSection& section : ledger_.sections) Section(section);
    sheet_->TitleRow(TotalsLine(), sheet::Look::kHeader);
    return std::move(writer_).Finish();
  }

 private:
  std::string Title() const { return absl::StrCat(FormTitle(ledger_.rehearsal), "管理台账"); }

  void Head() {
    sheet_->TitleRow(Title());
    sheet_->TitleRow(
        absl::StrCat("单位：", ledger_.scope_title, "　　季度：", ledger_.quarter.LabelZh(),
                     "　　数据截至：", SpokenToTheSecond(ledger_.as_of)),
        sheet::Look::kWrapped);
    sheet_->NewRow();
    for (const char* header : kSectionHeaders) sheet_->Text(header, sheet::Look::kHeader);
    sheet_->NewRow();
    sheet_->Text("高校院所", sheet::Look::kHeader);
    for (const char* name : kDetails) {
      const auto* field = v1::Row::descriptor()->FindFieldByName(name);
      sheet_->Text(field->options().GetExtension(options::v1::field).label(), sheet::Look::kHeader);
    }
  }

  void Section(const LedgerSection& section) {
    int64_t forms = 0;
    const std::string* last = nullptr;
    for (const v1::Row* row : section.rows) {
      if (last == nullptr || *last != row->university()) ++forms;
      last = &row->university();
    }
    totals_.forms += forms;
    totals_.rows += static_cast<int64_t>(section.rows.size());
    totals_.returned += section.return_time.has_value() ? 1 : 0;
    totals_.on_time += section.return_time.has_value() && section.on_time ? 1 : 0;

    sheet_->NewRow();
    sheet_->Text(section.enterprise_title, sheet::Look::kHeader);
    sheet_->Text(section.unified_social_credit_code, sheet::Look::kHeader);
    sheet_->Text(section.unit_title, sheet::Look::kHeader);
    sheet_->Integer(forms);
    sheet_->Integer(static_cast<int64_t>(section.rows.size()));
    if (section.return_time.has_value()) {
      sheet_->DateTime(absl::ToCivilSecond(*section.return_time, time::Shanghai()));
      sheet_->Text(section.on_time ? "按时" : "逾期");
    } else {
      sheet_->Empty();
      sheet_->Text("未报送");
    }
    for (const v1::Row* row : section.rows) {
      sheet_->NewRow();
      sheet_->Text(UniversityTitle(row->university()));
      for (const sheet::FieldCodec& codec : codecs_) codec.Write(*row, *sheet_);
    }
  }

  std::string TotalsLine() const {
    return absl::StrCat("合计：企业 ", ledger_.sections.size(), " 家，已报送 ", totals_.returned,
                        " 家，其中按时 ", totals_.on_time, " 家；报表 ", totals_.forms, " 张，共 ",
                        totals_.rows, " 行");
  }

  absl::string_view UniversityTitle(const std::string& name) const {
    const auto found = titles_.find(name);
    return found == titles_.end() ? api::IdOfName(name) : absl::string_view(found->second);
  }

  const Ledger& ledger_;
  const UniversityTitles& titles_;
  sheet::Writer writer_;
  sheet::SheetWriter* sheet_ = nullptr;
  std::vector<sheet::FieldCodec> codecs_;
  Totals totals_;
};

}  // namespace

absl::StatusOr<std::string> WriteLedger(const Ledger& ledger, const UniversityTitles& titles) {
  return LedgerWriter(ledger, titles).Write();
}

}  // namespace chanyan::cycle
