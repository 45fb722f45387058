// An uploaded file on its way in, and a kept one on its way out.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/api/httpbody.pb.h"

namespace chanyan::attachment {

// An upload that passed.
struct Upload {
  std::string file_name;
  std::string content_type;
  std::string sha256;
};

// What `file` is, under the name that is kept. INVALID_ARGUMENT (INVALID_FILE, FILE_TOO_LARGE or
// INVALID_FIELD) for a file that is empty, larger than kMaxFileBytes, of no known type, or of
// another type than name or declaration say.
absl::StatusOr<Upload> CheckUpload(const google::api::HttpBody& file, absl::string_view file_name);

// The file as the gateway sends it: a download under its name, never a page.
google::api::HttpBody AsDownload(absl::string_view content_type, absl::string_view file_name,
                                 std::string bytes);

}  // namespace chanyan::attachment
