#include "services/registry/service_lines.h"

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/api/validate.h"
#include "common/sheet/cell_lines.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/charge_rules.h"
#include "services/registry/price_text_rules.h"

namespace chanyan::registry {
namespace {

constexpr absl::string_view kBetweenEntries = "；";
constexpr char kServicesField[] = "services_text";

std::string PriceText(const policy::Pack& pack, const v1::ServicePrice& price) {
  const policy::v1::UserType* type = FindUserType(pack, price.user_type());
  return absl::StrCat(type == nullptr ? price.user_type() : type->display_name(), " ",
                      ShortYuan(FenOf(price.price())), "/", price.unit());
}

std::string LineOf(const policy::Pack& pack, const v1::Service& service) {
  std::vector<std::string> entries;
  for (const v1::ServicePrice& price : service.prices()) entries.push_back(PriceText(pack, price));
  if (!service.price().empty()) entries.push_back(service.price());
  std::string line = service.title();
  if (entries.empty() && service.booking().empty()) return line;
  absl::StrAppend(&line, sheet::kBetweenParts, absl::StrJoin(entries, kBetweenEntries));
  if (service.booking().empty()) return line;
  return absl::StrCat(line, sheet::kBetweenParts, service.booking());
}

// The part of `text` before the next ； or ;, which are taken off with it.
absl::string_view NextEntry(absl::string_view* text) {
  const size_t wide = text->find(kBetweenEntries);
  const size_t narrow = text->find(';');
  const size_t end = std::min(wide, narrow);
  const absl::string_view entry = text->substr(0, end);
  if (end == absl::string_view::npos) {
    *text = {};
  } else {
    text->remove_prefix(end + (end == narrow ? 1 : kBetweenEntries.size()));
  }
  return entry;
}

// Whether the entry is meant as prices of a kind of user; what is wrong with them goes to
// `problem`.
bool ReadPrices(const policy::Pack& pack, absl::string_view entry, v1::Service* service,
                std::string* problem) {
  const std::string folded = Folded(entry);
  absl::string_view rest = folded;
  const policy::v1::UserType* type = LeadingUserType(pack, &rest);
  if (type == nullptr || !absl::StrContains(rest, '/')) return false;
  const std::string spaced = absl::StrReplaceAll(rest, {{"、", " "}});
  for (absl::string_view token : absl::StrSplit(spaced, ' ', absl::SkipWhitespace())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(token, absl::MaxSplits('/', 1));
    int64_t fen = 0;
    if (!ReadYuan(parts.first, &fen) || parts.second.empty()) {
      *problem = absl::StrCat("“", token, "”不是单价；应形如“200元/件”，最多两位小数");
      return true;
    }
    v1::ServicePrice* price = service->add_prices();
    price->set_user_type(type->id());
    price->set_unit(std::string(parts.second));
    *price->mutable_price() = MoneyOf(fen);
  }
  return true;
}

// Reads a line and answers what is wrong with it, or nothing.
std::string ReadService(const policy::Pack& pack, absl::string_view line, v1::Service* service) {
  const std::vector<absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits('|', 2));
  service->set_title(std::string(absl::StripAsciiWhitespace(parts[0])));
  if (service->title().empty()) {
    return "没有写服务名称；应写为“服务名称 | 企业用户 200元/件 | 预约方式”";
  }
  if (parts.size() > 2) service->set_booking(std::string(absl::StripAsciiWhitespace(parts[2])));
  absl::string_view rest = parts.size() > 1 ? absl::StripAsciiWhitespace(parts[1]) : "";
  while (!rest.empty()) {
    const absl::string_view words = rest;
    const absl::string_view entry = absl::StripAsciiWhitespace(NextEntry(&rest));
    rest = absl::StripLeadingAsciiWhitespace(rest);
    if (entry.empty()) continue;
    std::string problem;
    if (!ReadPrices(pack, entry, service, &problem)) {
      // From here on it is said in words.
      service->set_price(std::string(words));
      break;
    }
    if (!problem.empty()) return problem;
  }
  return "";
}

// What is wrong with one service beyond its shape, fields below it.
std::vector<status::Violation> OneService(const policy::Pack& pack, const v1::Service& service) {
  std::vector<status::Violation> violations;
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < service.prices_size(); ++i) {
    const v1::ServicePrice& price = service.prices(i);
    const std::string place = absl::StrCat("prices[", i, "]");
    if (FindUserType(pack, price.user_type()) == nullptr) {
      const std::string names = UserTypeNames(pack);
      violations.push_back({absl::StrCat(place, ".user_type"),
                            absl::StrCat("“", price.user_type(), "”不是本市的用户类型",
                                         names.empty() ? "，请改在价格说明中填写"
                                                       : absl::StrCat("（", names, "）"))});
    }
    if (const std::string wrong = MoneyProblem(price.price()); !wrong.empty()) {
      violations.push_back({absl::StrCat(place, ".price"), absl::StrCat("单价", wrong)});
    }
    if (!seen.emplace(price.user_type(), price.unit()).second) {
      violations.push_back({place, absl::StrCat("同一用户类型按“", price.unit(), "”的单价重复")});
    }
  }
  if (!violations.empty()) return violations;
  v1::Service again;
  const std::string problem = ReadService(pack, LineOf(pack, service), &again);
  if (!problem.empty() || !google::protobuf::util::MessageDifferencer::Equals(service, again)) {
    violations.push_back({"",
                          "服务名称和价格说明不能含“|”，计价单位不能含标点和空格；"
                          "价格说明不能写成“用户类型 单价/单位”，请填入分类单价"});
  }
  return violations;
}

}  // namespace

std::string ServicesText(const policy::Pack& pack, const Services& services) {
  return absl::StrJoin(services, "\n", [&](std::string* out, const v1::Service& service) {
    absl::StrAppend(out, LineOf(pack, service));
  });
}

std::vector<status::Violation> ReadServices(const policy::Pack& pack, absl::string_view text,
                                            Services* services) {
  std::vector<status::Violation> violations;
  Services read;
  int number = 0;
  for (const std::string& line : sheet::LinesIn(text)) {
    v1::Service* service = read.Add();
    std::string problem = ReadService(pack, line, service);
    if (problem.empty()) {
      for (const status::Violation& violation : api::Violations(*service)) {
        problem = violation.description;
        break;
      }
    }
    if (problem.empty()) {
      for (const status::Violation& violation : OneService(pack, *service)) {
        problem = violation.description;
        break;
      }
    }
    ++number;
    if (!problem.empty()) {
      violations.push_back({kServicesField, absl::StrCat("第 ", number, " 项：", problem)});
    }
  }
  if (violations.empty()) services->Swap(&read);
  return violations;
}

std::vector<status::Violation> ServiceViolations(const policy::Pack& pack,
                                                 const Services& services) {
  std::vector<status::Violation> violations;
  for (int i = 0; i < services.size(); ++i) {
    for (status::Violation& violation : OneService(pack, services[i])) {
      const std::string below = violation.field.empty() ? "" : absl::StrCat(".", violation.field);
      violations.push_back(
          {absl::StrCat("services[", i, "]", below), std::move(violation.description)});
    }
  }
  return violations;
}

}  // namespace chanyan::registry
