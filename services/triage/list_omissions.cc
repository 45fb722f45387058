// Entries that the office leaves out of a draft list, and takes in again (TRI-7). A draft's line is
// marked and keeps its place; why stands in the omission, which refreshing and issuing leave as it
// is.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/rpc/resource.h"
#include "services/triage/industry_list_life.h"
#include "services/triage/list_service.h"

namespace chanyan::triage {
namespace {

constexpr char kOfList[] = "list = ?";

std::string OmissionOf(const std::string& list, const std::string& subject) {
  return absl::StrCat(list, "/omissions/", api::DigestId("o", subject));
}

// The lines that are named, in that order, marked as `left_out` wants it; INVALID_FIELD with every
// one that is not on the list, named twice, or so already.
absl::StatusOr<std::vector<v1::ListLine>> Chosen(
    const std::vector<v1::ListLine>& all,
    const google::protobuf::RepeatedPtrField<std::string>& names, bool left_out) {
  absl::flat_hash_map<std::string, const v1::ListLine*> by_name;
  for (const v1::ListLine& line : all) by_name[line.name()] = &line;
  std::vector<v1::ListLine> chosen;
  std::vector<status::Violation> violations;
  absl::flat_hash_set<std::string> seen;
  for (int i = 0; i < names.size(); ++i) {
    const auto found = by_name.find(names.Get(i));
    std::string wrong;
    if (found == by_name.end()) {
      wrong = absl::StrCat("清单草稿中没有条目“", names.Get(i), "”，请刷新页面后重选");
    } else if (!seen.insert(names.Get(i)).second) {
      wrong = absl::StrCat("第", found->second->number(), "条重复选择");
    } else if (found->second->left_out() == left_out) {
      wrong = absl::StrCat("第", found->second->number(), "条“", found->second->title(), "”",
                           left_out ? "已经剔除" : "没有剔除，不需恢复");
    }
    if (!wrong.empty()) {
      violations.push_back({absl::StrCat("lines[", i, "]"), std::move(wrong)});
      continue;
    }
    chosen.push_back(*found->second);
    chosen.back().set_left_out(left_out);
  }
  if (!violations.empty()) return status::InvalidFields(std::move(violations));
  return chosen;
}

}  // namespace

absl::Status ListService::Trim(rpc::Change& change, const rpc::Call& call,
                               const v1::TrimIndustryListRequest& request,
                               v1::IndustryList* row) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ListLine> all,
                           lines_.Select(change.session(), {kOfList, {row->name()}}));
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::ListLine> chosen, Chosen(all, request.lines(), true));
  std::vector<v1::ListOmission> omissions;
  for (const v1::ListLine& line : chosen) {
    v1::ListOmission& omission = omissions.emplace_back();
    omission.set_name(OmissionOf(row->name(), line.subject()));
    omission.set_subject(line.subject());
    omission.set_title(line.title());
    omission.set_reason(request.reason());
    omission.set_author(call.principal.account);
    omission.set_office(row->office());
  }
  CHANYAN_RETURN_IF_ERROR(lines_.UpdateAll(change.session(), change.now(), &chosen));
  CHANYAN_RETURN_IF_ERROR(omissions_.InsertAll(change.session(), change.now(), &omissions));
  row->set_line_count(row->line_count() - static_cast<int>(chosen.size()));
  std::vector<journal::Alteration> made;
  for (const v1::ListOmission& one : omissions) made.push_back({nullptr, &one});
  return change.RecordAll("left out", made);
}

absl::Status ListService::Restore(rpc::Change& change,
                                  const v1::RestoreIndustryListRequest& request,
                                  v1::IndustryList* row) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ListLine> all,
                           lines_.Select(change.session(), {kOfList, {row->name()}}));
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::ListLine> chosen, Chosen(all, request.lines(), false));
  std::vector<std::string> names;
  for (const v1::ListLine& line : chosen) names.push_back(OmissionOf(row->name(), line.subject()));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ListOmission> omissions,
                           omissions_.GetAll(change.session(), names));
  std::vector<journal::Alteration> gone;
  for (const v1::ListOmission& omission : omissions) {
    CHANYAN_RETURN_IF_ERROR(omissions_.Delete(change.session(), omission));
    gone.push_back({&omission, nullptr});
  }
  CHANYAN_RETURN_IF_ERROR(lines_.UpdateAll(change.session(), change.now(), &chosen));
  row->set_line_count(row->line_count() + static_cast<int>(chosen.size()));
  return change.RecordAll("taken in", gone);
}

absl::Status ListService::InheritOmissions(rpc::Change& change, const v1::IndustryList& old,
                                           const v1::IndustryList& row) const {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::ListOmission> omissions,
                           omissions_.Select(change.session(), {kOfList, {old.name()}}));
  if (omissions.empty()) return absl::OkStatus();
  for (v1::ListOmission& omission : omissions) {
    omission.set_name(OmissionOf(row.name(), omission.subject()));
  }
  CHANYAN_RETURN_IF_ERROR(omissions_.InsertAll(change.session(), change.now(), &omissions));
  std::vector<journal::Alteration> made;
  for (const v1::ListOmission& one : omissions) made.push_back({nullptr, &one});
  return change.RecordAll("left out", made);
}

absl::StatusOr<v1::IndustryList> ListService::TrimIndustryList(
    const rpc::Call& call, const v1::TrimIndustryListRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::IndustryList row,
      rpc::Transit<v1::IndustryList>(
          deps_.store, call, request, lists_, IndustryListLife(), request.name(), request.etag(),
          "trim", [&](rpc::Change& change, v1::IndustryList& list) -> absl::Status {
            return Trim(change, call, request, &list);
          }));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::IndustryList> ListService::RestoreIndustryList(
    const rpc::Call& call, const v1::RestoreIndustryListRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::IndustryList row,
      rpc::Transit<v1::IndustryList>(
          deps_.store, call, request, lists_, IndustryListLife(), request.name(), request.etag(),
          "restore", [&](rpc::Change& change, v1::IndustryList& list) -> absl::Status {
            return Restore(change, request, &list);
          }));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListListOmissionsResponse> ListService::ListListOmissions(
    const rpc::Call& call, const v1::ListListOmissionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, omissions_, request,
                                                     absl::StrCat(request.parent(), "/omissions"),
                                                     request.filter(), request.order_by()));
  v1::ListListOmissionsResponse response;
  for (v1::ListOmission& row : page.rows) *response.add_list_omissions() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::triage
