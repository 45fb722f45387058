#include "common/auth/policy_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/auth/condition.h"
#include "google/api/annotations.pb.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor_database.h"

namespace chanyan::auth {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

constexpr absl::string_view kOurPackage = "chanyan.";
// Where the two offices that keep away from business (IDN-1) have their own resources.
constexpr absl::string_view kIdentityPackage = "chanyan.identity.";
constexpr absl::string_view kJournalPackage = "chanyan.journal.";

// Calls that are not reads and yet change nothing that needs a request id: they open or close a
// session or give a token, and repeating them is harmless by nature.
constexpr absl::string_view kSessionMethods[] = {
    "chanyan.identity.v1.IdentityService.SignIn",
    "chanyan.identity.v1.IdentityService.SignOut",
    "chanyan.identity.v1.IdentityService.ExchangeSession",
    "chanyan.identity.v1.IdentityService.IssueToken",
};

// Collects sentences about one thing.
class Reporter {
 public:
  Reporter(std::vector<std::string>* out, const FileDescriptor* file, absl::string_view name)
      : out_(out), prefix_(absl::StrCat(file->name(), ": ", name, ": ")) {}
  void Say(absl::string_view what) const { out_->push_back(absl::StrCat(prefix_, what)); }

 private:
  std::vector<std::string>* out_;
  const std::string prefix_;
};

bool InPackage(const FileDescriptor* file, absl::string_view package) {
  return absl::StartsWith(absl::StrCat(file->package(), "."), package);
}

bool IsIdentifier(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

// The field a dotted path leads to through messages, or null.
const FieldDescriptor* FieldAt(const Descriptor* message, absl::string_view path) {
  const FieldDescriptor* field = nullptr;
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    if (message == nullptr) return nullptr;
    field = message->FindFieldByName(std::string(name));
    if (field == nullptr) return nullptr;
    message = field->is_repeated() ? nullptr : field->message_type();
  }
  return field;
}

// Segments of literals and stars, without empty ones.
bool IsTemplate(absl::string_view text) {
  for (const absl::string_view segment : absl::StrSplit(text, '/')) {
    if (segment == "*" || segment == "**") continue;
    const bool literal =
        !segment.empty() && std::all_of(segment.begin(), segment.end(), [](char c) {
          return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
        });
    if (!literal) return false;
  }
  return true;
}

std::string VariableProblem(absl::string_view variable, const Descriptor* request) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(variable, absl::MaxSplits('=', 1));
  if (absl::StrContains(variable, "=") && !IsTemplate(parts.second)) {
    return absl::StrCat("path variable {", variable, "} has a template that cannot be read");
  }
  const FieldDescriptor* field = FieldAt(request, parts.first);
  if (field == nullptr || field->is_repeated() || field->message_type() != nullptr) {
    return absl::StrCat("path variable {", variable, "} is no single field of ",
                        request->full_name());
  }
  return "";
}

// Verb and path of the rule; empty if it has none.
std::pair<std::string, std::string> VerbAndPath(const google::api::HttpRule& rule) {
  switch (rule.pattern_case()) {
    case google::api::HttpRule::kGet:
      return {"get", rule.get()};
    case google::api::HttpRule::kPost:
      return {"post", rule.post()};
    case google::api::HttpRule::kPut:
      return {"put", rule.put()};
    case google::api::HttpRule::kPatch:
      return {"patch", rule.patch()};
    case google::api::HttpRule::kDelete:
      return {"delete", rule.delete_()};
    default:
      return {"", ""};
  }
}

void CheckHttp(const google::api::HttpRule& rule, const MethodDescriptor* method,
               const Reporter& report) {
  const auto [verb, path] = VerbAndPath(rule);
  if (verb.empty()) {
    report.Say("http rule needs get, post, put, patch or delete");
    return;
  }
  const std::string problem = PathProblem(path, method->input_type());
  if (!problem.empty()) report.Say(absl::StrCat("http rule ", path, ": ", problem));
  const bool body_expected = verb != "get" && verb != "delete";
  if (body_expected == rule.body().empty()) {
    report.Say(absl::StrCat("http ", verb, body_expected ? " needs a body" : " must have no body"));
  }
  if (!rule.body().empty() && rule.body() != "*" &&
      method->input_type()->FindFieldByName(rule.body()) == nullptr) {
    report.Say(absl::StrCat("http body \"", rule.body(), "\" is no field of ",
                            method->input_type()->full_name()));
  }
  for (const google::api::HttpRule& more : rule.additional_bindings()) {
    CheckHttp(more, method, report);
  }
}

bool IsSessionMethod(const MethodDescriptor* method) {
  return std::find(std::begin(kSessionMethods), std::end(kSessionMethods), method->full_name()) !=
         std::end(kSessionMethods);
}

void CheckMutation(const MethodDescriptor* method, const Reporter& report) {
  const auto& policy = method->options().GetExtension(options::v1::method);
  const auto& rule = method->options().GetExtension(google::api::http);
  const bool reads = VerbAndPath(rule).first == "get";
  if (reads && policy.mutates()) report.Say("get must not change anything (mutates)");
  const bool has_rule = method->options().HasExtension(google::api::http);
  if (has_rule && !reads && !policy.mutates() && !IsSessionMethod(method)) {
    report.Say("changes something by its http verb: say mutates: true, or use get");
  }
  if (!policy.mutates()) return;
  const FieldDescriptor* id = method->input_type()->FindFieldByName("request_id");
  if (id == nullptr || id->is_repeated() || id->type() != FieldDescriptor::TYPE_STRING) {
    report.Say(absl::StrCat("mutates, so ", method->input_type()->full_name(),
                            " needs a field `string request_id`"));
  }
}

