// Intents of before are put right (REG-3): offers of platforms that were withdrawn, intents of
// suspended organizations and such that led to a project while nobody followed that.
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/db/lease.h"
#include "common/journal/journal.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/due_rows.h"
#include "services/pairing/intent_rules.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/registry_lists.h"
#include "services/pairing/registry_reading.h"

namespace chanyan::pairing {
namespace {

constexpr char kUnsettled[] = "state IN ('OPEN', 'EXPIRED', 'SUSPENDED')";
constexpr char kUnsettledAfter[] = "state IN ('OPEN', 'EXPIRED', 'SUSPENDED') AND name > ?";

// What the registry says of whose the intents are.
struct Publishers {
  Organizations organizations;
  absl::flat_hash_map<std::string, registry::v1::Platform> platforms;
};

// The intent as the registry and its project have it now; what was read for it goes to `read`.
void Align(const Publishers& publishers, absl::Time now, v1::Intent* intent,
           std::vector<std::string>* read) {
  if (!intent->project().empty()) {
    intent->set_state(v1::INTENT_STATE_PAIRED);
    return;
  }
  const auto* organization = publishers.organizations.ByName(intent->organization());
  if (organization != nullptr) {
    FollowOrganization(*organization, now, intent);
    read->push_back(organization->name());
  }
  const auto platform = publishers.platforms.find(intent->platform());
  if (platform == publishers.platforms.end()) return;
  FollowPlatform(platform->second, now, intent);
  read->push_back(platform->first);
}

}  // namespace

absl::Status PairingService::AlignIntents(const db::Lease& lease, absl::Duration patience) {
  db::Database& database = deps_.store.db;
  const absl::Time deadline = absl::Now() + patience;
  bool some = false;
  CHANYAN_RETURN_IF_ERROR(database.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Intent> first,
                             intents_.Select(session, {kUnsettled, {}}, "name LIMIT 1"));
    some = !first.empty();
    return absl::OkStatus();
  }));
  if (!some) return absl::OkStatus();
  for (int readings = 1;; ++readings) {
    CHANYAN_ASSIGN_OR_RETURN(RegistryReading reading,
                             RegistryReading::Begin(database, absl::InfiniteFuture()));
    const absl::Status aligned = AlignAsRead(lease, deadline, reading);
    if (aligned.ok() || !reading.passed() || readings == kMostReadings) return aligned;
  }
}

absl::Status PairingService::AlignAsRead(const db::Lease& lease, absl::Time deadline,
                                         RegistryReading& reading) {
  const rpc::Caller caller = rpc::AsService(deadline);
  Publishers publishers;
  CHANYAN_ASSIGN_OR_RETURN(publishers.organizations, LoadOrganizations(deps_.peers, caller));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<registry::v1::Platform> platforms,
                           LoadPlatforms(deps_.peers, caller, "organizations/-"));
  for (const registry::v1::Platform& platform : platforms) {
    publishers.platforms[platform.name()] = platform;
  }
  const journal::Origin origin{.method = "chanyan.pairing.Jobs/aligned",
                               .actor = "services/pairing"};
  std::string last;
  for (size_t found = kDueRows; found == kDueRows;) {
    std::string next;
    const auto align = [&](db::Session& session) -> absl::Status {
      CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
      CHANYAN_RETURN_IF_ERROR(reading.Hold(session));
      const absl::Time now = deps_.store.clock.Now();
      CHANYAN_ASSIGN_OR_RETURN(
          std::vector<v1::Intent> rows,
          intents_.Select(session, {kUnsettledAfter, {last}},
                          absl::StrCat("name LIMIT ", kDueRows, " FOR UPDATE")));
      found = rows.size();
      next = rows.empty() ? last : rows.back().name();
      std::vector<std::string> read;
      for (v1::Intent& row : rows) {
        const v1::Intent before = row;
        Align(publishers, now, &row, &read);
        if (google::protobuf::util::MessageDifferencer::Equals(before, row)) continue;
        CHANYAN_RETURN_IF_ERROR(intents_.Update(session, now, &row));
        CHANYAN_RETURN_IF_ERROR(journal::Append(
            session, now, origin, row.project().empty() ? "followed" : "paired", &before, &row));
      }
      return reading.Require(read);
    };
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(align));
    last = next;
  }
  if (deps_.store.changed) deps_.store.changed();
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
