// What draws and checks of a panel have in common: who is asked what, who is drawn, who is removed.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/consortium/conflict_rules.h"
#include "services/consortium/expert_rules.h"
#include "services/consortium/expert_standing.h"
#include "services/consortium/parties.h"
#include "services/consortium/review_life.h"
#include "services/consortium/review_service.h"
#include "services/consortium/states_sql.h"

namespace chanyan::consortium {
namespace {

using google::protobuf::util::MessageDifferencer;

// Seats that somebody left before the panel ended.
std::string LeftSql() {
  return absl::StrCat(
      "state IN ", StatesSql<v1::ReviewAssignmentState>(policy::Bits(
                       v1::REVIEW_ASSIGNMENT_STATE_DECLINED, v1::REVIEW_ASSIGNMENT_STATE_REMOVED)));
}

}  // namespace

absl::StatusOr<Reviewed> ReviewService::AskAbout(const Asker& asker,
                                                 const v1::Consortium& consortium,
                                                 PoolRead pool) const {
  std::vector<v1::Expert> experts;
  Successions successions;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(asker.own.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(experts, pool(session));
        CHANYAN_ASSIGN_OR_RETURN(successions, SuccessionsOf(session, experts));
        return absl::OkStatus();
      }));
  std::sort(experts.begin(), experts.end(),
            [](const v1::Expert& a, const v1::Expert& b) { return a.name() < b.name(); });
  return Ask(deps_.peers, asker, consortium, experts, successions,
             time::DayOf(deps_.store.clock.Now()), deps_.pack.proto().has_pairing());
}

absl::StatusOr<Reviewed> ReviewService::AskFor(const rpc::Call& call,
                                               const v1::Consortium& consortium) const {
  return AskAbout(AskerOf(call), consortium, [&](db::Session& session) {
    return experts_.Select(
        session, db::And(auth::Readable<v1::Expert>(call.principal), {"state = 'ACTIVE'", {}}));
  });
}

v1::DrawInput ReviewService::InputOf(const policy::v1::ReviewSheet& sheet, const Reviewed& reviewed,
                                     const std::string& seed, const std::string& subject) const {
  v1::DrawInput input;
  input.set_algorithm(kDrawAlgorithm);
  input.set_seed(seed);
  input.set_subject(subject);
  *input.mutable_sheet() = sheet;
  *input.mutable_checks() = deps_.pack.proto().consortium().review().conflict_checks();
  *input.mutable_facts() = reviewed.facts;
  for (const v1::DrawCandidate& one : reviewed.candidates) *input.add_candidates() = one;
  input.set_pack_id(deps_.pack.id());
  input.set_pack_version(deps_.pack.proto().version());
  return input;
}

absl::Status ReviewService::RequireSameParties(const Reviewed& reviewed,
                                               const v1::Consortium& consortium) const {
  std::set<std::string> asked;
  std::set<std::string> present = {consortium.lead_unit()};
  for (const v1::ReviewParty& party : reviewed.facts.parties()) asked.insert(party.organization());
  for (const auto& member : consortium.members()) present.insert(member.organization());
  if (asked == present) return absl::OkStatus();
  return status::Conflict("成员单位刚刚变化，请用同一请求编号重试");
}

absl::Status ReviewService::RequireSameExperts(rpc::Change& change, const Reviewed& reviewed,
                                               std::vector<std::string> experts) const {
  const absl::CivilDay day = api::DayOf(reviewed.facts.as_of_date()).value();
  // Locked in one order, so that a declaration at the same time comes before or after all of this.
  std::sort(experts.begin(), experts.end());
  std::vector<v1::Expert> present;
  for (const std::string& name : experts) {
    CHANYAN_ASSIGN_OR_RETURN(v1::Expert expert, experts_.GetForUpdate(change.session(), name));
    present.push_back(std::move(expert));
  }
  CHANYAN_ASSIGN_OR_RETURN(const Successions successions, SuccessionsOf(change.session(), present));
  for (const v1::Expert& expert : present) {
    const auto asked = std::find_if(
        reviewed.candidates.begin(), reviewed.candidates.end(),
        [&](const v1::DrawCandidate& candidate) { return candidate.expert() == expert.name(); });
    v1::DrawCandidate now = CandidateOf(expert, day, successions);
    if (asked != reviewed.candidates.end()) {
      *now.mutable_employer_ancestors() = asked->employer_ancestors();
      if (MessageDifferencer::Equals(now, *asked)) continue;
    }
    return status::Conflict("专家信息刚刚变化，请用同一请求编号重试");
  }
  return absl::OkStatus();
}

