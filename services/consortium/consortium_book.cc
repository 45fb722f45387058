#include "services/consortium/consortium_book.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/consortium/clock_rules.h"
#include "services/consortium/digests.h"
#include "services/consortium/dossier_index.h"
#include "services/consortium/parties.h"
#include "services/consortium/record_follow.h"
#include "services/consortium/supervision_life.h"

namespace chanyan::consortium {
namespace {

using google::protobuf::util::MessageDifferencer;

// Who signed the present agreement, and for which plan; empty of signatures from before that was
// kept, which were for the plan of their time.
constexpr char kSigners[] =
    "SELECT DISTINCT organization, plan_digest FROM signature WHERE consortium = ? AND digest = ? "
    "AND subject = 'AGREEMENT'";

// Projects that a dossier holds.
constexpr char kHeldBy[] = "consortium = ? AND state = 'OPEN'";

std::string TextIn(const db::Values& row) { return std::get<std::string>(row.at(0)); }

// How the filing of a dossier that comes to be so ends (FilingLife); "" if it goes on, or its
// renewal has ended it.
absl::string_view EndOf(v1::ConsortiumState state) {
  switch (state) {
    case v1::CONSORTIUM_STATE_CANCELLED:
      return "cancel";
    case v1::CONSORTIUM_STATE_EXPIRED:
      return "expire";
    case v1::CONSORTIUM_STATE_DISSOLVED:
      return "dissolve";
    default:
      return "";
  }
}

// The district is that of the lead; none if the pack has none for it.
void Place(const ConsortiumPack& pack, const Parties& parties, v1::Consortium* row) {
  const auto lead = parties.find(row->lead_unit());
  const policy::v1::ConsortiumDistrict* district =
      lead == parties.end() ? nullptr : pack.FindDistrict(lead->second);
  row->set_district(district == nullptr ? "" : district->organization());
  row->set_district_title(district == nullptr ? "" : district->display_name());
}

bool Has(const auth::Principal& principal, options::v1::Role role) {
  return std::find(principal.roles.begin(), principal.roles.end(), role) != principal.roles.end();
}

}  // namespace

absl::StatusOr<Actor> ActorOf(const rpc::Call& call, const v1::Consortium& row) {
  const std::string& own = call.principal.organization;
  if (!own.empty()) {
    if (own == row.office() && Has(call.principal, options::v1::ROLE_DEPARTMENT)) {
      return Actor{Part::kOffice, own};
    }
    if (own == row.district() && Has(call.principal, options::v1::ROLE_UNIT)) {
      return Actor{Part::kDistrict, own};
    }
    if (own == row.lead_unit() && Has(call.principal, options::v1::ROLE_ENTERPRISE)) {
      return Actor{Part::kLead, own};
    }
  }
  return status::PermissionDenied("该事项由牵头单位、推荐单位或备案单位办理");
}

absl::StatusOr<v1::Consortium> ConsortiumBook::Lock(rpc::Change& change, const rpc::Call& call,
                                                    absl::string_view name) const {
  return consortia_.GetForUpdate(change.session(), name,
                                 auth::Writable<v1::Consortium>(call.principal));
}

absl::StatusOr<v1::Consortium> ConsortiumBook::LockAny(rpc::Change& change,
                                                       absl::string_view name) const {
  return consortia_.GetForUpdate(change.session(), name);
}

absl::StatusOr<v1::Consortium> ConsortiumBook::LockAsParticipant(rpc::Change& change,
                                                                 const rpc::Call& call,
                                                                 absl::string_view name) const {
  CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row,
                           consortia_.GetForUpdate(change.session(), name,
                                                   auth::Readable<v1::Consortium>(call.principal)));
  const auto& all = row.participants();
  if (std::find(all.begin(), all.end(), call.principal.organization) == all.end()) {
    return status::NotFound(name);
  }
  return row;
}

absl::Status ConsortiumBook::Derive(rpc::Change& change, v1::Consortium* row) const {
  const std::vector<std::string> names = ParticipantsOf(*row);
  row->clear_participants();
  for (const std::string& name : names) row->add_participants(name);
  CHANYAN_ASSIGN_OR_RETURN(const Parties parties, parties_.Of(change.session(), names));
  SetTitles(parties, row);
  row->set_office(pack_.Office());
  Place(pack_, parties, row);
  const std::string digest = AgreementDigest(*row);
  row->mutable_agreement()->set_digest(digest);
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows signers,
                           change.session().Query(kSigners, {row->name(), digest}));
  row->set_plan_digest(PlanDigest(row->plan()));
  std::set<std::string> signed_by;
  std::set<std::string> confirmed_by;
  for (const db::Values& signer : signers.rows) {
    signed_by.insert(TextIn(signer));
    const std::string& plan = std::get<std::string>(signer.at(1));
    if (plan.empty() || plan == row->plan_digest()) confirmed_by.insert(TextIn(signer));
  }
  row->clear_signed_by();
  for (const std::string& name : signed_by) row->add_signed_by(name);
  row->clear_plan_confirmed_by();
  for (const std::string& name : confirmed_by) row->add_plan_confirmed_by(name);
  return absl::OkStatus();
}

