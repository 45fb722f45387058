#include "services/triage/contract_texts.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/api/well_known.h"
#include "common/policy/life.h"
#include "services/triage/list_text.h"

namespace chanyan::triage {
namespace {

std::string ContractText(const v1::TechnologyContract& contract) {
  std::vector<std::string> parts;
  const auto add = [&parts](absl::string_view label, absl::string_view text) {
    if (!text.empty()) parts.push_back(absl::StrCat(label, "：", text));
  };
  add("合同类别", policy::LabelOf(contract.kind()));
  add("合同编号", contract.number());
  const auto day = api::DayOf(contract.sign_date());
  add("签订日期", day.has_value() ? api::DayText(*day) : "");
  add("受让方", contract.buyer_title());
  add("合同金额（元）", absl::StrCat(contract.amount_yuan()));
  add("技术交易额（元）",
      contract.technology_amount_yuan() > 0 ? absl::StrCat(contract.technology_amount_yuan()) : "");
  return absl::StrJoin(parts, "｜");
}

}  // namespace

void WriteContractTexts(v1::FollowUp* row) {
  row->clear_contract_text();
  if (row->has_contract()) row->set_contract_text(ContractText(row->contract()));
  row->set_contract_fields_text(ListText(
      *row, row->GetDescriptor()->FindFieldByNumber(v1::FollowUp::kContractFieldsFieldNumber)));
}

}  // namespace chanyan::triage
