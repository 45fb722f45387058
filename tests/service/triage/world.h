// A city in small for tests of triage: two universities with their teams, one without, two
// enterprises, the units of Qingdao's pack; and all services of triage over a real database.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/lease.h"
#include "common/policy/pack.h"
#include "services/triage/case_service.h"
#include "services/triage/confidential_service.h"
#include "services/triage/demand_service.h"
#include "services/triage/dispatch_service.h"
#include "services/triage/disposition_service.h"
#include "services/triage/escalation_service.h"
#include "services/triage/first_contact_service.h"
#include "services/triage/follow_up_service.h"
#include "services/triage/guide_service.h"
#include "services/triage/list_service.h"
#include "services/triage/meeting_service.h"
#include "services/triage/registry_follower.h"
#include "services/triage/report_service.h"
#include "services/triage/result_service.h"
#include "services/triage/team_service.h"
#include "services/triage/university_team_service.h"
#include "tests/support/fake_peer.h"
#include "tests/support/named.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::triage {

// Served by the third team.
inline constexpr char kOuc[] = "organizations/ouc";
// Served by the second.
inline constexpr char kUpc[] = "organizations/upc";
// Served by nobody: the office's.
inline constexpr char kCollege[] = "organizations/college";
inline constexpr char kOffice[] = "organizations/qdst-cg";
inline constexpr char kMarineDepartment[] = "organizations/qdst-hy";
inline constexpr char kHighTechDepartment[] = "organizations/qdst-gx";
inline constexpr char kFinanceDepartment[] = "organizations/qdst-zp";
inline constexpr char kMarineAgency[] = "organizations/qd-agency-3";
inline constexpr char kHighTechAgency[] = "organizations/qd-agency-2";
inline constexpr char kMarineInvestor[] = "organizations/qd-investor-3";
inline constexpr char kMarket[] = "organizations/qd-market";
inline constexpr char kTrainingCentre[] = "organizations/qd-gccj";
inline constexpr char kMarineForce[] = "organizations/qd-tf-marine";
inline constexpr char kFutureForce[] = "organizations/qd-tf-future";
inline constexpr char kBureauLeaders[] = "organizations/qdst-leading-group";
inline constexpr char kCityLeaders[] = "organizations/qd-city-leaders";
inline constexpr char kHuangdao[] = "organizations/qd-st-370211";
inline constexpr char kLaoshan[] = "organizations/qd-st-370212";
inline constexpr char kE1[] = "organizations/e1";
inline constexpr char kE2[] = "organizations/e2";

// Qingdao's pack with another part on triage: texts of it, replaced.
std::unique_ptr<const policy::Pack> PackWith(
    const std::vector<std::pair<std::string, std::string>>& replacements);

class World : public testing::NamedRequests {
 public:
  explicit World(std::unique_ptr<const policy::Pack> pack = testing::ShippedPack());

  // `method` has its service before it: "ResultService.GetResult". Each organization has one
  // account.
  static rpc::Call As(options::v1::Role role, absl::string_view organization,
                      absl::string_view method);
  void Add(const std::string& name, const std::string& title, registry::v1::OrganizationKind kind,
           const std::string& code = "");
  // It was called so once.
  void HadName(const std::string& name, const std::string& title);

  // Complete enough to be published: marine, to be licensed.
  static v1::Result Draft(const std::string& title);
  absl::StatusOr<v1::Result> Create(const v1::Result& result,
                                    options::v1::Role role = options::v1::ROLE_RESEARCH_OFFICE,
                                    const std::string& organization = kOuc);
  absl::StatusOr<v1::Result> Publish(const std::string& name,
                                     const std::string& organization = kMarineAgency,
                                     const std::string& reason = "");
  absl::StatusOr<v1::Result> Withdraw(const std::string& name,
                                      const std::string& organization = kMarineAgency);
  absl::StatusOr<v1::Disposition> Dispose(const std::string& name,
                                          const std::vector<policy::v1::TriageClass>& classes = {},
                                          const std::string& reason = "",
                                          const std::string& organization = kMarineAgency);
  absl::StatusOr<v1::DispatchPlan> Dispatch(const std::string& name,
                                            const std::string& organization = kMarineAgency);
  // Of the university's own: in the library, classified as its modes say, pushed.
  v1::Result Pushed(const v1::Result& draft);
  absl::StatusOr<v1::Result> See(const std::string& name, options::v1::Role role,
                                 const std::string& organization);
  // As it is stored.
  v1::Result Stored(const std::string& name);
  std::vector<v1::Push> PushesOf(const std::string& result);
  // The push of one recipient and class.
  v1::Push PushTo(const std::string& result, const std::string& recipient,
                  policy::v1::TriageClass triage_class);

  absl::StatusOr<v1::Broker> AddBroker(const std::string& organization, const std::string& person,
                                       bool trained);
  absl::StatusOr<v1::Broker> Train(const std::string& broker, const std::string& course,
                                   absl::CivilDay completed, const std::string& organization);

  absl::StatusOr<v1::Handover> Offer(const std::string& result, const std::string& from,
                                     const std::string& to, const std::string& broker = "");
  absl::StatusOr<v1::Handover> Accept(const std::string& handover, const std::string& by);

  // Entries of a log of today, with what the caller says besides; registrations with all that the
  // pack asks for.
  v1::FollowUp Entry(v1::FollowUpKind kind) const;
  v1::FollowUp ContractOf(int64_t yuan) const;
  // All that the pack's registration of a contract asks for.
  void FillRegistration(v1::FollowUp* row) const;
  absl::StatusOr<v1::FollowUp> LogEntry(const std::string& result, const v1::FollowUp& row,
                                        const std::string& by = kMarineAgency);
  absl::StatusOr<v1::FollowUp> VoidEntry(const std::string& name);

  v1::Demand DemandDraft(const std::string& title);

  // A lease of the job, held.
  std::unique_ptr<db::Lease> JobLease(const std::string& owner = "test");
  // Noon of a day.
  void Go(absl::CivilDay day);
  std::vector<std::string> Texts(absl::string_view sql) {
    return testing::Texts(database.db(), sql);
  }
  int64_t Count(const std::string& from) {
    return std::stoll(Texts(absl::StrCat("SELECT COUNT(*) FROM ", from)).at(0));
  }

  testing::FakeClock clock;
  testing::TestDatabase database;
  const std::unique_ptr<const policy::Pack> pack;
  const TriagePack triage;
  const TextHygiene hygiene;
  // The registry cannot be asked.
  std::atomic<bool> registry_away = false;

 private:
  std::vector<rpc::UnaryMethod> Registry();
  std::vector<rpc::UnaryMethod> Directory();
  Deps deps() { return {{database.db(), clock, nullptr}, triage, hygiene, peer.peers()}; }

  absl::Mutex mutex_;
  std::map<std::string, registry::v1::Organization> organizations_;

 public:
  testing::FakePeer peer;
  ResultService results;
  DemandService demands;
  ConfidentialService confidential;
  TeamService teams;
  DispositionService dispositions;
  DispatchService dispatch;
  GuideService guides;
  FirstContactService first;
  FollowUpService follow_ups;
  ListService lists;
  MeetingService meetings;
  ReportService reports;
  EscalationService escalations;
  CaseService cases;
  UniversityTeamService university_teams;
  RegistryFollower follower;
};

}  // namespace chanyan::triage
