// Handlers of notices, and their end.
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/consortium/due_queries.h"
#include "services/consortium/filing_rules.h"
#include "services/consortium/notice_life.h"
#include "services/consortium/notice_rules.h"
#include "services/consortium/notice_service.h"
#include "services/consortium/parties.h"
#include "services/consortium/states_sql.h"

namespace chanyan::consortium {
namespace {

// Characters of hold_reason.
constexpr size_t kHoldReasonBytes = 900;

std::string UsualWords(const v1::PublicNotice& notice) {
  return absl::StrCat(
      "经专家审查、现场考察和答辩评审，拟对“", notice.consortium_title(), "”予以备案",
      notice.valid_months() == 0 ? "" : absl::StrCat("（有效期", notice.valid_months(), "个月）"),
      "，现予公示，公示期", notice.workdays(), "个工作日（", notice.derivation(),
      "）。对公示有异议的单位和个人，请在公示期内提出，并附事实和证据。");
}

// Locking reads: an objection that came while one waited for the notice is not in the transaction's
// snapshot. By the key of notice and state.
const std::string& StandingSql() {
  static const auto& sql = *new std::string(
      absl::StrCat("SELECT 1 FROM notice_objection WHERE notice = ? AND state IN ",
                   StatesSql<v1::NoticeObjectionState>(policy::Bits(
                       v1::NOTICE_OBJECTION_STATE_OPEN, v1::NOTICE_OBJECTION_STATE_UPHELD)),
                   " LIMIT 1 FOR UPDATE"));
  return sql;
}
constexpr char kUndecided[] =
    "SELECT COUNT(*) FROM notice_objection WHERE notice = ? AND state = 'OPEN' FOR UPDATE";

absl::StatusOr<bool> HasStanding(db::Session& session, const std::string& notice) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(StandingSql(), {notice}));
  return !rows.rows.empty();
}

// At a character's end.
std::string CutAt(absl::string_view text, size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return absl::StrCat(text.substr(0, bytes), "…");
}

}  // namespace

std::vector<rpc::UnaryMethod> NoticeService::Methods() {
  using S = NoticeService;
  return {
      rpc::Unary("PublishNotice", this, &S::PublishNotice),
      rpc::Unary("GetPublicNotice", this, &S::GetPublicNotice),
      rpc::Unary("ListPublicNotices", this, &S::ListPublicNotices),
      rpc::Unary("CreateNoticeObjection", this, &S::CreateNoticeObjection),
      rpc::Unary("SubmitPublicObjection", this, &S::SubmitPublicObjection),
      rpc::Unary("CheckObjectionReceipt", this, &S::CheckObjectionReceipt),
      rpc::Unary("AddObjectionEvidence", this, &S::AddObjectionEvidence),
      rpc::Unary("ListObjectionEvidence", this, &S::ListObjectionEvidence),
      rpc::Unary("DownloadObjectionEvidence", this, &S::DownloadObjectionEvidence),
      rpc::Unary("GetNoticeObjection", this, &S::GetNoticeObjection),
      rpc::Unary("ListNoticeObjections", this, &S::ListNoticeObjections),
      rpc::Unary("WithdrawNoticeObjection", this, &S::WithdrawNoticeObjection),
      rpc::Unary("DecideNoticeObjection", this, &S::DecideNoticeObjection),
  };
}

v1::PublicNotice NoticeService::Present(const rpc::Call& call, v1::PublicNotice row) const {
  if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) row.clear_hold_reason();
  if (RequireOpen(row, deps_.store.clock.Now()).ok()) row.add_actions("object");
  return row;
}

absl::StatusOr<v1::PublicNotice> NoticeService::PublishNotice(
    const rpc::Call& call, const v1::PublishNoticeRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::PublicNotice published,
      rpc::Mutate<v1::PublicNotice>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::PublicNotice> {
            CHANYAN_ASSIGN_OR_RETURN(v1::Consortium consortium,
                                     deps_.book.Lock(change, call, request.name()));
            if (!request.etag().empty() && request.etag() != consortium.etag()) {
              return rpc::StaleEdit(change.session(), call, request.etag(), consortium);
            }
            CHANYAN_ASSIGN_OR_RETURN(const Actor actor, ActorOf(call, consortium));
            CHANYAN_RETURN_IF_ERROR(
                CheckMonths(deps_.pack.proto().filing(), request.valid_months()));
            CHANYAN_RETURN_IF_ERROR(deps_.book.Step(change, actor, "announce", "", &consortium));
            v1::PublicNotice row;
            row.set_name(absl::StrCat("notices/", api::NewShortId()));
            row.set_consortium(consortium.name());
            row.set_consortium_title(consortium.display_name());
            row.set_title(absl::StrCat("关于“", consortium.display_name(), "”拟备案的公示"));
            row.set_lead_title(consortium.lead_unit_title());
            for (const v1::ConsortiumMember& member : consortium.members()) {
              row.add_member_titles(member.title());
            }
            *row.mutable_industries() = consortium.industries();
            row.set_valid_months(request.valid_months());
            CHANYAN_RETURN_IF_ERROR(SetWindow(deps_.pack.pack(), change.now(), &row));
            row.set_content(request.content().empty() ? UsualWords(row) : request.content());
            row.set_state(v1::PUBLIC_NOTICE_STATE_OPEN);
            row.set_office(consortium.office());
            CHANYAN_RETURN_IF_ERROR(notices_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("published", nullptr, &row));
            return row;
          }));
  return Present(call, std::move(published));
}

