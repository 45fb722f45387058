// The contact log (PAIR-2) on the real database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/well_known.h"
#include "common/journal/journal.h"
#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/pairing/city.h"
#include "tests/support/violations.h"

namespace chanyan::pairing {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_LEADER;
using options::v1::ROLE_PLATFORM_MANAGER;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SECRETARIAT;
using options::v1::ROLE_UNIT;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ContactTest : public ::testing::Test, protected City {
 protected:
  ContactTest() : project_(Create(NewProject(kLab, 1))->name()) {}

  v1::CreateContactRequest Entry(v1::ContactKind kind, const std::string& content = "洽谈中试") {
    v1::CreateContactRequest request;
    request.set_parent(project_);
    request.set_request_id(api::NewUuid());
    v1::Contact& contact = *request.mutable_contact();
    contact.set_kind(kind);
    contact.set_people("李主任、钱经理（演示）");
    contact.set_channel(v1::CONTACT_CHANNEL_PHONE);
    contact.set_content(content);
    api::SetTime(clock.now - absl::Hours(1), contact.mutable_contact_time());
    return request;
  }
  absl::StatusOr<v1::Contact> Write(Role role, const std::string& organization,
                                    const v1::CreateContactRequest& request) {
    return contacts.CreateContact(As(role, organization, "ContactService.CreateContact"), request);
  }
  absl::StatusOr<v1::Contact> Approach(Role role = ROLE_RESEARCH_OFFICE,
                                       const std::string& organization = kOuc) {
    return Write(role, organization, Entry(v1::CONTACT_KIND_APPROACH));
  }
  absl::StatusOr<v1::Contact> Answer(Role role, const std::string& organization,
                                     const std::string& name, const std::string& etag = "") {
    v1::AnswerContactRequest request;
    request.set_name(name);
    request.set_etag(etag);
    request.set_people("钱经理（演示）");
    request.set_channel(v1::CONTACT_CHANNEL_MAIL);
    request.set_content("同意面谈");
    request.set_request_id(api::NewUuid());
    return contacts.AnswerContact(As(role, organization, "ContactService.AnswerContact"), request);
  }
  absl::Status Withdraw(Role role, const std::string& organization, const std::string& name) {
    v1::WithdrawContactRequest request;
    request.set_name(name);
    request.set_request_id(api::NewUuid());
    return contacts
        .WithdrawContact(As(role, organization, "ContactService.WithdrawContact"), request)
        .status();
  }
  absl::StatusOr<v1::Contact> Read(Role role, const std::string& organization,
                                   const std::string& name) {
    v1::GetContactRequest request;
    request.set_name(name);
    return contacts.GetContact(As(role, organization, "ContactService.GetContact"), request);
  }
  // Names on the work list.
  std::vector<std::string> Overdue(Role role, const std::string& organization,
                                   const std::string& filter = "") {
    v1::ListUnansweredContactsRequest request;
    request.set_filter(filter);
    const auto list = contacts.ListUnansweredContacts(
        As(role, organization, "ContactService.ListUnansweredContacts"), request);
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<std::string> names;
    if (!list.ok()) return names;
    for (const v1::Contact& contact : list->contacts()) {
      EXPECT_TRUE(contact.overdue());
      names.push_back(contact.name());
    }
    return names;
  }
  std::vector<std::string> Listed(Role role, const std::string& organization) {
    v1::ListContactsRequest request;
    request.set_parent(project_);
    const auto list =
        contacts.ListContacts(As(role, organization, "ContactService.ListContacts"), request);
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<std::string> texts;
    for (const v1::Contact& contact : list->contacts()) texts.push_back(contact.content());
    std::sort(texts.begin(), texts.end());
    return texts;
  }
  static std::vector<std::string> Actions(const v1::Contact& contact) {
    return {contact.actions().begin(), contact.actions().end()};
  }

  const std::string project_;
};

TEST_F(ContactTest, ABadEntryIsRefusedWithAllThatIsWrong) {
  auto request = Entry(v1::CONTACT_KIND_APPROACH);
  request.mutable_contact()->set_internal(true);
  request.mutable_contact()->set_respondent(kUpc);
  api::SetTime(clock.now + absl::Seconds(1), request.mutable_contact()->mutable_contact_time());
  EXPECT_THAT(testing::FieldsOf(Write(ROLE_RESEARCH_OFFICE, kOuc, request).status()),
              ElementsAre("contact.contact_time", "contact.internal", "contact.respondent"));
  EXPECT_THAT(testing::FieldsOf(Write(ROLE_UNIT, kZone, Entry(v1::CONTACT_KIND_APPROACH)).status()),
              ElementsAre("contact.respondent"))
      << "a unit says whom it asks";
  EXPECT_THAT(testing::FieldsOf(
                  Write(ROLE_ENTERPRISE, Enterprise(1), Entry(v1::CONTACT_KIND_ANSWER)).status()),
              ElementsAre("contact.kind"));
  // Whose project it is not finds none.
  for (const auto& [role, organization] : std::vector<std::pair<Role, std::string>>{
           {ROLE_RESEARCH_OFFICE, kUpc}, {ROLE_ENTERPRISE, Enterprise(2)}, {ROLE_UNIT, kTown}}) {
    EXPECT_EQ(Write(role, organization, Entry(v1::CONTACT_KIND_NOTE)).status().code(),
              absl::StatusCode::kNotFound);
  }
  auto nowhere = Entry(v1::CONTACT_KIND_NOTE);
  nowhere.set_parent("projects/-");
  EXPECT_EQ(Write(ROLE_RESEARCH_OFFICE, kOuc, nowhere).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Count("contact"), 0);
  EXPECT_EQ(Count("alarm"), 0);
}

TEST_F(ContactTest, AnApproachIsDueAfterThePacksWorkdaysAndSaysHow) {
  const auto approach = Approach();
  ASSERT_TRUE(approach.ok()) << approach.status();
  EXPECT_EQ(approach->state(), v1::CONTACT_STATE_AWAITING);
  EXPECT_EQ(approach->respondent(), Enterprise(1));
  EXPECT_EQ(approach->unit(), kZone);
  EXPECT_EQ(*api::TimeOf(approach->respond_by()), time::EndOfDay(absl::CivilDay(2025, 4, 9)));
  EXPECT_THAT(approach->respond_by_derivation(), HasSubstr("清明节4月4日—4月6日放假"));
  EXPECT_EQ(approach->author(), "accounts/ouc");
  // The other way round, and by the unit.
  EXPECT_EQ(Approach(ROLE_ENTERPRISE, Enterprise(1))->respondent(), kOuc);
  auto by_unit = Entry(v1::CONTACT_KIND_APPROACH);
  by_unit.mutable_contact()->set_respondent(Enterprise(1));
  EXPECT_EQ(Write(ROLE_UNIT, kZone, by_unit)->respondent(), Enterprise(1));
  EXPECT_FALSE(approach->overdue());
}

TEST_F(ContactTest, AnUnansweredApproachIsOnTheWorkListFromTheVeryInstant) {
  const std::string name = Approach()->name();
  clock.now = time::EndOfDay(absl::CivilDay(2025, 4, 9)) + absl::Milliseconds(999);
  EXPECT_THAT(Overdue(ROLE_SECRETARIAT, "organizations/secretariat"), IsEmpty())
      << "the last second is in time";
  clock.now = time::StartOfDay(absl::CivilDay(2025, 4, 10));
  // Everybody concerned, each with their own.
  for (const auto& [role, organization] :
       std::vector<std::pair<Role, std::string>>{{ROLE_SECRETARIAT, "organizations/secretariat"},
                                                 {ROLE_UNIT, kZone},
                                                 {ROLE_RESEARCH_OFFICE, kOuc},
                                                 {ROLE_PLATFORM_MANAGER, kOuc},
                                                 {ROLE_ENTERPRISE, Enterprise(1)},
                                                 {ROLE_DEPARTMENT, "organizations/bureau"}}) {
    EXPECT_THAT(Overdue(role, organization), ElementsAre(name)) << role;
  }
  for (const auto& [role, organization] :
       std::vector<std::pair<Role, std::string>>{{ROLE_UNIT, kTown},
                                                 {ROLE_RESEARCH_OFFICE, kUpc},
                                                 {ROLE_ENTERPRISE, Enterprise(2)},
                                                 {ROLE_LEADER, "organizations/city"}}) {
    EXPECT_THAT(Overdue(role, organization), IsEmpty()) << role;
  }
  EXPECT_THAT(Overdue(ROLE_SECRETARIAT, "x", absl::StrCat("unit = \"", kTown, "\"")), IsEmpty());
  EXPECT_THAT(Overdue(ROLE_SECRETARIAT, "x", absl::StrCat("unit = \"", kZone, "\"")),
              ElementsAre(name));

  // A late answer is an answer, and takes it off the list.
  const auto answer = Answer(ROLE_ENTERPRISE, Enterprise(1), name);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->in_reply_to(), name);
  EXPECT_EQ(answer->kind(), v1::CONTACT_KIND_ANSWER);
  EXPECT_EQ(answer->organization(), Enterprise(1));
  const auto approach = Read(ROLE_RESEARCH_OFFICE, kOuc, name);
  EXPECT_EQ(approach->state(), v1::CONTACT_STATE_ANSWERED);
  EXPECT_EQ(approach->answer(), answer->name());
  EXPECT_TRUE(approach->late());
  EXPECT_THAT(Overdue(ROLE_SECRETARIAT, "x"), IsEmpty());
}

