// Handlers of leaderboards (step 6).
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/ids.h"
#include "services/cycle/leaderboard_life.h"
#include "services/cycle/leaderboard_rules.h"
#include "services/cycle/leaderboard_sheet.h"
#include "services/cycle/leaderboard_snapshot.h"
#include "services/cycle/objection_rules.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/step_notices.h"

namespace chanyan::cycle {
namespace {

// What is at home again, with its university or with the platform that it sent it on to. What has
// not left it yet is not among the returned.
constexpr absl::string_view kAtHome = "cycle = ? AND holder IN (university, platform)";

constexpr absl::string_view kInForce =
    "SELECT name FROM leaderboard WHERE name >= ? AND name < ? AND state = 'PUBLISHED' "
    "ORDER BY create_time DESC LIMIT 1";

// What went all the way.
absl::StatusOr<std::vector<v1::Row>> LoadReturnedRows(db::Session& session,
                                                      const db::Table<v1::Row>& table,
                                                      const v1::Cycle& cycle,
                                                      const std::vector<v1::Form>& forms) {
  CHANYAN_ASSIGN_OR_RETURN(const auto returned, NamesReturned(session, cycle));
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Row> rows,
      RowsOfForms(session, table, forms, {std::string(kAtHome), {cycle.name()}}));
  std::erase_if(rows, [&](const v1::Row& row) { return !returned.contains(row.name()); });
  return rows;
}

// What peers know of a quarter, fetched before the transaction.
absl::Status AskPeers(rpc::Peers& peers, const rpc::Call& call, const policy::v1::PolicyPack& pack,
                      time::Quarter quarter, LeaderboardInputs* inputs) {
  const rpc::Caller caller = rpc::AsService(call);
  CHANYAN_ASSIGN_OR_RETURN(inputs->titles, FetchUnitTitles(peers, caller));
  if (Counts(pack, policy::v1::COUNTED_ITEM_COMPLETED_PROJECT)) {
    CHANYAN_ASSIGN_OR_RETURN(std::vector<pairing::v1::Project> projects,
                             ListProjects(peers, caller, "state = COMPLETED"));
    for (pairing::v1::Project& project : projects) {
      if (project.progress_quarter() == quarter.Id()) {
        inputs->completed.push_back(std::move(project));
      }
    }
  }
  if (Counts(pack, policy::v1::COUNTED_ITEM_RESOLVED_PROBLEM)) {
    CHANYAN_ASSIGN_OR_RETURN(
        inputs->resolved, ListResolvedProblems(peers, caller, time::StartOfDay(quarter.FirstDay()),
                                               time::StartOfDay(quarter.LastDay() + 1)));
  }
  if (Counts(pack, policy::v1::COUNTED_ITEM_PUBLISHED_PLATFORM)) {
    CHANYAN_ASSIGN_OR_RETURN(std::vector<registry::v1::Platform> platforms,
                             ListPublishedPlatforms(peers, caller, "organizations/-"));
    for (registry::v1::Platform& platform : platforms) {
      if (quarter.Contains(time::DayOf(time::ToTime(platform.confirm_time())))) {
        inputs->published.push_back(std::move(platform));
      }
    }
  }
  return absl::OkStatus();
}

void AddReports(const std::vector<v1::Form>& forms,
                const std::map<std::string, EnterpriseReturn>& returns, const Expected& expected,
                LeaderboardInputs* inputs) {
  for (const v1::Form& form : forms) {
    inputs->reports.push_back({policy::v1::LEADERBOARD_SUBJECT_UNIVERSITY, form.university(), 1,
                               form.revision() > 0 && form.on_time() ? 1 : 0});
    inputs->titles[form.university()] = form.university_title();
  }
  for (const auto& [unit, enterprises] : expected) {
    int64_t unit_on_time = 0;
    for (const std::string& enterprise : enterprises) {
      const auto given = returns.find(enterprise);
      const bool on_time = given != returns.end() && given->second.on_time;
      unit_on_time += on_time ? 1 : 0;
      inputs->reports.push_back(
          {policy::v1::LEADERBOARD_SUBJECT_ENTERPRISE, enterprise, 1, on_time ? 1 : 0});
    }
    inputs->reports.push_back({policy::v1::LEADERBOARD_SUBJECT_UNIT, unit,
                               static_cast<int64_t>(enterprises.size()), unit_on_time});
  }
}

// n of "cycles/{c}/leaderboards/v{n}"; 0 for other names.
int64_t VersionOf(absl::string_view name) {
  int64_t version = 0;
  const absl::string_view id = api::IdOfName(name);
  return id.size() > 1 && absl::SimpleAtoi(id.substr(1), &version) ? version : 0;
}

// What a version says, of its frozen inputs alone.
void Fill(const FrozenInputs& frozen, v1::Leaderboard* version) {
  version->set_input_sha256(api::Sha256Hex(CanonicalInputs(frozen.inputs)));
  for (v1::Board& board : ComputeBoards(frozen.pack, frozen.inputs)) {
    *version->add_boards() = std::move(board);
  }
}

bool SameBoards(const v1::Leaderboard& a, const v1::Leaderboard& b) {
  if (a.pack() != b.pack() || a.input_sha256() != b.input_sha256() ||
      a.boards_size() != b.boards_size()) {
    return false;
  }
  for (int i = 0; i < a.boards_size(); ++i) {
    if (!google::protobuf::util::MessageDifferencer::Equals(a.boards(i), b.boards(i))) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<v1::Leaderboard> CycleService::ComputeLeaderboard(
    const rpc::Call& call, const v1::ComputeLeaderboardRequest& request) {
  const policy::v1::PolicyPack& pack = deps_.pack.proto();
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter,
                           time::Quarter::Parse(api::IdOfName(request.parent())));
  LeaderboardInputs asked;
  CHANYAN_RETURN_IF_ERROR(AskPeers(deps_.peers, call, pack, quarter, &asked));
  const auto compute = [&](rpc::Change& change) -> absl::StatusOr<v1::Leaderboard> {
    db::Session& session = change.session();
    // The lock makes version numbers one after another.
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                             LoadCycle(session, call, request.parent(), /*for_update=*/true));
    const absl::Time now = NowIn(cycle, change.now());
    CHANYAN_RETURN_IF_ERROR(RequireWindow(cycle, kPublishStep, 0, now, "生成榜单"));
    LeaderboardInputs inputs = asked;
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Form> forms,
                             forms_.Select(session, Below(absl::StrCat(cycle.name(), "/forms"))));
    CHANYAN_ASSIGN_OR_RETURN(inputs.rows, LoadReturnedRows(session, rows_, cycle, forms));
    CHANYAN_ASSIGN_OR_RETURN(const auto returns, LoadReturns(session, cycle.name()));
    CHANYAN_ASSIGN_OR_RETURN(const Expected expected, LoadExpected(session, cycle, returns));
    AddReports(forms, returns, expected, &inputs);
    // Rows of what became part of another have the name of their time.
    CHANYAN_ASSIGN_OR_RETURN(const CycleSuccession succession,
                             LoadSuccession(session, cycle.name()));
    for (const auto& [organization, title] : succession.titles) {
      inputs.titles[organization] = title;
    }

    v1::Leaderboard next;
    next.set_state(v1::LEADERBOARD_STATE_COMPUTED);
    next.set_pack(absl::StrCat(deps_.pack.id(), "@", deps_.pack.version()));
    const BoardSnapshot snapshot = SnapshotOf(pack, inputs);
    Fill(Thaw(snapshot), &next);
    *next.mutable_compute_time() = time::ToTimestamp(now);

    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::Leaderboard> versions,
        leaderboards_.Select(session, Below(absl::StrCat(cycle.name(), "/leaderboards"))));
    const auto newest = std::max_element(
        versions.begin(), versions.end(),
        [](const auto& a, const auto& b) { return VersionOf(a.name()) < VersionOf(b.name()); });
    if (newest != versions.end() && SameBoards(*newest, next)) {
      CHANYAN_RETURN_IF_ERROR(KeepSnapshot(session, newest->name(), snapshot));
      return *newest;
    }
    const int64_t number = newest == versions.end() ? 1 : VersionOf(newest->name()) + 1;
    next.set_name(absl::StrCat(cycle.name(), "/leaderboards/v", number));
    CHANYAN_RETURN_IF_ERROR(leaderboards_.Insert(session, change.now(), &next));
    CHANYAN_RETURN_IF_ERROR(KeepSnapshot(session, next.name(), snapshot));
    CHANYAN_RETURN_IF_ERROR(change.Record("computed", nullptr, &next));
    return next;
  };
  CHANYAN_ASSIGN_OR_RETURN(v1::Leaderboard version,
                           rpc::Mutate<v1::Leaderboard>(deps_.store, call, request, compute));
  return PresentOne(call, std::move(version));
}

