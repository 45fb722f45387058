// Many results at once (ResultBook): locked, passed on and written in few statements.
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/rpc/long_work.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/library_keys.h"
#include "services/triage/parties.h"
#include "services/triage/result_book.h"
#include "services/triage/result_records.h"
#include "services/triage/write_all.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr char kNamesWhere[] = "SELECT name FROM result WHERE ";
constexpr char kOpenResults[] = "state NOT IN ('WITHDRAWN', 'MERGED')";
// Rows of one statement: whole results, of a few kilobytes each.
constexpr int kLockedAtOnce = 2000;

db::Predicate Among(absl::string_view column, absl::Span<const std::string> names) {
  return {absl::StrCat(column, " IN ", db::Marks(names.size())),
          db::Values(names.begin(), names.end())};
}

}  // namespace

absl::StatusOr<std::vector<v1::Result>> ResultBook::LockOpen(rpc::Change& change,
                                                             const db::Predicate& where) const {
  const std::string order = absl::StrCat("name LIMIT ", kLockedAtOnce, " FOR UPDATE");
  std::vector<v1::Result> all;
  while (true) {
    const db::Predicate rest = {"name > ?", {all.empty() ? std::string() : all.back().name()}};
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::Result> some,
        results_.Select(change.session(), db::And(db::And({kOpenResults, {}}, where), rest),
                        order));
    const bool last = some.size() < static_cast<size_t>(kLockedAtOnce);
    std::move(some.begin(), some.end(), std::back_inserter(all));
    if (last) return all;
  }
}

absl::StatusOr<std::vector<v1::Result>> ResultBook::LockAll(rpc::Change& change,
                                                            const db::Predicate& where) const {
  // Which they are is one statement; their texts are read some at a time.
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      change.session().Query(absl::StrCat(kNamesWhere, where.sql, " ORDER BY name FOR UPDATE"),
                             where.params));
  std::vector<std::string> names;
  for (const db::Values& row : found.rows) names.push_back(std::get<std::string>(row[0]));
  return LockNamed(change, std::move(names), db::Predicate::Everything());
}

absl::StatusOr<std::vector<v1::Result>> ResultBook::LockNamed(rpc::Change& change,
                                                              std::vector<std::string> names,
                                                              const db::Predicate& scope) const {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<v1::Result> all;
  const auto wanted = static_cast<int64_t>(names.size());
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
        rpc::LongWork::OfThisThread().Say(rpc::Stage::kReading, static_cast<int64_t>(all.size()),
                                          wanted);
        CHANYAN_ASSIGN_OR_RETURN(
            std::vector<v1::Result> some,
            results_.Select(change.session(), db::And(Among("name", chunk), scope),
                            db::kByNameLocked));
        std::move(some.begin(), some.end(), std::back_inserter(all));
        return absl::OkStatus();
      }));
  return all;
}

absl::Status ResultBook::CancelHandovers(rpc::Change& change, absl::string_view why,
                                         absl::Span<v1::Result* const> rows) const {
  std::vector<std::string> names;
  for (v1::Result* row : rows) {
    if (!row->open_handover().empty()) names.push_back(row->open_handover());
    row->clear_open_handover();
  }
  std::sort(names.begin(), names.end());
  return db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<v1::Handover> offered,
        handovers_.Select(change.session(), Among("name", chunk), db::kByNameLocked));
    std::erase_if(
        offered, [](const v1::Handover& one) { return one.state() != v1::HANDOVER_STATE_OFFERED; });
    const std::vector<v1::Handover> before = offered;
    for (v1::Handover& handover : offered) {
      handover.set_state(v1::HANDOVER_STATE_CANCELLED);
      handover.set_answer_reason(std::string(why));
      api::SetTime(change.now(), handover.mutable_answer_time());
    }
    return WriteAll(change, handovers_, "cancel", before, &offered);
  });
}

