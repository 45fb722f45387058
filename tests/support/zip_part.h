// A part of an Office file, as a reader unpacks it.
#pragma once

#include <zip.h>

#include <string>
#include <vector>

namespace chanyan::testing {

// In the archive's order.
inline std::vector<std::string> ZipNames(const std::string& bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (archive == nullptr) {
    zip_source_free(source);
    return {};
  }
  std::vector<std::string> names;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    names.emplace_back(zip_get_name(archive, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_UTF_8));
  }
  zip_discard(archive);
  return names;
}

// Empty if there is none.
inline std::string ZipPart(const std::string& bytes, const std::string& name) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (archive == nullptr) {
    zip_source_free(source);
    return "";
  }
  std::string text;
  if (zip_file_t* file = zip_fopen(archive, name.c_str(), 0); file != nullptr) {
    char buffer[4096];
    for (zip_int64_t n = 0; (n = zip_fread(file, buffer, sizeof(buffer))) > 0;) {
      text.append(buffer, static_cast<size_t>(n));
    }
    zip_fclose(file);
  }
  zip_discard(archive);
  return text;
}

}  // namespace chanyan::testing
