// What the clients of a fault test did and were told. Kept in memory: the clients are not what is
// killed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/support/suite/suite.h"

namespace chanyan::fault {

enum class Outcome {
  // Acknowledged: it must be there.
  kOk,
  // Refused: it must not be there.
  kFail,
  // Nobody knows yet: sent again with its request id, it must come to be there once.
  kUnknown,
};

// Who sends it.
enum class Actor {
  kSecretariat,
  kResearchOffice,
  // Of another university.
  kOtherOffice,
  kEnterprise,
  kUnit,
  kOffice,
  kDepartment,
  kAgency,
  kAdministrator,
  // Of the platforms of the research office's university.
  kPlatformManager
};
inline constexpr size_t kActors = 10;

inline constexpr char kXlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

// Rows that a file brings: so many whose `column` begins with `text`.
struct SheetRows {
  const char* table = nullptr;
  const char* column = nullptr;
  std::string text;
  int count = 0;
};

// One change, with all that is needed to send it again.
struct Change {
  std::string request_id;
  // In the report's words: "booking".
  const char* what = "";
  // "registry": whose schema it changes.
  std::string service;
  Actor actor = Actor::kSecretariat;
  std::string method;
  std::string target;
  std::string body;
  std::string content_type = "application/json";
  // Etag it was based on; empty for a creation.
  std::string base;
  // Others want the same resource or the same time, so that it may come too late.
  bool contended = false;
  // It is in time only for a while: sent again, it may come too late.
  bool lapses = false;
  // Of a file that is imported in the background.
  SheetRows rows;
  // What it changes, where the answer does not say so.
  std::string names;
  // It takes away what it names.
  bool removes = false;
  // It is carried out piece by piece, each under a request id of its own.
  bool in_pieces = false;
  // What pairing has afterwards, if it is another service's.
  std::string brings;
  // What it adds to the sum of outcomes.
  int64_t yuan = 0;

  Outcome outcome = Outcome::kUnknown;
  absl::Time start;
  absl::Time end;
  // Of an answer that was OK: what it names.
  std::string resource;
  std::string etag;
};

// What an answer to a change means. 503, 504, 429 and a lost race may follow an attempt of the
// gateway's that was carried out, so they leave it open.
Outcome OutcomeOf(const testing::HttpReply& reply);
// Whether a definite no is one that its sender has to be prepared for.
bool MayBeRefused(const Change& change, const testing::HttpReply& reply);

// Sends it, for the first time or again, to the gateway that `api` speaks to.
testing::HttpReply SendChange(testing::Api& api, const std::string& gateway, const Change& change);
// What an answer that was OK says of the change.
void NoteAnswer(const testing::Json& answer, Change* change);

// Thread-safe.
class Ledger {
 public:
  struct Counts {
    int64_t answers = 0;
    // 503, 504 and 429.
    int64_t unavailable = 0;
    // None at all.
    int64_t unanswered = 0;
  };

  void Add(Change change);
  // Counts a read, or a change's answer, and notes what no client may ever see: a 5xx other than
  // 503 and 504, an error without a reason, an answer later than the deadline of what was called.
  void Note(const testing::HttpReply& reply, absl::string_view method, absl::string_view target,
            absl::Duration took);
  void Complain(std::string text);

  // Acknowledged changes, by what they are of.
  std::map<std::string, int> Acknowledged() const;

  // For when the clients have stopped.
  std::vector<Change>& changes() { return changes_; }
  const std::vector<std::string>& complaints() const { return complaints_; }
  const Counts& counts() const { return counts_; }
  // Between two acknowledged changes, of whatever client.
  absl::Duration LongestGap() const;
  // From `since` to the first change of `service` that was sent and acknowledged after it.
  absl::Duration Recovery(absl::Time since, const std::string& service) const;

 private:
  mutable absl::Mutex mutex_;
  std::vector<Change> changes_;
  std::vector<std::string> complaints_;
  Counts counts_;
};

}  // namespace chanyan::fault
