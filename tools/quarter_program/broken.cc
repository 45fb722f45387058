// Broken files, handed in as anybody might: each is refused for the reason that the plan expects,
// at its cell, and leaves what was there as it was.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/unzip.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

const char* TypeOf(const std::string& file) {
  return absl::EndsWith(file, ".csv") ? "text/csv" : kXlsxType;
}

// Whether a refusal says what the plan expects, at the very cell of the file in question.
bool Says(const absl::Status& refusal, const BrokenPlan& plan) {
  const std::string place =
      plan.place.empty() ? plan.file : absl::StrCat(plan.file, " / ", plan.place);
  for (const status::Violation& violation : status::ViolationsOf(refusal)) {
    if (violation.field == place && absl::StrContains(violation.description, plan.words)) {
      return true;
    }
  }
  return false;
}

// Of a list as its collection; `roster` is of the day.
std::string PathOf(BrokenList list, const std::string& roster) {
  switch (list) {
    case BrokenList::kOrganizations:
      return "/v1/organizations";
    case BrokenList::kPlatforms:
      return "/v1/platforms";
    default:
      return absl::StrCat("/v1/", roster);
  }
}

bool IsOfAForm(const BrokenPlan& broken) {
  return broken.list == BrokenList::kForm || broken.list == BrokenList::kReturn;
}

}  // namespace

// Everything that a form and its rows are.
absl::StatusOr<std::string> Walk::FormDigest(const std::string& university) {
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form form, GetForm(university));
  std::string text = form.SerializeAsString();
  CHANYAN_RETURN_IF_ERROR(Secretariat().List<cycle::v1::ListRowsResponse>(
      absl::StrCat("/v1/", name_, "/forms/", university, "/rows"), {},
      [&](const cycle::v1::ListRowsResponse& page) {
        for (const cycle::v1::Row& row : page.rows()) text += row.SerializeAsString();
      }));
  return text;
}

absl::StatusOr<std::string> Walk::DigestFor(const BrokenPlan& broken) {
  if (IsOfAForm(broken)) return FormDigest(broken.university);
  // The whole list as it is given out, but for the hour at which it is.
  CHANYAN_ASSIGN_OR_RETURN(
      const std::string bytes,
      Secretariat().Download(absl::StrCat(PathOf(broken.list, roster_), ":export"), {}));
  CHANYAN_ASSIGN_OR_RETURN(const auto parts, Unzip(bytes));
  std::string text;
  for (const auto& [name, content] : parts) {
    if (absl::StartsWith(name, "xl/")) absl::StrAppend(&text, name, "\n", content, "\n");
  }
  return text;
}

absl::Status Walk::UploadBroken(const BrokenPlan& broken) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes,
                           demo::ReadFile(absl::StrCat(plan_.directory, "/broken/", broken.file)));
  Query query = {{"file_name", broken.file}};
  std::string path = absl::StrCat("/v1/", name_, "/forms/", broken.university);
  if (broken.list == BrokenList::kForm) {
    return University(broken.university)
        .Upload(path + ":import", query, bytes, TypeOf(broken.file), "broken", nullptr);
  }
  if (broken.list == BrokenList::kReturn) {
    query.emplace_back("enterprise", absl::StrCat("organizations/", broken.enterprise));
    return Sender(*plan_.ReturnOf(broken.enterprise))
        .Upload(path + "/returns:import", query, bytes, TypeOf(broken.file), "broken", nullptr);
  }
  if (broken.list == BrokenList::kPlatforms) {
    query.emplace_back("override_reason", plan_.publish_reason);
  }
  return Secretariat().Upload(PathOf(broken.list, roster_) + ":import", query, bytes,
                              TypeOf(broken.file), "broken", nullptr);
}

absl::StatusOr<Refusal> Walk::TryBroken(const BrokenPlan& broken) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string before, DigestFor(broken));
  const absl::Status refusal = UploadBroken(broken);
  if (refusal.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("坏文件 ", broken.file, "（", broken.reason, "）没有被拒绝"));
  }
  if (!Says(refusal, broken)) {
    return absl::FailedPreconditionError(
        absl::StrCat("坏文件 ", broken.file, "（", broken.reason, "）被拒绝的理由不对，应在“",
                     broken.place, "”说“", broken.words, "”：", InWords(refusal)));
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::string after, DigestFor(broken));
  if (before != after) {
    return absl::DataLossError(absl::StrCat("坏文件 ", broken.file, " 被拒绝，但改动了数据"));
  }
  return Refusal{broken.file, FaultsOf(refusal, broken.file), "", broken.reason};
}

absl::Status Walk::TryBrokenReports() {
  // A later run would be refused for another reason.
  for (const BrokenPlan& broken : plan_.broken) {
    if (broken.list != BrokenList::kForm || !HasForm(broken.university)) continue;
    CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form form, GetForm(broken.university));
    if (form.state() != cycle::v1::FORM_STATE_DRAFT) return absl::OkStatus();
  }
  std::vector<Refusal> refused;
  for (const BrokenPlan& broken : plan_.broken) {
    if (broken.list == BrokenList::kReturn) continue;
    // Where somebody is missing it would be refused for further reasons.
    if (IsOfAForm(broken) ? !EverybodyIsThere() : refusals_.Has(ListFile(broken.list))) continue;
    CHANYAN_ASSIGN_OR_RETURN(refused.emplace_back(), TryBroken(broken));
  }
  Say(absl::StrCat("坏文件 ", refused.size(), " 个，全部被拒绝，报表和名录未受影响"));
  return refusals_.SetTried(std::move(refused));
}

absl::Status Walk::TryBrokenLists() {
  if (!list_mended_) return absl::OkStatus();
  std::map<std::string, Refusal> known;
  for (Refusal& one : refusals_.Tried()) known[one.file] = std::move(one);
  bool fresh = false;
  std::vector<Refusal> refused;
  for (const bool of_return : {false, true}) {
    for (const BrokenPlan& broken : plan_.broken) {
      if ((broken.list == BrokenList::kReturn) != of_return) continue;
      if (const auto tried = known.find(broken.file); tried != known.end()) {
        refused.push_back(tried->second);
      } else if (!IsOfAForm(broken) && !refusals_.Has(ListFile(broken.list))) {
        CHANYAN_ASSIGN_OR_RETURN(refused.emplace_back(), TryBroken(broken));
        fresh = true;
      }
    }
  }
  return fresh ? refusals_.SetTried(std::move(refused)) : absl::OkStatus();
}

absl::Status Walk::TryBrokenReturns() {
  std::vector<Refusal> refused = refusals_.Tried();
  const size_t before = refused.size();
  for (const BrokenPlan& broken : plan_.broken) {
    // What an earlier run tried would be refused for further reasons by now; and so would what
    // answers a form that has not come.
    if (broken.list != BrokenList::kReturn || refusals_.HasTried(broken.file) ||
        refusals_.HasOf(broken.university) || !EverybodyIsThere()) {
      continue;
    }
    CHANYAN_ASSIGN_OR_RETURN(refused.emplace_back(), TryBroken(broken));
  }
  if (refused.size() == before) return absl::OkStatus();
  Say(absl::StrCat("企业的坏文件 ", refused.size() - before, " 个，全部被拒绝，报表未受影响"));
  return refusals_.SetTried(std::move(refused));
}

}  // namespace chanyan::quarter