absl::Status ReviewService::KeepAway(rpc::Change& change, const LockedPanel& locked,
                                     v1::DrawInput* input) const {
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::ReviewAssignment> gone,
      book_.assignments().Select(change.session(),
                                 db::And(Below(locked.consortium.name()), {LeftSql(), {}}),
                                 db::kByNameLocked));
  std::set<std::string> known;
  for (const v1::SeatTaken& taken : input->taken()) known.insert(taken.expert());
  for (const v1::ReviewAssignment& row : gone) {
    const bool reported = std::any_of(
        row.conflicts().begin(), row.conflicts().end(), [](const v1::Conflict& conflict) {
          return conflict.kind() == policy::v1::CONFLICT_KIND_REPORTED;
        });
    if (!reported || !known.insert(row.expert()).second) continue;
    v1::SeatTaken* taken = input->add_taken();
    taken->set_expert(row.expert());
    taken->set_employer(row.employer());
    taken->set_category(row.category());
    taken->set_gone(true);
  }
  return absl::OkStatus();
}

absl::Status ReviewService::DrawInto(rpc::Change& change, const rpc::Call& call,
                                     const Reviewed& reviewed, const policy::v1::ReviewSheet& sheet,
                                     v1::PanelDrawKind kind, LockedPanel* locked) const {
  CHANYAN_RETURN_IF_ERROR(RequireSameParties(reviewed, locked->consortium));
  v1::DrawInput input = InputOf(sheet, reviewed, locked->panel.seed(), locked->consortium.name());
  for (const v1::ReviewAssignment& row : locked->assignments) {
    v1::SeatTaken* taken = input.add_taken();
    taken->set_expert(row.expert());
    taken->set_employer(row.employer());
    taken->set_category(row.category());
    taken->set_gone(IsGone(row.state()));
  }
  CHANYAN_RETURN_IF_ERROR(KeepAway(change, *locked, &input));
  CHANYAN_ASSIGN_OR_RETURN(Draw draw, DrawSeats(input));
  if (draw.drawn.empty()) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                      "评审组没有空缺的席位，不需要递补");
  }
  std::vector<std::string> drawn;
  for (const v1::DrawnSeat& seat : draw.drawn) drawn.push_back(seat.expert());
  CHANYAN_RETURN_IF_ERROR(RequireSameExperts(change, reviewed, std::move(drawn)));
  v1::PanelDraw stored;
  stored.set_name(absl::StrCat(locked->panel.name(), "/draws/", api::NewShortId()));
  stored.set_kind(kind);
  stored.set_input_sha256(DigestOf(input));
  for (const v1::DrawnSeat& seat : draw.drawn) *stored.add_drawn() = seat;
  for (v1::LeftOut& out : draw.left_out) *stored.add_left_out() = std::move(out);
  stored.set_drawn_by(call.principal.account);
  stored.set_office(locked->panel.office());
  for (const v1::DrawnSeat& seat : stored.drawn()) {
    const auto candidate =
        std::find_if(input.candidates().begin(), input.candidates().end(),
                     [&](const v1::DrawCandidate& one) { return one.expert() == seat.expert(); });
    v1::ReviewAssignment row;
    row.set_name(absl::StrCat(locked->panel.name(), "/assignments/", api::NewShortId()));
    row.set_consortium(locked->consortium.name());
    row.set_consortium_title(locked->consortium.display_name());
    row.set_sheet(locked->panel.sheet());
    row.set_expert(seat.expert());
    row.set_person(candidate->person());
    row.set_account(candidate->account());
    row.set_employer(candidate->employer());
    row.set_category(seat.category());
    row.set_state(v1::REVIEW_ASSIGNMENT_STATE_INVITED);
    *row.mutable_proof() = ProofFor(input, *candidate);
    *row.mutable_latest_proof() = row.proof();
    *row.mutable_due_time() = locked->panel.due_time();
    row.set_draw(stored.name());
    row.set_office(locked->panel.office());
    v1::ScoreSheet sheet;
    sheet.set_name(absl::StrCat(row.name(), "/sheets/main"));
    sheet.set_consortium(row.consortium());
    sheet.set_panel(locked->panel.name());
    sheet.set_account(row.account());
    sheet.set_employer(row.employer());
    sheet.set_state(v1::SCORE_SHEET_STATE_DRAFT);
    sheet.set_office(row.office());
    CHANYAN_RETURN_IF_ERROR(book_.assignments().Insert(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("drawn", nullptr, &row));
    CHANYAN_RETURN_IF_ERROR(book_.sheets().Insert(change.session(), change.now(), &sheet));
    CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &sheet));
    locked->assignments.push_back(std::move(row));
  }
  if (!reviewed.facts.missing().empty()) {
    locked->panel.set_missing_facts(MissingInWords(reviewed.facts));
    CHANYAN_RETURN_IF_ERROR(
        LookAgain(change, {locked->panel.name()}, change.now() + kMissingFactsAge));
  }
  *stored.mutable_input() = std::move(input);
  CHANYAN_RETURN_IF_ERROR(draws_.Insert(change.session(), change.now(), &stored));
  return change.Record("drawn", nullptr, &stored);
}