absl::Status ResultBook::PassAll(rpc::Change& change, const Holder& to, v1::TenureCause cause,
                                 absl::Span<v1::Result* const> rows) const {
  std::vector<v1::Result*> passed;
  for (v1::Result* row : rows) {
    if (row->holder() != to.organization || row->broker() != to.broker) passed.push_back(row);
  }
  if (passed.empty()) return absl::OkStatus();
  if (passed.size() > 1) rpc::LongWork::OfThisThread().Say(rpc::Stage::kChecking, 1, 1);
  CHANYAN_RETURN_IF_ERROR(CancelHandovers(change, "责任单位已变更，移交取消", passed));
  std::sort(passed.begin(), passed.end(),
            [](const v1::Result* a, const v1::Result* b) { return a->name() < b->name(); });
  std::vector<std::string> names;
  absl::flat_hash_map<std::string, const v1::Result*> by_name;
  for (v1::Result* row : passed) {
    row->set_holder(to.organization);
    row->set_holder_title(to.title);
    row->set_broker(to.broker);
    Act(change.now(), row);
    names.push_back(row->name());
    by_name[row->name()] = row;
  }
  absl::flat_hash_map<std::string, int32_t> numbers;
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            std::vector<v1::Tenure> open,
            tenures_.Select(change.session(), Among("open_result", chunk), db::kByNameLocked));
        const std::vector<v1::Tenure> before = open;
        for (v1::Tenure& tenure : open) {
          const std::string result = ResultOfName(tenure.name());
          api::SetTime(change.now(), tenure.mutable_end_time());
          // It follows its result at once, and is not written again for that.
          CopyParties(*by_name.at(result), &tenure);
          numbers[result] = tenure.number();
        }
        return WriteAll(change, tenures_, "ended", before, &open);
      }));
  std::vector<v1::Tenure> next;
  for (const v1::Result* row : passed) {
    const auto number = numbers.find(row->name());
    if (number == numbers.end()) {
      return status::Internal(absl::StrCat(row->name(), " has no open tenure"));
    }
    v1::Tenure& tenure = next.emplace_back();
    tenure.set_number(number->second + 1);
    tenure.set_name(absl::StrCat(row->name(), "/tenures/", tenure.number()));
    tenure.set_tenant(to.organization);
    tenure.set_tenant_title(to.title);
    tenure.set_tenant_broker(to.broker);
    tenure.set_cause(cause);
    api::SetTime(change.now(), tenure.mutable_start_time());
    CopyParties(*row, &tenure);
  }
  CHANYAN_RETURN_IF_ERROR(tenures_.InsertAll(change.session(), change.now(), &next));
  std::vector<journal::Alteration> created;
  for (const v1::Tenure& tenure : next) created.push_back({nullptr, &tenure});
  return change.RecordAll("created", created);
}

absl::Status ResultBook::SaveAll(rpc::Change& change, absl::string_view kind,
                                 const std::vector<v1::Result>& before,
                                 std::vector<v1::Result>* rows) const {
  std::vector<google::protobuf::Message*> written;
  std::vector<journal::Alteration> changed;
  std::vector<const v1::Result*> moved;
  std::vector<EntryKeys> keys;
  for (size_t i = 0; i < rows->size(); ++i) {
    v1::Result& row = (*rows)[i];
    if (MessageDifferencer::Equals(before[i], row)) continue;
    written.push_back(&row);
    changed.push_back({&before[i], &row});
    if (!SameParties(before[i], row)) moved.push_back(&row);
    if (!SameKeys(before[i], row)) keys.push_back({row.name(), KeysOf(row), SoleKeyOf(row)});
  }
  if (written.empty()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(results_.core().UpdateAll(change.session(), change.now(), written));
  CHANYAN_RETURN_IF_ERROR(change.RecordAll(kind, changed));
  CHANYAN_RETURN_IF_ERROR(WriteAllLibraryKeys(change.session(), keys));
  return FollowResults(change, escalations_, moved);
}

}  // namespace chanyan::triage