absl::StatusOr<v1::PublicNotice> NoticeService::GetPublicNotice(
    const rpc::Call& call, const v1::GetPublicNoticeRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::PublicNotice row,
                           rpc::Fetch(deps_.store.db, call, notices_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListPublicNoticesResponse> NoticeService::ListPublicNotices(
    const rpc::Call& call, const v1::ListPublicNoticesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page,
      rpc::FetchPage(deps_.store.db, call, notices_, request, "", request.filter(),
                     request.order_by().empty() ? "start_date desc" : request.order_by()));
  v1::ListPublicNoticesResponse response;
  for (v1::PublicNotice& row : page.rows) {
    *response.add_public_notices() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<std::vector<v1::PublicNotice>> NoticeService::LockOpen(
    db::Session& session, const std::string& consortium) const {
  return notices_.Select(session, {"open_consortium = ?", {consortium}}, db::kByNameLocked);
}

absl::Status NoticeService::RequireDecided(rpc::Change& change,
                                           const v1::Consortium& consortium) const {
  db::Session& session = change.session();
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::PublicNotice> open,
                           LockOpen(session, consortium.name()));
  for (const v1::PublicNotice& notice : open) {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kUndecided, {notice.name()}));
    const auto waiting = std::get<int64_t>(rows.rows.at(0).at(0));
    if (waiting == 0) continue;
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("请先办结异议：本公示还有", waiting, "件异议没有作出认定，认定后再办理"));
  }
  return absl::OkStatus();
}

void NoticeService::SetGates(ConsortiumBook& book) const {
  // Nothing stays on notice that nobody applies for any more or that is corrected first.
  book.SetGate("withdraw", [this](rpc::Change& change, const v1::Consortium& row) {
    return EndWith(change, row);
  });
  book.SetGate("reopen", [this](rpc::Change& change, const v1::Consortium& row) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(RequireDecided(change, row));
    return EndWith(change, row);
  });
}

absl::Status NoticeService::EndWith(rpc::Change& change, const v1::Consortium& consortium) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::PublicNotice> open,
                           LockOpen(change.session(), consortium.name()));
  for (v1::PublicNotice row : open) {
    const v1::PublicNotice before = row;
    CHANYAN_ASSIGN_OR_RETURN(const v1::PublicNoticeState next,
                             policy::Next(PublicNoticeLife(), row.state(), "end"));
    row.set_state(next);
    row.set_result("公示已终止");
    api::SetTime(change.now(), row.mutable_end_time());
    CHANYAN_RETURN_IF_ERROR(notices_.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("end", &before, &row));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> NoticeService::EndOne(rpc::Change& change, const std::string& name) const {
  db::Session& session = change.session();
  const absl::Time now = change.now();
  CHANYAN_ASSIGN_OR_RETURN(const v1::PublicNotice seen, notices_.Get(session, name));
  CHANYAN_ASSIGN_OR_RETURN(v1::Consortium consortium,
                           deps_.book.LockAny(change, seen.consortium()));
  CHANYAN_ASSIGN_OR_RETURN(v1::PublicNotice row, notices_.GetForUpdate(session, name));
  if (row.state() != v1::PUBLIC_NOTICE_STATE_OPEN) return false;
  if (consortium.state() != v1::CONSORTIUM_STATE_PUBLIC_NOTICE) {
    CHANYAN_RETURN_IF_ERROR(EndWith(change, consortium));
    return true;
  }
  CHANYAN_ASSIGN_OR_RETURN(const bool standing, HasStanding(session, name));
  const NoticeFate fate = FateOf(row, standing, now);
  if (fate == NoticeFate::kWaits) return Wait(change, &consortium, &row);
  if (fate != NoticeFate::kClears) return false;
  const v1::PublicNotice before = row;
  CHANYAN_RETURN_IF_ERROR(deps_.book.Step(change, Actor(), "file", "", &consortium));
  CHANYAN_ASSIGN_OR_RETURN(const v1::Filing filing,
                           deps_.book.filings().Get(session, consortium.filing()));
  CHANYAN_ASSIGN_OR_RETURN(const v1::PublicNoticeState next,
                           policy::Next(PublicNoticeLife(), row.state(), "clear"));
  row.set_state(next);
  row.set_filing_number(filing.filing_number());
  row.set_result(absl::StrCat("公示期满无异议，予以备案，备案编号", filing.filing_number()));
  row.clear_hold_reason();
  row.clear_wait_time();
  api::SetTime(now, row.mutable_end_time());
  CHANYAN_RETURN_IF_ERROR(notices_.Update(session, now, &row));
  CHANYAN_RETURN_IF_ERROR(change.Record("clear", &before, &row));
  return true;
}

absl::Status NoticeService::MarkLate(rpc::Change& change, v1::Consortium* consortium) const {
  if (consortium->overdue() || consortium->state() != v1::CONSORTIUM_STATE_PUBLIC_NOTICE) {
    return absl::OkStatus();
  }
  const v1::Consortium before = *consortium;
  consortium->set_overdue(true);
  return deps_.book.Save(change, "overdue", before, consortium);
}

absl::StatusOr<bool> NoticeService::Wait(rpc::Change& change, v1::Consortium* consortium,
                                         v1::PublicNotice* row) const {
  if (row->has_wait_time()) return false;
  CHANYAN_RETURN_IF_ERROR(MarkLate(change, consortium));
  const v1::PublicNotice before = *row;
  api::SetTime(change.now(), row->mutable_wait_time());
  CHANYAN_RETURN_IF_ERROR(notices_.Update(change.session(), change.now(), row));
  CHANYAN_RETURN_IF_ERROR(change.Record("wait", &before, row));
  return true;
}

absl::Status NoticeService::Hold(const db::Lease& lease, const std::string& name,
                                 const absl::Status& why) const {
  return deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    CHANYAN_RETURN_IF_ERROR(lease.Fence(session));
    const absl::Time now = deps_.store.clock.Now();
    const journal::Origin origin = JobOrigin(DueJob::kEndNotice);
    rpc::Change change(session, now, origin);
    CHANYAN_ASSIGN_OR_RETURN(const v1::PublicNotice seen, notices_.Get(session, name));
    CHANYAN_ASSIGN_OR_RETURN(v1::Consortium consortium,
                             deps_.book.LockAny(change, seen.consortium()));
    CHANYAN_ASSIGN_OR_RETURN(v1::PublicNotice row, notices_.GetForUpdate(session, name));
    const std::string reason = CutAt(why.message(), kHoldReasonBytes);
    if (row.state() != v1::PUBLIC_NOTICE_STATE_OPEN || row.hold_reason() == reason) {
      return absl::OkStatus();
    }
    CHANYAN_RETURN_IF_ERROR(MarkLate(change, &consortium));
    const v1::PublicNotice before = row;
    row.set_hold_reason(reason);
    CHANYAN_RETURN_IF_ERROR(notices_.Update(session, now, &row));
    return change.Record("held", &before, &row);
  });
}

