// Import and export of organizations as .xlsx (REG-10).
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/api/validate.h"
#include "common/policy/life.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/contact_lines.h"
#include "services/registry/ids.h"
#include "services/registry/import_directory.h"
#include "services/registry/organization_rules.h"
#include "services/registry/platform_rules.h"
#include "services/registry/registry_service.h"

namespace chanyan::registry {
namespace {

using google::protobuf::util::MessageDifferencer;

// Suspected duplicates that are listed.
constexpr int kMaxSuspects = 200;
// Those that others are served by, belong to or have become part of.
constexpr char kNamed[] =
    "kind <> 'ENTERPRISE' OR JSON_LENGTH(absorbed) > 0 OR "
    "name IN (SELECT parent FROM organization WHERE parent <> '')";

// Copies what the sheet holds onto what is stored; what the sheet has no column for stays. Contacts
// are those of the row: the stored ones where the sheet has none.
v1::Organization Merge(const v1::Organization* stored, const v1::Organization& row,
                       const google::protobuf::FieldMask& copied, absl::CivilDay day) {
  if (stored == nullptr) {
    v1::Organization created = row;
    created.set_state(v1::ORGANIZATION_STATE_ACTIVE);
    created.clear_merged_into();
    return created;
  }
  v1::Organization merged = *stored;
  // A sheet of the time before a change of name knows the former one, and does not take it back.
  if (!WasCalled(*stored, row.display_name())) Rename(row.display_name(), day, &merged);
  // A row that was recognised by its name says nothing against the code that is known.
  if (!row.unified_social_credit_code().empty()) {
    merged.set_unified_social_credit_code(row.unified_social_credit_code());
  }
  rpc::CopyColumns(copied, row, &merged);
  *merged.mutable_contacts() = row.contacts();
  return merged;
}

// A sheet being read: what each row is, and what is wrong with it.
class Reader {
 public:
  Reader(const policy::Pack& pack, const Directory& directory,
         const sheet::TableData<v1::Organization>& data)
      : pack_(pack), directory_(directory), data_(data) {
    rows_.reserve(data.rows.size());
    for (const auto& [message, number] : data.rows) Recognise(message, number);
    for (const v1::Organization& row : rows_) in_file_[row.display_name()] = &row;
  }

  // Decides about every row.
  rpc::ImportPlan<v1::Organization> Plan(const google::protobuf::FieldMask& copied,
                                         absl::CivilDay day) {
    rpc::ImportPlan<v1::Organization> plan;
    for (size_t i = 0; i < rows_.size(); ++i) {
      v1::Organization row = rows_[i];
      const uint32_t number = data_.rows[i].number;
      FindUnit(number, &row);
      FindParent(number, stored_[i], &row);
      TakeContacts(number, stored_[i], &row);
      CheckState(number, stored_[i], row);
      rpc::AddPlaced(OrganizationViolations(row), number, data_.places, &violations_);
      rpc::AddPlaced(IndustryViolations(pack_, row.industries()), number, data_.places,
                     &violations_);
      if (stored_[i] != nullptr && stored_[i]->kind() != row.kind()) {
        Refuse(number, "kind",
               absl::StrCat("该单位已登记为“", policy::LabelOf(stored_[i]->kind()),
                            "”，单位类型不能更改"));
      }
      v1::Organization merged = Merge(stored_[i], row, copied, day);
      rpc::AddPlaced(TakePlace(pack_, stored_[i], &merged), number, data_.places, &violations_);
      CheckMerged(number, stored_[i], merged);
      numbers_[row.name()] = number;
      parents_[row.name()] = merged.parent();
      plan.Add(stored_[i], std::move(merged));
    }
    CheckTree();
    return plan;
  }

  std::vector<status::Violation>& violations() { return violations_; }
  // Cell of the name of an organization of the plan.
  std::string PlaceOf(const std::string& organization) const {
    const auto found = numbers_.find(organization);
    return found == numbers_.end() ? "" : data_.places.Place(found->second, "display_name");
  }

 private:
  void Refuse(uint32_t number, absl::string_view field, std::string description) {
    violations_.push_back({data_.places.Place(number, field), std::move(description)});
  }

