#include "tests/fault/under_load/client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/fault/under_load/bodies.h"
#include "tests/fault/under_load/load.h"

namespace chanyan::fault {
namespace {

using testing::HttpReply;
using testing::Json;

// Bookings lie in two days that are near enough to be asked for and far enough to be given back,
// and begin at quarters of an hour: few enough that most of them are in each other's way.
constexpr int kBookedAhead = 3;
constexpr int kBookedDays = 2;
constexpr int kQuartersOfDay = 96;
constexpr int kLongestQuarters = 12;
constexpr absl::Duration kQuarter = absl::Minutes(15);
// How long one who insists goes on sending, and how often.
constexpr absl::Duration kInsists = absl::Seconds(4);
constexpr absl::Duration kBetweenAttempts = absl::Milliseconds(100);

struct Times {
  absl::Time start;
  absl::Time end;
};

Times DrawTimes(std::mt19937_64& random) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::Time first = absl::FromCivil(absl::ToCivilDay(absl::Now(), utc) + kBookedAhead, utc);
  const absl::Time start =
      first + kQuarter * static_cast<int>(random() % (kBookedDays * kQuartersOfDay));
  return {start, start + kQuarter * static_cast<int>(1 + random() % kLongestQuarters)};
}

std::vector<testing::Api> ApisOf(const Scene& scene) {
  std::vector<testing::Api> apis;
  for (size_t actor = 0; actor < kActors; ++actor) {
    apis.push_back(scene.ApiOf(static_cast<Actor>(actor)));
  }
  return apis;
}

}  // namespace

Client::Client(const Scene& scene, Ledger& ledger, int number, uint64_t seed)
    : scene_(scene),
      ledger_(ledger),
      number_(number),
      random_(seed + static_cast<uint64_t>(number)),
      apis_(ApisOf(scene)),
      rota_(RotaOf(seed)),
      turn_(rota_.size() * static_cast<size_t>(number) / kClients) {}

void Client::Step() {
  const int dice = Pick(100);
  if (dice < 48) return Read(dice);
  if (dice < 53) return CreateOrganization();
  if (dice < 55) return Update(&organizations_, "registry", Actor::kSecretariat, "contacts");
  if (dice < 56) return UpdateShared();
  if (dice < 58) return Merge();
  if (dice < 64) return Triage();
  if (dice < 68) return CreateProject();
  if (dice < 70) return Update(&projects_, "pairing", Actor::kResearchOffice, "title");
  if (dice < 74) return Book();
  if (dice < 77) return Rebook();
  if (dice < 80) return Revise();
  Go();
}

HttpReply Client::Get(Actor actor, const std::string& target) {
  const absl::Time start = absl::Now();
  HttpReply reply = ApiOf(actor).Get(target);
  ledger_.Note(reply, "GET", target, absl::Now() - start);
  return reply;
}

Json Client::Send(Change change, bool insists) {
  change.request_id = testing::NewRequestId();
  change.start = absl::Now();
  const std::string what = absl::StrCat(change.method, " ", change.target);
  HttpReply reply;
  bool sent = false;
  for (absl::Time start = change.start;; start = absl::Now()) {
    reply = SendChange(ApiOf(change.actor), scene_.address, change);
    change.end = absl::Now();
    sent |= !reply.unsent;
    // That this attempt did not get through says nothing of the one before.
    change.outcome = sent && reply.unsent ? Outcome::kUnknown : OutcomeOf(reply);
    ledger_.Note(reply, change.method, change.target, change.end - start);
    const bool known = change.outcome != Outcome::kUnknown && !reply.unsent;
    if (known || !insists || change.end > change.start + kInsists) break;
    absl::SleepFor(kBetweenAttempts);
  }
  last_ = change.outcome;
  Json json;
  if (change.outcome == Outcome::kOk) {
    json = reply.json();
    NoteAnswer(json, &change);
    if (change.resource.empty()) {
      ledger_.Complain(absl::StrCat(what, ": OK and nothing in “", reply.body, "”"));
    }
  } else if (change.outcome == Outcome::kFail && !reply.unsent && !MayBeRefused(change, reply)) {
    ledger_.Complain(absl::StrCat(what, ": ", reply.status, " ", reply.body, reply.failure));
  }
  ledger_.Add(std::move(change));
  return json;
}

