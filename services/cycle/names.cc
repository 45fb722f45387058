#include "services/cycle/names.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/db/in_chunks.h"
#include "common/status/status.h"
#include "services/cycle/directory.h"
#include "services/cycle/ids.h"
#include "services/cycle/output_queries.h"

namespace chanyan::cycle {
namespace {

// Longer nobody waits for a registry that is away.
constexpr absl::Duration kPatience = absl::Seconds(2);

// Each answers (name, title) and ends before its list of names.
constexpr char kPeople[] = "SELECT account, display_name FROM person WHERE account IN ";
constexpr char kPlatformTitles[] =
    "SELECT platform, MAX(platform_title) FROM platform_part WHERE platform IN ";
constexpr char kByPlatform[] = " GROUP BY platform";
constexpr char kEnterpriseTitles[] =
    "SELECT enterprise, MAX(enterprise_title) FROM form_row WHERE cycle = ? "
    "AND former_enterprise = '' AND enterprise IN ";
constexpr char kByEnterprise[] = " GROUP BY enterprise";
constexpr char kUniversityTitles[] = "SELECT university, university_title FROM form WHERE ";

absl::Status Ask(db::Session& session, absl::string_view head, absl::string_view tail,
                 const db::Values& first, const std::vector<std::string>& names, Names* found) {
  return db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
    db::Values params = first;
    params.insert(params.end(), chunk.begin(), chunk.end());
    CHANYAN_ASSIGN_OR_RETURN(
        const db::Rows rows,
        session.Query(absl::StrCat(head, db::Marks(chunk.size()), tail), params));
    for (const db::Values& row : rows.rows) {
      found->Add(std::get<std::string>(row[0]), std::get<std::string>(row[1]));
    }
    return absl::OkStatus();
  });
}

}  // namespace

const std::string& Names::Of(absl::string_view name) const {
  static const std::string& unknown = *new std::string;
  const auto found = titles_.find(name);
  return found == titles_.end() ? unknown : found->second;
}

void Names::Add(std::string name, std::string title) {
  if (!title.empty()) titles_[std::move(name)] = std::move(title);
}

absl::StatusOr<Names> FindNames(db::Database& db, rpc::Peers& peers, const rpc::Call& call,
                                absl::string_view cycle, const std::set<std::string>& wanted) {
  std::vector<std::string> people;
  std::vector<std::string> platforms;
  std::vector<std::string> organizations;
  for (const std::string& name : wanted) {
    if (absl::StartsWith(name, "accounts/")) people.push_back(name);
    if (!absl::StartsWith(name, "organizations/")) continue;
    (IsPlatform(name) ? platforms : organizations).push_back(name);
  }
  Names names;
  CHANYAN_RETURN_IF_ERROR(db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    names = Names();
    const db::Predicate forms = Below(absl::StrCat(cycle, "/forms"));
    CHANYAN_ASSIGN_OR_RETURN(
        const db::Rows rows,
        session.Query(absl::StrCat(kUniversityTitles, forms.sql), forms.params));
    for (const db::Values& row : rows.rows) {
      names.Add(std::get<std::string>(row[0]), std::get<std::string>(row[1]));
    }
    CHANYAN_RETURN_IF_ERROR(Ask(session, kPeople, "", {}, people, &names));
    CHANYAN_RETURN_IF_ERROR(Ask(session, kPlatformTitles, kByPlatform, {}, platforms, &names));
    return Ask(session, kEnterpriseTitles, kByEnterprise, {std::string(cycle)}, organizations,
               &names);
  }));
  std::vector<std::string> others;
  for (const std::string& name : organizations) {
    if (names.Of(name).empty()) others.push_back(name);
  }
  if (others.empty()) return names;
  const auto asked = OrganizationsByName(
      peers, rpc::AsService(std::min(call.deadline, absl::Now() + kPatience)), others);
  if (!asked.ok()) return names;
  for (const auto& [name, organization] : *asked) names.Add(name, organization.display_name());
  return names;
}

absl::Status NameHandovers(db::Database& db, rpc::Peers& peers, const rpc::Call& call,
                           std::vector<v1::Handover>* handovers) {
  if (handovers->empty()) return absl::OkStatus();
  // By cycle: one, unless the list is of all of them.
  std::map<std::string, std::set<std::string>> wanted;
  for (const v1::Handover& one : *handovers) {
    wanted[std::string(CycleOfName(one.name()))].insert(
        {one.sender(), one.receiver(), one.receipt()});
  }
  std::map<std::string, Names> names;
  for (const auto& [cycle, its] : wanted) {
    CHANYAN_ASSIGN_OR_RETURN(names[cycle], FindNames(db, peers, call, cycle, its));
  }
  for (v1::Handover& one : *handovers) {
    const Names& known = names[std::string(CycleOfName(one.name()))];
    one.set_sender_title(known.Of(one.sender()));
    one.set_receiver_title(known.Of(one.receiver()));
    one.set_receipt_title(known.Of(one.receipt()));
  }
  return absl::OkStatus();
}

absl::Status NameHolders(db::Database& db, rpc::Peers& peers, const rpc::Call& call,
                         absl::string_view cycle, v1::Conservation* proof) {
  std::set<std::string> wanted;
  for (const v1::HolderCount& holder : proof->holders()) wanted.insert(holder.organization());
  CHANYAN_ASSIGN_OR_RETURN(const Names names, FindNames(db, peers, call, cycle, wanted));
  for (v1::HolderCount& holder : *proof->mutable_holders()) {
    holder.set_title(names.Of(holder.organization()));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::cycle