absl::StatusOr<Reviewed> ReviewService::AskForPanel(const Asker& asker,
                                                    const std::string& panel) const {
  v1::Consortium consortium;
  std::vector<std::string> experts;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(asker.own.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(consortium,
                                 book_.consortia().Get(session, ConsortiumOfName(panel)));
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ReviewAssignment> rows,
                                 book_.assignments().Select(session, Below(panel)));
        experts.clear();
        for (const v1::ReviewAssignment& row : rows) experts.push_back(row.expert());
        return absl::OkStatus();
      }));
  return AskAbout(asker, consortium,
                  [&](db::Session& session) { return experts_.GetAll(session, experts); });
}

absl::StatusOr<ReviewService::Checked> ReviewService::Check(rpc::Change& change,
                                                            const Reviewed& reviewed, Proofs proofs,
                                                            LockedPanel* locked) const {
  CHANYAN_ASSIGN_OR_RETURN(const policy::v1::ReviewSheet sheet,
                           book_.SheetOfPanel(change.session(), locked->panel));
  CHANYAN_RETURN_IF_ERROR(RequireSameParties(reviewed, locked->consortium));
  std::vector<std::string> on_panel;
  for (const v1::ReviewAssignment& row : locked->assignments) {
    if (!IsGone(row.state())) on_panel.push_back(row.expert());
  }
  CHANYAN_RETURN_IF_ERROR(RequireSameExperts(change, reviewed, std::move(on_panel)));
  const v1::DrawInput input =
      InputOf(sheet, reviewed, locked->panel.seed(), locked->consortium.name());
  Checked checked;
  for (v1::ReviewAssignment& row : locked->assignments) {
    if (IsGone(row.state())) continue;
    const auto candidate =
        std::find_if(input.candidates().begin(), input.candidates().end(),
                     [&](const v1::DrawCandidate& one) { return one.expert() == row.expert(); });
    if (candidate == input.candidates().end()) {
      return status::Internal(absl::StrCat("nothing is known of ", row.expert()));
    }
    const std::vector<v1::Conflict> conflicts =
        FindConflicts(input.checks(), *candidate, input.facts());
    if (!conflicts.empty()) {
      CHANYAN_RETURN_IF_ERROR(book_.Remove(
          change, conflicts, absl::StrCat("复核发现利益关系：", GroundsOf(conflicts)), &row));
      ++checked.removed;
      continue;
    }
    const v1::ReviewAssignment before = row;
    *row.mutable_latest_proof() = ProofFor(input, *candidate);
    if (MessageDifferencer::Equals(before, row)) continue;
    if (proofs == Proofs::kAnewWhereGroundsChanged &&
        SameGrounds(before.latest_proof(), row.latest_proof())) {
      row = before;
      continue;
    }
    CHANYAN_RETURN_IF_ERROR(book_.Save(change, "rechecked", before, &row));
    ++checked.proven;
  }
  locked->panel.set_missing_facts(MissingInWords(reviewed.facts));
  CHANYAN_RETURN_IF_ERROR(NoteChecked(change, reviewed, locked->panel.name()));
  return checked;
}

}  // namespace chanyan::consortium
