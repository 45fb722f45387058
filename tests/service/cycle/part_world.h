// A world in which a university has its platforms fill in their parts.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/timestamp.h"
#include "services/cycle/ids.h"
#include "services/cycle/part_service.h"
#include "tests/service/cycle/returning.h"

namespace chanyan::cycle {

inline constexpr char kLab[] = "organizations/ouc/platforms/lab";
inline constexpr char kCenter[] = "organizations/ouc/platforms/center";

class PartWorld : public ReturningTest {
 protected:
  PartWorld()
      : parts_(
            {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()}) {}

  static std::string Part(const std::string& platform) { return PartName(kOucForm, platform); }
  static rpc::Call CallOf(const char* method, options::v1::Role role, const std::string& own) {
    return testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.PartService.", method));
  }
  static rpc::Call Office(const char* method) {
    return CallOf(method, options::v1::ROLE_RESEARCH_OFFICE, kOuc);
  }
  static rpc::Call Manager(const char* method, const std::string& account = "accounts/lab") {
    rpc::Call call = CallOf(method, options::v1::ROLE_PLATFORM_MANAGER, kOuc);
    call.principal.account = account;
    return call;
  }

  absl::StatusOr<v1::IssuePartsResponse> Issue(const std::vector<std::string>& platforms = {},
                                               absl::Time due = absl::InfinitePast()) {
    v1::IssuePartsRequest request;
    request.set_parent(kOucForm);
    for (const std::string& platform : platforms) request.add_platforms(platform);
    if (due != absl::InfinitePast()) *request.mutable_due_time() = time::ToTimestamp(due);
    request.set_request_id(World::Uuid());
    return parts_.IssueParts(Office("IssueParts"), request);
  }
  absl::StatusOr<v1::PlatformPart> Assign(const std::string& platform,
                                          const std::vector<std::string>& managers) {
    v1::AssignPartRequest request;
    request.set_name(Part(platform));
    for (const std::string& manager : managers) request.add_managers(manager);
    request.set_request_id(World::Uuid());
    return parts_.AssignPart(Office("AssignPart"), request);
  }
  absl::StatusOr<v1::ImportFormResponse> Fill(const std::string& platform,
                                              const std::vector<v1::Row>& rows,
                                              bool dry_run = false,
                                              const std::string& account = "accounts/lab") {
    v1::ImportPartRequest request;
    request.set_name(Part(platform));
    request.mutable_file()->set_data(World::Sheet(rows));
    request.set_file_name("平台.xlsx");
    request.set_validate_only(dry_run);
    request.set_request_id(World::Uuid());
    return parts_.ImportPart(Manager("ImportPart", account), request);
  }
  template <class Request>
  static Request Of(const std::string& platform) {
    Request request;
    request.set_name(Part(platform));
    request.set_request_id(World::Uuid());
    return request;
  }
  absl::StatusOr<v1::PlatformPart> SubmitPart(const std::string& platform,
                                              const std::string& account = "accounts/lab") {
    return parts_.SubmitPart(Manager("SubmitPart", account), Of<v1::SubmitPartRequest>(platform));
  }
  absl::StatusOr<v1::PlatformPart> AcceptPart(const std::string& platform) {
    return parts_.AcceptPart(Office("AcceptPart"), Of<v1::AcceptPartRequest>(platform));
  }
  absl::StatusOr<v1::PlatformPart> ReturnPart(const std::string& platform,
                                              const Reasons& reasons = {}) {
    v1::ReturnPartRequest request;
    request.set_name(Part(platform));
    Add(reasons, &request);
    return parts_.ReturnPart(Office("ReturnPart"), request);
  }
  absl::StatusOr<v1::PlatformPart> Reclaim(const std::string& platform) {
    auto request = Of<v1::ReclaimPartRequest>(platform);
    request.set_reason("平台负责人出差，学校代填");
    return parts_.ReclaimPart(Office("ReclaimPart"), request);
  }
  absl::StatusOr<v1::DeliverToPlatformsResponse> Deliver() {
    v1::DeliverToPlatformsRequest request;
    request.set_parent(kOucForm);
    request.set_request_id(World::Uuid());
    return parts_.DeliverToPlatforms(Office("DeliverToPlatforms"), request);
  }
  absl::StatusOr<v1::PlatformPart> ReceivePart(const std::string& platform) {
    return parts_.ReceivePart(Manager("ReceivePart"), Of<v1::ReceivePartRequest>(platform));
  }
  v1::PlatformPart Get(const std::string& platform) {
    v1::GetPartRequest request;
    request.set_name(Part(platform));
    const auto part = parts_.GetPart(Manager("GetPart"), request);
    EXPECT_TRUE(part.ok()) << part.status();
    return part.ok() ? *part : v1::PlatformPart();
  }
  // Both platforms' parts are filled in and put together; the form is with the secretariat.
  void UntilSubmitted() {
    ASSERT_TRUE(world_.Open().ok());
    ASSERT_TRUE(Issue().ok());
    ASSERT_TRUE(Fill(kLab, {World::Ongoing(kOucLab, 0)}).ok());
    ASSERT_TRUE(Fill(kCenter, {World::NewProject(kOucCenter, 1)}).ok());
    for (const char* platform : {kLab, kCenter}) {
      ASSERT_TRUE(SubmitPart(platform).ok());
      ASSERT_TRUE(AcceptPart(platform).ok());
    }
    const auto submitted = world_.Submit(kOuc);
    ASSERT_TRUE(submitted.ok()) << submitted.status();
  }

  PartService parts_;
};

}  // namespace chanyan::cycle
