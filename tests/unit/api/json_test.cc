#include "common/api/json.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/json_scan.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "google/type/money.pb.h"
#include "gtest/gtest.h"

namespace chanyan::api {
namespace {

using testing::HasSubstr;

absl::Status Read(const std::string& json, google::protobuf::Message& message) {
  EXPECT_FALSE(ScanJson(json)) << json;
  return JsonToMessage(json, message);
}

TEST(JsonReadTest, WrongTypesAndNamesAreRefusedAtTheirPlace) {
  struct Case {
    const char* json;
    const char* field;
  };
  for (const Case& c : std::vector<Case>{
           {"[]", "body"},
           {"null", "body"},
           {R"({"nothing":1})", "nothing"},
           {R"({"minLength":"5"})", "minLength"},
           {R"({"minLength":1e2})", "minLength"},
           {R"({"minLength":1.0})", "minLength"},
           {R"({"minLength":-1})", "minLength"},
           {R"({"minLength":4294967296})", "minLength"},
           {R"({"filterable":"true"})", "filterable"},
           {R"({"filterable":1})", "filterable"},
           {R"({"label":5})", "label"},
           {R"({"label":["a"]})", "label"},
           {R"({"format":1})", "format"},
           {R"({"format":"NOTHING"})", "format"},
           {R"({"min":"1"})", "min"},
           {R"({"min":"NaN"})", "min"},
           {R"({"min":1e999})", "min"},
           {R"({"labelEn":"a","label_en":"b"})", "label_en"},
       }) {
    options::v1::Field message;
    const absl::Status status = Read(c.json, message);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.json;
    const auto violations = status::ViolationsOf(status);
    ASSERT_EQ(violations.size(), 1u) << c.json;
    EXPECT_EQ(violations[0].field, c.field) << c.json;
  }
}

TEST(JsonReadTest, TheFaultIsNamedByItsPath) {
  options::v1::Resource message;
  const absl::Status status = Read(
      R"({"grants":[{"access":"ACCESS_READ"},{"roles":["ROLE_EXPERT","ROLE_NOBODY"]}]})", message);
  const auto violations = status::ViolationsOf(status);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "grants[1].roles[1]");
}

TEST(JsonReadTest, ArbitraryStructureIsRefused) {
  google::protobuf::Struct any;
  EXPECT_FALSE(Read(R"({"fields":{}})", any).ok());
  google::api::HttpBody body;
  EXPECT_FALSE(Read(R"({"extensions":[{"@type":"x"}]})", body).ok());
  EXPECT_FALSE(Read(R"({"data":"not base64!"})", body).ok());
}

TEST(JsonReadTest, FieldsOfEveryKindAreRead) {
  options::v1::Field field;
  ASSERT_TRUE(
      Read(R"({"label":"名\u79f0","label_en":"Name","minLength":3,"min":-1.5e1,"format":"USCC",)"
           R"("filterable":true,"pattern":null})",
           field)
          .ok());
  EXPECT_EQ(field.label(), "名称");
  EXPECT_EQ(field.label_en(), "Name");
  EXPECT_EQ(field.min_length(), 3u);
  EXPECT_EQ(field.min(), -15);
  EXPECT_EQ(field.format(), options::v1::FORMAT_USCC);

  google::type::Money money;
  ASSERT_TRUE(
      Read(R"({"currencyCode":"CNY","units":"9007199254740993","nanos":500000000})", money).ok());
  EXPECT_EQ(money.units(), 9007199254740993);
  ASSERT_TRUE(Read(R"({"units":12})", money).ok());

  identity::v1::UpdateAccountRequest update;
  ASSERT_TRUE(Read(R"({"updateMask":"displayName,roles"})", update).ok());
  EXPECT_THAT(update.update_mask().paths(), testing::ElementsAre("display_name", "roles"));

  identity::v1::TokenResponse token;
  ASSERT_TRUE(Read(R"({"expireTime":"2025-06-30T17:00:00.25+08:00"})", token).ok());
  EXPECT_EQ(token.expire_time().seconds(), 1751274000);
  EXPECT_EQ(token.expire_time().nanos(), 250000000);
  for (const char* bad : {"2025-06-30", "2025-06-30 09:00:00Z", "infinite-future",
                          "2025-02-30T00:00:00Z", "2025-06-30T09:00:00"}) {
    identity::v1::TokenResponse refused;
    EXPECT_FALSE(Read(absl::StrCat(R"({"expireTime":")", bad, "\"}"), refused).ok()) << bad;
  }
}

