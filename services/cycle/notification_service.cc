#include "services/cycle/notification_service.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/auth/scope.h"
#include "common/db/in_chunks.h"
#include "common/rpc/resource.h"
#include "services/cycle/actions.h"

namespace chanyan::cycle {
namespace {

constexpr char kReadAll[] =
    "UPDATE notification SET state = 'READ', update_time = ?, version = version + 1 "
    "WHERE account = ? AND state = 'UNREAD'";

// Rows of the caller alone, within those of its organization: what a colleague is told is his.
template <class T>
db::Predicate Own(const rpc::Call& call) {
  return db::And(auth::Readable<T>(call.principal), {"account = ?", {call.principal.account}});
}

template <class T, class Request>
absl::StatusOr<db::Page<T>> OwnPage(const CycleDeps& deps, const rpc::Call& call,
                                    const db::Table<T>& table, const Request& request,
                                    const std::string& filter, int64_t* unread) {
  db::ListQuery query;
  query.filter = filter;
  query.order_by = "create_time desc";
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  query.scope = Own<T>(call);
  db::Page<T> page;
  CHANYAN_RETURN_IF_ERROR(
      deps.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(page, table.List(session, query));
        if (unread == nullptr) return absl::OkStatus();
        CHANYAN_ASSIGN_OR_RETURN(
            *unread, table.Count(session, db::And(Own<T>(call), {"state = 'UNREAD'", {}})));
        return absl::OkStatus();
      }));
  return page;
}

}  // namespace

std::vector<rpc::UnaryMethod> NotificationService::Methods() {
  using S = NotificationService;
  return {
      rpc::Unary("ListNotifications", this, &S::ListNotifications),
      rpc::Unary("MarkNotificationsRead", this, &S::MarkNotificationsRead),
      rpc::Unary("ListDigests", this, &S::ListDigests),
      rpc::Unary("ListReminders", this, &S::ListReminders),
  };
}

absl::StatusOr<v1::ListNotificationsResponse> NotificationService::ListNotifications(
    const rpc::Call& call, const v1::ListNotificationsRequest& request) {
  int64_t unread = 0;
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, OwnPage(deps_, call, notifications_, request, request.filter(), &unread));
  v1::ListNotificationsResponse response;
  for (v1::Notification& row : page.rows) {
    *response.add_notifications() = WithActions(call.principal, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  response.set_unread_count(static_cast<int32_t>(unread));
  return response;
}

absl::StatusOr<v1::MarkNotificationsReadResponse> NotificationService::MarkNotificationsRead(
    const rpc::Call& call, const v1::MarkNotificationsReadRequest& request) {
  const std::vector<std::string> names(request.names().begin(), request.names().end());
  return rpc::Mutate<v1::MarkNotificationsReadResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::MarkNotificationsReadResponse> {
        int64_t marked = 0;
        const auto mark = [&](absl::Span<const std::string> some) -> absl::Status {
          db::Values params = {change.now(), call.principal.account};
          std::string sql = kReadAll;
          if (!some.empty()) absl::StrAppend(&sql, " AND name IN ", db::Marks(some.size()));
          params.insert(params.end(), some.begin(), some.end());
          CHANYAN_ASSIGN_OR_RETURN(const int64_t changed, change.session().Execute(sql, params));
          marked += changed;
          return absl::OkStatus();
        };
        CHANYAN_RETURN_IF_ERROR(names.empty() ? mark({}) : db::InChunks(names, mark));
        v1::MarkNotificationsReadResponse response;
        response.set_marked_count(static_cast<int32_t>(marked));
        return response;
      });
}

absl::StatusOr<v1::ListDigestsResponse> NotificationService::ListDigests(
    const rpc::Call& call, const v1::ListDigestsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, OwnPage(deps_, call, digests_, request, "", nullptr));
  v1::ListDigestsResponse response;
  for (v1::Digest& row : page.rows) *response.add_digests() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListRemindersResponse> NotificationService::ListReminders(
    const rpc::Call& call, const v1::ListRemindersRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, reminders_, request,
                                                     absl::StrCat(request.parent(), "/reminders"),
                                                     request.filter(), "schedule_time"));
  v1::ListRemindersResponse response;
  for (v1::Reminder& row : page.rows) *response.add_reminders() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::cycle
