// What the check finds, what only an anchor finds, and what the program says of it.
#include "common/journal/verify.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_split.h"
#include "common/auth/secret.h"
#include "gmock/gmock.h"
#include "tests/unit/journal/journal_fixture.h"

namespace chanyan::journal {
namespace {

using ::testing::HasSubstr;

struct Answer {
  int code = -1;
  std::string text;
};

class VerifyTest : public JournalTest {
 protected:
  VerifyTest() {
    std::filesystem::create_directories(dir_);
    for (int i = 0; i < 8; ++i) Write(absl::StrCat("o", i));
    SealAll();
  }
  ~VerifyTest() override { std::filesystem::remove_all(dir_); }

  // Where the chain is found broken; 0 if it is whole.
  int64_t BrokenAt(std::vector<Anchor> anchors = {}) {
    const Verification found = Verified(std::move(anchors));
    return found.broken.has_value() ? found.broken->seq : 0;
  }
  Anchor AnchorAt(int64_t seq) {
    return {"registry", seq, Sealed().at(static_cast<size_t>(seq - 1)).hash(), now_};
  }
  // Recomputes what follows `from`, as someone who knows the format would.
  void Reseal(int64_t from) {
    database_.Apply(absl::StrCat("UPDATE journal SET seq = 0, hash = '' WHERE seq >= ", from));
    SealAll();
  }

  Answer Run(const std::string& arguments) {
    const std::string command = absl::StrCat("'", CHANYAN_VERIFY_JOURNAL,
                                             "' '--db=", database_.Url(), "' ", arguments, " 2>&1");
    FILE* pipe = popen(command.c_str(), "r");
    Answer answer;
    std::array<char, 4096> buffer;
    for (size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      answer.text.append(buffer.data(), n);
    }
    answer.code = WEXITSTATUS(pclose(pipe));
    return answer;
  }
  std::string File(const std::string& name, const std::string& content) {
    const std::string path = absl::StrCat(dir_, "/", name);
    std::ofstream(path) << content;
    std::filesystem::permissions(path, std::filesystem::perms(0600));
    return path;
  }

