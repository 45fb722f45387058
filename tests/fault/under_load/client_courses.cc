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
// What others see to is looked at again so long after.
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(300);

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

Change Client::ChangeOf(const Course& course, const Act& act, const Walk& walk,
                        const Words& words) {
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
    change.rows = {course.rows.table, course.rows.name, words.text, course.rows.rows};
  }
  if (act.names != nullptr) change.names = Filled(act.names, words);
  if (act.removes) change.names = words.it;
  if (act.brings != nullptr) change.brings = Filled(act.brings, words);
  if (!act.anyhow && IsDoneToTheRecord(act.path)) change.base = walk.record.etag;
  if (course.counts && walk.steps == 0) {
    change.yuan = words.yuan * (act.sheet == nullptr ? 1 : course.rows.rows);
  }
  return change;
}

bool Client::IsDue(Actor actor, Walk* walk) {
  if (walk->until == nullptr) return true;
  const HttpReply reply = Get(actor, absl::StrCat("/v1/", walk->awaited));
  if (reply.status != 200 || reply.json().At(walk->until).empty()) {
    walk->not_before = absl::Now() + kBetweenLooks;
    return false;
  }
  // Others have changed it since.
  if (walk->awaited == walk->record.name) walk->record.etag = reply.json().At("etag");
  walk->until = nullptr;
  return true;
}

bool Client::Take(const Course& course, Walk* walk) {
  const Act& act = course.acts[walk->steps];
  if (!IsDue(act.actor, walk)) return true;
  const std::string text = Text();
  const int number = number_ * kCodesPerClient + serial_;
  if (walk->steps == 0) {
    walk->first_text = text;
    walk->first_number = number;
  }
  const Words words = {scene_,
                       number_,
                       text,
                       number,
                       walk->record.name,
                       walk->made,
                       1 + Pick(kMostYuan),
                       walk->number,
                       walk->first_text,
                       walk->first_number,
                       course.lane};
  Change change = ChangeOf(course, act, *walk, words);
  const std::string names = change.names;
  const Json reply = Send(std::move(change), /*insists=*/walk->number % 2 == 1);
  // One that is in doubt is left alone.
  if (last_ != Outcome::kOk || ++walk->steps == course.acts.size()) return false;
  if (act.beside) {
    walk->made = reply.At("name");
  } else if (names.empty()) {
    walk->record = {reply.At("name"), reply.At("etag")};
  } else {
    // The answer is not what it names, and may have an etag of its own.
    walk->record = {names, act.until == nullptr ? reply.At("etag") : ""};
  }
  if (act.until != nullptr) {
    walk->until = act.until;
    walk->awaited = act.beside ? walk->record.name : reply.At("name");
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
