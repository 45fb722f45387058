// Random dealings between a university, its platforms and the secretariat (CYC-4, CYC-5): whatever
// the order, with conflicts and lost COMMITs, no row is lost or doubled, each is with whom the
// state of its part says, and a call is taken exactly when the life cycle takes it.
#include <functional>
#include <random>
#include <set>

#include "common/policy/life.h"
#include "common/status/status.h"
#include "services/cycle/part_life.h"
#include "tests/service/cycle/part_world.h"

namespace chanyan::cycle {
namespace {

constexpr int kActs = 60;

class PartPropertyTest : public PartWorld, public ::testing::WithParamInterface<uint32_t> {
 protected:
  v1::PartState StateOf(const std::string& platform) {
    v1::GetPartRequest request;
    request.set_name(Part(platform));
    const auto part = parts_.GetPart(Office("GetPart"), request);
    return part.ok() ? part->state() : v1::PART_STATE_UNSPECIFIED;
  }
  // Whether PartLife takes the verb now.
  bool Takes(const std::string& platform, const char* verb) {
    return policy::Next(PartLife(), StateOf(platform), verb).ok();
  }
  // Whether it would be taken is asked before it is done.
  void Try(const char* verb, const std::string& platform, bool home,
           const std::function<absl::Status()>& act) {
    const bool taken = home && Takes(platform, verb);
    Expect(verb, taken, act());
  }
  // A lost COMMIT is UNAVAILABLE and may have happened; nothing else is in doubt.
  void Expect(const char* what, bool taken, const absl::Status& outcome) {
    if (absl::IsUnavailable(outcome)) return;
    EXPECT_EQ(outcome.ok(), taken) << what << ": " << outcome;
  }
  // Each row of the form is with whom its part says, or on its way there.
  void RowsAreWhereTheyBelong() {
    const bool at_home = world_.Form(kOucForm).state() != v1::FORM_STATE_SUBMITTED &&
                         world_.Form(kOucForm).state() != v1::FORM_STATE_ACCEPTED;
    for (const v1::Row& row : world_.Rows("university = \"organizations/ouc\"")) {
      const v1::PartState state = StateOf(row.platform());
      switch (state) {
        case v1::PART_STATE_DRAFT:
        case v1::PART_STATE_RETURNED:
          // With the platform, or sent to it and not received.
          EXPECT_TRUE(row.holder() == row.platform() || !row.in_transit().empty()) << row.name();
          break;
        case v1::PART_STATE_SUBMITTED:
          EXPECT_EQ(row.holder(), row.platform());
          EXPECT_FALSE(row.in_transit().empty());
          break;
        default:
          if (at_home) {
            EXPECT_EQ(row.holder(), kOuc) << row.name();
          }
      }
    }
  }
};

TEST_P(PartPropertyTest, EveryOrderOfActsConservesTheRows) {
  std::mt19937 random(GetParam());
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  ASSERT_TRUE(world_.Open().ok());
  const db::Faults faults = {.inject_retry_every = 11,
                             .inject_ambiguous_commit_every = 17,
                             .inject_ambiguous_nocommit_every = 23};
  std::set<v1::PartState> seen;
  int submitted = 0;
  for (int step = 0; step < kActs; ++step) {
    const std::string platform = below(2) == 0 ? kLab : kCenter;
    const bool lab = platform == kLab;
    const v1::FormState form = world_.Form(kOucForm).state();
    const bool home = form == v1::FORM_STATE_DRAFT || form == v1::FORM_STATE_RETURNED;
    world_.database.db().InjectFaults(faults);
    std::vector<v1::Row> rows;
    if (lab) rows.push_back(World::Ongoing(kOucLab, 0));
    if (below(2) == 0) rows.push_back(World::Intent(lab ? kOucLab : kOucCenter));
    if (below(2) == 0) rows.push_back(World::NewProject(lab ? kOucLab : kOucCenter, 1));
    switch (below(8)) {
      case 0:
        Expect("issue", home, Issue({platform}).status());
        break;
      case 1:
        Try("import", platform, home, [&] { return Fill(platform, rows).status(); });
        break;
      case 2: {
        // The carried project may not be answered yet.
        const bool takes = home && Takes(platform, "submit");
        const absl::Status outcome = SubmitPart(platform).status();
        if (status::ReasonOf(outcome) != options::v1::ERROR_REASON_RULE_VIOLATED) {
          Expect("submit", takes, outcome);
        }
        break;
      }
      case 3:
        Try("accept", platform, home, [&] { return AcceptPart(platform).status(); });
        break;
      case 4:
        Try("return", platform, home, [&] { return ReturnPart(platform).status(); });
        break;
      case 5:
        Try("reclaim", platform, home, [&] { return Reclaim(platform).status(); });
        break;
      case 6: {
        // Its own file: what is with the platforms stays with them, whatever it says.
        std::vector<v1::Row> all = {World::Ongoing(kOucLab, 0), World::NewProject(kOucCenter, 1)};
        (void)world_.Import(kOuc, World::Sheet(all));
        if (world_.Submit(kOuc).ok()) ++submitted;
        break;
      }
      default:
        if (form == v1::FORM_STATE_SUBMITTED) (void)world_.Return(kOuc, "请补充");
    }
    world_.database.db().InjectFaults({});
    seen.insert(StateOf(platform));
    Conserved();
    RowsAreWhereTheyBelong();
    if (HasFailure()) {
      ADD_FAILURE() << "seed " << GetParam() << ", step " << step;
      break;
    }
  }
  world_.database.db().InjectFaults({});
  EXPECT_GE(seen.size(), 3u);
  // Whatever is out can be taken back, and the form be handed in whole.
  if (world_.Form(kOucForm).state() == v1::FORM_STATE_SUBMITTED) {
    ASSERT_TRUE(world_.Return(kOuc, "请补充").ok());
  }
  for (const char* platform : {kLab, kCenter}) {
    if (Takes(platform, "reclaim")) {
      ASSERT_TRUE(Reclaim(platform).ok());
    }
  }
  ASSERT_TRUE(world_.Import(kOuc, World::Sheet({World::Ongoing(kOucLab, 0)})).ok());
  const auto whole = world_.Submit(kOuc);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->row_count(), 1);
  Conserved();
}

INSTANTIATE_TEST_SUITE_P(Seeds, PartPropertyTest, ::testing::Range(0u, 6u));

}  // namespace
}  // namespace chanyan::cycle
