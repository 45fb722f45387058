// Organizations that a resource of frame cooperation names: they must be in the registry, and their
// names are kept beside them.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/rpc/call.h"
#include "common/rpc/peers.h"
#include "common/status/status.h"
#include "google/protobuf/repeated_field.h"

namespace chanyan::pairing {

// As the registry has them now, by name.
using KnownOrganizations = absl::flat_hash_map<std::string, registry::v1::Organization>;

// Asks the registry for each name once, before a transaction. A name that it does not have is not
// in the answer.
absl::StatusOr<KnownOrganizations> FetchOrganizations(rpc::Peers& peers, const rpc::Call& call,
                                                      const std::vector<std::string>& names);

// "" for an empty name.
std::string TitleIn(const KnownOrganizations& known, const std::string& name);

// The names' titles, in order.
void SetTitles(const KnownOrganizations& known,
               const google::protobuf::RepeatedPtrField<std::string>& names,
               google::protobuf::RepeatedPtrField<std::string>* titles);

// Violations of `field` for names that the registry does not have.
void RequireKnown(const KnownOrganizations& known, const std::string& name, absl::string_view field,
                  std::vector<status::Violation>* out);
// Those, and for organizations that are no active university or institute.
void RequireUniversities(const KnownOrganizations& known,
                         const google::protobuf::RepeatedPtrField<std::string>& names,
                         absl::string_view field, std::vector<status::Violation>* out);

// Why an organization cannot be one of the universities of an agreement or a base; empty if it can.
std::string UniversityProblem(const registry::v1::Organization& organization);

}  // namespace chanyan::pairing
