// What goes back on its way, with reasons (CYC-4, CYC-5).
#include "tests/service/cycle/returning.h"

#include <thread>

#include "absl/strings/str_join.h"
#include "common/status/status.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(ReturningTest, AllRowsThatAreNotOfTheFormAreNamedAtOnceAndNothingIsReturned) {
  ASSERT_TRUE(world_.Open().ok());
  Report();
  const std::string own = world_.RowOf(kOucLab, 0).name();
  const std::string others = world_.RowOf(kUpcLab, 2).name();
  const auto returned = ReturnForm(kOucForm, {{others, "他校的行"},
                                              {own, "第一次"},
                                              {absl::StrCat(kOucForm, "/rows/none"), "没有的行"},
                                              {own, "第二次"}});
  const std::vector<status::Violation> wrong = status::ViolationsOf(returned.status());
  ASSERT_EQ(wrong.size(), 3u) << returned.status();
  EXPECT_EQ(wrong[0].field, "row_reasons[0].row");
  EXPECT_EQ(wrong[1].field, "row_reasons[2].row");
  EXPECT_EQ(wrong[2].field, "row_reasons[3].row");
  EXPECT_THAT(wrong[2].description, HasSubstr("第 2 项"));
  EXPECT_EQ(world_.Form(kOucForm).state(), v1::FORM_STATE_SUBMITTED);
  EXPECT_EQ(world_.Count("form_row WHERE return_reason <> ''"), 0);
}

TEST_F(ReturningTest, ARowSaysWhyItWasReturnedUntilItIsSubmittedAgain) {
  ASSERT_TRUE(world_.Open().ok());
  Report();
  const std::string row = world_.RowOf(kOucLab, 0).name();
  ASSERT_TRUE(ReturnForm(kOucForm, {{row, "最新进展过于简略"}}).ok());
  EXPECT_EQ(world_.RowOf(kOucLab, 0).return_reason(), "最新进展过于简略");
  EXPECT_EQ(world_.RowOf(kOucCenter, 1).return_reason(), "");
  EXPECT_THAT(Acts(row), Contains(HasSubstr("退回（本行原因） 退回原因：（空）→最新进展过于简略")));
  Conserved();

  // The university sees it in its sheet, and whatever it writes there says nothing.
  const auto file = ExportForm(kOuc);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(Cells(file->data()), Contains("最新进展过于简略"));
  const auto same = world_.Import(kOuc, file->data());
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(same->unchanged(), 2);
  v1::Row mended = World::Ongoing(kOucLab, 0);
  mended.set_progress("样机已下线并通过验收");
  mended.set_return_reason("已改");
  v1::Row fresh = World::Intent(kOucCenter, 2);
  fresh.set_return_reason("无");
  const auto imported =
      world_.Import(kOuc, World::Sheet({mended, World::NewProject(kOucCenter, 1), fresh}));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(world_.RowOf(kOucLab, 0).return_reason(), "最新进展过于简略");
  EXPECT_EQ(world_.RowOf(kOucCenter, 2).return_reason(), "");

  ASSERT_TRUE(world_.Submit(kOuc).ok());
  EXPECT_EQ(world_.RowOf(kOucLab, 0).return_reason(), "");
  EXPECT_THAT(Acts(row), Contains(HasSubstr("最新进展过于简略"))) << "it stays on record";
  Conserved();
}

