#include "common/auth/scope.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/auth/condition.h"
#include "common/status/status.h"
#include "tests/unit/auth/described.h"

namespace chanyan::auth {
namespace {

using options::v1::ACCESS_READ;
using options::v1::ACCESS_WRITE;

constexpr char kFile[] = R"pb(
  enum_type {
    name: "State"
    value { name: "STATE_UNSPECIFIED" number: 0 }
    value { name: "STATE_DRAFT" number: 1 }
    value { name: "STATE_PUBLISHED" number: 2 }
  }
  message_type {
    name: "Paper"
    field { name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "organization" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "partners" number: 3 type: TYPE_STRING label: LABEL_REPEATED }
    field {
      name: "state"
      number: 4
      type: TYPE_ENUM
      type_name: ".chanyan.sample.v1.State"
      label: LABEL_OPTIONAL
    }
    field { name: "secret" number: 5 type: TYPE_BOOL label: LABEL_OPTIONAL }
    field { name: "level" number: 6 type: TYPE_INT32 label: LABEL_OPTIONAL }
    field { name: "ratio" number: 7 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
    options {
      [chanyan.options.v1.resource] {
        table: "paper"
        grants {
          roles: ROLE_PUBLIC
          access: ACCESS_READ
          where: "state = PUBLISHED AND secret = false"
        }
        grants { roles: ROLE_ENTERPRISE access: ACCESS_READ owner: "partners" }
        grants { roles: ROLE_RESEARCH_OFFICE access: ACCESS_WRITE owner: "organization" }
        grants { roles: ROLE_SECRETARIAT access: ACCESS_WRITE }
        grants { roles: ROLE_EXPERT access: ACCESS_READ where: "no_such_field = 1" }
        grants { roles: ROLE_BROKER }
      }
    }
  }
)pb";

class ScopeTest : public testing::Test {
 protected:
  static Described& file() {
    static Described* const described = new Described(kFile);
    return *described;
  }
  static Principal As(Role role, const std::string& organization = "organizations/a") {
    Principal principal;
    principal.account = "accounts/x";
    principal.organization = organization;
    principal.roles = {role};
    return principal;
  }
  static bool Reach(const Principal& principal, const std::string& row,
                    options::v1::Access access = ACCESS_READ) {
    return Reaches(principal, *file().New("Paper", row), access);
  }
  static std::string Sql(const Principal& principal, options::v1::Access access = ACCESS_READ) {
    return RowScope(principal, file().message("Paper"), access).sql;
  }
};

TEST_F(ScopeTest, WhatIsNotGrantedIsNotReached) {
  for (const Role role :
       {options::v1::ROLE_ADMINISTRATOR, options::v1::ROLE_AUDITOR, options::v1::ROLE_LEADER,
        options::v1::ROLE_BROKER, options::v1::ROLE_EXPERT}) {
    EXPECT_FALSE(Reach(As(role), "state: STATE_DRAFT")) << role;
    EXPECT_EQ(Sql(As(role), ACCESS_WRITE), "0") << role;
  }
  EXPECT_FALSE(Reach(Principal(), "state: STATE_DRAFT"));
}

TEST_F(ScopeTest, PublicGrantCoversEverybodyWithinItsCondition) {
  EXPECT_TRUE(Reach(Principal(), "state: STATE_PUBLISHED"));
  EXPECT_FALSE(Reach(Principal(), "state: STATE_PUBLISHED secret: true"));
  EXPECT_TRUE(Reach(As(options::v1::ROLE_LEADER), "state: STATE_PUBLISHED"));
  EXPECT_FALSE(Reach(Principal(), "state: STATE_PUBLISHED", ACCESS_WRITE));
}

TEST_F(ScopeTest, OwnersReachTheirOwnAlone) {
  const Principal office = As(options::v1::ROLE_RESEARCH_OFFICE);
  EXPECT_TRUE(Reach(office, "organization: 'organizations/a'", ACCESS_WRITE));
  EXPECT_TRUE(Reach(office, "organization: 'organizations/a'"));
  EXPECT_FALSE(Reach(office, "organization: 'organizations/ab'"));
  EXPECT_FALSE(Reach(office, "organization: 'Organizations/a'"));
  EXPECT_FALSE(Reach(office, ""));
  const Principal firm = As(options::v1::ROLE_ENTERPRISE);
  EXPECT_TRUE(Reach(firm, "partners: 'organizations/b' partners: 'organizations/a'"));
  EXPECT_FALSE(Reach(firm, "partners: 'organizations/b'"));
  EXPECT_FALSE(Reach(firm, "partners: 'organizations/a'", ACCESS_WRITE));
}

TEST_F(ScopeTest, WhatPredecessorsLeftIsReadAndNotChanged) {
  Principal office = As(options::v1::ROLE_RESEARCH_OFFICE);
  office.predecessors = {"organizations/b", "organizations/c"};
  EXPECT_TRUE(Reach(office, "organization: 'organizations/a'", ACCESS_WRITE));
  for (const char* row : {"organization: 'organizations/b'", "organization: 'organizations/c'"}) {
    EXPECT_TRUE(Reach(office, row)) << row;
    EXPECT_FALSE(Reach(office, row, ACCESS_WRITE)) << row;
  }
  EXPECT_FALSE(Reach(office, "organization: 'organizations/d'"));
  const db::Predicate read = RowScope(office, file().message("Paper"), ACCESS_READ);
  // State and secrecy of the public grant, and the three owners.
  EXPECT_EQ(read.params.size(), 5u) << read.sql;
  EXPECT_EQ(RowScope(office, file().message("Paper"), ACCESS_WRITE).params.size(), 1u);
  Principal firm = As(options::v1::ROLE_ENTERPRISE);
  firm.predecessors = {"organizations/b"};
  EXPECT_TRUE(Reach(firm, "partners: 'organizations/b'")) << "a repeated field too";
  // Without an organization there is nobody to succeed.
  Principal nobody = As(options::v1::ROLE_RESEARCH_OFFICE, "");
  nobody.predecessors = {"organizations/b"};
  EXPECT_FALSE(Reach(nobody, "organization: 'organizations/b'"));
}

TEST_F(ScopeTest, WithoutOrganizationNothingIsOnesOwn) {
  const Principal nobody = As(options::v1::ROLE_RESEARCH_OFFICE, "");
  EXPECT_FALSE(Reach(nobody, "organization: ''", ACCESS_WRITE));
  EXPECT_EQ(Sql(nobody, ACCESS_WRITE), "0");
}

TEST_F(ScopeTest, GrantsAreAlternativesAndOneForAllRowsWins) {
  EXPECT_EQ(Sql(As(options::v1::ROLE_SECRETARIAT)), "1");
  Principal both = As(options::v1::ROLE_RESEARCH_OFFICE);
  both.roles.push_back(options::v1::ROLE_ENTERPRISE);
  const db::Predicate scope = RowScope(both, file().message("Paper"), ACCESS_READ);
  EXPECT_TRUE(absl::StrContains(scope.sql, " OR ")) << scope.sql;
  EXPECT_EQ(scope.params.size(), 4u) << scope.sql;
  // The caller's organization is bound, never written into the text.
  EXPECT_FALSE(absl::StrContains(scope.sql, "organizations/a")) << scope.sql;
}

TEST_F(ScopeTest, OrBindsTighterThanAndAsInAip160) {
  const auto* paper = file().message("Paper");
  const auto condition =
      Condition::Parse(paper, "state = DRAFT OR state = PUBLISHED AND NOT (level >= 3)");
  ASSERT_TRUE(condition.ok()) << condition.status();
  EXPECT_TRUE(condition->Holds(*file().New("Paper", "state: STATE_DRAFT level: 2")));
  EXPECT_FALSE(condition->Holds(*file().New("Paper", "state: STATE_DRAFT level: 3")));
  EXPECT_FALSE(condition->Holds(*file().New("Paper", "level: 2")));
}

TEST_F(ScopeTest, ConditionsThatCannotBeReadSayWhere) {
  const auto* paper = file().message("Paper");
  for (const char* text : {"",
                           "state",
                           "state =",
                           "state = NOPE",
                           "state = 2",
                           "color = RED",
                           "secret = 1",
                           "secret > true",
                           "name > \"a\"",
                           "level = x",
                           "ratio = 1",
                           "partners = \"a\"",
                           "state : DRAFT",
                           "(state = DRAFT",
                           "state = DRAFT)",
                           "state = DRAFT state = DRAFT",
                           "NOT",
                           "state = DRAFT AND",
                           "name = \"open",
                           "1 = 1 OR 1 = 1"}) {
    const auto condition = Condition::Parse(paper, text);
    ASSERT_FALSE(condition.ok()) << text;
    EXPECT_EQ(status::ReasonOf(condition.status()), options::v1::ERROR_REASON_INVALID_FILTER);
    EXPECT_EQ(status::ViolationsOf(condition.status()).size(), 1u) << text;
  }
  EXPECT_FALSE(Condition::Parse(paper, std::string(100, '(') + "level = 1").ok());
}

TEST(CheckMethodTest, TheSignedOutAreAskedToSignInAndOthersRefused) {
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "chanyan.identity.v1.IdentityService");
  ASSERT_NE(service, nullptr);
  Principal enterprise;
  enterprise.account = "accounts/x";
  enterprise.roles = {options::v1::ROLE_ENTERPRISE};
  const auto* create = service->FindMethodByName("CreateAccount");
  EXPECT_EQ(CheckMethod(Principal(), create).code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(CheckMethod(enterprise, create).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(CheckMethod(enterprise, service->FindMethodByName("GetMe")).ok());
  EXPECT_TRUE(CheckMethod(Principal(), service->FindMethodByName("SignIn")).ok());
}

TEST(CheckMethodTest, AMethodWithoutPolicyIsForNobody) {
  Described file(R"pb(
    message_type { name: "R" }
    service {
      name: "S"
      method { name: "M" input_type: "R" output_type: "R" }
    }
  )pb");
  Principal all;
  all.account = "accounts/x";
  for (int role = 1; role <= options::v1::Role_MAX; ++role) {
    all.roles.push_back(static_cast<Role>(role));
  }
  const auto* method = file.file()->service(0)->method(0);
  EXPECT_EQ(CheckMethod(all, method).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(CheckMethod(Principal(), method).code(), absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace chanyan::auth
