// Import and export of platforms as .xlsx (REG-10). What the secretariat imports is published at
// once, for it is the reviewer; what an owner changes of a published platform is a revision.
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/validate.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/contact_lines.h"
#include "services/registry/ids.h"
#include "services/registry/import_directory.h"
#include "services/registry/instrument_following.h"
#include "services/registry/organization_rules.h"
#include "services/registry/platform_content.h"
#include "services/registry/platform_revision_life.h"
#include "services/registry/platform_rules.h"
#include "services/registry/registry_service.h"
#include "services/registry/service_lines.h"

namespace chanyan::registry {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr char kOpenRevisions[] = "state IN ('DRAFT', 'IN_REVIEW', 'RETURNED')";

// A stored platform as the importer sees it.
struct Known {
  const v1::Platform* stored = nullptr;
  // With the content of its open revision, when an owner imports.
  v1::Platform working;
  bool in_review = false;
};

std::string KeyOf(const v1::Platform& platform) {
  return absl::StrCat(platform.organization(), "\n", platform.display_name());
}

// Why a row may not write what it says, by the same rules as a change by hand; empty = it may.
std::string Refusal(const v1::Organization& owner, const Known* known, bool publish) {
  if (owner.state() != v1::ORGANIZATION_STATE_ACTIVE) {
    return absl::StrCat("“", owner.display_name(), "”已停用，不能发布科创平台");
  }
  if (known == nullptr) return "";
  if (known->stored->state() == v1::PLATFORM_STATE_WITHDRAWN) {
    return "该平台已撤回，不能再导入；请从表中删除该行，或以新名称另行新增";
  }
  if (!publish && known->stored->state() == v1::PLATFORM_STATE_IN_REVIEW) {
    return "该平台正在审核，不能修改；请等待审核结果后再导入";
  }
  if (!publish && known->in_review) {
    return "该平台的修订正在审核，不能修改；请等待审核结果，或先撤回修订后再导入";
  }
  return "";
}

// One import in one transaction: Plan every row, then Write all of them or nothing.
class PlatformImport {
 public:
  struct Deps {
    const policy::Pack& pack;
    const PlatformStore& store;
    const db::Table<v1::Organization>& organizations;
    const db::Table<v1::Instrument>& instruments;
  };
  PlatformImport(Deps deps, const rpc::Call& call, const v1::ImportPlatformsRequest& request,
                 const sheet::TableData<v1::Platform>& data)
      : deps_(deps),
        call_(call),
        request_(request),
        data_(data),
        copied_(rpc::CopiedColumns(data.places, v1::Platform::descriptor(),
                                   {"display_name", "services_text", "contacts_text"})),
        publish_(call.principal.Has(options::v1::ROLE_SECRETARIAT)) {}

  absl::Status Plan(rpc::Change& change) {
    CHANYAN_RETURN_IF_ERROR(Load(change.session()));
    for (const auto& [message, number] : data_.rows) PlanRow(change.now(), message, number);
    if (violations_.empty()) return absl::OkStatus();
    return status::InvalidFields(std::move(violations_), options::v1::ERROR_REASON_INVALID_FILE);
  }

  absl::Status Write(rpc::Change& change) {
    CHANYAN_RETURN_IF_ERROR(rpc::Apply(change, deps_.store.platforms(), &plan_));
    std::vector<PlatformStore::Publication> publications;
    for (auto& [before, after] : plan_.updates) {
      const bool published = IsPublished(after);
      if (published != IsPublished(before)) {
        CHANYAN_RETURN_IF_ERROR(FollowPlatform(change, deps_.pack, deps_.instruments, after));
      }
      if (published && !after.attachments().empty()) {
        CHANYAN_RETURN_IF_ERROR(deps_.store.ListAttachments(change, after));
      }
      if (published && before.state() == after.state() && !SameContent(before, after)) {
        publications.emplace_back(before, after);
      }
    }
    CHANYAN_RETURN_IF_ERROR(deps_.store.RecordPublications(change, call_, publications));
    for (auto& [platform, wanted] : revisions_) {
      CHANYAN_RETURN_IF_ERROR(deps_.store.Revise(change, call_, wanted, &platform).status());
    }
    return absl::OkStatus();
  }

  // Who comes to own a new platform.
  std::vector<std::string> NewOwners() const {
    std::vector<std::string> owners;
    for (const v1::Platform& platform : plan_.creates) owners.push_back(platform.organization());
    return owners;
  }

  v1::ImportResult Result() const {
    auto result = rpc::ResultOf<v1::ImportResult>(plan_, request_.validate_only());
    result.set_revised(static_cast<int32_t>(revisions_.size()));
    return result;
  }

