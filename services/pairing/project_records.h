// What happens to the records of a project when the project changes, in the same transaction: they
// carry its title and parties, and approaches end with it; of one that is broken off, so do
// reminders of the ends of its agreements.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/agreement.pb.h"
#include "chanyan/pairing/v1/contact.pb.h"
#include "chanyan/pairing/v1/outcome.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "chanyan/pairing/v1/project_file.pb.h"
#include "chanyan/pairing/v1/report_version.pb.h"
#include "common/db/table.h"
#include "common/journal/journal.h"

namespace chanyan::pairing {

class ProjectRecords {
 public:
  // Brings the records in step with a project that went from `before` to `after`, each journalled
  // as `followed`, approaches of a project that has ended as `end`, agreements of one that was
  // broken off and whose ends had been reminded of as `ended`. Nothing is read unless it must.
  absl::Status Follow(db::Session& session, absl::Time now, const journal::Origin& origin,
                      const v1::Project& before, const v1::Project& after) const;

 private:
  absl::Status EndApproaches(db::Session& session, absl::Time now, const journal::Origin& origin,
                             const v1::Project& project) const;

  const db::Table<v1::Contact> contacts_;
  const db::Table<v1::Agreement> agreements_;
  const db::Table<v1::ReportVersion> versions_;
  const db::Table<v1::Problem> problems_;
  const db::Table<v1::Outcome> outcomes_;
  const db::Table<v1::ProjectFile> files_;
};

}  // namespace chanyan::pairing
