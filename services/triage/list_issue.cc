// Lists are issued and corrected (TRI-7): numbered, delivered to their task forces, frozen.
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/db/predicate.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/triage/industry_list_life.h"
#include "services/triage/issue_number.h"
#include "services/triage/issue_rules.h"
#include "services/triage/list_lines.h"
#include "services/triage/list_service.h"
#include "services/triage/openness.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using policy::v1::IndustryListKind;

constexpr char kDraftOf[] = "draft_of = ?";
constexpr char kInOrder[] = "number";

// Entries that are not open any more, those of `table`, or else are what they must not be.
std::string ChangedEntries(absl::string_view table, absl::string_view or_else) {
  return absl::StrCat("SELECT l.number, l.title FROM list_line l LEFT JOIN ", table,
                      " s ON s.name = l.subject AND ", kOpenToEverybody,
                      " WHERE l.list = ? AND l.left_out = 0 AND (s.name IS NULL", or_else,
                      ") ORDER BY l.number LIMIT 5 FOR UPDATE");
}

}  // namespace

absl::Status ListService::CheckLines(db::Session& session, const v1::IndustryList& row,
                                     absl::Time now, Listed listed) const {
  const bool as_is = listed == Listed::kAsIs;
  const absl::string_view changed_too = as_is ? " OR s.revision <> l.subject_revision" : "";
  const IndustryListKind* kind = deps_.pack.FindListKind(row.kind());
  const bool demands = kind != nullptr && kind->subject() == policy::v1::LIST_SUBJECT_DEMANDS;
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows changed,
      demands ? session.Query(
                    ChangedEntries("demand", absl::StrCat(changed_too, " OR s.valid_until < ?")),
                    {row.name(), time::FormatDate(time::DayOf(now))})
              : session.Query(ChangedEntries("result", changed_too), {row.name()}));
  if (changed.rows.empty()) return absl::OkStatus();
  std::vector<std::string> which;
  for (const db::Values& one : changed.rows) {
    which.push_back(
        absl::StrCat("第", std::get<int64_t>(one[0]), "条“", std::get<std::string>(one[1]), "”"));
  }
  return status::FailedPrecondition(
      ERROR_REASON_WRONG_STATE,
      absl::StrCat(absl::StrJoin(which, "、"), as_is ? "已有变化或不再公开，请先刷新清单"
                                                     : "不再公开，请先更正清单，再公布新版"));
}

absl::Status ListService::Deliver(rpc::Change& change, const std::vector<v1::ListLine>& lines,
                                  v1::IndustryList* row) const {
  std::map<std::string, int> concerned;
  for (const v1::ListLine& line : lines) {
    for (const std::string& recipient : line.recipients()) ++concerned[recipient];
  }
  std::vector<v1::ListDelivery> deliveries;
  // In the order of the pack.
  for (const auto* unit : deps_.pack.UnitsOf(policy::v1::TRIAGE_UNIT_KIND_TASK_FORCE)) {
    const auto found = concerned.find(unit->organization());
    if (found == concerned.end()) continue;
    row->add_recipients(unit->organization());
    row->add_recipient_titles(unit->display_name());
    v1::ListDelivery delivery;
    delivery.set_name(
        absl::StrCat(row->name(), "/deliveries/", api::DigestId("d", unit->organization())));
    delivery.set_recipient(unit->organization());
    delivery.set_recipient_title(unit->display_name());
    delivery.set_list_title(row->title());
    delivery.set_line_count(found->second);
    *delivery.mutable_issue_time() = row->issue_time();
    *delivery.mutable_due_time() = row->due_time();
    deliveries.push_back(std::move(delivery));
  }
  if (deliveries.empty()) {
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                      "清单所列产业没有产业专班，请在政策包中补充后再印发");
  }
  CHANYAN_RETURN_IF_ERROR(deliveries_.InsertAll(change.session(), change.now(), &deliveries));
  std::vector<journal::Alteration> made;
  for (const v1::ListDelivery& one : deliveries) made.push_back({nullptr, &one});
  return change.RecordAll("delivered", made);
}

absl::Status ListService::Supersede(rpc::Change& change, const v1::IndustryList& row) const {
  CHANYAN_ASSIGN_OR_RETURN(v1::IndustryList old,
                           lists_.GetForUpdate(change.session(), row.corrects()));
  const v1::IndustryList before = old;
  CHANYAN_ASSIGN_OR_RETURN(const auto next,
                           policy::Next(IndustryListLife(), old.state(), "correct"));
  old.set_state(next);
  old.set_corrected_by(row.name());
  if (old.published()) {
    // What was wrong is not shown any longer; the new version is published by itself.
    old.set_withdraw_reason("已由更正后的版次代替");
    CHANYAN_RETURN_IF_ERROR(SetPublished(change, false, &old));
  }
  CHANYAN_RETURN_IF_ERROR(lists_.Update(change.session(), change.now(), &old));
  CHANYAN_RETURN_IF_ERROR(change.Record("correct", &before, &old));
  // Nobody owes anything to a version that does not hold any more.
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::ListDelivery> open,
      deliveries_.Select(change.session(), {"list = ? AND done = 0", {old.name()}},
                         db::kByNameLocked));
  if (open.empty()) return absl::OkStatus();
  const std::vector<v1::ListDelivery> were = open;
  for (v1::ListDelivery& one : open) one.set_done(true);
  CHANYAN_RETURN_IF_ERROR(deliveries_.UpdateAll(change.session(), change.now(), &open));
  std::vector<journal::Alteration> closed;
  for (size_t i = 0; i < open.size(); ++i) closed.push_back({&were[i], &open[i]});
  return change.RecordAll("superseded", closed);
}

