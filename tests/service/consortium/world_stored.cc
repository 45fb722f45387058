// What stands in the world's database, what its callers see of it, and what time brings about.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/scope.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {

v1::Consortium World::Stored(const std::string& name) {
  v1::Consortium row;
  const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(row, book.table().Get(session, name));
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  return row;
}

v1::Filing World::StoredFiling(const std::string& name) {
  v1::Filing row;
  const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(row, book.filings().Get(session, name));
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  return row;
}

absl::StatusOr<v1::Consortium> World::See(const std::string& name, options::v1::Role role,
                                          const std::string& organization) {
  v1::Consortium row;
  const rpc::Call call = As(role, organization, "ConsortiumService.GetConsortium");
  CHANYAN_RETURN_IF_ERROR(database.db().Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        row, book.table().Get(session, name, auth::Readable<v1::Consortium>(call.principal)));
    return absl::OkStatus();
  }));
  return Present(rules, call, std::move(row));
}

namespace {

template <class T>
std::vector<T> Rows(db::Database& database, const db::Predicate& where, absl::string_view order) {
  const db::Table<T> table;
  std::vector<T> rows;
  const absl::Status read = database.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(rows, table.Select(session, where, order));
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  return rows;
}

}  // namespace

std::vector<v1::Transition> World::TransitionsOf(const std::string& name) {
  return Rows<v1::Transition>(database.db(), {"consortium = ?", {name}}, "number");
}

std::vector<v1::EligibilityCheck> World::ChecksOf(const std::string& name) {
  return Rows<v1::EligibilityCheck>(database.db(), {"consortium = ?", {name}}, "number");
}

std::vector<v1::Bar> World::BarsOf(const std::string& organization) {
  return Rows<v1::Bar>(database.db(), {"organization = ?", {organization}}, "name");
}

std::unique_ptr<db::Lease> World::JobLease(const std::string& owner) {
  auto lease =
      std::make_unique<db::Lease>(database.db(), "consortium-jobs", owner, absl::Minutes(3));
  const absl::Status taken = lease->Acquire();
  EXPECT_TRUE(taken.ok()) << taken;
  return lease;
}

void World::RunJobs() {
  const auto lease = JobLease();
  const auto expired = clocks.Expire(*lease);
  EXPECT_TRUE(expired.ok()) << expired.status();
  const auto ran_out = clocks.RunOut(*lease);
  EXPECT_TRUE(ran_out.ok()) << ran_out.status();
  const auto reminded = filings.Remind(*lease);
  EXPECT_TRUE(reminded.ok()) << reminded.status();
  const auto ended = bars.Expire(*lease);
  EXPECT_TRUE(ended.ok()) << ended.status();
}

void World::Go(absl::CivilDay day) { clock.now = time::StartOfDay(day) + absl::Hours(12); }

int64_t World::Count(const std::string& from) {
  return std::stoll(
      testing::Texts(database.db(), absl::StrCat("SELECT COUNT(*) FROM ", from)).at(0));
}

}  // namespace chanyan::consortium
