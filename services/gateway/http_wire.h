// The head of a reply as bytes.
#pragma once

#include <string>

#include "services/gateway/http_message.h"

namespace chanyan::gateway {

// What the browser may do with pages of ours: nothing but our own files.
inline constexpr char kContentSecurityPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'; form-action 'self'";

// Status line and headers with the empty line; the security headers stand on every reply. A stream
// is `chunked`, or ends with the connection.
std::string FormatHead(const HttpReply& reply, bool keep_alive, bool chunked = true);

// Whether a reply with this status may have a body.
bool StatusHasBody(int status);

}  // namespace chanyan::gateway
