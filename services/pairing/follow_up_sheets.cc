// Follow-ups of joint conferences from a sheet and as a sheet (PAIR-8, REG-10).
#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/api/names.h"
#include "common/api/validate.h"
#include "common/db/predicate.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/conference_rows.h"
#include "services/pairing/cooperation_service.h"
#include "services/pairing/cooperation_sheets.h"
#include "services/pairing/select_in.h"

namespace chanyan::pairing {
namespace {

// Conferences that rows name.
class Conferences {
 public:
  explicit Conferences(const std::vector<v1::Conference>& rows) {
    for (const v1::Conference& row : rows) by_title_[row.title()].push_back(&row);
  }

  // Null if there is none, or if it is not clear which; that is a violation.
  const v1::Conference* Find(const v1::FollowUpRow& row, Violations* wrong) const {
    std::vector<const v1::Conference*> meant;
    if (const auto found = by_title_.find(row.conference_title()); found != by_title_.end()) {
      std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(meant),
                   [&](const v1::Conference* one) { return IsMeant(row, *one); });
    }
    if (meant.size() == 1) return meant.front();
    const std::string title = absl::StrCat("名称为“", row.conference_title(), "”的会议");
    if (!meant.empty()) {
      wrong->push_back({"conference_title",
                        absl::StrCat(title, "有 ", meant.size(),
                                     " 次，请增加“会议日期”列或“会议编号”列，写明是哪一次")});
    } else {
      wrong->push_back({"conference_title",
                        absl::StrCat("没有", title,
                                     row.conference_number().empty() && !row.has_conference_date()
                                         ? "，请先导入或登记该会议"
                                         : "与本行的会议编号和会议日期一致，请核对")});
    }
    return nullptr;
  }

 private:
  static bool IsMeant(const v1::FollowUpRow& row, const v1::Conference& conference) {
    if (!row.conference_number().empty() &&
        api::IdOfName(conference.name()) != row.conference_number()) {
      return false;
    }
    if (!row.has_conference_date()) return true;
    const auto day = time::ToCivilDay(row.conference_date());
    return day.ok() && *day == time::DayOf(time::ToTime(conference.meet_time()));
  }

  absl::flat_hash_map<std::string, std::vector<const v1::Conference*>> by_title_;
};

// What rows mean of what is stored.
class StoredFollowUps {
 public:
  explicit StoredFollowUps(const std::vector<v1::FollowUp>& rows) {
    for (const v1::FollowUp& row : rows) {
      by_name_[row.name()] = &row;
      by_key_[KeyOf(ConferenceOf(row), row.decision_number(), row.unit(), row.task())].push_back(
          &row);
      const std::vector<absl::string_view> parts = absl::StrSplit(api::IdOfName(row.name()), '-');
      int index = 0;
      if (parts.size() == 2 && absl::SimpleAtoi(parts[1], &index)) {
        int& last = last_[LineOf(ConferenceOf(row), row.decision_number())];
        last = std::max(last, index);
      }
    }
  }

  static std::string KeyOf(absl::string_view conference, int decision, absl::string_view unit,
                           absl::string_view task) {
    return absl::StrCat(conference, "\n", decision, "\n", unit, "\n", task);
  }

  // Null if the row is a new one, or if it is not clear what it means, which is a violation.
  const v1::FollowUp* Find(const v1::FollowUpRow& row, const v1::Conference& conference,
                           absl::string_view unit, Violations* wrong) const {
    if (!row.follow_up_number().empty()) {
      const auto named =
          by_name_.find(absl::StrCat(conference.name(), "/followUps/", row.follow_up_number()));
      if (named != by_name_.end()) return named->second;
      wrong->push_back(
          {"follow_up_number", absl::StrCat("该会议没有编号为“", row.follow_up_number(),
                                            "”的议定事项；新增的事项请留空")});
      return nullptr;
    }
    const auto found =
        by_key_.find(KeyOf(conference.name(), row.decision_number(), unit, row.task()));
    if (found == by_key_.end()) return nullptr;
    if (found->second.size() == 1) return found->second.front();
    wrong->push_back({"task", absl::StrCat("该会议有 ", found->second.size(),
                                           " 项序号、责任单位和事项都相同，请填写事项编号")});
    return nullptr;
  }

