#include "services/cycle/reviewer_notices.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "common/api/json.h"
#include "common/journal/entry_message.h"
#include "common/time/timestamp.h"
#include "services/cycle/notice_words.h"

namespace chanyan::cycle {
namespace {

using consortium::v1::ReviewAssignment;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_EXPERT;

constexpr absl::string_view kDoneWithReview[] = {"submit", "decline", "remove", "end"};

// To one expert alone.
Notice ToExpert(const ReviewAssignment& row) {
  Notice notice;
  notice.organization = row.employer();
  notice.account = row.account();
  notice.roles = {ROLE_EXPERT};
  return notice;
}

bool IsReached(const Notice& expert) {
  return !expert.organization.empty() && !expert.account.empty();
}

// Who is drawn is asked to review.
Notice OfInvitation(const ReviewAssignment& row) {
  Notice notice = ToExpert(row);
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  notice.due = time::ToTime(row.due_time());
  notice.title = absl::StrCat("请评审创新联合体“", row.consortium_title(), "”");
  notice.content = absl::StrCat(
      TermAs("评分截止", notice.due),
      "请核对参评单位后接受评审并按期提交评分；有利益关系或不能参加的，请说明原因推辞。");
  return notice;
}

// A score that had been handed in counts no more. Whoever was removed without one lost nothing.
std::vector<Notice> OfStrikeOut(const ReviewAssignment& row, const ReviewAssignment& before) {
  if (row.state() != consortium::v1::REVIEW_ASSIGNMENT_STATE_REMOVED ||
      before.state() != consortium::v1::REVIEW_ASSIGNMENT_STATE_SUBMITTED) {
    return {};
  }
  Notice office;
  office.organization = row.office();
  office.roles = {ROLE_DEPARTMENT};
  office.kind = v1::NOTIFICATION_KIND_NEWS;
  office.title = absl::StrCat("对创新联合体“", row.consortium_title(), "”的一份专家评分已剔除");
  office.content = absl::StrCat(Worded("专家", row.person()), Worded("原因", row.reason()),
                                "评审组尚在评分的，请递补专家；已结束评分的，得分已重新计算，请核对"
                                "结果是否仍可作为通过依据。");
  Notice expert = ToExpert(row);
  expert.kind = v1::NOTIFICATION_KIND_NEWS;
  expert.title =
      absl::StrCat("您对创新联合体“", row.consortium_title(), "”的评分已剔除，不计入结果");
  expert.content = absl::StrCat(Worded("原因", row.reason()), "如有异议，请与评审组织单位联系。");
  std::vector<Notice> notices = {std::move(office)};
  if (IsReached(expert)) notices.push_back(std::move(expert));
  return notices;
}

}  // namespace

bool IsOfReviewer(const journal::v1::Entry& entry) {
  return entry.type() == ReviewAssignment::descriptor()->full_name();
}

std::vector<Notice> ReviewerNoticesOf(const journal::v1::Entry& entry) {
  const auto row = journal::AfterIf<ReviewAssignment>(entry);
  if (!row) return {};
  if (entry.kind() == "drawn") {
    const Notice invitation = OfInvitation(*row);
    if (row->state() != consortium::v1::REVIEW_ASSIGNMENT_STATE_INVITED || !IsReached(invitation)) {
      return {};
    }
    return {invitation};
  }
  ReviewAssignment before;
  if (entry.before_json().empty() ||
      !api::JsonToMessage(entry.before_json(), before, api::JsonSource::kStored).ok()) {
    return {};
  }
  return OfStrikeOut(*row, before);
}

bool IsReviewerSettled(const journal::v1::Entry& entry) {
  return absl::c_linear_search(kDoneWithReview, entry.kind());
}

}  // namespace chanyan::cycle
