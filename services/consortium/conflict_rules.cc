#include "services/consortium/conflict_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/kept_day.h"

namespace chanyan::consortium {
namespace {

using policy::v1::ConflictKind;

v1::Conflict Found(ConflictKind kind, const v1::ReviewParty& party, absl::string_view how,
                   absl::string_view evidence) {
  v1::Conflict conflict;
  conflict.set_kind(kind);
  conflict.set_party(party.organization());
  conflict.set_ground(absl::StrCat(policy::LabelOf(kind), "：", party.title(), "（", how, "）"));
  conflict.set_evidence(std::string(evidence));
  return conflict;
}

// One check on one expert; collects conflicts and what was looked at.
class Check {
 public:
  Check(const policy::v1::ConflictCheck& check, const v1::DrawCandidate& expert,
        const v1::ReviewFacts& facts)
      : check_(check),
        expert_(expert),
        facts_(facts),
        since_(MonthsBefore(time::DayIn(facts.as_of_date()), check.look_back_months())) {}

  void Run() {
    switch (check_.kind()) {
      case policy::v1::CONFLICT_KIND_EMPLOYER:
        return Posts(/*of_lead=*/true);
      case policy::v1::CONFLICT_KIND_MEMBER:
        return Posts(/*of_lead=*/false);
      case policy::v1::CONFLICT_KIND_CO_BUILD:
        return CoBuilds(/*contracts_only=*/false);
      case policy::v1::CONFLICT_KIND_SAME_UNIT:
        return SameUnit();
      case policy::v1::CONFLICT_KIND_PAST_FUNDING:
        Interests(/*funding=*/true);
        return CoBuilds(/*contracts_only=*/true);
      case policy::v1::CONFLICT_KIND_DECLARED:
        return Interests(/*funding=*/false);
      case policy::v1::CONFLICT_KIND_PARTICIPANT:
        return Participant();
      default:
        return;
    }
  }

  std::vector<v1::Conflict> TakeConflicts() { return std::move(conflicts_); }

  v1::ConflictCheckDone Done() const {
    v1::ConflictCheckDone done;
    done.set_kind(check_.kind());
    done.set_look_back_months(check_.look_back_months());
    for (const std::string& one : expert_side_) done.add_expert_side(one);
    for (const std::string& one : party_side_) done.add_party_side(one);
    done.set_compared(compared_);
    if (check_.has_clause()) {
      done.set_clause(absl::StrCat(check_.clause().document(), " ", check_.clause().article()));
    }
    return done;
  }

 private:
  bool StillCounts(bool has_end, const google::type::Date& end) const {
    return !has_end || time::DayIn(end) >= since_;
  }

  void Look(const std::string& expert_side, const std::string& party_side) {
    expert_side_.insert(expert_side);
    party_side_.insert(party_side);
    ++compared_;
  }

  void Posts(bool of_lead) {
    for (const v1::ReviewParty& party : facts_.parties()) {
      if (party.lead() != of_lead) continue;
      Look(expert_.employer(), party.organization());
      if (expert_.employer() == party.organization()) {
        Add(party, "现任职单位", expert_.employer());
      }
      for (const v1::PastPost& post : expert_.past_posts()) {
        if (!StillCounts(true, post.until_date())) continue;
        Look(post.organization(), party.organization());
        if (post.organization() != party.organization()) continue;
        Add(party,
            absl::StrCat("曾任职至", time::FormatDateZh(time::DayIn(post.until_date())),
                         post.merged().empty() ? "" : "，任职单位已并入该单位"),
            post.merged().empty() ? post.organization() : post.merged());
      }
    }
  }

  void CoBuilds(bool contracts_only) {
    for (const v1::ReviewParty& party : facts_.parties()) {
      Look(expert_.employer(), party.organization());
      for (const v1::CoBuildFact& fact : facts_.co_builds()) {
        ++compared_;
        const bool theirs =
            (fact.university() == expert_.employer() &&
             fact.enterprise() == party.organization()) ||
            (fact.enterprise() == expert_.employer() && fact.university() == party.organization());
        if (!theirs || (contracts_only && !fact.contract())) continue;
        if (!StillCounts(fact.has_last_date(), fact.last_date())) continue;
        Add(party, contracts_only ? "技术合同" : "结对共建项目", fact.project());
      }
    }
  }

