#include "services/pairing/outreach_heads.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/text.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/rpc/succession.h"
#include "services/pairing/select_in.h"

namespace chanyan::pairing {
namespace {

// Who is responsible now for follow-ups that begin.
absl::Status SetUnits(db::Session& session, absl::Span<SheetHead* const> heads) {
  std::map<std::string, std::string> units;
  std::vector<std::string> enterprises;
  for (SheetHead* head : heads) {
    if (head->outreach || head->foreign) continue;
    enterprises.push_back(head->entry->enterprise());
    // A roster has the unit of its time.
    const auto [unit, fresh] = units.try_emplace(head->entry->unit(), head->entry->unit());
    if (fresh) {
      CHANYAN_ASSIGN_OR_RETURN(const rpc::Successor now, rpc::SuccessorOf(session, unit->first));
      if (!now.organization.empty()) unit->second = now.organization;
    }
    head->unit = unit->second;
  }
  return rpc::RefuseSucceeded(session, std::move(enterprises));
}

}  // namespace

RosterIndex::RosterIndex(const std::vector<v1::RosterEntry>& entries) {
  for (const v1::RosterEntry& entry : entries) {
    by_code_[entry.unified_social_credit_code()] = &entry;
    by_title_[entry.enterprise_title()] = &entry;
  }
}

const v1::RosterEntry* RosterIndex::Find(absl::string_view code, absl::string_view title) const {
  const auto& by = code.empty() ? by_title_ : by_code_;
  const auto found = by.find(code.empty() ? title : code);
  return found == by.end() ? nullptr : found->second;
}

std::vector<status::Violation> EntryViolations(absl::string_view code, absl::string_view title,
                                               const v1::RosterEntry* entry) {
  if (code.empty() && title.empty()) {
    return {{"enterprise_title", "企业名称和统一社会信用代码至少填写一项"}};
  }
  if (entry == nullptr) {
    return {{code.empty() ? "enterprise_title" : "unified_social_credit_code",
             "该企业不在现行名册中，或不由本单位负责；请核对名称和代码"}};
  }
  if (!title.empty() && title != entry->enterprise_title()) {
    return {{"enterprise_title",
             absl::StrCat("该代码在名册中的企业名称是“", entry->enterprise_title(), "”，请核对")}};
  }
  return {};
}

std::vector<status::Violation> CodeViolations(absl::string_view code) {
  const std::string wrong = code.empty() ? "" : api::CheckFormat(options::v1::FORMAT_USCC, code);
  if (wrong.empty()) return {};
  return {{"unified_social_credit_code", absl::StrCat("“统一社会信用代码”", wrong)}};
}

std::string SheetHead::Name() const {
  return absl::StrCat("outreaches/", api::IdOfName(entry->enterprise()));
}

v1::Outreach SheetHead::Row() const {
  if (outreach) return *outreach;
  v1::Outreach row;
  row.set_name(Name());
  row.set_enterprise(entry->enterprise());
  row.set_enterprise_title(entry->enterprise_title());
  row.set_unified_social_credit_code(entry->unified_social_credit_code());
  row.set_unit(unit);
  return row;
}

absl::Status LoadHeads(db::Session& session, const db::Table<v1::Outreach>& outreaches,
                       const auth::Principal& principal, absl::Span<SheetHead* const> heads) {
  std::vector<std::string> enterprises;
  absl::flat_hash_map<std::string, SheetHead*> by_enterprise;
  for (SheetHead* head : heads) {
    enterprises.push_back(head->entry->enterprise());
    by_enterprise[enterprises.back()] = head;
  }
  CHANYAN_RETURN_IF_ERROR(
      SelectIn(session, outreaches, "enterprise", std::move(enterprises),
               db::Predicate::Everything(), db::kByNameLocked, [&](v1::Outreach row) {
                 SheetHead& head = *by_enterprise[row.enterprise()];
                 head.foreign = !auth::Reaches(principal, row, options::v1::ACCESS_WRITE);
                 if (!head.foreign) head.outreach = std::move(row);
               }));
  return SetUnits(session, heads);
}

}  // namespace chanyan::pairing