void Client::Read(int dice) {
  if (dice < 20 && !organizations_.empty()) {
    Check(Actor::kSecretariat, organizations_[Pick(organizations_.size())]);
  } else if (dice < 35 && !projects_.empty()) {
    Check(Actor::kResearchOffice, projects_[Pick(projects_.size())]);
  } else if (dice < 45 && !bookings_.empty()) {
    Check(Actor::kEnterprise, bookings_[Pick(bookings_.size())]);
  } else if (dice < 50) {
    Get(Actor::kResearchOffice, absl::StrCat("/v1/", scene_.project, "/outcomes?pageSize=5"));
  } else {
    Get(Actor::kSecretariat, "/v1/organizations?pageSize=5");
  }
}

void Client::Check(Actor actor, const Known& known) {
  const HttpReply reply = Get(actor, "/v1/" + known.name);
  if (reply.status == 404 || (reply.status == 200 && reply.json().At("etag") != known.etag)) {
    ledger_.Complain(absl::StrCat(known.name, ": acknowledged ", known.etag, ", read ",
                                  reply.status, " ", reply.body));
  }
}

void Client::CreateOrganization() {
  const int serial = ++serial_;
  const std::string title = absl::StrCat("演示单位", number_, "-", serial);
  const bool enterprise = serial % 3 != 0;
  const Json reply =
      Send({.what = "organization",
            .service = "registry",
            .method = "POST",
            .target = absl::StrCat("/v1/organizations?organizationId=c", number_, "-", serial),
            .body = enterprise ? EnterpriseBody(title, number_ * kCodesPerClient + serial)
                               : OrganizationBody(title, "TOWN")});
  if (last_ != Outcome::kOk) return;
  organizations_.push_back({reply.At("name"), reply.At("etag")});
  if (enterprise) companies_.push_back({.name = reply.At("name")});
}

void Client::CreateProject() {
  const auto company = std::find_if(companies_.begin(), companies_.end(), HasNoProject);
  if (company == companies_.end()) return CreateOrganization();
  const Json reply = Send({.what = "project",
                           .service = "pairing",
                           .actor = Actor::kResearchOffice,
                           .method = "POST",
                           .target = "/v1/projects",
                           .body = ProjectBody(scene_.platform, company->name)});
  if (last_ == Outcome::kOk) {
    company->project = reply.At("name");
    projects_.push_back({reply.At("name"), reply.At("etag")});
  } else {
    companies_.erase(company);
  }
}

std::string Client::NewValue(const std::string& field) {
  return field == "contacts" ? absl::StrCat("[{\"person\":\"", Text(), "\"}]")
                             : absl::StrCat("\"", Text(), "\"");
}

void Client::Update(std::vector<Known>* mine, const std::string& service, Actor actor,
                    const std::string& field) {
  if (mine->empty()) return CreateOrganization();
  const int index = Pick(mine->size());
  Known& known = (*mine)[index];
  const Json reply = Send({.what = service == "pairing" ? "project" : "organization",
                           .service = service,
                           .actor = actor,
                           .method = "PATCH",
                           .target = absl::StrCat("/v1/", known.name, "?updateMask=", field),
                           .body = absl::StrCat("{\"", field, "\":", NewValue(field), "}"),
                           .base = known.etag});
  if (last_ == Outcome::kOk) {
    known.etag = reply.At("etag");
  } else if (last_ == Outcome::kUnknown) {
    // Left alone until it is known: an etag that is in doubt is no base, and what a merger touches
    // must not be in doubt.
    std::erase_if(companies_, [&](const Company& company) {
      return company.name == known.name || company.project == known.name;
    });
    mine->erase(mine->begin() + index);
  }
}

void Client::UpdateShared() {
  const std::string& name = scene_.shared[Pick(scene_.shared.size())];
  const HttpReply read = Get(Actor::kSecretariat, "/v1/" + name);
  if (read.status != 200) return;
  Send({.what = "organization",
        .service = "registry",
        .method = "PATCH",
        .target = absl::StrCat("/v1/", name, "?updateMask=contacts"),
        .body = absl::StrCat("{\"contacts\":", NewValue("contacts"), "}"),
        .base = read.json().At("etag"),
        .contended = true});
}

