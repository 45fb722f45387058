#include "tools/quarter_program/plan.h"

#include <algorithm>
#include <filesystem>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/event.pb.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/status/status.h"
#include "tools/demo/tsv.h"

namespace chanyan::quarter {
namespace {

using demo::Tsv;

// How each file beside it must be refused.
constexpr char kExpected[] = "expected.tsv";

absl::StatusOr<int> Number(const Tsv& table, size_t row, absl::string_view column) {
  int number = 0;
  if (absl::SimpleAtoi(table.Get(row, column), &number)) return number;
  return status::InvalidField(table.Place(row), absl::StrCat("“", column, "”应为整数"));
}

// Position of a cell among the words that it may be.
absl::StatusOr<size_t> OneOf(const Tsv& table, size_t row, absl::string_view column,
                             std::initializer_list<absl::string_view> words) {
  const auto found = std::find(words.begin(), words.end(), table.Get(row, column));
  if (found != words.end()) return found - words.begin();
  return status::InvalidField(table.Place(row),
                              absl::StrCat("“", column, "”不能是“", table.Get(row, column), "”"));
}

absl::Status LoadAccounts(Plan* plan) {
  CHANYAN_ASSIGN_OR_RETURN(const Tsv table, Tsv::Load(plan->directory + "/plan/accounts.tsv",
                                                      {"login", "organization", "role", "title"}));
  for (size_t i = 0; i < table.size(); ++i) {
    plan->accounts.push_back({table.Get(i, "login"), table.Get(i, "organization"),
                              table.Get(i, "role"), table.Get(i, "title")});
  }
  if (!plan->LoginOfRole("ROLE_SECRETARIAT").empty()) return absl::OkStatus();
  return status::InvalidField(plan->directory + "/plan/accounts.tsv", "缺少秘书处的账号");
}

absl::Status LoadForms(Plan* plan) {
  CHANYAN_ASSIGN_OR_RETURN(const Tsv table, Tsv::Load(plan->directory + "/plan/forms.tsv",
                                                      {"university", "mode", "reason"}));
  for (size_t i = 0; i < table.size(); ++i) {
    FormPlan form;
    form.university = table.Get(i, "university");
    CHANYAN_ASSIGN_OR_RETURN(const size_t mode,
                             OneOf(table, i, "mode", {"on_time", "returned", "late"}));
    form.reporting = static_cast<Reporting>(mode);
    form.reason = table.Get(i, "reason");
    if (plan->LoginOf(form.university, "ROLE_RESEARCH_OFFICE").empty()) {
      return status::InvalidField(table.Place(i), "该单位在 accounts.tsv 中没有科研管理部门账号");
    }
    plan->forms.push_back(std::move(form));
  }
  return absl::OkStatus();
}

// The forms of one company, and what else was put beside them; not what programs hide there.
void FindReturns(const std::string& directory, ReturnPlan* plan) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (absl::StartsWith(name, ".") || absl::StartsWith(name, "~$")) continue;
    if (entry.path().extension() == ".xlsx") {
      plan->universities.push_back(entry.path().stem().string());
    } else {
      plan->strays.push_back(name);
    }
  }
  std::sort(plan->universities.begin(), plan->universities.end());
  std::sort(plan->strays.begin(), plan->strays.end());
}

