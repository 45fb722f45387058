// What all changes of platforms have in common, whoever makes them: a handler, an import, a
// revision, an attachment, the freshness job. Each of them locks the platform's row first, so that
// its open revision and its attachments change with it or not at all. Thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "chanyan/registry/v1/platform_attachment.pb.h"
#include "chanyan/registry/v1/platform_revision.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/auth/principal.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/mutate.h"
#include "common/status/status.h"

namespace chanyan::registry {

// Steps of one revision; who would go on withdraws it and begins another.
inline constexpr int kMaxRevisionSteps = 200;

class PlatformStore {
 public:
  explicit PlatformStore(const policy::Pack& pack) : pack_(pack) {}

  const db::Table<v1::Platform>& platforms() const { return platforms_; }
  const db::Table<v1::PlatformRevision>& revisions() const { return revisions_; }
  const db::Table<v1::PlatformAttachment>& attachments() const { return attachments_; }

  // FAILED_PRECONDITION if the owner is suspended: it begins nothing.
  absl::Status CheckOwner(db::Session& session, const v1::Platform& platform) const;
  // INVALID_ARGUMENT with what pack, owner and attachments have against the platform; the same for
  // a create, an update, a submission and a publication.
  absl::Status Check(db::Session& session, const v1::Platform& platform) const;

  // Puts the verdicts of its publication on the platform: of what is published now, or is published
  // and changes. Soft rules are set aside with a reason; one that was set aside when it was last
  // published stays so. FAILED_PRECONDITION (RULE_VIOLATED) for one that is neither met nor set
  // aside.
  absl::Status JudgePublication(absl::Time now, absl::string_view override_reason,
                                v1::Platform* row) const;
  // PUBLISHED with its verdicts and confirmation, no longer stale. Refuses as JudgePublication.
  absl::Status MarkPublished(absl::Time now, absl::string_view override_reason,
                             v1::Platform* row) const;

  // The published platform with the content of its open revision; as it is if it has none.
  absl::StatusOr<v1::Platform> WorkingCopy(db::Session& session,
                                           const v1::Platform& platform) const;
  // FAILED_PRECONDITION if the open revision would have to change for `wanted` and is in review.
  absl::Status MayRevise(db::Session& session, const v1::Platform& platform,
                         const v1::Platform& wanted) const;
  // Puts the content of `wanted` into the open revision of the published, locked `platform`; makes
  // one if there is none. True if that changed anything. Refuses as MayRevise.
  absl::StatusOr<bool> Revise(rpc::Change& change, const rpc::Call& call,
                              const v1::Platform& wanted, v1::Platform* platform) const;
  // Keeps in the history that each second platform was published in place of the first without an
  // owner's revision, and sets their open revisions, where there are any, upon it.
  using Publication = std::pair<v1::Platform, v1::Platform>;
  absl::Status RecordPublications(rpc::Change& change, const rpc::Call& call,
                                  absl::Span<const Publication> publications) const;
  // Ends the open revision of a platform that is withdrawn; its name goes from `platform`.
  absl::Status EndOpenRevision(rpc::Change& change, const rpc::Call& call, absl::string_view reason,
                               v1::Platform* platform) const;

  // Revisions and attachments of a platform that another organization took over are that one's,
  // too: whoever changes `organization` of a platform calls it in the same transaction.
  absl::Status FollowOwner(rpc::Change& change, const v1::Platform& platform) const;
  // Shows the attachments that the platform names while it is published, and hides all others.
  absl::Status ListAttachments(rpc::Change& change, const v1::Platform& platform) const;

 private:
  absl::Status AddAttachmentViolations(db::Session& session, const v1::Platform& platform,
                                       std::vector<status::Violation>* violations) const;
  absl::Status BeginRevision(rpc::Change& change, const rpc::Call& call, const v1::Platform& wanted,
                             v1::Platform* platform) const;
  absl::Status RebaseOpenRevision(rpc::Change& change, const rpc::Call& call,
                                  const v1::Platform& published) const;

  const policy::Pack& pack_;
  const db::Table<v1::Organization> organizations_;
  const db::Table<v1::Platform> platforms_;
  const db::Table<v1::PlatformRevision> revisions_;
  const db::Table<v1::PlatformAttachment> attachments_;
};

// Who reads every platform, published or not, and its owner: they know of its revision, reminders
// and exceptions as well, and of its contacts in bulk.
bool SeesInside(const auth::Principal& caller, const v1::Platform& platform);

// FAILED_PRECONDITION once a revision has had kMaxRevisionSteps: asked before its owner goes on.
absl::Status CheckSteps(const v1::PlatformRevision& revision);
// Adds what happened to a revision.
void AddStep(const rpc::Call& call, absl::Time now, absl::string_view verb, absl::string_view label,
             v1::PlatformRevision* revision);

}  // namespace chanyan::registry