TEST_F(ReturningTest, AUnitSendsOneUniversitysFormBackAndNothingElse) {
  UntilEnterprises();
  ASSERT_TRUE(world_.SubmitReturns(0).ok());
  EXPECT_EQ(status::ReasonOf(ToEnterprise(kZone, kOucForm, 0).status()), ERROR_REASON_WRONG_STATE)
      << "not received yet";
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  const v1::Row row = world_.RowOf(kOucLab, 0);
  EXPECT_EQ(status::ReasonOf(ToEnterprise(kTown, kOucForm, 0).status()), ERROR_REASON_WRONG_STATE)
      << "another unit holds nothing of it";
  EXPECT_TRUE(absl::IsInvalidArgument(
      ToEnterprise(kZone, kOucForm, 0, {{world_.RowOf(kUpcLab, 0).name(), "他校"}}).status()));

  const auto back = ToEnterprise(kZone, kOucForm, 0, {{row.name(), "缺签约证明"}});
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->row_count(), 1);
  const v1::Row returned = world_.RowOf(kOucLab, 0);
  EXPECT_EQ(returned.in_transit(), back->handover());
  EXPECT_FALSE(returned.confirmed());
  EXPECT_TRUE(returned.sent_back());
  EXPECT_EQ(returned.return_reason(), "缺签约证明");
  EXPECT_FALSE(world_.RowOf(kUpcLab, 0).sent_back());
  EXPECT_EQ(world_.Count(absl::StrCat("handover WHERE name = '", back->handover(),
                                      "' AND sent_back = 1 AND state = 'SENT' AND "
                                      "JSON_LENGTH(reasons) = 1")),
            1);
  EXPECT_THAT(Acts(row.name()), Contains("退回 请补充佐证材料"));
  EXPECT_EQ(status::ReasonOf(ToEnterprise(kZone, kOucForm, 0).status()), ERROR_REASON_WRONG_STATE);
  Conserved();

  // What is not back is not packed; the other university's is.
  const auto packed = world_.SubmitPackages(kZone);
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_EQ(packed->row_count(), 1);
  EXPECT_EQ(Package(0).form_count(), 1);

  // Filled in again and submitted, it comes along, and the first time counts.
  const auto first = testing::Texts(world_.database.db(),
                                    "SELECT CAST(first_time AS CHAR) FROM enterprise_return");
  ASSERT_TRUE(world_.MoveTo(InChina(4, 17)).ok());
  v1::Row mended = World::Ongoing(kOucLab, 0);
  mended.set_progress("已补签约证明");
  const auto filled = world_.GiveBack(kOucForm, 0, World::Sheet({mended}));
  ASSERT_TRUE(filled.ok()) << filled.status();
  EXPECT_EQ(filled->updated(), 1);
  ASSERT_TRUE(world_.SubmitReturns(0).ok());
  const v1::Row again = world_.RowOf(kOucLab, 0);
  EXPECT_TRUE(again.confirmed());
  EXPECT_FALSE(again.sent_back());
  EXPECT_EQ(again.return_reason(), "");
  EXPECT_EQ(testing::Texts(world_.database.db(),
                           "SELECT CAST(first_time AS CHAR) FROM enterprise_return"),
            first);
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  const auto rest = world_.SubmitPackages(kZone);
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_EQ(rest->row_count(), 1);
  EXPECT_EQ(Package(0).form_count(), 2);
  EXPECT_EQ(Package(0).row_count(), 2);
  Conserved();
}

TEST_F(ReturningTest, APackageGoesBackToItsUnitAndComesWithWhatWasMended) {
  UntilPackages();
  const v1::Row row = world_.RowOf(kOucLab, 0);
  EXPECT_TRUE(absl::IsInvalidArgument(
      ReturnPackage(0, {{world_.RowOf(kOucCenter, 1).name(), "别家的行"}}).status()));
  const auto returned = ReturnPackage(0, {{row.name(), "与合同不符"}});
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_THAT(returned->return_reasons(), ElementsAre("请补充佐证材料"));
  EXPECT_EQ(time::ToTime(returned->return_time()), InChina(4, 16));
  EXPECT_TRUE(returned->on_time());
  EXPECT_EQ(status::ReasonOf(ReturnPackage(0).status()), ERROR_REASON_WRONG_STATE) << "once";
  EXPECT_EQ(world_.Count("form_row WHERE sent_back = 1"), 2) << "both forms of it";
  EXPECT_EQ(world_.RowOf(kOucLab, 0).return_reason(), "与合同不符");
  Conserved();

  // The unit has it again: it is not packed unchanged, and what it finds good goes the same way.
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  const auto nothing = world_.SubmitPackages(kZone);
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_EQ(nothing->row_count(), 0);
  for (const char* form : {kOucForm, kUpcForm}) ASSERT_TRUE(ToEnterprise(kZone, form, 0).ok());
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok()) << "the unit for it";
  const auto packed = world_.SubmitPackages(kZone);
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_EQ(packed->package_count(), 1);
  EXPECT_EQ(packed->row_count(), 2);
  const v1::Package renewed = Package(0);
  EXPECT_THAT(renewed.return_reasons(), IsEmpty());
  EXPECT_FALSE(renewed.has_return_time());
  EXPECT_TRUE(renewed.on_time()) << "the first time counts";
  Conserved();

  // All of it reaches the universities.
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  ASSERT_TRUE(world_.MoveTo(InChina(4, 23)).ok());
  const auto back = world_.ReturnToUniversities();
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->row_count(), 3);
  EXPECT_EQ(status::ReasonOf(ReturnPackage(0).status()), ERROR_REASON_WRONG_STATE)
      << "it is with the universities";
  Conserved();
}