absl::Status LoadReturns(Plan* plan) {
  CHANYAN_ASSIGN_OR_RETURN(const Tsv table, Tsv::Load(plan->directory + "/plan/returns.tsv",
                                                      {"enterprise", "unit", "by", "when"}));
  absl::flat_hash_set<std::string> logins;
  for (const WantedAccount& account : plan->accounts) {
    logins.insert(absl::StrCat(account.organization, " ", account.role));
  }
  for (size_t i = 0; i < table.size(); ++i) {
    ReturnPlan one;
    one.enterprise = table.Get(i, "enterprise");
    one.unit = table.Get(i, "unit");
    CHANYAN_ASSIGN_OR_RETURN(const size_t by, OneOf(table, i, "by", {"unit", "enterprise"}));
    one.by_itself = by == 1;
    CHANYAN_ASSIGN_OR_RETURN(
        const size_t when,
        OneOf(table, i, "when", {"on_time", "late", "by_exception", "sent_back"}));
    one.late = when == 1;
    one.by_exception = when == 2;
    one.sent_back = when == 3;
    const std::string who = one.by_itself ? absl::StrCat(one.enterprise, " ROLE_ENTERPRISE")
                                          : absl::StrCat(one.unit, " ROLE_UNIT");
    if (!logins.contains(who)) {
      return status::InvalidField(table.Place(i), "报送人在 accounts.tsv 中没有账号");
    }
    FindReturns(absl::StrCat(plan->directory, "/returns/", one.unit, "/", one.enterprise), &one);
    plan->returns.push_back(std::move(one));
  }
  return absl::OkStatus();
}

// The value of an enum that people call as the cell does.
absl::StatusOr<int> ValueOf(const Tsv& table, size_t row, absl::string_view column,
                            const google::protobuf::EnumDescriptor* descriptor) {
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const auto* value = descriptor->value(i);
    const std::string& zh = value->options().GetExtension(options::v1::value).zh();
    if (!zh.empty() && zh == table.Get(row, column)) return value->number();
  }
  return status::InvalidField(table.Place(row),
                              absl::StrCat("没有“", table.Get(row, column), "”这一类"));
}

absl::Status LoadEvents(Plan* plan) {
  CHANYAN_ASSIGN_OR_RETURN(const Tsv table,
                           Tsv::Load(plan->directory + "/plan/events.tsv",
                                     {"id", "kind", "title", "day", "hour", "place", "content",
                                      "outcome", "outcomes", "summary"}));
  for (size_t i = 0; i < table.size(); ++i) {
    EventPlan event{table.Get(i, "id"), 0, table.Get(i, "title")};
    CHANYAN_ASSIGN_OR_RETURN(event.kind,
                             ValueOf(table, i, "kind", cycle::v1::EventKind_descriptor()));
    CHANYAN_ASSIGN_OR_RETURN(event.day, Number(table, i, "day"));
    CHANYAN_ASSIGN_OR_RETURN(event.hour, Number(table, i, "hour"));
    event.place = table.Get(i, "place");
    event.content = table.Get(i, "content");
    CHANYAN_ASSIGN_OR_RETURN(
        event.outcome, ValueOf(table, i, "outcome", cycle::v1::EventOutcomeKind_descriptor()));
    CHANYAN_ASSIGN_OR_RETURN(event.outcomes, Number(table, i, "outcomes"));
    event.summary = table.Get(i, "summary");
    plan->events.push_back(std::move(event));
  }
  CHANYAN_ASSIGN_OR_RETURN(const Tsv reasons,
                           Tsv::Load(plan->directory + "/plan/reasons.tsv", {"part", "text"}));
  const std::pair<const char*, std::string*> parts[] = {
      {"publish", &plan->publish_reason},     {"decline", &plan->decline_reason},
      {"send_back", &plan->send_back_reason}, {"send_back_row", &plan->row_reason},
      {"exception", &plan->exception_reason}, {"amendment", &plan->amendment},
  };
  for (size_t i = 0; i < reasons.size(); ++i) {
    for (const auto& [part, text] : parts) {
      if (reasons.Get(i, "part") == part) *text = reasons.Get(i, "text");
    }
  }
  return absl::OkStatus();
}

