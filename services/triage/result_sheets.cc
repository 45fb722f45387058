// Results from a sheet and as a sheet (TRI-1, REG-10).
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/api/names.h"
#include "common/api/normalize.h"
#include "common/api/validate.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/export_rows.h"
#include "services/triage/library_keys.h"
#include "services/triage/library_rules.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"
#include "services/triage/result_life.h"
#include "services/triage/result_service.h"
#include "services/triage/result_texts.h"
#include "services/triage/text_hygiene.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;

// Columns that are not the sheet's to set.
const absl::flat_hash_set<std::string>& NotCopiedToResults() {
  static const auto* const names = [] {
    auto* all = new absl::flat_hash_set<std::string>{
        "university_title", "state",   "publish_time", "team_title",
        "holder_title",     "classes", "funnel_stage"};
    for (const std::string& text : TextFields()) all->insert(text);
    return all;
  }();
  return *names;
}

void ClearOurs(v1::Result* row) {
  row->clear_university_title();
  row->clear_state();
  row->clear_publish_time();
  row->clear_team_title();
  row->clear_holder_title();
  row->clear_classes();
  row->clear_funnel_stage();
}

std::vector<status::Violation> ResultRowViolations(google::protobuf::Message& message, uint32_t) {
  v1::Result shaped = static_cast<const v1::Result&>(message);
  ClearOurs(&shaped);
  return api::Violations(shaped);
}

// The cell that shows a field.
std::string ColumnOf(const std::string& field) {
  for (const std::string& text : TextFields()) {
    if (absl::StartsWith(field, absl::StripSuffix(text, "_text"))) return text;
  }
  return field;
}

}  // namespace

// A row as it is going to be written.
struct ResultService::ImportRow {
  bool fresh = false;
  v1::Result before;
  v1::Result row;
  std::vector<Finding> findings;
};

absl::StatusOr<ResultService::ImportRow> ResultService::PlanRow(
    rpc::Change& change, const rpc::Call& call, const registry::v1::Organization& owner,
    const v1::ServiceTeam* team, const google::protobuf::FieldMask& copied,
    const sheet::TablePlaces& places, const v1::Result& message,
    std::vector<status::Violation>* wrong) const {
  ImportRow planned;
  v1::Result probe = message;
  ClearOurs(&probe);
  planned.findings = quarantine_.Clean(kResultTexts, &probe);
  UsePackNames(deps_.pack, &probe);
  probe.set_university(owner.name());
  probe.set_state(v1::RESULT_STATE_DRAFT);
  CHANYAN_ASSIGN_OR_RETURN(const std::string stored,
                           SoleHolder(change.session(), SoleKeyOf(probe)));
  if (stored.empty()) {
    planned.fresh = true;
    planned.row.set_name(absl::StrCat("results/", api::NewShortId()));
    planned.row.set_state(v1::RESULT_STATE_DRAFT);
    planned.row.set_university(owner.name());
    planned.row.set_university_title(owner.display_name());
    book_.SetTeam(team, &planned.row);
  } else {
    absl::StatusOr<v1::Result> row = book_.Lock(change, call, stored);
    if (absl::IsNotFound(row.status())) {
      wrong->push_back({"title", "该单位已有同名成果，但不由本单位负责，不能用表格修改"});
      return planned;
    }
    CHANYAN_RETURN_IF_ERROR(row.status());
    planned.before = *row;
    planned.row = *std::move(row);
  }
  rpc::CopyColumns(copied, probe, &planned.row);
  std::vector<std::string> texts;
  for (const std::string& text : TextFields()) {
    if (places.HasColumn(text)) texts.push_back(text);
  }
  *wrong = ReadTexts(deps_.pack, message, texts, &planned.row);
  for (status::Violation& violation : api::Violations(planned.row, api::Direction::kStored)) {
    violation.field = ColumnOf(violation.field);
    wrong->push_back(std::move(violation));
  }
  for (status::Violation& violation : ResultViolations(deps_.pack, planned.row)) {
    violation.field = ColumnOf(violation.field);
    wrong->push_back(std::move(violation));
  }
  if (IsEnterpriseOnly(call)) {
    for (status::Violation& violation : EnterpriseViolations(deps_.pack, planned.row)) {
      wrong->push_back(std::move(violation));
    }
  }
  if (!planned.fresh && planned.before.state() == v1::RESULT_STATE_SUBMITTED &&
      !MessageDifferencer::Equals(planned.before, planned.row)) {
    wrong->push_back({"title", "审核中的成果不能用表格修改，请等待审核结果"});
  }
  return planned;
}

