#include "services/consortium/construction_service.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/db/in_chunks.h"
#include "common/policy/life.h"
#include "common/rpc/get.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/consortium/construction_life.h"
#include "services/consortium/construction_rules.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

using options::v1::ACCESS_WRITE;
using options::v1::ERROR_REASON_WRONG_STATE;

v1::ConstructionReport WithActions(const rpc::Call& call, v1::ConstructionReport row) {
  row.clear_actions();
  if (!auth::Reaches(call.principal, row, ACCESS_WRITE)) return row;
  for (std::string& verb :
       rpc::ActionsOf(call, ConstructionReportLife(), row.state(), "ConstructionReport")) {
    row.add_actions(std::move(verb));
  }
  return row;
}

// `ended`: nothing more is done with a draft of its report.
v1::ConstructionVersion WithActions(const rpc::Call& call, v1::ConstructionVersion row,
                                    bool ended = false) {
  row.clear_actions();
  if (ended && row.state() == v1::CONSTRUCTION_VERSION_STATE_DRAFT) return row;
  if (!auth::Reaches(call.principal, row, ACCESS_WRITE)) return row;
  for (std::string& verb :
       rpc::ActionsOf(call, ConstructionVersionLife(), row.state(), "ConstructionVersion")) {
    // Whoever may hand it in may write it.
    if (verb == "submit") row.add_actions("update");
    row.add_actions(std::move(verb));
  }
  return row;
}

absl::Status CheckDraft(const v1::ConstructionVersion& row) {
  if (row.state() == v1::CONSTRUCTION_VERSION_STATE_DRAFT) return absl::OkStatus();
  return status::FailedPrecondition(
      ERROR_REASON_WRONG_STATE,
      absl::StrCat("该版本", policy::LabelOf(row.state()), "，不能再修改；需要更改的另写一版"));
}

}  // namespace

std::vector<rpc::UnaryMethod> ConstructionService::Methods() {
  using S = ConstructionService;
  return {
      rpc::Get<v1::GetConstructionReportRequest>(
          "GetConstructionReport", deps_.store.db, reports_,
          [](const rpc::Call& call, v1::ConstructionReport row) {
            return WithActions(call, std::move(row));
          }),
      rpc::Unary("ListConstructionReports", this, &S::ListConstructionReports),
      rpc::Unary("AcceptConstructionReport", this, &S::AcceptConstructionReport),
      rpc::Unary("ReturnConstructionReport", this, &S::ReturnConstructionReport),
      rpc::Unary("ListConstructionVersions", this, &S::ListConstructionVersions),
      rpc::Unary("CreateConstructionVersion", this, &S::CreateConstructionVersion),
      rpc::Unary("UpdateConstructionVersion", this, &S::UpdateConstructionVersion),
      rpc::Unary("SubmitConstructionVersion", this, &S::SubmitConstructionVersion),
  };
}

absl::StatusOr<v1::ListConstructionReportsResponse> ConstructionService::ListConstructionReports(
    const rpc::Call& call, const v1::ListConstructionReportsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page,
                           rpc::FetchPage(deps_.store.db, call, reports_, request,
                                          absl::StrCat(request.parent(), "/constructionReports"),
                                          request.filter(), request.order_by()));
  v1::ListConstructionReportsResponse response;
  for (v1::ConstructionReport& row : page.rows) {
    *response.add_construction_reports() = WithActions(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListConstructionVersionsResponse> ConstructionService::ListConstructionVersions(
    const rpc::Call& call, const v1::ListConstructionVersionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, versions_, request,
                                                     absl::StrCat(request.parent(), "/versions"),
                                                     request.filter(), request.order_by()));
  CHANYAN_ASSIGN_OR_RETURN(const std::set<std::string> ended, EndedOf(call, page.rows));
  v1::ListConstructionVersionsResponse response;
  for (v1::ConstructionVersion& row : page.rows) {
    const bool over = ended.contains(std::string(api::ParentOfName(row.name())));
    *response.add_versions() = WithActions(call, std::move(row), over);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<std::set<std::string>> ConstructionService::EndedOf(
    const rpc::Call& call, const std::vector<v1::ConstructionVersion>& versions) const {
  std::set<std::string> drafted;
  for (const v1::ConstructionVersion& row : versions) {
    if (CheckDraft(row).ok()) drafted.emplace(api::ParentOfName(row.name()));
  }
  std::set<std::string> ended;
  if (drafted.empty()) return ended;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        ended.clear();
        return db::InChunks(
            std::vector<std::string>(drafted.begin(), drafted.end()),
            [&](absl::Span<const std::string> chunk) -> absl::Status {
              CHANYAN_ASSIGN_OR_RETURN(
                  const std::vector<v1::ConstructionReport> found,
                  reports_.Select(session, {absl::StrCat("state = 'ENDED' AND name IN ",
                                                         db::Marks(chunk.size())),
                                            db::Values(chunk.begin(), chunk.end())}));
              for (const v1::ConstructionReport& row : found) ended.insert(row.name());
              return absl::OkStatus();
            });
      }));
  return ended;
}