absl::Status ConsortiumBook::Settle(rpc::Change& change, absl::string_view cause,
                                    v1::Consortium* row) const {
  CHANYAN_RETURN_IF_ERROR(Derive(change, row));
  return JudgeAnew(change, cause, false, row);
}

absl::Status ConsortiumBook::Preview(rpc::Change& change, v1::Consortium* row) const {
  CHANYAN_RETURN_IF_ERROR(Derive(change, row));
  return JudgeOnly(change, row).status();
}

absl::Status ConsortiumBook::Begin(rpc::Change& change, v1::Consortium* row) const {
  CHANYAN_RETURN_IF_ERROR(RequireStill(change));
  row->set_state(v1::CONSORTIUM_STATE_DRAFT);
  api::SetTime(change.now(), row->mutable_state_time());
  CHANYAN_RETURN_IF_ERROR(Settle(change, "created", row));
  CHANYAN_RETURN_IF_ERROR(consortia_.Insert(change.session(), change.now(), row));
  CHANYAN_RETURN_IF_ERROR(IndexParties(change.session(), {}, *row));
  return change.Record("created", nullptr, row);
}

absl::Status ConsortiumBook::AskRules(rpc::Change& change, const ::chanyan::consortium::Step& step,
                                      v1::Consortium* row) const {
  if (step.rules == Rules::kNone) return absl::OkStatus();
  if (In(row->state(), kEditable)) {
    CHANYAN_RETURN_IF_ERROR(Derive(change, row));
    // Handed in anew: what was set aside for other facts is decided on again.
    CHANYAN_RETURN_IF_ERROR(JudgeOnly(change, row).status());
    DropStale(row->verdicts(), row->mutable_overrides());
  }
  CHANYAN_RETURN_IF_ERROR(JudgeAnew(change, step.verb, true, row));
  return step.rules == Rules::kHard ? policy::RequireHard(row->verdicts())
                                    : policy::RequireSatisfied(row->verdicts());
}

absl::Status ConsortiumBook::SetClock(rpc::Change& change, v1::Consortium* row) const {
  api::SetTime(change.now(), row->mutable_state_time());
  row->clear_due_time();
  row->clear_due_note();
  row->set_overdue(false);
  CHANYAN_ASSIGN_OR_RETURN(const std::optional<StateClock> clock,
                           ClockOf(pack_, row->state(), time::DayOf(change.now())));
  if (!clock.has_value()) return absl::OkStatus();
  api::SetTime(clock->deadline, row->mutable_due_time());
  row->set_due_note(clock->derivation);
  return absl::OkStatus();
}

absl::Status ConsortiumBook::Follow(rpc::Change& change, const Actor& actor,
                                    const ::chanyan::consortium::Step& step,
                                    v1::Consortium* row) const {
  if (step.verb == "submit") {
    row->set_submitted(true);
    api::SetTime(change.now(), row->mutable_submit_time());
  } else if (step.verb == "file") {
    CHANYAN_RETURN_IF_ERROR(filings_.File(change, row));
    CHANYAN_RETURN_IF_ERROR(memberships_.Begin(change, *row, row->filing()));
    if (row->renews().empty()) return absl::OkStatus();
    CHANYAN_ASSIGN_OR_RETURN(const v1::Filing old, filings_.Get(change.session(), row->renews()));
    CHANYAN_ASSIGN_OR_RETURN(v1::Consortium former, LockAny(change, old.consortium()));
    CHANYAN_RETURN_IF_ERROR(TransferProjects(change, &former, row));
    if (!In(former.state(), kInForce)) return absl::OkStatus();
    return Step(change, {}, "renew", absl::StrCat("续期备案：", row->filing()), &former);
  } else if (step.verb == "removeLead") {
    row->set_former_lead_unit(row->lead_unit());
    row->clear_lead_unit();
    row->clear_lead_unit_title();
    row->clear_participants();
    for (const std::string& name : ParticipantsOf(*row)) row->add_participants(name);
    CHANYAN_RETURN_IF_ERROR(memberships_.Align(change, *row, "removeLead"));
    // What was proposed under that lead is decided by other parties now, and would stand in the way
    // of a new lead.
    return LapseSupplements(change, *row);
  } else if (step.verb == "installLead") {
    row->clear_former_lead_unit();
  }
  const bool ends = !In(row->state(), kInForce) && !row->filing().empty();
  if (!ends) return absl::OkStatus();
  if (!EndOf(row->state()).empty()) {
    CHANYAN_RETURN_IF_ERROR(filings_.End(change, *row, EndOf(row->state())));
  }
  CHANYAN_RETURN_IF_ERROR(memberships_.Align(change, *row, step.verb, /*ended=*/true));
  return LapseSupplements(change, *row);
}

