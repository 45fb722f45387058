// Import and export of platforms as .xlsx (REG-10).
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/validate.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/ids.h"
#include "services/registry/import_directory.h"
#include "services/registry/organization_rules.h"
#include "services/registry/platform_rules.h"
#include "services/registry/registry_service.h"

namespace chanyan::registry {
namespace {

using google::protobuf::util::MessageDifferencer;

v1::Platform Merge(const v1::Platform* stored, const v1::Platform& row,
                   const google::protobuf::FieldMask& copied) {
  if (stored == nullptr) return row;
  v1::Platform merged = *stored;
  CopyColumns(copied, row, &merged);
  return merged;
}

// The platforms that the caller may write, by what a row can be recognised by.
class Platforms {
 public:
  explicit Platforms(const std::vector<v1::Platform>& rows) {
    for (const v1::Platform& row : rows) {
      by_name_[row.name()] = &row;
      by_title_[{row.organization(), row.display_name()}] = &row;
    }
  }

  // `called` is the owner whom the sheet names, `owner` the one it is part of now, or the same. What
  // was taken over has the name it had, and a further title where its own was taken.
  const v1::Platform* Find(const v1::Organization& called, const v1::Organization& owner,
                           const std::string& title) const {
    if (&called != &owner) {
      v1::Platform then;
      then.set_organization(called.name());
      then.set_display_name(title);
      const auto named =
          by_name_.find(absl::StrCat(called.name(), "/platforms/", PlatformId(then)));
      if (named != by_name_.end()) return named->second;
      const auto beside =
          by_title_.find({owner.name(), NameBeside(title, called.display_name(), {})});
      if (beside != by_title_.end()) return beside->second;
    }
    const auto found = by_title_.find({owner.name(), title});
    return found == by_title_.end() ? nullptr : found->second;
  }

