#include "services/cycle/custody.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/api/names.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "google/protobuf/descriptor.h"
#include "services/cycle/custody_parts.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/form_life.h"
#include "services/cycle/ids.h"
#include "services/cycle/succession.h"

namespace chanyan::cycle {
namespace {

constexpr absl::string_view kBearHead =
    "INSERT INTO row_birth (form_row, life, first_hop, cycle, origin, holder, born_time) VALUES ";
constexpr absl::string_view kBearRow = "(?, ?, ?, ?, ?, ?, ?)";
// Not locked: of two who put in the same row one fails on form_row's own key.
constexpr absl::string_view kEarlierLives =
    "SELECT b.form_row, COUNT(*), "
    "(SELECT COUNT(*) FROM handover_row h WHERE h.form_row = b.form_row) "
    "FROM row_birth b WHERE b.form_row IN ";
constexpr absl::string_view kEarlierLivesEnd = " GROUP BY b.form_row";

constexpr absl::string_view kStrikeRows =
    "DELETE FROM form_row WHERE holder = ? AND in_transit = '' AND name IN ";
constexpr absl::string_view kMarkBirths =
    "UPDATE row_birth SET withdrawn_time = ? WHERE withdrawn_time IS NULL AND form_row IN ";

constexpr absl::string_view kSendHead =
    "UPDATE form_row SET in_transit = ?, update_time = ?, version = version + 1";
constexpr absl::string_view kSendWhere = " WHERE holder = ? AND in_transit = '' AND name IN ";
constexpr absl::string_view kReceive =
    "UPDATE form_row SET holder = ?, in_transit = '', update_time = ?, version = version + 1 "
    "WHERE cycle = ? AND holder = ? AND in_transit = ?";
constexpr absl::string_view kRefuse =
    "UPDATE form_row SET in_transit = '', update_time = ?, version = version + 1 "
    "WHERE cycle = ? AND holder = ? AND in_transit = ?";

constexpr absl::string_view kOfForm =
    "receiver = ? AND state = 'SENT' AND name IN (SELECT in_transit FROM form_row "
    "WHERE form_row.name >= ? AND form_row.name < ? AND in_transit <> '')";

constexpr absl::string_view kCountBetween =
    "SELECT COUNT(*) FROM handover WHERE sender = ? AND receiver = ? AND step = ? "
    "AND name >= ? AND name < ?";

constexpr absl::string_view kBirths =
    "SELECT form_row, origin, holder, withdrawn_time, life, first_hop FROM row_birth "
    "WHERE cycle = ?";
constexpr absl::string_view kStandings =
    "SELECT name, holder, in_transit, platform, enterprise, former_enterprise FROM form_row "
    "WHERE cycle = ?";
constexpr absl::string_view kHops =
    "SELECT handover, form_row, hop FROM handover_row WHERE handover >= ? AND handover <= ? "
    "ORDER BY handover";
// Hand-overs whose hops one statement reads: all of a city's are more than it has time for.
constexpr size_t kHandoversAtOnce = 4096;

const std::string& Text(const db::Value& value) { return std::get<std::string>(value); }

std::string ShortOrigin(v1::RowOrigin origin) {
  constexpr absl::string_view kPrefix = "ROW_ORIGIN_";
  return v1::RowOrigin_Name(origin).substr(kPrefix.size());
}

// Lives and hand-overs that rows had before.
struct Past {
  int64_t lives = 0;
  int64_t hops = 0;
};

// Of the rows that had any, by name.
absl::StatusOr<absl::flat_hash_map<std::string, Past>> PastOf(db::Session& session,
                                                              absl::Span<const v1::Row> rows) {
  db::Values names;
  for (const v1::Row& row : rows) names.push_back(row.name());
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      session.Query(absl::StrCat(kEarlierLives, db::Marks(rows.size()), kEarlierLivesEnd), names));
  absl::flat_hash_map<std::string, Past> pasts;
  for (const db::Values& row : found.rows) {
    pasts[Text(row[0])] = {std::get<int64_t>(row[1]), std::get<int64_t>(row[2])};
  }
  return pasts;
}

absl::Status WriteBirths(db::Session& session, absl::Time cycle_now,
                         absl::Span<const v1::Row> rows) {
  CHANYAN_ASSIGN_OR_RETURN(const auto pasts, PastOf(session, rows));
  db::Values values;
  for (const v1::Row& row : rows) {
    const auto past = pasts.find(row.name());
    const Past before = past == pasts.end() ? Past() : past->second;
    values.insert(values.end(), {row.name(), before.lives + 1, before.hops + 1,
                                 std::string(CycleOfName(row.name())), ShortOrigin(row.origin()),
                                 row.holder(), cycle_now});
  }
  return session.Execute(absl::StrCat(kBearHead, db::Repeat(rows.size(), kBearRow)), values)
      .status();
}

}  // namespace