absl::Status ConsortiumBook::TransferProjects(rpc::Change& change, v1::Consortium* former,
                                              v1::Consortium* row) const {
  const db::Table<v1::HeldProject> projects;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::HeldProject> open,
      projects.Select(change.session(), {kHeldBy, {former->name()}}, db::kByNameLocked));
  if (open.empty()) return absl::OkStatus();
  const v1::Consortium before = *former;
  for (v1::HeldProject& project : open) {
    const v1::HeldProject was = project;
    v1::HeldProject next = project;
    CHANYAN_ASSIGN_OR_RETURN(const v1::HeldProjectState moved,
                             policy::Next(HeldProjectLife(), project.state(), "transfer"));
    project.set_state(moved);
    CHANYAN_RETURN_IF_ERROR(projects.Update(change.session(), change.now(), &project));
    CHANYAN_RETURN_IF_ERROR(change.Record("transfer", &was, &project));
    next.set_name(absl::StrCat(row->name(), "/heldProjects/", api::NewShortId()));
    next.set_continues(was.name());
    CopyParties(*row, &next);
    CHANYAN_RETURN_IF_ERROR(projects.Insert(change.session(), change.now(), &next));
    CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &next));
  }
  row->set_held_projects(row->held_projects() + static_cast<int64_t>(open.size()));
  former->set_held_projects(0);
  return Save(change, "projects transferred", before, former);
}

absl::Status ConsortiumBook::LapseSupplements(rpc::Change& change,
                                              const v1::Consortium& row) const {
  const db::Table<v1::Supplement> supplements;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Supplement> open,
      supplements.Select(change.session(), {"open_consortium = ?", {row.name()}},
                         db::kByNameLocked));
  for (v1::Supplement& supplement : open) {
    const v1::Supplement before = supplement;
    CHANYAN_ASSIGN_OR_RETURN(const v1::SupplementState next,
                             policy::Next(SupplementLife(), supplement.state(), "lapse"));
    supplement.set_state(next);
    supplement.set_awaiting_override(false);
    CHANYAN_RETURN_IF_ERROR(supplements.Update(change.session(), change.now(), &supplement));
    CHANYAN_RETURN_IF_ERROR(change.Record("lapse", &before, &supplement));
  }
  return absl::OkStatus();
}

absl::Status ConsortiumBook::Step(rpc::Change& change, const Actor& actor, absl::string_view verb,
                                  const std::string& words, v1::Consortium* row) const {
  CHANYAN_RETURN_IF_ERROR(RequireStill(change));
  CHANYAN_ASSIGN_OR_RETURN(const ::chanyan::consortium::Step* step,
                           FindStep(row->state(), verb, actor.part));
  if (step->words != Words::kNone && words.empty()) {
    return status::InvalidField(step->words == Words::kReason ? "reason" : "opinion",
                                absl::StrCat(step->label, "应说明理由或意见"));
  }
  const auto gate = gates_.find(verb);
  if (gate != gates_.end()) CHANYAN_RETURN_IF_ERROR(gate->second(change, *row));
  const v1::Consortium before = *row;
  CHANYAN_RETURN_IF_ERROR(AskRules(change, *step, row));
  const bool late = IsLate(*row, change.now());
  row->set_state(step->to);
  if (!In(step->to, kOpen)) row->clear_barred_parties();
  row->set_state_reason(step->words == Words::kReason ? words : "");
  CHANYAN_RETURN_IF_ERROR(SetClock(change, row));
  CHANYAN_RETURN_IF_ERROR(Follow(change, actor, *step, row));
  row->set_transition_count(row->transition_count() + 1);

  v1::Transition record;
  record.set_name(absl::StrCat(row->name(), "/transitions/", row->transition_count()));
  record.set_number(row->transition_count());
  record.set_verb(std::string(verb));
  record.set_from_state(before.state());
  record.set_to_state(row->state());
  record.set_actor_organization(actor.organization);
  record.set_actor_title(std::string(PartTitle(actor.part)));
  record.set_words(words);
  if (row->has_due_time()) *record.mutable_due_time() = row->due_time();
  record.set_late(late);
  CopyParties(*row, &record);
  CHANYAN_RETURN_IF_ERROR(transitions_.Insert(change.session(), change.now(), &record));
  CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &record));
  return Save(change, verb, before, row);
}

absl::Status ConsortiumBook::Save(rpc::Change& change, absl::string_view kind,
                                  const v1::Consortium& before, v1::Consortium* row) const {
  if (MessageDifferencer::Equals(before, *row)) return absl::OkStatus();
  const bool led = !row->lead_unit().empty() && row->lead_unit() != before.lead_unit();
  if (led && In(row->state(), kInForce)) {
    CHANYAN_ASSIGN_OR_RETURN(const Parties parties,
                             parties_.Of(change.session(), {row->lead_unit()}));
    Place(pack_, parties, row);
  }
  CHANYAN_RETURN_IF_ERROR(consortia_.Update(change.session(), change.now(), row));
  CHANYAN_RETURN_IF_ERROR(IndexParties(change.session(), before, *row));
  CHANYAN_RETURN_IF_ERROR(change.Record(kind, &before, row));
  if (In(row->state(), kInForce)) CHANYAN_RETURN_IF_ERROR(filings_.Follow(change, *row));
  return SameParties(before, *row) ? absl::OkStatus() : FollowRecords(change, *row);
}

}  // namespace chanyan::consortium
