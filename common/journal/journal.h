// Appends to the service's journal in the transaction that makes the change. Audit trail, outbox,
// change feed and replay source are this one table (migrations/0001_journal.sql).
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/db/database.h"
#include "google/protobuf/message.h"

namespace chanyan::journal {

// Who made a change and how; the same for all entries of one transaction.
struct Origin {
  std::string method;
  std::string actor;
  std::string organization;
  std::string request_id;
  std::string trace_id;
};

// Canonical JSON of a message: proto field names, defaults omitted, keys in field order, without
// the values of personal-data fields (they are shown as "***"). Same message, same bytes.
std::string CanonicalJson(const google::protobuf::Message& message);

// Appends one entry. `before` is null for a creation, `after` for a deletion; not both. The
// resource's name is the `name` field of the message.
absl::Status Append(db::Session& session, absl::Time now, const Origin& origin,
                    absl::string_view kind, const google::protobuf::Message* before,
                    const google::protobuf::Message* after);

// One change among many of a transaction; before and after as in Append.
struct Alteration {
  const google::protobuf::Message* before;
  const google::protobuf::Message* after;
};

// As Append for each, in order, in few statements.
absl::Status AppendAll(db::Session& session, absl::Time now, const Origin& origin,
                       absl::string_view kind, absl::Span<const Alteration> alterations);

}  // namespace chanyan::journal
