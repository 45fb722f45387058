#include "services/cycle/output_queries.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/directory.h"
#include "services/cycle/ids.h"
#include "services/cycle/succession.h"

namespace chanyan::cycle {
namespace {

// In step 3 rows go from enterprises to units and from units to the secretariat, and may be sent
// back the same way: the last hop decides, and a row says if that led backwards (sent_back). Not
// bound to the row's own enterprise: a set by name alone is made once in memory, with the sender it
// goes to disk (0.4 s against 8 s at 50,000 rows).
constexpr absl::string_view kBackRows =
    "SELECT back_row.form_row FROM handover back JOIN handover_row back_row "
    "ON back_row.handover = back.name WHERE back.name >= ? AND back.name < ? "
    "AND back.step = ? AND back.receiver <> ? AND back.state <> 'REFUSED'";
constexpr absl::string_view kReturnedRows =
    "SELECT back_row.form_row FROM handover back JOIN handover_row back_row "
    "ON back_row.handover = back.name WHERE back.name >= ? AND back.name < ? "
    "AND back.step = ? AND back.state = 'RECEIVED'";
constexpr absl::string_view kReturns =
    "SELECT enterprise, unit, first_time, on_time FROM enterprise_return WHERE cycle = ? "
    "AND enterprise >= ? AND enterprise <= ?";
constexpr absl::string_view kSentToEnterprises =
    "SELECT DISTINCT sender, receiver FROM handover WHERE name >= ? AND name < ? AND step = ? "
    "AND sender <> ? AND state <> 'REFUSED'";
// Kinds that the registry accepts as responsible unit.
constexpr absl::string_view kUnits =
    "kind = FUNCTIONAL_ZONE OR kind = TOWN OR kind = DISTRICT OR kind = DEPARTMENT";

absl::StatusOr<absl::flat_hash_set<std::string>> NamesIn(db::Session& session,
                                                         absl::string_view sql,
                                                         const db::Values& params) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(sql, params));
  absl::flat_hash_set<std::string> names;
  names.reserve(found.rows.size());
  for (const db::Values& row : found.rows) names.insert(std::get<std::string>(row[0]));
  return names;
}

}  // namespace

db::Predicate Below(absl::string_view prefix) {
  // '0' is the character behind '/'.
  return {"name >= ? AND name < ?", {absl::StrCat(prefix, "/"), absl::StrCat(prefix, "0")}};
}

db::Predicate CameBack(const v1::Cycle& cycle) {
  db::Values values = Below(absl::StrCat(cycle.name(), "/handovers")).params;
  values.insert(values.end(), {int64_t{kCollectStep}, cycle.secretariat()});
  return {absl::StrCat("enterprise <> '' AND sent_back = 0 AND name IN (", kBackRows, ")"),
          std::move(values)};
}

absl::StatusOr<absl::flat_hash_set<std::string>> NamesThatCameBack(db::Session& session,
                                                                   const v1::Cycle& cycle) {
  return NamesIn(session, kBackRows, CameBack(cycle).params);
}

absl::StatusOr<absl::flat_hash_set<std::string>> NamesReturned(db::Session& session,
                                                               const v1::Cycle& cycle) {
  db::Values values = Below(absl::StrCat(cycle.name(), "/handovers")).params;
  values.push_back(int64_t{kReturnStep});
  return NamesIn(session, kReturnedRows, values);
}

absl::StatusOr<std::vector<v1::Row>> RowsOfForms(db::Session& session,
                                                 const db::Table<v1::Row>& rows,
                                                 const std::vector<v1::Form>& forms,
                                                 const db::Predicate& where) {
  std::vector<v1::Row> all;
  for (const v1::Form& form : forms) {
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::Row> of_form,
        rows.Select(session, db::And(Below(absl::StrCat(form.name(), "/rows")), where)));
    for (v1::Row& row : of_form) all.push_back(std::move(row));
  }
  std::sort(all.begin(), all.end(),
            [](const v1::Row& a, const v1::Row& b) { return a.name() < b.name(); });
  return all;
}

absl::StatusOr<std::map<std::string, EnterpriseReturn>> LoadReturns(db::Session& session,
                                                                    absl::string_view cycle,
                                                                    absl::string_view first,
                                                                    absl::string_view last) {
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      session.Query(kReturns, {std::string(cycle), std::string(first), std::string(last)}));
  std::map<std::string, EnterpriseReturn> returns;
  for (const db::Values& row : found.rows) {
    returns[std::get<std::string>(row[0])] = {std::get<std::string>(row[1]),
                                              std::get<absl::Time>(row[2]),
                                              std::get<int64_t>(row[3]) != 0};
  }
  return returns;
}

absl::StatusOr<Expected> LoadExpected(db::Session& session, const v1::Cycle& cycle,
                                      const std::map<std::string, EnterpriseReturn>& returns) {
  db::Values values = Below(absl::StrCat(cycle.name(), "/handovers")).params;
  values.insert(values.end(), {int64_t{kDistributeStep}, cycle.secretariat()});
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows sent, session.Query(kSentToEnterprises, values));
  CHANYAN_ASSIGN_OR_RETURN(const CycleSuccession succession, LoadSuccession(session, cycle.name()));
  Expected expected;
  for (const auto& [enterprise, given] : returns) expected[given.unit].insert(enterprise);
  for (const db::Values& row : sent.rows) {
    const std::string& enterprise = succession.Living(std::get<std::string>(row[1]));
    if (!returns.contains(enterprise)) {
      expected[succession.Living(std::get<std::string>(row[0]))].insert(enterprise);
    }
  }
  return expected;
}

absl::StatusOr<UniversityTitles> LoadUniversityTitles(db::Session& session,
                                                      const db::Table<v1::Form>& forms,
                                                      absl::string_view cycle) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Form> all,
                           forms.Select(session, Below(absl::StrCat(cycle, "/forms"))));
  UniversityTitles titles;
  for (const v1::Form& form : all) {
    // Of two forms that a merger gave one university, the one in its own name says what it is
    // called.
    if (form.name() == FormName(cycle, form.university())) {
      titles[form.university()] = form.university_title();
    } else {
      titles.try_emplace(form.university(), form.university_title());
    }
  }
  return titles;
}

absl::StatusOr<std::map<std::string, std::string>> FetchUnitTitles(rpc::Peers& peers,
                                                                   const rpc::Caller& caller) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<registry::v1::Organization> units,
                           ListOrganizations(peers, caller, kUnits));
  std::map<std::string, std::string> titles;
  for (const registry::v1::Organization& unit : units) titles[unit.name()] = unit.display_name();
  return titles;
}

std::string TitleOf(const std::map<std::string, std::string>& titles, const std::string& name) {
  const auto found = titles.find(name);
  return found == titles.end() ? std::string(api::IdOfName(name)) : found->second;
}

google::api::HttpBody FileBody(absl::string_view content_type, std::string bytes) {
  google::api::HttpBody body;
  body.set_content_type(std::string(content_type));
  body.set_data(std::move(bytes));
  return body;
}

}  // namespace chanyan::cycle
