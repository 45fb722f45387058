// Intents from a sheet and as a sheet (REG-3, REG-10).
#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/validate.h"
#include "common/db/predicate.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/time/timestamp.h"
#include "services/pairing/intent_rules.h"
#include "services/pairing/intent_scope.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/registry_lists.h"
#include "services/pairing/registry_reading.h"

namespace chanyan::pairing {
namespace {

using google::protobuf::util::MessageDifferencer;

// Columns that find a row or are ours alone.
const absl::flat_hash_set<std::string>& NotCopied() {
  static const auto* const names = new absl::flat_hash_set<std::string>{
      "side", "platform_title", "organization_title", "state", "title"};
  return *names;
}

// What makes a row the same intent.
std::string KeyOf(const v1::Intent& intent) {
  return absl::StrCat(static_cast<int>(intent.side()), "\n", intent.platform(), "\n",
                      intent.title());
}

// The organization's intents as they are stored.
struct OwnIntents {
  // Those that a row can be; the newest where there are several.
  absl::flat_hash_map<std::string, const v1::Intent*> by_key;
  absl::flat_hash_set<std::string> names;
};

OwnIntents IndexOf(const std::vector<v1::Intent>& rows) {
  OwnIntents own;
  for (const v1::Intent& row : rows) {
    own.names.insert(row.name());
    if (row.state() == v1::INTENT_STATE_WITHDRAWN) continue;
    const v1::Intent*& at = own.by_key[KeyOf(row)];
    if (at == nullptr || time::ToTime(at->create_time()) < time::ToTime(row.create_time())) {
      at = &row;
    }
  }
  return own;
}

// The same intent has the same name, numbered after one that was taken back.
std::string NewName(const v1::Intent& intent, const OwnIntents& own) {
  const std::string base = absl::StrCat(
      "intents/", api::DigestId("i", absl::StrCat(intent.organization(), "\n", KeyOf(intent))));
  std::string name = base;
  for (int number = 2; own.names.contains(name); ++number) name = absl::StrCat(base, "-", number);
  return name;
}

// A sheet holds whole seconds; what it cannot say has not changed.
void KeepFraction(const v1::Intent& stored, v1::Intent* row) {
  if (stored.expire_time().seconds() == row->expire_time().seconds()) {
    *row->mutable_expire_time() = stored.expire_time();
  }
}

// Why the expiry of a row may not stand, at its cell; the row keeps the verdicts otherwise.
std::vector<status::Violation> ExpiryViolations(const policy::Pack& pack, absl::Time now,
                                                v1::Intent* row) {
  const absl::Status judged = JudgeExpiry(pack, now, "expire_time", row);
  if (judged.ok()) return {};
  std::vector<status::Violation> wrong = status::ViolationsOf(judged);
  if (wrong.empty()) wrong.push_back({"expire_time", std::string(judged.message())});
  return wrong;
}

// The stored intent with what the sheet says of it; why it may not, as violations.
std::vector<status::Violation> Merge(const policy::Pack& pack, absl::Time now,
                                     const v1::Intent* stored,
                                     const google::protobuf::FieldMask& copied, v1::Intent* row) {
  if (stored == nullptr) {
    row->set_state(v1::INTENT_STATE_OPEN);
    return ExpiryViolations(pack, now, row);
  }
  KeepFraction(*stored, row);
  v1::Intent merged = *stored;
  rpc::CopyColumns(copied, *row, &merged);
  const bool changed = !MessageDifferencer::Equals(*stored, merged);
  *row = std::move(merged);
  if (!changed) return {};
  // An overdue one is renewed by the row, or not changed at all.
  const bool expired = StateAt(*stored, now) == v1::INTENT_STATE_EXPIRED;
  const absl::StatusOr<v1::IntentState> next = NextOf(*stored, expired ? "renew" : "update", now);
  if (!next.ok()) return {{"title", std::string(next.status().message())}};
  const bool moved =
      time::ToTime(row->expire_time()) != time::ToTime(stored->expire_time()) || expired;
  if (moved) {
    std::vector<status::Violation> wrong = ExpiryViolations(pack, now, row);
    if (!wrong.empty()) return wrong;
    row->set_reminded_days(0);
  }
  row->set_state(*next);
  return {};
}

// Why the caller may not publish a row; fills in what the sheet names by title.
std::vector<status::Violation> PublisherOf(const rpc::Call& call,
                                           const std::vector<registry::v1::Platform>& platforms,
                                           const registry::v1::Organization& organization,
                                           v1::Intent* row) {
  std::vector<status::Violation> out;
  if (!row->organization_title().empty() &&
      row->organization_title() != organization.display_name()) {
    out.push_back({"organization_title",
                   absl::StrCat("只能导入本单位（", organization.display_name(), "）的意向")});
  }
  row->set_organization(organization.name());
  row->set_organization_title(organization.display_name());
  if (row->side() != v1::INTENT_SIDE_OFFER) {
    if (!call.principal.Has(options::v1::ROLE_ENTERPRISE)) {
      out.push_back({"side", "“企业需求”由企业发布；高校、科研机构请填“平台提供”"});
    }
    if (!row->platform_title().empty()) {
      out.push_back({"platform_title", "企业需求面向全部平台，不填科创平台"});
    }
    return out;
  }
  const auto platform =
      std::find_if(platforms.begin(), platforms.end(), [&](const registry::v1::Platform& one) {
        return one.display_name() == row->platform_title();
      });
  if (row->platform_title().empty()) {
    out.push_back({"platform_title", "平台提供的意向必须填写科创平台名称"});
  } else if (platform == platforms.end()) {
    out.push_back({"platform_title",
                   absl::StrCat("“", row->platform_title(), "”不是本单位的科创平台，请核对名称")});
  } else if (platform->state() != registry::v1::PLATFORM_STATE_PUBLISHED) {
    out.push_back({"platform_title",
                   absl::StrCat("“", row->platform_title(), "”尚未发布或已撤回，不能发布意向")});
  } else {
    row->set_platform(platform->name());
    SetContacts(*platform, row);
  }
  return out;
}

}  // namespace

absl::StatusOr<v1::ImportIntentsResponse> PairingService::ImportIntents(
    const rpc::Call& call, const v1::ImportIntentsRequest& request) {
  sheet::ReadOptions options;
  options.check = [](google::protobuf::Message& message, uint32_t) {
    v1::Intent shaped = static_cast<const v1::Intent&>(message);
    shaped.clear_platform_title();
    shaped.clear_organization_title();
    shaped.clear_state();
    return api::Violations(shaped);
  };
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::Intent> data,
      rpc::ReadUpload<v1::Intent>(request.file(), request.file_name(), options));
  const google::protobuf::FieldMask copied =
      rpc::CopiedColumns(data.places, v1::Intent::descriptor(), NotCopied());
  const auto import = [&](RegistryReading& reading) -> absl::StatusOr<v1::ImportIntentsResponse> {
    CHANYAN_ASSIGN_OR_RETURN(const registry::v1::Organization organization,
                             OrganizationOf(call, call.principal.organization, &reading));
    if (organization.name() != call.principal.organization) {
      return PublishesNoMore(organization.display_name());
    }
    CHANYAN_RETURN_IF_ERROR(RequireMayPublish(organization));
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<registry::v1::Platform> platforms,
                             LoadPlatforms(deps_.peers, rpc::AsService(call), organization.name()));
    for (const registry::v1::Platform& platform : platforms) reading.Note(platform.name());

