#include "services/registry/platform_store.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/api/well_known.h"
#include "common/auth/scope.h"
#include "common/db/predicate.h"
#include "common/policy/life.h"
#include "common/policy/verdict.h"
#include "services/registry/organization_rules.h"
#include "services/registry/platform_content.h"
#include "services/registry/platform_revision_life.h"
#include "services/registry/platform_rules.h"
#include "services/registry/service_lines.h"

namespace chanyan::registry {
namespace {

constexpr char kLastNumber[] =
    "SELECT COALESCE(MAX(number), 0) FROM platform_revision WHERE platform = ?";
constexpr char kLastNumbers[] =
    "SELECT platform, MAX(number) FROM platform_revision GROUP BY platform";

// As columns keep it.
void SetMicros(absl::Time time, google::protobuf::Timestamp* to) {
  api::SetTime(absl::FromUnixMicros(absl::ToUnixMicros(time)), to);
}

// The next revision of a published platform, without state and proposal.
v1::PlatformRevision RevisionOf(const v1::Platform& platform, int64_t number) {
  v1::PlatformRevision revision;
  revision.set_name(absl::StrCat(platform.name(), "/revisions/", number));
  revision.set_organization(platform.organization());
  revision.set_platform(platform.name());
  revision.set_number(static_cast<int32_t>(number));
  *revision.mutable_replaced() = ContentOf(platform);
  return revision;
}

absl::Status CheckMayEdit(const v1::PlatformRevision& revision) {
  if (MayEdit(revision.state())) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("该平台的修订（第 ", revision.number(),
                   " 次）正在审核，不能修改；请等待审核结果，或先撤回修订"));
}

}  // namespace

bool SeesInside(const auth::Principal& caller, const v1::Platform& platform) {
  return caller.Has(options::v1::ROLE_SERVICE) || caller.Has(options::v1::ROLE_DEPARTMENT) ||
         caller.Has(options::v1::ROLE_LEADER) ||
         auth::Reaches(caller, platform, options::v1::ACCESS_WRITE);
}

absl::Status CheckSteps(const v1::PlatformRevision& revision) {
  if (revision.steps_size() < kMaxRevisionSteps) return absl::OkStatus();
  return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                    "该修订往返次数过多，请撤回后重新修订");
}

void AddStep(const rpc::Call& call, absl::Time now, absl::string_view verb, absl::string_view label,
             v1::PlatformRevision* revision) {
  v1::RevisionStep* step = revision->add_steps();
  step->set_verb(std::string(verb));
  step->set_label(std::string(label));
  SetMicros(now, step->mutable_time());
  step->set_actor(call.principal.account);
  step->set_organization(call.principal.organization);
}

absl::Status PlatformStore::CheckOwner(db::Session& session, const v1::Platform& platform) const {
  CHANYAN_ASSIGN_OR_RETURN(const v1::Organization owner,
                           organizations_.Get(session, platform.organization()));
  if (owner.state() == v1::ORGANIZATION_STATE_ACTIVE) return absl::OkStatus();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_WRONG_STATE,
      absl::StrCat("“", owner.display_name(), "”已停用，恢复后才能办理"));
}

absl::Status PlatformStore::Check(db::Session& session, const v1::Platform& platform) const {
  std::vector<status::Violation> violations = IndustryViolations(pack_, platform.industries());
  for (status::Violation& violation : ServiceViolations(pack_, platform.services())) {
    violations.push_back(std::move(violation));
  }
  const absl::StatusOr<v1::Organization> owner =
      organizations_.Get(session, platform.organization());
  if (!owner.ok() && !absl::IsNotFound(owner.status())) return owner.status();
  if (!owner.ok()) {
    violations.push_back(
        {"organization", absl::StrCat("“", platform.organization(), "”不在单位名录中")});
  } else if (!MayOwnPlatforms(owner->kind())) {
    violations.push_back(
        {"organization",
         absl::StrCat("“", owner->display_name(), "”不是高校、科研机构或企业，不能发布科创平台")});
  } else if (owner->state() == v1::ORGANIZATION_STATE_MERGED) {
    violations.push_back(
        {"organization", absl::StrCat("“", owner->display_name(), "”已撤并，请由其并入的单位（",
                                      owner->merged_into(), "）发布科创平台")});
  } else if (owner->state() != v1::ORGANIZATION_STATE_ACTIVE) {
    violations.push_back(
        {"organization", absl::StrCat("“", owner->display_name(), "”已停用，不能发布科创平台")});
  }
  CHANYAN_RETURN_IF_ERROR(AddAttachmentViolations(session, platform, &violations));
  if (violations.empty()) return absl::OkStatus();
  for (status::Violation& violation : violations) {
    violation.field = absl::StrCat("platform.", violation.field);
  }
  return status::InvalidFields(std::move(violations));
}

