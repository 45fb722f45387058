// The secretariat's lists: each comes in as a whole or not at all, and what they say of who is
// there decides what can be done with the rest of the input (REG-10).
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

constexpr char kOrganizations[] = "organizations.xlsx";
constexpr char kPlatforms[] = "platforms.xlsx";
constexpr char kRoster[] = "roster.xlsx";
constexpr char kInstruments[] = "instruments.xlsx";

struct InputList {
  const char* file;
  // Empty for the roster, whose day is in it.
  const char* path;
  const char* title;
  // A directory without it is whole as well: a city may keep it elsewhere, or have none.
  bool optional;
};

// In the order in which they refer to each other.
constexpr InputList kLists[] = {
    {kOrganizations, "/v1/organizations:import", "单位名录", false},
    {kPlatforms, "/v1/platforms:import", "科创平台", false},
    {kRoster, "", "企业名册", false},
    {"duties.xlsx", "/v1/industryDuties:import", "产业分工", true},
    {"task_forces.xlsx", "/v1/taskForceMembers:import", "专班通讯录", true},
    {"dividends.xlsx", "/v1/policyDividends:import", "政策红利清单", true},
    {kInstruments, "/v1/instruments:import", "大型科学仪器设备", true},
};

constexpr char kWithoutList[] = "，季度无法开始；更正后用同一命令重新运行，原因见 ";
constexpr char kStranger[] = "该企业不在单位名录中，不能收其报表；请先更正单位名录再重新运行";
constexpr char kNoForm[] =
    "该单位不在单位名录中，或没有已发布的科创平台，本季度没有它的报表；名录在周期开启后更正的，"
    "自下一季度起填报";

std::string ImportedInWords(const registry::v1::ImportResult& result) {
  return absl::StrCat("新增 ", result.created(), "，更新 ", result.updated(), "，未变 ",
                      result.unchanged());
}

}  // namespace

const char* ListFile(BrokenList list) {
  switch (list) {
    case BrokenList::kOrganizations:
      return kOrganizations;
    case BrokenList::kPlatforms:
      return kPlatforms;
    case BrokenList::kRoster:
      return kRoster;
    default:
      return nullptr;
  }
}

bool Walk::HasForm(absl::string_view university) const {
  for (const FormPlan& form : forms_) {
    if (form.university == university) return true;
  }
  return false;
}

bool Walk::EverybodyIsThere() const {
  return forms_.size() == plan_.forms.size() &&
         std::all_of(plan_.returns.begin(), plan_.returns.end(),
                     [&](const ReturnPlan& one) { return IsRegistered(one.enterprise); });
}

absl::Status Walk::ImportList(size_t number) {
  const InputList& list = kLists[number];
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, ReadInput(list.file));
  // Mended, it is another.
  const std::string once = absl::StrCat("import ", api::Sha256Hex(bytes));
  const absl::string_view file = list.file;
  Query query = {{"file_name", list.file}};
  if (file == kPlatforms) query.emplace_back("override_reason", plan_.publish_reason);
  if (file == kInstruments) query.emplace_back("open", "true");
  if (file == kRoster) {
    pairing::v1::Roster roster;
    CHANYAN_RETURN_IF_ERROR(Secretariat().Upload(absl::StrCat("/v1/", roster_, ":import"), query,
                                                 bytes, kXlsxType, once, &roster));
    Say(absl::StrCat(list.title, " ", roster.entry_count(), " 家"));
    return absl::OkStatus();
  }
  registry::v1::ImportResult result;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Upload(list.path, query, bytes, kXlsxType, once, &result));
  Say(absl::StrCat(list.title, "：", ImportedInWords(result)));
  return absl::OkStatus();
}

absl::Status Walk::ImportLists(bool only_refused) {
  for (size_t i = 0; i < std::size(kLists); ++i) {
    const std::string file = kLists[i].file;
    const bool refused = refusals_.Has(file);
    if (only_refused && !refused) continue;
    if (kLists[i].optional && !refused &&
        !std::filesystem::exists(absl::StrCat(plan_.directory, "/", file))) {
      continue;
    }
    const absl::Status imported = ImportList(i);
    if (imported.ok()) {
      list_mended_ = list_mended_ || refused;
      CHANYAN_RETURN_IF_ERROR(refusals_.ReplaceList(file, {}));
      continue;
    }
    if (!IsAboutFile(imported)) return imported;
    Refusal refusal{file, FaultsOf(imported, file), "", ""};
    Say(absl::StrCat("名录被拒绝，一行也没有导入，其余按已登记的办理：", file, "（",
                     FaultsInWords(refusal), "）"));
    CHANYAN_RETURN_IF_ERROR(refusals_.ReplaceList(file, {std::move(refusal)}));
  }
  return absl::OkStatus();
}

absl::Status Walk::RequireABeginning() {
  if (refusals_.Has(kOrganizations)) {
    registry::v1::ListOrganizationsResponse some;
    CHANYAN_RETURN_IF_ERROR(Secretariat().Get("/v1/organizations", {{"page_size", "1"}}, &some));
    if (some.organizations().empty()) {
      return absl::FailedPreconditionError(absl::StrCat(
          kOrganizations, " 被拒绝，而名录中还没有任何单位", kWithoutList, refusals_.path()));
    }
  }
  if (!refusals_.Has(kPlatforms)) return absl::OkStatus();
  registry::v1::ListPlatformsResponse some;
  CHANYAN_RETURN_IF_ERROR(Secretariat().Get("/v1/organizations/-/platforms",
                                            {{"page_size", "1"}, {"filter", "state = PUBLISHED"}},
                                            &some));
  if (!some.platforms().empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      kPlatforms, " 被拒绝，而还没有任何已发布的科创平台", kWithoutList, refusals_.path()));
}

absl::Status Walk::SeeWhoIsThere() {
  CHANYAN_RETURN_IF_ERROR(Secretariat().List<registry::v1::ListOrganizationsResponse>(
      "/v1/organizations", {}, [&](const registry::v1::ListOrganizationsResponse& page) {
        for (const registry::v1::Organization& one : page.organizations()) {
          registered_.emplace(api::IdOfName(one.name()));
        }
      }));
  std::set<std::string> with_form;
  CHANYAN_RETURN_IF_ERROR(Secretariat().List<cycle::v1::ListFormsResponse>(
      absl::StrCat("/v1/", name_, "/forms"), {}, [&](const cycle::v1::ListFormsResponse& page) {
        for (const cycle::v1::Form& form : page.forms()) {
          with_form.emplace(api::IdOfName(form.name()));
        }
      }));
  for (const FormPlan& form : plan_.forms) {
    if (with_form.contains(form.university)) {
      forms_.push_back(form);
      continue;
    }
    const std::string file = FormFile(kForms, form.university);
    CHANYAN_RETURN_IF_ERROR(
        Refuse(form.university, file,
               status::InvalidField(file, kNoForm, options::v1::ERROR_REASON_INVALID_FILE)));
  }
  return absl::OkStatus();
}

std::vector<Refusal> Walk::RefusedOfStranger(const ReturnPlan& plan) const {
  std::vector<Refusal> refused;
  for (const std::string& university : plan.universities) {
    refused.push_back(
        {absl::StrCat("returns/", plan.unit, "/", plan.enterprise, "/", university, ".xlsx"),
         {{"", "", kStranger}},
         plan.enterprise,
         ""});
    Say(absl::StrCat("文件被拒绝，其余照常办理：", refused.back().file, "（", kStranger, "）"));
  }
  return refused;
}

}  // namespace chanyan::quarter
