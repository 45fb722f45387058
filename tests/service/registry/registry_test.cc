// Organizations and platforms on the real database, with a clock that the test moves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/api/names.h"
#include "common/policy/verdict.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "services/registry/registry_service.h"
#include "tests/service/registry/registry_world.h"
#include "tests/support/ask.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::registry {
namespace {

using options::v1::ERROR_REASON_REQUEST_ID_REUSED;
using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kZone[] = "organizations/zone";

std::string PlacesOf(const absl::Status& status) {
  std::string out;
  for (const status::Violation& violation : status::ViolationsOf(status)) {
    absl::StrAppend(&out, violation.field, "|", violation.description, "\n");
  }
  return out;
}

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest()
      : database_(testing::ComponentsOf("registry")),
        pack_(testing::ShippedPack()),
        service_({{database_.db(), clock_, nullptr}, *pack_}) {
    Make("ouc", "海洋大学（演示）", v1::ORGANIZATION_KIND_UNIVERSITY);
    Make("upc", "石油大学（演示）", v1::ORGANIZATION_KIND_UNIVERSITY);
    Make("zone", "古镇口（演示）", v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE);
    Make("town", "泊里镇（演示）", v1::ORGANIZATION_KIND_TOWN);
  }

  static rpc::Call As(Role role, absl::string_view organization, absl::string_view method) {
    return testing::CallAs(role, organization,
                           absl::StrCat("chanyan.registry.v1.RegistryService.", method));
  }
  static rpc::Call Secretariat(absl::string_view method) {
    return As(options::v1::ROLE_SECRETARIAT, "organizations/secretariat", method);
  }

