#include "tools/seed_program/lists.h"

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/reference.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/digest.h"
#include "common/sheet/table.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tools/demo/draw.h"
#include "tools/demo/tsv.h"
#include "tools/seed_program/forms.h"

namespace chanyan::seed {
namespace {

constexpr char kOrganizations[] = "organizations/";
using demo::TsvLine;
using demo::WriteFile;

constexpr struct {
  registry::v1::Qualification qualification;
  int percent;
} kQualifications[] = {{registry::v1::QUALIFICATION_CHAIN_MASTER, 1},
                       {registry::v1::QUALIFICATION_LEADING, 2},
                       {registry::v1::QUALIFICATION_SINGLE_CHAMPION, 3},
                       {registry::v1::QUALIFICATION_SPECIALIZED, 25},
                       {registry::v1::QUALIFICATION_HIGH_TECH, 40},
                       {registry::v1::QUALIFICATION_ABOVE_SCALE, 50}};
// Of a hundred companies; the rest is large.
constexpr struct {
  const char* name;
  int percent;
} kSizes[] = {{"微型", 30}, {"小型", 45}, {"中型", 19}};
// Of a hundred companies that give their forms back, those that do so late.
constexpr int kLatePercent = 3;

sheet::Writer NewWriter(const City& city, const char* title) {
  return sheet::Writer({.created = time::StartOfDay(city.quarter_begin), .title = title});
}

absl::Status Save(sheet::Writer writer, const std::string& path) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, std::move(writer).Finish());
  return WriteFile(path, bytes);
}

registry::v1::Organization OfUnit(const UnitText& unit) {
  registry::v1::Organization out;
  out.set_display_name(unit.name);
  out.set_kind(unit.kind);
  out.set_region_code(unit.region);
  out.set_zone(unit.zone);
  return out;
}

absl::Status WriteOrganizations(const Catalog& catalog, const City& city, const std::string& out) {
  const demo::Draw draw(city.seed, "qualification");
  sheet::Writer writer = NewWriter(city, "单位名录");
  sheet::TableWriter table(writer, "单位名录", registry::v1::Organization::descriptor());
  table.Add(OfUnit(catalog.secretariat));
  for (const Unit& unit : city.units) table.Add(OfUnit(*unit.text));
  for (const University& university : city.universities) {
    registry::v1::Organization one;
    one.set_display_name(university.name);
    one.set_kind(university.kind);
    one.set_demonstration(university.invented);
    table.Add(one);
  }
  for (size_t i = 0; i < city.companies.size(); ++i) {
    const Company& company = city.companies[i];
    registry::v1::Organization one;
    one.set_display_name(company.name);
    one.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
    one.set_unified_social_credit_code(company.uscc);
    one.set_region_code(company.region);
    one.set_zone(company.zone);
    one.set_unit(city.units[company.unit].text->name);
    one.add_industries(company.industry);
    for (const auto& [qualification, percent] : kQualifications) {
      if (draw.Chance(percent, i, qualification)) one.add_qualifications(qualification);
    }
    one.set_demonstration(true);
    table.Add(one);
  }
  table.Finish();
  return Save(std::move(writer), out + "/organizations.xlsx");
}

absl::Status WritePlatforms(const Catalog& catalog, const City& city, const std::string& out) {
  sheet::Writer writer = NewWriter(city, "科创平台目录");
  sheet::TableWriter table(writer, "科创平台目录", registry::v1::Platform::descriptor());
  for (const Platform& platform : city.platforms) {
    const Field& field = catalog.fields[platform.field];
    registry::v1::Platform one;
    one.set_organization_title(city.universities[platform.university].name);
    one.set_display_name(platform.name);
    one.set_kind(field.kind);
    one.set_level(field.level);
    one.set_college(field.college);
    one.set_introduction(absl::StrCat(
        "面向", field.industry, "产业，围绕", platform.direction,
        "开展研究和技术服务，实验条件和研究团队向企业开放，可结对共建研发、中试和人才培养平台。"));
    for (const std::string& capability : field.capabilities) one.add_capabilities(capability);
    one.set_contacts_text("平台联络岗（演示） |  | 0532-85880000");
    one.add_industries(field.industry);
    one.set_demonstration(true);
    table.Add(one);
  }
  table.Finish();
  return Save(std::move(writer), out + "/platforms.xlsx");
}

