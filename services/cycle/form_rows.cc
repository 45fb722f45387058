#include "services/cycle/form_rows.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/form_verdicts.h"
#include "services/cycle/ids.h"

namespace chanyan::cycle {
namespace {

using google::protobuf::util::MessageDifferencer;

// Rows of a form as they are.
struct Stored {
  explicit Stored(const std::vector<v1::Row>& rows) {
    for (const v1::Row& row : rows) {
      by_name[row.name()] = &row;
      if (row.former_enterprise().empty()) continue;
      taken_over.try_emplace({row.platform(), row.enterprise()}, &row);
    }
  }

  const v1::Row* Find(const std::string& name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
  }

  absl::flat_hash_map<std::string, const v1::Row*> by_name;
  // By platform and enterprise: rows that were of an enterprise that has become part of it.
  absl::flat_hash_map<std::pair<std::string, std::string>, const v1::Row*> taken_over;
};

// A sheet being read against a form.
class Reader {
 public:
  Reader(const policy::Pack& pack, const v1::Form& form, const sheet::TableData<v1::Row>& data,
         const SheetFacts& facts, absl::CivilDay today, RowPlan* plan)
      : pack_(pack), form_(form), data_(data), facts_(facts), today_(today), plan_(plan) {}

  void Refuse(uint32_t number, absl::string_view field, std::string description) {
    plan_->violations.push_back({data_.places.Place(number, field), std::move(description)});
  }

  // Fills platform, its title and, if empty, the college.
  bool FindPlatform(uint32_t number, v1::Row* row) {
    const auto found = facts_.platforms.find(row->platform_title());
    const std::string& only = facts_.only_platform;
    if (!only.empty() && (found == facts_.platforms.end() || found->second.name() != only)) {
      Refuse(number, "platform_title",
             absl::StrCat("本表是“", facts_.only_platform_title, "”的填报部分，“",
                          row->platform_title(), "”的行请填在它自己的部分"));
      return false;
    }
    if (found != facts_.platforms.end()) {
      row->set_platform(found->second.name());
      if (row->college().empty()) row->set_college(found->second.college());
      return true;
    }
    const auto elsewhere = facts_.elsewhere.find(row->platform_title());
    Refuse(number, "platform_title",
           elsewhere == facts_.elsewhere.end()
               ? absl::StrCat("“", row->platform_title(), "”不是", form_.university_title(),
                              "已发布的科创平台，请核对名称或先发布该平台")
               : absl::StrCat("“", row->platform_title(), "”属于其他高校（", elsewhere->second,
                              "），请填在该校的报表上，不要合并表格"));
    return false;
  }

  // Fills enterprise, its registered name and its unit; a row may have none.
  bool FindEnterprise(uint32_t number, v1::Row* row) {
    if (row->unified_social_credit_code().empty()) {
      if (row->enterprise_title().empty()) return true;
      Refuse(number, "unified_social_credit_code",
             absl::StrCat("请填写“", row->enterprise_title(), "”的统一社会信用代码"));
      return false;
    }
    const auto found = facts_.enterprises.find(row->unified_social_credit_code());
    if (found == facts_.enterprises.end()) {
      Refuse(number, "unified_social_credit_code",
             absl::StrCat("代码 ", row->unified_social_credit_code(),
                          " 不在单位名录中，请核对代码，或请责任单位先录入该企业"));
      return false;
    }
    const registry::v1::Organization& enterprise = found->second;
    if (enterprise.kind() != registry::v1::ORGANIZATION_KIND_ENTERPRISE) {
      Refuse(number, "unified_social_credit_code",
             absl::StrCat("代码 ", row->unified_social_credit_code(), " 属于“",
                          enterprise.display_name(), "”，不是企业"));
      return false;
    }
    if (!row->enterprise_title().empty() && !IsNameOf(enterprise, row->enterprise_title())) {
      Refuse(
          number, "enterprise_title",
          absl::StrCat("代码 ", row->unified_social_credit_code(), " 在单位名录中是“",
                       enterprise.display_name(), "”，与所填“", row->enterprise_title(), "”不符"));
      return false;
    }
    row->set_enterprise_title(enterprise.display_name());
    if (enterprise.state() != registry::v1::ORGANIZATION_STATE_MERGED) {
      row->set_enterprise(enterprise.name());
      row->set_unit(enterprise.unit());
      return true;
    }
    const auto survivor = facts_.survivors.find(enterprise.merged_into());
    if (survivor == facts_.survivors.end()) {
      Refuse(number, "unified_social_credit_code",
             absl::StrCat("“", enterprise.display_name(), "”已并入 ", enterprise.merged_into(),
                          "，请填写该企业"));
      return false;
    }
    row->set_enterprise(survivor->second.name());
    row->set_unit(survivor->second.unit());
    row->set_former_enterprise(enterprise.name());
    return true;
  }

