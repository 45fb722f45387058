// Small files of every kind that may be attached, and what hostile ones are made of.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/sheet/zip_writer.h"

namespace chanyan::testing {

inline std::string SamplePdf(absl::string_view content = "") {
  return absl::StrCat("%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%", content, "\n%%EOF\n");
}

// A chunk of a PNG; its check is not looked at.
inline std::string PngChunk(absl::string_view type, absl::string_view data) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(data.size() >> shift & 0xFF));
  }
  return absl::StrCat(out, type, data, "CRC4");
}

inline std::string SamplePng(absl::string_view pixels = "pixels") {
  return absl::StrCat("\x89PNG\r\n\x1A\n", PngChunk("IHDR", std::string(13, '\1')),
                      PngChunk("IDAT", pixels), PngChunk("IEND", ""));
}

inline std::string SampleJpeg() {
  return absl::StrCat("\xFF\xD8\xFF\xE0", std::string("\0\x10JFIF\0\0", 8), "scan", "\xFF\xD9");
}

// Parts of a zip, name and content.
using Parts = std::vector<std::pair<std::string, std::string>>;

inline std::string ZipOf(const Parts& parts) {
  sheet::ZipWriter zip;
  for (const auto& [name, content] : parts) zip.Add(name, content);
  return std::move(zip).Finish().value();
}

inline std::string ContentTypes(absl::string_view main) {
  return absl::StrCat(
      "<?xml version=\"1.0\"?><Types><Override PartName=\"/main.xml\" ContentType=\"", main,
      "\"/></Types>");
}

inline constexpr char kDocxMain[] =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
inline constexpr char kXlsxMain[] =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
inline constexpr char kPptxMain[] =
    "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml";

// An Office file whose main part has this content type, with these parts besides.
inline std::string SampleOffice(absl::string_view main, Parts more = {}) {
  Parts parts = {{"[Content_Types].xml", ContentTypes(main)},
                 {"_rels/.rels", "<Relationships/>"},
                 {"main.xml", "<main/>"}};
  parts.insert(parts.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
  return ZipOf(parts);
}

}  // namespace chanyan::testing
