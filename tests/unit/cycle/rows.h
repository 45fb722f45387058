// Rows for the tests of what the cycle writes.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/cycle/v1/cycle.pb.h"

namespace chanyan::cycle {

inline v1::Row RowOf(int university, int platform, int enterprise, v1::RowCategory category) {
  v1::Row row;
  const std::string owner = absl::StrCat("organizations/u", university);
  row.set_university(owner);
  row.set_platform(absl::StrCat(owner, "/platforms/p", platform));
  row.set_platform_title(absl::StrCat("平台", university, "-", platform));
  row.set_category(category);
  if (enterprise > 0) {
    row.set_enterprise(absl::StrCat("organizations/e", enterprise));
    row.set_enterprise_title(absl::StrCat("青岛企业", enterprise, "有限公司"));
    row.set_unit(absl::StrCat("organizations/z", enterprise % 3));
  }
  row.set_name(
      absl::StrCat("cycles/2025q2/forms/u", university, "/rows/r", platform, "-", enterprise));
  return row;
}

// A row with every column that a sheet has.
inline v1::Row FullRow() {
  v1::Row row = RowOf(1, 2, 3, v1::ROW_CATEGORY_ONGOING);
  row.set_college("海洋学院");
  row.set_unified_social_credit_code("91370211MA3C4EXA0X");
  row.add_kinds("技术研发平台");
  row.add_kinds("概念验证平台");
  row.set_title("-40℃深海电缆");
  row.set_content("=SUM(A1)\n第二行　“引号” <&>");
  row.mutable_sign_date()->set_year(2025);
  row.mutable_sign_date()->set_month(4);
  row.mutable_sign_date()->set_day(3);
  row.set_progress("@样机下线");
  row.set_no_change(true);
  row.set_problem("缺少中试场地");
  row.set_return_reason("请附合同编号");
  return row;
}

inline std::vector<const v1::Row*> Pointers(const std::vector<v1::Row>& rows) {
  std::vector<const v1::Row*> pointers;
  for (const v1::Row& row : rows) pointers.push_back(&row);
  return pointers;
}

}  // namespace chanyan::cycle