  void Recognise(const v1::Organization& message, uint32_t number) {
    const v1::Organization* match = nullptr;
    const v1::Organization* called = directory_.ByTitle(message.display_name());
    if (message.unified_social_credit_code().empty()) {
      match = called;
    } else {
      match = directory_.ByCode(message.unified_social_credit_code());
      // It was registered before its code was known.
      if (match == nullptr && called != nullptr && called->unified_social_credit_code().empty()) {
        match = called;
      }
    }
    rows_.push_back(message);
    rows_.back().set_name(
        match != nullptr ? match->name() : absl::StrCat("organizations/", OrganizationId(message)));
    stored_.push_back(match);
    const auto [first, fresh] = seen_.try_emplace(rows_.back().name(), number);
    if (fresh) return;
    Refuse(number, "display_name",
           absl::StrCat("与第 ", first->second, " 行是同一单位，请只保留一行"));
  }

  // The unit's name becomes its resource name; units and enterprises may come in one file.
  void FindUnit(uint32_t number, v1::Organization* row) {
    if (row->unit().empty()) return;
    const v1::Organization* unit = directory_.Resolve(row->unit());
    const auto here = in_file_.find(row->unit());
    if (unit == nullptr && here != in_file_.end()) unit = here->second;
    if (unit == nullptr) {
      Refuse(number, "unit",
             absl::StrCat("责任单位“", row->unit(), "”不在单位名录中，请先导入该单位或核对名称"));
    } else if (!MayBeResponsibleUnit(unit->kind())) {
      Refuse(number, "unit",
             absl::StrCat("“", row->unit(), "”不是大功能区、镇街或推进单位，不能作责任单位"));
    }
    row->set_unit(unit == nullptr ? "" : unit->name());
  }

  // The parent's name becomes its resource name; parent and part may come in one file.
  void FindParent(uint32_t number, const v1::Organization* stored, v1::Organization* row) {
    if (row->parent().empty()) return;
    const v1::Organization* known =
        stored == nullptr ? nullptr : directory_.ByName(stored->parent());
    const v1::Organization* parent = directory_.ByName(row->parent());
    // Of several of that name the one that it is part of.
    if (known != nullptr && known->display_name() == row->parent()) parent = known;
    if (parent == nullptr) parent = directory_.Resolve(row->parent());
    const auto here = in_file_.find(row->parent());
    if (parent == nullptr && here != in_file_.end()) parent = here->second;
    if (parent == nullptr) {
      Refuse(number, "parent",
             absl::StrCat("上级单位“", row->parent(), "”不在单位名录中，请先导入该单位或核对名称"));
    }
    row->set_parent(parent == nullptr ? "" : parent->name());
  }

  void TakeContacts(uint32_t number, const v1::Organization* stored, v1::Organization* row) {
    row->clear_contacts();
    if (stored != nullptr) *row->mutable_contacts() = stored->contacts();
    if (data_.places.HasColumn("contacts_text")) {
      rpc::AddPlaced(ReadContacts(row->contacts_text(), row->mutable_contacts()), number,
                     data_.places, &violations_);
    }
    row->clear_contacts_text();
  }

  // What is above one when all rows are written.
  std::string Above(const std::string& organization) const {
    if (const auto row = parents_.find(organization); row != parents_.end()) return row->second;
    const v1::Organization* stored = directory_.ByName(organization);
    return stored == nullptr ? "" : stored->parent();
  }

  // Rows of the file may go round in a circle that none of them shows by itself.
  void CheckTree() {
    for (const auto& [organization, parent] : parents_) {
      absl::flat_hash_set<std::string> passed;
      // One that is its own parent is named already.
      std::string above = parent == organization ? "" : parent;
      while (!above.empty() && above != organization && passed.insert(above).second) {
        above = Above(above);
      }
      if (above != organization) continue;
      Refuse(numbers_[organization], "parent",
             "上级单位不能是本单位的下级（表中和名录中的上下级关系不能形成循环）");
    }
  }

  // State and merger are there to be read.
  void CheckState(uint32_t number, const v1::Organization* stored, const v1::Organization& row) {
    const v1::OrganizationState state =
        stored == nullptr ? v1::ORGANIZATION_STATE_ACTIVE : stored->state();
    if (row.state() != v1::ORGANIZATION_STATE_UNSPECIFIED && row.state() != state) {
      Refuse(number, "state",
             absl::StrCat("该单位的状态是“", policy::LabelOf(state),
                          "”；状态通过停用、恢复、合并办理，不能导入，请改回或留空"));
    }
    const v1::Organization* into =
        stored == nullptr ? nullptr : directory_.ByName(stored->merged_into());
    const std::string title = into == nullptr ? "" : into->display_name();
    if (row.merged_into().empty() || row.merged_into() == title ||
        (into != nullptr && directory_.Resolve(row.merged_into()) == into)) {
      return;
    }
    Refuse(number, "merged_into", "合并请在系统中办理，不能导入；请留空，或填写系统导出的并入单位");
  }

