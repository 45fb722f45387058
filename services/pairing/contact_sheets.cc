// Contacts from a sheet and as a sheet (PAIR-6).
#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/validate.h"
#include "common/db/predicate.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/coverage_service.h"
#include "services/pairing/outreach_heads.h"
#include "services/pairing/outreach_rules.h"
#include "services/pairing/select_in.h"

namespace chanyan::pairing {
namespace {

// What the rows of one enterprise come to.
struct Course {
  SheetHead head;
  // In the sheet's order, with their numbers.
  std::vector<std::pair<v1::ContactAttempt, uint32_t>> rows;
  std::vector<v1::ContactAttempt> contacts;
};
// By the follow-up's name.
using Courses = std::map<std::string, Course>;

// What is wrong with a row beside its shape.
std::vector<status::Violation> RowViolations(const policy::Pack& pack, const v1::RosterEntry* entry,
                                             absl::Time now, v1::ContactAttempt* row) {
  std::vector<status::Violation> out = TakeTitles(pack, row);
  for (status::Violation& violation : ContactViolations(pack, *row, now)) {
    out.push_back(std::move(violation));
  }
  for (status::Violation& violation :
       EntryViolations(row->unified_social_credit_code(), row->enterprise_title(), entry)) {
    out.push_back(std::move(violation));
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

// Follow-ups, locked, and contacts of all courses.
absl::Status Load(const Store& store, db::Session& session, Courses* courses) {
  std::vector<SheetHead*> heads;
  std::vector<std::string> enterprises;
  absl::flat_hash_map<std::string, Course*> by_enterprise;
  for (auto& [name, course] : *courses) {
    heads.push_back(&course.head);
    enterprises.push_back(course.head.entry->enterprise());
    by_enterprise[enterprises.back()] = &course;
  }
  CHANYAN_RETURN_IF_ERROR(LoadHeads(session, store.outreaches, store.principal, heads));
  return SelectIn(session, store.attempts, "enterprise", std::move(enterprises),
                  db::Predicate::Everything(), "name", [&](v1::ContactAttempt row) {
                    by_enterprise[row.enterprise()]->contacts.push_back(std::move(row));
                  });
}

// The course's new contacts and its follow-up as they will be; the contacts go to `creates`.
v1::Outreach Continue(Course* course, std::vector<v1::ContactAttempt>* creates) {
  v1::Outreach outreach = course->head.Row();
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
    for (status::Violation& violation : CodeViolations(code)) {
      violations.push_back(std::move(violation));
    }
    return violations;
  };
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::ContactAttempt> data,
      rpc::ReadUpload<v1::ContactAttempt>(request.file(), request.file_name(), options));

  return rpc::Mutate<v1::ImportContactAttemptsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportContactAttemptsResponse> {
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::RosterEntry> entries,
                                 EntriesOf(change.session(), call, "", time::DayOf(change.now())));
        const RosterIndex index(entries);
        Courses courses;
        std::vector<status::Violation> violations;
        for (const auto& [message, number] : data.rows) {
          v1::ContactAttempt row = message;
          const v1::RosterEntry* entry =
              index.Find(row.unified_social_credit_code(), row.enterprise_title());
          std::vector<status::Violation> wrong =
              RowViolations(deps_.pack, entry, change.now(), &row);
          if (!wrong.empty()) {
            rpc::AddPlaced(std::move(wrong), number, data.places, &violations);
            continue;
          }
          SettleReason(deps_.pack, &row);
          SheetHead head{.entry = entry};
          Course& course = courses[head.Name()];
          course.head = std::move(head);
          course.rows.emplace_back(std::move(row), number);
        }
        const Store store{outreaches_, attempts_, call.principal};
        CHANYAN_RETURN_IF_ERROR(Load(store, change.session(), &courses));
        v1::ImportContactAttemptsResponse response;
        int unchanged = 0;
        for (auto& [name, course] : courses) {
          if (course.head.foreign) {
            violations.push_back(
                {data.places.Place(course.rows.front().second, "enterprise_title"), kForeignHead});
            continue;
          }
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
          const v1::Outreach* stored = course.head.outreach ? &*course.head.outreach : nullptr;
          outreaches.Add(stored, Continue(&course, &creates));
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
