// Handlers of instruments.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/db/predicate.h"
#include "common/policy/verdict.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/registry/booking_outages.h"
#include "services/registry/diary.h"
#include "services/registry/held_times.h"
#include "services/registry/ids.h"
#include "services/registry/instrument_following.h"
#include "services/registry/instrument_life.h"
#include "services/registry/instrument_rules.h"
#include "services/registry/instrument_service.h"
#include "services/registry/instrument_text_rules.h"
#include "services/registry/organization_rules.h"
#include "services/registry/owned_page.h"

namespace chanyan::registry {
namespace {

constexpr char kOrganizationTitle[] = "SELECT display_name FROM organization WHERE name = ?";
constexpr char kPlatformTitle[] = "SELECT display_name FROM platform WHERE name = ?";
// Closures that one instrument keeps, as in the proto.
constexpr int kMaxClosures = 400;

// Whole minutes around a suspension.
v1::Closure ClosureOf(absl::Time begin, absl::Time end, const std::string& reason) {
  constexpr absl::Duration kMinute = absl::Minutes(1);
  v1::Closure closure;
  *closure.mutable_start_time() =
      time::ToTimestamp(absl::UnixEpoch() + absl::Floor(begin - absl::UnixEpoch(), kMinute));
  *closure.mutable_end_time() =
      time::ToTimestamp(absl::UnixEpoch() + absl::Ceil(end - absl::UnixEpoch(), kMinute));
  closure.set_reason(reason);
  return closure;
}

}  // namespace

absl::Status InstrumentService::AddTitles(db::Session& session,
                                          absl::Span<const v1::Instrument> rows,
                                          TitlesByName* titles) {
  const auto add = [&](const char* sql, const std::string& name) -> absl::Status {
    const auto [slot, fresh] = titles->try_emplace(name);
    if (!fresh) return absl::OkStatus();
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(sql, {name}));
    if (!found.rows.empty()) slot->second = std::get<std::string>(found.rows[0][0]);
    return absl::OkStatus();
  };
  for (const v1::Instrument& row : rows) {
    CHANYAN_RETURN_IF_ERROR(add(kOrganizationTitle, row.organization()));
    CHANYAN_RETURN_IF_ERROR(add(kPlatformTitle, row.platform()));
  }
  return absl::OkStatus();
}

void InstrumentService::Describe(const TitlesByName& titles, v1::Instrument* row) const {
  row->set_organization_title(titles.at(row->organization()));
  row->set_platform_title(titles.at(row->platform()));
  row->set_hours_text(HoursText(*row));
  row->set_charges_text(ChargesText(deps_.pack, *row));
  row->set_terms_text(TermsText(deps_.pack, *row));
}

absl::Status InstrumentService::Present(const rpc::Call& call, absl::Span<v1::Instrument> rows) {
  TitlesByName titles;
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(
      call.deadline,
      [&](db::Session& session) -> absl::Status { return AddTitles(session, rows, &titles); }));
  for (v1::Instrument& row : rows) {
    Describe(titles, &row);
    if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) continue;
    for (std::string& verb : rpc::ActionsOf(call, InstrumentLife(), row.state(), "Instrument")) {
      row.add_actions(std::move(verb));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Instrument> InstrumentService::PresentOne(const rpc::Call& call,
                                                             v1::Instrument row) {
  CHANYAN_RETURN_IF_ERROR(Present(call, absl::MakeSpan(&row, 1)));
  return row;
}

absl::StatusOr<v1::Instrument> InstrumentService::GetInstrument(
    const rpc::Call& call, const v1::GetInstrumentRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Instrument row,
                           rpc::Fetch(deps_.store.db, call, instruments_, request.name()));
  return PresentOne(call, std::move(row));
}

