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

// By the index of names; ids hold no sign that LIKE reads otherwise. A sheet that was never
// revealed is its expert's alone, and a draft of a report its parties'.
constexpr char kAllBelow[] =
    "SELECT DISTINCT resource FROM journal WHERE resource LIKE ? AND "
    "(type <> 'chanyan.consortium.v1.ScoreSheet' OR EXISTS (SELECT 1 FROM score_sheet WHERE "
    "score_sheet.name = journal.resource AND score_sheet.revealed = 1)) AND "
    "(type <> 'chanyan.consortium.v1.ConstructionVersion' OR EXISTS (SELECT 1 FROM "
    "construction_version v WHERE v.name = journal.resource AND v.state <> 'DRAFT')) "
    "ORDER BY resource";
// The journal tells all that ever was in a record, so that only types of which the lead may see
// every state are here: records of the review hold experts, visitors and seeds, an evaluation its
// scores before they are decided.
constexpr char kBelow[] =
    "SELECT DISTINCT resource FROM journal WHERE resource LIKE ? AND (type IN "
    "('chanyan.consortium.v1.Transition', 'chanyan.consortium.v1.Signature', "
    "'chanyan.consortium.v1.EligibilityCheck', 'chanyan.consortium.v1.Membership', "
    "'chanyan.consortium.v1.ConsortiumAttachment', 'chanyan.consortium.v1.Supplement', "
    "'chanyan.consortium.v1.HeldProject', 'chanyan.consortium.v1.SupportMeasure', "
    "'chanyan.consortium.v1.ConstructionReport', 'chanyan.consortium.v1.CoordinationItem') OR "
    "(type = 'chanyan.consortium.v1.ConstructionVersion' AND EXISTS (SELECT 1 FROM "
    "construction_version v WHERE v.name = journal.resource AND v.state <> 'DRAFT'))) "
    "ORDER BY resource";
// What the bureau files about a dossier elsewhere, each by an index.
constexpr char kSanctions[] =
    "SELECT name FROM bar WHERE consortium = ? UNION ALL "
    "SELECT name FROM credit_entry WHERE consortium = ? ORDER BY name";
// Why a notice was held is the office's alone, and a record goes with all of its entries or not at
// all.
constexpr char kNeverHeld[] =
    "consortium = ? AND NOT EXISTS (SELECT 1 FROM journal WHERE journal.resource = "
    "public_notice.name AND journal.kind = 'held')";

// The bureau's edition is of the office that files alone.
bool MayExport(const rpc::Call& call, const v1::Consortium& row, v1::PackageEdition edition) {
  if (edition == v1::PACKAGE_EDITION_BUREAU) {
    return call.principal.Has(options::v1::ROLE_DEPARTMENT) &&
           call.principal.organization == row.office();
  }
  return call.principal.Has(options::v1::ROLE_DEPARTMENT) ||
         call.principal.Has(options::v1::ROLE_LEADER) ||
         call.principal.organization == row.lead_unit();
}

absl::Status AddNames(db::Session& session, absl::string_view sql, const db::Values& params,
                      std::vector<std::string>* names) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, params));
  for (const db::Values& row : rows.rows) names->push_back(std::get<std::string>(row[0]));
  return absl::OkStatus();
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

absl::StatusOr<std::vector<std::string>> PackageService::OfParties(
    db::Session& session, const v1::Consortium& row) const {
  std::vector<std::string> names = {row.name(), row.filing()};
  CHANYAN_RETURN_IF_ERROR(AddNames(session, kBelow, {absl::StrCat(row.name(), "/%")}, &names));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::PublicNotice> notices,
                           notices_.Select(session, {kNeverHeld, {row.name()}}));
  for (const v1::PublicNotice& notice : notices) names.push_back(notice.name());
  return names;
}

