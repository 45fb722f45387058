#include "common/policy/consortium_review_check.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/policy/item_checks.h"
#include "common/policy/life.h"

namespace chanyan::policy {
namespace {

constexpr uint32_t kMostWorkdays = 250;
constexpr uint32_t kMostMonths = 600;
constexpr uint32_t kMostTenths = 10'000;
constexpr uint32_t kMostSeats = 50;

class ReviewChecker : private ItemChecks {
 public:
  explicit ReviewChecker(const PackSource& source)
      : ItemChecks(source),
        consortium_(source.pack().consortium()),
        review_(consortium_.review()) {}

  std::vector<PackError> Run(bool has_consortium) {
    if (!has_consortium) return TakeErrors();
    if (!consortium_.has_review()) {
      Add(consortium_, 0, "创新联合体：未填写评审（review）");
    } else {
      Categories();
      Checks();
      Sheets();
      Checklists();
    }
    Notice();
    return TakeErrors();
  }

 private:
  void Within(const Message& item, int field, uint32_t value, uint32_t least, uint32_t most,
              absl::string_view of, absl::string_view label) {
    if (value >= least && value <= most) return;
    Add(item, field, absl::StrCat(of, "：", label, "应为", least, "至", most));
  }

  void Categories() {
    const std::string of = "专家评审";
    HasClause(review_, of);
    HasOrigin(review_, of);
    for (const v1::ExpertCategory& category : review_.categories()) {
      NamedIdentity(category, "专家类别", categories_);
    }
    if (categories_.empty()) Add(review_, 0, absl::StrCat(of, "：没有专家类别（categories）"));
  }

  void Checks() {
    absl::flat_hash_set<int> kinds;
    for (const v1::ConflictCheck& check : review_.conflict_checks()) {
      const std::string of = absl::StrCat("回避情形“", LabelOf(check.kind()), "”");
      Chosen(check, v1::ConflictCheck::kKindFieldNumber, check.kind(), "回避情形", "类型（kind）");
      HasClause(check, of);
      HasOrigin(check, of);
      Within(check, v1::ConflictCheck::kLookBackMonthsFieldNumber, check.look_back_months(), 0,
             kMostMonths, of, "追溯月数（look_back_months）");
      if (!kinds.insert(check.kind()).second) Add(check, 0, absl::StrCat(of, "：重复"));
      if (check.kind() == v1::CONFLICT_KIND_REPORTED) {
        Add(check, v1::ConflictCheck::kKindFieldNumber,
            absl::StrCat(of, "：由人报告，不能作为自动核查的情形"));
      }
    }
    if (kinds.empty()) Add(review_, 0, "专家评审：没有回避情形（conflict_checks）");
  }

  void Sheets() {
    absl::flat_hash_set<std::string> ids;
    for (const v1::ReviewSheet& sheet : review_.sheets()) {
      const std::string of = NamedIdentity(sheet, "评分表", ids);
      HasClause(sheet, of);
      HasOrigin(sheet, of);
      Chosen(sheet, v1::ReviewSheet::kStageFieldNumber, sheet.stage(), of, "阶段（stage）");
      Chosen(sheet, v1::ReviewSheet::kAggregationFieldNumber, sheet.aggregation(), of,
             "计分方法（aggregation）");
      Within(sheet, v1::ReviewSheet::kScoreWorkdaysFieldNumber, sheet.score_workdays(), 1,
             kMostWorkdays, of, "评分工作日（score_workdays）");
      const uint32_t points = Criteria(sheet, of);
      if (sheet.pass_tenths() > points) {
        Add(sheet, v1::ReviewSheet::kPassTenthsFieldNumber,
            absl::StrCat(of, "：合格分（pass_tenths）高于满分"));
      }
      const uint32_t seats = Seats(sheet, of);
      Within(sheet, v1::ReviewSheet::kMinSheetsFieldNumber, sheet.min_sheets(), 1, seats, of,
             "最少份数（min_sheets）");
    }
    if (ids.empty()) Add(review_, 0, "专家评审：没有评分表（sheets）");
  }

