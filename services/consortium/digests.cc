#include "services/consortium/digests.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/digest.h"
#include "common/journal/journal.h"
#include "services/consortium/dossier_rules.h"

namespace chanyan::consortium {

std::string AgreementDigest(const v1::Consortium& row) {
  v1::Consortium content;
  content.set_display_name(row.display_name());
  content.set_lead_unit(row.lead_unit());
  for (const v1::ConsortiumMember& member : row.members()) {
    v1::ConsortiumMember* kept = content.add_members();
    kept->set_organization(member.organization());
    kept->set_kind(member.kind());
    kept->set_layer(member.layer());
    kept->set_tasks(member.tasks());
    kept->set_funds_yuan(member.funds_yuan());
  }
  *content.mutable_agreement()->mutable_clauses() = row.agreement().clauses();
  content.mutable_agreement()->set_document_sha256(row.agreement().document_sha256());
  return api::Sha256Hex(journal::CanonicalJson(content));
}

std::string PlanDigest(const v1::ConstructionPlan& plan) {
  return api::Sha256Hex(journal::CanonicalJson(plan));
}

std::string DissolutionDigest(const v1::Consortium& row) {
  std::vector<std::string> all = ParticipantsOf(row);
  std::sort(all.begin(), all.end());
  return api::Sha256Hex(absl::StrCat("dissolution\n", row.name(), "\n", row.filing(), "\n",
                                     absl::StrJoin(all, "\n")));
}

std::string SupplementDigest(const std::string& consortium, const v1::Supplement& supplement,
                             const std::string& document_sha256) {
  v1::Supplement content;
  content.set_held_project(supplement.held_project());
  for (const v1::ConsortiumMember& member : supplement.joining()) {
    v1::ConsortiumMember* kept = content.add_joining();
    *kept = member;
    kept->clear_title();
  }
  *content.mutable_leaving() = supplement.leaving();
  content.set_new_lead(supplement.new_lead());
  content.set_reason(supplement.reason());
  content.set_lead_standing(supplement.lead_standing());
  return api::Sha256Hex(
      absl::StrCat(consortium, "\n", journal::CanonicalJson(content), "\n", document_sha256));
}

v1::Certificate CertificateOf(const v1::Filing& filing, const std::string& chief_expert,
                              const std::string& issuer_title) {
  v1::Certificate certificate;
  certificate.set_filing_number(filing.filing_number());
  certificate.set_consortium_title(filing.consortium_title());
  certificate.set_lead_unit_title(filing.lead_unit_title());
  *certificate.mutable_member_titles() = filing.member_titles();
  certificate.set_chief_expert(chief_expert);
  *certificate.mutable_industries() = filing.industries();
  certificate.set_track(filing.track());
  *certificate.mutable_file_date() = filing.file_date();
  *certificate.mutable_valid_until() = filing.valid_until();
  certificate.set_issuer_title(issuer_title);
  certificate.set_certificate_sha256(api::Sha256Hex(journal::CanonicalJson(certificate)));
  certificate.set_verification_code(filing.verification_code());
  return certificate;
}

}  // namespace chanyan::consortium
