// What mergers of organizations do here (REG-1): in cycles that run, forms, rows, hand-overs under
// way and packages are the survivor's from then on, with the names of their time in them. Ended
// cycles stay as they are; the survivor reads what was its predecessors'.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/db/predicate.h"
#include "common/journal/entry_message.h"
#include "common/journal/journal.h"
#include "common/rpc/succession.h"
#include "google/api/resource.pb.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/succession.h"

namespace chanyan::cycle {
namespace {

constexpr char kPackage[] = "chanyan.cycle.v1";
// Resources of one cycle.
constexpr char kBelowCycle[] = "cycles/{cycle}/";

constexpr absl::string_view kSucceed =
    "INSERT INTO cycle_succession (cycle, organization, successor) VALUES (?, ?, ?) "
    "ON DUPLICATE KEY UPDATE successor = VALUES(successor)";
constexpr absl::string_view kPassOn =
    "UPDATE cycle_succession SET successor = ? WHERE cycle = ? AND successor = ?";
constexpr absl::string_view kLoadSuccessions =
    "SELECT here.organization, here.successor, COALESCE(now.successor_title, '') "
    "FROM cycle_succession here LEFT JOIN organization_succession now "
    "ON now.organization = here.organization AND now.successor = here.successor "
    "WHERE here.cycle = ?";

// Of two that gave back, the first time counts.
constexpr absl::string_view kJoinReturns =
    "INSERT INTO enterprise_return (cycle, enterprise, unit, first_time, on_time) "
    "SELECT earlier.cycle, ?, earlier.unit, earlier.first_time, earlier.on_time "
    "FROM enterprise_return earlier WHERE earlier.cycle = ? AND earlier.enterprise = ? "
    "ON DUPLICATE KEY UPDATE "
    "on_time = IF(VALUES(first_time) < enterprise_return.first_time, VALUES(on_time), "
    "enterprise_return.on_time), "
    "first_time = LEAST(enterprise_return.first_time, VALUES(first_time))";
constexpr absl::string_view kDropReturn =
    "DELETE FROM enterprise_return WHERE cycle = ? AND enterprise = ?";
constexpr absl::string_view kReturnsOfUnit =
    "UPDATE enterprise_return SET unit = ? WHERE cycle = ? AND unit = ?";

bool IsBelowCycle(const google::protobuf::Descriptor* resource) {
  const auto& described = resource->options().GetExtension(google::api::resource);
  return described.pattern_size() > 0 && absl::StartsWith(described.pattern(0), kBelowCycle);
}

const google::protobuf::FieldDescriptor* FieldOf(const google::protobuf::Descriptor* resource,
                                                 const char* name) {
  return resource->FindFieldByName(name);
}

}  // namespace

absl::StatusOr<CycleSuccession> LoadSuccession(db::Session& session, absl::string_view cycle) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                           session.Query(kLoadSuccessions, {std::string(cycle)}));
  CycleSuccession succession;
  for (const db::Values& row : found.rows) {
    const std::string& successor = std::get<std::string>(row[1]);
    succession.successors[std::get<std::string>(row[0])] = successor;
    const std::string& title = std::get<std::string>(row[2]);
    if (!title.empty()) succession.titles[successor] = title;
  }
  return succession;
}

absl::Status CycleService::FollowRegistry(db::Session& session, absl::Time now,
                                          const journal::v1::Entry& entry) {
  if (entry.after_json().empty() ||
      entry.type() != registry::v1::Organization::descriptor()->full_name()) {
    return absl::OkStatus();
  }
  CHANYAN_ASSIGN_OR_RETURN(const auto survivor,
                           journal::MessageAfter<registry::v1::Organization>(entry));
  const journal::Origin origin{.method = "chanyan.cycle.FollowRegistry",
                               .actor = "services/cycle",
                               .organization = "",
                               .request_id = entry.request_id(),
                               .trace_id = entry.trace_id()};
  rpc::Change change(session, now, origin);
  for (const registry::v1::AbsorbedOrganization& absorbed : survivor.absorbed()) {
    const std::string& from = absorbed.organization();
    CHANYAN_ASSIGN_OR_RETURN(
        const bool news,
        rpc::NoteSuccession(session, now, from,
                            {survivor.name(), survivor.display_name(), survivor.unit()}));
    if (news) CHANYAN_RETURN_IF_ERROR(TakeOver(change, from, survivor));
  }
  return absl::OkStatus();
}

