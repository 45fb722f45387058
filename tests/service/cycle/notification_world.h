// A live quarter with people to be told, and what they were told (CYC-9).
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "chanyan/pairing/v1/contact.pb.h"
#include "common/api/names.h"
#include "common/db/lease.h"
#include "common/journal/journal.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/cycle/notification_service.h"
#include "services/cycle/notifier.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {

class NotificationTest : public ::testing::Test {
 protected:
  static constexpr char kQuarter[] = "cycles/2026q1";
  static absl::Time At(int month, int day, int hour, int minute = 0) {
    return absl::FromCivil(absl::CivilSecond(2026, month, day, hour, minute), time::Shanghai());
  }

  NotificationTest() : notifier_(Deps()), service_(Deps()) {
    world_.clock.now = At(1, 4, 8);
    SignedUp("ouc-office", kOuc, {options::v1::ROLE_RESEARCH_OFFICE});
    SignedUp("ouc-leader", kOuc, {options::v1::ROLE_LEADER});
    SignedUp("upc-office", kUpc, {options::v1::ROLE_RESEARCH_OFFICE});
    SignedUp("secretary", kSecretariat, {options::v1::ROLE_SECRETARIAT});
    SignedUp("company", World::Enterprise(0), {options::v1::ROLE_ENTERPRISE});
  }

  CycleDeps Deps() {
    return {{world_.database.db(), world_.clock, nullptr}, *world_.pack, world_.fakes.peers()};
  }
  void SignedUp(const std::string& id, const std::string& organization,
                const std::vector<options::v1::Role>& roles, bool disabled = false) {
    world_.SignUp(id, organization, roles, disabled);
  }
  // The live cycle of the first quarter of 2026: both universities report until 8 January.
  void OpenLive() {
    const auto opened = world_.OpenLive(kQuarter);
    ASSERT_TRUE(opened.ok()) << opened.status();
  }
  void Submit(const char* university, const std::vector<v1::Row>& rows) {
    const std::string form = absl::StrCat(kQuarter, "/forms/", api::IdOfName(university));
    v1::ImportFormRequest import;
    import.set_name(form);
    import.mutable_file()->set_data(World::Sheet(rows));
    import.set_request_id(World::Uuid());
    const auto imported = world_.service->ImportForm(
        world_.CallOf("ImportForm", options::v1::ROLE_RESEARCH_OFFICE, university), import);
    ASSERT_TRUE(imported.ok()) << imported.status();
    v1::SubmitFormRequest submit;
    submit.set_name(form);
    submit.set_request_id(World::Uuid());
    const auto submitted = world_.service->SubmitForm(
        world_.CallOf("SubmitForm", options::v1::ROLE_RESEARCH_OFFICE, university), submit);
    ASSERT_TRUE(submitted.ok()) << submitted.status();
  }
  // One look of one replica.
  void Look(absl::Time now) {
    world_.clock.now = now;
    db::Lease lease(world_.database.db(), "cycle-notifier", db::NewLeaseOwner(), absl::Minutes(2));
    ASSERT_TRUE(lease.Acquire().ok());
    const absl::Status done = notifier_.Run(lease);
    EXPECT_TRUE(done.ok()) << done;
    ASSERT_TRUE(lease.Release().ok());
  }
  void FollowContact(pairing::v1::ContactState state, const char* kind, absl::Time time) {
    pairing::v1::Contact contact;
    contact.set_name("projects/p/contacts/c");
    contact.set_project_title("海洋装备联合研发（演示）");
    contact.set_respondent(World::Enterprise(0));
    contact.set_state(state);
    *contact.mutable_respond_by() = time::ToTimestamp(At(1, 5, 23, 59));
    Follow(contact, kind, time);
  }
  template <class T>
  static journal::v1::Entry EntryOf(const T& after, const char* kind, absl::Time time) {
    journal::v1::Entry entry;
    entry.set_event_id(World::Uuid());
    entry.set_type(T::descriptor()->full_name());
    entry.set_resource(after.name());
    entry.set_kind(kind);
    *entry.mutable_time() = time::ToTimestamp(time);
    entry.set_after_json(journal::CanonicalJson(after));
    return entry;
  }
  template <class T>
  void Follow(const T& after, const char* kind, absl::Time time) {
    const journal::v1::Entry entry = EntryOf(after, kind, time);
    const absl::Status followed = world_.database.db().Transact([&](db::Session& session) {
      return notifier_.FollowPeer(session, world_.clock.now, {&entry});
    });
    ASSERT_TRUE(followed.ok()) << followed;
  }
  std::vector<v1::Notification> Inbox(const std::string& id, options::v1::Role role,
                                      const std::string& own, const std::string& filter = "") {
    v1::ListNotificationsRequest request;
    request.set_filter(filter);
    const auto page = service_.ListNotifications(As(id, role, own, "ListNotifications"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    return {page->notifications().begin(), page->notifications().end()};
  }
  rpc::Call As(const std::string& id, options::v1::Role role, const std::string& own,
               const char* method) {
    rpc::Call call =
        testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.NotificationService.", method));
    call.principal.account = absl::StrCat("accounts/", id);
    return call;
  }
  // "account kind state" of all there are.
  std::vector<std::string> All() {
    return testing::Texts(world_.database.db(),
                          "SELECT CONCAT(SUBSTR(account, 10), ' ', kind, ' ', state) "
                          "FROM notification ORDER BY due_time, kind, account");
  }
  std::vector<std::string> Outcomes() {
    return testing::Texts(world_.database.db(),
                          "SELECT CONCAT(SUBSTR(name, 25), ' ', outcome) FROM reminder "
                          "WHERE step = 1 ORDER BY schedule_time");
  }

  World world_;
  Notifier notifier_;
  NotificationService service_;
};

}  // namespace chanyan::cycle
