// Contacts from a sheet and as a sheet (PAIR-6).
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/names.h"
#include "common/api/text.h"
#include "common/api/validate.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/coverage_service.h"
#include "services/pairing/outreach_rules.h"

namespace chanyan::pairing {
namespace {

// Follow-ups read and locked by one statement.
constexpr size_t kAtOnce = 200;

// What a sheet's row can be recognised by.
struct RosterIndex {
  absl::flat_hash_map<std::string, const v1::RosterEntry*> by_code;
  absl::flat_hash_map<std::string, const v1::RosterEntry*> by_title;
};

RosterIndex IndexOf(const std::vector<v1::RosterEntry>& entries) {
  RosterIndex index;
  for (const v1::RosterEntry& entry : entries) {
    index.by_code[entry.unified_social_credit_code()] = &entry;
    index.by_title[entry.enterprise_title()] = &entry;
  }
  return index;
}

const v1::RosterEntry* Find(const RosterIndex& index, const v1::ContactAttempt& row) {
  const bool coded = !row.unified_social_credit_code().empty();
  const auto& by = coded ? index.by_code : index.by_title;
  const auto found = by.find(coded ? row.unified_social_credit_code() : row.enterprise_title());
  return found == by.end() ? nullptr : found->second;
}

// What the rows of one enterprise come to.
struct Course {
  const v1::RosterEntry* entry = nullptr;
  // In the sheet's order, with their numbers.
  std::vector<std::pair<v1::ContactAttempt, uint32_t>> rows;
  // As stored, if it is there.
  std::optional<v1::Outreach> outreach;
  std::vector<v1::ContactAttempt> contacts;
  // Responsible for a follow-up that begins.
  std::string unit;
};
// By the follow-up's name, so that locks are taken in one order.
using Courses = std::map<std::string, Course>;

db::Predicate OneOf(absl::string_view column, const std::vector<std::string>& values) {
  return {
      absl::StrCat(column, " IN (",
                   absl::StrJoin(std::vector<absl::string_view>(values.size(), "?"), ", "), ")"),
      db::Values(values.begin(), values.end())};
}

// What is wrong with a row beside its shape.
std::vector<status::Violation> RowViolations(const policy::Pack& pack, const v1::RosterEntry* entry,
                                             absl::Time now, v1::ContactAttempt* row) {
  std::vector<status::Violation> out = TakeTitles(pack, row);
  for (status::Violation& violation : ContactViolations(pack, *row, now)) {
    out.push_back(std::move(violation));
  }
  if (row->unified_social_credit_code().empty() && row->enterprise_title().empty()) {
    out.push_back({"enterprise_title", "企业名称和统一社会信用代码至少填写一项"});
  } else if (entry == nullptr) {
    out.push_back({row->unified_social_credit_code().empty() ? "enterprise_title"
                                                             : "unified_social_credit_code",
                   "该企业不在现行名册中，或不由本单位负责；请核对名称和代码"});
  } else if (!row->enterprise_title().empty() &&
             row->enterprise_title() != entry->enterprise_title()) {
    out.push_back({"enterprise_title", absl::StrCat("该代码在名册中的企业名称是“",
                                                    entry->enterprise_title(), "”，请核对")});
  }
  return out;
}

// The row again is no new one; the same contact with other words is a mistake of somebody.
std::vector<status::Violation> DropKnown(const sheet::TablePlaces& places, Course* course,
                                         int* unchanged) {
  std::vector<status::Violation> violations;
  std::vector<std::pair<v1::ContactAttempt, uint32_t>> fresh;
  for (auto& [row, number] : course->rows) {
    const auto same_moment = [&row = row](const v1::ContactAttempt& other) {
      return other.method() == row.method() &&
             time::ToTime(other.contact_time()) == time::ToTime(row.contact_time());
    };
    const auto known = std::find_if(
        course->contacts.begin(), course->contacts.end(), [&](const v1::ContactAttempt& other) {
          return other.state() == v1::CONTACT_ATTEMPT_STATE_VALID && same_moment(other);
        });
    const auto twice = std::find_if(fresh.begin(), fresh.end(),
                                    [&](const auto& other) { return same_moment(other.first); });
    if (twice != fresh.end()) {
      violations.push_back({places.Place(number, "contact_time"),
                            absl::StrCat("与第 ", twice->second,
                                         " 行是同一企业、同一时间和方式的联系，请只保留一行")});
    } else if (known == course->contacts.end()) {
      fresh.emplace_back(std::move(row), number);
    } else if (SameContact(*known, row)) {
      ++*unchanged;
    } else {
      violations.push_back({places.Place(number, "contact_time"),
                            "该企业此时间以同一方式的联系已登记，内容不同；原记录有误的请先作废"});
    }
  }
  course->rows = std::move(fresh);
  return violations;
}

// Tables of a follow-up and its contacts, and the rows of the caller.
struct Store {
  const db::Table<v1::Outreach>& outreaches;
  const db::Table<v1::ContactAttempt>& attempts;
  const auth::Principal& principal;
};

// Who is responsible now for follow-ups that begin.
absl::Status SetUnits(db::Session& session, Courses* courses) {
  std::map<std::string, std::string> units;
  std::vector<std::string> enterprises;
  for (auto& [name, course] : *courses) {
    if (course.outreach) continue;
    enterprises.push_back(course.entry->enterprise());
    // A roster has the unit of its time.
    const auto [unit, fresh] = units.try_emplace(course.entry->unit(), course.entry->unit());
    if (fresh) {
      CHANYAN_ASSIGN_OR_RETURN(const rpc::Successor now, rpc::SuccessorOf(session, unit->first));
      if (!now.organization.empty()) unit->second = now.organization;
    }
    course.unit = unit->second;
  }
  return rpc::RefuseSucceeded(session, std::move(enterprises));
}

// Follow-ups, locked, and contacts of all courses. By enterprise: what came with a merger has the
// names of its time.
absl::Status Load(const Store& store, db::Session& session, Courses* courses) {
  for (auto at = courses->begin(); at != courses->end();) {
    std::vector<std::string> enterprises;
    absl::flat_hash_map<std::string, Course*> by_enterprise;
    for (; at != courses->end() && enterprises.size() < kAtOnce; ++at) {
      enterprises.push_back(at->second.entry->enterprise());
      by_enterprise[enterprises.back()] = &at->second;
    }
    // Always as many, so that it is one statement to prepare.
    enterprises.resize(kAtOnce, enterprises.back());
    CHANYAN_ASSIGN_OR_RETURN(
        const std::vector<v1::Outreach> outreaches,
        store.outreaches.Select(session,
                                db::And(OneOf("enterprise", enterprises),
                                        auth::Writable<v1::Outreach>(store.principal)),
                                "name FOR UPDATE"));
    for (const v1::Outreach& row : outreaches) by_enterprise[row.enterprise()]->outreach = row;
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::ContactAttempt> contacts,
                             store.attempts.Select(session, OneOf("enterprise", enterprises)));
    for (const v1::ContactAttempt& row : contacts) {
      by_enterprise[row.enterprise()]->contacts.push_back(row);
    }
  }
  return SetUnits(session, courses);
}

// The course's new contacts and its follow-up as they will be; the contacts go to `creates`.
v1::Outreach Continue(const std::string& name, Course* course,
                      std::vector<v1::ContactAttempt>* creates) {
  v1::Outreach outreach;
  if (course->outreach) {
    outreach = *course->outreach;
  } else {
    outreach.set_name(name);
    outreach.set_enterprise(course->entry->enterprise());
    outreach.set_enterprise_title(course->entry->enterprise_title());
    outreach.set_unified_social_credit_code(course->entry->unified_social_credit_code());
    outreach.set_unit(course->unit);
  }
  const v1::ContactAttempt* planned = nullptr;
  for (auto& [row, number] : course->rows) {
    row.set_name(absl::StrCat(outreach.name(), "/attempts/", api::NewShortId()));
    row.set_enterprise(outreach.enterprise());
    row.set_enterprise_title(outreach.enterprise_title());
    row.set_unified_social_credit_code(outreach.unified_social_credit_code());
    row.set_unit(outreach.unit());
    row.set_state(v1::CONTACT_ATTEMPT_STATE_VALID);
    const bool later = planned == nullptr ||
                       time::ToTime(planned->contact_time()) <= time::ToTime(row.contact_time());
    if (row.has_next_action_date() && later) planned = &row;
  }
  if (planned != nullptr) *outreach.mutable_next_action_date() = planned->next_action_date();
  for (auto& [row, number] : course->rows) {
    course->contacts.push_back(row);
    creates->push_back(std::move(row));
  }
  Derive(course->contacts, &outreach);
  return outreach;
}

absl::Status Write(const Store& store, rpc::Change& change,
                   std::vector<v1::ContactAttempt>* contacts,
                   rpc::ImportPlan<v1::Outreach>* outreaches) {
  rpc::ImportPlan<v1::ContactAttempt> plan;
  plan.creates = std::move(*contacts);
  CHANYAN_RETURN_IF_ERROR(rpc::Apply(change, store.attempts, &plan));
  // What follows from them: one who watches would see the writing begin anew.
  const rpc::LongWorkScope unwatched(nullptr);
  return rpc::Apply(change, store.outreaches, outreaches);
}

}  // namespace

