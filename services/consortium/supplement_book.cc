#include "services/consortium/supplement_book.h"

#include <set>
#include <utility>
#include <vector>

#include "common/db/predicate.h"
#include "common/policy/verdict.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/consortium/dossier_index.h"
#include "services/consortium/eligibility_rules.h"
#include "services/consortium/supplement_rules.h"

namespace chanyan::consortium {

absl::StatusOr<SupplementBook::Opinion> SupplementBook::Judge(rpc::Change& change,
                                                              const v1::Consortium& row,
                                                              v1::Supplement* supplement) const {
  const bool new_lead = !supplement->new_lead().empty();
  Consent consent = {.all_signed = AllHaveSigned(row, *supplement),
                     .has_project = new_lead,
                     .has_document = !supplement->document().empty()};
  if (!supplement->held_project().empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const v1::HeldProject project,
                             projects_.GetForUpdate(change.session(), supplement->held_project()));
    consent.has_project |= project.state() == v1::HELD_PROJECT_STATE_OPEN;
  }
  const v1::Consortium after = AfterSupplement(row, *supplement);
  CHANYAN_ASSIGN_OR_RETURN(const Grounds grounds, book_.GroundsOf(change, after));
  const auto facts_with = [&](const Consent& given) {
    return MemberChangeFacts(book_.pack(), *supplement, after, grounds, given);
  };
  Opinion opinion = {{facts_with(consent), RulesOfChange(book_.pack(), new_lead)},
                     absl::OkStatus()};
  *supplement->mutable_verdicts() =
      JudgeChange(book_.pack(), opinion.judged.facts, new_lead, supplement->overrides());
  consent.all_signed = true;
  opinion.possible = policy::RequireHard(
      JudgeChange(book_.pack(), facts_with(consent), new_lead, supplement->overrides()));
  supplement->clear_barred_parties();
  for (v1::BarredParty& party : BarredIn(after, grounds)) {
    *supplement->add_barred_parties() = std::move(party);
  }
  return opinion;
}

absl::Status SupplementBook::JudgeThoseOf(rpc::Change& change,
                                          const std::string& organization) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> filed,
                           FiledDossiersOf(change.session(), organization));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> joined,
                           DossiersJoinedBy(change.session(), organization));
  std::set<std::string> names(filed.begin(), filed.end());
  names.insert(joined.begin(), joined.end());
  for (const std::string& name : names) {
    CHANYAN_ASSIGN_OR_RETURN(const v1::Consortium row, book_.LockAny(change, name));
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::Supplement> open,
        supplements_.Select(change.session(), {"open_consortium = ?", {name}}, db::kByNameLocked));
    for (v1::Supplement& supplement : open) {
      const v1::Supplement before = supplement;
      CHANYAN_RETURN_IF_ERROR(Judge(change, row, &supplement).status());
      if (google::protobuf::util::MessageDifferencer::Equals(before, supplement)) continue;
      const char* kind = JudgedKind(before, supplement, "judged");
      CHANYAN_RETURN_IF_ERROR(supplements_.Update(change.session(), change.now(), &supplement));
      CHANYAN_RETURN_IF_ERROR(change.Record(kind, &before, &supplement));
    }
  }
  return absl::OkStatus();
}

}  // namespace chanyan::consortium
