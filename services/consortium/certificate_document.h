// The certificate of a filing as an official document (CON-6). Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/filing.pb.h"

namespace chanyan::consortium {

// .docx, laid out by GB/T 9704 (common/document); the same bytes for the same filing and
// certificate. One whose filing is valid no more says so on its face.
absl::StatusOr<std::string> CertificateDocument(const v1::Certificate& certificate,
                                                const v1::Filing& filing);

}  // namespace chanyan::consortium