absl::StatusOr<v1::ConstructionReport> ConstructionService::LockInForce(
    rpc::Change& change, const std::string& report) const {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium dossier,
                           deps_.book.LockAny(change, ConsortiumOfName(report)));
  CHANYAN_RETURN_IF_ERROR(deps_.book.RequireStill(change));
  if (!In(dossier.state(), kInForce)) {
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                      absl::StrCat("当前状态为“", policy::LabelOf(dossier.state()),
                                                   "”，备案有效的创新联合体报送建设进展"));
  }
  return reports_.GetForUpdate(change.session(), report);
}

absl::StatusOr<v1::ConstructionVersion> ConstructionService::CreateConstructionVersion(
    const rpc::Call& call, const v1::CreateConstructionVersionRequest& request) {
  return rpc::Mutate<v1::ConstructionVersion>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ConstructionVersion> {
        db::Session& session = change.session();
        CHANYAN_RETURN_IF_ERROR(reports_
                                    .Get(session, request.parent(),
                                         auth::Writable<v1::ConstructionReport>(call.principal))
                                    .status());
        CHANYAN_ASSIGN_OR_RETURN(const v1::ConstructionReport report,
                                 LockInForce(change, request.parent()));
        if (report.lead_unit() != call.principal.organization) {
          return status::PermissionDenied("建设进展由牵头单位报送");
        }
        // What could not be handed in is not begun.
        CHANYAN_RETURN_IF_ERROR(
            policy::Next(ConstructionReportLife(), report.state(), "submit").status());
        v1::ConstructionVersion row = request.version();
        CHANYAN_RETURN_IF_ERROR(
            Refuse(ConstructionViolations(deps_.pack, row, /*whole=*/false), "version"));
        // As of now: another may have begun one while this waited for the dossier.
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::ConstructionVersion> known,
            versions_.Select(session, Below(report.name()), db::kByNameLocked));
        if (std::any_of(known.begin(), known.end(),
                        [](const auto& one) { return CheckDraft(one).ok(); })) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                            "本报告期已有一份草稿，请在草稿上继续填写");
        }
        row.set_sequence(static_cast<int32_t>(known.size()) + 1);
        row.set_name(absl::StrCat(report.name(), "/versions/", row.sequence()));
        row.set_state(v1::CONSTRUCTION_VERSION_STATE_DRAFT);
        row.set_organization(call.principal.organization);
        // The report follows its dossier, and so does what is below it.
        CopySameParties(report, &row);
        CHANYAN_RETURN_IF_ERROR(versions_.Insert(session, change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return WithActions(call, std::move(row));
      });
}

absl::StatusOr<v1::ConstructionVersion> ConstructionService::UpdateConstructionVersion(
    const rpc::Call& call, const v1::UpdateConstructionVersionRequest& request) {
  const std::string& name = request.version().name();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::ConstructionVersion row,
      rpc::Mutate<v1::ConstructionVersion>(
          deps_.store, call, request,
          [&](rpc::Change& change) -> absl::StatusOr<v1::ConstructionVersion> {
            CHANYAN_RETURN_IF_ERROR(
                versions_
                    .Get(change.session(), name,
                         auth::Writable<v1::ConstructionVersion>(call.principal))
                    .status());
            CHANYAN_ASSIGN_OR_RETURN(const v1::ConstructionReport report,
                                     LockInForce(change, std::string(api::ParentOfName(name))));
            return rpc::EditWithin<v1::ConstructionVersion>(
                change, call, versions_, name, request.version().etag(), "updated",
                [&](rpc::Change&, v1::ConstructionVersion& version) -> absl::Status {
                  CHANYAN_RETURN_IF_ERROR(CheckDraft(version));
                  // What could not be handed in is not written on.
                  CHANYAN_RETURN_IF_ERROR(
                      policy::Next(ConstructionReportLife(), report.state(), "submit").status());
                  CHANYAN_RETURN_IF_ERROR(
                      api::ApplyMask(request.update_mask(), request.version(), &version));
                  return Refuse(ConstructionViolations(deps_.pack, version, /*whole=*/false),
                                "version");
                });
          }));
  return WithActions(call, std::move(row));
}

