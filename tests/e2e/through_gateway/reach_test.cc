// Whose rows somebody reaches, asked of the running suite about every RPC that names a resource
// (IDN-2): what another organization has is answered as if it were not there.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/auth/scope.h"
#include "common/sheet/workbook.h"
#include "tests/e2e/through_gateway/asked_apart.h"
#include "tests/e2e/through_gateway/estate.h"
#include "tests/e2e/through_gateway/rpc_call.h"
#include "tests/e2e/through_gateway/unreached.h"
#include "tests/support/suite/suite.h"

namespace chanyan::e2e {
namespace {

using ::chanyan::testing::HttpReply;
using ::chanyan::testing::Suite;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using options::v1::Role;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kPoll = absl::Milliseconds(20);

// Roles of accounts that the RPC is for; none if it is for the public.
std::vector<Role> Permitted(const MethodDescriptor* rpc) {
  const auto& policy = rpc->options().GetExtension(options::v1::method);
  std::set<Role> roles;
  for (const int role : policy.roles()) {
    if (role == options::v1::ROLE_PUBLIC) return {};
    if (role != options::v1::ROLE_SIGNED_IN) {
      roles.insert(static_cast<Role>(role));
      continue;
    }
    for (int any = options::v1::Role_MIN + 1; any < options::v1::ROLE_PUBLIC; ++any) {
      if (options::v1::Role_IsValid(any)) roles.insert(static_cast<Role>(any));
    }
  }
  return {roles.begin(), roles.end()};
}

// The last resource of a reply's list; null if it lists none.
const Descriptor* ListedType(const MethodDescriptor* rpc) {
  const Descriptor* reply = rpc->output_type();
  for (int i = 0; i < reply->field_count(); ++i) {
    const FieldDescriptor* field = reply->field(i);
    if (field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        !StarsOf(field->message_type()).empty()) {
      return field->message_type();
    }
  }
  return nullptr;
}

// Figures say when they were counted.
std::string WithoutTime(const std::string& body) {
  static const std::regex kAsOf("\"asOf\":\"[^\"]*\"");
  return std::regex_replace(body, kAsOf, "");
}

// What somebody gets to see: the cells of a sheet, or the reply as it is; not when it was made.
std::string SeenIn(const HttpReply& reply) {
  std::string text = absl::StrCat(reply.status, "\n");
  if (absl::StartsWith(reply.body, "PK")) {
    const auto book = sheet::ReadWorkbook(reply.body, "x.xlsx");
    if (!book.ok()) return absl::StrCat(text, book.status().ToString());
    for (const sheet::Sheet& tab : book->sheets) {
      absl::StrAppend(&text, tab.name, "\n");
      for (const sheet::Row& row : tab.rows) {
        for (const sheet::Cell& cell : row.cells) absl::StrAppend(&text, cell.text, "\t");
        absl::StrAppend(&text, "\n");
      }
    }
  } else {
    absl::StrAppend(&text, absl::StrReplaceAll(reply.body, {{reply.Header("x-request-id"), ""}}));
  }
  static const std::regex kTime(
      "[0-9]{4}(-|年)[0-9]{1,2}(-|月)[0-9]{1,2}(日)?([T ]?[0-9]{1,2}:[0-9]{2}(:[0-9.]+)?Z?)?");
  return std::regex_replace(text, kTime, "");
}

// The resource that a reply is or has in it; null if there is none.
const Descriptor* MadeType(const MethodDescriptor* rpc) {
  const Descriptor* reply = rpc->output_type();
  if (!StarsOf(reply).empty()) return reply;
  for (int i = 0; i < reply->field_count(); ++i) {
    const FieldDescriptor* field = reply->field(i);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        !StarsOf(field->message_type()).empty()) {
      return field->message_type();
    }
  }
  return nullptr;
}

class EstateTest : public ::testing::Test {
 protected:
  explicit EstateTest(Choice choice, const Estate::Which& which = {})
      : estate_(suite_, choice, which) {}

  HttpReply Send(Role role, const std::string& organization, const RpcCall& call) {
    auto& token = tokens_[{role, organization}];
    if (token.empty()) {
      token = role == options::v1::ROLE_SERVICE
                  ? suite_.TokenOfService("triage")
                  : suite_.Token(options::v1::Role_Name(role), organization);
    }
    testing::Headers headers = {{"Authorization", absl::StrCat("Bearer ", token)}};
    if (!call.content_type.empty()) headers.emplace_back("Content-Type", call.content_type);
    return client_.Send(call.verb, call.target, headers, call.body);
  }