TEST_F(ContactTest, TheLongestWaitingComesFirstAndPagesGoOn) {
  std::vector<std::string> names;
  for (int day = 0; day < 3; ++day) {
    names.push_back(Approach()->name());
    clock.now += absl::Hours(24);
  }
  clock.now += absl::Hours(24 * 30);
  EXPECT_THAT(Overdue(ROLE_UNIT, kZone), ElementsAre(names[0], names[1], names[2]));
  v1::ListUnansweredContactsRequest request;
  request.set_page_size(2);
  const auto call = As(ROLE_UNIT, kZone, "ContactService.ListUnansweredContacts");
  const auto first = contacts.ListUnansweredContacts(call, request);
  ASSERT_EQ(first->contacts_size(), 2);
  request.set_page_token(first->next_page_token());
  const auto second = contacts.ListUnansweredContacts(call, request);
  ASSERT_EQ(second->contacts_size(), 1);
  EXPECT_EQ(second->contacts(0).name(), names[2]);
}

TEST_F(ContactTest, TheWorkListGoesOutAsASheetOfWhatTheCallerSees) {
  v1::ExportUnansweredContactsRequest request;
  const auto rows = [&](Role role, const std::string& organization) {
    const auto file = contacts.ExportUnansweredContacts(
        As(role, organization, "ContactService.ExportUnansweredContacts"), request);
    EXPECT_TRUE(file.ok()) << file.status();
    std::vector<std::string> found;
    if (!file.ok()) return found;
    const auto workbook = sheet::ReadWorkbook(file->data(), "接洽.xlsx");
    EXPECT_TRUE(workbook.ok()) << workbook.status();
    const auto table = sheet::ReadTable<v1::ContactRow>(*workbook, *workbook->FirstVisible());
    EXPECT_TRUE(table.Check().ok()) << table.Check();
    for (const auto& row : table.rows) found.push_back(row.message.contact_number());
    return found;
  };
  EXPECT_THAT(rows(ROLE_UNIT, kZone), IsEmpty()) << "nobody is waiting";
  std::vector<std::string> numbers;
  for (int day = 0; day < 2; ++day) {
    numbers.push_back(std::string(api::IdOfName(Approach()->name())));
    clock.now += absl::Hours(24);
  }
  EXPECT_THAT(rows(ROLE_UNIT, kZone), IsEmpty()) << "in time still";
  clock.now += absl::Hours(24 * 30);
  (void)Approach();
  EXPECT_THAT(rows(ROLE_UNIT, kZone), ElementsAre(numbers[0], numbers[1]))
      << "the longest waiting first; what is in time is not there";
  EXPECT_THAT(rows(ROLE_UNIT, kTown), IsEmpty());
  EXPECT_THAT(rows(ROLE_ENTERPRISE, Enterprise(2)), IsEmpty());
  request.set_filter("unit = \"organizations/none\"");
  EXPECT_THAT(rows(ROLE_SECRETARIAT, "x"), IsEmpty());
  request.set_filter("no_such_field = 1");
  EXPECT_EQ(contacts
                .ExportUnansweredContacts(
                    As(ROLE_SECRETARIAT, "x", "ContactService.ExportUnansweredContacts"), request)
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ContactTest, OnlyTheSideThatWasAskedAnswersAndOnlyOnce) {
  const auto approach = Approach();
  EXPECT_EQ(Answer(ROLE_RESEARCH_OFFICE, kOuc, approach->name()).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Answer(ROLE_ENTERPRISE, Enterprise(2), approach->name()).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Withdraw(ROLE_ENTERPRISE, Enterprise(1), approach->name()).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(Actions(*Read(ROLE_ENTERPRISE, Enterprise(1), approach->name())),
              ElementsAre("answer"));
  EXPECT_THAT(Actions(*Read(ROLE_RESEARCH_OFFICE, kOuc, approach->name())),
              ElementsAre("withdraw"));
  EXPECT_THAT(Actions(*Read(ROLE_UNIT, kZone, approach->name())), IsEmpty());
  ASSERT_TRUE(Answer(ROLE_ENTERPRISE, Enterprise(1), approach->name(), approach->etag()).ok());
  EXPECT_EQ(status::ReasonOf(Answer(ROLE_ENTERPRISE, Enterprise(1), approach->name()).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(
      Answer(ROLE_ENTERPRISE, Enterprise(1), approach->name(), approach->etag()).status().code(),
      absl::StatusCode::kAborted);
  EXPECT_EQ(status::ReasonOf(Withdraw(ROLE_RESEARCH_OFFICE, kOuc, approach->name())),
            ERROR_REASON_WRONG_STATE);
  const std::string second = Approach()->name();
  ASSERT_TRUE(Withdraw(ROLE_RESEARCH_OFFICE, kOuc, second).ok());
  EXPECT_EQ(status::ReasonOf(Answer(ROLE_ENTERPRISE, Enterprise(1), second).status()),
            ERROR_REASON_WRONG_STATE);
  EXPECT_EQ(Count("alarm"), 0) << "nothing rings for what is settled";
}

TEST_F(ContactTest, EightAnswersAtOnceAreOne) {
  const std::string name = Approach()->name();
  std::vector<absl::Status> outcomes(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back(
        [&, i] { outcomes[i] = Answer(ROLE_ENTERPRISE, Enterprise(1), name).status(); });
  }
  for (std::thread& thread : threads) thread.join();
  int answered = 0;
  for (const absl::Status& outcome : outcomes) {
    answered += outcome.ok();
    EXPECT_TRUE(outcome.ok() || status::ReasonOf(outcome) == ERROR_REASON_WRONG_STATE) << outcome;
  }
  EXPECT_EQ(answered, 1);
  EXPECT_EQ(Count("contact WHERE kind = 'ANSWER'"), 1);
}

TEST_F(ContactTest, BothSidesSeeWhatIsSharedAndInternalNotesStayAtHome) {
  ASSERT_TRUE(Write(ROLE_RESEARCH_OFFICE, kOuc, Entry(v1::CONTACT_KIND_NOTE, "一、共同")).ok());
  const auto internal = [&](const std::string& text) {
    auto request = Entry(v1::CONTACT_KIND_NOTE, text);
    request.mutable_contact()->set_internal(true);
    return request;
  };
  ASSERT_TRUE(Write(ROLE_RESEARCH_OFFICE, kOuc, internal("二、校内")).ok());
  ASSERT_TRUE(Write(ROLE_ENTERPRISE, Enterprise(1), internal("三、企业内部")).ok());
  ASSERT_TRUE(Write(ROLE_UNIT, kZone, internal("四、功能区内部")).ok());
  EXPECT_THAT(Listed(ROLE_PLATFORM_MANAGER, kOuc), ElementsAre("一、共同", "二、校内"));
  EXPECT_THAT(Listed(ROLE_ENTERPRISE, Enterprise(1)), ElementsAre("一、共同", "三、企业内部"));
  EXPECT_THAT(Listed(ROLE_UNIT, kZone), ElementsAre("一、共同", "四、功能区内部"));
  EXPECT_THAT(Listed(ROLE_SECRETARIAT, "organizations/secretariat"), ElementsAre("一、共同"));
  EXPECT_THAT(Listed(ROLE_UNIT, kTown), IsEmpty());

  v1::ExportContactsRequest request;
  request.set_parent("projects/-");
  const auto file = contacts.ExportContacts(
      As(ROLE_ENTERPRISE, Enterprise(1), "ContactService.ExportContacts"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto workbook = sheet::ReadWorkbook(file->data(), "沟通记录.xlsx");
  ASSERT_TRUE(workbook.ok()) << workbook.status();
  EXPECT_EQ(workbook->FirstVisible()->rows.size(), 3u) << "a header and two entries";
}

TEST_F(ContactTest, AnApproachEndsWithItsProject) {
  const std::string name = Approach()->name();
  ASSERT_TRUE(Do("terminate", project_).ok());
  EXPECT_EQ(Read(ROLE_RESEARCH_OFFICE, kOuc, name)->state(), v1::CONTACT_STATE_ENDED);
  EXPECT_EQ(Count("alarm"), 0);
  clock.now += absl::Hours(24 * 30);
  EXPECT_THAT(Overdue(ROLE_SECRETARIAT, "x"), IsEmpty());
  EXPECT_EQ(Approach().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(Write(ROLE_ENTERPRISE, Enterprise(1), Entry(v1::CONTACT_KIND_NOTE)).ok())
      << "what is said afterwards may be noted";
}

TEST_F(ContactTest, ADeadlineThatPassesIsJournalledOnceHoweverManyLook) {
  const std::string name = Approach()->name();
  EXPECT_EQ(*RingAlarms(), 0);
  clock.now = time::StartOfDay(absl::CivilDay(2025, 4, 10));
  std::vector<std::thread> replicas;
  for (int i = 0; i < 4; ++i) {
    replicas.emplace_back([&] { EXPECT_TRUE(RingAlarms().ok()); });
  }
  for (std::thread& replica : replicas) replica.join();
  EXPECT_EQ(*RingAlarms(), 0);
  EXPECT_EQ(Count(absl::StrCat("journal WHERE kind = 'unanswered' AND resource = '", name, "'")),
            1);
  // It is no change: whoever is about to answer is not turned away.
  EXPECT_TRUE(Answer(ROLE_ENTERPRISE, Enterprise(1), name).ok());
}

TEST_F(ContactTest, TheRecordsFollowTheProjectsNamesAndUnit) {
  const std::string name = Approach()->name();
  registry::v1::Organization moved = At(Enterprise(1));
  moved.set_display_name("企业壹（演示）");
  moved.set_unit(kTown);
  journal::v1::Entry entry;
  entry.set_type(registry::v1::Organization::descriptor()->full_name());
  entry.set_resource(moved.name());
  entry.set_after_json(journal::CanonicalJson(moved));
  entry.set_before_json(entry.after_json());
  ASSERT_TRUE(database.db()
                  .Transact([&](db::Session& session) {
                    return service.FollowRegistry(session, clock.now, entry);
                  })
                  .ok());
  clock.now += absl::Hours(24 * 30);
  EXPECT_THAT(Overdue(ROLE_UNIT, kTown), ElementsAre(name));
  EXPECT_THAT(Overdue(ROLE_UNIT, kZone), IsEmpty());
  EXPECT_EQ(Read(ROLE_UNIT, kTown, name)->enterprise_title(), "企业壹（演示）");
}

}  // namespace
}  // namespace chanyan::pairing
