// Project guides and the pushes that are tied to them (TRI-4), on the real database:
// 推送给高新处、海洋处、 农社处三个主要业务处室，与项目指南结合.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tests/service/triage/world.h"

namespace chanyan::triage {
namespace {

using options::v1::ERROR_REASON_WRONG_STATE;
using options::v1::Role;
using options::v1::ROLE_DEPARTMENT;
using options::v1::ROLE_PUBLIC;
using options::v1::ROLE_RESEARCH_OFFICE;
using options::v1::ROLE_SERVICE_TEAM;
using policy::v1::TRIAGE_CLASS_HORIZONTAL;
using policy::v1::TRIAGE_CLASS_TRANSFER;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class GuideTest : public ::testing::Test, protected World {
 protected:
  v1::ProjectGuide Guide(const std::string& title, const std::string& department = "") {
    v1::ProjectGuide guide;
    guide.set_title(title);
    guide.set_department(department);
    guide.add_triage_classes(TRIAGE_CLASS_HORIZONTAL);
    guide.add_fields("海洋");
    *guide.mutable_apply_start_date() = time::ToProto(time::DayOf(clock.now) - 1);
    *guide.mutable_apply_end_date() = time::ToProto(time::DayOf(clock.now) + 30);
    return guide;
  }
  absl::StatusOr<v1::ProjectGuide> Make(const v1::ProjectGuide& guide,
                                        const std::string& by = kMarineDepartment) {
    v1::CreateProjectGuideRequest request;
    *request.mutable_project_guide() = guide;
    request.set_request_id(api::NewUuid());
    return guides.CreateProjectGuide(As(ROLE_DEPARTMENT, by, "GuideService.CreateProjectGuide"),
                                     request);
  }
  absl::StatusOr<v1::ProjectGuide> PublishGuide(const std::string& name,
                                                const std::string& by = kMarineDepartment) {
    return guides.PublishProjectGuide(As(ROLE_DEPARTMENT, by, "GuideService.PublishProjectGuide"),
                                      Named<v1::PublishProjectGuideRequest>(name));
  }
  absl::StatusOr<v1::ProjectGuide> WithdrawGuide(const std::string& name,
                                                 const std::string& by = kMarineDepartment) {
    auto request = Named<v1::WithdrawProjectGuideRequest>(name);
    request.set_reason("计划调整");
    return guides.WithdrawProjectGuide(As(ROLE_DEPARTMENT, by, "GuideService.WithdrawProjectGuide"),
                                       request);
  }
  std::string Published(const v1::ProjectGuide& guide, const std::string& by = kMarineDepartment) {
    const auto made = Make(guide, by);
    EXPECT_TRUE(made.ok()) << made.status();
    if (!made.ok()) return "";
    const auto published = PublishGuide(made->name(), by);
    EXPECT_TRUE(published.ok()) << published.status();
    return made->name();
  }
  absl::StatusOr<v1::Push> Tie(const std::string& push, const std::vector<std::string>& names,
                               const std::string& note = "",
                               const std::string& by = kMarineDepartment) {
    auto request = Named<v1::TiePushRequest>(push);
    for (const std::string& name : names) request.add_guides(name);
    request.set_note(note);
    return dispatch.TiePush(As(ROLE_DEPARTMENT, by, "DispatchService.TiePush"), request);
  }
  std::vector<std::string> Titles(Role role, const std::string& organization) {
    const auto page =
        guides.ListProjectGuides(As(role, organization, "GuideService.ListProjectGuides"), {});
    EXPECT_TRUE(page.ok()) << page.status();
    std::vector<std::string> titles;
    for (const auto& one : page->project_guides()) titles.push_back(one.title());
    return titles;
  }
  // Marine, for contract research: one push, to the marine department.
  v1::Result Horizontal(const std::string& title) {
    v1::Result draft = Draft(title);
    draft.clear_conversion_modes();
    draft.add_conversion_modes(v1::CONVERSION_MODE_DEVELOPMENT);
    return Pushed(draft);
  }
  v1::Push MarinePush(const v1::Result& row) {
    return PushTo(row.name(), kMarineDepartment, TRIAGE_CLASS_HORIZONTAL);
  }
};

TEST_F(GuideTest, AllThatIsWrongWithAGuideIsSaidAtOnce) {
  v1::ProjectGuide bad = Guide("坏指南", kE1);
  bad.clear_triage_classes();
  bad.add_fields("占星术");
  bad.add_industries("没有的产业");
  *bad.mutable_apply_end_date() = time::ToProto(time::DayOf(clock.now) - 2);
  std::vector<std::string> fields;
  for (const auto& one : status::ViolationsOf(Make(bad, kOffice).status())) {
    fields.push_back(one.field);
  }
  EXPECT_THAT(fields, ElementsAre("project_guide.department", "project_guide.triage_classes",
                                  "project_guide.fields[1]", "project_guide.industries[0]",
                                  "project_guide.apply_end_date"));
  // Another department's is not one's own to write.
  EXPECT_EQ(
      status::ViolationsOf(Make(Guide("海洋专项", kMarineDepartment), kHighTechDepartment).status())
          .at(0)
          .field,
      "project_guide.department");
  EXPECT_EQ(Count("project_guide"), 0);
  // The office writes it for the department.
  const auto made = Make(Guide("海洋专项", kMarineDepartment), kOffice);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->department_title(), "海洋处");
  EXPECT_TRUE(absl::IsNotFound(PublishGuide(made->name(), kHighTechDepartment).status()));
}

TEST_F(GuideTest, ADraftIsItsDepartmentsAndWhatIsPublishedIsEverybodys) {
  const auto made = Make(Guide("海洋专项"));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), IsEmpty());
  EXPECT_THAT(Titles(ROLE_DEPARTMENT, kHighTechDepartment), IsEmpty());
  EXPECT_THAT(Titles(ROLE_DEPARTMENT, kMarineDepartment), SizeIs(1));
  EXPECT_THAT(Titles(ROLE_DEPARTMENT, kOffice), SizeIs(1));
  const auto published = PublishGuide(made->name());
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_TRUE(published->accepting());
  EXPECT_THAT(published->actions(), ElementsAre("withdraw"));
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), ElementsAre("海洋专项"));
  EXPECT_THAT(Titles(ROLE_RESEARCH_OFFICE, kOuc), ElementsAre("海洋专项"));
  EXPECT_EQ(status::ReasonOf(PublishGuide(made->name()).status()), ERROR_REASON_WRONG_STATE);
  ASSERT_TRUE(WithdrawGuide(made->name()).ok());
  EXPECT_THAT(Titles(ROLE_PUBLIC, ""), IsEmpty());
  v1::UpdateProjectGuideRequest update;
  update.mutable_project_guide()->set_name(made->name());
  update.mutable_project_guide()->set_title("又一次");
  update.mutable_update_mask()->add_paths("title");
  update.set_request_id(api::NewUuid());
  EXPECT_EQ(status::ReasonOf(guides
                                 .UpdateProjectGuide(As(ROLE_DEPARTMENT, kMarineDepartment,
                                                        "GuideService.UpdateProjectGuide"),
                                                     update)
                                 .status()),
            ERROR_REASON_WRONG_STATE);
  // One whose time is over is not published.
  const auto late = Make(Guide("迟到的指南"));
  Go(time::DayOf(clock.now) + 31);
  EXPECT_EQ(status::ReasonOf(PublishGuide(late->name()).status()), ERROR_REASON_WRONG_STATE);
}

