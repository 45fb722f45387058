#include "services/triage/library_rules.h"

#include <cmath>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/policy/life.h"
#include "common/time/civil.h"

namespace chanyan::triage {
namespace {

constexpr double kWhole = 100;
// Three shares of 33.33 are a whole.
constexpr double kShareTolerance = 0.05;

class LibraryChecks {
 public:
  explicit LibraryChecks(const TriagePack& pack) : pack_(pack) {}

  std::vector<status::Violation> Take() { return std::move(out_); }
  void Add(absl::string_view field, absl::string_view what) {
    out_.push_back({std::string(field), std::string(what)});
  }

  template <class Names>
  void Industries(const Names& industries) {
    for (int i = 0; i < industries.size(); ++i) {
      if (!pack_.pack().FindIndustriesByName(industries[i]).empty()) continue;
      Add(absl::StrCat("industries[", i, "]"),
          absl::StrCat("“", industries[i], "”不在产业分类中，请按产业名称填写"));
    }
  }

  template <class Names>
  void Fields(const Names& fields) {
    for (int i = 0; i < fields.size(); ++i) {
      if (pack_.FindFieldByName(fields[i]) != nullptr) continue;
      std::vector<std::string> names;
      for (const auto& field : pack_.proto().fields()) names.push_back(field.display_name());
      Add(absl::StrCat("fields[", i, "]"),
          absl::StrCat("“", fields[i], "”不是技术领域，可填：", absl::StrJoin(names, "、")));
    }
  }

  // Texts that a sheet keeps in one cell.
  template <class Entries>
  void Cells(const Entries& entries, absl::string_view field) {
    for (int i = 0; i < entries.size(); ++i) {
      const auto* type = entries[i].GetDescriptor();
      for (int f = 0; f < type->field_count(); ++f) {
        if (type->field(f)->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING ||
            FitsListText(entries[i].GetReflection()->GetString(entries[i], type->field(f)))) {
          continue;
        }
        Add(absl::StrCat(field, "[", i, "].", type->field(f)->name()),
            "不能含有分号或竖线，请改用逗号或顿号");
      }
    }
  }

