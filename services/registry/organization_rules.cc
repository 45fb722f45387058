#include "services/registry/organization_rules.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/policy/place_names.h"
#include "common/time/civil.h"

namespace chanyan::registry {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The first `count` characters of UTF-8.
absl::string_view FirstCharacters(absl::string_view text, int count) {
  size_t end = 0;
  for (; end < text.size(); ++end) {
    if (!IsContinuation(text[end]) && count-- == 0) break;
  }
  return text.substr(0, end);
}

int Characters(absl::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

std::string Quoted(const std::vector<std::string>& titles) {
  std::string text;
  for (const std::string& title : titles) absl::StrAppend(&text, "“", title, "”");
  return text;
}

}  // namespace

bool MayBeResponsibleUnit(v1::OrganizationKind kind) {
  return kind == v1::ORGANIZATION_KIND_FUNCTIONAL_ZONE || kind == v1::ORGANIZATION_KIND_TOWN ||
         kind == v1::ORGANIZATION_KIND_DISTRICT || kind == v1::ORGANIZATION_KIND_DEPARTMENT;
}

bool MayOwnPlatforms(v1::OrganizationKind kind) {
  return kind == v1::ORGANIZATION_KIND_UNIVERSITY ||
         kind == v1::ORGANIZATION_KIND_RESEARCH_INSTITUTE ||
         kind == v1::ORGANIZATION_KIND_ENTERPRISE;
}

bool MayTakeThePlaceOf(v1::OrganizationKind into, v1::OrganizationKind from) {
  if (into == from) return into != v1::ORGANIZATION_KIND_UNSPECIFIED;
  if (MayBeResponsibleUnit(into) && MayBeResponsibleUnit(from)) return true;
  // An enterprise has projects and forms of another side.
  return MayOwnPlatforms(into) && MayOwnPlatforms(from) &&
         into != v1::ORGANIZATION_KIND_ENTERPRISE && from != v1::ORGANIZATION_KIND_ENTERPRISE;
}

std::vector<status::Violation> OrganizationViolations(const v1::Organization& organization) {
  std::vector<status::Violation> violations;
  const bool enterprise = organization.kind() == v1::ORGANIZATION_KIND_ENTERPRISE;
  if (enterprise && organization.unified_social_credit_code().empty()) {
    violations.push_back({"unified_social_credit_code", "企业必须填写“统一社会信用代码”"});
  }
  if (!enterprise && !organization.unit().empty()) {
    violations.push_back({"unit", absl::StrCat("只有企业有责任单位，单位类型“",
                                               policy::LabelOf(organization.kind()), "”应留空")});
  }
  if (!enterprise && organization.qualifications_size() > 0) {
    violations.push_back({"qualifications", "只有企业可以填写“企业资质”"});
  }
  if (!organization.parent().empty() && organization.parent() == organization.name()) {
    violations.push_back({"parent", "上级单位不能是本单位自己"});
  }
  return violations;
}

std::vector<status::Violation> TakePlace(const policy::Pack& pack, const v1::Organization* stored,
                                         v1::Organization* organization) {
  std::vector<status::Violation> violations;
  const bool moved = stored == nullptr || stored->region_code() != organization->region_code();
  if (moved) {
    std::string wrong = policy::WrongRegion(pack, organization->region_code());
    if (!wrong.empty()) violations.push_back({"region_code", std::move(wrong)});
  }
  if (moved || stored->zone() != organization->zone()) {
    std::string wrong =
        policy::TakeZone(pack, organization->region_code(), organization->mutable_zone());
    if (!wrong.empty()) violations.push_back({"zone", std::move(wrong)});
  }
  return violations;
}

void Rename(absl::string_view display_name, absl::CivilDay day, v1::Organization* organization) {
  if (organization->display_name() == display_name) return;
  v1::FormerName* former = organization->add_former_names();
  former->set_display_name(organization->display_name());
  *former->mutable_until() = time::ToProto(day - 1);
  organization->set_display_name(std::string(display_name));
}

bool WasCalled(const v1::Organization& organization, absl::string_view display_name) {
  return std::any_of(
      organization.former_names().begin(), organization.former_names().end(),
      [&](const v1::FormerName& former) { return former.display_name() == display_name; });
}

absl::StatusOr<absl::CivilDay> EffectiveDay(const google::type::Date& date, absl::CivilDay today) {
  if (date.year() == 0 && date.month() == 0 && date.day() == 0) return today;
  const absl::StatusOr<absl::CivilDay> day = time::ToCivilDay(date);
  if (!day.ok()) return status::InvalidField("effective_date", "生效日期不是有效的日期");
  if (*day > today) {
    return status::InvalidField("effective_date",
                                absl::StrCat("生效日期不能晚于今天（", time::FormatDateZh(today),
                                             "），请到生效之日再办理"));
  }
  return *day;
}

absl::Status CheckRenameDay(const v1::Organization& organization, absl::CivilDay day) {
  if (organization.former_names().empty()) return absl::OkStatus();
  const auto& last = *organization.former_names().rbegin();
  const absl::StatusOr<absl::CivilDay> until = time::ToCivilDay(last.until());
  // The last name began on the day after, and holds for a day at least; a second one on the same
  // day is the correction of a slip.
  if (!until.ok() || day > *until) return absl::OkStatus();
  return status::InvalidField(
      "effective_date", absl::StrCat("生效日期不能早于上一次更名（", time::FormatDateZh(*until + 1),
                                     "启用“", organization.display_name(), "”）"));
}

absl::Status RefuseMerged(const v1::Organization& organization) {
  if (organization.state() != v1::ORGANIZATION_STATE_MERGED) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("“", organization.display_name(), "”已撤并，不能再办理；请改用其并入的单位（",
                   organization.merged_into(), "）"));
}