void CheckRoles(const google::protobuf::RepeatedField<int>& roles, const Reporter& report) {
  if (roles.empty()) report.Say("names no role: nobody could use it");
  for (const int role : roles) {
    if (role == options::v1::ROLE_UNSPECIFIED || !options::v1::Role_IsValid(role)) {
      report.Say("names a role that does not exist");
    }
  }
}

void CheckMethodPolicy(const MethodDescriptor* method, std::vector<std::string>* out) {
  const Reporter report(out, method->file(), method->full_name());
  if (!method->options().HasExtension(options::v1::method)) {
    report.Say("has no (chanyan.options.v1.method): say who may call it");
    return;
  }
  const auto& policy = method->options().GetExtension(options::v1::method);
  CheckRoles(policy.roles(), report);
  if (policy.label().empty()) report.Say("has no label");
  if (method->options().HasExtension(google::api::http)) {
    CheckHttp(method->options().GetExtension(google::api::http), method, report);
  }
  CheckMutation(method, report);
}

void CheckGrant(const Descriptor* message, const options::v1::RowGrant& grant, int index,
                std::vector<std::string>* out) {
  const Reporter report(out, message->file(),
                        absl::StrCat(message->full_name(), ": grants[", index, "]"));
  CheckRoles(grant.roles(), report);
  if (grant.access() == options::v1::ACCESS_UNSPECIFIED) report.Say("has no access");
  if (!grant.owner().empty()) {
    const auto owned = Condition::Owned(message, grant.owner(), "");
    if (!owned.ok()) report.Say(absl::StrCat("owner: ", owned.status().message()));
  }
  if (!grant.where().empty()) {
    const auto where = Condition::Parse(message, grant.where());
    if (!where.ok()) report.Say(where.status().message());
  }
  const bool business =
      !InPackage(message->file(), kIdentityPackage) && !InPackage(message->file(), kJournalPackage);
  for (const int role : grant.roles()) {
    if (business && (role == options::v1::ROLE_ADMINISTRATOR || role == options::v1::ROLE_AUDITOR ||
                     role == options::v1::ROLE_SIGNED_IN)) {
      report.Say(absl::StrCat(options::v1::Role_Name(static_cast<options::v1::Role>(role)),
                              " would show business data to administrators or auditors (IDN-1)"));
    }
  }
}

void CheckResource(const Descriptor* message, std::vector<std::string>* out) {
  const auto& resource = message->options().GetExtension(options::v1::resource);
  const Reporter report(out, message->file(), message->full_name());
  if (message->options().HasExtension(options::v1::resource)) {
    if (resource.label().empty()) report.Say("has no label");
    if (resource.table().empty()) report.Say("has a resource option without a table");
    if (resource.grants().empty()) report.Say("has a table but no grants: no row could be seen");
    for (const char* name : {"name", "create_time", "update_time", "etag"}) {
      if (message->FindFieldByName(name) == nullptr) {
        report.Say(absl::StrCat("has a table, so it needs the field ", name));
      }
    }
  }
  for (int i = 0; i < resource.grants_size(); ++i) CheckGrant(message, resource.grants(i), i, out);
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (field->options().GetExtension(options::v1::field).label().empty()) {
      Reporter(out, message->file(), field->full_name())
          .Say("is a field of a resource without label");
    }
  }
}

void CheckMessages(const Descriptor* message, std::vector<std::string>* out) {
  if (message->options().HasExtension(options::v1::resource) ||
      message->options().HasExtension(google::api::resource)) {
    CheckResource(message, out);
  }
  for (int i = 0; i < message->nested_type_count(); ++i) {
    CheckMessages(message->nested_type(i), out);
  }
}

}  // namespace

std::vector<const FileDescriptor*> LinkedFiles() {
  std::vector<std::string> names;
  google::protobuf::DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  std::sort(names.begin(), names.end());
  std::vector<const FileDescriptor*> files;
  for (const std::string& name : names) {
    const FileDescriptor* file =
        google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    if (file != nullptr && InPackage(file, kOurPackage)) files.push_back(file);
  }
  return files;
}

std::string PathProblem(absl::string_view path, const Descriptor* request) {
  if (!absl::ConsumePrefix(&path, "/")) return "path must begin with /";
  // A verb follows the last colon, which is outside of braces.
  const size_t colon = path.rfind(':');
  if (colon != absl::string_view::npos && path.find('}', colon) == absl::string_view::npos) {
    if (!IsIdentifier(path.substr(colon + 1))) return "verb after ':' cannot be read";
    path = path.substr(0, colon);
  }
  std::string literals;
  while (!path.empty()) {
    const size_t open = path.find('{');
    absl::StrAppend(&literals, path.substr(0, open));
    if (open == absl::string_view::npos) break;
    const size_t close = path.find('}', open);
    if (close == absl::string_view::npos) return "'{' without '}'";
    const std::string problem = VariableProblem(path.substr(open + 1, close - open - 1), request);
    if (!problem.empty()) return problem;
    literals += "*";
    path = path.substr(close + 1);
  }
  return IsTemplate(literals) ? "" : "path cannot be read";
}

std::vector<std::string> PolicyProblems(const FileDescriptor* file) {
  std::vector<std::string> out;
  for (int i = 0; i < file->message_type_count(); ++i) CheckMessages(file->message_type(i), &out);
  for (int i = 0; i < file->service_count(); ++i) {
    for (int j = 0; j < file->service(i)->method_count(); ++j) {
      CheckMethodPolicy(file->service(i)->method(j), &out);
    }
  }
  return out;
}

}  // namespace chanyan::auth
