#include "services/pairing/record_rows.h"

#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/api/field_text.h"
#include "common/api/names.h"
#include "common/api/validate.h"
#include "common/time/civil.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/pairing/parties.h"
#include "services/pairing/record_lines.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Violations = std::vector<status::Violation>;

// More than any cell holds.
constexpr size_t kWholeText = 100'000;
// Characters of a stored value in a violation.
constexpr size_t kShownValue = 40;

const FieldDescriptor* FieldOf(const Message& message, absl::string_view name) {
  return message.GetDescriptor()->FindFieldByName(std::string(name));
}

bool IsInstant(const FieldDescriptor* field) {
  return field->message_type() == google::protobuf::Timestamp::descriptor();
}

int64_t SecondsOf(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  if (!reflection->HasField(message, field)) return 0;
  return static_cast<const google::protobuf::Timestamp&>(reflection->GetMessage(message, field))
      .seconds();
}

bool Same(const Message& a, const Message& b, const FieldDescriptor* field) {
  if (IsInstant(field)) return SecondsOf(a, field) == SecondsOf(b, field);
  return api::FieldText(a, field, kWholeText) == api::FieldText(b, field, kWholeText);
}

std::string LabelOf(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::field).label();
}

// What all rows begin with.
template <class Record, class Row>
void SetHead(const Record& record, Row* row) {
  row->set_project_number(std::string(api::IdOfName(ProjectOfName(record.name()))));
  row->set_project_title(record.project_title());
  row->set_enterprise_title(record.enterprise_title());
}

// A text or a message of `from`, or none, onto the field of that name of `to`.
void CopyField(const Message& from, const char* name, Message* to) {
  const FieldDescriptor* source = FieldOf(from, name);
  const FieldDescriptor* target = FieldOf(*to, name);
  if (source->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    to->GetReflection()->SetString(to, target, from.GetReflection()->GetString(from, source));
    return;
  }
  to->GetReflection()->ClearField(to, target);
  if (!from.GetReflection()->HasField(from, source)) return;
  to->GetReflection()
      ->MutableMessage(to, target)
      ->CopyFrom(from.GetReflection()->GetMessage(from, source));
}

}  // namespace

v1::ContactRow RowOf(const v1::Contact& contact) {
  v1::ContactRow row;
  SetHead(contact, &row);
  row.set_contact_number(std::string(api::IdOfName(contact.name())));
  *row.mutable_contact_time() = contact.contact_time();
  row.set_people(contact.people());
  row.set_channel(contact.channel());
  row.set_kind(contact.kind());
  row.set_content(contact.content());
  row.set_next_step(contact.next_step());
  if (contact.has_next_date()) *row.mutable_next_date() = contact.next_date();
  row.set_internal(contact.internal());
  if (!contact.respondent().empty()) {
    row.set_answering_side(contact.respondent() == contact.university()
                               ? v1::ANSWERING_SIDE_UNIVERSITY
                               : v1::ANSWERING_SIDE_ENTERPRISE);
  }
  row.set_state(contact.state());
  if (contact.has_respond_by()) *row.mutable_respond_by() = contact.respond_by();
  if (contact.has_answer_time()) *row.mutable_answer_time() = contact.answer_time();
  row.set_late(contact.late());
  return row;
}

v1::ProblemRow RowOf(const v1::Problem& problem) {
  v1::ProblemRow row;
  SetHead(problem, &row);
  row.set_problem_number(std::string(api::IdOfName(problem.name())));
  row.set_content(problem.content());
  row.set_origin(problem.origin());
  row.set_quarter(problem.quarter());
  row.set_assignee_title(problem.assignee_title());
  row.set_owner(problem.owner());
  if (problem.has_due_time()) {
    *row.mutable_due_date() = time::ToProto(time::DayOf(TimeIn(problem.due_time())));
  }
  row.set_state(problem.state());
  row.set_resolution(problem.resolution());
  if (problem.has_resolve_time()) *row.mutable_resolve_time() = problem.resolve_time();
  row.set_escalation_level(problem.escalation_level());
  row.set_escalated_to(problem.escalated_to());
  return row;
}

