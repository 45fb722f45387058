// RPC handler of chanyan.consortium.v1.FilingPackageService (CON-10). Thread-safe.
#pragma once

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
  // Resources whose entries prove the filing: the dossier, all that lies below it but the review,
  // whose names are nobody's but the office's, the notice, the filing.
  absl::StatusOr<std::vector<std::string>> Resources(db::Session& session,
                                                     const v1::Consortium& row) const;
  absl::Status AddContents(db::Session& session, const v1::Consortium& row,
                           std::vector<journal::PackageContent>* contents,
                           journal::v1::PackageManifest* head) const;

  const Deps deps_;
  const db::Table<v1::Filing> filings_;
  const db::Table<v1::PublicNotice> notices_;
  const db::Table<v1::ConsortiumAttachment> attachments_;
};

}  // namespace chanyan::consortium
