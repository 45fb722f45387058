#include "services/triage/follow_up_rules.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/policy/contract_fields.h"
#include "common/policy/life.h"
#include "common/time/civil.h"

namespace chanyan::triage {
namespace {

// A district or what is smaller; null if the pack has none that is called so.
const policy::v1::Place* PlaceOfCompany(const policy::Pack& pack, absl::string_view name) {
  const policy::v1::Place* place = pack.places().Called(name);
  if (place == nullptr || place->kind() == policy::v1::PLACE_KIND_CITY ||
      place->kind() == policy::v1::PLACE_KIND_PROVINCE) {
    return nullptr;
  }
  return place;
}

class FollowUpChecks {
 public:
  FollowUpChecks(const policy::Pack& pack, const v1::FollowUp& row, absl::CivilDay today)
      : pack_(pack), row_(row), today_(today) {}

  std::vector<status::Violation> Run() {
    NotAhead("happen_date", row_.happen_date());
    Belongs("contract", row_.has_contract(), v1::FOLLOW_UP_KIND_CONTRACT);
    Belongs("company", row_.has_company(), v1::FOLLOW_UP_KIND_SPINOUT);
    Belongs("financing", row_.has_financing(), v1::FOLLOW_UP_KIND_FINANCING);
    Belongs("registration_number", !row_.registration_number().empty(),
            v1::FOLLOW_UP_KIND_REGISTRATION);
    Belongs("contract_follow_up", !row_.contract_follow_up().empty(),
            v1::FOLLOW_UP_KIND_REGISTRATION);
    ContractFields();
    if (row_.has_contract()) Contract();
    if (row_.has_company()) Company();
    if (row_.has_financing()) NotAhead("financing.obtain_date", row_.financing().obtain_date());
    return std::move(out_);
  }

 private:
  void Add(absl::string_view field, absl::string_view what) {
    out_.push_back({std::string(field), std::string(what)});
  }

  void NotAhead(absl::string_view field, const google::type::Date& date) {
    const auto day = time::ToCivilDay(date);
    if (day.ok() && *day > today_) Add(field, "日期不能晚于今天");
  }

  void Belongs(absl::string_view field, bool there, v1::FollowUpKind kind) {
    if (row_.kind() == kind && !there) {
      Add(field, absl::StrCat("“", policy::LabelOf(kind), "”应填写此项"));
    }
    if (row_.kind() != kind && there) {
      Add(field, absl::StrCat("只有“", policy::LabelOf(kind), "”填写此项"));
    }
  }

  // Those of a registration are asked for by name, so that none at all is not said twice.
  void ContractFields() {
    if (row_.kind() != v1::FOLLOW_UP_KIND_REGISTRATION) {
      Belongs("contract_fields", !row_.contract_fields().empty(), v1::FOLLOW_UP_KIND_REGISTRATION);
      return;
    }
    for (status::Violation& violation : policy::ContractFieldViolations(
             pack_, policy::FilledContractFields(row_.contract_fields()), /*registered=*/true,
             "contract_fields")) {
      out_.push_back(std::move(violation));
    }
  }

  void Company() {
    NotAhead("company.found_date", row_.company().found_date());
    const std::string& place = row_.company().place();
    if (place.empty() || PlaceOfCompany(pack_, place) != nullptr) return;
    Add("company.place", absl::StrCat("“", place, "”不是本市的区（市）、功能区或镇街，请核对"));
  }

  void Contract() {
    const v1::TechnologyContract& contract = row_.contract();
    NotAhead("contract.sign_date", contract.sign_date());
    if (contract.kind() == v1::CONVERSION_MODE_SPINOUT) {
      Add("contract.kind", "成立企业不是技术合同类别；其中的转让或许可另行登记合同");
    }
    if (contract.technology_amount_yuan() > contract.amount_yuan()) {
      Add("contract.technology_amount_yuan", "技术交易额不能大于合同金额");
    }
  }

  const policy::Pack& pack_;
  const v1::FollowUp& row_;
  const absl::CivilDay today_;
  std::vector<status::Violation> out_;
};

}  // namespace

void TakeNames(const policy::Pack& pack, v1::FollowUp* row) {
  policy::TakeContractFields(pack, row->mutable_contract_fields());
  if (!row->has_company()) return;
  const policy::v1::Place* place = PlaceOfCompany(pack, row->company().place());
  if (place != nullptr) row->mutable_company()->set_place(place->display_name());
}

std::vector<status::Violation> FollowUpViolations(const policy::Pack& pack, const v1::FollowUp& row,
                                                  absl::CivilDay today) {
  return FollowUpChecks(pack, row, today).Run();
}

v1::FunnelStage StageOf(v1::FollowUpKind kind) {
  switch (kind) {
    case v1::FOLLOW_UP_KIND_CONTACT:
    case v1::FOLLOW_UP_KIND_SPINOUT:
    case v1::FOLLOW_UP_KIND_FINANCING:
      return v1::FUNNEL_STAGE_CONTACTED;
    case v1::FOLLOW_UP_KIND_NEGOTIATION:
      return v1::FUNNEL_STAGE_NEGOTIATING;
    case v1::FOLLOW_UP_KIND_CONTRACT:
      return v1::FUNNEL_STAGE_CONTRACTED;
    case v1::FOLLOW_UP_KIND_REGISTRATION:
      return v1::FUNNEL_STAGE_REGISTERED;
    default:
      return v1::FUNNEL_STAGE_UNSPECIFIED;
  }
}

bool IsDeal(v1::FollowUpKind kind) {
  return kind == v1::FOLLOW_UP_KIND_CONTRACT || kind == v1::FOLLOW_UP_KIND_REGISTRATION ||
         kind == v1::FOLLOW_UP_KIND_SPINOUT || kind == v1::FOLLOW_UP_KIND_FINANCING;
}

bool IsConcluded(const std::vector<v1::FollowUp>& log) {
  std::set<std::string> unregistered;
  std::optional<absl::CivilDay> end;
  bool reopened = false;
  for (const v1::FollowUp& row : log) {
    const absl::CivilDay day = time::ToCivilDay(row.happen_date()).value_or(absl::CivilDay::max());
    switch (row.kind()) {
      case v1::FOLLOW_UP_KIND_CONTACT:
      case v1::FOLLOW_UP_KIND_NEGOTIATION:
        reopened = reopened || (end.has_value() && day >= *end);
        break;
      case v1::FOLLOW_UP_KIND_CONTRACT:
        unregistered.insert(row.name());
        break;
      case v1::FOLLOW_UP_KIND_REGISTRATION:
        unregistered.erase(row.contract_follow_up());
        [[fallthrough]];
      case v1::FOLLOW_UP_KIND_SPINOUT:
        end = std::max(end.value_or(day), day);
        reopened = false;
        break;
      default:
        break;
    }
  }
  return end.has_value() && unregistered.empty() && !reopened;
}

int64_t AmountOf(const v1::FollowUp& row) {
  if (row.has_contract()) return row.contract().amount_yuan();
  if (row.has_financing()) return row.financing().amount_yuan();
  return 0;
}

}  // namespace chanyan::triage
