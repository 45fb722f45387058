#include "services/registry/platform_revision_service.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/differences.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/rpc/resource.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/platform_content.h"
#include "services/registry/platform_revision_life.h"

namespace chanyan::registry {
namespace {

// organizations/{o}/platforms/{p} of organizations/{o}/platforms/{p}/revisions/{r}.
std::string PlatformOf(const std::string& revision) {
  return std::string(api::ParentOfName(revision));
}

absl::string_view LabelOfVerb(absl::string_view verb) {
  for (const auto& transition : PlatformRevisionLife()) {
    if (transition.verb == verb) return transition.label;
  }
  return verb;
}

bool IsOpen(const v1::PlatformRevision& revision) {
  return !policy::VerbsFrom(PlatformRevisionLife(), revision.state()).empty();
}

}  // namespace

std::vector<rpc::UnaryMethod> PlatformRevisionService::Methods() {
  using S = PlatformRevisionService;
  return {
      rpc::Unary("GetPlatformRevision", this, &S::GetPlatformRevision),
      rpc::Unary("ListPlatformRevisions", this, &S::ListPlatformRevisions),
      rpc::Unary("ExportPlatformRevisions", this, &S::ExportPlatformRevisions),
      rpc::Unary("SubmitPlatformRevision", this, &S::SubmitPlatformRevision),
      rpc::Unary("PublishPlatformRevision", this, &S::PublishPlatformRevision),
      rpc::Unary("ReturnPlatformRevision", this, &S::ReturnPlatformRevision),
      rpc::Unary("WithdrawPlatformRevision", this, &S::WithdrawPlatformRevision),
  };
}

absl::Status PlatformRevisionService::Present(db::Session& session, const rpc::Call& call,
                                              v1::PlatformRevision* revision) {
  for (api::Difference& one : api::Differences(revision->replaced(), revision->proposed())) {
    v1::FieldDifference* difference = revision->add_differences();
    difference->set_field(std::move(one.field));
    difference->set_label(std::move(one.label));
    difference->set_before(std::move(one.before));
    difference->set_after(std::move(one.after));
  }
  CHANYAN_RETURN_IF_ERROR(TitleAttachments(session, revision));
  for (std::string& verb :
       rpc::ActionsOf(call, PlatformRevisionLife(), revision->state(), "PlatformRevision")) {
    revision->add_actions(std::move(verb));
  }
  return absl::OkStatus();
}

// Names of resources say nothing to people: files are called by their own.
absl::Status PlatformRevisionService::TitleAttachments(db::Session& session,
                                                       v1::PlatformRevision* revision) {
  for (v1::FieldDifference& difference : *revision->mutable_differences()) {
    if (difference.field() != "attachments") continue;
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::PlatformAttachment> held,
        store_.attachments().Select(session, {"platform = ?", {revision->platform()}}));
    absl::flat_hash_map<std::string, std::string> titles;
    for (const v1::PlatformAttachment& one : held) titles[one.name()] = one.file_name();
    const auto title = [&](std::string* out, const std::string& name) {
      const auto found = titles.find(name);
      absl::StrAppend(out, found == titles.end() ? absl::string_view("（已删除的附件）")
                                                 : absl::string_view(found->second));
    };
    difference.set_before(absl::StrJoin(revision->replaced().attachments(), "、", title));
    difference.set_after(absl::StrJoin(revision->proposed().attachments(), "、", title));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::PlatformRevision> PlatformRevisionService::GetPlatformRevision(
    const rpc::Call& call, const v1::GetPlatformRevisionRequest& request) {
  v1::PlatformRevision revision;
  const auto read = [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        revision, store_.revisions().Get(session, request.name(),
                                         auth::Readable<v1::PlatformRevision>(call.principal)));
    if (IsOpen(revision)) {
      CHANYAN_ASSIGN_OR_RETURN(const v1::Platform platform,
                               store_.platforms().Get(session, revision.platform()));
      revision.mutable_proposed()->set_name(platform.name());
      revision.mutable_proposed()->set_etag(platform.etag());
    }
    return Present(session, call, &revision);
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return revision;
}

absl::StatusOr<v1::ListPlatformRevisionsResponse> PlatformRevisionService::ListPlatformRevisions(
    const rpc::Call& call, const v1::ListPlatformRevisionsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, store_.revisions(), request,
                                absl::StrCat(request.parent(), "/revisions"), request.filter(),
                                request.order_by()));
  v1::ListPlatformRevisionsResponse response;
  const auto present = [&](db::Session& session) -> absl::Status {
    response.Clear();
    for (const v1::PlatformRevision& row : page.rows) {
      *response.add_revisions() = row;
      CHANYAN_RETURN_IF_ERROR(
          Present(session, call, response.mutable_revisions(response.revisions_size() - 1)));
    }
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, present));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::PlatformRevision> PlatformRevisionService::Transit(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, PairEdit edit) {
  return rpc::Mutate<v1::PlatformRevision>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::PlatformRevision> {
        db::Session& session = change.session();
        Pair pair;
        // The platform first, as everybody does: who comes second sees what the first one did.
        const absl::StatusOr<v1::Platform> locked = store_.platforms().GetForUpdate(
            session, PlatformOf(name), auth::Writable<v1::Platform>(call.principal));
        if (absl::IsNotFound(locked.status())) return status::NotFound(name);
        CHANYAN_RETURN_IF_ERROR(locked.status());
        pair.platform = *locked;
        CHANYAN_ASSIGN_OR_RETURN(
            pair.revision,
            store_.revisions().GetForUpdate(session, name,
                                            auth::Writable<v1::PlatformRevision>(call.principal)));
        CHANYAN_RETURN_IF_ERROR(api::CheckEtag(etag, pair.revision.etag(), name));
        const Pair before = pair;
        CHANYAN_ASSIGN_OR_RETURN(const v1::PlatformRevisionState next,
                                 policy::Next(PlatformRevisionLife(), pair.revision.state(), verb));
        AddStep(call, change.now(), verb, LabelOfVerb(verb), &pair.revision);
        CHANYAN_RETURN_IF_ERROR(edit(change, pair));
        pair.revision.set_state(next);
        if (!IsOpen(pair.revision)) pair.platform.clear_open_revision();
        CHANYAN_RETURN_IF_ERROR(store_.revisions().Update(session, change.now(), &pair.revision));
        CHANYAN_RETURN_IF_ERROR(change.Record(verb, &before.revision, &pair.revision));
        if (!google::protobuf::util::MessageDifferencer::Equals(before.platform, pair.platform)) {
          CHANYAN_RETURN_IF_ERROR(store_.platforms().Update(session, change.now(), &pair.platform));
          CHANYAN_RETURN_IF_ERROR(change.Record(verb == "publish" ? "revised" : "revising",
                                                &before.platform, &pair.platform));
        }
        CHANYAN_RETURN_IF_ERROR(Present(session, call, &pair.revision));
        return std::move(pair.revision);
      });
}

