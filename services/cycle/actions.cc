#include "services/cycle/actions.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/auth/scope.h"
#include "common/policy/life.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "google/protobuf/descriptor.h"
#include "services/cycle/chain_rules.h"
#include "services/cycle/cycle_life.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/event_life.h"
#include "services/cycle/event_rules.h"
#include "services/cycle/form_life.h"
#include "services/cycle/leaderboard_life.h"

namespace chanyan::cycle {
namespace {

using options::v1::ACCESS_WRITE;

// An act of a cycle and its window: from the beginning of step `first` to the end of step `last`;
// 0 = no end.
struct CycleAct {
  absl::string_view action;
  int first;
  int last;
};
constexpr CycleAct kCycleActs[] = {
    {"distributeForms", kDistributeStep, kCollectStep},
    {"distributeToEnterprises", kDistributeStep, kCollectStep},
    {"receiveHandovers", kReportStep, 0},
    {"grantReturnException", kDistributeStep, 0},
    {"submitPackages", kCollectStep, 0},
    {"returnToUniversities", kReturnStep, 0},
    {"createEvent", kReportStep, 0},
    {"computeLeaderboard", kPublishStep, 0},
};

// "distributeForms" of CycleService is CycleService.DistributeForms.
std::string MethodOf(absl::string_view service, absl::string_view action) {
  std::string method(action);
  method[0] = absl::ascii_toupper(method[0]);
  return absl::StrCat(service, ".", method);
}

// Verbs of a life cycle that are the methods verb + `resource` of `service`.
template <class State, class T>
void AddVerbs(const auth::Principal& principal, absl::Span<const policy::Transition<State>> life,
              absl::string_view service, absl::string_view resource, T* row) {
  for (const absl::string_view verb : policy::VerbsFrom(life, row->state())) {
    if (MayCall(principal, absl::StrCat(MethodOf(service, verb), resource))) {
      row->add_actions(std::string(verb));
    }
  }
}

}  // namespace

bool MayCall(const auth::Principal& principal, absl::string_view method) {
  const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrCat("chanyan.cycle.v1.", method));
  return found != nullptr && auth::CheckMethod(principal, found).ok();
}

v1::Cycle WithActions(const auth::Principal& principal, absl::Time now, v1::Cycle cycle,
                      bool submits_returns) {
  cycle.clear_actions();
  if (cycle.steps_size() != kSteps) return cycle;
  if (cycle.rehearsal() && MayCall(principal, "CycleService.AdvanceClock")) {
    cycle.add_actions("advanceClock");
  }
  for (const CycleAct& act : kCycleActs) {
    if (RequireWindow(cycle, act.first, act.last, now, "").ok() &&
        MayCall(principal, MethodOf("CycleService", act.action))) {
      cycle.add_actions(std::string(act.action));
    }
  }
  if (submits_returns && MayCall(principal, "CycleService.SubmitReturns")) {
    cycle.add_actions("submitReturns");
  }
  for (v1::Step& step : *cycle.mutable_steps()) {
    step.clear_actions();
    for (const absl::string_view verb :
         policy::VerbsFrom(StepLife(), StepStateAt(cycle, step.number(), now))) {
      if (MayCall(principal, MethodOf("CycleService", verb))) step.add_actions(std::string(verb));
    }
  }
  return cycle;
}

v1::Row WithActions(const auth::Principal& principal, v1::Row row) {
  row.clear_actions();
  if (!principal.organization.empty() && MayCall(principal, "TraceService.DisputeRow")) {
    row.add_actions("dispute");
  }
  return row;
}

v1::Handover WithActions(const auth::Principal& principal, v1::Handover handover) {
  handover.clear_actions();
  const bool waits = handover.state() == v1::HANDOVER_STATE_SENT &&
                     handover.step() != kReportStep &&
                     handover.receiver() == principal.organization;
  if (waits && MayCall(principal, "CycleService.ReceiveHandovers")) {
    handover.add_actions("receive");
  }
  return handover;
}

v1::Package WithActions(const auth::Principal& principal, const v1::Cycle& cycle, absl::Time now,
                        v1::Package package) {
  package.clear_actions();
  const bool stands = package.superseded_by().empty() && !package.has_return_time();
  if (stands && RequireWindow(cycle, kCollectStep, 0, now, "").ok() &&
      auth::Reaches(principal, package, ACCESS_WRITE) &&
      MayCall(principal, "CycleService.ReturnPackage")) {
    package.add_actions("return");
  }
  if (MayCall(principal, "CycleService.DownloadPackage")) package.add_actions("download");
  return package;
}

v1::Leaderboard WithActions(const auth::Principal& principal, const v1::Cycle& cycle,
                            absl::Time now, bool in_force, v1::Leaderboard version) {
  version.clear_actions();
  if (RequireWindow(cycle, kPublishStep, 0, now, "").ok()) {
    AddVerbs(principal, LeaderboardLife(), "CycleService", "Leaderboard", &version);
  }
  if (MayCall(principal, "CycleService.ReplayLeaderboard")) version.add_actions("replay");
  const bool open = in_force && version.state() == v1::LEADERBOARD_STATE_PUBLISHED &&
                    version.has_objection_deadline() &&
                    !time::IsPastDeadline(now, time::ToTime(version.objection_deadline()));
  if (open && (MayCall(principal, "ObjectionService.CreateObjection") ||
               MayCall(principal, "ObjectionService.SubmitPublicObjection"))) {
    version.add_actions("object");
  }
  return version;
}

