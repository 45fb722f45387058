// Handler of a unit's bundle: its packages as they are kept, for the unit and the secretariat.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/resource.h"
#include "common/rpc/wire.h"
#include "services/cycle/bundle_archive.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/package_versions.h"

namespace chanyan::cycle {
namespace {

// Whose bundle is asked for.
absl::StatusOr<std::string> BundleUnit(const rpc::Call& call, const std::string& wanted) {
  if (call.principal.Has(options::v1::ROLE_SECRETARIAT)) {
    if (!wanted.empty()) return wanted;
    return status::InvalidField("unit", "请填写责任单位的单位编号，合包按责任单位下载");
  }
  const std::string& own = call.principal.organization;
  if (own.empty()) return status::PermissionDenied("您的账号没有所属单位，不能下载合包");
  // What is out of scope looks as if it were not there.
  if (!wanted.empty() && wanted != own) return status::NotFound(wanted);
  return own;
}

}  // namespace

absl::StatusOr<google::api::HttpBody> CycleService::DownloadBundle(
    const rpc::Call& call, const v1::DownloadBundleRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string unit, BundleUnit(call, request.unit()));
  const size_t part = std::max(request.part(), 1);
  BundleHead head{.cycle = request.name(), .unit = unit, .part = static_cast<int>(part)};
  std::vector<v1::Package> packages;
  std::vector<std::string> files;
  // A transaction, so that packages and files are of one moment.
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, LoadCycle(session, call, request.name()));
    head.rehearsal = cycle.rehearsal();
    // What is in the package of a successor is not here twice.
    const db::Predicate its = db::And(db::And(Below(absl::StrCat(cycle.name(), "/packages")),
                                              {"unit = ? AND superseded_by = ''", {unit}}),
                                      auth::Readable<v1::Package>(call.principal));
    CHANYAN_ASSIGN_OR_RETURN(packages, packages_.Select(session, its));
    head.packages = packages.size();
    if (packages.empty()) {
      return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                        "该责任单位本季度还没有打包报送的企业包");
    }
    const std::vector<size_t> begins = PartsOf(packages, kMostFileBytes);
    head.parts = static_cast<int>(begins.size());
    if (part > begins.size()) {
      return status::InvalidField(
          "part", absl::StrCat("合包共 ", begins.size(), " 卷，没有第 ", part, " 卷"));
    }
    const size_t begin = begins[part - 1];
    const size_t end = part < begins.size() ? begins[part] : packages.size();
    packages = {packages.begin() + static_cast<std::ptrdiff_t>(begin),
                packages.begin() + static_cast<std::ptrdiff_t>(end)};
    std::vector<std::string> versions;
    for (const v1::Package& package : packages) versions.push_back(LatestVersionName(package));
    CHANYAN_ASSIGN_OR_RETURN(files, LoadPackageFiles(session, versions));
    return absl::OkStatus();
  };
  db::TransactOptions options;
  options.deadline = call.deadline;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(options, read));
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, WriteBundle(head, packages, files));
  if (bytes.size() > kMostFileBytes) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_FILE_TOO_LARGE,
        absl::StrCat("“", packages.front().enterprise_title(), "”的企业包太大，请单独下载"));
  }
  return FileBody(kZip, std::move(bytes));
}

}  // namespace chanyan::cycle
