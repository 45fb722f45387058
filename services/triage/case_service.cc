#include "services/triage/case_service.h"

#include "absl/strings/str_cat.h"
#include "common/api/mask.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/auth/scope.h"
#include "common/policy/life.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/case_figures.h"
#include "services/triage/case_life.h"
#include "services/triage/case_rules.h"
#include "services/triage/export_rows.h"
#include "services/triage/list_text.h"
#include "services/triage/openness.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

constexpr char kByDayOfPublication[] = "publish_time DESC, name";

// Who shows cases: the technology market (S1 二(二)4), and the office, which keeps everything.
bool ShowsCases(const rpc::Call& call, const v1::TypicalCase& row) {
  if (IsOffice(call, row.office())) return true;
  return !row.market().empty() && call.principal.organization == row.market();
}

// Drafts are changed and withdrawn by whoever writes them, all else is done by who shows cases.
absl::Status CheckMayDo(const rpc::Call& call, const v1::TypicalCase& row, absl::string_view verb) {
  const bool draft = row.state() == v1::TYPICAL_CASE_STATE_DRAFT;
  if (ShowsCases(call, row) || (draft && verb != "publish")) return absl::OkStatus();
  return status::PermissionDenied(verb == "publish"
                                      ? "典型案例由技术市场或成果处发布"
                                      : "已发布的典型案例由技术市场或成果处修改、撤回");
}

}  // namespace

std::vector<rpc::UnaryMethod> CaseService::Methods() {
  using S = CaseService;
  return {
      rpc::Unary("GetTypicalCase", this, &S::GetTypicalCase),
      rpc::Unary("ListTypicalCases", this, &S::ListTypicalCases),
      rpc::Unary("CreateTypicalCase", this, &S::CreateTypicalCase),
      rpc::Unary("UpdateTypicalCase", this, &S::UpdateTypicalCase),
      rpc::Unary("PublishTypicalCase", this, &S::PublishTypicalCase),
      rpc::Unary("WithdrawTypicalCase", this, &S::WithdrawTypicalCase),
      rpc::Unary("ExportTypicalCases", this, &S::ExportTypicalCases),
  };
}

db::Predicate CaseService::Shown(const rpc::Call& call) {
  const auth::Principal& caller = call.principal;
  if (caller.Has(options::v1::ROLE_LEADER) || caller.Has(options::v1::ROLE_SERVICE)) {
    return db::Predicate::Everything();
  }
  db::Predicate own = auth::Writable<v1::TypicalCase>(caller);
  if (!caller.organization.empty()) {
    own = db::Or(std::move(own), {"university = ?", {caller.organization}});
  }
  return db::Or({OfOpenResult(), {}}, own);
}

absl::Status CaseService::Present(db::Session& session, const rpc::Call& call,
                                  std::vector<v1::TypicalCase>* rows) {
  std::vector<std::string> results;
  for (const v1::TypicalCase& row : *rows) results.push_back(row.result());
  CHANYAN_ASSIGN_OR_RETURN(const auto figures, FiguresOfResults(session, results));
  for (v1::TypicalCase& row : *rows) {
    const auto found = figures.find(row.result());
    WriteFigures(found == figures.end() ? CaseFigures() : found->second, &row);
    row.set_publicities_text(ListText(
        row, row.GetDescriptor()->FindFieldByNumber(v1::TypicalCase::kPublicitiesFieldNumber)));
    if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) continue;
    for (std::string& verb : rpc::ActionsOf(call, TypicalCaseLife(), row.state(), "TypicalCase")) {
      if (CheckMayDo(call, row, verb).ok()) row.add_actions(std::move(verb));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::TypicalCase> CaseService::Presented(const rpc::Call& call,
                                                       v1::TypicalCase row) const {
  std::vector<v1::TypicalCase> rows;
  rows.push_back(std::move(row));
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, [&](db::Session& session) {
    std::vector<v1::TypicalCase> read = rows;
    const absl::Status presented = Present(session, call, &read);
    if (presented.ok()) rows = std::move(read);
    return presented;
  }));
  return std::move(rows.front());
}

absl::StatusOr<v1::TypicalCase> CaseService::GetTypicalCase(
    const rpc::Call& call, const v1::GetTypicalCaseRequest& request) {
  v1::TypicalCase row;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            row, cases_.Get(session, request.name(),
                            db::And(auth::Readable<v1::TypicalCase>(call.principal), Shown(call))));
        return absl::OkStatus();
      }));
  return Presented(call, std::move(row));
}

absl::StatusOr<v1::ListTypicalCasesResponse> CaseService::ListTypicalCases(
    const rpc::Call& call, const v1::ListTypicalCasesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, cases_, request, "", request.filter(),
                                request.order_by(), Shown(call)));
  v1::ListTypicalCasesResponse response;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        std::vector<v1::TypicalCase> rows = page.rows;
        CHANYAN_RETURN_IF_ERROR(Present(session, call, &rows));
        response.clear_typical_cases();
        for (v1::TypicalCase& row : rows) *response.add_typical_cases() = std::move(row);
        return absl::OkStatus();
      }));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::Status CaseService::Check(rpc::Change& change, const v1::TypicalCase& row) const {
  std::vector<status::Violation> violations = CaseViolations(row, time::DayOf(change.now()));
  if (row.state() == v1::TYPICAL_CASE_STATE_PUBLISHED) {
    // One that is closed at the same time hides the case by itself (Shown).
    CHANYAN_ASSIGN_OR_RETURN(const v1::Result result, results_.Get(change.session(), row.result()));
    for (status::Violation& one : ShowingViolations(result)) violations.push_back(std::move(one));
  }
  return Refuse(std::move(violations), "typical_case");
}

