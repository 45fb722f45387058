// Agreements from a sheet (PAIR-3, REG-10).
#include <algorithm>
#include <initializer_list>
#include <map>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/policy/contract_fields.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/agreement_rules.h"
#include "services/pairing/record_rows.h"
#include "services/pairing/record_sheet_service.h"
#include "services/pairing/record_sheets.h"
#include "services/pairing/registry_lists.h"

namespace chanyan::pairing {
namespace {

using Violations = std::vector<status::Violation>;

constexpr std::initializer_list<absl::string_view> kDerivedOfAgreement = {"kind", "sequence"};

// The agreements of a project, in order of sequence, as they are stored and as rows leave them; the
// latter may be more.
struct Filed {
  const v1::Project* stored = nullptr;
  v1::Project project;
  std::vector<v1::Agreement> before;
  std::vector<v1::Agreement> after;
  // Places among those that are stored.
  absl::flat_hash_map<std::string, size_t> by_number;
};

// A row, and where among the agreements of its project it is; none if it is refused.
struct Meant {
  const v1::AgreementRow* row;
  uint32_t number;
  Filed* filed = nullptr;
  size_t at = 0;
  Violations wrong;

  bool IsNew() const { return at >= filed->before.size(); }
};

// Order of new ones: by the day of signing; on one day the main one first, then as they are
// numbered.
auto OrderOf(const Meant& meant) {
  const google::type::Date& day = meant.row->sign_date();
  return std::tuple(day.year(), day.month(), day.day(),
                    meant.row->kind() == v1::AGREEMENT_KIND_SUPPLEMENT, meant.row->sequence(),
                    meant.number);
}

// What rows make of agreements: those that are known first, then the new ones in the order of their
// signing, and each is checked among all that there are in the end.
class Filing {
 public:
  Filing(const policy::Pack& pack, const Organizations& organizations,
         const sheet::TablePlaces& places, const Projects& projects,
         const std::vector<v1::Agreement>& stored, absl::CivilDay today)
      : pack_(pack), organizations_(organizations), places_(places), today_(today) {
    for (const auto& [name, project] : projects) {
      filed_[name].stored = &project;
      filed_[name].project = project;
    }
    for (const v1::Agreement& agreement : stored) {
      const auto found = filed_.find(ProjectOfName(agreement.name()));
      if (found == filed_.end()) continue;
      Filed& filed = found->second;
      filed.by_number[agreement.number()] = filed.before.size();
      filed.before.push_back(agreement);
    }
    for (auto& [name, filed] : filed_) filed.after = filed.before;
  }

  // Reads rows into agreements; what is wrong stands with each.
  void Take(std::vector<Meant>* rows) {
    std::vector<Meant*> fresh;
    for (Meant& meant : *rows) {
      if (!Find(&meant)) continue;
      if (meant.IsNew()) {
        fresh.push_back(&meant);
      } else {
        Rewrite(*meant.row, *meant.filed, &meant.filed->after[meant.at]);
      }
    }
    std::sort(fresh.begin(), fresh.end(),
              [](const Meant* a, const Meant* b) { return OrderOf(*a) < OrderOf(*b); });
    for (Meant* meant : fresh) File(meant);
    for (Meant& meant : *rows) {
      if (meant.wrong.empty()) meant.wrong = Check(meant);
    }
  }

  // Projects, as stored, whose main agreement is new.
  std::vector<v1::Project> WithNewMain() const {
    std::vector<v1::Project> projects;
    for (const auto& [name, filed] : filed_) {
      if (filed.before.empty() && !filed.after.empty()) projects.push_back(*filed.stored);
    }
    return projects;
  }

  // Of each project in which a row brings a term that one before was reminded of, the last such
  // agreement's place in the sequence.
  std::map<std::string, int> Prolonged() const {
    std::map<std::string, int> prolonged;
    for (const auto& [name, filed] : filed_) {
      bool reminded = false;
      for (size_t i = 0; i < filed.after.size(); ++i) {
        const bool known = i < filed.before.size();
        if (reminded && IsProlonged(known ? filed.before[i] : v1::Agreement(), filed.after[i])) {
          prolonged[name] = filed.after[i].sequence();
        }
        if (known && filed.before[i].reminded_days() != 0) reminded = true;
      }
    }
    return prolonged;
  }

 private:
  bool Find(Meant* meant) {
    const v1::AgreementRow& row = *meant->row;
    const auto found = filed_.find(ProjectOf(row));
    if (found == filed_.end()) {
      meant->wrong.push_back(NoSuchProject(row.project_number()));
      return false;
    }
    meant->filed = &found->second;
    meant->wrong = TitleViolations(row, meant->filed->project);
    if (!meant->wrong.empty() || !seen_.Add(absl::StrCat(found->first, "\n", row.number()),
                                            meant->number, "number", &meant->wrong)) {
      return false;
    }
    const auto known = meant->filed->by_number.find(row.number());
    meant->at =
        known == meant->filed->by_number.end() ? meant->filed->before.size() : known->second;
    return true;
  }

