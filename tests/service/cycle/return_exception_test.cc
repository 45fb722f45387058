// Leave for an enterprise that is late: dated, reasoned and journalled, and to the second (CYC-5).
#include "tests/service/cycle/returning.h"

#include <algorithm>

#include "common/status/status.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ReturnExceptionTest : public ReturningTest {
 protected:
  // What is offered in the cycle, read and listed.
  std::vector<std::string> Offered(Role role, const std::string& own) {
    v1::GetCycleRequest request;
    request.set_name(kCycle);
    const auto cycle = world_.service->GetCycle(world_.CallOf("GetCycle", role, own), request);
    EXPECT_TRUE(cycle.ok()) << cycle.status();
    const auto listed = world_.service->ListCycles(world_.CallOf("ListCycles", role, own), {});
    EXPECT_TRUE(listed.ok()) << listed.status();
    if (!cycle.ok() || !listed.ok() || listed->cycles_size() != 1) return {"none"};
    EXPECT_EQ(listed->cycles(0).SerializeAsString(), cycle->SerializeAsString());
    return {cycle->actions().begin(), cycle->actions().end()};
  }
  bool OfferedToSubmit(Role role, const std::string& own) {
    const std::vector<std::string> offered = Offered(role, own);
    return std::find(offered.begin(), offered.end(), "submitReturns") != offered.end();
  }
  // What is offered on a form, read and listed.
  std::vector<std::string> OfForm(Role role, const std::string& own, const std::string& name) {
    v1::GetFormRequest request;
    request.set_name(name);
    const auto form = world_.service->GetForm(world_.CallOf("GetForm", role, own), request);
    EXPECT_TRUE(form.ok()) << form.status();
    v1::ListFormsRequest all;
    all.set_parent(kCycle);
    const auto listed = world_.service->ListForms(world_.CallOf("ListForms", role, own), all);
    EXPECT_TRUE(listed.ok()) << listed.status();
    if (!form.ok() || !listed.ok()) return {"none"};
    for (const v1::Form& one : listed->forms()) {
      if (one.name() != name) continue;
      EXPECT_EQ(one.SerializeAsString(), form->SerializeAsString());
    }
    return {form->actions().begin(), form->actions().end()};
  }
};