absl::Status PlatformStore::AddAttachmentViolations(
    db::Session& session, const v1::Platform& platform,
    std::vector<status::Violation>* violations) const {
  if (platform.attachments().empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::PlatformAttachment> held,
                           attachments_.Select(session, {"platform = ?", {platform.name()}}));
  absl::flat_hash_set<std::string> left;
  for (const v1::PlatformAttachment& one : held) left.insert(one.name());
  for (int i = 0; i < platform.attachments_size(); ++i) {
    // Each name counts once.
    if (left.erase(platform.attachments(i)) > 0) continue;
    violations->push_back(
        {absl::StrCat("attachments[", i, "]"),
         absl::StrCat("“", platform.attachments(i), "”不是该平台已上传的附件，或已列出一次")});
  }
  return absl::OkStatus();
}

absl::Status PlatformStore::JudgePublication(absl::Time now, absl::string_view override_reason,
                                             v1::Platform* row) const {
  policy::v1::Verdicts verdicts = PublishVerdicts(pack_, *row, now);
  const policy::v1::Verdicts asked = verdicts;
  for (const policy::v1::Verdict& verdict : asked.verdicts()) {
    if (verdict.outcome() != policy::v1::OUTCOME_NOT_SATISFIED ||
        verdict.strength() != policy::v1::STRENGTH_SOFT) {
      continue;
    }
    const auto& earlier = row->publish_verdicts().verdicts();
    const auto set_aside = std::find_if(earlier.begin(), earlier.end(), [&](const auto& one) {
      return one.rule_id() == verdict.rule_id() && one.outcome() == policy::v1::OUTCOME_OVERRIDDEN;
    });
    if (!override_reason.empty()) {
      CHANYAN_RETURN_IF_ERROR(policy::ApplyOverride(
          pack_, verdict.rule_id(), options::v1::ROLE_SECRETARIAT, override_reason, verdicts));
    } else if (set_aside != earlier.end()) {
      CHANYAN_RETURN_IF_ERROR(policy::ApplyOverride(pack_, verdict.rule_id(),
                                                    set_aside->override().role(),
                                                    set_aside->override().reason(), verdicts));
    }
  }
  CHANYAN_RETURN_IF_ERROR(policy::RequireSatisfied(verdicts));
  *row->mutable_publish_verdicts() = std::move(verdicts);
  return absl::OkStatus();
}

absl::Status PlatformStore::MarkPublished(absl::Time now, absl::string_view override_reason,
                                          v1::Platform* row) const {
  CHANYAN_RETURN_IF_ERROR(JudgePublication(now, override_reason, row));
  api::SetTime(now, row->mutable_confirm_time());
  if (!row->has_publish_time()) api::SetTime(now, row->mutable_publish_time());
  row->clear_return_reasons();
  row->set_state(v1::PLATFORM_STATE_PUBLISHED);
  row->clear_freshness_override_until();
  JudgeFreshness(pack_, now, row);
  return absl::OkStatus();
}

absl::StatusOr<v1::Platform> PlatformStore::WorkingCopy(db::Session& session,
                                                        const v1::Platform& platform) const {
  v1::Platform copy = platform;
  if (platform.open_revision().empty()) return copy;
  CHANYAN_ASSIGN_OR_RETURN(const v1::PlatformRevision revision,
                           revisions_.Get(session, platform.open_revision()));
  CopyContent(revision.proposed(), &copy);
  return copy;
}

