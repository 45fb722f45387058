// The methods of a server, checked against their protos.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rpc/method.h"
#include "common/rpc/pipeline.h"

namespace chanyan::rpc {

// Filled by one thread, then read by many.
class Registrations {
 public:
  void Add(absl::string_view service, std::vector<UnaryMethod> methods);

  // INTERNAL with all mistakes, one sentence each.
  absl::Status Check() const;

  const std::vector<std::string>& services() const { return services_; }
  // In the order of their `index`.
  std::vector<const ServedMethod*> methods() const;

 private:
  void AddMethod(const google::protobuf::ServiceDescriptor* service, UnaryMethod method);

  std::vector<std::string> services_;
  std::vector<std::unique_ptr<ServedMethod>> methods_;
  absl::flat_hash_set<std::string> paths_;
  std::vector<std::string> mistakes_;
};

}  // namespace chanyan::rpc
