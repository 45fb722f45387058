// Files that show what an objection says: the handlers of every service that takes objections. The
// service's migration makes the table of its resource (objection, byte_count among its columns) as
// `objection_evidence`, and those of common/attachment/store.h; its messages have the same fields.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/api/names.h"
#include "common/attachment/store.h"
#include "common/attachment/upload.h"
#include "common/auth/scope.h"
#include "common/db/database.h"
#include "common/db/table.h"
#include "common/policy/life.h"
#include "common/rpc/call.h"
#include "common/rpc/mutate.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"
#include "google/api/httpbody.pb.h"

namespace chanyan::objection {

// Bytes of one objection's files together.
inline constexpr int64_t kMaxEvidenceBytes = int64_t{50} << 20;

// Whether who calls may add to an objection: with its receipt, or as the organization that
// objected. `stored` is what was kept of the receipt, `own` the caller's organization.
bool MayAddEvidence(absl::string_view stored, absl::string_view verification_hash,
                    absl::string_view organization, absl::string_view own);

// Holds one more file of `objection`, in the transaction that writes its row. INVALID_ARGUMENT
// (FILE_TOO_LARGE) beyond `most_files` or kMaxEvidenceBytes.
absl::Status HoldEvidence(db::Session& session, absl::string_view objection, int64_t most_files,
                          const attachment::Upload& upload, absl::string_view bytes);

// The row of a file. It has the office that answers, where the service has several.
template <class Evidence, class Objection>
Evidence EvidenceOf(const Objection& objection, const attachment::Upload& upload, int64_t bytes) {
  Evidence row;
  row.set_name(absl::StrCat(objection.name(), "/evidence/", api::NewShortId()));
  row.set_objection(objection.name());
  row.set_organization(objection.organization());
  row.set_file_name(upload.file_name);
  row.set_content_type(upload.content_type);
  row.set_byte_count(bytes);
  row.set_sha256(upload.sha256);
  if constexpr (requires { row.set_office(objection.office()); }) {
    row.set_office(objection.office());
  }
  return row;
}

// One more file of an objection that is still `open`. NOT_FOUND to whom may not add one,
// FAILED_PRECONDITION once the objection is answered; errors as of CheckUpload and HoldEvidence.
template <class Evidence, class Objection, class Request, class State>
absl::StatusOr<Evidence> AddEvidence(const rpc::StoreDeps& store, const rpc::Call& call,
                                     const Request& request, const db::Table<Objection>& objections,
                                     const db::Table<Evidence>& files, State open,
                                     int64_t most_files) {
  const std::string& bytes = request.file().data();
  CHANYAN_ASSIGN_OR_RETURN(const attachment::Upload upload,
                           attachment::CheckUpload(request.file(), request.file_name()));
  return rpc::Mutate<Evidence>(
      store, call, request, [&](rpc::Change& change) -> absl::StatusOr<Evidence> {
        db::Session& session = change.session();
        CHANYAN_ASSIGN_OR_RETURN(Objection objection,
                                 objections.GetForUpdate(session, request.parent()));
        if (!MayAddEvidence(objection.receipt_sha256(), request.verification_hash(),
                            objection.organization(), call.principal.organization)) {
          return status::NotFound(request.parent());
        }
        if (objection.state() != open) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("异议", policy::LabelOf(objection.state()), "，不再接收证据"));
        }
        CHANYAN_RETURN_IF_ERROR(HoldEvidence(session, objection.name(), most_files, upload, bytes));
        auto row = EvidenceOf<Evidence>(objection, upload, static_cast<int64_t>(bytes.size()));
        CHANYAN_RETURN_IF_ERROR(files.Insert(session, change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        const Objection before = objection;
        objection.set_evidence_count(objection.evidence_count() + 1);
        CHANYAN_RETURN_IF_ERROR(objections.Update(session, change.now(), &objection));
        CHANYAN_RETURN_IF_ERROR(change.Record("evidence", &before, &objection));
        return row;
      });
}

// A page of those that the caller may see.
template <class Response, class Evidence, class Request>
absl::StatusOr<Response> ListEvidence(db::Database& database, const rpc::Call& call,
                                      const Request& request, const db::Table<Evidence>& files) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(database, call, files, request,
                                                     absl::StrCat(request.parent(), "/evidence"),
                                                     request.filter(), request.order_by()));
  Response response;
  response.mutable_evidence()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

// The bytes of one that the caller may see; NOT_FOUND otherwise.
template <class Evidence>
absl::StatusOr<google::api::HttpBody> DownloadEvidence(db::Database& database,
                                                       const rpc::Call& call,
                                                       const std::string& name,
                                                       const db::Table<Evidence>& files) {
  google::api::HttpBody file;
  CHANYAN_RETURN_IF_ERROR(database.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const Evidence row,
                             files.Get(session, name, auth::Readable<Evidence>(call.principal)));
    CHANYAN_ASSIGN_OR_RETURN(std::string bytes, attachment::Load(session, row.sha256()));
    file = attachment::AsDownload(row.content_type(), row.file_name(), std::move(bytes));
    return absl::OkStatus();
  }));
  return file;
}

}  // namespace chanyan::objection