absl::Status PlatformStore::BeginRevision(rpc::Change& change, const rpc::Call& call,
                                          const v1::Platform& wanted,
                                          v1::Platform* platform) const {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows last,
                           change.session().Query(kLastNumber, {platform->name()}));
  v1::PlatformRevision revision =
      RevisionOf(*platform, std::get<int64_t>(last.rows.at(0).at(0)) + 1);
  revision.set_state(v1::PLATFORM_REVISION_STATE_DRAFT);
  *revision.mutable_proposed() = ContentOf(wanted);
  AddStep(call, change.now(), "create", "新建修订", &revision);
  // The platform first: whoever else began one meanwhile makes this a conflict, which is tried
  // again.
  const v1::Platform before = *platform;
  platform->set_open_revision(revision.name());
  CHANYAN_RETURN_IF_ERROR(platforms_.Update(change.session(), change.now(), platform));
  CHANYAN_RETURN_IF_ERROR(change.Record("revising", &before, platform));
  CHANYAN_RETURN_IF_ERROR(revisions_.Insert(change.session(), change.now(), &revision));
  return change.Record("created", nullptr, &revision);
}

absl::Status PlatformStore::MayRevise(db::Session& session, const v1::Platform& platform,
                                      const v1::Platform& wanted) const {
  if (platform.open_revision().empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const v1::PlatformRevision revision,
                           revisions_.Get(session, platform.open_revision()));
  if (SameContent(wanted, revision.proposed())) return absl::OkStatus();
  return CheckMayEdit(revision);
}

absl::StatusOr<bool> PlatformStore::Revise(rpc::Change& change, const rpc::Call& call,
                                           const v1::Platform& wanted,
                                           v1::Platform* platform) const {
  if (platform->open_revision().empty()) {
    if (SameContent(wanted, *platform)) return false;
    CHANYAN_RETURN_IF_ERROR(BeginRevision(change, call, wanted, platform));
    return true;
  }
  CHANYAN_ASSIGN_OR_RETURN(v1::PlatformRevision revision,
                           revisions_.GetForUpdate(change.session(), platform->open_revision()));
  if (SameContent(wanted, revision.proposed())) return false;
  CHANYAN_RETURN_IF_ERROR(CheckMayEdit(revision));
  const v1::PlatformRevision before = revision;
  *revision.mutable_proposed() = ContentOf(wanted);
  // One line for all that the same person changes in a row.
  v1::RevisionStep* last = revision.mutable_steps(revision.steps_size() - 1);
  if (last->verb() == "edit" && last->actor() == call.principal.account) {
    SetMicros(change.now(), last->mutable_time());
  } else {
    CHANYAN_RETURN_IF_ERROR(CheckSteps(revision));
    AddStep(call, change.now(), "edit", "修改", &revision);
  }
  CHANYAN_RETURN_IF_ERROR(revisions_.Update(change.session(), change.now(), &revision));
  CHANYAN_RETURN_IF_ERROR(change.Record("edited", &before, &revision));
  // The platform itself is as before, but who read it before this edit must read it again: its etag
  // guards the revision, too.
  CHANYAN_RETURN_IF_ERROR(platforms_.Update(change.session(), change.now(), platform));
  return true;
}

absl::Status PlatformStore::RecordPublications(rpc::Change& change, const rpc::Call& call,
                                               absl::Span<const Publication> publications) const {
  if (publications.empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, change.session().Query(kLastNumbers));
  absl::flat_hash_map<std::string, int64_t> last;
  for (const db::Values& row : rows.rows) {
    last[std::get<std::string>(row[0])] = std::get<int64_t>(row[1]);
  }
  std::vector<v1::PlatformRevision> records;
  for (const auto& [before, after] : publications) {
    v1::PlatformRevision& record =
        records.emplace_back(RevisionOf(before, last[before.name()] + 1));
    record.set_state(v1::PLATFORM_REVISION_STATE_PUBLISHED);
    *record.mutable_proposed() = ContentOf(after);
    SetMicros(change.now(), record.mutable_publish_time());
    AddStep(call, change.now(), "import", "导入发布", &record);
  }
  CHANYAN_RETURN_IF_ERROR(revisions_.InsertAll(change.session(), change.now(), &records));
  std::vector<journal::Alteration> alterations;
  for (const v1::PlatformRevision& record : records) alterations.push_back({nullptr, &record});
  CHANYAN_RETURN_IF_ERROR(change.RecordAll("created", alterations));
  for (const auto& [before, after] : publications) {
    CHANYAN_RETURN_IF_ERROR(RebaseOpenRevision(change, call, after));
  }
  return absl::OkStatus();
}

