#include "services/triage/result_book.h"

#include "absl/strings/str_cat.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "common/api/normalize.h"
#include "common/db/predicate.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/library_keys.h"
#include "services/triage/parties.h"
#include "services/triage/push_end.h"
#include "services/triage/result_life.h"
#include "services/triage/result_records.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;

db::Predicate OfResult(absl::string_view result) {
  return {"name LIKE ?", {absl::StrCat(result, "/%")}};
}

// The entry of the stage that a result has.
v1::StageEntry EntryOf(absl::Time now, const v1::Result& row) {
  v1::StageEntry entry;
  entry.set_name(absl::StrCat(row.name(), "/stages/", static_cast<int>(row.funnel_stage())));
  entry.set_stage(row.funnel_stage());
  api::SetTime(now, entry.mutable_enter_time());
  entry.set_team(row.team());
  CopyParties(row, &entry);
  return entry;
}

}  // namespace

absl::StatusOr<v1::Result> ResultBook::Lock(rpc::Change& change, const rpc::Call& call,
                                            absl::string_view name) const {
  return results_.GetForUpdate(change.session(), name, auth::Writable<v1::Result>(call.principal));
}

absl::StatusOr<v1::Result> ResultBook::LockAny(rpc::Change& change, absl::string_view name) const {
  return results_.GetForUpdate(change.session(), name);
}

void ResultBook::Act(absl::Time now, v1::Result* row) {
  api::SetTime(now, row->mutable_act_time());
  row->clear_rungs();
}

absl::Status ResultBook::Begin(rpc::Change& change, const Holder& holder,
                               std::vector<v1::Result>* rows) const {
  if (rows->empty()) return absl::OkStatus();
  std::vector<v1::Tenure> tenures;
  std::vector<v1::StageEntry> entries;
  for (v1::Result& row : *rows) {
    row.set_office(pack_.Office());
    row.set_holder(holder.organization);
    row.set_holder_title(holder.title);
    row.set_broker(holder.broker);
    row.set_funnel_stage(v1::FUNNEL_STAGE_COLLECTED);
    Act(change.now(), &row);
    CHANYAN_RETURN_IF_ERROR(
        AddLibraryKeys(change.session(), row.name(), KeysOf(row), SoleKeyOf(row)));
    v1::Tenure& tenure = tenures.emplace_back();
    tenure.set_name(absl::StrCat(row.name(), "/tenures/1"));
    tenure.set_number(1);
    tenure.set_tenant(holder.organization);
    tenure.set_tenant_title(holder.title);
    tenure.set_tenant_broker(holder.broker);
    tenure.set_cause(v1::TENURE_CAUSE_COLLECTED);
    api::SetTime(change.now(), tenure.mutable_start_time());
    CopyParties(row, &tenure);
    entries.push_back(EntryOf(change.now(), row));
  }
  CHANYAN_RETURN_IF_ERROR(results_.InsertAll(change.session(), change.now(), rows));
  CHANYAN_RETURN_IF_ERROR(tenures_.InsertAll(change.session(), change.now(), &tenures));
  CHANYAN_RETURN_IF_ERROR(stages_.InsertAll(change.session(), change.now(), &entries));
  std::vector<journal::Alteration> made;
  for (size_t i = 0; i < rows->size(); ++i) {
    made.push_back({nullptr, &(*rows)[i]});
    made.push_back({nullptr, &tenures[i]});
    made.push_back({nullptr, &entries[i]});
  }
  return change.RecordAll("created", made);
}

absl::Status ResultBook::Save(rpc::Change& change, absl::string_view kind, const v1::Result& before,
                              v1::Result* row) const {
  if (MessageDifferencer::Equals(before, *row)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(results_.Update(change.session(), change.now(), row));
  CHANYAN_RETURN_IF_ERROR(change.Record(kind, &before, row));
  if (!SameKeys(before, *row)) CHANYAN_RETURN_IF_ERROR(WriteKeys(change.session(), *row));
  if (SameParties(before, *row)) return absl::OkStatus();
  const v1::Result* one = row;
  return FollowResults(change, escalations_, {&one, 1});
}

absl::Status ResultBook::Reach(rpc::Change& change, v1::FunnelStage stage, v1::Result* row) const {
  if (stage <= row->funnel_stage()) return absl::OkStatus();
  if (row->funnel_stage() != v1::FUNNEL_STAGE_UNSPECIFIED) {
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::StageEntry> left,
        stages_.Select(change.session(), db::And(OfResult(row->name()), {"leave_time IS NULL", {}}),
                       db::kByNameLocked));
    for (v1::StageEntry& entry : left) {
      const v1::StageEntry before = entry;
      api::SetTime(change.now(), entry.mutable_leave_time());
      CHANYAN_RETURN_IF_ERROR(stages_.Update(change.session(), change.now(), &entry));
      CHANYAN_RETURN_IF_ERROR(change.Record("left", &before, &entry));
    }
  }
  row->set_funnel_stage(stage);
  v1::StageEntry entry = EntryOf(change.now(), *row);
  CHANYAN_RETURN_IF_ERROR(stages_.Insert(change.session(), change.now(), &entry));
  return change.Record("entered", nullptr, &entry);
}