 private:
  const TriagePack& pack_;
  std::vector<status::Violation> out_;
};

void CheckOwners(const v1::Result& result, LibraryChecks* checks) {
  double sum = 0;
  bool any = false;
  std::set<std::string> titles;
  for (int i = 0; i < result.owners_size(); ++i) {
    const v1::RightsHolder& owner = result.owners(i);
    any = any || owner.share_percent() > 0;
    sum += owner.share_percent();
    if (!titles.insert(owner.title()).second) {
      checks->Add(absl::StrCat("owners[", i, "].title"), "与前面的完成单位重复");
    }
  }
  if (any && std::abs(sum - kWhole) > kShareTolerance) {
    checks->Add("owners", absl::StrCat("权属比例合计应为100%，现为", sum, "%"));
  }
}

void CheckMaturity(const TriagePack& pack, const v1::Result& result, LibraryChecks* checks) {
  std::set<std::string> scales;
  for (int i = 0; i < result.maturity_size(); ++i) {
    const v1::Maturity& maturity = result.maturity(i);
    const std::string place = absl::StrCat("maturity[", i, "]");
    const policy::v1::MaturityScale* scale = pack.FindScale(maturity.scale());
    if (scale == nullptr || scale->id() != maturity.scale()) {
      std::vector<std::string> names;
      for (const auto& one : pack.proto().maturity_scales()) {
        names.push_back(absl::StrCat(one.id(), "（", one.display_name(), "）"));
      }
      checks->Add(absl::StrCat(place, ".scale"),
                  absl::StrCat("没有这一成熟度标准，可用：", absl::StrJoin(names, "、")));
      continue;
    }
    if (maturity.level() > scale->levels_size()) {
      checks->Add(absl::StrCat(place, ".level"),
                  absl::StrCat(scale->display_name(), "最高", scale->levels_size(), "级"));
    }
    if (!scales.insert(scale->id()).second) {
      checks->Add(place, absl::StrCat(scale->display_name(), "重复填写，只能填一个等级"));
    }
  }
}

// By its short name; UNSPECIFIED if there is none.
v1::ResultForm FormOf(const std::string& name) {
  v1::ResultForm form = v1::RESULT_FORM_UNSPECIFIED;
  v1::ResultForm_Parse(absl::StrCat("RESULT_FORM_", name), &form);
  return form;
}

}  // namespace

bool FitsListText(absl::string_view text) {
  for (const char* sign : {"；", "｜", ";", "|"}) {
    if (absl::StrContains(text, sign)) return false;
  }
  return true;
}

std::vector<status::Violation> ResultViolations(const TriagePack& pack, const v1::Result& result) {
  LibraryChecks checks(pack);
  if (result.title().empty()) checks.Add("title", "成果名称清理后为空，请重新填写");
  checks.Industries(result.industries());
  checks.Fields(result.fields());
  checks.Cells(result.owners(), "owners");
  checks.Cells(result.people(), "people");
  checks.Cells(result.evaluations(), "evaluations");
  checks.Cells(result.rights(), "rights");
  checks.Cells(result.maturity(), "maturity");
  CheckOwners(result, &checks);
  CheckMaturity(pack, result, &checks);
  for (int i = 0; i < result.rights_size(); ++i) {
    if (result.rights(i).number().empty() && result.rights(i).kind() != v1::RIGHT_KIND_KNOW_HOW) {
      checks.Add(absl::StrCat("rights[", i, "].number"),
                 absl::StrCat(policy::LabelOf(result.rights(i).kind()), "应填写编号"));
    }
  }
  if (result.has_research_start_date() && result.has_research_end_date()) {
    const auto start = time::ToCivilDay(result.research_start_date());
    const auto end = time::ToCivilDay(result.research_end_date());
    if (start.ok() && end.ok() && *end < *start) {
      checks.Add("research_end_date", "研究结束日期早于开始日期");
    }
  }
  if (!result.settle_place().empty() && pack.DistrictOf(result.settle_place()).empty()) {
    checks.Add("settle_place",
               absl::StrCat("“", result.settle_place(),
                            pack.IsInCity(result.settle_place())
                                ? "”尚无承接落地的科技主管部门，请与领导小组办公室联系"
                                : "”不是本市的区（市）或其功能区、镇街"));
  }
  if (result.financing_yuan() == 0 && !result.financing_purpose().empty()) {
    checks.Add("financing_yuan", "填写了融资用途，应填写融资金额");
  }
  return checks.Take();
}

std::string UnknownForm(const TriagePack& pack) {
  for (const std::string& form : pack.proto().enterprise_entry().forms()) {
    if (FormOf(form) == v1::RESULT_FORM_UNSPECIFIED) return form;
  }
  return "";
}

std::vector<status::Violation> EnterpriseViolations(const TriagePack& pack,
                                                    const v1::Result& result) {
  if (!pack.proto().has_enterprise_entry()) {
    return {{"university", "企业的成果由服务专班梳理录入，企业不自行填报"}};
  }
  const policy::v1::EnterpriseEntry& entry = pack.proto().enterprise_entry();
  std::vector<status::Violation> wrong;
  std::vector<std::string> labels;
  bool taken = false;
  for (const std::string& form : entry.forms()) {
    const v1::ResultForm one = FormOf(form);
    if (one == v1::RESULT_FORM_UNSPECIFIED) continue;
    taken = taken || one == result.form();
    labels.push_back(policy::LabelOf(one));
  }
  if (!taken) {
    wrong.push_back(
        {"form", absl::StrCat("企业自行填报的成果形式限于：", absl::StrJoin(labels, "、"),
                              "；其他成果请联系服务专班")});
  }
  if (entry.novelty() && !result.novelty()) {
    wrong.push_back(
        {"novelty",
         "企业自行填报的限于新技术、新产品，请注明“新技术新产品”；其他成果请联系服务专班"});
  }
  return wrong;
}

std::vector<status::Violation> DemandViolations(const TriagePack& pack, const v1::Demand& demand) {
  LibraryChecks checks(pack);
  if (demand.title().empty()) checks.Add("title", "需求名称清理后为空，请重新填写");
  checks.Industries(demand.industries());
  checks.Fields(demand.fields());
  if (demand.has_challenge() && demand.kind() != v1::DEMAND_KIND_CHALLENGE) {
    checks.Add("challenge", "只有揭榜挂帅类需求填写揭榜内容");
  }
  if (demand.kind() == v1::DEMAND_KIND_CHALLENGE &&
      (!demand.has_challenge() || demand.challenge().term_months() == 0)) {
    checks.Add("challenge.term_months", "揭榜挂帅类需求应填写期限，最长36个月");
  }
  return checks.Take();
}

policy::Facts PublishFacts(const v1::Result& result) {
  policy::Facts facts;
  facts.Set("title", result.title());
  facts.Set("university", result.university());
  facts.Set("abstract", result.abstract());
  for (const std::string& keyword : result.keywords()) facts.Add("keywords", keyword);
  if (result.stage() != v1::STAGE_UNSPECIFIED) {
    facts.Set("stage", policy::LabelOf(result.stage()));
  }
  for (const v1::Maturity& maturity : result.maturity()) {
    facts.Add("maturity", absl::StrCat(maturity.scale(), ":", maturity.level()));
  }
  for (const std::string& industry : result.industries()) facts.Add("industries", industry);
  for (const std::string& field : result.fields()) facts.Add("fields", field);
  for (const int mode : result.conversion_modes()) {
    facts.Add("conversion_modes", policy::LabelOf(static_cast<v1::ConversionMode>(mode)));
  }
  if (result.disclosure() != v1::DISCLOSURE_UNSPECIFIED) {
    facts.Set("confidentiality", policy::LabelOf(result.disclosure()));
  }
  return facts;
}

policy::Facts PublishFacts(const v1::Demand& demand, absl::CivilDay today) {
  policy::Facts facts;
  facts.Set("title", demand.title());
  facts.Set("enterprise", demand.enterprise());
  facts.Set("description", demand.description());
  for (const std::string& keyword : demand.keywords()) facts.Add("keywords", keyword);
  for (const std::string& industry : demand.industries()) facts.Add("industries", industry);
  for (const std::string& field : demand.fields()) facts.Add("fields", field);
  if (const auto until = time::ToCivilDay(demand.valid_until()); until.ok()) {
    facts.SetDate("valid_until", *until);
  }
  facts.SetDate("as_of_date", today);
  return facts;
}

bool IsExpired(const v1::Demand& demand, absl::CivilDay today) {
  const auto until = time::ToCivilDay(demand.valid_until());
  return until.ok() && *until < today;
}

}  // namespace chanyan::triage
