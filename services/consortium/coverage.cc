// How many consortia there are against the target, by industry and by track (CON-9): three queries
// whose figures the tests compare with a count by hand.
#include <cstdint>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/auth/scope.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "services/consortium/consortium_life.h"
#include "services/consortium/filing_service.h"
#include "services/consortium/states_sql.h"

namespace chanyan::consortium {
namespace {

// Handed in and not decided.
constexpr uint32_t kOnTheWay = kUnderReview | policy::Bits(v1::CONSORTIUM_STATE_RETURNED);

// Within the rows that the caller may see.
std::string Sums(absl::string_view key, absl::string_view from, absl::string_view scope) {
  return absl::StrCat("SELECT ", key, ", CAST(SUM(state IN ",
                      StatesSql<v1::ConsortiumState>(kInForce), ") AS SIGNED), CAST(SUM(state IN ",
                      StatesSql<v1::ConsortiumState>(kOnTheWay),
                      ") AS SIGNED), CAST(SUM(filing <> '') AS SIGNED) FROM ", from,
                      " WHERE submitted = 1 AND (", scope, ") GROUP BY 1 ORDER BY 1");
}

struct Sum {
  int32_t filed = 0;
  int32_t under_review = 0;
  int32_t filed_ever = 0;
};

absl::StatusOr<std::map<std::string, Sum>> Read(db::Session& session, const std::string& sql,
                                                const db::Values& params) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql, params));
  std::map<std::string, Sum> sums;
  for (const db::Values& row : rows.rows) {
    Sum& sum = sums[std::get<std::string>(row.at(0))];
    sum.filed = static_cast<int32_t>(std::get<int64_t>(row.at(1)));
    sum.under_review = static_cast<int32_t>(std::get<int64_t>(row.at(2)));
    sum.filed_ever = static_cast<int32_t>(std::get<int64_t>(row.at(3)));
  }
  return sums;
}

void Fill(const std::string& title, const Sum& sum, v1::CoverageEntry* entry) {
  entry->set_title(title);
  entry->set_filed(sum.filed);
  entry->set_under_review(sum.under_review);
}

}  // namespace

absl::StatusOr<v1::ConsortiumCoverage> FilingService::GetConsortiumCoverage(
    const rpc::Call& call, const v1::GetConsortiumCoverageRequest&) {
  v1::ConsortiumCoverage coverage;
  const db::Predicate scope = auth::Readable<v1::Consortium>(call.principal);
  const auto read = [&](db::Session& session) -> absl::Status {
    coverage.Clear();
    CHANYAN_ASSIGN_OR_RETURN(const auto all,
                             Read(session, Sums("'all'", "consortium", scope.sql), scope.params));
    CHANYAN_ASSIGN_OR_RETURN(const auto tracks,
                             Read(session, Sums("track", "consortium", scope.sql), scope.params));
    CHANYAN_ASSIGN_OR_RETURN(
        auto industries,
        Read(session,
             Sums("industry.title",
                  "consortium JOIN JSON_TABLE(industries, '$[*]' COLUMNS (title VARCHAR(60) "
                  "PATH '$')) AS industry",
                  scope.sql),
             scope.params));
    const auto total = all.find("all");
    if (total != all.end()) {
      coverage.set_filed(total->second.filed);
      coverage.set_under_review(total->second.under_review);
      coverage.set_filed_ever(total->second.filed_ever);
    }
    for (const std::string& title : deps_.pack.Industries()) {
      Fill(title, industries[title], coverage.add_industries());
    }
    for (const auto& [title, sum] : tracks) {
      if (!title.empty()) Fill(title, sum, coverage.add_tracks());
    }
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  const policy::v1::ConsortiumTarget& target = deps_.pack.proto().target();
  coverage.set_target(static_cast<int32_t>(target.consortia()));
  coverage.set_target_year(static_cast<int32_t>(target.year()));
  *coverage.mutable_clause() = target.clause();
  api::SetTime(deps_.store.clock.Now(), coverage.mutable_as_of());
  return coverage;
}

}  // namespace chanyan::consortium
