// The funnel (TRI-6): collected → classified → pushed → contact → negotiation → contract →
// registered, counted from the rows that the caller may see, in one snapshot. Every figure carries
// the filter that lists its rows.
#include <array>
#include <map>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "services/triage/dispatch_rules.h"
#include "services/triage/follow_up_service.h"
#include "services/triage/funnel.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

constexpr int kStages = v1::FunnelStage_MAX;
constexpr char kCounted[] = "state <> 'MERGED'";
constexpr char kStays[] =
    "SELECT result, stage, enter_time, leave_time FROM stage_entry "
    "WHERE leave_time IS NOT NULL AND result IN (SELECT name FROM result WHERE ";
constexpr char kDeals[] =
    "SELECT result, kind, amount_yuan FROM follow_up WHERE state = 'RECORDED' "
    "AND kind IN ('CONTRACT', 'SPINOUT', 'FINANCING') AND result IN "
    "(SELECT name FROM result WHERE ";

std::string Text(const db::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : *text;
}
int64_t Number(const db::Value& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? 0 : *number;
}
absl::Time Instant(const db::Value& value) {
  const auto* instant = std::get_if<absl::Time>(&value);
  return instant == nullptr ? absl::InfinitePast() : *instant;
}

v1::FunnelStage StageNamed(const std::string& short_name) {
  v1::FunnelStage stage = v1::FUNNEL_STAGE_UNSPECIFIED;
  v1::FunnelStage_Parse(absl::StrCat("FUNNEL_STAGE_", short_name), &stage);
  return stage;
}

std::string ShortName(v1::FunnelStage stage) {
  return std::string(absl::StripPrefix(v1::FunnelStage_Name(stage), "FUNNEL_STAGE_"));
}

// One group while it is counted.
struct Group {
  std::string title;
  // By stage: results that are there now.
  std::array<int64_t, kStages + 1> present{};
  std::array<double, kStages + 1> hours{};
  std::array<int64_t, kStages + 1> stays{};
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

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

// Filter over Result of the rows that came to `stage` or farther in a group.
std::string DrillFilter(const v1::QueryFunnelRequest& request, const std::string& key,
                        v1::FunnelStage stage) {
  std::vector<std::string> parts = {"state != MERGED"};
  if (!request.filter().empty()) parts.push_back(absl::StrCat("(", request.filter(), ")"));
  switch (request.group_by()) {
    case v1::FUNNEL_GROUPING_TEAM:
      parts.push_back(absl::StrCat("team = ", Quoted(key)));
      break;
    case v1::FUNNEL_GROUPING_UNIVERSITY:
      parts.push_back(absl::StrCat("university = ", Quoted(key)));
      break;
    case v1::FUNNEL_GROUPING_INDUSTRY:
      parts.push_back(key.empty() ? "NOT industries:*" : absl::StrCat("industries:", Quoted(key)));
      break;
    case v1::FUNNEL_GROUPING_CLASS:
      parts.push_back(key.empty() ? "NOT classes:*" : absl::StrCat("classes:", key));
      break;
    default:
      break;
  }
  std::vector<std::string> stages;
  for (int one = stage; one <= kStages; ++one) {
    stages.push_back(absl::StrCat("funnel_stage = ", ShortName(static_cast<v1::FunnelStage>(one))));
  }
  parts.push_back(absl::StrCat("(", absl::StrJoin(stages, " OR "), ")"));
  return absl::StrJoin(parts, " AND ");
}

void Write(const v1::QueryFunnelRequest& request, const std::string& key, const Group& group,
           v1::FunnelGroup* out) {
  out->set_key(key);
  out->set_title(group.title);
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
    step->set_filter(DrillFilter(request, key, step->stage()));
  }
  out->set_contracts(group.contracts);
  out->set_contract_yuan(group.contract_yuan);
  out->set_companies(group.companies);
  out->set_financing_yuan(group.financing_yuan);
}

