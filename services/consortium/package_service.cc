#include "services/consortium/package_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/attachment/store.h"
#include "common/attachment/upload.h"
#include "common/auth/scope.h"
#include "common/rpc/resource.h"
#include "common/sheet/zip_writer.h"
#include "common/status/status.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

// By the index of names; ids hold no sign that LIKE reads otherwise. The journal tells all that
// ever was in a record, so that only types of which the lead may see every state are here: records
// of the review hold experts, visitors and seeds, an evaluation its scores before they are decided.
constexpr char kBelow[] =
    "SELECT DISTINCT resource FROM journal WHERE resource LIKE ? AND type IN "
    "('chanyan.consortium.v1.Transition', 'chanyan.consortium.v1.Signature', "
    "'chanyan.consortium.v1.EligibilityCheck', 'chanyan.consortium.v1.Membership', "
    "'chanyan.consortium.v1.ConsortiumAttachment') ORDER BY resource";
// Why a notice was held is the office's alone, and a record goes with all of its entries or not at
// all.
constexpr char kNeverHeld[] =
    "consortium = ? AND NOT EXISTS (SELECT 1 FROM journal WHERE journal.resource = "
    "public_notice.name AND journal.kind = 'held')";

bool MayExport(const rpc::Call& call, const v1::Consortium& row) {
  return call.principal.Has(options::v1::ROLE_DEPARTMENT) ||
         call.principal.Has(options::v1::ROLE_LEADER) ||
         call.principal.organization == row.lead_unit();
}

void AddCode(const std::string& label, const std::string& value, const v1::Filing& filing,
             const char* field, journal::v1::PackageManifest* head) {
  if (value.empty()) return;
  journal::v1::PackageCode* code = head->add_codes();
  code->set_label(label);
  code->set_value(value);
  code->set_resource(filing.name());
  code->set_field(field);
}

}  // namespace

std::vector<rpc::UnaryMethod> PackageService::Methods() {
  return {rpc::Unary("ExportFilingPackage", this, &PackageService::ExportFilingPackage)};
}

absl::StatusOr<std::vector<std::string>> PackageService::Resources(
    db::Session& session, const v1::Consortium& row) const {
  std::vector<std::string> names = {row.name(), row.filing()};
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows below,
                           session.Query(kBelow, {absl::StrCat(row.name(), "/%")}));
  for (const db::Values& one : below.rows) names.push_back(std::get<std::string>(one[0]));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::PublicNotice> notices,
                           notices_.Select(session, {kNeverHeld, {row.name()}}));
  for (const v1::PublicNotice& notice : notices) names.push_back(notice.name());
  return names;
}

absl::Status PackageService::AddContents(db::Session& session, const v1::Consortium& row,
                                         std::vector<journal::PackageContent>* contents,
                                         journal::v1::PackageManifest* head) const {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::ConsortiumAttachment> rows,
                           attachments_.Select(session, Below(row.name())));
  // The small ones first: as many as fit.
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.byte_count() < b.byte_count(); });
  size_t held = 0;
  for (const v1::ConsortiumAttachment& one : rows) {
    if (held + static_cast<size_t>(one.byte_count()) > kMaxContentBytes) {
      journal::v1::PackageFile* omitted = head->add_omitted();
      omitted->set_kind(journal::v1::PACKAGE_FILE_KIND_CONTENT);
      omitted->set_resource(one.name());
      omitted->set_title(one.file_name());
      omitted->set_sha256(one.sha256());
      omitted->set_byte_count(one.byte_count());
      continue;
    }
    CHANYAN_ASSIGN_OR_RETURN(std::string bytes, attachment::Load(session, one.sha256()));
    held += bytes.size();
    contents->push_back({one.name(), one.file_name(), std::move(bytes)});
  }
  return absl::OkStatus();
}

absl::StatusOr<google::api::HttpBody> PackageService::ExportFilingPackage(
    const rpc::Call& call, const v1::ExportFilingPackageRequest& request) {
  journal::PackageFiles files;
  v1::Filing filing;
  db::TransactOptions options;
  options.deadline = call.deadline;
  // A transaction, though it only reads: one snapshot of records and journal.
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Transact(options, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::Consortium row,
            deps_.book.table().Get(session, request.name(),
                                   auth::Readable<v1::Consortium>(call.principal)));
        if (!MayExport(call, row)) {
          return status::PermissionDenied("备案包由牵头单位和备案单位下载");
        }
        if (row.filing().empty()) {
          return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                            "尚未备案，没有备案包");
        }
        CHANYAN_ASSIGN_OR_RETURN(filing, filings_.Get(session, row.filing()));
        journal::v1::PackageManifest head;
        head.set_service("consortium");
        head.set_subject(row.name());
        head.set_title(row.display_name());
        head.set_pack_id(row.verdicts().pack_id());
        head.set_pack_version(row.verdicts().pack_version());
        AddCode("备案编号", filing.filing_number(), filing, "filing_number", &head);
        AddCode("证书核验码", filing.verification_code(), filing, "verification_code", &head);
        AddCode("证书数据摘要", filing.certificate_sha256(), filing, "certificate_sha256", &head);
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> resources, Resources(session, row));
        CHANYAN_ASSIGN_OR_RETURN(const journal::v1::JournalProof proof,
                                 journal::ProofOf(session, resources));
        std::vector<journal::PackageContent> contents;
        CHANYAN_RETURN_IF_ERROR(AddContents(session, row, &contents, &head));
        CHANYAN_ASSIGN_OR_RETURN(files, journal::MakePackage(std::move(head), proof, contents));
        return absl::OkStatus();
      }));
  sheet::ZipWriter zip;
  for (const auto& [path, bytes] : files) zip.Add(path, bytes);
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, std::move(zip).Finish());
  return attachment::AsDownload(
      "application/zip", absl::StrCat(filing.filing_number(), "备案包.zip"), std::move(bytes));
}

}  // namespace chanyan::consortium
