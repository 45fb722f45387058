// Turns of a random life history up to the filing: a dossier begins, goes on, dies in the middle of
// a step, is returned or taken back, is objected to and decided on. Each request is possible or not
// by the model, and what it changes it changes in both.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/consortium/parties.h"
#include "tests/service/consortium/life_world.h"

namespace chanyan::consortium {

class LifeDossiers : public LifeWorld {
 public:
  LifeDossiers(uint32_t seed, LifeEvents* events) : LifeWorld(seed, events) {
    constexpr auto kEnterprise = registry::v1::ORGANIZATION_KIND_ENTERPRISE;
    for (int i = 1; i <= kEnterprises; ++i) {
      enterprises_.push_back(E(i));
      // Each may lead one that has lost its lead.
      auto& enterprise = Add(E(i), absl::StrCat("企业", i, "（演示）"), kEnterprise);
      enterprise.clear_qualifications();
      enterprise.add_qualifications(registry::v1::QUALIFICATION_LEADING);
    }
    leads_ = {kAlpha, kBeta};
    for (const char* id : {"gamma", "delta"}) {
      leads_.push_back(absl::StrCat("organizations/", id));
      Add(leads_.back(), absl::StrCat("集团", id), kEnterprise)
          .add_qualifications(registry::v1::QUALIFICATION_CHAIN_MASTER);
    }
  }

 protected:
  using Story = LifeModel::Story;
  static constexpr int kEnterprises = 8;

  // One of those for which there is something to do, or any other.
  template <class Fits>
  Story& Some(Fits fits) {
    std::vector<size_t> all;
    for (size_t i = 0; i < model_.stories.size(); ++i) {
      if (fits(model_.stories[i])) all.push_back(i);
    }
    if (all.empty() || OneIn(12)) return model_.stories[Pick(model_.stories.size())];
    return model_.stories[OneOf(all)];
  }
  void Begin() {
    const std::string lead = OneOf(leads_);
    v1::Consortium dossier = Dossier(absl::StrCat("联合体", model_.stories.size()));
    dossier.clear_members();
    const size_t first = Pick(kEnterprises);
    const size_t count = 3 + Pick(2);
    for (size_t i = 0; i < count; ++i) {
      const bool core = i == 0 && OneIn(2);
      *dossier.add_members() =
          Member(enterprises_[(first + i) % kEnterprises], v1::MEMBER_KIND_UPSTREAM,
                 core ? v1::MEMBER_LAYER_CORE : v1::MEMBER_LAYER_MEMBER);
    }
    const std::string& other = OneOf(leads_);
    if (other != lead && OneIn(3)) {
      *dossier.add_members() = Member(other, v1::MEMBER_KIND_UPSTREAM, v1::MEMBER_LAYER_CORE);
    }
    *dossier.add_members() = Member(kOuc, v1::MEMBER_KIND_UNIVERSITY, v1::MEMBER_LAYER_CORE);
    *dossier.add_members() = Member(kInstitute, v1::MEMBER_KIND_INSTITUTE);
    dossier.mutable_plan()->mutable_topics(0)->set_undertakers(0, enterprises_[first]);
    Draft(dossier, lead, !model_.Barred(lead));
  }
  // A draft of `lead`, with its agreement signed by all, if one is possible. Whether one was.
  bool Draft(const v1::Consortium& dossier, const std::string& lead, bool possible) {
    v1::CreateConsortiumRequest request;
    *request.mutable_consortium() = dossier;
    request.set_request_id(api::NewUuid());
    const auto made = Ask("a draft", [&] {
      return consortia.CreateConsortium(By(lead, "ConsortiumService.CreateConsortium"), request);
    });
    EXPECT_EQ(made.ok(), possible) << made.status();
    if (!made.ok() && model_.Barred(lead)) Happened("barred lead refused");
    if (!made.ok() || !possible) return false;
    const auto file = Attach(made->name(), v1::ATTACHMENT_KIND_AGREEMENT, lead);
    EXPECT_TRUE(file.ok()) << file.status();
    if (!file.ok()) return false;
    v1::Consortium update;
    update.set_name(made->name());
    update.mutable_agreement()->set_document(file->name());
    EXPECT_TRUE(Update(update, {"agreement.document"}, lead).ok());
    for (const std::string& party : ParticipantsOf(*made)) {
      EXPECT_TRUE(Sign(made->name(), party).ok());
    }
    Story& story = model_.stories.emplace_back();
    story.name = made->name();
    story.lead = lead;
    for (const v1::ConsortiumMember& member : made->members()) {
      story.members.insert(member.organization());
      if (member.layer() == v1::MEMBER_LAYER_CORE) story.core.insert(member.organization());
    }
    return true;
  }

