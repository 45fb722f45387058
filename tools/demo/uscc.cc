#include "tools/demo/uscc.h"

#include "absl/strings/str_cat.h"

namespace chanyan::demo {
namespace {

constexpr absl::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr int kOrganizationWeights[] = {3, 7, 9, 10, 5, 8, 4, 2};
constexpr int kNumberCharacters = 6;

// A = 10 … Z = 35: the organization code counts letters that the whole code leaves out.
int OrganizationValue(char c) { return c <= '9' ? c - '0' : c - 'A' + 10; }

}  // namespace

char OrganizationCheck(absl::string_view code8) {
  int sum = 0;
  for (size_t i = 0; i < 8; ++i) sum += OrganizationValue(code8[i]) * kOrganizationWeights[i];
  const int check = 11 - sum % 11;
  if (check == 10) return 'X';
  return check == 11 ? '0' : static_cast<char>('0' + check);
}

char UsccCheck(absl::string_view code17) {
  int sum = 0;
  int weight = 1;
  for (size_t i = 0; i < 17; ++i) {
    sum += static_cast<int>(kAlphabet.find(code17[i])) * weight;
    weight = weight * 3 % 31;
  }
  return kAlphabet[(31 - sum % 31) % 31];
}

std::string InventedUscc(absl::string_view region_code, uint64_t number) {
  std::string organization(kInventedPrefix);
  organization.append(kNumberCharacters, '0');
  for (size_t i = organization.size(); i-- > kInventedPrefix.size();) {
    organization[i] = kAlphabet[number % kAlphabet.size()];
    number /= kAlphabet.size();
  }
  organization.push_back(OrganizationCheck(organization));
  std::string code = absl::StrCat("91", region_code, organization);
  code.push_back(UsccCheck(code));
  return code;
}

}  // namespace chanyan::demo
