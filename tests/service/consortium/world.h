// A city in small for tests of dossiers, filing and supervision: a leading enterprise of Huangdao
// and another of Laoshan, enterprises and universities for members, the pack of Qingdao, and the
// services over a real database.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/lease.h"
#include "common/policy/pack.h"
#include "common/status/status.h"
#include "services/consortium/attachment_service.h"
#include "services/consortium/bar_service.h"
#include "services/consortium/clocks.h"
#include "services/consortium/consortium_service.h"
#include "services/consortium/eligibility_service.h"
#include "services/consortium/evaluation_service.h"
#include "services/consortium/filing_service.h"
#include "services/consortium/registry_follower.h"
#include "services/consortium/signature_service.h"
#include "services/consortium/supervision_service.h"
#include "tests/support/fake_peer.h"
#include "tests/support/named.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::consortium {

template <class T>
options::v1::ErrorReason ReasonOf(const absl::StatusOr<T>& result) {
  return status::ReasonOf(result.status());
}

inline constexpr char kAlpha[] = "organizations/alpha";
inline constexpr char kBeta[] = "organizations/beta";
inline constexpr char kOuc[] = "organizations/ouc";
inline constexpr char kUpc[] = "organizations/upc";
inline constexpr char kInstitute[] = "organizations/institute";
inline constexpr char kBureau[] = "organizations/qdst-gx";
inline constexpr char kHuangdao[] = "organizations/qd-st-370211";
inline constexpr char kLaoshan[] = "organizations/qd-st-370212";
// organizations/e1 … e6 are enterprises.
std::string E(int number);
// Qingdao's pack with other figures: texts of its part on consortia, replaced.
std::unique_ptr<const policy::Pack> PackWith(
    const std::vector<std::pair<std::string, std::string>>& replacements);

class World : public testing::NamedRequests {
 public:
  explicit World(std::unique_ptr<const policy::Pack> pack = testing::ShippedPack());

  // `method` has its service before it: "ConsortiumService.GetConsortium".
  static rpc::Call As(options::v1::Role role, absl::string_view organization,
                      absl::string_view method);
  // By what the organization is.
  rpc::Call By(absl::string_view organization, absl::string_view method);
  registry::v1::Organization& Add(const std::string& name, const std::string& title,
                                  registry::v1::OrganizationKind kind,
                                  const std::string& region = "370211");
  // The registry changes it: the entry of its journal.
  journal::v1::Entry Changed(const registry::v1::Organization& organization);
  // The same, and the follower sees it.
  absl::Status Change(const registry::v1::Organization& organization);
  registry::v1::Organization Registered(const std::string& name);

  static v1::ConsortiumMember Member(const std::string& organization, v1::MemberKind kind,
                                     v1::MemberLayer layer = v1::MEMBER_LAYER_MEMBER);
  // All that a lead writes, without document and signatures.
  v1::Consortium Dossier(const std::string& title);
  absl::StatusOr<v1::Consortium> Create(const v1::Consortium& dossier,
                                        const std::string& lead = kAlpha);
  absl::StatusOr<v1::Consortium> Update(v1::Consortium dossier,
                                        const std::vector<std::string>& mask,
                                        const std::string& by = kAlpha);
  absl::StatusOr<v1::ConsortiumAttachment> Attach(const std::string& consortium,
                                                  v1::AttachmentKind kind,
                                                  const std::string& by = kAlpha,
                                                  const std::string& text = "协议");
  absl::StatusOr<v1::Signature> Sign(const std::string& consortium, const std::string& by);
  // With its document and signed by all; a draft.
  v1::Consortium Ready(const v1::Consortium& dossier, const std::string& lead = kAlpha);
  // Complete besides.
  v1::Consortium Ready(const std::string& title, const std::string& lead = kAlpha);
  absl::StatusOr<v1::Consortium> Submit(const std::string& name, const std::string& lead = kAlpha);
  absl::StatusOr<v1::Consortium> Recommend(const std::string& name,
                                           const std::string& by = kHuangdao);
  absl::StatusOr<v1::Consortium> Return(const std::string& name, const std::string& by);
  absl::StatusOr<v1::Consortium> Accept(const std::string& name);
  absl::StatusOr<v1::Consortium> Withdraw(const std::string& name, const std::string& by = kAlpha);
  absl::StatusOr<v1::Consortium> Cancel(const std::string& name);
  absl::StatusOr<v1::Consortium> RemoveLead(const std::string& name);
  // A step of the book, by whom the table says, in a transaction of its own.
  absl::Status Step(const std::string& name, absl::string_view verb, Part part);
  // From a ready draft to the filing.
  v1::Consortium Filed(const std::string& title, const std::string& lead = kAlpha);
  // From EXPERT_REVIEW, SELECTED … to PUBLIC_NOTICE.
  void ToNotice(const std::string& name);

  // After filing: projects that it holds, supplements and their signatures, an evaluation begun
  // with these points for the first parts of the pack.
  absl::StatusOr<v1::HeldProject> Hold(const std::string& name);
  absl::StatusOr<v1::HeldProject> Close(const std::string& project);
  absl::StatusOr<v1::Supplement> Propose(const std::string& name, v1::Supplement supplement,
                                         const std::string& by = kAlpha);
  absl::StatusOr<v1::Supplement> SignSupplement(const v1::Supplement& supplement,
                                                const std::string& by);
  // Whom it binds appeals, and the bureau grants it.
  absl::Status Lift(const std::string& bar, const std::string& by);
  // The bureau sets a rule of principle aside for it.
  absl::StatusOr<v1::Supplement> SetAside(const v1::Supplement& supplement, const std::string& rule,
                                          const std::string& by = kBureau);
  absl::StatusOr<v1::Evaluation> Evaluate(const std::string& name, const std::vector<int>& points);

  v1::Consortium Stored(const std::string& name);
  v1::Filing StoredFiling(const std::string& name);
  absl::StatusOr<v1::Consortium> See(const std::string& name, options::v1::Role role,
                                     const std::string& organization);
  std::vector<v1::Transition> TransitionsOf(const std::string& name);
  std::vector<v1::EligibilityCheck> ChecksOf(const std::string& name);
  std::vector<v1::Bar> BarsOf(const std::string& organization);

  std::unique_ptr<db::Lease> JobLease(const std::string& owner = "test");
  // All jobs once.
  void RunJobs();
  // Noon of a day.
  void Go(absl::CivilDay day);
  int64_t Count(const std::string& from);

  testing::FakeClock clock;
  testing::TestDatabase database;
  const std::unique_ptr<const policy::Pack> pack;
  const ConsortiumPack rules;
  ConsortiumBook book;

 private:
  std::vector<rpc::UnaryMethod> Registry();

  absl::Mutex mutex_;
  std::map<std::string, registry::v1::Organization> organizations_;
  int64_t changes_ = 0;

 public:
  testing::FakePeer peer;
  Deps deps() { return {{database.db(), clock, nullptr}, rules, book, peer.peers()}; }
  ConsortiumService consortia;
  SignatureService signatures;
  AttachmentService attachments;
  EligibilityService eligibility;
  FilingService filings;
  SupervisionService supervision;
  EvaluationService evaluations;
  BarService bars;
  Clocks clocks;
  RegistryFollower follower;
};

}  // namespace chanyan::consortium
