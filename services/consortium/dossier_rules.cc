#include "services/consortium/dossier_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "google/protobuf/util/message_differencer.h"

namespace chanyan::consortium {
namespace {

using status::Violation;

// What the registry's kind of organization may be in a consortium.
bool Fits(v1::MemberKind kind, absl::string_view registered) {
  switch (kind) {
    case v1::MEMBER_KIND_UPSTREAM:
    case v1::MEMBER_KIND_DOWNSTREAM:
      return registered == "ENTERPRISE";
    case v1::MEMBER_KIND_UNIVERSITY:
      return registered == "UNIVERSITY";
    case v1::MEMBER_KIND_INSTITUTE:
      return registered == "RESEARCH_INSTITUTE";
    default:
      return true;
  }
}

void Members(const v1::Consortium& row, const Parties& parties, std::vector<Violation>* wrong) {
  std::set<std::string> seen;
  int64_t funds = 0;
  for (int i = 0; i < row.members_size(); ++i) {
    const v1::ConsortiumMember& member = row.members(i);
    const std::string at = absl::StrCat("members[", i, "]");
    funds += member.funds_yuan();
    const auto party = parties.find(member.organization());
    const std::string title =
        party == parties.end() ? member.organization() : party->second.title();
    if (member.organization() == row.lead_unit()) {
      wrong->push_back({absl::StrCat(at, ".organization"),
                        absl::StrCat("“", title, "”是牵头单位，不再列为成员单位")});
    } else if (!seen.insert(member.organization()).second) {
      wrong->push_back({absl::StrCat(at, ".organization"), absl::StrCat("“", title, "”重复")});
    }
    if (party != parties.end() && !Fits(member.kind(), party->second.kind())) {
      wrong->push_back({absl::StrCat(at, ".kind"),
                        absl::StrCat("“", title, "”在单位名录中不是",
                                     policy::LabelOf(member.kind()), "，请核对成员类型")});
    }
  }
  if (row.plan().total_funds_yuan() > 0 && funds > row.plan().total_funds_yuan()) {
    wrong->push_back(
        {"plan.total_funds_yuan", absl::StrCat("成员单位投入合计", funds, "元，超过总投入",
                                               row.plan().total_funds_yuan(), "元")});
  }
}

void Lists(const ConsortiumPack& pack, const v1::Consortium& row, std::vector<Violation>* wrong) {
  std::set<std::string> seen;
  for (int i = 0; i < row.agreement().clauses_size(); ++i) {
    const std::string& id = row.agreement().clauses(i).clause();
    const std::string at = absl::StrCat("agreement.clauses[", i, "].clause");
    if (pack.FindClause(id) == nullptr) {
      wrong->push_back({at, absl::StrCat("“", id, "”不是政策包中的必备条款")});
    } else if (!seen.insert(id).second) {
      wrong->push_back({at, absl::StrCat("必备条款“", id, "”重复")});
    }
  }
  seen.clear();
  for (int i = 0; i < row.plan().mechanisms_size(); ++i) {
    const std::string& id = row.plan().mechanisms(i).mechanism();
    const std::string at = absl::StrCat("plan.mechanisms[", i, "].mechanism");
    if (pack.FindMechanism(id) == nullptr) {
      wrong->push_back({at, absl::StrCat("“", id, "”不是政策包中的运行机制")});
    } else if (!seen.insert(id).second) {
      wrong->push_back({at, absl::StrCat("运行机制“", id, "”重复")});
    }
  }
  seen.clear();
  for (int i = 0; i < row.industries_size(); ++i) {
    if (!seen.insert(row.industries(i)).second) {
      wrong->push_back({absl::StrCat("industries[", i, "]"),
                        absl::StrCat("产业领域“", row.industries(i), "”重复")});
    }
  }
}

void Topics(const v1::Consortium& row, std::vector<Violation>* wrong) {
  const std::vector<std::string> all = ParticipantsOf(row);
  const std::set<std::string> participants(all.begin(), all.end());
  for (int i = 0; i < row.plan().topics_size(); ++i) {
    const v1::ResearchTopic& topic = row.plan().topics(i);
    for (int k = 0; k < topic.undertakers_size(); ++k) {
      if (participants.contains(topic.undertakers(k))) continue;
      wrong->push_back({absl::StrCat("plan.topics[", i, "].undertakers[", k, "]"),
                        absl::StrCat("课题“", topic.title(), "”的承担单位不是牵头单位或成员单位")});
    }
  }
}

}  // namespace

std::vector<std::string> ParticipantsOf(const v1::Consortium& row) {
  std::vector<std::string> all;
  const auto add = [&all](const std::string& name) {
    if (!name.empty() && std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  };
  add(row.lead_unit());
  for (const v1::ConsortiumMember& member : row.members()) add(member.organization());
  return all;
}

std::vector<Violation> DossierViolations(const ConsortiumPack& pack, const v1::Consortium& row,
                                         const Parties& parties) {
  std::vector<Violation> wrong;
  Members(row, parties, &wrong);
  Lists(pack, row, &wrong);
  Topics(row, &wrong);
  return wrong;
}

bool IsBlank(absl::string_view text) {
  return text.find_first_not_of(" \t\r\n") == absl::string_view::npos;
}

std::vector<Violation> HalfWritten(const v1::Consortium& row) {
  std::vector<Violation> half;
  const auto ask = [&half](bool lacks, std::string field, std::string description) {
    if (lacks) half.push_back({std::move(field), std::move(description)});
  };
  for (int i = 0; i < row.members_size(); ++i) {
    const v1::ConsortiumMember& member = row.members(i);
    const std::string at = absl::StrCat("members[", i, "]");
    const std::string& title = member.title().empty() ? member.organization() : member.title();
    ask(member.kind() == v1::MEMBER_KIND_UNSPECIFIED, absl::StrCat(at, ".kind"),
        absl::StrCat("请选择成员单位“", title, "”的成员类型"));
    ask(member.layer() == v1::MEMBER_LAYER_UNSPECIFIED, absl::StrCat(at, ".layer"),
        absl::StrCat("请选择成员单位“", title, "”的层级"));
  }
  for (int i = 0; i < row.agreement().clauses_size(); ++i) {
    ask(IsBlank(row.agreement().clauses(i).place()),
        absl::StrCat("agreement.clauses[", i, "].place"),
        absl::StrCat("请填写第", i + 1, "项必备条款所在的协议条款"));
  }
  ask(row.has_chief_expert() && IsBlank(row.chief_expert().unit_title()), "chief_expert.unit_title",
      "请填写首席专家的工作单位");
  for (int i = 0; i < row.plan().targets_size(); ++i) {
    ask(IsBlank(row.plan().targets(i).value()), absl::StrCat("plan.targets[", i, "].value"),
        absl::StrCat("请填写指标“", row.plan().targets(i).measure(), "”的目标值"));
  }
  for (int i = 0; i < row.plan().mechanisms_size(); ++i) {
    ask(IsBlank(row.plan().mechanisms(i).description()),
        absl::StrCat("plan.mechanisms[", i, "].description"),
        absl::StrCat("请填写第", i + 1, "项运行机制的内容"));
  }
  return half;
}

std::vector<std::string> FieldsOfLead(const v1::Consortium& before, const v1::Consortium& after) {
  std::vector<std::string> changed;
  const auto* reflection = before.GetReflection();
  for (int i = 0; i < v1::Consortium::descriptor()->field_count(); ++i) {
    const auto* field = v1::Consortium::descriptor()->field(i);
    if (field->name() == "plan") continue;
    v1::Consortium a;
    v1::Consortium b;
    const auto copy = [&](const v1::Consortium& from, v1::Consortium* to) {
      *to = from;
      std::vector<const google::protobuf::FieldDescriptor*> set;
      reflection->ListFields(*to, &set);
      for (const auto* other : set) {
        if (other != field) reflection->ClearField(to, other);
      }
    };
    copy(before, &a);
    copy(after, &b);
    if (!google::protobuf::util::MessageDifferencer::Equals(a, b)) {
      changed.push_back(std::string(field->name()));
    }
  }
  return changed;
}

void SetTitles(const Parties& parties, v1::Consortium* row) {
  const auto title = [&parties](const std::string& name, const std::string& present) {
    const auto party = parties.find(name);
    return party == parties.end() ? present : party->second.title();
  };
  row->set_lead_unit_title(
      row->lead_unit().empty() ? "" : title(row->lead_unit(), row->lead_unit_title()));
  for (v1::ConsortiumMember& member : *row->mutable_members()) {
    member.set_title(title(member.organization(), member.title()));
  }
}

}  // namespace chanyan::consortium
