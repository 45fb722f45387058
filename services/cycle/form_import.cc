// Import of filled forms: a university's own, and what an enterprise gives back.
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/validate.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/form_life.h"
#include "services/cycle/ids.h"
#include "services/cycle/output_queries.h"

namespace chanyan::cycle {
namespace {

constexpr absl::string_view kPlatforms = "SELECT DISTINCT platform FROM form_row WHERE ";

absl::StatusOr<sheet::TableData<v1::Row>> ReadRows(const google::api::HttpBody& file,
                                                   const std::string& file_name) {
  sheet::ReadOptions options;
  options.check = [](google::protobuf::Message& message, uint32_t) {
    // A sheet shows why a row was sent back; whoever fills it in says nothing by it.
    static_cast<v1::Row&>(message).clear_return_reason();
    return api::Violations(message);
  };
  return rpc::ReadUpload<v1::Row>(file, file_name, options);
}

// Facts about the names that a file holds.
absl::StatusOr<SheetFacts> AskAboutSheet(rpc::Peers& peers, const rpc::Caller& caller,
                                         const FormScope& scope,
                                         const sheet::TableData<v1::Row>& data) {
  SheetFacts facts;
  CHANYAN_ASSIGN_OR_RETURN(std::vector<registry::v1::Platform> own,
                           ListPublishedPlatforms(peers, caller, scope.university));
  absl::flat_hash_set<std::string> missing = scope.platforms;
  for (registry::v1::Platform& platform : own) {
    missing.erase(platform.name());
    std::string title = platform.display_name();
    std::string elsewhere = BelongsElsewhere(scope, platform.name());
    if (elsewhere.empty()) {
      facts.platforms[std::move(title)] = std::move(platform);
    } else {
      facts.elsewhere[std::move(title)] = std::move(elsewhere);
    }
  }
  std::vector<std::string> codes;
  // A platform of a row that is here has changed hands since, or is not published any more.
  bool strangers = !missing.empty();
  for (const auto& [row, number] : data.rows) {
    if (!row.unified_social_credit_code().empty()) {
      codes.push_back(row.unified_social_credit_code());
    }
    strangers = strangers || !facts.platforms.contains(row.platform_title());
  }
  if (strangers) {
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<registry::v1::Platform> all,
                             ListPublishedPlatforms(peers, caller, "organizations/-"));
    for (const registry::v1::Platform& platform : all) {
      if (platform.organization() == scope.university) continue;
      if (missing.contains(platform.name())) {
        facts.platforms.try_emplace(platform.display_name(), platform);
      } else {
        facts.elsewhere[platform.display_name()] = platform.organization_title();
      }
    }
  }
  CHANYAN_ASSIGN_OR_RETURN(facts.enterprises, EnterprisesByCode(peers, caller, codes));
  std::vector<std::string> survivors;
  for (const auto& [code, enterprise] : facts.enterprises) {
    if (!enterprise.merged_into().empty()) survivors.push_back(enterprise.merged_into());
  }
  CHANYAN_ASSIGN_OR_RETURN(facts.survivors, OrganizationsByName(peers, caller, survivors));
  return facts;
}

absl::Status CheckPlan(RowPlan& plan) {
  if (plan.violations.empty()) return absl::OkStatus();
  if (plan.violations.size() > rpc::MostViolations()) {
    const size_t more = plan.violations.size() - rpc::MostViolations();
    plan.violations.resize(rpc::MostViolations());
    plan.violations.push_back({"file", absl::StrCat("另有 ", more, " 处错误未逐一列出")});
  }
  return status::InvalidFields(std::move(plan.violations), options::v1::ERROR_REASON_INVALID_FILE);
}

v1::ImportFormResponse ResponseOf(const RowPlan& plan, bool dry_run) {
  v1::ImportFormResponse response;
  response.set_created(static_cast<int32_t>(plan.creates.size()));
  response.set_updated(static_cast<int32_t>(plan.updates.size()));
  response.set_removed(static_cast<int32_t>(plan.removes.size()));
  response.set_unchanged(plan.unchanged);
  response.set_dry_run(dry_run);
  return response;
}

}  // namespace

