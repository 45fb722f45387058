// The second of two editors: what he is told, and what he is not.
#include "common/rpc/stale.h"

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/journal/v1/changes.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::rpc {
namespace {

using journal::v1::Changes;
using pairing::v1::Project;
using registry::v1::Organization;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kUpdateProject[] = "chanyan.pairing.v1.PairingService.UpdateProject";
constexpr char kUpdateOrganization[] = "chanyan.registry.v1.RegistryService.UpdateOrganization";

class StillClock final : public time::Clock {
 public:
  absl::Time Now() const override { return now; }
  // 2025-04-01 09:00 in China.
  absl::Time now = absl::FromUnixSeconds(1'743'469'200);
};

class StaleTest : public ::testing::Test {
 protected:
  static Call As(options::v1::Role role, const std::string& organization,
                 const std::string& account, const char* method) {
    Call call;
    call.principal.account = absl::StrCat("accounts/", account);
    call.principal.organization = organization;
    call.principal.roles = {role};
    call.method =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(std::string(method));
    return call;
  }
  static Call University(const std::string& account, const char* method = kUpdateProject) {
    return As(options::v1::ROLE_RESEARCH_OFFICE, "organizations/ouc", account, method);
  }
  static Call Company(const std::string& account = "qian") {
    return As(options::v1::ROLE_ENTERPRISE, "organizations/e1", account, kUpdateProject);
  }

  // Each service has a schema of its own.
  template <class T>
  db::Database& DatabaseOf(const db::Table<T>&) {
    if constexpr (std::is_same_v<T, Organization>) return registry_.db();
    return database_.db();
  }

  template <class T>
  T Insert(const db::Table<T>& table, T row) {
    const absl::Status status =
        DatabaseOf(table).Transact([&](db::Session& session) -> absl::Status {
          T copy = row;
          CHANYAN_RETURN_IF_ERROR(table.Insert(session, clock_.now, &copy));
          CHANYAN_RETURN_IF_ERROR(
              journal::Append(session, clock_.now, {}, "created", nullptr, &copy));
          row = copy;
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return row;
  }
  template <class T, class Request>
  absl::StatusOr<T> Change(const Call& call, const db::Table<T>& table, const Request& request,
                           const T& read, absl::FunctionRef<void(T&)> edit) {
    clock_.now += absl::Minutes(1);
    const StoreDeps deps{DatabaseOf(table), clock_, nullptr};
    return Edit<T>(deps, call, request, table, read.name(), read.etag(), "updated",
                   [&](rpc::Change&, T& row) {
                     edit(row);
                     return absl::OkStatus();
                   });
  }
  absl::StatusOr<Project> Change(const Call& call, const Project& read,
                                 absl::FunctionRef<void(Project&)> edit) {
    return Change<Project>(call, projects_, pairing::v1::UpdateProjectRequest(), read, edit);
  }
  static Project NewProject() {
    Project project;
    project.set_name("projects/j1");
    project.set_platform("organizations/ouc/platforms/lab");
    project.set_university("organizations/ouc");
    project.set_enterprise("organizations/e1");
    project.set_unit("organizations/zone");
    project.set_title("共建中试线（演示）");
    project.set_content("原内容");
    project.set_state(pairing::v1::PROJECT_STATE_INTENT);
    return project;
  }
  static std::vector<std::string> Fields(const Changes& changes) {
    std::vector<std::string> fields;
    for (const auto& field : changes.fields()) fields.push_back(field.field());
    return fields;
  }
  static Changes Told(const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << status;
    EXPECT_EQ(status::ReasonOf(status), options::v1::ERROR_REASON_STALE_ETAG);
    Changes changes;
    status::GetDetail(status, changes);
    return changes;
  }

  StillClock clock_;
  testing::TestDatabase database_{{"common:common/db/migrations",
                                   "journal:common/journal/migrations",
                                   "pairing:services/pairing/migrations"}};
  testing::TestDatabase registry_{{"common:common/db/migrations",
                                   "journal:common/journal/migrations",
                                   "registry:services/registry/migrations"}};
  const db::Table<Project> projects_;
  const db::Table<Organization> organizations_;
};

TEST_F(StaleTest, TheSecondIsToldWhatTheFirstOneChanged) {
  const Project read = Insert(projects_, NewProject());
  ASSERT_TRUE(Change(Company(), read, [](Project& row) {
                row.set_content("新内容");
                row.add_kinds("技术研发");
              }).ok());
  const absl::Time changed_at = clock_.now;
  const auto second = Change(University("li"), read, [](Project& row) { row.set_title("改名"); });
  const Changes changes = Told(second.status());
  EXPECT_EQ(changes.resource(), "projects/j1");
  EXPECT_TRUE(changes.complete());
  ASSERT_THAT(Fields(changes), ElementsAre("kinds", "content"));
  const auto& content = changes.fields(1);
  EXPECT_EQ(content.label(), "项目内容");
  EXPECT_EQ(content.label_en(), "Content");
  EXPECT_EQ(content.before(), "原内容");
  EXPECT_EQ(content.after(), "新内容");
  EXPECT_EQ(content.kind(), "updated");
  EXPECT_EQ(content.organization(), "organizations/e1");
  EXPECT_EQ(content.actor(), "") << "another organization's account is not told";
  EXPECT_EQ(google::protobuf::util::TimeUtil::TimestampToMicroseconds(content.time()),
            absl::ToUnixMicros(changed_at));
  const std::string message(second.status().message());
  EXPECT_THAT(message, HasSubstr("“项目内容”（organizations/e1，04月01日09:01）"));
  EXPECT_THAT(message, HasSubstr("请刷新后在最新内容上重新操作"));
  EXPECT_THAT(message, Not(HasSubstr("qian")));
}

TEST_F(StaleTest, EachFieldHasItsOwnLastChangeAndColleaguesAreNamed) {
  const Project read = Insert(projects_, NewProject());
  auto row = Change(University("wang"), read, [](Project& row) { row.set_content("一"); });
  row = Change(Company(), *row, [](Project& row) { row.set_title("新名"); });
  row = Change(University("li"), *row, [](Project& row) { row.set_progress("到位"); });
  const Changes changes = Told(Change(University("li"), read, [](Project&) {}).status());
  ASSERT_THAT(Fields(changes), ElementsAre("title", "content", "progress"));
  EXPECT_EQ(changes.fields(0).actor(), "");
  EXPECT_EQ(changes.fields(1).actor(), "accounts/wang");
  EXPECT_EQ(changes.fields(2).actor(), "accounts/li") << "one's own, in another window";
}

TEST_F(StaleTest, WhatIsAsItWasIsNoChange) {
  const Project read = Insert(projects_, NewProject());
  const auto there = Change(Company(), read, [](Project& row) { row.set_content("新"); });
  ASSERT_TRUE(Change(Company(), *there, [](Project& row) { row.set_content("原内容"); }).ok());
  // The etag is old, and there is nothing to tell.
  const auto second = Change(University("li"), read, [](Project&) {});
  EXPECT_EQ(Told(second.status()).fields_size(), 0);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("已被他人修改"));
}

TEST_F(StaleTest, AnEtagOfNobodyIsAPlainRefusal) {
  Project read = Insert(projects_, NewProject());
  const Project other = read;
  read.set_etag("AAAA");
  EXPECT_EQ(Told(Change(University("li"), read, [](Project&) {}).status()).fields_size(), 0);
  EXPECT_TRUE(Change(University("li"), other, [](Project&) {}).ok());
}

TEST_F(StaleTest, StatesThatTheCallerCouldNotSeeStayHidden) {
  const Project read = Insert(projects_, NewProject());
  const auto moved = Change(University("li"), read, [](Project& row) {
    row.set_unit("organizations/town");
    row.set_content("新内容");
  });
  ASSERT_TRUE(moved.ok()) << moved.status();
  // The town may write it now, and could not see it as it was: an etag can be guessed.
  const Call town = As(options::v1::ROLE_UNIT, "organizations/town", "zhao", kUpdateProject);
  const auto second = Change(town, read, [](Project&) {});
  EXPECT_EQ(Told(second.status()).fields_size(), 0);
  EXPECT_THAT(std::string(second.status().message()), Not(HasSubstr("项目内容")));
}

TEST_F(StaleTest, WhereTheMethodDoesNotAnswerWithTheResourceNoValuesAreTold) {
  const Project read = Insert(projects_, NewProject());
  ASSERT_TRUE(Change(Company(), read, [](Project& row) { row.set_content("新内容"); }).ok());
  const Call call = As(options::v1::ROLE_RESEARCH_OFFICE, "organizations/ouc", "li",
                       "chanyan.pairing.v1.PairingService.RecordReports");
  const Changes changes = Told(Change(call, read, [](Project&) {}).status());
  ASSERT_THAT(Fields(changes), ElementsAre("content"));
  EXPECT_EQ(changes.fields(0).before(), "");
  EXPECT_EQ(changes.fields(0).after(), "");
}

TEST_F(StaleTest, PersonalDataIsNotTold) {
  Organization university;
  university.set_name("organizations/ouc");
  university.set_display_name("海洋大学（演示）");
  university.set_kind(registry::v1::ORGANIZATION_KIND_UNIVERSITY);
  university.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
  university.add_contacts()->set_phone("13812345678");
  const Organization read = Insert(organizations_, university);
  const auto edit = [&](absl::FunctionRef<void(Organization&)> change) {
    return Change<Organization>(University("li", kUpdateOrganization), organizations_,
                                registry::v1::UpdateOrganizationRequest(), read, change);
  };
  ASSERT_TRUE(edit([](Organization& row) {
                row.mutable_contacts(0)->set_phone("13987654321");
                row.set_zone("古镇口");
              }).ok());
  const absl::Status second = edit([](Organization&) {}).status();
  const Changes changes = Told(second);
  EXPECT_THAT(Fields(changes), ElementsAre("zone"));
  for (const char* phone : {"13812345678", "13987654321", "1398", "4321"}) {
    EXPECT_THAT(changes.DebugString(), Not(HasSubstr(phone)));
    EXPECT_THAT(std::string(second.message()), Not(HasSubstr(phone)));
  }
}

TEST_F(StaleTest, AVersionFarBackIsToldOfTheLatestChangesOnly) {
  const Project read = Insert(projects_, NewProject());
  Project row = *Change(Company(), read, [](Project& row) { row.set_title("早先改名"); });
  for (int i = 0; i < kMaxChangesLooked; ++i) {
    row = *Change(Company(), row, [i](Project& row) { row.set_content(absl::StrCat("内容", i)); });
  }
  const Changes changes = Told(Change(University("li"), read, [](Project&) {}).status());
  EXPECT_FALSE(changes.complete());
  EXPECT_THAT(Fields(changes), ElementsAre("content"));
}

TEST_F(StaleTest, ALongValueIsShortened) {
  const Project read = Insert(projects_, NewProject());
  std::string text;
  for (size_t i = 0; i < 2 * kMaxChangedValueChars; ++i) text += "长";
  ASSERT_TRUE(Change(Company(), read, [&](Project& row) { row.set_content(text); }).ok());
  const Changes changes = Told(Change(University("li"), read, [](Project&) {}).status());
  ASSERT_EQ(changes.fields_size(), 1);
  EXPECT_EQ(changes.fields(0).after().size(), 3 * kMaxChangedValueChars);
}

}  // namespace
}  // namespace chanyan::rpc
