// The way of a client along its courses: the next act of the record whose turn it is.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "tests/fault/under_load/client.h"

namespace chanyan::fault {
namespace {

using testing::HttpReply;
using testing::Json;

constexpr int kMostYuan = 1000;

// What is done to the record and not below it.
bool IsDoneToTheRecord(absl::string_view path) {
  return absl::ConsumePrefix(&path, "{it}") &&
         (path.empty() || path.front() == ':' || path.front() == '?');
}

}  // namespace

void Client::Go() {
  const Course& course = *rota_[turn_++ % rota_.size()];
  std::deque<Walk>& walks = walks_[&course];
  Walk walk;
  const auto due = std::find_if(walks.begin(), walks.end(),
                                [](const Walk& one) { return one.not_before <= absl::Now(); });
  if (due != walks.end()) {
    walk = std::move(*due);
    walks.erase(due);
  } else {
    walk.number = begun_[&course]++;
  }
  for (int i = 0; i < kActsAtOnce; ++i) {
    if (!Take(course, &walk)) return;
    if (walk.not_before > absl::Now()) break;
  }
  walks.push_back(std::move(walk));
}

bool Client::Take(const Course& course, Walk* walk) {
  const Act& act = course.acts[walk->steps];
  const std::string text = Text();
  const Words words = {scene_,
                       number_,
                       text,
                       number_ * kCodesPerClient + serial_,
                       walk->record.name,
                       walk->made,
                       1 + Pick(kMostYuan),
                       walk->number};
  Change change{.what = act.what == nullptr ? course.what : act.what,
                .service = act.service == nullptr ? course.service : act.service,
                .actor = act.actor,
                .method = act.method,
                .target = absl::StrCat("/v1/", Filled(act.path, words)),
                .contended = act.contended,
                .lapses = act.lapses,
                .removes = act.removes,
                .in_pieces = act.in_pieces};
  if (act.sheet == nullptr) {
    change.body = Filled(act.body, words);
    if (act.media != nullptr) change.content_type = act.media;
  } else {
    change.body = act.sheet(words);
    change.content_type = kXlsx;
    change.rows = {course.rows.table, course.rows.name, words.text, kSheetRows};
  }
  if (act.names != nullptr) change.names = Filled(act.names, words);
  if (act.removes) change.names = words.it;
  if (act.brings != nullptr) change.brings = Filled(act.brings, words);
  if (IsDoneToTheRecord(act.path)) change.base = walk->record.etag;
  if (course.counts && walk->steps == 0) change.yuan = words.yuan;
  const std::string names = change.names;
  const Json reply = Send(std::move(change), /*insists=*/walk->number % 2 == 1);
  // One that is in doubt is left alone.
  if (last_ != Outcome::kOk || ++walk->steps == course.acts.size()) return false;
  if (act.beside) {
    walk->made = reply.At("name");
  } else {
    walk->record = {names.empty() ? reply.At("name") : names, reply.At("etag")};
  }
  walk->not_before = absl::Now() + course.acts[walk->steps].after;
  if (act.goes_on_in == nullptr) return true;
  const HttpReply list =
      Get(act.actor, absl::StrCat("/v1/", walk->record.name, "/", act.goes_on_in));
  if (list.status != 200) return false;
  const Json first = list.json().Sub(absl::StrCat(act.goes_on_in, ".0"));
  if (first.At("name").empty()) {
    ledger_.Complain(absl::StrCat(walk->record.name, ": nothing in ", list.body));
    return false;
  }
  walk->record = {first.At("name"), first.At("etag")};
  return true;
}

}  // namespace chanyan::fault
