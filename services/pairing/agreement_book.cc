#include "services/pairing/agreement_book.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "services/pairing/agreement_rules.h"
#include "services/pairing/record_service.h"

namespace chanyan::pairing {

absl::StatusOr<std::vector<v1::Agreement>> AgreementBook::Of(db::Session& session,
                                                             absl::string_view project) const {
  return agreements_.Select(session, OfProject(project), "sequence");
}

absl::Status AgreementBook::Check(db::Session& session, absl::Time now, const v1::Project& project,
                                  absl::string_view field, const v1::Agreement& agreement) const {
  CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Agreement> others, Of(session, project.name()));
  others.erase(
      std::remove_if(others.begin(), others.end(),
                     [&](const v1::Agreement& other) { return other.name() == agreement.name(); }),
      others.end());
  std::vector<status::Violation> violations =
      AgreementViolations(pack_, project, agreement, time::DayOf(now));
  for (status::Violation& violation : SequenceViolations(project, agreement, others)) {
    violations.push_back(std::move(violation));
  }
  return Refuse(std::move(violations), field);
}

absl::Status AgreementBook::File(rpc::Change& change, const v1::Project& project,
                                 absl::string_view field, bool dry_run,
                                 v1::Agreement* agreement) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Agreement> others,
                           Of(change.session(), project.name()));
  const int sequence = others.empty() ? 0 : others.back().sequence() + 1;
  agreement->set_kind(sequence == 0 ? v1::AGREEMENT_KIND_MAIN : v1::AGREEMENT_KIND_SUPPLEMENT);
  agreement->set_sequence(sequence);
  agreement->set_name(sequence == 0
                          ? absl::StrCat(project.name(), "/agreements/main")
                          : absl::StrCat(project.name(), "/agreements/supplement-", sequence));
  CopyParties(project, agreement);
  CHANYAN_RETURN_IF_ERROR(Check(change.session(), change.now(), project, field, *agreement));
  if (dry_run) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(agreements_.Insert(change.session(), change.now(), agreement));
  return change.Record("created", nullptr, agreement);
}

}  // namespace chanyan::pairing