absl::Status CycleService::TakeOver(rpc::Change& change, const std::string& from,
                                    const registry::v1::Organization& survivor) {
  // Locked, so that nothing is opened, closed or moved in them meanwhile that would not see it.
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Cycle> cycles,
      cycles_.Select(change.session(), db::Predicate::Everything(), db::kByNameLocked));
  for (const v1::Cycle& cycle : cycles) {
    const absl::Time now = NowIn(cycle, change.now());
    if (AsOf(cycle, now).state() != v1::CYCLE_STATE_OPEN) continue;
    CHANYAN_RETURN_IF_ERROR(TakeOverIn(change, cycle, from, survivor));
  }
  // What belongs to no cycle.
  for (const rpc::OwnerField& owned : rpc::OwnerFields(kPackage)) {
    if (IsBelowCycle(owned.resource)) continue;
    CHANYAN_RETURN_IF_ERROR(
        rpc::HandOver(change, "followed", owned, from, survivor.name()).status());
  }
  return absl::OkStatus();
}

absl::Status CycleService::TakeOverIn(rpc::Change& change, const v1::Cycle& cycle,
                                      const std::string& from,
                                      const registry::v1::Organization& survivor) {
  db::Session& session = change.session();
  const std::string& to = survivor.name();
  CHANYAN_RETURN_IF_ERROR(session.Execute(kSucceed, {cycle.name(), from, to}).status());
  CHANYAN_RETURN_IF_ERROR(session.Execute(kPassOn, {to, cycle.name(), from}).status());
  if (cycle.secretariat() == from) {
    v1::Cycle moved = cycle;
    moved.set_secretariat(to);
    CHANYAN_RETURN_IF_ERROR(cycles_.Update(session, change.now(), &moved));
    CHANYAN_RETURN_IF_ERROR(change.Record("followed", &cycle, &moved));
  }

  const db::Predicate rows = {"cycle = ?", {cycle.name()}};
  const db::Predicate under_way = db::And(Below(cycle.name()), {"state = 'SENT'", {}});
  const auto hand_over = [&](const rpc::OwnerField& owned, const db::Predicate& where,
                             const std::function<void(google::protobuf::Message&)>& edit =
                                 nullptr) {
    return rpc::HandOver(change, "followed", owned, from, to, where, edit).status();
  };
  const auto* row_type = v1::Row::descriptor();
  // Rows of a university by its forms: there is no index of them by university.
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::Form> forms,
      forms_.Select(session, db::And({"university = ?", {from}}, Below(cycle.name()))));
  for (const v1::Form& form : forms) {
    CHANYAN_RETURN_IF_ERROR(hand_over({row_type, FieldOf(row_type, "university")},
                                      Below(absl::StrCat(form.name(), "/rows"))));
  }
  for (const rpc::OwnerField& owned : rpc::OwnerFields(kPackage)) {
    if (!IsBelowCycle(owned.resource)) continue;
    if (owned.resource != row_type) {
      // A hand-over that has ended keeps who sent and who signed.
      CHANYAN_RETURN_IF_ERROR(hand_over(
          owned, owned.resource == v1::Handover::descriptor() ? under_way : Below(cycle.name())));
    } else if (owned.field->name() == "unit") {
      CHANYAN_RETURN_IF_ERROR(hand_over(owned, rows));
    }
  }
  CHANYAN_RETURN_IF_ERROR(hand_over({row_type, FieldOf(row_type, "enterprise")}, rows,
                                    [&](google::protobuf::Message& message) {
                                      auto& row = static_cast<v1::Row&>(message);
                                      if (row.former_enterprise().empty())
                                        row.set_former_enterprise(from);
                                      // Its unit has it already, or the survivor's gets it.
                                      if (!row.distributed()) row.set_unit(survivor.unit());
                                    }));
  CHANYAN_RETURN_IF_ERROR(hand_over({row_type, FieldOf(row_type, "holder")}, rows));
  CHANYAN_RETURN_IF_ERROR(hand_over(
      {v1::Handover::descriptor(), FieldOf(v1::Handover::descriptor(), "sender")}, under_way));

  CHANYAN_RETURN_IF_ERROR(session.Execute(kJoinReturns, {to, cycle.name(), from}).status());
  CHANYAN_RETURN_IF_ERROR(session.Execute(kDropReturn, {cycle.name(), from}).status());
  return session.Execute(kReturnsOfUnit, {to, cycle.name(), from}).status();
}

}  // namespace chanyan::cycle
