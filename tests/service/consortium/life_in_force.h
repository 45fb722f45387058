// Turns of a random life history after the filing: a lead loses it and is barred, appeals,
// projects, members that join and leave, a new lead.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/life_dossiers.h"

namespace chanyan::consortium {

class LifeInForce : public LifeDossiers {
 public:
  using LifeDossiers::LifeDossiers;

 protected:
  using Appeal = LifeModel::Appeal;

  // Enterprises among the members: those of which there should be three.
  static std::vector<std::string> ChainOf(const Story& story) {
    std::vector<std::string> chain;
    for (const std::string& one : story.members) {
      if (one != kOuc && one != kInstitute) chain.push_back(one);
    }
    return chain;
  }

  // The barred one appeals, or the bureau decides on what it said.
  void AppealOrDecide() {
    if (model_.bars.empty()) return;
    std::vector<size_t> fit;
    for (size_t i = 0; i < model_.bars.size(); ++i) {
      const LifeModel::Bar& one = model_.bars[i];
      const bool open = one.appeal == Appeal::kPending ||
                        (one.appeal == Appeal::kNone && model_.today <= one.appeal_until);
      if (open && one.Holds(model_.today)) fit.push_back(i);
    }
    const bool any = fit.empty() || OneIn(8);
    LifeModel::Bar& bar = model_.bars[any ? Pick(model_.bars.size()) : OneOf(fit)];
    const bool in_force = bar.Holds(model_.today);
    if (bar.appeal == Appeal::kPending ? OneIn(5) : !OneIn(5)) {
      auto request = Named<v1::AppealBarRequest>(bar.name);
      request.set_grounds("已按协议履约。");
      const auto appealed = Ask(
          "an appeal", [&] { return bars.AppealBar(By(bar.on, "BarService.AppealBar"), request); });
      const bool possible =
          in_force && bar.appeal == Appeal::kNone && model_.today <= bar.appeal_until;
      EXPECT_EQ(appealed.ok(), possible) << appealed.status();
      if (possible) bar.appeal = Appeal::kPending;
      Happened(possible ? "appealed" : "appeal not possible");
      return;
    }
    auto request = Named<v1::DecideAppealRequest>(bar.name);
    request.set_grant(OneIn(2));
    request.set_finding("经核查，决定如下。");
    const auto decided = Ask("an appeal", [&] {
      return bars.DecideAppeal(By(kBureau, "BarService.DecideAppeal"), request);
    });
    const bool possible = in_force && bar.appeal == Appeal::kPending;
    EXPECT_EQ(decided.ok(), possible) << decided.status();
    if (!possible) return;
    bar.appeal = request.grant() ? Appeal::kGranted : Appeal::kUpheld;
    Happened(request.grant() ? "appeal granted" : "appeal refused");
  }

  // Its lead loses it and is barred.
  void Remove(Story& story) {
    const bool possible = story.state == "FILED";
    auto request = Named<v1::RemoveLeadRequest>(story.name);
    request.set_reason("组织不力，未按共建协议履约。");
    const auto removed = Ask(possible ? "a bar" : "nothing", [&] {
      return consortia.RemoveLead(By(kBureau, "ConsortiumService.RemoveLead"), request);
    });
    ASSERT_EQ(removed.ok(), possible) << removed.status();
    if (!possible) return;
    const auto known = [&](const v1::Bar& bar) {
      return std::any_of(model_.bars.begin(), model_.bars.end(),
                         [&](const LifeModel::Bar& one) { return one.name == bar.name(); });
    };
    int laid = 0;
    for (const v1::Bar& bar : BarsOf(story.lead)) {
      if (known(bar)) continue;
      EXPECT_EQ(bar.consortium(), story.name);
      model_.bars.push_back({bar.name(), story.lead,
                             LifeModel::LastOfTerm(model_.today, 12 * LifeModel::kBarYears),
                             time::DayOf(TimeIn(bar.appeal_due_time()))});
      ++laid;
    }
    EXPECT_EQ(laid, 1);
    Happened("bar laid", laid);
    story.lead.clear();
    story.state = "LEAD_VACANT";
    story.until = time::DayOf(TimeIn(removed->due_time()));
    EXPECT_GE(story.until - model_.today, 20) << "twenty workdays";
  }

  void Hold(Story& story) {
    v1::CreateHeldProjectRequest request;
    request.set_parent(story.name);
    request.mutable_held_project()->set_project_number("1");
    request.mutable_held_project()->set_title("课题");
    request.mutable_held_project()->set_funder("市科技局");
    request.set_request_id(api::NewUuid());
    const auto held = Ask("a project", [&] {
      return supervision.CreateHeldProject(By(kBureau, "SupervisionService.CreateHeldProject"),
                                           request);
    });
    EXPECT_EQ(held.ok(), story.InForce()) << held.status();
    if (held.ok()) story.projects.push_back(held->name());
  }
  void Close(Story& story) {
    if (story.projects.empty()) return;
    auto request = Named<v1::CloseHeldProjectRequest>(story.projects.back());
    request.set_conclusion("通过验收。");
    const auto closed = Ask("a project", [&] {
      return supervision.CloseHeldProject(By(kBureau, "SupervisionService.CloseHeldProject"),
                                          request);
    });
    EXPECT_TRUE(closed.ok()) << closed.status();
    if (closed.ok()) story.projects.pop_back();
  }