 private:
  absl::flat_hash_map<std::string, const v1::Platform*> by_name_;
  absl::flat_hash_map<std::pair<std::string, std::string>, const v1::Platform*> by_title_;
};

// Why a row may not write what it says, by the same rules as a change by hand; empty = it may. A
// row that changes nothing is always right.
std::string ImportRefusal(const v1::Organization& owner, const v1::Platform* stored,
                          const v1::Platform& merged, bool publish) {
  if (stored != nullptr && MessageDifferencer::Equals(*stored, merged)) return "";
  if (owner.state() != v1::ORGANIZATION_STATE_ACTIVE) {
    return absl::StrCat("“", owner.display_name(), "”已停用，不能发布科创平台");
  }
  if (stored == nullptr) return "";
  if (stored->state() == v1::PLATFORM_STATE_WITHDRAWN) {
    return "该平台已撤回，不能再导入；请从表中删除该行，或以新名称另行新增";
  }
  if (!publish && stored->state() == v1::PLATFORM_STATE_IN_REVIEW) {
    return "该平台正在审核，不能修改；请等待审核结果后再导入";
  }
  return "";
}

}  // namespace

absl::StatusOr<v1::ImportResult> RegistryService::ImportPlatforms(
    const rpc::Call& call, const v1::ImportPlatformsRequest& request) {
  sheet::ReadOptions options;
  options.check = [](google::protobuf::Message& message, uint32_t) {
    v1::Platform shaped = static_cast<const v1::Platform&>(message);
    shaped.clear_organization_title();
    return api::Violations(shaped);
  };
  CHANYAN_ASSIGN_OR_RETURN(
      sheet::TableData<v1::Platform> data,
      rpc::ReadUpload<v1::Platform>(request.file(), request.file_name(), options));
  const google::protobuf::FieldMask copied =
      CopiedColumns(data.places, v1::Platform::descriptor(), {"display_name"});
  const bool publish = call.principal.Has(options::v1::ROLE_SECRETARIAT);

  return rpc::Mutate<v1::ImportResult>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ImportResult> {
        CHANYAN_ASSIGN_OR_RETURN(const auto directory,
                                 Directory::Load(change.session(), organizations_));
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Platform> existing,
            platforms_.Select(change.session(), auth::Writable<v1::Platform>(call.principal)));
        const Platforms platforms(existing);
        std::vector<status::Violation> violations;
        absl::flat_hash_map<std::string, uint32_t> seen;
        rpc::ImportPlan<v1::Platform> plan;
        for (const auto& [message, number] : data.rows) {
          v1::Platform row = message;
          const v1::Organization* called = directory->ByTitle(row.organization_title());
          const v1::Organization* owner = directory->Resolve(row.organization_title());
          if (owner == nullptr) {
            violations.push_back({data.places.Place(number, "organization_title"),
                                  absl::StrCat("依托单位“", row.organization_title(),
                                               "”不在单位名录中，请核对名称")});
            continue;
          }
          row.set_organization(owner->name());
          row.set_organization_title(owner->display_name());
          if (!MayOwnPlatforms(owner->kind())) {
            violations.push_back({data.places.Place(number, "organization_title"),
                                  absl::StrCat("“", row.organization_title(),
                                               "”不是高校、科研机构或企业，不能发布科创平台")});
          }
          PlaceAll(IndustryViolations(deps_.pack, row.industries()), number, data.places,
                 &violations);
          const v1::Platform* stored =
              platforms.Find(called == nullptr ? *owner : *called, *owner, row.display_name());
          row.set_name(stored != nullptr
                           ? stored->name()
                           : absl::StrCat(row.organization(), "/platforms/", PlatformId(row)));
          const auto [first, fresh] = seen.try_emplace(row.name(), number);
          if (!fresh) {
            violations.push_back(
                {data.places.Place(number, "display_name"),
                 absl::StrCat("与第 ", first->second, " 行是同一平台，请只保留一行")});
            continue;
          }
          row.set_state(v1::PLATFORM_STATE_DRAFT);
          if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
            violations.push_back(
                {data.places.Place(number, "organization_title"), "只能导入本单位的科创平台"});
            continue;
          }
          v1::Platform merged = Merge(stored, row, copied);
          if (publish && merged.state() != v1::PLATFORM_STATE_PUBLISHED) {
            const absl::Status published =
                MarkPublished(change.now(), request.override_reason(), &merged);
            if (!published.ok()) {
              violations.push_back(
                  {data.places.Place(number, ""), std::string(published.message())});
              continue;
            }
          }
          if (std::string why = ImportRefusal(*owner, stored, merged, publish);
              !why.empty()) {
            violations.push_back({data.places.Place(number, "display_name"), std::move(why)});
            continue;
          }
          plan.Add(stored, std::move(merged));
        }
        if (!violations.empty()) {
          return status::InvalidFields(std::move(violations),
                                       options::v1::ERROR_REASON_INVALID_FILE);
        }
        const v1::ImportResult result = ResultOf(plan, request.validate_only());
        if (!request.validate_only()) {
          std::vector<std::string> owners;
          for (const v1::Platform& platform : plan.creates) {
            owners.push_back(platform.organization());
          }
          CHANYAN_RETURN_IF_ERROR(LockReferences(change.session(), std::move(owners)));
          CHANYAN_RETURN_IF_ERROR(rpc::Apply(change, platforms_, &plan));
        }
        return result;
      });
}

absl::StatusOr<google::api::HttpBody> RegistryService::ExportPlatforms(
    const rpc::Call& call, const v1::ExportPlatformsRequest& request) {
  std::vector<v1::Platform> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                                 platforms_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, platforms_.Select(session,
                                    db::And(auth::Readable<v1::Platform>(call.principal), wanted)));
        return absl::OkStatus();
      }));
  sheet::Writer writer({.created = deps_.store.clock.Now(), .title = "科创平台目录"});
  sheet::WriteTable(writer, "科创平台目录", v1::Platform::descriptor(), rows);
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, std::move(writer).Finish());
  return XlsxBody(std::move(bytes));
}

}  // namespace chanyan::registry
