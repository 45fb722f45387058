#include "common/policy/triage_report_check.h"

#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/policy/item_checks.h"

namespace chanyan::policy {
namespace {

using google::protobuf::Message;

class ReportChecker : private ItemChecks {
 public:
  explicit ReportChecker(const PackSource& source)
      : ItemChecks(source), pack_(source.pack()), triage_(pack_.triage()) {
    for (const v1::TriageUnit& unit : triage_.units()) kinds_.emplace(unit.id(), unit.kind());
  }

  std::vector<PackError> Run() {
    if (!pack_.has_triage()) return TakeErrors();
    TaskForces();
    Lists();
    Reports();
    Ladder();
    return TakeErrors();
  }

 private:
  const v1::Taxonomy* FindTaxonomy(absl::string_view id) const {
    for (const v1::Taxonomy& taxonomy : pack_.taxonomies()) {
      if (taxonomy.id() == id) return &taxonomy;
    }
    return nullptr;
  }

  // "taxonomy" or "taxonomy/industry".
  bool HasIndustry(absl::string_view id) const {
    const size_t slash = id.find('/');
    const v1::Taxonomy* taxonomy = FindTaxonomy(id.substr(0, slash));
    if (taxonomy == nullptr || slash == absl::string_view::npos) return taxonomy != nullptr;
    for (const v1::Industry& industry : taxonomy->industries()) {
      if (industry.id() == id.substr(slash + 1)) return true;
    }
    return false;
  }

  void TaskForces() {
    for (const v1::TriageUnit& unit : triage_.units()) {
      const std::string of = absl::StrCat("成果转化单位“", unit.id(), "”");
      const bool force = unit.kind() == v1::TRIAGE_UNIT_KIND_TASK_FORCE;
      if (force == unit.industries().empty()) {
        Add(unit, v1::TriageUnit::kIndustriesFieldNumber,
            force ? absl::StrCat(of, "：产业专班应写明负责的产业（industries）")
                  : absl::StrCat(of, "：只有产业专班才写负责的产业（industries）"));
      }
      for (int i = 0; i < unit.industries_size(); ++i) {
        if (!HasIndustry(unit.industries(i))) {
          Add(unit, v1::TriageUnit::kIndustriesFieldNumber,
              absl::StrCat(of, "：产业“", unit.industries(i), "”不在产业分类中"), i);
        }
      }
    }
  }

  void Lists() {
    absl::flat_hash_set<std::string> ids;
    for (const v1::IndustryListKind& kind : triage_.list_kinds()) {
      const std::string of = NamedIdentity(kind, "清单类别", ids);
      HasClause(kind, of);
      HasOrigin(kind, of);
      Chosen(kind, v1::IndustryListKind::kSubjectFieldNumber, kind.subject(), of,
             "条目（subject）");
      Chosen(kind, v1::IndustryListKind::kPeriodFieldNumber, kind.period(), of, "周期（period）");
      if (kind.novelty() && kind.subject() == v1::LIST_SUBJECT_DEMANDS) {
        Add(kind, v1::IndustryListKind::kNoveltyFieldNumber,
            absl::StrCat(of, "：需求没有“新技术新产品”（novelty）"));
      }
      if (kind.feedback_workdays() == 0) {
        Add(kind, v1::IndustryListKind::kFeedbackWorkdaysFieldNumber,
            absl::StrCat(of, "：反馈期限（feedback_workdays）至少为一个工作日"));
      }
      if (kind.taxonomies().empty()) {
        Add(kind, v1::IndustryListKind::kTaxonomiesFieldNumber,
            absl::StrCat(of, "：没有产业分类（taxonomies）"));
      }
      for (int i = 0; i < kind.taxonomies_size(); ++i) {
        if (FindTaxonomy(kind.taxonomies(i)) == nullptr) {
          Add(kind, v1::IndustryListKind::kTaxonomiesFieldNumber,
              absl::StrCat(of, "：产业分类“", kind.taxonomies(i), "”不在本政策包中"), i);
        }
      }
    }
  }