  // The name of the next one of a decision: as issued minutes name them.
  std::string NextName(const std::string& conference, int decision) {
    return absl::StrCat(conference, "/followUps/", decision, "-",
                        ++last_[LineOf(conference, decision)]);
  }

 private:
  static std::string ConferenceOf(const v1::FollowUp& row) {
    return std::string(api::ParentOfName(row.name()));
  }
  static std::string LineOf(const std::string& conference, int decision) {
    return absl::StrCat(conference, "\n", decision);
  }

  absl::flat_hash_map<std::string, const v1::FollowUp*> by_name_;
  absl::flat_hash_map<std::string, std::vector<const v1::FollowUp*>> by_key_;
  absl::flat_hash_map<std::string, int> last_;
};

std::vector<std::string> TitlesOf(const std::vector<sheet::TableRow<v1::FollowUpRow>>& rows) {
  std::vector<std::string> titles;
  for (const auto& row : rows) titles.push_back(row.message.conference_title());
  return titles;
}

// What rows make of follow-ups, in memory.
class FollowUpPlanner {
 public:
  FollowUpPlanner(const Organizations& known, const Conferences& conferences,
                  StoredFollowUps& stored, const auth::Principal& writer, absl::Time now)
      : known_(known),
        conferences_(conferences),
        stored_(stored),
        writer_{writer.account, writer.organization},
        now_(now) {}

  // Plans the row, or says what is wrong with it.
  Violations Add(const v1::FollowUpRow& row, uint32_t number, rpc::ImportPlan<v1::FollowUp>* plan) {
    Violations wrong;
    const v1::Conference* conference = conferences_.Find(row, &wrong);
    const std::string unit = UnitOf(row);
    const v1::FollowUp* before =
        conference == nullptr ? nullptr : stored_.Find(row, *conference, unit, &wrong);
    const bool found = wrong.empty();
    v1::FollowUp after = before == nullptr ? v1::FollowUp() : *before;
    if (before != nullptr) {
      ActOn(row, *conference, unit, writer_, now_, &after, &wrong);
    } else {
      if (found) after = NewFollowUp(row, *conference, writer_, now_, &wrong);
      SetUnits(row, unit, &after, &wrong);
    }
    if (!found) return wrong;
    NoteTwice(&seen_,
              before != nullptr ? before->name()
                                : StoredFollowUps::KeyOf(conference->name(), row.decision_number(),
                                                         unit, row.task()),
              number, "task", &wrong);
    if (!wrong.empty()) return wrong;
    if (before == nullptr) {
      after.set_name(stored_.NextName(conference->name(), row.decision_number()));
    }
    wrong = api::Violations(after, api::Direction::kStored);
    if (wrong.empty()) plan->Add(before, std::move(after));
    return OfColumns(std::move(wrong));
  }

 private:
  // The unit that goes on for the one of the row; "" if the directory has none of that title.
  std::string UnitOf(const v1::FollowUpRow& row) const {
    const registry::v1::Organization* named = known_.ByTitle(row.unit_title());
    return named == nullptr ? "" : known_.Living(*named).name();
  }

  void SetUnits(const v1::FollowUpRow& row, const std::string& unit, v1::FollowUp* follow_up,
                Violations* wrong) const {
    if (unit.empty()) ResolveOne(known_, row.unit_title(), "unit_title", wrong);
    follow_up->set_unit(unit);
    follow_up->set_unit_title(known_.TitleOf(unit));
    Resolve(known_, row.co_unit_titles(), "co_unit_titles", follow_up->mutable_co_units(), wrong);
    *follow_up->mutable_co_unit_titles() = row.co_unit_titles();
  }

