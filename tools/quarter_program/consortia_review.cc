// Experts with their sheets, site visits and defences, objections to notices.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "chanyan/consortium/v1/review.pb.h"
#include "chanyan/consortium/v1/review_meeting.pb.h"
#include "common/status/status.h"
#include "tools/quarter_program/consortia.h"

namespace chanyan::quarter {
namespace {

namespace v1 = consortium::v1;

constexpr char kRound[] = "2025-1";
// Of a review that is under way: who has handed in, and who has begun.
constexpr int kHandedIn = 2;
constexpr int kBegun = 3;
// Sheets lie between these, in percent of each criterion's points.
constexpr int kLeastPercent = 82;
constexpr int kSpread = 5;

struct Criterion {
  const char* id;
  int max_tenths;
};

std::vector<Criterion> CriteriaOf(absl::string_view sheet) {
  if (sheet == "defence") return {{"presentation", 400}, {"answers", 300}, {"feasibility", 300}};
  return {{"goals", 200},     {"resources", 200}, {"organisation", 150},
          {"mechanism", 150}, {"plan", 150},      {"guarantee", 150}};
}

std::vector<std::string> ItemsOf(absl::string_view kind) {
  if (kind == "DEFENCE") return {"chief-expert", "plan", "answers"};
  return {"registration", "team", "equipment", "cooperation", "funds"};
}

}  // namespace

absl::Status Consortia::Score(const std::string& expert, const std::string& panel,
                              absl::string_view sheet, bool hand_in) {
  Caller caller = accounts_.As(expert);
  v1::ListReviewAssignmentsResponse mine;
  CHANYAN_RETURN_IF_ERROR(caller.Get(absl::StrCat("/v1/", panel, "/assignments"), {}, &mine));
  if (mine.review_assignments().empty()) return absl::OkStatus();
  const v1::ReviewAssignment& own = mine.review_assignments(0);
  const std::string path = absl::StrCat("/v1/", own.name());
  if (own.state() == v1::REVIEW_ASSIGNMENT_STATE_INVITED) {
    CHANYAN_RETURN_IF_ERROR(Post(expert, path + ":accept", R"({"noConflict":true})"));
  }
  v1::ScoreSheet written;
  CHANYAN_RETURN_IF_ERROR(caller.Get(path + "/sheets/main", {}, &written));
  if (written.state() != v1::SCORE_SHEET_STATE_DRAFT) return absl::OkStatus();
  // Begun by an earlier run.
  if (!hand_in && !written.scores().empty()) return absl::OkStatus();
  const int percent = kLeastPercent + (expert.back() - '0') % kSpread;
  std::vector<std::string> scores;
  for (const Criterion& one : CriteriaOf(sheet)) {
    scores.push_back(absl::Substitute(R"({"criterion":"$0","pointsTenths":$1})", one.id,
                                      one.max_tenths * percent / 100));
  }
  CHANYAN_RETURN_IF_ERROR(
      Patch(expert, path + "/sheets/main", "",
            absl::Substitute(R"({"scores":[$0],"opinion":"方案可行，建议细化年度指标（演示）。"})",
                             absl::StrJoin(scores, ",")),
            &written));
  return hand_in ? Post(expert, path + "/sheets/main:submit", "{}") : absl::OkStatus();
}

absl::Status Consortia::Review(const Row& row, absl::string_view sheet, bool whole) {
  v1::ListReviewPanelsResponse known;
  CHANYAN_RETURN_IF_ERROR(
      accounts_.As(kOffice).Get(absl::StrCat("/v1/", row.name(), "/panels"), {}, &known));
  v1::ReviewPanel panel;
  for (const v1::ReviewPanel& one : known.review_panels()) {
    if (one.sheet() == sheet && one.state() != v1::REVIEW_PANEL_STATE_CANCELLED) panel = one;
  }
  if (panel.name().empty()) {
    CHANYAN_RETURN_IF_ERROR(Post(kOffice, absl::StrCat("/v1/", row.name(), "/panels"),
                                 absl::Substitute(R"({"sheet":"$0","round":"$1"})", sheet, kRound),
                                 &panel));
  }
  if (panel.state() != v1::REVIEW_PANEL_STATE_OPEN) return absl::OkStatus();
  // Whom it was drawn of the office sees; each expert only the own assignment.
  std::vector<std::string> drawn;
  CHANYAN_RETURN_IF_ERROR(accounts_.As(kOffice).List<v1::ListReviewAssignmentsResponse>(
      absl::StrCat("/v1/", panel.name(), "/assignments"), {},
      [&](const v1::ListReviewAssignmentsResponse& page) {
        for (const v1::ReviewAssignment& one : page.review_assignments()) {
          for (const ConsortiumUnit& unit : plan_.units) {
            if (one.account() == absl::StrCat("accounts/", unit.id)) drawn.push_back(unit.id);
          }
        }
      }));
  int place = 0;
  for (const std::string& expert : drawn) {
    ++place;
    if (!whole && place > kBegun) break;
    CHANYAN_RETURN_IF_ERROR(Score(expert, panel.name(), sheet, whole || place <= kHandedIn));
  }
  return whole ? Post(kOffice, absl::StrCat("/v1/", panel.name(), ":close"), "{}")
               : absl::OkStatus();
}

absl::Status Consortia::Meet(const Row& row, absl::string_view kind, bool record) {
  v1::ListReviewMeetingsResponse known;
  CHANYAN_RETURN_IF_ERROR(
      accounts_.As(kOffice).Get(absl::StrCat("/v1/", row.name(), "/reviewMeetings"), {}, &known));
  v1::ReviewMeeting meeting;
  for (const v1::ReviewMeeting& one : known.review_meetings()) {
    const bool defence = one.kind() == policy::v1::MEETING_KIND_DEFENCE;
    if (defence == (kind == "DEFENCE")) meeting = one;
  }
  if (meeting.name().empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const absl::Time now, Now());
    const std::string start =
        absl::FormatTime("%Y-%m-%dT%H:00:00Z", now + absl::Hours(24), absl::UTCTimeZone());
    CHANYAN_RETURN_IF_ERROR(Post(kOffice, absl::StrCat("/v1/", row.name(), "/reviewMeetings"),
                                 absl::Substitute(R"({"kind":"MEETING_KIND_$0","startTime":"$1",
                                  "place":"牵头单位会议室（演示）","visitors":["考察人员（演示）"]})",
                                                  kind, start),
                                 &meeting));
  }
  if (!record || meeting.state() != v1::REVIEW_MEETING_STATE_PLANNED) return absl::OkStatus();
  std::vector<std::string> answers;
  for (const std::string& item : ItemsOf(kind)) {
    answers.push_back(
        absl::Substitute(R"({"item":"$0","satisfied":true,"finding":"属实（演示）"})", item));
  }
  return Post(kOffice, absl::StrCat("/v1/", meeting.name(), ":record"),
              absl::Substitute(R"({"conclusion":"MEETING_CONCLUSION_PASSED","answers":[$0]})",
                               absl::StrJoin(answers, ",")));
}

