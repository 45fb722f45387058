#include "tests/fault/under_load/courses.h"

#include <algorithm>
#include <random>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/api/digest.h"
#include "common/time/civil.h"
#include "tests/fault/under_load/bodies.h"
#include "tests/fault/under_load/course_lists.h"
#include "tests/fault/under_load/load.h"
#include "tests/support/sample_files.h"

namespace chanyan::fault {
namespace {

// What was said lies in the past, whatever the clocks.
constexpr absl::Duration kSaidBefore = absl::Minutes(5);
constexpr absl::Duration kLater = absl::Hours(24 * 60);
// Before those of {quarter}, and before the roster by which outreaches are shared out.
constexpr int kLastOwnYear = 2021;
constexpr absl::CivilDay kFirstRosterDay(2015, 1, 1);
// Within the first five workdays of any quarter, and when all of its steps have begun.
constexpr absl::Duration kMorning = absl::Hours(3 * 24 + 9);
constexpr absl::Duration kNoon = absl::Hours(40 * 24 + 9);
constexpr absl::Duration kAfternoon = absl::Hours(50 * 24 + 9);
constexpr absl::Duration kEvening = absl::Hours(80 * 24);
constexpr absl::Duration kNight = absl::Hours(86 * 24);
// Behind the sixth week of any quarter.
constexpr int kExtendedDays = 60;
// A use that one may check in to already, and one whose beginning nobody is reminded of yet.
constexpr absl::Duration kNextUse = absl::Minutes(20);
constexpr absl::Duration kThenUse = absl::Hours(72);
constexpr absl::Duration kUse = absl::Minutes(30);

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

std::string DateJson(absl::CivilDay day) {
  return absl::StrCat("{\"year\":", day.year(), ",\"month\":", day.month(), ",\"day\":", day.day(),
                      "}");
}

// Of whole minutes.
std::string UseTime(absl::Time time) {
  return Rfc3339(absl::FromUnixSeconds(absl::ToUnixSeconds(time) / 60 * 60));
}

// From Monday to Friday: of years whose calendar is plain a workday, if it is not the first one.
absl::CivilDay WeekdayFrom(absl::CivilDay day) {
  while (absl::GetWeekday(day) == absl::Weekday::saturday ||
         absl::GetWeekday(day) == absl::Weekday::sunday) {
    ++day;
  }
  return day;
}

// "cycles/2027q1" of whatever is in it.
std::string CycleOf(absl::string_view name) {
  return std::string(name.substr(0, name.find('/', name.find('/') + 1)));
}

constexpr char kFile[] =
    R"({"fileName": "演示.pdf", "sizeBytes": "1024", "mediaType": "application/pdf",
        "sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})";

// Operations go on by themselves, of a password that is changed an account has no version, and what
// stands in a report is told as its versions.
bool IsUntold(absl::string_view table) {
  return table == "operation" || table == "account" || table == "progress_report";
}

}  // namespace

int Words::WalkOfAll() const { return client + kClients * walk; }

std::string OwnQuarter(const Words& words, int number) {
  return time::Quarter(kLastOwnYear, 4).Plus(-kOwnQuarters * words.WalkOfAll() - number).Id();
}

std::string Filled(absl::string_view text, const Words& words) {
  const absl::Time now = absl::Now();
  const absl::CivilDay today = time::DayOf(now);
  const Scene& scene = words.scene;
  const time::Quarter fresh = time::Quarter::Of(absl::CivilDay(today.year() + 1, 1, 1))
                                  .Plus(kLanes * words.WalkOfAll() + words.lane);
  const auto of_fresh = [&](absl::Duration into) {
    return Rfc3339(time::StartOfDay(fresh.FirstDay()) + into);
  };
  return absl::StrReplaceAll(
      text,
      {{"{it}", words.it},
       {"{made}", words.made},
       {"{text}", words.text},
       {"{first}", words.first_text},
       {"{mark}", absl::StrCat("s", words.client, "-", words.walk)},
       {"{ownQuarter}", OwnQuarter(words, 0)},
       {"{rosterDay}", time::FormatDate(kFirstRosterDay + words.WalkOfAll())},
       {"{yuan}", absl::StrCat(words.yuan)},
       {"{file}", kFile},
       {"{project}", scene.project},
       {"{platform}", scene.platform},
       {"{university}", scene.university},
       {"{partner}", scene.partner},
       {"{office}", scene.office},
       {"{agency}", scene.agency},
       {"{unit}", scene.unit},
       {"{outreach}", scene.outreaches[words.client % scene.outreaches.size()]},
       {"{task}", scene.tasks[words.client % scene.tasks.size()]},
       {"{account}", scene.accounts[words.client % scene.accounts.size()]},
       {"{fresh}", fresh.Id()},
       {"{morning}", of_fresh(kMorning)},
       {"{noon}", of_fresh(kNoon)},
       {"{afternoon}", of_fresh(kAfternoon)},
       {"{evening}", of_fresh(kEvening)},
       {"{night}", of_fresh(kNight)},
       {"{extended}", DateJson(WeekdayFrom(fresh.FirstDay() + kExtendedDays))},
       {"{walkDay}", DateJson(today + 1 + words.walk)},
       {"{campaign}", scene.campaigns[words.client % scene.campaigns.size()]},
       {"{otherCampaign}", scene.other_campaigns[words.client % scene.other_campaigns.size()]},
       {"{heldCampaign}", scene.held_campaign},
       {"{actionTask}", scene.action_tasks[words.client % scene.action_tasks.size()]},
       {"{cycle}", CycleOf(words.it)},
       {"{part}", absl::StrCat(CycleOf(words.it), "/forms/university/parts/",
                               api::DigestId("p", scene.platform))},
       {"{its}", std::string(absl::StripPrefix(CycleOf(words.it), "cycles/"))},
       {"{quarter}", time::Quarter(2025, 1).Plus(-words.client).Id()},
       {"{before}", Rfc3339(now - kSaidBefore)},
       {"{soon}", Rfc3339(now + kSoon)},
       {"{later}", Rfc3339(now + kLater)},
       {"{latest}", Rfc3339(now + 2 * kLater)},
       {"{today}", DateJson(today)},
       {"{lastDay}", DateJson(today + 365)},
       {"{otherDay}", DateJson(today + 730)},
       {"{nextFrom}", UseTime(now + kNextUse)},
       {"{nextTo}", UseTime(now + kNextUse + kUse)},
       {"{thenFrom}", UseTime(now + kThenUse)},
       {"{thenTo}", UseTime(now + kThenUse + kUse)},
       {"{industry}", kIndustry},
       {"{newPlatform}", PlatformBody(words.text)},
       {"{newInstrument}", InstrumentBody(scene.platform, words.text, /*asked=*/true)},
       {"{newResult}", ResultBody(words.text)},
       {"{newEnterprise}", EnterpriseBody(words.text, words.number, scene.unit)},
       {"{newProject}", ProjectBody(scene.other_platform, words.it)},
       {"{projectOfMade}", ProjectBody(scene.other_platform, words.made)},
       {"{pdf}", testing::SamplePdf(words.text)},
       {"{signDate}", DateJson(kSignDay)}});
}

const std::vector<Course>& Courses() {
  static const auto& courses = *[] {
    auto* all = new std::vector<Course>(RegistryCourses());
    for (auto* list : {&PairingCourses, &PairingImportCourses, &CooperationCourses, &CycleCourses,
                       &OfficeCourses, &TriageCourses}) {
      for (Course& course : list()) all->push_back(std::move(course));
    }
    return all;
  }();
  return courses;
}

std::vector<const Course*> RotaOf(uint64_t seed) {
  std::vector<const Course*> rota;
  for (const Course& course : Courses()) {
    const size_t visits = (course.acts.size() + kActsAtOnce - 1) / kActsAtOnce;
    rota.insert(rota.end(), visits, &course);
  }
  std::shuffle(rota.begin(), rota.end(), std::mt19937_64(seed));
  return rota;
}

std::vector<Table> TablesOfCourses() {
  std::vector<Table> tables;
  for (const Course& course : Courses()) {
    for (const absl::string_view table : course.tables) {
      tables.push_back({course.service, table.data(), !IsUntold(table)});
    }
  }
  return tables;
}

std::vector<std::string> KindsOfCourses() {
  std::set<std::string> kinds;
  for (const Course& course : Courses()) {
    for (const Act& act : course.acts) kinds.insert(act.what == nullptr ? course.what : act.what);
  }
  return {kinds.begin(), kinds.end()};
}

}  // namespace chanyan::fault
