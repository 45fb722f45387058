#include "services/cycle/objection_service.h"

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/auth/scope.h"
#include "common/crypto/fields.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/timestamp.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_clock.h"
#include "services/cycle/ids.h"
#include "services/cycle/objection_rules.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/work_notices.h"

namespace chanyan::cycle {
namespace {

// What objectors say of themselves: sealed in table and journal, and shown to who answers alone.
constexpr absl::string_view kContacts[] = {"contact_person", "contact_phone", "contact_email"};

// Versions of a cycle that were made later than another and are published.
constexpr char kNewer[] =
    "SELECT COUNT(*) FROM leaderboard "
    "WHERE name >= ? AND name < ? AND state = 'PUBLISHED' AND create_time > ?";
// The same for who objects: until he has done, no version is published.
constexpr char kNewerLocked[] =
    "SELECT COUNT(*) FROM leaderboard "
    "WHERE name >= ? AND name < ? AND state = 'PUBLISHED' AND create_time > ? FOR UPDATE";
// All versions, in one order for everybody who locks more than one.
constexpr char kLockVersions[] =
    "SELECT name FROM leaderboard WHERE name >= ? AND name < ? ORDER BY name FOR UPDATE";
constexpr char kCounts[] =
    "SELECT state, COUNT(*) FROM objection WHERE name >= ? AND name < ? GROUP BY state";

absl::StatusOr<bool> HasNewer(db::Session& session, const v1::Leaderboard& version, bool locked) {
  db::Values params = Below(absl::StrCat(CycleOfName(version.name()), "/leaderboards")).params;
  params.push_back(time::ToTime(version.create_time()));
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows,
                           session.Query(locked ? kNewerLocked : kNewer, params));
  return std::get<int64_t>(rows.rows.at(0).at(0)) > 0;
}

absl::StatusOr<ObjectionCounts> CountObjections(db::Session& session, absl::string_view version) {
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows rows,
      session.Query(kCounts, Below(absl::StrCat(version, "/objections")).params));
  ObjectionCounts counts;
  for (const db::Values& row : rows.rows) {
    const std::string& state = std::get<std::string>(row[0]);
    const auto count = static_cast<int32_t>(std::get<int64_t>(row[1]));
    if (state == "OPEN") counts.open = count;
    if (state == "UPHELD") counts.upheld = count;
    if (state == "REJECTED") counts.rejected = count;
  }
  return counts;
}

}  // namespace

std::vector<rpc::UnaryMethod> ObjectionService::Methods() {
  using S = ObjectionService;
  return {
      rpc::Unary("GetObjectionWindow", this, &S::GetObjectionWindow),
      rpc::Unary("CreateObjection", this, &S::CreateObjection),
      rpc::Unary("SubmitPublicObjection", this, &S::SubmitPublicObjection),
      rpc::Unary("CheckObjectionReceipt", this, &S::CheckObjectionReceipt),
      rpc::Unary("AddObjectionEvidence", this, &S::AddObjectionEvidence),
      rpc::Unary("ListObjectionEvidence", this, &S::ListObjectionEvidence),
      rpc::Unary("DownloadObjectionEvidence", this, &S::DownloadObjectionEvidence),
      rpc::Unary("WithdrawObjection", this, &S::WithdrawObjection),
      rpc::Unary("DecideObjection", this, &S::DecideObjection),
      rpc::Unary("ListObjections", this, &S::ListObjections),
      rpc::Unary("ExportObjections", this, &S::ExportObjections),
  };
}

v1::Objection ObjectionService::Present(const rpc::Call& call, v1::Objection objection) const {
  if (call.principal.Has(options::v1::ROLE_SECRETARIAT)) {
    crypto::OpenFields(keys_, kContacts, &objection);
  } else {
    crypto::ClearFields(kContacts, &objection);
  }
  if (objection.state() != v1::OBJECTION_STATE_OPEN) return objection;
  if (call.principal.Has(options::v1::ROLE_SECRETARIAT)) objection.add_actions("decide");
  if (!objection.organization().empty() &&
      objection.organization() == call.principal.organization) {
    objection.add_actions("withdraw");
    objection.add_actions("addEvidence");
  }
  return objection;
}

