// Issued lists are opened to everybody and taken back (TRI-7, S3 二(三)(五)): the list, its lines
// and nothing else; what task forces say of them stays with those it was said to.
#include "common/api/well_known.h"
#include "common/rpc/resource.h"
#include "services/triage/industry_list_life.h"
#include "services/triage/list_lines.h"
#include "services/triage/list_service.h"

namespace chanyan::triage {
namespace {

constexpr char kLinesInOrder[] = "number FOR UPDATE";

absl::Status RefuseList(absl::string_view why) {
  return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE, std::string(why));
}

}  // namespace

absl::Status ListService::SetPublished(rpc::Change& change, bool published,
                                       v1::IndustryList* row) const {
  row->set_published(published);
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::ListLine> lines,
      lines_.Select(change.session(), {kKeptLines, {row->name()}}, kLinesInOrder));
  if (lines.empty()) return absl::OkStatus();
  const std::vector<v1::ListLine> were = lines;
  for (v1::ListLine& line : lines) line.set_published(published);
  CHANYAN_RETURN_IF_ERROR(lines_.UpdateAll(change.session(), change.now(), &lines));
  std::vector<journal::Alteration> altered;
  for (size_t i = 0; i < lines.size(); ++i) altered.push_back({&were[i], &lines[i]});
  return change.RecordAll(published ? "published" : "unpublished", altered);
}

absl::StatusOr<v1::IndustryList> ListService::PublishIndustryList(
    const rpc::Call& call, const v1::PublishIndustryListRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::IndustryList row,
      rpc::Transit<v1::IndustryList>(
          deps_.store, call, request, lists_, IndustryListLife(), request.name(), request.etag(),
          "publish", [&](rpc::Change& change, v1::IndustryList& list) -> absl::Status {
            if (list.published()) return RefuseList("该清单已经公布，不需再次公布");
            CHANYAN_RETURN_IF_ERROR(
                CheckLines(change.session(), list, change.now(), Listed::kStillOpen));
            api::SetTime(change.now(), list.mutable_publish_time());
            list.clear_withdraw_reason();
            return SetPublished(change, true, &list);
          }));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::IndustryList> ListService::WithdrawIndustryList(
    const rpc::Call& call, const v1::WithdrawIndustryListRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::IndustryList row,
      rpc::Transit<v1::IndustryList>(
          deps_.store, call, request, lists_, IndustryListLife(), request.name(), request.etag(),
          "withdraw", [&](rpc::Change& change, v1::IndustryList& list) -> absl::Status {
            if (!list.published()) return RefuseList("该清单没有公布，不需撤下");
            list.set_withdraw_reason(request.reason());
            return SetPublished(change, false, &list);
          }));
  return Present(call, std::move(row));
}

}  // namespace chanyan::triage