absl::Status ResultBook::FallBack(rpc::Change& change, v1::FunnelStage stage,
                                  v1::Result* row) const {
  if (stage >= row->funnel_stage()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::StageEntry> entries,
      stages_.Select(change.session(), OfResult(row->name()), "enter_time, name FOR UPDATE"));
  v1::StageEntry* last = nullptr;
  for (v1::StageEntry& entry : entries) {
    if (entry.stage() > stage) {
      CHANYAN_RETURN_IF_ERROR(stages_.Delete(change.session(), entry));
      CHANYAN_RETURN_IF_ERROR(change.Record("voided", &entry, nullptr));
    } else if (last == nullptr || entry.stage() > last->stage()) {
      last = &entry;
    }
  }
  row->set_funnel_stage(v1::FUNNEL_STAGE_UNSPECIFIED);
  if (last != nullptr) {
    row->set_funnel_stage(last->stage());
    const v1::StageEntry before = *last;
    last->clear_leave_time();
    CHANYAN_RETURN_IF_ERROR(stages_.Update(change.session(), change.now(), last));
    CHANYAN_RETURN_IF_ERROR(change.Record("re-entered", &before, last));
  }
  return Reach(change, stage, row);
}

absl::Status ResultBook::End(rpc::Change& change, absl::string_view why, v1::Result* row) const {
  CHANYAN_RETURN_IF_ERROR(CancelHandovers(change, why, {&row, 1}));
  CHANYAN_RETURN_IF_ERROR(escalations_.End(change, *row, why));
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Tenure> open,
      tenures_.Select(change.session(), {"open_result = ?", {row->name()}}, db::kByNameLocked));
  for (v1::Tenure& tenure : open) {
    const v1::Tenure before = tenure;
    api::SetTime(change.now(), tenure.mutable_end_time());
    CHANYAN_RETURN_IF_ERROR(tenures_.Update(change.session(), change.now(), &tenure));
    CHANYAN_RETURN_IF_ERROR(change.Record("ended", &before, &tenure));
  }
  const db::Table<v1::Push> pushes;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Push> sent,
      pushes.Select(change.session(), OfResult(row->name()), db::kByNameLocked));
  for (v1::Push& push : sent) {
    CHANYAN_RETURN_IF_ERROR(EndPush(change, pack_.pack().calendar(), why, &push));
  }
  return Unlist(change, *row);
}

absl::Status ResultBook::Conclude(rpc::Change& change, bool concluded, v1::Result* row) const {
  if (concluded == row->concluded()) return absl::OkStatus();
  row->set_concluded(concluded);
  if (!concluded) {
    Act(change.now(), row);
    return absl::OkStatus();
  }
  row->clear_rungs();
  return escalations_.End(change, *row, "成果已转化办结，不再提请协调");
}

void ResultBook::SetTeam(const v1::ServiceTeam* team, v1::Result* row) const {
  row->set_office(pack_.Office());
  if (team == nullptr) {
    row->clear_team();
    row->clear_team_title();
    row->set_department(pack_.Office());
    row->clear_agency();
    row->clear_investor();
    return;
  }
  row->set_team(team->name());
  row->set_team_title(team->display_name());
  row->set_department(team->department());
  row->set_agency(team->agency());
  row->set_investor(team->investor());
}

absl::StatusOr<v1::ServiceTeam> ResultBook::TeamServing(db::Session& session,
                                                        absl::string_view university_title) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ServiceTeam> teams,
                           teams_.Select(session, {"state = 'ACTIVE'", {}}));
  const std::string key = api::TextKey(university_title);
  for (const v1::ServiceTeam& team : teams) {
    for (const std::string& served : team.serves()) {
      if (api::TextKey(served) != key) continue;
      // So that it is not dissolved while something comes to it.
      CHANYAN_ASSIGN_OR_RETURN(v1::ServiceTeam locked, teams_.GetForUpdate(session, team.name()));
      if (locked.state() == v1::TEAM_STATE_ACTIVE) return locked;
    }
  }
  return v1::ServiceTeam();
}

absl::Status ResultBook::WriteKeys(db::Session& session, const v1::Result& row) const {
  return WriteLibraryKeys(session, row.name(), KeysOf(row), SoleKeyOf(row));
}

}  // namespace chanyan::triage