absl::StatusOr<v1::PlatformRevision> PlatformRevisionService::SubmitPlatformRevision(
    const rpc::Call& call, const v1::SubmitPlatformRevisionRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "submit",
      [&](rpc::Change& change, Pair& pair) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(CheckSteps(pair.revision));
        if (SameContent(pair.revision.replaced(), pair.revision.proposed())) {
          return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                            "修订与已发布的内容相同，请先修改，或撤回修订");
        }
        v1::Platform wanted = pair.platform;
        CopyContent(pair.revision.proposed(), &wanted);
        CHANYAN_RETURN_IF_ERROR(store_.Check(change.session(), wanted));
        if (!request.note().empty()) {
          pair.revision.mutable_steps(pair.revision.steps_size() - 1)->add_reasons(request.note());
        }
        api::SetTime(change.now(), pair.revision.mutable_submit_time());
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::PlatformRevision> PlatformRevisionService::PublishPlatformRevision(
    const rpc::Call& call, const v1::PublishPlatformRevisionRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "publish",
                 [&](rpc::Change& change, Pair& pair) {
                   return Adopt(change, request.override_reason(), pair);
                 });
}

absl::Status PlatformRevisionService::Adopt(rpc::Change& change, absl::string_view override_reason,
                                            Pair& pair) {
  CopyContent(pair.revision.proposed(), &pair.platform);
  // The owner may have been suspended since the submission.
  CHANYAN_RETURN_IF_ERROR(store_.Check(change.session(), pair.platform));
  CHANYAN_RETURN_IF_ERROR(store_.MarkPublished(change.now(), override_reason, &pair.platform));
  *pair.revision.mutable_publish_verdicts() = pair.platform.publish_verdicts();
  api::SetTime(change.now(), pair.revision.mutable_publish_time());
  return store_.ListAttachments(change, pair.platform);
}

absl::StatusOr<v1::PlatformRevision> PlatformRevisionService::ReturnPlatformRevision(
    const rpc::Call& call, const v1::ReturnPlatformRevisionRequest& request) {
  return Transit(call, request, request.name(), request.etag(), "return",
                 [&](rpc::Change&, Pair& pair) -> absl::Status {
                   *pair.revision.mutable_steps(pair.revision.steps_size() - 1)->mutable_reasons() =
                       request.reasons();
                   return absl::OkStatus();
                 });
}

absl::StatusOr<v1::PlatformRevision> PlatformRevisionService::WithdrawPlatformRevision(
    const rpc::Call& call, const v1::WithdrawPlatformRevisionRequest& request) {
  return Transit(
      call, request, request.name(), request.etag(), "withdraw",
      [&](rpc::Change&, Pair& pair) -> absl::Status {
        pair.revision.mutable_steps(pair.revision.steps_size() - 1)->add_reasons(request.reason());
        return absl::OkStatus();
      });
}

}  // namespace chanyan::registry
