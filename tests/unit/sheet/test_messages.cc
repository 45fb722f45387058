#include "tests/unit/sheet/test_messages.h"

#include "chanyan/options/v1/options.pb.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "google/type/money.pb.h"
#include "gtest/gtest.h"

namespace chanyan::sheet {
namespace {

constexpr char kFile[] = R"pb(
  name: "sheet_test.proto"
  package: "sheet_test"
  syntax: "proto3"
  dependency: "google/type/date.proto"
  dependency: "google/type/money.proto"
  dependency: "google/protobuf/timestamp.proto"
  dependency: "chanyan/options/v1/options.proto"
  dependency: "google/api/field_behavior.proto"
  enum_type {
    name: "ThingKind"
    value { name: "THING_KIND_UNSPECIFIED" number: 0 }
    value {
      name: "THING_KIND_UNIVERSITY"
      number: 1
      options {
        [chanyan.options.v1.value] { zh: "高校" }
      }
    }
    value {
      name: "THING_KIND_ENTERPRISE"
      number: 2
      options {
        [chanyan.options.v1.value] { zh: "企业" }
      }
    }
    value {
      name: "THING_KIND_LAB"
      number: 3
      options {
        [chanyan.options.v1.value] { zh: "院所、中心" }
      }
    }
  }
  message_type {
    name: "Thing"
    field {
      name: "notes"
      number: 1
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "说明" sheet_column: 11 format: FORMAT_TEXT }
      }
    }
    field {
      name: "name"
      number: 2
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "单位名称" sheet_column: 1 format: FORMAT_LINE }
        [google.api.field_behavior]: REQUIRED
      }
    }
    field {
      name: "kind"
      number: 3
      type: TYPE_ENUM
      type_name: ".sheet_test.ThingKind"
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "类型" sheet_column: 2 }
      }
    }
    field {
      name: "active"
      number: 4
      type: TYPE_BOOL
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "是否有效" sheet_column: 3 }
      }
    }
    field {
      name: "people"
      number: 5
      type: TYPE_INT32
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "人数（人）" sheet_column: 4 }
      }
    }
    field {
      name: "area"
      number: 6
      type: TYPE_DOUBLE
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "面积" sheet_column: 5 }
      }
    }
    field {
      name: "signed_on"
      number: 7
      type: TYPE_MESSAGE
      type_name: ".google.type.Date"
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "签约日期" sheet_column: 6 }
      }
    }
    field {
      name: "seen_at"
      number: 8
      type: TYPE_MESSAGE
      type_name: ".google.protobuf.Timestamp"
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "最后更新" sheet_column: 7 }
      }
    }
    field {
      name: "funds"
      number: 9
      type: TYPE_MESSAGE
      type_name: ".google.type.Money"
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "经费" sheet_column: 8 }
      }
    }
    field {
      name: "tags"
      number: 10
      type: TYPE_STRING
      label: LABEL_REPEATED
      options {
        [chanyan.options.v1.field] { label: "标签" sheet_column: 9 }
      }
    }
    field {
      name: "kinds"
      number: 11
      type: TYPE_ENUM
      type_name: ".sheet_test.ThingKind"
      label: LABEL_REPEATED
      options {
        [chanyan.options.v1.field] { label: "多类型" sheet_column: 10 }
      }
    }
    field {
      name: "code"
      number: 12
      type: TYPE_INT64
      label: LABEL_OPTIONAL
      proto3_optional: true
      oneof_index: 0
      options {
        [chanyan.options.v1.field] { label: "编号" sheet_column: 12 }
      }
    }
    field {
      name: "hidden"
      number: 13
      type: TYPE_STRING
      label: LABEL_OPTIONAL
      options {
        [chanyan.options.v1.field] { label: "不在表中" }
      }
    }
    oneof_decl { name: "_code" }
  }
)pb";

}  // namespace

TestTypes::TestTypes()
    : pool_(google::protobuf::DescriptorPool::generated_pool()), factory_(&pool_) {
  // The imports are in the generated pool only when something links them.
  google::type::Date::descriptor();
  google::type::Money::descriptor();
  google::protobuf::Timestamp::descriptor();
  factory_.SetDelegateToGeneratedFactory(true);
  google::protobuf::FileDescriptorProto file;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kFile, &file));
  thing_ = pool_.BuildFile(file)->FindMessageTypeByName("Thing");
}

const google::protobuf::Message& TestTypes::thing() const {
  return *const_cast<google::protobuf::DynamicMessageFactory&>(factory_).GetPrototype(thing_);
}

std::unique_ptr<google::protobuf::Message> TestTypes::NewThing(const char* text_format) const {
  std::unique_ptr<google::protobuf::Message> message(thing().New());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text_format, message.get()));
  return message;
}

}  // namespace chanyan::sheet
