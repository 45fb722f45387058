// The first step of a random quarter: forms opened, filled in with their platforms, reported,
// returned.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "tests/service/cycle/random_quarter.h"

namespace chanyan::cycle {
namespace {

using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;

}  // namespace

void RandomQuarterTest::Open() {
  v1::OpenCycleRequest request;
  request.set_name(world_.cycle);
  absl::StatusOr<v1::Cycle> opened;
  if (Chance(50)) {
    OpenByReplicas();
    v1::GetCycleRequest get;
    get.set_name(world_.cycle);
    opened =
        world_.service->GetCycle(world_.CallOf("GetCycle", ROLE_SECRETARIAT, kSecretariat), get);
  } else {
    opened = Surely("OpenCycle", &CycleService::OpenCycle, ROLE_SECRETARIAT, kSecretariat, request);
  }
  ASSERT_TRUE(opened.ok()) << opened.status();
  for (int step = 1; step <= kSteps; ++step) {
    EXPECT_EQ(time::ToTime(opened->steps(step - 1).deadline()), oracle_.End(step)) << step;
  }
}

void RandomQuarterTest::FillIn(const std::string& university) {
  std::vector<v1::Row> sheet;
  std::set<std::pair<std::string, int>> pairs;
  for (const v1::Row& row : world_.Rows(absl::StrCat("university = \"", university, "\""))) {
    for (int e = 0; e < enterprises_; ++e) {
      // Of an enterprise that took another over, the pair has its row already.
      if (row.enterprise() == World::Enterprise(e)) pairs.insert({row.platform_title(), e});
      if (row.enterprise_title() != World::TitleOf(e)) continue;
      pairs.insert({row.platform_title(), e});
      sheet.push_back(World::Ongoing(row.platform_title(), e));
    }
  }
  for (const auto& [platform, owner] : platforms_) {
    if (owner != university) continue;
    for (int e = 0; e < enterprises_; ++e) {
      if (merged_.contains(e) || pairs.contains({platform, e}) || !Chance(25)) continue;
      sheet.push_back(Chance(50) ? World::NewProject(platform, e) : World::Intent(platform, e));
    }
    if (Chance(30)) sheet.push_back(World::Intent(platform));
  }
  if (sheet.empty()) {
    for (const auto& [platform, owner] : platforms_) {
      if (owner == university && sheet.empty()) sheet.push_back(World::Intent(platform));
    }
  }
  // Signed in the quarter before.
  for (v1::Row& row : sheet) {
    if (row.has_sign_date()) *row.mutable_sign_date() = time::ToProto(oracle_.FirstDay() - 20);
  }
  if (handed_out_.contains(university) || Chance(40))
    parts_.FillIn(university, FormOf(university), sheet, PlatformsOf(university));
  v1::ImportFormRequest request;
  request.set_name(FormOf(university));
  request.mutable_file()->set_data(World::Sheet(sheet));
  const auto imported =
      Surely("ImportForm", &CycleService::ImportForm, ROLE_RESEARCH_OFFICE, university, request);
  ASSERT_TRUE(imported.ok()) << imported.status();
}

void RandomQuarterTest::HandOut(const std::string& university) {
  const v1::FormState state = world_.Form(FormOf(university)).state();
  const absl::Time now = world_.clock.now;
  if (now >= End(1) || !InTime(1, now) ||
      (state != v1::FORM_STATE_DRAFT && state != v1::FORM_STATE_RETURNED)) {
    return;
  }
  parts_.HandOut(university, FormOf(university), Between(now + absl::Seconds(1), End(1)));
  handed_out_.insert(university);
}

void RandomQuarterTest::Report(const std::string& university) {
  // An amendment may have made late what was planned in time.
  const absl::Time reported = world_.clock.now;
  if (!InTime(1, reported) &&
      (!permitted_.contains(university) || permitted_[university] < reported)) {
    Permit(university, reported + absl::Hours(1));
  }
  FillIn(university);
  v1::SubmitFormRequest request;
  request.set_name(FormOf(university));
  const auto submitted =
      Surely("SubmitForm", &CycleService::SubmitForm, ROLE_RESEARCH_OFFICE, university, request);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  const absl::Time now = world_.clock.now;
  first_.try_emplace(university, now);
  EXPECT_EQ(submitted->on_time(), InTime(1, first_[university])) << university << " at " << now;
}

void RandomQuarterTest::Accept(const std::string& university) {
  v1::AcceptFormRequest request;
  request.set_name(FormOf(university));
  const auto accepted =
      Surely("AcceptForm", &CycleService::AcceptForm, ROLE_SECRETARIAT, kSecretariat, request);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
}

void RandomQuarterTest::SendBack(const std::string& university) {
  v1::ReturnFormRequest request;
  request.set_name(FormOf(university));
  request.add_reasons("进展过于简略");
  const auto returned =
      Surely("ReturnForm", &CycleService::ReturnForm, ROLE_SECRETARIAT, kSecretariat, request);
  ASSERT_TRUE(returned.ok()) << returned.status();
}

void RandomQuarterTest::Permit(const std::string& university, absl::Time until) {
  v1::GrantLockExceptionRequest request;
  request.set_name(FormOf(university));
  request.set_reason("因搬迁逾期");
  *request.mutable_until() = time::ToTimestamp(until);
  const auto granted = Surely("GrantLockException", &CycleService::GrantLockException,
                              ROLE_SECRETARIAT, kSecretariat, request);
  ASSERT_TRUE(granted.ok()) << granted.status();
  permitted_[university] = until;
}

}  // namespace chanyan::cycle
