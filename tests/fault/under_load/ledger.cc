#include "tests/fault/under_load/ledger.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "tests/fault/under_load/deadlines.h"

namespace chanyan::fault {
namespace {

bool IsOpen(int status) { return status == 503 || status == 504 || status == 429; }

}  // namespace

Outcome OutcomeOf(const testing::HttpReply& reply) {
  if (reply.status == 200) return Outcome::kOk;
  if (reply.status == 0) return reply.unsent ? Outcome::kFail : Outcome::kUnknown;
  if (IsOpen(reply.status) || reply.Reason() == "CONFLICT") return Outcome::kUnknown;
  return Outcome::kFail;
}

bool MayBeRefused(const Change& change, const testing::HttpReply& reply) {
  const std::string reason = reply.Reason();
  // Nobody has published the work calendar of a year that is far off.
  if (reason == "CALENDAR_MISSING") return true;
  if (change.lapses && reason == "INVALID_FIELD") return true;
  return change.contended &&
         (reason == "STALE_ETAG" || reason == "ALREADY_EXISTS" || reason == "WRONG_STATE");
}

testing::HttpReply SendChange(testing::Api& api, const std::string& gateway, const Change& change) {
  testing::Headers headers = {{"Idempotency-Key", change.request_id}};
  if (!change.base.empty()) headers.emplace_back("If-Match", absl::StrCat("\"", change.base, "\""));
  if (change.method == "DELETE") {
    headers.insert(headers.end(), api.credentials().begin(), api.credentials().end());
    return testing::HttpClient(gateway).Send("DELETE", change.target, headers);
  }
  headers.emplace_back("Content-Type", change.content_type);
  return change.method == "POST" ? api.Post(change.target, change.body, headers)
                                 : api.Patch(change.target, change.body, headers);
}

void NoteAnswer(const testing::Json& answer, Change* change) {
  // A merger answers with both.
  const std::string merged = answer.Has("organization.name") ? "organization." : "";
  change->resource = answer.At(merged + "name");
  change->etag = answer.At(merged + "etag");
  if (!change->names.empty()) change->resource = change->names;
  // The plan by which a result was pushed is no resource; what it changed is the result.
  absl::string_view target = change->target;
  if (change->resource.empty() && absl::ConsumeSuffix(&target, ":dispatch") &&
      absl::ConsumePrefix(&target, "/v1/")) {
    change->resource = std::string(target);
  }
}

void Ledger::Add(Change change) {
  absl::MutexLock lock(&mutex_);
  changes_.push_back(std::move(change));
}

void Ledger::Note(const testing::HttpReply& reply, absl::string_view method,
                  absl::string_view target, absl::Duration took) {
  const absl::Duration longest = LongestCall(method, target);
  const std::string what = absl::StrCat(method, " ", target);
  const bool error = reply.status >= 400;
  const std::string reason = error ? reply.Reason() : "";
  absl::MutexLock lock(&mutex_);
  ++counts_.answers;
  if (reply.status == 0) ++counts_.unanswered;
  if (IsOpen(reply.status)) ++counts_.unavailable;
  if (reply.status >= 500 && !IsOpen(reply.status)) {
    complaints_.push_back(absl::StrCat(what, ": ", reply.status, " ", reply.body));
  }
  if (error && reason.empty()) {
    complaints_.push_back(absl::StrCat(what, ": no reason in ", reply.status, " ", reply.body));
  }
  if (took > longest) {
    complaints_.push_back(absl::StrCat(what, ": took ", absl::FormatDuration(took),
                                       ", its deadline and the way are ",
                                       absl::FormatDuration(longest)));
  }
}

void Ledger::Complain(std::string text) {
  absl::MutexLock lock(&mutex_);
  complaints_.push_back(std::move(text));
}

std::map<std::string, int> Ledger::Acknowledged() const {
  std::map<std::string, int> acknowledged;
  absl::MutexLock lock(&mutex_);
  for (const Change& change : changes_) {
    acknowledged[change.what] += change.outcome == Outcome::kOk;
  }
  return acknowledged;
}

absl::Duration Ledger::LongestGap() const {
  std::vector<absl::Time> ends;
  for (const Change& change : changes_) {
    if (change.outcome == Outcome::kOk) ends.push_back(change.end);
  }
  std::sort(ends.begin(), ends.end());
  absl::Duration longest;
  for (size_t i = 1; i < ends.size(); ++i) longest = std::max(longest, ends[i] - ends[i - 1]);
  return longest;
}

absl::Duration Ledger::Recovery(absl::Time since, const std::string& service) const {
  absl::Time first = absl::InfiniteFuture();
  for (const Change& change : changes_) {
    if (change.outcome == Outcome::kOk && change.service == service && change.start >= since) {
      first = std::min(first, change.end);
    }
  }
  return first - since;
}

}  // namespace chanyan::fault