  // A supplement that is wanted, and what comes of it by the model.
  struct Wanted {
    v1::CreateSupplementRequest request;
    std::string by;
    std::string what;
    Story after;
  };
  // One of the members leads one without lead, or joins or leaves.
  bool Want(const Story& story, Wanted* wanted) {
    wanted->after = story;
    Story& after = wanted->after;
    v1::Supplement& supplement = *wanted->request.mutable_supplement();
    const std::vector<std::string> chain = ChainOf(story);
    wanted->by = story.lead;
    if (story.state == "LEAD_VACANT" || OneIn(2)) {
      if (chain.empty()) return false;
      const std::string who = OneOf(chain);
      after.members.erase(who);
      after.core.erase(who);
      if (story.state == "LEAD_VACANT") {
        wanted->by = who;
        wanted->what = "new lead";
        supplement.set_new_lead(who);
        supplement.set_lead_standing("细分领域国内领先。");
        after.lead = who;
        after.state = "FILED";
      } else {
        wanted->what = "left";
        supplement.add_leaving(who);
      }
    } else {
      std::vector<std::string> strangers;
      for (const auto* all : {&enterprises_, &leads_}) {
        std::copy_if(all->begin(), all->end(), std::back_inserter(strangers),
                     [&](const std::string& one) {
                       return one != story.lead && !story.members.contains(one);
                     });
      }
      if (strangers.empty()) return false;
      // One that is barred wants to come in oftener than by chance.
      const auto barred = std::find_if(strangers.begin(), strangers.end(),
                                       [&](const std::string& one) { return model_.Barred(one); });
      const bool chosen = barred != strangers.end() && OneIn(3);
      const std::string who = chosen ? *barred : OneOf(strangers);
      const bool core = OneIn(2);
      wanted->what = "joined";
      *supplement.add_joining() = Member(who, v1::MEMBER_KIND_UPSTREAM,
                                         core ? v1::MEMBER_LAYER_CORE : v1::MEMBER_LAYER_MEMBER);
      after.members.insert(who);
      if (core) after.core.insert(who);
    }
    if (!story.projects.empty()) supplement.set_held_project(OneOf(story.projects));
    supplement.set_reason("需要。");
    wanted->request.set_parent(story.name);
    wanted->request.set_request_id(api::NewUuid());
    return true;
  }
  void Change(Story& story) {
    if (!story.InForce()) return;
    Wanted wanted;
    if (!Want(story, &wanted)) return;
    const auto file = Attach(story.name, v1::ATTACHMENT_KIND_SUPPLEMENT, wanted.by, api::NewUuid());
    ASSERT_TRUE(file.ok()) << file.status();
    wanted.request.mutable_supplement()->set_document(file->name());
    const auto proposed = Ask("a supplement", [&] {
      return supervision.CreateSupplement(By(wanted.by, "SupervisionService.CreateSupplement"),
                                          wanted.request);
    });
    const bool barred = model_.AnyBarred(wanted.after);
    const bool grounds = wanted.what == "new lead" || !story.projects.empty();
    ASSERT_EQ(proposed.ok(), grounds && !barred) << wanted.what << proposed.status();
    if (!proposed.ok()) {
      return Happened(grounds ? "supplement refused to the barred" : "supplement without project");
    }
    // The bureau sets the number of enterprises aside before the signatures, after them, or never.
    const bool few = ChainOf(wanted.after).size() < 3;
    const size_t when = Pick(3);
    if (when == 0) {
      EXPECT_EQ(AskAside(*proposed).ok(), few);
    }
    absl::StatusOr<v1::Supplement> last = proposed;
    for (const std::string& party : proposed->required_units()) {
      auto sign = Named<v1::SignSupplementRequest>(proposed->name());
      sign.set_digest(proposed->digest());
      sign.set_signer("代表");
      last = Ask("a supplement", [&] {
        return supervision.SignSupplement(By(party, "SupervisionService.SignSupplement"), sign);
      });
      ASSERT_TRUE(last.ok()) << party << last.status();
    }
    if (few && when > 0) {
      EXPECT_EQ(last->state(), v1::SUPPLEMENT_STATE_PROPOSED);
    }
    if (few && when == 1) {
      EXPECT_TRUE(AskAside(*proposed).ok());
    }
    if (!few || when < 2) {
      story = wanted.after;
      return Happened(wanted.what);
    }
    auto cancel = Named<v1::CancelSupplementRequest>(proposed->name());
    cancel.set_reason("不成。");
    const auto cancelled = Ask("a supplement", [&] {
      return supervision.CancelSupplement(By(wanted.by, "SupervisionService.CancelSupplement"),
                                          cancel);
    });
    EXPECT_TRUE(cancelled.ok()) << cancelled.status();
  }
  absl::StatusOr<v1::Supplement> AskAside(const v1::Supplement& supplement) {
    auto request = Named<v1::OverrideSupplementRuleRequest>(supplement.name());
    request.set_rule_id("consortium.change-enterprises");
    request.set_reason("项目期内另有两家企业以委托研发方式参与。");
    return Ask("a supplement", [&] {
      return supervision.OverrideSupplementRule(
          By(kBureau, "SupervisionService.OverrideSupplementRule"), request);
    });
  }
};

}  // namespace chanyan::consortium
