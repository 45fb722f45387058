#include "tools/quarter_program/consortia_plan.h"

#include <algorithm>
#include <filesystem>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tools/demo/tsv.h"

namespace chanyan::quarter {
namespace {

using demo::Tsv;

std::string RoleOf(const ConsortiumUnit& unit) {
  if (unit.IsExpertUnit()) return "ROLE_EXPERT";
  return unit.kind == "ENTERPRISE" ? "ROLE_ENTERPRISE" : "ROLE_RESEARCH_OFFICE";
}

}  // namespace

std::string ConsortiumPlan::Title() const { return absl::StrCat(track, "创新联合体（演示）"); }

bool ConsortiumPlan::IsOfThePast() const {
  for (const char* filed : {"filed", "supplement", "vacant", "dissolved", "cancelled"}) {
    if (target == filed) return true;
  }
  return false;
}

bool ConsortiumUnit::IsExpertUnit() const {
  return part == "technology" || part == "industry" || part == "management";
}

std::vector<WantedAccount> ConsortiaPlan::Accounts() const {
  std::vector<WantedAccount> accounts;
  for (const ConsortiumUnit& unit : units) {
    accounts.push_back({unit.id, unit.id, RoleOf(unit),
                        absl::StrCat(unit.name, unit.IsExpertUnit() ? "评审专家" : "")});
  }
  return accounts;
}

std::vector<std::string> ConsortiaPlan::Of(absl::string_view part) const {
  std::vector<std::string> logins;
  for (const ConsortiumUnit& unit : units) {
    if (unit.part == part) logins.push_back(unit.id);
  }
  return logins;
}

absl::StatusOr<ConsortiaPlan> LoadConsortiaPlan(const std::string& directory) {
  ConsortiaPlan plan;
  const std::string path = directory + "/plan/consortia.tsv";
  if (!std::filesystem::exists(path)) return plan;
  CHANYAN_ASSIGN_OR_RETURN(const Tsv units, Tsv::Load(directory + "/plan/consortium_units.tsv",
                                                      {"id", "name", "kind", "part"}));
  for (size_t i = 0; i < units.size(); ++i) {
    plan.units.push_back(
        {units.Get(i, "id"), units.Get(i, "name"), units.Get(i, "kind"), units.Get(i, "part")});
  }
  const std::vector<std::string> leads = plan.Of("lead");
  CHANYAN_ASSIGN_OR_RETURN(const Tsv table,
                           Tsv::Load(path, {"key", "lead", "industry", "track", "target"}));
  absl::flat_hash_set<std::string> titles;
  for (size_t i = 0; i < table.size(); ++i) {
    ConsortiumPlan one{table.Get(i, "key"), table.Get(i, "lead"), table.Get(i, "industry"),
                       table.Get(i, "track"), table.Get(i, "target")};
    if (std::find(leads.begin(), leads.end(), one.lead) == leads.end()) {
      return status::InvalidField(table.Place(i), "牵头单位不在 consortium_units.tsv 中");
    }
    if (!titles.insert(one.Title()).second) {
      return status::InvalidField(table.Place(i), "赛道重复，联合体按名称查找");
    }
    plan.consortia.push_back(std::move(one));
  }
  return plan;
}

}  // namespace chanyan::quarter
