#include "services/pairing/coverage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "common/api/fields.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "services/pairing/coverage_rules.h"
#include "services/pairing/project_rules.h"

namespace chanyan::pairing {
namespace {

// One pass over the roster in the order of its key, so that projects are counted as they come, from
// their index alone. Roster entries stand in a query of their own, where the scope's columns are
// theirs. $0 = key column, $1 = title column, $2 = the caller's rows, $3 = paired, $4 = under way,
// $5 = projects or their history, $6 = which of them.
constexpr char kCoverage[] =
    "SELECT k, MAX(t), COUNT(*), SUM(p >= ?), SUM(p < ? AND g > 0) FROM ("
    "SELECT entry.k, entry.t, COUNT(DISTINCT CASE WHEN $3 THEN standing.platform END) AS p,"
    " COALESCE(SUM($4), 0) AS g FROM ("
    "SELECT name, enterprise, $0 AS k, $1 AS t FROM roster_entry"
    " WHERE name >= ? AND name < ? AND ($2)) AS entry"
    " LEFT JOIN $5 AS standing ON standing.enterprise = entry.enterprise$6"
    " GROUP BY entry.name) AS counted GROUP BY k ORDER BY k";
// Of an enterprise and a platform of its own there is no pair; the history has such days as ended.
constexpr char kNotOwn[] = " AND standing.university <> standing.enterprise";
constexpr char kEffectiveOn[] =
    " AND standing.effective_from <= ? AND standing.effective_until > ?";
constexpr char kRecordedOn[] = " AND standing.recorded_from <= ? AND standing.recorded_until > ?";

// What the history of a day still lacks: entries of projects that its follower has not seen.
constexpr char kMissing[] =
    "SELECT 1 FROM journal WHERE (seq = 0 OR seq > COALESCE((SELECT seq FROM `cursor` WHERE"
    " follower = 'pairing<pairing'), 0)) AND type = ? AND time < ? LIMIT 1";

// $0 = table, $1 = paired.
constexpr char kUnpaired[] =
    "(SELECT COUNT(DISTINCT project.platform) FROM project WHERE project.enterprise = $0.enterprise"
    " AND project.university <> project.enterprise AND $1) < ?";
// $0 = table, $1 = under way, $2 = "" or "NOT ".
constexpr char kUnderWay[] =
    "$2EXISTS (SELECT 1 FROM project WHERE project.enterprise = $0.enterprise"
    " AND project.university <> project.enterprise AND $1)";
// $0 = paired, $1 = under way, $2 = question marks.
constexpr char kStandings[] =
    "SELECT enterprise, COUNT(DISTINCT CASE WHEN $0 THEN platform END), SUM($1) FROM project"
    " WHERE enterprise IN ($2) AND university <> enterprise GROUP BY enterprise";
constexpr char kGoingOn[] = "enterprise = ? AND state <> 'TERMINATED'";
// Enterprises of one such query: those of a page.
constexpr size_t kStandingsAtOnce = 200;

// "project.state IN ('SIGNED', 'BUILDING')"; no state, no project.
std::string InStates(absl::string_view table, const std::vector<v1::ProjectState>& states) {
  if (states.empty()) return "0";
  const auto* type = google::protobuf::GetEnumDescriptor<v1::ProjectState>();
  return absl::StrCat(table, ".state IN (",
                      absl::StrJoin(states, ", ",
                                    [type](std::string* out, v1::ProjectState state) {
                                      absl::StrAppend(
                                          out, "'", api::ShortName(type->FindValueByNumber(state)),
                                          "'");
                                    }),
                      ")");
}

int32_t CountIn(const db::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return static_cast<int32_t>(*number);
  if (const auto* number = std::get_if<double>(&value)) return static_cast<int32_t>(*number);
  // SUM is a DECIMAL, which travels as text.
  int32_t count = 0;
  if (const auto* text = std::get_if<std::string>(&value)) (void)absl::SimpleAtoi(*text, &count);
  return count;
}

std::string TextIn(const db::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

struct GroupColumns {
  absl::string_view key;
  absl::string_view title;
};

GroupColumns ColumnsOf(v1::CoverageGrouping grouping) {
  switch (grouping) {
    case v1::COVERAGE_GROUPING_UNIT:
      return {"unit", "unit_title"};
    case v1::COVERAGE_GROUPING_ZONE:
      return {"zone", "zone"};
    case v1::COVERAGE_GROUPING_INDUSTRY:
      return {"industry", "industry"};
    case v1::COVERAGE_GROUPING_TOWN:
      return {"town", "town"};
    case v1::COVERAGE_GROUPING_SIZE:
      return {"size", "size"};
    default:
      return {"''", "''"};
  }
}

// Sizes from the smallest to the largest, what has none at the end; other groups are in order.
void SortGroups(const policy::Pack& pack, v1::CoverageGrouping grouping, v1::Coverage* coverage) {
  if (grouping != v1::COVERAGE_GROUPING_SIZE) return;
  const auto& sizes = pack.proto().enterprise_sizes();
  const auto place = [&sizes](const v1::CoverageGroup& group) {
    return std::find_if(sizes.begin(), sizes.end(),
                        [&](const auto& size) { return size.display_name() == group.key(); }) -
           sizes.begin();
  };
  std::stable_sort(coverage->mutable_groups()->begin(), coverage->mutable_groups()->end(),
                   [&](const auto& a, const auto& b) { return place(a) < place(b); });
}

void AddGroup(const db::Values& row, bool grouped, v1::Coverage* coverage) {
  v1::CoverageGroup group;
  group.set_key(TextIn(row[0]));
  group.set_title(TextIn(row[1]));
  group.set_enterprise_count(CountIn(row[2]));
  group.set_paired_count(CountIn(row[3]));
  group.set_intent_count(CountIn(row[4]));
  group.set_paired_permille(Permille(group.paired_count(), group.enterprise_count()));
  v1::CoverageGroup& total = *coverage->mutable_total();
  total.set_enterprise_count(total.enterprise_count() + group.enterprise_count());
  total.set_paired_count(total.paired_count() + group.paired_count());
  total.set_intent_count(total.intent_count() + group.intent_count());
  total.set_paired_permille(Permille(total.paired_count(), total.enterprise_count()));
  if (grouped) *coverage->add_groups() = std::move(group);
}

absl::Status RequireHistory(db::Session& session, absl::CivilDay day) {
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows missing,
      session.Query(kMissing, {v1::Project::descriptor()->full_name(), time::StartOfDay(day + 1)}));
  if (missing.rows.empty()) return absl::OkStatus();
  return status::Unavailable(
      absl::StrCat(time::FormatDateZh(day), "的项目历史尚未整理完，请稍后再试"));
}

}  // namespace

CoverageCounter::CoverageCounter(const policy::Pack& pack)
    : pack_(pack),
      paired_(PairedStates(pack)),
      under_way_(UnderWayStates(pack)),
      minimum_(MinimumPlatforms(pack)) {}

absl::StatusOr<v1::Coverage> CoverageCounter::Count(db::Session& session, absl::Time now,
                                                    const db::Predicate& scope,
                                                    const CoverageQuestion& question) const {
  const absl::CivilDay today = time::DayOf(now);
  absl::CivilDay day = today;
  if (question.as_of_date.year() != 0) {
    CHANYAN_ASSIGN_OR_RETURN(day, time::ToCivilDay(question.as_of_date));
  }
  if (day > today) {
    return status::InvalidField("as_of_date", "统计日不能晚于今天");
  }
  CHANYAN_ASSIGN_OR_RETURN(const v1::Roster roster, RosterOf(session, question.roster, day));
  const bool past = day < today;
  if (past) CHANYAN_RETURN_IF_ERROR(RequireHistory(session, day));
  db::Values params = {minimum_, minimum_, absl::StrCat(roster.name(), "/entries/"),
                       absl::StrCat(roster.name(), "/entries0")};
  params.insert(params.end(), scope.params.begin(), scope.params.end());
  if (past) params.insert(params.end(), 2, db::Value(time::FormatDate(day)));
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows,
                           session.Query(Statement(question.group_by, past, scope.sql), params));
  v1::Coverage coverage;
  coverage.set_roster(roster.name());
  *coverage.mutable_roster_date() = roster.effective_date();
  *coverage.mutable_as_of() = time::ToTimestamp(now);
  *coverage.mutable_as_of_date() = time::ToProto(day);
  coverage.set_pack_version(PackLabel(pack_));
  coverage.set_minimum_platforms(static_cast<int32_t>(minimum_));
  coverage.mutable_total()->set_title("合计");
  for (const db::Values& row : rows.rows) {
    AddGroup(row, question.group_by != v1::COVERAGE_GROUPING_UNSPECIFIED, &coverage);
  }
  SortGroups(pack_, question.group_by, &coverage);
  return coverage;
}

