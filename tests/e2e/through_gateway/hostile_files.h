// Files as strangers send them to an import: what is no sheet at all, and sheets of the right kind
// with one thing wrong.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace chanyan::e2e {

// What they are uploaded as.
inline constexpr char kHostileName[] = "x.xlsx";

struct HostileFile {
  std::string what;
  std::string bytes;
  // Where the refusal must say that it is: "x.xlsx / 表 / C2", or the file itself.
  std::string place;
  const char* reason = "INVALID_FILE";
};

// For an import that reads rows of this message.
std::vector<HostileFile> HostileFiles(const google::protobuf::Descriptor* row);

}  // namespace chanyan::e2e