TEST_F(ReturnExceptionTest, AnExceptionOpensOneEnterprisesReturnToTheSecond) {
  UntilEnterprises();
  v1::Row mended = World::Ongoing(kOucLab, 0);
  mended.set_progress("逾期补报");
  const std::string sheet = World::Sheet({mended});
  const absl::Time until = InChina(4, 30, 12);
  // Step 3 ends on 22 April, step 4 on 28 April.
  ASSERT_TRUE(world_.MoveTo(InChina(4, 29)).ok());
  EXPECT_EQ(status::ReasonOf(world_.GiveBack(kOucForm, 0, sheet).status()),
            ERROR_REASON_WINDOW_CLOSED);
  const absl::Status late = world_.SubmitReturns(0).status();
  EXPECT_EQ(status::ReasonOf(late), ERROR_REASON_WINDOW_CLOSED);
  EXPECT_THAT(std::string(late.message()), HasSubstr("企业逾期补报许可"));

  // By its unit or the secretariat, until a later instant of the quarter.
  EXPECT_TRUE(absl::IsNotFound(Except(ROLE_UNIT, kTown, 0, until).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Except(ROLE_UNIT, kZone, 0, InChina(4, 29)).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(Except(ROLE_SECRETARIAT, kSecretariat, 0, InChina(7, 1)).status()));
  EXPECT_EQ(world_.Count("return_exception"), 0);
  const auto granted = Except(ROLE_UNIT, kZone, 0, until);
  ASSERT_TRUE(granted.ok()) << granted.status();
  EXPECT_EQ(granted->unit(), kZone);
  EXPECT_EQ(granted->account(), "accounts/zone");
  EXPECT_EQ(world_.Count("journal WHERE kind = 'granted'"), 1);

  ASSERT_TRUE(world_.MoveTo(until).ok());
  EXPECT_EQ(status::ReasonOf(world_.GiveBack(kOucForm, 1, sheet).status()),
            ERROR_REASON_WINDOW_CLOSED)
      << "of one enterprise alone";
  const auto filled = world_.GiveBack(kOucForm, 0, sheet);
  ASSERT_TRUE(filled.ok()) << filled.status();
  ASSERT_TRUE(world_.MoveTo(until + absl::Seconds(1)).ok());
  EXPECT_EQ(status::ReasonOf(world_.SubmitReturns(0).status()), ERROR_REASON_WINDOW_CLOSED);

  // Granted again, the later word counts; what comes by it is late.
  ASSERT_TRUE(Except(ROLE_SECRETARIAT, kSecretariat, 0, InChina(5, 9, 18)).ok());
  EXPECT_EQ(world_.Count("return_exception"), 1);
  EXPECT_EQ(world_.Count("journal WHERE kind = 'granted'"), 2);
  const auto given = world_.SubmitReturns(0);
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_EQ(given->row_count(), 2);
  EXPECT_EQ(world_.Count("enterprise_return WHERE on_time = 0"), 1);
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  EXPECT_FALSE(Package(0).on_time());
  Conserved();
}

TEST_F(ReturnExceptionTest, LeaveIsASheetOfWhatTheReaderMaySee) {
  ASSERT_TRUE(world_.Open().ok());
  Report();
  ASSERT_TRUE(world_.MoveTo(InChina(4, 23)).ok());
  ASSERT_TRUE(Except(ROLE_SECRETARIAT, kSecretariat, 0, InChina(4, 30, 12)).ok());
  ASSERT_TRUE(Except(ROLE_UNIT, kTown, 2, InChina(5, 6, 12)).ok());
  v1::ExportReturnExceptionsRequest request;
  request.set_parent(kCycle);
  const auto sheet = [&](Role role, const std::string& own) {
    const auto file = world_.service->ExportReturnExceptions(
        world_.CallOf("ExportReturnExceptions", role, own), request);
    EXPECT_TRUE(file.ok()) << file.status();
    std::string text;
    if (!file.ok()) return text;
    const auto book = sheet::ReadWorkbook(file->data(), "许可.xlsx");
    EXPECT_TRUE(book.ok()) << book.status();
    for (const sheet::Row& row : book->FirstVisible()->rows) {
      for (const sheet::Cell& cell : row.cells) text += cell.text + "|";
    }
    return text;
  };
  const std::string all = sheet(ROLE_SECRETARIAT, kSecretariat);
  EXPECT_THAT(all, HasSubstr("企业逾期补报许可台账（演练或补录）"));
  EXPECT_THAT(all, HasSubstr(World::TitleOf(0) + "|海洋高新区（演示）|2025-04-30 12:00:00|"));
  EXPECT_THAT(all, HasSubstr(World::TitleOf(2) + "|古镇口街道（演示）|2025-05-06 12:00:00|"));
  EXPECT_THAT(sheet(ROLE_UNIT, kTown), Not(HasSubstr(World::TitleOf(0))));
  EXPECT_THAT(sheet(ROLE_ENTERPRISE, World::Enterprise(2)), HasSubstr(World::TitleOf(2)));
  request.set_filter("reason = 1 OR");
  const auto refused = world_.service->ExportReturnExceptions(
      world_.CallOf("ExportReturnExceptions", ROLE_SECRETARIAT, kSecretariat), request);
  EXPECT_TRUE(absl::IsInvalidArgument(refused.status())) << refused.status();
}

// What is offered is what the call takes, before, within and after an exception.
TEST_F(ReturnExceptionTest, WhoIsOfferedToSubmitIsWhoMay) {
  ASSERT_TRUE(world_.Open().ok());
  Report();
  for (const char* university : {kOuc, kUpc}) ASSERT_TRUE(world_.Accept(university).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 9)).ok());
  const std::string enterprise = World::Enterprise(0);
  EXPECT_FALSE(OfferedToSubmit(ROLE_ENTERPRISE, enterprise)) << "nothing was sent to it";
  EXPECT_EQ(status::ReasonOf(world_.SubmitReturns(0).status()),
            options::v1::ERROR_REASON_WRONG_STATE);
  EXPECT_FALSE(OfferedToSubmit(ROLE_UNIT, kZone));
  ASSERT_TRUE(world_.Distribute().ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  EXPECT_FALSE(OfferedToSubmit(ROLE_UNIT, kZone)) << "they are with the unit still";
  ASSERT_TRUE(world_.ToEnterprises(kZone).ok());
  EXPECT_TRUE(OfferedToSubmit(ROLE_ENTERPRISE, enterprise)) << "not received, but submitting is";
  EXPECT_TRUE(OfferedToSubmit(ROLE_UNIT, kZone));
  EXPECT_FALSE(OfferedToSubmit(ROLE_UNIT, kTown)) << "its enterprise has nothing yet";
  EXPECT_FALSE(OfferedToSubmit(ROLE_ENTERPRISE, World::Enterprise(2)));
  EXPECT_FALSE(OfferedToSubmit(ROLE_SECRETARIAT, kSecretariat));

  const absl::Time until = InChina(4, 30, 12);
  ASSERT_TRUE(world_.MoveTo(InChina(4, 29)).ok());
  EXPECT_FALSE(OfferedToSubmit(ROLE_ENTERPRISE, enterprise));
  EXPECT_FALSE(OfferedToSubmit(ROLE_UNIT, kZone));
  // One with nothing to give is not helped by an exception.
  ASSERT_TRUE(Except(ROLE_SECRETARIAT, kSecretariat, 2, until).ok());
  EXPECT_FALSE(OfferedToSubmit(ROLE_ENTERPRISE, World::Enterprise(2)));
  EXPECT_FALSE(OfferedToSubmit(ROLE_UNIT, kTown));
  EXPECT_EQ(status::ReasonOf(world_.SubmitReturns(2).status()),
            options::v1::ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 0, until).ok());
  EXPECT_TRUE(OfferedToSubmit(ROLE_ENTERPRISE, enterprise));
  EXPECT_TRUE(OfferedToSubmit(ROLE_UNIT, kZone));
  EXPECT_FALSE(OfferedToSubmit(ROLE_ENTERPRISE, World::Enterprise(1))) << "of one alone";
  ASSERT_TRUE(world_.MoveTo(until).ok());
  EXPECT_TRUE(OfferedToSubmit(ROLE_ENTERPRISE, enterprise));
  ASSERT_TRUE(world_.SubmitReturns(0).ok());
  EXPECT_TRUE(OfferedToSubmit(ROLE_ENTERPRISE, enterprise)) << "once more is taken, too";
  EXPECT_TRUE(world_.SubmitReturns(0).ok());
  ASSERT_TRUE(world_.MoveTo(until + absl::Seconds(1)).ok());
  EXPECT_FALSE(OfferedToSubmit(ROLE_ENTERPRISE, enterprise));
  EXPECT_EQ(status::ReasonOf(world_.SubmitReturns(0).status()), ERROR_REASON_WINDOW_CLOSED);
  EXPECT_FALSE(OfferedToSubmit(ROLE_UNIT, kZone));
}