absl::Status PlatformStore::RebaseOpenRevision(rpc::Change& change, const rpc::Call& call,
                                               const v1::Platform& published) const {
  if (published.open_revision().empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(v1::PlatformRevision open,
                           revisions_.GetForUpdate(change.session(), published.open_revision()));
  const v1::PlatformRevision before = open;
  if (!Rebase(published, &open)) return absl::OkStatus();
  AddStep(call, change.now(), "rebase", "随已发布内容更新", &open);
  CHANYAN_RETURN_IF_ERROR(revisions_.Update(change.session(), change.now(), &open));
  return change.Record("rebased", &before, &open);
}

absl::Status PlatformStore::EndOpenRevision(rpc::Change& change, const rpc::Call& call,
                                            absl::string_view reason,
                                            v1::Platform* platform) const {
  if (platform->open_revision().empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(v1::PlatformRevision revision,
                           revisions_.GetForUpdate(change.session(), platform->open_revision()));
  const v1::PlatformRevision before = revision;
  CHANYAN_ASSIGN_OR_RETURN(const v1::PlatformRevisionState next,
                           policy::Next(PlatformRevisionLife(), revision.state(), "withdraw"));
  revision.set_state(next);
  AddStep(call, change.now(), "withdraw", "随平台撤回", &revision);
  revision.mutable_steps(revision.steps_size() - 1)->add_reasons(std::string(reason));
  CHANYAN_RETURN_IF_ERROR(revisions_.Update(change.session(), change.now(), &revision));
  CHANYAN_RETURN_IF_ERROR(change.Record("withdraw", &before, &revision));
  platform->clear_open_revision();
  return absl::OkStatus();
}

namespace {

// Gives what belongs to the platform the organization that the platform has now.
template <class T>
absl::Status FollowIn(rpc::Change& change, const db::Table<T>& table,
                      const v1::Platform& platform) {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<T> rows,
                           table.Select(change.session(),
                                        {"platform = ? AND organization <> ?",
                                         {platform.name(), platform.organization()}},
                                        db::kByNameLocked));
  for (T& row : rows) {
    const T before = row;
    row.set_organization(platform.organization());
    CHANYAN_RETURN_IF_ERROR(table.Update(change.session(), change.now(), &row));
    CHANYAN_RETURN_IF_ERROR(change.Record("takenOver", &before, &row));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status PlatformStore::FollowOwner(rpc::Change& change, const v1::Platform& platform) const {
  CHANYAN_RETURN_IF_ERROR(FollowIn(change, revisions_, platform));
  return FollowIn(change, attachments_, platform);
}

absl::Status PlatformStore::ListAttachments(rpc::Change& change,
                                            const v1::Platform& platform) const {
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::PlatformAttachment> held,
      attachments_.Select(change.session(), {"platform = ?", {platform.name()}},
                          db::kByNameLocked));
  for (v1::PlatformAttachment& one : held) {
    const bool named = std::find(platform.attachments().begin(), platform.attachments().end(),
                                 one.name()) != platform.attachments().end();
    const bool listed = named && platform.state() == v1::PLATFORM_STATE_PUBLISHED;
    if (one.listed() == listed) continue;
    const v1::PlatformAttachment before = one;
    one.set_listed(listed);
    CHANYAN_RETURN_IF_ERROR(attachments_.Update(change.session(), change.now(), &one));
    CHANYAN_RETURN_IF_ERROR(change.Record(listed ? "listed" : "unlisted", &before, &one));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::registry
