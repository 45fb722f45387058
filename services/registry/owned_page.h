// Lists of what organizations own, platforms and instruments: by owner, not by name, for what was
// taken over keeps the name it had.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "common/status/status.h"

namespace chanyan::registry {

// A page of what `request.parent()` owns, or the organization that it is part of by now; with
// "organizations/-" of all. `collection` is that of the names, such as "platforms".
template <class T, class Request>
absl::StatusOr<db::Page<T>> FetchOwned(db::Database& db, const rpc::Call& call,
                                       const db::Table<v1::Organization>& organizations,
                                       const db::Table<T>& table, absl::string_view collection,
                                       const Request& request) {
  constexpr absl::string_view kAnyOrganization = "organizations/-";
  if (!api::ParseName("organizations/{organization}", request.parent(), /*wildcards=*/true)) {
    return status::InvalidField("parent",
                                "应为单位编号，形如 organizations/abc 或 organizations/-");
  }
  if (request.parent() == kAnyOrganization) {
    return rpc::FetchPage(db, call, table, request, absl::StrCat(kAnyOrganization, "/", collection),
                          request.filter(), request.order_by());
  }
  std::string owner = request.parent();
  CHANYAN_RETURN_IF_ERROR(db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    const auto found = organizations.Get(session, request.parent());
    if (absl::IsNotFound(found.status())) return absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(found.status());
    if (found->state() == v1::ORGANIZATION_STATE_MERGED) owner = found->merged_into();
    return absl::OkStatus();
  }));
  // A part of the filter, so that a page's token belongs to it.
  const std::string filter = absl::StrCat(request.filter(), request.filter().empty() ? "" : " AND ",
                                          "organization = \"", owner, "\"");
  return rpc::FetchPage(db, call, table, request, "", filter, request.order_by());
}

}  // namespace chanyan::registry