absl::StatusOr<FormScope> CycleService::ScopeOf(db::Session& session, const v1::Form& form) {
  FormScope scope;
  scope.form = form.name();
  scope.university = form.university();
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Form> forms,
                           forms_.Select(session, db::And({"university = ?", {form.university()}},
                                                          Below(CycleOfName(form.name())))));
  for (const v1::Form& sibling : forms) {
    if (sibling.name() != form.name()) {
      scope.siblings[sibling.name()] = sibling.university_title();
    }
  }
  const db::Predicate rows = Below(absl::StrCat(form.name(), "/rows"));
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows platforms,
                           session.Query(absl::StrCat(kPlatforms, rows.sql), rows.params));
  for (const db::Values& row : platforms.rows) {
    scope.platforms.insert(std::get<std::string>(row[0]));
  }
  return scope;
}

absl::Status CycleService::WriteRows(rpc::Change& change, absl::Time cycle_now,
                                     const v1::Form& form, RowPlan* plan) {
  // What comes from the registry's answer; the rest was read here, locked.
  std::vector<std::string> referred;
  for (const v1::Row& row : plan->creates) {
    referred.insert(referred.end(), {row.enterprise(), row.unit()});
  }
  for (const auto& [before, after] : plan->updates) {
    if (after.unit() != before.unit()) referred.push_back(after.unit());
  }
  CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), std::move(referred)));
  const auto total =
      static_cast<int64_t>(plan->removes.size() + plan->creates.size() + plan->updates.size());
  rpc::LongWork::OfThisThread().Say(rpc::Stage::kWriting, 0, total);
  if (!plan->removes.empty()) {
    CHANYAN_RETURN_IF_ERROR(custody_.Withdraw(change, cycle_now, form.university(), plan->removes));
  }
  CHANYAN_RETURN_IF_ERROR(custody_.Bear(change, cycle_now, &plan->creates));
  rpc::LongWork::OfThisThread().Say(rpc::Stage::kWriting,
                                    total - static_cast<int64_t>(plan->updates.size()), total);
  std::vector<v1::Row> edited;
  for (const auto& [before, after] : plan->updates) edited.push_back(after);
  CHANYAN_RETURN_IF_ERROR(rows_.UpdateAll(change.session(), change.now(), &edited));
  std::vector<journal::Alteration> alterations;
  for (size_t i = 0; i < edited.size(); ++i) {
    alterations.push_back({&plan->updates[i].first, &edited[i]});
  }
  return change.RecordAll("edited", alterations);
}

absl::StatusOr<v1::ImportFormResponse> CycleService::ImportForm(
    const rpc::Call& call, const v1::ImportFormRequest& request) {
  // Who may not write the form learns nothing of it, and nobody is asked on his behalf.
  FormScope scope;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::Form seen,
            forms_.Get(session, request.name(), auth::Writable<v1::Form>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(scope, ScopeOf(session, seen));
        return absl::OkStatus();
      }));
  CHANYAN_ASSIGN_OR_RETURN(const sheet::TableData<v1::Row> data,
                           ReadRows(request.file(), request.file_name()));
  CHANYAN_ASSIGN_OR_RETURN(const SheetFacts facts,
                           AskAboutSheet(deps_.peers, rpc::AsService(call), scope, data));
  const std::string sha256 = api::Sha256Hex(request.file().data());

  return rpc::Mutate<v1::ImportFormResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportFormResponse> {
        CHANYAN_ASSIGN_OR_RETURN(v1::Form form,
                                 forms_.GetForUpdate(change.session(), request.name(),
                                                     auth::Writable<v1::Form>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                 cycles_.Get(change.session(), CycleOfName(form.name())));
        const absl::Time now = NowIn(cycle, change.now());
        CHANYAN_RETURN_IF_ERROR(policy::Next(FormLife(), form.state(), "import").status());
        CHANYAN_RETURN_IF_ERROR(RequireFormWindow(cycle, form, now, "导入报表"));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Row> stored,
                                 RowsOf(change.session(), form.name(), /*for_update=*/true));
        RowPlan plan = PlanForm(deps_.pack, form, data, facts, stored, time::DayOf(now));
        CHANYAN_RETURN_IF_ERROR(CheckPlan(plan));
        const v1::ImportFormResponse response = ResponseOf(plan, request.validate_only());
        if (request.validate_only() || (!plan.changes() && form.file_sha256() == sha256)) {
          return response;
        }
        CHANYAN_RETURN_IF_ERROR(WriteRows(change, now, form, &plan));
        const v1::Form before = form;
        form.set_file_sha256(sha256);
        form.set_row_count(static_cast<int32_t>(data.rows.size()));
        CHANYAN_RETURN_IF_ERROR(forms_.Update(change.session(), change.now(), &form));
        CHANYAN_RETURN_IF_ERROR(change.Record("imported", &before, &form));
        return response;
      });
}