TEST_F(ReturnExceptionTest, FormsAreOfferedToBeFilledInAndSentBackWhileTheyMay) {
  UntilEnterprises();
  const std::string enterprise = World::Enterprise(0);
  EXPECT_THAT(OfForm(ROLE_ENTERPRISE, enterprise, kOucForm), ElementsAre("importReturn"));
  EXPECT_THAT(OfForm(ROLE_UNIT, kZone, kOucForm), ElementsAre("importReturn"));
  EXPECT_THAT(OfForm(ROLE_RESEARCH_OFFICE, kOuc, kOucForm), Not(Contains("importReturn")));
  EXPECT_THAT(OfForm(ROLE_SECRETARIAT, kSecretariat, kOucForm), Not(Contains("importReturn")));
  ASSERT_TRUE(world_.SubmitReturns(1).ok());
  EXPECT_THAT(OfForm(ROLE_UNIT, kZone, kOucForm), ElementsAre("importReturn")) << "on its way";
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  EXPECT_THAT(OfForm(ROLE_UNIT, kZone, kOucForm),
              ElementsAre("importReturn", "returnToEnterprise"));
  EXPECT_THAT(OfForm(ROLE_UNIT, kZone, kUpcForm), ElementsAre("importReturn")) << "not of it";
  EXPECT_THAT(OfForm(ROLE_UNIT, kTown, kOucForm), ElementsAre("importReturn"));
  EXPECT_THAT(OfForm(ROLE_ENTERPRISE, World::Enterprise(1), kOucForm), ElementsAre("importReturn"));

  ASSERT_TRUE(world_.MoveTo(InChina(4, 23, 0)).ok());
  EXPECT_THAT(OfForm(ROLE_ENTERPRISE, enterprise, kOucForm), IsEmpty());
  EXPECT_THAT(OfForm(ROLE_UNIT, kZone, kOucForm), IsEmpty());
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 0, InChina(4, 25)).ok());
  EXPECT_THAT(OfForm(ROLE_ENTERPRISE, enterprise, kOucForm), ElementsAre("importReturn"));
  EXPECT_THAT(OfForm(ROLE_UNIT, kZone, kOucForm), ElementsAre("importReturn"))
      << "the one that gave was not excepted";
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 1, InChina(4, 25)).ok());
  EXPECT_THAT(OfForm(ROLE_UNIT, kZone, kOucForm),
              ElementsAre("importReturn", "returnToEnterprise"));
  ASSERT_TRUE(ToEnterprise(kZone, kOucForm, 1).ok());
  EXPECT_THAT(OfForm(ROLE_UNIT, kZone, kOucForm), ElementsAre("importReturn"));
}