TEST_F(GuideTest, APushNamesTheGuidesOfItsRecipientThatFitAndNoOthers) {
  const std::string marine = Published(Guide("海洋专项"));
  v1::ProjectGuide anybody = Guide("面上项目");
  anybody.clear_fields();
  *anybody.mutable_apply_end_date() = time::ToProto(time::DayOf(clock.now) + 10);
  const std::string for_all = Published(anybody);
  v1::ProjectGuide industry = Guide("现代海洋产业");
  industry.clear_fields();
  industry.add_industries("海水淡化与综合利用");
  const std::string by_industry = Published(industry);
  v1::ProjectGuide other_field = Guide("新材料专项");
  other_field.set_fields(0, "新材料及其应用");
  Published(other_field);
  v1::ProjectGuide transfer = Guide("转让补助");
  transfer.set_triage_classes(0, TRIAGE_CLASS_TRANSFER);
  Published(transfer);
  Published(Guide("高新专项"), kHighTechDepartment);
  ASSERT_TRUE(Make(Guide("还是草稿")).ok());
  v1::ProjectGuide ended = Guide("已截止");
  *ended.mutable_apply_end_date() = time::ToProto(time::DayOf(clock.now));
  Published(ended);
  clock.now += absl::Hours(24);

  const v1::Result row = Horizontal("海水淡化膜");
  // Those that end first first; of equals by name.
  const v1::Push push = MarinePush(row);
  ASSERT_THAT(push.guides(), SizeIs(3));
  EXPECT_EQ(push.guides(0), for_all);
  EXPECT_THAT(push.guides(), Contains(marine));
  EXPECT_THAT(push.guides(), Contains(by_industry));
  EXPECT_EQ(push.guide_titles(0), "面上项目");
  // The sender sees them before; those who get another class are not told.
  v1::PreviewDispatchRequest preview;
  preview.set_name(row.name());
  const auto plan = dispatch.PreviewDispatch(
      As(ROLE_SERVICE_TEAM, kMarineAgency, "DispatchService.PreviewDispatch"), preview);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->recipients(0).guides(), SizeIs(3));
  const v1::Result licensed = Pushed(Draft("许可的成果"));
  for (const v1::Push& one : PushesOf(licensed.name())) EXPECT_THAT(one.guides(), IsEmpty());
  // The university reads under what to apply.
  v1::GetPushRequest get;
  get.set_name(push.name());
  EXPECT_THAT(dispatch.GetPush(As(ROLE_RESEARCH_OFFICE, kOuc, "DispatchService.GetPush"), get)
                  ->guide_titles(),
              Contains("海洋专项"));
}

