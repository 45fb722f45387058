// Protos described in a test, with our options, without being compiled.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chanyan/options/v1/options.pb.h"
#include "google/api/annotations.pb.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"

namespace chanyan::auth {

// Leak it (`new Described`) where grants are read: they are cached by the descriptor's address.
class Described {
 public:
  // Text of a google.protobuf.FileDescriptorProto without name, package and syntax.
  explicit Described(absl::string_view text, absl::string_view package = "chanyan.sample.v1")
      : pool_(google::protobuf::DescriptorPool::generated_pool()) {
    // So that the options' text may name our extensions.
    options::v1::Resource::descriptor();
    google::api::ResourceDescriptor::descriptor();
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &file)) << text;
    file.set_name(absl::StrCat("sample_", ++count_, ".proto"));
    file.set_package(std::string(package));
    file.set_syntax("proto3");
    file_ = pool_.BuildFile(file);
    EXPECT_NE(file_, nullptr) << text;
  }

  const google::protobuf::FileDescriptor* file() const { return file_; }
  const google::protobuf::Descriptor* message(const std::string& name) const {
    return file_->FindMessageTypeByName(name);
  }
  std::unique_ptr<google::protobuf::Message> New(const std::string& name,
                                                 absl::string_view text = "") {
    std::unique_ptr<google::protobuf::Message> out(factory_.GetPrototype(message(name))->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), out.get()));
    return out;
  }

 private:
  inline static int count_ = 0;
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::FileDescriptor* file_ = nullptr;
};

}  // namespace chanyan::auth
