// WatchConsortium: who edits a dossier with others sees what they change as it is committed
// (CON-1). It is asked again and again for what is newer (common/rpc/stream.h); who changed what is
// read from the journal, so that it is known also after a disconnect and on another replica.
#include <utility>

#include "common/auth/scope.h"
#include "common/rpc/stale.h"
#include "services/consortium/consortium_service.h"

namespace chanyan::consortium {

absl::StatusOr<rpc::News<v1::WatchConsortiumResponse>> ConsortiumService::WatchConsortium(
    const rpc::Call& call, const v1::WatchConsortiumRequest& request) const {
  rpc::News<v1::WatchConsortiumResponse> news;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        news = {};
        CHANYAN_ASSIGN_OR_RETURN(
            v1::Consortium row,
            deps_.book.table().Get(session, request.name(),
                                   auth::Readable<v1::Consortium>(call.principal)));
        if (row.etag() == request.last_event_id()) {
          // Nothing comes after the end of a filing, or of one that never was.
          news.ended = !In(row.state(), kOpen | kInForce);
          return absl::OkStatus();
        }
        v1::WatchConsortiumResponse& event = news.event.emplace();
        event.set_event_id(row.etag());
        if (!request.last_event_id().empty()) {
          auto changes = rpc::ChangesSince(session, call, request.last_event_id(), row);
          if (changes) *event.mutable_changes() = *std::move(changes);
        }
        *event.mutable_consortium() = Present(deps_.pack, call, std::move(row));
        return absl::OkStatus();
      }));
  return news;
}

}  // namespace chanyan::consortium
