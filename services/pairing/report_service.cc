#include "services/pairing/report_service.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/pairing/record_acts.h"
#include "services/pairing/report_life.h"
#include "services/pairing/report_rules.h"
#include "services/pairing/select_in.h"

namespace chanyan::pairing {
namespace {

const v1::ReportVersion* Find(const std::vector<v1::ReportVersion>& versions,
                              absl::string_view name) {
  for (const v1::ReportVersion& version : versions) {
    if (version.name() == name) return &version;
  }
  return nullptr;
}

// Versions of a quarter's report; "-" in the name stands for any project or quarter.
db::Predicate VersionsBelow(absl::string_view report) {
  const absl::string_view quarter = api::IdOfName(report);
  db::Predicate below = Below(api::ParentOfName(report));
  if (quarter == "-") return below;
  return db::And(std::move(below), {"quarter = ?", {std::string(quarter)}});
}

// The writer had `base` before him, or nothing, and another was submitted since: what it says
// otherwise.
absl::Status Superseded(const rpc::Call& call, const v1::ReportVersion* base,
                        const v1::ReportVersion& newest) {
  journal::v1::Entry by;
  by.set_kind("submit");
  by.set_actor(newest.author());
  by.set_organization(newest.organization());
  *by.mutable_time() = newest.submit_time();
  return rpc::StaleAgainst(call, base == nullptr ? v1::ReportVersion::default_instance() : *base,
                           newest, {"progress", "no_change", "problem"}, by);
}

}  // namespace

std::vector<rpc::UnaryMethod> ReportService::Methods() {
  using S = ReportService;
  return {
      rpc::Unary("GetProgressReport", this, &S::GetProgressReport),
      rpc::Unary("ListProgressReports", this, &S::ListProgressReports),
      rpc::Unary("ExportProgressReports", this, &S::ExportProgressReports),
      rpc::Unary("GetReportVersion", this, &S::GetReportVersion),
      rpc::Unary("ListReportVersions", this, &S::ListReportVersions),
      rpc::Unary("ExportReportVersions", this, &S::ExportReportVersions),
      rpc::Unary("CreateReportVersion", this, &S::CreateReportVersion),
      rpc::Unary("UpdateReportVersion", this, &S::UpdateReportVersion),
      rpc::Unary("SubmitReportVersion", this, &S::SubmitReportVersion),
      rpc::Unary("DiscardReportVersion", this, &S::DiscardReportVersion),
      rpc::Unary("QueryProgress", this, &S::QueryProgress),
  };
}

v1::ReportVersion ReportService::Present(const rpc::Call& call, v1::ReportVersion version) const {
  if (auth::Reaches(call.principal, version, options::v1::ACCESS_WRITE)) {
    for (std::string& verb : rpc::ActionsOf(call, ReportLife(), version.state(), "ReportVersion")) {
      version.add_actions(std::move(verb));
    }
  }
  return version;
}

absl::StatusOr<v1::ProgressReport> ReportService::GetProgressReport(
    const rpc::Call& call, const v1::GetProgressReportRequest& request) {
  return rpc::Fetch(deps_.store.db, call, book_.reports(), request.name());
}

absl::StatusOr<v1::ListProgressReportsResponse> ReportService::ListProgressReports(
    const rpc::Call& call, const v1::ListProgressReportsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, book_.reports(), request,
                                                     absl::StrCat(request.parent(), "/reports"),
                                                     request.filter(), request.order_by()));
  v1::ListProgressReportsResponse response;
  response.mutable_reports()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::api::HttpBody> ReportService::ExportProgressReports(
    const rpc::Call& call, const v1::ExportProgressReportsRequest& request) {
  std::vector<v1::ProgressRow> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        rows.clear();
        CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted,
                                 book_.reports().core().Where(request.filter()));
        wanted = db::And(std::move(wanted), Below(request.parent()));
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::ProgressReport> reports,
            book_.reports().Select(
                session,
                db::And(auth::Readable<v1::ProgressReport>(call.principal), std::move(wanted))));
        std::vector<std::string> names;
        for (const v1::ProgressReport& report : reports) {
          names.push_back(ProjectOfName(report.name()));
        }
        absl::flat_hash_map<std::string, v1::Project> projects;
        CHANYAN_RETURN_IF_ERROR(SelectIn(session, projects_, "name", std::move(names),
                                         db::Predicate::Everything(), "name",
                                         [&projects](v1::Project project) {
                                           std::string name = project.name();
                                           projects[std::move(name)] = std::move(project);
                                         }));
        for (const v1::ProgressReport& report : reports) {
          rows.push_back(RowOf(report, projects[ProjectOfName(report.name())]));
        }
        return absl::OkStatus();
      }));
  return rpc::ExportSheet<v1::ProgressRow>("季度进展", deps_.store.clock.Now(), rows);
}

absl::StatusOr<v1::ReportVersion> ReportService::GetReportVersion(
    const rpc::Call& call, const v1::GetReportVersionRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::ReportVersion version,
                           rpc::Fetch(deps_.store.db, call, book_.versions(), request.name()));
  return Present(call, std::move(version));
}