  template <class Request, class Method>
  absl::StatusOr<v1::Consortium> AskStep(const std::string& by, const char* method,
                                         const Request& request, Method send) {
    return Ask("a step", [&] { return (consortia.*send)(By(by, method), request); });
  }
  template <class Request, class Method>
  absl::StatusOr<v1::Consortium> AskOffice(const Story& story, const char* method, Method send) {
    auto request = Named<Request>(story.name);
    request.set_opinion("同意。");
    return AskStep(kBureau, method, request, send);
  }
  static std::string DistrictOf(const Story& story) {
    return story.lead == kBeta ? kLaoshan : kHuangdao;
  }
  // By whoever's turn it is, as far as somebody decides; the rest is the jobs'.
  void Onwards(Story& story) {
    using S = ConsortiumService;
    absl::StatusOr<v1::Consortium> done = absl::UnknownError("nothing to do");
    std::string next;
    if (story.state == "DRAFT" || story.state == "RETURNED") {
      done = AskStep(story.lead, "ConsortiumService.SubmitConsortium",
                     Named<v1::SubmitConsortiumRequest>(story.name), &S::SubmitConsortium);
      next = "DISTRICT_REVIEW";
    } else if (story.state == "DISTRICT_REVIEW") {
      auto request = Named<v1::RecommendConsortiumRequest>(story.name);
      request.set_opinion("同意推荐。");
      done = AskStep(DistrictOf(story), "ConsortiumService.RecommendConsortium", request,
                     &S::RecommendConsortium);
      next = "CITY_REVIEW";
    } else if (story.state == "CITY_REVIEW") {
      done = AskOffice<v1::AcceptConsortiumRequest>(story, "ConsortiumService.AcceptConsortium",
                                                    &S::AcceptConsortium);
      next = "EXPERT_REVIEW";
    } else if (story.state == "EXPERT_REVIEW") {
      done = AskOffice<v1::InspectConsortiumRequest>(story, "ConsortiumService.InspectConsortium",
                                                     &S::InspectConsortium);
      next = "SITE_VISIT";
    } else if (story.state == "SITE_VISIT") {
      done = AskOffice<v1::DefendConsortiumRequest>(story, "ConsortiumService.DefendConsortium",
                                                    &S::DefendConsortium);
      next = "DEFENCE";
    } else if (story.state == "DEFENCE") {
      done = AskOffice<v1::SelectConsortiumRequest>(story, "ConsortiumService.SelectConsortium",
                                                    &S::SelectConsortium);
      next = "SELECTED";
    } else if (story.state == "SELECTED") {
      return Announce(story);
    } else {
      return;
    }
    EXPECT_EQ(done.ok(), !model_.Stopped(story)) << story.state << done.status();
    if (!done.ok()) return Refused(story);
    story.state = next;
  }
  // Where it is stopped for good its lead may take it back.
  void Refused(Story& story) {
    if (model_.AnyBarred(story)) return Happened("step refused to the barred");
    Happened("step refused to a renewal in vain");
    if (OneIn(2)) TakeBack(story);
  }
  void Announce(Story& story) {
    const auto request = Named<v1::PublishNoticeRequest>(story.name);
    const auto notice = Ask("a notice", [&] {
      return notices.PublishNotice(By(kBureau, "NoticeService.PublishNotice"), request);
    });
    ASSERT_EQ(notice.ok(), !model_.Stopped(story)) << notice.status();
    if (!notice.ok()) return Refused(story);
    story.state = "PUBLIC_NOTICE";
    story.notice = notice->name();
    story.notice_until = time::DayOf(TimeIn(notice->deadline()));
    EXPECT_GE(story.notice_until - model_.today, 5) << "five workdays";
  }
  // A step that dies in the middle, whoever's it is: nothing of it stays.
  void Undo(const Story& story) {
    static const auto& steps = *new std::map<std::string, std::pair<const char*, Part>>{
        {"DRAFT", {"submit", Part::kLead}},
        {"RETURNED", {"submit", Part::kLead}},
        {"DISTRICT_REVIEW", {"recommend", Part::kDistrict}},
        {"CITY_REVIEW", {"accept", Part::kOffice}},
        {"EXPERT_REVIEW", {"inspect", Part::kOffice}},
        {"SITE_VISIT", {"defend", Part::kOffice}},
        {"DEFENCE", {"select", Part::kOffice}},
        {"SELECTED", {"announce", Part::kOffice}},
        {"PUBLIC_NOTICE", {"file", Part::kSystem}},
        {"FILED", {"expire", Part::kSystem}},
        {"LEAD_VACANT", {"abandon", Part::kSystem}}};
    const auto step = steps.find(story.state);
    if (step == steps.end()) return;
    const char* verb = step->second.first;
    const Part part = step->second.second;
    const journal::Origin origin{.method = "test", .actor = "test"};
    const absl::Status done = database.db().Transact([&](db::Session& session) -> absl::Status {
      rpc::Change change(session, clock.now, origin);
      CHANYAN_ASSIGN_OR_RETURN(v1::Consortium row, book.LockAny(change, story.name));
      CHANYAN_RETURN_IF_ERROR(book.Step(change, {part, ""}, verb, "同意。", &row));
      return absl::InternalError("died");
    });
    const bool came_so_far = done.message() == "died";
    const bool stopped =
        story.state == "PUBLIC_NOTICE" ? model_.Kept(story) : story.Open() && model_.Stopped(story);
    EXPECT_EQ(came_so_far, !stopped) << verb << done;
    if (came_so_far) Happened(absl::StrCat("undone: ", verb));
  }