  // What the sheet has no column for stays, and so does all in which the row says the same.
  void Rewrite(const v1::AgreementRow& row, const Filed& filed, v1::Agreement* agreement) const {
    const v1::Agreement before = *agreement;
    const v1::AgreementRow is = RowOf(before);
    const auto takes = [&](absl::string_view field) {
      return places_.HasColumn(field) && !SameIn(row, is, {field});
    };
    TakeRow(row, takes, agreement);
    policy::TakeContractFields(pack_, agreement->mutable_contract_fields());
    if (takes("parties")) LookUpParties(filed.project, agreement);
    RemindAnewOf(before, agreement);
  }

  void File(Meant* meant) const {
    Filed& filed = *meant->filed;
    if (const absl::Status may = RequireFiling(filed.project); !may.ok()) {
      meant->wrong.push_back(AsViolation(may, "project_number"));
      return;
    }
    v1::Agreement agreement;
    agreement.set_number(meant->row->number());
    TakeRow(
        *meant->row, [](absl::string_view) { return true; }, &agreement);
    policy::TakeContractFields(pack_, agreement.mutable_contract_fields());
    LookUpParties(filed.project, &agreement);
    AgreementBook::Place(filed.project, filed.after, &agreement);
    if (agreement.kind() == v1::AGREEMENT_KIND_MAIN) filed.project.set_agreement(agreement.name());
    meant->at = filed.after.size();
    filed.after.push_back(std::move(agreement));
  }

  void LookUpParties(const v1::Project& project, v1::Agreement* agreement) const {
    for (v1::AgreementParty& party : *agreement->mutable_parties()) {
      if (!party.organization().empty()) continue;
      if (party.display_name() == project.enterprise_title()) {
        party.set_organization(project.enterprise());
      } else if (const auto* named = organizations_.ByTitle(party.display_name())) {
        party.set_organization(named->name());
      }
    }
  }

  Violations Check(const Meant& meant) const {
    const Filed& filed = *meant.filed;
    const v1::Agreement& agreement = filed.after[meant.at];
    const v1::AgreementRow is = RowOf(agreement);
    Violations wrong = NotImported(*meant.row, is, kDerivedOfAgreement);
    if (!meant.IsNew()) {
      if (google::protobuf::util::MessageDifferencer::Equals(filed.before[meant.at], agreement)) {
        return wrong;
      }
      if (const absl::Status may = RequireChangeable(filed.project); !may.ok()) {
        wrong.push_back(AsViolation(may, "project_number"));
      }
    }
    for (status::Violation& violation :
         ViolationsAmong(pack_, filed.project, agreement, filed.after, today_)) {
      wrong.push_back(std::move(violation));
    }
    return wrong;
  }

  const policy::Pack& pack_;
  const Organizations& organizations_;
  const sheet::TablePlaces& places_;
  const absl::CivilDay today_;
  std::map<std::string, Filed> filed_;
  RowsSeen seen_;
};

}  // namespace

absl::StatusOr<v1::ImportRecordsResponse> RecordSheetService::ImportAgreements(
    const rpc::Call& call, const v1::ImportAgreementsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const sheet::TableData<v1::AgreementRow> data,
                           ReadRecords<v1::AgreementRow>(request, LineViolations));
  CHANYAN_ASSIGN_OR_RETURN(const Organizations organizations,
                           LoadOrganizations(deps_.peers, rpc::AsService(call)));
  return rpc::Mutate<v1::ImportRecordsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportRecordsResponse> {
        CHANYAN_ASSIGN_OR_RETURN(const Projects projects,
                                 LockProjects(change.session(), call, projects_, data.rows));
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Agreement> stored,
            RecordsOf(change.session(), agreements_.table(), data.rows,
                      auth::Writable<v1::Agreement>(call.principal), "sequence, name FOR UPDATE"));
        Filing filing(deps_.pack, organizations, data.places, projects, stored,
                      time::DayOf(change.now()));
        std::vector<Meant> rows;
        for (const auto& [row, number] : data.rows) rows.push_back({&row, number});
        filing.Take(&rows);
        Violations violations;
        rpc::ImportPlan<v1::Agreement> plan;
        for (Meant& meant : rows) {
          if (meant.wrong.empty()) {
            plan.Add(meant.IsNew() ? nullptr : &meant.filed->before[meant.at],
                     meant.filed->after[meant.at]);
          }
          rpc::AddPlaced(std::move(meant.wrong), meant.number, data.places, &violations);
        }
        CHANYAN_ASSIGN_OR_RETURN(const auto result,
                                 rpc::Settle<v1::ImportRecordsResponse>(
                                     change, agreements_.table(), std::move(violations),
                                     request.validate_only(), &plan));
        if (request.validate_only()) return result;
        CHANYAN_RETURN_IF_ERROR(agreements_.NameMain(change, filing.WithNewMain()));
        for (const auto& [project, sequence] : filing.Prolonged()) {
          CHANYAN_RETURN_IF_ERROR(EndEarlierReminders(
              change.session(), change.now(), change.origin(), project, sequence, "prolonged"));
        }
        return result;
      });
}

}  // namespace chanyan::pairing
