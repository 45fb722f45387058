#include "services/cycle/return_versions.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/form_versions.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/return_rules.h"

namespace chanyan::cycle {
namespace {

// The hand-over that sent a row back to its enterprise last.
constexpr absl::string_view kSentBackBy =
    "name = (SELECT hop.handover FROM handover_row hop JOIN handover back ON back.name = "
    "hop.handover WHERE hop.form_row = ? AND back.receiver = ? AND back.sent_back = 1 "
    "ORDER BY hop.hop DESC LIMIT 1)";

}  // namespace

absl::StatusOr<std::vector<std::string>> CycleService::WhySentBack(
    db::Session& session, const std::string& enterprise, const std::vector<v1::Row>& rows) const {
  std::vector<std::string> reasons;
  const auto back =
      std::find_if(rows.begin(), rows.end(), [](const v1::Row& row) { return row.sent_back(); });
  if (back == rows.end()) return reasons;
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Handover> by,
      handovers_.Select(session, {std::string(kSentBackBy), {back->name(), enterprise}}));
  if (!by.empty()) reasons.assign(by.front().reasons().begin(), by.front().reasons().end());
  return reasons;
}

absl::StatusOr<std::vector<std::string>> CycleService::KeepReturnVersions(rpc::Change& change,
                                                                          const GivenBack& given) {
  db::Session& session = change.session();
  std::vector<std::string> names;
  for (const auto& [form, rows] : given.rows) {
    const std::string parent = absl::StrCat(ReturnName(form, given.enterprise), "/versions");
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ReturnVersion> earlier,
                             return_versions_.Select(session, Below(parent)));
    const auto latest =
        std::max_element(earlier.begin(), earlier.end(),
                         [](const auto& a, const auto& b) { return a.revision() < b.revision(); });
    const std::string canonical = CanonicalRows(rows);
    v1::ReturnVersion version;
    version.set_content_sha256(api::Sha256Hex(canonical));
    if (latest != earlier.end()) {
      if (latest->content_sha256() == version.content_sha256()) {
        names.push_back(latest->name());
        continue;
      }
      version.set_revision(latest->revision());
      CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> sent_back_for,
                               WhySentBack(session, given.enterprise, rows));
      version.set_reason(WhyGivenAgain(given.reason, sent_back_for));
    }
    version.set_revision(version.revision() + 1);
    version.set_name(absl::StrCat(parent, "/", version.revision()));
    version.set_enterprise(given.enterprise);
    version.set_enterprise_title(given.enterprise_title);
    version.set_unit(given.unit);
    *version.mutable_submit_time() = time::ToTimestamp(given.time);
    version.set_account(given.account);
    version.set_no_change(
        std::any_of(rows.begin(), rows.end(), [](const v1::Row& row) { return !row.confirmed(); }));
    version.set_row_count(static_cast<int32_t>(rows.size()));
    CHANYAN_RETURN_IF_ERROR(return_versions_.Insert(session, change.now(), &version));
    CHANYAN_RETURN_IF_ERROR(KeepVersionRows(session, version.name(), canonical));
    CHANYAN_RETURN_IF_ERROR(change.Record("kept", nullptr, &version));
    names.push_back(version.name());
  }
  return names;
}

absl::StatusOr<v1::ReturnVersion> CycleService::ReturnVersionOf(db::Session& session,
                                                                const rpc::Call& call,
                                                                absl::string_view form,
                                                                absl::string_view enterprise,
                                                                int revision) const {
  return return_versions_.Get(session,
                              absl::StrCat(ReturnName(form, enterprise), "/versions/", revision),
                              auth::Readable<v1::ReturnVersion>(call.principal));
}

absl::StatusOr<v1::ListReturnVersionsResponse> CycleService::ListReturnVersions(
    const rpc::Call& call, const v1::ListReturnVersionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, return_versions_, request,
                                absl::StrCat(request.parent(), "/versions"), "", "revision"));
  v1::ListReturnVersionsResponse response;
  for (v1::ReturnVersion& version : page.rows) {
    *response.add_return_versions() = std::move(version);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::cycle
