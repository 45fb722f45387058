// What of a platform people fill in, as opposed to where it stands: the part that a revision holds
// and that review is about. Pure.
#pragma once

#include <vector>

#include "chanyan/registry/v1/platform_revision.pb.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::registry {

// The fields of a platform that a caller may write, in field order.
const std::vector<const google::protobuf::FieldDescriptor*>& ContentFields();

// `platform` with nothing but its content.
v1::Platform ContentOf(const v1::Platform& platform);
bool SameContent(const v1::Platform& a, const v1::Platform& b);
// Gives `to` the content of `from`; everything else stays.
void CopyContent(const v1::Platform& from, v1::Platform* to);

// Sets an open revision on the published platform as it is now: what the revision changes it
// changes still, what it does not change follows. True if anything moved.
bool Rebase(const v1::Platform& published, v1::PlatformRevision* revision);

}  // namespace chanyan::registry