absl::StatusOr<v1::ImportResultsResponse> ResultService::ImportResults(
    const rpc::Call& call, const v1::ImportResultsRequest& request) {
  sheet::ReadOptions options;
  options.check = ResultRowViolations;
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::Result> data,
      rpc::ReadUpload<v1::Result>(request.file(), request.file_name(), options));
  const google::protobuf::FieldMask copied =
      rpc::CopiedColumns(data.places, v1::Result::descriptor(), NotCopiedToResults());
  const bool inside = IsInside(call);
  CHANYAN_ASSIGN_OR_RETURN(const std::string caller_title,
                           TitleOf(deps_, call, call.principal.organization));

  // Whose results they are, asked once a name before the transaction.
  std::map<std::string, registry::v1::Organization> owners;
  std::vector<status::Violation> unknown;
  std::set<std::string> missing;
  for (const auto& [message, number] : data.rows) {
    const std::string title =
        message.university_title().empty() && !inside ? caller_title : message.university_title();
    if (owners.contains(title) || missing.contains(title)) {
      if (missing.contains(title)) {
        unknown.push_back({data.places.Place(number, "university_title"),
                           absl::StrCat("“", title, "”不能作为成果单位，同上")});
      }
      continue;
    }
    std::string problem;
    if (!inside && api::TextKey(title) != api::TextKey(caller_title)) {
      problem = absl::StrCat("只能导入本单位（", caller_title, "）的成果");
    } else {
      auto owner = inside ? OrganizationTitled(deps_, call, title)
                          : OrganizationOf(deps_, call, call.principal.organization, "");
      if (!owner.ok() && !absl::IsNotFound(owner.status()) &&
          !absl::IsInvalidArgument(owner.status())) {
        return owner.status();
      }
      if (!owner.ok()) {
        problem = std::string(owner.status().message());
      } else if (!MayHaveResults(owner->kind())) {
        problem = absl::StrCat("“", title, "”不是高校、科研机构或企业，不能作为成果单位");
      } else {
        owners.emplace(title, *std::move(owner));
      }
    }
    if (!problem.empty()) {
      missing.insert(title);
      unknown.push_back({data.places.Place(number, "university_title"), problem});
    }
  }
  if (!unknown.empty()) {
    return status::InvalidFields(std::move(unknown), options::v1::ERROR_REASON_INVALID_FILE);
  }

  return rpc::Mutate<v1::ImportResultsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportResultsResponse> {
        std::vector<std::string> names = {call.principal.organization};
        for (const auto& [title, owner] : owners) names.push_back(owner.name());
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), names));
        v1::ImportResultsResponse response;
        response.set_dry_run(request.validate_only());
        std::vector<status::Violation> violations;
        absl::flat_hash_map<std::string, uint32_t> seen;
        std::vector<ImportRow> rows;
        std::map<std::string, v1::ServiceTeam> teams;
        for (const auto& [title, owner] : owners) {
          CHANYAN_ASSIGN_OR_RETURN(teams[title],
                                   book_.TeamServing(change.session(), owner.display_name()));
        }
        for (const auto& [message, number] : data.rows) {
          const std::string title =
              message.university_title().empty() ? caller_title : message.university_title();
          std::vector<status::Violation> wrong;
          CHANYAN_ASSIGN_OR_RETURN(
              ImportRow planned,
              PlanRow(change, call, owners.at(title),
                      teams.at(title).name().empty() ? nullptr : &teams.at(title), copied,
                      data.places, message, &wrong));
          const auto [first, fresh] = seen.try_emplace(SoleKeyOf(planned.row), number);
          if (!fresh) {
            wrong.push_back(
                {"title", absl::StrCat("与第 ", first->second, " 行是同一成果，请只保留一行")});
          }
          if (!wrong.empty()) {
            rpc::AddPlaced(std::move(wrong), number, data.places, &violations);
            continue;
          }
          for (const Finding& finding : planned.findings) {
            response.add_notes(absl::StrCat("第 ", number, " 行", Quarantine::Describe(finding)));
          }
          if (planned.fresh) {
            response.set_created(response.created() + 1);
          } else if (MessageDifferencer::Equals(planned.before, planned.row)) {
            response.set_unchanged(response.unchanged() + 1);
            continue;
          } else {
            response.set_updated(response.updated() + 1);
          }
          CHANYAN_ASSIGN_OR_RETURN(
              const auto alike,
              HoldersOf(change.session(), "results/", planned.row.name(), KeysOf(planned.row)));
          for (const KeyHolder& holder : alike) {
            const auto other = book_.table().Get(change.session(), holder.subject,
                                                 auth::Readable<v1::Result>(call.principal));
            if (!other.ok() || !IsOpen(other->state())) continue;
            response.add_notes(absl::StrCat("第 ", number, " 行与“", other->university_title(),
                                            "”的“", other->title(), "”疑似重复（",
                                            policy::LabelOf(holder.reason), "）"));
          }
          rows.push_back(std::move(planned));
        }
        if (!violations.empty()) {
          return status::InvalidFields(std::move(violations),
                                       options::v1::ERROR_REASON_INVALID_FILE);
        }
        if (request.validate_only()) return response;
        // Of one holder at a time: without a broker it depends on the team.
        std::map<std::string, std::pair<Holder, std::vector<v1::Result>>> fresh;
        for (ImportRow& planned : rows) {
          CHANYAN_ASSIGN_OR_RETURN(const auto notes,
                                   quarantine_.Keep(change, planned.row.name(),
                                                    planned.row.university(), planned.findings));
          AddNotes(notes, planned.row.mutable_text_notes());
          if (!planned.fresh) {
            CHANYAN_RETURN_IF_ERROR(
                WriteContent(change, call, "", planned.before, &planned.row, "imported"));
            continue;
          }
          auto& [holder, begun] = fresh[planned.row.team()];
          if (begun.empty()) {
            CHANYAN_ASSIGN_OR_RETURN(holder, FirstHolder(change, call, caller_title, planned.row));
          }
          begun.push_back(std::move(planned.row));
        }
        for (auto& [team, group] : fresh) {
          CHANYAN_RETURN_IF_ERROR(book_.Begin(change, group.first, &group.second));
        }
        return response;
      });
}

absl::StatusOr<google::api::HttpBody> ResultService::ExportResults(
    const rpc::Call& call, const v1::ExportResultsRequest& request) {
  std::vector<v1::Result> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                                 book_.table().core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, ExportRows(session, book_.table(),
                             db::And(auth::Readable<v1::Result>(call.principal), wanted)));
        return absl::OkStatus();
      }));
  for (v1::Result& row : rows) WriteTexts(deps_.pack, &row);
  return rpc::ExportSheet<v1::Result>("科技成果", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::triage