  const std::string dir_ =
      absl::StrCat(::testing::TempDir(), "/verify-", getpid(), "-", database_.config().schema);
};

TEST_F(VerifyTest, AWholeChainIsWhole) {
  Write("unsealed");
  const Verification found = Verified();
  EXPECT_FALSE(found.broken.has_value());
  EXPECT_EQ(found.chain.last_seq, 8);
  EXPECT_EQ(found.chain.head, Sealed().back().hash());
  EXPECT_EQ(found.chain.earliest, now_);
  EXPECT_EQ(found.chain.latest, now_);
  EXPECT_EQ(found.unsealed, 1);
}

TEST_F(VerifyTest, AnEmptyJournalIsWhole) {
  database_.Apply("DELETE FROM journal");
  EXPECT_EQ(BrokenAt(), 0);
}

TEST_F(VerifyTest, AnyChangeOfOneByteIsFoundAtItsPlace) {
  for (const char* change :
       {"after_json = CONCAT(SUBSTR(after_json, 1, 5), 'X', SUBSTR(after_json, 7))",
        "before_json = 'x'", "actor = 'accounts/b'", "organization = ''", "kind = 'updated'",
        "method = 'm'", "resource = 'organizations/o9'", "type = 't'", "request_id = ''",
        "trace_id = ''", "event_id = '5f0c4a1e-0000-4222-8333-444455556666'",
        "time = time + INTERVAL 1 MICROSECOND",
        "hash = CONCAT(IF(LEFT(hash, 1) = '0', '1', '0'), SUBSTR(hash, 2))"}) {
    database_.Apply(
        "CREATE TABLE kept AS SELECT * FROM journal WHERE seq = 5;"
        "UPDATE journal SET " +
        std::string(change) + " WHERE seq = 5");
    EXPECT_EQ(BrokenAt(), 5) << change;
    database_.Apply(
        "DELETE FROM journal WHERE seq = 5; INSERT INTO journal SELECT * FROM kept;"
        "DROP TABLE kept");
    EXPECT_EQ(BrokenAt(), 0) << change;
  }
}

TEST_F(VerifyTest, ARemovedAnInsertedAndAnExchangedEntryAreFound) {
  database_.Apply("CREATE TABLE kept AS SELECT * FROM journal");
  const std::pair<const char*, int64_t> table[] = {
      {"DELETE FROM journal WHERE seq = 1", 1},
      {"DELETE FROM journal WHERE seq BETWEEN 3 AND 5", 3},
      // Closed up after the removal.
      {"DELETE FROM journal WHERE seq = 3;"
       "UPDATE journal SET seq = seq - 1 WHERE seq > 3 ORDER BY seq",
       3},
      // Room made for another.
      {"UPDATE journal SET seq = seq + 1 WHERE seq > 3 ORDER BY seq DESC;"
       "INSERT INTO journal (seq, event_id, resource, type, kind, method, actor, organization,"
       " request_id, trace_id, time, before_json, after_json, hash)"
       " SELECT 4, UUID(), resource, type, kind, method, actor, organization, request_id,"
       " trace_id, time, before_json, after_json, hash FROM journal WHERE seq = 3",
       4},
      {"UPDATE journal SET seq = 100 WHERE seq = 2; UPDATE journal SET seq = 2 WHERE seq = 3;"
       "UPDATE journal SET seq = 3 WHERE seq = 100",
       2},
      // In a place that another has.
      {"INSERT INTO journal (seq, event_id, resource, type, kind, method, actor, organization,"
       " request_id, trace_id, time, before_json, after_json, hash)"
       " SELECT seq, UUID(), resource, type, kind, method, actor, organization, request_id,"
       " trace_id, time, before_json, after_json, hash FROM journal WHERE seq = 3",
       3},
      {"UPDATE journal SET seq = 0 WHERE seq = 8", 0}};
  for (const auto& [change, seq] : table) {
    database_.Apply(change);
    const Verification found = Verified();
    ASSERT_TRUE(found.broken.has_value()) << change;
    EXPECT_EQ(found.broken->seq, seq) << change << found.broken->text;
    database_.Apply("DELETE FROM journal; INSERT INTO journal SELECT * FROM kept");
    EXPECT_EQ(BrokenAt(), 0);
  }
}

TEST_F(VerifyTest, ACutTailIsFoundWithAnAnchorOnly) {
  const Anchor early = AnchorAt(4), late = AnchorAt(8);
  database_.Apply("DELETE FROM journal WHERE seq > 6");
  EXPECT_EQ(BrokenAt(), 0);
  EXPECT_EQ(BrokenAt({early}), 0);
  EXPECT_EQ(BrokenAt({late, early}), 7);
}

TEST_F(VerifyTest, ARewrittenTailIsFoundWithAnAnchorOnly) {
  const Anchor before = AnchorAt(2), after = AnchorAt(7);
  database_.Apply("UPDATE journal SET actor = 'accounts/other' WHERE seq = 3");
  Reseal(3);
  EXPECT_EQ(BrokenAt(), 0);
  EXPECT_EQ(BrokenAt({before}), 0);
  EXPECT_EQ(BrokenAt({before, after}), 7);
}

TEST_F(VerifyTest, MoreThanABatchIsReadInSeveral) {
  std::vector<registry::v1::Organization> all;
  for (int i = 0; i < 1100; ++i) all.push_back(Organization(absl::StrCat("more", i)));
  std::vector<Alteration> alterations;
  for (const auto& one : all) alterations.push_back({nullptr, &one});
  ASSERT_TRUE(db().Transact([&](db::Session& session) {
                    return AppendAll(session, now_, Anybody(), "created", alterations);
                  })
                  .ok());
  SealAll();
  EXPECT_EQ(Verified().chain.last_seq, 1108);
  database_.Apply("UPDATE journal SET kind = 'x' WHERE seq = 1003");
  EXPECT_EQ(BrokenAt(), 1003);
}

TEST_F(VerifyTest, AnAnchorIsReadBackAndOnlyFromTheKeyThatSignedIt) {
  const auth::Key key = *auth::Key::Generate(), other = *auth::Key::Generate();
  const std::string line = *WriteAnchor(key, AnchorAt(8));
  const absl::StatusOr<Anchor> read = ReadAnchor(key, line);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->service, "registry");
  EXPECT_EQ(read->seq, 8);
  EXPECT_EQ(read->hash, AnchorAt(8).hash);
  EXPECT_EQ(read->time, absl::FromUnixSeconds(absl::ToUnixSeconds(now_)));
  EXPECT_FALSE(ReadAnchor(other, line).ok());
  for (size_t i = 0; i < line.size(); ++i) {
    std::string changed = line;
    changed[i] = changed[i] == '1' ? '2' : '1';
    // The last character of base64url has bits that count for nothing.
    if (i + 1 < line.size()) {
      EXPECT_FALSE(ReadAnchor(key, changed).ok()) << i;
    }
    EXPECT_FALSE(ReadAnchor(key, line.substr(0, i)).ok()) << i;
  }
}

TEST_F(VerifyTest, TheProgramNamesTheFirstBrokenEntry) {
  Answer answer = Run("");
  EXPECT_EQ(answer.code, 0) << answer.text;
  EXPECT_THAT(answer.text, HasSubstr("完整 8 条"));
  EXPECT_THAT(answer.text, HasSubstr(Sealed().back().hash()));
  EXPECT_THAT(answer.text, HasSubstr("2026-01-01T00:00:00.123456Z"));
  EXPECT_THAT(answer.text, HasSubstr("不能发现"));
  database_.Apply("UPDATE journal SET after_json = REPLACE(after_json, '海', '湖') WHERE seq = 3");
  answer = Run("");
  EXPECT_EQ(answer.code, 1) << answer.text;
  EXPECT_THAT(answer.text, HasSubstr("自第 3 条起"));
}

TEST_F(VerifyTest, TheProgramWritesAndChecksAnchors) {
  const auth::Key key = *auth::Key::Generate();
  const std::string secret = File("anchor.pem", *key.ToPem());
  const std::string public_key = File("anchor.pub", *key.ToPublicPem());
  const std::string anchors = dir_ + "/anchors";
  const std::string write =
      absl::StrCat("--service=registry --anchor-key=", secret, " --write-anchor=", anchors);
  const std::string check =
      absl::StrCat("--service=registry --anchors=", anchors, " --anchor-public=", public_key);
  EXPECT_EQ(Run(check).code, 2);
  ASSERT_EQ(Run(write).code, 0);
  Write("one-more");
  SealAll();
  Answer answer = Run(absl::StrCat(check, " ", write));
  ASSERT_EQ(answer.code, 0) << answer.text;
  EXPECT_THAT(answer.text, HasSubstr("核对锚点：1 个"));
  EXPECT_THAT(Run(check).text, HasSubstr("核对锚点：2 个"));

  database_.Apply("DELETE FROM journal WHERE seq > 7");
  EXPECT_EQ(Run("").code, 0);
  answer = Run(absl::StrCat(check, " ", write));
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.text, HasSubstr("末尾被截去"));
  // A broken journal gets no anchor.
  std::ifstream file(anchors);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST_F(VerifyTest, TheProgramSaysWhenItCouldNotCheck) {
  for (const char* arguments :
       {"--no-such-flag", "--anchors=/nowhere", "--anchors=/nowhere --anchor-public=/nowhere",
        "--write-anchor=/nowhere", "--db=mysql://root@localhost:1/none"}) {
    const Answer answer = Run(arguments);
    EXPECT_EQ(answer.code, 2) << arguments << answer.text;
  }
}

}  // namespace
}  // namespace chanyan::journal