v1::OutcomeRow RowOf(const v1::Outcome& outcome) {
  v1::OutcomeRow row;
  SetHead(outcome, &row);
  row.set_outcome_number(std::string(api::IdOfName(outcome.name())));
  row.set_platform_title(outcome.platform_title());
  row.set_kind(outcome.kind());
  if (outcome.has_amount()) *row.mutable_amount() = outcome.amount();
  row.set_quantity(outcome.quantity());
  row.set_measure_unit(outcome.measure_unit());
  *row.mutable_period_first() = outcome.period_first();
  *row.mutable_period_last() = outcome.period_last();
  row.set_description(outcome.description());
  row.set_reference(outcome.reference());
  row.set_evidence(LinesOf(outcome.evidence()));
  row.set_state(outcome.state());
  if (outcome.has_confirm_time()) *row.mutable_confirm_time() = outcome.confirm_time();
  row.set_dispute_reason(outcome.dispute_reason());
  return row;
}

v1::AgreementRow RowOf(const v1::Agreement& agreement) {
  v1::AgreementRow row;
  SetHead(agreement, &row);
  row.set_kind(agreement.kind());
  row.set_sequence(agreement.sequence());
  row.set_number(agreement.number());
  row.set_title(agreement.title());
  for (const v1::AgreementParty& party : agreement.parties()) row.add_parties(party.display_name());
  *row.mutable_sign_date() = agreement.sign_date();
  if (agreement.has_effective_date()) *row.mutable_effective_date() = agreement.effective_date();
  if (agreement.has_expire_date()) *row.mutable_expire_date() = agreement.expire_date();
  row.set_content(agreement.content());
  row.set_documents(LinesOf(agreement.documents()));
  row.set_contract_kind(agreement.contract_kind());
  row.set_contract_registration_number(agreement.contract_registration_number());
  if (agreement.has_contract_amount()) *row.mutable_contract_amount() = agreement.contract_amount();
  if (agreement.has_contract_technology_amount()) {
    *row.mutable_contract_technology_amount() = agreement.contract_technology_amount();
  }
  row.set_contract_variant(agreement.contract_variant());
  row.set_contract_fields(LinesOf(agreement.contract_fields()));
  return row;
}

v1::ReportVersionRow RowOf(const v1::ReportVersion& version) {
  v1::ReportVersionRow row;
  SetHead(version, &row);
  row.set_quarter(version.quarter());
  row.set_version(version.sequence());
  row.set_origin(version.origin());
  row.set_state(version.state());
  row.set_progress(version.progress());
  row.set_no_change(version.no_change());
  row.set_problem(version.problem());
  row.set_submission(version.submission());
  if (version.has_submit_time()) *row.mutable_submit_time() = version.submit_time();
  return row;
}

v1::ProgressRow RowOf(const v1::ProgressReport& report, const v1::Project& project) {
  v1::ProgressRow row;
  row.set_project_number(std::string(api::IdOfName(ProjectOfName(report.name()))));
  row.set_quarter(report.quarter());
  row.set_project_title(project.title());
  row.set_platform_title(project.platform_title());
  row.set_enterprise_title(project.enterprise_title());
  row.set_category(report.category());
  row.set_progress(report.progress());
  row.set_no_change(report.no_change());
  row.set_problem(report.problem());
  int version = 0;
  if (absl::SimpleAtoi(api::IdOfName(report.counted_version()), &version)) row.set_version(version);
  return row;
}

v1::Contact ContactOf(const v1::ContactRow& row, const v1::Project& project) {
  v1::Contact contact;
  *contact.mutable_contact_time() = row.contact_time();
  contact.set_people(row.people());
  contact.set_channel(row.channel());
  contact.set_kind(row.kind());
  contact.set_content(row.content());
  contact.set_next_step(row.next_step());
  if (row.has_next_date()) *contact.mutable_next_date() = row.next_date();
  contact.set_internal(row.internal());
  if (row.answering_side() == v1::ANSWERING_SIDE_UNIVERSITY) {
    contact.set_respondent(project.university());
  } else if (row.answering_side() == v1::ANSWERING_SIDE_ENTERPRISE) {
    contact.set_respondent(project.enterprise());
  }
  return contact;
}

v1::Problem ProblemOf(const v1::ProblemRow& row) {
  v1::Problem problem;
  problem.set_content(row.content());
  problem.set_origin(v1::PROBLEM_ORIGIN_RAISED);
  return problem;
}