  // A service acts for itself and for no organization.
  static auth::Principal Foreigner(Role role) {
    return Of(role, role == options::v1::ROLE_SERVICE ? "" : kForeigner);
  }

  Suite suite_;
  Estate estate_;

 private:
  testing::HttpClient client_{suite_.http_address()};
  std::map<std::pair<Role, std::string>, std::string> tokens_;
};

class ReachTest : public EstateTest {
 protected:
  ReachTest() : EstateTest(Choice::kReachedByOwners) {}
};

class ReadOnlyTest : public EstateTest {
 protected:
  ReadOnlyTest() : EstateTest(Choice::kReadAndNotWritten) {}
};

bool IsShown(const Descriptor* type) {
  const std::vector<std::string> rpcs = AllShowing();
  return std::any_of(rpcs.begin(), rpcs.end(), [type](const std::string& rpc) {
    const auto types = ShownBy(rpc);
    return std::count(types.begin(), types.end(), type) > 0;
  });
}

// Has, to begin with, what no sheet and no figure counts.
class ShownTest : public EstateTest {
 protected:
  ShownTest()
      : EstateTest(Choice::kReachedByOwners,
                   [](const Descriptor* type) { return !IsShown(type); }) {}

  // What each role sees of each sheet and figure, by RPC and role.
  using Seen = std::map<std::pair<const MethodDescriptor*, Role>, std::string>;
  // A sheet says so when there is nothing to suggest from yet.
  void WaitForSearch() {
    testing::Api anyone = suite_.Anonymous();
    for (const absl::Time until = absl::Now() + kPatience;
         anyone.Get("/v1/search?query=x").status != 200 && absl::Now() < until;) {
      absl::SleepFor(kPoll);
    }
  }
  Seen SeenBy(const std::string& organization) {
    Seen seen;
    for (const MethodDescriptor* rpc : AllRpcs()) {
      if (ShownBy(rpc->full_name()).empty()) continue;
      for (const Role role : Permitted(rpc)) {
        if (role == options::v1::ROLE_SERVICE) continue;
        seen[{rpc, role}] = SeenIn(Send(role, organization, CallOf(rpc)));
      }
    }
    return seen;
  }
};

// Without this the rest would show nothing: the rows are there, for those whose they are.
TEST_F(ReachTest, OwnersReadWhatIsTheirs) {
  int read = 0;
  for (const MethodDescriptor* rpc : AllRpcs()) {
    const RpcCall call = CallOf(rpc);
    const Message* row = estate_.RowOf(rpc->output_type());
    if (call.verb != "GET" || row == nullptr || call.stars != StarsOf(rpc->output_type())) continue;
    if (UnreadReason(rpc->full_name()) != nullptr) continue;
    for (const Role role : Permitted(rpc)) {
      if (role == options::v1::ROLE_SERVICE) continue;
      if (!auth::Reaches(Of(role, kOwner), *row, options::v1::ACCESS_READ)) continue;
      const HttpReply reply = Send(role, kOwner, call);
      EXPECT_EQ(reply.status, 200)
          << rpc->full_name() << " by " << options::v1::Role_Name(role) << ": " << reply.body;
      EXPECT_EQ(reply.json().At("name"), NameOf(call.stars)) << rpc->full_name();
      ++read;
    }
  }
  EXPECT_GT(read, 150);
}

TEST_F(ReachTest, WhatIsAnothersIsAnsweredAsIfItWereNotThere) {
  int hidden = 0;
  for (const MethodDescriptor* rpc : AllRpcs()) {
    const RpcCall call = CallOf(rpc);
    if (call.stars.empty() || UnreachedReason(rpc->full_name()) != nullptr) continue;
    const Descriptor* type = estate_.TypeOf(call.stars);
    if (type == nullptr) continue;
    const RpcCall absent = CallOf(rpc, kAbsentId);
    // A list or sheet of what is below shows what of that is reached, whatever it is below.
    const Descriptor* below = call.verb == "GET" ? estate_.TypeOf(call.below) : nullptr;
    for (const Role role : Permitted(rpc)) {
      if (auth::Reaches(Foreigner(role), *estate_.RowOf(type), options::v1::ACCESS_READ)) continue;
      if (below != nullptr &&
          auth::Reaches(Foreigner(role), *estate_.RowOf(below), options::v1::ACCESS_READ)) {
        continue;
      }
      HttpReply reply = Send(role, kForeigner, call);
      HttpReply missing = Send(role, kForeigner, absent);
      // A sheet says in which second it was made.
      const bool sheet = reply.status == 200 && absl::StartsWith(reply.body, "PK");
      for (int again = 0; sheet && again < 3 && reply.body != missing.body; ++again) {
        reply = Send(role, kForeigner, call);
        missing = Send(role, kForeigner, absent);
      }
      const std::string who =
          absl::StrCat(rpc->full_name(), " by ", options::v1::Role_Name(role), ": ");
      const std::string body = absl::StrReplaceAll(
          reply.body, {{NameOf(call.stars), NameOf(call.stars, kAbsentId)},
                       {reply.Header("x-request-id"), missing.Header("x-request-id")}});
      const bool judged_first = JudgedFirstReason(rpc->full_name()) != nullptr;
      EXPECT_TRUE(reply.status == 404 || reply.status == 403 ||
                  (reply.status == 200 && call.verb == "GET") ||
                  (judged_first && reply.status / 100 == 4))
          << who << reply.status << " " << reply.body;
      EXPECT_EQ(reply.status, missing.status) << who << reply.body << missing.body;
      EXPECT_EQ(WithoutTime(body), WithoutTime(missing.body)) << who;
      ++hidden;
    }
  }
  EXPECT_GT(hidden, 400);
}

TEST_F(ReachTest, ListsHoldNothingOfAnothers) {
  int empty = 0;
  for (const MethodDescriptor* rpc : AllRpcs()) {
    const RpcCall call = CallOf(rpc);
    const Descriptor* type = ListedType(rpc);
    if (call.verb != "GET" || type == nullptr || estate_.RowOf(type) == nullptr) continue;
    // Of all parents at once, where it has one.
    RpcCall every = call;
    every.target = absl::StrReplaceAll(call.target, {{kId, "-"}});
    for (const Role role : Permitted(rpc)) {
      if (auth::Reaches(Foreigner(role), *estate_.RowOf(type), options::v1::ACCESS_READ)) continue;
      for (const RpcCall& one : {call, every}) {
        const HttpReply reply = Send(role, kForeigner, one);
        EXPECT_FALSE(absl::StrContains(reply.body, absl::StrCat("\"", NameOf(StarsOf(type)), "\"")))
            << rpc->full_name() << " by " << options::v1::Role_Name(role) << ": " << reply.body;
        empty += reply.status == 200 ? 1 : 0;
      }
    }
  }
  EXPECT_GT(empty, 100);
}

// Totals, lists of figures and sheets are the same for a foreigner whether others have anything or
// not; and not the same for those whose it is.
TEST_F(ShownTest, SheetsAndFiguresHoldNothingOfAnothers) {
  WaitForSearch();
  const Seen foreign_before = SeenBy(kForeigner);
  const Seen own_before = SeenBy(kOwner);
  const Estate others(suite_, Choice::kReachedByOwners, IsShown);
  const Seen foreign_after = SeenBy(kForeigner);
  const Seen own_after = SeenBy(kOwner);
  const auto reaches = [&others](const auth::Principal& somebody, const Descriptor* type) {
    return auth::Reaches(somebody, *others.RowOf(type), options::v1::ACCESS_READ);
  };
  int unmoved = 0;
  std::set<std::string> moved;
  for (const auto& [key, before] : foreign_before) {
    const auto& [rpc, role] = key;
    const auto types = ShownBy(rpc->full_name());
    const std::string who =
        absl::StrCat(rpc->full_name(), " by ", options::v1::Role_Name(role), ": ");
    bool foreign = true;
    bool own = false;
    for (const Descriptor* type : types) {
      ASSERT_NE(type, nullptr) << rpc->full_name();
      ASSERT_NE(others.RowOf(type), nullptr) << type->full_name();
      foreign = foreign && !reaches(Foreigner(role), type);
      own = own || reaches(Of(role, kOwner), type);
    }
    if (!foreign) continue;
    EXPECT_EQ(before, foreign_after.at(key)) << who;
    ++unmoved;
    if (own && own_before.at(key) != own_after.at(key)) moved.insert(rpc->full_name());
  }
  EXPECT_GT(unmoved, 40);
  EXPECT_GT(moved.size(), 12u) << absl::StrJoin(moved, "\n");
}

// Who may make what is everybody's of the same office is no foreigner to any of it.
TEST_F(ReachTest, WhatIsMadeForAllIsReachedByAllWhoMayMakeIt) {
  int made = 0;
  for (const MethodDescriptor* rpc : AllRpcs()) {
    const auto& all = MadeForAll();
    if (std::count(all.begin(), all.end(), rpc->full_name()) == 0) continue;
    const Descriptor* type = MadeType(rpc);
    ASSERT_NE(type, nullptr) << rpc->full_name();
    ASSERT_NE(estate_.RowOf(type), nullptr) << type->full_name();
    for (const Role role : Permitted(rpc)) {
      EXPECT_TRUE(auth::Reaches(Foreigner(role), *estate_.RowOf(type), options::v1::ACCESS_WRITE))
          << rpc->full_name() << " by " << options::v1::Role_Name(role)
          << ": ask it in strangers_test.cc";
    }
    ++made;
  }
  EXPECT_EQ(made, static_cast<int>(MadeForAll().size()));
}

// Nor is one changed whose state or words would be refused anyway. What is made below a row is
// another row, whose grants the services' own tests ask about.
TEST_F(ReadOnlyTest, WhatIsReadAndNotWrittenIsChangedByNoCall) {
  int hidden = 0;
  for (const MethodDescriptor* rpc : AllRpcs()) {
    const RpcCall call = CallOf(rpc);
    if (!rpc->options().GetExtension(options::v1::method).mutates() || !call.below.empty() ||
        call.stars.empty() || UnreachedReason(rpc->full_name()) != nullptr ||
        ReadersMayReason(rpc->full_name()) != nullptr) {
      continue;
    }
    const Descriptor* type = estate_.TypeOf(call.stars);
    if (type == nullptr) continue;
    const Message& row = *estate_.RowOf(type);
    for (const Role role : Permitted(rpc)) {
      if (role == options::v1::ROLE_SERVICE) continue;
      for (const char* organization : {kOwner, kForeigner}) {
        const auth::Principal caller = Of(role, organization);
        if (!auth::Reaches(caller, row, options::v1::ACCESS_READ) ||
            auth::Reaches(caller, row, options::v1::ACCESS_WRITE)) {
          continue;
        }
        const HttpReply reply = Send(role, organization, call);
        // Whoever may read it may be told of its state.
        EXPECT_EQ(reply.status / 100, 4)
            << rpc->full_name() << " by " << options::v1::Role_Name(role) << " of " << organization
            << ": " << reply.status << " " << reply.body;
        hidden += reply.status == 404 || reply.status == 403 ? 1 : 0;
      }
    }
  }
  EXPECT_GT(hidden, 60);
}

// What names no resource by its path is asked in a way of its own (asked_apart.h), or it is said in
// unreached.h why it is not.
TEST_F(ReachTest, WhatCannotBeAskedAboutIsSaidByName) {
  std::set<std::string> known;
  for (const MethodDescriptor* rpc : AllRpcs()) {
    const RpcCall call = CallOf(rpc);
    const bool said = UnreachedReason(rpc->full_name()) != nullptr;
    const bool apart =
        !ShownBy(rpc->full_name()).empty() ||
        std::count(AskedOfStrangers().begin(), AskedOfStrangers().end(), rpc->full_name()) > 0 ||
        std::count(MadeForAll().begin(), MadeForAll().end(), rpc->full_name()) > 0;
    EXPECT_FALSE(apart && said) << rpc->full_name() << " is asked: why is it excused?";
    known.insert(rpc->full_name());
    if (Permitted(rpc).empty() || (call.verb == "GET" && ListedType(rpc) != nullptr)) continue;
    const bool asked = !call.stars.empty() && estate_.TypeOf(call.stars) != nullptr;
    EXPECT_TRUE(asked || apart || said)
        << rpc->full_name() << ": where is it asked whose rows it reaches?";
  }
  for (const auto& named : {AllUnreached(), AllShowing(), AskedOfStrangers(), MadeForAll()}) {
    for (const std::string& rpc : named) {
      EXPECT_EQ(known.count(rpc), 1u) << rpc << " is no RPC any more";
    }
  }
}

}  // namespace
}  // namespace chanyan::e2e