absl::Status LoadObjections(Plan* plan) {
  const std::string path = plan->directory + "/plan/objections.tsv";
  if (!std::filesystem::exists(path)) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const Tsv table,
                           Tsv::Load(path, {"by", "board", "content", "decision", "finding"}));
  for (size_t i = 0; i < table.size(); ++i) {
    ObjectionPlan one;
    CHANYAN_ASSIGN_OR_RETURN(const size_t by,
                             OneOf(table, i, "by", {"university", "unit", "public"}));
    one.role = by == 0 ? "ROLE_RESEARCH_OFFICE" : by == 1 ? "ROLE_UNIT" : kPublicRole;
    one.board = table.Get(i, "board");
    one.content = table.Get(i, "content");
    CHANYAN_RETURN_IF_ERROR(OneOf(table, i, "decision", {"uphold", "reject", "withdraw"}).status());
    one.decision = table.Get(i, "decision");
    one.finding = table.Get(i, "finding");
    // What is upheld is that a university's project is missing.
    if (one.decision == "uphold" && by != 0) {
      return status::InvalidField(table.Place(i), "成立的异议应由高校院所就其建成项目提出");
    }
    if (one.decision == "withdraw" && one.role == kPublicRole) {
      return status::InvalidField(table.Place(i), "公众凭回执查询结果，其异议不能撤回");
    }
    if (one.finding.empty() && one.decision != "withdraw") {
      return status::InvalidField(table.Place(i), "请写明核查结论");
    }
    plan->objections.push_back(std::move(one));
  }
  return absl::OkStatus();
}

// A broken file of which nothing is expected would pass whatever became of it.
absl::Status CheckBrokenFiles(const Plan& plan, const std::string& table) {
  absl::flat_hash_set<std::string> expected;
  for (const BrokenPlan& one : plan.broken) {
    if (!expected.insert(one.file).second) {
      return status::InvalidField(table, absl::StrCat("坏文件“", one.file, "”重复"));
    }
  }
  std::error_code absent;
  for (const auto& entry :
       std::filesystem::directory_iterator(plan.directory + "/broken", absent)) {
    const std::string file = entry.path().filename().string();
    if (file != kExpected && expected.erase(file) == 0) {
      return status::InvalidField(
          table, absl::StrCat("没有写明坏文件“", file, "”应以什么理由被拒绝，请补上"));
    }
  }
  if (expected.empty()) return absl::OkStatus();
  return status::InvalidField(table, absl::StrCat("没有坏文件“", *expected.begin(), "”"));
}

absl::Status LoadBroken(Plan* plan) {
  const std::string path = absl::StrCat(plan->directory, "/broken/", kExpected);
  if (!std::filesystem::exists(path)) return CheckBrokenFiles(*plan, path);
  CHANYAN_ASSIGN_OR_RETURN(
      const Tsv table,
      Tsv::Load(path, {"file", "list", "university", "enterprise", "place", "words", "reason"}));
  for (size_t i = 0; i < table.size(); ++i) {
    BrokenPlan one{table.Get(i, "file")};
    CHANYAN_ASSIGN_OR_RETURN(
        const size_t list,
        OneOf(table, i, "list", {"form", "organizations", "platforms", "roster", "return"}));
    one.list = static_cast<BrokenList>(list);
    one.university = table.Get(i, "university");
    one.enterprise = table.Get(i, "enterprise");
    one.place = table.Get(i, "place");
    one.words = table.Get(i, "words");
    one.reason = table.Get(i, "reason");
    if (one.words.empty()) {
      return status::InvalidField(table.Place(i), "请写明拒绝的理由中应有的字句");
    }
    if (one.reason.empty()) return status::InvalidField(table.Place(i), "请写明文件错在哪里");
    if (one.list == BrokenList::kForm &&
        plan->LoginOf(one.university, "ROLE_RESEARCH_OFFICE").empty()) {
      return status::InvalidField(table.Place(i), "该单位在 accounts.tsv 中没有科研管理部门账号");
    }
    if (one.list == BrokenList::kReturn && plan->ReturnOf(one.enterprise) == nullptr) {
      return status::InvalidField(table.Place(i), "该企业在 returns.tsv 中没有报送人");
    }
    plan->broken.push_back(std::move(one));
  }
  return CheckBrokenFiles(*plan, path);
}

absl::Status LoadTriageAccounts(Plan* plan) {
  const std::string path = plan->directory + "/plan/triage_accounts.tsv";
  if (!std::filesystem::exists(path)) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const Tsv table,
                           Tsv::Load(path, {"login", "organization", "role", "title"}));
  for (size_t i = 0; i < table.size(); ++i) {
    plan->triage_accounts.push_back({table.Get(i, "login"), table.Get(i, "organization"),
                                     table.Get(i, "role"), table.Get(i, "title")});
  }
  return absl::OkStatus();
}