absl::StatusOr<std::vector<v1::Leaderboard>> CycleService::Present(
    const rpc::Call& call, std::vector<v1::Leaderboard> versions) {
  // The cycle and its version in force, by its name.
  std::map<std::string, std::pair<v1::Cycle, std::string>> cycles;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        for (v1::Leaderboard& version : versions) {
          const std::string name(CycleOfName(version.name()));
          if (!cycles.contains(name)) {
            auto& [cycle, in_force] = cycles[name];
            CHANYAN_ASSIGN_OR_RETURN(cycle, cycles_.Get(session, name));
            CHANYAN_ASSIGN_OR_RETURN(
                const db::Rows newest,
                session.Query(kInForce, Below(absl::StrCat(name, "/leaderboards")).params));
            if (!newest.rows.empty()) in_force = std::get<std::string>(newest.rows[0][0]);
          }
          const auto& [cycle, in_force] = cycles[name];
          const bool newest = version.name() == in_force;
          version = WithActions(call.principal, cycle, NowIn(cycle, deps_.store.clock.Now()),
                                newest, std::move(version));
        }
        return absl::OkStatus();
      }));
  return versions;
}

absl::StatusOr<v1::Leaderboard> CycleService::PresentOne(const rpc::Call& call,
                                                         v1::Leaderboard version) {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Leaderboard> presented,
                           Present(call, {std::move(version)}));
  return std::move(presented.front());
}

