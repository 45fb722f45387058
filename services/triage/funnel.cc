// The funnel (TRI-6): collected → classified → pushed → contact → negotiation → contract →
// registered, counted from the rows that the caller may see, in one snapshot. Every figure carries
// the filter that lists its rows.
#include "services/triage/funnel.h"

#include <array>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/api/json.h"
#include "common/db/in_chunks.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/triage/dispatch_rules.h"
#include "services/triage/follow_up_service.h"
#include "services/triage/funnel_filters.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

constexpr int kStages = v1::FunnelStage_MAX;
constexpr char kCounted[] = "state <> 'MERGED'";
// Ended stays and recorded deals: whose, of what, and what is summed up of them.
constexpr char kStays[] =
    "SELECT result, stage AS what, enter_time, leave_time FROM stage_entry "
    "WHERE leave_time IS NOT NULL";
constexpr char kStayFigures[] =
    "COUNT(*), SUM(TIMESTAMPDIFF(MICROSECOND, enter_time, leave_time)) / 3600e6";
// Entries of stages within a time, whether the stage was left again or not.
constexpr char kEnteredStages[] =
    "SELECT result, stage AS what FROM stage_entry WHERE enter_time >= ? AND enter_time < ?";
constexpr char kEntryFigures[] = "COUNT(*)";
constexpr char kDeals[] =
    "SELECT result, kind AS what, amount_yuan FROM follow_up "
    "WHERE state = 'RECORDED' AND kind IN ('CONTRACT', 'SPINOUT', 'FINANCING')";
constexpr char kDealFigures[] = "COUNT(*), CAST(SUM(amount_yuan) AS SIGNED)";

std::string TextCell(const db::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : *text;
}
int64_t Number(const db::Value& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? 0 : *number;
}
double Real(const db::Value& value) {
  const auto* real = std::get_if<double>(&value);
  return real == nullptr ? 0 : *real;
}

v1::FunnelStage StageNamed(const std::string& short_name) {
  v1::FunnelStage stage = v1::FUNNEL_STAGE_UNSPECIFIED;
  v1::FunnelStage_Parse(absl::StrCat("FUNNEL_STAGE_", short_name), &stage);
  return stage;
}

// What results are told apart by while they are counted: a column of the index that the funnel is
// counted from (result_funnel), and what is shown of it, which is read of one result of each.
struct Dimension {
  v1::FunnelGrouping grouping;
  absl::string_view key;
  absl::string_view shown;
  bool is_list;
};
constexpr Dimension kDimensions[] = {
    {v1::FUNNEL_GROUPING_TEAM, "team", "team_title", false},
    {v1::FUNNEL_GROUPING_UNIVERSITY, "university", "university_title", false},
    {v1::FUNNEL_GROUPING_INDUSTRY, "industries_digest", "industries", true},
    {v1::FUNNEL_GROUPING_CLASS, "classes_digest", "classes", true},
};

// One group while it is counted.
struct Group {
  std::string title;
  // By stage: results that are there now.
  std::array<int64_t, kStages + 1> present{};
  std::array<double, kStages + 1> hours{};
  std::array<int64_t, kStages + 1> stays{};
  std::array<int64_t, kStages + 1> entered{};
  int64_t contracts = 0;
  int64_t contract_yuan = 0;
  int64_t companies = 0;
  int64_t financing_yuan = 0;
};

// Keys and titles of the groups that a row is in. A result of two industries or classes is in both;
// one of none is in the group without a name.
std::vector<std::pair<std::string, std::string>> KeysOf(v1::FunnelGrouping grouping,
                                                        const v1::Result& row) {
  std::vector<std::pair<std::string, std::string>> keys;
  switch (grouping) {
    case v1::FUNNEL_GROUPING_TEAM:
      return {{row.team(), row.team().empty() ? "未定专班" : row.team_title()}};
    case v1::FUNNEL_GROUPING_UNIVERSITY:
      return {{row.university(), row.university_title()}};
    case v1::FUNNEL_GROUPING_INDUSTRY:
      for (const std::string& industry : row.industries()) keys.emplace_back(industry, industry);
      if (keys.empty()) keys.emplace_back("", "未填产业");
      return keys;
    case v1::FUNNEL_GROUPING_CLASS:
      for (const int one : row.classes()) {
        const auto triage_class = static_cast<policy::v1::TriageClass>(one);
        keys.emplace_back(ClassName(triage_class), policy::LabelOf(triage_class));
      }
      if (keys.empty()) keys.emplace_back("", "未分类");
      return keys;
    default:
      return {{"", "合计"}};
  }
}

