#include "services/pairing/report_service.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/project_rules.h"
#include "services/pairing/report_life.h"
#include "services/pairing/report_rules.h"
#include "services/pairing/select_in.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::util::MessageDifferencer;

// The quarter of projects/{p}/reports/{quarter}; one that has begun by `now`.
absl::StatusOr<time::Quarter> QuarterOf(absl::string_view report, absl::Time now) {
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter,
                           time::Quarter::Parse(api::IdOfName(report)));
  if (quarter > time::Quarter::Of(time::DayOf(now))) {
    return status::InvalidField("parent", absl::StrCat(quarter.LabelZh(), "尚未开始，不能填报"));
  }
  return quarter;
}

std::string BaseName(const std::vector<v1::ReportVersion>& versions) {
  const v1::ReportVersion* newest = NewestOf(versions);
  return newest == nullptr ? "" : newest->name();
}

// A base is a submitted version of the same report.
absl::Status CheckBase(const std::vector<v1::ReportVersion>& versions,
                       const v1::ReportVersion& version) {
  if (version.base().empty()) return absl::OkStatus();
  for (const v1::ReportVersion& other : versions) {
    if (other.name() == version.base() && other.state() == v1::REPORT_STATE_SUBMITTED) {
      return absl::OkStatus();
    }
  }
  return status::InvalidField("version.base", "所依据的版本应是本季度报告已提交的版本");
}

const v1::ReportVersion* Find(const std::vector<v1::ReportVersion>& versions,
                              absl::string_view name) {
  for (const v1::ReportVersion& version : versions) {
    if (version.name() == name) return &version;
  }
  return nullptr;
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

absl::Status RequireOpen(const v1::Project& project) {
  if (!HasEnded(project.state())) return absl::OkStatus();
  return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                    "项目已结束，不能再填报进展");
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
            CHANYAN_RETURN_IF_ERROR(RequireOpen(project));
            CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter,
                                     QuarterOf(request.parent(), change.now()));
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
            CHANYAN_RETURN_IF_ERROR(CheckBase(versions, request.version()));
            v1::ReportVersion row = NextVersion(project, quarter.Id(), versions);
            row.set_origin(v1::REPORT_ORIGIN_TYPED);
            row.set_state(v1::REPORT_STATE_DRAFT);
            row.set_progress(request.version().progress());
            row.set_no_change(request.version().no_change());
            row.set_problem(request.version().problem());
            row.set_base(request.version().base().empty() ? BaseName(versions)
                                                          : request.version().base());
            row.set_organization(call.principal.organization);
            row.set_author(call.principal.account);
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
              CHANYAN_RETURN_IF_ERROR(CheckBase(versions, wanted));
            }
            if (!request.validate_only()) row = std::move(wanted);
            return absl::OkStatus();
          }));
  return Present(call, std::move(version));
}

absl::Status ReportService::Bring(rpc::Change& change, v1::Project project,
                                  const std::vector<v1::ReportVersion>& versions,
                                  const v1::ReportVersion& submitted) const {
  CHANYAN_RETURN_IF_ERROR(book_.Settle(change, project, submitted.quarter(), versions));
  // Where a form's row counts, the project has its progress and its problem from there.
  if (CountedOf(versions)->name() != submitted.name()) return absl::OkStatus();
  const v1::Project before = project;
  TakeProgress(submitted.quarter(), submitted.progress(), submitted.no_change(),
               submitted.problem(), &project);
  if (!MessageDifferencer::Equals(before, project)) {
    CHANYAN_RETURN_IF_ERROR(projects_.Update(change.session(), change.now(), &project));
    CHANYAN_RETURN_IF_ERROR(change.Record("reported", &before, &project));
  }
  return problems_.RaiseReported(change, project, submitted.quarter(), submitted.problem(),
                                 submitted.organization());
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
            CHANYAN_RETURN_IF_ERROR(RequireOpen(project));
            CHANYAN_RETURN_IF_ERROR(Refuse(VersionViolations(row), "version"));
            CHANYAN_ASSIGN_OR_RETURN(
                std::vector<v1::ReportVersion> versions,
                book_.VersionsOf(change.session(), project.name(), row.quarter()));
            const v1::ReportVersion* newest = NewestOf(versions);
            if (newest != nullptr && newest->name() != row.base()) {
              return Superseded(call, Find(versions, row.base()), *newest);
            }
            CopyParties(project, &row);
            MarkSubmitted(change.now(), versions, &row);
            CHANYAN_RETURN_IF_ERROR(book_.versions().Update(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("submit", &before, &row));
            for (v1::ReportVersion& stored : versions) {
              if (stored.name() == row.name()) stored = row;
            }
            CHANYAN_RETURN_IF_ERROR(Bring(change, project, versions, row));
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
