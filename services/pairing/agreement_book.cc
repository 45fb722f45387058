#include "services/pairing/agreement_book.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/db/predicate.h"
#include "common/journal/journal.h"
#include "common/policy/contract_fields.h"
#include "common/time/civil.h"
#include "services/pairing/agreement_rules.h"
#include "services/pairing/record_service.h"
#include "services/pairing/stored_files.h"

namespace chanyan::pairing {

std::string MainAgreementName(absl::string_view project) {
  return absl::StrCat(project, "/agreements/main");
}

absl::StatusOr<std::vector<v1::Agreement>> AgreementBook::Of(db::Session& session,
                                                             absl::string_view project) const {
  return agreements_.Select(session, OfProject(project), "sequence");
}

absl::Status AgreementBook::Check(db::Session& session, absl::Time now, const v1::Project& project,
                                  absl::string_view field, const v1::Agreement& agreement) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Agreement> all, Of(session, project.name()));
  return Refuse(ViolationsAmong(pack_, project, agreement, all, time::DayOf(now)), field);
}

void AgreementBook::Place(const v1::Project& project, const std::vector<v1::Agreement>& others,
                          v1::Agreement* agreement) {
  const int sequence = others.empty() ? 0 : others.back().sequence() + 1;
  agreement->set_kind(sequence == 0 ? v1::AGREEMENT_KIND_MAIN : v1::AGREEMENT_KIND_SUPPLEMENT);
  agreement->set_sequence(sequence);
  agreement->set_name(sequence == 0
                          ? MainAgreementName(project.name())
                          : absl::StrCat(project.name(), "/agreements/supplement-", sequence));
  CopyParties(project, agreement);
}

absl::Status AgreementBook::NameMain(rpc::Change& change, std::vector<v1::Project> projects) const {
  const std::vector<v1::Project> before = projects;
  for (v1::Project& project : projects) project.set_agreement(MainAgreementName(project.name()));
  CHANYAN_RETURN_IF_ERROR(projects_.UpdateAll(change.session(), change.now(), &projects));
  std::vector<journal::Alteration> alterations;
  for (size_t i = 0; i < projects.size(); ++i) alterations.push_back({&before[i], &projects[i]});
  return change.RecordAll("agreed", alterations);
}

absl::Status AgreementBook::File(rpc::Change& change, const v1::Project& project,
                                 absl::string_view field, bool dry_run,
                                 v1::Agreement* agreement) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Agreement> others,
                           Of(change.session(), project.name()));
  ForgetFiles(agreement->mutable_documents());
  Place(project, others, agreement);
  policy::TakeContractFields(pack_, agreement->mutable_contract_fields());
  CHANYAN_RETURN_IF_ERROR(Check(change.session(), change.now(), project, field, *agreement));
  if (dry_run) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(agreements_.Insert(change.session(), change.now(), agreement));
  CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, agreement));
  if (!agreement->has_expire_date()) return absl::OkStatus();
  return EndEarlierReminders(change.session(), change.now(), change.origin(), project.name(),
                             agreement->sequence(), "prolonged");
}

absl::Status EndEarlierReminders(db::Session& session, absl::Time now,
                                 const journal::Origin& origin, absl::string_view project,
                                 int sequence, absl::string_view kind) {
  const db::Table<v1::Agreement> agreements;
  CHANYAN_ASSIGN_OR_RETURN(
      std::vector<v1::Agreement> reminded,
      agreements.Select(
          session,
          db::And(OfProject(project), {"sequence < ? AND reminded_days <> 0", {int64_t{sequence}}}),
          db::kByNameLocked));
  for (v1::Agreement& row : reminded) {
    const v1::Agreement before = row;
    row.set_reminded_days(0);
    CHANYAN_RETURN_IF_ERROR(agreements.Update(session, now, &row));
    CHANYAN_RETURN_IF_ERROR(journal::Append(session, now, origin, kind, &before, &row));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::pairing