absl::Status Custody::Bear(rpc::Change& change, absl::Time cycle_now,
                           std::vector<v1::Row>* rows) const {
  if (rows->empty()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(rows_.InsertAll(change.session(), change.now(), rows));
  CHANYAN_RETURN_IF_ERROR(db::InChunks(*rows, [&](absl::Span<const v1::Row> chunk) {
    return WriteBirths(change.session(), cycle_now, chunk);
  }));
  std::vector<journal::Alteration> alterations;
  alterations.reserve(rows->size());
  for (const v1::Row& row : *rows) alterations.push_back({nullptr, &row});
  return change.RecordAll("born", alterations);
}

absl::Status Custody::Withdraw(rpc::Change& change, absl::Time cycle_now, absl::string_view holder,
                               const std::vector<v1::Row>& rows) const {
  CHANYAN_RETURN_IF_ERROR(db::InChunks(rows, [&](absl::Span<const v1::Row> chunk) -> absl::Status {
    db::Values strike = {std::string(holder)};
    db::Values mark = {cycle_now};
    for (const v1::Row& row : chunk) {
      strike.push_back(row.name());
      mark.push_back(row.name());
    }
    const std::string marks = db::Marks(chunk.size());
    CHANYAN_ASSIGN_OR_RETURN(const int64_t struck,
                             change.session().Execute(absl::StrCat(kStrikeRows, marks), strike));
    if (struck != static_cast<int64_t>(chunk.size())) {
      return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                        "要删除的行已不在填报单位手中，请刷新后重试");
    }
    CHANYAN_ASSIGN_OR_RETURN(const int64_t marked,
                             change.session().Execute(absl::StrCat(kMarkBirths, marks), mark));
    if (marked == struck) return absl::OkStatus();
    return status::Internal(absl::StrCat("custody: ", struck, " rows, but ", marked, " births"));
  }));
  std::vector<journal::Alteration> alterations;
  for (const v1::Row& row : rows) alterations.push_back({&row, nullptr});
  return change.RecordAll("withdrawn", alterations);
}

absl::StatusOr<std::string> Custody::NewHandoverName(db::Session& session, absl::string_view cycle,
                                                     int step, absl::string_view sender,
                                                     absl::string_view receiver) const {
  const db::Predicate all = HandoversOf(cycle);
  db::Values values = {std::string(sender), std::string(receiver), int64_t{step}};
  values.insert(values.end(), all.params.begin(), all.params.end());
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(kCountBetween, values));
  return HandoverName(cycle, step, sender, receiver, std::get<int64_t>(found.rows[0][0]) + 1);
}

absl::StatusOr<v1::Handover> Custody::Send(rpc::Change& change, absl::Time cycle_now,
                                           absl::string_view cycle, int step,
                                           absl::string_view sender, absl::string_view receiver,
                                           const std::vector<std::string>& rows,
                                           absl::string_view set_sql,
                                           const std::vector<std::string>& versions) const {
  CHANYAN_ASSIGN_OR_RETURN(std::string name,
                           NewHandoverName(change.session(), cycle, step, sender, receiver));
  v1::Handover handover = NewHandover(std::move(name), cycle_now, step, sender, receiver, rows);
  handover.mutable_versions()->Assign(versions.begin(), versions.end());
  return Dispatch(change, cycle, std::move(handover), rows, set_sql);
}

