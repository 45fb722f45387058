#include "services/cycle/part_notices.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/names.h"
#include "common/db/in_chunks.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/people.h"
#include "services/cycle/spoken_rules.h"
#include "services/cycle/telling.h"

namespace chanyan::cycle {
namespace {

constexpr absl::string_view kSettleOthers =
    "UPDATE notification SET state = 'SETTLED', update_time = ?, version = version + 1 "
    "WHERE subject = ? AND state = 'UNREAD' AND account NOT IN ";

Notice NoticeTo(const v1::Form& form, const std::vector<const v1::PlatformPart*>& parts,
                PartNews news) {
  std::vector<std::string> titles;
  absl::Time due = absl::InfiniteFuture();
  for (const v1::PlatformPart* part : parts) {
    if (titles.size() < kNamesInNotice) titles.push_back(part->platform_title());
    due = std::min(due, time::ToTime(part->due_time()));
  }
  Notice notice;
  notice.organization = form.university();
  notice.roles = {options::v1::ROLE_PLATFORM_MANAGER};
  notice.kind = v1::NOTIFICATION_KIND_REMINDER;
  notice.due = due;
  notice.title =
      news == PartNews::kIssued ? "请填报科创平台季度报表" : "平台填报部分已退回，请修改";
  notice.content =
      absl::StrCat(absl::StrJoin(titles, "、"), parts.size() > titles.size() ? "等" : "", "共 ",
                   parts.size(), " 个平台，请于", SpokenToTheSecond(due), "前填报并报送学校。");
  if (news == PartNews::kReturned) {
    absl::StrAppend(&notice.content, "退回原因：",
                    absl::StrJoin(parts.front()->return_reasons(), "；"), "。");
  }
  return notice;
}

}  // namespace

std::string PartsSubject(absl::string_view form) { return absl::StrCat(form, "/parts"); }

bool IsManagedBy(const v1::PlatformPart& part, absl::string_view account) {
  const auto& managers = part.managers();
  return managers.empty() || std::find(managers.begin(), managers.end(), account) != managers.end();
}

absl::Status TellManagers(db::Session& session, absl::Time now, const v1::Form& form,
                          const std::vector<v1::PlatformPart>& parts, PartNews news,
                          const std::set<std::string>& told) {
  CHANYAN_ASSIGN_OR_RETURN(const People people, LoadPeople(session, {form.university()}));
  // As if a journal had said so.
  journal::v1::Entry entry;
  entry.set_event_id(api::NewUuid());
  entry.set_resource(PartsSubject(form.name()));
  std::vector<v1::Notification> tellings;
  for (const Person& person :
       WithRoles(people, form.university(), {options::v1::ROLE_PLATFORM_MANAGER})) {
    if (told.contains(person.account)) continue;
    std::vector<const v1::PlatformPart*> his;
    for (const v1::PlatformPart& part : parts) {
      if (IsManagedBy(part, person.account)) his.push_back(&part);
    }
    if (!his.empty()) {
      tellings.push_back(NotificationOf(entry, NoticeTo(form, his, news), person));
    }
  }
  return Tell(session, now, &tellings);
}

absl::Status SettleManagers(db::Session& session, absl::Time now, absl::string_view form) {
  const db::Table<v1::PlatformPart> table;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::PlatformPart> open,
                           table.Select(session, db::And(Below(absl::StrCat(form, "/parts")),
                                                         {std::string(kStillToSubmit), {}})));
  std::set<std::string> owing;
  for (const v1::PlatformPart& part : open) {
    // Anybody may still do it.
    if (part.managers().empty()) return absl::OkStatus();
    owing.insert(part.managers().begin(), part.managers().end());
  }
  const std::string subject = PartsSubject(form);
  if (owing.empty()) {
    CHANYAN_RETURN_IF_ERROR(Settle(session, now, subject));
    return Settle(session, now, std::string(form));
  }
  db::Values params = {now, subject};
  params.insert(params.end(), owing.begin(), owing.end());
  return session.Execute(absl::StrCat(kSettleOthers, db::Marks(owing.size())), params).status();
}

}  // namespace chanyan::cycle
