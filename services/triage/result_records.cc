#include "services/triage/result_records.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "chanyan/triage/v1/case.pb.h"
#include "chanyan/triage/v1/confidential.pb.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "chanyan/triage/v1/disposition.pb.h"
#include "chanyan/triage/v1/first_contact.pb.h"
#include "chanyan/triage/v1/follow_up.pb.h"
#include "chanyan/triage/v1/matching.pb.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "common/rpc/long_work.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;
using Results = absl::Span<const v1::Result* const>;

// Kinds of records that follow their results.
constexpr int64_t kFollowingKinds = 12;

// What is below one of the results: ranges of the primary key.
db::Predicate BelowAny(Results results) {
  db::Predicate where;
  for (const v1::Result* result : results) {
    absl::StrAppend(&where.sql, where.sql.empty() ? "" : " OR ", "(name >= ? AND name < ?)");
    where.params.emplace_back(absl::StrCat(result->name(), "/"));
    // The sign after the slash.
    where.params.emplace_back(absl::StrCat(result->name(), "0"));
  }
  return where;
}

db::Predicate OfSubjects(Results results) {
  db::Predicate where{absl::StrCat("subject IN ", db::Marks(results.size())), {}};
  for (const v1::Result* result : results) where.params.emplace_back(result->name());
  return where;
}

db::Predicate OfResults(Results results) {
  db::Predicate where{absl::StrCat("result IN ", db::Marks(results.size())), {}};
  for (const v1::Result* result : results) where.params.emplace_back(result->name());
  return where;
}

// Records of one type get from their results what `copy` copies.
template <class T>
absl::Status FollowType(rpc::Change& change, Results results,
                        absl::FunctionRef<db::Predicate(Results)> where,
                        absl::FunctionRef<std::string(const T&)> result_of,
                        absl::FunctionRef<void(const v1::Result&, T*)> copy) {
  absl::flat_hash_map<std::string, const v1::Result*> by_name;
  for (const v1::Result* result : results) by_name[result->name()] = result;
  const db::Table<T> table;
  return db::InChunks(results, [&](Results chunk) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(std::vector<T> rows,
                             table.Select(change.session(), where(chunk), db::kByNameLocked));
    std::vector<T> before;
    std::vector<T> after;
    for (T& row : rows) {
      const auto found = by_name.find(result_of(row));
      if (found == by_name.end()) continue;
      T next = row;
      copy(*found->second, &next);
      if (MessageDifferencer::Equals(row, next)) continue;
      before.push_back(std::move(row));
      after.push_back(std::move(next));
    }
    if (after.empty()) return absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(table.UpdateAll(change.session(), change.now(), &after));
    std::vector<journal::Alteration> followed;
    for (size_t i = 0; i < after.size(); ++i) followed.push_back({&before[i], &after[i]});
    return change.RecordAll("followed", followed);
  });
}

// Those whose names are below their results'.
template <class T>
absl::Status FollowBelow(rpc::Change& change, Results results) {
  return FollowType<T>(
      change, results, BelowAny, [](const T& row) { return ResultOfName(row.name()); },
      CopyParties<T>);
}

template <class T>
std::string SubjectOf(const T& row) {
  return row.subject();
}

void CopyToPart(const v1::Result& from, v1::ConfidentialPart* row) {
  row->set_subject_title(from.title());
  row->set_proprietor(from.university());
  CopyServing(from, row);
}

// Its own side alone: who is on the demand's was settled when it was said.
void CopyToDismissal(const v1::Result& from, v1::MatchDismissal* row) {
  row->set_university(from.university());
  CopyServing(from, row);
}

}  // namespace

absl::Status FollowResults(rpc::Change& change, const EscalationBook& escalations,
                           absl::Span<const v1::Result* const> results) {
  if (results.empty()) return absl::OkStatus();
  std::vector<const v1::Result*> in_order(results.begin(), results.end());
  std::sort(in_order.begin(), in_order.end(),
            [](const v1::Result* a, const v1::Result* b) { return a->name() < b->name(); });
  int64_t kinds = 0;
  const auto done = [&](absl::Status followed) {
    ++kinds;
    // Whoever changes one result after the other says himself how many of them are done.
    if (in_order.size() > 1) {
      rpc::LongWork::OfThisThread().Say(rpc::Stage::kWriting, kinds, kFollowingKinds);
    }
    return followed;
  };
  CHANYAN_RETURN_IF_ERROR(done(FollowBelow<v1::Disposition>(change, in_order)));
  CHANYAN_RETURN_IF_ERROR(done(FollowBelow<v1::Push>(change, in_order)));
  CHANYAN_RETURN_IF_ERROR(done(FollowBelow<v1::Handover>(change, in_order)));
  CHANYAN_RETURN_IF_ERROR(done(FollowBelow<v1::Tenure>(change, in_order)));
  CHANYAN_RETURN_IF_ERROR(done(FollowBelow<v1::IdleAlert>(change, in_order)));
  CHANYAN_RETURN_IF_ERROR(done(FollowBelow<v1::FollowUp>(change, in_order)));
  CHANYAN_RETURN_IF_ERROR(done(FollowBelow<v1::StageEntry>(change, in_order)));
  CHANYAN_RETURN_IF_ERROR(done(FollowBelow<v1::ResultRevision>(change, in_order)));
  CHANYAN_RETURN_IF_ERROR(done(FollowType<v1::MatchDismissal>(
      change, in_order, OfSubjects, SubjectOf<v1::MatchDismissal>, CopyToDismissal)));
  CHANYAN_RETURN_IF_ERROR(done(FollowType<v1::TypicalCase>(
      change, in_order, OfResults, [](const v1::TypicalCase& row) { return row.result(); },
      CopyParties<v1::TypicalCase>)));
  CHANYAN_RETURN_IF_ERROR(done(escalations.Follow(change, in_order)));
  return done(FollowType<v1::ConfidentialPart>(change, in_order, OfSubjects,
                                               SubjectOf<v1::ConfidentialPart>, CopyToPart));
}

}  // namespace chanyan::triage
