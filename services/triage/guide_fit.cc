#include "services/triage/guide_fit.h"

#include <algorithm>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "services/triage/list_lines.h"

namespace chanyan::triage {
namespace {

using policy::v1::TriageClass;

absl::CivilDay DayIn(const google::type::Date& date, absl::CivilDay none) {
  const auto day = time::ToCivilDay(date);
  return day.ok() ? *day : none;
}

bool TakesUp(const v1::ProjectGuide& guide, TriageClass triage_class) {
  return absl::c_linear_search(guide.triage_classes(), static_cast<int>(triage_class));
}

// Whether an industry of the guide is one of the result's, or has it below it.
bool Covers(const TriagePack& pack, const std::string& industry, const v1::Result& result) {
  const auto of_result = [&result](const std::string& name) {
    return absl::c_linear_search(result.industries(), name);
  };
  if (of_result(industry)) return true;
  return absl::c_any_of(pack.pack().FindIndustriesByName(industry), [&](const std::string& id) {
    return absl::c_any_of(ScopeOf(pack.pack(), id).names, of_result);
  });
}

void CheckDates(const v1::ProjectGuide& guide, std::vector<status::Violation>* wrong) {
  const auto start = time::ToCivilDay(guide.apply_start_date());
  const auto end = time::ToCivilDay(guide.apply_end_date());
  if (!start.ok()) wrong->push_back({"apply_start_date", "请填写申报开始日期"});
  if (!end.ok()) wrong->push_back({"apply_end_date", "请填写申报截止日期"});
  if (start.ok() && end.ok() && *end < *start) {
    wrong->push_back({"apply_end_date", "申报截止日期不能早于申报开始日期"});
  }
}

void CheckClasses(const v1::ProjectGuide& guide, std::vector<status::Violation>* wrong) {
  if (guide.triage_classes().empty()) {
    wrong->push_back({"triage_classes", "请填写面向的成果类别"});
  }
  std::set<int> seen;
  for (int i = 0; i < guide.triage_classes_size(); ++i) {
    const int one = guide.triage_classes(i);
    if (one == policy::v1::TRIAGE_CLASS_UNSPECIFIED) {
      wrong->push_back({absl::StrCat("triage_classes[", i, "]"), "没有这一成果类别"});
    } else if (!seen.insert(one).second) {
      wrong->push_back({absl::StrCat("triage_classes[", i, "]"),
                        absl::StrCat("“", policy::LabelOf(static_cast<TriageClass>(one)),
                                     "”重复，请只保留一项")});
    }
  }
}

void CheckNames(const TriagePack& pack, const v1::ProjectGuide& guide,
                std::vector<status::Violation>* wrong) {
  for (int i = 0; i < guide.fields_size(); ++i) {
    if (pack.FindFieldByName(guide.fields(i)) != nullptr) continue;
    std::vector<std::string> names;
    for (const auto& field : pack.proto().fields()) names.push_back(field.display_name());
    wrong->push_back(
        {absl::StrCat("fields[", i, "]"),
         absl::StrCat("“", guide.fields(i), "”不是技术领域，可填：", absl::StrJoin(names, "、"))});
  }
  for (int i = 0; i < guide.industries_size(); ++i) {
    if (!pack.pack().FindIndustriesByName(guide.industries(i)).empty()) continue;
    wrong->push_back({absl::StrCat("industries[", i, "]"),
                      absl::StrCat("“", guide.industries(i), "”不在产业分类中，请按产业名称填写")});
  }
}

}  // namespace

std::vector<status::Violation> GuideViolations(const TriagePack& pack,
                                               const v1::ProjectGuide& guide) {
  std::vector<status::Violation> wrong;
  const policy::v1::TriageUnit* unit = pack.FindOrganization(guide.department());
  if (unit == nullptr || unit->kind() != policy::v1::TRIAGE_UNIT_KIND_DEPARTMENT) {
    wrong.push_back({"department", "项目指南由局内业务处室发布，请填写业务处室"});
  }
  CheckClasses(guide, &wrong);
  CheckNames(pack, guide, &wrong);
  CheckDates(guide, &wrong);
  return wrong;
}

bool IsOver(const v1::ProjectGuide& guide, absl::CivilDay today) {
  return DayIn(guide.apply_end_date(), absl::CivilDay::min()) < today;
}

bool IsAccepting(const v1::ProjectGuide& guide, absl::CivilDay today) {
  return guide.state() == v1::PROJECT_GUIDE_STATE_PUBLISHED && !IsOver(guide, today) &&
         DayIn(guide.apply_start_date(), absl::CivilDay::max()) <= today;
}

bool Fits(const TriagePack& pack, const v1::ProjectGuide& guide, TriageClass triage_class,
          const v1::Result& result) {
  if (!TakesUp(guide, triage_class)) return false;
  if (guide.fields().empty() && guide.industries().empty()) return true;
  return absl::c_any_of(guide.fields(),
                        [&](const std::string& field) {
                          return absl::c_linear_search(result.fields(), field);
                        }) ||
         absl::c_any_of(guide.industries(), [&](const std::string& industry) {
           return Covers(pack, industry, result);
         });
}

std::vector<v1::ProjectGuide> FittingGuides(const TriagePack& pack,
                                            absl::Span<const v1::ProjectGuide> open,
                                            const std::string& department, TriageClass triage_class,
                                            const v1::Result& result) {
  std::vector<v1::ProjectGuide> fitting;
  for (const v1::ProjectGuide& guide : open) {
    if (fitting.size() == static_cast<size_t>(kMostGuides)) break;
    if (guide.department() == department && Fits(pack, guide, triage_class, result)) {
      fitting.push_back(guide);
    }
  }
  return fitting;
}

std::string WhyNotTied(const v1::ProjectGuide& guide, const v1::Push& push, absl::CivilDay today) {
  if (guide.department() != push.recipient()) {
    return absl::StrCat("是", guide.department_title(), "的指南，只能结合本处室的指南");
  }
  if (!TakesUp(guide, push.triage_class())) {
    return absl::StrCat("不面向“", policy::LabelOf(push.triage_class()), "”的成果");
  }
  if (IsOver(guide, today)) return "申报已截止";
  return "";
}

bool AddGuide(const v1::ProjectGuide& guide, v1::Push* push) {
  if (push->guides_size() >= kMostGuides || absl::c_linear_search(push->guides(), guide.name())) {
    return false;
  }
  push->add_guides(guide.name());
  push->add_guide_titles(guide.title());
  return true;
}

void DropGuide(const std::string& guide, v1::Push* push) {
  for (int i = push->guides_size() - 1; i >= 0; --i) {
    if (push->guides(i) != guide) continue;
    push->mutable_guides()->DeleteSubrange(i, 1);
    if (i < push->guide_titles_size()) push->mutable_guide_titles()->DeleteSubrange(i, 1);
  }
}

}  // namespace chanyan::triage
