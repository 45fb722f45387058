#include "services/cycle/package_versions.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/db/in_chunks.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/output_queries.h"

namespace chanyan::cycle {
namespace {

constexpr absl::string_view kKeepFilesHead =
    "INSERT INTO package_file (package_version, data) VALUES ";
constexpr absl::string_view kKeepFile = "(?, ?)";
constexpr absl::string_view kFilesOfVersions =
    "SELECT package_version, data FROM package_file WHERE package_version IN ";

}  // namespace

absl::Status KeepPackageFiles(db::Session& session, absl::Span<const PackageFile> files) {
  return db::InChunks(files, [&](absl::Span<const PackageFile> chunk) {
    db::Values values;
    for (const auto& [name, bytes] : chunk) values.insert(values.end(), {name, bytes});
    return session
        .Execute(absl::StrCat(kKeepFilesHead, db::Repeat(chunk.size(), kKeepFile)), values)
        .status();
  });
}

absl::StatusOr<std::vector<std::string>> LoadPackageFiles(db::Session& session,
                                                          absl::Span<const std::string> versions) {
  std::map<std::string, std::string> by_version;
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(versions, [&](absl::Span<const std::string> chunk) -> absl::Status {
        const db::Values names(chunk.begin(), chunk.end());
        CHANYAN_ASSIGN_OR_RETURN(
            db::Rows found,
            session.Query(absl::StrCat(kFilesOfVersions, db::Marks(chunk.size())), names));
        for (db::Values& row : found.rows) {
          by_version[std::get<std::string>(row[0])] = std::move(std::get<std::string>(row[1]));
        }
        return absl::OkStatus();
      }));
  std::vector<std::string> files;
  files.reserve(versions.size());
  for (const std::string& version : versions) {
    const auto found = by_version.find(version);
    if (found == by_version.end()) return status::Internal(absl::StrCat(version, " has no file"));
    files.push_back(std::move(found->second));
  }
  return files;
}

void TakeLatest(const v1::PackageVersion& version, v1::Package* package) {
  package->set_revision(version.revision());
  package->set_enterprise(version.enterprise());
  package->set_enterprise_title(version.enterprise_title());
  package->set_unit(version.unit());
  package->set_form_count(version.form_count());
  package->set_row_count(version.row_count());
  package->set_byte_count(version.byte_count());
  package->set_sha256(version.sha256());
  *package->mutable_pack_time() = version.pack_time();
}

absl::StatusOr<v1::ListPackageVersionsResponse> CycleService::ListPackageVersions(
    const rpc::Call& call, const v1::ListPackageVersionsRequest& request) {
  // Version 10 follows 9 in number, not in name.
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, package_versions_, request,
                                absl::StrCat(request.parent(), "/versions"), "", "revision"));
  v1::ListPackageVersionsResponse response;
  for (v1::PackageVersion& version : page.rows) {
    *response.add_package_versions() = std::move(version);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::api::HttpBody> CycleService::DownloadPackage(
    const rpc::Call& call, const v1::DownloadPackageRequest& request) {
  v1::PackageVersion version;
  std::vector<std::string> files;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        const v1::Package package,
        packages_.Get(session, request.name(), auth::Readable<v1::Package>(call.principal)));
    const std::string wanted = request.revision() > 0 ? VersionNameOf(package, request.revision())
                                                      : LatestVersionName(package);
    CHANYAN_ASSIGN_OR_RETURN(
        version,
        package_versions_.Get(session, wanted, auth::Readable<v1::PackageVersion>(call.principal)));
    CHANYAN_ASSIGN_OR_RETURN(files, LoadPackageFiles(session, {version.name()}));
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  if (api::Sha256Hex(files.front()) != version.sha256()) {
    return status::Internal(absl::StrCat(version.name(), ": the file is not that of its digest"));
  }
  return FileBody(kZip, std::move(files.front()));
}

}  // namespace chanyan::cycle
