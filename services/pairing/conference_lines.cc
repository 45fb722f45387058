#include "services/pairing/conference_lines.h"

#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/policy/life.h"
#include "common/sheet/cell_lines.h"
#include "services/pairing/cooperation_sheets.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::RepeatedPtrField;

constexpr char kGuest[] = "来宾：";
// Organization, person, position, attendance; the last two may be left out.
constexpr size_t kAttendeeParts = 4;
constexpr size_t kLeastAttendeeParts = 2;
constexpr char kNoAttendee[] =
    "应写为“单位 | 姓名 | 职务 | 到会情况”，不在单位名录中的来宾写为“来宾：单位 | 姓名 | 职务 | "
    "到会情况”";
constexpr char kNoDecision[] = "应写为“序号 | 议定内容”";

std::vector<std::string> PartsOf(absl::string_view line) {
  std::vector<std::string> parts = absl::StrSplit(line, '|');
  for (std::string& part : parts) part = std::string(absl::StripAsciiWhitespace(part));
  return parts;
}

// Whoever presents it stands last.
std::string ReadAgendaItem(absl::string_view line, v1::AgendaItem* item) {
  std::vector<std::string> parts = PartsOf(line);
  if (parts.size() > 1) {
    item->set_presenter(std::move(parts.back()));
    parts.pop_back();
  }
  item->set_title(absl::StrJoin(parts, "|"));
  return "";
}

// UNSPECIFIED for none; false if it is no attendance.
bool ReadAttendance(absl::string_view label, v1::Attendance* attendance) {
  *attendance = v1::ATTENDANCE_UNSPECIFIED;
  if (label.empty()) return true;
  for (int value = v1::ATTENDANCE_INVITED; value <= v1::Attendance_MAX; ++value) {
    if (policy::LabelOf(static_cast<v1::Attendance>(value)) != label) continue;
    *attendance = static_cast<v1::Attendance>(value);
    return true;
  }
  return false;
}

std::string ReadAttendee(absl::string_view line, v1::ConferenceAttendee* attendee) {
  std::vector<std::string> parts = PartsOf(line);
  if (parts.size() < kLeastAttendeeParts || parts.size() > kAttendeeParts) return kNoAttendee;
  parts.resize(kAttendeeParts);
  absl::string_view organization = parts[0];
  if (!organization.empty() && !absl::ConsumePrefix(&organization, kGuest)) {
    attendee->set_organization(kAnyOrganization);
  }
  attendee->set_organization_title(std::string(organization));
  attendee->set_person(parts[1]);
  attendee->set_position(parts[2]);
  v1::Attendance attendance;
  if (!ReadAttendance(parts[3], &attendance)) {
    return absl::StrCat("到会情况“", parts[3], "”应为“应到”“到会”“委托他人到会”“缺席”之一");
  }
  attendee->set_attendance(attendance);
  return "";
}

std::string ReadDecision(absl::string_view line, v1::ConferenceDecision* decision) {
  const std::vector<absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits('|', 1));
  int number = 0;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[0], &number)) return kNoDecision;
  decision->set_number(number);
  decision->set_text(std::string(absl::StripAsciiWhitespace(parts[1])));
  return "";
}

// Each with the lines that go on with it, blank ones between them too.
std::vector<std::string> DecisionsIn(absl::string_view text) {
  std::vector<std::string> decisions;
  std::string blank;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const absl::string_view said = absl::StripSuffix(line, "\r");
    if (absl::StripAsciiWhitespace(said).empty()) {
      absl::StrAppend(&blank, "\n", said);
      continue;
    }
    v1::ConferenceDecision decision;
    if (decisions.empty() || ReadDecision(said, &decision).empty()) {
      decisions.emplace_back(said);
    } else {
      absl::StrAppend(&decisions.back(), blank, "\n", said);
    }
    blank.clear();
  }
  return decisions;
}

}  // namespace

std::string LinesOf(const RepeatedPtrField<v1::AgendaItem>& agenda) {
  return absl::StrJoin(agenda, "\n", [](std::string* out, const v1::AgendaItem& item) {
    // What stands behind the last bar is read as who presents it.
    const bool barred = absl::StrContains(item.title(), '|');
    absl::StrAppend(out, item.title(),
                    item.presenter().empty() && !barred ? "" : sheet::kBetweenParts,
                    item.presenter());
  });
}

std::string LinesOf(const RepeatedPtrField<v1::ConferenceAttendee>& attendees) {
  return absl::StrJoin(attendees, "\n", [](std::string* out, const v1::ConferenceAttendee& one) {
    const bool guest = one.organization().empty() && !one.organization_title().empty();
    absl::StrAppend(
        out, guest ? kGuest : "", one.organization_title(), sheet::kBetweenParts, one.person(),
        sheet::kBetweenParts, one.position(), sheet::kBetweenParts,
        one.attendance() == v1::ATTENDANCE_UNSPECIFIED ? "" : policy::LabelOf(one.attendance()));
  });
}

std::string LinesOf(const RepeatedPtrField<v1::ConferenceDecision>& decisions) {
  return absl::StrJoin(decisions, "\n", [](std::string* out, const v1::ConferenceDecision& one) {
    absl::StrAppend(out, one.number(), sheet::kBetweenParts, one.text());
  });
}

std::vector<status::Violation> ListViolations(const v1::ConferenceRow& row) {
  std::vector<status::Violation> violations =
      sheet::LineViolations(sheet::LinesIn(row.agenda()), "agenda", "项", ReadAgendaItem);
  for (status::Violation& violation :
       sheet::LineViolations(sheet::LinesIn(row.attendees()), "attendees", "人", ReadAttendee)) {
    violations.push_back(std::move(violation));
  }
  for (status::Violation& violation :
       sheet::LineViolations(DecisionsIn(row.decisions()), "decisions", "项", ReadDecision)) {
    violations.push_back(std::move(violation));
  }
  return violations;
}

void TakeLines(absl::string_view text, RepeatedPtrField<v1::AgendaItem>* agenda) {
  sheet::ReadItems(sheet::LinesIn(text), ReadAgendaItem, agenda);
}

void TakeLines(absl::string_view text, RepeatedPtrField<v1::ConferenceAttendee>* attendees) {
  sheet::ReadItems(sheet::LinesIn(text), ReadAttendee, attendees);
}

void TakeLines(absl::string_view text, RepeatedPtrField<v1::ConferenceDecision>* decisions) {
  std::map<int, v1::ConferenceDecision> had;
  for (const v1::ConferenceDecision& one : *decisions) had.try_emplace(one.number(), one);
  sheet::ReadItems(DecisionsIn(text), ReadDecision, decisions);
  for (v1::ConferenceDecision& one : *decisions) {
    const auto before = had.find(one.number());
    if (before != had.end()) *one.mutable_assignments() = before->second.assignments();
  }
}

}  // namespace chanyan::pairing
