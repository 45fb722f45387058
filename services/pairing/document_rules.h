// Rules of documents and money that agreements and outcomes share. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chanyan/pairing/v1/document.pb.h"
#include "common/status/status.h"
#include "google/protobuf/repeated_field.h"
#include "google/type/money.pb.h"

namespace chanyan::pairing {

// The same file twice, as violations of `field`[i].
std::vector<status::Violation> DocumentViolations(
    const google::protobuf::RepeatedPtrField<v1::DocumentReference>& documents,
    absl::string_view field);

// What is wrong with an amount: it is in CNY, not negative, in whole fen and below a hundred
// billion yuan. Empty if nothing is.
std::string MoneyProblem(const google::type::Money& money);

// Less than zero, zero or more as `a` is less than, equal to or more than `b`.
int CompareMoney(const google::type::Money& a, const google::type::Money& b);

}  // namespace chanyan::pairing
