// Dossiers judged (CON-2): on which grounds, by which rules, and what is kept of it.
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/db/in_chunks.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "services/consortium/consortium_book.h"
#include "services/consortium/dossier_index.h"
#include "services/consortium/filing_life.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

constexpr char kLastCheck[] =
    "SELECT number, verdicts_sha256 FROM eligibility_check WHERE consortium = ? "
    "ORDER BY number DESC LIMIT 1";
// As of now: what is in force has checks, and another change may have kept one while this one
// waited for the dossier.
constexpr char kLastCheckLocked[] =
    "SELECT number, verdicts_sha256 FROM eligibility_check WHERE consortium = ? "
    "ORDER BY number DESC LIMIT 1 FOR UPDATE";

v1::BarredParty PartyUnder(const v1::Bar& bar) {
  v1::BarredParty party;
  party.set_organization(bar.organization());
  party.set_title(bar.organization_title());
  *party.mutable_start_date() = bar.start_date();
  *party.mutable_end_date() = bar.end_date();
  *party.mutable_clause() = bar.clause();
  return party;
}

}  // namespace

absl::StatusOr<Grounds> ConsortiumBook::GroundsOf(rpc::Change& change,
                                                  const v1::Consortium& row) const {
  Grounds grounds;
  grounds.day = time::DayOf(change.now());
  const std::vector<std::string> names = ParticipantsOf(row);
  CHANYAN_ASSIGN_OR_RETURN(grounds.parties, parties_.Of(change.session(), names));
  const std::string today = time::FormatDate(grounds.day);
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(names, [&](absl::Span<const std::string> some) -> absl::Status {
        db::Values values = {today, today};
        for (const std::string& name : some) values.emplace_back(name);
        // As of now, and nobody lays one before this ends: who lays one looks afterwards whom it
        // concerns.
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Bar> bars,
            bars_.Select(change.session(),
                         {absl::StrCat("state = 'IN_FORCE' AND start_date <= ? AND end_date >= ? "
                                       "AND organization IN ",
                                       db::Marks(some.size())),
                          values},
                         "end_date, name FOR UPDATE"));
        for (const v1::Bar& bar : bars) grounds.barred[bar.organization()] = PartyUnder(bar);
        return absl::OkStatus();
      }));
  if (!row.renews().empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const v1::Filing old, filings_.Get(change.session(), row.renews()));
    CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last, time::ToCivilDay(old.valid_until()));
    grounds.renewal_due =
        IsRenewable(old.state()) &&
        last - grounds.day <= static_cast<int64_t>(pack_.proto().filing().renewal_days());
    // A lead that was installed meanwhile renews its own filing; nobody else ends it.
    CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium former,
                             consortia_.Get(change.session(), old.consortium()));
    grounds.renewal_due = grounds.renewal_due &&
                          (former.lead_unit().empty() || former.lead_unit() == row.lead_unit());
  }
  return grounds;
}

absl::StatusOr<std::optional<v1::EligibilityCheck>> ConsortiumBook::AcceptedBy(
    rpc::Change& change, const v1::Consortium& row) const {
  if (!In(row.state(), kAccepted)) return std::nullopt;
  // As of now: the transaction's snapshot may be from before it was accepted.
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::EligibilityCheck> checks,
      checks_.Select(change.session(), {"consortium = ? AND cause = 'accept'", {row.name()}},
                     "number DESC LIMIT 1 FOR UPDATE"));
  if (checks.empty()) return std::nullopt;
  return std::move(checks.front());
}

