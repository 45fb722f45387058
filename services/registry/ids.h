// Last segments of resource names, for what comes without a wanted one. The same thing gets the
// same id, so that an import repeated on an empty database makes the same names.
#pragma once

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/digest.h"

namespace chanyan::registry {

// The code in lower case, or a digest of the name.
inline std::string OrganizationId(const v1::Organization& organization) {
  return organization.unified_social_credit_code().empty()
             ? api::DigestId("o", organization.display_name())
             : absl::AsciiStrToLower(organization.unified_social_credit_code());
}

// A digest of owner and name.
inline std::string PlatformId(const v1::Platform& platform) {
  return api::DigestId("p", absl::StrCat(platform.organization(), "\n", platform.display_name()));
}

// A digest of owner and asset number.
inline std::string InstrumentId(const v1::Instrument& instrument) {
  return api::DigestId("i",
                       absl::StrCat(instrument.organization(), "\n", instrument.asset_number()));
}

}  // namespace chanyan::registry
