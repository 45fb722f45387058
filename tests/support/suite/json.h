// JSON in tests: text in, values by path.
//
//   const Json reply = Json::Parse(body);
//   reply.At("error.details.0.reason");   // "STALE_ETAG"
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"

namespace chanyan::testing {

class Json {
 public:
  // Null if the text is not JSON.
  static Json Parse(absl::string_view text);

  // Text of the string, number or boolean at a path of names and indices; "" if there is none.
  std::string At(absl::string_view path) const;
  bool Has(absl::string_view path) const { return Find(path) != nullptr; }
  // Elements of the list or members of the object at `path`; 0 if it is neither.
  int Size(absl::string_view path) const;
  // What stands at `path`; null if nothing does.
  Json Sub(absl::string_view path) const;
  const google::protobuf::Value& value() const { return value_; }

 private:
  const google::protobuf::Value* Find(absl::string_view path) const;

  google::protobuf::Value value_;
};

// In quotes, escaped.
std::string JsonText(absl::string_view text);

}  // namespace chanyan::testing