absl::StatusOr<v1::Handover> Custody::SendBack(rpc::Change& change, absl::Time cycle_now,
                                               absl::string_view cycle, int step,
                                               absl::string_view sender, absl::string_view receiver,
                                               const std::vector<std::string>& rows,
                                               const std::vector<std::string>& reasons,
                                               absl::string_view set_sql) const {
  CHANYAN_ASSIGN_OR_RETURN(std::string name,
                           NewHandoverName(change.session(), cycle, step, sender, receiver));
  v1::Handover handover = NewHandover(std::move(name), cycle_now, step, sender, receiver, rows);
  handover.set_sent_back(true);
  handover.mutable_reasons()->Assign(reasons.begin(), reasons.end());
  return Dispatch(change, cycle, std::move(handover), rows, set_sql);
}

absl::StatusOr<v1::Handover> Custody::Dispatch(rpc::Change& change, absl::string_view cycle,
                                               v1::Handover handover,
                                               const std::vector<std::string>& rows,
                                               absl::string_view set_sql) const {
  db::Session& session = change.session();
  const std::string& sender = handover.sender();
  const std::string head =
      absl::StrCat(kSendHead, set_sql.empty() ? "" : ", ", set_sql, kSendWhere);
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(rows, [&](absl::Span<const std::string> chunk) -> absl::Status {
        db::Values values = {handover.name(), change.now(), sender};
        values.insert(values.end(), chunk.begin(), chunk.end());
        CHANYAN_ASSIGN_OR_RETURN(
            const int64_t sent,
            session.Execute(absl::StrCat(head, db::Marks(chunk.size())), values));
        if (sent == static_cast<int64_t>(chunk.size())) return absl::OkStatus();
        return NotHeld(session, sender, handover.name(), chunk);
      }));
  std::vector<Leg> hops;
  for (const std::string& row : rows) {
    if (CycleOfName(row) != cycle) {
      return status::Internal(absl::StrCat(handover.name(), ": ", row, " is of another cycle"));
    }
    hops.push_back({handover.name(), row});
  }
  CHANYAN_RETURN_IF_ERROR(AddHops(session, hops));
  CHANYAN_RETURN_IF_ERROR(handovers_.Insert(session, change.now(), &handover));
  CHANYAN_RETURN_IF_ERROR(change.Record("sent", nullptr, &handover));
  return handover;
}

absl::Status Custody::Receive(rpc::Change& change, absl::Time cycle_now, absl::string_view account,
                              v1::Handover handover) const {
  const v1::Handover before = handover;
  CHANYAN_ASSIGN_OR_RETURN(const v1::HandoverState next,
                           policy::Next(HandoverLife(), handover.state(), "receive"));
  CHANYAN_ASSIGN_OR_RETURN(
      const int64_t moved,
      change.session().Execute(
          kReceive, {handover.receiver(), change.now(), std::string(CycleOfName(handover.name())),
                     handover.sender(), handover.name()}));
  if (moved != handover.row_count()) {
    return status::Internal(absl::StrCat(handover.name(), " holds ", handover.row_count(),
                                         " rows, but ", moved, " are in transit"));
  }
  handover.set_state(next);
  *handover.mutable_receive_time() = time::ToTimestamp(cycle_now);
  handover.set_receipt(std::string(account));
  CHANYAN_RETURN_IF_ERROR(handovers_.Update(change.session(), change.now(), &handover));
  return change.Record("received", &before, &handover);
}

absl::Status Custody::Refuse(rpc::Change& change, absl::Time cycle_now,
                             const std::vector<std::string>& reasons, v1::Handover handover) const {
  const v1::Handover before = handover;
  CHANYAN_ASSIGN_OR_RETURN(const v1::HandoverState next,
                           policy::Next(HandoverLife(), handover.state(), "refuse"));
  CHANYAN_ASSIGN_OR_RETURN(
      const int64_t kept,
      change.session().Execute(kRefuse, {change.now(), std::string(CycleOfName(handover.name())),
                                         handover.sender(), handover.name()}));
  if (kept != handover.row_count()) {
    return status::Internal(absl::StrCat(handover.name(), " holds ", handover.row_count(),
                                         " rows, but ", kept, " are in transit"));
  }
  handover.set_state(next);
  *handover.mutable_receive_time() = time::ToTimestamp(cycle_now);
  handover.mutable_reasons()->Assign(reasons.begin(), reasons.end());
  CHANYAN_RETURN_IF_ERROR(handovers_.Update(change.session(), change.now(), &handover));
  return change.Record("refused", &before, &handover);
}