std::vector<status::Violation> MergeViolations(const v1::Organization& from,
                                               const v1::Organization& into) {
  std::vector<status::Violation> violations;
  if (from.name() == into.name()) {
    violations.push_back({"into", "单位不能并入自己"});
    return violations;
  }
  if (into.state() == v1::ORGANIZATION_STATE_MERGED) {
    violations.push_back(
        {"into", absl::StrCat("“", into.display_name(), "”已撤并，请改选其并入的单位（",
                              into.merged_into(), "）")});
  } else if (into.state() != v1::ORGANIZATION_STATE_ACTIVE) {
    violations.push_back(
        {"into", absl::StrCat("“", into.display_name(), "”已停用，请先恢复再办理合并")});
  }
  if (!MayTakeThePlaceOf(into.kind(), from.kind())) {
    violations.push_back(
        {"into",
         absl::StrCat("“", into.display_name(), "”是", policy::LabelOf(into.kind()), "，不能承接",
                      policy::LabelOf(from.kind()), "的业务；请选择同类单位")});
  }
  return violations;
}

std::vector<status::Violation> PartViolations(const v1::Organization& whole,
                                              const v1::SplitOrganizationRequest& request) {
  std::vector<status::Violation> violations;
  absl::flat_hash_set<std::string> named;
  absl::flat_hash_set<std::string> platforms;
  int successors = 0;
  for (int i = 0; i < request.parts_size(); ++i) {
    const v1::OrganizationPart& part = request.parts(i);
    const std::string place = absl::StrCat("parts[", i, "]");
    if (part.organization().empty() == !part.has_created()) {
      violations.push_back({place, "每个分立单位应填写“已有单位”或“新设单位”之一"});
    }
    if (!part.organization().empty()) {
      if (part.organization() == whole.name()) {
        violations.push_back(
            {absl::StrCat(place, ".organization"), "分立单位不能是被分立的单位自己"});
      } else if (!named.insert(part.organization()).second) {
        violations.push_back({absl::StrCat(place, ".organization"), "同一单位只能填一次"});
      }
    }
    if (part.has_created() && part.created().kind() != whole.kind()) {
      violations.push_back({absl::StrCat(place, ".created.kind"),
                            absl::StrCat("新设单位应与“", whole.display_name(), "”同为",
                                         policy::LabelOf(whole.kind()))});
    }
    if (part.successor() && ++successors > 1) {
      violations.push_back({absl::StrCat(place, ".successor"), "承继其余权利义务的只能有一个单位"});
    }
    for (int j = 0; j < part.platforms_size(); ++j) {
      if (platforms.insert(part.platforms(j)).second) continue;
      violations.push_back(
          {absl::StrCat(place, ".platforms[", j, "]"), "同一科创平台只能由一个单位承接"});
    }
  }
  return violations;
}

