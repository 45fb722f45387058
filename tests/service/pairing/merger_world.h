// What tests of mergers have in common: what the registry's journal says of one, followed.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/api/names.h"
#include "common/journal/journal.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {

class PairingMergerTest : public ::testing::Test, protected City {
 protected:
  static journal::v1::Entry Journalled(const google::protobuf::Message& after,
                                       const std::string& name) {
    journal::v1::Entry entry;
    entry.set_type(after.GetDescriptor()->full_name());
    entry.set_resource(name);
    entry.set_after_json(journal::CanonicalJson(after));
    entry.set_before_json(entry.after_json());
    return entry;
  }
  absl::Status Follow(const journal::v1::Entry& entry) {
    return database.db().Transact(
        [&](db::Session& session) { return service.FollowRegistry(session, clock.Now(), entry); });
  }
  // As the registry has it after the merger; the journal is not read yet.
  registry::v1::Organization Merged(const std::string& from, const std::string& into) {
    registry::v1::Organization& gone = At(from);
    registry::v1::Organization& survivor = At(into);
    for (const auto& earlier : gone.absorbed()) {
      *survivor.add_absorbed() = earlier;
      At(earlier.organization()).set_merged_into(into);
    }
    auto* absorbed = survivor.add_absorbed();
    absorbed->set_organization(from);
    absorbed->set_display_name(gone.display_name());
    absorbed->set_unified_social_credit_code(gone.unified_social_credit_code());
    gone.clear_absorbed();
    gone.set_state(registry::v1::ORGANIZATION_STATE_MERGED);
    gone.set_merged_into(into);
    return survivor;
  }
  void Merge(const std::string& from, const std::string& into) {
    const registry::v1::Organization survivor = Merged(from, into);
    for (const auto& one : {survivor, At(from)}) {
      const absl::Status followed = Follow(Journalled(one, one.name()));
      ASSERT_TRUE(followed.ok()) << followed;
    }
  }
  absl::StatusOr<v1::Project> Settle(const std::string& name, options::v1::Role role,
                                     const std::string& organization) {
    v1::SettleProjectRequest request;
    request.set_name(name);
    request.set_reason("两家企业已合并，以此项目为准");
    request.set_request_id(api::NewUuid());
    return service.SettleProject(As(role, organization, "SettleProject"), request);
  }
  std::vector<std::string> Actions(const std::string& name) {
    const v1::Project row = Stored(name);
    return {row.actions().begin(), row.actions().end()};
  }
};

}  // namespace chanyan::pairing
