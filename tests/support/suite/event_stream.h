// A client of server-sent events at the gateway.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "tests/support/suite/json.h"
#include "tests/support/suite/suite.h"

namespace chanyan::testing {

struct StreamEvent {
  std::string id;
  std::string name;
  Json data;
};

// Listens to a stream; every wait ends after a minute.
class EventStream {
 public:
  // Resumed behind `last_event_id`, if it is not empty.
  EventStream(const Suite& suite, const Api& who, const std::string& target,
              const std::string& last_event_id = "");
  ~EventStream();
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  // Of HTTP; 0 if nothing was answered.
  int status() const { return status_; }
  // The next event; without a name at the end.
  StreamEvent Next();

 private:
  // Up to and with `text`; empty at the end.
  std::string Until(absl::string_view text);

  const int fd_;
  int status_ = 0;
  std::string got_;
};

}  // namespace chanyan::testing