void TakeRow(const v1::OutcomeRow& row, v1::Outcome* outcome) {
  outcome->set_kind(row.kind());
  outcome->clear_amount();
  if (row.has_amount()) *outcome->mutable_amount() = row.amount();
  outcome->set_quantity(row.quantity());
  *outcome->mutable_period_first() = row.period_first();
  *outcome->mutable_period_last() = row.period_last();
  outcome->set_description(row.description());
  outcome->set_reference(row.reference());
  TakeLines(row.evidence(), outcome->mutable_evidence());
}

void TakeRow(const v1::AgreementRow& row, const std::function<bool(absl::string_view)>& takes,
             v1::Agreement* agreement) {
  for (const char* name : {"title", "sign_date", "effective_date", "expire_date", "content",
                           "contract_kind", "contract_variant", "contract_registration_number",
                           "contract_amount", "contract_technology_amount"}) {
    if (takes(name)) CopyField(row, name, agreement);
  }
  if (takes("parties")) {
    std::map<std::string, v1::AgreementParty> had;
    for (const v1::AgreementParty& party : agreement->parties()) {
      had.try_emplace(party.display_name(), party);
    }
    agreement->clear_parties();
    for (const std::string& name : row.parties()) {
      v1::AgreementParty& party = *agreement->add_parties();
      const auto found = had.find(name);
      if (found != had.end()) party = found->second;
      party.set_display_name(name);
    }
  }
  if (takes("documents")) TakeLines(row.documents(), agreement->mutable_documents());
  if (takes("contract_fields")) {
    TakeLines(row.contract_fields(), agreement->mutable_contract_fields());
  }
}

v1::ReportVersion VersionOf(const v1::ProgressRow& row) {
  v1::ReportVersion version;
  version.set_quarter(row.quarter());
  version.set_progress(row.progress());
  version.set_no_change(row.no_change());
  version.set_problem(row.problem());
  return version;
}

Violations LineViolations(const v1::AgreementRow& row) {
  Violations violations = EvidenceViolations(row.documents(), "documents");
  for (status::Violation& violation : ContractFieldViolations(row.contract_fields())) {
    violations.push_back(std::move(violation));
  }
  if (!violations.empty()) return violations;
  v1::Agreement agreement;
  TakeRow(
      row, [](absl::string_view) { return true; }, &agreement);
  // How many there may be is said where they are described.
  for (status::Violation& violation : api::Violations(agreement)) {
    if (violation.field != "documents" && violation.field != "contract_fields") continue;
    violations.push_back(std::move(violation));
  }
  return violations;
}

bool SameIn(const Message& a, const Message& b, std::initializer_list<absl::string_view> fields) {
  for (const absl::string_view name : fields) {
    if (!Same(a, b, FieldOf(a, name))) return false;
  }
  return true;
}

Violations NotImported(const Message& row, const Message& stored,
                       std::initializer_list<absl::string_view> fields) {
  Violations violations;
  for (const absl::string_view name : fields) {
    const FieldDescriptor* field = FieldOf(row, name);
    if (!row.GetReflection()->HasField(row, field) || Same(row, stored, field)) continue;
    const std::string is = api::FieldText(stored, field, kShownValue);
    violations.push_back(
        {std::string(name),
         absl::StrCat(
             "“", LabelOf(field), "”不能通过导入填写或修改",
             is.empty() ? "，请留空" : absl::StrCat("，现为“", is, "”，请照此填写或留空"))});
  }
  return violations;
}

Violations TitleViolations(const Message& row, const Message& stored) {
  Violations violations;
  for (const char* name : {"project_title", "enterprise_title", "platform_title"}) {
    const FieldDescriptor* field = FieldOf(row, name);
    if (field == nullptr || !row.GetReflection()->HasField(row, field)) continue;
    const FieldDescriptor* own = FieldOf(stored, name);
    if (own == nullptr) own = FieldOf(stored, "title");
    const std::string title = api::FieldText(stored, own, kWholeText);
    if (api::FieldText(row, field, kWholeText) == title) continue;
    violations.push_back(
        {name, absl::StrCat("该项目的", LabelOf(field), "是“", title, "”，请核对项目编号")});
  }
  return violations;
}

}  // namespace chanyan::pairing
