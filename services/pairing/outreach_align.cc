#include "services/pairing/outreach_align.h"

#include <string>
#include <utility>
#include <vector>

#include "chanyan/pairing/v1/coverage.pb.h"
#include "common/db/table.h"
#include "common/status/status.h"

namespace chanyan::pairing {
namespace {

constexpr char kMoved[] =
    "SELECT outreach.name, COALESCE(here.successor, entry.unit), entry.enterprise_title"
    " FROM roster_entry AS entry JOIN outreach ON outreach.enterprise = entry.enterprise"
    // A roster has the unit of its time.
    " LEFT JOIN organization_succession AS here ON here.organization = entry.unit"
    " WHERE entry.roster = ? AND (COALESCE(here.successor, entry.unit) <> outreach.unit"
    " OR entry.enterprise_title <> outreach.enterprise_title) ORDER BY outreach.name";
constexpr char kMoveContacts[] =
    "UPDATE contact_attempt SET unit = ?, enterprise_title = ? WHERE enterprise = ?";

}  // namespace

absl::Status AlignWith(
    db::Session& session, absl::Time now, absl::string_view roster,
    absl::FunctionRef<absl::Status(absl::Span<const journal::Alteration>)> record) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows moved, session.Query(kMoved, {std::string(roster)}));
  const db::Table<v1::Outreach> outreaches;
  std::vector<std::pair<v1::Outreach, v1::Outreach>> rows;
  rows.reserve(moved.rows.size());
  for (const db::Values& row : moved.rows) {
    CHANYAN_ASSIGN_OR_RETURN(v1::Outreach outreach,
                             outreaches.GetForUpdate(session, std::get<std::string>(row[0])));
    const v1::Outreach before = outreach;
    outreach.set_unit(std::get<std::string>(row[1]));
    outreach.set_enterprise_title(std::get<std::string>(row[2]));
    // Who was in charge was one of the other unit.
    if (outreach.unit() != before.unit()) outreach.clear_assignee();
    CHANYAN_RETURN_IF_ERROR(outreaches.Update(session, now, &outreach));
    CHANYAN_RETURN_IF_ERROR(
        session
            .Execute(kMoveContacts,
                     {outreach.unit(), outreach.enterprise_title(), outreach.enterprise()})
            .status());
    rows.emplace_back(before, std::move(outreach));
  }
  std::vector<journal::Alteration> alterations;
  for (const auto& [before, after] : rows) alterations.push_back({&before, &after});
  return alterations.empty() ? absl::OkStatus() : record(alterations);
}

}  // namespace chanyan::pairing
