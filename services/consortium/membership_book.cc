#include "services/consortium/membership_book.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/db/predicate.h"
#include "common/status/status.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {

MembershipBook::Wanted MembershipBook::WantedOf(const v1::Consortium& row) {
  Wanted wanted;
  const auto want = [&wanted](const std::string& organization, const std::string& title, bool lead,
                              v1::MemberLayer layer) {
    if (organization.empty()) return;
    v1::Membership& membership = wanted[organization];
    membership.set_organization(organization);
    membership.set_organization_title(title);
    membership.set_is_lead(lead);
    membership.set_layer(layer);
  };
  for (const v1::ConsortiumMember& member : row.members()) {
    want(member.organization(), member.title(), false, member.layer());
  }
  want(row.lead_unit(), row.lead_unit_title(), true, v1::MEMBER_LAYER_CORE);
  return wanted;
}

absl::Status MembershipBook::Insert(rpc::Change& change, const v1::Consortium& row,
                                    absl::string_view cause, Wanted wanted) const {
  for (auto& [organization, membership] : wanted) {
    membership.set_name(absl::StrCat(row.name(), "/memberships/", api::NewShortId()));
    membership.set_cause(std::string(cause));
    api::SetTime(change.now(), membership.mutable_start_time());
    CopyParties(row, &membership);
    CHANYAN_RETURN_IF_ERROR(memberships_.Insert(change.session(), change.now(), &membership));
    CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &membership));
  }
  return absl::OkStatus();
}

absl::Status MembershipBook::Begin(rpc::Change& change, const v1::Consortium& row,
                                   absl::string_view cause) const {
  return Insert(change, row, cause, WantedOf(row));
}

absl::Status MembershipBook::Align(rpc::Change& change, const v1::Consortium& row,
                                   absl::string_view cause, bool ended) const {
  Wanted wanted = ended ? Wanted() : WantedOf(row);
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Membership> open,
      memberships_.Select(change.session(), {"consortium = ? AND end_time IS NULL", {row.name()}},
                          db::kByNameLocked));
  for (v1::Membership& membership : open) {
    const auto same = wanted.find(membership.organization());
    if (same != wanted.end() && same->second.is_lead() == membership.is_lead() &&
        same->second.layer() == membership.layer()) {
      wanted.erase(same);
      continue;
    }
    const v1::Membership before = membership;
    api::SetTime(change.now(), membership.mutable_end_time());
    CHANYAN_RETURN_IF_ERROR(memberships_.Update(change.session(), change.now(), &membership));
    CHANYAN_RETURN_IF_ERROR(change.Record("ended", &before, &membership));
  }
  return Insert(change, row, cause, std::move(wanted));
}

}  // namespace chanyan::consortium
