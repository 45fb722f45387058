#include "common/rpc/succession.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/fields.h"
#include "common/db/columns.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "common/status/status.h"

namespace chanyan::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kNote[] =
    "INSERT INTO organization_succession "
    "(organization, successor, successor_title, successor_unit, noted_time) VALUES (?, ?, ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE successor = VALUES(successor), "
    "successor_title = VALUES(successor_title), successor_unit = VALUES(successor_unit), "
    "noted_time = VALUES(noted_time)";
constexpr char kPassOn[] =
    "UPDATE organization_succession SET successor = ?, successor_title = ?, successor_unit = ? "
    "WHERE successor = ?";
constexpr char kSuccessor[] =
    "SELECT successor, successor_title, successor_unit FROM organization_succession "
    "WHERE organization = ? FOR UPDATE";
constexpr char kSuccessors[] =
    "SELECT organization, successor, successor_title, successor_unit FROM organization_succession "
    "WHERE organization IN ";
// Organizations that are remembered; more are rare, and then all are asked for anew.
constexpr size_t kMostKnown = 10'000;
// A call waits for the database no longer than this to learn whose successor it speaks for.
constexpr absl::Duration kPatience = absl::Seconds(1);

// Those of `organizations` that are succeeded, each with its successor, locked.
absl::StatusOr<std::vector<db::Values>> Succeeded(db::Session& session,
                                                  std::vector<std::string> organizations) {
  std::sort(organizations.begin(), organizations.end());
  organizations.erase(std::unique(organizations.begin(), organizations.end()), organizations.end());
  if (!organizations.empty() && organizations.front().empty()) {
    organizations.erase(organizations.begin());
  }
  std::vector<db::Values> succeeded;
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(organizations, [&](absl::Span<const std::string> chunk) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            db::Rows found,
            session.Query(absl::StrCat(kSuccessors, db::Marks(chunk.size()), " FOR UPDATE"),
                          db::Values(chunk.begin(), chunk.end())));
        for (db::Values& row : found.rows) succeeded.push_back(std::move(row));
        return absl::OkStatus();
      }));
  return succeeded;
}

// Of a row that begins at `cells`.
Successor SuccessorAt(const db::Value* cells) {
  return {std::get<std::string>(cells[0]), std::get<std::string>(cells[1]),
          std::get<std::string>(cells[2])};
}

bool IsOwner(const FieldDescriptor* field) {
  return field != nullptr && !field->is_repeated() && field->name() != "name" &&
         field->type() == FieldDescriptor::TYPE_STRING;
}

}  // namespace

std::vector<OwnerField> OwnerFields(absl::string_view package) {
  std::vector<OwnerField> fields;
  for (const Descriptor* resource : api::LinkedResources()) {
    const auto& described = resource->options().GetExtension(options::v1::resource);
    if (absl::string_view(resource->file()->package()) != package || described.table().empty()) {
      continue;
    }
    for (const auto& grant : described.grants()) {
      const FieldDescriptor* field = resource->FindFieldByName(grant.owner());
      if (grant.access() != options::v1::ACCESS_WRITE || !IsOwner(field)) continue;
      const bool known = std::any_of(fields.begin(), fields.end(),
                                     [field](const auto& one) { return one.field == field; });
      if (!known) fields.push_back({resource, field});
    }
  }
  return fields;
}

absl::StatusOr<int> HandOver(Change& change, absl::string_view kind, const OwnerField& owned,
                             absl::string_view from, absl::string_view to,
                             const db::Predicate& where,
                             const std::function<void(Message&)>& edit) {
  const db::TableCore table(owned.resource);
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(owned.resource);
  std::vector<std::unique_ptr<Message>> rows;
  const db::Predicate theirs = {absl::StrCat(db::Quoted(owned.field->name()), " = ?"),
                                {std::string(from)}};
  CHANYAN_RETURN_IF_ERROR(table.Select(change.session(), db::And(theirs, where), db::kByNameLocked,
                                       [&] { return rows.emplace_back(prototype->New()).get(); }));
  std::vector<std::unique_ptr<Message>> before;
  std::vector<Message*> written;
  std::vector<journal::Alteration> alterations;
  for (const auto& row : rows) {
    before.emplace_back(prototype->New())->CopyFrom(*row);
    row->GetReflection()->SetString(row.get(), owned.field, std::string(to));
    if (edit != nullptr) edit(*row);
    written.push_back(row.get());
    alterations.push_back({before.back().get(), row.get()});
  }
  CHANYAN_RETURN_IF_ERROR(table.UpdateAll(change.session(), change.now(), written));
  CHANYAN_RETURN_IF_ERROR(change.RecordAll(kind, alterations));
  return static_cast<int>(rows.size());
}

