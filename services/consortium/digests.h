// What is signed and what is certified, as digests: the same content, the same 64 hex digits. Pure.
#pragma once

#include <string>

#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/filing.pb.h"
#include "chanyan/consortium/v1/supervision.pb.h"

namespace chanyan::consortium {

// SHA-256 of what a party of the agreement signs: lead, members with kind, layer, tasks and funds,
// the clauses and the document.
std::string AgreementDigest(const v1::Consortium& row);
// Of the construction plan that parties confirm with their signature.
std::string PlanDigest(const v1::ConstructionPlan& plan);
// Of the consent to an end: the consortium, and who belongs to it.
std::string DissolutionDigest(const v1::Consortium& row);

// Of a supplementary agreement.
std::string SupplementDigest(const std::string& consortium, const v1::Supplement& supplement,
                             const std::string& document_sha256);

// What the certificate says, with its digest; the same filing, the same bytes.
v1::Certificate CertificateOf(const v1::Filing& filing, const std::string& chief_expert,
                              const std::string& issuer_title);

}  // namespace chanyan::consortium