  static v1::CreateOrganizationRequest NewOrganization(const std::string& id,
                                                       const std::string& title,
                                                       v1::OrganizationKind kind, int code = 0) {
    v1::CreateOrganizationRequest request;
    request.set_organization_id(id);
    request.mutable_organization()->set_display_name(title);
    request.mutable_organization()->set_kind(kind);
    if (code > 0) {
      request.mutable_organization()->set_unified_social_credit_code(testing::CreditCode(code));
    }
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::Organization> Create(const v1::CreateOrganizationRequest& request) {
    return service_.CreateOrganization(Secretariat("CreateOrganization"), request);
  }
  void Make(const std::string& id, const std::string& title, v1::OrganizationKind kind) {
    const auto made = Create(NewOrganization(id, title, kind));
    ASSERT_TRUE(made.ok()) << made.status();
  }
  v1::Organization Enterprise(int number, const std::string& unit = "") {
    auto request =
        NewOrganization(absl::StrCat("e", number), absl::StrCat("企业", number, "（演示）"),
                        v1::ORGANIZATION_KIND_ENTERPRISE, number);
    request.mutable_organization()->set_unit(unit);
    const auto made = Create(request);
    EXPECT_TRUE(made.ok()) << made.status() << PlacesOf(made.status());
    return made.ok() ? *made : v1::Organization();
  }
  absl::StatusOr<v1::Organization> Get(const rpc::Call& call, const std::string& name) {
    v1::GetOrganizationRequest request;
    request.set_name(name);
    return testing::Ask<v1::Organization>(service_, "GetOrganization", call, request);
  }
  v1::Organization Stored(const std::string& name) {
    const auto row = Get(Secretariat("GetOrganization"), name);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? *row : v1::Organization();
  }
  absl::StatusOr<v1::Organization> Update(const rpc::Call& call, const v1::Organization& update,
                                          std::vector<std::string> mask) {
    v1::UpdateOrganizationRequest request;
    *request.mutable_organization() = update;
    for (std::string& path : mask) request.mutable_update_mask()->add_paths(std::move(path));
    request.set_request_id(api::NewUuid());
    return service_.UpdateOrganization(call, request);
  }
  std::vector<std::string> Visible(const rpc::Call& call) {
    std::vector<std::string> names;
    const auto page = service_.ListOrganizations(call, {});
    EXPECT_TRUE(page.ok()) << page.status();
    if (page.ok()) {
      for (const auto& row : page->organizations()) names.push_back(row.name());
    }
    return names;
  }

  v1::Platform Platform(const std::string& id, const std::string& owner = kOuc) {
    v1::CreatePlatformRequest request;
    request.set_parent(owner);
    request.set_platform_id(id);
    request.mutable_platform()->set_display_name(absl::StrCat("实验室", id, "（演示）"));
    request.mutable_platform()->set_kind(v1::PLATFORM_KIND_LABORATORY);
    auto* contact = request.mutable_platform()->add_contacts();
    contact->set_person("王老师");
    contact->set_phone("0532-12345678");
    request.set_request_id(api::NewUuid());
    const auto made = service_.CreatePlatform(
        As(options::v1::ROLE_RESEARCH_OFFICE, owner, "CreatePlatform"), request);
    EXPECT_TRUE(made.ok()) << made.status() << PlacesOf(made.status());
    return made.ok() ? *made : v1::Platform();
  }
  absl::StatusOr<v1::Platform> GetPlatform(const rpc::Call& call, const std::string& name) {
    v1::GetPlatformRequest request;
    request.set_name(name);
    return testing::Ask<v1::Platform>(service_, "GetPlatform", call, request);
  }
  // One verb by the role that commonly calls it.
  absl::StatusOr<v1::Platform> Do(const std::string& verb, const std::string& name) {
    return DoAs(verb == "publish" || verb == "return" ? options::v1::ROLE_SECRETARIAT
                                                      : options::v1::ROLE_RESEARCH_OFFICE,
                kOuc, verb, name);
  }
  template <class Request>
  static Request Named(const std::string& name) {
    Request request;
    request.set_name(name);
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::Platform> DoAs(Role role, const std::string& organization,
                                    const std::string& verb, const std::string& name) {
    if (verb == "submit") {
      return service_.SubmitPlatform(As(role, organization, "SubmitPlatform"),
                                     Named<v1::SubmitPlatformRequest>(name));
    }
    if (verb == "publish") {
      return service_.PublishPlatform(As(role, organization, "PublishPlatform"),
                                      Named<v1::PublishPlatformRequest>(name));
    }
    if (verb == "return") {
      auto request = Named<v1::ReturnPlatformRequest>(name);
      request.add_reasons("介绍过于简略");
      return service_.ReturnPlatform(As(role, organization, "ReturnPlatform"), request);
    }
    if (verb == "confirm") {
      return service_.ConfirmPlatform(As(role, organization, "ConfirmPlatform"),
                                      Named<v1::ConfirmPlatformRequest>(name));
    }
    auto request = Named<v1::WithdrawPlatformRequest>(name);
    request.set_reason("搬迁");
    return service_.WithdrawPlatform(As(role, organization, "WithdrawPlatform"), request);
  }
  v1::Platform In(v1::PlatformState state, const std::string& id) {
    const std::string name = Platform(id).name();
    const auto walk = [&](std::vector<std::string> verbs) {
      for (const std::string& verb : verbs) {
        const auto done = Do(verb, name);
        EXPECT_TRUE(done.ok()) << verb << ": " << done.status();
      }
    };
    if (state == v1::PLATFORM_STATE_IN_REVIEW) walk({"submit"});
    if (state == v1::PLATFORM_STATE_PUBLISHED) walk({"submit", "publish"});
    if (state == v1::PLATFORM_STATE_RETURNED) walk({"submit", "return"});
    if (state == v1::PLATFORM_STATE_WITHDRAWN) walk({"submit", "publish", "withdraw"});
    const auto row = GetPlatform(Secretariat("GetPlatform"), name);
    EXPECT_EQ(row->state(), state) << id;
    return *row;
  }
  int64_t Count(const std::string& table) {
    return std::stoll(
        testing::Texts(database_.db(), absl::StrCat("SELECT COUNT(*) FROM ", table)).at(0));
  }

  testing::FakeClock clock_;
  testing::TestDatabase database_;
  std::unique_ptr<const policy::Pack> pack_;
  RegistryService service_;
};

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

// --- Platforms

TEST_F(RegistryTest, EveryStateAndVerbOfAPlatform) {
  constexpr auto kNo = v1::PLATFORM_STATE_UNSPECIFIED;
  const std::string verbs[] = {"submit", "publish", "return", "confirm", "withdraw"};
  struct Case {
    v1::PlatformState from;
    v1::PlatformState to[5];
  };
  const Case cases[] = {
      {v1::PLATFORM_STATE_DRAFT, {v1::PLATFORM_STATE_IN_REVIEW, kNo, kNo, kNo, kNo}},
      {v1::PLATFORM_STATE_IN_REVIEW,
       {kNo, v1::PLATFORM_STATE_PUBLISHED, v1::PLATFORM_STATE_RETURNED, kNo, kNo}},
      {v1::PLATFORM_STATE_PUBLISHED,
       {kNo, kNo, kNo, v1::PLATFORM_STATE_PUBLISHED, v1::PLATFORM_STATE_WITHDRAWN}},
      {v1::PLATFORM_STATE_RETURNED, {v1::PLATFORM_STATE_IN_REVIEW, kNo, kNo, kNo, kNo}},
      {v1::PLATFORM_STATE_WITHDRAWN, {kNo, kNo, kNo, kNo, kNo}},
  };
  for (const Case& one : cases) {
    for (int i = 0; i < 5; ++i) {
      const std::string id = absl::StrCat("p", one.from, "-", i);
      const std::string name = In(one.from, id).name();
      const auto done = Do(verbs[i], name);
      if (one.to[i] == kNo) {
        EXPECT_EQ(status::ReasonOf(done.status()), ERROR_REASON_WRONG_STATE) << id << verbs[i];
      } else {
        ASSERT_TRUE(done.ok()) << id << verbs[i] << done.status();
        EXPECT_EQ(done->state(), one.to[i]) << id << verbs[i];
      }
    }
  }
}

TEST_F(RegistryTest, VerbsAreOfferedToThoseWhoMayCallThem) {
  const std::string name = In(v1::PLATFORM_STATE_PUBLISHED, "lab").name();
  const auto actions = [&](Role role, const std::string& organization) {
    const auto row = GetPlatform(As(role, organization, "GetPlatform"), name);
    EXPECT_TRUE(row.ok()) << row.status();
    return std::vector<std::string>(row->actions().begin(), row->actions().end());
  };
  EXPECT_THAT(actions(options::v1::ROLE_RESEARCH_OFFICE, kOuc), ElementsAre("confirm", "withdraw"));
  EXPECT_THAT(actions(options::v1::ROLE_SECRETARIAT, ""), ElementsAre("withdraw"));
  EXPECT_THAT(actions(options::v1::ROLE_RESEARCH_OFFICE, "organizations/upc"), IsEmpty());
  EXPECT_THAT(actions(options::v1::ROLE_PUBLIC, ""), IsEmpty());
  EXPECT_EQ(DoAs(options::v1::ROLE_RESEARCH_OFFICE, "organizations/upc", "withdraw", name)
                .status()
                .code(),
            absl::StatusCode::kNotFound)
      << "of another university";
}

TEST_F(RegistryTest, TheVerdictsOfPublicationAreStored) {
  const v1::Platform row = In(v1::PLATFORM_STATE_PUBLISHED, "lab");
  ASSERT_EQ(row.publish_verdicts().verdicts_size(), 1);
  const auto& verdict = row.publish_verdicts().verdicts(0);
  EXPECT_EQ(verdict.rule_id(), "platform.first-publication");
  EXPECT_EQ(verdict.outcome(), policy::v1::OUTCOME_NOT_SATISFIED) << "1 April is after 18 March";
  EXPECT_FALSE(verdict.clause().text().empty());

  const std::string other = In(v1::PLATFORM_STATE_IN_REVIEW, "other").name();
  auto publish = Named<v1::PublishPlatformRequest>(other);
  publish.set_override_reason("首轮以后新建的平台");
  const auto published = service_.PublishPlatform(Secretariat("PublishPlatform"), publish);
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->publish_verdicts().verdicts(0).outcome(), policy::v1::OUTCOME_OVERRIDDEN);
  EXPECT_TRUE(absl::StrContains(published->publish_verdicts().DebugString(), "override"));
}

TEST_F(RegistryTest, ThePublicSeesPublishedPlatformsOnly) {
  for (const auto state :
       {v1::PLATFORM_STATE_DRAFT, v1::PLATFORM_STATE_IN_REVIEW, v1::PLATFORM_STATE_PUBLISHED,
        v1::PLATFORM_STATE_RETURNED, v1::PLATFORM_STATE_WITHDRAWN}) {
    const std::string name = In(state, absl::StrCat("s", state)).name();
    EXPECT_EQ(GetPlatform(As(options::v1::ROLE_PUBLIC, "", "GetPlatform"), name).ok(),
              state == v1::PLATFORM_STATE_PUBLISHED)
        << state;
  }
  v1::ListPlatformsRequest list;
  list.set_parent("organizations/-");
  const auto page = service_.ListPlatforms(As(options::v1::ROLE_PUBLIC, "", "ListPlatforms"), list);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->platforms_size(), 1);
}

