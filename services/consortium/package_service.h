// RPC handler of chanyan.consortium.v1.FilingPackageService (CON-10). Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/consortium/v1/attachment.pb.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/filing.pb.h"
#include "chanyan/consortium/v1/filing_package.pb.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "chanyan/journal/v1/record_package.pb.h"
#include "common/db/table.h"
#include "common/journal/record_package.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/consortium/deps.h"

namespace chanyan::consortium {

// Bytes of contents that a package holds; what is larger is named by its SHA-256 alone, so that the
// package fits into one answer.
inline constexpr size_t kMaxContentBytes = size_t{11} << 20;

class PackageService {
 public:
  explicit PackageService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<google::api::HttpBody> ExportFilingPackage(const rpc::Call&,
                                                            const v1::ExportFilingPackageRequest&);

 private:
  // A file that a record of the package names.
  struct Content {
    std::string resource;
    std::string file_name;
    std::string sha256;
    int64_t byte_count = 0;
  };

  // Resources whose entries prove the filing. Of the parties: the dossier, what lies below it but
  // review and evaluations, whose names and drafts are nobody's but the office's, a notice that was
  // never held, the filing. Of the bureau: all below the dossier and its notices, bars and credit
  // entries.
  absl::StatusOr<std::vector<std::string>> OfParties(db::Session& session,
                                                     const v1::Consortium& row) const;
  absl::StatusOr<std::vector<std::string>> OfBureau(db::Session& session,
                                                    const v1::Consortium& row) const;
  // Smallest first.
  absl::StatusOr<std::vector<Content>> ContentsOf(db::Session& session, const v1::Consortium& row,
                                                  v1::PackageEdition edition) const;
  absl::Status AddContents(db::Session& session, const std::vector<Content>& all,
                           std::vector<journal::PackageContent>* contents,
                           journal::v1::PackageManifest* head) const;

  const Deps deps_;
  const db::Table<v1::Filing> filings_;
  const db::Table<v1::PublicNotice> notices_;
  const db::Table<v1::ConsortiumAttachment> attachments_;
  const db::Table<v1::ObjectionEvidence> evidence_;
};

}  // namespace chanyan::consortium
