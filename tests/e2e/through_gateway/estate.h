// One row of every stored resource, of an organization's own, written into the running suite's
// schemas: what somebody of another organization must not reach.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/auth/principal.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "tests/support/suite/suite.h"

namespace chanyan::e2e {

// Whose everything is, and who has nothing.
inline constexpr char kOwner[] = "organizations/access-1";
inline constexpr char kForeigner[] = "organizations/foreign-1";

// Somebody with one role.
auth::Principal Of(auth::Role role, const std::string& organization);

class Estate {
 public:
  // Makes the rows: of each resource one that as many as possible reach for being its owner's, and
  // nobody else's. Fails the test if a row cannot be written.
  explicit Estate(const testing::Suite& suite);

  // Null if there is none.
  const google::protobuf::Message* RowOf(const google::protobuf::Descriptor* type) const;
  // The stored resource with names of this pattern; null if there is none.
  const google::protobuf::Descriptor* TypeOf(const std::string& stars) const;

 private:
  std::map<const google::protobuf::Descriptor*, std::unique_ptr<google::protobuf::Message>> rows_;
};

}  // namespace chanyan::e2e
