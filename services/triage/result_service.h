// RPC handlers of chanyan.triage.v1.ResultService (TRI-1). Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/rpc/call.h"
#include "common/rpc/import.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/triage/deps.h"
#include "services/triage/quarantine.h"
#include "services/triage/result_book.h"

namespace chanyan::triage {

class ResultService {
 public:
  explicit ResultService(Deps deps)
      : deps_(std::move(deps)), book_(deps_.pack), quarantine_(deps_.pack, deps_.hygiene) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Result> GetResult(const rpc::Call&, const v1::GetResultRequest&);
  absl::StatusOr<v1::ListResultsResponse> ListResults(const rpc::Call&,
                                                      const v1::ListResultsRequest&);
  absl::StatusOr<v1::Result> CreateResult(const rpc::Call&, const v1::CreateResultRequest&);
  absl::StatusOr<v1::Result> UpdateResult(const rpc::Call&, const v1::UpdateResultRequest&);
  absl::StatusOr<v1::Result> SubmitResult(const rpc::Call&, const v1::SubmitResultRequest&);
  absl::StatusOr<v1::Result> PublishResult(const rpc::Call&, const v1::PublishResultRequest&);
  absl::StatusOr<v1::Result> ReturnResult(const rpc::Call&, const v1::ReturnResultRequest&);
  absl::StatusOr<v1::Result> WithdrawResult(const rpc::Call&, const v1::WithdrawResultRequest&);
  absl::StatusOr<v1::Result> MergeResult(const rpc::Call&, const v1::MergeResultRequest&);
  absl::StatusOr<v1::Result> AssignTeam(const rpc::Call&, const v1::AssignTeamRequest&);
  absl::StatusOr<v1::ListResultRevisionsResponse> ListResultRevisions(
      const rpc::Call&, const v1::ListResultRevisionsRequest&);
  absl::StatusOr<v1::ListResultDuplicatesResponse> ListResultDuplicates(
      const rpc::Call&, const v1::ListResultDuplicatesRequest&);
  absl::StatusOr<v1::ListQuarantinedTextsResponse> ListQuarantinedTexts(
      const rpc::Call&, const v1::ListQuarantinedTextsRequest&);
  absl::StatusOr<v1::ImportResultsResponse> ImportResults(const rpc::Call&,
                                                          const v1::ImportResultsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportResults(const rpc::Call&,
                                                      const v1::ExportResultsRequest&);

 private:
  struct ImportRow;

  v1::Result Present(const rpc::Call& call, v1::Result row) const;
  // The caller's act on a result: idleness begins anew if it is the holder's.
  void NoteAct(const rpc::Call& call, absl::Time now, v1::Result* row) const;
  // Who is first contact of a result that the caller brings in.
  absl::StatusOr<Holder> FirstHolder(rpc::Change& change, const rpc::Call& call,
                                     const std::string& caller_title, const v1::Result& row) const;
  // Sets title and team of a result of this organization.
  absl::Status Place(rpc::Change& change, const registry::v1::Organization& owner,
                     v1::Result* row) const;
  // result_revisions.cc
  //
  // Writes changed content: of a published result as a new revision.
  absl::Status WriteContent(rpc::Change& change, const rpc::Call& call,
                            absl::string_view override_reason, const v1::Result& before,
                            v1::Result* row, absl::string_view kind) const;
  absl::Status WriteRevision(rpc::Change& change, const rpc::Call& call, const v1::Result& before,
                             const v1::Result& row) const;
  absl::Status RefreshListing(rpc::Change& change, const v1::Result& row) const;

  using RowEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::Result&)>;
  absl::StatusOr<v1::Result> Transit(const rpc::Call& call,
                                     const google::protobuf::Message& request,
                                     const std::string& name, const std::string& etag,
                                     absl::string_view verb, RowEdit edit);
  absl::StatusOr<ImportRow> PlanRow(rpc::Change& change, const rpc::Call& call,
                                    const registry::v1::Organization& owner,
                                    const v1::ServiceTeam* team,
                                    const google::protobuf::FieldMask& copied,
                                    const sheet::TablePlaces& places, const v1::Result& message,
                                    std::vector<status::Violation>* wrong) const;

  const Deps deps_;
  const ResultBook book_;
  const Quarantine quarantine_;
  const db::Table<v1::ResultRevision> revisions_;
};

}  // namespace chanyan::triage