  // False for the second row of a platform and an enterprise.
  bool IsFirst(uint32_t number, const v1::Row& row) {
    const auto [first, fresh] = seen_.try_emplace(row.name(), number);
    if (fresh) return true;
    if (plan_->refused.verdicts().empty()) {
      plan_->refused =
          RowVerdicts(pack_, form_.name(), row, absl::StrCat("第 ", first->second, " 行"));
    }
    Refuse(number, "platform_title",
           absl::StrCat("与第 ", first->second,
                        " 行是同一平台和同一企业，请合为一行（同一平台与企业一季一行）"));
    return false;
  }

  // False for a new row of the form's own enterprise: what it has with a platform of its own is no
  // pairing, and nobody could say as what it holds it.
  bool IsPairing(uint32_t number, const v1::Row& row) {
    if (row.enterprise() != form_.university()) return true;
    Refuse(
        number, "unified_social_credit_code",
        absl::StrCat("“", row.enterprise_title(), "”是本表的填报单位，不能与自己的科创平台结对"));
    return false;
  }

  void CheckRow(uint32_t number, const v1::Row& row) {
    for (status::Violation& violation : RowViolations(pack_, row, today_)) {
      Refuse(number, violation.field, std::move(violation.description));
    }
  }

  bool Saw(const std::string& name) const { return seen_.contains(name); }

  // The row of the pair: the one that is there, whatever the enterprise was called when it was
  // filled in, or the one that would be new.
  void Name(const Stored& stored, v1::Row* row) const {
    row->set_university(form_.university());
    const std::string own = RowName(form_.name(), row->platform(), row->enterprise());
    if (!row->former_enterprise().empty()) {
      const std::string former = RowName(form_.name(), row->platform(), row->former_enterprise());
      if (stored.by_name.contains(former)) {
        row->set_name(former);
        return;
      }
      // Nothing of that time is here: it is filled in for the one that goes on.
      const registry::v1::Organization& survivor = facts_.survivors.at(row->enterprise());
      row->clear_former_enterprise();
      row->set_enterprise_title(survivor.display_name());
      row->set_unified_social_credit_code(survivor.unified_social_credit_code());
    }
    const auto taken_over = stored.taken_over.find({row->platform(), row->enterprise()});
    const bool only = !stored.by_name.contains(own) && taken_over != stored.taken_over.end();
    row->set_name(only ? taken_over->second->name() : own);
  }

