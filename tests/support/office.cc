#include "tests/support/office.h"

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace chanyan::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kLocked = 3;

// A folder that is gone with the object.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "chanyan-office.XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(absl::string_view name) const { return absl::StrCat(path_, "/", name); }

 private:
  std::string path_;
};

void Write(const std::string& path, absl::string_view bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

absl::StatusOr<std::string> Drive(absl::string_view command, const std::string& source,
                                  const std::string& target, const std::string& rest) {
  const std::string log = absl::StrCat(target, ".log");
  const int result = std::system(absl::StrCat("timeout 300 /usr/bin/python3 ", CHANYAN_SOURCE_DIR,
                                              "/tests/support/office.py ", command, " ", source,
                                              " ", target, " ", rest, " >", log, " 2>&1")
                                     .c_str());
  std::ifstream said(log);
  const std::string words(std::istreambuf_iterator<char>(said), {});
  if (WIFEXITED(result) && WEXITSTATUS(result) == kLocked) {
    return absl::FailedPreconditionError(words);
  }
  std::ifstream made(target, std::ios::binary);
  if (result != 0 || !made) return absl::InternalError(absl::StrCat("LibreOffice: ", words));
  return std::string(std::istreambuf_iterator<char>(made), {});
}

}  // namespace

absl::StatusOr<std::string> FilledInOffice(absl::string_view xlsx, const TypedCells& cells) {
  const Folder folder;
  Write(folder / "source.xlsx", xlsx);
  std::string json;
  for (const auto& [where, text] : cells) {
    absl::StrAppend(&json, json.empty() ? "" : ",", "[\"", where, "\",\"", text, "\"]");
  }
  Write(folder / "cells.json", absl::StrCat("[", json, "]"));
  return Drive("fill", folder / "source.xlsx", folder / "target.xlsx", folder / "cells.json");
}

absl::StatusOr<std::vector<std::string>> ShownInOffice(absl::string_view xlsx,
                                                       const std::vector<std::string>& cells) {
  const Folder folder;
  Write(folder / "source.xlsx", xlsx);
  Write(folder / "cells.json", absl::StrCat("[\"", absl::StrJoin(cells, "\",\""), "\"]"));
  const absl::StatusOr<std::string> lines =
      Drive("shown", folder / "source.xlsx", folder / "target.txt", folder / "cells.json");
  if (!lines.ok()) return lines.status();
  return std::vector<std::string>(absl::StrSplit(absl::StripSuffix(*lines, "\n"), '\n'));
}

absl::StatusOr<std::string> TextInOffice(absl::string_view document, absl::string_view extension) {
  const Folder folder;
  const std::string source = folder / absl::StrCat("source.", extension);
  Write(source, document);
  return Drive("text", source, folder / "target.txt", "");
}

}  // namespace chanyan::testing
