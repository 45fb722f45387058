// A platform's own work on its part: out as a sheet, filled in, given back to the university; and
// what comes back to it in step 4.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/form_intake.h"
#include "services/cycle/form_sheet.h"
#include "services/cycle/form_verdicts.h"
#include "services/cycle/form_versions.h"
#include "services/cycle/ids.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/part_checks.h"
#include "services/cycle/part_life.h"
#include "services/cycle/part_notices.h"
#include "services/cycle/part_service.h"

namespace chanyan::cycle {
namespace {

std::string RowOfPartInWords(const v1::Row& row) {
  return row.enterprise_title().empty() ? std::string("（面向全体企业）") : row.enterprise_title();
}

}  // namespace

absl::Status PartService::ReceiveWaiting(rpc::Change& change, const rpc::Call& call,
                                         const Desk& desk, const std::string& platform) const {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Handover> waiting,
                           custody_.Waiting(change.session(), desk.cycle.name(), platform));
  return custody_.ReceiveAll(change, desk.now, call.principal.account, std::move(waiting));
}

absl::Status PartService::KeepVersion(rpc::Change& change, const rpc::Call& call, const Desk& desk,
                                      const v1::PlatformPart& part,
                                      const std::vector<v1::Row>& rows) const {
  const std::string canonical = CanonicalRows(rows);
  v1::PartVersion version;
  version.set_revision(part.revision() + 1);
  version.set_name(NextVersionName(part.name(), part.revision()));
  version.set_university(part.university());
  version.set_platform(part.platform());
  *version.mutable_submit_time() = time::ToTimestamp(desk.now);
  version.set_account(call.principal.account);
  version.set_row_count(static_cast<int32_t>(rows.size()));
  version.set_content_sha256(api::Sha256Hex(canonical));
  CHANYAN_RETURN_IF_ERROR(versions_.Insert(change.session(), change.now(), &version));
  CHANYAN_RETURN_IF_ERROR(KeepVersionRows(change.session(), version.name(), canonical));
  return change.Record("kept", nullptr, &version);
}

absl::StatusOr<google::api::HttpBody> PartService::ExportPart(
    const rpc::Call& call, const v1::ExportPartRequest& request) {
  FormSheet sheet{.quarter = time::Quarter(time::kMinYear, 1)};
  std::vector<v1::Row> rows;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        const v1::PlatformPart part,
        parts_.Get(session, request.name(), auth::Readable<v1::PlatformPart>(call.principal)));
    CHANYAN_ASSIGN_OR_RETURN(const v1::Form form, forms_.Get(session, FormOfName(part.name())));
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, cycles_.Get(session, CycleOfName(part.name())));
    CHANYAN_ASSIGN_OR_RETURN(sheet.quarter, time::Quarter::Parse(api::IdOfName(cycle.name())));
    sheet.rehearsal = cycle.rehearsal();
    sheet.university_title = form.university_title();
    sheet.platform_title = part.platform_title();
    for (const auto& kind : deps_.pack.proto().co_build_kinds()) {
      sheet.kinds.push_back(kind.display_name());
    }
    sheet.created = time::ToTime(cycle.open_time());
    if (request.revision() > 0) {
      // A copy for the file: what was said then is not said anew.
      sheet.filed = true;
      CHANYAN_ASSIGN_OR_RETURN(
          const v1::PartVersion version,
          versions_.Get(session, absl::StrCat(part.name(), "/versions/", request.revision()),
                        auth::Readable<v1::PartVersion>(call.principal)));
      CHANYAN_ASSIGN_OR_RETURN(rows,
                               LoadVersionRows(session, version.name(), version.content_sha256()));
      return absl::OkStatus();
    }
    const db::Predicate of_part =
        db::And(Below(absl::StrCat(form.name(), "/rows")), {"platform = ?", {part.platform()}});
    CHANYAN_ASSIGN_OR_RETURN(
        rows, rows_.Select(session, db::And(of_part, auth::Readable<v1::Row>(call.principal))));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  std::vector<const v1::Row*> sorted;
  for (const v1::Row& row : rows) sorted.push_back(&row);
  SortForSheet(&sorted);
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, WriteFormSheet(sheet, sorted));
  return FileBody(kXlsx, std::move(bytes));
}

