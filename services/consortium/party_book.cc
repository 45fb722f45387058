#include "services/consortium/party_book.h"

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

using registry::v1::Organization;

constexpr char kGet[] = "chanyan.registry.v1.RegistryService.GetOrganization";

std::string PartyName(absl::string_view organization) {
  return absl::StrCat("parties/", api::IdOfName(organization));
}

// An enum's name without its type's.
std::string Short(const std::string& name, absl::string_view type) {
  return name.size() > type.size() ? name.substr(type.size()) : name;
}

}  // namespace

v1::Party PartyOf(const Organization& organization) {
  v1::Party party;
  party.set_name(PartyName(organization.name()));
  party.set_organization(organization.name());
  party.set_title(organization.display_name());
  party.set_kind(
      Short(registry::v1::OrganizationKind_Name(organization.kind()), "ORGANIZATION_KIND_"));
  party.set_credit_code(organization.unified_social_credit_code());
  party.set_region_code(organization.region_code());
  party.set_zone(organization.zone());
  for (const int qualification : organization.qualifications()) {
    party.add_qualifications(Short(
        registry::v1::Qualification_Name(static_cast<registry::v1::Qualification>(qualification)),
        "QUALIFICATION_"));
  }
  party.set_active(organization.state() == registry::v1::ORGANIZATION_STATE_ACTIVE);
  *party.mutable_source_time() = organization.update_time();
  return party;
}

absl::StatusOr<std::vector<Organization>> PartyBook::Ask(db::Database& db, rpc::Peers& peers,
                                                         const rpc::Call& call,
                                                         const std::vector<std::string>& names,
                                                         absl::string_view field) const {
  Parties known;
  CHANYAN_RETURN_IF_ERROR(db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(known, Of(session, names));
    return absl::OkStatus();
  }));
  std::vector<Organization> news;
  std::vector<status::Violation> wrong;
  for (const std::string& name : names) {
    const auto party = known.find(name);
    if (party != known.end() && party->second.active()) continue;
    registry::v1::GetOrganizationRequest request;
    request.set_name(name);
    absl::StatusOr<Organization> found =
        rpc::CallPeer<Organization>(peers, "registry", kGet, request, rpc::AsService(call));
    if (absl::IsNotFound(found.status())) {
      wrong.push_back({std::string(field), absl::StrCat("“", name, "”不在单位名录中")});
      continue;
    }
    CHANYAN_RETURN_IF_ERROR(found.status());
    if (found->state() != registry::v1::ORGANIZATION_STATE_ACTIVE) {
      wrong.push_back({std::string(field), absl::StrCat("“", found->display_name(), "”已停用")});
      continue;
    }
    news.push_back(*std::move(found));
  }
  if (!wrong.empty()) return status::InvalidFields(std::move(wrong));
  return news;
}

absl::StatusOr<bool> PartyBook::Know(rpc::Change& change, const Organization& organization) const {
  v1::Party party = PartyOf(organization);
  absl::StatusOr<v1::Party> known = parties_.GetForUpdate(change.session(), party.name());
  if (absl::IsNotFound(known.status())) {
    CHANYAN_RETURN_IF_ERROR(parties_.Insert(change.session(), change.now(), &party));
    return true;
  }
  CHANYAN_RETURN_IF_ERROR(known.status());
  if (TimeIn(known->source_time()) > TimeIn(party.source_time())) return false;
  *party.mutable_create_time() = known->create_time();
  *party.mutable_update_time() = known->update_time();
  party.set_etag(known->etag());
  if (google::protobuf::util::MessageDifferencer::Equals(*known, party)) return false;
  CHANYAN_RETURN_IF_ERROR(parties_.Update(change.session(), change.now(), &party));
  return true;
}

absl::StatusOr<Parties> PartyBook::Of(db::Session& session,
                                      const std::vector<std::string>& names) const {
  std::vector<std::string> rows;
  for (const std::string& name : names) rows.push_back(PartyName(name));
  Parties parties;
  if (rows.empty()) return parties;
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Party> found, parties_.GetAll(session, rows));
  for (v1::Party& party : found) {
    std::string name = party.organization();
    parties.emplace(std::move(name), std::move(party));
  }
  return parties;
}

}  // namespace chanyan::consortium