// The groups of one request while they are counted.
struct Counting {
  const v1::QueryFunnelRequest* request;
  std::map<std::string, Group> groups;
  absl::flat_hash_map<std::string, std::vector<std::string>> keys_of;

  void AddResult(const v1::Result& row) {
    for (auto& [key, title] : KeysOf(request->group_by(), row)) {
      Group& group = groups[key];
      group.title = title;
      ++group.present[row.funnel_stage()];
      keys_of[row.name()].push_back(key);
    }
  }
  // Result, stage, when it came, when it went.
  void AddStay(const db::Values& stay) {
    const v1::FunnelStage stage = StageNamed(Text(stay[1]));
    for (const std::string& key : keys_of[Text(stay[0])]) {
      groups[key].hours[stage] += absl::ToDoubleHours(Instant(stay[3]) - Instant(stay[2]));
      ++groups[key].stays[stage];
    }
  }
  // Result, kind, amount.
  void AddDeal(const db::Values& deal) {
    const std::string kind = Text(deal[1]);
    for (const std::string& key : keys_of[Text(deal[0])]) {
      Group& group = groups[key];
      group.contracts += kind == "CONTRACT" ? 1 : 0;
      group.contract_yuan += kind == "CONTRACT" ? Number(deal[2]) : 0;
      group.companies += kind == "SPINOUT" ? 1 : 0;
      group.financing_yuan += kind == "FINANCING" ? Number(deal[2]) : 0;
    }
  }
};

}  // namespace

absl::StatusOr<std::vector<v1::QueryFunnelResponse>> CountFunnel(
    db::Session& session, const db::Predicate& where,
    absl::Span<const v1::QueryFunnelRequest> requests) {
  const db::Table<v1::Result> results;
  const db::Predicate wanted = db::And({kCounted, {}}, where);
  std::vector<Counting> countings;
  for (const v1::QueryFunnelRequest& request : requests) countings.push_back({&request, {}, {}});
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Result> rows, results.Select(session, wanted));
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows stays,
                           session.Query(absl::StrCat(kStays, wanted.sql, ")"), wanted.params));
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows deals,
                           session.Query(absl::StrCat(kDeals, wanted.sql, ")"), wanted.params));
  std::vector<v1::QueryFunnelResponse> responses;
  for (Counting& counting : countings) {
    for (const v1::Result& row : rows) counting.AddResult(row);
    for (const db::Values& stay : stays.rows) counting.AddStay(stay);
    for (const db::Values& deal : deals.rows) counting.AddDeal(deal);
    v1::QueryFunnelResponse& response = responses.emplace_back();
    for (const auto& [key, group] : counting.groups) {
      Write(*counting.request, key, group, response.add_groups());
    }
    response.set_total(static_cast<int64_t>(rows.size()));
  }
  return responses;
}

absl::StatusOr<v1::QueryFunnelResponse> FollowUpService::QueryFunnel(
    const rpc::Call& call, const v1::QueryFunnelRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted, book_.table().core().Where(request.filter()));
  wanted = db::And(std::move(wanted), auth::Readable<v1::Result>(call.principal));
  v1::QueryFunnelResponse response;
  // One snapshot, so that the figures agree with one another.
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Transact(
      {.deadline = call.deadline}, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::QueryFunnelResponse> counted,
                                 CountFunnel(session, wanted, {request}));
        response = std::move(counted[0]);
        return absl::OkStatus();
      }));
  api::SetTime(deps_.store.clock.Now(), response.mutable_as_of());
  return response;
}

absl::StatusOr<v1::ListStageEntriesResponse> FollowUpService::ListStageEntries(
    const rpc::Call& call, const v1::ListStageEntriesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, stages_, request,
                                                     absl::StrCat(request.parent(), "/stages"),
                                                     request.filter(), request.order_by()));
  v1::ListStageEntriesResponse response;
  for (v1::StageEntry& row : page.rows) *response.add_stage_entries() = std::move(row);
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::triage
