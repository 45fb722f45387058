#include "services/pairing/agreement_rules.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/policy/contract_fields.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/pairing/document_rules.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {
namespace {

constexpr int kLeastParties = 2;

using Violations = std::vector<status::Violation>;

std::optional<absl::CivilDay> DayOf(bool there, const google::type::Date& date) {
  if (!there) return std::nullopt;
  const absl::StatusOr<absl::CivilDay> day = time::ToCivilDay(date);
  if (!day.ok()) return std::nullopt;
  return *day;
}

bool IsBefore(const google::type::Date& a, const google::type::Date& b) {
  return std::tuple(a.year(), a.month(), a.day()) < std::tuple(b.year(), b.month(), b.day());
}

void CheckParties(const v1::Project& project, const v1::Agreement& agreement, Violations* out) {
  if (agreement.parties_size() < kLeastParties) {
    out->push_back({"parties", "签约方应不少于两方"});
  }
  bool enterprise = false;
  std::set<std::string> names;
  for (int i = 0; i < agreement.parties_size(); ++i) {
    const v1::AgreementParty& party = agreement.parties(i);
    enterprise = enterprise || party.organization() == project.enterprise() ||
                 party.display_name() == project.enterprise_title();
    if (!names.insert(party.display_name()).second) {
      out->push_back({absl::StrCat("parties[", i, "].display_name"),
                      absl::StrCat("“", party.display_name(), "”重复")});
    }
  }
  if (!enterprise) {
    out->push_back(
        {"parties", absl::StrCat("签约各方中没有本项目的企业“", project.enterprise_title(), "”")});
  }
}

void CheckDays(const v1::Agreement& agreement, absl::CivilDay today, Violations* out) {
  const auto signed_on = DayOf(agreement.has_sign_date(), agreement.sign_date());
  const auto first = DayOf(agreement.has_effective_date(), agreement.effective_date());
  const auto last = DayOf(agreement.has_expire_date(), agreement.expire_date());
  if (!signed_on) {
    out->push_back({"sign_date", "请填写签约日期"});
  } else if (*signed_on > today) {
    out->push_back({"sign_date", "签约日期不能晚于今天"});
  }
  if (first && last && *last < *first) {
    out->push_back({"expire_date", "终止日期早于生效日期"});
  } else if (signed_on && last && *last < *signed_on) {
    out->push_back({"expire_date", "终止日期早于签约日期"});
  }
}

void CheckFields(const policy::Pack& pack, const v1::Agreement& agreement, Violations* out) {
  for (status::Violation& violation : policy::ContractFieldViolations(
           pack, policy::FilledContractFields(agreement.contract_fields()),
           !agreement.contract_registration_number().empty(), "contract_fields")) {
    out->push_back(std::move(violation));
  }
}

void CheckAmounts(const v1::Agreement& agreement, Violations* out) {
  const auto check = [out](bool there, const google::type::Money& money, const char* field) {
    const std::string problem = there ? MoneyProblem(money) : "";
    if (!problem.empty()) out->push_back({field, problem});
    return there && problem.empty();
  };
  const bool whole =
      check(agreement.has_contract_amount(), agreement.contract_amount(), "contract_amount");
  const bool part = check(agreement.has_contract_technology_amount(),
                          agreement.contract_technology_amount(), "contract_technology_amount");
  if (whole && part &&
      CompareMoney(agreement.contract_technology_amount(), agreement.contract_amount()) > 0) {
    out->push_back({"contract_technology_amount", "技术交易额不能大于合同成交额"});
  }
}

void CheckContract(const policy::Pack& pack, const v1::Agreement& agreement, Violations* out) {
  CheckAmounts(agreement, out);
  CheckFields(pack, agreement, out);
  if (agreement.contract_kind().empty()) {
    const bool some = !agreement.contract_variant().empty() ||
                      !agreement.contract_registration_number().empty() ||
                      agreement.has_contract_amount() || agreement.contract_fields_size() > 0;
    if (some) out->push_back({"contract_kind", "填写技术合同的，请选定技术合同类型"});
    return;
  }
  const policy::v1::ContractKind* kind = FindContractKindByName(pack, agreement.contract_kind());
  if (kind == nullptr) {
    std::vector<std::string> names;
    for (const auto& one : pack.proto().contract_kinds()) names.push_back(one.display_name());
    out->push_back(
        {"contract_kind", absl::StrCat("“", agreement.contract_kind(), "”不是技术合同类型，应为",
                                       absl::StrJoin(names, "、"), "之一")});
    return;
  }
  const auto& variants = kind->variants();
  if (!agreement.contract_variant().empty() &&
      std::find(variants.begin(), variants.end(), agreement.contract_variant()) == variants.end()) {
    out->push_back({"contract_variant", absl::StrCat("“", agreement.contract_variant(), "”不是",
                                                     kind->display_name(), "的细类")});
  }
  if (!agreement.contract_registration_number().empty() && !agreement.has_contract_amount()) {
    out->push_back({"contract_amount", "已有登记编号的技术合同须填写合同成交额"});
  }
}

}  // namespace

const policy::v1::ContractKind* FindContractKindByName(const policy::Pack& pack,
                                                       absl::string_view name) {
  for (const policy::v1::ContractKind& kind : pack.proto().contract_kinds()) {
    if (kind.display_name() == name) return &kind;
  }
  return nullptr;
}