absl::Status LoadRecords(const std::string& path, int least_project,
                         std::vector<RecordPlan>* records) {
  if (!std::filesystem::exists(path)) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const Tsv table, Tsv::Load(path, {"key", "project", "who", "method",
                                                             "path", "mask", "take", "body"}));
  absl::flat_hash_set<std::string> keys;
  for (size_t i = 0; i < table.size(); ++i) {
    RecordPlan act{table.Place(i), table.Get(i, "key")};
    if (!keys.insert(act.key).second) {
      return status::InvalidField(act.place, absl::StrCat("“", act.key, "”重复"));
    }
    CHANYAN_ASSIGN_OR_RETURN(act.project, Number(table, i, "project"));
    if (act.project < least_project) return status::InvalidField(act.place, "项目从 1 起编号");
    act.who = table.Get(i, "who");
    CHANYAN_RETURN_IF_ERROR(OneOf(table, i, "method", {"POST", "PATCH", "UPLOAD", "GET"}).status());
    act.method = table.Get(i, "method");
    act.path = table.Get(i, "path");
    act.mask = table.Get(i, "mask");
    act.body = table.Get(i, "body");
    act.take = table.Get(i, "take");
    records->push_back(std::move(act));
  }
  return absl::OkStatus();
}

}  // namespace

std::string Plan::LoginOfRole(absl::string_view role) const {
  for (const WantedAccount& account : accounts) {
    if (account.role == role) return account.login;
  }
  return "";
}

std::string Plan::OrganizationOf(absl::string_view login) const {
  for (const auto* list : {&accounts, &triage_accounts}) {
    for (const WantedAccount& account : *list) {
      if (account.login == login) return account.organization;
    }
  }
  return "";
}

const FormPlan* Plan::FormOf(absl::string_view university) const {
  for (const FormPlan& one : forms) {
    if (one.university == university) return &one;
  }
  return nullptr;
}

const ReturnPlan* Plan::ReturnOf(absl::string_view enterprise) const {
  for (const ReturnPlan& one : returns) {
    if (one.enterprise == enterprise) return &one;
  }
  return nullptr;
}

std::string Plan::LoginOf(absl::string_view organization, absl::string_view role) const {
  for (const WantedAccount& account : accounts) {
    if (account.role == role && account.organization == organization) return account.login;
  }
  return "";
}

absl::StatusOr<Plan> LoadPlan(const std::string& directory) {
  Plan plan;
  plan.directory = directory;
  CHANYAN_RETURN_IF_ERROR(LoadAccounts(&plan));
  CHANYAN_RETURN_IF_ERROR(LoadForms(&plan));
  CHANYAN_RETURN_IF_ERROR(LoadReturns(&plan));
  CHANYAN_RETURN_IF_ERROR(LoadEvents(&plan));
  CHANYAN_RETURN_IF_ERROR(LoadObjections(&plan));
  CHANYAN_RETURN_IF_ERROR(LoadBroken(&plan));
  CHANYAN_RETURN_IF_ERROR(LoadTriageAccounts(&plan));
  CHANYAN_RETURN_IF_ERROR(LoadRecords(directory + "/plan/records.tsv", 0, &plan.records));
  CHANYAN_RETURN_IF_ERROR(LoadRecords(directory + "/plan/chain.tsv", 0, &plan.chain));
  CHANYAN_RETURN_IF_ERROR(LoadRecords(directory + "/plan/triage.tsv", 0, &plan.triage));
  return plan;
}

absl::StatusOr<Plan> LoadRecordsPlan(const std::string& directory) {
  Plan plan;
  plan.directory = directory;
  CHANYAN_RETURN_IF_ERROR(LoadAccounts(&plan));
  CHANYAN_RETURN_IF_ERROR(LoadRecords(directory + "/plan/records.tsv", 0, &plan.records));
  return plan;
}

}  // namespace chanyan::quarter
