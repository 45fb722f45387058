// A package of records with the journal's proof (CON-10): made by a service, checked by anybody
// without it. Pure; the archive around the files is the caller's.
//
//   manifest.json                    PackageManifest: every other file with its SHA-256
//   proof.json                       JournalProof: the entries of all records with their hashes
//   records/<resource name>.json     each record as the journal has it (no personal data)
//   contents/<sha256>                files that records name
//
// What the check shows: that nothing was changed, left out or added since the package was made;
// that each record is what its last entry left, that its entries follow one another from its
// creation on, and that each has the hash which the chain gives it. What it cannot show without the
// chain itself: that whoever made the package did not make all of it up. tools/verify-journal with
// anchors does: the hashes here are those there, by seq.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "chanyan/journal/v1/record_package.pb.h"
#include "common/db/database.h"

namespace chanyan::journal {

inline constexpr char kPackageFormat[] = "chanyan-record-package-1";
inline constexpr char kManifestPath[] = "manifest.json";
inline constexpr char kProofPath[] = "proof.json";

// Path → bytes.
using PackageFiles = std::map<std::string, std::string>;

// A file that a record names.
struct PackageContent {
  // The record, and what people call the file.
  std::string resource;
  std::string title;
  std::string bytes;
};

// The entries of `resources` in order of seq, with the hashes before them. UNAVAILABLE while one is
// not sealed, which takes a moment; NOT_FOUND for a resource without entries.
absl::StatusOr<v1::JournalProof> ProofOf(db::Session& session,
                                         const std::vector<std::string>& resources);

// All files of a package. Records are those that `proof` has entries of, unless deleted. `head`
// brings format-independent parts: service, subject, title, codes, pack. INTERNAL if what it is
// made of does not pass the check.
absl::StatusOr<PackageFiles> MakePackage(v1::PackageManifest head, const v1::JournalProof& proof,
                                         const std::vector<PackageContent>& contents);

// The first thing that is wrong: which file, and in words.
struct PackageFault {
  std::string path;
  std::string text;
};
// Checks in this order: manifest, files in order of path, entries in order of seq, records, codes.
std::optional<PackageFault> FirstFault(const PackageFiles& files);

// The manifest of files without fault.
absl::StatusOr<v1::PackageManifest> ManifestOf(const PackageFiles& files);

}  // namespace chanyan::journal
