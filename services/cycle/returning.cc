// Handler of step 4: what came back goes into the projects and to the universities (CYC-4).
//
// A city's quarter has tens of thousands of rows, and the project register takes some hundreds at a
// time. So a call returns university by university, each in a transaction of its own under a
// request id that follows from the caller's; a call whose time runs out says so, and its repeat
// finds the universities that were done and goes on behind them.
#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/long_work.h"
#include "common/rpc/resource.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/ids.h"
#include "services/cycle/work_notices.h"

namespace chanyan::cycle {
namespace {

// Reports of one call to the project register: the most it takes.
constexpr int kReportsPerCall = 500;
// Refusals of the project register that are handed on; one more says how many there are besides.
constexpr int kMaxRefusals = 200;
// With less time left no university is begun: one takes a second, ten on a machine that is loaded.
constexpr absl::Duration kTimeOfOne = absl::Seconds(10);

constexpr absl::string_view kUniversities =
    "SELECT DISTINCT university FROM form_row WHERE cycle = ? AND holder = ? AND in_transit = '' "
    "ORDER BY university";

// Adds what was done for one university.
void AddTo(const v1::ReturnToUniversitiesResponse& done, v1::ReturnToUniversitiesResponse* total,
           int* unlisted) {
  total->set_university_count(total->university_count() + done.university_count());
  total->set_row_count(total->row_count() + done.row_count());
  total->set_recorded_count(total->recorded_count() + done.recorded_count());
  for (const std::string& refusal : done.refusals()) {
    if (total->refusals_size() < kMaxRefusals) {
      total->add_refusals(refusal);
    } else {
      ++*unlisted;
    }
  }
}

}  // namespace

absl::Status CycleService::RecordInProjects(const rpc::Call& call, absl::string_view quarter,
                                            const std::vector<v1::Row>& rows,
                                            const CycleSuccession& succession,
                                            v1::ReturnToUniversitiesResponse* response) {
  std::vector<const v1::Row*> reported;
  for (const v1::Row& row : rows) {
    if (!row.enterprise().empty()) reported.push_back(&row);
  }
  int refused = 0;
  for (size_t first = 0; first < reported.size(); first += kReportsPerCall) {
    pairing::v1::RecordReportsRequest batch;
    batch.set_quarter(std::string(quarter));
    const size_t end = std::min(reported.size(), first + kReportsPerCall);
    for (size_t i = first; i < end; ++i) {
      pairing::v1::Report& report = *batch.add_reports();
      report = ReportOf(*reported[i]);
      if (report.former_enterprise().empty()) continue;
      // The row has the name of its time, the project that of the one that goes on.
      const auto title = succession.titles.find(report.enterprise());
      report.set_enterprise_title(title == succession.titles.end() ? "" : title->second);
    }
    batch.set_request_id(UuidOf(batch.SerializeAsString()));
    CHANYAN_ASSIGN_OR_RETURN(
        const pairing::v1::RecordReportsResponse reply,
        rpc::CallPeer<pairing::v1::RecordReportsResponse>(
            deps_.peers, "pairing", "chanyan.pairing.v1.PairingService.RecordReports", batch,
            rpc::AsService(call)));
    for (int i = 0; i < reply.outcomes_size(); ++i) {
      if (reply.outcomes(i).refusal().empty()) {
        response->set_recorded_count(response->recorded_count() + 1);
        continue;
      }
      if (++refused > kMaxRefusals || first + i >= end) continue;
      const v1::Row& row = *reported[first + i];
      response->add_refusals(absl::StrCat(row.platform_title(), " / ", row.enterprise_title(), "：",
                                          reply.outcomes(i).refusal()));
    }
  }
  if (refused > kMaxRefusals) {
    response->add_refusals(absl::StrCat("另有 ", refused - kMaxRefusals, " 行未逐一列出"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> CycleService::UniversitiesToReturn(
    const rpc::Call& call, const std::string& cycle_name) {
  std::vector<std::string> universities;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, LoadCycle(session, call, cycle_name));
        CHANYAN_RETURN_IF_ERROR(RequireWindow(
            cycle, kReturnStep, 0, NowIn(cycle, deps_.store.clock.Now()), "返回高校院所"));
        CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                                 session.Query(kUniversities, {cycle.name(), cycle.secretariat()}));
        universities.clear();
        for (const db::Values& row : found.rows) {
          universities.push_back(std::get<std::string>(row[0]));
        }
        return absl::OkStatus();
      }));
  return universities;
}