  const Organizations& known_;
  const Conferences& conferences_;
  StoredFollowUps& stored_;
  const Writer writer_;
  const absl::Time now_;
  absl::flat_hash_map<std::string, uint32_t> seen_;
};

}  // namespace

absl::StatusOr<v1::ImportFollowUpsResponse> CooperationService::ImportFollowUps(
    const rpc::Call& call, const v1::ImportFollowUpsRequest& request) {
  CHANYAN_RETURN_IF_ERROR(RequireCooperation(deps_.pack));
  sheet::ReadOptions options;
  options.check = [](google::protobuf::Message& message, uint32_t) {
    return api::Violations(message);
  };
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::FollowUpRow> data,
      rpc::ReadUpload<v1::FollowUpRow>(request.file(), request.file_name(), options));
  CHANYAN_ASSIGN_OR_RETURN(const Organizations known,
                           LoadOrganizations(deps_.peers, rpc::AsService(call)));
  return rpc::Mutate<v1::ImportFollowUpsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportFollowUpsResponse> {
        const std::vector<std::string> titles = TitlesOf(data.rows);
        std::vector<v1::Conference> meetings;
        CHANYAN_RETURN_IF_ERROR(
            SelectIn(change.session(), conferences_, "title", titles,
                     auth::Writable<v1::Conference>(call.principal), db::kByNameLocked,
                     [&](v1::Conference row) { meetings.push_back(std::move(row)); }));
        std::vector<v1::FollowUp> rows;
        CHANYAN_RETURN_IF_ERROR(
            SelectIn(change.session(), follow_ups_, "conference_title", titles,
                     auth::Writable<v1::FollowUp>(call.principal), db::kByNameLocked,
                     [&](v1::FollowUp row) { rows.push_back(std::move(row)); }));
        const Conferences conferences(meetings);
        StoredFollowUps stored(rows);
        FollowUpPlanner planner(known, conferences, stored, call.principal, change.now());
        Violations violations;
        rpc::ImportPlan<v1::FollowUp> plan;
        for (const auto& [row, number] : data.rows) {
          rpc::AddPlaced(planner.Add(row, number, &plan), number, data.places, &violations);
        }
        std::vector<std::string> units;
        for (const v1::FollowUp& row : plan.creates) units.push_back(row.unit());
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), std::move(units)));
        return rpc::Settle<v1::ImportFollowUpsResponse>(change, follow_ups_, std::move(violations),
                                                        request.validate_only(), &plan);
      });
}

absl::StatusOr<google::api::HttpBody> CooperationService::ExportFollowUps(
    const rpc::Call& call, const v1::ExportFollowUpsRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  std::vector<v1::FollowUp> follow_ups;
  absl::flat_hash_map<std::string, v1::Conference> conferences;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted, follow_ups_.core().Where(request.filter()));
        wanted = db::And(std::move(wanted), auth::Readable<v1::FollowUp>(call.principal));
        if (request.overdue()) wanted = db::And(std::move(wanted), OverdueOn(time::DayOf(now)));
        CHANYAN_ASSIGN_OR_RETURN(follow_ups, follow_ups_.Select(session, wanted, "due_date, name"));
        std::vector<std::string> names;
        for (const v1::FollowUp& row : follow_ups) {
          names.push_back(std::string(api::ParentOfName(row.name())));
        }
        return SelectIn(session, conferences_, "name", std::move(names),
                        auth::Readable<v1::Conference>(call.principal), "name",
                        [&](v1::Conference row) {
                          std::string name = row.name();
                          conferences[std::move(name)] = std::move(row);
                        });
      }));
  std::vector<v1::FollowUpRow> rows;
  for (v1::FollowUp& row : follow_ups) {
    row.set_overdue(IsOverdue(row, time::DayOf(now)));
    const auto met = conferences.find(api::ParentOfName(row.name()));
    rows.push_back(RowOf(row, met == conferences.end() ? nullptr : &met->second));
  }
  return rpc::ExportSheet<v1::FollowUpRow>("联席会议议定事项督办台账", now, rows);
}

}  // namespace chanyan::pairing