// Each platform has the instruments of its field.
absl::Status WriteInstruments(const Catalog& catalog, const City& city, const std::string& out) {
  const demo::Draw draw(city.seed, "instrument");
  const demo::Draw rooms(city.seed, "room");
  sheet::Writer writer = NewWriter(city, "大型科学仪器设备");
  sheet::TableWriter table(writer, "大型科学仪器设备", registry::v1::Instrument::descriptor());
  for (size_t p = 0; p < city.platforms.size(); ++p) {
    const Platform& platform = city.platforms[p];
    for (size_t i = 0; i < catalog.instruments.size(); ++i) {
      const InstrumentText& text = catalog.instruments[i];
      if (text.field != platform.field) continue;
      registry::v1::Instrument one;
      one.set_organization_title(city.universities[platform.university].name);
      one.set_platform_title(platform.name);
      one.set_asset_number(absl::StrFormat("YS%05d%02d", p + 1, i + 1));
      one.set_display_name(absl::StrCat(text.name, "（演示）"));
      one.set_name_en(text.name_en);
      one.set_maker("演示仪器公司（虚构）");
      one.set_model(text.model);
      one.set_origin_country("中国");
      google::type::Date& bought = *one.mutable_purchase_date();
      bought = time::ToProto(city.quarter_begin - 200 - static_cast<int>(draw.Below(3000, p, i)));
      one.mutable_original_price()->set_currency_code("CNY");
      one.mutable_original_price()->set_units(text.price_yuan);
      one.set_department(catalog.fields[platform.field].college);
      one.set_room(absl::StrCat("实验楼", rooms.Below(4, p, i) + 1, "0", rooms.Below(9, i, p) + 1));
      for (const std::string& variable : text.variables) one.add_measured_variables(variable);
      one.set_access_conditions("面向企业和高校院所开放；可来样测试，也可经培训后自行操作。");
      one.set_booking_mode(text.mode);
      one.set_hours_text(text.hours);
      one.set_closed_on_holidays(text.mode != registry::v1::BOOKING_MODE_AUTOMATIC);
      one.set_charges_text(text.charges);
      one.set_contact_person("仪器管理岗（演示）");
      one.set_contact_email("instruments@example.com");
      one.set_demonstration(true);
      table.Add(one);
    }
  }
  table.Finish();
  return Save(std::move(writer), out + "/instruments.xlsx");
}

std::string SizeOf(const demo::Draw& draw, size_t company) {
  int lot = static_cast<int>(draw.Below(100, company));
  for (const auto& size : kSizes) {
    if (lot < size.percent) return size.name;
    lot -= size.percent;
  }
  return "大型";
}

// Zones that are streets or towns.
absl::flat_hash_set<std::string> TownsOf(const City& city) {
  absl::flat_hash_set<std::string> towns;
  for (const Unit& unit : city.units) {
    if (unit.text->kind == registry::v1::ORGANIZATION_KIND_TOWN) towns.insert(unit.text->zone);
  }
  return towns;
}

absl::Status WriteRoster(const City& city, const std::string& out) {
  const demo::Draw draw(city.seed, "size");
  const absl::flat_hash_set<std::string> towns = TownsOf(city);
  sheet::Writer writer = NewWriter(city, "企业名册");
  sheet::TableWriter table(writer, "企业名册", pairing::v1::RosterEntry::descriptor());
  for (size_t i = 0; i < city.companies.size(); ++i) {
    const Company& company = city.companies[i];
    pairing::v1::RosterEntry one;
    one.set_enterprise_title(company.name);
    one.set_unified_social_credit_code(company.uscc);
    one.set_unit_title(city.units[company.unit].text->name);
    one.set_zone(company.zone);
    one.set_industry(company.industry);
    if (towns.contains(company.zone)) one.set_town(company.zone);
    one.set_size(SizeOf(draw, i));
    table.Add(one);
  }
  table.Finish();
  return Save(std::move(writer), out + "/roster.xlsx");
}

struct ReferenceTable {
  const char* file;
  const char* title;
  const google::protobuf::Descriptor* type;
};

absl::Status WriteReferenceList(const std::string& data, const City& city,
                                const ReferenceTable& list, const std::string& out) {
  std::vector<std::string> headers;
  for (const sheet::TableColumn& column : sheet::TableColumns(list.type)) {
    headers.push_back(column.header);
  }
  const std::vector<absl::string_view> wanted(headers.begin(), headers.end());
  CHANYAN_ASSIGN_OR_RETURN(const demo::Tsv rows,
                           demo::Tsv::Load(absl::StrCat(data, "/", list.file, ".tsv"), wanted));
  sheet::Writer writer = NewWriter(city, list.title);
  sheet::SheetWriter& sheet = writer.AddSheet(list.title, {});
  sheet.NewRow();
  for (const std::string& header : headers) sheet.Text(header, sheet::Look::kHeader);
  for (size_t i = 0; i < rows.size(); ++i) {
    sheet.NewRow();
    for (const std::string& header : headers) sheet.Text(rows.Get(i, header));
  }
  return Save(std::move(writer), absl::StrCat(out, "/", list.file, ".xlsx"));
}