  void SameUnit() {
    std::vector<std::string> own = {expert_.employer()};
    own.insert(own.end(), expert_.employer_ancestors().begin(), expert_.employer_ancestors().end());
    for (const v1::ReviewParty& party : facts_.parties()) {
      std::vector<std::string> theirs = {party.organization()};
      theirs.insert(theirs.end(), party.ancestors().begin(), party.ancestors().end());
      std::string shared;
      for (const std::string& mine : own) {
        for (const std::string& other : theirs) {
          Look(mine, other);
          if (shared.empty() && mine == other) shared = mine;
        }
      }
      // Whoever works for a party is told so by the kind that says it.
      if (shared.empty() || expert_.employer() == party.organization()) continue;
      Add(party,
          shared == party.organization() || shared == expert_.employer() ? "上下级单位"
                                                                         : "同属一个上级单位",
          shared);
    }
  }

  void Interests(bool funding) {
    for (const v1::ReviewParty& party : facts_.parties()) {
      Look(expert_.expert(), party.organization());
      for (const v1::PastInterest& interest : expert_.interests()) {
        if (interest.funding() != funding) continue;
        Look(interest.organization(), party.organization());
        if (interest.organization() != party.organization()) continue;
        if (!StillCounts(interest.has_until_date(), interest.until_date())) continue;
        Add(party, interest.merged().empty() ? "本人申报" : "本人申报，所申报单位已并入该单位",
            expert_.expert());
      }
    }
  }

  void Participant() {
    for (const std::string& person : facts_.people()) {
      Look(expert_.account(), person);
      Look(expert_.person(), person);
      if (person.empty() || (person != expert_.account() && person != expert_.person())) continue;
      v1::Conflict conflict;
      conflict.set_kind(check_.kind());
      conflict.set_ground(
          absl::StrCat(policy::LabelOf(check_.kind()), "：申报材料中有“", expert_.person(), "”"));
      conflict.set_evidence(person);
      conflicts_.push_back(std::move(conflict));
      return;
    }
  }

  void Add(const v1::ReviewParty& party, absl::string_view how, absl::string_view evidence) {
    conflicts_.push_back(Found(check_.kind(), party, how, evidence));
  }

  const policy::v1::ConflictCheck& check_;
  const v1::DrawCandidate& expert_;
  const v1::ReviewFacts& facts_;
  const absl::CivilDay since_;
  std::vector<v1::Conflict> conflicts_;
  // In byte order, so that the same facts make the same proof.
  std::set<std::string> expert_side_;
  std::set<std::string> party_side_;
  int compared_ = 0;
};

bool IsMissing(const v1::ReviewFacts& facts, ConflictKind kind) {
  return std::any_of(facts.missing().begin(), facts.missing().end(),
                     [kind](const v1::MissingFacts& missing) {
                       return std::find(missing.kinds().begin(), missing.kinds().end(), kind) !=
                              missing.kinds().end();
                     });
}

}  // namespace

absl::CivilDay MonthsBefore(absl::CivilDay day, uint32_t months) {
  const absl::CivilMonth month = absl::CivilMonth(day) - static_cast<absl::civil_diff_t>(months);
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return std::min(absl::CivilDay(month.year(), month.month(), 1) + (day.day() - 1), last);
}

std::vector<v1::Conflict> FindConflicts(const ConflictChecks& checks,
                                        const v1::DrawCandidate& expert,
                                        const v1::ReviewFacts& facts) {
  std::vector<v1::Conflict> all;
  for (const policy::v1::ConflictCheck& check : checks) {
    Check one(check, expert, facts);
    one.Run();
    for (v1::Conflict& conflict : one.TakeConflicts()) all.push_back(std::move(conflict));
  }
  return all;
}

v1::NonConflictProof ChecksDone(const ConflictChecks& checks, const v1::DrawCandidate& expert,
                                const v1::ReviewFacts& facts) {
  v1::NonConflictProof proof;
  *proof.mutable_as_of_date() = facts.as_of_date();
  for (const policy::v1::ConflictCheck& check : checks) {
    if (IsMissing(facts, check.kind())) {
      proof.add_unchecked(check.kind());
      continue;
    }
    Check one(check, expert, facts);
    one.Run();
    *proof.add_checks() = one.Done();
  }
  return proof;
}

std::string MissingInWords(const v1::ReviewFacts& facts) {
  std::string text;
  for (const v1::MissingFacts& missing : facts.missing()) {
    absl::StrAppend(&text, text.empty() ? "" : "；", missing.description());
  }
  return text;
}

std::string GroundsOf(const std::vector<v1::Conflict>& conflicts) {
  std::string text;
  for (const v1::Conflict& conflict : conflicts) {
    absl::StrAppend(&text, text.empty() ? "" : "；", conflict.ground());
  }
  return text;
}

}  // namespace chanyan::consortium