absl::StatusOr<v1::ImportFormResponse> CycleService::ImportReturn(
    const rpc::Call& call, const v1::ImportReturnRequest& request) {
  FormScope scope;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::Form seen,
            forms_.Get(session, request.parent(), auth::Readable<v1::Form>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(scope, ScopeOf(session, seen));
        return absl::OkStatus();
      }));
  ReturnFacts facts;
  CHANYAN_ASSIGN_OR_RETURN(facts.enterprise, ServedEnterprise(call, request.enterprise()));
  CHANYAN_ASSIGN_OR_RETURN(const sheet::TableData<v1::Row> data,
                           ReadRows(request.file(), request.file_name()));
  CHANYAN_ASSIGN_OR_RETURN(facts.sheet,
                           AskAboutSheet(deps_.peers, rpc::AsService(call), scope, data));

  return rpc::Mutate<v1::ImportFormResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportFormResponse> {
        // Locked, because rows are added to it and counted.
        CHANYAN_ASSIGN_OR_RETURN(v1::Form form,
                                 forms_.GetForUpdate(change.session(), request.parent(),
                                                     auth::Readable<v1::Form>(call.principal)));
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                 cycles_.Get(change.session(), CycleOfName(form.name())));
        const absl::Time now = NowIn(cycle, change.now());
        const std::string& enterprise = facts.enterprise.name();
        CHANYAN_ASSIGN_OR_RETURN(const std::optional<absl::Time> exception,
                                 ReturnExceptionOf(change.session(), cycle.name(), enterprise));
        CHANYAN_RETURN_IF_ERROR(
            RequireReturnWindow(cycle, kCollectStep, exception, now, "导入企业报表"));
        // What was sent to the enterprise is in its hands once it is filled in.
        absl::flat_hash_set<std::string> arriving;
        if (request.validate_only()) {
          CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Handover> waiting,
                                   custody_.Waiting(change.session(), cycle.name(), enterprise));
          for (const v1::Handover& handover : waiting) arriving.insert(handover.name());
        } else {
          CHANYAN_RETURN_IF_ERROR(
              ReceiveAll(change, cycle, now, enterprise, call.principal.account).status());
        }
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Row> stored,
            rows_.Select(change.session(),
                         {"cycle = ? AND enterprise IN (?, '') AND name >= ? AND name < ?",
                          {cycle.name(), enterprise, absl::StrCat(form.name(), "/rows/"),
                           absl::StrCat(form.name(), "/rows0")}},
                         "name FOR UPDATE"));
        ReturnFacts held = facts;
        for (const v1::Row& row : stored) {
          const bool here = row.holder() == enterprise && row.in_transit().empty();
          if (here || arriving.contains(row.in_transit())) held.held.insert(row.name());
        }
        RowPlan plan = PlanReturn(deps_.pack, form, data, held, stored, time::DayOf(now));
        CHANYAN_RETURN_IF_ERROR(CheckPlan(plan));
        const v1::ImportFormResponse response = ResponseOf(plan, request.validate_only());
        if (request.validate_only() || !plan.changes()) return response;
        CHANYAN_RETURN_IF_ERROR(WriteRows(change, now, form, &plan));
        if (!plan.creates.empty()) {
          const v1::Form before = form;
          form.set_row_count(form.row_count() + static_cast<int32_t>(plan.creates.size()));
          CHANYAN_RETURN_IF_ERROR(forms_.Update(change.session(), change.now(), &form));
          CHANYAN_RETURN_IF_ERROR(change.Record("rowsAdded", &before, &form));
        }
        return response;
      });
}

}  // namespace chanyan::cycle
