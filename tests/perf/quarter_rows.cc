#include "tests/perf/quarter_rows.h"

#include <string>

#include "absl/strings/str_format.h"
#include "tools/demo/uscc.h"

namespace chanyan::perf {
namespace {

using cycle::v1::Row;

constexpr int kUniversities = 60;
constexpr int kPlatformsOfUniversity = 33;
// 50,000 rows of 20,000 enterprises: every second has three, the others two.
constexpr int kLeastRows = 2;

std::string UniversityName(int number) { return absl::StrFormat("organizations/u%02d", number); }

// The third row of an enterprise is of the first row's university: 40,000 forms in all.
Row MakeRow(int enterprise, int index) {
  const int university = (enterprise + (index % kLeastRows) * 17) % kUniversities;
  Row row;
  row.set_name(
      absl::StrFormat("cycles/2025q2/forms/u%02d/rows/r%05d-%d", university, enterprise, index));
  row.set_university(UniversityName(university));
  row.set_platform_title(absl::StrFormat("演示大学%02d海洋装备重点实验室%02d", university,
                                         (enterprise + index) % kPlatformsOfUniversity));
  row.set_college("工程学院");
  row.set_category(cycle::v1::ROW_CATEGORY_ONGOING);
  row.set_enterprise_title(absl::StrFormat("青岛演示企业%05d有限公司", enterprise));
  row.set_unified_social_credit_code(
      demo::InventedUscc("370211", static_cast<uint64_t>(enterprise)));
  row.add_kinds("联合研发");
  row.add_kinds("共建实验室");
  row.set_title(absl::StrFormat("演示项目%05d-%d海洋装备轻量化", enterprise, index));
  row.set_content(
      "二〇二五年三月与本企业签约，结对共建海洋装备轻量化联合实验室，开展材料、结构和工艺研究，"
      "提供仪器共享、检测和人才培养。");
  row.mutable_sign_date()->set_year(2025);
  row.mutable_sign_date()->set_month(3);
  row.mutable_sign_date()->set_day(1 + enterprise % 28);
  row.set_progress("完成样件试制和第一轮疲劳试验，正在编制中试方案。");
  row.set_problem("中试场地不足，希望协调园区厂房。");
  return row;
}

int RowsOf(int enterprise) { return kLeastRows + enterprise % 2; }

}  // namespace

QuarterRows MakeQuarterRows(int enterprises) {
  QuarterRows quarter;
  for (int i = 0; i < kUniversities; ++i) {
    quarter.titles.emplace(UniversityName(i), absl::StrFormat("演示大学%02d", i));
  }
  quarter.rows.resize(static_cast<size_t>(enterprises));
  for (int i = 0; i < enterprises; ++i) {
    for (int k = 0; k < RowsOf(i); ++k)
      quarter.rows[static_cast<size_t>(i)].push_back(MakeRow(i, k));
  }
  return quarter;
}

}  // namespace chanyan::perf