absl::StatusOr<v1::ListInstrumentsResponse> InstrumentService::ListInstruments(
    const rpc::Call& call, const v1::ListInstrumentsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, FetchOwned(deps_.store.db, call, organizations_, instruments_,
                                                 "instruments", request));
  CHANYAN_RETURN_IF_ERROR(Present(call, absl::MakeSpan(page.rows)));
  v1::ListInstrumentsResponse response;
  response.mutable_instruments()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::Status InstrumentService::CheckInstrument(rpc::Change& change, const v1::Instrument* stored,
                                                v1::Instrument* row) {
  std::vector<status::Violation> violations =
      InstrumentViolations(deps_.pack, *row, time::DayOf(change.now()));
  if (stored == nullptr || stored->platform() != row->platform()) {
    // Before its state is read, so that it is not published in between.
    CHANYAN_RETURN_IF_ERROR(Touch(change.session(), row->platform()));
    const absl::StatusOr<v1::Platform> platform = platforms_.Get(change.session(), row->platform());
    if (!platform.ok() && !absl::IsNotFound(platform.status())) return platform.status();
    if (!platform.ok()) {
      violations.push_back({"platform", absl::StrCat("“", row->platform(), "”不在科创平台目录中")});
    } else if (platform->organization() != row->organization()) {
      violations.push_back({"platform", "所属平台应是本单位的科创平台"});
    } else if (platform->state() == v1::PLATFORM_STATE_WITHDRAWN) {
      violations.push_back(
          {"platform", absl::StrCat("“", platform->display_name(), "”已撤回，请选择其他科创平台")});
    } else {
      row->set_platform_published(IsPublished(*platform));
    }
  }
  const absl::StatusOr<v1::Organization> owner =
      organizations_.Get(change.session(), row->organization());
  if (!owner.ok() && !absl::IsNotFound(owner.status())) return owner.status();
  if (!owner.ok()) {
    violations.push_back(
        {"organization", absl::StrCat("“", row->organization(), "”不在单位名录中")});
  } else if (!MayOwnPlatforms(owner->kind()) || owner->state() != v1::ORGANIZATION_STATE_ACTIVE) {
    violations.push_back({"organization", absl::StrCat("“", owner->display_name(),
                                                       "”不是高校、科研机构或企业，或已停用，"
                                                       "不能开放仪器设备")});
  }
  if (violations.empty()) return CheckAssetNumber(change.session(), stored, *row);
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat("instrument.", violation.field);
  }
  return status::InvalidFields(std::move(violations));
}

absl::Status InstrumentService::CheckAssetNumber(db::Session& session, const v1::Instrument* stored,
                                                 const v1::Instrument& row) {
  // A locking read: of two creations at once the second waits here and sees the first.
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Instrument> holders,
      instruments_.Select(session,
                          {"organization = ? AND asset_number = ? AND name <> ?",
                           // A new one with the number of another may have its name as well.
                           {row.organization(), row.asset_number(),
                            stored == nullptr ? std::string() : stored->name()}},
                          db::kByNameLocked));
  if (holders.empty()) return absl::OkStatus();
  return status::AlreadyExists(
      holders[0].name(), absl::StrCat("资产编号“", row.asset_number(), "”已用于“",
                                      holders[0].display_name(), "”（", holders[0].name(), "）"));
}

absl::StatusOr<v1::Instrument> InstrumentService::CreateInstrument(
    const rpc::Call& call, const v1::CreateInstrumentRequest& request) {
  v1::Instrument wanted = request.instrument();
  wanted.set_organization(request.parent());
  wanted.set_name(absl::StrCat(
      request.parent(), "/instruments/",
      request.instrument_id().empty() ? InstrumentId(wanted) : request.instrument_id()));
  wanted.set_state(v1::INSTRUMENT_STATE_DRAFT);
  if (!auth::Reaches(call.principal, wanted, options::v1::ACCESS_WRITE)) {
    return status::NotFound(request.parent());
  }
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Instrument created,
      rpc::Mutate<v1::Instrument>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::Instrument> {
            v1::Instrument row = wanted;
            // Before anything is put in order, so that faults are named where the caller wrote
            // them.
            CHANYAN_RETURN_IF_ERROR(CheckInstrument(change, nullptr, &row));
            Normalize(deps_.pack, &row);
            if (request.validate_only()) return row;
            CHANYAN_RETURN_IF_ERROR(instruments_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return PresentOne(call, std::move(created));
}

absl::StatusOr<v1::Instrument> InstrumentService::UpdateInstrument(
    const rpc::Call& call, const v1::UpdateInstrumentRequest& request) {
  const v1::Instrument& update = request.instrument();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Instrument updated,
      rpc::Edit<v1::Instrument>(
          deps_.store, call, request, instruments_, update.name(), update.etag(), "updated",
          [&](rpc::Change& change, v1::Instrument& row) -> absl::Status {
            if (row.state() == v1::INSTRUMENT_STATE_RETIRED) {
              return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                                "仪器已停用，不能修改；如重新启用请另行新增");
            }
            // Bookings made meanwhile see either the old hours and prices or the new ones.
            CHANYAN_RETURN_IF_ERROR(Touch(change.session(), row.name()));
            v1::Instrument wanted = row;
            CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
            CHANYAN_RETURN_IF_ERROR(CheckInstrument(change, &row, &wanted));
            Normalize(deps_.pack, &wanted);
            KeepOpening(row, change.now(), &wanted);
            CHANYAN_RETURN_IF_ERROR(RejudgeOpening(deps_.pack, row, &wanted));
            if (!request.validate_only()) row = std::move(wanted);
            return absl::OkStatus();
          },
          [this](rpc::Change& change, const v1::Instrument& row) {
            return SettleOutages(change, deps_.pack, row).status();
          }));
  return PresentOne(call, std::move(updated));
}

