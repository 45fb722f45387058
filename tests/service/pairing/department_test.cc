// Departments of a chain begin projects and except from coverage what the clause names them for:
// the enterprises that they are the unit of (PAIR-1, PAIR-6, POL-3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "tests/service/pairing/city.h"

namespace chanyan::pairing {
namespace {

using options::v1::ROLE_DEPARTMENT;

// Served by the bureau.
constexpr int kOwn = 5;
constexpr char kOtherBureau[] = "organizations/other-bureau";

class DepartmentTest : public ::testing::Test, protected City {
 protected:
  DepartmentTest() {
    Add(kBureau, "区发改局（演示）", registry::v1::ORGANIZATION_KIND_DEPARTMENT);
    Add(kOtherBureau, "区工信局（演示）", registry::v1::ORGANIZATION_KIND_DEPARTMENT);
    AddEnterprise(kOwn, kBureau);
  }
  absl::StatusOr<v1::Project> Begin(int enterprise, const std::string& organization = kBureau) {
    return service.CreateProject(As(ROLE_DEPARTMENT, organization, "CreateProject"),
                                 NewProject(kLab, enterprise));
  }
  static std::string Outreach(int enterprise) { return absl::StrCat("outreaches/e", enterprise); }
  absl::StatusOr<v1::Outreach> Except(int enterprise, const std::string& organization = kBureau) {
    v1::OverrideEnterpriseCoverageRequest request;
    request.set_name(Outreach(enterprise));
    request.set_reason("企业停产整顿");
    request.set_request_id(api::NewUuid());
    return coverage_service.OverrideEnterpriseCoverage(
        As(ROLE_DEPARTMENT, organization, "CoverageService.OverrideEnterpriseCoverage"), request);
  }
  absl::StatusOr<v1::Outreach> Restore(int enterprise, const std::string& organization = kBureau) {
    v1::RestoreEnterpriseCoverageRequest request;
    request.set_name(Outreach(enterprise));
    request.set_reason("企业复产");
    request.set_request_id(api::NewUuid());
    return coverage_service.RestoreEnterpriseCoverage(
        As(ROLE_DEPARTMENT, organization, "CoverageService.RestoreEnterpriseCoverage"), request);
  }
};

TEST_F(DepartmentTest, ItBeginsProjectsOfTheEnterprisesThatItIsTheUnitOf) {
  EXPECT_EQ(Begin(1).status().code(), absl::StatusCode::kPermissionDenied) << "a zone's";
  EXPECT_EQ(Begin(kOwn, kOtherBureau).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Begin(kOwn, "").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Count("project"), 0);
  const auto begun = Begin(kOwn);
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_EQ(begun->unit(), kBureau);
  EXPECT_EQ(Begin(kOwn).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(DepartmentTest, ItExceptsTheEnterprisesThatItIsTheUnitOf) {
  ASSERT_TRUE(ImportRoster({EntryOf(1), EntryOf(kOwn)}).ok());
  EXPECT_EQ(Except(1).status().code(), absl::StatusCode::kNotFound) << "a zone's";
  EXPECT_EQ(Except(kOwn, kOtherBureau).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Count("outreach"), 0);
  const auto excepted = Except(kOwn);
  ASSERT_TRUE(excepted.ok()) << excepted.status();
  ASSERT_EQ(excepted->coverage_verdicts().verdicts_size(), 1);
  const policy::v1::Verdict& verdict = excepted->coverage_verdicts().verdicts(0);
  EXPECT_EQ(verdict.outcome(), policy::v1::OUTCOME_OVERRIDDEN);
  EXPECT_EQ(verdict.override().role(), ROLE_DEPARTMENT);
  EXPECT_EQ(Restore(kOwn, kOtherBureau).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Restore(kOwn).ok());
  EXPECT_EQ(Count("outreach WHERE coverage_override_time IS NOT NULL"), 0);
}

}  // namespace
}  // namespace chanyan::pairing
