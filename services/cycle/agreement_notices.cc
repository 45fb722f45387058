#include "services/cycle/agreement_notices.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "services/cycle/notice_words.h"

namespace chanyan::cycle {

std::vector<Notice> AgreementNoticesOf(const pairing::v1::Agreement& agreement,
                                       absl::string_view kind) {
  const absl::StatusOr<absl::CivilDay> last = time::ToCivilDay(agreement.expire_date());
  if (kind != "expiring" || !last.ok()) return {};
  const std::string& called = agreement.title().empty() ? agreement.number() : agreement.title();
  std::vector<Notice> notices;
  const auto tell = [&](const std::string& organization, NoticeRoles roles) {
    // An entry without anybody would go to everybody.
    if (organization.empty()) return;
    Notice notice = ReminderTo(organization, std::move(roles));
    notice.due = time::EndOfDay(*last);
    notice.title =
        absl::StrCat("共建协议", Quoted(called), "将于", time::FormatDateZh(*last), "到期");
    notice.content =
        absl::StrCat("所属项目：", agreement.project_title(), "，协议编号：", agreement.number(),
                     "。请与对方商定续签或者到期后的安排；续签的，请登记补充协议。");
    notices.push_back(std::move(notice));
  };
  tell(agreement.university(),
       {options::v1::ROLE_RESEARCH_OFFICE, options::v1::ROLE_PLATFORM_MANAGER});
  tell(agreement.enterprise(), {options::v1::ROLE_ENTERPRISE});
  return notices;
}

bool IsAgreementSettled(const pairing::v1::Agreement& agreement, absl::string_view kind) {
  return kind != "expiring" && agreement.reminded_days() == 0;
}

}  // namespace chanyan::cycle
