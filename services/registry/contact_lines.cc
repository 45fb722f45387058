#include "services/registry/contact_lines.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/api/fields.h"
#include "common/sheet/cell_lines.h"

namespace chanyan::registry {
namespace {

constexpr char kContactsField[] = "contacts_text";
constexpr absl::string_view kContactShape = "应写为“姓名 | 职务 | 电话 | 邮箱”";
constexpr size_t kContactParts = 4;
// A name or a position with so many digits is a number in the wrong place.
constexpr int kDigitsOfANumber = 5;

std::string ContactLine(const v1::Contact& contact) {
  std::vector<absl::string_view> parts = {contact.person(), contact.title(), contact.phone(),
                                          contact.email()};
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return absl::StrJoin(parts, sheet::kBetweenParts);
}

// Whether it looks like a telephone number or an address of e-mail.
bool LooksReachable(absl::string_view text) {
  return absl::StrContains(text, "@") ||
         std::count_if(text.begin(), text.end(), absl::ascii_isdigit) >= kDigitsOfANumber;
}

std::string ReadContact(absl::string_view line, v1::Contact* contact) {
  const std::string folded = absl::StrReplaceAll(line, {{"｜", "|"}});
  std::vector<std::string> parts = absl::StrSplit(folded, '|');
  for (std::string& part : parts) absl::StripAsciiWhitespace(&part);
  if (parts.size() > kContactParts) return absl::StrCat("“|”太多，", kContactShape);
  parts.resize(kContactParts);
  if (parts[0].empty()) return absl::StrCat("没有写姓名，", kContactShape);
  for (const std::string& part : {parts[0], parts[1]}) {
    if (LooksReachable(part)) {
      return absl::StrCat("“", part, "”像是电话或邮箱，", kContactShape, "，没有的项空着");
    }
  }
  contact->set_person(parts[0]);
  contact->set_title(parts[1]);
  contact->set_phone(parts[2]);
  contact->set_email(parts[3]);
  return "";
}

}  // namespace

std::string ContactsText(const Contacts& contacts) {
  return absl::StrJoin(contacts, "\n", [](std::string* out, const v1::Contact& contact) {
    absl::StrAppend(out, ContactLine(contact));
  });
}

std::vector<status::Violation> ReadContacts(absl::string_view text, Contacts* contacts) {
  const std::vector<std::string> lines = sheet::LinesIn(text);
  const absl::string_view said = absl::StripAsciiWhitespace(text);
  if (lines.empty() || said == kContactsUntold ||
      lines == sheet::LinesIn(ContactsText(*contacts))) {
    return {};
  }
  if (said == kContactsCleared) {
    contacts->Clear();
    return {};
  }
  std::vector<status::Violation> violations =
      sheet::LineViolations<v1::Contact>(lines, kContactsField, "人", ReadContact);
  const auto* field = v1::Organization::descriptor()->FindFieldByName("contacts");
  const size_t most = api::FieldOptions(field).max_items();
  if (lines.size() > most) {
    violations.push_back(
        {kContactsField, absl::StrCat("联系人最多填写 ", most, " 人，现有 ", lines.size(), " 人")});
  }
  if (violations.empty()) sheet::ReadItems<v1::Contact>(lines, ReadContact, contacts);
  return violations;
}

}  // namespace chanyan::registry
