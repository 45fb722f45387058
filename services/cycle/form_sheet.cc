#include "services/cycle/form_sheet.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/sheet/table.h"
#include "common/sheet/writer.h"

namespace chanyan::cycle {
namespace {

constexpr char kTitle[] = "科创平台产学研结对共建项目季度报表";
constexpr char kSheetName[] = "季度报表";

std::string WhoAndWhen(const FormSheet& form) {
  std::string line = absl::StrCat("高校院所：", form.university_title);
  if (!form.enterprise_title.empty()) {
    absl::StrAppend(&line, "　　填报企业：", form.enterprise_title);
  }
  if (!form.platform_title.empty()) {
    absl::StrAppend(&line, "　　填报平台：", form.platform_title);
  }
  absl::StrAppend(&line, "　　填报季度：", form.quarter.LabelZh());
  return line;
}

std::vector<std::string> TitleRows(const FormSheet& form) {
  std::vector<std::string> rows = {FormTitle(form.rehearsal), WhoAndWhen(form)};
  if (form.filed) return rows;
  rows.push_back(
      "填报说明：1. “填报类别”“本季度无变化”从下拉列表中选择；新增和在建项目须填企业名称、统一社会"
      "信用代码、共建类型、项目名称、签约日期；在建项目须填最新进展，没有进展的在“本季度无变化”填“"
      "是”。");
  rows.push_back(form.enterprise_title.empty() ? "2. "
                                                 "一个平台与一家企业填一行；面向所有企业的意向不填"
                                                 "企业；请勿改动表头，在表格下方空行续填。"
                                               : "2. "
                                                 "与几个高校院所合作就填报几张表，不要合并表格；请"
                                                 "勿改动表头，在表格下方空行续填本单位与该"
                                                 "高校院所其他平台的共建项目。");
  if (!form.kinds.empty()) {
    rows.push_back(absl::StrCat("3. 共建类型可填一项或几项，几项之间用顿号“、”隔开，限于：",
                                absl::StrJoin(form.kinds, "、"), "。"));
  }
  return rows;
}

}  // namespace

std::string FormTitle(bool rehearsal) {
  return absl::StrCat(kTitle, rehearsal ? "（演练/补录）" : "");
}

void SortForSheet(std::vector<const v1::Row*>* rows) {
  const auto key = [](const v1::Row* row) {
    return std::make_tuple(absl::string_view(row->platform_title()), row->category(),
                           absl::string_view(row->enterprise_title()),
                           absl::string_view(row->name()));
  };
  std::sort(rows->begin(), rows->end(),
            [&key](const v1::Row* a, const v1::Row* b) { return key(a) < key(b); });
}

absl::StatusOr<std::string> WriteFormSheet(const FormSheet& form, RowSpan rows) {
  sheet::Writer writer({.created = form.created, .title = FormTitle(form.rehearsal)});
  sheet::TableLayout layout;
  layout.title_rows = TitleRows(form);
  layout.protect = true;
  if (!form.filed) {
    for (const sheet::TableColumn& column : sheet::TableColumns(v1::Row::descriptor())) {
      // Why a row was sent back is to be read.
      if (column.field->number() == v1::Row::kReturnReasonFieldNumber) continue;
      layout.unlocked_fields.insert(column.field->name());
    }
  }
  sheet::TableWriter table(writer, kSheetName, v1::Row::descriptor(), layout);
  for (const v1::Row* row : rows) table.Add(*row);
  // Nobody chooses anything in a copy for the file.
  if (!form.filed) table.Finish();
  return std::move(writer).Finish();
}

}  // namespace chanyan::cycle