TEST_F(ReturnExceptionTest, WhoSeesAnException) {
  UntilEnterprises();
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 0, InChina(5, 9, 18)).ok());
  const auto seen = [&](Role role, const std::string& own) {
    v1::ListReturnExceptionsRequest request;
    request.set_parent(kCycle);
    const auto page = world_.service->ListReturnExceptions(
        world_.CallOf("ListReturnExceptions", role, own), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return page->return_exceptions_size();
  };
  EXPECT_EQ(seen(ROLE_ENTERPRISE, World::Enterprise(0)), 1);
  EXPECT_EQ(seen(ROLE_ENTERPRISE, World::Enterprise(1)), 0);
  EXPECT_EQ(seen(ROLE_UNIT, kZone), 1);
  EXPECT_EQ(seen(ROLE_UNIT, kTown), 0);
  EXPECT_EQ(seen(ROLE_SECRETARIAT, kSecretariat), 1);
}

TEST_F(ReturnExceptionTest, AnExceptionIsOfTheEnterpriseThatGoesOn) {
  UntilEnterprises();
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 1, InChina(5, 9, 18)).ok());
  ASSERT_TRUE(world_.Merge(World::Enterprise(1), World::Enterprise(0)).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 29)).ok());
  EXPECT_TRUE(world_.SubmitReturns(0).ok());
  Conserved();
}

TEST_F(ReturnExceptionTest, OfTwoThatBecameOneEachPromiseHoldsUntilALaterWord) {
  UntilEnterprises();
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 0, InChina(4, 30, 18)).ok());
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 1, InChina(5, 9, 18)).ok());
  ASSERT_TRUE(world_.Merge(World::Enterprise(1), World::Enterprise(0)).ok());
  const std::string sheet = World::Sheet({World::Ongoing(kOucLab, 0)});
  ASSERT_TRUE(world_.MoveTo(InChina(5, 6)).ok());
  EXPECT_TRUE(world_.GiveBack(kOucForm, 0, sheet).ok()) << "what the other was promised";
  // A later word is shorter: it counts for all of it, and both are journalled.
  ASSERT_TRUE(Except(ROLE_SECRETARIAT, kSecretariat, 0, InChina(5, 6, 12)).ok());
  EXPECT_EQ(world_.Count("journal WHERE kind = 'granted'"), 4);
  ASSERT_TRUE(world_.MoveTo(InChina(5, 6, 12, 0, 1)).ok());
  EXPECT_EQ(status::ReasonOf(world_.SubmitReturns(0).status()), ERROR_REASON_WINDOW_CLOSED);
}

TEST_F(ReturnExceptionTest, WhatCannotBeMendedAnyMoreIsNotSentBack) {
  UntilEnterprises();
  ASSERT_TRUE(world_.SubmitReturns(0).ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 23, 0)).ok());
  EXPECT_EQ(status::ReasonOf(ToEnterprise(kZone, kOucForm, 0).status()),
            ERROR_REASON_WINDOW_CLOSED);
  ASSERT_TRUE(Except(ROLE_UNIT, kZone, 0, InChina(4, 25)).ok());
  EXPECT_TRUE(ToEnterprise(kZone, kOucForm, 0).ok());
}

}  // namespace
}  // namespace chanyan::cycle