void Write(const v1::QueryFunnelRequest& request, const std::optional<FunnelPeriod>& period,
           const std::string& key, const Group& group, v1::FunnelGroup* out) {
  out->set_key(key);
  out->set_title(group.title);
  out->set_filter(GroupFilter(request, key));
  std::array<int64_t, kStages + 2> reached{};
  for (int stage = kStages; stage >= 1; --stage) {
    reached[stage] = reached[stage + 1] + group.present[stage];
  }
  for (int stage = 1; stage <= kStages; ++stage) {
    v1::FunnelStep* step = out->add_steps();
    step->set_stage(static_cast<v1::FunnelStage>(stage));
    step->set_reached(reached[stage]);
    step->set_present(group.present[stage]);
    if (group.stays[stage] > 0) step->set_average_hours(group.hours[stage] / group.stays[stage]);
    if (reached[stage] > 0) {
      step->set_conversion_permille(
          static_cast<int32_t>(reached[stage + 1] * 1000 / reached[stage]));
    }
    step->set_filter(ReachedFilter(out->filter(), step->stage()));
    step->set_present_filter(PresentFilter(out->filter(), step->stage()));
    step->set_stays_filter(StaysFilter(step->stage()));
    if (period.has_value()) {
      step->set_entered(group.entered[stage]);
      step->set_entered_filter(EnteredFilter(step->stage(), period->first, period->last));
    }
  }
  out->set_contracts(group.contracts);
  out->set_contract_yuan(group.contract_yuan);
  out->set_companies(group.companies);
  out->set_financing_yuan(group.financing_yuan);
  out->set_contracts_filter(DealsFilter("CONTRACT"));
  out->set_companies_filter(DealsFilter("SPINOUT"));
  out->set_financing_filter(DealsFilter("FINANCING"));
}

// The counting of some requests: what the database counted, told by the columns that they group by,
// is added up to their groups.
class Counting {
 public:
  explicit Counting(absl::Span<const v1::QueryFunnelRequest> requests)
      : requests_(requests), groups_(requests.size()) {
    for (const Dimension& dimension : kDimensions) {
      for (const v1::QueryFunnelRequest& request : requests) {
        if (request.group_by() != dimension.grouping) continue;
        dimensions_.push_back(dimension);
        break;
      }
    }
    shown_.resize(dimensions_.size());
  }

