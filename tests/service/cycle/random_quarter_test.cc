// Quarters drawn at random (CYC-1 to CYC-5, CYC-9): how many universities and enterprises there
// are, who is late, returned, sent back, silent, disputed or merged, when the calendar is amended,
// which COMMITs are lost and when the service is started anew. Whatever is drawn, no row is lost or
// doubled, every request has one effect, every deadline is that of an oracle that counts days by
// itself, and nobody is reminded of what he has done or told twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "common/api/names.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/deadline_service.h"
#include "services/cycle/notifier.h"
#include "services/cycle/people.h"
#include "services/cycle/trace_service.h"
#include "tests/service/cycle/random_parts.h"
#include "tests/service/cycle/unmerged.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {
namespace {

using options::v1::ERROR_REASON_WINDOW_CLOSED;
using options::v1::Role;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::IsEmpty;

constexpr char kQau[] = "organizations/qau";
// Notifications of terms, not those that say that a part was handed out or sent back.
constexpr char kOfTermsOfParts[] = "title LIKE '科创平台季度报表%'";

// Deadlines by counting days, from lists of its own (国办发明电〔2024〕12号).
struct Oracle {
  std::set<absl::CivilDay> off = {absl::CivilDay(2025, 4, 4), absl::CivilDay(2025, 4, 5),
                                  absl::CivilDay(2025, 4, 6), absl::CivilDay(2025, 5, 1),
                                  absl::CivilDay(2025, 5, 2), absl::CivilDay(2025, 5, 3),
                                  absl::CivilDay(2025, 5, 4), absl::CivilDay(2025, 5, 5)};
  const std::set<absl::CivilDay> makeup = {absl::CivilDay(2025, 4, 27)};

  bool Works(absl::CivilDay day) const {
    if (makeup.contains(day)) return true;
    const absl::Weekday weekday = absl::GetWeekday(day);
    return !off.contains(day) && weekday != absl::Weekday::saturday &&
           weekday != absl::Weekday::sunday;
  }
  absl::CivilDay Nth(int n) const {
    absl::CivilDay day(2025, 4, 1);
    for (int seen = Works(day) ? 1 : 0; seen < n; seen += Works(day) ? 1 : 0) ++day;
    return day;
  }
  absl::Time Begin(int step) const { return time::StartOfDay(Nth(5 * step - 4)); }
  absl::Time End(int step) const { return time::EndOfDay(Nth(5 * step)); }
};

class RandomQuarterTest : public ::testing::TestWithParam<int> {
 protected:
  RandomQuarterTest()
      : random_(static_cast<unsigned>(GetParam())),
        notifier_(Deps()),
        parts_(Deps(), [this](int percent) { return Chance(percent); }) {}

