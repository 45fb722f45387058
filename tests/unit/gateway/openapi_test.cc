#include "services/gateway/openapi.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/json_scan.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace chanyan::gateway {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

class OpenApiTest : public testing::Test {
 protected:
  OpenApiTest() : routes_(*Routes::FromLinked()), text_(*OpenApiJson(routes_, "")) {
    api::JsonLimits limits;
    limits.max_bytes = 64 << 20;
    limits.max_elements = 10'000'000;
    EXPECT_FALSE(api::ScanJson(text_, limits));
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(text_, &document_).ok());
  }
  const Struct& Part(const Struct& whole, const std::string& name) {
    return whole.fields().at(name).struct_value();
  }
  void CollectReferences(const Value& value, std::set<std::string>* out) {
    for (const auto& item : value.list_value().values()) CollectReferences(item, out);
    for (const auto& [name, item] : value.struct_value().fields()) {
      if (name == "$ref") out->insert(item.string_value());
      CollectReferences(item, out);
    }
  }

  const Routes routes_;
  const std::string text_;
  Struct document_;
};

TEST_F(OpenApiTest, EveryRouteIsThereUnderAnIdOfItsOwn) {
  size_t operations = 0;
  std::set<std::string> ids;
  for (const auto& [path, item] : Part(document_, "paths").fields()) {
    for (const auto& [method, operation] : item.struct_value().fields()) {
      ++operations;
      const auto& fields = operation.struct_value().fields();
      EXPECT_TRUE(ids.insert(fields.at("operationId").string_value()).second) << path;
      EXPECT_GT(fields.at("x-roles").list_value().values_size(), 0) << path;
      // Each {name} of the path is a parameter, and the other way round.
      size_t declared = 0;
      for (const auto& parameter : fields.at("parameters").list_value().values()) {
        const auto& p = parameter.struct_value().fields();
        if (p.at("in").string_value() != "path") continue;
        ++declared;
        EXPECT_TRUE(absl::StrContains(path, absl::StrCat("{", p.at("name").string_value(), "}")));
      }
      EXPECT_EQ(declared, static_cast<size_t>(std::count(path.begin(), path.end(), '{'))) << path;
    }
  }
  EXPECT_EQ(operations, routes_.routes().size());
}

TEST_F(OpenApiTest, EveryReferenceLeadsSomewhere) {
  Value root;
  *root.mutable_struct_value() = document_;
  std::set<std::string> references;
  CollectReferences(root, &references);
  EXPECT_GT(references.size(), 10u);
  const auto& schemas = Part(Part(document_, "components"), "schemas").fields();
  for (const std::string& reference : references) {
    ASSERT_TRUE(absl::StartsWith(reference, "#/components/schemas/")) << reference;
    EXPECT_TRUE(schemas.contains(reference.substr(21))) << reference;
  }
}

TEST_F(OpenApiTest, LabelsAndShapesOfFieldsAreTold) {
  const auto& schemas = Part(Part(document_, "components"), "schemas");
  const Struct& account = Part(schemas, "chanyan.identity.v1.Account");
  EXPECT_EQ(account.fields().at("x-label").string_value(), "账号");
  const Struct& login = Part(Part(account, "properties"), "login");
  EXPECT_EQ(login.fields().at("title").string_value(), "登录名");
  EXPECT_EQ(login.fields().at("pattern").string_value(), "^(?:[a-z0-9][a-z0-9._-]{2,63})$");
  const Struct& role = Part(schemas, "chanyan.options.v1.Role");
  EXPECT_EQ(role.fields().at("enum").list_value().values_size(),
            role.fields().at("x-enum-labels").list_value().values_size());
}

TEST_F(OpenApiTest, ADescriptorSetThatIsNoneIsRefused) {
  EXPECT_FALSE(OpenApiJson(routes_, "/nonexistent").ok());
}

}  // namespace
}  // namespace chanyan::gateway
