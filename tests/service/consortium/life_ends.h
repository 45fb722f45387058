// Turns of a random life history by which a filing ends before its time: it is renewed, or its
// parties dissolve the consortium. What has ended stays as it is.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "tests/service/consortium/life_in_force.h"

namespace chanyan::consortium {

class LifeEnds : public LifeInForce {
 public:
  using LifeInForce::LifeInForce;

 protected:
  static bool Ended(const Story& story) {
    return story.state == "DISSOLVED" || story.state == "RENEWED";
  }

  // A filing is asked for again, mostly by who leads, with the members that there are, and goes on
  // at once or later.
  void Renew(const Story& former) {
    if (!former.Filed()) return;
    const auto old = static_cast<size_t>(&former - model_.stories.data());
    const bool asked =
        std::any_of(model_.stories.begin(), model_.stories.end(),
                    [&](const Story& one) { return one.renews == old && one.Open(); });
    if (asked && !OneIn(3)) return;
    const std::string lead =
        former.lead.empty() || OneIn(12) ? OneOf(leads_) : std::string(former.lead);
    const bool may = former.Renewable() && !former.renewed_by && former.lead == lead;
    const bool drafted = Draft(Again(former, lead), lead, may && !model_.Barred(lead));
    if (!drafted) return Happened(may ? "renewal refused to the barred" : "renewal not possible");
    Happened("renewal begun");
    Story& story = model_.stories.back();
    story.renews = old;
    // Its parties may think otherwise meanwhile.
    if (OneIn(5)) Dissolve(model_.stories[old]);
    for (size_t steps = OneIn(3) ? Pick(8) : 8; steps > 0; --steps) Onwards(story);
  }

  // All agree to end it, or all but one.
  void Dissolve(Story& story) {
    const std::set<std::string> parties = story.Parties();
    const std::string silent =
        OneIn(4) ? OneOf(std::vector<std::string>(parties.begin(), parties.end())) : "";
    for (const std::string& party : parties) {
      if (party == silent) continue;
      const bool agreed = Agree(story, party);
      ASSERT_EQ(agreed, story.state == "FILED") << party << " " << story.state;
      if (agreed) story.consents[parties].insert(party);
    }
    const bool all = story.consents[parties] == parties;
    const bool free = story.projects.empty();
    const auto dissolved = AskEnd(story);
    ASSERT_EQ(dissolved.ok(), story.state == "FILED" && all && free) << dissolved.status();
    if (dissolved.ok()) {
      story.state = "DISSOLVED";
      return Happened("dissolved");
    }
    if (story.state != "FILED") return Happened("dissolution not possible");
    EXPECT_EQ(status::ReasonOf(dissolved.status()), options::v1::ERROR_REASON_RULE_VIOLATED);
    if (all) Happened("dissolution refused for a project");
    if (free) Happened("dissolution refused without all");
  }

  // Nothing goes on with what has ended: no party, office or project moves it.
  void StayEnded(Story& story) {
    if (!Ended(story)) return;
    Hold(story);
    Remove(story);
    TakeBack(story);
    Dissolve(story);
    Renew(story);
    auto cancel = Named<v1::CancelConsortiumRequest>(story.name);
    cancel.set_reason("不再需要。");
    EXPECT_FALSE(
        consortia.CancelConsortium(By(kBureau, "ConsortiumService.CancelConsortium"), cancel).ok());
    v1::CreateSupplementRequest change;
    change.set_parent(story.name);
    change.mutable_supplement()->add_leaving(*story.members.begin());
    change.mutable_supplement()->set_reason("需要。");
    change.set_request_id(api::NewUuid());
    EXPECT_EQ(ReasonOf(supervision.CreateSupplement(
                  By(PartyOf(story), "SupervisionService.CreateSupplement"), change)),
              options::v1::ERROR_REASON_WRONG_STATE);
    Happened(absl::StrCat("nothing after it was ", story.state));
  }

 private:
  // Who asks: its lead, or any member of one that has lost it.
  static std::string PartyOf(const Story& story) {
    return story.lead.empty() ? *story.members.begin() : story.lead;
  }
  // Its members, and others where they are fewer enterprises than there should be.
  v1::Consortium Again(const Story& former, const std::string& lead) {
    v1::Consortium dossier = Dossier(absl::StrCat("联合体", model_.stories.size()));
    dossier.clear_members();
    dossier.set_renews(former.Filing());
    std::vector<std::string> chain = ChainOf(former);
    chain.erase(std::remove(chain.begin(), chain.end(), lead), chain.end());
    for (size_t i = 0; chain.size() < 3; ++i) {
      const std::string& one = enterprises_[i];
      if (one != lead && std::find(chain.begin(), chain.end(), one) == chain.end()) {
        chain.push_back(one);
      }
    }
    for (const std::string& one : chain) {
      *dossier.add_members() =
          Member(one, v1::MEMBER_KIND_UPSTREAM,
                 former.core.contains(one) ? v1::MEMBER_LAYER_CORE : v1::MEMBER_LAYER_MEMBER);
    }
    *dossier.add_members() = Member(kOuc, v1::MEMBER_KIND_UNIVERSITY, v1::MEMBER_LAYER_CORE);
    *dossier.add_members() = Member(kInstitute, v1::MEMBER_KIND_INSTITUTE);
    dossier.mutable_plan()->mutable_topics(0)->set_undertakers(0, chain[0]);
    return dossier;
  }
  bool Agree(const Story& story, const std::string& party) {
    auto request = Named<v1::SignDissolutionRequest>(story.name);
    request.set_signer("法定代表人");
    return Ask("a dissolution",
               [&] {
                 return signatures.SignDissolution(By(party, "SignatureService.SignDissolution"),
                                                   request);
               })
        .ok();
  }
  absl::StatusOr<v1::Consortium> AskEnd(const Story& story) {
    auto request = Named<v1::DissolveConsortiumRequest>(story.name);
    request.set_reason("任务完成。");
    return Ask("a dissolution", [&] {
      return consortia.DissolveConsortium(
          By(PartyOf(story), "ConsortiumService.DissolveConsortium"), request);
    });
  }
};

}  // namespace chanyan::consortium
