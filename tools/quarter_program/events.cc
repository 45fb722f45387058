// Step 5: events with invitations, sign-ups, who came, and what came of them (CYC-7).
#include <algorithm>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "chanyan/cycle/v1/event.pb.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "tools/quarter_program/parallel.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

constexpr absl::Duration kEventLength = absl::Hours(2);
// The longest days off that a week may meet: of the Spring Festival.
constexpr int kDaysOffAtMost = 10;
// Who comes follows from the places in plan and list: the same in every run.
constexpr size_t kDeclinesEvery = 7;
constexpr size_t kUnitsEvery = 2;
constexpr size_t kEnterprisesEvery = 3;
constexpr size_t kMissesEvery = 8;

enum class Answer { kNone, kSignsUp, kDeclines };

bool TakesPart(const WantedAccount& account) {
  return account.role == "ROLE_RESEARCH_OFFICE" || account.role == "ROLE_UNIT" ||
         account.role == "ROLE_ENTERPRISE";
}

Answer AnswerOf(const WantedAccount& account, size_t number, size_t event) {
  if (!TakesPart(account)) return Answer::kNone;
  const size_t place = number + event;
  if (place % kDeclinesEvery == 3) return Answer::kDeclines;
  if (account.role == "ROLE_UNIT") {
    return place % kUnitsEvery == 0 ? Answer::kSignsUp : Answer::kNone;
  }
  if (account.role == "ROLE_ENTERPRISE") {
    return place % kEnterprisesEvery == 0 ? Answer::kSignsUp : Answer::kNone;
  }
  return Answer::kSignsUp;
}

bool Comes(const WantedAccount& account, size_t number, size_t event) {
  return AnswerOf(account, number, event) == Answer::kSignsUp &&
         (3 * number + event) % kMissesEvery != 5;
}

