// The work list: enterprises of the roster that are not paired, with their follow-up (PAIR-6).
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/auth/scope.h"
#include "common/db/bound_token.h"
#include "common/rpc/export.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/coverage_rules.h"
#include "services/pairing/coverage_service.h"
#include "services/pairing/outreach_rules.h"

namespace chanyan::pairing {
namespace {

constexpr char kView[] = "roster_outreach";
constexpr size_t kSuggestions = 3;
// Enterprises of an export that are advised at a time.
constexpr size_t kAdvisedAtOnce = 1000;

absl::Status CheckStanding(v1::EnterpriseStanding standing) {
  if (standing != v1::ENTERPRISE_STANDING_PAIRED) return absl::OkStatus();
  return status::InvalidField("standing", "本清单只列未结对的企业，可选“在谈”或“未对接”");
}

// What a page token is bound to besides filter and order.
std::string BoundTo(const v1::ListUnpairedEnterprisesRequest& request) {
  return request.standing() == v1::ENTERPRISE_STANDING_UNSPECIFIED
             ? ""
             : v1::EnterpriseStanding_Name(request.standing());
}

}  // namespace

absl::Status CoverageService::Complete(db::Session& session,
                                       std::vector<v1::UnpairedEnterprise>* rows) const {
  std::vector<std::string> enterprises;
  for (const v1::UnpairedEnterprise& row : *rows) enterprises.push_back(row.enterprise());
  CHANYAN_ASSIGN_OR_RETURN(const auto standings, counter_.StandingsOf(session, enterprises));
  for (v1::UnpairedEnterprise& row : *rows) {
    const auto standing = standings.find(row.enterprise());
    const CoverageCounter::Standing now =
        standing == standings.end() ? CoverageCounter::Standing() : standing->second;
    row.set_standing(now.standing);
    row.set_last_result_title(ResultTitle(deps_.pack, row.last_result()));
    row.set_reason_title(ReasonTitle(deps_.pack, row.reason()));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> CoverageService::Suggest(
    const rpc::Call& call, absl::Span<v1::UnpairedEnterprise* const> rows) const {
  if (deps_.advice == nullptr || !deps_.pack.proto().has_recommendation()) return false;
  std::vector<std::string> enterprises;
  for (const v1::UnpairedEnterprise* row : rows) enterprises.push_back(row->enterprise());
  auto best = deps_.advice->BestOfEach(call, enterprises, kSuggestions);
  // The list is of use without them.
  if (absl::IsUnavailable(best.status())) return false;
  if (!best.ok()) return best.status();
  for (v1::UnpairedEnterprise* row : rows) {
    std::vector<v1::Suggestion>& own = (*best)[row->enterprise()];
    row->mutable_suggestions()->Assign(own.begin(), own.end());
  }
  return true;
}

absl::StatusOr<v1::ListUnpairedEnterprisesResponse> CoverageService::ListUnpairedEnterprises(
    const rpc::Call& call, const v1::ListUnpairedEnterprisesRequest& request) {
  CHANYAN_RETURN_IF_ERROR(CheckStanding(request.standing()));
  const absl::Time now = deps_.store.clock.Now();
  v1::ListUnpairedEnterprisesResponse response;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        response.Clear();
        CHANYAN_ASSIGN_OR_RETURN(const v1::Roster roster,
                                 counter_.RosterOf(session, request.roster(), time::DayOf(now)));
        db::ListQuery query;
        query.parent = absl::StrCat(roster.name(), "/entries");
        query.filter = request.filter();
        query.order_by = request.order_by();
        query.page_size = request.page_size();
        CHANYAN_ASSIGN_OR_RETURN(query.page_token,
                                 db::UnbindPageToken(request.page_token(), BoundTo(request)));
        query.scope = db::And(auth::Readable<v1::UnpairedEnterprise>(call.principal),
                              counter_.Unpaired(kView, request.standing()));
        CHANYAN_ASSIGN_OR_RETURN(auto page, unpaired_.List(session, query));
        CHANYAN_RETURN_IF_ERROR(Complete(session, &page.rows));
        CHANYAN_RETURN_IF_ERROR(Judge(session, &page.rows));
        response.mutable_enterprises()->Assign(page.rows.begin(), page.rows.end());
        response.set_next_page_token(db::BindPageToken(page.next_page_token, BoundTo(request)));
        response.set_roster(roster.name());
        return absl::OkStatus();
      }));
  const std::vector<v1::UnpairedEnterprise*> rows(response.mutable_enterprises()->pointer_begin(),
                                                  response.mutable_enterprises()->pointer_end());
  CHANYAN_ASSIGN_OR_RETURN(const bool suggested, Suggest(call, rows));
  if (suggested) *response.mutable_suggestions_as_of() = time::ToTimestamp(deps_.advice->as_of());
  *response.mutable_as_of() = time::ToTimestamp(now);
  response.set_pack_version(PackLabel(deps_.pack));
  return response;
}

absl::StatusOr<google::api::HttpBody> CoverageService::ExportUnpairedEnterprises(
    const rpc::Call& call, const v1::ExportUnpairedEnterprisesRequest& request) {
  CHANYAN_RETURN_IF_ERROR(CheckStanding(request.standing()));
  const absl::Time now = deps_.store.clock.Now();
  v1::Roster roster;
  std::vector<v1::UnpairedEnterprise> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(roster,
                                 counter_.RosterOf(session, request.roster(), time::DayOf(now)));
        CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted, unpaired_.core().Where(request.filter()));
        wanted = db::And(std::move(wanted), {"name >= ? AND name < ?",
                                             {absl::StrCat(roster.name(), "/entries/"),
                                              absl::StrCat(roster.name(), "/entries0")}});
        wanted = db::And(std::move(wanted), auth::Readable<v1::UnpairedEnterprise>(call.principal));
        CHANYAN_ASSIGN_OR_RETURN(
            rows,
            unpaired_.Select(
                session, db::And(std::move(wanted), counter_.Unpaired(kView, request.standing())),
                "unit_title, name"));
        return Complete(session, &rows);
      }));
  bool suggested = true;
  for (size_t at = 0; suggested && at < rows.size(); at += kAdvisedAtOnce) {
    std::vector<v1::UnpairedEnterprise*> some;
    for (size_t i = at; i < std::min(rows.size(), at + kAdvisedAtOnce); ++i) {
      some.push_back(&rows[i]);
    }
    CHANYAN_ASSIGN_OR_RETURN(suggested, Suggest(call, some));
    for (v1::UnpairedEnterprise* row : some) {
      row->set_suggestions_text(SuggestionText(row->suggestions()));
      row->clear_suggestions();
    }
  }
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay roster_day,
                           time::ToCivilDay(roster.effective_date()));
  sheet::TableLayout layout;
  layout.title_rows = {"未结对企业跟进清单",
                       absl::StrCat("名册基准日 ", time::FormatDateZh(roster_day), "，统计时间 ",
                                    absl::FormatTime("%Y-%m-%d %H:%M:%S", now, time::Shanghai()),
                                    "，政策包 ", PackLabel(deps_.pack), "，共 ", rows.size(), " 家",
                                    suggested ? "" : "；平台推荐暂不可用，如需推荐请稍后重新导出")};
  return rpc::ExportSheet<v1::UnpairedEnterprise>("未结对企业", now, rows, layout);
}

}  // namespace chanyan::pairing
