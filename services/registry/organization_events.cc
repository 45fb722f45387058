#include "services/registry/organization_events.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::registry {

v1::OrganizationEvent EventOf(const v1::Organization& of, const Basis& basis,
                              absl::string_view account, EventFacts facts,
                              const std::vector<const v1::Organization*>& parties) {
  v1::OrganizationEvent event;
  event.set_name(absl::StrCat(of.name(), "/events/", api::NewShortId()));
  event.set_organization(of.name());
  event.set_kind(facts.kind);
  *event.mutable_effective_date() = time::ToProto(basis.day);
  event.set_reason(basis.reason);
  event.set_document(basis.document);
  event.set_account(std::string(account));
  facts.title = of.display_name();
  for (const v1::Organization* party : parties) {
    facts.others.push_back(party->display_name());
    v1::OrganizationParty* named = event.add_parties();
    named->set_organization(party->name());
    named->set_display_name(party->display_name());
  }
  event.set_summary(EventSentence(facts));
  return event;
}

v1::OrganizationEvent RenameEvent(const v1::Organization& before, const v1::Organization& after,
                                  const Basis& basis, absl::string_view account) {
  return EventOf(after, basis, account,
                 {.kind = v1::ORGANIZATION_EVENT_KIND_RENAMED, .others = {before.display_name()}},
                 {});
}

absl::Status RecordEvents(rpc::Change& change, const db::Table<v1::OrganizationEvent>& table,
                          std::vector<v1::OrganizationEvent> events) {
  if (events.empty()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(table.InsertAll(change.session(), change.now(), &events));
  std::vector<journal::Alteration> alterations;
  for (const v1::OrganizationEvent& event : events) alterations.push_back({nullptr, &event});
  return change.RecordAll("recorded", alterations);
}

}  // namespace chanyan::registry