// Of a unit whose name the pack has chosen.
bool IsOfPack(const AccountText& account) {
  return absl::StartsWith(account.organization, kOrganizations);
}

// They have no part in the quarter.
std::string TriageAccounts(const Catalog& catalog) {
  std::string out = TsvLine({"login", "organization", "role", "title"});
  for (const AccountText& account : catalog.accounts) {
    if (!IsOfPack(account)) continue;
    out += TsvLine({account.login,
                    std::string(absl::StripPrefix(account.organization, kOrganizations)),
                    account.role, account.title});
  }
  return out;
}

std::string Accounts(const Catalog& catalog, const City& city) {
  std::string out = TsvLine({"login", "organization", "role", "title"});
  const auto add = [&](const std::string& login, const std::string& id, const char* role,
                       const std::string& title) {
    out += TsvLine({login, id, role, absl::StrCat(title, "（演示账号）")});
  };
  for (const AccountText& account : catalog.accounts) {
    if (IsOfPack(account)) continue;
    const std::string id = account.organization.empty() ? city.secretariat_id
                                                        : api::DigestId("o", account.organization);
    out += TsvLine({account.login, id, account.role, account.title});
  }
  for (const University& one : city.universities) {
    add(one.login, one.id, "ROLE_RESEARCH_OFFICE", one.name + "科研管理部门");
  }
  for (const Unit& one : city.units) add(one.text->login, one.id, "ROLE_UNIT", one.text->name);
  for (const Company& one : city.companies) {
    if (one.own_account) add(one.id, one.id, "ROLE_ENTERPRISE", one.name);
  }
  return out;
}

std::string Forms(const Catalog& catalog, const City& city) {
  std::string out = TsvLine({"university", "mode", "reason"});
  for (size_t u = 0; u < city.universities.size(); ++u) {
    const Reporting reporting = ReportingOf(city, static_cast<int>(u));
    const std::string& id = city.universities[u].id;
    if (reporting == Reporting::kReturned) {
      out += TsvLine({id, "returned", catalog.texts.at("return_reason")[0]});
    } else if (reporting == Reporting::kLate) {
      out += TsvLine({id, "late", catalog.texts.at("late_reason")[0]});
    } else {
      out += TsvLine({id, "on_time", ""});
    }
  }
  return out;
}

std::string Returns(const City& city) {
  const demo::Draw draw(city.seed, "late");
  std::string out = TsvLine({"enterprise", "unit", "by", "when"});
  std::vector<bool> has_rows(city.companies.size());
  std::vector<size_t> on_time, late;
  for (const PlannedRow& row : city.rows) {
    if (row.company >= 0) has_rows[row.company] = true;
  }
  for (size_t i = 0; i < city.companies.size(); ++i) {
    if (!city.companies[i].returns || !has_rows[i]) continue;
    (draw.Chance(kLatePercent, i) ? late : on_time).push_back(i);
  }
  // One of those that are late is so by leave, and one of the others is sent back, where some are
  // left of each.
  std::map<size_t, const char*> when;
  for (const size_t i : on_time) when[i] = "on_time";
  for (const size_t i : late) when[i] = "late";
  if (on_time.size() > 2) when[on_time.front()] = "sent_back";
  if (late.size() > 1) {
    when[late.front()] = "by_exception";
  } else if (on_time.size() > 3) {
    when[on_time[1]] = "by_exception";
  }
  for (const auto& [i, how] : when) {
    const Company& one = city.companies[i];
    out += TsvLine({one.id, city.units[one.unit].id, one.own_account ? "enterprise" : "unit", how});
  }
  return out;
}

}  // namespace

absl::Status WriteLists(const Catalog& catalog, const City& city, const std::string& out) {
  CHANYAN_RETURN_IF_ERROR(WriteOrganizations(catalog, city, out));
  CHANYAN_RETURN_IF_ERROR(WritePlatforms(catalog, city, out));
  CHANYAN_RETURN_IF_ERROR(WriteInstruments(catalog, city, out));
  return WriteRoster(city, out);
}

absl::Status WriteReferenceLists(const std::string& data, const City& city,
                                 const std::string& out) {
  for (const ReferenceTable& list :
       {ReferenceTable{"duties", "产业分工", registry::v1::IndustryDuty::descriptor()},
        ReferenceTable{"task_forces", "专班通讯录", registry::v1::TaskForceMember::descriptor()},
        ReferenceTable{"dividends", "政策红利清单", registry::v1::PolicyDividend::descriptor()}}) {
    CHANYAN_RETURN_IF_ERROR(WriteReferenceList(data, city, list, out));
  }
  return absl::OkStatus();
}

