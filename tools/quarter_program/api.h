// The suite's HTTP/JSON interface as one actor calls it, in messages of the .proto files.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "tools/demo/http_client.h"

namespace chanyan::quarter {

// Longer than the gateway takes for its slowest answer.
inline constexpr absl::Duration kAnswerTimeout = absl::Seconds(120);
// Times that a request is sent when the gateway is busy, away or lost the answer.
inline constexpr int kMaxAttempts = 8;
inline constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
inline constexpr absl::Duration kPauseAfterTimeout = absl::Seconds(10);
inline constexpr int kPageSize = 200;

inline constexpr char kXlsxType[] =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

using Query = std::vector<std::pair<std::string, std::string>>;

// A UUID that follows from `text`: the same action has the same request id in every run.
std::string UuidOf(absl::string_view text);

// The error that an answer carries (AIP-193), with its reason and violations.
absl::Status ErrorOf(const demo::HttpAnswer& answer);

// Connections to the gateway. Thread-safe.
class Api {
 public:
  explicit Api(demo::Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  // The answer, whatever its status. Sent again, after a pause, while the gateway is busy (429),
  // away (503), silent or out of time (504), and after a conflict with another's transaction: each
  // request is a read or has a request id.
  absl::StatusOr<demo::HttpAnswer> Send(const demo::HttpQuestion& question);
  // Of an answer that comes bit by bit (demo::HttpClient::Follow); once.
  absl::StatusOr<demo::HttpAnswer> Follow(const demo::HttpQuestion& question,
                                          demo::HttpClient::Piece piece);

 private:
  std::unique_ptr<demo::HttpClient> Borrow();
  void GiveBack(std::unique_ptr<demo::HttpClient> client);

  const demo::Endpoint endpoint_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<demo::HttpClient>> idle_ ABSL_GUARDED_BY(mutex_);
};

// Who asks: gives the cookie of an open session, a fresh one if `renew`; empty for somebody without
// an account.
using CookieSource = std::function<absl::StatusOr<std::string>(bool renew)>;

// One actor's calls. Thread-safe if the cookie source is.
class Caller {
 public:
  Caller(Api& api, std::string who, CookieSource cookie)
      : api_(api), who_(std::move(who)), cookie_(std::move(cookie)) {}

  absl::Status Get(absl::string_view path, const Query& query, google::protobuf::Message* reply);
  // `once` names the action among this actor's actions on the path: repeated with the same text it
  // is done once.
  absl::Status Post(absl::string_view path, const Query& query,
                    const google::protobuf::Message& body, absl::string_view once,
                    google::protobuf::Message* reply);
  absl::Status Patch(absl::string_view path, const Query& query,
                     const google::protobuf::Message& body, absl::string_view once,
                     google::protobuf::Message* reply);
  absl::Status Upload(absl::string_view path, const Query& query, absl::string_view file,
                      absl::string_view content_type, absl::string_view once,
                      google::protobuf::Message* reply);
  absl::StatusOr<std::string> Download(absl::string_view path, const Query& query);
  // Server-sent events: `event` is given the data of each, and says whether to go on. OK when the
  // stream is over.
  absl::Status Watch(absl::string_view path, absl::FunctionRef<bool(absl::string_view)> event);

  // Every page of a list; `add` takes the entries of one and gives the token of the next.
  template <class Page, class Add>
  absl::Status List(absl::string_view path, Query query, Add add) {
    query.emplace_back("page_size", std::to_string(kPageSize));
    query.emplace_back("page_token", "");
    do {
      Page page;
      if (absl::Status got = Get(path, query, &page); !got.ok()) return got;
      query.back().second = page.next_page_token();
      add(page);
    } while (!query.back().second.empty());
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<demo::HttpAnswer> Ask(demo::HttpQuestion question);
  absl::Status Write(const char* method, absl::string_view path, const Query& query,
                     const google::protobuf::Message& body, absl::string_view once,
                     google::protobuf::Message* reply);

  Api& api_;
  const std::string who_;
  const CookieSource cookie_;
};

// "path?name=value"; values that are empty are left out.
std::string TargetOf(absl::string_view path, const Query& query);

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message);
absl::Status FromJson(absl::string_view json, google::protobuf::Message* message);

}  // namespace chanyan::quarter
