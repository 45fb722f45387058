// The filled forms of a city: what universities report and what companies give back.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "tools/seed_program/catalog.h"
#include "tools/seed_program/city.h"

namespace chanyan::seed {

inline constexpr char kFormSheetName[] = "季度报表";
inline constexpr char kFormTitle[] = "科创平台产学研结对共建项目季度报表";

// How a university reports.
enum class Reporting { kOnTime, kReturned, kLate };
// One of each kind that is not on time, if there are enough.
Reporting ReportingOf(const City& city, int university);

// Writes rows as they stand in a form.
class FormText {
 public:
  FormText(const Catalog& catalog, const City& city) : catalog_(catalog), city_(city) {}

  // As the university fills it in; the row must be reported.
  cycle::v1::Row Reported(int row) const;
  // As the company gives it back.
  cycle::v1::Row Returned(int row) const;

 private:
  // What the form and the company's copy have in common.
  cycle::v1::Row Common(int row, cycle::v1::RowCategory category) const;
  const std::string& Text(const char* part, int row, int salt) const;
  std::string Fill(std::string text, const Platform& platform) const;

  const Catalog& catalog_;
  const City& city_;
};

// "填报单位：… 填报季度：…" above the table.
std::vector<std::string> TitleBlock(const City& city, const std::string& organization);
absl::StatusOr<std::string> FormFile(const City& city, const std::string& organization,
                                     absl::Span<const cycle::v1::Row> rows);

// forms/ and corrections/ under `out`.
absl::Status WriteForms(const Catalog& catalog, const City& city, const std::string& out);
// returns/<unit>/<enterprise>/<university>.xlsx.
absl::Status WriteReturns(const Catalog& catalog, const City& city, const std::string& out);

}  // namespace chanyan::seed