absl::StatusOr<absl::Time> ObjectionService::CycleTime(db::Session& session,
                                                       const std::string& name,
                                                       absl::Time now) const {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, cycles_.Get(session, CycleOfName(name)));
  return TimeInCycle(cycle, now);
}

absl::StatusOr<ObjectionService::Published> ObjectionService::Load(db::Session& session,
                                                                   const std::string& name,
                                                                   const db::Predicate& scope,
                                                                   bool to_object) const {
  Published published;
  if (to_object) {
    CHANYAN_RETURN_IF_ERROR(
        session.Query(kLockVersions, Below(absl::StrCat(CycleOfName(name), "/leaderboards")).params)
            .status());
  }
  CHANYAN_ASSIGN_OR_RETURN(published.version, to_object
                                                  ? leaderboards_.GetForUpdate(session, name, scope)
                                                  : leaderboards_.Get(session, name, scope));
  CHANYAN_ASSIGN_OR_RETURN(const bool newer, HasNewer(session, published.version, to_object));
  CHANYAN_ASSIGN_OR_RETURN(published.now, CycleTime(session, name, deps_.store.clock.Now()));
  ObjectionCounts counts;
  if (!to_object) {
    CHANYAN_ASSIGN_OR_RETURN(counts, CountObjections(session, name));
  }
  CHANYAN_ASSIGN_OR_RETURN(published.window,
                           WindowOf(deps_.pack, published.version, newer, counts, published.now));
  return published;
}

absl::StatusOr<v1::ObjectionWindow> ObjectionService::GetObjectionWindow(
    const rpc::Call& call, const v1::GetObjectionWindowRequest& request) {
  v1::ObjectionWindow window;
  db::TransactOptions options;
  options.deadline = call.deadline;
  // A transaction, though it only reads: one snapshot of versions and objections.
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Transact(options, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const Published published,
            Load(session, request.name(), auth::Readable<v1::Leaderboard>(call.principal), false));
        window = published.window;
        return absl::OkStatus();
      }));
  if (window.state() == v1::WINDOW_STATE_OPEN &&
      (MayCall(call.principal, "ObjectionService.CreateObjection") ||
       MayCall(call.principal, "ObjectionService.SubmitPublicObjection"))) {
    window.add_actions("object");
  }
  return window;
}

absl::StatusOr<v1::Objection> ObjectionService::NewObjection(const Published& published,
                                                             const v1::Objection& wanted) const {
  CHANYAN_RETURN_IF_ERROR(RequireOpen(published.window));
  v1::Objection row;
  row.set_board(wanted.board());
  row.set_subject(wanted.subject());
  row.set_content(wanted.content());
  row.set_contact_person(wanted.contact_person());
  row.set_contact_phone(wanted.contact_phone());
  row.set_contact_email(wanted.contact_email());
  CHANYAN_ASSIGN_OR_RETURN(*row.mutable_subject_title(), DisputedTitle(published.version, row));
  row.set_name(absl::StrCat(published.version.name(), "/objections/", api::NewShortId()));
  *row.mutable_object_time() = time::ToTimestamp(published.now);
  row.set_state(v1::OBJECTION_STATE_OPEN);
  return row;
}

void ObjectionService::DigestContacts(v1::Objection* wanted) const {
  crypto::DigestFields(keys_, kContacts, wanted);
}

absl::Status ObjectionService::Put(rpc::Change& change, v1::Objection* row) const {
  CHANYAN_RETURN_IF_ERROR(crypto::SealFields(keys_, kContacts, row));
  CHANYAN_RETURN_IF_ERROR(objections_.Insert(change.session(), change.now(), row));
  CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, row));
  CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                           cycles_.Get(change.session(), CycleOfName(row->name())));
  return TellOfObjection(change.session(), change.now(), cycle, *row);
}