  void Recipient(const v1::ReportRecipient& recipient, const std::string& of) {
    const bool kind = recipient.kind() != v1::TRIAGE_UNIT_KIND_UNSPECIFIED;
    if (kind != recipient.unit().empty()) {
      Add(recipient, 0, absl::StrCat(of, "：发送对象应为一个单位（unit）或一类单位（kind）之一"));
    }
    Filled(recipient, v1::ReportRecipient::kDisplayNameFieldNumber, recipient.display_name(), of,
           "发送对象的称谓");
    if (!recipient.unit().empty() && !kinds_.contains(recipient.unit())) {
      Add(recipient, v1::ReportRecipient::kUnitFieldNumber,
          absl::StrCat(of, "：发送单位“", recipient.unit(), "”不在 units 中"));
    }
  }

  void Reports() {
    absl::flat_hash_set<std::string> ids;
    for (const v1::ReportKind& kind : triage_.report_kinds()) {
      const std::string of = NamedIdentity(kind, "报告类别", ids);
      HasClause(kind, of);
      HasOrigin(kind, of);
      Filled(kind, v1::ReportKind::kMarkFieldNumber, kind.mark(), of, "报头（mark）");
      Filled(kind, v1::ReportKind::kIssuerFieldNumber, kind.issuer(), of, "编发单位（issuer）");
      Chosen(kind, v1::ReportKind::kPeriodFieldNumber, kind.period(), of, "周期（period）");
      if (kind.parts().empty()) Add(kind, 0, absl::StrCat(of, "：没有数据部分（parts）"));
      std::set<int> parts;
      for (int i = 0; i < kind.parts_size(); ++i) {
        if (kind.parts(i) == v1::REPORT_PART_UNSPECIFIED || !parts.insert(kind.parts(i)).second) {
          Add(kind, v1::ReportKind::kPartsFieldNumber, absl::StrCat(of, "：数据部分未指定或重复"),
              i);
        }
      }
      absl::flat_hash_set<std::string> headings;
      for (int i = 0; i < kind.narratives_size(); ++i) {
        if (kind.narratives(i).empty() || !headings.insert(kind.narratives(i)).second) {
          Add(kind, v1::ReportKind::kNarrativesFieldNumber,
              absl::StrCat(of, "：文字部分的小标题为空或重复"), i);
        }
      }
      if (kind.recipients().empty()) Add(kind, 0, absl::StrCat(of, "：没有发送对象"));
      for (const v1::ReportRecipient& recipient : kind.recipients()) Recipient(recipient, of);
    }
  }

  void Ladder() {
    if (!triage_.has_escalation()) return;
    const v1::EscalationLadder& ladder = triage_.escalation();
    const std::string of = "提级协调";
    HasClause(ladder, of);
    HasOrigin(ladder, of);
    absl::flat_hash_set<std::string> ids;
    absl::flat_hash_set<std::string> deciders;
    for (const v1::LadderRung& rung : ladder.rungs()) {
      const std::string which = NamedIdentity(rung, "提级层级", ids);
      if (!rung.unit().empty() && !kinds_.contains(rung.unit())) {
        Add(rung, v1::LadderRung::kUnitFieldNumber,
            absl::StrCat(which, "：单位“", rung.unit(), "”不在 units 中"));
      }
      if (!deciders.insert(rung.unit()).second) {
        Add(rung, v1::LadderRung::kUnitFieldNumber,
            absl::StrCat(which, "：同一单位只能在一个层级"));
      }
      if (rung.decide_workdays() == 0) {
        Add(rung, v1::LadderRung::kDecideWorkdaysFieldNumber,
            absl::StrCat(which, "：批示期限至少为一个工作日"));
      }
    }
    if (ids.empty()) Add(ladder, 0, absl::StrCat(of, "：没有层级（rungs）"));
    // An idle result goes up the same ladder, in the same order.
    int before = -1;
    for (const v1::EscalationRung& idle : triage_.first_contact().rungs()) {
      int at = -1;
      for (int i = 0; i < ladder.rungs_size(); ++i) {
        if (ladder.rungs(i).id() == idle.id()) at = i;
      }
      if (at < 0) continue;
      if (at < before) {
        Add(ladder, v1::EscalationLadder::kRungsFieldNumber,
            absl::StrCat(of, "：层级“", idle.id(), "”的先后与首问负责的不一致"), at);
      }
      before = at;
    }
  }

  const v1::PolicyPack& pack_;
  const v1::TriagePolicy& triage_;
  absl::flat_hash_map<std::string, v1::TriageUnitKind> kinds_;
};

}  // namespace

std::vector<PackError> CheckTriageReports(const PackSource& source) {
  return ReportChecker(source).Run();
}

}  // namespace chanyan::policy
