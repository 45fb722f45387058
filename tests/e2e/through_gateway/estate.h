// One row of every stored resource, of an organization's own, written into the running suite's
// schemas: what somebody of another organization must not reach, or what may be read and no more.
#pragma once

#include <functional>
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

// Of all rows that a resource might have, the one that as many as possible
enum class Choice {
  // reach for being its owner's, and nobody else's;
  kReachedByOwners,
  // may read and not change, of its owner's or of another organization.
  kReadAndNotWritten,
};

class Estate {
 public:
  // Which resources have one; by default all.
  using Which = std::function<bool(const google::protobuf::Descriptor*)>;

  // Makes the rows. Fails the test if one cannot be written.
  Estate(const testing::Suite& suite, Choice choice, const Which& which = {});

  // Null if there is none.
  const google::protobuf::Message* RowOf(const google::protobuf::Descriptor* type) const;
  // The stored resource with names of this pattern; null if there is none.
  const google::protobuf::Descriptor* TypeOf(const std::string& stars) const;

 private:
  std::map<const google::protobuf::Descriptor*, std::unique_ptr<google::protobuf::Message>> rows_;
};

}  // namespace chanyan::e2e
