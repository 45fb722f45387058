#include "services/triage/broker_rules.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::triage {
namespace {

bool Counts(const policy::v1::TrainingCourse& course, const v1::Training& training,
            absl::CivilDay today) {
  if (training.course() != course.id()) return false;
  const auto completed = time::ToCivilDay(training.complete_date());
  if (!completed.ok() || *completed > today) return false;
  return course.valid_days() == 0 || today - *completed <= static_cast<int>(course.valid_days());
}

}  // namespace

std::vector<std::string> MissingCourses(const TriagePack& pack, const v1::Broker& broker,
                                        absl::CivilDay today) {
  std::vector<std::string> missing;
  for (const auto& course : pack.proto().broker_training().courses()) {
    bool done = false;
    for (const v1::Training& training : broker.trainings()) {
      done = done || Counts(course, training, today);
    }
    if (!done) missing.push_back(course.display_name());
  }
  return missing;
}

absl::Status RequireQualified(const TriagePack& pack, const v1::Broker& broker,
                              absl::CivilDay today) {
  if (broker.state() != v1::BROKER_STATE_ACTIVE) {
    return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                      absl::StrCat("技术经纪人", broker.person(), "已离岗"));
  }
  const std::vector<std::string> missing = MissingCourses(pack, broker, today);
  if (missing.empty()) return absl::OkStatus();
  const policy::v1::Clause& clause = pack.proto().broker_training().clause();
  return status::FailedPrecondition(
      options::v1::ERROR_REASON_RULE_VIOLATED,
      absl::StrCat("技术经纪人", broker.person(), "尚未完成", absl::StrJoin(missing, "、"),
                   "，不能承接成果（", clause.document(), clause.article(), "）"));
}

}  // namespace chanyan::triage
