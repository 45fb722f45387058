#include "tests/support/suite/suite.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/api/names.h"
#include "common/auth/secret.h"
#include "common/db/migrate.h"

namespace chanyan::testing {
namespace {

// A loaded machine is slow, which is no fault of the suite.
constexpr absl::Duration kReadyLimit = absl::Seconds(60);
constexpr absl::Duration kReadyTimeout = absl::Seconds(5);
constexpr absl::Duration kPoll = absl::Milliseconds(20);
// "/gateway.admin.sock" in sockaddr_un.
constexpr size_t kMaxDirectoryPath = 107 - 20;
constexpr char kPassword[] = "Ceshi-Mima-2025";

struct Program {
  const char* name;
  const char* path;
  std::vector<std::string> peers;
};

// In the order of starting.
const std::vector<Program>& Programs() {
  static const auto& programs = *new std::vector<Program>{
      {"identity", CHANYAN_IDENTITY, {}},
      {"registry", CHANYAN_REGISTRY, {"identity"}},
      {"pairing", CHANYAN_PAIRING, {"identity", "registry"}},
      {"triage", CHANYAN_TRIAGE, {"identity", "registry"}},
      {"consortium", CHANYAN_CONSORTIUM, {"identity", "registry", "pairing"}},
      {"cycle", CHANYAN_CYCLE, {"identity", "registry", "pairing", "triage", "consortium"}},
      {"gateway",
       CHANYAN_GATEWAY,
       {"identity", "registry", "pairing", "cycle", "triage", "consortium"}},
  };
  return programs;
}

const Program& ProgramOf(const std::string& name) {
  for (const Program& program : Programs()) {
    if (name == program.name) return program;
  }
  std::fprintf(stderr, "suite: no service %s\n", name.c_str());
  std::abort();
}

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "suite: %s\n", what.c_str());
  std::abort();
}

std::string NewDirectory() {
  std::string base = CHANYAN_SUITE_DIR;
  if (base.size() + 8 > kMaxDirectoryPath) {
    base = absl::StrCat(std::filesystem::temp_directory_path().string(), "/chanyan-suite");
  }
  std::filesystem::create_directories(base);
  std::string dir = base + "/XXXXXX";
  if (mkdtemp(dir.data()) == nullptr) Die("no directory under " + base);
  return dir;
}

int HoldPort(int* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    Die("no free port");
  }
  *port = ntohs(address.sin_port);
  return fd;
}

// Of a year whose work calendar nobody has published.
constexpr char kPlainCalendar[] = R"(calendars {
  year: YEAR
  note: "测试用：除元旦外没有放假和调休"
  holidays {
    display_name: "元旦"
    first_date { year: YEAR month: 1 day: 1 }
    last_date { year: YEAR month: 1 day: 1 }
  }
}
)";

// Writes such a calendar for this year and those after it where they need it, so that what a test
// may do does not depend on the day on which it runs.
void WritePlainCalendars(const std::string& dir, int years) {
  std::filesystem::create_directory(dir);
  const absl::CivilYear first = absl::ToCivilYear(absl::Now(), absl::UTCTimeZone());
  for (absl::CivilYear year = first; year < first + years; ++year) {
    const std::string number = absl::StrCat(year.year());
    const std::string published =
        absl::StrCat(CHANYAN_SOURCE_DIR, "/deploy/policies/calendar/", number, ".textproto");
    if (std::filesystem::exists(published)) continue;
    std::ofstream(absl::StrCat(dir, "/", number, ".textproto"))
        << absl::StrReplaceAll(kPlainCalendar, {{"YEAR", number}});
  }
}

std::vector<std::string> ComponentsOf(const std::string& service) {
  return {"common:common/db/migrations", "journal:common/journal/migrations",
          absl::StrCat(service, ":services/", service, "/migrations")};
}

