// RPC handlers of chanyan.triage.v1.FollowUpService (TRI-6). Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "common/auth/scope.h"
#include "common/db/bound_token.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/status/status.h"
#include "google/api/httpbody.pb.h"
#include "services/triage/deps.h"
#include "services/triage/result_book.h"

namespace chanyan::triage {

class FollowUpService {
 public:
  explicit FollowUpService(Deps deps) : deps_(std::move(deps)), book_(deps_.pack) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::FollowUp> GetFollowUp(const rpc::Call&, const v1::GetFollowUpRequest&);
  absl::StatusOr<v1::ListFollowUpsResponse> ListFollowUps(const rpc::Call&,
                                                          const v1::ListFollowUpsRequest&);
  absl::StatusOr<v1::FollowUp> CreateFollowUp(const rpc::Call&, const v1::CreateFollowUpRequest&);
  absl::StatusOr<v1::FollowUp> VoidFollowUp(const rpc::Call&, const v1::VoidFollowUpRequest&);
  // funnel.cc
  absl::StatusOr<v1::QueryFunnelResponse> QueryFunnel(const rpc::Call&,
                                                      const v1::QueryFunnelRequest&);
  absl::StatusOr<v1::ListStageEntriesResponse> ListStageEntries(const rpc::Call&,
                                                                const v1::ListStageEntriesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportFollowUps(const rpc::Call&,
                                                        const v1::ExportFollowUpsRequest&);

 private:
  // Entries of results that hold a filter over Result and that the caller may see. What is wrong
  // with it is wrong with `result_filter`.
  absl::StatusOr<db::Predicate> OfResults(const rpc::Call& call,
                                          absl::string_view result_filter) const;
  // A page of a collection below results, of those that hold the request's result_filter.
  template <class T, class Request>
  absl::StatusOr<db::Page<T>> FetchOfResults(const rpc::Call& call, const db::Table<T>& table,
                                             const Request& request,
                                             absl::string_view collection) const;
  v1::FollowUp Present(const rpc::Call& call, v1::FollowUp row) const;
  // The contract that a registration is of counts and is not registered yet.
  absl::Status CheckRegistration(rpc::Change& change, const rpc::Call& call,
                                 const v1::FollowUp& row) const;
  // How far a result has come by what counts of its log.
  static v1::FunnelStage StageLeft(const v1::Result& result, const std::vector<v1::FollowUp>& log);

  const Deps deps_;
  const ResultBook book_;
  const db::Table<v1::FollowUp> follow_ups_;
  const db::Table<v1::StageEntry> stages_;
};

template <class T, class Request>
absl::StatusOr<db::Page<T>> FollowUpService::FetchOfResults(const rpc::Call& call,
                                                            const db::Table<T>& table,
                                                            const Request& request,
                                                            absl::string_view collection) const {
  db::ListQuery query;
  query.parent = absl::StrCat(request.parent(), "/", collection);
  query.filter = request.filter();
  query.order_by = request.order_by();
  query.page_size = request.page_size();
  CHANYAN_ASSIGN_OR_RETURN(query.page_token,
                           db::UnbindPageToken(request.page_token(), request.result_filter()));
  CHANYAN_ASSIGN_OR_RETURN(const db::Predicate of, OfResults(call, request.result_filter()));
  query.scope = db::And(auth::Readable<T>(call.principal), of);
  db::Page<T> page;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(page, table.List(session, query));
        return absl::OkStatus();
      }));
  page.next_page_token = db::BindPageToken(page.next_page_token, request.result_filter());
  return page;
}

}  // namespace chanyan::triage