absl::StatusOr<std::vector<v1::Handover>> Custody::Waiting(db::Session& session,
                                                           absl::string_view cycle,
                                                           absl::string_view receiver) const {
  return handovers_.Select(
      session,
      db::And(HandoversOf(cycle), {"receiver = ? AND state = 'SENT'", {std::string(receiver)}}),
      db::kByNameLocked);
}

absl::StatusOr<std::vector<v1::Handover>> Custody::WaitingOfForm(db::Session& session,
                                                                 absl::string_view form,
                                                                 absl::string_view receiver) const {
  return handovers_.Select(
      session,
      {std::string(kOfForm),
       {std::string(receiver), absl::StrCat(form, "/rows/"), absl::StrCat(form, "/rows0")}},
      db::kByNameLocked);
}

absl::StatusOr<Custody::Groups> Custody::HeldBy(db::Session& session, absl::string_view cycle,
                                                absl::string_view holder, absl::string_view column,
                                                const db::Predicate& where) const {
  db::Values values = {std::string(cycle), std::string(holder)};
  values.insert(values.end(), where.params.begin(), where.params.end());
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      session.Query(absl::StrCat("SELECT name, ", column,
                                 " FROM form_row WHERE cycle = ? AND holder = ? "
                                 "AND in_transit = '' AND (",
                                 where.sql, ") ORDER BY name FOR UPDATE"),
                    values));
  Groups groups;
  for (const db::Values& row : found.rows) groups[Text(row[1])].push_back(Text(row[0]));
  return groups;
}

absl::StatusOr<std::vector<std::string>> Custody::Held(db::Session& session,
                                                       absl::string_view cycle,
                                                       absl::string_view holder,
                                                       const db::Predicate& where) const {
  CHANYAN_ASSIGN_OR_RETURN(Groups groups, HeldBy(session, cycle, holder, "cycle", where));
  if (groups.empty()) return std::vector<std::string>();
  return std::move(groups.begin()->second);
}

absl::StatusOr<v1::Conservation> Custody::Check(db::Session& session, absl::string_view cycle,
                                                absl::Time cycle_now) const {
  CHANYAN_ASSIGN_OR_RETURN(const CycleSuccession succession, LoadSuccession(session, cycle));
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows born, session.Query(kBirths, {std::string(cycle)}));
  std::vector<Birth> births;
  births.reserve(born.rows.size());
  for (const db::Values& row : born.rows) {
    births.push_back({Text(row[0]), Text(row[1]), succession.Living(Text(row[2])),
                      !std::holds_alternative<std::monostate>(row[3]), std::get<int64_t>(row[4]),
                      std::get<int64_t>(row[5])});
  }
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows present, session.Query(kStandings, {std::string(cycle)}));
  std::vector<Standing> standings;
  standings.reserve(present.rows.size());
  for (const db::Values& row : present.rows) {
    standings.push_back(
        {Text(row[0]), Text(row[1]), Text(row[2]), Text(row[3]), Text(row[4]), Text(row[5])});
  }
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Handover> handovers,
                           handovers_.Select(session, HandoversOf(cycle)));
  std::vector<Move> moves;
  moves.reserve(handovers.size());
  for (size_t first = 0; first < handovers.size(); first += kHandoversAtOnce) {
    const size_t end = std::min(handovers.size(), first + kHandoversAtOnce);
    // Both in the order of names.
    CHANYAN_ASSIGN_OR_RETURN(
        const db::Rows hops,
        session.Query(kHops, {handovers[first].name(), handovers[end - 1].name()}));
    size_t at = 0;
    for (size_t i = first; i < end; ++i) {
      Move& move = moves.emplace_back();
      move.handover = std::move(handovers[i]);
      move.handover.set_sender(succession.Living(move.handover.sender()));
      move.handover.set_receiver(succession.Living(move.handover.receiver()));
      while (at < hops.rows.size() && Text(hops.rows[at][0]) < move.handover.name()) ++at;
      for (; at < hops.rows.size() && Text(hops.rows[at][0]) == move.handover.name(); ++at) {
        move.rows.push_back({Text(hops.rows[at][1]), std::get<int64_t>(hops.rows[at][2])});
      }
    }
  }
  v1::Conservation proof = Prove(births, standings, moves);
  *proof.mutable_as_of() = time::ToTimestamp(cycle_now);
  return proof;
}

}  // namespace chanyan::cycle