std::string CoverageCounter::Statement(v1::CoverageGrouping group_by, bool past,
                                       absl::string_view scope_sql) const {
  const GroupColumns columns = ColumnsOf(group_by);
  const bool as_recorded =
      pack_.proto().pairing().coverage().past_reading() == policy::v1::PAST_READING_AS_RECORDED;
  // Column names and states come from the tables above, the scope from the descriptors: no text of
  // the caller.
  return absl::Substitute(kCoverage, columns.key, columns.title, scope_sql,
                          InStates("standing", paired_), InStates("standing", under_way_),
                          past ? "project_span" : "project",
                          !past         ? kNotOwn
                          : as_recorded ? kRecordedOn
                                        : kEffectiveOn);
}

absl::StatusOr<v1::Roster> CoverageCounter::RosterOf(db::Session& session, absl::string_view name,
                                                     absl::CivilDay day) const {
  if (!name.empty()) return rosters_.Get(session, name);
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Roster> newest,
      rosters_.Select(session, {"effective_date <= ?", {time::FormatDate(day)}},
                      "effective_date DESC LIMIT 1"));
  if (newest.empty()) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_NOT_FOUND,
        absl::StrCat(time::FormatDateZh(day),
                     "还没有企业名册，请秘书处先导入基准日不晚于该日的名册再统计覆盖率"));
  }
  return std::move(newest.front());
}

