// Organizations that look like one: found, offered with the reason, dismissed, and told by an
// import.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "common/sheet/table.h"
#include "tests/service/registry/registry_world.h"
#include "tests/support/violations.h"

namespace chanyan::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr auto kEnterprise = v1::ORGANIZATION_KIND_ENTERPRISE;

class DuplicatesTest : public ::testing::Test, protected RegistryWorld {
 protected:
  absl::StatusOr<v1::ListDuplicatesResponse> Page(const v1::ListDuplicatesRequest& request) {
    return directory.ListDuplicates(Secretariat("ListDuplicates"), request);
  }
  // "e1 e2 SAME_NAME+SIMILAR_NAME", over all pages.
  std::vector<std::string> Pairs(const std::string& of = "", int page_size = 2) {
    v1::ListDuplicatesRequest request;
    request.set_organization(of);
    request.set_page_size(page_size);
    std::vector<std::string> lines;
    do {
      const auto page = Page(request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      for (const auto& pair : page->pairs()) {
        std::vector<std::string> reasons;
        for (int i = 0; i < pair.reasons_size(); ++i) {
          reasons.push_back(v1::DuplicateReason_Name(pair.reasons(i)).substr(17));
        }
        EXPECT_EQ(pair.explanations_size(), pair.reasons_size());
        lines.push_back(absl::StrCat(api::IdOfName(pair.first().name()), " ",
                                     api::IdOfName(pair.second().name()), " ",
                                     absl::StrJoin(reasons, "+")));
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return lines;
  }
  absl::StatusOr<v1::DistinctPair> Dismiss(const std::string& first, const std::string& second) {
    v1::DismissDuplicateRequest request;
    request.set_first(first);
    request.set_second(second);
    request.set_reason("两家企业股东和住所均不同");
    request.set_request_id(api::NewUuid());
    return directory.DismissDuplicate(Secretariat("DismissDuplicate"), request);
  }
  absl::StatusOr<v1::ImportResult> Import(const std::vector<v1::Organization>& rows,
                                          bool dry_run = false) {
    v1::ImportOrganizationsRequest request;
    *request.mutable_file() = testing::Upload(rows);
    request.set_file_name("单位.xlsx");
    request.set_validate_only(dry_run);
    request.set_request_id(api::NewUuid());
    return service.ImportOrganizations(Secretariat("ImportOrganizations"), request);
  }
  // Rows that the session's statements have read so far.
  static absl::StatusOr<int64_t> RowsRead(db::Session& session) {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows counters,
                             session.Query("SHOW SESSION STATUS LIKE 'Handler_read%'"));
    int64_t sum = 0;
    for (const db::Values& row : counters.rows) sum += std::stoll(std::get<std::string>(row[1]));
    return sum;
  }
  static v1::Organization Row(const std::string& title, int code,
                              v1::OrganizationKind kind = kEnterprise) {
    v1::Organization row;
    row.set_display_name(title);
    row.set_kind(kind);
    if (code > 0) row.set_unified_social_credit_code(testing::CreditCode(code));
    return row;
  }
};

TEST_F(DuplicatesTest, EveryReasonIsFoundAndExplained) {
  Enterprise(1, "青岛蓝鲸海洋科技有限公司");
  Enterprise(2, "青島藍鯨 海洋科技有限公司");
  Enterprise(3, "蓝鲸海洋科技（青岛）股份有限公司");
  Enterprise(4, "白鲸贸易有限公司");
  Enterprise(5, "虎鲸贸易有限公司");
  ASSERT_TRUE(Rename("organizations/e5", "座头鲸贸易有限公司").ok());
  Enterprise(6, "虎鲸贸易有限公司");
  // Of another kind: the name alone says something, its core nothing.
  Make("u1", "蓝鲸海洋科技有限公司", v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE);
  Make("u2", "白鲸贸易有限公司", v1::ORGANIZATION_KIND_SERVICE_AGENCY);
  EXPECT_THAT(Pairs(), ElementsAre("e1 e2 SAME_NAME+SIMILAR_NAME", "e1 e3 SIMILAR_NAME",
                                   "e2 e3 SIMILAR_NAME", "e4 u2 SAME_NAME", "e5 e6 FORMER_NAME"));
  EXPECT_THAT(Pairs("organizations/e3"), ElementsAre("e1 e3 SIMILAR_NAME", "e2 e3 SIMILAR_NAME"));
  EXPECT_THAT(Pairs("organizations/e3", 1),
              ElementsAre("e1 e3 SIMILAR_NAME", "e2 e3 SIMILAR_NAME"));
  EXPECT_EQ(Pairs("", 1), Pairs("", 200)) << "pages";
  v1::ListDuplicatesRequest request;
  request.set_page_size(1);
  const auto page = Page(request);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(
      page->pairs(0).explanations(),
      ElementsAre(HasSubstr("都是“青岛蓝鲸海洋科技有限公司”"), HasSubstr("都是“蓝鲸海洋科技”")));
  EXPECT_THAT(page->pairs(0).actions(), ElementsAre("merge", "dismiss"));
  request.set_page_token(page->next_page_token());
  request.set_organization("organizations/e3");
  EXPECT_EQ(status::ReasonOf(Page(request).status()), options::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
  request.set_page_token("");
  request.set_page_size(-1);
  EXPECT_EQ(Page(request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(DuplicatesTest, TheSameOrganizationCodeUnderAnotherPlaceIsFound) {
  // The same body 00000001-? registered in another district: check characters differ.
  Enterprise(1, "甲企业（演示）");
  const std::string code = testing::CreditCode(1);
  std::string moved = code;
  moved[7] = moved[7] == '1' ? '2' : '1';
  constexpr absl::string_view kDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  int weight = 1;
  int sum = 0;
  for (int i = 0; i < 17; ++i) {
    sum += static_cast<int>(kDigits.find(moved[i])) * weight;
    weight = weight * 3 % 31;
  }
  moved[17] = kDigits[(31 - sum % 31) % 31];
  v1::CreateOrganizationRequest request;
  request.set_organization_id("moved");
  *request.mutable_organization() = Row("乙企业（演示）", 0);
  request.mutable_organization()->set_unified_social_credit_code(moved);
  const auto made = service.CreateOrganization(Secretariat("CreateOrganization"), request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(Pairs(), ElementsAre("e1 moved SAME_CODE"));
}

TEST_F(DuplicatesTest, ADismissedPairIsNotOfferedUntilSomethingNewComesUp) {
  const std::string a = Enterprise(1, "青岛蓝鲸海洋科技有限公司");
  const std::string b = Enterprise(2, "山东蓝鲸海洋科技股份有限公司");
  Enterprise(3, "别的企业（演示）");
  ASSERT_THAT(Pairs(), ElementsAre("e1 e2 SIMILAR_NAME"));
  EXPECT_EQ(Dismiss(a, a).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status::ReasonOf(Dismiss(a, "organizations/e3").status()),
            options::v1::ERROR_REASON_WRONG_STATE)
      << "they do not look alike";
  const auto dismissed = Dismiss(b, a);
  ASSERT_TRUE(dismissed.ok()) << dismissed.status();
  EXPECT_EQ(dismissed->first(), a) << "in any order";
  EXPECT_EQ(dismissed->reason(), "两家企业股东和住所均不同");
  EXPECT_FALSE(dismissed->account().empty());
  EXPECT_THAT(Pairs(), IsEmpty());
  EXPECT_THAT(Pairs(a), IsEmpty());

  // Now they have one name: that was not known then.
  ASSERT_TRUE(Rename(b, "青岛蓝鲸海洋科技有限公司").ok());
  EXPECT_THAT(Pairs(), ElementsAre("e1 e2 SAME_NAME+SIMILAR_NAME"));
  ASSERT_TRUE(Dismiss(a, b).ok());
  EXPECT_THAT(Pairs(), IsEmpty());
  const auto pairs = directory.ListDistinctPairs(Secretariat("ListDistinctPairs"), {});
  ASSERT_TRUE(pairs.ok()) << pairs.status();
  ASSERT_EQ(pairs->distinct_pairs_size(), 1);

  v1::WithdrawDistinctPairRequest withdraw;
  withdraw.set_name(pairs->distinct_pairs(0).name());
  withdraw.set_reason("复核为同一企业");
  ASSERT_TRUE(directory.WithdrawDistinctPair(Secretariat("WithdrawDistinctPair"), withdraw).ok());
  EXPECT_EQ(Pairs().size(), 1u);
  EXPECT_EQ(
      status::ReasonOf(
          directory.WithdrawDistinctPair(Secretariat("WithdrawDistinctPair"), withdraw).status()),
      options::v1::ERROR_REASON_WRONG_STATE);
  EXPECT_THAT(Texts("SELECT kind FROM journal WHERE resource LIKE 'distinctPairs/%' ORDER BY id"),
              ElementsAre("dismissed", "dismissed", "withdrawn"));
  ASSERT_TRUE(Merge(b, a).ok());
  EXPECT_THAT(Pairs(), IsEmpty()) << "what is merged is settled";
  EXPECT_EQ(status::ReasonOf(Dismiss(a, b).status()), options::v1::ERROR_REASON_WRONG_STATE);
}

TEST_F(DuplicatesTest, AnImportTellsSuspectsAlsoInADryRun) {
  Enterprise(1, "青岛蓝鲸海洋科技有限公司");
  const std::vector<v1::Organization> rows = {
      Row("青岛蓝鲸海洋科技有限公司", 1), Row("藍鯨海洋科技（青島）有限公司", 2),
      Row("白鲸贸易有限公司", 3), Row("山东白鲸贸易公司", 4), Row("别的企业（演示）", 5)};
  for (const bool dry_run : {true, false}) {
    const auto result = Import(rows, dry_run);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->created(), 4);
    EXPECT_EQ(result->suspect_count(), 2);
    ASSERT_EQ(result->suspects_size(), 2);
    const auto& stored = result->suspects(0);
    EXPECT_EQ(stored.place(), "单位.xlsx / 表 / A3");
    EXPECT_EQ(stored.organization(), "organizations/e1");
    EXPECT_EQ(stored.organization_title(), "青岛蓝鲸海洋科技有限公司");
    EXPECT_THAT(stored.reasons(), ElementsAre("字号相同"));
    const auto& above = result->suspects(1);
    EXPECT_EQ(above.place(), "单位.xlsx / 表 / A5");
    EXPECT_EQ(above.organization_title(), "白鲸贸易有限公司");
    EXPECT_EQ(Count("organization"), dry_run ? 1 : 5);
  }
  const auto again = Import(rows);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->unchanged(), 5) << "the same file twice";
  EXPECT_EQ(again->suspect_count(), 0) << "nothing new";
  EXPECT_EQ(Pairs().size(), 2u);
}

TEST_F(DuplicatesTest, AnOldSheetFindsTheRowsOfToday) {
  const std::string zone = Make("zone", "古镇口（演示）", v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE);
  const std::string town = Make("town", "泊里镇（演示）", v1::ORGANIZATION_KIND_TOWN);
  v1::Organization first = Row("蓝鲸科技（演示）", 1);
  first.set_unit("古镇口（演示）");
  v1::Organization second = Row("白鲸科技（演示）", 2);
  second.set_unit("泊里镇（演示）");
  const std::vector<v1::Organization> old = {first, second};
  ASSERT_TRUE(Import(old).ok());
  const std::string name =
      Texts("SELECT name FROM organization WHERE display_name = '蓝鲸科技（演示）'").at(0);
  const std::string other =
      Texts("SELECT name FROM organization WHERE display_name = '白鲸科技（演示）'").at(0);
  ASSERT_TRUE(Rename(name, "虎鲸科技（演示）").ok());
  ASSERT_TRUE(Rename(zone, "古镇口核心区（演示）").ok());
  ASSERT_TRUE(Merge(town, zone).ok());
  auto result = Import(old);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->unchanged(), 2) << "names and units of the past are those of today";
  EXPECT_EQ(At(name).display_name(), "虎鲸科技（演示）");
  EXPECT_EQ(At(other).unit(), zone);

  ASSERT_TRUE(Merge(other, name).ok());
  result = Import(old);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->unchanged(), 2) << "what is merged is left as it is";
  std::vector<v1::Organization> changed = old;
  changed[1].set_zone("古镇口");
  const auto refused = Import(changed);
  ASSERT_EQ(status::ViolationsOf(refused.status()).size(), 1u);
  EXPECT_EQ(status::ViolationsOf(refused.status())[0].field, "单位.xlsx / 表 / A3");
  EXPECT_THAT(status::ViolationsOf(refused.status())[0].description,
              HasSubstr("已并入“虎鲸科技（演示）”"));
}

TEST_F(DuplicatesTest, StateAndMergerAreExportedAndNotImported) {
  const std::string a = Enterprise(1);
  const std::string b = Enterprise(2);
  const std::string c = Enterprise(3);
  ASSERT_TRUE(Merge(a, b).ok());
  auto suspend = Named<v1::SuspendOrganizationRequest>(c);
  suspend.set_reason("停产");
  ASSERT_TRUE(service.SuspendOrganization(Secretariat("SuspendOrganization"), suspend).ok());
  const auto exported = service.ExportOrganizations(Secretariat("ExportOrganizations"), {});
  ASSERT_TRUE(exported.ok()) << exported.status();
  const auto workbook = sheet::ReadWorkbook(exported->data(), "单位.xlsx");
  ASSERT_TRUE(workbook.ok()) << workbook.status();
  auto data = sheet::ReadTable<v1::Organization>(*workbook, *workbook->FirstVisible());
  ASSERT_EQ(data.rows.size(), 3u);
  EXPECT_EQ(data.rows[0].message.state(), v1::ORGANIZATION_STATE_MERGED);
  EXPECT_EQ(data.rows[0].message.merged_into(), "企业2（演示）");
  EXPECT_EQ(data.rows[2].message.state(), v1::ORGANIZATION_STATE_SUSPENDED);
  std::vector<v1::Organization> rows;
  for (auto& row : data.rows) rows.push_back(row.message);
  const auto same = Import(rows);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(same->unchanged(), 3);
  rows[1].set_state(v1::ORGANIZATION_STATE_SUSPENDED);
  rows[2].set_merged_into("企业2（演示）");
  rows.push_back(Row("新企业（演示）", 9));
  rows.back().set_state(v1::ORGANIZATION_STATE_MERGED);
  EXPECT_THAT(
      testing::FieldsOf(Import(rows).status()),
      UnorderedElementsAre("单位.xlsx / 表 / J3", "单位.xlsx / 表 / K4", "单位.xlsx / 表 / J5"));
}

TEST_F(DuplicatesTest, KeysOfAnotherProcedureAreMadeAnew) {
  Enterprise(1, "青岛蓝鲸海洋科技有限公司");
  Enterprise(2, "蓝鲸海洋科技（青岛）有限公司");
  ASSERT_EQ(Pairs().size(), 1u);
  const auto keys = Texts(
      "SELECT CONCAT_WS('|', organization, kind, value, former) "
      "FROM organization_key ORDER BY 1");
  EXPECT_EQ(*directory.RefreshKeys(), 0) << "all are of today";
  database.Apply(
      "UPDATE organization_key SET fingerprint = 'old', value = CONCAT('old', organization) "
      "LIMIT 1; DELETE FROM organization_key WHERE fingerprint <> 'old'");
  EXPECT_THAT(Pairs(), IsEmpty());
  EXPECT_EQ(*directory.RefreshKeys(), 2);
  EXPECT_EQ(Texts("SELECT CONCAT_WS('|', organization, kind, value, former) "
                  "FROM organization_key ORDER BY 1"),
            keys);
  EXPECT_EQ(*directory.RefreshKeys(), 0);
}

TEST_F(DuplicatesTest, OneWhoseKeysCannotBeMadeKeepsNoOtherFromItsOwn) {
  Enterprise(1, "青岛蓝鲸海洋科技有限公司");
  Enterprise(2, "蓝鲸海洋科技（青岛）有限公司");
  const auto keys = [&] {
    return Texts("SELECT DISTINCT organization FROM organization_key ORDER BY 1");
  };
  const std::vector<std::string> all = keys();
  ASSERT_EQ(all.size(), 2u);
  database.Apply(
      absl::StrCat("DELETE FROM organization_key; UPDATE organization SET contacts = "
                   "'[1]' WHERE name = '",
                   all[0], "'"));
  EXPECT_FALSE(directory.RefreshKeys().ok()) << "what is wrong is said";
  EXPECT_THAT(keys(), ElementsAre(all[1]));
  EXPECT_EQ(*directory.RefreshKeys(), 0) << "it waits";
  database.Apply("UPDATE organization SET contacts = '[]'");
  EXPECT_EQ(*directory.RefreshKeys(), 0);
  clock.now += absl::Minutes(2);
  EXPECT_EQ(*directory.RefreshKeys(), 1);
  EXPECT_EQ(keys(), all);
}

// Names of a few parts, so that many collide, against a comparison of all with all.
TEST_F(DuplicatesTest, EveryPairOfAComparisonOfAllWithAllIsFound) {
  const unsigned seed = std::random_device()();
  std::cerr << "seed " << seed << "\n";
  std::mt19937 random(seed);
  const auto one_of = [&](std::vector<std::string> parts) {
    return parts[random() % parts.size()];
  };
  std::vector<v1::Organization> rows;
  for (int i = 1; i <= 120; ++i) {
    const std::string title = absl::StrCat(
        one_of({"", "青岛", "山东", "青島市"}), one_of({"蓝鲸", "藍鯨", "白鲸", "虎鲸", "座头鲸"}),
        one_of({"海洋", "贸易", "智能"}), one_of({"科技", "科 技", "装备"}),
        one_of({"有限公司", "股份有限公司", "（集团）有限公司", "（青岛）有限公司"}));
    // Rows match by name where there is no code; here each has one.
    rows.push_back(Row(title, i));
  }
  const auto result = Import(rows);
  ASSERT_TRUE(result.ok()) << result.status();
  const NameKeys keys(*pack);
  std::set<std::string> wanted;
  std::map<std::string, std::string> stored;
  for (const std::string& line :
       Texts("SELECT CONCAT(name, '|', display_name) FROM organization")) {
    const size_t bar = line.find('|');
    stored[line.substr(0, bar)] = line.substr(bar + 1);
  }
  for (const auto& [a, a_title] : stored) {
    for (const auto& [b, b_title] : stored) {
      if (a >= b) continue;
      std::vector<std::string> reasons;
      if (keys.Name(a_title) == keys.Name(b_title)) reasons.push_back("SAME_NAME");
      if (keys.Core(a_title) == keys.Core(b_title)) reasons.push_back("SIMILAR_NAME");
      if (reasons.empty()) continue;
      wanted.insert(
          absl::StrCat(api::IdOfName(a), " ", api::IdOfName(b), " ", absl::StrJoin(reasons, "+")));
    }
  }
  const std::vector<std::string> found = Pairs("", 200);
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()), wanted) << "seed " << seed;
  EXPECT_EQ(found.size(), wanted.size()) << "none twice";
  EXPECT_EQ(Pairs("", 7), found);
}

TEST_F(DuplicatesTest, TwentyThousandCompaniesAreComparedByTheIndex) {
  std::vector<v1::Organization> rows;
  for (int i = 1; i < 10'000; ++i) rows.push_back(Row(absl::StrCat("企业", i, "有限公司"), i));
  ASSERT_TRUE(Import(rows).ok());
  for (v1::Organization& row : rows) {
    const int number = static_cast<int>(&row - rows.data()) + 10'001;
    row = Row(absl::StrCat("企业", number, "有限公司"), number);
  }
  rows[100].set_display_name("企业77股份有限公司");
  rows[9'000].set_display_name("企业９９９９有限公司");
  const auto result = Import(rows);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->suspect_count(), 2);
  EXPECT_EQ(Pairs("", 50).size(), 2u);
  // What the server reads for it grows with the number of companies, not with its square.
  const NameIndex index(*pack);
  int64_t before = 0;
  int64_t after = 0;
  const absl::Status read = database.db().Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(before, RowsRead(session));
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<Likeness> found,
                             index.LikenessesAfter(session, "", "", 50));
    EXPECT_EQ(found.size(), 2u);
    CHANYAN_ASSIGN_OR_RETURN(after, RowsRead(session));
    return absl::OkStatus();
  });
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_LT(after - before, 20 * Count("organization_key"));
}

}  // namespace
}  // namespace chanyan::registry
