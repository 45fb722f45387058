#include "services/triage/case_figures.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "common/db/in_chunks.h"
#include "common/status/status.h"
#include "services/triage/report_content.h"

namespace chanyan::triage {
namespace {

constexpr char kDealsOfResults[] =
    "SELECT result, kind, COUNT(*), CAST(SUM(amount_yuan) AS SIGNED) FROM follow_up "
    "WHERE state = 'RECORDED' AND kind IN ('CONTRACT', 'REGISTRATION', 'SPINOUT', 'FINANCING') "
    "AND result IN ";
constexpr char kByResultAndKind[] = " GROUP BY result, kind";
// The same for ListFollowUps.
constexpr char kDealsFilter[] =
    "state = RECORDED AND (kind = CONTRACT OR kind = REGISTRATION OR kind = SPINOUT OR "
    "kind = FINANCING)";

void NoteDeals(const std::string& kind, int64_t count, int64_t yuan, CaseFigures* figures) {
  if (kind == "CONTRACT") {
    figures->contracts = count;
    figures->contract_yuan = yuan;
  } else if (kind == "REGISTRATION") {
    figures->registrations = count;
  } else if (kind == "SPINOUT") {
    figures->companies = count;
  } else {
    figures->financing_yuan = yuan;
  }
}

}  // namespace

absl::StatusOr<std::map<std::string, CaseFigures>> FiguresOfResults(
    db::Session& session, const std::vector<std::string>& results) {
  std::map<std::string, CaseFigures> by_result;
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(results, [&](absl::Span<const std::string> chunk) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const db::Rows found,
            session.Query(absl::StrCat(kDealsOfResults, db::Marks(chunk.size()), kByResultAndKind),
                          db::Values(chunk.begin(), chunk.end())));
        for (const db::Values& row : found.rows) {
          NoteDeals(std::get<std::string>(row[1]), std::get<int64_t>(row[2]),
                    std::get<int64_t>(row[3]), &by_result[std::get<std::string>(row[0])]);
        }
        return absl::OkStatus();
      }));
  return by_result;
}

std::string OutcomeText(const CaseFigures& figures) {
  std::vector<std::string> parts;
  if (figures.contracts > 0) {
    parts.push_back(absl::StrCat("签订技术合同", figures.contracts, "项、",
                                 TenThousands(figures.contract_yuan), "万元"));
  }
  if (figures.registrations > 0) {
    parts.push_back(absl::StrCat("技术合同登记", figures.registrations, "项"));
  }
  if (figures.companies > 0) parts.push_back(absl::StrCat("成立企业", figures.companies, "家"));
  if (figures.financing_yuan > 0) {
    parts.push_back(absl::StrCat("获得融资", TenThousands(figures.financing_yuan), "万元"));
  }
  return parts.empty() ? "对接推进中" : absl::StrJoin(parts, "，");
}

void WriteFigures(const CaseFigures& figures, v1::TypicalCase* row) {
  row->set_contracts(figures.contracts);
  row->set_contract_yuan(figures.contract_yuan);
  row->set_registrations(figures.registrations);
  row->set_companies(figures.companies);
  row->set_financing_yuan(figures.financing_yuan);
  row->set_outcome_text(OutcomeText(figures));
  row->set_follow_ups_filter(kDealsFilter);
}

}  // namespace chanyan::triage