  void CheckMerged(uint32_t number, const v1::Organization* stored,
                   const v1::Organization& merged) {
    if (stored == nullptr || stored->state() != v1::ORGANIZATION_STATE_MERGED ||
        MessageDifferencer::Equals(*stored, merged)) {
      return;
    }
    const v1::Organization* into = directory_.ByName(stored->merged_into());
    Refuse(number, "display_name",
           absl::StrCat("该单位已并入“",
                        into == nullptr ? stored->merged_into() : into->display_name(),
                        "”，不再修改；请从表中删除该行"));
  }

  const policy::Pack& pack_;
  const Directory& directory_;
  const sheet::TableData<v1::Organization>& data_;
  std::vector<v1::Organization> rows_;
  // What each row is stored as, or null.
  std::vector<const v1::Organization*> stored_;
  absl::flat_hash_map<std::string, uint32_t> seen_;
  absl::flat_hash_map<std::string, const v1::Organization*> in_file_;
  absl::flat_hash_map<std::string, uint32_t> numbers_;
  // Of each row, what it is to be part of.
  std::map<std::string, std::string> parents_;
  std::vector<status::Violation> violations_;
};

// Looks for organizations that those of an import look like, as ListDuplicates will.
class Suspicions {
 public:
  Suspicions(const NameIndex& names, const Directory& directory, const Reader& reader)
      : names_(names), directory_(directory), reader_(reader) {}

  // Adds to `result` those of `rows`, in order; a row that looks like one above it is named too.
  absl::Status Find(db::Session& session, const std::vector<const v1::Organization*>& rows,
                    v1::ImportResult* result) {
    std::vector<NameKey> all;
    for (const v1::Organization* row : rows) {
      for (NameKey& key : names_.KeysOf(*row)) all.push_back(std::move(key));
    }
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<KeyHolder> holders, names_.HoldersOf(session, all));
    for (const KeyHolder& holder : holders) {
      const v1::Organization* known = directory_.ByName(holder.organization);
      if (known != nullptr) holders_[{holder.kind, holder.value}].push_back({known, holder.former});
    }
    for (const v1::Organization* row : rows) Look(*row, result);
    return absl::OkStatus();
  }

 private:
  struct Holder {
    const v1::Organization* organization;
    bool former;
  };

  void Look(const v1::Organization& row, v1::ImportResult* result) {
    // Organization → why.
    std::map<std::string, std::pair<const v1::Organization*, ReasonBits>> alike;
    const std::vector<NameKey> keys = names_.KeysOf(row);
    for (const NameKey& key : keys) {
      for (const Holder& holder : holders_[{key.kind, key.value}]) {
        const v1::Organization& other = *holder.organization;
        if (other.name() == row.name()) continue;
        if (key.kind == kCoreKey && other.kind() != row.kind()) continue;
        auto& [organization, bits] = alike[other.name()];
        organization = &other;
        bits |= BitOf(ReasonOf(key.kind, key.former || holder.former));
      }
      // What is stored stands there already.
      if (directory_.ByName(row.name()) == nullptr) {
        holders_[{key.kind, key.value}].push_back({&row, key.former});
      }
    }
    for (const auto& [name, found] : alike) {
      result->set_suspect_count(result->suspect_count() + 1);
      if (result->suspects_size() == kMaxSuspects) continue;
      v1::SuspectedDuplicate* suspect = result->add_suspects();
      suspect->set_place(reader_.PlaceOf(row.name()));
      suspect->set_display_name(row.display_name());
      suspect->set_organization(name);
      suspect->set_organization_title(found.first->display_name());
      for (const v1::DuplicateReason reason : ReasonsOf(found.second)) {
        suspect->add_reasons(policy::LabelOf(reason));
      }
    }
  }

  const NameIndex& names_;
  const Directory& directory_;
  const Reader& reader_;
  absl::flat_hash_map<std::pair<std::string, std::string>, std::vector<Holder>> holders_;
};

}  // namespace