absl::Status WritePlan(const Catalog& catalog, const City& city, const std::string& data,
                       const std::string& out) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string records, demo::ReadFile(data + "/records.tsv"));
  CHANYAN_RETURN_IF_ERROR(WriteFile(out + "/plan/records.tsv", records));
  CHANYAN_ASSIGN_OR_RETURN(const std::string triage, demo::ReadFile(data + "/triage.tsv"));
  CHANYAN_RETURN_IF_ERROR(WriteFile(out + "/plan/triage.tsv", triage));
  for (const char* file :
       {"/consortia.tsv", "/consortium_units.tsv", "/objections.tsv", "/chain.tsv"}) {
    CHANYAN_ASSIGN_OR_RETURN(const std::string text, demo::ReadFile(data + file));
    CHANYAN_RETURN_IF_ERROR(WriteFile(absl::StrCat(out, "/plan", file), text));
  }
  CHANYAN_RETURN_IF_ERROR(WriteFile(out + "/plan/triage_accounts.tsv", TriageAccounts(catalog)));
  CHANYAN_RETURN_IF_ERROR(WriteFile(out + "/plan/accounts.tsv", Accounts(catalog, city)));
  CHANYAN_RETURN_IF_ERROR(WriteFile(out + "/plan/forms.tsv", Forms(catalog, city)));
  CHANYAN_RETURN_IF_ERROR(WriteFile(out + "/plan/returns.tsv", Returns(city)));
  CHANYAN_RETURN_IF_ERROR(WriteFile(out + "/plan/events.tsv", catalog.events));
  std::string reasons = TsvLine({"part", "text"});
  for (const auto& [part, text] :
       {std::pair("publish", "publish_reason"), std::pair("send_back", "send_back_reason"),
        std::pair("send_back_row", "send_back_row_reason"),
        std::pair("exception", "exception_reason"), std::pair("amendment", "amendment")}) {
    reasons += TsvLine({part, catalog.texts.at(text)[0]});
  }
  return WriteFile(out + "/plan/reasons.tsv", reasons);
}

absl::Status WriteFiles(const std::string& data, absl::CivilDay day, const std::string& out) {
  std::error_code error;
  std::vector<std::filesystem::path> tables;
  for (const auto& entry : std::filesystem::directory_iterator(data + "/files", error)) {
    if (entry.path().extension() == ".tsv") tables.push_back(entry.path());
  }
  if (error) return absl::NotFoundError(absl::StrCat(data, "/files：", error.message()));
  for (const std::filesystem::path& table : tables) {
    CHANYAN_ASSIGN_OR_RETURN(const std::string text, demo::ReadFile(table.string()));
    const std::string name = table.stem().string();
    sheet::Writer writer({.created = time::StartOfDay(day), .title = name});
    sheet::SheetWriter& page = writer.AddSheet("表", {});
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      if (line.front() == '#') continue;
      const sheet::Look look = page.rows() == 0 ? sheet::Look::kHeader : sheet::Look::kPlain;
      page.NewRow();
      for (const absl::string_view cell : absl::StrSplit(line, '\t')) {
        page.Text(absl::StrReplaceAll(cell, {{"\\n", "\n"}}), look);
      }
    }
    CHANYAN_RETURN_IF_ERROR(Save(std::move(writer), absl::StrCat(out, "/files/", name, ".xlsx")));
  }
  return absl::OkStatus();
}

absl::Status WriteTablePlan(const std::string& data, const std::string& out) {
  CHANYAN_ASSIGN_OR_RETURN(
      const demo::Tsv table,
      demo::Tsv::Load(data + "/accounts.tsv", {"login", "organization", "role", "title"}));
  std::string accounts = TsvLine({"login", "organization", "role", "title"});
  for (size_t i = 0; i < table.size(); ++i) {
    const std::string organization = table.Get(i, "organization");
    absl::string_view id = organization;
    accounts +=
        TsvLine({table.Get(i, "login"),
                 absl::ConsumePrefix(&id, kOrganizations) ? std::string(id)
                                                          : api::DigestId("o", organization),
                 table.Get(i, "role"), table.Get(i, "title")});
  }
  CHANYAN_RETURN_IF_ERROR(WriteFile(out + "/plan/accounts.tsv", accounts));
  CHANYAN_ASSIGN_OR_RETURN(const std::string records, demo::ReadFile(data + "/records.tsv"));
  return WriteFile(out + "/plan/records.tsv", records);
}

}  // namespace chanyan::seed
