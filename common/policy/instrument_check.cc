#include "common/policy/instrument_check.h"

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "chanyan/policy/v1/instrument.pb.h"
#include "common/policy/item_checks.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace chanyan::policy {
namespace {

constexpr uint32_t kMinutesOfDay = 24 * 60;
constexpr uint32_t kDaysOfLeapYear = 366;
constexpr uint32_t kHoursOfLeapYear = kDaysOfLeapYear * 24;
constexpr uint32_t kPercent = 100;

class InstrumentChecker : private ItemChecks {
 public:
  explicit InstrumentChecker(const PackSource& source)
      : ItemChecks(source), policy_(source.pack().instrument_policy()) {}

  std::vector<PackError> Run() {
    UserTypes();
    Part(policy_, v1::InstrumentPolicy::kChargingFieldNumber, policy_.charging(),
         policy_.has_charging(), "计费规则");
    Charging();
    Part(policy_, v1::InstrumentPolicy::kCancellationFieldNumber, policy_.cancellation(),
         policy_.has_cancellation(), "取消规则");
    Cancellation();
    Part(policy_, v1::InstrumentPolicy::kAttendanceFieldNumber, policy_.attendance(),
         policy_.has_attendance(), "签到规则");
    Percent(policy_.attendance(), v1::AttendanceRule::kNoShowPercentFieldNumber,
            policy_.attendance().no_show_percent(), "未到收费比例");
    Part(policy_, v1::InstrumentPolicy::kUtilisationFieldNumber, policy_.utilisation(),
         policy_.has_utilisation(), "利用率规则");
    Utilisation();
    if (policy_.has_outage()) Outage();
    return TakeErrors();
  }

 private:
  template <class Rule>
  void Part(const v1::InstrumentPolicy& policy, int field, const Rule& rule, bool there,
            absl::string_view of) {
    if (!there) {
      Add(policy, field, absl::StrCat("仪器共享：未填写", of));
      return;
    }
    HasClause(rule, absl::StrCat("仪器共享的", of));
  }

  void UserTypes() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> names;
    absl::flat_hash_map<int, std::string> holders;
    for (const v1::UserType& type : policy_.user_types()) {
      const std::string of = NamedIdentity(type, "用户类型", ids);
      UniqueName(type, v1::UserType::kDisplayNameFieldNumber, type.display_name(), of, names);
      for (int i = 0; i < type.classes_size(); ++i) {
        const auto [holder, fresh] = holders.try_emplace(type.classes(i), type.id());
        if (type.classes(i) == 0 || !fresh) {
          Add(type, v1::UserType::kClassesFieldNumber,
              absl::StrCat(of, "：用户归类未指定，或已归入“", holder->second, "”"), i);
        }
      }
    }
    const auto* classes = google::protobuf::GetEnumDescriptor<v1::RequesterClass>();
    for (int i = 1; i < classes->value_count(); ++i) {
      if (!holders.contains(classes->value(i)->number())) {
        Add(policy_, 0,
            absl::StrCat("仪器共享：没有用户类型包含“",
                         classes->value(i)->options().GetExtension(options::v1::value).zh(),
                         "”，每类预约单位都要归入一种用户类型"));
      }
    }
  }

  void Charging() {
    const uint32_t step = policy_.charging().step_minutes();
    if (policy_.has_charging() && (step == 0 || step > kMinutesOfDay)) {
      Add(policy_.charging(), v1::ChargingRule::kStepMinutesFieldNumber,
          absl::StrCat("计费规则：计费步长应为1到", kMinutesOfDay, "分钟"));
    }
  }

  void Cancellation() {
    const v1::CancellationRule& rule = policy_.cancellation();
    if (!policy_.has_cancellation()) return;
    if (rule.free_until_case() == v1::CancellationRule::FREE_UNTIL_NOT_SET) {
      Add(rule, 0, "取消规则：未写明免费取消的期限（hours 或 workdays）");
    }
    Percent(rule, v1::CancellationRule::kLatePercentFieldNumber, rule.late_percent(),
            "逾期取消收费比例");
    if (rule.has_own_hours()) {
      BoundsFit(rule.own_hours(), kHoursOfLeapYear, "自定免费取消小时数");
      if (rule.free_until_case() == v1::CancellationRule::kWorkdays) {
        Add(rule, v1::CancellationRule::kOwnHoursFieldNumber,
            "取消规则：以工作日计期限的，仪器不能自定小时数");
      }
    }
    if (rule.has_own_percent()) BoundsFit(rule.own_percent(), kPercent, "自定收费比例");
  }

  void BoundsFit(const v1::Bounds& bounds, uint32_t limit, absl::string_view of) {
    if (bounds.most() < bounds.least() || bounds.most() > limit) {
      Add(bounds, 0, absl::StrCat("取消规则：", of, "的范围有误，应不超过", limit));
    }
  }

  void Percent(const Message& rule, int field, uint32_t percent, absl::string_view of) {
    if (percent > kPercent) Add(rule, field, absl::StrCat(of, "：应为0到100"));
  }

  void Utilisation() {
    const v1::UtilisationRule& rule = policy_.utilisation();
    if (!policy_.has_utilisation()) return;
    Chosen(rule, v1::UtilisationRule::kBasisFieldNumber, rule.basis(), "利用率规则", "分母");
    const bool rated = rule.basis() == v1::UTILISATION_BASIS_RATED_HOURS;
    if (rated && (rule.rated_hours() == 0 || rule.rated_hours() > kHoursOfLeapYear)) {
      Add(rule, v1::UtilisationRule::kRatedHoursFieldNumber, "利用率规则：定额机时未填写或有误");
    }
  }

  void Outage() {
    const v1::OutageRule& rule = policy_.outage();
    HasClause(rule, "仪器共享的停用规则");
    if (rule.cancel_days() == 0 || rule.cancel_days() > kDaysOfLeapYear) {
      Add(rule, v1::OutageRule::kCancelDaysFieldNumber,
          absl::StrCat("停用规则：取消预约的天数应为1到", kDaysOfLeapYear));
    }
  }

  const v1::InstrumentPolicy& policy_;
};

}  // namespace

std::vector<PackError> CheckInstrumentPolicy(const PackSource& source) {
  if (!source.pack().has_instrument_policy()) return {};
  return InstrumentChecker(source).Run();
}

}  // namespace chanyan::policy