  // The most points that a sheet can have.
  uint32_t Criteria(const v1::ReviewSheet& sheet, const std::string& of) {
    absl::flat_hash_set<std::string> ids;
    uint32_t points = 0;
    for (const v1::SheetCriterion& criterion : sheet.criteria()) {
      const std::string which = absl::StrCat(of, NamedIdentity(criterion, "评分项", ids));
      HasClause(criterion, which);
      Within(criterion, v1::SheetCriterion::kMaxTenthsFieldNumber, criterion.max_tenths(), 1,
             kMostTenths, which, "满分（max_tenths）");
      points += criterion.max_tenths();
    }
    if (ids.empty()) Add(sheet, 0, absl::StrCat(of, "：没有评分项（criteria）"));
    return points;
  }

  uint32_t Seats(const v1::ReviewSheet& sheet, const std::string& of) {
    absl::flat_hash_set<std::string> seen;
    uint32_t seats = 0;
    for (const v1::PanelSeat& seat : sheet.seats()) {
      if (!categories_.contains(seat.category())) {
        Add(seat, v1::PanelSeat::kCategoryFieldNumber,
            absl::StrCat(of, "：没有专家类别“", seat.category(), "”"));
      }
      if (!seen.insert(seat.category()).second) {
        Add(seat, 0, absl::StrCat(of, "：专家类别“", seat.category(), "”重复"));
      }
      Within(seat, v1::PanelSeat::kCountFieldNumber, seat.count(), 1, kMostSeats, of,
             "人数（count）");
      seats += seat.count();
    }
    if (seen.empty()) Add(sheet, 0, absl::StrCat(of, "：没有席位（seats）"));
    return std::max(seats, 1U);
  }

  void Checklists() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<int> kinds;
    for (const v1::MeetingChecklist& list : review_.checklists()) {
      const std::string of = NamedIdentity(list, "考察或答辩清单", ids);
      HasClause(list, of);
      HasOrigin(list, of);
      Chosen(list, v1::MeetingChecklist::kKindFieldNumber, list.kind(), of, "类型（kind）");
      if (!kinds.insert(list.kind()).second) Add(list, 0, absl::StrCat(of, "：同一类型重复"));
      absl::flat_hash_set<std::string> items;
      for (const v1::ChecklistItem& item : list.items()) NamedIdentity(item, "考察项", items);
    }
    for (const int kind : {v1::MEETING_KIND_SITE_VISIT, v1::MEETING_KIND_DEFENCE}) {
      if (kinds.contains(kind)) continue;
      Add(review_, 0,
          absl::StrCat("专家评审：没有“", LabelOf(static_cast<v1::MeetingKind>(kind)),
                       "”的清单（checklists）"));
    }
  }

  void Notice() {
    const v1::ConsortiumNotice& notice = consortium_.notice();
    const std::string of = "公示";
    if (!consortium_.has_notice()) {
      Add(consortium_, 0, "创新联合体：未填写公示（notice）");
      return;
    }
    HasClause(notice, of);
    HasOrigin(notice, of);
    using N = v1::ConsortiumNotice;
    Within(notice, N::kWorkdaysFieldNumber, notice.workdays(), 1, kMostWorkdays, of,
           "工作日（workdays）");
    Within(notice, N::kAnswerWorkdaysFieldNumber, notice.answer_workdays(), 1, kMostWorkdays, of,
           "答复工作日（answer_workdays）");
    Within(notice, N::kPerSourcePerDayFieldNumber, notice.per_source_per_day(), 1, 1000, of,
           "每日每来源件数（per_source_per_day）");
    Within(notice, N::kPublicPerNoticePerDayFieldNumber, notice.public_per_notice_per_day(), 1,
           100'000, of, "每日每公示件数（public_per_notice_per_day）");
    Within(notice, N::kMaxEvidenceFilesFieldNumber, notice.max_evidence_files(), 1, 50, of,
           "证据份数（max_evidence_files）");
  }

  const v1::ConsortiumPolicy& consortium_;
  const v1::ConsortiumReview& review_;
  absl::flat_hash_set<std::string> categories_;
};

}  // namespace

std::vector<PackError> CheckConsortiumReview(const PackSource& source) {
  return ReviewChecker(source).Run(source.pack().has_consortium());
}

}  // namespace chanyan::policy