    return rpc::Mutate<v1::ImportIntentsResponse>(
        deps_.store, call, request,
        [&](rpc::Change& change) -> absl::StatusOr<v1::ImportIntentsResponse> {
          CHANYAN_RETURN_IF_ERROR(reading.Hold(change.session()));
          CHANYAN_RETURN_IF_ERROR(RefuseMerged(change.session(), organization.name()));
          CHANYAN_ASSIGN_OR_RETURN(
              const std::vector<v1::Intent> stored,
              intents_.Select(change.session(), {"organization = ?", {organization.name()}},
                              db::kByNameLocked));
          OwnIntents own = IndexOf(stored);
          std::vector<status::Violation> violations;
          absl::flat_hash_map<std::string, uint32_t> seen;
          rpc::ImportPlan<v1::Intent> plan;
          for (const auto& [message, number] : data.rows) {
            v1::Intent row = message;
            std::vector<status::Violation> wrong = PublisherOf(call, platforms, organization, &row);
            for (status::Violation& violation : ContentViolations(row)) {
              wrong.push_back(std::move(violation));
            }
            const auto known = own.by_key.find(KeyOf(row));
            const v1::Intent* before = known == own.by_key.end() ? nullptr : known->second;
            if (wrong.empty()) {
              wrong = Merge(deps_.pack, change.now(), before, copied, &row);
            }
            const auto [first, fresh] = seen.try_emplace(KeyOf(row), number);
            if (!fresh) {
              wrong.push_back(
                  {"title", absl::StrCat("与第 ", first->second, " 行是同一意向，请只保留一行")});
            }
            if (!wrong.empty()) {
              rpc::AddPlaced(std::move(wrong), number, data.places, &violations);
              continue;
            }
            if (before == nullptr) {
              row.set_name(NewName(row, own));
              own.names.insert(row.name());
            }
            plan.Add(before, std::move(row));
          }
          if (!violations.empty()) {
            return status::InvalidFields(std::move(violations),
                                         options::v1::ERROR_REASON_INVALID_FILE);
          }
          const auto result =
              rpc::ResultOf<v1::ImportIntentsResponse>(plan, request.validate_only());
          if (!request.validate_only()) {
            CHANYAN_RETURN_IF_ERROR(rpc::Apply(change, intents_, &plan));
          }
          return result;
        });
  };
  return WithRegistry<v1::ImportIntentsResponse>(deps_.store, call, import);
}

absl::StatusOr<google::api::HttpBody> PairingService::ExportIntents(
    const rpc::Call& call, const v1::ExportIntentsRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  std::vector<v1::Intent> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                                 intents_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, intents_.Select(session, db::And(VisibleIntents(call.principal, now), wanted)));
        return absl::OkStatus();
      }));
  for (v1::Intent& row : rows) row.set_state(StateAt(row, now));
  return rpc::ExportSheet<v1::Intent>("结对共建意向", now, rows);
}

}  // namespace chanyan::pairing