void Client::Merge() {
  if (companies_.size() < 2) return CreateOrganization();
  const Company from = companies_[Pick(companies_.size())];
  const auto into = std::find_if(companies_.begin(), companies_.end(), [&](const Company& other) {
    return HasNoProject(other) && other.name != from.name;
  });
  if (into == companies_.end()) return CreateOrganization();
  const Company survivor = *into;
  const Json reply =
      Send({.what = "merger",
            .service = "registry",
            .method = "POST",
            .target = absl::StrCat("/v1/", from.name, ":merge"),
            .body = absl::StrCat("{\"into\":\"", survivor.name, "\",\"reason\":\"演示合并\"}")});
  // The project follows at a time that nobody knows, so it is no longer this client's own.
  std::erase_if(projects_, [&](const Known& known) { return known.name == from.project; });
  std::erase_if(companies_, [&](const Company& company) {
    return company.name == from.name || company.name == survivor.name;
  });
  std::erase_if(organizations_, [&](const Known& known) {
    return known.name == from.name || known.name == survivor.name;
  });
  if (last_ != Outcome::kOk) return;
  organizations_.push_back({survivor.name, reply.At("survivor.etag")});
  companies_.push_back({.name = survivor.name, .project = from.project});
}

void Client::Book() {
  const std::string& instrument = scene_.instruments[Pick(scene_.instruments.size())];
  const Times times = DrawTimes(random_);
  const Json reply = Send({.what = "booking",
                           .service = "registry",
                           .actor = Actor::kEnterprise,
                           .method = "POST",
                           .target = absl::StrCat("/v1/", instrument, "/bookings"),
                           .body = BookingBody(times.start, times.end),
                           .contended = true});
  if (last_ == Outcome::kOk) bookings_.push_back({reply.At("name"), reply.At("etag")});
}

void Client::Rebook() {
  if (bookings_.empty()) return Book();
  const int index = Pick(bookings_.size());
  Known& booking = bookings_[index];
  const bool move = Pick(2) == 0;
  const Times times = DrawTimes(random_);
  const Json reply =
      Send({.what = "booking",
            .service = "registry",
            .actor = Actor::kEnterprise,
            .method = "POST",
            .target = absl::StrCat("/v1/", booking.name, move ? ":reschedule" : ":cancel"),
            .body = move ? RescheduleBody(times.start, times.end) : R"({"reason":"样品未到"})",
            .base = booking.etag,
            .contended = move});
  if (last_ == Outcome::kOk && move) {
    booking.etag = reply.At("etag");
  } else if (last_ != Outcome::kFail) {
    bookings_.erase(bookings_.begin() + index);
  }
}

void Client::Revise() {
  const std::string& platform = scene_.revised_platform;
  const HttpReply read = Get(Actor::kResearchOffice, "/v1/" + platform);
  if (read.status != 200) return;
  const auto send = [&](Actor actor, const char* method, const std::string& target,
                        const std::string& body, const std::string& base) {
    Send({.what = "revision",
          .service = "registry",
          .actor = actor,
          .method = method,
          .target = "/v1/" + target,
          .body = body,
          .base = base,
          .contended = true});
  };
  const auto edit = [&] {
    send(Actor::kResearchOffice, "PATCH", platform + "?updateMask=introduction",
         absl::StrCat("{\"introduction\":\"", Text(), "\"}"), read.json().At("etag"));
  };
  const std::string revision = read.json().At("openRevision");
  if (revision.empty()) return edit();
  const HttpReply open = Get(Actor::kResearchOffice, "/v1/" + revision);
  if (open.status != 200) return;
  const std::string etag = open.json().At("etag");
  if (open.json().At("state") != "PLATFORM_REVISION_STATE_IN_REVIEW") {
    if (Pick(2) == 0) return edit();
    send(Actor::kResearchOffice, "POST", revision + ":submit", "{}", etag);
  } else if (Pick(4) == 0) {
    send(Actor::kSecretariat, "POST", revision + ":return", R"({"reasons":["请补充"]})", etag);
  } else {
    send(Actor::kSecretariat, "POST", revision + ":publish", "{}", etag);
  }
}

}  // namespace chanyan::fault
