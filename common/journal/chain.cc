#include "common/journal/chain.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"

namespace chanyan::journal {
namespace {

void Add(SHA256_CTX* sha, absl::string_view field) {
  const std::string length = absl::StrCat(field.size(), ":");
  SHA256_Update(sha, length.data(), length.size());
  SHA256_Update(sha, field.data(), field.size());
}

}  // namespace

std::string GenesisHash() { return std::string(64, '0'); }

std::string ChainHash(absl::string_view previous_hash, const journal::v1::Entry& entry) {
  SHA256_CTX sha;
  SHA256_Init(&sha);
  Add(&sha, previous_hash);
  Add(&sha, absl::StrCat(entry.seq()));
  Add(&sha, entry.event_id());
  Add(&sha, entry.resource());
  Add(&sha, entry.type());
  Add(&sha, entry.kind());
  Add(&sha, entry.method());
  Add(&sha, entry.actor());
  Add(&sha, entry.organization());
  Add(&sha, entry.request_id());
  Add(&sha, entry.trace_id());
  Add(&sha, absl::StrCat(google::protobuf::util::TimeUtil::TimestampToMicroseconds(entry.time())));
  Add(&sha, entry.before_json());
  Add(&sha, entry.after_json());
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256_Final(digest, &sha);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace chanyan::journal
