// Files agreements in the transaction of whoever brings them: SignProject the main one,
// AgreementService and sheets what comes later.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/agreement.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/db/table.h"
#include "common/journal/journal.h"
#include "common/policy/pack.h"
#include "common/rpc/mutate.h"

namespace chanyan::pairing {

class AgreementBook {
 public:
  explicit AgreementBook(const policy::Pack& pack) : pack_(pack) {}

  // Gives the agreement its kind, number in the sequence, name and parties, checks it as the next
  // of `project`, whose row is locked, and writes it unless `dry_run`. Violations are those of
  // `field`.
  absl::Status File(rpc::Change& change, const v1::Project& project, absl::string_view field,
                    bool dry_run, v1::Agreement* agreement) const;
  // Gives an agreement its kind, number in the sequence, name and parties as the next after
  // `others`, which are all of the project in order of sequence.
  static void Place(const v1::Project& project, const std::vector<v1::Agreement>& others,
                    v1::Agreement* agreement);
  // Names on each of `projects`, which are as stored, the main agreement that was filed for it.
  absl::Status NameMain(rpc::Change& change, std::vector<v1::Project> projects) const;
  // Checks an agreement that was changed among the others of its project.
  absl::Status Check(db::Session& session, absl::Time now, const v1::Project& project,
                     absl::string_view field, const v1::Agreement& agreement) const;
  // Of one project, in order of sequence.
  absl::StatusOr<std::vector<v1::Agreement>> Of(db::Session& session,
                                                absl::string_view project) const;

  const db::Table<v1::Agreement>& table() const { return agreements_; }

 private:
  const policy::Pack& pack_;
  const db::Table<v1::Agreement> agreements_;
  const db::Table<v1::Project> projects_;
};

// projects/{p}/agreements/main.
std::string MainAgreementName(absl::string_view project);

// What was reminded of the ends of a project's agreements below `sequence` is done with, because a
// later one has another term (`prolonged`) or the project was broken off (`ended`): each is
// journalled as `kind`. Locks them.
inline constexpr int kAllAgreements = std::numeric_limits<int>::max();
absl::Status EndEarlierReminders(db::Session& session, absl::Time now,
                                 const journal::Origin& origin, absl::string_view project,
                                 int sequence, absl::string_view kind);

}  // namespace chanyan::pairing
