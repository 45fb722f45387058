#include "services/consortium/supplement_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/consortium/dossier_rules.h"

namespace chanyan::consortium {

std::vector<status::Violation> SupplementViolations(const v1::Consortium& row,
                                                    const v1::Supplement& supplement) {
  std::vector<status::Violation> wrong;
  const std::vector<std::string> all = ParticipantsOf(row);
  const std::set<std::string> present(all.begin(), all.end());
  const bool vacant = row.state() == v1::CONSORTIUM_STATE_LEAD_VACANT;
  if (supplement.joining().empty() && supplement.leaving().empty() &&
      supplement.new_lead().empty()) {
    wrong.push_back({"joining", "没有成员变更，请填写新增、退出的成员或新牵头单位"});
  }
  std::set<std::string> joining;
  for (int i = 0; i < supplement.joining_size(); ++i) {
    const std::string& name = supplement.joining(i).organization();
    const std::string at = absl::StrCat("joining[", i, "].organization");
    if (present.contains(name)) wrong.push_back({at, "已是本创新联合体的成员"});
    if (!joining.insert(name).second) wrong.push_back({at, "新增单位重复"});
    if (supplement.joining(i).kind() == v1::MEMBER_KIND_UNSPECIFIED) {
      wrong.push_back({absl::StrCat("joining[", i, "].kind"), "请选择新增单位的成员类型"});
    }
    if (supplement.joining(i).layer() == v1::MEMBER_LAYER_UNSPECIFIED) {
      wrong.push_back({absl::StrCat("joining[", i, "].layer"), "请选择新增单位的层级"});
    }
  }
  std::set<std::string> leaving;
  for (int i = 0; i < supplement.leaving_size(); ++i) {
    const std::string& name = supplement.leaving(i);
    const std::string at = absl::StrCat("leaving[", i, "]");
    if (name == row.lead_unit()) {
      wrong.push_back({at, "牵头单位不能以补充协议退出"});
    } else if (!present.contains(name)) {
      wrong.push_back({at, "不是本创新联合体的成员"});
    }
    if (!leaving.insert(name).second) wrong.push_back({at, "退出单位重复"});
  }
  if (!supplement.new_lead().empty()) {
    if (!vacant) wrong.push_back({"new_lead", "现有牵头单位，只有取消牵头单位资格后才能更换"});
    const bool stays =
        present.contains(supplement.new_lead()) && !leaving.contains(supplement.new_lead());
    if (!stays && !joining.contains(supplement.new_lead())) {
      wrong.push_back({"new_lead", "新牵头单位应为继续参加的成员单位或本次新增的单位"});
    }
  } else if (!supplement.lead_standing().empty()) {
    wrong.push_back({"lead_standing", "没有新牵头单位，不填写新牵头单位条件说明"});
  }
  if (supplement.new_lead().empty() && vacant) {
    wrong.push_back({"new_lead", "没有牵头单位，请先以补充协议确定新牵头单位"});
  }
  return wrong;
}

std::vector<std::string> RequiredOf(const v1::Consortium& row, const v1::Supplement& supplement) {
  std::vector<std::string> required = ParticipantsOf(row);
  for (const v1::ConsortiumMember& member : supplement.joining()) {
    required.push_back(member.organization());
  }
  std::sort(required.begin(), required.end());
  required.erase(std::unique(required.begin(), required.end()), required.end());
  return required;
}

bool AllHaveSigned(const v1::Consortium& row, const v1::Supplement& supplement) {
  const std::vector<std::string> required = RequiredOf(row, supplement);
  const std::set<std::string> has(supplement.signed_by().begin(), supplement.signed_by().end());
  return std::includes(has.begin(), has.end(), required.begin(), required.end());
}

v1::Consortium AfterSupplement(const v1::Consortium& row, const v1::Supplement& supplement) {
  v1::Consortium after = row;
  after.clear_members();
  const auto keep = [&](const v1::ConsortiumMember& member) {
    if (member.organization() == supplement.new_lead()) {
      after.set_lead_unit(member.organization());
      after.set_lead_unit_title(member.title());
      after.set_lead_standing(supplement.lead_standing());
    } else {
      *after.add_members() = member;
    }
  };
  for (const v1::ConsortiumMember& member : row.members()) {
    const bool leaves = std::find(supplement.leaving().begin(), supplement.leaving().end(),
                                  member.organization()) != supplement.leaving().end();
    if (!leaves) keep(member);
  }
  for (const v1::ConsortiumMember& member : supplement.joining()) keep(member);
  after.clear_participants();
  for (const std::string& name : ParticipantsOf(after)) after.add_participants(name);
  return after;
}

}  // namespace chanyan::consortium
