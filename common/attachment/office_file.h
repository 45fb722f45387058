// Office Open XML files (.docx, .xlsx, .pptx) from strangers: a zip of parts, looked into as far as
// it takes to say what it is and that nothing in it runs by itself.
#pragma once

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chanyan::attachment {

enum class OfficeKind { kDocument, kWorkbook, kPresentation };

// Parts of one file.
inline constexpr size_t kMaxParts = 5'000;
// All parts unpacked, as the file claims.
inline constexpr size_t kMaxUnpackedBytes = size_t{300} << 20;
// What is unpacked and read: the list of types and the relations of parts.
inline constexpr size_t kMaxReadBytes = size_t{8} << 20;

// INVALID_ARGUMENT (INVALID_FILE or FILE_TOO_LARGE) on `place` for a zip that is no such file, is
// damaged, encrypted or over a limit, has names that leave their folder, or holds macros, ActiveX
// controls, embedded objects or programs, or a template that is fetched from elsewhere when the
// file is opened.
absl::StatusOr<OfficeKind> OfficeKindOf(absl::string_view bytes, absl::string_view place);

}  // namespace chanyan::attachment
