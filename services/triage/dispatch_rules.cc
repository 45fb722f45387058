#include "services/triage/dispatch_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/policy/life.h"

namespace chanyan::triage {
namespace {

using policy::v1::DispatchRoute;
using policy::v1::RouteRecipient;
using policy::v1::TriageUnit;

template <class List>
bool Contains(const List& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Whether the recipient is for certain fields or industries, and the result is of one of them.
bool IsLimited(const RouteRecipient& recipient) {
  return !recipient.fields().empty() || !recipient.industries().empty();
}

bool Matches(const TriagePack& pack, const RouteRecipient& recipient, const v1::Result& result) {
  for (const std::string& name : result.fields()) {
    const policy::v1::TechnologyField* field = pack.FindFieldByName(name);
    if (field != nullptr && Contains(recipient.fields(), field->id())) return true;
  }
  for (const std::string& name : result.industries()) {
    for (const std::string& id : pack.pack().FindIndustriesByName(name)) {
      if (Contains(recipient.industries(), id) ||
          Contains(recipient.industries(), id.substr(0, id.find('/')))) {
        return true;
      }
    }
  }
  return false;
}

std::vector<const TriageUnit*> UnitsOf(const TriagePack& pack, const RouteRecipient& recipient,
                                       const v1::Result& result) {
  if (!recipient.unit().empty()) return {pack.FindUnit(recipient.unit())};
  if (recipient.team_investor()) {
    const TriageUnit* investor = pack.FindOrganization(result.investor());
    if (investor != nullptr) return {investor};
    return pack.UnitsOf(policy::v1::TRIAGE_UNIT_KIND_INVESTOR);
  }
  std::vector<const TriageUnit*> units = pack.UnitsOf(recipient.kind());
  if (recipient.kind() == policy::v1::TRIAGE_UNIT_KIND_DISTRICT) {
    const std::string district = pack.DistrictOf(result.settle_place());
    std::erase_if(units, [&](const TriageUnit* unit) { return unit->place() != district; });
  }
  return units;
}

void Follow(const TriagePack& pack, const DispatchRoute& route, const v1::Result& result,
            v1::DispatchPlan* plan) {
  bool taken = false;
  for (const RouteRecipient& recipient : route.recipients()) {
    taken = taken || (IsLimited(recipient) && Matches(pack, recipient, result));
  }
  std::set<std::string> seen;
  bool district_missing = false;
  for (const RouteRecipient& recipient : route.recipients()) {
    if (recipient.otherwise() ? taken : IsLimited(recipient) && !Matches(pack, recipient, result)) {
      continue;
    }
    const auto units = UnitsOf(pack, recipient, result);
    district_missing = district_missing ||
                       (recipient.kind() == policy::v1::TRIAGE_UNIT_KIND_DISTRICT && units.empty());
    for (const TriageUnit* unit : units) {
      if (unit == nullptr || !seen.insert(unit->organization()).second) continue;
      v1::RoutedRecipient* routed = plan->add_recipients();
      routed->set_triage_class(route.triage_class());
      routed->set_route(route.id());
      routed->set_recipient(unit->organization());
      routed->set_recipient_title(unit->display_name());
      routed->set_request(route.request());
      routed->set_pushed(Contains(result.recipients(), unit->organization()));
    }
  }
  const std::string label = policy::LabelOf(route.triage_class());
  if (district_missing) {
    plan->add_missing(absl::StrCat("“", label, "”应推送给拟落地区（市），请先填写拟落地区（市）"));
  } else if (seen.empty()) {
    plan->add_missing(absl::StrCat("“", label, "”没有收件单位，请核对技术领域和产业领域"));
  }
  // What is not for everybody is pushed and not listed.
  if (route.on_market() && result.disclosure() == v1::DISCLOSURE_OPEN) plan->set_on_market(true);
}

}  // namespace

v1::DispatchPlan RouteResult(const TriagePack& pack, const v1::Result& result) {
  v1::DispatchPlan plan;
  for (const int one : result.classes()) {
    const auto triage_class = static_cast<policy::v1::TriageClass>(one);
    const DispatchRoute* route = pack.RouteOf(triage_class);
    if (route == nullptr) {
      plan.add_missing(absl::StrCat("“", policy::LabelOf(triage_class), "”在政策包中没有推送路径"));
      continue;
    }
    Follow(pack, *route, result, &plan);
  }
  return plan;
}

std::string ClassName(policy::v1::TriageClass triage_class) {
  return std::string(
      absl::StripPrefix(policy::v1::TriageClass_Name(triage_class), "TRIAGE_CLASS_"));
}

}  // namespace chanyan::triage
