#include "services/consortium/export_service.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/auth/scope.h"
#include "common/policy/life.h"
#include "common/rpc/export.h"
#include "common/rpc/get.h"
#include "common/status/status.h"
#include "services/consortium/construction_rules.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

constexpr char kAnyParent[] = "consortia/-";

// What an export asks for.
struct Wanted {
  // "" = of no parent.
  std::string parent;
  std::string filter;
  absl::string_view order;
  int most;
  // A filter that narrows it, for people.
  absl::string_view hint;
};

// The caller's rows that hold the filter. FAILED_PRECONDITION (FILE_TOO_LARGE) if they are more
// than `most`; no more than one above it are read.
template <class T>
absl::StatusOr<std::vector<T>> RowsFor(const Deps& deps, const rpc::Call& call,
                                       const db::Table<T>& table, const Wanted& wanted) {
  std::vector<T> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(db::Predicate where, table.core().Where(wanted.filter));
        if (!wanted.parent.empty() && wanted.parent != kAnyParent) {
          where = db::And(std::move(where), Below(wanted.parent));
        }
        CHANYAN_ASSIGN_OR_RETURN(
            rows, table.Select(session, db::And(auth::Readable<T>(call.principal), where),
                               absl::StrCat(wanted.order, " LIMIT ", wanted.most + 1)));
        return absl::OkStatus();
      }));
  if (rows.size() <= static_cast<size_t>(wanted.most)) return rows;
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_FILE_TOO_LARGE,
      absl::StrCat("符合条件的记录超过", wanted.most, "条，请加筛选条件（filter，例如 ",
                   wanted.hint, "）分批导出"));
}

v1::ConstructionReportRow LineOf(const ConsortiumPack& pack, const v1::ConstructionReport& report,
                                 const v1::ConstructionVersion* counted) {
  v1::ConstructionReportRow row;
  row.set_consortium_title(report.consortium_title());
  row.set_period_title(report.period_title());
  row.set_state(report.state());
  if (report.has_due_time()) *row.mutable_due_time() = report.due_time();
  row.set_overdue(report.overdue());
  row.set_late(report.late());
  if (report.has_submit_time()) *row.mutable_submit_time() = report.submit_time();
  row.set_return_reason(report.return_reason());
  if (counted == nullptr) return row;
  row.set_no_change(counted->no_change());
  row.set_progress(ProgressText(pack, *counted));
  row.set_funds_yuan(counted->funds_yuan());
  row.set_problem(counted->problem());
  return row;
}

v1::CreditEntryRow LineOf(const ConsortiumPack& pack, const v1::CreditEntry& entry) {
  v1::CreditEntryRow row;
  row.set_organization_title(entry.organization_title());
  row.set_person(entry.person());
  const policy::v1::ConsortiumItem* event = pack.FindCreditEvent(entry.event());
  row.set_event(event == nullptr ? entry.event() : event->display_name());
  row.set_description(entry.description());
  row.set_to_judiciary(entry.to_judiciary());
  row.set_state(entry.state());
  row.set_revoke_reason(entry.revoke_reason());
  *row.mutable_create_time() = entry.create_time();
  return row;
}

constexpr absl::string_view kDossierHint = "state = FILED 或 submit_time >= 2025-01-01T00:00:00Z";

bool HasSigned(const v1::Consortium& row, const std::string& organization) {
  return std::find(row.signed_by().begin(), row.signed_by().end(), organization) !=
         row.signed_by().end();
}

void AddParties(const v1::Consortium& row, std::vector<v1::ConsortiumMemberRow>* rows) {
  const auto add = [&](const std::string& organization, const std::string& title) {
    v1::ConsortiumMemberRow& one = rows->emplace_back();
    one.set_consortium_title(row.display_name());
    one.set_state(row.state());
    one.set_organization_title(title);
    one.set_agreement_signed(HasSigned(row, organization));
    return &one;
  };
  if (!row.lead_unit().empty()) {
    v1::ConsortiumMemberRow* lead = add(row.lead_unit(), row.lead_unit_title());
    lead->set_part("牵头单位");
    lead->set_layer(v1::MEMBER_LAYER_CORE);
  }
  for (const v1::ConsortiumMember& member : row.members()) {
    v1::ConsortiumMemberRow* one = add(member.organization(), member.title());
    if (member.kind() != v1::MEMBER_KIND_UNSPECIFIED) {
      one->set_part(policy::LabelOf(member.kind()));
    }
    one->set_layer(member.layer());
    one->set_tasks(member.tasks());
    one->set_resources(member.resources());
    one->set_funds_yuan(member.funds_yuan());
    one->set_principal(member.principal());
  }
}

