// gzip for replies.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "services/gateway/http_message.h"

namespace chanyan::gateway {

// Smaller bodies are sent as they are.
inline constexpr size_t kLeastGzipBytes = 1024;

// Whether an Accept-Encoding header takes gzip.
bool AcceptsGzip(absl::string_view accept_encoding);

// The body as gzip; empty if it could not be compressed.
std::string Gzip(absl::string_view body, int level);

// Compresses a JSON reply of more than kLeastGzipBytes if the client takes it.
void GzipReply(absl::string_view accept_encoding, HttpReply& reply);

}  // namespace chanyan::gateway