void Expect(const HttpReply& reply, const std::string& doing) {
  if (reply.status != 200) {
    Die(absl::StrCat(doing, ": ", reply.status, " ", reply.failure, " ", reply.body));
  }
}

bool HasHeader(const Headers& headers, absl::string_view name) {
  for (const auto& [key, value] : headers) {
    if (absl::EqualsIgnoreCase(key, name)) return true;
  }
  return false;
}

}  // namespace

std::string NewRequestId() { return api::NewUuid(); }

HttpReply Api::Get(absl::string_view target, const Headers& headers) {
  Headers all = credentials_;
  all.insert(all.end(), headers.begin(), headers.end());
  return client_.Send("GET", target, all);
}

HttpReply Api::Post(absl::string_view target, absl::string_view body, const Headers& headers) {
  return Change("POST", target, body, headers);
}

HttpReply Api::Patch(absl::string_view target, absl::string_view body, const Headers& headers) {
  return Change("PATCH", target, body, headers);
}

HttpReply Api::Change(absl::string_view method, absl::string_view target, absl::string_view body,
                      const Headers& headers) {
  Headers all = credentials_;
  all.insert(all.end(), headers.begin(), headers.end());
  if (!HasHeader(all, "Content-Type")) all.emplace_back("Content-Type", "application/json");
  return client_.Send(method, target, all, body);
}

Suite::Suite(SuiteOptions options) : options_(std::move(options)), dir_(NewDirectory()) {
  for (const Program& program : Programs()) {
    if (!absl::c_linear_search(options_.without, program.name)) services_.push_back(program.name);
  }
  std::filesystem::create_directory(dir_ + "/secrets");
  chmod((dir_ + "/secrets").c_str(), 0700);
  for (const char* service : {"cycle", "consortium"}) {
    const absl::Status made =
        auth::CreateSecretFile(absl::StrCat(dir_, "/secrets/", service, ".keys"),
                               absl::StrCat("k1 ", auth::NewSecret(), "\n"));
    if (!made.ok()) Die(std::string(made.message()));
  }
  WritePlainCalendars(dir_ + "/calendar", options_.calendar_years);
  policy_ = absl::StrCat(CHANYAN_SOURCE_DIR, "/deploy/policies/", options_.city);
  if (options_.amend_policy != nullptr) {
    std::filesystem::copy(policy_, dir_ + "/policy");
    policy_ = dir_ + "/policy";
    options_.amend_policy(policy_);
  }
  port_holder_ = HoldPort(&port_);
  OpenDatabases();
  if (options_.redis) redis_ = std::make_unique<OwnRedis>(dir_);
  for (const std::string& service : services_) {
    Start(service);
    WaitReady(service);
  }
}

Suite::~Suite() {
  // Clients first, so that nobody's last words are about a lost peer.
  while (!processes_.empty()) {
    const auto gateway = processes_.find("gateway");
    processes_.erase(gateway != processes_.end() ? gateway : processes_.begin());
  }
  redis_.reset();
  own_mariadb_.reset();
  close(port_holder_);
  if (::testing::Test::HasFailure()) {
    std::fprintf(stderr, "suite: logs are in %s\n", dir_.c_str());
  } else {
    std::filesystem::remove_all(dir_);
  }
}

void Suite::OpenDatabases() {
  if (options_.own_mariadb) own_mariadb_ = std::make_unique<OwnMariaDb>(dir_);
  for (const std::string& service : services_) {
    if (service == "gateway") continue;
    if (!options_.own_mariadb) {
      databases_[service] = std::make_unique<TestDatabase>(ComponentsOf(service));
      continue;
    }
    std::vector<db::Component> components;
    for (const std::string& text : ComponentsOf(service)) {
      components.push_back(db::Component::Parse(text).value());
      components.back().dir = absl::StrCat(CHANYAN_SOURCE_DIR, "/", components.back().dir);
    }
    const auto migrated = db::Migrate(DatabaseOf(service), components, {.create = true});
    if (!migrated.ok()) Die(std::string(migrated.status().message()));
  }
}

