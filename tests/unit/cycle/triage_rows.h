// Rows of triage and their entries in its journal, as tests of what is told of them need them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/escalation.pb.h"
#include "chanyan/triage/v1/first_contact.pb.h"
#include "chanyan/triage/v1/list.pb.h"
#include "common/auth/scope.h"
#include "common/journal/journal.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/triage_notices.h"

namespace chanyan::cycle {

namespace tri = ::chanyan::triage::v1;

inline constexpr absl::CivilDay kDay(2025, 4, 10);
inline constexpr absl::CivilDay kLaterDay(2025, 4, 15);

// One change of a row, as the journal tells of it.
template <class T>
journal::v1::Entry Change(const std::string& kind, const T* before, const T* after) {
  const T& row = after != nullptr ? *after : *before;
  journal::v1::Entry entry;
  entry.set_type(T::descriptor()->full_name());
  entry.set_resource(row.name());
  entry.set_kind(kind);
  if (before != nullptr) entry.set_before_json(journal::CanonicalJson(*before));
  if (after != nullptr) entry.set_after_json(journal::CanonicalJson(*after));
  return entry;
}
template <class T>
journal::v1::Entry Created(const std::string& kind, const T& row) {
  return Change<T>(kind, nullptr, &row);
}

// "REMINDER hy" for each that is told.
inline std::vector<std::string> Told(const journal::v1::Entry& entry) {
  EXPECT_TRUE(ConcernsTriageNotices(entry)) << entry.kind();
  std::vector<std::string> told;
  for (const Notice& notice : TriageNoticesOf(entry)) {
    EXPECT_FALSE(notice.title.empty());
    EXPECT_FALSE(notice.content.empty());
    EXPECT_FALSE(notice.roles.empty());
    told.push_back(absl::StrCat(v1::NotificationKind_Name(notice.kind).substr(18), " ",
                                notice.organization.substr(14)));
  }
  return told;
}

inline Notice Only(const journal::v1::Entry& entry) {
  const std::vector<Notice> notices = TriageNoticesOf(entry);
  EXPECT_THAT(notices, ::testing::SizeIs(1));
  return notices.empty() ? Notice() : notices.front();
}

// Who is told of a row may read it, each role by itself: nothing is in a notice that is not in it.
template <class T>
void ExpectReadableByWhomItIsTold(const journal::v1::Entry& entry, const T& row) {
  for (const Notice& notice : TriageNoticesOf(entry)) {
    std::vector<std::string> organizations = notice.also;
    organizations.push_back(notice.organization);
    for (const std::string& organization : organizations) {
      for (const options::v1::Role role : notice.roles) {
        auth::Principal principal;
        principal.account = "accounts/a";
        principal.organization = organization;
        principal.roles = {role};
        EXPECT_TRUE(auth::Reaches(principal, row, options::v1::ACCESS_READ))
            << entry.kind() << ": " << organization << " " << options::v1::Role_Name(role);
      }
    }
  }
}

template <class T>
T OfResult(const std::string& name) {
  T row;
  row.set_name(name);
  row.set_result_title("演示海水淡化膜");
  row.set_university("organizations/ouc");
  row.set_university_title("演示大学");
  row.set_department("organizations/hy");
  row.set_agency("organizations/agency");
  row.set_office("organizations/cg");
  row.set_holder("organizations/investor");
  return row;
}

template <class T>
void SetDue(absl::CivilDay day, T* row) {
  *row->mutable_due_time() = time::ToTimestamp(time::EndOfDay(day));
}

inline tri::Push MakePush(tri::PushState state) {
  auto row = OfResult<tri::Push>("results/r/pushes/p");
  row.set_recipient("organizations/district");
  row.set_recipient_title("演示区科技局");
  row.set_triage_class(policy::v1::TRIAGE_CLASS_SPINOUT);
  row.set_request("请服务在本区落地转化");
  row.set_state(state);
  if (state == tri::PUSH_STATE_SENT) SetDue(kDay, &row);
  return row;
}

inline tri::Handover MakeHandover(tri::HandoverState state) {
  auto row = OfResult<tri::Handover>("results/r/handovers/h");
  row.set_to_holder("organizations/gx");
  row.set_to_holder_title("演示高新处");
  row.set_from_holder("organizations/investor");
  row.set_from_holder_title("演示国企");
  row.set_reason("人员变动");
  row.set_state(state);
  SetDue(kDay, &row);
  return row;
}

inline tri::Escalation MakeEscalation(tri::EscalationState state) {
  tri::Escalation row;
  row.set_name("escalations/e");
  row.set_matter("跨部门用海审批");
  row.set_reason("涉及多个部门");
  row.set_result_title("演示海水淡化膜");
  row.set_department("organizations/hy");
  row.set_office("organizations/cg");
  row.set_raiser("organizations/agency");
  row.set_raiser_title("演示服务机构");
  row.set_decider("organizations/leading-group");
  row.set_decider_title("领导小组");
  row.set_rung_title("局领导");
  row.set_state(state);
  SetDue(kDay, &row);
  return row;
}

inline tri::EscalationTask MakeTask(tri::EscalationTaskState state) {
  tri::EscalationTask row;
  row.set_name("escalations/e/tasks/t");
  row.set_task("协调用海手续");
  row.set_matter("跨部门用海审批");
  row.set_owner("organizations/district");
  row.set_owner_title("演示区科技局");
  row.set_department("organizations/hy");
  row.set_decider("organizations/leading-group");
  row.set_office("organizations/cg");
  *row.mutable_due_date() = time::ToProto(kDay);
  row.set_state(state);
  return row;
}

inline tri::ListDelivery MakeDelivery() {
  tri::ListDelivery row;
  row.set_name("lists/l/deliveries/d");
  row.set_recipient("organizations/tf-ai");
  row.set_list_title("科技创新供给清单");
  row.set_line_count(3);
  SetDue(kDay, &row);
  return row;
}

}  // namespace chanyan::cycle