absl::StatusOr<int> NoticeService::EndDue(const db::Lease& lease) {
  // A deadline is its last second.
  return ForEachDue(
      deps_.due(), lease, DueJob::kEndNotice, kDueNotices,
      {deps_.store.clock.Now() - absl::Seconds(1)},
      [&](rpc::Change& change, const std::string& name) { return EndOne(change, name); },
      // A rule that holds no more is the office's to see to.
      [&](const std::string& name, const absl::Status& why) -> absl::Status {
        const options::v1::ErrorReason reason = status::ReasonOf(why);
        const bool held = reason == options::v1::ERROR_REASON_RULE_VIOLATED ||
                          reason == options::v1::ERROR_REASON_WRONG_STATE;
        return held ? Hold(lease, name, why) : why;
      });
}

absl::StatusOr<bool> NoticeService::Mark(rpc::Change& change, const std::string& name,
                                         absl::string_view kind,
                                         bool (v1::NoticeObjection::*has)() const, Flag set) const {
  CHANYAN_ASSIGN_OR_RETURN(v1::NoticeObjection row,
                           objections_.GetForUpdate(change.session(), name));
  if (row.state() != v1::NOTICE_OBJECTION_STATE_OPEN || (row.*has)()) return false;
  const v1::NoticeObjection before = row;
  (row.*set)(true);
  CHANYAN_RETURN_IF_ERROR(objections_.Update(change.session(), change.now(), &row));
  CHANYAN_RETURN_IF_ERROR(change.Record(kind, &before, &row));
  return true;
}

absl::StatusOr<int> NoticeService::RemindOfObjections(const db::Lease& lease) {
  return ForEachDue(deps_.due(), lease, DueJob::kRemindObjection, kRemindObjections,
                    {deps_.store.clock.Now()}, [&](rpc::Change& change, const std::string& name) {
                      return Mark(change, name, "remind", &v1::NoticeObjection::reminded,
                                  &v1::NoticeObjection::set_reminded);
                    });
}

absl::StatusOr<int> NoticeService::MarkLateObjections(const db::Lease& lease) {
  return ForEachDue(deps_.due(), lease, DueJob::kLateObjection, kLateObjections,
                    {deps_.store.clock.Now() - absl::Seconds(1)},
                    [&](rpc::Change& change, const std::string& name) {
                      return Mark(change, name, "overdue", &v1::NoticeObjection::overdue,
                                  &v1::NoticeObjection::set_overdue);
                    });
}

}  // namespace chanyan::consortium