absl::StatusOr<ConsortiumBook::Judged> ConsortiumBook::JudgeOnly(rpc::Change& change,
                                                                 v1::Consortium* row) const {
  CHANYAN_ASSIGN_OR_RETURN(const Grounds grounds, GroundsOf(change, *row));
  CHANYAN_ASSIGN_OR_RETURN(const std::optional<v1::EligibilityCheck> accepted,
                           AcceptedBy(change, *row));
  Judged judged;
  judged.facts = FactsOf(pack_, *row, grounds);
  if (accepted.has_value()) {
    judged.rules.assign(accepted->rules().begin(), accepted->rules().end());
    *row->mutable_verdicts() = JudgeAsIn(pack_, *accepted, judged.facts, row->overrides());
  } else {
    constexpr policy::v1::Decision kDecision = policy::v1::DECISION_CONSORTIUM_ELIGIBILITY;
    judged.rules = RulesOf(pack_, kDecision);
    *row->mutable_verdicts() = Judge(pack_, kDecision, judged.facts, row->overrides());
  }
  row->clear_barred_parties();
  for (v1::BarredParty& party : BarredIn(*row, grounds)) {
    *row->add_barred_parties() = std::move(party);
  }
  return judged;
}

absl::Status ConsortiumBook::JudgeAnew(rpc::Change& change, absl::string_view cause, bool always,
                                       v1::Consortium* row) const {
  CHANYAN_ASSIGN_OR_RETURN(const Judged judged, JudgeOnly(change, row));
  if (!always && !row->submitted()) return absl::OkStatus();
  return KeepCheck(change, cause, always, judged, *row);
}

absl::Status ConsortiumBook::KeepCheck(rpc::Change& change, absl::string_view cause, bool always,
                                       const Judged& judged, const v1::Consortium& row) const {
  const std::string digest = api::Sha256Hex(policy::Encode(row.verdicts()));
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows last,
      change.session().Query(row.filing().empty() ? kLastCheck : kLastCheckLocked, {row.name()}));
  int64_t number = 1;
  if (!last.rows.empty()) {
    if (!always && std::get<std::string>(last.rows[0][1]) == digest) return absl::OkStatus();
    number = std::get<int64_t>(last.rows[0][0]) + 1;
  }
  v1::EligibilityCheck check;
  check.set_name(absl::StrCat(row.name(), "/eligibilityChecks/", number));
  check.set_number(static_cast<int32_t>(number));
  check.set_cause(std::string(cause));
  *check.mutable_check_date() = time::ToProto(time::DayOf(change.now()));
  *check.mutable_verdicts() = row.verdicts();
  for (const policy::v1::Fact& fact : judged.facts) *check.add_facts() = fact;
  for (const policy::v1::Rule& rule : judged.rules) *check.add_rules() = rule;
  *check.mutable_overrides() = row.overrides();
  check.set_verdicts_sha256(digest);
  CopyParties(row, &check);
  CHANYAN_RETURN_IF_ERROR(checks_.Insert(change.session(), change.now(), &check));
  return change.Record("created", nullptr, &check);
}

absl::Status ConsortiumBook::KeepDecision(rpc::Change& change, absl::string_view cause,
                                          const Judged& judged,
                                          const policy::v1::Verdicts& verdicts,
                                          const Overrides& overrides, v1::Consortium row) const {
  *row.mutable_verdicts() = verdicts;
  *row.mutable_overrides() = overrides;
  return KeepCheck(change, cause, true, judged, row);
}

absl::Status ConsortiumBook::JudgeThoseOf(rpc::Change& change, const std::string& organization,
                                          absl::string_view cause) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                           OpenDossiersOf(change.session(), organization));
  for (const std::string& name : names) {
    CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, LockAny(change, name));
    if (!In(row.state(), kOpen)) continue;
    const v1::Consortium before = row;
    if (In(row.state(), kEditable)) CHANYAN_RETURN_IF_ERROR(Derive(change, &row));
    CHANYAN_RETURN_IF_ERROR(JudgeAnew(change, cause, false, &row));
    CHANYAN_RETURN_IF_ERROR(Save(change, JudgedKind(before, row, "judged"), before, &row));
  }
  return RequireAllSeen(change.session(), organization);
}

}  // namespace chanyan::consortium