absl::StatusOr<v1::Objection> ObjectionService::CreateObjection(
    const rpc::Call& call, const v1::CreateObjectionRequest& request) {
  const std::string& own = call.principal.organization;
  if (own.empty()) return status::PermissionDenied("账号没有所属单位，不能代表单位提出异议");
  v1::CreateObjectionRequest compared = request;
  DigestContacts(compared.mutable_objection());
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Objection objection,
      rpc::Mutate<v1::Objection>(
          deps_.store, call, compared, [&](rpc::Change& change) -> absl::StatusOr<v1::Objection> {
            // The lock keeps a publication and an objection apart.
            CHANYAN_ASSIGN_OR_RETURN(const Published published,
                                     Load(change.session(), request.parent(),
                                          auth::Readable<v1::Leaderboard>(call.principal), true));
            CHANYAN_ASSIGN_OR_RETURN(v1::Objection row,
                                     NewObjection(published, request.objection()));
            CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {own}));
            row.set_source(v1::OBJECTION_SOURCE_ORGANIZATION);
            row.set_organization(own);
            row.set_account(call.principal.account);
            CHANYAN_RETURN_IF_ERROR(Put(change, &row));
            return row;
          }));
  return Present(call, std::move(objection));
}

absl::StatusOr<v1::Objection> ObjectionService::WithdrawObjection(
    const rpc::Call& call, const v1::WithdrawObjectionRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Objection objection,
      rpc::Transit<v1::Objection>(
          deps_.store, call, request, objections_, ObjectionLife(), request.name(), request.etag(),
          "withdraw", [](rpc::Change& change, v1::Objection& row) {
            return SettleObjection(change.session(), change.now(), row.name());
          }));
  return Present(call, std::move(objection));
}

absl::StatusOr<v1::Objection> ObjectionService::DecideObjection(
    const rpc::Call& call, const v1::DecideObjectionRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::Objection objection,
      rpc::Transit<v1::Objection>(
          deps_.store, call, request, objections_, ObjectionLife(), request.name(), request.etag(),
          request.upheld() ? "uphold" : "reject",
          [&](rpc::Change& change, v1::Objection& row) -> absl::Status {
            row.set_finding(request.finding());
            row.set_decided_by(call.principal.account);
            CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                                     cycles_.Get(change.session(), CycleOfName(row.name())));
            *row.mutable_decide_time() = time::ToTimestamp(TimeInCycle(cycle, change.now()));
            CHANYAN_RETURN_IF_ERROR(SettleObjection(change.session(), change.now(), row.name()));
            // Of the public, the receipt says it.
            if (row.organization().empty()) return absl::OkStatus();
            return TellOfWork(change.session(), change.now(), cycle, row.name(),
                              ObjectionAnswered(row));
          }));
  return Present(call, std::move(objection));
}

absl::StatusOr<v1::ListObjectionsResponse> ObjectionService::ListObjections(
    const rpc::Call& call, const v1::ListObjectionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, objections_, request,
                                                     absl::StrCat(request.parent(), "/objections"),
                                                     request.filter(), "create_time"));
  v1::ListObjectionsResponse response;
  for (v1::Objection& row : page.rows) *response.add_objections() = Present(call, std::move(row));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::api::HttpBody> ObjectionService::ExportObjections(
    const rpc::Call& call, const v1::ExportObjectionsRequest& request) {
  std::vector<v1::Objection> rows;
  v1::Cycle cycle;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(cycle, cycles_.Get(session, CycleOfName(request.parent())));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, objections_.Select(session,
                                     db::And(auth::Readable<v1::Objection>(call.principal),
                                             Below(absl::StrCat(request.parent(), "/objections"))),
                                     "create_time, name"));
        return absl::OkStatus();
      }));
  sheet::TableLayout layout;
  layout.title_rows = {
      absl::StrCat("新成果和贡献度榜单异议台账", cycle.rehearsal() ? "（演练或补录）" : "")};
  return rpc::ExportSheet<v1::Objection>("异议台账", TimeInCycle(cycle, deps_.store.clock.Now()),
                                         rows, layout);
}

}  // namespace chanyan::cycle
