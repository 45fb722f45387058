// Contacts from a sheet (PAIR-2, REG-10).
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/pairing/alarms.h"
#include "services/pairing/contact_rules.h"
#include "services/pairing/contact_service.h"
#include "services/pairing/record_acts.h"
#include "services/pairing/record_rows.h"
#include "services/pairing/record_sheet_service.h"
#include "services/pairing/record_sheets.h"

namespace chanyan::pairing {
namespace {

using Violations = std::vector<status::Violation>;

// What was said; it stays.
constexpr std::initializer_list<absl::string_view> kSaid = {
    "contact_time", "people", "channel", "kind", "content", "next_step", "next_date", "internal"};
constexpr std::initializer_list<absl::string_view> kDerivedOfContact = {"state", "respond_by",
                                                                        "answer_time", "late"};
// What makes two entries of an organization one and the same.
std::string KeyOf(absl::string_view project, const v1::ContactRow& row) {
  return absl::StrCat(project, "\n", row.contact_time().seconds(), "\n",
                      static_cast<int>(row.kind()), "\n", static_cast<int>(row.channel()));
}

// Stored entries that the caller sees, by name and, its own, by what makes them one.
class Log {
 public:
  Log(const std::vector<v1::Contact>& rows, absl::string_view own) {
    for (const v1::Contact& row : rows) {
      by_name_[row.name()] = &row;
      if (row.organization() == own) by_key_[KeyOf(ProjectOfName(row.name()), RowOf(row))] = &row;
    }
  }
  // Null if the row is a new one; a number that nobody has is a violation.
  const v1::Contact* Find(const v1::ContactRow& row, Violations* wrong) const {
    const std::string project = ProjectOf(row);
    if (row.contact_number().empty()) {
      const auto found = by_key_.find(KeyOf(project, row));
      return found == by_key_.end() ? nullptr : found->second;
    }
    const auto found = by_name_.find(absl::StrCat(project, "/contacts/", row.contact_number()));
    if (found != by_name_.end()) return found->second;
    wrong->push_back(NoSuchRecord("contact_number", row.contact_number()));
    return nullptr;
  }

 private:
  absl::flat_hash_map<std::string, const v1::Contact*> by_name_;
  absl::flat_hash_map<std::string, const v1::Contact*> by_key_;
};

// A row of an entry that is there says what the entry says.
Violations KnownViolations(const v1::ContactRow& row, const v1::Contact& stored) {
  const v1::ContactRow is = RowOf(stored);
  v1::ContactRow derived = row;
  // Of an approach that was exported before it was answered.
  if (row.state() == v1::CONTACT_STATE_AWAITING && stored.has_respond_by()) derived.clear_state();
  Violations violations = NotImported(derived, is, kDerivedOfContact);
  for (status::Violation& violation : NotImported(row, is, {"answering_side"})) {
    violations.push_back(std::move(violation));
  }
  if (SameIn(row, is, kSaid)) return violations;
  violations.push_back({row.contact_number().empty() ? "contact_time" : "contact_number",
                        absl::StrCat("该项目此条沟通已登记（记录编号", api::IdOfName(stored.name()),
                                     "），内容不同；沟通记录登记后不修改，需要更正的请另行登记")});
  return violations;
}

Violations NewViolations(const v1::Project& project, const v1::ContactRow& row,
                         const v1::Contact& contact, absl::string_view own, absl::Time now) {
  Violations violations = NotImported(row, v1::ContactRow(), kDerivedOfContact);
  for (status::Violation& violation :
       ContactViolations(project, contact, own, TimeIn(contact.contact_time()), now)) {
    if (violation.field == "respondent") violation.field = "answering_side";
    violations.push_back(std::move(violation));
  }
  return violations;
}

}  // namespace

absl::StatusOr<v1::ImportRecordsResponse> RecordSheetService::ImportContacts(
    const rpc::Call& call, const v1::ImportContactsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::ContactRow> data,
      ReadRecords<v1::ContactRow>(request, [](const v1::ContactRow&) { return Violations(); }));
  const std::string& own = call.principal.organization;
  return rpc::Mutate<v1::ImportRecordsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportRecordsResponse> {
        CHANYAN_ASSIGN_OR_RETURN(const Projects projects,
                                 LockProjects(change.session(), call, projects_, data.rows));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Contact> stored,
                                 RecordsOf(change.session(), contacts_, data.rows,
                                           auth::Readable<v1::Contact>(call.principal), "name"));
        const Log log(stored, own);
        RowsSeen seen;
        Violations violations;
        rpc::ImportPlan<v1::Contact> plan;
        const auto add = [&](const v1::ContactRow& row,
                             uint32_t number) -> absl::StatusOr<Violations> {
          const auto project = projects.find(ProjectOf(row));
          if (project == projects.end()) return Violations{NoSuchProject(row.project_number())};
          Violations wrong = TitleViolations(row, project->second);
          const v1::Contact* known = log.Find(row, &wrong);
          if (!wrong.empty()) return wrong;
          const std::string key = known != nullptr ? known->name() : KeyOf(project->first, row);
          if (!seen.Add(key, number, "contact_time", &wrong)) return wrong;
          if (known != nullptr) {
            ++plan.unchanged;
            return KnownViolations(row, *known);
          }
          v1::Contact contact = ContactOf(row, project->second);
          wrong = NewViolations(project->second, row, contact, own, change.now());
          if (!wrong.empty()) return wrong;
          contact.set_name(absl::StrCat(project->first, "/contacts/", api::NewShortId()));
          CHANYAN_RETURN_IF_ERROR(
              OpenContact(deps_.pack, project->second, call.principal, change.now(), &contact));
          plan.creates.push_back(std::move(contact));
          return Violations();
        };
        for (const auto& [row, number] : data.rows) {
          CHANYAN_ASSIGN_OR_RETURN(Violations wrong, add(row, number));
          rpc::AddPlaced(std::move(wrong), number, data.places, &violations);
        }
        CHANYAN_ASSIGN_OR_RETURN(const auto result, rpc::Settle<v1::ImportRecordsResponse>(
                                                        change, contacts_, std::move(violations),
                                                        request.validate_only(), &plan));
        if (request.validate_only()) return result;
        std::vector<Alarm> alarms;
        for (const v1::Contact& contact : plan.creates) {
          if (contact.state() != v1::CONTACT_STATE_AWAITING) continue;
          alarms.push_back(
              {contact.name(), kUnanswered, PastDeadline(TimeIn(contact.respond_by()))});
        }
        CHANYAN_RETURN_IF_ERROR(AddAlarms(change.session(), alarms));
        return result;
      });
}

}  // namespace chanyan::pairing
