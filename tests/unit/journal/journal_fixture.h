// A schema with a journal, and short ways to write into it and to look at it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/lease.h"
#include "common/journal/journal.h"
#include "common/journal/reader.h"
#include "common/journal/sealer.h"
#include "common/journal/verify.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"

namespace chanyan::journal {

inline registry::v1::Organization Organization(absl::string_view id,
                                               absl::string_view display_name = "海洋研究院") {
  registry::v1::Organization organization;
  organization.set_name(absl::StrCat("organizations/", id));
  organization.set_display_name(std::string(display_name));
  return organization;
}

class JournalTest : public ::testing::Test {
 protected:
  static Origin Anybody() {
    return {"chanyan.registry.v1.RegistryService.CreateOrganization", "accounts/a",
            "organizations/o", "5f0c4a1e-1111-4222-8333-444455556666",
            "0af7651916cd43dd8448eb211c80319c"};
  }

  db::Database& db() { return database_.db(); }

  // One committed entry.
  void Write(absl::string_view id, absl::string_view display_name = "海洋研究院") {
    const auto after = Organization(id, display_name);
    const absl::Status written = db().Transact([&](db::Session& session) {
      return Append(session, now_, Anybody(), "created", nullptr, &after);
    });
    ASSERT_TRUE(written.ok()) << written;
  }

  void SealAll() {
    ASSERT_TRUE(lease_.Acquire().ok());
    absl::StatusOr<int> sealed = 1;
    while (sealed.ok() && *sealed > 0) sealed = SealOnce(db(), lease_);
    ASSERT_TRUE(sealed.ok()) << sealed.status();
  }

  std::vector<v1::Entry> Sealed() {
    std::vector<v1::Entry> all;
    EXPECT_TRUE(db().Read([&](db::Session& session) -> absl::Status {
                      while (true) {
                        auto more =
                            SealedAfter(session, all.empty() ? 0 : all.back().seq(), kMaxEntries);
                        if (!more.ok()) return more.status();
                        if (more->empty()) return absl::OkStatus();
                        for (v1::Entry& entry : *more) all.push_back(std::move(entry));
                      }
                    })
                    .ok());
    return all;
  }

  Verification Verified(std::vector<Anchor> anchors = {}) {
    absl::StatusOr<Verification> found = Verify(db(), std::move(anchors));
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : Verification{};
  }

  int64_t Number(const std::string& sql) {
    return std::get<int64_t>(database_.Connect()->Query(sql, {})->rows.at(0).at(0));
  }

  testing::TestDatabase database_{
      {"common:common/db/migrations", "journal:common/journal/migrations"}};
  db::Lease lease_{database_.db(), "sealer", db::NewLeaseOwner(), absl::Seconds(60)};
  const absl::Time now_ = absl::FromUnixMicros(1767225600123456);
};

}  // namespace chanyan::journal
