#include "services/cycle/form_versions.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/digest.h"
#include "common/api/json.h"
#include "common/rpc/resource.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/gzip.h"
#include "services/cycle/output_queries.h"

namespace chanyan::cycle {
namespace {

constexpr absl::string_view kKeepRows =
    "INSERT INTO form_version_rows (form_version, data) VALUES (?, ?)";
constexpr absl::string_view kLoadRows = "SELECT data FROM form_version_rows WHERE form_version = ?";

}  // namespace

std::string CanonicalRows(std::vector<v1::Row> rows) {
  std::sort(rows.begin(), rows.end(),
            [](const v1::Row& a, const v1::Row& b) { return a.name() < b.name(); });
  std::string text;
  for (v1::Row& row : rows) {
    row.clear_holder();
    row.clear_in_transit();
    row.clear_distributed();
    row.clear_delivered();
    row.clear_released();
    row.clear_confirmed();
    row.clear_return_reason();
    row.clear_sent_back();
    row.clear_create_time();
    row.clear_update_time();
    row.clear_etag();
    api::MessageToJson(row, text, api::JsonNames::kProto);
    text += '\n';
  }
  return text;
}

absl::StatusOr<std::vector<v1::Row>> ReadCanonicalRows(absl::string_view text) {
  std::vector<v1::Row> rows;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    v1::Row& row = rows.emplace_back();
    if (!api::JsonToMessage(line, row, api::JsonSource::kStored).ok()) {
      return status::Internal("form version: a row that cannot be read");
    }
  }
  return rows;
}

absl::Status KeepVersionRows(db::Session& session, const std::string& version,
                             absl::string_view canonical) {
  CHANYAN_ASSIGN_OR_RETURN(std::string packed, Gzip(canonical));
  return session.Execute(kKeepRows, {version, std::move(packed)}).status();
}

absl::StatusOr<std::vector<v1::Row>> LoadVersionRows(db::Session& session,
                                                     const std::string& version,
                                                     absl::string_view sha256) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kLoadRows, {version}));
  if (found.rows.empty()) return status::Internal(absl::StrCat(version, " has no rows"));
  CHANYAN_ASSIGN_OR_RETURN(const std::string text, Gunzip(std::get<std::string>(found.rows[0][0])));
  if (api::Sha256Hex(text) != sha256) {
    return status::Internal(absl::StrCat(version, ": the rows are not those of its digest"));
  }
  return ReadCanonicalRows(text);
}

absl::Status CycleService::KeepVersion(rpc::Change& change, const rpc::Call& call,
                                       absl::Time cycle_now, const v1::Form& form,
                                       const std::vector<v1::Row>& rows) {
  const std::string canonical = CanonicalRows(rows);
  v1::FormVersion version;
  version.set_revision(form.revision() + 1);
  version.set_name(NextVersionName(form.name(), form.revision()));
  version.set_university(form.university());
  *version.mutable_submit_time() = time::ToTimestamp(cycle_now);
  version.set_account(call.principal.account);
  version.set_row_count(static_cast<int32_t>(rows.size()));
  version.set_content_sha256(api::Sha256Hex(canonical));
  CHANYAN_RETURN_IF_ERROR(form_versions_.Insert(change.session(), change.now(), &version));
  CHANYAN_RETURN_IF_ERROR(KeepVersionRows(change.session(), version.name(), canonical));
  return change.Record("kept", nullptr, &version);
}

absl::StatusOr<std::vector<v1::Row>> CycleService::RowsOfVersion(db::Session& session,
                                                                 const rpc::Call& call,
                                                                 const v1::Form& form,
                                                                 int revision) const {
  CHANYAN_ASSIGN_OR_RETURN(
      const v1::FormVersion version,
      form_versions_.Get(session, absl::StrCat(form.name(), "/versions/", revision),
                         auth::Readable<v1::FormVersion>(call.principal)));
  return LoadVersionRows(session, version.name(), version.content_sha256());
}

absl::StatusOr<v1::ListFormVersionsResponse> CycleService::ListFormVersions(
    const rpc::Call& call, const v1::ListFormVersionsRequest& request) {
  // Version 10 follows 9 in number, not in name.
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, form_versions_, request,
                                absl::StrCat(request.parent(), "/versions"), "", "revision"));
  v1::ListFormVersionsResponse response;
  for (v1::FormVersion& version : page.rows) *response.add_form_versions() = std::move(version);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::cycle