std::string Suite::UrlOf(const std::string& service) const {
  return options_.own_mariadb ? own_mariadb_->UrlFor("chanyan_" + service)
                              : databases_.at(service)->Url();
}

db::Config Suite::DatabaseOf(const std::string& service) const {
  if (!options_.own_mariadb) return databases_.at(service)->config();
  return db::Config::FromUrl(UrlOf(service)).value();
}

std::string Suite::SocketOf(const std::string& service) const {
  return absl::StrCat("unix:", dir_, "/", service, ".sock");
}

std::string Suite::GrpcTarget(const std::string& service) const { return SocketOf(service); }

std::string Suite::http_address() const { return absl::StrCat("127.0.0.1:", port_); }

std::vector<std::string> Suite::CommandOf(const std::string& service) const {
  const Program& program = ProgramOf(service);
  const std::string policies = absl::StrCat(CHANYAN_SOURCE_DIR, "/deploy/policies/");
  std::vector<std::string> command = {
      program.path, absl::StrCat("--listen=", SocketOf(service)),
      absl::StrCat("--admin=unix:", dir_, "/", service, ".admin.sock"),
      absl::StrCat("--redis=", redis_ == nullptr ? "" : redis_->address()),
      absl::StrCat("--policy=", policies, "calendar,", dir_, "/calendar,", policies, "national,",
                   policy_)};
  std::vector<std::string> peers;
  absl::c_copy_if(program.peers, std::back_inserter(peers),
                  [&](const std::string& peer) { return absl::c_linear_search(services_, peer); });
  if (!peers.empty()) {
    command.push_back(
        absl::StrCat("--peers=", absl::StrJoin(peers, ",", [&](std::string* out, const auto& peer) {
                       absl::StrAppend(out, peer, "=", SocketOf(peer));
                     })));
  }
  if (service == "identity") {
    command.push_back(absl::StrCat("--secrets_dir=", dir_, "/secrets"));
  } else {
    command.push_back(absl::StrCat("--client_secret_file=", dir_, "/secrets/", service, ".secret"));
  }
  if (service == "gateway") {
    command.insert(command.end(),
                   {absl::StrCat("--http=", http_address()),
                    absl::StrCat("--descriptors=", CHANYAN_DESCRIPTORS), "--rate_factor=1000",
                    absl::StrCat("--static=", CHANYAN_SOURCE_DIR, "/services/gateway/static")});
  } else {
    command.push_back(absl::StrCat("--db=", UrlOf(service)));
    command.push_back("--workers=8");
  }
  if (service == "cycle" || service == "consortium") {
    command.push_back(absl::StrCat("--data_key_file=", dir_, "/secrets/", service, ".keys"));
  }
  if (service == "pairing") command.push_back(absl::StrCat("--index_dir=", dir_, "/index"));
  if (const auto more = options_.flags.find(service); more != options_.flags.end()) {
    command.insert(command.end(), more->second.begin(), more->second.end());
  }
  return command;
}

void Suite::Start(const std::string& service) {
  processes_[service] = Process::Start({.command = CommandOf(service),
                                        .log = absl::StrCat(dir_, "/", service, ".log"),
                                        .environment = options_.environment});
}

void Suite::Signal(const std::string& service, int signal) {
  processes_.at(service)->Signal(signal);
}

std::optional<int> Suite::Wait(const std::string& service, absl::Duration patience) {
  return processes_.at(service)->Wait(patience);
}

bool Suite::IsReady(const std::string& service) {
  HttpClient client(absl::StrCat("unix:", dir_, "/", service, ".admin.sock"));
  return client.Send("GET", "/readyz", {}, "", kReadyTimeout).status == 200;
}