v1::Event WithActions(const auth::Principal& principal, absl::Time now, v1::Event event) {
  event.clear_actions();
  AddVerbs(principal, EventLife(), "EventService", "Event", &event);
  const bool open = event.state() == v1::EVENT_STATE_PLANNED && now <= SignUpEnd(event);
  if (open && MayCall(principal, "EventService.SignUp")) event.add_actions("signUp");
  return event;
}

v1::EventParticipant WithActions(const auth::Principal& principal, const v1::Event& event,
                                 absl::Time now, v1::EventParticipant participant) {
  participant.clear_actions();
  const bool own = participant.organization() == principal.organization;
  const bool planned = event.state() == v1::EVENT_STATE_PLANNED;
  for (const absl::string_view verb : policy::VerbsFrom(ParticipantLife(), participant.state())) {
    if (verb == "signUp" && own && planned && now <= SignUpEnd(event) &&
        MayCall(principal, "EventService.SignUp")) {
      participant.add_actions("signUp");
    }
    if (verb == "decline" && own && planned &&
        MayCall(principal, "EventService.DeclineInvitation")) {
      participant.add_actions("decline");
    }
  }
  if (event.state() != v1::EVENT_STATE_CANCELLED && now >= time::ToTime(event.start_time()) &&
      MayCall(principal, "EventService.RecordAttendance")) {
    participant.add_actions("recordAttendance");
  }
  return participant;
}

v1::EventOutcome WithActions(const auth::Principal& principal, v1::EventOutcome outcome) {
  outcome.clear_actions();
  if (outcome.has_withdraw_time() || !auth::Reaches(principal, outcome, ACCESS_WRITE)) {
    return outcome;
  }
  if (MayCall(principal, "EventService.UpdateEventOutcome")) outcome.add_actions("update");
  if (MayCall(principal, "EventService.WithdrawEventOutcome")) outcome.add_actions("withdraw");
  return outcome;
}

v1::ChainCampaign WithActions(const auth::Principal& principal, v1::ChainCampaign campaign) {
  campaign.clear_actions();
  if (!auth::Reaches(principal, campaign, ACCESS_WRITE)) return campaign;
  AddVerbs(principal, CampaignLife(), "ChainService", "ChainCampaign", &campaign);
  if (campaign.state() == v1::CAMPAIGN_STATE_HELD &&
      MayCall(principal, "ChainService.RecordCampaignCases")) {
    campaign.add_actions("recordCases");
  }
  return campaign;
}

v1::ActionTask WithActions(const auth::Principal& principal, v1::ActionTask task) {
  task.clear_actions();
  if (!auth::Reaches(principal, task, ACCESS_WRITE)) return task;
  if (MayCall(principal, "ChainService.ReportActionTask")) task.add_actions("report");
  if (MayCall(principal, "ChainService.SetActionTaskDueDate")) task.add_actions("setDueDate");
  return task;
}

v1::RowDispute WithActions(const auth::Principal& principal, v1::RowDispute dispute) {
  dispute.clear_actions();
  if (dispute.state() == v1::DISPUTE_STATE_OPEN &&
      MayCall(principal, "TraceService.SettleDispute")) {
    dispute.add_actions("settle");
  }
  return dispute;
}

v1::Notification WithActions(const auth::Principal& principal, v1::Notification notification) {
  notification.clear_actions();
  if (notification.state() == v1::NOTIFICATION_STATE_UNREAD &&
      notification.account() == principal.account &&
      MayCall(principal, "NotificationService.MarkNotificationsRead")) {
    notification.add_actions("markRead");
  }
  return notification;
}

v1::WebhookEndpoint WithActions(const auth::Principal& principal, v1::WebhookEndpoint endpoint) {
  endpoint.clear_actions();
  if (!auth::Reaches(principal, endpoint, ACCESS_WRITE)) return endpoint;
  if (MayCall(principal, "WebhookService.RotateWebhookSecret")) {
    endpoint.add_actions("rotateSecret");
  }
  if (MayCall(principal, "WebhookService.SetWebhookEndpointDisabled")) {
    endpoint.add_actions(endpoint.disabled() ? "enable" : "disable");
  }
  return endpoint;
}

v1::WebhookDelivery WithActions(const auth::Principal& principal, v1::WebhookDelivery delivery) {
  delivery.clear_actions();
  if (delivery.state() == v1::DELIVERY_STATE_DEAD &&
      auth::Reaches(principal, delivery, ACCESS_WRITE) &&
      MayCall(principal, "WebhookService.RetryWebhookDelivery")) {
    delivery.add_actions("retry");
  }
  return delivery;
}

}  // namespace chanyan::cycle