absl::StatusOr<std::vector<std::string>> PackageService::OfBureau(db::Session& session,
                                                                  const v1::Consortium& row) const {
  std::vector<std::string> names = {row.name(), row.filing()};
  CHANYAN_RETURN_IF_ERROR(AddNames(session, kAllBelow, {absl::StrCat(row.name(), "/%")}, &names));
  CHANYAN_RETURN_IF_ERROR(AddNames(session, kSanctions, {row.name(), row.name()}, &names));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::PublicNotice> notices,
                           notices_.Select(session, {"consortium = ?", {row.name()}}, "name"));
  for (const v1::PublicNotice& notice : notices) {
    names.push_back(notice.name());
    CHANYAN_RETURN_IF_ERROR(
        AddNames(session, kAllBelow, {absl::StrCat(notice.name(), "/%")}, &names));
  }
  return names;
}

absl::StatusOr<std::vector<PackageService::Content>> PackageService::ContentsOf(
    db::Session& session, const v1::Consortium& row, v1::PackageEdition edition) const {
  std::vector<Content> contents;
  const auto add = [&contents](const auto& file) {
    contents.push_back({file.name(), file.file_name(), file.sha256(), file.byte_count()});
  };
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ConsortiumAttachment> attachments,
                           attachments_.Select(session, Below(row.name()), "name"));
  for (const v1::ConsortiumAttachment& one : attachments) add(one);
  if (edition == v1::PACKAGE_EDITION_BUREAU) {
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::ObjectionEvidence> evidence,
        evidence_.Select(session,
                         {"objection IN (SELECT name FROM notice_objection WHERE "
                          "notice IN (SELECT name FROM public_notice WHERE "
                          "consortium = ?))",
                          {row.name()}},
                         "name"));
    for (const v1::ObjectionEvidence& one : evidence) add(one);
  }
  // The small ones first: as many as fit.
  std::stable_sort(contents.begin(), contents.end(),
                   [](const Content& a, const Content& b) { return a.byte_count < b.byte_count; });
  return contents;
}

absl::Status PackageService::AddContents(db::Session& session, const std::vector<Content>& all,
                                         std::vector<journal::PackageContent>* contents,
                                         journal::v1::PackageManifest* head) const {
  size_t held = 0;
  for (const Content& one : all) {
    if (held + static_cast<size_t>(one.byte_count) > kMaxContentBytes) {
      journal::v1::PackageFile* omitted = head->add_omitted();
      omitted->set_kind(journal::v1::PACKAGE_FILE_KIND_CONTENT);
      omitted->set_resource(one.resource);
      omitted->set_title(one.file_name);
      omitted->set_sha256(one.sha256);
      omitted->set_byte_count(one.byte_count);
      continue;
    }
    CHANYAN_ASSIGN_OR_RETURN(std::string bytes, attachment::Load(session, one.sha256));
    held += bytes.size();
    contents->push_back({one.resource, one.file_name, std::move(bytes)});
  }
  return absl::OkStatus();
}

absl::StatusOr<google::api::HttpBody> PackageService::ExportFilingPackage(
    const rpc::Call& call, const v1::ExportFilingPackageRequest& request) {
  const v1::PackageEdition edition = request.edition();
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
        if (!MayExport(call, row, edition)) {
          return status::PermissionDenied(edition == v1::PACKAGE_EDITION_BUREAU
                                              ? "备案单位存档由备案单位下载"
                                              : "备案包由牵头单位和备案单位下载");
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
        const bool bureau = edition == v1::PACKAGE_EDITION_BUREAU;
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> resources,
                                 bureau ? OfBureau(session, row) : OfParties(session, row));
        CHANYAN_ASSIGN_OR_RETURN(const journal::v1::JournalProof proof,
                                 journal::ProofOf(session, resources));
        std::vector<journal::PackageContent> contents;
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<Content> all, ContentsOf(session, row, edition));
        CHANYAN_RETURN_IF_ERROR(AddContents(session, all, &contents, &head));
        CHANYAN_ASSIGN_OR_RETURN(files, journal::MakePackage(std::move(head), proof, contents));
        return absl::OkStatus();
      }));
  sheet::ZipWriter zip;
  for (const auto& [path, bytes] : files) zip.Add(path, bytes);
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, std::move(zip).Finish());
  const char* kind = edition == v1::PACKAGE_EDITION_BUREAU ? "备案存档.zip" : "备案包.zip";
  return attachment::AsDownload("application/zip", absl::StrCat(filing.filing_number(), kind),
                                std::move(bytes));
}

}  // namespace chanyan::consortium
