#include "common/policy/triage_check.h"

#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/policy/item_checks.h"

namespace chanyan::policy {
namespace {

using google::protobuf::Message;

class TriageChecker : private ItemChecks {
 public:
  explicit TriageChecker(const PackSource& source)
      : ItemChecks(source), pack_(source.pack()), triage_(pack_.triage()) {}

  std::vector<PackError> Run() {
    if (!pack_.has_triage()) return TakeErrors();
    Units();
    Teams();
    Training();
    EnterpriseEntry();
    Maturity();
    Fields();
    Dispositions();
    Routes();
    Clock();
    Ladder();
    return TakeErrors();
  }

 private:
  void Units() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> organizations;
    for (const v1::TriageUnit& unit : triage_.units()) {
      const std::string of = NamedIdentity(unit, "成果转化单位", ids);
      Chosen(unit, v1::TriageUnit::kKindFieldNumber, unit.kind(), of, "类别（kind）");
      HasClause(unit, of);
      if (!absl::StartsWith(unit.organization(), "organizations/")) {
        Add(unit, v1::TriageUnit::kOrganizationFieldNumber,
            absl::StrCat(of, "：名录编号（organization）应为 organizations/…"));
      } else if (!organizations.insert(unit.organization()).second) {
        Add(unit, v1::TriageUnit::kOrganizationFieldNumber,
            absl::StrCat(of, "：名录编号“", unit.organization(), "”重复"));
      }
      if (unit.kind() == v1::TRIAGE_UNIT_KIND_DISTRICT && !HasPlace(unit.place())) {
        Add(unit, v1::TriageUnit::kPlaceFieldNumber,
            absl::StrCat(of, "：区（市）“", unit.place(), "”不在本政策包的地点中"));
      }
      kinds_.emplace(unit.id(), unit.kind());
    }
    Unit(triage_, v1::TriagePolicy::kLeadingGroupFieldNumber, triage_.leading_group(),
         v1::TRIAGE_UNIT_KIND_LEADING_GROUP, "领导小组（leading_group）");
    Unit(triage_, v1::TriagePolicy::kOfficeFieldNumber, triage_.office(),
         v1::TRIAGE_UNIT_KIND_DEPARTMENT, "领导小组办公室（office）");
  }

  bool HasPlace(const std::string& id) const {
    for (const v1::Place& place : pack_.places()) {
      if (place.id() == id) return true;
    }
    return false;
  }

  // `kind` unspecified = any.
  void Unit(const Message& holder, int field, const std::string& id, v1::TriageUnitKind kind,
            absl::string_view what) {
    const auto it = kinds_.find(id);
    if (it == kinds_.end()) {
      Add(holder, field, absl::StrCat(what, "：单位“", id, "”不在 units 中"));
    } else if (kind != v1::TRIAGE_UNIT_KIND_UNSPECIFIED && it->second != kind) {
      Add(holder, field, absl::StrCat(what, "：单位“", id, "”的类别不对"));
    }
  }

  void Teams() {
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> served;
    for (const v1::ServiceTeamPlan& team : triage_.teams()) {
      const std::string of = NamedIdentity(team, "服务专班", ids);
      HasClause(team, of);
      HasOrigin(team, of);
      Filled(team, v1::ServiceTeamPlan::kLeaderFieldNumber, team.leader(), of, "牵头局领导");
      Unit(team, v1::ServiceTeamPlan::kDepartmentFieldNumber, team.department(),
           v1::TRIAGE_UNIT_KIND_DEPARTMENT, absl::StrCat(of, "：业务处室"));
      Unit(team, v1::ServiceTeamPlan::kAgencyFieldNumber, team.agency(),
           v1::TRIAGE_UNIT_KIND_AGENCY, absl::StrCat(of, "：服务机构"));
      Unit(team, v1::ServiceTeamPlan::kInvestorFieldNumber, team.investor(),
           v1::TRIAGE_UNIT_KIND_INVESTOR, absl::StrCat(of, "：国有企业"));
      for (int i = 0; i < team.serves_size(); ++i) {
        if (!served.insert(team.serves(i)).second) {
          Add(team, v1::ServiceTeamPlan::kServesFieldNumber,
              absl::StrCat(of, "：“", team.serves(i), "”已由另一专班对接"), i);
        }
      }
    }
  }