v1::EvaluationRow RowOf(const ConsortiumPack& pack, const v1::Evaluation& evaluation) {
  v1::EvaluationRow row;
  row.set_consortium_title(evaluation.consortium_title());
  row.set_period(evaluation.period());
  row.set_evaluator(evaluation.evaluator());
  std::vector<std::string> scores;
  for (const v1::PartScore& score : evaluation.scores()) {
    const auto& parts = pack.proto().evaluation().parts();
    const auto part = std::find_if(parts.begin(), parts.end(),
                                   [&](const auto& one) { return one.id() == score.part(); });
    scores.push_back(absl::StrCat(part == parts.end() ? score.part() : part->display_name(), " ",
                                  score.points()));
  }
  row.set_scores(absl::StrJoin(scores, "；"));
  row.set_total(evaluation.total());
  row.set_grade(evaluation.grade());
  row.set_state(evaluation.state());
  if (evaluation.has_conclude_time()) *row.mutable_conclude_time() = evaluation.conclude_time();
  return row;
}

}  // namespace

std::vector<rpc::UnaryMethod> ExportService::Methods() {
  using S = ExportService;
  return {
      rpc::Unary("ExportConsortia", this, &S::ExportConsortia),
      rpc::Unary("ExportConsortiumMembers", this, &S::ExportConsortiumMembers),
      rpc::Unary("ExportEvaluations", this, &S::ExportEvaluations),
      rpc::Unary("ExportConstructionReports", this, &S::ExportConstructionReports),
      rpc::Unary("ExportCoordinationItems", this, &S::ExportCoordinationItems),
      rpc::Unary("ExportFilings", this, &S::ExportFilings),
      rpc::Unary("ExportCreditEntries", this, &S::ExportCreditEntries),
      rpc::Unary("ExportBars", this, &S::ExportBars),
      rpc::Unary("ExportSupportMeasures", this, &S::ExportSupportMeasures),
  };
}

absl::StatusOr<google::api::HttpBody> ExportService::ExportConsortia(
    const rpc::Call& call, const v1::ExportConsortiaRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Consortium> rows,
      RowsFor(deps_, call, deps_.book.table(),
              {"", request.filter(), "display_name, name", limits_.dossiers, kDossierHint}));
  return rpc::ExportSheet<v1::Consortium>("创新联合体", deps_.store.clock.Now(), rows);
}

absl::StatusOr<google::api::HttpBody> ExportService::ExportConsortiumMembers(
    const rpc::Call& call, const v1::ExportConsortiumMembersRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Consortium> dossiers,
      RowsFor(deps_, call, deps_.book.table(),
              {"", request.filter(), "display_name, name", limits_.dossiers, kDossierHint}));
  std::vector<v1::ConsortiumMemberRow> rows;
  for (const v1::Consortium& dossier : dossiers) AddParties(dossier, &rows);
  return rpc::ExportSheet<v1::ConsortiumMemberRow>("创新联合体成员单位", deps_.store.clock.Now(),
                                                   rows);
}

absl::StatusOr<google::api::HttpBody> ExportService::ExportEvaluations(
    const rpc::Call& call, const v1::ExportEvaluationsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Evaluation> evaluations,
      RowsFor(deps_, call, evaluations_,
              {request.parent(), request.filter(), "consortium_title, create_time, name",
               limits_.records, "conclude_time >= 2025-01-01T00:00:00Z"}));
  std::vector<v1::EvaluationRow> rows;
  rows.reserve(evaluations.size());
  for (const v1::Evaluation& one : evaluations) rows.push_back(RowOf(deps_.pack, one));
  return rpc::ExportSheet<v1::EvaluationRow>("绩效评价", deps_.store.clock.Now(), rows);
}