db::Predicate CoverageCounter::Unpaired(absl::string_view table,
                                        v1::EnterpriseStanding standing) const {
  db::Predicate unpaired{absl::Substitute(kUnpaired, table, InStates("project", paired_)),
                         {minimum_}};
  if (standing == v1::ENTERPRISE_STANDING_UNSPECIFIED) return unpaired;
  const bool under_way = standing == v1::ENTERPRISE_STANDING_UNDER_WAY;
  return db::And(
      std::move(unpaired),
      {absl::Substitute(kUnderWay, table, InStates("project", under_way_), under_way ? "" : "NOT "),
       {}});
}

absl::StatusOr<std::vector<v1::CountedProject>> CoverageCounter::ProjectsOf(
    db::Session& session, const std::string& enterprise) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Project> projects,
                           projects_.Select(session, {kGoingOn, {enterprise}}, "name"));
  std::vector<v1::CountedProject> counted;
  for (const v1::Project& project : projects) {
    v1::CountedProject& one = counted.emplace_back();
    one.set_project(project.name());
    one.set_title(project.title());
    one.set_platform(project.platform());
    one.set_platform_title(project.platform_title());
    one.set_state(project.state());
    one.set_counts(!IsOwnPlatform(project) &&
                   std::find(paired_.begin(), paired_.end(), project.state()) != paired_.end());
  }
  return counted;
}

absl::StatusOr<absl::flat_hash_map<std::string, CoverageCounter::Standing>>
CoverageCounter::StandingsOf(db::Session& session,
                             const std::vector<std::string>& enterprises) const {
  absl::flat_hash_map<std::string, Standing> standings;
  const std::string sql =
      absl::Substitute(kStandings, InStates("project", paired_), InStates("project", under_way_),
                       absl::StrJoin(std::vector<absl::string_view>(kStandingsAtOnce, "?"), ", "));
  for (size_t first = 0; first < enterprises.size(); first += kStandingsAtOnce) {
    const size_t end = std::min(first + kStandingsAtOnce, enterprises.size());
    db::Values names(enterprises.begin() + static_cast<int64_t>(first),
                     enterprises.begin() + static_cast<int64_t>(end));
    // Always as many, so that it is one statement to prepare.
    names.resize(kStandingsAtOnce, names.front());
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, names));
    for (const db::Values& row : rows.rows) {
      Standing& one = standings[TextIn(row[0])];
      one.platforms = CountIn(row[1]);
      one.standing = one.platforms >= minimum_ ? v1::ENTERPRISE_STANDING_PAIRED
                     : CountIn(row[2]) > 0     ? v1::ENTERPRISE_STANDING_UNDER_WAY
                                               : v1::ENTERPRISE_STANDING_NONE;
    }
  }
  return standings;
}

}  // namespace chanyan::pairing