absl::StatusOr<v1::ImportContactAttemptsResponse> CoverageService::ImportContactAttempts(
    const rpc::Call& call, const v1::ImportContactAttemptsRequest& request) {
  sheet::ReadOptions options;
  // What finds the enterprise and the titles of ids are ours in an answer and the sheet's here.
  options.check = [](google::protobuf::Message& message, uint32_t) {
    v1::ContactAttempt shaped = static_cast<const v1::ContactAttempt&>(message);
    shaped.clear_enterprise_title();
    shaped.clear_unified_social_credit_code();
    shaped.clear_method_title();
    shaped.clear_result_title();
    shaped.clear_reason_title();
    // Written in words, and looked at below.
    shaped.set_method("-");
    shaped.set_result("-");
    std::vector<status::Violation> violations = api::Violations(shaped);
    const auto& code = static_cast<const v1::ContactAttempt&>(message).unified_social_credit_code();
    const std::string wrong = code.empty() ? "" : api::CheckFormat(options::v1::FORMAT_USCC, code);
    if (!wrong.empty()) {
      violations.push_back(
          {"unified_social_credit_code", absl::StrCat("“统一社会信用代码”", wrong)});
    }
    return violations;
  };
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::ContactAttempt> data,
      rpc::ReadUpload<v1::ContactAttempt>(request.file(), request.file_name(), options));

  return rpc::Mutate<v1::ImportContactAttemptsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportContactAttemptsResponse> {
        CHANYAN_ASSIGN_OR_RETURN(
            const v1::Roster roster,
            counter_.RosterOf(change.session(), "", time::DayOf(change.now())));
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::RosterEntry> entries,
            entries_.Select(change.session(),
                            db::And({"roster = ?", {roster.name()}},
                                    auth::Readable<v1::RosterEntry>(call.principal))));
        const RosterIndex index = IndexOf(entries);
        Courses courses;
        std::vector<status::Violation> violations;
        for (const auto& [message, number] : data.rows) {
          v1::ContactAttempt row = message;
          const v1::RosterEntry* entry = Find(index, row);
          std::vector<status::Violation> wrong =
              RowViolations(deps_.pack, entry, change.now(), &row);
          if (!wrong.empty()) {
            rpc::AddPlaced(std::move(wrong), number, data.places, &violations);
            continue;
          }
          SettleReason(deps_.pack, &row);
          Course& course = courses[absl::StrCat("outreaches/", api::IdOfName(entry->enterprise()))];
          course.entry = entry;
          course.rows.emplace_back(std::move(row), number);
        }
        const Store store{outreaches_, attempts_, call.principal};
        CHANYAN_RETURN_IF_ERROR(Load(store, change.session(), &courses));
        v1::ImportContactAttemptsResponse response;
        int unchanged = 0;
        for (auto& [name, course] : courses) {
          for (status::Violation& violation : DropKnown(data.places, &course, &unchanged)) {
            violations.push_back(std::move(violation));
          }
        }
        if (!violations.empty()) {
          return status::InvalidFields(std::move(violations),
                                       options::v1::ERROR_REASON_INVALID_FILE);
        }
        std::vector<v1::ContactAttempt> creates;
        rpc::ImportPlan<v1::Outreach> outreaches;
        for (auto& [name, course] : courses) {
          if (course.rows.empty()) continue;
          const v1::Outreach* stored = course.outreach ? &*course.outreach : nullptr;
          outreaches.Add(stored, Continue(name, &course, &creates));
        }
        response.set_created(static_cast<int32_t>(creates.size()));
        response.set_unchanged(unchanged);
        response.set_dry_run(request.validate_only());
        if (!request.validate_only()) {
          CHANYAN_RETURN_IF_ERROR(Write(store, change, &creates, &outreaches));
        }
        return response;
      });
}

absl::StatusOr<google::api::HttpBody> CoverageService::ExportContactAttempts(
    const rpc::Call& call, const v1::ExportContactAttemptsRequest& request) {
  std::vector<v1::ContactAttempt> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(db::Predicate wanted, attempts_.core().Where(request.filter()));
        wanted = db::And(std::move(wanted), auth::Readable<v1::ContactAttempt>(call.principal));
        // What was voided is not to be imported again.
        wanted = db::And(std::move(wanted), {"state = 'VALID'", {}});
        CHANYAN_ASSIGN_OR_RETURN(rows,
                                 attempts_.Select(session, wanted, "contact_time DESC, name"));
        return absl::OkStatus();
      }));
  for (v1::ContactAttempt& row : rows) SetTitles(deps_.pack, &row);
  return rpc::ExportSheet<v1::ContactAttempt>("联系记录", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::pairing
