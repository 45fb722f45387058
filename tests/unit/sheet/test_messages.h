// Message types made for these tests alone, with every kind of field that a sheet can hold.
#pragma once

#include <memory>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"

namespace chanyan::sheet {

// Owns the types; its messages must not outlive it.
class TestTypes {
 public:
  TestTypes();

  // Fields in the order of their columns: name 单位名称 (required, line), kind 类型 (enum: 高校,
  // 企业, 院所、中心), active 是否有效, people 人数 (int32), area 面积 (double), signed_on 签约日期
  // (Date), seen_at 最后更新 (Timestamp), funds 经费 (Money), tags 标签 (repeated string), kinds
  // 多类型 (repeated enum), notes 说明 (text), code 编号 (int64, optional).
  const google::protobuf::Message& thing() const;
  std::unique_ptr<google::protobuf::Message> NewThing(const char* text_format) const;

 private:
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::Descriptor* thing_;
};

}  // namespace chanyan::sheet