absl::StatusOr<v1::Instrument> InstrumentService::Transit(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, InstrumentEdit edit) {
  CHANYAN_ASSIGN_OR_RETURN(v1::Instrument row,
                           rpc::Edit<v1::Instrument>(
                               deps_.store, call, request, instruments_, name, etag, verb,
                               [&](rpc::Change& change, v1::Instrument& row) -> absl::Status {
                                 CHANYAN_ASSIGN_OR_RETURN(
                                     const v1::InstrumentState next,
                                     policy::Next(InstrumentLife(), row.state(), verb));
                                 // Nothing is booked while the state changes.
                                 CHANYAN_RETURN_IF_ERROR(Touch(change.session(), row.name()));
                                 row.set_state(next);
                                 return edit(change, row);
                               },
                               [this](rpc::Change& change, const v1::Instrument& row) {
                                 return SettleOutages(change, deps_.pack, row).status();
                               }));
  return PresentOne(call, std::move(row));
}

absl::Status InstrumentService::RequireOrSetAside(const rpc::Call& call, absl::string_view reason,
                                                  policy::v1::Verdicts* verdicts) const {
  if (reason.empty() || policy::HasHardFailure(*verdicts)) {
    return policy::RequireSatisfied(*verdicts);
  }
  const policy::v1::Verdicts asked = *verdicts;
  for (const policy::v1::Verdict& verdict : asked.verdicts()) {
    if (verdict.outcome() != policy::v1::OUTCOME_NOT_SATISFIED) continue;
    absl::Status set_aside = status::PermissionDenied("您的角色不能批准例外");
    for (const options::v1::Role role : call.principal.roles) {
      set_aside = policy::ApplyOverride(deps_.pack, verdict.rule_id(), role, reason, *verdicts);
      if (!absl::IsPermissionDenied(set_aside)) break;
    }
    CHANYAN_RETURN_IF_ERROR(set_aside);
  }
  return absl::OkStatus();
}

absl::Status InstrumentService::MarkOpen(const rpc::Call& call, absl::Time now,
                                         absl::string_view override_reason,
                                         v1::Instrument* row) const {
  policy::v1::Verdicts verdicts = OpenVerdicts(deps_.pack, *row);
  CHANYAN_RETURN_IF_ERROR(RequireOrSetAside(call, override_reason, &verdicts));
  *row->mutable_open_verdicts() = std::move(verdicts);
  *row->mutable_open_time() = time::ToTimestamp(now);
  row->set_state(v1::INSTRUMENT_STATE_OPEN);
  return absl::OkStatus();
}

absl::StatusOr<v1::Instrument> InstrumentService::OpenInstrument(
    const rpc::Call& call, const v1::OpenInstrumentRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "open",
                 [&](rpc::Change& change, v1::Instrument& row) -> absl::Status {
                   // The owner may have been suspended since the draft was written.
                   CHANYAN_RETURN_IF_ERROR(CheckInstrument(change, &row, &row));
                   return MarkOpen(call, change.now(), request.override_reason(), &row);
                 });
}

absl::StatusOr<v1::Instrument> InstrumentService::SuspendInstrument(
    const rpc::Call& call, const v1::SuspendInstrumentRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "suspend",
                 [&](rpc::Change& change, v1::Instrument& row) -> absl::Status {
                   row.set_state_reason(request.reason());
                   *row.mutable_suspend_time() = time::ToTimestamp(change.now());
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::Instrument> InstrumentService::ResumeInstrument(
    const rpc::Call& call, const v1::ResumeInstrumentRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "resume",
      [&](rpc::Change& change, v1::Instrument& row) -> absl::Status {
        if (row.closures_size() >= kMaxClosures) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_WRONG_STATE,
              absl::StrCat("停机时段已有", kMaxClosures, "项，请先删去较早的几项再恢复开放"));
        }
        // The time it was out of order is no time it was to be open.
        *row.add_closures() = ClosureOf(time::ToTime(row.suspend_time()), change.now(), "暂停开放");
        row.clear_suspend_time();
        row.clear_state_reason();
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::Instrument> InstrumentService::RetireInstrument(
    const rpc::Call& call, const v1::RetireInstrumentRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "retire",
      [&](rpc::Change& change, v1::Instrument& row) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const int64_t left, CountUnfinished(change.session(), row.name()));
        if (left > 0) {
          return status::FailedPrecondition(
              options::v1::ERROR_REASON_REFERENCED,
              absl::StrCat("还有", left, "个预约没有结束，请先办结、改期或取消，再停用仪器"));
        }
        row.set_state_reason(request.reason());
        *row.mutable_retire_time() = time::ToTimestamp(change.now());
        return absl::OkStatus();
      });
}

}  // namespace chanyan::registry
