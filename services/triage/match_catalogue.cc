#include "services/triage/match_catalogue.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::triage {
namespace {

constexpr char kResultVersions[] = "SELECT name, version FROM result WHERE state = 'PUBLISHED'";
constexpr char kDemandVersions[] = "SELECT name, version FROM demand WHERE state = 'PUBLISHED'";
constexpr char kListedStates[] = "SELECT name FROM listing WHERE listed = 1 ORDER BY name";

// Entries of one read; a transaction does not stay open for all of them.
constexpr size_t kReadAtOnce = 500;
// Of the time that a board takes to make, how many times it is left as it is.
constexpr int kRest = 10;

absl::Status NotYet() { return status::Unavailable("匹配数据正在准备，请稍后再试"); }

}  // namespace

MatchCatalogue::Held MatchCatalogue::Hold(const v1::Result& row) {
  BoardItem item = ItemOf(book_, weights_.Of(row));
  auto scope = std::make_shared<v1::Result>();
  scope->set_name(row.name());
  scope->set_state(row.state());
  scope->set_university(row.university());
  scope->set_department(row.department());
  scope->set_agency(row.agency());
  scope->set_investor(row.investor());
  scope->set_office(row.office());
  scope->set_holder(row.holder());
  *scope->mutable_recipients() = row.recipients();
  item.row = std::move(scope);
  return {0, std::make_shared<const BoardItem>(std::move(item)),
          row.disclosure() == v1::DISCLOSURE_OPEN};
}

MatchCatalogue::Held MatchCatalogue::Hold(const v1::Demand& row) {
  BoardItem item = ItemOf(book_, weights_.Of(row));
  const absl::StatusOr<absl::CivilDay> last_day = time::ToCivilDay(row.valid_until());
  if (row.has_valid_until() && last_day.ok()) item.last_day = *last_day;
  auto scope = std::make_shared<v1::Demand>();
  scope->set_name(row.name());
  scope->set_state(row.state());
  scope->set_disclosure(row.disclosure());
  scope->set_enterprise(row.enterprise());
  scope->set_collector(row.collector());
  scope->set_office(row.office());
  item.row = std::move(scope);
  return {0, std::make_shared<const BoardItem>(std::move(item)),
          row.disclosure() == v1::DISCLOSURE_OPEN};
}

template <class T>
absl::StatusOr<bool> MatchCatalogue::ReadLibrary(const db::Table<T>& table,
                                                 absl::string_view versions_sql, size_t most,
                                                 Library* library) {
  absl::flat_hash_map<std::string, int64_t> versions;
  CHANYAN_RETURN_IF_ERROR(db_.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(versions_sql));
    versions.clear();
    for (const db::Values& row : rows.rows) {
      versions.emplace(std::get<std::string>(row[0]), std::get<int64_t>(row[1]));
    }
    return absl::OkStatus();
  }));
  const size_t gone = absl::erase_if(
      *library, [&versions](const auto& held) { return !versions.contains(held.first); });
  std::vector<std::string> changed;
  for (const auto& [name, version] : versions) {
    const auto held = library->find(name);
    if (held == library->end() || held->second.version != version) changed.push_back(name);
  }
  if (changed.size() > most) {
    return NotYet();
  }
  for (size_t begin = 0; begin < changed.size(); begin += kReadAtOnce) {
    const std::vector<std::string> names(
        changed.begin() + static_cast<ptrdiff_t>(begin),
        changed.begin() + static_cast<ptrdiff_t>(std::min(begin + kReadAtOnce, changed.size())));
    std::vector<T> rows;
    CHANYAN_RETURN_IF_ERROR(db_.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(rows, table.GetAll(session, names));
      return absl::OkStatus();
    }));
    for (const T& row : rows) {
      // The version that was listed: if it is another one already, it is read again next time.
      Held held = Hold(row);
      held.version = versions[row.name()];
      (*library)[row.name()] = std::move(held);
    }
  }
  return gone > 0 || !changed.empty();
}

absl::StatusOr<bool> MatchCatalogue::ReadListed() {
  std::vector<std::string> listed;
  CHANYAN_RETURN_IF_ERROR(db_.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kListedStates));
    listed.clear();
    for (const db::Values& row : rows.rows) {
      listed.push_back(absl::StrCat("results/", api::IdOfName(std::get<std::string>(row[0]))));
    }
    return absl::OkStatus();
  }));
  std::sort(listed.begin(), listed.end());
  if (listed == listed_) return false;
  listed_ = std::move(listed);
  return true;
}

