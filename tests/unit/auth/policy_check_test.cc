#include "common/auth/policy_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "tests/unit/auth/described.h"

namespace chanyan::auth {
namespace {

constexpr char kService[] = R"pb(
  message_type {
    name: "R"
    field { name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "names" number: 2 type: TYPE_STRING label: LABEL_REPEATED }
    field { name: "inner" number: 3 type: TYPE_MESSAGE type_name: "R" label: LABEL_OPTIONAL }
  }
  message_type {
    name: "W"
    field { name: "request_id" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  }
  service {
    name: "S"
    method { name: "M" input_type: "$0" output_type: "R" options { $1 } }
  }
)pb";

constexpr char kResource[] = R"pb(
  message_type {
    name: "Thing"
    field {
      name: "name"
      number: 1
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "名称" }
      }
    }
    field {
      name: "etag"
      number: 2
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "版本" }
      }
    }
    field {
      name: "create_time"
      number: 3
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "建" }
      }
    }
    field {
      name: "update_time"
      number: 4
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { $1 }
      }
    }
    options {
      [chanyan.options.v1.resource] { $0 }
    }
  }
)pb";

void ExpectProblem(const std::string& text, const std::string& problem) {
  const Described file(text);
  const std::vector<std::string> problems = PolicyProblems(file.file());
  EXPECT_TRUE(std::any_of(problems.begin(), problems.end(),
                          [&](const std::string& p) { return absl::StrContains(p, problem); }))
      << text << "\nshould say: " << problem << "\nsays: " << absl::StrJoin(problems, "\n");
}

std::string Method(const std::string& request, const std::string& options) {
  return absl::Substitute(kService, request, options);
}
std::string Resource(const std::string& resource, const std::string& field = "label: '改'") {
  return absl::Substitute(kResource, resource, field);
}

TEST(PolicyCheckTest, MethodsThatLeaveSomethingOpenDoNotBuild) {
  ExpectProblem(Method("R", ""), "chanyan.sample.v1.S.M: has no (chanyan.options.v1.method)");
  ExpectProblem(Method("R", "[chanyan.options.v1.method] { label: '看' }"), "names no role");
  ExpectProblem(Method("R", "[chanyan.options.v1.method] { roles: ROLE_UNSPECIFIED label: '看' }"),
                "a role that does not exist");
  ExpectProblem(Method("R", "[chanyan.options.v1.method] { roles: ROLE_PUBLIC }"), "has no label");
  const std::string policy =
      "[chanyan.options.v1.method] { roles: ROLE_UNIT label: '改' $0 } "
      "[google.api.http] { $1 }";
  const struct {
    const char* request;
    const char* mutates;
    const char* http;
    const char* problem;
  } kTable[] = {
      {"W", "", "post: '/v1/m' body: '*'", "say mutates: true"},
      {"W", "mutates: true", "get: '/v1/m'", "get must not change"},
      {"R", "mutates: true", "post: '/v1/m' body: '*'", "string request_id"},
      {"W", "mutates: true", "post: '/v1/m'", "needs a body"},
      {"R", "", "get: '/v1/m' body: '*'", "must have no body"},
      {"W", "mutates: true", "post: '/v1/m' body: 'nothing'", "no field of"},
      {"R", "", "get: 'v1/m'", "must begin with /"},
      {"R", "", "get: '/v1/{name=things/*'", "'{' without '}'"},
      {"R", "", "get: '/v1/{nothing}'", "no single field"},
      {"R", "", "get: '/v1/{names}'", "no single field"},
      {"R", "", "get: '/v1/{inner}'", "no single field"},
      {"R", "", "get: '/v1/{name=things/**/?}'", "template that cannot be read"},
      {"R", "", "get: '/v1//m'", "path cannot be read"},
      {"R", "", "get: '/v1/m:'", "verb after ':'"},
      {"R", "", "custom { kind: 'HEAD' path: '/v1/m' }", "needs get, post"},
      {"R", "", "get: '/v1/m' additional_bindings { get: '/v1/{nothing}' }", "no single field"},
  };
  for (const auto& row : kTable) {
    ExpectProblem(Method(row.request, absl::Substitute(policy, row.mutates, row.http)),
                  row.problem);
  }
}

TEST(PolicyCheckTest, ResourcesThatLeaveSomethingOpenDoNotBuild) {
  const std::string good = "label: '物' table: 'thing' ";
  ExpectProblem(Resource(good), "no grants");
  ExpectProblem(Resource("label: '物' grants { roles: ROLE_UNIT access: ACCESS_READ }"),
                "without a table");
  ExpectProblem(Resource(good + "grants { access: ACCESS_READ }"), "names no role");
  ExpectProblem(Resource(good + "grants { roles: ROLE_UNIT }"), "has no access");
  ExpectProblem(Resource(good + "grants { roles: ROLE_UNIT access: ACCESS_READ owner: 'unit' }"),
                "没有文本字段“unit”");
  ExpectProblem(
      Resource(good + "grants { roles: ROLE_UNIT access: ACCESS_READ where: 'state = NEW' }"),
      "没有字段“state”");
  ExpectProblem(Resource(good + "grants { roles: ROLE_AUDITOR access: ACCESS_READ }"), "IDN-1");
  ExpectProblem(Resource(good + "grants { roles: ROLE_UNIT access: ACCESS_READ }", ""),
                "chanyan.sample.v1.Thing.update_time: is a field of a resource without label");
  const Described fine(Resource(good + "grants { roles: ROLE_UNIT access: ACCESS_READ }"));
  EXPECT_TRUE(PolicyProblems(fine.file()).empty());
}

TEST(PolicyCheckTest, EveryLinkedProtoMayBeBuilt) {
  const auto files = LinkedFiles();
  EXPECT_GE(files.size(), 4u);
  for (const auto* file : files) {
    EXPECT_EQ(absl::StrJoin(PolicyProblems(file), "\n"), "") << file->name();
  }
}

}  // namespace
}  // namespace chanyan::auth
