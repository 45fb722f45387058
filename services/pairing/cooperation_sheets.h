// What imports of frame cooperation have in common (PAIR-8, REG-10): the titles of a sheet into
// names, and where to say what is wrong.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "google/type/date.pb.h"
#include "services/pairing/cooperation_rules.h"
#include "services/pairing/registry_lists.h"

namespace chanyan::pairing {

// Stands for names of organizations while a row's shape is checked; a sheet has their titles.
inline constexpr char kAnyOrganization[] = "organizations/any";

// Resource names for the titles of a sheet's column.
void Resolve(const Organizations& known,
             const google::protobuf::RepeatedPtrField<std::string>& titles, absl::string_view field,
             google::protobuf::RepeatedPtrField<std::string>* names, Violations* out);
// The name for one title; "" for none.
std::string ResolveOne(const Organizations& known, const std::string& title,
                       absl::string_view field, Violations* out);

// What the rules say of names is said of the column with their titles.
Violations OfColumns(Violations violations);

void Append(Violations&& more, Violations* to);

// Sets a day that the sheet tells; one that is known does not change.
void TakeDay(absl::string_view field, const google::type::Date& day, bool known,
             google::type::Date* stored, Violations* out);

// Says it of a row that stands twice in the file.
void NoteTwice(absl::flat_hash_map<std::string, uint32_t>* seen, const std::string& key,
               uint32_t number, absl::string_view field, Violations* out);

}  // namespace chanyan::pairing
