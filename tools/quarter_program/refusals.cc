#include "tools/quarter_program/refusals.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "tools/demo/tsv.h"

namespace chanyan::quarter {
namespace {

// Between file, sheet and cell of a place.
constexpr absl::string_view kPlaceSeparator = " / ";

bool HasFile(const std::vector<Refusal>& refusals, absl::string_view file) {
  return std::any_of(refusals.begin(), refusals.end(),
                     [&](const Refusal& one) { return one.file == file; });
}

void AddLines(const Refusal& refusal, std::string* text) {
  for (const Fault& fault : refusal.faults) {
    *text += demo::TsvLine(
        {refusal.file, fault.sheet, fault.cell, fault.reason, refusal.wrong, refusal.unreported});
  }
}

}  // namespace

bool IsAboutFile(const absl::Status& error) {
  switch (status::ReasonOf(error)) {
    case options::v1::ERROR_REASON_INVALID_FILE:
    case options::v1::ERROR_REASON_FILE_TOO_LARGE:
    case options::v1::ERROR_REASON_INVALID_FIELD:
    case options::v1::ERROR_REASON_RULE_VIOLATED:
      return true;
    default:
      return false;
  }
}

std::vector<Fault> FaultsOf(const absl::Status& error, absl::string_view file) {
  std::vector<Fault> faults;
  for (const status::Violation& violation : status::ViolationsOf(error)) {
    const std::vector<std::string> place = absl::StrSplit(violation.field, kPlaceSeparator);
    if (violation.field == file || violation.field == "file") {
      faults.push_back({"", "", violation.description});
    } else if (place.size() <= 3 && place[0] == file) {
      faults.push_back({place[1], place.size() == 3 ? place[2] : "", violation.description});
    } else {
      // No place in the file: a row that it lacks.
      faults.push_back({"", "", absl::StrCat(violation.field, "：", violation.description)});
    }
  }
  if (faults.empty()) faults.push_back({"", "", std::string(error.message())});
  return faults;
}

std::string FaultsInWords(const Refusal& refusal) {
  return absl::StrJoin(refusal.faults, "；", [](std::string* out, const Fault& fault) {
    if (!fault.sheet.empty()) {
      absl::StrAppend(out, fault.sheet, fault.cell.empty() ? "" : " ", fault.cell, "：");
    }
    *out += fault.reason;
  });
}

void Refusals::Recall() {
  const auto table =
      demo::Tsv::Load(path_, {"file", "sheet", "cell", "reason", "wrong", "unreported"});
  if (!table.ok()) return;
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i < table->size(); ++i) {
    const std::string& file = table->Get(i, "file");
    const std::string& unreported = table->Get(i, "unreported");
    Refusal* refusal;
    if (table->Get(i, "wrong").empty()) {
      refusal = &unreported_[file];
    } else if (!tried_.empty() && tried_.back().file == file) {
      refusal = &tried_.back();
    } else {
      refusal = &tried_.emplace_back();
    }
    refusal->file = file;
    refusal->faults.push_back(
        {table->Get(i, "sheet"), table->Get(i, "cell"), table->Get(i, "reason")});
    refusal->wrong = table->Get(i, "wrong");
    refusal->unreported = unreported;
  }
}

absl::Status Refusals::Keep() const {
  std::string text = demo::TsvLine({"file", "sheet", "cell", "reason", "wrong", "unreported"});
  for (const Refusal& one : tried_) AddLines(one, &text);
  for (const auto& [file, one] : unreported_) AddLines(one, &text);
  return demo::WriteFile(path_, text);
}

std::vector<Refusal> Refusals::Tried() const {
  absl::MutexLock lock(&mutex_);
  return tried_;
}

std::vector<Refusal> Refusals::Unreported() const {
  absl::MutexLock lock(&mutex_);
  std::vector<Refusal> all;
  for (const auto& [file, one] : unreported_) all.push_back(one);
  return all;
}

bool Refusals::HasOf(absl::string_view organization) const {
  absl::MutexLock lock(&mutex_);
  return std::any_of(unreported_.begin(), unreported_.end(),
                     [&](const auto& one) { return one.second.unreported == organization; });
}

bool Refusals::Has(absl::string_view file) const {
  absl::MutexLock lock(&mutex_);
  return unreported_.contains(file);
}

int Refusals::Lists() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(
      std::count_if(unreported_.begin(), unreported_.end(),
                    [](const auto& one) { return one.second.unreported.empty(); }));
}

bool Refusals::HasTried(absl::string_view file) const {
  absl::MutexLock lock(&mutex_);
  return HasFile(tried_, file);
}

absl::Status Refusals::SetTried(std::vector<Refusal> tried) {
  absl::MutexLock lock(&mutex_);
  tried_ = std::move(tried);
  return Keep();
}

absl::Status Refusals::Replace(const std::string& organization, std::vector<Refusal> refused) {
  absl::MutexLock lock(&mutex_);
  const size_t known = std::erase_if(
      unreported_, [&](const auto& one) { return one.second.unreported == organization; });
  if (known == 0 && refused.empty()) return absl::OkStatus();
  Add(std::move(refused));
  return Keep();
}

absl::Status Refusals::ReplaceList(const std::string& file, std::vector<Refusal> refused) {
  absl::MutexLock lock(&mutex_);
  if (unreported_.erase(file) == 0 && refused.empty()) return absl::OkStatus();
  Add(std::move(refused));
  return Keep();
}

void Refusals::Add(std::vector<Refusal> refused) {
  for (Refusal& one : refused) {
    std::string file = one.file;
    unreported_[std::move(file)] = std::move(one);
  }
}

}  // namespace chanyan::quarter
