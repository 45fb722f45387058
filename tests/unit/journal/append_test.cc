// What an entry holds and which bytes its hash covers.
#include "common/journal/chain.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/time_util.h"
#include "tests/unit/journal/journal_fixture.h"

namespace chanyan::journal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(JournalTest, AnEntryWithoutAMessageOrANameIsRefused) {
  const registry::v1::Organization nameless;
  const registry::v1::Contact not_a_resource;
  for (const google::protobuf::Message* after :
       {static_cast<const google::protobuf::Message*>(nullptr),
        static_cast<const google::protobuf::Message*>(&nameless),
        static_cast<const google::protobuf::Message*>(&not_a_resource)}) {
    const absl::Status written = db().Transact([&](db::Session& session) {
      return Append(session, now_, Anybody(), "created", nullptr, after);
    });
    EXPECT_EQ(written.code(), absl::StatusCode::kInternal);
  }
  EXPECT_EQ(Number("SELECT COUNT(*) FROM journal"), 0);
}

TEST_F(JournalTest, AnEntryKeepsWhoHowWhenBeforeAndAfter) {
  const auto before = Organization("ouc", "旧名"), after = Organization("ouc", "新名 \"引号\" 𠮷");
  ASSERT_TRUE(db().Transact([&](db::Session& session) {
                    return Append(session, now_, Anybody(), "updated", &before, &after);
                  })
                  .ok());
  SealAll();
  const std::vector<v1::Entry> entries = Sealed();
  ASSERT_EQ(entries.size(), 1u);
  const v1::Entry& entry = entries[0];
  EXPECT_EQ(entry.seq(), 1);
  EXPECT_EQ(entry.resource(), "organizations/ouc");
  EXPECT_EQ(entry.type(), "chanyan.registry.v1.Organization");
  EXPECT_EQ(entry.kind(), "updated");
  EXPECT_EQ(entry.method(), Anybody().method);
  EXPECT_EQ(entry.actor(), Anybody().actor);
  EXPECT_EQ(entry.organization(), Anybody().organization);
  EXPECT_EQ(entry.request_id(), Anybody().request_id);
  EXPECT_EQ(entry.trace_id(), Anybody().trace_id);
  EXPECT_EQ(google::protobuf::util::TimeUtil::TimestampToMicroseconds(entry.time()),
            absl::ToUnixMicros(now_));
  EXPECT_EQ(entry.before_json(), CanonicalJson(before));
  EXPECT_EQ(entry.after_json(), CanonicalJson(after));
  EXPECT_EQ(entry.hash(), ChainHash(GenesisHash(), entry));
}

TEST_F(JournalTest, ARolledBackChangeLeavesNoEntry) {
  const auto after = Organization("ouc");
  const absl::Status refused = db().Transact([&](db::Session& session) -> absl::Status {
    EXPECT_TRUE(Append(session, now_, Anybody(), "created", nullptr, &after).ok());
    return absl::FailedPreconditionError("refused");
  });
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM journal"), 0);
}

TEST_F(JournalTest, ManyAtOnceAreWhatEachAloneWouldBe) {
  std::vector<registry::v1::Organization> all;
  for (int i = 0; i < 150; ++i) all.push_back(Organization(absl::StrCat("o", i)));
  std::vector<Alteration> alterations;
  for (const auto& one : all) alterations.push_back({nullptr, &one});
  ASSERT_TRUE(db().Transact([&](db::Session& session) {
                    return AppendAll(session, now_, Anybody(), "created", alterations);
                  })
                  .ok());
  ASSERT_TRUE(db().Transact([&](db::Session& session) -> absl::Status {
                    for (const auto& one : all) {
                      const absl::Status appended =
                          Append(session, now_, Anybody(), "created", nullptr, &one);
                      if (!appended.ok()) return appended;
                    }
                    return absl::OkStatus();
                  })
                  .ok());
  SealAll();
  std::vector<v1::Entry> entries = Sealed();
  ASSERT_EQ(entries.size(), 2 * all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    v1::Entry many = entries[i], alone = entries[i + all.size()];
    EXPECT_NE(many.event_id(), alone.event_id());
    for (v1::Entry* entry : {&many, &alone}) {
      entry->clear_seq();
      entry->clear_event_id();
      entry->clear_hash();
    }
    EXPECT_EQ(many.SerializeAsString(), alone.SerializeAsString()) << i;
  }
}

