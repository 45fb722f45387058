// A soft rule of a city is set aside by a role that can call what asks it; otherwise it would be a
// hard one (POL-3).
#include <gtest/gtest.h>

#include <algorithm>

#include "chanyan/options/v1/options.pb.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "chanyan/pairing/v1/coverage.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "google/protobuf/descriptor.h"
#include "tests/support/service_test.h"

namespace chanyan::pairing {
namespace {

const google::protobuf::MethodDescriptor* SetsAside(policy::v1::Decision decision) {
  const google::protobuf::FileDescriptor* pairing_file = v1::Project::descriptor()->file();
  const google::protobuf::FileDescriptor* coverage_file = v1::Outreach::descriptor()->file();
  const google::protobuf::FileDescriptor* cooperation_file = v1::CoBuiltBase::descriptor()->file();
  const google::protobuf::FileDescriptor* registry_file =
      registry::v1::Platform::descriptor()->file();
  const google::protobuf::FileDescriptor* instruments_file =
      registry::v1::Booking::descriptor()->file();
  const struct {
    policy::v1::Decision decision;
    const google::protobuf::FileDescriptor* file;
    const char* method;
  } kMethods[] = {
      {policy::v1::DECISION_PROJECT_CREATE, pairing_file, "CreateProject"},
      {policy::v1::DECISION_PROJECT_SIGN, pairing_file, "SignProject"},
      {policy::v1::DECISION_ENTERPRISE_COVERAGE, coverage_file, "OverrideEnterpriseCoverage"},
      {policy::v1::DECISION_BASE_RECOMMEND, cooperation_file, "UpdateCoBuiltBase"},
      {policy::v1::DECISION_PLATFORM_PUBLISH, registry_file, "PublishPlatform"},
      {policy::v1::DECISION_PLATFORM_FRESHNESS, registry_file, "OverridePlatformFreshness"},
      {policy::v1::DECISION_BOOKING_CREATE, instruments_file, "ApproveBooking"},
      {policy::v1::DECISION_INSTRUMENT_OPEN, instruments_file, "OpenInstrument"},
  };
  for (const auto& one : kMethods) {
    if (one.decision != decision) continue;
    const auto* method = one.file->service(0)->FindMethodByName(one.method);
    EXPECT_NE(method, nullptr) << one.method;
    return method;
  }
  return nullptr;
}

TEST(OverrideRolesTest, SomebodyWhoMaySetARuleAsideCanCallWhatAsksIt) {
  int looked_at = 0;
  for (const char* city : {"qingdao", "linyi", "shandong"}) {
    const auto pack = testing::ShippedPack(city);
    for (const policy::v1::Rule& rule : pack->proto().rules()) {
      const auto* method = SetsAside(rule.decision());
      if (method == nullptr) continue;
      const auto& allowed = method->options().GetExtension(options::v1::method).roles();
      const auto may = [&](int role) {
        return std::find(allowed.begin(), allowed.end(), role) != allowed.end();
      };
      if (rule.override_roles_size() == 0) continue;
      ++looked_at;
      EXPECT_TRUE(std::any_of(rule.override_roles().begin(), rule.override_roles().end(), may))
          << city << ": nobody who may call " << method->name() << " sets " << rule.id()
          << " aside";
    }
  }
  EXPECT_GE(looked_at, 10);
}

}  // namespace
}  // namespace chanyan::pairing
