#include "tools/quarter_program/api.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/api/digest.h"
#include "common/status/status.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/status.pb.h"

namespace chanyan::quarter {
namespace {

// The only methods without a request id or a cookie are for reading and for signing in.
constexpr char kRequestHeader[] = "X-Chanyan-Request";
constexpr char kOnceHeader[] = "Idempotency-Key";
constexpr int kOutOfTime = 504;

bool IsAway(const absl::StatusOr<demo::HttpAnswer>& answer) {
  if (!answer.ok()) return absl::IsUnavailable(answer.status());
  if (answer->status == 429 || answer->status == 503) return true;
  // Out of time on a loaded machine: what was done meanwhile is remembered under the request id.
  if (answer->status == kOutOfTime) return true;
  // Lost against another transaction: nothing happened, and the same request may come again.
  return answer->status == 409 &&
         status::ReasonOf(ErrorOf(*answer)) == options::v1::ERROR_REASON_CONFLICT;
}

absl::StatusCode CodeNamed(absl::string_view name) {
  for (int code = 1; code <= 16; ++code) {
    if (absl::StatusCodeToString(static_cast<absl::StatusCode>(code)) == name) {
      return static_cast<absl::StatusCode>(code);
    }
  }
  return absl::StatusCode::kUnknown;
}

}  // namespace

std::string UuidOf(absl::string_view text) {
  const std::string hex = api::Sha256Hex(text);
  const absl::string_view h = hex;
  return absl::StrCat(h.substr(0, 8), "-", h.substr(8, 4), "-", h.substr(12, 4), "-",
                      h.substr(16, 4), "-", h.substr(20, 12));
}

absl::Status ErrorOf(const demo::HttpAnswer& answer) {
  google::protobuf::Struct body;
  google::rpc::Status error;
  if (FromJson(answer.body, &body).ok() && body.fields().contains("error")) {
    const google::protobuf::Struct& inner = body.fields().at("error").struct_value();
    const absl::StatusOr<std::string> json = ToJson(inner);
    if (json.ok() && FromJson(*json, &error).ok() && inner.fields().contains("status")) {
      error.set_code(static_cast<int>(CodeNamed(inner.fields().at("status").string_value())));
      return status::FromProto(error);
    }
  }
  return absl::UnknownError(absl::StrCat("网关答复 ", answer.status, "，内容无法识别"));
}

std::unique_ptr<demo::HttpClient> Api::Borrow() {
  absl::MutexLock lock(&mutex_);
  if (idle_.empty()) return std::make_unique<demo::HttpClient>(endpoint_);
  std::unique_ptr<demo::HttpClient> client = std::move(idle_.back());
  idle_.pop_back();
  return client;
}

void Api::GiveBack(std::unique_ptr<demo::HttpClient> client) {
  absl::MutexLock lock(&mutex_);
  idle_.push_back(std::move(client));
}

absl::StatusOr<demo::HttpAnswer> Api::Send(const demo::HttpQuestion& question) {
  std::unique_ptr<demo::HttpClient> client = Borrow();
  absl::StatusOr<demo::HttpAnswer> answer;
  absl::Duration pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    answer = client->Ask(question, kAnswerTimeout);
    if (!IsAway(answer) || attempt == kMaxAttempts) break;
    absl::Duration wait = std::max(pause, answer.ok() ? answer->retry_after : absl::ZeroDuration());
    // The service may still be at it: a second one beside it would make both slower.
    if (answer.ok() && answer->status == kOutOfTime) wait = std::max(wait, kPauseAfterTimeout);
    absl::SleepFor(wait);
    pause *= 2;
  }
  GiveBack(std::move(client));
  return answer;
}

absl::StatusOr<demo::HttpAnswer> Api::Follow(const demo::HttpQuestion& question,
                                             demo::HttpClient::Piece piece) {
  std::unique_ptr<demo::HttpClient> client = Borrow();
  absl::StatusOr<demo::HttpAnswer> answer = client->Follow(question, kAnswerTimeout, piece);
  GiveBack(std::move(client));
  return answer;
}

absl::StatusOr<demo::HttpAnswer> Caller::Ask(demo::HttpQuestion question) {
  if (question.method != "GET") question.headers.emplace_back(kRequestHeader, "1");
  const size_t others = question.headers.size();
  for (const bool renew : {false, true}) {
    CHANYAN_ASSIGN_OR_RETURN(std::string cookie, cookie_(renew));
    question.headers.resize(others);
    if (!cookie.empty()) question.headers.emplace_back("Cookie", std::move(cookie));
    CHANYAN_ASSIGN_OR_RETURN(demo::HttpAnswer answer, api_.Send(question));
    if (answer.status == 200) return answer;
    if (answer.status != 401 || renew) return ErrorOf(answer);
  }
  return absl::InternalError("unreachable");
}

