#include "common/rpc/gathering.h"

#include <deque>
#include <memory>
#include <stdexcept>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "tests/unit/rpc/fake_journal.h"

namespace chanyan::rpc {
namespace {

using ::testing::ElementsAre;
using testing::FakeAuthenticator;
using ::testing::HasSubstr;
using testing::ListEntriesRequest;
using testing::ListEntriesResponse;

// A call without a wire.
class Caller final : public Gathering::Member {
 public:
  Caller(const std::string& token, const std::string& parent) : bearer_("Bearer " + token) {
    arrival_.received = absl::Now();
    arrival_.authorization = bearer_;
    call_.deadline = arrival_.received + absl::Seconds(30);
    ListEntriesRequest request;
    request.set_parent(parent);
    EXPECT_TRUE(Serialize(request, &request_).ok());
  }

  Waiting Leave() override {
    return {arrival_, absl::ZeroDuration(), &request_, &call_, &reply_, absl::OkStatus()};
  }
  void End(absl::Status status) override {
    status_ = std::move(status);
    ended_.Notify();
  }
  void GoAlone(std::unique_ptr<google::protobuf::Message> request) override {
    left_alone_ = static_cast<const ListEntriesRequest&>(*request).parent();
    End(absl::OkStatus());
  }

  // How it ended, once it has.
  const absl::Status& Status() {
    ended_.WaitForNotification();
    return status_;
  }
  // What it must ask by itself; empty if it was answered.
  const std::string& LeftAlone() {
    ended_.WaitForNotification();
    return left_alone_;
  }
  std::string Reply() {
    EXPECT_TRUE(Status().ok()) << Status();
    ListEntriesResponse reply;
    EXPECT_TRUE(Parse(&reply_, &reply).ok());
    return reply.entries(0).kind();
  }

 private:
  const std::string bearer_;
  Arrival arrival_;
  Call call_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer reply_;
  absl::Status status_;
  std::string left_alone_;
  absl::Notification ended_;
};

// One worker, whose first round waits until it is released. Each call is answered with its caller
// and parent.
class GatheringTest : public ::testing::Test {
 protected:
  static constexpr size_t kLimit = 3;

  GatheringTest() : method_(Served()), pipeline_({log_, authenticator_, metrics_, nullptr}) {}
  ~GatheringTest() override { Open(); }

  // Whether it was taken.
  bool Add(const std::string& token, const std::string& parent) {
    return gathering_.TryAdd(&callers_.emplace_back(token, parent));
  }
  void AwaitFirst() { begun_.WaitForNotification(); }
  void Open() {
    if (!open_.HasBeenNotified()) open_.Notify();
  }

  std::deque<Caller> callers_;
  // Calls that the handler was asked for, round by round.
  std::vector<size_t> rounds_;

 private:
  ServedMethod Served() {
    ServedMethod served = Describe(journal::v1::ListEntriesRequest::descriptor()
                                       ->file()
                                       ->FindServiceByName("JournalService")
                                       ->FindMethodByName("ListEntries"));
    served.handler.request_prototype = &ListEntriesRequest::default_instance();
    served.handler.answer_together = [this](absl::Span<Asked> all) {
      rounds_.push_back(all.size());
      if (rounds_.size() == 1) {
        begun_.Notify();
        open_.WaitForNotification();
      }
      for (Asked& asked : all) {
        asked.alone =
            static_cast<const ListEntriesRequest&>(asked.request).parent() == "journals/alone";
        if (!asked.alone) asked.status = Answer(asked);
      }
    };
    return served;
  }
  static absl::Status Answer(const Asked& asked) {
    const std::string& parent = static_cast<const ListEntriesRequest&>(asked.request).parent();
    if (parent == "journals/absent") return status::NotFound(parent);
    if (parent == "journals/broken") throw std::runtime_error("boom");
    ListEntriesResponse reply;
    reply.add_entries()->set_kind(absl::StrCat(asked.call.principal.account, " ", parent));
    return SendReply(asked.call, std::move(reply), asked.reply);
  }

  absl::Notification begun_;
  absl::Notification open_;
  testing::LogFile log_file_;
  log::Logger log_{"test", log::Level::kInfo, log_file_.fd()};
  metrics::Registry registry_;
  FakeAuthenticator authenticator_;
  const ServedMethod method_;
  CallMetrics metrics_{registry_, {&method_}};
  const Pipeline pipeline_;
  Gathering gathering_{method_, pipeline_, pool_, 1, kLimit};
  // Last, so that its jobs end before what they use.
  WorkerPool pool_{1, 1};
};

TEST_F(GatheringTest, CallsThatCameMeanwhileAreAnsweredTogetherEachAsItWouldBeAlone) {
  ASSERT_TRUE(Add("auditor", "journals/1"));
  AwaitFirst();
  ASSERT_TRUE(Add("auditor", "journals/2"));
  ASSERT_TRUE(Add("auditor", "journals/absent"));
  ASSERT_TRUE(Add("new", "journals/4"));
  Open();
  EXPECT_EQ(callers_[0].Reply(), "accounts/auditor journals/1");
  EXPECT_EQ(callers_[1].Reply(), "accounts/auditor journals/2");
  EXPECT_EQ(callers_[2].Status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(callers_[3].Status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(rounds_, ElementsAre(1, 2));
}

TEST_F(GatheringTest, WhoIsLeftAloneGoesOnWithWhatItAsked) {
  ASSERT_TRUE(Add("auditor", "journals/1"));
  AwaitFirst();
  ASSERT_TRUE(Add("enterprise", "journals/2"));
  ASSERT_TRUE(Add("auditor", "journals/alone"));
  ASSERT_TRUE(Add("auditor", "journals/4"));
  Open();
  EXPECT_EQ(callers_[1].Status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(callers_[1].LeftAlone(), "");
  EXPECT_EQ(callers_[2].LeftAlone(), "journals/alone");
  EXPECT_EQ(callers_[3].Reply(), "accounts/auditor journals/4");
}

TEST_F(GatheringTest, WhoIsRefusedBeforeTheHandlerNeverReachesIt) {
  ASSERT_TRUE(Add("auditor", "journals/1"));
  AwaitFirst();
  ASSERT_TRUE(Add("enterprise", "journals/2"));
  ASSERT_TRUE(Add("forged", "journals/3"));
  ASSERT_TRUE(Add("auditor", ""));
  Open();
  EXPECT_EQ(callers_[1].Status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(callers_[2].Status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(callers_[3].Status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(rounds_, ElementsAre(1));
}

TEST_F(GatheringTest, ExceptionOfALibraryEndsOneRoundAndNotTheNext) {
  ASSERT_TRUE(Add("auditor", "journals/broken"));
  AwaitFirst();
  ASSERT_TRUE(Add("auditor", "journals/2"));
  Open();
  EXPECT_EQ(callers_[0].Status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(callers_[0].Status().message()), HasSubstr("boom"));
  EXPECT_EQ(callers_[1].Reply(), "accounts/auditor journals/2");
}

TEST_F(GatheringTest, WhoFindsNoRoomIsNotTaken) {
  ASSERT_TRUE(Add("auditor", "journals/0"));
  AwaitFirst();
  for (size_t i = 0; i < kLimit; ++i) ASSERT_TRUE(Add("auditor", "journals/1"));
  EXPECT_FALSE(Add("auditor", "journals/2"));
  Open();
  for (size_t i = 0; i <= kLimit; ++i) EXPECT_TRUE(callers_[i].Status().ok());
}

}  // namespace
}  // namespace chanyan::rpc
