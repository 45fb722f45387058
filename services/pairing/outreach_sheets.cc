// The work list back from its sheet: who is in charge of each enterprise and when the next step is
// due (PAIR-6, REG-10).
#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/validate.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/pairing/coverage_service.h"
#include "services/pairing/outreach_heads.h"

namespace chanyan::pairing {
namespace {

using WorkRow = v1::UnpairedEnterprise;

// What the sheet may say of one enterprise.
struct Arranged {
  SheetHead head;
  const WorkRow* row = nullptr;
  uint32_t number = 0;
};
// By the follow-up's name.
using Arrangements = std::map<std::string, Arranged>;

// The two columns as the follow-up has them; the others of the work list are looked up or derived.
v1::Outreach ArrangementOf(const WorkRow& row) {
  v1::Outreach shaped;
  shaped.set_assignee(row.assignee());
  if (row.has_next_action_date()) *shaped.mutable_next_action_date() = row.next_action_date();
  return shaped;
}

std::vector<status::Violation> WorkRowViolations(google::protobuf::Message& message, uint32_t) {
  const auto& row = static_cast<const WorkRow&>(message);
  std::vector<status::Violation> violations =
      api::Violations(ArrangementOf(row), api::Direction::kStored);
  std::erase_if(violations, [](const status::Violation& one) {
    return one.field != "assignee" && one.field != "next_action_date";
  });
  for (status::Violation& violation : CodeViolations(row.unified_social_credit_code())) {
    violations.push_back(std::move(violation));
  }
  return violations;
}

// A sheet that has neither column would change nothing, however long it is.
absl::Status RequireAColumn(const sheet::TableData<WorkRow>& data) {
  if (data.places.HasColumn("assignee") || data.places.HasColumn("next_action_date")) {
    return absl::OkStatus();
  }
  return status::InvalidField(data.places.Place(1, "assignee"),
                              "表中应有“责任人”或“下次行动日期”列，请使用导出的跟进清单填写",
                              options::v1::ERROR_REASON_INVALID_FILE);
}

// The rows by enterprise; what is wrong with them goes to `violations`.
Arrangements ByEnterprise(const sheet::TableData<WorkRow>& data, const RosterIndex& index,
                          std::vector<status::Violation>* violations) {
  Arrangements found;
  for (const auto& [row, number] : data.rows) {
    const v1::RosterEntry* entry =
        index.Find(row.unified_social_credit_code(), row.enterprise_title());
    std::vector<status::Violation> wrong =
        EntryViolations(row.unified_social_credit_code(), row.enterprise_title(), entry);
    if (wrong.empty()) {
      SheetHead head{.entry = entry};
      Arranged& arranged = found[head.Name()];
      if (arranged.row == nullptr) {
        arranged = {std::move(head), &row, number};
        continue;
      }
      wrong.push_back({"enterprise_title",
                       absl::StrCat("与第 ", arranged.number, " 行是同一企业，请只保留一行")});
    }
    rpc::AddPlaced(std::move(wrong), number, data.places, violations);
  }
  return found;
}

// The follow-up as the row says; what the sheet has no column for stays as it is.
v1::Outreach Rearranged(const Arranged& arranged, const sheet::TablePlaces& places) {
  v1::Outreach outreach = arranged.head.Row();
  const v1::Outreach said = ArrangementOf(*arranged.row);
  if (places.HasColumn("assignee")) outreach.set_assignee(said.assignee());
  if (!places.HasColumn("next_action_date")) return outreach;
  if (said.has_next_action_date()) {
    *outreach.mutable_next_action_date() = said.next_action_date();
  } else {
    outreach.clear_next_action_date();
  }
  return outreach;
}

}  // namespace

absl::StatusOr<v1::ImportOutreachResponse> CoverageService::ImportOutreach(
    const rpc::Call& call, const v1::ImportOutreachRequest& request) {
  sheet::ReadOptions options;
  options.check = WorkRowViolations;
  CHANYAN_ASSIGN_OR_RETURN(const sheet::TableData<WorkRow> data,
                           rpc::ReadUpload<WorkRow>(request.file(), request.file_name(), options));
  CHANYAN_RETURN_IF_ERROR(RequireAColumn(data));

  return rpc::Mutate<v1::ImportOutreachResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportOutreachResponse> {
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::RosterEntry> entries,
                                 EntriesOf(change.session(), call, "", time::DayOf(change.now())));
        std::vector<status::Violation> violations;
        Arrangements arrangements = ByEnterprise(data, RosterIndex(entries), &violations);
        std::vector<SheetHead*> heads;
        for (auto& [name, arranged] : arrangements) heads.push_back(&arranged.head);
        CHANYAN_RETURN_IF_ERROR(LoadHeads(change.session(), outreaches_, call.principal, heads));
        rpc::ImportPlan<v1::Outreach> plan;
        for (const auto& [name, arranged] : arrangements) {
          if (arranged.head.foreign) {
            rpc::AddPlaced({{"enterprise_title", kForeignHead}}, arranged.number, data.places,
                           &violations);
            continue;
          }
          v1::Outreach outreach = Rearranged(arranged, data.places);
          if (arranged.head.outreach) {
            plan.Add(&*arranged.head.outreach, std::move(outreach));
          } else if (outreach.assignee().empty() && !outreach.has_next_action_date()) {
            // Nothing is said of it, so that no follow-up begins.
            ++plan.unchanged;
          } else {
            plan.Add(nullptr, std::move(outreach));
          }
        }
        return rpc::Settle<v1::ImportOutreachResponse>(change, outreaches_, std::move(violations),
                                                       request.validate_only(), &plan);
      });
}

}  // namespace chanyan::pairing