  // By somebody of the public, or by an enterprise that is no part of it.
  void ObjectTo(Story& story) {
    if (story.notice.empty()) return;
    const bool open = story.state == "PUBLIC_NOTICE" && model_.today <= story.notice_until;
    const int nth = ++objections_made_;
    const std::string id = api::NewUuid();
    std::string by;
    if (OneIn(2)) {
      by = absl::StrCat("organizations/objector-", nth);
      Add(by, "异议单位", registry::v1::ORGANIZATION_KIND_ENTERPRISE);
    }
    const auto receipt = Ask("an objection", [&] {
      return by.empty()
                 ? Object(story.notice, absl::StrCat("10.", nth / 250, ".", nth % 250, ".7"), id)
                 : ObjectAs(by, story.notice, id);
    });
    ASSERT_EQ(receipt.ok(), open) << receipt.status();
    if (!open) return Happened("objection too late");
    story.open_objections.push_back(receipt->objection());
  }
  absl::StatusOr<v1::ObjectionReceipt> ObjectAs(const std::string& organization,
                                                const std::string& notice, const std::string& id) {
    v1::CreateNoticeObjectionRequest request;
    request.set_parent(notice);
    request.mutable_objection()->set_content("与我单位在研项目重复，请核查。");
    request.set_request_id(id);
    return notices.CreateNoticeObjection(By(organization, "NoticeService.CreateNoticeObjection"),
                                         request);
  }
  void DecideOn(Story& story) {
    if (story.open_objections.empty()) return;
    const size_t which = Pick(story.open_objections.size());
    const std::string objection = story.open_objections[which];
    const bool ends = story.state == "PUBLIC_NOTICE";
    auto request = Named<v1::DecideNoticeObjectionRequest>(objection);
    request.set_upheld(OneIn(3));
    request.set_finding("经现场核查，情况如下。");
    const bool upheld = request.upheld();
    const auto decided = Ask(ends && upheld ? "notice end" : "a finding", [&] {
      return notices.DecideNoticeObjection(By(kBureau, "NoticeService.DecideNoticeObjection"),
                                           request);
    });
    ASSERT_TRUE(decided.ok()) << decided.status();
    story.open_objections.erase(story.open_objections.begin() + static_cast<int64_t>(which));
    Happened(upheld ? "objection upheld" : "objection rejected");
    if (upheld && ends) {
      story.state = "REJECTED";
      story.late = false;
      Happened("notice ended by an objection");
    }
    EXPECT_FALSE(Decide(objection, !upheld).ok()) << "decided once";
  }

  void TakeBack(Story& story) {
    auto request = Named<v1::WithdrawConsortiumRequest>(story.name);
    request.set_reason("调整方向。");
    const std::string by = story.lead.empty() ? kAlpha : story.lead;
    const auto withdrawn = Ask("a step", [&] {
      return consortia.WithdrawConsortium(By(by, "ConsortiumService.WithdrawConsortium"), request);
    });
    EXPECT_EQ(withdrawn.ok(), story.Open()) << withdrawn.status();
    if (!withdrawn.ok()) return;
    story.state = "WITHDRAWN";
    story.late = false;
    Happened("withdrawn");
  }
  void Back(Story& story) {
    const bool district = story.state == "DISTRICT_REVIEW";
    auto request = Named<v1::ReturnConsortiumRequest>(story.name);
    request.set_reason("请补充经费测算。");
    const auto returned =
        AskStep(district ? DistrictOf(story) : kBureau, "ConsortiumService.ReturnConsortium",
                request, &ConsortiumService::ReturnConsortium);
    const bool possible = district || story.state == "CITY_REVIEW";
    EXPECT_EQ(returned.ok(), possible) << returned.status();
    if (!returned.ok()) return;
    story.state = "RETURNED";
    story.until = time::DayOf(TimeIn(returned->due_time()));
    EXPECT_GE(story.until - model_.today, 20) << "twenty workdays";
  }

  std::vector<std::string> enterprises_;
  std::vector<std::string> leads_;

 private:
  int objections_made_ = 0;
};

}  // namespace chanyan::consortium
