// JSON bodies: what the scan passes can be read into a message or is refused, and what a message
// was read from can be written and read again as the same message.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "chanyan/options/v1/options.pb.h"
#include "services/gateway/json_message.h"
#include "services/gateway/json_scan.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto fault = chanyan::gateway::ScanJson(text)) {
    if (fault->offset > size || fault->message.empty()) std::abort();
    return 0;
  }
  chanyan::options::v1::Resource first;
  chanyan::options::v1::Field field;
  (void)chanyan::gateway::JsonToMessage(text, field);
  if (!chanyan::gateway::JsonToMessage(text, first).ok()) return 0;
  std::string written;
  chanyan::gateway::MessageToJson(first, written);
  chanyan::options::v1::Resource again;
  if (chanyan::gateway::ScanJson(written) ||
      !chanyan::gateway::JsonToMessage(written, again).ok() ||
      first.SerializeAsString() != again.SerializeAsString()) {
    std::abort();
  }
  return 0;
}