 private:
  absl::Status Load(db::Session& session) {
    CHANYAN_ASSIGN_OR_RETURN(directory_,
                             Directory::Load(session, deps_.organizations, call_.principal));
    CHANYAN_ASSIGN_OR_RETURN(
        existing_,
        deps_.store.platforms().Select(session, auth::Writable<v1::Platform>(call_.principal)));
    absl::flat_hash_map<std::string, v1::PlatformRevision> open;
    if (!publish_) {
      CHANYAN_ASSIGN_OR_RETURN(
          std::vector<v1::PlatformRevision> revisions,
          deps_.store.revisions().Select(
              session, db::And(auth::Writable<v1::PlatformRevision>(call_.principal),
                               {kOpenRevisions, {}})));
      for (v1::PlatformRevision& one : revisions) open[one.platform()] = std::move(one);
    }
    known_.reserve(existing_.size());
    for (const v1::Platform& platform : existing_) {
      Known& known = known_.emplace_back();
      known.stored = &platform;
      known.working = platform;
      if (const auto found = open.find(platform.name()); found != open.end()) {
        CopyContent(found->second.proposed(), &known.working);
        known.in_review = !MayEdit(found->second.state());
      }
    }
    // By the name that it has, or else by the one that its open revision gives it.
    for (const Known& known : known_) by_key_[KeyOf(*known.stored)] = &known;
    for (const Known& known : known_) by_key_.try_emplace(KeyOf(known.working), &known);
    for (const Known& known : known_) by_name_[known.stored->name()] = &known;
    return absl::OkStatus();
  }

  void Add(uint32_t number, absl::string_view field, std::string description) {
    violations_.push_back({data_.places.Place(number, field), std::move(description)});
  }

  // `called` is the owner whom the sheet names, `owner` the one it is part of now, or the same.
  // What was taken over has the name it had, and a further title where its own was taken. Null if
  // there is none.
  const Known* Find(const v1::Organization& called, const v1::Organization& owner,
                    const std::string& title) const {
    const auto find = [](const auto& map, const std::string& key) {
      const auto found = map.find(key);
      return found == map.end() ? nullptr : found->second;
    };
    v1::Platform wanted;
    wanted.set_display_name(title);
    if (called.name() != owner.name()) {
      wanted.set_organization(called.name());
      const Known* then =
          find(by_name_, absl::StrCat(called.name(), "/platforms/", PlatformId(wanted)));
      if (then != nullptr && then->stored->organization() == owner.name()) return then;
      wanted.set_organization(owner.name());
      wanted.set_display_name(NameBeside(title, called.display_name(), {}));
      if (const Known* beside = find(by_key_, KeyOf(wanted)); beside != nullptr) return beside;
      wanted.set_display_name(title);
    }
    wanted.set_organization(owner.name());
    return find(by_key_, KeyOf(wanted));
  }

  void PlanRow(absl::Time now, v1::Platform row, uint32_t number) {
    const v1::Organization* called = directory_->ByTitle(row.organization_title());
    const v1::Organization* owner = directory_->Resolve(row.organization_title());
    if (owner == nullptr) {
      return Add(
          number, "organization_title",
          absl::StrCat("依托单位“", row.organization_title(), "”不在单位名录中，请核对名称"));
    }
    if (!MayOwnPlatforms(owner->kind())) {
      Add(number, "organization_title",
          absl::StrCat("“", row.organization_title(),
                       "”不是高校、科研机构或企业，不能发布科创平台"));
    }
    row.set_organization(owner->name());
    row.set_organization_title(owner->display_name());
    rpc::AddPlaced(IndustryViolations(deps_.pack, row.industries()), number, data_.places,
                   &violations_);
    if (data_.places.HasColumn("services_text")) {
      rpc::AddPlaced(ReadServices(deps_.pack, row.services_text(), row.mutable_services()), number,
                     data_.places, &violations_);
    }
    row.clear_services_text();
    const Known* known = Find(called == nullptr ? *owner : *called, *owner, row.display_name());
    row.set_name(known != nullptr
                     ? known->stored->name()
                     : absl::StrCat(row.organization(), "/platforms/", PlatformId(row)));
    const auto [first, fresh] = seen_.try_emplace(row.name(), number);
    if (!fresh) {
      return Add(number, "display_name",
                 absl::StrCat("与第 ", first->second, " 行是同一平台，请只保留一行"));
    }
    row.set_state(v1::PLATFORM_STATE_DRAFT);
    if (!auth::Reaches(call_.principal, row, options::v1::ACCESS_WRITE)) {
      return Add(number, "organization_title", "只能导入本单位的科创平台");
    }
    PlanKnown(now, *owner, known, std::move(row), number);
  }

