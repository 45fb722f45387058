// Quarterly progress from a sheet (PAIR-4, REG-10).
#include <initializer_list>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/field_text.h"
#include "common/time/civil.h"
#include "services/pairing/record_acts.h"
#include "services/pairing/record_rows.h"
#include "services/pairing/record_sheet_service.h"
#include "services/pairing/record_sheets.h"
#include "services/pairing/report_rules.h"

namespace chanyan::pairing {
namespace {

using Violations = std::vector<status::Violation>;

// Characters of another version's text in a violation.
constexpr size_t kShownText = 60;

// The version that the row names; empty if it names none.
std::string NamedVersion(const v1::ProgressRow& row) {
  if (row.version() == 0) return "";
  return absl::StrCat(ReportName(ProjectOf(row), row.quarter()), "/versions/", row.version());
}

bool IsTypedBy(const v1::ReportVersion& version, absl::string_view organization) {
  return version.origin() == v1::REPORT_ORIGIN_TYPED && version.organization() == organization;
}

// Whether the row need not come in: what counts or was submitted last says the same, or it has come
// in before, whatever was submitted since.
bool HasComeIn(const v1::ProgressRow& row, const v1::ReportVersion& said,
               const std::vector<v1::ReportVersion>& versions, absl::string_view own) {
  const v1::ReportVersion* newest = NewestOf(versions);
  const v1::ReportVersion* counted = CountedOf(versions);
  const std::string named = NamedVersion(row);
  for (const v1::ReportVersion& other : versions) {
    if (other.state() != v1::REPORT_STATE_SUBMITTED || !SaySame(other, said)) continue;
    if (&other == newest || &other == counted) return true;
    if (IsTypedBy(other, own) && (named.empty() || other.base() == named)) return true;
  }
  return false;
}

// The version that the row's writer had in sight: the one that it names, or else what the own
// organization submitted last of all; empty if nothing.
std::string SeenBy(const v1::ProgressRow& row, const std::vector<v1::ReportVersion>& versions,
                   absl::string_view own) {
  if (row.version() != 0) return NamedVersion(row);
  const v1::ReportVersion* newest = NewestOf(versions);
  return newest != nullptr && IsTypedBy(*newest, own) ? newest->name() : "";
}

std::string WhoSubmitted(const v1::ReportVersion& version, const v1::Project& project) {
  if (version.origin() == v1::REPORT_ORIGIN_FORM) return "季度报表";
  return version.organization() == project.enterprise() ? project.enterprise_title() : "高校院所";
}

// What another version says, at the cell that would say that it was seen.
status::Violation Unseen(const v1::ReportVersion& other, const v1::Project& project) {
  v1::ReportVersion shown = other;
  shown.set_progress(ProgressText(other));
  const auto text = [&shown](const char* field) {
    return api::FieldText(shown, v1::ReportVersion::descriptor()->FindFieldByName(field),
                          kShownText);
  };
  return {
      "version",
      absl::StrCat("本季度已提交第 ", other.sequence(), " 版（", WhoSubmitted(other, project),
                   "），与本行不同：“", text("progress"), "”",
                   other.problem().empty() ? "" : absl::StrCat("，痛点难点“", text("problem"), "”"),
                   "；核对后仍以本行为准的，请将版本号填为 ", other.sequence())};
}

// What keeps a row from being submitted as a version on its base.
Violations SubmitViolations(const v1::Project& project,
                            const std::vector<v1::ReportVersion>& versions,
                            const v1::ReportVersion& said) {
  if (const absl::Status open = RequireReporting(project); !open.ok()) {
    return {AsViolation(open, "project_number")};
  }
  Violations wrong = VersionViolations(said);
  for (status::Violation& violation : BaseViolations(versions, said.base())) {
    wrong.push_back({"version", std::move(violation.description)});
  }
  if (!wrong.empty()) return wrong;
  if (const v1::ReportVersion* other = SubmittedSince(versions, said.base())) {
    wrong.push_back(Unseen(*other, project));
  }
  return wrong;
}

}  // namespace

absl::StatusOr<v1::ImportRecordsResponse> RecordSheetService::ImportProgress(
    const rpc::Call& call, const v1::ImportProgressRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::ProgressRow> data,
      ReadRecords<v1::ProgressRow>(request, [](const v1::ProgressRow&) { return Violations(); }));
  const std::string& own = call.principal.organization;
  return rpc::Mutate<v1::ImportRecordsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportRecordsResponse> {
        CHANYAN_ASSIGN_OR_RETURN(const Projects projects,
                                 LockProjects(change.session(), call, projects_, data.rows));
        std::vector<std::string> names;
        for (const auto& [name, project] : projects) names.push_back(name);
        // By the name of their report.
        std::map<std::string, std::vector<v1::ReportVersion>> stored;
        CHANYAN_RETURN_IF_ERROR(reports_.LoadVersions(
            change.session(), std::move(names), db::Predicate::Everything(),
            [&stored](v1::ReportVersion version) {
              auto& versions = stored[ReportName(ProjectOfName(version.name()), version.quarter())];
              versions.push_back(std::move(version));
            }));
        const absl::CivilDay today = time::DayOf(change.now());
        RowsSeen seen;
        Violations violations;
        rpc::ImportPlan<v1::ReportVersion> plan;
        std::vector<ReportBook::Versioned> submitted;
        const auto add = [&](const v1::ProgressRow& row, uint32_t number) -> Violations {
          const auto found = projects.find(ProjectOf(row));
          if (found == projects.end()) return {NoSuchProject(row.project_number())};
          const v1::Project& project = found->second;
          Violations wrong = TitleViolations(row, project);
          const auto quarter = QuarterToReport(row.quarter(), today, "quarter");
          if (!quarter.ok()) wrong.push_back(AsViolation(quarter.status(), "quarter"));
          const std::string report = ReportName(project.name(), row.quarter());
          if (!wrong.empty() || !seen.Add(report, number, "quarter", &wrong)) return wrong;
          v1::ProgressRow is;
          is.set_category(CategoryOf(project, *quarter));
          wrong = NotImported(row, is, {"category"});
          std::vector<v1::ReportVersion>& versions = stored[report];
          v1::ReportVersion said = VersionOf(row);
          if (HasComeIn(row, said, versions, own)) {
            ++plan.unchanged;
            return wrong;
          }
          said.set_base(SeenBy(row, versions, own));
          for (status::Violation& violation : SubmitViolations(project, versions, said)) {
            wrong.push_back(std::move(violation));
          }
          if (!wrong.empty()) return wrong;
          v1::ReportVersion version =
              TypeVersion(project, row.quarter(), versions, call.principal, said);
          MarkSubmitted(change.now(), versions, &version);
          versions.push_back(version);
          submitted.push_back({&project, row.quarter(), std::move(versions)});
          plan.creates.push_back(std::move(version));
          return {};
        };
        for (const auto& [row, number] : data.rows) {
          rpc::AddPlaced(add(row, number), number, data.places, &violations);
        }
        CHANYAN_ASSIGN_OR_RETURN(const auto result,
                                 rpc::Settle<v1::ImportRecordsResponse>(
                                     change, reports_.versions(), std::move(violations),
                                     request.validate_only(), &plan));
        if (request.validate_only()) return result;
        CHANYAN_RETURN_IF_ERROR(submissions_.Bring(change, submitted));
        return result;
      });
}

}  // namespace chanyan::pairing