absl::StatusOr<v1::Leaderboard> CycleService::PublishLeaderboard(
    const rpc::Call& call, const v1::PublishLeaderboardRequest& request) {
  const auto publish = [&](rpc::Change& change, v1::Leaderboard& row) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                             LoadCycle(change.session(), call, CycleOfName(row.name())));
    const absl::Time now = NowIn(cycle, change.now());
    CHANYAN_RETURN_IF_ERROR(RequireWindow(cycle, kPublishStep, 0, now, "发布榜单"));
    CHANYAN_ASSIGN_OR_RETURN(const v1::LeaderboardState next,
                             policy::Next(LeaderboardLife(), row.state(), "publish"));
    row.set_state(next);
    *row.mutable_publish_time() = time::ToTimestamp(now);
    if (deps_.pack.proto().has_objection_term()) {
      CHANYAN_ASSIGN_OR_RETURN(const policy::Term term, ObjectionTermOf(deps_.pack, row));
      *row.mutable_objection_deadline() = time::ToTimestamp(term.deadline);
      row.set_objection_derivation(term.derivation);
    }
    return TellOfBoard(change.session(), change.now(), cycle, row);
  };
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Leaderboard version,
      rpc::Edit<v1::Leaderboard>(deps_.store, call, request, leaderboards_, request.name(),
                                 request.etag(), "published", publish));
  return PresentOne(call, std::move(version));
}

absl::StatusOr<v1::Leaderboard> CycleService::GetLeaderboard(
    const rpc::Call& call, const v1::GetLeaderboardRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Leaderboard version,
                           rpc::Fetch(deps_.store.db, call, leaderboards_, request.name()));
  return PresentOne(call, std::move(version));
}

absl::StatusOr<v1::ReplayLeaderboardResponse> CycleService::ReplayLeaderboard(
    const rpc::Call& call, const v1::ReplayLeaderboardRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Leaderboard stored,
                           rpc::Fetch(deps_.store.db, call, leaderboards_, request.name()));
  BoardSnapshot snapshot;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(snapshot, LoadSnapshot(session, stored.name()));
        return absl::OkStatus();
      }));
  v1::Leaderboard again;
  Fill(Thaw(std::move(snapshot)), &again);
  v1::ReplayLeaderboardResponse response;
  response.set_input_sha256(again.input_sha256());
  if (again.input_sha256() != stored.input_sha256()) {
    response.add_differences("数据快照与该版本的数据摘要不符，快照可能被改动");
  }
  for (int i = 0; i < std::max(again.boards_size(), stored.boards_size()); ++i) {
    if (i < again.boards_size() && i < stored.boards_size() &&
        again.boards(i).SerializeAsString() == stored.boards(i).SerializeAsString()) {
      continue;
    }
    const v1::Board& board = i < stored.boards_size() ? stored.boards(i) : again.boards(i);
    response.add_differences(absl::StrCat("“", board.title(), "”与复算结果不一致"));
  }
  response.set_same(response.differences().empty());
  response.mutable_boards()->Swap(again.mutable_boards());
  return response;
}

absl::StatusOr<google::api::HttpBody> CycleService::ExportLeaderboard(
    const rpc::Call& call, const v1::ExportLeaderboardRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Leaderboard version,
                           rpc::Fetch(deps_.store.db, call, leaderboards_, request.name()));
  const std::string name(CycleOfName(version.name()));
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, QuarterOf(name));
  // Whoever may read a board need not be one who may read its cycle.
  bool rehearsal = false;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, cycles_.Get(session, name));
        rehearsal = cycle.rehearsal();
        return absl::OkStatus();
      }));
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, WriteLeaderboard(version, quarter, rehearsal));
  return FileBody(kXlsx, std::move(bytes));
}

absl::StatusOr<v1::ListLeaderboardsResponse> CycleService::ListLeaderboards(
    const rpc::Call& call, const v1::ListLeaderboardsRequest& request) {
  // v10 follows v9 in time, not in name.
  CHANYAN_ASSIGN_OR_RETURN(
      auto page,
      rpc::FetchPage(deps_.store.db, call, leaderboards_, request,
                     absl::StrCat(request.parent(), "/leaderboards"), "", "create_time"));
  v1::ListLeaderboardsResponse response;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Leaderboard> versions,
                           Present(call, std::move(page.rows)));
  response.mutable_leaderboards()->Assign(versions.begin(), versions.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::cycle
