// One founding agreement, signed by all parties at once and while it is written (CON-1): every
// signature is kept and counts, or is for what the agreement no longer says and is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_STALE_ETAG;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

class SigningRaceTest : public ::testing::Test, public World {
 protected:
  // With its document, signed by nobody.
  v1::Consortium Unsigned(const std::string& title) {
    const auto made = Create(Dossier(title));
    EXPECT_TRUE(made.ok()) << made.status();
    if (!made.ok()) return {};
    const auto file = Attach(made->name(), v1::ATTACHMENT_KIND_AGREEMENT);
    EXPECT_TRUE(file.ok()) << file.status();
    v1::Consortium update;
    update.set_name(made->name());
    update.mutable_agreement()->set_document(file->name());
    const auto updated = Update(update, {"agreement.document"});
    EXPECT_TRUE(updated.ok()) << updated.status();
    return Stored(made->name());
  }
  absl::StatusOr<v1::Signature> SignWhat(const v1::Consortium& seen, const std::string& by) {
    v1::SignAgreementRequest request;
    request.set_name(seen.name());
    request.set_digest(seen.agreement().digest());
    request.set_plan_digest(seen.plan_digest());
    request.set_signer("法定代表人");
    request.set_request_id(api::NewUuid());
    return signatures.SignAgreement(By(by, "SignatureService.SignAgreement"), request);
  }
  // Of the agreement as it stands.
  int64_t Standing(const v1::Consortium& row) {
    return Count(absl::StrCat("signature WHERE subject = 'AGREEMENT' AND consortium = '",
                              row.name(), "' AND digest = '", row.agreement().digest(), "'"));
  }
};

TEST_F(SigningRaceTest, AllWhoSignAtOnceHaveSigned) {
  for (int round = 0; round < 5; ++round) {
    const v1::Consortium row = Unsigned(absl::StrCat("联合体", round));
    const std::vector<std::string> parties = ParticipantsOf(row);
    std::vector<std::thread> threads;
    for (const std::string& party : parties) {
      // Twice, as who presses again does.
      for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&, party] {
          const auto signature = SignWhat(row, party);
          EXPECT_TRUE(signature.ok()) << party << signature.status();
        });
      }
    }
    for (std::thread& thread : threads) thread.join();
    const v1::Consortium after = Stored(row.name());
    EXPECT_THAT(after.signed_by(), UnorderedElementsAreArray(parties));
    EXPECT_THAT(after.plan_confirmed_by(), UnorderedElementsAreArray(parties));
    EXPECT_EQ(Standing(after), static_cast<int64_t>(parties.size())) << "each once";
    const auto submitted = Submit(row.name());
    EXPECT_TRUE(submitted.ok()) << submitted.status();
  }
}

TEST_F(SigningRaceTest, WhoSignsWhileItIsWrittenSignedWhatItSaysOrWasRefused) {
  for (int round = 0; round < 5; ++round) {
    const v1::Consortium row = Unsigned(absl::StrCat("联合体", round));
    const std::vector<std::string> parties = ParticipantsOf(row);
    std::atomic<int> stale = 0;
    std::atomic<int> signed_before = 0;
    std::vector<std::thread> threads;
    for (const std::string& party : parties) {
      threads.emplace_back([&, party] {
        const auto signature = SignWhat(row, party);
        if (signature.ok()) {
          ++signed_before;
          return;
        }
        EXPECT_EQ(ReasonOf(signature), ERROR_REASON_STALE_ETAG) << signature.status();
        ++stale;
      });
    }
    threads.emplace_back([&] {
      v1::Consortium update = row;
      update.clear_etag();
      update.mutable_members(0)->set_tasks("承担整机联调，经费另行约定。");
      const auto updated = Update(update, {"members"});
      EXPECT_TRUE(updated.ok()) << updated.status();
    });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(stale + signed_before, static_cast<int>(parties.size()));
    const v1::Consortium after = Stored(row.name());
    ASSERT_NE(after.agreement().digest(), row.agreement().digest());
    // Whoever came before the change signed another agreement, which is kept and counts no more.
    EXPECT_THAT(after.signed_by(), IsEmpty());
    EXPECT_EQ(Standing(after), 0);
    EXPECT_EQ(Standing(row), signed_before);
    EXPECT_EQ(ReasonOf(Submit(row.name())), options::v1::ERROR_REASON_RULE_VIOLATED);
    for (const std::string& party : parties) {
      const auto anew = SignWhat(after, party);
      ASSERT_TRUE(anew.ok()) << party << anew.status();
    }
    EXPECT_TRUE(Submit(row.name()).ok());
  }
}

}  // namespace
}  // namespace chanyan::consortium
