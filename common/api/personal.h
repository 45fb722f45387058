// Personal data (fields with (options.v1.field).personal) in messages: found and masked by
// descriptor (IDN-4).
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "chanyan/options/v1/options.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::api {

// Whether a message of this type can hold personal data, at any depth. Worked out once a type.
bool MayHoldPersonal(const google::protobuf::Descriptor* type);

enum class Masking {
  // Enough is left to recognise one's own: 138****5678, z***@example.com.
  kPartial,
  // "***".
  kWhole,
};

// Masks every personal value in the message.
void MaskPersonal(Masking masking, google::protobuf::Message* message);

// "13812345678" → "138****5678", "0532-85911343" → "053****1343", "li@qd.cn" → "l***@qd.cn",
// an id number → its first three and last four. Anything too short to leave a part → "***".
std::string MaskValue(options::v1::PersonalData kind, absl::string_view value);

}  // namespace chanyan::api
