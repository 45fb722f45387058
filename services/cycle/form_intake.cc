#include "services/cycle/form_intake.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/validate.h"
#include "common/db/predicate.h"
#include "common/rpc/import.h"
#include "common/rpc/long_work.h"
#include "common/rpc/succession.h"
#include "services/cycle/directory.h"
#include "services/cycle/ids.h"
#include "services/cycle/output_queries.h"

namespace chanyan::cycle {
namespace {

constexpr absl::string_view kPlatforms = "SELECT DISTINCT platform FROM form_row WHERE ";
constexpr absl::string_view kPartsOut =
    "SELECT platform FROM platform_part WHERE state IN ('DRAFT', 'SUBMITTED', 'RETURNED') AND ";

}  // namespace

absl::StatusOr<sheet::TableData<v1::Row>> ReadFormSheet(const google::api::HttpBody& file,
                                                        const std::string& file_name) {
  sheet::ReadOptions options;
  options.check = [](google::protobuf::Message& message, uint32_t) {
    // A sheet shows why a row was sent back; whoever fills it in says nothing by it.
    static_cast<v1::Row&>(message).clear_return_reason();
    return api::Violations(message);
  };
  return rpc::ReadUpload<v1::Row>(file, file_name, options);
}

// Platforms of several universities may share a name; all are named as long as that is readable.
std::string OwnersText(const absl::btree_set<std::string>& names) {
  constexpr ptrdiff_t kNamed = 3;
  const ptrdiff_t count = static_cast<ptrdiff_t>(names.size());
  const std::string text =
      absl::StrJoin(names.begin(), std::next(names.begin(), std::min(count, kNamed)), "、");
  return count <= kNamed ? text : absl::StrCat(text, "等", count, "家单位");
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
    absl::flat_hash_map<std::string, absl::btree_set<std::string>> owners;
    for (const registry::v1::Platform& platform : all) {
      if (platform.organization() == scope.university) continue;
      if (missing.contains(platform.name())) {
        facts.platforms.try_emplace(platform.display_name(), platform);
      } else {
        owners[platform.display_name()].insert(platform.organization_title());
      }
    }
    for (const auto& [title, names] : owners) facts.elsewhere[title] = OwnersText(names);
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
  absl::Status refused =
      status::InvalidFields(std::move(plan.violations), options::v1::ERROR_REASON_INVALID_FILE);
  if (!plan.refused.verdicts().empty()) status::SetDetail(refused, plan.refused);
  return refused;
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

absl::StatusOr<FormScope> ScopeOf(db::Session& session, const db::Table<v1::Form>& table,
                                  const v1::Form& form) {
  FormScope scope;
  scope.form = form.name();
  scope.university = form.university();
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Form> forms,
                           table.Select(session, db::And({"university = ?", {form.university()}},
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

absl::Status WriteRows(rpc::Change& change, const Custody& custody, const db::Table<v1::Row>& table,
                       absl::Time cycle_now, absl::string_view holder, RowPlan* plan) {
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
    CHANYAN_RETURN_IF_ERROR(custody.Withdraw(change, cycle_now, holder, plan->removes));
  }
  CHANYAN_RETURN_IF_ERROR(custody.Bear(change, cycle_now, &plan->creates));
  rpc::LongWork::OfThisThread().Say(rpc::Stage::kWriting,
                                    total - static_cast<int64_t>(plan->updates.size()), total);
  std::vector<v1::Row> edited;
  for (const auto& [before, after] : plan->updates) edited.push_back(after);
  CHANYAN_RETURN_IF_ERROR(table.UpdateAll(change.session(), change.now(), &edited));
  std::vector<journal::Alteration> alterations;
  for (size_t i = 0; i < edited.size(); ++i) {
    alterations.push_back({&plan->updates[i].first, &edited[i]});
  }
  return change.RecordAll("edited", alterations);
}

absl::StatusOr<absl::flat_hash_set<std::string>> PartsOut(db::Session& session,
                                                          absl::string_view form) {
  const db::Predicate parts = Below(absl::StrCat(form, "/parts"));
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      session.Query(absl::StrCat(kPartsOut, parts.sql, " FOR UPDATE"), parts.params));
  absl::flat_hash_set<std::string> out;
  for (const db::Values& row : found.rows) out.insert(std::get<std::string>(row[0]));
  return out;
}

absl::StatusOr<std::vector<v1::Row>> LockRowsOf(db::Session& session,
                                                const db::Table<v1::Row>& table,
                                                absl::string_view form,
                                                absl::string_view platform) {
  return table.Select(
      session,
      db::And(Below(absl::StrCat(form, "/rows")), {"platform = ?", {std::string(platform)}}),
      db::kByNameLocked);
}

}  // namespace chanyan::cycle