absl::Status RequireFiling(const v1::Project& project) {
  if (!IsSigned(project.state())) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                      project.state() == v1::PROJECT_STATE_TERMINATED
                                          ? "项目已终止，不能再登记协议"
                                          : "项目尚未签约，请在办理签约时一并登记协议");
  }
  if (project.state() == v1::PROJECT_STATE_COMPLETED && !project.agreement().empty()) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                      "项目已建成，不能再登记补充协议");
  }
  return absl::OkStatus();
}

absl::Status RequireChangeable(const v1::Project& project) {
  if (project.state() != v1::PROJECT_STATE_TERMINATED) return absl::OkStatus();
  return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                    "项目已终止，协议不能再修改");
}

std::vector<status::Violation> AgreementViolations(const policy::Pack& pack,
                                                   const v1::Project& project,
                                                   const v1::Agreement& agreement,
                                                   absl::CivilDay today) {
  Violations violations;
  CheckParties(project, agreement, &violations);
  CheckDays(agreement, today, &violations);
  for (status::Violation& violation : DocumentViolations(agreement.documents(), "documents")) {
    violations.push_back(std::move(violation));
  }
  CheckContract(pack, agreement, &violations);
  return violations;
}

std::vector<status::Violation> SequenceViolations(const v1::Project& project,
                                                  const v1::Agreement& agreement,
                                                  const std::vector<v1::Agreement>& all) {
  Violations violations;
  const auto signed_on = DayOf(agreement.has_sign_date(), agreement.sign_date());
  const auto project_day = DayOf(project.has_sign_date(), project.sign_date());
  if (agreement.kind() == v1::AGREEMENT_KIND_MAIN && project_day && signed_on &&
      *signed_on != *project_day) {
    violations.push_back({"sign_date", absl::StrCat("共建协议的签约日期应与项目的签约日期（",
                                                    time::FormatDateZh(*project_day), "）一致")});
  }
  // Those between which it must have been signed: the last before it, the first after it.
  const v1::Agreement* last = nullptr;
  const v1::Agreement* first = nullptr;
  for (const v1::Agreement& other : all) {
    if (!other.name().empty() && other.name() == agreement.name()) continue;
    if (other.number() == agreement.number()) {
      violations.push_back(
          {"number", absl::StrCat("协议编号“", agreement.number(), "”已用于本项目的另一份协议")});
    }
    if (!other.has_sign_date()) continue;
    if (other.sequence() < agreement.sequence() &&
        (last == nullptr || IsBefore(last->sign_date(), other.sign_date()))) {
      last = &other;
    }
    if (other.sequence() > agreement.sequence() &&
        (first == nullptr || IsBefore(other.sign_date(), first->sign_date()))) {
      first = &other;
    }
  }
  const auto refuse = [&](const v1::Agreement* other, bool wrong) {
    if (!wrong) return;
    const auto day = DayOf(true, other->sign_date());
    violations.push_back({"sign_date", absl::StrCat("签约日期与协议的先后不符：“", other->number(),
                                                    "”签于", day ? time::FormatDateZh(*day) : "")});
  };
  if (signed_on) {
    refuse(last, last != nullptr && IsBefore(agreement.sign_date(), last->sign_date()));
    refuse(first, first != nullptr && IsBefore(first->sign_date(), agreement.sign_date()));
  }
  return violations;
}

std::vector<status::Violation> ViolationsAmong(const policy::Pack& pack, const v1::Project& project,
                                               const v1::Agreement& agreement,
                                               const std::vector<v1::Agreement>& all,
                                               absl::CivilDay today) {
  Violations violations = AgreementViolations(pack, project, agreement, today);
  for (status::Violation& violation : SequenceViolations(project, agreement, all)) {
    violations.push_back(std::move(violation));
  }
  return violations;
}

bool IsProlonged(const v1::Agreement& before, const v1::Agreement& agreement) {
  return agreement.has_expire_date() && !google::protobuf::util::MessageDifferencer::Equals(
                                            before.expire_date(), agreement.expire_date());
}

void RemindAnewOf(const v1::Agreement& before, v1::Agreement* agreement) {
  if (google::protobuf::util::MessageDifferencer::Equals(before.expire_date(),
                                                         agreement->expire_date())) {
    return;
  }
  agreement->set_reminded_days(0);
}

void AddAgreementFacts(const policy::Pack& pack, const v1::Agreement& agreement,
                       policy::Facts* facts) {
  facts->Set("agreement_number", agreement.number());
  for (const v1::AgreementParty& party : agreement.parties()) {
    facts->Add("agreement_parties", party.display_name());
  }
  for (const v1::DocumentReference& document : agreement.documents()) {
    facts->Add("agreement_documents", document.sha256());
  }
  const auto last = DayOf(agreement.has_expire_date(), agreement.expire_date());
  if (last) facts->SetDate("agreement_expire_date", *last);
  const policy::v1::ContractKind* kind = FindContractKindByName(pack, agreement.contract_kind());
  if (kind != nullptr) facts->Set("contract_kind", kind->id());
  facts->Set("contract_registration_number", agreement.contract_registration_number());
}

}  // namespace chanyan::pairing