TEST_F(GuideTest, WhatIsPublishedLaterComesToWhatIsUnderWayAndGoesWhenWithdrawn) {
  const v1::Result open = Horizontal("海水淡化膜");
  const v1::Result answered = Horizontal("已答复的成果");
  const auto call = As(ROLE_DEPARTMENT, kMarineDepartment, "DispatchService.ReceivePush");
  ASSERT_TRUE(
      dispatch.ReceivePush(call, Named<v1::ReceivePushRequest>(MarinePush(answered).name())).ok());
  auto answer = Named<v1::AnswerPushRequest>(MarinePush(answered).name());
  answer.set_answer("暂无合适项目");
  ASSERT_TRUE(
      dispatch
          .AnswerPush(As(ROLE_DEPARTMENT, kMarineDepartment, "DispatchService.AnswerPush"), answer)
          .ok());
  EXPECT_THAT(MarinePush(open).guides(), IsEmpty());
  const std::string guide = Published(Guide("海洋专项"));
  EXPECT_THAT(MarinePush(open).guides(), ElementsAre(guide));
  EXPECT_THAT(MarinePush(answered).guides(), IsEmpty());
  EXPECT_EQ(Count("journal WHERE kind = 'guide published'"), 1);
  v1::ProjectGuide other = Guide("与它无关");
  other.set_fields(0, "新材料及其应用");
  Published(other);
  EXPECT_THAT(MarinePush(open).guides(), ElementsAre(guide));
  ASSERT_TRUE(WithdrawGuide(guide).ok());
  EXPECT_THAT(MarinePush(open).guides(), IsEmpty());
  EXPECT_THAT(MarinePush(open).guide_titles(), IsEmpty());
  EXPECT_EQ(Count("journal WHERE kind = 'guide withdrawn'"), 1);
}

