// Broken lists of the secretariat: what is good in them must not come in either.
#include <utility>

#include "absl/strings/str_cat.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tools/demo/uscc.h"
#include "tools/seed_program/broken.h"

namespace chanyan::seed {
namespace {

// Below the header: the good row and the bad one.
constexpr uint32_t kBadRow = 3;

template <class T>
absl::StatusOr<std::string> ListFile(const City& city, const char* title,
                                     const std::vector<T>& rows) {
  sheet::Writer writer({.created = time::StartOfDay(city.quarter_begin), .title = title});
  sheet::WriteTable(writer, title, T::descriptor(), rows);
  return std::move(writer).Finish();
}

// "单位名录 / C3": the cell of a field in the bad row.
template <class T>
std::string BadCell(const char* title, int field) {
  uint32_t column = 0;
  for (const sheet::TableColumn& one : sheet::TableColumns(T::descriptor())) {
    if (one.field->number() == field) break;
    ++column;
  }
  return absl::StrCat(title, " / ", sheet::CellName(column, kBadRow));
}

// A company that the city does not have.
registry::v1::Organization Newcomer(const City& city, int number) {
  const Company& like = city.companies[0];
  registry::v1::Organization one;
  one.set_display_name(absl::StrCat("青岛未曾登记", number, "号有限公司（演示）"));
  one.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
  one.set_unified_social_credit_code(
      demo::InventedUscc(like.region, city.companies.size() + static_cast<size_t>(number)));
  one.set_region_code(like.region);
  one.set_zone(like.zone);
  one.set_unit(city.units[like.unit].text->name);
  one.add_industries(like.industry);
  one.set_demonstration(true);
  return one;
}

BrokenFile BadCode(const City& city) {
  constexpr char kTitle[] = "单位名录";
  registry::v1::Organization bad = Newcomer(city, 2);
  std::string& code = *bad.mutable_unified_social_credit_code();
  const char check = code.back();
  code.back() = check == '0' ? '1' : '0';
  return {"organizations-bad-code.xlsx",
          ListFile<registry::v1::Organization>(city, kTitle, {Newcomer(city, 1), bad}),
          "organizations",
          "",
          "",
          BadCell<registry::v1::Organization>(
              kTitle, registry::v1::Organization::kUnifiedSocialCreditCodeFieldNumber),
          absl::StrCat("“统一社会信用代码”校验位不正确，第 18 位应为“", std::string(1, check), "”"),
          "单位的信用代码校验位错误"};
}

BrokenFile UnknownOwner(const City& city) {
  constexpr char kTitle[] = "科创平台目录";
  constexpr char kNobody[] = "没有登记的大学（演示）";
  registry::v1::Platform good;
  good.set_organization_title(city.universities[0].name);
  good.set_display_name("未曾发布的实验室（演示）");
  good.set_kind(registry::v1::PLATFORM_KIND_LABORATORY);
  good.set_level(registry::v1::PLATFORM_LEVEL_PROVINCIAL);
  good.set_introduction("与名录中没有的单位写在一张表上的实验室，不应导入。");
  good.add_capabilities("试验");
  good.set_contacts_text("平台联络岗（演示） |  | 0532-85880000");
  good.set_demonstration(true);
  registry::v1::Platform bad = good;
  bad.set_organization_title(kNobody);
  return {"platforms-unknown-owner.xlsx",
          ListFile<registry::v1::Platform>(city, kTitle, {good, bad}),
          "platforms",
          "",
          "",
          BadCell<registry::v1::Platform>(kTitle,
                                          registry::v1::Platform::kOrganizationTitleFieldNumber),
          absl::StrCat("依托单位“", kNobody, "”不在单位名录中，请核对名称"),
          "平台的依托单位不在单位名录中"};
}

BrokenFile TheSameTwice(const City& city) {
  constexpr char kTitle[] = "企业名册";
  pairing::v1::RosterEntry entry;
  entry.set_enterprise_title(city.companies[0].name);
  entry.set_unified_social_credit_code(city.companies[0].uscc);
  return {"roster-twice.xlsx",
          ListFile<pairing::v1::RosterEntry>(city, kTitle, {entry, entry}),
          "roster",
          "",
          "",
          BadCell<pairing::v1::RosterEntry>(
              kTitle, pairing::v1::RosterEntry::kUnifiedSocialCreditCodeFieldNumber),
          absl::StrCat("与第 2 行是同一企业（", city.companies[0].name, "），请只保留一行"),
          "名册中同一企业有两行"};
}

}  // namespace

std::vector<BrokenFile> BrokenLists(const City& city) {
  return {BadCode(city), UnknownOwner(city), TheSameTwice(city)};
}

}  // namespace chanyan::seed
