// Demands from a sheet and as a sheet (TRI-1, REG-10).
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/normalize.h"
#include "common/api/validate.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/challenge_columns.h"
#include "services/triage/demand_life.h"
#include "services/triage/demand_scope.h"
#include "services/triage/demand_service.h"
#include "services/triage/export_rows.h"
#include "services/triage/library_keys.h"
#include "services/triage/library_rules.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/text_hygiene.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;

const absl::flat_hash_set<std::string>& NotCopiedToDemands() {
  static const auto* const names = [] {
    auto* all = new absl::flat_hash_set<std::string>{"enterprise_title", "state", "publish_time"};
    for (const ChallengeColumn& one : kChallengeColumns) all->insert(std::string(one.column));
    return all;
  }();
  return *names;
}

void ClearOurs(v1::Demand* row) {
  row->clear_enterprise_title();
  row->clear_state();
  row->clear_publish_time();
}

std::vector<status::Violation> DemandRowViolations(google::protobuf::Message& message, uint32_t) {
  v1::Demand shaped = static_cast<const v1::Demand&>(message);
  ClearOurs(&shaped);
  return api::Violations(shaped);
}

}  // namespace

absl::StatusOr<v1::ImportDemandsResponse> DemandService::ImportDemands(
    const rpc::Call& call, const v1::ImportDemandsRequest& request) {
  sheet::ReadOptions options;
  options.check = DemandRowViolations;
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::Demand> data,
      rpc::ReadUpload<v1::Demand>(request.file(), request.file_name(), options));
  const google::protobuf::FieldMask copied =
      rpc::CopiedColumns(data.places, v1::Demand::descriptor(), NotCopiedToDemands());
  const google::protobuf::FieldMask challenge = ChallengePaths(data.places);
  const bool own = call.principal.Has(options::v1::ROLE_ENTERPRISE);
  if (!own) CHANYAN_RETURN_IF_ERROR(CheckCollector(deps_.pack, call));
  CHANYAN_ASSIGN_OR_RETURN(const std::string caller_title,
                           TitleOf(deps_, call, call.principal.organization));
  const auto owner_title = [&](const v1::Demand& message) {
    return message.enterprise_title().empty() && own ? caller_title : message.enterprise_title();
  };

  std::map<std::string, registry::v1::Organization> owners;
  std::map<std::string, std::string> problems;
  std::vector<status::Violation> unknown;
  for (const auto& [message, number] : data.rows) {
    const std::string title = owner_title(message);
    if (!owners.contains(title) && !problems.contains(title)) {
      if (own && api::TextKey(title) != api::TextKey(caller_title)) {
        problems[title] = absl::StrCat("只能导入本企业（", caller_title, "）的需求");
      } else {
        auto owner = own ? OrganizationOf(deps_, call, call.principal.organization, "")
                         : OrganizationTitled(deps_, call, title);
        if (owner.ok()) {
          owners.emplace(title, *std::move(owner));
        } else if (absl::IsNotFound(owner.status()) || absl::IsInvalidArgument(owner.status())) {
          problems[title] = std::string(owner.status().message());
        } else {
          return owner.status();
        }
      }
    }
    if (const auto problem = problems.find(title); problem != problems.end()) {
      unknown.push_back({data.places.Place(number, "enterprise_title"), problem->second});
    }
  }
  if (!unknown.empty()) {
    return status::InvalidFields(std::move(unknown), options::v1::ERROR_REASON_INVALID_FILE);
  }

  return rpc::Mutate<v1::ImportDemandsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportDemandsResponse> {
        std::vector<std::string> names = {call.principal.organization};
        for (const auto& [title, owner] : owners) names.push_back(owner.name());
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), names));
        v1::ImportDemandsResponse response;
        response.set_dry_run(request.validate_only());
        std::vector<status::Violation> violations;
        absl::flat_hash_map<std::string, uint32_t> seen;
        for (const auto& [message, number] : data.rows) {
          const registry::v1::Organization& owner = owners.at(owner_title(message));
          v1::Demand probe = message;
          ClearOurs(&probe);
          ReadChallengeColumns(&probe);
          const std::vector<Finding> findings = quarantine_.Clean(kDemandTexts, &probe);
          UsePackNames(deps_.pack, &probe);
          probe.set_enterprise(owner.name());
          probe.set_state(v1::DEMAND_STATE_DRAFT);
          std::vector<status::Violation> wrong;
          const auto [first, fresh] = seen.try_emplace(SoleKeyOf(probe), number);
          if (!fresh) {
            wrong.push_back(
                {"title", absl::StrCat("与第 ", first->second, " 行是同一需求，请只保留一行")});
          }
          CHANYAN_ASSIGN_OR_RETURN(const std::string stored,
                                   SoleHolder(change.session(), SoleKeyOf(probe)));
          v1::Demand before;
          if (!stored.empty()) {
            auto found = demands_.GetForUpdate(change.session(), stored,
                                               auth::Writable<v1::Demand>(call.principal));
            if (absl::IsNotFound(found.status())) {
              wrong.push_back({"title", "该企业已有同名需求，但不由本单位填报，不能用表格修改"});
            } else {
              CHANYAN_RETURN_IF_ERROR(found.status());
              before = *std::move(found);
            }
          }
          v1::Demand row = before;
          if (stored.empty()) {
            row.set_name(absl::StrCat("demands/", api::NewShortId()));
            row.set_state(v1::DEMAND_STATE_DRAFT);
            row.set_enterprise(owner.name());
            row.set_enterprise_title(owner.display_name());
            row.set_office(deps_.pack.Office());
            if (!own) row.set_collector(call.principal.organization);
          }
          rpc::CopyColumns(copied, probe, &row);
          rpc::CopyColumns(challenge, probe, &row);
          // Columns that are there and empty are no challenge.
          if (row.challenge().ByteSizeLong() == 0) row.clear_challenge();
          for (status::Violation& violation : DemandViolations(deps_.pack, row)) {
            violation.field = ChallengeColumnOf(violation.field);
            wrong.push_back(std::move(violation));
          }
          if (!wrong.empty()) {
            rpc::AddPlaced(std::move(wrong), number, data.places, &violations);
            continue;
          }
          for (const Finding& finding : findings) {
            response.add_notes(absl::StrCat("第 ", number, " 行", Quarantine::Describe(finding)));
          }
          if (stored.empty()) {
            response.set_created(response.created() + 1);
          } else if (MessageDifferencer::Equals(before, row)) {
            response.set_unchanged(response.unchanged() + 1);
            continue;
          } else {
            response.set_updated(response.updated() + 1);
          }
          // A sheet with something wrong is not written at all: the refusal undoes this.
          if (request.validate_only()) continue;
          CHANYAN_ASSIGN_OR_RETURN(
              const auto notes, quarantine_.Keep(change, row.name(), row.enterprise(), findings));
          AddNotes(notes, row.mutable_text_notes());
          if (stored.empty()) {
            CHANYAN_RETURN_IF_ERROR(
                WriteLibraryKeys(change.session(), row.name(), KeysOf(row), SoleKeyOf(row)));
            CHANYAN_RETURN_IF_ERROR(demands_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("imported", nullptr, &row));
          } else {
            CHANYAN_RETURN_IF_ERROR(Save(change, "imported", before, &row));
          }
        }
        if (!violations.empty()) {
          return status::InvalidFields(std::move(violations),
                                       options::v1::ERROR_REASON_INVALID_FILE);
        }
        return response;
      });
}

absl::StatusOr<google::api::HttpBody> DemandService::ExportDemands(
    const rpc::Call& call, const v1::ExportDemandsRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  std::vector<v1::Demand> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                                 demands_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows,
            ExportRows(session, demands_, db::And(VisibleDemands(call.principal, now), wanted)));
        return absl::OkStatus();
      }));
  for (v1::Demand& row : rows) WriteChallengeColumns(&row);
  return rpc::ExportSheet<v1::Demand>("技术需求", now, rows);
}

}  // namespace chanyan::triage