TEST(JsonReadTest, WhatANewerVersionStoredIsPassedOver) {
  constexpr absl::string_view kStored =
      R"({"grants":[{"access":"ACCESS_READ","later":{"a":[1,{"b":"}]"}],"c":null},"owner":"name"},)"
      R"({"roles":["ROLE_EXPERT","ROLE_LATER",99],"access":"ACCESS_LATER"}],"label":"单位"})";
  options::v1::Resource message;
  EXPECT_FALSE(Read(std::string(kStored), message).ok());
  message.Clear();
  const absl::Status read = JsonToMessage(kStored, message, JsonSource::kStored);
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_EQ(message.label(), "单位");
  ASSERT_EQ(message.grants_size(), 2);
  EXPECT_EQ(message.grants(0).owner(), "name");
  EXPECT_THAT(message.grants(1).roles(), testing::ElementsAre(options::v1::ROLE_EXPERT));
  EXPECT_EQ(message.grants(1).access(), options::v1::ACCESS_UNSPECIFIED);
}

TEST(JsonReadTest, JsonThatEndsTooEarlyIsRefusedWhereverItIsCut) {
  constexpr absl::string_view kWhole =
      R"({"label":"产\u7814","grants":[{"roles":["ROLE_EXPERT"],"owner":"a","x":[{}]}]})";
  for (const JsonSource source : {JsonSource::kClient, JsonSource::kStored}) {
    for (size_t length = 0; length < kWhole.size(); ++length) {
      // A copy of its own, so that a sanitizer sees every step past the end.
      const std::string cut(kWhole.substr(0, length));
      options::v1::Resource message;
      EXPECT_EQ(JsonToMessage(cut, message, source).code(), absl::StatusCode::kInvalidArgument)
          << cut;
    }
  }
}

TEST(JsonReadTest, DepthIsBounded) {
  // Unknown levels are passed over one by one, not by recursion.
  for (const int levels : {kMaxJsonDepth - 1, 100'000}) {
    const std::string deep =
        absl::StrCat("{\"later\":", std::string(levels, '['), std::string(levels, ']'), "}");
    options::v1::Resource message;
    EXPECT_EQ(JsonToMessage(deep, message, JsonSource::kStored).ok(), levels < kMaxJsonDepth);
  }
}

TEST(JsonFieldTest, OneFieldGoesOutAndComesBack) {
  options::v1::Resource resource;
  const auto* grants = resource.GetDescriptor()->FindFieldByName("grants");
  std::string json;
  EXPECT_TRUE(FieldToJson(resource, *grants, json));
  EXPECT_EQ(json, "[]");
  resource.add_grants()->set_owner("unit");
  resource.add_grants()->add_roles(options::v1::ROLE_UNIT);
  json.clear();
  EXPECT_TRUE(FieldToJson(resource, *grants, json, JsonNames::kProto));
  EXPECT_EQ(json, R"([{"owner":"unit"},{"roles":["ROLE_UNIT"]}])");
  options::v1::Resource again;
  ASSERT_TRUE(JsonToField(json, *grants, again, JsonSource::kStored).ok());
  EXPECT_EQ(again.SerializeAsString(), resource.SerializeAsString());
  const auto violations = status::ViolationsOf(JsonToField(R"([{"roles":[1]}])", *grants, again));
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "[0].roles[0]");
}