absl::StatusOr<v1::ImportFormResponse> PartService::ImportPart(
    const rpc::Call& call, const v1::ImportPartRequest& request) {
  // Who may not write the part learns nothing of it, and nobody is asked on his behalf.
  v1::PlatformPart seen;
  FormScope scope;
  const db::Predicate writable = auth::Writable<v1::PlatformPart>(call.principal);
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(seen, parts_.Get(session, request.name(), writable));
        CHANYAN_ASSIGN_OR_RETURN(const v1::Form form, forms_.Get(session, FormOfName(seen.name())));
        CHANYAN_ASSIGN_OR_RETURN(scope, ScopeOf(session, forms_, form));
        return absl::OkStatus();
      }));
  CHANYAN_RETURN_IF_ERROR(RequireManager(call.principal, seen));
  CHANYAN_ASSIGN_OR_RETURN(const sheet::TableData<v1::Row> data,
                           ReadFormSheet(request.file(), request.file_name()));
  CHANYAN_ASSIGN_OR_RETURN(SheetFacts facts,
                           AskAboutSheet(deps_.peers, rpc::AsService(call), scope, data));
  facts.only_platform = seen.platform();
  facts.only_platform_title = seen.platform_title();
  const std::string sha256 = api::Sha256Hex(request.file().data());
  const auto import = [&](rpc::Change& change) -> absl::StatusOr<v1::ImportFormResponse> {
    db::Session& session = change.session();
    CHANYAN_ASSIGN_OR_RETURN(Desk desk, LockDesk(change, call, request.name()));
    CHANYAN_ASSIGN_OR_RETURN(v1::PlatformPart part,
                             parts_.GetForUpdate(session, request.name(), writable));
    CHANYAN_RETURN_IF_ERROR(RequireManager(call.principal, part));
    CHANYAN_RETURN_IF_ERROR(policy::Next(PartLife(), part.state(), "import").status());
    CHANYAN_RETURN_IF_ERROR(RequireWithUniversity(desk.form, "导入平台填报部分"));
    CHANYAN_RETURN_IF_ERROR(RequireFormWindow(desk.cycle, desk.form, desk.now, "导入平台填报部分"));
    if (!request.validate_only()) {
      CHANYAN_RETURN_IF_ERROR(ReceiveWaiting(change, call, desk, part.platform()));
    }
    // While the part is out, every row of the platform is with it or on its way to it.
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Row> stored,
                             LockRowsOf(session, rows_, desk.form.name(), part.platform()));
    RowPlan plan = PlanForm(deps_.pack, desk.form, data, facts, stored, time::DayOf(desk.now));
    CHANYAN_RETURN_IF_ERROR(CheckPlan(plan));
    const v1::Form form_before = desk.form;
    CHANYAN_RETURN_IF_ERROR(JudgePlan(deps_.pack, stored, plan, &desk.form));
    const v1::ImportFormResponse response = ResponseOf(plan, request.validate_only());
    if (request.validate_only() || (!plan.changes() && part.file_sha256() == sha256)) {
      return response;
    }
    CHANYAN_RETURN_IF_ERROR(WriteRows(change, custody_, rows_, desk.now, part.platform(), &plan));
    const v1::PlatformPart before = part;
    part.set_file_sha256(sha256);
    part.set_row_count(
        static_cast<int32_t>(stored.size() + plan.creates.size() - plan.removes.size()));
    CHANYAN_RETURN_IF_ERROR(parts_.Update(session, change.now(), &part));
    CHANYAN_RETURN_IF_ERROR(change.Record("imported", &before, &part));
    const int more = static_cast<int>(plan.creates.size()) - static_cast<int>(plan.removes.size());
    if (more == 0 && plan.creates.empty()) return response;
    desk.form.set_row_count(desk.form.row_count() + more);
    CHANYAN_RETURN_IF_ERROR(forms_.Update(session, change.now(), &desk.form));
    CHANYAN_RETURN_IF_ERROR(change.Record("partImported", &form_before, &desk.form));
    return response;
  };
  return rpc::Mutate<v1::ImportFormResponse>(deps_.store, call, request, import);
}

absl::StatusOr<v1::PlatformPart> PartService::SubmitPart(const rpc::Call& call,
                                                         const v1::SubmitPartRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "submit",
      [&](rpc::Change& change, const Desk& desk, v1::PlatformPart& part) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(RequireManager(call.principal, part));
        CHANYAN_RETURN_IF_ERROR(RequireWithUniversity(desk.form, "报送学校"));
        CHANYAN_RETURN_IF_ERROR(RequireFormWindow(desk.cycle, desk.form, desk.now, "报送学校"));
        CHANYAN_RETURN_IF_ERROR(ReceiveWaiting(change, call, desk, part.platform()));
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Row> rows,
            LockRowsOf(change.session(), rows_, desk.form.name(), part.platform()));
        std::vector<status::Violation> violations;
        std::vector<std::string> names;
        for (const v1::Row& row : rows) {
          names.push_back(row.name());
          for (status::Violation& violation :
               RowViolations(deps_.pack, row, time::DayOf(desk.now))) {
            violations.push_back({RowOfPartInWords(row), std::move(violation.description)});
          }
        }
        if (!violations.empty()) {
          return status::InvalidFields(std::move(violations),
                                       options::v1::ERROR_REASON_RULE_VIOLATED);
        }
        CHANYAN_RETURN_IF_ERROR(KeepVersion(change, call, desk, part, rows));
        // A platform that has nothing to report says so by handing in nothing.
        if (!names.empty()) {
          CHANYAN_RETURN_IF_ERROR(custody_
                                      .Send(change, desk.now, desk.cycle.name(), kReportStep,
                                            part.platform(), part.university(), names,
                                            "return_reason = ''",
                                            {NextVersionName(part.name(), part.revision())})
                                      .status());
        }
        // The first submission decides; one that is returned and mended stays on time.
        if (part.revision() == 0) {
          part.set_on_time(!time::IsPastDeadline(desk.now, time::ToTime(part.due_time())));
        }
        part.set_revision(part.revision() + 1);
        part.set_row_count(static_cast<int32_t>(names.size()));
        *part.mutable_submit_time() = time::ToTimestamp(desk.now);
        part.clear_return_reasons();
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::PlatformPart> PartService::ReceivePart(const rpc::Call& call,
                                                          const v1::ReceivePartRequest& request) {
  return Transit(
      call, request, request.name(), /*etag=*/"", "receive",
      [&](rpc::Change& change, const Desk& desk, v1::PlatformPart& part) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(RequireManager(call.principal, part));
        CHANYAN_ASSIGN_OR_RETURN(
            std::vector<v1::Handover> waiting,
            custody_.Waiting(change.session(), desk.cycle.name(), part.platform()));
        if (waiting.empty()) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("没有发给“", part.platform_title(), "”的待签收报表"));
        }
        *part.mutable_receive_time() = time::ToTimestamp(desk.now);
        return custody_.ReceiveAll(change, desk.now, call.principal.account, std::move(waiting));
      });
}

}  // namespace chanyan::cycle
