#include "services/cycle/people.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chanyan/identity/v1/identity.pb.h"
#include "common/db/in_chunks.h"
#include "common/journal/entry_message.h"
#include "common/status/status.h"

namespace chanyan::cycle {
namespace {

constexpr char kNote[] =
    "INSERT INTO person (account, organization, roles, disabled, display_name) "
    "VALUES (?, ?, ?, ?, ?) "
    "ON DUPLICATE KEY UPDATE organization = VALUES(organization), roles = VALUES(roles), "
    "disabled = VALUES(disabled), display_name = VALUES(display_name)";
constexpr char kAll[] =
    "SELECT account, organization, roles, display_name FROM person WHERE disabled = 0 "
    "ORDER BY organization, account";
constexpr char kOf[] =
    "SELECT account, organization, roles, display_name FROM person WHERE disabled = 0 "
    "AND organization IN ";
constexpr char kInOrder[] = " ORDER BY organization, account";

std::string RolesText(const identity::v1::Account& account) {
  std::string text = ",";
  for (const int role : account.roles()) absl::StrAppend(&text, role, ",");
  return text;
}

std::vector<options::v1::Role> RolesOf(absl::string_view text) {
  std::vector<options::v1::Role> roles;
  for (const absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    int role = 0;
    if (absl::SimpleAtoi(part, &role) && options::v1::Role_IsValid(role)) {
      roles.push_back(static_cast<options::v1::Role>(role));
    }
  }
  return roles;
}

void AddPeople(const db::Rows& rows, People* people) {
  for (const db::Values& row : rows.rows) {
    const std::string& organization = std::get<std::string>(row[1]);
    (*people)[organization].push_back({std::get<std::string>(row[0]), organization,
                                       RolesOf(std::get<std::string>(row[2])),
                                       std::get<std::string>(row[3])});
  }
}

}  // namespace

bool Person::Has(options::v1::Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool ConcernsPeople(const journal::v1::Entry& entry) {
  return entry.type() == identity::v1::Account::descriptor()->full_name() &&
         !entry.after_json().empty();
}

absl::Status FollowIdentity(db::Session& session, const journal::v1::Entry& entry) {
  if (!ConcernsPeople(entry)) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const auto account, journal::MessageAfter<identity::v1::Account>(entry));
  return session
      .Execute(kNote, {account.name(), account.organization(), RolesText(account),
                       int64_t{account.disabled() ? 1 : 0}, account.display_name()})
      .status();
}

absl::StatusOr<People> LoadPeople(db::Session& session) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kAll));
  People people;
  AddPeople(rows, &people);
  return people;
}

absl::StatusOr<People> LoadPeople(db::Session& session,
                                  const std::set<std::string>& organizations) {
  if (organizations.contains("")) return LoadPeople(session);
  const std::vector<std::string> names(organizations.begin(), organizations.end());
  People people;
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows,
                                 session.Query(absl::StrCat(kOf, db::Marks(chunk.size()), kInOrder),
                                               db::Values(chunk.begin(), chunk.end())));
        AddPeople(rows, &people);
        return absl::OkStatus();
      }));
  return people;
}

std::vector<Person> WithRoles(const People& people, const std::string& organization,
                              const std::vector<options::v1::Role>& roles) {
  std::vector<Person> chosen;
  const auto found = people.find(organization);
  if (found == people.end()) return chosen;
  for (const Person& person : found->second) {
    if (std::any_of(roles.begin(), roles.end(),
                    [&person](options::v1::Role role) { return person.Has(role); })) {
      chosen.push_back(person);
    }
  }
  return chosen;
}

}  // namespace chanyan::cycle