absl::StatusOr<v1::ConstructionVersion> ConstructionService::SubmitConstructionVersion(
    const rpc::Call& call, const v1::SubmitConstructionVersionRequest& request) {
  return rpc::Mutate<v1::ConstructionVersion>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ConstructionVersion> {
        db::Session& session = change.session();
        const db::Predicate scope = auth::Writable<v1::ConstructionVersion>(call.principal);
        CHANYAN_RETURN_IF_ERROR(versions_.Get(session, request.name(), scope).status());
        CHANYAN_ASSIGN_OR_RETURN(
            v1::ConstructionReport report,
            LockInForce(change, std::string(api::ParentOfName(request.name()))));
        CHANYAN_ASSIGN_OR_RETURN(v1::ConstructionVersion row,
                                 versions_.GetForUpdate(session, request.name(), scope));
        if (!request.etag().empty() && request.etag() != row.etag()) {
          return rpc::StaleEdit(session, call, request.etag(), row);
        }
        CHANYAN_ASSIGN_OR_RETURN(const v1::ConstructionVersionState next,
                                 policy::Next(ConstructionVersionLife(), row.state(), "submit"));
        CHANYAN_ASSIGN_OR_RETURN(const v1::ConstructionReportState after,
                                 policy::Next(ConstructionReportLife(), report.state(), "submit"));
        CHANYAN_RETURN_IF_ERROR(
            Refuse(ConstructionViolations(deps_.pack, row, /*whole=*/true), "version"));
        const v1::ConstructionVersion before = row;
        row.set_state(next);
        api::SetTime(change.now(), row.mutable_submit_time());
        CHANYAN_RETURN_IF_ERROR(versions_.Update(session, change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("submit", &before, &row));
        const v1::ConstructionReport was = report;
        const bool over = time::IsPastDeadline(change.now(), time::ToTime(report.due_time()));
        report.set_state(after);
        report.set_late(report.late() || over);
        report.set_overdue(false);
        *report.mutable_submit_time() = row.submit_time();
        report.set_counted_version(row.name());
        report.set_submissions(report.submissions() + 1);
        report.set_no_change(row.no_change());
        report.set_has_problem(!row.problem().empty());
        report.clear_return_reason();
        CHANYAN_RETURN_IF_ERROR(reports_.Update(session, change.now(), &report));
        CHANYAN_RETURN_IF_ERROR(change.Record("submit", &was, &report));
        // What it names is seen to, whether the report is accepted or not.
        CHANYAN_RETURN_IF_ERROR(coordination_.Raise(change, report, row));
        return WithActions(call, std::move(row));
      });
}

absl::StatusOr<v1::ConstructionReport> ConstructionService::Decide(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, const std::string& reason) const {
  return rpc::Mutate<v1::ConstructionReport>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ConstructionReport> {
        db::Session& session = change.session();
        const db::Predicate scope = auth::Writable<v1::ConstructionReport>(call.principal);
        CHANYAN_RETURN_IF_ERROR(reports_.Get(session, name, scope).status());
        // What was handed in is accepted also after the filing.
        CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium dossier,
                                 deps_.book.LockAny(change, ConsortiumOfName(name)));
        CHANYAN_ASSIGN_OR_RETURN(v1::ConstructionReport report,
                                 reports_.GetForUpdate(session, name, scope));
        if (!etag.empty() && etag != report.etag()) {
          return rpc::StaleEdit(session, call, etag, report);
        }
        CHANYAN_RETURN_IF_ERROR(deps_.book.RequireStill(change));
        const v1::ConstructionReport was = report;
        CHANYAN_ASSIGN_OR_RETURN(const v1::ConstructionReportState after,
                                 policy::Next(ConstructionReportLife(), report.state(), verb));
        if (after == v1::CONSTRUCTION_REPORT_STATE_RETURNED && !In(dossier.state(), kInForce)) {
          return status::FailedPrecondition(
              ERROR_REASON_WRONG_STATE,
              absl::StrCat("当前状态为“", policy::LabelOf(dossier.state()),
                           "”，牵头单位不能再报送建设进展，不能退回修改；请予确认"));
        }
        CHANYAN_ASSIGN_OR_RETURN(v1::ConstructionVersion version,
                                 versions_.GetForUpdate(session, report.counted_version()));
        const v1::ConstructionVersion before = version;
        CHANYAN_ASSIGN_OR_RETURN(const v1::ConstructionVersionState next,
                                 policy::Next(ConstructionVersionLife(), version.state(), verb));
        version.set_state(next);
        version.set_return_reason(reason);
        api::SetTime(change.now(), version.mutable_decide_time());
        CHANYAN_RETURN_IF_ERROR(versions_.Update(session, change.now(), &version));
        CHANYAN_RETURN_IF_ERROR(change.Record(verb, &before, &version));
        report.set_state(after);
        report.set_return_reason(reason);
        *report.mutable_decide_time() = version.decide_time();
        if (after == v1::CONSTRUCTION_REPORT_STATE_RETURNED) {
          CHANYAN_RETURN_IF_ERROR(SetTerm(deps_.pack, time::DayOf(change.now()),
                                          deps_.pack.proto().progress().return_workdays(),
                                          &report));
        }
        CHANYAN_RETURN_IF_ERROR(reports_.Update(session, change.now(), &report));
        CHANYAN_RETURN_IF_ERROR(change.Record(verb, &was, &report));
        return WithActions(call, std::move(report));
      });
}

absl::StatusOr<v1::ConstructionReport> ConstructionService::AcceptConstructionReport(
    const rpc::Call& call, const v1::AcceptConstructionReportRequest& request) {
  return Decide(call, request, request.name(), request.etag(), "accept", "");
}

absl::StatusOr<v1::ConstructionReport> ConstructionService::ReturnConstructionReport(
    const rpc::Call& call, const v1::ReturnConstructionReportRequest& request) {
  if (!deps_.pack.proto().has_progress()) {
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                      "现行政策包没有建设进展报告的规定，不能退回修改");
  }
  return Decide(call, request, request.name(), request.etag(), "return", request.reason());
}

}  // namespace chanyan::consortium