absl::Status RegistryService::ApplyOrganizations(rpc::Change& change, const rpc::Call& call,
                                                 const Basis& basis,
                                                 rpc::ImportPlan<v1::Organization>* plan) {
  std::vector<std::string> references;
  std::vector<const v1::Organization*> fresh;
  std::vector<const v1::Organization*> rewritten;
  for (const v1::Organization& row : plan->creates) {
    references.push_back(row.unit());
    references.push_back(row.parent());
  }
  for (const auto& [before, after] : plan->updates) {
    if (after.unit() != before.unit()) references.push_back(after.unit());
    if (after.parent() != before.parent()) references.push_back(after.parent());
  }
  CHANYAN_RETURN_IF_ERROR(LockReferences(change.session(), std::move(references)));
  CHANYAN_RETURN_IF_ERROR(rpc::Apply(change, organizations_, plan));
  for (const v1::Organization& row : plan->creates) fresh.push_back(&row);
  for (const auto& [before, after] : plan->updates) {
    const bool renamed = after.display_name() != before.display_name();
    if (renamed) CHANYAN_RETURN_IF_ERROR(RecordRename(change, call, before, after, basis));
    if (renamed || after.unified_social_credit_code() != before.unified_social_credit_code()) {
      rewritten.push_back(&after);
    }
  }
  CHANYAN_RETURN_IF_ERROR(names_.Write(change.session(), fresh, /*fresh=*/true));
  return names_.Write(change.session(), rewritten, /*fresh=*/false);
}

absl::StatusOr<v1::ImportResult> RegistryService::ImportOrganizations(
    const rpc::Call& call, const v1::ImportOrganizationsRequest& request) {
  sheet::ReadOptions options;
  // Columns of references hold names, and what the system says of itself is only compared: their
  // shape is checked once they are resolved.
  options.check = [](google::protobuf::Message& message, uint32_t) {
    v1::Organization shaped = static_cast<const v1::Organization&>(message);
    shaped.clear_unit();
    shaped.clear_parent();
    shaped.clear_contacts_text();
    shaped.clear_state();
    shaped.clear_merged_into();
    return api::Violations(shaped);
  };
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::Organization> data,
      rpc::ReadUpload<v1::Organization>(request.file(), request.file_name(), options));
  const google::protobuf::FieldMask copied = rpc::CopiedColumns(
      data.places, v1::Organization::descriptor(),
      {"display_name", "unified_social_credit_code", "state", "merged_into", "contacts_text"});

  return rpc::Mutate<v1::ImportResult>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ImportResult> {
        CHANYAN_ASSIGN_OR_RETURN(const auto directory,
                                 Directory::Load(change.session(), organizations_, call.principal));
        const absl::CivilDay today = time::DayOf(change.now());
        Reader reader(deps_.pack, *directory, data);
        rpc::ImportPlan<v1::Organization> plan = reader.Plan(copied, today);
        if (!reader.violations().empty()) {
          return status::InvalidFields(std::move(reader.violations()),
                                       options::v1::ERROR_REASON_INVALID_FILE);
        }
        auto result = rpc::ResultOf<v1::ImportResult>(plan, request.validate_only());
        std::vector<const v1::Organization*> named;
        for (const v1::Organization& row : plan.creates) named.push_back(&row);
        for (const auto& [before, after] : plan.updates) {
          if (after.display_name() != before.display_name()) named.push_back(&after);
        }
        Suspicions suspicions(names_, *directory, reader);
        CHANYAN_RETURN_IF_ERROR(suspicions.Find(change.session(), named, &result));
        if (!request.validate_only()) {
          const Basis basis{today, "批量导入", request.file_name()};
          CHANYAN_RETURN_IF_ERROR(ApplyOrganizations(change, call, basis, &plan));
        }
        return result;
      });
}

absl::StatusOr<google::api::HttpBody> RegistryService::ExportOrganizations(
    const rpc::Call& call, const v1::ExportOrganizationsRequest& request) {
  std::vector<v1::Organization> rows;
  absl::flat_hash_map<std::string, std::string> titles;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                                 organizations_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, organizations_.Select(
                      session, db::And(auth::Readable<v1::Organization>(call.principal), wanted)));
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Organization> named,
            organizations_.Select(
                session, db::And(auth::Readable<v1::Organization>(call.principal), {kNamed, {}})));
        for (const v1::Organization& one : named) titles[one.name()] = one.display_name();
        return absl::OkStatus();
      }));
  for (v1::Organization& row : rows) {
    const bool told = auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE);
    row.set_contacts_text(told ? ContactsText(row.contacts()) : std::string(kContactsUntold));
    if (!row.unit().empty()) row.set_unit(titles[row.unit()]);
    if (!row.merged_into().empty()) row.set_merged_into(titles[row.merged_into()]);
    // Whose name the caller does not see keeps its number, which is read as well.
    if (const auto parent = titles.find(row.parent()); parent != titles.end()) {
      row.set_parent(parent->second);
    }
  }
  return rpc::ExportSheet<v1::Organization>("单位名录", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::registry
