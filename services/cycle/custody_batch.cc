// Custody of many hand-overs at once: a unit sends to a thousand enterprises and receives from as
// many. The hops are written first and lead the rows to their hand-overs, so that the number of
// statements grows with the hundreds of rows and not with the receivers.
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/db/in_chunks.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/custody.h"
#include "services/cycle/custody_parts.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/form_life.h"
#include "services/cycle/ids.h"

namespace chanyan::cycle {
namespace {

constexpr absl::string_view kEarlier =
    "SELECT receiver, COUNT(*) FROM handover WHERE sender = ? AND step = ? AND name >= ? "
    "AND name < ? GROUP BY receiver";
constexpr absl::string_view kSendBatchHead =
    "UPDATE form_row r JOIN handover_row h ON h.form_row = r.name SET r.in_transit = h.handover, "
    "r.update_time = ?, r.version = r.version + 1";
constexpr absl::string_view kSendBatchWhere =
    " WHERE r.cycle = ? AND r.holder = ? AND r.in_transit = '' AND h.handover IN ";
constexpr absl::string_view kReceiveRows =
    "UPDATE form_row r JOIN handover_row h ON h.form_row = r.name AND h.handover = r.in_transit "
    "SET r.holder = ?, r.in_transit = '', r.update_time = ?, r.version = r.version + 1 "
    "WHERE h.handover IN ";
constexpr absl::string_view kReceiveHandovers =
    "UPDATE handover SET state = 'RECEIVED', receive_time = ?, receipt = ?, update_time = ?, "
    "version = version + 1 WHERE receiver = ? AND state = 'SENT' AND name IN ";

// Names of the hand-overs behind `first` values, and how many rows they have.
int64_t AddNames(absl::Span<const v1::Handover> handovers, db::Values* values) {
  int64_t rows = 0;
  for (const v1::Handover& handover : handovers) {
    values->push_back(handover.name());
    rows += handover.row_count();
  }
  return rows;
}

}  // namespace

absl::Status Custody::SendAll(rpc::Change& change, absl::Time cycle_now, absl::string_view cycle,
                              int step, absl::string_view sender, const Groups& groups,
                              absl::string_view set_sql) const {
  if (groups.empty()) return absl::OkStatus();
  db::Session& session = change.session();
  db::Values asked = {std::string(sender), int64_t{step}};
  const db::Predicate all = HandoversOf(cycle);
  asked.insert(asked.end(), all.params.begin(), all.params.end());
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows counted, session.Query(kEarlier, asked));
  absl::flat_hash_map<std::string, int64_t> earlier;
  for (const db::Values& row : counted.rows) {
    earlier[std::get<std::string>(row[0])] = std::get<int64_t>(row[1]);
  }
  std::vector<v1::Handover> handovers;
  handovers.reserve(groups.size());
  std::vector<Leg> hops;
  for (const auto& [receiver, names] : groups) {
    handovers.push_back(
        NewHandover(HandoverName(cycle, step, sender, receiver, earlier[receiver] + 1), cycle_now,
                    step, sender, receiver, names));
    for (const std::string& name : names) hops.push_back({handovers.back().name(), name});
  }
  CHANYAN_RETURN_IF_ERROR(handovers_.InsertAll(session, change.now(), &handovers));
  CHANYAN_RETURN_IF_ERROR(AddHops(session, hops));
  const std::string head =
      absl::StrCat(kSendBatchHead, set_sql.empty() ? "" : ", ", set_sql, kSendBatchWhere);
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(handovers, [&](absl::Span<const v1::Handover> chunk) -> absl::Status {
        db::Values values = {change.now(), std::string(cycle), std::string(sender)};
        const int64_t wanted = AddNames(chunk, &values);
        CHANYAN_ASSIGN_OR_RETURN(
            const int64_t sent,
            session.Execute(absl::StrCat(head, db::Marks(chunk.size())), values));
        if (sent == wanted) return absl::OkStatus();
        for (const v1::Handover& handover : chunk) {
          const absl::Status why =
              NotHeld(session, sender, handover.name(), groups.at(handover.receiver()));
          if (!absl::IsInternal(why)) return why;
        }
        return status::Internal("custody: fewer rows sent than given, all of them held");
      }));
  std::vector<journal::Alteration> alterations;
  for (const v1::Handover& handover : handovers) alterations.push_back({nullptr, &handover});
  return change.RecordAll("sent", alterations);
}

absl::Status Custody::ReceiveAll(rpc::Change& change, absl::Time cycle_now,
                                 absl::string_view account,
                                 std::vector<v1::Handover> handovers) const {
  if (handovers.empty()) return absl::OkStatus();
  const std::vector<v1::Handover> before = handovers;
  const std::string& receiver = before.front().receiver();
  for (v1::Handover& handover : handovers) {
    if (handover.receiver() != receiver) return status::Internal("custody: several receivers");
    CHANYAN_ASSIGN_OR_RETURN(const v1::HandoverState next,
                             policy::Next(HandoverLife(), handover.state(), "receive"));
    handover.set_state(next);
    *handover.mutable_receive_time() = time::ToTimestamp(cycle_now);
    handover.set_receipt(std::string(account));
    *handover.mutable_update_time() = time::ToTimestamp(change.now());
    handover.clear_etag();
  }
  db::Session& session = change.session();
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(handovers, [&](absl::Span<const v1::Handover> chunk) -> absl::Status {
        const std::string marks = db::Marks(chunk.size());
        db::Values of_rows = {receiver, change.now()};
        const int64_t wanted = AddNames(chunk, &of_rows);
        CHANYAN_ASSIGN_OR_RETURN(const int64_t moved,
                                 session.Execute(absl::StrCat(kReceiveRows, marks), of_rows));
        if (moved != wanted) {
          return status::Internal(absl::StrCat(chunk.front().name(), " and those behind it hold ",
                                               wanted, " rows, but ", moved, " are in transit"));
        }
        db::Values of_handovers = {cycle_now, std::string(account), change.now(), receiver};
        AddNames(chunk, &of_handovers);
        CHANYAN_ASSIGN_OR_RETURN(
            const int64_t received,
            session.Execute(absl::StrCat(kReceiveHandovers, marks), of_handovers));
        if (received == static_cast<int64_t>(chunk.size())) return absl::OkStatus();
        return status::Internal("custody: a hand-over that was locked has changed");
      }));
  std::vector<journal::Alteration> alterations;
  for (size_t i = 0; i < handovers.size(); ++i) alterations.push_back({&before[i], &handovers[i]});
  return change.RecordAll("received", alterations);
}

}  // namespace chanyan::cycle
