// What using an instrument costs (REG-4). Pure; money is reckoned in whole fen and shares are
// rounded half up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "google/type/money.pb.h"

namespace chanyan::registry {

// Greatest price or amount that is taken, in yuan.
inline constexpr int64_t kMaxYuan = 1'000'000'000;

int64_t FenOf(const google::type::Money& money);
google::type::Money MoneyOf(int64_t fen);
// "1234.50元".
std::string YuanText(int64_t fen);
// CNY, not negative, whole fen, not above kMaxYuan; otherwise what is wrong as the end of a
// sentence.
std::string MoneyProblem(const google::type::Money& money);

// How the requester stands to the instrument's owner.
policy::v1::RequesterClass ClassOf(const v1::Instrument& instrument,
                                   const v1::Organization& requester);
// The pack's kind of user for it; null where the pack has no instrument policy.
const policy::v1::UserType* UserTypeOf(const policy::Pack& pack,
                                       policy::v1::RequesterClass requester_class);
const policy::v1::UserType* FindUserType(const policy::Pack& pack, absl::string_view id);

// Kinds of user that the pack does not know, prices that are none, a price given twice.
std::vector<status::Violation> ChargeViolations(const policy::Pack& pack,
                                                const v1::Instrument& instrument);

// Minutes in whole steps, each begun one counting whole: 61 minutes in steps of 30 are 90.
int64_t ChargedMinutes(int64_t minutes, int64_t step_minutes);

// What `minutes` and `samples` are to cost a kind of user, and the terms of giving back a booking
// that begins at `start`. FAILED_PRECONDITION where the instrument has no price for that kind of
// user, or the pack no instrument policy.
absl::StatusOr<v1::Quote> QuoteFor(const policy::Pack& pack, const v1::Instrument& instrument,
                                   const policy::v1::UserType& user_type, absl::Time start,
                                   int64_t minutes, int64_t samples);

// Use as it was, at the prices and steps of the quote.
v1::Settlement SettleUse(const v1::Quote& quote, int64_t used_minutes, int64_t samples,
                         absl::Time now);
// The requester gives an approved booking back.
v1::Settlement SettleCancellation(const v1::Quote& quote, absl::Time now);
// Giving back costs nothing, and why.
v1::Settlement SettleFree(absl::string_view why, absl::Time now);
// The user did not come.
v1::Settlement SettleNoShow(const v1::Quote& quote, absl::Time now);

}  // namespace chanyan::registry
