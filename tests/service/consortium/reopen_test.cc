// What is on notice and cannot be filed goes back to be corrected (CON-3, CON-5).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/status.h"
#include "tests/service/consortium/notice_world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_ROLE_NOT_PERMITTED;
using options::v1::ERROR_REASON_WRONG_STATE;

class ReopenTest : public ::testing::Test, protected NoticeWorld {
 protected:
  ReopenTest() {
    book.SetGate("reopen", [this](rpc::Change& change, const v1::Consortium& row) {
      return notices.EndWith(change, row);
    });
  }
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

}  // namespace
}  // namespace chanyan::consortium
