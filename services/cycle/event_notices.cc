#include "services/cycle/event_notices.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/policy/life.h"
#include "common/time/timestamp.h"
#include "services/cycle/event_rules.h"
#include "services/cycle/notice_words.h"
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

std::optional<Notice> UpdateNews(const v1::Event& before, const v1::Event& after) {
  std::vector<std::string> changes;
  if (after.title() != before.title()) {
    changes.push_back(absl::StrCat("名称改为", Quoted(after.title())));
  }
  if (after.kind() != before.kind()) {
    changes.push_back(absl::StrCat("类型改为", policy::LabelOf(after.kind())));
  }
  if (after.place() != before.place()) {
    changes.push_back(absl::StrCat("地点由", before.place(), "改为", after.place()));
  }
  if (time::ToTime(after.end_time()) != time::ToTime(before.end_time())) {
    changes.push_back(
        after.has_end_time()
            ? absl::StrCat("结束时间改为", SpokenToTheMinute(time::ToTime(after.end_time())))
            : "结束时间待定");
  }
  if (SignUpEnd(after) != SignUpEnd(before)) {
    changes.push_back(absl::StrCat("报名截止改为", SpokenToTheMinute(SignUpEnd(after))));
  }
  if (after.capacity() != before.capacity()) {
    changes.push_back(after.capacity() > 0 ? absl::StrCat("容纳人数改为", after.capacity(), "人")
                                           : "不再限定人数");
  }
  if (absl::StrJoin(after.co_hosts(), ",") != absl::StrJoin(before.co_hosts(), ",")) {
    changes.push_back(
        after.co_hosts().empty()
            ? "不再有会同单位"
            : absl::StrCat("会同单位改为", absl::StrJoin(after.co_host_titles(), "、")));
  }
  if (after.content() != before.content()) changes.push_back("活动内容有更新");
  if (changes.empty()) return std::nullopt;
  Notice notice = About(after);
  notice.kind = v1::NOTIFICATION_KIND_NEWS;
  notice.title = absl::StrCat("“", before.title(), "”有调整");
  notice.content = absl::StrCat(Abridged(absl::StrJoin(changes, "；"), kWordsInContent), "。");
  return notice;
}

Notice NoLongerCoHosting(const v1::Event& event) {
  Notice notice = About(event);
  notice.kind = v1::NOTIFICATION_KIND_NEWS;
  notice.title = absl::StrCat("“", event.title(), "”不再请贵单位会同举办");
  notice.content =
      absl::StrCat(WhenAndWhere(event), "该活动的会同单位已调整，贵单位不再承担会同工作。");
  return notice;
}

}  // namespace chanyan::cycle