absl::Status Consortia::Object(const Row& row, bool uphold) {
  v1::ListPublicNoticesResponse notices;
  CHANYAN_RETURN_IF_ERROR(accounts_.As(kOffice).Get(
      "/v1/notices", {{"filter", absl::StrCat("consortium = \"", row.name(), "\"")}}, &notices));
  for (const v1::PublicNotice& notice : notices.public_notices()) {
    if (notice.state() != v1::PUBLIC_NOTICE_STATE_OPEN) continue;
    const std::string path = absl::StrCat("/v1/", notice.name(), "/objections");
    v1::ListNoticeObjectionsResponse raised;
    CHANYAN_RETURN_IF_ERROR(accounts_.As(kOffice).Get(path, {}, &raised));
    if (raised.objections().empty()) {
      const std::vector<std::string> objectors = plan_.Of("joining");
      if (objectors.empty()) return absl::OkStatus();
      CHANYAN_RETURN_IF_ERROR(
          Post(objectors.front(), path,
               R"({"content":"所列课题与我单位在研项目重复，请核查（演示）。"})"));
      CHANYAN_RETURN_IF_ERROR(accounts_.As(kOffice).Get(path, {}, &raised));
    }
    for (const v1::NoticeObjection& one : raised.objections()) {
      if (!uphold || one.state() != v1::NOTICE_OBJECTION_STATE_OPEN) continue;
      CHANYAN_RETURN_IF_ERROR(
          Post(kOffice, absl::StrCat("/v1/", one.name(), ":decide"),
               R"({"upheld":true,"finding":"经核查，课题重复属实，不予备案（演示）。"})"));
    }
  }
  return absl::OkStatus();
}

}  // namespace chanyan::quarter