  absl::Status Read(db::Session& session, const FunnelScope& scope) {
    const db::Predicate wanted = db::And({kCounted, {}}, scope.results);
    CHANYAN_ASSIGN_OR_RETURN(
        const db::Rows present,
        session.Query(
            absl::StrCat("SELECT ", Keys(), "MAX(name), funnel_stage, COUNT(*) FROM ",
                         "result WHERE ", wanted.sql, " GROUP BY ", Keys(), "funnel_stage"),
            wanted.params));
    for (size_t i = 0; i < dimensions_.size(); ++i) {
      CHANYAN_RETURN_IF_ERROR(ReadShown(session, present, i));
    }
    CHANYAN_RETURN_IF_ERROR(Each(present, dimensions_.size() + 1, AddPresent));
    for (const db::Values& row : present.rows) total_ += Number(row.back());
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows stays,
                             Joined(session, wanted, kStayFigures, {kStays, {}}, scope.stays));
    CHANYAN_RETURN_IF_ERROR(Each(stays, dimensions_.size(), AddStays));
    period_ = scope.period;
    if (period_.has_value()) {
      const db::Predicate entries = {
          kEnteredStages, {time::StartOfDay(period_->first), time::StartOfDay(period_->last + 1)}};
      CHANYAN_ASSIGN_OR_RETURN(const db::Rows entered,
                               Joined(session, wanted, kEntryFigures, entries, scope.stays));
      CHANYAN_RETURN_IF_ERROR(Each(entered, dimensions_.size(), AddEntered));
    }
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows deals,
                             Joined(session, wanted, kDealFigures, {kDeals, {}}, scope.deals));
    return Each(deals, dimensions_.size(), AddDeals);
  }

  std::vector<v1::QueryFunnelResponse> Take() && {
    std::vector<v1::QueryFunnelResponse> responses(requests_.size());
    for (size_t i = 0; i < responses.size(); ++i) {
      for (const auto& [key, group] : groups_[i]) {
        Write(requests_[i], period_, key, group, responses[i].add_groups());
      }
      responses[i].set_total(total_);
    }
    return responses;
  }

 private:
  // The columns of the dimensions.
  std::string Keys() const {
    std::string keys;
    for (const Dimension& one : dimensions_) absl::StrAppend(&keys, one.key, ", ");
    return keys;
  }

  // What is shown of each key of a dimension, from one result that has it.
  absl::Status ReadShown(db::Session& session, const db::Rows& present, size_t dimension) {
    absl::flat_hash_map<std::string, std::string> key_of;
    std::vector<std::string> names;
    absl::flat_hash_map<std::string, std::string>& shown = shown_[dimension];
    for (const db::Values& row : present.rows) {
      if (!shown.try_emplace(TextCell(row[dimension])).second) continue;
      names.push_back(TextCell(row[dimensions_.size()]));
      key_of[names.back()] = TextCell(row[dimension]);
    }
    return db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(
          const db::Rows rows,
          session.Query(absl::StrCat("SELECT name, ", dimensions_[dimension].shown,
                                     " FROM result WHERE name IN ", db::Marks(chunk.size())),
                        db::Values(chunk.begin(), chunk.end())));
      for (const db::Values& row : rows.rows) shown[key_of[TextCell(row[0])]] = TextCell(row[1]);
      return absl::OkStatus();
    });
  }

  // Rows of the results' records (a SELECT that ends in a WHERE), counted by dimension and by
  // `what` they are.
  absl::StatusOr<db::Rows> Joined(db::Session& session, const db::Predicate& wanted,
                                  absl::string_view measures, const db::Predicate& records,
                                  const db::Predicate& seen) const {
    db::Values params = wanted.params;
    params.insert(params.end(), records.params.begin(), records.params.end());
    params.insert(params.end(), seen.params.begin(), seen.params.end());
    return session.Query(
        absl::StrCat("SELECT ", Keys(), "what, ", measures, " FROM (SELECT ", Keys(),
                     "name FROM result WHERE ", wanted.sql, ") r JOIN (", records.sql, " AND (",
                     seen.sql, ")) e ON e.result = r.name GROUP BY ", Keys(), "what"),
        params);
  }

  // Adds the figures of counted rows to the groups that results of their kind are in. A row has the
  // keys of the dimensions, and its figures from `first` on.
  using Add = absl::FunctionRef<void(Group&, absl::Span<const db::Value>)>;
  absl::Status Each(const db::Rows& rows, size_t first, Add add) {
    for (const db::Values& row : rows.rows) {
      v1::Result like;
      for (size_t i = 0; i < dimensions_.size(); ++i) {
        CHANYAN_RETURN_IF_ERROR(
            Set(dimensions_[i], TextCell(row[i]), shown_[i][TextCell(row[i])], &like));
      }
      for (size_t i = 0; i < requests_.size(); ++i) {
        for (auto& [key, title] : KeysOf(requests_[i].group_by(), like)) {
          Group& group = groups_[i][key];
          if (group.title.empty()) group.title = title;
          add(group, absl::MakeConstSpan(row).subspan(first));
        }
      }
    }
    return absl::OkStatus();
  }
  static absl::Status Set(const Dimension& dimension, const std::string& key,
                          const std::string& shown, v1::Result* like) {
    const auto field = [](absl::string_view name) {
      return v1::Result::descriptor()->FindFieldByName(std::string(name));
    };
    if (dimension.is_list) {
      return api::JsonToField(shown, *field(dimension.shown), *like, api::JsonSource::kStored);
    }
    like->GetReflection()->SetString(like, field(dimension.key), key);
    like->GetReflection()->SetString(like, field(dimension.shown), shown);
    return absl::OkStatus();
  }

  // Stage, results.
  static void AddPresent(Group& group, absl::Span<const db::Value> figures) {
    group.present[StageNamed(TextCell(figures[0]))] += Number(figures[1]);
  }
  // Stage, entries, hours.
  static void AddStays(Group& group, absl::Span<const db::Value> figures) {
    const v1::FunnelStage stage = StageNamed(TextCell(figures[0]));
    group.stays[stage] += Number(figures[1]);
    group.hours[stage] += Real(figures[2]);
  }
  // Stage, entries.
  static void AddEntered(Group& group, absl::Span<const db::Value> figures) {
    group.entered[StageNamed(TextCell(figures[0]))] += Number(figures[1]);
  }
  // Kind, entries, yuan.
  static void AddDeals(Group& group, absl::Span<const db::Value> figures) {
    const std::string kind = TextCell(figures[0]);
    group.contracts += kind == "CONTRACT" ? Number(figures[1]) : 0;
    group.contract_yuan += kind == "CONTRACT" ? Number(figures[2]) : 0;
    group.companies += kind == "SPINOUT" ? Number(figures[1]) : 0;
    group.financing_yuan += kind == "FINANCING" ? Number(figures[2]) : 0;
  }

  const absl::Span<const v1::QueryFunnelRequest> requests_;
  std::optional<FunnelPeriod> period_;
  std::vector<Dimension> dimensions_;
  // Of each dimension, by its keys.
  std::vector<absl::flat_hash_map<std::string, std::string>> shown_;
  // By key, of each request.
  std::vector<std::map<std::string, Group>> groups_;
  int64_t total_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<v1::QueryFunnelResponse>> CountFunnel(
    db::Session& session, const FunnelScope& scope,
    absl::Span<const v1::QueryFunnelRequest> requests) {
  Counting counting(requests);
  CHANYAN_RETURN_IF_ERROR(counting.Read(session, scope));
  return std::move(counting).Take();
}