 private:
  const policy::Pack& pack_;
  const v1::Form& form_;
  const sheet::TableData<v1::Row>& data_;
  const SheetFacts& facts_;
  const absl::CivilDay today_;
  RowPlan* const plan_;
  absl::flat_hash_map<std::string, uint32_t> seen_;
};

// What a sheet says, on what is stored: custody and origin stay.
v1::Row Merge(const v1::Row& stored, const v1::Row& row) {
  v1::Row merged = stored;
  merged.set_platform_title(row.platform_title());
  merged.set_college(row.college());
  merged.set_category(row.category());
  merged.set_enterprise_title(row.enterprise_title());
  merged.set_unified_social_credit_code(row.unified_social_credit_code());
  merged.set_unit(row.unit());
  *merged.mutable_kinds() = row.kinds();
  merged.set_title(row.title());
  merged.set_content(row.content());
  merged.clear_sign_date();
  if (row.has_sign_date()) *merged.mutable_sign_date() = row.sign_date();
  merged.set_progress(row.progress());
  merged.set_no_change(row.no_change());
  merged.set_problem(row.problem());
  return merged;
}

void Decide(const v1::Row* stored, v1::Row row, RowPlan* plan) {
  if (stored == nullptr) {
    plan->creates.push_back(std::move(row));
  } else if (MessageDifferencer::Equals(*stored, row)) {
    ++plan->unchanged;
  } else {
    plan->updates.emplace_back(*stored, std::move(row));
  }
}

// A released intent that came back as it went out is no answer of the enterprise.
bool IsUntouchedIntent(const v1::Row& row, const v1::Form& form, const Stored& stored) {
  if (!row.enterprise_title().empty() || !row.unified_social_credit_code().empty()) return false;
  const v1::Row* found = stored.Find(RowName(form.name(), row.platform(), ""));
  return found != nullptr && row.title() == found->title() && row.content() == found->content() &&
         row.progress() == found->progress() && row.problem() == found->problem();
}

}  // namespace

std::string BelongsElsewhere(const FormScope& scope, absl::string_view platform) {
  if (scope.platforms.contains(platform)) return "";
  const absl::string_view cycle = CycleOfName(scope.form);
  // The form of the time when the platform was another's, or the one in the university's own name.
  for (const std::string& home :
       {FormName(cycle, OwnerOfPlatform(platform)), FormName(cycle, scope.university)}) {
    if (home == scope.form) return "";
    const auto sibling = scope.siblings.find(home);
    if (sibling != scope.siblings.end()) return sibling->second;
  }
  return "";
}

bool IsCodeOf(const registry::v1::Organization& organization, absl::string_view code) {
  if (code.empty()) return false;
  return organization.unified_social_credit_code() == code ||
         std::any_of(organization.absorbed().begin(), organization.absorbed().end(),
                     [code](const auto& absorbed) {
                       return absorbed.unified_social_credit_code() == code;
                     });
}

bool IsNameOf(const registry::v1::Organization& organization, absl::string_view name) {
  return organization.display_name() == name ||
         std::any_of(organization.former_names().begin(), organization.former_names().end(),
                     [name](const auto& former) { return former.display_name() == name; });
}

RowPlan PlanForm(const policy::Pack& pack, const v1::Form& form,
                 const sheet::TableData<v1::Row>& data, const SheetFacts& facts,
                 const std::vector<v1::Row>& stored, absl::CivilDay today,
                 const absl::flat_hash_set<std::string>& out) {
  RowPlan plan;
  Reader reader(pack, form, data, facts, today, &plan);
  const Stored present(stored);
  for (const auto& [message, number] : data.rows) {
    v1::Row row = message;
    const bool known = reader.FindPlatform(number, &row);
    if (!reader.FindEnterprise(number, &row) || !known) continue;
    reader.Name(present, &row);
    if (!reader.IsFirst(number, row)) continue;
    const v1::Row* found = present.Find(row.name());
    if (out.contains(row.platform())) {
      if (found != nullptr && MessageDifferencer::Equals(*found, Merge(*found, row))) {
        ++plan.unchanged;
        continue;
      }
      reader.Refuse(number, "platform_title",
                    absl::StrCat("“", row.platform_title(),
                                 "”的部分已发至平台填报，请由平台填写；由学校自填的，请先收回"));
      continue;
    }
    reader.CheckRow(number, row);
    if (found == nullptr) {
      if (!reader.IsPairing(number, row)) continue;
      row.set_origin(v1::ROW_ORIGIN_UNIVERSITY);
      row.set_holder(facts.only_platform.empty() ? form.university() : facts.only_platform);
      Decide(nullptr, std::move(row), &plan);
      continue;
    }
    if (found->origin() == v1::ROW_ORIGIN_CARRIED && row.category() != v1::ROW_CATEGORY_ONGOING) {
      reader.Refuse(
          number, "category",
          absl::StrCat("上季度结转的项目须填为“", policy::LabelOf(v1::ROW_CATEGORY_ONGOING), "”"));
    }
    Decide(found, Merge(*found, row), &plan);
  }
  for (const v1::Row& row : stored) {
    if (reader.Saw(row.name()) || out.contains(row.platform())) continue;
    if (row.origin() == v1::ROW_ORIGIN_CARRIED) {
      plan.violations.push_back({absl::StrCat(row.platform_title(), " / ", row.enterprise_title()),
                                 "上季度结转的在建项目不得删除，如无变化请填“本季度无变化”"});
    }
    plan.removes.push_back(row);
  }
  return plan;
}

RowPlan PlanReturn(const policy::Pack& pack, const v1::Form& form,
                   const sheet::TableData<v1::Row>& data, const ReturnFacts& facts,
                   const std::vector<v1::Row>& stored, absl::CivilDay today) {
  RowPlan plan;
  Reader reader(pack, form, data, facts.sheet, today, &plan);
  const Stored present(stored);
  for (const auto& [message, number] : data.rows) {
    v1::Row row = message;
    const bool known = reader.FindPlatform(number, &row);
    if (known && IsUntouchedIntent(row, form, present)) {
      ++plan.unchanged;
      continue;
    }
    if (!IsCodeOf(facts.enterprise, row.unified_social_credit_code())) {
      reader.Refuse(number, "unified_social_credit_code",
                    row.unified_social_credit_code().empty()
                        ? std::string("请填写本企业的名称和统一社会信用代码")
                        : absl::StrCat("该行属于其他企业；本表只填“",
                                       facts.enterprise.display_name(), "”的行"));
      continue;
    }
    if (!reader.FindEnterprise(number, &row) || !known) continue;
    reader.Name(present, &row);
    if (!reader.IsFirst(number, row)) continue;
    reader.CheckRow(number, row);
    const v1::Row* found = present.Find(row.name());
    if (found == nullptr) {
      if (!reader.IsPairing(number, row)) continue;
      row.set_origin(v1::ROW_ORIGIN_ENTERPRISE);
      row.set_holder(facts.enterprise.name());
      row.set_distributed(true);
      row.set_delivered(true);
      row.set_confirmed(true);
      Decide(nullptr, std::move(row), &plan);
      continue;
    }
    if (!facts.held.contains(row.name())) {
      reader.Refuse(number, "platform_title",
                    "该行不在本企业手中：尚未送达的请责任单位先发至企业，已报送的不能再改");
      continue;
    }
    if (row.category() < found->category()) {
      reader.Refuse(number, "category",
                    absl::StrCat("高校填报为“", policy::LabelOf(found->category()), "”，不能改为“",
                                 policy::LabelOf(row.category()), "”；有异议请写在“痛点难点问题”"));
    }
    v1::Row merged = Merge(*found, row);
    // The college is the university's to say.
    merged.set_college(found->college());
    merged.set_confirmed(true);
    Decide(found, std::move(merged), &plan);
  }
  return plan;
}

}  // namespace chanyan::cycle