std::function<void(Message&)> Retitled(const OwnerField& owned, absl::string_view title) {
  const FieldDescriptor* beside =
      owned.resource->FindFieldByName(absl::StrCat(owned.field->name(), "_title"));
  if (beside == nullptr || beside->is_repeated() ||
      beside->type() != FieldDescriptor::TYPE_STRING ||
      beside->options().GetExtension(options::v1::field).computed()) {
    return nullptr;
  }
  return [beside, title = std::string(title)](Message& row) {
    row.GetReflection()->SetString(&row, beside, title);
  };
}

absl::StatusOr<bool> NoteSuccession(db::Session& session, absl::Time now,
                                    absl::string_view organization, const Successor& successor) {
  CHANYAN_ASSIGN_OR_RETURN(const Successor known, SuccessorOf(session, organization));
  const bool news = known.organization != successor.organization;
  if (!news && known.title == successor.title && known.unit == successor.unit) return false;
  CHANYAN_RETURN_IF_ERROR(session
                              .Execute(kNote, {std::string(organization), successor.organization,
                                               successor.title, successor.unit, now})
                              .status());
  CHANYAN_RETURN_IF_ERROR(session
                              .Execute(kPassOn, {successor.organization, successor.title,
                                                 successor.unit, std::string(organization)})
                              .status());
  return news;
}

absl::StatusOr<Successor> SuccessorOf(db::Session& session, absl::string_view organization) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                           session.Query(kSuccessor, {std::string(organization)}));
  if (found.rows.empty()) return Successor();
  return SuccessorAt(found.rows[0].data());
}

absl::StatusOr<absl::flat_hash_map<std::string, Successor>> SuccessorsOf(
    db::Session& session, std::vector<std::string> organizations) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<db::Values> rows,
                           Succeeded(session, std::move(organizations)));
  absl::flat_hash_map<std::string, Successor> successors;
  for (const db::Values& row : rows) {
    successors[std::get<std::string>(row[0])] = SuccessorAt(row.data() + 1);
  }
  return successors;
}

absl::Status RefuseSucceeded(db::Session& session, std::vector<std::string> organizations) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<db::Values> rows,
                           Succeeded(session, std::move(organizations)));
  if (rows.empty()) return absl::OkStatus();
  return status::Conflict(
      absl::StrCat("单位 ", std::get<std::string>(rows[0][0]), " 刚刚并入其他单位，请重试"));
}

std::vector<std::string> Predecessors::Of(absl::string_view organization) {
  if (organization.empty()) return {};
  const absl::Time now = clock_.Now();
  {
    absl::MutexLock lock(&mutex_);
    const auto found = known_.find(organization);
    if (found != known_.end() && now < found->second.until) return found->second.names;
  }
  std::vector<std::string> names;
  const absl::Status read =
      db_.Read(absl::Now() + kPatience, [&](db::Session& session) -> absl::Status {
        names.clear();
        CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows,
                                 session.Query(sql_, {std::string(organization)}));
        for (const db::Values& row : rows.rows) names.push_back(std::get<std::string>(row[0]));
        return absl::OkStatus();
      });
  if (!read.ok()) return {};
  absl::MutexLock lock(&mutex_);
  if (known_.size() >= kMostKnown) known_.clear();
  known_[std::string(organization)] = {names, now + kPredecessorsLife};
  return names;
}

}  // namespace chanyan::rpc
