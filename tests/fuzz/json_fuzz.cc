// JSON bodies: what the scan passes can be read into a message or is refused, and what a message
// was read from can be written and read again as the same message.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/json.h"
#include "common/api/json_scan.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  // What is stored is read without a scan: anything may stand there, and nothing may break.
  chanyan::options::v1::Resource stored;
  (void)chanyan::api::JsonToMessage(text, stored, chanyan::api::JsonSource::kStored);
  if (const auto fault = chanyan::api::ScanJson(text)) {
    if (fault->offset > size || fault->message.empty()) std::abort();
    return 0;
  }
  chanyan::options::v1::Resource first;
  chanyan::options::v1::Field field;
  (void)chanyan::api::JsonToMessage(text, field);
  if (!chanyan::api::JsonToMessage(text, first).ok()) return 0;
  std::string written;
  chanyan::api::MessageToJson(first, written);
  chanyan::options::v1::Resource again;
  if (chanyan::api::ScanJson(written) || !chanyan::api::JsonToMessage(written, again).ok() ||
      first.SerializeAsString() != again.SerializeAsString()) {
    std::abort();
  }
  return 0;
}