namespace {

// What a column of times can be compared with.
constexpr absl::CivilDay kFirstDay(1000, 1, 1);
constexpr absl::CivilDay kLastDay(9998, 12, 31);

// None if the request names no day; both days must be there, the first not behind the last.
absl::StatusOr<std::optional<FunnelPeriod>> PeriodAskedFor(const v1::QueryFunnelRequest& request) {
  if (!request.has_period_start_date() && !request.has_period_end_date()) {
    return std::optional<FunnelPeriod>();
  }
  const auto first = api::DayOf(request.period_start_date());
  if (!first.has_value()) {
    return status::InvalidField("period_start_date", "请填写期间起止的完整日期");
  }
  const auto last = api::DayOf(request.period_end_date());
  if (!last.has_value()) {
    return status::InvalidField("period_end_date", "请填写期间起止的完整日期");
  }
  if (*last < *first) return status::InvalidField("period_end_date", "期间止不得早于期间起");
  if (*first < kFirstDay || *last > kLastDay) {
    return status::InvalidField(*first < kFirstDay ? "period_start_date" : "period_end_date",
                                "期间应在1000年至9998年之间");
  }
  return std::make_optional(FunnelPeriod{*first, *last});
}

}  // namespace

absl::StatusOr<v1::QueryFunnelResponse> FollowUpService::QueryFunnel(
    const rpc::Call& call, const v1::QueryFunnelRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::optional<FunnelPeriod> period, PeriodAskedFor(request));
  CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted, book_.table().core().Where(request.filter()));
  const FunnelScope scope = {db::And(std::move(wanted), auth::Readable<v1::Result>(call.principal)),
                             auth::Readable<v1::StageEntry>(call.principal),
                             auth::Readable<v1::FollowUp>(call.principal), period};
  v1::QueryFunnelResponse response;
  // One snapshot, so that the figures agree with one another.
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(
      {.deadline = call.deadline}, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::QueryFunnelResponse> counted,
                                 CountFunnel(session, scope, {request}));
        response = std::move(counted[0]);
        return absl::OkStatus();
      }));
  api::SetTime(deps_.store.clock.Now(), response.mutable_as_of());
  return response;
}

absl::StatusOr<v1::ListStageEntriesResponse> FollowUpService::ListStageEntries(
    const rpc::Call& call, const v1::ListStageEntriesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, FetchOfResults(call, stages_, request, "stages"));
  v1::ListStageEntriesResponse response;
  for (v1::StageEntry& row : page.rows) *response.add_stage_entries() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::triage
