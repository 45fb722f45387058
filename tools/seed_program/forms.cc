#include "tools/seed_program/forms.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tools/demo/draw.h"
#include "tools/demo/tsv.h"

namespace chanyan::seed {
namespace {

using cycle::v1::ROW_CATEGORY_INTENT;
using cycle::v1::ROW_CATEGORY_NEW;
using cycle::v1::ROW_CATEGORY_ONGOING;

// Of a hundred rows.
constexpr int kNoChangePercent = 20;
constexpr int kUniversityProblemPercent = 10;
constexpr int kCompanyProblemPercent = 15;
// Days before the quarter on which projects were signed; companies sign in its first days.
constexpr int kNewSignedDays = 80;
constexpr int kOngoingSignedDays = 400;
constexpr int kReturnedSignedDays = 7;

// Dates of the files' properties follow from the quarter.
absl::Time Created(const City& city) { return time::StartOfDay(city.quarter_begin); }

}  // namespace

Reporting ReportingOf(const City& city, int university) {
  const int last = static_cast<int>(city.universities.size()) - 1;
  if (university == last) return Reporting::kLate;
  return university == last - 1 ? Reporting::kReturned : Reporting::kOnTime;
}

const std::string& FormText::Text(const char* part, int row, int salt) const {
  const auto& texts = catalog_.texts.at(part);
  return texts[demo::Draw(city_.seed, part).Below(texts.size(), row, salt)];
}

std::string FormText::Fill(std::string text, const Platform& platform) const {
  return absl::StrReplaceAll(text,
                             {{"{platform}", platform.name}, {"{direction}", platform.direction}});
}

cycle::v1::Row FormText::Common(int row, cycle::v1::RowCategory category) const {
  const demo::Draw draw(city_.seed, "text");
  const PlannedRow& planned = city_.rows[row];
  const Platform& platform = city_.platforms[planned.platform];
  cycle::v1::Row out;
  out.set_platform_title(platform.name);
  out.set_college(catalog_.fields[platform.field].college);
  out.set_category(category);
  const ProjectText& project = catalog_.projects[draw.Below(catalog_.projects.size(), row, 0)];
  out.add_kinds(project.kind);
  if (planned.company < 0) {
    out.set_title(absl::StrCat(platform.direction, "结对共建意向"));
    out.set_content(Fill(Text("intent", row, 0), platform));
    return out;
  }
  const Company& company = city_.companies[planned.company];
  out.set_enterprise_title(company.name);
  out.set_unified_social_credit_code(company.uscc);
  out.set_title(Fill(project.title, platform));
  out.set_content(category == ROW_CATEGORY_INTENT ? Fill(Text("company_intent", row, 0), platform)
                                                  : Fill(project.content, platform));
  return out;
}

cycle::v1::Row FormText::Reported(int row) const {
  const demo::Draw draw(city_.seed, "reported");
  cycle::v1::Row out = Common(row, city_.rows[row].reported);
  if (out.category() == ROW_CATEGORY_INTENT) return out;
  const bool ongoing = out.category() == ROW_CATEGORY_ONGOING;
  const int days =
      ongoing ? kNewSignedDays + 1 + static_cast<int>(draw.Below(kOngoingSignedDays, row, 0))
              : 1 + static_cast<int>(draw.Below(kNewSignedDays, row, 0));
  const absl::CivilDay day = city_.quarter_begin - days;
  *out.mutable_sign_date() = time::ToProto(day);
  out.set_content(absl::StrCat(time::FormatDateZh(day), "，与", out.enterprise_title(), "签约：",
                               out.content()));
  if (ongoing && draw.Chance(kNoChangePercent, row, 1)) {
    out.set_no_change(true);
  } else if (ongoing) {
    out.set_progress(Text("progress", row, 0));
  }
  if (draw.Chance(kUniversityProblemPercent, row, 2)) out.set_problem(Text("problem", row, 0));
  return out;
}

cycle::v1::Row FormText::Returned(int row) const {
  const demo::Draw draw(city_.seed, "returned");
  const PlannedRow& planned = city_.rows[row];
  cycle::v1::Row out =
      planned.reported == planned.returned ? Reported(row) : Common(row, planned.returned);
  if (planned.returned != ROW_CATEGORY_INTENT && !out.has_sign_date()) {
    const absl::CivilDay day =
        city_.quarter_begin + static_cast<int>(draw.Below(kReturnedSignedDays, row, 0));
    *out.mutable_sign_date() = time::ToProto(day);
    out.set_content(absl::StrCat(time::FormatDateZh(day), "，与", out.enterprise_title(), "签约：",
                                 out.content()));
  }
  if (out.category() == ROW_CATEGORY_ONGOING && !out.no_change()) {
    out.set_progress(absl::StrCat(out.progress(), "；", Text("company_progress", row, 0)));
  }
  if (draw.Chance(kCompanyProblemPercent, row, 1)) out.set_problem(Text("problem", row, 1));
  return out;
}

std::vector<std::string> TitleBlock(const City& city, const std::string& organization) {
  return {kFormTitle, absl::StrCat("填报单位：", organization, "　　填报季度：",
                                   time::Quarter::Of(city.quarter_begin).LabelZh())};
}

absl::StatusOr<std::string> FormFile(const City& city, const std::string& organization,
                                     absl::Span<const cycle::v1::Row> rows) {
  sheet::Writer writer({.created = Created(city), .title = kFormTitle});
  sheet::WriteTable(writer, kFormSheetName, cycle::v1::Row::descriptor(), rows,
                    {.title_rows = TitleBlock(city, organization)});
  return std::move(writer).Finish();
}

absl::Status WriteForms(const Catalog& catalog, const City& city, const std::string& out) {
  const FormText text(catalog, city);
  std::vector<std::vector<int>> by_university(city.universities.size());
  for (size_t i = 0; i < city.rows.size(); ++i) {
    if (city.rows[i].reported == cycle::v1::ROW_CATEGORY_UNSPECIFIED) continue;
    by_university[city.platforms[city.rows[i].platform].university].push_back(static_cast<int>(i));
  }
  for (size_t u = 0; u < by_university.size(); ++u) {
    const University& university = city.universities[u];
    std::vector<cycle::v1::Row> rows;
    for (const int row : by_university[u]) rows.push_back(text.Reported(row));
    const std::string file = absl::StrCat(university.id, ".xlsx");
    if (ReportingOf(city, static_cast<int>(u)) == Reporting::kReturned) {
      CHANYAN_ASSIGN_OR_RETURN(const std::string corrected, FormFile(city, university.name, rows));
      CHANYAN_RETURN_IF_ERROR(demo::WriteFile(absl::StrCat(out, "/corrections/", file), corrected));
      // What the secretariat sends back for.
      for (cycle::v1::Row& row : rows) {
        if (!row.progress().empty()) row.set_progress("正常推进");
      }
    }
    CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, FormFile(city, university.name, rows));
    CHANYAN_RETURN_IF_ERROR(demo::WriteFile(absl::StrCat(out, "/forms/", file), bytes));
  }
  return absl::OkStatus();
}

absl::Status WriteReturns(const Catalog& catalog, const City& city, const std::string& out) {
  const FormText text(catalog, city);
  std::vector<std::vector<int>> by_company(city.companies.size());
  for (size_t i = 0; i < city.rows.size(); ++i) {
    const int company = city.rows[i].company;
    if (company >= 0 && city.companies[company].returns) {
      by_company[company].push_back(static_cast<int>(i));
    }
  }
  for (size_t c = 0; c < by_company.size(); ++c) {
    const Company& company = city.companies[c];
    // One form a university: never merged.
    std::map<int, std::vector<cycle::v1::Row>> forms;
    for (const int row : by_company[c]) {
      forms[city.platforms[city.rows[row].platform].university].push_back(text.Returned(row));
    }
    for (const auto& [university, rows] : forms) {
      CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, FormFile(city, company.name, rows));
      CHANYAN_RETURN_IF_ERROR(
          demo::WriteFile(absl::StrCat(out, "/returns/", city.units[company.unit].id, "/",
                                       company.id, "/", city.universities[university].id, ".xlsx"),
                          bytes));
    }
  }
  return absl::OkStatus();
}

}  // namespace chanyan::seed