absl::Status ListService::Issue(rpc::Change& change, const rpc::Call& call,
                                v1::IndustryList* row) const {
  const IndustryListKind* kind = deps_.pack.FindListKind(row->kind());
  if (kind == nullptr || row->line_count() == 0) {
    return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                      "清单没有条目，不能印发；可待有条目后刷新，或作废");
  }
  CHANYAN_RETURN_IF_ERROR(CheckLines(change.session(), *row, change.now(), Listed::kAsIs));
  if (row->corrects().empty()) {
    row->set_year(static_cast<int32_t>(time::DayOf(change.now()).year()));
    CHANYAN_ASSIGN_OR_RETURN(
        const int number,
        NextIssueNumber(change.session(), absl::StrCat("list/", row->kind()), row->year()));
    row->set_number(number);
  } else {
    CHANYAN_RETURN_IF_ERROR(Supersede(change, *row));
  }
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay first, time::ToCivilDay(row->period_start_date()));
  row->set_title(ListTitle(*row, PeriodOf(kind->period(), first).label));
  row->set_issuer(call.principal.account);
  api::SetTime(change.now(), row->mutable_issue_time());
  CHANYAN_ASSIGN_OR_RETURN(
      const policy::Term term,
      deps_.pack.pack().calendar().TermAfter(time::DayOf(change.now()),
                                             static_cast<int>(kind->feedback_workdays())));
  api::SetTime(term.deadline, row->mutable_due_time());
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::ListLine> lines,
                           lines_.Select(change.session(), {kKeptLines, {row->name()}}, kInOrder));
  CHANYAN_RETURN_IF_ERROR(Deliver(change, lines, row));
  for (v1::ListLine& line : lines) line.set_issued(true);
  // Numbered anew: what was left out leaves no gap that would tell of it.
  CHANYAN_RETURN_IF_ERROR(Place(change, lines, row));
  std::vector<journal::Alteration> issued;
  for (const v1::ListLine& line : lines) issued.push_back({nullptr, &line});
  return change.RecordAll("issued", issued);
}

absl::StatusOr<v1::IndustryList> ListService::IssueIndustryList(
    const rpc::Call& call, const v1::IssueIndustryListRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::IndustryList row,
      rpc::Transit<v1::IndustryList>(
          deps_.store, call, request, lists_, IndustryListLife(), request.name(), request.etag(),
          "issue", [&](rpc::Change& change, v1::IndustryList& list) -> absl::Status {
            return Issue(change, call, &list);
          }));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::IndustryList> ListService::CorrectIndustryList(
    const rpc::Call& call, const v1::CorrectIndustryListRequest& request) {
  return rpc::Mutate<v1::IndustryList>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::IndustryList> {
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::IndustryList old,
            lists_.GetForUpdate(change.session(), request.name(),
                                auth::Writable<v1::IndustryList>(call.principal)));
        if (!request.etag().empty() && request.etag() != old.etag()) {
          return rpc::StaleEdit(change.session(), call, request.etag(), old);
        }
        CHANYAN_RETURN_IF_ERROR(policy::Next(IndustryListLife(), old.state(), "correct").status());
        // Locked: a snapshot would not show one that was made while this one waited.
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::IndustryList> drafts,
            lists_.Select(change.session(),
                          {kDraftOf, {absl::StrCat(old.kind(), " ", old.industry())}},
                          db::kByNameLocked));
        if (!drafts.empty()) {
          return status::FailedPrecondition(ERROR_REASON_WRONG_STATE,
                                            "该产业已有一份草稿，请印发或作废后再更正");
        }
        v1::IndustryList row;
        row.set_name(absl::StrCat("lists/", api::NewShortId()));
        row.set_kind(old.kind());
        row.set_kind_title(old.kind_title());
        row.set_industry(old.industry());
        row.set_industry_title(old.industry_title());
        *row.mutable_period_start_date() = old.period_start_date();
        *row.mutable_period_end_date() = old.period_end_date();
        row.set_state(v1::INDUSTRY_LIST_STATE_DRAFT);
        row.set_year(old.year());
        row.set_number(old.number());
        row.set_edition(old.edition() + 1);
        row.set_corrects(old.name());
        row.set_reason(request.reason());
        CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay first,
                                 time::ToCivilDay(old.period_start_date()));
        const IndustryListKind* kind = deps_.pack.FindListKind(old.kind());
        if (kind != nullptr) row.set_title(ListTitle(row, PeriodOf(kind->period(), first).label));
        row.set_author(call.principal.account);
        row.set_office(old.office());
        CHANYAN_RETURN_IF_ERROR(InheritOmissions(change, old, row));
        CHANYAN_RETURN_IF_ERROR(Collect(change, &row));
        CHANYAN_RETURN_IF_ERROR(lists_.Insert(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
        return Present(call, std::move(row));
      });
}

}  // namespace chanyan::triage
