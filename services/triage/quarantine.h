// Free text of a message on its way into the library: cleaned, with what was set aside noted and
// kept apart (TRI-1).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/db/table.h"
#include "common/rpc/mutate.h"
#include "google/protobuf/message.h"
#include "services/triage/deps.h"

namespace chanyan::triage {

// Free texts of a result, of a demand and of a confidential part, as paths of fields; titles have
// one line.
inline constexpr absl::string_view kResultTexts[] = {"title", "abstract", "indicators", "benefits",
                                                     "financing_purpose"};
inline constexpr absl::string_view kDemandTexts[] = {"title",
                                                     "description",
                                                     "indicators",
                                                     "preferred_partner",
                                                     "challenge.existing_conditions",
                                                     "challenge.ip_ownership",
                                                     "challenge.bidder_conditions"};
inline constexpr absl::string_view kConfidentialTexts[] = {"technical_details", "indicators",
                                                           "terms"};

struct Finding {
  std::string field;
  std::string place;
  SetAside aside;
};

class Quarantine {
 public:
  Quarantine(const TriagePack& pack, const TextHygiene& hygiene) : pack_(pack), hygiene_(hygiene) {}

  // Cleans the texts in place; messages that are not there stay absent.
  std::vector<Finding> Clean(absl::Span<const absl::string_view> fields,
                             google::protobuf::Message* message) const;
  // Sentences for people.
  static std::string Describe(const Finding& finding);
  // Keeps what was set aside of `subject` and returns the notes for the message.
  absl::StatusOr<std::vector<v1::TextNote>> Keep(rpc::Change& change, absl::string_view subject,
                                                 absl::string_view proprietor,
                                                 const std::vector<Finding>& findings) const;

 private:
  const TriagePack& pack_;
  const TextHygiene& hygiene_;
  const db::Table<v1::QuarantinedText> texts_;
};

// Adds notes to a message's list, the oldest go beyond a hundred.
void AddNotes(const std::vector<v1::TextNote>& notes,
              google::protobuf::RepeatedPtrField<v1::TextNote>* to);

}  // namespace chanyan::triage