TEST_F(ReturningTest, APackageOfOneThatHasBecomePartOfAnotherGoesBackWithItsRows) {
  UntilPackages();
  ASSERT_TRUE(world_.Merge(World::Enterprise(1), World::Enterprise(0)).ok());
  const auto returned = ReturnPackage(1);
  ASSERT_TRUE(returned.ok()) << returned.status();
  EXPECT_EQ(world_.Count("form_row WHERE sent_back = 1"), 1) << "its own, not those of the other's";
  EXPECT_THAT(Package(0).return_reasons(), IsEmpty());
  EXPECT_THAT(Package(0).actions(), ::testing::Contains("return"));
  EXPECT_THAT(Package(1).actions(), ::testing::Not(::testing::Contains("return")));
  Conserved();
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(ToEnterprise(kZone, kOucForm, 0).ok());
  ASSERT_TRUE(world_.SubmitReturns(0, kZone).ok());
  const auto packed = world_.SubmitPackages(kZone);
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_EQ(packed->row_count(), 1);
  // The survivor's package has all of it; the other is kept as it was handed in, and in no bundle.
  EXPECT_EQ(Package(0).row_count(), 3);
  EXPECT_EQ(Package(1).superseded_by(), PackageOf(0));
  EXPECT_EQ(Package(1).row_count(), 1);
  EXPECT_THAT(Package(1).return_reasons(), IsEmpty());
  Conserved();
  v1::DownloadBundleRequest bundle;
  bundle.set_name(kCycle);
  bundle.set_unit(kZone);
  const auto file = world_.service->DownloadBundle(
      world_.CallOf("DownloadBundle", ROLE_SECRETARIAT, kSecretariat), bundle);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->data(), HasSubstr(World::TitleOf(0)));
  EXPECT_THAT(file->data(), ::testing::Not(HasSubstr(World::TitleOf(1))));
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  const auto superseded = ReturnPackage(1);
  EXPECT_EQ(status::ReasonOf(superseded.status()), ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(std::string(superseded.status().message()), HasSubstr(PackageOf(0)));
  ASSERT_TRUE(ReturnPackage(0).ok());
  EXPECT_EQ(world_.Count("form_row WHERE sent_back = 1"), 3);
  Conserved();
}

TEST_F(ReturningTest, OfWhoHadNoPackageOfItsOwnTheRowsAreInTheSurvivors) {
  UntilEnterprises();
  ASSERT_TRUE(world_.Merge(World::Enterprise(1), World::Enterprise(0)).ok());
  ASSERT_TRUE(world_.SubmitReturns(0).ok());
  ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
  ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
  ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  EXPECT_TRUE(absl::IsNotFound(ReturnPackage(1).status()));
  ASSERT_TRUE(ReturnPackage(0).ok());
  EXPECT_EQ(world_.Count("form_row WHERE sent_back = 1"), 3);
  Conserved();
}

// Whoever packs and whoever sends back wait for each other in one order: nobody is refused.
TEST_F(ReturningTest, PackagesGoBackBesideWhoPacksThem) {
  UntilPackages();
  for (int round = 0; round < 6; ++round) {
    std::vector<absl::Status> outcomes(3);
    std::vector<std::thread> threads;
    threads.emplace_back([&] { outcomes[0] = ReturnPackage(0).status(); });
    threads.emplace_back([&] { outcomes[1] = ReturnPackage(1).status(); });
    threads.emplace_back([&] { outcomes[2] = world_.SubmitPackages(kZone).status(); });
    for (std::thread& thread : threads) thread.join();
    for (const absl::Status& one : outcomes) EXPECT_TRUE(one.ok()) << one;
    Conserved();
    ASSERT_TRUE(world_.Receive(kZone, ROLE_UNIT).ok());
    for (const int enterprise : {0, 1}) {
      ASSERT_TRUE(ToEnterprise(kZone, kOucForm, enterprise).ok());
      if (enterprise == 0) {
        ASSERT_TRUE(ToEnterprise(kZone, kUpcForm, enterprise).ok());
      }
      ASSERT_TRUE(world_.SubmitReturns(enterprise, kZone).ok());
    }
    ASSERT_TRUE(world_.SubmitPackages(kZone).ok());
    ASSERT_TRUE(world_.Receive(kSecretariat, ROLE_SECRETARIAT).ok());
  }
}

TEST_F(ReturningTest, TheLedgerHasWhatCameBackAndWasNotSentBack) {
  UntilPackages();
  const auto ledger = [&](Role role, const std::string& own) {
    v1::ExportLedgerRequest request;
    request.set_name(kCycle);
    const auto file =
        world_.service->ExportLedger(world_.CallOf("ExportLedger", role, own), request);
    EXPECT_TRUE(file.ok()) << file.status();
    return absl::StrJoin(Cells(file->data()), "|");
  };
  EXPECT_THAT(ledger(ROLE_SECRETARIAT, kSecretariat), HasSubstr(kOucLab));
  ASSERT_TRUE(ReturnPackage(0).ok());
  for (const bool unit : {true, false}) {
    const std::string cells =
        unit ? ledger(ROLE_UNIT, kZone) : ledger(ROLE_SECRETARIAT, kSecretariat);
    EXPECT_THAT(cells, ::testing::Not(HasSubstr(kOucLab)));
    EXPECT_THAT(cells, HasSubstr(kOucCenter)) << "enterprise 1 is untouched";
  }
}

}  // namespace
}  // namespace chanyan::cycle