absl::StatusOr<v1::TypicalCase> CaseService::CreateTypicalCase(
    const rpc::Call& call, const v1::CreateTypicalCaseRequest& request) {
  const v1::TypicalCase& wanted = request.typical_case();
  CHANYAN_ASSIGN_OR_RETURN(const std::string author,
                           TitleOf(deps_, call, call.principal.organization));
  CHANYAN_ASSIGN_OR_RETURN(
      v1::TypicalCase made,
      rpc::Mutate<v1::TypicalCase>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::TypicalCase> {
            std::vector<status::Violation> violations;
            v1::TypicalCase row = wanted;
            row.set_state(v1::TYPICAL_CASE_STATE_DRAFT);
            for (auto& one : CaseViolations(row, time::DayOf(change.now()))) {
              violations.push_back(std::move(one));
            }
            // Whoever serves it tells of it: a result of another's is as if it were not there.
            const absl::StatusOr<v1::Result> result = results_.GetForUpdate(
                change.session(), row.result(), auth::Writable<v1::Result>(call.principal));
            if (absl::IsNotFound(result.status())) {
              violations.push_back(
                  {"result", absl::StrCat("没有由本单位服务的成果“", row.result(), "”")});
            } else if (!result.ok()) {
              return result.status();
            } else if (result->state() == v1::RESULT_STATE_MERGED) {
              violations.push_back({"result", absl::StrCat("成果已并入“", result->merged_into(),
                                                           "”，请写该成果的案例")});
            }
            CHANYAN_RETURN_IF_ERROR(Refuse(std::move(violations), "typical_case"));
            row.set_name(absl::StrCat("cases/", api::NewShortId()));
            CopyParties(*result, &row);
            row.set_team(result->team());
            row.set_team_title(result->team_title());
            row.set_author_title(author);
            row.set_office(deps_.pack.Office());
            const auto markets = deps_.pack.UnitsOf(policy::v1::TRIAGE_UNIT_KIND_MARKET);
            if (!markets.empty()) row.set_market(markets.front()->organization());
            if (request.validate_only()) return row;
            CHANYAN_RETURN_IF_ERROR(cases_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return Presented(call, std::move(made));
}

absl::StatusOr<v1::TypicalCase> CaseService::UpdateTypicalCase(
    const rpc::Call& call, const v1::UpdateTypicalCaseRequest& request) {
  const v1::TypicalCase& update = request.typical_case();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::TypicalCase changed,
      rpc::Mutate<v1::TypicalCase>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::TypicalCase> {
            CHANYAN_ASSIGN_OR_RETURN(
                v1::TypicalCase row,
                cases_.GetForUpdate(change.session(), update.name(),
                                    auth::Writable<v1::TypicalCase>(call.principal)));
            CHANYAN_RETURN_IF_ERROR(CheckMayDo(call, row, "update"));
            if (!update.etag().empty() && update.etag() != row.etag()) {
              return rpc::StaleEdit(change.session(), call, update.etag(), row);
            }
            CHANYAN_RETURN_IF_ERROR(
                policy::Next(TypicalCaseLife(), row.state(), "update").status());
            const v1::TypicalCase before = row;
            CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &row));
            CHANYAN_RETURN_IF_ERROR(Check(change, row));
            if (request.validate_only() ||
                google::protobuf::util::MessageDifferencer::Equals(before, row)) {
              return row;
            }
            CHANYAN_RETURN_IF_ERROR(cases_.Update(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("updated", &before, &row));
            return row;
          }));
  return Presented(call, std::move(changed));
}

absl::StatusOr<v1::TypicalCase> CaseService::PublishTypicalCase(
    const rpc::Call& call, const v1::PublishTypicalCaseRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::TypicalCase published,
      rpc::Edit<v1::TypicalCase>(
          deps_.store, call, request, cases_, request.name(), request.etag(), "publish",
          [&](rpc::Change& change, v1::TypicalCase& row) -> absl::Status {
            CHANYAN_RETURN_IF_ERROR(CheckMayDo(call, row, "publish"));
            CHANYAN_ASSIGN_OR_RETURN(const auto next,
                                     policy::Next(TypicalCaseLife(), row.state(), "publish"));
            row.set_state(next);
            api::SetTime(change.now(), row.mutable_publish_time());
            return Check(change, row);
          }));
  return Presented(call, std::move(published));
}

absl::StatusOr<v1::TypicalCase> CaseService::WithdrawTypicalCase(
    const rpc::Call& call, const v1::WithdrawTypicalCaseRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::TypicalCase withdrawn,
                           rpc::Edit<v1::TypicalCase>(
                               deps_.store, call, request, cases_, request.name(), request.etag(),
                               "withdraw", [&](rpc::Change&, v1::TypicalCase& row) -> absl::Status {
                                 CHANYAN_RETURN_IF_ERROR(CheckMayDo(call, row, "withdraw"));
                                 CHANYAN_ASSIGN_OR_RETURN(
                                     const auto next,
                                     policy::Next(TypicalCaseLife(), row.state(), "withdraw"));
                                 row.set_state(next);
                                 row.set_withdraw_reason(request.reason());
                                 return absl::OkStatus();
                               }));
  return Presented(call, std::move(withdrawn));
}

absl::StatusOr<google::api::HttpBody> CaseService::ExportTypicalCases(
    const rpc::Call& call, const v1::ExportTypicalCasesRequest& request) {
  std::vector<v1::TypicalCase> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted, cases_.core().Where(request.filter()));
        const db::Predicate scope =
            db::And(auth::Readable<v1::TypicalCase>(call.principal), Shown(call));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, ExportRows(session, cases_, db::And(scope, wanted), kByDayOfPublication));
        return Present(session, call, &rows);
      }));
  return rpc::ExportSheet<v1::TypicalCase>("典型案例", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::triage