TEST(JsonFieldTest, WhatCouldNotBeReadAgainIsSaid) {
  identity::v1::TokenResponse token;
  const auto* time = token.GetDescriptor()->FindFieldByName("expire_time");
  for (const auto& [seconds, exact] :
       std::vector<std::pair<int64_t, bool>>{{-62135596801, false},
                                             {-62135596800, true},
                                             {253402300799, true},
                                             {253402300800, false}}) {
    token.mutable_expire_time()->set_seconds(seconds);
    std::string json;
    EXPECT_EQ(FieldToJson(token, *time, json), exact) << json;
  }
  options::v1::Field field;
  field.set_min(1.0 / 0.0);
  std::string json;
  EXPECT_FALSE(FieldToJson(field, *field.GetDescriptor()->FindFieldByName("min"), json));
}

std::string Write(const google::protobuf::Message& message) {
  std::string out;
  MessageToJson(message, out);
  EXPECT_FALSE(ScanJson(out)) << out;
  return out;
}

TEST(JsonWriteTest, MessagesAreProto3Json) {
  options::v1::Field field;
  field.set_label("产\"\\\n\x01<");
  field.set_min(0.1);
  field.set_format(options::v1::FORMAT_USCC);
  field.set_filterable(true);
  EXPECT_EQ(
      Write(field),
      R"({"label":"产\"\\\n\u0001\u003c","min":0.1,"format":"FORMAT_USCC","filterable":true})");
  google::type::Money money;
  money.set_units(-9007199254740993);
  EXPECT_EQ(Write(money), R"({"units":"-9007199254740993"})");
  identity::v1::TokenResponse token;
  token.mutable_expire_time()->set_seconds(1751274000);
  token.mutable_expire_time()->set_nanos(250000000);
  EXPECT_EQ(Write(token), R"({"expireTime":"2025-06-30T09:00:00.250Z"})");
  identity::v1::UpdateAccountRequest update;
  update.mutable_update_mask()->add_paths("display_name");
  EXPECT_EQ(Write(update), R"({"updateMask":"displayName"})");
  google::api::HttpBody body;
  body.set_data(std::string("\0\xff", 2));
  EXPECT_EQ(Write(body), R"({"data":"AP8="})");
  EXPECT_EQ(Write(identity::v1::Account()), "{}");
}

TEST(JsonWriteTest, MapsAreInOrderOfTheirKeys) {
  google::rpc::ErrorInfo info;
  for (const char* key : {"c", "a", "d", "b"}) (*info.mutable_metadata())[key] = key;
  EXPECT_EQ(Write(info), R"({"metadata":{"a":"a","b":"b","c":"c","d":"d"}})");
}

TEST(JsonWriteTest, StoredNamesAreThoseOfTheProto) {
  options::v1::Field field;
  field.set_label_en("Name");
  std::string json;
  MessageToJson(field, json, JsonNames::kProto);
  EXPECT_EQ(json, R"({"label_en":"Name"})");
}

TEST(JsonWriteTest, DetailsAreOpened) {
  google::rpc::Status status;
  google::rpc::ErrorInfo info;
  info.set_reason("ERROR_REASON_STALE_ETAG");
  (*info.mutable_metadata())["k"] = "v";
  status.add_details()->PackFrom(info);
  status.add_details()->set_type_url("type.googleapis.com/no.Such");
  EXPECT_EQ(Write(status), R"({"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
                           R"("reason":"ERROR_REASON_STALE_ETAG","metadata":{"k":"v"}},)"
                           R"({"@type":"type.googleapis.com/no.Such"}]})");
}

TEST(JsonWriteTest, WhatIsWrittenIsReadAgain) {
  identity::v1::Account account;
  account.set_name("accounts/a");
  account.set_display_name("张三 \xf0\x9f\x98\x80");
  account.add_roles(options::v1::ROLE_EXPERT);
  account.add_roles(options::v1::ROLE_UNIT);
  account.mutable_create_time()->set_seconds(1);
  identity::v1::Account again;
  ASSERT_TRUE(Read(Write(account), again).ok());
  EXPECT_EQ(again.SerializeAsString(), account.SerializeAsString());
}

TEST(JsonWriteTest, BytesThatAreNotTextDoNotBreakTheAnswer) {
  std::string out;
  AppendJsonString("a\xff产", out);
  EXPECT_FALSE(ScanJson(out)) << out;
}

}  // namespace
}  // namespace chanyan::api
