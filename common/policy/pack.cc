#include "common/policy/pack.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/policy/pack_check.h"
#include "common/policy/pack_files.h"
#include "common/policy/pack_source.h"
#include "common/status/status.h"
#include "common/time/kept_day.h"

namespace chanyan::policy {
namespace {

const std::vector<std::string>& NoNames() {
  static const auto& none = *new std::vector<std::string>;
  return none;
}

absl::Status Refuse(std::vector<PackError> errors) {
  std::stable_sort(errors.begin(), errors.end(),
                   [](const PackError& a, const PackError& b) { return a.location < b.location; });
  std::vector<status::Violation> violations;
  for (PackError& error : errors) {
    violations.push_back({error.location.ToString(), std::move(error.description)});
  }
  return status::InvalidFields(std::move(violations), options::v1::ERROR_REASON_INVALID_FILE);
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Pack>> Pack::LoadCity(const std::string& root,
                                                           const std::string& city) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<PackFile> files, ReadCityFiles(root, city));
  CHANYAN_ASSIGN_OR_RETURN(std::unique_ptr<const Pack> pack, Parse(files));
  if (pack->id() != city) {
    return status::InvalidField(
        absl::StrCat(root, "/", city),
        absl::StrCat("政策包编号“", pack->id(), "”与目录名“", city, "”不一致"),
        options::v1::ERROR_REASON_INVALID_FILE);
  }
  return pack;
}

absl::StatusOr<std::unique_ptr<const Pack>> Pack::Load(
    const std::vector<std::string>& directories) {
  std::vector<PackFile> files;
  for (const std::string& directory : directories) {
    CHANYAN_ASSIGN_OR_RETURN(std::vector<PackFile> more, ReadPackFolder(directory));
    std::move(more.begin(), more.end(), std::back_inserter(files));
  }
  return Parse(files);
}

absl::StatusOr<std::unique_ptr<const Pack>> Pack::Parse(const std::vector<PackFile>& files) {
  PackSource source(files);
  if (!source.errors().empty()) {
    return Refuse(source.errors());
  }
  if (std::vector<PackError> errors = CheckPack(source); !errors.empty()) {
    return Refuse(std::move(errors));
  }
  const v1::PolicyPack& read = source.pack();
  CHANYAN_ASSIGN_OR_RETURN(WorkCalendar calendar,
                           WorkCalendar::Make({read.calendars().begin(), read.calendars().end()}));
  return std::unique_ptr<const Pack>(new Pack(source.TakePack(), std::move(calendar)));
}

Pack::Pack(v1::PolicyPack proto, WorkCalendar calendar)
    : proto_(std::move(proto)), calendar_(std::move(calendar)), places_(proto_.places()) {
  const auto by_id = [](const auto& items, auto& index) {
    for (const auto& item : items) {
      index.emplace(item.id(), &item);
    }
  };
  by_id(proto_.rules(), rules_);
  by_id(proto_.co_build_kinds(), kinds_);
  by_id(proto_.duty_units(), units_);
  by_id(proto_.contract_kinds(), contracts_);
  by_id(proto_.taxonomies(), taxonomies_);
  by_id(proto_.leaderboards(), boards_);
  by_id(proto_.cycle_plan().steps(), steps_);
  for (const v1::CoBuildKind& kind : proto_.co_build_kinds()) {
    kinds_by_name_.emplace(kind.display_name(), &kind);
  }
  IndexRules();
  IndexIndustries();
}

void Pack::IndexRules() {
  for (const v1::Rule& rule : proto_.rules()) rules_for_[rule.decision()].push_back(&rule);
  for (auto& [decision, rules] : rules_for_) {
    std::sort(rules.begin(), rules.end(),
              [](const v1::Rule* a, const v1::Rule* b) { return a->id() < b->id(); });
  }
}

void Pack::IndexIndustries() {
  for (const v1::Taxonomy& taxonomy : proto_.taxonomies()) {
    for (const v1::Industry& industry : taxonomy.industries()) {
      const std::string id = absl::StrCat(taxonomy.id(), "/", industry.id());
      industries_.emplace(id, &industry);
      industry_names_.insert(industry.display_name());
      if (!industry.is_group()) industries_by_name_[industry.display_name()].push_back(id);
    }
  }
  for (const v1::TaxonomyMapping& mapping : proto_.mappings()) {
    for (const v1::MappingEntry& entry : mapping.entries()) {
      const std::string from = absl::StrCat(mapping.from_taxonomy(), "/", entry.from_id());
      for (const std::string& to_id : entry.to_ids()) {
        const std::string to = absl::StrCat(mapping.to_taxonomy(), "/", to_id);
        mapped_[from][mapping.to_taxonomy()].push_back(to);
        if (from != to) mapped_[to][mapping.from_taxonomy()].push_back(from);
      }
    }
  }
}

bool Pack::IsEffectiveOn(absl::CivilDay day) const {
  return day >= time::DayIn(proto_.effective_from()) &&
         (!proto_.has_effective_until() || day <= time::DayIn(proto_.effective_until()));
}

const std::vector<const v1::Rule*>& Pack::RulesFor(v1::Decision decision) const {
  static const auto& none = *new std::vector<const v1::Rule*>;
  const auto it = rules_for_.find(decision);
  return it == rules_for_.end() ? none : it->second;
}

const std::vector<std::string>& Pack::FindIndustriesByName(absl::string_view name) const {
  const auto it = industries_by_name_.find(name);
  return it == industries_by_name_.end() ? NoNames() : it->second;
}

const std::vector<std::string>& Pack::MapIndustry(absl::string_view id,
                                                  absl::string_view to_taxonomy) const {
  const auto from = mapped_.find(id);
  if (from == mapped_.end()) return NoNames();
  const auto to = from->second.find(to_taxonomy);
  return to == from->second.end() ? NoNames() : to->second;
}

bool Pack::InList(v1::ValueList list, absl::string_view value) const {
  switch (list) {
    case v1::VALUE_LIST_CO_BUILD_KINDS:
      return FindCoBuildKind(value) != nullptr;
    case v1::VALUE_LIST_PLACES:
      return FindPlace(value) != nullptr;
    case v1::VALUE_LIST_CONTRACT_KINDS:
      return FindContractKind(value) != nullptr;
    case v1::VALUE_LIST_DUTY_UNITS:
      return FindDutyUnit(value) != nullptr;
    case v1::VALUE_LIST_INDUSTRIES: {
      const v1::Industry* industry = FindIndustry(value);
      return industry != nullptr && !industry->is_group();
    }
    default:
      return false;
  }
}

absl::StatusOr<StepWindow> Pack::StepWindowOf(time::Quarter quarter,
                                              absl::string_view step_id) const {
  const v1::CycleStep* step = FindStep(step_id);
  if (step == nullptr) {
    return status::NotFound(absl::StrCat("步骤 ", step_id));
  }
  return calendar_.Window(quarter, static_cast<int>(step->week()),
                          proto_.cycle_plan().week_reading());
}

}  // namespace chanyan::policy
