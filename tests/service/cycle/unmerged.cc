#include "tests/service/cycle/unmerged.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "services/cycle/ids.h"
#include "tests/support/service_test.h"
#include "tests/support/zip_part.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_SECRETARIAT;

// Of each row, by platform and code, the packages it stands in.
using Packed = std::map<std::pair<std::string, std::string>, std::multiset<std::string>>;

void Open(World& world, const PlatformOwners& platforms, const std::string& package,
          Packed* packed) {
  v1::DownloadPackageRequest request;
  request.set_name(package);
  const auto file = world.service->DownloadPackage(
      world.CallOf("DownloadPackage", ROLE_SECRETARIAT, kSecretariat), request);
  ASSERT_TRUE(file.ok()) << file.status();
  std::set<std::string> universities;
  size_t forms = 0;
  for (const std::string& name : testing::ZipNames(file->data())) {
    if (name == "manifest.json") continue;
    ++forms;
    const auto book = sheet::ReadWorkbook(testing::ZipPart(file->data(), name), name);
    ASSERT_TRUE(book.ok()) << name << ": " << book.status();
    const auto table = sheet::ReadTable<v1::Row>(*book, *book->FirstVisible());
    ASSERT_TRUE(table.Check().ok()) << table.Check();
    std::set<std::string> owners;
    for (const auto& [row, number] : table.rows) {
      owners.insert(platforms.at(row.platform_title()));
      (*packed)[{row.platform_title(), row.unified_social_credit_code()}].insert(package);
    }
    EXPECT_EQ(owners.size(), 1u) << package << " / " << name << " is of several universities";
    universities.insert(owners.begin(), owners.end());
  }
  EXPECT_EQ(universities.size(), forms) << package << " has two files of one university";
}

}  // namespace

void ExpectUnmergedPackages(World& world, const PlatformOwners& platforms) {
  Packed packed;
  for (const std::string& package :
       testing::Texts(world.database.db(),
                      "SELECT name FROM package WHERE superseded_by = '' ORDER BY name")) {
    Open(world, platforms, package, &packed);
  }
  for (const auto& [row, packages] : packed) {
    const std::set<std::string> distinct(packages.begin(), packages.end());
    EXPECT_EQ(distinct.size(), packages.size()) << row.first << " stands twice in one package";
    EXPECT_EQ(distinct.size(), 1u) << row.first << " stands in several packages";
  }
  const std::string handed_in = absl::StrCat(
      "SELECT CONCAT(platform_title, '|', unified_social_credit_code) FROM form_row "
      "WHERE sent_back = 0 AND EXISTS (SELECT 1 FROM handover_row r JOIN handover h "
      "ON h.name = r.handover WHERE r.form_row = form_row.name AND h.step = 3 "
      "AND h.state <> 'REFUSED' AND h.receiver = '",
      kSecretariat, "')");
  for (const std::string& row : testing::Texts(world.database.db(), handed_in)) {
    const size_t bar = row.find('|');
    EXPECT_TRUE(packed.contains({row.substr(0, bar), row.substr(bar + 1)}))
        << row << " was handed in and is in no package";
  }
}

void ExpectUnmergedLedger(World& world, const PlatformOwners& platforms, const std::string& unit) {
  v1::ExportLedgerRequest request;
  request.set_name(world.cycle);
  request.set_unit(unit);
  const auto file = world.service->ExportLedger(
      world.CallOf("ExportLedger", ROLE_SECRETARIAT, kSecretariat), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto book = sheet::ReadWorkbook(file->data(), "台账.xlsx");
  ASSERT_TRUE(book.ok()) << book.status();
  std::multiset<std::string> shown;
  for (const sheet::Row& row : book->FirstVisible()->rows) {
    if (row.cells.size() < 2) continue;
    const auto platform = platforms.find(row.cells[1].text);
    if (platform == platforms.end()) continue;
    shown.insert(platform->first);
    EXPECT_EQ(row.cells[0].text,
              world.Form(FormName(world.cycle, platform->second)).university_title())
        << platform->first << " stands under another university";
  }
  const std::vector<std::string> back = testing::Texts(
      world.database.db(),
      absl::StrCat("SELECT platform_title FROM form_row WHERE enterprise <> '' AND (SELECT "
                   "h.sent_back FROM handover_row r JOIN handover h ON h.name = r.handover WHERE "
                   "r.form_row = form_row.name AND h.step = 3 AND h.state <> 'REFUSED' ORDER BY "
                   "r.hop DESC LIMIT 1) = 0",
                   unit.empty() ? "" : absl::StrCat(" AND unit = '", unit, "'")));
  EXPECT_EQ(shown, std::multiset<std::string>(back.begin(), back.end()))
      << (unit.empty() ? "of all" : unit);
}

}  // namespace chanyan::cycle
