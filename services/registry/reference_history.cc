// Versions of entries of the reference lists. The journal has them all: nothing is kept twice.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/api/differences.h"
#include "common/api/json.h"
#include "common/journal/reader.h"
#include "common/rpc/export.h"
#include "common/taxonomy/differences.h"
#include "services/registry/difference_text.h"
#include "services/registry/reference_service.h"

namespace chanyan::registry {
namespace {

using google::protobuf::Message;

// Versions of one entry that are read; more than that nobody makes by hand.
constexpr int kMaxVersions = journal::kMaxEntries;

constexpr absl::string_view kTaxonomies = "taxonomies/";

bool Keeps(const rpc::Call& call) {
  return call.principal.Has(options::v1::ROLE_SECRETARIAT) ||
         call.principal.Has(options::v1::ROLE_DEPARTMENT);
}

const char* LabelOfKind(absl::string_view kind) {
  if (kind == "created") return "新增";
  if (kind == "imported") return "导入";
  if (kind == "deleted") return "删除";
  if (kind == "published") return "随政策包发布";
  if (kind == "withdrawn") return "随政策包撤下";
  return "修改";
}

// The message that the version's oneof has for this collection.
Message* ContentOf(absl::string_view name, v1::ReferenceVersion* version) {
  if (absl::StartsWith(name, "policyDividends/")) return version->mutable_policy_dividend();
  if (absl::StartsWith(name, "industryDuties/")) return version->mutable_industry_duty();
  if (absl::StartsWith(name, kTaxonomies)) return version->mutable_taxonomy();
  return version->mutable_task_force_member();
}

// The journal may hold fields of another version of ours.
absl::Status FromJournal(const std::string& json, Message* message) {
  if (json.empty()) return absl::OkStatus();
  if (api::JsonToMessage(json, *message, api::JsonSource::kStored).ok()) return absl::OkStatus();
  return status::Internal("registry journal: an entry that cannot be read");
}

// What people call the entry, as it was in this version.
std::string TitleOf(const v1::ReferenceVersion& version) {
  if (version.has_policy_dividend()) return version.policy_dividend().display_name();
  if (version.has_taxonomy()) return version.taxonomy().display_name();
  if (version.has_industry_duty()) {
    return absl::StrCat(version.industry_duty().industry(), " / ",
                        version.industry_duty().lead_unit());
  }
  const v1::TaskForceMember& member = version.task_force_member();
  return absl::StrCat(member.task_force(), " / ", member.unit(), " / ", member.person());
}

void AddDifferences(const Message& before, const Message& after, bool both,
                    v1::ReferenceVersion* version) {
  for (api::Difference& one : api::Differences(before, after)) {
    v1::FieldDifference* difference = version->add_differences();
    difference->set_field(std::move(one.field));
    difference->set_label(std::move(one.label));
    difference->set_before(std::move(one.before));
    difference->set_after(std::move(one.after));
  }
  if (both && version->differences().empty()) {
    // The journal has no telephone numbers: that one changed is all it can say.
    v1::FieldDifference* difference = version->add_differences();
    difference->set_label("联系方式");
    difference->set_before("（不显示）");
    difference->set_after("（已更改，不显示）");
  }
}

absl::Status FillVersion(const journal::v1::Entry& entry, int number, bool keeps,
                         v1::ReferenceVersion* version) {
  version->set_number(number);
  version->set_kind(entry.kind());
  version->set_label(LabelOfKind(entry.kind()));
  *version->mutable_time() = entry.time();
  if (keeps) version->set_actor(entry.actor());
  Message* content = ContentOf(entry.resource(), version);
  const std::unique_ptr<Message> before(content->New());
  CHANYAN_RETURN_IF_ERROR(FromJournal(entry.before_json(), before.get()));
  CHANYAN_RETURN_IF_ERROR(FromJournal(entry.after_json(), content));
  const bool both = !entry.before_json().empty() && !entry.after_json().empty();
  if (version->has_taxonomy()) {
    const auto differences = taxonomy::TaxonomyDifferences(
        static_cast<const v1::Taxonomy&>(*before), version->taxonomy());
    version->mutable_differences()->Assign(differences.begin(), differences.end());
  } else {
    AddDifferences(*before, *content, both, version);
  }
  // What is gone is shown as it last was.
  if (entry.after_json().empty()) content->CopyFrom(*before);
  return absl::OkStatus();
}

}  // namespace

absl::Status ReferenceService::CheckVisible(const rpc::Call& call, const std::string& name) {
  absl::Status visible = status::NotFound(name);
  if (absl::StartsWith(name, "policyDividends/")) {
    visible = dividends_.Get(call, name).status();
  } else if (absl::StartsWith(name, "industryDuties/")) {
    visible = duties_.Get(call, name).status();
  } else if (absl::StartsWith(name, "taskForceMembers/")) {
    visible = members_.Get(call, name).status();
  } else if (absl::StartsWith(name, kTaxonomies)) {
    // Everybody may see them, also one that a later pack has no more; what never was has no entry.
    return absl::OkStatus();
  } else {
    return visible;
  }
  return absl::IsNotFound(visible) && Keeps(call) ? absl::OkStatus() : visible;
}

absl::StatusOr<std::vector<journal::v1::Entry>> ReferenceService::EntriesOf(
    const rpc::Call& call, const std::string& name) {
  CHANYAN_RETURN_IF_ERROR(CheckVisible(call, name));
  std::vector<journal::v1::Entry> entries;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        int64_t last_id = 0;
        CHANYAN_ASSIGN_OR_RETURN(entries,
                                 journal::HistoryOf(session, name, 0, kMaxVersions, &last_id));
        return absl::OkStatus();
      }));
  if (entries.empty()) return status::NotFound(name);
  return entries;
}

absl::StatusOr<google::api::HttpBody> ReferenceService::ExportReferenceVersions(
    const rpc::Call& call, const v1::ExportReferenceVersionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<journal::v1::Entry> entries,
                           EntriesOf(call, request.name()));
  std::vector<v1::ReferenceVersion> rows;
  for (int number = static_cast<int>(entries.size()); number > 0; --number) {
    v1::ReferenceVersion version;
    CHANYAN_RETURN_IF_ERROR(FillVersion(entries[number - 1], number, Keeps(call), &version));
    version.set_title(TitleOf(version));
    version.set_differences_text(DifferencesText(version.differences()));
    version.clear_content();
    rows.push_back(std::move(version));
  }
  return rpc::ExportSheet<v1::ReferenceVersion>("历次变更", deps_.store.clock.Now(), rows);
}

absl::StatusOr<v1::ListReferenceVersionsResponse> ReferenceService::ListReferenceVersions(
    const rpc::Call& call, const v1::ListReferenceVersionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<journal::v1::Entry> entries,
                           EntriesOf(call, request.name()));
  int next = static_cast<int>(entries.size());
  if (!request.page_token().empty() && (!absl::SimpleAtoi(request.page_token(), &next) ||
                                        next < 1 || next > static_cast<int>(entries.size()))) {
    return status::InvalidField("page_token", "不是上一页返回的令牌",
                                options::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
  }
  int left = request.page_size() == 0 ? db::kDefaultPageSize
                                      : std::min<int>(request.page_size(), db::kMaxPageSize);
  v1::ListReferenceVersionsResponse response;
  for (; next > 0 && left > 0; --next, --left) {
    CHANYAN_RETURN_IF_ERROR(
        FillVersion(entries[next - 1], next, Keeps(call), response.add_versions()));
  }
  if (next > 0) response.set_next_page_token(absl::StrCat(next));
  return response;
}

}  // namespace chanyan::registry