absl::StatusOr<bool> MatchCatalogue::ReadPlatforms() {
  const absl::StatusOr<std::string> version = platforms_.version();
  // Results and demands are matched all the same.
  if (absl::IsUnavailable(version.status())) return false;
  CHANYAN_RETURN_IF_ERROR(version.status());
  if (*version == platforms_version_) return false;
  std::vector<Shown> known;
  CHANYAN_RETURN_IF_ERROR(platforms_.each([&](const registry::v1::Platform& platform) {
    if (platform.state() != registry::v1::PLATFORM_STATE_PUBLISHED) return;
    known.push_back(
        {std::make_shared<const BoardItem>(ItemOf(book_, weights_.Of(platform))), true});
  }));
  places_.clear();
  for (Shown& one : known) one.where = WhereOf(one.item->organization);
  known_platforms_ = std::move(known);
  platforms_version_ = *version;
  return true;
}

MatchCatalogue::Where MatchCatalogue::WhereOf(const std::string& organization) {
  const auto [known, fresh] = places_.try_emplace(organization);
  if (!fresh || platforms_.organization == nullptr || organization.empty()) return known->second;
  const auto row = platforms_.organization(organization);
  if (row.ok()) {
    known->second = std::make_shared<const policy::Whereabouts>(weights_.Where(*row));
  } else if (!absl::IsNotFound(row.status())) {
    // Not known yet: asked again for the next board.
    places_.erase(known);
    return nullptr;
  }
  return known->second;
}

Matchable MatchCatalogue::Placed(Matchable one) const {
  if (platforms_.organization == nullptr || one.organization.empty()) return one;
  const auto row = platforms_.organization(one.organization);
  if (row.ok()) one.where = weights_.Where(*row);
  return one;
}

absl::StatusOr<bool> MatchCatalogue::ReadLibraries(size_t most) {
  CHANYAN_ASSIGN_OR_RETURN(const bool results,
                           ReadLibrary(results_table_, kResultVersions, most, &results_));
  CHANYAN_ASSIGN_OR_RETURN(const bool demands,
                           ReadLibrary(demands_table_, kDemandVersions, most, &demands_));
  CHANYAN_ASSIGN_OR_RETURN(const bool listed, ReadListed());
  return results || demands || listed;
}

absl::Status MatchCatalogue::RefreshLocked(size_t most) {
  const absl::Time begin = absl::Now();
  CHANYAN_ASSIGN_OR_RETURN(const bool libraries, ReadLibraries(most));
  CHANYAN_ASSIGN_OR_RETURN(const bool platforms, ReadPlatforms());
  {
    absl::MutexLock lock(&present_mutex_);
    if (present_ != nullptr && !libraries && !platforms) {
      looked_ = absl::Now();
      return absl::OkStatus();
    }
  }
  MatchBoard::Items items;
  for (const auto& [name, held] : results_) {
    const bool listed = std::binary_search(listed_.begin(), listed_.end(), name);
    items.results.push_back({held.item, held.open && listed});
  }
  for (const auto& [name, held] : demands_) {
    items.demands.push_back({held.item, held.open, WhereOf(held.item->organization)});
  }
  items.platforms = known_platforms_;
  auto board = std::make_shared<const MatchBoard>(weights_, book_, std::move(items));
  absl::MutexLock lock(&present_mutex_);
  present_ = std::move(board);
  looked_ = absl::Now();
  took_ = looked_ - begin;
  return absl::OkStatus();
}

bool MatchCatalogue::IsSlow() const {
  absl::MutexLock lock(&present_mutex_);
  return present_ != nullptr && took_ > at_once_;
}

absl::StatusOr<std::shared_ptr<const MatchBoard>> MatchCatalogue::Board() {
  if (first_) return NotYet();
  absl::Status refreshed = NotYet();
  // Whoever comes while another one reads does not wait for him.
  if (!IsSlow() && mutex_.TryLock()) {
    refreshed = RefreshLocked(kMostAtOnce);
    mutex_.Unlock();
  }
  absl::MutexLock lock(&present_mutex_);
  if (present_ == nullptr) return refreshed;
  return present_;
}

absl::Status MatchCatalogue::Refresh() {
  {
    absl::MutexLock lock(&present_mutex_);
    if (took_ > at_once_ && absl::Now() < looked_ + kRest * took_) return absl::OkStatus();
    first_ = present_ == nullptr;
  }
  absl::MutexLock lock(&mutex_);
  const absl::Status refreshed = RefreshLocked(SIZE_MAX);
  first_ = false;
  return refreshed;
}

}  // namespace chanyan::triage
