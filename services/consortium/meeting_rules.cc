#include "services/consortium/meeting_rules.h"

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"

namespace chanyan::consortium {

std::vector<status::Violation> RecordViolations(const policy::v1::MeetingChecklist& checklist,
                                                const v1::RecordReviewMeetingRequest& record) {
  std::vector<status::Violation> wrong;
  std::map<std::string, const policy::v1::ChecklistItem*> items;
  for (const policy::v1::ChecklistItem& item : checklist.items()) items[item.id()] = &item;
  std::set<std::string> answered;
  for (int i = 0; i < record.answers_size(); ++i) {
    const v1::ChecklistAnswer& answer = record.answers(i);
    const std::string path = absl::StrCat("answers[", i, "]");
    const auto item = items.find(answer.item());
    if (item == items.end()) {
      wrong.push_back({path + ".item", absl::StrCat("“", checklist.display_name(), "”没有考察项“",
                                                    answer.item(), "”")});
      continue;
    }
    if (!answered.insert(answer.item()).second) {
      wrong.push_back({path + ".item", absl::StrCat("“", item->second->display_name(), "”重复")});
    }
    if (item->second->required() && !answer.satisfied() &&
        record.conclusion() == v1::MEETING_CONCLUSION_PASSED) {
      wrong.push_back({path + ".satisfied", absl::StrCat("“", item->second->display_name(),
                                                         "”不符合，结论不能为“通过”")});
    }
  }
  for (const policy::v1::ChecklistItem& item : checklist.items()) {
    if (!item.required() || answered.count(item.id()) > 0) continue;
    wrong.push_back({"answers", absl::StrCat("缺少“", item.display_name(), "”的情况")});
  }
  return wrong;
}

}  // namespace chanyan::consortium
