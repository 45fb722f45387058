#include "common/journal/chain.h"

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "google/protobuf/util/time_util.h"

namespace chanyan::journal {
namespace {

void Add(absl::string_view field, std::string* bytes) {
  absl::StrAppend(bytes, field.size(), ":", field);
}

}  // namespace

std::string GenesisHash() { return std::string(64, '0'); }

std::string ChainHash(absl::string_view previous_hash, const journal::v1::Entry& entry) {
  std::string bytes;
  Add(previous_hash, &bytes);
  Add(absl::StrCat(entry.seq()), &bytes);
  Add(entry.event_id(), &bytes);
  Add(entry.resource(), &bytes);
  Add(entry.type(), &bytes);
  Add(entry.kind(), &bytes);
  Add(entry.method(), &bytes);
  Add(entry.actor(), &bytes);
  Add(entry.organization(), &bytes);
  Add(entry.request_id(), &bytes);
  Add(entry.trace_id(), &bytes);
  Add(absl::StrCat(google::protobuf::util::TimeUtil::TimestampToMicroseconds(entry.time())),
      &bytes);
  Add(entry.before_json(), &bytes);
  Add(entry.after_json(), &bytes);
  return api::Sha256Hex(bytes);
}

}  // namespace chanyan::journal
