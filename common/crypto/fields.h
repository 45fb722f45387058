// Fields of a row that are stored sealed, by name: the row in the table and in the journal has the
// sealed text, and only an answer to who may read them has the plain one.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/keyring.h"
#include "google/protobuf/message.h"

namespace chanyan::crypto {

using FieldNames = absl::Span<const absl::string_view>;

// Seals these string fields of `row` for its `name`, which must be set. Columns are VARCHAR(400)
// for up to 40 characters; longer fields need 1.4 times their bytes and 70.
absl::Status SealFields(const Keyring& keys, FieldNames fields, google::protobuf::Message* row);

// Opens them in an answer. One that cannot be opened becomes the reason, in brackets: it keeps
// nobody from the rest of the row.
void OpenFields(const Keyring& keys, FieldNames fields, google::protobuf::Message* row);

// What a request is remembered and compared by: each field that is not empty becomes its keyed
// digest of the purpose "request". With another key on top, the same request compares as another
// one.
void DigestFields(const Keyring& keys, FieldNames fields, google::protobuf::Message* message);

// Takes them out of an answer.
void ClearFields(FieldNames fields, google::protobuf::Message* row);

}  // namespace chanyan::crypto
