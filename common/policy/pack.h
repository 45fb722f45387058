// A city's policy pack: loaded once at start, checked as a whole, immutable from then on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "chanyan/policy/v1/policy.pb.h"
#include "common/policy/calendar.h"
#include "common/policy/place_index.h"
#include "common/time/civil.h"

namespace chanyan::policy {

// Most bytes one file of a pack may have.
inline constexpr size_t kMaxPackFileBytes = 4 << 20;

// One part of a pack, in protobuf text format of v1.PolicyPack.
struct PackFile {
  // As shown in errors.
  std::string path;
  std::string text;
};

// Thread-safe; pointers and references returned live as long as the pack. Lookups are O(1), from
// indexes made once at start, and give nullptr or nothing when the id is unknown.
class Pack {
 public:
  // Reads `root`/`city`/*.textproto together with what all cities share (`root`/calendar and
  // `root`/national, where they exist). A file that cannot be read is NOT_FOUND with its path; a
  // bad pack is INVALID_ARGUMENT (INVALID_FILE) with every violation, each with "file:line:column"
  // as its field and the reason in Chinese.
  static absl::StatusOr<std::unique_ptr<const Pack>> LoadCity(const std::string& root,
                                                              const std::string& city);
  // The same over directories of one's own choice.
  static absl::StatusOr<std::unique_ptr<const Pack>> Load(
      const std::vector<std::string>& directories);
  // The same over texts.
  static absl::StatusOr<std::unique_ptr<const Pack>> Parse(const std::vector<PackFile>& files);

  Pack(const Pack&) = delete;
  Pack& operator=(const Pack&) = delete;

  const v1::PolicyPack& proto() const { return proto_; }
  const std::string& id() const { return proto_.id(); }
  const std::string& version() const { return proto_.version(); }
  const WorkCalendar& calendar() const { return calendar_; }
  // Whether a decision of that day is made under this pack.
  bool IsEffectiveOn(absl::CivilDay day) const;

  const v1::Rule* FindRule(absl::string_view id) const { return Find(rules_, id); }
  // The rules asked at a decision, in ascending order of id; none when the city has none.
  const std::vector<const v1::Rule*>& RulesFor(v1::Decision decision) const;
  const v1::CoBuildKind* FindCoBuildKind(absl::string_view id) const { return Find(kinds_, id); }
  // By the Chinese name, as it stands in a sheet.
  const v1::CoBuildKind* FindCoBuildKindByName(absl::string_view name) const {
    return Find(kinds_by_name_, name);
  }
  // By everything that people call them.
  const PlaceIndex& places() const { return places_; }
  const v1::Place* FindPlace(absl::string_view id) const { return places_.Find(id); }
  // By display name or alias, to the byte.
  const v1::Place* FindPlaceByName(absl::string_view name) const {
    return places_.FindByName(name);
  }
  const v1::DutyUnit* FindDutyUnit(absl::string_view id) const { return Find(units_, id); }
  const v1::ContractKind* FindContractKind(absl::string_view id) const {
    return Find(contracts_, id);
  }
  const v1::Taxonomy* FindTaxonomy(absl::string_view id) const { return Find(taxonomies_, id); }
  // `id` is "taxonomy/industry".
  const v1::Industry* FindIndustry(absl::string_view id) const { return Find(industries_, id); }
  // "taxonomy/industry" of every industry that people call so, in the order of the pack:
  // 海洋电子信息 stands in two taxonomies of Qingdao.
  const std::vector<std::string>& FindIndustriesByName(absl::string_view name) const;
  // Whether an industry, or a group of industries, is called so.
  bool HasIndustryNamed(absl::string_view name) const { return industry_names_.contains(name); }
  // What an industry ("taxonomy/industry") corresponds to in another taxonomy, as
  // "taxonomy/industry" in the order of the pack; empty when nothing is known.
  const std::vector<std::string>& MapIndustry(absl::string_view id,
                                              absl::string_view to_taxonomy) const;
  const v1::Leaderboard* FindLeaderboard(absl::string_view id) const { return Find(boards_, id); }
  const v1::CycleStep* FindStep(absl::string_view id) const { return Find(steps_, id); }
  // Whether `value` may stand for an entry of a list.
  bool InList(v1::ValueList list, absl::string_view value) const;

  // Window of a step in a quarter under the pack's reading of "第N周"; errors as
  // WorkCalendar::Window. NOT_FOUND for a step the plan does not have.
  absl::StatusOr<StepWindow> StepWindowOf(time::Quarter quarter, absl::string_view step_id) const;

 private:
  template <typename T>
  using Index = absl::flat_hash_map<std::string, const T*>;

  template <typename T>
  static const T* Find(const Index<T>& index, absl::string_view id) {
    const auto it = index.find(id);
    return it == index.end() ? nullptr : it->second;
  }

  // The pack has passed every check.
  Pack(v1::PolicyPack proto, WorkCalendar calendar);
  void IndexRules();
  void IndexIndustries();

  const v1::PolicyPack proto_;
  const WorkCalendar calendar_;
  const PlaceIndex places_;
  Index<v1::Rule> rules_;
  Index<v1::CoBuildKind> kinds_;
  Index<v1::CoBuildKind> kinds_by_name_;
  Index<v1::DutyUnit> units_;
  Index<v1::ContractKind> contracts_;
  Index<v1::Taxonomy> taxonomies_;
  Index<v1::Industry> industries_;
  Index<v1::Leaderboard> boards_;
  Index<v1::CycleStep> steps_;
  absl::flat_hash_map<int, std::vector<const v1::Rule*>> rules_for_;
  absl::flat_hash_map<std::string, std::vector<std::string>> industries_by_name_;
  absl::flat_hash_set<std::string> industry_names_;
  // By the industry's id, and then the other taxonomy's.
  absl::flat_hash_map<std::string, absl::flat_hash_map<std::string, std::vector<std::string>>>
      mapped_;
};

}  // namespace chanyan::policy