  CycleDeps Deps() {
    return {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()};
  }
  int Draw(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool Chance(int percent) { return Draw(1, 100) <= percent; }
  // A whole second between two instants, both counted.
  absl::Time Between(absl::Time from, absl::Time to) {
    return from + absl::Seconds(Draw(0, static_cast<int>(absl::ToInt64Seconds(to - from))));
  }

  // --- What there is

  void Found() {
    registry::v1::Organization third;
    third.set_name(kQau);
    third.set_display_name("农业大学（演示）");
    third.set_kind(registry::v1::ORGANIZATION_KIND_UNIVERSITY);
    third.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
    world_.fakes.Add(third);
    universities_ = {kOuc, kUpc, kQau};
    enterprises_ = Draw(3, 7);
    for (int i = 3; i < enterprises_; ++i) {
      registry::v1::Organization one;
      one.set_name(World::Enterprise(i));
      one.set_display_name(World::TitleOf(i));
      one.set_kind(registry::v1::ORGANIZATION_KIND_ENTERPRISE);
      one.set_state(registry::v1::ORGANIZATION_STATE_ACTIVE);
      one.set_unified_social_credit_code(World::CodeOf(i));
      one.set_unit(Chance(50) ? kZone : kTown);
      world_.fakes.Add(one);
    }
    platforms_ = {{kOucLab, kOuc}, {kOucCenter, kOuc}, {kUpcLab, kUpc}};
    for (int i = Draw(1, 3); i > 0; --i) AddPlatform(i);
    int number = 0;
    for (const auto& [platform, university] : platforms_) {
      for (int e = 0; e < enterprises_; ++e) {
        if (Chance(20)) AddProject(platform, e, ++number);
      }
    }
    for (const std::string& one : universities_) {
      SignUp(one, ROLE_RESEARCH_OFFICE);
      if (Chance(70)) SignUp(one, options::v1::ROLE_PLATFORM_MANAGER, "-platforms");
    }
    for (int i = 0; i < enterprises_; ++i) SignUp(World::Enterprise(i), ROLE_ENTERPRISE);
    SignUp(kZone, ROLE_UNIT);
    SignUp(kTown, ROLE_UNIT);
    SignUp(kSecretariat, ROLE_SECRETARIAT);
  }

  void AddPlatform(int i) {
    registry::v1::Platform platform;
    const std::string title = absl::StrCat("农业平台", i, "（演示）");
    platform.set_name(absl::StrCat(kQau, "/platforms/p", i));
    platform.set_organization(kQau);
    platform.set_organization_title("农业大学（演示）");
    platform.set_display_name(title);
    platform.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
    world_.fakes.Add(platform);
    platforms_[title] = kQau;
    names_[title] = platform.name();
  }

  void AddProject(const std::string& platform, int enterprise, int number) {
    const std::string name = names_.contains(platform) ? names_[platform]
                             : platform == kOucLab     ? "organizations/ouc/platforms/lab"
                             : platform == kOucCenter  ? "organizations/ouc/platforms/center"
                                                       : "organizations/upc/platforms/lab";
    pairing::v1::Project project;
    project.set_name(absl::StrCat("projects/r", number));
    project.set_platform(name);
    project.set_platform_title(platform);
    project.set_university(platforms_[platform]);
    project.set_enterprise(World::Enterprise(enterprise));
    project.set_title("随机项目（演示）");
    project.add_kinds("技术研发");
    project.set_state(pairing::v1::PROJECT_STATE_BUILDING);
    project.mutable_sign_date()->set_year(2025);
    project.mutable_sign_date()->set_month(2);
    project.mutable_sign_date()->set_day(10);
    world_.fakes.Add(project);
  }

  void SignUp(const std::string& organization, Role role, const char* suffix = "") {
    identity::v1::Account account;
    account.set_name(absl::StrCat("accounts/", api::IdOfName(organization), suffix));
    account.set_organization(organization);
    account.add_roles(role);
    journal::v1::Entry entry;
    entry.set_type(identity::v1::Account::descriptor()->full_name());
    entry.set_after_json(journal::CanonicalJson(account));
    ASSERT_TRUE(world_.database.db()
                    .Transact([&](db::Session& session) { return FollowIdentity(session, entry); })
                    .ok());
  }

  // --- What is done

  // One request until it is answered, whatever becomes of its COMMITs: the same id each time.
  template <class Request, class Reply>
  absl::StatusOr<Reply> Surely(const char* method,
                               absl::StatusOr<Reply> (CycleService::*handler)(const rpc::Call&,
                                                                              const Request&),
                               Role role, const std::string& own, Request request) {
    request.set_request_id(World::Uuid());
    absl::StatusOr<Reply> reply = status::Unavailable("not yet");
    for (int i = 0; i < 20 && Again(reply.status()); ++i) {
      // A process that was killed is another one now.
      if (Chance(10)) {
        world_.service = std::make_unique<CycleService>(CycleService::Deps{
            {world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()});
      }
      reply = (*world_.service.*handler)(world_.CallOf(method, role, own), request);
    }
    return reply;
  }
  static bool Again(const absl::Status& status) {
    return absl::IsUnavailable(status) || absl::IsAborted(status);
  }

  void Open() {
    v1::OpenCycleRequest request;
    request.set_name(kCycle);
    const auto opened =
        Surely("OpenCycle", &CycleService::OpenCycle, ROLE_SECRETARIAT, kSecretariat, request);
    ASSERT_TRUE(opened.ok()) << opened.status();
    for (int step = 1; step <= kSteps; ++step) {
      EXPECT_EQ(time::ToTime(opened->steps(step - 1).deadline()), oracle_.End(step)) << step;
    }
  }

  std::string FormOf(const std::string& university) {
    return absl::StrCat(kCycle, "/forms/", api::IdOfName(university));
  }

  // Carried rows filled in, and some of its own.
  void FillIn(const std::string& university) {
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
    if (handed_out_.contains(university) || Chance(40))
      parts_.FillIn(university, FormOf(university), sheet, PlatformsOf(university));
    v1::ImportFormRequest request;
    request.set_name(FormOf(university));
    request.mutable_file()->set_data(World::Sheet(sheet));
    const auto imported =
        Surely("ImportForm", &CycleService::ImportForm, ROLE_RESEARCH_OFFICE, university, request);
    ASSERT_TRUE(imported.ok()) << imported.status();
  }

  // Its platforms get their parts and time to fill them in, if the form is still with it.
  void HandOut(const std::string& university) {
    const v1::FormState state = world_.Form(FormOf(university)).state();
    const absl::Time now = world_.clock.now;
    if (now >= End(1) || (state != v1::FORM_STATE_DRAFT && state != v1::FORM_STATE_RETURNED)) {
      return;
    }
    parts_.HandOut(university, FormOf(university), Between(now + absl::Seconds(1), End(1)));
    handed_out_.insert(university);
  }

  void Report(const std::string& university) {
    FillIn(university);
    v1::SubmitFormRequest request;
    request.set_name(FormOf(university));
    const auto submitted =
        Surely("SubmitForm", &CycleService::SubmitForm, ROLE_RESEARCH_OFFICE, university, request);
    ASSERT_TRUE(submitted.ok()) << submitted.status();
    const absl::Time now = world_.clock.now;
    first_.try_emplace(university, now);
    EXPECT_EQ(submitted->on_time(), first_[university] <= End(1)) << university << " at " << now;
  }

  void Accept(const std::string& university) {
    v1::AcceptFormRequest request;
    request.set_name(FormOf(university));
    const auto accepted =
        Surely("AcceptForm", &CycleService::AcceptForm, ROLE_SECRETARIAT, kSecretariat, request);
    ASSERT_TRUE(accepted.ok()) << accepted.status();
  }

  void SendBack(const std::string& university) {
    v1::ReturnFormRequest request;
    request.set_name(FormOf(university));
    request.add_reasons("进展过于简略");
    const auto returned =
        Surely("ReturnForm", &CycleService::ReturnForm, ROLE_SECRETARIAT, kSecretariat, request);
    ASSERT_TRUE(returned.ok()) << returned.status();
  }

  void Permit(const std::string& university, absl::Time until) {
    v1::GrantLockExceptionRequest request;
    request.set_name(FormOf(university));
    request.set_reason("因搬迁逾期");
    *request.mutable_until() = time::ToTimestamp(until);
    const auto granted = Surely("GrantLockException", &CycleService::GrantLockException,
                                ROLE_SECRETARIAT, kSecretariat, request);
    ASSERT_TRUE(granted.ok()) << granted.status();
  }

  void Receive(const std::string& own, Role role) {
    v1::ReceiveHandoversRequest request;
    request.set_parent(kCycle);
    const auto received =
        Surely("ReceiveHandovers", &CycleService::ReceiveHandovers, role, own, request);
    ASSERT_TRUE(received.ok()) << received.status();
  }

  void Distribute() {
    v1::DistributeFormsRequest request;
    request.set_name(kCycle);
    const auto sent = Surely("DistributeForms", &CycleService::DistributeForms, ROLE_SECRETARIAT,
                             kSecretariat, request);
    ASSERT_TRUE(sent.ok()) << sent.status();
    for (const char* unit : {kZone, kTown}) {
      Receive(unit, ROLE_UNIT);
      v1::DistributeToEnterprisesRequest on;
      on.set_name(kCycle);
      const auto delivered = Surely("DistributeToEnterprises",
                                    &CycleService::DistributeToEnterprises, ROLE_UNIT, unit, on);
      ASSERT_TRUE(delivered.ok()) << delivered.status();
    }
  }

  void GiveBack(int e) {
    if (merged_.contains(e)) return;
    // Held by it, or on their way to it.
    const std::string own = World::Enterprise(e);
    const int64_t rows =
        world_.Count(absl::StrCat("form_row LEFT JOIN handover ON handover.name = in_transit WHERE "
                                  "(in_transit = '' AND holder = '",
                                  own, "') OR (state = 'SENT' AND receiver = '", own, "')"));
    v1::SubmitReturnsRequest request;
    request.set_name(kCycle);
    request.set_enterprise(World::Enterprise(e));
    const auto given = Surely("SubmitReturns", &CycleService::SubmitReturns, ROLE_ENTERPRISE,
                              World::Enterprise(e), request);
    if (rows == 0) {
      // Whoever gave before and has nothing now has done his part.
      if (gave_.contains(e)) {
        ASSERT_TRUE(given.ok()) << given.status();
        EXPECT_EQ(given->row_count(), 0);
      } else {
        EXPECT_EQ(status::ReasonOf(given.status()), options::v1::ERROR_REASON_WRONG_STATE);
      }
      return;
    }
    ASSERT_TRUE(given.ok()) << given.status();
    EXPECT_EQ(given->row_count(), rows);
    gave_.try_emplace(e, world_.clock.now);
  }

  void Pack() {
    for (const char* unit : {kZone, kTown}) {
      Receive(unit, ROLE_UNIT);
      v1::SubmitPackagesRequest request;
      request.set_name(kCycle);
      const auto packed =
          Surely("SubmitPackages", &CycleService::SubmitPackages, ROLE_UNIT, unit, request);
      ASSERT_TRUE(packed.ok()) << packed.status();
    }
    Receive(kSecretariat, ROLE_SECRETARIAT);
    world_.database.db().InjectFaults({});
    ExpectUnmergedPackages(world_, platforms_);
    for (const char* unit : {kZone, kTown, ""}) ExpectUnmergedLedger(world_, platforms_, unit);
    world_.database.db().InjectFaults(faults_);
  }

  // Units find what enterprises gave wanting, form by form; whose steps are over gets leave first.
  void ToEnterprises() {
    for (const char* unit : {kZone, kTown}) Receive(unit, ROLE_UNIT);
    for (int e = 0; e < enterprises_; ++e) {
      if (merged_.contains(e) || !Chance(60)) continue;
      if (world_.clock.now > End(3)) Except(e);
      for (const char* unit : {kZone, kTown}) {
        for (const std::string& university : universities_) SendBackTo(e, unit, university);
      }
    }
  }

  void Except(int e) {
    v1::GrantReturnExceptionRequest request;
    request.set_name(kCycle);
    request.set_enterprise(World::Enterprise(e));
    request.set_reason("退回后补报");
    *request.mutable_until() = time::ToTimestamp(world_.clock.now + absl::Hours(2));
    const auto granted = Surely("GrantReturnException", &CycleService::GrantReturnException,
                                ROLE_SECRETARIAT, kSecretariat, request);
    ASSERT_TRUE(granted.ok()) << granted.status();
    excepted_[e] = world_.clock.now + absl::Hours(2);
  }

  void SendBackTo(int e, const char* unit, const std::string& university) {
    const std::string form = FormOf(university);
    const int64_t given = world_.Count(absl::StrCat(
        "form_row WHERE holder = '", unit, "' AND in_transit = '' AND delivered = 1 AND enterprise",
        " = '", World::Enterprise(e), "' AND name LIKE '", form, "/%'"));
    v1::ReturnToEnterpriseRequest request;
    request.set_parent(form);
    request.set_enterprise(World::Enterprise(e));
    request.add_reasons("缺少佐证材料");
    const auto back =
        Surely("ReturnToEnterprise", &CycleService::ReturnToEnterprise, ROLE_UNIT, unit, request);
    if (world_.Form(form).state() != v1::FORM_STATE_ACCEPTED) {
      EXPECT_TRUE(absl::IsNotFound(back.status())) << back.status();
    } else if (given == 0) {
      EXPECT_EQ(status::ReasonOf(back.status()), options::v1::ERROR_REASON_WRONG_STATE);
    } else {
      ASSERT_TRUE(back.ok()) << back.status();
      EXPECT_EQ(back->row_count(), given);
    }
  }

  void GiveAgain() {
    const absl::Time now = world_.clock.now;
    for (int e = 0; e < enterprises_; ++e) {
      const bool may = now <= End(4) || (excepted_.contains(e) && now <= excepted_[e]);
      if (may && Chance(80)) GiveBack(e);
    }
  }

  // The secretariat finds packages wanting.
  void ReturnPackages() {
    Receive(kSecretariat, ROLE_SECRETARIAT);
    for (const std::string& package :
         testing::Texts(world_.database.db(), "SELECT name FROM package ORDER BY name")) {
      if (!Chance(40)) continue;
      v1::ReturnPackageRequest request;
      request.set_name(package);
      request.add_reasons("与合同不符");
      const auto back = Surely("ReturnPackage", &CycleService::ReturnPackage, ROLE_SECRETARIAT,
                               kSecretariat, request);
      if (!back.ok()) {
        // Back at the universities, at its unit, or of one that has become part of another.
        EXPECT_EQ(status::ReasonOf(back.status()), options::v1::ERROR_REASON_WRONG_STATE)
            << back.status();
        continue;
      }
      EXPECT_TRUE(back->has_return_time());
    }
  }

  void Back() {
    v1::ReturnToUniversitiesRequest request;
    request.set_name(kCycle);
    const auto back = Surely("ReturnToUniversities", &CycleService::ReturnToUniversities,
                             ROLE_SECRETARIAT, kSecretariat, request);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_THAT(back->refusals(), IsEmpty());
    for (const std::string& one : universities_) {
      if (Chance(60)) Receive(one, ROLE_RESEARCH_OFFICE);
      if (Chance(60)) parts_.SendOn(one, FormOf(one), PlatformsOf(one));
    }
  }
  // Display name → name.
  std::map<std::string, std::string> PlatformsOf(const std::string& university) {
    std::map<std::string, std::string> its;
    for (const auto& [title, owner] : platforms_) {
      const auto added = names_.find(title);
      if (owner != university) continue;
      its[title] = added != names_.end() ? added->second
                   : title == kOucCenter ? "organizations/ouc/platforms/center"
                                         : absl::StrCat(owner, "/platforms/lab");
    }
    return its;
  }

  void Merge() {
    const int from = Draw(0, enterprises_ - 1);
    const int into = (from + Draw(1, enterprises_ - 1)) % enterprises_;
    if (merged_.contains(from) || merged_.contains(into)) return;
    absl::Status merged = world_.Merge(World::Enterprise(from), World::Enterprise(into));
    for (int i = 0; i < 20 && Again(merged); ++i) {
      journal::v1::Entry entry;
      entry.set_type(registry::v1::Organization::descriptor()->full_name());
      entry.set_after_json(journal::CanonicalJson(world_.fakes.At(World::Enterprise(into))));
      merged = world_.database.db().Transact([&](db::Session& session) {
        return world_.service->FollowRegistry(session, world_.clock.now, entry);
      });
    }
    ASSERT_TRUE(merged.ok()) << merged;
    merged_.insert(from);
    // Of two that gave, the earlier one counts for both.
    if (gave_.contains(from)) {
      const absl::Time time = gave_[from];
      const auto [known, fresh] = gave_.try_emplace(into, time);
      if (!fresh) known->second = std::min(known->second, time);
      gave_.erase(from);
    }
  }

  void Dispute() {
    const std::vector<v1::Row> rows = world_.Rows("distributed = true");
    if (rows.empty()) return;
    const v1::Row& row = rows[static_cast<size_t>(Draw(0, static_cast<int>(rows.size()) - 1))];
    TraceService traces(Deps());
    v1::DisputeRowRequest request;
    request.set_name(row.name());
    request.set_reason("与本单位掌握的情况不符");
    request.set_request_id(World::Uuid());
    absl::Status disputed = status::Unavailable("not yet");
    const rpc::Call call =
        testing::CallAs(ROLE_UNIT, row.unit(), "chanyan.cycle.v1.TraceService.DisputeRow");
    for (int i = 0; i < 20 && Again(disputed); ++i) {
      disputed = traces.DisputeRow(call, request).status();
    }
    ASSERT_TRUE(disputed.ok()) << disputed;
    ++disputes_;
    v1::TraceRowRequest trace;
    trace.set_name(row.name());
    world_.database.db().InjectFaults({});
    const auto traced = traces.TraceRow(
        testing::CallAs(ROLE_UNIT, row.unit(), "chanyan.cycle.v1.TraceService.TraceRow"), trace);
    world_.database.db().InjectFaults(faults_);
    ASSERT_TRUE(traced.ok()) << traced.status();
    EXPECT_GE(traced->steps_size(), 2) << "who put it in, and who sent it";
    for (const v1::TraceStep& step : traced->steps()) EXPECT_NE(step.account(), "");
  }

  // A workday that lies ahead becomes a holiday.
  void Amend() {
    const absl::Time now = world_.clock.now;
    absl::CivilDay day = time::DayOf(now) + 1 + Draw(0, 12);
    while (!oracle_.Works(day) || oracle_.makeup.contains(day)) ++day;
    const Oracle before = oracle_;
    oracle_.off.insert(day);
    std::string text = testing::SourceText("deploy/policies/qingdao/cycle.textproto");
    absl::StrAppend(&text,
                    "id: 'qingdao' display_name: '测试' version: 'amended' "
                    "effective_from { year: 2025 month: 1 day: 1 } "
                    "calendars { year: 2025 notice_number: '补充通知' ");
    for (const absl::CivilDay off : oracle_.off) {
      const std::string date =
          absl::StrCat("{ year: 2025 month: ", off.month(), " day: ", off.day(), " } ");
      absl::StrAppend(&text, "holidays { display_name: '放假' first_date ", date, "last_date ",
                      date, "} ");
    }
    absl::StrAppend(&text, "makeup_workdays { year: 2025 month: 4 day: 27 } }");
    const auto pack = policy::Pack::Parse({{"amended.textproto", text}});
    ASSERT_TRUE(pack.ok()) << pack.status();
    DeadlineService deadlines(
        {{world_.database.db(), world_.clock, nullptr}, **pack, world_.fakes.peers()}, nullptr);
    v1::ReprojectDeadlinesRequest request;
    request.set_name(kCycle);
    request.set_reason("国办补充通知");
    request.set_request_id(World::Uuid());
    absl::Status moved = status::Unavailable("not yet");
    const rpc::Call call = testing::CallAs(ROLE_SECRETARIAT, kSecretariat,
                                           "chanyan.cycle.v1.DeadlineService.ReprojectDeadlines");
    for (int i = 0; i < 20 && Again(moved); ++i) {
      moved = deadlines.ReprojectDeadlines(call, request).status();
    }
    ASSERT_TRUE(moved.ok()) << moved;
    for (int step = 1; step <= kSteps; ++step) {
      if (now > before.End(step)) closed_.try_emplace(step, before.End(step));
    }
    v1::GetCycleRequest get;
    get.set_name(kCycle);
    const auto cycle =
        world_.service->GetCycle(world_.CallOf("GetCycle", ROLE_SECRETARIAT, kSecretariat), get);
    ASSERT_TRUE(cycle.ok()) << cycle.status();
    for (int step = 1; step <= kSteps; ++step) {
      EXPECT_EQ(time::ToTime(cycle->steps(step - 1).deadline()), End(step)) << "step " << step;
    }
  }
  // The deadline of a step as it is now: one that had passed at an amendment stays.
  absl::Time End(int step) const {
    const auto closed = closed_.find(step);
    return closed == closed_.end() ? oracle_.End(step) : closed->second;
  }

  // --- What must be so

  void Look() {
    std::set<std::string> owing;
    for (const std::string& one : universities_) {
      const v1::FormState state = world_.Form(FormOf(one)).state();
      if (state == v1::FORM_STATE_DRAFT || state == v1::FORM_STATE_RETURNED) owing.insert(one);
    }
    const std::vector<std::string> filling = testing::Texts(
        world_.database.db(),
        "SELECT DISTINCT university FROM platform_part WHERE state IN ('DRAFT', 'RETURNED')");
    const int64_t before = world_.Count("notification");
    db::Lease lease(world_.database.db(), "cycle-notifier", db::NewLeaseOwner(), absl::Minutes(2));
    const absl::Status taken = lease.Acquire();
    if (taken.ok()) (void)notifier_.Run(lease);
    world_.database.Apply("DELETE FROM lease WHERE name = 'cycle-notifier'");
    if (world_.Count("notification") == before) return;
    const auto told = [&](const std::string& which) {
      return testing::Texts(
          world_.database.db(),
          absl::StrCat(
              "SELECT debtor FROM notification WHERE ", which, " AND create_time = '",
              absl::FormatTime("%Y-%m-%d %H:%M:%E6S", world_.clock.now, absl::UTCTimeZone()), "'"));
    };
    for (const std::string& debtor :
         told(absl::StrCat("kind <> 'ESCALATION' AND subject = '", kCycle, "/steps/1'"))) {
      EXPECT_TRUE(owing.contains(debtor)) << debtor << " had reported";
    }
    for (const std::string& university : told(kOfTermsOfParts)) {
      EXPECT_THAT(filling, ::testing::Contains(university)) << "its platforms had handed in";
    }
  }

  void Holds(const char* after) {
    world_.database.db().InjectFaults({});
    const v1::Conservation proof = world_.Check();
    world_.database.db().InjectFaults(faults_);
    EXPECT_THAT(proof.violations(), IsEmpty()) << after;
    EXPECT_EQ(proof.rows(), proof.from_universities() + proof.from_enterprises()) << after;
    EXPECT_EQ(proof.origin_sha256(), proof.present_sha256()) << after;
  }

  void EachOnce() {
    // Each time of a deadline fires once, each firing tells as many as it says, and a day has one
    // digest a person.
    EXPECT_EQ(world_.Count("(SELECT 1 FROM reminder GROUP BY step, kind, schedule_time, deadline, "
                           "name LIKE '%-parts-%' HAVING COUNT(*) > 1) AS doubled"),
              0);
    EXPECT_EQ(testing::Texts(world_.database.db(),
                             "SELECT CAST(COALESCE(SUM(notification_count), 0) AS CHAR) "
                             "FROM reminder"),
              std::vector<std::string>{absl::StrCat(world_.Count(absl::StrCat(
                  "notification WHERE subject LIKE '%/steps/%' OR ", kOfTermsOfParts)))});
    // Of parts that are handed in nobody has anything left to do.
    EXPECT_EQ(world_.Count("notification WHERE state = 'UNREAD' AND subject LIKE '%/forms/%' AND "
                           "debtor NOT IN (SELECT university FROM platform_part "
                           "WHERE state IN ('DRAFT', 'RETURNED'))"),
              0);
    EXPECT_EQ(world_.Count("(SELECT 1 FROM digest GROUP BY account, day HAVING COUNT(*) > 1) AS d"),
              0);
    EXPECT_EQ(world_.Count("row_dispute"), disputes_);
    // Each row that came back is in one effective report to the projects.
    std::map<std::string, int> recorded;
    for (const auto& call : world_.fakes.recorded) {
      for (const auto& report : call.reports()) ++recorded[report.row()];
    }
    for (const auto& [row, times] : recorded) EXPECT_EQ(times, 1) << row;
    for (const auto& [e, time] : gave_) {
      EXPECT_EQ(
          world_.Count(absl::StrCat("enterprise_return WHERE enterprise = '", World::Enterprise(e),
                                    "' AND on_time = ", time <= End(3) ? 1 : 0)),
          1)
          << World::Enterprise(e) << " gave at " << time;
    }
  }

  World world_;
  db::Faults faults_;
  std::mt19937 random_;
  Notifier notifier_;
  RandomParts parts_;
  Oracle oracle_;
  // Deadlines that had passed when the calendar was amended.
  std::map<int, absl::Time> closed_;
  std::vector<std::string> universities_;
  int enterprises_ = 0;
  // By display name: whose it is, and its name where it was drawn.
  std::map<std::string, std::string> platforms_;
  std::map<std::string, std::string> names_;
  // Universities whose platforms were given time to fill in their parts.
  std::set<std::string> handed_out_;
  std::set<int> merged_;
  // When each university reported and each enterprise gave back, the first time.
  std::map<std::string, absl::Time> first_;
  std::map<int, absl::Time> gave_;
  // Until when an enterprise has leave.
  std::map<int, absl::Time> excepted_;
  int64_t disputes_ = 0;
};

TEST_P(RandomQuarterTest, NothingIsLostDoubledOrLateByMistake) {
  world_.clock.now = InChina(4, 1, 8);
  Found();
  faults_ = {.inject_retry_every = Draw(5, 20),
             .inject_ambiguous_commit_every = Draw(7, 30),
             .inject_ambiguous_nocommit_every = Draw(7, 30)};
  world_.database.db().InjectFaults(faults_);
  Open();
  if (HasFatalFailure()) return;
  // What happens when; two things at one instant in the order of their drawing.
  std::multimap<absl::Time, std::pair<const char*, std::function<void()>>> agenda;
  const auto at = [&](absl::Time time, const char* what, std::function<void()> act) {
    agenda.insert({time, {what, std::move(act)}});
  };
  const absl::Time open = world_.clock.now;
  for (const std::string& one : universities_) {
    if (Chance(50)) {
      at(Between(open, oracle_.End(1) - absl::Hours(1)), "hand out", [this, one] { HandOut(one); });
    }
    const int fate = Draw(0, 3);
    const absl::Time in_time =
        Chance(20) ? oracle_.End(1) : Between(open, oracle_.End(1) - absl::Hours(3));
    if (fate <= 1) {
      at(in_time, "report", [this, one] { Report(one); });
      at(in_time, "accept", [this, one] { Accept(one); });
    } else if (fate == 2 && in_time < oracle_.End(1)) {
      at(in_time, "report", [this, one] { Report(one); });
      at(in_time + absl::Hours(1), "return", [this, one] { SendBack(one); });
      at(in_time + absl::Hours(2), "report again", [this, one] { Report(one); });
      at(in_time + absl::Hours(2), "accept", [this, one] { Accept(one); });
    } else {
      const absl::Time late = Between(oracle_.End(1) + absl::Seconds(1), oracle_.End(2));
      at(late, "late", [this, one, late] {
        if (world_.clock.now > End(1)) {
          v1::SubmitFormRequest request;
          request.set_name(FormOf(one));
          EXPECT_EQ(status::ReasonOf(Surely("SubmitForm", &CycleService::SubmitForm,
                                            ROLE_RESEARCH_OFFICE, one, request)
                                         .status()),
                    ERROR_REASON_WINDOW_CLOSED);
          Permit(one, late + absl::Hours(1));
        }
        Report(one);
        Accept(one);
      });
    }
  }
  if (Chance(70)) at(Between(open, oracle_.Begin(4)), "amend", [this] { Amend(); });
  // A day is added at most, so what lies a week inside a window is inside it under either calendar.
  const absl::Time second = oracle_.Begin(2) + absl::Hours(24 * 5);
  for (int i = Draw(1, 3); i > 0; --i) {
    at(Between(second, oracle_.End(3)), "distribute", [this] { Distribute(); });
  }
  for (int e = 0; e < enterprises_; ++e) {
    if (Chance(80)) {
      at(Chance(20) ? oracle_.End(3) : Between(second, oracle_.End(4)), "give back",
         [this, e] { GiveBack(e); });
    }
  }
  const absl::Time fourth = oracle_.Begin(4) + absl::Hours(24 * 5);
  for (int i = Draw(1, 2); i > 0; --i) {
    const absl::Time packed = Between(oracle_.Begin(3) + absl::Hours(24 * 5), oracle_.End(5));
    if (Chance(50)) {
      at(packed - absl::Hours(2), "to enterprises", [this] { ToEnterprises(); });
      at(packed - absl::Hours(1), "give again", [this] { GiveAgain(); });
    }
    at(packed, "pack", [this] { Pack(); });
    if (Chance(60)) {
      at(packed + absl::Hours(1), "packages back", [this] { ReturnPackages(); });
      at(packed + absl::Hours(2), "to enterprises", [this] { ToEnterprises(); });
      at(packed + absl::Hours(3), "give again", [this] { GiveAgain(); });
      at(packed + absl::Hours(4), "pack again", [this] { Pack(); });
    }
    at(Between(fourth, oracle_.End(6)), "back", [this] { Back(); });
  }
  for (int i = Draw(0, 2); i > 0; --i) {
    at(Between(open, oracle_.End(5)), "merge", [this] { Merge(); });
    at(Between(second, oracle_.End(5)), "dispute", [this] { Dispute(); });
  }
  for (int i = Draw(10, 20); i > 0; --i) {
    at(Between(open, oracle_.End(6)), "look", [this] { Look(); });
  }
  for (const auto& [time, what] : agenda) {
    SCOPED_TRACE(absl::StrCat(what.first, " at ", absl::FormatTime(time, time::Shanghai())));
    world_.clock.now = time;
    what.second();
    Holds(what.first);
    if (HasFatalFailure()) return;
  }
  world_.database.db().InjectFaults({});
  Look();
  EachOnce();
  // For whoever asks whether it was put to the test.
  RecordProperty("sent_back", static_cast<int>(world_.Count("handover WHERE sent_back = 1")));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomQuarterTest, ::testing::Range(1, 11));

}  // namespace
}  // namespace chanyan::cycle