TEST_F(GuideTest, TheRecipientTiesAPushToItsOwnGuidesOrSaysWhyNot) {
  const std::string marine = Published(Guide("海洋专项"));
  v1::ProjectGuide materials = Guide("新材料专项");
  materials.set_fields(0, "新材料及其应用");
  const std::string judged = Published(materials);
  const std::string high_tech = Published(Guide("高新专项"), kHighTechDepartment);
  v1::ProjectGuide transfer = Guide("转让补助");
  transfer.set_triage_classes(0, TRIAGE_CLASS_TRANSFER);
  const std::string of_transfer = Published(transfer);
  const std::string draft = Make(Guide("草稿"))->name();
  const v1::Result row = Horizontal("海水淡化膜");
  const std::string push = MarinePush(row).name();

  const auto wrong = status::ViolationsOf(
      Tie(push, {marine, high_tech, of_transfer, draft, marine, "guides/none"}).status());
  std::vector<std::string> fields;
  for (const auto& one : wrong) fields.push_back(one.field);
  EXPECT_THAT(fields, ElementsAre("guides[1]", "guides[2]", "guides[3]", "guides[4]", "guides[5]"));
  EXPECT_THAT(wrong[0].description, HasSubstr("高新"));
  EXPECT_EQ(status::ViolationsOf(Tie(push, {}).status()).at(0).field, "note");
  EXPECT_TRUE(absl::IsPermissionDenied(Tie(push, {marine}, "", kOffice).status()));
  EXPECT_TRUE(absl::IsNotFound(Tie(push, {marine}, "", kHighTechDepartment).status()));

  // What fits by its judgement, though by no field.
  const auto tied = Tie(push, {judged}, "按新材料方向申报");
  ASSERT_TRUE(tied.ok()) << tied.status();
  EXPECT_THAT(tied->guide_titles(), ElementsAre("新材料专项"));
  EXPECT_THAT(tied->actions(), Contains("tie"));
  ASSERT_TRUE(Tie(push, {}, "本年度没有合适的指南").ok());
  EXPECT_THAT(MarinePush(row).guides(), IsEmpty());
  // Also when it was answered, until the guide is over; not once it went back.
  ASSERT_TRUE(
      dispatch
          .ReceivePush(As(ROLE_DEPARTMENT, kMarineDepartment, "DispatchService.ReceivePush"),
                       Named<v1::ReceivePushRequest>(push))
          .ok());
  auto answer = Named<v1::AnswerPushRequest>(push);
  answer.set_answer("拟列入下一批");
  ASSERT_TRUE(
      dispatch
          .AnswerPush(As(ROLE_DEPARTMENT, kMarineDepartment, "DispatchService.AnswerPush"), answer)
          .ok());
  ASSERT_TRUE(Tie(push, {marine}).ok());
  v1::ListPushesRequest list;
  list.set_parent("results/-");
  list.set_filter(absl::StrCat("guides:\"", marine, "\""));
  EXPECT_THAT(
      dispatch
          .ListPushes(As(ROLE_DEPARTMENT, kMarineDepartment, "DispatchService.ListPushes"), list)
          ->pushes(),
      SizeIs(1));
  Go(time::DayOf(clock.now) + 31);
  EXPECT_THAT(status::ViolationsOf(Tie(push, {marine}).status()).at(0).description,
              HasSubstr("截止"));
  const std::string declined = MarinePush(Horizontal("另一项")).name();
  auto decline = Named<v1::DeclinePushRequest>(declined);
  decline.set_reason("不属本处室");
  ASSERT_TRUE(
      dispatch
          .DeclinePush(As(ROLE_DEPARTMENT, kMarineDepartment, "DispatchService.DeclinePush"),
                       decline)
          .ok());
  EXPECT_EQ(status::ReasonOf(Tie(declined, {}, "不再结合").status()), ERROR_REASON_WRONG_STATE);
  // Sent to somebody else, it names that one's guides.
  const std::string later = Published(Guide("高新新指南"), kHighTechDepartment);
  auto reroute = Named<v1::ReroutePushRequest>(declined);
  reroute.set_recipient(kHighTechDepartment);
  reroute.set_reason("属高新领域");
  const auto next = dispatch.ReroutePush(
      As(ROLE_SERVICE_TEAM, kMarineAgency, "DispatchService.ReroutePush"), reroute);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_THAT(next->guides(), ElementsAre(later));
}

}  // namespace
}  // namespace chanyan::triage
