#include "services/cycle/package_archive.h"

#include <map>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/json.h"
#include "common/api/names.h"
#include "common/sheet/zip_writer.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "services/cycle/form_versions.h"

namespace chanyan::cycle {
namespace {

// One file of the archive, as the manifest tells of it.
struct PackedForm {
  std::string file;
  std::string university;
  std::string university_title;
  int rows = 0;
  std::string sha256;
};

// Keys in a fixed order, so that the same package has the same manifest.
std::string Manifest(const PackageHead& head, const std::vector<PackedForm>& forms) {
  std::string json =
      absl::StrCat("{\n  \"cycle\": ", api::JsonString(head.cycle),
                   ",\n  \"rehearsal\": ", head.rehearsal ? "true" : "false",
                   ",\n  \"version\": ", head.revision,
                   ",\n  \"enterprise\": {\n    \"name\": ", api::JsonString(head.enterprise),
                   ",\n    \"title\": ", api::JsonString(head.enterprise_title),
                   ",\n    \"code\": ", api::JsonString(head.unified_social_credit_code),
                   "\n  },\n  \"unit\": ", api::JsonString(head.unit), ",\n  \"forms\": [");
  absl::string_view separator = "\n";
  for (const PackedForm& form : forms) {
    absl::StrAppend(&json, separator, "    {\n      \"file\": ", api::JsonString(form.file),
                    ",\n      \"university\": ", api::JsonString(form.university),
                    ",\n      \"university_title\": ", api::JsonString(form.university_title),
                    ",\n      \"rows\": ", form.rows,
                    ",\n      \"sha256\": ", api::JsonString(form.sha256), "\n    }");
    separator = ",\n";
  }
  absl::StrAppend(
      &json, "\n  ],\n  \"packed_at\": ",
      api::JsonString(absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", head.packed_at, time::Shanghai())),
      "\n}\n");
  return json;
}

// Rows by university, in the order of its name.
std::map<std::string, std::vector<const v1::Row*>> ByUniversity(RowSpan rows) {
  std::map<std::string, std::vector<const v1::Row*>> grouped;
  for (const v1::Row* row : rows) grouped[row->university()].push_back(row);
  return grouped;
}

}  // namespace

std::string FileNamePart(absl::string_view title) {
  std::string part;
  for (char c : title) {
    const bool forbidden = absl::ascii_iscntrl(static_cast<unsigned char>(c)) ||
                           absl::string_view("/\\:*?\"<>|").find(c) != absl::string_view::npos;
    part.push_back(forbidden ? '_' : c);
  }
  if (part.size() > kMaxTitleBytes) {
    size_t end = kMaxTitleBytes;
    while (end > 0 && (static_cast<unsigned char>(part[end]) & 0xC0) == 0x80) --end;
    part.resize(end);
  }
  const auto at_the_end = [](char c) { return c == ' ' || c == '.'; };
  while (!part.empty() && at_the_end(part.back())) part.pop_back();
  while (!part.empty() && at_the_end(part.front())) part.erase(0, 1);
  return part.empty() ? "_" : part;
}

std::string PackageDigest(const PackageHead& head, RowSpan rows, const UniversityTitles& titles) {
  std::string text;
  for (const std::string* one : {&head.cycle, &head.unit, &head.enterprise, &head.enterprise_title,
                                 &head.unified_social_credit_code}) {
    absl::StrAppend(&text, api::JsonString(*one), "\n");
  }
  absl::StrAppend(&text, head.rehearsal ? "rehearsal" : "live", "\n");
  std::vector<v1::Row> said;
  said.reserve(rows.size());
  for (const auto& [university, its_rows] : ByUniversity(rows)) {
    const auto title = titles.find(university);
    absl::StrAppend(&text, api::JsonString(university), " ",
                    api::JsonString(title == titles.end() ? "" : title->second), "\n");
    for (const v1::Row* row : its_rows) said.push_back(*row);
  }
  absl::StrAppend(&text, CanonicalRows(std::move(said)));
  return api::Sha256Hex(text);
}

absl::StatusOr<PackageArchive> PackForms(const PackageHead& head, RowSpan rows,
                                         const UniversityTitles& titles) {
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter,
                           time::Quarter::Parse(api::IdOfName(head.cycle)));
  sheet::ZipWriter zip;
  std::vector<PackedForm> forms;
  absl::flat_hash_set<std::string> taken;
  for (auto& [university, its_rows] : ByUniversity(rows)) {
    const auto title = titles.find(university);
    PackedForm& form = forms.emplace_back();
    form.university = university;
    form.university_title =
        title == titles.end() ? std::string(api::IdOfName(university)) : title->second;
    form.rows = static_cast<int>(its_rows.size());
    const std::string stem =
        absl::StrCat(FileNamePart(form.university_title), "-", FileNamePart(head.enterprise_title),
                     "-", quarter.Id(), "季度报表");
    form.file = absl::StrCat(stem, ".xlsx");
    // Two long names may be cut to the same one.
    for (int n = 2; !taken.insert(form.file).second; ++n) {
      form.file = absl::StrCat(stem, "-", n, ".xlsx");
    }
    SortForSheet(&its_rows);
    CHANYAN_ASSIGN_OR_RETURN(const std::string bytes,
                             WriteFormSheet({.quarter = quarter,
                                             .rehearsal = head.rehearsal,
                                             .university_title = form.university_title,
                                             .enterprise_title = head.enterprise_title,
                                             .kinds = {},
                                             .filed = true,
                                             .created = head.packed_at},
                                            its_rows));
    form.sha256 = api::Sha256Hex(bytes);
    zip.Add(form.file, bytes, sheet::Packing::kStore);
  }
  zip.Add("manifest.json", Manifest(head, forms));
  PackageArchive archive;
  CHANYAN_ASSIGN_OR_RETURN(archive.bytes, std::move(zip).Finish());
  archive.sha256 = api::Sha256Hex(archive.bytes);
  archive.form_count = static_cast<int>(forms.size());
  archive.row_count = static_cast<int>(rows.size());
  return archive;
}

}  // namespace chanyan::cycle
