// RPC handlers of chanyan.triage.v1.ListService (TRI-7): drafts, numbered versions that do not
// change any more, and what task forces say to their lines. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "chanyan/triage/v1/list.pb.h"
#include "common/db/lease.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "google/api/httpbody.pb.h"
#include "services/triage/deps.h"
#include "services/triage/issue_rules.h"
#include "services/triage/list_lines.h"

namespace chanyan::triage {

// Lines of one list. A city's library of 100,000 results has some nine thousand an industry.
inline constexpr size_t kMaxListLines = 20'000;

class ListService {
 public:
  explicit ListService(Deps deps, size_t max_lines = kMaxListLines)
      : deps_(std::move(deps)), max_lines_(max_lines) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::IndustryList> GetIndustryList(const rpc::Call&,
                                                   const v1::GetIndustryListRequest&);
  absl::StatusOr<v1::ListIndustryListsResponse> ListIndustryLists(
      const rpc::Call&, const v1::ListIndustryListsRequest&);
  absl::StatusOr<v1::IndustryList> CreateIndustryList(const rpc::Call&,
                                                      const v1::CreateIndustryListRequest&);
  absl::StatusOr<v1::IndustryList> RefreshIndustryList(const rpc::Call&,
                                                       const v1::RefreshIndustryListRequest&);
  absl::StatusOr<v1::IndustryList> TrimIndustryList(const rpc::Call&,
                                                    const v1::TrimIndustryListRequest&);
  absl::StatusOr<v1::IndustryList> RestoreIndustryList(const rpc::Call&,
                                                       const v1::RestoreIndustryListRequest&);
  absl::StatusOr<v1::ListListOmissionsResponse> ListListOmissions(
      const rpc::Call&, const v1::ListListOmissionsRequest&);
  // list_issue.cc
  absl::StatusOr<v1::IndustryList> IssueIndustryList(const rpc::Call&,
                                                     const v1::IssueIndustryListRequest&);
  absl::StatusOr<v1::IndustryList> CorrectIndustryList(const rpc::Call&,
                                                       const v1::CorrectIndustryListRequest&);

  // list_publication.cc
  absl::StatusOr<v1::IndustryList> PublishIndustryList(const rpc::Call&,
                                                       const v1::PublishIndustryListRequest&);
  absl::StatusOr<v1::IndustryList> WithdrawIndustryList(const rpc::Call&,
                                                        const v1::WithdrawIndustryListRequest&);

  absl::StatusOr<v1::IndustryList> DiscardIndustryList(const rpc::Call&,
                                                       const v1::DiscardIndustryListRequest&);
  absl::StatusOr<v1::ListListLinesResponse> ListListLines(const rpc::Call&,
                                                          const v1::ListListLinesRequest&);
  absl::StatusOr<v1::ListFeedback> GiveListFeedback(const rpc::Call&,
                                                    const v1::GiveListFeedbackRequest&);
  absl::StatusOr<v1::ListListFeedbacksResponse> ListListFeedbacks(
      const rpc::Call&, const v1::ListListFeedbacksRequest&);
  absl::StatusOr<v1::ListListDeliveriesResponse> ListListDeliveries(
      const rpc::Call&, const v1::ListListDeliveriesRequest&);
  absl::StatusOr<google::api::HttpBody> ExportIndustryList(const rpc::Call&,
                                                           const v1::ExportIndustryListRequest&);
  absl::StatusOr<google::api::HttpBody> ExportListFeedbacks(const rpc::Call&,
                                                            const v1::ExportListFeedbacksRequest&);

  // The job: of each kind that the pack does not leave to the office, one draft for each industry
  // that a task force speaks for, and for each chain of a taxonomy that none speaks for (ChainsOf),
  // of the period that is due (DuePeriod), once. An industry is left
  // alone while a draft of its kind stands, and if it has a list of that period or of a later one,
  // whatever became of it; one without entries gets none. How many were drafted.
  absl::StatusOr<int> DraftDue(const db::Lease& lease);

 private:
  v1::IndustryList Present(const rpc::Call& call, v1::IndustryList row) const;
  // A draft without lines.
  v1::IndustryList NewDraft(const policy::v1::IndustryListKind& kind, const std::string& industry,
                            const Period& period, const std::string& author) const;
  // False if it is left alone or has no entries.
  absl::StatusOr<bool> DraftOne(const db::Lease& lease, const policy::v1::IndustryListKind& kind,
                                const std::string& industry, const Period& period) const;
  // Industries of a kind that are to be drafted, in the order of the pack.
  absl::StatusOr<std::vector<std::string>> DueIndustries(const policy::v1::IndustryListKind& kind,
                                                         const Period& period) const;
  absl::Status Trim(rpc::Change& change, const rpc::Call& call,
                    const v1::TrimIndustryListRequest& request, v1::IndustryList* row) const;
  absl::Status Restore(rpc::Change& change, const v1::RestoreIndustryListRequest& request,
                       v1::IndustryList* row) const;
  // What was left out of the version before stays out.
  absl::Status InheritOmissions(rpc::Change& change, const v1::IndustryList& old,
                                const v1::IndustryList& row) const;
  // Takes the lines of a draft from the libraries, in place of those it has.
  absl::Status Collect(rpc::Change& change, v1::IndustryList* row) const;
  // Writes them, numbered in their order, in place of those it has, and counts them.
  absl::Status Place(rpc::Change& change, std::vector<v1::ListLine>& lines,
                     v1::IndustryList* row) const;
  template <class Subject>
  absl::StatusOr<std::vector<v1::ListLine>> LinesOf(db::Session& session,
                                                    const policy::v1::IndustryListKind& kind,
                                                    const std::vector<std::string>& industries,
                                                    absl::Time now) const;
  // What entries must be: what their lines say and open to everybody, or the latter alone.
  enum class Listed { kAsIs, kStillOpen };
  // FAILED_PRECONDITION if an entry is that no more; locks the entries.
  absl::Status CheckLines(db::Session& session, const v1::IndustryList& row, absl::Time now,
                          Listed listed) const;
  // Opens a list with its lines to everybody, or closes it; the caller writes the list.
  absl::Status SetPublished(rpc::Change& change, bool published, v1::IndustryList* row) const;
  absl::Status Deliver(rpc::Change& change, const std::vector<v1::ListLine>& lines,
                       v1::IndustryList* row) const;
  absl::Status Issue(rpc::Change& change, const rpc::Call& call, v1::IndustryList* row) const;
  // The version before is CORRECTED by `row`, and not published any more.
  absl::Status Supersede(rpc::Change& change, const v1::IndustryList& row) const;

  const Deps deps_;
  const size_t max_lines_;
  const db::Table<v1::IndustryList> lists_;
  const db::Table<v1::ListLine> lines_;
  const db::Table<v1::ListFeedback> feedbacks_;
  const db::Table<v1::ListDelivery> deliveries_;
  const db::Table<v1::ListOmission> omissions_;
};

}  // namespace chanyan::triage
