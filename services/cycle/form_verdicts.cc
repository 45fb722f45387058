#include "services/cycle/form_verdicts.h"

#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "services/cycle/ids.h"

namespace chanyan::cycle {
namespace {

// A row that is open to all has no enterprise.
constexpr absl::string_view kAllEnterprises = "全体企业";

// The enterprise that the row was filled in for.
const std::string& PairedEnterprise(const v1::Row& row) {
  return row.former_enterprise().empty() ? row.enterprise() : row.former_enterprise();
}

policy::Facts FactsOfRow(absl::string_view form, absl::string_view platform,
                         absl::string_view enterprise, absl::string_view existing) {
  policy::Facts facts;
  facts.Set("form", form);
  facts.Set("platform", platform);
  facts.Set("enterprise", enterprise);
  facts.Set("cycle", CycleOfName(form));
  facts.Set("existing_row", existing);
  return facts;
}

policy::Facts FactsOfRow(absl::string_view form, const v1::Row& row, absl::string_view existing) {
  const std::string& enterprise = PairedEnterprise(row);
  return FactsOfRow(form, row.platform(),
                    enterprise.empty() ? kAllEnterprises : absl::string_view(enterprise), existing);
}

// "3个（40行）", "12家", "12家和全体企业".
policy::v1::Verdicts VerdictsTogether(const policy::Pack& pack, absl::string_view form,
                                      const std::vector<const v1::Row*>& born) {
  absl::flat_hash_set<absl::string_view> platforms;
  absl::flat_hash_set<absl::string_view> enterprises;
  bool open_to_all = false;
  for (const v1::Row* row : born) {
    platforms.insert(row->platform());
    const std::string& enterprise = PairedEnterprise(*row);
    if (enterprise.empty()) {
      open_to_all = true;
    } else {
      enterprises.insert(enterprise);
    }
  }
  std::string named = enterprises.empty() ? "" : absl::StrCat(enterprises.size(), "家");
  if (open_to_all) absl::StrAppend(&named, named.empty() ? "" : "和", kAllEnterprises);
  return policy::Evaluate(
      pack, policy::v1::DECISION_FORM_ROW_CREATE,
      FactsOfRow(form, absl::StrCat(platforms.size(), "个（", born.size(), "行）"), named, ""));
}

}  // namespace

policy::v1::Verdicts FormVerdicts(const policy::Pack& pack, const v1::Form& form,
                                  absl::string_view existing) {
  policy::Facts facts;
  facts.Set("university", form.university());
  facts.Set("cycle", CycleOfName(form.name()));
  facts.Set("existing_form", existing);
  return policy::Evaluate(pack, policy::v1::DECISION_FORM_CREATE, facts);
}

policy::v1::Verdicts RowVerdicts(const policy::Pack& pack, absl::string_view form,
                                 const v1::Row& row, absl::string_view existing) {
  return policy::Evaluate(pack, policy::v1::DECISION_FORM_ROW_CREATE,
                          FactsOfRow(form, row, existing));
}

absl::StatusOr<policy::v1::Verdicts> JudgeRows(const policy::Pack& pack, absl::string_view form,
                                               const std::vector<const v1::Row*>& present,
                                               const std::vector<const v1::Row*>& born) {
  if (born.empty()) return policy::v1::Verdicts();
  absl::flat_hash_map<std::pair<absl::string_view, absl::string_view>, absl::string_view> taken;
  taken.reserve(present.size() + born.size());
  for (const v1::Row* row : present) {
    taken.try_emplace({row->platform(), PairedEnterprise(*row)}, row->name());
  }
  const v1::Row* set_aside = nullptr;
  std::string beside;
  for (const v1::Row* row : born) {
    const auto [holder, fresh] =
        taken.try_emplace({row->platform(), PairedEnterprise(*row)}, row->name());
    const absl::string_view existing = fresh ? absl::string_view() : holder->second;
    // A city's rows are judged without words; those are for the one that is refused.
    if (policy::IsSatisfied(pack, policy::v1::DECISION_FORM_ROW_CREATE,
                            FactsOfRow(form, *row, existing))) {
      continue;
    }
    CHANYAN_RETURN_IF_ERROR(policy::RequireHard(RowVerdicts(pack, form, *row, existing)));
    if (set_aside != nullptr) continue;
    set_aside = row;
    beside = std::string(existing);
  }
  if (set_aside != nullptr) return RowVerdicts(pack, form, *set_aside, beside);
  if (born.size() == 1) return RowVerdicts(pack, form, *born.front(), "");
  return VerdictsTogether(pack, form, born);
}

absl::Status JudgeOpening(const policy::Pack& pack, Opening* opening) {
  std::map<absl::string_view, std::vector<const v1::Row*>> rows_of;
  for (const v1::Row& row : opening->rows) rows_of[FormOfName(row.name())].push_back(&row);
  std::map<std::string, std::string> forms_of;
  for (v1::Form& form : opening->forms) {
    const auto [first, fresh] = forms_of.try_emplace(form.university(), form.name());
    policy::v1::Verdicts verdicts = FormVerdicts(pack, form, fresh ? "" : first->second);
    CHANYAN_RETURN_IF_ERROR(policy::RequireHard(verdicts));
    *form.mutable_create_verdicts() = std::move(verdicts);
    const auto rows = rows_of.find(form.name());
    if (rows == rows_of.end()) continue;
    CHANYAN_ASSIGN_OR_RETURN(*form.mutable_row_verdicts(),
                             JudgeRows(pack, form.name(), {}, rows->second));
  }
  return absl::OkStatus();
}

absl::Status JudgePlan(const policy::Pack& pack, const std::vector<v1::Row>& stored,
                       const RowPlan& plan, v1::Form* form) {
  if (plan.creates.empty()) return absl::OkStatus();
  absl::flat_hash_set<absl::string_view> gone;
  for (const v1::Row& row : plan.removes) gone.insert(row.name());
  std::vector<const v1::Row*> present;
  for (const v1::Row& row : stored) {
    if (!gone.contains(row.name())) present.push_back(&row);
  }
  std::vector<const v1::Row*> born;
  for (const v1::Row& row : plan.creates) born.push_back(&row);
  CHANYAN_ASSIGN_OR_RETURN(*form->mutable_row_verdicts(),
                           JudgeRows(pack, form->name(), present, born));
  return absl::OkStatus();
}

absl::Status WithFormVerdicts(const policy::Pack& pack, const std::vector<v1::Form>& planned,
                              const std::vector<v1::Form>& existing, absl::Status refused) {
  absl::flat_hash_map<absl::string_view, absl::string_view> forms_of;
  for (const v1::Form& form : existing) forms_of.try_emplace(form.university(), form.name());
  for (const v1::Form& form : planned) {
    const auto found = forms_of.find(form.university());
    if (found == forms_of.end()) continue;
    status::SetDetail(refused, FormVerdicts(pack, form, found->second));
    break;
  }
  return refused;
}

}  // namespace chanyan::cycle