  void Training() {
    const v1::BrokerTraining& training = triage_.broker_training();
    const std::string of = "技术经纪人培训";
    if (!triage_.has_broker_training()) {
      Add(triage_, 0, absl::StrCat(of, "：未填写（broker_training）"));
      return;
    }
    HasClause(training, of);
    HasOrigin(training, of);
    absl::flat_hash_set<std::string> ids;
    for (const v1::TrainingCourse& course : training.courses()) {
      const std::string which = NamedIdentity(course, "培训", ids);
      HasClause(course, which);
      Unit(course, v1::TrainingCourse::kProviderFieldNumber, course.provider(),
           v1::TRIAGE_UNIT_KIND_UNSPECIFIED, absl::StrCat(which, "：培训单位"));
    }
    if (ids.empty()) Add(training, 0, absl::StrCat(of, "：没有培训（courses）"));
  }

  void EnterpriseEntry() {
    if (!triage_.has_enterprise_entry()) return;
    const v1::EnterpriseEntry& entry = triage_.enterprise_entry();
    const std::string of = "企业自行填报的成果";
    HasClause(entry, of);
    HasOrigin(entry, of);
    if (entry.forms().empty()) Add(entry, 0, absl::StrCat(of, "：没有成果形式（forms）"));
    absl::flat_hash_set<std::string> seen;
    for (int i = 0; i < entry.forms_size(); ++i) {
      if (seen.insert(entry.forms(i)).second) continue;
      Add(entry, v1::EnterpriseEntry::kFormsFieldNumber,
          absl::StrCat(of, "：成果形式“", entry.forms(i), "”重复"), i);
    }
  }

  void Maturity() {
    absl::flat_hash_set<std::string> ids;
    for (const v1::MaturityScale& scale : triage_.maturity_scales()) {
      const std::string of = NamedIdentity(scale, "成熟度标准", ids);
      HasClause(scale, of);
      if (scale.levels_size() < 2) Add(scale, 0, absl::StrCat(of, "：至少应有两级（levels）"));
    }
    if (ids.empty()) Add(triage_, 0, "成熟度标准：未填写（maturity_scales）");
  }

  void Fields() {
    absl::flat_hash_set<std::string> names;
    for (const v1::TechnologyField& field : triage_.fields()) {
      const std::string of = NamedIdentity(field, "技术领域", fields_);
      UniqueName(field, v1::TechnologyField::kDisplayNameFieldNumber, field.display_name(), of,
                 names);
    }
    if (fields_.empty()) Add(triage_, 0, "技术领域：未填写（fields）");
  }

  void Conditions(const google::protobuf::RepeatedPtrField<v1::FactCondition>& conditions,
                  absl::string_view of) {
    for (const v1::FactCondition& condition : conditions) {
      if (!IsId(condition.fact().name(), false)) {
        Add(condition, 0, absl::StrCat(of, "：事实名称“", condition.fact().name(), "”有误"));
      }
      Filled(condition, v1::FactCondition::kFactFieldNumber, condition.fact().display_name(), of,
             "事实的中文名称");
      const bool demands = !condition.any_of().empty() || condition.has_at_least() ||
                           condition.has_at_most() || condition.values_at_least() > 0;
      if (condition.absent() == demands) {
        Add(condition, 0,
            absl::StrCat(of, "：条件应要么是“未填写”（absent），要么有取值要求，不能兼有或皆无"));
      }
      if (condition.has_at_least() && condition.has_at_most() &&
          condition.at_least() > condition.at_most()) {
        Add(condition, v1::FactCondition::kAtMostFieldNumber, absl::StrCat(of, "：上限小于下限"));
      }
    }
  }

  void Dispositions() {
    absl::flat_hash_set<std::string> ids;
    std::set<int> classes;
    for (const v1::DispositionRule& rule : triage_.disposition_rules()) {
      const std::string of = NamedIdentity(rule, "分类规则", ids);
      Chosen(rule, v1::DispositionRule::kTriageClassFieldNumber, rule.triage_class(), of,
             "类别（triage_class）");
      HasClause(rule, of);
      HasOrigin(rule, of);
      if (rule.when().empty()) Add(rule, 0, absl::StrCat(of, "：没有条件（when）"));
      Conditions(rule.when(), of);
      Conditions(rule.unless(), of);
      classes.insert(rule.triage_class());
    }
    for (int one = v1::TriageClass_MIN + 1; one <= v1::TriageClass_MAX; ++one) {
      if (!classes.contains(one)) {
        Add(triage_, 0,
            absl::StrCat("分类规则：类别 ", v1::TriageClass_Name(one), " 没有任何规则"));
      }
    }
  }