// One of each organization, whatever accounts it has.
std::vector<std::string> Organizations(const std::vector<WantedAccount>& accounts,
                                       absl::FunctionRef<bool(size_t)> chosen) {
  std::vector<std::string> names;
  for (size_t i = 0; i < accounts.size(); ++i) {
    if (chosen(i)) names.push_back(absl::StrCat("organizations/", accounts[i].organization));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

absl::Time Walk::StartOf(const EventPlan& plan) const {
  return MorningOf(5) + absl::Hours(24 * (plan.day - 1) + plan.hour - 9);
}

std::string Walk::EventName(const EventPlan& plan) const {
  return absl::StrCat(name_, "/events/", plan.id);
}

absl::Status Walk::CreateEvent(const EventPlan& plan) {
  cycle::v1::Event event;
  event.set_kind(static_cast<cycle::v1::EventKind>(plan.kind));
  event.set_title(plan.title);
  event.set_place(plan.place);
  event.set_content(plan.content);
  for (const FormPlan& form : forms_) {
    event.add_organizations(absl::StrCat("organizations/", form.university));
  }
  absl::Status created;
  for (int days = 0; days <= kDaysOffAtMost; ++days) {
    *event.mutable_start_time() = time::ToTimestamp(StartOf(plan) + absl::Hours(24 * days));
    created = Secretariat().Post(absl::StrCat("/v1/", name_, "/events"), {{"event_id", plan.id}},
                                 event, absl::StrCat(plan.id, " ", days), nullptr);
    // A holiday is refused by its name, and nothing has changed.
    if (!absl::IsInvalidArgument(created)) break;
  }
  return absl::IsAlreadyExists(created) ? absl::OkStatus() : created;
}

absl::Status Walk::InviteAndAnswer(size_t event) {
  const EventPlan& plan = plan_.events[event];
  const std::string path = absl::StrCat("/v1/", EventName(plan), "/participants");
  cycle::v1::InviteOrganizationsRequest invite;
  invite.set_parent(EventName(plan));
  for (std::string& name : Organizations(plan_.accounts, [&](size_t i) {
         return TakesPart(plan_.accounts[i]) && IsRegistered(plan_.accounts[i].organization);
       })) {
    invite.add_organizations(std::move(name));
  }
  CHANYAN_RETURN_IF_ERROR(Secretariat().Post(path + ":invite", {}, invite, "invite", nullptr));
  return ParallelFor(plan_.accounts.size(), [&](size_t i) -> absl::Status {
    const WantedAccount& account = plan_.accounts[i];
    if (!IsRegistered(account.organization)) return absl::OkStatus();
    switch (AnswerOf(account, i, event)) {
      case Answer::kNone:
        return absl::OkStatus();
      case Answer::kSignsUp: {
        cycle::v1::SignUpRequest request;
        request.set_parent(EventName(plan));
        request.set_people_count(account.role == "ROLE_RESEARCH_OFFICE" ? 2 : 1);
        return accounts_.As(account.login).Post(path + ":signUp", {}, request, "sign up", nullptr);
      }
      case Answer::kDeclines: {
        cycle::v1::DeclineInvitationRequest request;
        request.set_parent(EventName(plan));
        request.set_reason(plan_.decline_reason);
        return accounts_.As(account.login).Post(path + ":decline", {}, request, "decline", nullptr);
      }
    }
    return absl::OkStatus();
  });
}

absl::Status Walk::RecordOutcome(const EventPlan& plan, int number,
                                 const std::vector<pairing::v1::Project>& projects) {
  cycle::v1::EventOutcome outcome;
  outcome.set_kind(static_cast<cycle::v1::EventOutcomeKind>(plan.outcome));
  outcome.set_title(absl::StrCat(plan.title, "成效", number + 1));
  outcome.set_content(plan.summary);
  // What came of a project its university says, the rest the secretariat.
  const bool of_project = outcome.kind() != cycle::v1::EVENT_OUTCOME_KIND_INTENT;
  if (!of_project) {
    return Secretariat().Post(absl::StrCat("/v1/", EventName(plan), "/outcomes"), {}, outcome,
                              absl::StrCat("outcome ", number), nullptr);
  }
  if (static_cast<size_t>(number) >= projects.size()) return absl::OkStatus();
  const pairing::v1::Project& project = projects[static_cast<size_t>(number)];
  outcome.set_project(project.name());
  return University(std::string(api::IdOfName(project.university())))
      .Post(absl::StrCat("/v1/", EventName(plan), "/outcomes"), {}, outcome,
            absl::StrCat("outcome ", number), nullptr);
}

absl::Status Walk::Hold(size_t event, const std::vector<pairing::v1::Project>& projects) {
  const EventPlan& plan = plan_.events[event];
  const std::string path = absl::StrCat("/v1/", EventName(plan));
  cycle::v1::Event seen;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Get(path, {}, &seen));
  if (seen.state() != cycle::v1::EVENT_STATE_PLANNED) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(AdvanceTo(time::ToTime(seen.start_time()) + kEventLength));
  cycle::v1::RecordAttendanceRequest attendance;
  attendance.set_parent(EventName(plan));
  for (std::string& name : Organizations(plan_.accounts, [&](size_t i) {
         return Comes(plan_.accounts[i], i, event) && IsRegistered(plan_.accounts[i].organization);
       })) {
    attendance.add_organizations(std::move(name));
  }
  cycle::v1::RecordAttendanceResponse came;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Post(path + "/participants:recordAttendance", {},
                                             attendance, "attendance", &came));
  for (int i = 0; i < plan.outcomes; ++i) {
    CHANYAN_RETURN_IF_ERROR(RecordOutcome(plan, i, projects));
  }
  cycle::v1::HoldEventRequest hold;
  hold.set_name(EventName(plan));
  hold.set_summary(plan.summary);
  CHANYAN_RETURN_IF_ERROR(Secretariat().Post(path + ":hold", {}, hold, "hold", nullptr));
  Say(absl::StrCat(plan.title, "：到会 ", came.attended_count(), " 家，未到会 ",
                   came.absent_count(), " 家"));
  return absl::OkStatus();
}

absl::Status Walk::Exchange() {
  CHANYAN_RETURN_IF_ERROR(ReprojectDeadlines());
  for (const EventPlan& event : plan_.events) CHANYAN_RETURN_IF_ERROR(CreateEvent(event));
  // Everybody has answered before the first event is over; a later run finds that it was done.
  for (size_t i = 0; i < plan_.events.size(); ++i) CHANYAN_RETURN_IF_ERROR(InviteAndAnswer(i));
  std::vector<pairing::v1::Project> projects;
  CHANYAN_RETURN_IF_ERROR(Secretariat().List<pairing::v1::ListProjectsResponse>(
      "/v1/projects", {{"filter", "state = SIGNED OR state = BUILDING"}},
      [&](const pairing::v1::ListProjectsResponse& page) {
        for (const pairing::v1::Project& project : page.projects()) {
          const std::string university(api::IdOfName(project.university()));
          if (!plan_.LoginOf(university, "ROLE_RESEARCH_OFFICE").empty()) {
            projects.push_back(project);
          }
        }
      }));
  std::sort(projects.begin(), projects.end(),
            [](const auto& a, const auto& b) { return a.name() < b.name(); });
  for (size_t i = 0; i < plan_.events.size(); ++i) CHANYAN_RETURN_IF_ERROR(Hold(i, projects));
  Say(absl::StrCat("交流活动 ", plan_.events.size(), " 场"));
  return absl::OkStatus();
}

}  // namespace chanyan::quarter
