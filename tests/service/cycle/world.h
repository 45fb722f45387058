// A district in small: one secretariat, two universities with three platforms, two units with three
// enterprises, two projects under way; and the cycle service over a real database.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/policy/pack.h"
#include "common/time/clock.h"
#include "services/cycle/cycle_service.h"
#include "tests/service/cycle/fake_peers.h"
#include "tests/support/test_database.h"

namespace chanyan::cycle {

inline constexpr char kCycle[] = "cycles/2025q2";
inline constexpr char kOuc[] = "organizations/ouc";
inline constexpr char kUpc[] = "organizations/upc";
inline constexpr char kOucForm[] = "cycles/2025q2/forms/ouc";
inline constexpr char kUpcForm[] = "cycles/2025q2/forms/upc";
inline constexpr char kSecretariat[] = "organizations/secretariat";
inline constexpr char kZone[] = "organizations/zone";
inline constexpr char kTown[] = "organizations/town";
inline constexpr char kSilent[] = "organizations/silent";

class FakeClock final : public time::Clock {
 public:
  absl::Time Now() const override { return now; }
  // 2026-02-03 08:00 in China: a rehearsal has nothing to do with it.
  absl::Time now = absl::FromUnixSeconds(1'770'076'800);
};

// A code with good check characters, from up to eight digits.
std::string Code(const std::string& digits);
// China's wall clock.
absl::Time InChina(int month, int day, int hour = 9, int minute = 0, int second = 0);

class World {
 public:
  World();

  // Enterprises 0, 1 (of the zone) and 2 (of the town).
  static std::string Enterprise(int index);
  static std::string CodeOf(int index);
  static std::string TitleOf(int index);

  rpc::Call CallOf(const char* method, options::v1::Role role, const std::string& organization);
  static std::string Uuid();

  // A research institute without a published platform.
  void AddSilent();
  // A published platform of an enterprise, by name.
  std::string AddOwnPlatform(int index);
  // The service with another pack from now on.
  void Use(const policy::v1::PolicyPack& proto);

  // An account as identity's journal tells of it.
  void SignUp(const std::string& id, const std::string& organization,
              const std::vector<options::v1::Role>& roles, bool disabled = false);

  // A live cycle.
  absl::StatusOr<v1::Cycle> OpenLive(const std::string& name);
  // The cycle of 2025q2 as a rehearsal that begins on 1 April.
  absl::StatusOr<v1::Cycle> Open();
  absl::StatusOr<v1::Cycle> MoveTo(absl::Time time);

  // One row of a sheet.
  static v1::Row Intent(const std::string& platform, int enterprise = -1);
  static v1::Row NewProject(const std::string& platform, int enterprise);
  static v1::Row Ongoing(const std::string& platform, int enterprise);
  // A file with these rows below a title.
  static std::string Sheet(const std::vector<v1::Row>& rows);

  absl::StatusOr<v1::ImportFormResponse> Import(const std::string& university,
                                                const std::string& file, bool dry_run = false);
  absl::StatusOr<v1::Form> Submit(const std::string& university);
  absl::StatusOr<v1::Form> Accept(const std::string& university);
  absl::StatusOr<v1::Form> Return(const std::string& university, const std::string& reason);
  absl::StatusOr<v1::DistributeFormsResponse> Distribute();
  absl::StatusOr<v1::DistributeToEnterprisesResponse> ToEnterprises(const std::string& unit);
  absl::StatusOr<v1::ReceiveHandoversResponse> Receive(const std::string& organization,
                                                       options::v1::Role role);
  absl::StatusOr<v1::ImportFormResponse> GiveBack(const std::string& form, int enterprise,
                                                  const std::string& file, bool dry_run = false);
  // What is not filled in has not changed, as is said, unless `no_change` is false.
  absl::StatusOr<v1::SubmitReturnsResponse> SubmitReturns(int enterprise,
                                                          const std::string& unit = "",
                                                          bool no_change = true);
  absl::StatusOr<v1::SubmitPackagesResponse> SubmitPackages(const std::string& unit);
  absl::StatusOr<v1::ReturnToEnterpriseResponse> SendBack(const std::string& unit,
                                                          const std::string& form, int enterprise);
  absl::StatusOr<v1::Package> ReturnPackage(int enterprise);
  absl::StatusOr<v1::ReturnToUniversitiesResponse> ReturnToUniversities();
  v1::Conservation Check();
  // Two organizations become one, in the registry and as its journal tells.
  absl::Status Merge(const std::string& from, const std::string& into);

  std::vector<v1::Row> Rows(const std::string& filter = "");
  v1::Form Form(const std::string& name);
  // A single row of the cycle, by platform and enterprise; fails the test if it is not there.
  v1::Row RowOf(const std::string& platform, int enterprise);
  int64_t Count(const std::string& table);

  // What the helpers above go by.
  std::string cycle = kCycle;
  FakeClock clock;
  FakePeers fakes;
  testing::TestDatabase database;
  std::unique_ptr<const policy::Pack> pack;
  std::unique_ptr<CycleService> service;
};

// Platforms by display name.
inline constexpr char kOucLab[] = "海洋装备实验室（演示）";
inline constexpr char kOucCenter[] = "海洋生物中试中心（演示）";
inline constexpr char kUpcLab[] = "新能源材料实验室（演示）";
inline constexpr char kPlantLab[] = "企业重点实验室（演示）";

}  // namespace chanyan::cycle