void Suite::WaitReady(const std::string& service) {
  const absl::Time until = absl::Now() + kReadyLimit;
  while (!IsReady(service)) {
    if (!processes_.at(service)->Running() || absl::Now() > until) {
      Die(absl::StrCat(service, " is not ready; see ", dir_, "/", service, ".log"));
    }
    absl::SleepFor(kPoll);
  }
}

std::string Suite::FirstAdministratorPassword() const {
  std::ifstream file(dir_ + "/secrets/administrator.password");
  std::string password;
  std::getline(file, password);
  return password;
}

HttpReply Suite::SignInReply(const std::string& login, const std::string& password) const {
  return Anonymous().Post(
      "/v1/sessions:signIn",
      absl::StrCat("{\"login\":", JsonText(login), ",\"password\":", JsonText(password), "}"));
}

Api Suite::SignIn(const std::string& login, const std::string& password) const {
  const HttpReply reply = SignInReply(login, password);
  Expect(reply, "sign in as " + login);
  const std::vector<std::string> cookie =
      absl::StrSplit(reply.Header("set-cookie"), absl::MaxSplits(';', 1));
  return Api(http_address(), {{"Cookie", cookie[0]}, {"X-Chanyan-Request", "1"}});
}

Api& Suite::Administrator() {
  if (administrator_ == nullptr) {
    const std::string first = FirstAdministratorPassword();
    Api fresh = SignIn("admin", first);
    Expect(
        fresh.Post("/v1/me:changePassword", absl::StrCat("{\"oldPassword\":", JsonText(first),
                                                         ",\"newPassword\":\"", kPassword, "\"}")),
        "change the administrator's password");
    administrator_ = std::make_unique<Api>(SignIn("admin", kPassword));
  }
  return *administrator_;
}

Api Suite::Person(const std::string& role, const std::string& organization) {
  const std::string login = absl::StrCat("person-", ++people_);
  const HttpReply created = Administrator().Post(
      "/v1/accounts",
      absl::StrCat("{\"login\":\"", login, "\",\"displayName\":\"测试人员", people_,
                   "\",\"organization\":\"", organization, "\",\"roles\":[\"", role, "\"]}"));
  Expect(created, "create an account");
  const std::string first = created.json().At("firstPassword");
  Expect(SignIn(login, first)
             .Post("/v1/me:changePassword", absl::StrCat("{\"oldPassword\":", JsonText(first),
                                                         ",\"newPassword\":\"", kPassword, "\"}")),
         "change a first password");
  return SignIn(login, kPassword);
}

std::string Suite::Token(const std::string& role, const std::string& organization) {
  Client& client = clients_[absl::StrCat(role, "@", organization)];
  if (client.name.empty()) {
    const std::string id = absl::StrCat("test-", clients_.size());
    const HttpReply created =
        Administrator().Post(absl::StrCat("/v1/apiClients?apiClientId=", id),
                             absl::StrCat("{\"displayName\":\"测试接口\",\"organization\":\"",
                                          organization, "\",\"roles\":[\"", role, "\"]}"));
    Expect(created, "create an API client");
    client = {"apiClients/" + id, created.json().At("secret")};
  }
  return IssueToken(client);
}

std::string Suite::TokenOfService(const std::string& service) const {
  std::ifstream file(absl::StrCat(dir_, "/secrets/", service, ".secret"));
  std::string secret;
  std::getline(file, secret);
  return IssueToken({absl::StrCat("apiClients/", service), secret});
}

std::string Suite::IssueToken(const Client& client) const {
  const HttpReply issued = Anonymous().Post(
      "/v1/tokens:issue", absl::StrCat("{\"apiClient\":\"", client.name,
                                       "\",\"secret\":", JsonText(client.secret), "}"));
  Expect(issued, "issue a token");
  return issued.json().At("accessToken");
}

Api Suite::As(const std::string& role, const std::string& organization) {
  return Api(http_address(),
             {{"Authorization", absl::StrCat("Bearer ", Token(role, organization))}});
}

}  // namespace chanyan::testing