  void PlanKnown(absl::Time now, const v1::Organization& owner, const Known* known,
                 v1::Platform row, uint32_t number) {
    const v1::Platform* stored = known == nullptr ? nullptr : known->stored;
    v1::Platform merged = std::move(row);
    if (known != nullptr) {
      const v1::Platform from = std::move(merged);
      merged = known->working;
      rpc::CopyColumns(copied_, from, &merged);
      if (data_.places.HasColumn("services_text")) *merged.mutable_services() = from.services();
      merged.set_contacts_text(from.contacts_text());
    }
    if (data_.places.HasColumn("contacts_text")) {
      rpc::AddPlaced(ReadContacts(merged.contacts_text(), merged.mutable_contacts()), number,
                     data_.places, &violations_);
    }
    merged.clear_contacts_text();
    const bool revises =
        !publish_ && known != nullptr && stored->state() == v1::PLATFORM_STATE_PUBLISHED;
    if (publish_ && merged.state() != v1::PLATFORM_STATE_PUBLISHED) {
      const absl::Status published =
          deps_.store.MarkPublished(now, request_.override_reason(), &merged);
      if (!published.ok()) return Add(number, "", std::string(published.message()));
    } else if (publish_ && !SameContent(*stored, merged)) {
      // What is published is not emptied by a file either.
      const absl::Status judged =
          deps_.store.JudgePublication(now, request_.override_reason(), &merged);
      if (!judged.ok()) return Add(number, "", std::string(judged.message()));
    }
    // A row that changes nothing is always right.
    const bool same = known != nullptr && (revises ? SameContent(known->working, merged)
                                                   : MessageDifferencer::Equals(*stored, merged));
    if (same) {
      ++plan_.unchanged;
      return;
    }
    if (std::string why = Refusal(owner, known, publish_); !why.empty()) {
      return Add(number, "display_name", std::move(why));
    }
    if (revises) {
      revisions_.emplace_back(*stored, std::move(merged));
    } else {
      plan_.Add(stored, std::move(merged));
    }
  }

  const Deps deps_;
  const rpc::Call& call_;
  const v1::ImportPlatformsRequest& request_;
  const sheet::TableData<v1::Platform>& data_;
  const google::protobuf::FieldMask copied_;
  const bool publish_;
  std::unique_ptr<const Directory> directory_;
  std::vector<v1::Platform> existing_;
  std::vector<Known> known_;
  absl::flat_hash_map<std::string, const Known*> by_key_;
  absl::flat_hash_map<std::string, const Known*> by_name_;
  // Name of the platform to the row that it came in.
  absl::flat_hash_map<std::string, uint32_t> seen_;
  std::vector<status::Violation> violations_;
  rpc::ImportPlan<v1::Platform> plan_;
  // A published platform and what its open revision is to hold.
  std::vector<std::pair<v1::Platform, v1::Platform>> revisions_;
};

}  // namespace

absl::StatusOr<v1::ImportResult> RegistryService::ImportPlatforms(
    const rpc::Call& call, const v1::ImportPlatformsRequest& request) {
  sheet::ReadOptions options;
  options.check = [](google::protobuf::Message& message, uint32_t) {
    v1::Platform shaped = static_cast<const v1::Platform&>(message);
    shaped.clear_organization_title();
    shaped.clear_services_text();
    shaped.clear_contacts_text();
    return api::Violations(shaped);
  };
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::Platform> data,
      rpc::ReadUpload<v1::Platform>(request.file(), request.file_name(), options));
  return rpc::Mutate<v1::ImportResult>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ImportResult> {
        PlatformImport rows({deps_.pack, store_, organizations_, instruments_}, call, request,
                            data);
        CHANYAN_RETURN_IF_ERROR(rows.Plan(change));
        if (!request.validate_only()) {
          // So that none of them is merged while something new comes to belong to it.
          CHANYAN_RETURN_IF_ERROR(LockReferences(change.session(), rows.NewOwners()));
          CHANYAN_RETURN_IF_ERROR(rows.Write(change));
        }
        return rows.Result();
      });
}

absl::StatusOr<google::api::HttpBody> RegistryService::ExportPlatforms(
    const rpc::Call& call, const v1::ExportPlatformsRequest& request) {
  std::vector<v1::Platform> rows;
  // The secretariat takes away what is published, an owner what it is working on: each could import
  // its own file again and change nothing.
  const bool published = call.principal.Has(options::v1::ROLE_SECRETARIAT);
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted, platforms_.core().Where(request.filter()));
    CHANYAN_ASSIGN_OR_RETURN(
        rows,
        platforms_.Select(session, db::And(auth::Readable<v1::Platform>(call.principal), wanted)));
    for (v1::Platform& row : rows) {
      const bool own = auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE);
      if (published || !own || row.open_revision().empty()) continue;
      CHANYAN_ASSIGN_OR_RETURN(row, store_.WorkingCopy(session, row));
    }
    for (v1::Platform& row : rows) {
      row.set_services_text(ServicesText(deps_.pack, row.services()));
      row.set_contacts_text(SeesInside(call.principal, row) ? ContactsText(row.contacts())
                                                            : std::string(kContactsUntold));
    }
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return rpc::ExportSheet<v1::Platform>("科创平台目录", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::registry