absl::StatusOr<v1::ReturnToUniversitiesResponse> CycleService::ReturnedBefore(
    const rpc::Call& call, const v1::ReturnToUniversitiesRequest& request) {
  return rpc::Mutate<v1::ReturnToUniversitiesResponse>(
      deps_.store, call, request,
      [](rpc::Change&) -> absl::StatusOr<v1::ReturnToUniversitiesResponse> {
        // Undone and not remembered.
        return absl::NotFoundError("");
      });
}

absl::StatusOr<v1::ReturnToUniversitiesResponse> CycleService::ReturnToOne(
    const rpc::Call& call, const v1::ReturnToUniversitiesRequest& request,
    const std::string& university, bool* ran) {
  std::vector<v1::Row> rows;
  CycleSuccession succession;
  v1::ReturnToUniversitiesResponse recorded;
  if (!university.empty()) {
    CHANYAN_RETURN_IF_ERROR(
        deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
          CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, LoadCycle(session, call, request.name()));
          CHANYAN_ASSIGN_OR_RETURN(
              rows, rows_.Select(session, {"cycle = ? AND holder = ? AND in_transit = '' "
                                           "AND university = ?",
                                           {cycle.name(), cycle.secretariat(), university}}));
          CHANYAN_ASSIGN_OR_RETURN(succession, LoadSuccession(session, cycle.name()));
          return absl::OkStatus();
        }));
    CHANYAN_RETURN_IF_ERROR(
        RecordInProjects(call, api::IdOfName(request.name()), rows, succession, &recorded));
  }
  absl::flat_hash_set<std::string> known;
  for (const v1::Row& row : rows) known.insert(row.name());
  return rpc::Mutate<v1::ReturnToUniversitiesResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ReturnToUniversitiesResponse> {
        *ran = true;
        v1::ReturnToUniversitiesResponse response = recorded;
        if (university.empty()) return response;
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                 LoadCycle(change.session(), call, request.name()));
        CHANYAN_ASSIGN_OR_RETURN(std::vector<std::string> names,
                                 custody_.Held(change.session(), cycle.name(), cycle.secretariat(),
                                               {"university = ?", {university}}));
        // What came in while the projects were written is recorded and returned the next time.
        names.erase(std::remove_if(names.begin(), names.end(),
                                   [&](const std::string& name) { return !known.contains(name); }),
                    names.end());
        if (names.empty()) return response;
        CHANYAN_RETURN_IF_ERROR(custody_
                                    .Send(change, NowIn(cycle, change.now()), cycle.name(),
                                          kReturnStep, cycle.secretariat(), university, names)
                                    .status());
        CHANYAN_RETURN_IF_ERROR(TellOfArrivals(change.session(), change.now(), cycle,
                                               Arrival::kAtUniversity, {{university, names}}));
        rpc::LongWork::OfThisThread().Count(1);
        response.set_university_count(1);
        response.set_row_count(static_cast<int32_t>(names.size()));
        return response;
      });
}

absl::StatusOr<v1::ReturnToUniversitiesResponse> CycleService::ReturnToUniversities(
    const rpc::Call& call, const v1::ReturnToUniversitiesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> universities,
                           UniversitiesToReturn(call, request.name()));
  rpc::LongWork::OfThisThread().Expect(static_cast<int64_t>(universities.size()));
  v1::ReturnToUniversitiesResponse total;
  int unlisted = 0;
  size_t next = 0;
  for (int part = 0;; ++part) {
    if (part > 0 && call.deadline - absl::Now() < kTimeOfOne) {
      return status::Unavailable(
          absl::StrCat("已返回高校院所 ", total.university_count(), " 个、", total.row_count(),
                       " 行，尚未全部完成；请用同一请求编号重试，会从停下的地方继续"));
    }
    v1::ReturnToUniversitiesRequest one = request;
    if (!request.request_id().empty()) {
      one.set_request_id(
          UuidOf(absl::StrCat(absl::AsciiStrToLower(request.request_id()), "/", part)));
    }
    // A part that was done before is remembered, and the university is still to come.
    const absl::StatusOr<v1::ReturnToUniversitiesResponse> before = ReturnedBefore(call, one);
    if (before.ok()) {
      AddTo(*before, &total, &unlisted);
      continue;
    }
    if (!absl::IsNotFound(before.status())) return before.status();
    const std::string university = next < universities.size() ? universities[next] : "";
    bool ran = false;
    CHANYAN_ASSIGN_OR_RETURN(const v1::ReturnToUniversitiesResponse done,
                             ReturnToOne(call, one, university, &ran));
    AddTo(done, &total, &unlisted);
    if (ran && university.empty()) break;
    if (ran) ++next;
  }
  if (unlisted > 0) total.add_refusals(absl::StrCat("另有 ", unlisted, " 行未逐一列出"));
  return total;
}

}  // namespace chanyan::cycle
