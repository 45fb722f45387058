#include "services/cycle/event_notices.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/time/timestamp.h"
#include "services/cycle/event_rules.h"
#include "services/cycle/spoken_rules.h"

namespace chanyan::cycle {
namespace {

Notice About(const v1::Event& event) {
  Notice notice;
  notice.roles = {options::v1::ROLE_RESEARCH_OFFICE, options::v1::ROLE_PLATFORM_MANAGER,
                  options::v1::ROLE_ENTERPRISE, options::v1::ROLE_UNIT,
                  options::v1::ROLE_DEPARTMENT};
  return notice;
}

std::string WhenAndWhere(const v1::Event& event) {
  return absl::StrCat("时间：", SpokenToTheMinute(time::ToTime(event.start_time())),
                      event.place().empty() ? "" : absl::StrCat("；地点：", event.place()), "。");
}

}  // namespace

Notice InvitationTo(const v1::Event& event) {
  Notice notice = About(event);
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  notice.title = absl::StrCat("邀请参加“", event.title(), "”");
  notice.due = SignUpEnd(event);
  notice.content = absl::StrCat(WhenAndWhere(event), "请于", SpokenToTheMinute(notice.due),
                                "前报名；不能参加的，请谢绝并说明原因。");
  return notice;
}

Notice CoHosting(const v1::Event& event) {
  Notice notice = About(event);
  notice.kind = v1::NOTIFICATION_KIND_NEWS;
  notice.title = absl::StrCat("请会同举办“", event.title(), "”");
  notice.content = absl::StrCat(WhenAndWhere(event),
                                "贵单位为会同单位，请与高校理事会秘书处共同做好邀请、组织工作。");
  return notice;
}

std::optional<Notice> NewsOf(const v1::Event& event, absl::string_view verb) {
  if (verb != "postpone" && verb != "cancel") return std::nullopt;
  Notice notice = About(event);
  notice.kind = v1::NOTIFICATION_KIND_NEWS;
  if (verb == "cancel") {
    notice.title = absl::StrCat("“", event.title(), "”已取消");
    notice.content = absl::StrCat("取消原因：", event.reason());
    return notice;
  }
  notice.title = absl::StrCat("“", event.title(), "”改期");
  notice.content = absl::StrCat(WhenAndWhere(event), "改期原因：", event.reason());
  return notice;
}

}  // namespace chanyan::cycle