absl::Status Caller::Get(absl::string_view path, const Query& query,
                         google::protobuf::Message* reply) {
  CHANYAN_ASSIGN_OR_RETURN(const demo::HttpAnswer answer, Ask({"GET", TargetOf(path, query)}));
  return FromJson(answer.body, reply);
}

absl::Status Caller::Post(absl::string_view path, const Query& query,
                          const google::protobuf::Message& body, absl::string_view once,
                          google::protobuf::Message* reply) {
  return Write("POST", path, query, body, once, reply);
}

absl::Status Caller::Patch(absl::string_view path, const Query& query,
                           const google::protobuf::Message& body, absl::string_view once,
                           google::protobuf::Message* reply) {
  return Write("PATCH", path, query, body, once, reply);
}

absl::Status Caller::Write(const char* method, absl::string_view path, const Query& query,
                           const google::protobuf::Message& body, absl::string_view once,
                           google::protobuf::Message* reply) {
  demo::HttpQuestion question{method, TargetOf(path, query)};
  question.headers.emplace_back(kOnceHeader, UuidOf(absl::StrCat(who_, "\n", path, "\n", once)));
  question.content_type = "application/json";
  CHANYAN_ASSIGN_OR_RETURN(question.body, ToJson(body));
  CHANYAN_ASSIGN_OR_RETURN(const demo::HttpAnswer answer, Ask(std::move(question)));
  return reply == nullptr ? absl::OkStatus() : FromJson(answer.body, reply);
}

absl::Status Caller::Upload(absl::string_view path, const Query& query, absl::string_view file,
                            absl::string_view content_type, absl::string_view once,
                            google::protobuf::Message* reply) {
  demo::HttpQuestion question{"POST", TargetOf(path, query)};
  question.headers.emplace_back(
      kOnceHeader,
      UuidOf(absl::StrCat(who_, "\n", question.target, "\n", once, "\n", api::Sha256Hex(file))));
  question.content_type = std::string(content_type);
  question.body = std::string(file);
  CHANYAN_ASSIGN_OR_RETURN(const demo::HttpAnswer answer, Ask(std::move(question)));
  return reply == nullptr ? absl::OkStatus() : FromJson(answer.body, reply);
}

absl::StatusOr<std::string> Caller::Download(absl::string_view path, const Query& query) {
  CHANYAN_ASSIGN_OR_RETURN(demo::HttpAnswer answer, Ask({"GET", TargetOf(path, query)}));
  return std::move(answer.body);
}

absl::Status Caller::Watch(absl::string_view path,
                           absl::FunctionRef<bool(absl::string_view)> event) {
  constexpr absl::string_view kData = "data: ";
  demo::HttpQuestion question{"GET", std::string(path)};
  CHANYAN_ASSIGN_OR_RETURN(const std::string cookie, cookie_(/*renew=*/false));
  question.headers = {{"Cookie", cookie}, {"Accept", "text/event-stream"}};
  std::string text;
  const auto piece = [&](absl::string_view more) {
    absl::StrAppend(&text, more);
    for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
      const absl::string_view line = absl::string_view(text).substr(0, end);
      if (absl::StartsWith(line, kData) && !event(line.substr(kData.size()))) return false;
      text.erase(0, end + 1);
    }
    return true;
  };
  CHANYAN_ASSIGN_OR_RETURN(const demo::HttpAnswer answer, api_.Follow(question, piece));
  return answer.status == 200 ? absl::OkStatus() : ErrorOf(answer);
}

std::string TargetOf(absl::string_view path, const Query& query) {
  std::string target(path);
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    target.push_back(separator);
    absl::StrAppend(&target, name, "=", demo::PercentEncode(value));
    separator = '&';
  }
  return target;
}

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message) {
  std::string json;
  const auto done = google::protobuf::util::MessageToJsonString(message, &json);
  if (done.ok()) return json;
  return absl::InternalError(std::string(done.message()));
}

absl::Status FromJson(absl::string_view json, google::protobuf::Message* message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto done = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), message, options);
  if (done.ok()) return absl::OkStatus();
  return absl::UnknownError(
      absl::StrCat("网关的答复不是所约定的内容：", done.message().ToString()));
}

}  // namespace chanyan::quarter