TEST_F(RegistryTest, WhatIsUnderReviewIsNotChanged) {
  for (const auto state :
       {v1::PLATFORM_STATE_DRAFT, v1::PLATFORM_STATE_IN_REVIEW, v1::PLATFORM_STATE_PUBLISHED,
        v1::PLATFORM_STATE_RETURNED, v1::PLATFORM_STATE_WITHDRAWN}) {
    v1::UpdatePlatformRequest request;
    *request.mutable_platform() = In(state, absl::StrCat("s", state));
    request.mutable_platform()->set_college("材料学院");
    request.mutable_update_mask()->add_paths("college");
    request.set_request_id(api::NewUuid());
    const auto done = service_.UpdatePlatform(
        As(options::v1::ROLE_RESEARCH_OFFICE, kOuc, "UpdatePlatform"), request);
    const bool may = state != v1::PLATFORM_STATE_IN_REVIEW && state != v1::PLATFORM_STATE_WITHDRAWN;
    EXPECT_EQ(done.ok(), may) << state << done.status();
    if (!may) {
      EXPECT_EQ(status::ReasonOf(done.status()), ERROR_REASON_WRONG_STATE) << state;
    }
  }
}

TEST_F(RegistryTest, PersonalDataIsNotInTheJournal) {
  Platform("lab");
  for (const std::string& json :
       testing::Texts(database_.db(), "SELECT COALESCE(after_json, '') FROM journal")) {
    EXPECT_FALSE(absl::StrContains(json, "12345678")) << json;
  }
}

}  // namespace
}  // namespace chanyan::registry
