#include "common/db/table.h"

#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/options/v1/options.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/fields.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/support/test_database.h"
#include "tests/unit/db_table/schema.h"

namespace chanyan::db {
namespace {

namespace pb = google::protobuf;
using pb::Message;
using pb::util::MessageDifferencer;
using registry::v1::Organization;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

const absl::Time kNow = absl::FromUnixNanos(1750000000123456789);

class TableTest : public ::testing::Test {
 protected:
  TableTest() { database_.Apply(CreateTableSql(Organization::descriptor())); }

  absl::Status Write(absl::FunctionRef<absl::Status(Session&)> work) {
    return database_.db().Transact(work);
  }
  absl::StatusOr<Organization> Get(absl::string_view name) {
    absl::StatusOr<Organization> row = absl::UnknownError("");
    database_.db()
        .Read([&](Session& session) {
          row = table_.Get(session, name);
          return absl::OkStatus();
        })
        .IgnoreError();
    return row;
  }
  Organization Inserted(absl::string_view name) {
    Organization row;
    row.set_name(std::string(name));
    row.set_display_name("甲");
    EXPECT_TRUE(Write([&](Session& session) { return table_.Insert(session, kNow, &row); }).ok());
    return row;
  }

  testing::TestDatabase database_;
  const Table<Organization> table_;
};

TEST_F(TableTest, AbsentAndOutOfScopeLookTheSame) {
  Inserted("organizations/a");
  absl::Status absent, hidden;
  ASSERT_TRUE(
      Write([&](Session& session) {
        absent = table_.Get(session, "organizations/b").status();
        hidden = table_.Get(session, "organizations/a", {"`zone` = ?", {"x"}}).status();
        EXPECT_TRUE(table_.GetForUpdate(session, "organizations/a", {"`zone` = ?", {""}}).ok());
        return absl::OkStatus();
      }).ok());
  EXPECT_EQ(absent.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(hidden.code(), absl::StatusCode::kNotFound);
}

TEST_F(TableTest, OfManyNamesThoseThatExistAreReadOnce) {
  std::vector<Organization> rows(600);
  std::vector<std::string> names;
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].set_name(absl::StrCat("organizations/o", i));
    rows[i].set_display_name(absl::StrCat("单位", i));
    names.push_back(rows[i].name());
  }
  ASSERT_TRUE(Write([&](Session& session) { return table_.InsertAll(session, kNow, &rows); }).ok());
  const auto get = [&](std::vector<std::string> wanted) {
    std::map<std::string, std::string> found;
    EXPECT_TRUE(Write([&](Session& session) -> absl::Status {
                  CHANYAN_ASSIGN_OR_RETURN(const auto all, table_.GetAll(session, wanted));
                  for (const Organization& row : all) {
                    EXPECT_TRUE(found.emplace(row.name(), row.display_name()).second);
                    EXPECT_FALSE(row.etag().empty());
                  }
                  return absl::OkStatus();
                }).ok());
    return found;
  };
  EXPECT_THAT(get({}), IsEmpty());
  EXPECT_THAT(get({"organizations/none"}), IsEmpty());
  EXPECT_THAT(get({names[5], "organizations/none", names[7], names[5]}),
              ElementsAre(Pair(names[5], "单位5"), Pair(names[7], "单位7")));
  names.push_back("organizations/none");
  EXPECT_EQ(get(names).size(), rows.size());
}

TEST_F(TableTest, ATakenNameIsRefusedAndNothingOfTheBatchStays) {
  Inserted("organizations/m");
  std::vector<Organization> rows(300);
  for (int i = 0; i < 300; ++i) rows[i].set_name(absl::StrCat("organizations/", i));
  rows[299].set_name("organizations/m");
  const absl::Status status =
      Write([&](Session& session) { return table_.InsertAll(session, kNow, &rows); });
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << status;
  EXPECT_FALSE(Get("organizations/0").ok());
}

TEST_F(TableTest, ManyRowsGoInWithFewStatements) {
  std::vector<Organization> rows(1000);
  for (int i = 0; i < 1000; ++i) rows[i].set_name(absl::StrCat("organizations/", i));
  ASSERT_TRUE(Write([&](Session& s) { return table_.InsertAll(s, kNow, &rows); }).ok());
  ASSERT_TRUE(Write([&](Session& session) {
                EXPECT_EQ(table_.Count(session, Predicate::Everything()).value(), 1000);
                return absl::OkStatus();
              }).ok());
}

TEST_F(TableTest, UpdateNeedsTheEtagThatWasRead) {
  Organization row = Inserted("organizations/a");
  const Organization first = row;
  row.set_display_name("乙");
  ASSERT_TRUE(
      Write([&](Session& s) { return table_.Update(s, kNow + absl::Seconds(1), &row); }).ok());
  EXPECT_NE(row.etag(), first.etag());
  EXPECT_TRUE(MessageDifferencer::Equals(Get("organizations/a").value(), row));

  Organization stale = first;
  absl::Status status = Write([&](Session& s) { return table_.Update(s, kNow, &stale); });
  EXPECT_EQ(status::ReasonOf(status), options::v1::ERROR_REASON_STALE_ETAG);
  EXPECT_TRUE(MessageDifferencer::Equals(stale, first)) << "a refused row is left as it was";
  stale.set_etag("garbage");
  status = Write([&](Session& s) { return table_.Update(s, kNow, &stale); });
  EXPECT_EQ(status::ReasonOf(status), options::v1::ERROR_REASON_STALE_ETAG);
  stale.clear_etag();
  status = Write([&](Session& s) { return table_.Update(s, kNow, &stale); });
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("请先读取"));
  Organization absent = row;
  absent.set_name("organizations/zzz");
  status = Write([&](Session& s) { return table_.Update(s, kNow, &absent); });
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);

  EXPECT_EQ(Write([&](Session& s) { return table_.Delete(s, first); }).code(),
            absl::StatusCode::kAborted);
  EXPECT_TRUE(Write([&](Session& s) { return table_.Delete(s, row); }).ok());
  EXPECT_EQ(Get("organizations/a").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(TableTest, ManyRowsAreUpdatedAsEachWouldBe) {
  constexpr int kRows = 300;
  std::mt19937 random(20250402);
  std::vector<Organization> rows(kRows);
  for (int i = 0; i < kRows; ++i) {
    FillAtRandom(random, &rows[i]);
    rows[i].set_name(absl::StrCat("organizations/", i));
    rows[i].clear_update_time();
  }
  ASSERT_TRUE(Write([&](Session& s) { return table_.InsertAll(s, kNow, &rows); }).ok());
  std::vector<Organization> together = rows;
  for (Organization& row : together) {
    const Organization before = row;
    FillAtRandom(random, &row);
    row.set_name(before.name());
    row.set_etag(before.etag());
    *row.mutable_create_time() = before.create_time();
  }
  std::vector<Organization> alone = together;
  const absl::Time later = kNow + absl::Seconds(1);
  // The same by the statement for one row, taken back again.
  EXPECT_EQ(Write([&](Session& session) -> absl::Status {
              for (Organization& row : alone) {
                CHANYAN_RETURN_IF_ERROR(table_.Update(session, later, &row));
                CHANYAN_ASSIGN_OR_RETURN(row, table_.Get(session, row.name()));
              }
              return absl::CancelledError("");
            }).code(),
            absl::StatusCode::kCancelled);
  ASSERT_TRUE(Write([&](Session& s) { return table_.UpdateAll(s, later, &together); }).ok());
  for (int i = 0; i < kRows; ++i) {
    EXPECT_TRUE(MessageDifferencer::Equals(together[i], alone[i])) << alone[i].name();
    EXPECT_TRUE(MessageDifferencer::Equals(Get(alone[i].name()).value(), alone[i]))
        << alone[i].name();
  }
}

TEST_F(TableTest, OneThatCannotBeUpdatedStopsAllOfThem) {
  std::vector<Organization> rows(40);
  for (int i = 0; i < 40; ++i) rows[i].set_name(absl::StrCat("organizations/", i));
  ASSERT_TRUE(Write([&](Session& s) { return table_.InsertAll(s, kNow, &rows); }).ok());
  for (Organization& row : rows) row.set_zone("乙");
  const auto refused = [&](std::vector<Organization> given) {
    const std::vector<Organization> before = given;
    const absl::Status status =
        Write([&](Session& s) { return table_.UpdateAll(s, kNow, &given); });
    for (size_t i = 0; i < given.size(); ++i) {
      EXPECT_TRUE(MessageDifferencer::Equals(given[i], before[i]));
      EXPECT_NE(Get(absl::StrCat("organizations/", i))->zone(), "乙");
    }
    return status;
  };
  std::vector<Organization> stale = rows;
  stale[39].set_etag("garbage");
  EXPECT_EQ(status::ReasonOf(refused(stale)), options::v1::ERROR_REASON_STALE_ETAG);
  std::vector<Organization> absent = rows;
  absent[39].set_name("organizations/zzz");
  EXPECT_EQ(refused(absent).code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(Get("organizations/zzz").ok());
  std::vector<Organization> twice = rows;
  twice[39] = twice[38];
  EXPECT_EQ(status::ReasonOf(refused(twice)), options::v1::ERROR_REASON_STALE_ETAG);
  std::vector<Organization> unread = rows;
  unread[39].clear_etag();
  EXPECT_EQ(refused(unread).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(Write([&](Session& s) { return table_.UpdateAll(s, kNow, &rows); }).ok());
  EXPECT_EQ(Get("organizations/39")->zone(), "乙");
}

TEST_F(TableTest, ManyUpdatesKeepOtherUniqueKeys) {
  database_.Apply("ALTER TABLE organization ADD UNIQUE KEY by_zone (zone(40))");
  std::vector<Organization> rows(3);
  for (int i = 0; i < 3; ++i) {
    rows[i].set_name(absl::StrCat("organizations/", i));
    rows[i].set_zone(absl::StrCat(i));
  }
  ASSERT_TRUE(Write([&](Session& s) { return table_.InsertAll(s, kNow, &rows); }).ok());
  std::vector<Organization> taken = {rows[0]};
  taken[0].set_zone("1");
  EXPECT_EQ(Write([&](Session& s) { return table_.UpdateAll(s, kNow, &taken); }).code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Get("organizations/1")->zone(), "1");
  EXPECT_EQ(Get("organizations/0")->zone(), "0");
}

TEST_F(TableTest, OfManyWhoReadTheSameVersionOneWrites) {
  const Organization row = Inserted("organizations/a");
  constexpr int kWriters = 8;
  std::atomic<int> written{0}, stale{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) {
    threads.emplace_back([&, i] {
      const absl::Status status = Write([&](Session& session) {
        Organization mine = row;
        mine.set_zone(absl::StrCat(i));
        return table_.Update(session, kNow, &mine);
      });
      written += status.ok();
      stale += status::ReasonOf(status) == options::v1::ERROR_REASON_STALE_ETAG;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(written, 1);
  EXPECT_EQ(stale, kWriters - 1);
}

TEST_F(TableTest, DifferencesBetweenTableAndDescriptorAreNamed) {
  std::vector<std::string> found;
  const auto check = [&] {
    ASSERT_TRUE(database_.db()
                    .Read([&](Session& session) {
                      found = table_.core().CheckTable(session).value();
                      return absl::OkStatus();
                    })
                    .ok());
  };
  check();
  EXPECT_THAT(found, IsEmpty());
  database_.Apply(
      "ALTER TABLE organization DROP COLUMN zone, ADD COLUMN secret INT NOT NULL, "
      "MODIFY COLUMN display_name VARCHAR(50) NOT NULL, "
      "MODIFY COLUMN update_time DATETIME(3) NULL, "
      "MODIFY COLUMN kind BIGINT NOT NULL, MODIFY COLUMN industries JSON NULL");
  check();
  EXPECT_THAT(found, ::testing::UnorderedElementsAre(
                         HasSubstr("缺少列 zone"), HasSubstr("列 secret 不在描述中"),
                         HasSubstr("display_name 只能存 50 个字符，描述允许 120"),
                         HasSubstr("update_time 应为 DATETIME(6)"),
                         HasSubstr("kind 的类型是 bigint"), HasSubstr("industries 应为 NOT NULL")));
}

TEST_F(TableTest, AServiceMayDecodeTheRowsOfItsOwnJoin) {
  const Organization row = Inserted("organizations/a");
  ASSERT_TRUE(database_.db()
                  .Read([&](Session& session) -> absl::Status {
                    auto rows = session.Query(absl::StrCat(
                        "SELECT 7, ", table_.core().SelectColumns("o"), " FROM organization o"));
                    EXPECT_TRUE(rows.ok());
                    Organization decoded;
                    EXPECT_TRUE(table_.core().Decode(rows->rows[0], 1, &decoded).ok());
                    EXPECT_TRUE(MessageDifferencer::Equals(decoded, row));
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST(TableRoundTripTest, EveryLinkedResourceComesBackAsItWent) {
  testing::TestDatabase database;
  std::mt19937 random(20250401);
  int tables = 0;
  for (const pb::Descriptor* type : api::LinkedResources()) {
    const std::string& table = type->options().GetExtension(options::v1::resource).table();
    if (table.empty()) continue;
    ++tables;
    // Each service has a schema of its own, where another's table may have the same name.
    database.Apply(absl::StrCat("DROP TABLE IF EXISTS ", table));
    database.Apply(CreateTableSql(type));
    const TableCore core(type);
    for (int i = 0; i < 20; ++i) {
      std::unique_ptr<Message> row(
          pb::MessageFactory::generated_factory()->GetPrototype(type)->New());
      FillAtRandom(random, row.get());
      const std::string name = absl::StrCat("x/", i);
      row->GetReflection()->SetString(row.get(), type->FindFieldByName("name"), name);
      std::unique_ptr<Message> read(row->New());
      Message* written = row.get();
      const absl::Status status = database.db().Transact([&](Session& session) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(core.Insert(session, kNow, absl::MakeConstSpan(&written, 1)));
        return core.Get(session, name, Predicate::Everything(), false, read.get());
      });
      ASSERT_TRUE(status.ok()) << type->full_name() << " " << status;
      MessageDifferencer differencer;
      std::string report;
      differencer.ReportDifferencesToString(&report);
      EXPECT_TRUE(differencer.Compare(*row, *read)) << type->full_name() << "\n" << report;
    }
  }
  EXPECT_GT(tables, 3);
}

}  // namespace
}  // namespace chanyan::db
