#include "services/pairing/document_rules.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace chanyan::pairing {
namespace {

constexpr int64_t kMaxYuan = 100'000'000'000;
constexpr int kNanosPerFen = 10'000'000;

}  // namespace

std::vector<status::Violation> DocumentViolations(
    const google::protobuf::RepeatedPtrField<v1::DocumentReference>& documents,
    absl::string_view field) {
  std::vector<status::Violation> violations;
  std::map<std::string, int> seen;
  for (int i = 0; i < documents.size(); ++i) {
    const auto [first, fresh] = seen.emplace(documents[i].sha256(), i);
    if (fresh) continue;
    violations.push_back(
        {absl::StrCat(field, "[", i, "]"),
         absl::StrCat("“", documents[i].file_name(), "”与“", documents[first->second].file_name(),
                      "”内容相同，请只保留一个")});
  }
  return violations;
}

std::string MoneyProblem(const google::type::Money& money) {
  if (money.currency_code() != "CNY") return "请以人民币填写，币种代码为 CNY";
  if (money.units() < 0 || money.nanos() < 0) return "金额不能为负数";
  if (money.nanos() % kNanosPerFen != 0) return "金额最多精确到分";
  if (money.units() >= kMaxYuan) return absl::StrCat("金额应小于", kMaxYuan / 100'000'000, "亿元");
  return "";
}

int CompareMoney(const google::type::Money& a, const google::type::Money& b) {
  if (a.units() != b.units()) return a.units() < b.units() ? -1 : 1;
  if (a.nanos() != b.nanos()) return a.nanos() < b.nanos() ? -1 : 1;
  return 0;
}

}  // namespace chanyan::pairing
