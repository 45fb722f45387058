#include "services/consortium/expert_rules.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/kept_day.h"

namespace chanyan::consortium {
namespace {

void CheckTerms(const v1::Expert& expert, std::vector<status::Violation>* wrong) {
  std::vector<std::pair<absl::CivilDay, absl::CivilDay>> terms;
  for (int i = 0; i < expert.terms_size(); ++i) {
    const absl::CivilDay start = time::DayIn(expert.terms(i).start_date());
    const absl::CivilDay end = time::DayIn(expert.terms(i).end_date());
    if (end < start) {
      wrong->push_back({absl::StrCat("terms[", i, "].end_date"), "聘期止不能早于聘期起"});
    }
    for (const auto& [other_start, other_end] : terms) {
      if (start > other_end || end < other_start) continue;
      wrong->push_back({absl::StrCat("terms[", i, "]"), "与另一聘期重叠"});
      break;
    }
    terms.emplace_back(start, end);
  }
}

template <class Past>
void NameAsToday(const std::string& named, const Successions& successions, Past* past) {
  const auto successor = successions.find(named);
  past->set_organization(successor == successions.end() ? named : successor->second);
  if (successor != successions.end()) past->set_merged(named);
}

}  // namespace

std::vector<status::Violation> ExpertViolations(const policy::v1::ConsortiumReview& review,
                                                const v1::Expert& expert, absl::CivilDay today) {
  std::vector<status::Violation> wrong;
  const bool known = std::any_of(
      review.categories().begin(), review.categories().end(),
      [&](const policy::v1::ExpertCategory& one) { return one.id() == expert.category(); });
  if (!known) {
    std::string names;
    for (const policy::v1::ExpertCategory& one : review.categories()) {
      absl::StrAppend(&names, names.empty() ? "" : "、", one.id(), "（", one.display_name(), "）");
    }
    wrong.push_back({"category", absl::StrCat("应为政策包中的专家类别：", names)});
  }
  CheckTerms(expert, &wrong);
  std::set<std::string> employers;
  for (int i = 0; i < expert.past_employers_size(); ++i) {
    const v1::PastEmployment& past = expert.past_employers(i);
    const std::string path = absl::StrCat("past_employers[", i, "]");
    if (!employers.insert(past.organization()).second) {
      wrong.push_back({path + ".organization", "曾任职单位重复"});
    }
    if (past.organization() == expert.employer()) {
      wrong.push_back({path + ".organization", "与现任职单位相同"});
    }
    if (time::DayIn(past.until_date()) > today) {
      wrong.push_back({path + ".until_date", "离任日期不能晚于今天"});
    }
  }
  return wrong;
}

std::vector<status::Violation> InterestViolations(const v1::DeclareInterestsRequest& request,
                                                  absl::CivilDay today) {
  std::vector<status::Violation> wrong;
  std::set<std::pair<std::string, int>> seen;
  for (int i = 0; i < request.interests_size(); ++i) {
    const v1::DeclaredInterest& one = request.interests(i);
    const std::string path = absl::StrCat("interests[", i, "]");
    if (!seen.insert({one.organization(), one.kind()}).second) {
      wrong.push_back({path, "同一单位的同一关系重复"});
    }
    if (one.has_until_date() && time::DayIn(one.until_date()) > today) {
      wrong.push_back({path + ".until_date", "截至日期不能晚于今天；仍然存在的关系请不填"});
    }
    if (one.kind() == v1::INTEREST_KIND_OTHER && one.remark().empty()) {
      wrong.push_back({path + ".remark", "选择“其他”时请说明"});
    }
  }
  return wrong;
}

bool InOffice(const v1::Expert& expert, absl::CivilDay day) {
  if (expert.state() != v1::EXPERT_STATE_ACTIVE) return false;
  return std::any_of(expert.terms().begin(), expert.terms().end(), [&](const v1::ExpertTerm& term) {
    return time::DayIn(term.start_date()) <= day && day <= time::DayIn(term.end_date());
  });
}

std::vector<std::string> NamedBy(const v1::Expert& expert) {
  std::vector<std::string> names;
  for (const v1::PastEmployment& past : expert.past_employers()) {
    names.push_back(past.organization());
  }
  for (const v1::DeclaredInterest& declared : expert.interests()) {
    names.push_back(declared.organization());
  }
  return names;
}

v1::DrawCandidate CandidateOf(const v1::Expert& expert, absl::CivilDay day,
                              const Successions& successions) {
  v1::DrawCandidate candidate;
  candidate.set_expert(expert.name());
  candidate.set_person(expert.person());
  candidate.set_account(expert.account());
  candidate.set_employer(expert.employer());
  candidate.set_employer_title(expert.employer_title());
  candidate.set_category(expert.category());
  *candidate.mutable_fields() = expert.fields();
  candidate.set_in_term(InOffice(expert, day));
  for (const v1::PastEmployment& past : expert.past_employers()) {
    v1::PastPost* post = candidate.add_past_posts();
    NameAsToday(past.organization(), successions, post);
    *post->mutable_until_date() = past.until_date();
  }
  for (const v1::DeclaredInterest& declared : expert.interests()) {
    v1::PastInterest* interest = candidate.add_interests();
    NameAsToday(declared.organization(), successions, interest);
    interest->set_funding(declared.kind() == v1::INTEREST_KIND_FUNDING);
    if (declared.has_until_date()) *interest->mutable_until_date() = declared.until_date();
  }
  return candidate;
}

}  // namespace chanyan::consortium