  void Recipient(const v1::RouteRecipient& recipient, absl::string_view of) {
    const int named = (recipient.unit().empty() ? 0 : 1) +
                      (recipient.kind() == v1::TRIAGE_UNIT_KIND_UNSPECIFIED ? 0 : 1) +
                      (recipient.team_investor() ? 1 : 0);
    if (named != 1) {
      Add(recipient, 0,
          absl::StrCat(of, "：收件方应为一个单位（unit）、一类单位（kind）或专班国企之一"));
    }
    if (!recipient.unit().empty()) {
      Unit(recipient, v1::RouteRecipient::kUnitFieldNumber, recipient.unit(),
           v1::TRIAGE_UNIT_KIND_UNSPECIFIED, absl::StrCat(of, "：收件方"));
    }
    for (int i = 0; i < recipient.fields_size(); ++i) {
      if (!fields_.contains(recipient.fields(i))) {
        Add(recipient, v1::RouteRecipient::kFieldsFieldNumber,
            absl::StrCat(of, "：技术领域“", recipient.fields(i), "”不在 fields 中"), i);
      }
    }
    for (int i = 0; i < recipient.industries_size(); ++i) {
      if (!HasIndustry(recipient.industries(i))) {
        Add(recipient, v1::RouteRecipient::kIndustriesFieldNumber,
            absl::StrCat(of, "：产业“", recipient.industries(i), "”不在产业分类中"), i);
      }
    }
  }

  // "taxonomy" or "taxonomy/industry".
  bool HasIndustry(const std::string& id) const {
    for (const v1::Taxonomy& taxonomy : pack_.taxonomies()) {
      if (id == taxonomy.id()) return true;
      for (const v1::Industry& industry : taxonomy.industries()) {
        if (id == absl::StrCat(taxonomy.id(), "/", industry.id())) return true;
      }
    }
    return false;
  }

  void Routes() {
    absl::flat_hash_set<std::string> ids;
    std::set<int> classes;
    for (const v1::DispatchRoute& route : triage_.routes()) {
      const std::string of = NamedIdentity(route, "推送路径", ids);
      Chosen(route, v1::DispatchRoute::kTriageClassFieldNumber, route.triage_class(), of,
             "类别（triage_class）");
      HasClause(route, of);
      HasOrigin(route, of);
      if (route.recipients().empty()) Add(route, 0, absl::StrCat(of, "：没有收件方"));
      for (const v1::RouteRecipient& recipient : route.recipients()) Recipient(recipient, of);
      if (!classes.insert(route.triage_class()).second) {
        Add(route, v1::DispatchRoute::kTriageClassFieldNumber,
            absl::StrCat(of, "：同一类别只能有一条推送路径"));
      }
    }
  }

  void Clock() {
    const v1::ServiceClock& clock = triage_.clock();
    const std::string of = "办理时限";
    if (!triage_.has_clock()) {
      Add(triage_, 0, absl::StrCat(of, "：未填写（clock）"));
      return;
    }
    HasClause(clock, of);
    HasOrigin(clock, of);
    if (clock.receive_workdays() == 0 || clock.answer_workdays() == 0) {
      Add(clock, 0, absl::StrCat(of, "：签收和答复期限至少为一个工作日"));
    }
    absl::flat_hash_set<std::string> ids;
    for (const v1::PauseReason& reason : clock.pause_reasons()) {
      const std::string which = NamedIdentity(reason, "暂停事由", ids);
      if (reason.max_workdays() == 0) {
        Add(reason, 0, absl::StrCat(which, "：未填写最长暂停工作日"));
      }
    }
  }

  void Ladder() {
    const v1::FirstContact& first = triage_.first_contact();
    const std::string of = "首问负责";
    if (!triage_.has_first_contact()) {
      Add(triage_, 0, absl::StrCat(of, "：未填写（first_contact）"));
      return;
    }
    HasClause(first, of);
    HasOrigin(first, of);
    if (first.accept_workdays() == 0) {
      Add(first, 0, absl::StrCat(of, "：未填写移交接收期限（accept_workdays）"));
    }
    absl::flat_hash_set<std::string> ids;
    uint32_t before = 0;
    for (const v1::EscalationRung& rung : first.rungs()) {
      const std::string which = NamedIdentity(rung, "提级层级", ids);
      Chosen(rung, v1::EscalationRung::kRoleFieldNumber, rung.role(), which, "提请对象（role）");
      if (rung.idle_workdays() <= before) {
        Add(rung, v1::EscalationRung::kIdleWorkdaysFieldNumber,
            absl::StrCat(which, "：工作日数应逐级增加"));
      }
      before = rung.idle_workdays();
    }
    if (ids.empty()) Add(first, 0, absl::StrCat(of, "：没有提级层级（rungs）"));
  }

  const v1::PolicyPack& pack_;
  const v1::TriagePolicy& triage_;
  absl::flat_hash_map<std::string, v1::TriageUnitKind> kinds_;
  absl::flat_hash_set<std::string> fields_;
};

}  // namespace

std::vector<PackError> CheckTriage(const PackSource& source) { return TriageChecker(source).Run(); }

}  // namespace chanyan::policy
