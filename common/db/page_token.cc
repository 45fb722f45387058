#include "common/db/page_token.h"

#include <cmath>
#include <cstring>
#include <initializer_list>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/api/digest.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

constexpr absl::string_view kTokenKey = "chanyan/page-token/1";
constexpr absl::string_view kEtagKey = "chanyan/etag/1";
constexpr size_t kTokenChecksum = 16;
constexpr size_t kEtagChecksum = 8;
constexpr size_t kWord = 8;

void PutWord(uint64_t word, std::string* out) {
  for (size_t i = 0; i < kWord; ++i) *out += static_cast<char>(word >> (8 * (kWord - 1 - i)));
}

bool TakeWord(absl::string_view* in, uint64_t* word) {
  if (in->size() < kWord) return false;
  *word = 0;
  for (size_t i = 0; i < kWord; ++i) *word = *word << 8 | static_cast<unsigned char>((*in)[i]);
  in->remove_prefix(kWord);
  return true;
}

std::string Checksum(absl::string_view key, std::initializer_list<absl::string_view> parts,
                     size_t size) {
  std::string text(key);
  for (absl::string_view part : parts) {
    // With the length in front, ("ab", "c") and ("a", "bc") differ.
    PutWord(part.size(), &text);
    absl::StrAppend(&text, part);
  }
  return api::Sha256(text).substr(0, size);
}

// One character for the type, then the value.
void PutValue(const Value& value, std::string* out) {
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    *out += 'i';
    PutWord(static_cast<uint64_t>(*integer), out);
  } else if (const auto* number = std::get_if<double>(&value)) {
    uint64_t bits;
    std::memcpy(&bits, number, sizeof(bits));
    *out += 'd';
    PutWord(bits, out);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    *out += 's';
    PutWord(text->size(), out);
    *out += *text;
  } else if (const auto* time = std::get_if<absl::Time>(&value)) {
    *out += 't';
    PutWord(static_cast<uint64_t>(absl::ToUnixMicros(*time)), out);
  } else {
    *out += 'n';
  }
}

bool TakeValue(absl::string_view* in, Value* value) {
  const char type = in->front();
  in->remove_prefix(1);
  uint64_t word = 0;
  if (type == 'n') {
    *value = Value();
    return true;
  }
  if (!TakeWord(in, &word)) return false;
  switch (type) {
    case 'i':
      *value = static_cast<int64_t>(word);
      return true;
    case 'd': {
      double number;
      std::memcpy(&number, &word, sizeof(number));
      *value = number;
      return std::isfinite(number);
    }
    case 't':
      *value = absl::FromUnixMicros(static_cast<int64_t>(word));
      return true;
    case 's':
      if (word > in->size()) return false;
      *value = std::string(in->substr(0, word));
      in->remove_prefix(word);
      return true;
    default:
      return false;
  }
}

std::string TokenChecksum(const PageBinding& b, absl::string_view body) {
  return Checksum(kTokenKey, {b.table, b.parent, b.filter, b.order_by, body}, kTokenChecksum);
}

std::string EtagChecksum(absl::string_view table, absl::string_view name, absl::string_view body) {
  return Checksum(kEtagKey, {table, name, body}, kEtagChecksum);
}

// Only the text that our own encoder makes: base64url has several spellings of the same bytes.
bool Decode(absl::string_view text, std::string* bytes) {
  return absl::WebSafeBase64Unescape(text, bytes) && absl::WebSafeBase64Escape(*bytes) == text;
}

}  // namespace

absl::Status InvalidPageToken() {
  return status::InvalidField("page_token",
                              "翻页标记无效，或与本次查询的条件不一致，请从第一页重新查询",
                              options::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

std::string MakePageToken(const PageBinding& binding, const Values& last) {
  std::string body;
  for (const Value& value : last) PutValue(value, &body);
  return absl::WebSafeBase64Escape(absl::StrCat(TokenChecksum(binding, body), body));
}

absl::StatusOr<Values> ReadPageToken(const PageBinding& binding, absl::string_view token) {
  std::string bytes;
  if (token.size() > kMaxPageTokenLength || !Decode(token, &bytes) ||
      bytes.size() < kTokenChecksum) {
    return InvalidPageToken();
  }
  absl::string_view body = absl::string_view(bytes).substr(kTokenChecksum);
  if (TokenChecksum(binding, body) != bytes.substr(0, kTokenChecksum)) return InvalidPageToken();
  Values values;
  while (!body.empty()) {
    if (!TakeValue(&body, &values.emplace_back())) return InvalidPageToken();
  }
  return values;
}

std::string MakeEtag(absl::string_view table, absl::string_view name, int64_t version) {
  std::string body;
  PutWord(static_cast<uint64_t>(version), &body);
  return absl::WebSafeBase64Escape(absl::StrCat(EtagChecksum(table, name, body), body));
}

std::optional<int64_t> ReadEtag(absl::string_view table, absl::string_view name,
                                absl::string_view etag) {
  std::string bytes;
  if (!Decode(etag, &bytes) || bytes.size() != kEtagChecksum + kWord) return std::nullopt;
  absl::string_view body = absl::string_view(bytes).substr(kEtagChecksum);
  if (EtagChecksum(table, name, body) != bytes.substr(0, kEtagChecksum)) return std::nullopt;
  uint64_t version = 0;
  TakeWord(&body, &version);
  return static_cast<int64_t>(version);
}

}  // namespace chanyan::db