absl::StatusOr<google::api::HttpBody> ExportService::ExportConstructionReports(
    const rpc::Call& call, const v1::ExportConstructionReportsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::ConstructionReport> reports,
      RowsFor(deps_, call, reports_,
              {request.parent(), request.filter(), "end_date, consortium_title, name",
               limits_.records, "overdue = true 或 period = \"2026h1\""}));
  std::vector<std::string> names;
  for (const v1::ConstructionReport& one : reports) {
    if (!one.counted_version().empty()) names.push_back(one.counted_version());
  }
  absl::flat_hash_map<std::string, v1::ConstructionVersion> counted;
  if (!names.empty()) {
    CHANYAN_ASSIGN_OR_RETURN(counted, rpc::RowsOf(deps_.store.db, call.deadline, versions_, names));
  }
  std::vector<v1::ConstructionReportRow> rows;
  rows.reserve(reports.size());
  for (const v1::ConstructionReport& one : reports) {
    const auto of = counted.find(one.counted_version());
    rows.push_back(LineOf(deps_.pack, one, of == counted.end() ? nullptr : &of->second));
  }
  return rpc::ExportSheet<v1::ConstructionReportRow>("建设进展报告", deps_.store.clock.Now(), rows);
}

absl::StatusOr<google::api::HttpBody> ExportService::ExportCoordinationItems(
    const rpc::Call& call, const v1::ExportCoordinationItemsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::CoordinationItem> rows,
      RowsFor(deps_, call, items_,
              {request.parent(), request.filter(), "create_time, consortium_title, name",
               limits_.records, "overdue = true 或 state = OPEN"}));
  return rpc::ExportSheet<v1::CoordinationItem>("协调事项", deps_.store.clock.Now(), rows);
}

absl::StatusOr<google::api::HttpBody> ExportService::ExportFilings(
    const rpc::Call& call, const v1::ExportFilingsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Filing> rows,
      RowsFor(deps_, call, filings_,
              {"", request.filter(), "year, number, name", limits_.records, "year = 2025"}));
  return rpc::ExportSheet<v1::Filing>("备案名录", deps_.store.clock.Now(), rows);
}

absl::StatusOr<google::api::HttpBody> ExportService::ExportCreditEntries(
    const rpc::Call& call, const v1::ExportCreditEntriesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::CreditEntry> entries,
                           RowsFor(deps_, call, credit_,
                                   {"", request.filter(), "create_time, organization_title, name",
                                    limits_.records, "state = STANDING"}));
  std::vector<std::string> names;
  for (const v1::CreditEntry& one : entries) {
    if (!one.consortium().empty()) names.push_back(one.consortium());
  }
  absl::flat_hash_map<std::string, v1::Consortium> dossiers;
  if (!names.empty()) {
    CHANYAN_ASSIGN_OR_RETURN(dossiers,
                             rpc::RowsOf(deps_.store.db, call.deadline, deps_.book.table(), names));
  }
  std::vector<v1::CreditEntryRow> rows;
  rows.reserve(entries.size());
  for (const v1::CreditEntry& one : entries) {
    rows.push_back(LineOf(deps_.pack, one));
    const auto of = dossiers.find(one.consortium());
    // Whom an entry concerns need not see the dossier.
    const bool seen =
        of != dossiers.end() && auth::Reaches(call.principal, of->second, options::v1::ACCESS_READ);
    if (seen) rows.back().set_consortium_title(of->second.display_name());
  }
  return rpc::ExportSheet<v1::CreditEntryRow>("科研信用档案", deps_.store.clock.Now(), rows);
}

absl::StatusOr<google::api::HttpBody> ExportService::ExportBars(
    const rpc::Call& call, const v1::ExportBarsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Bar> rows,
                           RowsFor(deps_, call, bars_,
                                   {"", request.filter(), "start_date, organization_title, name",
                                    limits_.records, "state = IN_FORCE"}));
  return rpc::ExportSheet<v1::Bar>("限制名单", deps_.store.clock.Now(), rows);
}

absl::StatusOr<google::api::HttpBody> ExportService::ExportSupportMeasures(
    const rpc::Call& call, const v1::ExportSupportMeasuresRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::SupportMeasure> rows,
      RowsFor(deps_, call, measures_,
              {request.parent(), request.filter(), "grant_date, consortium_title, name",
               limits_.records, "grant_date >= 2025-01-01"}));
  return rpc::ExportSheet<v1::SupportMeasure>("支持措施台账", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::consortium
