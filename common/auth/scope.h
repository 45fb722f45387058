// Row scope and method permission, from the descriptors (IDN-2): default deny.
#pragma once

#include "absl/status/status.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/auth/principal.h"
#include "common/db/predicate.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::auth {

// UNAUTHENTICATED or PERMISSION_DENIED unless the method's policy names a role of the caller.
absl::Status CheckMethod(const Principal& principal,
                         const google::protobuf::MethodDescriptor* method);

// Rows of `resource` that any grant of the caller reaches; Nothing() if none does.
db::Predicate RowScope(const Principal& principal, const google::protobuf::Descriptor* resource,
                       options::v1::Access access);

template <class T>
db::Predicate Readable(const Principal& principal) {
  return RowScope(principal, T::descriptor(), options::v1::ACCESS_READ);
}
template <class T>
db::Predicate Writable(const Principal& principal) {
  return RowScope(principal, T::descriptor(), options::v1::ACCESS_WRITE);
}

// The same decision for one message in memory: for creates, and for the matrix test's oracle.
bool Reaches(const Principal& principal, const google::protobuf::Message& row,
             options::v1::Access access);

}  // namespace chanyan::auth
