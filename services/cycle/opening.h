// What a new cycle begins with (CYC-2, CYC-3): its forms, and the rows that are already known.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/pack.h"

namespace chanyan::cycle {

// What the peers say, before the transaction.
struct OpeningFacts {
  // Active ones of the kinds whose platforms get forms.
  std::vector<registry::v1::Organization> universities;
  // Published ones, of anybody.
  std::vector<registry::v1::Platform> platforms;
  // Not ended.
  std::vector<pairing::v1::Project> projects;
  // Offers of platforms that are open and that no project came of.
  std::vector<pairing::v1::Intent> offers;
  // Enterprises of those projects, by name.
  absl::flat_hash_map<std::string, registry::v1::Organization> enterprises;
};

struct Opening {
  // One for each of these with a published platform, by name.
  std::vector<v1::Form> forms;
  // Universities and institutes without one, by name; an enterprise need not have any.
  std::vector<v1::UnpublishedOwner> unpublished;
  // Prefilled rows, held by their universities, by name: projects that are signed or under
  // construction; as intents those that are not that far, and of each platform what it offers to
  // any enterprise.
  std::vector<v1::Row> rows;
};

// Whose platforms get forms by the pack, as a filter over registry.v1.Organization.
std::string ReportingOrganizations(const policy::Pack& pack);

// `cycle` is cycles/{quarter}. A project of a university without form, or whose enterprise the
// registry does not know, is not carried, nor what is offered for a platform that is not published;
// nor what an enterprise has with a platform of its own.
Opening PlanOpening(absl::string_view cycle, const OpeningFacts& facts);

}  // namespace chanyan::cycle
