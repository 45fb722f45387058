#include "services/cycle/custody_parts.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/db/in_chunks.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/custody_proof.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/ids.h"

namespace chanyan::cycle {
namespace {

constexpr absl::string_view kHopsOf =
    "SELECT form_row, COUNT(*) FROM handover_row WHERE form_row IN ";
constexpr absl::string_view kHopsOfEnd = " GROUP BY form_row";
constexpr absl::string_view kHopHead = "INSERT INTO handover_row (handover, form_row, hop) VALUES ";
constexpr absl::string_view kHopRow = "(?, ?, ?)";
constexpr absl::string_view kWhereIs = "SELECT holder, in_transit FROM form_row WHERE name = ?";

absl::Status AddSomeHops(db::Session& session, absl::Span<const Leg> hops) {
  db::Values names;
  for (const Leg& hop : hops) names.push_back(std::string(hop.row));
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      session.Query(absl::StrCat(kHopsOf, db::Marks(hops.size()), kHopsOfEnd), names));
  absl::flat_hash_map<std::string, int64_t> before;
  for (const db::Values& row : found.rows) {
    before[std::get<std::string>(row[0])] = std::get<int64_t>(row[1]);
  }
  db::Values values;
  for (const Leg& hop : hops) {
    const auto it = before.find(hop.row);
    values.insert(values.end(), {std::string(hop.handover), std::string(hop.row),
                                 1 + (it == before.end() ? int64_t{0} : it->second)});
  }
  return session.Execute(absl::StrCat(kHopHead, db::Repeat(hops.size(), kHopRow)), values).status();
}

}  // namespace

absl::Status AddHops(db::Session& session, const std::vector<Leg>& hops) {
  return db::InChunks(hops,
                      [&](absl::Span<const Leg> chunk) { return AddSomeHops(session, chunk); });
}

db::Predicate HandoversOf(absl::string_view cycle) {
  // '0' is the character behind '/'.
  return {"name >= ? AND name < ?",
          {absl::StrCat(cycle, "/handovers/"), absl::StrCat(cycle, "/handovers0")}};
}

std::string HandoverName(absl::string_view cycle, int step, absl::string_view sender,
                         absl::string_view receiver, int64_t number) {
  std::string parties = absl::StrCat(api::IdOfName(sender), "-", api::IdOfName(receiver));
  // A platform may be called as an organization is.
  if (IsPlatform(sender) || IsPlatform(receiver)) {
    parties = api::DigestId("h", absl::StrCat(sender, "\n", receiver));
  }
  // Two long ids do not fit a segment; their digest says as little, but always fits.
  constexpr size_t kRoomForNumbers = 12;
  if (parties.size() > api::kMaxSegmentLength - kRoomForNumbers) {
    parties = api::DigestId("h", parties);
  }
  return absl::StrCat(cycle, "/handovers/", step, "-", parties, "-", number);
}

v1::Handover NewHandover(std::string name, absl::Time cycle_now, int step, absl::string_view sender,
                         absl::string_view receiver, const std::vector<std::string>& rows) {
  v1::Handover handover;
  handover.set_name(std::move(name));
  handover.set_sender(std::string(sender));
  handover.set_receiver(std::string(receiver));
  handover.set_step(step);
  handover.set_row_count(static_cast<int32_t>(rows.size()));
  handover.set_row_set_sha256(RowSetSha256(rows));
  handover.set_state(v1::HANDOVER_STATE_SENT);
  *handover.mutable_send_time() = time::ToTimestamp(cycle_now);
  return handover;
}

absl::Status NotHeld(db::Session& session, absl::string_view sender, absl::string_view handover,
                     absl::Span<const std::string> names) {
  for (const std::string& name : names) {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kWhereIs, {name}));
    if (found.rows.empty()) return status::NotFound(name);
    const std::string& holder = std::get<std::string>(found.rows[0][0]);
    const std::string& in_transit = std::get<std::string>(found.rows[0][1]);
    if (in_transit == handover) continue;
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        holder != sender
            ? absl::StrCat("行 ", name, " 由 ", holder, " 保管，", sender, " 不能发出")
            : absl::StrCat("行 ", name, " 已在交接 ", in_transit, " 中，等待对方签收"));
  }
  return status::Internal("custody: fewer rows sent than given, all of them held");
}

}  // namespace chanyan::cycle
