// What the caller may do now, for the `actions` of every answer that shows a resource with states
// (CYC-5): what its state allows, the caller's roles may call and the time has come for. Pure; an
// action that is offered may still be refused by what only the call itself looks at.
#pragma once

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/chain.pb.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/event.pb.h"
#include "chanyan/cycle/v1/notification.pb.h"
#include "chanyan/cycle/v1/trace.pb.h"
#include "common/auth/principal.h"

namespace chanyan::cycle {

// `method` of chanyan.cycle.v1, such as "TraceService.DisputeRow".
bool MayCall(const auth::Principal& principal, absl::string_view method);

// Each adds to an answer that has none; `now` is the time in the cycle where there is one.
// `submits_returns`: CheckSubmitReturns holds of an enterprise that the caller acts for.
v1::Cycle WithActions(const auth::Principal& principal, absl::Time now, v1::Cycle cycle,
                      bool submits_returns = false);
v1::Row WithActions(const auth::Principal& principal, v1::Row row);
v1::Handover WithActions(const auth::Principal& principal, v1::Handover handover);
v1::Package WithActions(const auth::Principal& principal, const v1::Cycle& cycle, absl::Time now,
                        v1::Package package);
// `in_force`: no newer version is published.
v1::Leaderboard WithActions(const auth::Principal& principal, const v1::Cycle& cycle,
                            absl::Time now, bool in_force, v1::Leaderboard version);
v1::Event WithActions(const auth::Principal& principal, absl::Time now, v1::Event event);
v1::EventParticipant WithActions(const auth::Principal& principal, const v1::Event& event,
                                 absl::Time now, v1::EventParticipant participant);
v1::EventOutcome WithActions(const auth::Principal& principal, v1::EventOutcome outcome);
v1::ChainCampaign WithActions(const auth::Principal& principal, v1::ChainCampaign campaign);
v1::ActionTask WithActions(const auth::Principal& principal, v1::ActionTask task);
v1::RowDispute WithActions(const auth::Principal& principal, v1::RowDispute dispute);
v1::Notification WithActions(const auth::Principal& principal, v1::Notification notification);
v1::WebhookEndpoint WithActions(const auth::Principal& principal, v1::WebhookEndpoint endpoint);
v1::WebhookDelivery WithActions(const auth::Principal& principal, v1::WebhookDelivery delivery);

}  // namespace chanyan::cycle
