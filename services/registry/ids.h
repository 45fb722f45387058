// Last segments of resource names, for what comes without a wanted one. The same thing gets the
// same id, so that an import repeated on an empty database makes the same names.
#pragma once

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/reference.pb.h"
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

// Entries of reference lists are known by what makes them one line of their list.
inline std::string IndustryDutyId(const v1::IndustryDuty& duty) {
  return api::DigestId("d", absl::StrCat(duty.industry(), "\n", duty.lead_unit()));
}
inline std::string TaskForceMemberId(const v1::TaskForceMember& member) {
  return api::DigestId(
      "t", absl::StrCat(member.task_force(), "\n", member.unit(), "\n", member.person()));
}
inline std::string PolicyDividendId(const v1::PolicyDividend& dividend) {
  return api::DigestId("v", absl::StrCat(dividend.display_name(), "\n", dividend.document(), "\n",
                                         dividend.clause()));
}

}  // namespace chanyan::registry