TEST_F(JournalTest, ABatchLongerThanAPacketGoesInPieces) {
  // 64 × 2 × 150 KB: more than the server takes in one statement.
  std::vector<registry::v1::Organization> all;
  for (int i = 0; i < 64; ++i) {
    all.push_back(Organization(absl::StrCat("o", i), std::string(150 << 10, 'x')));
  }
  std::vector<Alteration> alterations;
  for (const auto& one : all) alterations.push_back({&one, &one});
  const absl::Status written = db().Transact([&](db::Session& session) {
    return AppendAll(session, now_, Anybody(), "updated", alterations);
  });
  ASSERT_TRUE(written.ok()) << written;
  SealAll();
  EXPECT_EQ(Sealed().size(), all.size());
  EXPECT_FALSE(Verified().broken.has_value());
}

TEST_F(JournalTest, AReadOfGreatEntriesEndsEarlyButNeverEmpty) {
  for (int i = 0; i < 3; ++i) Write(absl::StrCat("o", i), std::string(kMaxReadBytes - 500, 'x'));
  SealAll();
  ASSERT_TRUE(db().Read([&](db::Session& session) {
                    EXPECT_EQ(SealedAfter(session, 0, 10)->size(), 2u);
                    EXPECT_EQ(SealedAfter(session, 2, 10)->size(), 1u);
                    EXPECT_EQ(SealedAfter(session, 3, 10)->size(), 0u);
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST(CanonicalJsonTest, HidesPersonalDataHoweverDeepAndKeepsTheRest) {
  registry::v1::Organization organization = Organization("ouc");
  for (const char* phone : {"13800000001", "13800000002"}) {
    auto* contact = organization.add_contacts();
    contact->set_title("处长");
    contact->set_phone(phone);
    contact->set_email("someone@example.org");
  }
  const std::string json = CanonicalJson(organization);
  EXPECT_THAT(json, Not(HasSubstr("1380000")));
  EXPECT_THAT(json, Not(HasSubstr("example.org")));
  EXPECT_THAT(json, HasSubstr(R"("phone":"***","email":"***","title":"处长")"));
  // The message itself is not touched.
  EXPECT_EQ(organization.contacts(0).phone(), "13800000001");
}

TEST(CanonicalJsonTest, TheSameMessageHasTheSameBytesHoweverItWasMade) {
  registry::v1::Organization first;
  first.set_display_name("院");
  first.set_name("organizations/a");
  first.add_industries("海洋");
  registry::v1::Organization second;
  second.add_industries("海洋");
  second.set_name("organizations/a");
  second.set_display_name("院");
  EXPECT_EQ(CanonicalJson(first), CanonicalJson(second));
  EXPECT_EQ(CanonicalJson(first),
            R"({"name":"organizations/a","display_name":"院","industries":["海洋"]})");
  registry::v1::Organization again;
  ASSERT_TRUE(again.ParseFromString(first.SerializeAsString()));
  EXPECT_EQ(CanonicalJson(again), CanonicalJson(first));
}

v1::Entry FullEntry() {
  v1::Entry entry;
  const auto* reflection = entry.GetReflection();
  for (int i = 0; i < entry.GetDescriptor()->field_count(); ++i) {
    const auto* field = entry.GetDescriptor()->field(i);
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
      reflection->SetString(&entry, field, absl::StrCat("value of ", field->name()));
    }
  }
  entry.set_seq(7);
  entry.mutable_time()->set_seconds(1767225600);
  return entry;
}

TEST(ChainHashTest, ChangesWithEveryFieldButTheHashItself) {
  const v1::Entry entry = FullEntry();
  const std::string hash = ChainHash(GenesisHash(), entry);
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_NE(ChainHash(std::string(63, '0') + "1", entry), hash);
  for (int i = 0; i < entry.GetDescriptor()->field_count(); ++i) {
    const auto* field = entry.GetDescriptor()->field(i);
    v1::Entry changed = entry;
    if (field->name() == "seq") {
      changed.set_seq(8);
    } else if (field->name() == "time") {
      changed.mutable_time()->set_nanos(1000);
    } else {
      changed.GetReflection()->SetString(&changed, field, "another");
    }
    EXPECT_EQ(ChainHash(GenesisHash(), changed) == hash, field->name() == "hash") << field->name();
  }
}

TEST(ChainHashTest, TextThatMovesFromOneFieldToTheNextIsAnotherEntry) {
  v1::Entry one, other;
  one.set_actor("ab");
  one.set_organization("c");
  other.set_actor("a");
  other.set_organization("bc");
  EXPECT_NE(ChainHash(GenesisHash(), one), ChainHash(GenesisHash(), other));
}

// The format is a promise: anchors of years ago are checked against it.
TEST(ChainHashTest, IsWhatItWasWhenTheFirstAnchorWasWritten) {
  EXPECT_EQ(ChainHash(GenesisHash(), FullEntry()),
            "3eabd64498d31b4559bd2d4780897adf97364958c0cf67c029d922f02ad6bc48");
}

}  // namespace
}  // namespace chanyan::journal