std::vector<status::Violation> ExistingPartViolations(const v1::Organization& whole,
                                                      const v1::Organization& part, int index) {
  const std::string place = absl::StrCat("parts[", index, "].organization");
  std::vector<status::Violation> violations;
  if (part.state() != v1::ORGANIZATION_STATE_ACTIVE) {
    violations.push_back(
        {place, absl::StrCat("“", part.display_name(), "”已停用或撤并，不能承接业务")});
  }
  if (!MayTakeThePlaceOf(part.kind(), whole.kind())) {
    violations.push_back(
        {place, absl::StrCat("“", part.display_name(), "”是", policy::LabelOf(part.kind()),
                             "，不能承接", policy::LabelOf(whole.kind()), "的业务")});
  }
  if (!part.split_from().empty() && part.split_from() != whole.name()) {
    violations.push_back({place, absl::StrCat("“", part.display_name(), "”已登记为由 ",
                                              part.split_from(), " 分立")});
  }
  return violations;
}

std::string NameBeside(absl::string_view display_name, absl::string_view former,
                       const std::vector<std::string>& taken, int most) {
  for (int number = 1;; ++number) {
    const std::string number_text = number == 1 ? "" : absl::StrCat(number);
    // Half of the room at least is its own.
    const absl::string_view of = FirstCharacters(former, most / 2 - Characters(number_text) - 3);
    const std::string behind = absl::StrCat("（原", of, number_text, "）");
    const std::string name =
        absl::StrCat(FirstCharacters(display_name, most - Characters(behind)), behind);
    if (std::find(taken.begin(), taken.end(), name) == taken.end()) return name;
  }
}

void Absorb(absl::CivilDay day, absl::string_view reason, v1::Organization* from,
            v1::Organization* into) {
  // What it had absorbed goes along, so that nobody is ever two steps away.
  for (const v1::AbsorbedOrganization& earlier : from->absorbed()) *into->add_absorbed() = earlier;
  v1::AbsorbedOrganization* absorbed = into->add_absorbed();
  absorbed->set_organization(from->name());
  absorbed->set_display_name(from->display_name());
  absorbed->set_unified_social_credit_code(from->unified_social_credit_code());
  *absorbed->mutable_date() = time::ToProto(day);
  std::sort(into->mutable_absorbed()->begin(), into->mutable_absorbed()->end(),
            [](const auto& a, const auto& b) { return a.organization() < b.organization(); });
  from->clear_absorbed();
  from->set_state(v1::ORGANIZATION_STATE_MERGED);
  from->set_merged_into(into->name());
  from->set_state_reason(std::string(reason));
  *from->mutable_state_since() = time::ToProto(day);
}

std::string EventSentence(const EventFacts& facts) {
  const std::string others = Quoted(facts.others);
  std::string sentence;
  switch (facts.kind) {
    case v1::ORGANIZATION_EVENT_KIND_RENAMED:
      sentence = absl::StrCat("由", others, "更名为“", facts.title, "”");
      break;
    case v1::ORGANIZATION_EVENT_KIND_SUSPENDED:
      sentence = absl::StrCat("停用“", facts.title, "”，保留其记录，不再新办业务");
      break;
    case v1::ORGANIZATION_EVENT_KIND_RESUMED:
      sentence = absl::StrCat("恢复“", facts.title, "”");
      break;
    case v1::ORGANIZATION_EVENT_KIND_MERGED:
      sentence = absl::StrCat("“", facts.title, "”并入", others);
      break;
    case v1::ORGANIZATION_EVENT_KIND_ABSORBED:
      sentence = absl::StrCat(others, "并入“", facts.title, "”");
      break;
    case v1::ORGANIZATION_EVENT_KIND_SPLIT:
      sentence = absl::StrCat("“", facts.title, "”分立出", others);
      if (!facts.successor.empty()) {
        absl::StrAppend(&sentence, "，其余权利义务由“", facts.successor, "”承继");
      }
      break;
    case v1::ORGANIZATION_EVENT_KIND_SPLIT_OFF:
      sentence = absl::StrCat("“", facts.title, "”由", others, "分立");
      break;
    default:
      break;
  }
  if (!facts.handed_over.empty()) absl::StrAppend(&sentence, "，随同转入：", facts.handed_over);
  return sentence;
}

}  // namespace chanyan::registry