absl::StatusOr<v1::ListReportVersionsResponse> ReportService::ListReportVersions(
    const rpc::Call& call, const v1::ListReportVersionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, book_.versions(), request,
                                absl::StrCat(request.parent(), "/versions"), request.filter(),
                                request.order_by()));
  v1::ListReportVersionsResponse response;
  for (v1::ReportVersion& version : page.rows) {
    *response.add_versions() = Present(call, std::move(version));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::api::HttpBody> ReportService::ExportReportVersions(
    const rpc::Call& call, const v1::ExportReportVersionsRequest& request) {
  return ExportWhere<v1::ReportVersionRow>(deps_.store, call, book_.versions(),
                                           VersionsBelow(request.parent()), request.filter(),
                                           "project, quarter, sequence", "进展版本");
}

absl::StatusOr<v1::ReportVersion> ReportService::CreateReportVersion(
    const rpc::Call& call, const v1::CreateReportVersionRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ReportVersion version,
      rpc::Mutate<v1::ReportVersion>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::ReportVersion> {
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::Project project,
                LockProject(change.session(), call, projects_, ProjectOfName(request.parent())));
            CHANYAN_RETURN_IF_ERROR(RequireReporting(project));
            CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter,
                                     QuarterToReport(api::IdOfName(request.parent()),
                                                     time::DayOf(change.now()), "parent"));
            CHANYAN_ASSIGN_OR_RETURN(
                const std::vector<v1::ReportVersion> versions,
                book_.VersionsOf(change.session(), project.name(), quarter.Id()));
            for (const v1::ReportVersion& other : versions) {
              if (other.state() == v1::REPORT_STATE_DRAFT &&
                  other.organization() == call.principal.organization) {
                return status::AlreadyExists(
                    other.name(), absl::StrCat("本单位已有这一季度的草稿（", other.name(),
                                               "），请在其上继续填写"));
              }
            }
            CHANYAN_RETURN_IF_ERROR(
                Refuse(BaseViolations(versions, request.version().base()), "version"));
            v1::ReportVersion row =
                TypeVersion(project, quarter.Id(), versions, call.principal, request.version());
            if (request.validate_only()) return row;
            CHANYAN_RETURN_IF_ERROR(book_.versions().Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return Present(call, std::move(version));
}

absl::StatusOr<v1::ReportVersion> ReportService::UpdateReportVersion(
    const rpc::Call& call, const v1::UpdateReportVersionRequest& request) {
  const v1::ReportVersion& update = request.version();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ReportVersion version,
      rpc::Edit<v1::ReportVersion>(
          deps_.store, call, request, book_.versions(), update.name(), update.etag(), "updated",
          [&](rpc::Change& change, v1::ReportVersion& row) -> absl::Status {
            if (row.state() != v1::REPORT_STATE_DRAFT) {
              return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                                "只有草稿可以修改；已提交的请另填一版");
            }
            v1::ReportVersion wanted = row;
            CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
            if (wanted.base() != row.base()) {
              CHANYAN_ASSIGN_OR_RETURN(
                  const std::vector<v1::ReportVersion> versions,
                  book_.VersionsOf(change.session(), ProjectOfName(row.name()), row.quarter()));
              CHANYAN_RETURN_IF_ERROR(Refuse(BaseViolations(versions, wanted.base()), "version"));
            }
            if (!request.validate_only()) row = std::move(wanted);
            return absl::OkStatus();
          }));
  return Present(call, std::move(version));
}

absl::StatusOr<v1::ReportVersion> ReportService::SubmitReportVersion(
    const rpc::Call& call, const v1::SubmitReportVersionRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ReportVersion version,
      rpc::Mutate<v1::ReportVersion>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::ReportVersion> {
            // The project first, as everybody who writes its records.
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::Project project,
                LockProject(change.session(), call, projects_, ProjectOfName(request.name())));
            CHANYAN_ASSIGN_OR_RETURN(
                v1::ReportVersion row,
                book_.versions().GetForUpdate(change.session(), request.name(),
                                              auth::Writable<v1::ReportVersion>(call.principal)));
            if (!request.etag().empty() && request.etag() != row.etag()) {
              return rpc::StaleEdit(change.session(), call, request.etag(), row);
            }
            const v1::ReportVersion before = row;
            CHANYAN_RETURN_IF_ERROR(policy::Next(ReportLife(), row.state(), "submit").status());
            CHANYAN_RETURN_IF_ERROR(RequireReporting(project));
            CHANYAN_RETURN_IF_ERROR(Refuse(VersionViolations(row), "version"));
            CHANYAN_ASSIGN_OR_RETURN(
                std::vector<v1::ReportVersion> versions,
                book_.VersionsOf(change.session(), project.name(), row.quarter()));
            if (const v1::ReportVersion* newest = SubmittedSince(versions, row.base())) {
              return Superseded(call, Find(versions, row.base()), *newest);
            }
            CopyParties(project, &row);
            MarkSubmitted(change.now(), versions, &row);
            CHANYAN_RETURN_IF_ERROR(book_.versions().Update(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("submit", &before, &row));
            for (v1::ReportVersion& stored : versions) {
              if (stored.name() == row.name()) stored = row;
            }
            const ReportBook::Versioned report[] = {{&project, row.quarter(), std::move(versions)}};
            CHANYAN_RETURN_IF_ERROR(submissions_.Bring(change, report));
            return row;
          }));
  return Present(call, std::move(version));
}

absl::StatusOr<v1::ReportVersion> ReportService::DiscardReportVersion(
    const rpc::Call& call, const v1::DiscardReportVersionRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ReportVersion version,
      rpc::Edit<v1::ReportVersion>(
          deps_.store, call, request, book_.versions(), request.name(), request.etag(), "discard",
          [](rpc::Change&, v1::ReportVersion& row) -> absl::Status {
            CHANYAN_ASSIGN_OR_RETURN(const v1::ReportState next,
                                     policy::Next(ReportLife(), row.state(), "discard"));
            row.set_state(next);
            return absl::OkStatus();
          }));
  return Present(call, std::move(version));
}

}  // namespace chanyan::pairing
