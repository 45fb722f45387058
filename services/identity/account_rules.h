// Which roles go together (IDN-1): who manages accounts or reads the journal does no business.
// Pure.
#pragma once

#include <vector>

#include "chanyan/identity/v1/identity.pb.h"
#include "common/status/status.h"

namespace chanyan::identity {

// What is wrong with an account's roles; the field is "account.roles".
std::vector<status::Violation> AccountRoleViolations(const v1::Account& account);
// What is wrong with an API client's roles and organization; the fields are "api_client.…".
std::vector<status::Violation> ApiClientViolations(const v1::ApiClient& client);

}  // namespace chanyan::identity
