// Cells that hold a list, an item a line: files (PAIR-3, PAIR-7) and what the registration of a
// technology contract asks for (PAIR-3). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/pairing/v1/agreement.pb.h"
#include "chanyan/pairing/v1/document.pb.h"
#include "common/status/status.h"
#include "google/protobuf/repeated_field.h"

namespace chanyan::pairing {

// "name | SHA-256 | size in bytes | media type" for each.
std::string LinesOf(const google::protobuf::RepeatedPtrField<v1::DocumentReference>& documents);
// "name | value" for each.
std::string LinesOf(const google::protobuf::RepeatedPtrField<v1::ContractFieldValue>& fields);

// The lines in place of what was there; they must be good.
void TakeLines(absl::string_view text,
               google::protobuf::RepeatedPtrField<v1::DocumentReference>* documents);
void TakeLines(absl::string_view text,
               google::protobuf::RepeatedPtrField<v1::ContractFieldValue>* fields);

// What is wrong with the lines of `field` that mean files.
std::vector<status::Violation> EvidenceViolations(absl::string_view text, absl::string_view field);
// What is wrong with those of "contract_fields".
std::vector<status::Violation> ContractFieldViolations(absl::string_view text);

}  // namespace chanyan::pairing
