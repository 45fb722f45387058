// The input directory of a quarter (deploy/demo/qingdao/README.md): files, and who does what.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/quarter_program/accounts.h"

namespace chanyan::quarter {

enum class Reporting { kOnTime, kReturned, kLate };

struct FormPlan {
  // Last segment of the organization's name, here and below.
  std::string university;
  Reporting reporting;
  // Why it is returned, or why it is late.
  std::string reason;
};

struct ReturnPlan {
  std::string enterprise;
  std::string unit;
  bool by_itself = false;
  // Submitted after the third week, but filled in within it.
  bool late = false;
  // Not even that, but by leave.
  bool by_exception = false;
  // In time, and sent back once with a reason.
  bool sent_back = false;
  // Universities whose form the company filled in.
  std::vector<std::string> universities;
  // Files beside those that are no .xlsx.
  std::vector<std::string> strays;
};

struct EventPlan {
  std::string id;
  // Of cycle.v1.EventKind.
  int kind;
  std::string title;
  // Day of the week of step 5, from 1, and hour.
  int day;
  int hour;
  std::string place;
  std::string content;
  // What comes of it, of cycle.v1.EventOutcomeKind, and how often; and in words.
  int outcome;
  int outcomes;
  std::string summary;
};

// An objection to the board, and what becomes of it.
// Of who has no account.
inline constexpr char kPublicRole[] = "ROLE_PUBLIC";

struct ObjectionPlan {
  // Who objects: "ROLE_RESEARCH_OFFICE", "ROLE_UNIT" or kPublicRole.
  std::string role;
  // Id of the board.
  std::string board;
  // {project} and {enterprise}: what is said to be missing.
  std::string content;
  // "uphold", "reject" or "withdraw".
  std::string decision;
  std::string finding;
};

// What a broken file is handed in as.
enum class BrokenList { kForm, kOrganizations, kPlatforms, kRoster, kReturn };

struct BrokenPlan {
  std::string file;
  BrokenList list;
  // Whose form it is; empty for a list.
  std::string university;
  // Of a return, one of `returns`.
  std::string enterprise;
  // What the refusal must name: sheet and cell ("季度报表 / C3"), empty = the file as a whole; and
  // words of the reason.
  std::string place;
  std::string words;
  // What is wrong with it, for people.
  std::string reason;
};

// One act of records.tsv or triage.tsv.
struct RecordPlan {
  // "records.tsv:12", for messages.
  std::string place;
  std::string key;
  // Which project, from 1; 0 = none.
  int project;
  // "university", "enterprise", "unit" or "secretariat"; without a project a login.
  std::string who;
  // "POST", "PATCH", "UPLOAD" or "GET".
  std::string method;
  std::string path;
  // Of a PATCH.
  std::string mask;
  // JSON, or the file of an UPLOAD.
  std::string body;
  // Field of the answer that the key stands for; empty = its name, "none" = it has none. Of a GET
  // the list that must not be empty.
  std::string take;
};

struct Plan {
  std::string directory;
  std::vector<WantedAccount> accounts;
  std::vector<FormPlan> forms;
  std::vector<ReturnPlan> returns;
  std::vector<EventPlan> events;
  std::vector<BrokenPlan> broken;
  std::vector<RecordPlan> records;
  std::vector<ObjectionPlan> objections;
  // The province's campaigns and tasks: what becomes of them.
  std::vector<RecordPlan> chain;
  // A month of triage, and who else takes part in it.
  std::vector<RecordPlan> triage;
  std::vector<WantedAccount> triage_accounts;
  // Why platforms are published after the first round's day.
  std::string publish_reason;
  // Why who is invited does not come.
  std::string decline_reason = "与本单位工作安排冲突";

  // Why a package and a row of it are sent back.
  std::string send_back_reason = "填报内容与签约材料不符，请核对后重新报送";
  std::string row_reason = "请对照协议核对本行内容";
  // Why an enterprise may report after everybody else.
  std::string exception_reason = "经办人员变动，未能按时填报，申请逾期补报";
  // The notice after which deadlines are reckoned anew.
  std::string amendment = "放假安排通知";

  // Login of the first account with a role ("ROLE_SECRETARIAT"), or empty.
  std::string LoginOfRole(absl::string_view role) const;
  // Last segment of the organization that an account acts for, or empty.
  std::string OrganizationOf(absl::string_view login) const;
  // Null if it reports nothing.
  const FormPlan* FormOf(absl::string_view university) const;
  // Null if it gives nothing back.
  const ReturnPlan* ReturnOf(absl::string_view enterprise) const;
  // Login of the account that acts for an organization in a role, or empty.
  std::string LoginOf(absl::string_view organization, absl::string_view role) const;
};

// Errors name the file, and the line where there is one. `broken`, `records`, `objections`, `chain`
// and `triage` may be absent; but no broken file is there without a line that says how it must be
// refused.
absl::StatusOr<Plan> LoadPlan(const std::string& directory);
// Of a city without a quarter: accounts and records alone, no record of which is of a project.
absl::StatusOr<Plan> LoadRecordsPlan(const std::string& directory);

}  // namespace chanyan::quarter
