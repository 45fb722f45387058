// What a file really is, read from its content: the name and the declared type of an upload are
// what a stranger says. Pure.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace chanyan::attachment {

// A kind of file that is kept.
struct FileType {
  // "application/pdf".
  absl::string_view content_type;
  // What people call it.
  absl::string_view label;
  // Extensions without the point, lower case; the first one is usual.
  absl::Span<const absl::string_view> extensions;
};

// All of them: PDF, PNG, JPEG, .docx, .xlsx, .pptx.
absl::Span<const FileType> KnownTypes();

// "PDF、PNG 图片、…", for messages.
std::string KnownTypesText();

// The type of these bytes. INVALID_ARGUMENT (INVALID_FILE) on `place` that says what the file is
// instead and what to do: a program, a page, an SVG, an archive, an Office file with macros,
// embedded objects or a password, a picture with something behind its end, or nothing known.
absl::StatusOr<const FileType*> TypeOf(absl::string_view bytes, absl::string_view place);

// INVALID_ARGUMENT if the name's extension or the declared content type contradicts what the
// content shows. An empty declaration, or application/octet-stream, says nothing.
absl::Status CheckDeclared(const FileType& type, absl::string_view file_name,
                           absl::string_view declared_type);

}  // namespace chanyan::attachment
