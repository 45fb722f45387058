// A district in small: two universities with a platform each, two units, three enterprises, as the
// registry would answer; and pairing over a real database.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/lease.h"
#include "common/policy/pack.h"
#include "common/time/civil.h"
#include "services/pairing/agreement_service.h"
#include "services/pairing/contact_service.h"
#include "services/pairing/cooperation_service.h"
#include "services/pairing/coverage_service.h"
#include "services/pairing/outcome_service.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/problem_service.h"
#include "services/pairing/project_sheet_service.h"
#include "services/pairing/report_service.h"
#include "tests/support/fake_peer.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::pairing {

inline constexpr absl::Duration kDay = absl::Hours(24);
inline constexpr char kSecretariat[] = "organizations/secretariat";
inline constexpr char kBureau[] = "organizations/bureau";
inline constexpr char kOuc[] = "organizations/ouc";
inline constexpr char kUpc[] = "organizations/upc";
inline constexpr char kZone[] = "organizations/zone";
inline constexpr char kTown[] = "organizations/town";
inline constexpr char kLab[] = "organizations/ouc/platforms/lab";
inline constexpr char kCenter[] = "organizations/upc/platforms/center";
inline constexpr char kDraft[] = "organizations/ouc/platforms/draft";

inline google::type::Date Date(int year, int month, int day) {
  return time::ToProto(absl::CivilDay(year, month, day));
}

class City {
 public:
  // With the policy pack of a city of deploy/policies.
  explicit City(const std::string& city = "qingdao");

  static std::string Enterprise(int number);
  // `method` is one of PairingService, or has its service before it: "CoverageService.GetOutreach".
  // Each organization has one account.
  static rpc::Call As(options::v1::Role role, absl::string_view organization,
                      absl::string_view method);
  static rpc::Call Secretariat(absl::string_view method) {
    return As(options::v1::ROLE_SECRETARIAT, "organizations/secretariat", method);
  }
  void Add(const std::string& name, const std::string& title, registry::v1::OrganizationKind kind,
           const std::string& unit = "", const std::string& code = "");
  void AddEnterprise(int number, const std::string& unit);
  registry::v1::Organization& At(const std::string& name) { return organizations_[name]; }
  registry::v1::Platform& PlatformAt(const std::string& name) { return platforms_[name]; }
  // What happens once, right after the registry has looked up an organization, or the last of all,
  // and before its answer arrives.
  void SetAsked(std::function<void()> asked) {
    absl::MutexLock lock(&mutex_);
    asked_ = std::move(asked);
  }

  static v1::CreateProjectRequest NewProject(const std::string& platform, int enterprise);
  absl::StatusOr<v1::Project> Create(const v1::CreateProjectRequest& request,
                                     const std::string& university = kOuc);
  // One verb by the university.
  absl::StatusOr<v1::Project> Do(const std::string& verb, const std::string& name,
                                 const std::string& university = kOuc);
  v1::Project In(v1::ProjectState state, const std::string& platform, int enterprise);
  v1::Project Stored(const std::string& name);

  absl::StatusOr<v1::RecordReportsResponse> Record(const std::string& quarter,
                                                   const std::vector<v1::Report>& reports,
                                                   const std::string& request_id = "");
  static v1::Report ReportOf(const std::string& platform, int enterprise, v1::ProjectState state);

  static v1::RosterEntry EntryOf(int enterprise, const std::string& zone = "古镇口",
                                 const std::string& industry = "海洋装备");
  absl::StatusOr<v1::Roster> ImportRoster(const std::vector<v1::RosterEntry>& rows,
                                          const std::string& name = "rosters/2025-04-01",
                                          bool dry_run = false);
  absl::StatusOr<v1::Coverage> Coverage(const rpc::Call& call, v1::CoverageGrouping grouping);

  // A lease of a job, held; another's of the same name is refused.
  std::unique_ptr<db::Lease> JobLease(const std::string& owner = "test");
  // Seals the journal and derives the history of projects from it.
  void FollowOwnJournal();

  std::vector<std::string> Texts(absl::string_view sql) {
    return testing::Texts(database.db(), sql);
  }
  // Rings what is due, as the job does.
  absl::StatusOr<int> RingAlarms();
  int64_t Count(const std::string& from) {
    return std::stoll(Texts(absl::StrCat("SELECT COUNT(*) FROM ", from)).at(0));
  }

  testing::FakeClock clock;
  testing::TestDatabase database;
  std::unique_ptr<const policy::Pack> pack;

 private:
  std::vector<rpc::UnaryMethod> Registry();
  void Asked();

  absl::Mutex mutex_;
  std::map<std::string, registry::v1::Organization> organizations_;
  std::map<std::string, registry::v1::Platform> platforms_;
  std::function<void()> asked_;

 public:
  testing::FakePeer peer;
  PairingService service;
  CoverageService coverage_service;
  CooperationService cooperation_service;
  ContactService contacts;
  AgreementService agreements;
  ReportService reports;
  ProblemService problems;
  OutcomeService outcomes;
  ProjectSheetService sheets;
};

// A file as agreements and outcomes refer to it, with a digest made of its name.
v1::DocumentReference Document(const std::string& file_name);

}  // namespace chanyan::pairing
