// Organizations on the real database, with a clock that the test moves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tests/service/registry/registry_fixture.h"
#include "tests/support/service_test.h"

namespace chanyan::registry {
namespace {

using options::v1::ERROR_REASON_REQUEST_ID_REUSED;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST_F(RegistryTest, ATakenCodeNamesItsHolder) {
  Enterprise(1);
  const auto second =
      Create(NewOrganization("other", "别的企业（演示）", v1::ORGANIZATION_KIND_ENTERPRISE, 1));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kAlreadyExists) << second.status();
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("organizations/e1"));
  Enterprise(2);
  v1::Organization update = Stored("organizations/e2");
  update.set_unified_social_credit_code(testing::CreditCode(1));
  EXPECT_EQ(Update(Secretariat("UpdateOrganization"), update, {"unified_social_credit_code"})
                .status()
                .code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(RegistryTest, OfEightAtOnceOneGetsTheCode) {
  std::vector<absl::Status> results(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      results[i] = Create(NewOrganization(absl::StrCat("x", i), absl::StrCat("企业", i, "（演示）"),
                                          v1::ORGANIZATION_KIND_ENTERPRISE, 1))
                       .status();
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string holder =
      testing::Texts(database_.db(), "SELECT name FROM organization WHERE kind = 'ENTERPRISE'")
          .at(0);
  int made = 0;
  for (const absl::Status& result : results) {
    made += result.ok();
    if (result.ok()) continue;
    EXPECT_EQ(result.code(), absl::StatusCode::kAlreadyExists) << result;
    EXPECT_THAT(std::string(result.message()), HasSubstr(holder));
  }
  EXPECT_EQ(made, 1);
}

TEST_F(RegistryTest, OfReadsThatMeetEachGetsWhatItWouldAlone) {
  const std::string good = Enterprise(1).name();
  const std::string broken = Enterprise(2).name();
  ASSERT_TRUE(database_.db()
                  .Transact([&](db::Session& session) {
                    return session
                        .Execute("UPDATE organization SET state = 'NONSENSE' WHERE name = ?",
                                 {broken})
                        .status();
                  })
                  .ok());
  const auto methods = service_.Methods();
  const auto get = std::find_if(methods.begin(), methods.end(), [](const rpc::UnaryMethod& one) {
    return one.name == "GetOrganization";
  });
  ASSERT_NE(get, methods.end());
  const rpc::Call call = Secretariat("GetOrganization");
  const std::vector<std::string> names = {good, broken, "organizations/none", good};
  std::vector<v1::GetOrganizationRequest> requests(names.size());
  std::vector<grpc::ByteBuffer> replies(names.size());
  const auto meet = [&](std::vector<size_t> which) {
    std::vector<rpc::Asked> all;
    for (size_t i : which) {
      requests[i].set_name(names[i]);
      replies[i].Clear();
      all.push_back({call, requests[i], &replies[i], absl::OkStatus()});
    }
    get->answer_together(absl::MakeSpan(all));
    std::vector<absl::StatusCode> codes;
    for (const rpc::Asked& asked : all) codes.push_back(asked.status.code());
    return codes;
  };
  using Code = absl::StatusCode;
  EXPECT_THAT(meet({0, 2, 3}), ElementsAre(Code::kOk, Code::kNotFound, Code::kOk));
  v1::Organization read;
  ASSERT_TRUE(rpc::Parse(&replies[3], &read).ok());
  EXPECT_EQ(read.name(), good);
  // A row that nobody can read is the fault of nobody else.
  EXPECT_THAT(meet({0, 1, 2}), ElementsAre(Code::kOk, Code::kInternal, Code::kNotFound));
}

TEST_F(RegistryTest, OfCreatesThatMeetWhoNeedsNothingOfTheOthersIsMadeWithThem) {
  const auto methods = service_.Methods();
  const auto create = std::find_if(methods.begin(), methods.end(), [](const rpc::UnaryMethod& one) {
    return one.name == "CreateOrganization";
  });
  ASSERT_NE(create, methods.end());
  const rpc::Call call = Secretariat("CreateOrganization");
  const auto of = [](int number, const std::string& unit) {
    auto request =
        NewOrganization(absl::StrCat("e", number), absl::StrCat("企业", number, "（演示）"),
                        v1::ORGANIZATION_KIND_ENTERPRISE, number);
    request.mutable_organization()->set_unit(unit);
    return request;
  };
  const std::vector<v1::CreateOrganizationRequest> requests = {
      of(11, ""), of(12, "organizations/ouc"), of(13, "")};
  std::vector<grpc::ByteBuffer> replies(requests.size());
  std::vector<rpc::Asked> all;
  for (size_t i = 0; i < requests.size(); ++i) {
    all.push_back({call, requests[i], &replies[i], absl::OkStatus()});
  }
  create->answer_together(absl::MakeSpan(all));
  for (const size_t i : {0, 2}) {
    ASSERT_TRUE(all[i].status.ok()) << all[i].status;
    v1::Organization made;
    ASSERT_TRUE(rpc::Parse(&replies[i], &made).ok());
    const auto read = Get(call, made.name());
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->SerializeAsString(), made.SerializeAsString());
  }
  // Whose unit must be looked up is answered by itself, where all that is wrong is said.
  ASSERT_TRUE(all[1].alone);
  const absl::Status refused = create->answer(call, requests[1], &replies[1]);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(PlacesOf(refused), HasSubstr("organization.unit|"));
}

TEST_F(RegistryTest, ABadOrganizationIsRefusedWithAllThatIsWrong) {
  auto request = NewOrganization("bad", "企业（演示）", v1::ORGANIZATION_KIND_ENTERPRISE);
  request.mutable_organization()->set_unit("organizations/ouc");
  request.mutable_organization()->set_parent("organizations/nowhere");
  request.mutable_organization()->add_industries("炼金");
  const auto made = Create(request);
  EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string places = PlacesOf(made.status());
  EXPECT_THAT(places, HasSubstr("organization.unified_social_credit_code|"));
  EXPECT_THAT(places, HasSubstr("organization.unit|“海洋大学（演示）”不是大功能区"));
  EXPECT_THAT(places, HasSubstr("organization.parent|"));
  EXPECT_THAT(places, HasSubstr("organization.industries[0]|"));
  EXPECT_EQ(Count("organization"), 4);
}

TEST_F(RegistryTest, ValidateOnlyChangesNothing) {
  auto request = NewOrganization("x", "新区（演示）", v1::ORGANIZATION_KIND_TOWN);
  request.set_validate_only(true);
  EXPECT_TRUE(Create(request).ok());
  EXPECT_EQ(Count("organization"), 4);
  EXPECT_EQ(Count("journal"), 4);
}

TEST_F(RegistryTest, ARenameKeepsTheFormerName) {
  v1::Organization row = Stored(kZone);
  row.set_display_name("古镇口核心区（演示）");
  ASSERT_TRUE(Update(Secretariat("UpdateOrganization"), row, {"display_name"}).ok());
  const v1::Organization after = Stored(kZone);
  EXPECT_EQ(after.display_name(), "古镇口核心区（演示）");
  ASSERT_EQ(after.former_names_size(), 1);
  EXPECT_EQ(after.former_names(0).display_name(), "古镇口（演示）");
  EXPECT_EQ(after.former_names(0).until().day(), 31) << "clock is at 1 April";
}

TEST_F(RegistryTest, AStaleEtagIsRefused) {
  v1::Organization row = Stored(kZone);
  row.set_zone("古镇口");
  ASSERT_TRUE(Update(Secretariat("UpdateOrganization"), row, {"zone"}).ok());
  row.set_zone("泊里镇");
  EXPECT_EQ(Update(Secretariat("UpdateOrganization"), row, {"zone"}).status().code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(Stored(kZone).zone(), "古镇口");
}

TEST_F(RegistryTest, AZoneIsOneOfThePacksAndOneThatItGaveUpStopsNothing) {
  v1::Organization row = Enterprise(1, kZone);
  row.set_zone("古镇囗");
  row.set_region_code("370299");
  row.clear_etag();
  const auto wrong = Update(Secretariat("UpdateOrganization"), row, {"zone", "region_code"});
  EXPECT_EQ(status::ReasonOf(wrong.status()), options::v1::ERROR_REASON_INVALID_FIELD);
  EXPECT_THAT(PlacesOf(wrong.status()),
              ::testing::AllOf(HasSubstr("organization.zone|“古镇囗”不是本市的功能区、街道或镇，"
                                         "最接近的是“古镇口”"),
                               HasSubstr("organization.region_code|行政区划代码 370299 不是")));
  row.set_zone("海洋科教创新区");
  row.set_region_code("370211");
  const auto moved = Update(Secretariat("UpdateOrganization"), row, {"zone", "region_code"});
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->zone(), "古镇口");
  auto request = NewOrganization("lost", "无名单位（演示）", v1::ORGANIZATION_KIND_TOWN);
  request.mutable_organization()->set_zone("无名镇");
  EXPECT_THAT(PlacesOf(Create(request).status()), HasSubstr("organization.zone|"));

  database_.Apply(
      absl::StrCat("UPDATE organization SET zone = '旧功能区' WHERE name = '", row.name(), "'"));
  v1::Organization stored = Stored(row.name());
  stored.clear_etag();
  stored.add_contacts()->set_person("孙某");
  const auto other = Update(Secretariat("UpdateOrganization"), stored, {"contacts"});
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->zone(), "旧功能区");
}

TEST_F(RegistryTest, OnlyTheKeepersOfTheDirectoryMoveAnEnterprise) {
  v1::Organization row = Enterprise(1, kZone);
  row.set_unit("organizations/town");
  row.clear_etag();
  const auto own = As(options::v1::ROLE_ENTERPRISE, row.name(), "UpdateOrganization");
  EXPECT_EQ(Update(own, row, {"unit"}).status().code(), absl::StatusCode::kPermissionDenied);
  row.set_zone("古镇口");
  EXPECT_TRUE(Update(own, row, {"zone"}).ok()) << "its own data it may change";
  EXPECT_EQ(Update(As(options::v1::ROLE_UNIT, kZone, "UpdateOrganization"), row, {"unit"})
                .status()
                .code(),
            absl::StatusCode::kNotFound)
      << "a unit reads its enterprises and writes none";
  EXPECT_TRUE(Update(Secretariat("UpdateOrganization"), row, {"unit"}).ok());
  EXPECT_EQ(Stored(row.name()).unit(), "organizations/town");
  row.set_kind(v1::ORGANIZATION_KIND_UNIVERSITY);
  EXPECT_EQ(Update(Secretariat("UpdateOrganization"), row, {"kind"}).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "the kind is immutable";
}

TEST_F(RegistryTest, ARequestIsDoneOnceAndItsIdServesNoOther) {
  const auto request = NewOrganization("x", "新区（演示）", v1::ORGANIZATION_KIND_TOWN);
  const auto first = Create(request);
  const auto again = Create(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  auto other = NewOrganization("y", "另一区（演示）", v1::ORGANIZATION_KIND_TOWN);
  other.set_request_id(request.request_id());
  EXPECT_EQ(status::ReasonOf(Create(other).status()), ERROR_REASON_REQUEST_ID_REUSED);
}

TEST_F(RegistryTest, ASuspendedOrganizationKeepsItsRecordsAndBeginsNothing) {
  const std::string draft = Platform("lab").name();
  const std::string reviewed = In(v1::PLATFORM_STATE_IN_REVIEW, "reviewed").name();
  auto suspend = Named<v1::SuspendOrganizationRequest>(kOuc);
  suspend.set_reason("合并");
  ASSERT_TRUE(service_.SuspendOrganization(Secretariat("SuspendOrganization"), suspend).ok());
  EXPECT_EQ(Stored(kOuc).state(), v1::ORGANIZATION_STATE_SUSPENDED);
  EXPECT_FALSE(Do("submit", draft).ok());
  EXPECT_FALSE(Do("publish", reviewed).ok());
  EXPECT_TRUE(GetPlatform(Secretariat("GetPlatform"), draft).ok());
  ASSERT_TRUE(service_
                  .ResumeOrganization(Secretariat("ResumeOrganization"),
                                      Named<v1::ResumeOrganizationRequest>(kOuc))
                  .ok());
  EXPECT_TRUE(Do("submit", draft).ok());
  EXPECT_THAT(testing::Texts(database_.db(), "SELECT kind FROM journal ORDER BY id"),
              Contains("suspended"));
}

TEST_F(RegistryTest, EveryRoleSeesItsOwnRows) {
  Enterprise(1, kZone);
  Enterprise(2, "organizations/town");
  EXPECT_EQ(Visible(Secretariat("ListOrganizations")).size(), 6u);
  EXPECT_THAT(Visible(As(options::v1::ROLE_ENTERPRISE, "organizations/e1", "ListOrganizations")),
              UnorderedElementsAre("organizations/e1", "organizations/ouc", "organizations/upc",
                                   "organizations/zone", "organizations/town"));
  EXPECT_THAT(Visible(As(options::v1::ROLE_UNIT, kZone, "ListOrganizations")),
              UnorderedElementsAre("organizations/e1", "organizations/ouc", "organizations/upc",
                                   "organizations/zone", "organizations/town"));
  EXPECT_THAT(Visible(As(options::v1::ROLE_ADMINISTRATOR, kZone, "ListOrganizations")), IsEmpty());
  EXPECT_EQ(Get(As(options::v1::ROLE_ENTERPRISE, "organizations/e1", "GetOrganization"),
                "organizations/e2")
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace chanyan::registry
