// What is on notice and cannot be filed goes back to be corrected (CON-3, CON-5).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status.h"
#include "tests/service/consortium/notice_world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
using options::v1::ERROR_REASON_WRONG_STATE;
using ::testing::HasSubstr;

class ReopenTest : public ::testing::Test, protected NoticeWorld {
 protected:
  ReopenTest() { notices.SetGates(book); }

  absl::StatusOr<v1::Consortium> Reopen(const std::string& name, const std::string& by = kBureau) {
    auto request = Named<v1::ReopenConsortiumRequest>(name);
    request.set_reason("牵头单位条件有变，请补正后重新申报。");
    return consortia.ReopenConsortium(By(by, "ConsortiumService.ReopenConsortium"), request);
  }
};

TEST_F(ReopenTest, OnlyTheOfficeAndOnlyWhatIsOnNotice) {
  const std::string name = Selected("拟备案");
  EXPECT_EQ(status::ReasonOf(Reopen(name).status()), ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(Publish(name).ok());
  EXPECT_EQ(status::ReasonOf(Reopen(name, kAlpha).status()), ERROR_REASON_ROLE_NOT_PERMITTED);
  EXPECT_EQ(Stored(name).state(), v1::CONSORTIUM_STATE_PUBLIC_NOTICE);
}

TEST_F(ReopenTest, AHeldNoticeEndsAndTheDossierIsCorrectedAndHandedInAgain) {
  // Barred while on notice: the notice is held at its end.
  const std::string other = Filed("另一个").name();
  const v1::PublicNotice notice = Published("公示中");
  ASSERT_TRUE(RemoveLead(other).ok());
  Pass(notice);
  EXPECT_EQ(End(), 0);
  EXPECT_EQ(Count("public_notice WHERE hold_reason <> ''"), 1);
  const auto row = Reopen(notice.consortium());
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->state(), v1::CONSORTIUM_STATE_RETURNED);
  EXPECT_TRUE(row->has_due_time());
  EXPECT_EQ(Notice(notice.name()).state(), v1::PUBLIC_NOTICE_STATE_ENDED);
  EXPECT_EQ(End(), 0);
  EXPECT_EQ(status::ReasonOf(Reopen(notice.consortium()).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(ReopenTest, NotWhileAnObjectionWaitsForItsDecision) {
  const v1::PublicNotice notice = Published("公示中");
  ASSERT_TRUE(Object(notice.name(), "10.0.0.1").ok());
  ASSERT_TRUE(ObjectAs(kBeta, notice.name()).ok());
  const auto refused = Reopen(notice.consortium());
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("还有2件异议"));
  EXPECT_EQ(Stored(notice.consortium()).state(), v1::CONSORTIUM_STATE_PUBLIC_NOTICE);
  EXPECT_EQ(Notice(notice.name()).state(), v1::PUBLIC_NOTICE_STATE_OPEN);
  for (const std::string& objection :
       testing::Texts(database.db(), "SELECT name FROM notice_objection ORDER BY name")) {
    ASSERT_TRUE(Decide(objection, /*upheld=*/false).ok());
  }
  const auto row = Reopen(notice.consortium());
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->state(), v1::CONSORTIUM_STATE_RETURNED);
}

TEST_F(ReopenTest, AnObjectionThatIsBeingMadeIsSeen) {
  const v1::PublicNotice notice = Published("公示中");
  // The step's transaction has read before the objection is there.
  const journal::Origin origin{.method = "test", .actor = "test"};
  bool objected = false;
  const absl::Status reopened = database.db().Transact([&](db::Session& session) -> absl::Status {
    rpc::Change change(session, clock.now, origin);
    CHANYAN_RETURN_IF_ERROR(session.Query("SELECT name FROM notice_objection").status());
    if (!objected) {
      EXPECT_TRUE(Object(notice.name()).ok());
    }
    objected = true;
    CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, book.LockAny(change, notice.consortium()));
    return book.Step(change, {Part::kOffice, kBureau}, "reopen", "请补正。", &row);
  });
  EXPECT_EQ(status::ReasonOf(reopened), ERROR_REASON_WRONG_STATE) << reopened;
}

}  // namespace
}  // namespace chanyan::consortium
