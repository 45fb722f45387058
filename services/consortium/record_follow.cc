#include "services/consortium/record_follow.h"

#include <vector>

#include "chanyan/consortium/v1/attachment.pb.h"
#include "chanyan/consortium/v1/bar.pb.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "chanyan/consortium/v1/coordination.pb.h"
#include "chanyan/consortium/v1/eligibility.pb.h"
#include "chanyan/consortium/v1/evaluation.pb.h"
#include "chanyan/consortium/v1/signature.pb.h"
#include "chanyan/consortium/v1/supervision.pb.h"
#include "common/db/predicate.h"
#include "common/db/table.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/consortium/parties.h"

namespace chanyan::consortium {
namespace {

template <class T>
absl::Status FollowType(rpc::Change& change, const v1::Consortium& row) {
  const db::Table<T> table;
  CHANYAN_ASSIGN_OR_RETURN(std::vector<T> rows,
                           table.Select(change.session(), Below(row.name()), db::kByNameLocked));
  std::vector<T> changed;
  std::vector<T> before;
  for (T& record : rows) {
    T now = record;
    CopyParties(row, &now);
    if (google::protobuf::util::MessageDifferencer::Equals(record, now)) continue;
    before.push_back(std::move(record));
    changed.push_back(std::move(now));
  }
  if (changed.empty()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(table.UpdateAll(change.session(), change.now(), &changed));
  std::vector<journal::Alteration> all;
  for (size_t i = 0; i < changed.size(); ++i) all.push_back({&before[i], &changed[i]});
  return change.RecordAll("followed", all);
}

using Follower = absl::Status (*)(rpc::Change&, const v1::Consortium&);
// One row a table whose rows carry CopyParties.
constexpr Follower kRecords[] = {
    FollowType<v1::Transition>,           FollowType<v1::Signature>,
    FollowType<v1::ConsortiumAttachment>, FollowType<v1::EligibilityCheck>,
    FollowType<v1::HeldProject>,          FollowType<v1::Supplement>,
    FollowType<v1::Membership>,           FollowType<v1::Evaluation>,
    FollowType<v1::SupportMeasure>,       FollowType<v1::ConstructionReport>,
    FollowType<v1::ConstructionVersion>,  FollowType<v1::CoordinationItem>,
};

}  // namespace

absl::Status FollowRecords(rpc::Change& change, const v1::Consortium& row) {
  for (const Follower follow : kRecords) CHANYAN_RETURN_IF_ERROR(follow(change, row));
  return absl::OkStatus();
}

}  // namespace chanyan::consortium
